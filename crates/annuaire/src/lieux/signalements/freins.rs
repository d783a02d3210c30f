//! What holds robots back without asking people to prove anything.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use platform::web::FormState;

/// Seconds under which nobody has read a form and filled it.
const TROP_VITE_S: i64 = 3;

/// Seconds after which a form is shown again before it is taken.
const TROP_TARD_S: i64 = 86_400;

/// Reports that one address may send in an hour: a shared computer of a France services house is one address.
const PAR_ADRESSE: u32 = 20;

/// The field that only robots fill.
pub(super) const PIEGE: &str = "site_personnel";

/// Name of the field that holds when the form was shown.
pub(super) const AFFICHE: &str = "affiche";

/// Whether the trap was filled.
pub(super) fn est_un_robot(form: &FormState) -> bool {
    !form.get(PIEGE).is_empty()
}

/// Refuses a form that came back at once, or too late, or that never was shown; stamps it anew.
pub(super) fn le_temps(form: &mut FormState, maintenant: DateTime<Utc>) {
    let age = form.get(AFFICHE).parse::<i64>().ok().map(|a| maintenant.timestamp().saturating_sub(a));
    if !age.is_some_and(|a| (TROP_VITE_S..TROP_TARD_S).contains(&a)) {
        form.refuse(
            "mot",
            "Ce formulaire est parti trop vite, ou il est resté ouvert trop longtemps. Relisez-le, puis envoyez-le de nouveau.",
        );
    }
    form.set(AFFICHE, maintenant.timestamp().to_string());
}

/// Counts of the hour, address by address: in memory, forgotten with the hour, never written.
static COMPTES: LazyLock<Mutex<(i64, HashMap<IpAddr, u32>)>> = LazyLock::new(Mutex::default);

/// Whether that address may send one more report in this hour.
pub(super) fn admis(source: IpAddr, maintenant: DateTime<Utc>) -> bool {
    let heure = maintenant.timestamp().div_euclid(3_600);
    let mut comptes = COMPTES.lock().unwrap_or_else(PoisonError::into_inner);
    if comptes.0 != heure || comptes.1.len() > 50_000 {
        *comptes = (heure, HashMap::new());
    }
    let n = comptes.1.entry(source).or_default();
    *n = n.saturating_add(1);
    *n <= PAR_ADRESSE
}
