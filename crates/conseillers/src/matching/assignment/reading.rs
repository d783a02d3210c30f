//! The file of `maillage matching assign`.

use super::{Candidat, Poste, Probleme};
use crate::entree::{Fichier, Refus};

/// Reads candidates and posts, and what there is to tell about the file.
///
/// # Errors
/// One French sentence when the file cannot be understood.
pub fn lit(contenu: &[u8]) -> Result<(Probleme, Vec<String>), Refus> {
    let mut fichier = Fichier::lit(contenu)?;
    let lignes = fichier.liste("candidats", "candidat")?;
    let candidats = lignes
        .iter()
        .map(|ligne| {
            Ok(Candidat {
                id: ligne.id.clone(),
                position: ligne.position()?,
                rayon_km: ligne.nombre("rayon_km")?,
                disponible_le: ligne.jour("disponible_le")?,
            })
        })
        .collect::<Result<_, Refus>>()?;
    fichier.inconnus(&lignes, &["id", "lat", "lon", "rayon_km", "disponible_le"], "candidats");
    let lignes = fichier.liste("postes", "poste")?;
    let postes = lignes
        .iter()
        .map(|ligne| {
            Ok(Poste { id: ligne.id.clone(), position: ligne.position()?, debut_le: ligne.jour("debut_le")? })
        })
        .collect::<Result<_, Refus>>()?;
    fichier.inconnus(&lignes, &["id", "lat", "lon", "debut_le"], "postes");
    Ok((Probleme { candidats, postes }, fichier.remarques()))
}
