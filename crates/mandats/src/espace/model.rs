//! Who is in their own space, and how they are told.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::codes::Adresse;
use crate::ids::UsagerId;
use crate::usagers::Contact;

/// How somebody came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moyen {
    /// FranceConnect.
    FranceConnect,
    /// A code sent to them.
    Code,
}

impl Moyen {
    /// Every one.
    pub const TOUS: [Self; 2] = [Self::FranceConnect, Self::Code];

    /// Its key.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::FranceConnect => "franceconnect",
            Self::Code => "code",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }
}

/// A session of this room.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) usager: UsagerId,
    pub(super) moyen: Moyen,
}

/// A session that is not used ends.
pub(super) const SANS_RIEN_FAIRE: TimeDelta = TimeDelta::minutes(30);
/// A session ends, whatever is done: the computer is often not the person's own.
pub(super) const EN_TOUT: TimeDelta = TimeDelta::hours(2);

/// A code that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Demande {
    pub(super) id: Uuid,
    /// None for somebody whom we do not know: the answer is the same, and no code is right.
    pub(super) usager: Option<UsagerId>,
    pub(super) code: String,
    pub(super) essais: i64,
    pub(super) expire_le: DateTime<Utc>,
}

/// A new address that waits for its code.
#[derive(Clone, Debug)]
pub(super) struct Changement {
    pub(super) id: Uuid,
    pub(super) usager: UsagerId,
    pub(super) adresse: Adresse,
    /// Keyed fingerprint of the code.
    pub(super) code: String,
    pub(super) essais: i64,
    pub(super) expire_le: DateTime<Utc>,
}

/// How long a code is good.
pub(super) const CODE: TimeDelta = TimeDelta::minutes(15);
/// Wrong tries of one code.
pub(super) const ESSAIS: i64 = 5;
/// Codes sent to one address in an hour, and in a day: with five tries each, one chance in 25 000 a day to guess right.
pub(super) const PAR_HEURE: i64 = 3;
pub(super) const PAR_JOUR: i64 = 8;

/// How somebody wants to be told of one kind of news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voie {
    /// By e-mail.
    Courriel,
    /// By text message.
    Sms,
    /// Not at all.
    Aucune,
}

impl Voie {
    /// Every one.
    pub const TOUTES: [Self; 3] = [Self::Courriel, Self::Sms, Self::Aucune];

    /// Its key.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::Courriel => "courriel",
            Self::Sms => "sms",
            Self::Aucune => "aucune",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|v| v.cle() == cle)
    }

    /// In words.
    pub const fn libelle(self) -> &'static str {
        match self {
            Self::Courriel => "Par courriel",
            Self::Sms => "Par SMS",
            Self::Aucune => "Ne pas me prévenir",
        }
    }
}

/// The kinds of news: key, words of the form.
pub(super) const GENRES: [(&str, &str); 5] = [
    ("creation", "Un mandat est créé"),
    ("usage", "Un aidant agit en mon nom"),
    ("renouvellement", "Un mandat est renouvelé"),
    ("revocation", "Un mandat prend fin avant sa date"),
    ("transfert", "Un mandat est confié à une autre organisation"),
];

/// How somebody is told who chose nothing: by e-mail, otherwise by text message; uses by e-mail only, for there may be many.
pub(super) fn par_defaut(genre: &str, contact: &Contact) -> Voie {
    match (&contact.courriel, &contact.telephone) {
        (Some(_), _) => Voie::Courriel,
        (None, Some(_)) if genre != "usage" => Voie::Sms,
        _ => Voie::Aucune,
    }
}

/// The ways that somebody may choose: those of which we have the address.
pub(super) fn possibles(contact: &Contact) -> Vec<Voie> {
    let fits = |v: &Voie| match v {
        Voie::Courriel => contact.courriel.is_some(),
        Voie::Sms => contact.telephone.is_some(),
        Voie::Aucune => true,
    };
    Voie::TOUTES.into_iter().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Email, Telephone};

    #[test]
    fn how_somebody_is_told_who_chose_nothing() {
        let courriel = Email::parse("a@exemple.fr").ok();
        let telephone = Telephone::parse("0601020304");
        for (courriel, telephone, creation, usage) in [
            (courriel.clone(), telephone.clone(), Voie::Courriel, Voie::Courriel),
            (courriel, None, Voie::Courriel, Voie::Courriel),
            (None, telephone, Voie::Sms, Voie::Aucune),
            (None, None, Voie::Aucune, Voie::Aucune),
        ] {
            let contact = Contact { courriel, telephone, ..Contact::default() };
            assert_eq!((par_defaut("creation", &contact), par_defaut("usage", &contact)), (creation, usage));
            assert!(possibles(&contact).contains(&par_defaut("usage", &contact)));
        }
    }
}
