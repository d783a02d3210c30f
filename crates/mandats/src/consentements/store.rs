//! Rows of the consents at a distance.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

pub(super) mod appel;
pub(super) mod arret;

use super::model::{Adresse, Consentement, ConsentementId, Etat};
use crate::ids::{AppartenanceId, MandatId, UsagerId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    brouillon_id: Uuid,
    structure_id: Uuid,
    appartenance_id: Option<Uuid>,
    usager_id: Uuid,
    canal: String,
    adresse: String,
    offre: String,
    question: String,
    etat: String,
    retour: String,
    offre_le: DateTime<Utc>,
    demande_le: Option<DateTime<Utc>>,
    reponse_le: Option<DateTime<Utc>>,
    reponse: Option<String>,
    dernier_le: DateTime<Utc>,
    envois: i64,
    aides: i64,
    expire_le: DateTime<Utc>,
    sel: String,
    echange: Option<String>,
}

const COLONNES: &str = "id, brouillon_id, structure_id, usager_id, canal, adresse, offre, question, etat, retour, offre_le, \
                        demande_le, reponse_le, reponse, dernier_le, envois, aides, expire_le, sel, appartenance_id, echange";

impl Row {
    fn consentement(self) -> Result<Consentement, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("consentement {}: {colonne}", self.id));
        Ok(Consentement {
            id: ConsentementId(self.id),
            brouillon: self.brouillon_id,
            structure: StructureId(self.structure_id),
            appartenance: self.appartenance_id.map(AppartenanceId),
            usager: UsagerId(self.usager_id),
            adresse: Adresse::lire(&self.canal, &self.adresse).ok_or_else(|| abime("adresse"))?,
            etat: Etat::from_cle(&self.etat).ok_or_else(|| abime("etat"))?,
            offre: self.offre,
            question: self.question,
            retour: self.retour,
            offre_le: self.offre_le,
            demande_le: self.demande_le,
            reponse_le: self.reponse_le,
            reponse: self.reponse,
            dernier_le: self.dernier_le,
            envois: self.envois,
            aides: self.aides,
            expire_le: self.expire_le,
            sel: self.sel,
            garde: self.echange,
        })
    }
}

async fn un(
    conn: &impl ConnectionTrait,
    ou: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Consentement>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM consentement WHERE {ou}");
    kit::query_one_as::<Row>(conn, &sql, values).await?.map(Row::consentement).transpose()
}

async fn tous(
    conn: &impl ConnectionTrait,
    ou: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Consentement>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM consentement WHERE {ou}");
    let rows: Vec<Row> = kit::query_as(conn, &sql, values).await?;
    rows.into_iter().map(Row::consentement).collect()
}

pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    id: ConsentementId,
) -> Result<Option<Consentement>, DbErr> {
    un(conn, "id = $1", [id.0.into()]).await
}

/// What was asked of that person, the last first.
pub(super) async fn de_la_personne(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    limite: usize,
) -> Result<Vec<ConsentementId>, DbErr> {
    let sql = "SELECT id FROM consentement WHERE usager_id = $1 ORDER BY offre_le DESC, id DESC LIMIT $2";
    let limite = i64::try_from(limite).unwrap_or(i64::MAX);
    let rows = kit::query(conn, sql, [usager.0.into(), limite.into()]).await?;
    rows.iter().map(|r| r.try_get_by_index(0).map(ConsentementId)).collect()
}

/// While something is still awaited.
const OUVERT: &str = "(etat = 'offre_envoyee' OR etat = 'acceptation_demandee' OR etat = 'attente_temoin')";

/// The one whose answer is awaited at that address.
pub(super) async fn ouvert(
    conn: &impl ConnectionTrait,
    adresse: &str,
) -> Result<Option<Consentement>, DbErr> {
    un(conn, &format!("adresse = $1 AND {OUVERT}"), [adresse.into()]).await
}

/// The one that a draft has, agreed to.
pub(super) async fn accepte(
    conn: &impl ConnectionTrait,
    brouillon: Uuid,
) -> Result<Option<Consentement>, DbErr> {
    un(conn, "brouillon_id = $1 AND etat = 'acceptee'", [brouillon.into()]).await
}

/// The one of a draft that waits, or that was agreed to: there is one at most.
pub(super) async fn du_brouillon(
    conn: &impl ConnectionTrait,
    brouillon: Uuid,
) -> Result<Option<Consentement>, DbErr> {
    un(conn, &format!("brouillon_id = $1 AND ({OUVERT} OR etat = 'acceptee')"), [brouillon.into()]).await
}

/// The one of that link.
pub(super) async fn du_lien(conn: &impl ConnectionTrait, lien: &str) -> Result<Option<Consentement>, DbErr> {
    un(conn, "lien = $1", [lien.into()]).await
}

/// Writes one; `ici` is the print of its address.
pub(super) async fn inserer(tx: &Tx, c: &Consentement, ici: &str) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO consentement ({COLONNES}, empreinte) VALUES ({})", kit::places(1, 22));
    let values: [Value; 22] = [
        c.id.0.into(),
        c.brouillon.into(),
        c.structure.0.into(),
        c.usager.0.into(),
        c.adresse.cle().into(),
        c.adresse.texte().into(),
        c.offre.clone().into(),
        c.question.clone().into(),
        c.etat.cle().into(),
        c.retour.clone().into(),
        c.offre_le.into(),
        c.demande_le.into(),
        c.reponse_le.into(),
        c.reponse.clone().into(),
        c.dernier_le.into(),
        c.envois.into(),
        c.aides.into(),
        c.expire_le.into(),
        c.sel.clone().into(),
        c.appartenance.map(|a| a.0).into(),
        c.garde.clone().into(),
        ici.into(),
    ];
    kit::execute(tx, &sql, values).await.map(drop)
}

/// Asks: from the offer to the question, once.
pub(super) async fn demander(
    tx: &Tx,
    id: ConsentementId,
    lien: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE consentement SET etat = 'acceptation_demandee', demande_le = $1, dernier_le = $1, envois = 1, lien = $2 \
               WHERE id = $3 AND etat = 'offre_envoyee' AND expire_le > $1";
    Ok(kit::execute(tx, sql, [now.into(), lien.into(), id.0.into()]).await?.rows_affected() == 1)
}

/// Sends the message of this step again, if it was not sent too often or a moment ago.
pub(super) async fn renvoyer(
    tx: &Tx,
    id: ConsentementId,
    lien: Option<&str>,
    (envois, entre_deux): (i64, TimeDelta),
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = format!(
        "UPDATE consentement SET dernier_le = $1, envois = envois + 1, lien = $2 WHERE id = $3 AND {OUVERT} \
         AND envois < $4 AND dernier_le <= $5 AND expire_le > $1"
    );
    let values = [now.into(), lien.into(), id.0.into(), envois.into(), (now - entre_deux).into()];
    Ok(kit::execute(tx, &sql, values).await?.rows_affected() == 1)
}

/// Takes an answer: the first one, from the state where it was awaited and before it is too late.
pub(super) async fn repondre(
    tx: &Tx,
    id: ConsentementId,
    (de, vers): (Etat, Etat),
    texte: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE consentement SET etat = $1, reponse = $2, reponse_le = $3, lien = NULL, code = NULL \
               WHERE id = $4 AND etat = $5 AND expire_le > $3";
    let values = [vers.cle().into(), texte.into(), now.into(), id.0.into(), de.cle().into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Ends what is awaited, without an answer.
pub(super) async fn finir(tx: &Tx, id: ConsentementId, etat: Etat) -> Result<bool, DbErr> {
    let sql =
        format!("UPDATE consentement SET etat = $1, lien = NULL, code = NULL WHERE id = $2 AND {OUVERT}");
    Ok(kit::execute(tx, &sql, [etat.cle().into(), id.0.into()]).await?.rows_affected() == 1)
}

/// Counts one more explanation of the words.
pub(super) async fn aider(tx: &Tx, id: ConsentementId, au_plus: i64) -> Result<bool, DbErr> {
    let sql = "UPDATE consentement SET aides = aides + 1 WHERE id = $1 AND aides < $2";
    Ok(kit::execute(tx, sql, [id.0.into(), au_plus.into()]).await?.rows_affected() == 1)
}

/// Ends what waited too long at that address, or for that draft: the job ends the rest.
pub(super) async fn expirer_ici(
    tx: &Tx,
    (adresse, brouillon): (&str, Uuid),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE consentement SET etat = 'expiree', lien = NULL, code = NULL WHERE {OUVERT} AND expire_le <= $1 \
         AND (adresse = $2 OR brouillon_id = $3)"
    );
    kit::execute(tx, &sql, [now.into(), adresse.into(), brouillon.into()]).await.map(drop)
}

/// Ends everything that waited too long.
pub(super) async fn expirer(tx: &Tx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = format!(
        "UPDATE consentement SET etat = 'expiree', lien = NULL, code = NULL WHERE {OUVERT} AND expire_le <= $1"
    );
    Ok(kit::execute(tx, &sql, [now.into()]).await?.rows_affected())
}

/// Forgets what was not agreed to, or was and made no mandat, a month later; what did is the proof of a mandat, and goes
/// with it.
pub(super) async fn purger(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM consentement WHERE (etat = 'refusee' OR etat = 'expiree' OR etat = 'arretee') AND expire_le < $1";
    kit::execute(tx, sql, [(now - TimeDelta::days(30)).into()]).await?;
    // Of those without their exchange, agreed to before it was kept, nobody knows whether they made one.
    let sql = "DELETE FROM consentement WHERE etat = 'acceptee' AND mandat_id IS NULL AND echange IS NOT NULL AND expire_le < $1";
    kit::execute(tx, sql, [(now - TimeDelta::days(30)).into()]).await?;
    let sql = "DELETE FROM consentement_adresse WHERE vue_le < $1";
    kit::execute(tx, sql, [(now - TimeDelta::days(1)).into()]).await.map(drop)
}

/// Keeps the exchange as it stands now that it is over, letter for letter: its print is in the mandat.
pub(super) async fn garder(tx: &Tx, id: ConsentementId, echange: &str) -> Result<(), DbErr> {
    let sql = "UPDATE consentement SET echange = $2 WHERE id = $1 AND echange IS NULL";
    kit::execute(tx, sql, [id.0.into(), echange.into()]).await.map(drop)
}

/// Ties the exchange that a draft had to the mandat that it became.
pub(super) async fn lier(tx: &Tx, brouillon: Uuid, mandat: MandatId) -> Result<(), DbErr> {
    let sql = "UPDATE consentement SET mandat_id = $2 WHERE brouillon_id = $1 AND etat = 'acceptee'";
    kit::execute(tx, sql, [brouillon.into(), mandat.0.into()]).await.map(drop)
}

/// The exchange behind a mandat, letter for letter.
pub(super) async fn echange(conn: &impl ConnectionTrait, mandat: MandatId) -> Result<Option<String>, DbErr> {
    let sql = "SELECT echange FROM consentement WHERE mandat_id = $1 AND echange IS NOT NULL";
    let rows = kit::query(conn, sql, [mandat.0.into()]).await?;
    rows.first().map(|r| r.try_get_by_index(0)).transpose()
}
