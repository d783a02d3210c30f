//! The calendar of workshops: by territory, for a lieu, as a page and as iCalendar.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::ids::LieuId;
use kernel::text::fold;
use platform::web::{FormState, PageError, PageResult, Pagination, Requete, Shell, page};
use sea_orm::{ConnectionTrait, DbErr};

use super::ical::{self, Evenement};
use super::model::{Atelier, Seance, seances};
use super::store;
use crate::Annuaire;
use crate::lieux::ouverture::{fuseau, jour_long};
use crate::lieux::pages::ou::Ou;
use crate::lieux::pages::requete::Lue;
use crate::lieux::recherche::{Demande, IndexLieux, Trouve};

/// How far the page looks, in days.
const JOURS: u64 = 60;
/// How far a followed calendar looks.
const JOURS_AGENDA: u64 = 120;
/// Sessions on one page.
const PAR_PAGE: usize = 30;
/// Most sessions of a calendar that is followed.
const SEANCES_MAX: usize = 1_000;

/// A session as the page shows it.
struct Ligne {
    titre: String,
    heures: String,
    annulee: bool,
    niveau: &'static str,
    public: String,
    places: Option<u16>,
    presentation: String,
    inscription: String,
    lien: Option<String>,
    lieu: LieuId,
    nom: String,
    ou: String,
}

#[derive(Template)]
#[template(path = "lieux/ateliers/calendrier.html")]
struct Page {
    shell: Shell,
    form: FormState,
    compte: String,
    /// By day.
    jours: Vec<(String, Vec<Ligne>)>,
    choix: Vec<(String, String, String)>,
    rayons: Vec<(String, String)>,
    agenda: String,
    pagination: Pagination,
}

/// Workshops with where their lieu stands in the index: those of open lieux that the search finds.
struct Trouves {
    ateliers: Vec<Atelier>,
    places: HashMap<LieuId, Trouve>,
}

/// The workshops to come of the place that is asked for; the words are looked for in the workshops.
async fn cherche(
    annuaire: &Annuaire,
    index: &IndexLieux,
    lue: &Lue,
    jour: NaiveDate,
) -> Result<Trouves, DbErr> {
    let mut ateliers = store::a_venir(annuaire.site.db.read(), jour).await?;
    let mots: Vec<String> = fold(&lue.demande.mots).split_whitespace().map(str::to_owned).collect();
    ateliers.retain(|a| {
        let texte = fold(&format!("{} {} {}", a.contenu.titre, a.contenu.presentation, a.contenu.public));
        mots.iter().all(|m| texte.contains(m.as_str()))
    });
    let partout = matches!(lue.ou, Ou::Partout);
    let places: HashMap<LieuId, Trouve> = if partout {
        let place =
            |a: &Atelier| index.place(a.lieu).map(|place| (a.lieu, Trouve { place, distance_m: None }));
        ateliers.iter().filter_map(place).collect()
    } else {
        let maintenant = annuaire.site.clock.now();
        let demande = Demande { mots: String::new(), ..lue.demande.clone() };
        let trouves = index.chercher(&demande, maintenant, 0, index.len()).trouves;
        let id = |t: &Trouve| index.vue(t.place, maintenant).map(|v| v.id);
        trouves.iter().filter_map(|t| Some((id(t)?, *t))).collect()
    };
    ateliers.retain(|a| places.contains_key(&a.lieu));
    Ok(Trouves { ateliers, places })
}

/// The day that it is in Paris: the first of the calendar.
fn aujourdhui(maintenant: DateTime<Utc>) -> NaiveDate {
    kernel::calendrier::jour(&maintenant)
}

fn dans(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_add_days(Days::new(jours)).unwrap_or(jour)
}

pub(super) async fn page_calendrier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let (index, t, maintenant) = (annuaire.index().await?, annuaire.territoires(), annuaire.site.clock.now());
    let lue = Lue::de(&t, &requete, maintenant);
    let mut form = lue.formulaire();
    let jour = aujourdhui(maintenant);
    let (mut choix, mut trouves) = (Vec::new(), None);
    match &lue.ou {
        Ou::Inconnu(texte) => form.refuse(
            "ou",
            format!("Nous ne trouvons pas « {texte} ». Vérifiez l’orthographe, ou indiquez le code postal."),
        ),
        Ou::Choix(communes) => {
            let lien = |v: &str| format!("/ateliers?{}", lue.avec(|k, _| k != "ou", &[("ou", v)]));
            choix = communes.iter().map(|(nom, detail, v)| (nom.clone(), detail.clone(), lien(v))).collect();
        }
        _ => trouves = Some(cherche(&annuaire, &index, &lue, jour).await?),
    }
    let toutes = trouves.as_ref().map(|t| seances(&t.ateliers, jour, dans(jour, JOURS))).unwrap_or_default();
    let pagination =
        Pagination::new(toutes.len(), PAR_PAGE, lue.page, "/ateliers", &lue.paires).anchored("#resultats");
    let mut jours: Vec<(String, Vec<Ligne>)> = Vec::new();
    for s in toutes.iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE) {
        let Some(place) = trouves.as_ref().and_then(|t| t.places.get(&s.atelier.lieu)) else { continue };
        let Some(ligne) = ligne(&index, s, *place, maintenant) else { continue };
        let nom = kernel::text::majuscule(&jour_long(s.jour));
        match jours.last_mut() {
            Some((dernier, lignes)) if *dernier == nom => lignes.push(ligne),
            _ => jours.push((nom, vec![ligne])),
        }
    }
    let compte = match toutes.len() {
        0 => "Aucun atelier dans les deux mois".to_owned(),
        1 => "1 atelier dans les deux mois".to_owned(),
        n => format!(
            "{} ateliers dans les deux mois",
            kernel::text::nombre(i64::try_from(n).unwrap_or(i64::MAX))
        ),
    };
    page(&Page {
        rayons: crate::lieux::pages::rayons(&form),
        agenda: annuaire.site.url(&format!("/ateliers.ics?{}", lue.texte())),
        compte,
        jours,
        choix,
        pagination,
        form,
        shell,
    })
}

fn ligne(index: &IndexLieux, s: &Seance<'_>, place: Trouve, maintenant: DateTime<Utc>) -> Option<Ligne> {
    let vue = index.vue(place.place, maintenant)?;
    let c = &s.atelier.contenu;
    let mut ou = format!("{}, {} {}", vue.adresse, vue.code_postal, vue.commune);
    if let Some(m) = place.distance_m {
        ou = format!("{ou}, à {}", crate::lieux::pages::distance(m));
    }
    Some(Ligne {
        titre: c.titre.clone(),
        heures: crate::lieux::rythme::plage(s.jour, c.debut, c.fin),
        annulee: s.annulee,
        niveau: c.niveau.libelle(),
        public: c.public.clone(),
        places: c.places,
        presentation: c.presentation.clone(),
        inscription: c.inscription.clone(),
        lien: c.lien.clone(),
        lieu: vue.id,
        nom: vue.nom.to_owned(),
        ou,
    })
}

/// A session on the sheet of its lieu: when, title, whether called off, level, seats, how to register, where.
pub(in crate::lieux) struct Prochaine {
    pub(in crate::lieux) quand: String,
    pub(in crate::lieux) titre: String,
    pub(in crate::lieux) annulee: bool,
    pub(in crate::lieux) details: String,
    pub(in crate::lieux) inscription: String,
    pub(in crate::lieux) lien: Option<String>,
}

/// The first sessions to come of a lieu.
pub(in crate::lieux) async fn prochaines(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
    maintenant: DateTime<Utc>,
    combien: usize,
) -> Result<Vec<Prochaine>, DbErr> {
    let ateliers = store::du_lieu(conn, lieu).await?;
    let jour = aujourdhui(maintenant);
    let toutes = seances(&ateliers, jour, dans(jour, JOURS_AGENDA));
    let vue = |s: &Seance<'_>| {
        let c = &s.atelier.contenu;
        let mut details = vec![c.niveau.libelle().to_owned()];
        details.extend(Some(c.public.clone()).filter(|p| !p.is_empty()));
        details.extend(c.places.map(|n| format!("{n} places")));
        Prochaine {
            quand: kernel::text::majuscule(&s.quand()),
            titre: c.titre.clone(),
            annulee: s.annulee,
            details: details.join(" · "),
            inscription: c.inscription.clone(),
            lien: c.lien.clone(),
        }
    };
    Ok(toutes.iter().take(combien).map(vue).collect())
}

/// The calendar of a territory, to follow.
pub(super) async fn agenda(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let (index, t, maintenant) = (annuaire.index().await?, annuaire.territoires(), annuaire.site.clock.now());
    let lue = Lue::de(&t, &requete, maintenant);
    if matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_)) {
        return Err(PageError::not_found());
    }
    let jour = aujourdhui(maintenant);
    let trouves = cherche(&annuaire, &index, &lue, jour).await?;
    reponse(&annuaire, &index, "Ateliers numériques", &trouves.ateliers, "ateliers.ics")
}

/// The calendar of a lieu, to follow.
pub(super) async fn agenda_du_lieu(State(annuaire): State<Annuaire>, Path(id): Path<String>) -> PageResult {
    let id: LieuId = id.parse().map_err(|_| PageError::not_found())?;
    let index = annuaire.index().await?;
    let place = index.place(id).ok_or_else(PageError::not_found)?;
    let nom = index.vue(place, annuaire.site.clock.now()).map(|v| v.nom.to_owned()).unwrap_or_default();
    let ateliers = store::du_lieu(annuaire.site.db.read(), id).await?;
    reponse(&annuaire, &index, &format!("Ateliers de {nom}"), &ateliers, &format!("ateliers-{id}.ics"))
}

fn reponse(
    annuaire: &Annuaire,
    index: &IndexLieux,
    nom: &str,
    ateliers: &[Atelier],
    fichier: &str,
) -> PageResult {
    let maintenant = annuaire.site.clock.now();
    let jour = aujourdhui(maintenant);
    let evenements: Vec<Evenement<'_>> = seances(ateliers, jour, dans(jour, JOURS_AGENDA))
        .into_iter()
        .filter_map(|seance| {
            let vue = index.place(seance.atelier.lieu).and_then(|p| index.vue(p, maintenant))?;
            Some(Evenement {
                lieu: format!("{}, {}, {} {}", vue.nom, vue.adresse, vue.code_postal, vue.commune),
                // The overseas départements are read in their codes postaux.
                fuseau: fuseau(vue.code_postal.get(..3).unwrap_or_default()),
                url: annuaire.site.url(&format!("/lieux/{}", vue.id)),
                seance,
            })
        })
        .take(SEANCES_MAX)
        .collect();
    let hote = url::Url::parse(&annuaire.site.config.serveur.origine)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_else(|| "maillage".to_owned());
    let mut reponse: Response = ical::calendrier(nom, &hote, &evenements).into_response();
    let h = reponse.headers_mut();
    h.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    h.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=900"));
    let nom = format!("attachment; filename=\"{fichier}\"");
    h.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&nom).map_err(PageError::internal)?);
    Ok(reponse)
}
