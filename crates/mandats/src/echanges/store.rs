//! Reading for programs: within the scope of the token, after a mark, a page at a time.

use std::collections::HashMap;

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// Which organisations, or aidants of which.
#[derive(Clone, Debug, Default)]
pub(super) struct Filtre {
    /// Among these structures.
    pub(super) parmi: Option<Vec<StructureId>>,
    pub(super) departement: Option<CodeDepartement>,
    /// Since that day: habilitation of an organisation, record of an aidant.
    pub(super) depuis: Option<NaiveDate>,
    /// Until that day, included.
    pub(super) jusqu_au: Option<NaiveDate>,
    /// Words of the name of an aidant.
    pub(super) nom: Option<String>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Organisation {
    pub(super) structure_id: Uuid,
    pub(super) numero: i64,
    pub(super) departement: String,
    pub(super) region: String,
    pub(super) demarches: String,
    pub(super) france_services: bool,
    pub(super) habilitee_le: NaiveDate,
    pub(super) desactivee_le: Option<NaiveDate>,
}

fn ici(c: &mut Conditions, perimetre: &Perimetre, f: &Filtre) {
    c.dans(perimetre, "o", "structure_id");
    if let Some(ids) = &f.parmi {
        let ids = c.liste(ids.iter().map(|id| id.0));
        c.et(format!("o.structure_id IN ({ids})"));
    }
    if let Some(d) = &f.departement {
        let d = c.place(d.to_string());
        c.et(format!("o.departement = {d}"));
    }
}

/// Organisations whose number follows that one, by number.
pub(super) async fn organisations(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    (apres, limite): (i64, usize),
) -> Result<Vec<Organisation>, DbErr> {
    let mut c = Conditions::default();
    ici(&mut c, perimetre, f);
    let apres = c.place(apres);
    c.et(format!("o.numero > {apres}"));
    if let Some(jour) = f.depuis {
        let jour = c.place(jour);
        c.et(format!("o.habilitee_le >= {jour}"));
    }
    if let Some(jour) = f.jusqu_au {
        let jour = c.place(jour);
        c.et(format!("o.habilitee_le <= {jour}"));
    }
    let limite = c.place(i64::try_from(limite).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT o.structure_id, o.numero, o.departement, o.region, o.demarches, o.france_services, o.habilitee_le, \
         o.desactivee_le FROM organisation_habilitee o{} ORDER BY o.numero LIMIT {limite}",
        c.clause()
    );
    kit::query_as(conn, &sql, c.values().to_vec()).await
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Referent {
    pub(super) structure_id: Uuid,
    pub(super) prenom: String,
    pub(super) nom: String,
    pub(super) courriel: String,
}

/// Active référents of these organisations, by name.
pub(super) async fn referents(
    conn: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Referent>>, DbErr> {
    let mut out: HashMap<Uuid, Vec<Referent>> = HashMap::new();
    for lot in ids.chunks(500) {
        let sql = format!(
            "SELECT p.structure_id, a.prenom, a.nom, a.courriel FROM aidant_appartenance p JOIN aidant a ON a.id = p.aidant_id \
             WHERE p.fin IS NULL AND p.referent AND a.etat = 'actif' AND p.structure_id IN ({}) \
             ORDER BY a.nom, a.prenom, a.id",
            kit::places(1, lot.len())
        );
        for r in kit::query_as::<Referent>(conn, &sql, lot.iter().map(|id| (*id).into())).await? {
            out.entry(r.structure_id).or_default().push(r);
        }
    }
    Ok(out)
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Aidant {
    pub(super) id: Uuid,
    pub(super) prenom: String,
    pub(super) nom: String,
    pub(super) courriel: String,
    pub(super) profession: String,
    pub(super) conseiller_numerique: bool,
    pub(super) etat: String,
    pub(super) cree_le: DateTime<Utc>,
    pub(super) forme_le: Option<NaiveDate>,
    pub(super) pix_le: Option<NaiveDate>,
}

/// Aidants whose identifier follows that one, by identifier: those who belong today to an organisation of the scope.
pub(super) async fn aidants(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    (apres, limite): (Uuid, usize),
) -> Result<Vec<Aidant>, DbErr> {
    let mut c = Conditions::default();
    ici(&mut c, perimetre, f);
    // The conditions so far are those of the organisation; the rest is the professional's.
    let membre = c.clause().replacen(" WHERE ", " AND ", 1);
    let mut et = Vec::new();
    let apres = c.place(apres);
    et.push(format!("a.id > {apres}"));
    if let Some(jour) = f.depuis {
        let le = c.place(kernel::calendrier::minuit(jour));
        et.push(format!("a.cree_le >= {le}"));
    }
    if let Some(jour) = f.jusqu_au.and_then(|j| j.succ_opt()) {
        let le = c.place(kernel::calendrier::minuit(jour));
        et.push(format!("a.cree_le < {le}"));
    }
    if let Some(nom) = &f.nom {
        for mot in nom.split_whitespace().take(5) {
            let plat: String = mot.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).take(60).collect();
            let (brut, bas) = (c.place(format!("%{plat}%")), c.place(format!("%{}%", plat.to_lowercase())));
            et.push(format!(
                "(a.nom LIKE {brut} OR a.prenom LIKE {brut} OR LOWER(a.nom) LIKE {bas} OR LOWER(a.prenom) LIKE {bas})"
            ));
        }
    }
    let limite = c.place(i64::try_from(limite).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT a.id, a.prenom, a.nom, a.courriel, a.profession, a.conseiller_numerique, a.etat, a.cree_le, q.forme_le, q.pix_le \
         FROM aidant a LEFT JOIN aidant_parcours q ON q.aidant_id = a.id WHERE {} AND EXISTS (SELECT 1 FROM aidant_appartenance p \
         JOIN organisation_habilitee o ON o.structure_id = p.structure_id WHERE p.aidant_id = a.id AND p.fin IS NULL{membre}) \
         ORDER BY a.id LIMIT {limite}",
        et.join(" AND ")
    );
    kit::query_as(conn, &sql, c.values().to_vec()).await
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Membre {
    pub(super) aidant_id: Uuid,
    pub(super) structure_id: Uuid,
    pub(super) numero: i64,
    pub(super) fait_mandats: bool,
    pub(super) referent: bool,
}

/// Where these people belong today, within the scope.
pub(super) async fn membres(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Membre>>, DbErr> {
    let mut c = Conditions::default();
    c.dans(perimetre, "o", "structure_id");
    let ids = c.liste(ids.iter().copied());
    c.et(format!("p.aidant_id IN ({ids})"));
    c.et("p.fin IS NULL");
    let sql = format!(
        "SELECT p.aidant_id, p.structure_id, o.numero, p.fait_mandats, p.referent FROM aidant_appartenance p \
         JOIN organisation_habilitee o ON o.structure_id = p.structure_id{} ORDER BY o.numero",
        c.clause()
    );
    let mut out: HashMap<Uuid, Vec<Membre>> = HashMap::new();
    for r in kit::query_as::<Membre>(conn, &sql, c.values().to_vec()).await? {
        out.entry(r.aidant_id).or_default().push(r);
    }
    Ok(out)
}

/// How often people were helped: mandats made, renewals included, and uses that were read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub(super) struct Accompagnements {
    pub(super) total: i64,
    /// In the last thirty days.
    pub(super) mois: i64,
    /// In the last 182 days.
    pub(super) six_mois: i64,
}

#[derive(FromQueryResult)]
struct Compte {
    aidant_id: Uuid,
    total: i64,
    mois: i64,
    six_mois: i64,
}

/// Those figures of these people, in organisations of the scope.
pub(super) async fn accompagnements(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Accompagnements>, DbErr> {
    let mut out: HashMap<Uuid, Accompagnements> = HashMap::new();
    for (qui, de, encore) in [
        ("p.aidant_id", "mandat x JOIN aidant_appartenance p ON p.id = x.appartenance_id", None),
        ("x.aidant_id", "mandat_usage x", Some("x.lu_le IS NOT NULL")),
    ] {
        let mut c = Conditions::default();
        c.dans(perimetre, "o", "structure_id");
        let liste = c.liste(ids.iter().copied());
        c.et(format!("{qui} IN ({liste})"));
        encore.into_iter().for_each(|e| c.et(e));
        let (mois, six) =
            (c.place(now - chrono::TimeDelta::days(30)), c.place(now - chrono::TimeDelta::days(182)));
        let sql = format!(
            "SELECT {qui} AS aidant_id, COUNT(*) AS total, \
             CAST(SUM(CASE WHEN x.cree_le >= {mois} THEN 1 ELSE 0 END) AS BIGINT) AS mois, \
             CAST(SUM(CASE WHEN x.cree_le >= {six} THEN 1 ELSE 0 END) AS BIGINT) AS six_mois \
             FROM {de} JOIN organisation_habilitee o ON o.structure_id = x.structure_id{} GROUP BY {qui}",
            c.clause()
        );
        for r in kit::query_as::<Compte>(conn, &sql, c.values().to_vec()).await? {
            let a = out.entry(r.aidant_id).or_default();
            a.total += r.total;
            a.mois += r.mois;
            a.six_mois += r.six_mois;
        }
    }
    Ok(out)
}
