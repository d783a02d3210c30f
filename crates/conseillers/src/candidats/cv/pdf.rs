//! Whether some bytes are a PDF that may be kept, told from the bytes alone: never from a name or from what a browser says.
//!
//! The reader is small on purpose. It looks for the mark of the format, the table of its objects and its pages, in clear or
//! in compressed streams; it opens each stream with a bound on all that comes out, so that a small file that unfolds without
//! end is refused; and it refuses what is encrypted or acts by itself. It draws nothing.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// All that the streams of one file may unfold to, in bytes.
const DEPLIE_MAX: u64 = 128 << 20;

/// Why a file is refused: a sentence for the person who sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RefusPdf {
    /// Something else than a PDF.
    #[error("Ce fichier n’est pas un PDF. Enregistrez votre CV au format PDF, puis envoyez-le.")]
    PasUnPdf,
    /// It begins like one, and cannot be read.
    #[error("Ce PDF est abîmé ou incomplet. Enregistrez-le de nouveau, puis envoyez-le.")]
    Abime,
    /// Protected by a password.
    #[error("Ce PDF est protégé par un mot de passe. Enregistrez-le sans protection, puis envoyez-le.")]
    Protege,
    /// It holds programs, or other files.
    #[error(
        "Ce PDF contient un programme ou un autre fichier. Imprimez-le en PDF, puis envoyez le résultat."
    )]
    Actif,
    /// It unfolds to far more than a CV.
    #[error("Ce PDF est beaucoup trop lourd une fois ouvert. Enregistrez-le avec des images plus petites.")]
    Demesure,
    /// Too many pages.
    #[error("Ce PDF a trop de pages pour un CV.")]
    TropDePages,
}

/// Counts the pages of a PDF that may be kept.
///
/// # Errors
/// Why it may not.
pub fn examine(octets: &[u8], pages_max: u64) -> Result<u64, RefusPdf> {
    let debut = octets.get(..1024.min(octets.len())).unwrap_or_default();
    let mark = position(debut, b"%PDF-").ok_or(RefusPdf::PasUnPdf)?;
    if !matches!(octets.get(mark + 5..mark + 7), Some(b"1." | b"2.")) {
        return Err(RefusPdf::PasUnPdf);
    }
    table(octets, mark)?;
    let mut vu = Vu::default();
    let mut reste = DEPLIE_MAX;
    let mut ici = 0;
    while let Some(flux) = flux(octets, ici) {
        vu.lit(&octets[ici..flux.debut]);
        let dictionnaire = dictionnaire(&octets[ici..flux.debut]);
        let corps = &octets[flux.debut..flux.fin];
        ici = flux.fin;
        let compressions = occurrences(dictionnaire, b"/FlateDecode") + occurrences(dictionnaire, b"/Fl ");
        if compressions > 1 {
            return Err(RefusPdf::Demesure);
        }
        let encode = contient(dictionnaire, b"ASCII85Decode") || contient(dictionnaire, b"ASCIIHexDecode");
        if compressions == 1 && !encode {
            let garde = contient(dictionnaire, b"/ObjStm");
            let deplie = deplie(corps, &mut reste, garde)?;
            vu.lit(&deplie);
        } else if contient(dictionnaire, b"/ObjStm") {
            vu.lit(corps);
        }
    }
    vu.lit(&octets[ici..]);
    if vu.chiffre {
        return Err(RefusPdf::Protege);
    }
    if vu.actif {
        return Err(RefusPdf::Actif);
    }
    if !vu.racine || vu.pages == 0 {
        return Err(RefusPdf::Abime);
    }
    if vu.pages > pages_max { Err(RefusPdf::TropDePages) } else { Ok(vu.pages) }
}

/// The end of the file says where its objects are listed, and they are.
fn table(octets: &[u8], mark: usize) -> Result<(), RefusPdf> {
    let fin = octets.len().saturating_sub(2048);
    let queue = &octets[fin..];
    let place = derniere(queue, b"startxref").ok_or(RefusPdf::Abime)?;
    let nombre: String = queue[place + 9..]
        .iter()
        .skip_while(|b| b.is_ascii_whitespace())
        .take_while(|b| b.is_ascii_digit())
        .take(12)
        .map(|b| char::from(*b))
        .collect();
    let adresse: usize = nombre.parse().map_err(|_| RefusPdf::Abime)?;
    let la = |a: usize| {
        let suite = octets.get(a..)?.trim_ascii_start();
        (suite.starts_with(b"xref") || suite.first()?.is_ascii_digit()).then_some(())
    };
    // Some writers count from the mark, after what a mail program put before it.
    la(adresse).or_else(|| la(adresse.checked_add(mark)?)).ok_or(RefusPdf::Abime)
}

struct Flux {
    debut: usize,
    fin: usize,
}

/// The next stream after `depuis`: what lies between its two words.
fn flux(octets: &[u8], depuis: usize) -> Option<Flux> {
    let mut ici = depuis;
    loop {
        let mot = ici + position(octets.get(ici..)?, b"stream")?;
        let apres = mot + 6;
        let saut = match octets.get(apres..)? {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            _ => {
                ici = apres;
                continue;
            }
        };
        let debut = apres + saut;
        let fin = debut + position(octets.get(debut..)?, b"endstream")?;
        return Some(Flux { debut, fin });
    }
}

/// The dictionary that stands before a stream: from the last object that begins.
fn dictionnaire(avant: &[u8]) -> &[u8] {
    derniere(avant, b" obj").map_or(avant, |i| &avant[i..])
}

fn deplie(corps: &[u8], reste: &mut u64, garde: bool) -> Result<Vec<u8>, RefusPdf> {
    let mut lecteur = ZlibDecoder::new(corps);
    let mut out = Vec::new();
    let mut tampon = vec![0; 64 << 10];
    loop {
        // What follows the end of a stream, or a stream that is cut, is the business of whoever draws it.
        let n = lecteur.read(&mut tampon).unwrap_or(0);
        if n == 0 {
            return Ok(out);
        }
        *reste = reste.checked_sub(n as u64).ok_or(RefusPdf::Demesure)?;
        if garde {
            out.extend_from_slice(&tampon[..n]);
        }
    }
}

#[derive(Default)]
struct Vu {
    racine: bool,
    chiffre: bool,
    actif: bool,
    pages: u64,
}

impl Vu {
    /// Looks at the names of a part of the file.
    fn lit(&mut self, texte: &[u8]) {
        let mut noms = Noms { texte, ici: 0 };
        let mut type_attendu = false;
        while let Some(nom) = noms.suivant() {
            match nom.as_slice() {
                b"Page" if type_attendu => self.pages += 1,
                b"Catalog" if type_attendu => self.racine = true,
                b"Encrypt" => self.chiffre = true,
                b"JavaScript" | b"JS" | b"Launch" | b"EmbeddedFile" | b"EmbeddedFiles" | b"RichMedia" => {
                    self.actif = true;
                }
                _ => {}
            }
            type_attendu = nom == b"Type";
        }
    }
}

/// The names of a text, their characters written by number read.
struct Noms<'a> {
    texte: &'a [u8],
    ici: usize,
}

impl Noms<'_> {
    fn suivant(&mut self) -> Option<Vec<u8>> {
        let debut = self.ici + position(self.texte.get(self.ici..)?, b"/")? + 1;
        let separe = |b: &u8| b.is_ascii_whitespace() || b"/<>[](){}%\0".contains(b);
        let suite = &self.texte[debut..];
        let n = suite.iter().position(separe).unwrap_or(suite.len());
        self.ici = debut + n;
        let brut = &suite[..n.min(128)];
        let mut nom = Vec::with_capacity(brut.len());
        let mut i = 0;
        while i < brut.len() {
            let par_numero = (brut[i] == b'#')
                .then(|| brut.get(i + 1..i + 3))
                .flatten()
                .and_then(|h| std::str::from_utf8(h).ok())
                .and_then(|h| u8::from_str_radix(h, 16).ok());
            match par_numero {
                Some(b) => {
                    nom.push(b);
                    i += 3;
                }
                None => {
                    nom.push(brut[i]);
                    i += 1;
                }
            }
        }
        Some(nom)
    }
}

fn position(texte: &[u8], mot: &[u8]) -> Option<usize> {
    let (premiere, reste) = mot.split_first()?;
    let mut ici = 0;
    loop {
        let i = ici + texte.get(ici..)?.iter().position(|b| b == premiere)?;
        if texte[i + 1..].starts_with(reste) {
            return Some(i);
        }
        ici = i + 1;
    }
}

fn derniere(texte: &[u8], mot: &[u8]) -> Option<usize> {
    texte.windows(mot.len()).rposition(|w| w == mot)
}

fn contient(texte: &[u8], mot: &[u8]) -> bool {
    position(texte, mot).is_some()
}

fn occurrences(texte: &[u8], mot: &[u8]) -> usize {
    texte.windows(mot.len()).filter(|w| *w == mot).count()
}
