//! The attendance sheet of a meeting: who is expected, and where each signs.

use platform::documents::{Acte, Bloc, Colonne, Document, Emetteur, Tableau};

use super::model::{Invite, Reunion};
use super::regles;
use crate::Mandats;

/// Lines left for who comes unannounced.
const LIBRES: usize = 8;

/// The document; by name, those who said that they come or were there.
pub(super) fn document(m: &Mandats, r: &Reunion, invites: &[Invite]) -> Document {
    let mut attendus: Vec<&Invite> = invites.iter().filter(|i| regles::attendu(i)).collect();
    attendus.sort_by_key(|i| {
        (kernel::text::fold(i.nom.as_deref().unwrap_or(&i.organisme)), kernel::text::fold(&i.qui()), i.id.0)
    });
    let mut lignes: Vec<Vec<String>> =
        attendus.iter().map(|i| vec![i.qui(), i.organisme.clone(), String::new()]).collect();
    lignes.extend(std::iter::repeat_n(vec!["…".to_owned(), "…".to_owned(), String::new()], LIBRES));
    let f = &r.fiche;
    Document::Acte(Acte {
        emetteur: Emetteur::new(&m.site, &f.organisateur),
        titre: "Feuille de présence".to_owned(),
        sous_titre: "Réunion de présentation d’Aidants Connect".to_owned(),
        reference: format!("Réunion {}", r.id),
        paysage: true,
        corps: vec![
            Bloc::Faits {
                faits: vec![
                    ("Quand".to_owned(), f.quand()),
                    ("Où".to_owned(), f.ou().to_owned()),
                    ("Attendus".to_owned(), attendus.len().to_string()),
                ],
            },
            Bloc::Tableau(Tableau {
                legende: "Personnes attendues, par nom ; les dernières lignes sont pour les autres"
                    .to_owned(),
                colonnes: vec![
                    Colonne::mots("Prénom et nom", 30),
                    Colonne::mots("Organisme", 40),
                    Colonne::mots("Signature", 30),
                ],
                lignes,
            }),
            Bloc::texte(
                "Cette feuille sert à savoir qui est venu. Les noms sont effacés six mois après la réunion.",
            ),
        ],
        signature: Vec::new(),
    })
}
