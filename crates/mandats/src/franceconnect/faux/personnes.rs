//! The invented people of the demonstration. Nobody of these names exists; the communes do.

use oidc::Claims;
use oidc::provider::ErrorCode;
use serde_json::json;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Personne {
    /// Its key in the form.
    pub cle: &'static str,
    /// Given names.
    pub prenoms: &'static [&'static str],
    /// Birth name.
    pub nom: &'static str,
    /// Name in use.
    pub usage: Option<&'static str>,
    /// `female`, `male`, `unspecified`.
    pub sexe: &'static str,
    /// Date of birth, as the civil status has it.
    pub naissance: &'static str,
    /// INSEE code of the commune of birth; empty when born abroad.
    pub commune: &'static str,
    /// INSEE code of the country of birth.
    pub pays: &'static str,
    /// Electronic address; empty when none.
    pub courriel: &'static str,
    /// What is worth trying with them.
    pub cas: &'static str,
}

const fn nee(
    cle: &'static str,
    prenoms: &'static [&'static str],
    nom: &'static str,
    sexe: &'static str,
) -> Personne {
    let (usage, courriel, cas) = (None, "", "");
    Personne { cle, prenoms, nom, usage, sexe, naissance: "", commune: "", pays: "99100", courriel, cas }
}

/// All of them.
pub const PERSONNES: &[Personne] = &[
    Personne {
        naissance: "1962-08-24",
        commune: "75107",
        courriel: "angele@demonstration.example",
        cas: "née à Paris, deux prénoms",
        ..nee("angele", &["Angèle", "Claire"], "FICTIVE-INVENTÉE", "female")
    },
    Personne {
        naissance: "1948-03-02",
        commune: "23096",
        courriel: "marcel@demonstration.example",
        cas: "né à Guéret",
        ..nee("marcel", &["Marcel"], "FICTIF-CREUSOIS", "male")
    },
    Personne {
        naissance: "1958-00-00",
        pays: "99335",
        courriel: "moussa@demonstration.example",
        cas: "né au Mali, jour et mois de naissance présumés",
        ..nee("moussa", &["Moussa"], "FICTIF-PRÉSUMÉ", "male")
    },
    Personne {
        naissance: "1949-05-00",
        commune: "23096",
        courriel: "rosa@demonstration.example",
        cas: "jour de naissance présumé",
        ..nee("rosa", &["Rosa", "Maria"], "FICTIVE-MAI", "female")
    },
    Personne {
        naissance: "1971-11-30",
        pays: "99352",
        usage: Some("FICTIVE-USAGE"),
        courriel: "nadia@demonstration.example",
        cas: "née en Algérie, avec un nom d’usage",
        ..nee("nadia", &["Nadia"], "FICTIVE-ALGER", "female")
    },
    Personne {
        naissance: "1980-01-15",
        commune: "2A004",
        courriel: "jean-baptiste@demonstration.example",
        cas: "né à Ajaccio, prénom composé",
        ..nee("jean-baptiste", &["Jean-Baptiste", "Ange"], "D’EXEMPLE-FICTIF", "male")
    },
    Personne {
        naissance: "1939-12-25",
        commune: "23096",
        cas: "sans adresse électronique",
        ..nee("lucette", &["Lucette"], "FICTIVE-SANS-COURRIEL", "female")
    },
    Personne {
        naissance: "1990-06-21",
        commune: "69383",
        courriel: "sacha@demonstration.example",
        cas: "sexe non précisé",
        ..nee("sacha", &["Sacha"], "FICTIF-NEUTRE", "unspecified")
    },
    Personne {
        naissance: "1966-02-28",
        commune: "23096",
        courriel: "x@demonstration.example",
        cas: "état civil incomplet : l’identité est refusée",
        ..nee("incomplet", &[], "FICTIF-SANS-PRÉNOM", "male")
    },
];

/// What may be chosen instead of somebody: key, words, error.
pub(super) const REFUS: &[(&str, &str, ErrorCode, &str)] = &[
    ("abandon", "La personne renonce", ErrorCode::AccessDenied, "the person gave up"),
    (
        "bloque",
        "FranceConnect refuse : le compte est bloqué",
        ErrorCode::AccessDenied,
        "the account is blocked",
    ),
    (
        "niveau",
        "Ce compte ne prouve pas assez l’identité",
        ErrorCode::UnmetAuthenticationRequirements,
        "the level cannot be reached",
    ),
    ("panne", "FranceConnect est en panne", ErrorCode::TemporarilyUnavailable, "under repair"),
];

/// The refusal of that key.
pub(super) fn refus(cle: &str) -> Option<(ErrorCode, &'static str)> {
    REFUS.iter().find(|(c, ..)| *c == cle).map(|(_, _, error, reason)| (*error, *reason))
}

fn personne(cle: &str) -> Option<&'static Personne> {
    PERSONNES.iter().find(|p| p.cle == cle)
}

/// The identifier of that person here.
pub(super) fn sujet(cle: &str) -> Option<String> {
    personne(cle).map(|p| format!("fictif-{}", p.cle))
}

/// Everything that is known of that person.
pub(super) fn claims(cle: &str) -> Option<Claims> {
    let p = personne(cle)?;
    let complete = |part: &str| if part == "00" { "01".to_owned() } else { part.to_owned() };
    let whole: Vec<String> = p.naissance.split('-').map(complete).collect();
    let mut claims = json!({
        "sub": sujet(cle)?,
        "given_name": p.prenoms.join(" "),
        "given_name_array": p.prenoms,
        "family_name": p.nom,
        "gender": p.sexe,
        "birthdate": whole.join("-"),
        "idp_birthdate": p.naissance,
        "birthplace": p.commune,
        "birthcountry": p.pays,
    });
    if let Some(usage) = p.usage {
        claims["preferred_username"] = usage.into();
    }
    if !p.courriel.is_empty() {
        claims["email"] = p.courriel.into();
    }
    claims.as_object().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usagers::Identite;

    #[test]
    fn each_is_taken_but_the_one_whose_civil_status_is_incomplete() {
        for p in PERSONNES {
            let read = Identite::lire(&claims(p.cle).unwrap());
            assert_eq!(read.is_ok(), p.cle != "incomplet", "{}", p.cle);
            assert!(p.nom.contains("FICTI"), "{}", p.nom);
        }
        let moussa = Identite::lire(&claims("moussa").unwrap()).unwrap();
        assert_eq!(
            (moussa.naissance.etat_civil.as_str(), moussa.naissance.completee.to_string().as_str()),
            ("1958-00-00", "1958-01-01")
        );
        assert!(claims("abandon").is_none() && refus("angele").is_none());
    }
}
