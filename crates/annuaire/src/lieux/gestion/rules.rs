//! What may be done to a lieu, and by whom: pure.

use chrono::NaiveDate;
use kernel::actor::Cible;
use kernel::ids::{LieuId, StructureId};
use kernel::{Actor, CodeCommune, Perimetre, Refusal, Verb};

use super::model::Gere;
use crate::lieux::standard::Champ;
use crate::lieux::{Etat, Fiche};
use crate::territoires::Territoires;

/// Where a lieu stands.
pub fn cible(
    t: &Territoires,
    commune: Option<&CodeCommune>,
    structure: Option<StructureId>,
    lieu: Option<LieuId>,
) -> Cible {
    let departement = commune.map(CodeCommune::departement);
    let region = departement.as_ref().and_then(|d| t.departement(d)).map(|d| d.region.clone());
    Cible { region, departement, commune: commune.cloned(), structure, lieu, ..Cible::default() }
}

/// Whether the actor may do that to this lieu: the verb, then the scope. The accounts of a structure that was merged
/// into its own keep what they could do.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb, [`Refusal::NotFound`] out of scope.
pub fn may(actor: &Actor, verb: Verb, g: &Gere) -> Result<(), Refusal> {
    actor.may(verb)?;
    let alias = |id: &StructureId| Cible { structure: Some(*id), ..g.cible.clone() };
    let couvert =
        actor.perimetre.couvre(&g.cible) || g.alias.iter().any(|id| actor.perimetre.couvre(&alias(id)));
    if !couvert {
        return Err(Refusal::NotFound);
    }
    // The other sheet is the one to keep up to date.
    if verb == Verb::ModifierLieux && matches!(g.lieu.etat, Etat::Fusionne { .. }) {
        return Err(fusionne());
    }
    Ok(())
}

fn fusionne() -> Refusal {
    Refusal::conflict("Ce lieu a été fusionné avec un autre : c’est l’autre fiche qui se modifie.")
}

/// Whether the actor may create lieux at all: the page of the form asks before anything is typed.
///
/// # Errors
/// [`Refusal::Forbidden`] with a sentence that says whom to ask.
pub fn may_creer(actor: &Actor) -> Result<(), Refusal> {
    actor.may(Verb::ModifierLieux)?;
    match actor.perimetre {
        Perimetre::Lieux(_) => Err(Refusal::forbidden(
            "Vous tenez à jour des lieux déjà inscrits. Pour en inscrire un autre, écrivez à la structure qui l’ouvre, \
             ou à la préfecture de son département.",
        )),
        _ => Ok(()),
    }
}

/// Whether the new sheet, in that structure, stays within the actor's sight.
///
/// # Errors
/// The field of the commune, or of the structure.
pub fn reste_couvert(actor: &Actor, apres: &Cible, fiche: &Fiche) -> Result<(), Refusal> {
    if actor.perimetre.couvre(apres) {
        return Ok(());
    }
    match &actor.perimetre {
        Perimetre::Structures(_) => Err(Refusal::field(
            "structure",
            "Choisissez une structure que vous tenez à jour : sans elle, vous ne verriez plus ce lieu.",
        )),
        _ => Err(Refusal::field(
            Champ::Commune.nom(),
            format!(
                "{} est hors de votre territoire. Choisissez une commune de votre territoire, ou écrivez à la \
                 préfecture concernée.",
                fiche.commune
            ),
        )),
    }
}

/// Whether the actor may say to which structure a lieu belongs. Who keeps named lieux only may not: the link decides of
/// the rights of others.
///
/// # Errors
/// As [`may`]; [`Refusal::Forbidden`] for who keeps named lieux.
pub fn may_rattacher(actor: &Actor, g: &Gere) -> Result<(), Refusal> {
    may(actor, Verb::ModifierLieux, g)?;
    match actor.perimetre {
        Perimetre::Lieux(_) => Err(Refusal::forbidden(
            "Le lien avec une structure donne des droits à d’autres personnes : demandez-le à la structure, ou à la \
             préfecture.",
        )),
        _ => Ok(()),
    }
}

/// Whether the actor may close the lieu as of that day.
///
/// # Errors
/// As [`may`]; a conflict when it is closed already; the field of the date when it has not come.
pub fn may_fermer(actor: &Actor, g: &Gere, le: NaiveDate, aujourdhui: NaiveDate) -> Result<(), Refusal> {
    may(actor, Verb::ModifierLieux, g)?;
    if let (Etat::Ferme { .. }, Some(_)) = (&g.lieu.etat, g.motif) {
        return Err(Refusal::conflict("Ce lieu est déjà fermé."));
    }
    if le > aujourdhui {
        return Err(Refusal::field(
            "le",
            "Cette date n’est pas encore venue. Pour une fermeture à venir, ou pour quelques semaines, ajoutez une \
             exception dans les horaires.",
        ));
    }
    if le < aujourdhui - chrono::TimeDelta::days(3_660) {
        return Err(Refusal::field("le", "Cette date a plus de dix ans. Vérifiez l’année."));
    }
    Ok(())
}

/// Whether the actor may reopen the lieu.
///
/// # Errors
/// As [`may`]; a conflict when it is open.
pub fn may_rouvrir(actor: &Actor, g: &Gere) -> Result<(), Refusal> {
    may(actor, Verb::ModifierLieux, g)?;
    match g.lieu.etat {
        Etat::Ferme { .. } => Ok(()),
        Etat::Ouvert => Err(Refusal::conflict("Ce lieu n’est pas fermé.")),
        Etat::Fusionne { .. } => Err(fusionne()),
    }
}
