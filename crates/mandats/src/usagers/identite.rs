//! An identity, as FranceConnect gives it.

use kernel::Email;
use oidc::Claims;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::document::{Naissance, lisse_ligne};

/// INSEE code of France, of which alone FranceConnect gives a commune of birth.
pub(super) const FRANCE: &str = "99100";

/// The gender of the civil status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Genre {
    /// `female`.
    Feminin,
    /// `male`.
    Masculin,
    /// `unspecified`.
    NonPrecise,
}

impl Genre {
    /// Every one.
    pub const TOUS: [Self; 3] = [Self::Feminin, Self::Masculin, Self::NonPrecise];

    /// In the words of FranceConnect, which are those of the database.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Feminin => "female",
            Self::Masculin => "male",
            Self::NonPrecise => "unspecified",
        }
    }

    /// From the words of FranceConnect.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }

    /// « née », « né » or « né(e) ».
    pub fn ne(self) -> &'static str {
        match self {
            Self::Feminin => "née",
            Self::Masculin => "né",
            Self::NonPrecise => "né(e)",
        }
    }

    /// « née le 17 mai 1962 », « né en 1958 (…) ».
    pub fn nee(self, naissance: &Naissance) -> String {
        let mot = if naissance.jour_connu() { "le" } else { "en" };
        format!("{} {mot} {}", self.ne(), naissance.en_lettres())
    }
}

/// Who somebody is, by the civil status; nothing here was typed by an aidant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identite {
    /// Given names, in the order of the civil status.
    pub prenoms: String,
    /// Birth name.
    pub nom: String,
    /// Name in use, when another.
    pub nom_usage: Option<String>,
    /// Gender.
    pub genre: Genre,
    /// Both forms of the date of birth.
    pub naissance: Naissance,
    /// INSEE code of the commune of birth, in France.
    pub commune: Option<String>,
    /// INSEE code of the country of birth.
    pub pays: String,
    /// The address that FranceConnect knows.
    #[serde(default, deserialize_with = "courriel")]
    pub courriel: Option<Email>,
}

/// An address that is stored; one that no longer reads is none.
fn courriel<'de, D: Deserializer<'de>>(de: D) -> Result<Option<Email>, D::Error> {
    let texte: Option<String> = Option::deserialize(de)?;
    Ok(texte.and_then(|t| Email::parse(&t).ok()))
}

impl Identite {
    /// From claims of FranceConnect: `birthdate`, completed by 01 when the day or the month is not known, and
    /// `idp_birthdate`, as the civil status has it, when it was granted.
    ///
    /// # Errors
    /// Names of the claims that FranceConnect itself would refuse the day the mandat is used (its checks 19 and 20), or
    /// that a document may not hold. An address that is missing or wrong is no reason: the person may have none.
    pub fn lire(claims: &Claims) -> Result<Self, Vec<&'static str>> {
        let mut refuses = oidc::franceconnect::refused_claims(claims);
        refuses.retain(|nom| !matches!(*nom, "email" | "preferred_username"));
        let texte = |nom: &str| claims.get(nom).and_then(Value::as_str).filter(|t| !t.is_empty());
        let mut ligne = |nom: &'static str| match texte(nom).map(lisse_ligne) {
            Some(Ok((ligne, _))) => ligne,
            _ => {
                refuses.push(nom);
                String::new()
            }
        };
        let (prenoms, nom) = (ligne("given_name"), ligne("family_name"));
        let naissance =
            texte("birthdate").and_then(|date| Naissance::lire(texte("idp_birthdate").unwrap_or(date), date));
        if naissance.is_none() {
            refuses.push("birthdate");
        }
        let pays = texte("birthcountry").unwrap_or_default().to_owned();
        let commune = texte("birthplace").filter(|_| pays == FRANCE).map(str::to_owned);
        let nom_usage = texte("preferred_username").and_then(|n| lisse_ligne(n).ok()).map(|(n, _)| n);
        match (naissance, texte("gender").and_then(Genre::from_cle)) {
            (Some(naissance), Some(genre)) if refuses.is_empty() => Ok(Self {
                nom_usage: nom_usage.filter(|n| *n != nom),
                prenoms,
                nom,
                genre,
                naissance,
                commune,
                pays,
                courriel: texte("email").and_then(|e| Email::parse(e).ok()),
            }),
            _ => {
                refuses.sort_unstable();
                refuses.dedup();
                Err(refuses)
            }
        }
    }

    /// As we give it to FranceConnect, under that `sub`: the date of birth as the civil status has it, which the register
    /// knows. No claim is empty.
    pub fn claims(&self, sub: &str) -> Claims {
        let mut claims = Claims::new();
        let mut met = |nom: &str, valeur: &str| claims.insert(nom.to_owned(), json!(valeur));
        met("sub", sub);
        met("given_name", &self.prenoms);
        met("family_name", &self.nom);
        met("gender", self.genre.cle());
        met("birthdate", &self.naissance.etat_civil);
        met("birthcountry", &self.pays);
        if let Some(commune) = &self.commune {
            met("birthplace", commune);
        }
        if let Some(nom) = &self.nom_usage {
            met("preferred_username", nom);
        }
        if let Some(courriel) = &self.courriel {
            met("email", courriel.as_str());
        }
        claims
    }

    /// Given names and birth name, with the name in use.
    pub fn nom_complet(&self) -> String {
        let usage = self.nom_usage.as_ref().map(|n| format!(", nom d’usage {n}")).unwrap_or_default();
        format!("{} {}{usage}", self.prenoms, self.nom)
    }

    /// « née le 17 mai 1962 », « née en 1962 (…) »: what the civil status knows of it.
    pub fn nee(&self) -> String {
        self.genre.nee(&self.naissance)
    }
}
