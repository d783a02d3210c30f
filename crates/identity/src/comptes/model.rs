//! Accounts, the roles given to them, and the looks taken at the site as them.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::CompteId;
use kernel::{Email, Perimetre, Role};

kernel::typed_id!(AttributionId, "a role given to an account");
kernel::typed_id!(VueId, "a look at the site as somebody");

/// Where an account stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// Invited; no proof of identity chosen yet.
    Invite,
    /// In use.
    Actif,
    /// Closed by an administrator: no sign-in, every session ended.
    Desactive,
}

impl Etat {
    /// Its key in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Actif => "actif",
            Self::Desactive => "desactive",
        }
    }

    /// The state of that key.
    pub fn from_key(key: &str) -> Self {
        match key {
            "actif" => Self::Actif,
            "invite" => Self::Invite,
            // What we do not know opens nothing.
            _ => Self::Desactive,
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Invite => "Invité",
            Self::Actif => "Actif",
            Self::Desactive => "Désactivé",
        }
    }
}

/// A person's account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compte {
    /// Its identifier.
    pub id: CompteId,
    /// Its address, unique in the instance whatever the case.
    pub courriel: Email,
    /// The person's name, as they write it.
    pub nom: String,
    /// Where it stands.
    pub etat: Etat,
    /// When it was made.
    pub cree_le: DateTime<Utc>,
    /// When the person last signed in.
    pub vu_le: Option<DateTime<Utc>>,
}

/// A role given to an account, within a scope, for a time. A delegation is one whose `origine` is
/// [`Origine::Deleguee`]: it lives no longer than the role it was lent from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribution {
    /// Its identifier.
    pub id: AttributionId,
    /// Who holds it.
    pub compte: CompteId,
    /// The role.
    pub role: Role,
    /// Its scope.
    pub perimetre: Perimetre,
    /// First and last day, by the calendar of Paris.
    pub periode: kernel::Periode,
    /// Where it comes from.
    pub origine: Origine,
    /// When it was taken back, if it was.
    pub retiree_le: Option<DateTime<Utc>>,
}

/// Where a role comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origine {
    /// Given by the command line or the demonstration, before anybody was there.
    Installation,
    /// Given by an administrator.
    Donnee(CompteId),
    /// Lent by a colleague, from a role of theirs.
    Deleguee {
        /// Who lent it.
        par: CompteId,
        /// The role it was lent from.
        de: AttributionId,
    },
}

/// A look at the site as somebody: kept for ever, shown to that person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vue {
    /// Its identifier.
    pub id: VueId,
    /// Whose eyes.
    pub vu: CompteId,
    /// Who looked.
    pub par: CompteId,
    /// Name of who looked, as shown.
    pub par_nom: String,
    /// Why.
    pub motif: String,
    /// From when.
    pub debut: DateTime<Utc>,
    /// Until when, once ended.
    pub fin: Option<DateTime<Utc>>,
}

/// The day of an instant, by the calendar of Paris: dates of roles are civil days of the
/// administration, not of a machine.
pub fn jour(now: DateTime<Utc>) -> NaiveDate {
    kernel::calendrier::jour(&now)
}
