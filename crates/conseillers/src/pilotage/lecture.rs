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
use crate::postes;

/// Everything the dashboard shows.
#[derive(Debug)]
pub(super) struct Tableau {
    pub(super) avancement: Avancement,
    pub(super) jalons: Vec<Jalon>,
    pub(super) courbe: Vec<Mois>,
    pub(super) figes: Vec<Fige>,
}

/// The dashboard of that day, for the actor's territory.
pub(super) async fn tableau(c: &Conseillers, actor: &Actor, le: NaiveDate) -> Result<Tableau, Failure> {
    actor.may(Verb::VoirPilotage)?;
    let conn = c.site.db.read();
    let jalons = store::jalons(conn).await?;
    let mouvements = postes::store::mouvements(conn, &actor.perimetre).await?;
    Ok(Tableau {
        avancement: avancement(c, &actor.perimetre, le).await?,
        courbe: courbe(&mouvements, &jalons, le),
        jalons,
        figes: store::figes(conn).await?,
    })
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
    let index = c.candidats.index(&c.site).await?;
    let mut candidats: HashMap<&CodeDepartement, u64> = HashMap::new();
    for vue in index.tous() {
        *candidats.entry(&vue.commune.departement).or_default() += 1;
    }
    let mut habitants: HashMap<&CodeDepartement, u64> = HashMap::new();
    for commune in territoires.communes() {
        *habitants.entry(&commune.departement).or_default() += u64::from(commune.population.unwrap_or(0));
    }
    let dedans = |d: &&annuaire::territoires::Departement| {
        perimetre.couvre(&Cible {
            region: Some(d.region.clone()),
            departement: Some(d.code.clone()),
            ..Cible::default()
        })
    };
    let lignes = territoires
        .departements()
        .iter()
        .filter(dedans)
        .map(|d| Ligne {
            nom: d.nom.clone(),
            habitants: habitants.get(&d.code).copied().unwrap_or(0),
            postes: postes.remove(&d.code).unwrap_or_default(),
            candidats: candidats.get(&d.code).copied().unwrap_or(0),
            departement: d.code.clone(),
        })
        .collect();
    Ok(Avancement { le, lignes })
}

/// A state that was frozen, within the actor's territory.
pub(super) async fn fige(c: &Conseillers, actor: &Actor, id: EtatId) -> Result<(Fige, Avancement), Failure> {
    actor.may(Verb::VoirPilotage)?;
    let conn = c.site.db.read();
    let f = store::figes(conn).await?.into_iter().find(|f| f.id == id).ok_or(Refusal::NotFound)?;
    let contenu = store::contenu(conn, id).await?.ok_or(Refusal::NotFound)?;
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
