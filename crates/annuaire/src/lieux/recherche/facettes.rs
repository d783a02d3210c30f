//! The lists that lieux are filtered on: their names in addresses, their values, their words for people.

use std::sync::LazyLock;

use crate::lieux::standard::{
    Acces, Accompagnement, Champ, Dispositif, FormationLabel, Frais, Itinerance, PriseEnCharge, Public,
    Service, TYPOLOGIES, Valeur,
};

use super::typologies::nom_typologie;

/// A list to filter on. Values of one list add up (one or the other), lists narrow each other (this and that).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Facette {
    /// What is offered.
    Services,
    /// What it costs.
    Frais,
    /// Open at this very minute, where the lieu stands.
    Ouvert,
    /// Days of the week on which it opens.
    Jours,
    /// Lunch time, evening.
    Moments,
    /// Audiences.
    Publics,
    /// Specific needs.
    PrisesEnCharge,
    /// Alone, with someone, in a group, from afar.
    Accompagnement,
    /// How to get in.
    Acces,
    /// Whether a page books an appointment.
    Rdv,
    /// National programmes.
    Dispositifs,
    /// Trainings and labels.
    Labels,
    /// Whether it moves.
    Itinerance,
    /// Kind of place.
    Typologie,
    /// What the sheet says of itself.
    Fiche,
}

/// A value of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValeurFacette {
    /// Name in addresses; never changed.
    pub cle: Box<str>,
    /// Exact words of the standard, or ours when the standard has none.
    pub libelle: Box<str>,
    /// Plain words, for people.
    pub clair: Box<str>,
}

impl Facette {
    /// Every list, in the order of the pages.
    pub const TOUTES: [Self; 15] = [
        Self::Services,
        Self::Frais,
        Self::Ouvert,
        Self::Jours,
        Self::Moments,
        Self::Publics,
        Self::PrisesEnCharge,
        Self::Accompagnement,
        Self::Acces,
        Self::Rdv,
        Self::Dispositifs,
        Self::Labels,
        Self::Itinerance,
        Self::Typologie,
        Self::Fiche,
    ];

    /// How many there are.
    pub const NOMBRE: usize = Self::TOUTES.len();

    /// Rank in [`Self::TOUTES`].
    pub fn rang(self) -> usize {
        self as usize
    }

    /// Name of the parameter in addresses.
    pub fn parametre(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Frais => "frais",
            Self::Ouvert => "ouvert",
            Self::Jours => "jours",
            Self::Moments => "moments",
            Self::Publics => "publics",
            Self::PrisesEnCharge => "prise_en_charge",
            Self::Accompagnement => "accompagnement",
            Self::Acces => "acces",
            Self::Rdv => "rdv",
            Self::Dispositifs => "dispositifs",
            Self::Labels => "labels",
            Self::Itinerance => "itinerance",
            Self::Typologie => "typologie",
            Self::Fiche => "fiche",
        }
    }

    /// The list of that parameter; the names of the standard are taken too.
    pub fn de_parametre(nom: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|f| f.parametre() == nom || f.champ().is_some_and(|c| c.nom() == nom))
    }

    /// The field of the standard behind.
    fn champ(self) -> Option<Champ> {
        Some(match self {
            Self::Services => Champ::Services,
            Self::Frais => Champ::FraisACharge,
            Self::Publics => Champ::PublicsSpecifiquementAdresses,
            Self::PrisesEnCharge => Champ::PriseEnChargeSpecifique,
            Self::Accompagnement => Champ::ModalitesAccompagnement,
            Self::Acces => Champ::ModalitesAcces,
            Self::Rdv => Champ::PriseRdv,
            Self::Dispositifs => Champ::DispositifProgrammesNationaux,
            Self::Labels => Champ::FormationsLabels,
            Self::Itinerance => Champ::Itinerance,
            Self::Typologie => Champ::Typologie,
            Self::Ouvert | Self::Jours | Self::Moments | Self::Fiche => return None,
        })
    }

    /// Title of the list, for people.
    pub fn titre(self) -> &'static str {
        match self {
            Self::Services => "Votre besoin",
            Self::Frais => "Prix",
            Self::Ouvert => "Maintenant",
            Self::Jours => "Jours d’ouverture",
            Self::Moments => "Moments de la journée",
            Self::Publics => "Public",
            Self::PrisesEnCharge => "Besoins particuliers",
            Self::Accompagnement => "Façon d’être aidé",
            Self::Acces => "Pour venir",
            Self::Rdv => "Rendez-vous",
            Self::Dispositifs => "Programmes nationaux",
            Self::Labels => "Formations et labels",
            Self::Itinerance => "Lieu fixe ou itinérant",
            Self::Typologie => "Type de lieu",
            Self::Fiche => "Informations",
        }
    }

    /// Its values, in order; a value's place in the slice is its rank in filters and counts.
    pub fn valeurs(self) -> &'static [ValeurFacette] {
        static VALEURS: LazyLock<Vec<Vec<ValeurFacette>>> =
            LazyLock::new(|| Facette::TOUTES.into_iter().map(Facette::calcule).collect());
        VALEURS.get(self.rang()).map_or(&[], Vec::as_slice)
    }

    /// The rank of a value written as its key or in the exact words of the standard.
    pub fn valeur(self, texte: &str) -> Option<usize> {
        self.valeurs().iter().position(|v| v.cle.as_ref() == texte || v.libelle.as_ref() == texte)
    }

    fn calcule(self) -> Vec<ValeurFacette> {
        fn liste<T: Valeur>(clair: impl Fn(T) -> &'static str) -> Vec<ValeurFacette> {
            T::TOUTES.iter().map(|v| valeur(&cle(v.libelle()), v.libelle(), clair(*v))).collect()
        }
        let nos = |valeurs: &[(&str, &str)]| valeurs.iter().map(|(c, l)| valeur(c, l, l)).collect();
        match self {
            Self::Services => Service::TOUTES
                .iter()
                .map(|s| valeur(crate::maillage::Critere::Service(*s).cle(), s.libelle(), service_clair(*s)))
                .collect(),
            Self::Frais => liste::<Frais>(Valeur::libelle),
            Self::Ouvert => nos(&[("maintenant", "Ouvert maintenant")]),
            Self::Jours => nos(&[
                ("lundi", "Lundi"),
                ("mardi", "Mardi"),
                ("mercredi", "Mercredi"),
                ("jeudi", "Jeudi"),
                ("vendredi", "Vendredi"),
                ("samedi", "Samedi"),
                ("dimanche", "Dimanche"),
            ]),
            Self::Moments => {
                nos(&[("midi", "Entre 12 h et 14 h"), ("soir", "Après 18 h"), ("week-end", "Le week-end")])
            }
            Self::Publics => {
                let mut publics = liste::<Public>(|p| match p {
                    Public::Familles => "Familles et enfants",
                    autre => autre.libelle(),
                });
                publics.extend(nos(&[("tout-public", "Tout le monde")]));
                publics
            }
            Self::PrisesEnCharge => liste::<PriseEnCharge>(|p| match p {
                PriseEnCharge::Illettrisme => "Difficultés à lire et à écrire",
                PriseEnCharge::LanguesAnglais => "Accueil en anglais",
                PriseEnCharge::LanguesAutres => "Accueil dans d’autres langues",
                autre => autre.libelle(),
            }),
            Self::Accompagnement => liste::<Accompagnement>(|a| match a {
                Accompagnement::Autonomie => "Seul, avec le matériel du lieu",
                Accompagnement::Individuel => "Avec une personne, en tête-à-tête",
                Accompagnement::Atelier => "En groupe, dans un atelier",
                Accompagnement::Distance => "À distance",
            }),
            Self::Acces => liste::<Acces>(|a| match a {
                Acces::SePresenter => "Sans rendez-vous, en se présentant",
                Acces::Telephoner => "En téléphonant",
                Acces::ContacterParMail => "En écrivant un courriel",
                Acces::RendezVousEnLigne => "En prenant rendez-vous en ligne",
                Acces::PasDePublic => "N’accueille pas de public",
                Acces::Prescription => "Sur orientation d’un professionnel",
            }),
            Self::Rdv => nos(&[("en-ligne", "Rendez-vous à prendre en ligne")]),
            Self::Dispositifs => liste::<Dispositif>(Valeur::libelle),
            Self::Labels => liste::<FormationLabel>(Valeur::libelle),
            Self::Itinerance => liste::<Itinerance>(|i| match i {
                Itinerance::Itinerant => "Itinérant (bus, permanences)",
                Itinerance::Fixe => "Fixe",
            }),
            Self::Fiche => nos(&[
                ("acceslibre", "Accessibilité décrite sur Acceslibre"),
                ("recente", "Mise à jour il y a moins d’un an"),
            ]),
            Self::Typologie => TYPOLOGIES
                .iter()
                .map(|t| valeur(&t.to_lowercase().replace('_', "-"), t, nom_typologie(t)))
                .collect(),
        }
    }
}

/// The service in words that people use.
pub(crate) fn service_clair(service: Service) -> &'static str {
    match service {
        Service::AideDemarches => "Faire mes démarches administratives en ligne",
        Service::MaitriseOutils => "Apprendre à utiliser un ordinateur, un téléphone, une tablette",
        Service::InsertionProfessionnelle => "Chercher du travail, monter mon projet professionnel",
        Service::UtilisationSecurisee => "Me protéger des arnaques et protéger mes données",
        Service::ParentaliteEducation => "Accompagner mes enfants avec les écrans et l’école",
        Service::LoisirsCreations => "Créer et me divertir avec le numérique",
        Service::ComprehensionMonde => "Mieux comprendre le monde numérique",
        Service::AccesInternetMateriel => "Utiliser internet, un ordinateur, une imprimante sur place",
        Service::AcquisitionMateriel => "Acheter du matériel à prix solidaire",
    }
}

fn valeur(cle: &str, libelle: &str, clair: &str) -> ValeurFacette {
    ValeurFacette { cle: cle.into(), libelle: libelle.into(), clair: clair.replace('\'', "’").into() }
}

fn cle(libelle: &str) -> String {
    kernel::text::fold(libelle).replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_name_of_its_own() {
        for f in Facette::TOUTES {
            assert_eq!(Facette::TOUTES[f.rang()], f);
            assert_eq!(Facette::de_parametre(f.parametre()), Some(f));
            assert!(f.valeurs().len() <= 128 && !f.valeurs().is_empty());
            for (i, v) in f.valeurs().iter().enumerate() {
                assert_eq!((f.valeur(&v.cle), f.valeur(&v.libelle)), (Some(i), Some(i)), "{v:?}");
                assert!(v.cle.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{v:?}");
            }
        }
        assert_eq!(Facette::de_parametre("frais_a_charge"), Some(Facette::Frais));
        assert_eq!(Facette::de_parametre("q"), None);
        assert_eq!(
            Facette::Dispositifs.valeur("france-services"),
            Facette::Dispositifs.valeur("France Services")
        );
    }
}
