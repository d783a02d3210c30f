//! What the administration does to a post.

use annuaire::structures::StructureVue;
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::mail::{Genre, Portee};
use platform::{Site, Tx};
use serde_json::json;

use super::{MotifRendu, rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::contrats::store as contrats;
use crate::courriels::Texte;
use crate::exemples;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::PosteId;
use crate::selection;

/// Takes back a post that stayed vacant too long (domain, 3.8): it is one no more, the enveloppes that held it have it again,
/// and its structure is told.
///
/// # Errors
/// [`Refusal::NotFound`] out of scope; a conflict before its day, when somebody holds it or is about to, or when a contract
/// waits for its validation.
pub async fn reprendre(cx: &Conseillers, actor: &Actor, id: PosteId) -> Result<(), Failure> {
    let site = &cx.site;
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                let jour = cx.jour();
                let vu = store::get(tx, id).await?.ok_or(Refusal::NotFound)?;
                let place = rules::place(&vu, jour).ok_or(Refusal::NotFound)?.clone();
                let s = annuaire::structures::find(tx, place.structure).await?.ok_or(Refusal::NotFound)?;
                s.may(actor, Verb::ValiderContrats)?;
                selection::tenir_enveloppes(tx, &place).await?;
                let poste = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
                let attend = contrats::attendus(tx, &s.identites).await?.contains(&id);
                if attend {
                    return Err(Refusal::conflict(
                        "Un contrat attend sa validation sur ce poste. Validez-le ou refusez-le d’abord.",
                    )
                    .into());
                }
                selection::rendre_aux_enveloppes(tx, &poste).await?;
                let rendu = rules::reprendre(poste, jour)?;
                store::enregistrer(tx, &rendu).await?;
                let quoi = [Ecrit::nouveau("Raison", MotifRendu::VacanceTropLongue.nom())];
                historique::noter(site, tx, (Sujet::Poste, id.0), Some(actor), "Reprise", &quoi).await?;
                let line = Entry::by(actor, "poste.reprendre", Sujet::Poste.cle(), id);
                journal::write(site, tx, line.with(json!({ "departement": place.departement }))).await?;
                crate::courriels::a_la_structure(site, tx, &s, repris(site, &s, &rendu.reference())).await?;
                super::abandon::verifier(site, tx, s.id, jour).await?;
                Ok(())
            }
        })
        .await
}

pub(super) static REPRIS: Genre = Genre {
    cle: "poste.repris",
    nom: "Un poste est repris",
    occasion: "L’administration reprend un poste resté vacant trop longtemps",
    lecteur: "Le premier contact de la structure",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(repris(site, &exemples::structure()?, "CN-31").a_tous(site, a)),
};

fn repris(site: &Site, s: &StructureVue, reference: &str) -> Texte {
    let p = [
        format!(
            "L’administration a repris le poste {reference} ({}) : il est resté vacant au-delà du délai pour recruter.",
            s.nom
        ),
        "Pour demander de nouveaux postes :".to_owned(),
        site.url("/conseillers/demandes"),
    ];
    Texte::new(&REPRIS, "un poste est repris", p)
}
