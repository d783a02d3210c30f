//! Rows of trainings, private to the room.

use std::collections::{HashMap, HashSet};

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeCommune, CodeRegion, Perimetre};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{
    Certification, Endroit, EtapeVae, EtatInscription, FicheSession, Inscription, InscriptionId, NIVEAU_MAX,
    Nature, Parcours, SOCLE, Session, SessionId, Titre,
};
use crate::ids::CandidatId;

/// Between the items of a list in one column: no typed text holds it.
const SEPARATEUR: char = '\u{1f}';

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    nature: String,
    organisme_id: Uuid,
    lot: String,
    regions: String,
    heures: i64,
    modules: String,
    code_commune: Option<String>,
    commune: Option<String>,
    debut: NaiveDate,
    fin: NaiveDate,
    places: i64,
    annulee: Option<String>,
    version: i64,
}

const SESSION: &str = "s.id, s.nature, s.organisme_id, s.lot, s.regions, s.heures, s.modules, s.code_commune, s.commune, s.debut, \
                       s.fin, s.places, s.annulee, s.version";

/// A row that the rules would never have written.
fn abime(table: &str, id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("{table} {id}: column {colonne} does not hold what it should"))
}

fn liste(texte: &str) -> Vec<String> {
    texte.split(SEPARATEUR).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

fn jointe<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(&SEPARATEUR.to_string())
}

impl SessionRow {
    fn session(self) -> Result<Session, DbErr> {
        let bad = |colonne| abime("formation_session", self.id, colonne);
        let endroit = match (self.code_commune, self.commune) {
            (None, None) => Endroit::ADistance,
            (Some(code), Some(nom)) => {
                Endroit::Commune { code: CodeCommune::parse(&code).ok_or_else(|| bad("code_commune"))?, nom }
            }
            _ => return Err(bad("commune")),
        };
        let regions = liste(&self.regions).iter().map(|c| CodeRegion::parse(c)).collect::<Option<Vec<_>>>();
        Ok(Session {
            id: SessionId(self.id),
            fiche: FicheSession {
                nature: Nature::from_cle(&self.nature).ok_or_else(|| bad("nature"))?,
                organisme: StructureId(self.organisme_id),
                lot: self.lot,
                regions: regions.ok_or_else(|| bad("regions"))?,
                heures: u16::try_from(self.heures).map_err(|_| bad("heures"))?,
                modules: liste(&self.modules),
                endroit,
                debut: self.debut,
                fin: self.fin,
                places: u32::try_from(self.places).map_err(|_| bad("places"))?,
            },
            annulee: self.annulee,
            version: self.version,
        })
    }
}

/// Which sessions a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filtre {
    /// Only those that begin after this day.
    pub apres: Option<NaiveDate>,
    /// Only those that are for this région.
    pub region: Option<CodeRegion>,
    /// Without those that were cancelled.
    pub sans_annulees: bool,
}

/// A session of a list, with its seats.
#[derive(Clone, Debug)]
pub struct Ligne {
    /// The session.
    pub session: Session,
    /// Seats taken.
    pub prises: u32,
    /// People in line.
    pub en_attente: u32,
}

impl Ligne {
    /// Seats left.
    pub fn libres(&self) -> u32 {
        self.session.fiche.places.saturating_sub(self.prises)
    }
}

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    // Sessions belong to training bodies, not to territories: any other scope sees them all.
    if let Perimetre::Structures(ids) = perimetre {
        let sql = c.structures(ids, "s.organisme_id");
        c.et(sql);
    }
    if let Some(jour) = f.apres {
        let place = c.place(jour);
        c.et(format!("s.debut > {place}"));
    }
    if let Some(region) = &f.region {
        let place = c.place(format!("%{region}%"));
        c.et(format!("(s.regions = '' OR s.regions LIKE {place})"));
    }
    if f.sans_annulees {
        c.et("s.annulee IS NULL");
    }
    c
}

/// How many sessions the list has.
pub(super) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f);
    let sql = format!("SELECT COUNT(*) FROM formation_session s{}", c.clause());
    Ok(usize::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or(0))
}

/// A page of the sessions, latest first.
pub(super) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<Vec<Ligne>, DbErr> {
    let mut c = conditions(perimetre, f);
    let clause = c.clause();
    let limit = c.place(i64::try_from(limit).unwrap_or(i64::MAX));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT {SESSION} FROM formation_session s{clause} ORDER BY s.debut DESC, s.id LIMIT {limit} OFFSET {offset}"
    );
    let rows: Vec<SessionRow> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    let sessions: Vec<Session> = rows.into_iter().map(SessionRow::session).collect::<Result<_, _>>()?;
    let mut comptes = places_de(conn, &sessions).await?;
    Ok(sessions
        .into_iter()
        .map(|session| {
            let (prises, en_attente) = comptes.remove(&session.id).unwrap_or_default();
            Ligne { session, prises, en_attente }
        })
        .collect())
}

/// Seats taken and people in line of each of these sessions; nothing for one that nobody asked for.
async fn places_de(
    conn: &impl ConnectionTrait,
    sessions: &[Session],
) -> Result<HashMap<SessionId, (u32, u32)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        session_id: Uuid,
        prises: i64,
        en_attente: i64,
    }
    let mut out = HashMap::new();
    for lot in sessions.chunks(500) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|s| s.id.0));
        let sql = format!(
            "SELECT session_id, \
             CAST(SUM(CASE WHEN etat IN ('inscrite', 'suivie', 'abandonnee') THEN 1 ELSE 0 END) AS BIGINT) AS prises, \
             CAST(SUM(CASE WHEN etat = 'en_attente' THEN 1 ELSE 0 END) AS BIGINT) AS en_attente \
             FROM formation_inscription WHERE session_id IN ({liste}) GROUP BY session_id"
        );
        let n = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        for r in kit::query_as::<Compte>(conn, &sql, c.values().to_vec()).await? {
            out.insert(SessionId(r.session_id), (n(r.prises), n(r.en_attente)));
        }
    }
    Ok(out)
}

/// Seats taken and people in line.
pub(super) async fn places(conn: &impl ConnectionTrait, id: SessionId) -> Result<(u32, u32), DbErr> {
    let n = async |etats: &str| -> Result<u32, DbErr> {
        let sql =
            format!("SELECT COUNT(*) FROM formation_inscription WHERE session_id = $1 AND etat IN ({etats})");
        Ok(u32::try_from(kit::count(conn, &sql, [id.0.into()]).await?).unwrap_or(u32::MAX))
    };
    Ok((n("'inscrite', 'suivie', 'abandonnee'").await?, n("'en_attente'").await?))
}

/// That session.
pub(super) async fn get(conn: &impl ConnectionTrait, id: SessionId) -> Result<Option<Session>, DbErr> {
    let sql = format!("SELECT {SESSION} FROM formation_session s WHERE s.id = $1");
    kit::query_one_as::<SessionRow>(conn, &sql, [id.0.into()]).await?.map(SessionRow::session).transpose()
}

/// That session, held until the end of the transaction: its seats are counted by one person at a time.
pub(super) async fn get_locked(tx: &Tx, id: SessionId) -> Result<Option<Session>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        kit::query(tx, "SELECT id FROM formation_session WHERE id = $1 FOR UPDATE", [id.0.into()]).await?;
    }
    get(tx, id).await
}

fn values(s: &Session) -> Vec<Value> {
    let f = &s.fiche;
    let (code, commune) = match &f.endroit {
        Endroit::ADistance => (None, None),
        Endroit::Commune { code, nom } => (Some(code.to_string()), Some(nom.clone())),
    };
    vec![
        s.id.0.into(),
        f.organisme.0.into(),
        f.lot.clone().into(),
        jointe(&f.regions).into(),
        i64::from(f.heures).into(),
        jointe(&f.modules).into(),
        code.into(),
        commune.into(),
        f.debut.into(),
        f.fin.into(),
        i64::from(f.places).into(),
        s.annulee.clone().into(),
        f.nature.cle().into(),
    ]
}

/// Writes a new session.
pub(super) async fn insert(tx: &Tx, s: &Session) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO formation_session (id, organisme_id, lot, regions, heures, modules, code_commune, commune, debut, \
         fin, places, annulee, nature, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)",
        values(s),
    )
    .await
    .map(|_| ())
}

/// Writes a session that the caller holds.
pub(super) async fn update(tx: &Tx, s: &Session) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE formation_session SET organisme_id = $2, lot = $3, regions = $4, heures = $5, modules = $6, \
         code_commune = $7, commune = $8, debut = $9, fin = $10, places = $11, annulee = $12, nature = $13, version = version + 1 \
         WHERE id = $1",
        values(s),
    )
    .await
    .map(|_| ())
}

#[derive(FromQueryResult)]
struct InscriptionRow {
    id: Uuid,
    session_id: Uuid,
    candidat_id: Uuid,
    demandee_le: DateTime<Utc>,
    modules: String,
    heures: i64,
    etat: String,
    fin_le: Option<DateTime<Utc>>,
}

const INSCRIPTION: &str = "id, session_id, candidat_id, demandee_le, modules, heures, etat, fin_le";

impl InscriptionRow {
    fn inscription(self) -> Result<Inscription, DbErr> {
        let bad = |colonne| abime("formation_inscription", self.id, colonne);
        Ok(Inscription {
            id: InscriptionId(self.id),
            session: SessionId(self.session_id),
            candidat: CandidatId(self.candidat_id),
            demandee_le: self.demandee_le,
            modules: liste(&self.modules),
            heures: u16::try_from(self.heures).map_err(|_| bad("heures"))?,
            etat: EtatInscription::new(&self.etat, self.fin_le).ok_or_else(|| bad("etat"))?,
        })
    }
}

async fn inscriptions(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Vec<Inscription>, DbErr> {
    let sql = format!("SELECT {INSCRIPTION} FROM formation_inscription WHERE {suite}");
    let rows: Vec<InscriptionRow> = kit::query_as(conn, &sql, values).await?;
    rows.into_iter().map(InscriptionRow::inscription).collect()
}

/// Everybody who asked for that session, by the order of the requests.
pub(super) async fn de_session(
    conn: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Vec<Inscription>, DbErr> {
    inscriptions(conn, "session_id = $1 ORDER BY demandee_le, id", vec![id.0.into()]).await
}

/// Everything that person asked for, oldest first, with its session.
pub(super) async fn de_candidat(
    conn: &impl ConnectionTrait,
    id: CandidatId,
) -> Result<Vec<(Inscription, Session)>, DbErr> {
    let mut out = Vec::new();
    for i in inscriptions(conn, "candidat_id = $1 ORDER BY demandee_le, id", vec![id.0.into()]).await? {
        let session = get(conn, i.session).await?;
        out.push((i, session.ok_or_else(|| DbErr::RecordNotFound("formation_session".to_owned()))?));
    }
    Ok(out)
}

/// That registration.
pub(super) async fn inscription(
    conn: &impl ConnectionTrait,
    id: InscriptionId,
) -> Result<Option<Inscription>, DbErr> {
    Ok(inscriptions(conn, "id = $1", vec![id.0.into()]).await?.pop())
}

/// Writes a registration, new or changed; the caller holds its session.
pub(super) async fn enregistrer(tx: &Tx, i: &Inscription) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO formation_inscription (id, session_id, candidat_id, demandee_le, modules, heures, etat, fin_le) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET heures = excluded.heures, \
         etat = excluded.etat, fin_le = excluded.fin_le",
        [
            i.id.0.into(),
            i.session.0.into(),
            i.candidat.0.into(),
            i.demandee_le.into(),
            jointe(&i.modules).into(),
            i64::from(i.heures).into(),
            i.etat.cle().into(),
            i.etat.le().into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Gives these registrations to a person.
pub(super) async fn passer(tx: &Tx, inscriptions: &[Uuid], a: CandidatId) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let qui = c.place(a.0);
    let liste = c.liste(inscriptions.iter().copied());
    let sql = format!("UPDATE formation_inscription SET candidat_id = {qui} WHERE id IN ({liste})");
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// Writes a parcours that the caller holds in place of the one before: what it does not hold is gone.
pub(super) async fn remplacer_parcours(tx: &Tx, id: CandidatId, p: &Parcours) -> Result<(), DbErr> {
    for table in ["formation_certification", "formation_vae"] {
        let sql = format!("DELETE FROM {table} WHERE candidat_id = $1");
        kit::execute(tx, &sql, [id.0.into()]).await?;
    }
    enregistrer_parcours(tx, id, p).await
}

/// Forgets what is known of the training of a person who is erased; their places in sessions stay, without a name.
pub(super) async fn oublier(tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    for table in ["formation_certification", "formation_vae", "formation_parcours"] {
        let sql = format!("DELETE FROM {table} WHERE candidat_id = $1");
        kit::execute(tx, &sql, [id.0.into()]).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct ParcoursRow {
    score: Option<i64>,
    score_le: Option<NaiveDate>,
    socle: String,
}

#[derive(FromQueryResult)]
struct FaitRow {
    quoi: String,
    le: NaiveDate,
}

/// What is known of the training of that person.
pub(super) async fn parcours(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Parcours, DbErr> {
    let bad = |colonne| abime("formation_parcours", id.0, colonne);
    let mut p = Parcours::default();
    let sql = "SELECT score, score_le, socle FROM formation_parcours WHERE candidat_id = $1";
    if let Some(row) = kit::query_one_as::<ParcoursRow>(conn, sql, [id.0.into()]).await? {
        if let (Some(score), Some(le)) = (row.score, row.score_le) {
            p.positionnement = Some((u8::try_from(score).map_err(|_| bad("score"))?, le));
        }
        for (niveau, c) in p.socle.iter_mut().zip(row.socle.chars()) {
            let lu = c.to_digit(10).and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= NIVEAU_MAX);
            *niveau = lu.ok_or_else(|| bad("socle"))?;
        }
    }
    let sql =
        "SELECT titre AS quoi, le FROM formation_certification WHERE candidat_id = $1 ORDER BY le, titre";
    for row in kit::query_as::<FaitRow>(conn, sql, [id.0.into()]).await? {
        let titre = Titre::from_cle(&row.quoi).ok_or_else(|| bad("titre"))?;
        p.certifications.push(Certification { titre, le: row.le });
    }
    let sql = "SELECT etape AS quoi, le FROM formation_vae WHERE candidat_id = $1 ORDER BY rang";
    for row in kit::query_as::<FaitRow>(conn, sql, [id.0.into()]).await? {
        p.vae.push((EtapeVae::from_cle(&row.quoi).ok_or_else(|| bad("etape"))?, row.le));
    }
    Ok(p)
}

/// That parcours, held until the end of the transaction.
pub(super) async fn parcours_locked(tx: &Tx, id: CandidatId) -> Result<Parcours, DbErr> {
    let socle = "0".repeat(SOCLE.len());
    kit::execute(
        tx,
        "INSERT INTO formation_parcours (candidat_id, socle, version) VALUES ($1, $2, 0) ON CONFLICT (candidat_id) \
         DO UPDATE SET version = formation_parcours.version + 1",
        [id.0.into(), socle.into()],
    )
    .await?;
    parcours(tx, id).await
}

/// Writes a parcours that the caller holds.
pub(super) async fn enregistrer_parcours(tx: &Tx, id: CandidatId, p: &Parcours) -> Result<(), DbErr> {
    let socle: String = p.socle.iter().map(|n| char::from(b'0' + n.min(&NIVEAU_MAX))).collect();
    kit::execute(
        tx,
        "UPDATE formation_parcours SET score = $2, score_le = $3, socle = $4 WHERE candidat_id = $1",
        [
            id.0.into(),
            p.positionnement.map(|(s, _)| i64::from(s)).into(),
            p.positionnement.map(|(_, le)| le).into(),
            socle.into(),
        ],
    )
    .await?;
    for c in &p.certifications {
        kit::execute(
            tx,
            "INSERT INTO formation_certification (candidat_id, titre, le) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [id.0.into(), c.titre.cle().into(), c.le.into()],
        )
        .await?;
    }
    for (rang, (etape, le)) in (1_i64..).zip(&p.vae) {
        kit::execute(
            tx,
            "INSERT INTO formation_vae (candidat_id, rang, etape, le) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [id.0.into(), rang.into(), etape.cle().into(), (*le).into()],
        )
        .await?;
    }
    Ok(())
}

/// Everybody who has that title.
///
/// # Errors
/// The database.
pub async fn ayant(conn: &impl ConnectionTrait, titre: Titre) -> Result<HashSet<CandidatId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Qui {
        candidat_id: Uuid,
    }
    let sql = "SELECT candidat_id FROM formation_certification WHERE titre = $1";
    let qui: Vec<Qui> = kit::query_as(conn, sql, [titre.cle().into()]).await?;
    Ok(qui.into_iter().map(|q| CandidatId(q.candidat_id)).collect())
}

/// How many people who hold or held a post of a scope followed a training to its end, and how many have each title, in its order.
///
/// # Errors
/// The database.
pub(crate) async fn formes(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<(i64, Vec<(Titre, i64)>), DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        titre: String,
        nombre: i64,
    }
    let mut c = Conditions::default();
    c.dans(perimetre, "r", "structure_id");
    let gens = match perimetre {
        Perimetre::National => String::new(),
        _ => format!(
            " AND t.candidat_id IN (SELECT a.candidat_id FROM poste_affectation a \
             JOIN poste_rattachement r ON r.poste_id = a.poste_id{})",
            c.clause()
        ),
    };
    let sql = format!(
        "SELECT COUNT(DISTINCT t.candidat_id) FROM formation_inscription t WHERE t.etat = 'suivie'{gens}"
    );
    let suivies = kit::count(conn, &sql, c.values().to_vec()).await?;
    let sql = format!(
        "SELECT t.titre AS titre, COUNT(*) AS nombre FROM formation_certification t WHERE 1 = 1{gens} GROUP BY t.titre"
    );
    let mut titres: Vec<(Titre, i64)> = kit::query_as::<Compte>(conn, &sql, c.values().to_vec())
        .await?
        .into_iter()
        .filter_map(|l| Some((Titre::from_cle(&l.titre)?, l.nombre)))
        .collect();
    titres.sort();
    Ok((suivies, titres))
}
