//! Sessions and devices.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Role};

use crate::comptes::model::{Attribution, AttributionId, Compte, Vue, VueId};

kernel::typed_id!(SessionId, "a session");
kernel::typed_id!(AppareilId, "a device that somebody has signed in from");

/// How the person proved who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Methode {
    /// Password, then a one-time code.
    MotDePasse,
    /// Password, then a recovery code.
    Secours,
    /// Passkey, with the person's presence verified by the device.
    Cle,
    /// ProConnect.
    ProConnect,
    /// The page that follows an invitation, where proofs have just been chosen.
    Invitation,
    /// The demonstration's page.
    Demonstration,
}

/// The keys of [`Methode`] in the database.
pub const METHODES: &[&str] =
    &["mot_de_passe", "secours", "cle", "proconnect", "invitation", "demonstration"];

impl Methode {
    const ALL: [Self; 6] =
        [Self::MotDePasse, Self::Secours, Self::Cle, Self::ProConnect, Self::Invitation, Self::Demonstration];

    /// Its key in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::MotDePasse => METHODES[0],
            Self::Secours => METHODES[1],
            Self::Cle => METHODES[2],
            Self::ProConnect => METHODES[3],
            Self::Invitation => METHODES[4],
            Self::Demonstration => METHODES[5],
        }
    }

    /// The method of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.key() == key)
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::MotDePasse => "Mot de passe et code",
            Self::Secours => "Mot de passe et code de secours",
            Self::Cle => "Clé d’accès",
            Self::ProConnect => "ProConnect",
            Self::Invitation => "Invitation",
            Self::Demonstration => "Démonstration",
        }
    }
}

/// A session, as stored (its secret is not: only the hash is).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Whose.
    pub compte: CompteId,
    /// How it was opened.
    pub methode: Methode,
    /// What the browser says of itself: `Firefox sur Linux`.
    pub appareil: String,
    /// The device, when it is one that is remembered.
    pub appareil_id: Option<AppareilId>,
    /// The role chosen to act in.
    pub attribution: Option<AttributionId>,
    /// The look at the site as somebody, while it lasts.
    pub vue: Option<VueId>,
    /// When it was opened.
    pub cree_le: DateTime<Utc>,
    /// Last request, within a minute.
    pub vu_le: DateTime<Utc>,
    /// When it ends whatever happens.
    pub expire_le: DateTime<Utc>,
    /// When the person last proved who they are.
    pub confirme_le: DateTime<Utc>,
    /// When it was taken up again after a long silence, if nobody has proved since who is there.
    pub reprise_le: Option<DateTime<Utc>>,
    /// When it was closed, if it was.
    pub fermee_le: Option<DateTime<Utc>>,
    /// Sealed token of ProConnect, needed to sign out there.
    pub jeton: Option<String>,
}

/// A device that has signed in: trusted not with a sign-in, only with its own count of failed
/// tries, so that strangers who try passwords do not lock the person out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appareil {
    /// Its identifier.
    pub id: AppareilId,
    /// Whose.
    pub compte: CompteId,
    /// What the browser says of itself.
    pub nom: String,
    /// First sign-in.
    pub cree_le: DateTime<Utc>,
    /// Last sign-in.
    pub vu_le: DateTime<Utc>,
}

/// Who is behind a request. Found by the middleware in the request's extensions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Present {
    /// The session.
    pub session: Session,
    /// The account that signed in.
    pub compte: Compte,
    /// Its roles that count now.
    pub roles: Vec<Attribution>,
    /// The person whose eyes are borrowed, if any.
    pub vue: Option<Regard>,
    /// The role acted in (the borrowed one during a "see as"); none without a role.
    pub actor: Option<Actor>,
    /// Identifier of that role's row.
    pub attribution: Option<AttributionId>,
}

/// A look at the site as somebody, under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regard {
    /// The look.
    pub vue: Vue,
    /// The person seen.
    pub vu: Compte,
    /// Their roles that count now.
    pub roles: Vec<Attribution>,
}

impl Present {
    /// The account whose pages are shown.
    pub fn visible(&self) -> &Compte {
        self.vue.as_ref().map_or(&self.compte, |r| &r.vu)
    }

    /// The role acted in.
    pub fn role(&self) -> Option<Role> {
        self.actor.as_ref().map(|a| a.role)
    }
}
