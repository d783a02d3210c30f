//! The list as a file, written as it is read: any length, one batch in memory.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::{Actor, Telephone};
use platform::tableur::Tableur;
use platform::web::{PageError, Requete, Shell};
use uuid::Uuid;

use super::liste;
use crate::Annuaire;
use crate::structures::model::Attribut;
use crate::structures::{Filtre, Ligne, actions, lecture};

/// Lines read at once.
const LOT: usize = 500;

const TITRES: [&str; 15] = [
    "identifiant",
    "nom",
    "siret_rna_ridet",
    "genre",
    "categorie_juridique",
    "adresse",
    "code_postal",
    "commune",
    "code_insee",
    "departement",
    "site_internet",
    "etat",
    "contact",
    "contact_courriel",
    "contact_telephone",
];

/// Spreadsheets open the file with the letters and the columns right: UTF-8 with its mark, semicolons.
pub(super) async fn csv(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let actor = shell.actor()?.clone();
    let filtre = liste::filtre(&form);
    let total = lecture::compter(&annuaire.site, &actor, &filtre).await?;
    actions::noter_export(&annuaire.site, &actor, total).await?;
    let start = Etape::Titres;
    let stream = futures::stream::try_unfold(start, move |etape| {
        let (annuaire, actor, filtre) = (annuaire.clone(), actor.clone(), filtre.clone());
        async move { suite(&annuaire, &actor, &filtre, etape).await }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"structures.csv\""),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// Where the writing stands.
enum Etape {
    Titres,
    Apres(Option<(String, Uuid)>),
    Fin,
}

async fn suite(
    annuaire: &Annuaire,
    actor: &Actor,
    filtre: &Filtre,
    etape: Etape,
) -> io::Result<Option<(Bytes, Etape)>> {
    match etape {
        Etape::Titres => {
            let mut out = b"\xef\xbb\xbf".to_vec();
            out.extend(ecrire(&[TITRES.map(str::to_owned).to_vec()])?);
            Ok(Some((Bytes::from(out), Etape::Apres(None))))
        }
        Etape::Apres(marque) => {
            let marque = marque.as_ref().map(|(rang, id)| (rang.as_str(), *id));
            let lignes = lecture::lot(&annuaire.site, actor, filtre, marque, LOT).await.map_err(|e| {
                tracing::error!(error = %e, "an export stopped in the middle");
                io::Error::other("l’export s’est interrompu")
            })?;
            let Some(last) = lignes.last() else { return Ok(None) };
            let next = if lignes.len() < LOT {
                Etape::Fin
            } else {
                Etape::Apres(Some((last.marque().to_owned(), last.id.0)))
            };
            let cells: Vec<Vec<String>> = lignes.iter().map(cellules).collect();
            Ok(Some((Bytes::from(ecrire(&cells)?), next)))
        }
        Etape::Fin => Ok(None),
    }
}

fn cellules(ligne: &Ligne) -> Vec<String> {
    let f = &ligne.fiche;
    let contact = ligne.contact.as_ref();
    let courriel = contact.and_then(|c| c.courriel.as_ref());
    let telephone = contact.and_then(|c| c.telephone.as_ref());
    vec![
        ligne.id.to_string(),
        f.nom.clone(),
        f.lisible(Attribut::Pivot),
        f.genre.libelle().to_owned(),
        f.lisible(Attribut::Categorie),
        f.lisible(Attribut::Voie),
        f.lisible(Attribut::CodePostal),
        f.commune.nom.clone(),
        f.commune.code.to_string(),
        f.commune.departement.to_string(),
        f.lisible(Attribut::SiteWeb),
        ligne.etat.libelle().to_owned(),
        contact.map(|c| c.nom.clone()).unwrap_or_default(),
        courriel.map(ToString::to_string).unwrap_or_default(),
        telephone.map(Telephone::lisible).unwrap_or_default(),
    ]
}

fn ecrire(lignes: &[Vec<String>]) -> io::Result<Vec<u8>> {
    let mut tableur = Tableur::bureautique(Vec::new());
    for ligne in lignes {
        tableur.ligne(ligne)?;
    }
    tableur.termine()
}
