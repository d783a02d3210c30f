//! One session: who follows it, for its training body and for the administration.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Refusal, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Exports, FormState, Formulaire, Liste, Lot, PageResult, Shell, page, page_with, see_other_saying,
};

use super::BASE;
use crate::Conseillers;
use crate::Failure;
use crate::formation::actions;
use crate::formation::lecture::{self, Suivie};
use crate::formation::model::{Inscription, InscriptionId, Session, SessionId};

#[derive(Template)]
#[template(path = "formation/pages/session.html")]
struct Page {
    shell: Shell,
    suivie: Suivie,
    organisme: String,
    noms_regions: Vec<String>,
    form: FormState,
    peut_gerer: bool,
    commencee: bool,
    exports: Exports,
}

impl Page {
    fn prises(&self) -> usize {
        self.suivie.inscriptions.iter().filter(|i| i.etat.prend_une_place()).count()
    }

    fn en_attente(&self) -> usize {
        self.suivie.inscriptions.iter().filter(|i| i.etat.cle() == "en_attente").count()
    }

    fn nom(&self, i: &Inscription) -> String {
        nom(&self.suivie, i)
    }

    fn courriel(&self, i: &Inscription) -> String {
        self.suivie.coordonnees.get(&i.candidat).map(|c| c.courriel.to_string()).unwrap_or_default()
    }

    fn regions(&self) -> String {
        if self.noms_regions.is_empty() { "toutes".to_owned() } else { self.noms_regions.join(", ") }
    }
}

pub(super) async fn fiche(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let suivie = lecture::session(&c.site, shell.actor()?, SessionId(id)).await?;
    let organisme = annuaire::structures::find(c.site.db.read(), suivie.session.fiche.organisme).await?;
    let territoires = c.annuaire.territoires();
    let nom = |code: &kernel::CodeRegion| {
        let connue = territoires.regions().iter().find(|r| r.code == *code);
        connue.map_or_else(|| code.to_string(), |r| r.nom.clone())
    };
    page(&Page {
        noms_regions: suivie.session.fiche.regions.iter().map(nom).collect(),
        exports: Exports::new(&format!("{BASE}/{}/participants", suivie.session.id), &[]),
        peut_gerer: shell.may(Verb::GererFormations),
        commencee: suivie.session.fiche.debut <= kernel::calendrier::jour(&c.site.clock.now()),
        shell,
        organisme: organisme.map(|o| o.nom).unwrap_or_default(),
        form: FormState::default(),
        suivie,
    })
}

pub(super) async fn annuler(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    lecture::session(&c.site, shell.actor()?, SessionId(id)).await?;
    let Some(motif) = form.text("motif", 300) else {
        return Err(Refusal::conflict(
            "Écrivez pourquoi la session est annulée : les personnes inscrites le liront.",
        )
        .into());
    };
    actions::annuler_session(&c.site, shell.actor()?, SessionId(id), motif).await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "La session est annulée. Les personnes inscrites sont prévenues.",
    ))
}

#[derive(Template)]
#[template(path = "formation/pages/suivi.html")]
struct PageSuivi {
    shell: Shell,
    form: FormState,
    inscription: InscriptionId,
    session: Session,
    nom: String,
}

impl PageSuivi {
    fn duree(&self) -> String {
        format!("La formation dure {} heures.", self.session.fiche.heures)
    }

    fn fins(&self) -> [(&'static str, &'static str); 3] {
        [("", "En cours"), ("suivie", "Suivie jusqu’au bout"), ("interrompue", "Interrompue")]
    }
}

async fn montrer_suivi(
    c: &Conseillers,
    shell: Shell,
    status: StatusCode,
    (id, form): (InscriptionId, Option<FormState>),
) -> PageResult {
    let (inscription, suivie) = lecture::inscription(&c.site, shell.actor()?, id).await?;
    let fin = match inscription.etat.cle() {
        "suivie" => "suivie",
        "abandonnee" => "interrompue",
        _ => "",
    };
    let lu = || FormState::filled([("heures", inscription.heures.to_string()), ("fin", fin.to_owned())]);
    let nom = nom(&suivie, &inscription);
    let form = form.unwrap_or_else(lu);
    page_with(status, &PageSuivi { shell, form, inscription: id, session: suivie.session, nom })
}

pub(super) async fn suivi(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer_suivi(&c, shell, StatusCode::OK, (InscriptionId(id), None)).await
}

pub(super) async fn suivre(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = InscriptionId(id);
    let fin = match form.get("fin") {
        "suivie" => Some(true),
        "interrompue" => Some(false),
        _ => None,
    };
    if let Some(heures) =
        form.parse("heures", |v| v.parse().map_err(|_| "Écrivez un nombre d’heures entier."))
    {
        match actions::suivre(&c.site, shell.actor()?, id, heures, fin).await {
            Ok(session) => {
                return Ok(see_other_saying(&format!("{BASE}/{session}"), "Le suivi est enregistré."));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer_suivi(&c, shell, StatusCode::UNPROCESSABLE_ENTITY, (id, Some(form))).await
}

fn nom(suivie: &Suivie, i: &Inscription) -> String {
    suivie
        .coordonnees
        .get(&i.candidat)
        .map_or_else(|| "Personne effacée".to_owned(), |c| format!("{} {}", c.prenom, c.nom))
}

const PARTICIPANTS: Liste = Liste {
    nom: "participants",
    titres: &["prenom", "nom", "courriel", "telephone", "etat", "modules", "heures_suivies", "demandee_le"],
};

/// The participants as a file for the training body: a session has seats for one batch.
pub(super) async fn exporter(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    format: Format,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let suivie = lecture::session(&c.site, &actor, SessionId(id)).await?;
    let ligne = |i: &Inscription| -> Vec<Cellule> {
        let qui = suivie.coordonnees.get(&i.candidat);
        vec![
            qui.map(|q| q.prenom.clone()).into(),
            qui.map(|q| q.nom.clone()).into(),
            qui.map(|q| q.courriel.to_string()).into(),
            qui.and_then(|q| q.telephone.as_ref()).map(|t| t.as_str().to_owned()).into(),
            i.etat.nom().into(),
            i.modules.join(" | ").into(),
            i64::from(i.heures).into(),
            kernel::calendrier::jour(&i.demandee_le).into(),
        ]
    };
    let lignes: Vec<Vec<Cellule>> = suivie.inscriptions.iter().map(ligne).collect();
    PARTICIPANTS
        .envoyer(&c.site, &actor, (format, &[]), move |_: Option<()>| {
            let lignes = lignes.clone();
            async move { Ok(Lot { lignes, apres: None }) }
        })
        .await
}
