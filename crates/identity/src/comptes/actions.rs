//! Inviting people, giving and taking back roles, lending one's own, closing accounts.

use chrono::NaiveDate;
use kernel::ids::CompteId;
use kernel::{Actor, Email, Perimetre, Periode, Refusal, Role};
use platform::journal::{self, Entry};
use platform::{Site, Tx};

use super::model::{Attribution, AttributionId, Compte, Etat, Origine, jour};
use super::{rules, store};
use crate::connexion::liens::{INVITATION, new_link};
use crate::connexion::store::Genre;
use crate::error::Result;
use crate::secrets::link::Secret;
use crate::sessions::store as sessions;

/// Whom to invite, and with which role.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Their address.
    pub courriel: Email,
    /// Their name.
    pub nom: String,
    /// The role that they will have.
    pub role: Role,
    /// Its scope.
    pub perimetre: Perimetre,
    /// Last day of the role, if it has one.
    pub fin: Option<NaiveDate>,
}

/// What came of an invitation.
#[derive(Debug)]
pub struct Invite {
    /// The account, new or known.
    pub compte: CompteId,
    /// The link that was sent; none when the account is already in use: it only gets the role.
    pub lien: Option<Secret>,
}

/// Invites a person with a role; a person who is already known only gets the role.
///
/// # Errors
/// Refusals of the fields, or of an actor who manages no accounts.
pub async fn invite(site: &Site, actor: &Actor, i: &Invitation) -> Result<Invite> {
    rules::peut_gerer(actor)?;
    rules::perimetre_admis(i.role, &i.perimetre)?;
    site.db.write(async |tx| invite_in(site, tx, i, Origine::Donnee(actor.compte), Some(actor)).await).await
}

/// Invites the first person, from the command line: whoever runs the instance needs no account.
///
/// # Errors
/// Refusals of the fields.
pub async fn invite_from_install(site: &Site, i: &Invitation) -> Result<Invite> {
    rules::perimetre_admis(i.role, &i.perimetre)?;
    site.db.write(async |tx| invite_in(site, tx, i, Origine::Installation, None).await).await
}

/// Opens an account for a person whom another context deals with, in its transaction: a candidate who confirmed their
/// address, the contact of a structure that was granted posts. Nobody in particular gave the role: the programme did.
///
/// # Errors
/// Refusals of the fields; an account that was closed.
pub async fn invite_by_programme(site: &Site, tx: &Tx, i: &Invitation) -> Result<Invite> {
    rules::perimetre_admis(i.role, &i.perimetre)?;
    invite_in(site, tx, i, Origine::Installation, None).await
}

/// Forgets a person whose file another context erases, in its transaction: the roles that the programme gave end; an
/// account that has no other role is closed for good, its address and its name erased.
///
/// # Errors
/// The database.
pub async fn forget_by_programme(site: &Site, tx: &Tx, compte: CompteId, roles: &[Role]) -> Result<()> {
    let now = site.clock.now();
    let Some(connu) = store::hold(tx, compte).await? else { return Ok(()) };
    let (siens, autres): (Vec<_>, Vec<_>) =
        store::en_vigueur(tx, compte, now).await?.into_iter().partition(|a| roles.contains(&a.role));
    for a in siens {
        store::retire(tx, a.id, compte, now).await?;
    }
    if autres.is_empty() {
        crate::connexion::store::forget_proofs(tx, compte).await?;
        crate::connexion::store::cancel_liens(tx, compte, now).await?;
        sessions::close_all(tx, compte, None, now).await?;
        sessions::retire_appareils(tx, compte, now).await?;
        crate::saisies::store::oublier(tx, compte).await?;
        platform::mail::oublier(tx, &connu.courriel).await?;
        store::effacer(tx, compte).await?;
    }
    let cles: Vec<&str> = roles.iter().map(|r| r.ligne().key).collect();
    let facts = serde_json::json!({ "roles": cles, "efface": autres.is_empty() });
    Ok(journal::write(site, tx, Entry::system("compte.oublie", "compte", compte).with(facts)).await?)
}

/// Gives an account another address, in the transaction of the context that had it proven: links that went to the old one serve
/// no more.
///
/// # Errors
/// A conflict when another account has that address; the database.
pub async fn readdress_by_programme(site: &Site, tx: &Tx, compte: CompteId, courriel: &Email) -> Result<()> {
    let now = site.clock.now();
    let Some(connu) = store::hold(tx, compte).await? else { return Err(Refusal::NotFound.into()) };
    if connu.courriel.key() == courriel.key() {
        return Ok(());
    }
    if store::find_by_courriel(tx, courriel).await?.is_some() {
        return Err(Refusal::conflict(
            "Cette adresse est déjà celle d’un autre compte. Connectez-vous avec ce compte, ou choisissez une autre adresse.",
        )
        .into());
    }
    crate::connexion::store::cancel_liens(tx, compte, now).await?;
    store::set_courriel(tx, compte, courriel).await?;
    Ok(journal::write(site, tx, Entry::system("compte.courriel", "compte", compte)).await?)
}

/// Takes back a role that the programme gave, in the transaction of what ends it: a conseiller who leaves their post.
///
/// # Errors
/// The database.
pub async fn take_by_programme(site: &Site, tx: &Tx, compte: CompteId, role: Role) -> Result<()> {
    let now = site.clock.now();
    store::hold(tx, compte).await?;
    for a in store::en_vigueur(tx, compte, now).await?.into_iter().filter(|a| a.role == role) {
        store::retire(tx, a.id, compte, now).await?;
        let facts = serde_json::json!({ "role": role.ligne().key, "attribution": a.id.to_string() });
        journal::write(site, tx, Entry::system("compte.role.retire", "compte", compte).with(facts)).await?;
    }
    Ok(())
}

/// Whether the account holds that role now.
///
/// # Errors
/// The database.
pub async fn a_le_role(
    conn: &impl sea_orm::ConnectionTrait,
    compte: CompteId,
    role: Role,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool, sea_orm::DbErr> {
    Ok(store::en_vigueur(conn, compte, now).await?.iter().any(|a| a.role == role))
}

pub(super) async fn invite_in(
    site: &Site,
    tx: &Tx,
    i: &Invitation,
    origine: Origine,
    actor: Option<&Actor>,
) -> Result<Invite> {
    let now = site.clock.now();
    let compte = match store::find_by_courriel(tx, &i.courriel).await? {
        Some(c) if c.etat == Etat::Desactive => {
            return Err(Refusal::field(
                "courriel",
                "Ce compte a été désactivé. Réactivez-le d’abord depuis sa fiche.",
            )
            .into());
        }
        Some(c) => c,
        None => {
            let c = Compte {
                id: CompteId::new(&site.clock, &site.chance),
                courriel: i.courriel.clone(),
                nom: i.nom.clone(),
                etat: Etat::Invite,
                cree_le: now,
                vu_le: None,
            };
            store::insert(tx, &c).await?;
            c
        }
    };
    let attribution = give(site, tx, compte.id, i.role, &i.perimetre, i.fin, origine).await?;
    let line = match actor {
        Some(a) => Entry::by(a, "compte.invitation", "compte", compte.id),
        None => Entry::system("compte.invitation", "compte", compte.id),
    };
    let facts = serde_json::json!({ "role": i.role.ligne().key, "attribution": attribution.id.to_string() });
    journal::write(site, tx, line.with(facts)).await?;
    let label = crate::labels::role(i.role, &i.perimetre);
    if compte.etat == Etat::Actif {
        platform::mail::enqueue(site, tx, &crate::mails::role_donne(site, &compte, &label)).await?;
        return Ok(Invite { compte: compte.id, lien: None });
    }
    let secret = new_link(site, tx, compte.id, Genre::Invitation).await?;
    let mail = crate::mails::invitation(site, &compte, Some(&label), &secret, INVITATION.num_days());
    platform::mail::enqueue(site, tx, &mail).await?;
    Ok(Invite { compte: compte.id, lien: Some(secret) })
}

/// Gives a role, in a transaction; a role that the account already has, alike in all, is kept and
/// returned.
pub(crate) async fn give(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    role: Role,
    perimetre: &Perimetre,
    fin: Option<NaiveDate>,
    origine: Origine,
) -> Result<Attribution> {
    let now = site.clock.now();
    store::hold(tx, compte).await?;
    let live = store::en_vigueur(tx, compte, now).await?;
    if let Some(same) = live.into_iter().find(|a| {
        a.role == role && a.perimetre == *perimetre && a.periode.fin == fin && same_kind(a.origine, origine)
    }) {
        return Ok(same);
    }
    let a = Attribution {
        id: AttributionId::new(&site.clock, &site.chance),
        compte,
        role,
        perimetre: perimetre.clone(),
        periode: Periode { debut: jour(now), fin },
        origine,
        retiree_le: None,
    };
    store::insert_attribution(tx, &a, now).await?;
    Ok(a)
}

fn same_kind(a: Origine, b: Origine) -> bool {
    matches!(
        (a, b),
        (Origine::Deleguee { .. }, Origine::Deleguee { .. })
            | (Origine::Donnee(_) | Origine::Installation, Origine::Donnee(_) | Origine::Installation)
    )
}

/// Gives one more role to a known account.
///
/// # Errors
/// Refusals of the fields, or of an actor who manages no accounts.
pub(crate) async fn give_role(
    site: &Site,
    actor: &Actor,
    cible: CompteId,
    role: Role,
    perimetre: &Perimetre,
    fin: Option<NaiveDate>,
) -> Result<()> {
    rules::peut_gerer(actor)?;
    rules::perimetre_admis(role, perimetre)?;
    site.db
        .write(async |tx| {
            let compte = store::find(tx, cible).await?.ok_or(Refusal::NotFound)?;
            if compte.etat == Etat::Actif {
                let mail = crate::mails::role_donne(site, &compte, &crate::labels::role(role, perimetre));
                platform::mail::enqueue(site, tx, &mail).await?;
            }
            let a = give(site, tx, cible, role, perimetre, fin, Origine::Donnee(actor.compte)).await?;
            let line = Entry::by(actor, "compte.role.donne", "compte", cible)
                .with(serde_json::json!({ "role": role.ligne().key, "attribution": a.id.to_string() }));
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

/// Takes a role back: by an administrator, by who lent it, or by who was lent it.
///
/// # Errors
/// As [`rules::peut_retirer`].
pub(crate) async fn take_back(site: &Site, actor: &Actor, id: AttributionId) -> Result<CompteId> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let a = store::attribution(tx, id).await?.ok_or(Refusal::NotFound)?;
            let admins = store::administrateurs(tx, now).await?;
            rules::peut_retirer(actor, &a, &admins)?;
            if !store::retire(tx, id, actor.compte, now).await? {
                return Err(Refusal::conflict("Ce rôle a déjà été retiré.").into());
            }
            let line = Entry::by(actor, "compte.role.retire", "compte", a.compte)
                .with(serde_json::json!({ "role": a.role.ligne().key, "attribution": id.to_string() }));
            journal::write(site, tx, line).await?;
            Ok(a.compte)
        })
        .await
}

/// Lends one of one's roles to somebody until the end of a day. Whether the address already had an
/// account is not told: the person gets a message in both cases.
///
/// # Errors
/// As [`rules::peut_deleguer`], on the fields of the form.
pub(crate) async fn lend(
    site: &Site,
    actor: &Actor,
    de: AttributionId,
    courriel: &Email,
    nom: &str,
    fin: NaiveDate,
) -> Result<()> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let source = store::attribution(tx, de).await?.ok_or(Refusal::NotFound)?;
            rules::peut_deleguer(actor, &source, fin, now)?;
            let me = store::find(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            if courriel.key() == me.courriel.key() {
                return Err(Refusal::field("courriel", "C’est votre propre adresse. Indiquez celle d’un collègue.").into());
            }
            let origine = Origine::Deleguee { par: actor.compte, de };
            let invitation = Invitation {
                courriel: courriel.clone(),
                nom: nom.to_owned(),
                role: source.role,
                perimetre: source.perimetre.clone(),
                fin: Some(fin),
            };
            let known = store::find_by_courriel(tx, courriel).await?;
            match known {
                // A closed account gets nothing, and nothing tells so.
                Some(c) if c.etat == Etat::Desactive => {}
                Some(c) if c.etat == Etat::Actif => {
                    let a = give(site, tx, c.id, source.role, &source.perimetre, Some(fin), origine).await?;
                    let label = crate::labels::role(source.role, &source.perimetre);
                    let mail = crate::mails::role_prete(site, &c, &me.nom, &label, fin);
                    platform::mail::enqueue(site, tx, &mail).await?;
                    let line = Entry::by(actor, "compte.role.prete", "compte", c.id)
                        .with(serde_json::json!({ "role": source.role.ligne().key, "attribution": a.id.to_string() }));
                    journal::write(site, tx, line).await?;
                }
                _ => {
                    invite_in(site, tx, &invitation, origine, Some(actor)).await?;
                }
            }
            Ok(())
        })
        .await
}

/// Closes an account: its sessions end, its links and devices serve no more, what it lent ends.
///
/// # Errors
/// As [`rules::peut_desactiver`].
pub(crate) async fn deactivate(site: &Site, actor: &Actor, cible: CompteId) -> Result<()> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let admins = store::administrateurs(tx, now).await?;
            let compte = store::hold(tx, cible).await?.ok_or(Refusal::NotFound)?;
            rules::peut_desactiver(actor, &compte, &admins)?;
            store::set_etat(tx, cible, Etat::Desactive).await?;
            sessions::close_all(tx, cible, None, now).await?;
            sessions::retire_appareils(tx, cible, now).await?;
            crate::connexion::store::cancel_liens(tx, cible, now).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "compte.desactive", "compte", cible)).await?)
        })
        .await
}

/// Opens a closed account again, or starts afresh somebody who lost every proof: a new invitation
/// goes out. The proofs of before, if any, still serve until it is accepted, unless the account was
/// closed: then they are forgotten at once.
///
/// # Errors
/// [`Refusal::NotFound`], or an actor who manages no accounts.
pub(crate) async fn invite_again(site: &Site, actor: &Actor, cible: CompteId) -> Result<()> {
    rules::peut_gerer(actor)?;
    site.db
        .write(async |tx| {
            let compte = store::hold(tx, cible).await?.ok_or(Refusal::NotFound)?;
            if compte.etat == Etat::Desactive {
                crate::connexion::store::forget_proofs(tx, cible).await?;
                store::set_etat(tx, cible, Etat::Invite).await?;
            }
            let secret = new_link(site, tx, cible, Genre::Invitation).await?;
            let mail = crate::mails::invitation(site, &compte, None, &secret, INVITATION.num_days());
            platform::mail::enqueue(site, tx, &mail).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "compte.invitation.renvoyee", "compte", cible))
                .await?)
        })
        .await
}
