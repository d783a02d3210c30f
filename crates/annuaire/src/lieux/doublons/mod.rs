//! Duplicates of lieux between sources, and sometimes within one: found, explained, decided, merged, undone.
//!
//! [`moteur`] is pure. See `docs/lieux/doublons.md`.

pub mod composition;
pub mod fusion;
pub mod liste;
pub mod moteur;
pub(crate) mod pages;
pub mod recherche;
pub mod store;
pub(in crate::lieux) mod tables;

#[cfg(test)]
mod tests;

use sea_orm::{ConnectionTrait, DbErr};

use super::Lieu;
use super::standard::{Fiche, Itinerance};
use moteur::{Comparaison, Frequences, Releve, Traits};
use store::Raison;

pub(in crate::lieux) use fusion::{absorbe_livraison, apres_fermeture};
pub(in crate::lieux) use pages::a_voir;
pub(crate) use pages::routes;
pub use recherche::ChercherDoublons;
pub(crate) use recherche::register;

/// What the comparison looks at in a fiche that this source delivers.
pub fn traits(fiche: &Fiche, source: &str) -> Traits {
    let vide = |c: Option<&str>| c.unwrap_or_default().to_owned();
    let itinerant =
        match (fiche.itinerance.contient(Itinerance::Itinerant), fiche.itinerance.contient(Itinerance::Fixe))
        {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        };
    Traits::new(&Releve {
        // One delivery may hold the records of several collectors.
        source: if fiche.source.is_empty() { source } else { &fiche.source },
        nom: &fiche.nom,
        code_commune: &vide(fiche.code_insee.as_ref().map(|c| c.as_str())),
        commune: &fiche.commune,
        code_postal: &vide(fiche.code_postal.as_ref().map(|c| c.as_str())),
        adresse: &fiche.adresse,
        position: fiche.position,
        telephone: &vide(fiche.telephone.as_ref().map(|t| t.as_str())),
        courriels: &fiche.courriels,
        sites: &fiche.site_web,
        pivot: &vide(fiche.pivot.as_ref().map(|p| p.as_str())),
        typologie: &fiche.typologie,
        itinerant,
    })
}

/// The lines of a score, as they are kept and shown.
fn raisons(c: &Comparaison, a: &Traits, b: &Traits) -> (i64, Vec<Raison>) {
    let lignes = c.lignes.iter().map(|l| Raison {
        champ: l.critere.champ().to_owned(),
        points: l.points,
        phrase: l.phrase(a, b, c.distance_m),
    });
    (i64::from(c.score()), lignes.collect())
}

/// The score of two lieux that nobody compared yet: what others share with them is not known here.
fn explique(a: &Lieu, b: &Lieu) -> (i64, Vec<Raison>) {
    let deux = [traits(&a.fiche, &a.source), traits(&b.fiche, &b.source)];
    let c = moteur::comparer(&deux[0], &deux[1], &Frequences::compte(&deux));
    raisons(&c, &deux[0], &deux[1])
}

/// The code of the département of a lieu, empty when nothing tells it.
fn departement(fiche: &Fiche) -> String {
    super::recherche::departement(fiche, None).map(|d| d.to_string()).unwrap_or_default()
}

/// A record that a lieu is made of, for programs.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub(crate) struct SourceDite {
    source: String,
    id: String,
    recu_le: String,
}

/// The records that a lieu is made of: one, unless it was merged.
pub(crate) async fn sources(conn: &impl ConnectionTrait, lieu: &Lieu) -> Result<Vec<SourceDite>, DbErr> {
    let instant = |d: chrono::DateTime<chrono::Utc>| d.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let apports = store::apports(conn, &[lieu.id]).await?.remove(&lieu.id);
    let seule = || SourceDite {
        source: lieu.source.clone(),
        id: lieu.fiche.id.to_string(),
        recu_le: instant(lieu.modifie_le),
    };
    Ok(apports.map_or_else(
        || vec![seule()],
        |a| {
            a.into_iter()
                .filter(|a| !a.absent)
                .map(|a| SourceDite { source: a.source, id: a.id_local, recu_le: instant(a.recu_le) })
                .collect()
        },
    ))
}
