//! The space of who asks: their requests, the number to begin with, what is said on both sides.

use annuaire::structures;
use annuaire::structures::saisie::reprendre;
use annuaire::structures::sirene::Sirene;
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::secrets::link::Secret;
use kernel::Pivot;
use platform::web::observe::Source;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other, see_other_saying,
};

use super::PUBLIC;
use super::depot::{PageDemandeur, admis};
use super::etapes::Lecture;
use crate::habilitations::model::{Demande, Demandeur, Echange, Etat};
use crate::habilitations::reference::{self, Verdict};
use crate::habilitations::store::{self, Genre};
use crate::habilitations::{actions, rules, saisie};
use crate::ids::HabilitationId;
use crate::{Failure, Mandats};

/// Who comes by that link, or the page of what does not exist.
pub(super) async fn entrer(m: &Mandats, jeton: &str) -> Result<Demandeur, PageError> {
    let secret = Secret::parse(jeton).ok_or_else(PageError::not_found)?;
    let conn = m.site.db.read();
    let d = store::lien(conn, &secret, Genre::Espace, m.site.clock.now()).await?;
    d.ok_or_else(PageError::not_found)
}

/// The request of who comes by that link.
pub(super) async fn ouvrir(m: &Mandats, jeton: &str, id: &str) -> Result<(Demandeur, Demande), PageError> {
    let d = entrer(m, jeton).await?;
    let id: HabilitationId = id.parse().map_err(|_| PageError::not_found())?;
    let demande = store::lire(m.site.db.read(), id).await?.filter(|x| x.demandeur == d.id);
    Ok((d, demande.ok_or_else(PageError::not_found)?))
}

/// A page with a secret in its address: no cache keeps it, no other site learns it.
pub(crate) fn secrete(mut page: Response) -> Response {
    use axum::http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY};
    page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}

#[derive(Template)]
#[template(path = "habilitations/pages/espace.html")]
struct PageEspace {
    shell: Shell,
    ici: String,
    d: Demandeur,
    demandes: Vec<Demande>,
}

pub(super) async fn espace(State(m): State<Mandats>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    let d = entrer(&m, &jeton).await?;
    let demandes = store::du_demandeur(m.site.db.read(), d.id).await?;
    page(&PageEspace { shell, ici: format!("{PUBLIC}/espace/{jeton}"), d, demandes }).map(secrete)
}

fn page_profil(shell: Shell, form: FormState, ici: &str) -> PageDemandeur {
    PageDemandeur { shell, form, action: format!("{ici}/profil"), profil: true, retour: ici.to_owned() }
}

pub(super) async fn profil(State(m): State<Mandats>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    let d = entrer(&m, &jeton).await?;
    let form = FormState::filled([
        ("prenom", d.prenom),
        ("nom", d.nom),
        ("profession", d.profession),
        ("telephone", d.telephone.map(|t| t.lisible()).unwrap_or_default()),
    ]);
    page(&page_profil(shell, form, &format!("{PUBLIC}/espace/{jeton}"))).map(secrete)
}

pub(super) async fn enregistrer_profil(
    State(m): State<Mandats>,
    shell: Shell,
    Path(jeton): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let d = entrer(&m, &jeton).await?;
    let ici = format!("{PUBLIC}/espace/{jeton}");
    form.set("courriel", d.courriel.as_str());
    let saisi = saisie::demandeur(&mut form, d.id, d.cree_le).filter(|_| form.is_valid());
    let Some(saisi) = saisi else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page_profil(shell, form, &ici)).map(secrete);
    };
    actions::modifier_profil(&m, &d, saisi).await?;
    Ok(see_other_saying(&ici, "Vos coordonnées sont enregistrées."))
}

#[derive(Template)]
#[template(path = "habilitations/pages/siret.html")]
struct PageSiret {
    shell: Shell,
    form: FormState,
    ici: String,
    /// Organisations of this number that are habilitées already: name, address.
    habilitees: Vec<(String, String)>,
    /// Whether a request of this number is studied.
    en_cours: bool,
    verdict: Option<(Verdict, &'static str)>,
}

pub(super) async fn siret(State(m): State<Mandats>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    entrer(&m, &jeton).await?;
    let ici = format!("{PUBLIC}/espace/{jeton}");
    let p = PageSiret {
        shell,
        form: FormState::default(),
        ici,
        habilitees: Vec::new(),
        en_cours: false,
        verdict: None,
    };
    page(&p).map(secrete)
}

/// Opens a draft from a number: what Sirene and the directory know fills it. What stands already under this number is said
/// first, and so is a legal form that may not ask.
pub(super) async fn commencer(
    State(m): State<Mandats>,
    shell: Shell,
    Path(jeton): Path<String>,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let d = entrer(&m, &jeton).await?;
    let ici = format!("{PUBLIC}/espace/{jeton}");
    let lu = saisie::siret(&mut form);
    let mut p = PageSiret { shell, form, ici, habilitees: Vec::new(), en_cours: false, verdict: None };
    let Some(pivot) = lu else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &p).map(secrete);
    };
    admis(&m, source)?;
    let (ouverture, categorie, active) = connue(&m, &pivot).await?;
    if !active {
        p.form.refuse("siret", "Cet établissement est fermé, d’après le répertoire Sirene. Écrivez le SIRET de l’établissement qui l’a remplacé.");
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &p).map(secrete);
    }
    let verdict = reference::eligibilite(categorie.as_ref());
    if matches!(verdict.0, Verdict::Non(_)) {
        p.verdict = Some(verdict);
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &p).map(secrete);
    }
    if p.form.get("continuer") != "oui" {
        p.habilitees = habilitees(&m, &pivot).await?;
        let demandes = store::du_pivot(m.site.db.read(), pivot.as_str()).await?;
        p.en_cours =
            demandes.iter().any(|x| matches!(x.etat, Etat::EnInstruction | Etat::ModificationsDemandees));
        if p.en_cours || !p.habilitees.is_empty() {
            return page(&p).map(secrete);
        }
    }
    let id = actions::commencer(&m, &d, ouverture).await?;
    Ok(see_other(&format!("{}/{id}/organisation", p.ici)))
}

async fn habilitees(m: &Mandats, pivot: &Pivot) -> Result<Vec<(String, String)>, PageError> {
    let (conn, jour) = (m.site.db.read(), m.jour());
    let mut out = Vec::new();
    for id in store::structures_du_pivot(conn, pivot.as_str()).await? {
        let active = crate::organisations::store::lire(conn, id).await?.is_some_and(|o| o.active(jour));
        if active && let Some(s) = structures::find(conn, id).await? {
            out.push((s.nom, s.adresse));
        }
    }
    Ok(out)
}

type Categorie = Option<annuaire::structures::model::CategorieJuridique>;

/// What is known of a number, by Sirene, else by the directory; and whether Sirene says that it works still.
async fn connue(m: &Mandats, pivot: &Pivot) -> Result<(actions::Ouverture, Categorie, bool), PageError> {
    if let Some(sirene) = Sirene::new(&m.site.config.sirene)
        && let Ok(Some(e)) = sirene.etablissement(pivot).await
    {
        let mut champs = reprendre(&e);
        champs.forget("genre");
        return Ok((actions::Ouverture { nom: e.nom, champs }, e.categorie, e.actif));
    }
    let mut champs = FormState::filled([("pivot", pivot.to_string())]);
    let Some(s) = structures::de_pivot(m.site.db.read(), pivot).await? else {
        return Ok((actions::Ouverture { nom: String::new(), champs }, None, true));
    };
    champs.set("nom", s.nom.clone());
    champs.set("commune", s.commune.nom.clone());
    champs.set("code_commune", s.commune.code.to_string());
    champs.set("categorie", s.categorie.as_ref().map(|c| c.code().to_owned()).unwrap_or_default());
    Ok((actions::Ouverture { nom: s.nom, champs }, s.categorie, true))
}

#[derive(Template)]
#[template(path = "habilitations/pages/demande.html")]
struct PageDemande {
    shell: Shell,
    form: FormState,
    ici: String,
    espace: String,
    demande: Demande,
    lecture: Lecture,
    echanges: Vec<Echange>,
    peut_annuler: bool,
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    (jeton, demande): (&str, Demande),
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let espace = format!("{PUBLIC}/espace/{jeton}");
    let conn = m.site.db.read();
    let p = PageDemande {
        shell,
        form,
        ici: format!("{espace}/{}", demande.id),
        espace,
        lecture: Lecture::de(m, &demande).await?,
        echanges: store::echanges(conn, demande.id).await?,
        peut_annuler: rules::annulable(&demande).is_ok(),
        demande,
    };
    page_with(status, &p).map(secrete)
}

pub(super) async fn demande(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id)): Path<(String, String)>,
) -> PageResult {
    let (_, demande) = ouvrir(&m, &jeton, &id).await?;
    if demande.etat == Etat::Brouillon {
        return Ok(see_other(&format!("{PUBLIC}/espace/{jeton}/{}/recapitulatif", demande.id)));
    }
    montrer(&m, shell, (&jeton, demande), FormState::default(), StatusCode::OK).await
}

pub(super) async fn message(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id)): Path<(String, String)>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande) = ouvrir(&m, &jeton, &id).await?;
    let ici = format!("{PUBLIC}/espace/{jeton}/{}", demande.id);
    if let Some(texte) = form.text("texte", 5_000) {
        match actions::message_du_demandeur(&m, &d, demande.id, &texte).await {
            Ok(()) => {
                return Ok(see_other_saying(&ici, "Votre message est envoyé à l’équipe des habilitations."));
            }
            Err(Failure::Refusal(refusal)) => form.refuse("texte", refusal.to_string()),
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&m, shell, (&jeton, demande), form, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn annuler(
    State(m): State<Mandats>,
    Path((jeton, id)): Path<(String, String)>,
) -> PageResult {
    let (d, demande) = ouvrir(&m, &jeton, &id).await?;
    actions::annuler(&m, &d, demande.id).await?;
    let ici = format!("{PUBLIC}/espace/{jeton}/{}", demande.id);
    Ok(see_other_saying(&ici, "La demande est annulée."))
}

pub(super) async fn effacer(
    State(m): State<Mandats>,
    Path((jeton, id)): Path<(String, String)>,
) -> PageResult {
    let (d, demande) = ouvrir(&m, &jeton, &id).await?;
    actions::retirer(&m, &d, demande.id, None).await?;
    Ok(see_other_saying(&format!("{PUBLIC}/espace/{jeton}"), "Le brouillon est effacé."))
}

pub(super) async fn recommencer(
    State(m): State<Mandats>,
    Path((jeton, id)): Path<(String, String)>,
) -> PageResult {
    let (d, demande) = ouvrir(&m, &jeton, &id).await?;
    let nouvelle = actions::copier(&m, &d, demande.id).await?;
    Ok(see_other_saying(
        &format!("{PUBLIC}/espace/{jeton}/{nouvelle}/organisation"),
        "Un nouveau brouillon reprend ce que disait cette demande.",
    ))
}
