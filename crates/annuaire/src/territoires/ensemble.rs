//! The whole territory, in memory: one value for the whole process, read by every page and every import.

use std::collections::HashMap;

use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Position};

use super::index::IndexNoms;
use super::model::{
    Arrondissement, Commune, Departement, Epci, GenreInterieur, Interieure, Localite, PositionCommune, Region,
};
use super::reference::{Reference, ReferenceError, Source};
use super::saisie::cle;
use super::{positions, reference};

/// What a name of the index stands for: places in the lists of [`Territoires`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cible {
    Commune(u32),
    Interieure(u32),
    Localite(u32),
}

/// What a name of the index of larger territories stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CibleLarge {
    Region(u32),
    Departement(u32),
    Epci(u32),
}

/// Every territory of France, with the index that finds them. About 25 MB.
pub struct Territoires {
    millesime: i32,
    sources: Vec<Source>,
    pub(super) regions: Vec<Region>,
    pub(super) departements: Vec<Departement>,
    arrondissements: Vec<Arrondissement>,
    pub(super) epci: Vec<Epci>,
    pub(super) communes: Vec<Commune>,
    pub(super) interieures: Vec<Interieure>,
    pub(super) anciens_codes: Vec<(CodeCommune, u32)>,
    pub(super) localites: Vec<Localite>,
    pub(super) noms: IndexNoms,
    pub(super) cibles: Vec<Cible>,
    pub(super) noms_larges: IndexNoms,
    pub(super) cibles_larges: Vec<CibleLarge>,
    /// Codes postaux and the places of their communes, sorted.
    pub(super) postal: Vec<(CodePostal, u32)>,
    /// Places of the communes of each département, by its place.
    par_departement: Vec<Vec<u32>>,
    /// Inhabitants of each département, by its place.
    habitants: Vec<u64>,
}

/// People at a point: what distances are weighted by.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PointPopulation {
    /// Place of the commune in [`Territoires::communes`].
    pub commune: usize,
    /// Where.
    pub position: PositionCommune,
    /// Inhabitants.
    pub population: u32,
}

fn number(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

impl Territoires {
    /// Reads the embedded reference, puts the official centres over it, estimates what remains, and builds the indexes.
    /// Takes about a tenth of a second.
    ///
    /// # Errors
    /// When an embedded table is damaged: only a faulty build can cause it.
    pub fn new(officiels: &HashMap<CodeCommune, Position>) -> Result<Self, ReferenceError> {
        let mut reference = Reference::embedded()?;
        let cles: Vec<String> = reference.communes.iter().map(|c| cle(&c.nom)).collect();
        let localites = positions::place(&mut reference, &cles, officiels)?;
        let reference::Reference {
            millesime,
            sources,
            regions,
            departements,
            arrondissements,
            epci,
            communes,
            interieures,
            anciens_codes,
            ..
        } = reference;
        let cibles: Vec<Cible> = (0..communes.len())
            .map(|i| Cible::Commune(number(i)))
            .chain((0..interieures.len()).map(|i| Cible::Interieure(number(i))))
            .chain((0..localites.len()).map(|i| Cible::Localite(number(i))))
            .collect();
        let autres = interieures.iter().map(|i| &i.nom).chain(localites.iter().map(|l| &l.nom));
        let noms = IndexNoms::new(cles.into_iter().chain(autres.map(|nom| cle(nom))).collect());
        let cibles_larges: Vec<CibleLarge> = (0..regions.len())
            .map(|i| CibleLarge::Region(number(i)))
            .chain((0..departements.len()).map(|i| CibleLarge::Departement(number(i))))
            .chain((0..epci.len()).map(|i| CibleLarge::Epci(number(i))))
            .collect();
        let larges = regions
            .iter()
            .map(|r| &r.nom)
            .chain(departements.iter().map(|d| &d.nom))
            .chain(epci.iter().map(|e| &e.nom));
        let noms_larges = IndexNoms::new(larges.map(|nom| cle(nom)).collect());
        let mut postal: Vec<(CodePostal, u32)> = communes
            .iter()
            .enumerate()
            .flat_map(|(i, c)| c.codes_postaux.iter().map(move |p| (p.clone(), number(i))))
            .collect();
        // Paris lists the codes of its arrondissements already; Lyon and Marseille may not.
        postal
            .extend(interieures.iter().flat_map(|i| i.codes_postaux.iter().map(|p| (p.clone(), i.commune))));
        postal.sort();
        postal.dedup();
        let mut par_departement: Vec<Vec<u32>> = vec![Vec::new(); departements.len()];
        let mut habitants = vec![0; departements.len()];
        for (i, commune) in communes.iter().enumerate() {
            if let Ok(d) = departements.binary_search_by(|d| d.code.cmp(&commune.departement)) {
                par_departement[d].push(number(i));
                habitants[d] += u64::from(commune.population.unwrap_or(0));
            }
        }
        Ok(Self {
            millesime,
            sources,
            regions,
            departements,
            arrondissements,
            epci,
            communes,
            interieures,
            anciens_codes,
            localites,
            noms,
            cibles,
            noms_larges,
            cibles_larges,
            postal,
            habitants,
            par_departement,
        })
    }

    /// The year of the division: the state on 1 January.
    pub fn millesime(&self) -> i32 {
        self.millesime
    }

    /// Where the data comes from, for the credits.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Every région, by code.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Every département, by code.
    pub fn departements(&self) -> &[Departement] {
        &self.departements
    }

    /// Every EPCI, by SIREN.
    pub fn epci(&self) -> &[Epci] {
        &self.epci
    }

    /// Every commune of today, by INSEE code.
    pub fn communes(&self) -> &[Commune] {
        &self.communes
    }

    /// A région by its code.
    pub fn region(&self, code: &CodeRegion) -> Option<&Region> {
        self.regions.binary_search_by(|r| r.code.cmp(code)).ok().map(|i| &self.regions[i])
    }

    /// A département by its code.
    pub fn departement(&self, code: &CodeDepartement) -> Option<&Departement> {
        self.departements.binary_search_by(|d| d.code.cmp(code)).ok().map(|i| &self.departements[i])
    }

    /// Inhabitants of a département (INSEE, legal population); 0 where nobody is counted.
    pub fn habitants(&self, code: &CodeDepartement) -> u64 {
        let place = self.departements.binary_search_by(|d| d.code.cmp(code));
        place.ok().and_then(|i| self.habitants.get(i)).copied().unwrap_or(0)
    }

    /// An EPCI by its SIREN.
    pub fn epci_de_code(&self, siren: &str) -> Option<&Epci> {
        self.epci.binary_search_by(|e| e.code.as_str().cmp(siren)).ok().map(|i| &self.epci[i])
    }

    /// Place of a commune of today in [`Self::communes`].
    pub fn rang(&self, code: &CodeCommune) -> Option<usize> {
        self.communes.binary_search_by(|c| c.code.cmp(code)).ok()
    }

    /// A commune of today by its INSEE code.
    pub fn commune(&self, code: &CodeCommune) -> Option<&Commune> {
        self.rang(code).map(|i| &self.communes[i])
    }

    /// Place of the commune of today that bears the code, or that took in the commune, or the arrondissement, that bore
    /// it.
    pub fn rang_actuel(&self, code: &CodeCommune) -> Option<usize> {
        self.rang(code).or_else(|| self.interieure(code).map(|i| i.commune as usize)).or_else(|| {
            let i = self.anciens_codes.binary_search_by(|(a, _)| a.cmp(code)).ok()?;
            Some(self.anciens_codes[i].1 as usize)
        })
    }

    /// A former commune or a municipal arrondissement by its INSEE code.
    pub fn interieure(&self, code: &CodeCommune) -> Option<&Interieure> {
        self.interieures.binary_search_by(|i| i.code.cmp(code)).ok().map(|i| &self.interieures[i])
    }

    /// The former communes and municipal arrondissements within a commune.
    pub fn interieures_de<'a>(&'a self, commune: &Commune) -> impl Iterator<Item = &'a Interieure> {
        let rang = self.rang(&commune.code).map(number);
        self.interieures.iter().filter(move |i| Some(i.commune) == rang)
    }

    /// The commune of a former one, or of an arrondissement.
    pub fn commune_de(&self, interieure: &Interieure) -> &Commune {
        &self.communes[interieure.commune as usize]
    }

    /// The EPCI of a commune.
    pub fn epci_de(&self, commune: &Commune) -> Option<&Epci> {
        commune.epci.map(|i| &self.epci[usize::from(i)])
    }

    /// The arrondissement of a commune.
    pub fn arrondissement_de(&self, commune: &Commune) -> Option<&Arrondissement> {
        commune.arrondissement.map(|i| &self.arrondissements[usize::from(i)])
    }

    /// Places of the communes of a département.
    pub fn rangs_du_departement(&self, code: &CodeDepartement) -> impl Iterator<Item = usize> {
        let place = self.departements.binary_search_by(|d| d.code.cmp(code)).ok();
        place.into_iter().flat_map(|d| self.par_departement[d].iter().map(|i| *i as usize))
    }

    /// Places of the communes of a région.
    pub fn rangs_de_la_region<'a>(&'a self, code: &'a CodeRegion) -> impl Iterator<Item = usize> + 'a {
        let its = self.departements.iter().filter(move |d| d.region == *code);
        its.flat_map(|d| self.rangs_du_departement(&d.code))
    }

    /// The communes that a code postal serves.
    pub fn communes_du_code_postal<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Commune> {
        self.rangs_du_code_postal(code).map(|i| &self.communes[i as usize])
    }

    pub(super) fn rangs_du_code_postal<'a>(&'a self, code: &'a str) -> impl Iterator<Item = u32> + 'a {
        let debut = self.postal.partition_point(|(p, _)| p.as_str() < code);
        self.postal[debut..].iter().take_while(move |(p, _)| p.as_str() == code).map(|(_, i)| *i)
    }

    /// Where the inhabitants live: one point a commune, and one a municipal arrondissement in Paris, Lyon and Marseille,
    /// where a single point would stand for two million people.
    pub fn points_de_population(&self) -> Vec<PointPopulation> {
        let mut points = Vec::with_capacity(self.communes.len() + 45);
        let mut divisees = std::collections::HashSet::new();
        let arrondissements = self.interieures.iter().filter(|i| i.genre == GenreInterieur::Arrondissement);
        for arrondissement in arrondissements {
            if let (Some(position), Some(population)) = (arrondissement.position, arrondissement.population) {
                let commune = arrondissement.commune as usize;
                divisees.insert(commune);
                points.push(PointPopulation { commune, position, population });
            }
        }
        points.extend(self.communes.iter().enumerate().filter_map(|(commune, c)| {
            let position = c.position?;
            let population = c.population?;
            (!divisees.contains(&commune)).then_some(PointPopulation { commune, position, population })
        }));
        points.sort_by_key(|p| p.commune);
        points
    }
}

impl std::fmt::Debug for Territoires {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Territoires({}, {} communes)", self.millesime, self.communes.len())
    }
}
