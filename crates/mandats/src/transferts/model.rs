//! What a transfer is.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use uuid::Uuid;

use crate::document::Numero;
use crate::ids::AidantId;

/// Mandats of one transfer at most: beyond, one asks twice.
pub(super) const MAX: usize = 20_000;

/// What was asked: mandats of one organisation to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lot {
    /// Its identifier.
    pub id: Uuid,
    /// Who holds them.
    pub de: StructureId,
    /// Who is to hold them.
    pub vers: StructureId,
    /// Why, in a line: it goes into the signed act.
    pub motif: String,
    /// Who asked.
    pub par: CompteId,
    /// When.
    pub cree_le: DateTime<Utc>,
    /// When the last one was moved or refused.
    pub fini_le: Option<DateTime<Utc>>,
}

/// What became of one mandat of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatLigne {
    /// Its turn has not come.
    Attente,
    /// It was moved.
    Fait,
    /// It stays where it was.
    Refuse,
}

impl EtatLigne {
    /// Every one.
    pub const TOUS: [Self; 3] = [Self::Attente, Self::Fait, Self::Refuse];

    /// Its key.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::Attente => "attente",
            Self::Fait => "fait",
            Self::Refuse => "refuse",
        }
    }
}

/// Which mandats of an organisation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filtre {
    /// Those that allow something now; the ended ones too otherwise.
    pub en_cours: bool,
    /// That allow, or allowed, that démarche.
    pub demarche: Option<String>,
    /// Made by that aidant.
    pub aidant: Option<AidantId>,
    /// Of these numbers; any when there is none.
    pub numeros: Vec<Numero>,
}

/// How many of a transfer wait, were moved, were refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Comptes {
    pub(super) attente: u64,
    pub(super) faits: u64,
    pub(super) refuses: u64,
}

impl Comptes {
    pub(super) fn total(self) -> u64 {
        self.attente + self.faits + self.refuses
    }
}
