//! The draft of a mandat, to be read before it is made: the dated text with what is known, never signed, without a number.

use annuaire::structures::Ids;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use kernel::calendrier::en_lettres_avec_heure;
use platform::documents::{self, Acte, Bloc, Document, Emetteur};
use platform::web::{PageError, PageResult, Requete, Shell};

use super::{agissant, parties};
use crate::document::{self, Duree, Genre};
use crate::mandats::{actions, distance, projet};
use crate::{Mandats, legal, usagers};

/// What stands where nothing is known yet.
const A_COMPLETER: &str = "(à compléter)";

pub(super) async fn brouillon(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let conn = m.site.db.read();
    let b = actions::ouvrir(conn, &a, shell.actor()?, id).await?;
    let accord = distance::accord(conn, &b).await?;
    let texte = legal::du_mandat(accord.is_some(), m.jour()).ok_or_else(PageError::not_found)?;
    let (organisation, aidant) = (projet::organisation(conn, &a).await?, projet::aidant(&a)?);
    let usager = match b.usager {
        Some(id) => usagers::store::lire(conn, id).await?,
        None => None,
    };
    let inconnu = || A_COMPLETER.to_owned();
    let genre = match organisation.genre {
        Genre::Siret => "SIRET",
        Genre::Rna => "RNA",
        Genre::Ridet => "RIDET",
    };
    let duree = b.choix.duree.and_then(|d| Duree::try_from(d).ok());
    let demarches: Vec<String> = b.choix.demarches.iter().map(|d| super::titre(d, m.jour())).collect();
    let blancs = [
        ("usager", usager.as_ref().map_or_else(inconnu, |u| u.identite.nom_complet())),
        ("naissance", usager.as_ref().map_or_else(inconnu, |u| u.identite.naissance.en_lettres())),
        ("immatriculation", format!("{genre} {}", organisation.numero)),
        ("organisation", organisation.nom.clone()),
        ("adresse", organisation.adresse.clone()),
        ("aidant", format!("{} {}", aidant.prenom, aidant.nom)),
        ("fonction", aidant.fonction),
        ("demarches", if demarches.is_empty() { inconnu() } else { demarches.join(" ; ") }),
        ("avertissements", super::avertissements(&b.choix.demarches, m.jour()).join(" ")),
        ("cree", "jour et à l’heure de sa signature".to_owned()),
        ("duree", duree.map_or_else(inconnu, |d| super::duree(d).to_lowercase())),
        ("jusqu_au", "à la fin de cette durée, comptée depuis la signature".to_owned()),
        ("renouvelle", String::new()),
        (
            "consentement",
            accord.map_or_else(
                || "À compléter à la signature.".to_owned(),
                |a| {
                    format!(
                        "Elle était à distance. Son accord est arrivé le {}.",
                        en_lettres_avec_heure(&a.reponse)
                    )
                },
            ),
        ),
    ];
    let blancs: Vec<(&str, &str)> = blancs.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let mut corps = vec![Bloc::fort(
        "Brouillon : ce document n’est pas signé et ne permet rien. Il sert à lire le mandat avant de le faire.",
    )];
    for partie in parties(texte.corps, &blancs) {
        corps.push(Bloc::titre(partie.titre));
        let mut points = Vec::new();
        for bloc in partie.blocs {
            match bloc {
                document::Bloc::Point(p) => points.push(p),
                document::Bloc::Alinea(a) if a.is_empty() => {}
                document::Bloc::Alinea(a) => {
                    if !points.is_empty() {
                        corps.push(Bloc::Liste { points: std::mem::take(&mut points) });
                    }
                    corps.push(Bloc::texte(a));
                }
            }
        }
        if !points.is_empty() {
            corps.push(Bloc::Liste { points });
        }
    }
    let acte = Acte {
        emetteur: Emetteur::new(&m.site, &organisation.nom),
        titre: "Brouillon de mandat".to_owned(),
        sous_titre: "Sans valeur".to_owned(),
        reference: "Brouillon sans valeur".to_owned(),
        paysage: false,
        corps,
        signature: Vec::new(),
    };
    let document =
        if query.get("presentation") == "grand" { Document::Grand(acte) } else { Document::Acte(acte) };
    let octets = documents::pdf(document, m.site.clock.now()).await?;
    let mut reponse = documents::reponse("brouillon-de-mandat", octets);
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reponse)
}
