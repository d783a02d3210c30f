//! All the letters of a closed session in one file, made by a job: a PDF a département, and a zip of them when there are
//! several.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use chrono::TimeDelta;
use kernel::{Actor, CodeDepartement, Refusal};
use platform::Site;
use platform::documents::{self, Document};
use platform::jobs::{self, Job, JobRow};
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::actes::{self, Dossier};
use super::model::{Decision, EtatSeance, Seance};
use super::{seances, store};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::model::Demande;
use crate::demandes::{reference, store as demandes};
use crate::ids::SeanceId;
use crate::postes;

/// Makes the letters of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PreparerLettres {
    pub(super) seance: SeanceId,
}

impl Job for PreparerLettres {
    const KIND: &'static str = "conseillers.lettres";
    const MAX_ATTEMPTS: i64 = 3;
    fn dedup_key(&self) -> Option<String> {
        Some(self.seance.to_string())
    }
}

/// Letters of one PDF: what is laid out at once is held in memory.
const PAR_FICHIER: usize = 200;
/// How long the job is held after each file.
const BAIL: TimeDelta = TimeDelta::minutes(30);

/// The key of that file.
pub(super) fn cle(seance: SeanceId) -> String {
    format!("seance/{seance}/lettres")
}

/// Asks for the letters of a closed session.
///
/// # Errors
/// A conflict while it is not closed; [`Refusal::NotFound`] out of scope.
pub(super) async fn preparer(site: &Site, actor: &Actor, id: SeanceId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let seance = seances::tenir(tx, actor, id, false).await?;
            if !matches!(seance.etat, EtatSeance::Close { .. }) {
                return Err(Refusal::conflict("Les lettres s’écrivent quand la séance est close.").into());
            }
            let tache = jobs::enqueue(site, tx, &PreparerLettres { seance: id }).await?;
            documents::ouvre(site, tx, &cle(id), tache).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "seance.lettres", "seance", id))
                .await
                .map(|_| ())?)
        })
        .await
}

/// Where the letters of a session stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Lettres {
    /// Nobody asked for them, or they are forgotten.
    Aucune,
    /// They are being written.
    EnCours {
        /// How far they are, in words.
        etape: String,
    },
    /// They can be fetched.
    Pretes {
        /// Their size, in words.
        taille: String,
        /// Since when, in words.
        le: String,
        /// Whether they are in several files.
        zip: bool,
    },
}

/// Where they stand.
///
/// # Errors
/// The database.
pub(super) async fn etat(conn: &impl ConnectionTrait, id: SeanceId) -> Result<Lettres, DbErr> {
    let Some(document) = documents::trouve(conn, &cle(id)).await? else { return Ok(Lettres::Aucune) };
    if let Some(le) = document.fait_le {
        let ko = document.octets.div_euclid(1_000).max(1);
        let taille = if ko < 1_000 {
            format!("{ko} ko")
        } else {
            format!("{} Mo", kernel::text::nombre(ko.div_euclid(1_000)))
        };
        let zip = document.media != documents::PDF;
        return Ok(Lettres::Pretes { taille, le: kernel::calendrier::en_lettres_avec_heure(&le), zip });
    }
    let etape = match JobRow::find(conn, document.tache).await? {
        Some(t) if t.state == "stuck" => {
            "La préparation s’est arrêtée : une personne de l’administration doit relancer la tâche."
                .to_owned()
        }
        Some(JobRow { progress: Some(dit), .. }) => format!("{dit}."),
        // A job that is done and left nothing was forgotten: asking again is all there is to do.
        None => return Ok(Lettres::Aucune),
        Some(_) => "La préparation attend son tour.".to_owned(),
    };
    Ok(Lettres::EnCours { etape })
}

type Groupes = BTreeMap<CodeDepartement, Vec<(Demande, Decision)>>;

async fn decidees(site: &Site, id: SeanceId) -> Result<Groupes, Failure> {
    let conn = site.db.read();
    let mut groupes = Groupes::new();
    let prises = store::decisions_de(conn, id).await?;
    let mut lues = demandes::charger(conn, prises.iter().map(|x| x.demande)).await?;
    for decision in prises {
        if let Some(d) = lues.remove(&decision.demande) {
            groupes.entry(d.departement.clone()).or_default().push((d, decision));
        }
    }
    for groupe in groupes.values_mut() {
        groupe.sort_by_key(|(d, _)| d.numero);
    }
    Ok(groupes)
}

/// What is known of who is written to, and of what they were granted.
pub(super) async fn dossier(site: &Site, d: &Demande) -> Result<Dossier, Failure> {
    let conn = site.db.read();
    let postes = postes::store::de_demande(conn, d.id).await?;
    let mut dossier = Dossier {
        postes: postes.iter().map(postes::Poste::reference).collect(),
        echeance: postes.first().and_then(|p| postes::rules::delai(p.attribue_le)),
        ..Dossier::default()
    };
    if let Some(s) = annuaire::structures::find(conn, d.structure).await? {
        dossier.famille = Some(reference::eligibilite(s.categorie.as_ref(), s.genre).0);
        dossier.adresse = s.adresse;
    }
    Ok(dossier)
}

/// Runs the job: again from the beginning when it was cut short.
///
/// # Errors
/// When the database or the disk fails: the job is tried again.
pub(super) async fn fait(c: &Conseillers, tache: Uuid, job: PreparerLettres) -> Result<(), Failure> {
    let site = &c.site;
    let Some(seance) = store::seance(site.db.read(), job.seance).await? else { return Ok(()) };
    let EtatSeance::Close { le, .. } = seance.etat else { return Ok(()) };
    let groupes = decidees(site, job.seance).await?;
    let total: usize = groupes.values().map(Vec::len).sum();
    let mut faites = 0;
    let mut fichiers = Vec::new();
    for (departement, groupe) in &groupes {
        let parts = groupe.len().div_ceil(PAR_FICHIER);
        for (rang, part) in groupe.chunks(PAR_FICHIER).enumerate() {
            let mut lettres = Vec::with_capacity(part.len());
            for (d, decision) in part {
                lettres.push(actes::lettre(site, d, decision, &dossier(site, d).await?));
            }
            faites += lettres.len();
            let suite = if parts > 1 { format!(", partie {} sur {parts}", rang + 1) } else { String::new() };
            let titre = format!("Lettres de la séance {}, département {departement}{suite}", seance.numero);
            let octets = documents::pdf(Document::Lettres { titre, lettres }, le).await.map_err(disque)?;
            let suite = if parts > 1 { format!("-{}", rang + 1) } else { String::new() };
            fichiers.push((
                format!("lettres-seance-{}-departement-{departement}{suite}.pdf", seance.numero),
                octets,
            ));
            jobs::progress(site, tache, &format!("{faites} lettres écrites sur {total}"), BAIL).await?;
        }
    }
    ranger(site, &seance, fichiers).await
}

/// One file stays as it is; several go in a zip, whose dates are left out so that the same letters are the same file.
async fn ranger(site: &Site, seance: &Seance, fichiers: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let cle = cle(seance.id);
    if let [(nom, octets)] = fichiers.as_slice() {
        return Ok(documents::enregistre(site, &cle, (nom, documents::PDF), octets.as_slice()).await?);
    }
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (nom, octets) in fichiers {
        zip.start_file(nom, options).map_err(disque)?;
        zip.write_all(&octets).map_err(disque)?;
    }
    let contenu = zip.finish().map_err(disque)?.into_inner();
    let nom = format!("lettres-seance-{}.zip", seance.numero);
    Ok(documents::enregistre(site, &cle, (&nom, "application/zip"), contenu.as_slice()).await?)
}

fn disque(e: impl std::error::Error) -> Failure {
    DbErr::Custom(e.to_string()).into()
}
