//! One transaction for a delivery: its lieux, its closings, its history, its report, its line in the
//! journal.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use flate2::Compression;
use flate2::read::GzEncoder;
use kernel::Actor;
use kernel::ids::LieuId;
use platform::journal::Entry;
use platform::{Site, Tx};

use super::super::doublons;
use super::super::gestion;
use super::super::model::{ChampChange, Genre, Issue, Livraison, LivraisonId, SourceId};
use super::super::rapport::Bilan;
use super::super::standard::{Champ, Fiche};
use super::super::store::{self, Ecriture, Ligne, SourceConnue};
use super::preparation::Preparee;
use super::tri::Triee;
use super::{Echec, Ecoute, Progres};
use crate::lieux::abonnements::Evenement;
use crate::maillage::jobs::lieux_changes;

/// Lieux in memory at once.
const LOT: usize = 1_600;
/// Longest value kept in the history, in characters.
const VALEUR_MAX: usize = 1_000;
/// Largest compressed report that is kept.
const RAPPORT_MAX: u64 = 32 << 20;

/// What the line of the delivery says.
pub(super) struct Livree<'a> {
    pub(super) id: LivraisonId,
    pub(super) nom: &'a str,
    pub(super) cle: &'a str,
    pub(super) fichier: &'a str,
    pub(super) par: Option<&'a Actor>,
    pub(super) bilan: Bilan,
    pub(super) avertissement: Option<&'a str>,
}

/// Writes a delivery, all of it or nothing.
pub(super) async fn ecrit(
    site: &Site,
    connue: Option<SourceConnue>,
    livree: &Livree<'_>,
    preparee: &Preparee,
    triee: &Triee,
    ecoute: &Ecoute,
) -> Result<(), Echec> {
    let rapport = comprime(&preparee.rapport)?;
    let corrige = borne(&preparee.corrige)?;
    let par = livree.par.map(|a| a.compte.0);
    site.db
        .write(async |tx: &Tx| {
            let source = connue.as_ref().map_or_else(|| SourceId::new(&site.clock, &site.chance), |s| s.id);
            let maintenant = site.clock.now();
            let ecriture = Ecriture { tx, source, livraison: livree.id, par, maintenant };
            let vues = connue.as_ref().map(|s| s.livraisons);
            if !ecriture.prend_la_source(livree.cle, livree.nom, vues).await? {
                return Err(Echec::Devancee);
            }
            let mut evenements = lieux(site, &ecriture, livree.cle, preparee, triee, ecoute).await?;
            ecriture.ferme(&triee.absents).await?;
            let partis: Vec<LieuId> = triee.absents.iter().map(|(_, id)| *id).collect();
            evenements.extend(partis.iter().map(|id| (*id, Evenement::Ferme)));
            doublons::apres_fermeture(site, tx, &partis).await?;
            store::gestion::rattache_par_numero(tx, None).await?;
            let ligne = Livraison {
                id: livree.id,
                source: livree.nom.to_owned(),
                fichier: livree.fichier.to_owned(),
                recue_le: maintenant,
                par,
                issue: Issue::Enregistree,
                message: livree.avertissement.map(str::to_owned),
                tache: None,
                bilan: livree.bilan,
                comptes: preparee.comptes.clone(),
            };
            store::enregistre_livraison(tx, Some(source), &ligne).await?;
            store::enregistre_rapport(tx, livree.id, rapport.as_slice()).await?;
            store::enregistre_corrige(tx, livree.id, corrige.as_slice()).await?;
            // In this transaction: a crash after it would keep the file for ever.
            store::efface_depot(tx, livree.id).await?;
            if livree.bilan.added + livree.bilan.changed + livree.bilan.closed > 0 {
                lieux_changes(site, tx, &evenements).await?;
            }
            let entree = match livree.par {
                Some(acteur) => Entry::by(acteur, "lieux.importer", "livraison", livree.id),
                None => Entry::system("lieux.importer", "livraison", livree.id),
            };
            let details = serde_json::json!({ "source": livree.nom, "bilan": livree.bilan });
            platform::journal::write(site, tx, entree.with(details)).await?;
            Ok(())
        })
        .await
}

async fn lieux(
    site: &Site,
    ecriture: &Ecriture<'_>,
    cle: &str,
    preparee: &Preparee,
    triee: &Triee,
    ecoute: &Ecoute,
) -> Result<Vec<(LieuId, Evenement)>, Echec> {
    let mut evenements = Vec::with_capacity(triee.nouveaux.len() + triee.changes.len());
    let total = (triee.nouveaux.len() + triee.changes.len()) as u64;
    let mut faits = 0;
    let mut donnes: HashSet<String> = HashSet::new();
    for lot in triee.nouveaux.chunks(LOT) {
        let fiches = preparee.fiches(lot)?;
        let voulus: Vec<&str> = fiches.iter().map(|f| f.id.as_ref()).collect();
        let pris: HashSet<String> = store::libres(ecriture.tx, &voulus).await?.into_iter().collect();
        let secours: Vec<String> = voulus.iter().map(|id| format!("{cle}-{id}")).collect();
        let pris_secours: HashSet<String> =
            if pris.is_empty() && donnes.is_disjoint(&voulus.iter().map(|v| (*v).to_owned()).collect()) {
                HashSet::new()
            } else {
                let refs: Vec<&str> = secours.iter().map(String::as_str).collect();
                store::libres(ecriture.tx, &refs).await?.into_iter().collect()
            };
        let mut lignes = Vec::with_capacity(lot.len());
        for ((rang, fiche), secours) in lot.iter().zip(fiches).zip(secours) {
            let id = LieuId::new(&site.clock, &site.chance);
            let choix = [fiche.id.to_string(), secours, id.to_string()];
            let identifiant = choix
                .into_iter()
                .find(|c| !pris.contains(c) && !pris_secours.contains(c) && !donnes.contains(c))
                .unwrap_or_else(|| id.to_string());
            donnes.insert(identifiant.clone());
            evenements.push((id, Evenement::Cree));
            lignes.push(ligne(id, identifiant, preparee, *rang, fiche, None));
        }
        ecriture.ecrit(&lignes).await?;
        let ajoutes: Vec<LieuId> = lignes.iter().map(|l| l.id).collect();
        ecriture.ajoute(&ajoutes).await?;
        faits += lot.len() as u64;
        ecoute(Progres::Ecriture(faits, total));
    }
    for lot in triee.changes.chunks(LOT) {
        let rangs: Vec<u32> = lot.iter().map(|(rang, _, _)| *rang).collect();
        let ids: Vec<LieuId> = lot.iter().map(|(_, id, _)| *id).collect();
        let mut avant: HashMap<LieuId, Fiche> = store::fiches_de(ecriture.tx, &ids).await?;
        let mut lignes = Vec::with_capacity(lot.len());
        let mut fiches = preparee.fiches(&rangs)?;
        // Lieux that several records describe become what they are with this one; then what people typed wins.
        let locaux: Vec<&str> =
            rangs.iter().map(|r| preparee.entrees[*r as usize].id_local.as_ref()).collect();
        let mut livrees: Vec<(LieuId, &str, &mut Fiche)> =
            ids.iter().zip(&locaux).zip(&mut fiches).map(|((id, local), f)| (*id, *local, f)).collect();
        let (source, maintenant) = (ecriture.source.0, ecriture.maintenant);
        let composes = doublons::absorbe_livraison(ecriture.tx, source, maintenant, &mut livrees).await?;
        let mut tenues: Vec<(LieuId, &mut Fiche)> = ids.iter().copied().zip(&mut fiches).collect();
        gestion::garde_les_saisies(ecriture.tx, &mut tenues).await?;
        for ((rang, id, absent), fiche) in lot.iter().zip(fiches) {
            // The second of two records of one lieu changes nothing more.
            let Some(ancienne) = avant.remove(id) else {
                lignes.push(ligne(*id, String::new(), preparee, *rang, fiche, None));
                continue;
            };
            let genre =
                if *absent && !composes.contains(id) { Genre::Reouverture } else { Genre::Changement };
            let quoi = if genre == Genre::Reouverture { Evenement::Rouvert } else { Evenement::Modifie };
            evenements.push((*id, quoi));
            let changement = Some((genre, compare(&ancienne, &fiche)));
            lignes.push(ligne(*id, ancienne.id.to_string(), preparee, *rang, fiche, changement));
        }
        ecriture.ecrit(&lignes).await?;
        faits += lot.len() as u64;
        ecoute(Progres::Ecriture(faits, total));
    }
    Ok(evenements)
}

fn ligne(
    id: LieuId,
    identifiant: String,
    preparee: &Preparee,
    rang: u32,
    fiche: Fiche,
    changement: Option<(Genre, Vec<ChampChange>)>,
) -> Ligne {
    let entree = &preparee.entrees[rang as usize];
    Ligne {
        id,
        identifiant,
        id_local: entree.id_local.to_string(),
        empreinte: format!("{:032x}", entree.empreinte),
        fiche,
        changement,
    }
}

/// The fields that differ, the identifier apart.
fn compare(avant: &Fiche, apres: &Fiche) -> Vec<ChampChange> {
    let court = |v: &str| v.chars().take(VALEUR_MAX).collect::<String>();
    Champ::TOUS
        .into_iter()
        .skip(1)
        .filter_map(|champ| {
            let (avant, apres) = (avant.valeur(champ), apres.valeur(champ));
            (avant != apres).then(|| ChampChange {
                champ: champ.nom().to_owned(),
                avant: court(&avant),
                apres: court(&apres),
            })
        })
        .collect()
}

/// A report, compressed; empty when it is too large to be kept. Leaves the file rewound.
pub(in crate::lieux) fn comprime(rapport: &File) -> std::io::Result<Vec<u8>> {
    let mut rapport = rapport.try_clone()?;
    rapport.seek(SeekFrom::Start(0))?;
    let mut octets = Vec::new();
    GzEncoder::new(&rapport, Compression::fast()).take(RAPPORT_MAX + 1).read_to_end(&mut octets)?;
    rapport.seek(SeekFrom::Start(0))?;
    Ok(if octets.len() as u64 > RAPPORT_MAX { Vec::new() } else { octets })
}

/// A compressed file, whole; empty when it is too large to be kept. Leaves the file rewound.
pub(in crate::lieux) fn borne(fichier: &File) -> std::io::Result<Vec<u8>> {
    let mut fichier = fichier.try_clone()?;
    fichier.seek(SeekFrom::Start(0))?;
    let mut octets = Vec::new();
    (&fichier).take(RAPPORT_MAX + 1).read_to_end(&mut octets)?;
    fichier.seek(SeekFrom::Start(0))?;
    Ok(if octets.len() as u64 > RAPPORT_MAX { Vec::new() } else { octets })
}
