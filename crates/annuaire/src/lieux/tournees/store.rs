//! Rows of stops.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::ids::LieuId;
use kernel::{CodeCommune, Position};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::model::{Arret, ArretId, Contenu};

const LUS: &str = "SELECT a.id, COALESCE(l.fusionne_dans, l.id) AS lieu, a.rang, a.nom, a.commune, a.latitude, \
                   a.longitude, a.precise, a.debut, a.fin, a.rythme, a.version FROM lieu_arret a \
                   JOIN lieu l ON l.id = a.lieu_id";

/// Most stops that a search looks at.
const LUS_MAX: i64 = 2_000;

fn lit(row: &QueryResult) -> Result<Arret, DbErr> {
    let texte = |c: &str| row.try_get::<String>("", c);
    let faux = |quoi: &str| DbErr::Custom(format!("lieu_arret: {quoi}"));
    let heure = |c: &str| -> Result<NaiveTime, DbErr> {
        NaiveTime::parse_from_str(&texte(c)?, "%H:%M").map_err(|_| faux(c))
    };
    let latitude: Option<f64> = row.try_get("", "latitude")?;
    let longitude: Option<f64> = row.try_get("", "longitude")?;
    Ok(Arret {
        id: ArretId(row.try_get("", "id")?),
        lieu: LieuId(row.try_get::<Uuid>("", "lieu")?),
        rang: row.try_get("", "rang")?,
        contenu: Contenu {
            nom: texte("nom")?,
            commune: CodeCommune::parse(&texte("commune")?).ok_or_else(|| faux("commune"))?,
            position: latitude.zip(longitude).and_then(|(lat, lon)| Position::new(lat, lon)),
            precise: row.try_get("", "precise")?,
            debut: heure("debut")?,
            fin: heure("fin")?,
            rythme: serde_json::from_str(&texte("rythme")?).map_err(|_| faux("rythme"))?,
        },
        version: row.try_get("", "version")?,
    })
}

/// The stops of a lieu and of those merged into it, in their order.
pub(super) async fn du_lieu(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Vec<Arret>, DbErr> {
    let sql = format!("{LUS} WHERE l.id = $1 OR l.fusionne_dans = $1 ORDER BY a.rang, a.id");
    kit::query(conn, &sql, [lieu.0.into()]).await?.iter().map(lit).collect()
}

/// One stop.
pub(super) async fn un(conn: &impl ConnectionTrait, id: ArretId) -> Result<Option<Arret>, DbErr> {
    let sql = format!("{LUS} WHERE a.id = $1");
    kit::query(conn, &sql, [id.0.into()]).await?.first().map(lit).transpose()
}

/// The stops within these degrees of a point that are not over on that day.
pub(super) async fn autour(
    conn: &impl ConnectionTrait,
    p: Position,
    (lat, lon): (f64, f64),
    jour: NaiveDate,
) -> Result<Vec<Arret>, DbErr> {
    let sql = format!(
        "{LUS} WHERE a.latitude BETWEEN $1 AND $2 AND a.longitude BETWEEN $3 AND $4 \
         AND (a.dernier IS NULL OR a.dernier >= $5) ORDER BY a.id LIMIT {LUS_MAX}"
    );
    let bornes: Vec<Value> = vec![
        (p.latitude - lat).into(),
        (p.latitude + lat).into(),
        (p.longitude - lon).into(),
        (p.longitude + lon).into(),
        jour.into(),
    ];
    kit::query(conn, &sql, bornes).await?.iter().map(lit).collect()
}

fn valeurs(a: &Arret, maintenant: DateTime<Utc>) -> Result<Vec<Value>, DbErr> {
    let c = &a.contenu;
    let rythme = serde_json::to_string(&c.rythme).map_err(|e| DbErr::Custom(e.to_string()))?;
    Ok(vec![
        a.id.0.into(),
        a.rang.into(),
        c.nom.clone().into(),
        c.commune.as_str().into(),
        c.position.map(|p| p.latitude).into(),
        c.position.map(|p| p.longitude).into(),
        c.precise.into(),
        c.debut.format("%H:%M").to_string().into(),
        c.fin.format("%H:%M").to_string().into(),
        rythme.into(),
        c.rythme.dernier().into(),
        maintenant.into(),
    ])
}

/// Writes a new stop.
pub(super) async fn inscrit(tx: &Tx, a: &Arret, maintenant: DateTime<Utc>) -> Result<(), DbErr> {
    let mut v = valeurs(a, maintenant)?;
    v.push(a.lieu.0.into());
    let sql = "INSERT INTO lieu_arret (id, rang, nom, commune, latitude, longitude, precise, debut, fin, rythme, \
               dernier, modifie_le, lieu_id, version) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)";
    kit::execute(tx, sql, v).await.map(|_| ())
}

/// Writes over a stop, if it is still in the version that was read.
pub(super) async fn remplace(tx: &Tx, a: &Arret, maintenant: DateTime<Utc>) -> Result<bool, DbErr> {
    let mut v = valeurs(a, maintenant)?;
    v.push(a.version.into());
    let sql = "UPDATE lieu_arret SET rang = $2, nom = $3, commune = $4, latitude = $5, longitude = $6, precise = $7, \
               debut = $8, fin = $9, rythme = $10, dernier = $11, modifie_le = $12, version = version + 1 \
               WHERE id = $1 AND version = $13";
    Ok(kit::execute(tx, sql, v).await?.rows_affected() == 1)
}

/// Takes a stop away.
pub(super) async fn efface(tx: &Tx, id: ArretId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM lieu_arret WHERE id = $1", [id.0.into()]).await.map(|_| ())
}
