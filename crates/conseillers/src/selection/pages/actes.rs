//! What a session leaves, as pages to read and as files: its agenda, its minutes, the letter of each decision.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal, Verb};
use platform::documents::{self, Bloc, Document};
use platform::web::{PageError, PageResult, Shell, page, see_other_saying};

use super::SEANCES;
use crate::Conseillers;
use crate::demandes::model::Demande;
use crate::demandes::{BASE, actions, store as demandes};
use crate::ids::{DemandeId, SeanceId};
use crate::selection::actes::{self, Dossier};
use crate::selection::lettres;
use crate::selection::model::{Copie, Decision, EtatSeance, Seance};
use crate::selection::{seances, store};

#[derive(Template)]
#[template(path = "selection/pages/proces_verbal.html")]
struct ProcesVerbal {
    shell: Shell,
    clos: Clos,
}

/// A closed session, and what it decided.
struct Clos {
    s: Seance,
    gelee_le: DateTime<Utc>,
    empreinte: String,
    close_le: DateTime<Utc>,
    lignes: Vec<(Copie, Option<Decision>)>,
}

impl Clos {
    fn accordes(&self) -> u32 {
        actes::accordes(&self.lignes)
    }
}

async fn clos(c: &Conseillers, actor: &Actor, id: SeanceId) -> Result<Clos, PageError> {
    let (s, inscrites) = seances::liste(&c.site, actor, id).await?;
    let EtatSeance::Close { gelee_le, empreinte, le } = s.etat.clone() else {
        return Err(Refusal::conflict("Le procès-verbal s’écrit quand la séance est close.").into());
    };
    let lignes = inscrites.into_iter().filter_map(|i| Some((i.copie?, i.decision))).collect();
    Ok(Clos { s, gelee_le, empreinte, close_le: le, lignes })
}

/// The minutes of a closed session.
pub(super) async fn proces_verbal(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let clos = clos(&c, shell.actor()?, SeanceId(id)).await?;
    page(&ProcesVerbal { shell, clos })
}

/// The same as PDF, dated of the end of the session.
pub(super) async fn proces_verbal_pdf(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let x = clos(&c, shell.actor()?, SeanceId(id)).await?;
    let dates = (&x.gelee_le, x.empreinte.as_str(), &x.close_le);
    let document = actes::proces_verbal(&c.site, &x.s, dates, &x.lignes);
    let octets = documents::pdf(document, x.close_le).await?;
    Ok(documents::reponse(&format!("proces-verbal-seance-{}", x.s.numero), octets))
}

/// The agenda as PDF: the list as it is, or as it was frozen. The page of the session shows the same.
pub(super) async fn ordre_du_jour(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let conn = c.site.db.read();
    let (s, inscrites) = seances::liste(&c.site, shell.actor()?, SeanceId(id)).await?;
    let (mut lignes, mut territoires) = (Vec::new(), Vec::new());
    let mut lues = demandes::charger(conn, inscrites.iter().map(|i| i.demande)).await?;
    for i in inscrites {
        let Some(d) = lues.remove(&i.demande) else { continue };
        territoires.extend(crate::selection::model::territoires(&d.region, &d.departement));
        lignes.push(match i.copie {
            Some(copie) => copie,
            None => seances::copie(conn, &d).await?,
        });
    }
    let t = c.annuaire.territoires();
    let enveloppes: Vec<_> = store::enveloppes(conn)
        .await?
        .into_iter()
        .filter(|e| territoires.contains(&(e.niveau, e.code.clone())))
        .map(|e| (actes::territoire(&t, &e), e))
        .collect();
    let le = match &s.etat {
        EtatSeance::Preparation => c.site.clock.now(),
        EtatSeance::Ouverte { gelee_le, .. } | EtatSeance::Close { gelee_le, .. } => *gelee_le,
    };
    let octets = documents::pdf(actes::ordre_du_jour(&c.site, &s, &lignes, &enveloppes), le).await?;
    Ok(documents::reponse(&format!("ordre-du-jour-seance-{}", s.numero), octets))
}

/// Asks for the letters of a closed session.
pub(super) async fn preparer_les_lettres(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    lettres::preparer(&c.site, shell.actor()?, SeanceId(id)).await?;
    let phrase = "Les lettres se préparent. Rechargez cette page dans un moment pour les télécharger.";
    Ok(see_other_saying(&format!("{SEANCES}/{id}#lettres"), phrase))
}

/// The letters of a session, once made.
pub(super) async fn les_lettres(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let seance = seances::ouvrir(c.site.db.read(), shell.actor()?, SeanceId(id)).await?;
    let trouve = documents::trouve(c.site.db.read(), &lettres::cle(seance.id)).await?;
    let pret = trouve.filter(|d| d.fait_le.is_some()).ok_or_else(PageError::not_found)?;
    Ok(documents::lit(&c.site, &pret).into_response())
}

#[derive(Template)]
#[template(path = "selection/pages/lettre.html")]
struct Lettre {
    shell: Shell,
    d: Demande,
    corps: Vec<Bloc>,
    le: String,
}

async fn decidee(
    c: &Conseillers,
    actor: &Actor,
    id: DemandeId,
) -> Result<(Demande, Decision, Dossier), PageError> {
    let conn = c.site.db.read();
    let d = actions::ouvrir(conn, actor, Verb::VoirDemandes, id).await?;
    let decision = store::derniere(conn, d.id).await?.ok_or_else(PageError::not_found)?;
    let dossier = lettres::dossier(&c.site, &d).await?;
    Ok((d, decision, dossier))
}

/// The letter of the last decision on a demande that was told.
pub(super) async fn lettre(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (d, decision, dossier) = decidee(&c, shell.actor()?, DemandeId(id)).await?;
    let corps = actes::corps(&d, &decision, &dossier);
    page(&Lettre { shell, le: kernel::calendrier::en_lettres(&decision.le), corps, d })
}

/// The same as PDF, dated of the decision.
pub(super) async fn lettre_pdf(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (d, decision, dossier) = decidee(&c, shell.actor()?, DemandeId(id)).await?;
    let lettre = actes::lettre(&c.site, &d, &decision, &dossier);
    let octets = documents::pdf(Document::lettre(lettre), decision.le).await?;
    Ok(documents::reponse(&format!("lettre-{}", d.reference()), octets))
}
