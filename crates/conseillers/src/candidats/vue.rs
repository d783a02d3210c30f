//! What others may know of a candidat: before they agree to be contacted, and after.

use std::collections::HashMap;

use annuaire::structures::model::CommuneChoisie;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Actor, Email, Position};
use platform::Site;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Candidat, CandidatId, Etat, Numero, Pix, Rayon, Situations, reference};
use super::store;

/// What a structure may know of a candidat before they agree to be contacted: nothing that tells who it is.
#[derive(Clone, PartialEq, Debug)]
pub struct CandidatVue {
    /// The identifier.
    pub id: CandidatId,
    /// The number that people read.
    pub numero: i64,
    /// Where they live.
    pub commune: CommuneChoisie,
    /// The point that distances are measured from.
    pub position: Position,
    /// How far from there they would work.
    pub rayon: Rayon,
    /// From which day.
    pub disponible_le: NaiveDate,
    /// What they are today, the name of their diploma with it.
    pub situations: Situations,
    /// What they said of their Pix results.
    pub pix: Option<Pix>,
    /// Whether they sent a CV, which is read only once they agree.
    pub cv: bool,
    /// When they applied.
    pub depose_le: DateTime<Utc>,
    /// When they last gave a sign: how fresh the file is.
    pub vu_le: DateTime<Utc>,
}

impl CandidatVue {
    pub(super) fn new(c: &Candidat, cv: bool) -> Self {
        Self {
            id: c.id,
            numero: c.numero,
            commune: c.fiche.lieu.commune.clone(),
            position: c.fiche.lieu.position,
            rayon: c.fiche.rayon,
            disponible_le: c.fiche.disponible_le,
            situations: c.fiche.situations.clone(),
            pix: c.pix,
            cv,
            depose_le: c.depose_le,
            vu_le: c.vu_le,
        }
    }

    /// `CA-1042`.
    pub fn reference(&self) -> String {
        reference(self.numero)
    }
}

/// Who a candidat is and how they are reached: for a structure that they agreed to be contacted by, and for nobody else.
/// Whoever asks for it writes in the journal that it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coordonnees {
    /// The number that people read.
    pub numero: i64,
    /// First name.
    pub prenom: String,
    /// Last name.
    pub nom: String,
    /// Where to write.
    pub courriel: Email,
    /// Where to call.
    pub telephone: Option<Numero>,
    /// Why they apply.
    pub motivation: String,
}

/// These candidats as structures may know them, whether or not they look for a post now; those that do not exist any more
/// are left out.
///
/// # Errors
/// The database.
pub async fn vues(conn: &impl ConnectionTrait, ids: &[CandidatId]) -> Result<Vec<CandidatVue>, DbErr> {
    store::vues(conn, ids).await
}

/// That candidat as structures may know them.
///
/// # Errors
/// The database.
pub async fn vue(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<CandidatVue>, DbErr> {
    Ok(vues(conn, &[id]).await?.pop())
}

/// That candidat as structures may know them, if they look for a post now: read from the rows, by whoever decides on it.
///
/// # Errors
/// The database.
pub async fn qui_cherche(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<CandidatVue>, DbErr> {
    match store::get(conn, id).await? {
        Some(c) if c.visible() => vue(conn, id).await,
        _ => Ok(None),
    }
}

impl Coordonnees {
    /// Of an active file: none when it is erased, merged or not confirmed.
    fn de(c: Candidat) -> Option<Self> {
        matches!(c.etat, Etat::Active { .. }).then_some(Self {
            numero: c.numero,
            prenom: c.fiche.prenom,
            nom: c.fiche.nom,
            courriel: c.fiche.courriel,
            telephone: c.fiche.telephone,
            motivation: c.fiche.motivation,
        })
    }

    /// `CA-1042`.
    pub fn reference(&self) -> String {
        reference(self.numero)
    }

    /// First and last name.
    pub fn nom_complet(&self) -> String {
        format!("{} {}", self.prenom, self.nom)
    }
}

/// Who that candidat is, for the programme itself: to write to them. What somebody reads goes through [`lire_coordonnees`].
///
/// # Errors
/// The database.
pub async fn coordonnees(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<Coordonnees>, DbErr> {
    Ok(store::get(conn, id).await?.and_then(Coordonnees::de))
}

/// Who these candidats are, for somebody who may know: the caller checks that. That they read it is written in the journal, once
/// a day and a person, and the person reads it in their own space; what one reads of oneself is not written.
///
/// # Errors
/// The database.
pub async fn lire_coordonnees(
    site: &Site,
    actor: &Actor,
    ids: &[CandidatId],
) -> Result<HashMap<CandidatId, Coordonnees>, DbErr> {
    let conn = site.db.read();
    let mut uniques = ids.to_vec();
    uniques.sort_unstable();
    uniques.dedup();
    let (mut out, mut lus) = (HashMap::new(), Vec::new());
    for c in store::charger(conn, &uniques).await? {
        let (id, soi) = (c.id, c.compte == Some(actor.compte));
        if let Some(qui) = Coordonnees::de(c) {
            out.insert(id, qui);
            if !soi {
                lus.push(id.to_string());
            }
        }
    }
    lus.sort_unstable();
    let ligne = |id: &str| Entry::by(actor, "candidat.lire_coordonnees", "candidat", id);
    let hier = site.clock.now() - TimeDelta::days(1);
    let deja = journal::already(conn, &ligne(""), &lus, hier).await?;
    lus.retain(|id| !deja.contains(id));
    if !lus.is_empty() {
        site.db
            .write(async |tx| {
                for id in &lus {
                    journal::write(site, tx, ligne(id)).await?;
                }
                Ok::<_, DbErr>(())
            })
            .await?;
    }
    Ok(out)
}
