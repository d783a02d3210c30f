//! What a delivery did to lieux, read again.

use kernel::ids::LieuId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr};

use super::super::model::{ChampChange, Genre, LivraisonId};

/// A lieu that a delivery added or changed.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct Effet {
    pub(in crate::lieux) lieu: LieuId,
    pub(in crate::lieux) identifiant: String,
    pub(in crate::lieux) nom: String,
    pub(in crate::lieux) commune: String,
    /// None when it was added.
    pub(in crate::lieux) genre: Option<Genre>,
    pub(in crate::lieux) champs: Vec<ChampChange>,
}

const EFFETS: &str = "SELECT 'ajout' AS genre, lieu_id, '[]' AS champs FROM lieu_livraison_ajout WHERE livraison_id = $1 \
     UNION ALL SELECT genre, lieu_id, champs FROM lieu_changement WHERE livraison_id = $1";

/// How many lieux a delivery added, changed, closed and opened again, by key.
pub(in crate::lieux) async fn effets_par_genre(
    conn: &impl ConnectionTrait,
    livraison: LivraisonId,
) -> Result<Vec<(String, u64)>, DbErr> {
    let sql = format!("SELECT genre, COUNT(*) FROM ({EFFETS}) e GROUP BY genre");
    let rows = kit::query(conn, &sql, [livraison.0.into()]).await?;
    rows.iter()
        .map(|r| Ok((r.try_get_by_index(0)?, u64::try_from(r.try_get_by_index::<i64>(1)?).unwrap_or(0))))
        .collect()
}

/// Some of the lieux that a delivery added or changed, those of one kind when its key is not empty: from a rank, so many.
pub(in crate::lieux) async fn effets(
    conn: &impl ConnectionTrait,
    livraison: LivraisonId,
    genre: &str,
    (debut, combien): (usize, usize),
) -> Result<Vec<Effet>, DbErr> {
    let nombre = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT e.genre, e.lieu_id, e.champs, l.identifiant, l.nom, l.commune FROM ({EFFETS}) e \
         JOIN lieu l ON l.id = e.lieu_id WHERE $2 = '' OR e.genre = $2 ORDER BY e.genre, e.lieu_id LIMIT $3 OFFSET $4"
    );
    let valeurs = [livraison.0.into(), genre.into(), nombre(combien).into(), nombre(debut).into()];
    kit::query(conn, &sql, valeurs)
        .await?
        .iter()
        .map(|r| {
            let champs: String = r.try_get("", "champs")?;
            Ok(Effet {
                lieu: LieuId(r.try_get("", "lieu_id")?),
                identifiant: r.try_get("", "identifiant")?,
                nom: r.try_get("", "nom")?,
                commune: r.try_get("", "commune")?,
                genre: Genre::de_cle(&r.try_get::<String>("", "genre")?),
                champs: serde_json::from_str(&champs).unwrap_or_default(),
            })
        })
        .collect()
}
