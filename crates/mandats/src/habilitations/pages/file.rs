//! The queue of the staff, oldest first; the same as a file; taking several at once.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, CodeDepartement};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Exports, FormState, Formulaire, LOT, Liste, Lot, PageResult, Pagination, Requete, Shell, page,
    see_other_saying,
};

use super::{BASE, compte, departements};
use crate::Mandats;
use crate::habilitations::model::Etat;
use crate::habilitations::store::{self, Filtre, Ligne};
use crate::habilitations::{actions, reference};
use crate::ids::HabilitationId;

const PAR_PAGE: usize = 30;

fn filtre(form: &FormState, actor: &Actor) -> Filtre {
    // Nothing chosen: what waits.
    let vide = form.values().iter().all(|(k, _)| k == "page");
    Filtre {
        mots: form.get("q").to_owned(),
        etat: if vide { Some(Etat::EnInstruction) } else { Etat::from_cle(form.get("etat")) },
        departement: CodeDepartement::parse(form.get("departement")),
        type_cle: reference::type_de(form.get("type")).map(|t| t.0.to_owned()),
        agent: match form.get("agent") {
            "moi" => Some(Some(actor.compte)),
            "personne" => Some(None),
            _ => None,
        },
        attend_reponse: form.get("messages") == "attendent",
    }
}

#[derive(Template)]
#[template(path = "habilitations/pages/file.html")]
struct PageFile {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    comptes: Vec<(Etat, i64)>,
    lignes: Vec<Ligne>,
    agents: BTreeMap<CompteId, String>,
    pagination: Pagination,
    exports: Exports,
    now: DateTime<Utc>,
}

impl PageFile {
    fn etats(&self) -> Vec<(&'static str, &'static str)> {
        let tous = Etat::TOUS.into_iter().filter(|e| *e != Etat::Brouillon).map(|e| (e.cle(), e.nom()));
        std::iter::once(("", "Tous")).chain(tous).collect()
    }

    fn types(&self) -> Vec<(&'static str, &'static str)> {
        let mut out = reference::types();
        out[0].1 = "Tous";
        out
    }

    fn total(&self) -> String {
        compte(self.pagination.total, "demande", "demandes")
    }

    fn agent(&self, l: &Ligne) -> &str {
        l.agent().and_then(|a| self.agents.get(&a)).map_or("", String::as_str)
    }
}

const AGENTS: [(&str, &str); 3] =
    [("", "Toutes"), ("moi", "Que j’étudie"), ("personne", "Que personne n’étudie")];
const MESSAGES: [(&str, &str); 2] = [("", "Tous"), ("attendent", "Message sans réponse")];

pub(super) async fn file(State(m): State<Mandats>, shell: Shell, Requete(mut form): Requete) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, conn, p) = (filtre(&form, &actor), m.site.db.read(), &actor.perimetre);
    if let Some(etat) = filtre.etat {
        form.set("etat", etat.cle());
    }
    let total = store::compter(conn, p, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values()).anchored("#resultats");
    let lignes = store::lister(conn, p, &filtre, None, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let agents: Vec<CompteId> = lignes.iter().filter_map(Ligne::agent).collect();
    page(&PageFile {
        departements: departements(&m, p),
        comptes: store::par_etat(conn, p).await?,
        agents: identity::noms(conn, &agents).await?,
        exports: Exports::new(BASE, form.values()),
        now: m.site.clock.now(),
        shell,
        form,
        lignes,
        pagination,
    })
}

const LISTE: Liste = Liste {
    nom: "demandes-d-habilitation",
    titres: &[
        "numero",
        "nom",
        "siret",
        "type",
        "commune",
        "departement",
        "region",
        "etat",
        "deposee_le",
        "decidee_le",
        "personnes",
        "referent",
    ],
};

pub(super) async fn exporter(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site, perimetre) = (filtre(&form, &actor), m.site.clone(), actor.perimetre.clone());
    LISTE
        .envoyer(&site, &actor, (format, form.values()), move |apres| {
            let (m, perimetre, filtre) = (m.clone(), perimetre.clone(), filtre.clone());
            async move {
                let lignes = store::lister(m.site.db.read(), &perimetre, &filtre, apres, (0, LOT)).await?;
                Ok(Lot::de(&lignes, LOT, ligne, |l| (l.deposee_le.unwrap_or_default(), l.id().0)))
            }
        })
        .await
}

fn ligne(l: &Ligne) -> Vec<Cellule> {
    let jour = |le: Option<DateTime<Utc>>| le.map(|le| kernel::calendrier::jour(&le));
    vec![
        l.numero.into(),
        l.nom.clone().into(),
        l.pivot.clone().into(),
        l.type_nom().into(),
        l.commune.clone().into(),
        l.departement.clone().into(),
        l.region.clone().into(),
        l.etat().nom().into(),
        jour(l.deposee_le).into(),
        jour(l.decidee_le).into(),
        l.personnes.into(),
        l.referent_courriel.clone().into(),
    ]
}

pub(super) async fn prendre(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(form): Formulaire,
) -> PageResult {
    let ids: BTreeSet<HabilitationId> = form.all("demandes").filter_map(|v| v.parse().ok()).collect();
    let prises = actions::prendre_plusieurs(&m, shell.actor()?, ids).await?;
    let sentence = match prises {
        0 => "Rien n’a changé : cochez des demandes en cours d’étude que personne n’étudie.".to_owned(),
        n => format!("Vous étudiez {}.", compte(n, "demande de plus", "demandes de plus")),
    };
    Ok(see_other_saying(&format!("{BASE}?agent=moi&etat={}", Etat::EnInstruction.cle()), &sentence))
}
