//! The columns of a file, what their names and their values tell.

use std::collections::BTreeMap;

use kernel::text::fold;

use super::super::standard::{Champ, valeurs};

/// Most distinct values of a column that are kept.
pub(super) const DISTINCTES_MAX: usize = 40;

/// A column, and what it holds.
#[derive(Default)]
pub(super) struct Colonne {
    pub(super) nom: String,
    pub(super) remplies: u64,
    pub(super) distinctes: BTreeMap<String, u64>,
    pub(super) trop: bool,
}

/// Folded words of names of columns, by field, the surest first. A name is compared whole, then by
/// its words.
pub(super) const MOTS: [(Champ, &[&str]); 22] = [
    (
        Champ::Id,
        &[
            "id",
            "identifiant",
            "uid",
            "uuid",
            "gid",
            "ref",
            "reference",
            "code lieu",
            "fid",
            "objectid",
            "code",
            "n",
            "numero",
        ],
    ),
    (Champ::Pivot, &["pivot", "siret", "n siret", "numero siret", "rna"]),
    (
        Champ::Nom,
        &[
            "nom",
            "nom du lieu",
            "lib",
            "libelle",
            "lieu",
            "structure",
            "raison sociale",
            "denomination",
            "name",
            "title",
            "titre",
            "etablissement",
            "enseigne",
            "designation",
            "intitule",
            "appellation",
        ],
    ),
    (
        Champ::CodeInsee,
        &["code insee", "insee", "insee com", "code commune", "citycode", "depcom", "com insee"],
    ),
    (Champ::CodePostal, &["code postal", "cp", "codepostal", "postcode", "postal code", "zip", "zipcode"]),
    (Champ::Commune, &["commune", "ville", "localite", "city", "lib com", "nom commune", "municipality"]),
    (Champ::ComplementAdresse, &["complement adresse", "complement d adresse", "complement", "batiment"]),
    (
        Champ::Adresse,
        &[
            "adresse",
            "adresse postale",
            "voie",
            "rue",
            "address",
            "street",
            "adr",
            "adress",
            "numero et voie",
        ],
    ),
    (
        Champ::Latitude,
        &["latitude", "lat", "coord y", "y", "y l93", "y lambert93", "coordonnee y", "n", "nord"],
    ),
    (
        Champ::Longitude,
        &[
            "longitude",
            "lon",
            "lng",
            "long",
            "coord x",
            "x",
            "x l93",
            "x lambert93",
            "coordonnee x",
            "e",
            "est",
        ],
    ),
    (
        Champ::Telephone,
        &["telephone", "tel", "phone", "n de telephone", "numero de telephone", "tel fixe", "mobile"],
    ),
    (
        Champ::Courriels,
        &[
            "courriels",
            "courriel",
            "mail",
            "email",
            "e mail",
            "adresse mail",
            "adresse electronique",
            "contact mail",
        ],
    ),
    (Champ::SiteWeb, &["site web", "site", "site internet", "url", "web", "website", "lien", "page web"]),
    (
        Champ::Horaires,
        &[
            "horaires",
            "horaire",
            "heures d ouverture",
            "horaires d ouverture",
            "ouverture",
            "opening hours",
            "horaire ouverture",
        ],
    ),
    (
        Champ::PresentationDetail,
        &[
            "presentation",
            "description",
            "presentation detail",
            "descriptif",
            "commentaire",
            "remarques",
            "infos",
        ],
    ),
    (
        Champ::DateMaj,
        &[
            "date maj",
            "date de mise a jour",
            "maj",
            "derniere maj",
            "updated at",
            "mise a jour",
            "date modification",
            "last update",
            "datemaj",
        ],
    ),
    (
        Champ::StructureParente,
        &["structure parente", "porteur", "organisme", "gestionnaire", "employeur", "groupe"],
    ),
    (Champ::PriseRdv, &["prise rdv", "rdv", "lien rdv", "rendez vous en ligne", "prise de rendez vous"]),
    (Champ::FicheAccesLibre, &["fiche acces libre", "acces libre", "acceslibre"]),
    (
        Champ::Typologie,
        &["typologie", "type", "type de structure", "type structure", "categorie", "type de lieu"],
    ),
    (Champ::Services, &["services", "service", "offre", "activites", "accompagnements", "thematiques"]),
    (Champ::PublicsSpecifiquementAdresses, &["publics", "public", "public cible", "publics accueillis"]),
];

impl Colonne {
    pub(super) fn ajoute(&mut self, valeur: &str) {
        self.remplies += 1;
        let court: String = valeur.chars().take(80).collect();
        if let Some(n) = self.distinctes.get_mut(&court) {
            *n += 1;
        } else if self.distinctes.len() < DISTINCTES_MAX {
            self.distinctes.insert(court, 1);
        } else {
            self.trop = true;
        }
    }

    /// How many of the values seen pass the test, out of a hundred.
    pub(super) fn part(&self, test: impl Fn(&str) -> bool) -> usize {
        let vues = self.distinctes.len();
        if vues == 0 {
            return 0;
        }
        self.distinctes.keys().filter(|v| test(v)).count() * 100 / vues
    }

    /// Values, the most frequent first.
    pub(super) fn exemples(&self, combien: usize) -> Vec<&str> {
        let mut valeurs: Vec<(&String, &u64)> = self.distinctes.iter().collect();
        valeurs.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        valeurs.into_iter().take(combien).map(|(v, _)| v.as_str()).collect()
    }
}

/// Whether the name of a column is that word, or holds it.
pub(super) fn nomme(nom: &str, mot: &str, exact: bool) -> bool {
    let dernier = nom.rsplit('.').next().unwrap_or(nom);
    let plie = fold(dernier);
    let singulier = |t: &str| t.trim_end_matches('s').to_owned();
    if exact {
        return singulier(&plie) == singulier(mot) || fold(nom) == mot;
    }
    // Short words are too common inside others.
    mot.len() > 2 && format!(" {plie} ").contains(&format!(" {mot} "))
}

/// Whether the values do not belie the name.
pub(super) fn plausible(champ: Champ, c: &Colonne) -> bool {
    let nombre = |v: &str| v.replace(',', ".").parse::<f64>().is_ok();
    match champ {
        _ if c.remplies == 0 => false,
        // Of GeoJSON, not of the lieu.
        _ if c.nom == "type" || c.nom.ends_with("geometry.type") => false,
        // A column of one value tells no kind.
        _ if !valeurs(champ).is_empty() => c.distinctes.len() > 1,
        Champ::Id => c.trop || c.distinctes.values().all(|n| *n == 1),
        Champ::Latitude | Champ::Longitude => c.part(nombre) >= 80,
        Champ::CodePostal | Champ::CodeInsee => c.part(|v| (4..=5).contains(&v.len())) >= 80,
        Champ::Courriels => c.part(|v| v.contains('@')) >= 50,
        Champ::SiteWeb | Champ::PriseRdv | Champ::FicheAccesLibre => {
            c.part(|v| v.contains('.') && !v.contains('@')) >= 50
        }
        Champ::Telephone => c.part(|v| v.bytes().filter(u8::is_ascii_digit).count() >= 4) >= 50,
        Champ::Nom | Champ::Commune => c.part(nombre) < 50,
        Champ::Adresse => c.part(|v| v.contains('@')) < 50,
        _ => true,
    }
}
