//! The desk of organisations: list, sheet, end, begin again.

use std::collections::HashMap;

use annuaire::structures::{self, Ids, StructureVue};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Refusal, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Access, Exports, FormState, Formulaire, LOT, Liste, Lot, PageError, PageResult, Pagination, Requete,
    Routes, Shell, page, page_with, see_other_saying,
};
use sea_orm::DbErr;

use super::store::{self, Filtre};
use super::{Organisation, actions};
use crate::aidants::EtatAidant;
use crate::aidants::propositions::{self, Proposition};
use crate::habilitations::departements;
use crate::{Failure, Mandats, legal};

/// Where the staff looks after organisations.
const BASE: &str = "/gestion/organisations-habilitees";
const PAR_PAGE: usize = 30;
const INSTRUIRE: Access = Access::May(Verb::InstruireHabilitations);

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, INSTRUIRE, liste)
        .export(BASE, INSTRUIRE, exporter)
        .get(&at("/{structure}"), INSTRUIRE, fiche)
        .post(&at("/{structure}/desactiver"), INSTRUIRE, desactiver)
        .post(&at("/{structure}/reactiver"), INSTRUIRE, reactiver)
        .post(&at("/{structure}/demarches"), INSTRUIRE, restreindre)
        .with_state(m.clone())
}

type Vues = HashMap<StructureId, StructureVue>;

async fn vues(m: &Mandats, lignes: &[Organisation]) -> Result<Vues, DbErr> {
    structures::trouver(m.site.db.read(), lignes.iter().map(|o| o.structure)).await
}

#[derive(Template)]
#[template(path = "organisations/liste.html")]
struct PageListe {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    lignes: Vec<Organisation>,
    vues: Vues,
    pagination: Pagination,
    exports: Exports,
    jour: NaiveDate,
}

impl PageListe {
    fn nom(&self, o: &Organisation) -> &str {
        self.vues.get(&o.structure).map_or("Structure retirée de l’annuaire", |v| v.nom.as_str())
    }

    fn commune(&self, o: &Organisation) -> &str {
        self.vues.get(&o.structure).map_or("", |v| v.commune.nom.as_str())
    }

    fn active(&self, o: &Organisation) -> bool {
        o.active(self.jour)
    }

    fn total(&self) -> String {
        let n = u64::try_from(self.pagination.total).unwrap_or(u64::MAX);
        kernel::text::compte(n, "organisation", "organisations")
    }
}

const ETATS: [(&str, &str); 3] = [("", "Toutes"), ("active", "Actives"), ("desactivee", "Désactivées")];

async fn filtre(m: &Mandats, shell: &Shell, form: &FormState) -> Result<Filtre, PageError> {
    let mots = form.get("q");
    // Names are the directory's: it finds them, within the scope of who looks.
    let parmi = if mots.is_empty() || mots.chars().all(|c| c.is_ascii_digit()) {
        None
    } else {
        let found = structures::search(m.site.db.read(), shell.actor()?, mots, 100).await?;
        Some(found.into_iter().map(|s| s.id).collect())
    };
    Ok(Filtre {
        numero: mots.parse().ok(),
        parmi,
        departement: CodeDepartement::parse(form.get("departement")),
        active: match form.get("etat") {
            "active" => Some(true),
            "desactivee" => Some(false),
            _ => None,
        },
        jour: m.jour(),
    })
}

async fn liste(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let (f, conn) = (filtre(&m, &shell, &form).await?, m.site.db.read());
    let total = store::compter(conn, &perimetre, &f).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values()).anchored("#resultats");
    let lignes = store::lister(conn, &perimetre, &f, None, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    page(&PageListe {
        departements: departements(&m, &perimetre),
        vues: vues(&m, &lignes).await?,
        exports: Exports::new(BASE, form.values()),
        jour: m.jour(),
        shell,
        form,
        lignes,
        pagination,
    })
}

const LISTE: Liste = Liste {
    nom: "organisations-habilitees",
    titres: &[
        "numero",
        "nom",
        "siret",
        "adresse",
        "commune",
        "departement",
        "region",
        "france_services",
        "habilitee_le",
        "desactivee_le",
    ],
};

async fn exporter(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (f, site, perimetre) = (filtre(&m, &shell, &form).await?, m.site.clone(), actor.perimetre.clone());
    LISTE
        .envoyer(&site, &actor, (format, form.values()), move |apres| {
            let (m, perimetre, f) = (m.clone(), perimetre.clone(), f.clone());
            async move {
                let lignes = store::lister(m.site.db.read(), &perimetre, &f, apres, (0, LOT)).await?;
                let vues = vues(&m, &lignes).await?;
                Ok(Lot::de(&lignes, LOT, |o| ligne(o, &vues), |o| o.numero))
            }
        })
        .await
}

fn ligne(o: &Organisation, vues: &Vues) -> Vec<Cellule> {
    let v = vues.get(&o.structure);
    vec![
        o.numero.into(),
        v.map(|v| v.nom.clone()).into(),
        v.and_then(|v| v.pivot.as_ref()).map(ToString::to_string).into(),
        v.map(|v| v.adresse.clone()).into(),
        v.map(|v| v.commune.nom.clone()).into(),
        o.departement.to_string().into(),
        o.region.to_string().into(),
        o.france_services.into(),
        o.habilitee_le.into(),
        o.desactivee_le.into(),
    ]
}

#[derive(Template)]
#[template(path = "organisations/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    o: Organisation,
    s: StructureVue,
    gens: Vec<store::Membre>,
    propositions: Vec<Proposition>,
    demarches: Vec<(String, String)>,
    active: bool,
}

impl PageFiche {
    fn habilitee(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.o.habilitee_le)
    }

    fn desactivee(&self) -> String {
        self.o.desactivee_le.map(kernel::calendrier::jour_en_lettres).unwrap_or_default()
    }

    fn actifs(&self) -> usize {
        self.gens.iter().filter(|g| g.etat() == Some(EtatAidant::Actif) && g.fait_mandats).count()
    }

    fn referents(&self) -> usize {
        self.gens.iter().filter(|g| g.etat() == Some(EtatAidant::Actif) && g.referent).count()
    }
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    id: StructureId,
    mut form: FormState,
    status: StatusCode,
) -> PageResult {
    let conn = m.site.db.read();
    let o = store::lire(conn, id).await?.ok_or_else(PageError::not_found)?;
    shell.actor()?.may_on(Verb::InstruireHabilitations, &o.cible())?;
    let s = structures::find(conn, id).await?.ok_or_else(PageError::not_found)?;
    if form.values().is_empty() {
        form = FormState::filled(o.demarches.cles().iter().map(|c| ("demarches", c.clone())));
    }
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let p = PageFiche {
        demarches: texte
            .map(|t| legal::catalogue(t).iter().map(|d| (d.cle.clone(), d.titre.clone())).collect())
            .unwrap_or_default(),
        gens: store::gens(conn, id).await?,
        propositions: propositions::de(conn, id).await?,
        active: o.active(m.jour()),
        shell,
        form,
        o,
        s,
    };
    page_with(status, &p)
}

async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, shell, StructureId(id), FormState::default(), StatusCode::OK).await
}

async fn desactiver(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = StructureId(id);
    let Some(motif) = form.text("motif", 500) else {
        return montrer(&m, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let n = actions::desactiver(&m, shell.actor()?, id, &motif).await?;
    let n = kernel::text::compte(
        u64::try_from(n).unwrap_or(u64::MAX),
        "appartenance terminée",
        "appartenances terminées",
    );
    Ok(see_other_saying(&format!("{BASE}/{id}"), &format!("L’organisation est désactivée : {n}.")))
}

async fn reactiver(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let id = StructureId(id);
    actions::reactiver(&m, shell.actor()?, id).await?;
    Ok(see_other_saying(&format!("{BASE}/{id}"), "L’organisation est de nouveau active."))
}

async fn restreindre(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = StructureId(id);
    let cles: Vec<String> = form.all("demarches").take(50).map(str::to_owned).collect();
    match actions::restreindre(&m, shell.actor()?, id, &cles).await {
        Ok(()) => Ok(see_other_saying(&format!("{BASE}/{id}"), "Les démarches permises sont enregistrées.")),
        Err(Failure::Refusal(refusal @ Refusal::Fields(_))) => {
            form.take(refusal)?;
            form.set("vide", "1");
            montrer(&m, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}
