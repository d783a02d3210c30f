//! Whoever asks, and the links that they hold.

use chrono::{DateTime, Utc};
use identity::secrets::link::Secret;
use kernel::{Email, Telephone};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use crate::habilitations::model::{Demandeur, DemandeurId};

/// What a link does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::habilitations) enum Genre {
    /// It proves an address, once.
    Preuve,
    /// It opens the space of who asks.
    Espace,
}

impl Genre {
    fn cle(self) -> &'static str {
        match self {
            Self::Preuve => "preuve",
            Self::Espace => "espace",
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    prenom: String,
    nom: String,
    profession: String,
    telephone: Option<String>,
    courriel: String,
    verifie_le: Option<DateTime<Utc>>,
    envois: i64,
    envoye_le: Option<DateTime<Utc>>,
    cree_le: DateTime<Utc>,
}

impl Row {
    fn demandeur(self) -> Result<Demandeur, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("habilitation_demandeur {}: {colonne}", self.id));
        let telephone =
            self.telephone.as_deref().map(|t| Telephone::parse(t).ok_or_else(|| abime("telephone")));
        Ok(Demandeur {
            id: DemandeurId(self.id),
            courriel: Email::parse(&self.courriel).map_err(|_| abime("courriel"))?,
            telephone: telephone.transpose()?,
            prenom: self.prenom,
            nom: self.nom,
            profession: self.profession,
            verifie_le: self.verifie_le,
            envois: self.envois,
            envoye_le: self.envoye_le,
            cree_le: self.cree_le,
        })
    }
}

const COLONNES: &str = "d.id, d.prenom, d.nom, d.profession, d.telephone, d.courriel, d.verifie_le, d.envois, d.envoye_le, d.cree_le";

async fn un(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Option<Demandeur>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM habilitation_demandeur d {suite}");
    kit::query_one_as::<Row>(conn, &sql, values).await?.map(Row::demandeur).transpose()
}

/// That one.
pub(in crate::habilitations) async fn demandeur(
    conn: &impl ConnectionTrait,
    id: DemandeurId,
) -> Result<Option<Demandeur>, DbErr> {
    un(conn, "WHERE d.id = $1", vec![id.0.into()]).await
}

/// The one of that address.
pub(in crate::habilitations) async fn demandeur_de_courriel(
    conn: &impl ConnectionTrait,
    courriel: &Email,
) -> Result<Option<Demandeur>, DbErr> {
    un(conn, "WHERE d.courriel_cle = $1", vec![courriel.key().into()]).await
}

/// The one of that address, held until the end of the transaction.
pub(in crate::habilitations) async fn tenir_demandeur(
    tx: &Tx,
    courriel: &Email,
) -> Result<Option<Demandeur>, DbErr> {
    let sql = "UPDATE habilitation_demandeur SET envois = envois WHERE courriel_cle = $1";
    kit::execute(tx, sql, [courriel.key().into()]).await?;
    demandeur_de_courriel(tx, courriel).await
}

/// Enters somebody under an address, unless somebody else did meanwhile: whoever is there is held, and given.
pub(in crate::habilitations) async fn entrer_demandeur(tx: &Tx, d: &Demandeur) -> Result<Demandeur, DbErr> {
    if let Some(connu) = tenir_demandeur(tx, &d.courriel).await? {
        return Ok(connu);
    }
    ecrire_demandeur(tx, d, "ON CONFLICT (courriel_cle) DO NOTHING").await?;
    Ok(tenir_demandeur(tx, &d.courriel).await?.unwrap_or_else(|| d.clone()))
}

/// Writes somebody who is known.
pub(in crate::habilitations) async fn enregistrer_demandeur(tx: &Tx, d: &Demandeur) -> Result<(), DbErr> {
    let suite = "ON CONFLICT (id) DO UPDATE SET prenom = excluded.prenom, nom = excluded.nom, profession = excluded.profession, \
                 telephone = excluded.telephone, verifie_le = excluded.verifie_le, envois = excluded.envois, \
                 envoye_le = excluded.envoye_le";
    ecrire_demandeur(tx, d, suite).await
}

async fn ecrire_demandeur(tx: &Tx, d: &Demandeur, suite: &str) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        d.id.0.into(),
        d.prenom.clone().into(),
        d.nom.clone().into(),
        d.profession.clone().into(),
        d.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        d.courriel.as_str().into(),
        d.courriel.key().into(),
        d.verifie_le.into(),
        d.envois.into(),
        d.envoye_le.into(),
        d.cree_le.into(),
    ];
    let sql = format!(
        "INSERT INTO habilitation_demandeur (id, prenom, nom, profession, telephone, courriel, courriel_cle, verifie_le, \
         envois, envoye_le, cree_le) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) {suite}"
    );
    kit::execute(tx, &sql, values).await.map(drop)
}

/// Keeps a link until then.
pub(in crate::habilitations) async fn lier(
    tx: &Tx,
    secret: &Secret,
    demandeur: DemandeurId,
    genre: Genre,
    expire_le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO habilitation_lien (jeton, demandeur_id, genre, expire_le) VALUES ($1, $2, $3, $4)";
    let values: [Value; 4] = [secret.hash().into(), demandeur.0.into(), genre.cle().into(), expire_le.into()];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Who holds that link, if it is not over.
pub(in crate::habilitations) async fn lien(
    conn: &impl ConnectionTrait,
    secret: &Secret,
    genre: Genre,
    now: DateTime<Utc>,
) -> Result<Option<Demandeur>, DbErr> {
    un(
        conn,
        "JOIN habilitation_lien l ON l.demandeur_id = d.id WHERE l.jeton = $1 AND l.genre = $2 AND l.expire_le > $3",
        vec![secret.hash().into(), genre.cle().into(), now.into()],
    )
    .await
}

/// Uses a link that serves once: who holds it, the first time only.
pub(in crate::habilitations) async fn user_lien(
    tx: &Tx,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<Option<Demandeur>, DbErr> {
    let trouve = lien(tx, secret, Genre::Preuve, now).await?;
    let sql = "DELETE FROM habilitation_lien WHERE jeton = $1 AND genre = 'preuve'";
    let use_ = kit::execute(tx, sql, [secret.hash().into()]).await?.rows_affected();
    Ok(trouve.filter(|_| use_ == 1))
}

/// Forgets the links that are over, and those whose address was never proved.
pub(in crate::habilitations) async fn oublier_liens(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM habilitation_lien WHERE expire_le <= $1", [now.into()]).await?;
    let sql = "DELETE FROM habilitation_demandeur WHERE verifie_le IS NULL \
               AND id NOT IN (SELECT demandeur_id FROM habilitation_lien) \
               AND id NOT IN (SELECT demandeur_id FROM habilitation_demande)";
    kit::execute(tx, sql, []).await.map(drop)
}
