//! The sheet of a lieu: everything people need to go there, or not to go there for nothing.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Verb;
use kernel::calendrier::jour_en_lettres;
use kernel::ids::LieuId;
use platform::web::{PageError, PageResult, Shell, page, qr};
use serde_json::{Value, json};

use super::cartes::CarteLieu;
use super::lien_sur;
use crate::Annuaire;
use crate::lieux::ateliers::{self, Prochaine};
use crate::lieux::ouverture::{AVenir, Horaires, Semaine, a_venir};
use crate::lieux::presences::{self, Presence};
use crate::lieux::recherche::{Demande, Facette, IndexLieux, nom_typologie};
use crate::lieux::standard::{Acces, Accompagnement, Liste, Service, Valeur};
use crate::lieux::tournees::{self, ArretVu};
use crate::lieux::{Etat, Fiche, Lieu, lieu, lieu_de_identifiant};
use crate::territoires::Territoires;

/// Neighbours that the sheet shows.
const VOISINS: usize = 4;

/// Sessions of workshops that the sheet shows.
const ATELIERS: usize = 5;

#[derive(Template)]
#[template(path = "lieux/pages/fiche.html")]
struct Page {
    shell: Shell,
    id: String,
    nom: String,
    ferme_depuis: Option<String>,
    types: Vec<String>,
    badges: Vec<(&'static str, &'static str)>,
    commune: String,
    code_commune: Option<String>,
    ou: String,
    adresse: Vec<String>,
    telephone: Option<(String, String)>,
    courriels: Vec<String>,
    sites: Vec<String>,
    prise_rdv: Option<String>,
    acces_libre: Option<String>,
    semaine: Option<Semaine>,
    etat: Option<String>,
    ouvert: bool,
    varie: bool,
    feries_inconnus: bool,
    vacances_inconnues: bool,
    horaires_bruts: Option<String>,
    presentation: Vec<String>,
    services: Vec<(&'static str, Vec<(String, String)>)>,
    a_venir: Vec<AVenir>,
    /// The whole expression in plain French: seasons and alternate weeks that a table of seven days cannot show.
    en_clair: Option<String>,
    adresse_page: String,
    courriel: String,
    qr: Option<String>,
    listes: Vec<(&'static str, Vec<String>)>,
    position: Option<(String, String)>,
    position_estimee: bool,
    /// How far the point is from the commune, when it cannot be right.
    ecart: Option<String>,
    peut_corriger: bool,
    fraicheur: String,
    ancien: bool,
    source: String,
    structure: String,
    voisins: Vec<CarteLieu>,
    /// The first sessions of its workshops.
    ateliers: Vec<Prochaine>,
    /// Where it comes, when it moves.
    arrets: Vec<ArretVu>,
    /// Who agreed to be named.
    presences: Vec<Presence>,
    donnees: String,
    resume: String,
}

pub(crate) async fn page_fiche(
    State(annuaire): State<Annuaire>,
    Path(id): Path<String>,
    shell: Shell,
) -> PageResult {
    let conn = annuaire.site.db.read();
    let trouve = match id.parse::<LieuId>() {
        Ok(id) => lieu(conn, id).await?,
        Err(_) => None,
    };
    let Some(trouve) = trouve else {
        // The identifier that a producer gave, or an older address.
        return match lieu_de_identifiant(conn, &id).await? {
            Some(id) => Ok(redirige(id)),
            None => Err(PageError::not_found()),
        };
    };
    if let Etat::Fusionne { dans } = trouve.etat {
        return Ok(fusionne(dans));
    }
    // One address a sheet: capital letters and braces of UUIDs lead to it.
    if id != trouve.id.to_string() {
        return Ok(redirige(trouve.id));
    }
    let index = annuaire.index().await?;
    let t = annuaire.territoires();
    let maintenant = annuaire.site.clock.now();
    let ateliers = ateliers::prochaines(conn, trouve.id, maintenant, ATELIERS).await?;
    let arrets = tournees::arrets_du_lieu(conn, &t, trouve.id, maintenant).await?;
    let presences = presences::montrees(conn, trouve.id).await?;
    let adresse = annuaire.site.url(&format!("/lieux/{}", trouve.id));
    page(&Page { ateliers, arrets, presences, ..compose(&trouve, &index, &t, &adresse, shell, maintenant) })
}

/// A merge can be undone: whoever keeps the answer asks again after an hour.
fn fusionne(dans: LieuId) -> axum::response::Response {
    let mut reponse = redirige(dans);
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    reponse
}

fn redirige(id: LieuId) -> axum::response::Response {
    let mut reponse = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(valeur) = HeaderValue::from_str(&format!("/lieux/{id}")) {
        reponse.headers_mut().insert(LOCATION, valeur);
    }
    reponse
}

/// Days within which the page says that it does not know the school holidays.
const VACANCES_VUES: u64 = 14;

fn compose(
    lieu: &Lieu,
    index: &IndexLieux,
    t: &Territoires,
    url: &str,
    shell: Shell,
    maintenant: DateTime<Utc>,
) -> Page {
    let fiche = &lieu.fiche;
    let commune = fiche.code_insee.as_ref().and_then(|c| t.rang_actuel(c)).map(|r| &t.communes()[r]);
    let nom_commune = commune.map_or(fiche.commune.to_string(), |c| c.nom.clone());
    let code_postal = fiche.code_postal.as_ref().map_or("", |c| c.as_str());
    let departement = crate::lieux::recherche::departement(fiche, commune.map(|c| &c.departement));
    let horaires =
        Horaires::lit(&fiche.horaires, departement.as_ref()).map(|h| h.avec_scolaire(index.scolaire()));
    let semaine = horaires.as_ref().map(|h| Semaine::de(h, maintenant));
    let varie = horaires.as_ref().zip(semaine.as_ref()).is_some_and(|(h, s)| Semaine::varie(h, s.aujourdhui));
    let ecart = crate::lieux::communes::ecart(fiche, t);
    let position = fiche
        .position
        .filter(|_| ecart.is_none())
        .or_else(|| commune.and_then(|c| c.position).map(|p| p.position));
    let vue = index.place(lieu.id).and_then(|p| index.vue(p, maintenant));
    let jour = semaine.as_ref().map_or_else(|| kernel::calendrier::jour(&maintenant), |s| s.aujourdhui);
    let (fraicheur, ancien) = fraicheur(fiche.date_maj, jour);
    let ville = format!("{code_postal} {nom_commune}");
    let adresse: Vec<String> = [&*fiche.adresse, &*fiche.complement_adresse, ville.trim()]
        .into_iter()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect();
    let depuis = match lieu.etat {
        Etat::Ouvert | Etat::Fusionne { .. } => None,
        Etat::Ferme { depuis } => Some(kernel::calendrier::en_lettres(&depuis)),
    };
    let a_venir = horaires.as_ref().map(|h| a_venir(h, jour)).unwrap_or_default();
    let mut donnees = donnees(fiche, url, &nom_commune, code_postal);
    if let Some(h) = &horaires {
        donnees_horaires(&mut donnees, h, jour, varie, &a_venir);
    }
    let donnees = en_texte(donnees);
    Page {
        id: lieu.id.to_string(),
        nom: fiche.nom.to_string(),
        types: Fiche::libres(&fiche.typologie).map(|c| nom_typologie(c).to_owned()).collect(),
        badges: vue.as_ref().map(super::cartes::badges).unwrap_or_default(),
        ou: url::form_urlencoded::Serializer::new(String::new()).append_pair("ou", ville.trim()).finish(),
        commune: nom_commune,
        code_commune: commune.map(|c| c.code.to_string()),
        telephone: fiche.telephone.as_ref().map(|t| (t.as_str().to_owned(), t.lisible())),
        courriels: Fiche::libres(&fiche.courriels)
            .filter(|c| kernel::Email::parse(c).is_ok())
            .map(str::to_owned)
            .collect(),
        sites: Fiche::libres(&fiche.site_web).filter_map(lien_sur).map(str::to_owned).collect(),
        prise_rdv: lien_sur(&fiche.prise_rdv).map(str::to_owned),
        acces_libre: lien_sur(&fiche.fiche_acces_libre).map(str::to_owned),
        etat: semaine.as_ref().and_then(|s| s.etat.phrase(s.maintenant)).filter(|_| depuis.is_none()),
        ouvert: semaine.as_ref().is_some_and(|s| s.etat.ouvert()),
        varie,
        vacances_inconnues: horaires
            .as_ref()
            .is_some_and(|h| h.vacances_inconnues(jour, VACANCES_VUES).is_some()),
        feries_inconnus: horaires.as_ref().is_some_and(|h| !h.dit_les_feries)
            && semaine.as_ref().is_some_and(|s| s.jours.iter().any(|j| j.ferie.is_some())),
        horaires_bruts: Some(fiche.horaires.trim().to_owned())
            .filter(|h| !h.is_empty() && horaires.is_none()),
        presentation: presentation(fiche),
        services: services(fiche, ville.trim()),
        adresse_page: url.to_owned(),
        courriel: message(&fiche.nom, &format!("{}\r\n{}", fiche.nom, adresse.join("\r\n")), url),
        qr: qr::svg(url),
        adresse,
        a_venir,
        en_clair: crate::lieux::horaires::explique(&fiche.horaires).filter(|_| horaires.is_some()),
        listes: listes(fiche),
        position: position.map(|p| (format!("{:.5}", p.latitude), format!("{:.5}", p.longitude))),
        position_estimee: fiche.position.is_none() || ecart.is_some(),
        ecart,
        peut_corriger: shell.may(Verb::ModifierLieux),
        fraicheur,
        ancien,
        source: if fiche.source.is_empty() { lieu.source.clone() } else { fiche.source.to_string() },
        structure: fiche.structure_parente.to_string(),
        ateliers: Vec::new(),
        arrets: Vec::new(),
        presences: Vec::new(),
        voisins: voisins(index, lieu.id, position, maintenant),
        resume: resume(fiche),
        donnees,
        ferme_depuis: depuis,
        semaine,
        shell,
    }
}

/// The services under three headings, each with the address of a search for it around here.
fn services(fiche: &Fiche, ou: &str) -> Vec<(&'static str, Vec<(String, String)>)> {
    GROUPES
        .iter()
        .map(|(titre, services)| {
            let offerts = services.iter().filter(|s| fiche.services.contient(**s));
            (
                *titre,
                offerts.map(|s| (s.libelle().replace('\'', "’"), lien_service(*s, ou))).collect::<Vec<_>>(),
            )
        })
        .filter(|(_, services)| !services.is_empty())
        .collect()
}

/// The nine services, as people speak of them.
pub(super) const GROUPES: [(&str, &[Service]); 3] = [
    (
        "Être aidé",
        &[Service::AideDemarches, Service::InsertionProfessionnelle, Service::ParentaliteEducation],
    ),
    (
        "Apprendre",
        &[
            Service::MaitriseOutils,
            Service::UtilisationSecurisee,
            Service::ComprehensionMonde,
            Service::LoisirsCreations,
        ],
    ),
    ("Se connecter et s’équiper", &[Service::AccesInternetMateriel, Service::AcquisitionMateriel]),
];

/// A message ready to be sent to somebody, an address after its words: `mailto:?subject=…&body=…`.
pub(super) fn message(objet: &str, corps: &str, url: &str) -> String {
    let code =
        |t: &str| url::form_urlencoded::byte_serialize(t.as_bytes()).collect::<String>().replace('+', "%20");
    format!("mailto:?subject={}&body={}", code(objet), code(&format!("{corps}\r\n\r\n{url}")))
}

fn lien_service(service: Service, ou: &str) -> String {
    let cle = &Facette::Services.valeurs()[usize::from(service.rang())].cle;
    let requete = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("services", cle)
        .append_pair("ou", ou)
        .finish();
    format!("/lieux?{requete}")
}

/// The detail stands for the summary when it repeats it.
fn presentation(fiche: &Fiche) -> Vec<String> {
    let (resume, detail) = (fiche.presentation_resume.trim(), fiche.presentation_detail.trim());
    let mut parties: Vec<&str> = Vec::new();
    if !resume.is_empty() && !detail.starts_with(resume.trim_end_matches(['.', '…'])) {
        parties.push(resume);
    }
    parties.extend(detail.split('\n'));
    parties.into_iter().map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

fn resume(fiche: &Fiche) -> String {
    let texte = if fiche.presentation_resume.trim().is_empty() {
        let services: Vec<&str> = fiche.services.iter().map(Valeur::libelle).collect();
        format!("{}, {}. {}", fiche.nom, fiche.commune, services.join(", "))
    } else {
        fiche.presentation_resume.trim().to_owned()
    };
    texte.chars().take(280).collect()
}

fn clairs<T: Valeur>(facette: Facette, liste: &Liste<T>) -> Vec<String> {
    liste.iter().map(|v| facette.valeurs()[usize::from(v.rang())].clair.to_string()).collect()
}

fn listes(fiche: &Fiche) -> Vec<(&'static str, Vec<String>)> {
    let publics = if fiche.publics.est_vide() {
        vec!["Tout public (le lieu ne précise pas)".to_owned()]
    } else {
        clairs(Facette::Publics, &fiche.publics)
    };
    let autres = Fiche::libres(&fiche.autres_formations_labels).map(str::to_owned).collect();
    [
        ("Prix", clairs(Facette::Frais, &fiche.frais)),
        ("Pour venir", clairs::<Acces>(Facette::Acces, &fiche.modalites_acces)),
        (
            "Façon d’être aidé",
            clairs::<Accompagnement>(Facette::Accompagnement, &fiche.modalites_accompagnement),
        ),
        ("Public", publics),
        ("Besoins particuliers", clairs(Facette::PrisesEnCharge, &fiche.prises_en_charge)),
        ("Lieu fixe ou itinérant", clairs(Facette::Itinerance, &fiche.itinerance)),
        ("Programmes nationaux", clairs(Facette::Dispositifs, &fiche.dispositifs)),
        ("Formations et labels", clairs(Facette::Labels, &fiche.formations_labels)),
        ("Autres labels", autres),
    ]
    .into_iter()
    .filter(|(_, valeurs)| !valeurs.is_empty())
    .collect()
}

/// How old the record is, and whether that calls for a telephone call first.
fn fraicheur(maj: Option<NaiveDate>, aujourdhui: NaiveDate) -> (String, bool) {
    let Some(maj) = maj else {
        return ("La date de mise à jour de cette fiche n’est pas connue.".to_owned(), true);
    };
    let jours = (aujourdhui - maj).num_days();
    // One day of grace: the lieu may live ahead of our clock.
    if jours < -1 {
        return (
            format!(
                "La date de mise à jour de cette fiche ({}) est dans le futur : elle est fausse.",
                jour_en_lettres(maj)
            ),
            true,
        );
    }
    let pluriel =
        |n: i64, mot: &str| if n > 1 && mot != "mois" { format!("{n} {mot}s") } else { format!("{n} {mot}") };
    let age = match jours {
        ..=0 => "aujourd’hui".to_owned(),
        1 => "hier".to_owned(),
        2..31 => format!("il y a {jours} jours"),
        31..365 => format!("il y a {}", pluriel(jours / 30, "mois")),
        _ => format!("il y a {}", pluriel(jours / 365, "an")),
    };
    (format!("Mis à jour {age} (le {}).", jour_en_lettres(maj)), jours > 365)
}

fn voisins(
    index: &IndexLieux,
    id: LieuId,
    position: Option<kernel::Position>,
    maintenant: DateTime<Utc>,
) -> Vec<CarteLieu> {
    if position.is_none() {
        return Vec::new();
    }
    let demande = Demande { origine: position, rayon_m: Some(50_000.0), ..Demande::default() };
    let trouves = index.chercher(&demande, maintenant, 0, VOISINS + 1).trouves;
    trouves
        .into_iter()
        .filter_map(|t| CarteLieu::de(index, t, maintenant))
        .filter(|c| c.id != id.to_string())
        .take(VOISINS)
        .collect()
}

/// The sheet for machines (schema.org).
fn donnees(fiche: &Fiche, url: &str, commune: &str, code_postal: &str) -> Value {
    let texte = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    json!({
        "@context": "https://schema.org",
        "@type": "CivicStructure",
        "@id": url,
        "url": url,
        "name": fiche.nom,
        "description": texte(&fiche.presentation_resume),
        "telephone": fiche.telephone,
        "email": Fiche::libres(&fiche.courriels).next(),
        "sameAs": Fiche::libres(&fiche.site_web).filter_map(lien_sur).collect::<Vec<_>>(),
        "address": {
            "@type": "PostalAddress",
            "streetAddress": texte(&fiche.adresse),
            "postalCode": texte(code_postal),
            "addressLocality": texte(commune),
            "addressCountry": "FR",
        },
        "geo": fiche.position.map(|p| json!({
            "@type": "GeoCoordinates", "latitude": p.latitude, "longitude": p.longitude,
        })),
    })
}

/// The hours of a week, unless weeks differ, and the days to come that are closed or have other hours.
fn donnees_horaires(d: &mut Value, h: &Horaires, jour: NaiveDate, varie: bool, a_venir: &[AVenir]) {
    let heure = |m: u16| format!("{:02}:{:02}", m % 1440 / 60, m % 60);
    let certaines = |j: NaiveDate| h.jour(j).into_iter().filter(|p| p.certaine);
    if !varie {
        let plages: Vec<_> = (0..7)
            .filter_map(|n| jour.checked_add_days(chrono::Days::new(n)))
            .flat_map(|j| certaines(j).map(move |p| (j, p)))
            .map(|(j, p)| {
                json!({
                    "@type": "OpeningHoursSpecification",
                    "dayOfWeek": j.format("https://schema.org/%A").to_string(),
                    "opens": heure(p.debut),
                    "closes": heure(p.fin),
                })
            })
            .collect();
        d["openingHoursSpecification"] = json!(plages);
    }
    let exceptions: Vec<_> = a_venir
        .iter()
        // What the lieu does not say is no opening and no closing.
        .filter(|e| !e.inconnu)
        .flat_map(|e| {
            let entre = json!({
                "@type": "OpeningHoursSpecification",
                "validFrom": e.du.to_string(),
                "validThrough": e.au.to_string(),
            });
            let avec = |ouvre: String, ferme: String| {
                let mut o = entre.clone();
                (o["opens"], o["closes"]) = (json!(ouvre), json!(ferme));
                o
            };
            let plages: Vec<Value> = certaines(e.du).map(|p| avec(heure(p.debut), heure(p.fin))).collect();
            // The same hour twice says that the place is closed all day.
            if plages.is_empty() { vec![avec("00:00".to_owned(), "00:00".to_owned())] } else { plages }
        })
        .collect();
    d["specialOpeningHoursSpecification"] = json!(exceptions);
}

/// Safe inside a `script` element: `<` would end the element that holds it.
fn en_texte(mut donnees: Value) -> String {
    sans_nuls(&mut donnees);
    donnees.to_string().replace('<', "\\u003c").replace('&', "\\u0026")
}

fn sans_nuls(valeur: &mut Value) {
    match valeur {
        Value::Object(objet) => {
            objet.retain(|_, v| !v.is_null() && v.as_array().is_none_or(|a| !a.is_empty()));
            objet.values_mut().for_each(sans_nuls);
        }
        Value::Array(liste) => liste.iter_mut().for_each(sans_nuls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_old_a_sheet_is() {
        let le = |a, m, j| NaiveDate::from_ymd_opt(a, m, j);
        let aujourdhui = le(2026, 3, 18).unwrap();
        for (maj, attendu, ancien) in [
            (le(2026, 3, 18), "Mis à jour aujourd’hui (le 18 mars 2026).", false),
            (
                le(2027, 1, 1),
                "La date de mise à jour de cette fiche (1er janvier 2027) est dans le futur : elle est fausse.",
                true,
            ),
            (le(2026, 3, 17), "Mis à jour hier (le 17 mars 2026).", false),
            (le(2026, 3, 8), "Mis à jour il y a 10 jours (le 8 mars 2026).", false),
            (le(2025, 12, 1), "Mis à jour il y a 3 mois (le 1er décembre 2025).", false),
            (le(2025, 1, 1), "Mis à jour il y a 1 an (le 1er janvier 2025).", true),
            (le(2022, 1, 1), "Mis à jour il y a 4 ans (le 1er janvier 2022).", true),
            (None, "La date de mise à jour de cette fiche n’est pas connue.", true),
        ] {
            assert_eq!(fraicheur(maj, aujourdhui), (attendu.to_owned(), ancien));
        }
    }

    #[test]
    fn data_for_machines_cannot_leave_their_element() {
        let fiche = Fiche { nom: "</script><script>alert(1)</script>".into(), ..Fiche::default() };
        let d = en_texte(donnees(&fiche, "https://exemple.fr/lieux/1", "", ""));
        assert!(!d.contains('<') && d.contains("\\u003c/script>"));
        assert!(serde_json::from_str::<serde_json::Value>(&d).unwrap().get("geo").is_none());
    }

    #[test]
    fn does_not_say_things_twice() {
        let f = |r: &str, d: &str| {
            presentation(&Fiche {
                presentation_resume: r.into(),
                presentation_detail: d.into(),
                ..Fiche::default()
            })
        };
        assert_eq!(f("Un lieu.", "Un lieu. Et plus.\n\nFin."), ["Un lieu. Et plus.", "Fin."]);
        assert_eq!(f("Un lieu.", "Autre chose."), ["Un lieu.", "Autre chose."]);
        assert!(f("", "").is_empty());
    }
}
