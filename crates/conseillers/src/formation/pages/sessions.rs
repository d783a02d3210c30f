//! The list of sessions, and the form that opens or changes one.

use std::collections::HashMap;

use annuaire::structures::Ids;
use annuaire::territoires::Choix;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeRegion, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Exports, FormState, Formulaire, LOT, Liste, Lot, PageResult, Pagination, Requete, Shell, page, page_with,
    see_other_saying,
};
use sea_orm::DbErr;

use super::BASE;
use crate::Conseillers;
use crate::Failure;
use crate::formation::lecture::{Filtre, Ligne};
use crate::formation::model::{Endroit, FicheSession, MARCHES, Nature, Session, SessionId};
use crate::formation::{actions, lecture, rules};

/// Lines of a page.
const PAR_PAGE: usize = 30;

#[derive(Template)]
#[template(path = "formation/pages/sessions.html")]
struct PageListe {
    shell: Shell,
    lignes: Vec<Ligne>,
    organismes: HashMap<StructureId, String>,
    pagination: Pagination,
    peut_ouvrir: bool,
    exports: Exports,
}

impl PageListe {
    fn organisme(&self, s: &Session) -> &str {
        self.organismes.get(&s.fiche.organisme).map_or("organisme retiré de l’annuaire", String::as_str)
    }
}

pub(super) async fn liste(State(c): State<Conseillers>, shell: Shell, Requete(query): Requete) -> PageResult {
    let actor = shell.actor()?;
    let filtre = Filtre::default();
    let asked = query.get("page").parse().unwrap_or(1);
    let (_, total) = lecture::sessions(&c.site, actor, &filtre, (0, 0)).await?;
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, query.values());
    let (lignes, _) =
        lecture::sessions(&c.site, actor, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let organismes = organismes(&c, &lignes).await?;
    let exports = Exports::new(BASE, query.values());
    let peut_ouvrir = shell.may(Verb::GererFormations);
    page(&PageListe { shell, lignes, organismes, pagination, peut_ouvrir, exports })
}

/// The names of the training bodies of these sessions.
async fn organismes(c: &Conseillers, lignes: &[Ligne]) -> Result<HashMap<StructureId, String>, DbErr> {
    let ids = lignes.iter().map(|l| l.session.fiche.organisme);
    let vues = annuaire::structures::trouver(c.site.db.read(), ids).await?;
    Ok(vues.into_iter().map(|(id, vue)| (id, vue.nom)).collect())
}

const LISTE: Liste = Liste {
    nom: "sessions",
    titres: &[
        "debut",
        "fin",
        "nature",
        "organisme",
        "lot",
        "regions",
        "lieu",
        "heures",
        "modules",
        "places",
        "prises",
        "en_attente",
        "annulee",
    ],
};

/// The sessions as a file.
pub(super) async fn exporter(State(c): State<Conseillers>, shell: Shell, format: Format) -> PageResult {
    let actor = shell.actor()?.clone();
    let site = c.site.clone();
    LISTE
        .envoyer(&site, &actor.clone(), (format, &[]), move |depuis: Option<usize>| {
            let (c, actor, depuis) = (c.clone(), actor.clone(), depuis.unwrap_or(0));
            async move {
                let lignes = lecture::page(&c.site, &actor, (depuis, LOT)).await?;
                let noms = organismes(&c, &lignes).await?;
                let apres = (lignes.len() == LOT).then_some(depuis + LOT);
                Ok(Lot { lignes: lignes.iter().map(|l| cellules(l, &noms)).collect(), apres })
            }
        })
        .await
}

fn cellules(l: &Ligne, noms: &HashMap<StructureId, String>) -> Vec<Cellule> {
    let f = &l.session.fiche;
    vec![
        f.debut.into(),
        f.fin.into(),
        f.nature.nom().into(),
        noms.get(&f.organisme).cloned().into(),
        f.lot.as_str().into(),
        f.regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into(),
        f.endroit.nom().into(),
        i64::from(f.heures).into(),
        f.modules.join(" | ").into(),
        i64::from(f.places).into(),
        i64::from(l.prises).into(),
        i64::from(l.en_attente).into(),
        l.session.annulee.clone().into(),
    ]
}

#[derive(Template)]
#[template(path = "formation/pages/formulaire.html")]
struct PageFormulaire {
    shell: Shell,
    form: FormState,
    /// The session that changes; none for a new one.
    session: Option<SessionId>,
    organismes: Vec<(String, String)>,
    regions: Vec<(String, String)>,
    communes: Vec<(String, String)>,
}

impl PageFormulaire {
    fn natures(&self) -> Vec<(&'static str, &'static str)> {
        Nature::TOUTES.map(|n| (n.cle(), n.nom())).to_vec()
    }

    /// « Formation initiale : 70, 105, 175 ou 315 h … »
    fn durees(&self) -> String {
        let courantes = MARCHES.last().map_or(&[][..], |m| m.heures);
        let courantes: Vec<String> = courantes.iter().map(ToString::to_string).collect();
        format!(
            "En heures. Formation initiale : {} ; module : de {} à {} ; titre REMN : de {} à {}.",
            courantes.join(", "),
            rules::HEURES_MODULE.start(),
            rules::HEURES_MODULE.end(),
            rules::HEURES_REMN.start(),
            rules::HEURES_REMN.end()
        )
    }

    fn lieux(&self) -> [(&'static str, &'static str); 2] {
        [("commune", "Dans une commune"), ("distance", "À distance")]
    }

    fn action(&self) -> String {
        self.session.map_or_else(|| format!("{BASE}/nouvelle"), |id| format!("{BASE}/{id}/modifier"))
    }
}

/// The page of the form, with what is chosen from.
async fn montrer(
    c: &Conseillers,
    shell: Shell,
    status: StatusCode,
    form: FormState,
    (session, communes): (Option<SessionId>, Vec<(String, String)>),
) -> PageResult {
    let mots = form.get("recherche_organisme").to_owned();
    let trouvees = annuaire::structures::search(c.site.db.read(), shell.actor()?, &mots, 50).await?;
    let mut organismes: Vec<(String, String)> = vec![(String::new(), "Choisissez".to_owned())];
    organismes.extend(trouvees.iter().map(|v| (v.id.to_string(), format!("{}, {}", v.nom, v.commune.nom))));
    let choisi = form.get("organisme").to_owned();
    if let Ok(id) = choisi.parse::<StructureId>()
        && !organismes.iter().any(|(k, _)| *k == choisi)
        && let Some(vue) = annuaire::structures::find(c.site.db.read(), id).await?
    {
        organismes.push((choisi, format!("{}, {}", vue.nom, vue.commune.nom)));
    }
    let regions =
        c.annuaire.territoires().regions().iter().map(|r| (r.code.to_string(), r.nom.clone())).collect();
    page_with(status, &PageFormulaire { shell, form, session, organismes, regions, communes })
}

pub(super) async fn nouvelle(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    for (champ, valeur) in [("lieu", "commune"), ("nature", Nature::Initiale.cle())] {
        if form.get(champ).is_empty() {
            form.set(champ, valeur);
        }
    }
    montrer(&c, shell, StatusCode::OK, form, (None, Vec::new())).await
}

pub(super) async fn ouvrir(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (fiche, communes) = lire(&mut form, &c);
    if let Some(fiche) = fiche {
        match actions::ouvrir(&c.site, shell.actor()?, fiche).await {
            Ok(id) => {
                return Ok(see_other_saying(
                    &format!("{BASE}/{id}"),
                    "La session est ouverte aux inscriptions.",
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, StatusCode::UNPROCESSABLE_ENTITY, form, (None, communes)).await
}

pub(super) async fn modification(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let suivie = lecture::session(&c.site, shell.actor()?, SessionId(id)).await?;
    let form = remplie(&suivie.session);
    montrer(&c, shell, StatusCode::OK, form, (Some(suivie.session.id), Vec::new())).await
}

pub(super) async fn modifier(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = SessionId(id);
    lecture::session(&c.site, shell.actor()?, id).await?;
    let (fiche, communes) = lire(&mut form, &c);
    if let Some(fiche) = fiche {
        let version = form.get("version").parse().unwrap_or(-1);
        match actions::modifier(&c.site, shell.actor()?, id, version, fiche).await {
            Ok(()) => return Ok(see_other_saying(&format!("{BASE}/{id}"), "La session est modifiée.")),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, StatusCode::UNPROCESSABLE_ENTITY, form, (Some(id), communes)).await
}

fn remplie(s: &Session) -> FormState {
    let f = &s.fiche;
    let (lieu, commune) = match &f.endroit {
        Endroit::ADistance => ("distance", String::new()),
        Endroit::Commune { code, .. } => ("commune", code.to_string()),
    };
    let mut valeurs = vec![
        ("version", s.version.to_string()),
        ("organisme", f.organisme.to_string()),
        ("nature", f.nature.cle().to_owned()),
        ("lot", f.lot.clone()),
        ("heures", f.heures.to_string()),
        ("modules", f.modules.join("\n")),
        ("lieu", lieu.to_owned()),
        ("commune", commune),
        ("debut", f.debut.to_string()),
        ("fin", f.fin.to_string()),
        ("places", f.places.to_string()),
    ];
    valeurs.extend(f.regions.iter().map(|r| ("regions", r.to_string())));
    FormState::filled(valeurs)
}

/// Reads the form; what is wrong is noted beside its field. Beside it, the communes to choose from.
fn lire(form: &mut FormState, c: &Conseillers) -> (Option<FicheSession>, Vec<(String, String)>) {
    let nature = form.parse("nature", |v| Nature::from_cle(v).ok_or("Choisissez ce que la session prépare."));
    let organisme =
        form.parse("organisme", |v| v.parse().map_err(|_| "Choisissez un organisme de la liste."));
    let lot = form.text("lot", rules::TEXTE_MAX);
    let heures = form.parse("heures", |v| v.parse().map_err(|_| "Écrivez un nombre d’heures."));
    let jour = |v: &str| v.parse::<NaiveDate>().map_err(|_| "Écrivez une date, comme 01/09/2026.");
    let debut = form.parse("debut", jour);
    let fin = form.parse("fin", jour);
    let places = form.parse("places", |v| v.parse().map_err(|_| "Écrivez un nombre de places."));
    let regions: Vec<CodeRegion> = form.all("regions").filter_map(CodeRegion::parse).collect();
    let modules: Vec<String> = form
        .get("modules")
        .lines()
        .map(|m| m.trim().chars().filter(|c| !c.is_control()).take(rules::TEXTE_MAX).collect::<String>())
        .filter(|m| !m.is_empty())
        .take(rules::MODULES_MAX + 1)
        .collect();
    let (endroit, communes) = if form.get("lieu") == "distance" {
        (Some(Endroit::ADistance), Vec::new())
    } else {
        lire_commune(form, c)
    };
    let fiche = || {
        Some(FicheSession {
            nature: nature?,
            organisme: organisme?,
            lot: lot?,
            regions,
            heures: heures?,
            modules,
            endroit: endroit?,
            debut: debut?,
            fin: fin?,
            places: places?,
        })
    };
    (fiche(), communes)
}

/// The commune that was typed; when several may be meant, those to choose from are beside it.
fn lire_commune(form: &mut FormState, c: &Conseillers) -> (Option<Endroit>, Vec<(String, String)>) {
    let territoires = c.annuaire.territoires();
    match territoires.choisir(form.get("commune"), "", form.get("code_commune")) {
        Choix::Une(candidat) => {
            let (code, nom) = (candidat.commune.code.clone(), candidat.commune.nom.clone());
            (Some(Endroit::Commune { code, nom }), Vec::new())
        }
        Choix::Plusieurs(options) => {
            form.refuse("commune", "Plusieurs communes correspondent : choisissez la bonne sous ce champ.");
            (None, options)
        }
        Choix::Aucune => {
            form.refuse(
                "commune",
                "Cette commune est inconnue. Vérifiez son nom, ou écrivez son code postal.",
            );
            (None, Vec::new())
        }
    }
}
