//! The list of lieux in the pages of other sites: a script, a frame for those without scripts, and the page that writes
//! the lines to copy. Public data only; nothing here knows who looks.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use platform::web::{FormState, Framing, PageResult, Requete, Shell, page};
use serde_json::{Value, json};

use super::cartes::CarteLieu;
use super::liste::compte;
use super::ou::Ou;
use super::requete::Lue;
use crate::Annuaire;
use crate::api::partage;
use crate::lieux::recherche::Facette;

/// Lieux shown when nothing is asked, and at most.
const NOMBRE: usize = 10;
const NOMBRE_MAX: usize = 50;

/// Longest title.
const TITRE_MAX: usize = 120;

/// What a search finds, as cards, and the sentence above them.
struct Trouves {
    phrase: String,
    lieux: Vec<CarteLieu>,
}

async fn trouves(annuaire: &Annuaire, requete: &FormState) -> Result<(Trouves, Lue), sea_orm::DbErr> {
    let index = annuaire.index().await?;
    let maintenant = annuaire.site.clock.now();
    let lue = Lue::de(&annuaire.territoires(), requete, maintenant);
    let nombre = requete.get("nombre").parse().unwrap_or(NOMBRE).clamp(1, NOMBRE_MAX);
    let trouves = match &lue.ou {
        Ou::Choix(choix) => {
            let noms: Vec<&str> = choix.iter().take(5).map(|(_, _, valeur)| valeur.as_str()).collect();
            let phrase = format!("Plusieurs communes correspondent. Précisez : {}.", noms.join(", "));
            Trouves { phrase, lieux: Vec::new() }
        }
        Ou::Inconnu(texte) => {
            let phrase = format!("Nous ne trouvons pas « {texte} ». Essayez avec le code postal.");
            Trouves { phrase, lieux: Vec::new() }
        }
        _ => {
            let resultat = index.chercher(&lue.demande, maintenant, 0, nombre);
            let cartes = resultat.trouves.iter().filter_map(|t| CarteLieu::de(&index, *t, maintenant));
            Trouves { phrase: compte(&lue, resultat.total), lieux: cartes.collect() }
        }
    };
    Ok((trouves, lue))
}

/// What the script asks for: readable from any site, like the API.
pub(crate) async fn lieux(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> Response {
    let resultat = async {
        let (trouves, _) = trouves(&annuaire, &requete).await?;
        let lieux: Vec<Value> = trouves.lieux.into_iter().map(|l| en_json(&annuaire, l)).collect();
        let mut reponse = Json(json!({ "phrase": trouves.phrase, "lieux": lieux })).into_response();
        reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        Ok(reponse)
    };
    partage(resultat.await)
}

fn en_json(annuaire: &Annuaire, l: CarteLieu) -> Value {
    let (telephone, lisible) = l.telephone.unzip();
    json!({
        "nom": l.nom,
        "url": annuaire.site.url(&format!("/lieux/{}", l.id)),
        "adresse": l.adresse,
        "distance": l.distance,
        "ouvert": l.ouvert,
        "etat": l.etat,
        "services": l.services,
        "telephone": telephone,
        "telephone_lisible": lisible,
    })
}

#[derive(Template)]
#[template(path = "lieux/pages/integrer/cadre.html")]
struct Cadre {
    shell: Shell,
    titre: String,
    form: FormState,
    caches: Vec<(String, String)>,
    phrase: String,
    lieux: Vec<CarteLieu>,
    tous: String,
}

fn titre(requete: &FormState) -> String {
    let titre: String = requete.get("titre").chars().filter(|c| !c.is_control()).take(TITRE_MAX).collect();
    if titre.is_empty() { "Être aidé avec le numérique".to_owned() } else { titre }
}

/// The frame: a page of its own, without the header of the site, that any site may show.
pub(crate) async fn cadre(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let (trouves, lue) = trouves(&annuaire, &requete).await?;
    let mut caches: Vec<(String, String)> =
        lue.paires.iter().filter(|(k, _)| Facette::de_parametre(k).is_some()).cloned().collect();
    for nom in ["titre", "nombre"] {
        let valeur = requete.get(nom);
        if !valeur.is_empty() {
            caches.push((nom.to_owned(), valeur.chars().take(TITRE_MAX).collect()));
        }
    }
    let mut reponse = page(&Cadre {
        titre: titre(&requete),
        form: FormState::filled([("ou", requete.get("ou"))]),
        caches,
        phrase: trouves.phrase,
        lieux: trouves.lieux,
        tous: annuaire.site.url(&format!("/lieux?{}", lue.texte())),
        shell,
    })?;
    reponse.extensions_mut().insert(Framing::Shown);
    Ok(reponse)
}

#[derive(Template)]
#[template(path = "lieux/pages/integrer/page.html")]
struct Page {
    shell: Shell,
    form: FormState,
    script: String,
    iframe: String,
    apercu: String,
    phrase: String,
    /// A territory given by its code, kept when the form comes back.
    territoire: Option<(String, String)>,
}

impl Page {
    fn services(&self) -> Vec<(String, String)> {
        valeurs(Facette::Services)
    }

    fn frais(&self) -> Vec<(String, String)> {
        valeurs(Facette::Frais)
    }

    fn themes(&self) -> [(&'static str, &'static str); 3] {
        [("clair", "Clair"), ("sombre", "Sombre"), ("auto", "Celui du visiteur")]
    }
}

fn valeurs(f: Facette) -> Vec<(String, String)> {
    f.valeurs().iter().map(|v| (v.cle.to_string(), v.clair.to_string())).collect()
}

/// The page that writes the lines to copy, with what they show.
pub(crate) async fn page_integrer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let (trouves, lue) = trouves(&annuaire, &requete).await?;
    let mut form = lue.formulaire();
    if let Ou::Inconnu(_) | Ou::Choix(_) = lue.ou {
        form.refuse("ou", trouves.phrase.clone());
    }
    for nom in ["titre", "nombre", "couleur", "theme"] {
        form.set(
            nom,
            requete.get(nom).chars().filter(|c| !c.is_control()).take(TITRE_MAX).collect::<String>(),
        );
    }
    if form.get("titre").is_empty() {
        form.set("titre", titre(&requete));
    }
    let couleur = Some(form.get("couleur")).filter(|c| est_une_couleur(c)).map(str::to_owned);
    if couleur.is_none() {
        form.set("couleur", "");
    }
    let mut reponse = page(&Page {
        script: script(&annuaire, &form, &lue, couleur.as_deref()),
        iframe: iframe(&annuaire, &form, &lue),
        apercu: apercu(&form, &lue),
        phrase: trouves.phrase,
        territoire: lue
            .paires
            .iter()
            .find(|(k, _)| matches!(k.as_str(), "region" | "departement" | "epci" | "commune"))
            .cloned(),
        form,
        shell,
    })?;
    reponse.extensions_mut().insert(Framing::Shows);
    Ok(reponse)
}

/// « #0b5c8a »: nothing else may stand in an attribute that becomes a style.
fn est_une_couleur(texte: &str) -> bool {
    texte
        .strip_prefix('#')
        .is_some_and(|c| matches!(c.len(), 3 | 6) && c.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The query of the search with what the frame shows of itself.
fn apercu(form: &FormState, lue: &Lue) -> String {
    let plus = [("titre", form.get("titre")), ("nombre", form.get("nombre"))];
    let plus: Vec<(&str, &str)> = plus.into_iter().filter(|(_, v)| !v.is_empty()).collect();
    format!("/integrer/cadre?{}", lue.avec(|_, _| true, &plus))
}

fn attribut(nom: &str, valeur: &str) -> String {
    let echappe =
        valeur.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!(" {nom}=\"{echappe}\"")
}

fn iframe(annuaire: &Annuaire, form: &FormState, lue: &Lue) -> String {
    let src = annuaire.site.url(&apercu(form, lue));
    format!(
        "<iframe{}{} width=\"100%\" height=\"700\" loading=\"lazy\"></iframe>",
        attribut("src", &src),
        attribut("title", form.get("titre"))
    )
}

fn script(annuaire: &Annuaire, form: &FormState, lue: &Lue, couleur: Option<&str>) -> String {
    let mut attributs = attribut("src", &annuaire.site.url("/assets/widget.js"));
    let mut listes: Vec<(String, String)> = Vec::new();
    for (nom, valeur) in &lue.paires {
        match nom.as_str() {
            "region" | "departement" | "epci" | "commune" => {
                attributs.push_str(&attribut("data-territoire", &format!("{nom}:{valeur}")));
            }
            // Values of one list stand in one attribute.
            _ => match listes.iter_mut().find(|(n, _)| n == nom) {
                Some((_, v)) => *v = format!("{v},{valeur}"),
                None => listes.push((nom.clone(), valeur.clone())),
            },
        }
    }
    for (nom, valeur) in &listes {
        attributs.push_str(&attribut(&format!("data-{}", nom.replace('_', "-")), valeur));
    }
    for nom in ["titre", "nombre", "theme"] {
        if !form.get(nom).is_empty() {
            attributs.push_str(&attribut(&format!("data-{nom}"), form.get(nom)));
        }
    }
    if let Some(c) = couleur {
        attributs.push_str(&attribut("data-couleur", c));
    }
    format!("<script{attributs} async></script>\n<noscript>{}</noscript>", iframe(annuaire, form, lue))
}
