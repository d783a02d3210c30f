//! What a sheet lacks, filled in by what another context learnt.

use kernel::{Actor, CodePostal, Pivot};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::json;

use super::super::model::{Fiche, StructureId};
use super::super::store;
use super::{ecrits, lier_les_lieux};

/// What may be filled in: what is `None` is not known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Complement {
    /// Its number.
    pub pivot: Option<Pivot>,
    /// Its street.
    pub voie: Option<String>,
    /// Its postal code.
    pub code_postal: Option<CodePostal>,
}

/// Fills in what the sheet of a structure lacks, in the transaction of another context that checked who may; what is there
/// stays as it is. Says whether anything changed.
///
/// # Errors
/// The database; [`DbErr::RecordNotFound`] for a structure that does not exist.
pub async fn completer(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    id: StructureId,
    c: &Complement,
) -> Result<bool, DbErr> {
    let trouvee = match store::canonique(tx, id).await? {
        Some(id) => store::get_locked(tx, id).await?,
        None => None,
    };
    let mut structure = trouvee.ok_or_else(|| DbErr::RecordNotFound(format!("structure {id}")))?;
    let avant = structure.fiche.clone();
    structure.fiche = Fiche {
        pivot: avant.pivot.clone().or_else(|| c.pivot.clone()),
        voie: avant.voie.clone().or_else(|| c.voie.clone()),
        code_postal: avant.code_postal.clone().or_else(|| c.code_postal.clone()),
        ..avant.clone()
    };
    let ecarts = avant.ecarts(&structure.fiche);
    if ecarts.is_empty() {
        return Ok(false);
    }
    structure.modifiee_le = site.clock.now();
    if !store::update(tx, &structure).await? {
        return Err(DbErr::RecordNotUpdated);
    }
    lier_les_lieux(tx, &structure).await?;
    store::noter(site, tx, structure.id, Some(actor), "Complément par un fichier", &ecrits(&ecarts)).await?;
    let champs: Vec<&str> = ecarts.iter().map(|e| e.attribut.cle()).collect();
    let line = Entry::by(actor, "structure.completer", "structure", structure.id);
    journal::write(site, tx, line.with(json!({ "champs": champs }))).await?;
    Ok(true)
}
