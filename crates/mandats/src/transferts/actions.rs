//! Asking for a transfer, moving each mandat, and asking for it back.

use annuaire::structures::{self, StructureVue};
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::jobs::Transferer;
use super::model::{EtatLigne, Filtre, Lot, MAX};
use super::store;
use crate::cles::{self, Usage};
use crate::document::{Acte, Instant, Organisation as EnDocument, lisse_ligne};
use crate::espace::{Nouvelle, prevenir};
use crate::ids::MandatId;
use crate::mandats::{self, Autorisation, Fin, Mandat, Regard};
use crate::organisations::{self, Organisation};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats, legal};

/// The organisation of that number, if the actor may look after it: any other is as if it did not exist.
///
/// # Errors
/// The refusal stands beside `champ`.
pub(super) async fn du_numero(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    champ: &str,
    numero: &str,
) -> Result<Organisation, Failure> {
    let inconnue =
        || Refusal::field(champ, "Aucune organisation habilitée que vous suivez ne porte ce numéro.");
    let numero: i64 = numero.trim().parse().map_err(|_| inconnue())?;
    let o = organisations::store::du_numero(conn, numero).await?.ok_or_else(inconnue)?;
    actor.may_on(Verb::InstruireHabilitations, &o.cible()).map_err(|_| inconnue())?;
    Ok(o)
}

/// Whether mandats may pass from one to the other that day.
pub(super) fn permis(de: &Organisation, vers: &Organisation, jour: chrono::NaiveDate) -> Result<(), Refusal> {
    if de.structure == vers.structure {
        return Err(Refusal::field("vers", "Choisissez une autre organisation que celle de départ."));
    }
    if !vers.active(jour) {
        return Err(Refusal::field(
            "vers",
            "Cette organisation n’est plus habilitée : elle ne peut rien recevoir.",
        ));
    }
    Ok(())
}

/// Asks for a transfer: what is meant now is written, and a job moves it.
///
/// # Errors
/// Beside its field: an organisation that is unknown, that is closed; no reason; nothing to move, or too much.
pub(super) async fn lancer(
    m: &Mandats,
    actor: &Actor,
    (de, vers): (&str, &str),
    filtre: &Filtre,
    motif: &str,
) -> Result<Uuid, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let motif = ligne_du_motif(motif)?;
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let de = du_numero(tx, actor, "de", de).await?;
            let vers = du_numero(tx, actor, "vers", vers).await?;
            permis(&de, &vers, m.jour())?;
            let mandats = store::vises(tx, de.structure, filtre, now, MAX + 1).await?;
            demander(m, tx, actor, (&de, &vers), &mandats, &motif).await
        })
        .await
}

/// Asks that what a transfer moved goes back where it was.
///
/// # Errors
/// As for any transfer; [`Refusal::NotFound`] for one of others.
pub(super) async fn defaire(m: &Mandats, actor: &Actor, lot: Uuid, motif: &str) -> Result<Uuid, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let motif = ligne_du_motif(motif)?;
    m.site
        .db
        .write(async |tx| {
            let (lot, de, vers) = lire(tx, actor, lot).await?;
            if lot.fini_le.is_none() {
                return Err(Refusal::conflict("Ce transfert n’est pas fini : attendez qu’il le soit.").into());
            }
            permis(&vers, &de, m.jour())
                .map_err(|_| Refusal::conflict("L’organisation de départ n’est plus habilitée : elle ne peut pas reprendre ses mandats. Réactivez-la d’abord."))?;
            let faits = store::lignes(tx, lot.id, EtatLigne::Fait, i64::try_from(MAX + 1).unwrap_or(i64::MAX)).await?;
            demander(m, tx, actor, (&vers, &de), &faits, &motif).await
        })
        .await
}

fn ligne_du_motif(motif: &str) -> Result<String, Refusal> {
    lisse_ligne(motif)
        .map(|(ligne, _)| ligne)
        .map_err(|pourquoi| Refusal::field("motif", format!("Le motif {pourquoi}.")))
}

async fn demander(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    (de, vers): (&Organisation, &Organisation),
    mandats: &[MandatId],
    motif: &str,
) -> Result<Uuid, Failure> {
    let site = &m.site;
    if mandats.is_empty() {
        return Err(Refusal::field(
            "de",
            "Aucun mandat de cette organisation ne correspond : rien à transférer.",
        )
        .into());
    }
    if mandats.len() > MAX {
        let phrase = "Un transfert prend 20 000 mandats au plus : précisez lesquels, et faites-en plusieurs.";
        return Err(Refusal::field("de", phrase).into());
    }
    let lot = Lot {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        de: de.structure,
        vers: vers.structure,
        motif: motif.to_owned(),
        par: actor.compte,
        cree_le: site.clock.now(),
        fini_le: None,
    };
    store::demander(tx, &lot, mandats).await?;
    let faits = json!({ "de": lot.de, "vers": lot.vers, "mandats": mandats.len() });
    journal::write(site, tx, Entry::by(actor, "transfert.demander", "transfert", lot.id).with(faits)).await?;
    platform::jobs::enqueue(site, tx, &Transferer { lot: lot.id }).await?;
    Ok(lot.id)
}

/// A transfer, with its two organisations, for who looks after both.
///
/// # Errors
/// [`Refusal::NotFound`] otherwise.
pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
) -> Result<(Lot, Organisation, Organisation), Failure> {
    let lot = store::lot(conn, id).await?.ok_or(Refusal::NotFound)?;
    let de = organisations::store::lire(conn, lot.de).await?.ok_or(Refusal::NotFound)?;
    let vers = organisations::store::lire(conn, lot.vers).await?.ok_or(Refusal::NotFound)?;
    for o in [&de, &vers] {
        actor.may_on(Verb::InstruireHabilitations, &o.cible()).map_err(|_| Refusal::NotFound)?;
    }
    Ok((lot, de, vers))
}

/// Moves one mandat, or notes why not, in one transaction. Once: a line that does not wait any more is left as it is.
///
/// # Errors
/// The database, or no key to sign the act with: the line still waits.
pub(super) async fn passer(m: &Mandats, lot: &Lot, mandat: MandatId) -> Result<(), Failure> {
    let cle = cles::signataire(m, Usage::Mandat).await?;
    let (site, ou) = (&m.site, (lot.id, mandat));
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                // Held in the order of everybody: organisations, then the person, then the mandat.
                let mut deux = [lot.de, lot.vers];
                deux.sort_unstable();
                for structure in deux {
                    organisations::store::tenir(tx, structure).await?;
                }
                if !store::prendre(tx, lot.id, mandat).await? {
                    return Ok(());
                }
                match deplacer(m, tx, lot, mandat, &cle).await {
                    Ok(()) => Ok(store::noter(tx, ou, EtatLigne::Fait, None).await?),
                    // Refused before anything was written.
                    Err(Failure::Refusal(refus)) => {
                        Ok(store::noter(tx, ou, EtatLigne::Refuse, Some(refus.to_string())).await?)
                    }
                    Err(autre) => Err(autre),
                }
            }
        })
        .await
}

/// One mandat: every refusal comes before the first change.
async fn deplacer(
    m: &Mandats,
    tx: &Tx,
    lot: &Lot,
    id: MandatId,
    cle: &oidc::jose::SigningKey,
) -> Result<(), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let non = |phrase: &str| Failure::from(Refusal::conflict(phrase));
    if !identity::actifs(tx, &[lot.par]).await?.contains(&lot.par) {
        return Err(non("Le compte qui a demandé ce transfert a été fermé entre-temps."));
    }
    let vers = organisations::store::lire(tx, lot.vers).await?.filter(|o| o.active(m.jour()));
    let Some(vers) = vers else {
        return Err(non("L’organisation d’arrivée n’est plus habilitée."));
    };
    let ailleurs =
        || non("Ce mandat n’est plus dans l’organisation de départ : il a été effacé ou déjà transféré.");
    let lu = mandats::store::mandat(tx, id).await?.filter(|x| x.structure == lot.de).ok_or_else(ailleurs)?;
    let usager = usagers::store::tenir(tx, lu.usager).await?.ok_or(Refusal::NotFound)?;
    // Read again once the person is held: whoever signs or ends holds them too.
    let mandat =
        mandats::store::mandat(tx, id).await?.filter(|x| x.structure == lot.de).ok_or_else(ailleurs)?;
    let siennes = mandats::store::du_mandat(tx, id).await?;
    let la_bas = mandats::store::chez(tx, &Regard::entier(lot.vers), usager.id).await?;
    let actives: Vec<&Autorisation> = siennes.iter().filter(|a| a.active(now)).collect();
    if let Some(a) = actives.iter().find(|a| !vers.demarches.contient(&a.demarche)) {
        let titre = titre(m, &a.demarche);
        return Err(non(&format!("L’organisation d’arrivée n’est pas habilitée pour « {titre} ».")));
    }
    for a in &actives {
        if let Some(autre) = la_bas.iter().find(|x| x.active(now) && x.demarche == a.demarche) {
            let numero = mandats::store::mandat(tx, autre.mandat).await?.map(|x| x.numero.to_string());
            return Err(non(&format!(
                "La personne a déjà dans l’organisation d’arrivée un mandat en cours pour « {} » (n° {}). Révoquez l’un des deux.",
                titre(m, &a.demarche),
                numero.unwrap_or_default()
            )));
        }
    }
    let apres = vue(tx, lot.vers).await?;
    let tenait = match dernier_nomme(m, tx, &mandat).await? {
        Some(nomme) => nomme,
        None => en_document(&vue(tx, lot.de).await?)?,
    };
    // Acts follow each other in time, were they of one instant, or of two machines whose clocks differ.
    let dernier = store::actes(tx, id).await?.pop();
    let now = dernier.map_or(now, |(le, _)| now.max(le + chrono::TimeDelta::microseconds(1)));
    let acte = acte(&mandat, lot, (tenait, &apres), &vers, now)?;
    let signe = acte.signe(cle).map_err(|r| Refusal::conflict(r.to_string()))?;
    faire_place(tx, &siennes, &la_bas, (id, now)).await?;
    if !store::deplacer(tx, id, (lot.de, lot.vers)).await? {
        return Err(ailleurs());
    }
    store::garder(tx, (kernel::ids::uuid_v7(&site.clock, &site.chance), id, lot), now, &signe).await?;
    for structure in [lot.de, lot.vers] {
        mandats::store::rafraichir(tx, structure, &usager).await?;
    }
    raconter(m, tx, lot, (&mandat, &usager), (&acte, &actives)).await
}

/// One autorisation that is not ended a démarche, by constraint: what has expired on one side or the other is ended, and
/// stays expired.
async fn faire_place(
    tx: &Tx,
    siennes: &[Autorisation],
    la_bas: &[Autorisation],
    (id, now): (MandatId, chrono::DateTime<chrono::Utc>),
) -> Result<(), Failure> {
    for a in siennes.iter().filter(|a| a.fin.is_none()) {
        let Some(b) = la_bas.iter().find(|b| b.fin.is_none() && b.demarche == a.demarche) else { continue };
        let (finie, par) = if a.active(now) { (b.id, id) } else { (a.id, b.mandat) };
        mandats::store::finir(tx, finie, &Fin::Remplacee { le: now, par }).await?;
    }
    Ok(())
}

async fn vue(tx: &Tx, structure: kernel::ids::StructureId) -> Result<StructureVue, Failure> {
    let retiree = || {
        Refusal::conflict(
            "L’organisation n’est plus dans l’annuaire : son nom ne peut pas être écrit dans l’acte.",
        )
    };
    Ok(structures::find(tx, structure).await?.ok_or_else(retiree)?)
}

/// Who holds a mandat as the last signed file names them: an act is joined to what stands before it, whatever number or name
/// was corrected since.
async fn dernier_nomme(m: &Mandats, tx: &Tx, mandat: &Mandat) -> Result<Option<EnDocument>, Failure> {
    if let Some((acte, _)) = actes(m, tx, mandat.id).await?.pop() {
        return Ok(Some(acte.vers));
    }
    let Some(signature) = &mandat.signature else { return Ok(None) };
    let cles = cles::publiees(m, tx).await?;
    let signe = signature
        .relire(&mandat.numero, &cles)
        .map_err(|e| sea_orm::DbErr::Type(format!("mandat_signature of {}: {e}", mandat.id)))?;
    Ok(Some(signe.contenu().organisation.clone()))
}

fn acte(
    mandat: &Mandat,
    lot: &Lot,
    (de, apres): (EnDocument, &StructureVue),
    vers: &Organisation,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Acte, Failure> {
    Ok(Acte {
        format: 1,
        mandat: mandat.numero.clone(),
        empreinte: mandat.signature.as_ref().map(|s| s.empreinte),
        de,
        vers: en_document(apres)?,
        le: Instant::de(&now.with_timezone(&mandats::fuseau(&vers.departement))),
        motif: lot.motif.clone(),
    })
}

fn en_document(vue: &StructureVue) -> Result<EnDocument, Failure> {
    let nom = &vue.nom;
    let pivot = vue.pivot.as_ref().ok_or_else(|| {
        Refusal::conflict(format!("« {nom} » n’a pas de numéro (SIRET, RNA ou RIDET) dans l’annuaire : l’acte ne peut pas la nommer."))
    })?;
    let ligne = |texte: &str| {
        lisse_ligne(texte).map(|(l, _)| l).map_err(|pourquoi| {
            Refusal::conflict(format!(
                "Le nom ou l’adresse de « {nom} » {pourquoi} : faites-le corriger dans l’annuaire."
            ))
        })
    };
    Ok(EnDocument::nouvelle(ligne(nom)?, pivot, ligne(&vue.adresse)?))
}

fn titre(m: &Mandats, cle: &str) -> String {
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let connue = texte.and_then(|t| legal::catalogue(t).iter().find(|d| d.cle == cle));
    connue.map_or_else(|| cle.to_owned(), |d| d.titre.clone())
}

/// The journal, and the person when something may still be done in their name.
async fn raconter(
    m: &Mandats,
    tx: &Tx,
    lot: &Lot,
    (mandat, usager): (&Mandat, &Usager),
    (acte, actives): (&Acte, &[&Autorisation]),
) -> Result<(), Failure> {
    let site = &m.site;
    let faits = json!({
        "usager": usagers::pseudonyme(site, usager)?, "de": lot.de, "vers": lot.vers, "transfert": lot.id,
        "empreinte": acte.empreinte,
    });
    let ligne = Entry { by: Some(lot.par.0), ..Entry::system("mandat.transferer", "mandat", mandat.id) };
    journal::write(site, tx, ligne.with(faits)).await?;
    if !actives.is_empty() {
        let nouvelle = Nouvelle::Transfert {
            numero: mandat.numero.to_string(),
            de: acte.de.nom.clone(),
            vers: acte.vers.nom.clone(),
            demarches: actives.iter().map(|a| titre(m, &a.demarche)).collect(),
        };
        prevenir(site, tx, usager, &nouvelle).await?;
    }
    Ok(())
}

/// The file of one act of a mandat, the first being 1.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such act; as for [`actes`].
pub async fn fichier(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    mandat: MandatId,
    rang: &str,
) -> Result<String, Failure> {
    let rang: usize = rang.parse().map_err(|_| Refusal::NotFound)?;
    let lu = actes(m, conn, mandat).await?.into_iter().nth(rang.checked_sub(1).ok_or(Refusal::NotFound)?);
    Ok(lu.ok_or(Refusal::NotFound)?.1)
}

/// The acts of a mandat, the first first: what each says, verified against the published keys each time that it is shown,
/// and its file.
///
/// # Errors
/// The database; an act that was changed where it is kept.
pub async fn actes(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    mandat: MandatId,
) -> Result<Vec<(Acte, String)>, Failure> {
    let gardes = store::actes(conn, mandat).await?;
    if gardes.is_empty() {
        return Ok(Vec::new());
    }
    let jeu = cles::jeu(m, conn).await?;
    let abime =
        |e: &dyn std::fmt::Display| sea_orm::DbErr::Type(format!("mandat_transfert of {mandat}: {e}"));
    let cles = oidc::jose::KeySet::parse_archive(jeu.to_string().as_bytes()).map_err(|_| abime(&"keys"))?;
    let publique = |kid: &str| {
        let toutes = jeu["keys"].as_array();
        toutes.and_then(|t| t.iter().find(|c| c["kid"].as_str() == Some(kid))).cloned().unwrap_or_default()
    };
    let mut lus = Vec::new();
    for (_, signe) in gardes {
        let acte = signe.relire(&cles).map_err(|e| abime(&e))?;
        let fichier = signe.fichier(&publique(&signe.kid)).map_err(|e| abime(&e))?;
        lus.push((acte, fichier));
    }
    Ok(lus)
}
