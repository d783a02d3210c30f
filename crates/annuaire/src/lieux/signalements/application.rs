//! Applies a report to the directory, through the actions of those who look after lieux: the same rules, the same history.

use kernel::{Actor, Refusal, Verb};

use super::actions::{Echec, obstacle};
use super::formulaire::pour_la_fiche;
use super::model::Signalement;
use crate::Annuaire;
use crate::lieux::gestion::actions::{self, Failure, Nouveau};
use crate::lieux::gestion::{Motif, Valeurs, lecture};
use crate::lieux::standard::Champ;

/// What the history of the lieu says of it.
const ACTE: &str = "Correction proposée par un visiteur";

impl From<Failure> for Echec {
    fn from(echec: Failure) -> Self {
        match echec {
            Failure::Refusal(refus) => Self::Refus(refus),
            Failure::Db(erreur) => Self::Base(erreur),
            Failure::Stale(_) => Self::Refus(Refusal::conflict(
                "La fiche a changé pendant que vous lisiez. Rechargez la page, puis recommencez.",
            )),
            Failure::Ressemblants(lieux) => Self::Ressemblants(lieux),
        }
    }
}

/// Changes, closes or creates what the report says. A new lieu that looks like others is created when `autre` says that
/// it is none of them.
///
/// # Errors
/// A conflict with a sentence when it cannot be applied as it is; the refusals of these actions.
pub(super) async fn appliquer(
    annuaire: &Annuaire,
    acteur: &Actor,
    s: &Signalement,
    autre: bool,
) -> Result<(), Echec> {
    if let Some(phrase) = obstacle(s) {
        return Err(Refusal::conflict(phrase).into());
    }
    let valeurs: Valeurs = s
        .champs
        .iter()
        .filter_map(|c| {
            let champ = Champ::de_nom(&c.champ)?;
            Some((champ, pour_la_fiche(champ, &c.apres).ok()?))
        })
        .collect();
    let Some(id) = s.lieu else {
        let nouveau = Nouveau { valeurs, autre, ..Nouveau::default() };
        actions::creer(annuaire, acteur, nouveau).await?;
        return Ok(());
    };
    if !valeurs.is_empty() {
        let gere = lecture::ouvrir(annuaire, acteur, Verb::ModifierLieux, id).await?;
        actions::modifier(annuaire, acteur, id, gere.version, valeurs, ACTE).await?;
    }
    if s.ferme() {
        let gere = lecture::ouvrir(annuaire, acteur, Verb::ModifierLieux, id).await?;
        let aujourdhui = annuaire.site.clock.now().with_timezone(&chrono_tz::Europe::Paris).date_naive();
        actions::fermer(annuaire, acteur, id, gere.version, (Motif::Definitif, aujourdhui)).await?;
    }
    Ok(())
}
