//! What a candidat types, and the list of its attributes: history, conflict pages and merges walk that list.

use annuaire::structures::model::CommuneChoisie;
use chrono::NaiveDate;
use kernel::{CodePostal, Email, Position, Telephone};

use super::{Rayon, Situations};

/// What a candidat types.
#[derive(Clone, PartialEq, Debug)]
pub struct Fiche {
    /// First name.
    pub prenom: String,
    /// Last name.
    pub nom: String,
    /// Where to write; proven by the link that is sent there.
    pub courriel: Email,
    /// Where to call.
    pub telephone: Option<Numero>,
    /// Where they live.
    pub lieu: Lieu,
    /// How far from there they would work.
    pub rayon: Rayon,
    /// From which day.
    pub disponible_le: NaiveDate,
    /// What they are today.
    pub situations: Situations,
    /// Why they want to be conseiller numérique.
    pub motivation: String,
}

/// Where a candidat lives: a commune, never an address.
#[derive(Clone, PartialEq, Debug)]
pub struct Lieu {
    /// The commune.
    pub commune: CommuneChoisie,
    /// The postal code typed with it.
    pub code_postal: CodePostal,
    /// The point that distances are measured from: the centre of the commune, or of its arrondissement.
    pub position: Position,
}

/// A telephone number: one of France, or `+` and eleven or twelve digits of another country.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numero(String);

impl Numero {
    /// Parses what a person typed, whatever its blanks, dots and dashes.
    ///
    /// # Errors
    /// A sentence for the field.
    pub fn parse(typed: &str) -> Result<Self, String> {
        // Mainland numbers have nine digits after +33; those of the collectivities may have fewer.
        let entier = |t: &Telephone| t.as_str().strip_prefix("+33").is_none_or(|d| d.len() == 9);
        if let Some(francais) = Telephone::parse(typed).filter(entier) {
            return Ok(Self(francais.as_str().to_owned()));
        }
        let compact: String = typed.chars().filter(|c| !c.is_whitespace() && !".-/()".contains(*c)).collect();
        let etranger = compact.strip_prefix('+').is_some_and(|d| {
            (11..=12).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()) && !d.starts_with("33")
        });
        if etranger {
            Ok(Self(compact))
        } else {
            Err("Écrivez un numéro à dix chiffres, comme 06 12 34 56 78, ou un numéro international qui commence par +."
                .to_owned())
        }
    }

    /// International form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it.
    pub fn lisible(&self) -> String {
        Telephone::parse(&self.0).map_or_else(|| self.0.clone(), |t| t.lisible())
    }
}

/// One attribute of the sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attribut {
    /// First name.
    Prenom,
    /// Last name.
    Nom,
    /// E-mail address.
    Courriel,
    /// Telephone.
    Telephone,
    /// Commune and postal code.
    Commune,
    /// How far they would work.
    Rayon,
    /// From when.
    DisponibleLe,
    /// What they are today.
    Situations,
    /// Why they apply.
    Motivation,
}

impl Attribut {
    /// All, in the order of the form.
    pub const TOUS: [Self; 9] = [
        Self::Prenom,
        Self::Nom,
        Self::Courriel,
        Self::Telephone,
        Self::Commune,
        Self::Rayon,
        Self::DisponibleLe,
        Self::Situations,
        Self::Motivation,
    ];

    /// Name of its field in forms.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Prenom => "prenom",
            Self::Nom => "nom",
            Self::Courriel => "courriel",
            Self::Telephone => "telephone",
            Self::Commune => "commune",
            Self::Rayon => "rayon",
            Self::DisponibleLe => "disponible_le",
            Self::Situations => "situations",
            Self::Motivation => "motivation",
        }
    }

    /// Its label.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Prenom => "Prénom",
            Self::Nom => "Nom",
            Self::Courriel => "Adresse électronique",
            Self::Telephone => "Téléphone",
            Self::Commune => "Commune",
            Self::Rayon => "Distance",
            Self::DisponibleLe => "Disponible à partir du",
            Self::Situations => "Situation",
            Self::Motivation => "Motivation",
        }
    }

    /// The attribute of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|a| a.cle() == cle)
    }
}

/// An attribute that differs between two sheets, both values in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ecart {
    /// Which.
    pub attribut: Attribut,
    /// In the first.
    pub avant: String,
    /// In the second.
    pub apres: String,
}

impl Fiche {
    /// Where the person would work: the point, the ground that it lies on, how far from there.
    pub fn zone(&self) -> (&annuaire::structures::model::CommuneChoisie, kernel::Position, super::Rayon) {
        (&self.lieu.commune, self.lieu.position, self.rayon)
    }

    /// First and last name.
    pub fn nom_complet(&self) -> String {
        format!("{} {}", self.prenom, self.nom)
    }

    /// The value of an attribute, in words; empty when there is none.
    pub fn lisible(&self, attribut: Attribut) -> String {
        match attribut {
            Attribut::Prenom => self.prenom.clone(),
            Attribut::Nom => self.nom.clone(),
            Attribut::Courriel => self.courriel.to_string(),
            Attribut::Telephone => self.telephone.as_ref().map(Numero::lisible).unwrap_or_default(),
            Attribut::Commune => format!("{} {}", self.lieu.code_postal, self.lieu.commune.nom),
            Attribut::Rayon => self.rayon.libelle(),
            Attribut::DisponibleLe => self.disponible_le.format("%d/%m/%Y").to_string(),
            Attribut::Situations => self.situations.lisible(),
            Attribut::Motivation => self.motivation.clone(),
        }
    }

    /// Whether both sheets hold the same value.
    pub fn pareil(&self, autre: &Self, attribut: Attribut) -> bool {
        match attribut {
            Attribut::Prenom => self.prenom == autre.prenom,
            Attribut::Nom => self.nom == autre.nom,
            Attribut::Courriel => self.courriel == autre.courriel,
            Attribut::Telephone => self.telephone == autre.telephone,
            Attribut::Commune => self.lieu == autre.lieu,
            Attribut::Rayon => self.rayon == autre.rayon,
            Attribut::DisponibleLe => self.disponible_le == autre.disponible_le,
            Attribut::Situations => self.situations == autre.situations,
            Attribut::Motivation => self.motivation == autre.motivation,
        }
    }

    /// Takes the value of an attribute from another sheet.
    pub fn prendre(&mut self, attribut: Attribut, autre: &Self) {
        match attribut {
            Attribut::Prenom => self.prenom.clone_from(&autre.prenom),
            Attribut::Nom => self.nom.clone_from(&autre.nom),
            Attribut::Courriel => self.courriel.clone_from(&autre.courriel),
            Attribut::Telephone => self.telephone.clone_from(&autre.telephone),
            Attribut::Commune => self.lieu.clone_from(&autre.lieu),
            Attribut::Rayon => self.rayon = autre.rayon,
            Attribut::DisponibleLe => self.disponible_le = autre.disponible_le,
            Attribut::Situations => self.situations.clone_from(&autre.situations),
            Attribut::Motivation => self.motivation.clone_from(&autre.motivation),
        }
    }

    /// What differs from this sheet to that one.
    pub fn ecarts(&self, apres: &Self) -> Vec<Ecart> {
        Attribut::TOUS
            .into_iter()
            .filter(|a| !self.pareil(apres, *a))
            .map(|attribut| Ecart { attribut, avant: self.lisible(attribut), apres: apres.lisible(attribut) })
            .collect()
    }

    /// What the search of the administration looks into, folded.
    pub fn recherche(&self, numero: i64) -> String {
        kernel::text::fold(&format!(
            "{} {} {} {} {} {} {numero}",
            self.nom,
            self.prenom,
            self.courriel,
            self.telephone.as_ref().map(Numero::as_str).unwrap_or_default(),
            self.lieu.code_postal,
            self.lieu.commune.nom,
        ))
    }
}
