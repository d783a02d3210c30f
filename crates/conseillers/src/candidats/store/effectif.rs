//! How many people look for a post on a day that is past: read from what is dated, not from what is true today.

use std::collections::HashMap;

use annuaire::structures::Conditions;
use chrono::NaiveDate;
use kernel::ids::CompteId;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// How many people of these départements looked for a post at the end of that day: their address was proven, they held no post,
/// and their availability was « Disponible » (the next change of the history says what it was before). Files that were erased
/// since are counted no more; a file counts in its département of today.
///
/// # Errors
/// The database.
pub(crate) async fn cherchaient(
    conn: &impl ConnectionTrait,
    departements: impl IntoIterator<Item = &CodeDepartement>,
    le: NaiveDate,
) -> Result<HashMap<CodeDepartement, u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        departement: String,
        nombre: i64,
    }
    let mut c = Conditions::default();
    let jour = c.place(le);
    let fin = c.place(kernel::calendrier::minuit(le.succ_opt().unwrap_or(le)));
    let codes = c.liste(departements.into_iter().map(ToString::to_string));
    let sql = format!(
        "SELECT c.departement AS departement, COUNT(*) AS nombre FROM candidat c \
         WHERE c.etat = 'active' AND c.confirmee_le < {fin} AND c.departement IN ({codes}) \
         AND NOT EXISTS (SELECT 1 FROM poste_affectation a WHERE a.candidat_id = c.id AND a.debut <= {jour} \
           AND (a.fin IS NULL OR a.fin >= {jour})) \
         AND COALESCE((SELECT h.avant FROM conseillers_historique h WHERE h.sujet = 'candidat' AND h.sujet_id = c.id \
             AND h.quoi = 'Disponibilité' AND h.le >= {fin} ORDER BY h.rang LIMIT 1), \
           CASE WHEN c.disponible THEN 'Disponible' \
             WHEN EXISTS (SELECT 1 FROM poste_affectation a WHERE a.candidat_id = c.id AND a.debut > {jour}) THEN 'Disponible' \
             ELSE '' END) = 'Disponible' \
         GROUP BY c.departement"
    );
    let mut out = HashMap::new();
    for r in kit::query_as::<Compte>(conn, &sql, c.values().to_vec()).await? {
        if let Some(code) = CodeDepartement::parse(&r.departement) {
            out.insert(code, r.nombre.unsigned_abs());
        }
    }
    Ok(out)
}

/// The accounts of the people who hold a post of that scope on that day; none for somebody who has none.
///
/// # Errors
/// The database.
pub(crate) async fn comptes_en_poste(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Vec<Option<CompteId>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Ligne {
        compte_id: Option<Uuid>,
    }
    let mut c = Conditions::default();
    let jour = c.place(le);
    for t in ["a", "r"] {
        c.et(format!("{t}.debut <= {jour} AND ({t}.fin IS NULL OR {t}.fin >= {jour})"));
    }
    c.dans(perimetre, "r", "structure_id");
    let sql = format!(
        "SELECT DISTINCT c.id, c.compte_id AS compte_id FROM poste_affectation a \
         JOIN poste_rattachement r ON r.poste_id = a.poste_id JOIN candidat c ON c.id = a.candidat_id{}",
        c.clause()
    );
    let lignes: Vec<Ligne> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(lignes.into_iter().map(|l| l.compte_id.map(CompteId)).collect())
}
