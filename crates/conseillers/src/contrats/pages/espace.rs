//! The space of a structure: its posts, its contracts.

use std::collections::HashMap;

use annuaire::structures::StructureVue;
use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use platform::web::{PageResult, Shell, page};

use super::{BASE, ESPACE};
use crate::Conseillers;
use crate::contrats::model::{Contrat, Situation};
use crate::contrats::{lecture, rules, store};
use crate::dire::{Compte, EnLettres};
use crate::ids::CandidatId;
use crate::postes::{self, Etat, Poste};

struct Bloc {
    structure: StructureVue,
    postes: Vec<Poste>,
    contrats: Vec<Contrat>,
}

impl Bloc {
    fn ouverts(&self, jour: NaiveDate) -> usize {
        self.postes.iter().filter(|p| !matches!(postes::rules::etat(p, jour), Etat::Rendu(_))).count()
    }

    fn libres(&self, jour: NaiveDate) -> usize {
        self.postes.iter().filter(|p| postes::rules::a_pourvoir(p, jour)).count()
    }

    /// Contracts by what they are today, in the order that asks for work first.
    fn groupes(&self, jour: NaiveDate) -> Vec<(&'static str, Vec<&Contrat>)> {
        use Situation::{AValider, AVenir, EnCours, Refuse, Retire, Rompu, RuptureNotifiee, Termine};
        let de = |voulues: &[Situation]| -> Vec<&Contrat> {
            self.contrats.iter().filter(|c| voulues.contains(&rules::situation(c, jour))).collect()
        };
        [
            ("En attente de l’administration", de(&[AValider, RuptureNotifiee])),
            ("En cours", de(&[EnCours])),
            ("À venir", de(&[AVenir])),
            ("Terminés, rompus, refusés ou retirés", de(&[Termine, Rompu, Refuse, Retire])),
        ]
        .into_iter()
        .filter(|(_, contrats)| !contrats.is_empty())
        .collect()
    }
}

#[derive(Template)]
#[template(path = "contrats/pages/espace.html")]
struct Page {
    shell: Shell,
    jour: NaiveDate,
    blocs: Vec<Bloc>,
    noms: HashMap<CandidatId, String>,
}

impl Page {
    fn nom(&self, c: &Contrat) -> &str {
        self.noms.get(&c.candidat).map_or("", String::as_str)
    }

    fn numero(&self, bloc: &Bloc, c: &Contrat) -> String {
        bloc.postes.iter().find(|p| p.id == c.poste).map(Poste::reference).unwrap_or_default()
    }
}

pub(super) async fn espace(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let (conn, jour) = (cx.site.db.read(), cx.jour());
    let mut blocs = Vec::new();
    for structure in lecture::employeurs(&cx, shell.actor()?).await? {
        blocs.push(Bloc {
            postes: postes::store::de_structure(conn, &structure.identites, jour).await?,
            contrats: store::de_structures(conn, &structure.identites).await?,
            structure,
        });
    }
    let mut noms = HashMap::new();
    for b in &blocs {
        noms.extend(lecture::noms(&cx.site, shell.actor()?, &b.contrats).await?);
    }
    page(&Page { shell, jour, blocs, noms })
}
