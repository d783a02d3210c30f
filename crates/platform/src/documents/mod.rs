//! The one document generator: letters and acts as PDF that everybody can read and that lasts. A context says what a
//! document holds, in [`Bloc`]s; the look is of the house, in `templates/documents/*.typ`.
//!
//! Every file is PDF/UA-1 (tags, reading order, language, title) and PDF/A-2a (fonts within, no outside dependency) or is
//! not made: the engine refuses it. What people typed is given as data, never as source. The same document of the same
//! instant is the same file, to the last byte.

mod depot;
mod migration;
mod monde;
mod texte;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::Semaphore;

pub use depot::{Depose, clean_up, efface, enregistre, lit, ouvre, trouve};
pub use migration::Documents0001;
pub use monde::Echec;

use crate::Site;

/// The media type of what is made.
pub const PDF: &str = "application/pdf";

/// Who writes: the head of the first page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Emetteur {
    /// Its name.
    pub nom: String,
    /// What stands under it: service, operator, where to write.
    pub lignes: Vec<String>,
    /// What every page says at its foot; that of a demonstration says that it is one.
    pub mention: Option<String>,
}

impl Emetteur {
    /// A body of this instance.
    pub fn new(site: &Site, nom: &str) -> Self {
        let marque = &site.config.marque;
        let mut lignes = vec![format!("{}, {}", marque.nom, marque.exploitant)];
        lignes.extend(marque.contact.clone());
        let mention = site.is_demo().then(|| "Document fictif, de démonstration".to_owned());
        Self { nom: nom.to_owned(), lignes, mention }
    }
}

/// A piece of a document, in the order of reading.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "genre", rename_all = "snake_case")]
pub enum Bloc {
    /// The heading of a section.
    Titre {
        /// Its words.
        texte: String,
    },
    /// Paragraphs, apart by an empty line.
    Texte {
        /// Their words.
        texte: String,
    },
    /// Paragraphs that say what matters most.
    Fort {
        /// Their words.
        texte: String,
    },
    /// Points.
    Liste {
        /// Each of them.
        points: Vec<String>,
    },
    /// Names and values.
    Faits {
        /// Each of them.
        faits: Vec<(String, String)>,
    },
    /// A table.
    Tableau(Tableau),
    /// Frames side by side, each to be signed by hand.
    Cadres {
        /// Title of each, and the lines at its head.
        cadres: Vec<(String, Vec<String>)>,
    },
    /// A square image, made by this program.
    Image {
        /// Its SVG.
        svg: String,
        /// What it shows, for who does not see it.
        description: String,
        /// Its side, in millimetres.
        cote: u8,
    },
    /// A new page.
    Page,
}

impl Bloc {
    /// The heading of a section.
    pub fn titre(texte: impl Into<String>) -> Self {
        Self::Titre { texte: texte.into() }
    }

    /// Paragraphs.
    pub fn texte(texte: impl Into<String>) -> Self {
        Self::Texte { texte: texte.into() }
    }

    /// What matters most.
    pub fn fort(texte: impl Into<String>) -> Self {
        Self::Fort { texte: texte.into() }
    }
}

/// A table: a caption, a head whose cells are headers of their columns, lines whose first cell is the header of its line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Tableau {
    /// What it shows.
    pub legende: String,
    /// Its columns.
    pub colonnes: Vec<Colonne>,
    /// Its lines, each of as many cells as there are columns.
    pub lignes: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Colonne {
    /// Its header.
    pub nom: &'static str,
    /// Its width, as a share of the sum of the widths.
    pub largeur: u8,
    /// Whether it holds numbers: set to the right.
    pub nombre: bool,
}

impl Colonne {
    /// A column of words.
    pub const fn mots(nom: &'static str, largeur: u8) -> Self {
        Self { nom, largeur, nombre: false }
    }

    /// A column of numbers.
    pub const fn nombres(nom: &'static str, largeur: u8) -> Self {
        Self { nom, largeur, nombre: true }
    }
}

/// A letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lettre {
    /// Who writes.
    pub emetteur: Emetteur,
    /// The lines of the address.
    pub destinataire: Vec<String>,
    /// The day, in letters, with the place if there is one: « Le 3 avril 2026 ».
    pub date: String,
    /// What it is about.
    pub objet: String,
    /// The number to be given in an answer; empty when there is none.
    pub reference: String,
    /// « Madame, Monsieur, »
    pub appel: String,
    /// What it says.
    pub corps: Vec<Bloc>,
    /// Who signs, line by line.
    pub signature: Vec<String>,
}

/// A document that states: minutes, agenda, attestation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Acte {
    /// Who writes.
    pub emetteur: Emetteur,
    /// Its title.
    pub titre: String,
    /// What stands under it; may be empty.
    pub sous_titre: String,
    /// What the foot of each page says.
    pub reference: String,
    /// Whether the page lies on its side: for wide tables.
    pub paysage: bool,
    /// What it says.
    pub corps: Vec<Bloc>,
    /// Who signs, line by line; may be empty.
    pub signature: Vec<String>,
}

/// What can be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Document {
    /// Letters, each on its own pages.
    Lettres {
        /// The title of the file.
        titre: String,
        /// The letters.
        lettres: Vec<Lettre>,
    },
    /// A document that states.
    Acte(Acte),
    /// The same, in large print (18 points).
    Grand(Acte),
}

impl Document {
    /// One letter, under its object.
    pub fn lettre(lettre: Lettre) -> Self {
        Self::Lettres { titre: lettre.objet.clone(), lettres: vec![lettre] }
    }

    fn modele(&self) -> (monde::Modele, Result<serde_json::Value, serde_json::Error>) {
        match self {
            Self::Lettres { titre, lettres } => {
                let emetteur = lettres.first().map(|l| &l.emetteur);
                let donnees = serde_json::to_value(lettres).map(|lettres| {
                    serde_json::json!({ "titre": titre, "paysage": false, "emetteur": emetteur, "lettres": lettres })
                });
                (monde::Modele::Lettre, donnees)
            }
            Self::Acte(acte) => (monde::Modele::Acte, serde_json::to_value(acte)),
            Self::Grand(acte) => {
                let grand = |mut d: serde_json::Value| {
                    d["grand"] = true.into();
                    d
                };
                (monde::Modele::Acte, serde_json::to_value(acte).map(grand))
            }
        }
    }
}

/// How many documents are made at once: each takes one core, and the memory of its pages.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The file of a document, dated of that instant: the one of what it states, so that it is the same file whenever it is
/// asked for.
///
/// # Errors
/// [`Echec::TropLong`] beyond what is held in memory; [`Echec::Refuse`] when what was made would not be accessible, which
/// is a defect of a template.
pub async fn pdf(document: Document, le: DateTime<Utc>) -> Result<Vec<u8>, Echec> {
    let _place = PLACES.acquire().await.map_err(|e| Echec::Refuse(e.to_string()))?;
    tokio::task::spawn_blocking(move || compose(&document, le))
        .await
        .map_err(|e| Echec::Refuse(e.to_string()))?
}

/// The same, on this thread: for commands and tests.
///
/// # Errors
/// As [`pdf`].
pub fn compose(document: &Document, le: DateTime<Utc>) -> Result<Vec<u8>, Echec> {
    let (modele, donnees) = document.modele();
    let donnees = donnees.map_err(|e| Echec::Refuse(e.to_string()))?;
    // A script whose letters change shape with their neighbours may have no exact text in the file, which the standards
    // refuse: such letters are then shown as missing ones rather than the document not being made.
    let montres = [texte::Alphabet::Toutes, texte::Alphabet::Simples];
    let mut echec = Echec::TropLong;
    for alphabet in montres {
        match monde::compose(modele, &texte::montrable(&donnees, alphabet), le) {
            Err(Echec::Refuse(raison)) => echec = Echec::Refuse(raison),
            fait => return fait,
        }
    }
    Err(echec)
}

impl From<Echec> for crate::web::PageError {
    fn from(echec: Echec) -> Self {
        match echec {
            Echec::TropLong => kernel::Refusal::conflict(echec.to_string()).into(),
            Echec::Refuse(_) => Self::internal(echec),
        }
    }
}

/// A PDF as an answer, to be read in the browser or kept under that name.
pub fn reponse(nom: &str, octets: Vec<u8>) -> axum::response::Response {
    use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
    use axum::response::IntoResponse;
    let headers =
        [(CONTENT_TYPE, PDF.to_owned()), (CONTENT_DISPOSITION, format!("inline; filename=\"{nom}.pdf\""))];
    (headers, octets).into_response()
}
