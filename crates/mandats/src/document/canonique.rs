//! Canonical JSON (RFC 8785, without floats): the same content is always the same bytes.

use serde_json::Value;
use unicode_normalization::is_nfc;

/// Beyond, a reader in JavaScript would see another number (RFC 7493 2.2).
const ENTIER_MAX: u64 = (1 << 53) - 1;

/// What has no canonical form here: a float, a huge number, a text that is not NFC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SansForme;

/// The canonical text of a value.
///
/// # Errors
/// It has none. Depth is the caller's to bound: readers refuse more than 16 levels.
pub(super) fn ecrit(valeur: &Value) -> Result<String, SansForme> {
    let mut sortie = String::new();
    ajoute(&mut sortie, valeur)?;
    Ok(sortie)
}

fn ajoute(sortie: &mut String, valeur: &Value) -> Result<(), SansForme> {
    match valeur {
        Value::Null => sortie.push_str("null"),
        Value::Bool(b) => sortie.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => {
            let petit = n.as_u64().is_some_and(|n| n <= ENTIER_MAX)
                || n.as_i64().is_some_and(|n| n.unsigned_abs() <= ENTIER_MAX);
            if !petit {
                return Err(SansForme);
            }
            sortie.push_str(&n.to_string());
        }
        Value::String(texte) => chaine(sortie, texte)?,
        Value::Array(valeurs) => {
            sortie.push('[');
            for (rang, valeur) in valeurs.iter().enumerate() {
                if rang > 0 {
                    sortie.push(',');
                }
                ajoute(sortie, valeur)?;
            }
            sortie.push(']');
        }
        Value::Object(membres) => {
            let mut noms: Vec<_> = membres.iter().collect();
            // RFC 8785 3.2.3: names are sorted by their UTF-16 code units.
            noms.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            sortie.push('{');
            for (rang, (nom, valeur)) in noms.into_iter().enumerate() {
                if rang > 0 {
                    sortie.push(',');
                }
                chaine(sortie, nom)?;
                sortie.push(':');
                ajoute(sortie, valeur)?;
            }
            sortie.push('}');
        }
    }
    Ok(())
}

/// `serde_json` escapes what RFC 8785 3.2.2.2 escapes, in the same way: short forms, then `\u00xx` in lower case.
fn chaine(sortie: &mut String, texte: &str) -> Result<(), SansForme> {
    if !is_nfc(texte) {
        return Err(SansForme);
    }
    sortie.push_str(&Value::from(texte).to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn as_rfc_8785_writes() {
        // The order of RFC 8785 3.2.3, where UTF-16 and Unicode disagree.
        let membres = json!({
            "\u{20ac}": "Euro", "\r": "CR", "\u{fb33}": 1, "1": "One", "\u{1f600}": "Smiley", "\u{80}": 2, "\u{f6}": 3
        });
        // U+FB33 is not NFC: the RFC's own example, without it.
        let mut membres = membres;
        membres.as_object_mut().unwrap().remove("\u{fb33}");
        membres["\u{ffee}"] = json!(1);
        assert_eq!(
            ecrit(&membres).unwrap(),
            "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":2,\"\u{f6}\":3,\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"Smiley\",\"\u{ffee}\":1}"
        );
        assert_eq!(
            ecrit(&json!("\u{20ac}$\u{f}\nA'B\"\\\"/\u{7f}")).unwrap(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\""
        );
        assert_eq!(ecrit(&json!([null, true, -1, []])).unwrap(), "[null,true,-1,[]]");
    }

    #[test]
    fn what_has_no_form() {
        for valeur in [
            json!(1.5),
            json!(1.0),
            json!(1_u64 << 53),
            json!(i64::MIN),
            json!("e\u{301}"),
            json!({"e\u{301}": 1}),
        ] {
            assert_eq!(ecrit(&valeur), Err(SansForme), "{valeur}");
        }
    }

    proptest! {
        #[test]
        fn written_is_read_and_written_again(texte in any::<String>(), nombre in -(1_i64 << 52)..(1_i64 << 52)) {
            if let Ok(ecrite) = ecrit(&json!({ "b": texte, "a": [nombre, { "z": nombre }] })) {
                let lue: Value = serde_json::from_str(&ecrite).unwrap();
                prop_assert_eq!(ecrit(&lue).unwrap(), ecrite);
            }
        }
    }
}
