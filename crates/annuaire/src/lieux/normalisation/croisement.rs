//! Checks between the cells that situate a lieu: commune, codes, address, point.

use kernel::CodePostal;

use super::super::communes::{CommuneVue, Communes};
use super::super::rapport::Regle;
use super::super::reparations::code_postal_dans;
use super::super::standard::{Champ, Fiche};
use super::Cellule;

const CP_ADRESSE: Regle =
    Regle::complete("code-postal-adresse", "Le code postal manquait : il est pris dans l’adresse.");
const CP_COMMUNE: Regle =
    Regle::complete("code-postal-commune", "Le code postal manquait : c’est celui de la commune.");
const CP_ABSENT: Regle = Regle::garde("code-postal-absent", "Le standard demande un code postal.");
const CP_AUTRE: Regle =
    Regle::garde("code-postal-autre", "Ce code postal n’est pas l’un de ceux de la commune.");
const CP_CEDEX: Regle = Regle::garde(
    "code-postal-cedex",
    "Ce code postal n’est celui d’aucune commune : c’est sans doute un CEDEX, que le public ne connaît pas.",
);
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
const INSEE_AUTRE: Regle = Regle::garde(
    "code-insee-autre",
    "Ce code INSEE est celui d’une autre commune que le nom et le code postal.",
);
const INSEE_REPARE: Regle = Regle::repare(
    "code-insee-repare",
    "Ce code INSEE était celui d’une autre commune : le nom, le code postal et le point donnent le bon.",
);
const CP_TRONQUE: Regle =
    Regle::repare("code-postal-tronque", "Ce code postal était tronqué : c’est celui de la commune.");
const INSEE_INCONNU: Regle =
    Regle::garde("code-insee-inconnu", "Ce code INSEE n’est celui d’aucune commune.");
const COMMUNE_INCONNUE: Regle =
    Regle::garde("commune-inconnue", "Aucune commune ne porte ce nom et ce code postal.");
const COMMUNE_AMBIGUE: Regle = Regle::garde("commune-ambigue", "Plusieurs communes peuvent porter ce nom.");
const POSITION_LOIN: Regle = Regle::garde("position-loin", "Le point est loin de la commune.");

const TELEPHONE_TERRITOIRE: Regle = Regle::garde(
    "telephone-autre-territoire",
    "L’indicatif de ce numéro n’est pas celui du territoire de la commune.",
);
const TELEPHONE_REGION: Regle = Regle::garde(
    "telephone-autre-region",
    "Ce numéro commence comme ceux d’une autre région : ce peut être juste, depuis que les numéros suivent leur titulaire.",
);

/// First digits of geographic numbers by département, before they could move (Arcep, plan of 1996).
const REGIONS_TELEPHONE: [(char, &str); 5] = [
    ('1', "75 77 78 91 92 93 94 95"),
    ('2', "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85"),
    ('3', "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90"),
    ('4', "01 03 04 05 06 07 11 13 15 2A 2B 26 30 34 38 42 43 48 63 66 69 73 74 83 84"),
    ('5', "09 12 16 17 19 23 24 31 32 33 40 46 47 64 65 79 81 82 86 87"),
];

/// Compares the telephone with the commune.
pub(super) fn telephone(fiche: &Fiche, cellule: &mut Cellule<'_, '_, '_>) {
    let (Some(telephone), Some(commune)) = (&fiche.telephone, &fiche.code_insee) else { return };
    let (numero, code) = (telephone.as_str(), commune.as_str());
    let outremer = code.starts_with("97") || code.starts_with("98");
    let attendu = match code.get(..3).filter(|_| outremer) {
        Some("971" | "977" | "978") => "+590",
        Some("972") => "+596",
        Some("973") => "+594",
        Some("974" | "976") => "+262",
        Some("975") => "+508",
        Some("986") => "+681",
        Some("987") => "+689",
        Some("988") => "+687",
        _ => "+33",
    };
    // Mobiles and numbers without a place (06 to 09) go everywhere.
    let suite = numero.strip_prefix("+33").and_then(|s| s.chars().next());
    let mobile = suite.is_some_and(|c| ('6'..='9').contains(&c));
    if !numero.starts_with(attendu) && !mobile {
        let precision = format!("Indicatif attendu : {attendu}.");
        cellule.constat(Champ::Telephone.nom(), numero, TELEPHONE_TERRITOIRE, None, Some(precision));
        return;
    }
    let departement = code.get(..2).unwrap_or_default();
    let region = REGIONS_TELEPHONE.iter().find(|(_, d)| d.split(' ').any(|d| d == departement));
    if let (Some((debut, _)), Some(premier)) = (region, suite)
        && ('1'..='5').contains(&premier)
        && premier != *debut
    {
        cellule.constat(Champ::Telephone.nom(), numero, TELEPHONE_REGION, None, None);
    }
}

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
    let mut garde = None;
    let par_code = match par_code.as_ref().and_then(|vue| autre_commune(fiche, vue, communes)) {
        None => par_code,
        Some(autre) => {
            let donne = cellule.brut.get(Champ::CodeInsee);
            let precision = par_code.as_ref().map(|c| format!("Le code {} est celui de {}.", c.code, c.nom));
            let point_ailleurs = fiche.position.is_some_and(|p| {
                par_code.as_ref().is_some_and(|c| c.trop_loin(p).is_some()) && autre.trop_loin(p).is_none()
            });
            // A code that a spreadsheet cut, or that three other cells belie.
            if donne.trim().len() < 5 || point_ailleurs {
                cellule.constat(insee, donne, INSEE_REPARE, Some(autre.code.as_str()), precision);
            } else {
                cellule.constat(insee, donne, INSEE_AUTRE, None, precision);
                garde.clone_from(&fiche.code_insee);
            }
            Some(autre)
        }
    };
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
    } else if connue && !communes.porte(&vue.code, &fiche.commune) {
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
        Some(cp) if vue.codes_postaux.is_empty() || vue.codes_postaux.contains(cp) => {}
        Some(_) if let Some(entier) = entier(cellule.brut.get(Champ::CodePostal), &vue.codes_postaux) => {
            let donne = cellule.brut.get(Champ::CodePostal);
            cellule.constat(Champ::CodePostal.nom(), donne, CP_TRONQUE, Some(entier.as_str()), None);
            fiche.code_postal = Some(entier.clone());
        }
        Some(cp) => {
            let codes: Vec<&str> = vue.codes_postaux.iter().take(5).map(|c| c.as_str()).collect();
            let precision = format!("Ceux de {} : {}.", vue.nom, codes.join(", "));
            // A CEDEX begins as the postal codes of its département.
            let meme = vue.codes_postaux.iter().any(|c| c.as_str().get(..2) == cp.as_str().get(..2));
            let regle = if meme && !communes.code_postal_connu(cp) { CP_CEDEX } else { CP_AUTRE };
            cellule.constat(Champ::CodePostal.nom(), cp.as_str(), regle, None, Some(precision));
        }
    }
    if let Some(point) = fiche.position
        && let Some(metres) = vue.trop_loin(point)
    {
        let precision = format!(
            "Il est à {} km du centre de {}.",
            kernel::text::nombre_decimal(metres / 1_000.0, 0),
            vue.nom
        );
        let valeur = format!("{} {}", point.latitude, point.longitude);
        cellule.constat(Champ::Latitude.nom(), &valeur, POSITION_LOIN, None, Some(precision));
    }
    fiche.code_insee = garde.or(Some(vue.code));
}

/// The commune of the name and the code postal, when both say another one than the code INSEE.
fn autre_commune(fiche: &Fiche, vue: &CommuneVue, communes: &dyn Communes) -> Option<CommuneVue> {
    let cp = fiche.code_postal.as_ref()?;
    if fiche.commune.is_empty() || vue.codes_postaux.contains(cp) || communes.porte(&vue.code, &fiche.commune)
    {
        return None;
    }
    let codes = communes.resoudre(&fiche.commune, Some(cp));
    let mut portent = codes.iter().filter(|c| communes.porte(c, &fiche.commune));
    let autre = portent.next().filter(|_| portent.next().is_none())?;
    communes.par_code(autre).filter(|c| c.codes_postaux.contains(cp))
}

/// The only code postal of a commune of which this is the end or the beginning: « 2300 » for 23000.
fn entier<'c>(donne: &str, codes: &'c [CodePostal]) -> Option<&'c CodePostal> {
    let net = donne.trim();
    let mut possibles = codes.iter().filter(|c| c.as_str().starts_with(net) || c.as_str().ends_with(net));
    let premier = possibles.next().filter(|_| possibles.next().is_none())?;
    (net.len() == 4 && net.bytes().all(|c| c.is_ascii_digit())).then_some(premier)
}
