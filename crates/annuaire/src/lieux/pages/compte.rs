//! The counts of a search, without its lieux: what boxes that are ticked would find, told while they are ticked.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::web::{PageResult, Requete};
use serde_json::{Map, Value, json};

use super::nombre_de_lieux;
use super::ou::Ou;
use super::requete::Lue;
use crate::Annuaire;
use crate::lieux::recherche::Facette;

/// `{ "total": 34, "bouton": "Voir les 34 lieux", "phrase": "34 lieux autour de Guéret", "comptes": { "services": { "aide-demarches": "12" } } }`.
pub(crate) async fn compte(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let index = annuaire.index().await?;
    let maintenant = annuaire.site.clock.now();
    let mut lue = Lue::de(&annuaire.territoires(), &requete, maintenant);
    let oriente = !requete.get("etape").is_empty();
    if oriente {
        super::orientation::elargit(&mut lue);
    }
    if matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_)) {
        // The page will ask which place is meant before it counts.
        return Ok(Json(json!({ "total": null })).into_response());
    }
    let resultat = index.chercher(&lue.demande, maintenant, 0, 0);
    let comptes: Map<String, Value> = Facette::TOUTES
        .into_iter()
        .map(|f| {
            let valeurs: Map<String, Value> = f
                .valeurs()
                .iter()
                .enumerate()
                .map(|(i, v)| {
                    let n = if oriente {
                        super::orientation::nombre(f, i, &resultat)
                    } else {
                        resultat.comptes[f.rang()][i]
                    };
                    (v.cle.to_string(), json!(kernel::text::nombre(i64::from(n))))
                })
                .collect();
            (f.parametre().to_owned(), Value::Object(valeurs))
        })
        .collect();
    let bouton = match resultat.total {
        0 => "Aucun lieu avec ces choix".to_owned(),
        1 => "Voir le lieu".to_owned(),
        n => format!("Voir les {}", nombre_de_lieux(n)),
    };
    let phrase = super::liste::compte(&lue, resultat.total);
    let corps = json!({ "total": resultat.total, "bouton": bouton, "phrase": phrase, "comptes": comptes });
    Ok(Json(corps).into_response())
}
