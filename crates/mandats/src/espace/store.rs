//! Rows of the person's own space.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::codes::Adresse;
use super::model::{Changement, Demande, EN_TOUT, ESSAIS, Moyen, SANS_RIEN_FAIRE, Session, Voie};
use crate::ids::UsagerId;

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    usager_id: Uuid,
    moyen: String,
}

/// The session of that cookie, alive at that instant.
pub(super) async fn session(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, DbErr> {
    let sql = "SELECT id, usager_id, moyen FROM espace_session WHERE empreinte = $1 AND vue_le > $2 AND ouverte_le > $3";
    let values = [empreinte.into(), (now - SANS_RIEN_FAIRE).into(), (now - EN_TOUT).into()];
    let row: Option<SessionRow> = kit::query_one_as(conn, sql, values).await?;
    Ok(row.and_then(|r| {
        let moyen = Moyen::from_cle(&r.moyen)?;
        Some(Session { id: r.id, usager: UsagerId(r.usager_id), moyen })
    }))
}

/// Notes that a session is used; once a minute is enough.
pub(super) async fn vue(conn: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "UPDATE espace_session SET vue_le = $1 WHERE id = $2 AND vue_le < $3";
    kit::execute(conn, sql, [now.into(), id.into(), (now - TimeDelta::minutes(1)).into()]).await.map(drop)
}

pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    session: &Session,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO espace_session (id, empreinte, usager_id, moyen, ouverte_le, vue_le) VALUES ($1, $2, $3, $4, $5, $5)";
    let values = [
        session.id.into(),
        empreinte.into(),
        session.usager.0.into(),
        session.moyen.cle().into(),
        now.into(),
    ];
    kit::execute(conn, sql, values).await.map(drop)
}

pub(super) async fn fermer(conn: &impl ConnectionTrait, empreinte: &str) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM espace_session WHERE empreinte = $1", [empreinte.into()]).await.map(drop)
}

/// People who proved that address as theirs and were born that day, two at most: more than one is nobody. What an aidant
/// typed is nobody's here.
pub(super) async fn personnes(
    conn: &impl ConnectionTrait,
    colonne: Colonne,
    adresse: &str,
    naissance: NaiveDate,
) -> Result<Vec<UsagerId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let colonne = match colonne {
        Colonne::Courriel => "courriel_prouve AND lower(courriel)",
        Colonne::Telephone => "telephone_prouve AND telephone",
    };
    let sql = format!("SELECT id FROM usager WHERE {colonne} = $1 AND naissance = $2 LIMIT 2");
    let rows: Vec<Row> = kit::query_as(conn, &sql, [adresse.to_lowercase().into(), naissance.into()]).await?;
    Ok(rows.into_iter().map(|r| UsagerId(r.id)).collect())
}

/// What a code is sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Colonne {
    Courriel,
    Telephone,
}

/// Holds an address until the end of the transaction: who counts its codes is alone to count them.
pub(super) async fn tenir_adresse(tx: &Tx, adresse: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "INSERT INTO espace_adresse (adresse, vue_le) VALUES ($1, $2) \
               ON CONFLICT (adresse) DO UPDATE SET vue_le = excluded.vue_le";
    kit::execute(tx, sql, [adresse.into(), now.into()]).await.map(drop)
}

/// Codes asked for that address, to come in or to make it one's own, in the last hour, and in the last day.
pub(super) async fn demandes(
    conn: &impl ConnectionTrait,
    adresse: &str,
    now: DateTime<Utc>,
) -> Result<(i64, i64), DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM espace_code WHERE adresse = $1 AND cree_le > $2) \
               + (SELECT COUNT(*) FROM espace_changement WHERE adresse = $1 AND cree_le > $2)";
    let depuis = |delta: TimeDelta| [adresse.into(), (now - delta).into()];
    let heure = kit::count(conn, sql, depuis(TimeDelta::hours(1))).await?;
    Ok((heure, kit::count(conn, sql, depuis(TimeDelta::days(1))).await?))
}

pub(super) async fn demander(
    conn: &impl ConnectionTrait,
    demande: &Demande,
    (empreinte, adresse): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO espace_code (id, empreinte, adresse, usager_id, code, essais, fini, cree_le, expire_le) \
               VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8)";
    let values = [
        demande.id.into(),
        empreinte.into(),
        adresse.into(),
        demande.usager.map(|u| u.0).into(),
        demande.code.clone().into(),
        false.into(),
        now.into(),
        demande.expire_le.into(),
    ];
    kit::execute(conn, sql, values).await.map(drop)
}

/// The code that this browser asked for, if it is not over.
pub(super) async fn demande(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Option<Demande>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        usager_id: Option<Uuid>,
        code: String,
        essais: i64,
        expire_le: DateTime<Utc>,
    }
    let sql = "SELECT id, usager_id, code, essais, expire_le FROM espace_code \
               WHERE empreinte = $1 AND fini = $2 AND expire_le > $3";
    let row: Option<Row> = kit::query_one_as(conn, sql, [empreinte.into(), false.into(), now.into()]).await?;
    Ok(row.map(|r| Demande {
        id: r.id,
        usager: r.usager_id.map(UsagerId),
        code: r.code,
        essais: r.essais,
        expire_le: r.expire_le,
    }))
}

/// Counts a try, before the code is compared; false when there were enough, whoever else tries at the same time.
pub(super) async fn essayer(conn: &impl ConnectionTrait, id: Uuid, au_plus: i64) -> Result<bool, DbErr> {
    let sql = "UPDATE espace_code SET essais = essais + 1 WHERE id = $1 AND fini = $2 AND essais < $3";
    Ok(kit::execute(conn, sql, [id.into(), false.into(), au_plus.into()]).await?.rows_affected() == 1)
}

/// Ends a code: it serves once.
pub(super) async fn finir(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let sql = "UPDATE espace_code SET fini = $1 WHERE id = $2 AND fini = $3";
    Ok(kit::execute(conn, sql, [true.into(), id.into(), false.into()]).await?.rows_affected() == 1)
}

/// What somebody chose, by kind of news.
pub(super) async fn preferences(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
) -> Result<Vec<(String, Voie)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        genre: String,
        voie: String,
    }
    let sql = "SELECT genre, voie FROM espace_preference WHERE usager_id = $1";
    let rows: Vec<Row> = kit::query_as(conn, sql, [usager.0.into()]).await?;
    Ok(rows.into_iter().filter_map(|r| Some((r.genre, Voie::from_cle(&r.voie)?))).collect())
}

pub(super) async fn preferer(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    genre: &str,
    voie: Voie,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO espace_preference (usager_id, genre, voie) VALUES ($1, $2, $3) \
               ON CONFLICT (usager_id, genre) DO UPDATE SET voie = excluded.voie";
    kit::execute(conn, sql, [usager.0.into(), genre.into(), voie.cle().into()]).await.map(drop)
}

/// Forgets sessions and codes that are over; codes a day later, for they are counted.
pub(super) async fn purger(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM espace_session WHERE vue_le < $1 OR ouverte_le < $2";
    kit::execute(conn, sql, [(now - SANS_RIEN_FAIRE).into(), (now - EN_TOUT).into()]).await?;
    for sql in [
        "DELETE FROM espace_code WHERE cree_le < $1",
        "DELETE FROM espace_changement WHERE cree_le < $1",
        "DELETE FROM espace_adresse WHERE vue_le < $1",
    ] {
        kit::execute(conn, sql, [(now - TimeDelta::days(1)).into()]).await?;
    }
    Ok(())
}

/// Notes a new address that waits for its code; the one before, if any, waits no more.
pub(super) async fn changer(
    conn: &impl ConnectionTrait,
    c: &Changement,
    adressee: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "UPDATE espace_changement SET fini = $1, valeur = '' WHERE usager_id = $2 AND fini = $3";
    kit::execute(conn, sql, [true.into(), c.usager.0.into(), false.into()]).await?;
    let sql = "INSERT INTO espace_changement (id, usager_id, sorte, valeur, adresse, code, essais, fini, cree_le, expire_le) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)";
    let (colonne, valeur) = c.adresse.cle();
    let values = [
        c.id.into(),
        c.usager.0.into(),
        colonne.cle().into(),
        valeur.into(),
        adressee.into(),
        c.code.clone().into(),
        false.into(),
        now.into(),
        c.expire_le.into(),
    ];
    kit::execute(conn, sql, values).await.map(drop)
}

/// How many addresses that person tried to prove in the last day.
pub(super) async fn changements_du_jour(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM espace_changement WHERE usager_id = $1 AND cree_le > $2";
    kit::count(conn, sql, [usager.0.into(), (now - TimeDelta::days(1)).into()]).await
}

/// The new address of that person that waits for its code.
pub(super) async fn changement(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    now: DateTime<Utc>,
) -> Result<Option<Changement>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        valeur: String,
        code: String,
        essais: i64,
        expire_le: DateTime<Utc>,
    }
    let sql = "SELECT id, valeur, code, essais, expire_le FROM espace_changement \
               WHERE usager_id = $1 AND fini = $2 AND expire_le > $3 AND essais < $4";
    let values = [usager.0.into(), false.into(), now.into(), ESSAIS.into()];
    let row: Option<Row> = kit::query_one_as(conn, sql, values).await?;
    Ok(row.and_then(|r| {
        let adresse = Adresse::lire(&r.valeur).ok()?;
        Some(Changement { id: r.id, usager, adresse, code: r.code, essais: r.essais, expire_le: r.expire_le })
    }))
}

/// Counts a try, before the code is compared; false when there were enough.
pub(super) async fn essayer_changement(
    conn: &impl ConnectionTrait,
    id: Uuid,
    au_plus: i64,
) -> Result<bool, DbErr> {
    let sql = "UPDATE espace_changement SET essais = essais + 1 WHERE id = $1 AND fini = $2 AND essais < $3";
    Ok(kit::execute(conn, sql, [id.into(), false.into(), au_plus.into()]).await?.rows_affected() == 1)
}

/// Ends it: its code serves once, and the address stands with the person.
pub(super) async fn finir_changement(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let sql = "UPDATE espace_changement SET fini = $1, valeur = '' WHERE id = $2 AND fini = $3";
    Ok(kit::execute(conn, sql, [true.into(), id.into(), false.into()]).await?.rows_affected() == 1)
}

/// Forgets the choices that name a way which is no more: those by default take their place.
pub(super) async fn oublier_voie(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    colonne: Colonne,
) -> Result<(), DbErr> {
    let voie = match colonne {
        Colonne::Courriel => Voie::Courriel,
        Colonne::Telephone => Voie::Sms,
    };
    let sql = "DELETE FROM espace_preference WHERE usager_id = $1 AND voie = $2";
    kit::execute(conn, sql, [usager.0.into(), voie.cle().into()]).await.map(drop)
}

/// Closes the other sessions of that person, and the codes that were sent to come in.
pub(super) async fn fermer_les_autres(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    session: Uuid,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM espace_session WHERE usager_id = $1 AND id <> $2";
    kit::execute(conn, sql, [usager.0.into(), session.into()]).await?;
    let sql = "UPDATE espace_code SET fini = $1 WHERE usager_id = $2 AND fini = $3";
    kit::execute(conn, sql, [true.into(), usager.0.into(), false.into()]).await.map(drop)
}
