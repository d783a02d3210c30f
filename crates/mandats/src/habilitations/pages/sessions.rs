//! Trainings, for whoever asked: until the référent of the organisation comes, they inscribe the people of the request.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::Refusal;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other_saying, see_other_warning,
};

use super::PUBLIC;
use super::espace::{ouvrir, secrete};
use crate::aidants::regles::Voie;
use crate::formations::model::{EtatInscription, InscriptionId, Session};
use crate::formations::par_demandeur::{self, Pour, Vue};
use crate::formations::regles;
use crate::habilitations::actions;
use crate::habilitations::model::{Demande, Demandeur, Etat};
use crate::habilitations::store;
use crate::ids::{AidantId, SessionFormationId};
use crate::{Failure, Mandats};

#[derive(Template)]
#[template(path = "habilitations/pages/sessions.html")]
struct Page {
    shell: Shell,
    form: FormState,
    ici: String,
    espace: String,
    demande: Demande,
    vue: Vue,
    venu: bool,
    jour: chrono::NaiveDate,
}

impl Page {
    fn cloture(&self, s: &Session) -> String {
        regles::jusqu_au(s, self.jour).map_or_else(String::new, kernel::calendrier::jour_en_lettres)
    }

    fn peuvent(&self, s: &Session) -> Vec<(String, String)> {
        let libres = self.vue.libres.iter();
        let ok = libres.filter(|a| regles::peut_suivre(a, Voie::Classique, s).is_ok());
        ok.map(|a| (a.id.to_string(), a.nom_complet())).collect()
    }
}

/// The request, if it is accepted, and for whom its author may register.
async fn pour(m: &Mandats, jeton: &str, id: &str) -> Result<(Demandeur, Demande, Pour), PageError> {
    let (d, demande) = ouvrir(m, jeton, id).await?;
    let (Etat::Validee, Some(structure)) = (demande.etat, demande.structure) else {
        return Err(PageError::not_found());
    };
    let la = store::personnes(m.site.db.read(), demande.id).await?;
    let personnes = la.into_iter().filter_map(|p| p.aidant).collect();
    let pour = Pour { demande: demande.id, structure, personnes };
    Ok((d, demande, pour))
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    (jeton, demande, pour): (&str, Demande, &Pour),
    (code, form): (StatusCode, FormState),
) -> PageResult {
    let espace = format!("{PUBLIC}/espace/{jeton}");
    let p = Page {
        ici: format!("{espace}/{}", demande.id),
        espace,
        venu: par_demandeur::referent_venu(m.site.db.read(), pour.structure).await?,
        vue: par_demandeur::vue(m, pour).await?,
        jour: m.jour(),
        shell,
        form,
        demande,
    };
    page_with(code, &p).map(secrete)
}

pub(super) async fn sessions(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id)): Path<(String, String)>,
) -> PageResult {
    let (_, demande, pour) = pour(&m, &jeton, &id).await?;
    montrer(&m, shell, (&jeton, demande, &pour), (StatusCode::OK, FormState::default())).await
}

fn dit(ici: &str, fait: Result<(), Failure>, phrase: &str) -> Result<Response, PageError> {
    match fait {
        Ok(()) => Ok(see_other_saying(ici, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(ici, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn inscrire(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id, session)): Path<(String, String, String)>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande, pour) = pour(&m, &jeton, &id).await?;
    let session: SessionFormationId = session.parse().map_err(|_| PageError::not_found())?;
    let champ = format!("personne-{session}");
    let choisie: Option<AidantId> =
        form.parse(&champ, |v| v.parse().map_err(|_| "Choisissez une personne de la liste."));
    let Some(aidant) = choisie else {
        let tout = (jeton.as_str(), demande, &pour);
        return montrer(&m, shell, tout, (StatusCode::UNPROCESSABLE_ENTITY, form)).await;
    };
    let ici = format!("{PUBLIC}/espace/{jeton}/{}/sessions", demande.id);
    match actions::inscrire_a_une_session(&m, &d, &demande, (&pour, session), aidant).await {
        Ok(EtatInscription::Inscrite) => dit(&ici, Ok(()), "L’inscription est confirmée."),
        Ok(_) => dit(&ici, Ok(()), "La session est complète : la personne est sur liste d’attente."),
        Err(e) => dit(&ici, Err(e), ""),
    }
}

pub(super) async fn renoncer(
    State(m): State<Mandats>,
    Path((jeton, id, inscription)): Path<(String, String, String)>,
) -> PageResult {
    let (_, demande, pour) = pour(&m, &jeton, &id).await?;
    let inscription: InscriptionId = inscription.parse().map_err(|_| PageError::not_found())?;
    let ici = format!("{PUBLIC}/espace/{jeton}/{}/sessions", demande.id);
    dit(&ici, par_demandeur::renoncer(&m, &pour, inscription).await, "L’inscription est annulée.")
}
