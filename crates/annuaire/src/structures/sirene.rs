//! Look-up of an organisation in the public "recherche d'entreprises" API (the data of Sirene, without a key), to fill
//! the form. Nothing is kept of the answers; when the API does not answer, the form is filled by hand.

use kernel::{CodePostal, Pivot};
use platform::outside::{self, Trouble};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::model::{CategorieJuridique, Genre};

/// Most establishments that are shown.
const MAX_RESULTATS: usize = 20;

/// Why there is no answer; the sentence is for the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Panne {
    /// The API cannot be reached, or is too slow, or refuses.
    #[error(
        "Le service public de recherche d’entreprises ne répond pas. Remplissez la fiche vous-même, ou réessayez plus tard."
    )]
    Absente,
    /// The answer is not what it should be.
    #[error(
        "Le service public de recherche d’entreprises a donné une réponse incompréhensible. Remplissez la fiche vous-même."
    )]
    Incomprise,
}

/// An establishment, as Sirene knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Etablissement {
    /// Name.
    pub nom: String,
    /// SIRET.
    pub siret: Pivot,
    /// Legal category.
    pub categorie: Option<CategorieJuridique>,
    /// The kind that the category suggests.
    pub genre: Option<Genre>,
    /// Number and street.
    pub voie: String,
    /// Postal code.
    pub code_postal: String,
    /// INSEE code of the commune.
    pub code_commune: String,
    /// Name of the commune.
    pub commune: String,
    /// Whether it works.
    pub actif: bool,
    /// Whether it is the head office.
    pub siege: bool,
}

/// The API.
#[derive(Clone, Debug)]
pub struct Sirene {
    base: Url,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Reponse {
    results: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Entreprise {
    nom_complet: Option<String>,
    nom_raison_sociale: Option<String>,
    nature_juridique: Option<String>,
    siege: Option<serde_json::Value>,
    matching_etablissements: Option<Vec<serde_json::Value>>,
    complements: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Adresse {
    siret: Option<String>,
    adresse: Option<String>,
    numero_voie: Option<String>,
    indice_repetition: Option<String>,
    type_voie: Option<String>,
    libelle_voie: Option<String>,
    code_postal: Option<String>,
    commune: Option<String>,
    libelle_commune: Option<String>,
    etat_administratif: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Complements {
    est_ess: Option<bool>,
}

impl Sirene {
    /// The API of the configuration, if there is one with an address that makes sense.
    pub fn new(config: &platform::config::Sirene) -> Option<Self> {
        let base = Url::parse(config.url.as_deref()?).ok()?;
        base.host_str()?;
        if !matches!(base.scheme(), "https" | "http") {
            return None;
        }
        Some(Self { base, client: outside::client().build().ok()? })
    }

    /// Establishments that match a name or a number.
    ///
    /// # Errors
    /// When the API gives no good answer.
    pub async fn chercher(&self, texte: &str) -> Result<Vec<Etablissement>, Panne> {
        let texte: String = texte.chars().take(150).collect();
        let mut url = self.base.clone();
        {
            let mut path = url.path_segments_mut().map_err(|()| Panne::Absente)?;
            path.pop_if_empty().push("search");
        }
        url.query_pairs_mut().clear().append_pair("q", texte.trim()).append_pair("per_page", "10");
        let body = self.lire(url).await?;
        lire_reponse(&body)
    }

    /// The establishment of that SIRET, if Sirene knows it.
    ///
    /// # Errors
    /// When the API gives no good answer.
    pub async fn etablissement(&self, siret: &Pivot) -> Result<Option<Etablissement>, Panne> {
        Ok(self.chercher(siret.as_str()).await?.into_iter().find(|e| e.siret == *siret))
    }

    async fn lire(&self, url: Url) -> Result<Vec<u8>, Panne> {
        let panne = |e: Trouble| {
            tracing::warn!(error = %e, "the look-up of organisations does not answer");
            match e {
                Trouble::NoAnswer(_) => Panne::Absente,
                Trouble::TooLong => Panne::Incomprise,
            }
        };
        let response = self.client.get(url).send().await.map_err(|e| panne(e.into()))?;
        if !response.status().is_success() {
            tracing::warn!(status = response.status().as_u16(), "the look-up of organisations refuses");
            return Err(Panne::Absente);
        }
        outside::body(response).await.map_err(panne)
    }
}

/// Reads a part of the answer; what has another shape than expected is left out, not fatal.
fn part<T: DeserializeOwned + Default>(value: Option<serde_json::Value>) -> T {
    value.and_then(|v| serde_json::from_value(v).ok()).unwrap_or_default()
}

fn lire_reponse(body: &[u8]) -> Result<Vec<Etablissement>, Panne> {
    let reponse: Reponse = serde_json::from_slice(body).map_err(|_| Panne::Incomprise)?;
    let mut out: Vec<Etablissement> = Vec::new();
    for result in reponse.results {
        let entreprise: Entreprise = part(Some(result));
        let complements: Complements = part(entreprise.complements.clone());
        let siege = entreprise.siege.clone().into_iter().map(|s| (s, true));
        let autres =
            entreprise.matching_etablissements.clone().unwrap_or_default().into_iter().map(|e| (e, false));
        for (value, siege) in siege.chain(autres) {
            let found =
                etablissement(&entreprise, complements.est_ess == Some(true), part(Some(value)), siege);
            if let Some(found) = found.filter(|f| out.iter().all(|o| o.siret != f.siret)) {
                out.push(found);
            }
        }
    }
    // Those that work first; the order of the API otherwise.
    out.sort_by_key(|e| !e.actif);
    out.truncate(MAX_RESULTATS);
    Ok(out)
}

fn etablissement(entreprise: &Entreprise, ess: bool, a: Adresse, siege: bool) -> Option<Etablissement> {
    let siret = match Pivot::parse(a.siret.as_deref()?) {
        Ok(siret @ Pivot::Siret(_)) => siret,
        _ => return None,
    };
    let nom = entreprise.nom_raison_sociale.clone().filter(|n| !n.trim().is_empty());
    let nom = nom.or_else(|| entreprise.nom_complet.clone()).filter(|n| !n.trim().is_empty())?;
    let categorie = entreprise.nature_juridique.as_deref().and_then(|c| CategorieJuridique::parse(c).ok());
    let genre = match categorie.as_ref().and_then(CategorieJuridique::genre) {
        Some(Genre::Entreprise) | None if ess => Some(Genre::Ess),
        genre => genre,
    };
    let code_postal =
        a.code_postal.as_deref().and_then(CodePostal::parse).map(|c| c.to_string()).unwrap_or_default();
    let numero = [&a.numero_voie, &a.indice_repetition, &a.type_voie, &a.libelle_voie];
    let mut voie = numero
        .into_iter()
        .flatten()
        .map(|p| p.trim())
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if voie.is_empty()
        && let Some(adresse) = &a.adresse
    {
        // « 8 RUE DE LONDRES 75009 PARIS »: what stands before the code postal.
        let debut = if code_postal.is_empty() { None } else { adresse.split(&code_postal).next() };
        debut.unwrap_or_default().trim().clone_into(&mut voie);
    }
    Some(Etablissement {
        nom,
        siret,
        categorie,
        genre,
        voie,
        code_postal,
        code_commune: a.commune.unwrap_or_default(),
        commune: a.libelle_commune.unwrap_or_default(),
        actif: a.etat_administratif.as_deref() != Some("F"),
        siege,
    })
}
