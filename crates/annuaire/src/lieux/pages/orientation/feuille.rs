//! The sheet of paper that the helped person takes away. Names and words are read, printed, and forgotten: they stand in
//! the body of a request that leaves no trace, never in an address.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use kernel::ids::LieuId;
use platform::web::{Formulaire, PageResult, Shell, page, page_with, qr};

use super::{compose_resultats, elargit, reponses};
use crate::Annuaire;
use crate::lieux::ouverture::{Horaires, Semaine};
use crate::lieux::pages::requete::Lue;
use crate::lieux::recherche::{Facette, IndexLieux, departement};
use crate::lieux::standard::Valeur;
use crate::lieux::{Etat, Lieu, lieu};

/// Lieux of a sheet: it stays a sheet.
const LIEUX_MAX: usize = 5;

/// A lieu on paper.
struct LieuImprime {
    nom: String,
    adresse: Vec<String>,
    distance: Option<String>,
    telephone: Option<String>,
    courriel: Option<String>,
    jours: Vec<(String, String)>,
    venir: Vec<String>,
    adresse_page: String,
    qr: Option<String>,
}

#[derive(Template)]
#[template(path = "lieux/pages/orientation/feuille.html")]
struct Page {
    shell: Shell,
    le: String,
    pour: String,
    par: String,
    mot: Vec<String>,
    reponses: Vec<(&'static str, String, String)>,
    lieux: Vec<LieuImprime>,
    retour: String,
}

pub(crate) async fn page_feuille(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let index = annuaire.index().await?;
    let maintenant = annuaire.site.clock.now();
    let mut lue = Lue::de(&annuaire.territoires(), &form, maintenant);
    elargit(&mut lue);
    let pour = form.text_opt("pour", 120);
    let par = form.text_opt("par", 200);
    let mot = form.text_opt("mot", 800);
    let ids: Vec<LieuId> = form.all("lieu").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        form.refuse("lieu", "Cochez au moins un lieu.");
    } else if ids.len() > LIEUX_MAX {
        form.refuse("lieu", format!("Cochez {LIEUX_MAX} lieux au plus."));
    }
    let (Some(pour), Some(par), Some(mot), true) = (pour, par, mot, form.is_valid()) else {
        let page = compose_resultats(&annuaire, &index, &lue, shell, form);
        return sans_trace(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let conn = annuaire.site.db.read();
    let mut lieux = Vec::new();
    for id in ids {
        if let Some(l) = lieu(conn, id).await?.filter(|l| l.etat == Etat::Ouvert) {
            lieux.push(imprime(&annuaire, &index, &lue, &l));
        }
    }
    sans_trace(page(&Page {
        le: crate::lieux::ouverture::jour_long(
            maintenant.with_timezone(&chrono_tz::Europe::Paris).date_naive(),
        ),
        pour: pour.unwrap_or_default(),
        par: par.unwrap_or_default(),
        mot: mot.unwrap_or_default().lines().map(str::to_owned).collect(),
        reponses: reponses(&lue),
        lieux,
        retour: super::href(&lue, super::RESULTATS),
        shell,
    }))
}

/// Neither the browser nor a proxy keeps the names.
fn sans_trace(resultat: PageResult) -> PageResult {
    let mut reponse = resultat?;
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reponse)
}

fn imprime(annuaire: &Annuaire, index: &IndexLieux, lue: &Lue, l: &Lieu) -> LieuImprime {
    let maintenant = annuaire.site.clock.now();
    let t = annuaire.territoires();
    let fiche = &l.fiche;
    let commune = fiche.code_insee.as_ref().and_then(|c| t.rang_actuel(c)).map(|r| &t.communes()[r]);
    let departement = departement(fiche, commune.map(|c| &c.departement));
    let jours = Horaires::lit(&fiche.horaires, departement.as_ref())
        .map(|h| Semaine::de(&h.avec_scolaire(index.scolaire()), maintenant).jours)
        .unwrap_or_default()
        .into_iter()
        .map(|j| {
            let heures = if j.plages.is_empty() { "Fermé".to_owned() } else { j.plages.join(", ") };
            (j.nom, heures)
        })
        .collect();
    let ville = format!(
        "{} {}",
        fiche.code_postal.as_ref().map_or("", |c| c.as_str()),
        commune.map_or(&*fiche.commune, |c| c.nom.as_str())
    );
    let position = index.place(l.id).and_then(|p| index.position(p));
    let url = annuaire.site.url(&format!("/lieux/{}", l.id));
    LieuImprime {
        nom: fiche.nom.to_string(),
        adresse: [&*fiche.adresse, &*fiche.complement_adresse, ville.trim()]
            .into_iter()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
        distance: lue
            .demande
            .origine
            .zip(position)
            .map(|(o, p)| format!("{} à vol d’oiseau", crate::lieux::pages::distance(o.distance_m(p)))),
        telephone: fiche.telephone.as_ref().map(|t| t.lisible()),
        courriel: crate::lieux::Fiche::libres(&fiche.courriels).next().map(str::to_owned),
        jours,
        venir: fiche
            .modalites_acces
            .iter()
            .map(|a| Facette::Acces.valeurs()[usize::from(a.rang())].clair.to_string())
            .chain(fiche.frais.iter().map(|f| f.libelle().to_owned()))
            .collect(),
        qr: qr::svg(&url),
        adresse_page: url,
    }
}
