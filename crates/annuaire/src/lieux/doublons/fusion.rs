//! Merging two lieux, undoing it, and writing again a lieu that several records describe.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::composition::{Apport, compose};
use super::store::{self, Avant, EtatPaire, Fusion, FusionId, PaireGardee, Raison};
use crate::Annuaire;
use crate::lieux::abonnements::Evenement;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::gestion::model::Gere;
use crate::lieux::gestion::{self, lecture, rules, saisie};
use crate::lieux::model::{ChampChange, Etat, Genre};
use crate::lieux::standard::{Champ, Fiche};
use crate::lieux::store::gestion as lieux;
use crate::maillage::jobs::lieux_changes;

/// Why two lieux are one, as it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Motifs {
    pub(super) score: i64,
    pub(super) raisons: Vec<Raison>,
    pub(super) note: String,
}

/// The two sheets that a person compared: if one changed since, they must look again.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// Of the one to be kept.
    pub gardee: i64,
    /// Of the other.
    pub absorbee: i64,
}

/// Merges one lieu into another, for a person: the address of the other leads to the one that is kept.
///
/// # Errors
/// [`Failure::Stale`] when one changed since it was compared; out of scope, not found; already merged, a conflict.
pub async fn fusionner(
    annuaire: &Annuaire,
    actor: &Actor,
    (gardee, absorbee): (LieuId, LieuId),
    versions: Versions,
    note: String,
) -> Result<FusionId, Failure> {
    let site = &annuaire.site;
    if gardee == absorbee {
        return Err(Refusal::conflict("Un lieu ne se fusionne pas avec lui-même.").into());
    }
    site.db
        .write(async |tx| {
            let (a, b) = tenir(annuaire, tx, gardee, absorbee).await?;
            rules::may(actor, Verb::ModifierLieux, &a)?;
            rules::may(actor, Verb::ModifierLieux, &b)?;
            for (g, lue) in [(&a, versions.gardee), (&b, versions.absorbee)] {
                if g.version != lue {
                    return Err(Failure::Stale(Box::new(g.clone())));
                }
            }
            let paire = store::paire(tx, gardee, absorbee).await?;
            let motifs = match paire {
                Some(p) => Motifs { score: p.score, raisons: p.raisons, note },
                None => {
                    let (score, raisons) = super::explique(&a.lieu, &b.lieu);
                    Motifs { score, raisons, note }
                }
            };
            let id = fusionne(site, tx, Some(actor), (a, b), motifs).await?;
            let evenements = [(gardee, Evenement::Modifie), (absorbee, Evenement::Ferme)];
            lieux_changes(site, tx, &evenements).await?;
            Ok(id)
        })
        .await
}

/// Merges `b` into `a`, both held: the records of `b` become records of `a`, and its sheet is composed again.
pub(super) async fn fusionne(
    site: &Site,
    tx: &Tx,
    actor: Option<&Actor>,
    (mut a, b): (Gere, Gere),
    motifs: Motifs,
) -> Result<FusionId, Failure> {
    let (gardee, absorbee) = (a.id(), b.id());
    if [&a, &b].iter().any(|g| matches!(g.lieu.etat, Etat::Fusionne { .. })) {
        return Err(Refusal::conflict("L’un de ces lieux vient d’être fusionné avec un autre.").into());
    }
    let maintenant = site.clock.now();
    materialise(tx, &a).await?;
    let apports = materialise(tx, &b).await?.into_iter().map(|p| (p.source_id, p.id_local)).collect();
    store::deplace(tx, absorbee, gardee, None).await?;
    let mut avant = Avant { apports, ..Avant::default() };
    if let Etat::Ferme { depuis } = b.lieu.etat {
        avant.ferme_le = Some(depuis);
    }
    if a.structure.is_none() && b.structure.is_some() {
        a.structure = b.structure;
        avant.structure = true;
    }
    // What a person typed about either holds; where both typed, the kept one.
    let mut saisies = lieux::saisies(tx, &[gardee, absorbee]).await?;
    let tenues = saisies.remove(&gardee).unwrap_or_default();
    for s in saisies.remove(&absorbee).unwrap_or_default() {
        if !tenues.iter().any(|t| t.champ == s.champ) {
            let par = actor.map(|x| x.compte);
            lieux::saisir(site, tx, gardee, par, (s.champ, &s.source, &s.valeur)).await?;
            avant.saisies.push((s.champ.nom().to_owned(), s.valeur));
        }
    }
    store::mene_a(tx, absorbee, Some(gardee), Some(maintenant), maintenant).await?;
    let noms = (a.lieu.fiche.nom.to_string(), b.lieu.fiche.nom.to_string());
    let deps = [&a, &b].map(|g| (g.id(), super::departement(&g.lieu.fiche)));
    let acte = lieux::Acte { par: actor, quoi: "Fusion de deux fiches", genre: Genre::Changement };
    let ligne = [ChampChange { champ: "fusion".to_owned(), avant: noms.1.clone(), apres: noms.0.clone() }];
    lieux::noter(site, tx, gardee, acte, &ligne).await?;
    lieux::noter(site, tx, absorbee, acte, &ligne).await?;
    recompose(site, tx, a, acte).await?;

    let id = FusionId::new(&site.clock, &site.chance);
    let par = actor.map(|x| x.compte);
    let Motifs { score, raisons, note } = motifs;
    let paire = paire_de(deps, (score, raisons.clone()), EtatPaire::Doublon, par, maintenant, &note);
    store::ecrit_paires(tx, &[paire]).await?;
    let fusion = Fusion {
        id,
        gardee,
        absorbee,
        noms,
        le: maintenant,
        par,
        score,
        raisons,
        note,
        annulee_le: None,
        avant,
    };
    store::note_fusion(tx, &fusion).await?;
    let entree = match actor {
        Some(actor) => Entry::by(actor, "lieu.fusionner", "lieu", gardee),
        None => Entry::system("lieu.fusionner", "lieu", gardee),
    };
    let details = json!({ "absorbee": absorbee, "fusion": id, "score": score });
    journal::write(site, tx, entree.with(details)).await?;
    Ok(id)
}

/// Undoes a merge: the other lieu has its address and its records again, as its sources deliver them now. The pair is
/// then held for two lieux. Gives the one that was kept and the one that is back.
///
/// # Errors
/// A conflict when it was undone already, or when the kept one was itself merged since; out of scope, not found.
pub async fn defusionner(
    annuaire: &Annuaire,
    actor: &Actor,
    id: FusionId,
) -> Result<(LieuId, LieuId), Failure> {
    let site = &annuaire.site;
    actor.may(Verb::ModifierLieux)?;
    site.db
        .write(async |tx| {
            let fusion = store::fusion(tx, id).await?.ok_or(Refusal::NotFound)?;
            let (gardee, absorbee) = (fusion.gardee, fusion.absorbee);
            let (mut a, b) = tenir(annuaire, tx, gardee, absorbee).await?;
            // The scope of both; a merged lieu is not to be modified, but for this.
            rules::may(actor, Verb::VoirLieux, &a)?;
            rules::may(actor, Verb::VoirLieux, &b)?;
            if matches!(a.lieu.etat, Etat::Fusionne { .. }) {
                return Err(Refusal::conflict(
                    "Le lieu gardé a été fusionné à son tour. Annulez d’abord cette fusion-là.",
                )
                .into());
            }
            let maintenant = site.clock.now();
            if b.lieu.etat != (Etat::Fusionne { dans: gardee })
                || !store::annule(tx, id, actor.compte, maintenant).await?
            {
                return Err(Refusal::conflict("Cette fusion est déjà annulée.").into());
            }
            store::deplace(tx, gardee, absorbee, Some(&fusion.avant.apports)).await?;
            let saisies = lieux::saisies(tx, &[gardee]).await?.remove(&gardee).unwrap_or_default();
            for s in saisies {
                // Typed again since: it stays.
                if fusion.avant.saisies.iter().any(|(c, v)| c == s.champ.nom() && *v == s.valeur) {
                    lieux::oublie_saisie(tx, gardee, s.champ).await?;
                }
            }
            if fusion.avant.structure && a.structure == b.structure {
                a.structure = None;
            }
            let ferme_le = match fusion.avant.ferme_le {
                ferme if b.motif.is_some() => ferme,
                _ if store::livre(tx, absorbee).await? => None,
                ferme => ferme.or(Some(maintenant)),
            };
            store::mene_a(tx, absorbee, None, ferme_le, maintenant).await?;
            let deps = [&a, &b].map(|g| (g.id(), super::departement(&g.lieu.fiche)));
            let acte =
                lieux::Acte { par: Some(actor), quoi: "Annulation d’une fusion", genre: Genre::Changement };
            let (na, nb) = (a.lieu.fiche.nom.to_string(), b.lieu.fiche.nom.to_string());
            let ligne = [ChampChange { champ: "fusion".to_owned(), avant: na, apres: nb }];
            lieux::noter(site, tx, gardee, acte, &ligne).await?;
            lieux::noter(site, tx, absorbee, acte, &ligne).await?;
            recompose(site, tx, a, acte).await?;
            let b = lecture::charge(tx, &annuaire.territoires(), absorbee).await?.ok_or(Refusal::NotFound)?;
            recompose(site, tx, b, acte).await?;
            for lieu in [gardee, absorbee] {
                let restes = store::apports(tx, &[lieu]).await?;
                if restes.get(&lieu).is_some_and(|a| a.len() == 1) {
                    store::oublie_apports(tx, lieu).await?;
                }
            }
            let pourquoi = (fusion.score, fusion.raisons);
            let par = Some(actor.compte);
            let paire = paire_de(deps, pourquoi, EtatPaire::Distincts, par, maintenant, "Fusion annulée");
            store::ecrit_paires(tx, &[paire]).await?;
            let details = json!({ "absorbee": absorbee, "fusion": id });
            let ligne = Entry::by(actor, "lieu.defusionner", "lieu", gardee).with(details);
            journal::write(site, tx, ligne).await?;
            let evenements = [(gardee, Evenement::Modifie), (absorbee, Evenement::Rouvert)];
            lieux_changes(site, tx, &evenements).await?;
            Ok((gardee, absorbee))
        })
        .await
}

/// Remembers what a person says of a pair without merging it.
///
/// # Errors
/// Out of scope, not found; [`EtatPaire::Doublon`] is the business of [`fusionner`].
pub async fn decider(
    annuaire: &Annuaire,
    actor: &Actor,
    (un, autre): (LieuId, LieuId),
    etat: EtatPaire,
    note: &str,
) -> Result<(), Failure> {
    let site = &annuaire.site;
    if un == autre || etat == EtatPaire::Doublon {
        return Err(Refusal::NotFound.into());
    }
    site.db
        .write(async |tx| {
            let (a, b) = tenir(annuaire, tx, un, autre).await?;
            rules::may(actor, Verb::ModifierLieux, &a)?;
            rules::may(actor, Verb::ModifierLieux, &b)?;
            if [&a, &b].iter().any(|g| matches!(g.lieu.etat, Etat::Fusionne { .. })) {
                return Err(
                    Refusal::conflict("L’un de ces lieux vient d’être fusionné avec un autre.").into()
                );
            }
            let pourquoi = match store::paire(tx, un, autre).await? {
                Some(p) => (p.score, p.raisons),
                None => super::explique(&a.lieu, &b.lieu),
            };
            let deps = [&a, &b].map(|g| (g.id(), super::departement(&g.lieu.fiche)));
            let paire = paire_de(deps, pourquoi, etat, Some(actor.compte), site.clock.now(), note);
            store::ecrit_paires(tx, &[paire]).await?;
            let details = json!({ "autre": autre, "decision": etat.cle() });
            let ligne = Entry::by(actor, "lieu.doublon.decider", "lieu", un).with(details);
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}

fn paire_de(
    [(a, da), (b, db)]: [(LieuId, String); 2],
    (score, raisons): (i64, Vec<Raison>),
    etat: EtatPaire,
    par: Option<CompteId>,
    le: DateTime<Utc>,
    note: &str,
) -> PaireGardee {
    PaireGardee {
        premiere: a.min(b),
        seconde: a.max(b),
        departements: if a < b { (da, db) } else { (db, da) },
        score,
        raisons,
        etat,
        score_decision: Some(score),
        le: Some(le),
        par,
        note: Some(note.to_owned()).filter(|n| !n.is_empty()),
    }
}

/// Both lieux, held until the end of the transaction.
pub(super) async fn tenir(
    annuaire: &Annuaire,
    tx: &Tx,
    a: LieuId,
    b: LieuId,
) -> Result<(Gere, Gere), Failure> {
    let mut deux = [a, b];
    deux.sort_unstable();
    gestion::tables::tient(tx, &deux).await?;
    let t = annuaire.territoires();
    let lu = async |id| -> Result<Gere, Failure> {
        Ok(lecture::charge(tx, &t, id).await?.ok_or(Refusal::NotFound)?)
    };
    Ok((lu(a).await?, lu(b).await?))
}

/// The records of a lieu: those that are kept, or the one that its row is, kept from now on.
async fn materialise(tx: &Tx, g: &Gere) -> Result<Vec<Apport>, DbErr> {
    let id = g.id();
    if let Some(siens) = store::apports(tx, &[id]).await?.remove(&id) {
        return Ok(siens);
    }
    let saisies = lieux::saisies(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let sources: Vec<(Champ, &str)> = saisies.iter().map(|s| (s.champ, s.source.as_str())).collect();
    let fiche = saisie::avec(&g.lieu.fiche, &sources);
    let mut alias = store::alias(tx, id).await?;
    if alias.is_empty() {
        alias.push((store::source_de(tx, id).await?, fiche.id.to_string()));
    }
    for (source_id, id_local) in alias {
        let apport = Apport {
            source_id,
            source: String::new(),
            id_local,
            origine: id.0,
            absent: false,
            recu_le: g.lieu.modifie_le,
            fiche: fiche.clone(),
        };
        store::ecrit_apport(tx, id, &apport).await?;
    }
    Ok(store::apports(tx, &[id]).await?.remove(&id).unwrap_or_default())
}

/// What the sheet of `a` would be with the records of `b`.
pub(super) async fn apercu(conn: &impl ConnectionTrait, a: &Gere, b: &Gere) -> Result<Fiche, DbErr> {
    let mut tous = Vec::new();
    for g in [a, b] {
        match store::apports(conn, &[g.id()]).await?.remove(&g.id()) {
            Some(siens) => tous.extend(siens),
            None => tous.push(Apport {
                source_id: Uuid::nil(),
                source: g.lieu.source.clone(),
                id_local: g.lieu.fiche.id.to_string(),
                origine: g.id().0,
                absent: g.lieu.etat != Etat::Ouvert,
                recu_le: g.lieu.modifie_le,
                fiche: g.lieu.fiche.clone(),
            }),
        }
    }
    let mut saisies = lieux::saisies(conn, &[a.id(), b.id()]).await?;
    let (siennes, autres) =
        (saisies.remove(&a.id()).unwrap_or_default(), saisies.remove(&b.id()).unwrap_or_default());
    let valeurs: Vec<(Champ, &str)> =
        autres.iter().chain(&siennes).map(|s| (s.champ, s.valeur.as_str())).collect();
    Ok(saisie::sous_les_saisies(&compose(&tous).0, &valeurs))
}

/// Writes again the sheet of a lieu out of its records, under what people typed. Without records, nothing changes.
pub(super) async fn recompose(
    site: &Site,
    tx: &Tx,
    mut g: Gere,
    acte: lieux::Acte<'_>,
) -> Result<(), Failure> {
    let id = g.id();
    let Some(apports) = store::apports(tx, &[id]).await?.remove(&id) else { return Ok(()) };
    let (mut fiche, _) = compose(&apports);
    gestion::garde_les_saisies(tx, &mut [(id, &mut fiche)]).await?;
    fiche.id = g.lieu.fiche.id.clone();
    let ecarts = saisie::ecarts(&g.lieu.fiche, &fiche);
    if !ecarts.is_empty() {
        lieux::noter(site, tx, id, acte, &ecarts).await?;
    }
    if g.motif.is_none() && apports.iter().any(|a| !a.absent) {
        g.lieu.etat = Etat::Ouvert;
    }
    g.lieu.fiche = fiche;
    // Held by the caller: nobody can have changed it. The version is checked all the same.
    if !lieux::update(tx, &g, site.clock.now()).await? {
        return Err(Failure::Stale(Box::new(g)));
    }
    Ok(())
}

/// A delivery gives records of lieux that were merged: the records are kept, and `fiches` become what the lieux are with
/// them. Gives the lieux that were composed; others are left as they are.
pub(in crate::lieux) async fn absorbe_livraison(
    tx: &Tx,
    source: Uuid,
    maintenant: DateTime<Utc>,
    fiches: &mut [(LieuId, &str, &mut Fiche)],
) -> Result<HashSet<LieuId>, DbErr> {
    let ids: Vec<LieuId> = fiches.iter().map(|(id, _, _)| *id).collect();
    let mut apports = store::apports(tx, &ids).await?;
    if apports.is_empty() {
        return Ok(HashSet::new());
    }
    for (lieu, id_local, fiche) in fiches.iter() {
        let Some(siens) = apports.get_mut(lieu) else { continue };
        let place = siens.iter().position(|a| a.source_id == source && a.id_local == *id_local);
        let Some(place) = place else { continue };
        let apport = &mut siens[place];
        apport.absent = false;
        apport.recu_le = maintenant;
        apport.fiche = (**fiche).clone();
        store::ecrit_apport(tx, *lieu, apport).await?;
    }
    for (lieu, _, fiche) in fiches.iter_mut() {
        if let Some(siens) = apports.get(lieu) {
            let id = fiche.id.clone();
            **fiche = compose(siens).0;
            fiche.id = id;
        }
    }
    Ok(apports.into_keys().collect())
}

/// A source stopped delivering records of these lieux: those that others still deliver are composed without them.
///
/// # Errors
/// When the database refuses.
pub(in crate::lieux) async fn apres_fermeture(
    site: &Site,
    tx: &Tx,
    lieux_touches: &[LieuId],
) -> Result<(), DbErr> {
    for lieu in store::apports(tx, lieux_touches).await?.into_keys() {
        let Some(g) = lieux::geres(tx, &[lieu]).await?.pop() else { continue };
        if g.lieu.etat != Etat::Ouvert {
            continue;
        }
        let acte =
            lieux::Acte { par: None, quoi: "Une source ne livre plus ce lieu", genre: Genre::Changement };
        match recompose(site, tx, g, acte).await {
            Ok(()) => {}
            Err(Failure::Db(e)) => return Err(e),
            Err(autre) => return Err(DbErr::Custom(autre.to_string())),
        }
    }
    Ok(())
}
