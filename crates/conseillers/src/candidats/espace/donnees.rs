//! Everything that is held about a person, for that person.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Site;
use platform::journal::{self, Query};
use sea_orm::DbErr;
use serde::Serialize;

use super::super::cv;
use super::super::model::{Attribut, Candidat, Pix};
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
fn en_clair(action: &str) -> String {
    match action {
        "candidat.deposer" => "Dépôt de la candidature",
        "candidat.deposer_a_nouveau" => "Nouveau dépôt avant confirmation",
        "candidat.confirmer" => "Confirmation de l’adresse électronique",
        "candidat.modifier" => "Modification de la candidature",
        "candidat.disponible" => "Candidature rendue visible",
        "candidat.indisponible" => "Candidature mise en pause",
        "candidat.pix" => "Modification des résultats Pix",
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
        autre => return autre.to_owned(),
    }
    .to_owned()
}

/// Who opened the file and what was done with it, latest first.
pub(super) async fn acces(site: &Site, c: &Candidat) -> Result<Vec<Ligne>, DbErr> {
    let conn = site.db.read();
    let query = Query {
        subject: Some("candidat".to_owned()),
        subject_id: Some(c.id.to_string()),
        before: None,
        limit: LIGNES as u64,
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
            quoi: en_clair(&l.action),
        })
        .collect())
}

/// Everything that is held about that person.
pub(super) async fn tout(site: &Site, c: &Candidat) -> Result<Donnees, DbErr> {
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
