//! Words of everyday life and the services of the standard that answer them: nobody looks for « maîtrise des outils
//! numériques du quotidien », people look for help with their telephone.

use crate::lieux::standard::Service;

/// Words already folded and without their plural, and what they ask for.
const MOTS: &[(&str, Service)] = &[
    ("administratif", Service::AideDemarches),
    ("allocation", Service::AideDemarches),
    ("ameli", Service::AideDemarches),
    ("ants", Service::AideDemarches),
    ("caf", Service::AideDemarches),
    ("carte grise", Service::AideDemarches),
    ("chomage", Service::AideDemarches),
    ("cpam", Service::AideDemarches),
    ("demarche", Service::AideDemarches),
    ("formulaire", Service::AideDemarches),
    ("franceconnect", Service::AideDemarches),
    ("impot", Service::AideDemarches),
    ("logement", Service::AideDemarches),
    ("papier", Service::AideDemarches),
    ("passeport", Service::AideDemarches),
    ("prefecture", Service::AideDemarches),
    ("retraite", Service::AideDemarches),
    ("rsa", Service::AideDemarches),
    ("sante", Service::AideDemarches),
    ("apprendre", Service::MaitriseOutils),
    ("bureautique", Service::MaitriseOutils),
    ("clavier", Service::MaitriseOutils),
    ("courriel", Service::MaitriseOutils),
    ("cour", Service::MaitriseOutils),
    ("debutant", Service::MaitriseOutils),
    ("debuter", Service::MaitriseOutils),
    ("excel", Service::MaitriseOutils),
    ("formation", Service::MaitriseOutils),
    ("informatique", Service::MaitriseOutils),
    ("mail", Service::MaitriseOutils),
    ("ordinateur", Service::MaitriseOutils),
    ("portable", Service::MaitriseOutils),
    ("smartphone", Service::MaitriseOutils),
    ("souri", Service::MaitriseOutils),
    ("tablette", Service::MaitriseOutils),
    ("telephone", Service::MaitriseOutils),
    ("traitement", Service::MaitriseOutils),
    ("word", Service::MaitriseOutils),
    ("cv", Service::InsertionProfessionnelle),
    ("embauche", Service::InsertionProfessionnelle),
    ("emploi", Service::InsertionProfessionnelle),
    ("entreprise", Service::InsertionProfessionnelle),
    ("insertion", Service::InsertionProfessionnelle),
    ("travail", Service::InsertionProfessionnelle),
    ("arnaque", Service::UtilisationSecurisee),
    ("mot de passe", Service::UtilisationSecurisee),
    ("passe", Service::UtilisationSecurisee),
    ("piratage", Service::UtilisationSecurisee),
    ("securite", Service::UtilisationSecurisee),
    ("viru", Service::UtilisationSecurisee),
    ("college", Service::ParentaliteEducation),
    ("devoir", Service::ParentaliteEducation),
    ("ecole", Service::ParentaliteEducation),
    ("ecran", Service::ParentaliteEducation),
    ("enfant", Service::ParentaliteEducation),
    ("parent", Service::ParentaliteEducation),
    ("pronote", Service::ParentaliteEducation),
    ("3d", Service::LoisirsCreations),
    ("fablab", Service::LoisirsCreations),
    ("jeu", Service::LoisirsCreations),
    ("photo", Service::LoisirsCreations),
    ("video", Service::LoisirsCreations),
    ("ia", Service::ComprehensionMonde),
    ("intelligence", Service::ComprehensionMonde),
    ("reseau", Service::ComprehensionMonde),
    ("connexion", Service::AccesInternetMateriel),
    ("imprimante", Service::AccesInternetMateriel),
    ("imprimer", Service::AccesInternetMateriel),
    ("internet", Service::AccesInternetMateriel),
    ("photocopie", Service::AccesInternetMateriel),
    ("scanner", Service::AccesInternetMateriel),
    ("wifi", Service::AccesInternetMateriel),
    ("acheter", Service::AcquisitionMateriel),
    ("occasion", Service::AcquisitionMateriel),
    ("reconditionne", Service::AcquisitionMateriel),
    ("solidaire", Service::AcquisitionMateriel),
];

/// The services that a word, folded and without its plural, asks for.
pub(super) fn services(mot: &str) -> impl Iterator<Item = Service> + '_ {
    MOTS.iter().filter(move |(m, _)| m.split(' ').any(|partie| partie == mot)).map(|(_, s)| *s)
}

/// Words that say nothing of what is looked for.
pub(super) fn vide(mot: &str) -> bool {
    const VIDES: [&str; 39] = [
        "a", "au", "aux", "aide", "aider", "avec", "besoin", "chez", "comment", "d", "dans", "de", "des",
        "du", "en", "et", "faire", "j", "je", "l", "la", "le", "les", "ma", "me", "mes", "mon", "ou", "par",
        "pour", "pres", "qui", "s", "se", "sur", "un", "une", "ai", "the",
    ];
    VIDES.contains(&mot)
}
