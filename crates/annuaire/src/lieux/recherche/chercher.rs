//! The search itself.

use chrono::{DateTime, Utc};
use kernel::Position;
use kernel::geo::{chord2_to_m, m_to_chord2};

use super::bits::Bits;
use super::index::IndexLieux;
use super::mots::mots_de;
use super::vocabulaire;
use super::{Demande, Facette, Filtres, Zone};
use crate::lieux::standard::Valeur;

/// A lieu that was found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trouve {
    /// Its place in the index.
    pub place: usize,
    /// Metres from the origin, when there is one and the lieu has a position.
    pub distance_m: Option<f64>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Resultat {
    /// How many in all.
    pub total: usize,
    /// The part that was asked for, in order.
    pub trouves: Vec<Trouve>,
    /// For each list, for each value: how many lieux there would be with this value alone in its list, every other list
    /// as it is.
    pub comptes: Vec<Vec<u32>>,
    /// Words that are not known, and those that were searched instead.
    pub corrections: Vec<(String, String)>,
}

/// What words select: the set, and for each lieu how well it answers.
struct ParMots {
    bits: Bits,
    notes: Vec<u16>,
    corrections: Vec<(String, String)>,
}

impl IndexLieux {
    /// Searches, and gives the results from the rank `debut` on, `nombre` at most.
    ///
    /// Order: nearest first when there is an origin; else best answer to the words first; then by name. It is the same
    /// for the same index and the same demand.
    pub fn chercher(
        &self,
        demande: &Demande,
        maintenant: DateTime<Utc>,
        debut: usize,
        nombre: usize,
    ) -> Resultat {
        let (base, mots) = self.base(demande);
        let comptes = self.comptes(&base, &demande.filtres, maintenant);
        let mut choisis = base;
        for facette in Facette::TOUTES {
            if let Some(bits) = self.union(&demande.filtres, facette, maintenant) {
                choisis.et(&bits);
            }
        }
        let total = choisis.compte();
        let trouves = self.ordonne(&choisis, demande.origine, mots.as_ref(), debut, nombre);
        let corrections = mots.map(|m| m.corrections).unwrap_or_default();
        Resultat { total, trouves, comptes, corrections }
    }

    /// The nearest lieu that answers the words and the filters, however far.
    pub fn plus_proche(&self, demande: &Demande, maintenant: DateTime<Utc>) -> Option<Trouve> {
        let sans = Demande { rayon_m: None, zone: None, cadre: None, ..demande.clone() };
        self.chercher(&sans, maintenant, 0, 1).trouves.first().copied()
    }

    /// Words, radius, territory, bounds, moment and source: everything but the filters.
    fn base(&self, demande: &Demande) -> (Bits, Option<ParMots>) {
        let n = self.len();
        let mots = self.par_mots(&demande.mots);
        let mut base = mots.as_ref().map_or_else(|| Bits::plein(n), |m| m.bits.clone());
        if let (Some(origine), Some(rayon)) = (demande.origine, demande.rayon_m) {
            let (unite, limite) = (origine.unit(), m_to_chord2(rayon.max(0.0)));
            self.garde(&mut base, |i| corde2(self.unites[i], unite) <= limite);
        }
        if let Some(zone) = demande.zone {
            self.garde(&mut base, |i| {
                let t = &self.lignes[i].territoire;
                match zone {
                    Zone::Region(r) => t.region == r,
                    Zone::Departement(d) => t.departement == d,
                    Zone::Epci(e) => t.epci == e,
                    Zone::Commune(c) => t.commune == c,
                }
            });
        }
        if let Some(quand) = demande.quand {
            base.et(&self.ouverts_le(quand));
        }
        if !demande.source.is_empty() {
            let source = self.source(&demande.source);
            self.garde(&mut base, |i| Some(self.lignes[i].source) == source);
        }
        if let Some([ouest, sud, est, nord]) = demande.cadre {
            self.garde(&mut base, |i| {
                self.position(i).is_some_and(|p| {
                    let entre = if ouest <= est {
                        (ouest..=est).contains(&p.longitude)
                    } else {
                        p.longitude >= ouest || p.longitude <= est
                    };
                    entre && (sud..=nord).contains(&p.latitude)
                })
            });
        }
        (base, mots)
    }

    fn garde(&self, bits: &mut Bits, garde: impl Fn(usize) -> bool) {
        let mut filtre = Bits::vide(self.len());
        bits.iter().filter(|i| garde(*i)).for_each(|i| filtre.ajoute(i));
        *bits = filtre;
    }

    /// Every word must be found: in the lieu, or as a need that one of its services answers.
    fn par_mots(&self, texte: &str) -> Option<ParMots> {
        let cherches = mots_de(texte);
        if cherches.is_empty() {
            return None;
        }
        let n = self.len();
        let mut bits = Bits::plein(n);
        let mut notes = vec![0_u16; n];
        let mut corrections = Vec::new();
        for (rang, mot) in cherches.iter().enumerate() {
            let services: Vec<usize> =
                vocabulaire::services(super::mots::racine(mot)).map(|s| usize::from(s.rang())).collect();
            let lecture = self.mots.lit(mot, rang + 1 == cherches.len(), !services.is_empty());
            let mut poids = vec![0_u8; n];
            for (place, p) in lecture.mots.iter().flat_map(|m| self.mots.lieux(*m)) {
                poids[place] = poids[place].max(p);
            }
            for place in services.iter().flat_map(|s| self.valeurs[Facette::Services.rang()][*s].iter()) {
                poids[place] = poids[place].max(1);
            }
            let mut du_mot = Bits::vide(n);
            for (place, p) in poids.iter().enumerate().filter(|(_, p)| **p > 0) {
                du_mot.ajoute(place);
                notes[place] += u16::from(*p);
            }
            bits.et(&du_mot);
            corrections.extend(lecture.corrige.map(|c| (mot.clone(), c.into_string())));
        }
        Some(ParMots { bits, notes, corrections })
    }

    /// The lieux that have one of the values asked for in this list; `None` when the list does not filter.
    fn union(&self, filtres: &Filtres, facette: Facette, maintenant: DateTime<Utc>) -> Option<Bits> {
        if !filtres.filtre(facette) {
            return None;
        }
        if facette == Facette::Ouvert {
            return Some(self.ouverts(maintenant).as_ref().clone());
        }
        let mut union = Bits::vide(self.len());
        let valeurs = &self.valeurs[facette.rang()];
        for (v, bits) in valeurs.iter().enumerate() {
            if filtres.contient(facette, v) {
                union.ou(bits);
            }
        }
        Some(union)
    }

    /// Counts of every value. A list is counted against all the others, so that its own choice can be widened.
    fn comptes(&self, base: &Bits, filtres: &Filtres, maintenant: DateTime<Utc>) -> Vec<Vec<u32>> {
        let unions: Vec<Option<Bits>> =
            Facette::TOUTES.into_iter().map(|f| self.union(filtres, f, maintenant)).collect();
        let mut tout = base.clone();
        unions.iter().flatten().for_each(|u| tout.et(u));
        Facette::TOUTES
            .into_iter()
            .map(|f| {
                let sauf = unions[f.rang()].as_ref().map(|_| {
                    let mut sauf = base.clone();
                    let autres = unions.iter().enumerate().filter(|(i, _)| *i != f.rang());
                    autres.filter_map(|(_, u)| u.as_ref()).for_each(|u| sauf.et(u));
                    sauf
                });
                let contre = sauf.as_ref().unwrap_or(&tout);
                if f == Facette::Ouvert {
                    return vec![self.ouverts(maintenant).compte_et(contre)];
                }
                self.valeurs[f.rang()].iter().map(|v| v.compte_et(contre)).collect()
            })
            .collect()
    }

    fn ordonne(
        &self,
        choisis: &Bits,
        origine: Option<Position>,
        mots: Option<&ParMots>,
        debut: usize,
        nombre: usize,
    ) -> Vec<Trouve> {
        let unite = origine.map(Position::unit);
        // The bits of a positive number that is not NaN grow as the number does.
        let cle = |i: usize| match (unite, mots) {
            (Some(u), _) => {
                let c = corde2(self.unites[i], u);
                if c.is_nan() { u64::MAX } else { c.to_bits() }
            }
            (None, Some(m)) => u64::from(u16::MAX - m.notes[i]),
            (None, None) => 0,
        };
        let fin = debut.saturating_add(nombre);
        let mut ordre: Vec<(u64, usize)> = choisis.iter().map(|i| (cle(i), i)).collect();
        if fin < ordre.len() && fin > 0 {
            ordre.select_nth_unstable(fin - 1);
            ordre.truncate(fin);
        }
        ordre.sort_unstable();
        let distance = |c: u64| unite.filter(|_| c != u64::MAX).map(|_| chord2_to_m(f64::from_bits(c)));
        ordre
            .into_iter()
            .skip(debut)
            .take(nombre)
            .map(|(c, place)| Trouve { place, distance_m: distance(c) })
            .collect()
    }

    /// Where a lieu stands.
    pub fn position(&self, place: usize) -> Option<Position> {
        self.lignes.get(place).and_then(|l| l.position)
    }
}

/// Squared chord between two points of the unit sphere; NaN when one is unknown.
fn corde2(a: [f64; 3], b: [f64; 3]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)
}
