//! Pages of likely duplicates: the pairs, those that were said to be two people, and what is decided of one.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use kernel::Verb;
use platform::web::{Access, PageResult, Pagination, Requete, Routes, Shell, page, see_other_saying};

use super::super::fusion::{self, store};
use super::super::model::{Candidat, CandidatId};
use super::super::store as fichier;
use crate::Conseillers;

const BASE: &str = "/conseillers/candidats/doublons";
const FICHE: &str = "/conseillers/candidats/fiche";
const GERER: Access = Access::May(Verb::GererCandidats);
/// Pairs of a page.
const PAR_PAGE: usize = 25;

/// Every page, with its access.
pub(super) fn routes(conseillers: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{FICHE}/{{candidat}}/{rest}");
    Routes::new()
        .get(BASE, GERER, liste)
        .post(&at("separer"), GERER, separer)
        .post(&at("fusionner/{autre}"), GERER, fusionner)
        .post(&at("distinguer/{autre}"), GERER, distinguer)
        .post(&at("rapprocher/{autre}"), GERER, rapprocher)
        .with_state(conseillers)
}

/// Which pairs the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vue {
    /// That share a mailbox, or a name and a postal code.
    Fortes,
    /// That share a telephone only.
    Faibles,
    /// That were said to be two people.
    Ecartees,
}

impl Vue {
    const TOUTES: [(Self, &'static str, &'static str); 3] = [
        (Self::Fortes, "", "Signes forts"),
        (Self::Faibles, "faibles", "Téléphone seul"),
        (Self::Ecartees, "ecartees", "Pas les mêmes"),
    ];

    fn de(cle: &str) -> Self {
        Self::TOUTES.into_iter().find(|(_, c, _)| *c == cle).map_or(Self::Fortes, |(v, ..)| v)
    }
}

/// Two files, and what they share in words.
struct Ligne {
    un: Candidat,
    autre: Candidat,
    signes: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "candidats/administration/doublons.html")]
struct Doublons {
    shell: Shell,
    vue: Vue,
    lignes: Vec<Ligne>,
    pagination: Pagination,
}

impl Doublons {
    /// Address, name, whether it is the one that is shown.
    fn onglets(&self) -> Vec<(String, &'static str, bool)> {
        let adresse = |cle: &str| if cle.is_empty() { BASE.to_owned() } else { format!("{BASE}?vue={cle}") };
        Vue::TOUTES.into_iter().map(|(v, cle, nom)| (adresse(cle), nom, v == self.vue)).collect()
    }

    fn ecartees(&self) -> bool {
        self.vue == Vue::Ecartees
    }

    fn total(&self) -> String {
        kernel::text::compte(self.pagination.total as u64, "paire", "paires")
    }
}

fn signes(p: &store::Paire) -> Vec<&'static str> {
    [
        (p.boite, "même boîte électronique"),
        (p.identite, "même nom et même code postal"),
        (p.telephone, "même téléphone"),
    ]
    .into_iter()
    .filter_map(|(oui, mots)| oui.then_some(mots))
    .collect()
}

async fn liste(State(cx): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    let conn = cx.site.db.read();
    let vue = Vue::de(form.get("vue"));
    let asked = form.get("page").parse().unwrap_or(1);
    let pages = |total| Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let (pagination, paires) = if vue == Vue::Ecartees {
        let pagination = pages(store::combien_distincts(conn).await?);
        let lues = store::distincts(conn, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
        (pagination, lues.into_iter().map(|(a, b)| (a, b, Vec::new())).collect::<Vec<_>>())
    } else {
        let lues = store::paires(conn, vue == Vue::Faibles).await?;
        let pagination = pages(lues.len());
        let page = lues.into_iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE);
        (pagination, page.map(|p| (CandidatId(p.un), CandidatId(p.autre), signes(&p))).collect())
    };
    let ids: Vec<CandidatId> = paires.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    let fiches = fichier::charger(conn, &ids).await?;
    let fiche = |id: CandidatId| fiches.iter().find(|c| c.id == id).cloned();
    let lignes = paires
        .into_iter()
        .filter_map(|(a, b, signes)| {
            let (a, b) = (fiche(a)?, fiche(b)?);
            let (un, autre) = if a.numero <= b.numero { (a, b) } else { (b, a) };
            Some(Ligne { un, autre, signes })
        })
        .collect();
    page(&Doublons { shell, vue, lignes, pagination })
}

async fn separer(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let id = CandidatId(id);
    fusion::separer(&cx, shell.actor()?, id).await?;
    Ok(see_other_saying(
        &format!("{FICHE}/{id}"),
        "Les deux candidatures sont de nouveau séparées : chacune a repris ses contacts, ses contrats et ses formations.",
    ))
}

async fn fusionner(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([gardee, absorbee]): Ids<2>,
) -> PageResult {
    let (gardee, absorbee) = (CandidatId(gardee), CandidatId(absorbee));
    fusion::fusionner(&cx, shell.actor()?, (gardee, absorbee)).await?;
    Ok(see_other_saying(
        &format!("{FICHE}/{gardee}"),
        "Les deux candidatures sont réunies. Vous pouvez les séparer depuis celle qui a été absorbée.",
    ))
}

async fn distinguer(State(cx): State<Conseillers>, shell: Shell, Ids([a, b]): Ids<2>) -> PageResult {
    fusion::distinguer(&cx, shell.actor()?, (CandidatId(a), CandidatId(b)), true).await?;
    Ok(see_other_saying(BASE, "C’est noté : ces deux candidatures ne sont plus proposées comme doublons."))
}

async fn rapprocher(State(cx): State<Conseillers>, shell: Shell, Ids([a, b]): Ids<2>) -> PageResult {
    fusion::distinguer(&cx, shell.actor()?, (CandidatId(a), CandidatId(b)), false).await?;
    Ok(see_other_saying(
        &format!("{BASE}?vue=ecartees"),
        "La paire est de nouveau proposée, tant qu’elle partage un signe.",
    ))
}
