//! Everything that is held about a person, for that person.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Site;
use platform::journal::{self, Query};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::super::cv;
use super::super::model::{Attribut, Candidat, Pix};
use super::super::store;
use super::suites::{self, Section};
use crate::contrats;
use crate::formation::lecture as formation;
use crate::historique::{self, Sujet};
use crate::matching::relations;

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
        "candidat.distinguer" => "Comparaison avec une autre candidature : pas la même personne",
        "candidat.rapprocher" => "Comparaison avec une autre candidature : à revoir",
        "candidat.demander_adresse" => "Changement d’adresse demandé",
        "candidat.annuler_adresse" => "Changement d’adresse annulé",
        "candidat.adresse" => "Changement d’adresse électronique",
        "relation.rencontre" => "Contact accepté, par un lien reçu d’une structure",
        "relation.proposer" => "Contact demandé par une structure",
        "relation.accepter" => "Contact accepté",
        "relation.decliner" => "Contact décliné",
        "relation.retirer_accord" => "Accord retiré",
        "relation.ecarter" => "Contact écarté par la structure",
        "relation.reprendre" => "Contact repris par la structure",
        "relation.noter" => "Note de la structure sur le contact",
        "relation.offrir_creneaux" => "Créneaux d’entretien proposés",
        "relation.choisir_creneau" => "Créneau d’entretien choisi",
        "relation.conclure" => "Résultat de l’entretien noté",
        "relation.sans_reponse" => "Contact resté sans réponse",
        "relation.recruter" => "Recrutement par la structure",
        "relation.clore" | "relation.reunir" => "Fin d’un contact",
        "relation.separer" => "Contact rendu à cette candidature",
        "contrat.saisir" => "Saisie d’un contrat",
        "contrat.valider" => "Validation d’un contrat",
        "contrat.refuser" => "Refus d’un contrat",
        "contrat.retirer" => "Retrait d’un contrat",
        "contrat.renouveler" => "Demande de renouvellement du contrat",
        "contrat.prolonger" => "Demande de prolongation du contrat",
        "contrat.retirer_prolongation" => "Retrait de la prolongation demandée",
        "contrat.accorder_prolongation" => "Prolongation du contrat accordée",
        "contrat.refuser_prolongation" => "Prolongation du contrat refusée",
        "contrat.notifier_rupture" => "Rupture du contrat notifiée",
        "contrat.annuler_rupture" => "Rupture du contrat annulée",
        "contrat.signaler_dossier" => "Dossier de rupture examiné",
        "contrat.valider_rupture" => "Rupture du contrat enregistrée",
        "contrat.lire" => "Lecture du contrat",
        "contrat.effacer" => "Effacement d’un contrat, arrivé à sa fin de conservation",
        "relation.effacer" => "Effacement d’un contact, arrivé à sa fin de conservation",
        "inscription.effacer" => "Effacement d’une formation, arrivée à sa fin de conservation",
        "formation.demander" => "Demande de formation",
        "formation.renoncer" => "Renoncement à une formation",
        "formation.suivre" => "Suivi d’une formation noté",
        "candidat.fusionner" => "Réunion de deux candidatures",
        "candidat.defusionner" => "Séparation de deux candidatures",
        _ => "Autre action sur le dossier",
    }
}

/// What the journal tells of a person: their files, contacts, contracts and seats.
async fn sujets(
    conn: &impl ConnectionTrait,
    siennes: &[Candidat],
) -> Result<Vec<(&'static str, uuid::Uuid)>, DbErr> {
    let mut out = Vec::new();
    for c in siennes {
        out.push(("candidat", c.id.0));
        out.extend(relations::de_candidat(conn, c.id).await?.iter().map(|r| ("relation", r.id.0)));
        out.extend(contrats::store::de_candidat(conn, c.id).await?.iter().map(|k| ("contrat", k.id.0)));
        let demandees = formation::de_candidat(conn, c.id, chrono::NaiveDate::MIN).await?.inscriptions;
        out.extend(demandees.iter().map(|(i, _)| ("inscription", i.id.0)));
    }
    Ok(out)
}

/// Who opened the file, the contacts, the contracts and the seats, and what was done with them, latest first.
pub(super) async fn acces(site: &Site, c: &Candidat) -> Result<Vec<Ligne>, DbErr> {
    let conn = site.db.read();
    let siennes = store::avec_absorbees(conn, c.id).await?;
    let siens: Vec<CompteId> = siennes.iter().filter_map(|c| c.compte).collect();
    let mut lignes = Vec::new();
    for (sujet, id) in sujets(conn, &siennes).await? {
        let query = Query {
            subject: Some(sujet.to_owned()),
            subject_id: Some(id.to_string()),
            limit: LIGNES as u64,
            ..Query::default()
        };
        lignes.extend(journal::page(conn, &query).await?);
    }
    lignes.sort_by_key(|l| std::cmp::Reverse(l.seq));
    lignes.truncate(LIGNES);
    let comptes: Vec<CompteId> = lignes.iter().filter_map(|l| l.by).map(CompteId).collect();
    let noms = identity::noms(conn, &comptes).await?;
    Ok(lignes
        .into_iter()
        .map(|l| Ligne {
            le: l.at,
            qui: match l.by.map(CompteId) {
                None => "Le site".to_owned(),
                Some(id) if siens.contains(&id) => "Vous".to_owned(),
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
