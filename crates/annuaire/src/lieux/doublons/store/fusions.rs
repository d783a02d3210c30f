//! Merges.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{FiltreFile, FusionId, Seulement, json, places};

/// A line of a score, as it is kept and shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Raison {
    /// The field of the standard that was looked at.
    pub champ: String,
    /// Its points.
    pub points: i32,
    /// What was seen, in French.
    pub phrase: String,
}

impl Raison {
    /// The points with their sign: « +36 », « −5 ».
    pub fn signe(&self) -> String {
        let signe = if self.points < 0 { "−" } else { "+" };
        format!("{signe}{}", self.points.abs())
    }
}

/// What a merge remembers, to be undone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(in crate::lieux::doublons) struct Avant {
    /// Records that came from the absorbed lieu.
    pub(in crate::lieux::doublons) apports: Vec<(Uuid, String)>,
    /// Typed values that came from it, with what they were.
    pub(in crate::lieux::doublons) saisies: Vec<(String, String)>,
    /// Whether its structure became that of the kept one.
    #[serde(default)]
    pub(in crate::lieux::doublons) structure: bool,
    /// When the absorbed lieu had closed before.
    pub(in crate::lieux::doublons) ferme_le: Option<DateTime<Utc>>,
}

/// A merge.
#[derive(Clone, PartialEq, Debug)]
pub struct Fusion {
    /// Its identifier.
    pub id: FusionId,
    /// The lieu that was kept.
    pub gardee: LieuId,
    /// The one that leads to it.
    pub absorbee: LieuId,
    /// Their names.
    pub noms: (String, String),
    /// When.
    pub le: DateTime<Utc>,
    /// Who; none when the rule did.
    pub par: Option<CompteId>,
    /// The score then.
    pub score: i64,
    /// Why.
    pub raisons: Vec<Raison>,
    /// What the person wrote.
    pub note: String,
    /// When it was undone.
    pub annulee_le: Option<DateTime<Utc>>,
    pub(in crate::lieux::doublons) avant: Avant,
}

const FUSIONS: &str = "SELECT f.id, f.gardee, f.absorbee, f.le, f.par, f.score, f.raisons, f.note, f.avant, f.annulee_le, \
                       g.nom AS nom_gardee, b.nom AS nom_absorbee FROM lieu_fusion f JOIN lieu g ON g.id = f.gardee \
                       JOIN lieu b ON b.id = f.absorbee";

fn fusion_lue(r: &QueryResult) -> Result<Fusion, DbErr> {
    Ok(Fusion {
        id: FusionId(r.try_get("", "id")?),
        gardee: LieuId(r.try_get("", "gardee")?),
        absorbee: LieuId(r.try_get("", "absorbee")?),
        noms: (r.try_get("", "nom_gardee")?, r.try_get("", "nom_absorbee")?),
        le: r.try_get("", "le")?,
        par: r.try_get::<Option<Uuid>>("", "par")?.map(CompteId),
        score: r.try_get("", "score")?,
        raisons: serde_json::from_str(&r.try_get::<String>("", "raisons")?).unwrap_or_default(),
        note: r.try_get("", "note")?,
        annulee_le: r.try_get("", "annulee_le")?,
        avant: serde_json::from_str(&r.try_get::<String>("", "avant")?).unwrap_or_default(),
    })
}

/// That merge.
pub(in crate::lieux::doublons) async fn fusion(
    conn: &impl ConnectionTrait,
    id: FusionId,
) -> Result<Option<Fusion>, DbErr> {
    let rows = kit::query(conn, &format!("{FUSIONS} WHERE f.id = $1"), [id.0.into()]).await?;
    rows.first().map(fusion_lue).transpose()
}

/// Writes a merge.
pub(in crate::lieux::doublons) async fn note_fusion(tx: &Tx, f: &Fusion) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO lieu_fusion (id, gardee, absorbee, le, par, score, raisons, note, avant) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            f.id.0.into(),
            f.gardee.0.into(),
            f.absorbee.0.into(),
            f.le.into(),
            f.par.map(|c| c.0).into(),
            f.score.into(),
            json(&f.raisons)?.into(),
            f.note.as_str().into(),
            json(&f.avant)?.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The merges into a lieu, newest first.
pub(in crate::lieux::doublons) async fn fusions_de(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<Vec<Fusion>, DbErr> {
    let sql = format!("{FUSIONS} WHERE f.gardee = $1 ORDER BY f.id DESC LIMIT 100");
    kit::query(conn, &sql, [lieu.0.into()]).await?.iter().map(fusion_lue).collect()
}

/// Marks a merge as undone; false when somebody did already.
pub(in crate::lieux::doublons) async fn annule(
    tx: &Tx,
    id: FusionId,
    par: CompteId,
    le: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let fait = kit::execute(
        tx,
        "UPDATE lieu_fusion SET annulee_le = $1, annulee_par = $2 WHERE id = $3 AND annulee_le IS NULL",
        [le.into(), par.0.into(), id.0.into()],
    )
    .await?;
    Ok(fait.rows_affected() == 1)
}
/// What of the merges is asked: the clause, its values.
fn clause_fusions(filtre: &FiltreFile) -> (String, Vec<Value>) {
    let mut sql = "1 = 1".to_owned();
    let mut valeurs: Vec<Value> = Vec::new();
    if let Some(codes) = &filtre.departements {
        let liste = if codes.is_empty() { "NULL".to_owned() } else { places(codes.len(), 1) };
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM lieu_paire p WHERE ((p.premiere = f.gardee AND p.seconde = f.absorbee) OR \
             (p.premiere = f.absorbee AND p.seconde = f.gardee)) AND p.departement IN ({liste}) AND \
             p.autre_departement IN ({liste}))"
        ));
        valeurs.extend(codes.iter().map(|c| Value::from(c.as_str())));
    }
    if let Some(seulement) = &filtre.seulement {
        let (colonne, ids) = match seulement {
            Seulement::Structures(ids) => ("structure_id", ids),
            Seulement::Lieux(ids) => ("id", ids),
        };
        let liste = if ids.is_empty() { "NULL".to_owned() } else { places(ids.len(), valeurs.len() + 1) };
        sql.push_str(&format!(" AND g.{colonne} IN ({liste}) AND b.{colonne} IN ({liste})"));
        valeurs.extend(ids.iter().map(|i| Value::from(*i)));
    }
    (sql, valeurs)
}

/// How many merges.
pub(in crate::lieux::doublons) async fn compte_fusions(
    conn: &impl ConnectionTrait,
    filtre: &FiltreFile,
) -> Result<i64, DbErr> {
    let (clause, valeurs) = clause_fusions(filtre);
    let sql = format!(
        "SELECT COUNT(*) FROM lieu_fusion f JOIN lieu g ON g.id = f.gardee JOIN lieu b ON b.id = f.absorbee WHERE {clause}"
    );
    kit::count(conn, &sql, valeurs).await
}

/// A page of merges, newest first.
pub(in crate::lieux::doublons) async fn dernieres_fusions(
    conn: &impl ConnectionTrait,
    filtre: &FiltreFile,
    offset: i64,
    limite: i64,
) -> Result<Vec<Fusion>, DbErr> {
    let (clause, mut valeurs) = clause_fusions(filtre);
    let (n, m) = (valeurs.len() + 1, valeurs.len() + 2);
    valeurs.extend([limite.into(), offset.into()]);
    let sql = format!("{FUSIONS} WHERE {clause} ORDER BY f.id DESC LIMIT ${n} OFFSET ${m}");
    kit::query(conn, &sql, valeurs).await?.iter().map(fusion_lue).collect()
}
