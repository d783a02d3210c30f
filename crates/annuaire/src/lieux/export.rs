//! Open lieux as files: standard CSV that a frictionless validator accepts without error, standard
//! JSON, GeoJSON. Written as they are read: memory does not grow with the country.

use std::io::{self, Write};

use platform::tableur::{Tableur, formule};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value, json};

use super::data_inclusion::sortie as data_inclusion;
use super::model::{Etat, Lieu};
use super::standard::{Champ, Defaut, Fiche, Genre, PIVOT_INCONNU, verdict};
use super::store;

/// Format of an export.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// The standard, strictly: every column, in order; only lieux that conform.
    Csv,
    /// A list of objects, fields without value left out.
    Json,
    /// A collection of points.
    Geojson,
    /// The structures of data·inclusion: one a lieu.
    StructuresDataInclusion,
    /// The services of data·inclusion: one a lieu that says what it offers.
    ServicesDataInclusion,
}

impl Format {
    /// The format of that name.
    pub fn de_nom(nom: &str) -> Option<Self> {
        Some(match nom {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "geojson" => Self::Geojson,
            "data-inclusion-structures" => Self::StructuresDataInclusion,
            "data-inclusion-services" => Self::ServicesDataInclusion,
            _ => return None,
        })
    }

    /// Its media type.
    pub fn type_de_contenu(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json | Self::StructuresDataInclusion | Self::ServicesDataInclusion => "application/json",
            Self::Geojson => "application/geo+json",
        }
    }
}

/// What an export wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ecrits {
    /// Lieux written.
    pub lieux: u64,
    /// Lieux that the strict format leaves out, for want of a value that the standard requires.
    pub omis: u64,
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum EchecExport {
    /// The database.
    #[error(transparent)]
    Base(#[from] DbErr),
    /// The disk, or whoever reads.
    #[error(transparent)]
    Sortie(#[from] io::Error),
}

/// Writes every open lieu.
///
/// # Errors
/// When the database does not answer or the output cannot be written.
pub async fn exporte(
    conn: &impl ConnectionTrait,
    format: Format,
    sortie: impl Write,
) -> Result<Ecrits, EchecExport> {
    let mut ecrivain = Ecrivain::new(format, sortie)?;
    store::parcours(conn, |lieu| ecrivain.ecrit(&lieu).map_err(EchecExport::from)).await?;
    Ok(ecrivain.termine()?)
}

/// Writes lieux one at a time: for those who filter them first.
#[derive(Debug)]
pub struct Ecrivain<W: Write> {
    format: Format,
    sortie: Sortie<W>,
    ecrits: Ecrits,
}

#[derive(Debug)]
enum Sortie<W: Write> {
    Csv(Tableur<W>),
    Texte(W),
}

impl<W: Write> Ecrivain<W> {
    /// Writes what comes before the first lieu.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn new(format: Format, mut sortie: W) -> io::Result<Self> {
        let sortie = match format {
            Format::Csv => {
                let mut csv = Tableur::new(sortie);
                csv.ligne(Champ::TOUS.iter().map(|c| c.nom()))?;
                Sortie::Csv(csv)
            }
            Format::Json | Format::StructuresDataInclusion | Format::ServicesDataInclusion => {
                sortie.write_all(b"[")?;
                Sortie::Texte(sortie)
            }
            Format::Geojson => {
                sortie.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
                Sortie::Texte(sortie)
            }
        };
        Ok(Self { format, sortie, ecrits: Ecrits::default() })
    }

    /// Writes a lieu, unless it is closed, or the format is strict and it does not conform.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn ecrit(&mut self, lieu: &Lieu) -> io::Result<()> {
        if lieu.etat != Etat::Ouvert {
            return Ok(());
        }
        match &mut self.sortie {
            Sortie::Csv(csv) => {
                let Some(valeurs) = conforme(lieu) else {
                    self.ecrits.omis += 1;
                    return Ok(());
                };
                csv.ligne(&valeurs)?;
            }
            Sortie::Texte(sortie) => {
                let objet = match self.format {
                    Format::Geojson => feature(lieu),
                    Format::StructuresDataInclusion => data_inclusion::structure(lieu),
                    Format::ServicesDataInclusion => match data_inclusion::service(lieu) {
                        Some(service) => service,
                        None => {
                            self.ecrits.omis += 1;
                            return Ok(());
                        }
                    },
                    Format::Csv | Format::Json => Value::Object(objet(lieu)),
                };
                sortie.write_all(if self.ecrits.lieux == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(sortie, &objet)?;
            }
        }
        self.ecrits.lieux += 1;
        Ok(())
    }

    /// Writes what comes after the last lieu.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn termine(self) -> io::Result<Ecrits> {
        match self.sortie {
            Sortie::Csv(csv) => csv.termine()?.flush()?,
            Sortie::Texte(mut sortie) => {
                sortie.write_all(if self.format == Format::Geojson { &b"\n]}\n"[..] } else { b"\n]\n" })?;
                sortie.flush()?;
            }
        }
        Ok(self.ecrits)
    }
}

/// The cells of a line that the schema accepts; `None` when a required value is missing.
fn conforme(lieu: &Lieu) -> Option<Vec<String>> {
    Champ::TOUS
        .into_iter()
        .map(|champ| {
            let valeur = match champ {
                Champ::Source if lieu.fiche.source.is_empty() => lieu.source.clone(),
                // Without a day from the producer, the day when the directory saw the content.
                Champ::DateMaj if lieu.fiche.date_maj.is_none() => lieu.modifie_le.date_naive().to_string(),
                _ => lieu.fiche.valeur_stricte(champ).into_owned(),
            };
            match (champ, verdict(champ, &valeur)) {
                (_, None) => Some(sans_formule(champ, valeur)),
                // A RIDET of seven digits has no place in the standard.
                (Champ::Pivot, Some(_)) => Some(PIVOT_INCONNU.to_owned()),
                (_, Some(_)) if !champ.requis() => Some(String::new()),
                (_, Some(_)) => None,
            }
        })
        .collect()
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before `=`, `@`, or a sign that begins
/// no number. The schema accepts it (such cells are free texts), and the import takes it off again.
fn sans_formule(champ: Champ, valeur: String) -> String {
    if champ.genre() != Genre::Texte || !formule(&valeur) {
        return valeur;
    }
    let mut sure = format!("'{valeur}");
    if verdict(champ, &sure) == Some(Defaut::Longueur) {
        sure.pop();
    }
    if verdict(champ, &sure).is_none() { sure } else { String::new() }
}

/// Writes fiches that come from no database as a CSV of the standard: the corrected file of a check. A
/// value that could not be put right is written as an import would keep it.
#[derive(Debug)]
pub struct Corrige<W: Write>(Tableur<W>);

impl<W: Write> Corrige<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn new(sortie: W) -> io::Result<Self> {
        let mut csv = Tableur::new(sortie);
        csv.ligne(Champ::TOUS.iter().map(|c| c.nom()))?;
        Ok(Self(csv))
    }

    /// Writes a fiche.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn ecrit(&mut self, fiche: &Fiche) -> io::Result<()> {
        let cellules = Champ::TOUS.map(|c| sans_formule(c, fiche.valeur_stricte(c).into_owned()));
        self.0.ligne(&cellules)
    }

    /// Writes out what is still in memory, and gives the output back.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn termine(self) -> io::Result<W> {
        self.0.termine()
    }
}

/// The fields that have a value, under the names of the standard.
pub fn objet(lieu: &Lieu) -> Map<String, Value> {
    let fiche: &Fiche = &lieu.fiche;
    let mut objet = Map::new();
    for champ in Champ::TOUS {
        let valeur = match champ {
            Champ::Latitude => fiche.position.map(|p| json!(p.latitude)),
            Champ::Longitude => fiche.position.map(|p| json!(p.longitude)),
            Champ::Source if fiche.source.is_empty() => Some(json!(lieu.source)),
            _ => {
                debug_assert!(champ.genre() != Genre::Nombre, "numbers are written as numbers");
                Some(fiche.valeur(champ)).filter(|v| !v.is_empty()).map(|v| json!(v))
            }
        };
        if let Some(valeur) = valeur {
            objet.insert(champ.nom().to_owned(), valeur);
        }
    }
    objet
}

/// A point of GeoJSON; its geometry is null when the position is unknown.
pub fn feature(lieu: &Lieu) -> Value {
    let geometrie =
        lieu.fiche.position.map(|p| json!({ "type": "Point", "coordinates": [p.longitude, p.latitude] }));
    json!({ "type": "Feature", "id": lieu.id, "geometry": geometrie, "properties": objet(lieu) })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use kernel::{CodePostal, Pivot, Position};

    use super::*;
    use crate::lieux::standard::{FormationLabel, Liste};

    fn lieu(id: &str) -> Lieu {
        Lieu {
            id: kernel::ids::LieuId(uuid::Uuid::nil()),
            fiche: Fiche {
                id: id.into(),
                nom: "Médiathèque « A »".into(),
                commune: "Reims".into(),
                code_postal: CodePostal::parse("51100"),
                adresse: "1, rue \"X\"".into(),
                position: Position::new(49.25, 4.03),
                date_maj: NaiveDate::from_ymd_opt(2024, 4, 2),
                formations_labels: [FormationLabel::EtapesNumeriques].into_iter().collect(),
                ..Fiche::default()
            },
            etat: Etat::Ouvert,
            source: "Essai".to_owned(),
            cree_le: DateTime::UNIX_EPOCH,
            modifie_le: DateTime::UNIX_EPOCH,
        }
    }

    fn texte(format: Format, lieux: &[Lieu]) -> (String, Ecrits) {
        let mut sortie = Vec::new();
        let mut ecrivain = Ecrivain::new(format, &mut sortie).unwrap();
        for l in lieux {
            ecrivain.ecrit(l).unwrap();
        }
        let ecrits = ecrivain.termine().unwrap();
        (String::from_utf8(sortie).unwrap(), ecrits)
    }

    #[test]
    fn csv_is_strict() {
        let ridet = Lieu {
            fiche: Fiche { pivot: Pivot::parse("1234567").ok(), date_maj: None, ..lieu("2").fiche },
            ..lieu("2")
        };
        let sans_adresse = Lieu { fiche: Fiche { adresse: "".into(), ..lieu("3").fiche }, ..lieu("3") };
        let ferme = Lieu { etat: Etat::Ferme { depuis: DateTime::UNIX_EPOCH }, ..lieu("4") };
        let (csv, ecrits) = texte(Format::Csv, &[lieu("1"), ridet, sans_adresse, ferme]);
        assert_eq!(ecrits, Ecrits { lieux: 2, omis: 1 });
        let mut lu = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(lu.headers().unwrap().len(), 32);
        let lignes: Vec<csv::StringRecord> = lu.records().map(Result::unwrap).collect();
        assert_eq!(&lignes[0][Champ::FormationsLabels.rang()], "Étapes numériques(La Poste)");
        assert_eq!(&lignes[0][Champ::Adresse.rang()], "1, rue \"X\"");
        assert_eq!(&lignes[1][Champ::Pivot.rang()], PIVOT_INCONNU);
        assert_eq!(&lignes[1][Champ::DateMaj.rang()], "1970-01-01");
        for l in &lignes {
            for champ in Champ::TOUS {
                assert_eq!(verdict(champ, &l[champ.rang()]), None);
            }
        }
    }

    #[test]
    fn a_hostile_cell_is_no_formula_and_the_schema_accepts_it() {
        let hostile = Lieu {
            fiche: Fiche {
                nom: "=cmd|' /C calc'!A0".into(),
                adresse: "@SUM(1)".into(),
                complement_adresse: "-12 bis".into(),
                presentation_resume: format!("={}", "x".repeat(279)).into(),
                ..lieu("1").fiche
            },
            ..lieu("1")
        };
        let (csv, _) = texte(Format::Csv, &[hostile]);
        let mut lu = csv::Reader::from_reader(csv.as_bytes());
        let ligne = lu.records().next().unwrap().unwrap();
        assert_eq!(&ligne[Champ::Nom.rang()], "'=cmd|' /C calc'!A0");
        assert_eq!(&ligne[Champ::Adresse.rang()], "'@SUM(1)");
        assert_eq!(&ligne[Champ::ComplementAdresse.rang()], "'-12 bis");
        assert_eq!(&ligne[Champ::Longitude.rang()], "4.03");
        for champ in Champ::TOUS {
            assert_eq!(verdict(champ, &ligne[champ.rang()]), None, "{}", champ.nom());
        }
    }

    #[test]
    fn json_and_geojson_are_json() {
        let sans_point = Lieu { fiche: Fiche { position: None, ..lieu("2").fiche }, ..lieu("2") };
        for (format, vide) in [
            (Format::Json, "[\n]\n"),
            (Format::Geojson, "{\"type\":\"FeatureCollection\",\"features\":[\n]}\n"),
        ] {
            assert_eq!(texte(format, &[]).0, vide);
            serde_json::from_str::<Value>(vide).unwrap();
            let (texte, ecrits) = texte(format, &[lieu("1"), sans_point.clone()]);
            assert_eq!(ecrits.lieux, 2);
            let valeur: Value = serde_json::from_str(&texte).unwrap();
            match format {
                Format::Geojson => {
                    assert_eq!(valeur["features"][0]["geometry"]["coordinates"][0], json!(4.03));
                    assert_eq!(valeur["features"][1]["geometry"], Value::Null);
                }
                _ => {
                    assert_eq!(valeur[0]["latitude"], json!(49.25));
                    assert_eq!(valeur[0]["source"], json!("Essai"));
                    assert_eq!(valeur[1].get("latitude"), None);
                }
            }
        }
        assert!(Liste::<FormationLabel>::exacte("").unwrap().est_vide());
    }
}
