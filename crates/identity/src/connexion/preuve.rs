//! Proving again who one is, in a session, before what matters: one's own proofs, signing a mandat. A passkey, the code of the
//! application, a recovery code, or ProConnect again; tries that fail are slowed down as at sign-in.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use platform::journal::{self, Entry};
use platform::web::{Access, FormState, Formulaire, PREUVE, PageResult, Requete, Routes, Shell, page_with};
use platform::{Site, Tx};
use webauthn_rs::prelude::PublicKeyCredential;

use super::actions::{Second, accept_second, compteurs};
use super::essais::{self, Compteur};
use super::pages::{as_json, beside, demande_de_cle};
use super::{cles, store};
use crate::comptes::pages::{own, renewed};
use crate::error::{Error, Result};
use crate::secrets::link::Secret;
use crate::sessions::actions as sessions;
use crate::sessions::cookies::{Biscuit, Navigateur};
use crate::sessions::model::{Methode, Present};
use crate::sessions::rules::suite_locale;
use crate::{Identity, comptes::model::Compte, saisies};

pub(crate) fn routes() -> Routes<Identity> {
    use Access::SignedIn;
    Routes::new()
        .get(PREUVE, SignedIn, preuve)
        .post(PREUVE, SignedIn, envoyee)
        .post("/compte/preuve/cle/debut", SignedIn, cle_debut)
        .post("/compte/preuve/cle/fin", SignedIn, cle_fin)
}

/// The code that the demonstration shows on the page: its people have no application. Of one session, and nowhere else.
fn code_de_demonstration(site: &Site, present: &Present) -> Option<String> {
    let jouee = site.is_demo() && present.session.methode == Methode::Demonstration;
    let print = site.secrets.fingerprint("preuve de démonstration", &present.session.id.to_string());
    let n = u32::from_str_radix(print.get(..8)?, 16).ok()?;
    jouee.then(|| format!("{:06}", n % 1_000_000))
}

/// Which proof was given, as the journal keeps it.
pub(crate) async fn journalise(site: &Site, tx: &Tx, compte: &Compte, moyen: &str) -> Result<()> {
    let line = Entry { by: Some(compte.id.0), ..Entry::system("compte.preuve", "compte", compte.id) };
    journal::write(site, tx, line.with(serde_json::json!({ "moyen": moyen }))).await?;
    Ok(())
}

/// Takes a typed proof; the session that lives on has a new secret.
///
/// # Errors
/// A refusal of the field of the proof, or the time to wait.
async fn prouve(id: &Identity, present: &Present, proof: Second<'_>, nav: &Navigateur) -> Result<Secret> {
    let (site, compte) = (&id.site, &present.compte);
    let compteurs = compteurs(site, nav, Some(compte), Compteur::Code(compte.id)).await?;
    essais::reserver(site, &compteurs).await?;
    let fait = site
        .db
        .write(async |tx| {
            let jouee = code_de_demonstration(site, present);
            let moyen = match proof {
                Second::Code(typed) if jouee.as_deref().is_some_and(|c| c == typed.replace(' ', "")) => {
                    "demonstration"
                }
                Second::Code(_) => {
                    accept_second(site, tx, compte.id, proof).await?;
                    "code"
                }
                Second::Secours(_) => {
                    accept_second(site, tx, compte.id, proof).await?;
                    "secours"
                }
            };
            essais::rendre(tx, &compteurs).await?;
            journalise(site, tx, compte, moyen).await?;
            sessions::prouvee(site, tx, present).await
        })
        .await;
    if let (Err(Error::Refused(kernel::Refusal::Fields(_))), Second::Code(_)) = (&fait, proof) {
        super::cartes::refusee(site, compte.id).await?;
    }
    fait
}

#[derive(Template)]
#[template(path = "connexion/pages/preuve.html")]
struct Preuve {
    shell: Shell,
    form: FormState,
    raison: String,
    code: bool,
    secours: bool,
    cle: bool,
    proconnect: bool,
    demonstration: Option<String>,
}

/// What asks for the proof, and why. The form that waits is the last that was kept.
fn raison(shell: &Shell, retour: &str, gardee: Option<&str>, silence: Option<u32>) -> String {
    let page = |chemin: &str| shell.rubrique(chemin).map(|r| format!(" « {r} »")).unwrap_or_default();
    let quoi = match gardee {
        Some(chemin) => format!("Le formulaire de la page{} que vous venez d’envoyer attend", page(chemin)),
        None if retour == "/compte" || retour.starts_with("/compte/") => {
            "Vos moyens de connexion attendent".to_owned()
        }
        None if shell.rubrique(retour).is_some() => format!("La page{} attend", page(retour)),
        None => "La suite attend".to_owned(),
    };
    let pourquoi = match silence {
        Some(minutes) => format!(
            "vous n’avez ouvert aucune page depuis {minutes} minutes ou plus, et quelqu’un pourrait se servir de votre poste"
        ),
        None => {
            "c’est un acte important, et quelqu’un pourrait le faire à votre place sur un poste resté ouvert"
                .to_owned()
        }
    };
    format!("{quoi} une preuve récente de votre identité : {pourquoi}.")
}

async fn show(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    (present, nav): (&Present, &Navigateur),
    form: FormState,
) -> PageResult {
    let me = own(present)?.id;
    let retour = form.get("retour");
    let gardees = match &nav.saisie {
        Some(reference) if retour == saisies::PAGE => {
            saisies::actions::gardees(&id.site, me, reference).await?
        }
        _ => Vec::new(),
    };
    let silence = present.session.reprise_le.map(|_| id.site.config.sessions.silence_minutes);
    let raison = raison(&shell, retour, gardees.first().map(|g| g.chemin.as_str()), silence);
    let conn = id.site.db.read();
    let demonstration = code_de_demonstration(&id.site, present);
    let code = demonstration.is_some() || store::a_des_codes(conn, me).await?;
    let secours = store::secours_restants(conn, me).await? > 0;
    let cle = id.webauthn.is_some() && !store::cles(conn, me).await?.is_empty();
    let proconnect =
        id.proconnect.is_some() && crate::proconnect::store::identite_de(conn, me).await?.is_some();
    page_with(status, &Preuve { shell, form, raison, code, secours, cle, proconnect, demonstration })
}

async fn preuve(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    nav: Navigateur,
    Requete(query): Requete,
) -> PageResult {
    let form = FormState::filled([("retour", suite_locale(Some(query.get("retour"))))]);
    show(&id, StatusCode::OK, shell, (&present, &nav), form).await
}

async fn envoyee(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    nav: Navigateur,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    own(&present)?;
    let suite = suite_locale(Some(form.get("retour")));
    form.set("retour", suite.clone());
    let (code, secours) = (form.get("code").to_owned(), form.get("secours").to_owned());
    form.forget("code");
    form.forget("secours");
    let (champ, proof) = match secours.trim() {
        "" => ("code", Second::Code(&code)),
        _ => ("secours", Second::Secours(&secours)),
    };
    match prouve(&id, &present, proof, &nav).await {
        Ok(secret) => Ok(renewed(&id, &suite, &secret)),
        Err(e) => {
            let status = beside(&mut form, champ, under(champ, e))?;
            show(&id, status, shell, (&present, &nav), form).await
        }
    }
}

/// The refusal of a code, under the field of this page that it was typed in.
fn under(champ: &str, error: Error) -> Error {
    match error {
        Error::Refused(kernel::Refusal::Fields(fields)) => {
            let fields = fields.into_iter().map(|(_, sentence)| (champ.to_owned(), sentence)).collect();
            kernel::Refusal::Fields(fields).into()
        }
        other => other,
    }
}

async fn cle_debut(
    State(id): State<Identity>,
    present: Present,
    Json(body): Json<serde_json::Value>,
) -> PageResult {
    own(&present)?;
    let suite = suite_locale(body.get("retour").and_then(|v| v.as_str()));
    Ok(demande_de_cle(&id, cles::begin_sign_in(&id, &suite).await))
}

async fn cle_fin(
    State(id): State<Identity>,
    present: Present,
    nav: Navigateur,
    Json(answer): Json<PublicKeyCredential>,
) -> PageResult {
    let compte = own(&present)?;
    let site = &id.site;
    let done = site
        .db
        .write(async |tx| {
            let suite = cles::prove(&id, tx, compte.id, &answer, &nav).await?;
            journalise(site, tx, compte, "cle").await?;
            Ok::<_, Error>((suite, sessions::prouvee(site, tx, &present).await?))
        })
        .await;
    Ok(match done {
        Ok((suite, secret)) => {
            with_session(&id, Json(serde_json::json!({ "suite": suite })).into_response(), &secret)
        }
        Err(e) => as_json(e),
    })
}

fn with_session(id: &Identity, mut response: Response, secret: &Secret) -> Response {
    id.biscuits().set(&mut response, Biscuit::Session, secret);
    response
}
