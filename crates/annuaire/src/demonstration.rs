//! Fictitious lieux on the real territory, for the demonstration and the benches. Their names say
//! that they are fictitious, their telephones are numbers that ARCEP keeps for fiction, their
//! addresses end in `example.org`. They are made as a standard file, and come in by the ordinary
//! import: what is shown is what works.

mod horaires;

use kernel::Chance;

use crate::lieux::standard::{Champ, Frais, Public, Service, Valeur};
use crate::territoires::{Commune, Territoires};

/// A kind of lieu: name before « de Commune », typology, programmes, patterns of opening hours, share of them
/// in a hundred.
struct Modele {
    nom: &'static str,
    typologie: &'static str,
    dispositifs: &'static str,
    horaires: &'static [&'static str],
    part: u64,
}

const MODELES: &[Modele] = &[
    Modele {
        nom: "France services fictif",
        typologie: "RFS",
        dispositifs: "France Services|Aidants Connect",
        horaires: &[
            "Mo-Fr {m},{a}",
            "Mo-Th {m},{a}; Fr {m}",
            "Mo,Tu,Th {m},{a}; We {m}; Fr {j}",
            "Mo {a}; Tu-Fr {m},{a}",
        ],
        part: 25,
    },
    Modele {
        nom: "Médiathèque fictive",
        typologie: "BIB",
        dispositifs: "",
        horaires: &[
            "Tu,We,Fr {m},{a}; Sa {m},{a}",
            "We,Sa {j}",
            "Tu {a}; We {m},{a}; Fr {s}; Sa {m}",
            "Tu-Sa {j}",
        ],
        part: 25,
    },
    Modele {
        nom: "Mairie fictive",
        typologie: "MUNI",
        dispositifs: "Conseillers numériques",
        horaires: &[
            "Mo-Fr {m}",
            "Mo,Tu,Th,Fr {m},{a}; We {m}",
            "Tu,Th {m}; Fr {s}",
            "Mo {m}; We {m},{a}; Fr {a}",
        ],
        part: 20,
    },
    Modele {
        nom: "Centre social fictif",
        typologie: "CSC",
        dispositifs: "Conseillers numériques|Aidants Connect",
        horaires: &["Mo-Fr {m},{a}", "Tu,Th {a},{s}", "Mo {a}; Tu {m},{a}; We {j}; Th {m}; Fr {m},{a}"],
        part: 15,
    },
    Modele {
        nom: "Espace numérique fictif",
        typologie: "EPN|ASSO",
        dispositifs: "Conseillers numériques",
        horaires: &["Tu-Sa {a}", "Mo,We,Fr {m}", "Mo {m}; Tu {a}; We {m},{a}; Th {s}", "We {j}; Sa {m}"],
        part: 15,
    },
];

/// Columns of the file: those of the standard, in its order.
pub fn colonnes() -> impl Iterator<Item = &'static str> {
    Champ::TOUS.iter().map(|c| c.nom())
}

/// So many fictitious lieux, the same each time for one seed, as rows of the standard. Communes are
/// drawn by their population to the power of 0.6: large ones have more, small ones sometimes none.
pub fn lieux_fictifs(
    territoires: &Territoires,
    combien: usize,
    graine: u64,
) -> impl Iterator<Item = Vec<String>> {
    let chance = Chance::seeded(graine);
    let tire = tirage(territoires, 0.6);
    (0..combien).filter_map(move |n| Some(ligne(&chance, tire(&chance)?, n)))
}

/// Draws communes by their population to that power: at 1 as people live, at less small ones come more often.
pub fn tirage<'t>(territoires: &'t Territoires, puissance: f64) -> impl Fn(&Chance) -> Option<&'t Commune> {
    let mut cumul = Vec::new();
    let mut total = 0.0;
    for commune in
        territoires.communes().iter().filter(|c| c.position.is_some() && !c.codes_postaux.is_empty())
    {
        total += f64::from(commune.habitants().max(1)).powf(puissance);
        cumul.push((total, commune));
    }
    move |chance| {
        let tirage = fraction(chance) * total;
        cumul.get(cumul.partition_point(|(c, _)| *c < tirage)).map(|(_, commune)| *commune)
    }
}

/// The values of a list of the standard.
fn libelles<V: Valeur>() -> Vec<&'static str> {
    V::TOUTES.iter().map(|v| v.libelle()).collect()
}

/// A number in `0.0..1.0`.
fn fraction(chance: &Chance) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a draw, not an amount")]
    let x = chance.below(1 << 32) as f64 / (1u64 << 32) as f64;
    x
}

fn parmi<'a, T: ?Sized>(chance: &Chance, choix: &[&'a T]) -> &'a T {
    choix[usize::try_from(chance.below(choix.len() as u64)).unwrap_or(0)]
}

/// Some of the labels, at least one, in their order.
fn quelques(chance: &Chance, labels: &[&str], sur_cent: u64) -> String {
    let pris: Vec<&str> = labels.iter().copied().filter(|_| chance.below(100) < sur_cent).collect();
    if pris.is_empty() { parmi(chance, labels).to_owned() } else { pris.join("|") }
}

fn ligne(chance: &Chance, commune: &Commune, n: usize) -> Vec<String> {
    let mut tirage = chance.below(100);
    let modele = MODELES
        .iter()
        .find(|m| {
            let ici = tirage < m.part;
            tirage = tirage.saturating_sub(m.part);
            ici
        })
        .unwrap_or(&MODELES[0]);
    let ecart = |ampleur: f64| (fraction(chance) - 0.5) * ampleur;
    let ampleur = if commune.habitants() > 20_000 { 0.05 } else { 0.01 };
    let position = commune
        .position
        .as_ref()
        .map(|p| (p.position.latitude + ecart(ampleur), p.position.longitude + ecart(ampleur)));
    let rdv = chance.below(100) < 30;
    let itinerant = chance.below(100) < 8;
    let deux = |n: u64| format!("{n:02}");
    Champ::TOUS
        .iter()
        .map(|champ| match champ {
            Champ::Id => format!("fictif-{n:06}"),
            Champ::Pivot => "00000000000000".to_owned(),
            Champ::Nom => format!("{} n° {} {}", modele.nom, n + 1, crate::territoires::de_nom(&commune.nom)),
            Champ::Commune => commune.nom.clone(),
            Champ::CodePostal => commune.codes_postaux.first().map(ToString::to_string).unwrap_or_default(),
            Champ::CodeInsee => commune.code.to_string(),
            Champ::Adresse => {
                format!(
                    "{} {}",
                    1 + chance.below(80),
                    parmi(chance, &["place de la Mairie", "rue de l’Essai", "rue des Exemples"])
                )
            }
            Champ::Latitude => position.map(|(lat, _)| format!("{lat:.6}")).unwrap_or_default(),
            Champ::Longitude => position.map(|(_, lon)| format!("{lon:.6}")).unwrap_or_default(),
            Champ::Typologie => modele.typologie.to_owned(),
            Champ::Telephone => format!("+3319900{}{}", deux(chance.below(100)), deux(chance.below(100))),
            Champ::Courriels => format!("lieu-fictif-{n}@example.org"),
            Champ::SiteWeb => format!("https://example.org/lieu-fictif/{n}"),
            Champ::Horaires => horaires::horaires(chance, modele.horaires),
            Champ::PresentationResume => {
                "Lieu fictif de démonstration : aide aux démarches en ligne et accès à un ordinateur."
                    .to_owned()
            }
            Champ::Source => "Démonstration".to_owned(),
            Champ::Itinerance => if itinerant { "Itinérant" } else { "Fixe" }.to_owned(),
            Champ::DateMaj => {
                format!(
                    "{}-{}-{}",
                    2024 + chance.below(3),
                    deux(1 + chance.below(9)),
                    deux(1 + chance.below(28))
                )
            }
            Champ::Services => quelques(chance, &libelles::<Service>(), 45),
            Champ::PublicsSpecifiquementAdresses => {
                if chance.below(3) == 0 {
                    quelques(chance, &libelles::<Public>(), 30)
                } else {
                    String::new()
                }
            }
            Champ::FraisACharge => {
                if chance.below(100) < 85 {
                    "Gratuit".to_owned()
                } else {
                    parmi(chance, &libelles::<Frais>()).to_owned()
                }
            }
            Champ::DispositifProgrammesNationaux => modele.dispositifs.to_owned(),
            Champ::ModalitesAcces => if rdv {
                "Se présenter|Téléphoner|Prendre un RDV en ligne"
            } else {
                "Se présenter|Téléphoner"
            }
            .to_owned(),
            Champ::ModalitesAccompagnement => parmi(
                chance,
                &[
                    "Accompagnement individuel",
                    "En autonomie|Accompagnement individuel",
                    "Dans un atelier collectif|Accompagnement individuel",
                ],
            )
            .to_owned(),
            Champ::PriseRdv => {
                if rdv {
                    format!("https://example.org/rdv/{n}")
                } else {
                    String::new()
                }
            }
            _ => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::lieux::standard::verdict;

    #[test]
    fn every_fictitious_lieu_follows_the_standard_and_says_what_it_is() {
        let territoires = Territoires::new(&HashMap::new()).unwrap();
        let mut lieux = 0;
        for ligne in lieux_fictifs(&territoires, 500, 3) {
            lieux += 1;
            for (champ, cellule) in Champ::TOUS.iter().zip(&ligne) {
                assert!(verdict(*champ, cellule).is_none(), "{} {cellule}", champ.nom());
            }
            assert!(ligne[Champ::Nom.rang()].contains("ficti"), "{ligne:?}");
        }
        assert_eq!(lieux, 500);
        let again: Vec<_> = lieux_fictifs(&territoires, 3, 3).collect();
        assert_eq!(again, lieux_fictifs(&territoires, 500, 3).take(3).collect::<Vec<_>>());
    }
}
