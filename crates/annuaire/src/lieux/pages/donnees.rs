//! Open data: what can be taken, under which licence, and the files themselves.

use futures::StreamExt;
use std::collections::HashSet;
use std::io;
use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use kernel::ids::LieuId;
use platform::Site;
use platform::web::{PageError, PageResult, Requete, Shell, page};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

use super::ou::Ou;
use super::requete::Lue;
use crate::Annuaire;
use crate::lieux::export::{EchecExport, Ecrivain, Format};
use crate::lieux::parcours;
use crate::lieux::recherche::{Facette, ValeurFacette};
use crate::lieux::standard::Champ;
use crate::territoires::Source;

/// Bytes handed to the network at once.
const MORCEAU: usize = 64 * 1024;

/// Files written at the same time: each holds a thread while its reader is slow.
static ECRITURES: Semaphore = Semaphore::const_new(8);
/// How long a request waits for its turn before it is told to come back.
const TOUR: Duration = Duration::from_secs(5);
/// How long a reader may take for one piece: one that takes none gives its place to the next.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Template)]
#[template(path = "lieux/pages/donnees.html")]
struct Page {
    shell: Shell,
    nombre: String,
    origine: String,
    champs: [Champ; 32],
    facettes: Vec<(&'static str, &'static str, &'static [ValeurFacette])>,
    sources: Vec<Source>,
}

pub(crate) async fn page_donnees(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    let index = annuaire.index().await?;
    page(&Page {
        nombre: super::nombre_de_lieux(index.len()),
        origine: annuaire.site.config.serveur.origine.trim_end_matches('/').to_owned(),
        champs: Champ::TOUS,
        facettes: Facette::TOUTES.map(|f| (f.parametre(), f.titre(), f.valeurs())).to_vec(),
        sources: annuaire.territoires().sources().to_vec(),
        shell,
    })
}

/// `/donnees/lieux.csv`, `.json`, `.geojson`; with the query of a search, the lieux that it finds.
pub(crate) async fn fichier(
    State(annuaire): State<Annuaire>,
    Path(fichier): Path<String>,
    entetes: HeaderMap,
    Requete(requete): Requete,
) -> PageResult {
    let maintenant = annuaire.site.clock.now();
    // The file of the day has its own name too, by the rule of the standard: it exists on its day only.
    let du_jour = nom_du_fichier(&annuaire, "france", maintenant);
    let extension =
        fichier.strip_prefix("lieux.").or_else(|| fichier.strip_prefix(&du_jour)?.strip_prefix('.'));
    let nomme = fichier.strip_suffix(".json").filter(|n| n.starts_with("data-inclusion-"));
    let format = extension.or(nomme).and_then(Format::de_nom).ok_or_else(PageError::not_found)?;
    let index = annuaire.index().await?;
    let t = annuaire.territoires();
    let lue = Lue::de(&t, &requete, maintenant);
    let minute = if lue.demande.filtres.filtre(Facette::Ouvert) { maintenant.timestamp() / 60 } else { 0 };
    let texte = lue.texte();
    let vue = kernel::text::sha256_hex(&format!("{fichier} {texte}"));
    let etiquette = format!("\"{}-{minute}-{}\"", index.version(), &vue[..16]);
    if entetes.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etiquette)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etiquette)]).into_response());
    }
    let choisis = if texte.is_empty() {
        None
    } else if matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_)) {
        return Err(PageError::BadRequest(
            "Le lieu de la recherche n’est pas connu, ou plusieurs communes portent ce nom.".to_owned(),
        ));
    } else {
        let trouves = index.chercher(&lue.demande, maintenant, 0, usize::MAX).trouves;
        Some(trouves.iter().filter_map(|t| index.vue(t.place, maintenant)).map(|v| v.id).collect())
    };
    let territoire = if choisis.is_none() { "france" } else { "recherche" };
    let nom = match extension {
        Some(extension) => format!("{}.{extension}", nom_du_fichier(&annuaire, territoire, maintenant)),
        None => fichier,
    };
    let Ok(Ok(place)) = tokio::time::timeout(TOUR, ECRITURES.acquire()).await else {
        return Err(PageError::Unavailable);
    };
    let mut reponse = Response::new(Body::from_stream(flux(annuaire.site.clone(), format, choisis, place)));
    let h = reponse.headers_mut();
    h.insert(CONTENT_TYPE, HeaderValue::from_static(format.type_de_contenu()));
    h.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    h.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(valeur) = HeaderValue::from_str(&format!("attachment; filename=\"{nom}\"")) {
        h.insert(CONTENT_DISPOSITION, valeur);
    }
    if let Ok(valeur) = HeaderValue::from_str(&etiquette) {
        h.insert(ETAG, valeur);
    }
    Ok(reponse)
}

/// « 2026-03-18_maillage_lieux-de-mediation-numerique_france »: the rule of the standard for published files.
fn nom_du_fichier(
    annuaire: &Annuaire,
    territoire: &str,
    maintenant: chrono::DateTime<chrono::Utc>,
) -> String {
    let producteur = kernel::text::fold(&annuaire.site.config.marque.nom).replace(' ', "-");
    format!("{}_{producteur}_lieux-de-mediation-numerique_{territoire}", maintenant.format("%Y-%m-%d"))
}

/// The file as it is written. A reader that goes away stops the writing; a slow one slows it.
fn flux(
    site: Site,
    format: Format,
    choisis: Option<HashSet<LieuId>>,
    place: SemaphorePermit<'static>,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    let (envoi, reception) = mpsc::channel::<io::Result<Vec<u8>>>(4);
    tokio::spawn(async move {
        let _place = place;
        let poignee = tokio::runtime::Handle::current();
        let fin = envoi.clone();
        let ecriture = tokio::task::spawn_blocking(move || {
            let mut ecrivain = Ecrivain::new(format, Tuyau { envoi, tampon: Vec::with_capacity(MORCEAU) })?;
            poignee.block_on(parcours(site.db.read(), |lieu| {
                if choisis.as_ref().is_none_or(|c| c.contains(&lieu.id)) {
                    ecrivain.ecrit(&lieu)?;
                }
                Ok::<_, EchecExport>(())
            }))?;
            ecrivain.termine()?;
            Ok::<_, EchecExport>(())
        });
        let echec = match ecriture.await {
            Ok(Ok(())) => None,
            Ok(Err(EchecExport::Sortie(_))) => None,
            Ok(Err(echec)) => Some(echec.to_string()),
            Err(echec) => Some(echec.to_string()),
        };
        if let Some(echec) = echec {
            tracing::error!(error = %echec, "a file of lieux was cut short");
            // The connection breaks, so that half a file never passes for a whole one.
            let _ = fin.send(Err(io::Error::other("interrompu"))).await;
        }
    });
    // Fused: the layer that compresses asks once more after the end.
    futures::stream::unfold(reception, |mut r| async move { r.recv().await.map(|m| (m, r)) }).fuse()
}

/// Hands what is written to the response, piece by piece.
#[derive(Debug)]
struct Tuyau {
    envoi: mpsc::Sender<io::Result<Vec<u8>>>,
    tampon: Vec<u8>,
}

impl Tuyau {
    fn envoie(&mut self) -> io::Result<()> {
        let morceau = std::mem::replace(&mut self.tampon, Vec::with_capacity(MORCEAU));
        // This thread is one for work that blocks; only the waiting differs from the runtime's own.
        let envoi = async { tokio::time::timeout(PATIENCE, self.envoi.send(Ok(morceau))).await };
        match futures::executor::block_on(envoi) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl io::Write for Tuyau {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.tampon.extend_from_slice(octets);
        if self.tampon.len() >= MORCEAU {
            self.envoie()?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.tampon.is_empty() { Ok(()) } else { self.envoie() }
    }
}
