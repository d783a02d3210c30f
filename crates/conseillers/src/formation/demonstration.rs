//! Fictitious sessions of training and who follows them, for the demonstration.

use chrono::{Days, NaiveDate};
use kernel::ids::StructureId;
use kernel::{Chance, CodeRegion};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::model::{
    Certification, Endroit, EtatInscription, FicheSession, Inscription, InscriptionId, Nature, Parcours,
    Session, SessionId, Titre,
};
use super::store;
use crate::ids::CandidatId;

/// Seats of each session.
const PLACES: u32 = 12;

/// Writes sessions of these régions, one a group of people, half of them followed already; one more a région is to come, with
/// free seats.
///
/// # Errors
/// The database.
pub(crate) async fn semer(
    site: &Site,
    tx: &Tx,
    (organismes, chance): (&[StructureId], &Chance),
    par_region: &[(CodeRegion, Vec<CandidatId>)],
) -> Result<(), DbErr> {
    let now = site.clock.now();
    let jour = kernel::calendrier::jour(&now);
    for (rang, (region, gens)) in par_region.iter().enumerate() {
        let Some(organisme) = organismes.get(rang % organismes.len().max(1)) else { return Ok(()) };
        let groupes = gens.chunks(PLACES as usize).take(4);
        for (n, groupe) in groupes.chain([&[][..]]).enumerate() {
            let passee = n % 2 == 0 && !groupe.is_empty();
            let debut =
                if passee { avant(jour, 200 - 30 * n as u64) } else { apres(jour, 20 + 15 * n as u64) };
            let session = Session {
                id: SessionId::new(&site.clock, &site.chance),
                fiche: FicheSession {
                    nature: Nature::Initiale,
                    organisme: *organisme,
                    lot: format!("Lot fictif de la région {region}"),
                    regions: vec![region.clone()],
                    heures: 105,
                    modules: Vec::new(),
                    endroit: Endroit::ADistance,
                    debut,
                    fin: apres(debut, 35),
                    places: PLACES,
                },
                annulee: None,
                version: 1,
            };
            store::insert(tx, &session).await?;
            for candidat in groupe {
                let etat =
                    if passee { EtatInscription::Suivie { le: now } } else { EtatInscription::Inscrite };
                let inscription = Inscription {
                    id: InscriptionId::new(&site.clock, &site.chance),
                    session: session.id,
                    candidat: *candidat,
                    demandee_le: now,
                    modules: Vec::new(),
                    heures: if passee { 105 } else { 0 },
                    etat,
                };
                store::enregistrer(tx, &inscription).await?;
                let score = u8::try_from(20 + chance.below(80)).unwrap_or(50);
                let certifiee = passee && chance.below(3) > 0;
                let parcours = Parcours {
                    positionnement: Some((score, avant(debut, 20))),
                    certifications: if certifiee {
                        vec![Certification { titre: Titre::Ccp1, le: session.fiche.fin }]
                    } else {
                        Vec::new()
                    },
                    ..Parcours::default()
                };
                store::parcours_locked(tx, *candidat).await?;
                store::enregistrer_parcours(tx, *candidat, &parcours).await?;
            }
        }
    }
    Ok(())
}

fn avant(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_sub_days(Days::new(jours)).unwrap_or(jour)
}

fn apres(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_add_days(Days::new(jours)).unwrap_or(jour)
}
