//! What the staff does to organisations: end, begin again, change what they may be mandated for.

use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::{Demarches, Organisation, store};
use crate::aidants::{self, Aidant, EtatAidant};
use crate::{Failure, Mandats, legal};

/// The organisation, held, if the actor may look after it.
async fn tenir(tx: &Tx, actor: &Actor, structure: StructureId) -> Result<Organisation, Failure> {
    let o = store::tenir(tx, structure).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::InstruireHabilitations, &o.cible())?;
    Ok(o)
}

/// Ends an organisation, at once: nobody acts in its name any more, whatever they were doing. Memberships end; who belongs
/// to no other organisation is gone; roles on it are taken back. Says how many people it concerned.
///
/// # Errors
/// Out of scope; a conflict when it is ended already.
pub(super) async fn desactiver(
    m: &Mandats,
    actor: &Actor,
    structure: StructureId,
    motif: &str,
) -> Result<usize, Failure> {
    let (site, jour) = (&m.site, m.jour());
    site.db
        .write_again(|| {
            async move |tx: &Tx| {
                let o = tenir(tx, actor, structure).await?;
                if !o.active(jour) {
                    return Err(Refusal::conflict("Cette organisation est déjà désactivée.").into());
                }
                let membres = store::membres(tx, structure).await?;
                for id in &membres {
                    quitter(m, tx, *id, structure).await?;
                }
                store::enregistrer(tx, &Organisation { desactivee_le: Some(jour), ..o }).await?;
                let facts = json!({ "motif": motif, "personnes": membres.len() });
                let line = Entry::by(actor, "organisation.desactiver", "structure", structure).with(facts);
                journal::write(site, tx, line).await?;
                Ok::<_, Failure>(membres.len())
            }
        })
        .await
}

/// Somebody leaves that organisation.
async fn quitter(
    m: &Mandats,
    tx: &Tx,
    id: crate::ids::AidantId,
    structure: StructureId,
) -> Result<(), Failure> {
    let Some(a) = aidants::store::lire(tx, id).await? else { return Ok(()) };
    let Some(appartenance) = aidants::store::appartenance(tx, id, structure).await? else { return Ok(()) };
    aidants::store::fermer_appartenance(tx, appartenance.id, m.jour()).await?;
    if let Some(compte) = a.compte {
        let ici = Perimetre::Structures(vec![structure]);
        identity::take_by_programme_on(&m.site, tx, compte, &[appartenance.fonction.role()], &ici).await?;
    }
    let reste = aidants::store::appartenances(tx, id).await?.iter().any(|x| x.fin.is_none());
    if !reste && a.etat != EtatAidant::Refuse {
        let parti = Aidant { etat: EtatAidant::Parti, etat_le: m.site.clock.now(), ..a };
        aidants::store::enregistrer(tx, &parti).await?;
    }
    let facts = json!({ "structure": structure });
    journal::write(&m.site, tx, Entry::system("aidant.quitter", "aidant", id).with(facts)).await?;
    Ok(())
}

/// An organisation begins again, under its number. Its people do not come back by themselves: a new request names them.
///
/// # Errors
/// Out of scope; a conflict when it is active.
pub(super) async fn reactiver(m: &Mandats, actor: &Actor, structure: StructureId) -> Result<(), Failure> {
    let (site, jour) = (&m.site, m.jour());
    site.db
        .write(async |tx| {
            let o = tenir(tx, actor, structure).await?;
            if o.active(jour) {
                return Err(Refusal::conflict("Cette organisation est active.").into());
            }
            store::enregistrer(tx, &Organisation { desactivee_le: None, ..o }).await?;
            journal::write(site, tx, Entry::by(actor, "organisation.reactiver", "structure", structure))
                .await?;
            Ok(())
        })
        .await
}

/// Changes what an organisation may be mandated for.
///
/// # Errors
/// Out of scope; a field when nothing is left.
pub(super) async fn restreindre(
    m: &Mandats,
    actor: &Actor,
    structure: StructureId,
    cles: &[String],
) -> Result<(), Failure> {
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let demarches = texte.map(|t| Demarches::parmi(t, cles)).filter(|d| !d.est_vide());
    let demarches = demarches
        .ok_or_else(|| Refusal::field("demarches", "Cochez au moins une catégorie de démarches."))?;
    m.site
        .db
        .write(async |tx| {
            let o = tenir(tx, actor, structure).await?;
            let facts = json!({ "avant": o.demarches.ecrire(), "apres": demarches.ecrire() });
            store::enregistrer(tx, &Organisation { demarches: demarches.clone(), ..o }).await?;
            let line = Entry::by(actor, "organisation.demarches", "structure", structure).with(facts);
            journal::write(&m.site, tx, line).await?;
            Ok(())
        })
        .await
}
