//! Cuts a plain text into words, times, dates and signs.

use super::lexique::{Sens, UNE_SUR_DEUX, mots, ressemble};
use super::texte::Texte;

/// A piece of the text: what it means, and its bytes in the source.
#[derive(Clone, Debug)]
pub(super) struct Jeton {
    pub(super) sens: Sens,
    pub(super) de: usize,
    pub(super) a: usize,
}

/// Cuts the whole text: every letter that is not a blank belongs to a token.
pub(super) fn decoupe(texte: &Texte) -> Vec<Jeton> {
    let mut jetons: Vec<Jeton> = Vec::new();
    let mut i = 0;
    while i < texte.lettres.len() {
        let c = texte.en(i);
        let (sens, fin) = match c {
            ' ' | '\'' | '"' => {
                i += 1;
                continue;
            }
            '0'..='9' | '+' => chiffres(texte, i),
            c if c.is_alphabetic() => mot(texte, i),
            c => signe(texte, i, c),
        };
        let fin = fin.max(i + 1);
        let de = texte.places.get(i).map_or(0, |p| p.0);
        let a = texte.places.get(fin - 1).map_or(de, |p| p.1);
        jetons.push(Jeton { sens, de, a });
        i = fin;
    }
    initiales(texte, &mut jetons);
    une_fois_sur_plusieurs(&mut jetons);
    jetons
}

/// « 1 samedi par mois »: a number that counts days. « tous les 15 jours le mardi (semaines impaires) »: which weeks is
/// said, when a single day and a single parity are.
fn une_fois_sur_plusieurs(jetons: &mut [Jeton]) {
    for k in 2..jetons.len() {
        if let [Sens::Nombre(_), Sens::Jour(_), Sens::ParMois] =
            [&jetons[k - 2].sens, &jetons[k - 1].sens, &jetons[k].sens]
        {
            jetons[k - 2].sens = Sens::Bruit;
        }
    }
    let combien = |voulu: fn(&Sens) -> bool| jetons.iter().filter(|j| voulu(&j.sens)).count();
    let un_jour = combien(|s| matches!(s, Sens::Jour(_) | Sens::Jours(_) | Sens::AutresJours)) == 1;
    let une_parite = combien(|s| matches!(s, Sens::Semaines(_))) == 1;
    let alternance = |s: &Sens| *s == Sens::Alternance(UNE_SUR_DEUX);
    if un_jour && une_parite && jetons.iter().filter(|j| alternance(&j.sens)).count() == 1 {
        jetons.iter_mut().filter(|j| alternance(&j.sens)).for_each(|j| j.sens = Sens::Bruit);
    }
}

/// « LMMJV », « L 9h-12h, M 9h-12h, M 14h-17h »: letters are days when both of those in M are there; « LMJV » does not
/// say which one it is.
fn initiales(texte: &Texte, jetons: &mut [Jeton]) {
    let lettres = |j: &Jeton| -> Vec<char> {
        texte
            .lettres
            .iter()
            .zip(&texte.places)
            .filter(|(_, (de, a))| j.de <= *de && *a <= j.a)
            .map(|(c, _)| *c)
            .collect()
    };
    for j in jetons.iter_mut().filter(|j| j.sens == Sens::Mot && (3..=7).contains(&(j.a - j.de))) {
        if let Some(rangs) = rangs_des_initiales(&lettres(j)) {
            j.sens = Sens::Jours(rangs.iter().fold(0, |bits, rang| bits | 1 << rang));
        }
    }
    let (seules, initiales): (Vec<usize>, Vec<char>) = jetons
        .iter()
        .enumerate()
        .filter(|(_, j)| j.a - j.de == 1 && matches!(j.sens, Sens::Mot | Sens::Bruit))
        .filter_map(|(k, j)| lettres(j).first().filter(|c| c.is_alphabetic()).map(|c| (k, *c)))
        .unzip();
    for (k, rang) in seules.into_iter().zip(rangs_des_initiales(&initiales).unwrap_or_default()) {
        jetons[k].sens = Sens::Jour(rang);
    }
}

/// The days of these letters, in the order of the week, when they cannot be others.
fn rangs_des_initiales(lettres: &[char]) -> Option<Vec<u8>> {
    let mut rangs: Vec<u8> = Vec::new();
    for lettre in lettres {
        let apres = rangs.last().map_or(0, |r| r + 1);
        let rang = ['l', 'm', 'm', 'j', 'v', 's', 'd'].iter().skip(apres.into()).position(|c| c == lettre)?;
        rangs.push(apres + u8::try_from(rang).ok()?);
    }
    (rangs.contains(&1) && rangs.contains(&2) && rangs.len() > 2).then_some(rangs)
}

fn signe(texte: &Texte, i: usize, c: char) -> (Sens, usize) {
    let sens = match c {
        '-' => Sens::Tiret,
        ':' | '=' => Sens::DeuxPoints,
        ',' => Sens::Virgule,
        '/' | '|' | '\\' | '_' => Sens::Barre,
        ';' | '\n' | '.' | '!' => Sens::Fin,
        '&' => Sens::Et,
        '(' | '[' | '{' => Sens::Ouvrante,
        ')' | ']' | '}' => Sens::Fermante,
        _ => Sens::Mot,
    };
    let mut fin = i + 1;
    while sens == Sens::Fin && matches!(texte.en(fin), '\n' | ' ' | '.') {
        fin += 1;
    }
    (sens, fin)
}

/// The longest phrase of the lexicon that starts here, or a word that nobody knows.
fn mot(texte: &Texte, i: usize) -> (Sens, usize) {
    if let Some(fin) = adresse(texte, i) {
        return (Sens::Contact, fin);
    }
    if let Some((sens, fin)) = phrase(texte, i) {
        return (sens, fin);
    }
    let fin = (i..texte.lettres.len()).find(|k| !texte.en(*k).is_alphabetic()).unwrap_or(texte.lettres.len());
    let lettres: String = texte.lettres[i..fin].iter().collect();
    (ressemble(&lettres).unwrap_or(Sens::Mot), fin)
}

fn phrase(texte: &Texte, i: usize) -> Option<(Sens, usize)> {
    mots()
        .filter(|(nom, _)| nom.starts_with(texte.en(i)))
        .filter_map(|(nom, sens)| accorde(texte, i, nom).map(|fin| (sens, fin)))
        .filter(|(sens, fin)| {
            !matches!(sens, Sens::Jour(_)) || *fin - i > 2 || est_abreviation(texte, i, *fin)
        })
        .max_by_key(|(_, fin)| *fin)
        .map(|(sens, fin)| {
            let abrege = texte.en(fin) == '.' && fin - i <= 4 && texte.en(fin - 1).is_alphabetic();
            (sens.clone(), if abrege { fin + 1 } else { fin })
        })
}

/// Two letters are a day beside a sign, a number or another day; « su rdv » and « sa mairie » are not.
fn est_abreviation(texte: &Texte, i: usize, fin: usize) -> bool {
    let suite = texte.saute_blancs(fin);
    let signe =
        matches!(texte.en(suite), '-' | '/' | ',' | ':' | '.' | '&' | '0'..='9' | ')' | '\0' | '\n' | ';');
    let lien = ["au ", "a ", "et ", "le matin", "matin", "apres", "ferme"];
    let mot: String = texte.lettres.iter().skip(suite).take(8).collect();
    let jour = mots().any(|(nom, sens)| {
        matches!(sens, Sens::Jour(_))
            && nom.len() == 2
            && mot.starts_with(nom)
            && !texte.en(suite + 2).is_alphabetic()
    });
    let avant = texte.lettres[..i].iter().rev().find(|c| **c != ' ').copied().unwrap_or('-');
    signe || jour || lien.iter().any(|l| mot.starts_with(l)) || matches!(avant, '-' | '/')
}

/// Where the phrase ends in the text, if it stands at `i` up to the end of a word.
fn accorde(texte: &Texte, i: usize, phrase: &str) -> Option<usize> {
    let mut k = i;
    for c in phrase.chars() {
        if c == ' ' {
            let debut = k;
            while matches!(texte.en(k), ' ' | '-' | '\'' | '.' | '\n') {
                k += 1;
            }
            if k == debut {
                return None;
            }
        } else if texte.en(k) == c {
            k += 1;
        } else {
            return None;
        }
    }
    let dernier = phrase.chars().next_back().unwrap_or(' ');
    if texte.en(k) == 's' && dernier.is_alphabetic() && phrase.len() > 3 && !texte.en(k + 1).is_alphabetic() {
        k += 1;
    }
    let coupe = if dernier.is_ascii_digit() {
        !texte.en(k).is_ascii_digit() && texte.en(k) != 'h'
    } else {
        !texte.en(k).is_alphabetic()
    };
    coupe.then_some(k)
}

/// A site or a mail address, up to the next blank.
fn adresse(texte: &Texte, i: usize) -> Option<usize> {
    let fin = (i..texte.lettres.len())
        .find(|k| matches!(texte.en(*k), ' ' | '\n' | ',' | ';' | '(' | ')'))
        .unwrap_or(texte.lettres.len());
    let mot = &texte.lettres[i..fin];
    let debut: String = mot.iter().take(4).collect();
    (mot.contains(&'@') || debut == "http" || debut == "www.").then_some(fin)
}

/// Digits from `i` on: how many, and their value when there are four at most.
fn nombre(texte: &Texte, i: usize) -> (usize, u16) {
    let fin =
        (i..texte.lettres.len()).find(|k| !texte.en(*k).is_ascii_digit()).unwrap_or(texte.lettres.len());
    let valeur: String = texte.lettres[i..fin].iter().take(4).collect();
    (fin - i, valeur.parse().unwrap_or(u16::MAX))
}

fn chiffres(texte: &Texte, i: usize) -> (Sens, usize) {
    if let Some(fin) = telephone(texte, i) {
        return (Sens::Contact, fin);
    }
    if texte.en(i) == '+' {
        return (Sens::Et, i + 1);
    }
    if let Some(lu) = phrase(texte, i) {
        return lu;
    }
    if let Some(lu) = date(texte, i).or_else(|| rang(texte, i)).or_else(|| heure(texte, i)) {
        return lu;
    }
    let (combien, valeur) = nombre(texte, i);
    let fin = i + combien;
    // A letter that sticks to the number makes a word of both, but for the « à » that was meant to stand apart.
    let colle =
        (fin..texte.lettres.len()).find(|k| !texte.en(*k).is_alphanumeric()).unwrap_or(texte.lettres.len());
    if colle > fin && (texte.en(fin) != 'a' || texte.en(fin + 1).is_alphabetic()) {
        return (Sens::Mot, colle);
    }
    match combien {
        1 | 2 if valeur <= 31 => (Sens::Nombre(valeur), fin),
        4 if (1990..=2099).contains(&valeur) => (Sens::Annee(valeur), fin),
        // « 0900-1230 »: hours written without a sign, in the steps of a timetable.
        4 if valeur / 100 <= 24 && valeur % 100 < 60 && valeur % 5 == 0 && valeur < 1990 => {
            (Sens::Heure(valeur / 100 * 60 + valeur % 100), fin)
        }
        _ => (Sens::Mot, fin),
    }
}

/// `04 70 43 64 80`, with blanks, dots, dashes, slashes or nothing between the pairs.
fn telephone(texte: &Texte, i: usize) -> Option<usize> {
    let mut k = i;
    if texte.en(k) == '+' {
        if (texte.en(k + 1), texte.en(k + 2)) != ('3', '3') {
            return None;
        }
        k = texte.saute_blancs(k + 3);
    } else if texte.en(k) == '0' {
        k += 1;
    } else {
        return None;
    }
    if !('1'..='9').contains(&texte.en(k)) {
        return None;
    }
    k += 1;
    let mut separe: Option<char> = None;
    for _ in 0..4 {
        let signe = texte.en(k);
        while matches!(texte.en(k), ' ' | '.' | '-' | '/') {
            k += 1;
        }
        // « 09.00-12.00 14.00 » are hours: the pairs of a number are parted alike.
        let signe = if signe.is_ascii_digit() { '0' } else { signe };
        if *separe.get_or_insert(signe) != signe {
            return None;
        }
        if !texte.en(k).is_ascii_digit() || !texte.en(k + 1).is_ascii_digit() {
            return None;
        }
        k += 2;
    }
    (!texte.en(k).is_ascii_digit() && texte.en(k) != 'h' && texte.en(k) != ':').then_some(k)
}

/// `14/07/2025`, `14/07/25`, `24/12`: the last only when it cannot be two hours.
fn date(texte: &Texte, i: usize) -> Option<(Sens, usize)> {
    let (n, jour) = nombre(texte, i);
    if !(1..=2).contains(&n) || !matches!(texte.en(i + n), '/' | '.' | '-') {
        return None;
    }
    let signe = texte.en(i + n);
    let j = i + n + 1;
    let (m, mois) = nombre(texte, j);
    if !(1..=2).contains(&m) || !(1..=12).contains(&mois) || !(1..=31).contains(&jour) {
        return None;
    }
    let fin = j + m;
    let (jour, mois) = (u8::try_from(jour).ok()?, u8::try_from(mois).ok()?);
    if texte.en(fin) == signe {
        let (a, annee) = nombre(texte, fin + 1);
        let annee = if a == 2 { annee + 2000 } else { annee };
        if matches!(a, 2 | 4) && (1990..=2099).contains(&annee) && texte.en(fin + 1 + a) != 'h' {
            return Some((Sens::Date(Some(annee), mois, jour), fin + 1 + a));
        }
        return None;
    }
    let a_rebours = m == 2 && u16::from(mois) < u16::from(jour) && jour > 12;
    let suite = texte.saute_blancs(fin);
    let seule = !texte.en(fin).is_alphanumeric()
        && match texte.en(suite) {
            'h' => false,
            ':' | '.' => !texte.en(suite + 1).is_ascii_digit(),
            _ => true,
        };
    // Hours follow « de »: « du 1/7 au 31/8 » are dates.
    let annoncee = m == 2 && ["du ", "au ", "le "].iter().any(|mot| est_precede(texte, i, mot));
    (signe == '/' && seule && (annoncee || a_rebours && (jour > 24 || texte.en(j) == '0')))
        .then_some((Sens::Date(None, mois, jour), fin))
}

/// Whether a word and its blank stand just before `i`.
fn est_precede(texte: &Texte, i: usize, mot: &str) -> bool {
    let longueur = mot.len();
    i >= longueur
        && mot.chars().enumerate().all(|(k, c)| texte.en(i - longueur + k) == c)
        && (i == longueur || !texte.en(i - longueur - 1).is_alphanumeric())
}

/// `1er`, `2e`, `3ème`, `2nd`.
fn rang(texte: &Texte, i: usize) -> Option<(Sens, usize)> {
    let (n, valeur) = nombre(texte, i);
    let k = texte.saute_blancs(i + n);
    for fin_de_rang in
        ["ers", "er", "iers", "ier", "emes", "eme", "iemes", "ieme", "es", "nds", "nd", "e", "°", "º"]
    {
        let fin = k + fin_de_rang.chars().count();
        if n == 1
            && (1..=5).contains(&valeur)
            && fin_de_rang.chars().enumerate().all(|(d, c)| texte.en(k + d) == c)
            && !texte.en(fin).is_alphanumeric()
        {
            return Some((Sens::Rang(i8::try_from(valeur).ok()?), fin));
        }
    }
    None
}

/// A time: `9h`, `9h30`, `09:30`, `9 h 30`, `9.30`, `09:30:00`.
fn heure(texte: &Texte, i: usize) -> Option<(Sens, usize)> {
    let (n, heures) = nombre(texte, i);
    if n > 2 {
        return None;
    }
    let k = texte.saute_blancs(i + n);
    let (minutes, fin) = match texte.en(k) {
        'h' => {
            let mut apres = k + 1;
            for suite in ["eures", "eure", "rs", "r", "s"] {
                let bout = apres + suite.len();
                if suite.chars().enumerate().all(|(d, c)| texte.en(apres + d) == c)
                    && !texte.en(bout).is_alphabetic()
                {
                    apres = bout;
                    break;
                }
            }
            // « 9ha12h », « 9 heures » but not « 3 hommes ».
            if texte.en(apres).is_alphabetic()
                && !matches!((texte.en(apres), texte.en(apres + 1)), ('a' | 'o', _))
            {
                return None;
            }
            apres_heures(texte, apres, k > i + n)
        }
        ':' | '.' => {
            let suite = texte.saute_blancs(k + 1);
            let (m, minutes) = nombre(texte, suite);
            // « le 3. 14 h »: a dot with blanks around ends a sentence.
            if m != 2 || (texte.en(k) == '.' && (suite > k + 1 || k > i + n)) {
                return None;
            }
            let mut fin = suite + 2;
            if texte.en(k) == ':'
                && texte.en(fin) == ':'
                && (texte.en(fin + 1), texte.en(fin + 2)) == ('0', '0')
                && !matches!(texte.en(fin + 3), '0'..='9' | ':')
            {
                fin += 3;
            }
            if texte.en(fin) == 'h' && !texte.en(fin + 1).is_alphanumeric() {
                fin += 1;
            }
            if texte.en(fin).is_ascii_digit() {
                return None;
            }
            (minutes, fin)
        }
        _ => return None,
    };
    if heures > 24 || minutes > 59 || (heures == 24 && minutes > 0) {
        return None;
    }
    Some((Sens::Heure(heures * 60 + minutes), fin))
}

/// Minutes in words.
const MINUTES: [(&str, u16); 7] = [
    ("quinze", 15),
    ("et quart", 15),
    ("trente", 30),
    ("et demie", 30),
    ("et demi", 30),
    ("quarante cinq", 45),
    ("quarante-cinq", 45),
];

/// The minutes after an « h », if they are some; `espace` when a blank stood before it, as in « 9 h 15 ».
fn apres_heures(texte: &Texte, apres: usize, espace: bool) -> (u16, usize) {
    if (texte.en(apres), texte.en(apres + 1)) == ('o', 'o') {
        return (0, apres + 2);
    }
    // « 17 heures trente », « 9 heures et demie ».
    let en_lettres = texte.saute_blancs(apres);
    for (lettres, minutes) in MINUTES {
        let fin = en_lettres + lettres.len();
        let la = lettres.chars().enumerate().all(|(d, c)| texte.en(en_lettres + d) == c);
        if en_lettres > apres && la && !texte.en(fin).is_alphanumeric() {
            return (minutes, fin);
        }
    }
    let collees = if matches!(texte.en(apres), ':' | '.') && texte.en(apres + 1).is_ascii_digit() {
        apres + 1
    } else {
        apres
    };
    let suite = texte.saute_blancs(collees);
    let (m, minutes) = nombre(texte, suite);
    let bout = suite + m;
    let autre_heure = matches!(texte.en(texte.saute_blancs(bout)), 'h') && texte.en(bout + 1).is_ascii_digit()
        || texte.en(bout) == 'h' && !matches!(texte.en(bout + 1), ' ' | '\0' | '-' | '/' | ',' | ';' | '.' | '\n' | ')')
        || texte.en(texte.saute_blancs(bout)) == 'h' && suite > collees
        // « 15h18h » is two hours, « 09h30h » is one.
        || texte.en(bout) == 'h' && minutes <= 24 && !matches!(minutes, 0 | 15)
        || (texte.en(bout) == ':' && texte.en(bout + 1).is_ascii_digit());
    // « 9h 30 » but « 9h 12 » is two hours: minutes apart are those of a timetable.
    let plausible = suite == collees || minutes % 5 == 0 && (espace || minutes >= 25) || minutes == 0;
    if m != 2 || autre_heure || !plausible {
        // « 9h75 »: what sticks to the hour and is no minute spoils it, unless it is the next hour.
        let colle = m > 0 && suite == apres && !autre_heure;
        return (if colle { 99 } else { 0 }, apres);
    }
    let mut fin = bout;
    for suite in ["min", "mn", "h"] {
        let bout = fin + suite.len();
        if suite.chars().enumerate().all(|(d, c)| texte.en(fin + d) == c) && !texte.en(bout).is_alphanumeric()
        {
            fin = bout;
            break;
        }
    }
    (minutes, fin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sens(texte: &str) -> Vec<Sens> {
        decoupe(&Texte::lit(texte)).into_iter().map(|j| j.sens).collect()
    }

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
            ("09:00:00", 540),
            ("9h30min", 570),
            ("9 h 00", 540),
            ("09h30h", 570),
            ("9hOO", 540),
            ("9 heures 30", 570),
            ("18 hrs", 1080),
            ("0930", 570),
            ("9h&nbsp;30", 570),
            ("9h:30", 570),
            ("9 heures trente", 570),
            ("9 heures et demie", 570),
            ("9h quarante-cinq", 585),
        ] {
            assert_eq!(sens(texte), [Sens::Heure(minutes)], "{texte}");
        }
        for texte in ["132h15", "25h", "9h75", "150", "3 habitants"] {
            assert!(sens(texte).contains(&Sens::Mot), "{texte} {:?}", sens(texte));
        }
        assert_eq!(sens("9h 12h"), [Sens::Heure(540), Sens::Heure(720)]);
        assert_eq!(sens("9h à12h"), [Sens::Heure(540), Sens::A, Sens::Heure(720)]);
        assert_eq!(sens("9hà12h"), [Sens::Heure(540), Sens::A, Sens::Heure(720)]);
        assert_eq!(sens("15h18h"), [Sens::Heure(900), Sens::Heure(1080)]);
        assert_eq!(sens("14-18"), [Sens::Nombre(14), Sens::Tiret, Sens::Nombre(18)]);
        assert_eq!(sens("04 70 43 64 80"), [Sens::Contact]);
        assert_eq!(sens("04.70.43.64.80"), [Sens::Contact]);
        assert_eq!(sens("+33 4 70 43 64 80"), [Sens::Contact]);
        assert_eq!(
            sens("09.00-12.00 14.00"),
            [Sens::Heure(540), Sens::Tiret, Sens::Heure(720), Sens::Heure(840)]
        );
        assert_eq!(sens("14/07/2025"), [Sens::Date(Some(2025), 7, 14)]);
        assert_eq!(sens("9/12"), [Sens::Nombre(9), Sens::Barre, Sens::Nombre(12)]);
    }

    #[test]
    fn words_and_their_mistakes() {
        assert_eq!(sens("Lundi"), [Sens::Jour(0)]);
        assert_eq!(sens("VENDREDIS"), [Sens::Jour(4)]);
        assert_eq!(sens("mecredi"), [Sens::Jour(2)]);
        assert_eq!(sens("Jeuid"), [Sens::Jour(3)]);
        assert_eq!(sens("Lun.-Ven."), [Sens::Jour(0), Sens::Tiret, Sens::Jour(4)]);
        assert_eq!(sens("7j/7, 24h/24"), [Sens::Jours(127), Sens::Virgule, Sens::Horloge]);
        assert_eq!(sens("24/24h"), [Sens::Horloge]);
        assert_eq!(sens("1er et 3ème jeudi"), [Sens::Rang(1), Sens::Et, Sens::Rang(3), Sens::Jour(3)]);
        assert_eq!(sens("Sur rendez-vous"), [Sens::Note("sur rendez-vous")]);
        assert_eq!(sens("<p>Lundi</p><br/>9h"), [Sens::Fin, Sens::Jour(0), Sens::Fin, Sens::Heure(540)]);
    }
}
