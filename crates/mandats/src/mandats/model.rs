//! What a mandat is, once it is made.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::{CompteId, StructureId};
use oidc::jose::KeySet;

use crate::Empreinte;
use crate::document::{Duree, Naissance, Numero, Refus, Signe, Verdict};
use crate::ids::{AidantId, AppartenanceId, AutorisationId, MandatId, UsagerId};

/// How long what has ended stays in the lists of an organisation, in days.
pub(super) const MONTRE: i64 = 365;

/// How long before its end an autorisation is said to be about to end, in days.
pub(super) const BIENTOT: i64 = 30;

/// A mandat. What it says is in its document; here is what the site needs to find it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mandat {
    /// Its identifier.
    pub id: MandatId,
    /// What people call it by.
    pub numero: Numero,
    /// What was signed; none when it was taken over from another system.
    pub signature: Option<Signature>,
    /// Who holds it today.
    pub structure: StructureId,
    /// For whom.
    pub usager: UsagerId,
    /// Under which membership it was made; none when it was taken over without one.
    pub appartenance: Option<AppartenanceId>,
    /// When it began.
    pub cree_le: DateTime<Utc>,
    /// When it ends.
    pub expire_le: DateTime<Utc>,
    /// For how many days of 24 hours.
    pub duree: u16,
    /// Whether the person agreed at a distance.
    pub a_distance: bool,
    /// The mandat that it renews.
    pub renouvelle: Option<MandatId>,
    /// What making it twice has in common.
    pub cle_unicite: String,
    /// When it was taken over from another system.
    pub repris_le: Option<DateTime<Utc>>,
}

/// What was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// SHA-256 of the signed bytes.
    pub empreinte: Empreinte,
    /// Name of the key.
    pub kid: String,
    /// The file, letter for letter.
    pub document: String,
}

impl Signature {
    /// Of a mandat that was just signed.
    ///
    /// # Errors
    /// Never of a mandat that was signed.
    pub fn de(signe: &Signe) -> Result<Self, Refus> {
        Ok(Self { empreinte: signe.empreinte(), kid: signe.kid().to_owned(), document: signe.fichier()? })
    }

    /// Reads the file again, under the keys that this site publishes ([`crate::cles::publiees`]): it is whole, it was signed
    /// here, and it is the one of that number and print. A row that another hand wrote is not believed.
    pub fn relire(&self, numero: &Numero, cles: &KeySet) -> Verdict {
        let signe = crate::document::verifie(self.document.as_bytes(), cles)?;
        if signe.empreinte() != self.empreinte || signe.contenu().numero != *numero {
            return Err(Refus::Signature);
        }
        Ok(signe)
    }
}

impl Mandat {
    /// One of the four durations; none of an old one taken over.
    pub fn duree(&self) -> Option<Duree> {
        Duree::try_from(self.duree).ok()
    }
}

/// One démarche of a mandat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Autorisation {
    /// Its identifier.
    pub id: AutorisationId,
    /// Of which mandat.
    pub mandat: MandatId,
    /// Who may act.
    pub structure: StructureId,
    /// For whom.
    pub usager: UsagerId,
    /// Key of the démarche.
    pub demarche: String,
    /// When it began.
    pub cree_le: DateTime<Utc>,
    /// When it ends by itself.
    pub expire_le: DateTime<Utc>,
    /// How it was ended.
    pub fin: Option<Fin>,
}

/// How an autorisation was ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fin {
    /// A newer mandat of the same organisation and person covers the same démarche.
    Remplacee {
        /// When.
        le: DateTime<Utc>,
        /// By which.
        par: MandatId,
    },
    /// Somebody put an end to it.
    Revoquee {
        /// When.
        le: DateTime<Utc>,
        /// Who.
        par: Auteur,
        /// Why.
        raison: Raison,
        /// In their words.
        precision: Option<String>,
    },
}

impl Fin {
    /// When.
    pub fn le(&self) -> DateTime<Utc> {
        match self {
            Self::Remplacee { le, .. } | Self::Revoquee { le, .. } => *le,
        }
    }
}

/// Who puts an end to an autorisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Auteur {
    /// An aidant of the organisation.
    Aidant(AidantId),
    /// The person.
    Personne,
    /// The staff of the service.
    Gestion(CompteId),
    /// The rules of the site: an organisation that ended, a person who died.
    Site,
}

impl Auteur {
    /// Keys, in the order of the variants.
    pub const CLES: [&'static str; 4] = ["aidant", "personne", "gestion", "site"];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Aidant(_) => Self::CLES[0],
            Self::Personne => Self::CLES[1],
            Self::Gestion(_) => Self::CLES[2],
            Self::Site => Self::CLES[3],
        }
    }
}

/// Why an autorisation is revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Raison {
    /// The person asked for it.
    Demande,
    /// What it was for is done.
    Terminee,
    /// It was made by mistake.
    Erreur,
    /// The person may not give a mandat any more (protection of adults).
    Protection,
    /// The person died (code civil, article 2003).
    Deces,
    /// Another one, in words.
    Autre,
}

impl Raison {
    /// Every one, in the order of the form.
    pub const TOUTES: [Self; 6] =
        [Self::Demande, Self::Terminee, Self::Erreur, Self::Protection, Self::Deces, Self::Autre];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Demande => "demande",
            Self::Terminee => "terminee",
            Self::Erreur => "erreur",
            Self::Protection => "protection",
            Self::Deces => "deces",
            Self::Autre => "autre",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|r| r.cle() == cle)
    }

    /// On the screen and on the certificate.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Demande => "La personne l’a demandé",
            Self::Terminee => "La démarche est finie",
            Self::Erreur => "Le mandat a été fait par erreur",
            Self::Protection => "La personne est désormais sous tutelle ou curatelle",
            Self::Deces => "La personne est décédée",
            Self::Autre => "Autre raison",
        }
    }
}

/// Where an autorisation is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EtatAutorisation {
    /// It may be used.
    Active,
    /// Its date has passed.
    Expiree,
    /// Somebody put an end to it.
    Revoquee,
    /// A newer one took its place.
    Remplacee,
}

impl EtatAutorisation {
    /// On the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expiree => "Expirée",
            Self::Revoquee => "Révoquée",
            Self::Remplacee => "Remplacée",
        }
    }
}

impl Autorisation {
    /// Where it is now: what came first, its date or the act that ended it.
    pub fn etat(&self, now: DateTime<Utc>) -> EtatAutorisation {
        match &self.fin {
            Some(fin) if fin.le() < self.expire_le => match fin {
                Fin::Remplacee { .. } => EtatAutorisation::Remplacee,
                Fin::Revoquee { .. } => EtatAutorisation::Revoquee,
            },
            // Ended after its own date: it had expired.
            Some(_) => EtatAutorisation::Expiree,
            None if self.expire_le <= now => EtatAutorisation::Expiree,
            None => EtatAutorisation::Active,
        }
    }

    /// Whether it may be used now.
    pub fn active(&self, now: DateTime<Utc>) -> bool {
        self.etat(now) == EtatAutorisation::Active
    }

    /// When it ended or ends.
    pub fn finit_le(&self) -> DateTime<Utc> {
        self.fin.as_ref().map_or(self.expire_le, |fin| fin.le().min(self.expire_le))
    }

    /// Whether it still shows in lists, once ended.
    pub fn montree(&self, now: DateTime<Utc>) -> bool {
        now - self.finit_le() <= TimeDelta::days(MONTRE)
    }

    /// Days left, begun ones counted whole; 0 when it is not active.
    pub fn jours_restants(&self, now: DateTime<Utc>) -> i64 {
        if self.active(now) { ((self.expire_le - now).num_seconds() + 86_399) / 86_400 } else { 0 }
    }
}

/// A person, in the list of an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Personne {
    /// Who.
    pub usager: UsagerId,
    /// Given names.
    pub prenoms: String,
    /// Birth name.
    pub nom: String,
    /// Name in use.
    pub nom_usage: Option<String>,
    /// Gender, for the words around.
    pub genre: crate::usagers::Genre,
    /// Date of birth.
    pub naissance: Naissance,
    /// What is active now for this organisation, of which démarches and until when.
    pub autorisations: Vec<Autorisation>,
}
