//! The editor of hours. Its state is the form itself: every button sends it, the answer shows it changed. Nothing is
//! saved before the result was shown in French.

mod brouillon;
mod heures;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::LieuId;
use kernel::{CodeCommune, Verb};
use platform::web::{FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use brouillon::{Brouillon, JOURS};

use super::{BASE, adresse};
use crate::Annuaire;
use crate::lieux::gestion::actions::{self, Failure};
use crate::lieux::gestion::{Gere, Valeurs, lecture};
use crate::lieux::horaires::edition::Edition;
use crate::lieux::horaires::{explique, semaine, verifie_osm};
use crate::lieux::ouverture::{Horaires, Scolaire, Semaine, a_venir};
use crate::lieux::standard::Champ;
use crate::structures::Ids;

/// The result, as people will read it.
struct Apercu {
    /// In one sentence.
    phrase: String,
    /// Day, hours.
    jours: Vec<(String, String)>,
    /// Whether the weeks differ.
    varie: bool,
    /// Days that are not as usual.
    a_venir: Vec<(String, String)>,
    osm: String,
}

impl Apercu {
    fn de(
        g: &Gere,
        osm: &str,
        scolaire: &Scolaire,
        maintenant: chrono::DateTime<chrono::Utc>,
    ) -> Option<Self> {
        let departement = g.lieu.fiche.code_insee.as_ref().map(CodeCommune::departement);
        let h = Horaires::lit(osm, departement.as_ref())?.avec_scolaire(scolaire);
        let semaine = Semaine::de(&h, maintenant);
        let plages = |p: &[String]| if p.is_empty() { "fermé".to_owned() } else { p.join(", ") };
        Some(Self {
            phrase: explique(osm).unwrap_or_default(),
            jours: semaine.jours.iter().map(|j| (j.nom.clone(), plages(&j.plages))).collect(),
            varie: Semaine::varie(&h, semaine.aujourdhui),
            a_venir: a_venir(&h, semaine.aujourdhui).into_iter().map(|a| (a.quand, a.horaires)).collect(),
            osm: osm.to_owned(),
        })
    }
}

#[derive(Template)]
#[template(path = "lieux/gestion/pages/horaires.html")]
struct Page {
    shell: Shell,
    id: LieuId,
    nom: String,
    form: FormState,
    /// The rows of the form; none when the hours are edited as a text.
    brouillon: Option<Brouillon>,
    /// Why the hours are edited as a text, or what to know.
    avis: Option<String>,
    apercu: Option<Apercu>,
    vide: bool,
    conflit: Option<String>,
}

/// A row of slots: the names of its fields, and its buttons.
struct Rang {
    de: String,
    a: String,
    mot: String,
    moins: String,
    titre: String,
}

impl Page {
    fn jours(&self, p: &usize) -> Vec<(usize, &'static str, Vec<Rang>)> {
        let Some(periode) = self.brouillon.as_ref().and_then(|b| b.periodes.get(*p)) else {
            return Vec::new();
        };
        let rangs = |j: usize, n: usize| {
            (0..n)
                .map(|c| {
                    let base = format!("p{p}_j{j}_{c}");
                    Rang {
                        de: format!("{base}_de"),
                        a: format!("{base}_a"),
                        mot: format!("{base}_mot"),
                        moins: format!("moins:{p}:{j}:{c}"),
                        titre: format!("{}, créneau {}", JOURS[j].to_lowercase(), c + 1),
                    }
                })
                .collect()
        };
        periode.jours.iter().enumerate().map(|(j, lignes)| (j, JOURS[j], rangs(j, lignes.len()))).collect()
    }

    fn quands(&self) -> [(&'static str, &'static str); 5] {
        [
            ("toujours", "Toute l’année"),
            ("dates", "Une saison : d’une date à une autre"),
            ("vacances", "Les vacances scolaires"),
            ("paires", "Les semaines paires"),
            ("impaires", "Les semaines impaires"),
        ]
    }

    fn semaine(&self) -> Vec<(usize, &'static str)> {
        JOURS.into_iter().enumerate().collect()
    }

    fn rangs_du_mois(&self) -> [(&'static str, &'static str); 6] {
        [("1", "1er"), ("2", "2e"), ("3", "3e"), ("4", "4e"), ("5", "5e"), ("-1", "dernier")]
    }

    fn titre_periode(&self, p: &usize) -> String {
        match (p, self.form.get(&format!("p{p}_quand"))) {
            (_, "toujours") => "Semaine de toute l’année".to_owned(),
            (_, quand) => {
                let quoi = self.quands().iter().find(|(c, _)| *c == quand).map_or("", |(_, l)| l);
                format!("Autre semaine, n° {} : {}", *p + 1, quoi.to_lowercase())
            }
        }
    }
}

/// The hours that the form or the text says, or what is wrong.
type Lues = Result<String, Vec<(String, String)>>;

pub(super) async fn saisie(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let g = lecture::ouvrir(&annuaire, shell.actor()?, Verb::ModifierLieux, LieuId(id)).await?;
    let osm = g.lieu.fiche.horaires.to_string();
    let (brouillon, form, avis) = match Edition::lit(&osm) {
        Ok(edition) => {
            let mut b = Brouillon::de_edition(&edition);
            let form = FormState::filled(b.champs());
            (Some(b), form, None)
        }
        Err(pourquoi) => (None, FormState::filled([("texte", osm)]), Some(pourquoi.phrase())),
    };
    let mut form = form;
    form.set("version", g.version.to_string());
    page(&Page {
        id: g.id(),
        nom: g.lieu.fiche.nom.to_string(),
        shell,
        form,
        brouillon,
        avis,
        apercu: None,
        vide: false,
        conflit: None,
    })
}

pub(super) async fn enregistrer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(typed): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    let maintenant = annuaire.site.clock.now();
    let faire = typed.get("faire").to_owned();
    let en_texte = typed.values().iter().any(|(k, _)| k == "texte");
    let mut avis = None;
    let mut version: i64 = typed.get("version").parse().unwrap_or(0);
    // What was typed, after what the button asks.
    let (mut brouillon, texte) = if en_texte {
        (None, Some(typed.get("texte").to_owned()))
    } else {
        (Some(Brouillon::lit(&typed)), None)
    };
    if let (Some(texte), "formulaire") = (&texte, faire.as_str()) {
        let edition = Edition::lit(&en_osm(texte)).unwrap_or_else(|_| {
            avis = Some("Saisissez la semaine : les horaires d’avant restent enregistrés tant que vous n’enregistrez pas ceux-ci.".to_owned());
            Edition::default()
        });
        brouillon = Some(Brouillon::de_edition(&edition));
    }
    if let Some(b) = &mut brouillon {
        b.applique(&faire, &typed);
    }
    let voulu = matches!(faire.as_str(), "apercu" | "enregistrer" | "texte");
    let lues: Option<Lues> = voulu.then(|| match &mut brouillon {
        Some(b) => {
            b.range();
            b.edition().map(|e| e.osm())
        }
        None => lit_texte(texte.as_deref().unwrap_or("")),
    });
    let mut form = FormState::filled(match &mut brouillon {
        Some(b) => b.champs(),
        None => vec![("texte".to_owned(), texte.unwrap_or_default())],
    });
    let mut statut = StatusCode::OK;
    let mut conflit = None;
    let (mut apercu, mut vide) = (None, false);
    match lues {
        None => {}
        Some(Err(refus)) => {
            for (champ, phrase) in refus {
                form.refuse(&champ, phrase);
            }
            statut = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Some(Ok(osm)) if faire == "texte" => {
            brouillon = None;
            form = FormState::filled([("texte", osm)]);
            avis = Some("Écrivez les horaires en français, ou en expression OpenStreetMap.".to_owned());
        }
        Some(Ok(osm)) => {
            // What was shown is what is saved: a change since the preview is shown first.
            if faire == "enregistrer" && typed.get("vu") == osm {
                let valeurs = Valeurs::from([(Champ::Horaires, osm.clone())]);
                match actions::modifier(&annuaire, actor, g.id(), version, valeurs, "Horaires").await {
                    Ok(_) => return Ok(see_other_saying(&adresse(g.id()), "Les horaires sont enregistrés.")),
                    Err(Failure::Stale(now)) => {
                        version = now.version;
                        statut = StatusCode::CONFLICT;
                        let present = now.lieu.fiche.horaires.to_string();
                        conflit = Some(if present.is_empty() { "aucun horaire".to_owned() } else { present });
                    }
                    Err(Failure::Refusal(refusal)) => {
                        form.take(refusal)?;
                        statut = StatusCode::UNPROCESSABLE_ENTITY;
                    }
                    Err(other) => return Err(other.into()),
                }
            } else if faire == "enregistrer" {
                avis = Some("Vérifiez le résultat ci-dessous, puis enregistrez.".to_owned());
            }
            vide = osm.is_empty();
            apercu = Apercu::de(&g, &osm, annuaire.index().await?.scolaire(), maintenant);
            form.set("vu", osm);
        }
    }
    form.set("version", version.to_string());
    let page = Page {
        id: g.id(),
        nom: g.lieu.fiche.nom.to_string(),
        shell,
        form,
        brouillon,
        avis,
        apercu,
        vide,
        conflit,
    };
    page_with(statut, &page)
}

/// A text, French or OSM, as OSM; itself when it is neither.
fn en_osm(texte: &str) -> String {
    if verifie_osm(texte).is_ok() {
        return texte.to_owned();
    }
    semaine(texte).osm.unwrap_or_else(|| texte.to_owned())
}

fn lit_texte(texte: &str) -> Lues {
    let net = texte.split_whitespace().collect::<Vec<_>>().join(" ");
    if net.is_empty() || verifie_osm(&net).is_ok() {
        return Ok(net);
    }
    let conversion = semaine(&net);
    match (conversion.osm, conversion.restes.first()) {
        (Some(osm), None) => Ok(osm),
        (_, Some(reste)) => Err(vec![("texte".to_owned(), format!("Nous ne comprenons pas : {reste}."))]),
        (None, None) => Err(vec![(
            "texte".to_owned(),
            "Nous ne comprenons pas ces horaires. Écrivez par exemple : du lundi au vendredi de 9 h à 12 h."
                .to_owned(),
        )]),
    }
}

fn nom(p: &usize, champ: &str) -> String {
    nom_de("p", p, champ)
}

fn nom_de(quoi: &str, rang: &usize, champ: &str) -> String {
    format!("{quoi}{rang}_{champ}")
}
