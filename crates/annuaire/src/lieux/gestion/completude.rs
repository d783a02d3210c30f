//! How complete a sheet is: points for what people need to find a lieu and to go there. The same table counts in Rust and
//! in SQL.

use crate::lieux::standard::{Champ, Fiche, PIVOT_INCONNU};

/// Something that a complete sheet says.
#[derive(Debug)]
pub struct Critere {
    /// Fields: one of them is enough.
    pub champs: &'static [Champ],
    /// Points of a hundred.
    pub points: i64,
    /// What to add, in words.
    pub conseil: &'static str,
}

/// The table. What people look at before they come weighs most: hours, services, how to get in, whom to call.
pub const CRITERES: &[Critere] = &[
    Critere { champs: &[Champ::Horaires], points: 15, conseil: "Les horaires d’ouverture" },
    Critere { champs: &[Champ::Services], points: 15, conseil: "Les services proposés" },
    Critere { champs: &[Champ::Telephone], points: 10, conseil: "Un numéro de téléphone" },
    Critere { champs: &[Champ::Adresse], points: 8, conseil: "L’adresse : numéro et rue" },
    Critere { champs: &[Champ::Latitude], points: 8, conseil: "La position sur la carte" },
    Critere {
        champs: &[Champ::ModalitesAcces],
        points: 8,
        conseil: "Comment venir : se présenter, téléphoner…",
    },
    Critere { champs: &[Champ::Courriels], points: 6, conseil: "Une adresse électronique" },
    Critere {
        champs: &[Champ::ModalitesAccompagnement],
        points: 6,
        conseil: "La façon d’aider : seul, accompagné, en groupe…",
    },
    Critere { champs: &[Champ::FraisACharge], points: 6, conseil: "Le prix" },
    Critere { champs: &[Champ::PresentationResume], points: 5, conseil: "Une présentation en deux phrases" },
    Critere { champs: &[Champ::Typologie], points: 4, conseil: "Le type de lieu" },
    Critere { champs: &[Champ::Pivot], points: 4, conseil: "Le SIRET, le RNA ou le RIDET" },
    Critere {
        champs: &[Champ::SiteWeb, Champ::PriseRdv],
        points: 3,
        conseil: "Un site web, ou une page de rendez-vous",
    },
    Critere {
        champs: &[Champ::FicheAccesLibre], points: 2, conseil: "La fiche d’accessibilité Accès Libre"
    },
];

/// From here on a sheet is complete enough; below [`INSUFFISANT`], it hardly helps.
pub const COMPLET: i64 = 85;
/// Below, a sheet hardly helps.
pub const INSUFFISANT: i64 = 60;

fn rempli(fiche: &Fiche, champ: Champ) -> bool {
    let valeur = fiche.valeur(champ);
    !valeur.is_empty() && (champ != Champ::Pivot || valeur != PIVOT_INCONNU)
}

/// Points of a sheet, from 0 to 100.
pub fn points(fiche: &Fiche) -> i64 {
    CRITERES.iter().filter(|c| c.champs.iter().any(|ch| rempli(fiche, *ch))).map(|c| c.points).sum()
}

/// What is missing, the most useful first.
pub fn manques(fiche: &Fiche) -> Vec<&'static Critere> {
    CRITERES.iter().filter(|c| !c.champs.iter().any(|ch| rempli(fiche, *ch))).collect()
}

/// The same points as an expression of SQL, over the columns of `l`.
pub(in crate::lieux) fn sql() -> String {
    let rempli = |champ: &Champ| match champ {
        Champ::Latitude => "l.latitude IS NOT NULL".to_owned(),
        Champ::Pivot => format!("(l.pivot <> '' AND l.pivot <> '{PIVOT_INCONNU}')"),
        autre => format!("l.{} <> ''", autre.nom()),
    };
    let cas = |c: &Critere| {
        let un: Vec<String> = c.champs.iter().map(rempli).collect();
        format!("CASE WHEN {} THEN {} ELSE 0 END", un.join(" OR "), c.points)
    };
    format!("({})", CRITERES.iter().map(cas).collect::<Vec<_>>().join(" + "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_points_and_what_to_add() {
        assert_eq!(CRITERES.iter().map(|c| c.points).sum::<i64>(), 100);
        let vide = Fiche::default();
        assert_eq!((points(&vide), manques(&vide).len()), (0, CRITERES.len()));
        let fiche = Fiche { horaires: "24/7".into(), site_web: "https://a.fr".into(), ..Fiche::default() };
        assert_eq!(points(&fiche), 18);
        assert!(manques(&fiche).iter().all(|c| c.conseil != "Les horaires d’ouverture"));
    }
}
