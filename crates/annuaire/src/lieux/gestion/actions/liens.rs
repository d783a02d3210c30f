//! The link with a structure, and giving a field back to its source.

use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use serde_json::json;

use super::{Failure, enregistrer, structure_choisie, tenir};
use crate::Annuaire;
use crate::lieux::LieuId;
use crate::lieux::abonnements::Evenement;
use crate::lieux::gestion::{rules, saisie};
use crate::lieux::model::{ChampChange, Genre};
use crate::lieux::standard::Champ;
use crate::lieux::store::gestion::{self as store, Acte};

/// Says to which structure the lieu belongs, or that it belongs to none: the match on numbers then leaves it alone.
///
/// # Errors
/// The field of the structure when the actor does not reach it; refusals of [`rules::may_rattacher`].
pub async fn rattacher(
    annuaire: &Annuaire,
    actor: &Actor,
    id: LieuId,
    structure: Option<StructureId>,
) -> Result<(), Failure> {
    let (site, t) = (&annuaire.site, annuaire.territoires());
    site.db
        .write(async |tx| {
            let mut g = tenir(annuaire, tx, id).await?;
            rules::may_rattacher(actor, &g)?;
            let voulue = match structure {
                Some(_) => structure_choisie(tx, actor, structure).await?,
                None => None,
            };
            let cible = rules::cible(&t, g.lieu.fiche.code_insee.as_ref(), voulue, Some(id));
            rules::reste_couvert(actor, &cible, &g.lieu.fiche)?;
            if g.structure == voulue && g.structure_choisie {
                return Ok(());
            }
            let nom = async |s: Option<StructureId>| match s {
                Some(s) => crate::structures::find(tx, s).await.map(|v| v.map(|v| v.nom).unwrap_or_default()),
                None => Ok(String::new()),
            };
            let change = ChampChange {
                champ: "structure".to_owned(),
                avant: nom(g.structure).await?,
                apres: nom(voulue).await?,
            };
            (g.structure, g.structure_choisie) = (voulue, true);
            let acte = Acte { par: Some(actor), quoi: "Lien avec une structure", genre: Genre::Changement };
            store::noter(site, tx, id, acte, &[change]).await?;
            enregistrer(annuaire, tx, g, Evenement::Modifie).await?;
            let details = json!({ "structure": voulue });
            journal::write(site, tx, Entry::by(actor, "lieu.rattacher", "lieu", id).with(details)).await?;
            Ok(())
        })
        .await
}

/// Gives a field back to the source: its value becomes what was last delivered, and follows the next deliveries.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody typed that field; refusals of [`rules::may`].
pub async fn reprendre_la_source(
    annuaire: &Annuaire,
    actor: &Actor,
    id: LieuId,
    champ: Champ,
) -> Result<(), Failure> {
    let (site, t) = (&annuaire.site, annuaire.territoires());
    site.db
        .write(async |tx| {
            let mut g = tenir(annuaire, tx, id).await?;
            rules::may(actor, Verb::ModifierLieux, &g)?;
            let saisies = store::saisies(tx, &[id]).await?.remove(&id).unwrap_or_default();
            let seul =
                ChampChange { champ: champ.nom().to_owned(), avant: String::new(), apres: String::new() };
            let groupe = saisie::tenus(&[seul]);
            let rendus: Vec<(Champ, &str)> = saisies
                .iter()
                .filter(|s| groupe.contains(&s.champ))
                .map(|s| (s.champ, s.source.as_str()))
                .collect();
            if rendus.is_empty() {
                return Err(Refusal::NotFound.into());
            }
            let fiche = saisie::avec(&g.lieu.fiche, &rendus);
            let cible = rules::cible(&t, fiche.code_insee.as_ref(), g.structure, Some(id));
            rules::reste_couvert(actor, &cible, &fiche)?;
            let ecarts = saisie::ecarts(&g.lieu.fiche, &fiche);
            g.lieu.fiche = fiche;
            for (champ, _) in &rendus {
                store::oublie_saisie(tx, id, *champ).await?;
            }
            let acte =
                Acte { par: Some(actor), quoi: "Retour à la valeur de la source", genre: Genre::Changement };
            store::noter(site, tx, id, acte, &ecarts).await?;
            enregistrer(annuaire, tx, g, Evenement::Modifie).await?;
            let ligne = Entry::by(actor, "lieu.reprendre_la_source", "lieu", id);
            journal::write(site, tx, ligne.with(json!({ "champ": champ.nom() }))).await?;
            Ok(())
        })
        .await
}
