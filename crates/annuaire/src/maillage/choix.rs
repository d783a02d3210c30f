//! What a visitor chooses on the pages of coverage; all of it stands in the address.

use kernel::text::{nombre, nombre_decimal};
use platform::web::FormState;

use super::bilan::Bilan;
use super::model::{Critere, Seuil};

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Indicateur {
    /// Share of the inhabitants within the threshold.
    #[default]
    Part,
    /// Mean distance of an inhabitant.
    Distance,
    /// Lieux for 10 000 inhabitants.
    Lieux,
    /// Hours of opening a week for 10 000 inhabitants.
    Heures,
}

impl Indicateur {
    pub(crate) const TOUS: [Self; 4] = [Self::Part, Self::Distance, Self::Lieux, Self::Heures];

    pub(crate) fn cle(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Distance => "distance",
            Self::Lieux => "lieux",
            Self::Heures => "heures",
        }
    }

    pub(crate) fn libelle(self) -> &'static str {
        match self {
            Self::Part => "Part des habitants à portée d’un lieu",
            Self::Distance => "Distance moyenne au lieu le plus proche",
            Self::Lieux => "Lieux pour 10 000 habitants",
            Self::Heures => "Heures d’ouverture par semaine pour 10 000 habitants",
        }
    }

    /// Percents, kilometres, lieux or hours.
    pub(crate) fn valeur(self, bilan: &Bilan, seuil: Seuil) -> Option<f64> {
        match self {
            Self::Part => bilan.part(seuil).map(|p| p * 100.0),
            Self::Distance => bilan.distance_moyenne_m().map(|m| m / 1000.0),
            Self::Lieux => bilan.lieux_pour_10000(),
            Self::Heures => bilan.heures_pour_10000(),
        }
    }

    pub(crate) fn texte(self, valeur: Option<f64>) -> String {
        match (valeur, self) {
            (None, _) => "–".to_owned(),
            (Some(v), Self::Part) => format!("{} %", nombre_decimal(v, 1)),
            (Some(v), Self::Distance) => km(v),
            (Some(v), Self::Lieux) => nombre_decimal(v, 2),
            (Some(v), Self::Heures) => format!("{} h", nombre_decimal(v, 0)),
        }
    }

    /// Bounds between the six classes of the map. They never move, so that two maps compare.
    pub(crate) fn bornes(self) -> [f64; 5] {
        match self {
            Self::Part => [40.0, 60.0, 80.0, 90.0, 95.0],
            Self::Distance => [2.0, 4.0, 7.0, 12.0, 20.0],
            Self::Lieux => [0.25, 0.5, 1.0, 2.0, 4.0],
            Self::Heures => [5.0, 15.0, 30.0, 60.0, 120.0],
        }
    }

    /// Class of the map, 0 to 5.
    pub(crate) fn classe(self, valeur: Option<f64>) -> Option<usize> {
        valeur.map(|v| self.bornes().iter().filter(|b| v >= **b).count())
    }

    /// Name of a class: « de 40 à moins de 60 % ».
    pub(crate) fn nom_classe(self, classe: usize) -> String {
        let bornes = self.bornes();
        let unite = match self {
            Self::Part => " %",
            Self::Distance => " km",
            Self::Lieux => "",
            Self::Heures => " h",
        };
        let ecrit = |b: f64| {
            if b.fract() == 0.0 {
                nombre_decimal(b, 0)
            } else {
                nombre_decimal(b, 2).trim_end_matches('0').to_owned()
            }
        };
        match (classe.checked_sub(1).and_then(|i| bornes.get(i)), bornes.get(classe)) {
            (None, Some(haut)) => format!("moins de {}{unite}", ecrit(*haut)),
            (Some(bas), Some(haut)) => format!("de {} à moins de {}{unite}", ecrit(*bas), ecrit(*haut)),
            (Some(bas), None) => format!("{}{unite} et plus", ecrit(*bas)),
            (None, None) => String::new(),
        }
    }
}

/// Kilometres with one decimal below 100.
pub(crate) fn km(v: f64) -> String {
    format!("{} km", nombre_decimal(v, usize::from(v < 100.0)))
}

/// A share as a percentage.
pub(crate) fn pour_cent(part: Option<f64>) -> String {
    Indicateur::Part.texte(part.map(|p| p * 100.0))
}

/// Inhabitants.
pub(crate) fn habitants(n: u64) -> String {
    nombre(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The choices of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Choix {
    pub(crate) indicateur: Indicateur,
    pub(crate) critere: Critere,
    pub(crate) seuil: Seuil,
    /// National page: régions rather than départements.
    pub(crate) par_region: bool,
    /// Tables by name rather than from the least to the best served.
    pub(crate) par_nom: bool,
}

impl Choix {
    /// Reads the query of an address; what it does not know takes its usual value.
    pub(crate) fn lit(requete: &FormState) -> Self {
        let indicateur = requete.get("indicateur");
        Self {
            indicateur: Indicateur::TOUS.into_iter().find(|i| i.cle() == indicateur).unwrap_or_default(),
            critere: Critere::de_cle(requete.get("critere")).unwrap_or(Critere::Tous),
            seuil: Seuil::de_km(requete.get("seuil")).unwrap_or(Seuil::Dix),
            par_region: requete.get("niveau") == "regions",
            par_nom: requete.get("tri") == "nom",
        }
    }

    /// Whether the least served has the smallest value: the smallest share, but the longest distance.
    pub(crate) fn du_plus_petit(&self) -> bool {
        self.indicateur != Indicateur::Distance
    }

    /// The query that gives these choices again, with its question mark; empty for the usual ones.
    pub(crate) fn requete(&self) -> String {
        let mut parts = Vec::new();
        if self.indicateur != Indicateur::Part {
            parts.push(format!("indicateur={}", self.indicateur.cle()));
        }
        if self.critere != Critere::Tous {
            parts.push(format!("critere={}", self.critere.cle()));
        }
        if self.seuil != Seuil::Dix {
            parts.push(format!("seuil={}", self.seuil.km()));
        }
        if self.par_region {
            parts.push("niveau=regions".to_owned());
        }
        if self.par_nom {
            parts.push("tri=nom".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The form as the visitor left it.
    pub(crate) fn formulaire(&self) -> FormState {
        FormState::filled([
            ("indicateur", self.indicateur.cle().to_owned()),
            ("critere", self.critere.cle().to_owned()),
            ("seuil", self.seuil.km().to_string()),
            ("niveau", if self.par_region { "regions" } else { "departements" }.to_owned()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_go_through_the_address() {
        for query in [
            "",
            "?indicateur=heures&critere=samedi&seuil=20&niveau=regions&tri=nom",
            "?critere=aide-demarches",
        ] {
            let pairs: Vec<(String, String)> = query
                .trim_start_matches('?')
                .split('&')
                .filter_map(|p| p.split_once('='))
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect();
            assert_eq!(Choix::lit(&FormState::filled(pairs)).requete(), query);
        }
        let strange = FormState::filled([("seuil", "-1"), ("critere", "'; DROP"), ("indicateur", "é")]);
        assert_eq!(Choix::lit(&strange).requete(), "");
    }

    #[test]
    fn classes_are_named() {
        for (valeur, classe, nom) in [
            (0.0, 0, "moins de 40 %"),
            (40.0, 1, "de 40 à moins de 60 %"),
            (94.9, 4, "de 90 à moins de 95 %"),
            (100.0, 5, "95 % et plus"),
        ] {
            assert_eq!(Indicateur::Part.classe(Some(valeur)), Some(classe), "{valeur}");
            assert_eq!(Indicateur::Part.nom_classe(classe), nom);
        }
        assert_eq!(Indicateur::Lieux.nom_classe(1), "de 0,25 à moins de 0,5");
        assert_eq!(Indicateur::Distance.classe(None), None);
        assert_eq!(Indicateur::Distance.texte(Some(123.4)), "123 km");
    }
}
