//! What waits for somebody in Aidants Connect: requests to study, people to train, drafts to take up, mandats that end.

use kernel::{Actor, Verb};
use platform::db::kit;
use platform::web::Attente;

use crate::aidants::EtatAidant;
use crate::aidants::agissant::organisation_agissante;
use crate::aidants::registre::Filtre;
use crate::{Failure, Mandats, aidants, consentements, formations, habilitations};

/// All of it, the most pressing first.
///
/// # Errors
/// The database.
pub async fn attente(m: &Mandats, actor: &Actor) -> Result<Vec<Attente>, Failure> {
    let mut out = Vec::new();
    // Whatever the role: an organisation may propose to belong to it to anybody whose account is in use.
    let proposees = aidants::propositions::attendent(m.site.db.read(), actor.compte).await?;
    out.extend(Attente::de(
        proposees,
        "organisation vous propose d’agir aussi pour elle",
        "organisations vous proposent d’agir aussi pour elles",
        aidants::propositions::PAGE,
    ));
    // Nothing else can be done before.
    let moi = aidants::store::du_compte(m.site.db.read(), actor.compte).await?;
    let aidant = actor.role.has(Verb::TenirMandats) || actor.role.has(Verb::GererAidants);
    if aidant && moi.is_some_and(|a| a.etat == EtatAidant::Dormant) {
        let une = "compte d’aidant est en sommeil, le vôtre : voyez pourquoi, et comment le réveiller";
        out.extend(Attente::de(1, une, une, "/aidant/moi"));
        return Ok(out);
    }
    if actor.role.has(Verb::InstruireHabilitations) {
        out.extend(de_l_equipe(m, actor).await?);
    }
    if actor.role.has(Verb::GererAidants) {
        out.extend(du_referent(m, actor).await?);
    }
    if actor.role.has(Verb::TenirMandats) {
        out.extend(de_l_aidant(m, actor).await?);
    }
    Ok(out)
}

async fn de_l_equipe(m: &Mandats, actor: &Actor) -> Result<Vec<Attente>, Failure> {
    let conn = m.site.db.read();
    let (a_etudier, _, reponses) = habilitations::attente(m, &actor.perimetre).await?;
    let demandes = aidants::demandes_en_attente(m, actor).await?;
    let filtre =
        Filtre { etat: Some(EtatAidant::Demande), perimetre: aidants::part(actor), ..Filtre::default() };
    let personnes = aidants::registre::compter(conn, &filtre).await?;
    let lignes = [
        Attente::de(
            a_etudier,
            "demande d’habilitation est à étudier",
            "demandes d’habilitation sont à étudier",
            "/gestion/habilitations?etat=en_instruction",
        ),
        Attente::de(
            reponses,
            "message d’une organisation attend votre réponse",
            "messages d’organisations attendent votre réponse",
            "/gestion/habilitations?messages=attendent",
        ),
        Attente::de(
            demandes,
            "demande d’un référent attend une décision",
            "demandes de référents attendent une décision",
            "/gestion/aidants/demandes",
        ),
        Attente::de(
            personnes,
            "personne attend de savoir si elle peut se former",
            "personnes attendent de savoir si elles peuvent se former",
            "/gestion/aidants?etat=demande",
        ),
    ];
    Ok(lignes.into_iter().flatten().collect())
}

async fn du_referent(m: &Mandats, actor: &Actor) -> Result<Vec<Attente>, Failure> {
    let Ok(structure) = organisation_agissante(actor) else { return Ok(Vec::new()) };
    let a_inscrire = formations::a_inscrire(m.site.db.read(), structure).await?;
    Ok(Attente::de(
        a_inscrire,
        "personne est à inscrire à une formation",
        "personnes sont à inscrire à une formation",
        "/referent/sessions",
    )
    .into_iter()
    .collect())
}

async fn de_l_aidant(m: &Mandats, actor: &Actor) -> Result<Vec<Attente>, Failure> {
    let Ok(structure) = organisation_agissante(actor) else { return Ok(Vec::new()) };
    let conn = m.site.db.read();
    let sql = "SELECT COUNT(*) FROM mandat_brouillon WHERE compte_id = $1 AND structure_id = $2 AND mandat_id IS NULL";
    let brouillons = kit::count(conn, sql, [actor.compte.0.into(), structure.0.into()]).await?;
    // Somebody waits on the telephone.
    let mut out = Vec::new();
    let a_confirmer = match consentements::a_confirmer(m, conn, actor).await {
        // Who may not act has nothing to confirm.
        Err(Failure::Refusal(_)) => Vec::new(),
        lus => lus?,
    };
    for id in a_confirmer {
        let une = "accord au téléphone attend que vous confirmiez l’avoir entendu";
        out.extend(Attente::de(1, une, une, consentements::page(id)));
    }
    out.extend(Attente::de(
        usize::try_from(brouillons).unwrap_or(0),
        "mandat commencé est à terminer ou à effacer",
        "mandats commencés sont à terminer ou à effacer",
        "/aidant",
    ));
    Ok(out)
}
