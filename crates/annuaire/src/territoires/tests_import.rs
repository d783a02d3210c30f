//! Imports of centres and zonages, on both engines.

use std::io::Cursor;
use std::sync::Arc;

use chrono::NaiveDate;
use kernel::CodeCommune;
use testkit::TestSite;

use super::actions::{Livraison, importe_centres, importe_zonage};
use super::*;
use crate::atlas::Atlas;

fn code(code: &str) -> CodeCommune {
    CodeCommune::parse(code).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn atlas(t: &TestSite) -> Atlas {
    Atlas::load(&t.site, Arc::new(|_| Box::pin(async { Ok(Vec::new()) }))).await.unwrap()
}

fn migrations() -> platform::db::Migrations {
    let mut all = platform::migrations();
    all.extend(crate::migrations());
    all
}

const FILE: Livraison<'_> = Livraison { nom: "centres.csv", a_blanc: false };

testkit::on_both_engines! {
    migrations: migrations();

    async fn centres_replace_estimates(t: TestSite) {
        let atlas = atlas(&t).await;
        let csv = "Code INSEE;Latitude;Longitude\n\
                   01002;46,0096;5,4281\n\
                   1004;45.9613;5.3729\n\
                   01015;45.7;5.7\n\
                   99999;46;5\n\
                   01005;48.85;2.35\n\
                   01006;;\n\
                   01007;5.1;46.05\n";
        let bilan = importe_centres(&atlas, Cursor::new(csv), FILE).await.unwrap();
        assert_eq!((bilan.lues, bilan.retenues, bilan.refusees), (7, 4, 3), "{:#?}", bilan.remarques);
        assert!(bilan.csv().starts_with("ligne,suite,valeur,raison\n"));
        let moved = atlas.territoires().commune(&code("01002")).unwrap().position.unwrap();
        assert_eq!(moved.qualite, Qualite::Officielle);
        assert!((moved.position.latitude - 46.0096).abs() < 1e-9);
        // Swapped columns are put right when that is where the commune is.
        let swapped = atlas.territoires().commune(&code("01007")).unwrap().position.unwrap();
        assert!((swapped.position.latitude - 46.05).abs() < 1e-9, "{swapped:?}");
        // A second delivery of the same file changes nothing, and another instance reads it.
        let again = importe_centres(&atlas, Cursor::new(csv), FILE).await.unwrap();
        assert_eq!(again, bilan);
        let instance = t.other_instance().await;
        let other = Atlas::load(&instance, Arc::new(|_| Box::pin(async { Ok(Vec::new()) })));
        let other = other.await.unwrap();
        assert_eq!(other.territoires().commune(&code("01002")).unwrap().position, Some(moved));
    }

    async fn a_dry_run_changes_nothing(t: TestSite) {
        let atlas = atlas(&t).await;
        let livraison = Livraison { nom: "centres.csv", a_blanc: true };
        let csv = "insee,lat,lon\n01002,46.0096,5.4281\n";
        assert_eq!(importe_centres(&atlas, Cursor::new(csv), livraison).await.unwrap().retenues, 1);
        assert!(atlas.territoires().commune(&code("01002")).unwrap().position.unwrap().estimee());
    }

    async fn lists_apply_from_their_day(t: TestSite) {
        let atlas = atlas(&t).await;
        let zrr = "CODGEO,LIBGEO,ZRR_SIMP\n01002,L'Abergement-de-Varey,C - Classée en ZRR\n01053,Bourg,NC - Commune non classée\n";
        let bilan = importe_zonage(&atlas, GenreZonage::Zrr, day("2018-01-01"), Cursor::new(zrr), FILE).await.unwrap();
        assert_eq!((bilan.lues, bilan.retenues, bilan.hors_zonage), (2, 1, 1));
        assert!(atlas.zonages().contient(&code("01002"), GenreZonage::Zrr));
        // FRR has replaced ZRR on 1 July 2024; the list of 2030 is not in force yet.
        let frr = "code_insee\n01004\n01144\n";
        importe_zonage(&atlas, GenreZonage::Frr, day("2024-07-01"), Cursor::new(frr), FILE).await.unwrap();
        importe_zonage(&atlas, GenreZonage::Frr, day("2030-01-01"), Cursor::new("insee\n01053\n"), FILE).await.unwrap();
        let zonages = atlas.zonages();
        assert!(!zonages.contient(&code("01002"), GenreZonage::Zrr));
        assert!(zonages.contient(&code("01004"), GenreZonage::Frr));
        assert!(zonages.contient(&code("01025"), GenreZonage::Frr), "a former commune stands for the present one");
        assert!(!zonages.contient(&code("01053"), GenreZonage::Frr));
        // The same day again replaces the list.
        importe_zonage(&atlas, GenreZonage::Frr, day("2024-07-01"), Cursor::new("insee\n01004\n"), FILE).await.unwrap();
        assert!(!atlas.zonages().contient(&code("01025"), GenreZonage::Frr));
        assert_eq!(atlas.zonages().listes.len(), 1);
        let qpv = "insee_com;nom_qp\n93066;Franc-Moisin\n93066;Floréal\n93066;Floréal\n";
        importe_zonage(&atlas, GenreZonage::Qpv, day("2024-01-01"), Cursor::new(qpv), FILE).await.unwrap();
        let zonages = atlas.zonages();
        assert_eq!(zonages.de(&code("93066"))[0].valeur.as_deref(), Some("Franc-Moisin ; Floréal"));
        let ifn = "code_insee,ifn\n01004,\"4,5\"\n01053,12\n";
        let bilan = importe_zonage(&atlas, GenreZonage::Ifn, day("2024-01-01"), Cursor::new(ifn), FILE).await.unwrap();
        assert_eq!((bilan.retenues, bilan.refusees), (1, 1));
        assert_eq!(atlas.zonages().listes.len(), 3);
    }

    async fn bad_files_are_refused_whole(t: TestSite) {
        let atlas = atlas(&t).await;
        for (csv, says) in [
            ("", "vide"),
            ("nom,lat,lon\nx,1,2\n", "code INSEE"),
            ("insee,lat\n01002,1\n", "longitude"),
            ("insee,lat,lon\nxxxxx,1,2\n", "Aucune ligne"),
            ("insee,lat,lon\n", "Aucune ligne"),
            ("\u{0}\u{1}PK\u{3}\u{4}", ""),
        ] {
            let refused = importe_centres(&atlas, Cursor::new(csv), FILE).await;
            let sentence = refused.map(|_| ()).unwrap_err().to_string();
            assert!(sentence.contains(says), "{csv:?}: {sentence}");
        }
        let refused = importe_zonage(&atlas, GenreZonage::Ifn, day("2024-01-01"), Cursor::new("insee\n01004\n"), FILE);
        assert!(refused.await.unwrap_err().to_string().contains("score"));
    }
}
