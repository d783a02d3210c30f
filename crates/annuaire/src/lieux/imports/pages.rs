//! Handlers: the form with the last deliveries, one delivery, its report.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use futures::StreamExt;
use kernel::text::nombre;
use kernel::{Actor, Perimetre, Refusal};
use platform::jobs::JobRow;
use platform::web::{FormState, PageError, PageResult, Shell, page, page_with, see_other};

use super::super::apercu::{self, Apercu};
use super::super::correspondance::{self, Correspondance};
use super::super::model::{Issue, Livraison, LivraisonId};
use super::super::rapport::Niveau;
use super::super::store;
use super::tache::{ActeurGarde, ImportDepose};
use super::{BASE, envoi, tache};
use crate::Annuaire;

/// Deliveries shown under the form.
const DERNIERES: i64 = 30;

#[derive(Template)]
#[template(path = "lieux/imports/liste.html")]
struct Liste {
    shell: Shell,
    form: FormState,
    livraisons: Vec<Livraison>,
    max_mio: u64,
    apercu: Option<Apercu>,
}

impl Liste {
    fn ecrit(&self, n: &u64) -> String {
        ecrit(*n)
    }

    /// Whether the mapping of one's own is in use, or wrong.
    fn ouverte(&self) -> bool {
        ["texte", "fichier"].contains(&self.form.get("correspondance"))
            || ["correspondance_fichier", "correspondance_texte"].iter().any(|n| self.form.error(n).is_some())
    }

    fn correspondances(&self) -> Vec<(String, String)> {
        let mut choix = vec![(String::new(), "Standard national des lieux, 1.0 ou 0.1 (aucune)".to_owned())];
        choix.extend(correspondance::fournies().map(|nom| {
            let source = correspondance::fournie(nom).map_or_else(|_| nom.to_owned(), |c| c.source.clone());
            (nom.to_owned(), format!("{source} (fournie)"))
        }));
        choix.push(("texte".to_owned(), "Le texte collé plus bas".to_owned()));
        choix.push(("fichier".to_owned(), "Un fichier de correspondance".to_owned()));
        choix
    }
}

async fn montre(
    annuaire: &Annuaire,
    shell: Shell,
    form: FormState,
    status: StatusCode,
    apercu: Option<Apercu>,
) -> PageResult {
    let par = visible_de(shell.actor()?);
    let livraisons = store::livraisons(annuaire.site.db.read(), par, DERNIERES).await?;
    let max_mio = annuaire.site.config.serveur.fichier_max_mio;
    page_with(status, &Liste { shell, form, livraisons, max_mio, apercu })
}

/// Lieux shown by a preview.
const LIEUX_MONTRES: usize = 3;

/// What the mapping of the form makes of its file.
async fn regarde(
    annuaire: &Annuaire,
    mut comprime: File,
    texte: Option<String>,
) -> Result<Result<Apercu, String>, PageError> {
    let Some(texte) = texte else {
        let phrase = "Choisissez une correspondance : l’aperçu montre ce qu’elle fait. Pour un fichier du standard, faites un essai à blanc.";
        return Ok(Err(phrase.to_owned()));
    };
    let territoires = annuaire.territoires();
    let jour = annuaire.site.clock.now().date_naive();
    tokio::task::spawn_blocking(move || {
        let lue = correspondance::fournie(&texte).or_else(|_| Correspondance::lit(&texte).map(Arc::new))?;
        let mut contenu = tempfile::tempfile().map_err(|e| e.to_string())?;
        comprime.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        io::copy(&mut GzDecoder::new(io::BufReader::new(comprime)), &mut contenu)
            .map_err(|e| e.to_string())?;
        contenu.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        apercu::apercu(contenu, &lue, Some(&*territoires), jour, LIEUX_MONTRES)
    })
    .await
    .map_err(PageError::internal)
}

/// The account whose deliveries the actor sees; none when all.
fn visible_de(acteur: &Actor) -> Option<uuid::Uuid> {
    (acteur.perimetre != Perimetre::National).then_some(acteur.compte.0)
}

/// The form and the last deliveries.
pub(super) async fn liste(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    montre(&annuaire, shell, FormState::default(), StatusCode::OK, None).await
}

/// Takes a file: its job is written, and the page of the delivery shows how it goes.
pub(super) async fn envoyer(State(annuaire): State<Annuaire>, shell: Shell, corps: Multipart) -> PageResult {
    let acteur = shell.actor()?.clone();
    let mut envoi = envoi::lit(corps, annuaire.site.config.serveur.fichier_max()).await?;
    let correspondance = envoi::correspondance(&mut envoi);
    let source = envoi.form.text_opt("source", 200).flatten();
    let coche = |nom: &str| envoi.form.get(nom) == "oui";
    let (force, a_blanc) = (coche("force"), coche("essai"));
    let Some(contenu) = envoi.contenu.take().filter(|_| envoi.form.is_valid()) else {
        return montre(&annuaire, shell, envoi.form, StatusCode::UNPROCESSABLE_ENTITY, None).await;
    };
    if envoi.form.get("action") == "apercu" {
        return match regarde(&annuaire, contenu, correspondance).await? {
            Ok(vu) => montre(&annuaire, shell, envoi.form, StatusCode::OK, Some(vu)).await,
            Err(phrase) => {
                envoi.form.refuse("correspondance", phrase);
                montre(&annuaire, shell, envoi.form, StatusCode::UNPROCESSABLE_ENTITY, None).await
            }
        };
    }
    let site = &annuaire.site;
    let livraison = LivraisonId::new(&site.clock, &site.chance);
    let job = ImportDepose {
        livraison,
        fichier: envoi.nom,
        source,
        correspondance,
        force,
        a_blanc,
        par: ActeurGarde::new(&acteur),
    };
    tache::depose(site, &job, contenu).await?;
    Ok(see_other(&format!("{BASE}/{livraison}")))
}

#[derive(Template)]
#[template(path = "lieux/imports/livraison.html")]
struct Page {
    shell: Shell,
    livraison: Livraison,
    tache: Option<JobRow>,
}

impl Page {
    fn ecrit(&self, n: &u64) -> String {
        ecrit(*n)
    }

    /// How many remarks have that level.
    fn cellules(&self, niveau: &Niveau) -> String {
        ecrit(self.livraison.comptes.cellules(*niveau))
    }

    /// The counts of records, with their names.
    fn compte(&self) -> Vec<(&'static str, String)> {
        let b = &self.livraison.bilan;
        [
            ("Lieux lus", b.read),
            ("Ajoutés", b.added),
            ("Changés", b.changed),
            ("Inchangés", b.unchanged),
            ("Fermés", b.closed),
            ("Refusés", b.refused),
            ("Réparés", b.repaired),
            ("Filtrés", b.filtered),
        ]
        .into_iter()
        .filter(|(nom, n)| *n > 0 || !["Filtrés"].contains(nom))
        .map(|(nom, n)| (nom, ecrit(n)))
        .collect()
    }

    /// Levels that have remarks.
    fn niveaux(&self) -> Vec<Niveau> {
        Niveau::TOUS.into_iter().filter(|n| self.livraison.comptes.cellules(*n) > 0).collect()
    }
}

pub(super) fn ecrit(n: u64) -> String {
    nombre(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) async fn trouve(annuaire: &Annuaire, shell: &Shell, id: &str) -> Result<Livraison, PageError> {
    let id: LivraisonId = id.parse().map_err(|_| Refusal::NotFound)?;
    let livraison = store::livraison(annuaire.site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    match visible_de(shell.actor()?) {
        Some(compte) if livraison.par != Some(compte) => Err(Refusal::NotFound.into()),
        _ => Ok(livraison),
    }
}

/// A delivery: how far it is, or what it did.
pub(super) async fn livraison(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let tache = match livraison.tache.filter(|_| livraison.issue == Issue::Attente) {
        Some(tache) => JobRow::find(annuaire.site.db.read(), tache).await?,
        None => None,
    };
    page(&Page { shell, livraison, tache })
}

/// The report of a delivery, one line a remark.
pub(super) async fn rapport(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let comprime = tempfile::tempfile().map_err(PageError::internal)?;
    store::rapport(annuaire.site.db.read(), livraison.id, &comprime).await?;
    telecharge(comprime, &format!("rapport-{}.csv", livraison.id))
}

/// What a delivery gives once repaired, as a file of the standard.
pub(super) async fn corrige(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let comprime = tempfile::tempfile().map_err(PageError::internal)?;
    store::corrige(annuaire.site.db.read(), livraison.id, &comprime).await?;
    telecharge(comprime, &format!("lieux-corriges-{}.csv", livraison.id))
}

/// Streams a compressed file as it was before.
pub(super) fn telecharge(mut comprime: File, nom: &str) -> PageResult {
    comprime.seek(SeekFrom::Start(0)).map_err(PageError::internal)?;
    if comprime.metadata().map_err(PageError::internal)?.len() == 0 {
        return Err(Refusal::NotFound.into());
    }
    let morceaux =
        futures::stream::unfold(GzDecoder::new(io::BufReader::new(comprime)), |mut lecteur| async move {
            let mut tampon = vec![0; 1 << 16];
            match lecteur.read(&mut tampon) {
                Ok(0) => None,
                Ok(n) => {
                    tampon.truncate(n);
                    Some((Ok::<_, io::Error>(tampon), lecteur))
                }
                Err(e) => Some((Err(e), lecteur)),
            }
        })
        // The layer that compresses asks once more after the end.
        .fuse();
    let mut reponse: Response = axum::body::Body::from_stream(morceaux).into_response();
    let nom = format!("attachment; filename=\"{nom}\"");
    let entetes = reponse.headers_mut();
    entetes.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    entetes.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&nom).map_err(PageError::internal)?);
    Ok(reponse)
}
