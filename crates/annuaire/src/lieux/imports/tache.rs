//! The job of a delivery. It may run twice: the second time, it finds the delivery done.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use flate2::read::GzDecoder;
use kernel::ids::CompteId;
use kernel::{Actor, CodeDepartement, CodeRegion, Perimetre, Role};
use platform::jobs::{self, Job};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::correspondance::{Application, Correspondance, fournie};
use super::super::import::{self, Demande, Echec, Progres};
use super::super::model::{Issue, Livraison, LivraisonId};
use super::super::rapport::{Bilan, Comptes};
use super::super::store;
use crate::Annuaire;

/// Imports a file that waits in the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImportDepose {
    pub(super) livraison: LivraisonId,
    pub(super) fichier: String,
    pub(super) source: Option<String>,
    /// Name of a mapping that comes with the program, or a mapping.
    pub(super) correspondance: Option<String>,
    pub(super) force: bool,
    pub(super) a_blanc: bool,
    pub(super) par: ActeurGarde,
}

impl Job for ImportDepose {
    const KIND: &'static str = "lieux.import";
    const MAX_ATTEMPTS: i64 = 3;
    fn dedup_key(&self) -> Option<String> {
        Some(self.livraison.to_string())
    }
}

/// Who delivered, in the role they had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ActeurGarde {
    compte: CompteId,
    role: Role,
    national: bool,
    regions: Vec<String>,
    departements: Vec<String>,
}

impl ActeurGarde {
    pub(super) fn new(acteur: &Actor) -> Self {
        let (mut regions, mut departements) = (Vec::new(), Vec::new());
        match &acteur.perimetre {
            Perimetre::Regions(codes) => regions.extend(codes.iter().map(|c| c.as_str().to_owned())),
            Perimetre::Departements(codes) => {
                departements.extend(codes.iter().map(|c| c.as_str().to_owned()))
            }
            _ => {}
        }
        let national = acteur.perimetre == Perimetre::National;
        Self { compte: acteur.compte, role: acteur.role, national, regions, departements }
    }

    fn acteur(&self) -> Actor {
        let perimetre = if self.national {
            Perimetre::National
        } else if self.regions.is_empty() {
            Perimetre::Departements(
                self.departements.iter().filter_map(|c| CodeDepartement::parse(c)).collect(),
            )
        } else {
            Perimetre::Regions(self.regions.iter().filter_map(|c| CodeRegion::parse(c)).collect())
        };
        Actor { compte: self.compte, role: self.role, perimetre, vu_par: None, prete: false }
    }
}

/// Keeps the file and writes the job: both, or neither.
///
/// # Errors
/// When the database refuses.
pub(super) async fn depose(site: &Site, job: &ImportDepose, contenu: File) -> Result<(), DbErr> {
    site.db
        .write(async |tx: &Tx| {
            let tache = jobs::enqueue(site, tx, job).await?;
            store::depose(tx, job.livraison, &contenu).await?;
            let attente = Livraison {
                id: job.livraison,
                source: String::new(),
                fichier: job.fichier.clone(),
                recue_le: site.clock.now(),
                par: Some(job.par.compte.0),
                issue: Issue::Attente,
                message: None,
                tache: Some(tache),
                bilan: Bilan::default(),
                comptes: Comptes::default(),
            };
            store::enregistre_livraison(tx, None, &attente).await
        })
        .await
}

/// How long a job is held after each sign of life.
const BAIL: TimeDelta = TimeDelta::minutes(30);

/// Runs the job.
///
/// # Errors
/// When the database or the disk fails: the job is tried again. A refused file is no failure.
pub(super) async fn importe(annuaire: &Annuaire, tache: Uuid, job: ImportDepose) -> Result<(), Echec> {
    let site = &annuaire.site;
    let connue = store::livraison(site.db.read(), job.livraison).await?;
    let Some(attente) = connue.filter(|l| l.issue == Issue::Attente) else { return Ok(()) };
    let mut comprime = tempfile::tempfile()?;
    store::depot(site.db.read(), job.livraison, &comprime).await?;
    let contenu = tokio::task::spawn_blocking(move || {
        comprime.seek(SeekFrom::Start(0))?;
        let mut contenu = tempfile::tempfile()?;
        io::copy(&mut GzDecoder::new(io::BufReader::new(comprime)), &mut contenu)?;
        contenu.seek(SeekFrom::Start(0))?;
        Ok::<_, io::Error>(contenu)
    })
    .await
    .map_err(io::Error::other)??;

    let mut demande = Demande {
        id: job.livraison,
        source: job.source.clone(),
        force: job.force,
        a_blanc: job.a_blanc,
        par: Some(job.par.acteur()),
        ..Demande::du_standard(&job.fichier, contenu, site)
    };
    if let Some(texte) = &job.correspondance {
        let lue = fournie(texte).or_else(|_| Correspondance::lit(texte).map(Arc::new));
        match lue {
            Ok(c) => {
                demande.source = demande.source.or_else(|| Some(c.source.clone()));
                demande.traducteur = Box::new(Application::new(c));
            }
            Err(phrase) => return conclut(site, attente, Issue::Refusee, Some(phrase), None).await,
        }
    }
    let (dit, entend) = tokio::sync::watch::channel(String::new());
    let suivi = tokio::spawn(suit(site.clone(), tache, entend));
    let ecoute: import::Ecoute = Arc::new(move |progres| {
        let part = |fait: u64, total: u64| (fait * 100).checked_div(total).unwrap_or(0);
        let texte = match progres {
            Progres::Lecture(fait, total) => format!("Lecture du fichier : {} %", part(fait, total)),
            Progres::Ecriture(fait, total) => format!("Enregistrement : {} %", part(fait, total)),
        };
        let _ = dit.send(texte);
    });
    let fait = import::importe(site, annuaire.territoires(), demande, ecoute).await;
    suivi.abort();
    match fait {
        Ok(compte) if job.a_blanc => {
            let livraison = Livraison { source: compte.source, ..attente };
            let corrige = import::borne(&compte.corrige)?;
            let rapport = Some((compte.rapport, compte.bilan, compte.comptes));
            conclut(site, livraison, Issue::Essai, compte.avertissement, rapport).await?;
            let id = job.livraison;
            Ok(site
                .db
                .write(async |tx: &Tx| store::enregistre_corrige(tx, id, corrige.as_slice()).await)
                .await?)
        }
        // The transaction of the import has written the line of the delivery, and forgotten its file.
        Ok(_) => Ok(()),
        Err(Echec::Refus { phrase, rapport }) => {
            conclut(site, attente, Issue::Refusee, Some(phrase), rapport.map(|boite| *boite)).await
        }
        Err(autre) => Err(autre),
    }
}

/// Writes what became of a delivery that changed nothing, and forgets its file.
async fn conclut(
    site: &Site,
    livraison: Livraison,
    issue: Issue,
    message: Option<String>,
    rapport: Option<(File, Bilan, Comptes)>,
) -> Result<(), Echec> {
    let (octets, bilan, comptes) = match rapport {
        Some((fichier, bilan, comptes)) => (import::comprime(&fichier)?, bilan, comptes),
        None => (Vec::new(), Bilan::default(), Comptes::default()),
    };
    let livraison = Livraison { issue, message, bilan, comptes, ..livraison };
    site.db
        .write(async |tx: &Tx| {
            store::enregistre_livraison(tx, None, &livraison).await?;
            store::enregistre_rapport(tx, livraison.id, octets.as_slice()).await?;
            store::efface_depot(tx, livraison.id).await
        })
        .await?;
    Ok(())
}

/// Writes how far the import is, once a second at most. A write that fails is no matter: the next one
/// may not.
async fn suit(site: Site, tache: Uuid, mut entend: tokio::sync::watch::Receiver<String>) {
    while entend.changed().await.is_ok() {
        let texte = entend.borrow_and_update().clone();
        let _ = jobs::progress(&site, tache, &texte, BAIL).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
