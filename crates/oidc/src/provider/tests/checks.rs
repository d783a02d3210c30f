//! The 29 checks that FranceConnect makes on our answers (those that depend on what we send).

use super::*;

fn whole(house: &House, client: &Client, demande: &Demande) -> (Claims, Claims, Value) {
    let (code, clear) = house.grant(demande, "personne-1");
    assert_eq!(Code::digest(&house.pepper, &clear), code.digest);
    code.redeem(client, &demande.redirect_uri, None, Standing::Holds, later(11)).unwrap();
    let (jeton, body) = house.issue(client, &code);
    let id_token = house.read(client, client.id_token_alg, body["id_token"].as_str().unwrap());
    jeton.present(Standing::Holds, later(12)).unwrap();
    let known = House::identity();
    let answer = userinfo(&house.provider, client, (&jeton, &known), (&house.ring, None), later(12)).unwrap();
    assert_eq!(answer.content_type, "application/jwt");
    let identity = house.read(client, client.userinfo_alg.unwrap(), answer.body.expose());
    (id_token, identity, body)
}

#[test]
fn checks_2_3_6_and_8_the_state_and_our_name_come_back() {
    let house = House::new();
    let demande = house.demande(&[]);
    let granted = demande
        .grant(&house.provider, House::answer("p"), (&house.chance, &house.pepper), later(10))
        .unwrap();
    let location = granted.location.expose();
    assert!(location.starts_with(&format!("{BACK}?")));
    assert_eq!(parameter(location, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(location, "iss").as_deref(), Some(ISSUER));
    let refused = demande.refuse(&house.provider, ErrorCode::AccessDenied, "the person gave up");
    assert_eq!(parameter(&refused.location, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&refused.location, "error").as_deref(), Some("access_denied"));
    let discovery = house.provider.discovery(&house.ring.algs(), &[AuthMethod::ClientSecretPost]);
    assert_eq!(discovery["authorization_response_iss_parameter_supported"], true);
    assert_eq!(discovery["issuer"], ISSUER);
}

#[test]
fn check_5_a_code_that_is_not_empty() {
    let house = House::new();
    let (_, clear) = house.grant(&house.demande(&[]), "p");
    assert!(clear.len() >= 32 && clear.is_ascii());
}

#[test]
fn checks_9_and_17_the_token_answer() {
    let house = House::new();
    let (_, _, body) = whole(&house, &house.fc, &house.demande(&[]));
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(60)));
    assert!(body["access_token"].as_str().is_some_and(|t| !t.is_empty() && t.is_ascii()));
    assert_eq!(body["scope"], "openid profile email birth");
    assert!(body.get("refresh_token").is_none());
}

#[test]
fn checks_11_and_14_the_algorithm_declared_and_a_key_of_the_set() {
    let house = House::new();
    for alg in [Alg::Es256, Alg::Hs256] {
        let client = Client { id_token_alg: alg, userinfo_alg: Some(alg), ..house.fc.clone() };
        let (id_token, identity, body) = whole(&house, &client, &house.demande(&[]));
        assert_eq!(id_token["sub"], identity["sub"]);
        let header = body["id_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
        let header = jose_header(&header);
        assert_eq!(header["alg"], alg.name());
        let kid = house.ring.signer(Alg::Es256).unwrap().kid().map(str::to_owned);
        assert_eq!(
            header.get("kid").and_then(Value::as_str).map(str::to_owned),
            kid.filter(|_| alg == Alg::Es256)
        );
    }
    // No key of that kind signs: said so, never another algorithm.
    let rs = Client { id_token_alg: Alg::Rs256, ..house.fc.clone() };
    let (code, _) = house.grant(&house.demande(&[]), "p");
    let failed = house.provider.issue(&rs, &code, &house.ring, (&house.chance, &house.pepper), later(11));
    assert_eq!(failed.err(), Some(TokenError::unavailable()));
}

fn jose_header(part: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn checks_12_13_15_and_16_the_claims_of_the_id_token() {
    let house = House::new();
    let (id_token, _, body) = whole(&house, &house.fc, &house.demande(&[]));
    let at = |seconds| json!(later(seconds).timestamp());
    let hash = jose::at_hash(body["access_token"].as_str().unwrap());
    for (name, value) in [
        ("iss", json!(ISSUER)),
        ("sub", json!("personne-1")),
        ("aud", json!("franceconnect")),
        ("iat", at(11)),
        ("exp", at(311)),
        ("auth_time", at(5)),
        ("nonce", json!(NONCE)),
        ("acr", json!("eidas1")),
        ("amr", json!(["hwk"])),
        ("at_hash", json!(hash)),
        ("rep_scope", json!(["Logement"])),
    ] {
        assert_eq!(id_token[name], value, "{name}");
    }
    assert!(!id_token.contains_key("nbf") && !id_token.contains_key("azp") && !id_token.contains_key("act"));
    let told = Client { act: true, ..house.fc.clone() };
    let (id_token, _, _) = whole(&house, &told, &house.demande(&[]));
    assert_eq!(id_token["act"], json!({ "sub": "aidant-1", "organisation": "org-1" }));
}

#[test]
fn checks_18_and_19_the_userinfo() {
    let house = House::new();
    let (id_token, identity, _) = whole(&house, &house.fc, &house.demande(&[]));
    for (name, value) in [
        ("iss", json!(ISSUER)),
        ("aud", json!("franceconnect")),
        ("sub", id_token["sub"].clone()),
        ("birthdate", json!("1962-00-00")),
    ] {
        assert_eq!(identity[name], value, "{name}");
    }
    assert!(identity["exp"].as_i64() > Some(later(12).timestamp()));
    // Plain JSON for a client that is declared so; nothing in clear for one that wants an envelope.
    let (code, _) = house.grant(&house.demande(&[]), "personne-1");
    let (jeton, _) = house.issue(&house.fc, &code);
    let plain = Client { userinfo_alg: None, ..house.fc.clone() };
    let known = House::identity();
    let answer = userinfo(&house.provider, &plain, (&jeton, &known), (&house.ring, None), now()).unwrap();
    let read: Value = serde_json::from_str(answer.body.expose()).unwrap();
    assert_eq!((answer.content_type, read["sub"].as_str()), ("application/json", Some("personne-1")));
    let sealing = jose::Sealing { alg: "ECDH-ES".to_owned(), enc: "A256GCM".to_owned() };
    let sealed = Client { userinfo_sealing: Some(sealing), ..house.fc.clone() };
    let bare = Client { userinfo_alg: None, ..sealed.clone() };
    assert!(
        userinfo(&house.provider, &bare, (&jeton, &known), (&house.ring, None), now()).is_err(),
        "never in clear"
    );
    let none = userinfo(&house.provider, &sealed, (&jeton, &known), (&house.ring, None), now());
    assert_eq!(none.err(), Some(TokenError::unavailable()));
    struct Envelopes;
    impl jose::Sealer for Envelopes {
        fn seal(&self, signed: &str) -> Result<String, jose::SealError> {
            Ok(format!("scellé:{}", signed.len()))
        }
    }
    let some = userinfo(&house.provider, &sealed, (&jeton, &known), (&house.ring, Some(&Envelopes)), now());
    assert!(some.unwrap().body.expose().starts_with("scellé:"));
}

#[test]
fn check_20_what_the_scopes_let_out() {
    let known = House::identity();
    let names = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        let out = by_scope(&known, &scopes, crate::franceconnect::SCOPES);
        out.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["openid"]), "");
    assert_eq!(names(&["openid", "email"]), "email");
    let mut all =
        names(&["openid", "profile", "birth", "email"]).split(' ').map(str::to_owned).collect::<Vec<_>>();
    all.sort();
    let wanted = ["birthcountry", "birthdate", "birthplace", "email", "family_name", "gender", "given_name"];
    assert_eq!(all, wanted);
}

#[test]
fn checks_24_25_and_26_the_level() {
    let house = House::new();
    for (changes, expected) in [
        (vec![("acr_values", "eidas1")], Ok("eidas1")),
        (vec![("acr_values", "eidas3 eidas1")], Ok("eidas1")),
        (vec![("acr_values", "")], Ok("eidas1")),
        (vec![("acr_values", "eidas2")], Err("unmet_authentication_requirements")),
        (vec![("claims", r#"{"id_token":{"acr":{"essential":true,"value":"eidas1"}}}"#)], Ok("eidas1")),
        (
            vec![("claims", r#"{"id_token":{"acr":{"essential":true,"values":["eidas2"]}}}"#)],
            Err("unmet_authentication_requirements"),
        ),
        (vec![("claims", r#"{"id_token":{"acr":{"values":["eidas2"]}}}"#)], Ok("eidas1")),
    ] {
        let verdict = house.receive(&House::query(&changes)).map(|d| d.acr).map_err(|r| told(r).unwrap());
        assert_eq!(verdict, expected.map(str::to_owned), "{changes:?}");
    }
    let mut loose = House::new();
    loose.fc.acr_binding = false;
    assert_eq!(loose.demande(&[("acr_values", "eidas2")]).acr, "eidas1");
}

#[test]
fn check_29_perimeters() {
    let house = House::new();
    let asked =
        |values: &str| format!(r#"{{"id_token":{{"rep_scope":{{"essential":true,"values":{values}}}}}}}"#);
    for (claims, granted) in [
        (asked("[]"), true),
        (asked(r#"["Logement"]"#), true),
        (asked(r#"["Justice","Logement"]"#), true),
        (asked(r#"["Justice"]"#), false),
        (asked(r#"["logement"]"#), true), // the words of Aidants Connect
        (asked(r#"["justice","logement"]"#), true),
        (asked(r#"["logement","Logement"]"#), true),
        (asked(r#"["justice"]"#), false),
        (asked(r#"["LOGEMENT"]"#), false),
        (asked(r#"["Inconnu"]"#), false),
        (asked(r#""Logement""#), true), // not a list: as if nothing was asked
        (asked("[1,null]"), true),
        (r#"{"id_token":{"rep_scope":null}}"#.to_owned(), true),
        (r#"{"userinfo":{"x":null},"autre":1}"#.to_owned(), true),
        (String::new(), true),
    ] {
        let demande = house.demande(&[("claims", &claims)]);
        let verdict =
            demande.grant(&house.provider, House::answer("p"), (&house.chance, &house.pepper), later(10));
        match verdict {
            Ok(given) => {
                // In the words that were asked.
                let word = if claims.contains("Logement") || !claims.contains("logement") {
                    "Logement"
                } else {
                    "logement"
                };
                assert!(granted && given.code.rep_scope == [word], "{claims}");
            }
            Err(no) => assert!(!granted && no.error == ErrorCode::AccessDenied, "{claims}"),
        }
    }
    // A client that does not know perimeters is neither asked nor told.
    let mut house = House::new();
    house.fc.rep_scope = false;
    let (id_token, _, _) = whole(&house, &house.fc, &house.demande(&[("claims", &asked(r#"["Justice"]"#))]));
    assert!(!id_token.contains_key("rep_scope"));
}

#[test]
fn log_out_ends_one_use_and_comes_back() {
    let house = House::new();
    let (code, _) = house.grant(&house.demande(&[]), "personne-1");
    let (_, body) = house.issue(&house.fc, &code);
    let hint = body["id_token"].as_str().unwrap();
    let run = |pairs: &[(&str, &str)], client: Option<&Client>| {
        let received = LogoutReceived::read(&crate::form::encode(pairs.iter().copied()))?;
        received.check(&house.provider, client, &house.ring)
    };
    let whole = [("id_token_hint", hint), ("post_logout_redirect_uri", OUT), ("state", STATE)];
    let done = run(&whole, Some(&house.fc)).unwrap();
    assert_eq!(done.location.as_deref(), Some(format!("{OUT}?state={STATE}").as_str()));
    assert_eq!(
        (done.flow.as_deref(), done.subject.as_deref()),
        (Some(code.flow.as_str()), Some("personne-1"))
    );
    // By the client's name alone, nothing tells which use ends; the browser goes back all the same.
    let named = run(&[("client_id", "franceconnect"), ("post_logout_redirect_uri", OUT)], Some(&house.fc));
    assert_eq!(named.map(|l| (l.flow, l.location)), Ok((None, Some(OUT.to_owned()))));
    assert_eq!(run(&whole, Some(&house.other)).err(), Some(LogoutRefusal::Client));
    assert_eq!(run(&whole, None).err(), Some(LogoutRefusal::Client));
    let mixed = [("id_token_hint", hint), ("client_id", "autre")];
    assert_eq!(run(&mixed, Some(&house.other)).err(), Some(LogoutRefusal::Hint));
    let mut altered = hint.to_owned();
    altered.replace_range(60..61, if &hint[60..61] == "A" { "B" } else { "A" });
    let altered = [("id_token_hint", altered.as_str()), ("client_id", "franceconnect")];
    assert_eq!(run(&altered, Some(&house.fc)).err(), Some(LogoutRefusal::Hint));
    // Issued before the client changed of algorithm, it still tells which use ends.
    for alg in [Alg::Rs256, Alg::Hs256] {
        let changed = Client { id_token_alg: alg, ..house.fc.clone() };
        assert_eq!(run(&whole, Some(&changed)).unwrap().flow, done.flow, "{alg:?}");
    }
    let symmetric = Client { id_token_alg: Alg::Hs256, ..house.fc.clone() };
    let (_, old) = house.issue(&symmetric, &code);
    let old = [("id_token_hint", old["id_token"].as_str().unwrap())];
    assert_eq!(run(&old, Some(&house.fc)).unwrap().flow, done.flow);
    // With the secret of another, it is nobody's.
    let robbed = Client { secrets: house.other.secrets.clone(), ..house.fc.clone() };
    assert_eq!(run(&old, Some(&robbed)).err(), Some(LogoutRefusal::Hint));
    // A userinfo of ours is no hint.
    let (jeton, _) = house.issue(&house.fc, &code);
    let known = House::identity();
    let identity =
        userinfo(&house.provider, &house.fc, (&jeton, &known), (&house.ring, None), now()).unwrap();
    let wrong = [("id_token_hint", identity.body.expose())];
    assert_eq!(run(&wrong, Some(&house.fc)).err(), Some(LogoutRefusal::Hint));
}
