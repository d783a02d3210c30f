//! Rules of the programme as data: who may ask, since when, for what, and why the committee refuses. Sources: circular of
//! 21 January 2021, NOR TERB2102382J ("volet inclusion numérique" of the recovery plan) and its annex 1; the forms of the
//! programme as described in the domain notes, 3.2 and 3.5.

use annuaire::structures::model::{CategorieJuridique, Genre as GenreStructure};
use serde::{Deserialize, Serialize};

/// Fewest and most posts of a demande.
pub const POSTES: std::ops::RangeInclusive<u32> = 1..=30;
/// Longest motivation, in characters.
pub const MOTIVATION_MAX: usize = 2_500;
/// Length of the comment of an opinion, in characters.
pub const COMMENTAIRE: std::ops::RangeInclusive<usize> = 10..=1_000;

/// The kind of an applicant: collectivités came first, private ones later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Famille {
    /// Local authorities, their groupings, local public bodies, GIP, consular chambers.
    Publique,
    /// Associations, foundations, mutual societies, firms of the ESS.
    Privee,
}

impl Famille {
    /// The day of the calendar on which it may begin to ask ([`super::store::calendrier`]).
    pub fn ouverture(self) -> Jour {
        match self {
            Self::Publique => Jour::OuverturePublique,
            Self::Privee => Jour::OuverturePrivee,
        }
    }
}

/// A day of the calendar of the programme, which the administration sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jour {
    /// From when collectivités and public bodies may ask.
    OuverturePublique,
    /// From when private structures may ask.
    OuverturePrivee,
    /// Last day of the opinions of préfectures.
    Avis,
}

impl Jour {
    /// All.
    pub const TOUS: [Self; 3] = [Self::OuverturePublique, Self::OuverturePrivee, Self::Avis];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::OuverturePublique => "ouverture_publique",
            Self::OuverturePrivee => "ouverture_privee",
            Self::Avis => "avis",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::OuverturePublique => "Ouverture aux collectivités et aux organismes publics",
            Self::OuverturePrivee => "Ouverture aux associations et aux autres structures privées",
            Self::Avis => "Dernier jour des avis des préfectures",
        }
    }

    /// The day before anybody sets another: the call of 17 November 2020 for collectivités. The texts say that private
    /// structures come in a second phase without a day: that of the circular stands until one is set. The first lists of
    /// préfectures were due on 19 February 2021.
    pub fn premier(self) -> &'static str {
        match self {
            Self::OuverturePublique => "2020-11-17",
            Self::OuverturePrivee => "2021-01-21",
            Self::Avis => "2021-02-19",
        }
    }
}

/// Whether a structure may ask for posts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Eligibilite {
    /// It may.
    Oui,
    /// It may, under a condition that the préfecture checks.
    SiCondition(&'static str),
    /// It may not, and why.
    Non(&'static str),
    /// Nothing is written for this category: the préfecture says.
    AVerifier,
}

/// What a national public establishment is told: INSEE legal categories 7382 to 7385 and 7389.
const NATIONAL: Eligibilite =
    Eligibilite::Non("Les établissements publics nationaux ne peuvent pas demander de poste.");

/// Rules by the first digits of the INSEE legal category, the longest first that fits. Source: rules of the programme
/// (domain, 3.2 "Eligible").
pub const ELIGIBILITE: &[(&str, Famille, Eligibilite)] = &[
    (
        "71",
        Famille::Publique,
        Eligibilite::Non("Les services de l’État ne peuvent pas accueillir de conseiller numérique."),
    ),
    ("7382", Famille::Publique, NATIONAL),
    ("7383", Famille::Publique, NATIONAL),
    ("7384", Famille::Publique, NATIONAL),
    ("7385", Famille::Publique, NATIONAL),
    ("7389", Famille::Publique, NATIONAL),
    ("72", Famille::Publique, Eligibilite::Oui),
    ("73", Famille::Publique, Eligibilite::Oui),
    (
        "7410",
        Famille::Publique,
        Eligibilite::SiCondition("Le groupement doit réunir seulement des personnes publiques."),
    ),
    ("4140", Famille::Publique, Eligibilite::Oui),
    ("4150", Famille::Publique, Eligibilite::Oui),
    (
        "41",
        Famille::Publique,
        Eligibilite::SiCondition("L’établissement doit figurer sur la liste tenue par le programme."),
    ),
    (
        "9210",
        Famille::Privee,
        Eligibilite::Non("Une association doit être déclarée pour employer un conseiller."),
    ),
    ("92", Famille::Privee, Eligibilite::Oui),
    (
        "93",
        Famille::Privee,
        Eligibilite::SiCondition("La fondation doit être d’intérêt général et sans but lucratif."),
    ),
    (
        "82",
        Famille::Privee,
        Eligibilite::SiCondition("L’organisme doit relever de l’économie sociale et solidaire."),
    ),
    (
        "5",
        Famille::Privee,
        Eligibilite::SiCondition(
            "L’entreprise doit relever de l’économie sociale et solidaire, ou du logement social.",
        ),
    ),
    ("1", Famille::Privee, Eligibilite::Non("Un entrepreneur individuel ne peut pas demander de poste.")),
    (
        "3",
        Famille::Privee,
        Eligibilite::Non("Une personne morale de droit étranger ne peut pas demander de poste."),
    ),
];

/// What the rules say of a structure: by its legal category, else by its kind.
pub fn eligibilite(categorie: Option<&CategorieJuridique>, genre: GenreStructure) -> (Famille, Eligibilite) {
    let ligne = categorie.and_then(|c| {
        let fits = ELIGIBILITE.iter().filter(|(prefixe, _, _)| c.code().starts_with(prefixe));
        fits.max_by_key(|(prefixe, _, _)| prefixe.len())
    });
    if let Some((_, famille, verdict)) = ligne {
        return (*famille, *verdict);
    }
    use GenreStructure as G;
    let par_defaut = |code: &str| CategorieJuridique::parse(code).ok().map(|c| eligibilite(Some(&c), genre));
    let code = match genre {
        _ if categorie.is_some() => "",
        G::Commune | G::ActionSociale | G::Epci | G::Departement | G::Region | G::Collectivite => "7210",
        G::EtablissementPublic => "7379",
        G::Gip => "7410",
        G::Etat => "7120",
        G::Association => "9220",
        G::Ess | G::Entreprise => "5710",
        G::Autre => "",
    };
    par_defaut(code).unwrap_or((Famille::Privee, Eligibilite::AVerifier))
}

/// The missions of a conseiller numérique, in our words. Source: annex 1 of the circular of 21 January 2021.
pub const MISSIONS: &[(&str, &str)] = &[
    (
        "usages",
        "Accompagner les gestes de tous les jours : équipement, courriel, achats et vente en ligne, télétravail, médecin à distance",
    ),
    (
        "citoyennete",
        "Faire comprendre les enjeux du numérique : vérifier une information, protéger ses données, réseaux sociaux, écrans des enfants",
    ),
    ("demarches", "Rendre autonome pour faire seul ses démarches administratives en ligne"),
];

/// Conditions that the structure accepts when it files (domain, 3.2).
pub const ENGAGEMENTS: &[&str] = &[
    "employer le conseiller à temps plein, sur un contrat de travail (pas un service civique)",
    "offrir son aide gratuitement au public",
    "le libérer pour sa formation, et prendre en charge son équipement et ses déplacements",
    "dans une France services, l’ajouter aux deux agents obligatoires",
];

/// Why the committee refuses (domain, 3.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Critere {
    /// The project does not fit the programme.
    Pertinence,
    /// Others nearby already serve these people.
    Repartition,
    /// The posts of the territory are all granted.
    Equilibre,
    /// Coordinateur: the strategy is not clear enough.
    Strategie,
    /// Coordinateur: others are better placed.
    Legitimite,
    /// Coordinateur: the territory was not consulted.
    Concertation,
    /// Coordinateur: the project is not mature.
    Projet,
}

impl Critere {
    /// All, with those of a coordinateur last.
    pub const TOUS: [Self; 7] = [
        Self::Pertinence,
        Self::Repartition,
        Self::Equilibre,
        Self::Strategie,
        Self::Legitimite,
        Self::Concertation,
        Self::Projet,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Pertinence => "pertinence",
            Self::Repartition => "repartition",
            Self::Equilibre => "equilibre",
            Self::Strategie => "strategie",
            Self::Legitimite => "legitimite",
            Self::Concertation => "concertation",
            Self::Projet => "projet",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Pertinence => "Pertinence de la demande",
            Self::Repartition => "Répartition des postes dans le département",
            Self::Equilibre => "Équilibre général entre les territoires",
            Self::Strategie => "Qualité de la stratégie (coordinateur)",
            Self::Legitimite => "Légitimité de la structure (coordinateur)",
            Self::Concertation => "Concertation avec le territoire (coordinateur)",
            Self::Projet => "Maturité du projet (coordinateur)",
        }
    }

    /// The criterion of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|c| c.cle() == cle)
    }
}
