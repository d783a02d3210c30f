//! Free texts: blanks, control characters, words that stand for "nothing", broken encodings.

use platform::tableur::formule;

use super::Notes;
use crate::lieux::rapport::Regle;
use crate::lieux::standard::RESUME_MAX;

const BLANCS: Regle =
    Regle::repare("texte-blancs", "Les blancs et caractères invisibles autour du texte ont été retirés.");
const APOSTROPHE: Regle = Regle::repare(
    "texte-apostrophe",
    "L’apostrophe qui empêche un tableur de lire une formule a été retirée.",
);
const ENCODAGE: Regle =
    Regle::repare("texte-encodage", "Les accents étaient abîmés par un mauvais encodage.");
const NUL: Regle =
    Regle::ecarte("texte-nul", "Ce mot veut dire « pas de valeur » : le champ est laissé vide.");
const RESUME: Regle = Regle::repare(
    "resume-long",
    "Le résumé dépasse 280 caractères : il est coupé, et le texte entier est dans la présentation détaillée.",
);

/// Words that files write where there is nothing.
const RIEN: [&str; 9] = ["null", "none", "nan", "n/a", "#n/a", "#n/d", "undefined", "nc", "-"];

/// A text of one line. Blanks inside are left alone.
pub fn texte(valeur: &str, notes: &mut Notes) -> String {
    net(valeur, notes, false)
}

/// The identifier of a producer: any text is one, even a dash.
pub fn identifiant(valeur: &str, notes: &mut Notes) -> String {
    propre(valeur, notes, false)
}

/// A text of several lines: line feeds are kept.
pub fn paragraphe(valeur: &str, notes: &mut Notes) -> String {
    net(valeur, notes, true)
}

fn net(valeur: &str, notes: &mut Notes, lignes: bool) -> String {
    if valeur.is_empty() {
        return String::new();
    }
    if RIEN.contains(&valeur.trim().to_lowercase().as_str()) {
        notes.signale(NUL, valeur, None);
        return String::new();
    }
    propre(valeur, notes, lignes)
}

fn propre(valeur: &str, notes: &mut Notes, lignes: bool) -> String {
    let bord = |c: char| c.is_whitespace() || invisible(c);
    let mut net: String = valeur
        .trim_matches(bord)
        .chars()
        .filter(|c| (lignes && matches!(c, '\n' | '\t')) || !invisible(*c) || matches!(c, '\r' | '\n' | '\t'))
        .map(|c| if !lignes && matches!(c, '\n' | '\r' | '\t') { ' ' } else { c })
        .collect();
    if lignes && net.contains('\r') {
        net = net.replace("\r\n", "\n").replace('\r', "\n");
    }
    if net != valeur {
        // Where only the ends of lines of another system differ, there is nothing to tell.
        if net != valeur.replace("\r\n", "\n") {
            notes.repare(BLANCS, valeur, &net);
        }
    }
    if let Some(relu) = redecode(&net) {
        notes.repare(ENCODAGE, &net, &relu);
        net = relu;
    }
    // What our own exports put before a hostile cell, which may begin by a line feed.
    while let Some(reste) =
        net.strip_prefix('\'').filter(|r| formule(r)).map(|r| r.trim_matches(bord).to_owned())
    {
        notes.repare(APOSTROPHE, &net, &reste);
        net = reste;
    }
    net
}

/// Control characters, byte order marks, zero-width characters and direction marks.
fn invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{fffd}')
}

/// UTF-8 that somebody read as Windows-1252: `MÃ©diathÃ¨que`. Decoded again when every byte agrees.
fn redecode(texte: &str) -> Option<String> {
    if !texte.contains(['Ã', 'Â', 'â']) {
        return None;
    }
    let (octets, _, perdu) = encoding_rs::WINDOWS_1252.encode(texte);
    if perdu
        || !octets.windows(2).any(|p| matches!(p[0], 0xC2..=0xC5 | 0xE2) && (0x80..=0xBF).contains(&p[1]))
    {
        return None;
    }
    let relu = std::str::from_utf8(&octets).ok()?;
    (relu != texte).then(|| relu.to_owned())
}

/// Cuts a résumé that is too long at a word, and gives the whole text to the détail.
pub fn resume(resume: String, detail: String, notes: &mut Notes) -> (String, String) {
    if resume.chars().count() <= RESUME_MAX {
        return (resume, detail);
    }
    let fin = resume.char_indices().nth(RESUME_MAX - 1).map_or(resume.len(), |(i, _)| i);
    let coupe = resume[..fin].rfind(char::is_whitespace).filter(|i| *i > fin / 2).unwrap_or(fin);
    let court = format!("{}…", resume[..coupe].trim_end());
    notes.repare(RESUME, &resume, &court);
    let detail = match detail.as_str() {
        "" => resume,
        d if d.contains(&resume) => detail,
        d => format!("{resume}\n\n{d}"),
    };
    (court, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_only_what_is_dirty() {
        for (avant, apres, regle) in [
            ("Médiathèque  de l’Étang", "Médiathèque  de l’Étang", None),
            (" Mairie\u{a0}", "Mairie", Some("texte-blancs")),
            ("\u{feff}Mairie\u{200b}", "Mairie", Some("texte-blancs")),
            ("Mairie\nannexe", "Mairie annexe", Some("texte-blancs")),
            ("MÃ©diathÃ¨que", "Médiathèque", Some("texte-encodage")),
            ("lâ€™Ã©cole", "l’école", Some("texte-encodage")),
            ("Château", "Château", None),
            ("'=1+1", "=1+1", Some("texte-apostrophe")),
            ("'Mairie'", "'Mairie'", None),
            ("null", "", Some("texte-nul")),
            ("#N/D", "", Some("texte-nul")),
            ("Nulle part", "Nulle part", None),
            ("", "", None),
        ] {
            let mut notes = Notes::default();
            assert_eq!(texte(avant, &mut notes), apres, "{avant:?}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{avant:?}");
        }
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        let mut notes = Notes::default();
        assert_eq!(paragraphe("Un\r\ndeux\n\ntrois", &mut notes), "Un\ndeux\n\ntrois");
        assert!(notes.0.is_empty());
    }

    #[test]
    fn a_long_resume_goes_to_the_detail() {
        let long = "mot ".repeat(100).trim().to_owned();
        let mut notes = Notes::default();
        let (court, detail) = resume(long.clone(), "Suite.".to_owned(), &mut notes);
        assert!(court.chars().count() <= RESUME_MAX && court.ends_with("mot…"), "{court}");
        assert_eq!(detail, format!("{long}\n\nSuite."));
        let (encore, meme) = resume(court.clone(), detail.clone(), &mut notes);
        assert_eq!((encore, meme), (court, detail));
        assert_eq!(notes.0.len(), 1);
    }
}
