//! The national standard of lieux de médiation numérique, v1.0.2: its 32 fields in order, its
//! closed lists, and the verdict of its schema on one cell.
//!
//! Source: `schema.json` of LaMednum/standard-mediation-num (Licence Ouverte 2.0).

mod fiche;
mod listes;
mod verdict;

pub use fiche::{Fiche, PIVOT_INCONNU};
pub use listes::{
    Acces, Accompagnement, Dispositif, FormationLabel, Frais, Itinerance, Liste, PriseEnCharge, Public,
    Service, TYPOLOGIES, Valeur,
};
pub(crate) use verdict::jour;
pub use verdict::{Defaut, verdict};

/// What a field holds, as the schema types it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// Any text, perhaps under a pattern.
    Texte,
    /// A decimal number with a dot.
    Nombre,
    /// A day, `AAAA-MM-JJ`.
    Date,
}

macro_rules! champs {
    ($($variant:ident $nom:literal $genre:ident $requis:literal $titre:literal,)*) => {
        /// A field of the standard. The order is that of the columns of a file.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Champ { $(#[doc = concat!("`", $nom, "`: ", $titre)] $variant,)* }

        impl Champ {
            /// The 32 fields, in the order of the standard.
            pub const TOUS: [Self; 32] = [$(Self::$variant,)*];

            /// Its name, as in the header of a file.
            pub fn nom(self) -> &'static str {
                match self { $(Self::$variant => $nom,)* }
            }

            /// Its title in French, for pages and messages.
            pub fn titre(self) -> &'static str {
                match self { $(Self::$variant => $titre,)* }
            }

            /// Its type.
            pub fn genre(self) -> Genre {
                match self { $(Self::$variant => Genre::$genre,)* }
            }

            /// Whether the standard requires a value.
            pub fn requis(self) -> bool {
                match self { $(Self::$variant => $requis,)* }
            }
        }
    };
}

champs! {
    Id "id" Texte true "identifiant",
    Pivot "pivot" Texte true "SIRET, RNA ou RIDET",
    Nom "nom" Texte true "nom",
    Commune "commune" Texte true "commune",
    CodePostal "code_postal" Texte true "code postal",
    CodeInsee "code_insee" Texte false "code INSEE",
    Adresse "adresse" Texte true "adresse",
    ComplementAdresse "complement_adresse" Texte false "complément d’adresse",
    Latitude "latitude" Nombre false "latitude",
    Longitude "longitude" Nombre false "longitude",
    Typologie "typologie" Texte false "typologie",
    Telephone "telephone" Texte false "téléphone",
    Courriels "courriels" Texte false "courriels",
    SiteWeb "site_web" Texte false "sites web",
    Horaires "horaires" Texte false "horaires",
    PresentationResume "presentation_resume" Texte false "présentation (résumé)",
    PresentationDetail "presentation_detail" Texte false "présentation (détail)",
    Source "source" Texte false "source",
    Itinerance "itinerance" Texte false "itinérance",
    StructureParente "structure_parente" Texte false "structure parente",
    DateMaj "date_maj" Date true "date de mise à jour",
    Services "services" Texte false "services",
    PublicsSpecifiquementAdresses "publics_specifiquement_adresses" Texte false "publics spécifiquement adressés",
    PriseEnChargeSpecifique "prise_en_charge_specifique" Texte false "prise en charge spécifique",
    FraisACharge "frais_a_charge" Texte false "frais à charge",
    DispositifProgrammesNationaux "dispositif_programmes_nationaux" Texte false "dispositifs et programmes nationaux",
    FormationsLabels "formations_labels" Texte false "formations et labels",
    AutresFormationsLabels "autres_formations_labels" Texte false "autres formations et labels",
    ModalitesAcces "modalites_acces" Texte false "modalités d’accès",
    ModalitesAccompagnement "modalites_accompagnement" Texte false "modalités d’accompagnement",
    FicheAccesLibre "fiche_acces_libre" Texte false "fiche Accès Libre",
    PriseRdv "prise_rdv" Texte false "prise de rendez-vous",
}

/// Longest `presentation_resume`, in characters (500 in the standard 0.1).
pub const RESUME_MAX: usize = 280;

impl Champ {
    /// Its rank in the standard, from 0 to 31.
    pub fn rang(self) -> usize {
        self as usize
    }

    /// The field of that column name.
    pub fn de_nom(nom: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|c| c.nom() == nom)
    }
}

/// The values that a field of a closed list may take, or the codes of typology; none for another
/// field.
pub fn valeurs(champ: Champ) -> Vec<String> {
    fn de<T: Valeur>() -> Vec<String> {
        T::TOUTES.iter().map(|v| v.libelle().to_owned()).collect()
    }
    match champ {
        Champ::Typologie => TYPOLOGIES.iter().map(|t| (*t).to_owned()).collect(),
        Champ::Itinerance => de::<Itinerance>(),
        Champ::Services => de::<Service>(),
        Champ::PublicsSpecifiquementAdresses => de::<Public>(),
        Champ::PriseEnChargeSpecifique => de::<PriseEnCharge>(),
        Champ::FraisACharge => de::<Frais>(),
        Champ::DispositifProgrammesNationaux => de::<Dispositif>(),
        Champ::FormationsLabels => de::<FormationLabel>(),
        Champ::ModalitesAcces => de::<Acces>(),
        Champ::ModalitesAccompagnement => de::<Accompagnement>(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_the_order_of_the_standard() {
        for (rang, champ) in Champ::TOUS.into_iter().enumerate() {
            assert_eq!(champ.rang(), rang);
            assert_eq!(Champ::de_nom(champ.nom()), Some(champ));
        }
        assert_eq!(Champ::TOUS.iter().filter(|c| c.requis()).count(), 7);
        assert_eq!(Champ::de_nom("courriel"), None);
    }
}
