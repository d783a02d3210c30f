//! What can be read of the programme, within the scope of who reads.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::actor::Cible;
use kernel::{Actor, CodeDepartement, Perimetre, Refusal, Verb};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use super::model::{Avancement, EtatId, Fige, Jalon, Ligne, Mois, courbe};
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::postes;

/// Everything the dashboard shows.
#[derive(Debug)]
pub(super) struct Tableau {
    pub(super) avancement: Avancement,
    pub(super) jalons: Vec<Atteint>,
    pub(super) courbe: Vec<Mois>,
    /// The last ones.
    pub(super) figes: Vec<Fige>,
}

/// A milestone, and what came of it.
#[derive(Debug)]
pub(super) struct Atteint {
    pub(super) jalon: Jalon,
    /// People in post on its own day; none before that day.
    pub(super) en_poste: Option<i64>,
}

/// How many frozen states the dashboard shows: the others have a page.
pub(super) const FIGES: usize = 10;

/// The dashboard of that day, for the actor's territory.
pub(super) async fn tableau(c: &Conseillers, actor: &Actor, le: NaiveDate) -> Result<Tableau, Failure> {
    actor.may(Verb::VoirPilotage)?;
    let conn = c.site.db.read();
    let jalons = store::jalons(conn).await?;
    let mouvements = postes::store::mouvements(conn, &actor.perimetre).await?;
    let courbe = courbe(&mouvements, &jalons, le);
    let mut atteints = Vec::with_capacity(jalons.len());
    for jalon in jalons {
        let en_poste = match jalon.echeance <= c.jour() {
            true => Some(postes::store::en_poste_au(conn, &actor.perimetre, jalon.echeance).await?),
            false => None,
        };
        atteints.push(Atteint { jalon, en_poste });
    }
    Ok(Tableau {
        avancement: avancement(c, &actor.perimetre, le).await?,
        courbe,
        jalons: atteints,
        figes: store::figes(conn, (0, FIGES)).await?,
    })
}

/// A page of the states that were frozen, latest first, and how many there are.
pub(super) async fn figes(
    c: &Conseillers,
    actor: &Actor,
    page: (usize, usize),
) -> Result<(Vec<Fige>, usize), Failure> {
    actor.may(Verb::VoirPilotage)?;
    let conn = c.site.db.read();
    Ok((store::figes(conn, page).await?, store::combien_de_figes(conn).await?))
}

/// The state of progress of that day within a scope: every département of the territory, with or without a post.
pub(super) async fn avancement(
    c: &Conseillers,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Avancement, DbErr> {
    let territoires = c.annuaire.territoires();
    let mut postes: HashMap<CodeDepartement, _> =
        postes::store::bilans(c.site.db.read(), perimetre, le).await?.into_iter().collect();
    let dedans = |d: &&annuaire::territoires::Departement| {
        perimetre.couvre(&Cible {
            region: Some(d.region.clone()),
            departement: Some(d.code.clone()),
            ..Cible::default()
        })
    };
    let siens: Vec<_> = territoires.departements().iter().filter(dedans).collect();
    // Today's are counted in memory; those of another day are read from what is dated.
    let (index, passes) = if le < c.jour() {
        let codes = siens.iter().map(|d| &d.code);
        (None, candidats::cherchaient(c.site.db.read(), codes, le).await?)
    } else {
        (Some(c.candidats.index(&c.site).await?), HashMap::new())
    };
    let cherchent = |code: &CodeDepartement| match &index {
        Some(index) => index.du_departement(code),
        None => passes.get(code).copied().unwrap_or(0),
    };
    let lignes = siens
        .into_iter()
        .map(|d| Ligne {
            nom: d.nom.clone(),
            habitants: territoires.habitants(&d.code),
            postes: postes.remove(&d.code).unwrap_or_default(),
            candidats: cherchent(&d.code),
            departement: d.code.clone(),
        })
        .collect();
    Ok(Avancement { le, lignes })
}

/// A state that was frozen, within the actor's territory.
pub(super) async fn fige(c: &Conseillers, actor: &Actor, id: EtatId) -> Result<(Fige, Avancement), Failure> {
    actor.may(Verb::VoirPilotage)?;
    let conn = c.site.db.read();
    let (f, contenu) = store::fige(conn, id).await?.ok_or(Refusal::NotFound)?;
    if empreinte(&contenu) != f.empreinte {
        return Err(DbErr::Type(format!("etat_avancement {id}: it is not what was frozen")).into());
    }
    let mut avancement: Avancement = serde_json::from_str(&contenu)
        .map_err(|error| DbErr::Type(format!("etat_avancement {id}: {error}")))?;
    let territoires = c.annuaire.territoires();
    avancement.lignes.retain(|l| {
        let region = territoires.departement(&l.departement).map(|d| d.region.clone());
        actor.couvre(&Cible { region, departement: Some(l.departement.clone()), ..Cible::default() })
    });
    Ok((f, avancement))
}

/// What proves that a frozen state is what was frozen.
pub(super) fn empreinte(contenu: &str) -> String {
    kernel::text::hex(&Sha256::digest(contenu.as_bytes()))
}
