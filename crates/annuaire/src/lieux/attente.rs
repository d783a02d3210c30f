//! What waits for somebody among lieux: reports of visitors, pairs to look at, sheets to confirm.

use kernel::{Actor, Verb};
use platform::web::Attente;
use sea_orm::DbErr;

use super::gestion::fraicheur::Fraicheur;
use super::store::gestion::{self as store, Filtre};
use super::{doublons, signalements};
use crate::Annuaire;

/// All of it, the most pressing first.
///
/// # Errors
/// The database.
pub async fn attente(annuaire: &Annuaire, actor: &Actor) -> Result<Vec<Attente>, DbErr> {
    if !actor.role.has(Verb::ModifierLieux) {
        return Ok(Vec::new());
    }
    let conn = annuaire.site.db.read();
    let recus = signalements::recus(&annuaire.site, actor).await?;
    let paires = doublons::a_voir(annuaire, actor).await?;
    let perimees = Filtre { fraicheur: Some(Fraicheur::Perimee), ..Filtre::default() };
    let aujourdhui = kernel::calendrier::jour(&annuaire.site.clock.now());
    let perimees =
        store::compter(conn, &actor.perimetre, &perimees, &annuaire.territoires(), aujourdhui).await?;
    let choses = [
        Attente::de(
            recus,
            "signalement de visiteur attend une réponse",
            "signalements de visiteurs attendent une réponse",
            "/gestion/lieux/signalements",
        ),
        Attente::de(
            paires,
            "paire de lieux qui se ressemblent est à regarder",
            "paires de lieux qui se ressemblent sont à regarder",
            "/gestion/lieux/doublons",
        ),
        Attente::de(
            perimees,
            "fiche de lieu n’a pas été confirmée depuis un an",
            "fiches de lieux n’ont pas été confirmées depuis un an",
            "/gestion/lieux?fraicheur=perimee",
        ),
    ];
    Ok(choses.into_iter().flatten().collect())
}
