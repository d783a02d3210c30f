//! What lists of this context offer to choose from.

use kernel::Perimetre;

use crate::Conseillers;

/// The départements that a scope can hold, all of them first.
pub(crate) fn departements(cx: &Conseillers, perimetre: &Perimetre) -> Vec<(String, String)> {
    let territoires = cx.annuaire.territoires();
    let tenus = territoires.departements().iter().filter(|d| match perimetre {
        Perimetre::Regions(codes) => codes.contains(&d.region),
        Perimetre::Departements(codes) => codes.contains(&d.code),
        Perimetre::Communes(codes) => codes.iter().any(|c| c.departement() == d.code),
        _ => true,
    });
    std::iter::once((String::new(), "Tous".to_owned()))
        .chain(tenus.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom))))
        .collect()
}
