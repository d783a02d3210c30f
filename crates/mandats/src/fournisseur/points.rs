//! The addresses that clients and browsers ask for. What is read and answered is `oidc`'s; here are HTTP and floods.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{
    ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, PRAGMA, REFERRER_POLICY,
    WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use oidc::provider::{
    AuthMethod, BearerRefusal, LogoutReceived, Received, Refusal, Step, TokenError, TokenRequest, bearer,
};
use platform::web::observe::Source;
use platform::web::{Access, PageError, PageResult, Routes, Shell};

use super::echange::Refus;
use super::freins::{ECHECS, IDENTITE, JETONS};
use super::{Fournisseur, clients, etape, flux, navigateur, store};
use crate::cles;

/// Where the browser leaves.
pub(super) const FIN: &str = "/session/end";
const AUTORISER: &str = "/authorize";
const DECOUVERTE: &str = "/.well-known/openid-configuration";
/// No honest request of a server is longer.
const CORPS: usize = 16 * 1024;

/// Every address, public: who asks proves it in the request itself.
pub(super) fn routes(f: Fournisseur) -> Routes<()> {
    Routes::new()
        .get(DECOUVERTE, Access::Public, decouverte)
        .get(AUTORISER, Access::Public, autoriser)
        .post(AUTORISER, Access::Public, autoriser_par_formulaire)
        .post("/token", Access::Public, jeton)
        .get(IDENTITE, Access::Public, identite)
        .post(IDENTITE, Access::Public, identite)
        .get(FIN, Access::Public, fin)
        .post(FIN, Access::Public, fin_par_formulaire)
        .takes_foreign_forms(AUTORISER)
        .takes_foreign_forms(FIN)
        .holds_its_floods(DECOUVERTE)
        .holds_its_floods("/jwks")
        .holds_its_floods("/token")
        .holds_its_floods(IDENTITE)
        // As FranceConnect asks for them where Aidants Connect stood before: answered alike, since a request that is
        // sent elsewhere loses its body or its proof.
        .get("/authorize/", Access::Public, autoriser)
        .post("/authorize/", Access::Public, autoriser_par_formulaire)
        .post("/token/", Access::Public, jeton)
        .get("/userinfo/", Access::Public, identite)
        .post("/userinfo/", Access::Public, identite)
        .get("/logout/", Access::Public, fin)
        .takes_foreign_forms("/authorize/")
        .holds_its_floods("/token/")
        .holds_its_floods("/userinfo/")
        .with_state(f)
}

impl Fournisseur {
    /// What we tell of ourselves, as the clients that may ask are served: peers hold us to it.
    async fn document(&self) -> Result<String, crate::Failure> {
        let actifs = clients::store::actifs(self.m.site.db.read()).await?;
        let mut algs = cles::anneau(&self.m).await?.algs();
        let mut provider = (*self.provider).clone();
        for c in &actifs {
            let demandes = [Some(c.id_token_alg), c.userinfo_alg].into_iter().flatten();
            // A key of ours signs the others, or nothing does: they are listed by the keys that there are.
            algs.extend(demandes.filter(|a| a.is_symmetric()));
            provider.acr.extend(c.acr.iter().cloned());
        }
        if provider.acr.is_empty() {
            provider.acr.push("eidas1".to_owned());
        }
        let mut vus = BTreeSet::new();
        algs.retain(|a| vus.insert(a.name()));
        let mut vus = BTreeSet::new();
        provider.acr.retain(|a| vus.insert(a.clone()));
        let auth = [AuthMethod::ClientSecretPost, AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt];
        Ok(provider.discovery(&algs, &auth).to_string())
    }
}

async fn decouverte(State(f): State<Fournisseur>) -> PageResult {
    let maintenant = f.m.site.clock.now();
    let document = match f.decouverte.prend(maintenant) {
        Some(document) => document,
        None => {
            let document: Arc<str> = f.document().await?.into();
            f.decouverte.pose(maintenant, document.clone());
            document
        }
    }
    .to_string();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=600")];
    Ok((headers, document).into_response())
}

/// To another site: a 303, which no cache keeps and which tells nothing of where it comes from.
pub(super) fn vers(adresse: &str) -> PageResult {
    let lieu = HeaderValue::from_str(adresse).map_err(PageError::internal)?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, lieu);
    sans_trace(headers);
    Ok(response)
}

/// Neither kept, nor told to the next site.
pub(super) fn sans_trace(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

async fn autoriser(
    State(f): State<Fournisseur>,
    RawQuery(query): RawQuery,
    shell: Shell,
    parts: Parts,
) -> PageResult {
    recevoir(&f, query.as_deref().unwrap_or_default(), shell, Some(&parts)).await
}

async fn autoriser_par_formulaire(State(f): State<Fournisseur>, shell: Shell, corps: Bytes) -> PageResult {
    let texte = std::str::from_utf8(&corps).unwrap_or("%");
    recevoir(&f, texte, shell, None).await
}

/// Stores the request, then leads to the choice: its address no longer holds what came. A link tells which browser brings
/// it (`venu`); a form does not, and leads to a link first.
async fn recevoir(f: &Fournisseur, query: &str, shell: Shell, venu: Option<&Parts>) -> PageResult {
    let received = match Received::read(query) {
        Ok(received) => received,
        Err(refus) => return etape::refus(shell, refus.conseil()),
    };
    let (site, now) = (&f.m.site, f.m.site.clock.now());
    let conn = site.db.read();
    let id = received.client_id().filter(|id| id.len() <= 255 && !id.contains('\0'));
    let connu = match id {
        Some(id) => match store::rang(conn, id).await?.filter(|r| r.actif) {
            Some(rang) => f.clients.de(site, conn, id, rang.version).await?,
            None => None,
        },
        None => None,
    };
    let demande = match received.check(&f.provider, connu.as_ref().map(|c| &c.client), now) {
        Ok(demande) => demande,
        Err(Refusal::Page(refus)) => return etape::refus(shell, refus.conseil()),
        Err(Refusal::Redirect(redirect)) => return vers(&redirect.location),
    };
    let prouve_le = shell.viewer.as_ref().and_then(|v| v.prouve_le);
    if let Step::Refuse(error) = demande.step(super::choix::login(prouve_le)) {
        return vers(&demande.refuse(&f.provider, error, "nothing may be asked").location);
    }
    let flux = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let Some(parts) = venu else {
        let cle = site.chance.secret();
        let relais = navigateur::relais(f, &cle);
        site.db.write(async |tx| flux::ouvrir(tx, flux, &relais, &demande).await).await?;
        return vers(&format!("{AUTORISER}/{flux}/suite?cle={cle}"));
    };
    let (secret, _) = navigateur::navigateur(f, parts);
    let empreinte = navigateur::empreinte(f, &secret);
    site.db.write(async |tx| flux::ouvrir(tx, flux, &empreinte, &demande).await).await?;
    let mut response = vers(&format!("{AUTORISER}/{flux}"))?;
    // The same secret, for one more hour: who works all day never sees a request die before its time.
    navigateur::pose(f, &mut response, &secret);
    Ok(response)
}

fn source(source: Option<Extension<Source>>) -> IpAddr {
    source.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |s| s.0.0)
}

fn json(status: u16, corps: String, plus: Option<(HeaderName, &'static str)>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    let mut response = (status, headers, corps).into_response();
    if let Some((nom, valeur)) = plus {
        response.headers_mut().insert(nom, HeaderValue::from_static(valeur));
    }
    response
}

fn refuse(error: TokenError) -> Response {
    let defi = error.challenge.map(|c| (WWW_AUTHENTICATE, c));
    let mut response = json(error.status, error.body(), defi);
    if matches!(error.status, 429 | 503) {
        response.headers_mut().insert(axum::http::header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A source that failed too often is not listened to for a minute, under that name.
const SOURD: TokenError = TokenError {
    status: 429,
    error: "invalid_client",
    reason: "too many failures: wait a minute",
    challenge: None,
};

async fn jeton(
    State(f): State<Fournisseur>,
    ici: Option<Extension<Source>>,
    headers: HeaderMap,
    corps: Bytes,
) -> PageResult {
    let texte = |nom: HeaderName| headers.get(nom).and_then(|v| v.to_str().ok());
    let Some(corps) = (corps.len() <= CORPS).then(|| std::str::from_utf8(&corps).ok()).flatten() else {
        return Ok(refuse(TokenError::invalid_request("too long, or not a text")));
    };
    if headers.get_all(AUTHORIZATION).iter().count() > 1 {
        return Ok(refuse(TokenError::invalid_request("more than one way to authenticate")));
    }
    let demande = match TokenRequest::read(texte(CONTENT_TYPE), texte(AUTHORIZATION), corps) {
        Ok(demande) => demande,
        Err(error) => return Ok(refuse(error)),
    };
    let (ici, now) = (source(ici), f.m.site.clock.now());
    let client: String = demande.credentials.client_id().chars().take(255).collect();
    if !f.freins.ecoute(ici, &client, ECHECS, now) {
        return Ok(refuse(SOURD));
    }
    match f.echanger(&demande).await {
        Ok(Ok(issued)) => Ok(json(200, issued.body.expose().to_owned(), None)),
        Ok(Err(error)) => {
            if error.error == "invalid_client" {
                f.freins.echec(ici, &client, now);
            }
            Ok(refuse(error))
        }
        Err(failure) => indisponible(failure),
    }
}

/// A server is told in the words of the protocol when the database is away.
fn indisponible(failure: crate::Failure) -> PageResult {
    match PageError::from(failure) {
        PageError::Unavailable => Ok(refuse(TokenError::unavailable())),
        autre => Err(autre),
    }
}

async fn identite(
    State(f): State<Fournisseur>,
    ici: Option<Extension<Source>>,
    method: Method,
    headers: HeaderMap,
) -> PageResult {
    if method == Method::HEAD {
        // Nothing would be told, and a token that works once would be spent.
        let permis = [(ALLOW, "GET, POST")];
        return Ok((StatusCode::METHOD_NOT_ALLOWED, permis).into_response());
    }
    let (ici, now) = (source(ici), f.m.site.clock.now());
    if !f.freins.ecoute(ici, IDENTITE, JETONS, now) {
        return Ok(refuse(SOURD));
    }
    let clair = match headers.get_all(AUTHORIZATION).iter().count() {
        0 | 1 => bearer(headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok())),
        _ => Err(BearerRefusal::Malformed),
    };
    let clair = match clair {
        Ok(clair) => clair,
        Err(refus) => return Ok(non(refus)),
    };
    match f.identite(clair).await {
        Ok(Ok(answer)) => {
            let mut response = json(200, answer.body.expose().to_owned(), None);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
            response.headers_mut().insert(axum::http::header::VARY, HeaderValue::from_name(ACCEPT));
            Ok(response)
        }
        Ok(Err(Refus::Jeton(refus))) => {
            f.freins.echec(ici, IDENTITE, now);
            Ok(non(refus))
        }
        Ok(Err(Refus::Signature(error))) => Ok(refuse(error)),
        Err(failure) => indisponible(failure),
    }
}

fn non(refus: BearerRefusal) -> Response {
    let corps = match refus {
        BearerRefusal::Absent => "{}",
        BearerRefusal::Malformed => r#"{"error":"invalid_request"}"#,
        BearerRefusal::Invalid => r#"{"error":"invalid_token"}"#,
    };
    json(refus.status(), corps.to_owned(), Some((WWW_AUTHENTICATE, refus.challenge())))
}

async fn fin(State(f): State<Fournisseur>, RawQuery(query): RawQuery, shell: Shell) -> PageResult {
    partir(&f, query.as_deref().unwrap_or_default(), shell).await
}

async fn fin_par_formulaire(State(f): State<Fournisseur>, shell: Shell, corps: Bytes) -> PageResult {
    partir(&f, std::str::from_utf8(&corps).unwrap_or("%"), shell).await
}

/// A log-out that a client starts. It ends one use; without a token that names it, nothing.
async fn partir(f: &Fournisseur, query: &str, shell: Shell) -> PageResult {
    const PERDU: &str = "Le service d’où vous venez a demandé une déconnexion que ce site ne peut pas lire. Rien n’a \
                         été changé ici. Fermez les fenêtres de ce service.";
    let Ok(received) = LogoutReceived::read(query) else { return etape::refus(shell, PERDU) };
    let (site, conn) = (&f.m.site, f.m.site.db.read());
    let id = received.client_id().filter(|id| id.len() <= 255 && !id.contains('\0'));
    let connu = match id {
        // A client that was closed may still end what it began.
        Some(id) => match store::rang(conn, id).await? {
            Some(rang) => f.clients.de(site, conn, id, rang.version).await?,
            None => None,
        },
        None => None,
    };
    let anneau = cles::anneau(&f.m).await?;
    let Ok(fin) = received.check(&f.provider, connu.as_ref().map(|c| &c.client), &anneau) else {
        return etape::refus(shell, PERDU);
    };
    f.terminer(&fin).await?;
    match &fin.location {
        Some(adresse) => vers(adresse),
        None => etape::termine(shell),
    }
}
