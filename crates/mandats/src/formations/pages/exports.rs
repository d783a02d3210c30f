//! Sessions as a file, with how many people asked, came, or did not.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use kernel::ids::StructureId;
use platform::tableur::{Cellule, Format};
use platform::web::{LOT, Liste, Lot, PageError, Shell};

use super::ORGANISME;
use crate::Mandats;
use crate::formations::model::{EtatInscription, Session};
use crate::formations::{actions, store};

const SESSIONS: Liste = Liste {
    nom: "sessions-de-formation",
    titres: &[
        "identifiant",
        "adresse",
        "organisme",
        "intitule",
        "debut",
        "fin",
        "heures",
        "lieu",
        "departement",
        "places",
        "places_prises",
        "publiee",
        "pour_une_organisation",
        "conseillers_numeriques",
        "annulee",
        "en_attente",
        "inscrites",
        "presentes",
        "absentes",
        "inscriptions_annulees",
    ],
};

/// Those that the page lists: of one's own structures, or of the whole country.
pub(super) async fn sessions(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
) -> Result<Response, PageError> {
    let (site, actor) = (m.site.clone(), shell.actor()?.clone());
    let vues = actions::organismes(&actor);
    SESSIONS
        .envoyer(&site, &actor, (format, &[]), move |apres: Option<usize>| {
            let (m, vues, debut) = (m.clone(), vues.clone(), apres.unwrap_or_default());
            async move {
                let conn = m.site.db.read();
                let lues = store::des_organismes(conn, vues.as_deref(), (debut, LOT)).await?;
                let nombres = store::nombres(conn, &lues).await?;
                let organismes =
                    annuaire::structures::trouver(conn, lues.iter().map(|s| s.organisme)).await?;
                let noms: HashMap<StructureId, String> =
                    organismes.into_iter().map(|(id, v)| (id, v.nom)).collect();
                let ligne = |s: &Session| {
                    let compte = |e: EtatInscription| *nombres.get(&(s.id.0, e.cle())).unwrap_or(&0);
                    ligne(&m, s, noms.get(&s.organisme), compte)
                };
                Ok(Lot::de(&lues, LOT, ligne, |_| debut + LOT))
            }
        })
        .await
}

fn ligne(
    m: &Mandats,
    s: &Session,
    organisme: Option<&String>,
    compte: impl Fn(EtatInscription) -> i64,
) -> Vec<Cellule> {
    let f = &s.fiche;
    let mut cellules: Vec<Cellule> = vec![
        s.id.to_string().into(),
        m.site.url(&format!("{ORGANISME}/{}", s.id)).into(),
        organisme.cloned().into(),
        f.intitule.clone().into(),
        f.debut.into(),
        f.fin.into(),
        i64::from(f.heures).into(),
        s.lieu().into(),
        f.departement.as_ref().map(ToString::to_string).into(),
        i64::from(f.places).into(),
        i64::from(s.prises).into(),
        f.publiee.into(),
        f.intra.into(),
        f.conseillers_numeriques.into(),
        s.annulee.is_some().into(),
    ];
    cellules.extend(EtatInscription::TOUS.map(|e| Cellule::from(compte(e))));
    cellules
}
