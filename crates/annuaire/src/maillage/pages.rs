//! Pages of the coverage, and their files.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use axum::response::{IntoResponse, Response};
use kernel::Refusal;
use kernel::text::compte;
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes, Shell, page};

use super::choix::{Choix, Indicateur};
use super::export;
use super::model::{Critere, Seuil};
use super::schema::Fichier;
use super::vue::Vue;
use super::zone::Zone;
use crate::Annuaire;
use crate::atlas::Mesure;
use crate::territoires::{Source, Territoires};

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/couverture", Access::Public, pays)
        .get("/couverture/{niveau}/{code}", Access::Public, zone)
        .get("/couverture/carte", Access::Public, carte)
        .get("/couverture/zones.csv", Access::Public, zones_csv)
        .get("/couverture/communes.csv", Access::Public, communes_csv)
        .get("/couverture/zones-blanches.csv", Access::Public, blanches_csv)
        .get("/couverture/{fichier}", Access::Public, schema)
        .get("/couverture/communes.geojson", Access::Public, communes_geojson)
        .with_state(annuaire)
}

#[derive(Template)]
#[template(path = "maillage/pages/couverture.html")]
struct Page {
    shell: Shell,
    titre: String,
    action: String,
    est_pays: bool,
    choix: Choix,
    form: FormState,
    vue: Vue,
    aucun_lieu: bool,
    lieux: String,
    au_centre: Option<String>,
    non_situes: Option<String>,
    faite_le: String,
    tri_nom: String,
    tri_valeur: String,
    sources: Vec<Source>,
}

impl Page {
    fn criteres() -> Vec<(&'static str, &'static str)> {
        Critere::tous().map(|c| (c.cle(), c.libelle())).collect()
    }

    fn indicateurs() -> Vec<(&'static str, &'static str)> {
        Indicateur::TOUS.map(|i| (i.cle(), i.libelle())).to_vec()
    }

    fn seuils() -> Vec<(u32, String)> {
        Seuil::TOUS.map(|s| (s.km(), format!("{} km", s.km()))).to_vec()
    }

    fn niveaux() -> [(&'static str, &'static str); 2] {
        [("departements", "Départements"), ("regions", "Régions")]
    }
}

async fn pays(State(annuaire): State<Annuaire>, shell: Shell, Requete(requete): Requete) -> PageResult {
    montre(&annuaire, shell, &requete, None).await
}

async fn zone(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path((niveau, code)): Path<(String, String)>,
    Requete(requete): Requete,
) -> PageResult {
    montre(&annuaire, shell, &requete, Some((&niveau, &code))).await
}

async fn montre(
    annuaire: &Annuaire,
    shell: Shell,
    requete: &FormState,
    niveau_code: Option<(&str, &str)>,
) -> PageResult {
    let mesure = annuaire.atlas.mesure_connue().await?;
    let t = &mesure.territoires;
    let zone = match niveau_code {
        None => Zone::Pays,
        Some((niveau, code)) => Zone::de(t, niveau, code).ok_or_else(PageError::not_found)?,
    };
    let choix = Choix::lit(requete);
    let sort = |par_nom| format!("{}{}", zone.href(), Choix { par_nom, ..choix }.requete());
    page(&Page {
        titre: match zone {
            Zone::Pays => "Couverture du pays".to_owned(),
            _ => format!("Couverture {}", zone.de_nom()),
        },
        action: zone.href(),
        est_pays: matches!(zone, Zone::Pays),
        choix,
        form: choix.formulaire(),
        vue: Vue::new(&mesure, zone, choix),
        aucun_lieu: mesure.couverture.lieux == 0,
        lieux: compte(mesure.couverture.lieux as u64, "lieu mesuré", "lieux mesurés"),
        au_centre: s_il_y_en_a(
            mesure.couverture.lieux_au_centre,
            "lieu sans position est placé",
            "lieux sans position sont placés",
        ),
        non_situes: s_il_y_en_a(mesure.couverture.lieux_non_situes, "lieu est laissé", "lieux sont laissés"),
        faite_le: kernel::calendrier::en_lettres_avec_heure(&mesure.faite_a),
        tri_nom: sort(true),
        tri_valeur: sort(false),
        sources: t.sources().to_vec(),
        shell,
    })
}

fn s_il_y_en_a(n: usize, singulier: &str, pluriel: &str) -> Option<String> {
    (n > 0).then(|| compte(n as u64, singulier, pluriel))
}

#[derive(Template)]
#[template(path = "maillage/pages/carte.html")]
struct Carte {
    shell: Shell,
    titre: String,
    retour: String,
    critere: Critere,
    source: String,
    seuils: String,
    legende: Vec<(String, String)>,
}

async fn carte(State(annuaire): State<Annuaire>, shell: Shell, Requete(requete): Requete) -> PageResult {
    let t = annuaire.territoires();
    let zone = zone_de_requete(&t, &requete)?;
    let critere = Choix::lit(&requete).critere;
    let chemin = zone.chemin();
    page(&Carte {
        titre: format!("Distance au lieu le plus proche : carte des communes {}", zone.de_nom()),
        retour: format!("{}?critere={}", zone.href(), critere.cle()),
        source: format!("/couverture/communes.geojson?critere={}&zone={chemin}", critere.cle()),
        seuils: Indicateur::Distance.bornes().map(|b| b.to_string()).join(","),
        legende: (0..6).map(|c| (format!("m-c{c}"), Indicateur::Distance.nom_classe(c))).collect(),
        critere,
        shell,
    })
}

/// The zone of `zone=departement/01`; the whole country without it.
fn zone_de_requete<'a>(t: &'a Territoires, requete: &FormState) -> Result<Zone<'a>, PageError> {
    match requete.get("zone") {
        "" => Ok(Zone::Pays),
        texte => {
            texte.split_once('/').and_then(|(niveau, code)| Zone::de(t, niveau, code)).ok_or_else(|| {
                PageError::BadRequest(
                    "Ce territoire n’existe pas. Repartez de la page de couverture.".to_owned(),
                )
            })
        }
    }
}

/// A file to download, or to draw.
fn fichier(genre: &'static str, nom: Option<String>, corps: String) -> Response {
    let mut response = corps.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(genre));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if let Some(value) =
        nom.and_then(|n| HeaderValue::from_str(&format!("attachment; filename=\"{n}\"")).ok())
    {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

const CSV: &str = "text/csv; charset=utf-8";

fn nom_fichier(quoi: &str, zone: Zone<'_>, suite: &str) -> Option<String> {
    let (_, code) = zone.niveau_code();
    Some(format!("couverture-{quoi}-{code}{suite}.csv"))
}

/// What the columns of a file hold: `zones.schema.json` beside `zones.csv`.
async fn schema(Path(nom): Path<String>) -> PageResult {
    let fichier =
        nom.strip_suffix(".schema.json").and_then(|n| Fichier::TOUS.into_iter().find(|f| f.nom() == n));
    let fichier = fichier.ok_or(Refusal::NotFound)?;
    Ok(self::fichier("application/json", None, format!("{:#}\n", fichier.schema())))
}

/// A file with the address of its schema.
fn decrit(genre: Fichier, mut reponse: Response) -> Response {
    let lien =
        format!("</couverture/{}.schema.json>; rel=\"describedby\"; type=\"application/json\"", genre.nom());
    if let Ok(valeur) = HeaderValue::from_str(&lien) {
        reponse.headers_mut().insert(LINK, valeur);
    }
    reponse
}

async fn zones_csv(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let mesure = annuaire.atlas.mesure_connue().await?;
    let (t, critere) = (&mesure.territoires, Choix::lit(&requete).critere);
    let niveau = requete.get("niveau");
    let zones: Vec<Zone<'_>> = match niveau {
        "regions" => t.regions().iter().map(Zone::Region).collect(),
        "epci" => t.epci().iter().map(Zone::Epci).collect(),
        _ => t.departements().iter().map(Zone::Departement).collect(),
    };
    // One line for the whole country comes first, for comparison.
    let zones = std::iter::once(Zone::Pays).chain(zones);
    let corps = export::zones(t, &mesure.couverture, critere, zones);
    let niveau = if matches!(niveau, "regions" | "epci") { niveau } else { "departements" };
    let nom = nom_fichier(niveau, Zone::Pays, &format!("-{}", critere.cle()));
    Ok(decrit(Fichier::Zones, fichier(CSV, nom, corps)))
}

async fn communes_csv(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    a_part(&annuaire, requete, |mesure, requete| {
        let zone = zone_de_requete(&mesure.territoires, requete)?;
        let corps = export::communes(&mesure.territoires, &mesure.couverture, zone);
        Ok(decrit(Fichier::Communes, fichier(CSV, nom_fichier("communes", zone, ""), corps)))
    })
    .await
}

async fn blanches_csv(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    a_part(&annuaire, requete, |mesure, requete| {
        let zone = zone_de_requete(&mesure.territoires, requete)?;
        let Choix { critere, seuil, .. } = Choix::lit(requete);
        let corps = export::zones_blanches(&mesure.territoires, &mesure.couverture, critere, seuil, zone);
        let suite = format!("-{}-{}km", critere.cle(), seuil.km());
        Ok(decrit(Fichier::ZonesBlanches, fichier(CSV, nom_fichier("zones-blanches", zone, &suite), corps)))
    })
    .await
}

async fn communes_geojson(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    a_part(&annuaire, requete, |mesure, requete| {
        let zone = zone_de_requete(&mesure.territoires, requete)?;
        let critere = Choix::lit(requete).critere;
        let corps = export::geojson(&mesure.territoires, &mesure.couverture, critere, zone);
        Ok(fichier("application/geo+json", None, corps))
    })
    .await
}

/// Writes a file of tens of thousands of communes off the threads that serve pages.
async fn a_part(
    annuaire: &Annuaire,
    requete: FormState,
    ecrit: impl FnOnce(&Mesure, &FormState) -> PageResult + Send + 'static,
) -> PageResult {
    let mesure = annuaire.atlas.mesure_connue().await?;
    tokio::task::spawn_blocking(move || ecrit(&mesure, &requete)).await.map_err(PageError::internal)?
}
