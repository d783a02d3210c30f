//! A source text made plain: lower case, no accents, no markup; each letter remembers where it stands.

/// A text made plain.
#[derive(Debug, Default)]
pub(super) struct Texte {
    /// Plain letters.
    pub(super) lettres: Vec<char>,
    /// For each of them, its first and last byte in the source.
    pub(super) places: Vec<(usize, usize)>,
}

/// Named entities that files of hours hold.
const ENTITES: [(&str, char); 14] = [
    ("&nbsp;", ' '),
    ("&amp;", '&'),
    ("&agrave;", 'a'),
    ("&eacute;", 'e'),
    ("&egrave;", 'e'),
    ("&ecirc;", 'e'),
    ("&ucirc;", 'u'),
    ("&rsquo;", '\''),
    ("&#39;", '\''),
    ("&#039;", '\''),
    ("&quot;", '"'),
    ("&ndash;", '-'),
    ("&lt;", '-'),
    ("&gt;", '-'),
];

impl Texte {
    /// Makes a source plain.
    pub(super) fn lit(source: &str) -> Self {
        let mut texte = Self::default();
        let mut i = 0;
        while let Some(c) = source.get(i..).and_then(|s| s.chars().next()) {
            let reste = &source[i..];
            let mut fin = i + c.len_utf8();
            if c == '<'
                && reste[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
                && let Some(ferme) = reste.find('>')
            {
                fin = i + ferme + 1;
                // An inline tag parts two words at most; any other one ends the line.
                let inline =
                    ["<b>", "</b>", "<i>", "</i>", "<span", "</span", "<strong", "</strong", "<em", "</em"];
                let bas = reste[..=ferme].to_ascii_lowercase();
                let cellule_ouvre = ["<td", "<th"].iter().any(|t| bas.starts_with(t));
                let cellule = ["</td", "</th"].iter().any(|t| bas.starts_with(t));
                let lettre = match cellule_ouvre || inline.iter().any(|t| bas.starts_with(t)) {
                    true => ' ',
                    false if cellule => '|',
                    false => '\n',
                };
                texte.pousse(lettre, i, fin);
            } else if let Some((nom, lettre)) = (c == '&')
                .then(|| {
                    ENTITES
                        .iter()
                        .find(|(nom, _)| reste.get(..nom.len()).is_some_and(|r| r.eq_ignore_ascii_case(nom)))
                })
                .flatten()
            {
                fin = i + nom.len();
                texte.pousse(*lettre, i, fin);
            } else {
                for lettre in plat(c) {
                    texte.pousse(lettre, i, fin);
                }
            }
            i = fin;
        }
        texte
    }

    fn pousse(&mut self, lettre: char, de: usize, a: usize) {
        self.lettres.push(lettre);
        self.places.push((de, a));
    }

    /// The letter at `i`, a null one beyond the end.
    pub(super) fn en(&self, i: usize) -> char {
        self.lettres.get(i).copied().unwrap_or('\0')
    }

    /// The first place from `i` on that is not a blank of the same line.
    pub(super) fn saute_blancs(&self, mut i: usize) -> usize {
        while self.en(i) == ' ' {
            i += 1;
        }
        i
    }
}

/// The plain form of a letter; none for a mark that stands alone.
fn plat(c: char) -> Vec<char> {
    let c = match c {
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'î' | 'ï' | 'Î' | 'Ï' => 'i',
        'ô' | 'ö' | 'Ô' | 'Ö' => 'o',
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        'œ' | 'Œ' => return vec!['o', 'e'],
        '–' | '—' | '‑' | '‐' | '−' | '→' | '⇒' | '>' | '~' => '-',
        '’' | '‘' | 'ʼ' | '´' | '`' => '\'',
        '“' | '”' | '«' | '»' => '"',
        '：' => ':',
        '，' => ',',
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{feff}' => ' ',
        // Cells that were copied from a table.
        '\t' => '|',
        '\r' | '\u{2028}' | '\u{b}' | '\u{c}' => '\n',
        '•' | '·' | '●' | '▪' | '*' => '\n',
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{fe0f}' => return Vec::new(),
        c => return c.to_lowercase().collect(),
    };
    vec![c]
}
