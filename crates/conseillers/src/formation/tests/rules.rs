use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use kernel::ids::StructureId;
use kernel::{CodeRegion, Refusal};
use uuid::Uuid;

use crate::formation::model::*;
use crate::formation::rules::*;
use crate::ids::CandidatId;

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

fn instant(s: &str) -> DateTime<Utc> {
    Utc.from_utc_datetime(&jour(s).and_hms_opt(10, 0, 0).unwrap())
}

fn region(code: &str) -> CodeRegion {
    CodeRegion::parse(code).unwrap()
}

fn fiche() -> FicheSession {
    FicheSession {
        nature: Nature::Initiale,
        organisme: StructureId(Uuid::from_u128(1)),
        lot: "Lot 3".to_owned(),
        regions: vec![region("75")],
        heures: 105,
        modules: vec!["Atelier".to_owned(), "Enfance".to_owned(), "Santé".to_owned()],
        endroit: Endroit::ADistance,
        debut: jour("2026-09-07"),
        fin: jour("2026-10-09"),
        places: 2,
    }
}

fn session(n: u128) -> Session {
    Session { id: SessionId(Uuid::from_u128(n)), fiche: fiche(), annulee: None, version: 1 }
}

fn inscription(session: &Session, etat: EtatInscription) -> (Inscription, Session) {
    let i = Inscription {
        id: InscriptionId(Uuid::from_u128(9)),
        session: session.id,
        candidat: CandidatId(Uuid::from_u128(5)),
        demandee_le: instant("2026-06-01"),
        modules: Vec::new(),
        heures: 0,
        etat,
    };
    (i, session.clone())
}

#[test]
fn a_session_is_of_a_market() {
    let avec = |f: &dyn Fn(&mut FicheSession)| {
        let mut fiche = fiche();
        f(&mut fiche);
        match fiche_juste(&fiche) {
            Ok(()) => String::new(),
            Err(Refusal::Fields(champs)) => {
                champs.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>().join(" ")
            }
            Err(autre) => autre.to_string(),
        }
    };
    type Change<'a> = &'a dyn Fn(&mut FicheSession);
    let cases: [(Change<'_>, &str); 12] = [
        (&|_| (), ""),
        (&|f| f.heures = 280, "heures"),
        (&|f| (f.debut, f.fin, f.heures) = (jour("2021-03-01"), jour("2021-06-01"), 280), ""),
        (&|f| (f.debut, f.fin, f.heures) = (jour("2021-03-01"), jour("2021-06-01"), 70), "heures"),
        (&|f| (f.debut, f.fin) = (jour("2023-05-01"), jour("2023-06-01")), "debut"),
        (&|f| (f.debut, f.fin) = (jour("2020-12-01"), jour("2021-02-01")), "debut"),
        (&|f| f.fin = jour("2026-09-06"), "fin"),
        (&|f| f.fin = jour("2027-12-01"), "fin"),
        (&|f| f.places = 0, "places"),
        (&|f| f.places = 501, "places"),
        (&|f| f.modules.truncate(1), "modules"),
        (&|f| f.modules.clear(), ""),
    ];
    for (n, (change, attendu)) in cases.iter().enumerate() {
        assert_eq!(avec(change), *attendu, "case {n}");
    }
}

#[test]
fn who_may_ask_for_a_seat() {
    let s = session(1);
    let autre = session(2);
    let annulee = Session { annulee: Some("trop peu de monde".to_owned()), ..session(1) };
    let teste = Parcours { positionnement: Some((50, jour("2026-05-01"))), ..Parcours::default() };
    let sans_test = Parcours::default();
    let (creuse, ain) = (region("75"), region("84"));
    let le = jour("2026-06-15");
    let fini = |e: fn(DateTime<Utc>) -> EtatInscription| e(instant("2026-06-10"));
    type Demandees = Vec<(Inscription, Session)>;
    type Cas<'a> =
        (&'a str, Option<&'a CodeRegion>, &'a Parcours, Demandees, &'a Session, NaiveDate, &'a str);
    let cases: [Cas<'_>; 11] = [
        ("open to them", Some(&creuse), &teste, vec![], &s, le, ""),
        ("cancelled", Some(&creuse), &teste, vec![], &annulee, le, "annulée"),
        ("begun", Some(&creuse), &teste, vec![], &s, jour("2026-09-07"), "déjà commencé"),
        ("papers missing", None, &teste, vec![], &s, le, "contrat n’est pas encore validé"),
        ("another région", Some(&ain), &teste, vec![], &s, le, "autres régions"),
        ("no test yet", Some(&creuse), &sans_test, vec![], &s, le, ""),
        (
            "asked already",
            Some(&creuse),
            &teste,
            vec![inscription(&s, EtatInscription::EnAttente)],
            &s,
            le,
            "dans cette session",
        ),
        (
            "seat elsewhere",
            Some(&creuse),
            &teste,
            vec![inscription(&autre, EtatInscription::Inscrite)],
            &s,
            le,
            "07/09/2026",
        ),
        (
            "followed already",
            Some(&creuse),
            &teste,
            vec![inscription(&autre, fini(|le| EtatInscription::Suivie { le }))],
            &s,
            le,
            "une seule",
        ),
        (
            "gave up",
            Some(&creuse),
            &teste,
            vec![inscription(&s, fini(|le| EtatInscription::Annulee { le }))],
            &s,
            le,
            "",
        ),
        (
            "broke off",
            Some(&creuse),
            &teste,
            vec![inscription(&autre, fini(|le| EtatInscription::Abandonnee { le }))],
            &s,
            le,
            "",
        ),
    ];
    for (nom, poste, parcours, inscriptions, s, le, attendu) in &cases {
        let p = Personne { poste: poste.map(|r| (r, en_2026())), inscriptions, parcours };
        let dit = peut_s_inscrire(&p, s, *le).err().map(|r| r.to_string()).unwrap_or_default();
        assert!(if attendu.is_empty() { dit.is_empty() } else { dit.contains(attendu) }, "{nom}: {dit}");
    }
}

fn en_2026() -> kernel::Periode {
    kernel::Periode { debut: jour("2026-01-01"), fin: Some(jour("2026-12-31")) }
}

#[test]
fn a_seat_needs_a_contract_on_the_first_day_and_the_test() {
    let creuse = region("75");
    let teste = Parcours { positionnement: Some((50, jour("2026-05-01"))), ..Parcours::default() };
    let sans = Parcours::default();
    for (debut, fin, attendu) in [
        ("2026-09-07", Some("2026-09-07"), ""),
        ("2026-09-08", None, "ne couvre pas"),
        ("2026-01-01", Some("2026-09-06"), "ne couvre pas"),
        ("2026-01-01", None, ""),
    ] {
        let periode = kernel::Periode { debut: jour(debut), fin: fin.map(jour) };
        let p = Personne { poste: Some((&creuse, periode)), inscriptions: &[], parcours: &teste };
        let dit = peut_s_inscrire(&p, &session(1), jour("2026-06-15"))
            .err()
            .map(|r| r.to_string())
            .unwrap_or_default();
        assert!(if attendu.is_empty() { dit.is_empty() } else { dit.contains(attendu) }, "{debut}: {dit}");
    }
    let s = session(1);
    assert_eq!(place(&s, 1, &teste), EtatInscription::Inscrite);
    assert_eq!(place(&s, 2, &teste), EtatInscription::EnAttente);
    assert_eq!(place(&s, 0, &sans), EtatInscription::EnAttente, "the test comes first");
    let mut module = session(1);
    module.fiche.nature = Nature::Module;
    assert_eq!(place(&module, 0, &sans), EtatInscription::Inscrite, "no test for a module");
    let (suivie, s) = inscription(&s, EtatInscription::Suivie { le: instant("2026-10-10") });
    assert_eq!(pix_avant(&suivie, &s), Some(jour("2027-04-09")));
}

#[test]
fn after_the_initial_course_one_module_a_year_and_the_rest_of_the_title() {
    let creuse = region("75");
    let de = |n: u128, nature: Nature, debut: &str| {
        let mut s = session(n);
        (s.fiche.nature, s.fiche.debut) = (nature, jour(debut));
        s
    };
    let suivie = |s: &Session| inscription(s, EtatInscription::Suivie { le: instant("2026-06-01") });
    let ayant = |titres: &[Titre]| Parcours {
        certifications: titres.iter().map(|t| Certification { titre: *t, le: jour("2026-01-01") }).collect(),
        ..Parcours::default()
    };
    let initiale = de(2, Nature::Initiale, "2026-02-01");
    let (cet_an, l_an_dernier) = (de(3, Nature::Module, "2026-03-01"), de(3, Nature::Module, "2025-11-01"));
    let (module, remn) = (de(1, Nature::Module, "2026-09-07"), de(1, Nature::Remn, "2026-09-07"));
    type Cas<'a> = (&'a str, Vec<(Inscription, Session)>, Parcours, &'a Session, &'a str);
    let cases: [Cas<'_>; 8] = [
        ("a module before the course", vec![], ayant(&[]), &module, "après la formation initiale"),
        ("after it", vec![suivie(&initiale)], ayant(&[]), &module, ""),
        ("with a title from elsewhere", vec![], ayant(&[Titre::Ccp1]), &module, ""),
        (
            "a second one the same year",
            vec![suivie(&initiale), suivie(&cet_an)],
            ayant(&[]),
            &module,
            "un seul par an",
        ),
        ("the next year", vec![suivie(&initiale), suivie(&l_an_dernier)], ayant(&[]), &module, ""),
        ("CCP2 without CCP1", vec![suivie(&initiale)], ayant(&[]), &remn, "quand on a le CCP1"),
        ("CCP2 after CCP1", vec![suivie(&initiale)], ayant(&[Titre::Ccp1]), &remn, ""),
        ("the whole title", vec![], ayant(&[Titre::Ccp1, Titre::Ccp2, Titre::Ccp3]), &remn, "titre complet"),
    ];
    for (nom, inscriptions, parcours, s, attendu) in &cases {
        let p = Personne { poste: Some((&creuse, en_2026())), inscriptions, parcours };
        let dit = peut_s_inscrire(&p, s, jour("2026-06-15")).err().map(|r| r.to_string()).unwrap_or_default();
        assert!(if attendu.is_empty() { dit.is_empty() } else { dit.contains(attendu) }, "{nom}: {dit}");
    }
    let dure = |nature: Nature, heures: u16| fiche_juste(&FicheSession { nature, heures, ..fiche() }).is_ok();
    for (nature, heures, juste) in [
        (Nature::Module, 7, true),
        (Nature::Module, 71, false),
        (Nature::Remn, 280, true),
        (Nature::Remn, 69, false),
        (Nature::Initiale, 280, false),
    ] {
        assert_eq!(dure(nature, heures), juste, "{nature:?} {heures}");
    }
    assert!(modules_choisis(&module, vec!["Santé".to_owned()]).is_ok());
    assert!(modules_choisis(&module, vec!["Santé".to_owned(), "Atelier".to_owned()]).is_err());
}

#[test]
fn modules_are_as_many_as_the_market_asks() {
    let s = session(1);
    let choix = |m: &[&str]| modules_choisis(&s, m.iter().map(|m| (*m).to_owned()).collect());
    assert_eq!(choix(&["Santé", "Atelier"]).unwrap(), ["Atelier", "Santé"]);
    for faux in
        [&["Santé"][..], &["Santé", "Santé"], &["Santé", "Atelier", "Enfance"], &["Santé", "Cuisine"], &[]]
    {
        assert!(choix(faux).is_err(), "{faux:?}");
    }
    let mut sans = session(1);
    sans.fiche.modules.clear();
    assert!(modules_choisis(&sans, Vec::new()).is_ok());
}

#[test]
fn what_is_followed_is_said_when_it_can_be() {
    let s = session(1);
    let (place, _) = inscription(&s, EtatInscription::Inscrite);
    let (attend, _) = inscription(&s, EtatInscription::EnAttente);
    let (avant, pendant) = (instant("2026-09-06"), instant("2026-09-20"));
    let cases = [
        (&place, 10, None, avant, None),
        (&place, 10, None, pendant, Some("inscrite")),
        (&place, 106, None, pendant, None),
        (&place, 0, Some(true), pendant, None),
        (&place, 105, Some(true), pendant, Some("suivie")),
        (&place, 20, Some(false), pendant, Some("abandonnee")),
        (&attend, 10, None, pendant, None),
    ];
    for (i, heures, fin, now, attendu) in cases {
        assert_eq!(suivre(i, &s, heures, fin, now).ok().map(|e| e.cle()), attendu, "{heures} {fin:?} {now}");
    }
    assert!(peut_annuler(&place, &s, jour("2026-09-06")).is_ok());
    assert!(peut_annuler(&place, &s, jour("2026-09-07")).is_err());
}

#[test]
fn the_test_advises_longer_courses_to_those_who_know_less() {
    for (score, premier, second) in
        [(0, 420, 315), (24, 420, 315), (26, 350, 175), (51, 280, 105), (76, 105, 70), (100, 105, 70)]
    {
        assert_eq!((conseil(score, &MARCHES[0]), conseil(score, &MARCHES[1])), (premier, second), "{score}");
    }
}

#[test]
fn titles_and_stages_follow_one_another() {
    let aujourdhui = jour("2026-06-15");
    let mut p = Parcours::default();
    assert!(certifier(&mut p, Titre::Ccp1, jour("2026-06-16"), aujourdhui).is_err(), "to come");
    for titre in [Titre::Ccp2, Titre::Ccp1] {
        certifier(&mut p, titre, jour("2026-06-01"), aujourdhui).unwrap();
        assert!(certifier(&mut p, titre, jour("2026-06-02"), aujourdhui).is_err(), "twice");
    }
    assert!(!p.remn());
    certifier(&mut p, Titre::Ccp3, jour("2026-06-02"), aujourdhui).unwrap();
    assert!(p.remn());
    let mut vae = |etape, le: &str| avancer_vae(&mut p, etape, jour(le), aujourdhui).is_ok();
    assert!(!vae(EtapeVae::Jury, "2026-01-01"), "out of order");
    assert!(vae(EtapeVae::RecevabiliteDemandee, "2026-01-01"));
    assert!(!vae(EtapeVae::Recevable, "2025-12-01"), "before the last stage");
    assert!(!vae(EtapeVae::Recevable, "2026-12-01"), "to come");
    assert!(vae(EtapeVae::Refusee, "2026-02-01"));
    assert!(vae(EtapeVae::RecevabiliteDemandee, "2026-03-01"), "asked again");
    for (etape, le) in [
        (EtapeVae::Recevable, "2026-03-02"),
        (EtapeVae::DossierDepose, "2026-04-01"),
        (EtapeVae::Jury, "2026-05-01"),
        (EtapeVae::Validee, "2026-05-02"),
    ] {
        assert!(vae(etape, le), "{etape:?}");
    }
    assert!(!vae(EtapeVae::RecevabiliteDemandee, "2026-06-01"), "recognised for good");
    assert!(niveaux_justes(&[0, 3]).is_ok() && niveaux_justes(&[4]).is_err());
}
