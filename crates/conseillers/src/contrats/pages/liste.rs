//! Every contract within the scope: hires, history, ruptures, on the screen and as a file. Pay is for those who sign and those
//! who validate.

use std::collections::HashMap;

use annuaire::structures::StructureVue;
use askama::Template;
use axum::extract::State;
use kernel::ids::StructureId;
use kernel::{Actor, CodeDepartement, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{Exports, FormState, LOT, Liste, Lot, PageResult, Pagination, Requete, Shell, page};
use sea_orm::DbErr;

use super::{BASE, ESPACE, TOUS};
use crate::Conseillers;
use crate::candidats::{self, Coordonnees};
use crate::contrats::model::{Contrat, Situation};
use crate::contrats::rules;
use crate::contrats::store::liste::{self as store, Filtre};
use crate::dire::{Compte, EnLettres};
use crate::ids::{CandidatId, PosteId};
use crate::postes;
use crate::territoire::departements;

const PAR_PAGE: usize = 30;

/// Whether the actor may read what a person is paid.
pub(super) fn voit_la_paie(actor: &Actor) -> bool {
    actor.role.has(Verb::Recruter) || actor.role.has(Verb::ValiderContrats)
}

fn filtre(cx: &Conseillers, form: &FormState) -> Filtre {
    Filtre {
        le: cx.jour(),
        situation: Situation::TOUTES.into_iter().find(|s| s.cle() == form.get("situation")),
        departement: CodeDepartement::parse(form.get("departement")),
        mots: form.get("q").to_owned(),
    }
}

/// Who, where and on which post.
struct Noms {
    personnes: HashMap<CandidatId, Coordonnees>,
    structures: HashMap<StructureId, StructureVue>,
    postes: HashMap<PosteId, String>,
}

impl Noms {
    async fn de(cx: &Conseillers, actor: &Actor, contrats: &[Contrat]) -> Result<Self, DbErr> {
        let conn = cx.site.db.read();
        let gens: Vec<CandidatId> = contrats.iter().map(|c| c.candidat).collect();
        let ids: Vec<PosteId> = contrats.iter().map(|c| c.poste).collect();
        let postes = postes::store::charger(conn, &ids).await?;
        Ok(Self {
            personnes: candidats::lire_coordonnees(&cx.site, actor, &gens).await?,
            structures: annuaire::structures::trouver(conn, contrats.iter().map(|c| c.place.structure))
                .await?,
            postes: postes.into_iter().map(|p| (p.id, p.reference())).collect(),
        })
    }
}

#[derive(Template)]
#[template(path = "contrats/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    jour: chrono::NaiveDate,
    departements: Vec<(String, String)>,
    contrats: Vec<Contrat>,
    noms: Noms,
    pagination: Pagination,
    exports: Exports,
}

impl Page {
    fn situations(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Toutes")).chain(Situation::TOUTES.map(|s| (s.cle(), s.nom()))).collect()
    }

    fn qui(&self, c: &Contrat) -> String {
        let connu = self.noms.personnes.get(&c.candidat);
        connu.map_or("Dossier effacé".to_owned(), |q| format!("{} {}", q.prenom, q.nom))
    }

    fn ou(&self, c: &Contrat) -> &str {
        self.noms.structures.get(&c.place.structure).map_or("", |s| s.nom.as_str())
    }

    fn poste(&self, c: &Contrat) -> &str {
        self.noms.postes.get(&c.poste).map_or("", String::as_str)
    }

    fn situation(&self, c: &Contrat) -> Situation {
        rules::situation(c, self.jour)
    }
}

pub(super) async fn liste(State(cx): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let (filtre, conn) = (filtre(&cx, &form), cx.site.db.read());
    let total = store::compter(conn, &perimetre, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, TOUS, form.values());
    let place = (pagination.offset(PAR_PAGE), PAR_PAGE);
    let contrats = store::lister(conn, &perimetre, &filtre, None, place).await?;
    page(&Page {
        departements: departements(&cx, &perimetre),
        noms: Noms::de(&cx, shell.actor()?, &contrats).await?,
        exports: Exports::new(TOUS, form.values()),
        jour: cx.jour(),
        shell,
        form,
        contrats,
        pagination,
    })
}

const LISTE: Liste = Liste {
    nom: "contrats",
    titres: &[
        "reference",
        "prenom",
        "nom",
        "poste",
        "structure",
        "departement",
        "region",
        "type",
        "debut",
        "fin",
        "situation",
        "phase",
        "saisi_le",
        "rupture_le",
        "motif_de_rupture",
        "dossier_incomplet",
        "salaire_brut_mensuel",
    ],
};

pub(super) async fn exporter(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site, paie) = (filtre(&cx, &form), cx.site.clone(), voit_la_paie(&actor));
    let perimetre = actor.perimetre.clone();
    LISTE
        .envoyer(&site, &actor.clone(), (format, form.values()), move |avant| {
            let (cx, actor, perimetre, filtre) =
                (cx.clone(), actor.clone(), perimetre.clone(), filtre.clone());
            async move {
                let contrats = store::lister(cx.site.db.read(), &perimetre, &filtre, avant, (0, LOT)).await?;
                let noms = Noms::de(&cx, &actor, &contrats).await?;
                let ligne = |c: &Contrat| ligne(c, &noms, (filtre.le, paie));
                Ok(Lot::de(&contrats, LOT, ligne, |c| (c.termes.debut, c.id.0)))
            }
        })
        .await
}

fn ligne(c: &Contrat, noms: &Noms, (le, paie): (chrono::NaiveDate, bool)) -> Vec<Cellule> {
    let qui = noms.personnes.get(&c.candidat);
    let rupture = c.etat.rupture();
    vec![
        qui.map(Coordonnees::reference).into(),
        qui.map(|q| q.prenom.clone()).into(),
        qui.map(|q| q.nom.clone()).into(),
        noms.postes.get(&c.poste).cloned().into(),
        noms.structures.get(&c.place.structure).map(|s| s.nom.clone()).into(),
        c.place.departement.to_string().into(),
        c.place.region.to_string().into(),
        c.termes.genre.nom().into(),
        c.termes.debut.into(),
        c.periode().fin.into(),
        rules::situation(c, le).nom().into(),
        c.termes.phase.numero().into(),
        kernel::calendrier::jour(&c.saisi_le).into(),
        rupture.map(|r| r.le).into(),
        rupture.map(|r| r.motif.nom()).into(),
        rupture.map(|r| r.dossier_incomplet).into(),
        paie.then_some(Cellule::Centimes(c.termes.salaire.0)).into(),
    ]
}
