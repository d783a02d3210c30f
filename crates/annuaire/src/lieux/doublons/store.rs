//! Rows of duplicates, and nothing but rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::composition::Apport;
use crate::lieux::standard::{Champ, Fiche};

kernel::typed_id!(FusionId, "a merge of two lieux");

/// Most values of an `IN`.
const LOT: usize = 500;

fn json<T: Serialize>(valeur: &T) -> Result<String, DbErr> {
    serde_json::to_string(valeur).map_err(|e| DbErr::Custom(e.to_string()))
}

/// A record as text: the fields that have a value.
fn ecrit(fiche: &Fiche) -> Result<String, DbErr> {
    let valeurs: BTreeMap<&str, String> = Champ::TOUS
        .into_iter()
        .map(|c| (c.nom(), fiche.valeur(c).into_owned()))
        .filter(|(_, v)| !v.is_empty())
        .collect();
    json(&valeurs)
}

fn lit(texte: &str) -> Fiche {
    let valeurs: BTreeMap<String, String> = serde_json::from_str(texte).unwrap_or_default();
    Fiche::depuis_valeurs(|c| valeurs.get(c.nom()).map_or("", String::as_str))
}

fn places(n: usize, de: usize) -> String {
    (de..de + n).map(|i| format!("${i}")).collect::<Vec<_>>().join(",")
}

/// Writes what a source delivers of a merged lieu.
pub(super) async fn ecrit_apport(tx: &Tx, lieu: LieuId, a: &Apport) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO lieu_apport (source_id, id_local, lieu_id, origine, recu_le, fiche) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (source_id, id_local) DO UPDATE SET recu_le = excluded.recu_le, fiche = excluded.fiche",
        [
            a.source_id.into(),
            a.id_local.as_str().into(),
            lieu.0.into(),
            a.origine.into(),
            a.recu_le.into(),
            ecrit(&a.fiche)?.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The records of these lieux; a lieu that was never merged has none.
pub(super) async fn apports(
    conn: &impl ConnectionTrait,
    lieux: &[LieuId],
) -> Result<BTreeMap<LieuId, Vec<Apport>>, DbErr> {
    let mut out: BTreeMap<LieuId, Vec<Apport>> = BTreeMap::new();
    for lot in lieux.chunks(LOT) {
        let sql = format!("{APPORTS} WHERE p.lieu_id IN ({}) {ORDRE}", places(lot.len(), 1));
        for row in kit::query(conn, &sql, lot.iter().map(|l| l.0.into())).await? {
            let (lieu, apport) = apport(&row)?;
            out.entry(lieu).or_default().push(apport);
        }
    }
    Ok(out)
}

const APPORTS: &str = "SELECT p.source_id, p.id_local, p.lieu_id, p.origine, p.recu_le, p.fiche, s.nom AS source_nom, \
                       a.absent_depuis FROM lieu_apport p JOIN lieu_source s ON s.id = p.source_id \
                       LEFT JOIN lieu_alias a ON a.source_id = p.source_id AND a.id_local = p.id_local";
const ORDRE: &str = "ORDER BY p.lieu_id, p.source_id, p.id_local";

fn apport(row: &QueryResult) -> Result<(LieuId, Apport), DbErr> {
    let absent: Option<DateTime<Utc>> = row.try_get("", "absent_depuis")?;
    let apport = Apport {
        source_id: row.try_get("", "source_id")?,
        source: row.try_get("", "source_nom")?,
        id_local: row.try_get("", "id_local")?,
        origine: row.try_get("", "origine")?,
        absent: absent.is_some(),
        recu_le: row.try_get("", "recu_le")?,
        fiche: lit(&row.try_get::<String>("", "fiche")?),
    };
    Ok((LieuId(row.try_get("", "lieu_id")?), apport))
}

/// Every record of a merged lieu that is still delivered.
pub(super) async fn tous_les_apports(conn: &impl ConnectionTrait) -> Result<Vec<(LieuId, Apport)>, DbErr> {
    let rows = kit::query(conn, &format!("{APPORTS} WHERE a.absent_depuis IS NULL {ORDRE}"), []).await?;
    rows.iter().map(apport).collect()
}

/// What sources call a lieu: their identifier, the identifier that each gives.
pub(super) async fn alias(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Vec<(Uuid, String)>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT source_id, id_local FROM lieu_alias WHERE lieu_id = $1 ORDER BY source_id, id_local",
        [lieu.0.into()],
    )
    .await?;
    rows.iter().map(|r| Ok((r.try_get("", "source_id")?, r.try_get("", "id_local")?))).collect()
}

/// The source whose row a lieu is.
pub(super) async fn source_de(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Uuid, DbErr> {
    let rows = kit::query(conn, "SELECT source_id FROM lieu WHERE id = $1", [lieu.0.into()]).await?;
    rows.first().map_or(Ok(Uuid::nil()), |r| r.try_get("", "source_id"))
}

/// Moves records and the identifiers that sources give from one lieu to another: all of them, or those named.
pub(super) async fn deplace(
    tx: &Tx,
    de: LieuId,
    vers: LieuId,
    seulement: Option<&[(Uuid, String)]>,
) -> Result<(), DbErr> {
    for table in ["lieu_apport", "lieu_alias"] {
        match seulement {
            None => {
                let sql = format!("UPDATE {table} SET lieu_id = $1 WHERE lieu_id = $2");
                kit::execute(tx, &sql, [vers.0.into(), de.0.into()]).await?;
            }
            Some(cles) => {
                let sql = format!(
                    "UPDATE {table} SET lieu_id = $1 WHERE lieu_id = $2 AND source_id = $3 AND id_local = $4"
                );
                for (source, id) in cles {
                    let valeurs = [vers.0.into(), de.0.into(), (*source).into(), id.as_str().into()];
                    kit::execute(tx, &sql, valeurs).await?;
                }
            }
        }
    }
    Ok(())
}

/// Forgets the records of a lieu that only one describes: its row says it all.
pub(super) async fn oublie_apports(tx: &Tx, lieu: LieuId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM lieu_apport WHERE lieu_id = $1", [lieu.0.into()]).await.map(|_| ())
}

/// Says into which lieu this one goes, or that it is itself again.
pub(super) async fn mene_a(
    tx: &Tx,
    lieu: LieuId,
    dans: Option<LieuId>,
    ferme_le: Option<DateTime<Utc>>,
    maintenant: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE lieu SET fusionne_dans = $2, ferme_le = $3, modifie_le = $4, version = version + 1 WHERE id = $1",
        [lieu.0.into(), dans.map(|d| d.0).into(), ferme_le.into(), maintenant.into()],
    )
    .await
    .map(|_| ())
}

/// Whether a source still delivers the lieu; a lieu that no source ever delivered counts as delivered.
pub(super) async fn livre(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM lieu_alias WHERE lieu_id = $1 AND absent_depuis IS NULL";
    let tous = "SELECT COUNT(*) FROM lieu_alias WHERE lieu_id = $1";
    Ok(kit::count(conn, sql, [lieu.0.into()]).await? > 0
        || kit::count(conn, tous, [lieu.0.into()]).await? == 0)
}

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
pub(super) struct Avant {
    /// Records that came from the absorbed lieu.
    pub(super) apports: Vec<(Uuid, String)>,
    /// Typed values that came from it, with what they were.
    pub(super) saisies: Vec<(String, String)>,
    /// Whether its structure became that of the kept one.
    #[serde(default)]
    pub(super) structure: bool,
    /// When the absorbed lieu had closed before.
    pub(super) ferme_le: Option<DateTime<Utc>>,
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
    pub(super) avant: Avant,
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
pub(super) async fn fusion(conn: &impl ConnectionTrait, id: FusionId) -> Result<Option<Fusion>, DbErr> {
    let rows = kit::query(conn, &format!("{FUSIONS} WHERE f.id = $1"), [id.0.into()]).await?;
    rows.first().map(fusion_lue).transpose()
}

/// Writes a merge.
pub(super) async fn note_fusion(tx: &Tx, f: &Fusion) -> Result<(), DbErr> {
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
pub(super) async fn fusions_de(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Vec<Fusion>, DbErr> {
    let sql = format!("{FUSIONS} WHERE f.gardee = $1 ORDER BY f.id DESC LIMIT 100");
    kit::query(conn, &sql, [lieu.0.into()]).await?.iter().map(fusion_lue).collect()
}

/// Marks a merge as undone; false when somebody did already.
pub(super) async fn annule(tx: &Tx, id: FusionId, par: CompteId, le: DateTime<Utc>) -> Result<bool, DbErr> {
    let fait = kit::execute(
        tx,
        "UPDATE lieu_fusion SET annulee_le = $1, annulee_par = $2 WHERE id = $3 AND annulee_le IS NULL",
        [le.into(), par.0.into(), id.0.into()],
    )
    .await?;
    Ok(fait.rows_affected() == 1)
}

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
pub(super) async fn paires_gardees(conn: &impl ConnectionTrait) -> Result<Vec<PaireGardee>, DbErr> {
    let rows: Vec<LignePaire> = kit::query_as(conn, PAIRES, []).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One pair, whichever comes first.
pub(super) async fn paire(
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
pub(super) async fn ecrit_paires(tx: &Tx, paires: &[PaireGardee]) -> Result<(), DbErr> {
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
pub(super) async fn oublie_paires(tx: &Tx, paires: &[(LieuId, LieuId)]) -> Result<(), DbErr> {
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
pub(super) struct FiltreFile {
    pub(super) etat: EtatPaire,
    /// Both lieux within these départements; none for everywhere.
    pub(super) departements: Option<Vec<String>>,
    /// Both lieux among those of these structures, or these.
    pub(super) seulement: Option<Seulement>,
}

/// Named lieux.
#[derive(Clone, Debug)]
pub(super) enum Seulement {
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
pub(super) async fn compte_file(conn: &impl ConnectionTrait, filtre: &FiltreFile) -> Result<i64, DbErr> {
    let (clause, valeurs) = filtre.clause();
    let sql = format!(
        "SELECT COUNT(*) FROM lieu_paire p JOIN lieu a ON a.id = p.premiere JOIN lieu b ON b.id = p.seconde WHERE {clause}"
    );
    kit::count(conn, &sql, valeurs).await
}

/// A page of pairs, the likeliest first.
pub(super) async fn file(
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
pub(super) async fn compte_fusions(conn: &impl ConnectionTrait, filtre: &FiltreFile) -> Result<i64, DbErr> {
    let (clause, valeurs) = clause_fusions(filtre);
    let sql = format!(
        "SELECT COUNT(*) FROM lieu_fusion f JOIN lieu g ON g.id = f.gardee JOIN lieu b ON b.id = f.absorbee WHERE {clause}"
    );
    kit::count(conn, &sql, valeurs).await
}

/// A page of merges, newest first.
pub(super) async fn dernieres_fusions(
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
