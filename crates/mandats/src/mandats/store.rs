//! Rows of mandats, of what they allow, and of what lists show.

mod liste;
pub(crate) mod lots;
mod rows;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

pub use liste::{Onglet, bientot_finis, compter, personnes, personnes_mandantes};
use rows::{
    AUTORISATION, AutorisationRow, MANDAT, MandatRow, autorisation_values, fin_values, mandat_values,
};

use super::Regard;
use super::model::{Autorisation, EtatAutorisation, Fin, Mandat};
use crate::document::Numero;
use crate::ids::{AutorisationId, MandatId, UsagerId};
use crate::usagers::Usager;

async fn un(conn: &impl ConnectionTrait, ou: &str, value: Value) -> Result<Option<Mandat>, DbErr> {
    let sql = format!("SELECT {MANDAT} FROM mandat WHERE {ou} = $1");
    kit::query_one_as::<MandatRow>(conn, &sql, [value]).await?.map(MandatRow::mandat).transpose()
}

/// That mandat.
///
/// # Errors
/// The database.
pub async fn mandat(conn: &impl ConnectionTrait, id: MandatId) -> Result<Option<Mandat>, DbErr> {
    un(conn, "id", id.0.into()).await
}

/// The mandat of that number.
///
/// # Errors
/// The database.
pub async fn du_numero(conn: &impl ConnectionTrait, numero: &Numero) -> Result<Option<Mandat>, DbErr> {
    un(conn, "numero", numero.as_str().into()).await
}

/// The mandat that this key of idempotency made.
///
/// # Errors
/// The database.
pub async fn de_la_cle(conn: &impl ConnectionTrait, cle: &str) -> Result<Option<Mandat>, DbErr> {
    un(conn, "cle_unicite", cle.into()).await
}

/// Every mandat of a person, the last first.
///
/// # Errors
/// The database.
pub async fn mandats_de(conn: &impl ConnectionTrait, usager: UsagerId) -> Result<Vec<Mandat>, DbErr> {
    let sql = format!("SELECT {MANDAT} FROM mandat WHERE usager_id = $1 ORDER BY cree_le DESC, id DESC");
    let rows: Vec<MandatRow> = kit::query_as(conn, &sql, [usager.0.into()]).await?;
    rows.into_iter().map(MandatRow::mandat).collect()
}

/// The mandats of a person that an organisation holds, the last first.
///
/// # Errors
/// The database.
pub async fn mandats_chez(
    conn: &impl ConnectionTrait,
    structure: StructureId,
    usager: UsagerId,
) -> Result<Vec<Mandat>, DbErr> {
    let sql = format!(
        "SELECT {MANDAT} FROM mandat WHERE structure_id = $1 AND usager_id = $2 ORDER BY cree_le DESC, id DESC"
    );
    let rows: Vec<MandatRow> = kit::query_as(conn, &sql, [structure.0.into(), usager.0.into()]).await?;
    rows.into_iter().map(MandatRow::mandat).collect()
}

async fn autorisations(
    conn: &impl ConnectionTrait,
    ou: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Autorisation>, DbErr> {
    let sql = format!(
        "SELECT {AUTORISATION} FROM mandat_autorisation WHERE {ou} ORDER BY cree_le DESC, mandat_id DESC, demarche"
    );
    let rows: Vec<AutorisationRow> = kit::query_as(conn, &sql, values).await?;
    rows.into_iter().map(AutorisationRow::autorisation).collect()
}

/// That autorisation.
///
/// # Errors
/// The database.
pub async fn autorisation(
    conn: &impl ConnectionTrait,
    id: AutorisationId,
) -> Result<Option<Autorisation>, DbErr> {
    Ok(autorisations(conn, "id = $1", [id.0.into()]).await?.pop())
}

/// What a mandat allows, or allowed.
///
/// # Errors
/// The database.
pub async fn du_mandat(conn: &impl ConnectionTrait, mandat: MandatId) -> Result<Vec<Autorisation>, DbErr> {
    autorisations(conn, "mandat_id = $1", [mandat.0.into()]).await
}

/// Everything that a person allowed, to any organisation, the last first.
///
/// # Errors
/// The database.
pub async fn de_la_personne(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
) -> Result<Vec<Autorisation>, DbErr> {
    autorisations(conn, "usager_id = $1", [usager.0.into()]).await
}

/// Everything that a person allowed an organisation, the last first, as far as one looks.
///
/// # Errors
/// The database.
pub async fn chez(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    usager: UsagerId,
) -> Result<Vec<Autorisation>, DbErr> {
    regardees(conn, regard, usager, "").await
}

async fn regardees(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    usager: UsagerId,
    et: &str,
) -> Result<Vec<Autorisation>, DbErr> {
    let mut values: Vec<Value> = vec![regard.structure().0.into(), usager.0.into()];
    let visibles = regard.et("mandat_autorisation.mandat_id", |v| {
        values.push(v);
        format!("${}", values.len())
    });
    autorisations(conn, &format!("structure_id = $1 AND usager_id = $2{et}{visibles}"), values).await
}

/// Whether one sees that mandat of the organisation that holds it.
///
/// # Errors
/// The database.
pub async fn visible(conn: &impl ConnectionTrait, regard: &Regard, mandat: MandatId) -> Result<bool, DbErr> {
    let mut values: Vec<Value> = vec![mandat.0.into(), regard.structure().0.into()];
    let visibles = regard.et("m.id", |v| {
        values.push(v);
        format!("${}", values.len())
    });
    let sql = format!("SELECT COUNT(*) FROM mandat m WHERE m.id = $1 AND m.structure_id = $2{visibles}");
    Ok(kit::count(conn, &sql, values).await? == 1)
}

/// What a person allows an organisation now, as far as one looks.
///
/// # Errors
/// The database.
pub async fn autorisations_actives(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    usager: UsagerId,
    now: DateTime<Utc>,
) -> Result<Vec<Autorisation>, DbErr> {
    let mut actives = regardees(conn, regard, usager, " AND fin_le IS NULL").await?;
    actives.retain(|a| a.active(now));
    Ok(actives)
}

#[derive(FromQueryResult)]
struct Tenue {
    expire_le: DateTime<Utc>,
    desactivee_le: Option<chrono::NaiveDate>,
}

/// Whether an autorisation may be used now: neither ended nor expired, and its organisation is still habilitée. That
/// the aidant may act is for [`crate::aidants::agissant`].
///
/// # Errors
/// The database.
pub async fn tient(
    conn: &impl ConnectionTrait,
    id: AutorisationId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "SELECT a.expire_le, o.desactivee_le FROM mandat_autorisation a \
               JOIN organisation_habilitee o ON o.structure_id = a.structure_id WHERE a.id = $1 AND a.fin_le IS NULL";
    let jour = kernel::calendrier::jour(&now);
    let tenue: Option<Tenue> = kit::query_one_as(conn, sql, [id.0.into()]).await?;
    Ok(tenue.is_some_and(|t| now < t.expire_le && t.desactivee_le.is_none_or(|fin| jour < fin)))
}

/// Writes a mandat that was just made, with one autorisation a démarche. What it replaces was ended before.
///
/// # Errors
/// The database: the number is taken, the key of idempotency was used, the membership makes no mandat.
pub async fn inserer(tx: &Tx, m: &Mandat, autorisations: &[Autorisation]) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO mandat ({MANDAT}, fait_mandats) VALUES ({}, $16)", kit::places(1, 15));
    let values = mandat_values(m).into_iter().chain([true.into()]);
    kit::execute(tx, &sql, values).await?;
    let rows = autorisations.iter().map(autorisation_values).collect();
    kit::insert_many(tx, &format!("mandat_autorisation ({AUTORISATION})"), rows, "").await?;
    Ok(())
}

/// Ends an autorisation, if nobody did; says whether it was ended here.
///
/// # Errors
/// The database.
pub async fn finir(tx: &Tx, id: AutorisationId, fin: &Fin) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_autorisation SET fin_le = $2, fin_mandat_id = $3, fin_auteur = $4, fin_auteur_id = $5, \
               fin_raison = $6, fin_precision = $7 WHERE id = $1 AND fin_le IS NULL";
    let values = [Value::from(id.0)].into_iter().chain(fin_values(Some(fin)));
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// What the list of an organisation shows of a person: worked out from what they allowed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Suivi {
    expire_le: Option<DateTime<Utc>>,
    revoque_le: Option<DateTime<Utc>>,
}

impl Suivi {
    fn de(autorisations: &[Autorisation]) -> Self {
        let mut suivi = Self::default();
        for a in autorisations {
            // Its end is what it is whatever the hour: asked at the end of time, an autorisation has expired or was ended.
            match a.etat(DateTime::<Utc>::MAX_UTC) {
                EtatAutorisation::Active | EtatAutorisation::Expiree => {
                    suivi.expire_le = suivi.expire_le.max(Some(a.expire_le));
                }
                EtatAutorisation::Revoquee => suivi.revoque_le = suivi.revoque_le.max(Some(a.finit_le())),
                EtatAutorisation::Remplacee => {}
            }
        }
        suivi
    }
}

/// Writes again what the list of an organisation shows of a person. To be called at the end of each transaction that
/// makes, ends or moves a mandat.
///
/// # Errors
/// The database.
pub async fn rafraichir(tx: &Tx, structure: StructureId, usager: &Usager) -> Result<(), DbErr> {
    let toutes = chez(tx, &Regard::entier(structure), usager.id).await?;
    if toutes.is_empty() {
        let sql = "DELETE FROM mandat_personne WHERE structure_id = $1 AND usager_id = $2";
        return kit::execute(tx, sql, [structure.0.into(), usager.id.0.into()]).await.map(drop);
    }
    let suivi = Suivi::de(&toutes);
    let sql = "INSERT INTO mandat_personne (structure_id, usager_id, tri, recherche, naissance, expire_le, revoque_le) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (structure_id, usager_id) DO UPDATE SET \
               tri = excluded.tri, recherche = excluded.recherche, naissance = excluded.naissance, \
               expire_le = excluded.expire_le, revoque_le = excluded.revoque_le";
    let values: [Value; 7] = [
        structure.0.into(),
        usager.id.0.into(),
        super::recherche::tri(&usager.identite).into(),
        super::recherche::pliee(&usager.identite).into(),
        usager.identite.naissance.etat_civil.clone().into(),
        suivi.expire_le.into(),
        suivi.revoque_le.into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Writes the names of a person again in the lists where they stand.
pub(crate) async fn renommer(tx: &Tx, usager: &Usager) -> Result<(), DbErr> {
    let sql = "UPDATE mandat_personne SET tri = $2, recherche = $3, naissance = $4 WHERE usager_id = $1";
    let values: [Value; 4] = [
        usager.id.0.into(),
        super::recherche::tri(&usager.identite).into(),
        super::recherche::pliee(&usager.identite).into(),
        usager.identite.naissance.etat_civil.clone().into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Autorisations that are not ended of several people for one organisation, as far as one looks, by person.
async fn ouvertes_de(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    usagers: &[Uuid],
    now: DateTime<Utc>,
) -> Result<BTreeMap<Uuid, Vec<Autorisation>>, DbErr> {
    let mut par: BTreeMap<Uuid, Vec<Autorisation>> = BTreeMap::new();
    if usagers.is_empty() {
        return Ok(par);
    }
    let mut values: Vec<Value> = vec![regard.structure().0.into()];
    values.extend(usagers.iter().map(|u| Value::from(*u)));
    let visibles = regard.et("mandat_autorisation.mandat_id", |v| {
        values.push(v);
        format!("${}", values.len())
    });
    let places = kit::places(2, usagers.len());
    let ou = format!("structure_id = $1 AND usager_id IN ({places}) AND fin_le IS NULL{visibles}");
    for a in autorisations(conn, &ou, values).await? {
        if a.active(now) {
            par.entry(a.usager.0).or_default().push(a);
        }
    }
    Ok(par)
}

/// Writes new mandats of new people in one go, with what lists show of these people: fictitious ones, and those of another
/// system. All mandats of a person are here.
pub(crate) async fn semer(
    tx: &Tx,
    usagers: &[Usager],
    mandats: &[(Mandat, Vec<Autorisation>)],
) -> Result<(), DbErr> {
    let ligne = |m: &Mandat| mandat_values(m).into_iter().chain([true.into()]).collect();
    let rows = mandats.iter().map(|(m, _)| ligne(m)).collect();
    kit::insert_many(tx, &format!("mandat ({MANDAT}, fait_mandats)"), rows, "").await?;
    let rows = mandats.iter().flat_map(|(_, a)| a).map(autorisation_values).collect();
    kit::insert_many(tx, &format!("mandat_autorisation ({AUTORISATION})"), rows, "").await?;
    let mut par: BTreeMap<(Uuid, Uuid), Vec<Autorisation>> = BTreeMap::new();
    for (m, autorisations) in mandats {
        par.entry((m.usager.0, m.structure.0)).or_default().extend(autorisations.iter().cloned());
    }
    let identites: BTreeMap<Uuid, &Usager> = usagers.iter().map(|u| (u.id.0, u)).collect();
    let rows = par.iter().filter_map(|((usager, structure), autorisations)| {
        let u = identites.get(usager)?;
        let suivi = Suivi::de(autorisations);
        Some(vec![
            (*structure).into(),
            (*usager).into(),
            super::recherche::tri(&u.identite).into(),
            super::recherche::pliee(&u.identite).into(),
            u.identite.naissance.etat_civil.clone().into(),
            suivi.expire_le.into(),
            suivi.revoque_le.into(),
        ])
    });
    let into = "mandat_personne (structure_id, usager_id, tri, recherche, naissance, expire_le, revoque_le)";
    kit::insert_many(tx, into, rows.collect(), "").await.map(drop)
}

/// Whether nothing is tied to that person: no mandat, no agreement asked for, no draft.
///
/// # Errors
/// The database.
pub(super) async fn seul(conn: &impl ConnectionTrait, usager: UsagerId) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM usager u WHERE u.id = $1 AND NOT EXISTS (SELECT 1 FROM mandat x WHERE x.usager_id = u.id) \
               AND NOT EXISTS (SELECT 1 FROM consentement x WHERE x.usager_id = u.id) \
               AND NOT EXISTS (SELECT 1 FROM mandat_brouillon x WHERE x.usager_id = u.id)";
    Ok(kit::count(conn, sql, [usager.0.into()]).await? == 1)
}
