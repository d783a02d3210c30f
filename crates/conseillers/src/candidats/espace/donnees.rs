//! Everything that is held about a person, for that person.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Site;
use platform::journal::{self, Query};
use sea_orm::DbErr;
use serde::Serialize;

use super::super::cv;
use super::super::model::{Attribut, Candidat, Pix};
use super::suites::{self, Section};
use crate::historique::{self, Sujet};

/// Lines of a list that one person is given: far more than a file has.
const LIGNES: usize = 1_000;

/// Everything, in words.
#[derive(Debug, Serialize)]
pub(super) struct Donnees {
    pub(super) reference: String,
    pub(super) etabli_le: DateTime<Utc>,
    pub(super) etat: String,
    pub(super) disponible: bool,
    pub(super) fiche: BTreeMap<&'static str, String>,
    pub(super) position: (f64, f64),
    pub(super) pix: Option<String>,
    pub(super) cv: Option<String>,
    /// The file itself, as an address that a browser opens: base 64.
    pub(super) cv_fichier: Option<String>,
    /// What came of the application: contacts, contracts, posts, trainings, links.
    pub(super) suites: Vec<Section>,
    pub(super) depose_le: DateTime<Utc>,
    pub(super) dernier_signe: DateTime<Utc>,
    pub(super) historique: Vec<Ligne>,
    pub(super) acces: Vec<Ligne>,
}

/// Something that happened.
#[derive(Debug, Serialize)]
pub(super) struct Ligne {
    pub(super) le: DateTime<Utc>,
    pub(super) qui: String,
    pub(super) quoi: String,
}

/// What happened to a file, in words.
fn en_clair(action: &str) -> &'static str {
    match action {
        "candidat.deposer" => "Dépôt de la candidature",
        "candidat.deposer_a_nouveau" => "Nouveau dépôt avant confirmation",
        "candidat.confirmer" => "Confirmation de l’adresse électronique",
        "candidat.modifier" => "Modification de la candidature",
        "candidat.disponible" => "Candidature rendue visible",
        "candidat.indisponible" => "Candidature mise en pause",
        "candidat.pix" => "Modification des résultats Pix",
        "candidat.oublier_cv" => "Effacement du CV, arrivé à sa fin",
        "candidat.exporter" => "Export du dossier par l’administration",
        "candidat.ecarter_doublon" => "Doublon écarté",
        "candidat.effacer" => "Effacement",
        "formation.noter" => "Note sur la formation",
        "candidat.deposer_cv" => "Envoi du CV",
        "candidat.retirer_cv" => "Retrait du CV",
        "candidat.lire_cv" => "Lecture du CV",
        "candidat.lire" => "Lecture du dossier",
        "candidat.lire_coordonnees" => "Lecture du nom et des coordonnées",
        "candidat.emporter" => "Téléchargement de toutes les données",
        "candidat.relancer" => "Message « cherchez-vous toujours ? »",
        "candidat.repondre" => "Réponse à ce message",
        "candidat.fusionner" => "Réunion de deux candidatures",
        "candidat.defusionner" => "Séparation de deux candidatures",
        _ => "Autre action sur le dossier",
    }
}

/// Who opened the file and what was done with it, latest first.
pub(super) async fn acces(site: &Site, c: &Candidat) -> Result<Vec<Ligne>, DbErr> {
    let conn = site.db.read();
    let query = Query {
        subject: Some("candidat".to_owned()),
        subject_id: Some(c.id.to_string()),
        limit: LIGNES as u64,
        ..Query::default()
    };
    let lignes = journal::page(conn, &query).await?;
    let comptes: Vec<CompteId> = lignes.iter().filter_map(|l| l.by).map(CompteId).collect();
    let noms = identity::noms(conn, &comptes).await?;
    Ok(lignes
        .into_iter()
        .map(|l| Ligne {
            le: l.at,
            qui: match l.by.map(CompteId) {
                None => "Le site".to_owned(),
                Some(id) if Some(id) == c.compte => "Vous".to_owned(),
                Some(id) => noms.get(&id).cloned().unwrap_or_else(|| "Compte effacé".to_owned()),
            },
            quoi: en_clair(&l.action).to_owned(),
        })
        .collect())
}

/// Everything that is held about that person; the CV is given by the caller, who reads it in their name.
pub(super) async fn tout(site: &Site, c: &Candidat, cv_fichier: Option<Vec<u8>>) -> Result<Donnees, DbErr> {
    let conn = site.db.read();
    let cv = cv::fiche(conn, c.id).await?;
    let historique = historique::lire(conn, (Sujet::Candidat, c.id.0), 0, LIGNES).await?;
    Ok(Donnees {
        reference: c.reference(),
        etabli_le: site.clock.now(),
        etat: c.etat.libelle().to_owned(),
        disponible: c.disponible,
        fiche: Attribut::TOUS.into_iter().map(|a| (a.libelle(), c.fiche.lisible(a))).collect(),
        position: (c.fiche.lieu.position.latitude, c.fiche.lieu.position.longitude),
        pix: c.pix.as_ref().map(Pix::lisible),
        cv: cv.map(|cv| {
            format!(
                "{} page(s), {} octets, envoyé le {}, effacé le {}",
                cv.pages,
                cv.octets,
                kernel::calendrier::en_lettres(&cv.depose_le),
                kernel::calendrier::en_lettres(&cv.expire_le)
            )
        }),
        cv_fichier: cv_fichier.map(|pdf| format!("data:application/pdf;base64,{}", STANDARD.encode(pdf))),
        suites: suites::toutes(site, c).await?,
        depose_le: c.depose_le,
        dernier_signe: c.vu_le,
        historique: historique
            .into_iter()
            .map(|h| Ligne {
                le: h.le,
                qui: match h.par {
                    None => "Le site".to_owned(),
                    par if par == c.compte => "Vous".to_owned(),
                    Some(_) => "L’administration".to_owned(),
                },
                quoi: format!(
                    "{} : {} « {} » → « {} »",
                    h.action, h.ecrit.quoi, h.ecrit.avant, h.ecrit.apres
                ),
            })
            .collect(),
        acces: acces(site, c).await?,
    })
}
