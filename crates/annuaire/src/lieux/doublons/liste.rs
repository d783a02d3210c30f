//! Every pair that the records of sources make, for programs: those that are merged, those that wait, and what people
//! decided.

use std::collections::HashMap;

use kernel::ids::LieuId;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::moteur::{AUTOMATIQUE, Traits};
use super::recherche::{calcule, dit};
use super::store::{self, EtatPaire, PaireGardee, Raison};
use crate::lieux::model::Etat;
use crate::lieux::parcours;

/// A record of a pair.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Membre {
    /// Identifier that its source gives, or that exports write.
    pub id: String,
    /// The lieu that it describes: two records of one lieu have one.
    pub uid: LieuId,
    /// Who delivers it.
    pub source: String,
    /// Name.
    pub nom: String,
    /// Commune.
    pub commune: String,
}

/// A pair of records that look like one lieu.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PaireDite {
    /// One record.
    pub a: Membre,
    /// The other.
    pub b: Membre,
    /// The sum of the points.
    pub score: i64,
    /// The points, one by one.
    pub reasons: Vec<Raison>,
    /// What became of it: see [`Decision`].
    pub decision: Decision,
}

/// What is, or will be, done with a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// One lieu already.
    Fusionne,
    /// Above the threshold: the next search merges it.
    Automatique,
    /// A person must say.
    AVoir,
    /// A person looked, and will again.
    PlusTard,
    /// A person said that they are two.
    Distincts,
}

/// Compares every record that is still delivered, those of merged lieux one by one, and hands each pair to `prend`, the
/// likeliest first.
///
/// # Errors
/// When the database does not answer, or what `prend` returns.
pub async fn chaque_paire<E: From<DbErr>>(
    conn: &impl ConnectionTrait,
    mut prend: impl FnMut(PaireDite) -> Result<(), E>,
) -> Result<u64, E> {
    let apports = store::tous_les_apports(conn).await?;
    let composes: std::collections::HashSet<LieuId> = apports.iter().map(|(id, _)| *id).collect();
    let mut membres: Vec<Membre> = Vec::new();
    let mut traits: Vec<Traits> = Vec::new();
    let mut ouverts: HashMap<LieuId, ()> = HashMap::new();
    parcours::<DbErr>(conn, |lieu| {
        if lieu.etat == Etat::Ouvert {
            if composes.contains(&lieu.id) {
                ouverts.insert(lieu.id, ());
            } else {
                traits.push(super::traits(&lieu.fiche, &lieu.source));
                membres.push(Membre {
                    id: lieu.fiche.id.to_string(),
                    uid: lieu.id,
                    source: lieu.source,
                    nom: lieu.fiche.nom.to_string(),
                    commune: lieu.fiche.commune.to_string(),
                });
            }
        }
        Ok(())
    })
    .await?;
    for (uid, a) in apports.into_iter().filter(|(id, _)| ouverts.contains_key(id)) {
        traits.push(super::traits(&a.fiche, &a.source));
        membres.push(Membre {
            id: a.id_local,
            uid,
            source: a.source,
            nom: a.fiche.nom.to_string(),
            commune: a.fiche.commune.to_string(),
        });
    }
    let gardees: HashMap<(LieuId, LieuId), PaireGardee> =
        store::paires_gardees(conn).await?.into_iter().map(|p| ((p.premiere, p.seconde), p)).collect();
    let (traits, trouvees) = calcule(traits).await?;
    let mut compte = 0;
    for p in &trouvees {
        let (a, b) = (membres[p.a as usize].clone(), membres[p.b as usize].clone());
        let (score, reasons) = dit(p, &traits);
        let gardee = gardees.get(&(a.uid.min(b.uid), a.uid.max(b.uid))).map(|g| g.etat);
        let decision = match gardee {
            _ if a.uid == b.uid => Decision::Fusionne,
            Some(EtatPaire::Distincts) => Decision::Distincts,
            Some(EtatPaire::PlusTard) => Decision::PlusTard,
            _ if p.comparaison.score() >= AUTOMATIQUE => Decision::Automatique,
            _ => Decision::AVoir,
        };
        compte += 1;
        prend(PaireDite { a, b, score, reasons, decision })?;
    }
    Ok(compte)
}
