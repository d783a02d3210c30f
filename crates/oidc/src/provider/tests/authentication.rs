//! Attacks 24, 26 and 27, and each way for a client to prove who it is.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=authorization_code&code=abc&redirect_uri=https%3A%2F%2Ffc.exemple.fr";

fn read(authorization: Option<&str>, rest: &str) -> Result<TokenRequest, TokenError> {
    TokenRequest::read(FORM, authorization, &format!("{GRANT}&{rest}"))
}

fn basic(id: &str, secret: &str) -> String {
    let encoded = |t: &str| crate::form::encode([("", t)]).trim_start_matches('=').to_owned();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

#[test]
fn attacks_24_and_26_requests_that_are_none() {
    for (kind, body, error) in [
        (Some("application/json"), GRANT, "invalid_request"),
        (None, GRANT, "invalid_request"),
        (Some("multipart/form-data"), GRANT, "invalid_request"),
        (FORM, "", "invalid_request"),
        (FORM, "grant_type=password", "unsupported_grant_type"),
        (FORM, "grant_type=client_credentials", "unsupported_grant_type"),
        (FORM, "grant_type=refresh_token", "unsupported_grant_type"),
        (FORM, "grant_type=authorization_code&client_id=a", "invalid_request"),
        (FORM, "grant_type=authorization_code&client_id=a&code=b", "invalid_request"),
        (FORM, "grant_type=authorization_code&client_id=a&code=b&code=c", "invalid_request"),
        (FORM, "grant_type=authorization_code&code=b&redirect_uri=c", "invalid_client"),
        (FORM, "grant_type=authorization_code&grant_type=authorization_code", "invalid_request"),
    ] {
        let refused = TokenRequest::read(kind, None, body).unwrap_err();
        assert_eq!(refused.error, error, "{kind:?} {body}");
        assert_eq!(refused.status, if error == "invalid_client" { 401 } else { 400 });
    }
    assert!(
        TokenRequest::read(
            Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
            None,
            &format!("{GRANT}&client_id=a")
        )
        .is_ok()
    );
}

#[test]
fn secrets_in_the_body_and_in_the_header() {
    let mut house = House::new();
    let secret = "un secret: d’essai+de%plus&de=trente-deux signes";
    house.fc.secrets =
        vec![Secret::new("le-nouveau-secret-de-plus-de-trente-deux-signes"), Secret::new(secret)];
    house.fc.auth = vec![AuthMethod::ClientSecretPost, AuthMethod::ClientSecretBasic];
    let verdict = |request: Result<TokenRequest, TokenError>, client: &Client| {
        let request = request?;
        request.credentials.authenticate(&house.provider, Some(client), now()).map(|a| a.method)
    };
    let post = |id: &str, secret: &str| crate::form::encode([("client_id", id), ("client_secret", secret)]);
    let (fc, id) = (&house.fc, "franceconnect");
    assert_eq!(verdict(read(None, &post(id, secret)), fc), Ok(AuthMethod::ClientSecretPost));
    assert_eq!(verdict(read(Some(&basic(id, secret)), ""), fc), Ok(AuthMethod::ClientSecretBasic));
    assert_eq!(
        verdict(read(Some(&basic(id, secret)), "client_id=franceconnect"), fc),
        Ok(AuthMethod::ClientSecretBasic)
    );
    // As curl and others send it, encoded once only.
    let raw = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    assert_eq!(verdict(read(Some(&raw), ""), fc), Ok(AuthMethod::ClientSecretBasic));
    let refused = |request| verdict(request, fc).unwrap_err();
    for request in [
        read(None, &post(id, "un-autre-secret-de-plus-de-trente-deux-signes")),
        read(None, &post(id, &secret[..20])),
        read(None, "client_id=franceconnect"),
        read(None, "client_id=franceconnect&client_secret="),
    ] {
        assert_eq!(refused(request), TokenError::invalid_client());
    }
    for header in [
        basic(id, "faux"),
        basic(id, ""),
        "Basic".to_owned(),
        "Basic ?".to_owned(),
        "Basic YQ==".to_owned(),
        "Bearer x".to_owned(),
        "Basic JXo6YQ==".to_owned(),
    ] {
        let refused = refused(read(Some(&header), ""));
        assert_eq!(refused, TokenError::invalid_client(), "{header}");
    }
    // RFC 9110 15.5.2: a 401 says how to authenticate, whatever way was tried.
    assert!(TokenError::invalid_client().challenge.is_some_and(|c| c.starts_with("Basic realm=")));
    // Two ways at once, or two names (RFC 6749 2.3).
    for request in [
        read(Some(&basic(id, secret)), &post(id, secret)),
        read(Some(&basic(id, secret)), "client_id=autre"),
        read(Some(&basic(id, secret)), "client_assertion=x"),
        read(None, "client_assertion=x&client_id=franceconnect"),
    ] {
        assert_eq!(refused(request).error, "invalid_request");
    }
    // A way that this client is not registered for; a client that is not known.
    let only = Client { auth: vec![AuthMethod::ClientSecretBasic], ..fc.clone() };
    assert_eq!(verdict(read(None, &post(id, secret)), &only), Err(TokenError::invalid_client()));
    let request = read(None, &post("inconnu", secret)).unwrap();
    assert!(request.credentials.authenticate(&house.provider, None, now()).is_err());
    assert!(request.credentials.authenticate(&house.provider, Some(fc), now()).is_err());
    let request = read(None, &post("inconnu", super::super::authenticate::NOBODY)).unwrap();
    assert!(request.credentials.authenticate(&house.provider, None, now()).is_err());
}

#[test]
fn assertions() {
    let mut house = House::new();
    let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
    let (stranger, _) = SigningKey::generate(Alg::Es256).unwrap();
    let set = json!({ "keys": [key.jwk().unwrap()] }).to_string();
    house.fc.keys = Some((Alg::Es256, KeySet::parse(set.as_bytes()).unwrap()));
    house.fc.auth = vec![AuthMethod::PrivateKeyJwt];
    assert_eq!(house.fc.check(false), Ok(()));
    // With keys of another algorithm than the one chosen, no assertion would ever be taken: said at once.
    let (rsa, _) = SigningKey::generate(Alg::Rs256).unwrap();
    let both = json!({ "keys": [key.jwk().unwrap(), rsa.jwk().unwrap()] }).to_string();
    let rsa = json!({ "keys": [rsa.jwk().unwrap()] }).to_string();
    for (alg, set, fits) in [
        (Alg::Es256, &set, true),
        (Alg::Rs256, &set, false),
        (Alg::Es256, &rsa, false),
        (Alg::Rs256, &rsa, true),
        (Alg::Es256, &both, true),
        (Alg::Rs256, &both, true),
    ] {
        let keys = Some((alg, KeySet::parse(set.as_bytes()).unwrap()));
        let verdict = Client { keys, ..house.fc.clone() }.check(false);
        assert_eq!(verdict, if fits { Ok(()) } else { Err(vec![ClientFault::Keys]) }, "{alg:?} {set}");
    }
    let fine = json!({
        "iss": "franceconnect", "sub": "franceconnect", "aud": ISSUER, "jti": "j1",
        "iat": now().timestamp(), "exp": later(60).timestamp(),
    });
    let run = |key: &SigningKey, typ: &str, changes: Value, client: &Client| {
        let mut claims = fine.as_object().cloned().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.remove(name)
            } else {
                claims.insert(name.clone(), value.clone())
            };
        }
        let token = jose::sign(key, typ, &claims).unwrap();
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let request = read(None, &format!("client_assertion={token}&client_assertion_type={kind}"))?;
        request.credentials.authenticate(&house.provider, Some(client), now())
    };
    let assertion = Assertion { jti: "j1".to_owned(), expires_at: later(90) };
    for changes in [
        json!({}),
        json!({ "aud": [ISSUER] }),
        json!({ "aud": format!("{ISSUER}/token") }),
        json!({ "iat": null }),
        json!({ "nbf": now().timestamp() }),
    ] {
        let good = run(&key, "JWT", changes.clone(), &house.fc).unwrap();
        assert_eq!(good.assertion, Some(assertion.clone()), "{changes}");
    }
    assert!(run(&key, "client-authentication+jwt", json!({}), &house.fc).is_ok());
    for changes in [
        json!({ "iss": "autre" }),
        json!({ "iss": null }),
        json!({ "sub": "autre" }),
        json!({ "aud": "https://autre.exemple.fr" }),
        json!({ "aud": format!("{ISSUER}/") }),
        json!({ "aud": null }),
        json!({ "exp": null }),
        json!({ "exp": later(-31).timestamp() }),
        json!({ "exp": later(3631).timestamp() }),
        json!({ "exp": "demain" }),
        json!({ "nbf": later(60).timestamp() }),
        json!({ "iat": later(60).timestamp() }),
        json!({ "iat": "hier" }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": "j".repeat(256) }),
    ] {
        let verdict = run(&key, "JWT", changes.clone(), &house.fc);
        assert_eq!(verdict.unwrap_err().error, "invalid_client", "{changes}");
    }
    assert!(run(&stranger, "JWT", json!({}), &house.fc).is_err());
    assert!(run(&key, "at+jwt", json!({}), &house.fc).is_err());
    // A client that is registered with a secret does not come with a key, nor with its secret as one.
    let secret = client("franceconnect", BACK);
    assert!(run(&key, "JWT", json!({}), &secret).is_err());
    let mac = SigningKey::from_secret(secret.secrets[0].expose()).unwrap();
    assert!(run(&mac, "JWT", json!({}), &house.fc).is_err());
}

/// RFC 7636, from the request to the code.
#[test]
fn pkce() {
    let mut house = House::new();
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let sent = [("code_challenge", challenge), ("code_challenge_method", "S256")];
    let (code, _) = house.grant(&house.demande(&sent), "p");
    let (bare, _) = house.grant(&house.demande(&[]), "p");
    for (code, verifier, verdict) in [
        (&code, Some(verifier), Ok(())),
        (&code, Some(challenge), Err(Denied::Verifier)),
        (&code, Some(""), Err(Denied::Verifier)),
        (&code, Some("court"), Err(Denied::Verifier)),
        (&code, None, Err(Denied::Verifier)),
        (&bare, None, Ok(())),
        (&bare, Some(verifier), Err(Denied::Verifier)),
    ] {
        assert_eq!(
            code.redeem(&house.fc, BACK, verifier, Standing::Holds, later(11)),
            verdict,
            "{verifier:?}"
        );
    }
    for method in ["plain", "s256", ""] {
        let changes = [("code_challenge", challenge), ("code_challenge_method", method)];
        assert_eq!(
            told(house.receive(&House::query(&changes)).unwrap_err()),
            Some("invalid_request"),
            "{method}"
        );
    }
    house.fc.pkce_required = true;
    assert_eq!(told(house.receive(&House::query(&[])).unwrap_err()), Some("invalid_request"));
    assert!(house.receive(&House::query(&sent)).is_ok());
}

/// Attack 27: digests are compared, so that no byte of the secret weighs on the time. A measure would be noise here;
/// what is tested is that nearly right and wholly wrong secrets take the same road.
#[test]
fn attack_27_nearly_right_secrets() {
    let house = House::new();
    let right = house.fc.secrets[0].expose().to_owned();
    let first = format!("x{}", &right[1..]);
    let last = format!("{}x", &right[..right.len() - 1]);
    for (secret, good) in [(&right, true), (&first, false), (&last, false), (&right.to_uppercase(), false)] {
        let rest = crate::form::encode([("client_id", "franceconnect"), ("client_secret", secret)]);
        let verdict =
            read(None, &rest).unwrap().credentials.authenticate(&house.provider, Some(&house.fc), now());
        assert_eq!(verdict.is_ok(), good);
    }
}

/// Attack 27, measured: two thousand answers to a secret that is wrong from its first byte, wrong at its last, and to a
/// client that does not exist, in turns. Medians, and the best of a few tries: a machine has other things to do.
#[test]
fn attack_27_no_time_is_told() {
    let house = House::new();
    let right = house.fc.secrets[0].expose().to_owned();
    let (first, last) = (format!("x{}", &right[1..]), format!("{}x", &right[..right.len() - 1]));
    let cases: Vec<(TokenRequest, Option<&Client>)> =
        [(&first, Some(&house.fc)), (&last, Some(&house.fc)), (&right, None)]
            .into_iter()
            .map(|(secret, client)| {
                let rest = crate::form::encode([("client_id", "franceconnect"), ("client_secret", secret)]);
                (read(None, &rest).unwrap(), client)
            })
            .collect();
    let mut least = f64::MAX;
    for _ in 0..10 {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..2_000 {
            for ((request, client), times) in cases.iter().zip(&mut times) {
                let start = std::time::Instant::now();
                assert!(request.credentials.authenticate(&house.provider, *client, now()).is_err());
                times.push(start.elapsed().as_nanos());
            }
        }
        let medians = times.map(|mut t| {
            t.sort_unstable();
            t[t.len() / 2]
        });
        let (low, high) = (*medians.iter().min().unwrap(), *medians.iter().max().unwrap());
        least = least.min(high as f64 / low.max(1) as f64);
    }
    assert!(least < 1.25, "the slowest takes {least} times the fastest");
}
