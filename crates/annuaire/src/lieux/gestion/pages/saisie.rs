//! From what was typed in the form to values of the standard, and back; the choices of its lists.

use chrono::NaiveDate;
use platform::web::FormState;

use crate::lieux::gestion::saisie::Valeurs;
use crate::lieux::recherche::Facette;
use crate::lieux::standard::{Champ, Fiche, PIVOT_INCONNU};
use crate::territoires::{Choix, Territoires};

/// Lists of the standard: boxes of one name.
pub(super) const LISTES: [(Champ, Facette); 10] = [
    (Champ::Services, Facette::Services),
    (Champ::ModalitesAccompagnement, Facette::Accompagnement),
    (Champ::ModalitesAcces, Facette::Acces),
    (Champ::FraisACharge, Facette::Frais),
    (Champ::PublicsSpecifiquementAdresses, Facette::Publics),
    (Champ::PriseEnChargeSpecifique, Facette::PrisesEnCharge),
    (Champ::DispositifProgrammesNationaux, Facette::Dispositifs),
    (Champ::FormationsLabels, Facette::Labels),
    (Champ::Itinerance, Facette::Itinerance),
    (Champ::Typologie, Facette::Typologie),
];
/// Free lists: one value a line.
const LIGNES: [Champ; 3] = [Champ::Courriels, Champ::SiteWeb, Champ::AutresFormationsLabels];
/// Kinds of place that most lieux are.
const COURANTES: [&str; 12] =
    ["RFS", "BIB", "CCAS", "CIAS", "CSC", "CS", "EPN", "ASSO", "MUNI", "TIERS_LIEUX", "EVS", "PIJ_BIJ"];

/// The choices of a list: exact words of the standard, plain words.
pub(super) fn options(champ: Champ) -> Vec<(String, String)> {
    let Some((_, facette)) = LISTES.iter().find(|(c, _)| *c == champ) else { return Vec::new() };
    let mut options: Vec<(String, String)> = facette
        .valeurs()
        .iter()
        // The plain words of services speak as the person who looks for help.
        .map(|v| {
            (
                v.libelle.to_string(),
                if champ == Champ::Services { v.libelle.replace('\'', "’") } else { v.clair.to_string() },
            )
        })
        .collect();
    if champ == Champ::Typologie {
        options.sort_by_key(|(code, nom)| {
            (COURANTES.iter().position(|c| c == code).unwrap_or(COURANTES.len()), kernel::text::fold(nom))
        });
    }
    options
}

/// The form that shows a sheet; `jour`: the day of update that saving will give.
pub(super) fn montrer(fiche: &Fiche, jour: NaiveDate) -> FormState {
    let mut champs: Vec<(String, String)> = Vec::new();
    for champ in Champ::TOUS {
        let valeur = fiche.valeur(champ);
        let nom = champ.nom().to_owned();
        if LISTES.iter().any(|(c, _)| *c == champ) {
            champs.extend(valeur.split('|').filter(|v| !v.is_empty()).map(|v| (nom.clone(), v.to_owned())));
        } else if LIGNES.contains(&champ) {
            champs.push((nom, valeur.replace('|', "\n")));
        } else if champ == Champ::DateMaj {
            champs.push((nom, jour.to_string()));
        } else if champ == Champ::Telephone {
            champs.push((nom, fiche.telephone.as_ref().map(|t| t.lisible()).unwrap_or_default()));
        } else {
            champs.push((nom, if valeur == PIVOT_INCONNU { String::new() } else { valeur.into_owned() }));
        }
    }
    FormState::filled(champs)
}

/// What was typed, in the shape of the standard. Hours have a page of their own: they are read here only when a lieu is
/// entered.
pub(super) fn lire(form: &FormState) -> Valeurs {
    Champ::TOUS
        .into_iter()
        .filter(|c| *c != Champ::Horaires || form.values().iter().any(|(k, _)| k == c.nom()))
        .map(|champ| {
            let nom = champ.nom();
            let valeur = if LISTES.iter().any(|(c, _)| *c == champ) {
                form.all(nom).filter(|v| !v.is_empty()).collect::<Vec<_>>().join("|")
            } else if LIGNES.contains(&champ) {
                let lignes = form.get(nom).lines().flat_map(|l| l.split('|')).map(str::trim);
                lignes.filter(|l| !l.is_empty()).collect::<Vec<_>>().join("|")
            } else {
                form.get(nom).to_owned()
            };
            (champ, valeur)
        })
        .collect()
}

/// The commune that was typed, when its name alone does not say which: the INSEE code joins the values when it is
/// certain, else the communes to choose from are given.
pub(super) fn situer(form: &mut FormState, valeurs: &mut Valeurs, t: &Territoires) -> Vec<(String, String)> {
    // A code that was typed, or chosen before, decides unless the name was changed since.
    let lu = |c: Champ| valeurs.get(&c).cloned().unwrap_or_default();
    let (nom, code_postal) = (lu(Champ::Commune), lu(Champ::CodePostal));
    if nom.is_empty() {
        return Vec::new();
    }
    let choisi = lu(Champ::CodeInsee);
    let code = match t.choisir(&nom, &code_postal, &choisi) {
        Choix::Une(c) => c.commune.code.to_string(),
        Choix::Plusieurs(options) => {
            form.refuse(Champ::CodeInsee.nom(), "Plusieurs communes correspondent : choisissez la bonne.");
            return options;
        }
        Choix::Aucune => return Vec::new(),
    };
    // An arrondissement that was known already is more precise than its commune.
    let precis = kernel::CodeCommune::parse(&choisi)
        .and_then(|c| t.interieure(&c).map(|i| t.commune_de(i).code.to_string()));
    if precis.as_deref() != Some(code.as_str()) {
        valeurs.insert(Champ::CodeInsee, code.clone());
        form.set(Champ::CodeInsee.nom(), code);
    }
    Vec::new()
}
