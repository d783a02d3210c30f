//! Counting, keeping, reading.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::model::{Chiffres, Portee};

#[derive(FromQueryResult)]
struct Compte {
    cle: Option<String>,
    n: i64,
}

/// A number of one territory or category.
type Champ = fn(&mut Chiffres) -> &mut i64;

/// Numbers that add up: counted by département. `$1` is today, `$2` now.
const SOMMES: [(Champ, &str); 7] = [
    (
        |c| &mut c.organisations,
        "organisation_habilitee o WHERE (o.desactivee_le IS NULL OR o.desactivee_le > $1)",
    ),
    (
        |c| &mut c.france_services,
        "organisation_habilitee o WHERE (o.desactivee_le IS NULL OR o.desactivee_le > $1) AND o.france_services",
    ),
    (
        |c| &mut c.organisations_actives,
        "organisation_habilitee o WHERE EXISTS (SELECT 1 FROM mandat_usage u WHERE u.structure_id = o.structure_id AND u.lu_le IS NOT NULL)",
    ),
    (
        |c| &mut c.mandats,
        "mandat m JOIN organisation_habilitee o ON o.structure_id = m.structure_id WHERE 1 = 1",
    ),
    (
        |c| &mut c.mandats_actifs,
        "mandat m JOIN organisation_habilitee o ON o.structure_id = m.structure_id WHERE m.expire_le > $2 AND EXISTS \
         (SELECT 1 FROM mandat_autorisation a WHERE a.mandat_id = m.id AND a.fin_le IS NULL AND a.expire_le > $2)",
    ),
    (
        |c| &mut c.mandats_revoques,
        "mandat m JOIN organisation_habilitee o ON o.structure_id = m.structure_id WHERE EXISTS \
         (SELECT 1 FROM mandat_autorisation a WHERE a.mandat_id = m.id AND a.fin_auteur IS NOT NULL)",
    ),
    (
        |c| &mut c.demarches,
        "mandat_usage u JOIN organisation_habilitee o ON o.structure_id = u.structure_id WHERE u.lu_le IS NOT NULL",
    ),
];

/// Numbers of people, of whom one may go to several places: counted for each kind of territory.
const DISTINCTS: [(Champ, &str, &str); 7] = [
    (
        |c| &mut c.aidants,
        "p.aidant_id",
        "aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE p.fin IS NULL AND p.fait_mandats AND a.etat = 'actif' AND (o.desactivee_le IS NULL OR o.desactivee_le > $1)",
    ),
    (
        |c| &mut c.referents,
        "p.aidant_id",
        "aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE p.fin IS NULL AND p.referent AND a.etat = 'actif' AND (o.desactivee_le IS NULL OR o.desactivee_le > $1)",
    ),
    (
        |c| &mut c.en_parcours,
        "p.aidant_id",
        "aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE p.fin IS NULL AND a.etat IN ('demande', 'eligible', 'forme', 'certifie')",
    ),
    (
        |c| &mut c.dormants,
        "p.aidant_id",
        "aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE p.fin IS NULL AND a.etat = 'dormant'",
    ),
    (
        |c| &mut c.aidants_mandants,
        "p.aidant_id",
        "aidant_appartenance p JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE EXISTS (SELECT 1 FROM mandat m WHERE m.appartenance_id = p.id)",
    ),
    (
        |c| &mut c.personnes,
        "m.usager_id",
        "mandat m JOIN organisation_habilitee o ON o.structure_id = m.structure_id WHERE 1 = 1",
    ),
    (
        |c| &mut c.personnes_aidees,
        "u.usager_id",
        "mandat_usage u JOIN organisation_habilitee o ON o.structure_id = u.structure_id WHERE u.lu_le IS NOT NULL",
    ),
];

/// Counts everything; territories where nothing is are left out.
pub(super) async fn compter(
    conn: &impl ConnectionTrait,
    jour: NaiveDate,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Chiffres>, DbErr> {
    let mut tout: BTreeMap<String, Chiffres> = BTreeMap::new();
    tout.insert(Portee::Pays.cle(), Chiffres::default());
    // Which région a département is of is said by the organisations themselves.
    for (champ, de) in SOMMES {
        let sql =
            format!("SELECT o.region || ' ' || o.departement AS cle, COUNT(*) AS n FROM {de} GROUP BY 1");
        for Compte { cle, n } in lus(conn, &sql, (jour, now)).await? {
            let cle = cle.unwrap_or_default();
            let (region, departement) = cle.split_once(' ').unwrap_or_default();
            for portee in
                ["pays".to_owned(), format!("region:{region}"), format!("departement:{departement}")]
            {
                *champ(tout.entry(portee).or_default()) += n;
            }
        }
    }
    for (champ, qui, de) in DISTINCTS {
        for portee in ["'pays'", "'region:' || o.region", "'departement:' || o.departement"] {
            let sql = format!("SELECT {portee} AS cle, COUNT(DISTINCT {qui}) AS n FROM {de} GROUP BY 1");
            for Compte { cle, n } in lus(conn, &sql, (jour, now)).await? {
                *champ(tout.entry(cle.unwrap_or_default()).or_default()) = n;
            }
        }
    }
    let sql =
        "SELECT demarche AS cle, COUNT(*) AS n FROM mandat_usage WHERE lu_le IS NOT NULL GROUP BY demarche";
    let par_demarche = lus(conn, sql, (jour, now)).await?;
    if let Some(pays) = tout.get_mut("pays") {
        pays.par_demarche = par_demarche.into_iter().filter_map(|c| Some((c.cle?, c.n))).collect();
    }
    Ok(tout)
}

async fn lus(
    conn: &impl ConnectionTrait,
    sql: &str,
    (jour, now): (NaiveDate, DateTime<Utc>),
) -> Result<Vec<Compte>, DbErr> {
    // PostgreSQL refuses a parameter that the statement does not name.
    let mut values: Vec<Value> = Vec::new();
    let mut sql = sql.to_owned();
    for (nom, value) in [("$1", Value::from(jour)), ("$2", Value::from(now))] {
        if sql.contains(nom) {
            values.push(value);
            sql = sql.replace(nom, &format!("${}", values.len()));
        }
    }
    kit::query_as(conn, &sql, values).await
}

/// Keeps the figures: those of before go.
pub(super) async fn garder(
    tx: &Tx,
    chiffres: &BTreeMap<String, Chiffres>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM mandat_statistique", []).await?;
    let ligne = |(portee, c): (&String, &Chiffres)| -> Result<Vec<Value>, DbErr> {
        let valeurs = serde_json::to_string(c).map_err(|e| DbErr::Custom(e.to_string()))?;
        Ok(vec![portee.clone().into(), valeurs.into(), now.into()])
    };
    let rows = chiffres.iter().map(ligne).collect::<Result<_, _>>()?;
    kit::insert_many(tx, "mandat_statistique (portee, valeurs, comptee_le)", rows, "").await.map(drop)
}

#[derive(FromQueryResult)]
struct Row {
    portee: String,
    valeurs: String,
    comptee_le: DateTime<Utc>,
}

/// The figures as last counted, by key of territory, and when.
pub(super) async fn lire(
    conn: &impl ConnectionTrait,
) -> Result<Option<(DateTime<Utc>, BTreeMap<String, Chiffres>)>, DbErr> {
    let rows: Vec<Row> =
        kit::query_as(conn, "SELECT portee, valeurs, comptee_le FROM mandat_statistique", []).await?;
    let Some(le) = rows.first().map(|r| r.comptee_le) else { return Ok(None) };
    let lire = |r: Row| match serde_json::from_str(&r.valeurs) {
        Ok(c) => Ok((r.portee, c)),
        Err(e) => Err(DbErr::Type(format!("mandat_statistique {}: {e}", r.portee))),
    };
    Ok(Some((le, rows.into_iter().map(lire).collect::<Result<_, _>>()?)))
}

/// Figures of one organisation, counted now: a référent reads what they just did.
pub(super) async fn organisation(
    conn: &impl ConnectionTrait,
    structure: StructureId,
    now: DateTime<Utc>,
) -> Result<Chiffres, DbErr> {
    let un = async |sql: &str| kit::count(conn, sql, [structure.0.into()]).await;
    let sql = "SELECT COUNT(*) FROM mandat m WHERE m.structure_id = $1 AND EXISTS (SELECT 1 FROM mandat_autorisation a \
               WHERE a.mandat_id = m.id AND a.fin_le IS NULL AND a.expire_le > $2)";
    let mandats_actifs = kit::count(conn, sql, [structure.0.into(), now.into()]).await?;
    let par_demarche: Vec<Compte> = kit::query_as(
        conn,
        "SELECT demarche AS cle, COUNT(*) AS n FROM mandat_usage WHERE structure_id = $1 AND lu_le IS NOT NULL GROUP BY demarche",
        [structure.0.into()],
    )
    .await?;
    Ok(Chiffres {
        mandats: un("SELECT COUNT(*) FROM mandat WHERE structure_id = $1").await?,
        mandats_actifs,
        personnes: un("SELECT COUNT(DISTINCT usager_id) FROM mandat WHERE structure_id = $1").await?,
        aidants: un(
            "SELECT COUNT(*) FROM aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id \
             WHERE p.structure_id = $1 AND p.fin IS NULL AND p.fait_mandats AND a.etat = 'actif'",
        )
        .await?,
        personnes_aidees: un(
            "SELECT COUNT(DISTINCT usager_id) FROM mandat_usage WHERE structure_id = $1 AND lu_le IS NOT NULL",
        )
        .await?,
        demarches: par_demarche.iter().map(|c| c.n).sum(),
        par_demarche: par_demarche.into_iter().filter_map(|c| Some((c.cle?, c.n))).collect(),
        ..Chiffres::default()
    })
}
