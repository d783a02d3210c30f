//! What is done to notifications: the team tells and takes back, people say that they read.

use chrono::NaiveDate;
use kernel::{Actor, Email, Perimetre, Refusal, Verb};
use platform::jobs;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::courriel::Prevenir;
use super::model::{self, Genre, Notification, NotificationId, Public, Recue};
use super::store;
use crate::aidants::{self, Aidant};
use crate::{Failure, Mandats};

/// For whom the team writes, as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Qui {
    /// Many people.
    Beaucoup(Public),
    /// Whoever has that address.
    Adresse(Email),
}

/// What is told.
#[derive(Clone, Debug)]
pub struct Dite {
    /// What it is.
    pub genre: Genre,
    /// For whom.
    pub qui: Qui,
    /// One line.
    pub titre: String,
    /// Text.
    pub texte: String,
    /// Last day.
    pub jusqu_au: NaiveDate,
}

/// Tells it. A novelty leaves by mail too, by a job that goes through everybody.
///
/// # Errors
/// Refusals of [`model::fin_juste`]; an address of nobody in the actor's territory; many people for who does not follow the
/// whole country.
pub async fn dire(m: &Mandats, actor: &Actor, dite: &Dite) -> Result<NotificationId, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    model::fin_juste(dite.jusqu_au, m.jour())?;
    let site = &m.site;
    site.db
        .write(async |tx| {
            let public = match &dite.qui {
                Qui::Beaucoup(public) if actor.perimetre == Perimetre::National => *public,
                Qui::Beaucoup(_) => {
                    let non = "Votre territoire n’est pas tout le pays : écrivez à une personne.";
                    return Err(Refusal::field("public", non).into());
                }
                Qui::Adresse(courriel) => {
                    let non =
                        || Refusal::field("courriel", "Aucun aidant de votre territoire n’a cette adresse.");
                    let a = aidants::store::du_courriel(tx, courriel).await?.ok_or_else(non)?;
                    if !aidants::equipe_voit(tx, actor, a.id).await? {
                        return Err(non().into());
                    }
                    Public::Personne(a.id)
                }
            };
            let n = Notification {
                id: NotificationId::new(&site.clock, &site.chance),
                genre: dite.genre,
                public,
                titre: dite.titre.clone(),
                texte: dite.texte.clone(),
                jusqu_au: dite.jusqu_au,
                cree_le: site.clock.now(),
                retiree_le: None,
            };
            store::ajouter(tx, &n).await?;
            if n.genre == Genre::Nouveaute {
                jobs::enqueue(site, tx, &Prevenir { notification: n.id.0 }).await?;
            }
            let faits = json!({ "genre": n.genre.cle(), "public": n.public.cle(), "jusqu_au": n.jusqu_au });
            let line = Entry::by(actor, "notification.dire", "notification", n.id).with(faits);
            journal::write(site, tx, line).await?;
            Ok(n.id)
        })
        .await
}

/// That notification, if the team member may look after it: of the country, or of somebody of their territory.
///
/// # Errors
/// [`Refusal::NotFound`].
async fn sienne(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: NotificationId,
) -> Result<Notification, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let n = store::lire(conn, id).await?.ok_or(Refusal::NotFound)?;
    if visible(conn, actor, &n).await? { Ok(n) } else { Err(Refusal::NotFound.into()) }
}

/// Whether a member of the team may touch it.
///
/// # Errors
/// The database.
async fn visible(conn: &impl ConnectionTrait, actor: &Actor, n: &Notification) -> Result<bool, Failure> {
    Ok(match n.public {
        Public::Personne(a) => aidants::equipe_voit(conn, actor, a).await?,
        _ => actor.perimetre == Perimetre::National,
    })
}

/// Takes one back: nobody sees it any more, and messages that did not leave will not.
///
/// # Errors
/// Out of scope; a conflict when it was taken back already.
pub async fn retirer(m: &Mandats, actor: &Actor, id: NotificationId) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            sienne(tx, actor, id).await?;
            if !store::retirer(tx, id, m.site.clock.now()).await? {
                return Err(Refusal::conflict("Cette notification est déjà retirée.").into());
            }
            let line = Entry::by(actor, "notification.retirer", "notification", id);
            Ok(journal::write(&m.site, tx, line).await?)
        })
        .await
}

/// One that is for that person.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn recue(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    a: &Aidant,
    id: NotificationId,
) -> Result<Recue, Failure> {
    let siennes = store::de_aidant(conn, a, m.jour()).await?;
    Ok(siennes.into_iter().find(|n| n.id == id).ok_or(Refusal::NotFound)?)
}

/// Notes that the person of the session read it, or wants to see it again.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not for them.
pub async fn noter(m: &Mandats, actor: &Actor, id: NotificationId, lue: bool) -> Result<(), Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let a = aidants::store::du_compte(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            recue(m, tx, &a, id).await?;
            store::noter(tx, id, a.id, Some(now).filter(|_| lue)).await?;
            let line = Entry::by(actor, "notification.lire", "notification", id).with(json!({ "lue": lue }));
            Ok(journal::write(&m.site, tx, line).await?)
        })
        .await
}
