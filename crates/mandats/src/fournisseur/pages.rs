//! Pages of the choice. Each step is stored: a lost connection, a sign-in, a proof of presence in between all come back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use kernel::{Refusal, Verb};
use oidc::provider::{ErrorCode, Step};
use platform::web::shell::{append_cookie, cookie};
use platform::web::{
    Access, FormState, Formulaire, PREUVE, PageError, PageResult, Pagination, Requete, Routes, SendsTo,
    Shell, Viewer, page_with, see_other,
};
use uuid::Uuid;

use super::choix::{self, Reponse};
use super::flux::{self, Etat, Flux};
use super::points::{sans_trace, vers};
use super::{Fournisseur, store};
use crate::aidants::{self, Agissant};
use crate::ids::UsagerId;
use crate::legal::Demarche;
use crate::mandats::store::Onglet;
use crate::mandats::{self, Personne, Recherche, Regard};
use crate::usagers::{self, Usager};

const BASE: &str = "/authorize";
const BISCUIT: &str = "maillage-fournisseur";
/// As long as a request may wait, and a little more.
const BISCUIT_S: i64 = 3600;
const PAR_PAGE: usize = 20;

/// Every page. Public: who is not signed in yet is sent to sign in, and comes back to the same request.
pub(super) fn routes(f: Fournisseur) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}/{{flux}}{rest}");
    Routes::new()
        .get(&at(""), Access::Public, reprendre)
        .get(&at("/personne"), Access::Public, personnes)
        .post(&at("/personne"), Access::Public, choisir)
        .get(&at("/demarche"), Access::Public, demarches)
        .post(&at("/demarche"), Access::Public, repondre)
        .post(&at("/renoncer"), Access::Public, renoncer)
        .with_state(f)
}

fn nom_du_biscuit(f: &Fournisseur) -> String {
    let https = f.m.site.config.serveur.origine.starts_with("https:");
    if https { format!("__Host-{BISCUIT}") } else { BISCUIT.to_owned() }
}

/// The secret of this browser, and whether it was just made.
pub(super) fn navigateur(f: &Fournisseur, parts: &Parts) -> (String, bool) {
    match cookie(parts, &nom_du_biscuit(f)).filter(|v| v.len() == 64) {
        Some(secret) => (secret.to_owned(), false),
        None => (f.m.site.chance.secret(), true),
    }
}

/// What is stored of it.
pub(super) fn empreinte(f: &Fournisseur, secret: &str) -> String {
    f.m.site.secrets.fingerprint("fournisseur.navigateur", secret)
}

/// Gives the browser its secret.
pub(super) fn pose(f: &Fournisseur, response: &mut Response, secret: &str) {
    let secure = if f.m.site.config.serveur.origine.starts_with("https:") { "; Secure" } else { "" };
    let nom = nom_du_biscuit(f);
    append_cookie(
        response,
        &format!("{nom}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={BISCUIT_S}{secure}"),
    );
}

#[derive(Template)]
#[template(path = "fournisseur/pages/message.html")]
struct Message {
    shell: Shell,
    titre: &'static str,
    phrase: String,
    /// Where to go back to, and which request may be given up.
    retour: Option<String>,
    renoncer: Option<Uuid>,
}

fn message(status: StatusCode, page: Message) -> PageResult {
    let mut response = page_with(status, &page)?;
    sans_trace(response.headers_mut());
    response.extensions_mut().insert(SendsTo("https:".to_owned()));
    Ok(response)
}

/// A page of ours, when nothing proves who should hear of a refusal: 400.
pub(super) fn refus(shell: Shell, phrase: &str) -> PageResult {
    let titre = "Demande refusée";
    let page = Message { shell, titre, phrase: phrase.to_owned(), retour: None, renoncer: None };
    message(StatusCode::BAD_REQUEST, page)
}

/// A log-out that leads nowhere else.
pub(super) fn termine(shell: Shell) -> PageResult {
    let phrase =
        "Ce service ne peut plus rien lire de la personne. Vous restez connecté à ce site.".to_owned();
    message(StatusCode::OK, Message { shell, titre: "C’est terminé", phrase, retour: None, renoncer: None })
}

/// A request of this browser that waits for its choice, and who makes it.
struct Etape {
    flux: Flux,
    empreinte: String,
    viewer: Viewer,
    agissant: Agissant,
    /// What people call the client, and where its forms lead.
    client: String,
}

/// The request of this page, or the page to show instead.
async fn etape(f: &Fournisseur, shell: &Shell, parts: &Parts, id: &str) -> Result<Etape, PageResult> {
    let id: Uuid = id.parse().map_err(|_| Err(PageError::not_found()))?;
    let (secret, neuf) = navigateur(f, parts);
    let empreinte = empreinte(f, &secret);
    let (site, now) = (&f.m.site, f.m.site.clock.now());
    let conn = site.db.read();
    let trouve =
        if neuf { None } else { flux::lire(conn, id, &empreinte).await.map_err(|e| Err(e.into()))? };
    let Some(flux) = trouve else {
        let phrase = "Cette demande n’a pas commencé dans ce navigateur, ou elle est finie depuis longtemps. Retournez \
                      au service qui vous a envoyé ici, et recommencez.";
        let page = Message {
            shell: shell.clone(),
            titre: "Demande introuvable",
            phrase: phrase.to_owned(),
            retour: None,
            renoncer: None,
        };
        return Err(message(StatusCode::NOT_FOUND, page));
    };
    if flux.etat != Etat::Ouvert {
        return Err(deja_faite(shell.clone()));
    }
    let demande = &flux.demande;
    if !demande.holds(now) {
        let retour = demande.refuse(&f.provider, ErrorCode::AccessDenied, "the request has expired").location;
        let phrase = "Cette demande a plus d’une demi-heure : le service qui vous a envoyé ici ne l’attend plus. \
                      Retournez-y et recommencez.";
        let page = Message {
            shell: shell.clone(),
            titre: "Demande expirée",
            phrase: phrase.to_owned(),
            retour: Some(retour),
            renoncer: None,
        };
        return Err(message(StatusCode::GONE, page));
    }
    let ici = format!("{BASE}/{id}");
    let Some(viewer) = shell.viewer.clone() else {
        return Err(Ok(see_other(&format!("/connexion?retour={}", encode(&ici)))));
    };
    let pas_vous = |phrase: String| {
        let page = Message {
            shell: shell.clone(),
            titre: "Vous ne pouvez pas répondre",
            phrase,
            retour: None,
            renoncer: Some(id),
        };
        message(StatusCode::FORBIDDEN, page)
    };
    if viewer.actor.vu_par.is_some() {
        return Err(pas_vous(
            "Vous regardez le site comme une autre personne : vous ne pouvez pas agir à sa place.".to_owned(),
        ));
    }
    if viewer.actor.may(Verb::TenirMandats).is_err() {
        let phrase = "Seul un aidant agit au nom d’une personne. Si vous l’êtes aussi, choisissez ce rôle en haut de la \
                      page, puis revenez ici.";
        return Err(pas_vous(phrase.to_owned()));
    }
    let agissant = match aidants::agissant(&f.m, conn, &viewer.actor, Verb::TenirMandats).await {
        Ok(agissant) => agissant,
        Err(crate::Failure::Refusal(refus @ Refusal::Forbidden(_))) => {
            return Err(pas_vous(refus.to_string()));
        }
        Err(autre) => return Err(Err(autre.into())),
    };
    if let Err(lire) = aidants::exige_conditions(&agissant, f.m.jour(), &ici) {
        return Err(Err(lire));
    }
    match demande.step(choix::login(viewer.prouve_le), now) {
        Step::Choose => {}
        Step::SignIn => return Err(Ok(see_other(&format!("{PREUVE}?retour={}", encode(&ici))))),
        Step::Refuse(error) => {
            return Err(vers(&demande.refuse(&f.provider, error, "nothing may be asked").location));
        }
    }
    let connu = match store::rang(conn, &demande.client_id).await.map_err(|e| Err(e.into()))? {
        Some(r) if r.actif => {
            f.clients.de(site, conn, &demande.client_id, r.version).await.map_err(|e| Err(e.into()))?
        }
        _ => None,
    };
    let Some(connu) = connu else {
        return Err(refus(shell.clone(), "Le service qui vous a envoyé ici n’est plus inscrit."));
    };
    let client = connu.inscrit.nom.clone();
    Ok(Etape { flux, empreinte, viewer, agissant, client })
}

fn encode(chemin: &str) -> String {
    url::form_urlencoded::byte_serialize(chemin.as_bytes()).collect()
}

fn deja_faite(shell: Shell) -> PageResult {
    let phrase = "Vous avez déjà répondu à cette demande, ou vous y avez renoncé. Retournez au service qui vous a envoyé \
                  ici : pour une autre démarche, recommencez depuis ce service.";
    let titre = "Demande déjà traitée";
    message(
        StatusCode::GONE,
        Message { shell, titre, phrase: phrase.to_owned(), retour: None, renoncer: None },
    )
}

/// Our pages of a request: kept nowhere, and their forms may lead on to the client.
fn montre(status: StatusCode, flux: &Flux, template: &impl Template) -> PageResult {
    let mut response = page_with(status, template)?;
    sans_trace(response.headers_mut());
    // The way of the browser from the client to whoever asked it is the client's own.
    let retour = url::Url::parse(&flux.demande.redirect_uri).map(|u| u.origin().ascii_serialization());
    let cibles = match retour {
        Ok(origine) if origine.starts_with("http:") => format!("https: {origine}"),
        _ => "https:".to_owned(),
    };
    response.extensions_mut().insert(SendsTo(cibles));
    Ok(response)
}

async fn reprendre(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
) -> PageResult {
    let e = match etape(&f, &shell, &parts, &id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    let suite = match e.flux.choisi {
        Some((_, structure)) if structure == e.agissant.organisation.structure => "demarche",
        _ => "personne",
    };
    Ok(see_other(&format!("{BASE}/{}/{suite}", e.flux.id)))
}

#[derive(Template)]
#[template(path = "fournisseur/pages/personnes.html")]
struct Personnes {
    shell: Shell,
    flux: Flux,
    client: String,
    role: String,
    form: FormState,
    personnes: Vec<Personne>,
    pagination: Pagination,
}

impl Personnes {
    /// The démarches of that person that the service accepts.
    fn acceptees(&self, p: &Personne) -> Vec<String> {
        p.autorisations
            .iter()
            .filter(|a| choix::acceptee(&self.flux, &a.demarche))
            .map(|a| choix::titre(&a.demarche))
            .collect()
    }
}

async fn personnes(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    Requete(query): Requete,
    parts: Parts,
) -> PageResult {
    let e = match etape(&f, &shell, &parts, &id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    let (conn, now) = (f.m.site.db.read(), f.m.site.clock.now());
    let regard = Regard::de(conn, &e.agissant).await?;
    let recherche = Recherche::lire(query.get("q"));
    let total = mandats::store::compter(conn, &regard, Onglet::Actifs, &recherche, now).await?;
    let numero = query.get("page").parse().unwrap_or(1);
    let chemin = format!("{BASE}/{}/personne", e.flux.id);
    let pagination = Pagination::new(total, PAR_PAGE, numero, &chemin, query.values());
    let page = (pagination.offset(PAR_PAGE), PAR_PAGE);
    let personnes = mandats::store::personnes_mandantes(conn, &regard, &recherche, now, page).await?;
    let form = FormState::filled([("q", query.get("q"))]);
    let page = Personnes {
        shell,
        flux: e.flux.clone(),
        client: e.client,
        role: e.viewer.role,
        form,
        personnes,
        pagination,
    };
    montre(StatusCode::OK, &e.flux, &page)
}

async fn choisir(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
    Formulaire(form): Formulaire,
) -> PageResult {
    let e = match etape(&f, &shell, &parts, &id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    let usager = form.get("personne").parse().map_err(|_| PageError::not_found())?;
    let ici = (e.flux.id, e.empreinte.as_str());
    if f.choisir_personne(&e.viewer.actor, ici, UsagerId(usager)).await? {
        Ok(see_other(&format!("{BASE}/{}/demarche", e.flux.id)))
    } else {
        deja_faite(shell)
    }
}

#[derive(Template)]
#[template(path = "fournisseur/pages/demarches.html")]
struct Demarches {
    shell: Shell,
    flux: Flux,
    client: String,
    role: String,
    form: FormState,
    usager: Usager,
    /// Those that may be chosen; those that the service does not accept.
    choix: Vec<&'static Demarche>,
    autres: Vec<&'static Demarche>,
    sans_courriel: bool,
}

impl Demarches {
    fn options(&self) -> Vec<(&str, &str)> {
        self.choix.iter().map(|d| (d.cle.as_str(), d.titre.as_str())).collect()
    }
}

async fn demarches(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
) -> PageResult {
    let e = match etape(&f, &shell, &parts, &id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    montre_demarches(&f, StatusCode::OK, shell, e, FormState::default()).await
}

async fn montre_demarches(
    f: &Fournisseur,
    status: StatusCode,
    shell: Shell,
    e: Etape,
    mut form: FormState,
) -> PageResult {
    let (conn, now) = (f.m.site.db.read(), f.m.site.clock.now());
    let retour = || Ok(see_other(&format!("{BASE}/{}/personne", e.flux.id)));
    let structure = e.agissant.organisation.structure;
    let Some((usager, _)) = e.flux.choisi.filter(|(_, s)| *s == structure) else { return retour() };
    let Some(usager) = usagers::store::lire(conn, usager).await? else { return retour() };
    let regard = Regard::de(conn, &e.agissant).await?;
    let actives = mandats::store::autorisations_actives(conn, &regard, usager.id, now).await?;
    if actives.is_empty() {
        return retour();
    }
    let permises = choix::catalogue(f.m.jour()).iter().filter(|d| {
        actives.iter().any(|a| a.demarche == d.cle) && e.agissant.organisation.demarches.contient(&d.cle)
    });
    let (choix, autres): (Vec<_>, Vec<_>) = permises.partition(|d| choix::acceptee(&e.flux, &d.cle));
    if let ([seule], true) = (choix.as_slice(), form.get("demarche").is_empty()) {
        form.set("demarche", seule.cle.clone());
    }
    let sans_courriel =
        e.flux.demande.scopes.iter().any(|s| s == "email") && usager.contact.courriel.is_none();
    let page = Demarches {
        shell,
        flux: e.flux.clone(),
        client: e.client,
        role: e.viewer.role,
        form,
        usager,
        choix,
        autres,
        sans_courriel,
    };
    montre(status, &e.flux, &page)
}

async fn repondre(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let e = match etape(&f, &shell, &parts, &id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    let demarche = form.get("demarche").to_owned();
    if demarche.is_empty() {
        form.refuse("demarche", "Choisissez la démarche que vous allez faire.");
        return montre_demarches(&f, StatusCode::UNPROCESSABLE_ENTITY, shell, e, form).await;
    }
    let ici = (e.flux.id, e.empreinte.as_str());
    match f.repondre(&e.viewer.actor, e.viewer.prouve_le, ici, &demarche).await? {
        Reponse::Code(adresse) => vers(adresse.expose()),
        Reponse::Erreur(redirect) => vers(&redirect.location),
        Reponse::DejaFaite => deja_faite(shell),
    }
}

/// Whoever holds the browser may give up, signed in or not.
async fn renoncer(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
) -> PageResult {
    let id: Uuid = id.parse().map_err(|_| PageError::not_found())?;
    let (secret, neuf) = navigateur(&f, &parts);
    if neuf {
        return Err(PageError::not_found());
    }
    match f.renoncer((id, &empreinte(&f, &secret))).await? {
        Reponse::Code(adresse) => vers(adresse.expose()),
        Reponse::Erreur(redirect) => vers(&redirect.location),
        Reponse::DejaFaite => deja_faite(shell),
    }
}
