//! Sessions for training bodies: list, form, sheet, presence.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Email, Perimetre, Refusal};
use platform::web::{
    Exports, FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other_saying,
    see_other_warning,
};

use super::ORGANISME;
use crate::aidants::{self, Aidant, mails};
use crate::formations::actions::{self, Geste};
use crate::formations::model::{Fiche, Inscription, InscriptionId, Session};
use crate::formations::{regles, store};
use crate::ids::{AidantId, SessionFormationId};
use crate::{Failure, Mandats};

/// Sessions of a page.
const PAR_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "formations/pages/sessions.html")]
struct Liste {
    shell: Shell,
    sessions: Vec<(Session, String)>,
    page: usize,
    suite: bool,
    exports: Exports,
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    let conn = m.site.db.read();
    let n: usize = form.get("page").parse().unwrap_or(1).clamp(1, 10_000);
    let vues = actions::organismes(shell.actor()?);
    let mut lues = store::des_organismes(conn, vues.as_deref(), ((n - 1) * PAR_PAGE, PAR_PAGE + 1)).await?;
    let suite = lues.len() > PAR_PAGE;
    lues.truncate(PAR_PAGE);
    let mut noms: HashMap<StructureId, String> = HashMap::new();
    let mut sessions = Vec::with_capacity(lues.len());
    for s in lues {
        if let Entry::Vacant(place) = noms.entry(s.organisme) {
            place.insert(mails::nom_de(&m, s.organisme).await?);
        }
        let nom = noms.get(&s.organisme).cloned().unwrap_or_default();
        sessions.push((s, nom));
    }
    page(&Liste { shell, sessions, page: n, suite, exports: Exports::new(ORGANISME, &[]) })
}

#[derive(Template)]
#[template(path = "formations/pages/formulaire.html")]
struct Saisie {
    shell: Shell,
    form: FormState,
    session: Option<SessionFormationId>,
    organismes: Vec<(String, String)>,
    departements: Vec<(String, String)>,
}

impl Saisie {
    fn action(&self) -> String {
        self.session
            .map_or_else(|| format!("{ORGANISME}/nouvelle"), |id| format!("{ORGANISME}/{id}/modifier"))
    }

    fn durees(&self) -> Vec<(String, String)> {
        regles::HEURES.iter().map(|h| (h.to_string(), format!("{h} heures"))).collect()
    }
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    status: StatusCode,
    form: FormState,
    session: Option<SessionFormationId>,
) -> PageResult {
    let conn = m.site.db.read();
    let actor = shell.actor()?;
    let mut organismes = Vec::new();
    match actions::organismes(actor) {
        Some(ids) => {
            for id in ids.into_iter().take(50) {
                organismes.push((id.to_string(), mails::nom_de(m, id).await?));
            }
        }
        None => {
            organismes.push((String::new(), "Choisissez".to_owned()));
            let role = kernel::Role::OrganismeFormation;
            let ids = identity::structures_du_role(conn, role, m.site.clock.now()).await?;
            let vues = annuaire::structures::trouver(conn, ids).await?;
            let mut noms: Vec<(String, String)> =
                vues.values().map(|v| (v.id.to_string(), format!("{}, {}", v.nom, v.commune.nom))).collect();
            noms.sort_by_cached_key(|(id, nom)| (kernel::text::fold(nom), id.clone()));
            noms.dedup();
            organismes.extend(noms);
        }
    }
    let mut departements = crate::habilitations::departements(m, &Perimetre::National);
    if let Some(tous) = departements.first_mut() {
        tous.1 = "Tout le pays".to_owned();
    }
    page_with(status, &Saisie { shell, form, session, organismes, departements })
}

pub(super) async fn nouvelle(
    State(m): State<Mandats>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    if form.get("heures").is_empty() {
        form.set("heures", "7");
        form.set("publiee", "oui");
    }
    montrer(&m, shell, StatusCode::OK, form, None).await
}

/// Reads the form; what is wrong is noted beside its field.
fn lire(form: &mut FormState) -> Option<Fiche> {
    let jour = |v: &str| crate::jours::lire(v).ok_or("Écrivez une date, comme 01/09/2026.");
    let intitule = form.text("intitule", regles::TEXTE_MAX);
    let (debut, fin) = (form.parse("debut", jour), form.parse("fin", jour));
    let heures = form.parse("heures", |v| v.parse().map_err(|_| "Choisissez 7 ou 14 heures."));
    let places = form.parse("places", |v| v.parse().map_err(|_| "Écrivez un nombre de places."));
    let lieu = form.text_opt("lieu", regles::TEXTE_MAX);
    let departement = form.parse_opt("departement", |v| {
        CodeDepartement::parse(&v.to_uppercase()).ok_or("Écrivez le code d’un département, comme 23 ou 2A.")
    });
    let demi_journees: String =
        form.raw("demi_journees").chars().filter(|c| *c == '\n' || !c.is_control()).take(600).collect();
    let coche = |champ: &str| form.get(champ) == "oui";
    Some(Fiche {
        publiee: coche("publiee"),
        intra: coche("intra"),
        conseillers_numeriques: coche("conum"),
        intitule: intitule?,
        debut: debut?,
        fin: fin?,
        heures: heures?,
        places: places?,
        lieu: lieu?,
        departement: departement?,
        demi_journees: demi_journees.trim().to_owned(),
    })
}

pub(super) async fn ouvrir(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let organisme: Option<StructureId> =
        form.parse("organisme", |v| v.parse().map_err(|_| "Choisissez un organisme de la liste."));
    if let (Some(fiche), Some(organisme)) = (lire(&mut form), organisme) {
        match actions::ouvrir(&m, shell.actor()?, organisme, fiche).await {
            Ok(id) => {
                return Ok(see_other_saying(&format!("{ORGANISME}/{id}"), "La session est enregistrée."));
            }
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
}

pub(super) async fn modification(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let s = actions::la_sienne(m.site.db.read(), shell.actor()?, SessionFormationId(id)).await?;
    let f = &s.fiche;
    let oui = |b: bool| if b { "oui".to_owned() } else { String::new() };
    let form = FormState::filled([
        ("version", s.version.to_string()),
        ("organisme", s.organisme.to_string()),
        ("intitule", f.intitule.clone()),
        ("debut", f.debut.to_string()),
        ("fin", f.fin.to_string()),
        ("heures", f.heures.to_string()),
        ("places", f.places.to_string()),
        ("lieu", f.lieu.clone().unwrap_or_default()),
        ("departement", f.departement.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("demi_journees", f.demi_journees.clone()),
        ("publiee", oui(f.publiee)),
        ("intra", oui(f.intra)),
        ("conum", oui(f.conseillers_numeriques)),
    ]);
    montrer(&m, shell, StatusCode::OK, form, Some(s.id)).await
}

pub(super) async fn modifier(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = SessionFormationId(id);
    actions::la_sienne(m.site.db.read(), shell.actor()?, id).await?;
    if let Some(fiche) = lire(&mut form) {
        let version = form.get("version").parse().unwrap_or(-1);
        match actions::modifier(&m, shell.actor()?, id, version, fiche).await {
            Ok(()) => return Ok(see_other_saying(&format!("{ORGANISME}/{id}"), "La session est modifiée.")),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("intitule", phrase),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, form, Some(id)).await
}

/// A session and who is in it.
struct Suivie {
    session: Session,
    participants: Vec<(Inscription, Aidant)>,
}

async fn suivie(m: &Mandats, shell: &Shell, id: uuid::Uuid) -> Result<Suivie, PageError> {
    let conn = m.site.db.read();
    let session = actions::la_sienne(conn, shell.actor()?, SessionFormationId(id)).await?;
    let lignes = store::de_session(conn, session.id).await?;
    let ids: Vec<AidantId> = lignes.iter().map(|i| i.aidant).collect();
    let qui = aidants::store::lire_plusieurs(conn, &ids).await?;
    let participants = lignes
        .into_iter()
        .filter_map(|i| qui.iter().find(|a| a.id == i.aidant).cloned().map(|a| (i, a)))
        .collect();
    Ok(Suivie { session, participants })
}

#[derive(Template)]
#[template(path = "formations/pages/session.html")]
struct Page {
    shell: Shell,
    form: FormState,
    organisme: String,
    s: Session,
    participants: Vec<(Inscription, Aidant)>,
    /// Other sessions of the body, to which somebody may be moved.
    autres: Vec<(String, String)>,
    commencee: bool,
}

async fn montrer_session(
    m: &Mandats,
    shell: Shell,
    status: StatusCode,
    id: uuid::Uuid,
    form: FormState,
) -> PageResult {
    let Suivie { session: s, participants } = suivie(m, &shell, id).await?;
    let jour = m.jour();
    let conn = m.site.db.read();
    let siennes = store::des_organismes(conn, Some(&[s.organisme]), (0, 60)).await?;
    let autres = siennes
        .iter()
        .filter(|x| x.id != s.id && x.annulee.is_none() && x.fiche.fin >= jour)
        .map(|x| {
            (
                x.id.to_string(),
                format!("{}, {}", kernel::calendrier::jour_en_lettres(x.fiche.debut), x.lieu()),
            )
        })
        .collect();
    let organisme = mails::nom_de(m, s.organisme).await?;
    let commencee = s.fiche.debut <= jour;
    page_with(status, &Page { shell, form, organisme, s, participants, autres, commencee })
}

pub(super) async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer_session(&m, shell, StatusCode::OK, id, FormState::default()).await
}

pub(super) async fn csv(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> Result<Response, PageError> {
    let x = suivie(&m, &shell, id).await?;
    let mut t = platform::tableur::Tableur::bureautique(Vec::new());
    let ecrit = (|| {
        t.ligne(["Nom", "Prénom", "Courriel", "Profession", "Conseiller numérique", "Situation"])?;
        for (i, a) in &x.participants {
            let conum = if i.finance_cn { "oui" } else { "non" };
            t.ligne([&a.nom, &a.prenom, a.courriel.as_str(), &a.profession, conum, i.etat.nom()])?;
        }
        t.termine()
    })();
    let octets: Vec<u8> = ecrit.map_err(PageError::internal)?;
    let lignes = x.participants.len();
    let ligne =
        platform::journal::Entry::by(shell.actor()?, "formation_aidants.emporter", "formation_aidants", id)
            .with(serde_json::json!({ "lignes": lignes }));
    m.site.db.write(async |tx| platform::journal::write(&m.site, tx, ligne.clone()).await).await?;
    let entetes = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"participants.csv\""),
    ];
    Ok((entetes, octets).into_response())
}

fn dit(page: &str, fait: Result<(), Failure>, phrase: &str) -> PageResult {
    match fait {
        Ok(()) => Ok(see_other_saying(page, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(page, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn annuler(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let Some(motif) = form.text("motif", regles::TEXTE_MAX) else {
        return montrer_session(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, id, form).await;
    };
    let fait = actions::annuler_session(&m, shell.actor()?, SessionFormationId(id), &motif).await;
    dit(&format!("{ORGANISME}/{id}"), fait, "La session est annulée ; les référents sont prévenus.")
}

pub(super) async fn inscrire(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    if let Some(courriel) = form.parse("courriel", Email::parse) {
        match actions::inscrire_intra(&m, shell.actor()?, SessionFormationId(id), &courriel).await {
            Ok(etat) => return Ok(see_other_saying(&format!("{ORGANISME}/{id}"), etat.nom())),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("courriel", phrase),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer_session(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, id, form).await
}

pub(super) async fn suivre(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let geste = match form.get("geste") {
        "presente" => Geste::Presente,
        "absente" => Geste::Absente,
        "defaire" => Geste::Defaire,
        "annuler" => Geste::Annuler,
        "deplacer" => Geste::Deplacer(SessionFormationId(
            form.get(&format!("vers-{id}")).parse().map_err(|_| PageError::not_found())?,
        )),
        _ => return Err(PageError::not_found()),
    };
    let id = InscriptionId(id);
    let conn = m.site.db.read();
    let i = store::inscription(conn, id).await?.ok_or_else(PageError::not_found)?;
    let fait = actions::suivre(&m, shell.actor()?, id, geste).await;
    dit(&format!("{ORGANISME}/{}", i.session), fait, "C’est noté.")
}
