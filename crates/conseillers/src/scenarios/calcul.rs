//! From the database to a problem of the engine, and from its answer to what pages show.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use annuaire::atlas::Mesure;
use annuaire::territoires::{Territoires, Zonages};
use chrono::NaiveDate;
use kernel::{CodeCommune, CodeDepartement, CodeRegion, Perimetre};
use sha2::{Digest, Sha256};

use super::besoin::{Besoins, besoins};
use super::model::{Bilan, Departement, Ligne, Parametres, Regardee, Scenario};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::model::{Demande as DemandeDePostes, Genre, Sens};
use crate::demandes::store::{self as demandes, Filtre};
use crate::entree::{Id, Refus};
use crate::ids::DemandeId;
use crate::postes;
use crate::repartition::{Commune, Demande, Plafond, Probleme, analyse, resout, servi};
use crate::selection::model::{Enveloppe, EtatSeance, Niveau};
use crate::selection::store::enveloppes;

/// What was read of the database, to be worked out away from it.
#[derive(Clone, Debug)]
pub(super) struct Lu {
    parametres: Parametres,
    region: Option<CodeRegion>,
    regardees: Vec<Regardee>,
    sans_place: Vec<String>,
    /// Open posts, by commune.
    ouverts: BTreeMap<CodeCommune, u64>,
    enveloppes: Vec<Enveloppe>,
    mesure: Arc<Mesure>,
    zonages: Arc<Zonages>,
}

/// States in which a demande awaits its decision.
const ATTENDENT: [&str; 3] = ["deposee", "en_seance", "examen_complementaire"];

/// Everything that a scenario stands on. What it looked at already is looked at again as it was.
///
/// # Errors
/// The database.
pub(super) async fn lire(c: &Conseillers, s: &Scenario, vues: Option<Vec<Regardee>>) -> Result<Lu, Failure> {
    let conn = c.site.db.read();
    let mesure = c.annuaire.atlas.mesure_connue().await?;
    let (regardees, sans_place) = match vues {
        Some(vues) => (vues, Vec::new()),
        None => regarder(c, s, &mesure.territoires).await?,
    };
    Ok(Lu {
        ouverts: if s.parametres.deduire { ouverts(c, s.jour()).await? } else { BTreeMap::new() },
        enveloppes: if s.parametres.enveloppes { enveloppes(conn).await? } else { Vec::new() },
        zonages: c.annuaire.atlas.zonages(),
        parametres: s.parametres.clone(),
        region: s.region.clone(),
        regardees,
        sans_place,
        mesure,
    })
}

/// The demandes of posts that serve inhabitants and await a decision; those whose commune has no place are named.
async fn regarder(
    c: &Conseillers,
    s: &Scenario,
    t: &Territoires,
) -> Result<(Vec<Regardee>, Vec<String>), Failure> {
    let perimetre = s.region.clone().map_or(Perimetre::National, |r| Perimetre::Regions(vec![r]));
    let mut toutes: Vec<DemandeDePostes> = Vec::new();
    for etat in ATTENDENT {
        let filtre = Filtre { etat: Some(etat), ..Filtre::default() };
        toutes.extend(demandes::lister(c.site.db.read(), &perimetre, &filtre, (0, 100_000)).await?);
    }
    // Decided in a session that is open: its posts are taken from the enveloppes already.
    let mut decidees: HashSet<DemandeId> = HashSet::new();
    for seance in crate::selection::store::seances(c.site.db.read(), &Perimetre::National).await? {
        if matches!(seance.etat, EtatSeance::Ouverte { .. }) {
            let liste = crate::selection::store::inscrites(c.site.db.read(), seance.id).await?;
            decidees.extend(liste.into_iter().filter(|i| i.decision.is_some()).map(|i| i.demande));
        }
    }
    toutes.retain(|d| !decidees.contains(&d.id));
    if let Some(seance) = s.seance {
        let liste = crate::selection::store::inscrites(c.site.db.read(), seance).await?;
        let inscrites: HashSet<_> = liste.into_iter().map(|i| i.demande).collect();
        toutes.retain(|d| inscrites.contains(&d.id));
    }
    toutes.retain(|d| {
        matches!(d.objet.genre(), Genre::PremiersPostes | Genre::Ajout) && s.parametres.avis.garde(d.avis)
    });
    toutes.sort_by_key(|d| d.numero);
    let (mut regardees, mut sans_place) = (Vec::with_capacity(toutes.len()), Vec::new());
    for d in toutes {
        let place = t.rang_actuel(&d.commune.0).and_then(|rang| t.communes()[rang].position);
        let Some(place) = place else {
            sans_place.push(d.reference());
            continue;
        };
        regardees.push(Regardee {
            demande: d.id,
            reference: d.reference(),
            structure: d.nom,
            commune: d.commune,
            departement: d.departement,
            position: place.position,
            postes: d.objet.postes(),
            avis: d.avis.map_or("", Sens::nom).to_owned(),
        });
    }
    Ok((regardees, sans_place))
}

/// Posts granted and not given back on that day, by commune of their structure.
async fn ouverts(c: &Conseillers, le: NaiveDate) -> Result<BTreeMap<CodeCommune, u64>, Failure> {
    let conn = c.site.db.read();
    let postes = postes::store::ouverts_par_structure(conn, le).await?;
    let ids: Vec<_> = postes.iter().map(|(id, _)| *id).collect();
    let situees = annuaire::structures::situees(conn, &ids).await?;
    let mut out = BTreeMap::new();
    for (id, n) in postes {
        if let Some((_, commune)) = situees.get(&id) {
            *out.entry(commune.clone()).or_default() += n;
        }
    }
    Ok(out)
}

/// A problem ready for the engine, with what its ranks mean.
#[derive(Clone, Debug)]
pub(super) struct Pose {
    pub(super) probleme: Probleme,
    /// Rank in the territory of each commune of the problem.
    pub(super) rangs: Vec<usize>,
    pub(super) empreinte: String,
    deduit: f64,
    source: String,
    plafonds: Vec<(String, u64)>,
}

impl Lu {
    pub(super) fn territoires(&self) -> &Territoires {
        &self.mesure.territoires
    }

    /// Poses the problem: slow, to be called away from requests.
    ///
    /// # Errors
    /// What the engine refuses.
    pub(super) fn poser(&self) -> Result<Pose, Refus> {
        let (t, p) = (self.territoires(), &self.parametres);
        let Besoins { par_rang, source } = besoins(t, &self.zonages, &self.mesure.couverture, p);
        let mut communes = Vec::new();
        let mut rangs = Vec::new();
        for (rang, commune) in t.communes().iter().enumerate() {
            if let Some(place) = commune.position.filter(|_| par_rang[rang] > 0.0) {
                communes.push(Commune {
                    id: commune.code.as_str().into(),
                    position: place.position,
                    besoin: par_rang[rang],
                });
                rangs.push(rang);
            }
        }
        let mut probleme = Probleme {
            communes,
            demandes: Vec::new(),
            postes_a_attribuer: u64::from(p.postes),
            rayon_km: f64::from(p.rayon_km),
            capacite_par_poste: f64::from(p.capacite),
            maximum_par_demande: p.maximum_par_demande.map(u64::from),
            minimum_par_departement: 0,
            plafonds: Vec::new(),
        };
        let deduit = self.deduire(&mut probleme)?;
        probleme.minimum_par_departement = u64::from(p.minimum_par_departement);
        let demande = |(rang, r): (usize, &Regardee)| Demande {
            id: Id::Nombre(i64::try_from(rang).unwrap_or(i64::MAX)),
            position: r.position,
            departement: r.departement.as_str().into(),
            postes: u64::from(r.postes),
        };
        probleme.demandes = self.regardees.iter().enumerate().map(demande).collect();
        let plafonds = self.plafonner(&mut probleme, &rangs);
        let mut hache = Sha256::new();
        for c in &probleme.communes {
            hache.update(format!("{} {}\n", c.id, c.besoin));
        }
        Ok(Pose {
            probleme,
            rangs,
            empreinte: kernel::text::hex(&hache.finalize()),
            deduit,
            source,
            plafonds,
        })
    }

    /// Takes away the need that open posts serve, each as well used as can be; gives how much.
    fn deduire(&self, probleme: &mut Probleme) -> Result<f64, Refus> {
        let t = self.territoires();
        let mut attributions = Vec::new();
        for (code, &n) in &self.ouverts {
            let Some(rang) = t.rang_actuel(code) else { continue };
            let commune = &t.communes()[rang];
            let Some(place) = commune.position else { continue };
            attributions.push((probleme.demandes.len(), n));
            probleme.demandes.push(Demande {
                id: code.as_str().into(),
                position: place.position,
                departement: commune.departement.as_str().into(),
                postes: n,
            });
        }
        if attributions.is_empty() {
            return Ok(0.0);
        }
        let deja = servi(probleme, &attributions)?;
        for (commune, servi) in probleme.communes.iter_mut().zip(&deja) {
            commune.besoin = (commune.besoin - servi).max(0.0);
        }
        Ok(deja.iter().sum())
    }

    /// Puts the problem under the enveloppes and the rule of equity; gives what holds, in words.
    fn plafonner(&self, probleme: &mut Probleme, rangs: &[usize]) -> Vec<(String, u64)> {
        let t = self.territoires();
        let mut dits = Vec::new();
        let demande = |code: &CodeDepartement| self.regardees.iter().any(|r| r.departement == *code);
        for e in &self.enveloppes {
            let reste = u64::try_from(e.reste()).unwrap_or(0);
            let (nom, dedans): (String, Vec<&CodeDepartement>) = match e.niveau {
                Niveau::Pays => {
                    if reste < probleme.postes_a_attribuer {
                        probleme.postes_a_attribuer = reste;
                        dits.push(("Enveloppe nationale".to_owned(), reste));
                    }
                    continue;
                }
                Niveau::Region => {
                    let Some(region) = CodeRegion::parse(&e.code).and_then(|code| t.region(&code)) else {
                        continue;
                    };
                    let dedans = t.departements().iter().filter(|d| d.region == region.code);
                    (format!("Enveloppe de région : {}", region.nom), dedans.map(|d| &d.code).collect())
                }
                Niveau::Departement => {
                    let Some(d) = CodeDepartement::parse(&e.code).and_then(|code| t.departement(&code))
                    else {
                        continue;
                    };
                    (format!("Enveloppe de département : {}", d.nom), vec![&d.code])
                }
            };
            if dedans.iter().any(|code| demande(code)) {
                probleme.plafonds.push(Plafond {
                    departements: dedans.into_iter().map(|code| code.as_str().into()).collect(),
                    postes: reste,
                });
                dits.push((nom, reste));
            }
        }
        if let Some(equite) = self.parametres.equite {
            let mut besoin: BTreeMap<&CodeDepartement, f64> = BTreeMap::new();
            for (commune, &rang) in probleme.communes.iter().zip(rangs) {
                let c = &t.communes()[rang];
                if self.dedans(&c.region) {
                    *besoin.entry(&c.departement).or_default() += commune.besoin;
                }
            }
            let total: f64 = besoin.values().sum();
            #[expect(clippy::cast_precision_loss, reason = "posts are few")]
            let postes = probleme.postes_a_attribuer as f64 * f64::from(equite) / 100.0;
            for (code, besoin) in besoin.into_iter().filter(|(code, _)| total > 0.0 && demande(code)) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "few posts, zero or more"
                )]
                let part = (postes * besoin / total).ceil() as u64;
                probleme.plafonds.push(Plafond {
                    departements: vec![code.as_str().into()],
                    postes: part.max(u64::from(self.parametres.minimum_par_departement)),
                });
            }
        }
        dits
    }

    /// Whether a région is of the territory of the committee.
    fn dedans(&self, region: &CodeRegion) -> bool {
        self.region.as_ref().is_none_or(|r| r == region)
    }

    /// Solves, explains and sums up: slow, to be called away from requests.
    ///
    /// # Errors
    /// What the engine refuses: a sentence that says what to change.
    pub(super) fn resoudre(&self) -> Result<(Bilan, Vec<Ligne>), Refus> {
        let pose = self.poser()?;
        let solution = resout(&pose.probleme)?;
        let analyse = analyse(&pose.probleme, &solution.attributions)?;
        let mut lignes: Vec<Ligne> = self
            .regardees
            .iter()
            .zip(&analyse.gains)
            .map(|(r, &gain)| Ligne {
                regardee: r.clone(),
                postes: 0,
                servi: 0.0,
                seul: 0.0,
                perte: 0.0,
                gain,
                minimum: false,
                plein: false,
            })
            .collect();
        for (&(rang, postes), e) in solution.attributions.iter().zip(&analyse.lignes) {
            if let Some(ligne) = lignes.get_mut(rang) {
                ligne.postes = u32::try_from(postes).unwrap_or(u32::MAX);
                (ligne.servi, ligne.seul, ligne.perte) = (e.servi, e.seul, e.perte);
                (ligne.minimum, ligne.plein) =
                    (e.minimum && self.parametres.minimum_par_departement > 0, e.plein);
            }
        }
        let departements = self.departements(&pose, &analyse.communes, &lignes);
        let nom = |id: &Id| {
            let code = CodeDepartement::parse(&id.to_string());
            code.and_then(|c| self.territoires().departement(&c).map(|d| d.nom.clone()))
                .unwrap_or(id.to_string())
        };
        let bilan = Bilan {
            besoin: departements.iter().map(|d| d.besoin).sum(),
            deduit: pose.deduit,
            servi: solution.besoin_servi,
            borne: solution.borne,
            postes: lignes.iter().map(|l| l.postes).sum(),
            demandes: (nombre(solution.attributions.len()), nombre(lignes.len())),
            source: pose.source,
            empreinte: pose.empreinte,
            plafonds: pose.plafonds,
            minimum_reduit: solution.minimum_reduit.iter().map(nom).collect(),
            sans_place: self.sans_place.clone(),
            departements,
        };
        Ok((bilan, lignes))
    }

    fn departements(&self, pose: &Pose, servis: &[f64], lignes: &[Ligne]) -> Vec<Departement> {
        let t = self.territoires();
        let mut out: BTreeMap<&CodeDepartement, Departement> = t
            .departements()
            .iter()
            .filter(|d| self.dedans(&d.region))
            .map(|d| {
                let (code, nom) = (d.code.clone(), d.nom.clone());
                (
                    &d.code,
                    Departement {
                        code,
                        nom,
                        besoin: 0.0,
                        servi: 0.0,
                        demandes: 0,
                        demandes_postes: 0,
                        postes: 0,
                    },
                )
            })
            .collect();
        for ((commune, &rang), servi) in pose.probleme.communes.iter().zip(&pose.rangs).zip(servis) {
            if let Some(d) = out.get_mut(&t.communes()[rang].departement) {
                d.besoin += commune.besoin;
                d.servi += servi;
            }
        }
        for l in lignes {
            if let Some(d) = out.get_mut(&l.regardee.departement) {
                d.demandes += 1;
                d.demandes_postes += l.regardee.postes;
                d.postes += l.postes;
            }
        }
        out.into_values().collect()
    }
}

fn nombre(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
