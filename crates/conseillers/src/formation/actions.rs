//! What can be done in trainings: one function a verb, each in one transaction, with its history and its journal line.

use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::json;

use super::model::{
    EtapeVae, EtatInscription, FicheSession, Inscription, InscriptionId, Parcours, SOCLE, Session, SessionId,
    Titre,
};
use super::{lecture, mails, rules, store};
use crate::Failure;
use crate::candidats;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::CandidatId;

/// Opens a session.
///
/// # Errors
/// Refusals of [`rules::fiche_juste`]; a training body that is not in the directory.
pub async fn ouvrir(site: &Site, actor: &Actor, fiche: FicheSession) -> Result<SessionId, Failure> {
    actor.may(Verb::GererFormations)?;
    rules::fiche_juste(&fiche)?;
    let session = Session { id: SessionId::new(&site.clock, &site.chance), fiche, annulee: None, version: 1 };
    site.db
        .write(async |tx| {
            if annuaire::structures::find(tx, session.fiche.organisme).await?.is_none_or(|v| !v.active) {
                return Err(Refusal::field("organisme", "Choisissez un organisme de l’annuaire.").into());
            }
            store::insert(tx, &session).await?;
            let ecrit = Ecrit::nouveau("Session", resume(&session.fiche));
            historique::noter(site, tx, (Sujet::Session, session.id.0), Some(actor), "Ouverture", &[ecrit])
                .await?;
            journal::write(site, tx, Entry::by(actor, "formation.ouvrir", "session", session.id)).await?;
            Ok(session.id)
        })
        .await
}

fn resume(f: &FicheSession) -> String {
    format!(
        "{} h, {}, du {} au {}, {} places",
        f.heures,
        f.endroit.nom(),
        f.debut.format("%d/%m/%Y"),
        f.fin.format("%d/%m/%Y"),
        f.places
    )
}

/// Changes a session that has not begun; more seats go to whoever waits.
///
/// # Errors
/// Refusals of [`rules::fiche_juste`]; fewer seats than are taken; a session that changed meanwhile.
pub async fn modifier(
    site: &Site,
    actor: &Actor,
    id: SessionId,
    version: i64,
    fiche: FicheSession,
) -> Result<(), Failure> {
    actor.may(Verb::GererFormations)?;
    rules::fiche_juste(&fiche)?;
    site.db
        .write(async |tx| {
            let mut session = tenir(tx, id).await?;
            if session.version != version {
                return Err(Refusal::conflict(
                    "Quelqu’un a modifié cette session pendant que vous la lisiez. Rechargez la page, puis recommencez.",
                )
                .into());
            }
            if session.annulee.is_some() || session.fiche.debut <= aujourdhui(site) {
                return Err(Refusal::conflict("Une session annulée ou commencée ne change plus.").into());
            }
            let (prises, _) = store::places(tx, id).await?;
            if fiche.places < prises {
                return Err(Refusal::field("places", format!("{prises} places sont déjà prises.")).into());
            }
            let ecrit = Ecrit::change("Session", resume(&session.fiche), resume(&fiche));
            session.fiche = fiche;
            store::update(tx, &session).await?;
            servir_la_file(site, tx, &session).await?;
            historique::noter(site, tx, (Sujet::Session, id.0), Some(actor), "Modification", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "formation.modifier", "session", id)).await?;
            Ok(())
        })
        .await
}

/// Cancels a session that has not begun: everybody is told.
///
/// # Errors
/// When it began, or was cancelled already.
pub async fn annuler_session(
    site: &Site,
    actor: &Actor,
    id: SessionId,
    motif: String,
) -> Result<(), Failure> {
    actor.may(Verb::GererFormations)?;
    site.db
        .write(async |tx| {
            let mut session = tenir(tx, id).await?;
            if session.annulee.is_some() || session.fiche.debut <= aujourdhui(site) {
                return Err(Refusal::conflict("Cette session a commencé, ou est déjà annulée.").into());
            }
            session.annulee = Some(motif.clone());
            store::update(tx, &session).await?;
            for mut i in store::de_session(tx, id).await? {
                if matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite) {
                    i.etat = EtatInscription::Annulee { le: site.clock.now() };
                    store::enregistrer(tx, &i).await?;
                    mails::dire(site, tx, &i, &session).await?;
                }
            }
            let ecrit = Ecrit::nouveau("Annulation", motif);
            historique::noter(site, tx, (Sujet::Session, id.0), Some(actor), "Annulation", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "formation.annuler", "session", id)).await?;
            Ok(())
        })
        .await
}

/// Asks for a seat, in one's own name: the seat when one is free, else a place in the line.
///
/// # Errors
/// Refusals of [`rules::peut_s_inscrire`] and of [`rules::modules_choisis`].
pub async fn demander(
    site: &Site,
    actor: &Actor,
    id: SessionId,
    modules: Vec<String>,
) -> Result<EtatInscription, Failure> {
    actor.may(Verb::TenirCandidature)?;
    site.db
        .write(async |tx| {
            let candidat = candidats::de_compte(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            let session = tenir(tx, id).await?;
            // Held too: the same person asking for two sessions at once.
            store::parcours_locked(tx, candidat).await?;
            // Their file may have been made one with another while this one waited.
            if candidats::de_compte(tx, actor.compte).await? != Some(candidat) {
                return Err(Failure::perime());
            }
            let mienne = lecture::de_candidat(tx, candidat, aujourdhui(site)).await?;
            rules::peut_s_inscrire(&mienne.personne(), &session, aujourdhui(site))?;
            let modules = rules::modules_choisis(&session, modules)?;
            let (prises, _) = store::places(tx, id).await?;
            let inscription = Inscription {
                id: InscriptionId::new(&site.clock, &site.chance),
                session: id,
                candidat,
                demandee_le: site.clock.now(),
                modules,
                heures: 0,
                etat: rules::place(&session, prises, &mienne.parcours),
            };
            store::enregistrer(tx, &inscription).await?;
            mails::dire(site, tx, &inscription, &session).await?;
            let ecrit = Ecrit::nouveau("Formation", inscription.etat.nom());
            historique::noter(site, tx, (Sujet::Candidat, candidat.0), Some(actor), "Inscription", &[ecrit])
                .await?;
            let facts = json!({ "session": id, "etat": inscription.etat.cle() });
            let line = Entry::by(actor, "formation.demander", "inscription", inscription.id).with(facts);
            journal::write(site, tx, line).await?;
            Ok(inscription.etat)
        })
        .await
}

/// Gives up a seat, in one's own name: the first in line has it.
///
/// # Errors
/// Refusals of [`rules::peut_annuler`]; [`Refusal::NotFound`] for somebody else's.
pub async fn annuler(site: &Site, actor: &Actor, id: InscriptionId) -> Result<(), Failure> {
    actor.may(Verb::TenirCandidature)?;
    site.db
        .write(async |tx| {
            let candidat = candidats::de_compte(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            let (mut i, session) = tenir_inscription(tx, id).await?;
            if i.candidat != candidat {
                return Err(Refusal::NotFound.into());
            }
            rules::peut_annuler(&i, &session, aujourdhui(site))?;
            let avant = i.etat.nom();
            i.etat = EtatInscription::Annulee { le: site.clock.now() };
            store::enregistrer(tx, &i).await?;
            mails::dire(site, tx, &i, &session).await?;
            servir_la_file(site, tx, &session).await?;
            let ecrit = Ecrit::change("Formation", avant, i.etat.nom());
            historique::noter(site, tx, (Sujet::Candidat, candidat.0), Some(actor), "Annulation", &[ecrit])
                .await?;
            journal::write(site, tx, Entry::by(actor, "formation.renoncer", "inscription", id)).await?;
            Ok(())
        })
        .await
}

/// Says what somebody followed: hours so far, and whether it is over (`Some(true)`: to the end).
///
/// # Errors
/// Refusals of [`rules::suivre`]; out of scope.
pub async fn suivre(
    site: &Site,
    actor: &Actor,
    id: InscriptionId,
    heures: u16,
    fin: Option<bool>,
) -> Result<SessionId, Failure> {
    site.db
        .write(async |tx| {
            let (mut i, session) = tenir_inscription(tx, id).await?;
            lecture::may(tx, actor, Verb::SuivreFormations, &session).await?;
            let etat = rules::suivre(&i, &session, heures, fin, site.clock.now())?;
            let ecrits = [
                Ecrit::change("Heures suivies", i.heures.to_string(), heures.to_string()),
                Ecrit::change("Formation", i.etat.nom(), etat.nom()),
            ];
            let dire = etat.cle() != i.etat.cle();
            (i.heures, i.etat) = (heures, etat);
            store::enregistrer(tx, &i).await?;
            if dire {
                mails::dire(site, tx, &i, &session).await?;
            }
            historique::noter(site, tx, (Sujet::Candidat, i.candidat.0), Some(actor), "Suivi", &ecrits)
                .await?;
            let line =
                Entry::by(actor, "formation.suivre", "inscription", id).with(json!({ "heures": heures }));
            journal::write(site, tx, line).await?;
            Ok(session.id)
        })
        .await
}

/// What a training body, or the administration, may say of a person's training.
#[derive(Clone, Debug)]
pub enum Fait {
    /// The positioning test, out of 100.
    Positionnement(u8),
    /// Levels of the skills of the base, in their order.
    Socle([u8; SOCLE.len()]),
    /// A title.
    Titre(Titre, NaiveDate),
    /// A stage of a recognition of experience.
    Vae(EtapeVae, NaiveDate),
}

/// Notes a fact on the training of a person.
///
/// # Errors
/// Refusals of the rules; [`Refusal::NotFound`] for a person whom the actor does not train.
pub async fn noter(site: &Site, actor: &Actor, candidat: CandidatId, fait: Fait) -> Result<(), Failure> {
    actor.may(Verb::SuivreFormations)?;
    site.db
        .write(async |tx| {
            let test = matches!(fait, Fait::Positionnement(_));
            // Sessions are held before people, always: the test gives a seat where one is free.
            let mut attendues = Vec::new();
            if test {
                for (i, s) in store::de_candidat(tx, candidat).await? {
                    if i.etat == EtatInscription::EnAttente {
                        attendues.push(s.id);
                    }
                }
                attendues.sort_unstable();
            }
            let mut tenues = Vec::new();
            for id in attendues {
                tenues.push(tenir(tx, id).await?);
            }
            let mut p = store::parcours_locked(tx, candidat).await?;
            if candidats::coordonnees(tx, candidat).await?.is_none() {
                return Err(Refusal::NotFound.into());
            }
            lecture::may_sur(tx, actor, &store::de_candidat(tx, candidat).await?, test).await?;
            let ecrit = appliquer(&mut p, fait, aujourdhui(site))?;
            store::enregistrer_parcours(tx, candidat, &p).await?;
            for session in &tenues {
                if session.annulee.is_none() && session.fiche.debut > aujourdhui(site) {
                    servir_la_file(site, tx, session).await?;
                }
            }
            historique::noter(site, tx, (Sujet::Candidat, candidat.0), Some(actor), "Formation", &[ecrit])
                .await?;
            journal::write(site, tx, Entry::by(actor, "formation.noter", "candidat", candidat)).await?;
            Ok(())
        })
        .await
}

fn appliquer(p: &mut Parcours, fait: Fait, aujourdhui: NaiveDate) -> Result<Ecrit, Refusal> {
    match fait {
        Fait::Positionnement(score) if score > 100 => {
            Err(Refusal::field("score", "Le test donne un nombre de 0 à 100."))
        }
        Fait::Positionnement(score) => {
            let avant = p.positionnement.map(|(s, _)| format!("{s} sur 100")).unwrap_or_default();
            p.positionnement = Some((score, aujourdhui));
            Ok(Ecrit::change("Test de positionnement", avant, format!("{score} sur 100")))
        }
        Fait::Socle(niveaux) => {
            rules::niveaux_justes(&niveaux)?;
            let dit = |n: &[u8]| n.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let avant = dit(&p.socle);
            p.socle = niveaux;
            Ok(Ecrit::change("Socle de compétences", avant, dit(&p.socle)))
        }
        Fait::Titre(titre, le) => {
            rules::certifier(p, titre, le, aujourdhui)?;
            Ok(Ecrit::nouveau(titre.nom(), le.format("%d/%m/%Y").to_string()))
        }
        Fait::Vae(etape, le) => {
            let avant = p.vae.last().map(|(e, _)| e.nom()).unwrap_or_default();
            rules::avancer_vae(p, etape, le, aujourdhui)?;
            Ok(Ecrit::change("Reconnaissance de l’expérience (VAE)", avant, etape.nom()))
        }
    }
}

fn aujourdhui(site: &Site) -> NaiveDate {
    kernel::calendrier::jour(&site.clock.now())
}

async fn tenir(tx: &Tx, id: SessionId) -> Result<Session, Failure> {
    Ok(store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?)
}

/// The registration and its session, which is held before the registration is read.
async fn tenir_inscription(tx: &Tx, id: InscriptionId) -> Result<(Inscription, Session), Failure> {
    let session = store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?.session;
    let session = tenir(tx, session).await?;
    Ok((store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?, session))
}

/// Gives the free seats of a session that the caller holds to whoever waits, by the order of the requests. Who has no post any
/// more, or has not passed the test, keeps their place in line and lets the next go before.
pub(super) async fn servir_la_file(site: &Site, tx: &Tx, session: &Session) -> Result<(), DbErr> {
    let (prises, _) = store::places(tx, session.id).await?;
    let mut libres = session.fiche.places.saturating_sub(prises);
    let attend = |i: &Inscription| i.etat == EtatInscription::EnAttente;
    for mut i in store::de_session(tx, session.id).await?.into_iter().filter(attend) {
        if libres == 0 {
            break;
        }
        let sienne = lecture::de_candidat(tx, i.candidat, aujourdhui(site)).await?;
        if rules::en_poste(&sienne.personne(), session).is_err()
            || rules::attend_le_test(&sienne.parcours, session)
        {
            continue;
        }
        libres -= 1;
        i.etat = EtatInscription::Inscrite;
        store::enregistrer(tx, &i).await?;
        mails::dire(site, tx, &i, session).await?;
        let ecrit = Ecrit::change("Formation", EtatInscription::EnAttente.nom(), i.etat.nom());
        historique::noter(site, tx, (Sujet::Candidat, i.candidat.0), None, "Place libérée", &[ecrit]).await?;
    }
    Ok(())
}
