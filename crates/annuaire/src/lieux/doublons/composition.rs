//! One fiche out of the records that several sources give of one lieu, and which of them gave each value. Pure.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::lieux::standard::{Champ, Fiche};

/// What a source delivers of a lieu that several describe.
#[derive(Clone, PartialEq, Debug)]
pub struct Apport {
    /// The source.
    pub source_id: Uuid,
    /// Its name.
    pub source: String,
    /// The identifier that it gives.
    pub id_local: String,
    /// The page that the record led to before it was merged.
    pub origine: Uuid,
    /// It does not deliver it any more.
    pub absent: bool,
    /// Delivery that last changed it.
    pub recu_le: DateTime<Utc>,
    /// The record.
    pub fiche: Fiche,
}

/// Where the value of a field comes from: ranks of the records, in the order that they were given.
pub type Provenance = Vec<(Champ, Vec<usize>)>;

/// The lines of an address come from one record: two halves of two addresses are no address.
const ADRESSE: [Champ; 5] =
    [Champ::Commune, Champ::CodePostal, Champ::CodeInsee, Champ::Adresse, Champ::ComplementAdresse];
/// What one source knows and another does not adds up.
const REUNIS: [Champ; 5] = [
    Champ::Services,
    Champ::DispositifProgrammesNationaux,
    Champ::FormationsLabels,
    Champ::AutresFormationsLabels,
    Champ::ModalitesAccompagnement,
];

/// The fiche of a lieu: records that are still delivered before others, then the freshest day of update, then the last
/// received; the first of them that has a value gives it. The identifier is left to the caller.
pub fn compose(apports: &[Apport]) -> (Fiche, Provenance) {
    let mut ordre: Vec<usize> = (0..apports.len()).collect();
    ordre.sort_by_key(|i| {
        let a = &apports[*i];
        (a.absent, Reverse(a.fiche.date_maj), Reverse(a.recu_le), a.source.clone(), a.id_local.clone())
    });
    let vivants = apports.iter().filter(|a| !a.absent).count();
    if vivants > 0 {
        ordre.truncate(vivants);
    }
    let mut valeurs = vec![String::new(); Champ::TOUS.len()];
    let mut provenance: Provenance = Vec::new();
    // Without pivot, the fiche writes fourteen zeros: no value.
    let dit = |i: usize, champ: Champ| match champ {
        Champ::Pivot if apports[i].fiche.pivot.is_none() => String::new(),
        _ => apports[i].fiche.valeur(champ).into_owned(),
    };
    let adresse =
        ordre.iter().copied().find(|i| !apports[*i].fiche.adresse.is_empty()).or(ordre.first().copied());
    let position =
        adresse.into_iter().chain(ordre.iter().copied()).find(|i| apports[*i].fiche.position.is_some());
    for champ in Champ::TOUS.into_iter().skip(1) {
        let choisis: Vec<usize> = match champ {
            c if ADRESSE.contains(&c) => adresse.into_iter().collect(),
            Champ::Latitude | Champ::Longitude => position.into_iter().collect(),
            c if REUNIS.contains(&c) => ordre.iter().copied().filter(|i| !dit(*i, c).is_empty()).collect(),
            c => ordre.iter().copied().find(|i| !dit(*i, c).is_empty()).into_iter().collect(),
        };
        let mut jetons: Vec<String> = Vec::new();
        for i in &choisis {
            if REUNIS.contains(&champ) {
                for jeton in dit(*i, champ).split('|') {
                    if !jetons.iter().any(|j| j == jeton) {
                        jetons.push(jeton.to_owned());
                    }
                }
            } else {
                jetons.push(dit(*i, champ));
            }
        }
        valeurs[champ.rang()] = jetons.join("|");
        if !valeurs[champ.rang()].is_empty() {
            provenance.push((champ, choisis));
        }
    }
    (Fiche::depuis_valeurs(|c| valeurs[c.rang()].as_str()), provenance)
}
