//! What a person sees of their own training, asks for and gives up.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Refusal;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::MIENNE;
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, Coordonnees};
use crate::formation::actions;
use crate::formation::lecture::{self, Ligne, Mienne};
use crate::formation::model::{
    EtatInscription, Inscription, InscriptionId, MARCHES, SOCLE, Session, SessionId,
};
use crate::formation::rules;

#[derive(Template)]
#[template(path = "formation/pages/mienne.html")]
struct Page {
    shell: Shell,
    mienne: Mienne,
    /// Sessions to come for their région; none without a post.
    sessions: Vec<Ligne>,
    aujourdhui: chrono::NaiveDate,
}

impl Page {
    /// Why the person cannot ask for that session; none when they can.
    fn empeche(&self, l: &Ligne) -> Option<String> {
        rules::peut_s_inscrire(&self.mienne.personne(), &l.session, self.aujourdhui)
            .err()
            .map(|r| r.to_string())
    }

    fn peut_annuler(&self, i: &Inscription, s: &Session) -> bool {
        rules::peut_annuler(i, s, self.aujourdhui).is_ok()
    }

    fn suivie(&self, i: &Inscription) -> bool {
        matches!(i.etat, EtatInscription::Suivie { .. })
    }

    fn conseil(&self) -> Option<u16> {
        let (score, _) = self.mienne.parcours.positionnement?;
        MARCHES.last().map(|m| rules::conseil(score, m))
    }

    fn socle(&self) -> impl Iterator<Item = (&'static str, u8)> + '_ {
        SOCLE.iter().zip(self.mienne.parcours.socle).map(|((_, nom), n)| (*nom, n))
    }
}

pub(super) async fn page_mienne(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    let mienne = lecture::la_mienne(&c.site, shell.actor()?).await?;
    let aujourdhui = kernel::calendrier::jour(&c.site.clock.now());
    let sessions = match &mienne.region {
        Some(region) => lecture::a_venir(c.site.db.read(), region, aujourdhui).await?,
        None => Vec::new(),
    };
    page(&Page { shell, mienne, sessions, aujourdhui })
}

#[derive(Template)]
#[template(path = "formation/pages/choisir.html")]
struct PageChoisir {
    shell: Shell,
    form: FormState,
    ligne: Ligne,
}

impl PageChoisir {
    fn modules(&self) -> Vec<(String, String)> {
        self.ligne.session.fiche.modules.iter().map(|m| (m.clone(), m.clone())).collect()
    }
}

/// The session, when it is one that the person may ask for.
async fn ouverte(c: &Conseillers, shell: &Shell, id: SessionId) -> Result<Ligne, PageError> {
    let mienne = lecture::la_mienne(&c.site, shell.actor()?).await?;
    let aujourdhui = kernel::calendrier::jour(&c.site.clock.now());
    let region = mienne.region.clone().ok_or_else(PageError::not_found)?;
    let sessions = lecture::a_venir(c.site.db.read(), &region, aujourdhui).await?;
    let ligne = sessions.into_iter().find(|l| l.session.id == id).ok_or_else(PageError::not_found)?;
    rules::peut_s_inscrire(&mienne.personne(), &ligne.session, aujourdhui)?;
    Ok(ligne)
}

pub(super) async fn choisir(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let ligne = ouverte(&c, &shell, SessionId(id)).await?;
    page(&PageChoisir { shell, form: FormState::default(), ligne })
}

pub(super) async fn demander(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let modules: Vec<String> = form.all("modules").take(rules::MODULES_MAX + 1).map(str::to_owned).collect();
    match actions::demander(&c.site, shell.actor()?, SessionId(id), modules).await {
        Ok(EtatInscription::Inscrite) => Ok(see_other_saying(MIENNE, "Votre place est confirmée.")),
        Ok(_) => Ok(see_other_saying(MIENNE, "La session est complète : vous êtes sur liste d’attente.")),
        Err(Failure::Refusal(refusal)) => {
            form.take(refusal)?;
            let ligne = ouverte(&c, &shell, SessionId(id)).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &PageChoisir { shell, form, ligne })
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn annuler(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::annuler(&c.site, shell.actor()?, InscriptionId(id)).await?;
    Ok(see_other_saying(MIENNE, "Votre inscription est annulée."))
}

#[derive(Template)]
#[template(path = "formation/pages/attestation.html")]
struct Attestation {
    shell: Shell,
    inscription: Inscription,
    session: Session,
    organisme: String,
    qui: Coordonnees,
}

/// What the person followed, on one page to print.
pub(super) async fn attestation(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let mienne = lecture::la_mienne(&c.site, shell.actor()?).await?;
    let conn = c.site.db.read();
    let qui = candidats::coordonnees(conn, mienne.candidat).await?;
    let qui = qui.ok_or(Refusal::NotFound)?;
    let suivie = |(i, _): &(Inscription, Session)| {
        i.id == InscriptionId(id) && matches!(i.etat, EtatInscription::Suivie { .. })
    };
    let (inscription, session) = mienne.inscriptions.into_iter().find(suivie).ok_or(Refusal::NotFound)?;
    let organisme = annuaire::structures::find(conn, session.fiche.organisme).await?;
    let organisme = organisme.map(|o| o.nom).unwrap_or_default();
    page(&Attestation { shell, inscription, session, organisme, qui })
}
