//! The certificate of somebody who followed the training and passed the test.

use axum::response::Response;
use platform::documents::{self, Acte, Bloc, Document, Emetteur};
use platform::web::PageError;

use crate::Mandats;
use crate::aidants::Aidant;
use crate::aidants::regles::{Parcours, Voie};

/// The file, drawn from what is known now.
///
/// # Errors
/// [`PageError::not_found`] when the training or the test is missing.
pub(super) async fn pdf(m: &Mandats, a: &Aidant, p: &Parcours) -> Result<Response, PageError> {
    let (Some((pix_le, score)), true) = (p.pix, p.forme()) else { return Err(PageError::not_found()) };
    use kernel::calendrier::{jour_en_lettres, minuit};
    let le = p.forme_le.map_or(pix_le, |f| f.max(pix_le));
    let mut faits = vec![("Profession".to_owned(), a.profession.clone())];
    faits.push((
        "Formation".to_owned(),
        match (p.voie, p.forme_le) {
            (Voie::Pair, _) => "par un collègue aidant, attestée par le test".to_owned(),
            (Voie::Classique, Some(f)) => format!("suivie jusqu’au {}", jour_en_lettres(f)),
            (Voie::Classique, None) => return Err(PageError::not_found()),
        },
    ));
    faits.push(("Test Pix".to_owned(), format!("réussi le {}, {score} sur 100", jour_en_lettres(pix_le))));
    let document = Document::Acte(Acte {
        emetteur: Emetteur::new(&m.site, "Équipe des habilitations"),
        titre: "Attestation de formation".to_owned(),
        sous_titre: "Formation d’aidant".to_owned(),
        reference: format!("Attestation {}", a.id),
        paysage: false,
        corps: vec![
            Bloc::texte("L’équipe des habilitations atteste que"),
            Bloc::fort(a.nom_complet()),
            Bloc::texte("a suivi la formation d’aidant et réussi le test qui la termine."),
            Bloc::Faits { faits },
        ],
        signature: Vec::new(),
    });
    let octets = documents::pdf(document, minuit(le)).await?;
    Ok(documents::reponse("attestation-aidant", octets))
}
