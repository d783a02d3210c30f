//! The whole history of a post, and of a person, each on one page.

use std::collections::HashMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{Refusal, Verb};
use platform::web::{PageResult, Shell, page, see_other_saying};
use sea_orm::DbErr;

use super::BASE;
use crate::Conseillers;
use crate::contrats::model::Contrat;
use crate::contrats::{lecture as contrats, rules as regles, store as contrats_store};
use crate::dire::EnLettres;
use crate::ids::{CandidatId, PosteId};
use crate::postes::{Acte, Etat, Poste, actions, rules, store};

/// Something that happened, or that is planned.
struct Evenement {
    le: NaiveDate,
    quoi: String,
    details: String,
    lien: Option<String>,
}

impl Evenement {
    fn jour(le: NaiveDate, quoi: &str, details: String, lien: Option<String>) -> Self {
        Self { le, quoi: quoi.to_owned(), details, lien }
    }
}

fn lien(c: &Contrat) -> Option<String> {
    Some(format!("/conseillers/contrats/{}", c.id))
}

/// What happened to these contracts: their days, and each thing that somebody did to them.
async fn de_contrats(
    cx: &Conseillers,
    contrats: &[Contrat],
    nommer: impl Fn(&Contrat) -> String,
) -> Result<Vec<Evenement>, DbErr> {
    let mut out = Vec::new();
    for c in contrats {
        let qui = nommer(c);
        if c.engage() {
            out.push(Evenement::jour(
                c.termes.debut,
                "Début de contrat",
                format!("{qui}, {}", c.termes.genre.nom()),
                lien(c),
            ));
            if let Some(fin) = c.periode().fin {
                let quoi = if c.etat.cle() == "rompu" { "Rupture" } else { "Fin de contrat" };
                let motif = c.etat.rupture().map(|r| format!(" ({})", r.motif.nom())).unwrap_or_default();
                out.push(Evenement::jour(fin, quoi, format!("{qui}{motif}"), lien(c)));
            }
        }
        let mut derniere = None;
        for h in contrats::histoire(cx.site.db.read(), c.id).await? {
            // One line a gesture, not a line a field.
            if derniere.replace((h.le, h.action.clone())) != Some((h.le, h.action.clone())) {
                out.push(Evenement::jour(kernel::calendrier::jour(&h.le), &h.action, qui.clone(), lien(c)));
            }
        }
    }
    Ok(out)
}

/// Oldest first; what is of the same day keeps its order.
fn ranger(mut evenements: Vec<Evenement>) -> Vec<Evenement> {
    evenements.sort_by_key(|e| e.le);
    evenements
}

#[derive(Template)]
#[template(path = "postes/pages/fiche.html")]
struct Page {
    shell: Shell,
    titre: String,
    /// Facts of today: label, value.
    faits: Vec<(&'static str, String)>,
    evenements: Vec<Evenement>,
    jour: NaiveDate,
    poste: bool,
    /// Where the post is taken back, when it may be.
    reprise: Option<String>,
}

pub(super) async fn fiche(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, jour, actor) = (cx.site.db.read(), cx.jour(), shell.actor()?);
    let poste = store::get(conn, PosteId(id)).await?.ok_or(Refusal::NotFound)?;
    let mut evenements = Vec::new();
    let (mut visible, mut ici) = (false, String::new());
    for r in &poste.rattachements {
        let s = annuaire::structures::find(conn, r.place.structure).await?;
        let nom = s.as_ref().map_or("Structure inconnue".to_owned(), |s| {
            format!("{}, {} ({})", s.nom, s.commune.nom, s.commune.departement)
        });
        // Whoever has the post today sees all of it; whoever had it does too: it is the history of their own post.
        visible |= s.is_some_and(|s| s.may(actor, Verb::VoirPostes).is_ok());
        let quoi = match r.acte {
            Acte::Attribution => "Poste accordé",
            Acte::Transfert => "Transfert vers",
        };
        ici.clone_from(&nom);
        evenements.push(Evenement::jour(r.periode.debut, quoi, nom, None));
    }
    if !visible {
        return Err(Refusal::NotFound.into());
    }
    if let Some(r) = poste.rendu {
        evenements.push(Evenement::jour(r.le, "Poste rendu", r.motif.nom().to_owned(), None));
    }
    // Whoever had the post once reads the contracts of their own time, not those of the next employer.
    let mut lisibles: HashMap<StructureId, bool> = HashMap::new();
    for r in &poste.rattachements {
        let s = annuaire::structures::find(conn, r.place.structure).await?;
        lisibles.insert(r.place.structure, s.is_some_and(|s| s.may(actor, Verb::VoirPostes).is_ok()));
    }
    let mut contrats = contrats_store::de_poste(conn, poste.id).await?;
    contrats.retain(|c| lisibles.get(&c.place.structure).copied().unwrap_or(false));
    let noms = contrats::noms(&cx.site, actor, &contrats).await?;
    evenements
        .extend(de_contrats(&cx, &contrats, |c| noms.get(&c.candidat).cloned().unwrap_or_default()).await?);
    let reprise = (actor.may(Verb::ValiderContrats).is_ok() && rules::reprenable(&poste, jour))
        .then(|| format!("{BASE}/{}/reprendre", poste.id));
    page(&Page {
        reprise,
        titre: format!("Poste {}", poste.reference()),
        faits: faits(&poste, ici, jour),
        evenements: ranger(evenements),
        shell,
        jour,
        poste: true,
    })
}

pub(super) async fn reprendre(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::reprendre(&cx, shell.actor()?, PosteId(id)).await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "Le poste est repris. Son enveloppe le retrouve, et la structure est prévenue.",
    ))
}

fn faits(poste: &Poste, ici: String, jour: NaiveDate) -> Vec<(&'static str, String)> {
    let mut faits = vec![("Type", poste.typologie.nom().to_owned()), ("Structure", ici)];
    let e = rules::etat(poste, jour);
    faits.push((
        "État",
        match e {
            Etat::Occupe { depuis, jusqu_au, .. } => format!(
                "Occupé depuis le {}{}",
                regles::ecrit(depuis),
                jusqu_au.map(|fin| format!(", jusqu’au {}", regles::ecrit(fin))).unwrap_or_default()
            ),
            Etat::Vacant { depuis } => format!("Vacant depuis le {}", regles::ecrit(depuis)),
            Etat::Rendu(r) => format!("Rendu le {}", regles::ecrit(r.le)),
            Etat::AVenir => e.nom().to_owned(),
        },
    ));
    faits.extend(rules::echeance(poste, jour).map(|le| ("À pourvoir avant le", regles::ecrit(le))));
    faits
}

pub(super) async fn personne(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, jour) = (cx.site.db.read(), cx.jour());
    let candidat = CandidatId(id);
    let vus = contrats::de_personne(&cx, shell.actor()?, candidat).await?;
    let mut postes = HashMap::new();
    for c in &vus {
        let mut ou = String::new();
        if let Some(p) = store::get(conn, c.poste).await? {
            ou = p.reference();
        }
        if let Some(s) = annuaire::structures::find(conn, c.place.structure).await? {
            ou = format!("{ou}, {}", s.nom);
        }
        postes.insert(c.id, ou);
    }
    let evenements = de_contrats(&cx, &vus, |c| postes.get(&c.id).cloned().unwrap_or_default()).await?;
    let present = vus.iter().find(|c| c.engage() && c.periode().contient(jour));
    let faits = vec![(
        "Aujourd’hui",
        present.map_or("Sans poste".to_owned(), |c| {
            format!("En poste : {}", postes.get(&c.id).cloned().unwrap_or_default())
        }),
    )];
    let nom = contrats::noms(&cx.site, shell.actor()?, &vus).await?.remove(&candidat).unwrap_or_default();
    let titre = format!("Parcours de {nom}");
    page(&Page { titre, faits, evenements: ranger(evenements), shell, jour, poste: false, reprise: None })
}
