//! Pages of one's own account.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use kernel::Refusal;
use platform::web::{Access, FormState, Formulaire, PageError, PageResult, Routes, Shell};
use platform::web::{PREUVE, page, page_with, see_other, see_other_saying};

use super::model::{Attribution, AttributionId, Compte, Origine, Vue};
use super::{rules, store};
use crate::Identity;
use crate::connexion::actions as connexion;
use crate::connexion::actions::Choix;
use crate::connexion::pages::{Ajout, Codes, as_json, beside, demande_de_cle, no_store, qr_of};
use crate::connexion::{cles, store as preuves};
use crate::sessions::cookies::{Biscuit, Navigateur};
use crate::sessions::libelle;
use crate::sessions::model::{AppareilId, Methode, Present, SessionId};
use crate::sessions::rules::{VUE_DUREE, confirmee, suite_locale};
use crate::sessions::{actions as sessions, store as sessions_store};

pub(crate) fn routes() -> Routes<Identity> {
    use Access::SignedIn;
    Routes::new()
        .get("/compte", SignedIn, compte)
        .post("/compte/role", SignedIn, role)
        .get("/compte/mot-de-passe", SignedIn, mot_de_passe)
        .post("/compte/mot-de-passe", SignedIn, mot_de_passe_envoye)
        .get("/compte/secours", SignedIn, secours)
        .post("/compte/secours", SignedIn, secours_envoye)
        .post("/compte/cles/debut", SignedIn, cle_debut)
        .post("/compte/cles/fin", SignedIn, cle_fin)
        .post("/compte/cles/{id}/retirer", SignedIn, cle_retirer)
        .post("/compte/sessions/{id}/fermer", SignedIn, session_fermer)
        .post("/compte/sessions/fermer-autres", SignedIn, sessions_fermer)
        .post("/compte/appareils/{id}/oublier", SignedIn, appareil_oublier)
        .post("/compte/voir-comme/quitter", Access::EvenSeeingAs, quitter_vue)
}

/// A day and an hour, by the clock of Paris.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    kernel::calendrier::en_lettres_avec_heure(&at)
}

/// A day, by the calendar of Paris.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    kernel::calendrier::en_lettres(&at)
}

/// One's own account: not that of a person whose eyes are borrowed.
pub(crate) fn own(present: &Present) -> Result<&Compte, PageError> {
    if present.vue.is_some() {
        return Err(Refusal::forbidden("Ces pages n’appartiennent qu’à la personne elle-même.").into());
    }
    Ok(&present.compte)
}

/// One's own account, proved recently; otherwise the page that asks for a proof.
pub(crate) fn proved<'a>(
    id: &Identity,
    present: &'a Present,
    here: &str,
) -> Result<Result<&'a Compte, Response>, PageError> {
    let compte = own(present)?;
    let fresh =
        confirmee(&present.session, id.site.clock.now()) || present.session.methode == Methode::Demonstration;
    let ask = || see_other(&format!("{PREUVE}?retour={}", here.replace('/', "%2F")));
    Ok(if fresh { Ok(compte) } else { Err(ask()) })
}

/// The session with its new secret, on a redirection.
pub(crate) fn renewed(id: &Identity, to: &str, secret: &crate::secrets::link::Secret) -> Response {
    let mut response = see_other(to);
    id.biscuits().set(&mut response, Biscuit::Session, secret);
    response
}

pub(crate) struct LigneRole {
    pub(crate) id: AttributionId,
    pub(crate) label: String,
    pub(crate) fin: Option<String>,
    pub(crate) par: Option<String>,
    pub(crate) rendre: bool,
}

pub(crate) struct LigneVue {
    pub(crate) par: String,
    pub(crate) debut: String,
    pub(crate) fin: String,
    pub(crate) motif: String,
}

pub(crate) fn lignes_vues(vues: Vec<Vue>, now: DateTime<Utc>) -> Vec<LigneVue> {
    vues.into_iter()
        .map(|v| LigneVue {
            par: v.par_nom,
            debut: instant(v.debut),
            // Over after its half hour, even before the clean-up has written it.
            fin: v
                .fin
                .or_else(|| Some(v.debut + VUE_DUREE).filter(|fin| *fin <= now))
                .map_or_else(|| "en cours".to_owned(), instant),
            motif: v.motif,
        })
        .collect()
}

struct LigneCle {
    id: uuid::Uuid,
    nom: String,
    cree_le: String,
    utilisee_le: Option<String>,
}

struct LigneSession {
    id: SessionId,
    appareil: String,
    methode: &'static str,
    cree_le: String,
    vu_le: String,
    ici: bool,
}

struct LigneAppareil {
    id: AppareilId,
    nom: String,
    vu_le: String,
}

#[derive(Template)]
#[template(path = "comptes/pages/compte.html")]
struct ComptePage {
    shell: Shell,
    form: FormState,
    c: Compte,
    vue: bool,
    demo: bool,
    confirmee: bool,
    cle_possible: bool,
    roles: Vec<LigneRole>,
    mot_de_passe: bool,
    secours: i64,
    proconnect: Option<String>,
    cles: Vec<LigneCle>,
    sessions: Vec<LigneSession>,
    appareils: Vec<LigneAppareil>,
    vues: Vec<LigneVue>,
}

async fn compte(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    let (conn, now) = (id.site.db.read(), id.site.clock.now());
    let c = present.visible().clone();
    let vue = present.vue.is_some();
    let live = present.vue.as_ref().map_or(&present.roles, |r| &r.roles);
    let roles = lignes_roles(&id, live).await?;
    let vues = lignes_vues(store::vues_de(conn, c.id).await?, id.site.clock.now());
    let mut template = ComptePage {
        shell,
        form: FormState::default(),
        vue,
        demo: present.session.methode == Methode::Demonstration,
        confirmee: confirmee(&present.session, now),
        cle_possible: id.webauthn.is_some(),
        roles,
        mot_de_passe: false,
        secours: 0,
        proconnect: None,
        cles: Vec::new(),
        sessions: Vec::new(),
        appareils: Vec::new(),
        vues,
        c,
    };
    if !vue {
        let me = template.c.id;
        template.mot_de_passe =
            preuves::mot_de_passe(conn, me).await?.is_some() && preuves::a_des_codes(conn, me).await?;
        template.secours = preuves::secours_restants(conn, me).await?;
        template.proconnect = crate::proconnect::store::identite_de(conn, me).await?.map(|i| day(i.lie_le));
        template.cles = preuves::cles(conn, me)
            .await?
            .into_iter()
            .map(|k| LigneCle {
                id: k.id,
                nom: k.nom,
                cree_le: day(k.cree_le),
                utilisee_le: k.utilisee_le.map(day),
            })
            .collect();
        template.sessions = sessions_store::vivantes(conn, me, now)
            .await?
            .into_iter()
            .map(|s| LigneSession {
                id: s.id,
                methode: s.methode.nom(),
                cree_le: instant(s.cree_le),
                vu_le: instant(s.vu_le),
                ici: s.id == present.session.id,
                appareil: s.appareil,
            })
            .collect();
        template.appareils = sessions_store::appareils(conn, me, now)
            .await?
            .into_iter()
            .map(|a| LigneAppareil { id: a.id, nom: a.nom, vu_le: day(a.vu_le) })
            .collect();
    }
    page(&template)
}

async fn lignes_roles(id: &Identity, roles: &[Attribution]) -> Result<Vec<LigneRole>, PageError> {
    let lenders: Vec<_> = roles
        .iter()
        .filter_map(|r| match r.origine {
            Origine::Deleguee { par, .. } => Some(par),
            _ => None,
        })
        .collect();
    let names = store::noms(id.site.db.read(), &lenders).await?;
    let mut lignes = Vec::with_capacity(roles.len());
    for r in roles {
        lignes.push(LigneRole {
            id: r.id,
            label: libelle(id, r.role, &r.perimetre).await,
            fin: r.periode.fin.map(kernel::calendrier::jour_en_lettres),
            par: match r.origine {
                Origine::Deleguee { par, .. } => names.get(&par).cloned(),
                _ => None,
            },
            rendre: rules::est_delegation(r),
        });
    }
    Ok(lignes)
}

async fn role(State(id): State<Identity>, present: Present, Formulaire(form): Formulaire) -> PageResult {
    let role: AttributionId = form.get("role").parse().map_err(|_| PageError::not_found())?;
    let suite = suite_locale(Some(form.get("retour")));
    let secret = sessions::choose_role(&id.site, &present, role).await?;
    Ok(renewed(&id, &suite, &secret))
}

#[derive(Template)]
#[template(path = "comptes/pages/mot_de_passe.html")]
struct MotDePasse {
    shell: Shell,
    form: FormState,
    qr: Option<String>,
    graine: String,
    scelle: String,
}

fn show_password(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    form: FormState,
    me: &Compte,
) -> PageResult {
    let (graine, scelle) = connexion::reopen_seed(&id.site, me.id, form.get("graine"))?;
    let qr = qr_of(id, &graine, me.courriel.as_str());
    page_with(status, &MotDePasse { shell, form, qr, graine: graine.text(), scelle }).map(no_store)
}

async fn mot_de_passe(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    match proved(&id, &present, "/compte/mot-de-passe")? {
        Ok(me) => show_password(&id, StatusCode::OK, shell, FormState::default(), me),
        Err(ask) => Ok(ask),
    }
}

async fn mot_de_passe_envoye(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let me = match proved(&id, &present, "/compte/mot-de-passe")? {
        Ok(me) => me,
        Err(ask) => return Ok(ask),
    };
    let (graine, _) = connexion::reopen_seed(&id.site, me.id, form.get("graine"))?;
    let choix = Choix {
        mot_de_passe: form.raw("mot_de_passe").to_owned(),
        graine,
        code: form.get("code").to_owned(),
    };
    form.forget("mot_de_passe");
    form.forget("code");
    match connexion::replace_choice(&id, me, &choix, present.session.id).await {
        Ok(()) => Ok(see_other_saying(
            "/compte",
            "Votre mot de passe et votre application de codes sont enregistrés.",
        )),
        Err(e) => {
            let status = beside(&mut form, "mot_de_passe", e)?;
            show_password(&id, status, shell, form, me)
        }
    }
}

#[derive(Template)]
#[template(path = "comptes/pages/secours.html")]
struct Secours {
    shell: Shell,
}

async fn secours(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    match proved(&id, &present, "/compte/secours")? {
        Ok(_) => page(&Secours { shell }),
        Err(ask) => Ok(ask),
    }
}

async fn secours_envoye(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    match proved(&id, &present, "/compte/secours")? {
        Ok(me) => {
            let codes = connexion::replace_recovery_codes(&id.site, me).await?;
            page(&Codes { shell, codes, suite: "/compte" }).map(no_store)
        }
        Err(ask) => Ok(ask),
    }
}

async fn cle_debut(State(id): State<Identity>, present: Present) -> PageResult {
    let begin = match proved(&id, &present, "/compte")? {
        Ok(me) => cles::begin_add(&id, me).await,
        Err(_) => Err(Refusal::conflict("Confirmez d’abord que c’est vous : rechargez cette page.").into()),
    };
    Ok(demande_de_cle(&id, begin))
}

async fn cle_fin(
    State(id): State<Identity>,
    present: Present,
    nav: Navigateur,
    Json(body): Json<Ajout>,
) -> PageResult {
    let me = own(&present)?;
    Ok(match cles::finish_add(&id, me, &body.answer, &body.nom, &nav).await {
        Ok(()) => Json(serde_json::json!({ "suite": "/compte" })).into_response(),
        Err(e) => as_json(e),
    })
}

async fn cle_retirer(
    State(id): State<Identity>,
    present: Present,
    Path(cle): Path<uuid::Uuid>,
) -> PageResult {
    match proved(&id, &present, "/compte")? {
        Ok(me) => {
            cles::remove(&id, me, cle).await?;
            Ok(see_other_saying("/compte", "La clé d’accès est retirée."))
        }
        Err(ask) => Ok(ask),
    }
}

async fn session_fermer(
    State(id): State<Identity>,
    present: Present,
    Path(s): Path<SessionId>,
) -> PageResult {
    sessions::close(&id.site, own(&present)?.id, s).await?;
    Ok(see_other_saying("/compte", "La session est fermée."))
}

async fn sessions_fermer(State(id): State<Identity>, present: Present) -> PageResult {
    own(&present)?;
    sessions::close_others(&id.site, &present).await?;
    Ok(see_other_saying("/compte", "Vos autres sessions sont fermées."))
}

async fn appareil_oublier(
    State(id): State<Identity>,
    present: Present,
    Path(a): Path<AppareilId>,
) -> PageResult {
    sessions::forget_device(&id.site, own(&present)?.id, a).await?;
    Ok(see_other_saying("/compte", "L’appareil est oublié et ses sessions sont fermées."))
}

async fn quitter_vue(State(id): State<Identity>, present: Present) -> PageResult {
    let seen = present.vue.as_ref().map(|r| r.vu.id).ok_or_else(PageError::not_found)?;
    let secret = sessions::stop_seeing_as(&id.site, &present).await?;
    Ok(renewed(&id, &format!("/gestion/comptes/{seen}"), &secret))
}
