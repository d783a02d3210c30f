//! A file that a source delivers becomes lieux: read and repaired outside any transaction, compared
//! with what the source delivered before, then written in one transaction, or not at all.

mod ecriture;
mod preparation;
mod tri;

use std::fs::File;
use std::sync::Arc;

use kernel::{Actor, Perimetre};
use platform::Site;
use sea_orm::DbErr;

use super::model::LivraisonId;
use super::normalisation::{LecteurStandard, Traducteur};
use super::rapport::{Bilan, Comptes};
use super::store;
use crate::territoires::Territoires;
pub(super) use ecriture::{borne, comprime};

/// A delivery.
pub struct Demande {
    /// Name of the file, as the person knows it.
    pub fichier: String,
    /// The file.
    pub contenu: File,
    /// The source, when the person names it.
    pub source: Option<String>,
    /// Who turns its records into those of the standard.
    pub traducteur: Box<dyn Traducteur>,
    /// Close lieux even when the delivery would close most of them.
    pub force: bool,
    /// Tell what would be done, and write nothing.
    pub a_blanc: bool,
    /// Who delivers; none for the command line.
    pub par: Option<Actor>,
    /// Identifier of the delivery.
    pub id: LivraisonId,
}

impl std::fmt::Debug for Demande {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demande")
            .field("fichier", &self.fichier)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Demande {
    /// A delivery of a file of the standard.
    pub fn du_standard(fichier: &str, contenu: File, site: &Site) -> Self {
        Self {
            fichier: fichier.to_owned(),
            contenu,
            source: None,
            traducteur: Box::new(LecteurStandard::default()),
            force: false,
            a_blanc: false,
            par: None,
            id: LivraisonId::new(&site.clock, &site.chance),
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progres {
    /// Bytes read of the file, out of its size.
    Lecture(u64, u64),
    /// Lieux written, out of those to write.
    Ecriture(u64, u64),
}

/// Hears how far an import is, some hundred times.
pub type Ecoute = Arc<dyn Fn(Progres) + Send + Sync>;

/// What an import did.
#[derive(Debug)]
pub struct Compte {
    /// Identifier of the delivery.
    pub livraison: LivraisonId,
    /// Name of the source.
    pub source: String,
    /// Records.
    pub bilan: Bilan,
    /// Remarks.
    pub comptes: Comptes,
    /// The report, a CSV file, rewound; it vanishes when closed.
    pub rapport: File,
    /// What was taken, repaired, as a compressed CSV of the standard, rewound; it vanishes when closed.
    pub corrige: File,
    /// A warning about the whole file.
    pub avertissement: Option<String>,
}

/// Why an import wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// The file is refused: a French sentence, and the report as far as it went.
    #[error("{phrase}")]
    Refus {
        /// The sentence.
        phrase: String,
        /// The report and the counts, when records were read.
        rapport: Option<Box<(File, Bilan, Comptes)>>,
    },
    /// Another delivery of the same source was written since this one was compared with the last.
    #[error("D’autres livraisons de cette source s’enregistrent en même temps : recommencez.")]
    Devancee,
    /// The database.
    #[error(transparent)]
    Base(#[from] DbErr),
    /// The disk.
    #[error("Le disque refuse : {0}.")]
    Disque(#[from] std::io::Error),
}

impl Echec {
    fn refus(phrase: impl Into<String>) -> Self {
        Self::Refus { phrase: phrase.into(), rapport: None }
    }
}

/// How many times a delivery is compared again when others of its source come before it.
const ESSAIS: u8 = 5;

/// Imports a file.
///
/// # Errors
/// [`Echec`]; nothing is then written, nothing is closed.
pub async fn importe(
    site: &Site,
    territoires: Arc<Territoires>,
    demande: Demande,
    ecoute: Ecoute,
) -> Result<Compte, Echec> {
    let Demande { fichier, contenu, source, traducteur, force, a_blanc, par, id } = demande;
    let aujourdhui = kernel::calendrier::jour_le_plus_avance(&site.clock.now());
    let perimetre = par.as_ref().map(|a| a.perimetre.clone());
    let (entendue, pays, bornes) = (ecoute.clone(), territoires.clone(), perimetre.clone());
    let preparee = tokio::task::spawn_blocking(move || {
        preparation::prepare(contenu, traducteur, &pays, bornes.as_ref(), aujourdhui, &entendue)
    })
    .await
    .map_err(|e| Echec::Disque(std::io::Error::other(e)))??;

    let nom = match source {
        Some(nom) => nom,
        None => tri::devine_source(site.db.read(), &preparee, &fichier).await?,
    };
    let nom: String = nom.trim().chars().filter(|c| !c.is_control()).take(200).collect();
    let cle = kernel::text::fold(&nom).replace(' ', "-");
    if cle.is_empty() {
        return Err(Echec::refus("Le nom de la source doit contenir des lettres ou des chiffres."));
    }
    if cle == super::gestion::actions::SOURCE_SAISIE {
        return Err(Echec::refus(
            "Ce nom est celui des lieux inscrits en ligne : donnez à votre source un autre nom.",
        ));
    }
    let mut essai = 0;
    loop {
        essai += 1;
        let connue = store::source(site.db.read(), &cle).await?;
        if let (Some(s), Some(acteur)) = (&connue, &par) {
            tri::source_ouverte(site.db.read(), s.id, acteur).await?;
        }
        let mut triee = tri::trie(site.db.read(), connue.as_ref(), &preparee).await?;
        if let Some(perimetre) = perimetre.as_ref().filter(|p| **p != Perimetre::National) {
            tri::borne(site.db.read(), &mut triee, &territoires, perimetre).await?;
        }
        let mut bilan = preparee.bilan;
        (bilan.added, bilan.changed, bilan.unchanged) = triee.nombres();
        bilan.closed = triee.absents.len() as u64;
        if let Err(phrase) = tri::fermeture_permise(&triee, force, &nom) {
            let rapport = Some(Box::new((preparee.rapport, bilan, preparee.comptes)));
            return Err(Echec::Refus { phrase, rapport });
        }
        let mut avertissement = None;
        if (preparee.forme.coupe || preparee.refus_anonyme) && !triee.absents.is_empty() {
            triee.absents.clear();
            bilan.closed = 0;
            let pourquoi = if preparee.forme.coupe {
                "La dernière ligne du fichier semble coupée"
            } else {
                "Une ligne au moins a été refusée sans qu’on puisse lire son identifiant"
            };
            avertissement = Some(format!("{pourquoi} : aucun lieu n’est fermé par cette livraison."));
        } else if preparee.forme.octets_illisibles {
            avertissement =
                Some("Quelques caractères du fichier sont illisibles : vérifiez son encodage.".to_owned());
        }
        if !a_blanc {
            let avertissement = avertissement.as_deref();
            let livraison = ecriture::Livree {
                id,
                nom: &nom,
                cle: &cle,
                fichier: &fichier,
                par: par.as_ref(),
                bilan,
                avertissement,
            };
            match ecriture::ecrit(site, connue, &livraison, &preparee, &triee, &ecoute).await {
                // Compared again, with what the other delivery wrote.
                Err(Echec::Devancee) if essai < ESSAIS => continue,
                fait => fait?,
            }
        }
        return Ok(Compte {
            livraison: id,
            source: nom,
            bilan,
            comptes: preparee.comptes,
            rapport: preparee.rapport,
            corrige: preparee.corrige,
            avertissement,
        });
    }
}

#[cfg(test)]
mod tests;
