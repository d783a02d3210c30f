//! What people who are invited do, without an account: they hold a link.

use annuaire::structures;
use identity::secrets::link::Secret;
use kernel::{Email, Pivot, Refusal};
use platform::journal::{self, Entry};
use platform::{Tx, mail};
use serde_json::json;

use super::model::{Invite, InviteId, Origine, Reponse, Reunion};
use super::{actions, courriels, regles, store};
use crate::{Failure, Mandats};

/// What somebody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Choix {
    /// Comes, under that first name and name.
    Vient { prenom: String, nom: String },
    /// Does not.
    NeVientPas,
    /// Somebody else of their organisation will answer.
    Transmet(Email),
}

/// Who answers by that link, with the meeting, held.
async fn tenir(tx: &Tx, secret: &Secret) -> Result<(Reunion, Invite), Failure> {
    let lu = store::du_lien(tx, secret).await?.ok_or(Refusal::NotFound)?;
    let r = store::tenir(tx, lu.reunion).await?.ok_or(Refusal::NotFound)?;
    // Read again under the meeting: somebody may have answered meanwhile.
    let i = store::invite(tx, lu.id).await?.ok_or(Refusal::NotFound)?;
    Ok((r, i))
}

async fn journaliser(m: &Mandats, tx: &Tx, i: &Invite) -> Result<(), Failure> {
    let line = Entry::system("reunion.repondre", "invite", i.id).with(json!({ "reponse": i.reponse.cle() }));
    Ok(journal::write(&m.site, tx, line).await?)
}

/// Notes an answer; it may be changed until the meeting.
///
/// # Errors
/// [`Refusal::NotFound`] for a link of nobody; a meeting that is over, full or cancelled; an invitation that was given away.
pub(super) async fn repondre(m: &Mandats, secret: &Secret, choix: &Choix) -> Result<(), Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let (r, i) = tenir(tx, secret).await?;
            regles::ouverte(&r, m.site.clock.now())?;
            if i.reponse == Reponse::Transmise {
                let non = "Vous avez transmis cette invitation : la personne qui l’a reçue répond par son propre lien.";
                return Err(Refusal::conflict(non).into());
            }
            let repondu = Invite { repondu_le: Some(now), ..i.clone() };
            let i = match choix {
                Choix::Vient { prenom, nom } => {
                    if i.reponse != Reponse::Vient {
                        regles::place_libre(&r, store::viennent(tx, r.id).await?)?;
                    }
                    let (prenom, nom) = (Some(prenom.clone()), Some(nom.clone()));
                    // Whoever changes their mind again and again is not written to each time.
                    let repose = i.repondu_le.is_none_or(|le| now - le >= regles::ENTRE_ENVOIS);
                    let ecrire = i.reponse != Reponse::Vient && repose;
                    let ecrit_le = if ecrire { Some(now) } else { i.ecrit_le };
                    if let (true, Some(to)) = (ecrire, &i.courriel) {
                        let lien = actions::lier(m, tx, i.id).await?;
                        mail::enqueue(&m.site, tx, &courriels::inscription(&m.site, to, &r, lien.expose()))
                            .await?;
                    }
                    Invite { prenom, nom, reponse: Reponse::Vient, ecrit_le, ..repondu }
                }
                // Who does not come is not named.
                Choix::NeVientPas => {
                    Invite { prenom: None, nom: None, reponse: Reponse::NeVientPas, ..repondu }
                }
                Choix::Transmet(vers) => {
                    transmettre(m, tx, (&r, &i), vers).await?;
                    Invite { prenom: None, nom: None, reponse: Reponse::Transmise, ..repondu }
                }
            };
            store::inviter(tx, &i).await?;
            journaliser(m, tx, &i).await
        })
        .await
}

/// Invites a colleague in the place of somebody.
async fn transmettre(
    m: &Mandats,
    tx: &Tx,
    (r, de): (&Reunion, &Invite),
    vers: &Email,
) -> Result<(), Failure> {
    if store::du_courriel(tx, r.id, vers).await?.is_some() {
        return Err(Refusal::field("courriel", "Cette adresse est déjà invitée à la réunion.").into());
    }
    let now = m.site.clock.now();
    let i = Invite {
        id: InviteId::new(&m.site.clock, &m.site.chance),
        courriel: Some(vers.clone()),
        prenom: None,
        nom: None,
        reponse: Reponse::Attendue,
        present: None,
        cree_le: now,
        repondu_le: None,
        ecrit_le: Some(now),
        ..de.clone()
    };
    store::inviter(tx, &i).await?;
    let lien = actions::lier(m, tx, i.id).await?;
    let message = courriels::transmise(&m.site, vers, r, &de.organisme, lien.expose());
    Ok(mail::enqueue(&m.site, tx, &message).await?)
}

/// Who registers by the public page.
#[derive(Clone, Debug)]
pub(super) struct Inscription {
    pub(super) prenom: String,
    pub(super) nom: String,
    pub(super) courriel: Email,
    pub(super) organisme: String,
    pub(super) pivot: Option<Pivot>,
}

/// Registers somebody. Who is on the list already gets a message with their link, and the page says the same: it does not
/// tell who is invited.
///
/// # Errors
/// [`Refusal::NotFound`] for a page of nothing; a meeting that is over, full or cancelled.
pub(super) async fn inscrire(m: &Mandats, code: &str, qui: &Inscription) -> Result<(), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            let r = store::de_code(tx, code).await?.ok_or(Refusal::NotFound)?;
            let r = store::tenir(tx, r.id).await?.ok_or(Refusal::NotFound)?;
            regles::ouverte(&r, m.site.clock.now())?;
            // Asked of all, before looking at the list: a meeting that is full does not tell who comes.
            regles::place_libre(&r, store::viennent(tx, r.id).await?)?;
            if let Some(i) = store::du_courriel(tx, r.id, &qui.courriel).await? {
                if regles::envoi_permis(&i, now) {
                    let lien = actions::lier(m, tx, i.id).await?;
                    let message = if i.reponse == Reponse::Vient {
                        courriels::inscription(site, &qui.courriel, &r, lien.expose())
                    } else {
                        courriels::invitation(site, &qui.courriel, &r, lien.expose())
                    };
                    mail::enqueue(site, tx, &message).await?;
                    store::inviter(tx, &Invite { ecrit_le: Some(now), ..i }).await?;
                }
                return Ok(());
            }
            let structure = match &qui.pivot {
                Some(p) => structures::de_pivot(tx, p).await?.map(|s| s.id),
                None => None,
            };
            let i = Invite {
                id: InviteId::new(&site.clock, &site.chance),
                reunion: r.id,
                structure,
                pivot: qui.pivot.clone(),
                organisme: qui.organisme.clone(),
                prenom: Some(qui.prenom.clone()),
                nom: Some(qui.nom.clone()),
                courriel: Some(qui.courriel.clone()),
                reponse: Reponse::Vient,
                present: None,
                origine: Origine::Inscription,
                cree_le: now,
                repondu_le: Some(now),
                ecrit_le: Some(now),
            };
            store::inviter(tx, &i).await?;
            let lien = actions::lier(m, tx, i.id).await?;
            mail::enqueue(site, tx, &courriels::inscription(site, &qui.courriel, &r, lien.expose())).await?;
            journaliser(m, tx, &i).await
        })
        .await
}
