//! Which encoding a file has, and its text as UTF-8, chunk by chunk.

use std::io::{self, Read, Seek, SeekFrom};

use super::RefusFichier;

/// Encodings that French files come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encodage {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, which holds Latin-1.
    Windows1252,
}

impl Encodage {
    /// Its usual name.
    pub fn nom(self) -> &'static str {
        self.codec().name()
    }

    /// The encoding of that name, as people write it.
    pub fn de_nom(nom: &str) -> Option<Self> {
        match kernel::text::fold(nom).replace([' ', '-', '_'], "").as_str() {
            "utf8" => Some(Self::Utf8),
            "utf16" | "utf16le" | "unicode" => Some(Self::Utf16Le),
            "utf16be" => Some(Self::Utf16Be),
            "windows1252" | "cp1252" | "ansi" | "latin1" | "iso88591" | "iso885915" => {
                Some(Self::Windows1252)
            }
            _ => None,
        }
    }

    fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
    }
}

/// What a file is, from its first bytes, when it is one that people take for a CSV.
pub(super) fn magie(tete: &[u8]) -> Option<&'static str> {
    MAGIES.iter().find(|(m, _)| tete.starts_with(m)).map(|(_, quoi)| *quoi)
}

pub(super) struct Sonde {
    pub(super) encodage: Encodage,
    pub(super) illisible: bool,
}

const MORCEAU: usize = 1 << 16;

/// First bytes of files that people take for a CSV.
const MAGIES: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "c’est un classeur (.xlsx, .ods) ou une archive"),
    (b"PK\x05\x06", "c’est une archive vide"),
    (b"\xd0\xcf\x11\xe0", "c’est un ancien classeur (.xls)"),
    (b"%PDF", "c’est un PDF"),
    (b"\x1f\x8b", "c’est un fichier compressé (.gz)"),
    (b"\x89PNG", "c’est une image"),
    (b"\xff\xd8\xff", "c’est une image"),
    (b"SQLite format", "c’est une base de données"),
    (b"7z\xbc\xaf", "c’est une archive"),
];

/// Reads the file once to know its encoding and to refuse what is no text, then rewinds it.
pub(super) fn sonde<R: Read + Seek>(source: &mut R) -> Result<Sonde, RefusFichier> {
    let mut tampon = vec![0; MORCEAU];
    let debut = remplit(source, &mut tampon)?;
    let tete = &tampon[..debut];
    if tete.is_empty() {
        return Err(RefusFichier::Vide);
    }
    if let Some(quoi) = magie(tete) {
        return Err(RefusFichier::PasUnTexte(quoi));
    }
    if let Some(encodage) = utf16(tete) {
        source.seek(SeekFrom::Start(0))?;
        return Ok(Sonde { encodage, illisible: false });
    }
    let html =
        std::str::from_utf8(tete.get(..200).unwrap_or(tete)).unwrap_or("").trim_start().to_ascii_lowercase();
    if html.starts_with("<!doctype html") || html.starts_with("<html") {
        return Err(RefusFichier::PasUnTexte("c’est une page web, sans doute un message d’erreur"));
    }
    if html.starts_with("<?xml") {
        return Err(RefusFichier::PasUnTexte("c’est un fichier XML"));
    }
    let mut compte = Compte::default();
    let mut lus = debut;
    while lus > 0 {
        compte.ajoute(&tampon[..lus]);
        if compte.binaire() {
            return Err(RefusFichier::PasUnTexte("il contient des octets qui ne sont pas du texte"));
        }
        lus = remplit(source, &mut tampon)?;
    }
    source.seek(SeekFrom::Start(0))?;
    Ok(compte.verdict())
}

fn remplit(source: &mut impl Read, tampon: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < tampon.len() {
        match source.read(&mut tampon[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

/// A byte order mark, or zeros on one side of most pairs of bytes.
fn utf16(tete: &[u8]) -> Option<Encodage> {
    match tete {
        [0xff, 0xfe, ..] => return Some(Encodage::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encodage::Utf16Be),
        _ => {}
    }
    let paires = tete.len().min(2_000) / 2;
    if paires < 4 {
        return None;
    }
    let zeros = |cote: usize| (0..paires).filter(|i| tete[2 * i + cote] == 0).count();
    match (zeros(0), zeros(1)) {
        (0, n) if n * 10 > paires * 6 => Some(Encodage::Utf16Le),
        (n, 0) if n * 10 > paires * 6 => Some(Encodage::Utf16Be),
        _ => None,
    }
}

/// What the bytes of a file look like, over its whole length.
#[derive(Default)]
struct Compte {
    octets: u64,
    nuls: u64,
    commandes: u64,
    multioctets: u64,
    fautes: u64,
    reste: Vec<u8>,
}

impl Compte {
    fn ajoute(&mut self, octets: &[u8]) {
        self.octets += octets.len() as u64;
        for o in octets {
            match o {
                0 => self.nuls += 1,
                0x01..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f => self.commandes += 1,
                _ => {}
            }
        }
        let mut suite = std::mem::take(&mut self.reste);
        suite.extend_from_slice(octets);
        let mut vue = suite.as_slice();
        loop {
            match std::str::from_utf8(vue) {
                Ok(bon) => {
                    self.multioctets += hautes(bon.as_bytes());
                    break;
                }
                Err(e) => {
                    let (bon, mauvais) = vue.split_at(e.valid_up_to());
                    self.multioctets += hautes(bon);
                    match e.error_len() {
                        Some(n) => {
                            self.fautes += 1;
                            vue = &mauvais[n..];
                        }
                        // A character cut by the end of the chunk.
                        None => {
                            self.reste = mauvais.to_vec();
                            break;
                        }
                    }
                }
            }
        }
    }

    /// One command character in a hundred, zeros among them, is no text. A few are: the repairs take
    /// them away and say so, whatever the encoding.
    fn binaire(&self) -> bool {
        (self.nuls + self.commandes) * 100 > self.octets
    }

    /// UTF-8 when what reads as UTF-8 outweighs what does not: a few broken bytes, or a character cut
    /// at the end, do not make a file Windows-1252.
    fn verdict(&self) -> Sonde {
        if self.fautes == 0 {
            return Sonde {
                encodage: Encodage::Utf8,
                illisible: !self.reste.is_empty() && self.multioctets > 0,
            };
        }
        if self.multioctets > self.fautes * 4 {
            return Sonde { encodage: Encodage::Utf8, illisible: true };
        }
        Sonde { encodage: Encodage::Windows1252, illisible: false }
    }
}

fn hautes(octets: &[u8]) -> u64 {
    octets.iter().filter(|o| **o >= 0xc0).count() as u64
}

/// The text of a file, as UTF-8.
pub(super) struct Decodeur<R> {
    source: R,
    decodeur: encoding_rs::Decoder,
    brut: Vec<u8>,
    brut_de: usize,
    brut_a: usize,
    fini: bool,
    pret: Vec<u8>,
    pret_de: usize,
    pret_a: usize,
}

impl<R: Read> Decodeur<R> {
    pub(super) fn new(source: R, encodage: Encodage) -> Self {
        Self {
            source,
            decodeur: encodage.codec().new_decoder_with_bom_removal(),
            brut: vec![0; MORCEAU],
            brut_de: 0,
            brut_a: 0,
            fini: false,
            pret: vec![0; 4 * MORCEAU],
            pret_de: 0,
            pret_a: 0,
        }
    }
}

impl<R: Read> Read for Decodeur<R> {
    fn read(&mut self, sortie: &mut [u8]) -> io::Result<usize> {
        while self.pret_de == self.pret_a {
            if self.fini {
                return Ok(0);
            }
            if self.brut_de == self.brut_a {
                self.brut_a = remplit(&mut self.source, &mut self.brut)?;
                self.brut_de = 0;
            }
            let dernier = self.brut_a < self.brut.len();
            let (resultat, lus, ecrits, _) =
                self.decodeur.decode_to_utf8(&self.brut[self.brut_de..self.brut_a], &mut self.pret, dernier);
            self.brut_de += lus;
            self.pret_de = 0;
            self.pret_a = ecrits;
            self.fini = dernier && resultat == encoding_rs::CoderResult::InputEmpty;
        }
        let n = sortie.len().min(self.pret_a - self.pret_de);
        sortie[..n].copy_from_slice(&self.pret[self.pret_de..self.pret_de + n]);
        self.pret_de += n;
        Ok(n)
    }
}
