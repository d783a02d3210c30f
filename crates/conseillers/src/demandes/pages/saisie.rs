//! From what was typed to a demande, and back.

use annuaire::structures::StructureVue;
use annuaire::structures::model::texte_propre;
use annuaire::structures::saisie::{Lue, lire_fiche};
use annuaire::territoires::Territoires;
use chrono::NaiveDate;
use kernel::{Email, Refusal, Telephone};
use platform::web::FormState;

use crate::demandes::actions::Depot;
use crate::demandes::brouillons::Organisme;
use crate::demandes::model::{Etendue, Genre, Interlocuteur, Objet, Origine, Quotite};
use crate::demandes::reference::MOTIVATION_MAX;
use crate::demandes::rules;
use crate::postes::{MotifRendu, Typologie};

/// Every field of the public form, in the order of the page: a draft keeps these and no other.
pub(super) const CHAMPS: &[&str] = &[
    "pivot",
    "nom",
    "genre",
    "categorie",
    "voie",
    "code_postal",
    "commune",
    "code_commune",
    "site_web",
    "prenom",
    "nom_contact",
    "fonction",
    "courriel",
    "telephone",
    "demande",
    "debut",
    "candidat",
    "motivation",
    "postes",
    "missions",
    "quotite",
    "etendue",
    "engagement",
];

fn exiger(form: &mut FormState, name: &str, sentence: &str) {
    if form.get(name).is_empty() {
        form.refuse(name, sentence);
    }
}

/// Whom to write to: everything is required (domain, 3.2).
pub(super) fn contact(form: &mut FormState) -> Option<Interlocuteur> {
    for (name, sentence) in [
        ("prenom", "Écrivez le prénom de la personne à contacter."),
        ("nom_contact", "Écrivez le nom de la personne à contacter."),
        ("fonction", "Écrivez sa fonction."),
        ("courriel", "Écrivez son adresse électronique."),
        ("telephone", "Écrivez son numéro de téléphone."),
    ] {
        exiger(form, name, sentence);
    }
    let prenom = form.parse("prenom", |v| texte_propre(v, 100));
    let nom = form.parse("nom_contact", |v| texte_propre(v, 100));
    let fonction = form.parse("fonction", |v| texte_propre(v, 100));
    let courriel = form.parse("courriel", Email::parse);
    let telephone = form.parse("telephone", |v| {
        Telephone::parse(v)
            .ok_or("Écrivez un numéro français complet, comme 01 80 05 98 80 ou 0262 12 34 56.")
    });
    Some(Interlocuteur {
        prenom: prenom?,
        nom: nom?,
        fonction: fonction?,
        courriel: courriel?,
        telephone: telephone?,
    })
}

fn nombre(form: &mut FormState) -> Option<u32> {
    exiger(form, "postes", "Écrivez combien de postes.");
    let n = form.parse("postes", |v| v.parse::<u32>().map_err(|_| "Écrivez un nombre entier, comme 2."))?;
    juger(form, rules::nombre_valable(n)).then_some(n)
}

/// Notes what a rule says of a field, whatever the other fields hold: everything is said in one round.
fn juger(form: &mut FormState, regle: Result<(), Refusal>) -> bool {
    match regle {
        Err(refusal) => {
            // Rules of one field only.
            let _ = form.take(refusal);
            false
        }
        Ok(()) => true,
    }
}

fn date(form: &mut FormState, jour: NaiveDate) -> Option<NaiveDate> {
    exiger(form, "debut", "Choisissez la date de début souhaitée.");
    let le =
        form.parse("debut", |v| v.parse::<NaiveDate>().map_err(|_| "Écrivez une date, comme 2026-09-01."))?;
    juger(form, rules::debut_valable(le, jour)).then_some(le)
}

fn texte(form: &mut FormState) -> Option<String> {
    exiger(form, "motivation", "Expliquez votre demande.");
    form.text("motivation", MOTIVATION_MAX)
}

fn candidat(form: &mut FormState) -> Option<bool> {
    exiger(form, "candidat", "Dites si vous avez déjà une personne en vue.");
    form.parse("candidat", |v| match v {
        "oui" => Ok(true),
        "non" => Ok(false),
        _ => Err("Choisissez une réponse."),
    })
}

/// What is asked, of that kind. `vers` is the structure that receives posts, already found.
pub(super) fn objet(
    form: &mut FormState,
    genre: Genre,
    vers: Option<&StructureVue>,
    jour: NaiveDate,
) -> Option<Objet> {
    let lu = match genre {
        Genre::PremiersPostes => {
            let (postes, debut, candidat_connu, motivation) =
                (nombre(form), date(form, jour), candidat(form), texte(form));
            let missions: Vec<String> = form.all("missions").map(str::to_owned).collect();
            if missions.is_empty() {
                form.refuse("missions", "Choisissez au moins une mission.");
            }
            Objet::PremiersPostes {
                postes: postes?,
                debut: debut?,
                candidat_connu: candidat_connu?,
                motivation: motivation?,
                missions,
            }
        }
        Genre::Coordinateur => {
            exiger(form, "quotite", "Choisissez le temps de coordination.");
            exiger(form, "etendue", "Choisissez le périmètre.");
            let quotite = form.parse("quotite", |v| Quotite::from_cle(v).ok_or("Choisissez dans la liste."));
            let etendue = form.parse("etendue", |v| Etendue::from_cle(v).ok_or("Choisissez dans la liste."));
            if let (Some(quotite), Some(etendue)) = (quotite, etendue) {
                juger(form, rules::etendue_valable(quotite, etendue));
            }
            let (debut, candidat_connu, motivation) = (date(form, jour), candidat(form), texte(form));
            Objet::Coordinateur {
                quotite: quotite?,
                etendue: etendue?,
                debut: debut?,
                candidat_connu: candidat_connu?,
                motivation: motivation?,
            }
        }
        Genre::Ajout => {
            let (postes, motivation) = (nombre(form), texte(form));
            Objet::Ajout { postes: postes?, motivation: motivation? }
        }
        Genre::Retrait => {
            exiger(form, "motif", "Choisissez la raison.");
            let motif = form.parse("motif", |v| {
                let motif = MotifRendu::from_cle(v).filter(|m| *m != MotifRendu::VacanceTropLongue);
                motif.ok_or("Choisissez dans la liste.")
            });
            if form.get("motif") == MotifRendu::Autre.cle() {
                exiger(form, "motivation", "Précisez l’autre raison.");
            }
            let (postes, precision) = (nombre(form), form.text_opt("motivation", MOTIVATION_MAX));
            let typologie = typologie(form);
            Objet::Retrait {
                postes: postes?,
                typologie: typologie?,
                motif: motif?,
                precision: precision?.unwrap_or_default(),
            }
        }
        Genre::Transfert => {
            let (postes, motivation) = (nombre(form), texte(form));
            let typologie = typologie(form);
            let vers = vers?;
            Objet::Transfert {
                postes: postes?,
                typologie: typologie?,
                vers: vers.id,
                vers_nom: vers.nom.clone(),
                motivation: motivation?,
            }
        }
    };
    if let Err(Refusal::Fields(fields)) = rules::objet_valable(&lu, jour) {
        for (name, sentence) in fields {
            form.refuse(&name, sentence);
        }
        return None;
    }
    Some(lu)
}

fn typologie(form: &mut FormState) -> Option<Typologie> {
    if form.get("typologie").is_empty() {
        return Some(Typologie::default());
    }
    form.parse("typologie", |v| Typologie::from_cle(v).ok_or("Choisissez dans la liste."))
}

/// Communes to choose from: INSEE code, label.
pub(super) type Communes = Vec<(String, String)>;

/// The whole public form: who asks, for what; and the communes to choose from when that is what is missing.
pub(super) fn depot(
    form: &mut FormState,
    connue: Option<StructureVue>,
    territoires: &Territoires,
    jour: NaiveDate,
) -> (Option<(Organisme, Depot)>, Communes) {
    let mut communes = Vec::new();
    let organisme = match connue {
        Some(s) => Some(Organisme::Connu(Box::new(s))),
        None => {
            exiger(form, "pivot", "Écrivez le SIRET ou le RIDET de la structure.");
            let Lue { fiche, communes: choix } = lire_fiche(form, territoires);
            communes = choix;
            fiche.map(|f| Organisme::Nouveau(Box::new(f)))
        }
    };
    let contact = contact(form);
    exiger(form, "demande", "Choisissez ce que vous demandez.");
    let genre = form.parse("demande", |v| {
        let genre = Genre::from_cle(v).filter(|g| matches!(g, Genre::PremiersPostes | Genre::Coordinateur));
        genre.ok_or("Choisissez dans la liste.")
    });
    let objet = genre.and_then(|genre| objet(form, genre, None, jour));
    if form.get("engagement") != "oui" {
        form.refuse("engagement", "Cochez cette case pour vous engager à respecter les conditions.");
    }
    form.in_page_order(CHAMPS);
    let lu = || Some((organisme?, Depot { contact: contact?, objet: objet?, origine: Origine::Formulaire }));
    (lu().filter(|_| form.is_valid()), communes)
}
