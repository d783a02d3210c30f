//! Attacks 1 to 30 and 73: redirections, codes and tokens.

use super::*;
use std::collections::HashSet;

#[test]
fn attack_1_altered_redirect_uri() {
    let house = House::new();
    for altered in [
        "https://fc.exemple.fr/api/v2/oidc-callback/plus",
        "https://fc.exemple.fr/api/v2/../v2/oidc-callback",
        "https://fc.exemple.fr/api/v2/%2e%2e/v2/oidc-callback",
        "https://fc.exemple.fr/api/v2/oidc-callback/",
        "https://FC.exemple.fr/api/v2/oidc-callback",
        "https://fc.exemple.fr@evil.example/api/v2/oidc-callback",
        "https://evil@fc.exemple.fr/api/v2/oidc-callback",
        "https://fc.exemple.fr/api/v2/oidc-callback?x=1",
        "https://fc.exemple.fr/api/v2/oidc-callback#x",
        "https://fc.exemple.fr:8443/api/v2/oidc-callback",
        "https://fc.exemple.fr:443/api/v2/oidc-callback",
        "http://fc.exemple.fr/api/v2/oidc-callback",
        "https://fc.exemple.fr./api/v2/oidc-callback",
        "https://fc.exemple.fr\\@evil.example/",
        "https://autre.exemple.fr/retour",
        " https://fc.exemple.fr/api/v2/oidc-callback",
        "javascript:alert(1)",
        "",
    ] {
        let refusal = house.receive(&House::query(&[("redirect_uri", altered)])).unwrap_err();
        assert_eq!(refusal, Refusal::Page(PageRefusal::Redirect), "{altered}");
    }
}

#[test]
fn attacks_2_and_3_parameters_given_twice() {
    let house = House::new();
    for name in ["redirect_uri", "state", "nonce", "client_id", "scope", "response_type", "prompt", "claims"]
    {
        for extra in ["https://evil.example/", BACK, "franceconnect", ""] {
            let extra = crate::form::encode([(name, extra)]);
            for query in [format!("{}&{extra}", House::query(&[])), format!("{extra}&{}", House::query(&[]))]
            {
                assert_eq!(told(house.receive(&query).unwrap_err()), None, "{query}");
            }
        }
    }
}

#[test]
fn attack_4_unknown_client() {
    let house = House::new();
    for id in ["inconnu", "franceconnect2", "FRANCECONNECT", ""] {
        let refusal = house.receive(&House::query(&[("client_id", id)])).unwrap_err();
        assert_eq!(refusal, Refusal::Page(PageRefusal::Client), "{id}");
    }
    // A caller that looks up the wrong row gains nothing.
    let received = Received::read(&House::query(&[])).unwrap();
    let refusal = received.check(&house.provider, Some(&house.other), now()).unwrap_err();
    assert_eq!(refusal, Refusal::Page(PageRefusal::Client));
}

#[test]
fn attack_5_errors_after_the_address_is_known() {
    let house = House::new();
    let long = "a".repeat(2049);
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("scope", "", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("scope", "openid pro\"file", "invalid_scope"),
        ("nonce", "", "invalid_request"),
        ("nonce", &long, "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "1.5", "invalid_request"),
        ("max_age", "99999999999999999999", "invalid_request"),
        ("claims", "{", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("claims", r#"{"id_token":{},"id_token":{}}"#, "invalid_request"),
        ("request", "eyJ", "request_not_supported"),
        ("request_uri", "https://169.254.169.254/", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("code_challenge", "court", "invalid_request"),
        ("code_challenge_method", "S256", "invalid_request"),
    ] {
        let Err(Refusal::Redirect(redirect)) = house.receive(&House::query(&[(name, value)])) else {
            panic!("{name}={value} is not sent back")
        };
        assert_eq!(parameter(&redirect.location, "state").as_deref(), Some(STATE), "{name}={value}");
        assert_eq!(told(Refusal::Redirect(redirect)), Some(error), "{name}={value}");
    }
}

#[test]
fn attack_6_open_redirects_by_log_out() {
    let house = House::new();
    for address in [
        "https://evil.example/",
        "//evil",
        "javascript:alert(1)",
        "https:evil",
        "/\\evil",
        "https://fc.exemple.fr/api/v2/client/logout-callback?x=1",
        "https://fc.exemple.fr/api/v2/client/logout-callback/",
    ] {
        let pairs = [("client_id", "franceconnect"), ("post_logout_redirect_uri", address)];
        let received = LogoutReceived::read(&crate::form::encode(pairs)).unwrap();
        let verdict = received.check(&house.provider, Some(&house.fc), &house.ring);
        assert_eq!(verdict.err(), Some(LogoutRefusal::Redirect), "{address}");
    }
    assert!(LogoutReceived::read("state=a&state=b").is_err());
}

#[test]
fn attacks_8_and_10_what_a_state_carries_stays_a_state() {
    let house = House::new();
    for state in ["a\r\nSet-Cookie:x=1", "\"><script>alert(1)</script>", "a&code=evil", "#", "é\u{0}"] {
        let demande = house.demande(&[("state", state)]);
        let granted = demande
            .grant(&house.provider, House::answer("p"), (&house.chance, &house.pepper), later(10))
            .unwrap();
        let location = granted.location.expose();
        assert!(location.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>#".contains(&b)), "{location}");
        assert_eq!(parameter(location, "state").as_deref(), Some(state));
        assert_eq!(parameter(location, "code").map(|c| c.len()), Some(64));
    }
}

#[test]
fn attack_9_a_state_of_64_kib() {
    let house = House::new();
    for length in [2049, 16 * 1024, 64 * 1024] {
        assert_eq!(told(house.receive(&House::query(&[("state", &"a".repeat(length))])).unwrap_err()), None);
    }
}

#[test]
fn attacks_13_and_15_a_code_used_twice() {
    let house = House::new();
    let demande = house.demande(&[]);
    let (mut code, _) = house.grant(&demande, "p");
    assert_eq!(code.redeem(&house.fc, BACK, None, Standing::Holds, later(11)), Ok(()));
    let (mut jeton, _) = house.issue(&house.fc, &code);
    code.state = CodeState::Spent;
    let again = code.redeem(&house.fc, BACK, None, Standing::Holds, later(12)).unwrap_err();
    assert_eq!((again, again.effect()), (Denied::Replayed, Effect::Revoke));
    assert_eq!(TokenError::from(again), TokenError::invalid_grant());
    // What the store then does.
    assert_eq!(jeton.code, code.digest);
    jeton.state = JetonState::Revoked;
    assert_eq!(jeton.present(Standing::Holds, later(12)), Err(BearerRefusal::Invalid));
    code.state = CodeState::Revoked;
    assert!(code.redeem(&house.fc, BACK, None, Standing::Holds, later(12)).is_err());
}

#[test]
fn attack_17_a_code_for_somebody_else() {
    let house = House::new();
    let (code, _) = house.grant(&house.demande(&[]), "p");
    for (client, address, denied, effect) in [
        (&house.other, BACK, Denied::Foreign, Effect::Nothing),
        (&house.fc, "https://autre.exemple.fr/retour", Denied::Redirect, Effect::Spend),
        (&house.fc, "", Denied::Redirect, Effect::Spend),
    ] {
        let verdict = code.redeem(client, address, None, Standing::Holds, later(11));
        assert_eq!(verdict.map_err(|d| (d, d.effect())), Err((denied, effect)));
    }
}

#[test]
fn attack_18_old_codes_and_interleaved_flows() {
    let house = House::new();
    let (code, _) = house.grant(&house.demande(&[]), "p");
    for (seconds, good) in [(10, true), (39, true), (40, false), (71, false), (100_000, false)] {
        let verdict = code.redeem(&house.fc, BACK, None, Standing::Holds, later(seconds));
        assert_eq!(verdict.is_ok(), good, "{seconds}");
    }
    let mut flows: Vec<_> = (0..1000)
        .map(|n| {
            let subject = format!("personne-{n}");
            let (code, clear) = house.grant(&house.demande(&[("state", &format!("etat-{n}"))]), &subject);
            (subject, code, clear)
        })
        .collect();
    flows.reverse();
    let stored: Vec<Code> = flows.iter().map(|(_, code, _)| code.clone()).collect();
    for (subject, _, clear) in &flows {
        let digest = Code::digest(&house.pepper, clear);
        let found: Vec<&Code> = stored.iter().filter(|c| c.digest == digest).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(&found[0].subject, subject);
    }
}

#[test]
fn attack_19_entropy_and_storage() {
    let house = House::new();
    let demande = house.demande(&[]);
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let (code, clear) = house.grant(&demande, "p");
        // 64 hexadecimal characters: 256 bits.
        assert!(clear.len() == 64 && clear.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(!serde_json::to_string(&code).unwrap().contains(&clear));
        assert!(seen.insert(clear) && seen.insert(code.digest) && seen.insert(code.flow));
    }
    let (code, _) = house.grant(&demande, "p");
    let (jeton, body) = house.issue(&house.fc, &code);
    let clear = body["access_token"].as_str().unwrap();
    assert!(clear.len() == 64 && !serde_json::to_string(&jeton).unwrap().contains(clear));
    assert_eq!(Jeton::digest(&house.pepper, clear), jeton.digest);
    assert_ne!(Code::digest(&house.pepper, clear), jeton.digest);
}

#[test]
fn attack_20_old_used_and_revoked_tokens() {
    let house = House::new();
    let (code, _) = house.grant(&house.demande(&[]), "p");
    let (jeton, _) = house.issue(&house.fc, &code);
    let with = |state| Jeton { state, ..jeton.clone() };
    for (jeton, standing, seconds, good) in [
        (jeton.clone(), Standing::Holds, 70, true),
        (jeton.clone(), Standing::Holds, 71, false),
        (with(JetonState::Spent), Standing::Holds, 12, false),
        (with(JetonState::Revoked), Standing::Holds, 12, false),
        (jeton.clone(), Standing::Ended, 12, false),
    ] {
        let verdict = jeton.present(standing, later(seconds));
        assert_eq!(verdict.is_ok(), good, "{:?} {standing:?} {seconds}", jeton.state);
    }
    assert_eq!(BearerRefusal::Invalid.status(), 401);
    assert!(BearerRefusal::Invalid.challenge().contains(", error=\"invalid_token\""));
    // RFC 6750 3: a scheme alone is no challenge.
    for refusal in [BearerRefusal::Absent, BearerRefusal::Malformed, BearerRefusal::Invalid] {
        assert!(refusal.challenge().starts_with("Bearer realm=\"userinfo\""), "{refusal}");
    }
}

#[test]
fn attack_21_tokens_elsewhere_than_in_the_header() {
    for (header, read) in [
        (Some("Bearer abc.DEF-1_2~+/="), Ok("abc.DEF-1_2~+/=")),
        (Some("bearer abc"), Ok("abc")),
        (None, Err(BearerRefusal::Absent)),
        (Some("Basic abc"), Err(BearerRefusal::Absent)),
        (Some(""), Err(BearerRefusal::Absent)),
        (Some("Bearer"), Err(BearerRefusal::Malformed)),
        (Some("Bearer "), Err(BearerRefusal::Malformed)),
        (Some("Bearer  abc"), Err(BearerRefusal::Malformed)),
        (Some("Bearer a b"), Err(BearerRefusal::Malformed)),
        (Some("Bearer a,b"), Err(BearerRefusal::Malformed)),
        (Some("Bearer é"), Err(BearerRefusal::Malformed)),
    ] {
        assert_eq!(bearer(header), read, "{header:?}");
    }
    assert_eq!(bearer(Some(&format!("Bearer {}", "a".repeat(513)))), Err(BearerRefusal::Malformed));
}

#[test]
fn attacks_22_and_23_what_ends_between_two_steps() {
    let house = House::new();
    let (code, _) = house.grant(&house.demande(&[]), "p");
    let denied = code.redeem(&house.fc, BACK, None, Standing::Ended, later(11)).unwrap_err();
    assert_eq!((denied, denied.effect()), (Denied::Ended, Effect::Revoke));
    let (jeton, _) = house.issue(&house.fc, &code);
    assert!(jeton.present(Standing::Ended, later(12)).is_err());
}

#[test]
fn attack_25_other_flows() {
    let house = House::new();
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "id_token", "unsupported_response_type"),
        ("response_type", "code token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "none", "unsupported_response_type"),
        ("response_type", "CODE", "unsupported_response_type"),
        ("response_mode", "form_post", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
    ] {
        assert_eq!(told(house.receive(&House::query(&[(name, value)])).unwrap_err()), Some(error), "{value}");
    }
    assert!(house.receive(&House::query(&[("response_mode", "query")])).is_ok());
}

#[test]
fn attack_29_one_subject() {
    let house = House::new();
    let demande = house.demande(&[]);
    let known = House::identity();
    let plain = Client { userinfo_alg: None, id_token_alg: Alg::Hs256, ..house.fc.clone() };
    for n in 0..10_000 {
        let (code, _) = house.grant(&demande, &format!("personne-{n}"));
        let (jeton, body) = house.issue(&plain, &code);
        let id_token = jose::unverified(body["id_token"].as_str().unwrap()).unwrap();
        let told =
            userinfo(&house.provider, &plain, (&jeton, &known), (&house.ring, None), later(12)).unwrap();
        let told: Value = serde_json::from_str(told.body.expose()).unwrap();
        assert_eq!(id_token["sub"], told["sub"]);
        assert_eq!(told["sub"], format!("personne-{n}"));
    }
}

#[test]
fn attack_57_a_request_waits_for_the_person_and_no_longer() {
    let house = House::new();
    let demande = house.demande(&[]);
    // Stored and read again, it is the same.
    let stored = serde_json::to_string(&demande).unwrap();
    assert_eq!(serde_json::from_str::<Demande>(&stored).unwrap(), demande);
    assert!(demande.holds(later(1799)) && !demande.holds(later(1800)));
    let late = Answer { auth_time: later(1790), ..House::answer("p") };
    let verdict = demande.grant(&house.provider, late, (&house.chance, &house.pepper), later(1801));
    assert_eq!(verdict.err().map(|r| r.error), Some(ErrorCode::AccessDenied));
}

#[test]
fn attack_58_a_fresh_proof_of_presence() {
    let house = House::new();
    let login = |seconds| Some(Login { auth_time: later(seconds) });
    for (changes, login, step) in [
        (vec![], None, Step::SignIn),
        (vec![], login(-1), Step::SignIn),
        (vec![], login(0), Step::Choose),
        (vec![("prompt", "")], login(-3600), Step::Choose),
        (vec![("prompt", ""), ("max_age", "60")], login(-3600), Step::SignIn),
        (vec![("prompt", ""), ("max_age", "60")], login(-50), Step::Choose),
        (vec![("prompt", ""), ("max_age", "0")], login(-1), Step::SignIn),
        // Shown for this request: enough, however long the choice takes after.
        (vec![("prompt", ""), ("max_age", "0")], login(0), Step::Choose),
        (vec![("prompt", ""), ("max_age", "0")], login(20), Step::Choose),
        (vec![("max_age", "30")], login(5), Step::Choose),
        (vec![("max_age", "30")], login(-5), Step::SignIn),
        (vec![("prompt", "none")], None, Step::Refuse(ErrorCode::LoginRequired)),
        (vec![("prompt", "none")], login(-3600), Step::Refuse(ErrorCode::InteractionRequired)),
        (vec![("prompt", "consent inconnu")], login(-3600), Step::Choose),
    ] {
        assert_eq!(house.demande(&changes).step(login), step, "{changes:?} {login:?}");
    }
    let mut lenient = House::new();
    lenient.fc.presence = TimeDelta::minutes(5);
    for (seconds, step) in [(-300, Step::Choose), (-301, Step::SignIn)] {
        assert_eq!(lenient.demande(&[]).step(login(seconds)), step, "{seconds}");
    }
    // A slow aidant: proved five seconds after the arrival, chosen twenty minutes later.
    for age in ["0", "30"] {
        let demande = house.demande(&[("prompt", ""), ("max_age", age)]);
        let given =
            demande.grant(&house.provider, House::answer("p"), (&house.chance, &house.pepper), later(1200));
        assert_eq!(given.unwrap().code.auth_time, later(5));
    }
    let stale = Answer { auth_time: later(-1), ..House::answer("p") };
    let verdict = house.demande(&[]).grant(&house.provider, stale, (&house.chance, &house.pepper), later(10));
    assert_eq!(verdict.err().map(|r| r.error), Some(ErrorCode::LoginRequired));
}

#[test]
fn attack_73_addresses_come_from_the_configuration() {
    let house = House::new();
    let discovery = house.provider.discovery(&house.ring.algs(), &[]);
    for name in
        ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"]
    {
        assert!(discovery[name].as_str().is_some_and(|u| u.starts_with(&format!("{ISSUER}/"))), "{name}");
    }
    for (issuer, fine) in [
        ("https://a.fr", true),
        ("https://a.fr/oidc", true),
        ("https://a.fr/", false),
        ("https://a.fr/oidc/", false),
        ("https://A.fr", false),
        ("http://a.fr", false),
        ("https://a.fr?x", false),
        ("https://u@a.fr", false),
        ("", false),
    ] {
        assert_eq!(Provider::new(issuer, false).is_ok(), fine, "{issuer}");
    }
}

#[test]
fn attack_75_nothing_shows_itself() {
    let house = House::new();
    let demande = house.demande(&[]);
    let answer = House::answer("p");
    let granted = demande.grant(&house.provider, answer, (&house.chance, &house.pepper), later(10)).unwrap();
    let clear = parameter(granted.location.expose(), "code").unwrap();
    let issued = house.provider.issue(
        &house.fc,
        &granted.code,
        &house.ring,
        (&house.chance, &house.pepper),
        later(11),
    );
    let issued = issued.unwrap();
    let body = format!(
        "grant_type=authorization_code&code={clear}&redirect_uri=x&client_id=a&client_secret={SECRET}"
    );
    let request = TokenRequest::read(Some("application/x-www-form-urlencoded"), None, &body).unwrap();
    let refused = demande.refuse(&house.provider, ErrorCode::AccessDenied, "x");
    let shown = format!("{demande:?} {granted:?} {issued:?} {request:?} {refused:?} {:?}", house.fc);
    let token: Value = serde_json::from_str(issued.body.expose()).unwrap();
    for secret in [
        &clear,
        SECRET,
        STATE,
        NONCE,
        token["access_token"].as_str().unwrap(),
        token["id_token"].as_str().unwrap(),
    ] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn what_a_client_may_not_be() {
    let fine = House::new().fc;
    let faults = |client: Client| client.check(false).err().unwrap_or_default().len();
    let short = vec![Secret::new("court")];
    for client in [
        Client { client_id: "a:b".to_owned(), ..fine.clone() },
        Client { redirect_uris: Vec::new(), ..fine.clone() },
        Client { redirect_uris: vec!["http://fc.exemple.fr".to_owned()], ..fine.clone() },
        Client { secrets: short, ..fine.clone() },
        Client { auth: Vec::new(), ..fine.clone() },
        Client { auth: vec![AuthMethod::PrivateKeyJwt], ..fine.clone() },
        Client { acr: Vec::new(), ..fine.clone() },
    ] {
        assert_eq!(faults(client), 1);
    }
}
