//! Who may do what: roles × verbs × kinds of scope, as data, in one table.

/// A role that a person can hold, within a scope. One person may hold several; one acts at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the programme for the nation.
    AdministrateurNational,
    /// Agent of a préfecture, of a département or of a région.
    Prefecture,
    /// Keeps the sheet of one or several structures, and of their lieux.
    GestionnaireStructure,
    /// Keeps the sheets of some lieux.
    GestionnaireLieux,
    /// Hub territorial: helps structures and lieux over several départements.
    Hub,
    /// Head of a national network: its structures, wherever they are.
    GrandReseau,
    /// Decides, in session, which posts are granted.
    ComiteSelection,
    /// Trains conseillers: its sessions, who follows them.
    OrganismeFormation,
    /// Leads a team of conseillers: by territory, or one by one.
    Coordinateur,
    /// A person who applied to become conseiller numérique: keeps their own file.
    Candidat,
    /// A conseiller numérique in a post: their own post, contract, trainings, and their own file.
    Conseiller,
    /// Aidant habilité: carries out démarches for people, under a mandat, in the name of one organisation.
    Aidant,
    /// Looks after the aidants of an organisation, and makes no mandat.
    Referent,
    /// Both: aidant and référent of one organisation.
    AidantReferent,
    /// Follows habilitations: requests of organisations, people to be trained, clients of the identity provider.
    EquipeHabilitation,
    /// Reads, writes nothing.
    Lecteur,
}

/// What can be done. A route declares its verb; a rule checks verb and scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verb {
    /// See structures with their contacts.
    VoirStructures,
    /// Create or change a structure.
    ModifierStructures,
    /// Compare, merge and separate duplicate structures.
    FusionnerStructures,
    /// See the management pages of lieux.
    VoirLieux,
    /// Change a lieu.
    ModifierLieux,
    /// Deliver a file of lieux.
    ImporterLieux,
    /// Invite people, give and take back roles.
    GererComptes,
    /// Lend one's own role for a while.
    Deleguer,
    /// Look at the site as another person sees it (journalled, shown to that person).
    VoirComme,
    /// Read the journal.
    VoirJournal,
    /// See and restart the jobs, see the outbox.
    GererTaches,
    /// Keep one's own application: change it, answer contacts, withdraw it.
    TenirCandidature,
    /// See the files of candidats: for a structure, those it can meet.
    VoirCandidats,
    /// Merge duplicate candidats, erase them, import them.
    GererCandidats,
    /// See what structures ask for, with opinions and decisions.
    VoirDemandes,
    /// Ask for posts in the name of a structure: more, fewer, a transfer.
    DeposerDemandes,
    /// Give the opinion of the préfecture on a demande.
    DonnerAvis,
    /// Hold sessions of the committee, set enveloppes, decide.
    DeciderDemandes,
    /// See posts, who holds them and under which contract.
    VoirPostes,
    /// See who holds a post, how they are reached and what they were trained in.
    VoirConseillers,
    /// See one's own post: contract, history, lieux.
    TenirPoste,
    /// Invite colleagues into one's own role, within one's own scope.
    InviterCollegues,
    /// Contact candidats, enter contracts, notify a rupture, in the name of a structure.
    Recruter,
    /// Validate or refuse contracts, renewals and ruptures.
    ValiderContrats,
    /// See how far the programme is: posts, people, milestones.
    VoirPilotage,
    /// Set forecasts, freeze the state of progress of a day.
    PiloterProgramme,
    /// Open and cancel sessions of training.
    GererFormations,
    /// See sessions of training and who follows them, say what was followed and certified.
    SuivreFormations,
    /// Make, see, renew, revoke and use mandats in the name of one's organisation.
    TenirMandats,
    /// Look after the aidants of one's organisation: who comes, who leaves, teams, perimeter.
    GererAidants,
    /// Follow habilitations: requests, organisations, people, trainings, meetings.
    InstruireHabilitations,
    /// Move mandats between organisations, configure the clients of the identity provider, erase.
    AdministrerMandats,
    /// See and hold sessions of training of aidants.
    FormerAidants,
    /// Hold the meetings that present Aidants Connect, see how far a territory is from its targets.
    AnimerHabilitations,
}

/// What a personal token lets a program do, never more than the role that it was made in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Portee {
    /// Create lieux, change and confirm them.
    EcrireLieux,
    /// Close and reopen lieux.
    FermerLieux,
    /// Subscribe to what happens to lieux.
    Webhooks,
    /// Read organisations habilitées with who looks after them.
    LireOrganisations,
    /// Read aidants with their figures.
    LireAidants,
}

impl Portee {
    /// Every one, in the order of the form.
    pub const TOUTES: [Self; 5] =
        [Self::EcrireLieux, Self::FermerLieux, Self::Webhooks, Self::LireOrganisations, Self::LireAidants];

    /// Its key in the database, in forms and in the documentation of the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::EcrireLieux => "lieux:ecrire",
            Self::FermerLieux => "lieux:fermer",
            Self::Webhooks => "webhooks",
            Self::LireOrganisations => "organisations:lire",
            Self::LireAidants => "aidants:lire",
        }
    }

    /// What the role in which a token is made must be able to do: a token never opens more than its role.
    pub fn verbe(self) -> Verb {
        match self {
            Self::EcrireLieux | Self::FermerLieux => Verb::ModifierLieux,
            Self::Webhooks => Verb::VoirLieux,
            Self::LireOrganisations | Self::LireAidants => Verb::InstruireHabilitations,
        }
    }

    /// The one of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|p| p.key() == key)
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::EcrireLieux => "Inscrire, modifier et confirmer des lieux",
            Self::FermerLieux => "Fermer et rouvrir des lieux",
            Self::Webhooks => "Gérer les abonnements aux changements (webhooks)",
            Self::LireOrganisations => "Lire les organisations habilitées et leurs référents",
            Self::LireAidants => "Lire les aidants et leurs chiffres",
        }
    }
}

/// The kinds of scope a role may be given with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenrePerimetre {
    /// The whole country.
    National,
    /// One or several régions.
    Regions,
    /// One or several départements.
    Departements,
    /// One or several communes.
    Communes,
    /// One or several national networks.
    Reseaux,
    /// Named structures.
    Structures,
    /// Named lieux.
    Lieux,
    /// Named conseillers.
    Personnes,
    /// One's own file.
    Soi,
}

/// One line of the table.
#[derive(Debug)]
pub struct Ligne {
    /// The role.
    pub role: Role,
    /// Its key in the database and in forms.
    pub key: &'static str,
    /// Its name on the screen.
    pub nom: &'static str,
    /// What it is for, on the screen.
    pub description: &'static str,
    /// Scopes it may be given with.
    pub perimetres: &'static [GenrePerimetre],
    /// What it may do within its scope.
    pub verbs: &'static [Verb],
}

use GenrePerimetre as P;
use Verb::{
    AdministrerMandats, AnimerHabilitations, DeciderDemandes, Deleguer, DeposerDemandes, DonnerAvis,
    FormerAidants, FusionnerStructures, GererAidants, GererCandidats, GererComptes, GererFormations,
    GererTaches, ImporterLieux, InstruireHabilitations, InviterCollegues, ModifierLieux, ModifierStructures,
    PiloterProgramme, Recruter, SuivreFormations, TenirCandidature, TenirMandats, TenirPoste,
    ValiderContrats, VoirCandidats, VoirComme, VoirConseillers, VoirDemandes, VoirJournal, VoirLieux,
    VoirPilotage, VoirPostes, VoirStructures,
};

/// The table: the only place that says what a role may do.
pub const TABLE: &[Ligne] = &[
    Ligne {
        role: Role::AdministrateurNational,
        key: "administrateur_national",
        nom: "Administration nationale",
        description: "Pilote le programme pour tout le pays.",
        perimetres: &[P::National],
        verbs: &[
            VoirStructures,
            ModifierStructures,
            FusionnerStructures,
            VoirLieux,
            ModifierLieux,
            ImporterLieux,
            GererComptes,
            Deleguer,
            VoirComme,
            VoirJournal,
            GererTaches,
            VoirCandidats,
            GererCandidats,
            VoirDemandes,
            DonnerAvis,
            DeciderDemandes,
            VoirPostes,
            VoirConseillers,
            ValiderContrats,
            GererFormations,
            SuivreFormations,
            VoirPilotage,
            PiloterProgramme,
            InstruireHabilitations,
            AdministrerMandats,
            FormerAidants,
            AnimerHabilitations,
        ],
    },
    Ligne {
        role: Role::Prefecture,
        key: "prefecture",
        nom: "Préfecture",
        description: "Suit les structures et les lieux d’un département ou d’une région.",
        perimetres: &[P::Departements, P::Regions],
        verbs: &[
            VoirStructures,
            ModifierStructures,
            FusionnerStructures,
            VoirLieux,
            ModifierLieux,
            Deleguer,
            VoirDemandes,
            DonnerAvis,
            VoirPostes,
            VoirConseillers,
            VoirPilotage,
            InviterCollegues,
            AnimerHabilitations,
        ],
    },
    Ligne {
        role: Role::GestionnaireStructure,
        key: "gestionnaire_structure",
        nom: "Gestion de structure",
        description: "Tient à jour la fiche de sa structure et de ses lieux, demande des postes, recrute.",
        perimetres: &[P::Structures],
        verbs: &[
            VoirStructures,
            ModifierStructures,
            VoirLieux,
            ModifierLieux,
            Deleguer,
            VoirDemandes,
            DeposerDemandes,
            VoirPostes,
            VoirConseillers,
            VoirCandidats,
            Recruter,
            InviterCollegues,
        ],
    },
    Ligne {
        role: Role::GestionnaireLieux,
        key: "gestionnaire_lieux",
        nom: "Gestion de lieux",
        description: "Tient à jour la fiche de certains lieux.",
        perimetres: &[P::Lieux, P::Structures],
        verbs: &[VoirLieux, ModifierLieux, Deleguer],
    },
    Ligne {
        role: Role::Hub,
        key: "hub",
        nom: "Hub territorial",
        description: "Accompagne les structures et les lieux de plusieurs départements.",
        perimetres: &[P::Departements, P::Regions],
        verbs: &[
            VoirStructures,
            VoirLieux,
            ModifierLieux,
            ImporterLieux,
            Deleguer,
            VoirPostes,
            VoirConseillers,
            VoirPilotage,
        ],
    },
    Ligne {
        role: Role::GrandReseau,
        key: "grand_reseau",
        nom: "Grand réseau",
        description: "Suit les structures de son réseau, partout dans le pays.",
        perimetres: &[P::Reseaux, P::Structures],
        verbs: &[VoirStructures, VoirLieux, Deleguer, VoirPostes, VoirConseillers, InviterCollegues],
    },
    Ligne {
        role: Role::Coordinateur,
        key: "coordinateur",
        nom: "Coordination",
        description: "Suit les conseillers numériques de son équipe : par territoire, ou un par un.",
        perimetres: &[P::Departements, P::Regions, P::Communes, P::Personnes],
        verbs: &[VoirConseillers],
    },
    Ligne {
        role: Role::ComiteSelection,
        key: "comite_selection",
        nom: "Comité de sélection",
        description: "Décide en séance quels postes de conseiller numérique sont accordés.",
        perimetres: &[P::National, P::Regions],
        verbs: &[VoirDemandes, DeciderDemandes, VoirPostes, VoirPilotage, Deleguer],
    },
    Ligne {
        role: Role::OrganismeFormation,
        key: "organisme_formation",
        nom: "Organisme de formation",
        description: "Suit ses sessions de formation et les personnes qui y participent.",
        perimetres: &[P::Structures],
        verbs: &[SuivreFormations, FormerAidants, Deleguer],
    },
    Ligne {
        role: Role::Candidat,
        key: "candidat",
        nom: "Candidature",
        description: "Tient à jour sa candidature de conseiller numérique et répond aux structures.",
        perimetres: &[P::Soi],
        verbs: &[TenirCandidature],
    },
    Ligne {
        role: Role::Conseiller,
        key: "conseiller",
        nom: "Conseiller numérique",
        description: "Consulte son poste, son contrat et ses formations, tient à jour son dossier.",
        perimetres: &[P::Soi],
        verbs: &[TenirPoste, TenirCandidature],
    },
    Ligne {
        role: Role::Aidant,
        key: "aidant",
        nom: "Aidant",
        description: "Fait des démarches pour des personnes, avec leur mandat, au nom de son organisation.",
        perimetres: &[P::Structures],
        verbs: &[TenirMandats],
    },
    Ligne {
        role: Role::Referent,
        key: "referent",
        nom: "Référent",
        description: "S’occupe des aidants de son organisation, sans faire de mandat.",
        perimetres: &[P::Structures],
        verbs: &[GererAidants],
    },
    Ligne {
        role: Role::AidantReferent,
        key: "aidant_referent",
        nom: "Aidant et référent",
        description: "Fait des démarches pour des personnes et s’occupe des aidants de son organisation.",
        perimetres: &[P::Structures],
        verbs: &[TenirMandats, GererAidants],
    },
    Ligne {
        role: Role::EquipeHabilitation,
        key: "equipe_habilitation",
        nom: "Équipe des habilitations",
        description: "Étudie les demandes d’habilitation et suit les organisations, les aidants et leurs formations.",
        perimetres: &[P::National, P::Regions, P::Departements],
        verbs: &[InstruireHabilitations, FormerAidants, AnimerHabilitations, Deleguer],
    },
    Ligne {
        role: Role::Lecteur,
        key: "lecteur",
        nom: "Lecture",
        description: "Consulte, sans rien modifier.",
        perimetres: &[P::National, P::Regions, P::Departements],
        verbs: &[VoirStructures, VoirLieux, VoirPilotage],
    },
];

impl Role {
    /// The line of the table for this role.
    pub fn ligne(self) -> &'static Ligne {
        TABLE.iter().find(|l| l.role == self).unwrap_or(&TABLE[TABLE.len() - 1])
    }

    /// The role of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        TABLE.iter().find(|l| l.key == key).map(|l| l.role)
    }

    /// Whether the role has the verb, whatever the scope.
    pub fn has(self, verb: Verb) -> bool {
        self.ligne().verbs.contains(&verb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_one_line_and_reads_only_what_it_should() {
        for l in TABLE {
            assert_eq!(TABLE.iter().filter(|o| o.role == l.role || o.key == l.key).count(), 1, "{}", l.key);
            assert_eq!(Role::from_key(l.key), Some(l.role));
        }
        assert!(!Role::Lecteur.has(Verb::ModifierLieux));
        assert!(!Role::Prefecture.has(Verb::VoirComme));
        assert!(
            TABLE
                .iter()
                .all(|l| l.role == Role::AdministrateurNational || !l.has_any(&[GererComptes, VoirJournal]))
        );
    }

    impl Ligne {
        fn has_any(&self, verbs: &[Verb]) -> bool {
            verbs.iter().any(|v| self.verbs.contains(v))
        }
    }
}
