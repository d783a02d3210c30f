//! Orientation: four questions that lead to lieux, for whoever helps somebody, and the sheet that this person takes away.
//!
//! The answers stand in the address, so that every step can be left, shared and come back to; nothing is stored.

pub(super) mod feuille;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use platform::web::{FormState, PageResult, Requete, Shell, page};

use super::cartes::CarteLieu;
use super::liste::{Piste, compte, pistes, precisions, proche, rayons};
use super::ou::Ou;
use super::requete::Lue;
use crate::Annuaire;
use crate::lieux::recherche::{Demande, Facette, IndexLieux, Resultat};
use crate::lieux::standard::{Acces, Public, Valeur};

/// Lieux that the answers lead to: enough to choose from, few enough to be read aloud.
const LIEUX: usize = 8;

/// A question, and the lists that answer it.
struct Question {
    titre: &'static str,
    explication: &'static str,
    listes: &'static [(Facette, &'static str, &'static str)],
}

const QUESTIONS: [Question; 4] = [
    Question {
        titre: "Quel est le besoin ?",
        explication: "Cochez une ou plusieurs réponses.",
        listes: &[(Facette::Services, "Avec ses mots : « j’ai besoin d’aide pour… »", "")],
    },
    Question {
        titre: "Pour qui ?",
        explication: "Les lieux ouverts à tout le monde sont toujours gardés. Vous pouvez passer cette question.",
        listes: &[
            (Facette::Publics, "La personne est concernée par un accueil pour…", ""),
            (
                Facette::PrisesEnCharge,
                "Elle a besoin…",
                "Seuls les lieux qui disent savoir accueillir ce besoin sont gardés.",
            ),
        ],
    },
    Question {
        titre: "Dans quelles conditions ?",
        explication: "Vous pouvez passer cette question.",
        listes: &[
            (Facette::Frais, "Le prix", ""),
            (Facette::Accompagnement, "La façon d’être aidé", ""),
            (Facette::Acces, "La façon de venir", ""),
            (Facette::Moments, "Le moment", ""),
        ],
    },
    Question {
        titre: "Où ?",
        explication: "Indiquez la commune ou le code postal d’où part la personne.",
        listes: &[],
    },
];

/// Step of the results, after the questions.
const RESULTATS: usize = QUESTIONS.len() + 1;

/// Keeps the lieux that are for everyone beside those that are for the audience asked for.
pub(super) fn elargit(lue: &mut Lue) {
    let tous = Public::TOUTES.len();
    let filtres = &mut lue.demande.filtres;
    if filtres.filtre(Facette::Publics) && !filtres.contient(Facette::Publics, tous) {
        filtres.ajoute(Facette::Publics, tous);
        let cle = &Facette::Publics.valeurs()[tous].cle;
        lue.paires.push((Facette::Publics.parametre().to_owned(), cle.to_string()));
    }
}

/// How many lieux a value would leave: for an audience, those for everyone count too.
pub(super) fn nombre(f: Facette, valeur: usize, resultat: &Resultat) -> u32 {
    let comptes = &resultat.comptes[f.rang()];
    let tous = Public::TOUTES.len();
    match f {
        Facette::Publics if valeur != tous => comptes[valeur] + comptes[tous],
        _ => comptes[valeur],
    }
}

/// A list of values to tick.
struct Groupe {
    nom: &'static str,
    titre: &'static str,
    aide: &'static str,
    options: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "lieux/pages/orientation/etape.html")]
struct PageEtape {
    shell: Shell,
    form: FormState,
    etape: usize,
    titre: &'static str,
    suivante: Option<&'static str>,
    explication: &'static str,
    groupes: Vec<Groupe>,
    caches: Vec<(String, String)>,
    compte: String,
    precedent: Option<String>,
    rayons: Vec<(String, String)>,
    choix: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "lieux/pages/orientation/resultats.html")]
struct PageResultats {
    shell: Shell,
    form: FormState,
    compte: String,
    precisions: Vec<String>,
    reponses: Vec<(&'static str, String, String)>,
    lieux: Vec<CarteLieu>,
    autres: usize,
    proche: Option<CarteLieu>,
    pistes: Vec<Piste>,
    tous: String,
    caches: Vec<(String, String)>,
    adresse: String,
    courriel: String,
}

pub(crate) async fn page_orientation(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let index = annuaire.index().await?;
    let maintenant = annuaire.site.clock.now();
    let mut lue = Lue::de(&annuaire.territoires(), &requete, maintenant);
    elargit(&mut lue);
    let demandee = requete.get("etape").parse().unwrap_or(1).clamp(1, RESULTATS);
    // A place that is not understood is asked again, whatever the step.
    let etape = if matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_)) { QUESTIONS.len() } else { demandee };
    match QUESTIONS.get(etape - 1) {
        Some(question) => page(&compose_etape(&index, &lue, shell, question, etape, maintenant)),
        None => page(&compose_resultats(&annuaire, &index, &lue, shell, FormState::default())),
    }
}

/// Parameters that a step asks for.
fn demande_a(etape: usize, parametre: &str) -> bool {
    match QUESTIONS.get(etape.wrapping_sub(1)) {
        Some(q) if q.listes.is_empty() => Facette::de_parametre(parametre).is_none() && parametre != "q",
        Some(q) => q.listes.iter().any(|(f, ..)| f.parametre() == parametre),
        None => false,
    }
}

fn href(lue: &Lue, etape: usize) -> String {
    format!("/orientation?{}", lue.avec(|_, _| true, &[("etape", &etape.to_string())]))
}

fn compose_etape(
    index: &IndexLieux,
    lue: &Lue,
    shell: Shell,
    question: &'static Question,
    etape: usize,
    maintenant: DateTime<Utc>,
) -> PageEtape {
    let cherche = !matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_));
    // While the place is not known, nothing says how many lieux there are near it.
    let demande = if cherche {
        lue.demande.clone()
    } else {
        Demande { origine: None, zone: None, rayon_m: None, ..lue.demande.clone() }
    };
    let resultat = index.chercher(&demande, maintenant, 0, 0);
    let mut form = lue.formulaire();
    if let Ou::Inconnu(texte) = &lue.ou {
        form.refuse(
            "ou",
            format!("Nous ne trouvons pas « {texte} ». Vérifiez l’orthographe, ou indiquez le code postal."),
        );
    }
    let groupes = question.listes.iter().map(|(f, titre, aide)| Groupe {
        nom: f.parametre(),
        titre,
        aide,
        options: options(*f, lue, &resultat),
    });
    PageEtape {
        etape,
        titre: question.titre,
        suivante: QUESTIONS.get(etape).map(|q| q.titre),
        explication: question.explication,
        groupes: groupes.filter(|g| !g.options.is_empty()).collect(),
        caches: lue.paires.iter().filter(|(k, _)| !demande_a(etape, k)).cloned().collect(),
        compte: if cherche { compte(lue, resultat.total) } else { String::new() },
        precedent: (etape > 1).then(|| href(lue, etape - 1)),
        rayons: rayons(&form),
        choix: match &lue.ou {
            Ou::Choix(choix) => choix
                .iter()
                .map(|(nom, detail, valeur)| {
                    let plus = [("ou", valeur.as_str()), ("etape", "5")];
                    let lien = format!("/orientation?{}", lue.avec(|k, _| k != "ou", &plus));
                    (nom.clone(), detail.clone(), lien)
                })
                .collect(),
            _ => Vec::new(),
        },
        form,
        shell,
    }
}

/// The values that would leave a lieu, or that are ticked, each with how many it would leave.
fn options(f: Facette, lue: &Lue, resultat: &Resultat) -> Vec<(String, String)> {
    let sans_interet = |v: usize| match f {
        Facette::Publics => v == Public::TOUTES.len(),
        Facette::Acces => v == usize::from(Acces::PasDePublic.rang()),
        _ => false,
    };
    (0..f.valeurs().len())
        .filter(|v| !sans_interet(*v))
        .map(|v| (v, nombre(f, v, resultat)))
        .filter(|(v, n)| *n > 0 || lue.demande.filtres.contient(f, *v))
        .map(|(v, n)| {
            let valeur = &f.valeurs()[v];
            (valeur.cle.to_string(), format!("{} ({})", valeur.clair, kernel::text::nombre(i64::from(n))))
        })
        .collect()
}

/// What was answered to each question, with the address that changes it.
fn reponses(lue: &Lue) -> Vec<(&'static str, String, String)> {
    QUESTIONS
        .iter()
        .enumerate()
        .map(|(i, q)| {
            let dites: Vec<&str> = lue
                .demande
                .filtres
                .valeurs()
                .filter(|(f, _)| q.listes.iter().any(|(g, ..)| g == f))
                .filter(|(f, v)| *f != Facette::Publics || *v != Public::TOUTES.len())
                .map(|(f, v)| f.valeurs()[v].clair.as_ref())
                .collect();
            let texte = match (&lue.ou, dites.is_empty()) {
                _ if q.listes.is_empty() => super::liste::ou_en_clair(lue),
                (_, true) => "Pas de préférence".to_owned(),
                (_, false) => dites.join(" · "),
            };
            (q.titre, texte, href(lue, i + 1))
        })
        .collect()
}

fn compose_resultats(
    annuaire: &Annuaire,
    index: &IndexLieux,
    lue: &Lue,
    shell: Shell,
    saisi: FormState,
) -> PageResultats {
    let maintenant = annuaire.site.clock.now();
    let resultat = index.chercher(&lue.demande, maintenant, 0, LIEUX);
    let lieux: Vec<CarteLieu> =
        resultat.trouves.iter().filter_map(|t| CarteLieu::de(index, *t, maintenant)).collect();
    let rien = resultat.total == 0;
    let adresse = annuaire.site.url(&href(lue, RESULTATS));
    let mut form = saisi;
    if form.values().is_empty() && (lue.demande.origine.is_some() || lue.demande.zone.is_some()) {
        // The three nearest are proposed; nothing is near without a place.
        form = FormState::filled(lieux.iter().take(3).map(|l| ("lieu", l.id.clone())));
    }
    PageResultats {
        compte: compte(lue, resultat.total),
        precisions: precisions(lue, &resultat),
        reponses: reponses(lue),
        autres: resultat.total.saturating_sub(lieux.len()),
        proche: rien.then(|| proche(index, lue, maintenant)).flatten(),
        pistes: if rien { pistes(index, lue, maintenant) } else { Vec::new() },
        tous: format!("/lieux?{}", lue.texte()),
        caches: lue.paires.clone(),
        courriel: super::fiche::message("Lieux d’aide au numérique", &compte(lue, resultat.total), &adresse),
        adresse,
        lieux,
        form,
        shell,
    }
}
