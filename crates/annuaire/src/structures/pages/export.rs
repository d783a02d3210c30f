//! The list as a file.

use axum::extract::State;
use kernel::Telephone;
use platform::tableur::{Cellule, Format};
use platform::web::{LOT, Liste, Lot, PageResult, Requete, Shell};

use super::liste;
use crate::Annuaire;
use crate::structures::model::Attribut;
use crate::structures::{Ligne, lecture};

const FICHIER: Liste = Liste {
    nom: "structures",
    titres: &[
        "identifiant",
        "nom",
        "siret_rna_ridet",
        "genre",
        "categorie_juridique",
        "adresse",
        "code_postal",
        "commune",
        "code_insee",
        "departement",
        "site_internet",
        "etat",
        "contact",
        "contact_courriel",
        "contact_telephone",
        "reseau",
    ],
};

pub(super) async fn exporter(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site, qui) = (liste::filtre(&form), annuaire.site.clone(), actor.clone());
    FICHIER
        .envoyer(&site, &actor, (format, form.values()), move |marque: Option<(String, uuid::Uuid)>| {
            let (annuaire, actor, filtre) = (annuaire.clone(), qui.clone(), filtre.clone());
            async move {
                let marque = marque.as_ref().map(|(rang, id)| (rang.as_str(), *id));
                let lignes = lecture::lot(&annuaire.site, &actor, &filtre, marque, LOT).await?;
                Ok(Lot::de(&lignes, LOT, cellules, |l| (l.marque().to_owned(), l.id.0)))
            }
        })
        .await
}

fn cellules(ligne: &Ligne) -> Vec<Cellule> {
    let f = &ligne.fiche;
    let contact = ligne.contact.as_ref();
    let courriel = contact.and_then(|c| c.courriel.as_ref());
    let telephone = contact.and_then(|c| c.telephone.as_ref());
    vec![
        ligne.id.to_string().into(),
        f.nom.clone().into(),
        f.lisible(Attribut::Pivot).into(),
        f.genre.libelle().into(),
        f.lisible(Attribut::Categorie).into(),
        f.lisible(Attribut::Voie).into(),
        f.lisible(Attribut::CodePostal).into(),
        f.commune.nom.clone().into(),
        f.commune.code.to_string().into(),
        f.commune.departement.to_string().into(),
        f.lisible(Attribut::SiteWeb).into(),
        ligne.etat.libelle().into(),
        contact.map(|c| c.nom.clone()).into(),
        courriel.map(ToString::to_string).into(),
        telephone.map(Telephone::lisible).into(),
        f.lisible(Attribut::Reseau).into(),
    ]
}
