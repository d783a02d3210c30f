//! The list of conseillers in a post today, and the same as a file.

use std::collections::HashMap;

use annuaire::structures::StructureVue;
use askama::Template;
use axum::extract::State;
use kernel::ids::StructureId;
use kernel::{Actor, CodeDepartement};
use platform::tableur::Format;
use platform::web::{Exports, FormState, LOT, Liste, Lot, PageResult, Pagination, Requete, Shell, page};
use sea_orm::DbErr;

use super::BASE;
use crate::Conseillers;
use crate::candidats::{self, Coordonnees};
use crate::dire::{Compte, EnLettres};
use crate::ids::CandidatId;
use crate::postes::Typologie;
use crate::postes::en_poste::{self, EnPoste, Filtre};
use crate::territoire::departements;

const PAR_PAGE: usize = 30;

/// What the address asks for; what makes no sense is as if it were absent.
fn filtre(cx: &Conseillers, form: &FormState) -> Filtre {
    Filtre {
        mots: form.get("q").to_owned(),
        departement: CodeDepartement::parse(form.get("departement")),
        typologie: Typologie::from_cle(form.get("type")),
        ..Filtre::tous(cx.jour())
    }
}

/// Who they are, and where.
struct Noms {
    personnes: HashMap<CandidatId, Coordonnees>,
    structures: HashMap<StructureId, StructureVue>,
}

impl Noms {
    async fn de(cx: &Conseillers, actor: &Actor, gens: &[EnPoste]) -> Result<Self, DbErr> {
        let conn = cx.site.db.read();
        let ids: Vec<CandidatId> = gens.iter().map(|g| g.candidat).collect();
        Ok(Self {
            personnes: candidats::lire_coordonnees(&cx.site, actor, &ids).await?,
            structures: annuaire::structures::trouver(conn, gens.iter().map(|g| g.structure)).await?,
        })
    }
}

#[derive(Template)]
#[template(path = "equipe/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    gens: Vec<EnPoste>,
    noms: Noms,
    pagination: Pagination,
    exports: Exports,
}

impl Page {
    fn types(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Typologie::TOUTES.map(|t| (t.cle(), t.nom()))).collect()
    }

    fn qui(&self, g: &EnPoste) -> Option<&Coordonnees> {
        self.noms.personnes.get(&g.candidat)
    }

    fn ou(&self, g: &EnPoste) -> String {
        self.noms
            .structures
            .get(&g.structure)
            .map(|s| format!("{}, {}", s.nom, s.commune.nom))
            .unwrap_or_default()
    }
}

pub(super) async fn liste(State(cx): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let filtre = filtre(&cx, &form);
    let conn = cx.site.db.read();
    let total = en_poste::compter(conn, &perimetre, &filtre).await?;
    let pagination =
        Pagination::new(total, PAR_PAGE, form.get("page").parse().unwrap_or(1), BASE, form.values());
    let place = (pagination.offset(PAR_PAGE), PAR_PAGE);
    let gens = en_poste::lister(conn, &perimetre, &filtre, None, place).await?;
    page(&Page {
        departements: departements(&cx, &perimetre),
        noms: Noms::de(&cx, shell.actor()?, &gens).await?,
        exports: Exports::new(BASE, form.values()),
        shell,
        form,
        gens,
        pagination,
    })
}

const LISTE: Liste = Liste {
    nom: "conseillers",
    titres: &[
        "reference",
        "prenom",
        "nom",
        "courriel",
        "telephone",
        "poste",
        "type",
        "structure",
        "siret_rna_ridet",
        "commune",
        "departement",
        "region",
        "en_poste_depuis",
        "jusqu_au",
    ],
};

pub(super) async fn exporter(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site) = (filtre(&cx, &form), cx.site.clone());
    let perimetre = actor.perimetre.clone();
    LISTE
        .envoyer(&site, &actor.clone(), (format, form.values()), move |apres| {
            let (cx, actor, perimetre, filtre) =
                (cx.clone(), actor.clone(), perimetre.clone(), filtre.clone());
            async move {
                let gens = en_poste::lister(cx.site.db.read(), &perimetre, &filtre, apres, (0, LOT)).await?;
                let noms = Noms::de(&cx, &actor, &gens).await?;
                Ok(Lot::de(&gens, LOT, |g| ligne(g, &noms), |g| g.numero))
            }
        })
        .await
}

fn ligne(g: &EnPoste, noms: &Noms) -> Vec<platform::tableur::Cellule> {
    let qui = noms.personnes.get(&g.candidat);
    let ou = noms.structures.get(&g.structure);
    vec![
        qui.map(Coordonnees::reference).into(),
        qui.map(|q| q.prenom.clone()).into(),
        qui.map(|q| q.nom.clone()).into(),
        qui.map(|q| q.courriel.to_string()).into(),
        qui.and_then(|q| q.telephone.as_ref()).map(|t| t.lisible().to_string()).into(),
        g.poste().into(),
        g.typologie.nom().into(),
        ou.map(|s| s.nom.clone()).into(),
        ou.and_then(|s| s.pivot.as_ref()).map(ToString::to_string).into(),
        ou.map(|s| s.commune.nom.clone()).into(),
        g.departement.as_str().into(),
        ou.map(|s| s.commune.region.to_string()).into(),
        g.periode.debut.into(),
        g.periode.fin.into(),
    ]
}
