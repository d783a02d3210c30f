//! Rows of meetings and of who is invited; what came of organisations.

use std::collections::{BTreeMap, HashMap, HashSet};

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use identity::secrets::link::Secret;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Email, Perimetre, Pivot};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Fiche, Invite, InviteId, Origine, Reponse, Reunion, ReunionId, Suite};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    jour: NaiveDate,
    debut: String,
    fin: String,
    lieu: Option<String>,
    lien: Option<String>,
    departement: String,
    region: String,
    places: i64,
    organisateur: String,
    precisions: Option<String>,
    code: String,
    annulee: Option<String>,
    version: i64,
}

const COLONNES: &str = "id, jour, debut, fin, lieu, lien, departement, region, places, organisateur, precisions, code, annulee, version";

impl Row {
    fn reunion(self) -> Result<Reunion, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("reunion {}: {colonne}", self.id));
        let heure = |h: &str, c: &str| NaiveTime::parse_from_str(h, "%H:%M").map_err(|_| abime(c));
        Ok(Reunion {
            id: ReunionId(self.id),
            fiche: Fiche {
                debut: heure(&self.debut, "debut")?,
                fin: heure(&self.fin, "fin")?,
                departement: CodeDepartement::parse(&self.departement).ok_or_else(|| abime("departement"))?,
                places: u32::try_from(self.places).map_err(|_| abime("places"))?,
                jour: self.jour,
                lieu: self.lieu,
                lien: self.lien,
                organisateur: self.organisateur,
                precisions: self.precisions,
            },
            region: CodeRegion::parse(&self.region).ok_or_else(|| DbErr::Type("region".to_owned()))?,
            code: self.code,
            annulee: self.annulee,
            version: self.version,
        })
    }
}

async fn lues(conn: &impl ConnectionTrait, suite: &str, values: Vec<Value>) -> Result<Vec<Reunion>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM reunion r{suite}");
    kit::query_as::<Row>(conn, &sql, values).await?.into_iter().map(Row::reunion).collect()
}

pub(super) async fn lire(conn: &impl ConnectionTrait, id: ReunionId) -> Result<Option<Reunion>, DbErr> {
    Ok(lues(conn, " WHERE id = $1", vec![id.0.into()]).await?.pop())
}

/// The meeting of that public page.
pub(super) async fn de_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Reunion>, DbErr> {
    Ok(lues(conn, " WHERE code = $1", vec![code.into()]).await?.pop())
}

/// That meeting, held until the end of the transaction: seats are counted by one person at a time.
pub(super) async fn tenir(tx: &Tx, id: ReunionId) -> Result<Option<Reunion>, DbErr> {
    kit::execute(tx, "UPDATE reunion SET version = version WHERE id = $1", [id.0.into()]).await?;
    lire(tx, id).await
}

/// Writes a meeting: a new one, or the next version of one that the caller holds.
pub(super) async fn enregistrer(tx: &Tx, r: &Reunion) -> Result<(), DbErr> {
    let f = &r.fiche;
    let heure = |h: NaiveTime| h.format("%H:%M").to_string();
    let values: Vec<Value> = vec![
        r.id.0.into(),
        f.jour.into(),
        heure(f.debut).into(),
        heure(f.fin).into(),
        f.lieu.clone().into(),
        f.lien.clone().into(),
        f.departement.as_str().into(),
        r.region.to_string().into(),
        i64::from(f.places).into(),
        f.organisateur.clone().into(),
        f.precisions.clone().into(),
        r.code.clone().into(),
        r.annulee.clone().into(),
        r.version.into(),
    ];
    let sql = format!(
        "INSERT INTO reunion ({COLONNES}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 + 1) \
         ON CONFLICT (id) DO UPDATE SET jour = excluded.jour, debut = excluded.debut, fin = excluded.fin, \
         lieu = excluded.lieu, lien = excluded.lien, departement = excluded.departement, region = excluded.region, \
         places = excluded.places, organisateur = excluded.organisateur, precisions = excluded.precisions, \
         annulee = excluded.annulee, version = excluded.version WHERE reunion.version = excluded.version - 1"
    );
    match kit::execute(tx, &sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}

/// Which meetings.
#[derive(Clone, Debug, Default)]
pub(super) struct Filtre {
    /// Of that département.
    pub(super) departement: Option<CodeDepartement>,
    /// To come (`true`) or past, at that day.
    pub(super) a_venir: Option<(bool, NaiveDate)>,
}

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    match perimetre {
        Perimetre::National | Perimetre::Regions(_) | Perimetre::Departements(_) => {
            c.dans(perimetre, "r", "id");
        }
        // A meeting belongs to a territory: no other scope reaches it.
        _ => c.et("1 = 0"),
    }
    if let Some(d) = &f.departement {
        let d = c.place(d.to_string());
        c.et(format!("r.departement = {d}"));
    }
    if let Some((a_venir, jour)) = f.a_venir {
        let jour = c.place(jour);
        c.et(format!("r.jour {} {jour}", if a_venir { ">=" } else { "<" }));
    }
    c
}

pub(super) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f);
    let sql = format!("SELECT COUNT(*) FROM reunion r{}", c.clause());
    Ok(usize::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or(0))
}

/// A page of the meetings, latest day first.
pub(super) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<Vec<Reunion>, DbErr> {
    let mut c = conditions(perimetre, f);
    let limit = c.place(i64::try_from(limit).unwrap_or(i64::MAX));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let suite = format!("{} ORDER BY r.jour DESC, r.id LIMIT {limit} OFFSET {offset}", c.clause());
    lues(conn, &suite, c.values().to_vec()).await
}

/// Meetings that are neither cancelled nor past, and begin that day at the latest.
pub(super) async fn prochaines(
    conn: &impl ConnectionTrait,
    (du, au): (NaiveDate, NaiveDate),
) -> Result<Vec<Reunion>, DbErr> {
    let suite = " WHERE annulee IS NULL AND jour >= $1 AND jour <= $2 ORDER BY jour, id LIMIT 500";
    lues(conn, suite, vec![du.into(), au.into()]).await
}

#[derive(FromQueryResult)]
struct InviteRow {
    id: Uuid,
    reunion_id: Uuid,
    structure_id: Option<Uuid>,
    pivot: Option<String>,
    organisme: String,
    prenom: Option<String>,
    nom: Option<String>,
    courriel: Option<String>,
    reponse: String,
    present: Option<bool>,
    origine: String,
    cree_le: DateTime<Utc>,
    repondu_le: Option<DateTime<Utc>>,
    ecrit_le: Option<DateTime<Utc>>,
}

const INVITE: &str = "id, reunion_id, structure_id, pivot, organisme, prenom, nom, courriel, reponse, present, origine, \
                      cree_le, repondu_le, ecrit_le";

impl InviteRow {
    fn invite(self) -> Result<Invite, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("reunion_invite {}: {colonne}", self.id));
        Ok(Invite {
            id: InviteId(self.id),
            reunion: ReunionId(self.reunion_id),
            structure: self.structure_id.map(StructureId),
            pivot: self.pivot.as_deref().and_then(|p| Pivot::parse(p).ok()),
            courriel: self.courriel.as_deref().and_then(|c| Email::parse(c).ok()),
            reponse: Reponse::from_cle(&self.reponse).ok_or_else(|| abime("reponse"))?,
            origine: Origine::from_cle(&self.origine).ok_or_else(|| abime("origine"))?,
            organisme: self.organisme,
            prenom: self.prenom,
            nom: self.nom,
            present: self.present,
            cree_le: self.cree_le,
            repondu_le: self.repondu_le,
            ecrit_le: self.ecrit_le,
        })
    }
}

async fn invites_lus(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Vec<Invite>, DbErr> {
    let sql = format!("SELECT {INVITE} FROM reunion_invite WHERE {suite}");
    kit::query_as::<InviteRow>(conn, &sql, values).await?.into_iter().map(InviteRow::invite).collect()
}

/// Most people of one meeting that are read: invitations are bounded by the same number.
pub(super) const INVITES_MAX: i64 = 5_000;

/// Everybody on the list of a meeting, by organisation.
pub(super) async fn invites(conn: &impl ConnectionTrait, r: ReunionId) -> Result<Vec<Invite>, DbErr> {
    let suite = "reunion_id = $1 ORDER BY organisme, id LIMIT $2";
    invites_lus(conn, suite, vec![r.0.into(), INVITES_MAX.into()]).await
}

pub(super) async fn invite(conn: &impl ConnectionTrait, id: InviteId) -> Result<Option<Invite>, DbErr> {
    Ok(invites_lus(conn, "id = $1", vec![id.0.into()]).await?.pop())
}

/// Whoever has that address on the list of that meeting.
pub(super) async fn du_courriel(
    conn: &impl ConnectionTrait,
    r: ReunionId,
    courriel: &Email,
) -> Result<Option<Invite>, DbErr> {
    let suite = "reunion_id = $1 AND courriel_cle = $2";
    Ok(invites_lus(conn, suite, vec![r.0.into(), courriel.key().into()]).await?.pop())
}

/// Whose link that is.
pub(super) async fn du_lien(conn: &impl ConnectionTrait, secret: &Secret) -> Result<Option<Invite>, DbErr> {
    let suite = "id = (SELECT invite_id FROM reunion_lien WHERE jeton = $1)";
    Ok(invites_lus(conn, suite, vec![secret.hash().into()]).await?.pop())
}

/// Notes a link of somebody.
pub(super) async fn lier(tx: &Tx, id: InviteId, secret: &Secret) -> Result<(), DbErr> {
    let sql = "INSERT INTO reunion_lien (jeton, invite_id) VALUES ($1, $2)";
    kit::execute(tx, sql, [secret.hash().into(), id.0.into()]).await.map(drop)
}

/// How many people say that they come.
pub(super) async fn viennent(conn: &impl ConnectionTrait, r: ReunionId) -> Result<u32, DbErr> {
    let sql = "SELECT COUNT(*) FROM reunion_invite WHERE reunion_id = $1 AND reponse = 'vient'";
    Ok(u32::try_from(kit::count(conn, sql, [r.0.into()]).await?).unwrap_or(u32::MAX))
}

/// Writes somebody of a list; the caller holds the meeting.
pub(super) async fn inviter(tx: &Tx, i: &Invite) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        i.id.0.into(),
        i.reunion.0.into(),
        i.structure.map(|s| s.0).into(),
        i.pivot.as_ref().map(|p| p.as_str().to_owned()).into(),
        i.organisme.clone().into(),
        i.prenom.clone().into(),
        i.nom.clone().into(),
        i.courriel.as_ref().map(|c| c.as_str().to_owned()).into(),
        i.reponse.cle().into(),
        i.present.into(),
        i.origine.cle().into(),
        i.cree_le.into(),
        i.repondu_le.into(),
        i.ecrit_le.into(),
        i.courriel.as_ref().map(Email::key).into(),
    ];
    let sql = format!(
        "INSERT INTO reunion_invite ({INVITE}, courriel_cle) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15) ON CONFLICT (id) DO UPDATE SET pivot = excluded.pivot, organisme = excluded.organisme, \
         prenom = excluded.prenom, nom = excluded.nom, reponse = excluded.reponse, present = excluded.present, \
         repondu_le = excluded.repondu_le, ecrit_le = excluded.ecrit_le"
    );
    kit::execute(tx, &sql, values).await.map(drop)
}

/// Structures already on the list of a meeting.
pub(super) async fn structures_invitees(
    conn: &impl ConnectionTrait,
    r: ReunionId,
) -> Result<HashSet<StructureId>, DbErr> {
    let sql =
        "SELECT DISTINCT structure_id FROM reunion_invite WHERE reunion_id = $1 AND structure_id IS NOT NULL";
    let rows = kit::query(conn, sql, [r.0.into()]).await?;
    rows.iter().map(|row| row.try_get("", "structure_id").map(StructureId)).collect()
}

/// Those of these structures that are habilitées that day.
pub(super) async fn habilitees(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
    jour: NaiveDate,
) -> Result<HashSet<StructureId>, DbErr> {
    let mut out = HashSet::new();
    for lot in ids.chunks(500) {
        let sql = format!(
            "SELECT structure_id FROM organisation_habilitee WHERE (desactivee_le IS NULL OR desactivee_le > $1) \
             AND structure_id IN ({})",
            kit::places(2, lot.len())
        );
        let values = std::iter::once(Value::from(jour)).chain(lot.iter().map(|s| s.0.into()));
        for row in kit::query(conn, &sql, values).await? {
            out.insert(StructureId(row.try_get("", "structure_id")?));
        }
    }
    Ok(out)
}

#[derive(FromQueryResult)]
struct SuiteRow {
    pivot: String,
    demande_le: Option<DateTime<Utc>>,
    habilitee_le: Option<NaiveDate>,
}

/// What came of the organisations of these people, in their order: by their number, and by their structure for those that
/// were habilitées without a request here.
pub(super) async fn suites(
    conn: &impl ConnectionTrait,
    invites: &[Invite],
    jour: NaiveDate,
) -> Result<Vec<Suite>, DbErr> {
    let mut par_pivot: HashMap<String, Suite> = HashMap::new();
    let pivots: BTreeMap<&str, ()> =
        invites.iter().filter_map(|i| i.pivot.as_ref().map(|p| (p.as_str(), ()))).collect();
    let pivots: Vec<&str> = pivots.into_keys().collect();
    for lot in pivots.chunks(500) {
        let sql = format!(
            "SELECT d.pivot, MAX(d.deposee_le) AS demande_le, MAX(o.habilitee_le) AS habilitee_le FROM habilitation_demande d \
             LEFT JOIN organisation_habilitee o ON o.structure_id = d.structure_id \
             AND (o.desactivee_le IS NULL OR o.desactivee_le > $1) \
             WHERE d.deposee_le IS NOT NULL AND d.etat <> 'annulee' AND d.pivot IN ({}) GROUP BY d.pivot",
            kit::places(2, lot.len())
        );
        let values = std::iter::once(Value::from(jour)).chain(lot.iter().map(|p| (*p).into()));
        for r in kit::query_as::<SuiteRow>(conn, &sql, values).await? {
            let demande_le = r.demande_le.map(|le| kernel::calendrier::jour(&le));
            par_pivot.insert(r.pivot, Suite { demande_le, habilitee_le: r.habilitee_le });
        }
    }
    let ids: Vec<StructureId> = invites.iter().filter_map(|i| i.structure).collect();
    let mut par_structure: HashMap<StructureId, NaiveDate> = HashMap::new();
    for lot in ids.chunks(500) {
        let sql = format!(
            "SELECT structure_id, habilitee_le FROM organisation_habilitee \
             WHERE (desactivee_le IS NULL OR desactivee_le > $1) AND structure_id IN ({})",
            kit::places(2, lot.len())
        );
        let values = std::iter::once(Value::from(jour)).chain(lot.iter().map(|s| s.0.into()));
        for row in kit::query(conn, &sql, values).await? {
            par_structure
                .insert(StructureId(row.try_get("", "structure_id")?), row.try_get("", "habilitee_le")?);
        }
    }
    Ok(invites
        .iter()
        .map(|i| {
            let s = i.pivot.as_ref().and_then(|p| par_pivot.get(p.as_str())).copied().unwrap_or_default();
            let ici = i.structure.and_then(|s| par_structure.get(&s)).copied();
            Suite { habilitee_le: s.habilitee_le.max(ici), ..s }
        })
        .collect())
}

/// Forgets who was invited to meetings held before that day: names, addresses, links. Gives how many people it concerned.
pub(super) async fn oublier(tx: &Tx, avant: NaiveDate) -> Result<u64, DbErr> {
    const VIEUX: &str = "(SELECT id FROM reunion WHERE jour < $1)";
    let sql = format!(
        "DELETE FROM reunion_lien WHERE invite_id IN (SELECT id FROM reunion_invite WHERE reunion_id IN {VIEUX})"
    );
    kit::execute(tx, &sql, [avant.into()]).await?;
    let sql = format!(
        "UPDATE reunion_invite SET prenom = NULL, nom = NULL, courriel = NULL, courriel_cle = NULL \
         WHERE reunion_id IN {VIEUX} AND (courriel IS NOT NULL OR nom IS NOT NULL)"
    );
    Ok(kit::execute(tx, &sql, [avant.into()]).await?.rows_affected())
}
