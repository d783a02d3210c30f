//! What waits for somebody among demandes, contracts, contacts and posts.

use kernel::{Actor, Perimetre, Verb};
use platform::web::Attente;
use sea_orm::DbErr;

use crate::demandes::reference::Jour;
use crate::demandes::store::{self as demandes, Filtre};
use crate::matching::relations::{Etat as EtatRelation, Relation, store as relations};
use crate::postes::lecture::{self as postes, EtatVoulu};
use crate::{Conseillers, candidats, contrats, selection};

/// All of it, the most pressing first.
///
/// # Errors
/// The database.
pub async fn attente(c: &Conseillers, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    let mut out = Vec::new();
    if actor.role.has(Verb::TenirCandidature) {
        out.extend(du_candidat(c, actor).await?);
    }
    if actor.role.has(Verb::VoirDemandes) {
        out.extend(des_demandes(c, actor).await?);
    }
    if actor.role.has(Verb::DeciderDemandes) {
        let ouvertes = selection::ouvertes(c.site.db.read(), &actor.perimetre).await?;
        out.extend(Attente::de(
            ouvertes,
            "séance du comité est ouverte",
            "séances du comité sont ouvertes",
            "/conseillers/seances",
        ));
    }
    if actor.role.has(Verb::ValiderContrats) {
        out.extend(des_contrats(c, actor).await?);
    }
    if actor.role.has(Verb::Recruter) {
        out.extend(du_recrutement(c, actor).await?);
    }
    Ok(out)
}

async fn du_candidat(c: &Conseillers, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    let conn = c.site.db.read();
    let Some(id) = candidats::de_compte(conn, actor.compte).await? else { return Ok(Vec::new()) };
    let tous = relations::de_candidat(conn, id).await?;
    let proposees: Vec<&Relation> = tous.iter().filter(|r| r.etat == EtatRelation::Proposee).collect();
    let premier = proposees.iter().map(|r| r.repondre_avant).min();
    Ok(Attente::de(
        proposees.len(),
        "structure attend votre réponse",
        "structures attendent votre réponse",
        "/mon-espace/contacts",
    )
    .map(|a| a.avant(premier))
    .into_iter()
    .collect())
}

async fn des_demandes(c: &Conseillers, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    let (conn, p) = (c.site.db.read(), &actor.perimetre);
    let base = crate::demandes::BASE;
    let mut out = Vec::new();
    if actor.role.has(Verb::DonnerAvis) {
        let f = Filtre { sans_avis: Some(true), ..Filtre::default() };
        let n = demandes::compter(conn, p, &f).await?;
        let dernier = demandes::calendrier(conn, Jour::Avis).await?;
        let aujourdhui = c.jour();
        out.extend(
            Attente::de(
                n,
                "demande de postes attend un avis",
                "demandes de postes attendent un avis",
                format!("{base}?avis=attendu"),
            )
            .map(|a| a.avant((dernier >= aujourdhui).then_some(dernier))),
        );
        let f = Filtre { etat: Some("a_confirmer"), ..Filtre::default() };
        let n = demandes::compter(conn, p, &f).await?;
        out.extend(Attente::de(
            n,
            "demande inscrite est à confirmer",
            "demandes inscrites sont à confirmer",
            format!("{base}?etat=a_confirmer"),
        ));
    }
    if actor.role.has(Verb::DeposerDemandes) && matches!(p, Perimetre::Structures(_)) {
        let f = Filtre { etat: Some("examen_complementaire"), ..Filtre::default() };
        let n = demandes::compter(conn, p, &f).await?;
        out.extend(Attente::de(
            n,
            "demande attend un complément de votre part",
            "demandes attendent un complément de votre part",
            base,
        ));
    }
    Ok(out)
}

async fn des_contrats(c: &Conseillers, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    use contrats::store::Attente as Genre;
    let nombres = contrats::store::compter_file(c.site.db.read(), &actor.perimetre).await?;
    Ok(nombres
        .into_iter()
        .filter_map(|(genre, n)| {
            let (une, plusieurs) = match genre {
                Genre::Recrutement => ("contrat est à valider", "contrats sont à valider"),
                Genre::Renouvellement => ("renouvellement est à valider", "renouvellements sont à valider"),
                Genre::Prolongation => ("prolongation est à accorder", "prolongations sont à accorder"),
                Genre::Rupture => ("rupture est à valider", "ruptures sont à valider"),
            };
            Attente::de(n, une, plusieurs, format!("/conseillers/contrats?genre={}", genre.cle()))
        })
        .collect())
}

async fn du_recrutement(c: &Conseillers, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    let Perimetre::Structures(ids) = &actor.perimetre else { return Ok(Vec::new()) };
    let conn = c.site.db.read();
    let acceptes =
        relations::de_structure(conn, ids).await?.iter().filter(|r| r.etat == EtatRelation::Acceptee).count();
    let vacants = postes::Filtre { etat: Some(EtatVoulu::Vacant), ..postes::Filtre::tous(c.jour()) };
    let vacants = postes::compter(conn, &actor.perimetre, &vacants).await?;
    let contacts = Attente::de(
        acceptes,
        "personne a accepté votre contact : recevez-la",
        "personnes ont accepté votre contact : recevez-les",
        "/conseillers/contacts",
    );
    let postes = Attente::de(
        vacants,
        "poste est vacant : rencontrez des candidats",
        "postes sont vacants : rencontrez des candidats",
        "/conseillers/candidats-a-rencontrer",
    );
    Ok([contacts, postes].into_iter().flatten().collect())
}
