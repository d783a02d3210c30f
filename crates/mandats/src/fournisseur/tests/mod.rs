//! The provider from outside: what browsers and servers of strangers send, and what comes back. The numbers are those of
//! the threat model; what of it is pure stands in `crates/oidc`.

mod apache;
mod attaques;
mod cadre;
mod clients;
mod courses;
mod echanges;
mod pages;
mod paires;
mod traces;

use chrono::TimeDelta;
use kernel::ids::StructureId;
use oidc::Secret;
use oidc::jose::Alg;
use oidc::provider::AuthMethod;
use platform::db::kit;
use platform::web::Viewer;
use testkit::{Answer, Browser, TestSite};

pub(crate) use super::clients::Reglages;
use super::clients::{Inscrit, store};
use crate::aidants::{Aidant, Fonction};
use crate::document::Numero;
use crate::ids::{AutorisationId, MandatId};
use crate::mandats::{Autorisation, Mandat};
use crate::usagers::Usager;
use crate::{Mandats, essai, mandats};
use kernel::Actor;

pub(crate) const CLIENT: &str = "franceconnect";
pub(crate) const SECRET: &str = "un secret de plus de trente-deux signes, et banal";
pub(crate) const RETOUR: &str = "https://fc.exemple.fr/api/v2/oidc-callback";
pub(super) const SORTIE: &str = "https://fc.exemple.fr/api/v2/client/logout-callback";

/// An organisation, an aidant who is signed in, a person who mandates them, a client.
pub(crate) struct Maison {
    pub(super) m: Mandats,
    pub(super) actor: Actor,
    pub(super) aidant: Aidant,
    pub(super) structure: StructureId,
    pub(super) usager: Usager,
    pub(super) mandat: Mandat,
    /// The aidant's browser.
    pub(super) aidante: Browser,
    /// Whoever has no cookie: FranceConnect's servers, a stranger.
    pub(super) dehors: Browser,
}

pub(crate) fn reglages() -> Reglages {
    Reglages {
        redirect_uris: vec![RETOUR.to_owned()],
        post_logout_redirect_uris: vec![SORTIE.to_owned()],
        auth: vec![AuthMethod::ClientSecretPost, AuthMethod::ClientSecretBasic],
        cles: None,
        id_token_alg: Alg::Es256,
        userinfo_alg: None,
        pkce_required: false,
        nonce_required: true,
        scopes: ["profile", "email", "birth"].map(str::to_owned).to_vec(),
        acr: vec!["eidas1".to_owned()],
        acr_binding: true,
        rep_scope: true,
        act: true,
        presence_s: 600,
        one_use: false,
        par_seconde: 0,
        adresse_fin: None,
    }
}

/// Registers a client.
pub(crate) async fn client(t: &TestSite, client_id: &str, reglages: Reglages) {
    let inscrit = Inscrit {
        id: kernel::ids::uuid_v7(&t.site.clock, &t.site.chance),
        client_id: client_id.to_owned(),
        nom: "FranceConnect".to_owned(),
        actif: true,
        reglages,
        secrets: vec![Secret::new(SECRET)],
        cree_le: t.site.clock.now(),
        version: 0,
    };
    assert_eq!(inscrit.client().check(true), Ok(()));
    t.site.db.write(async |tx| store::enregistrer(&t.site, tx, &inscrit).await).await.unwrap();
}

/// An account in use, for somebody that the fixtures made.
pub(crate) async fn compte(t: &TestSite, actor: &Actor) {
    let sql = "INSERT INTO compte (id, courriel, courriel_cle, nom, nom_search, etat, cree_le) \
               VALUES ($1, $2, $2, 'Essai', 'essai', 'actif', $3)";
    let courriel = format!("{}@essai.example", actor.compte.0.simple());
    let values = [actor.compte.0.into(), courriel.into(), t.site.clock.now().into()];
    t.site.db.write(async |tx| kit::execute(tx, sql, values).await).await.unwrap();
}

pub(crate) fn viewer(t: &TestSite, actor: &Actor) -> Viewer {
    Viewer { prouve_le: Some(t.site.clock.now()), ..essai::viewer(actor) }
}

/// A mandat of that person for those démarches.
pub(super) async fn mandat(
    t: &TestSite,
    structure: StructureId,
    usager: &Usager,
    demarches: &[&str],
) -> Mandat {
    let now = t.site.clock.now();
    let id = MandatId::new(&t.site.clock, &t.site.chance);
    let mandat = Mandat {
        id,
        numero: Numero::tire(&t.site.chance),
        signature: None,
        structure,
        usager: usager.id,
        appartenance: None,
        cree_le: now,
        expire_le: now + TimeDelta::days(31),
        duree: 31,
        a_distance: false,
        renouvelle: None,
        cle_unicite: id.to_string(),
        repris_le: Some(now),
    };
    let autorisations: Vec<Autorisation> = demarches
        .iter()
        .map(|d| Autorisation {
            id: AutorisationId::new(&t.site.clock, &t.site.chance),
            mandat: id,
            structure,
            usager: usager.id,
            demarche: (*d).to_owned(),
            cree_le: now,
            expire_le: mandat.expire_le,
            fin: None,
        })
        .collect();
    t.site
        .db
        .write(async |tx| {
            mandats::store::inserer(tx, &mandat, &autorisations).await?;
            mandats::store::rafraichir(tx, structure, usager).await
        })
        .await
        .unwrap();
    mandat
}

pub(crate) async fn maison(t: &TestSite) -> Maison {
    maison_avec(t, reglages()).await
}

pub(super) async fn maison_avec(t: &TestSite, reglages: Reglages) -> Maison {
    let m = essai::mandats(t).await;
    let structure = essai::organisation(t, "Ici", 1).await.structure;
    let (aidant, actor) = essai::aidant(t, structure, Fonction::Aidant, 1).await;
    compte(t, &actor).await;
    let usager = essai::usager(t, 1).await;
    let mandat = mandat(t, structure, &usager, &["logement", "argent"]).await;
    client(t, CLIENT, reglages).await;
    let dehors = t.browser(crate::routes(&m));
    let aidante = dehors.signed_in(viewer(t, &actor));
    Maison { m, actor, aidant, structure, usager, mandat, aidante, dehors }
}

/// What FranceConnect sends.
pub(crate) fn demande(plus: &[(&str, &str)]) -> String {
    let state = "e".repeat(64);
    let nonce = "a".repeat(64);
    let claims = r#"{"id_token":{"rep_scope":{"essential":true,"values":[]}}}"#;
    let mut pairs: Vec<(&str, &str)> = vec![
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", RETOUR),
        ("scope", "openid profile email birth"),
        ("acr_values", "eidas1"),
        ("state", &state),
        ("nonce", &nonce),
        ("prompt", "login"),
        ("claims", claims),
    ];
    for &(nom, valeur) in plus {
        pairs.retain(|(k, _)| *k != nom);
        pairs.push((nom, valeur));
    }
    format!("/authorize?{}", serde_urlencoded::to_string(pairs).unwrap())
}

/// The parameter of an address.
pub(super) fn parametre(adresse: &str, nom: &str) -> Option<String> {
    let url = url::Url::parse(adresse).unwrap();
    url.query_pairs().find(|(k, _)| k == nom).map(|(_, v)| v.into_owned())
}

impl Maison {
    /// The request arrives; where it is answered.
    pub(super) async fn arriver(&mut self, plus: &[(&str, &str)]) -> String {
        self.aidante.get(&demande(plus)).await.expect(303).location().to_owned()
    }

    /// The whole choice: where the browser is sent.
    pub(super) async fn choisir(&mut self, plus: &[(&str, &str)]) -> String {
        let flux = self.arriver(plus).await;
        let personne = self.usager.id.to_string();
        let suite = self.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await;
        let suite = suite.expect(303).location().to_owned();
        self.aidante.get(&suite).await.expect(200).says("Pour quelle démarche");
        self.repond(&flux, "logement").await.expect(303).location().to_owned()
    }

    /// The form of the démarches of the person of the house.
    pub(super) async fn repond(&mut self, flux: &str, demarche: &str) -> Answer {
        let pour = self.usager.id.to_string();
        self.aidante.post(&format!("{flux}/demarche"), &[("pour", &pour), ("demarche", demarche)]).await
    }

    /// A code, at the end of the whole choice.
    pub(super) async fn code(&mut self) -> String {
        parametre(&self.choisir(&[]).await, "code").unwrap()
    }

    pub(super) async fn jeton_avec(&mut self, code: &str, plus: &[(&str, &str)]) -> Answer {
        let mut pairs: Vec<(&str, &str)> = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", RETOUR),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ];
        for &(nom, valeur) in plus {
            pairs.retain(|(k, _)| *k != nom);
            if !valeur.is_empty() {
                pairs.push((nom, valeur));
            }
        }
        self.dehors.post("/token", &pairs).await
    }

    /// The tokens of a code.
    pub(super) async fn jetons(&mut self, code: &str) -> serde_json::Value {
        self.jeton_avec(code, &[]).await.expect(200).json()
    }

    pub(super) async fn identite(&mut self, jeton: &str) -> Answer {
        self.dehors.with_header("authorization", &format!("Bearer {jeton}")).get("/userinfo").await
    }

    /// A token that was never presented.
    pub(super) async fn jeton(&mut self) -> String {
        let code = self.code().await;
        self.jetons(&code).await["access_token"].as_str().unwrap().to_owned()
    }
}

/// Lines of the journal of that verb.
pub(crate) async fn lignes(t: &TestSite, action: &str) -> i64 {
    let sql = "SELECT COUNT(*) FROM journal WHERE action = $1";
    kit::count(t.site.db.read(), sql, [action.into()]).await.unwrap()
}

/// Changes rows by hand, as another room would.
pub(crate) async fn sql(t: &TestSite, sql: &str) {
    t.site.db.write(async |tx| kit::execute(tx, sql, []).await).await.unwrap();
}

/// On SQLite: what does not depend on the engine.
pub(crate) async fn site() -> TestSite {
    TestSite::sqlite(crate::tests_migrations()).await
}

/// The claims of a token, its signature left to the pairs of `tests`.
pub(super) fn claims(jeton: &str) -> serde_json::Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let corps = jeton.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(corps).unwrap()).unwrap()
}
