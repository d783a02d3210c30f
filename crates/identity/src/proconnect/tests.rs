//! The client against a provider that answers well, and against everything that a forger tries.
//! The same flow runs against a certified provider in `tests/pair.rs`.

mod fake;
mod forged;
mod journeys;
mod preuves;

use kernel::{Perimetre, Role};
use testkit::{Answer, Browser, TestSite};

use crate::Identity;
use crate::tests::{all_migrations, browser, invited};
use fake::Fake;

/// An instance that knows the fake provider.
fn identity(t: &TestSite, fake: &Fake, mfa: bool) -> Identity {
    let mut config = (*t.site.config).clone();
    config.proconnect.emetteur = Some(fake.issuer.clone());
    config.proconnect.client_id = Some(fake::CLIENT_ID.to_owned());
    config.proconnect.client_secret = Some(fake::CLIENT_SECRET.to_owned());
    config.proconnect.algorithme = Some("ES256".to_owned());
    config.proconnect.mfa = mfa;
    let site = platform::Site::new(
        t.site.db.clone(),
        t.site.clock.clone(),
        t.site.chance.clone(),
        config,
        platform::Mode::Serve,
    );
    let mut id = Identity::new(&site);
    id.hasher = crate::secrets::password::Hasher::cheap(&site.chance);
    id
}

async fn invited_path(id: &Identity, courriel: &str) -> String {
    invited(id, courriel, Role::Lecteur, Perimetre::National).await.1
}

/// Leaves for the provider; the address that it would send the browser back to.
async fn go(b: &mut Browser, fake: &Fake, from: &str) -> String {
    let away = b.get(from).await.expect(303);
    fake.authorize(away.location())
}

/// Whether a session is open in that browser.
async fn is_in(b: &mut Browser) -> bool {
    b.get("/compte").await.status.as_u16() == 200
}

/// Somebody bound to the provider's person, in a browser that is signed out again.
async fn bound(id: &Identity, fake: &Fake) -> Browser {
    let path = invited_path(id, "agent@exemple.fr").await;
    let mut b = browser(id);
    let back = go(&mut b, fake, &format!("{path}/proconnect")).await;
    b.get(&back).await.expect(303);
    b.post("/deconnexion", &[]).await.expect(200);
    b
}

fn refused(answer: &Answer) {
    let status = answer.status.as_u16();
    assert!((400..=502).contains(&status) && status != 500, "{status}: {}", answer.body);
    let session = answer.headers.get_all("set-cookie").iter().any(|v| {
        v.to_str().unwrap().starts_with("maillage-session=") && !v.to_str().unwrap().contains("Max-Age=0")
    });
    assert!(!session, "a session was opened");
}
