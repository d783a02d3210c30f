//! What the person allowed, and how to end it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use platform::documents;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other_saying,
};

use super::super::actions::{self, Cible, MandatVu, UsageVu};
use super::super::biscuits::Chez;
use super::super::model::Moyen;
use super::prive;
use crate::document::Dessin;
use crate::ids::AutorisationId;
use crate::mandats::impression::{self, Presentation};
use crate::{Mandats, transferts};

#[derive(Template)]
#[template(path = "espace/pages/liste.html")]
struct Liste {
    shell: Shell,
    nom: String,
    par_code: bool,
    actifs: Vec<MandatVu>,
    finis: Vec<MandatVu>,
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell, chez: Chez) -> PageResult {
    let (actifs, finis) = actions::lister(&m, &chez.usager).await?.into_iter().partition(MandatVu::actif);
    let nom = chez.usager.identite.nom_complet();
    let par_code = chez.session.moyen == Moyen::Code;
    page(&Liste { shell, nom, par_code, actifs, finis }).map(prive)
}

#[derive(Template)]
#[template(path = "espace/pages/mandat.html")]
struct Fiche {
    shell: Shell,
    mandat: MandatVu,
    usages: Vec<UsageVu>,
    /// How it passed from one organisation to another.
    transferts: Vec<String>,
    dessin: Option<Dessin>,
}

pub(super) async fn mandat(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    Path(numero): Path<String>,
) -> PageResult {
    let (ligne, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let mut usages = actions::usages(&m, &chez.usager).await?;
    usages.retain(|u| u.mandat == ligne.id);
    let actes = transferts::actes(&m, m.site.db.read(), ligne.id).await?;
    let transferts = actes.iter().map(|(acte, _)| acte.phrase()).collect();
    let signe = crate::mandats::relire(&m, m.site.db.read(), &ligne).await?;
    let dessin = signe.map(|s| s.contenu().dessine()).transpose().map_err(PageError::internal)?;
    page(&Fiche { shell, mandat, usages, transferts, dessin }).map(prive)
}

/// The same print as the aidant's.
pub(super) async fn imprimer(
    State(m): State<Mandats>,
    chez: Chez,
    Path(numero): Path<String>,
    Requete(query): Requete,
) -> PageResult {
    let (ligne, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let signe = crate::mandats::relire(&m, m.site.db.read(), &ligne).await?;
    let signe = signe.ok_or_else(PageError::not_found)?;
    let presentation = Presentation::from_cle(query.get("presentation"));
    let document = impression::mandat(&m.site, &signe, presentation).map_err(PageError::internal)?;
    let octets = documents::pdf(document, signe.contenu().cree.date_time().to_utc()).await?;
    Ok(prive(documents::reponse(&format!("mandat-{}", mandat.numero), octets)))
}

/// The signed file: whoever has it can show that the mandat is authentic, without this site.
pub(super) async fn fichier(State(m): State<Mandats>, chez: Chez, Path(numero): Path<String>) -> PageResult {
    let (_, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let document = mandat.document.ok_or_else(PageError::not_found)?;
    let nom = format!("attachment; filename=\"mandat-{}.json\"", mandat.numero);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, nom)];
    Ok(prive((headers, document).into_response()))
}

/// The messages by which the person agreed from afar, letter for letter: the signed file holds their SHA-256.
pub(super) async fn echange(State(m): State<Mandats>, chez: Chez, Path(numero): Path<String>) -> PageResult {
    let (_, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let echange = mandat.echange.ok_or_else(PageError::not_found)?;
    let nom = format!("attachment; filename=\"mandat-{}-echange.json\"", mandat.numero);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, nom)];
    Ok(prive((headers, echange).into_response()))
}

/// The signed act of a transfer, beside the signed file.
pub(super) async fn transfert(
    State(m): State<Mandats>,
    chez: Chez,
    Path((numero, rang)): Path<(String, String)>,
) -> PageResult {
    let (ligne, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let acte = transferts::fichier(&m, m.site.db.read(), ligne.id, &rang).await?;
    let nom = format!("attachment; filename=\"mandat-{}-transfert-{rang}.json\"", mandat.numero);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, nom)];
    Ok(prive((headers, acte).into_response()))
}

#[derive(Template)]
#[template(path = "espace/pages/revoquer.html")]
struct Confirmation {
    shell: Shell,
    form: FormState,
    mandat: MandatVu,
}

pub(super) async fn confirmer(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    Path(numero): Path<String>,
) -> PageResult {
    let (_, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    // Everything is chosen: who wants to keep something says so.
    let cases = mandat.autorisations.iter().filter(|a| a.active).map(|a| ("demarches", a.id.to_string()));
    let form = FormState::filled(cases);
    page(&Confirmation { shell, form, mandat }).map(prive)
}

pub(super) async fn revoquer(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    Path(numero): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (_, mandat) = actions::lire(&m, &chez.usager, &numero).await?;
    let lire = |t: &str| uuid::Uuid::parse_str(t).map(AutorisationId).map_err(|_| PageError::not_found());
    let ids: Vec<AutorisationId> = form.all("demarches").take(50).map(lire).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        form.refuse("demarches", "Cochez ce à quoi vous voulez mettre fin.");
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Confirmation { shell, form, mandat }).map(prive);
    }
    let combien = actions::revoquer(&m, &chez.usager, &Cible::Demarches(numero, ids)).await?;
    Ok(see_other_saying(&format!("/mes-mandats/mandat/{}", mandat.numero), &phrase(combien)))
}

fn phrase(combien: usize) -> String {
    match combien {
        0 => "Tout cela avait déjà pris fin : personne ne peut plus agir en votre nom avec ce mandat."
            .to_owned(),
        1 => "C’est fait : cette démarche ne peut plus être faite en votre nom.".to_owned(),
        n => format!("C’est fait : ces {n} démarches ne peuvent plus être faites en votre nom."),
    }
}

#[derive(Template)]
#[template(path = "espace/pages/tout.html")]
struct ConfirmationTout {
    shell: Shell,
    actifs: Vec<MandatVu>,
}

pub(super) async fn confirmer_tout(State(m): State<Mandats>, shell: Shell, chez: Chez) -> PageResult {
    let mut actifs = actions::lister(&m, &chez.usager).await?;
    actifs.retain(MandatVu::actif);
    page(&ConfirmationTout { shell, actifs }).map(prive)
}

pub(super) async fn revoquer_tout(State(m): State<Mandats>, chez: Chez) -> PageResult {
    let combien = actions::revoquer(&m, &chez.usager, &Cible::Tout).await?;
    Ok(see_other_saying("/mes-mandats", &phrase(combien)))
}
