//! What a contract of conseiller numérique is.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Periode;

use crate::ids::{CandidatId, ContratId, PosteId};
use crate::postes::Place;

/// An amount of money: whole cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Montant(pub i64);

impl Montant {
    /// An amount as people type it: « 1 823,03 », « 1823.03 € », « 1823 ».
    ///
    /// # Errors
    /// A sentence, when it is no amount in euros with at most two decimals.
    pub fn parse(texte: &str) -> Result<Self, &'static str> {
        const COMMENT: &str = "Écrivez un montant en euros, comme 1 823,03.";
        let net: String = texte.chars().filter(|c| !c.is_whitespace() && *c != '€').collect();
        let (euros, cents) = net.split_once([',', '.']).unwrap_or((&net, "0"));
        let chiffres = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !chiffres(euros) || !chiffres(cents) || euros.len() > 7 || cents.len() > 2 {
            return Err(COMMENT);
        }
        let (euros, unites): (i64, i64) =
            (euros.parse().map_err(|_| COMMENT)?, cents.parse().map_err(|_| COMMENT)?);
        Ok(Self(euros * 100 + if cents.len() == 1 { unites * 10 } else { unites }))
    }

    /// As a field shows it again: « 1823,03 ».
    pub fn saisi(self) -> String {
        format!("{},{:02}", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Display for Montant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{:02}\u{a0}€", kernel::text::nombre(self.0 / 100), self.0 % 100)
    }
}

/// The kinds of contract (domain, 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// Without an end.
    Cdi,
    /// With an end.
    Cdd,
    /// Parcours emploi compétences.
    Pec,
    /// Contrat de projet of the public service.
    ProjetPublic,
}

impl Genre {
    /// Every kind.
    pub const TOUS: [Self; 4] = [Self::Cdi, Self::Cdd, Self::Pec, Self::ProjetPublic];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Cdi => "cdi",
            Self::Cdd => "cdd",
            Self::Pec => "pec",
            Self::ProjetPublic => "contrat_de_projet_public",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Cdi => "CDI (sans date de fin)",
            Self::Cdd => "CDD",
            Self::Pec => "Parcours emploi compétences (PEC)",
            Self::ProjetPublic => "Contrat de projet (secteur public)",
        }
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }
}

/// The phase of the programme that pays for the contract (domain, 3.8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// The first conventions.
    Une,
    /// After the reconventionnement.
    Deux,
}

impl Phase {
    /// Both.
    pub const TOUTES: [Self; 2] = [Self::Une, Self::Deux];

    /// Its number.
    pub fn numero(self) -> i64 {
        match self {
            Self::Une => 1,
            Self::Deux => 2,
        }
    }

    /// The phase of that number.
    pub fn from_numero(n: i64) -> Option<Self> {
        Self::TOUTES.into_iter().find(|p| p.numero() == n)
    }
}

/// What was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Termes {
    /// Kind.
    pub genre: Genre,
    /// First day.
    pub debut: NaiveDate,
    /// Last day; none for a CDI.
    pub fin: Option<NaiveDate>,
    /// Gross, by month, full time.
    pub salaire: Montant,
    /// Phase that pays.
    pub phase: Phase,
}

/// Why a contract is broken (domain, 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MotifRupture {
    /// The employer dismissed the person.
    Licenciement,
    /// The CDD is not prolonged.
    NonReconduction,
    /// The person left.
    Demission,
    /// The person got a CDI outside the programme.
    Cdisation,
    /// The subsidy ends.
    FinDeSubventionnement,
}

impl MotifRupture {
    /// The five.
    pub const TOUS: [Self; 5] = [
        Self::Licenciement,
        Self::NonReconduction,
        Self::Demission,
        Self::Cdisation,
        Self::FinDeSubventionnement,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Licenciement => "licenciement",
            Self::NonReconduction => "non_reconduction_cdd",
            Self::Demission => "demission",
            Self::Cdisation => "cdisation",
            Self::FinDeSubventionnement => "fin_de_subventionnement",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Licenciement => "Licenciement",
            Self::NonReconduction => "Non-reconduction du CDD",
            Self::Demission => "Démission",
            Self::Cdisation => "Passage en CDI hors du programme",
            Self::FinDeSubventionnement => "Fin du financement",
        }
    }

    /// The reason of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }
}

/// A break of the contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rupture {
    /// Last day.
    pub le: NaiveDate,
    /// Why.
    pub motif: MotifRupture,
    /// A paper is missing.
    pub dossier_incomplet: bool,
}

/// Where a contract stands. That it ended by itself is computed: [`super::rules::situation`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Etat {
    /// The structure entered it; the administration has not answered.
    Saisi,
    /// The administration said no.
    Refuse {
        /// Why.
        motif: String,
    },
    /// The structure took it back before an answer.
    Retire,
    /// The administration said yes.
    Valide,
    /// The structure says that it breaks.
    RuptureNotifiee(Rupture),
    /// The administration recorded the break.
    Rompu(Rupture),
}

impl Etat {
    /// Every key, for the wall of the database.
    pub const CLES: [&'static str; 6] = ["saisi", "refuse", "retire", "valide", "rupture_notifiee", "rompu"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::Saisi => "saisi",
            Self::Refuse { .. } => "refuse",
            Self::Retire => "retire",
            Self::Valide => "valide",
            Self::RuptureNotifiee(_) => "rupture_notifiee",
            Self::Rompu(_) => "rompu",
        }
    }

    /// The break, when there is one.
    pub fn rupture(&self) -> Option<Rupture> {
        match self {
            Self::RuptureNotifiee(r) | Self::Rompu(r) => Some(*r),
            _ => None,
        }
    }
}

/// A later end that waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prolongation {
    /// The new last day.
    pub fin: NaiveDate,
    /// The pay from the day after the former end.
    pub salaire: Montant,
    /// When it was asked.
    pub demandee_le: DateTime<Utc>,
}

/// A contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contrat {
    /// Its identifier.
    pub id: ContratId,
    /// Who.
    pub candidat: CandidatId,
    /// On which post.
    pub poste: PosteId,
    /// At which structure, where it stood.
    pub place: Place,
    /// What was signed.
    pub termes: Termes,
    /// The contract that it renews.
    pub suite_de: Option<ContratId>,
    /// Where it stands.
    pub etat: Etat,
    /// A later end that waits for an answer.
    pub prolongation: Option<Prolongation>,
    /// When it was entered.
    pub saisi_le: DateTime<Utc>,
    /// Since when it stands where it stands.
    pub etat_le: DateTime<Utc>,
    /// Counts the writes.
    pub version: i64,
}

impl Contrat {
    /// The days that it covers, a recorded break included.
    pub fn periode(&self) -> Periode {
        let fin = match &self.etat {
            Etat::Rompu(r) => Some(r.le),
            _ => self.termes.fin,
        };
        Periode { debut: self.termes.debut, fin }
    }

    /// Whether the administration accepted it, whatever became of it.
    pub fn engage(&self) -> bool {
        matches!(self.etat, Etat::Valide | Etat::RuptureNotifiee(_) | Etat::Rompu(_))
    }
}

/// What a contract is on a day, in words that people use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Situation {
    /// Waits for the administration.
    AValider,
    /// Refused.
    Refuse,
    /// Taken back.
    Retire,
    /// Accepted, not begun.
    AVenir,
    /// Under way.
    EnCours,
    /// A break waits for the administration.
    RuptureNotifiee,
    /// Broken.
    Rompu,
    /// Ended by itself.
    Termine,
}

impl Situation {
    /// Every one, in the order of a life.
    pub const TOUTES: [Self; 8] = [
        Self::AValider,
        Self::Refuse,
        Self::Retire,
        Self::AVenir,
        Self::EnCours,
        Self::RuptureNotifiee,
        Self::Rompu,
        Self::Termine,
    ];

    /// Its key in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::AValider => "a_valider",
            Self::Refuse => "refuse",
            Self::Retire => "retire",
            Self::AVenir => "a_venir",
            Self::EnCours => "en_cours",
            Self::RuptureNotifiee => "rupture_notifiee",
            Self::Rompu => "rompu",
            Self::Termine => "termine",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::AValider => "À valider",
            Self::Refuse => "Refusé",
            Self::Retire => "Retiré",
            Self::AVenir => "À venir",
            Self::EnCours => "En cours",
            Self::RuptureNotifiee => "Rupture notifiée",
            Self::Rompu => "Rompu",
            Self::Termine => "Terminé",
        }
    }

    /// The class of its badge.
    pub fn badge(self) -> &'static str {
        match self {
            Self::AValider | Self::AVenir => "fr-badge--info",
            Self::EnCours => "fr-badge--success",
            Self::RuptureNotifiee => "fr-badge--warning",
            Self::Refuse | Self::Rompu => "fr-badge--error",
            Self::Retire | Self::Termine => "",
        }
    }
}
