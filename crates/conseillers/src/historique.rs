//! The history of every thing of this context: each value before and after, by whom, when. One table, one way to write.

use chrono::{DateTime, Utc};
use kernel::Actor;
use kernel::ids::CompteId;
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// What has a history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sujet {
    /// A candidat.
    Candidat,
    /// A demande.
    Demande,
    /// A session of the committee.
    Seance,
    /// A post.
    Poste,
    /// A relation between a candidat and a structure.
    Relation,
    /// A contract.
    Contrat,
    /// A session of training.
    Session,
    /// A milestone of the programme.
    Jalon,
}

impl Sujet {
    /// Its key: in the database, and as the subject of the journal.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Candidat => "candidat",
            Self::Demande => "demande",
            Self::Seance => "seance",
            Self::Poste => "poste",
            Self::Relation => "relation",
            Self::Contrat => "contrat",
            Self::Session => "session",
            Self::Jalon => "jalon",
        }
    }
}

/// One thing that changed: what, before, after, as people read them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ecrit {
    /// What changed.
    pub quoi: String,
    /// What it was; empty when it was nothing.
    pub avant: String,
    /// What it is; empty when it is nothing.
    pub apres: String,
}

impl Ecrit {
    /// Something that was nothing before.
    pub fn nouveau(quoi: &str, apres: impl Into<String>) -> Self {
        Self { quoi: quoi.to_owned(), avant: String::new(), apres: apres.into() }
    }

    /// Something that was something else.
    pub fn change(quoi: &str, avant: impl Into<String>, apres: impl Into<String>) -> Self {
        Self { quoi: quoi.to_owned(), avant: avant.into(), apres: apres.into() }
    }
}

/// Writes what changed at the end of the history of a thing, in the transaction of the change. Two transactions that write
/// about one thing at once follow one another: the second waits for the first at the unique key, then takes the next rank.
///
/// # Errors
/// The database.
pub async fn noter(
    site: &Site,
    tx: &Tx,
    (sujet, id): (Sujet, Uuid),
    par: Option<&Actor>,
    action: &str,
    ecrits: &[Ecrit],
) -> Result<(), DbErr> {
    for e in ecrits {
        loop {
            let done = kit::execute(
                tx,
                "INSERT INTO conseillers_historique (sujet, sujet_id, rang, le, par, role, action, quoi, avant, apres) \
                 SELECT $1, $2, COALESCE(MAX(rang), 0) + 1, $3, $4, $5, $6, $7, $8, $9 FROM conseillers_historique \
                 WHERE sujet = $1 AND sujet_id = $2 ON CONFLICT DO NOTHING",
                [
                    sujet.cle().into(),
                    id.into(),
                    site.clock.now().into(),
                    par.map(|a| a.compte.0).into(),
                    par.map(|a| a.role.ligne().key).into(),
                    action.into(),
                    e.quoi.clone().into(),
                    e.avant.clone().into(),
                    e.apres.clone().into(),
                ],
            )
            .await?;
            if done.rows_affected() == 1 {
                break;
            }
        }
    }
    Ok(())
}

/// Writes the first line of the history of things that are new, in the transaction that makes them.
///
/// # Errors
/// The database; when one has a history already.
pub async fn commencer(
    site: &Site,
    tx: &Tx,
    sujet: Sujet,
    ids: &[Uuid],
    (par, action, e): (Option<&Actor>, &str, &Ecrit),
) -> Result<(), DbErr> {
    let now = site.clock.now();
    let row = |id: &Uuid| -> Vec<sea_orm::Value> {
        vec![
            sujet.cle().into(),
            (*id).into(),
            1_i64.into(),
            now.into(),
            par.map(|a| a.compte.0).into(),
            par.map(|a| a.role.ligne().key).into(),
            action.into(),
            e.quoi.clone().into(),
            e.avant.clone().into(),
            e.apres.clone().into(),
        ]
    };
    let into = "conseillers_historique (sujet, sujet_id, rang, le, par, role, action, quoi, avant, apres)";
    kit::insert_many(tx, into, ids.iter().map(row).collect(), "").await.map(|_| ())
}

/// Forgets the history of a person who was erased: it tells who they were.
///
/// # Errors
/// The database.
pub async fn effacer(tx: &Tx, (sujet, id): (Sujet, Uuid)) -> Result<(), DbErr> {
    let sql = "DELETE FROM conseillers_historique WHERE sujet = $1 AND sujet_id = $2";
    kit::execute(tx, sql, [sujet.cle().into(), id.into()]).await.map(|_| ())
}

/// A line of the history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changement {
    /// When.
    pub le: DateTime<Utc>,
    /// The account that acted; none for the instance itself. Its name is read from the account.
    pub par: Option<CompteId>,
    /// The role it acted in.
    pub role: Option<kernel::Role>,
    /// What was done, as « Modification ».
    pub action: String,
    /// What changed.
    pub ecrit: Ecrit,
}

/// What one action changed, together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Groupe {
    /// When.
    pub le: DateTime<Utc>,
    /// The role of who did it.
    pub role: Option<kernel::Role>,
    /// What was done.
    pub action: String,
    /// What changed, in the order in which it was written.
    pub ecrits: Vec<Ecrit>,
}

/// Lines of one action as one: same instant, same action, same author. Latest first, as they are read.
pub fn grouper(changements: Vec<Changement>) -> Vec<Groupe> {
    let mut out: Vec<(Option<CompteId>, Groupe)> = Vec::new();
    for c in changements {
        match out.last_mut().filter(|(par, g)| (*par, g.le, &g.action) == (c.par, c.le, &c.action)) {
            // Lines come latest first, and those of one action were written in the order of the page.
            Some((_, g)) => g.ecrits.insert(0, c.ecrit),
            None => {
                out.push((c.par, Groupe { le: c.le, role: c.role, action: c.action, ecrits: vec![c.ecrit] }))
            }
        }
    }
    out.into_iter().map(|(_, g)| g).collect()
}

#[derive(FromQueryResult)]
struct Row {
    le: DateTime<Utc>,
    par: Option<Uuid>,
    role: Option<String>,
    action: String,
    quoi: String,
    avant: String,
    apres: String,
}

/// A page of the history of a thing, latest first.
///
/// # Errors
/// The database.
pub async fn lire(
    conn: &impl ConnectionTrait,
    (sujet, id): (Sujet, Uuid),
    offset: usize,
    limit: usize,
) -> Result<Vec<Changement>, DbErr> {
    let (limit, offset) =
        (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
    let rows: Vec<Row> = kit::query_as(
        conn,
        "SELECT le, par, role, action, quoi, avant, apres FROM conseillers_historique \
         WHERE sujet = $1 AND sujet_id = $2 ORDER BY rang DESC LIMIT $3 OFFSET $4",
        [sujet.cle().into(), id.into(), limit.into(), offset.into()],
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Changement {
            le: r.le,
            par: r.par.map(CompteId),
            role: r.role.as_deref().and_then(kernel::Role::from_key),
            action: r.action,
            ecrit: Ecrit { quoi: r.quoi, avant: r.avant, apres: r.apres },
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ligne(jour: i64, action: &str, quoi: &str) -> Changement {
        let le = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(jour);
        Changement { le, par: None, role: None, action: action.to_owned(), ecrit: Ecrit::nouveau(quoi, "x") }
    }

    #[test]
    fn lines_of_one_action_stand_together() {
        let lues = vec![
            ligne(2, "Saisie", "Fin"),
            ligne(2, "Saisie", "Début"),
            ligne(2, "Autre", "a"),
            ligne(1, "Saisie", "b"),
        ];
        let groupes = grouper(lues);
        let dits: Vec<(&str, Vec<&str>)> = groupes
            .iter()
            .map(|g| (g.action.as_str(), g.ecrits.iter().map(|e| e.quoi.as_str()).collect()))
            .collect();
        assert_eq!(dits, [("Saisie", vec!["Début", "Fin"]), ("Autre", vec!["a"]), ("Saisie", vec!["b"])]);
        assert!(grouper(Vec::new()).is_empty());
    }
}
