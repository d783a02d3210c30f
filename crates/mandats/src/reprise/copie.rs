//! The text format of COPY, as PostgreSQL documents it (« COPY », File Formats, Text Format), and the lines of a dump.

use std::io::{self, BufRead, Read};

/// Longest line: a row whose text is longer is no row of these tables.
pub(super) const LIGNE: usize = 16 << 20;

/// Lines of a reader, one at a time in one buffer.
#[derive(Debug)]
pub(super) struct Lignes<R> {
    lecteur: R,
    tampon: Vec<u8>,
    /// Bytes read so far.
    lus: u64,
    /// Lines read so far.
    numero: u64,
}

impl<R: BufRead> Lignes<R> {
    pub(super) fn new(lecteur: R) -> Self {
        Self { lecteur, tampon: Vec::new(), lus: 0, numero: 0 }
    }

    /// The next line, without its end; none at the end.
    pub(super) fn suivante(&mut self) -> io::Result<Option<&[u8]>> {
        self.tampon.clear();
        let max = LIGNE as u64 + 2;
        let lus = (&mut self.lecteur).take(max).read_until(b'\n', &mut self.tampon)?;
        if lus == 0 {
            return Ok(None);
        }
        self.lus += lus as u64;
        self.numero += 1;
        if self.tampon.last() == Some(&b'\n') {
            self.tampon.pop();
            // A file that went through Windows: a carriage return of the data is written \r.
            if self.tampon.last() == Some(&b'\r') {
                self.tampon.pop();
            }
        } else if lus as u64 == max {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "une ligne dépasse 16 Mio"));
        }
        Ok(Some(&self.tampon))
    }

    pub(super) fn lus(&self) -> u64 {
        self.lus
    }

    pub(super) fn numero(&self) -> u64 {
        self.numero
    }

    #[cfg(test)]
    pub(super) fn place(&self) -> usize {
        self.tampon.capacity()
    }
}

/// The table and the columns of `COPY schema.table (a, "b") FROM stdin;`.
pub(super) fn entete(ligne: &[u8]) -> Option<(String, Vec<String>)> {
    let texte = std::str::from_utf8(ligne).ok()?;
    let reste = texte.strip_prefix("COPY ")?.strip_suffix(" FROM stdin;")?;
    let mut noms = Noms(reste);
    let mut table = noms.nom()?;
    while noms.signe('.') {
        table = noms.nom()?;
    }
    noms.0 = noms.0.trim_start();
    let mut colonnes = Vec::new();
    if !noms.signe('(') {
        return None;
    }
    loop {
        noms.0 = noms.0.trim_start();
        colonnes.push(noms.nom()?);
        if noms.signe(')') {
            return noms.0.is_empty().then_some((table, colonnes));
        }
        if !noms.signe(',') {
            return None;
        }
    }
}

struct Noms<'a>(&'a str);

impl Noms<'_> {
    fn signe(&mut self, c: char) -> bool {
        match self.0.strip_prefix(c) {
            Some(reste) => {
                self.0 = reste;
                true
            }
            None => false,
        }
    }

    /// A name, in quotes or not; a quote within is doubled.
    fn nom(&mut self) -> Option<String> {
        if !self.signe('"') {
            let fin = self.0.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')));
            let (nom, reste) = self.0.split_at(fin.unwrap_or(self.0.len()));
            self.0 = reste;
            return (!nom.is_empty()).then(|| nom.to_owned());
        }
        let mut nom = String::new();
        loop {
            let fin = self.0.find('"')?;
            nom.push_str(&self.0[..fin]);
            self.0 = &self.0[fin + 1..];
            if !self.signe('"') {
                return Some(nom);
            }
            nom.push('"');
        }
    }
}

/// The values of a row; NULL is none.
///
/// # Errors
/// A value that is not UTF-8, or a row that ends in the middle of an escape.
pub(super) fn valeurs(ligne: &[u8]) -> Result<Vec<Option<String>>, &'static str> {
    ligne.split(|c| *c == b'\t').map(valeur).collect()
}

fn valeur(brut: &[u8]) -> Result<Option<String>, &'static str> {
    if brut == br"\N" {
        return Ok(None);
    }
    let mut clair = Vec::with_capacity(brut.len());
    let mut reste = brut;
    while let Some((c, suite)) = reste.split_first() {
        reste = suite;
        if *c != b'\\' {
            clair.push(*c);
            continue;
        }
        let Some((c, suite)) = reste.split_first() else { return Err("échappement coupé") };
        reste = suite;
        clair.push(match c {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'0'..=b'7' => {
                let mut code = u16::from(c - b'0');
                for _ in 0..2 {
                    let Some((d @ b'0'..=b'7', suite)) = reste.split_first() else { break };
                    code = code * 8 + u16::from(d - b'0');
                    reste = suite;
                }
                // As PostgreSQL: the low byte.
                code.to_be_bytes()[1]
            }
            b'x' if reste.first().is_some_and(u8::is_ascii_hexdigit) => {
                let mut code = 0_u8;
                for _ in 0..2 {
                    let Some(d) = reste.first().and_then(|d| char::from(*d).to_digit(16)) else { break };
                    code = code * 16 + u8::try_from(d).unwrap_or_default();
                    reste = &reste[1..];
                }
                code
            }
            autre => *autre,
        });
    }
    String::from_utf8(clair).map(Some).map_err(|_| "texte qui n’est pas en UTF-8")
}

/// The elements of an array of texts, as `{a,"b c",NULL}`; what is no array is none.
pub(super) fn liste(texte: &str) -> Option<Vec<String>> {
    let dedans = texte.strip_prefix('{')?.strip_suffix('}')?;
    let (mut out, mut mot, mut cite, mut signes) = (Vec::new(), String::new(), false, dedans.chars());
    if dedans.is_empty() {
        return Some(out);
    }
    while let Some(c) = signes.next() {
        match c {
            '"' => cite = !cite,
            '\\' => mot.extend(signes.next()),
            ',' if !cite => out.push(std::mem::take(&mut mot)),
            c => mot.push(c),
        }
    }
    out.push(mot);
    (!cite).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row as PostgreSQL writes it.
    fn ecrit(valeurs: &[Option<String>]) -> String {
        let un = |v: &Option<String>| match v {
            None => r"\N".to_owned(),
            Some(v) => v
                .replace('\\', r"\\")
                .replace('\t', r"\t")
                .replace('\n', r"\n")
                .replace('\r', r"\r")
                .replace('\u{8}', r"\b")
                .replace('\u{b}', r"\v")
                .replace('\u{c}', r"\f"),
        };
        valeurs.iter().map(un).collect::<Vec<_>>().join("\t")
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in prop::collection::vec(
            prop::collection::vec(prop::option::of(any::<String>()), 1..8), 0..20)) {
            let mut fichier = String::new();
            for row in &rows {
                fichier.push_str(&ecrit(row));
                fichier.push('\n');
            }
            let mut lignes = Lignes::new(fichier.as_bytes());
            for row in &rows {
                prop_assert_eq!(&valeurs(lignes.suivante().unwrap().unwrap()).unwrap(), row);
            }
            prop_assert!(lignes.suivante().unwrap().is_none());
            prop_assert_eq!(lignes.lus(), fichier.len() as u64);
        }

        #[test]
        fn no_byte_makes_it_fall(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut lignes = Lignes::new(octets.as_slice());
            while let Some(ligne) = lignes.suivante().unwrap() {
                let _ = (valeurs(ligne), entete(ligne));
            }
            let _ = liste(&String::from_utf8_lossy(&octets));
        }
    }

    #[test]
    fn escapes_are_those_of_postgresql() {
        for (brut, clair) in [
            (r"\\N", Some(r"\N")),
            (r"\N", None),
            (r"N", Some("N")),
            (r"a\tb\nc\\d", Some("a\tb\nc\\d")),
            (r"\101\x42\x4g", Some("AB\u{4}g")),
            (r"\xg\.\q", Some("xg.q")),
            (r"\303\251t\xc3\xa9", Some("été")),
            ("", Some("")),
        ] {
            assert_eq!(valeur(brut.as_bytes()).unwrap().as_deref(), clair, "{brut}");
        }
        assert!(valeur(b"a\\").is_err());
        assert!(valeur(b"\\377").is_err());
    }

    #[test]
    fn headers_and_arrays() {
        let (table, colonnes) =
            entete(br#"COPY public.aidants_connect_web_x (id, "Or""der", nom) FROM stdin;"#).unwrap();
        assert_eq!(
            (table.as_str(), colonnes.len(), colonnes[1].as_str()),
            ("aidants_connect_web_x", 3, "Or\"der")
        );
        assert!(entete(b"COPY x (a) FROM '/etc/passwd';").is_none());
        assert!(entete(b"COPY x () FROM stdin;").is_none());
        assert_eq!(liste(r#"{papiers,"a \"b\", c",x}"#).unwrap(), ["papiers", "a \"b\", c", "x"]);
        assert_eq!(liste("{}").unwrap(), Vec::<String>::new());
        assert!(liste("papiers").is_none());
    }

    /// Rows made as they are read.
    struct Sans(u64, Vec<u8>);

    impl Read for Sans {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.1.is_empty() && self.0 > 0 {
                self.0 -= 1;
                self.1 = format!("{}\t{}\\n\t\\N\n", self.0, "été ".repeat(50)).into_bytes();
            }
            let n = self.1.len().min(out.len());
            out[..n].copy_from_slice(&self.1[..n]);
            self.1.drain(..n);
            Ok(n)
        }
    }

    #[test]
    fn a_large_file_takes_the_room_of_a_line() {
        let mut lignes = Lignes::new(io::BufReader::new(Sans(300_000, Vec::new())));
        while let Some(ligne) = lignes.suivante().unwrap() {
            assert_eq!(valeurs(ligne).unwrap().len(), 3);
        }
        assert!(lignes.lus() > 70_000_000);
        assert!(lignes.place() < 4096, "{}", lignes.place());
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut lignes = Lignes::new(io::BufReader::new(io::repeat(b'x').take(LIGNE as u64 * 2)));
        assert!(lignes.suivante().is_err());
    }
}
