//! Pages of mandats: the home of an aidant, making one, the people of the organisation, one mandat, and the public page
//! that says whether a mandat is authentic.

mod accueil;
mod apercu;
mod brouillon;
mod conservation;
mod doublons;
mod identification;
mod lecture;
mod liste;
mod mandat;
mod personne;
mod verifier;

use chrono::NaiveDate;
use kernel::Verb;
use platform::web::{Access, FormState, PageError, Routes, Shell};

use crate::aidants::{self, Agissant};
use crate::document::{Bloc, Duree, Partie};
use crate::ids::{MandatId, UsagerId};
use crate::legal::{self, Demarche};
use crate::{Failure, Mandats};

const TENIR: Access = Access::May(Verb::TenirMandats);

/// The home of an aidant.
const ACCUEIL: &str = "/aidant";
const PERSONNES: &str = "/aidant/personnes";
const MANDATS: &str = "/aidant/mandats";
const NOUVEAU: &str = "/aidant/mandats/nouveau";
const BROUILLONS: &str = "/aidant/mandats/brouillons";

fn adresse(id: MandatId) -> String {
    format!("{MANDATS}/{id}")
}

fn adresse_de(id: UsagerId) -> String {
    format!("{PERSONNES}/{id}")
}

/// Every page of mandats, with its access.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let (m, pour_elle) = (m.clone(), m.clone());
    let brouillon = |rest: &str| format!("{BROUILLONS}/{{brouillon}}{rest}");
    let mandat = |rest: &str| format!("{MANDATS}/{{mandat}}{rest}");
    Routes::new()
        .get(ACCUEIL, TENIR, accueil::accueil)
        .get(NOUVEAU, TENIR, brouillon::nouveau)
        .post(NOUVEAU, TENIR, brouillon::commencer)
        .get(&brouillon(""), TENIR, brouillon::ouvrir)
        .post(&brouillon(""), TENIR, brouillon::changer)
        .get(&brouillon("/choix"), TENIR, brouillon::choix)
        .get(&brouillon("/brouillon.pdf"), TENIR, apercu::brouillon)
        .post(&brouillon("/signer"), TENIR, brouillon::signer)
        .post(&brouillon("/distance"), TENIR, brouillon::distance)
        .post(&brouillon("/identification"), TENIR, identification::agir)
        .post(&brouillon("/abandonner"), TENIR, brouillon::abandonner)
        .get(PERSONNES, TENIR, liste::liste)
        .get(&format!("{PERSONNES}/{{usager}}"), TENIR, personne::personne)
        .post(&format!("{PERSONNES}/{{usager}}/coordonnees"), TENIR, personne::coordonnees)
        .get(&mandat(""), TENIR, mandat::montrer)
        .get(&mandat("/fichier"), TENIR, mandat::fichier)
        .get(&mandat("/imprimer"), TENIR, mandat::imprimer)
        .get(&mandat("/transferts/{rang}"), TENIR, mandat::transfert)
        .get(&mandat("/renouveler"), TENIR, brouillon::renouvellement)
        .post(&mandat("/renouveler"), TENIR, brouillon::renouveler)
        .get(&mandat("/revoquer"), TENIR, mandat::revocation)
        .post(&mandat("/revoquer"), TENIR, mandat::revoquer)
        .get(&mandat("/attestation"), TENIR, mandat::attestation)
        .get(
            "/gestion/mandats/conservation",
            Access::May(Verb::AdministrerMandats),
            conservation::conservation,
        )
        .get("/gestion/mandats/doublons", Access::May(Verb::AdministrerMandats), doublons::doublons)
        .get("/mandats/lecture/{langue}", Access::Public, lecture::lecture)
        .get("/verifier", Access::Public, verifier::formulaire)
        .get("/verifier/{numero}", Access::Public, verifier::verifier)
        .with_state(m)
        .merge(super::identification::pages::routes(&pour_elle))
}

/// Who reads, in the name of whom.
async fn agissant(m: &Mandats, shell: &Shell) -> Result<Agissant, Failure> {
    let actor = shell.viewer.as_ref().map(|v| &v.actor);
    let actor = actor.ok_or(kernel::Refusal::NotFound)?;
    aidants::agissant(m, m.site.db.read(), actor, Verb::TenirMandats).await
}

/// The name of the acting organisation, as the page says it.
async fn nom_de(m: &Mandats, a: &Agissant) -> Result<String, PageError> {
    let vue = annuaire::structures::find(m.site.db.read(), a.organisation.structure).await?;
    Ok(vue.map(|v| v.nom).unwrap_or_default())
}

/// The catalogue of that day.
fn catalogue(jour: NaiveDate) -> &'static [Demarche] {
    legal::en_vigueur(legal::Genre::Demarches, jour).map_or(&[], legal::catalogue)
}

/// The title of a démarche, as the catalogue of that day has it.
pub(super) fn titre(cle: &str, jour: NaiveDate) -> String {
    catalogue(jour).iter().find(|d| d.cle == cle).map_or_else(|| cle.to_owned(), |d| d.titre.clone())
}

/// What the law asks to say of those démarches.
pub(super) fn avertissements<'a>(cles: impl IntoIterator<Item = &'a String>, jour: NaiveDate) -> Vec<String> {
    let cles: Vec<&String> = cles.into_iter().collect();
    catalogue(jour)
        .iter()
        .filter(|d| cles.contains(&&d.cle))
        .flat_map(|d| d.avertissements.iter().map(|a| format!("{}. {}", d.titre, a.phrase())))
        .collect()
}

/// The four durations, as the form says them.
fn durees() -> Vec<(u16, &'static str)> {
    Duree::TOUTES.map(|d| (d.jours(), duree(d))).to_vec()
}

pub(super) fn duree(duree: Duree) -> &'static str {
    match duree {
        Duree::Jour => "Un jour : jusqu’à demain, à la même heure",
        Duree::Mois => "Un mois : 31 jours",
        Duree::Semestre => "Six mois : 182 jours",
        Duree::An => "Un an : 365 jours",
    }
}

/// A dated text in parts, its blanks filled once.
fn parties(corps: &str, remplit: &[(&str, &str)]) -> Vec<Partie> {
    let ligne = |texte: &str| {
        // Each blank stands once in a line: what fills it is not looked into again.
        let mut sortie = String::new();
        let mut reste = texte;
        while let Some((avant, apres)) = reste.split_once('{') {
            sortie.push_str(avant);
            let Some((nom, suite)) = apres.split_once('}') else {
                reste = apres;
                continue;
            };
            sortie.push_str(remplit.iter().find(|(n, _)| *n == nom).map_or("", |(_, v)| v));
            reste = suite;
        }
        sortie + reste
    };
    let mut parties: Vec<Partie> = Vec::new();
    for l in corps.lines().filter(|l| !l.is_empty() && !l.starts_with("# ")) {
        if let Some(titre) = l.strip_prefix("## ") {
            parties.push(Partie { titre: titre.to_owned(), blocs: Vec::new() });
        } else if let Some(partie) = parties.last_mut() {
            partie.blocs.push(match l.strip_prefix("- ") {
                Some(point) => Bloc::Point(ligne(point)),
                None => Bloc::Alinea(ligne(l)),
            });
        }
    }
    parties
}

/// The status of a form that is shown.
fn statut(form: &FormState) -> axum::http::StatusCode {
    if form.is_valid() { axum::http::StatusCode::OK } else { axum::http::StatusCode::UNPROCESSABLE_ENTITY }
}
