//! Pages of sign-in.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{Email, Refusal};
use platform::web::{Access, FormState, Formulaire, PageError, PageResult, Requete, Routes, Shell};
use platform::web::{page, page_with, qr, see_other, see_other_saying, see_other_warning};
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};

use super::actions::{self, Choix, Second};
use super::store::Genre;
use super::{cles, liens};
use crate::comptes::model::Compte;
use crate::comptes::rules::nom_admis;
use crate::comptes::store as comptes;
use crate::secrets::totp::Graine;
use crate::sessions::actions as sessions;
use crate::sessions::actions::Ouverture;
use crate::sessions::cookies::{Biscuit, Navigateur};
use crate::sessions::model::{Methode, Present};
use crate::sessions::rules::suite_locale;
use crate::{Error, Identity, labels};

pub(crate) fn routes() -> Routes<Identity> {
    use Access::Public;
    Routes::new()
        .get("/connexion", Public, entree)
        .post("/connexion", Public, mot_de_passe)
        .get("/connexion/code", Public, code)
        .post("/connexion/code", Public, code_envoye)
        .get("/connexion/secours", Public, secours)
        .post("/connexion/secours", Public, secours_envoye)
        .post("/connexion/cle/debut", Public, cle_debut)
        .post("/connexion/cle/fin", Public, cle_fin)
        .post("/deconnexion", Public, sortie)
        .get("/mot-de-passe-oublie", Public, oubli)
        .post("/mot-de-passe-oublie", Public, oubli_envoye)
        .get("/mot-de-passe/{jeton}", Public, nouveau)
        .post("/mot-de-passe/{jeton}", Public, nouveau_envoye)
        .get("/invitation/{jeton}", Public, invitation)
        .post("/invitation/{jeton}", Public, invitation_envoyee)
        .post("/invitation/{jeton}/cle/debut", Public, invitation_cle_debut)
        .post("/invitation/{jeton}/cle/fin", Public, invitation_cle_fin)
}

/// Puts what a refusal says beside the fields; a wait goes beside `champ`. Failures of ours stay.
/// Returns the status of the page: 429 while one must wait, 422 otherwise.
pub(crate) fn beside(form: &mut FormState, champ: &str, error: Error) -> Result<StatusCode, PageError> {
    match error.refusal()? {
        Refusal::Conflict(sentence) => {
            form.refuse(champ, sentence);
            Ok(StatusCode::TOO_MANY_REQUESTS)
        }
        other => {
            form.take(other)?;
            Ok(StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// Sets the cookies of a session just opened, and clears those of the way in.
pub(crate) fn signed_in(id: &Identity, mut response: Response, o: &Ouverture) -> Response {
    let biscuits = id.biscuits();
    biscuits.set(&mut response, Biscuit::Session, &o.session);
    if let Some(device) = &o.appareil {
        biscuits.set(&mut response, Biscuit::Appareil, device);
    }
    biscuits.clear(&mut response, Biscuit::Etape);
    response
}

/// A refusal as the module of passkeys reads it.
pub(crate) fn as_json(error: Error) -> Response {
    match error.refusal() {
        Ok(r) => (StatusCode::UNPROCESSABLE_ENTITY, Json(serde_json::json!({ "message": r.to_string() })))
            .into_response(),
        Err(e) => PageError::from(e).into_response(),
    }
}

#[derive(Template)]
#[template(path = "connexion/pages/entree.html")]
struct Entree {
    shell: Shell,
    form: FormState,
    proconnect: bool,
    cle: bool,
    demo: bool,
}

impl Entree {
    fn new(id: &Identity, shell: Shell, form: FormState) -> Self {
        Self {
            shell,
            form,
            proconnect: id.proconnect.is_some(),
            cle: id.webauthn.is_some(),
            demo: id.site.is_demo(),
        }
    }
}

#[derive(Template)]
#[template(path = "connexion/pages/sans_role.html")]
struct SansRole {
    shell: Shell,
    nom: String,
}

async fn entree(
    State(id): State<Identity>,
    shell: Shell,
    present: Option<axum::Extension<Present>>,
    Requete(query): Requete,
) -> PageResult {
    let suite = suite_locale(Some(query.get("retour")));
    match present {
        Some(axum::Extension(p)) if p.actor.is_some() => Ok(see_other(&suite)),
        Some(axum::Extension(p)) => page(&SansRole { shell, nom: p.compte.nom }),
        None => page(&Entree::new(&id, shell, FormState::filled([("retour", suite)]))),
    }
}

async fn mot_de_passe(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let suite = suite_locale(Some(form.get("retour")));
    form.set("retour", suite.clone());
    let (courriel, typed) = (form.get("courriel").to_owned(), form.raw("mot_de_passe").to_owned());
    form.forget("mot_de_passe");
    for (champ, value) in [("courriel", &courriel), ("mot_de_passe", &typed)] {
        if value.is_empty() {
            form.refuse(champ, "Remplissez ce champ.");
        }
    }
    if !form.is_valid() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Entree::new(&id, shell, form));
    }
    match actions::password(&id, &courriel, &typed, &suite, &nav).await {
        Ok(secret) => {
            let mut response = see_other("/connexion/code");
            id.biscuits().set(&mut response, Biscuit::Etape, &secret);
            Ok(response)
        }
        Err(e) => {
            let status = beside(&mut form, "mot_de_passe", e)?;
            page_with(status, &Entree::new(&id, shell, form))
        }
    }
}

#[derive(Template)]
#[template(path = "connexion/pages/code.html")]
struct Code {
    shell: Shell,
    form: FormState,
    secours: bool,
}

async fn code(State(id): State<Identity>, shell: Shell, nav: Navigateur) -> PageResult {
    ask_code(&id, shell, &nav, false).await
}

async fn secours(State(id): State<Identity>, shell: Shell, nav: Navigateur) -> PageResult {
    ask_code(&id, shell, &nav, true).await
}

async fn ask_code(id: &Identity, shell: Shell, nav: &Navigateur, secours: bool) -> PageResult {
    match actions::pending(id, nav).await {
        Ok((_, compte)) => {
            // Somebody with a passkey only, who has just chosen a password, has no application.
            if !secours && !super::store::a_des_codes(id.site.db.read(), compte.id).await? {
                return Ok(see_other("/connexion/secours"));
            }
            page(&Code { shell, form: FormState::default(), secours })
        }
        Err(Error::Refused(_)) => Ok(see_other("/connexion")),
        Err(e) => Err(e.into()),
    }
}

async fn code_envoye(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Formulaire(form): Formulaire,
) -> PageResult {
    take_code(&id, shell, &nav, form, false).await
}

async fn secours_envoye(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Formulaire(form): Formulaire,
) -> PageResult {
    take_code(&id, shell, &nav, form, true).await
}

async fn take_code(
    id: &Identity,
    shell: Shell,
    nav: &Navigateur,
    mut form: FormState,
    secours: bool,
) -> PageResult {
    let typed = form.get("code").to_owned();
    form.forget("code");
    let proof = if secours { Second::Secours(&typed) } else { Second::Code(&typed) };
    match actions::second(id, proof, nav).await {
        Ok((ouverture, suite)) => Ok(signed_in(id, see_other(&suite), &ouverture)),
        Err(Error::Refused(Refusal::NotFound)) => {
            Ok(see_other_warning("/connexion", "La connexion a pris trop de temps. Recommencez."))
        }
        Err(e) => {
            let status = beside(&mut form, "code", e)?;
            page_with(status, &Code { shell, form, secours })
        }
    }
}

async fn cle_debut(State(id): State<Identity>, Json(body): Json<serde_json::Value>) -> Response {
    let suite = suite_locale(body.get("retour").and_then(|v| v.as_str()));
    demande_de_cle(&id, cles::begin_sign_in(&id, &suite).await)
}

/// What the browser is asked to do with a passkey, and the cookie that ties the answer to it.
pub(crate) fn demande_de_cle<O: serde::Serialize>(
    id: &Identity,
    begun: crate::Result<(O, crate::secrets::link::Secret)>,
) -> Response {
    match begun {
        Ok((options, secret)) => {
            let mut response = Json(options).into_response();
            id.biscuits().set(&mut response, Biscuit::Etape, &secret);
            response
        }
        Err(e) => as_json(e),
    }
}

async fn cle_fin(
    State(id): State<Identity>,
    nav: Navigateur,
    Json(answer): Json<PublicKeyCredential>,
) -> Response {
    match cles::finish_sign_in(&id, &answer, &nav).await {
        Ok((ouverture, suite)) => {
            signed_in(&id, Json(serde_json::json!({ "suite": suite })).into_response(), &ouverture)
        }
        Err(e) => as_json(e),
    }
}

async fn sortie(State(id): State<Identity>, shell: Shell, nav: Navigateur) -> PageResult {
    let session = match &nav.session {
        Some(secret) => sessions::leave(&id.site, secret).await?,
        None => None,
    };
    let mut response = match session {
        Some(s) if s.methode == Methode::ProConnect => {
            crate::proconnect::pages::sortie(&id, shell, &s).await?
        }
        _ => see_other_saying("/", "Vous êtes déconnecté."),
    };
    id.biscuits().clear(&mut response, Biscuit::Session);
    Ok(response)
}

#[derive(Template)]
#[template(path = "connexion/pages/oubli.html")]
struct Oubli {
    shell: Shell,
    form: FormState,
    envoye: bool,
}

async fn oubli(shell: Shell) -> PageResult {
    page(&Oubli { shell, form: FormState::default(), envoye: false })
}

async fn oubli_envoye(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let Some(courriel) = form.parse("courriel", Email::parse) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Oubli { shell, form, envoye: false });
    };
    if let Err(e) = liens::admit_forgotten(&id, &nav).await {
        let status = beside(&mut form, "courriel", e)?;
        return page_with(status, &Oubli { shell, form, envoye: false });
    }
    // The answer does not wait: its time says nothing about the account.
    tokio::spawn(async move {
        if let Err(e) = liens::forgotten(&id, &courriel).await {
            tracing::error!(error = %e, "the link for a forgotten password was not written");
        }
    });
    page(&Oubli { shell, form: FormState::default(), envoye: true })
}

#[derive(Template)]
#[template(path = "connexion/pages/lien_mort.html")]
struct LienMort {
    shell: Shell,
}

fn dead_link(shell: Shell) -> PageResult {
    page_with(StatusCode::NOT_FOUND, &LienMort { shell })
}

#[derive(Template)]
#[template(path = "connexion/pages/nouveau.html")]
struct Nouveau {
    shell: Shell,
    form: FormState,
}

async fn nouveau(State(id): State<Identity>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    match liens::find(&id.site, Genre::MotDePasse, &jeton).await {
        Ok(_) => page(&Nouveau { shell, form: FormState::default() }),
        Err(Error::Refused(_)) => dead_link(shell),
        Err(e) => Err(e.into()),
    }
}

async fn nouveau_envoye(
    State(id): State<Identity>,
    shell: Shell,
    Path(jeton): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let chosen = form.raw("mot_de_passe").to_owned();
    form.forget("mot_de_passe");
    match liens::choose_password(&id, &jeton, &chosen).await {
        Ok(()) => Ok(see_other_saying("/connexion", "Votre mot de passe est changé. Connectez-vous.")),
        Err(Error::Refused(Refusal::NotFound)) => dead_link(shell),
        Err(e) => {
            let status = beside(&mut form, "mot_de_passe", e)?;
            page_with(status, &Nouveau { shell, form })
        }
    }
}

#[derive(Template)]
#[template(path = "connexion/pages/invitation.html")]
struct InvitationPage {
    shell: Shell,
    form: FormState,
    form_cle: FormState,
    jeton: String,
    courriel: String,
    roles: Vec<String>,
    proconnect: bool,
    cle: bool,
    qr: Option<String>,
    graine: String,
    scelle: String,
}

async fn show_invitation(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    mut form: FormState,
    jeton: String,
    compte: &Compte,
) -> PageResult {
    let (graine, scelle) = actions::reopen_seed(&id.site, compte.id, form.get("graine"))?;
    let roles = comptes::en_vigueur(id.site.db.read(), compte.id, id.site.clock.now()).await?;
    let form_cle = FormState::filled([("nom", compte.nom.clone())]);
    if form.get("nom_complet").is_empty() && form.is_valid() {
        form.set("nom_complet", compte.nom.clone());
    }
    page_with(
        status,
        &InvitationPage {
            qr: qr_of(id, &graine, compte.courriel.as_str()),
            graine: graine.text(),
            scelle,
            shell,
            form,
            form_cle,
            jeton,
            courriel: compte.courriel.to_string(),
            roles: roles.iter().map(|r| labels::role(r.role, &r.perimetre)).collect(),
            proconnect: id.proconnect.is_some(),
            cle: id.webauthn.is_some(),
        },
    )
}

/// The square to photograph.
pub(crate) fn qr_of(id: &Identity, graine: &Graine, account: &str) -> Option<String> {
    qr::svg(&graine.url(account, &id.site.config.marque.nom)?)
}

async fn invitation(State(id): State<Identity>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    match liens::find(&id.site, Genre::Invitation, &jeton).await {
        Ok((_, compte)) => {
            show_invitation(&id, StatusCode::OK, shell, FormState::default(), jeton, &compte).await
        }
        Err(Error::Refused(_)) => dead_link(shell),
        Err(e) => Err(e.into()),
    }
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "connexion/pages/codes.html")]
pub(crate) struct Codes {
    pub(crate) shell: Shell,
    pub(crate) codes: Vec<String>,
    pub(crate) suite: &'static str,
}

async fn invitation_envoyee(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Path(jeton): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (_, compte) = match liens::find(&id.site, Genre::Invitation, &jeton).await {
        Ok(found) => found,
        Err(Error::Refused(_)) => return dead_link(shell),
        Err(e) => return Err(e.into()),
    };
    let nom = form.parse("nom_complet", nom_admis);
    let (graine, _) = actions::reopen_seed(&id.site, compte.id, form.get("graine"))?;
    let choix = Choix {
        mot_de_passe: form.raw("mot_de_passe").to_owned(),
        graine,
        code: form.get("code").to_owned(),
    };
    form.forget("mot_de_passe");
    form.forget("code");
    let Some(nom) = nom else {
        return show_invitation(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, form, jeton, &compte).await;
    };
    match liens::accept(&id, &jeton, &nom, &choix, &nav).await {
        Ok((ouverture, codes)) => {
            let shown = page(&Codes { shell, codes, suite: "/compte" })?;
            Ok(signed_in(&id, no_store(shown), &ouverture))
        }
        Err(Error::Refused(Refusal::NotFound)) => dead_link(shell),
        Err(e) => {
            let status = beside(&mut form, "mot_de_passe", e)?;
            show_invitation(&id, status, shell, form, jeton, &compte).await
        }
    }
}

/// What must not stay in the browser's cache.
pub(crate) fn no_store(mut response: Response) -> Response {
    let value = axum::http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(axum::http::header::CACHE_CONTROL, value);
    response
}

async fn invitation_cle_debut(
    State(id): State<Identity>,
    Path(jeton): Path<String>,
    Json(body): Json<serde_json::Value>,
) -> Response {
    let begin = async {
        let (_, mut compte) = liens::find(&id.site, Genre::Invitation, &jeton).await?;
        let typed = body.get("nom").and_then(|v| v.as_str()).unwrap_or_default();
        compte.nom = nom_admis(typed).map_err(|s| Error::field("nom", s))?;
        cles::begin_add(&id, &compte).await
    };
    match begin.await {
        Ok((options, secret)) => {
            let mut response = Json(options).into_response();
            id.biscuits().set(&mut response, Biscuit::Etape, &secret);
            response
        }
        Err(e) => as_json(e),
    }
}

/// The answer of the browser, with the name typed beside the button.
#[derive(serde::Deserialize)]
pub(crate) struct Ajout {
    #[serde(flatten)]
    pub(crate) answer: RegisterPublicKeyCredential,
    #[serde(default)]
    pub(crate) nom: String,
}

async fn invitation_cle_fin(
    State(id): State<Identity>,
    nav: Navigateur,
    Path(jeton): Path<String>,
    Json(body): Json<Ajout>,
) -> Response {
    match accept_with_key(&id, &nav, &jeton, &body).await {
        Ok(ouverture) => {
            let suite = serde_json::json!({ "suite": "/compte" });
            signed_in(&id, Json(suite).into_response(), &ouverture)
        }
        Err(e) => as_json(e),
    }
}

async fn accept_with_key(
    id: &Identity,
    nav: &Navigateur,
    jeton: &str,
    body: &Ajout,
) -> Result<Ouverture, Error> {
    let (lien, compte) = liens::find(&id.site, Genre::Invitation, jeton).await?;
    let nom = nom_admis(&body.nom).map_err(|s| Error::field("nom", s))?;
    let (etape, key) = cles::checked_add(id, compte.id, &body.answer, nav).await?;
    id.site
        .db
        .write(async |tx| {
            let compte = liens::take(&id.site, tx, &lien, &nom).await?;
            cles::store_key(id, tx, &compte, &etape, &key, &nav.nom).await?;
            sessions::open(&id.site, tx, &compte, Methode::Invitation, nav, None).await
        })
        .await
}
