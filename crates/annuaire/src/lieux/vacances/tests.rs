use std::io::Cursor;

use chrono::NaiveDate;
use kernel::{Perimetre, Role};
use platform::Site;
use testkit::TestSite;

use super::*;
use crate::lieux::ouverture::Vacances;
use crate::territoires::actions::Livraison;

/// A calendar of our own: these are the dates of no order.
const ESSAI: &str = "annee;zone;periode;premier_jour;dernier_jour\n\
    2030-2031;A;Année scolaire;2030-09-03;04/07/2031\n\
    2030-2031;A;Automne;2030-10-20;2030-11-03\n\
    2030-2031;A;Hiver;2031-02-09;2031-02-23\n\
    2030;Nouvelle-Calédonie;année;2030-02-12;2030-12-14\n\
    2030;988;Avril;2030-04-06;2030-04-21\n";

async fn charge(site: &Site, texte: &str) -> Result<crate::territoires::BilanImport, EchecVacances> {
    importe(site, None, Cursor::new(texte.to_owned()), Livraison { nom: "essai.csv", a_blanc: false }).await
}

#[test]
fn every_faulty_line_is_told_and_its_year_is_left() {
    for (ligne, raison) in [
        ("2030-2031;D;Automne;2030-10-20;2030-11-03", "Cette zone n’existe pas"),
        ("30-31;A;Automne;2030-10-20;2030-11-03", "L’année scolaire s’écrit"),
        ("2030-2031;A;;2030-10-20;2030-11-03", "n’a pas de nom"),
        ("2030-2031;A;Printemps;31/02/2031;2031-04-20", "Le premier jour s’écrit"),
        ("2030-2031;A;Printemps;2031-04-20;2031-04-06", "précède"),
        ("2030-2031;A;Été;2031-07-05;2031-08-31", "sortent de l’année"),
        ("2030-2031;A;Printemps;2031-02-20;2031-03-02", "recouvrent d’autres"),
        ("2030-2031;A;Printemps;2031-03-10;2031-06-20", "plus de dix semaines"),
        ("2030-2031;A;Année scolaire;2030-09-03;2031-07-04", "deux fois"),
        ("2031-2032;A;Automne;2031-10-20;2031-11-03", "Il manque la ligne"),
        ("2030-2031;B;Année scolaire;2030-09-03;2031-07-04", "aucune période"),
        ("2031-2032;C;Année scolaire;2030-09-03;2031-07-04", "ne sont pas ceux"),
    ] {
        let (annees, bilan) = lecture::lit(Cursor::new(format!("{ESSAI}{ligne}\n"))).unwrap();
        let dites: Vec<&str> = bilan.remarques.iter().map(|r| r.raison.as_str()).collect();
        assert!(dites.iter().any(|r| r.contains(raison)), "{ligne} {dites:?}");
        let a = annees.iter().any(|a| a.zone.cle() == "A" && a.nom == "2030-2031");
        let etrangere = ["D;", "30-31", "2031-2032", "2030-2031;B"].iter().any(|d| ligne.contains(d));
        assert_eq!(a, etrangere || !ligne.starts_with("2030-2031;A"), "{ligne}");
    }
    for texte in ["", "a;b\n1;2\n", "annee;zone;periode;premier_jour;dernier_jour\n"] {
        assert!(lecture::lit(Cursor::new(texte)).is_err(), "{texte}");
    }
}

testkit::on_both_engines! {
    migrations: crate::lieux::pages::tests::migrations();

    async fn a_calendar_is_loaded_replaced_and_used(t: TestSite) {
        let site = &t.site;
        let bilan = charge(site, ESSAI).await.unwrap();
        assert_eq!((bilan.lues, bilan.retenues, bilan.refusees), (5, 5, 0));
        let lus = charges(site.db.read()).await.unwrap();
        let le = |a, m, j| NaiveDate::from_ymd_opt(a, m, j).unwrap();
        assert_eq!(lus.vacances("23", le(2031, 2, 12)), Vacances::Oui);
        assert_eq!(lus.vacances("23", le(2031, 2, 24)), Vacances::Non);
        assert_eq!(lus.vacances("988", le(2030, 4, 10)), Vacances::Oui);
        assert_eq!(lus.vacances("75", le(2031, 2, 12)), Vacances::Inconnu);
        // Twice the same changes nothing; a correction replaces.
        charge(site, ESSAI).await.unwrap();
        assert_eq!(charges(site.db.read()).await.unwrap(), lus);
        charge(site, &ESSAI.replace("2031-02-23", "2031-02-25")).await.unwrap();
        assert_eq!(charges(site.db.read()).await.unwrap().vacances("23", le(2031, 2, 24)), Vacances::Oui);
        // The same days under another name.
        let autre = ESSAI.replace("2030-2031", "2030");
        assert!(charge(site, &autre).await.unwrap().remarques.iter().any(|r| r.raison.contains("recouvre")));
        // A hub sees what is loaded; only the national administration loads.
        let region = kernel::CodeRegion::parse("75").into_iter().collect();
        let hub = testkit::actor(Role::Hub, Perimetre::Regions(region));
        let livraison = Livraison { nom: "essai.csv", a_blanc: false };
        let refus = importe(site, Some(&hub), Cursor::new(ESSAI), livraison).await;
        assert!(matches!(refus, Err(EchecVacances::Interdit(_))));
    }
}
