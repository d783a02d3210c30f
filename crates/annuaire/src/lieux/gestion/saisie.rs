//! From what a person typed to a sheet, by the same rules as an import: what an import would leave out, or keep in doubt,
//! is refused beside its field. Pure.

use std::collections::BTreeMap;
use std::io;

use chrono::NaiveDate;
use kernel::Refusal;

use crate::lieux::communes::Communes;
use crate::lieux::model::ChampChange;
use crate::lieux::normalisation::{Brut, Normaliseur};
use crate::lieux::rapport::{Constat, Niveau, Puits, Rapport};
use crate::lieux::standard::{Champ, Fiche, PIVOT_INCONNU};

/// What was typed, by field, in the shape of the standard (lists joined by `|`): only the fields to change.
pub type Valeurs = BTreeMap<Champ, String>;

/// Longest value, in characters.
const VALEUR_MAX: usize = 5_000;
/// Longest name.
const NOM_MAX: usize = 200;
/// Remarks that are no mistake: a sheet may lack them, a code postal may be that of a neighbour or a CEDEX, and a number
/// follows whoever holds it.
const TOLERES: [&str; 6] = [
    "services-absents",
    "date-absente",
    "code-postal-autre",
    "code-postal-cedex",
    "telephone-autre-region",
    "telephone-autre-territoire",
];
/// Fields that situate a lieu: one that changes is read with the others.
const SITUE: [Champ; 3] = [Champ::Commune, Champ::CodePostal, Champ::CodeInsee];
const POSITION: [Champ; 2] = [Champ::Latitude, Champ::Longitude];

/// A sheet read from what was typed.
#[derive(Clone, PartialEq, Debug)]
pub struct Lue {
    /// The sheet.
    pub fiche: Fiche,
    /// Values that were put in shape: field, as typed, as kept.
    pub reparees: Vec<(Champ, String, String)>,
}

#[derive(Default)]
struct Collecte(Vec<(String, Niveau, &'static str, String)>);

impl Puits for Collecte {
    fn recoit(&mut self, c: &Constat<'_>) -> io::Result<()> {
        self.0.push((c.champ.to_owned(), c.regle.niveau, c.regle.id, c.message()));
        Ok(())
    }
}

fn pareil(champ: Champ, present: &str, typed: &str) -> bool {
    present == typed || (champ == Champ::Pivot && typed.is_empty() && present == PIVOT_INCONNU)
}

/// Reads the sheet `avant` with these values in their fields. Fields that do not change are not judged: an old defect
/// elsewhere does not stand in the way.
///
/// # Errors
/// The fields that an import would refuse, leave out or keep in doubt, each with its sentence.
pub fn lit(
    avant: &Fiche,
    valeurs: &Valeurs,
    communes: &dyn Communes,
    aujourdhui: NaiveDate,
) -> Result<Lue, Refusal> {
    let mut brut = Brut::new(1);
    let mut changes: Vec<Champ> = Vec::new();
    let mut refus: Vec<(String, String)> = Vec::new();
    for champ in Champ::TOUS {
        let present = avant.valeur(champ);
        let typed = valeurs.get(&champ).map(|v| v.replace("\r\n", "\n")).map(|v| v.trim().to_owned());
        match typed {
            Some(typed) if !pareil(champ, &present, &typed) => {
                let max = if champ == Champ::Nom { NOM_MAX } else { VALEUR_MAX };
                let n = typed.chars().count();
                if n > max {
                    refus.push((
                        champ.nom().to_owned(),
                        format!("Ce texte a {n} caractères ; {max} sont permis."),
                    ));
                }
                changes.push(champ);
                brut.set(champ, typed);
            }
            _ => brut.set(champ, present),
        }
    }
    if !refus.is_empty() {
        return Err(Refusal::Fields(refus));
    }
    let touche = |groupe: &[Champ]| changes.iter().any(|c| groupe.contains(c));
    // Another commune, or another code postal: the INSEE code is found anew, unless it was typed too.
    if touche(&SITUE) && !changes.contains(&Champ::CodeInsee) {
        brut.set(Champ::CodeInsee, "");
    }
    let mut collecte = Collecte::default();
    let mut rapport = Rapport::new(&mut collecte);
    let fiche = Normaliseur::new(Some(communes), aujourdhui).fiche(&brut, &mut rapport);
    drop(rapport);
    let concerne = |nom: &str| {
        let Some(champ) = Champ::de_nom(nom) else { return false };
        changes.contains(&champ)
            || (SITUE.contains(&champ) && touche(&SITUE))
            || (POSITION.contains(&champ) && (touche(&POSITION) || touche(&SITUE)))
    };
    for (champ, niveau, regle, message) in &collecte.0 {
        let bloque = match niveau {
            Niveau::Refus => true,
            Niveau::Ecarte => concerne(champ),
            Niveau::Garde => concerne(champ) && !TOLERES.contains(regle),
            Niveau::Repare | Niveau::Complete | Niveau::Filtre => false,
        };
        if bloque && refus.iter().all(|(c, _)| c != champ) {
            refus.push((champ.clone(), message.clone()));
        }
    }
    let Some(mut fiche) = fiche.filter(|_| refus.is_empty()) else {
        return Err(Refusal::Fields(if refus.is_empty() {
            vec![("nom".to_owned(), "Cette fiche n’a pas de nom ou de commune.".to_owned())]
        } else {
            refus
        }));
    };
    // The official name of the commune, whatever the spelling that led to it.
    if touche(&SITUE)
        && let Some(vue) = fiche.code_insee.as_ref().and_then(|c| communes.par_code(c))
    {
        fiche.commune = vue.nom.as_str().into();
    }
    // What was not typed stays as it was, even where the reading would have put it in shape.
    let gardee = {
        let valeur = |c: Champ| {
            let lu = changes.contains(&c) || (SITUE.contains(&c) && touche(&SITUE)) || voisin(c, &changes);
            if lu { fiche.valeur(c) } else { avant.valeur(c) }.into_owned()
        };
        let valeurs: Vec<String> = Champ::TOUS.iter().map(|c| valeur(*c)).collect();
        Fiche::depuis_valeurs(|c| valeurs.get(c.rang()).map_or("", String::as_str))
    };
    let reparees = changes
        .iter()
        .filter(|c| !matches!(c, Champ::CodeInsee | Champ::CodePostal))
        .map(|c| (*c, brut.get(*c).to_owned(), gardee.valeur(*c).into_owned()))
        .filter(|(_, typed, kept)| typed != kept && !typed.is_empty())
        .collect();
    Ok(Lue { fiche: gardee, reparees })
}

/// Whether reading one of the typed fields fills this one: a summary that is too long goes on in the detail, a latitude
/// is read with its longitude.
fn voisin(champ: Champ, changes: &[Champ]) -> bool {
    let avec = |groupe: &[Champ]| groupe.contains(&champ) && changes.iter().any(|c| groupe.contains(c));
    avec(&[Champ::PresentationResume, Champ::PresentationDetail]) || avec(&POSITION)
}

/// The fields that differ, the identifier apart.
pub fn ecarts(avant: &Fiche, apres: &Fiche) -> Vec<ChampChange> {
    Champ::TOUS
        .into_iter()
        .skip(1)
        .filter_map(|champ| {
            let (avant, apres) = (avant.valeur(champ), apres.valeur(champ));
            (avant != apres).then(|| ChampChange {
                champ: champ.nom().to_owned(),
                avant: avant.into_owned(),
                apres: apres.into_owned(),
            })
        })
        .collect()
}

/// The fields that a person holds from now on: those that changed, and those that only make sense with them.
pub fn tenus(ecarts: &[ChampChange]) -> Vec<Champ> {
    let mut champs: Vec<Champ> = ecarts.iter().filter_map(|e| Champ::de_nom(&e.champ)).collect();
    for groupe in [&SITUE[..], &POSITION[..]] {
        if champs.iter().any(|c| groupe.contains(c)) {
            champs.extend(groupe);
        }
    }
    champs.sort_unstable();
    champs.dedup();
    champs
}

/// The sheet with other values, in the shape of the standard, in some fields.
pub fn avec(fiche: &Fiche, valeurs: &[(Champ, &str)]) -> Fiche {
    let valeur = |c: Champ| match valeurs.iter().find(|(champ, _)| *champ == c) {
        Some((_, v)) => (*v).to_owned(),
        None => fiche.valeur(c).into_owned(),
    };
    let valeurs: Vec<String> = Champ::TOUS.iter().map(|c| valeur(*c)).collect();
    Fiche::depuis_valeurs(|c| valeurs.get(c.rang()).map_or("", String::as_str))
}

/// The sheet of a delivery under the values that people typed: they win, but for the day of update, where the newest
/// does.
pub fn sous_les_saisies(livree: &Fiche, saisies: &[(Champ, &str)]) -> Fiche {
    // Days of the standard sort as texts.
    let jour = livree.valeur(Champ::DateMaj);
    let gagnent: Vec<(Champ, &str)> =
        saisies.iter().filter(|(c, v)| *c != Champ::DateMaj || *v > jour.as_ref()).copied().collect();
    avec(livree, &gagnent)
}
