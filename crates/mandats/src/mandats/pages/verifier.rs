//! The public page: authentic or not, of which day, in force or not. It says nothing of the person, the organisation, or
//! the démarches: the holder shows those, or not.

use std::sync::LazyLock;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::Refusal;
use platform::web::freins::ParHeure;
use platform::web::observe::Source;
use platform::web::{FormState, PageResult, Requete, Shell, page, page_with, see_other};

use crate::discret::discret;
use crate::document::Numero;
use crate::mandats::{EtatAutorisation, store};
use crate::{Empreinte, Mandats, transferts};

/// Checks an hour from one address: a reception desk checks a few, and nobody tries 55 bits.
const PAR_HEURE: u32 = 120;
static COMPTES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);

/// What is said of a mandat.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Verdict {
    /// Signed here, on that day; whether something of it may be used now.
    /// When it passed to another organisation than the one that is printed.
    Authentique { le: String, en_cours: bool, transfere: Option<String> },
    /// Made in Aidants Connect: the fingerprint is the one that was written there.
    Repris { le: String, en_cours: bool, verdict: crate::reprise::Verdict },
    /// A row of that number and print is here, whose file no key of this site signed: it is not believed.
    SignatureInconnue,
    /// No mandat has this number and this fingerprint: nothing more is said, whichever of them is wrong.
    Inconnu,
}

#[derive(Template)]
#[template(path = "mandats/pages/verifier.html")]
struct Page {
    shell: Shell,
    form: FormState,
    verdict: Option<Verdict>,
}

/// Where a number and a fingerprint are typed; with both, on to their page.
pub(super) async fn formulaire(shell: Shell, Requete(mut form): Requete) -> PageResult {
    if form.get("numero").is_empty() && form.get("e").is_empty() {
        return page(&Page { shell, form, verdict: None });
    }
    let numero = Numero::lire(form.get("numero"));
    let empreinte = lire_empreinte(form.get("e"));
    if numero.is_none() {
        form.refuse("numero", "Recopiez les douze signes imprimés en haut du mandat, comme 4F7K-9QXT-2M6C.");
    }
    if empreinte.is_none() {
        form.refuse("e", "Recopiez l’empreinte imprimée sous le QR code, en entier.");
    }
    match (numero, empreinte) {
        (Some(n), Some(e)) => Ok(see_other(&format!("/verifier/{n}?e={}", e.court()))),
        _ => page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, verdict: None }),
    }
}

/// In base64url as in the QR code, or in hexadecimal; blanks do not count.
fn lire_empreinte(tape: &str) -> Option<Empreinte> {
    let serre: String = tape.chars().filter(|c| !c.is_whitespace()).take(100).collect();
    Empreinte::lire_court(&serre).or_else(|| Empreinte::lire(&serre.to_ascii_lowercase()))
}

pub(super) async fn verifier(
    State(m): State<Mandats>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Path(numero): Path<String>,
    Requete(mut form): Requete,
) -> PageResult {
    let now = m.site.clock.now();
    if source.is_some_and(|s| !COMPTES.admis(s.0.0, PAR_HEURE, now)) {
        let phrase =
            "Trop de vérifications sont parties d’ici en une heure. Attendez un peu, puis recommencez.";
        return Ok((StatusCode::TOO_MANY_REQUESTS, Refusal::conflict(phrase).to_string()).into_response());
    }
    if let Some(lu) = Numero::lire(&numero).filter(|_| form.get("e").is_empty()) {
        form.set("numero", lu.to_string());
        form.refuse("e", "Recopiez l’empreinte imprimée sous le QR code, en entier.");
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, verdict: None });
    }
    let cherche = Numero::lire(&numero).zip(lire_empreinte(form.get("e")));
    let mut verdict = Verdict::Inconnu;
    if let Some((numero, empreinte)) = cherche {
        let conn = m.site.db.read();
        if let Some(mandat) = store::du_numero(conn, &numero).await? {
            let autorisations = store::du_mandat(conn, mandat.id).await?;
            let le = kernel::calendrier::en_lettres(&mandat.cree_le);
            let en_cours = autorisations.iter().any(|a| a.etat(now) == EtatAutorisation::Active);
            let repris = crate::reprise::repris(conn, [mandat.id]).await?.remove(&mandat.id);
            let ancienne = repris.filter(|r| r.empreinte.as_deref() == Some(&empreinte.to_string()));
            let transfere = transferts::store::actes(conn, mandat.id)
                .await?
                .last()
                .map(|(le, _)| kernel::calendrier::en_lettres(le));
            verdict = match (mandat.signature, ancienne) {
                (Some(s), _) if s.empreinte == empreinte => {
                    let cles = crate::cles::publiees(&m, conn).await?;
                    match s.relire(&numero, &cles) {
                        Ok(_) => Verdict::Authentique { le, en_cours, transfere },
                        Err(e) => {
                            tracing::error!(mandat = %mandat.id, erreur = %e, "a mandat that no published key signed");
                            Verdict::SignatureInconnue
                        }
                    }
                }
                (None, Some(r)) => Verdict::Repris { le, en_cours, verdict: r.verdict },
                _ => Verdict::Inconnu,
            };
        }
    }
    let status = match verdict {
        Verdict::Inconnu => StatusCode::NOT_FOUND,
        Verdict::SignatureInconnue => StatusCode::CONFLICT,
        Verdict::Authentique { .. } | Verdict::Repris { .. } => StatusCode::OK,
    };
    let mut form = form;
    form.set("numero", numero);
    page_with(status, &Page { shell, form, verdict: Some(verdict) }).map(discret)
}
