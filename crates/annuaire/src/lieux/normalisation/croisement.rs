//! Checks between the cells that situate a lieu: commune, codes, address, point.

use kernel::{CodeCommune, CodePostal};

use super::super::communes::Communes;
use super::super::rapport::Regle;
use super::super::reparations::{code_postal_dans, distance_plausible_m};
use super::super::standard::{Champ, Fiche};
use super::Cellule;

const CP_ADRESSE: Regle =
    Regle::complete("code-postal-adresse", "Le code postal manquait : il est pris dans l’adresse.");
const CP_COMMUNE: Regle =
    Regle::complete("code-postal-commune", "Le code postal manquait : c’est celui de la commune.");
const CP_ABSENT: Regle = Regle::garde("code-postal-absent", "Le standard demande un code postal.");
const CP_AUTRE: Regle =
    Regle::garde("code-postal-autre", "Ce code postal n’est pas l’un de ceux de la commune.");
const NOM_TROUVE: Regle =
    Regle::complete("commune-nom", "Le nom de la commune manquait : il est donné par le code INSEE.");
const NOM_AUTRE: Regle =
    Regle::garde("commune-autre", "Le nom de la commune et le code INSEE se contredisent.");
const INSEE_TROUVE: Regle =
    Regle::complete("code-insee-trouve", "Le code INSEE manquait : le nom et le code postal le donnent.");
const INSEE_ANCIEN: Regle = Regle::repare(
    "code-insee-ancien",
    "Ce code INSEE n’existe plus : c’est celui de la commune d’aujourd’hui.",
);
const INSEE_INCONNU: Regle =
    Regle::garde("code-insee-inconnu", "Ce code INSEE n’est celui d’aucune commune.");
const COMMUNE_INCONNUE: Regle =
    Regle::garde("commune-inconnue", "Aucune commune ne porte ce nom et ce code postal.");
const COMMUNE_AMBIGUE: Regle = Regle::garde("commune-ambigue", "Plusieurs communes peuvent porter ce nom.");
const POSITION_LOIN: Regle = Regle::garde("position-loin", "Le point est loin de la commune.");

/// Completes and cross-checks the commune, the codes and the point.
pub(super) fn situe(fiche: &mut Fiche, communes: Option<&dyn Communes>, cellule: &mut Cellule<'_, '_, '_>) {
    if fiche.code_postal.is_none()
        && let Some(cp) = code_postal_dans(&fiche.adresse)
    {
        cellule.constat(Champ::CodePostal.nom(), &fiche.adresse, CP_ADRESSE, Some(cp.as_str()), None);
        fiche.code_postal = Some(cp);
    }
    if let Some(communes) = communes {
        avec_table(fiche, communes, cellule);
    }
    if fiche.code_postal.is_none() && !fiche.commune.is_empty() {
        cellule.constat(Champ::CodePostal.nom(), cellule.brut.get(Champ::CodePostal), CP_ABSENT, None, None);
    }
}

fn avec_table(fiche: &mut Fiche, communes: &dyn Communes, cellule: &mut Cellule<'_, '_, '_>) {
    let insee = Champ::CodeInsee.nom();
    let par_code = fiche.code_insee.as_ref().and_then(|c| communes.par_code(c));
    let connue = par_code.is_some();
    let vue = par_code.or_else(|| {
        let donne = fiche.code_insee.as_ref().map_or("", |c| c.as_str());
        let codes = match fiche.code_insee.as_ref().and_then(|c| communes.actuelle(c)) {
            Some(actuelle) => vec![actuelle],
            None => communes.resoudre(&fiche.commune, fiche.code_postal.as_ref()),
        };
        match (codes.as_slice(), fiche.code_insee.is_some()) {
            ([code], ancien) => {
                let regle = if ancien { INSEE_ANCIEN } else { INSEE_TROUVE };
                cellule.constat(insee, donne, regle, Some(code.as_str()), None);
                communes.par_code(code)
            }
            (_, true) => {
                cellule.constat(insee, donne, INSEE_INCONNU, None, None);
                None
            }
            ([], false) if !fiche.commune.is_empty() => {
                cellule.constat(Champ::Commune.nom(), &fiche.commune, COMMUNE_INCONNUE, None, None);
                None
            }
            ([], false) => None,
            (plusieurs, false) => {
                let codes: Vec<&str> = plusieurs.iter().take(5).map(|c| c.as_str()).collect();
                let precision = format!("Codes possibles : {}.", codes.join(", "));
                cellule.constat(Champ::Commune.nom(), &fiche.commune, COMMUNE_AMBIGUE, None, Some(precision));
                None
            }
        }
    });
    let Some(vue) = vue else { return };
    if fiche.commune.is_empty() {
        cellule.constat(Champ::Commune.nom(), "", NOM_TROUVE, Some(&vue.nom), None);
        fiche.commune = vue.nom.as_str().into();
    } else if connue
        && kernel::text::fold(&fiche.commune) != kernel::text::fold(&vue.nom)
        && !concorde(communes, &fiche.commune, vue.codes_postaux.first(), &vue.code)
        && !concorde(communes, &fiche.commune, fiche.code_postal.as_ref(), &vue.code)
    {
        let precision = format!("Le code {} est celui de {}.", vue.code, vue.nom);
        cellule.constat(Champ::Commune.nom(), &fiche.commune, NOM_AUTRE, None, Some(precision));
    }
    match &fiche.code_postal {
        None => {
            if let Some(cp) = vue.codes_postaux.first() {
                cellule.constat(Champ::CodePostal.nom(), "", CP_COMMUNE, Some(cp.as_str()), None);
                fiche.code_postal = Some(cp.clone());
            }
        }
        Some(cp) if !vue.codes_postaux.is_empty() && !vue.codes_postaux.contains(cp) => {
            let codes: Vec<&str> = vue.codes_postaux.iter().take(5).map(|c| c.as_str()).collect();
            let precision = format!("Ceux de {} : {}.", vue.nom, codes.join(", "));
            cellule.constat(Champ::CodePostal.nom(), cp.as_str(), CP_AUTRE, None, Some(precision));
        }
        Some(_) => {}
    }
    if let (Some(point), Some(centre)) = (fiche.position, vue.position) {
        let metres = point.distance_m(centre);
        if metres > distance_plausible_m(&vue.code) {
            let precision = format!(
                "Il est à {} km du centre de {}.",
                kernel::text::nombre_decimal(metres / 1_000.0, 0),
                vue.nom
            );
            let valeur = format!("{} {}", point.latitude, point.longitude);
            cellule.constat(Champ::Latitude.nom(), &valeur, POSITION_LOIN, None, Some(precision));
        }
    }
    fiche.code_insee = Some(vue.code);
}

/// Whether the name may be that of the commune of that code, or of one of its arrondissements.
fn concorde(
    communes: &dyn Communes,
    nom: &str,
    code_postal: Option<&CodePostal>,
    code: &CodeCommune,
) -> bool {
    let entiere = communes.actuelle(code);
    communes.resoudre(nom, code_postal).iter().any(|c| c == code || Some(c) == entiere.as_ref())
}
