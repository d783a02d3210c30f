//! The lieux of the database, as the coverage measures them.

use std::collections::HashMap;

use chrono::NaiveDate;
use platform::Site;
use sea_orm::DbErr;

use super::model::MesureLieu;
use crate::lieux::ouverture::{Habitudes, Horaires};
use crate::lieux::{Etat, parcours};

/// Every open lieu. Hours are those of the four weeks from today on.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn lieux(site: &Site) -> Result<Vec<MesureLieu>, DbErr> {
    let today = kernel::calendrier::jour(&site.clock.now());
    let mut habitudes = Memoire { today, lues: HashMap::new() };
    let mut lieux = Vec::new();
    parcours(site.db.read(), |lieu| {
        if lieu.etat == Etat::Ouvert {
            let fiche = &lieu.fiche;
            let week = habitudes.de(&fiche.horaires);
            lieux.push(MesureLieu {
                position: fiche.position,
                commune: fiche.code_insee.clone(),
                services: fiche.services.bits(),
                samedi: week.is_some_and(|h| h.jours & SAMEDI != 0),
                soir: week.is_some_and(|h| h.soir),
                minutes_semaine: week.map(|h| u32::from(h.minutes)),
            });
        }
        Ok::<_, DbErr>(())
    })
    .await?;
    Ok(lieux)
}

/// Bit of Saturday in [`Habitudes::jours`].
const SAMEDI: u8 = 1 << 5;

/// Many lieux share their hours: each expression is read once.
struct Memoire {
    today: NaiveDate,
    lues: HashMap<Box<str>, Option<Habitudes>>,
}

impl Memoire {
    fn de(&mut self, horaires: &str) -> Option<Habitudes> {
        if horaires.trim().is_empty() {
            return None;
        }
        if let Some(known) = self.lues.get(horaires) {
            return *known;
        }
        // An ordinary week does not depend on public holidays, nor then on the département.
        let week = Horaires::lit(horaires, None).map(|h| h.habitudes(self.today));
        self.lues.insert(horaires.into(), week);
        week
    }
}
