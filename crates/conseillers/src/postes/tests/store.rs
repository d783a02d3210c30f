use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Perimetre, Periode};
use testkit::TestSite;
use uuid::Uuid;

use crate::ids::{CandidatId, ContratId};
use crate::postes::store::*;
use crate::postes::*;

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

fn place(n: u128, departement: &str, region: &str) -> Place {
    Place {
        structure: StructureId(Uuid::from_u128(n)),
        departement: CodeDepartement::parse(departement).unwrap(),
        region: CodeRegion::parse(region).unwrap(),
    }
}

async fn trois(t: &TestSite, p: &Place) -> Vec<Poste> {
    let origine = (None, p, jour("2021-03-01"));
    t.site.db.write(async |tx| attribuer(&t.site, tx, 3, Typologie::Conseiller, origine).await).await.unwrap()
}

fn affecte(t: &TestSite, p: Poste, n: u128, du: &str, au: Option<&str>) -> Poste {
    let id = kernel::ids::uuid_v7(&t.site.clock, &t.site.chance);
    let qui = (CandidatId(Uuid::from_u128(n)), ContratId(id));
    rules::affecter(p, id, qui, Periode { debut: jour(du), fin: au.map(jour) }).unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn what_is_written_is_read_again_and_counted(t: TestSite) {
        let (creuse, ain) = (place(1, "23", "75"), place(2, "01", "84"));
        let postes = trois(&t, &creuse).await;
        assert_eq!(postes.iter().map(|p| p.numero).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(trois(&t, &ain).await[0].numero, 4);
        let un = affecte(&t, postes[0].clone(), 7, "2021-05-01", None);
        let deux = rules::rendre(postes[1].clone(), jour("2021-09-01"), MotifRendu::Autre).unwrap();
        let vers = place(2, "01", "84");
        let trois = rules::transferer(postes[2].clone(), Uuid::from_u128(50), vers, jour("2021-07-01")).unwrap();
        t.site.db.write(async |tx| {
            for p in [&un, &deux, &trois] { enregistrer(tx, p).await?; }
            Ok::<_, sea_orm::DbErr>(())
        }).await.unwrap();
        let conn = t.site.db.read();
        let ecrits = charger(conn, &[un.id, deux.id, trois.id]).await.unwrap();
        for (ecrit, voulu) in ecrits.iter().zip([&un, &deux, &trois]) {
            assert_eq!(ecrit, &Poste { version: 1, ..voulu.clone() });
        }
        let departement = |code| Perimetre::Departements(CodeDepartement::parse(code).into_iter().collect());
        let creuse = departement("23");
        let cases = [
            (Perimetre::National, "2021-02-01", (0, 0, 0)),
            (Perimetre::National, "2021-06-01", (6, 1, 0)),
            (Perimetre::National, "2021-10-01", (5, 1, 1)),
            (creuse.clone(), "2021-06-01", (3, 1, 0)),
            (creuse.clone(), "2021-08-01", (2, 1, 0)),
            (creuse, "2021-10-01", (1, 1, 1)),
        ];
        for (perimetre, le, (ouverts, occupes, rendus)) in cases {
            let b = bilan(conn, &perimetre, jour(le)).await.unwrap();
            assert_eq!(b, Bilan { ouverts, occupes, rendus }, "{perimetre:?} {le}");
        }
        // The curve's sums, added up, are what each first of a month counts.
        for perimetre in [Perimetre::National, departement("23"), departement("01")] {
            let mouvements = mouvements(conn, &perimetre).await.unwrap();
            for le in ["2021-05-01", "2021-06-01", "2021-07-01", "2021-08-01", "2022-03-01"] {
                let somme: i64 = mouvements.iter().filter(|(mois, _)| *mois <= jour(le)).map(|(_, n)| n).sum();
                let compte = bilan(conn, &perimetre, jour(le)).await.unwrap().occupes;
                assert_eq!(somme, compte, "{perimetre:?} {le}");
            }
        }
        let chez = |le: &'static str| async move {
            let ids = [StructureId(Uuid::from_u128(1))];
            de_structure(conn, &ids, jour(le)).await.unwrap().iter().map(|p| p.numero).collect::<Vec<_>>()
        };
        assert_eq!(chez("2021-06-30").await, [1, 2, 3]);
        assert_eq!(chez("2021-07-01").await, [1, 2]);
        assert_eq!(chez("2021-09-01").await, [1]);
        assert_eq!(de_candidat(conn, CandidatId(Uuid::from_u128(7))).await.unwrap().len(), 1);
    }

    async fn the_database_refuses_two_open_posts_of_one_person(t: TestSite) {
        let postes = trois(&t, &place(1, "23", "75")).await;
        let un = affecte(&t, postes[0].clone(), 7, "2021-05-01", None);
        let deux = affecte(&t, postes[1].clone(), 7, "2021-05-01", None);
        assert!(t.site.db.write(async |tx| enregistrer(tx, &un).await).await.is_ok());
        assert!(t.site.db.write(async |tx| enregistrer(tx, &deux).await).await.is_err());
    }
}
