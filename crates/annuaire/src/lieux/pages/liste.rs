//! The search page: form, filters with their counts, list, map.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use platform::web::{FormState, PageResult, Pagination, Requete, Shell, page};

use super::cartes::CarteLieu;
use super::ou::Ou;
use super::requete::{Lue, RAYONS};
use super::{distance, nombre_de_lieux};
use crate::Annuaire;
use crate::lieux::recherche::{Demande, Facette, IndexLieux, Quand, Resultat};
use crate::lieux::tournees::{self, PassageProche};

/// Lieux of a page.
pub(crate) const PAR_PAGE: usize = 20;

/// Kinds of place that the page offers: the most frequent.
const TYPES_MAX: usize = 12;

/// A list of values to tick.
struct Groupe {
    nom: &'static str,
    titre: &'static str,
    aide: &'static str,
    options: Vec<(String, String)>,
}

/// A way out when nothing is found.
pub(super) struct Piste {
    pub(super) texte: String,
    pub(super) href: String,
}

#[derive(Template)]
#[template(path = "lieux/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    titre: String,
    besoins: Groupe,
    groupes: Vec<Groupe>,
    choisis: Vec<(String, String)>,
    besoins_choisis: usize,
    autres_choisis: usize,
    compte: String,
    precision: Vec<String>,
    aussi: Option<(String, String)>,
    choix: Vec<(String, String, String)>,
    cherche: bool,
    lieux: Vec<CarteLieu>,
    proche: Option<CarteLieu>,
    pistes: Vec<Piste>,
    pagination: Pagination,
    source: String,
    source_choisie: String,
    cadre: Option<String>,
    export: String,
    ici: Option<(String, String)>,
    territoire: Option<(String, String)>,
    /// The page of the territory that the search is in: address, text.
    page_territoire: Option<(String, String)>,
    /// Itinerant lieux that come near.
    passages: Vec<PassageProche>,
}

impl Page {
    /// Rank of the first lieu of the page.
    fn debut(&self) -> usize {
        self.pagination.offset(PAR_PAGE) + 1
    }

    /// Every half hour at which some lieu is open.
    fn heures(&self) -> Vec<(String, String)> {
        heures()
    }

    fn rayons(&self) -> Vec<(String, String)> {
        rayons(&self.form)
    }
}

/// The distances that a search offers, with the one that was asked for.
pub(crate) fn rayons(form: &FormState) -> Vec<(String, String)> {
    let mut rayons: Vec<(String, String)> =
        RAYONS.iter().map(|km| (km.to_string(), format!("{km} km"))).collect();
    let actuel = form.get("rayon");
    if actuel != "tous" && !rayons.iter().any(|(v, _)| v == actuel) {
        rayons.insert(0, (actuel.to_owned(), format!("{} km", actuel.replace('.', ","))));
    }
    rayons.push(("tous".to_owned(), "Sans limite".to_owned()));
    rayons
}

/// The hours that a search offers: every half hour from 7:00 to 21:30, and the whole day.
fn heures() -> Vec<(String, String)> {
    let nb = '\u{a0}';
    let demies = (14..44).map(|n| {
        let (h, m) = (n / 2, n % 2 * 30);
        let texte = if m == 0 { format!("{h}{nb}h") } else { format!("{h}{nb}h{nb}{m}") };
        (format!("{h:02}:{m:02}"), texte)
    });
    std::iter::once((String::new(), "Toute la journée".to_owned())).chain(demies).collect()
}

pub(crate) async fn page_liste(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let index = annuaire.index().await?;
    let t = annuaire.territoires();
    let maintenant = annuaire.site.clock.now();
    let lue = Lue::de(&t, &requete, maintenant);
    let passages = match lue.demande.origine {
        Some(origine) => {
            let ou = (origine, lue.demande.rayon_m);
            tournees::passages(annuaire.site.db.read(), (&index, &t), ou, maintenant).await?
        }
        None => Vec::new(),
    };
    page(&Page { passages, ..compose(&index, &lue, shell, maintenant) })
}

fn compose(index: &IndexLieux, lue: &Lue, shell: Shell, maintenant: DateTime<Utc>) -> Page {
    let cherche = !matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_));
    let debut = (lue.page - 1).saturating_mul(PAR_PAGE);
    let mut resultat = index.chercher(&lue.demande, maintenant, debut, PAR_PAGE);
    let pagination =
        Pagination::new(resultat.total, PAR_PAGE, lue.page, "/lieux", &lue.paires).anchored("#resultats");
    if pagination.page != lue.page {
        resultat = index.chercher(&lue.demande, maintenant, pagination.offset(PAR_PAGE), PAR_PAGE);
    }
    let cartes = |r: &Resultat| -> Vec<CarteLieu> {
        r.trouves.iter().filter_map(|t| CarteLieu::de(index, *t, maintenant)).collect()
    };
    let rien = cherche && resultat.total == 0;
    let mut form = lue.formulaire();
    if let Ou::Inconnu(texte) = &lue.ou {
        form.refuse(
            "ou",
            format!(
                "Nous ne trouvons pas « {texte} ». Vérifiez l’orthographe, ou indiquez le code postal ou le nom \
                 d’une commune voisine."
            ),
        );
    }
    let nombre = |f: Facette| lue.demande.filtres.valeurs().filter(|(g, _)| *g == f).count();
    let besoins_choisis = nombre(Facette::Services);
    let source = format!("/lieux/carte.geojson?{}", lue.texte());
    Page {
        titre: titre(lue),
        besoins: groupe(Facette::Services, &resultat, lue),
        groupes: Facette::TOUTES[1..]
            .iter()
            .map(|f| groupe(*f, &resultat, lue))
            .filter(|g| !g.options.is_empty())
            .collect(),
        choisis: choisis(lue),
        besoins_choisis,
        autres_choisis: lue.demande.filtres.nombre() - besoins_choisis
            + usize::from(lue.demande.quand.is_some()),
        compte: compte(lue, resultat.total),
        precision: precisions(lue, &resultat),
        aussi: aussi(lue),
        choix: match &lue.ou {
            Ou::Choix(choix) => choix
                .iter()
                .map(|(nom, detail, valeur)| {
                    (nom.clone(), detail.clone(), href(&lue.avec(|k, _| k != "ou", &[("ou", valeur)])))
                })
                .collect(),
            _ => Vec::new(),
        },
        cherche,
        lieux: if cherche { cartes(&resultat) } else { Vec::new() },
        proche: rien.then(|| proche(index, lue, maintenant)).flatten(),
        pistes: if rien { pistes(index, lue, maintenant) } else { Vec::new() },
        cadre: cadre(index, lue, &resultat),
        export: lue.texte(),
        ici: match &lue.ou {
            Ou::Ici(_) => Some((champ(lue, "lat"), champ(lue, "lon"))),
            _ => None,
        },
        territoire: ["departement", "region", "epci", "commune"]
            .into_iter()
            .find_map(|p| lue.paires.iter().find(|(k, _)| k == p).cloned()),
        page_territoire: match &lue.ou {
            Ou::Commune { nom, code, .. } => Some((
                format!("/territoires/commune/{code}"),
                format!("La page {}", crate::territoires::de_nom(nom)),
            )),
            Ou::Territoire { page, .. } => Some((page.clone(), "La page de ce territoire".to_owned())),
            _ => None,
        },
        passages: Vec::new(),
        pagination,
        source_choisie: lue.demande.source.clone(),
        source,
        form,
        shell,
    }
}

fn champ(lue: &Lue, nom: &str) -> String {
    lue.paires.iter().find(|(k, _)| k == nom).map(|(_, v)| v.clone()).unwrap_or_default()
}

fn href(requete: &str) -> String {
    if requete.is_empty() { "/lieux".to_owned() } else { format!("/lieux?{requete}") }
}

/// The values of a list that would find something, or are asked for.
fn groupe(f: Facette, resultat: &Resultat, lue: &Lue) -> Groupe {
    let comptes = &resultat.comptes[f.rang()];
    let mut rangs: Vec<usize> = (0..f.valeurs().len())
        .filter(|v| comptes[*v] > 0 || lue.demande.filtres.contient(f, *v) || f == Facette::Services)
        .collect();
    if f == Facette::Typologie {
        rangs.sort_by_key(|v| (!lue.demande.filtres.contient(f, *v), std::cmp::Reverse(comptes[*v]), *v));
        rangs.truncate(TYPES_MAX);
    }
    let options = rangs.into_iter().map(|v| {
        let valeur = &f.valeurs()[v];
        // Counts of the whole country would mislead beside a place that is still to be chosen.
        let texte = match lue.ou {
            Ou::Choix(_) | Ou::Inconnu(_) => valeur.clair.to_string(),
            _ => format!("{} ({})", valeur.clair, kernel::text::nombre(i64::from(comptes[v]))),
        };
        (valeur.cle.to_string(), texte)
    });
    let aide = match f {
        Facette::Publics => "Un lieu qui ne précise rien accueille en général tout le monde.",
        Facette::Acces => "Téléphonez avant de vous déplacer si le lieu ne précise rien.",
        _ => "",
    };
    Groupe { nom: f.parametre(), titre: f.titre(), aide, options: options.collect() }
}

/// What is asked for, each with the address that takes it away.
fn choisis(lue: &Lue) -> Vec<(String, String)> {
    let mut choisis: Vec<(String, String)> = lue
        .demande
        .filtres
        .valeurs()
        .map(|(f, v)| {
            let valeur = &f.valeurs()[v];
            let sans = lue.avec(|k, x| !(k == f.parametre() && x == valeur.cle.as_ref()), &[]);
            (valeur.clair.to_string(), href(&sans))
        })
        .collect();
    if let Some(q) = &lue.demande.quand {
        choisis.push((en_clair(*q), href(&lue.avec(|k, _| k != "jour" && k != "heure", &[]))));
    }
    if !lue.demande.source.is_empty() {
        let sans = lue.avec(|k, _| k != "source", &[]);
        choisis.push((format!("Source : {}", lue.demande.source), href(&sans)));
    }
    if let Ou::Territoire { dans, .. } = &lue.ou {
        let sans = lue.avec(|k, _| !matches!(k, "departement" | "region" | "epci" | "commune" | "ou"), &[]);
        choisis.insert(0, (dans.clone(), href(&sans)));
    }
    choisis
}

/// « Ouvert le samedi 21 mars à 14 h 30 ».
pub(super) fn en_clair(quand: Quand) -> String {
    let jour = crate::lieux::ouverture::jour_long(quand.jour);
    match quand.heure {
        Some(h) => {
            let heure = crate::lieux::ouverture::heure_seule(quand.jour.and_time(h));
            format!("Ouvert le {jour} à {heure}")
        }
        None => format!("Ouvert le {jour}"),
    }
}

fn titre(lue: &Lue) -> String {
    let ou = match &lue.ou {
        Ou::Commune { nom, .. } => format!(" : {nom}"),
        Ou::Territoire { dans, .. } => format!(" {dans}"),
        Ou::Ici(_) => " autour de vous".to_owned(),
        _ => String::new(),
    };
    let page = if lue.page > 1 { format!(" (page {})", lue.page) } else { String::new() };
    format!("Trouver un lieu d’aide au numérique{ou}{page}")
}

fn pres_de(lue: &Lue) -> Option<String> {
    match &lue.ou {
        Ou::Ici(_) => Some("autour de vous".to_owned()),
        Ou::Commune { nom, position: Some(_), .. } => {
            Some(format!("autour {}", crate::territoires::de_nom(nom)))
        }
        Ou::Commune { nom, .. } => Some(format!("à {nom}")),
        Ou::Territoire { dans, .. } => Some(dans.clone()),
        _ => None,
    }
}

/// Where the search is, alone: « Autour de Guéret, à moins de 20 km ».
pub(super) fn ou_en_clair(lue: &Lue) -> String {
    let texte = compte_ou(lue);
    let mut lettres = texte.trim_start_matches([' ', ',']).chars();
    lettres
        .next()
        .map_or_else(|| "Partout en France".to_owned(), |c| c.to_uppercase().chain(lettres).collect())
}

pub(super) fn compte(lue: &Lue, total: usize) -> String {
    format!("{}{}", nombre_de_lieux(total), compte_ou(lue))
}

fn compte_ou(lue: &Lue) -> String {
    let ou = pres_de(lue).map_or_else(String::new, |p| format!(" {p}"));
    let rayon = match lue.demande.rayon_m {
        Some(m) => format!(", à moins de {}", distance(m)),
        None => String::new(),
    };
    format!("{ou}{rayon}")
}

/// What must be said of the results.
pub(super) fn precisions(lue: &Lue, resultat: &Resultat) -> Vec<String> {
    let mut phrases = Vec::new();
    if lue.demande.origine.is_some() && resultat.total > 1 {
        phrases.push("Du plus proche au plus lointain, à vol d’oiseau.".to_owned());
    }
    if let Ou::Commune { estimee, precision, nom, .. } = &lue.ou {
        if let Some(p) = precision {
            phrases.push(format!("{nom} : {p}."));
        }
        if *estimee {
            phrases
                .push("La position de cette commune est estimée : les distances le sont aussi.".to_owned());
        }
    }
    for (tape, lu) in &resultat.corrections {
        phrases.push(format!("Aucun lieu ne contient « {tape} » : voici les lieux pour « {lu} »."));
    }
    phrases
}

/// The other territory of the same name.
fn aussi(lue: &Lue) -> Option<(String, String)> {
    match &lue.ou {
        Ou::Commune { aussi: Some((dans, parametre, code)), .. } => {
            let requete = lue.avec(|k, _| k != "ou" && k != "rayon", &[(parametre, code)]);
            Some((format!("Chercher {dans}"), href(&requete)))
        }
        Ou::Territoire { aussi: Some(valeur), .. } => {
            let requete = lue.avec(|k, _| k != "ou", &[("ou", valeur)]);
            Some((format!("Chercher autour de la commune : {valeur}"), href(&requete)))
        }
        _ => None,
    }
}

/// The nearest lieu, with what is asked for if it can be, without otherwise.
pub(super) fn proche(index: &IndexLieux, lue: &Lue, maintenant: DateTime<Utc>) -> Option<CarteLieu> {
    lue.demande.origine?;
    let nu = Demande { origine: lue.demande.origine, ..Demande::default() };
    index
        .plus_proche(&lue.demande, maintenant)
        .or_else(|| index.plus_proche(&nu, maintenant))
        .and_then(|t| CarteLieu::de(index, t, maintenant))
}

/// What to loosen, with what it would find.
pub(super) fn pistes(index: &IndexLieux, lue: &Lue, maintenant: DateTime<Utc>) -> Vec<Piste> {
    let compte = |d: &Demande| index.chercher(d, maintenant, 0, 0).total;
    let mut pistes = Vec::new();
    let mut propose = |texte: &str, d: &Demande, requete: String| {
        let n = compte(d);
        if n > 0 {
            pistes.push(Piste { texte: format!("{texte} : {}", nombre_de_lieux(n)), href: href(&requete) });
        }
    };
    if let Some(rayon) = lue.demande.rayon_m {
        for km in RAYONS.into_iter().filter(|km| f64::from(*km) * 1000.0 > rayon) {
            let d = Demande { rayon_m: Some(f64::from(km) * 1000.0), ..lue.demande.clone() };
            if compte(&d) > 0 {
                let requete = lue.avec(|k, _| k != "rayon", &[("rayon", &km.to_string())]);
                propose(&format!("Chercher à moins de {km} km"), &d, requete);
                break;
            }
        }
    }
    for f in Facette::TOUTES.into_iter().filter(|f| lue.demande.filtres.filtre(*f)) {
        let d = Demande { filtres: lue.demande.filtres.sans(f), ..lue.demande.clone() };
        propose(&format!("Sans le choix « {} »", f.titre()), &d, lue.avec(|k, _| k != f.parametre(), &[]));
    }
    if lue.demande.quand.is_some() {
        let d = Demande { quand: None, ..lue.demande.clone() };
        propose("Sans le jour ni l’heure", &d, lue.avec(|k, _| k != "jour" && k != "heure", &[]));
    }
    if !lue.demande.mots.is_empty() {
        let d = Demande { mots: String::new(), ..lue.demande.clone() };
        propose(&format!("Sans les mots « {} »", lue.demande.mots), &d, lue.avec(|k, _| k != "q", &[]));
    }
    if lue.demande.filtres.nombre() > 1 {
        let d = Demande { filtres: Default::default(), ..lue.demande.clone() };
        propose("Sans aucun choix", &d, lue.avec(|k, _| Facette::de_parametre(k).is_none(), &[]));
    }
    pistes
}

/// Bounds of the map: what the page shows and the place that was searched; none for the whole country.
fn cadre(index: &IndexLieux, lue: &Lue, resultat: &Resultat) -> Option<String> {
    let origine = lue.demande.origine?;
    let positions = resultat.trouves.iter().filter_map(|t| index.position(t.place));
    let (mut o, mut s, mut e, mut n) =
        (origine.longitude, origine.latitude, origine.longitude, origine.latitude);
    for p in positions {
        (o, e) = (o.min(p.longitude), e.max(p.longitude));
        (s, n) = (s.min(p.latitude), n.max(p.latitude));
    }
    Some(format!("{o:.4},{s:.4},{e:.4},{n:.4}"))
}
