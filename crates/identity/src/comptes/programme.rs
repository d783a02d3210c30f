//! What other contexts do to the accounts of the people whom they deal with, in their own transactions: nobody in
//! particular gives the role, the programme does. Beside `invite_by_programme` and its kin.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Email, Perimetre, Refusal, Role};
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::actions::give;
use super::model::{Etat, Origine};
use super::{rules, store};
use crate::connexion::liens::{INVITATION, new_link};
use crate::connexion::store as preuves;
use crate::connexion::store::Genre;
use crate::error::Result;
use crate::sessions::store as sessions;

/// Gives one role more to an account that the programme opened; no message: whoever calls says what it means.
///
/// # Errors
/// Refusals of the scope; the database.
pub async fn give_by_programme(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    role: Role,
    perimetre: &Perimetre,
) -> Result<()> {
    rules::perimetre_admis(role, perimetre)?;
    let a = give(site, tx, compte, role, perimetre, None, Origine::Installation).await?;
    let facts = serde_json::json!({ "role": role.ligne().key, "attribution": a.id.to_string() });
    Ok(journal::write(site, tx, Entry::system("compte.role.donne", "compte", compte).with(facts)).await?)
}

/// Takes back these roles of an account, within that very scope only: somebody who leaves one organisation of two.
///
/// # Errors
/// The database.
pub async fn take_by_programme_on(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    roles: &[Role],
    perimetre: &Perimetre,
) -> Result<()> {
    let now = site.clock.now();
    store::hold(tx, compte).await?;
    let siens = store::en_vigueur(tx, compte, now).await?;
    for a in siens.into_iter().filter(|a| roles.contains(&a.role) && a.perimetre == *perimetre) {
        store::retire(tx, a.id, compte, now).await?;
        let facts = serde_json::json!({ "role": a.role.ligne().key, "attribution": a.id.to_string() });
        journal::write(site, tx, Entry::system("compte.role.retire", "compte", compte).with(facts)).await?;
    }
    Ok(())
}

/// Sends a new invitation to somebody who can no longer prove who they are. What proved it before serves until the link is
/// used, and no more after.
///
/// # Errors
/// [`Refusal::NotFound`]; an account that was closed.
pub async fn reinvite_by_programme(site: &Site, tx: &Tx, compte: CompteId) -> Result<()> {
    let c = store::hold(tx, compte).await?.ok_or(Refusal::NotFound)?;
    if c.etat == Etat::Desactive {
        return Err(
            Refusal::conflict("Ce compte est fermé. Demandez à l’administration de le rouvrir.").into()
        );
    }
    let secret = new_link(site, tx, compte, Genre::Invitation).await?;
    let mail = crate::mails::invitation(site, &c, None, &secret, INVITATION.num_days());
    platform::mail::enqueue(site, tx, &mail).await?;
    let line = Entry::system("compte.invitation.renvoyee", "compte", compte);
    Ok(journal::write(site, tx, line).await?)
}

/// Gives an account another address that its owner did not ask for: somebody who changed employer. The old address is told,
/// every session ends. Who asks for it in person: [`readdress_by_programme`](super::readdress_by_programme).
///
/// # Errors
/// A conflict when another account has it; the database.
pub async fn change_courriel_by_programme(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    courriel: &Email,
) -> Result<()> {
    let c = store::hold(tx, compte).await?.ok_or(Refusal::NotFound)?;
    if c.courriel.key() == courriel.key() {
        return Ok(());
    }
    super::actions::readdress_by_programme(site, tx, compte, courriel).await?;
    sessions::close_all(tx, compte, None, site.clock.now()).await?;
    Ok(platform::mail::enqueue(site, tx, &crate::mails::adresse_changee(site, &c)).await?)
}

/// When these accounts last signed in or acted; those that never did are left out.
///
/// # Errors
/// The database.
pub async fn vus(
    conn: &impl ConnectionTrait,
    ids: &[CompteId],
) -> std::result::Result<HashMap<CompteId, DateTime<Utc>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        vu_le: DateTime<Utc>,
    }
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT id, vu_le FROM compte WHERE vu_le IS NOT NULL AND id IN ({})",
            kit::places(1, chunk.len())
        );
        let rows: Vec<Row> = kit::query_as(conn, &sql, chunk.iter().map(|c| Value::from(c.0))).await?;
        out.extend(rows.into_iter().map(|r| (CompteId(r.id), r.vu_le)));
    }
    Ok(out)
}

/// The account of that address, if its owner uses it: who is asked first before something is tied to it.
///
/// # Errors
/// The database.
pub async fn en_usage(
    conn: &impl ConnectionTrait,
    courriel: &Email,
) -> std::result::Result<Option<CompteId>, DbErr> {
    Ok(store::find_by_courriel(conn, courriel).await?.filter(|c| c.etat == Etat::Actif).map(|c| c.id))
}

/// What an account may prove who it is with, to answer somebody who cannot sign in. Nothing secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facteurs {
    /// Whether the invitation was accepted.
    pub active: bool,
    /// Whether the account is closed.
    pub ferme: bool,
    /// Whether a password and an application of codes are set.
    pub mot_de_passe: bool,
    /// How many passkeys.
    pub cles: usize,
    /// How many recovery codes are left.
    pub secours: i64,
    /// Whether it is bound to ProConnect.
    pub proconnect: bool,
    /// Last visit.
    pub vu_le: Option<DateTime<Utc>>,
    /// Last invitation, and the end of its link.
    pub invitation: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The factors of that account.
///
/// # Errors
/// The database.
pub async fn facteurs(
    conn: &impl ConnectionTrait,
    compte: CompteId,
) -> std::result::Result<Option<Facteurs>, DbErr> {
    let Some(c) = store::find(conn, compte).await? else { return Ok(None) };
    let mot_de_passe =
        preuves::mot_de_passe(conn, compte).await?.is_some() && preuves::a_des_codes(conn, compte).await?;
    let invitation = preuves::dernier_lien(conn, compte, Genre::Invitation).await?;
    Ok(Some(Facteurs {
        active: c.etat == Etat::Actif,
        ferme: c.etat == Etat::Desactive,
        mot_de_passe,
        cles: preuves::cles(conn, compte).await?.len(),
        secours: preuves::secours_restants(conn, compte).await?,
        proconnect: crate::proconnect::store::identite_de(conn, compte).await?.is_some(),
        vu_le: c.vu_le,
        invitation: invitation.map(|l| (l.cree_le, l.expire_le)),
    }))
}

/// What an account signs in with, in short, for lists. Nothing secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moyens {
    /// Last visit.
    pub vu_le: Option<DateTime<Utc>>,
    /// Whether an application of codes is set.
    pub application: bool,
    /// How many passkeys.
    pub cles: i64,
    /// Whether it is bound to ProConnect.
    pub proconnect: bool,
    /// Number of their card.
    pub carte: Option<String>,
}

/// What these accounts sign in with.
///
/// # Errors
/// The database.
pub async fn moyens(
    conn: &impl ConnectionTrait,
    ids: &[CompteId],
) -> std::result::Result<HashMap<CompteId, Moyens>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        vu_le: Option<DateTime<Utc>>,
        applications: i64,
        cles: i64,
        identites: i64,
        carte: Option<String>,
    }
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT c.id, c.vu_le, (SELECT COUNT(*) FROM compte_totp t WHERE t.compte_id = c.id) AS applications, \
             (SELECT COUNT(*) FROM compte_cle k WHERE k.compte_id = c.id) AS cles, \
             (SELECT COUNT(*) FROM compte_identite i WHERE i.compte_id = c.id) AS identites, \
             (SELECT MIN(x.numero) FROM compte_carte x WHERE x.compte_id = c.id) AS carte \
             FROM compte c WHERE c.id IN ({})",
            kit::places(1, chunk.len())
        );
        let rows: Vec<Row> = kit::query_as(conn, &sql, chunk.iter().map(|c| Value::from(c.0))).await?;
        out.extend(rows.into_iter().map(|r| {
            let moyens = Moyens {
                vu_le: r.vu_le,
                application: r.applications > 0,
                cles: r.cles,
                proconnect: r.identites > 0,
                carte: r.carte,
            };
            (CompteId(r.id), moyens)
        }));
    }
    Ok(out)
}

/// That account in each role that it may act in now; none when it is closed or was never opened. For work that somebody asked
/// for and that is done later: it is done in a role that they still hold.
///
/// # Errors
/// The database.
pub async fn acteurs(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    now: DateTime<Utc>,
) -> Result<Vec<Actor>, DbErr> {
    if store::find(conn, compte).await?.is_none_or(|c| c.etat != Etat::Actif) {
        return Ok(Vec::new());
    }
    let roles = store::en_vigueur(conn, compte, now).await?.into_iter();
    Ok(roles
        .map(|a| {
            let prete = rules::est_delegation(&a);
            Actor { compte, role: a.role, perimetre: a.perimetre, vu_par: None, prete }
        })
        .collect())
}
