//! The lines of a score in French, for a person who decides.

use super::bareme::{Critere, Ligne};
use super::traits::Traits;

impl Ligne {
    /// What was seen, in a sentence.
    pub fn phrase(&self, a: &Traits, b: &Traits, distance_m: Option<u32>) -> String {
        use Critere as C;
        let (na, nb) = (&a.libelle, &b.libelle);
        let loin = metres(distance_m);
        let commun = |x: &[Box<str>], y: &[Box<str>]| {
            x.iter().find(|v| y.contains(v)).map_or_else(String::new, ToString::to_string)
        };
        match self.critere {
            C::NomIdentique => format!("Même nom : « {na} »."),
            C::NomProche => format!("Noms proches : « {na} » et « {nb} »."),
            C::NomInclus => format!("Un nom contient l’autre : « {na} » et « {nb} »."),
            C::NomPartage => format!("Noms qui ont des mots en commun : « {na} » et « {nb} »."),
            C::NomDifferent => format!("Noms sans rien de commun : « {na} » et « {nb} »."),
            C::NomsPropresOpposes => format!("Noms propres différents : « {na} » et « {nb} »."),
            C::GenresOpposes => format!("Deux genres de lieux : « {na} » et « {nb} »."),
            C::AutreService => format!("Deux services sous un même toit : « {na} » et « {nb} »."),
            C::DeuxFranceServices => {
                "Deux France services dans la même rue : il y en a rarement deux.".to_owned()
            }
            C::LabelEtHote => {
                format!("Une France services, et la maison qui l’abrite : « {na} » et « {nb} ».")
            }
            C::MobileOuFixe => "L’un est itinérant, l’autre non.".to_owned(),
            C::TresProches | C::Proches => format!("À {loin} l’un de l’autre."),
            C::Eloignes | C::TresEloignes => format!("À {loin} l’un de l’autre : loin pour un même lieu."),
            C::MemeAdresse => format!("Même adresse : « {} ».", a.voie),
            C::MemeVoie => format!("Même voie : « {} » et « {} ».", a.voie, b.voie),
            C::AutreNumero => format!("Même voie, autre numéro : « {} » et « {} ».", a.voie, b.voie),
            C::AutreVoie => format!("Adresses différentes : « {} » et « {} ».", a.voie, b.voie),
            C::AutreCommune => "Communes différentes.".to_owned(),
            C::MemeTelephone => format!("Même téléphone : {}.", a.telephone),
            C::TelephonePartage => format!("Même téléphone ({}), que d’autres lieux ont aussi.", a.telephone),
            C::AutreTelephone => format!("Téléphones différents : {} et {}.", a.telephone, b.telephone),
            C::MemeCourriel => format!("Même courriel : {}.", commun(&a.courriels, &b.courriels)),
            C::CourrielPartage => {
                format!(
                    "Même courriel ({}), que d’autres lieux ont aussi.",
                    commun(&a.courriels, &b.courriels)
                )
            }
            C::MemeSite => format!("Même site : {}.", commun(&a.sites, &b.sites)),
            C::MemePivot => format!("Même numéro SIRET ou RNA : {}.", a.pivot),
            C::MemeSource => "Deux fiches d’une même source, qui les distingue.".to_owned(),
        }
    }
}

/// « 80 m », « 2,3 km ».
fn metres(distance: Option<u32>) -> String {
    match distance {
        None => "une distance inconnue".to_owned(),
        Some(m) if m < 1_000 => format!("{m}\u{a0}m"),
        Some(m) => format!("{}\u{a0}km", kernel::text::nombre_decimal(f64::from(m) / 1000.0, 1)),
    }
}
