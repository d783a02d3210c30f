//! From a record as delivered to a [`Fiche`]: every cell through its repair, then the checks between
//! cells. Every remark goes to the report.

mod brut;
mod croisement;

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::communes::Communes;
use super::horaires;
use super::migration::{self, Ancien};
use super::rapport::{Constat, Rapport, Regle};
use super::reparations::{self as r, Notes};
use super::standard::{Champ, Fiche};

pub use brut::{Brut, Colonne, LecteurStandard, Traducteur};

const ID_ABSENT: Regle = Regle::refus(
    "id-absent",
    "Sans identifiant, ce lieu ne pourrait pas être suivi d’une livraison à l’autre.",
);
const ID_LONG: Regle = Regle::refus("id-long", "Un identifiant a 200 caractères au plus.");
/// Longest identifier, in characters: longer ones do not fit in an index.
const ID_MAX: usize = 200;
const NOM_ABSENT: Regle = Regle::refus("nom-absent", "Ce lieu n’a pas de nom.");
const COMMUNE_ABSENTE: Regle = Regle::refus(
    "commune-absente",
    "Sans commune, ce lieu ne peut pas être situé : complétez la commune ou le code INSEE.",
);
const ADRESSE_ABSENTE: Regle = Regle::garde("adresse-absente", "Le standard demande une adresse.");
const DATE_ABSENTE: Regle = Regle::garde("date-absente", "Le standard demande la date de mise à jour.");
const SERVICES_ABSENTS: Regle =
    Regle::garde("services-absents", "Sans service, ce lieu n’est trouvé par aucun filtre de service.");
const HORAIRES_LUS: Regle =
    Regle::repare("horaires-francais", "Les horaires, écrits en français, sont traduits.");
const HORAIRES_NON_COMPRIS: Regle =
    Regle::garde("horaires-non-compris", "Ces horaires sont gardés tels quels.");

const LONG: Regle =
    Regle::repare("texte-long", "Ce texte est plus long que ce que l’annuaire garde : il est coupé.");
const CELLULE_LONGUE: Regle = Regle::ecarte(
    "cellule-longue",
    "Cette cellule est bien trop longue pour ce champ : elle est laissée vide.",
);
const ZERO: Regle = Regle::repare(
    "texte-octet-nul",
    "Un caractère nul, qui n’est pas du texte, a été retiré de cette cellule.",
);

/// Longest text of one line, in characters (names, addresses, labels). Longer ones are cut.
pub const TEXTE_MAX: usize = 1_000;
/// Longest presentation, in characters. Longer ones are cut.
pub const PRESENTATION_MAX: usize = 20_000;
/// Longest cell of the other fields (lists, addresses of sites, hours), in characters. A longer one is left out: a part
/// of it would lie.
pub const CELLULE_MAX: usize = 5_000;

/// How long a field may be, and whether it may be cut.
fn borne(champ: Champ) -> (usize, bool) {
    match champ {
        Champ::Nom
        | Champ::Commune
        | Champ::Adresse
        | Champ::ComplementAdresse
        | Champ::Source
        | Champ::StructureParente
        | Champ::AutresFormationsLabels => (TEXTE_MAX, true),
        Champ::PresentationResume | Champ::PresentationDetail => (PRESENTATION_MAX, true),
        _ => (CELLULE_MAX, false),
    }
}

/// The record without null characters and without cells that nothing could hold.
fn dans_les_bornes<'b>(brut: &'b Brut, rapport: &mut Rapport<'_>) -> Cow<'b, Brut> {
    let mut net = Cow::Borrowed(brut);
    let mut note = |champ: &str, valeur: &str, regle, apres: Option<&str>| {
        rapport.note(&Constat { ligne: brut.ligne, champ, valeur, regle, apres, precision: None });
    };
    for champ in Champ::TOUS {
        let mut valeur = Cow::Borrowed(brut.get(champ));
        if valeur.contains('\0') {
            let sans = valeur.replace('\0', "");
            note(champ.nom(), &valeur, ZERO, Some(&sans));
            valeur = Cow::Owned(sans);
        }
        let (max, coupable) = borne(champ);
        // Bytes are at least as many as characters.
        if valeur.len() > max
            && let Some((fin, _)) = valeur.char_indices().nth(max)
        {
            let garde = if coupable { valeur[..fin].to_owned() } else { String::new() };
            note(
                champ.nom(),
                &valeur,
                if coupable { LONG } else { CELLULE_LONGUE },
                coupable.then_some(garde.as_str()),
            );
            valeur = Cow::Owned(garde);
        }
        if let Cow::Owned(valeur) = valeur {
            net.to_mut().set(champ, valeur);
        }
    }
    if brut.anciens.iter().any(|(_, v)| v.contains('\0') || v.len() > CELLULE_MAX) {
        for (ancien, valeur) in &mut net.to_mut().anciens {
            if valeur.contains('\0') || valeur.chars().count() > CELLULE_MAX {
                note(ancien.nom(), valeur, CELLULE_LONGUE, None);
                valeur.clear();
            }
        }
    }
    net
}

/// Most distinct hours that are remembered: most lieux of a file share few.
const HORAIRES_EN_MEMOIRE: usize = 10_000;

/// Turns records into fiches.
pub struct Normaliseur<'c> {
    communes: Option<&'c dyn Communes>,
    aujourdhui: NaiveDate,
    horaires: HashMap<String, Result<(), String>>,
}

impl<'c> Normaliseur<'c> {
    /// `communes` resolves names and cross-checks; `aujourdhui` tells which dates are in the future.
    pub fn new(communes: Option<&'c dyn Communes>, aujourdhui: NaiveDate) -> Self {
        Self { communes, aujourdhui, horaires: HashMap::new() }
    }

    /// The fiche of a record; `None` when it is refused, and the report says why.
    #[expect(clippy::field_reassign_with_default, reason = "each cell is read in its turn, with its notes")]
    pub fn fiche(&mut self, brut: &Brut, rapport: &mut Rapport<'_>) -> Option<Fiche> {
        let net = dans_les_bornes(brut, rapport);
        let brut = net.as_ref();
        let mut cellule = Cellule { brut, rapport, notes: Notes::default() };
        let mut fiche = Fiche::default();
        fiche.id = cellule.lit(Champ::Id, r::identifiant).into();
        fiche.nom = cellule.lit(Champ::Nom, r::texte).into();
        fiche.pivot = cellule.lit(Champ::Pivot, r::pivot);
        fiche.code_postal = cellule.lit(Champ::CodePostal, r::code_postal);
        fiche.code_insee = cellule.lit(Champ::CodeInsee, r::code_insee);
        fiche.commune = cellule
            .lit(Champ::Commune, |v, n| {
                let net = r::texte(v, n);
                r::nom_commune(&net, n)
            })
            .into();
        fiche.adresse = cellule.lit(Champ::Adresse, r::texte).into();
        fiche.complement_adresse = cellule.lit(Champ::ComplementAdresse, r::texte).into();
        let longitude = brut.get(Champ::Longitude);
        fiche.position = cellule.lit(Champ::Latitude, |latitude, n| r::position(latitude, longitude, n));
        croisement::situe(&mut fiche, self.communes, &mut cellule);
        let cp = fiche.code_postal.clone();
        fiche.typologie = cellule.lit(Champ::Typologie, r::typologies).into();
        fiche.telephone = cellule.lit(Champ::Telephone, |v, n| r::telephone(v, cp.as_ref(), n));
        croisement::telephone(&fiche, &mut cellule);
        fiche.courriels = cellule.lit(Champ::Courriels, r::courriels).into();
        fiche.site_web = cellule.lit(Champ::SiteWeb, r::urls).into();
        fiche.horaires = self.horaires(&mut cellule).into();
        let resume = cellule.lit(Champ::PresentationResume, r::paragraphe);
        let detail = cellule.lit(Champ::PresentationDetail, r::paragraphe);
        let (resume, detail) = cellule.lit(Champ::PresentationResume, |_, n| r::resume(resume, detail, n));
        (fiche.presentation_resume, fiche.presentation_detail) = (resume.into(), detail.into());
        fiche.source = cellule.lit(Champ::Source, r::texte).into();
        fiche.structure_parente = cellule.lit(Champ::StructureParente, r::texte).into();
        let aujourdhui = self.aujourdhui;
        fiche.date_maj = cellule.lit(Champ::DateMaj, |v, n| r::date(v, aujourdhui, n));
        fiche.autres_formations_labels = cellule.lit(Champ::AutresFormationsLabels, r::texte).into();
        fiche.fiche_acces_libre = cellule.lit(Champ::FicheAccesLibre, r::url).into();
        fiche.prise_rdv = cellule.lit(Champ::PriseRdv, r::url).into();
        listes(&mut fiche, &mut cellule);
        anciens(&mut fiche, &mut cellule);
        cellule.controle(&fiche).then_some(fiche)
    }

    fn horaires(&mut self, cellule: &mut Cellule<'_, '_, '_>) -> String {
        let texte = cellule.lit(Champ::Horaires, r::texte);
        if texte.is_empty() {
            return texte;
        }
        let osm = match self.horaires.get(&texte) {
            Some(connu) => connu.clone(),
            None => {
                let verdict = horaires::verifie_osm(&texte);
                if self.horaires.len() < HORAIRES_EN_MEMOIRE {
                    self.horaires.insert(texte.clone(), verdict.clone());
                }
                verdict
            }
        };
        let Err(pourquoi) = osm else { return texte };
        let conversion = horaires::semaine(&texte);
        match conversion.osm {
            Some(osm) if conversion.restes.is_empty() => {
                cellule.constat(
                    Champ::Horaires.nom(),
                    &texte,
                    HORAIRES_LUS,
                    Some(&osm),
                    phrase(&conversion.remarques),
                );
                osm
            }
            _ => {
                let reste = match conversion.restes.first() {
                    Some(reste) => format!("{pourquoi} En français, n’est pas compris : {reste}."),
                    None => pourquoi,
                };
                cellule.constat(Champ::Horaires.nom(), &texte, HORAIRES_NON_COMPRIS, None, Some(reste));
                texte
            }
        }
    }
}

fn phrase(remarques: &[String]) -> Option<String> {
    (!remarques.is_empty()).then(|| format!("À vérifier : {}.", remarques.join(", ")))
}

/// A record under repair, and where the remarks go.
struct Cellule<'a, 'r, 'p> {
    brut: &'a Brut,
    rapport: &'r mut Rapport<'p>,
    notes: Notes,
}

impl Cellule<'_, '_, '_> {
    /// Repairs the cell of a field.
    fn lit<T>(&mut self, champ: Champ, repare: impl FnOnce(&str, &mut Notes) -> T) -> T {
        let sortie = repare(self.brut.get(champ), &mut self.notes);
        self.verse(champ.nom());
        sortie
    }

    /// Hands the notes about a cell to the report.
    fn verse(&mut self, champ: &str) {
        for note in std::mem::take(&mut self.notes.0) {
            self.constat(champ, &note.valeur, note.regle, note.apres.as_deref(), note.precision);
        }
    }

    fn constat(
        &mut self,
        champ: &str,
        valeur: &str,
        regle: Regle,
        apres: Option<&str>,
        precision: Option<String>,
    ) {
        self.rapport.note(&Constat {
            ligne: self.brut.ligne,
            champ,
            valeur,
            regle,
            apres,
            precision: precision.as_deref(),
        });
    }

    /// What is missing: false when the record must be refused.
    fn controle(&mut self, fiche: &Fiche) -> bool {
        let mut prend = true;
        if fiche.id.chars().count() > ID_MAX {
            self.constat(Champ::Id.nom(), &fiche.id, ID_LONG, None, None);
            prend = false;
        }
        for (champ, absent, regle) in [
            (Champ::Id, fiche.id.is_empty(), ID_ABSENT),
            (Champ::Nom, fiche.nom.is_empty(), NOM_ABSENT),
            (Champ::Commune, fiche.commune.is_empty(), COMMUNE_ABSENTE),
        ] {
            if absent {
                self.constat(champ.nom(), self.brut.get(champ), regle, None, None);
                prend = false;
            }
        }
        if prend {
            for (champ, absent, regle) in [
                (Champ::Adresse, fiche.adresse.is_empty(), ADRESSE_ABSENTE),
                (Champ::DateMaj, self.brut.get(Champ::DateMaj).is_empty(), DATE_ABSENTE),
                (Champ::Services, fiche.services.est_vide(), SERVICES_ABSENTS),
            ] {
                if absent {
                    self.constat(champ.nom(), "", regle, None, None);
                }
            }
        }
        prend
    }
}

fn listes(fiche: &mut Fiche, cellule: &mut Cellule<'_, '_, '_>) {
    fiche.itinerance = cellule.lit(Champ::Itinerance, |v, n| r::liste(v, migration::ITINERANCE, n));
    fiche.services = cellule.lit(Champ::Services, |v, n| r::liste(v, migration::SERVICES, n));
    fiche.publics =
        cellule.lit(Champ::PublicsSpecifiquementAdresses, |v, n| r::liste(v, migration::PUBLICS, n));
    fiche.prises_en_charge =
        cellule.lit(Champ::PriseEnChargeSpecifique, |v, n| r::liste(v, migration::PRISES_EN_CHARGE, n));
    fiche.frais = cellule.lit(Champ::FraisACharge, |v, n| r::liste(v, migration::FRAIS, n));
    fiche.dispositifs =
        cellule.lit(Champ::DispositifProgrammesNationaux, |v, n| r::liste(v, migration::DISPOSITIFS, n));
    fiche.formations_labels =
        cellule.lit(Champ::FormationsLabels, |v, n| r::liste(v, migration::FORMATIONS, n));
    fiche.modalites_acces = cellule.lit(Champ::ModalitesAcces, |v, n| r::liste(v, migration::ACCES, n));
    fiche.modalites_accompagnement =
        cellule.lit(Champ::ModalitesAccompagnement, |v, n| r::liste(v, migration::ACCOMPAGNEMENT, n));
}

/// The columns of 0.1 that a file still has; they never replace a value of 1.0.
fn anciens(fiche: &mut Fiche, cellule: &mut Cellule<'_, '_, '_>) {
    let brut = cellule.brut;
    for (ancien, valeur) in &brut.anciens {
        let mut autres = fiche.autres_formations_labels.to_string();
        let nom = match ancien {
            Ancien::Courriel => {
                if fiche.courriels.is_empty() {
                    fiche.courriels = r::courriels(valeur, &mut cellule.notes).into();
                }
                "courriel"
            }
            Ancien::ConditionsAcces => {
                if fiche.frais.est_vide() {
                    fiche.frais = r::liste(valeur, migration::FRAIS, &mut cellule.notes);
                }
                "conditions_acces"
            }
            Ancien::PublicsAccueillis => {
                migration::publics_accueillis(
                    valeur,
                    &mut fiche.publics,
                    &mut fiche.prises_en_charge,
                    &mut cellule.notes,
                );
                "publics_accueillis"
            }
            Ancien::LabelsNationaux => {
                migration::labels_nationaux(
                    valeur,
                    &mut fiche.dispositifs,
                    &mut fiche.formations_labels,
                    &mut autres,
                    &mut cellule.notes,
                );
                "labels_nationaux"
            }
            Ancien::LabelsAutres => {
                migration::labels_autres(valeur, &mut autres, &mut cellule.notes);
                "labels_autres"
            }
            Ancien::Accessibilite => {
                if fiche.fiche_acces_libre.is_empty() {
                    fiche.fiche_acces_libre = r::url(valeur, &mut cellule.notes).into();
                }
                "accessibilite"
            }
            Ancien::CleBan => "cle_ban",
        };
        if *autres != *fiche.autres_formations_labels {
            fiche.autres_formations_labels = autres.into();
        }
        cellule.verse(nom);
    }
}

#[cfg(test)]
mod tests;
