//! Pages of files that are taken over: the form, then what came of each.

use annuaire::lieux::rapport::Niveau;
use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::{Actor, Refusal, Verb};
use platform::web::{
    Access, FormState, PageError, PageResult, Pagination, Requete, Routes, Shell, page, page_with, see_other,
};
use sea_orm::ConnectionTrait;

use super::actions::{Echec, Reprise, reprendre};
use super::model::{Bilan, Livraison, Parametres, Quoi, Rapport, Remarque};
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::{CalculId, Etat};
use crate::calculs::store;
use crate::dire::EnLettres;

const GERER: Access = Access::May(Verb::GererCandidats);
/// Where the room lives.
const BASE: &str = "/conseillers/reprise";
const PAR_PAGE: usize = 50;
/// Largest file of the page; larger ones come in by the command line.
const FICHIER_MAX: usize = 16 << 20;

pub(super) fn routes(c: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, GERER, liste)
        .post_file(BASE, GERER, FICHIER_MAX + 65_536, envoyer)
        .get(&at("/{livraison}"), GERER, fiche)
        .get(&at("/{livraison}/rapport.csv"), GERER, rapport)
        .with_state(c)
}

#[derive(Template)]
#[template(path = "reprise/pages/liste.html")]
struct PageListe {
    shell: Shell,
    form: FormState,
    livraisons: Vec<Livraison>,
}

async fn montrer(c: &Conseillers, shell: Shell, form: FormState, status: StatusCode) -> PageResult {
    let p = shell.actor()?.perimetre.clone();
    let livraisons = store::lister::<Rapport>(c.site.db.read(), &p).await?;
    page_with(status, &PageListe { shell, form, livraisons })
}

async fn liste(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    montrer(&c, shell, FormState::default(), StatusCode::OK).await
}

struct Envoi {
    form: FormState,
    nom: String,
    octets: Vec<u8>,
}

async fn recevoir(mut corps: Multipart) -> Result<Envoi, PageError> {
    let coupe = |_| PageError::BadRequest("L’envoi n’est pas arrivé en entier. Recommencez.".to_owned());
    let mut envoi = Envoi { form: FormState::default(), nom: String::new(), octets: Vec::new() };
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        let nom = champ.name().unwrap_or_default().to_owned();
        if nom == "fichier" {
            let fichier = champ.file_name().unwrap_or_default().chars().filter(|c| !c.is_control());
            envoi.nom = fichier.take(120).collect();
            while let Some(morceau) = champ.chunk().await.map_err(coupe)? {
                envoi.octets.extend_from_slice(&morceau);
                if envoi.octets.len() > FICHIER_MAX {
                    let phrase = "Ce fichier dépasse 16 Mio : livrez-le en plusieurs parties, ou par la ligne de commande.";
                    envoi.form.refuse("fichier", phrase);
                    return Ok(envoi);
                }
            }
        } else if ["quoi", "inviter", "action"].contains(&nom.as_str()) {
            let mut valeur = Vec::new();
            while let Some(morceau) = champ.chunk().await.map_err(coupe)? {
                valeur.extend_from_slice(&morceau);
                valeur.truncate(100);
            }
            envoi.form.set(&nom, String::from_utf8_lossy(&valeur).into_owned());
        }
    }
    if envoi.octets.is_empty() {
        envoi.form.refuse("fichier", "Choisissez le fichier à reprendre ; il ne doit pas être vide.");
    }
    Ok(envoi)
}

async fn envoyer(State(c): State<Conseillers>, shell: Shell, corps: Multipart) -> PageResult {
    let actor = shell.actor()?.clone();
    let mut envoi = recevoir(corps).await?;
    let quoi =
        envoi.form.parse("quoi", |v| Quoi::from_cle(v).ok_or("Choisissez ce que contient le fichier."));
    let Some(quoi) = quoi.filter(|_| envoi.form.is_valid()) else {
        return montrer(&c, shell, envoi.form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let p = Parametres {
        quoi,
        inviter: envoi.form.get("inviter") == "oui",
        // Anything but the button that takes the file over is a trial.
        a_blanc: envoi.form.get("action") != "reprendre",
    };
    match reprendre(&c, Some(&actor), envoi.octets, &p).await {
        Ok(reprise) => {
            let id = garder(&c, &actor, &envoi.nom, p, &reprise).await?;
            Ok(see_other(&format!("{BASE}/{id}")))
        }
        Err(Echec::Fichier(phrase)) => {
            envoi.form.refuse("fichier", phrase);
            montrer(&c, shell, envoi.form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Echec::Refus(refusal)) => Err(refusal.into()),
        Err(Echec::Identity(error)) => Err(error.into()),
        Err(Echec::Base(error)) => Err(error.into()),
    }
}

/// Keeps the report; those whose time is over go.
async fn garder(
    c: &Conseillers,
    actor: &Actor,
    nom: &str,
    p: Parametres,
    reprise: &Reprise,
) -> Result<CalculId, Failure> {
    let site = &c.site;
    let now = site.clock.now();
    let livraison = Livraison {
        id: CalculId::new(&site.clock, &site.chance),
        nom: if nom.is_empty() { "Fichier sans nom".to_owned() } else { nom.to_owned() },
        region: None,
        seance: None,
        parametres: p,
        etat: Etat::EnCalcul,
        tache: None,
        cree_le: now,
    };
    site.db
        .write(async |tx| {
            store::inserer(tx, &livraison, actor.compte).await?;
            store::conclure::<Rapport>(tx, livraison.id, (now, 0), (&reprise.bilan, &reprise.remarques))
                .await?;
            Ok::<_, Failure>(livraison.id)
        })
        .await
}

async fn ouvrir(conn: &impl ConnectionTrait, actor: &Actor, id: CalculId) -> Result<Livraison, Failure> {
    let l = store::get::<Rapport>(conn, id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::GererCandidats, &l.cible())?;
    Ok(l)
}

#[derive(Template)]
#[template(path = "reprise/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    l: Livraison,
    bilan: Bilan,
    remarques: Vec<Remarque>,
    pagination: Pagination,
}

impl PageFiche {
    fn comptes(&self) -> Vec<(&'static str, u64)> {
        let b = &self.bilan;
        let ajoutees = if self.l.parametres.a_blanc { "à ajouter" } else { "ajoutées" };
        vec![
            ("lignes lues", b.read),
            (ajoutees, b.added),
            ("dont semblables à d’autres", b.similar),
            ("déjà là, pareilles", b.unchanged),
            ("déjà là, différentes : gardées comme ici", b.different),
            ("refusées", b.refused),
            ("avec une valeur réparée", b.repaired),
            ("comptes invités", b.invited),
        ]
    }

    fn niveaux(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Niveau::TOUS.map(|n| (n.cle(), n.libelle()))).collect()
    }

    fn niveau(&self, cle: &str) -> &'static str {
        Niveau::TOUS.iter().find(|n| n.cle() == cle).map_or("", |n| n.libelle())
    }
}

async fn fiche(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let conn = c.site.db.read();
    let l = ouvrir(conn, shell.actor()?, CalculId(id)).await?;
    let bilan = l.bilan().cloned().unwrap_or_default();
    let niveau = form.get("niveau").to_owned();
    let gardees: Vec<Remarque> = store::lignes::<Rapport>(conn, l.id)
        .await?
        .into_iter()
        .filter(|r| niveau.is_empty() || r.niveau == niveau)
        .collect();
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(gardees.len(), PAR_PAGE, asked, &format!("{BASE}/{}", l.id), form.values());
    let remarques = gardees.into_iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE).collect();
    page(&PageFiche { shell, form, l, bilan, remarques, pagination })
}

/// A report as CSV, in the columns of the house.
///
/// # Errors
/// When a line cannot be written.
pub fn csv(remarques: &[Remarque]) -> std::io::Result<Vec<u8>> {
    let mut csv = platform::tableur::Tableur::new(Vec::new());
    csv.ligne(annuaire::lieux::rapport::PuitsCsv::<Vec<u8>>::COLONNES)?;
    for r in remarques {
        let ligne = r.ligne.to_string();
        csv.ligne([&ligne, &r.champ, &r.niveau, &r.regle, &r.valeur, &r.apres, &r.message])?;
    }
    csv.termine()
}

async fn rapport(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> Result<Response, PageError> {
    let conn = c.site.db.read();
    let l = ouvrir(conn, shell.actor()?, CalculId(id)).await?;
    let octets = csv(&store::lignes::<Rapport>(conn, l.id).await?).map_err(PageError::internal)?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"rapport.csv\""),
    ];
    Ok((headers, octets).into_response())
}
