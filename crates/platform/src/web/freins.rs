//! What holds robots back from public forms without asking people to prove anything: a field that only they fill, a form
//! that comes back faster than anybody reads, a count an hour and an address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::FormState;
use chrono::{DateTime, Utc};

/// Seconds under which nobody has read a form and filled it.
const TROP_VITE_S: i64 = 3;

/// Seconds after which a form is shown again before it is taken.
const TROP_TARD_S: i64 = 86_400;

/// The field that only robots fill.
pub const PIEGE: &str = "site_personnel";

/// Name of the field that holds when the form was shown.
pub const AFFICHE: &str = "affiche";

/// Whether the trap was filled.
pub fn est_un_robot(form: &FormState) -> bool {
    !form.get(PIEGE).is_empty()
}

/// Refuses a form that came back at once, or too late, or that never was shown; stamps it anew. The sentence stands
/// beside the field `champ`.
pub fn le_temps(form: &mut FormState, champ: &str, maintenant: DateTime<Utc>) {
    let age = form.get(AFFICHE).parse::<i64>().ok().map(|a| maintenant.timestamp().saturating_sub(a));
    if !age.is_some_and(|a| (TROP_VITE_S..TROP_TARD_S).contains(&a)) {
        form.refuse(
            champ,
            "Ce formulaire est parti trop vite, ou il est resté ouvert trop longtemps. Relisez-le, puis envoyez-le de nouveau.",
        );
    }
    form.set(AFFICHE, maintenant.timestamp().to_string());
}

/// Counts of the hour, address by address: in memory, forgotten with the hour, never written. A shared computer of a France
/// services house is one address.
#[derive(Debug, Default)]
pub struct ParHeure(Mutex<(i64, HashMap<IpAddr, u32>)>);

impl ParHeure {
    /// Whether that address may send one more form in this hour, of at most `maximum`; 0: no limit.
    pub fn admis(&self, source: IpAddr, maximum: u32, maintenant: DateTime<Utc>) -> bool {
        let heure = maintenant.timestamp().div_euclid(3_600);
        let mut comptes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if comptes.0 != heure || comptes.1.len() > 50_000 {
            *comptes = (heure, HashMap::new());
        }
        let n = comptes.1.entry(source).or_default();
        *n = n.saturating_add(1);
        maximum == 0 || *n <= maximum
    }
}
