//! No input panics, and none is taken for another.

use super::*;
use proptest::prelude::*;

/// Parameters as somebody who tries might write them.
fn messy() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("client_id".to_owned()),
        Just("redirect_uri".to_owned()),
        Just("state".to_owned()),
        Just("scope".to_owned()),
        Just("claims".to_owned()),
        Just("prompt".to_owned()),
        Just("max_age".to_owned()),
        Just("code".to_owned()),
        Just("grant_type".to_owned()),
        Just("client_assertion".to_owned()),
        Just("id_token_hint".to_owned()),
        ".{0,8}",
    ];
    let value = prop_oneof![
        Just("franceconnect".to_owned()),
        Just(BACK.to_owned()),
        "[%+&={}a-z0-9\\[\\]\": .]{0,30}",
        ".{0,30}"
    ];
    proptest::collection::vec((name, value), 0..12)
        .prop_map(|pairs| pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&"))
}

proptest! {
    #[test]
    fn an_authorization_request_is_read_or_refused(query in messy()) {
        let house = house();
        if let Ok(demande) = house.receive(&query) {
            prop_assert_eq!(demande.redirect_uri, BACK);
        }
    }

    /// Whatever is added to a good request, nobody is sent elsewhere than to the client's address.
    #[test]
    fn a_spoilt_request_goes_nowhere_else(extra in messy(), before in any::<bool>()) {
        let house = house();
        let query = House::query(&[]);
        let query = if before { format!("{extra}&{query}") } else { format!("{query}&{extra}") };
        match house.receive(&query) {
            Ok(demande) => prop_assert_eq!(demande.redirect_uri, BACK),
            Err(Refusal::Redirect(redirect)) => {
                let prefix = format!("{BACK}?");
                prop_assert!(redirect.location.starts_with(&prefix));
                prop_assert!(redirect.location.bytes().all(|b| b.is_ascii_graphic()));
            }
            Err(Refusal::Page(page)) => prop_assert!(!page.conseil().is_empty()),
        }
    }

    #[test]
    fn a_token_request_is_read_or_refused(body in messy(), header in proptest::option::of("(Basic |Bearer )?[A-Za-z0-9+/=: ]{0,40}")) {
        let house = house();
        if let Ok(request) = TokenRequest::read(Some("application/x-www-form-urlencoded"), header.as_deref(), &body) {
            prop_assert!(request.credentials.authenticate(&house.provider, Some(&house.fc), now()).is_err());
        }
        let _ = bearer(header.as_deref());
    }

    #[test]
    fn a_log_out_is_read_or_refused(query in messy()) {
        let house = house();
        if let Ok(received) = LogoutReceived::read(&query)
            && let Ok(done) = received.check(&house.provider, Some(&house.fc), &house.ring)
        {
            prop_assert!(done.flow.is_none() && done.location.is_none());
        }
    }

    #[test]
    fn claims_are_read_or_refused(claims in r#"[\[\]{}",:a-z_0-9]{0,80}"#) {
        let _ = house().receive(&House::query(&[("claims", &claims)]));
    }

    #[test]
    fn identities_are_judged(value in ".{0,12}") {
        let mut identity = House::identity();
        for name in ["birthdate", "birthplace", "birthcountry", "email", "gender"] {
            identity.insert(name.to_owned(), json!(value));
        }
        let _ = crate::franceconnect::refused_claims(&identity);
    }
}

/// One for all cases: keys are long to make.
fn house() -> &'static House {
    static HOUSE: std::sync::OnceLock<House> = std::sync::OnceLock::new();
    HOUSE.get_or_init(House::new)
}
