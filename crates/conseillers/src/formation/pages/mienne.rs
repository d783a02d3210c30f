//! What a person sees of their own training, asks for and gives up.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::Refusal;
use platform::Site;
use platform::documents::{self, Acte, Bloc, Document, Emetteur};
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::MIENNE;
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, Coordonnees};
use crate::dire::EnLettres;
use crate::formation::actions;
use crate::formation::lecture::{self, Ligne, Mienne};
use crate::formation::model::{
    EtatInscription, Inscription, InscriptionId, MARCHES, SOCLE, Session, SessionId, Titre,
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

    /// When the certification is due, for who followed the course and does not have it.
    fn pix_avant(&self, i: &Inscription, s: &Session) -> Option<chrono::NaiveDate> {
        rules::pix_avant(i, s).filter(|_| !self.mienne.parcours.a(Titre::Pix))
    }

    /// Whether nobody noted a skill yet.
    fn sans_socle(&self) -> bool {
        self.mienne.parcours.socle.iter().all(|n| *n == 0)
    }

    /// Whether the request waits for the test.
    fn attend_le_test(&self, i: &Inscription, s: &Session) -> bool {
        i.etat == EtatInscription::EnAttente && rules::attend_le_test(&self.mienne.parcours, s)
    }

    /// The first day of the post, when it is to come.
    fn poste_a_venir(&self) -> Option<chrono::NaiveDate> {
        self.mienne.poste.as_ref().map(|(_, p)| p.debut).filter(|debut| *debut > self.aujourdhui)
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
    let sessions = match &mienne.poste {
        Some((region, _)) => lecture::a_venir(c.site.db.read(), region, aujourdhui).await?,
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
    /// They wait in line until they passed the test.
    test: bool,
}

impl PageChoisir {
    fn combien(&self) -> &'static str {
        if rules::a_choisir(&self.ligne.session) > 1 {
            "Choisissez deux modules"
        } else {
            "Choisissez un module"
        }
    }

    fn modules(&self) -> Vec<(String, String)> {
        self.ligne.session.fiche.modules.iter().map(|m| (m.clone(), m.clone())).collect()
    }
}

/// The session, when it is one that the person may ask for, and whether they have to pass the test.
async fn ouverte(c: &Conseillers, shell: &Shell, id: SessionId) -> Result<(Ligne, bool), PageError> {
    let mienne = lecture::la_mienne(&c.site, shell.actor()?).await?;
    let aujourdhui = kernel::calendrier::jour(&c.site.clock.now());
    let (region, _) = mienne.poste.clone().ok_or_else(PageError::not_found)?;
    let sessions = lecture::a_venir(c.site.db.read(), &region, aujourdhui).await?;
    let ligne = sessions.into_iter().find(|l| l.session.id == id).ok_or_else(PageError::not_found)?;
    rules::peut_s_inscrire(&mienne.personne(), &ligne.session, aujourdhui)?;
    let test = rules::attend_le_test(&mienne.parcours, &ligne.session);
    Ok((ligne, test))
}

pub(super) async fn choisir(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (ligne, test) = ouverte(&c, &shell, SessionId(id)).await?;
    page(&PageChoisir { shell, form: FormState::default(), ligne, test })
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
        Ok(_) => {
            Ok(see_other_saying(MIENNE, "Votre demande est enregistrée : vous êtes sur liste d’attente."))
        }
        Err(Failure::Refusal(refusal)) => {
            form.take(refusal)?;
            let (ligne, test) = ouverte(&c, &shell, SessionId(id)).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &PageChoisir { shell, form, ligne, test })
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

/// What the person followed, on one page.
pub(super) async fn attestation(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let Suivie { inscription, session, organisme, qui } = suivie(&c, &shell, id).await?;
    page(&Attestation { shell, inscription, session, organisme, qui })
}

/// The same as PDF, dated of the day on which the training body said so.
pub(super) async fn attestation_pdf(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let x = suivie(&c, &shell, id).await?;
    let le = x.inscription.etat.le().unwrap_or_else(|| c.site.clock.now());
    let octets = documents::pdf(x.document(&c.site, &le), le).await?;
    Ok(documents::reponse("attestation-de-formation", octets))
}

/// A training that was followed, and who followed it.
struct Suivie {
    inscription: Inscription,
    session: Session,
    organisme: String,
    qui: Coordonnees,
}

impl Suivie {
    fn document(&self, site: &Site, le: &DateTime<Utc>) -> Document {
        use kernel::calendrier::{en_lettres, jour_en_lettres};
        let f = &self.session.fiche;
        let mut faits = vec![
            ("Lot".to_owned(), f.lot.clone()),
            ("Session".to_owned(), format!("du {} au {}", jour_en_lettres(f.debut), jour_en_lettres(f.fin))),
            ("Endroit".to_owned(), f.endroit.nom().to_owned()),
            ("Heures suivies".to_owned(), format!("{} sur {}", self.inscription.heures, f.heures)),
        ];
        if !self.inscription.modules.is_empty() {
            faits.push(("Modules".to_owned(), self.inscription.modules.join(", ")));
        }
        Document::Acte(Acte {
            emetteur: Emetteur::new(site, &self.organisme),
            titre: "Attestation de suivi de formation".to_owned(),
            sous_titre: "Formation de conseiller numérique".to_owned(),
            reference: format!("Attestation {}", self.inscription.id),
            paysage: false,
            corps: vec![
                Bloc::texte(format!("{}, organisme de formation, indique que", self.organisme)),
                Bloc::fort(format!("{} {}", self.qui.prenom, self.qui.nom)),
                Bloc::texte(format!(
                    "a suivi {} heures de la formation de conseiller numérique.",
                    self.inscription.heures
                )),
                Bloc::Faits { faits },
                Bloc::texte(format!("Enregistré par l’organisme le {}.", en_lettres(le))),
            ],
            signature: vec![self.organisme.clone()],
        })
    }
}

async fn suivie(c: &Conseillers, shell: &Shell, id: uuid::Uuid) -> Result<Suivie, PageError> {
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
    Ok(Suivie { inscription, session, organisme, qui })
}
