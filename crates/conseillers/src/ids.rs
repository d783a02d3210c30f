//! Identifiers of this context, and the numbers that people read and write.

use kernel::typed_id;
use platform::Tx;
use platform::db::kit;
use sea_orm::DbErr;

typed_id!(CandidatId, "a candidat: one person, applicant or conseiller");
typed_id!(DemandeId, "what a structure asks of the programme");
typed_id!(SeanceId, "a session of the committee");
typed_id!(PosteId, "a post of conseiller numérique");
typed_id!(RelationId, "a candidat and a structure in contact");
typed_id!(ContratId, "a contract of a conseiller");
typed_id!(CalculId, "a computation that is kept");

/// What is numbered, each from 1, in the order of arrival, without a gap that a crash would leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compteur {
    /// Candidats: `CA-1042`.
    Candidat,
    /// Demandes: `DE-87`.
    Demande,
    /// Posts: `CN-12`.
    Poste,
    /// Sessions of the committee: `7`.
    Seance,
}

impl Compteur {
    /// Every counter.
    pub const TOUS: [Self; 4] = [Self::Candidat, Self::Demande, Self::Poste, Self::Seance];

    /// Its key in the database.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Candidat => "candidat",
            Self::Demande => "demande",
            Self::Poste => "poste",
            Self::Seance => "seance",
        }
    }

    /// The first of `n` numbers that follow one another, taken for this transaction.
    ///
    /// # Errors
    /// The database.
    pub async fn prend(self, tx: &Tx, n: i64) -> Result<i64, DbErr> {
        let sql = "UPDATE conseillers_compteur SET dernier = dernier + $2 WHERE nom = $1 RETURNING dernier";
        let dernier = kit::count(tx, sql, [self.cle().into(), n.into()]).await?;
        Ok(dernier - n + 1)
    }
}
