//! What the typesetting engine sees of the world: three templates, the fonts of the program, one file of data, one date.
//! No disk, no network, no package.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Timelike, Utc};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, Lang, TextElem};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Why no file is made.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// It holds more than [`DONNEES_MAX`].
    #[error("Ce document est trop long pour tenir en un seul fichier.")]
    TropLong,
    /// What was made is not accessible, or a template is wrong: a defect, never a fault of what was typed.
    #[error("document refused: {0}")]
    Refuse(String),
}

/// The most data of one document, in bytes: about a thousand letters.
pub(super) const DONNEES_MAX: usize = 8 << 20;

/// The templates that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Modele {
    Lettre,
    Acte,
}

const DONNEES: &str = "/donnees.json";
const MAISON: &str = "/maison.typ";
const LETTRE: &str = "/lettre.typ";
const ACTE: &str = "/acte.typ";

/// What is the same for every document, read once.
pub(super) struct Atelier {
    bibliotheque: LazyHash<Library>,
    polices: Vec<Font>,
    catalogue: LazyHash<FontBook>,
    sources: BTreeMap<&'static str, Source>,
    normes: Option<PdfStandards>,
}

pub(super) static ATELIER: LazyLock<Atelier> = LazyLock::new(|| {
    // `pdf.header-cell`, by which the first cell of a line is its header, is still behind this name.
    let mut bibliotheque =
        Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build();
    bibliotheque.styles.set(TextElem::lang, Lang::FRENCH);
    let polices: Vec<Font> =
        typst_assets::fonts().flat_map(|octets| Font::iter(Bytes::new(octets))).collect();
    let sources = [
        (MAISON, include_str!("../../templates/documents/maison.typ")),
        (LETTRE, include_str!("../../templates/documents/lettre.typ")),
        (ACTE, include_str!("../../templates/documents/acte.typ")),
    ];
    Atelier {
        bibliotheque: LazyHash::new(bibliotheque),
        catalogue: LazyHash::new(FontBook::from_fonts(&polices)),
        polices,
        sources: sources
            .into_iter()
            .filter_map(|(nom, texte)| Some((nom, Source::new(fichier(nom)?, texte.to_owned()))))
            .collect(),
        normes: PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a]).ok(),
    }
});

impl Atelier {
    /// Whether some font has a picture of that letter.
    pub(super) fn montre(&self, lettre: char) -> bool {
        self.polices.iter().any(|p| p.info().coverage.contains(lettre as u32))
    }

    /// Whether the font of the running text has one.
    pub(super) fn montre_en_romain(&self, lettre: char) -> bool {
        self.polices.first().is_some_and(|p| p.info().coverage.contains(lettre as u32))
    }
}

fn fichier(chemin: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(chemin).ok()?).intern())
}

/// The world of one document.
struct Monde {
    atelier: &'static Atelier,
    principal: Source,
    donnees: Bytes,
    le: DateTime<Utc>,
}

impl World for Monde {
    fn library(&self) -> &LazyHash<Library> {
        &self.atelier.bibliotheque
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.atelier.catalogue
    }

    fn main(&self) -> FileId {
        self.principal.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.principal.id() {
            return Ok(self.principal.clone());
        }
        self.atelier.sources.values().find(|s| s.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if Some(id) == fichier(DONNEES) { Ok(self.donnees.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, rang: usize) -> Option<Font> {
        self.atelier.polices.get(rang).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        let d = kernel::calendrier::jour(&self.le);
        Datetime::from_ymd(d.year(), u8::try_from(d.month()).ok()?, u8::try_from(d.day()).ok()?)
    }
}

/// Lays out a template on these data, and writes the file.
pub(super) fn compose(
    modele: Modele,
    donnees: &serde_json::Value,
    le: DateTime<Utc>,
) -> Result<Vec<u8>, Echec> {
    let nom = match modele {
        Modele::Lettre => LETTRE,
        Modele::Acte => ACTE,
    };
    let source = ATELIER.sources.get(nom).ok_or_else(|| Echec::Refuse(nom.to_owned()))?;
    imprime(source.clone(), donnees, le)
}

/// The same of any source: tests show by it that a source without a title makes nothing.
pub(super) fn imprime(
    principal: Source,
    donnees: &serde_json::Value,
    le: DateTime<Utc>,
) -> Result<Vec<u8>, Echec> {
    let donnees = serde_json::to_vec(donnees).map_err(|e| Echec::Refuse(e.to_string()))?;
    if donnees.len() > DONNEES_MAX {
        return Err(Echec::TropLong);
    }
    let monde = Monde { atelier: &ATELIER, principal, donnees: Bytes::new(donnees), le };
    let fait = ecrit(&monde);
    // What was laid out for this document serves no other one: without this, it would stay in memory for ever.
    typst::comemo::evict(0);
    fait
}

fn ecrit(monde: &Monde) -> Result<Vec<u8>, Echec> {
    let compose = typst::compile::<PagedDocument>(monde);
    // A warning is a defect of a template, as a font that is not there.
    if let Some(avertissement) = compose.warnings.first() {
        return Err(Echec::Refuse(avertissement.message.to_string()));
    }
    let pages = compose.output.map_err(|e| refus(&e))?;
    let normes = ATELIER.normes.clone().ok_or_else(|| Echec::Refuse("no standard".to_owned()))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Maillage".to_owned())),
        timestamp: instant(&monde.le).map(Timestamp::new_utc),
        standards: normes,
        tagged: true,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&pages, &options).map_err(|e| refus(&e))
}

fn refus(erreurs: &[SourceDiagnostic]) -> Echec {
    Echec::Refuse(erreurs.iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join(" ; "))
}

fn instant(le: &DateTime<Utc>) -> Option<Datetime> {
    let octet = |n: u32| u8::try_from(n).ok();
    Datetime::from_ymd_hms(
        le.year(),
        octet(le.month())?,
        octet(le.day())?,
        octet(le.hour())?,
        octet(le.minute())?,
        octet(le.second())?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn essai(source: &str) -> Result<Vec<u8>, Echec> {
        let id = fichier("/essai.typ").unwrap();
        let le = "2026-04-01T09:30:00Z".parse().unwrap();
        imprime(Source::new(id, source.to_owned()), &serde_json::json!({ "a": "b" }), le)
    }

    #[test]
    fn what_is_not_accessible_is_not_made() {
        assert!(essai("#set document(title: \"Titre\")\n= Titre\nBonjour").is_ok());
        for (source, raison) in [
            ("= Titre\nBonjour", "title"),
            ("#set document(title: \"Titre\")\n= Titre\n$ x^2 $", "alt"),
            ("#set document(title: \"Titre\")\n=== Trop bas", "heading"),
            ("#set document(title: \"Titre\")\n#set text(font: \"Absente\")\nBonjour", "font"),
        ] {
            match essai(source) {
                Err(Echec::Refuse(dit)) => assert!(dit.to_lowercase().contains(raison), "{source} : {dit}"),
                autre => panic!("{source} : {}", autre.is_ok()),
            }
        }
    }

    #[test]
    fn a_template_reaches_nothing_outside() {
        for source in [
            "#read(\"/etc/passwd\")",
            "#read(\"/donnees.json/../../etc/passwd\")",
            "#import \"@preview/example:0.1.0\": *",
            "#import \"/autre.typ\": *",
            "#image(\"/logo.png\")",
        ] {
            assert!(essai(&format!("#set document(title: \"Titre\")\n{source}")).is_err(), "{source}");
        }
        assert!(essai("#set document(title: json(\"/donnees.json\").a)\nBonjour").is_ok());
        assert!(essai("#set document(title: datetime.today().display())\nBonjour").is_ok());
    }
}
