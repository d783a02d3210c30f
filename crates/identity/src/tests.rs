//! Journeys through the pages, on both engines: what a person does, what an attacker tries.

mod gestion;
mod journeys;
mod preuve;
mod races;
mod refusals;
mod saisies;
mod silences;
mod structures;

use chrono::TimeDelta;
use kernel::ids::CompteId;
use kernel::{Email, Perimetre, Role};
use platform::db::Migrations;
use testkit::{Browser, TestSite};

use crate::comptes::actions::{Invitation, invite_from_install};
use crate::secrets::totp::Graine;
use crate::{Identity, comptes};

pub(crate) const PASSWORD: &str = "correct cheval agrafe pile";

pub(crate) fn all_migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(crate::migrations());
    all
}

/// An instance whose passwords cost little.
pub(crate) fn identity(t: &TestSite) -> Identity {
    let mut id = Identity::new(&t.site);
    id.hasher = crate::secrets::password::Hasher::cheap(&t.site.chance);
    id
}

pub(crate) fn browser(id: &Identity) -> Browser {
    let stack = platform::web::finish(&id.site, id.routes(), Vec::new(), id.layer());
    let origin = id.site.config.serveur.origine.clone();
    let host = origin.split("//").nth(1).unwrap_or_default();
    Browser::new(stack.router).with_header("host", host)
}

/// Invites somebody from the installation; the path of the link.
pub(crate) async fn invited(
    id: &Identity,
    courriel: &str,
    role: Role,
    perimetre: Perimetre,
) -> (CompteId, String) {
    let invitation = Invitation {
        courriel: Email::parse(courriel).unwrap(),
        nom: "Personne Inventée".to_owned(),
        role,
        perimetre,
        fin: None,
    };
    let done = invite_from_install(&id.site, &invitation).await.unwrap();
    (done.compte, format!("/invitation/{}", done.lien.unwrap().expose()))
}

/// What stands between two texts of a page.
pub(crate) fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let from = page.find(start).unwrap_or_else(|| panic!("« {start} » is not in: {page}")) + start.len();
    let to = page[from..].find(end).unwrap_or_else(|| panic!("« {end} » does not follow"));
    &page[from..from + to]
}

/// The seed that a page shows, in letters.
pub(crate) fn seed_shown(page: &str) -> Graine {
    let text = between(page, "Clé à recopier : <code>", "</code>").replace(' ', "");
    let bytes = totp_rs::Secret::try_from_base32(&text).unwrap();
    Graine::from_bytes(bytes.as_bytes()).unwrap()
}

pub(crate) fn code_now(id: &Identity, graine: &Graine) -> String {
    graine.code_at(id.site.clock.now().timestamp())
}

/// Somebody who has accepted an invitation with a password and an application.
#[derive(Clone)]
pub(crate) struct Someone {
    pub(crate) id: CompteId,
    pub(crate) courriel: String,
    pub(crate) browser: Browser,
    pub(crate) graine: Graine,
    pub(crate) codes: Vec<String>,
}

pub(crate) async fn someone(id: &Identity, courriel: &str, role: Role, perimetre: Perimetre) -> Someone {
    let (compte, path) = invited(id, courriel, role, perimetre).await;
    let mut browser = browser(id);
    let page = browser.get(&path).await.expect(200);
    let graine = seed_shown(&page.body);
    let sealed = between(&page.body, "name=\"graine\" value=\"", "\"").to_owned();
    let code = code_now(id, &graine);
    let shown = browser
        .post(
            &path,
            &[
                ("nom_complet", "Léa Inventée"),
                ("mot_de_passe", PASSWORD),
                ("graine", &sealed),
                ("code", &code),
            ],
        )
        .await
        .expect(200)
        .says("Vos codes de secours");
    let codes =
        shown.body.split("<li><code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect();
    // The next code of the application: the one just used serves no more.
    id.site.clock.advance(TimeDelta::seconds(30));
    Someone { id: compte, courriel: courriel.to_owned(), browser, graine, codes }
}

/// Signs in with password and code, from a browser.
pub(crate) async fn sign_in(id: &Identity, b: &mut Browser, who: &Someone) -> testkit::Answer {
    b.post("/connexion", &[("courriel", &who.courriel), ("mot_de_passe", PASSWORD), ("retour", "/compte")])
        .await
        .expect(303);
    let code = code_now(id, &who.graine);
    b.post("/connexion/code", &[("code", &code)]).await
}

pub(crate) async fn mails_to(id: &Identity, courriel: &str) -> Vec<platform::mail::MailRow> {
    let all = platform::mail::list(id.site.db.read(), 100).await.unwrap();
    all.into_iter().filter(|m| m.destinataire == courriel).collect()
}

pub(crate) async fn role_of(id: &Identity, c: CompteId) -> Vec<comptes::model::Attribution> {
    comptes::store::en_vigueur(id.site.db.read(), c, id.site.clock.now()).await.unwrap()
}
