//! The form of a report: the fields of a sheet that a visitor can see to be wrong, filled with what the sheet says.

use platform::web::FormState;

use super::model::FERMETURE;
use crate::lieux::Fiche;
use crate::lieux::model::ChampChange;
use crate::lieux::pages::lien_sur;
use crate::lieux::standard::{Champ, Frais, Liste, Service, Valeur};

/// Fields of one line or of several, with their length.
pub(super) const TEXTES: [(Champ, usize); 10] = [
    (Champ::Nom, 200),
    (Champ::Adresse, 200),
    (Champ::ComplementAdresse, 200),
    (Champ::CodePostal, 5),
    (Champ::Commune, 100),
    (Champ::Telephone, 30),
    (Champ::Courriels, 320),
    (Champ::SiteWeb, 500),
    (Champ::PriseRdv, 500),
    (Champ::Horaires, 1_000),
];

/// Longest free words.
const MOT_MAX: usize = 1_000;

/// What was read of a form.
pub(super) struct Lu {
    pub(super) champs: Vec<ChampChange>,
    pub(super) mot: String,
    pub(super) courriel: Option<String>,
}

/// The form as it is first shown. Hours are written by people in their own words: the field stays empty.
pub(super) fn rempli(fiche: &Fiche, affiche: i64) -> FormState {
    let mut form = FormState::filled([(platform::web::freins::AFFICHE, affiche.to_string())]);
    for (champ, _) in TEXTES.into_iter().filter(|(c, _)| *c != Champ::Horaires) {
        form.set(champ.nom(), lisible(fiche, champ));
    }
    let mut valeurs: Vec<(String, String)> = form.values().to_vec();
    for (champ, libelles) in listes(fiche) {
        valeurs.extend(libelles.into_iter().map(|l| (champ.nom().to_owned(), l)));
    }
    FormState::filled(valeurs)
}

fn listes(fiche: &Fiche) -> [(Champ, Vec<String>); 2] {
    /// In the order of the standard: producers write theirs, and an order is no correction.
    fn noms<T: Valeur>(liste: &Liste<T>) -> Vec<String> {
        T::TOUTES.iter().filter(|v| liste.contient(**v)).map(|v| v.libelle().to_owned()).collect()
    }
    [(Champ::Services, noms(&fiche.services)), (Champ::FraisACharge, noms(&fiche.frais))]
}

/// The value of a field as people read it.
fn lisible(fiche: &Fiche, champ: Champ) -> String {
    match champ {
        Champ::Telephone => fiche.telephone.as_ref().map(|t| t.lisible()).unwrap_or_default(),
        _ => fiche.valeur(champ).replace('|', ", "),
    }
}

/// Reads the form against the sheet: what differs is what is reported.
pub(super) fn lit(form: &mut FormState, fiche: &Fiche) -> Option<Lu> {
    let mut champs = Vec::new();
    for (champ, max) in TEXTES {
        let Some(propose) = form.text_opt(champ.nom(), max) else { continue };
        let (avant, propose) = (lisible(fiche, champ), propose.unwrap_or_default());
        let meme = champ == Champ::Horaires && propose.is_empty() || propose == avant;
        if meme {
            continue;
        }
        if let Err(phrase) = verifie(champ, &propose) {
            form.refuse(champ.nom(), phrase);
        }
        // Hours are compared as the directory writes them.
        let avant = if champ == Champ::Horaires { fiche.horaires.to_string() } else { avant };
        champs.push(ChampChange { champ: champ.nom().to_owned(), avant, apres: propose });
    }
    for (champ, avant) in listes(fiche) {
        let cochees: Vec<&str> = form.all(champ.nom()).collect();
        let propose = match champ {
            Champ::Services => ordonne::<Service>(&cochees),
            _ => ordonne::<Frais>(&cochees),
        };
        let avant = avant.join("|");
        if propose != avant {
            champs.push(ChampChange { champ: champ.nom().to_owned(), avant, apres: propose });
        }
    }
    if form.get(FERMETURE) == "oui" {
        champs.push(ChampChange {
            champ: FERMETURE.to_owned(),
            avant: "Ouvert".to_owned(),
            apres: "Fermé définitivement".to_owned(),
        });
    }
    let mot = form.text_opt("mot", MOT_MAX).flatten().unwrap_or_default();
    let courriel = form.parse_opt("courriel", kernel::Email::parse).flatten().map(|c| c.to_string());
    if champs.is_empty() && mot.is_empty() {
        form.refuse("mot", "Corrigez ce qui est faux, ou dites-nous ici ce qui ne va pas.");
    }
    form.is_valid().then_some(Lu { champs, mot, courriel })
}

/// The values of a list that were ticked, in the order of the standard.
fn ordonne<T: Valeur>(cochees: &[&str]) -> String {
    let cochees = T::TOUTES.iter().map(|v| v.libelle()).filter(|l| cochees.contains(l));
    cochees.collect::<Vec<_>>().join("|")
}

fn verifie(champ: Champ, propose: &str) -> Result<(), String> {
    if propose.is_empty() {
        return Ok(());
    }
    let separes = || propose.split([',', ';', ' ', '|']).map(str::trim).filter(|v| !v.is_empty());
    match champ {
        Champ::Telephone if kernel::Telephone::parse(propose).is_none() => {
            Err("Écrivez un numéro de téléphone français, comme 05 55 51 23 45.".to_owned())
        }
        Champ::Courriels => separes().try_for_each(|c| kernel::Email::parse(c).map(|_| ())),
        Champ::SiteWeb | Champ::PriseRdv if separes().any(|u| lien_sur(u).is_none()) => {
            Err("Écrivez l’adresse entière de la page, avec https:// au début.".to_owned())
        }
        Champ::CodePostal if kernel::CodePostal::parse(propose).is_none() => {
            Err("Écrivez un code postal de cinq chiffres.".to_owned())
        }
        _ => Ok(()),
    }
}

/// The value of the standard for what a visitor wrote, or why it needs a person's hand.
pub(super) fn pour_la_fiche(champ: Champ, propose: &str) -> Result<String, String> {
    Ok(match champ {
        Champ::Telephone => {
            kernel::Telephone::parse(propose).map_or_else(String::new, |t| t.as_str().to_owned())
        }
        Champ::Courriels | Champ::SiteWeb => propose
            .split([',', ';', ' ', '|'])
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .collect::<Vec<_>>()
            .join("|"),
        Champ::Horaires => {
            let lu = crate::lieux::horaires::semaine(propose);
            match &lu.osm {
                Some(osm) if lu.restes.is_empty() => osm.clone(),
                _ => return Err(lu.restes_en_clair()),
            }
        }
        _ => propose.to_owned(),
    })
}
