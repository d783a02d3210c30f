//! What FranceConnect adds to the protocol: the perimeters of a mandat, and the identity that it accepts.

use chrono::NaiveDate;
use serde_json::Value;

use crate::Claims;
use crate::claims::{subject_fits, text};

/// The ten perimeters, in the words of FranceConnect and in those of Aidants Connect.
pub const PERIMETRES: [(&str, &str); 10] = [
    ("Papier-Citoyenneté-Elections", "papiers"),
    ("Famille-Scolarité", "famille"),
    ("Social-Santé", "social"),
    ("Travail-Formation", "travail"),
    ("Logement", "logement"),
    ("Transports-Mobilité", "transports"),
    ("Argent-Impots-Consommation", "argent"),
    ("Justice", "justice"),
    ("Etranger-Europe", "etranger"),
    ("Loisirs-Sport-Culture", "loisirs"),
];

/// The perimeter of a démarche, in FranceConnect's words.
pub fn perimetre(demarche: &str) -> Option<&'static str> {
    PERIMETRES.iter().find(|(_, ours)| *ours == demarche).map(|(theirs, _)| *theirs)
}

/// The démarche of a perimeter, from FranceConnect's words.
pub fn demarche(perimetre: &str) -> Option<&'static str> {
    PERIMETRES.iter().find(|(theirs, _)| *theirs == perimetre).map(|(_, ours)| *ours)
}

/// Whether two words name one perimeter, each in either vocabulary: FranceConnect's, or the one that Aidants Connect has
/// always had and that some services send. Other words are the same when they are equal.
pub fn same_perimeter(one: &str, other: &str) -> bool {
    let known = |word| perimetre(word).unwrap_or(word);
    known(one) == known(other)
}

/// Which scope lets out which claim.
pub const SCOPES: &[(&str, &[&str])] = &[
    ("profile", &["given_name", "family_name", "birthdate", "gender", "preferred_username"]),
    ("birth", &["birthplace", "birthcountry"]),
    ("identite_pivot", &["given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry"]),
    ("email", &["email"]),
    ("preferred_username", &["preferred_username"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
];

/// The claims of an identity that FranceConnect would refuse (its checks 19 and 20), by name. To be asked when a
/// mandat is made, not when it is used: the person is there to put it right.
pub fn refused_claims(identity: &Claims) -> Vec<&'static str> {
    let has = |name: &str, fits: &dyn Fn(&str) -> bool| text(identity, name).is_some_and(fits);
    let name = |v: &str| (1..=256).contains(&v.chars().count());
    let in_france = text(identity, "birthcountry") == Some("99100");
    let checks: [(&'static str, bool); 8] = [
        ("sub", has("sub", &subject_fits)),
        ("given_name", has("given_name", &name)),
        ("family_name", has("family_name", &name)),
        ("birthdate", has("birthdate", &birthdate_fits)),
        ("gender", has("gender", &|v| matches!(v, "female" | "male" | "unspecified"))),
        ("birthcountry", has("birthcountry", &insee_fits)),
        ("birthplace", !in_france || has("birthplace", &insee_fits)),
        ("email", has("email", &email_fits)),
    ];
    let mut refused: Vec<_> = checks.iter().filter(|(_, fine)| !fine).map(|(name, _)| *name).collect();
    let used = identity.get("preferred_username");
    if used.is_some_and(|v| !matches!(v, Value::String(s) if !s.is_empty())) {
        refused.push("preferred_username");
    }
    refused
}

/// A whole date, or one of which the day, or the day and the month, are not known: `00`.
fn birthdate_fits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shaped {
        return false;
    }
    let (year, month, day) = (&text[..4], &text[5..7], &text[8..]);
    match (month, day) {
        ("00", "00") => true,
        ("00", _) => false,
        (_, "00") => NaiveDate::parse_from_str(&format!("{year}-{month}-01"), "%Y-%m-%d").is_ok(),
        _ => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
    }
}

/// A code of the INSEE for a commune or a country: `2A`, `2B` or two digits, then three digits.
fn insee_fits(code: &str) -> bool {
    let bytes = code.as_bytes();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    bytes.len() == 5 && (matches!(&bytes[..2], b"2A" | b"2B") || digits(&bytes[..2])) && digits(&bytes[2..])
}

fn email_fits(email: &str) -> bool {
    let Ok(email) = kernel::Email::parse(email) else { return false };
    email.as_str().rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn identity() -> Claims {
        json!({
            "sub": "a1b2", "given_name": "Angèle Claire", "family_name": "INVENTÉE-D’ESSAI", "birthdate": "1962-08-24",
            "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": "angele@exemple.fr",
        })
        .as_object()
        .cloned()
        .unwrap()
    }

    #[test]
    fn check_20_claim_by_claim() {
        assert!(refused_claims(&identity()).is_empty());
        for (name, value, refused) in [
            ("birthdate", json!("1962-00-00"), false),
            ("birthdate", json!("1962-08-00"), false),
            ("birthdate", json!("1962-00-24"), true),
            ("birthdate", json!("1962-13-00"), true),
            ("birthdate", json!("1962-02-29"), true),
            ("birthdate", json!("1964-02-29"), false),
            ("birthdate", json!("24/08/1962"), true),
            ("birthdate", json!("1962-8-240"), true),
            ("birthdate", json!("１９６２-08-24"), true),
            ("gender", json!("F"), true),
            ("gender", json!("unspecified"), false),
            ("birthplace", json!("2A004"), false),
            ("birthplace", json!("2a004"), true),
            ("birthplace", json!(""), true),
            ("birthplace", json!("Alger"), true),
            ("birthcountry", json!("France"), true),
            ("birthcountry", json!(null), true),
            ("given_name", json!(""), true),
            ("given_name", json!("é".repeat(256)), false),
            ("given_name", json!("é".repeat(257)), true),
            ("family_name", json!(["A"]), true),
            ("email", json!("a@localhost"), true),
            ("email", json!("a"), true),
            ("preferred_username", json!(""), true),
            ("preferred_username", json!("USAGE"), false),
            ("sub", json!("é"), true),
        ] {
            let mut identity = identity();
            identity.insert(name.to_owned(), value.clone());
            assert_eq!(refused_claims(&identity) == [name], refused, "{name} {value}");
        }
        let mut abroad = identity();
        abroad.insert("birthcountry".to_owned(), json!("99217"));
        abroad.remove("birthplace");
        assert!(refused_claims(&abroad).is_empty());
        assert_eq!(refused_claims(&Claims::new()).len(), 7);
    }

    #[test]
    fn perimeters_both_ways() {
        for (theirs, ours) in PERIMETRES {
            assert_eq!((perimetre(ours), demarche(theirs)), (Some(theirs), Some(ours)));
        }
        assert_eq!((perimetre("Logement"), demarche("logement")), (None, None));
        for (one, other, same) in [
            ("Logement", "logement", true),
            ("argent", "Argent-Impots-Consommation", true),
            ("logement", "Justice", false),
            ("LOGEMENT", "logement", false),
            ("Inconnu", "Inconnu", true),
            ("", "Inconnu", false),
        ] {
            assert_eq!(same_perimeter(one, other), same, "{one} {other}");
            assert_eq!(same_perimeter(other, one), same, "{other} {one}");
        }
    }
}
