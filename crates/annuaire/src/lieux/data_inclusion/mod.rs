//! The format of data·inclusion (« structures » and « services », version 1), in and out.
//!
//! A lieu is written as a structure, and what it offers as one service; read, a structure becomes a lieu for each place
//! where one of its services helps with digital tools. The two vocabularies do not match word for word: what is lost is
//! in `docs/lieux/data-inclusion.md`. Source of the format: the public schema of data·inclusion, version 1 (and the names of
//! version 0 where they differ, for the files that are still about).

pub mod entree;
pub mod sortie;

use super::standard::{Public, Service};

/// Themes that a service of the standard is written under.
fn thematiques(service: Service) -> &'static [&'static str] {
    match service {
        Service::AideDemarches => &[EN_LIGNE, DEMARCHES],
        Service::MaitriseOutils => &[FONDAMENTAUX, EN_LIGNE],
        Service::InsertionProfessionnelle => &[FONDAMENTAUX, EMPLOI],
        Service::UtilisationSecurisee | Service::ComprehensionMonde => &[FONDAMENTAUX],
        Service::ParentaliteEducation => &[FONDAMENTAUX, PARENTALITE],
        Service::LoisirsCreations => &[FONDAMENTAUX, ACTIVITES],
        Service::AccesInternetMateriel => &[CONNEXION, EQUIPEMENT],
        Service::AcquisitionMateriel => &[EQUIPEMENT],
    }
}

const EN_LIGNE: &str = "numerique--acceder-a-des-services-en-ligne";
const CONNEXION: &str = "numerique--acceder-a-une-connexion-internet";
const EQUIPEMENT: &str = "numerique--acquerir-un-equipement";
const FONDAMENTAUX: &str = "numerique--maitriser-les-fondamentaux-du-numerique";
const DEMARCHES: &str =
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives";
const EMPLOI: &str = "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi";
const PARENTALITE: &str = "famille--soutien-a-la-parentalite-et-a-leducation";
const ACTIVITES: &str = "remobilisation--activites-sportives-et-culturelles";

/// Themes of version 0, and the service of the standard that they become.
const VERSION_0: [(&str, Service); 15] = [
    ("numerique--acceder-a-du-materiel", Service::AccesInternetMateriel),
    ("numerique--accompagner-les-demarches-de-sante", Service::AideDemarches),
    ("numerique--approfondir-ma-culture-numerique", Service::ComprehensionMonde),
    ("numerique--creer-avec-le-numerique", Service::LoisirsCreations),
    ("numerique--creer-et-developper-mon-entreprise", Service::InsertionProfessionnelle),
    ("numerique--devenir-autonome-dans-les-demarches-administratives", Service::AideDemarches),
    ("numerique--favoriser-mon-insertion-professionnelle", Service::InsertionProfessionnelle),
    ("numerique--prendre-en-main-un-ordinateur", Service::MaitriseOutils),
    ("numerique--prendre-en-main-un-smartphone-ou-une-tablette", Service::MaitriseOutils),
    ("numerique--promouvoir-la-citoyennete-numerique", Service::ComprehensionMonde),
    ("numerique--realiser-des-demarches-administratives-avec-un-accompagnement", Service::AideDemarches),
    ("numerique--s-equiper-en-materiel-informatique", Service::AcquisitionMateriel),
    ("numerique--soutenir-la-parentalite-et-l-education-avec-le-numerique", Service::ParentaliteEducation),
    ("numerique--utiliser-le-numerique-au-quotidien", Service::MaitriseOutils),
    ("numerique--acceder-a-une-connexion", Service::AccesInternetMateriel),
];

fn public(p: Public) -> &'static str {
    match p {
        Public::Jeunes => "jeunes",
        Public::Etudiants => "etudiants",
        Public::Familles => "familles",
        Public::Seniors => "seniors",
        Public::Femmes => "femmes",
    }
}

#[cfg(test)]
mod tests;
