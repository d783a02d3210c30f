//! Web addresses: absolute, http or https. A right one is kept to the letter, case included.

use super::Notes;
use crate::lieux::rapport::Regle;

const FORMAT: Regle = Regle::repare("url-format", "L’adresse du site est complétée ou remise en forme.");
const SEPARATEUR: Regle =
    Regle::repare("url-separateur", "Plusieurs adresses se séparent par une barre verticale |.");
const COURRIEL: Regle = Regle::ecarte("url-courriel", "C’est une adresse électronique, pas celle d’un site.");
const ILLISIBLE: Regle = Regle::ecarte("url-illisible", "Ce n’est pas l’adresse d’un site (http ou https).");

/// Puts several addresses in shape, joined by `|`.
pub fn urls(valeur: &str, notes: &mut Notes) -> String {
    if valeur.is_empty() || valeur.trim() == "-" {
        return String::new();
    }
    if valeur.split('|').all(valide) {
        return valeur.to_owned();
    }
    let mut gardes: Vec<String> = Vec::new();
    let mut coupe = false;
    for morceau in decoupe(valeur, &mut coupe) {
        if let Some(adresse) = une(&morceau, notes)
            && !gardes.contains(&adresse)
        {
            gardes.push(adresse);
        }
    }
    let resultat = gardes.join("|");
    if notes.0.is_empty() && resultat != valeur {
        notes.repare(if coupe { SEPARATEUR } else { FORMAT }, valeur, &resultat);
    }
    resultat
}

/// Puts one address in shape.
pub fn url(valeur: &str, notes: &mut Notes) -> String {
    if valeur.is_empty() || valeur.trim() == "-" {
        return String::new();
    }
    une(valeur, notes).unwrap_or_default()
}

fn une(valeur: &str, notes: &mut Notes) -> Option<String> {
    if valide(valeur) {
        return Some(valeur.to_owned());
    }
    if kernel::Email::parse(valeur).is_ok() {
        notes.signale(COURRIEL, valeur, None);
        return None;
    }
    match reforme(valeur) {
        Some(adresse) => {
            notes.repare(FORMAT, valeur, &adresse);
            Some(adresse)
        }
        None => {
            notes.signale(ILLISIBLE, valeur, None);
            None
        }
    }
}

/// Whether it is an absolute http(s) URL with a host that has a dot, and no blank.
fn valide(adresse: &str) -> bool {
    let debut = adresse.get(..8).or_else(|| adresse.get(..7)).unwrap_or("").to_ascii_lowercase();
    (debut.starts_with("http://") || debut.starts_with("https://"))
        && !adresse.contains(char::is_whitespace)
        && !adresse.contains(['|', '<', '>', '"', '\\'])
        // "a.frhttp://b.fr": an empty port is two addresses stuck together.
        && !adresse.split('/').nth(2).unwrap_or("").ends_with(':')
        && ::url::Url::parse(adresse).is_ok_and(|u| {
            u.username().is_empty()
                && u.host_str().is_some_and(|h| {
                    h.contains('.')
                        && !h.starts_with('.')
                        && !h.contains("..")
                        && h.split('.').next_back() != Some("")
                })
        })
}

/// Cuts a cell where one address ends and another begins.
fn decoupe(valeur: &str, coupe: &mut bool) -> Vec<String> {
    let mut t = valeur.replace(['\n', '\r', '\t', '\u{a0}', ';'], " ");
    for (faux, vrai) in
        [(" et ", " "), (" ou ", " "), (", ", " "), (",http", " http"), (",www", " www"), ("/ http", " http")]
    {
        t = t.replace(faux, vrai);
    }
    // "http://a.frhttp://b.fr": the second scheme begins a second address.
    for schema in ["http://", "https://"] {
        let mut depuis = 8;
        while let Some(i) = t.get(depuis..).and_then(|r| r.find(schema)).map(|i| i + depuis) {
            if t[..i].ends_with(|c: char| c.is_alphanumeric() || c == '/') && !t[..i].ends_with("//") {
                let avant = &t[..i];
                let debut = avant.rfind([' ', '|']).map_or(0, |p| p + 1);
                // An address inside the query of another is not a second one.
                if avant[debut..].contains(['?', '=']) || !avant[debut..].contains('.') {
                    depuis = i + schema.len();
                    continue;
                }
                t.insert(i, ' ');
            }
            depuis = i + schema.len() + 1;
        }
    }
    let morceaux: Vec<String> = t.split(['|', ' ']).filter(|m| !m.is_empty()).map(str::to_owned).collect();
    // Blanks inside one address ("www.ville .fr") make pieces that mean nothing alone.
    let bouts = morceaux.iter().filter(|m| m.contains('.')).count();
    if morceaux.len() > 1
        && bouts == morceaux.len()
        && morceaux.iter().all(|m| valide(m) || reforme(m).is_some())
    {
        *coupe = true;
        return morceaux;
    }
    let colle = valeur.split('|').map(|m| m.split_whitespace().collect::<String>()).collect::<Vec<_>>();
    if colle.iter().all(|m| valide(m) || reforme(m).is_some()) { colle } else { morceaux }
}

fn reforme(valeur: &str) -> Option<String> {
    let mut t = valeur.trim().trim_matches(|c: char| "<>()\"'’,;".contains(c)).replace('\\', "/");
    if t.starts_with('@') || t.contains(char::is_whitespace) || t.is_empty() {
        return None;
    }
    // The scheme, however it is written: "http//", "http:/", "https:", "htpp://", "http:://".
    let bas = t.to_ascii_lowercase();
    let mut securise = true;
    for (schema, s) in [
        ("https", true),
        ("htpps", true),
        ("htttps", true),
        ("http", false),
        ("htpp", false),
        ("htp", false),
        ("ttp", false),
    ] {
        if let Some(suite) = bas.strip_prefix(schema)
            && suite.starts_with([':', '/', ',', ';'])
        {
            let reste = suite.trim_start_matches([':', '/', ',', ';', '.']);
            t = t[t.len() - reste.len()..].to_owned();
            securise = s;
            break;
        }
    }
    if t.get(..7).is_some_and(|d| d.eq_ignore_ascii_case("http://"))
        || t.get(..8).is_some_and(|d| d.eq_ignore_ascii_case("https://"))
    {
        return valide(&t).then_some(t);
    }
    if t.contains("://") && !t.contains(['?', '=']) {
        return None;
    }
    let bas = t.to_ascii_lowercase();
    for faux in ["www:", "www,", "www/", "www "] {
        if bas.starts_with(faux) {
            t = format!("www.{}", &t[faux.len()..]);
        }
    }
    let (hote, chemin) = t.split_at(t.find('/').unwrap_or(t.len()));
    let hote = hote.replace(',', ".").trim_end_matches('.').to_owned();
    let forme = hote.contains('.')
        && !hote.contains(['@', ':'])
        && hote.rsplit('.').next().is_some_and(|e| e.len() >= 2 && e.chars().all(char::is_alphabetic));
    let adresse = format!("{}://{hote}{chemin}", if securise { "https" } else { "http" });
    (forme && valide(&adresse)).then_some(adresse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_real_files() {
        for (valeur, attendu, regle) in [
            (
                "https://www.laquincaillerie.tl/|https://m.facebook.com/x/",
                "https://www.laquincaillerie.tl/|https://m.facebook.com/x/",
                None,
            ),
            ("http://Ville.fr/Chemin/Page?A=B", "http://Ville.fr/Chemin/Page?A=B", None),
            ("https://x.fr/?u=https://y.fr", "https://x.fr/?u=https://y.fr", None),
            ("abracodabra.fr", "https://abracodabra.fr", Some("url-format")),
            ("www.ville.fr/page", "https://www.ville.fr/page", Some("url-format")),
            ("http//www.ville.fr", "http://www.ville.fr", Some("url-format")),
            ("https:www.ville.fr", "https://www.ville.fr", Some("url-format")),
            ("http:/ville.fr", "http://ville.fr", Some("url-format")),
            ("http://http://ville.fr", "http://ville.fr", Some("url-format")),
            ("https://https://ville.fr/a", "https://ville.fr/a", Some("url-format")),
            ("www,ville.fr", "https://www.ville.fr", Some("url-format")),
            ("http://a.fr ; http://b.fr", "http://a.fr|http://b.fr", Some("url-separateur")),
            ("http://a.fr\nhttp://b.fr", "http://a.fr|http://b.fr", Some("url-separateur")),
            ("http://a.frhttp://b.fr", "http://a.fr|http://b.fr", Some("url-separateur")),
            ("http://a.fr et www.b.fr", "http://a.fr|https://www.b.fr", Some("url-format")),
            ("http://www.ville .fr", "http://www.ville.fr", Some("url-format")),
            ("javascript:alert(1)", "", Some("url-illisible")),
            ("ftp://ville.fr", "", Some("url-illisible")),
            ("@lamairie", "", Some("url-illisible")),
            ("contact@ville.fr", "", Some("url-courriel")),
            ("Voir la mairie", "", Some("url-illisible")),
            ("-", "", None),
        ] {
            let mut notes = Notes::default();
            let sortie = urls(valeur, &mut notes);
            assert_eq!(sortie, attendu, "{valeur}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
            let mut encore = Notes::default();
            assert_eq!(urls(&sortie, &mut encore), sortie, "twice: {valeur}");
            assert!(encore.0.is_empty());
        }
    }
}
