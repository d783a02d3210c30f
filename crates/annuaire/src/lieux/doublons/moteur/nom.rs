//! The name of a lieu: its kind (a town hall, a library…), the words that tell it from others of its kind, and how
//! alike two names are.

use kernel::text::fold;

/// A word of a name, and how much it tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mot {
    pub(super) texte: Box<str>,
    pub(super) poids: Poids,
}

/// How much a word tells of a lieu.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Poids {
    /// « maison », « espace », the commune.
    Faible,
    /// The kind: « médiathèque ».
    Genre,
    /// « Jacques-Tati ».
    Propre,
}

impl Poids {
    fn valeur(self) -> f64 {
        match self {
            Self::Faible => 0.2,
            Self::Genre => 0.6,
            Self::Propre => 1.0,
        }
    }
}

/// Kinds of lieux, one bit each.
pub(super) mod genre {
    /// France services, a label that any house may bear.
    pub(in super::super) const FRANCE_SERVICES: u32 = 1;
    pub(in super::super) const MAIRIE: u32 = 1 << 1;
    pub(in super::super) const CCAS: u32 = 1 << 2;
    pub(in super::super) const MEDIATHEQUE: u32 = 1 << 3;
    pub(in super::super) const EPCI: u32 = 1 << 4;
    pub(in super::super) const DEPARTEMENT: u32 = 1 << 5;
    pub(in super::super) const CENTRE_SOCIAL: u32 = 1 << 6;
    pub(in super::super) const MISSION_LOCALE: u32 = 1 << 7;
    pub(in super::super) const JEUNESSE: u32 = 1 << 8;
    pub(in super::super) const POSTE: u32 = 1 << 9;
    pub(in super::super) const EMPLOI: u32 = 1 << 10;
    pub(in super::super) const PREFECTURE: u32 = 1 << 11;
    /// A public digital space, often within another house.
    pub(in super::super) const EPN: u32 = 1 << 12;
    pub(in super::super) const PIMMS: u32 = 1 << 13;
    pub(in super::super) const COWORKING: u32 = 1 << 14;
    pub(in super::super) const SECURITE_SOCIALE: u32 = 1 << 15;
    pub(in super::super) const ECOLE: u32 = 1 << 16;
    /// Kinds that a house may bear beside its own.
    pub(in super::super) const LABELS: u32 = FRANCE_SERVICES | EPN | PIMMS;
}

use genre as g;

/// Wordings of kinds, the longest first: folded words, the word that stands for them, the kind.
const TOURNURES: &[(&str, &str, u32)] = &[
    ("mission locale insertion prof jeunes", "missionlocale", g::MISSION_LOCALE),
    ("mis local insertion prof jeunes", "missionlocale", g::MISSION_LOCALE),
    ("mis locale", "missionlocale", g::MISSION_LOCALE),
    ("mission locale", "missionlocale", g::MISSION_LOCALE),
    ("missions locales", "missionlocale", g::MISSION_LOCALE),
    ("ml", "missionlocale", g::MISSION_LOCALE),
    ("centre communal d action sociale", "ccas", g::CCAS),
    ("centre communal action sociale", "ccas", g::CCAS),
    ("ctre com action sociale", "ccas", g::CCAS),
    ("centre com action sociale", "ccas", g::CCAS),
    ("centre intercommunal d action sociale", "ccas", g::CCAS),
    ("centre intercommunal action sociale", "ccas", g::CCAS),
    ("ctre intercom action sociale", "ccas", g::CCAS),
    ("ccas", "ccas", g::CCAS),
    ("cias", "ccas", g::CCAS),
    ("communaute de communes", "epci", g::EPCI),
    ("communaute des communes", "epci", g::EPCI),
    ("communaute communes", "epci", g::EPCI),
    ("com com", "epci", g::EPCI),
    ("comcom", "epci", g::EPCI),
    ("cdc", "epci", g::EPCI),
    ("ccom", "epci", g::EPCI),
    ("communaute d agglomeration", "epci", g::EPCI),
    ("communaute agglomeration", "epci", g::EPCI),
    ("agglomeration", "epci", g::EPCI),
    ("agglo", "epci", g::EPCI),
    ("metropole", "epci", g::EPCI),
    ("maison de services au public", "franceservices", g::FRANCE_SERVICES),
    ("maison des services au public", "franceservices", g::FRANCE_SERVICES),
    ("maison de services publics", "franceservices", g::FRANCE_SERVICES),
    ("maison des services publics", "franceservices", g::FRANCE_SERVICES),
    ("maison de service public", "franceservices", g::FRANCE_SERVICES),
    ("maison du service public", "franceservices", g::FRANCE_SERVICES),
    ("relais de services au public", "franceservices", g::FRANCE_SERVICES),
    ("relais services publics", "franceservices", g::FRANCE_SERVICES),
    ("relais de services publics", "franceservices", g::FRANCE_SERVICES),
    ("maison des services", "franceservices", g::FRANCE_SERVICES),
    ("maison de services", "franceservices", g::FRANCE_SERVICES),
    ("espaces france services", "franceservices", g::FRANCE_SERVICES),
    ("france services", "franceservices", g::FRANCE_SERVICES),
    ("france service", "franceservices", g::FRANCE_SERVICES),
    ("franceservices", "franceservices", g::FRANCE_SERVICES),
    ("franceservice", "franceservices", g::FRANCE_SERVICES),
    ("msap", "franceservices", g::FRANCE_SERVICES),
    ("mfs", "franceservices", g::FRANCE_SERVICES),
    ("efs", "franceservices", g::FRANCE_SERVICES),
    ("rsp", "franceservices", g::FRANCE_SERVICES),
    ("maison departementale des solidarites", "departement", g::DEPARTEMENT),
    ("maison departementale de la solidarite", "departement", g::DEPARTEMENT),
    ("maison departementale de solidarite", "departement", g::DEPARTEMENT),
    ("maison departementale d action sociale", "departement", g::DEPARTEMENT),
    ("maison des solidarites", "departement", g::DEPARTEMENT),
    ("maison de la solidarite", "departement", g::DEPARTEMENT),
    ("maison du departement", "departement", g::DEPARTEMENT),
    ("centre medico social", "departement", g::DEPARTEMENT),
    ("circonscription d action sociale", "departement", g::DEPARTEMENT),
    ("conseil departemental", "departement", g::DEPARTEMENT),
    ("departement", "departement", g::DEPARTEMENT),
    ("departementale", "departement", g::DEPARTEMENT),
    ("mds", "departement", g::DEPARTEMENT),
    ("mdsi", "departement", g::DEPARTEMENT),
    ("cms", "departement", g::DEPARTEMENT),
    ("cmp", "departement", g::DEPARTEMENT),
    ("maison de quartier", "centresocial", g::CENTRE_SOCIAL),
    ("maison pour tous", "centresocial", g::CENTRE_SOCIAL),
    ("maison des jeunes et de la culture", "centresocial", g::CENTRE_SOCIAL),
    ("maison de jeunes et la culture", "centresocial", g::CENTRE_SOCIAL),
    ("maison des jeunes et la culture", "centresocial", g::CENTRE_SOCIAL),
    ("centre socio culturel", "centresocial", g::CENTRE_SOCIAL),
    ("centre social et culturel", "centresocial", g::CENTRE_SOCIAL),
    ("centre social culturel", "centresocial", g::CENTRE_SOCIAL),
    ("centre socioculturel", "centresocial", g::CENTRE_SOCIAL),
    ("centre social", "centresocial", g::CENTRE_SOCIAL),
    ("espace de vie sociale", "centresocial", g::CENTRE_SOCIAL),
    ("espace socio culturel", "centresocial", g::CENTRE_SOCIAL),
    ("mjc", "centresocial", g::CENTRE_SOCIAL),
    ("mpt", "centresocial", g::CENTRE_SOCIAL),
    ("csc", "centresocial", g::CENTRE_SOCIAL),
    ("evs", "centresocial", g::CENTRE_SOCIAL),
    ("point d information jeunesse", "jeunesse", g::JEUNESSE),
    ("point information jeunesse", "jeunesse", g::JEUNESSE),
    ("point information jeunes", "jeunesse", g::JEUNESSE),
    ("bureau information jeunesse", "jeunesse", g::JEUNESSE),
    ("regional information jeunesse", "jeunesse", g::JEUNESSE),
    ("information jeunesse", "jeunesse", g::JEUNESSE),
    ("info jeunes", "jeunesse", g::JEUNESSE),
    ("p i j", "jeunesse", g::JEUNESSE),
    ("pij", "jeunesse", g::JEUNESSE),
    ("bij", "jeunesse", g::JEUNESSE),
    ("rij", "jeunesse", g::JEUNESSE),
    ("crij", "jeunesse", g::JEUNESSE),
    ("cij", "jeunesse", g::JEUNESSE),
    ("agence postale", "laposte", g::POSTE),
    ("bureau de poste", "laposte", g::POSTE),
    ("la poste", "laposte", g::POSTE),
    ("pole emploi", "francetravail", g::EMPLOI),
    ("france travail", "francetravail", g::EMPLOI),
    ("sous prefecture", "sousprefecture", g::PREFECTURE),
    ("prefecture", "prefecture", g::PREFECTURE),
    ("espace public numerique", "epn", g::EPN),
    ("espace numerique", "epn", g::EPN),
    ("point numerique", "epn", g::EPN),
    ("atelier numerique", "epn", g::EPN),
    ("cyber base", "epn", g::EPN),
    ("cyber centre", "epn", g::EPN),
    ("cyber espace", "epn", g::EPN),
    ("espace cyber", "epn", g::EPN),
    ("espace multimedia", "epn", g::EPN),
    ("cyberbase", "epn", g::EPN),
    ("cybercentre", "epn", g::EPN),
    ("cyberespace", "epn", g::EPN),
    ("epn", "epn", g::EPN),
    ("pimms mediation", "pimms", g::PIMMS),
    ("pimms", "pimms", g::PIMMS),
    ("coworking", "coworking", g::COWORKING),
    ("co working", "coworking", g::COWORKING),
    ("hotel de ville", "mairie", g::MAIRIE),
    ("mairie", "mairie", g::MAIRIE),
    ("commune", "mairie", g::MAIRIE),
    ("ville", "mairie", g::MAIRIE),
    ("municipalite", "mairie", g::MAIRIE),
    ("bibliotheque", "mediatheque", g::MEDIATHEQUE),
    ("bibliotheques", "mediatheque", g::MEDIATHEQUE),
    ("mediatheque", "mediatheque", g::MEDIATHEQUE),
    ("mediatheques", "mediatheque", g::MEDIATHEQUE),
    ("ludotheque", "mediatheque", g::MEDIATHEQUE),
    ("ludomediatheque", "mediatheque", g::MEDIATHEQUE),
    ("caisse d allocations familiales", "caf", g::SECURITE_SOCIALE),
    ("caf", "caf", g::SECURITE_SOCIALE),
    ("cpam", "cpam", g::SECURITE_SOCIALE),
    ("assurance maladie", "cpam", g::SECURITE_SOCIALE),
    ("ecole", "ecole", g::ECOLE),
    ("college", "ecole", g::ECOLE),
    ("lycee", "ecole", g::ECOLE),
];

/// Codes of the typology of the standard that tell the kind when the name does not.
const TYPOLOGIES: &[(&str, u32)] = &[
    ("RFS", g::FRANCE_SERVICES),
    ("MSAP", g::FRANCE_SERVICES),
    ("MUNI", g::MAIRIE),
    ("CCAS", g::CCAS),
    ("CIAS", g::CCAS),
    ("BIB", g::MEDIATHEQUE),
    ("EPCI", g::EPCI),
    ("DEPT", g::DEPARTEMENT),
    ("CDAS", g::DEPARTEMENT),
    ("MDS", g::DEPARTEMENT),
    ("CMS", g::DEPARTEMENT),
    ("CSC", g::CENTRE_SOCIAL),
    ("CS", g::CENTRE_SOCIAL),
    ("MQ", g::CENTRE_SOCIAL),
    ("MJC", g::CENTRE_SOCIAL),
    ("EVS", g::CENTRE_SOCIAL),
    ("ML", g::MISSION_LOCALE),
    ("PIJ_BIJ", g::JEUNESSE),
    ("LA_POSTE", g::POSTE),
    ("FT", g::EMPLOI),
    ("PREF", g::PREFECTURE),
    ("EPN", g::EPN),
    ("PIMMS", g::PIMMS),
    ("CAF", g::SECURITE_SOCIALE),
    ("CPAM", g::SECURITE_SOCIALE),
];

/// Words that say nothing at all.
const VIDES: &[&str] = &[
    "a", "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les",
    "n", "no", "ou", "par", "pour", "s", "sur", "un", "une",
];

/// Words that say little.
const FAIBLES: &[&str] = &[
    "accueil",
    "antenne",
    "annexe",
    "asso",
    "association",
    "ateliers",
    "atelier",
    "cc",
    "centre",
    "communal",
    "communale",
    "communaute",
    "conseiller",
    "conseillers",
    "departemental",
    "espace",
    "espaces",
    "intercommunal",
    "intercommunale",
    "lieu",
    "local",
    "locale",
    "maison",
    "mediation",
    "multi",
    "municipal",
    "municipale",
    "municipales",
    "numerique",
    "numeriques",
    "permanence",
    "place",
    "point",
    "pole",
    "principal",
    "proximite",
    "public",
    "publics",
    "quartier",
    "region",
    "relais",
    "salle",
    "service",
    "services",
    "site",
    "sites",
    "social",
    "socio",
    "structure",
    "territoire",
    "tiers",
    "pays",
    "matin",
    "aprem",
    "semaines",
    "saint",
    "sainte",
];

/// Words that say that the lieu moves.
const MOBILES: &[&str] = &[
    "bus",
    "itinerant",
    "itinerante",
    "itinerants",
    "itinerance",
    "mobile",
    "camion",
    "caravane",
    "van",
    "truck",
    "multisites",
    "fourgon",
    "ebus",
];

/// The name of a lieu, taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Nom {
    pub(super) mots: Vec<Mot>,
    /// Without spaces: « Espace 2 Éco » and « Espace2Eco » are one.
    colle: Box<str>,
    pub(super) genres: u32,
    pub(super) mobile: bool,
}

impl Nom {
    /// Takes a name apart: `commune` holds the folded words of its commune.
    pub(super) fn lit(nom: &str, commune: &[&str], typologie: &str) -> Self {
        let mut texte = format!(" {} ", fold(nom));
        for (court, long) in [(" ste ", " sainte "), (" st ", " saint ")] {
            texte = texte.replace(court, long);
        }
        let colle = texte.replace(' ', "").into_boxed_str();
        let mobile = texte.split(' ').any(|m| MOBILES.contains(&m)) || texte.contains(" multi sites ");
        let mut genres = 0;
        let mut mots: Vec<Mot> = Vec::new();
        let mut ajoute = |texte: &str, poids| {
            if !mots.iter().any(|m| m.texte.as_ref() == texte) {
                mots.push(Mot { texte: texte.into(), poids });
            }
        };
        for (tournure, mot, genre) in TOURNURES {
            // Cheap look first: most wordings are not there.
            if texte.contains(tournure) && !commune.contains(tournure) {
                let entoure = format!(" {tournure} ");
                if texte.contains(&entoure) {
                    texte = texte.replace(&entoure, "  ");
                    genres |= genre;
                    ajoute(mot, Poids::Genre);
                }
            }
        }
        for mot in texte.split(' ').filter(|m| !m.is_empty() && !VIDES.contains(m)).take(24) {
            let faible = FAIBLES.contains(&mot) || MOBILES.contains(&mot) || commune.contains(&mot);
            ajoute(mot, if faible { Poids::Faible } else { Poids::Propre });
        }
        if genres == 0 {
            genres = typologie
                .split('|')
                .filter_map(|code| TYPOLOGIES.iter().find(|t| t.0 == code))
                .fold(0, |g, t| g | t.1);
        }
        Self { mots, colle, genres, mobile }
    }

    /// Words of its own.
    pub(super) fn propres(&self) -> impl Iterator<Item = &str> {
        self.mots.iter().filter(|m| m.poids == Poids::Propre).map(|m| m.texte.as_ref())
    }
}

/// How alike two names are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Ressemblance {
    /// 0 to 1: shared words, by what they tell.
    pub(super) mots: f64,
    /// 0 to 1: how much of the shorter name is in the longer.
    pub(super) inclusion: f64,
    /// Words of their own that both have.
    pub(super) propres_communs: usize,
    /// Both have words of their own, and share none.
    pub(super) propres_opposes: bool,
}

/// Compares two names.
pub(super) fn ressemblance(a: &Nom, b: &Nom) -> Ressemblance {
    let total = |n: &Nom| n.mots.iter().map(|m| m.poids.valeur()).sum::<f64>();
    let (ta, tb) = (total(a), total(b));
    let mut commun = 0.0;
    let mut propres_communs = 0;
    for m in &a.mots {
        if let Some(n) = b.mots.iter().find(|n| proche(&m.texte, &n.texte)) {
            let poids = m.poids.min(n.poids);
            commun += poids.valeur();
            propres_communs += usize::from(poids == Poids::Propre);
        }
    }
    let (court, long) = if a.colle.len() <= b.colle.len() { (a, b) } else { (b, a) };
    if propres_communs == 0
        && court.colle.len() >= 8
        && court.propres().next().is_some()
        && long.colle.contains(&*court.colle)
    {
        commun = ta.min(tb);
        propres_communs = 1;
    }
    let des_propres = |n: &Nom| n.propres().any(|m| m.chars().count() > 2);
    Ressemblance {
        mots: if ta + tb > 0.0 { (2.0 * commun / (ta + tb)).min(1.0) } else { 0.0 },
        inclusion: if ta.min(tb) > 0.0 { (commun / ta.min(tb)).min(1.0) } else { 0.0 },
        propres_communs,
        propres_opposes: propres_communs == 0 && des_propres(a) && des_propres(b),
    }
}

/// The same word, but for a letter or an ending.
pub(super) fn proche(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (court, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if court < 4 || long - court > 2 || a.as_bytes()[0] != b.as_bytes()[0] {
        return false;
    }
    strsim::damerau_levenshtein(a, b) <= if court < 8 { 1 } else { 2 }
}
