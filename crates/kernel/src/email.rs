//! E-mail addresses, checked in shape only: the proof is the message that arrives.

use crate::Refusal;

/// An address of plausible shape, with its domain in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Parses what a person typed.
    ///
    /// # Errors
    /// A sentence for the field when the shape cannot be that of an address.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let refuse = || "Écrivez une adresse électronique complète, comme prenom.nom@exemple.fr.".to_owned();
        let typed = typed.trim();
        let (local, domain) = typed.rsplit_once('@').ok_or_else(refuse)?;
        let domain = domain.to_lowercase();
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let labels: Vec<&str> = domain.split('.').collect();
        let domain_ok = labels.len() >= 2
            && domain.len() <= 253
            && labels.iter().all(|l| {
                !l.is_empty()
                    && l.len() <= 63
                    && !l.starts_with('-')
                    && !l.ends_with('-')
                    && l.chars().all(|c| c.is_alphanumeric() || c == '-')
            })
            && labels.last().is_some_and(|l| l.chars().count() >= 2 && l.chars().any(char::is_alphabetic));
        if local_ok && domain_ok { Ok(Self(format!("{local}@{domain}"))) } else { Err(refuse()) }
    }

    /// As written, domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which two spellings are one account: all in lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Email {
    type Err = Refusal;
    fn from_str(s: &str) -> Result<Self, Refusal> {
        Self::parse(s).map_err(|m| Refusal::field("courriel", m))
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn accepts_and_refuses() {
        for good in ["a@b.fr", "prenom.nom+tri@Exemple.GOUV.fr", "x@sous-domaine.exemple.info", " a@b.fr "] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "a", "a@b", "@b.fr", "a@", "a b@c.fr", "a@b..fr", ".a@b.fr", "a@-b.fr", "a@b.f", "a@1.2"]
        {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Email::parse("Moi@EXEMPLE.fr").map(|e| e.key()), Ok("moi@exemple.fr".to_owned()));
    }
}
