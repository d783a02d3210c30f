//! Pages of duplicates: the queue, the comparison with its decisions, the merges, where each value comes from.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use chrono::{DateTime, Utc};
use kernel::ids::LieuId;
use kernel::text::majuscule;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Pagination, Requete, Routes, Shell, page,
    page_with, see_other_saying,
};

use sea_orm::DbErr;

use super::composition::{Provenance, compose};
use super::fusion::{self, Versions};
use super::moteur::{AUTOMATIQUE, POSSIBLE};
use super::store::{
    self, EtatPaire, FiltreFile, Fusion, FusionId, LigneFile, PaireGardee, Raison, Seulement,
};
use crate::Annuaire;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::gestion::lecture;
use crate::lieux::gestion::model::Gere;
use crate::lieux::model::Etat;
use crate::lieux::standard::{Champ, Fiche};
use crate::lieux::store::gestion as lieux;
use crate::territoires::Territoires;

const VOIR: Access = Access::May(Verb::VoirLieux);
const MODIFIER: Access = Access::May(Verb::ModifierLieux);
const BASE: &str = "/gestion/lieux/doublons";
const FUSIONS: &str = "/gestion/lieux/fusions";
/// Pairs, or merges, on one page.
const PAR_PAGE: usize = 20;
/// Longest note, in characters.
const NOTE_MAX: usize = 500;

/// Every page of duplicates, with its access.
pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get(BASE, MODIFIER, file)
        .get("/gestion/lieux/doublons/{gardee}/{absorbee}", MODIFIER, comparer)
        .post("/gestion/lieux/doublons/{gardee}/{absorbee}", MODIFIER, decider)
        .get(FUSIONS, MODIFIER, fusions)
        .post("/gestion/lieux/fusions/{fusion}/annuler", MODIFIER, annuler)
        .get("/gestion/lieux/{lieu}/provenance", VOIR, provenance)
        .with_state(annuaire)
}

/// How many pairs wait for a decision of that actor.
///
/// # Errors
/// The database.
pub(in crate::lieux) async fn a_voir(annuaire: &Annuaire, actor: &Actor) -> Result<usize, DbErr> {
    let f = filtre(actor, &annuaire.territoires(), EtatPaire::AVoir, "");
    let n = store::compte_file(annuaire.site.db.read(), &f).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// What of the queue an actor reaches, and asks for.
fn filtre(actor: &Actor, t: &Territoires, etat: EtatPaire, departement: &str) -> FiltreFile {
    let mut departements = lieux::departements(&actor.perimetre, t)
        .map(|l| l.iter().map(ToString::to_string).collect::<Vec<_>>());
    if !departement.is_empty() {
        let permis = departements.as_ref().is_none_or(|l| l.iter().any(|d| d == departement));
        departements = Some(if permis { vec![departement.to_owned()] } else { Vec::new() });
    }
    let seulement = match &actor.perimetre {
        Perimetre::Structures(ids) => Some(Seulement::Structures(ids.iter().map(|i| i.0).collect())),
        Perimetre::Lieux(ids) => Some(Seulement::Lieux(ids.iter().map(|i| i.0).collect())),
        Perimetre::National | Perimetre::Regions(_) | Perimetre::Departements(_) => None,
        // No role that compares lieux has such a scope.
        _ => Some(Seulement::Lieux(Vec::new())),
    };
    FiltreFile { etat, departements, seulement }
}

fn choix_departements(actor: &Actor, t: &Territoires) -> Vec<(String, String)> {
    let permis = lieux::departements(&actor.perimetre, t);
    let mut choix = vec![(String::new(), "Tous".to_owned())];
    choix.extend(
        t.departements()
            .iter()
            .filter(|d| permis.as_ref().is_none_or(|p| p.contains(&d.code)))
            .map(|d| (d.code.to_string(), format!("{} ({})", d.nom, d.code))),
    );
    choix
}

fn i64_de(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[derive(Template)]
#[template(path = "lieux/doublons/pages/file.html")]
struct PageFile {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    etat: EtatPaire,
    lignes: Vec<LigneFile>,
    pagination: Pagination,
}

impl PageFile {
    fn etats(&self) -> Vec<(String, String)> {
        EtatPaire::TOUS.map(|e| (e.cle().to_owned(), e.libelle().to_owned())).to_vec()
    }
}

async fn file(State(annuaire): State<Annuaire>, shell: Shell, Requete(form): Requete) -> PageResult {
    let actor = shell.actor()?;
    let t = annuaire.territoires();
    let etat = EtatPaire::de_cle(form.get("etat")).unwrap_or(EtatPaire::AVoir);
    let f = filtre(actor, &t, etat, form.get("departement"));
    let conn = annuaire.site.db.read();
    let total = usize::try_from(store::compte_file(conn, &f).await?).unwrap_or(0);
    let pagination =
        Pagination::new(total, PAR_PAGE, form.get("page").parse().unwrap_or(1), BASE, form.values());
    let lignes = store::file(conn, &f, i64_de(pagination.offset(PAR_PAGE)), i64_de(PAR_PAGE)).await?;
    let departements = choix_departements(actor, &t);
    page(&PageFile { departements, shell, form, etat, lignes, pagination })
}

/// A field on both sides: its title, the values, whether they differ, the value after a merge.
struct Rang {
    titre: String,
    valeurs: [String; 2],
    differe: bool,
    apres: String,
}

#[derive(Template)]
#[template(path = "lieux/doublons/pages/comparer.html")]
struct PageComparer {
    shell: Shell,
    gardee: Gere,
    absorbee: Gere,
    score: i64,
    raisons: Vec<Raison>,
    decidee: Option<PaireGardee>,
    form: FormState,
    perimee: bool,
    apres: Fiche,
}

impl PageComparer {
    fn rangs(&self) -> Vec<Rang> {
        Champ::TOUS
            .into_iter()
            .skip(1)
            .filter_map(|champ| {
                let valeurs = [&self.gardee, &self.absorbee].map(|g| lisible(&g.lieu.fiche, champ));
                let differe = valeurs[0] != valeurs[1];
                let rang = Rang { titre: titre(champ), apres: lisible(&self.apres, champ), differe, valeurs };
                (!rang.valeurs[0].is_empty() || !rang.valeurs[1].is_empty()).then_some(rang)
            })
            .collect()
    }

    fn verdict(&self) -> &'static str {
        if self.score >= i64::from(AUTOMATIQUE) {
            "Doublon très probable"
        } else if self.score >= i64::from(POSSIBLE) {
            "Doublon possible"
        } else {
            "Peu de points communs"
        }
    }

    fn choix(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("fusionner", "C’est le même lieu : fusionner les deux fiches"),
            ("distincts", "Ce sont deux lieux différents"),
            ("plus_tard", "Je ne sais pas : décider plus tard"),
        ]
    }
}

fn titre(champ: Champ) -> String {
    majuscule(champ.titre())
}

fn lisible(fiche: &Fiche, champ: Champ) -> String {
    match champ {
        Champ::Pivot if fiche.pivot.is_none() => String::new(),
        Champ::Typologie => Fiche::libres(&fiche.typologie)
            .map(crate::lieux::recherche::nom_typologie)
            .collect::<Vec<_>>()
            .join(", "),
        Champ::Telephone => fiche.telephone.as_ref().map(|t| t.lisible()).unwrap_or_default(),
        Champ::DateMaj => fiche.date_maj.map(kernel::calendrier::jour_en_lettres).unwrap_or_default(),
        Champ::Horaires => {
            crate::lieux::horaires::explique(&fiche.horaires).unwrap_or_else(|| fiche.horaires.to_string())
        }
        _ => fiche.valeur(champ).replace('|', ", "),
    }
}

type Deux = (Gere, Gere);

/// Both lieux, within the scope; none when one was merged: the queue is the place to go on.
async fn deux(annuaire: &Annuaire, shell: &Shell, ids: &(String, String)) -> Result<Option<Deux>, PageError> {
    let actor = shell.actor()?;
    let id = |texte: &str| texte.parse::<LieuId>().map_err(|_| PageError::not_found());
    let (a, b) = (id(&ids.0)?, id(&ids.1)?);
    if a == b {
        return Err(PageError::not_found());
    }
    // A merged lieu is not opened: there is nothing left to decide.
    for id in [a, b] {
        let lieu = crate::lieux::lieu(annuaire.site.db.read(), id).await?.ok_or_else(PageError::not_found)?;
        if matches!(lieu.etat, Etat::Fusionne { .. }) {
            return Ok(None);
        }
    }
    let a = lecture::ouvrir(annuaire, actor, Verb::ModifierLieux, a).await?;
    let b = lecture::ouvrir(annuaire, actor, Verb::ModifierLieux, b).await?;
    Ok(Some((a, b)))
}

async fn compose_page(
    annuaire: &Annuaire,
    shell: Shell,
    (gardee, absorbee): Deux,
    mut form: FormState,
    perimee: bool,
) -> Result<PageComparer, PageError> {
    let conn = annuaire.site.db.read();
    let paire = store::paire(conn, gardee.id(), absorbee.id()).await?;
    let (score, raisons) = match &paire {
        Some(p) => (p.score, p.raisons.clone()),
        None => super::explique(&gardee.lieu, &absorbee.lieu),
    };
    form.set("version_gardee", gardee.version.to_string());
    form.set("version_absorbee", absorbee.version.to_string());
    let apres = fusion::apercu(conn, &gardee, &absorbee).await?;
    let decidee = paire.filter(|p| p.etat != EtatPaire::AVoir);
    Ok(PageComparer { shell, gardee, absorbee, score, raisons, decidee, form, perimee, apres })
}

async fn comparer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(ids): Path<(String, String)>,
) -> PageResult {
    let Some(lus) = deux(&annuaire, &shell, &ids).await? else {
        return Ok(Redirect::to(BASE).into_response());
    };
    page(&compose_page(&annuaire, shell, lus, FormState::default(), false).await?)
}

async fn decider(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(ids): Path<(String, String)>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let Some(lus) = deux(&annuaire, &shell, &ids).await? else {
        return Err(Refusal::conflict("L’un de ces lieux vient d’être fusionné avec un autre.").into());
    };
    let (a, b) = (lus.0.id(), lus.1.id());
    let note = form.text_opt("note", NOTE_MAX).flatten().unwrap_or_default();
    let etat = match form.get("decision") {
        "fusionner" => Some(EtatPaire::Doublon),
        "distincts" => Some(EtatPaire::Distincts),
        "plus_tard" => Some(EtatPaire::PlusTard),
        _ => {
            form.refuse("decision", "Dites ce que sont ces deux fiches.");
            None
        }
    };
    let Some(etat) = etat.filter(|_| form.is_valid()) else {
        let vue = compose_page(&annuaire, shell, lus, form, false).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &vue);
    };
    if etat != EtatPaire::Doublon {
        fusion::decider(&annuaire, actor, (a, b), etat, &note).await?;
        let dit = match etat {
            EtatPaire::Distincts => {
                "C’est noté : ces deux lieux ne seront plus proposés, sauf s’ils se ressemblent bien davantage."
            }
            _ => "C’est noté : cette paire attend dans « Remises à plus tard ».",
        };
        return Ok(see_other_saying(BASE, dit));
    }
    let version = |nom: &str| form.get(nom).parse().unwrap_or(0);
    let versions = Versions { gardee: version("version_gardee"), absorbee: version("version_absorbee") };
    match fusion::fusionner(&annuaire, actor, (a, b), versions, note).await {
        Ok(_) => {
            let dit = "Les deux fiches n’en font plus qu’une. Vous pouvez annuler cette fusion ci-dessous.";
            Ok(see_other_saying(FUSIONS, dit))
        }
        Err(Failure::Stale(_)) => {
            let vue = compose_page(&annuaire, shell, lus, form, true).await?;
            page_with(StatusCode::CONFLICT, &vue)
        }
        Err(autre) => Err(autre.into()),
    }
}

#[derive(Template)]
#[template(path = "lieux/doublons/pages/fusions.html")]
struct PageFusions {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    fusions: Vec<(Fusion, String)>,
    pagination: Pagination,
}

async fn fusions(State(annuaire): State<Annuaire>, shell: Shell, Requete(form): Requete) -> PageResult {
    let actor = shell.actor()?;
    let t = annuaire.territoires();
    let f = filtre(actor, &t, EtatPaire::Doublon, form.get("departement"));
    let conn = annuaire.site.db.read();
    let total = usize::try_from(store::compte_fusions(conn, &f).await?).unwrap_or(0);
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, FUSIONS, form.values());
    let lues =
        store::dernieres_fusions(conn, &f, i64_de(pagination.offset(PAR_PAGE)), i64_de(PAR_PAGE)).await?;
    let comptes: Vec<kernel::ids::CompteId> = lues.iter().filter_map(|f| f.par).collect();
    let noms = identity::noms(conn, &comptes).await?;
    let mut fusions = Vec::with_capacity(lues.len());
    for f in lues {
        let par = match f.par {
            None => "la règle automatique".to_owned(),
            Some(compte) => noms.get(&compte).cloned().unwrap_or_else(|| "un compte supprimé".to_owned()),
        };
        fusions.push((f, par));
    }
    let departements = choix_departements(actor, &t);
    page(&PageFusions { departements, shell, form, fusions, pagination })
}

async fn annuler(State(annuaire): State<Annuaire>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let id: FusionId = id.parse().map_err(|_| PageError::not_found())?;
    fusion::defusionner(&annuaire, shell.actor()?, id).await?;
    Ok(see_other_saying(
        FUSIONS,
        "La fusion est annulée : les deux lieux ont repris leur fiche et leur adresse.",
    ))
}

/// A field, its value, who gave it and when.
struct Origine {
    titre: String,
    valeur: String,
    sources: Vec<(String, String)>,
    autres: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "lieux/doublons/pages/provenance.html")]
struct PageProvenance {
    shell: Shell,
    g: Gere,
    /// Source, its identifier, when received, whether still delivered.
    apports: Vec<(String, String, String, bool)>,
    origines: Vec<Origine>,
    fusions: Vec<Fusion>,
}

async fn provenance(State(annuaire): State<Annuaire>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let id: LieuId = id.parse().map_err(|_| PageError::not_found())?;
    let g = lecture::ouvrir(&annuaire, shell.actor()?, Verb::VoirLieux, id).await?;
    if let Etat::Fusionne { dans } = g.lieu.etat {
        return Ok(Redirect::to(&format!("/gestion/lieux/{dans}/provenance")).into_response());
    }
    let conn = annuaire.site.db.read();
    let apports = store::apports(conn, &[id]).await?.remove(&id).unwrap_or_default();
    let (_, provenance): (_, Provenance) = compose(&apports);
    let saisies = lieux::saisies(conn, &[id]).await?.remove(&id).unwrap_or_default();
    let fiche = &g.lieu.fiche;
    let mut origines = Vec::new();
    for champ in Champ::TOUS.into_iter().skip(1) {
        let valeur = lisible(fiche, champ);
        if valeur.is_empty() {
            continue;
        }
        let mut sources = Vec::new();
        let mut autres = Vec::new();
        let rangs: &[usize] = provenance.iter().find(|p| p.0 == champ).map_or(&[], |p| &p.1);
        if let Some(s) = saisies.iter().find(|s| s.champ == champ) {
            sources.push(("écrit à la main".to_owned(), jour(&s.le)));
        } else if apports.is_empty() {
            sources.push((g.lieu.source.clone(), jour(&g.lieu.modifie_le)));
        } else {
            sources.extend(rangs.iter().map(|i| (apports[*i].source.clone(), jour(&apports[*i].recu_le))));
        }
        for (i, a) in apports.iter().enumerate() {
            let dit = lisible(&a.fiche, champ);
            if !dit.is_empty() && dit != valeur && !(rangs.contains(&i) && rangs.len() > 1) {
                autres.push((a.source.clone(), dit));
            }
        }
        origines.push(Origine { titre: titre(champ), valeur, sources, autres });
    }
    let lus = if apports.is_empty() {
        vec![(
            g.lieu.source.clone(),
            fiche.id.to_string(),
            jour(&g.lieu.modifie_le),
            g.lieu.etat == Etat::Ouvert,
        )]
    } else {
        apports.into_iter().map(|a| (a.source, a.id_local, jour(&a.recu_le), !a.absent)).collect()
    };
    let fusions = store::fusions_de(conn, id).await?;
    page(&PageProvenance { shell, g, apports: lus, origines, fusions })
}

/// A day in letters.
fn jour(instant: &DateTime<Utc>) -> String {
    kernel::calendrier::en_lettres(instant)
}
