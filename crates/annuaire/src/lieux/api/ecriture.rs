//! Writing lieux by program: the same actions as the management pages, in the role of the owner of the token.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::header::{IF_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use kernel::ids::LieuId;
use kernel::{Actor, Portee, Refusal, Verb};
use platform::web::{Access, FormState, PageError, PageResult, ParJeton, Requete, Routes, Viewer};
use serde_json::{Map, Value};

use super::{Format, fiche_entiere};
use crate::Annuaire;
use crate::api::lit_objet;
use crate::lieux::abonnements::Cle;
use crate::lieux::gestion::actions::{self, Failure, Nouveau};
use crate::lieux::gestion::{Motif, Valeurs, lecture};
use crate::lieux::standard::Champ;
use crate::lieux::store;

/// What the reading gives and the writing leaves alone: an object that was read can be sent back.
const LUS_SEULEMENT: [&str; 7] = ["uid", "url", "modifie_le", "ferme_le", "version", "sources", "distance_m"];
/// Fields that a replacement does not empty when they are absent: what identifies, what is found from the rest.
const GARDES: [Champ; 4] = [Champ::Id, Champ::Source, Champ::DateMaj, Champ::CodeInsee];
/// Longest key of a creation.
const CLE_MAX: usize = 100;

pub(super) fn routes() -> Routes<Annuaire> {
    let ecrire = Access::Jeton(Verb::ModifierLieux, Portee::EcrireLieux);
    let fermer = Access::Jeton(Verb::ModifierLieux, Portee::FermerLieux);
    Routes::new()
        .post("/api/v1/lieux", ecrire, cree)
        .put("/api/v1/lieux/{id}", ecrire, remplace)
        .patch("/api/v1/lieux/{id}", ecrire, modifie)
        .post("/api/v1/lieux/{id}/confirmation", ecrire, confirme)
        .post("/api/v1/lieux/{id}/fermeture", fermer, ferme)
        .post("/api/v1/lieux/{id}/reouverture", fermer, rouvre)
}

/// The values of the fields, lists as lists or joined by `|`; null empties.
fn valeurs(objet: &Map<String, Value>, aussi: &[&str]) -> Result<Valeurs, PageError> {
    let mut refus = Vec::new();
    let mut out = Valeurs::new();
    for (nom, valeur) in objet {
        if LUS_SEULEMENT.contains(&nom.as_str()) || aussi.contains(&nom.as_str()) {
            continue;
        }
        let court: String = nom.chars().take(60).collect();
        let Some(champ) = Champ::de_nom(nom) else {
            refus.push((court, "Ce champ n’existe pas dans le standard.".to_owned()));
            continue;
        };
        let texte = match valeur {
            Value::Null => Some(String::new()),
            Value::String(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            Value::Array(liste) => {
                let mots: Option<Vec<&str>> =
                    liste.iter().map(|v| v.as_str().filter(|m| !m.contains('|'))).collect();
                mots.map(|m| m.join("|"))
            }
            Value::Bool(_) | Value::Object(_) => None,
        };
        match texte {
            Some(texte) => drop(out.insert(champ, texte)),
            None => {
                refus.push((court, "Donnez un texte, un nombre, une liste de textes ou null.".to_owned()))
            }
        }
    }
    if refus.is_empty() { Ok(out) } else { Err(Refusal::Fields(refus).into()) }
}

/// The version that the program read, from `If-Match: "12"` or the `ETag` of the lieu.
fn version(entetes: &HeaderMap) -> Result<i64, PageError> {
    let Some(valeur) = entetes.get(IF_MATCH).and_then(|v| v.to_str().ok()) else {
        let phrase = "Donnez la version que vous avez lue, dans l’en-tête « If-Match » : c’est l’ETag du lieu, ou son champ \
                      « version » entre guillemets.";
        return Err(PageError::Http(StatusCode::PRECONDITION_REQUIRED, phrase.to_owned()));
    };
    let etiquette = valeur.trim().trim_start_matches("W/").trim_matches('"');
    let chiffres = etiquette.split('-').next().unwrap_or_default();
    chiffres.parse().map_err(|_| {
        PageError::BadRequest("L’en-tête « If-Match » attend l’ETag du lieu, comme \"12-Json\".".to_owned())
    })
}

fn echec(annuaire: &Annuaire, failure: Failure) -> PageError {
    match failure {
        Failure::Stale(g) => PageError::Http(
            StatusCode::PRECONDITION_FAILED,
            format!(
                "Ce lieu a changé depuis votre lecture : sa version est {}. Lisez-le de nouveau, puis recommencez.",
                g.version
            ),
        ),
        Failure::Ressemblants(lieux) => {
            let noms: Vec<String> = lieux
                .iter()
                .map(|l| format!("{} ({})", l.fiche.nom, annuaire.site.url(&format!("/lieux/{}", l.id))))
                .collect();
            Refusal::conflict(format!(
                "Un lieu ressemblant est déjà dans l’annuaire : {}. Si c’est le même, modifiez-le. Si c’en est un autre, \
                 renvoyez la même demande avec « ?autre=oui ».",
                noms.join(" ; ")
            ))
            .into()
        }
        autre => autre.into(),
    }
}

/// The lieu of a path, by our identifier or the producer's, if the actor may change it.
async fn le_sien(annuaire: &Annuaire, actor: &Actor, id: &str) -> Result<LieuId, PageError> {
    let id = match id.parse() {
        Ok(id) => Some(id),
        Err(_) => store::lieu_de_identifiant(annuaire.site.db.read(), id).await?,
    };
    let id = id.ok_or_else(PageError::not_found)?;
    Ok(lecture::ouvrir(annuaire, actor, Verb::ModifierLieux, id).await?.id())
}

async fn present(annuaire: &Annuaire, status: StatusCode, id: LieuId) -> PageResult {
    let mut reponse = fiche_entiere(annuaire, id, Format::Json).await?;
    *reponse.status_mut() = status;
    // The answer to a change is nobody else's.
    reponse.headers_mut().remove(axum::http::header::CACHE_CONTROL);
    Ok(reponse)
}

async fn cree(
    State(annuaire): State<Annuaire>,
    (Extension(viewer), Extension(jeton)): (Extension<Viewer>, Extension<ParJeton>),
    entetes: HeaderMap,
    Requete(requete): Requete,
    corps: Bytes,
) -> PageResult {
    let objet = lit_objet(&corps)?;
    let structure = match objet.get("structure") {
        None | Some(Value::Null) => None,
        Some(v) => Some(v.as_str().and_then(|s| s.parse().ok()).ok_or_else(|| {
            Refusal::field("structure", "Donnez l’identifiant de la structure dans l’annuaire.")
        })?),
    };
    let cle = match entetes.get("idempotency-key").map(|v| v.to_str()) {
        None => None,
        Some(Ok(cle)) if (1..=CLE_MAX).contains(&cle.len()) => {
            let empreinte = kernel::text::sha256_hex(&String::from_utf8_lossy(&corps));
            Some(Cle { jeton: jeton.id, cle: cle.to_owned(), empreinte })
        }
        Some(_) => {
            let phrase = format!(
                "L’en-tête « Idempotency-Key » attend un texte de {CLE_MAX} caractères au plus, sans accent."
            );
            return Err(PageError::BadRequest(phrase));
        }
    };
    let autre = requete.get("autre") == "oui";
    let nouveau = Nouveau { valeurs: valeurs(&objet, &["structure"])?, structure, autre, cle };
    let id = actions::creer(&annuaire, &viewer.actor, nouveau).await.map_err(|e| echec(&annuaire, e))?;
    let mut reponse = present(&annuaire, StatusCode::CREATED, id).await?;
    let ou = HeaderValue::from_str(&format!("/api/v1/lieux/{id}")).map_err(PageError::internal)?;
    reponse.headers_mut().insert(LOCATION, ou);
    Ok(reponse)
}

async fn modifie(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
    entetes: HeaderMap,
    corps: Bytes,
) -> PageResult {
    let id = le_sien(&annuaire, &viewer.actor, &id).await?;
    let version = version(&entetes)?;
    let valeurs = valeurs(&lit_objet(&corps)?, &[])?;
    ecrit(&annuaire, &viewer.actor, id, version, valeurs).await
}

async fn remplace(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
    entetes: HeaderMap,
    corps: Bytes,
) -> PageResult {
    let id = le_sien(&annuaire, &viewer.actor, &id).await?;
    let version = version(&entetes)?;
    let mut valeurs = valeurs(&lit_objet(&corps)?, &[])?;
    for champ in Champ::TOUS.into_iter().filter(|c| !GARDES.contains(c)) {
        valeurs.entry(champ).or_default();
    }
    ecrit(&annuaire, &viewer.actor, id, version, valeurs).await
}

async fn ecrit(annuaire: &Annuaire, actor: &Actor, id: LieuId, version: i64, valeurs: Valeurs) -> PageResult {
    actions::modifier(annuaire, actor, id, version, valeurs, "Modification par un logiciel")
        .await
        .map_err(|e| echec(annuaire, e))?;
    present(annuaire, StatusCode::OK, id).await
}

async fn confirme(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
) -> PageResult {
    let id = le_sien(&annuaire, &viewer.actor, &id).await?;
    actions::confirmer(&annuaire, &viewer.actor, id).await.map_err(|e| echec(&annuaire, e))?;
    present(&annuaire, StatusCode::OK, id).await
}

async fn ferme(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
    entetes: HeaderMap,
    corps: Bytes,
) -> PageResult {
    let id = le_sien(&annuaire, &viewer.actor, &id).await?;
    let version = version(&entetes)?;
    let form = FormState::filled(
        lit_objet(&corps)?.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())),
    );
    let motif = Motif::de_cle(form.get("motif")).ok_or_else(|| {
        Refusal::field(
            "motif",
            format!("Donnez une raison parmi : {}.", Motif::TOUS.map(Motif::cle).join(", ")),
        )
    })?;
    let le = match form.get("le") {
        "" => kernel::calendrier::jour(&annuaire.site.clock.now()),
        texte => texte.parse().map_err(|_| Refusal::field("le", "Donnez un jour, comme 2026-03-21."))?,
    };
    actions::fermer(&annuaire, &viewer.actor, id, version, (motif, le))
        .await
        .map_err(|e| echec(&annuaire, e))?;
    present(&annuaire, StatusCode::OK, id).await
}

async fn rouvre(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = le_sien(&annuaire, &viewer.actor, &id).await?;
    actions::rouvrir(&annuaire, &viewer.actor, id).await.map_err(|e| echec(&annuaire, e))?;
    present(&annuaire, StatusCode::OK, id).await
}
