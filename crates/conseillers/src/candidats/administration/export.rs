//! The list as a file, written as it is read: any length, one batch in memory.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use platform::tableur::Tableur;
use platform::web::{PageError, Requete, Shell};

use super::super::model::{Attribut, Candidat};
use super::super::store::{self, Filtre};
use super::{actions, pages};
use crate::Conseillers;

/// Lines read at once.
const LOT: usize = 500;

/// Where the writing stands.
enum Etape {
    Titres,
    /// Before this number.
    Avant(Option<i64>),
    Fin,
}

pub(super) async fn csv(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let filtre = pages::filtre(&form);
    let total = store::compter(conseillers.site.db.read(), &filtre).await?;
    actions::noter_export(&conseillers.site, shell.actor()?, total).await?;
    let flux = futures::stream::try_unfold(Etape::Titres, move |etape| {
        let (conseillers, filtre) = (conseillers.clone(), filtre.clone());
        async move { suite(&conseillers, &filtre, etape).await }
    });
    let entetes = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"candidats.csv\""),
    ];
    Ok((entetes, Body::from_stream(flux)).into_response())
}

async fn suite(
    conseillers: &Conseillers,
    filtre: &Filtre,
    etape: Etape,
) -> io::Result<Option<(Bytes, Etape)>> {
    let avant = match etape {
        Etape::Fin => return Ok(None),
        Etape::Titres => {
            let titres = ["reference", "etat", "disponible"]
                .into_iter()
                .chain(Attribut::TOUS.into_iter().map(Attribut::cle))
                .chain(["departement", "pix", "depose_le", "dernier_signe"]);
            let mut out = b"\xef\xbb\xbf".to_vec();
            out.extend(ecrire(&[titres.map(str::to_owned).collect()])?);
            return Ok(Some((Bytes::from(out), Etape::Avant(None))));
        }
        Etape::Avant(avant) => avant,
    };
    let lot = store::lister(conseillers.site.db.read(), filtre, avant, (0, LOT)).await.map_err(|e| {
        tracing::error!(error = %e, "an export stopped in the middle");
        io::Error::other("l’export s’est interrompu")
    })?;
    let Some(dernier) = lot.last() else { return Ok(None) };
    let ensuite = if lot.len() < LOT { Etape::Fin } else { Etape::Avant(Some(dernier.numero)) };
    let lignes: Vec<Vec<String>> = lot.iter().map(cellules).collect();
    Ok(Some((Bytes::from(ecrire(&lignes)?), ensuite)))
}

fn cellules(c: &Candidat) -> Vec<String> {
    let jour = |le| kernel::calendrier::jour(le).to_string();
    let oui = if c.disponible { "oui" } else { "non" };
    let mut out = vec![c.reference(), c.etat.libelle().to_owned(), oui.to_owned()];
    out.extend(Attribut::TOUS.into_iter().map(|a| c.fiche.lisible(a)));
    out.extend([
        c.fiche.lieu.commune.departement.to_string(),
        c.pix.as_ref().map(|p| p.lisible()).unwrap_or_default(),
        jour(&c.depose_le),
        jour(&c.vu_le),
    ]);
    out
}

fn ecrire(lignes: &[Vec<String>]) -> io::Result<Vec<u8>> {
    let mut tableur = Tableur::bureautique(Vec::new());
    for ligne in lignes {
        tableur.ligne(ligne)?;
    }
    tableur.termine()
}
