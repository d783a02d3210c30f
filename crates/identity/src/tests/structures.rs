use super::*;
use kernel::ids::StructureId;

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn a_structure_knows_who_looks_after_it(t: TestSite) {
        let id = identity(&t);
        let [one, two, other] = [1, 2, 3].map(|n| StructureId(uuid::Uuid::from_u128(n)));
        let scope = |ids: &[StructureId]| Perimetre::Structures(ids.to_vec());
        let zoe = someone(&id, "zoe@exemple.fr", Role::GestionnaireStructure, scope(&[one, two])).await;
        let ana = someone(&id, "ana@exemple.fr", Role::GestionnaireStructure, scope(&[two])).await;
        someone(&id, "net@exemple.fr", Role::GrandReseau, scope(&[one])).await;
        someone(&id, "adm@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let now = t.site.clock.now();
        let who = async |ids: &[StructureId]| {
            let mut found: Vec<_> =
                crate::comptes_de_structures(t.site.db.read(), ids, now).await.unwrap().iter().map(|g| g.compte).collect();
            found.sort_unstable();
            found
        };
        let sorted = |mut ids: Vec<kernel::ids::CompteId>| { ids.sort_unstable(); ids };
        assert_eq!(who(&[one]).await, [zoe.id]);
        assert_eq!(who(&[one, two]).await, sorted(vec![zoe.id, ana.id]), "once each");
        assert_eq!(who(&[other]).await, []);
        assert_eq!(who(&[]).await, []);
    }
}
