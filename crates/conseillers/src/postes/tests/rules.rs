use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Periode, Refusal};
use proptest::prelude::*;
use uuid::Uuid;

use crate::ids::{CandidatId, ContratId, PosteId};
use crate::postes::rules::*;
use crate::postes::*;

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

fn place(n: u128) -> Place {
    Place {
        structure: StructureId(Uuid::from_u128(n)),
        departement: CodeDepartement::parse("23").unwrap(),
        region: CodeRegion::parse("75").unwrap(),
    }
}

fn poste(le: &str) -> Poste {
    Poste {
        id: PosteId(Uuid::from_u128(1)),
        numero: 12,
        typologie: Typologie::Conseiller,
        demande: None,
        attribue_le: jour(le),
        rendu: None,
        rattachements: vec![Rattachement {
            id: Uuid::from_u128(2),
            place: place(1),
            periode: Periode { debut: jour(le), fin: None },
            acte: Acte::Attribution,
        }],
        affectations: Vec::new(),
        version: 0,
    }
}

fn qui(n: u128) -> (CandidatId, ContratId) {
    (CandidatId(Uuid::from_u128(n)), ContratId(Uuid::from_u128(n)))
}

fn tenu(p: Poste, n: u128, du: &str, au: Option<&str>) -> Result<Poste, Refusal> {
    affecter(p, Uuid::from_u128(100 + n), qui(n), Periode { debut: jour(du), fin: au.map(jour) })
}

#[test]
fn the_state_is_read_from_the_days() {
    let p = tenu(poste("2021-03-01"), 1, "2021-05-01", Some("2022-04-30")).unwrap();
    let p = tenu(p, 2, "2022-09-01", None).unwrap();
    let p = prolonger_ou_finir(p, qui(2).1, Some(jour("2023-06-30")), None).unwrap();
    let p = rendre(p, jour("2024-01-01"), MotifRendu::CapacitesFinancieres).unwrap();
    let cases = [
        ("2021-02-28", "a_venir", None),
        ("2021-03-01", "vacant", Some("2021-06-01")),
        ("2021-04-30", "vacant", Some("2021-06-01")),
        ("2021-05-01", "occupe", None),
        ("2022-04-30", "occupe", None),
        ("2022-05-01", "vacant", Some("2022-08-01")),
        ("2023-06-30", "occupe", None),
        ("2023-07-01", "vacant", Some("2023-10-01")),
        ("2023-12-31", "vacant", Some("2023-10-01")),
        ("2024-01-01", "rendu", None),
    ];
    for (le, attendu, limite) in cases {
        assert_eq!(etat(&p, jour(le)).cle(), attendu, "{le}");
        assert_eq!(echeance(&p, jour(le)), limite.map(jour), "{le}");
    }
}

#[test]
fn six_months_since_may_2025() {
    assert_eq!(echeance(&poste("2025-05-01"), jour("2025-07-01")), Some(jour("2025-11-01")));
    assert_eq!(echeance(&poste("2025-04-30"), jour("2025-07-01")), Some(jour("2025-07-30")));
}

#[test]
fn what_cannot_be_is_refused() {
    let p = tenu(poste("2021-03-01"), 1, "2021-05-01", Some("2022-04-30")).unwrap();
    let pris = |r: Result<Poste, Refusal>| matches!(r, Err(Refusal::Conflict(_)));
    assert!(pris(tenu(p.clone(), 2, "2022-04-30", None)), "the last day is taken");
    assert!(tenu(p.clone(), 2, "2022-05-01", None).is_ok());
    assert!(pris(tenu(p.clone(), 2, "2021-02-01", Some("2021-02-28"))), "before it was granted");
    assert!(pris(tenu(p.clone(), 2, "2023-02-01", Some("2023-01-31"))), "upside down");
    assert!(pris(rendre(p.clone(), jour("2022-04-30"), MotifRendu::Autre)), "somebody holds it");
    assert!(pris(rendre(poste("2021-03-01"), jour("2021-03-01"), MotifRendu::Autre)), "the day it came");
    let rendu = rendre(p.clone(), jour("2022-05-01"), MotifRendu::Autre).unwrap();
    assert!(pris(tenu(rendu.clone(), 2, "2022-05-01", None)));
    assert!(pris(rendre(rendu.clone(), jour("2022-06-01"), MotifRendu::Autre)));
    assert!(pris(transferer(rendu, Uuid::from_u128(9), place(2), jour("2022-06-01"))));
    let ailleurs = transferer(p.clone(), Uuid::from_u128(9), place(2), jour("2022-06-01")).unwrap();
    assert_eq!(rules_place(&ailleurs, "2022-05-31"), 1);
    assert_eq!(rules_place(&ailleurs, "2022-06-01"), 2);
    assert!(pris(tenu(ailleurs.clone(), 2, "2022-05-15", None)), "over a transfer");
    assert!(pris(transferer(ailleurs, Uuid::from_u128(8), place(2), jour("2022-07-01"))), "already there");
    assert!(matches!(prolonger_ou_finir(p, qui(7).1, None, None), Err(Refusal::NotFound)));
}

fn rules_place(p: &Poste, le: &str) -> u128 {
    crate::postes::rules::place(p, jour(le)).unwrap().structure.0.as_u128()
}

#[test]
fn a_renewal_goes_on_under_the_next_contract() {
    let p = tenu(poste("2021-03-01"), 1, "2021-05-01", Some("2022-04-30")).unwrap();
    let p = prolonger_ou_finir(p, qui(1).1, Some(jour("2024-04-30")), Some(qui(5).1)).unwrap();
    assert_eq!(p.affectations.len(), 1);
    assert_eq!(p.affectations[0].contrat, qui(5).1);
    assert_eq!(p.affectations[0].periode.debut, jour("2021-05-01"));
}

/// What may be tried on a post.
#[derive(Clone, Debug)]
enum Essai {
    Affecter(u128, i64, Option<i64>),
    Finir(usize, Option<i64>),
    Transferer(u128, i64),
    Rendre(i64),
}

fn essai() -> impl Strategy<Value = Essai> {
    prop_oneof![
        (1..50_u128, 0..800_i64, proptest::option::of(0..400_i64))
            .prop_map(|(q, d, f)| Essai::Affecter(q, d, f)),
        (0..4_usize, proptest::option::of(0..900_i64)).prop_map(|(r, f)| Essai::Finir(r, f)),
        (1..4_u128, 0..900_i64).prop_map(|(s, d)| Essai::Transferer(s, d)),
        (0..1200_i64).prop_map(Essai::Rendre),
    ]
}

proptest! {
    /// Whatever is tried in whatever order, what is accepted keeps the invariants, and no day has two holders.
    #[test]
    fn what_is_accepted_is_coherent(essais in proptest::collection::vec(essai(), 0..20)) {
        let zero = jour("2021-03-01");
        let apres = |n: i64| zero + chrono::TimeDelta::days(n);
        let mut p = poste("2021-03-01");
        for (n, e) in (1000_u128..).zip(essais) {
            let id = Uuid::from_u128(n);
            let suite = match e {
                Essai::Affecter(q, d, f) => affecter(p.clone(), id, (CandidatId(Uuid::from_u128(q)), ContratId(id)),
                    Periode { debut: apres(d), fin: f.map(|f| apres(d + f)) }),
                Essai::Finir(r, f) => match p.affectations.get(r) {
                    Some(a) => prolonger_ou_finir(p.clone(), a.contrat, f.map(apres), None),
                    None => continue,
                },
                Essai::Transferer(s, d) => transferer(p.clone(), id, place(s), apres(d)),
                Essai::Rendre(d) => rendre(p.clone(), apres(d), MotifRendu::Autre),
            };
            if let Ok(suivant) = suite { p = suivant; }
            prop_assert!(coherent(&p).is_ok());
        }
        for n in 0..1300 {
            let le = apres(n);
            let tenants = p.affectations.iter().filter(|a| a.periode.contient(le)).count();
            prop_assert!(tenants <= 1);
            prop_assert_eq!(tenants == 1, matches!(etat(&p, le), Etat::Occupe { .. }));
            if p.rendu.is_none_or(|r| le < r.le) {
                prop_assert_eq!(p.rattachements.iter().filter(|r| r.periode.contient(le)).count(), 1);
            }
        }
    }
}
