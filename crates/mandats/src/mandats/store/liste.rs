//! The people of an organisation: three tabs, a search, a page at a time.

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::super::model::{BIENTOT, MONTRE, Personne};
use super::super::{Recherche, Regard};
use super::ouvertes_de;
use crate::document::Naissance;
use crate::ids::UsagerId;
use crate::usagers::Genre;

/// A tab of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Onglet {
    /// Something may be done for them now.
    #[default]
    Actifs,
    /// Nothing any more: the last date has passed, within a year.
    Expires,
    /// Nothing any more: somebody put an end to it, within a year.
    Revoques,
}

impl Onglet {
    /// Every one, in order.
    pub const TOUS: [Self; 3] = [Self::Actifs, Self::Expires, Self::Revoques];

    /// In addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Actifs => "actifs",
            Self::Expires => "expires",
            Self::Revoques => "revoques",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|o| o.cle() == cle)
    }

    /// On the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Actifs => "Mandats actifs",
            Self::Expires => "Mandats expirés",
            Self::Revoques => "Mandats révoqués",
        }
    }
}

/// The people of an organisation with the ends of what they allowed it, as `p`: a row each is kept of the whole; what a team
/// sees is worked out.
fn source(regard: &Regard, c: &mut Conditions) -> String {
    let ici = c.place(regard.structure().0);
    if regard.equipes().is_none() {
        c.et(format!("p.structure_id = {ici}"));
        return "mandat_personne p".to_owned();
    }
    let visibles = regard.et("a.mandat_id", |equipe| c.place(equipe));
    format!(
        "(SELECT x.usager_id, x.tri, x.recherche, x.naissance, \
         MAX(CASE WHEN a.fin_le IS NULL OR a.fin_le >= a.expire_le THEN a.expire_le END) AS expire_le, \
         MAX(CASE WHEN a.fin_auteur IS NOT NULL AND a.fin_le < a.expire_le THEN a.fin_le END) AS revoque_le \
         FROM mandat_personne x JOIN mandat_autorisation a ON a.structure_id = x.structure_id AND a.usager_id = x.usager_id \
         WHERE x.structure_id = {ici}{visibles} GROUP BY x.usager_id, x.tri, x.recherche, x.naissance) p"
    )
}

/// What is true of the people of a tab.
fn de_l_onglet(onglet: Onglet, now: DateTime<Utc>, c: &mut Conditions) -> String {
    let maintenant = c.place(now);
    let mut depuis = || c.place(now - TimeDelta::days(MONTRE));
    match onglet {
        Onglet::Actifs => format!("p.expire_le > {maintenant}"),
        Onglet::Expires => format!(
            "p.expire_le <= {maintenant} AND p.expire_le > {} AND (p.revoque_le IS NULL OR p.revoque_le <= p.expire_le)",
            depuis()
        ),
        Onglet::Revoques => format!(
            "(p.expire_le IS NULL OR (p.expire_le <= {maintenant} AND p.revoque_le > p.expire_le)) AND p.revoque_le > {}",
            depuis()
        ),
    }
}

/// Where the people that a search finds are, and which they are.
fn conditions(regard: &Regard, q: &Recherche) -> (String, Conditions) {
    let mut c = Conditions::default();
    let source = source(regard, &mut c);
    for mot in &q.mots {
        // Folded: no sign of LIKE comes through.
        let place = c.place(format!("% {mot}%"));
        c.et(format!("p.recherche LIKE {place}"));
    }
    for date in &q.dates {
        let place = c.place(date.clone());
        c.et(format!("p.naissance LIKE {place}"));
    }
    (source, c)
}

/// How many people each tab has, in the order of [`Onglet::TOUS`]: one look at the organisation counts the three.
///
/// # Errors
/// The database.
pub async fn compter(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    q: &Recherche,
    now: DateTime<Utc>,
) -> Result<[usize; 3], DbErr> {
    let (source, mut c) = conditions(regard, q);
    let colonnes =
        Onglet::TOUS.map(|o| format!("COUNT(*) FILTER (WHERE {})", de_l_onglet(o, now, &mut c))).join(", ");
    let sql = format!("SELECT {colonnes} FROM {source}{}", c.clause());
    let mut nombres = [0; 3];
    for row in kit::query(conn, &sql, c.values().to_vec()).await? {
        for (place, nombre) in nombres.iter_mut().enumerate() {
            *nombre = usize::try_from(row.try_get_by_index::<i64>(place)?).unwrap_or(0);
        }
    }
    Ok(nombres)
}

#[derive(FromQueryResult)]
struct Row {
    usager_id: Uuid,
    prenoms: String,
    nom: String,
    nom_usage: Option<String>,
    genre: String,
    naissance_etat_civil: String,
    naissance: NaiveDate,
}

/// A page of a tab, in the order of the alphabet, with what is active now.
///
/// # Errors
/// The database.
pub async fn personnes(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    (onglet, q): (Onglet, &Recherche),
    now: DateTime<Utc>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Personne>, DbErr> {
    let (source, mut c) = conditions(regard, q);
    let de_l_onglet = de_l_onglet(onglet, now, &mut c);
    c.et(de_l_onglet);
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    // The page is cut before names are fetched.
    let sql = format!(
        "SELECT u.id AS usager_id, u.prenoms, u.nom, u.nom_usage, u.genre, u.naissance_etat_civil, u.naissance FROM \
         (SELECT p.usager_id, p.tri FROM {source}{} ORDER BY p.tri, p.usager_id LIMIT {limit} OFFSET {offset}) x \
         JOIN usager u ON u.id = x.usager_id ORDER BY x.tri, x.usager_id",
        c.clause()
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    remplir(conn, regard, rows, now).await
}

/// People of whom something ends within [`BIENTOT`] days, the first to end first.
///
/// # Errors
/// The database.
pub async fn bientot_finis(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Personne>, DbErr> {
    let limit = i64::try_from(limit).unwrap_or(100);
    let mut values: Vec<Value> =
        vec![regard.structure().0.into(), now.into(), (now + TimeDelta::days(BIENTOT)).into(), limit.into()];
    let visibles = regard.et("a.mandat_id", |v| {
        values.push(v);
        format!("${}", values.len())
    });
    // A mandat of a day is meant to end: it is not told.
    let sql = format!(
        "SELECT u.id AS usager_id, u.prenoms, u.nom, u.nom_usage, u.genre, u.naissance_etat_civil, u.naissance \
               FROM (SELECT a.usager_id, MIN(a.expire_le) AS fin FROM mandat_autorisation a \
               WHERE a.structure_id = $1 AND a.fin_le IS NULL AND a.expire_le > $2 AND a.expire_le <= $3{visibles} \
               GROUP BY a.usager_id ORDER BY fin, a.usager_id LIMIT $4) x \
               JOIN usager u ON u.id = x.usager_id ORDER BY x.fin, x.usager_id"
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, values).await?;
    remplir(conn, regard, rows, now).await
}

async fn remplir(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    rows: Vec<Row>,
    now: DateTime<Utc>,
) -> Result<Vec<Personne>, DbErr> {
    let ids: Vec<Uuid> = rows.iter().map(|r| r.usager_id).collect();
    let mut actives = ouvertes_de(conn, regard, &ids, now).await?;
    let personne = |r: Row| {
        let genre = Genre::from_cle(&r.genre);
        Ok(Personne {
            usager: UsagerId(r.usager_id),
            prenoms: r.prenoms,
            nom: r.nom,
            nom_usage: r.nom_usage,
            genre: genre.ok_or_else(|| DbErr::Type(format!("usager {}: genre", r.usager_id)))?,
            naissance: Naissance { etat_civil: r.naissance_etat_civil, completee: r.naissance },
            autorisations: actives.remove(&r.usager_id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(personne).collect()
}

/// For the identity provider: people who mandate an organisation now, with what they allow it.
///
/// # Errors
/// The database.
pub async fn personnes_mandantes(
    conn: &impl ConnectionTrait,
    regard: &Regard,
    q: &Recherche,
    now: DateTime<Utc>,
    page: (usize, usize),
) -> Result<Vec<Personne>, DbErr> {
    personnes(conn, regard, (Onglet::Actifs, q), now, page).await
}
