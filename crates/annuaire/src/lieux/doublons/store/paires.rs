//! Pairs, and the queue of those that people decide.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::{Raison, json, places};

/// What became of a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EtatPaire {
    /// Nobody looked.
    AVoir,
    /// Somebody looked, and will again.
    PlusTard,
    /// Two lieux.
    Distincts,
    /// One lieu: merged.
    Doublon,
}

impl EtatPaire {
    /// Every state, in the order of the filter.
    pub const TOUS: [Self; 4] = [Self::AVoir, Self::PlusTard, Self::Distincts, Self::Doublon];

    /// Its key in the database and in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::AVoir => "a_voir",
            Self::PlusTard => "plus_tard",
            Self::Distincts => "distincts",
            Self::Doublon => "doublon",
        }
    }

    /// On the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::AVoir => "À regarder",
            Self::PlusTard => "Remises à plus tard",
            Self::Distincts => "Deux lieux différents",
            Self::Doublon => "Fusionnées",
        }
    }

    /// The state of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// A pair, its score, what people decided.
#[derive(Clone, PartialEq, Debug)]
pub struct PaireGardee {
    /// The one of the lower identifier, which is the older.
    pub premiere: LieuId,
    /// The other.
    pub seconde: LieuId,
    /// Départements of both, empty when unknown.
    pub departements: (String, String),
    /// Its score when it was last compared.
    pub score: i64,
    /// Why.
    pub raisons: Vec<Raison>,
    /// What became of it.
    pub etat: EtatPaire,
    /// The score when a person decided.
    pub score_decision: Option<i64>,
    /// When.
    pub le: Option<DateTime<Utc>>,
    /// Who.
    pub par: Option<CompteId>,
    /// What they wrote.
    pub note: Option<String>,
}

#[derive(FromQueryResult)]
struct LignePaire {
    premiere: Uuid,
    seconde: Uuid,
    departement: String,
    autre_departement: String,
    score: i64,
    raisons: String,
    etat: String,
    score_decision: Option<i64>,
    le: Option<DateTime<Utc>>,
    par: Option<Uuid>,
    note: Option<String>,
}

impl From<LignePaire> for PaireGardee {
    fn from(l: LignePaire) -> Self {
        Self {
            premiere: LieuId(l.premiere),
            seconde: LieuId(l.seconde),
            departements: (l.departement, l.autre_departement),
            score: l.score,
            raisons: serde_json::from_str(&l.raisons).unwrap_or_default(),
            etat: EtatPaire::de_cle(&l.etat).unwrap_or(EtatPaire::AVoir),
            score_decision: l.score_decision,
            le: l.le,
            par: l.par.map(CompteId),
            note: l.note,
        }
    }
}

const PAIRES: &str = "SELECT p.premiere, p.seconde, p.departement, p.autre_departement, p.score, p.raisons, p.etat, \
                      p.score_decision, p.le, p.par, p.note FROM lieu_paire p";

/// Every pair that is kept, without its reasons: what a search compares with.
pub(in crate::lieux::doublons) async fn paires_gardees(
    conn: &impl ConnectionTrait,
) -> Result<Vec<PaireGardee>, DbErr> {
    let rows: Vec<LignePaire> = kit::query_as(conn, PAIRES, []).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One pair, whichever comes first.
pub(in crate::lieux::doublons) async fn paire(
    conn: &impl ConnectionTrait,
    a: LieuId,
    b: LieuId,
) -> Result<Option<PaireGardee>, DbErr> {
    let sql = format!("{PAIRES} WHERE p.premiere = $1 AND p.seconde = $2");
    let row: Option<LignePaire> =
        kit::query_one_as(conn, &sql, [a.min(b).0.into(), a.max(b).0.into()]).await?;
    Ok(row.map(Into::into))
}

/// Writes pairs, over what was kept of them.
pub(in crate::lieux::doublons) async fn ecrit_paires(tx: &Tx, paires: &[PaireGardee]) -> Result<(), DbErr> {
    for p in paires {
        let valeurs: [Value; 11] = [
            p.premiere.0.into(),
            p.seconde.0.into(),
            p.departements.0.as_str().into(),
            p.departements.1.as_str().into(),
            p.score.into(),
            json(&p.raisons)?.into(),
            p.etat.cle().into(),
            p.score_decision.into(),
            p.le.into(),
            p.par.map(|c| c.0).into(),
            p.note.clone().into(),
        ];
        kit::execute(
            tx,
            "INSERT INTO lieu_paire (premiere, seconde, departement, autre_departement, score, raisons, etat, \
             score_decision, le, par, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (premiere, seconde) DO UPDATE SET departement = excluded.departement, \
             autre_departement = excluded.autre_departement, score = excluded.score, raisons = excluded.raisons, \
             etat = excluded.etat, score_decision = excluded.score_decision, le = excluded.le, par = excluded.par, \
             note = excluded.note",
            valeurs,
        )
        .await?;
    }
    Ok(())
}

/// Forgets pairs that do not look alike any more, and that nobody decided.
pub(in crate::lieux::doublons) async fn oublie_paires(
    tx: &Tx,
    paires: &[(LieuId, LieuId)],
) -> Result<(), DbErr> {
    for (a, b) in paires {
        kit::execute(
            tx,
            "DELETE FROM lieu_paire WHERE premiere = $1 AND seconde = $2 AND etat = 'a_voir'",
            [a.0.into(), b.0.into()],
        )
        .await?;
    }
    Ok(())
}

/// A line of the queue: the pair, and both sheets in short.
#[derive(Clone, PartialEq, Debug)]
pub struct LigneFile {
    /// The pair.
    pub paire: PaireGardee,
    /// Name, street, commune, source of both.
    pub lieux: [[String; 4]; 2],
}

/// What of the queue is asked.
#[derive(Clone, Debug)]
pub(in crate::lieux::doublons) struct FiltreFile {
    pub(in crate::lieux::doublons) etat: EtatPaire,
    /// Both lieux within these départements; none for everywhere.
    pub(in crate::lieux::doublons) departements: Option<Vec<String>>,
    /// Both lieux among those of these structures, or these.
    pub(in crate::lieux::doublons) seulement: Option<Seulement>,
}

/// Named lieux.
#[derive(Clone, Debug)]
pub(in crate::lieux::doublons) enum Seulement {
    Structures(Vec<Uuid>),
    Lieux(Vec<Uuid>),
}

impl FiltreFile {
    fn clause(&self) -> (String, Vec<Value>) {
        let mut sql = "p.etat = $1".to_owned();
        let mut valeurs: Vec<Value> = vec![self.etat.cle().into()];
        if let Some(codes) = &self.departements {
            let liste = if codes.is_empty() { "NULL".to_owned() } else { places(codes.len(), 2) };
            sql.push_str(&format!(" AND p.departement IN ({liste}) AND p.autre_departement IN ({liste})"));
            valeurs.extend(codes.iter().map(|c| Value::from(c.as_str())));
        }
        if let Some(seulement) = &self.seulement {
            let (colonne, ids) = match seulement {
                Seulement::Structures(ids) => ("structure_id", ids),
                Seulement::Lieux(ids) => ("id", ids),
            };
            let liste = if ids.is_empty() { "NULL".to_owned() } else { places(ids.len(), valeurs.len() + 1) };
            sql.push_str(&format!(" AND a.{colonne} IN ({liste}) AND b.{colonne} IN ({liste})"));
            valeurs.extend(ids.iter().map(|i| Value::from(*i)));
        }
        (sql, valeurs)
    }
}

/// How many pairs.
pub(in crate::lieux::doublons) async fn compte_file(
    conn: &impl ConnectionTrait,
    filtre: &FiltreFile,
) -> Result<i64, DbErr> {
    let (clause, valeurs) = filtre.clause();
    let sql = format!(
        "SELECT COUNT(*) FROM lieu_paire p JOIN lieu a ON a.id = p.premiere JOIN lieu b ON b.id = p.seconde WHERE {clause}"
    );
    kit::count(conn, &sql, valeurs).await
}

/// A page of pairs, the likeliest first.
pub(in crate::lieux::doublons) async fn file(
    conn: &impl ConnectionTrait,
    filtre: &FiltreFile,
    offset: i64,
    limite: i64,
) -> Result<Vec<LigneFile>, DbErr> {
    let (clause, mut valeurs) = filtre.clause();
    let (n, m) = (valeurs.len() + 1, valeurs.len() + 2);
    valeurs.extend([limite.into(), offset.into()]);
    let sql = format!(
        "SELECT p.premiere, p.seconde, p.departement, p.autre_departement, p.score, p.raisons, p.etat, p.score_decision, \
         p.le, p.par, p.note, a.nom AS a_nom, a.adresse AS a_adresse, a.commune AS a_commune, sa.nom AS a_source, \
         b.nom AS b_nom, b.adresse AS b_adresse, b.commune AS b_commune, sb.nom AS b_source \
         FROM lieu_paire p JOIN lieu a ON a.id = p.premiere JOIN lieu b ON b.id = p.seconde \
         JOIN lieu_source sa ON sa.id = a.source_id JOIN lieu_source sb ON sb.id = b.source_id \
         WHERE {clause} ORDER BY p.score DESC, p.premiere, p.seconde LIMIT ${n} OFFSET ${m}"
    );
    kit::query(conn, &sql, valeurs)
        .await?
        .iter()
        .map(|r| {
            let cote = |c: &str| -> Result<[String; 4], DbErr> {
                Ok([
                    r.try_get("", &format!("{c}_nom"))?,
                    r.try_get("", &format!("{c}_adresse"))?,
                    r.try_get("", &format!("{c}_commune"))?,
                    r.try_get("", &format!("{c}_source"))?,
                ])
            };
            Ok(LigneFile {
                paire: LignePaire::from_query_result(r, "")?.into(),
                lieux: [cote("a")?, cote("b")?],
            })
        })
        .collect()
}
