//! What is done to mandats, each in one transaction: authorised, decided, saved, written in the journal, told to the
//! person.

use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::brouillon::{self, Brouillon, Choix};
use super::model::{Auteur, Autorisation, Fin, Mandat, Raison, Signature};
use super::{Regard, distance, projet, rules, store};
use crate::aidants::{self, Agissant};
use crate::cles::{self, Usage};
use crate::document::{Consentement, Contenu, Instant, Projet, Refus, Renouvelle, Signe};
use crate::espace::{Nouvelle, prevenir};
use crate::ids::{AutorisationId, MandatId, UsagerId};
use crate::usagers::{self, Saisie, Usager};
use crate::{Failure, Mandats, consentements, legal};

/// Who acts, in the name of whom: checked in the caller's transaction, and held against whoever would end it meanwhile.
pub(super) async fn tenir_agissant(m: &Mandats, tx: &Tx, actor: &Actor) -> Result<Agissant, Failure> {
    let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        // Shared: aidants of one organisation do not wait for each other, and who closes it waits for all.
        for (sql, id) in [
            (
                "SELECT 1 FROM organisation_habilitee WHERE structure_id = $1 FOR SHARE",
                a.organisation.structure.0,
            ),
            ("SELECT 1 FROM aidant_appartenance WHERE id = $1 FOR SHARE", a.appartenance.id.0),
        ] {
            platform::db::kit::query(tx, sql, [id.into()]).await?;
        }
        return aidants::agissant(m, tx, actor, Verb::TenirMandats).await;
    }
    Ok(a)
}

/// Begins a draft; gives its identifier.
///
/// # Errors
/// Whoever may not make mandats.
pub(super) async fn commencer(
    m: &Mandats,
    actor: &Actor,
    choix: Choix,
    renouvelle: Option<MandatId>,
) -> Result<Uuid, Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let avant = match renouvelle {
                Some(id) => Some(renouvelable(tx, &a, id, now).await?.0),
                None => None,
            };
            let b = Brouillon {
                id: kernel::ids::uuid_v7(&m.site.clock, &m.site.chance),
                compte: actor.compte,
                structure: a.organisation.structure,
                usager: avant.as_ref().map(|m| m.usager),
                identifie_le: None,
                renouvelle,
                mandat: None,
                modifie_le: now,
                version: 0,
                choix: choix.clone(),
            };
            brouillon::enregistrer(tx, &b).await?;
            Ok(b.id)
        })
        .await
}

/// A mandat that the acting organisation holds, and that who acts sees there, with what it allows: otherwise it is as if
/// it did not exist.
pub(super) async fn mandat_de(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    id: MandatId,
) -> Result<(Mandat, Vec<Autorisation>), Failure> {
    let mandat = store::mandat(conn, id).await?.filter(|m| m.structure == a.organisation.structure);
    let mandat = mandat.ok_or(Refusal::NotFound)?;
    if !store::visible(conn, &Regard::de(conn, a).await?, id).await? {
        return Err(Refusal::NotFound.into());
    }
    let autorisations = store::du_mandat(conn, id).await?;
    Ok((mandat, autorisations))
}

/// Said wherever a mandat is asked to be renewed that cannot be; which of the reasons is for nobody else to know.
pub(super) const NE_SE_RENOUVELLE_PLUS: &str = "Ce mandat ne se renouvelle plus : ce qu’il permettait est révoqué, ou fini \
                                                depuis plus d’un an. Faites un nouveau mandat avec la personne.";

/// A mandat to be renewed, and the démarches that need no FranceConnect.
async fn renouvelable(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    id: MandatId,
    now: DateTime<Utc>,
) -> Result<(Mandat, Vec<String>), Failure> {
    let (mandat, _) = mandat_de(conn, a, id).await?;
    let toutes = store::de_la_personne(conn, mandat.usager).await?;
    let reste = rules::renouvelables(&mandat, &toutes, now);
    if reste.is_empty() {
        return Err(Refusal::conflict(NE_SE_RENOUVELLE_PLUS).into());
    }
    Ok((mandat, reste))
}

/// What a draft keeps: read, changed and written while nobody else of the same aidant does.
pub(super) async fn garder(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    change: impl Fn(&mut Brouillon) + Send + Sync,
) -> Result<Brouillon, Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let mut b = ouvrir(tx, &a, actor, id).await?;
            if b.mandat.is_none() {
                change(&mut b);
                b.modifie_le = m.site.clock.now();
                brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)?;
                b.version += 1;
            }
            Ok(b)
        })
        .await
}

fn autre_onglet(e: DbErr) -> Failure {
    match e {
        DbErr::RecordNotUpdated => {
            Refusal::conflict("Ce brouillon vient d’être changé dans un autre onglet. Rechargez la page.")
                .into()
        }
        autre => autre.into(),
    }
}

pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    actor: &Actor,
    id: Uuid,
) -> Result<Brouillon, Failure> {
    let qui = (actor.compte, a.organisation.structure);
    Ok(brouillon::lire(conn, id, qui).await?.ok_or(Refusal::NotFound)?)
}

/// Notes who FranceConnect said that the person is.
///
/// # Errors
/// Another person than the one whose mandat is renewed; a minor.
pub(super) async fn identifier(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    id: Uuid,
    (sub, identite, quand): (&str, &usagers::Identite, DateTime<Utc>),
) -> Result<(), Failure> {
    let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
    let mut b = ouvrir(tx, &a, actor, id).await?;
    if b.mandat.is_some() {
        return Ok(());
    }
    let usager = usagers::store::retrouver_ou_inscrire(&m.site, tx, sub, identite).await?;
    if b.renouvelle.is_some() && b.usager != Some(usager.id) {
        return Err(Refusal::conflict(
            "La personne qui vient de s’identifier n’est pas celle dont vous renouvelez le mandat. Faites un nouveau mandat.",
        )
        .into());
    }
    rules::majeur(&usager, m.jour())?;
    b.usager = Some(usager.id);
    b.identifie_le = Some(quand);
    b.modifie_le = m.site.clock.now();
    b.choix.atteste = false;
    brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)?;
    let (qui, faits) = (usagers::pseudonyme(&m.site, &usager)?, json!({ "structure": b.structure }));
    journal::write(&m.site, tx, Entry::by(actor, "usager.identifier", "usager", qui).with(faits)).await?;
    Ok(())
}

/// What keeping the tick of a recapitulation gave.
#[derive(Debug)]
pub(super) enum Attestation {
    /// Kept; what is shown is now called so.
    Gardee(Brouillon, String),
    /// What was shown is not what the draft says any more: nothing was kept.
    Changee(Brouillon),
}

/// Keeps whether the aidant ticked the recapitulation that they were shown (`vue`, of [`distance::vue`]).
pub(super) async fn attester(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    (vue, atteste): (&str, bool),
) -> Result<Attestation, Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let mut b = ouvrir(tx, &a, actor, id).await?;
            if b.mandat.is_some() {
                return Ok(Attestation::Gardee(b, String::new()));
            }
            let accord = distance::accord(tx, &b).await?;
            if distance::vue(&b, accord.as_ref()) != vue {
                return Ok(Attestation::Changee(b));
            }
            b.choix.atteste = atteste;
            b.modifie_le = m.site.clock.now();
            brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)?;
            b.version += 1;
            let vue = distance::vue(&b, accord.as_ref());
            Ok(Attestation::Gardee(b, vue))
        })
        .await
}

/// Signs a draft as it was shown (`vue`, of [`distance::vue`]): one transaction, and one mandat whatever the number of
/// tabs, presses and retries. None when it is not what was shown: nothing is signed.
///
/// # Errors
/// What is missing or no longer holds, in a sentence; no key to sign with.
pub(super) async fn signer(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    vue: &str,
) -> Result<Option<MandatId>, Failure> {
    // Opened before: the transaction holds people, and waits for nothing else.
    let cle = cles::signataire(m, Usage::Mandat).await?;
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let a = tenir_agissant(m, tx, actor).await?;
                let b = ouvrir(tx, &a, actor, id).await?;
                let usager =
                    b.usager.ok_or_else(|| Refusal::conflict("La personne doit d’abord s’identifier."))?;
                let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
                let deja = store::de_la_cle(tx, &b.id.to_string()).await?;
                if let Some(deja) = deja {
                    return Ok(Some(deja.id));
                }
                let accord = distance::accord(tx, &b).await?;
                // Writing the draft at the end refuses what changed after this was read.
                if distance::vue(&b, accord.as_ref()) != vue {
                    return Ok(None);
                }
                let now = m.site.clock.now();
                if !b.choix.atteste {
                    return Err(Refusal::field(
                        "atteste",
                        "Cochez cette case : sans elle, le mandat ne peut pas être fait.",
                    )
                    .into());
                }
                let (demarches, duree) = rules::choisi(&b.choix, &a.organisation)?;
                rules::majeur(&usager, m.jour())?;
                let avant = match b.renouvelle {
                    Some(id) => Some(renouvelable(tx, &a, id, now).await?),
                    None => None,
                };
                let reste = avant.as_ref().map(|(_, reste)| reste.as_slice());
                let identifie = rules::identite(
                    b.identifie_le,
                    reste,
                    &demarches,
                    accord.as_ref().map_or(now, |a| a.offre),
                )?;
                let renouvelle = avant.as_ref().and_then(|(m, _)| {
                    let s = m.signature.as_ref()?;
                    Some(Renouvelle { numero: m.numero.clone(), empreinte: s.empreinte })
                });
                let local = |le: DateTime<Utc>| Instant::de(&projet::sur_place(&a, le));
                let (organisation, atteste) = (projet::organisation(tx, &a).await?, local(now));
                let identite = rules::en_document(identifie.map(local));
                let consentement = match accord {
                    None => Consentement::Presence { identite, atteste },
                    Some(accord) => {
                        let ou = (&a, organisation.nom.as_str(), m.jour());
                        distance::consentement(accord, (&b, &usager), ou, (identite, atteste, local))?
                    }
                };
                let projet = Projet {
                    organisation,
                    usager: projet::signataire(m, &usager),
                    aidant: projet::aidant(&a)?,
                    demarches,
                    duree,
                    consentement,

                    renouvelle,
                };
                let contenu =
                    Contenu::nouveau(projet, &projet::sur_place(&a, now), &m.site.chance).map_err(refus)?;
                let signe = Signe::nouveau(contenu, &cle).map_err(refus)?;
                let mandat = ecrire(m, tx, (actor, &a), &usager, (&b, &signe)).await?;
                Ok(Some(mandat))
            }
        })
        .await
}

/// What was signed, verified again with the published keys each time that it is shown; none of a mandat taken over.
///
/// # Errors
/// No key of this site signed it: the row is of another hand, and is shown to nobody as a mandat.
pub(crate) async fn relire(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    mandat: &Mandat,
) -> Result<Option<Signe>, Failure> {
    let Some(signature) = &mandat.signature else { return Ok(None) };
    let cles = cles::publiees(m, conn).await?;
    signature.relire(&mandat.numero, &cles).map(Some).map_err(|e| {
        tracing::error!(mandat = %mandat.id, erreur = %e, "a mandat that no published key signed");
        Refusal::conflict(
            "Aucune clé de ce site n’a signé ce mandat : ne vous en servez pas. L’équipe du service en est avertie.",
        )
        .into()
    })
}

/// What a document refuses is said to the aidant: a name, a date, a number that must be put right first.
fn refus(r: Refus) -> Failure {
    Refusal::conflict(r.to_string()).into()
}

async fn ecrire(
    m: &Mandats,
    tx: &Tx,
    (actor, a): (&Actor, &Agissant),
    usager: &Usager,
    (b, signe): (&Brouillon, &Signe),
) -> Result<MandatId, Failure> {
    let site = &m.site;
    let contenu = signe.contenu();
    let mandat = Mandat {
        id: MandatId::new(&site.clock, &site.chance),
        numero: contenu.numero.clone(),
        signature: Some(Signature::de(signe).map_err(refus)?),
        structure: a.organisation.structure,
        usager: usager.id,
        appartenance: Some(a.appartenance.id),
        cree_le: contenu.cree.date_time().to_utc(),
        expire_le: contenu.jusqu_au.date_time().to_utc(),
        duree: contenu.duree.jours(),
        a_distance: matches!(contenu.consentement, Consentement::Distance { .. }),
        renouvelle: b.renouvelle,
        cle_unicite: b.id.to_string(),
        repris_le: None,
    };
    let qui = usagers::pseudonyme(site, usager)?;
    remplacer(site, tx, actor, &mandat, signe, &qui).await?;
    let autorisations: Vec<Autorisation> = contenu
        .demarches
        .iter()
        .map(|d| Autorisation {
            id: AutorisationId::new(&site.clock, &site.chance),
            mandat: mandat.id,
            structure: mandat.structure,
            usager: mandat.usager,
            demarche: d.cle.clone(),
            cree_le: mandat.cree_le,
            expire_le: mandat.expire_le,
            fin: None,
        })
        .collect();
    store::inserer(tx, &mandat, &autorisations).await?;
    if mandat.a_distance {
        consentements::lier(tx, b.id, mandat.id).await?;
    }
    let usager = joindre(site, tx, actor, usager, &b.choix).await?;
    store::rafraichir(tx, mandat.structure, &usager).await?;
    brouillon::enregistrer(
        tx,
        &Brouillon {
            mandat: Some(mandat.id),
            choix: Choix::default(),
            modifie_le: site.clock.now(),
            ..b.clone()
        },
    )
    .await
    .map_err(autre_onglet)?;
    let cles: Vec<&str> = contenu.demarches.iter().map(|d| d.cle.as_str()).collect();
    let action = if b.renouvelle.is_some() { "mandat.renouveler" } else { "mandat.creer" };
    let faits = json!({
        "usager": qui, "structure": mandat.structure, "demarches": cles, "jours": mandat.duree,
        "empreinte": signe.empreinte(), "renouvelle": b.renouvelle, "a_distance": mandat.a_distance,
    });
    journal::write(site, tx, Entry::by(actor, action, "mandat", mandat.id).with(faits)).await?;
    let (numero, organisation) = (mandat.numero.to_string(), contenu.organisation.nom.clone());
    let demarches = contenu.demarches.iter().map(|d| d.titre.clone()).collect();
    let jusqu_au = mandat.expire_le;
    let nouvelle = match b.renouvelle {
        None => Nouvelle::Creation { numero, organisation, demarches, jusqu_au },
        Some(_) => Nouvelle::Renouvellement { numero, organisation, demarches, jusqu_au },
    };
    prevenir(site, tx, &usager, &nouvelle).await?;
    Ok(mandat.id)
}

/// Ends what the new mandat takes the place of, expired or not: at most one that is not ended a démarche.
async fn remplacer(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    mandat: &Mandat,
    signe: &Signe,
    qui: &str,
) -> Result<(), Failure> {
    let (now, fin) = (site.clock.now(), Fin::Remplacee { le: site.clock.now(), par: mandat.id });
    let couvre = |cle: &str| signe.contenu().demarches.iter().any(|d| d.cle == cle);
    for a in store::chez(tx, &Regard::entier(mandat.structure), mandat.usager).await? {
        if a.fin.is_none() && couvre(&a.demarche) && store::finir(tx, a.id, &fin).await? && a.expire_le > now
        {
            let faits = json!({ "usager": qui, "demarche": a.demarche, "par": mandat.id });
            journal::write(site, tx, Entry::by(actor, "mandat.remplacer", "mandat", a.mandat).with(faits))
                .await?;
        }
    }
    Ok(())
}

/// Keeps how the person is told, when the aidant typed it, and that they were seen.
async fn joindre(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    usager: &Usager,
    choix: &Choix,
) -> Result<Usager, Failure> {
    let saisie = Saisie {
        courriel: choix.courriel.as_deref().and_then(|c| kernel::Email::parse(c).ok()),
        telephone: choix.telephone.as_deref().and_then(kernel::Telephone::parse),
    };
    let vu = Usager { vu_le: site.clock.now(), ..usager.clone() };
    Ok(usagers::saisir(site, tx, actor, &vu, &saisie).await?.0)
}

/// Writes down how a person that the organisation helps is told; says whether it is written to from now on: what the
/// person proved stays.
///
/// # Errors
/// [`Refusal::NotFound`] for whom the acting organisation, or this team of it, does not see.
pub(super) async fn coordonnees(
    m: &Mandats,
    actor: &Actor,
    usager: UsagerId,
    saisie: &Saisie,
) -> Result<bool, Failure> {
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let a = tenir_agissant(m, tx, actor).await?;
                let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
                let now = m.site.clock.now();
                let ici = store::chez(tx, &Regard::de(tx, &a).await?, usager.id).await?;
                if !ici.iter().any(|x| x.montree(now)) {
                    return Err(Refusal::NotFound.into());
                }
                Ok(usagers::saisir(&m.site, tx, actor, &usager, saisie).await?.1)
            }
        })
        .await
}

/// Ends autorisations that are active, all of one person: by the aidant, by the person in their own space, or by the
/// staff. What has ended meanwhile is left as it is; gives how many were ended here. The caller has checked that whoever
/// asks may.
///
/// # Errors
/// [`Refusal::NotFound`] for an autorisation that is not there, or of another person.
pub async fn revoquer(
    m: &Mandats,
    tx: &Tx,
    (usager, ids): (UsagerId, &[AutorisationId]),
    (par, actor): (Auteur, Option<&Actor>),
    (raison, precision): (Raison, Option<String>),
) -> Result<usize, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
    let qui = usagers::pseudonyme(site, &usager)?;
    let mut finies: Vec<Autorisation> = Vec::new();
    for id in ids {
        let a = store::autorisation(tx, *id).await?.filter(|a| a.usager == usager.id);
        let a = a.ok_or(Refusal::NotFound)?;
        let fin = Fin::Revoquee { le: now, par, raison, precision: precision.clone() };
        if a.active(now) && store::finir(tx, *id, &fin).await? {
            finies.push(a);
        }
    }
    let mut mandats: Vec<MandatId> = finies.iter().map(|a| a.mandat).collect();
    mandats.sort_unstable();
    mandats.dedup();
    for id in mandats {
        let mandat = store::mandat(tx, id).await?.ok_or(Refusal::NotFound)?;
        let cles: Vec<&str> = finies.iter().filter(|a| a.mandat == id).map(|a| a.demarche.as_str()).collect();
        store::rafraichir(tx, mandat.structure, &usager).await?;
        // The reason in words may name somebody: it stays with the mandat, and goes with it.
        let faits = json!({ "usager": qui, "demarches": cles, "par": par.cle(), "raison": raison.cle() });
        let ligne = match actor {
            Some(actor) => Entry::by(actor, "mandat.revoquer", "mandat", id),
            None => Entry::system("mandat.revoquer", "mandat", id),
        };
        journal::write(site, tx, ligne.with(faits)).await?;
        // Nobody writes to the dead: those who live at that address would be hurt for nothing.
        if raison == Raison::Deces {
            continue;
        }
        let vue = annuaire::structures::find(tx, mandat.structure).await?;
        let nouvelle = Nouvelle::Revocation {
            numero: mandat.numero.to_string(),
            organisation: vue.map(|v| v.nom).unwrap_or_default(),
            demarches: titres(cles, m.jour()),
            par_la_personne: par == Auteur::Personne,
        };
        prevenir(site, tx, &usager, &nouvelle).await?;
    }
    Ok(finies.len())
}

/// Titles of démarches, as the catalogue of that day has them.
pub(super) fn titres<'a>(cles: impl IntoIterator<Item = &'a str>, jour: chrono::NaiveDate) -> Vec<String> {
    let catalogue = legal::en_vigueur(legal::Genre::Demarches, jour).map_or(&[][..], legal::catalogue);
    let titre =
        |cle: &str| catalogue.iter().find(|d| d.cle == cle).map_or(cle.to_owned(), |d| d.titre.clone());
    cles.into_iter().map(titre).collect()
}

/// An aidant ends one démarche of a mandat of their organisation, or all of it.
///
/// # Errors
/// [`Refusal::NotFound`] for a mandat of others; a conflict when nothing of it is active.
pub(super) async fn revoquer_chez(
    m: &Mandats,
    actor: &Actor,
    (mandat, une): (MandatId, Option<AutorisationId>),
    raison: (Raison, Option<String>),
) -> Result<usize, Failure> {
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let a = tenir_agissant(m, tx, actor).await?;
                let (mandat, autorisations) = mandat_de(tx, &a, mandat).await?;
                let ids: Vec<AutorisationId> = autorisations
                    .iter()
                    .map(|x| x.id)
                    .filter(|id| une.is_none_or(|une| une == *id))
                    .collect();
                if ids.is_empty() {
                    return Err(Refusal::NotFound.into());
                }
                let par = (Auteur::Aidant(a.aidant.id), Some(actor));
                let n = revoquer(m, tx, (mandat.usager, &ids), par, raison.clone()).await?;
                if n == 0 {
                    return Err(
                        Refusal::conflict("Il n’y a plus rien à révoquer ici : c’est déjà fini.").into()
                    );
                }
                Ok(n)
            }
        })
        .await
}
