//! Reads what people type for a place: abbreviations, articles, codes, arrondissements, CEDEX.

use kernel::CodeDepartement;
use kernel::text::fold;

const ARTICLES: [&str; 4] = ["l", "la", "le", "les"];

/// A name written out: folded, `st` and `ste` opened, `s/` and `lès` made plain, the article in front.
///
/// `"Rochelle (La)"` gives `la rochelle`, `"VITRY S/ SEINE"` gives `vitry sur seine`.
pub(super) fn litterale(nom: &str) -> String {
    ouvre(&fold(nom).split(' ').collect::<Vec<_>>(), true).join(" ")
}

/// The same without its article: what names are compared by.
pub(super) fn cle(nom: &str) -> String {
    sans_article(&litterale(nom)).to_owned()
}

/// Whether every word of one name that means something is in the other: « Le Hom » in « Thury-Harcourt-le-Hom ».
pub(super) fn emboites(a: &str, b: &str) -> bool {
    const VIDES: [&str; 13] =
        ["l", "la", "le", "les", "d", "de", "du", "des", "en", "sur", "commune", "nouvelle", "ville"];
    let mots = |nom: &str| -> Vec<String> {
        litterale(nom).split(' ').filter(|m| !VIDES.contains(m)).map(str::to_owned).collect()
    };
    let (a, b) = (mots(a), mots(b));
    let (court, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    court.iter().any(|m| m.len() > 2 && m != "saint" && m != "sainte")
        && court.iter().all(|m| long.contains(m))
}

/// Drops the article in front, unless nothing else would remain.
pub(super) fn sans_article(litterale: &str) -> &str {
    match litterale.split_once(' ') {
        Some((premier, reste)) if ARTICLES.contains(&premier) => reste,
        _ => litterale,
    }
}

/// Opens abbreviations; the last word is left alone when it may be unfinished.
fn ouvre<'a>(mots: &[&'a str], fini: bool) -> Vec<&'a str> {
    let n = mots.len();
    let mut out: Vec<&str> = Vec::with_capacity(n);
    for (i, mot) in mots.iter().enumerate() {
        let dernier = i + 1 == n;
        if dernier && !fini {
            out.push(mot);
            break;
        }
        let milieu = i > 0 && !dernier;
        let ouvert = match *mot {
            "st" => "saint",
            "ste" => "sainte",
            "sts" => "saints",
            "stes" => "saintes",
            "nd" => "notre dame",
            "lez" => "les",
            "ss" if milieu => "sous",
            // "s/s" is folded into two words.
            "s" if milieu && out.last() == Some(&"sur") => {
                out.pop();
                "sous"
            }
            "s" if milieu => "sur",
            autre => autre,
        };
        out.push(ouvert);
    }
    // Directories put the article behind: "Rochelle (La)".
    if fini
        && out.len() > 1
        && !ARTICLES.contains(&out[0])
        && let Some(article) = out.pop_if(|m| ARTICLES.contains(m))
    {
        out.insert(0, article);
    }
    out
}

/// What was typed, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Saisie {
    /// The words of the name, as [`litterale`] writes them.
    pub(super) nom: String,
    /// The same with its last word as typed, when it could be an abbreviation or the beginning of a word.
    pub(super) nom_partiel: String,
    /// Five characters that are a code postal or a code INSEE.
    pub(super) code: Option<String>,
    /// One to four digits alone: the beginning of a code.
    pub(super) debut_code: Option<String>,
    /// A département typed beside the name: `93`, `2A`, `974`.
    pub(super) departement: Option<CodeDepartement>,
    /// The number of an arrondissement of Paris, Lyon or Marseille.
    pub(super) arrondissement: Option<u8>,
}

/// Longest text that is read: no commune has a longer name with its code.
const LONGUEUR_MAX: usize = 120;

impl Saisie {
    pub(super) fn lit(texte: &str) -> Self {
        let texte: String = texte.chars().take(LONGUEUR_MAX).collect();
        let plie = fold(&texte);
        let mut mots: Vec<&str> = plie.split(' ').filter(|m| !m.is_empty()).collect();
        if let Some(i) = mots.iter().position(|m| *m == "cedex") {
            mots.truncate(i);
        }
        let mut saisie = Self::default();
        let mut reste: Vec<&str> = Vec::with_capacity(mots.len());
        let mut i = 0;
        while i < mots.len() {
            let mot = mots[i];
            if saisie.code.is_none() {
                if est_code(mot) {
                    saisie.code = Some(mot.to_uppercase());
                    i += 1;
                    continue;
                }
                // "75 011": a code with a blank.
                if let Some(suivant) = mots.get(i + 1) {
                    let joint = format!("{mot}{suivant}");
                    if mot.len() == 2 && chiffres(suivant) && est_code(&joint) {
                        saisie.code = Some(joint.to_uppercase());
                        i += 2;
                        continue;
                    }
                }
            }
            reste.push(mot);
            i += 1;
        }
        if let [seul] = reste.as_slice()
            && saisie.code.is_none()
            && seul.len() < 5
            && (chiffres(seul) || (seul.starts_with("2a") || seul.starts_with("2b")) && chiffres(&seul[2..]))
        {
            saisie.debut_code = Some(seul.to_uppercase());
            return saisie;
        }
        saisie.arrondissement = arrondissement(&mut reste);
        if saisie.code.is_none()
            && saisie.arrondissement.is_none()
            && reste.len() > 1
            && let Some(departement) = reste.last().and_then(|m| CodeDepartement::parse(m))
        {
            reste.pop();
            saisie.departement = Some(departement);
        }
        saisie.nom = ouvre(&reste, true).join(" ");
        saisie.nom_partiel = ouvre(&reste, false).join(" ");
        saisie
    }
}

fn chiffres(mot: &str) -> bool {
    mot.bytes().all(|c| c.is_ascii_digit())
}

/// Five digits, or `2a`/`2b` and three.
fn est_code(mot: &str) -> bool {
    mot.len() == 5
        && mot.is_ascii()
        && (chiffres(mot) || (mot.starts_with("2a") || mot.starts_with("2b")) && chiffres(&mot[2..]))
}

/// Takes "11e", "3eme", "1er arrondissement", "08" out of the words that follow Paris, Lyon or Marseille.
fn arrondissement(mots: &mut Vec<&str>) -> Option<u8> {
    let dernier = match *mots.first()? {
        "paris" => 20,
        "lyon" => 9,
        "marseille" => 16,
        _ => return None,
    };
    let nombre = mots.get(1)?;
    let fin = nombre.bytes().position(|c| !c.is_ascii_digit()).unwrap_or(nombre.len());
    let suffixe = &nombre[fin..];
    let reste = &mots[2..];
    let suite = match suffixe {
        "" | "e" | "er" | "eme" | "ieme" | "re" => match reste {
            [] => true,
            [m] => ["e", "er", "eme", "arr", "arrondissement", "ardt"].contains(m),
            [a, b] => *a == "e" && b.starts_with("arr"),
            _ => false,
        },
        _ => false,
    };
    let n: u8 = nombre[..fin].parse().ok()?;
    // "Paris 75", "Lyon 69": the number of the département.
    if !suite || n == 0 || n > dernier {
        return None;
    }
    mots.truncate(1);
    Some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_out() {
        for (typed, litteral, key) in [
            ("ST-ETIENNE", "saint etienne", "saint etienne"),
            ("Ste Foy lès Lyon", "sainte foy les lyon", "sainte foy les lyon"),
            ("L'Haÿ-les-Roses", "l hay les roses", "hay les roses"),
            ("Rochelle (La)", "la rochelle", "rochelle"),
            ("MANS (LE)", "le mans", "mans"),
            ("Vitry s/ Seine", "vitry sur seine", "vitry sur seine"),
            ("Bussy S/S Bois", "bussy sous bois", "bussy sous bois"),
            ("Y", "y", "y"),
            ("Les", "les", "les"),
            ("", "", ""),
            ("Villeneuve-lez-Avignon", "villeneuve les avignon", "villeneuve les avignon"),
        ] {
            assert_eq!(litterale(typed), litteral, "{typed}");
            assert_eq!(cle(typed), key, "{typed}");
        }
    }

    #[test]
    fn typed_texts_are_taken_apart() {
        let s = |nom: &str, code: Option<&str>, dep: Option<&str>, arr: Option<u8>| {
            (nom.to_owned(), code.map(str::to_owned), dep.map(str::to_owned), arr)
        };
        for (typed, expected) in [
            ("75011", s("", Some("75011"), None, None)),
            ("75 011 Paris", s("paris", Some("75011"), None, None)),
            ("2a004", s("", Some("2A004"), None, None)),
            ("Paris 11e", s("paris", None, None, Some(11))),
            ("Paris 1er arrondissement", s("paris", None, None, Some(1))),
            ("PARIS 08", s("paris", None, None, Some(8))),
            ("Lyon 3ème", s("lyon", None, None, Some(3))),
            ("Marseille 16 e", s("marseille", None, None, Some(16))),
            ("Paris 75", s("paris", None, Some("75"), None)),
            ("Lyon 69", s("lyon", None, Some("69"), None)),
            ("Saint-Denis (974)", s("saint denis", None, Some("974"), None)),
            ("st denis 93200", s("saint denis", Some("93200"), None, None)),
            ("31077 TOULOUSE CEDEX 4", s("toulouse", Some("31077"), None, None)),
            ("Bastia 2b", s("bastia", None, Some("2B"), None)),
        ] {
            let read = Saisie::lit(typed);
            let dep = read.departement.map(|d| d.as_str().to_owned());
            assert_eq!((read.nom, read.code, dep, read.arrondissement), expected, "{typed}");
        }
        assert_eq!(Saisie::lit("750").debut_code.as_deref(), Some("750"));
        assert_eq!(Saisie::lit("2b0").debut_code.as_deref(), Some("2B0"));
        assert_eq!(Saisie::lit("st").nom_partiel, "st");
        assert_eq!(Saisie::lit("st").nom, "saint");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            let _ = Saisie::lit(&text);
            let _ = cle(&text);
        }
    }
}
