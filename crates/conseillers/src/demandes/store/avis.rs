//! Opinions and the files that come with them.

use std::collections::HashMap;

use annuaire::structures::Conditions;
use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::abime;
use crate::demandes::model::Sens;
use crate::ids::DemandeId;

/// What a préfecture thinks of a demande; the last one counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Avis {
    /// For, against, or further.
    pub sens: Sens,
    /// How many posts it proposes.
    pub postes: u32,
    /// Why.
    pub commentaire: String,
    /// An agreement of principle before the decision.
    pub accord_principe: bool,
    /// The structure that should rather have the posts, and its name.
    pub vers: Option<(StructureId, String)>,
    /// Who gave it.
    pub par: CompteId,
    /// In which role.
    pub role: String,
    /// When.
    pub le: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    demande_id: Uuid,
    sens: String,
    postes: i64,
    commentaire: String,
    accord_principe: bool,
    vers_structure: Option<Uuid>,
    vers_nom: String,
    par: Uuid,
    role: String,
    le: DateTime<Utc>,
}

const COLUMNS: &str =
    "demande_id, sens, postes, commentaire, accord_principe, vers_structure, vers_nom, par, role, le";

impl Row {
    fn avis(self) -> Result<Avis, DbErr> {
        Ok(Avis {
            sens: Sens::from_cle(&self.sens).ok_or_else(|| abime(self.demande_id, "sens"))?,
            postes: u32::try_from(self.postes).unwrap_or(0),
            commentaire: self.commentaire,
            accord_principe: self.accord_principe,
            vers: self.vers_structure.map(|id| (StructureId(id), self.vers_nom)),
            par: CompteId(self.par),
            role: self.role,
            le: self.le,
        })
    }
}

/// The opinions on a demande, the last one first.
///
/// # Errors
/// The database.
pub async fn avis_de(conn: &impl ConnectionTrait, demande: DemandeId) -> Result<Vec<Avis>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM demande_avis WHERE demande_id = $1 ORDER BY rang DESC");
    kit::query_as::<Row>(conn, &sql, [demande.0.into()]).await?.into_iter().map(Row::avis).collect()
}

/// The last opinion on each of these demandes that has one.
///
/// # Errors
/// The database.
pub async fn derniers_avis(
    conn: &impl ConnectionTrait,
    demandes: &[DemandeId],
) -> Result<HashMap<DemandeId, Avis>, DbErr> {
    let mut out = HashMap::new();
    for lot in demandes.chunks(500) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|d| d.0));
        let sql = format!("SELECT {COLUMNS} FROM demande_avis WHERE demande_id IN ({liste}) ORDER BY rang");
        for row in kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await? {
            out.insert(DemandeId(row.demande_id), row.avis()?);
        }
    }
    Ok(out)
}

/// Writes an opinion on a demande that the caller holds.
///
/// # Errors
/// The database.
pub async fn noter_avis(tx: &Tx, demande: DemandeId, a: &Avis) -> Result<(), DbErr> {
    let sql = "SELECT COALESCE(MAX(rang), 0) FROM demande_avis WHERE demande_id = $1";
    let rang = kit::count(tx, sql, [demande.0.into()]).await? + 1;
    kit::insert_many(tx, AVIS, vec![values(demande, rang, a)], "").await?;
    let sql = "UPDATE demande SET avis = $2, version = version + 1 WHERE id = $1";
    kit::execute(tx, sql, [demande.0.into(), a.sens.cle().into()]).await.map(|_| ())
}

/// Writes the first opinions on demandes that were written with them.
///
/// # Errors
/// The database; when one has an opinion already.
pub async fn premiers_avis(tx: &Tx, avis: &[(DemandeId, Avis)]) -> Result<(), DbErr> {
    let rows = avis.iter().map(|(demande, a)| values(*demande, 1, a)).collect();
    kit::insert_many(tx, AVIS, rows, "").await.map(|_| ())
}

const AVIS: &str = "demande_avis (demande_id, rang, sens, postes, commentaire, accord_principe, vers_structure, vers_nom, \
                    par, role, le)";

fn values(demande: DemandeId, rang: i64, a: &Avis) -> Vec<Value> {
    vec![
        demande.0.into(),
        rang.into(),
        a.sens.cle().into(),
        i64::from(a.postes).into(),
        a.commentaire.clone().into(),
        a.accord_principe.into(),
        a.vers.as_ref().map(|(id, _)| id.0).into(),
        a.vers.as_ref().map(|(_, nom)| nom.clone()).unwrap_or_default().into(),
        a.par.0.into(),
        a.role.clone().into(),
        a.le.into(),
    ]
}

/// A file that comes with a demande, without its content.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult)]
pub struct Piece {
    /// Its identifier.
    pub id: Uuid,
    /// Its name.
    pub nom: String,
    /// Bytes.
    pub taille: i64,
    /// When it came.
    pub le: DateTime<Utc>,
}

/// The files of a demande, oldest first.
///
/// # Errors
/// The database.
pub async fn pieces(conn: &impl ConnectionTrait, demande: DemandeId) -> Result<Vec<Piece>, DbErr> {
    let sql = "SELECT id, nom, taille, le FROM demande_piece WHERE demande_id = $1 ORDER BY le, id";
    kit::query_as(conn, sql, [demande.0.into()]).await
}

/// A file of a demande, with its content.
///
/// # Errors
/// The database.
pub async fn piece(
    conn: &impl ConnectionTrait,
    demande: DemandeId,
    id: Uuid,
) -> Result<Option<(String, Vec<u8>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Contenu {
        nom: String,
        contenu: Vec<u8>,
    }
    let sql = "SELECT nom, contenu FROM demande_piece WHERE id = $1 AND demande_id = $2";
    let row: Option<Contenu> = kit::query_one_as(conn, sql, [id.into(), demande.0.into()]).await?;
    Ok(row.map(|r| (r.nom, r.contenu)))
}

/// Keeps a file with a demande that the caller holds.
///
/// # Errors
/// The database.
pub async fn poser_piece(
    tx: &Tx,
    demande: DemandeId,
    p: &Piece,
    contenu: Vec<u8>,
    par: CompteId,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO demande_piece (id, demande_id, nom, taille, contenu, par, le) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            p.id.into(),
            demande.0.into(),
            p.nom.clone().into(),
            p.taille.into(),
            contenu.into(),
            par.0.into(),
            p.le.into(),
        ],
    )
    .await
    .map(|_| ())
}
