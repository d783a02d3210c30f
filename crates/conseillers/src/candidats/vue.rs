//! What others may know of a candidat: before they agree to be contacted, and after.

use std::collections::HashMap;

use annuaire::structures::model::CommuneChoisie;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Email, Position};
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

impl Coordonnees {
    fn new(c: Candidat) -> Self {
        Self {
            numero: c.numero,
            prenom: c.fiche.prenom,
            nom: c.fiche.nom,
            courriel: c.fiche.courriel,
            telephone: c.fiche.telephone,
            motivation: c.fiche.motivation,
        }
    }

    /// `CA-1042`.
    pub fn reference(&self) -> String {
        reference(self.numero)
    }
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

/// Who that candidat is; none when their file is erased, merged or not confirmed.
///
/// # Errors
/// The database.
pub async fn coordonnees(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<Coordonnees>, DbErr> {
    Ok(coordonnees_de(conn, &[id]).await?.remove(&id))
}

/// Who these candidats are; those whose file is erased, merged or not confirmed are left out.
///
/// # Errors
/// The database.
pub async fn coordonnees_de(
    conn: &impl ConnectionTrait,
    ids: &[CandidatId],
) -> Result<HashMap<CandidatId, Coordonnees>, DbErr> {
    let actifs =
        store::charger(conn, ids).await?.into_iter().filter(|c| matches!(c.etat, Etat::Active { .. }));
    Ok(actifs.map(|c| (c.id, Coordonnees::new(c))).collect())
}
