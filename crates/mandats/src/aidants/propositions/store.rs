//! Rows of propositions.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{Email, Telephone};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::{EtatProposition, GARDE, Proposition, REPIT, VIE};
use crate::aidants::model::{EtatAidant, Fonction};
use crate::aidants::regles::Voie;
use crate::aidants::vie::Personne;
use crate::habilitations::model::PersonneId;
use crate::ids::AidantId;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    structure_id: Uuid,
    compte_id: Option<Uuid>,
    aidant_id: Option<Uuid>,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    profession: String,
    conseiller_numerique: bool,
    fait_mandats: bool,
    referent: bool,
    voie: String,
    formateur: Option<String>,
    vers: String,
    quitte: bool,
    nouveau_courriel: Option<String>,
    personne_id: Option<Uuid>,
    etat: String,
    par: Option<Uuid>,
    cree_le: DateTime<Utc>,
    fini_le: Option<DateTime<Utc>>,
}

impl Row {
    fn proposition(self) -> Result<Proposition, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("aidant_proposition {}: {colonne}", self.id));
        let adresse = |lue: &Option<String>, colonne: &str| {
            lue.as_deref().map(Email::parse).transpose().map_err(|_| abime(colonne))
        };
        let telephone =
            self.telephone.as_deref().map(|t| Telephone::parse(t).ok_or_else(|| abime("telephone")));
        Ok(Proposition {
            id: self.id,
            structure: StructureId(self.structure_id),
            compte: self.compte_id.map(CompteId),
            aidant: self.aidant_id.map(AidantId),
            vers: EtatAidant::from_cle(&self.vers).ok_or_else(|| abime("vers"))?,
            quitte: self.quitte,
            nouveau: adresse(&self.nouveau_courriel, "nouveau_courriel")?,
            nommee: self.personne_id.map(PersonneId),
            etat: EtatProposition::from_cle(&self.etat).ok_or_else(|| abime("etat"))?,
            par: self.par.map(CompteId),
            cree_le: self.cree_le,
            fini_le: self.fini_le,
            personne: Personne {
                fonction: Fonction::de(self.fait_mandats, self.referent).ok_or_else(|| abime("fonction"))?,
                voie: Voie::from_cle(&self.voie).ok_or_else(|| abime("voie"))?,
                formateur: adresse(&self.formateur, "formateur")?,
                courriel: Email::parse(&self.courriel).map_err(|_| abime("courriel"))?,
                telephone: telephone.transpose()?,
                prenom: self.prenom,
                nom: self.nom,
                profession: self.profession,
                conseiller_numerique: self.conseiller_numerique,
            },
        })
    }
}

const COLONNES: &str = "id, structure_id, compte_id, aidant_id, prenom, nom, courriel, telephone, profession, conseiller_numerique, \
                        fait_mandats, referent, voie, formateur, vers, quitte, nouveau_courriel, personne_id, etat, par, cree_le, \
                        fini_le";
/// Who answers: the account itself, or that of the professional.
const A_LUI: &str = "(compte_id = $1 OR aidant_id IN (SELECT id FROM aidant WHERE compte_id = $1))";

async fn lues(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Vec<Proposition>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM aidant_proposition {suite}");
    kit::query_as::<Row>(conn, &sql, values).await?.into_iter().map(Row::proposition).collect()
}

/// What waits for the answer of that account, oldest first.
pub(super) async fn du_compte(
    conn: &impl ConnectionTrait,
    compte: CompteId,
) -> Result<Vec<Proposition>, DbErr> {
    let suite = format!("WHERE {A_LUI} AND etat = 'proposee' ORDER BY cree_le, id LIMIT 100");
    lues(conn, &suite, vec![compte.0.into()]).await
}

/// How many wait for the answer of that account.
pub(crate) async fn attendent(conn: &impl ConnectionTrait, compte: CompteId) -> Result<usize, DbErr> {
    let sql = format!("SELECT COUNT(*) FROM aidant_proposition WHERE {A_LUI} AND etat = 'proposee'");
    Ok(usize::try_from(kit::count(conn, &sql, [compte.0.into()]).await?).unwrap_or(0))
}

/// That one, if that account may answer it.
pub(super) async fn a_lui(
    conn: &impl ConnectionTrait,
    id: Uuid,
    compte: CompteId,
) -> Result<Option<Proposition>, DbErr> {
    let suite = format!("WHERE {A_LUI} AND id = $2");
    Ok(lues(conn, &suite, vec![compte.0.into(), id.into()]).await?.pop())
}

/// That one, of that organisation.
pub(super) async fn une(
    conn: &impl ConnectionTrait,
    id: Uuid,
    structure: StructureId,
) -> Result<Option<Proposition>, DbErr> {
    Ok(lues(conn, "WHERE id = $1 AND structure_id = $2", vec![id.into(), structure.0.into()]).await?.pop())
}

/// Those of an organisation: what waits first, then what ended, latest first.
///
/// # Errors
/// The database.
pub(crate) async fn de(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<Vec<Proposition>, DbErr> {
    let suite = "WHERE structure_id = $1 ORDER BY CASE WHEN etat = 'proposee' THEN 0 ELSE 1 END, cree_le DESC, id LIMIT 200";
    lues(conn, suite, vec![structure.0.into()]).await
}

/// Whether a proposition of that organisation waits for the answer of that address.
///
/// # Errors
/// The database.
pub(crate) async fn attend(
    conn: &impl ConnectionTrait,
    courriel: &kernel::Email,
    structure: StructureId,
) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM aidant_proposition WHERE structure_id = $1 AND courriel_cle = $2 AND etat = 'proposee'";
    Ok(kit::count(conn, sql, [structure.0.into(), courriel.key().into()]).await? > 0)
}

/// Whether that organisation was told no by that address lately.
pub(super) async fn declinee_depuis_peu(conn: &impl ConnectionTrait, p: &Proposition) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM aidant_proposition WHERE structure_id = $1 AND courriel_cle = $2 AND etat = 'declinee' \
               AND fini_le > $3";
    let values: [Value; 3] =
        [p.structure.0.into(), p.personne.courriel.key().into(), (p.cree_le - REPIT).into()];
    Ok(kit::count(conn, sql, values).await? > 0)
}

/// Writes a new one; false when one of this organisation waits for that address already.
pub(super) async fn inserer(tx: &Tx, p: &Proposition) -> Result<bool, DbErr> {
    let qui = &p.personne;
    let values: Vec<Value> = vec![
        p.id.into(),
        p.structure.0.into(),
        p.compte.map(|c| c.0).into(),
        p.aidant.map(|a| a.0).into(),
        qui.prenom.clone().into(),
        qui.nom.clone().into(),
        qui.courriel.as_str().into(),
        qui.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        qui.profession.clone().into(),
        qui.conseiller_numerique.into(),
        qui.fonction.fait_mandats().into(),
        qui.fonction.referent().into(),
        qui.voie.cle().into(),
        qui.formateur.as_ref().map(|f| f.as_str().to_owned()).into(),
        p.vers.cle().into(),
        p.quitte.into(),
        p.nouveau.as_ref().map(|n| n.as_str().to_owned()).into(),
        p.nommee.map(|n| n.0).into(),
        p.etat.cle().into(),
        p.par.map(|c| c.0).into(),
        p.cree_le.into(),
        p.fini_le.into(),
        qui.courriel.key().into(),
    ];
    let sql = format!(
        "INSERT INTO aidant_proposition ({COLONNES}, courriel_cle) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) ON CONFLICT DO NOTHING"
    );
    Ok(kit::execute(tx, &sql, values).await?.rows_affected() == 1)
}

/// Ends one that waits; false when it was ended meanwhile.
pub(super) async fn clore(
    tx: &Tx,
    id: Uuid,
    etat: EtatProposition,
    le: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE aidant_proposition SET etat = $2, fini_le = $3 WHERE id = $1 AND etat = 'proposee'";
    let values: [Value; 3] = [id.into(), etat.cle().into(), le.into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Ends those that waited too long, forgets those that are over for long; how many of each.
pub(super) async fn echoir(tx: &Tx, now: DateTime<Utc>) -> Result<(u64, u64), DbErr> {
    let sql =
        "UPDATE aidant_proposition SET etat = 'echue', fini_le = $1 WHERE etat = 'proposee' AND cree_le < $2";
    let echues = kit::execute(tx, sql, [now.into(), (now - VIE).into()]).await?.rows_affected();
    let sql = "DELETE FROM aidant_proposition WHERE fini_le < $1";
    Ok((echues, kit::execute(tx, sql, [(now - GARDE).into()]).await?.rows_affected()))
}
