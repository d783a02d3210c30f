//! The file of `maillage repartition solve`.

use super::{Commune, Demande, Plafond, Probleme};
use crate::entree::{Fichier, Ligne, Refus};

/// Reads a problem, and what there is to tell about the file.
///
/// # Errors
/// One French sentence when the file cannot be understood.
pub fn lit(contenu: &[u8]) -> Result<(Probleme, Vec<String>), Refus> {
    let mut fichier = Fichier::lit(contenu)?;
    let lignes = fichier.liste("communes", "commune")?;
    let communes = lignes
        .iter()
        .map(|ligne| {
            Ok(Commune {
                id: ligne.id.clone(),
                position: ligne.position()?,
                besoin: ligne.nombre("besoin")?.ok_or_else(|| ligne.manque("besoin"))?,
            })
        })
        .collect::<Result<_, Refus>>()?;
    fichier.inconnus(&lignes, &["id", "lat", "lon", "besoin"], "communes");
    let lignes = fichier.liste("demandes", "demande")?;
    let demandes = lignes
        .iter()
        .map(|ligne| {
            Ok(Demande {
                id: ligne.id.clone(),
                position: ligne.position()?,
                departement: ligne.reference("departement")?,
                postes: ligne.entier("postes")?.ok_or_else(|| ligne.manque("postes"))?,
            })
        })
        .collect::<Result<_, Refus>>()?;
    fichier.inconnus(&lignes, &["id", "lat", "lon", "departement", "postes"], "demandes");
    let missing = |nom: &str| Refus(format!("« {nom} » doit être donné."));
    let probleme = Probleme {
        communes,
        demandes,
        postes_a_attribuer: fichier
            .entier("postes_a_attribuer")?
            .ok_or_else(|| missing("postes_a_attribuer"))?,
        rayon_km: fichier.nombre("rayon_km")?.ok_or_else(|| missing("rayon_km"))?,
        capacite_par_poste: fichier
            .nombre("capacite_par_poste")?
            .ok_or_else(|| missing("capacite_par_poste"))?,
        maximum_par_demande: fichier.entier("maximum_par_demande")?,
        minimum_par_departement: fichier.entier("minimum_par_departement")?.unwrap_or(0),
        plafonds: plafonds(&mut fichier)?,
    };
    Ok((probleme, fichier.remarques()))
}

/// The ceilings, which a file may leave out: each is a line with an id of its own, its départements and its posts.
fn plafonds(fichier: &mut Fichier) -> Result<Vec<Plafond>, Refus> {
    if !fichier.contient("plafonds") {
        return Ok(Vec::new());
    }
    let lignes = fichier.liste("plafonds", "plafond")?;
    fichier.inconnus(&lignes, &["id", "departements", "postes"], "plafonds");
    let plafond = |ligne: &Ligne| {
        Ok(Plafond {
            departements: ligne.references("departements")?,
            postes: ligne.entier("postes")?.ok_or_else(|| ligne.manque("postes"))?,
        })
    };
    lignes.iter().map(plafond).collect()
}
