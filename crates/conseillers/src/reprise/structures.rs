//! Structures: from a line to a sheet and its contact, and what it looks like here.

use std::collections::BTreeMap;

use annuaire::lieux::rapport::{Rapport, Regle};
use annuaire::structures::model::{Fiche, FicheContact, Genre};
use annuaire::structures::{Semblable, saisie};
use annuaire::territoires::Territoires;
use kernel::text::fold;

use super::lecture::{Ligne, compte, lire, refuser};
use super::model::Bilan;

/// Our fields and the names that other services give them, without accents, blanks and signs.
const CHAMPS: [(&str, &[&str]); 13] = [
    ("nom", &["raisonsociale", "denomination", "structure"]),
    ("pivot", &["siret", "ridet", "numero"]),
    ("genre", &["type", "nature"]),
    ("categorie", &["categoriejuridique", "codecategoriejuridique"]),
    ("voie", &["adresse", "rue"]),
    ("code_postal", &["cp"]),
    ("commune", &["nomcommune", "ville"]),
    ("code_commune", &["codeinsee", "insee"]),
    ("site_web", &["site", "siteinternet"]),
    ("contact_nom", &["contact", "nomcontact", "nomducontact"]),
    ("contact_fonction", &["fonction", "fonctioncontact"]),
    ("contact_courriel", &["courriel", "email", "mail", "emailcontact"]),
    ("contact_telephone", &["telephone", "tel", "telephonecontact"]),
];
const REQUIS: [&str; 1] = ["nom"];

const GENRE: Regle = Regle::repare("genre-traduit", "Ce genre est écrit avec le mot d’ici.");
const GENRE_DEDUIT: Regle =
    Regle::complete("genre-absent", "Le genre manque ou n’est pas connu : « Autre » est noté, à préciser.");
const CONTACT: Regle = Regle::ecarte("contact-incomplet", "Le contact de cette ligne est laissé de côté.");
const DEUX_FOIS: Regle = Regle::refus(
    "numero-en-double",
    "Ce numéro, ou ce nom dans cette commune, est déjà plus haut dans ce fichier : cette ligne n’est pas reprise.",
);

/// What is read of a line: its sheet, its contact, the line it came from.
#[derive(Debug)]
pub(super) struct Lue {
    pub(super) ligne: Ligne,
    pub(super) fiche: Fiche,
    pub(super) contact: Option<FicheContact>,
}

/// Reads a file; what is known here is looked at afterwards ([`deja`]).
///
/// # Errors
/// A sentence, when the file cannot be read as a whole.
pub(super) fn lire_fichier(
    octets: &[u8],
    territoires: &Territoires,
    rapport: &mut Rapport<'_>,
) -> Result<(Vec<Lue>, Bilan), String> {
    let mut bilan = Bilan::default();
    let mut lues = Vec::new();
    let mut vues: BTreeMap<String, u64> = BTreeMap::new();
    bilan.read = lire(octets, &CHAMPS, &REQUIS, rapport, |mut ligne, rapport| {
        genre(&mut ligne, rapport);
        let lue = saisie::lire_fiche(&mut ligne.form, territoires);
        match lue.fiche.filter(|_| ligne.form.is_valid()) {
            None => {
                refuser(&ligne, rapport);
                if !lue.communes.is_empty() {
                    const AMBIGUE: Regle = Regle::refus(
                        "commune-ambigue",
                        "Plusieurs communes correspondent : donnez son code INSEE.",
                    );
                    ligne.note(rapport, "commune", AMBIGUE, None, "");
                }
            }
            Some(fiche) => {
                let cle = fiche.pivot.as_ref().map_or_else(
                    || format!("{} {}", fold(&fiche.nom), fiche.commune.code),
                    ToString::to_string,
                );
                if let Some(premiere) = vues.get(&cle) {
                    ligne.note(rapport, "pivot", DEUX_FOIS, None, &format!("Voir la ligne {premiere}."));
                } else {
                    vues.insert(cle, ligne.numero);
                    let contact = contact(&mut ligne, rapport);
                    lues.push(Lue { ligne, fiche, contact });
                }
            }
        }
        compte(&mut bilan, rapport);
    })?;
    Ok((lues, bilan))
}

/// The words of other services for a kind.
const GENRES: [(&str, Genre); 8] = [
    ("ccas", Genre::ActionSociale),
    ("cias", Genre::ActionSociale),
    ("mairie", Genre::Commune),
    ("conseil departemental", Genre::Departement),
    ("conseil regional", Genre::Region),
    ("intercommunalite", Genre::Epci),
    ("private", Genre::Autre),
    ("prive", Genre::Autre),
];

fn genre(ligne: &mut Ligne, rapport: &mut Rapport<'_>) {
    let ecrit = fold(ligne.form.get("genre"));
    let connu = Genre::TOUS
        .into_iter()
        .find(|g| fold(g.cle()) == ecrit || fold(g.libelle()) == ecrit)
        .or_else(|| GENRES.iter().find(|(mot, _)| *mot == ecrit).map(|(_, g)| *g));
    match connu {
        Some(g) if ligne.form.get("genre") != g.cle() => {
            ligne.repare(rapport, "genre", GENRE, g.cle().to_owned())
        }
        Some(_) => {}
        None => ligne.repare(rapport, "genre", GENRE_DEDUIT, Genre::Autre.cle().to_owned()),
    }
}

/// The contact, when the line has one that can be reached.
fn contact(ligne: &mut Ligne, rapport: &mut Rapport<'_>) -> Option<FicheContact> {
    let champs = ["contact_nom", "contact_fonction", "contact_courriel", "contact_telephone"];
    if champs.iter().all(|c| ligne.form.get(c).is_empty()) {
        return None;
    }
    if ligne.form.get("contact_nom").is_empty() {
        ligne.form.set("contact_nom", "Accueil");
    }
    let lu = saisie::lire_contact(&mut ligne.form, "contact_");
    if lu.is_none() {
        for (champ, phrase) in ligne.form.errors().to_vec() {
            ligne.note(rapport, &champ, CONTACT, None, &phrase);
        }
    }
    lu
}

/// What a line becomes against what is known here: taken (`true`), or known already.
pub(super) fn deja(lue: &Lue, semblable: &Semblable, bilan: &mut Bilan, rapport: &mut Rapport<'_>) -> bool {
    const IDENTIQUE: Regle =
        Regle::filtre("deja-inscrite", "Cette structure est déjà inscrite, et pareille : rien ne change.");
    const DIFFERENTE: Regle = Regle::garde(
        "deja-inscrite-autrement",
        "Cette structure est déjà inscrite : sa fiche d’ici est gardée. Diffèrent :",
    );
    const RESSEMBLE: Regle =
        Regle::garde("ressemble", "Cette structure ressemble à d’autres, déjà inscrites :");
    match semblable {
        Semblable::Inscrite { differences } if differences.is_empty() => {
            bilan.unchanged += 1;
            lue.ligne.note(rapport, "pivot", IDENTIQUE, None, "");
            false
        }
        Semblable::Inscrite { differences } => {
            bilan.different += 1;
            lue.ligne.note(rapport, "pivot", DIFFERENTE, None, &format!("{}.", differences.join(", ")));
            false
        }
        Semblable::Nouvelle { ressemble } => {
            bilan.added += 1;
            if !ressemble.is_empty() {
                bilan.similar += 1;
                lue.ligne.note(rapport, "nom", RESSEMBLE, None, &format!("{}.", ressemble.join(" ; ")));
            }
            true
        }
    }
}
