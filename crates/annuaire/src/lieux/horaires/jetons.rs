//! French words and numbers of opening hours, as tokens.

/// A piece of a text of hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Jeton {
    /// A time, in minutes since midnight.
    Heure(u16),
    /// A number alone, which may be an hour.
    Nombre(u16),
    /// A day, 0 for Monday.
    Jour(u8),
    /// Every day of the week.
    TousLesJours,
    /// `-`, `>`.
    Tiret,
    /// `à`, `au`, `jusqu’à`.
    A,
    /// `:`.
    DeuxPoints,
    /// `/`, `,`, `;`, `.`, end of line.
    Separateur,
    /// `et`.
    Et,
    /// `fermé`.
    Ferme,
    /// `sur rendez-vous`.
    RendezVous,
    /// Public holidays, after a word that closes.
    Feries,
    /// What we do not know.
    Mot(String),
}

/// Lower case without accents, curly signs made straight, compound words made one.
pub(super) fn simplifie(texte: &str) -> String {
    let mut plat = String::with_capacity(texte.len());
    for c in texte.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'â' | 'ä' => plat.push('a'),
            'é' | 'è' | 'ê' | 'ë' => plat.push('e'),
            'î' | 'ï' => plat.push('i'),
            'ô' | 'ö' => plat.push('o'),
            'ù' | 'û' | 'ü' => plat.push('u'),
            'ç' => plat.push('c'),
            '–' | '—' | '‑' | '→' | '>' => plat.push('-'),
            '’' | '‘' => plat.push('\''),
            '\u{a0}' | '\u{202f}' | '\t' => plat.push(' '),
            '\u{300}'..='\u{36f}' => {}
            c => plat.push(c),
        }
    }
    while plat.contains("  ") {
        plat = plat.replace("  ", " ");
    }
    for (long, court) in [
        ("rendez-vous", "rdv"),
        ("rendez vous", "rdv"),
        ("rendezvous", "rdv"),
        ("r.d.v.", "rdv"),
        ("apres-midi", "aprem"),
        ("apres midi", "aprem"),
        ("non-stop", "continu"),
        ("non stop", "continu"),
        ("jours feries", "feries"),
        ("jour ferie", "feries"),
        ("tous les jours", "touslesjours"),
        ("7j/7", "touslesjours"),
        ("7j7", "touslesjours"),
        ("7 jours sur 7", "touslesjours"),
        ("24h/24", "0h-24h"),
        ("24h24", "0h-24h"),
        ("jusqu'a", "a"),
        ("jusqu'au", "a"),
    ] {
        if plat.contains(long) {
            plat = plat.replace(long, court);
        }
    }
    plat
}

/// Words that carry nothing by themselves.
const BRUIT: [&str; 30] = [
    "de",
    "des",
    "du",
    "le",
    "la",
    "les",
    "l",
    "d",
    "en",
    "ouvert",
    "ouverte",
    "ouverts",
    "ouverture",
    "ouvertures",
    "horaire",
    "horaires",
    "heure",
    "heures",
    "entre",
    "puis",
    "accueil",
    "public",
    "continu",
    "journee",
    "chaque",
    "matin",
    "matins",
    "aprem",
    "sur",
    "et/ou",
];

const NOMS: [(&str, u8); 21] = [
    ("lundi", 0),
    ("lundis", 0),
    ("lun", 0),
    ("mardi", 1),
    ("mardis", 1),
    ("mar", 1),
    ("mercredi", 2),
    ("mercredis", 2),
    ("mer", 2),
    ("jeudi", 3),
    ("jeudis", 3),
    ("jeu", 3),
    ("vendredi", 4),
    ("vendredis", 4),
    ("ven", 4),
    ("samedi", 5),
    ("samedis", 5),
    ("sam", 5),
    ("dimanche", 6),
    ("dimanches", 6),
    ("dim", 6),
];

/// Cuts a simplified text.
pub(super) fn decoupe(plat: &str) -> Vec<Jeton> {
    let lettres: Vec<char> = plat.chars().collect();
    let mut jetons = Vec::new();
    let mut i = 0;
    while i < lettres.len() {
        let c = lettres[i];
        if c.is_ascii_digit() {
            let (jeton, suite) = nombre(&lettres, i);
            jetons.push(jeton);
            i = suite;
        } else if c.is_alphabetic() {
            let fin = (i..lettres.len()).find(|k| !lettres[*k].is_alphabetic()).unwrap_or(lettres.len());
            let mot: String = lettres[i..fin].iter().collect();
            i = fin;
            jetons.extend(lit_mot(&mot));
            // The dot of an abbreviation: "lun."
            if lettres.get(i) == Some(&'.') {
                i += 1;
            }
        } else {
            i += 1;
            match c {
                '-' => jetons.push(Jeton::Tiret),
                ':' => jetons.push(Jeton::DeuxPoints),
                '/' | ',' | ';' | '.' | '\n' | '\r' | '|' => jetons.push(Jeton::Separateur),
                '&' | '+' => jetons.push(Jeton::Et),
                ' ' | '\'' => {}
                autre => jetons.push(Jeton::Mot(autre.to_string())),
            }
        }
    }
    ferme_les_feries(jetons)
}

fn lit_mot(mot: &str) -> Option<Jeton> {
    if let Some((_, jour)) = NOMS.iter().find(|(n, _)| *n == mot) {
        return Some(Jeton::Jour(*jour));
    }
    match mot {
        "touslesjours" => Some(Jeton::TousLesJours),
        "a" | "au" | "aux" => Some(Jeton::A),
        "et" => Some(Jeton::Et),
        "ferme" | "fermee" | "fermes" | "fermeture" | "close" => Some(Jeton::Ferme),
        "rdv" => Some(Jeton::RendezVous),
        "feries" | "ferie" => Some(Jeton::Feries),
        "midi" => Some(Jeton::Heure(12 * 60)),
        "minuit" => Some(Jeton::Heure(24 * 60)),
        m if BRUIT.contains(&m) => None,
        m => Some(Jeton::Mot(m.to_owned())),
    }
}

/// "fermé les jours fériés", "sauf jours fériés": one token.
fn ferme_les_feries(jetons: Vec<Jeton>) -> Vec<Jeton> {
    let mut sortie: Vec<Jeton> = Vec::with_capacity(jetons.len());
    for jeton in jetons {
        if jeton == Jeton::Feries {
            let ferme = matches!(sortie.last(), Some(Jeton::Ferme))
                || matches!(sortie.last(), Some(Jeton::Mot(m)) if m == "sauf" || m == "hors");
            if !ferme {
                sortie.push(Jeton::Mot("jours fériés".to_owned()));
                continue;
            }
            sortie.pop();
        }
        sortie.push(jeton);
    }
    sortie
}

/// A time (`9h`, `9h30`, `09:30`, `9 h 30`, `9.30`) or a number, and where the text goes on.
fn nombre(lettres: &[char], debut: usize) -> (Jeton, usize) {
    let chiffres = |de: usize| {
        let fin = (de..lettres.len()).find(|k| !lettres[*k].is_ascii_digit()).unwrap_or(lettres.len());
        let valeur = lettres[de..fin].iter().collect::<String>().parse::<u16>().ok();
        (valeur, fin)
    };
    let blancs = |de: usize| (de..lettres.len()).find(|k| lettres[*k] != ' ').unwrap_or(lettres.len());
    let (heures, fin) = chiffres(debut);
    let texte = |a: usize| Jeton::Mot(lettres[debut..a].iter().collect());
    let Some(heures) = heures.filter(|_| fin - debut <= 2) else { return (texte(fin), fin) };
    let signe = blancs(fin);
    let lettre = lettres.get(signe).copied();
    let apres = match lettre {
        Some('h') => {
            let mot = (signe..lettres.len()).find(|k| !lettres[*k].is_alphabetic()).unwrap_or(lettres.len());
            let suite: String = lettres[signe..mot].iter().collect();
            if !["h", "hr", "hrs", "heure", "heures"].contains(&suite.as_str()) {
                return (texte(mot), mot);
            }
            Some((mot, true))
        }
        Some(':' | '.') => {
            let suivant = blancs(signe + 1);
            let (_, f) = chiffres(suivant);
            (f - suivant == 2).then_some((signe + 1, false))
        }
        // "1er", "2ème": a rank, which we do not read.
        Some(c) if c.is_alphabetic() && signe == fin => {
            let mot = (signe..lettres.len()).find(|k| !lettres[*k].is_alphabetic()).unwrap_or(lettres.len());
            return (texte(mot), mot);
        }
        _ => None,
    };
    let Some((apres, heure_seule)) = apres else {
        return if heures <= 24 { (Jeton::Nombre(heures), fin) } else { (texte(fin), fin) };
    };
    let suivant = blancs(apres);
    let (minutes, f) = chiffres(suivant);
    // "9 h 30" but not "9h 12h": two digits, and no sign of a time after them.
    let minutes_ici = f - suivant == 2
        && !matches!(lettres.get(blancs(f)), Some('h'))
        && (suivant == apres || !matches!(lettres.get(f), Some(':')));
    let (minutes, fin) = match minutes {
        Some(m) if minutes_ici => (m, f),
        _ if heure_seule => (0, apres),
        _ => return (texte(f), f),
    };
    if heures > 24 || minutes > 59 || (heures == 24 && minutes > 0) {
        return (texte(fin), fin);
    }
    (Jeton::Heure(heures * 60 + minutes), fin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_every_spelling() {
        for (texte, minutes) in [
            ("9h", 540),
            ("9h30", 570),
            ("09:30", 570),
            ("9 H 30", 570),
            ("9 heures", 540),
            ("9.30", 570),
            ("08 :30", 510),
            ("13h05", 785),
            ("midi", 720),
            ("24h", 1440),
            ("0h", 0),
        ] {
            assert_eq!(decoupe(&simplifie(texte)), [Jeton::Heure(minutes)], "{texte}");
        }
        for texte in ["132h15", "25h", "9h75", "1er", "2ème", "1500"] {
            assert!(matches!(decoupe(&simplifie(texte))[0], Jeton::Mot(_)), "{texte}");
        }
        assert_eq!(decoupe("9h 12h"), [Jeton::Heure(540), Jeton::Heure(720)]);
        assert_eq!(decoupe("14-18"), [Jeton::Nombre(14), Jeton::Tiret, Jeton::Nombre(18)]);
    }

    #[test]
    fn closing_on_public_holidays_is_one_token() {
        assert_eq!(decoupe(&simplifie("fermé les jours fériés")), [Jeton::Feries]);
        assert_eq!(decoupe(&simplifie("ouvert les jours fériés")), [Jeton::Mot("jours fériés".to_owned())]);
    }
}
