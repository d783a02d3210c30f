//! The desk of transfers: the last ones, a new one with what it would do, how far one is.

use annuaire::structures::{self, Ids};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::StructureId;
use kernel::text::compte;
use kernel::{Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageResult, Requete, Routes, Shell, page, page_with, see_other_saying,
};

use super::model::{Comptes, Filtre, Lot};
use super::store::{Apercu, Refusee};
use super::{actions, store};
use crate::document::Numero;
use crate::organisations::Organisation;
use crate::{Failure, Mandats, legal};

const BASE: &str = "/gestion/transferts";
const NOUVEAU: &str = "/gestion/transferts/nouveau";
const TRANSFERER: Access = Access::May(Verb::InstruireHabilitations);
/// Transfers on the list, and refusals on a page.
const MONTRES: i64 = 200;
/// Longest reason, in characters.
const MOTIF: usize = 200;
/// Most numbers that one pastes.
const NUMEROS: usize = 500;

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    Routes::new()
        .get(BASE, TRANSFERER, liste)
        .get(NOUVEAU, TRANSFERER, nouveau)
        .post(NOUVEAU, TRANSFERER, lancer)
        .get(&format!("{BASE}/{{lot}}"), TRANSFERER, lot)
        .post(&format!("{BASE}/{{lot}}/defaire"), TRANSFERER, defaire)
        .with_state(m.clone())
}

/// A transfer, with the names of its organisations.
struct Vu {
    lot: Lot,
    de: String,
    vers: String,
    comptes: Comptes,
}

impl Vu {
    fn le(&self) -> String {
        kernel::calendrier::en_lettres_avec_heure(&self.lot.cree_le)
    }

    fn avance(&self) -> String {
        let c = self.comptes;
        let faits = compte(c.faits, "mandat transféré", "mandats transférés");
        format!("{faits} sur {}, {}", c.total(), compte(c.refuses, "refus", "refus"))
    }
}

async fn nom(m: &Mandats, id: StructureId) -> Result<String, Failure> {
    let vue = structures::find(m.site.db.read(), id).await?;
    Ok(vue.map_or_else(|| "Structure retirée de l’annuaire".to_owned(), |v| v.nom))
}

async fn vu(m: &Mandats, lot: Lot) -> Result<Vu, Failure> {
    let (de, vers) = (nom(m, lot.de).await?, nom(m, lot.vers).await?);
    let comptes = store::comptes(m.site.db.read(), lot.id).await?;
    Ok(Vu { lot, de, vers, comptes })
}

#[derive(Template)]
#[template(path = "transferts/liste.html")]
struct Liste {
    shell: Shell,
    lots: Vec<Vu>,
}

async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let mut lots = Vec::new();
    for l in store::lots(m.site.db.read(), &shell.actor()?.perimetre, MONTRES).await? {
        lots.push(vu(&m, l).await?);
    }
    page(&Liste { shell, lots })
}

/// What is shown of two organisations once both are known.
struct Vise {
    de: String,
    vers: String,
    apercu: Apercu,
}

impl Vise {
    fn vises(&self) -> String {
        compte(self.apercu.vises, "mandat correspond", "mandats correspondent")
    }
}

#[derive(Template)]
#[template(path = "transferts/nouveau.html")]
struct Nouveau {
    shell: Shell,
    form: FormState,
    demarches: Vec<(String, String)>,
    aidants: Vec<(String, String)>,
    vise: Option<Vise>,
}

const ETATS: [(&str, &str); 2] =
    [("", "Tous, avec ceux qui sont finis"), ("en_cours", "Ceux qui sont en cours")];

/// Which mandats; a number that is none is noted beside its field.
fn filtre(form: &mut FormState) -> Filtre {
    let mots: Vec<String> = form
        .get("numeros")
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|m| !m.is_empty())
        .take(NUMEROS + 1)
        .map(str::to_owned)
        .collect();
    if mots.len() > NUMEROS {
        form.refuse("numeros", "500 numéros au plus : faites-en plusieurs transferts.");
    }
    let lus: Vec<Option<Numero>> = mots.iter().map(|m| Numero::lire(m)).collect();
    if let Some((faux, _)) = mots.iter().zip(&lus).find(|(_, lu)| lu.is_none()) {
        let faux: String = faux.chars().take(20).collect();
        form.refuse("numeros", format!("« {faux} » n’est pas un numéro de mandat, comme 4F7K-9QXT-2M6C."));
    }
    // A filter that is not read would widen the transfer to everything.
    if ETATS.iter().all(|(cle, _)| *cle != form.get("etat")) {
        form.refuse("etat", "Choisissez un état dans la liste.");
    }
    let aidant = match form.get("aidant") {
        "" => None,
        _ => form.parse("aidant", |v| v.parse().map_err(|_| "Choisissez un aidant dans la liste.")),
    };
    Filtre {
        en_cours: form.get("etat") == "en_cours",
        demarche: Some(form.get("demarche").to_owned()).filter(|d| !d.is_empty()),
        aidant,
        numeros: lus.into_iter().flatten().collect(),
    }
}

/// The organisation of a field, or nothing and a sentence beside it.
async fn organisation(
    m: &Mandats,
    shell: &Shell,
    form: &mut FormState,
    champ: &str,
) -> Result<Option<Organisation>, Failure> {
    let Some(viewer) = &shell.viewer else { return Err(Refusal::NotFound.into()) };
    let numero = form.get(champ).to_owned();
    match actions::du_numero(m.site.db.read(), &viewer.actor, champ, &numero).await {
        Ok(o) => Ok(Some(o)),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            Ok(None)
        }
        Err(autre) => Err(autre),
    }
}

/// The form, with what the transfer would do when both organisations are known.
async fn formulaire(m: &Mandats, shell: Shell, mut form: FormState) -> PageResult {
    let f = filtre(&mut form);
    let (mut de, mut vers) = (None, None);
    if !form.get("de").is_empty() && form.error("de").is_none() {
        de = organisation(m, &shell, &mut form, "de").await?;
    }
    if !form.get("vers").is_empty() && form.error("vers").is_none() {
        vers = organisation(m, &shell, &mut form, "vers").await?;
    }
    if let (Some(de), Some(vers)) = (&de, &vers)
        && form.error("vers").is_none()
        && let Err(refus) = actions::permis(de, vers, m.jour())
    {
        form.take(refus)?;
    }
    let conn = m.site.db.read();
    let aidants = match &de {
        Some(de) => store::aidants(conn, de.structure).await?,
        None => Vec::new(),
    };
    let vise = match (&de, &vers) {
        (Some(de), Some(vers)) if form.is_valid() => Some(Vise {
            apercu: store::apercu(conn, (de.structure, vers), &f, m.site.clock.now()).await?,
            de: nom(m, de.structure).await?,
            vers: nom(m, vers.structure).await?,
        }),
        _ => None,
    };
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let mut demarches = vec![(String::new(), "Toutes".to_owned())];
    demarches.extend(
        texte.map(legal::catalogue).unwrap_or_default().iter().map(|d| (d.cle.clone(), d.titre.clone())),
    );
    let mut qui = vec![(String::new(), "Tous les aidants".to_owned())];
    qui.extend(aidants.into_iter().map(|(id, nom)| (id.to_string(), nom)));
    form.in_page_order(&["de", "vers", "etat", "demarche", "aidant", "numeros", "motif"]);
    page_with(status, &Nouveau { shell, form, demarches, aidants: qui, vise })
}

async fn nouveau(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    formulaire(&m, shell, form).await
}

async fn lancer(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let f = filtre(&mut form);
    let motif = form.text("motif", MOTIF);
    let (de, vers) = (form.get("de").to_owned(), form.get("vers").to_owned());
    if let (true, Some(motif)) = (form.is_valid(), motif) {
        match actions::lancer(&m, shell.actor()?, (&de, &vers), &f, &motif).await {
            Ok(lot) => {
                let phrase = "Le transfert commence : chaque mandat passe à son tour.";
                return Ok(see_other_saying(&format!("{BASE}/{lot}"), phrase));
            }
            Err(Failure::Refusal(refus @ Refusal::Fields(_))) => form.take(refus)?,
            Err(autre) => return Err(autre.into()),
        }
    }
    formulaire(&m, shell, form).await
}

#[derive(Template)]
#[template(path = "transferts/lot.html")]
struct PageLot {
    shell: Shell,
    form: FormState,
    v: Vu,
    refusees: Vec<Refusee>,
}

async fn montrer(m: &Mandats, shell: Shell, id: uuid::Uuid, form: FormState) -> PageResult {
    let (lot, ..) = actions::lire(m.site.db.read(), shell.actor()?, id).await?;
    let refusees = store::refusees(m.site.db.read(), id, MONTRES).await?;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &PageLot { v: vu(m, lot).await?, refusees, form, shell })
}

async fn lot(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, shell, id, FormState::default()).await
}

async fn defaire(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    actions::lire(m.site.db.read(), shell.actor()?, id).await?;
    if let Some(motif) = form.text("motif", MOTIF) {
        match actions::defaire(&m, shell.actor()?, id, &motif).await {
            Ok(lot) => {
                let phrase = "Le retour commence : chaque mandat passe à son tour.";
                return Ok(see_other_saying(&format!("{BASE}/{lot}"), phrase));
            }
            Err(Failure::Refusal(Refusal::Fields(champs))) => {
                for (_, phrase) in champs {
                    form.refuse("motif", phrase);
                }
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("motif", phrase),
            Err(autre) => return Err(autre.into()),
        }
    }
    montrer(&m, shell, id, form).await
}
