//! From the standard 0.1 (August 2022), still found in files, to 1.0: other words in the lists, other
//! columns. The table is the one that the official migration applied, recovered from real rows that
//! exist in both versions; where the official migration lost something, the choice is said here.

use super::rapport::Regle;
use super::reparations::{Notes, Synonymes, liste};
use super::standard::{
    Acces, Accompagnement, Dispositif, FormationLabel, Frais, Itinerance, Liste, PriseEnCharge, Public,
    Service, Valeur,
};

const COLONNE: Regle = Regle::repare(
    "migration-0.1",
    "Cette colonne du standard 0.1 est traduite dans les champs du standard 1.0.",
);
const SANS_SUITE: Regle = Regle::ecarte(
    "migration-sans-suite",
    "Cette valeur du standard 0.1 n’a pas d’équivalent dans le standard 1.0.",
);

/// Columns of the standard 0.1 that 1.0 renamed or split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ancien {
    /// `courriel`, now `courriels`.
    Courriel,
    /// `conditions_acces`, now `frais_a_charge`. `conditions_access` is a misspelling that was spread.
    ConditionsAcces,
    /// `publics_accueillis`, now two fields.
    PublicsAccueillis,
    /// `labels_nationaux`, now programmes and labels.
    LabelsNationaux,
    /// `labels_autres`, now `autres_formations_labels`.
    LabelsAutres,
    /// `accessibilite`, now `fiche_acces_libre`.
    Accessibilite,
    /// `cle_ban`, dropped: the address says the same.
    CleBan,
}

impl Ancien {
    /// Its name.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Courriel => "courriel",
            Self::ConditionsAcces => "conditions_acces",
            Self::PublicsAccueillis => "publics_accueillis",
            Self::LabelsNationaux => "labels_nationaux",
            Self::LabelsAutres => "labels_autres",
            Self::Accessibilite => "accessibilite",
            Self::CleBan => "cle_ban",
        }
    }

    /// The column of that name.
    pub fn de_nom(nom: &str) -> Option<Self> {
        Some(match nom {
            "courriel" => Self::Courriel,
            "conditions_acces" | "conditions_access" => Self::ConditionsAcces,
            "publics_accueillis" => Self::PublicsAccueillis,
            "labels_nationaux" => Self::LabelsNationaux,
            "labels_autres" => Self::LabelsAutres,
            "accessibilite" => Self::Accessibilite,
            "cle_ban" => Self::CleBan,
            _ => return None,
        })
    }
}

/// The 15 services of 0.1 in the 9 of 1.0. « Promouvoir la citoyenneté numérique » was kept or
/// dropped by the official migration, unevenly; its nearest sense is kept.
pub const SERVICES: Synonymes<Service> = &[
    ("prendre en main un smartphone ou une tablette", Some(Service::MaitriseOutils)),
    ("prendre en main un ordinateur", Some(Service::MaitriseOutils)),
    ("utiliser le numerique au quotidien", Some(Service::MaitriseOutils)),
    ("approfondir ma culture numerique", Some(Service::ComprehensionMonde)),
    ("promouvoir la citoyennete numerique", Some(Service::ComprehensionMonde)),
    ("devenir autonome dans les demarches administratives", Some(Service::AideDemarches)),
    ("realiser des demarches administratives avec un accompagnement", Some(Service::AideDemarches)),
    ("accompagner les demarches de sante", Some(Service::AideDemarches)),
    ("favoriser mon insertion professionnelle", Some(Service::InsertionProfessionnelle)),
    ("creer et developper mon entreprise", Some(Service::InsertionProfessionnelle)),
    ("creer avec le numerique", Some(Service::LoisirsCreations)),
    ("acceder a une connexion internet", Some(Service::AccesInternetMateriel)),
    ("acceder a du materiel", Some(Service::AccesInternetMateriel)),
    ("s equiper en materiel informatique", Some(Service::AcquisitionMateriel)),
    ("soutenir la parentalite et l education avec le numerique", Some(Service::ParentaliteEducation)),
];

/// The conditions of 0.1. The Pass numérique is a means of payment, not a price.
pub const FRAIS: Synonymes<Frais> = &[
    ("adhesion", Some(Frais::Payant)),
    ("accepte le pass numerique", None),
    ("pass numerique", None),
    ("pass numerique aptic", None),
];

/// The means of support of 0.1.
pub const ACCOMPAGNEMENT: Synonymes<Accompagnement> = &[
    ("seul", Some(Accompagnement::Autonomie)),
    ("avec de l aide", Some(Accompagnement::Individuel)),
    ("a ma place", Some(Accompagnement::Individuel)),
    ("dans un atelier", Some(Accompagnement::Atelier)),
    ("a distance par telephone ou en visioconference", Some(Accompagnement::Distance)),
];

/// Words that files write for the audiences.
pub const PUBLICS: Synonymes<Public> = &[
    ("familles enfants", Some(Public::Familles)),
    ("jeunes 16 26 ans", Some(Public::Jeunes)),
    ("seniors 65 ans", Some(Public::Seniors)),
    ("uniquement femmes", Some(Public::Femmes)),
    ("adultes", None),
    ("tout public", None),
];

/// Words that files write for the specific needs.
pub const PRISES_EN_CHARGE: Synonymes<PriseEnCharge> = &[
    ("public langues etrangeres", Some(PriseEnCharge::LanguesAutres)),
    ("langues etrangeres", Some(PriseEnCharge::LanguesAutres)),
    ("deficience visuelle", Some(PriseEnCharge::DeficienceVisuelle)),
    ("surdite", Some(PriseEnCharge::Surdite)),
    ("handicaps psychiques", Some(PriseEnCharge::HandicapsMentaux)),
    ("handicap psychique", Some(PriseEnCharge::HandicapsMentaux)),
    ("handicap mental", Some(PriseEnCharge::HandicapsMentaux)),
    (
        "handicaps psychiques troubles psychiatriques donnant lieu a des atteintes comportementales",
        Some(PriseEnCharge::HandicapsMentaux),
    ),
    (
        "handicaps mentaux deficiences limitant les activites d une personne",
        Some(PriseEnCharge::HandicapsMentaux),
    ),
    ("personnes en situation d illettrisme", Some(PriseEnCharge::Illettrisme)),
];

/// The national labels of 0.1 that are programmes.
pub const DISPOSITIFS: Synonymes<Dispositif> = &[
    ("cnfs", Some(Dispositif::ConseillersNumeriques)),
    ("conseiller numerique", Some(Dispositif::ConseillersNumeriques)),
    ("conseiller numerique france services", Some(Dispositif::ConseillersNumeriques)),
    ("conseillers numeriques france services", Some(Dispositif::ConseillersNumeriques)),
    ("france service", Some(Dispositif::FranceServices)),
    ("aidant connect", Some(Dispositif::AidantsConnect)),
    ("grandes ecoles du numerique", Some(Dispositif::GrandeEcole)),
    ("point numerique caf", Some(Dispositif::PointCaf)),
    ("point relais caf", Some(Dispositif::PointCaf)),
    ("relais numerique emmaus connect", Some(Dispositif::RelaisNumerique)),
    ("bibliotheques numeriques de reference", Some(Dispositif::BibliothequesReference)),
];

/// Words for the itinerancy.
pub const ITINERANCE: Synonymes<Itinerance> = &[
    ("oui", Some(Itinerance::Itinerant)),
    ("itinerante", Some(Itinerance::Itinerant)),
    ("non", Some(Itinerance::Fixe)),
];

/// Words for the ways in.
pub const ACCES: Synonymes<Acces> = &[
    ("telephoner pour prendre rdv", Some(Acces::Telephoner)),
    ("prendre un rendez vous en ligne", Some(Acces::RendezVousEnLigne)),
    ("envoyer un mail", Some(Acces::ContacterParMail)),
    ("ce lieu n accueille pas le public", Some(Acces::PasDePublic)),
];

/// No other words are known for these lists.
pub const FORMATIONS: Synonymes<FormationLabel> = &[];

/// Splits `publics_accueillis` between the audiences and the specific needs.
pub fn publics_accueillis(
    cellule: &str,
    publics: &mut Liste<Public>,
    besoins: &mut Liste<PriseEnCharge>,
    notes: &mut Notes,
) {
    let mut traduits = Vec::new();
    for mots in morceaux(cellule) {
        let lus: Liste<Public> = liste(mots, PUBLICS, &mut Notes::default());
        let lus_besoins: Liste<PriseEnCharge> = liste(mots, PRISES_EN_CHARGE, &mut Notes::default());
        traduits.extend(lus.iter().map(Valeur::libelle));
        traduits.extend(lus_besoins.iter().map(Valeur::libelle));
        lus.iter().for_each(|v| {
            publics.ajoute(v);
        });
        lus_besoins.iter().for_each(|v| {
            besoins.ajoute(v);
        });
        if lus.est_vide() && lus_besoins.est_vide() {
            notes.signale(SANS_SUITE, mots, None);
        }
    }
    if !traduits.is_empty() {
        notes.repare(COLONNE, cellule, &traduits.join("|"));
    }
}

/// Splits `labels_nationaux` between programmes, labels, and other labels for what has no place of
/// its own any more (APTIC, French Tech…): nothing is lost.
pub fn labels_nationaux(
    cellule: &str,
    dispositifs: &mut Liste<Dispositif>,
    labels: &mut Liste<FormationLabel>,
    autres: &mut String,
    notes: &mut Notes,
) {
    let mut traduits: Vec<String> = Vec::new();
    for mots in morceaux(cellule) {
        let lus: Liste<Dispositif> = liste(mots, DISPOSITIFS, &mut Notes::default());
        let lus_labels: Liste<FormationLabel> = liste(mots, FORMATIONS, &mut Notes::default());
        if lus.est_vide() && lus_labels.est_vide() {
            ajoute_libre(autres, mots);
            traduits.push(mots.to_owned());
        }
        lus.iter().for_each(|v| {
            dispositifs.ajoute(v);
            traduits.push(v.libelle().to_owned());
        });
        lus_labels.iter().for_each(|v| {
            labels.ajoute(v);
            traduits.push(v.libelle().to_owned());
        });
    }
    if !traduits.is_empty() {
        notes.repare(COLONNE, cellule, &traduits.join("|"));
    }
}

/// Adds free labels, separated by `;` in 0.1, to a list joined by `|`.
pub fn labels_autres(cellule: &str, autres: &mut String, notes: &mut Notes) {
    for mots in morceaux(cellule) {
        ajoute_libre(autres, mots);
    }
    notes.repare(COLONNE, cellule, autres);
}

fn ajoute_libre(autres: &mut String, mots: &str) {
    if autres.split('|').any(|m| m == mots) {
        return;
    }
    if !autres.is_empty() {
        autres.push('|');
    }
    autres.push_str(mots);
}

fn morceaux(cellule: &str) -> impl Iterator<Item = &str> {
    cellule.split([';', '|']).map(str::trim).filter(|m| !m.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_synonym_is_folded_and_means_something_new() {
        fn tous<T: Valeur>(synonymes: Synonymes<T>) {
            for (mots, _) in synonymes {
                assert_eq!(kernel::text::fold(mots), *mots);
            }
        }
        tous(SERVICES);
        tous(FRAIS);
        tous(ACCOMPAGNEMENT);
        tous(PUBLICS);
        tous(PRISES_EN_CHARGE);
        tous(DISPOSITIFS);
        tous(ITINERANCE);
        tous(ACCES);
    }

    #[test]
    fn cells_of_the_standard_0_1() {
        let services: Liste<Service> = liste(
            "Devenir autonome dans les démarches administratives;Utiliser le numérique au quotidien;Prendre en main un ordinateur",
            SERVICES,
            &mut Notes::default(),
        );
        assert_eq!(
            services.to_string(),
            "Aide aux démarches administratives|Maîtrise des outils numériques du quotidien"
        );
        let frais: Liste<Frais> = liste(
            "Gratuit : Je peux accéder gratuitement au lieu et à ses services;Adhésion : L'accès au lieu et/ou à ses services nécessite d'y adhérer",
            FRAIS,
            &mut Notes::default(),
        );
        assert_eq!(frais.to_string(), "Gratuit|Payant");
        let (mut publics, mut besoins, mut notes) = (Liste::vide(), Liste::vide(), Notes::default());
        publics_accueillis(
            "Adultes;Seniors (+ 65 ans);Surdité;Martiens",
            &mut publics,
            &mut besoins,
            &mut notes,
        );
        assert_eq!((publics.to_string().as_str(), besoins.to_string().as_str()), ("Seniors", "Surdité"));
        assert_eq!(notes.0.iter().filter(|n| n.regle == SANS_SUITE).count(), 2);
        let (mut dispositifs, mut labels, mut autres) = (Liste::vide(), Liste::vide(), String::new());
        labels_nationaux(
            "CNFS;Fabriques de Territoire;French Tech",
            &mut dispositifs,
            &mut labels,
            &mut autres,
            &mut Notes::default(),
        );
        assert_eq!(dispositifs.to_string(), "Conseillers numériques");
        assert_eq!(labels.to_string(), "Fabriques de Territoire");
        assert_eq!(autres, "French Tech");
    }
}
