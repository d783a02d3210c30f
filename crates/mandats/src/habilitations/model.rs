//! What a request of habilitation is.

use annuaire::structures::model::Fiche;
use chrono::{DateTime, Utc};
use kernel::actor::Cible;
use kernel::ids::{CompteId, StructureId};
use kernel::{CodeDepartement, CodeRegion, Email, Telephone};
use platform::web::FormState;

use crate::ids::{AidantId, HabilitationId};

kernel::typed_id!(DemandeurId, "whoever asks for a habilitation, in the name of an organisation");
kernel::typed_id!(PersonneId, "a person named in a request of habilitation");

/// Where a request stands. None of these is an end without a way on: what is refused or withdrawn may be put back by the
/// staff, or begun again from what was typed; what is accepted is an organisation, with a life of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// Being written.
    Brouillon,
    /// Filed: the staff studies it.
    EnInstruction,
    /// The staff asked for changes: who asked may change everything, then file again.
    ModificationsDemandees,
    /// Accepted: the organisation is habilitée.
    Validee,
    /// Refused.
    Refusee,
    /// Withdrawn by who asked.
    Annulee,
}

impl Etat {
    /// Every one, in the order of lists.
    pub const TOUS: [Self; 6] = [
        Self::Brouillon,
        Self::EnInstruction,
        Self::ModificationsDemandees,
        Self::Validee,
        Self::Refusee,
        Self::Annulee,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Brouillon => "brouillon",
            Self::EnInstruction => "en_instruction",
            Self::ModificationsDemandees => "modifications_demandees",
            Self::Validee => "validee",
            Self::Refusee => "refusee",
            Self::Annulee => "annulee",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Brouillon => "Brouillon",
            Self::EnInstruction => "En cours d’étude",
            Self::ModificationsDemandees => "Modifications demandées",
            Self::Validee => "Acceptée",
            Self::Refusee => "Refusée",
            Self::Annulee => "Annulée",
        }
    }

    /// Class of its badge.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Brouillon | Self::Annulee => "",
            Self::EnInstruction => "fr-badge--info",
            Self::ModificationsDemandees => "fr-badge--warning",
            Self::Validee => "fr-badge--success",
            Self::Refusee => "fr-badge--error",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// Whether who asked may still change it.
    pub fn modifiable(self) -> bool {
        matches!(self, Self::Brouillon | Self::ModificationsDemandees)
    }
}

/// Whoever asks, without an account: an address that was proved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demandeur {
    /// Its identifier.
    pub id: DemandeurId,
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// What they do there.
    pub profession: String,
    /// Where to call.
    pub telephone: Option<Telephone>,
    /// Where to write; proved once `verifie_le` is there.
    pub courriel: Email,
    /// When the address was proved.
    pub verifie_le: Option<DateTime<Utc>>,
    /// How many links were sent.
    pub envois: i64,
    /// When the last one was.
    pub envoye_le: Option<DateTime<Utc>>,
    /// Since when.
    pub cree_le: DateTime<Utc>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Demande {
    /// Its identifier.
    pub id: HabilitationId,
    /// Who asks.
    pub demandeur: DemandeurId,
    /// Where it stands.
    pub etat: Etat,
    /// What was typed: every step but the people, one form each.
    pub champs: FormState,
    /// Name of the organisation, as typed so far.
    pub nom: String,
    /// Number of habilitation, allotted when it is filed.
    pub numero: Option<i64>,
    /// Kind of organisation, by its key, as filed.
    pub type_cle: Option<String>,
    /// SIRET, as filed.
    pub pivot: Option<String>,
    /// Its place as a key: two requests under way never share number and place.
    pub lieu_cle: Option<String>,
    /// Commune, as filed.
    pub commune: Option<String>,
    /// Département, as filed.
    pub departement: Option<CodeDepartement>,
    /// Région, as filed.
    pub region: Option<CodeRegion>,
    /// Who studies it.
    pub agent: Option<CompteId>,
    /// The organisation that came of it.
    pub structure: Option<StructureId>,
    /// Since when.
    pub cree_le: DateTime<Utc>,
    /// When it last changed.
    pub modifie_le: DateTime<Utc>,
    /// When it was first filed.
    pub deposee_le: Option<DateTime<Utc>>,
    /// When it was last decided.
    pub decidee_le: Option<DateTime<Utc>>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Demande {
    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        Cible { region: self.region.clone(), departement: self.departement.clone(), ..Cible::default() }
    }

    /// « n° 23010000 », or that it has none yet.
    pub fn reference(&self) -> String {
        self.numero.map_or_else(|| "sans numéro".to_owned(), |n| format!("n° {n}"))
    }

    /// Days since it was filed.
    pub fn age(&self, now: DateTime<Utc>) -> i64 {
        self.deposee_le.map_or(0, |le| (now - le).num_days())
    }
}

/// A person named in a request, to be trained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Personne {
    /// Its identifier.
    pub id: PersonneId,
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// Professional address.
    pub courriel: Email,
    /// Professional telephone.
    pub telephone: Option<Telephone>,
    /// What they do.
    pub profession: String,
    /// Whether they are a conseiller numérique.
    pub conseiller_numerique: bool,
    /// The professional that came of it.
    pub aidant: Option<AidantId>,
}

impl Personne {
    /// First name and name.
    pub fn nom_complet(&self) -> String {
        format!("{} {}", self.prenom, self.nom)
    }
}

/// What a complete form says.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The sheet of the organisation, as the directory keeps it.
    pub fiche: Fiche,
    /// Its kind among [`super::reference::TYPES`].
    pub type_cle: &'static str,
    /// In words, when none of the kinds fits.
    pub type_autre: Option<String>,
    /// The administration for which a private organisation works.
    pub partenaire: Option<String>,
    /// Number of the house in the register of France services, when it is one.
    pub france_services: Option<String>,
    /// What it does for people.
    pub mission: Option<String>,
    /// How many démarches a week.
    pub demarches: Option<u32>,
    /// Who will look after the aidants.
    pub referent: Personne,
    /// Whether the référent will make mandats too.
    pub referent_aidant: bool,
}

/// A message of one side to the other.
#[derive(Clone, Debug)]
pub struct Echange {
    /// Whether the staff wrote it.
    pub equipe: bool,
    /// The agent who wrote it.
    pub compte: Option<CompteId>,
    /// What it says.
    pub texte: String,
    /// When.
    pub le: DateTime<Utc>,
}
