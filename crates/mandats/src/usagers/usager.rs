//! A person who is helped.

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use kernel::{Email, Telephone};
use platform::Site;
use sha2::Sha256;

use super::Identite;
use crate::Failure;
use crate::ids::UsagerId;

/// How a person is told what is done in their name; they may have neither.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    /// E-mail.
    pub courriel: Option<Email>,
    /// Telephone.
    pub telephone: Option<Telephone>,
    /// Whether the e-mail is theirs: FranceConnect gave it, or a code sent there came back.
    pub courriel_prouve: bool,
    /// Whether the telephone is theirs: a code sent there came back.
    pub telephone_prouve: bool,
}

impl Contact {
    /// Whether a code sent somewhere opens their space. What an aidant typed is written to, and opens nothing.
    pub fn ouvre(&self) -> bool {
        (self.courriel.is_some() && self.courriel_prouve)
            || (self.telephone.is_some() && self.telephone_prouve)
    }
}

/// A person who is helped: one record for the country, seen by the organisations that they mandated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Usager {
    /// Its identifier.
    pub id: UsagerId,
    /// Keyed hash of what FranceConnect calls them ([`empreinte`]).
    pub sub: String,
    /// Who they are, as FranceConnect said last. The address is in `contact`.
    pub identite: Identite,
    /// How they are told.
    pub contact: Contact,
    /// Sealed key of their name in the journal: erased with them.
    pub(crate) cle_journal: String,
    /// Since when they are known.
    pub cree_le: DateTime<Utc>,
    /// When they were last identified, or mandated.
    pub vu_le: DateTime<Utc>,
    /// Grows by one at each change.
    pub version: i64,
}

/// The keyed hash of a `sub` of FranceConnect: the same person is found again, and a copy of the database does not say
/// who.
pub fn empreinte(site: &Site, sub: &str) -> String {
    site.secrets.fingerprint("usager.sub", sub)
}

/// Where the key of the journal is sealed for.
pub(super) fn place(id: UsagerId) -> String {
    format!("usager/cle_journal/{id}")
}

/// What the journal calls this person: an HMAC under a key of their own. When the person is erased the key goes with
/// them: the chain stays whole, and its lines speak of nobody.
///
/// # Errors
/// The key of the configuration is not the one that sealed theirs.
pub fn pseudonyme(site: &Site, usager: &Usager) -> Result<String, Failure> {
    let cle = site.secrets.open(&place(usager.id), &usager.cle_journal)?;
    // HMAC takes a key of any length: this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&cle) else { return Ok(String::new()) };
    mac.update(usager.id.0.as_bytes());
    let entier = kernel::text::hex(&mac.finalize().into_bytes());
    Ok(entier[..32].to_owned())
}

/// A new key of the journal for this person, sealed.
///
/// # Errors
/// No key in the configuration to seal it with.
pub(crate) fn sceller_cle_journal(site: &Site, id: UsagerId) -> Result<String, Failure> {
    Ok(site.secrets.seal(&site.chance, &place(id), &site.chance.bytes::<32>())?)
}
