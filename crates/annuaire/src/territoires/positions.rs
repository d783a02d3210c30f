//! Decides where each commune stands.
//!
//! GeoNames knows about 15 500 inhabited places of France, and writes the INSEE code of the commune beside most of them;
//! that gives 14 900 communes and nine tenths of the inhabitants. A short table of our own
//! (`positions_relevees.tsv`) names the chefs-lieux of the overseas collectivities, whose INSEE codes GeoNames lacks,
//! and places the arrondissements of Paris. The other communes, the smallest, stand at the mean of the known communes of
//! their code postal, else of their arrondissement, else of their département, and are marked as estimated.

use std::collections::HashMap;

use kernel::{CodeCommune, CodeDepartement, Position};

use super::model::{Commune, Interieure, Localite, Maille, PositionCommune, Qualite};
use super::reference::{LieuHabite, Reference, ReferenceError};
use super::saisie::cle;

const RELEVEES: &str = include_str!("positions_relevees.tsv");

/// A line of our own table: coordinates, or the name of a place of GeoNames.
struct Relevee {
    code: CodeCommune,
    position: Option<Position>,
    chef_lieu: String,
}

fn relevees() -> Result<Vec<Relevee>, ReferenceError> {
    RELEVEES
        .lines()
        .enumerate()
        .skip(1)
        .map(|(i, line)| {
            let wrong = |what| ReferenceError::new("positions_relevees", i + 1, what);
            let cells: Vec<&str> = line.split('\t').collect();
            let [code, latitude, longitude, chef_lieu] = cells.as_slice() else {
                return Err(wrong("il faut quatre colonnes"));
            };
            let position = if latitude.is_empty() {
                None
            } else {
                let pair = latitude.parse().ok().zip(longitude.parse().ok());
                Some(pair.and_then(|(lat, lon)| Position::new(lat, lon)).ok_or_else(|| wrong("position"))?)
            };
            let code = CodeCommune::parse(code).ok_or_else(|| wrong("code"))?;
            Ok(Relevee { code, position, chef_lieu: (*chef_lieu).to_owned() })
        })
        .collect()
}

/// Order of the feature codes of GeoNames, from capital to quarter.
fn rang(genre: &str) -> u8 {
    match genre {
        "PPLC" => 0,
        "PPLA" => 1,
        "PPLA2" => 2,
        "PPLA3" => 3,
        "PPLA4" => 4,
        "PPLA5" => 5,
        "PPL" => 6,
        "PPLL" => 7,
        _ => 8,
    }
}

/// How well the name of a place agrees with that of the commune: same, one holds the other, neither.
fn accord(lieu: &str, commune: &str) -> u8 {
    if lieu == commune {
        0
    } else if lieu.starts_with(commune) || commune.starts_with(lieu) {
        1
    } else {
        2
    }
}

/// The place that stands for a commune, whose key is given, among those that lie in it.
fn principal<'a>(commune: &str, lieux: &[&'a LieuHabite]) -> Option<&'a LieuHabite> {
    lieux
        .iter()
        .min_by_key(|l| (accord(&l.cle, commune), rang(&l.genre), std::cmp::Reverse(l.population)))
        .copied()
}

/// Mean of positions. Those of a code postal or of a département are close together and far from the date line's other
/// side, so that the mean of the numbers is the middle of the places.
#[derive(Clone, Copy, Default)]
struct Moyenne {
    latitude: f64,
    longitude: f64,
    n: f64,
}

impl Moyenne {
    fn add(&mut self, position: Position) {
        self.latitude += position.latitude;
        self.longitude += position.longitude;
        self.n += 1.0;
    }

    fn get(self) -> Option<Position> {
        if self.n == 0.0 { None } else { Position::new(self.latitude / self.n, self.longitude / self.n) }
    }
}

/// Places every commune, former commune and municipal arrondissement that can be, official centres first, and lists the
/// inhabited places that bear another name than their commune. `cles` are the keys of the communes, in their order.
pub(super) fn place(
    reference: &mut Reference,
    cles: &[String],
    officiels: &HashMap<CodeCommune, Position>,
) -> Result<Vec<Localite>, ReferenceError> {
    let lieux = std::mem::take(&mut reference.lieux_habites);
    let communes = &mut reference.communes;
    let interieures = &mut reference.interieures;
    let mut of_commune: Vec<Vec<&LieuHabite>> = vec![Vec::new(); communes.len()];
    let mut of_interieure: HashMap<usize, Vec<&LieuHabite>> = HashMap::new();
    let mut sans_code: Vec<&LieuHabite> = Vec::new();
    for lieu in &lieux {
        let Some(code) = &lieu.commune else {
            sans_code.push(lieu);
            continue;
        };
        let inner = interieures.binary_search_by(|i| i.code.cmp(code)).ok();
        let commune = communes
            .binary_search_by(|c| c.code.cmp(code))
            .ok()
            .or_else(|| inner.map(|i| interieures[i].commune as usize))
            .or_else(|| {
                let anciens = &reference.anciens_codes;
                let i = anciens.binary_search_by(|(a, _)| a.cmp(code)).ok()?;
                Some(anciens[i].1 as usize)
            });
        match commune {
            Some(i) => of_commune[i].push(lieu),
            None => sans_code.push(lieu),
        }
        if let Some(i) = inner {
            of_interieure.entry(i).or_default().push(lieu);
        }
    }

    for ((commune, cle), lieux) in communes.iter_mut().zip(cles).zip(&of_commune) {
        commune.position = principal(cle, lieux)
            .map(|l| PositionCommune { position: l.position, qualite: Qualite::Geonames });
    }
    by_name(communes, cles, &lieux);
    for commune in communes.iter_mut() {
        if let Some(position) = officiels.get(&commune.code) {
            commune.position = Some(PositionCommune { position: *position, qualite: Qualite::Officielle });
        }
    }
    own_table(communes, interieures, &sans_code)?;
    for (i, inner) in interieures.iter_mut().enumerate().filter(|(_, inner)| inner.position.is_none()) {
        let commune = inner.commune as usize;
        let own = of_interieure.get(&i).map_or(&[][..], Vec::as_slice);
        inner.position = within(inner, &communes[commune], &of_commune[commune], own);
    }
    estimate(communes);

    let mut localites = Vec::new();
    for (i, lieux) in of_commune.iter().enumerate() {
        let mut vus = vec![cles[i].as_str()];
        for lieu in lieux {
            if !vus.contains(&lieu.cle.as_str()) {
                vus.push(&lieu.cle);
                localites.push(Localite {
                    nom: lieu.nom.clone(),
                    commune: u32::try_from(i).unwrap_or(u32::MAX),
                    position: lieu.position,
                });
            }
        }
    }
    Ok(localites)
}

/// Communes without a place, by their name within the département, when one place only bears it and it does not stand
/// for another commune already.
fn by_name(communes: &mut [Commune], cles: &[String], lieux: &[LieuHabite]) {
    let mut named: HashMap<(&CodeDepartement, &str), Vec<&LieuHabite>> = HashMap::new();
    for lieu in lieux {
        named.entry((&lieu.departement, &lieu.cle)).or_default().push(lieu);
    }
    let taken: std::collections::HashSet<(u64, u64)> = communes
        .iter()
        .filter_map(|c| c.position)
        .map(|p| (p.position.latitude.to_bits(), p.position.longitude.to_bits()))
        .collect();
    for (commune, cle) in communes.iter_mut().zip(cles).filter(|(c, _)| c.position.is_none()) {
        if let Some([lieu]) = named.get(&(&commune.departement, cle.as_str())).map(Vec::as_slice)
            && !taken.contains(&(lieu.position.latitude.to_bits(), lieu.position.longitude.to_bits()))
        {
            commune.position = Some(PositionCommune { position: lieu.position, qualite: Qualite::Geonames });
        }
    }
}

/// Our own table: it fills what GeoNames left empty.
fn own_table(
    communes: &mut [Commune],
    interieures: &mut [Interieure],
    sans_code: &[&LieuHabite],
) -> Result<(), ReferenceError> {
    for relevee in relevees()? {
        let departement = relevee.code.departement();
        let position = match relevee.position {
            Some(position) => Some(PositionCommune { position, qualite: Qualite::Relevee }),
            None => sans_code
                .iter()
                .find(|l| l.departement == departement && l.nom == relevee.chef_lieu)
                .map(|l| PositionCommune { position: l.position, qualite: Qualite::Geonames }),
        };
        let slot = match communes.binary_search_by(|c| c.code.cmp(&relevee.code)) {
            Ok(i) => Some(&mut communes[i].position),
            Err(_) => interieures
                .binary_search_by(|c| c.code.cmp(&relevee.code))
                .ok()
                .map(|i| &mut interieures[i].position),
        };
        if let (Some(slot @ None), Some(position)) = (slot, position) {
            *slot = Some(position);
        }
    }
    Ok(())
}

/// The position of a former commune or of a municipal arrondissement among the places of its commune.
fn within(
    inner: &Interieure,
    commune: &Commune,
    of: &[&LieuHabite],
    own: &[&LieuHabite],
) -> Option<PositionCommune> {
    let exact = |l: &LieuHabite| PositionCommune { position: l.position, qualite: Qualite::Geonames };
    if let Some(numero) = inner.numero() {
        let nom = format!("{} {numero:02}", commune.nom);
        return of.iter().find(|l| l.nom == nom).map(|l| exact(l));
    }
    let nom = cle(&inner.nom);
    if let Some(lieu) = principal(&nom, own) {
        return Some(exact(lieu));
    }
    of.iter().find(|l| l.cle == nom).map(|l| exact(l))
}

/// Places the communes that remain at the mean of the known ones around.
fn estimate(communes: &mut [Commune]) {
    let mut postal: HashMap<&str, Moyenne> = HashMap::new();
    let mut arrondissements: HashMap<u16, Moyenne> = HashMap::new();
    let mut departements: HashMap<&CodeDepartement, Moyenne> = HashMap::new();
    for commune in communes.iter() {
        let Some(known) = commune.position else { continue };
        for code in &commune.codes_postaux {
            postal.entry(code.as_str()).or_default().add(known.position);
        }
        if let Some(a) = commune.arrondissement {
            arrondissements.entry(a).or_default().add(known.position);
        }
        departements.entry(&commune.departement).or_default().add(known.position);
    }
    let estimates: Vec<Option<PositionCommune>> = communes
        .iter()
        .map(|commune| {
            if commune.position.is_some() {
                return commune.position;
            }
            // Islands scattered over two thousand kilometres have no middle.
            commune.population?;
            let mut voisins = Moyenne::default();
            for m in commune.codes_postaux.iter().filter_map(|c| postal.get(c.as_str())) {
                voisins.latitude += m.latitude;
                voisins.longitude += m.longitude;
                voisins.n += m.n;
            }
            let arrondissement = commune.arrondissement.and_then(|a| arrondissements.get(&a));
            [
                (Some(voisins), Maille::CodePostal),
                (arrondissement.copied(), Maille::Arrondissement),
                (departements.get(&commune.departement).copied(), Maille::Departement),
            ]
            .into_iter()
            .find_map(|(moyenne, maille)| {
                let position = moyenne?.get()?;
                Some(PositionCommune { position, qualite: Qualite::Estimee(maille) })
            })
        })
        .collect();
    for (commune, position) in communes.iter_mut().zip(estimates) {
        commune.position = position;
    }
}
