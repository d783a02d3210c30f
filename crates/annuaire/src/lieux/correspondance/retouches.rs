//! What a rule does to a value, one touch after the other.

use std::sync::LazyLock;

use chrono::NaiveDate;
use kernel::text::fold;
use regex::Regex;

use super::super::rapport::Rapport;
use super::super::standard::Champ;
use super::modele::{Casse, Retouche, Sinon, Table};

/// What a rule is about, for the report of unknown words.
pub(super) struct Pour<'a> {
    pub(super) champ: Champ,
    pub(super) colonne: &'a str,
}

/// Applies the touches of a rule.
pub(super) fn applique(
    valeur: String,
    retouches: &[Retouche],
    pour: &Pour<'_>,
    rapport: &mut Rapport<'_>,
) -> String {
    retouches.iter().fold(valeur, |valeur, retouche| {
        if valeur.trim().is_empty() {
            return String::new();
        }
        match retouche {
            Retouche::SansHtml => sans_html(&valeur),
            Retouche::Extraire(motif) => motif
                .captures(&valeur)
                .and_then(|c| {
                    c.iter()
                        .skip(1)
                        .flatten()
                        .next()
                        .or_else(|| c.get(0))
                        .map(|m| m.as_str().trim().to_owned())
                })
                .unwrap_or_default(),
            Retouche::Effacer(motif) => motif.replace_all(&valeur, "").trim().to_owned(),
            Retouche::Remplacer(paires) => {
                paires.iter().fold(valeur, |v, (avant, apres)| v.replace(avant.as_str(), apres))
            }
            Retouche::Vides(mots) => {
                let gardes: Vec<&str> = valeur.split('|').filter(|m| !mots.contains(&fold(m))).collect();
                gardes.join("|")
            }
            Retouche::Separer(separateurs) => separe(&valeur, separateurs),
            Retouche::Traduire(table) => traduit(&valeur, table, pour, rapport),
            Retouche::Casse(casse) => change_la_casse(&valeur, *casse),
            Retouche::Date(formes) => {
                let lue = formes.iter().find_map(|f| NaiveDate::parse_and_remainder(valeur.trim(), f).ok());
                lue.map_or_else(|| valeur.clone(), |(jour, _)| jour.to_string())
            }
            Retouche::Prefixe(texte) => format!("{texte}{valeur}"),
            Retouche::Suffixe(texte) => format!("{valeur}{texte}"),
        }
    })
}

/// Cuts a value on any of the separators; the pieces are joined by `|`.
pub(super) fn separe(valeur: &str, separateurs: &[String]) -> String {
    let coupe = separateurs.iter().fold(valeur.to_owned(), |v, s| v.replace(s.as_str(), "|"));
    let morceaux: Vec<&str> = coupe.split('|').map(str::trim).filter(|m| !m.is_empty()).collect();
    morceaux.join("|")
}

/// Each value of a list through the table.
fn traduit(valeur: &str, table: &Table, pour: &Pour<'_>, rapport: &mut Rapport<'_>) -> String {
    let mut sortie: Vec<String> = Vec::new();
    let mut prend = |v: &str| {
        if !v.is_empty() && !sortie.iter().any(|s| s == v) {
            sortie.push(v.to_owned());
        }
    };
    for morceau in valeur.split('|').map(str::trim).filter(|m| !m.is_empty()) {
        match (table.mots.get(&fold(morceau)), &table.sinon) {
            (Some(valeurs), _) => valeurs.iter().for_each(|v| prend(v)),
            (None, Sinon::Garder) => prend(morceau),
            (None, Sinon::Valeur(v)) => prend(v),
            (None, Sinon::Signaler) => rapport.terme_inconnu(pour.colonne, pour.champ.nom(), morceau),
        }
    }
    sortie.join("|")
}

const ENTITES: [(&str, &str); 22] = [
    ("&nbsp;", " "),
    ("&eacute;", "é"),
    ("&egrave;", "è"),
    ("&agrave;", "à"),
    ("&ccedil;", "ç"),
    ("&ecirc;", "ê"),
    ("&acirc;", "â"),
    ("&icirc;", "î"),
    ("&ocirc;", "ô"),
    ("&ucirc;", "û"),
    ("&ugrave;", "ù"),
    ("&euml;", "ë"),
    ("&iuml;", "ï"),
    ("&oelig;", "œ"),
    ("&rsquo;", "’"),
    ("&laquo;", "«"),
    ("&raquo;", "»"),
    ("&euro;", "€"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    // Last: what it writes must not be read again.
    ("&amp;", "&"),
];

#[expect(clippy::expect_used, reason = "constant patterns, exercised by a test")]
static BALISE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<!--.*?-->|</?[a-zA-Z][^<>]*>").expect("a constant pattern"));
#[expect(clippy::expect_used, reason = "constant patterns, exercised by a test")]
static SAUT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<br\s*/?>|</(?:p|div|li|tr|h[1-6])>").expect("a constant pattern"));
#[expect(clippy::expect_used, reason = "constant patterns, exercised by a test")]
static ENTITE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});").expect("a constant pattern"));

/// Plain text out of HTML: the ends of blocks become ends of lines, the other tags go.
pub(super) fn sans_html(texte: &str) -> String {
    let lignes = SAUT.replace_all(texte, "\n");
    let nu = BALISE.replace_all(&lignes, "");
    let mut net = ENTITE
        .replace_all(&nu, |c: &regex::Captures<'_>| {
            let code = match c[1].strip_prefix('x') {
                Some(hexa) => u32::from_str_radix(hexa, 16).ok(),
                None => c[1].parse().ok(),
            };
            code.and_then(char::from_u32).filter(|c| !c.is_control()).map_or(String::new(), String::from)
        })
        .into_owned();
    for (entite, lettre) in ENTITES {
        if net.contains(entite) {
            net = net.replace(entite, lettre);
        }
    }
    let lignes: Vec<&str> = net.lines().map(str::trim).collect();
    let mut sortie = String::with_capacity(net.len());
    for ligne in lignes {
        // One empty line at most between two paragraphs.
        if !(ligne.is_empty() && (sortie.is_empty() || sortie.ends_with("\n\n"))) {
            sortie.push_str(ligne);
            sortie.push('\n');
        }
    }
    sortie.trim().to_owned()
}

/// Words that keep a small letter inside a title.
const PETITS: [&str; 16] =
    ["de", "du", "des", "la", "le", "les", "et", "en", "sur", "sous", "aux", "au", "à", "d", "l", "par"];

fn change_la_casse(valeur: &str, casse: Casse) -> String {
    match casse {
        Casse::Majuscules => valeur.to_uppercase(),
        Casse::Minuscules => valeur.to_lowercase(),
        Casse::Phrase => capitale(&valeur.to_lowercase()),
        Casse::Titre => {
            let mut sortie = String::with_capacity(valeur.len());
            let mut mot = String::new();
            for c in valeur.to_lowercase().chars().chain(['\n']) {
                if c.is_alphanumeric() {
                    mot.push(c);
                    continue;
                }
                if PETITS.contains(&mot.as_str()) && !sortie.is_empty() {
                    sortie.push_str(&mot);
                } else {
                    sortie.push_str(&capitale(&mot));
                }
                mot.clear();
                sortie.push(c);
            }
            sortie.pop();
            sortie
        }
    }
}

fn capitale(mot: &str) -> String {
    let mut lettres = mot.chars();
    lettres.next().map_or(String::new(), |c| c.to_uppercase().chain(lettres).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_and_capitals() {
        for (avant, apres) in [
            (
                "<p>Bonjour&nbsp;<b>à tous</b></p><p>L&#39;été &amp; l&rsquo;hiver</p>",
                "Bonjour à tous\nL'été & l’hiver",
            ),
            ("Un<br>deux<br/>trois <!-- rien --> &amp;lt;", "Un\ndeux\ntrois  &lt;"),
            ("moins < 3 et > 2", "moins < 3 et > 2"),
            ("", ""),
        ] {
            assert_eq!(sans_html(avant), apres, "{avant}");
        }
        for (avant, casse, apres) in [
            ("MÉDIATHÈQUE DE L'ÉTANG", Casse::Titre, "Médiathèque de l'Étang"),
            ("LA MAISON", Casse::Titre, "La Maison"),
            ("LA MAISON", Casse::Phrase, "La maison"),
            ("saint-denis", Casse::Titre, "Saint-Denis"),
        ] {
            assert_eq!(change_la_casse(avant, casse), apres);
        }
        assert_eq!(separe("a ; b,c", &[";".to_owned(), ",".to_owned()]), "a|b|c");
    }

    proptest::proptest! {
        #[test]
        fn texts_never_break_it(texte in "\\PC{0,80}|(<p>|&#|x41;|&amp;|<br|>|[a-z ]){0,20}") {
            let _ = sans_html(&texte);
            for casse in [Casse::Titre, Casse::Phrase, Casse::Majuscules, Casse::Minuscules] {
                let _ = change_la_casse(&texte, casse);
            }
        }
    }
}
