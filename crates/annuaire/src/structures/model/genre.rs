//! Kinds of structures, as the programme sorts them.

/// Kind of an organisation. The list widens the seven kinds of the 2020 call (commune, département, région, EPCI,
/// collectivité, GIP, privé), which put an association and a firm together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Genre {
    /// A commune, or a municipal service.
    Commune,
    /// CCAS or CIAS.
    ActionSociale,
    /// Intercommunality, with or without its own taxes.
    Epci,
    /// Département.
    Departement,
    /// Région.
    Region,
    /// Overseas collectivity, or one of a kind of its own (Corsica, Lyon).
    Collectivite,
    /// Service or operator of the State.
    Etat,
    /// GIP.
    Gip,
    /// Another public body: office of housing, consular chamber, hospital…
    EtablissementPublic,
    /// Association, foundation.
    Association,
    /// Firm of the économie sociale et solidaire.
    Ess,
    /// Any other firm.
    Entreprise,
    /// None of these.
    Autre,
}

impl Genre {
    /// All, in the order of lists.
    pub const TOUS: [Self; 13] = [
        Self::Commune,
        Self::ActionSociale,
        Self::Epci,
        Self::Departement,
        Self::Region,
        Self::Collectivite,
        Self::Etat,
        Self::Gip,
        Self::EtablissementPublic,
        Self::Association,
        Self::Ess,
        Self::Entreprise,
        Self::Autre,
    ];

    /// Key in the database and in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::ActionSociale => "action_sociale",
            Self::Epci => "epci",
            Self::Departement => "departement",
            Self::Region => "region",
            Self::Collectivite => "collectivite",
            Self::Etat => "etat",
            Self::Gip => "gip",
            Self::EtablissementPublic => "etablissement_public",
            Self::Association => "association",
            Self::Ess => "ess",
            Self::Entreprise => "entreprise",
            Self::Autre => "autre",
        }
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Commune => "Commune",
            Self::ActionSociale => "Centre d’action sociale (CCAS, CIAS)",
            Self::Epci => "Intercommunalité (EPCI, syndicat)",
            Self::Departement => "Département",
            Self::Region => "Région",
            Self::Collectivite => "Collectivité d’outre-mer ou à statut particulier",
            Self::Etat => "Service ou opérateur de l’État",
            Self::Gip => "Groupement d’intérêt public (GIP)",
            Self::EtablissementPublic => "Autre établissement public",
            Self::Association => "Association ou fondation",
            Self::Ess => "Entreprise de l’économie sociale et solidaire",
            Self::Entreprise => "Entreprise",
            Self::Autre => "Autre",
        }
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }

    /// The options of a form.
    pub fn options() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::TOUS.into_iter().map(|g| (g.cle(), g.libelle()))
    }
}
