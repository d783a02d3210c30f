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

/// Of so many fictitious lieux, one in this number is described by a second source too.
const REPRIS: usize = 100;

/// What a second source says of one lieu in a hundred among those of [`lieux_fictifs`], in its own manner: telephones with
/// blanks, days first in dates, sites without their scheme. Seven in ten are plainly the same lieu; the others leave a
/// doubt: no position, a street without its number, another telephone.
pub fn reprise_fictive(
    territoires: &Territoires,
    combien: usize,
    graine: u64,
) -> impl Iterator<Item = Vec<String>> {
    lieux_fictifs(territoires, combien, graine)
        .enumerate()
        .filter(|(n, _)| n % REPRIS == REPRIS / 2)
        .map(|(n, ligne)| reprise(n / REPRIS, ligne))
}

fn reprise(rang: usize, mut ligne: Vec<String>) -> Vec<String> {
    let mut met = |champ: Champ, change: &dyn Fn(&str) -> String| {
        let cellule = &mut ligne[champ.rang()];
        *cellule = change(cellule);
    };
    let paires = |t: &str| {
        let chiffres = t.trim_start_matches("+33");
        format!(
            "0{}",
            chiffres
                .chars()
                .enumerate()
                .map(|(i, c)| if i % 2 == 1 { format!(" {c}") } else { c.to_string() })
                .collect::<String>()
        )
    };
    met(Champ::Id, &|id| id.replace("fictif-", "reseau-"));
    met(Champ::Nom, &str::to_uppercase);
    met(Champ::DateMaj, &|d| d.split('-').rev().collect::<Vec<_>>().join("/"));
    met(Champ::SiteWeb, &|s| s.trim_start_matches("https://").to_owned());
    met(Champ::Itinerance, &|_| String::new());
    met(Champ::Source, &|_| "Réseau fictif".to_owned());
    met(Champ::Horaires, &|_| String::new());
    if rang % 10 < 7 {
        met(Champ::Telephone, &paires);
        met(Champ::Adresse, &|a| a.replace("place ", "pl. "));
    } else {
        met(Champ::Telephone, &|_| format!("01 99 00 {:02} {:02}", rang / 100 % 100, rang % 100));
        met(Champ::Adresse, &|a| a.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned());
        met(Champ::Latitude, &|_| String::new());
        met(Champ::Longitude, &|_| String::new());
        met(Champ::Courriels, &|_| String::new());
        met(Champ::SiteWeb, &|_| String::new());
    }
    if rang % 10 == 3 {
        met(Champ::Telephone, &|_| "01 99 00".to_owned());
    }
    ligne
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
        let trouves: Vec<Vec<String>> = reprise_fictive(&territoires, 4_000, 2_020).collect();
        assert_eq!(trouves.len(), 40);
        let again: Vec<_> = lieux_fictifs(&territoires, 3, 3).collect();
        assert_eq!(again, lieux_fictifs(&territoires, 500, 3).take(3).collect::<Vec<_>>());
    }

    /// The desk of duplicates has something of each kind to show.
    #[test]
    fn the_second_source_repeats_lieux_more_or_less_plainly() {
        use crate::lieux::doublons::moteur::{AUTOMATIQUE, Frequences, POSSIBLE, Releve, Traits, comparer};
        let territoires = Territoires::new(&HashMap::new()).unwrap();
        let traits = |ligne: &[String], source: &str| {
            let c = |champ: Champ| ligne[champ.rang()].as_str();
            let nombre = |champ: Champ| c(champ).parse::<f64>().ok();
            Traits::new(&Releve {
                source,
                nom: c(Champ::Nom),
                code_commune: c(Champ::CodeInsee),
                commune: c(Champ::Commune),
                code_postal: c(Champ::CodePostal),
                adresse: c(Champ::Adresse),
                position: nombre(Champ::Latitude)
                    .zip(nombre(Champ::Longitude))
                    .and_then(|(lat, lon)| kernel::Position::new(lat, lon)),
                telephone: &c(Champ::Telephone).replace(' ', "").replacen(
                    '0',
                    "+33",
                    usize::from(source == "b"),
                ),
                courriels: c(Champ::Courriels),
                typologie: c(Champ::Typologie),
                ..Releve::default()
            })
        };
        let premiers: Vec<Vec<String>> = lieux_fictifs(&territoires, 4_000, 2_020).collect();
        let (mut surs, mut gris) = (0, 0);
        for repris in reprise_fictive(&territoires, 4_000, 2_020) {
            let id = repris[Champ::Id.rang()].replace("reseau-", "fictif-");
            let premier = premiers.iter().find(|l| l[Champ::Id.rang()] == id).unwrap();
            let deux = [traits(premier, "a"), traits(&repris, "b")];
            let score = comparer(&deux[0], &deux[1], &Frequences::compte(&deux)).score();
            surs += usize::from(score >= AUTOMATIQUE);
            gris += usize::from((POSSIBLE..AUTOMATIQUE).contains(&score));
        }
        assert!(surs >= 20 && gris >= 10, "{surs} {gris}");
    }
}
