use chrono::TimeZone;
use kernel::{CodeDepartement, Refusal};
use proptest::prelude::*;

use super::{contrat, jour, rupture, termes};
use crate::contrats::model::*;
use crate::contrats::{rules, smic};

#[test]
fn amounts_are_read_as_people_write_them() {
    for (texte, cents) in [
        ("1823,03", Some(182_303)),
        ("1 823,03 €", Some(182_303)),
        ("1\u{202f}823.03", Some(182_303)),
        ("1823", Some(182_300)),
        ("1823,5", Some(182_350)),
        ("0,01", Some(1)),
        ("", None),
        ("NaN", None),
        ("-1", None),
        ("1.823,03", None),
        ("1823,035", None),
        (",5", None),
        ("1823,", None),
        ("99999999", None),
        ("1e4", None),
        ("１２", None),
    ] {
        assert_eq!(Montant::parse(texte).ok().map(|m| m.0), cents, "{texte}");
    }
    assert_eq!(Montant(182_303).to_string(), "1\u{202f}823,03\u{a0}€");
}

proptest! {
    #[test]
    fn an_amount_is_read_again_as_it_was(cents in 0i64..1_000_000_000) {
        prop_assert_eq!(Montant::parse(&Montant(cents).saisi()), Ok(Montant(cents)));
        prop_assert_eq!(Montant::parse(&Montant(cents).to_string()), Ok(Montant(cents)));
    }

    #[test]
    fn no_text_stops_the_reading(texte in ".{0,40}") {
        let _ = Montant::parse(&texte);
    }
}

#[test]
fn the_smic_is_what_was_published() {
    let publie = [
        ("2021-01-01", "1554,58", "1173,90"),
        ("2021-10-01", "1589,47", "1199,68"),
        ("2022-01-01", "1603,12", "1210,30"),
        ("2022-05-01", "1645,58", "1242,15"),
        ("2022-08-01", "1678,95", "1266,42"),
        ("2023-01-01", "1709,28", "1290,68"),
        ("2023-05-01", "1747,20", "1319,50"),
        ("2024-01-01", "1766,92", "1334,67"),
        ("2024-11-01", "1801,80", "1361,97"),
        ("2026-01-01", "1823,03", "1415,05"),
    ];
    let a = |departement: &str, le: &str| {
        let d = CodeDepartement::parse(departement).unwrap();
        smic::minimum(&d, jour(le)).map(Montant::saisi)
    };
    for (rang, (le, france, mayotte)) in publie.into_iter().enumerate() {
        assert_eq!(a("23", le).as_deref(), Some(france), "{le}");
        assert_eq!(a("974", le).as_deref(), Some(france), "{le}");
        assert_eq!(a("976", le).as_deref(), Some(mayotte), "{le}");
        if rang > 0 {
            let veille = jour(le).pred_opt().unwrap().to_string();
            assert_eq!(a("23", &veille).as_deref(), Some(publie[rang - 1].1), "the day before {le}");
        }
    }
    assert_eq!(a("988", "2026-01-01"), None);
}

fn champs(refus: Result<(), Refusal>) -> Vec<String> {
    match refus {
        Ok(()) => Vec::new(),
        Err(Refusal::Fields(f)) => f.into_iter().map(|(nom, _)| nom).collect(),
        Err(autre) => vec![autre.to_string()],
    }
}

#[test]
fn what_is_signed_is_checked_field_by_field() {
    use Genre::{Cdd, Cdi, Pec, ProjetPublic};
    let cases = [
        (termes(Cdd, "2026-04-01", "2027-03-31", "1823,03"), "23", vec![]),
        (termes(Cdd, "2026-04-01", "2027-03-31", "1823,02"), "23", vec!["salaire"]),
        (termes(Cdd, "2026-04-01", "2027-03-31", "1500"), "976", vec![]),
        (termes(Cdd, "2026-04-01", "2027-03-31", "1415,04"), "976", vec!["salaire"]),
        (termes(Cdd, "2026-04-01", "2027-03-31", "1"), "988", vec![]),
        // The minimum is that of the first day, not of today.
        (termes(Cdd, "2025-12-31", "2026-12-31", "1801,80"), "23", vec![]),
        (termes(Cdi, "2026-04-01", "", "1900"), "23", vec![]),
        (termes(Cdi, "2026-04-01", "2027-01-01", "1900"), "23", vec!["fin"]),
        (termes(Pec, "2026-04-01", "", "1900"), "23", vec!["fin"]),
        (termes(ProjetPublic, "2026-04-01", "2026-04-01", "1900"), "23", vec!["fin"]),
        (termes(Cdd, "2026-04-01", "2026-03-31", "1"), "23", vec!["fin", "salaire"]),
        (termes(ProjetPublic, "2026-04-01", "2032-03-31", "1900"), "23", vec![]),
        (termes(ProjetPublic, "2026-04-01", "2032-04-01", "1900"), "23", vec!["fin"]),
        (termes(Cdd, "2020-11-16", "2021-11-15", "1900"), "23", vec!["debut", "phase"]),
        (termes(Cdd, "2028-04-01", "2029-03-31", "1900"), "23", vec!["debut"]),
    ];
    for (t, d, attendu) in cases {
        let vu = rules::verifier(&t, &CodeDepartement::parse(d).unwrap(), jour("2026-03-18"));
        assert_eq!(champs(vu), attendu, "{t:?} {d}");
    }
}

fn now(s: &str) -> chrono::DateTime<chrono::Utc> {
    chrono::Utc.from_utc_datetime(&jour(s).and_hms_opt(11, 0, 0).unwrap())
}

/// The fourteen transitions of the field that concern a contract, tried from every state: those of the table go through, every
/// other is refused with a sentence.
#[test]
fn each_transition_goes_through_from_its_state_and_from_no_other() {
    let le = "2026-12-15";
    let depart = || -> Vec<(&'static str, Contrat)> {
        let mut termine = contrat(Etat::Valide);
        termine.termes.fin = Some(jour("2026-12-14"));
        let mut prolonge = contrat(Etat::Valide);
        prolonge.prolongation = Some(
            rules::prolonger(contrat(Etat::Valide), &[], (jour("2027-06-30"), Montant(190_000)), now(le))
                .unwrap()
                .prolongation
                .unwrap(),
        );
        let incomplet = Rupture { dossier_incomplet: true, ..rupture("2026-12-01") };
        vec![
            ("saisi", contrat(Etat::Saisi)),
            ("refuse", contrat(Etat::Refuse { motif: "Pièce manquante.".to_owned() })),
            ("retire", contrat(Etat::Retire)),
            ("valide", contrat(Etat::Valide)),
            ("prolonge", prolonge),
            ("termine", termine),
            ("notifiee", contrat(Etat::RuptureNotifiee(rupture("2026-12-01")))),
            ("notifiee a venir", contrat(Etat::RuptureNotifiee(rupture("2026-12-20")))),
            ("incomplete", contrat(Etat::RuptureNotifiee(incomplet))),
            ("rompu", contrat(Etat::Rompu(rupture("2026-12-01")))),
        ]
    };
    type Verbe = fn(Contrat) -> Result<(), Refusal>;
    const LE: &str = "2026-12-15";
    let verbes: [(&str, Verbe, &[&str]); 12] = [
        ("valider", |c| rules::valider(c, jour(LE)).map(|_| ()), &["saisi"]),
        ("refuser", |c| rules::refuser(c, jour(LE), "Il manque le contrat signé.").map(|_| ()), &["saisi"]),
        ("retirer", |c| rules::retirer(c, jour(LE)).map(|_| ()), &["saisi"]),
        (
            "renouveler",
            |c| rules::renouveler(&c, &[], &termes(Genre::Cdd, "2027-01-01", "2027-12-31", "1900"), jour(LE)),
            &["valide", "termine"],
        ),
        (
            "prolonger",
            |c| rules::prolonger(c, &[], (jour("2027-06-30"), Montant(190_000)), now(LE)).map(|_| ()),
            &["valide"],
        ),
        (
            "accorder la prolongation",
            |c| rules::accorder_prolongation(c, jour(LE)).map(|_| ()),
            &["prolonge"],
        ),
        (
            "refuser la prolongation",
            |c| rules::refuser_prolongation(c, jour(LE), "Le poste sera rendu.").map(|_| ()),
            &["prolonge"],
        ),
        (
            "notifier",
            |c| rules::notifier_rupture(c, rupture("2026-12-14"), jour(LE)).map(|_| ()),
            &["valide", "prolonge"],
        ),
        (
            "annuler",
            |c| rules::annuler_rupture(c, jour(LE)).map(|_| ()),
            &["notifiee", "notifiee a venir", "incomplete"],
        ),
        (
            "incomplet",
            |c| rules::signaler_dossier(c, true, jour(LE)).map(|_| ()),
            &["notifiee", "notifiee a venir", "incomplete"],
        ),
        (
            "complet",
            |c| rules::signaler_dossier(c, false, jour(LE)).map(|_| ()),
            &["notifiee", "notifiee a venir", "incomplete"],
        ),
        ("rompre", |c| rules::valider_rupture(c, &[], jour(LE)).map(|_| ()), &["notifiee"]),
    ];
    for (nom, verbe, permis) in verbes {
        for (etat, c) in depart() {
            match verbe(c) {
                Ok(()) => assert!(permis.contains(&etat), "{nom} from {etat} should be refused"),
                Err(refus) => {
                    assert!(!permis.contains(&etat), "{nom} from {etat}: {refus}");
                    assert!(
                        refus.to_string().ends_with('.') && refus.to_string().len() > 20,
                        "{nom} {etat}: {refus}"
                    );
                }
            }
        }
    }
}

#[test]
fn guards_hold() {
    let le = jour("2026-12-15");
    let valide = || contrat(Etat::Valide);
    let cdi = || Contrat { termes: termes(Genre::Cdi, "2026-01-01", "", "1900"), ..valide() };
    let suite = |etat| Contrat { suite_de: Some(valide().id), etat, ..valide() };
    let phrase = |r: Result<(), Refusal>| r.err().map(|e| e.to_string()).unwrap_or_default();
    let renouvelle = |c: &Contrat, suites: &[Contrat], debut: &str| {
        phrase(rules::renouveler(c, suites, &termes(Genre::Cdd, debut, "2027-12-31", "1900"), le))
    };
    assert!(renouvelle(&valide(), &[], "2026-12-31").contains("après la fin"));
    assert!(renouvelle(&valide(), &[], "2027-02-01").contains("nouveau contrat"));
    assert_eq!(renouvelle(&valide(), &[], "2027-01-31"), "");
    assert!(renouvelle(&valide(), &[suite(Etat::Saisi)], "2027-01-01").contains("déjà un renouvellement"));
    assert_eq!(renouvelle(&valide(), &[suite(Etat::Retire)], "2027-01-01"), "");
    assert!(renouvelle(&cdi(), &[], "2027-01-01").contains("CDI"));
    let mut premiere = termes(Genre::Cdd, "2027-01-01", "2027-12-31", "1900");
    premiere.phase = Phase::Une;
    assert!(phrase(rules::renouveler(&valide(), &[], &premiere, le)).contains("seconde phase"));

    let prolonge = |quand: &str, fin: &str, salaire: &str| {
        let demande = (jour(fin), Montant::parse(salaire).unwrap());
        phrase(rules::prolonger(valide(), &[], demande, now(quand)).map(|_| ()))
    };
    assert!(prolonge("2026-11-30", "2027-06-30", "1900").contains("1er décembre 2026"));
    assert_eq!(prolonge("2026-12-01", "2027-06-30", "1900"), "");
    assert_eq!(prolonge("2026-12-31", "2027-06-30", "1900"), "");
    assert!(prolonge("2027-01-01", "2027-06-30", "1900").contains("terminé"));
    assert!(prolonge("2026-12-15", "2026-12-31", "1900").contains("après le"));
    assert!(prolonge("2026-12-15", "2027-06-30", "1500").contains("SMIC"));

    for (jour_dit, passe) in
        [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)]
    {
        assert_eq!(rules::notifier_rupture(valide(), rupture(jour_dit), le).is_ok(), passe, "{jour_dit}");
    }
    assert!(rules::notifier_rupture(cdi(), rupture("2030-01-01"), le).is_ok());

    let notifie = |r| contrat(Etat::RuptureNotifiee(r));
    let rompt = |c, suites: &[Contrat]| phrase(rules::valider_rupture(c, suites, le).map(|_| ()));
    assert!(rompt(notifie(rupture("2026-12-16")), &[]).contains("16 décembre 2026"));
    assert_eq!(rompt(notifie(rupture("2026-12-15")), &[]), "");
    assert!(rompt(notifie(rupture("2026-12-01")), &[suite(Etat::Saisi)]).contains("renouvellement"));
    let incomplet = Rupture { dossier_incomplet: true, ..rupture("2026-12-01") };
    assert!(rompt(notifie(incomplet), &[]).contains("pièce"));
    assert_eq!(champs(rules::refuser(contrat(Etat::Saisi), le, "non").map(|_| ())), ["motif"]);

    let situations = [
        (contrat(Etat::Saisi), "2026-06-01", Situation::AValider),
        (valide(), "2025-12-31", Situation::AVenir),
        (valide(), "2026-12-31", Situation::EnCours),
        (valide(), "2027-01-01", Situation::Termine),
        (cdi(), "2040-01-01", Situation::EnCours),
    ];
    for (c, quand, attendu) in situations {
        assert_eq!(rules::situation(&c, jour(quand)), attendu);
    }
}
