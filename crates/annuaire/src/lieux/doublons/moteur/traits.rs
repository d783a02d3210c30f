//! What the comparison looks at in a record, made ready once.

use std::collections::HashMap;

use kernel::Position;
use kernel::text::fold;

use super::adresse::Adresse;
use super::nom::Nom;

/// A record of a lieu, as a source gives it. What is unknown is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Releve<'a> {
    /// Who delivers it.
    pub source: &'a str,
    /// Public name.
    pub nom: &'a str,
    /// INSEE code of the commune.
    pub code_commune: &'a str,
    /// Name of the commune.
    pub commune: &'a str,
    /// Postal code.
    pub code_postal: &'a str,
    /// Number and street.
    pub adresse: &'a str,
    /// WGS84.
    pub position: Option<Position>,
    /// One number, `+33…`.
    pub telephone: &'a str,
    /// Addresses joined by `|`.
    pub courriels: &'a str,
    /// URLs joined by `|`.
    pub sites: &'a str,
    /// SIRET, RNA or RIDET; the fourteen zeros of the unknown are empty here.
    pub pivot: &'a str,
    /// Codes joined by `|`.
    pub typologie: &'a str,
    /// Whether it says that it moves, or that it does not; unknown when it says nothing, or both.
    pub itinerant: Option<bool>,
}

/// A record made ready to be compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Traits {
    pub(super) source: Box<str>,
    pub(super) libelle: Box<str>,
    pub(super) commune: Box<str>,
    pub(super) voie: Box<str>,
    pub(super) nom: Nom,
    pub(super) adresse: Adresse,
    pub(super) position: Option<Position>,
    pub(super) telephone: Box<str>,
    pub(super) courriels: Box<[Box<str>]>,
    pub(super) sites: Box<[Box<str>]>,
    pub(super) pivot: Box<str>,
    pub(super) itinerant: Option<bool>,
}

impl Traits {
    /// Takes a record apart.
    pub fn new(r: &Releve<'_>) -> Self {
        let commune = nom_commune(r.commune);
        let mots: Vec<&str> = commune.split(' ').filter(|m| m.len() > 1).collect();
        let nom = Nom::lit(r.nom, &mots, r.typologie);
        Self {
            source: r.source.into(),
            libelle: r.nom.into(),
            commune: cle_commune(r, &commune),
            voie: r.adresse.into(),
            nom,
            adresse: Adresse::lit(r.adresse, r.code_postal, &mots),
            position: r.position,
            telephone: r.telephone.into(),
            courriels: r
                .courriels
                .split('|')
                .map(|c| c.trim().to_lowercase())
                .filter(|c| c.contains('@'))
                .map(Into::into)
                .collect(),
            sites: r.sites.split('|').map(site).filter(|s| s.contains('.')).collect(),
            pivot: if r.pivot.trim_matches('0').is_empty() { "".into() } else { r.pivot.into() },
            itinerant: r.itinerant,
        }
    }

    /// Its cell of some hundreds of metres; without a position, one of its own for each commune.
    fn place(&self) -> (i32, i32) {
        match self.position {
            #[expect(clippy::cast_possible_truncation, reason = "degrees times two hundred")]
            Some(p) => ((p.latitude * 200.0).round() as i32, (p.longitude * 200.0).round() as i32),
            None => (
                1_000_000,
                self.commune.bytes().fold(7, |h: i32, b| h.wrapping_mul(31) ^ i32::from(b)) & 0xff_fffe,
            ),
        }
    }

    /// Keys that others may share: telephone, addresses, sites, number of the organisation.
    pub(super) fn coordonnees(&self) -> impl Iterator<Item = &str> {
        [&self.telephone, &self.pivot]
            .into_iter()
            .chain(self.courriels.iter())
            .chain(self.sites.iter())
            .map(|c| c.as_ref())
            .filter(|c| !c.is_empty())
    }
}

/// The name of a commune as a key: no article of typing, no arrondissement, no CEDEX.
fn nom_commune(nom: &str) -> String {
    let plie = fold(nom);
    let mut mots = Vec::new();
    for mot in plie.split(' ') {
        match mot {
            "cedex" => break,
            "st" => mots.push("saint"),
            "ste" => mots.push("sainte"),
            m if m.starts_with(|c: char| c.is_ascii_digit()) => {}
            m => mots.push(m),
        }
    }
    mots.join(" ")
}

/// Arrondissements are one commune; without a code, the département and the name.
fn cle_commune(r: &Releve<'_>, nom: &str) -> Box<str> {
    match r.code_commune {
        "" => format!("{} {nom}", r.code_postal.get(..2).unwrap_or_default()).into(),
        c if c.starts_with("751") => "75056".into(),
        c if c.starts_with("1320") || c.starts_with("1321") => "13055".into(),
        c if c.starts_with("6938") => "69123".into(),
        c => c.into(),
    }
}

/// A URL without what varies: `https://www.Exemple.fr/` is `exemple.fr`.
fn site(url: &str) -> Box<str> {
    let bas = url.trim().to_lowercase();
    let sans = bas.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    sans.trim_end_matches('/').into()
}

/// In how many places each telephone, address, site or number of organisation stands: a switchboard is no proof, and
/// five records of one door are one place.
#[derive(Debug, Default)]
pub struct Frequences<'a>(HashMap<&'a str, Vec<(i32, i32)>>);

/// Places beyond this many are not counted: the number is shared, whatever comes.
const PLACES_MAX: usize = 12;

impl<'a> Frequences<'a> {
    /// Counts them.
    pub fn compte(traits: &'a [Traits]) -> Self {
        let mut comptes: HashMap<&str, Vec<(i32, i32)>> = HashMap::new();
        for t in traits {
            let place = t.place();
            for cle in t.coordonnees() {
                let places = comptes.entry(cle).or_default();
                if places.len() < PLACES_MAX && !places.iter().any(|p| voisines(*p, place)) {
                    places.push(place);
                }
            }
        }
        Self(comptes)
    }

    /// Places of a key, at least one.
    pub(super) fn de(&self, cle: &str) -> usize {
        self.0.get(cle).map_or(1, Vec::len)
    }
}

/// Less than about a kilometre apart.
fn voisines(a: (i32, i32), b: (i32, i32)) -> bool {
    (a.0 - b.0).abs() <= 1 && (a.1 - b.1).abs() <= 1
}
