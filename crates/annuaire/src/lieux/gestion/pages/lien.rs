//! The page of a reminder's link: what the sheets say, one button to confirm each, one way to say what changed. Reading
//! it changes nothing.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY};
use axum::response::Response;
use kernel::ids::LieuId;
use platform::web::{Formulaire, PageError, PageResult, Shell, page, see_other_saying};

use crate::Annuaire;
use crate::lieux::gestion::{actions, rappels};
use crate::lieux::ouverture::{Horaires, Scolaire, Semaine};
use crate::lieux::recherche::Facette;
use crate::lieux::standard::Champ;
use crate::lieux::{Etat, Fiche};

/// A lieu of the page.
struct Bloc {
    id: LieuId,
    nom: String,
    faits: Vec<(&'static str, String)>,
    confirme: Option<String>,
    ferme: bool,
}

#[derive(Template)]
#[template(path = "lieux/gestion/pages/lien.html")]
struct Page {
    shell: Shell,
    jeton: String,
    blocs: Vec<Bloc>,
}

#[derive(Template)]
#[template(path = "lieux/gestion/pages/arret.html")]
struct PageArret {
    shell: Shell,
    jeton: String,
}

/// The address holds a secret: it goes to no other site, and stays in no cache.
fn prive(mut reponse: Response) -> Response {
    reponse.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reponse
}

pub(super) async fn page_lien(
    State(annuaire): State<Annuaire>,
    Path(jeton): Path<String>,
    shell: Shell,
) -> PageResult {
    let rappel = rappels::ouvrir(&annuaire, &jeton).await?;
    let maintenant = annuaire.site.clock.now();
    let index = annuaire.index().await?;
    let mut blocs = Vec::new();
    for (g, confirme) in rappels::lieux(&annuaire, &rappel).await? {
        blocs.push(Bloc {
            id: g.id(),
            nom: g.lieu.fiche.nom.to_string(),
            faits: faits(&g.lieu.fiche, index.scolaire(), maintenant),
            confirme: confirme.map(|c| kernel::calendrier::en_lettres(&c)),
            ferme: g.lieu.etat != Etat::Ouvert,
        });
    }
    page(&Page { shell, jeton, blocs }).map(prive)
}

/// What a lieu is asked about: what people look at before they come.
fn faits(
    fiche: &Fiche,
    scolaire: &Scolaire,
    maintenant: chrono::DateTime<chrono::Utc>,
) -> Vec<(&'static str, String)> {
    let ville = format!("{} {}", fiche.code_postal.as_ref().map_or("", |c| c.as_str()), fiche.commune);
    let adresse: Vec<&str> = [&*fiche.adresse, &*fiche.complement_adresse, ville.trim()]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect();
    let departement = fiche.code_insee.as_ref().map(kernel::CodeCommune::departement);
    let horaires = match Horaires::lit(&fiche.horaires, departement.as_ref()) {
        Some(h) => Semaine::de(&h.avec_scolaire(scolaire), maintenant)
            .jours
            .iter()
            .map(|j| {
                format!(
                    "{} : {}",
                    j.nom,
                    if j.plages.is_empty() { "fermé".to_owned() } else { j.plages.join(", ") }
                )
            })
            .collect::<Vec<_>>()
            .join("\n"),
        None => fiche.horaires.to_string(),
    };
    let clairs = |champ: Champ, facette: Facette| {
        let valeur = fiche.valeur(champ).into_owned();
        valeur
            .split('|')
            .filter_map(|v| facette.valeur(v).map(|r| facette.valeurs()[r].clair.to_string()))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let services: Vec<String> =
        fiche.valeur(Champ::Services).split('|').map(|s| s.replace('\'', "’")).collect();
    [
        ("Adresse", adresse.join(", ")),
        ("Téléphone", fiche.telephone.as_ref().map(|t| t.lisible()).unwrap_or_default()),
        ("Courriel", fiche.courriels.replace('|', ", ")),
        ("Site web", fiche.site_web.replace('|', ", ")),
        ("Horaires de cette semaine", horaires),
        ("Services", services.join("\n")),
        ("Pour venir", clairs(Champ::ModalitesAcces, Facette::Acces)),
        ("Prix", clairs(Champ::FraisACharge, Facette::Frais)),
    ]
    .into_iter()
    .map(|(quoi, valeur)| (quoi, if valeur.is_empty() { "non renseigné".to_owned() } else { valeur }))
    .collect()
}

pub(super) async fn confirmer(
    State(annuaire): State<Annuaire>,
    Path(jeton): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let rappel = rappels::ouvrir(&annuaire, &jeton).await?;
    let id: LieuId = form.get("lieu").parse().map_err(|_| PageError::not_found())?;
    actions::confirmer_par_lien(&annuaire, &rappel, id).await?;
    let adresse = format!("/lieux/confirmer/{jeton}");
    Ok(prive(see_other_saying(&adresse, "Merci ! La fiche est confirmée à la date d’aujourd’hui.")))
}

pub(super) async fn page_arret(
    State(annuaire): State<Annuaire>,
    Path(jeton): Path<String>,
    shell: Shell,
) -> PageResult {
    rappels::ouvrir(&annuaire, &jeton).await?;
    page(&PageArret { shell, jeton }).map(prive)
}

pub(super) async fn arreter(State(annuaire): State<Annuaire>, Path(jeton): Path<String>) -> PageResult {
    rappels::arreter(&annuaire, &jeton).await?;
    let adresse = format!("/lieux/confirmer/{jeton}");
    Ok(prive(see_other_saying(&adresse, "C’est noté : cette adresse ne recevra plus ces courriels.")))
}
