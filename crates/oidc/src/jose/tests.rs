//! Signatures, keys and rotation: vectors of the RFCs, and attacks 31 to 42.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Claims;

const SECRET: &str = "un-secret-d-essai-de-plus-de-trente-deux-signes";

fn claims(value: Value) -> Claims {
    value.as_object().cloned().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token with that header and body, signed with the key whatever the header says.
fn forged(key: &SigningKey, header: &Value, body: &str) -> String {
    let signed = format!("{}.{}", b64(header.to_string()), b64(body));
    let signature = key.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", b64(signature))
}

fn pair(alg: Alg) -> (SigningKey, KeySet) {
    let (key, _) = SigningKey::generate(alg).unwrap();
    let set = json!({ "keys": [key.jwk().unwrap()] });
    (key, KeySet::parse(set.to_string().as_bytes()).unwrap())
}

/// RFC 7515, appendix A.3: ES256, key, text and signature.
#[test]
fn rfc_7515_a_3() {
    let set = br#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let keys = KeySet::parse(set).unwrap();
    let read = verify(token, Alg::Es256, &keys, &[]).unwrap();
    assert_eq!((read["iss"].as_str(), read["exp"].as_i64()), (Some("joe"), Some(1_300_819_380)));
}

/// RFC 7515, appendix A.2: RS256.
#[test]
fn rfc_7515_a_2() {
    let set = br#"{"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}"#;
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert!(verify(token, Alg::Rs256, &KeySet::parse(set).unwrap(), &[]).is_ok());
}

/// RFC 7638, appendix 3.1: our `kid` is computed so.
#[test]
fn rfc_7638_3_1_is_how_keys_are_named() {
    let (key, _) = SigningKey::generate(Alg::Rs256).unwrap();
    let jwk = key.jwk().unwrap();
    let text = format!(r#"{{"e":{},"kty":"RSA","n":{}}}"#, jwk["e"], jwk["n"]);
    assert_eq!(key.kid(), Some(crate::secret::sha256_b64(&text).as_str()));
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    assert_eq!(
        crate::secret::sha256_b64(&format!(r#"{{"e":"AQAB","kty":"RSA","n":"{n}"}}"#)),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

/// OpenID Connect Core, appendix A.3 (the code flow's example of `at_hash` in A.6 shares the token).
#[test]
fn at_hash_of_the_standard() {
    assert_eq!(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
}

#[test]
fn what_we_sign_is_verified_by_another_library() {
    use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
    let body = claims(json!({ "aud": "fc", "exp": 4_000_000_000_i64, "sub": "é" }));
    for (alg, theirs) in [
        (Alg::Es256, jsonwebtoken::Algorithm::ES256),
        (Alg::Rs256, jsonwebtoken::Algorithm::RS256),
        (Alg::Hs256, jsonwebtoken::Algorithm::HS256),
    ] {
        let (key, decoding) = if alg.is_symmetric() {
            (SigningKey::from_secret(SECRET).unwrap(), DecodingKey::from_secret(SECRET.as_bytes()))
        } else {
            let (key, bytes) = SigningKey::generate(alg).unwrap();
            let again = SigningKey::from_pkcs8(alg, bytes.expose()).unwrap();
            assert_eq!((again.kid(), again.jwk()), (key.kid(), key.jwk()));
            let jwk: Jwk = serde_json::from_value(key.jwk().unwrap()).unwrap();
            (again, DecodingKey::from_jwk(&jwk).unwrap())
        };
        let token = sign(&key, "JWT", &body).unwrap();
        let mut validation = Validation::new(theirs);
        validation.set_audience(&["fc"]);
        let read = jsonwebtoken::decode::<Claims>(&token, &decoding, &validation).unwrap();
        assert_eq!(read.claims, body);
        let keys = KeySet::of(vec![key.verifying().unwrap()]);
        assert_eq!(verify(&token, alg, &keys, &["JWT"]), Ok(body.clone()));
    }
}

#[test]
fn attack_31_no_algorithm_and_no_signature() {
    let (key, keys) = pair(Alg::Es256);
    for alg in ["none", "None", "nOnE", "", "es256", "ES384", "HS256"] {
        let token = forged(&key, &json!({ "alg": alg, "kid": key.kid() }), "{}");
        assert_eq!(verify(&token, Alg::Es256, &keys, &["JWT"]), Err(JwsError::Algorithm), "{alg}");
        let cut = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(verify(&cut, Alg::Es256, &keys, &["JWT"]).is_err(), "{alg}");
    }
    let good = sign(&key, "JWT", &Claims::new()).unwrap();
    let cut = format!("{}.", good.rsplit_once('.').unwrap().0);
    assert_eq!(verify(&cut, Alg::Es256, &keys, &["JWT"]), Err(JwsError::Signature));
}

#[test]
fn attack_32_the_public_key_as_a_secret() {
    for alg in [Alg::Rs256, Alg::Es256] {
        let (key, keys) = pair(alg);
        let jwk = key.jwk().unwrap();
        for secret in [jwk.to_string(), jwk["n"].to_string(), jwk["x"].to_string()] {
            let Ok(mac) = SigningKey::from_secret(&secret) else { continue };
            let token = forged(&mac, &json!({ "alg": "HS256", "kid": key.kid() }), "{}");
            assert_eq!(verify(&token, alg, &keys, &["JWT"]), Err(JwsError::Algorithm));
            // Even a reader set to HS256 finds no secret among public keys.
            assert_eq!(verify(&token, Alg::Hs256, &keys, &["JWT"]), Err(JwsError::UnknownKey));
        }
    }
}

#[test]
fn attack_33_names_of_keys() {
    let (key, keys) = pair(Alg::Es256);
    for (kid, expected) in [
        (json!("../../dev/null"), JwsError::UnknownKey),
        (json!("' OR 1=1 --"), JwsError::UnknownKey),
        (json!("inconnue"), JwsError::UnknownKey),
        (json!(""), JwsError::UnknownKey),
        (json!(1), JwsError::Malformed),
        (json!(null), JwsError::Malformed),
        (json!("a".repeat(257)), JwsError::Malformed),
        (json!("a".repeat(1 << 20)), JwsError::TooLong),
    ] {
        let token = forged(&key, &json!({ "alg": "ES256", "kid": kid }), "{}");
        assert_eq!(verify(&token, Alg::Es256, &keys, &["JWT"]), Err(expected));
    }
    // A single key needs no name.
    assert!(verify(&forged(&key, &json!({ "alg": "ES256" }), "{}"), Alg::Es256, &keys, &["JWT"]).is_ok());
}

#[test]
fn attack_34_headers_that_bring_their_own_keys() {
    let (key, keys) = pair(Alg::Es256);
    let (evil, _) = pair(Alg::Es256);
    for extra in [
        json!({ "jku": "https://evil.example/jwks" }),
        json!({ "x5u": "https://evil.example/cert" }),
        json!({ "jwk": evil.jwk().unwrap() }),
        json!({ "x5c": ["MIIB"] }),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": key.kid() });
        header.as_object_mut().unwrap().extend(claims(extra));
        // Never read: the key of the header does not verify, the configured one does.
        assert_eq!(
            verify(&forged(&evil, &header, "{}"), Alg::Es256, &keys, &["JWT"]),
            Err(JwsError::Signature)
        );
        assert!(verify(&forged(&key, &header, "{}"), Alg::Es256, &keys, &["JWT"]).is_ok());
    }
    for extra in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "zip": "DEF" }),
        json!({ "cty": "JWT" }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": key.kid() });
        header.as_object_mut().unwrap().extend(claims(extra.clone()));
        let verdict = verify(&forged(&key, &header, "{}"), Alg::Es256, &keys, &["JWT"]);
        assert_eq!(verdict, Err(JwsError::Header), "{extra}");
    }
}

#[test]
fn attack_35_signatures_that_are_none() {
    let (key, keys) = pair(Alg::Es256);
    let token = sign(&key, "JWT", &Claims::new()).unwrap();
    let (signed, good) = token.rsplit_once('.').unwrap();
    let good = URL_SAFE_NO_PAD.decode(good).unwrap();
    // The order of P-256.
    let n = [
        255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 188, 230, 250, 173, 167, 23,
        158, 132, 243, 185, 202, 194, 252, 99, 37, 81,
    ];
    let der = |r: &[u8], s: &[u8]| {
        let int = |v: &[u8]| [&[2, 33, 0], v].concat();
        [&[0x30, 70], int(r).as_slice(), &int(s)].concat()
    };
    let (r, s) = good.split_at(32);
    for bad in [
        vec![0; 64],
        [r, &[0; 32]].concat(),
        [&[0; 32], s].concat(),
        [&n, s].concat(),
        [r, &n].concat(),
        vec![255; 64],
        der(r, s),
        good[..63].to_vec(),
        [&good[..], &[0]].concat(),
        Vec::new(),
    ] {
        let token = format!("{signed}.{}", b64(&bad));
        assert_eq!(verify(&token, Alg::Es256, &keys, &["JWT"]), Err(JwsError::Signature), "{bad:?}");
    }
    for text in ["=", "A", "*", "AA==", "é"] {
        let verdict = verify(&format!("{signed}.{text}"), Alg::Es256, &keys, &["JWT"]);
        assert_eq!(verdict, Err(JwsError::Malformed), "{text}");
    }
}

#[test]
fn attack_36_keys_that_are_not_for_this() {
    let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
    let token = sign(&key, "JWT", &Claims::new()).unwrap();
    let with = |changes: Value| {
        let mut jwk = key.jwk().unwrap();
        jwk.as_object_mut().unwrap().extend(claims(changes));
        let keys = KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes());
        keys.map(|keys| verify(&token, Alg::Es256, &keys, &["JWT"]))
    };
    assert!(with(json!({})).unwrap().is_ok());
    assert!(with(json!({ "key_ops": ["verify"] })).unwrap().is_ok());
    for changes in [
        json!({ "use": "enc" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "ECDH-ES" }),
        json!({ "alg": 1 }),
        json!({ "key_ops": ["deriveKey"] }),
        json!({ "crv": "P-384" }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kid": "autre" }),
        json!({ "x": "AAAA" }),
        json!({ "y": b64([1; 32]) }),
    ] {
        assert_eq!(with(changes.clone()), Ok(Err(JwsError::UnknownKey)), "{changes}");
    }
    assert_eq!(with(json!({ "d": "AAAA" })).err(), Some(SetError::Private));
    // Two keys of one name, or none named: which one signed is anybody's guess.
    let twice = json!({ "keys": [key.jwk(), key.jwk()] }).to_string();
    let twice = KeySet::parse(twice.as_bytes()).unwrap();
    assert_eq!(verify(&token, Alg::Es256, &twice, &["JWT"]), Err(JwsError::Ambiguous));
}

#[test]
fn sets_of_peers_are_small_and_ours_of_documents_are_not() {
    let (key, _) = pair(Alg::Es256);
    let set = |n: usize| {
        let jwk = |i: usize| {
            let mut jwk = key.jwk().unwrap();
            jwk["kid"] = json!(format!("cle-{i}"));
            jwk
        };
        json!({ "keys": (0..n).map(jwk).collect::<Vec<_>>() }).to_string()
    };
    let signature = key.sign(b"x").unwrap();
    for (n, peer, archive) in [(64, true, true), (65, false, true), (4096, false, true), (4097, false, false)]
    {
        let set = set(n);
        assert_eq!(KeySet::parse(set.as_bytes()).is_ok(), peer, "{n}");
        assert_eq!(KeySet::parse_archive(set.as_bytes()).is_ok(), archive, "{n}");
        if archive {
            let keys = KeySet::parse_archive(set.as_bytes()).unwrap();
            let last = format!("cle-{}", n - 1);
            assert_eq!(keys.verify(Alg::Es256, Some(&last), b"x", &signature), Ok(()));
        }
    }
    assert!(KeySet::parse_archive(r#"{"keys":[{"kty":"EC","crv":"P-256","d":"x"}]}"#.as_bytes()).is_err());
}

#[test]
fn weak_keys_are_no_keys() {
    let rsa = |n: &[u8], e: &[u8]| {
        let set = json!({ "keys": [{ "kty": "RSA", "n": b64(n), "e": b64(e) }] }).to_string();
        KeySet::parse(set.as_bytes()).unwrap()
    };
    let n = [0xc7; 256];
    assert!(!rsa(&n, &[1, 0, 1]).is_empty());
    for (n, e) in [
        (&[0xc7; 128][..], &[1, 0, 1][..]),
        (&n[..], &[1]),
        (&n, &[2]),
        (&n, &[]),
        (&n, &[1; 32]),
        (&[0xc7; 4096], &[1, 0, 1]),
    ] {
        assert!(rsa(n, e).is_empty(), "{} {e:?}", n.len());
    }
    assert_eq!(SigningKey::from_secret("court").err(), Some(KeyError::ShortSecret));
    assert_eq!(SigningKey::generate(Alg::Hs256).err(), Some(KeyError::Symmetric));
}

#[test]
fn attack_37_encrypted_bombs() {
    let agreed = Sealing { alg: "ECDH-ES".to_owned(), enc: "A256GCM".to_owned() };
    let jwe = |header: Value| format!("{}.{}.{}.{}.{}", b64(header.to_string()), "", "AAAA", "AAAA", "AAAA");
    let fine = json!({ "alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "epk": {} });
    assert!(Envelope::read(&jwe(fine.clone()), &agreed).is_ok());
    for change in [
        json!({ "zip": "DEF" }),
        json!({ "crit": ["zip"] }),
        json!({ "alg": "PBES2-HS256+A128KW", "p2c": 10_000_000 }),
        json!({ "p2c": 10_000_000 }),
        json!({ "alg": "dir" }),
        json!({ "alg": "RSA1_5" }),
        json!({ "enc": "A128CBC-HS256" }),
        json!({ "cty": "text" }),
    ] {
        let mut header = fine.clone();
        header.as_object_mut().unwrap().extend(claims(change.clone()));
        assert!(Envelope::read(&jwe(header), &agreed).is_err(), "{change}");
    }
    assert!(Envelope::read(&format!("{}.....", jwe(fine.clone())), &agreed).is_err());
    assert!(Envelope::read(&jwe(json!({ "alg": "ECDH-ES", "x": "a".repeat(1 << 20) })), &agreed).is_err());
    // Where only signatures were agreed, an envelope is told from a signature and refused.
    let (_, keys) = pair(Alg::Es256);
    assert_eq!(verify(&jwe(fine), Alg::Es256, &keys, &["JWT"]), Err(JwsError::Sealed));
}

#[test]
fn attack_39_texts_that_cost() {
    let (key, keys) = pair(Alg::Es256);
    let header = json!({ "alg": "ES256", "kid": key.kid() });
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        format!("{{\"a\":\"{}\"}}", "a".repeat(2 << 20)),
        nested,
        r#"{"sub":"a","sub":"b"}"#.to_owned(),
        r#"{"exp":NaN}"#.to_owned(),
        r#"{"exp":1e999}"#.to_owned(),
        "[]".to_owned(),
        "1".to_owned(),
        String::new(),
        "\u{feff}{}".to_owned(),
    ] {
        let token = forged(&key, &header, &body);
        let begun = std::time::Instant::now();
        assert!(verify(&token, Alg::Es256, &keys, &["JWT"]).is_err());
        assert!(begun.elapsed().as_millis() < 50, "{} bytes", body.len());
    }
    let twice = format!("{}.{}", b64(r#"{"alg":"ES256","alg":"ES256"}"#), b64("{}"));
    let token = format!("{twice}.{}", b64(key.sign(twice.as_bytes()).unwrap()));
    assert_eq!(verify(&token, Alg::Es256, &keys, &["JWT"]), Err(JwsError::Malformed));
}

fn day(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + n * 86_400, 0).unwrap()
}

#[test]
fn attack_41_rotation_keeps_old_signatures_good_and_private_halves_home() {
    let rotation = Rotation::default();
    let made: Vec<(DateTime<Utc>, PrivateBytes)> =
        [0, 90, 180].map(|n| (day(n), SigningKey::generate(Alg::Es256).unwrap().1)).into();
    let ring = |now| {
        let load = |(since, bytes): &(DateTime<Utc>, PrivateBytes)| {
            (*since, SigningKey::from_pkcs8(Alg::Es256, bytes.expose()).unwrap())
        };
        KeyRing::at(now, &rotation, made.iter().map(load).collect())
    };
    let kid = |now| ring(now).signer(Alg::Es256).unwrap().kid().unwrap().to_owned();
    let published = |now| ring(now).jwks()["keys"].as_array().unwrap().len();
    assert_eq!(kid(day(1)), kid(day(89)));
    assert_ne!(kid(day(89)), kid(day(90)));
    // All three are stored on every day: two to come, then one past and one to come, then the first is gone.
    assert_eq!(
        [published(day(1)), published(day(91)), published(day(105)), published(day(300))],
        [3, 3, 2, 1]
    );
    let token = sign(ring(day(89)).signer(Alg::Es256).unwrap(), "JWT", &Claims::new()).unwrap();
    for (now, good) in [(day(89), true), (day(90), true), (day(103), true), (day(105), false)] {
        let keys = KeySet::parse(ring(now).jwks().to_string().as_bytes()).unwrap();
        assert_eq!(verify(&token, Alg::Es256, &keys, &["JWT"]).is_ok(), good, "{now}");
        let text = ring(now).jwks().to_string();
        assert!(["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"k\""].iter().all(|private| !text.contains(private)));
    }
    assert!(!format!("{:?} {:?}", ring(day(0)), made[0].1).contains(&b64(&made[0].1.expose()[..24])));
}

#[test]
fn when_a_key_is_due() {
    let rotation = Rotation::default();
    let key = |since| KeyDate { kid: format!("{since}"), alg: Alg::Es256, since };
    for (all, now, due) in [
        (vec![], day(0), Some(day(0))),
        (vec![key(day(0))], day(87), None),
        (vec![key(day(0))], day(88), Some(day(90))),
        // Nobody looked for a year: still published two days before it signs.
        (vec![key(day(0))], day(400), Some(day(402))),
        (vec![key(day(0)), key(day(90))], day(89), None),
        (vec![key(day(90))], day(0), None),
    ] {
        assert_eq!(rotation.due(Alg::Es256, &all, now), due, "{all:?}");
    }
    assert_eq!(rotation.due(Alg::Rs256, &[key(day(0))], day(1)), Some(day(1)));
}

proptest! {
    #[test]
    fn a_year_of_rotations_has_one_key_that_signs_each_day(start in 0_i64..400, step in 1_i64..20) {
        let rotation = Rotation::default();
        let mut all: Vec<KeyDate> = Vec::new();
        let mut now = day(start);
        for _ in 0..200 {
            if let Some(since) = rotation.due(Alg::Es256, &all, now) {
                all.push(KeyDate { kid: all.len().to_string(), alg: Alg::Es256, since });
            }
            let signs = all.iter().filter(|k| rotation.stage(k, &all, now) == Stage::Current).count();
            prop_assert_eq!(signs, 1);
            now += TimeDelta::days(step);
        }
    }

    #[test]
    fn any_text_is_refused(text in "[A-Za-z0-9_.=-]{0,300}") {
        let keys = KeySet::of(vec![VerifyingKey::from_secret(SECRET).unwrap()]);
        prop_assert!(verify(&text, Alg::Hs256, &keys, &["JWT"]).is_err());
        let _ = unverified(&text);
        let _ = Envelope::read(&text, &Sealing { alg: "ECDH-ES".to_owned(), enc: "A256GCM".to_owned() });
    }

    #[test]
    fn any_bytes_are_read_or_refused_as_keys(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = KeySet::parse(&bytes);
    }

    #[test]
    fn any_values_are_read_or_refused_as_keys(x in ".{0,60}", kty in "EC|RSA|oct|x", n in 0_u8..4) {
        let jwk = json!({ "kty": kty, "crv": "P-256", "x": x, "y": x, "n": x, "e": "AQAB", "kid": n });
        let _ = KeySet::parse(json!({ "keys": [jwk, x, null, n] }).to_string().as_bytes());
    }

    /// One changed character anywhere, and the token is no longer read.
    #[test]
    fn a_changed_token_is_refused(at in 0_usize..400, to in "[A-Za-z0-9_-]") {
        let key = SigningKey::from_secret(SECRET).unwrap();
        let keys = KeySet::of(vec![key.verifying().unwrap()]);
        let token = sign(&key, "JWT", &claims(json!({ "sub": "a", "aud": "b" }))).unwrap();
        let at = at % token.len();
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assert_eq!(verify(&changed, Alg::Hs256, &keys, &["JWT"]).is_ok(), changed == token);
    }
}

/// Not a promise: what this machine does, printed.
#[test]
#[ignore = "a measure, to be run by hand in release"]
fn measure_signatures() {
    let body =
        claims(json!({ "sub": "a".repeat(66), "aud": "b".repeat(40), "nonce": "c".repeat(64), "exp": 1 }));
    for alg in [Alg::Es256, Alg::Rs256] {
        let (key, keys) = pair(alg);
        let token = sign(&key, "JWT", &body).unwrap();
        let rate = |act: &dyn Fn()| {
            let (begun, mut count) = (std::time::Instant::now(), 0_u32);
            while begun.elapsed().as_millis() < 1000 {
                act();
                count += 1;
            }
            count
        };
        let signed = rate(&|| drop(sign(&key, "JWT", &body)));
        let verified = rate(&|| drop(verify(&token, alg, &keys, &["JWT"])));
        println!("{}: {signed} signed, {verified} verified a second", alg.name());
    }
}

#[test]
fn a_key_is_read_from_the_text_that_openssl_writes() {
    for alg in [Alg::Es256, Alg::Rs256] {
        let (key, bytes) = SigningKey::generate(alg).unwrap();
        let body = base64::engine::general_purpose::STANDARD.encode(bytes.expose());
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\r\n{}\r\n-----END PRIVATE KEY-----\n", lines.join("\r\n"));
        let read = SigningKey::from_pem(&pem).unwrap();
        assert_eq!((read.alg(), read.kid()), (alg, key.kid()));
    }
    let wrong = [
        "",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
    ];
    for text in wrong {
        assert_eq!(SigningKey::from_pem(text).err(), Some(KeyError::Rejected), "{text}");
    }
}
