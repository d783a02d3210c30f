//! Rules of habilitation as data. Sources: Aidants Connect, conditions générales d'utilisation (who may be an aidant, help
//! free of charge); loi du 1er juillet 1901, articles 2 and 5 (an association that was not declared has no legal
//! capacity); the list of kinds of the service that stands.

use annuaire::structures::model::{CategorieJuridique, Genre};

/// The kinds of organisations: identifier in the service that stands, key, name, kind in the directory, whether private.
/// The identifiers are kept for exports and for the import of its data.
pub const TYPES: &[(i64, &str, &str, Genre, bool)] = &[
    (1, "france_services", "France services", Genre::Autre, false),
    (2, "ccas", "Centre communal d’action sociale (CCAS)", Genre::ActionSociale, false),
    (3, "centre_social", "Centre social", Genre::Association, true),
    (5, "maison_solidarites", "Maison des solidarités", Genre::Departement, false),
    (6, "mediatheque", "Médiathèque", Genre::Commune, false),
    (8, "guichet_operateur", "Guichet d’accueil d’un opérateur de service public", Genre::Etat, false),
    (13, "association", "Association", Genre::Association, true),
    (20, "communaute_communes", "Communauté de communes", Genre::Epci, false),
    (29, "regie_quartier", "Régie de quartier", Genre::Association, true),
    (30, "municipalite", "Municipalité", Genre::Commune, false),
    (32, "epci", "Autre intercommunalité (EPCI)", Genre::Epci, false),
    (35, "mission_locale", "Mission locale", Genre::Association, true),
    (55, "prefecture", "Préfecture, sous-préfecture", Genre::Etat, false),
    (60, "esat", "Établissement ou service d’aide par le travail (ESAT)", Genre::Association, true),
    (91, "cias", "Centre intercommunal d’action sociale (CIAS)", Genre::ActionSociale, false),
    (94, "gip", "Groupement d’intérêt public (GIP)", Genre::Gip, false),
    (144, "maison_emploi", "Maison de l’emploi", Genre::Association, true),
    (202, "tiers_lieu", "Tiers-lieu", Genre::Ess, true),
    (238, "maison_quartier", "Maison de quartier", Genre::Association, true),
    (242, "conseil_departemental", "Conseil départemental", Genre::Departement, false),
    (
        247,
        "ehpad",
        "Établissement pour personnes âgées dépendantes (EHPAD)",
        Genre::EtablissementPublic,
        false,
    ),
    (255, "chu", "Centre d’hébergement d’urgence", Genre::Association, true),
    (358, "udaf", "Union départementale des associations familiales (UDAF)", Genre::Association, true),
    (393, "chrs", "Centre d’hébergement et de réinsertion sociale (CHRS)", Genre::Association, true),
    (459, "mjc", "Maison des jeunes et de la culture (MJC)", Genre::Association, true),
    (557, "clinique_privee", "Clinique privée", Genre::Entreprise, true),
    (577, "pimms", "PIMMS Médiation", Genre::Association, true),
    (578, "msa", "Mutualité sociale agricole (MSA)", Genre::Autre, false),
    (12, "autre", "Autre", Genre::Autre, false),
];

/// The kind of that key: its key, name and kind in the directory.
pub fn type_de(cle: &str) -> Option<(&'static str, &'static str, Genre)> {
    TYPES.iter().find(|t| t.1 == cle).map(|t| (t.1, t.2, t.3))
}

/// The kinds, to choose from.
pub fn types() -> Vec<(&'static str, &'static str)> {
    let mut out: Vec<_> = TYPES.iter().map(|t| (t.1, t.2)).collect();
    // « Autre » stays last.
    let fin = out.len().saturating_sub(1);
    out[..fin].sort_by_key(|(_, nom)| kernel::text::fold(nom));
    std::iter::once(("", "Choisissez")).chain(out).collect()
}

/// Whether an organisation may be habilitée, as its legal form alone lets it be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may.
    Oui,
    /// It may, under a condition that the staff checks.
    SiCondition(&'static str),
    /// It may not, and why.
    Non(&'static str),
    /// Nothing is written for this form: the staff says.
    AVerifier,
}

const SOCIETE: Verdict = Verdict::SiCondition(
    "Une société doit accompagner le public gratuitement, et nommer l’administration pour laquelle elle le fait.",
);

/// Rules by the first digits of the INSEE legal category, the longest that fits; with where each comes from.
pub const ELIGIBILITE: &[(&str, Verdict, &str)] = &[
    (
        "1",
        Verdict::Non(
            "L’habilitation est pour les professionnels salariés d’une structure, pas pour un entrepreneur individuel.",
        ),
        "CGU d’Aidants Connect",
    ),
    ("41", Verdict::Oui, "CGU d’Aidants Connect"),
    ("5", SOCIETE, "CGU d’Aidants Connect"),
    ("6", SOCIETE, "CGU d’Aidants Connect"),
    ("71", Verdict::Oui, "CGU d’Aidants Connect"),
    ("72", Verdict::Oui, "CGU d’Aidants Connect"),
    ("73", Verdict::Oui, "CGU d’Aidants Connect"),
    ("74", Verdict::Oui, "CGU d’Aidants Connect"),
    ("81", Verdict::Oui, "CGU d’Aidants Connect"),
    (
        "82",
        Verdict::SiCondition(
            "Une mutuelle doit accompagner tout le public gratuitement, pas ses adhérents seulement.",
        ),
        "CGU d’Aidants Connect",
    ),
    (
        "9210",
        Verdict::Non(
            "Une association non déclarée ne peut pas employer de salarié : déclarez-la d’abord à la préfecture.",
        ),
        "Loi du 1er juillet 1901, articles 2 et 5",
    ),
    (
        "92",
        Verdict::SiCondition(
            "Seuls les salariés de l’association peuvent être aidants : les bénévoles ne le peuvent pas.",
        ),
        "CGU d’Aidants Connect",
    ),
    (
        "93",
        Verdict::SiCondition(
            "Seuls les salariés de la fondation peuvent être aidants, et l’aide doit être gratuite.",
        ),
        "CGU d’Aidants Connect",
    ),
];

/// What the rules say of a legal category, and where they say it.
pub fn eligibilite(categorie: Option<&CategorieJuridique>) -> (Verdict, &'static str) {
    let Some(c) = categorie else { return (Verdict::AVerifier, "") };
    ELIGIBILITE
        .iter()
        .filter(|(debut, _, _)| c.code().starts_with(debut))
        .max_by_key(|(debut, _, _)| debut.len())
        .map_or((Verdict::AVerifier, ""), |(_, v, source)| (*v, *source))
}

/// The five declarations without which nothing is filed: field, sentence.
pub const DECLARATIONS: [(&str, &str); 5] = [
    (
        "cgu",
        "J’ai lu les conditions d’utilisation d’Aidants Connect et l’organisation s’engage à les respecter.",
    ),
    ("gratuite", "L’aide est gratuite : l’organisation ne fait rien payer aux personnes qu’elle accompagne."),
    (
        "dpo",
        "La déléguée ou le délégué à la protection des données de l’organisation est informé de cette demande.",
    ),
    (
        "professionnels",
        "Les aidants sont des professionnels salariés : ni bénévoles, ni stagiaires, ni apprentis, ni volontaires en service civique.",
    ),
    ("sans_elus", "Aucun des aidants n’est élu, ni mandataire judiciaire à la protection des majeurs."),
];

/// What a summary of errors calls a declaration: its sentence is too long to be said twice.
pub fn nom_court(declaration: &str) -> &'static str {
    match declaration {
        "cgu" => "Conditions d’utilisation",
        "gratuite" => "Gratuité",
        "dpo" => "Protection des données",
        "professionnels" => "Professionnels salariés",
        "sans_elus" => "Ni élus, ni mandataires judiciaires",
        _ => "Engagement",
    }
}

/// Shared addresses that the programme of conseillers numériques gave up: a person needs one of their own.
pub const DOMAINES_ABANDONNES: &[&str] = &["conseiller-numerique.fr"];

/// Longest text about the mission, in characters.
pub const MISSION_MAX: usize = 2_000;
/// Most people of a request.
pub const PERSONNES_MAX: usize = 60;
/// Most drafts of somebody at once.
pub const BROUILLONS_MAX: usize = 20;
