//! A fictitious online service, in the demonstration: an aidant tries a démarche from end to end, and reads what the service
//! is told. It stands for FranceConnect too: it asks, exchanges its code and verifies the identity as any client does.

use askama::Template;
use axum::extract::State;
use axum::http::request::Parts;
use oidc::Claims;
use oidc::jose::{self, Alg};
use oidc::provider::TokenRequest;
use platform::web::shell::{append_cookie, cookie};
use platform::web::{
    Access, PageError, PageResult, Requete, Routes, Shell, page, see_other, see_other_warning,
};
use url::form_urlencoded::Serializer;

use super::Fournisseur;
use super::demonstration::NOUVEAU;
use crate::cles;

/// Where it is.
pub(crate) const SERVICE: &str = "/demo/service";
/// Where it awaits the answer, under the address of the site.
pub(super) const RETOUR: &str = "/demo/service/retour";
const BISCUIT: &str = "service_fictif";
/// How long a démarche may take, in seconds.
const PATIENCE: u32 = 3600;

pub(super) fn routes(f: Fournisseur) -> Routes<()> {
    Routes::new()
        .get(SERVICE, Access::Public, accueil)
        .post(SERVICE, Access::Public, partir)
        .get(RETOUR, Access::Public, retour)
        .with_state(f)
}

#[derive(Template)]
#[template(path = "fournisseur/pages/service.html")]
struct Page {
    shell: Shell,
    /// What the service was told: label, value; empty before.
    recu: Vec<(&'static str, String)>,
}

async fn accueil(shell: Shell) -> PageResult {
    page(&Page { shell, recu: Vec::new() })
}

/// Asks who it is, as FranceConnect does.
async fn partir(State(f): State<Fournisseur>) -> PageResult {
    let site = &f.m.site;
    let (etat, nonce) = (site.chance.secret(), site.chance.secret());
    let query = Serializer::new(String::new())
        .append_pair("client_id", NOUVEAU.0)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &format!("{}{RETOUR}", site.config.serveur.origine))
        .append_pair("scope", "openid profile birth email")
        .append_pair("acr_values", "eidas1")
        .append_pair("state", &etat)
        .append_pair("nonce", &nonce)
        .append_pair("prompt", "login")
        .finish();
    let mut response = see_other(&format!("/authorize?{query}"));
    append_cookie(
        &mut response,
        &format!("{BISCUIT}={etat}; Path={SERVICE}; HttpOnly; SameSite=Lax; Max-Age={PATIENCE}"),
    );
    Ok(response)
}

async fn retour(
    State(f): State<Fournisseur>,
    shell: Shell,
    Requete(query): Requete,
    parts: Parts,
) -> PageResult {
    let etat = query.get("state");
    if etat.is_empty() || cookie(&parts, BISCUIT) != Some(etat) {
        let phrase = "Cette démarche n’a pas été commencée dans ce navigateur, ou elle est trop ancienne. Recommencez.";
        return Ok(see_other_warning(SERVICE, phrase));
    }
    let Some(recu) = echanger(&f, query.get("code")).await? else {
        let phrase = "Le service n’a reçu aucune identité : la démarche a été abandonnée, refusée, ou le mandat a pris fin.";
        return Ok(see_other_warning(SERVICE, phrase));
    };
    page(&Page { shell, recu: lisible(&recu) })
}

/// The code becomes a token, the token a signed identity, which is verified.
async fn echanger(f: &Fournisseur, code: &str) -> Result<Option<Claims>, PageError> {
    let corps = Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &format!("{}{RETOUR}", f.m.site.config.serveur.origine))
        .append_pair("client_id", NOUVEAU.0)
        .append_pair("client_secret", NOUVEAU.1)
        .finish();
    let Ok(demande) = TokenRequest::read(Some("application/x-www-form-urlencoded"), None, &corps) else {
        return Ok(None);
    };
    let Ok(issued) = f.echanger(&demande).await? else { return Ok(None) };
    let reponse: serde_json::Value =
        serde_json::from_str(issued.body.expose()).map_err(PageError::internal)?;
    let jeton = reponse.get("access_token").and_then(|j| j.as_str()).unwrap_or_default();
    let Ok(identite) = f.identite(jeton).await? else { return Ok(None) };
    let jeu = cles::anneau(&f.m).await?.verifying().map_err(PageError::internal)?;
    let lire = |texte: &str| jose::verify(texte, Alg::Es256, &jeu, &["JWT"]).map_err(PageError::internal);
    let jeton = lire(reponse.get("id_token").and_then(|j| j.as_str()).unwrap_or_default())?;
    let mut recu = lire(identite.body.expose())?;
    recu.extend(jeton.get("rep_scope").map(|demarche| ("rep_scope".to_owned(), demarche.clone())));
    Ok(Some(recu))
}

/// What a person reads of it.
fn lisible(claims: &Claims) -> Vec<(&'static str, String)> {
    let mots = [
        ("given_name", "Prénoms"),
        ("family_name", "Nom de naissance"),
        ("preferred_username", "Nom d’usage"),
        ("gender", "Genre"),
        ("birthdate", "Date de naissance"),
        ("birthplace", "Commune de naissance (code INSEE)"),
        ("birthcountry", "Pays de naissance (code INSEE)"),
        ("email", "Adresse électronique"),
        ("rep_scope", "Ce que l’aidant peut faire ici"),
        ("sub", "Nom de la personne pour ce service seul"),
    ];
    let texte = |v: &serde_json::Value| match v {
        serde_json::Value::String(s) => s.clone(),
        serde_json::Value::Array(l) => l.iter().filter_map(|x| x.as_str()).collect::<Vec<_>>().join(", "),
        autre => autre.to_string(),
    };
    mots.into_iter()
        .filter_map(|(cle, mot)| Some((mot, texte(claims.get(cle)?))))
        .filter(|(_, v)| !v.is_empty())
        .collect()
}
