use kernel::Pivot;
use uuid::Uuid;

use super::fixtures::{bourg, contact, fiche, laon};
use crate::structures::doublons::{BAREME, Critere, cles, comparer};
use crate::structures::model::{Contact, ContactId, Etat, Structure, StructureId};

fn s(nom: &str, pivot: &str, tel: &str, courriel: &str, voie: &str, ailleurs: bool) -> Structure {
    let mut f = fiche(nom, if ailleurs { laon() } else { bourg() });
    f.pivot = Pivot::parse(pivot).ok();
    f.voie = Some(voie.to_owned()).filter(|v| !v.is_empty());
    let c = contact("A", courriel, tel);
    let contacts = if c.courriel.is_none() && c.telephone.is_none() {
        vec![]
    } else {
        vec![Contact { id: ContactId(Uuid::nil()), fiche: c, principal: true }]
    };
    Structure {
        id: StructureId(Uuid::nil()),
        fiche: f,
        contacts,
        etat: Etat::Active,
        alias: vec![],
        version: 1,
        creee_le: chrono::DateTime::UNIX_EPOCH,
        modifiee_le: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn each_criterion_is_seen_and_explained() {
    use Critere::{
        MemeAdresse, MemeDomaine, MemeNomEtCommune, MemeNumero, MemeSirenEtCommune, MemeTelephone,
        NomProcheEtCommune, SirenDifferents,
    };
    let (a, b) = ("43493312300029", "43493312300011");
    let b = if Pivot::parse(b).is_ok() { b } else { "43493312300037" };
    let other = "13002526500013";
    assert!(Pivot::parse(other).is_ok() && Pivot::parse(b).is_ok(), "{b}");
    type Case = (Structure, Structure, Vec<Critere>, &'static str);
    let cases: Vec<Case> = vec![
        (s("Un", a, "", "", "", false), s("Deux", a, "", "", "", true), vec![MemeNumero], "Doublon probable"),
        (
            s("Un", a, "", "", "", false),
            s("Deux", b, "", "", "", false),
            vec![MemeSirenEtCommune],
            "Doublon possible",
        ),
        (s("Un", a, "", "", "", false), s("Deux", b, "", "", "", true), vec![], "Peu de points communs"),
        (
            s("Mairie de Bourg", "", "", "", "", false),
            s("COMMUNE DE BOURG", "", "", "", "", false),
            vec![MemeNomEtCommune],
            "Doublon possible",
        ),
        (
            s("Mairie de Bourg", "", "", "", "", false),
            s("Commune de Bourg", "", "", "", "", true),
            vec![],
            "Peu de points communs",
        ),
        (
            s("Maison des jeunes", a, "", "", "", false),
            s("Maison des jeunes", other, "", "", "", false),
            vec![SirenDifferents, MemeNomEtCommune],
            "Peu de points communs",
        ),
        (
            s("Emmaus connect Bourg", "", "0180059880", "a@emmaus.example.org", "", false),
            s("Emaus conect Bourg", "", "+33180059880", "b@EMMAUS.example.org", "", false),
            vec![NomProcheEtCommune, MemeTelephone, MemeDomaine],
            "Doublon probable",
        ),
        (
            s("Alpha", "", "", "a@gmail.com", "", false),
            s("Alpha", "", "", "b@gmail.com", "", true),
            vec![],
            "Peu de points communs",
        ),
        (
            s("Alpha", "", "", "", "1, rue Haute", false),
            s("Bravo", "", "", "", "1 RUE HAUTE", false),
            vec![MemeAdresse],
            "Peu de points communs",
        ),
        (s("***", "", "", "", "", false), s("***", "", "", "", "", false), vec![], "Peu de points communs"),
    ];
    for (x, y, expected, verdict) in cases {
        let c = comparer(&x, &y);
        let seen: Vec<Critere> = c.lignes.iter().map(|l| l.critere).collect();
        assert_eq!((seen, c.libelle()), (expected, verdict), "{} / {}", x.fiche.nom, y.fiche.nom);
        assert!(c.lignes.iter().all(|l| !l.pourquoi.is_empty() && !l.libelle().is_empty()));
        let mirror = comparer(&y, &x);
        assert_eq!(mirror.score(), c.score(), "the score has no side");
        // Whatever scores high enough must meet: the keys may not miss it.
        if c.a_voir() {
            assert!(cles(&x).intersection(&cles(&y)).next().is_some(), "{} / {}", x.fiche.nom, y.fiche.nom);
        }
    }
}

#[test]
fn the_table_has_each_criterion_once() {
    for (critere, points, libelle) in BAREME {
        assert!(
            BAREME.iter().filter(|b| b.0 == *critere).count() == 1 && *points != 0 && !libelle.is_empty()
        );
    }
}
