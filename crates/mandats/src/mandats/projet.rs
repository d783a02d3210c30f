//! What a document is made of: the organisation, the person and the aidant as they are now, in lines that a document may
//! hold.

use annuaire::structures;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kernel::{CodeCommune, CodeDepartement, Refusal};
use sea_orm::ConnectionTrait;

use crate::aidants::Agissant;
use crate::document::{Aidant, Commune, Organisation, Pays, Usager as Signataire, lisse_ligne};
use crate::usagers::{Usager, nom_du_pays};
use crate::{Failure, Mandats};

/// The clocks of a place.
pub(crate) fn fuseau(departement: &CodeDepartement) -> Tz {
    match departement.as_str() {
        "971" | "977" | "978" => Tz::America__Guadeloupe,
        "972" => Tz::America__Martinique,
        "973" => Tz::America__Cayenne,
        "974" => Tz::Indian__Reunion,
        "975" => Tz::America__Miquelon,
        "976" => Tz::Indian__Mayotte,
        "986" => Tz::Pacific__Wallis,
        "987" => Tz::Pacific__Tahiti,
        "988" => Tz::Pacific__Noumea,
        _ => Tz::Europe__Paris,
    }
}

/// An instant as the clocks of the organisation show it.
pub(super) fn sur_place(a: &Agissant, le: DateTime<Utc>) -> DateTime<Tz> {
    le.with_timezone(&fuseau(&a.organisation.departement))
}

fn ligne(quoi: &str, texte: &str) -> Result<String, Refusal> {
    lisse_ligne(texte).map(|(ligne, _)| ligne).map_err(|pourquoi| {
        Refusal::conflict(format!("{quoi} {pourquoi}. Faites-le corriger avant de faire un mandat."))
    })
}

/// The organisation, as a document names it.
///
/// # Errors
/// It has no number, or its name cannot be printed.
pub(super) async fn organisation(conn: &impl ConnectionTrait, a: &Agissant) -> Result<Organisation, Failure> {
    let vue = structures::find(conn, a.organisation.structure).await?.ok_or(Refusal::NotFound)?;
    let pivot = vue.pivot.as_ref().ok_or_else(|| {
        Refusal::conflict(
            "Votre organisation n’a pas de numéro (SIRET, RNA ou RIDET) dans l’annuaire : votre référent doit le faire ajouter.",
        )
    })?;
    let nom = ligne("Le nom de votre organisation", &vue.nom)?;
    let adresse = ligne("L’adresse de votre organisation", &vue.adresse)?;
    Ok(Organisation::nouvelle(nom, pivot, adresse))
}

/// The aidant, as a document names them.
///
/// # Errors
/// A name that cannot be printed.
pub(super) fn aidant(a: &Agissant) -> Result<Aidant, Failure> {
    Ok(Aidant {
        prenom: ligne("Votre prénom", &a.aidant.prenom)?,
        nom: ligne("Votre nom", &a.aidant.nom)?,
        fonction: ligne("Votre profession", &a.aidant.profession)?,
    })
}

/// The person, as a document names them.
pub(super) fn signataire(m: &Mandats, usager: &Usager) -> Signataire {
    let i = &usager.identite;
    let commune = i.commune.as_ref().map(|code| Commune { code: code.clone(), nom: commune(m, code) });
    Signataire {
        prenoms: i.prenoms.clone(),
        nom: i.nom.clone(),
        nom_usage: i.nom_usage.clone(),
        naissance: i.naissance.clone(),
        commune,
        pays: Pays { code: i.pays.clone(), nom: nom_du_pays(&i.pays) },
    }
}

/// « Guéret », « Algérie »: where somebody was born, in words.
pub(super) fn lieu_de_naissance(m: &Mandats, usager: &Usager) -> String {
    let i = &usager.identite;
    i.commune.as_ref().map_or_else(|| nom_du_pays(&i.pays), |code| commune(m, code))
}

/// The name of a commune of birth: of today, of former days, or an arrondissement.
fn commune(m: &Mandats, code: &str) -> String {
    let territoires = m.annuaire.atlas.territoires();
    let nom = CodeCommune::parse(code).and_then(|code| {
        let actuelle = territoires.commune(&code).map(|c| c.nom.clone());
        let interieure = || territoires.interieure(&code).map(|i| i.nom.clone());
        let ancienne = || territoires.rang_actuel(&code).map(|r| territoires.communes()[r].nom.clone());
        actuelle.or_else(interieure).or_else(ancienne)
    });
    nom.unwrap_or_else(|| "commune sans nom dans nos listes".to_owned())
}
