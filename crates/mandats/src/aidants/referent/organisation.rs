//! First page, sheet of the organisation with its perimeter of démarches, teams.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Refusal, Verb};
use platform::journal::{self, Entry};
use platform::web::{FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use super::{BASE, ici, nommee};
use crate::aidants::agissant::agissant;
use crate::aidants::demandes::{self, Demande};
use crate::aidants::equipes::{self, Equipe, NOM_MAX};
use crate::aidants::registre::{self, Nombres};
use crate::ids::EquipeId;
use crate::legal::{self, Demarche};
use crate::notifications::model::Notification;
use crate::organisations::{self, Demarches, Organisation};
use crate::{Failure, Mandats};

#[derive(Template)]
#[template(path = "aidants/referent/accueil.html")]
struct Accueil {
    shell: Shell,
    nom: String,
    adresse: String,
    o: Organisation,
    nombres: Nombres,
    mandats: organisations::store::Activite,
    demandes: Vec<Demande>,
    notifications: Vec<Notification>,
}

pub(super) async fn accueil(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let o = ici(&m, conn, &shell).await?.organisation;
    let (nom, adresse) = nommee(&m, o.structure).await?;
    let nombres = registre::nombres(conn, o.structure).await?;
    let mandats = organisations::store::activite(conn, o.structure, m.site.clock.now()).await?;
    let demandes = demandes::de(conn, o.structure).await?;
    let notifications = crate::notifications::a_lire(&m, shell.actor()?.compte).await?;
    page(&Accueil { shell, nom, adresse, o, nombres, mandats, demandes, notifications })
}

#[derive(Template)]
#[template(path = "aidants/referent/organisation.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    nom: String,
    adresse: String,
    o: Organisation,
    catalogue: &'static [Demarche],
}

impl Fiche {
    fn cases(&self) -> Vec<(String, String)> {
        self.catalogue.iter().map(|d| (d.cle.clone(), d.titre.clone())).collect()
    }
}

async fn montrer(m: &Mandats, shell: Shell, status: StatusCode, form: Option<FormState>) -> PageResult {
    let o = ici(m, m.site.db.read(), &shell).await?.organisation;
    let (nom, adresse) = nommee(m, o.structure).await?;
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let catalogue = texte.map_or(&[][..], legal::catalogue);
    let form = form.unwrap_or_else(|| {
        let mut valeurs: Vec<(&str, String)> =
            o.demarches.cles().iter().map(|c| ("demarches", c.clone())).collect();
        valeurs.push(("version", o.version.to_string()));
        FormState::filled(valeurs)
    });
    page_with(status, &Fiche { shell, form, nom, adresse, o, catalogue })
}

pub(super) async fn fiche(State(m): State<Mandats>, shell: Shell) -> PageResult {
    montrer(&m, shell, StatusCode::OK, None).await
}

pub(super) async fn perimetre(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let site = &m.site;
    let actor = shell.actor()?;
    let fait = site
        .db
        .write(async |tx| {
            let vue = agissant(&m, tx, actor, Verb::GererAidants).await?.organisation;
            let o = organisations::store::tenir(tx, vue.structure).await?.ok_or(Refusal::NotFound)?;
            if form.get("version").parse() != Ok(o.version) {
                let non = "Quelqu’un a modifié cette organisation pendant que vous la lisiez. Rechargez la page, puis recommencez.";
                return Err(Refusal::field("demarches", non).into());
            }
            let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour()).ok_or(Refusal::NotFound)?;
            let choisies = Demarches::parmi(texte, form.all("demarches"));
            if choisies.est_vide() {
                return Err(Refusal::field("demarches", "Cochez au moins une démarche.").into());
            }
            let line = Entry::by(actor, "organisation.perimetre", "organisation", o.structure)
                .with(serde_json::json!({ "avant": o.demarches.cles(), "apres": choisies.cles() }));
            organisations::store::enregistrer(tx, &Organisation { demarches: choisies, ..o }).await?;
            Ok::<_, Failure>(journal::write(site, tx, line).await?)
        })
        .await;
    match fait {
        Ok(()) => Ok(see_other_saying(
            &format!("{BASE}/organisation"),
            "Le périmètre est enregistré. Les mandats déjà signés ne changent pas.",
        )),
        Err(Failure::Refusal(r)) => {
            form.take(r)?;
            montrer(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, Some(form)).await
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "aidants/referent/equipes.html")]
struct Equipes {
    shell: Shell,
    form: FormState,
    equipes: Vec<(Equipe, Vec<String>)>,
}

async fn montrer_equipes(m: &Mandats, shell: Shell, status: StatusCode, form: FormState) -> PageResult {
    let conn = m.site.db.read();
    let ici = ici(m, conn, &shell).await?.organisation.structure;
    let personnes = registre::personnes(conn, ici).await?;
    let equipes = equipes::de(conn, ici)
        .await?
        .into_iter()
        .map(|e| {
            let membres = personnes.iter().filter(|(_, p)| p.equipe == Some(e.id));
            let membres = membres.map(|(a, _)| a.nom_complet()).collect();
            (e, membres)
        })
        .collect();
    page_with(status, &Equipes { shell, form, equipes })
}

pub(super) async fn equipes(State(m): State<Mandats>, shell: Shell) -> PageResult {
    montrer_equipes(&m, shell, StatusCode::OK, FormState::default()).await
}

pub(super) async fn creer_equipe(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    if let Some(nom) = form.text("nom", NOM_MAX) {
        match equipes::creer(&m, shell.actor()?, &nom).await {
            Ok(()) => return Ok(see_other_saying(&format!("{BASE}/equipes"), "L’équipe est créée.")),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer_equipes(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

pub(super) async fn supprimer_equipe(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    equipes::supprimer(&m, shell.actor()?, EquipeId(id)).await?;
    Ok(see_other_saying(
        &format!("{BASE}/equipes"),
        "L’équipe est supprimée. Ses membres voient de nouveau tous les mandats de l’organisation.",
    ))
}
