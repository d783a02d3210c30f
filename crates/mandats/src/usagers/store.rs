//! Rows of people who are helped.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Email, Telephone};
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use super::usager::place;
use super::{Contact, Genre, Identite, Usager};
use crate::Failure;
use crate::document::Naissance;
use crate::ids::UsagerId;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    sub: String,
    prenoms: String,
    nom: String,
    nom_usage: Option<String>,
    genre: String,
    naissance_etat_civil: String,
    naissance: NaiveDate,
    commune: Option<String>,
    pays: String,
    courriel: Option<String>,
    telephone: Option<String>,
    courriel_prouve: bool,
    telephone_prouve: bool,
    cle_journal: String,
    cree_le: DateTime<Utc>,
    vu_le: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn usager(self) -> Result<Usager, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("usager {}: {colonne}", self.id));
        let courriel = self.courriel.as_deref().map(|c| Email::parse(c).map_err(|_| abime("courriel")));
        let telephone =
            self.telephone.as_deref().map(|t| Telephone::parse(t).ok_or_else(|| abime("telephone")));
        let courriel = courriel.transpose()?;
        Ok(Usager {
            id: UsagerId(self.id),
            contact: Contact {
                courriel: courriel.clone(),
                telephone: telephone.transpose()?,
                courriel_prouve: self.courriel_prouve,
                telephone_prouve: self.telephone_prouve,
            },
            identite: Identite {
                genre: Genre::from_cle(&self.genre).ok_or_else(|| abime("genre"))?,
                naissance: Naissance { etat_civil: self.naissance_etat_civil, completee: self.naissance },
                prenoms: self.prenoms,
                nom: self.nom,
                nom_usage: self.nom_usage,
                commune: self.commune,
                pays: self.pays,
                courriel,
            },
            sub: self.sub,
            cle_journal: self.cle_journal,
            cree_le: self.cree_le,
            vu_le: self.vu_le,
            version: self.version,
        })
    }
}

const COLONNES: &str = "id, sub, prenoms, nom, nom_usage, genre, naissance_etat_civil, naissance, commune, pays, courriel, \
                        telephone, cle_journal, cree_le, vu_le, version, courriel_prouve, telephone_prouve";

async fn un(conn: &impl ConnectionTrait, ou: &str, value: Value) -> Result<Option<Usager>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM usager WHERE {ou} = $1");
    kit::query_one_as::<Row>(conn, &sql, [value]).await?.map(Row::usager).transpose()
}

/// That person.
///
/// # Errors
/// The database.
pub async fn lire(conn: &impl ConnectionTrait, id: UsagerId) -> Result<Option<Usager>, DbErr> {
    un(conn, "id", id.0.into()).await
}

/// These people, by identifier; those that do not exist are left out.
pub(crate) async fn plusieurs(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = UsagerId>,
) -> Result<std::collections::HashMap<UsagerId, Usager>, DbErr> {
    let ids: Vec<Value> = ids.into_iter().map(|u| u.0.into()).collect();
    let mut out = std::collections::HashMap::with_capacity(ids.len());
    for lot in ids.chunks(1_000) {
        let sql = format!("SELECT {COLONNES} FROM usager WHERE id IN ({})", kit::places(1, lot.len()));
        let rows: Vec<Row> = kit::query_as(conn, &sql, lot.to_vec()).await?;
        for row in rows {
            let usager = row.usager()?;
            out.insert(usager.id, usager);
        }
    }
    Ok(out)
}

/// The person of that keyed hash ([`super::empreinte`]).
///
/// # Errors
/// The database.
pub async fn du_sub(conn: &impl ConnectionTrait, sub: &str) -> Result<Option<Usager>, DbErr> {
    un(conn, "sub", sub.into()).await
}

/// That person, held until the end of the transaction. Who makes, ends or uses mandats of somebody holds them first.
///
/// # Errors
/// The database.
pub async fn tenir(tx: &Tx, id: UsagerId) -> Result<Option<Usager>, DbErr> {
    kit::execute(tx, "UPDATE usager SET version = version WHERE id = $1", [id.0.into()]).await?;
    lire(tx, id).await
}

/// The person that FranceConnect just identified, held: a new one, or a known one whose identity is brought up to date, known by
/// that `sub` or by their whole identity ([`super::reconnaitre`]).
/// Names and dates follow FranceConnect; a name in use is kept when it gives none; the address is the person's own once
/// they proved one, and FranceConnect's takes the place of none, or of what an aidant typed.
///
/// # Errors
/// The database; no key to seal with.
pub async fn retrouver_ou_inscrire(
    site: &Site,
    tx: &Tx,
    sub: &str,
    identite: &Identite,
) -> Result<Usager, Failure> {
    let autres = match super::rapprochement::reconnaitre_ou(site, tx, sub, identite).await? {
        Ok(connu) => return mettre_a_jour(site, tx, connu, identite).await,
        Err(autres) => autres,
    };
    let now = site.clock.now();
    let id = UsagerId::new(&site.clock, &site.chance);
    let nouveau = Usager {
        id,
        sub: sub.to_owned(),
        identite: identite.clone(),
        contact: Contact {
            courriel: identite.courriel.clone(),
            courriel_prouve: identite.courriel.is_some(),
            ..Contact::default()
        },
        cle_journal: site.secrets.seal(&site.chance, &place(id), &site.chance.bytes::<32>())?,
        cree_le: now,
        vu_le: now,
        version: 1,
    };
    // Two aidants may receive the same person at once: the second finds the first's row, and waits for it.
    if inserer(tx, &nouveau).await? {
        super::rapprochement::noter_doublons(site, tx, &nouveau, &autres).await?;
        return Ok(nouveau);
    }
    let sql = "UPDATE usager SET version = version WHERE sub = $1";
    kit::execute(tx, sql, [sub.into()]).await?;
    let connu = du_sub(tx, sub).await?.ok_or_else(|| DbErr::RecordNotFound("usager".to_owned()))?;
    mettre_a_jour(site, tx, connu, identite).await
}

/// Writes what FranceConnect says today of a known person, held.
async fn mettre_a_jour(site: &Site, tx: &Tx, connu: Usager, identite: &Identite) -> Result<Usager, Failure> {
    let now = site.clock.now();
    let avant = connu.contact.clone();
    let mut contact = avant.clone();
    if identite.courriel.is_some() && !(avant.courriel.is_some() && avant.courriel_prouve) {
        (contact.courriel, contact.courriel_prouve) = (identite.courriel.clone(), true);
    }
    let usager = Usager {
        identite: Identite {
            nom_usage: identite.nom_usage.clone().or_else(|| connu.identite.nom_usage.clone()),
            courriel: contact.courriel.clone(),
            ..identite.clone()
        },
        contact,
        vu_le: now,
        ..connu
    };
    enregistrer(tx, &usager).await?;
    if usager.contact != avant {
        let qui = super::pseudonyme(site, &usager)?;
        let faits = json!({ "quoi": "courriel", "par": "franceconnect" });
        journal::write(site, tx, Entry::system("usager.coordonnees", "usager", qui).with(faits)).await?;
        crate::espace::prevenir_anciennes(site, tx, &avant, &usager.contact).await?;
    }
    Ok(Usager { version: usager.version + 1, ..usager })
}

fn values(u: &Usager) -> Vec<Value> {
    let i = &u.identite;
    vec![
        u.id.0.into(),
        u.sub.clone().into(),
        i.prenoms.clone().into(),
        i.nom.clone().into(),
        i.nom_usage.clone().into(),
        i.genre.cle().into(),
        i.naissance.etat_civil.clone().into(),
        i.naissance.completee.into(),
        i.commune.clone().into(),
        i.pays.clone().into(),
        u.contact.courriel.as_ref().map(|c| c.as_str().to_owned()).into(),
        u.contact.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        u.cle_journal.clone().into(),
        u.cree_le.into(),
        u.vu_le.into(),
        u.version.into(),
        u.contact.courriel_prouve.into(),
        u.contact.telephone_prouve.into(),
    ]
}

/// Writes a new person; `false` when that hash is known.
async fn inserer(tx: &Tx, u: &Usager) -> Result<bool, DbErr> {
    let sql = format!(
        "INSERT INTO usager ({COLONNES}) VALUES ({}) ON CONFLICT (sub) DO NOTHING",
        kit::places(1, 18)
    );
    Ok(kit::execute(tx, &sql, values(u)).await?.rows_affected() == 1)
}

/// Writes the next version of a known person, and what the lists of organisations show of them.
///
/// # Errors
/// The database; [`DbErr::RecordNotUpdated`] when somebody changed it meanwhile.
pub async fn enregistrer(tx: &Tx, u: &Usager) -> Result<(), DbErr> {
    let sql = "UPDATE usager SET sub = $2, prenoms = $3, nom = $4, nom_usage = $5, genre = $6, \
               naissance_etat_civil = $7, naissance = $8, commune = $9, pays = $10, courriel = $11, telephone = $12, \
               cle_journal = $13, cree_le = $14, vu_le = $15, version = $16 + 1, \
               courriel_prouve = $17, telephone_prouve = $18 WHERE id = $1 AND version = $16";
    if kit::execute(tx, sql, values(u)).await?.rows_affected() == 0 {
        return Err(DbErr::RecordNotUpdated);
    }
    crate::mandats::store::renommer(tx, u).await
}

/// Erases a person who has no mandat: with the row goes the key of what the journal calls them.
pub(crate) async fn effacer(tx: &Tx, id: UsagerId) -> Result<(), DbErr> {
    for sql in ["DELETE FROM mandat_personne WHERE usager_id = $1", "DELETE FROM usager WHERE id = $1"] {
        kit::execute(tx, sql, [id.0.into()]).await?;
    }
    Ok(())
}

/// Writes new people in one go: fictitious ones, and those of another system.
pub(crate) async fn semer(tx: &Tx, usagers: &[Usager]) -> Result<(), DbErr> {
    let rows = usagers.iter().map(values).collect();
    kit::insert_many(tx, &format!("usager ({COLONNES})"), rows, "").await.map(drop)
}
