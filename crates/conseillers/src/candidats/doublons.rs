//! Files that look like those of one person, and why: a person decides, and may go back.

use std::collections::{BTreeMap, HashMap};

use kernel::text::fold;
use uuid::Uuid;

use super::store::Signes;

/// What two files share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Signe {
    /// One mailbox, written in two ways: `a.b+x@…` and `ab@…`.
    Boite,
    /// One telephone number.
    Telephone,
    /// One name, with one postal code.
    NomEtCodePostal,
}

impl Signe {
    /// In words.
    pub(super) fn libelle(self) -> &'static str {
        match self {
            Self::Boite => "même boîte électronique",
            Self::Telephone => "même téléphone",
            Self::NomEtCodePostal => "même nom et même code postal",
        }
    }
}

/// The mailbox behind an address: what follows `+` and the dots of the first part are ignored by most services.
fn boite(cle: &str) -> String {
    let Some((avant, domaine)) = cle.rsplit_once('@') else { return cle.to_owned() };
    let nom = avant.split('+').next().unwrap_or(avant);
    format!("{}@{domaine}", nom.replace('.', ""))
}

/// Words of a name in any order: first and last names are often exchanged.
fn nom(s: &Signes) -> String {
    let entier = fold(&format!("{} {}", s.prenom, s.nom));
    let mut mots: Vec<&str> = entier.split_whitespace().collect();
    mots.sort_unstable();
    mots.join(" ")
}

/// Files that share a sign are compared two by two; a sign that more share than this (the telephone of a shelter) tells
/// nothing.
const PARTAGE_MAX: usize = 8;

/// Pairs that share something, those that share most first; the older file stands first.
pub(super) fn paires(signes: &[Signes]) -> Vec<((Uuid, Uuid), Vec<Signe>)> {
    let mut groupes: HashMap<(Signe, String), Vec<usize>> = HashMap::new();
    for (i, s) in signes.iter().enumerate() {
        groupes.entry((Signe::Boite, boite(&s.courriel_cle))).or_default().push(i);
        groupes.entry((Signe::NomEtCodePostal, format!("{} {}", nom(s), s.code_postal))).or_default().push(i);
        if let Some(t) = &s.telephone {
            groupes.entry((Signe::Telephone, t.clone())).or_default().push(i);
        }
    }
    let mut paires: BTreeMap<(usize, usize), Vec<Signe>> = BTreeMap::new();
    for ((quoi, _), membres) in groupes {
        if membres.len() > PARTAGE_MAX {
            continue;
        }
        for (n, a) in membres.iter().enumerate() {
            for b in &membres[n + 1..] {
                paires.entry((*a, *b)).or_default().push(quoi);
            }
        }
    }
    let mut out: Vec<_> = paires
        .into_iter()
        .map(|((a, b), mut partage)| {
            partage.sort_unstable();
            ((signes[a].id, signes[b].id), partage)
        })
        .collect();
    out.sort_by_key(|(_, partage)| std::cmp::Reverse(partage.len()));
    out
}
