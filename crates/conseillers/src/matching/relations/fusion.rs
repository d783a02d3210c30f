//! Two files of one person become one: their contacts are those of the kept one, and go back if the two are told apart.

use platform::{Site, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actions::ecrire;
use super::model::{Etat, Relation};
use super::{marques, store};
use crate::Failure;
use crate::ids::{CandidatId, RelationId};

/// What moved.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reunies {
    /// Contacts with structures that the kept file had none with.
    passees: Vec<Uuid>,
    /// Both were in contact with one structure, and the absorbed file was further: (its contact, that of the kept file).
    echangees: Vec<(Uuid, Uuid)>,
    /// Contacts that were left with the absorbed file while they were open, and what they were.
    closes: Vec<(Uuid, String)>,
    /// Structures whose label and note follow the person.
    marques: Vec<Uuid>,
}

/// How far a contact went: where two files have one each with a structure, the further one is that of the person.
fn rang(r: &Relation) -> u8 {
    match r.etat {
        Etat::Recrutee => 6,
        Etat::Acceptee => 5,
        Etat::Proposee => 4,
        Etat::Ecartee => 3,
        Etat::Declinee => 2,
        Etat::SansReponse => 1,
        Etat::Close => 0,
    }
}

async fn echanger(
    tx: &Tx,
    (une, autre): (Uuid, Uuid),
    (gardee, absorbee): (CandidatId, CandidatId),
) -> Result<(), Failure> {
    // One contact a pair: the first leaves before the second comes.
    store::passer(tx, &[une], CandidatId(Uuid::nil())).await?;
    store::passer(tx, &[autre], absorbee).await?;
    store::passer(tx, &[une], gardee).await?;
    Ok(())
}

/// Brings the contacts of the absorbed file to the kept one. The caller holds both people.
///
/// # Errors
/// The database.
pub(crate) async fn reunir(
    site: &Site,
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
) -> Result<Reunies, Failure> {
    let siennes = store::tenues(tx, gardee, &[]).await?;
    let mut out = Reunies::default();
    let mut restent = Vec::new();
    for r in store::tenues(tx, absorbee, &[]).await? {
        let s = annuaire::structures::find(tx, r.structure).await?;
        let ici = s.map_or_else(|| vec![r.structure], |s| s.identites);
        match siennes.iter().find(|x| ici.contains(&x.structure)) {
            None => out.passees.push(r.id.0),
            Some(x) if rang(&r) > rang(x) => {
                out.echangees.push((r.id.0, x.id.0));
                restent.push(x.id);
            }
            Some(_) => restent.push(r.id),
        }
    }
    store::passer(tx, &out.passees, gardee).await?;
    for paire in &out.echangees {
        echanger(tx, *paire, (gardee, absorbee)).await?;
    }
    for id in restent {
        let Some(mut r) = store::get(tx, id).await? else { continue };
        if r.etat.ouverte() || r.etat == Etat::Ecartee {
            let avant = r.etat;
            out.closes.push((r.id.0, avant.cle().to_owned()));
            r.etat = Etat::Close;
            r.motif =
                Some("Cette personne avait deux candidatures : le contact continue avec l’autre.".to_owned());
            ecrire(site, tx, None, (Some(avant), &r), "relation.reunir").await?;
        }
    }
    let deja: Vec<Uuid> = marques::de_candidat(tx, gardee).await?.into_iter().map(|(s, _)| s.0).collect();
    let marquees = marques::de_candidat(tx, absorbee).await?.into_iter().map(|(s, _)| s.0);
    out.marques = marquees.filter(|s| !deja.contains(s)).collect();
    marques::passer(tx, &out.marques, (absorbee, gardee)).await?;
    Ok(out)
}

/// Gives back what moved, as it is now; what was only set aside for the other file is what it was again.
///
/// # Errors
/// The database.
pub(crate) async fn separer(
    site: &Site,
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
    r: &Reunies,
) -> Result<(), Failure> {
    for id in [gardee, absorbee] {
        store::tenues(tx, id, &[]).await?;
    }
    store::passer(tx, &r.passees, absorbee).await?;
    for (une, autre) in &r.echangees {
        echanger(tx, (*autre, *une), (gardee, absorbee)).await?;
    }
    for (id, avant) in &r.closes {
        let (Some(mut r), Some(etat)) = (store::get(tx, RelationId(*id)).await?, Etat::from_cle(avant))
        else {
            continue;
        };
        if r.etat == Etat::Close {
            r.etat = etat;
            r.motif = None;
            ecrire(site, tx, None, (Some(Etat::Close), &r), "relation.separer").await?;
        }
    }
    marques::passer(tx, &r.marques, (gardee, absorbee)).await?;
    Ok(())
}
