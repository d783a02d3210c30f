//! Conditions of use: dated versions, and who accepted which. They stop what is sensitive, never reading.

use chrono::NaiveDate;
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::web::PageError;
use serde_json::json;

use super::agissant::Agissant;
use super::{registre, store};
use crate::{Failure, Mandats};

/// A version of the conditions.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// Its number; they follow one another.
    pub version: i64,
    /// First day on which it holds (ISO 8601).
    pub depuis: &'static str,
    /// Its paragraphs, apart by an empty line; one that begins with `## ` is a heading.
    pub texte: &'static str,
}

/// Every version, oldest first. Add, never change.
pub const VERSIONS: [Conditions; 1] =
    [Conditions { version: 1, depuis: "2026-11-01", texte: include_str!("conditions/2026-11.md") }];

/// Where anybody reads them.
pub const PUBLIQUE: &str = "/conditions-aidants-connect";
/// Where one reads and accepts them.
pub const PAGE: &str = "/aidant/conditions";

/// The version of that day.
pub fn du_jour(jour: NaiveDate) -> Option<&'static Conditions> {
    let jour = jour.to_string();
    VERSIONS.iter().rev().find(|c| c.depuis <= jour.as_str())
}

/// The number of the version of that day; none before the first.
pub fn version_du_jour(jour: NaiveDate) -> Option<i64> {
    du_jour(jour).map(|c| c.version)
}

/// Whether that version is enough on that day.
pub fn acceptees(version: Option<i64>, jour: NaiveDate) -> bool {
    du_jour(jour).is_none_or(|c| version.is_some_and(|v| v >= c.version))
}

/// Lets through whoever accepted the conditions of the day; sends the others to read them, and back to `retour`.
///
/// # Errors
/// [`PageError::Ailleurs`], a 303.
pub fn exige_conditions(a: &Agissant, jour: NaiveDate, retour: &str) -> Result<(), PageError> {
    if acceptees(a.aidant.conditions_version, jour) {
        return Ok(());
    }
    let retour: String = url::form_urlencoded::byte_serialize(retour.as_bytes()).collect();
    Err(PageError::Ailleurs(format!("{PAGE}?retour={retour}")))
}

/// Accepts the version that was shown.
///
/// # Errors
/// A refusal when it is no longer the one in force; [`Refusal::NotFound`] for who is no professional.
pub async fn accepter(m: &Mandats, actor: &Actor, version: i64) -> Result<(), Failure> {
    let site = &m.site;
    if du_jour(m.jour()).is_none_or(|c| c.version != version) {
        return Err(Refusal::conflict(
            "Les conditions ont changé pendant votre lecture : lisez-les de nouveau.",
        )
        .into());
    }
    site.db
        .write(async |tx| {
            let a = store::du_compte(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            let mut a = registre::tenir(tx, a.id).await?.ok_or(Refusal::NotFound)?;
            a.conditions_version = Some(version);
            store::enregistrer(tx, &a).await?;
            let line =
                Entry::by(actor, "aidant.conditions", "aidant", a.id).with(json!({ "version": version }));
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}
