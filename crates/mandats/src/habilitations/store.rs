//! Rows of requests.

mod demandeurs;
mod liste;

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{CodeDepartement, CodeRegion, Email, Telephone};
use platform::Tx;
use platform::db::kit;
use platform::web::FormState;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

pub(super) use demandeurs::{
    Genre, demandeur, enregistrer_demandeur, entrer_demandeur, lien, lier, oublier_liens, tenir_demandeur,
    user_lien,
};
pub(super) use liste::{Filtre, Ligne, compter, lister, par_etat};

use super::model::{Demande, DemandeurId, Dossier, Echange, Etat, Personne, PersonneId};
use super::rules;
use crate::ids::{AidantId, HabilitationId};

/// Longest value of a field that is kept, in characters.
const CHAMP_MAX: usize = 5_000;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    demandeur_id: Uuid,
    etat: String,
    champs: String,
    nom: String,
    numero: Option<i64>,
    type_cle: Option<String>,
    pivot: Option<String>,
    lieu_cle: Option<String>,
    commune: Option<String>,
    departement: Option<String>,
    region: Option<String>,
    agent_id: Option<Uuid>,
    structure_id: Option<Uuid>,
    cree_le: DateTime<Utc>,
    modifie_le: DateTime<Utc>,
    deposee_le: Option<DateTime<Utc>>,
    decidee_le: Option<DateTime<Utc>>,
    version: i64,
}

impl Row {
    fn demande(self) -> Result<Demande, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("habilitation {}: {colonne}", self.id));
        let champs: Vec<(String, String)> =
            serde_json::from_str(&self.champs).map_err(|_| abime("champs"))?;
        let departement = self
            .departement
            .as_deref()
            .map(|d| CodeDepartement::parse(d).ok_or_else(|| abime("departement")));
        let region = self.region.as_deref().map(|r| CodeRegion::parse(r).ok_or_else(|| abime("region")));
        Ok(Demande {
            id: HabilitationId(self.id),
            demandeur: DemandeurId(self.demandeur_id),
            etat: Etat::from_cle(&self.etat).ok_or_else(|| abime("etat"))?,
            champs: FormState::filled(champs),
            departement: departement.transpose()?,
            region: region.transpose()?,
            nom: self.nom,
            numero: self.numero,
            type_cle: self.type_cle,
            pivot: self.pivot,
            lieu_cle: self.lieu_cle,
            commune: self.commune,
            agent: self.agent_id.map(CompteId),
            structure: self.structure_id.map(StructureId),
            cree_le: self.cree_le,
            modifie_le: self.modifie_le,
            deposee_le: self.deposee_le,
            decidee_le: self.decidee_le,
            version: self.version,
        })
    }
}

const COLONNES: &str = "id, demandeur_id, etat, champs, nom, numero, type_cle, pivot, lieu_cle, commune, departement, region, \
                        agent_id, structure_id, cree_le, modifie_le, deposee_le, decidee_le, version";

async fn lues(conn: &impl ConnectionTrait, suite: &str, values: Vec<Value>) -> Result<Vec<Demande>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM habilitation_demande {suite}");
    kit::query_as::<Row>(conn, &sql, values).await?.into_iter().map(Row::demande).collect()
}

/// That request.
pub(super) async fn lire(conn: &impl ConnectionTrait, id: HabilitationId) -> Result<Option<Demande>, DbErr> {
    Ok(lues(conn, "WHERE id = $1", vec![id.0.into()]).await?.into_iter().next())
}

/// The same, held until the end of the transaction.
pub(super) async fn tenir(tx: &Tx, id: HabilitationId) -> Result<Option<Demande>, DbErr> {
    let sql = "UPDATE habilitation_demande SET version = version WHERE id = $1";
    kit::execute(tx, sql, [id.0.into()]).await?;
    lire(tx, id).await
}

/// Where the request of that number stands.
pub(crate) async fn etat_du_numero(conn: &impl ConnectionTrait, numero: i64) -> Result<Option<Etat>, DbErr> {
    let demande = lues(conn, "WHERE numero = $1", vec![numero.into()]).await?.into_iter().next();
    Ok(demande.map(|d| d.etat))
}

/// Requests of somebody, newest first.
pub(super) async fn du_demandeur(
    conn: &impl ConnectionTrait,
    demandeur: DemandeurId,
) -> Result<Vec<Demande>, DbErr> {
    lues(conn, "WHERE demandeur_id = $1 ORDER BY cree_le DESC, id DESC LIMIT 200", vec![demandeur.0.into()])
        .await
}

/// Requests that bear this number and were filed, whatever became of them, newest first.
pub(super) async fn du_pivot(conn: &impl ConnectionTrait, pivot: &str) -> Result<Vec<Demande>, DbErr> {
    lues(
        conn,
        "WHERE pivot = $1 AND etat <> 'brouillon' ORDER BY deposee_le DESC, id DESC LIMIT 20",
        vec![pivot.into()],
    )
    .await
}

/// Structures of the directory that bear this number and came of a request, or are habilitées.
pub(super) async fn structures_du_pivot(
    conn: &impl ConnectionTrait,
    pivot: &str,
) -> Result<Vec<StructureId>, DbErr> {
    // The number of a structure is the directory's to know: its own function gives the oldest, requests give the others.
    let sql = "SELECT DISTINCT structure_id FROM habilitation_demande WHERE pivot = $1 AND structure_id IS NOT NULL LIMIT 50";
    let mut out: Vec<StructureId> = Vec::new();
    for row in kit::query(conn, sql, [pivot.into()]).await? {
        out.push(StructureId(row.try_get("", "structure_id")?));
    }
    if let Ok(p) = kernel::Pivot::parse(pivot)
        && let Some(s) = annuaire::structures::de_pivot(conn, &p).await?
        && !out.contains(&s.id)
    {
        out.push(s.id);
    }
    Ok(out)
}

fn champs(form: &FormState) -> Result<String, DbErr> {
    let gardes: Vec<(&str, String)> = form
        .values()
        .iter()
        .filter(|(k, v)| super::saisie::garde(k) && !v.is_empty())
        .take(100)
        .map(|(k, v)| (k.as_str(), v.chars().take(CHAMP_MAX).collect()))
        .collect();
    serde_json::to_string(&gardes).map_err(|e| DbErr::Custom(e.to_string()))
}

fn recherche(d: &Demande) -> String {
    let numero = d.numero.map(|n| n.to_string()).unwrap_or_default();
    let pivot = d.pivot.as_deref().unwrap_or_default();
    let commune = d.commune.as_deref().unwrap_or_default();
    kernel::text::fold(&format!("{} {numero} {pivot} {commune}", d.nom))
}

/// Writes a request: a new one, or the next version of a known one. What was filed is written by [`deposer`].
///
/// # Errors
/// The database; [`DbErr::RecordNotUpdated`] when somebody changed it meanwhile.
pub(super) async fn enregistrer(tx: &Tx, d: &Demande) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        d.id.0.into(),
        d.demandeur.0.into(),
        d.etat.cle().into(),
        champs(&d.champs)?.into(),
        d.nom.clone().into(),
        d.agent.map(|a| a.0).into(),
        d.structure.map(|s| s.0).into(),
        d.cree_le.into(),
        d.modifie_le.into(),
        d.decidee_le.into(),
        recherche(d).into(),
        d.version.into(),
    ];
    let sql = "INSERT INTO habilitation_demande (id, demandeur_id, etat, champs, nom, agent_id, structure_id, cree_le, \
               modifie_le, decidee_le, recherche, version) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 + 1) \
               ON CONFLICT (id) DO UPDATE SET etat = excluded.etat, champs = excluded.champs, nom = excluded.nom, \
               agent_id = excluded.agent_id, structure_id = excluded.structure_id, modifie_le = excluded.modifie_le, \
               decidee_le = excluded.decidee_le, recherche = excluded.recherche, version = excluded.version \
               WHERE habilitation_demande.version = excluded.version - 1";
    // A row that was filed keeps its checks only by an UPDATE: PostgreSQL tests those of the proposed row first.
    if d.version > 0 {
        let sql = "UPDATE habilitation_demande SET demandeur_id = $2, etat = $3, champs = $4, nom = $5, agent_id = $6, \
                   structure_id = $7, cree_le = $8, modifie_le = $9, decidee_le = $10, recherche = $11, version = $12 + 1 \
                   WHERE id = $1 AND version = $12";
        return match kit::execute(tx, sql, values).await?.rows_affected() {
            0 => Err(DbErr::RecordNotUpdated),
            _ => Ok(()),
        };
    }
    kit::execute(tx, sql, values).await.map(drop)
}

/// Writes what is filed: the request is studied from now on.
///
/// # Errors
/// The database; a broken unique index when another of this number and place is under way.
pub(super) async fn deposer(
    tx: &Tx,
    d: &Demande,
    dossier: &Dossier,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let commune = &dossier.fiche.commune;
    let values: Vec<Value> = vec![
        d.id.0.into(),
        dossier.fiche.nom.clone().into(),
        dossier.fiche.pivot.as_ref().map(ToString::to_string).into(),
        d.numero.into(),
        dossier.type_cle.into(),
        dossier.type_autre.clone().into(),
        commune.nom.clone().into(),
        commune.departement.as_str().into(),
        commune.region.as_str().into(),
        rules::lieu_cle(dossier).into(),
        dossier.partenaire.is_some().into(),
        dossier.partenaire.clone().into(),
        dossier.france_services.is_some().into(),
        dossier.france_services.clone().into(),
        dossier.referent.courriel.as_str().into(),
        now.into(),
        d.version.into(),
        champs(&d.champs)?.into(),
        recherche(&Demande {
            nom: dossier.fiche.nom.clone(),
            pivot: dossier.fiche.pivot.as_ref().map(ToString::to_string),
            commune: Some(commune.nom.clone()),
            ..d.clone()
        })
        .into(),
    ];
    let sql = "UPDATE habilitation_demande SET etat = 'en_instruction', nom = $2, pivot = $3, numero = $4, type_cle = $5, \
               type_autre = $6, commune = $7, departement = $8, region = $9, lieu_cle = $10, privee = $11, partenaire = $12, \
               france_services = $13, france_services_numero = $14, referent_courriel = $15, \
               deposee_le = COALESCE(deposee_le, $16), modifie_le = $16, decidee_le = NULL, version = $17 + 1, \
               champs = $18, recherche = $19, cgu = TRUE, gratuite = TRUE, dpo = TRUE, professionnels = TRUE, sans_elus = TRUE \
               WHERE id = $1 AND version = $17";
    match kit::execute(tx, sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}

/// The next number of habilitation for that postal code. Counters are taken last (`docs/architecture.md`).
pub(crate) async fn allouer(tx: &Tx, code_postal: &str) -> Result<i64, DbErr> {
    let sql =
        "UPDATE habilitation_compteur SET valeur = valeur + 1 WHERE cle = 'numero' RETURNING valeur - 1";
    Ok(rules::numero(code_postal, kit::count(tx, sql, []).await?))
}

/// Erases a draft with its people.
pub(super) async fn effacer(tx: &Tx, id: HabilitationId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM habilitation_personne WHERE demande_id = $1", [id.0.into()]).await?;
    let sql = "DELETE FROM habilitation_demande WHERE id = $1 AND etat = 'brouillon'";
    kit::execute(tx, sql, [id.0.into()]).await.map(drop)
}

#[derive(FromQueryResult)]
struct PersonneRow {
    id: Uuid,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    profession: String,
    conseiller_numerique: bool,
    aidant_id: Option<Uuid>,
}

/// People named in a request, by name.
pub(super) async fn personnes(
    conn: &impl ConnectionTrait,
    demande: HabilitationId,
) -> Result<Vec<Personne>, DbErr> {
    let sql = "SELECT id, prenom, nom, courriel, telephone, profession, conseiller_numerique, aidant_id \
               FROM habilitation_personne WHERE demande_id = $1 ORDER BY id";
    let rows: Vec<PersonneRow> = kit::query_as(conn, sql, [demande.0.into()]).await?;
    rows.into_iter()
        .map(|r| {
            let abime = |colonne: &str| DbErr::Type(format!("habilitation_personne {}: {colonne}", r.id));
            let telephone =
                r.telephone.as_deref().map(|t| Telephone::parse(t).ok_or_else(|| abime("telephone")));
            Ok(Personne {
                id: PersonneId(r.id),
                courriel: Email::parse(&r.courriel).map_err(|_| abime("courriel"))?,
                telephone: telephone.transpose()?,
                prenom: r.prenom,
                nom: r.nom,
                profession: r.profession,
                conseiller_numerique: r.conseiller_numerique,
                aidant: r.aidant_id.map(AidantId),
            })
        })
        .collect()
}

/// Writes a person of a request, new or known.
///
/// # Errors
/// The database; a broken unique index when the request names this address already.
pub(super) async fn enregistrer_personne(
    tx: &Tx,
    demande: HabilitationId,
    p: &Personne,
) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        p.id.0.into(),
        demande.0.into(),
        p.prenom.clone().into(),
        p.nom.clone().into(),
        p.courriel.as_str().into(),
        p.courriel.key().into(),
        p.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        p.profession.clone().into(),
        p.conseiller_numerique.into(),
        p.aidant.map(|a| a.0).into(),
    ];
    let sql = "INSERT INTO habilitation_personne (id, demande_id, prenom, nom, courriel, courriel_cle, telephone, profession, \
               conseiller_numerique, aidant_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT (id) DO UPDATE SET prenom = excluded.prenom, nom = excluded.nom, courriel = excluded.courriel, \
               courriel_cle = excluded.courriel_cle, telephone = excluded.telephone, profession = excluded.profession, \
               conseiller_numerique = excluded.conseiller_numerique, aidant_id = excluded.aidant_id";
    kit::execute(tx, sql, values).await.map(drop)
}

/// Ties a person of a request to the professional that came of it, once they agreed.
///
/// # Errors
/// The database.
pub(crate) async fn lier_personne(tx: &Tx, id: PersonneId, aidant: AidantId) -> Result<(), DbErr> {
    let sql = "UPDATE habilitation_personne SET aidant_id = $2 WHERE id = $1 AND aidant_id IS NULL";
    kit::execute(tx, sql, [id.0.into(), aidant.0.into()]).await.map(drop)
}

/// Takes a person out of a request.
pub(super) async fn retirer_personne(tx: &Tx, demande: HabilitationId, id: PersonneId) -> Result<u64, DbErr> {
    let sql = "DELETE FROM habilitation_personne WHERE id = $1 AND demande_id = $2 AND aidant_id IS NULL";
    Ok(kit::execute(tx, sql, [id.0.into(), demande.0.into()]).await?.rows_affected())
}

/// What was said, in order.
pub(super) async fn echanges(
    conn: &impl ConnectionTrait,
    demande: HabilitationId,
) -> Result<Vec<Echange>, DbErr> {
    #[derive(FromQueryResult)]
    struct R {
        auteur: String,
        compte_id: Option<Uuid>,
        texte: String,
        ecrit_le: DateTime<Utc>,
    }
    let sql = "SELECT auteur, compte_id, texte, ecrit_le FROM habilitation_message WHERE demande_id = $1 ORDER BY ecrit_le, id LIMIT 500";
    let rows: Vec<R> = kit::query_as(conn, sql, [demande.0.into()]).await?;
    Ok(rows
        .into_iter()
        .map(|r| Echange {
            equipe: r.auteur == "equipe",
            compte: r.compte_id.map(CompteId),
            texte: r.texte,
            le: r.ecrit_le,
        })
        .collect())
}

/// Keeps a message.
pub(super) async fn noter(tx: &Tx, id: Uuid, demande: HabilitationId, e: &Echange) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        id.into(),
        demande.0.into(),
        if e.equipe { "equipe" } else { "demandeur" }.into(),
        e.compte.map(|c| c.0).into(),
        e.texte.clone().into(),
        e.le.into(),
    ];
    let sql = "INSERT INTO habilitation_message (id, demande_id, auteur, compte_id, texte, ecrit_le) VALUES ($1, $2, $3, $4, $5, $6)";
    kit::execute(tx, sql, values).await.map(drop)
}
