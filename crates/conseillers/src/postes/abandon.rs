//! What follows when the last post of a structure is given back, taken back or transferred (domain, 2.2: ABANDON).
//!
//! Its list of candidats is that of its free posts: without one, it is empty, and nobody may be contacted. What is left to end
//! is what was open: contacts, what it noted of people.

use annuaire::structures::StructureVue;
use chrono::NaiveDate;
use kernel::ids::StructureId;
use platform::journal::{self, Entry};
use platform::mail::{Genre, Portee};
use platform::{Site, Tx};

use super::{rules, store};
use crate::courriels::{Texte, a_la_structure};
use crate::matching::relations::fins;
use crate::{Failure, exemples};

/// In the transaction that took posts of a structure away on that day: when none is left to it, what was open ends, and the
/// structure is told.
///
/// # Errors
/// The database.
pub(crate) async fn verifier(site: &Site, tx: &Tx, id: StructureId, le: NaiveDate) -> Result<bool, Failure> {
    let Some(s) = annuaire::structures::find(tx, id).await? else { return Ok(false) };
    let mut postes = store::de_structure(tx, &s.identites, le).await?;
    postes.retain(|p| {
        let ici = rules::place(p, le.succ_opt().unwrap_or(le));
        p.rendu.is_none() && ici.is_some_and(|place| s.identites.contains(&place.structure))
    });
    if !postes.is_empty() {
        return Ok(false);
    }
    fins::structure_partie(site, tx, &s).await?;
    journal::write(site, tx, Entry::system("structure.sans_poste", "structure", s.id)).await?;
    a_la_structure(site, tx, &s, sans_poste(site, &s)).await?;
    Ok(true)
}

pub(super) static SANS_POSTE: Genre = Genre {
    cle: "poste.plus_aucun",
    nom: "Plus aucun poste",
    occasion: "Le dernier poste d’une structure est rendu, repris ou transféré",
    lecteur: "Le premier contact de la structure",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(sans_poste(site, &exemples::structure()?).a_tous(site, a)),
};

fn sans_poste(site: &Site, s: &StructureVue) -> Texte {
    let p = [
        format!("La structure {} n’a plus de poste de conseiller numérique.", s.nom),
        "Ses contacts ouverts avec des candidats se ferment, et les personnes sont prévenues. L’accès aux candidats se ferme aussi. \
         Ses anciens contrats restent lisibles. Pour demander de nouveaux postes :"
            .to_owned(),
        site.url("/conseillers/demandes"),
    ];
    Texte::new(&SANS_POSTE, "vous n’avez plus de poste", p)
}
