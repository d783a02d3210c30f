//! The search for duplicates in the directory: after each change of lieux, in a job. Likely pairs are merged, those in
//! doubt wait for a person, what people decided is found again.

use std::collections::{HashMap, HashSet};

use kernel::ids::LieuId;
use platform::jobs::{Job, Registry};
use sea_orm::DbErr;
use serde::Serialize;

use super::fusion::{self, Motifs};
use super::moteur::{AUTOMATIQUE, Paire, Traits, paires};
use super::store::{self, EtatPaire, PaireGardee, Raison};
use crate::Annuaire;
use crate::lieux::abonnements::Evenement;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::model::Etat;
use crate::lieux::parcours;
use crate::maillage::jobs::lieux_publies;

/// Looks for duplicates: written in every transaction that changes lieux.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct ChercherDoublons;

impl Job for ChercherDoublons {
    const KIND: &'static str = "lieux.chercher_doublons";
    fn dedup_key(&self) -> Option<String> {
        Some("pays".to_owned())
    }
}

/// Says who does the job.
pub(crate) fn register(annuaire: &Annuaire, registry: &mut Registry) {
    let annuaire = annuaire.clone();
    registry.on(move |_, ChercherDoublons| {
        let annuaire = annuaire.clone();
        async move { cherche(&annuaire).await.map(|_| ()) }
    });
}

/// Points that two lieux must have gained since a person said that they are two, to be shown again.
const BIEN_PLUS: i64 = 10;
/// Merges of one transaction.
const LOT_FUSIONS: usize = 50;
/// Pairs of one transaction.
const LOT_PAIRES: usize = 500;

/// What a search did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct BilanRecherche {
    /// Lieux compared.
    pub lieux: usize,
    /// Pairs that look alike.
    pub paires: usize,
    /// Merged without asking.
    pub fusionnees: usize,
    /// Waiting for a person.
    pub a_voir: usize,
}

/// An open lieu.
struct Lu {
    id: LieuId,
    departement: String,
}

type Cle = (LieuId, LieuId);

fn cle(a: LieuId, b: LieuId) -> Cle {
    (a.min(b), a.max(b))
}

/// Compares all open lieux, merges, and renews the queue.
///
/// # Errors
/// When the database does not answer; what was merged by then stays merged.
pub async fn cherche(annuaire: &Annuaire) -> Result<BilanRecherche, DbErr> {
    let conn = annuaire.site.db.read();
    let (mut lus, mut traits) = (Vec::new(), Vec::new());
    parcours::<DbErr>(conn, |lieu| {
        if lieu.etat == Etat::Ouvert {
            traits.push(super::traits(&lieu.fiche, &lieu.source));
            lus.push(Lu { id: lieu.id, departement: super::departement(&lieu.fiche) });
        }
        Ok(())
    })
    .await?;
    let (traits, trouvees) = calcule(traits).await?;
    let gardees: HashMap<Cle, PaireGardee> =
        store::paires_gardees(conn).await?.into_iter().map(|p| ((p.premiere, p.seconde), p)).collect();
    let mut tri = Tri::new(&lus, &traits, &trouvees, &gardees);
    let mut bilan = BilanRecherche { lieux: lus.len(), paires: trouvees.len(), ..BilanRecherche::default() };
    let fusions = tri.fusions();
    let mut absorbes: HashMap<LieuId, LieuId> = HashMap::new();
    for lot in fusions.chunks(LOT_FUSIONS) {
        for (gardee, absorbee) in fusionne_lot(annuaire, lot).await? {
            absorbes.insert(absorbee, gardee);
            bilan.fusionnees += 1;
        }
    }
    let file = tri.file(&absorbes);
    bilan.a_voir = file.iter().filter(|p| p.etat == EtatPaire::AVoir).count();
    let vues: HashSet<Cle> = file.iter().map(|p| (p.premiere, p.seconde)).collect();
    let oubliees: Vec<Cle> = gardees
        .values()
        .filter(|p| p.etat == EtatPaire::AVoir && !vues.contains(&(p.premiere, p.seconde)))
        .map(|p| (p.premiere, p.seconde))
        .collect();
    for lot in file.chunks(LOT_PAIRES) {
        annuaire.site.db.write(async |tx| store::ecrit_paires(tx, lot).await).await?;
    }
    for lot in oubliees.chunks(LOT_PAIRES) {
        annuaire.site.db.write(async |tx| store::oublie_paires(tx, lot).await).await?;
    }
    tracing::info!(
        lieux = bilan.lieux,
        paires = bilan.paires,
        fusionnees = bilan.fusionnees,
        a_voir = bilan.a_voir,
        "duplicates looked for"
    );
    Ok(bilan)
}

/// Compares outside the threads that serve pages.
pub(super) async fn calcule(traits: Vec<Traits>) -> Result<(Vec<Traits>, Vec<Paire>), DbErr> {
    tokio::task::spawn_blocking(move || {
        let trouvees = paires(&traits);
        (traits, trouvees)
    })
    .await
    .map_err(|e| DbErr::Custom(e.to_string()))
}

/// A merge to make: kept, absorbed, why.
struct AFaire {
    gardee: LieuId,
    absorbee: LieuId,
    motifs: Motifs,
}

/// One transaction of merges; those that somebody changed meanwhile are left to the next search.
async fn fusionne_lot(annuaire: &Annuaire, lot: &[AFaire]) -> Result<Vec<(LieuId, LieuId)>, DbErr> {
    let site = &annuaire.site;
    let faites = site
        .db
        .write(async |tx| {
            let mut faites = Vec::new();
            for f in lot {
                let deux = match fusion::tenir(annuaire, tx, f.gardee, f.absorbee).await {
                    Ok(deux) => deux,
                    Err(Failure::Db(e)) => return Err(e),
                    Err(_) => continue,
                };
                if [&deux.0, &deux.1].iter().any(|g| g.lieu.etat != Etat::Ouvert) {
                    continue;
                }
                match fusion::fusionne(site, tx, None, deux, f.motifs.clone()).await {
                    Ok(_) => faites.push((f.gardee, f.absorbee)),
                    Err(Failure::Db(e)) => return Err(e),
                    // Nothing may stay half written: the whole lot is tried again later.
                    Err(autre) => return Err(DbErr::Custom(autre.to_string())),
                }
            }
            if !faites.is_empty() {
                let evenements: Vec<_> = faites
                    .iter()
                    .flat_map(|(a, b)| [(*a, Evenement::Modifie), (*b, Evenement::Ferme)])
                    .collect();
                lieux_publies(site, tx, &evenements).await?;
            }
            Ok::<_, DbErr>(faites)
        })
        .await?;
    Ok(faites)
}

/// Sorts what was found into merges and questions.
struct Tri<'a> {
    lus: &'a [Lu],
    traits: &'a [Traits],
    trouvees: &'a [Paire],
    gardees: &'a HashMap<Cle, PaireGardee>,
    /// Pairs that are merged in this search.
    reglees: HashSet<(u32, u32)>,
}

impl<'a> Tri<'a> {
    fn new(
        lus: &'a [Lu],
        traits: &'a [Traits],
        trouvees: &'a [Paire],
        gardees: &'a HashMap<Cle, PaireGardee>,
    ) -> Self {
        Self { lus, traits, trouvees, gardees, reglees: HashSet::new() }
    }

    fn id(&self, rang: u32) -> LieuId {
        self.lus[rang as usize].id
    }

    /// Whether a person said something else than "merge" of the pair.
    fn tenue(&self, a: u32, b: u32) -> bool {
        self.gardees
            .get(&cle(self.id(a), self.id(b)))
            .is_some_and(|p| matches!(p.etat, EtatPaire::Distincts | EtatPaire::PlusTard))
    }

    /// Likely pairs, gathered: three records of one lieu are merged only when each looks like both others, so that A,
    /// like B, like C, never makes one lieu of A and C.
    fn fusions(&mut self) -> Vec<AFaire> {
        let possibles: HashMap<(u32, u32), &Paire> = self.trouvees.iter().map(|p| ((p.a, p.b), p)).collect();
        let mut groupe_de: HashMap<u32, usize> = HashMap::new();
        let mut groupes: Vec<Vec<u32>> = Vec::new();
        for p in self.trouvees.iter().take_while(|p| p.comparaison.score() >= AUTOMATIQUE) {
            let mut groupe = |rang: u32| {
                *groupe_de.entry(rang).or_insert_with(|| {
                    groupes.push(vec![rang]);
                    groupes.len() - 1
                })
            };
            let (x, y) = (groupe(p.a), groupe(p.b));
            if x == y {
                continue;
            }
            let ensemble = groupes[x].iter().all(|a| {
                groupes[y]
                    .iter()
                    .all(|b| possibles.contains_key(&(*a.min(b), *a.max(b))) && !self.tenue(*a, *b))
            });
            if ensemble {
                let partis = std::mem::take(&mut groupes[y]);
                for rang in &partis {
                    groupe_de.insert(*rang, x);
                }
                groupes[x].extend(partis);
            }
        }
        let mut faire = Vec::new();
        for groupe in groupes.iter().filter(|g| g.len() > 1) {
            // The oldest address is kept: identifiers sort by time.
            let Some(garde) = groupe.iter().copied().min_by_key(|r| self.id(*r)) else { continue };
            for autre in groupe.iter().copied().filter(|r| *r != garde) {
                let Some(p) = possibles.get(&(garde.min(autre), garde.max(autre))) else { continue };
                let (score, raisons) = dit(p, self.traits);
                let motifs = Motifs { score, raisons, note: String::new() };
                faire.push(AFaire { gardee: self.id(garde), absorbee: self.id(autre), motifs });
            }
            for a in groupe {
                self.reglees.extend(groupe.iter().filter(|b| *b > a).map(|b| (*a, *b)));
            }
        }
        faire
    }

    /// Pairs for people: new ones, those that wait, and those that look much more alike than when they were decided.
    fn file(&self, absorbes: &HashMap<LieuId, LieuId>) -> Vec<PaireGardee> {
        let mut vues: HashSet<Cle> = HashSet::new();
        let mut file = Vec::new();
        for p in self.trouvees {
            let ids = (self.id(p.a), self.id(p.b));
            let suivi = |id: LieuId| absorbes.get(&id).copied().unwrap_or(id);
            let (a, b) = (suivi(ids.0), suivi(ids.1));
            let faite = self.reglees.contains(&(p.a, p.b)) && a == b;
            if faite || a == b || !vues.insert(cle(a, b)) {
                continue;
            }
            let (score, raisons) = dit(p, self.traits);
            let ancienne = self.gardees.get(&cle(a, b));
            let (etat, decision) = match ancienne {
                None => (EtatPaire::AVoir, None),
                Some(g) if g.etat == EtatPaire::Distincts => {
                    if score < g.score_decision.unwrap_or(0) + BIEN_PLUS {
                        continue;
                    }
                    (EtatPaire::AVoir, Some(g))
                }
                Some(g) => (g.etat, Some(g)),
            };
            let departement = |id: LieuId, rang: u32| (id, self.lus[rang as usize].departement.clone());
            let mut deux = [departement(a, p.a), departement(b, p.b)];
            deux.sort();
            let [(premiere, da), (seconde, db)] = deux;
            file.push(PaireGardee {
                premiere,
                seconde,
                departements: (da, db),
                score,
                raisons,
                etat,
                score_decision: decision.and_then(|g| g.score_decision),
                le: decision.and_then(|g| g.le),
                par: decision.and_then(|g| g.par),
                note: decision.and_then(|g| g.note.clone()),
            });
        }
        file
    }
}

/// The score and its lines, as they are kept.
pub(super) fn dit(p: &Paire, traits: &[Traits]) -> (i64, Vec<Raison>) {
    super::raisons(&p.comparaison, &traits[p.a as usize], &traits[p.b as usize])
}
