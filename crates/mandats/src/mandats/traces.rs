//! What is noted of acts that change no mandat: a sheet read, a draft thrown away, a file taken away.

use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use serde_json::json;
use uuid::Uuid;

use super::{actions, brouillon};
use crate::aidants::{self, Agissant};
use crate::ids::MandatId;
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats};

/// Notes that somebody read the sheet of a person, in the name of an organisation: once a day, however often they come back.
pub(super) async fn noter_lecture(
    m: &Mandats,
    a: &Agissant,
    actor: &Actor,
    usager: &Usager,
) -> Result<(), Failure> {
    let site = &m.site;
    let qui = usagers::pseudonyme(site, usager)?;
    let faits = json!({ "structure": a.organisation.structure });
    let ligne = Entry::by(actor, "usager.lire", "usager", &qui).with(faits);
    let (depuis, ids) = (kernel::calendrier::minuit(m.jour()), [qui]);
    if !journal::already(site.db.read(), &ligne, &ids, depuis).await?.is_empty() {
        return Ok(());
    }
    site.db
        .write(async |tx| {
            // Held: two pages opened at once are one reading.
            usagers::store::tenir(tx, usager.id).await?.ok_or(Refusal::NotFound)?;
            if journal::already(tx, &ligne, &ids, depuis).await?.is_empty() {
                journal::write(site, tx, ligne.clone()).await?;
            }
            Ok(())
        })
        .await
}

/// Throws away a draft of one's own. Once the person is known, they read it among what was done with their data.
pub(super) async fn abandonner(m: &Mandats, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let b = actions::ouvrir(tx, &a, actor, id).await?;
            if !brouillon::oublier(tx, b.id).await? {
                return Ok(());
            }
            let usager = match b.usager {
                Some(usager) => usagers::store::lire(tx, usager).await?,
                None => None,
            };
            let (sujet, quoi) = match usager {
                Some(usager) => ("usager", usagers::pseudonyme(site, &usager)?),
                None => ("brouillon", b.id.to_string()),
            };
            let ligne = Entry::by(actor, "mandat.abandonner", sujet, quoi);
            journal::write(site, tx, ligne.with(json!({ "structure": b.structure }))).await?;
            Ok(())
        })
        .await
}

/// Notes that the signed file of a mandat was taken away.
pub(super) async fn noter_fichier(m: &Mandats, actor: &Actor, mandat: MandatId) -> Result<(), Failure> {
    let ligne = Entry::by(actor, "mandat.emporter", "mandat", mandat);
    m.site.db.write(async |tx| journal::write(&m.site, tx, ligne.clone()).await).await?;
    Ok(())
}
