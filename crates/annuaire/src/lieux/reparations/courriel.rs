//! E-mail addresses, several in a cell, joined by `|`.

use kernel::Email;

use super::Notes;
use crate::lieux::rapport::Regle;

const FORMAT: Regle = Regle::repare("courriel-format", "L’adresse électronique est mise en forme.");
const SEPARATEUR: Regle =
    Regle::repare("courriel-separateur", "Plusieurs adresses se séparent par une barre verticale |.");
const DOUBLON: Regle = Regle::repare("courriel-doublon", "Cette adresse est donnée deux fois.");
const ILLISIBLE: Regle =
    Regle::ecarte("courriel-illisible", "Cette adresse électronique est incomplète ou mal écrite.");

/// Puts addresses in shape; those that are right are kept to the letter.
pub fn courriels(valeur: &str, notes: &mut Notes) -> String {
    if valeur.is_empty() || valeur.trim().chars().all(|c| matches!(c, '-' | '/' | '.')) {
        return String::new();
    }
    if valeur.split('|').all(valide) && sans_double(valeur) {
        return valeur.to_owned();
    }
    let mut gardes: Vec<String> = Vec::new();
    let mut autres_separateurs = false;
    let prepare = prepare(valeur);
    for morceau in prepare.split(|c: char| {
        let autre = matches!(c, ';' | ',' | '/' | '\n' | '\r' | '\t') || c.is_whitespace();
        autres_separateurs |= autre;
        autre || c == '|'
    }) {
        if morceau.is_empty()
            || ["et", "ou", "-", "mail", "email", "e-mail", "courriel", ":"].contains(&morceau)
        {
            continue;
        }
        match (valide(morceau), reforme(morceau)) {
            (true, _) => garde(&mut gardes, morceau.to_owned(), notes),
            (false, Some(adresse)) => {
                notes.repare(FORMAT, morceau, &adresse);
                garde(&mut gardes, adresse, notes);
            }
            (false, None) => notes.signale(ILLISIBLE, morceau, None),
        }
    }
    let resultat = gardes.join("|");
    if notes.0.is_empty() && resultat != valeur {
        let regle = if gardes.len() > 1 && autres_separateurs { SEPARATEUR } else { FORMAT };
        notes.repare(regle, valeur, &resultat);
    }
    resultat
}

fn garde(gardes: &mut Vec<String>, adresse: String, notes: &mut Notes) {
    if gardes.contains(&adresse) {
        notes.repare(DOUBLON, &adresse, "");
    } else {
        gardes.push(adresse);
    }
}

fn valide(adresse: &str) -> bool {
    adresse.trim() == adresse && Email::parse(adresse).is_ok()
}

fn sans_double(valeur: &str) -> bool {
    let vus: Vec<&str> = valeur.split('|').collect();
    vus.iter().enumerate().all(|(i, a)| !vus[..i].contains(a))
}

/// Undoes what stands in the way of cutting the cell: labels, disguised signs, blanks round them.
fn prepare(valeur: &str) -> String {
    let mut t = valeur.replace('\u{a0}', " ");
    for (faux, vrai) in [
        ("mailto:", ""),
        ("MAILTO:", ""),
        ("[at]", "@"),
        ("(at)", "@"),
        ("[a]", "@"),
        ("(a)", "@"),
        ("{at}", "@"),
        (" arobase ", "@"),
        ("(arobase)", "@"),
        ("[dot]", "."),
        ("(point)", "."),
        ("@@", "@"),
        ("<", " "),
        (">", " "),
        ("\"", ""),
        (" @", "@"),
        ("@ ", "@"),
        (" .", "."),
        ("@.", "@"),
    ] {
        if t.contains(faux) {
            t = t.replace(faux, vrai);
        }
    }
    t
}

fn reforme(morceau: &str) -> Option<String> {
    let mut t = morceau.trim_matches(|c: char| "<>()[]\"'’.:;,".contains(c)).to_owned();
    if let Some((_, apres)) = t.split_once(':') {
        t = apres.to_owned();
    }
    for debut in ["www.", "@"] {
        if let Some(reste) = t.strip_prefix(debut) {
            t = reste.to_owned();
        }
    }
    while t.contains("..") {
        t = t.replace("..", ".");
    }
    if let Some((local, domaine)) = t.rsplit_once('@')
        && !domaine.contains('.')
    {
        // "gmailcom": the dot before the extension.
        for extension in ["fr", "com", "org", "net"] {
            if let Some(nom) = domaine.strip_suffix(extension).filter(|n| n.len() >= 4) {
                t = format!("{local}@{nom}.{extension}");
                break;
            }
        }
    }
    valide(&t).then_some(t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_real_files() {
        for (valeur, attendu, regle) in [
            ("contact@a.fr|Responsable@B.FR", "contact@a.fr|Responsable@B.FR", None),
            (
                "france-service@carct.fr - maison@carct.fr",
                "france-service@carct.fr|maison@carct.fr",
                Some("courriel-separateur"),
            ),
            ("a@b.fr;c@d.fr", "a@b.fr|c@d.fr", Some("courriel-separateur")),
            ("a@b.fr et c@d.fr", "a@b.fr|c@d.fr", Some("courriel-separateur")),
            (
                "\u{a0}lile-rousse@france-services.gouv.fr",
                "lile-rousse@france-services.gouv.fr",
                Some("courriel-format"),
            ),
            ("mailto:a@b.fr", "a@b.fr", Some("courriel-format")),
            ("contact[a]ville.fr", "contact@ville.fr", Some("courriel-format")),
            ("a@b.fr|a@b.fr", "a@b.fr", Some("courriel-doublon")),
            ("a @ b.fr", "a@b.fr", Some("courriel-format")),
            ("a@gmailcom", "a@gmail.com", Some("courriel-format")),
            ("a@b..fr", "a@b.fr", Some("courriel-format")),
            ("Mail : a@b.fr.", "a@b.fr", Some("courriel-illisible")),
            ("mfs@ville-louvres", "", Some("courriel-illisible")),
            ("amandela@ville romainville.fr", "", Some("courriel-illisible")),
            ("-", "", None),
            ("", "", None),
        ] {
            let mut notes = Notes::default();
            let sortie = courriels(valeur, &mut notes);
            assert_eq!(sortie, attendu, "{valeur}");
            if valeur != "Mail : a@b.fr." {
                assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
            }
            let mut encore = Notes::default();
            assert_eq!(courriels(&sortie, &mut encore), sortie, "twice: {valeur}");
            assert!(encore.0.is_empty());
        }
    }
}
