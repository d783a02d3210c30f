//! Sessions for référents: whom to inscribe in what; certificates.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use kernel::{Perimetre, Refusal, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, see_other_saying, see_other_warning,
};

use super::REFERENT;
use crate::aidants::regles::Voie;
use crate::aidants::{self, Aidant, registre};
use crate::formations::model::{EtatInscription, Inscription, InscriptionId, Session};
use crate::formations::{actions, attestation, regles, store};
use crate::habilitations::{choisi, departements};
use crate::ids::{AidantId, SessionFormationId};
use crate::{Failure, Mandats};

#[derive(Template)]
#[template(path = "formations/pages/referent.html")]
struct Liste {
    shell: Shell,
    form: FormState,
    sessions: Vec<Session>,
    /// Who may be inscribed: eligible, on the way by a session, in none yet.
    libres: Vec<Aidant>,
    inscrites: Vec<(Aidant, Inscription, Session)>,
    departements: Vec<(String, String)>,
    jour: chrono::NaiveDate,
}

impl Liste {
    fn cloture(&self, s: &Session) -> String {
        regles::jusqu_au(s, self.jour).map_or_else(String::new, kernel::calendrier::jour_en_lettres)
    }

    fn peuvent(&self, s: &Session) -> Vec<(String, String)> {
        let ok = |a: &&Aidant| regles::peut_suivre(a, Voie::Classique, s).is_ok();
        self.libres.iter().filter(ok).map(|a| (a.id.to_string(), a.nom_complet())).collect()
    }
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell, Requete(mut form): Requete) -> PageResult {
    let conn = m.site.db.read();
    let ici = aidants::agissant(&m, conn, shell.actor()?, Verb::GererAidants).await?.organisation;
    let jour = m.jour();
    let departements = departements(&m, &Perimetre::National);
    let departement = choisi(&mut form, &departements);
    let mut libres = Vec::new();
    let mut inscrites = Vec::new();
    for (a, _) in registre::personnes(conn, ici.structure).await? {
        let siennes = store::de_aidant(conn, a.id).await?;
        let vivante = siennes
            .into_iter()
            .find(|i| matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite));
        match vivante {
            Some(i) => {
                if let Some(s) = store::session(conn, i.session).await? {
                    inscrites.push((a, i, s));
                }
            }
            None if a.etat == aidants::EtatAidant::Eligible
                && registre::parcours(conn, a.id).await?.voie == Voie::Classique =>
            {
                libres.push(a);
            }
            None => {}
        }
    }
    let mut sessions = store::a_venir(conn, jour).await?;
    sessions.retain(|s| regles::ouverte(s, jour).is_ok());
    if let Some(departement) = departement {
        sessions.retain(|s| s.fiche.departement.as_ref().is_none_or(|d| d.as_str() == departement));
    }
    page(&Liste { shell, form, sessions, libres, inscrites, departements, jour })
}

fn dit(fait: Result<(), Failure>, phrase: &str) -> PageResult {
    match fait {
        Ok(()) => Ok(see_other_saying(REFERENT, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(REFERENT, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn inscrire(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let aidant = AidantId(form.get(&format!("personne-{id}")).parse().map_err(|_| PageError::not_found())?);
    match actions::inscrire(&m, shell.actor()?, SessionFormationId(id), aidant).await {
        Ok(EtatInscription::Inscrite) => dit(Ok(()), "L’inscription est confirmée."),
        Ok(_) => dit(Ok(()), "La session est complète : la personne est sur liste d’attente."),
        Err(e) => dit(Err(e), ""),
    }
}

pub(super) async fn annuler(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    dit(actions::renoncer(&m, shell.actor()?, InscriptionId(id)).await, "L’inscription est annulée.")
}

pub(super) async fn attestation(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, id) = (m.site.db.read(), AidantId(id));
    let ici = aidants::agissant(&m, conn, shell.actor()?, Verb::GererAidants).await?.organisation.structure;
    if aidants::store::appartenance(conn, id, ici).await?.is_none() {
        return Err(PageError::not_found());
    }
    let a = aidants::store::lire(conn, id).await?.ok_or_else(PageError::not_found)?;
    attestation::pdf(&m, &a, &registre::parcours(conn, id).await?).await
}

pub(super) async fn la_mienne(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let a = aidants::store::du_compte(conn, shell.actor()?.compte).await?.ok_or_else(PageError::not_found)?;
    attestation::pdf(&m, &a, &registre::parcours(conn, a.id).await?).await
}
