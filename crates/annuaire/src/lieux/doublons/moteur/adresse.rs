//! The street of a lieu: its numbers, the words of the street, without what every address has.

use kernel::text::fold;

use super::nom::proche;

/// Kinds of ways, as people shorten them.
const VOIES: &[&str] = &[
    "rue",
    "r",
    "avenue",
    "av",
    "ave",
    "boulevard",
    "bd",
    "bld",
    "boul",
    "place",
    "pl",
    "route",
    "rte",
    "rt",
    "chemin",
    "che",
    "chem",
    "allee",
    "all",
    "impasse",
    "imp",
    "square",
    "sq",
    "quai",
    "cours",
    "cour",
    "cr",
    "esplanade",
    "esp",
    "passage",
    "faubourg",
    "fg",
    "fbg",
    "lieu",
    "dit",
    "ld",
    "lotissement",
    "residence",
    "mail",
    "zone",
    "za",
    "zi",
    "zac",
    "ruelle",
    "rond",
    "point",
    "promenade",
    "galerie",
];
/// Words without meaning in an address.
const VIDES: &[&str] = &[
    "de", "du", "des", "la", "le", "les", "l", "d", "et", "a", "au", "aux", "en", "sur", "bis", "ter",
    "quater", "b", "t", "cs", "bp", "cedex", "cs", "no", "n",
];
/// Titles that are shortened, or left out.
const TITRES: &[&str] = &[
    "general",
    "gal",
    "gl",
    "gen",
    "marechal",
    "mal",
    "docteur",
    "dr",
    "doct",
    "president",
    "pdt",
    "professeur",
    "pr",
    "commandant",
    "cdt",
    "colonel",
    "col",
    "capitaine",
    "cpt",
    "saint",
    "sainte",
    "st",
    "ste",
    "notre",
    "dame",
    "abbe",
    "jean",
    "pierre",
    "republique",
];

/// A street, taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Adresse {
    /// Numbers in the street, from the lowest to the highest: « 5-9 » is 5 to 9.
    pub(super) numeros: Option<(u32, u32)>,
    pub(super) mots: Vec<Box<str>>,
    /// Without titles: those that tell.
    forts: usize,
}

/// How two streets compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voies {
    /// One of them is not known.
    Inconnue,
    /// The same street and number.
    MemeNumero,
    /// The same street, and one number is missing.
    MemeVoie,
    /// The same street, numbers beside each other.
    Voisines,
    /// The same street, other numbers.
    AutreNumero,
    /// Other streets.
    AutreVoie,
}

impl Adresse {
    /// Takes a street apart.
    pub(super) fn lit(adresse: &str, code_postal: &str, commune: &[&str]) -> Self {
        let texte = fold(adresse);
        let mut numeros: Option<(u32, u32)> = None;
        let mut mots: Vec<Box<str>> = Vec::new();
        let mut rue_lue = false;
        let mut derniere_voie = None;
        for mot in debut_de_voie(&texte).split(' ').filter(|m| !m.is_empty() && *m != code_postal) {
            let chiffres = mot.len() - mot.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if chiffres > 0 {
                // « 8 mai 1945 » and « CS 40038 » are no numbers of houses.
                let nombre = mot[..chiffres].parse::<u32>().ok().filter(|n| (1..5_000).contains(n));
                if let (Some(n), false, true) = (nombre, rue_lue, mot.len() - chiffres <= 3) {
                    numeros = Some(numeros.map_or((n, n), |(bas, haut)| (bas.min(n), haut.max(n))));
                } else if chiffres < 5 && mot.len() == chiffres {
                    mots.push(mot.into());
                }
                continue;
            }
            if VOIES.contains(&mot) {
                // « rue du quai », « place de la promenade »: the second one is its name.
                derniere_voie = Some(mot).filter(|_| rue_lue);
                rue_lue = true;
            } else if !VIDES.contains(&mot) {
                rue_lue |= mot.len() > 2;
                mots.push(mot.into());
            }
        }
        if let Some(voie) = derniere_voie.filter(|_| mots.is_empty()) {
            mots.push(voie.into());
        }
        // The commune repeated at the end of the street; a street may also bear its name.
        while mots.len() > 1 && mots.last().is_some_and(|m| commune.contains(&m.as_ref())) {
            mots.pop();
        }
        let forts = mots.iter().filter(|m| !TITRES.contains(&m.as_ref())).count();
        Self { numeros, mots, forts }
    }

    /// Compares two streets of one commune, or of neighbours.
    pub(super) fn compare(&self, autre: &Self) -> Voies {
        if self.mots.is_empty() || autre.mots.is_empty() {
            return Voies::Inconnue;
        }
        if !self.meme_voie(autre) {
            return Voies::AutreVoie;
        }
        match (self.numeros, autre.numeros) {
            (Some((a, b)), Some((c, d))) if a <= d && c <= b => Voies::MemeNumero,
            (Some((a, b)), Some((c, d))) if a.saturating_sub(d) <= 2 && c.saturating_sub(b) <= 2 => {
                Voies::Voisines
            }
            (Some(_), Some(_)) => Voies::AutreNumero,
            (None, None) => Voies::MemeNumero,
            _ => Voies::MemeVoie,
        }
    }

    fn meme_voie(&self, autre: &Self) -> bool {
        let communs = |titres: bool| {
            self.mots
                .iter()
                .filter(|m| titres || !TITRES.contains(&m.as_ref()))
                .filter(|m| autre.mots.iter().any(|n| meme_mot(m, n)))
                .count()
        };
        let court = self.forts.min(autre.forts);
        if court == 0 {
            // « place de la République »: all of its words.
            return communs(true) == self.mots.len().min(autre.mots.len());
        }
        let long = self.forts.max(autre.forts);
        let communs = communs(false);
        communs >= (2 * court).div_ceil(3) && communs * 5 >= long * 2
    }
}

/// The same word, but for a letter, or shortened: « chap » for « chapelle ».
fn meme_mot(a: &str, b: &str) -> bool {
    proche(a, b) || (a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a)))
}

/// The street without what stands before its number: « Bureau de poste, 6 rue du Bailli ».
fn debut_de_voie(texte: &str) -> &str {
    let mut debut = 0;
    let mut mots = texte.split(' ').peekable();
    while let Some(mot) = mots.next() {
        let numero = mot.len() <= 4 && mot.starts_with(|c: char| c.is_ascii_digit());
        if numero && mots.peek().is_some_and(|m| VOIES.contains(m) || matches!(*m, "bis" | "ter" | "b")) {
            return &texte[debut..];
        }
        debut += mot.len() + 1;
    }
    texte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_may_be_named_after_a_kind_of_way() {
        let compare = |a: &str, b: &str| {
            Adresse::lit(a, "80800", &["corbie"]).compare(&Adresse::lit(b, "80800", &["corbie"]))
        };
        for (a, b, voies) in [
            ("6 rue du quai", "6 r. du quai", Voies::MemeNumero),
            ("2 Place de la promenade", "2 pl de la promenade", Voies::MemeNumero),
            ("AV DE LA PROMENADE", "4 avenue de la Promenade", Voies::MemeVoie),
            ("6 rue du quai", "6 rue du passage", Voies::AutreVoie),
            ("rue", "6 rue du quai", Voies::Inconnue),
            ("4 rue Neuve", "4 r. Neuve", Voies::MemeNumero),
        ] {
            assert_eq!(compare(a, b), voies, "{a} / {b}");
        }
    }
}
