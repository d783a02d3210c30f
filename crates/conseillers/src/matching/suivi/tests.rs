use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Perimetre, Role};
use testkit::TestSite;

use super::model::{Fait, suivre};
use crate::candidats::tests::fixtures::{fiche, inscrit};
use crate::demandes::tests::{browser, maison};

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn who_was_never_contacted_and_how_fast_contacts_are_answered(t: TestSite) {
        let (c, _) = maison(&t).await;
        let vu = inscrit(&t, fiche("a@exemple.fr")).await;
        let attend = inscrit(&t, fiche("b@exemple.fr")).await;
        inscrit(&t, fiche("c@exemple.fr")).await;
        let now: DateTime<Utc> = t.site.clock.now();
        let avant = |jours| now - TimeDelta::days(jours);
        let faits: [Fait; 3] = [
            (vu.id, avant(20), Some(avant(19))),
            (vu.id, avant(12), Some(avant(7))),
            (attend.id, avant(30), None),
        ];
        let index = c.candidats.index(&t.site).await.unwrap();
        let s = suivre(index.tous(), &faits, (now, 7));
        assert_eq!((s.tous.candidats, s.tous.jamais), (3, 1));
        assert_eq!((s.delais.mediane(), s.delais.sans_reponse, s.delais.classes()), (Some(3.0), 1, [0, 1, 0, 1, 0]));
        let ain = &s.par_departement[&"01".parse_code()];
        assert_eq!((ain.0.candidats, ain.1.contacts), (3, 3));
        assert_eq!(s.par_rayon.iter().map(|(_, p)| p.candidats).sum::<u32>(), 3);
        assert_eq!(s.par_anciennete[0].1.jamais, 1);
        let b = browser(&t, &c);
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get("/conseillers/equite-des-contacts").await.expect(200).says("3 sur 3").says("01 – Ain").says("L’âge n’est pas demandé");
        let csv = admin.get("/conseillers/equite-des-contacts/export.csv").await.expect(200).body;
        assert!(csv.contains("departement;01 – Ain;3;3;0;0;;0"), "{csv}");
        let mut comite = b.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National));
        comite.get("/conseillers/equite-des-contacts").await.expect(403);
    }
}

trait Code {
    fn parse_code(self) -> kernel::CodeDepartement;
}

impl Code for &str {
    fn parse_code(self) -> kernel::CodeDepartement {
        kernel::CodeDepartement::parse(self).unwrap()
    }
}
