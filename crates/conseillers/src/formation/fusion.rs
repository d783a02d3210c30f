//! Two files of one person become one: what they learnt is that of the kept one, and goes back if the two are told apart.
//!
//! Registrations move. What is known of the person (test, base of skills, titles, stages) is added to the kept file and stays
//! where it was too: told apart again, the absorbed file has what it had.

use chrono::NaiveDate;
use platform::{Site, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{EtatInscription, Parcours, SessionId};
use super::{actions, mails, store};
use crate::Failure;
use crate::ids::CandidatId;

/// What moved.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reuni {
    /// Registrations that are those of the kept file now.
    inscriptions: Vec<Uuid>,
    /// Titles that the kept file did not have.
    titres: Vec<String>,
    /// Whether the kept file took the test, the base and the stages of the other.
    test: bool,
    test_avant: Option<(u8, NaiveDate)>,
    socle: bool,
    vae: bool,
}

/// Brings what the absorbed file holds to the kept one. Both asked for one session: the seat of the absorbed one goes to the
/// next in line.
///
/// # Errors
/// The database.
pub(crate) async fn reunir(
    site: &Site,
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
) -> Result<Reuni, Failure> {
    let vivante = |etat: &EtatInscription| !matches!(etat, EtatInscription::Annulee { .. });
    let siennes = store::de_candidat(tx, absorbee).await?;
    let connues: Vec<SessionId> = store::de_candidat(tx, gardee)
        .await?
        .into_iter()
        .filter(|(i, _)| vivante(&i.etat))
        .map(|(_, s)| s.id)
        .collect();
    // Sessions are held before people, always.
    let mut sessions: Vec<SessionId> = siennes.iter().map(|(_, s)| s.id).collect();
    sessions.sort_unstable();
    sessions.dedup();
    for id in sessions {
        store::get_locked(tx, id).await?;
    }
    for id in [gardee.min(absorbee), gardee.max(absorbee)] {
        store::parcours_locked(tx, id).await?;
    }
    let mut out = Reuni::default();
    for (mut i, session) in siennes {
        if !vivante(&i.etat) || !connues.contains(&i.session) {
            out.inscriptions.push(i.id.0);
        } else if matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite) {
            i.etat = EtatInscription::Annulee { le: site.clock.now() };
            store::enregistrer(tx, &i).await?;
            mails::dire(site, tx, &i, &session).await?;
            actions::servir_la_file(site, tx, &session).await?;
        }
    }
    store::passer(tx, &out.inscriptions, gardee).await?;
    let (mut p, a) = (store::parcours(tx, gardee).await?, store::parcours(tx, absorbee).await?);
    out.test = a.positionnement.map(|(_, le)| le) > p.positionnement.map(|(_, le)| le);
    out.socle = p.socle.iter().all(|n| *n == 0) && a.socle.iter().any(|n| *n > 0);
    out.vae = a.vae.len() > p.vae.len();
    for c in &a.certifications {
        if !p.certifications.iter().any(|siens| siens.titre == c.titre) {
            out.titres.push(c.titre.cle().to_owned());
            p.certifications.push(*c);
        }
    }
    if out.test {
        out.test_avant = p.positionnement;
        p.positionnement = a.positionnement;
    }
    if out.socle {
        p.socle = a.socle;
    }
    // Stages of another procedure stay in the file that they were noted in.
    if out.vae && p.vae.is_empty() {
        p.vae = a.vae;
    } else {
        out.vae = false;
    }
    store::remplacer_parcours(tx, gardee, &p).await?;
    Ok(out)
}

/// Forgets what is known of the training of a person who is erased.
///
/// # Errors
/// The database.
pub(crate) async fn oublier(tx: &Tx, id: CandidatId) -> Result<(), Failure> {
    Ok(store::oublier(tx, id).await?)
}

/// Gives back what moved. What was noted since stays with the kept file.
///
/// # Errors
/// The database.
pub(crate) async fn separer(
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
    r: &Reuni,
) -> Result<(), Failure> {
    for id in [gardee.min(absorbee), gardee.max(absorbee)] {
        store::parcours_locked(tx, id).await?;
    }
    store::passer(tx, &r.inscriptions, absorbee).await?;
    let (mut p, a) = (store::parcours(tx, gardee).await?, store::parcours(tx, absorbee).await?);
    let neuf = Parcours::default();
    p.certifications.retain(|c| {
        let vient = r.titres.iter().any(|t| t == c.titre.cle());
        !(vient && a.certifications.iter().any(|x| x.titre == c.titre && x.le == c.le))
    });
    if r.test && p.positionnement == a.positionnement {
        p.positionnement = r.test_avant;
    }
    if r.socle && p.socle == a.socle {
        p.socle = neuf.socle;
    }
    if r.vae && p.vae == a.vae {
        p.vae = neuf.vae;
    }
    store::remplacer_parcours(tx, gardee, &p).await?;
    Ok(())
}
