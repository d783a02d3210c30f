//! What a session leaves: its minutes, and the letter of each decision, as pages to read and to print.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use kernel::{Refusal, Verb};
use platform::web::{PageError, PageResult, Shell, page};

use crate::Conseillers;
use crate::demandes::model::Demande;
use crate::demandes::{BASE, Genre, actions};
use crate::ids::{DemandeId, SeanceId};
use crate::selection::model::{Copie, Decision, EtatSeance, Seance, Verdict};
use crate::selection::{seances, store};

#[derive(Template)]
#[template(path = "selection/pages/proces_verbal.html")]
struct ProcesVerbal {
    shell: Shell,
    s: Seance,
    empreinte: String,
    gelee_le: String,
    close_le: String,
    lignes: Vec<(Copie, Option<Decision>)>,
}

impl ProcesVerbal {
    fn accordes(&self) -> u32 {
        let postes = |d: &Option<Decision>| match d.as_ref().map(|d| &d.verdict) {
            Some(Verdict::Accord { postes }) => *postes,
            _ => 0,
        };
        self.lignes.iter().map(|(_, d)| postes(d)).sum()
    }
}

/// The minutes of a closed session.
pub(super) async fn proces_verbal(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let (s, inscrites) = seances::liste(&c.site, shell.actor()?, SeanceId(id)).await?;
    let EtatSeance::Close { gelee_le, empreinte, le } = s.etat.clone() else {
        return Err(Refusal::conflict("Le procès-verbal s’écrit quand la séance est close.").into());
    };
    let lignes = inscrites.into_iter().filter_map(|i| Some((i.copie?, i.decision))).collect();
    let ecrit = kernel::calendrier::en_lettres_avec_heure;
    page(&ProcesVerbal { shell, empreinte, gelee_le: ecrit(&gelee_le), close_le: ecrit(&le), lignes, s })
}

#[derive(Template)]
#[template(path = "selection/pages/lettre.html")]
struct Lettre {
    shell: Shell,
    d: Demande,
    decision: Decision,
    le: String,
}

impl Lettre {
    fn ecrit(&self, postes: &u32) -> String {
        kernel::text::compte(u64::from(*postes), "poste", "postes")
    }

    fn demandes(&self) -> String {
        self.ecrit(&self.d.objet.postes())
    }
}

/// The letter of the last decision on a demande that was told.
pub(super) async fn lettre(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let conn = c.site.db.read();
    let d = actions::ouvrir(conn, shell.actor()?, Verb::VoirDemandes, DemandeId(id)).await?;
    let decision = store::derniere(conn, d.id).await?.ok_or_else(PageError::not_found)?;
    page(&Lettre { shell, le: kernel::calendrier::en_lettres(&decision.le), decision, d })
}
