//! Everybody who looks for a post, in memory: who a point can meet is answered without the database, and nobody waits for
//! the night to be seen.
//!
//! Each change of the list has a number, given in the transaction of the change. Whoever asks compares that number with
//! the one they hold, and reads only what changed in between: a candidate who confirmed their address is found by the next
//! request, of this process or of another.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{CodeDepartement, Position};
use platform::Site;
use sea_orm::DbErr;

use super::model::Rayon;
use super::store::{self, Changements};
use super::vue::CandidatVue;
use crate::ids::CandidatId;
use crate::sphere::{Point, chord2_within};

/// Ground that people cross by road: mainland France, Corsica, each collectivity overseas. A distance as the crow flies
/// says nothing across the sea.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Terre(u16);

impl Terre {
    fn de(departement: &CodeDepartement) -> Self {
        Self(match departement.as_str() {
            "2A" | "2B" => 1,
            code if code.len() == 3 => code.parse().unwrap_or(0),
            _ => 0,
        })
    }
}

/// What the search looks at, apart from the rest: 30 000 of them lie in two megabytes.
#[derive(Clone, Copy, Debug)]
struct Portee {
    point: Point,
    /// Squared straight line that the person would go; negative for the whole country.
    chord2: f64,
    terre: Terre,
}

/// A candidat whom a point can meet.
#[derive(Clone, Copy, Debug)]
pub struct Rencontre<'a> {
    /// Who.
    pub candidat: &'a CandidatVue,
    /// Kilometres as the crow flies.
    pub km: f64,
}

/// How far that point is, when somebody who lives there and would go so far would work at it; none when they would not.
pub fn a_portee(
    (chez, departement, rayon): (Position, &CodeDepartement, Rayon),
    position: Position,
    la: &CodeDepartement,
) -> Option<f64> {
    let km = Point::new(chez).km(&Point::new(position));
    let portee = rayon.km().is_none_or(|r| Terre::de(departement) == Terre::de(la) && km <= f64::from(r));
    portee.then_some(km)
}

/// Everybody who looks for a post, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Index {
    revision: i64,
    candidats: Vec<Arc<CandidatVue>>,
    portees: Vec<Portee>,
    par_id: HashMap<CandidatId, usize>,
    /// How many live in each département; none at zero.
    par_departement: HashMap<CodeDepartement, u64>,
}

impl Index {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.candidats.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.candidats.is_empty()
    }

    /// The number of the change that it shows.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// How many live in that département.
    pub fn du_departement(&self, code: &CodeDepartement) -> u64 {
        self.par_departement.get(code).copied().unwrap_or(0)
    }

    /// Everybody, in no order.
    pub fn tous(&self) -> impl Iterator<Item = &CandidatVue> {
        self.candidats.iter().map(AsRef::as_ref)
    }

    /// That candidat, if they look for a post now.
    pub fn get(&self, id: CandidatId) -> Option<&CandidatVue> {
        self.par_id.get(&id).map(|i| self.candidats[*i].as_ref())
    }

    /// Those who would work at that point, in no order: within their own distance of it, on the same ground; those who
    /// would work anywhere always.
    pub fn rencontrables(
        &self,
        position: Position,
        departement: &CodeDepartement,
    ) -> impl Iterator<Item = Rencontre<'_>> {
        let (ici, terre) = (Point::new(position), Terre::de(departement));
        self.portees.iter().zip(&self.candidats).filter_map(move |(p, c)| {
            if p.chord2 >= 0.0 && (p.terre != terre || p.point.chord2(&ici) > p.chord2) {
                return None;
            }
            let km = p.point.km(&ici);
            // The sieve lets through a few that are barely farther.
            let assez_pres = c.rayon.km().is_none_or(|r| km <= f64::from(r));
            assez_pres.then_some(Rencontre { candidat: c, km })
        })
    }

    /// Whether that candidat would work at that point: the guard of whoever opens a sheet by its address.
    pub fn rencontre(
        &self,
        id: CandidatId,
        position: Position,
        departement: &CodeDepartement,
    ) -> Option<Rencontre<'_>> {
        let candidat = self.get(id)?;
        let km = a_portee(
            (candidat.position, &candidat.commune.departement, candidat.rayon),
            position,
            departement,
        )?;
        Some(Rencontre { candidat, km })
    }

    fn suit(&mut self, revision: i64, changements: Changements) {
        changements.partis.into_iter().for_each(|id| self.retire(id));
        changements.presents.into_iter().for_each(|c| self.met(c));
        self.revision = revision;
    }

    fn met(&mut self, c: CandidatVue) {
        let portee = Portee {
            point: Point::new(c.position),
            chord2: c.rayon.km().map_or(-1.0, |km| chord2_within(f64::from(km))),
            terre: Terre::de(&c.commune.departement),
        };
        *self.par_departement.entry(c.commune.departement.clone()).or_default() += 1;
        match self.par_id.get(&c.id) {
            Some(&i) => {
                let avant = std::mem::replace(&mut self.candidats[i], Arc::new(c));
                self.compte_de_moins(&avant.commune.departement);
                self.portees[i] = portee;
            }
            None => {
                self.par_id.insert(c.id, self.candidats.len());
                self.candidats.push(Arc::new(c));
                self.portees.push(portee);
            }
        }
    }

    fn compte_de_moins(&mut self, code: &CodeDepartement) {
        if let Some(n) = self.par_departement.get_mut(code) {
            *n = n.saturating_sub(1);
        }
    }

    fn retire(&mut self, id: CandidatId) {
        let Some(i) = self.par_id.remove(&id) else { return };
        let parti = self.candidats.swap_remove(i);
        self.compte_de_moins(&parti.commune.departement);
        self.portees.swap_remove(i);
        if let Some(deplace) = self.candidats.get(i) {
            self.par_id.insert(deplace.id, i);
        }
    }
}

#[derive(Debug, Default)]
struct Interieur {
    /// None before the first reading.
    index: RwLock<Option<Arc<Index>>>,
    /// One reading at a time.
    tour: tokio::sync::Mutex<()>,
}

/// The index that requests share; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Vivants(Arc<Interieur>);

impl Vivants {
    fn lu(&self) -> Option<Arc<Index>> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everybody who looks for a post, as of now: one short query says whether anything changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn index(&self, site: &Site) -> Result<Arc<Index>, DbErr> {
        let derniere = store::revision(site.db.read()).await?;
        match self.lu() {
            Some(index) if index.revision >= derniere => Ok(index),
            _ => self.rattrape(site).await,
        }
    }

    async fn rattrape(&self, site: &Site) -> Result<Arc<Index>, DbErr> {
        let _tour = self.0.tour.lock().await;
        // The number and the rows of one state of the database: a change that lands in between is read next time.
        let etat = site.db.snapshot().await?;
        let revision = store::revision(&etat).await?;
        let depuis = self.lu().map_or(-1, |i| i.revision);
        let lus = if depuis < revision { Some(store::changements(&etat, depuis).await) } else { None };
        etat.rollback().await?;
        let mut garde = self.0.index.write().unwrap_or_else(PoisonError::into_inner);
        let index = garde.get_or_insert_with(Arc::default);
        if let Some(changements) = lus {
            // Changed in place, unless a request still reads the one before.
            Arc::make_mut(index).suit(revision, changements?);
        }
        Ok(index.clone())
    }
}

#[cfg(test)]
impl Index {
    /// An index of people who differ by their place only.
    pub(super) fn de(personnes: impl Iterator<Item = (usize, (f64, f64), super::Rayon)>) -> Self {
        let commune = annuaire::structures::model::CommuneChoisie {
            code: kernel::CodeCommune::parse("01053").expect("a code"),
            nom: String::new(),
            departement: CodeDepartement::parse("01").expect("a code"),
            region: kernel::CodeRegion::parse("84").expect("a code"),
        };
        let mut index = Self::default();
        for (i, (latitude, longitude), rayon) in personnes {
            index.met(CandidatVue {
                id: CandidatId(uuid::Uuid::from_u128(i as u128)),
                numero: i as i64,
                commune: commune.clone(),
                position: Position { latitude, longitude },
                rayon,
                disponible_le: chrono::NaiveDate::default(),
                situations: super::Situations::default(),
                pix: None,
                cv: false,
                depose_le: chrono::DateTime::UNIX_EPOCH,
                vu_le: chrono::DateTime::UNIX_EPOCH,
            });
        }
        index
    }
}
