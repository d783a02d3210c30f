//! What a mandat says, typed.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone};
use kernel::{Chance, Pivot};
use serde::{Deserialize, Serialize};

use super::super::{Instant, Numero, Refus};
use crate::{Empreinte, legal};

/// The whole mandat. Made by [`Contenu::nouveau`], read from a file by `verifie`: both check it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contenu {
    /// Version of the format: 1.
    pub format: u8,
    /// What people call it by.
    pub numero: Numero,
    /// 128 bits at random, in hexadecimal: with them, nobody who knows the fingerprint can try names against it.
    pub sel: String,
    /// The dated texts that it is drawn with.
    pub textes: Textes,
    /// Who acts.
    pub organisation: Organisation,
    /// For whom.
    pub usager: Usager,
    /// By whom it was made.
    pub aidant: Aidant,
    /// What it allows, in the order of the catalogue; one at least.
    pub demarches: Vec<DemarcheAutorisee>,
    /// When it begins.
    pub cree: Instant,
    /// For how many days.
    pub duree: Duree,
    /// When it ends: `cree` and that many times 24 hours.
    pub jusqu_au: Instant,
    /// How the person agreed.
    pub consentement: Consentement,
    /// The mandat that this one follows, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renouvelle: Option<Renouvelle>,
}

/// The dated texts of a mandat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Textes {
    /// What is printed.
    pub mandat: Reference,
    /// What was read aloud.
    pub notices: Reference,
    /// The catalogue of démarches, with its warnings.
    pub demarches: Reference,
}

/// A published text, by its name and its bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its name.
    pub id: String,
    /// SHA-256 of its bytes.
    pub sha256: Empreinte,
}

/// The organisation, as it was on that day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its name.
    pub nom: String,
    /// The register of its number.
    pub genre: Genre,
    /// Its number, digits and letters only.
    pub numero: String,
    /// Its address, on one line.
    pub adresse: String,
}

impl Organisation {
    /// From its number as the house knows it.
    pub fn nouvelle(nom: String, pivot: &Pivot, adresse: String) -> Self {
        let genre = match pivot {
            Pivot::Siret(_) => Genre::Siret,
            Pivot::Rna(_) => Genre::Rna,
            Pivot::Ridet(_) => Genre::Ridet,
        };
        Self { nom, genre, numero: pivot.as_str().to_owned(), adresse }
    }
}

/// The register that numbered an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Genre {
    /// Sirene, 14 digits.
    Siret,
    /// Associations, W and 9 digits.
    Rna,
    /// New Caledonia, 7 to 10 digits.
    Ridet,
}

/// The person, as FranceConnect named them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usager {
    /// Given names, in the order of the civil status.
    pub prenoms: String,
    /// Birth name.
    pub nom: String,
    /// Name in use, when another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nom_usage: Option<String>,
    /// Date of birth.
    pub naissance: Naissance,
    /// Where, when born in France.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commune: Option<Commune>,
    /// Country of birth.
    pub pays: Pays,
}

/// Both forms of a date of birth: services ask for one or the other (FranceConnect, `birthdate` and `idp_birthdate`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Naissance {
    /// As the civil status has it: `1962-05-17`, `1962-05-00` or `1962-00-00` when the day, or the month too, is only
    /// presumed.
    pub etat_civil: String,
    /// A whole date, what is unknown being completed.
    pub completee: NaiveDate,
}

/// A commune, by its INSEE code and its name of that day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commune {
    /// INSEE code.
    pub code: String,
    /// Name.
    pub nom: String,
}

/// A country, by its INSEE code and its name of that day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pays {
    /// INSEE code: `99100` is France.
    pub code: String,
    /// Name.
    pub nom: String,
}

/// The professional who made the mandat, as of that day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aidant {
    /// Given name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// What they do there.
    pub fonction: String,
}

/// One category of démarches, as the catalogue of that day called it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemarcheAutorisee {
    /// Its key.
    pub cle: String,
    /// Its title.
    pub titre: String,
}

/// The four durations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Duree {
    /// 24 hours.
    Jour,
    /// 31 days.
    Mois,
    /// 182 days.
    Semestre,
    /// 365 days.
    An,
}

impl Duree {
    /// All of them, from the shortest.
    pub const TOUTES: [Self; 4] = [Self::Jour, Self::Mois, Self::Semestre, Self::An];

    /// In days of 24 hours.
    pub const fn jours(self) -> u16 {
        match self {
            Self::Jour => 1,
            Self::Mois => 31,
            Self::Semestre => 182,
            Self::An => 365,
        }
    }
}

impl From<Duree> for u16 {
    fn from(duree: Duree) -> Self {
        duree.jours()
    }
}

impl TryFrom<u16> for Duree {
    type Error = &'static str;

    fn try_from(jours: u16) -> Result<Self, Self::Error> {
        Self::TOUTES.into_iter().find(|d| d.jours() == jours).ok_or("1, 31, 182 or 365 days")
    }
}

/// How the person agreed, and what proves it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Consentement {
    /// In front of the aidant, on paper signed by both.
    Presence {
        /// How the person was known.
        identite: Identite,
        /// When the aidant attested, with a fresh second factor, that the person was told and that the paper is kept.
        atteste: Instant,
    },
    /// By messages: an offer, then an answer.
    Distance {
        /// How the person was known.
        identite: Identite,
        /// What the messages went by.
        canal: Canal,
        /// What the operator calls the exchange; no number, no address.
        reference: String,
        /// When the offer left.
        offre: Instant,
        /// When the agreement came.
        reponse: Instant,
        /// SHA-256 of the exchange, as the journal keeps it.
        echange: Empreinte,
        /// When the aidant attested that the person was told.
        atteste: Instant,
    },
}

/// How it is known who agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "par", rename_all = "snake_case", deny_unknown_fields)]
pub enum Identite {
    /// By FranceConnect, at that instant.
    Franceconnect {
        /// When.
        le: Instant,
    },
    /// By the mandat that this one renews.
    MandatPrecedent,
}

/// What a consent at a distance went by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canal {
    /// Text messages.
    Sms,
    /// E-mail.
    Courriel,
    /// A call, read back.
    Telephone,
}

/// The mandat before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renouvelle {
    /// Its number.
    pub numero: Numero,
    /// Its fingerprint.
    pub empreinte: Empreinte,
}

/// What the caller knows of a mandat to be made; the rest follows from the day and from chance.
#[derive(Clone, Debug)]
pub struct Projet {
    /// Who acts.
    pub organisation: Organisation,
    /// For whom.
    pub usager: Usager,
    /// By whom.
    pub aidant: Aidant,
    /// Keys of the démarches, in any order.
    pub demarches: Vec<String>,
    /// For how long.
    pub duree: Duree,
    /// How the person agreed.
    pub consentement: Consentement,
    /// The mandat that this one follows.
    pub renouvelle: Option<Renouvelle>,
}

impl Contenu {
    /// The mandat of a project, made at that instant, under the texts of that day. The time zone is that of the place:
    /// the hours printed are those of its clocks.
    ///
    /// # Errors
    /// No text that day, a démarche that the catalogue has not, a line or a date that a document may not hold.
    pub fn nouveau<Fuseau: TimeZone>(
        projet: Projet,
        maintenant: &DateTime<Fuseau>,
        chance: &Chance,
    ) -> Result<Self, Refus> {
        let jour = maintenant.fixed_offset().date_naive();
        let texte = |genre| legal::en_vigueur(genre, jour).ok_or(Refus::SansTexte);
        let catalogue = texte(legal::Genre::Demarches)?;
        let reference = |t: &legal::Texte| Reference { id: t.id.to_owned(), sha256: t.empreinte() };
        let connues = legal::catalogue(catalogue);
        if projet.demarches.iter().any(|cle| connues.iter().all(|d| d.cle != *cle)) {
            return Err(Refus::Demarches);
        }
        let demarches = connues
            .iter()
            .filter(|d| projet.demarches.contains(&d.cle))
            .map(|d| DemarcheAutorisee { cle: d.cle.clone(), titre: d.titre.clone() })
            .collect();
        let a_distance = matches!(projet.consentement, Consentement::Distance { .. });
        let mandat = legal::du_mandat(a_distance, jour).ok_or(Refus::SansTexte)?;
        let fin = maintenant.clone().checked_add_signed(TimeDelta::days(projet.duree.jours().into()));
        let contenu = Self {
            format: 1,
            numero: Numero::tire(chance),
            sel: kernel::text::hex(&chance.bytes::<16>()),
            textes: Textes {
                mandat: reference(mandat),
                notices: reference(texte(legal::Genre::Notices)?),
                demarches: reference(catalogue),
            },
            organisation: projet.organisation,
            usager: projet.usager,
            aidant: projet.aidant,
            demarches,
            cree: Instant::de(maintenant),
            duree: projet.duree,
            jusqu_au: Instant::de(&fin.ok_or(Refus::Dates)?),
            consentement: projet.consentement,
            renouvelle: projet.renouvelle,
        };
        contenu.controle()?;
        Ok(contenu)
    }
}
