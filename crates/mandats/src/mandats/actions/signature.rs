//! Signing a mandat, and reading again what was signed.

use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::super::brouillon::{self, Brouillon, Choix};
use super::super::model::{Autorisation, Fin, Mandat, Signature};
use super::super::{Regard, distance, identification, projet, rules, store};
use super::{autre_onglet, ouvrir, renouvelable, tenir_agissant};
use crate::aidants::Agissant;
use crate::cles::{self, Usage};
use crate::document::{Consentement, Contenu, Instant, Projet, Refus, Renouvelle, Signe};
use crate::espace::{Nouvelle, prevenir};
use crate::ids::{AutorisationId, MandatId};
use crate::usagers::{self, Saisie, Usager};
use crate::{Failure, Mandats, consentements};

/// Signs a draft as it was shown (`vue`, of [`distance::vue`]): one transaction, and one mandat whatever the number of
/// tabs, presses and retries. None when it is not what was shown: nothing is signed.
///
/// # Errors
/// What is missing or no longer holds, in a sentence; no key to sign with.
pub(in crate::mandats) async fn signer(
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
                let loin = identification::du_brouillon(tx, b.id).await?;
                let b = identification::tenue(b, loin.as_ref());
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
                if consentements::attendu(&m.site, tx, b.id).await?.is_some() {
                    return Err(Refusal::conflict(
                        "L’accord de la personne est attendu. Pour signer avec elle, arrêtez d’abord cette demande.",
                    )
                    .into());
                }
                // Who identified themselves by a link was told that their agreement would be asked for.
                if accord.is_none() && loin.as_ref().is_some_and(identification::Identification::est_faite) {
                    return Err(Refusal::conflict(
                        "Cette personne s’est identifiée par un lien : demandez-lui son accord à distance. Si elle est maintenant \
                         devant vous, elle s’identifie ici avec FranceConnect.",
                    )
                    .into());
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
    identification::clore(tx, b.id, false).await?;
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
