//! Duplicates: merging, undoing, remembering that two are two.

use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use serde_json::json;

use super::{Failure, ecrits, enregistrer, tenir};
use crate::lieux;
use crate::structures::model::{Attribut, Etat, FusionId, Structure, StructureId};
use crate::structures::rules;
use crate::structures::store::{self, Avant, Row};

/// The two sheets that a person compared: if one changed since, the choice must be made again.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// Of the one to be kept.
    pub gardee: i64,
    /// Of the other.
    pub absorbee: i64,
}

/// Merges one structure into another: the attributes `de_l_autre` come from the one that goes, its contacts and its lieux move, its
/// address leads to the one that is kept. Nothing is lost: [`defusionner`] gives both back.
///
/// # Errors
/// [`Failure::Stale`] when one changed since it was compared; refusals of [`rules::may_fusionner`].
pub async fn fusionner(
    site: &Site,
    actor: &Actor,
    gardee: StructureId,
    absorbee: StructureId,
    versions: Versions,
    de_l_autre: &[Attribut],
) -> Result<FusionId, Failure> {
    site.db
        .write(async |tx| {
            let (mut garde, mut absorbe) = tenir_deux(tx, gardee, absorbee).await?;
            rules::may_fusionner(actor, &garde, &absorbe)?;
            for (structure, lue) in [(&garde, versions.gardee), (&absorbe, versions.absorbee)] {
                if structure.version != lue {
                    return Err(Failure::Stale(Box::new(structure.clone())));
                }
            }
            let (row_gardee, row_absorbee) = (Row::new(&garde), Row::new(&absorbe));
            let fiche = rules::fiche_fusionnee(&garde.fiche, &absorbe.fiche, de_l_autre);
            let ecarts = garde.fiche.ecarts(&fiche);
            garde.fiche = fiche;
            let contacts = std::mem::take(&mut absorbe.contacts);
            let principal = contacts.iter().find(|c| c.principal).map(|c| c.id.0);
            let avant = Avant {
                gardee: row_gardee,
                absorbee: row_absorbee,
                fusionnee: Row::new(&garde),
                contacts: contacts.iter().map(|c| c.id.0).collect(),
                principal,
                lieux: lieux::gestion::deplace(tx, absorbee, gardee).await?,
            };
            let deja = garde.contacts.iter().any(|c| c.principal);
            garde.contacts.extend(contacts.into_iter().map(|mut c| {
                c.principal &= !deja;
                c
            }));
            garde.contacts = rules::ordonner(garde.contacts, None);
            absorbe.etat = Etat::Fusionnee { dans: gardee };

            let id = FusionId::new(&site.clock, &site.chance);
            store::noter_fusion(tx, id, &avant, actor.compte, site.clock.now()).await?;
            let mut lignes = vec![("Fusion".to_owned(), absorbe.fiche.nom.clone(), garde.fiche.nom.clone())];
            lignes.extend(ecrits(&ecarts));
            store::noter(site, tx, gardee, Some(actor), "Fusion", &lignes).await?;
            store::noter(site, tx, absorbee, Some(actor), "Fusion", &lignes[..1]).await?;
            enregistrer(site, tx, absorbe).await?;
            store::save_contacts(tx, &garde, &[]).await?;
            enregistrer(site, tx, garde).await?;
            let champs: Vec<&str> = ecarts.iter().map(|e| e.attribut.cle()).collect();
            let details = json!({ "absorbee": absorbee, "fusion": id, "champs": champs });
            let line = Entry::by(actor, "structure.fusionner", "structure", gardee).with(details);
            journal::write(site, tx, line).await?;
            Ok(id)
        })
        .await
}

/// Undoes a merge: both structures are again what they were, but for what was changed since, which stays.
/// Gives the one that was kept and the one that is back.
///
/// # Errors
/// A conflict when it was undone already, when another one was merged into the kept one since, or when the kept one
/// was itself merged; refusals of [`rules::may`].
pub async fn defusionner(
    site: &Site,
    actor: &Actor,
    id: FusionId,
) -> Result<(StructureId, StructureId), Failure> {
    actor.may(Verb::FusionnerStructures)?;
    site.db
        .write(async |tx| {
            let fusion = store::fusion(tx, id).await?.ok_or(Refusal::NotFound)?;
            let (gardee, absorbee) = (StructureId(fusion.gardee), StructureId(fusion.absorbee));
            let (mut garde, mut absorbe) = tenir_deux(tx, gardee, absorbee).await?;
            rules::may(actor, Verb::FusionnerStructures, &garde)?;
            rules::may(actor, Verb::FusionnerStructures, &absorbe)?;
            if matches!(garde.etat, Etat::Fusionnee { .. }) {
                return Err(Refusal::conflict(
                    "La structure gardée a été fusionnée à son tour. Annulez d’abord cette fusion-là.",
                )
                .into());
            }
            // Each merge remembers the sheet that it found: undone before the ones that came after it, it
            // would give back values that they replaced.
            let derniere = store::fusions_de(tx, gardee).await?.into_iter().next();
            if let Some(autre) = derniere.filter(|f| f.id != id.0 && fusion.annulee_le.is_none()) {
                return Err(Refusal::conflict(format!(
                    "Une autre structure a été fusionnée ici depuis. Annulez d’abord la fusion avec « {} ».",
                    autre.nom_absorbee()
                ))
                .into());
            }
            if absorbe.etat != (Etat::Fusionnee { dans: gardee })
                || !store::annuler(tx, id, actor.compte, site.clock.now()).await?
            {
                return Err(Refusal::conflict("Cette fusion est déjà annulée.").into());
            }
            let avant = fusion.avant()?;
            let fiche =
                rules::fiche_defusionnee(&avant.gardee.fiche()?, &avant.fusionnee.fiche()?, &garde.fiche);
            let ecarts = garde.fiche.ecarts(&fiche);
            garde.fiche = fiche;
            absorbe.etat = avant.absorbee.etat()?;
            let (mut rendus, restes): (Vec<_>, Vec<_>) =
                garde.contacts.into_iter().partition(|c| avant.contacts.contains(&c.id.0));
            for contact in &mut rendus {
                contact.principal = Some(contact.id.0) == avant.principal;
            }
            absorbe.contacts = rules::ordonner(rendus, None);
            garde.contacts = rules::ordonner(restes, None);

            let mut lignes = vec![("Fusion".to_owned(), garde.fiche.nom.clone(), absorbe.fiche.nom.clone())];
            lignes.extend(ecrits(&ecarts));
            store::noter(site, tx, gardee, Some(actor), "Annulation d’une fusion", &lignes).await?;
            store::noter(site, tx, absorbee, Some(actor), "Annulation d’une fusion", &lignes[..1]).await?;
            lieux::gestion::rend(tx, &avant.lieux, gardee, absorbee).await?;
            store::save_contacts(tx, &absorbe, &[]).await?;
            store::save_contacts(tx, &garde, &[]).await?;
            enregistrer(site, tx, absorbe).await?;
            enregistrer(site, tx, garde).await?;
            let details = json!({ "absorbee": absorbee, "fusion": id });
            let line = Entry::by(actor, "structure.defusionner", "structure", gardee).with(details);
            journal::write(site, tx, line).await?;
            Ok((gardee, absorbee))
        })
        .await
}

/// Remembers that two structures that look alike are two: they are not proposed again.
///
/// # Errors
/// Refusals of [`rules::may_fusionner`].
pub async fn distinguer(site: &Site, actor: &Actor, a: StructureId, b: StructureId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let (sa, sb) = tenir_deux(tx, a, b).await?;
            rules::may_fusionner(actor, &sa, &sb)?;
            store::distinguer(tx, a, b, actor.compte, site.clock.now()).await?;
            let line = Entry::by(actor, "structure.distinguer", "structure", a).with(json!({ "autre": b }));
            journal::write(site, tx, line).await?;
            Ok(())
        })
        .await
}

/// Both structures, held in the order of their identifiers, so that two people who hold the same two never wait for
/// each other.
async fn tenir_deux(tx: &Tx, a: StructureId, b: StructureId) -> Result<(Structure, Structure), Failure> {
    let premier = tenir(tx, a.min(b)).await?;
    let second = tenir(tx, a.max(b)).await?;
    Ok(if premier.id == a { (premier, second) } else { (second, premier) })
}
