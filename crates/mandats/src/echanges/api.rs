//! `/api/v1/aidants-connect`: with a personal token, in the role and the scope in which it was made. Each call is one line of
//! the journal, which says how many lines were read and by which filters, never what was typed into them.

use annuaire::structures::{self, FiltreEtat};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::ids::StructureId;
use kernel::{Actor, CodeDepartement, Perimetre, Pivot, Portee, Verb};
use platform::journal::{self, Entry};
use platform::web::{Access, FormState, PageError, PageResult, ParJeton, Requete, Routes, Viewer};
use sea_orm::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::{self, Filtre};
use crate::Mandats;
use crate::aidants::{EtatAidant, Fonction};
use crate::organisations::Demarches;

/// The description of these addresses, written by hand: a test walks it.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

const ORGANISATIONS: &str = "/api/v1/aidants-connect/organisations";
const AIDANTS: &str = "/api/v1/aidants-connect/aidants";
/// Lines of a page when nothing is asked, and most of them.
const TAILLE: usize = 100;
const TAILLE_MAX: usize = 200;
/// Most structures that a search by name may find.
const TROUVEES: usize = 1_000;

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let lire = |portee| Access::Jeton(Verb::InstruireHabilitations, portee);
    Routes::new()
        .get("/api/v1/aidants-connect/openapi.json", Access::Public, document)
        .get(ORGANISATIONS, lire(Portee::LireOrganisations), organisations)
        .get(AIDANTS, lire(Portee::LireAidants), aidants)
        .with_state(m.clone())
}

async fn document() -> Response {
    let entetes = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (entetes, OPENAPI).into_response()
}

fn refuse(nom: &str) -> PageError {
    PageError::BadRequest(format!("Le paramètre « {nom} » n’est pas compris."))
}

/// What both lists understand.
const COMMUNS: [&str; 8] = ["siren", "siret", "nom", "departement", "depuis", "jusqu_au", "apres", "taille"];

/// The filters; what cannot be read is refused, so that a misspelled one never passes for an answer.
fn lire(r: &FormState) -> Result<(Filtre, usize), PageError> {
    if let Some((nom, _)) = r.values().iter().find(|(k, _)| !COMMUNS.contains(&k.as_str())) {
        return Err(refuse(&nom.chars().take(40).collect::<String>()));
    }
    let jour = |nom: &str| match r.get(nom) {
        "" => Ok(None),
        j => crate::jours::lire(j).map(Some).ok_or_else(|| refuse(nom)),
    };
    let departement = match r.get("departement") {
        "" => None,
        code => Some(CodeDepartement::parse(code).ok_or_else(|| refuse("departement"))?),
    };
    let taille = match r.get("taille") {
        "" => TAILLE,
        n => n.parse().ok().filter(|n| (1..=TAILLE_MAX).contains(n)).ok_or_else(|| refuse("taille"))?,
    };
    let f =
        Filtre { departement, depuis: jour("depuis")?, jusqu_au: jour("jusqu_au")?, parmi: None, nom: None };
    Ok((f, taille))
}

/// The structures of that number, company or name, which are the directory's to know; none without such a filter.
async fn parmi(
    m: &Mandats,
    actor: &Actor,
    r: &FormState,
    nom: &str,
) -> Result<Option<Vec<StructureId>>, PageError> {
    let (siret, siren) = (r.get("siret"), r.get("siren"));
    let pivot = match siret {
        "" => None,
        s => Some(Pivot::parse(s).map_err(|_| refuse("siret"))?),
    };
    if !siren.is_empty() && (siren.len() != 9 || !siren.bytes().all(|b| b.is_ascii_digit())) {
        return Err(refuse("siren"));
    }
    let mots = [pivot.as_ref().map_or("", Pivot::as_str), siren, nom].join(" ");
    if mots.trim().is_empty() {
        return Ok(None);
    }
    let filtre = structures::Filtre { mots, etat: FiltreEtat::Toutes, ..structures::Filtre::default() };
    let conn = m.site.db.read();
    let (lues, total) = structures::du_territoire(conn, &actor.perimetre, &filtre, (0, TROUVEES)).await?;
    if total > TROUVEES {
        let phrase = "Trop de structures portent ce nom : donnez plus de mots, un SIREN ou un SIRET.";
        return Err(PageError::BadRequest(phrase.to_owned()));
    }
    // The search looks into every field: the numbers are compared as numbers.
    let juste = |p: Option<&Pivot>| {
        pivot.as_ref().is_none_or(|v| p == Some(v))
            && (siren.is_empty() || p.and_then(Pivot::siren) == Some(siren))
    };
    Ok(Some(lues.into_iter().filter(|l| juste(l.fiche.pivot.as_ref())).map(|l| l.id).collect()))
}

/// The address of the next page: the same filters, after that mark.
fn suivant(m: &Mandats, chemin: &str, r: &FormState, apres: Option<String>) -> Value {
    let Some(apres) = apres else { return Value::Null };
    let mut filtres: Vec<(&str, &str)> = r
        .values()
        .iter()
        .filter(|(k, v)| k != "apres" && !v.is_empty())
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    filtres.push(("apres", &apres));
    let query = serde_urlencoded::to_string(filtres).unwrap_or_default();
    Value::String(m.site.url(&format!("{chemin}?{query}")))
}

/// One call, one line.
async fn noter(
    m: &Mandats,
    actor: &Actor,
    (jeton, action): (&ParJeton, &'static str),
    (r, lignes): (&FormState, usize),
) -> Result<(), DbErr> {
    let filtres: Vec<&str> =
        r.values().iter().filter(|(_, v)| !v.is_empty()).map(|(k, _)| k.as_str()).collect();
    let faits = json!({ "lignes": lignes, "filtres": filtres });
    let line = Entry::by(actor, action, "jeton", jeton.id).with(faits);
    m.site.db.write(async |tx| journal::write(&m.site, tx, line.clone()).await).await
}

fn reponse(donnees: Vec<Value>, suivant: Value) -> Response {
    let mut r = Json(json!({ "donnees": donnees, "suivant": suivant })).into_response();
    r.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    r
}

async fn organisations(
    State(m): State<Mandats>,
    Extension(viewer): Extension<Viewer>,
    Extension(jeton): Extension<ParJeton>,
    Requete(r): Requete,
) -> PageResult {
    let actor = &viewer.actor;
    let (f, taille) = lire(&r)?;
    let f = Filtre { parmi: parmi(&m, actor, &r, r.get("nom")).await?, ..f };
    let apres = match r.get("apres") {
        "" => i64::MIN,
        n => n.parse().map_err(|_| refuse("apres"))?,
    };
    let conn = m.site.db.read();
    let lues = store::organisations(conn, &actor.perimetre, &f, (apres, taille)).await?;
    let ids: Vec<Uuid> = lues.iter().map(|o| o.structure_id).collect();
    let vues = structures::trouver(conn, ids.iter().map(|id| StructureId(*id))).await?;
    let referents = store::referents(conn, &ids).await?;
    let donnees: Vec<Value> = lues
        .iter()
        .map(|o| {
            let v = vues.get(&StructureId(o.structure_id));
            let gens = referents.get(&o.structure_id).map(Vec::as_slice).unwrap_or_default();
            let gens: Vec<Value> = gens
                .iter()
                .map(|g| json!({ "prenom": g.prenom, "nom": g.nom, "courriel": g.courriel }))
                .collect();
            json!({
                "id": o.structure_id,
                "numero": o.numero,
                "nom": v.map(|v| &v.nom),
                "pivot": v.and_then(|v| v.pivot.as_ref()).map(ToString::to_string),
                "siren": v.and_then(|v| v.pivot.as_ref()).and_then(Pivot::siren),
                "adresse": v.map(|v| &v.adresse),
                "code_postal": v.and_then(|v| v.code_postal.as_deref()),
                "commune": v.map(|v| &v.commune.nom),
                "code_insee": v.map(|v| v.commune.code.to_string()),
                "departement": o.departement,
                "region": o.region,
                "france_services": o.france_services,
                "demarches": Demarches::lire(&o.demarches).cles(),
                "habilitee_le": o.habilitee_le,
                "desactivee_le": o.desactivee_le,
                "referents": gens,
            })
        })
        .collect();
    noter(&m, actor, (&jeton, "api.lire_organisations"), (&r, donnees.len())).await?;
    let apres = lues.last().filter(|_| lues.len() == taille).map(|o| o.numero.to_string());
    Ok(reponse(donnees, suivant(&m, ORGANISATIONS, &r, apres)))
}

async fn aidants(
    State(m): State<Mandats>,
    Extension(viewer): Extension<Viewer>,
    Extension(jeton): Extension<ParJeton>,
    Requete(r): Requete,
) -> PageResult {
    let actor = &viewer.actor;
    let (f, taille) = lire(&r)?;
    let nom = Some(r.get("nom").to_owned()).filter(|n| !n.is_empty());
    let f = Filtre { parmi: parmi(&m, actor, &r, "").await?, nom, ..f };
    let apres: Uuid = match r.get("apres") {
        "" => Uuid::nil(),
        id => id.parse().map_err(|_| refuse("apres"))?,
    };
    let (conn, perimetre): (_, &Perimetre) = (m.site.db.read(), &actor.perimetre);
    let lus = store::aidants(conn, perimetre, &f, (apres, taille)).await?;
    let ids: Vec<Uuid> = lus.iter().map(|a| a.id).collect();
    let membres = store::membres(conn, perimetre, &ids).await?;
    let faits = store::accompagnements(conn, perimetre, &ids, m.site.clock.now()).await?;
    let donnees: Vec<Value> = lus
        .iter()
        .map(|a| {
            let siens = membres.get(&a.id).map(Vec::as_slice).unwrap_or_default();
            let organisations: Vec<Value> = siens
                .iter()
                .map(|o| {
                    let fonction = Fonction::de(o.fait_mandats, o.referent).map(Fonction::nom);
                    json!({ "id": o.structure_id, "numero": o.numero, "fonction": fonction })
                })
                .collect();
            json!({
                "id": a.id,
                "prenom": a.prenom,
                "nom": a.nom,
                "courriel": a.courriel,
                "profession": a.profession,
                "conseiller_numerique": a.conseiller_numerique,
                "etat": a.etat,
                "actif": EtatAidant::from_cle(&a.etat) == Some(EtatAidant::Actif),
                "fait_mandats": siens.iter().any(|o| o.fait_mandats),
                "referent": siens.iter().any(|o| o.referent),
                "cree_le": a.cree_le,
                "forme_le": a.forme_le,
                "pix_le": a.pix_le,
                "organisations": organisations,
                "accompagnements": faits.get(&a.id).copied().unwrap_or_default(),
            })
        })
        .collect();
    noter(&m, actor, (&jeton, "api.lire_aidants"), (&r, donnees.len())).await?;
    let apres = lus.last().filter(|_| lus.len() == taille).map(|a| a.id.to_string());
    Ok(reponse(donnees, suivant(&m, AIDANTS, &r, apres)))
}
