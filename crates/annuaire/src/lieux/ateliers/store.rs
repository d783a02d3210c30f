//! Rows of workshops.

use chrono::{NaiveDate, NaiveTime};
use kernel::ids::LieuId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::model::{Atelier, AtelierId, Contenu, Niveau};

/// Most workshops that a calendar reads.
const LUS_MAX: i64 = 20_000;

const LUS: &str = "SELECT a.id, COALESCE(l.fusionne_dans, l.id) AS lieu, a.titre, a.presentation, a.niveau, a.public, \
                   a.places, a.inscription, a.lien, a.debut, a.fin, a.rythme, a.annulees, a.version, a.modifie_le, \
                   a.arrete_le FROM lieu_atelier a JOIN lieu l ON l.id = a.lieu_id";

fn lit(row: &QueryResult) -> Result<Atelier, DbErr> {
    let texte = |c: &str| row.try_get::<String>("", c);
    let json = |e: serde_json::Error| DbErr::Custom(e.to_string());
    let heure = |c: &str| -> Result<NaiveTime, DbErr> {
        NaiveTime::parse_from_str(&texte(c)?, "%H:%M").map_err(|e| DbErr::Custom(e.to_string()))
    };
    Ok(Atelier {
        id: AtelierId(row.try_get("", "id")?),
        lieu: LieuId(row.try_get::<Uuid>("", "lieu")?),
        contenu: Contenu {
            titre: texte("titre")?,
            presentation: texte("presentation")?,
            niveau: Niveau::de_cle(&texte("niveau")?).unwrap_or(Niveau::Tous),
            public: texte("public")?,
            places: row.try_get::<Option<i64>>("", "places")?.and_then(|n| u16::try_from(n).ok()),
            inscription: texte("inscription")?,
            lien: row.try_get("", "lien")?,
            debut: heure("debut")?,
            fin: heure("fin")?,
            rythme: serde_json::from_str(&texte("rythme")?).map_err(json)?,
        },
        annulees: serde_json::from_str(&texte("annulees")?).map_err(json)?,
        version: row.try_get("", "version")?,
        modifie_le: row.try_get("", "modifie_le")?,
        arrete_le: row.try_get("", "arrete_le")?,
    })
}

/// The workshops of a lieu and of those merged into it, stopped ones left out.
pub(super) async fn du_lieu(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Vec<Atelier>, DbErr> {
    let sql =
        format!("{LUS} WHERE (l.id = $1 OR l.fusionne_dans = $1) AND a.arrete_le IS NULL ORDER BY a.id");
    kit::query(conn, &sql, [lieu.0.into()]).await?.iter().map(lit).collect()
}

/// One workshop, stopped or not.
pub(super) async fn un(conn: &impl ConnectionTrait, id: AtelierId) -> Result<Option<Atelier>, DbErr> {
    let sql = format!("{LUS} WHERE a.id = $1");
    kit::query(conn, &sql, [id.0.into()]).await?.first().map(lit).transpose()
}

/// Every workshop that has a session on that day or later, perhaps.
pub(super) async fn a_venir(conn: &impl ConnectionTrait, jour: NaiveDate) -> Result<Vec<Atelier>, DbErr> {
    let sql = format!(
        "{LUS} WHERE a.arrete_le IS NULL AND (a.dernier IS NULL OR a.dernier >= $1) ORDER BY a.id LIMIT {LUS_MAX}"
    );
    kit::query(conn, &sql, [jour.into()]).await?.iter().map(lit).collect()
}

fn valeurs(a: &Atelier) -> Result<Vec<Value>, DbErr> {
    let json = |e: serde_json::Error| DbErr::Custom(e.to_string());
    let c = &a.contenu;
    Ok(vec![
        a.id.0.into(),
        c.titre.clone().into(),
        c.presentation.clone().into(),
        c.niveau.cle().into(),
        c.public.clone().into(),
        c.places.map(i64::from).into(),
        c.inscription.clone().into(),
        c.lien.clone().into(),
        c.debut.format("%H:%M").to_string().into(),
        c.fin.format("%H:%M").to_string().into(),
        serde_json::to_string(&c.rythme).map_err(json)?.into(),
        serde_json::to_string(&a.annulees).map_err(json)?.into(),
        c.rythme.dernier().into(),
        a.modifie_le.into(),
        a.arrete_le.into(),
    ])
}

/// Writes a new workshop.
pub(super) async fn inscrit(tx: &Tx, a: &Atelier) -> Result<(), DbErr> {
    let mut v = valeurs(a)?;
    v.push(a.lieu.0.into());
    kit::execute(
        tx,
        "INSERT INTO lieu_atelier (id, titre, presentation, niveau, public, places, inscription, lien, debut, fin, \
         rythme, annulees, dernier, modifie_le, arrete_le, lieu_id, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)",
        v,
    )
    .await
    .map(|_| ())
}

/// Writes over a workshop, if it is still in the version that was read.
pub(super) async fn remplace(tx: &Tx, a: &Atelier) -> Result<bool, DbErr> {
    let mut v = valeurs(a)?;
    v.push(a.version.into());
    let fait = kit::execute(
        tx,
        "UPDATE lieu_atelier SET titre = $2, presentation = $3, niveau = $4, public = $5, places = $6, \
         inscription = $7, lien = $8, debut = $9, fin = $10, rythme = $11, annulees = $12, dernier = $13, \
         modifie_le = $14, arrete_le = $15, version = version + 1 WHERE id = $1 AND version = $16",
        v,
    )
    .await?;
    Ok(fait.rows_affected() == 1)
}
