//! Pages of the choice. Each step is stored: a lost connection, a sign-in, a proof of presence in between all come back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chrono_tz::Tz;
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Pagination, Requete, Routes, SendsTo, Shell,
    page_with, see_other,
};
use uuid::Uuid;

use super::Fournisseur;
use super::choix::{self, Reponse};
use super::etape::{BASE, Etape, attente, client_de, deja_faite, encode, etape, heure, introuvable};
use super::flux::{self, Flux};
use super::navigateur::{empreinte, navigateur, pose, relais};
use super::points::{sans_trace, vers};
use crate::ids::UsagerId;
use crate::legal::Demarche;
use crate::mandats::{self, Personne, Recherche, Regard};
use crate::usagers::{self, Usager};

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
        .get(&at("/suite"), Access::Public, suite)
        .with_state(f)
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

/// A form of another site comes without the cookie of this browser (`SameSite=Lax`): whoever took it at its word would give
/// the browser a new secret, and end what its other windows do. The address to which the form led comes with it.
async fn suite(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    Requete(query): Requete,
    parts: Parts,
) -> PageResult {
    let id: Uuid = id.parse().map_err(|_| PageError::not_found())?;
    let (secret, _) = navigateur(&f, &parts);
    let (ici, relais) = (empreinte(&f, &secret), relais(&f, query.get("cle")));
    if !f.m.site.db.write(async |tx| flux::attacher(tx, id, &relais, &ici).await).await? {
        return introuvable(shell);
    }
    let mut response = vers(&format!("{BASE}/{id}"))?;
    pose(&f, &mut response, &secret);
    Ok(response)
}

async fn reprendre(
    State(f): State<Fournisseur>,
    shell: Shell,
    Path(id): Path<String>,
    parts: Parts,
) -> PageResult {
    if shell.viewer.is_none() {
        return entree(&f, shell, &parts, &id).await;
    }
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
#[template(path = "fournisseur/pages/entree.html")]
struct Entree {
    shell: Shell,
    flux: Flux,
    client: String,
    limite: String,
    /// This very page, once signed in.
    retour: String,
}

/// Who asks, and what may be done about it, before anybody signs in.
async fn entree(f: &Fournisseur, shell: Shell, parts: &Parts, id: &str) -> PageResult {
    let (flux, _) = match attente(f, &shell, parts, id).await {
        Ok(flux) => flux,
        Err(autre) => return autre,
    };
    let client = match client_de(f, &shell, &flux.demande).await {
        Ok(client) => client,
        Err(autre) => return autre,
    };
    // Nobody is known yet, nor where they are.
    let limite = heure(flux.demande.expires_at.with_timezone(&Tz::Europe__Paris));
    let retour = encode(&format!("{BASE}/{}", flux.id));
    montre(StatusCode::OK, &flux, &Entree { shell, flux: flux.clone(), client, limite, retour })
}

#[derive(Template)]
#[template(path = "fournisseur/pages/personnes.html")]
struct Personnes {
    shell: Shell,
    flux: Flux,
    client: String,
    limite: String,
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
    let [total, ..] = mandats::store::compter(conn, &regard, &recherche, now).await?;
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
        limite: e.limite,
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
    limite: String,
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
        limite: e.limite,
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
    // The person whose name stood on the page that was sent.
    let montree = form.get("pour").parse().ok().map(UsagerId);
    if demarche.is_empty() && montree == e.flux.choisi.map(|(usager, _)| usager) {
        form.refuse("demarche", "Choisissez la démarche que vous allez faire.");
        return montre_demarches(&f, StatusCode::UNPROCESSABLE_ENTITY, shell, e, form).await;
    }
    let ici = (e.flux.id, e.empreinte.as_str());
    match f.repondre(&e.viewer.actor, e.viewer.prouve_le, ici, (montree, &demarche)).await? {
        Reponse::Code(adresse) => vers(adresse.expose()),
        Reponse::Erreur(redirect) => vers(&redirect.location),
        Reponse::DejaFaite => deja_faite(shell),
        Reponse::AutrePersonne => autre_personne(&f, shell, &parts, &id).await,
    }
}

/// The page of the person chosen now, when the one that was sent showed another: nothing left.
async fn autre_personne(f: &Fournisseur, shell: Shell, parts: &Parts, id: &str) -> PageResult {
    let e = match etape(f, &shell, parts, id).await {
        Ok(e) => e,
        Err(autre) => return autre,
    };
    let mut form = FormState::default();
    form.refuse(
        "demarche",
        "Une autre personne a été choisie depuis, dans une autre fenêtre : rien n’a été transmis. Vérifiez le nom \
         ci-dessous, changez de personne s’il le faut, puis choisissez la démarche.",
    );
    montre_demarches(f, StatusCode::CONFLICT, shell, e, form).await
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
        Reponse::DejaFaite | Reponse::AutrePersonne => deja_faite(shell),
    }
}
