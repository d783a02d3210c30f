//! The sheet of a structure, and the list of its attributes.

use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::{CodePostal, Pivot, Reseau};

use super::{CategorieJuridique, CommuneChoisie, Genre};

/// What people type about a structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fiche {
    /// Its number: SIRET, RNA or RIDET; none when none was stated.
    pub pivot: Option<Pivot>,
    /// Its name.
    pub nom: String,
    /// Its kind.
    pub genre: Genre,
    /// Its legal category, when known.
    pub categorie: Option<CategorieJuridique>,
    /// Number and street.
    pub voie: Option<String>,
    /// Postal code of its address.
    pub code_postal: Option<CodePostal>,
    /// Its commune.
    pub commune: CommuneChoisie,
    /// Its site.
    pub site_web: Option<SiteWeb>,
    /// The grand réseau that it belongs to: its national head sees it, wherever it is.
    pub reseau: Option<Reseau>,
}

/// One attribute of the sheet. The list that forms, history, conflicts and merges walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attribut {
    /// SIRET, RNA or RIDET.
    Pivot,
    /// Name.
    Nom,
    /// Kind.
    Genre,
    /// Legal category.
    Categorie,
    /// Number and street.
    Voie,
    /// Postal code.
    CodePostal,
    /// Commune.
    Commune,
    /// Site.
    SiteWeb,
    /// Grand réseau.
    Reseau,
}

impl Attribut {
    /// All, in the order of the form.
    pub const TOUS: [Self; 9] = [
        Self::Nom,
        Self::Pivot,
        Self::Genre,
        Self::Categorie,
        Self::Voie,
        Self::CodePostal,
        Self::Commune,
        Self::SiteWeb,
        Self::Reseau,
    ];

    /// Name of its field in forms.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Pivot => "pivot",
            Self::Nom => "nom",
            Self::Genre => "genre",
            Self::Categorie => "categorie",
            Self::Voie => "voie",
            Self::CodePostal => "code_postal",
            Self::Commune => "commune",
            Self::SiteWeb => "site_web",
            Self::Reseau => "reseau",
        }
    }

    /// Its label.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Pivot => "SIRET, RNA ou RIDET",
            Self::Nom => "Nom",
            Self::Genre => "Genre",
            Self::Categorie => "Catégorie juridique",
            Self::Voie => "Adresse",
            Self::CodePostal => "Code postal",
            Self::Commune => "Commune",
            Self::SiteWeb => "Site internet",
            Self::Reseau => "Grand réseau",
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
    /// The value of an attribute, in words; empty when there is none.
    pub fn lisible(&self, attribut: Attribut) -> String {
        match attribut {
            Attribut::Pivot => self.pivot.as_ref().map(ToString::to_string).unwrap_or_default(),
            Attribut::Nom => self.nom.clone(),
            Attribut::Genre => self.genre.libelle().to_owned(),
            Attribut::Categorie => {
                self.categorie.as_ref().map(CategorieJuridique::lisible).unwrap_or_default()
            }
            Attribut::Voie => self.voie.clone().unwrap_or_default(),
            Attribut::CodePostal => self.code_postal.as_ref().map(ToString::to_string).unwrap_or_default(),
            Attribut::Commune => format!("{} ({})", self.commune.nom, self.commune.code),
            Attribut::SiteWeb => self.site_web.as_ref().map(|s| s.0.clone()).unwrap_or_default(),
            Attribut::Reseau => self.reseau.map(Reseau::nom).unwrap_or_default().to_owned(),
        }
    }

    /// Whether both sheets hold the same value.
    pub fn pareil(&self, autre: &Self, attribut: Attribut) -> bool {
        match attribut {
            Attribut::Pivot => self.pivot == autre.pivot,
            Attribut::Nom => self.nom == autre.nom,
            Attribut::Genre => self.genre == autre.genre,
            Attribut::Categorie => self.categorie == autre.categorie,
            Attribut::Voie => self.voie == autre.voie,
            Attribut::CodePostal => self.code_postal == autre.code_postal,
            Attribut::Commune => self.commune == autre.commune,
            Attribut::SiteWeb => self.site_web == autre.site_web,
            Attribut::Reseau => self.reseau == autre.reseau,
        }
    }

    /// Takes the value of an attribute from another sheet.
    pub fn prendre(&mut self, attribut: Attribut, autre: &Self) {
        match attribut {
            Attribut::Pivot => self.pivot.clone_from(&autre.pivot),
            Attribut::Nom => self.nom.clone_from(&autre.nom),
            Attribut::Genre => self.genre = autre.genre,
            Attribut::Categorie => self.categorie.clone_from(&autre.categorie),
            Attribut::Voie => self.voie.clone_from(&autre.voie),
            Attribut::CodePostal => self.code_postal.clone_from(&autre.code_postal),
            Attribut::Commune => self.commune = autre.commune.clone(),
            Attribut::SiteWeb => self.site_web.clone_from(&autre.site_web),
            Attribut::Reseau => self.reseau = autre.reseau,
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

    /// Where the structure of this sheet stands; without identifier while it is only typed.
    pub fn cible(&self, id: Option<StructureId>) -> Cible {
        Cible {
            region: Some(self.commune.region.clone()),
            departement: Some(self.commune.departement.clone()),
            commune: Some(self.commune.code.clone()),
            reseau: self.reseau,
            structure: id,
            ..Cible::default()
        }
    }

    /// Street, postal code and commune on one line.
    pub fn adresse(&self) -> String {
        let ville = match &self.code_postal {
            Some(code) => format!("{code} {}", self.commune.nom),
            None => self.commune.nom.clone(),
        };
        match &self.voie {
            Some(voie) => format!("{voie}, {ville}"),
            None => ville,
        }
    }

    /// What the search of the list looks into, folded.
    pub fn recherche(&self) -> String {
        let pivot = self.pivot.as_ref().map(Pivot::as_str).unwrap_or_default();
        let code_postal = self.code_postal.as_ref().map(CodePostal::as_str).unwrap_or_default();
        kernel::text::fold(&format!(
            "{} {pivot} {code_postal} {} {}",
            self.nom, self.commune.nom, self.commune.code
        ))
    }
}

/// Address of a site: `https:` or `http:`, with a host of several labels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteWeb(String);

impl SiteWeb {
    /// Parses what a person typed; `www.exemple.fr` is understood.
    ///
    /// # Errors
    /// A sentence for the field.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let refuse = || "Écrivez une adresse de site complète, comme https://www.exemple.fr.".to_owned();
        let typed = typed.trim();
        let full = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
        let url = url::Url::parse(&full).map_err(|_| refuse())?;
        let host_ok = url.domain().is_some_and(|d| d.contains('.') && !d.ends_with('.'));
        let plain = url.username().is_empty() && url.password().is_none();
        if matches!(url.scheme(), "https" | "http") && host_ok && plain && full.len() <= 500 {
            Ok(Self(String::from(url)))
        } else {
            Err(refuse())
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text of one line, at most `max` characters, its blanks made single. What cannot be seen is refused: control
/// characters, and the marks that turn the direction of writing and make one name look like another.
///
/// # Errors
/// A sentence for the field.
pub fn texte_propre(typed: &str, max: usize) -> Result<String, String> {
    let hidden = |c: char| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if typed.chars().any(hidden) {
        return Err("Ce texte contient un caractère invisible. Effacez-le et retapez-le.".to_owned());
    }
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let n = text.chars().count();
    if n > max { Err(format!("Ce texte a {n} caractères ; {max} sont permis.")) } else { Ok(text) }
}
