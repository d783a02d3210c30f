//! Pages of territories: the tree, the search, one page a région, département, EPCI and commune.

mod offre;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Redirect};
use kernel::CodeCommune;
use kernel::text::nombre;
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes, Shell, page};

use self::offre::Offre;
use super::ensemble::Territoires;
use super::model::{Commune, Departement, GenreInterieur, Qualite, Zone as Lieu};
use super::resolution::TerritoireTrouve;
use super::zonage::ListeZonage;
use crate::Annuaire;
use crate::atlas::Mesure;
use crate::maillage::{Bilan, Critere, Seuil, Zone};

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/territoires", Access::Public, accueil)
        .get("/territoires/suggestions", Access::Public, suggestions)
        .get("/territoires/commune/{code}", Access::Public, commune)
        .get("/territoires/{niveau}/{code}", Access::Public, zone)
        .with_state(annuaire)
}

/// A line that leads to a territory.
pub(crate) struct Lien {
    pub(crate) href: String,
    pub(crate) nom: String,
    pub(crate) detail: String,
}

#[derive(Template)]
#[template(path = "territoires/pages/accueil.html")]
struct Accueil {
    shell: Shell,
    form: FormState,
    cherche: bool,
    trouves: Vec<Lien>,
    regions: Vec<(Lien, Vec<Lien>)>,
    outre_mer: Vec<(Lien, Vec<Lien>)>,
    millesime: i32,
    communes: String,
    zonages: Vec<(ListeZonage, String)>,
}

/// Longest list of answers to a search.
const TROUVES_MAX: usize = 30;

async fn accueil(State(annuaire): State<Annuaire>, shell: Shell, Requete(form): Requete) -> PageResult {
    annuaire.atlas.a_jour().await?;
    let t = annuaire.territoires();
    let texte = form.get("q").to_owned();
    let trouves = t.chercher_territoires(&texte, TROUVES_MAX).iter().map(|f| lien_trouve(&t, f)).collect();
    let (outre_mer, regions) = t.regions().iter().partition::<Vec<_>, _>(|r| r.zone != Lieu::Metro);
    let branch = |region: &super::Region| {
        let departements = t.departements().iter().filter(|d| d.region == region.code && d.nom != region.nom);
        let href = format!("/territoires/region/{}", region.code);
        (
            Lien { href, nom: region.nom.clone(), detail: String::new() },
            departements.map(lien_departement).collect(),
        )
    };
    page(&Accueil {
        cherche: !texte.is_empty(),
        trouves,
        regions: regions.into_iter().map(branch).collect(),
        outre_mer: outre_mer.into_iter().map(branch).collect(),
        millesime: t.millesime(),
        communes: nombre(t.communes().len().try_into().unwrap_or(0)),
        zonages: annuaire
            .zonages_dates()
            .into_iter()
            .map(|l| {
                let date = kernel::calendrier::jour_en_lettres(l.date);
                (l, date)
            })
            .collect(),
        form,
        shell,
    })
}

fn lien_departement(d: &Departement) -> Lien {
    Lien {
        href: format!("/territoires/departement/{}", d.code),
        nom: d.nom.clone(),
        detail: d.code.to_string(),
    }
}

fn lien_trouve(t: &Territoires, trouve: &TerritoireTrouve<'_>) -> Lien {
    match trouve {
        TerritoireTrouve::Region(r) => Lien {
            href: format!("/territoires/region/{}", r.code),
            nom: r.nom.clone(),
            detail: format!("région, code {}", r.code),
        },
        TerritoireTrouve::Departement(d) => Lien {
            href: format!("/territoires/departement/{}", d.code),
            nom: d.nom.clone(),
            detail: format!("département, code {}", d.code),
        },
        TerritoireTrouve::Epci(e) => Lien {
            href: format!("/territoires/epci/{}", e.code),
            nom: e.nom.clone(),
            detail: e.nature.libelle().to_owned(),
        },
        TerritoireTrouve::Commune(c) => {
            let suggestion = t.suggestion(c);
            Lien {
                href: format!("/territoires/commune/{}", c.commune.code),
                nom: suggestion.libelle,
                detail: suggestion.detail,
            }
        }
    }
}

/// Lines of a search box. Most recent answers are kept by the browser for a few minutes.
async fn suggestions(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let mut response = Json(annuaire.territoires().suggestions(requete.get("q"), 8)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The figures of a territory, in words.
struct Chiffres {
    population: String,
    lieux: String,
    parts: Vec<(u32, String)>,
    distance: String,
    samedi: String,
    soir: String,
    estimee: bool,
    /// Over several communes, or several arrondissements.
    moyenne: bool,
}

impl Chiffres {
    fn new(mesure: &Mesure, rangs: &[usize]) -> Self {
        let sum = |critere| mesure.couverture.bilan(rangs.iter().copied(), critere);
        let bilan: Bilan = sum(Critere::Tous);
        let km = |b: &Bilan| {
            b.distance_moyenne_m().map_or("–".to_owned(), |m| crate::maillage::choix::km(m / 1000.0))
        };
        Self {
            population: crate::maillage::choix::habitants(bilan.population),
            lieux: crate::maillage::choix::habitants(bilan.lieux),
            parts: Seuil::TOUS.map(|s| (s.km(), crate::maillage::choix::pour_cent(bilan.part(s)))).to_vec(),
            distance: km(&bilan),
            samedi: km(&sum(Critere::Samedi)),
            soir: km(&sum(Critere::Soir)),
            estimee: bilan.population_estimee > 0,
            moyenne: rangs.len() > 1,
        }
    }
}

#[derive(Template)]
#[template(path = "territoires/pages/zone.html")]
struct PageZone {
    shell: Shell,
    nom: String,
    genre: String,
    code: String,
    fil: Vec<Lien>,
    chiffres: Chiffres,
    couverture: String,
    offre: Offre,
    lieux: String,
    communes: usize,
    departements: Vec<Lien>,
    epci: Vec<Lien>,
    liste_communes: Vec<Lien>,
}

async fn zone(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path((niveau, code)): Path<(String, String)>,
) -> PageResult {
    let mesure = annuaire.atlas.mesure_connue().await?;
    let t = &mesure.territoires;
    let zone = Zone::de(t, &niveau, &code).ok_or_else(PageError::not_found)?;
    let rangs = zone.rangs(t);
    let lien_zone = |z: &Zone<'_>| Lien {
        href: match z {
            Zone::Pays => "/territoires".to_owned(),
            _ => format!("/territoires/{}", z.chemin()),
        },
        nom: if matches!(z, Zone::Pays) { "Territoires".to_owned() } else { z.nom().to_owned() },
        detail: String::new(),
    };
    let mut communes: Vec<&Commune> = rangs.iter().map(|r| &t.communes()[*r]).collect();
    communes.sort_by_cached_key(|c| kernel::text::fold(&c.nom));
    page(&PageZone {
        nom: zone.nom().to_owned(),
        genre: genre(zone),
        code: zone.niveau_code().1.to_owned(),
        fil: zone.parents(t).iter().map(lien_zone).collect(),
        chiffres: Chiffres::new(&mesure, &rangs),
        couverture: zone.href(),
        offre: Offre::de_zone(&annuaire, t, zone).await?,
        lieux: format!("/lieux?{niveau}={code}"),
        communes: rangs.len(),
        departements: match zone {
            Zone::Region(r) => {
                t.departements().iter().filter(|d| d.region == r.code).map(lien_departement).collect()
            }
            _ => vec![],
        },
        epci: match zone {
            Zone::Departement(d) => Zone::epci_du_departement(t, &d.code)
                .into_iter()
                .map(|e| Lien {
                    href: format!("/territoires/epci/{}", e.code),
                    nom: e.nom.clone(),
                    detail: format!("{} communes", e.membres.len()),
                })
                .collect(),
            _ => vec![],
        },
        liste_communes: match zone {
            Zone::Departement(_) | Zone::Epci(_) => communes.into_iter().map(lien_commune).collect(),
            Zone::Pays | Zone::Region(_) => vec![],
        },
        shell,
    })
}

fn genre(zone: Zone<'_>) -> String {
    match zone {
        Zone::Pays => "Pays".to_owned(),
        Zone::Region(r) if r.zone == Lieu::Com => "Collectivité d’outre-mer".to_owned(),
        Zone::Region(_) => "Région".to_owned(),
        Zone::Departement(d) if d.zone == Lieu::Com => "Collectivité d’outre-mer".to_owned(),
        Zone::Departement(_) => "Département".to_owned(),
        Zone::Epci(e) => e.nature.libelle().to_owned(),
    }
}

fn lien_commune(c: &Commune) -> Lien {
    Lien {
        href: format!("/territoires/commune/{}", c.code),
        nom: c.nom.clone(),
        detail: c.population.map_or(String::new(), |p| format!("{} hab.", nombre(i64::from(p)))),
    }
}

#[derive(Template)]
#[template(path = "territoires/pages/commune.html")]
struct PageCommune {
    shell: Shell,
    nom: String,
    code: String,
    fil: Vec<Lien>,
    codes_postaux: String,
    epci: Option<Lien>,
    arrondissement: Option<String>,
    interieures: Vec<(String, String)>,
    chiffres: Chiffres,
    services: Vec<(String, String)>,
    position: String,
    qualite: String,
    zonages: Vec<(String, String)>,
    chercher: String,
    deserte: bool,
    offre: Offre,
    departement: String,
}

async fn commune(State(annuaire): State<Annuaire>, shell: Shell, Path(code): Path<String>) -> PageResult {
    let mesure = annuaire.atlas.mesure_connue().await?;
    let t = &mesure.territoires;
    let code = CodeCommune::parse(&code).ok_or_else(PageError::not_found)?;
    let rang = t.rang_actuel(&code).ok_or_else(PageError::not_found)?;
    let c = &t.communes()[rang];
    if c.code != code {
        // A former commune, or an arrondissement: its page is that of the commune of today.
        return Ok(Redirect::permanent(&format!("/territoires/commune/{}", c.code)).into_response());
    }
    let departement = t.departement(&c.departement).map(Zone::Departement);
    let fil = departement.iter().flat_map(|d| d.parents(t).into_iter().chain([*d]));
    let interieures = t.interieures_de(c).filter(|i| i.code != c.code || i.nom != c.nom);
    let distance = |critere| {
        mesure
            .couverture
            .distance_m(rang, critere)
            .map_or("–".to_owned(), |m| crate::maillage::choix::km(m / 1000.0))
    };
    let postal = c.codes_postaux.first().map_or(String::new(), |p| format!("{p} "));
    page(&PageCommune {
        nom: c.nom.clone(),
        code: c.code.to_string(),
        fil: fil
            .map(|z| Lien {
                href: if matches!(z, Zone::Pays) {
                    "/territoires".to_owned()
                } else {
                    format!("/territoires/{}", z.chemin())
                },
                nom: if matches!(z, Zone::Pays) { "Territoires".to_owned() } else { z.nom().to_owned() },
                detail: String::new(),
            })
            .collect(),
        codes_postaux: c.codes_postaux.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", "),
        epci: t.epci_de(c).map(|e| Lien {
            href: format!("/territoires/epci/{}", e.code),
            nom: e.nom.clone(),
            detail: String::new(),
        }),
        arrondissement: t.arrondissement_de(c).map(|a| a.nom.clone()),
        interieures: interieures
            .map(|i| {
                let genre = match i.genre {
                    GenreInterieur::Deleguee => "commune déléguée",
                    GenreInterieur::Associee => "commune associée",
                    GenreInterieur::Arrondissement => "arrondissement municipal",
                };
                (i.nom.clone(), format!("{genre}, code {}", i.code))
            })
            .collect(),
        chiffres: Chiffres::new(&mesure, &[rang]),
        services: Critere::tous().skip(1).map(|k| (k.libelle().to_owned(), distance(k))).collect(),
        position: c.position.map_or("inconnue".to_owned(), |p| {
            let n = |v: f64| kernel::text::nombre_decimal(v.abs(), 3);
            let (lat, lon) = (p.position.latitude, p.position.longitude);
            format!(
                "{}° {}, {}° {}",
                n(lat),
                if lat < 0.0 { "sud" } else { "nord" },
                n(lon),
                if lon < 0.0 { "ouest" } else { "est" }
            )
        }),
        qualite: match c.position.map(|p| p.qualite) {
            Some(Qualite::Officielle) => "fichier officiel des centres".to_owned(),
            Some(Qualite::Geonames) => "GeoNames".to_owned(),
            Some(Qualite::Relevee) => "relevée sur une carte, à quelques kilomètres près".to_owned(),
            Some(Qualite::Estimee(_)) => {
                "estimée d’après les communes voisines, à une dizaine de kilomètres près".to_owned()
            }
            None => String::new(),
        },
        zonages: annuaire
            .atlas
            .zonages()
            .de(&c.code)
            .iter()
            .map(|z| {
                let depuis = format!("liste du {}", kernel::calendrier::jour_en_lettres(z.date));
                let detail = match &z.valeur {
                    Some(valeur) => format!("{valeur} ({depuis})"),
                    None => depuis,
                };
                (z.genre.libelle().to_owned(), detail)
            })
            .collect(),
        chercher: format!("{postal}{}", c.nom),
        offre: Offre::de_commune(&annuaire, t, rang).await?,
        departement: c.departement.to_string(),
        deserte: c.population.is_none(),
        shell,
    })
}

impl Annuaire {
    fn zonages_dates(&self) -> Vec<ListeZonage> {
        self.atlas.zonages().listes.clone()
    }
}
