//! What a file may hold, and what becomes of it.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::tableur::lecture::Remarque;
use uuid::Uuid;

/// What a file holds: section 3.18 of what the service that stands does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// Organisations habilitées, by number and SIRET.
    Organisations,
    /// Aidants and référents whose accounts are opened, by address.
    Aidants,
    /// Days of training and results of the test Pix, by address.
    Formations,
    /// People who were asked for elsewhere, by address and organisation.
    Demandes,
}

/// A column of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colonne {
    /// Its title in the model.
    pub titre: &'static str,
    /// Other titles that are understood, folded; the title itself is.
    pub autres: &'static [&'static str],
    /// Whether the file must have it.
    pub requise: bool,
    /// What goes into it.
    pub dit: &'static str,
    /// What the line of example of the model has.
    pub exemple: &'static str,
    /// A secret: never kept, never shown.
    pub secrete: bool,
}

const fn colonne(
    titre: &'static str,
    autres: &'static [&'static str],
    dit: &'static str,
    exemple: &'static str,
) -> Colonne {
    Colonne { titre, autres, requise: false, dit, exemple, secrete: false }
}

const fn requise(c: Colonne) -> Colonne {
    Colonne { requise: true, ..c }
}

const ADRESSE: Colonne = requise(colonne(
    "Adresse électronique",
    &["courriel", "email", "e mail", "mail", "adresse", "username", "identifiant"],
    "L’adresse professionnelle de la personne, à elle seule.",
    "dominique.essai@exemple.fr",
));
const PRENOM: Colonne = colonne(
    "Prénom",
    &["first name", "prenoms"],
    "Nécessaire pour une personne qui n’est pas encore connue.",
    "Dominique",
);
const NOM: Colonne = colonne(
    "Nom",
    &["last name", "nom de famille"],
    "Nécessaire pour une personne qui n’est pas encore connue.",
    "Essai",
);
const PROFESSION: Colonne = colonne(
    "Profession",
    &["fonction exercee", "metier"],
    "Elle figure sur les mandats. Nécessaire pour une personne qui n’est pas encore connue.",
    "Médiatrice numérique",
);
const TELEPHONE: Colonne =
    colonne("Téléphone", &["phone", "tel", "portable"], "Un numéro français complet.", "01 80 05 98 80");
const CONSEILLER: Colonne =
    colonne("Conseiller numérique", &["conseiller numerique", "cnfs"], "« oui » ou « non ».", "non");

/// Columns of organisations, by their place.
pub(super) mod organisation {
    pub(in crate::imports) const NUMERO: usize = 0;
    pub(in crate::imports) const SIRET: usize = 1;
    pub(in crate::imports) const NOM: usize = 2;
    pub(in crate::imports) const TYPE: usize = 3;
    pub(in crate::imports) const ADRESSE: usize = 4;
    pub(in crate::imports) const CODE_POSTAL: usize = 5;
    pub(in crate::imports) const COMMUNE: usize = 6;
    pub(in crate::imports) const CODE_INSEE: usize = 7;
    pub(in crate::imports) const FRANCE_SERVICES: usize = 8;
}

const ORGANISATIONS: [Colonne; 9] = [
    colonne(
        "Numéro",
        &["numero d habilitation", "numero de la demande", "data pass id", "datapass id", "data pass"],
        "Le numéro d’habilitation, ou celui de la demande. Vide : le site en donne un.",
        "23010500",
    ),
    colonne(
        "SIRET",
        &["numero siret", "numero de siret"],
        "14 chiffres. Un RNA ou un RIDET vaut aussi.",
        "43493312300029",
    ),
    colonne(
        "Nom",
        &["name", "raison sociale", "denomination"],
        "Nécessaire pour la créer.",
        "Mairie d’essai",
    ),
    colonne(
        "Type",
        &["type id", "genre"],
        "Le type d’organisation, comme dans le formulaire de demande.",
        "Municipalité",
    ),
    colonne("Adresse", &["address", "voie", "rue"], "Numéro et rue.", "3 rue des Essais"),
    colonne("Code postal", &["zipcode", "cp"], "Cinq chiffres.", "23000"),
    colonne("Commune", &["city", "ville"], "Nécessaire pour la créer, avec le code postal.", "Guéret"),
    colonne(
        "Code INSEE",
        &["city insee code", "code commune", "insee"],
        "Le code de la commune, à la place de son nom.",
        "23096",
    ),
    colonne("France services", &["france services label"], "« oui » ou « non ».", "non"),
];

/// Columns of aidants, by their place. The first ones are those of people.
pub(super) mod aidant {
    pub(in crate::imports) const ADRESSE: usize = 0;
    pub(in crate::imports) const PRENOM: usize = 1;
    pub(in crate::imports) const NOM: usize = 2;
    pub(in crate::imports) const PROFESSION: usize = 3;
    pub(in crate::imports) const TELEPHONE: usize = 4;
    pub(in crate::imports) const CONSEILLER: usize = 5;
    pub(in crate::imports) const ORGANISATIONS: usize = 6;
    pub(in crate::imports) const FONCTION: usize = 7;
    pub(in crate::imports) const CARTE: usize = 8;
    pub(in crate::imports) const CODE: usize = 9;
}

const AIDANTS: [Colonne; 10] = [
    ADRESSE,
    PRENOM,
    NOM,
    PROFESSION,
    TELEPHONE,
    CONSEILLER,
    requise(colonne(
        "Organisations",
        &[
            "organisation",
            "numero",
            "numeros",
            "data pass id",
            "datapass id",
            "organisation data pass id",
            "organisations data pass id",
        ],
        "Les numéros d’habilitation, séparés par un espace.",
        "23010500",
    )),
    colonne("Fonction", &["role"], "« aidant », « référent », ou « aidant et référent ».", "aidant"),
    colonne(
        "Carte",
        &["numero de carte", "carte totp", "serial number", "numero de serie"],
        "Le numéro d’une carte à codes du stock, donnée à cette personne.",
        "",
    ),
    Colonne {
        secrete: true,
        ..colonne(
            "Code",
            &["code statique", "static code", "token", "static token"],
            "Un code de première connexion n’est pas repris : la personne reçoit une invitation.",
            "",
        )
    },
];

/// Columns of trainings, by their place.
pub(super) mod formation {
    pub(in crate::imports) const ADRESSE: usize = 0;
    pub(in crate::imports) const FORMEE: usize = 1;
    pub(in crate::imports) const PIX: usize = 2;
    pub(in crate::imports) const SCORE: usize = 3;
}

const FORMATIONS: [Colonne; 4] = [
    ADRESSE,
    colonne(
        "Date de formation",
        &["date formation", "formation", "formation date", "date de la formation"],
        "Le dernier jour de la formation, comme 31/12/2026.",
        "15/09/2026",
    ),
    colonne(
        "Date du test Pix",
        &["date pix", "date test pix", "date du test", "test pix"],
        "Le jour du test réussi.",
        "22/09/2026",
    ),
    colonne(
        "Score Pix",
        &["score", "pix", "pix score"],
        "Entre 0 et 100. Nécessaire avec la date du test.",
        "87",
    ),
];

/// Columns of old requests, by their place. The first ones are those of people.
pub(super) mod demande {
    pub(in crate::imports) const ORGANISATION: usize = 6;
    pub(in crate::imports) const ETAT: usize = 7;
    pub(in crate::imports) const DATE: usize = 8;
}

const DEMANDES: [Colonne; 9] = [
    ADRESSE,
    PRENOM,
    NOM,
    PROFESSION,
    TELEPHONE,
    CONSEILLER,
    requise(colonne(
        "Organisation",
        &["numero", "data pass id", "datapass id", "organisation data pass id"],
        "Le numéro d’habilitation de l’organisation qui demande.",
        "23010500",
    )),
    colonne(
        "État",
        &["statut", "status"],
        "« en attente », « à former », « refusée » ou « annulée ». Vide : en attente.",
        "en attente",
    ),
    colonne(
        "Date",
        &["date de la demande", "created at", "demandee le"],
        "Le jour de la demande.",
        "12/05/2026",
    ),
];

impl Genre {
    /// Every one, in the order in which a country is entered.
    pub const TOUS: [Self; 4] = [Self::Organisations, Self::Aidants, Self::Demandes, Self::Formations];

    /// Its key, in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Aidants => "aidants",
            Self::Formations => "formations",
            Self::Demandes => "demandes",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Organisations => "Organisations",
            Self::Aidants => "Aidants et référents",
            Self::Formations => "Dates de formation et test Pix",
            Self::Demandes => "Anciennes demandes de formation",
        }
    }

    /// What it does, in a sentence.
    pub fn dit(self) -> &'static str {
        match self {
            Self::Organisations => {
                "Crée les organisations habilitées qui manquent, et complète celles qui sont là : SIRET, adresse, code postal, label France services. Ce qui est déjà rempli reste."
            }
            Self::Aidants => {
                "Ouvre le compte de chaque personne et lui envoie une invitation ; rattache à leurs organisations et met à jour celles qui sont déjà connues."
            }
            Self::Formations => {
                "Note le jour de la formation et le résultat du test Pix. Une personne formée qui a réussi le test devient active d’elle-même."
            }
            Self::Demandes => {
                "Inscrit les personnes demandées ailleurs, là où en était leur demande. Aucun compte n’est ouvert, aucun message ne part pour une personne nouvelle."
            }
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }

    /// Columns of its file, in the order of the model.
    pub fn colonnes(self) -> &'static [Colonne] {
        match self {
            Self::Organisations => &ORGANISATIONS,
            Self::Aidants => &AIDANTS,
            Self::Formations => &FORMATIONS,
            Self::Demandes => &DEMANDES,
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// Its lines are compared with what is here; nothing is written.
    Examen,
    /// Somebody must look at what it would do, and confirm.
    AConfirmer,
    /// Its lines are written, one by one.
    EnCours,
    /// Every line is written, or refused.
    Fini,
    /// Given up before anything was written.
    Abandonne,
    /// Stopped on the way: whoever confirmed it does not hold that role any more. What was written stays.
    Arrete,
}

impl Etat {
    /// Every one.
    pub const TOUS: [Self; 6] =
        [Self::Examen, Self::AConfirmer, Self::EnCours, Self::Fini, Self::Abandonne, Self::Arrete];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Examen => "examen",
            Self::AConfirmer => "a_confirmer",
            Self::EnCours => "en_cours",
            Self::Fini => "fini",
            Self::Abandonne => "abandonne",
            Self::Arrete => "arrete",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Examen => "Vérification en cours",
            Self::AConfirmer => "À confirmer",
            Self::EnCours => "Enregistrement en cours",
            Self::Fini => "Terminé",
            Self::Abandonne => "Abandonné",
            Self::Arrete => "Arrêté : le rôle de la personne qui l’a confirmé a pris fin",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// Not looked at yet.
    Attente,
    /// Something new is entered.
    Cree,
    /// Something known is changed.
    Change,
    /// Everything is here already.
    Inchange,
    /// Nothing is done, and the remarks say why.
    Refuse,
}

impl Sort {
    /// Every one.
    pub const TOUS: [Self; 5] = [Self::Attente, Self::Cree, Self::Change, Self::Inchange, Self::Refuse];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Attente => "attente",
            Self::Cree => "cree",
            Self::Change => "change",
            Self::Inchange => "inchange",
            Self::Refuse => "refuse",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Attente => "À vérifier",
            Self::Cree => "Création",
            Self::Change => "Changement",
            Self::Inchange => "Sans changement",
            Self::Refuse => "Refusée",
        }
    }

    /// Class of its badge.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Attente | Self::Inchange => "",
            Self::Cree => "fr-badge--success",
            Self::Change => "fr-badge--info",
            Self::Refuse => "fr-badge--error",
        }
    }

    /// Whether confirming writes something of that line.
    pub fn s_ecrit(self) -> bool {
        matches!(self, Self::Cree | Self::Change)
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|s| s.cle() == cle)
    }
}

/// A file that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// Its identifier.
    pub id: Uuid,
    /// What it holds.
    pub genre: Genre,
    /// Name of the file.
    pub fichier: String,
    /// Titles of columns that nothing here understands, in the words of the file.
    pub ignorees: String,
    /// How far it is.
    pub etat: Etat,
    /// Who sent it, then who confirmed it.
    pub compte: CompteId,
    /// Key of the role in which they act.
    pub role: String,
    /// Its scope, as JSON: to be compared with what they hold later.
    pub perimetre: String,
    /// When it was sent.
    pub cree_le: DateTime<Utc>,
    /// When it ended.
    pub fini_le: Option<DateTime<Utc>>,
}

/// A line of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// Its number in the file, from 1.
    pub numero: i64,
    /// Its cells, in the order of [`Genre::colonnes`].
    pub cellules: Vec<String>,
    /// What becomes of it.
    pub sort: Sort,
    /// Whether it was written.
    pub fait: bool,
    /// What is to be known of its cells.
    pub remarques: Vec<Remarque>,
}

impl Ligne {
    /// What it is about, for a list: the first cells that tell it.
    pub fn sujet(&self) -> String {
        let dites = self.cellules.iter().take(3).filter(|c| !c.is_empty());
        dites.map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}

/// How many lines there are of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Comptes {
    /// Not looked at yet.
    pub attente: u64,
    /// Created, or to be.
    pub crees: u64,
    /// Changed, or to be.
    pub changes: u64,
    /// As they were.
    pub inchanges: u64,
    /// Refused.
    pub refuses: u64,
    /// Written, among those to be written.
    pub faits: u64,
}

impl Comptes {
    /// All lines.
    pub fn total(&self) -> u64 {
        self.attente + self.crees + self.changes + self.inchanges + self.refuses
    }

    /// Lines that confirming writes.
    pub fn a_ecrire(&self) -> u64 {
        self.crees + self.changes
    }
}
