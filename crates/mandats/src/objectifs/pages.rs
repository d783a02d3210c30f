//! Targets by département: a map, a table, a form, a file.

use annuaire::maillage::dessin::{self, Forme};
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::actor::Cible;
use kernel::{Actor, CodeDepartement, Verb};
use platform::tableur::Format;
use platform::web::fichier::{Recu, coupe, recevoir};
use platform::web::{
    Access, Exports, FormState, Formulaire, Liste, Lot, PageResult, Requete, Routes, Shell, page_with,
    see_other_saying,
};
use sea_orm::DbErr;

use super::actions::{self, Ligne};
use super::model::{LEGENDE, Objectif, Quoi, classe};
use super::store;
use crate::habilitations::departements;
use crate::{Failure, Mandats};

const BASE: &str = "/gestion/objectifs";

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let (voir, fixe) = (Access::May(Verb::AnimerHabilitations), Access::May(Verb::InstruireHabilitations));
    Routes::new()
        .get(BASE, voir, montre)
        .export(BASE, voir, exporter)
        .post(BASE, fixe, fixer)
        .post(&format!("{BASE}/import"), fixe, importer)
        .with_state(m.clone())
}

/// A département: its target and how far it is.
struct Avancee {
    code: CodeDepartement,
    nom: String,
    objectif: Option<Objectif>,
    atteint: u32,
}

impl Avancee {
    fn part(&self) -> Option<u32> {
        self.objectif.as_ref().map(|o| o.part(self.atteint))
    }

    fn reste(&self) -> Option<u32> {
        self.objectif.as_ref().map(|o| o.reste(self.atteint))
    }

    fn texte(&self) -> String {
        match &self.objectif {
            Some(o) => {
                format!("{} : {} sur {}, {} %", self.nom, self.atteint, o.nombre, o.part(self.atteint))
            }
            None => format!("{} : {}, sans objectif", self.nom, self.atteint),
        }
    }
}

/// Every département that the actor sees, by code.
async fn avancees(m: &Mandats, actor: &Actor, quoi: Quoi) -> Result<Vec<Avancee>, DbErr> {
    let conn = m.site.db.read();
    let (mut objectifs, atteints) =
        (store::tous(conn, quoi).await?, store::atteints(conn, quoi, m.jour()).await?);
    let territoires = m.annuaire.territoires();
    let mut lignes: Vec<Avancee> = territoires
        .departements()
        .iter()
        .filter(|d| {
            let cible = Cible {
                region: Some(d.region.clone()),
                departement: Some(d.code.clone()),
                ..Cible::default()
            };
            actor.couvre(&cible)
        })
        .map(|d| Avancee {
            objectif: objectifs.remove(&d.code),
            atteint: atteints.get(&d.code).copied().unwrap_or(0),
            nom: d.nom.clone(),
            code: d.code.clone(),
        })
        .collect();
    lignes.sort_by_key(|a| a.code.to_string());
    Ok(lignes)
}

#[derive(Template)]
#[template(path = "objectifs/objectifs.html")]
struct Page {
    shell: Shell,
    form: FormState,
    quoi: Quoi,
    lignes: Vec<Avancee>,
    svg: String,
    fixe: bool,
    departements: Vec<(String, String)>,
    rapport: Vec<Ligne>,
    exports: Exports,
    jour: NaiveDate,
}

impl Page {
    fn quois(&self) -> Vec<(String, String)> {
        Quoi::TOUS.map(|q| (q.cle().to_owned(), q.nom().to_owned())).to_vec()
    }

    fn total(&self) -> (u32, u32) {
        let vises = self.lignes.iter().filter_map(|a| a.objectif.as_ref().map(|o| (o.nombre, a.atteint)));
        vises.fold((0, 0), |(n, a), (m, b)| (n.saturating_add(m), a.saturating_add(b)))
    }

    fn depassee(&self, o: &Objectif, a: &Avancee) -> bool {
        o.echeance < self.jour && o.reste(a.atteint) > 0
    }
}

fn quoi(form: &FormState) -> Quoi {
    Quoi::from_cle(form.get("quoi")).unwrap_or(Quoi::Aidants)
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    rapport: Vec<Ligne>,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let quoi = quoi(&form);
    let lignes = avancees(m, &actor, quoi).await?;
    let titre = format!("{}, part de l’objectif atteinte par département", quoi.nom());
    let svg = dessin::departements(&titre, |code, _| {
        let a = lignes.iter().find(|a| a.code.as_str() == code)?;
        Some(Forme { classe: a.part().map(classe), texte: a.texte(), href: format!("#departement-{code}") })
    });
    let mut departements = departements(m, &actor.perimetre);
    if let Some(tous) = departements.first_mut() {
        "Choisissez".clone_into(&mut tous.1);
    }
    let exports = Exports::new(BASE, &[("quoi".to_owned(), quoi.cle().to_owned())]);
    let fixe = actor.role.has(Verb::InstruireHabilitations);
    let jour = m.jour();
    page_with(code, &Page { shell, form, quoi, lignes, svg, fixe, departements, rapport, exports, jour })
}

async fn montre(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    montrer(&m, shell, (StatusCode::OK, form), Vec::new()).await
}

async fn fixer(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let departement = form
        .parse("departement", |v| CodeDepartement::parse(v).ok_or("Choisissez un département de la liste."));
    let quoi = form.parse("quoi", |v| Quoi::from_cle(v).ok_or("Choisissez ce qui est compté."));
    let nombre = form.parse("nombre", |v| v.parse::<u32>().map_err(|_| "Écrivez un nombre entier."));
    let echeance =
        form.parse("echeance", |v| crate::jours::lire(v).ok_or("Écrivez une date, comme 31/12/2027."));
    if let (Some(departement), Some(quoi), Some(nombre), Some(echeance)) =
        (departement, quoi, nombre, echeance)
    {
        let o = Objectif { departement, quoi, nombre, echeance };
        match actions::fixer(&m, shell.actor()?, &o).await {
            Ok(()) => {
                let ici = format!("{BASE}?quoi={}", quoi.cle());
                return Ok(see_other_saying(&ici, "L’objectif est enregistré."));
            }
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), Vec::new()).await
}

async fn importer(State(m): State<Mandats>, shell: Shell, mut envoi: Multipart) -> PageResult {
    let mut octets = Vec::new();
    while let Some(mut champ) = envoi.next_field().await.map_err(coupe)? {
        if champ.name() != Some("fichier") {
            continue;
        }
        match recevoir(&mut champ, actions::OCTETS_MAX).await? {
            Recu::Entier(lus) => octets = lus,
            Recu::TropGros => octets = vec![b' '; actions::OCTETS_MAX + 1],
        }
    }
    let mut form = FormState::default();
    if octets.is_empty() {
        form.refuse("fichier", "Choisissez un fichier CSV.");
    } else {
        match actions::importer(&m, shell.actor()?, &octets).await {
            Ok(rapport) => return montrer(&m, shell, (StatusCode::OK, form), rapport).await,
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), Vec::new()).await
}

const LISTE: Liste = Liste {
    nom: "objectifs",
    titres: &["departement", "nom", "quoi", "objectif", "echeance", "atteint", "part_en_pourcent", "reste"],
};

async fn exporter(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let (actor, quoi) = (shell.actor()?.clone(), quoi(&form));
    let lignes: Vec<Vec<platform::tableur::Cellule>> = avancees(&m, &actor, quoi)
        .await?
        .into_iter()
        .map(|a| {
            vec![
                a.code.to_string().into(),
                a.nom.clone().into(),
                quoi.cle().into(),
                a.objectif.as_ref().map(|o| i64::from(o.nombre)).into(),
                a.objectif.as_ref().map(|o| o.echeance).into(),
                i64::from(a.atteint).into(),
                a.part().map(i64::from).into(),
                a.reste().map(i64::from).into(),
            ]
        })
        .collect();
    LISTE
        .envoyer(&m.site, &actor, (format, form.values()), move |_: Option<()>| {
            let lignes = lignes.clone();
            async move { Ok(Lot { lignes, apres: None }) }
        })
        .await
}
