//! What waits for the administration, by kind and by age.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use platform::web::{PageResult, Pagination, Requete, Shell, page};

use super::BASE;
use crate::Conseillers;
use crate::contrats::model::Contrat;
use crate::contrats::store::{self, Attente};
use crate::contrats::{lecture, rules};
use crate::ids::CandidatId;

const PAR_PAGE: usize = 30;

#[derive(Template)]
#[template(path = "contrats/pages/file.html")]
struct Page {
    shell: Shell,
    jour: NaiveDate,
    choisie: Attente,
    nombres: Vec<(Attente, usize)>,
    contrats: Vec<Contrat>,
    avant: HashMap<crate::ids::ContratId, Contrat>,
    noms: HashMap<CandidatId, String>,
    structures: HashMap<StructureId, String>,
    pagination: Pagination,
}

impl Page {
    fn nom(&self, c: &Contrat) -> &str {
        self.noms.get(&c.candidat).map_or("", String::as_str)
    }

    fn structure(&self, c: &Contrat) -> &str {
        self.structures.get(&c.place.structure).map_or("", String::as_str)
    }

    fn depuis(&self, c: &Contrat) -> DateTime<Utc> {
        match c.prolongation.filter(|_| self.choisie == Attente::Prolongation) {
            Some(p) => p.demandee_le,
            None => c.etat_le,
        }
    }

    /// « 12 jours ».
    fn age(&self, c: &Contrat) -> String {
        let jours = (self.jour - kernel::calendrier::jour(&self.depuis(c))).num_days().max(0);
        kernel::text::compte(jours.unsigned_abs(), "jour", "jours")
    }

    /// What is and what is asked, side by side.
    fn comparaison(&self, c: &Contrat) -> (String, String) {
        let fin = |fin: Option<NaiveDate>| match fin {
            Some(fin) => format!("au {}", rules::ecrit(fin)),
            None => "sans date de fin".to_owned(),
        };
        let dit = |c: &Contrat| {
            let termes = &c.termes;
            let debut = rules::ecrit(termes.debut);
            format!("{}, du {debut} {}, {}", termes.genre.nom(), fin(termes.fin), termes.salaire)
        };
        match self.choisie {
            Attente::Recrutement => ("Aucun contrat".to_owned(), dit(c)),
            Attente::Renouvellement => {
                (c.suite_de.and_then(|id| self.avant.get(&id)).map(dit).unwrap_or_default(), dit(c))
            }
            Attente::Prolongation => match c.prolongation {
                Some(p) => (dit(c), format!("jusqu’au {}, {}", rules::ecrit(p.fin), p.salaire)),
                None => (dit(c), String::new()),
            },
            Attente::Rupture => match c.etat.rupture() {
                Some(r) => {
                    let dossier = if r.dossier_incomplet { ", dossier incomplet" } else { "" };
                    (dit(c), format!("dernier jour le {}, {}{dossier}", rules::ecrit(r.le), r.motif.nom()))
                }
                None => (dit(c), String::new()),
            },
        }
    }
}

pub(super) async fn file(State(cx): State<Conseillers>, shell: Shell, Requete(query): Requete) -> PageResult {
    let (conn, perimetre) = (cx.site.db.read(), &shell.actor()?.perimetre);
    let nombres = store::compter_file(conn, perimetre).await?;
    // Without a choice, the first kind where something waits.
    let choisie = Attente::from_cle(query.get("genre"))
        .or_else(|| nombres.iter().find(|(_, n)| *n > 0).map(|(a, _)| *a))
        .unwrap_or(Attente::Recrutement);
    let total = nombres.iter().find(|(a, _)| *a == choisie).map_or(0, |(_, n)| *n);
    let asked = query.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(total, PAR_PAGE, asked, BASE, &[("genre".to_owned(), choisie.cle().to_owned())]);
    let contrats = store::file(conn, perimetre, choisie, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let noms = lecture::noms(&cx.site, shell.actor()?, &contrats).await?;
    let (mut structures, mut avant) = (HashMap::new(), HashMap::new());
    for c in &contrats {
        if let Some(s) = annuaire::structures::find(conn, c.place.structure).await? {
            structures.insert(c.place.structure, s.nom);
        }
        if let Some(id) = c.suite_de
            && let Some(a) = store::get(conn, id).await?
        {
            avant.insert(id, a);
        }
    }
    page(&Page { jour: cx.jour(), shell, choisie, nombres, contrats, avant, noms, structures, pagination })
}
