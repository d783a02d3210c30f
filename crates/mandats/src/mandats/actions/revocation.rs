//! Ending what a mandat allows.

use kernel::{Actor, Refusal};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::super::model::{Auteur, Autorisation, Fin, Raison};
use super::super::store;
use super::{mandat_de, tenir_agissant};
use crate::espace::{Nouvelle, prevenir};
use crate::ids::{AutorisationId, MandatId, UsagerId};
use crate::{Failure, Mandats, legal, usagers};

/// Ends autorisations that are active, all of one person: by the aidant, by the person in their own space, or by the
/// staff. What has ended meanwhile is left as it is; gives how many were ended here. The caller has checked that whoever
/// asks may.
///
/// # Errors
/// [`Refusal::NotFound`] for an autorisation that is not there, or of another person.
pub async fn revoquer(
    m: &Mandats,
    tx: &Tx,
    (usager, ids): (UsagerId, &[AutorisationId]),
    (par, actor): (Auteur, Option<&Actor>),
    (raison, precision): (Raison, Option<String>),
) -> Result<usize, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
    let qui = usagers::pseudonyme(site, &usager)?;
    let mut finies: Vec<Autorisation> = Vec::new();
    for id in ids {
        let a = store::autorisation(tx, *id).await?.filter(|a| a.usager == usager.id);
        let a = a.ok_or(Refusal::NotFound)?;
        let fin = Fin::Revoquee { le: now, par, raison, precision: precision.clone() };
        if a.active(now) && store::finir(tx, *id, &fin).await? {
            finies.push(a);
        }
    }
    let mut mandats: Vec<MandatId> = finies.iter().map(|a| a.mandat).collect();
    mandats.sort_unstable();
    mandats.dedup();
    for id in mandats {
        let mandat = store::mandat(tx, id).await?.ok_or(Refusal::NotFound)?;
        let cles: Vec<&str> = finies.iter().filter(|a| a.mandat == id).map(|a| a.demarche.as_str()).collect();
        store::rafraichir(tx, mandat.structure, &usager).await?;
        // The reason in words may name somebody: it stays with the mandat, and goes with it.
        let faits = json!({ "usager": qui, "demarches": cles, "par": par.cle(), "raison": raison.cle() });
        let ligne = match actor {
            Some(actor) => Entry::by(actor, "mandat.revoquer", "mandat", id),
            None => Entry::system("mandat.revoquer", "mandat", id),
        };
        journal::write(site, tx, ligne.with(faits)).await?;
        // Nobody writes to the dead: those who live at that address would be hurt for nothing.
        if raison == Raison::Deces {
            continue;
        }
        let vue = annuaire::structures::find(tx, mandat.structure).await?;
        let nouvelle = Nouvelle::Revocation {
            numero: mandat.numero.to_string(),
            organisation: vue.map(|v| v.nom).unwrap_or_default(),
            demarches: titres(cles, m.jour()),
            par_la_personne: par == Auteur::Personne,
        };
        prevenir(site, tx, &usager, &nouvelle).await?;
    }
    Ok(finies.len())
}

/// Titles of démarches, as the catalogue of that day has them.
pub(in crate::mandats) fn titres<'a>(
    cles: impl IntoIterator<Item = &'a str>,
    jour: chrono::NaiveDate,
) -> Vec<String> {
    let catalogue = legal::en_vigueur(legal::Genre::Demarches, jour).map_or(&[][..], legal::catalogue);
    let titre =
        |cle: &str| catalogue.iter().find(|d| d.cle == cle).map_or(cle.to_owned(), |d| d.titre.clone());
    cles.into_iter().map(titre).collect()
}

/// An aidant ends one démarche of a mandat of their organisation, or all of it.
///
/// # Errors
/// [`Refusal::NotFound`] for a mandat of others; a conflict when nothing of it is active.
pub(in crate::mandats) async fn revoquer_chez(
    m: &Mandats,
    actor: &Actor,
    (mandat, une): (MandatId, Option<AutorisationId>),
    raison: (Raison, Option<String>),
) -> Result<usize, Failure> {
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let a = tenir_agissant(m, tx, actor).await?;
                let (mandat, autorisations) = mandat_de(tx, &a, mandat).await?;
                let ids: Vec<AutorisationId> = autorisations
                    .iter()
                    .map(|x| x.id)
                    .filter(|id| une.is_none_or(|une| une == *id))
                    .collect();
                if ids.is_empty() {
                    return Err(Refusal::NotFound.into());
                }
                let par = (Auteur::Aidant(a.aidant.id), Some(actor));
                let n = revoquer(m, tx, (mandat.usager, &ids), par, raison.clone()).await?;
                if n == 0 {
                    return Err(
                        Refusal::conflict("Il n’y a plus rien à révoquer ici : c’est déjà fini.").into()
                    );
                }
                Ok(n)
            }
        })
        .await
}
