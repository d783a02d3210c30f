//! The list of lieux within a scope, filtered; and what each source is worth.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::LieuId;
use kernel::text::fold;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::jour;
use crate::lieux::gestion::completude;
use crate::lieux::gestion::fraicheur::Fraicheur;
use crate::structures::Conditions;
use crate::territoires::Territoires;

/// Order of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::lieux) enum Tri {
    /// By name.
    #[default]
    Nom,
    /// Those that nobody touched for longest first.
    Anciens,
    /// The least complete first.
    Incomplets,
}

/// What the list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::lieux) struct Filtre {
    /// Words; all must be there.
    pub(in crate::lieux) mots: String,
    pub(in crate::lieux) departement: Option<CodeDepartement>,
    pub(in crate::lieux) source: Option<Uuid>,
    pub(in crate::lieux) fraicheur: Option<Fraicheur>,
    /// Points, both included.
    pub(in crate::lieux) completude: Option<(i64, i64)>,
    /// Closed ones instead of open ones.
    pub(in crate::lieux) fermes: bool,
    pub(in crate::lieux) tri: Tri,
}

/// Longest search that is looked at, in words.
const MAX_MOTS: usize = 8;

/// Départements of a commune's code: two characters, three overseas.
fn departements_sql(c: &mut Conditions, codes: &[CodeDepartement]) -> String {
    let (longs, courts): (Vec<_>, Vec<_>) = codes.iter().partition(|d| d.as_str().len() == 3);
    let courts = c.liste(courts.iter().map(ToString::to_string));
    let longs = c.liste(longs.iter().map(ToString::to_string));
    format!("(substr(l.code_insee, 1, 2) IN ({courts}) OR substr(l.code_insee, 1, 3) IN ({longs}))")
}

/// The départements that a scope holds, when it is one of territory.
pub(in crate::lieux) fn departements(perimetre: &Perimetre, t: &Territoires) -> Option<Vec<CodeDepartement>> {
    match perimetre {
        Perimetre::Regions(codes) => Some(
            t.departements().iter().filter(|d| codes.contains(&d.region)).map(|d| d.code.clone()).collect(),
        ),
        Perimetre::Departements(codes) => Some(codes.clone()),
        _ => None,
    }
}

fn conditions(perimetre: &Perimetre, f: &Filtre, t: &Territoires, aujourdhui: NaiveDate) -> Conditions {
    let mut c = Conditions::default();
    match perimetre {
        Perimetre::National | Perimetre::Regions(_) | Perimetre::Departements(_) => {
            if let Some(codes) = departements(perimetre, t) {
                let sql = departements_sql(&mut c, &codes);
                c.et(sql);
            }
        }
        Perimetre::Structures(ids) => {
            let sql = c.structures(ids, "l.structure_id");
            c.et(sql);
        }
        Perimetre::Reseaux(reseaux) => {
            let sql = c.reseaux(reseaux, "l.structure_id");
            c.et(sql);
        }
        Perimetre::Communes(codes) => {
            let liste = c.liste(codes.iter().map(ToString::to_string));
            c.et(format!("l.code_insee IN ({liste})"));
        }
        Perimetre::Lieux(ids) => {
            let liste = c.liste(ids.iter().map(|l| l.0));
            c.et(format!("l.id IN ({liste})"));
        }
        Perimetre::Personnes(_) | Perimetre::Soi => c.et("1 = 0"),
    }
    c.et(if f.fermes { "l.ferme_le IS NOT NULL AND l.fusionne_dans IS NULL" } else { "l.ferme_le IS NULL" });
    if let Some(d) = &f.departement {
        let sql = departements_sql(&mut c, std::slice::from_ref(d));
        c.et(sql);
    }
    if let Some(source) = f.source {
        let place = c.place(source);
        c.et(format!("l.source_id = {place}"));
    }
    if let Some(etat) = f.fraicheur {
        let sql = fraicheur_sql(&mut c, etat, aujourdhui);
        c.et(sql);
    }
    if let Some((min, max)) = f.completude {
        let (min, max) = (c.place(min), c.place(max));
        c.et(format!("{} BETWEEN {min} AND {max}", completude::sql()));
    }
    let court: String = f.mots.chars().take(200).collect();
    // Folding leaves letters, digits and blanks: no sign of LIKE comes through.
    for mot in fold(&court).split_whitespace().take(MAX_MOTS) {
        let place = c.place(format!("%{mot}%"));
        c.et(format!("l.recherche LIKE {place}"));
    }
    c
}

/// The condition that says the same as [`Fraicheur::de`].
fn fraicheur_sql(c: &mut Conditions, etat: Fraicheur, aujourdhui: NaiveDate) -> String {
    let (fraiche, a_confirmer) = Fraicheur::bornes(aujourdhui);
    let demain = aujourdhui.succ_opt().unwrap_or(aujourdhui);
    match etat {
        Fraicheur::Fraiche => {
            let (depuis, jusque) = (c.place(fraiche), c.place(demain));
            format!("l.date_maj BETWEEN {depuis} AND {jusque}")
        }
        Fraicheur::AConfirmer => {
            let (depuis, avant, apres) = (c.place(a_confirmer), c.place(fraiche), c.place(demain));
            format!("((l.date_maj >= {depuis} AND l.date_maj < {avant}) OR l.date_maj > {apres})")
        }
        Fraicheur::Perimee => {
            let avant = c.place(a_confirmer);
            format!("(l.date_maj IS NULL OR l.date_maj < {avant})")
        }
    }
}

/// One line of the list.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::lieux) struct Ligne {
    pub(in crate::lieux) id: LieuId,
    pub(in crate::lieux) nom: String,
    pub(in crate::lieux) commune: String,
    pub(in crate::lieux) code_postal: String,
    pub(in crate::lieux) source: String,
    pub(in crate::lieux) structure: Option<String>,
    pub(in crate::lieux) date_maj: Option<NaiveDate>,
    pub(in crate::lieux) points: i64,
    pub(in crate::lieux) ferme: bool,
}

fn ligne(row: &QueryResult) -> Result<Ligne, DbErr> {
    let ferme: Option<DateTime<Utc>> = row.try_get("", "ferme_le")?;
    let points: i32 = row.try_get("", "points")?;
    Ok(Ligne {
        id: LieuId(row.try_get("", "id")?),
        nom: row.try_get("", "nom")?,
        commune: row.try_get("", "commune")?,
        code_postal: row.try_get("", "code_postal")?,
        source: row.try_get("", "nom_source")?,
        structure: row.try_get("", "nom_structure")?,
        date_maj: jour(row, "date_maj")?,
        points: i64::from(points),
        ferme: ferme.is_some(),
    })
}

/// How many lieux the list has.
pub(in crate::lieux) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    t: &Territoires,
    aujourdhui: NaiveDate,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f, t, aujourdhui);
    let n =
        kit::count(conn, &format!("SELECT COUNT(*) FROM lieu l{}", c.clause()), c.values().to_vec()).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A page of the list.
pub(in crate::lieux) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    (t, aujourdhui): (&Territoires, NaiveDate),
    (offset, limit): (usize, usize),
) -> Result<Vec<Ligne>, DbErr> {
    let mut c = conditions(perimetre, f, t, aujourdhui);
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let ordre = match f.tri {
        Tri::Nom => "l.recherche, l.id",
        // Unknown days first, on both engines.
        Tri::Anciens => "CASE WHEN l.date_maj IS NULL THEN 0 ELSE 1 END, l.date_maj, l.recherche, l.id",
        Tri::Incomplets => "points, l.recherche, l.id",
    };
    let sql = format!(
        "SELECT l.id, l.nom, l.commune, l.code_postal, l.date_maj, l.ferme_le, s.nom AS nom_source, \
         st.nom AS nom_structure, CAST({} AS INTEGER) AS points FROM lieu l JOIN lieu_source s ON s.id = l.source_id \
         LEFT JOIN structure st ON st.id = l.structure_id{} ORDER BY {ordre} LIMIT {limit} OFFSET {offset}",
        completude::sql(),
        c.clause()
    );
    kit::query(conn, &sql, c.values().to_vec()).await?.iter().map(ligne).collect()
}

/// What a source is worth, within what the list shows: name, lieux, average of points, fresh ones, stale ones.
pub(in crate::lieux) async fn par_source(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    t: &Territoires,
    aujourdhui: NaiveDate,
) -> Result<Vec<(String, i64, i64, i64, i64)>, DbErr> {
    let mut c = conditions(perimetre, f, t, aujourdhui);
    let fraiche = fraicheur_sql(&mut c, Fraicheur::Fraiche, aujourdhui);
    let perimee = fraicheur_sql(&mut c, Fraicheur::Perimee, aujourdhui);
    let sql = format!(
        "SELECT s.nom, COUNT(*) AS lieux, CAST(SUM({}) AS BIGINT) AS points, \
         CAST(SUM(CASE WHEN {fraiche} THEN 1 ELSE 0 END) AS BIGINT) AS frais, \
         CAST(SUM(CASE WHEN {perimee} THEN 1 ELSE 0 END) AS BIGINT) AS perimes \
         FROM lieu l JOIN lieu_source s ON s.id = l.source_id{} GROUP BY s.nom ORDER BY lieux DESC, s.nom LIMIT 100",
        completude::sql(),
        c.clause()
    );
    let rows = kit::query(conn, &sql, c.values().to_vec()).await?;
    rows.iter()
        .map(|r| {
            let (lieux, points): (i64, i64) = (r.try_get("", "lieux")?, r.try_get("", "points")?);
            Ok((
                r.try_get("", "nom")?,
                lieux,
                points / lieux.max(1),
                r.try_get("", "frais")?,
                r.try_get("", "perimes")?,
            ))
        })
        .collect()
}

/// Every source, by name, to choose from.
pub(in crate::lieux) async fn sources(conn: &impl ConnectionTrait) -> Result<Vec<(Uuid, String)>, DbErr> {
    let rows = kit::query(conn, "SELECT id, nom FROM lieu_source ORDER BY nom LIMIT 500", []).await?;
    rows.iter().map(|r| Ok((r.try_get("", "id")?, r.try_get("", "nom")?))).collect()
}
