//! Rows of demandes. The room of selection reads and writes them by these functions.

mod avis;
mod calendrier;
mod liste;

use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use kernel::{CodeCommune, CodeDepartement, CodeRegion, Email, Telephone};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

pub use avis::{Avis, Piece, avis_de, derniers_avis, noter_avis, piece, pieces, poser_piece, premiers_avis};
pub use calendrier::{calendrier, fixer};
pub use liste::{Autour, Filtre, apres, autour, compter, de_numeros, lister, par_etat};

use super::model::{Demande, Etat, Interlocuteur, Origine, Sens};
use crate::ids::{DemandeId, SeanceId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    numero: i64,
    etat_donnees: String,
    structure_id: Uuid,
    nom: String,
    code_commune: String,
    commune: String,
    departement: String,
    region: String,
    prenom_contact: String,
    nom_contact: String,
    fonction_contact: String,
    courriel_contact: String,
    telephone_contact: String,
    objet: String,
    zonages: String,
    origine: String,
    avis: Option<String>,
    deposee_le: DateTime<Utc>,
    version: i64,
    precisions: String,
}

const COLUMNS: &str = "id, numero, etat_donnees, structure_id, nom, code_commune, commune, departement, region, \
                       prenom_contact, nom_contact, fonction_contact, courriel_contact, telephone_contact, objet, \
                       zonages, origine, avis, deposee_le, version, precisions";

/// A row that the rules would never have written.
fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("demande {id}: column {colonne} does not hold what it should"))
}

impl Row {
    fn demande(self) -> Result<Demande, DbErr> {
        let bad = |colonne| move || abime(self.id, colonne);
        let json = |colonne| move |_: serde_json::Error| abime(self.id, colonne);
        Ok(Demande {
            id: DemandeId(self.id),
            numero: self.numero,
            structure: StructureId(self.structure_id),
            commune: (CodeCommune::parse(&self.code_commune).ok_or_else(bad("code_commune"))?, self.commune),
            departement: CodeDepartement::parse(&self.departement).ok_or_else(bad("departement"))?,
            region: CodeRegion::parse(&self.region).ok_or_else(bad("region"))?,
            contact: Interlocuteur {
                prenom: self.prenom_contact,
                nom: self.nom_contact,
                fonction: self.fonction_contact,
                courriel: Email::parse(&self.courriel_contact)
                    .map_err(|_| abime(self.id, "courriel_contact"))?,
                telephone: Telephone::parse(&self.telephone_contact).ok_or_else(bad("telephone_contact"))?,
            },
            nom: self.nom,
            precisions: self.precisions,
            objet: serde_json::from_str(&self.objet).map_err(json("objet"))?,
            zonages: serde_json::from_str(&self.zonages).map_err(json("zonages"))?,
            origine: Origine::from_cle(&self.origine).ok_or_else(bad("origine"))?,
            etat: serde_json::from_str(&self.etat_donnees).map_err(json("etat_donnees"))?,
            avis: match &self.avis {
                Some(cle) => Some(Sens::from_cle(cle).ok_or_else(bad("avis"))?),
                None => None,
            },
            deposee_le: self.deposee_le,
            version: self.version,
        })
    }
}

fn json(value: &impl serde::Serialize) -> Result<Value, DbErr> {
    serde_json::to_string(value).map(Value::from).map_err(|e| DbErr::Custom(e.to_string()))
}

/// The session that a state names.
fn seance(etat: &Etat) -> Option<SeanceId> {
    match etat {
        Etat::EnSeance { seance } => Some(*seance),
        _ => None,
    }
}

/// How many posts a state grants.
fn accordes(etat: &Etat) -> i64 {
    match etat {
        Etat::Accordee { postes, .. } => i64::from(*postes),
        _ => 0,
    }
}

/// Writes a new demande.
///
/// # Errors
/// The database; a second demande of the kind that is under way, as a broken unique index.
pub async fn insert(tx: &Tx, d: &Demande) -> Result<(), DbErr> {
    insert_many(tx, std::slice::from_ref(d)).await
}

/// Writes new demandes.
///
/// # Errors
/// As [`insert`].
pub async fn insert_many(tx: &Tx, demandes: &[Demande]) -> Result<(), DbErr> {
    let into = format!("demande ({COLUMNS}, genre, etat, seance_id, postes, recherche, accordes)");
    let rows: Result<Vec<Vec<Value>>, DbErr> = demandes.iter().map(values).collect();
    kit::insert_many(tx, &into, rows?, "").await.map(|_| ())
}

/// The values of a demande, in the order of [`insert_many`].
fn values(d: &Demande) -> Result<Vec<Value>, DbErr> {
    Ok(vec![
        d.id.0.into(),
        d.numero.into(),
        json(&d.etat)?,
        d.structure.0.into(),
        d.nom.clone().into(),
        d.commune.0.to_string().into(),
        d.commune.1.clone().into(),
        d.departement.to_string().into(),
        d.region.to_string().into(),
        d.contact.prenom.clone().into(),
        d.contact.nom.clone().into(),
        d.contact.fonction.clone().into(),
        d.contact.courriel.to_string().into(),
        d.contact.telephone.to_string().into(),
        json(&d.objet)?,
        json(&d.zonages)?,
        d.origine.cle().into(),
        d.avis.map(Sens::cle).into(),
        d.deposee_le.into(),
        d.version.into(),
        d.precisions.clone().into(),
        d.objet.genre().cle().into(),
        d.etat.cle().into(),
        seance(&d.etat).map(|s| s.0).into(),
        i64::from(d.objet.postes()).into(),
        kernel::text::fold(&format!("{} {} {} {}", d.reference(), d.nom, d.commune.1, d.commune.0)).into(),
        accordes(&d.etat).into(),
    ])
}

/// Writes the state and the last opinion of a demande that the caller holds.
///
/// # Errors
/// The database.
pub async fn changer_etat(tx: &Tx, d: &Demande, etat: &Etat) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE demande SET etat = $2, etat_donnees = $3, seance_id = $4, accordes = $5, version = version + 1 WHERE id = $1",
        [
            d.id.0.into(),
            etat.cle().into(),
            json(etat)?,
            seance(etat).map(|s| s.0).into(),
            accordes(etat).into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Keeps what was answered to the committee, of a demande that the caller holds.
///
/// # Errors
/// The database.
pub async fn preciser(tx: &Tx, id: DemandeId, precisions: &str) -> Result<(), DbErr> {
    let sql = "UPDATE demande SET precisions = $2, version = version + 1 WHERE id = $1";
    kit::execute(tx, sql, [id.0.into(), precisions.into()]).await.map(|_| ())
}

/// That demande.
///
/// # Errors
/// The database.
pub async fn get(conn: &impl ConnectionTrait, id: DemandeId) -> Result<Option<Demande>, DbErr> {
    let row: Option<Row> =
        kit::query_one_as(conn, &format!("SELECT {COLUMNS} FROM demande WHERE id = $1"), [id.0.into()])
            .await?;
    row.map(Row::demande).transpose()
}

/// These demandes, by their identifier; those that do not exist are left out.
///
/// # Errors
/// The database.
pub async fn charger(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = DemandeId>,
) -> Result<std::collections::HashMap<DemandeId, Demande>, DbErr> {
    let ids: Vec<DemandeId> = ids.into_iter().collect();
    let mut out = std::collections::HashMap::with_capacity(ids.len());
    for lot in ids.chunks(500) {
        let mut c = annuaire::structures::Conditions::default();
        let liste = c.liste(lot.iter().map(|d| d.0));
        let sql = format!("SELECT {COLUMNS} FROM demande WHERE id IN ({liste})");
        for row in kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await? {
            let demande = row.demande()?;
            out.insert(demande.id, demande);
        }
    }
    Ok(out)
}

/// That demande, held until the end of the transaction.
///
/// # Errors
/// The database.
pub async fn get_locked(tx: &Tx, id: DemandeId) -> Result<Option<Demande>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        kit::query(tx, "SELECT id FROM demande WHERE id = $1 FOR UPDATE", [id.0.into()]).await?;
    }
    get(tx, id).await
}

/// These demandes, held until the end of the transaction, in the order of their identifiers: whoever takes several never
/// waits in a circle.
///
/// # Errors
/// The database.
pub async fn tenir_toutes(tx: &Tx, ids: impl IntoIterator<Item = DemandeId>) -> Result<Vec<Demande>, DbErr> {
    let ids: std::collections::BTreeSet<DemandeId> = ids.into_iter().collect();
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        out.extend(get_locked(tx, id).await?);
    }
    Ok(out)
}

/// The demandes of these structures, newest first.
///
/// # Errors
/// The database.
pub async fn de_structures(conn: &impl ConnectionTrait, ids: &[StructureId]) -> Result<Vec<Demande>, DbErr> {
    let mut c = annuaire::structures::Conditions::default();
    let liste = c.liste(ids.iter().map(|s| s.0));
    let sql = format!(
        "SELECT {COLUMNS} FROM demande WHERE structure_id IN ({liste}) ORDER BY numero DESC LIMIT 200"
    );
    kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await?.into_iter().map(Row::demande).collect()
}
