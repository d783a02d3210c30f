//! From everybody who looks for a post and every open post to the assignment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use annuaire::territoires::Territoires;
use kernel::{CodeDepartement, Perimetre, Position};

use super::model::{Bilan, Departement, Ligne, Nationale, Parametres, Personne};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{CandidatVue, Index};
use crate::entree::{Id, Refus};
use crate::matching::assignment::{Candidat, Poste, Probleme, resout};
use crate::postes;

/// What was read, to be worked out away from the database.
pub(super) struct Lu {
    parametres: Parametres,
    index: Arc<Index>,
    postes: Vec<(Ligne, Position)>,
    sans_place: Vec<String>,
    territoires: Arc<Territoires>,
}

/// Everybody who looks for a post now, and every post that may be filled today.
///
/// # Errors
/// The database.
pub(super) async fn lire(c: &Conseillers, s: &Nationale) -> Result<Lu, Failure> {
    let conn = c.site.db.read();
    let (jour, territoires) = (c.jour(), c.annuaire.territoires());
    let vacants = postes::lecture::vacants(conn, &Perimetre::National, jour).await?;
    let vacants: Vec<_> = vacants.into_iter().filter(|p| postes::rules::a_pourvoir(p, jour)).collect();
    let places = |p: &postes::Poste| postes::rules::place(p, jour).map(|l| l.structure);
    let ids: Vec<_> = vacants.iter().filter_map(places).collect();
    let situees = annuaire::structures::situees(conn, &ids).await?;
    let (mut lignes, mut sans_place) = (Vec::with_capacity(vacants.len()), Vec::new());
    for p in vacants {
        let situee = places(&p).and_then(|id| situees.get(&id));
        let commune = situee.and_then(|(nom, code)| {
            let commune = &territoires.communes()[territoires.rang_actuel(code)?];
            Some((nom, commune, commune.position?))
        });
        let Some((structure, commune, place)) = commune else {
            sans_place.push(p.reference());
            continue;
        };
        let ligne = Ligne {
            poste: p.id,
            reference: p.reference(),
            structure: structure.clone(),
            commune: commune.nom.clone(),
            departement: commune.departement.clone(),
            personne: None,
            a_portee: 0,
        };
        lignes.push((ligne, place.position));
    }
    Ok(Lu {
        parametres: s.parametres.clone(),
        index: c.candidats.index(&c.site).await?,
        postes: lignes,
        sans_place,
        territoires,
    })
}

fn nombre(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Lu {
    /// The best assignment, explained: slow, to be called away from requests.
    ///
    /// # Errors
    /// What the engine refuses.
    pub(super) fn affecter(self) -> Result<(Bilan, Vec<Ligne>), Refus> {
        let debut = self.parametres.debut;
        let mut candidats: Vec<&CandidatVue> = self.index.tous().collect();
        candidats.sort_by_key(|c| c.numero);
        let probleme = Probleme {
            candidats: candidats
                .iter()
                .map(|c| Candidat {
                    id: Id::Nombre(c.numero),
                    position: c.position,
                    rayon_km: c.rayon.km().map(f64::from),
                    disponible_le: Some(c.disponible_le),
                })
                .collect(),
            postes: (0_i64..)
                .zip(&self.postes)
                .map(|(rang, (_, position))| Poste {
                    id: Id::Nombre(rang),
                    position: *position,
                    debut_le: debut,
                })
                .collect(),
        };
        let solution = resout(&probleme)?;
        let mut pris: HashMap<usize, Personne> = HashMap::new();
        for a in &solution.affectations {
            let c = candidats[a.candidat];
            let commune = (c.commune.nom.clone(), c.commune.departement.clone());
            pris.insert(a.poste, Personne { id: c.id, reference: c.reference(), commune, km: a.km });
        }
        let mut par_departement: BTreeMap<CodeDepartement, Departement> = BTreeMap::new();
        let mut lignes = Vec::with_capacity(self.postes.len());
        for (rang, (mut ligne, position)) in self.postes.into_iter().enumerate() {
            ligne.personne = pris.remove(&rang);
            if ligne.personne.is_none() {
                let libre = |c: &CandidatVue| debut.is_none_or(|debut| c.disponible_le <= debut);
                let a_portee = self.index.rencontrables(position, &ligne.departement);
                ligne.a_portee = nombre(a_portee.filter(|r| libre(r.candidat)).count());
            }
            let d = par_departement.entry(ligne.departement.clone()).or_insert_with(|| Departement {
                code: ligne.departement.clone(),
                nom: self
                    .territoires
                    .departement(&ligne.departement)
                    .map_or(String::new(), |d| d.nom.clone()),
                postes: 0,
                pourvus: 0,
                km: 0.0,
            });
            d.postes += 1;
            if let Some(p) = &ligne.personne {
                d.pourvus += 1;
                d.km += p.km;
            }
            lignes.push(ligne);
        }
        let bilan = Bilan {
            candidats: nombre(candidats.len()),
            postes: nombre(lignes.len()),
            pourvus: nombre(solution.affectations.len()),
            pourvus_au_plus: nombre(solution.certificat.pourvus_au_plus()),
            km: solution.distance_totale_km,
            sans_place: self.sans_place,
            departements: par_departement.into_values().collect(),
        };
        Ok((bilan, lignes))
    }
}
