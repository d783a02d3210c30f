//! Pages of the administration.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{CodeDepartement, Verb};
use platform::web::{
    Access, Exports, FormState, Formulaire, PageResult, Pagination, Requete, Routes, Shell, page, page_with,
    see_other_saying,
};

use super::super::cv::{self, FicheCv};
use super::super::effacement;
use super::super::model::{Attribut, Candidat, CandidatId, Etat, Motif};
use super::super::retention::{REGLES, Regle};
use super::super::store::{self, Filtre};
use super::{actions, export};
use crate::Conseillers;
use crate::conservation;
use crate::historique::{self, Groupe, Sujet};
use crate::territoire::departements;

const BASE: &str = "/conseillers/candidats";
const GERER: Access = Access::May(Verb::GererCandidats);
/// Lines of a page.
const PAR_PAGE: usize = 30;

/// Every page, with its access.
pub(in crate::candidats) fn routes(conseillers: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, GERER, liste)
        .export(BASE, GERER, export::exporter)
        .get(&at("/conservation"), GERER, conservation)
        .get(&at("/fiche/{candidat}"), GERER, fiche)
        .get(&at("/fiche/{candidat}/cv"), GERER, fichier_cv)
        .post(&at("/fiche/{candidat}/effacer"), GERER, effacer)
        .with_state(conseillers.clone())
        .merge(super::doublons::routes(conseillers))
}

#[derive(Template)]
#[template(path = "candidats/administration/liste.html")]
struct Liste {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    lignes: Vec<Candidat>,
    pagination: Pagination,
    exports: Exports,
}

impl Liste {
    fn etats(&self) -> [(&'static str, &'static str); 3] {
        [
            ("active", "Confirmées"),
            ("a_confirmer", "Adresse à confirmer"),
            ("fusionnee", "Réunies avec une autre"),
        ]
    }

    fn disponibilites(&self) -> [(&'static str, &'static str); 3] {
        [("", "Toutes"), ("oui", "Visibles des structures"), ("non", "En pause")]
    }

    fn total(&self) -> String {
        kernel::text::compte(self.pagination.total as u64, "candidature", "candidatures")
    }
}

/// What the address asks for; what makes no sense is as if it were absent.
pub(super) fn filtre(form: &FormState) -> Filtre {
    Filtre {
        mots: form.get("q").to_owned(),
        etat: form.get("etat").to_owned(),
        departement: CodeDepartement::parse(form.get("departement")),
        disponible: match form.get("disponible") {
            "oui" => Some(true),
            "non" => Some(false),
            _ => None,
        },
    }
}

async fn liste(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    let conn = conseillers.site.db.read();
    let statut = if form.get("q").chars().any(char::is_alphanumeric) || form.get("q").is_empty() {
        StatusCode::OK
    } else {
        form.refuse("q", "Aucun mot n’a été compris. Écrivez un nom, une adresse, une commune ou un numéro.");
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let filtre = filtre(&form);
    // What was not understood lists nobody, not everybody.
    let total = if form.is_valid() { store::compter(conn, &filtre).await? } else { 0 };
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let lignes = if total == 0 {
        Vec::new()
    } else {
        store::lister(conn, &filtre, None, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?
    };
    let departements = departements(&conseillers, &kernel::Perimetre::National);
    let exports = Exports::new(BASE, form.values());
    page_with(statut, &Liste { shell, form, departements, lignes, pagination, exports })
}

#[derive(Template)]
#[template(path = "candidats/administration/fiche.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    c: Candidat,
    champs: Vec<(&'static str, String)>,
    cv: Option<FicheCv>,
    historique: Vec<Groupe>,
    dans: Option<CandidatId>,
}

impl Fiche {
    fn motifs(&self) -> Vec<(&'static str, &'static str)> {
        Motif::au_choix().iter().map(|m| (m.cle(), m.libelle())).collect()
    }
}

async fn montre(
    conseillers: &Conseillers,
    status: StatusCode,
    shell: Shell,
    form: FormState,
    id: CandidatId,
) -> PageResult {
    let site = &conseillers.site;
    let c = actions::ouvrir(site, shell.actor()?, id).await?;
    let cv = cv::fiche(site.db.read(), id).await?;
    let historique =
        historique::grouper(historique::lire(site.db.read(), (Sujet::Candidat, id.0), 0, 50).await?);
    let champs = Attribut::TOUS.into_iter().map(|a| (a.libelle(), c.fiche.lisible(a))).collect();
    let dans = match c.etat {
        Etat::Fusionnee { dans } => Some(dans),
        _ => None,
    };
    page_with(status, &Fiche { shell, form, c, champs, cv, historique, dans })
}

async fn fiche(State(conseillers): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montre(&conseillers, StatusCode::OK, shell, FormState::default(), CandidatId(id)).await
}

async fn fichier_cv(State(conseillers): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let actor = shell.actor()?;
    let c = actions::ouvrir(&conseillers.site, actor, CandidatId(id)).await?;
    Ok(cv::reponse(&c.reference(), cv::lire(&conseillers.site, actor, c.id).await?))
}

async fn effacer(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = CandidatId(id);
    let actor = shell.actor()?.clone();
    let connu = |v: &str| Motif::from_cle(v).filter(|m| Motif::au_choix().contains(m));
    let motif = form.parse("motif", |v| connu(v).ok_or("Choisissez une raison dans la liste."));
    if form.get("certain") != "oui" {
        form.refuse("certain", "Cochez cette case pour effacer la candidature.");
    }
    let (Some(motif), true) = (motif, form.is_valid()) else {
        return montre(&conseillers, StatusCode::UNPROCESSABLE_ENTITY, shell, form, id).await;
    };
    let preuve = effacement::effacer(&conseillers.site, Some(&actor), id, motif).await?;
    Ok(see_other_saying(BASE, &format!("La candidature {} est effacée.", preuve.reference)))
}

#[derive(Template)]
#[template(path = "candidats/administration/conservation.html")]
struct Conservation {
    shell: Shell,
    /// The rule, how many things are past their time now, and within a month.
    regles: Vec<(Regle, i64, i64)>,
    suites: Vec<conservation::Apercu>,
    effaces: Vec<(&'static str, i64)>,
}

async fn conservation(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let conn = conseillers.site.db.read();
    let now = conseillers.site.clock.now();
    let mut regles = Vec::new();
    for regle in REGLES {
        let echus = store::combien_avant(conn, &regle, regle.limite(now)).await?;
        let bientot = regle.limite(now + chrono::TimeDelta::days(30));
        regles.push((regle, echus, store::combien_avant(conn, &regle, bientot).await? - echus));
    }
    let effaces = store::effaces(conn)
        .await?
        .into_iter()
        .filter_map(|(m, n)| Motif::from_cle(&m).map(|m| (m.libelle(), n)))
        .collect();
    let suites = conservation::apercu(conn, now).await?;
    page(&Conservation { shell, regles, suites, effaces })
}
