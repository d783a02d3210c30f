//! Where a request stands: the page to show next, or another one instead, and why.

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chrono::DateTime;
use chrono_tz::Tz;
use kernel::{Refusal, Verb};
use oidc::provider::{Demande, ErrorCode, Step};
use platform::web::{PREUVE, PageError, PageResult, SendsTo, Shell, Viewer, page_with, see_other};
use uuid::Uuid;

use super::choix;
use super::flux::{self, Etat, Flux};
use super::navigateur::{empreinte, navigateur};
use super::points::{sans_trace, vers};
use super::{Fournisseur, store};
use crate::aidants::{self, Agissant};
use crate::mandats;

/// Where requests are answered.
pub(super) const BASE: &str = "/authorize";

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
pub(super) struct Etape {
    pub(super) flux: Flux,
    pub(super) empreinte: String,
    pub(super) viewer: Viewer,
    pub(super) agissant: Agissant,
    /// What people call the client, and where its forms lead.
    pub(super) client: String,
    /// Until when it may be answered, by the clocks of the organisation: « 14 h 32 ».
    pub(super) limite: String,
}

pub(super) fn heure(le: DateTime<Tz>) -> String {
    le.format("%-H\u{a0}h\u{a0}%M").to_string()
}

/// What people call the client of a request, while it may ask.
pub(super) async fn client_de(
    f: &Fournisseur,
    shell: &Shell,
    demande: &Demande,
) -> Result<String, PageResult> {
    let (site, conn) = (&f.m.site, f.m.site.db.read());
    let connu = match store::rang(conn, &demande.client_id).await.map_err(|e| Err(e.into()))? {
        Some(r) if r.actif => {
            f.clients.de(site, conn, &demande.client_id, r.version).await.map_err(|e| Err(e.into()))?
        }
        _ => None,
    };
    match connu {
        Some(connu) => Ok(connu.inscrit.nom.clone()),
        None => Err(refus(shell.clone(), "Le service qui vous a envoyé ici n’est plus inscrit.")),
    }
}

/// A request of this browser that still waits, or the page to show instead; and what is stored of the browser.
pub(super) async fn attente(
    f: &Fournisseur,
    shell: &Shell,
    parts: &Parts,
    id: &str,
) -> Result<(Flux, String), PageResult> {
    let id: Uuid = id.parse().map_err(|_| Err(PageError::not_found()))?;
    let (secret, neuf) = navigateur(f, parts);
    let empreinte = empreinte(f, &secret);
    let (conn, now) = (f.m.site.db.read(), f.m.site.clock.now());
    let trouve =
        if neuf { None } else { flux::lire(conn, id, &empreinte).await.map_err(|e| Err(e.into()))? };
    let Some(flux) = trouve else { return Err(introuvable(shell.clone())) };
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
    Ok((flux, empreinte))
}

/// The request of this page and who answers it, or the page to show instead.
pub(super) async fn etape(
    f: &Fournisseur,
    shell: &Shell,
    parts: &Parts,
    id: &str,
) -> Result<Etape, PageResult> {
    let (flux, empreinte) = attente(f, shell, parts, id).await?;
    let (conn, demande, id) = (f.m.site.db.read(), &flux.demande, flux.id);
    let ici = format!("{BASE}/{id}");
    let Some(viewer) = shell.viewer.clone() else { return Err(Ok(see_other(&ici))) };
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
    match demande.step(choix::login(viewer.prouve_le)) {
        Step::Choose => {}
        Step::SignIn => return Err(Ok(see_other(&format!("{PREUVE}?retour={}", encode(&ici))))),
        Step::Refuse(error) => {
            return Err(vers(&demande.refuse(&f.provider, error, "nothing may be asked").location));
        }
    }
    let client = client_de(f, shell, demande).await?;
    let fuseau = mandats::fuseau(&agissant.organisation.departement);
    let limite = heure(demande.expires_at.with_timezone(&fuseau));
    Ok(Etape { flux, empreinte, viewer, agissant, client, limite })
}

pub(super) fn encode(chemin: &str) -> String {
    url::form_urlencoded::byte_serialize(chemin.as_bytes()).collect()
}

pub(super) fn introuvable(shell: Shell) -> PageResult {
    let phrase = "Cette demande n’a pas commencé dans ce navigateur, ou elle est finie depuis longtemps. Retournez au \
                  service qui vous a envoyé ici, et recommencez.";
    let titre = "Demande introuvable";
    let page = Message { shell, titre, phrase: phrase.to_owned(), retour: None, renoncer: None };
    message(StatusCode::NOT_FOUND, page)
}

pub(super) fn deja_faite(shell: Shell) -> PageResult {
    let phrase = "Vous avez déjà répondu à cette demande, ou vous y avez renoncé. Retournez au service qui vous a envoyé \
                  ici : pour une autre démarche, recommencez depuis ce service.";
    let titre = "Demande déjà traitée";
    message(
        StatusCode::GONE,
        Message { shell, titre, phrase: phrase.to_owned(), retour: None, renoncer: None },
    )
}
