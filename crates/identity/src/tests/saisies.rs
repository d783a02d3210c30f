//! What was typed is never lost: sent after the end of a session, or before a fresh proof.

use axum::extract::State;
use platform::web::saisie::SECRETS;
use platform::web::{Access, Formulaire, PageResult, Routes, Shell, exige_preuve, see_other};

use super::*;

const PAGE: &str = "/compte/saisie";
const TAPE: &str = "Écrit par Léa, mot à mot\r\net à la ligne";

/// A form that asks for a proof of five minutes at most, and tells in its address what it took.
async fn prendre(State(id): State<Identity>, shell: Shell, Formulaire(form): Formulaire) -> PageResult {
    if form.get("fraiche") == "oui" {
        let viewer = shell.viewer.as_ref().unwrap();
        exige_preuve(viewer, id.site.clock.now(), TimeDelta::minutes(5), "/essai/page")?;
    }
    let pris = if form.raw("texte") == TAPE { "entier" } else { "autre" };
    Ok(see_other(&format!("/essai/pris?{pris}&{}", form.all("choix").count())))
}

/// A browser on the pages of this context and on that form.
fn navigateur(id: &Identity) -> Browser {
    let essai = Routes::new().post("/essai/formulaire", Access::SignedIn, prendre).with_state(id.clone());
    let stack = platform::web::finish(&id.site, id.routes().merge(essai), Vec::new(), id.layer());
    Browser::new(stack.router).with_header("host", "localhost:8080")
}

/// The same person on another browser of the same site, which has nothing of the first.
async fn entre(id: &Identity, who: &Someone) -> Browser {
    let mut b = navigateur(id);
    id.site.clock.advance(TimeDelta::seconds(30));
    sign_in(id, &mut b, who).await.expect(303);
    b
}

const CHAMPS: [(&str, &str); 4] =
    [("texte", TAPE), ("choix", "a"), ("choix", "b"), ("mot_de_passe", "jamais gardé")];

/// The fields that the page would send.
fn caches(page: &str) -> Vec<(String, String)> {
    let lire = |s: &str| s.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"");
    let page = between(page, "/envoyer\"", "Envoyer ma saisie");
    let champs = page.split("<input type=\"hidden\" name=\"").skip(1).map(|c| {
        let (nom, reste) = c.split_once("\" value=\"").unwrap();
        (lire(nom), lire(reste.split('"').next().unwrap()))
    });
    champs.collect()
}

/// Sends what the page holds, as a browser follows a 307: the same body, where it was going.
async fn envoyer(b: &mut Browser, page: &str) -> testkit::Answer {
    let action = format!("{PAGE}/{}/envoyer", between(page, "action=\"/compte/saisie/", "/envoyer\""));
    let champs = caches(page);
    let champs: Vec<(&str, &str)> = champs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let suite = b.post(&action, &champs).await;
    if suite.status.as_u16() != 307 {
        return suite;
    }
    let chemin = suite.location().to_owned();
    b.post(&chemin, &champs).await
}

async fn gardees(id: &Identity) -> Vec<String> {
    let rows =
        platform::db::kit::query(id.site.db.read(), "SELECT contenu FROM compte_saisie", []).await.unwrap();
    rows.iter().map(|r| r.try_get_by_index::<String>(0).unwrap()).collect()
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn what_was_typed_after_the_end_of_the_session_is_sent_after_signing_in(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = entre(&id, &who).await;
        id.site.clock.advance(TimeDelta::minutes(61));
        // Another tab comes first.
        b.get("/compte").await.expect(303);
        let on = b.post("/essai/formulaire?de=ici", &CHAMPS).await.expect(303);
        assert_eq!(on.location(), "/connexion?retour=%2Fcompte%2Fsaisie");
        b.get(on.location()).await.expect(200).says("Ce que vous avez saisi est gardé une heure");
        // Nobody reads it before signing in, nor from the database.
        b.get(PAGE).await.expect(303);
        let contenu = gardees(&id).await;
        assert_eq!(contenu.len(), 1);
        assert!(!contenu[0].contains("Léa") && !contenu[0].contains("formulaire"), "{contenu:?}");
        sign_in(&id, &mut b, &who).await.expect(303);
        let page = b.get(PAGE).await.expect(200).says("Votre saisie est gardée").says("Page /essai/formulaire?de=ici");
        assert!(page.body.contains("n’est pas gardé") && !page.body.contains("jamais gardé"), "{}", page.body);
        let pris = envoyer(&mut b, &page.body).await.expect(303);
        assert_eq!(pris.location(), "/essai/pris?entier&2");
        // Once: neither the page nor its form serve again.
        assert!(gardees(&id).await.is_empty());
        envoyer(&mut b, &page.body).await.expect(409).says("n’est plus gardée");
        b.get(PAGE).await.expect(200).says("Aucune saisie gardée");
    }

    async fn what_was_typed_before_a_fresh_proof_is_sent_after_it(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = entre(&id, &who).await;
        let champs = [CHAMPS.as_slice(), &[("fraiche", "oui")]].concat();
        b.post("/essai/formulaire", &champs).await.expect(303);
        assert!(gardees(&id).await.is_empty(), "what is taken is not kept");
        id.site.clock.advance(TimeDelta::minutes(6));
        let on = b.post("/essai/formulaire", &champs).await.expect(303);
        assert_eq!(on.location(), "/compte/preuve?retour=%2Fcompte%2Fsaisie");
        // Sent without the proof: asked again, and kept again.
        let page = b.get(PAGE).await.expect(200);
        let again = envoyer(&mut b, &page.body).await.expect(303);
        assert_eq!(again.location(), "/compte/preuve?retour=%2Fcompte%2Fsaisie");
        b.get(again.location()).await.expect(200).says("Le formulaire de la page que vous venez d’envoyer attend");
        let on = b.post("/compte/preuve", &[("code", &code_now(&id, &who.graine)), ("retour", PAGE)]).await.expect(303);
        assert_eq!(on.location(), PAGE);
        let page = b.get(PAGE).await.expect(200);
        let pris = envoyer(&mut b, &page.body).await.expect(303);
        assert_eq!(pris.location(), "/essai/pris?entier&2");
    }

    async fn another_account_or_another_browser_never_gets_it(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let other = someone(&id, "max@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = entre(&id, &who).await;
        id.site.clock.advance(TimeDelta::minutes(61));
        b.post("/essai/formulaire", &CHAMPS).await.expect(303);
        let mut ailleurs = entre(&id, &who).await;
        ailleurs.get(PAGE).await.expect(200).says("Aucune saisie gardée");
        let mut sienne = b.clone();
        id.site.clock.advance(TimeDelta::seconds(30));
        sign_in(&id, &mut sienne, &who).await.expect(303);
        let page = sienne.get(PAGE).await.expect(200);
        // The other person, in the very browser.
        sign_in(&id, &mut b, &other).await.expect(303);
        let vue = b.get(PAGE).await.expect(200).says("Aucune saisie gardée");
        assert!(!vue.body.contains("Léa, mot"), "{}", vue.body);
        envoyer(&mut b, &page.body).await.expect(409);
        // Not even with the row in their name: it is sealed for the account.
        let vole = "UPDATE compte_saisie SET compte_id = $1";
        id.site.db.write(async |tx| platform::db::kit::execute(tx, vole, [other.id.0.into()]).await).await.unwrap();
        b.get(PAGE).await.expect(200).says("Aucune saisie gardée");
    }

    async fn it_is_erased_when_abandoned_and_after_an_hour(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = entre(&id, &who).await;
        for n in 0..2 {
            id.site.clock.advance(TimeDelta::minutes(61));
            b.post("/essai/formulaire", &CHAMPS).await.expect(303);
            sign_in(&id, &mut b, &who).await.expect(303);
            let page = b.get(PAGE).await.expect(200);
            assert_eq!(gardees(&id).await.len(), 1);
            if n == 0 {
                let une = between(&page.body, "action=\"/compte/saisie/", "/envoyer\"").to_owned();
                b.post(&format!("{PAGE}/{une}/abandonner"), &[]).await.expect(303);
                b.post(&format!("{PAGE}/{une}/abandonner"), &[]).await.expect(409);
            } else {
                id.site.clock.advance(TimeDelta::minutes(59));
                b.get(PAGE).await.expect(200).says("Votre saisie est gardée");
                id.site.clock.advance(TimeDelta::minutes(1));
                b.get(PAGE).await.expect(200).says("Aucune saisie gardée");
                envoyer(&mut b, &page.body).await.expect(409);
                crate::jobs::effacer_les_saisies(&id.site).await.unwrap();
            }
            assert!(gardees(&id).await.is_empty(), "{n}");
        }
    }

    async fn only_an_ordinary_form_of_a_session_that_time_ended_is_kept(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = entre(&id, &who).await;
        let session = b.cookie("maillage-session").unwrap().to_owned();
        id.site.clock.advance(TimeDelta::minutes(61));
        navigateur(&id).post("/essai/formulaire", &CHAMPS).await.expect(401);
        b.post_file("/essai/formulaire", &CHAMPS, ("a.txt", "text/plain", b"a")).await.expect(401);
        b.post("/essai/formulaire", &[("texte", &"x".repeat(64 * 1024))]).await.expect(401);
        b.post("/essai/formulaire", &[("mot_de_passe", "seul")]).await.expect(401);
        let mut forge = b.with_header("origin", "https://ailleurs.example").with_header("sec-fetch-site", "cross-site");
        forge.post("/essai/formulaire", &CHAMPS).await.expect(403);
        assert!(gardees(&id).await.is_empty());
        // Left on purpose: what a form left open sends then is not taken up.
        sign_in(&id, &mut b, &who).await.expect(303);
        let vivante = b.cookie("maillage-session").unwrap().to_owned();
        b.post("/deconnexion", &[]).await;
        for finie in [session, vivante] {
            b.set_cookie("maillage-session", &finie);
            b.post("/essai/formulaire", &CHAMPS).await.expect(401);
        }
        assert!(gardees(&id).await.is_empty());
    }

    async fn it_is_sent_in_the_role_that_it_was_typed_in(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let second = Invitation {
            courriel: Email::parse("lea@exemple.fr").unwrap(),
            nom: "Léa Inventée".to_owned(),
            role: Role::Prefecture,
            perimetre: Perimetre::Departements(vec![kernel::CodeDepartement::parse("01").unwrap()]),
            fin: None,
        };
        invite_from_install(&id.site, &second).await.unwrap();
        let roles = role_of(&id, who.id).await;
        assert_eq!(roles.len(), 2);
        let mut b = entre(&id, &who).await;
        b.post("/compte/role", &[("role", &roles[1].id.to_string())]).await.expect(303);
        id.site.clock.advance(TimeDelta::minutes(61));
        b.post("/essai/formulaire", &CHAMPS).await.expect(303);
        sign_in(&id, &mut b, &who).await.expect(303);
        let page = b.get(PAGE).await.expect(200).says("Envoyer ma saisie");
        b.post("/compte/role", &[("role", &roles[0].id.to_string())]).await.expect(303);
        let autre = b.get(PAGE).await.expect(200).says("dans un autre rôle");
        assert!(!autre.body.contains("Envoyer ma saisie</button>"), "{}", autre.body);
        envoyer(&mut b, &page.body).await.expect(409).says("autre rôle");
        b.post("/compte/role", &[("role", &roles[1].id.to_string())]).await.expect(303);
        envoyer(&mut b, &page.body).await.expect(303);
    }
}

/// Fields of the templates that hold a proof: drawn as passwords or as codes.
#[test]
fn every_field_that_proves_is_among_those_that_are_not_kept() {
    fn pages(dir: &std::path::Path, found: &mut Vec<String>) {
        for e in std::fs::read_dir(dir).unwrap().flatten() {
            let path = e.path();
            if path.is_dir() {
                pages(&path, found);
            } else if path.extension().is_some_and(|x| x == "html") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = Vec::new();
    for c in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap().flatten() {
        let src = c.path().join("src");
        if src.is_dir() {
            pages(&src, &mut all);
        }
    }
    let mut seen = 0;
    for line in all.iter().flat_map(|p| p.lines()) {
        let password = line.split_once("form.mot_de_passe(\"").map(|(_, r)| r);
        let code = line
            .contains("one-time-code")
            .then(|| line.split_once("form.champ(\"").map(|(_, r)| r))
            .flatten();
        if let Some(rest) = password.or(code) {
            let nom = rest.split('"').next().unwrap();
            assert!(SECRETS.contains(&nom), "{nom}: {line}");
            seen += 1;
        }
        if line.contains("type=\"password\"") && !line.contains("{{") {
            panic!("a password that no component draws: {line}");
        }
    }
    assert!(seen >= 8, "{seen}");
}
