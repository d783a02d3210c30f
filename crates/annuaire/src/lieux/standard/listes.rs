//! The closed lists of the standard, and the ordered list of values that a cell holds.

use std::fmt;
use std::marker::PhantomData;

use super::Champ;

/// A value of a closed list.
pub trait Valeur: Copy + Eq + fmt::Debug + 'static {
    /// Every value, in the order of the schema.
    const TOUTES: &'static [Self];
    /// The field that holds them.
    const CHAMP: Champ;
    /// The exact words of the standard, as its documentation writes them.
    fn libelle(self) -> &'static str;
    /// Its rank in [`Valeur::TOUTES`].
    fn rang(self) -> u8;
    /// The words that the pattern of the schema accepts: they differ from the documented ones for
    /// « Étapes numériques (La Poste) », whose pattern lacks a space.
    fn motif(self) -> &'static str {
        self.libelle()
    }
    /// The value written with these exact words (documented, or as the pattern wants them).
    fn exacte(mots: &str) -> Option<Self> {
        Self::TOUTES.iter().copied().find(|v| v.libelle() == mots || v.motif() == mots)
    }
}

macro_rules! liste {
    ($(#[$doc:meta])* $nom:ident $champ:ident { $($variant:ident $libelle:literal $(as $motif:literal)?,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $nom { $(#[doc = $libelle] $variant,)* }

        impl Valeur for $nom {
            const TOUTES: &'static [Self] = &[$(Self::$variant,)*];
            const CHAMP: Champ = Champ::$champ;
            fn libelle(self) -> &'static str {
                match self { $(Self::$variant => $libelle,)* }
            }
            fn rang(self) -> u8 {
                self as u8
            }
            fn motif(self) -> &'static str {
                match self {
                    $($(Self::$variant => $motif,)?)*
                    autre => autre.libelle(),
                }
            }
        }
    };
}

liste! {
    /// Whether the lieu moves.
    Itinerance Itinerance { Itinerant "Itinérant", Fixe "Fixe", }
}
liste! {
    /// What the lieu offers.
    Service Services {
        AideDemarches "Aide aux démarches administratives",
        MaitriseOutils "Maîtrise des outils numériques du quotidien",
        InsertionProfessionnelle "Insertion professionnelle via le numérique",
        UtilisationSecurisee "Utilisation sécurisée du numérique",
        ParentaliteEducation "Parentalité et éducation avec le numérique",
        LoisirsCreations "Loisirs et créations numériques",
        ComprehensionMonde "Compréhension du monde numérique",
        AccesInternetMateriel "Accès internet et matériel informatique",
        AcquisitionMateriel "Acquisition de matériel informatique à prix solidaire",
    }
}
liste! {
    /// Audiences that the lieu addresses in particular; none means everybody.
    Public PublicsSpecifiquementAdresses {
        Jeunes "Jeunes",
        Etudiants "Étudiants",
        Familles "Familles et/ou enfants",
        Seniors "Seniors",
        Femmes "Femmes",
    }
}
liste! {
    /// Specific needs that the lieu knows how to support.
    PriseEnCharge PriseEnChargeSpecifique {
        Surdite "Surdité",
        HandicapsMoteurs "Handicaps moteurs",
        HandicapsMentaux "Handicaps mentaux",
        Illettrisme "Illettrisme",
        LanguesAnglais "Langues étrangères (anglais)",
        LanguesAutres "Langues étrangères (autres)",
        DeficienceVisuelle "Déficience visuelle",
    }
}
liste! {
    /// What it costs.
    Frais FraisACharge {
        Gratuit "Gratuit",
        GratuitSousCondition "Gratuit sous condition",
        Payant "Payant",
    }
}
liste! {
    /// National programmes that the lieu belongs to.
    Dispositif DispositifProgrammesNationaux {
        AidantsConnect "Aidants Connect",
        BibliothequesReference "Bibliothèques numérique de référence",
        CertificationPix "Certification PIX",
        ConseillersNumeriques "Conseillers numériques",
        EmmausConnect "Emmaüs Connect",
        FranceServices "France Services",
        GrandeEcole "Grande école du numérique",
        CroixRouge "La Croix Rouge",
        PointCaf "Point d'accès numérique CAF",
        PromeneursDuNet "Promeneurs du net",
        RelaisNumerique "Relais numérique (Emmaüs Connect)",
    }
}
liste! {
    /// Trainings and labels.
    FormationLabel FormationsLabels {
        MonEspaceSante "Formé à « Mon Espace Santé »",
        Duplex "Formé à « DUPLEX » (illettrisme)",
        Arnia "Arnia/MedNum BFC (Bourgogne-Franche-Comté)",
        CollectifReemploi "Collectif ressources et acteurs réemploi (Normandie)",
        EtapesNumeriques "Étapes numériques (La Poste)" as "Étapes numériques(La Poste)",
        FabriquesDeTerritoire "Fabriques de Territoire",
        Eclaireurs "Les Éclaireurs du numérique (Drôme)",
        MesPapiers "Mes Papiers (Métropole de Lyon)",
        Ordi3 "ORDI 3.0",
        SudLabs "SUD LABS (PACA)",
    }
}
liste! {
    /// How to get in.
    Acces ModalitesAcces {
        SePresenter "Se présenter",
        Telephoner "Téléphoner",
        ContacterParMail "Contacter par mail",
        RendezVousEnLigne "Prendre un RDV en ligne",
        PasDePublic "Ce lieu n'accueille pas de public",
        Prescription "Envoyer un mail avec une fiche de prescription",
    }
}
liste! {
    /// How people are helped.
    Accompagnement ModalitesAccompagnement {
        Autonomie "En autonomie",
        Individuel "Accompagnement individuel",
        Atelier "Dans un atelier collectif",
        Distance "À distance",
    }
}

/// Codes of `typologie`: the vocabulary of data·inclusion that the standard refers to. The schema
/// does not check them, so an unknown code is kept with a warning.
pub const TYPOLOGIES: [&str; 92] = [
    "ACI",
    "ACIPHC",
    "AFPA",
    "AI",
    "ASE",
    "ASSO",
    "ASSO_CHOMEUR",
    "Autre",
    "AVIP",
    "BIB",
    "CAARUD",
    "CADA",
    "CAF",
    "CAP_EMPLOI",
    "CAVA",
    "CC",
    "CCAS",
    "CCONS",
    "CD",
    "CDAS",
    "CFP",
    "CHRS",
    "CHU",
    "CIAS",
    "CIDFF",
    "CITMET",
    "CMP",
    "CMS",
    "CPAM",
    "CPH",
    "CS",
    "CSAPA",
    "CSC",
    "DEETS",
    "DEPT",
    "DIPLP",
    "E2C",
    "EA",
    "EATT",
    "EI",
    "EITI",
    "ENM",
    "EPCI",
    "EPI",
    "EPIDE",
    "EPN",
    "ES",
    "ESAT",
    "ESS",
    "ETTI",
    "EVS",
    "FABLAB",
    "FABRIQUE",
    "FAIS",
    "FT",
    "GEIQ",
    "HUDA",
    "LA_POSTE",
    "MDE",
    "MDEF",
    "MDH",
    "MDPH",
    "MDS",
    "MJC",
    "ML",
    "MQ",
    "MSA",
    "MSAP",
    "MUNI",
    "OACAS",
    "ODC",
    "OF",
    "OIL",
    "OPCS",
    "PAD",
    "PENSION",
    "PI",
    "PIJ_BIJ",
    "PIMMS",
    "PJJ",
    "PLIE",
    "PREF",
    "PREVENTION",
    "REG",
    "RELAIS_LECTURE",
    "RESSOURCERIE",
    "RFS",
    "RS_FJT",
    "SCP",
    "SPIP",
    "TIERS_LIEUX",
    "UDAF",
];

/// Longest closed list (the national programmes).
const MAX: usize = 11;

/// The values of one cell, in the order of the file, each at most once. Twelve bytes, no heap.
#[derive(Clone, Copy)]
pub struct Liste<T> {
    n: u8,
    rangs: [u8; MAX],
    genre: PhantomData<T>,
}

impl<T: Valeur> Liste<T> {
    /// No value.
    pub const fn vide() -> Self {
        Self { n: 0, rangs: [0; MAX], genre: PhantomData }
    }

    /// Adds a value; false when it was there already.
    pub fn ajoute(&mut self, valeur: T) -> bool {
        if self.contient(valeur) || usize::from(self.n) >= MAX {
            return false;
        }
        self.rangs[usize::from(self.n)] = valeur.rang();
        self.n += 1;
        true
    }

    /// Whether the value is in the list.
    pub fn contient(&self, valeur: T) -> bool {
        self.rangs().contains(&valeur.rang())
    }

    /// Whether there is no value.
    pub fn est_vide(&self) -> bool {
        self.n == 0
    }

    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.rangs().iter().filter_map(|r| T::TOUTES.get(usize::from(*r)).copied())
    }

    /// One bit for each value, bit 0 for the first of the schema: what an index filters on.
    pub fn bits(&self) -> u16 {
        self.rangs().iter().fold(0, |bits, r| bits | 1 << r)
    }

    /// Reads a cell that holds only exact values, `|` between them (a leading `|` is allowed, as in
    /// the schema). `None` when a value is not of the list.
    pub fn exacte(cellule: &str) -> Option<Self> {
        let mut liste = Self::vide();
        if cellule.is_empty() {
            return Some(liste);
        }
        for mots in cellule.strip_prefix('|').unwrap_or(cellule).split('|') {
            liste.ajoute(T::exacte(mots)?);
        }
        Some(liste)
    }

    /// The cell in the words that the pattern of the schema accepts.
    pub fn motif(&self) -> String {
        self.iter().map(T::motif).collect::<Vec<_>>().join("|")
    }

    fn rangs(&self) -> &[u8] {
        &self.rangs[..usize::from(self.n)]
    }
}

impl<T: Valeur> Default for Liste<T> {
    fn default() -> Self {
        Self::vide()
    }
}

impl<T: Valeur> FromIterator<T> for Liste<T> {
    fn from_iter<I: IntoIterator<Item = T>>(valeurs: I) -> Self {
        let mut liste = Self::vide();
        for v in valeurs {
            liste.ajoute(v);
        }
        liste
    }
}

impl<T: Valeur> PartialEq for Liste<T> {
    fn eq(&self, autre: &Self) -> bool {
        self.rangs() == autre.rangs()
    }
}
impl<T: Valeur> Eq for Liste<T> {}

impl<T: Valeur> fmt::Debug for Liste<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Valeur> fmt::Display for Liste<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, v) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("|")?;
            }
            f.write_str(v.libelle())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks_hold<T: Valeur>() {
        assert!(T::TOUTES.len() <= MAX);
        for (i, v) in T::TOUTES.iter().enumerate() {
            assert_eq!(usize::from(v.rang()), i);
            assert_eq!(T::exacte(v.libelle()), Some(*v));
            assert!(!v.libelle().contains(['|', ';']), "{v:?}");
        }
        let tout: Liste<T> = T::TOUTES.iter().copied().collect();
        assert_eq!(Liste::<T>::exacte(&tout.to_string()), Some(tout));
        assert_eq!(Liste::<T>::exacte(&tout.motif()), Some(tout));
    }

    #[test]
    fn every_list_reads_what_it_writes() {
        ranks_hold::<Itinerance>();
        ranks_hold::<Service>();
        ranks_hold::<Public>();
        ranks_hold::<PriseEnCharge>();
        ranks_hold::<Frais>();
        ranks_hold::<Dispositif>();
        ranks_hold::<FormationLabel>();
        ranks_hold::<Acces>();
        ranks_hold::<Accompagnement>();
    }

    #[test]
    fn keeps_the_order_of_the_file_and_no_double() {
        let liste = Liste::<Frais>::exacte("|Payant|Gratuit|Payant").unwrap();
        assert_eq!(liste.to_string(), "Payant|Gratuit");
        assert_eq!(liste.bits(), 0b101);
        assert_eq!(Liste::<Frais>::exacte("Gratuit|"), None);
        assert!(std::mem::size_of::<Liste<Service>>() <= 12);
    }
}
