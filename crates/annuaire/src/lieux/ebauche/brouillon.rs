//! Which column gives which field.

use std::collections::BTreeMap;

use kernel::text::fold;

use super::super::horaires::verifie_osm;
use super::super::standard::Champ;
use super::colonnes::{Colonne, MOTS, nomme, plausible};

pub(super) const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// Columns by field.
pub(super) struct Brouillon<'c> {
    pub(super) colonnes: &'c [Colonne],
    pub(super) champs: BTreeMap<Champ, &'c Colonne>,
    pub(super) jours: Vec<(usize, Vec<&'c Colonne>)>,
    pub(super) couple: Option<(&'c Colonne, bool)>,
}

impl<'c> Brouillon<'c> {
    pub(super) fn new(colonnes: &'c [Colonne]) -> Self {
        let mut b = Self { colonnes, champs: BTreeMap::new(), jours: Vec::new(), couple: None };
        b.jours = (0..7)
            .filter_map(|rang| {
                let jour = JOURS[rang];
                let du_jour: Vec<&Colonne> = colonnes
                    .iter()
                    .filter(|c| {
                        fold(&c.nom).split(' ').any(|m| m == jour || (m.len() == 3 && jour.starts_with(m)))
                    })
                    .collect();
                (!du_jour.is_empty()).then_some((rang, du_jour))
            })
            .collect();
        // Less than three days is a coincidence of names.
        if b.jours.len() < 3 {
            b.jours.clear();
        }
        for exact in [true, false] {
            for (champ, mots) in MOTS {
                if b.champs.contains_key(&champ) {
                    continue;
                }
                let trouvee = mots.iter().find_map(|mot| {
                    colonnes.iter().find(|c| !b.prise(c) && nomme(&c.nom, mot, exact) && plausible(champ, c))
                });
                if let Some(c) = trouvee {
                    b.champs.insert(champ, c);
                }
            }
        }
        b.par_valeurs();
        b
    }

    pub(super) fn prise(&self, colonne: &Colonne) -> bool {
        let est = |c: &&Colonne| std::ptr::eq(*c, colonne);
        self.champs.values().any(&est)
            || self.jours.iter().any(|(_, du_jour)| du_jour.iter().any(&est))
            || self.couple.is_some_and(|(c, _)| std::ptr::eq(c, colonne))
    }

    /// Fields that the values tell, where the names did not.
    fn par_valeurs(&mut self) {
        type Test = fn(&str) -> bool;
        let tests: [(Champ, Test); 6] = [
            (Champ::CodePostal, |v| v.len() == 5 && v.bytes().all(|c| c.is_ascii_digit())),
            (Champ::Courriels, |v| v.contains('@') && v.contains('.')),
            (Champ::SiteWeb, |v| v.starts_with("http") || v.starts_with("www.")),
            (Champ::Telephone, |v| {
                let chiffres = v.bytes().filter(u8::is_ascii_digit).count();
                (9..=12).contains(&chiffres) && (v.starts_with('0') || v.starts_with('+'))
            }),
            (Champ::Pivot, |v| {
                v.len() == 14 && v.bytes().all(|c| c.is_ascii_digit()) && kernel::Pivot::parse(v).is_ok()
            }),
            (Champ::Horaires, |v| v.contains(':') && verifie_osm(v).is_ok()),
        ];
        for (champ, test) in tests {
            if !self.champs.contains_key(&champ)
                && let Some(c) = self.colonnes.iter().find(|c| !self.prise(c) && c.part(test) >= 70)
            {
                self.champs.insert(champ, c);
            }
        }
        if !self.champs.contains_key(&Champ::Latitude) || !self.champs.contains_key(&Champ::Longitude) {
            self.champs.remove(&Champ::Latitude);
            self.champs.remove(&Champ::Longitude);
            let nombres = |v: &str| -> Option<(f64, f64)> {
                let net = v
                    .trim_matches(|c: char| "()[]{} ".contains(c))
                    .trim_start_matches("POINT")
                    .trim_matches(|c: char| "( )".contains(c));
                let (a, b) = net
                    .split_once(['|', ';'])
                    .or_else(|| net.split_once(','))
                    .or_else(|| net.split_once(' '))?;
                let lu: (f64, f64) =
                    (a.trim().replace(',', ".").parse().ok()?, b.trim().replace(',', ".").parse().ok()?);
                // « 222951,21 » is one number of metres.
                let degres = lu.0.abs() <= 180.0 && lu.1.abs() <= 180.0;
                (degres || lu.0.abs() > 1_000.0 && lu.1.abs() > 1_000.0).then_some(lu)
            };
            let couple =
                self.colonnes.iter().find(|c| !self.prise(c) && c.part(|v| nombres(v).is_some()) >= 80);
            if let Some(c) = couple {
                // GeoJSON begins with the longitude; in mainland France the latitude is the larger.
                let envers =
                    c.nom.ends_with("coordinates") || c.part(|v| nombres(v).is_some_and(|(a, b)| a < b)) > 50;
                self.couple = Some((c, envers));
            }
        }
    }
    /// The column where a code postal and a commune stand together, when none has the code postal alone.
    pub(super) fn adresse_entiere(&self) -> Option<&'c Colonne> {
        if self.champs.contains_key(&Champ::CodePostal) {
            return None;
        }
        let ensemble = |v: &str| {
            let mots: Vec<&str> = v.split([' ', ',', '\n']).filter(|m| !m.is_empty()).collect();
            mots.windows(2).any(|m| {
                m[0].len() == 5
                    && m[0].bytes().all(|c| c.is_ascii_digit())
                    && (m[1].len() == 1 || m[1].starts_with(char::is_alphabetic))
            })
        };
        self.colonnes.iter().find(|c| c.part(ensemble) >= 60)
    }

    /// The key of a list that holds almost every column: the lieux stand one level below.
    pub(super) fn liste_interieure(&self) -> Option<&'c str> {
        let (premiere, _) = self.colonnes.first()?.nom.split_once(".*.")?;
        let dedans = self.colonnes.iter().filter(|c| c.nom.starts_with(&format!("{premiere}.*."))).count();
        (dedans * 5 >= self.colonnes.len() * 4).then_some(premiere)
    }
}
