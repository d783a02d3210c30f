//! Codes and tokens, on both engines.

use chrono::TimeDelta;
use testkit::TestSite;

use super::*;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn the_whole_journey(t: TestSite) {
        let mut maison = maison(&t).await;
        let adresse = maison.choisir(&[]).await;
        assert_eq!(parametre(&adresse, "state").unwrap(), "e".repeat(64));
        assert_eq!(parametre(&adresse, "iss").as_deref(), Some("http://localhost:8080"));
        let code = parametre(&adresse, "code").unwrap();
        assert_eq!(lignes(&t, "usage.commencer").await, 1, "attack 80: written before anything leaves");
        let reponse = maison.jeton_avec(&code, &[]).await.expect(200);
        assert_eq!(reponse.headers["cache-control"], "no-store");
        let jetons = reponse.json();
        let id_token = claims(jetons["id_token"].as_str().unwrap());
        assert_eq!(id_token["rep_scope"], serde_json::json!(["Logement"]));
        assert_eq!(id_token["acr"], "eidas1");
        assert_eq!(id_token["nonce"], "a".repeat(64));
        assert_eq!(id_token["act"]["organisation"], "1");
        let identite = maison.identite(jetons["access_token"].as_str().unwrap()).await.expect(200);
        assert_eq!(identite.headers["cache-control"], "no-store");
        let identite = identite.json();
        assert_eq!(identite["sub"], id_token["sub"], "attack 29");
        assert_eq!(identite["family_name"], "USAGER-1");
        assert_eq!(identite["birthdate"], "1962-05-17");
        assert_eq!(identite["birthplace"], "23096");
        let usages = usages_de(&t, &maison).await;
        assert_eq!(usages.len(), 1);
        assert!(usages[0].lu_le.is_some() && usages[0].fini_le.is_none());
        assert_eq!((usages[0].demarche.as_str(), usages[0].mandat), ("logement", maison.mandat.id));
        maison.aidante.get("/aidant/utilisations").await.expect(200).says("USAGER-1").says("Identité transmise");
        // Nobody is named in the journal.
        let sql = "SELECT COUNT(*) FROM journal WHERE details LIKE '%USAGER-%' OR details LIKE '%Camille%'";
        assert_eq!(kit::count(t.site.db.read(), sql, []).await.unwrap(), 0);
    }

    async fn attack_15_a_code_twice_revokes_what_came_of_it(t: TestSite) {
        let mut maison = maison(&t).await;
        let code = maison.code().await;
        let jeton = maison.jetons(&code).await["access_token"].as_str().unwrap().to_owned();
        maison.identite(&jeton).await.expect(200);
        let replay = maison.jeton_avec(&code, &[]).await.expect(400).json();
        assert_eq!(replay["error"], "invalid_grant");
        let mort = maison.identite(&jeton).await.expect(401);
        assert!(mort.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
        assert_eq!(lignes(&t, "usage.refuser").await, 1);
        // Once more tells the journal nothing new.
        maison.jeton_avec(&code, &[]).await.expect(400);
        assert_eq!(lignes(&t, "usage.refuser").await, 1);
    }

    async fn attack_17_a_code_of_another_client_or_address(t: TestSite) {
        let mut maison = maison(&t).await;
        client(&t, "autre", Reglages { redirect_uris: vec![RETOUR.to_owned()], ..reglages() }).await;
        let code = maison.code().await;
        maison.jeton_avec(&code, &[("client_id", "autre")]).await.expect(400).says("invalid_grant");
        // A stranger's attempt changed nothing.
        assert!(maison.jetons(&code).await["access_token"].is_string());
        let code = maison.code().await;
        maison.jeton_avec(&code, &[("redirect_uri", SORTIE)]).await.expect(400).says("invalid_grant");
        maison.jeton_avec(&code, &[]).await.expect(400).says("invalid_grant");
    }

    async fn attack_20_a_token_is_short_and_dies(t: TestSite) {
        let mut maison = maison(&t).await;
        let jeton = maison.jeton().await;
        t.site.clock.advance(TimeDelta::seconds(59));
        maison.identite(&jeton).await.expect(200);
        t.site.clock.advance(TimeDelta::seconds(1));
        maison.identite(&jeton).await.expect(401);
        maison.identite("jamais-donne").await.expect(401);
    }

    async fn attack_22_a_mandat_that_ends_between_two_steps(t: TestSite) {
        let mut maison = maison(&t).await;
        let fin = format!(
            "UPDATE mandat_autorisation SET fin_le = '{}', fin_auteur = 'personne', fin_raison = 'demande' WHERE demarche = 'logement'",
            t.site.clock.now().format("%Y-%m-%d %H:%M:%S+00:00")
        );
        let (code, jeton) = (maison.code().await, maison.jeton().await);
        sql(&t, &fin).await;
        maison.jeton_avec(&code, &[]).await.expect(400).says("invalid_grant");
        maison.identite(&jeton).await.expect(401);
        maison.identite(&jeton).await.expect(401);
        assert_eq!(lignes(&t, "usage.refuser").await, 2, "refused, and told once each");
        // What the person still allows is another démarche.
        let flux = maison.arriver(&[]).await;
        let personne = maison.usager.id.to_string();
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
        maison.repond(&flux, "logement").await.expect(404);
        maison.repond(&flux, "argent").await.expect(303);
    }

    async fn attack_23_an_aidant_who_leaves_between_two_steps(t: TestSite) {
        let mut maison = maison(&t).await;
        for (fin, retour) in [
            ("UPDATE compte SET etat = 'desactive'", "UPDATE compte SET etat = 'actif'"),
            ("UPDATE aidant SET etat = 'dormant'", "UPDATE aidant SET etat = 'actif'"),
            ("UPDATE aidant_appartenance SET fin = '2026-12-01'", "UPDATE aidant_appartenance SET fin = NULL"),
            (
                "UPDATE organisation_habilitee SET desactivee_le = '2026-12-01'",
                "UPDATE organisation_habilitee SET desactivee_le = NULL",
            ),
            ("UPDATE fournisseur_client SET actif = FALSE", "UPDATE fournisseur_client SET actif = TRUE"),
        ] {
            let (code, jeton) = (maison.code().await, maison.jeton().await);
            sql(&t, fin).await;
            let refuse = maison.jeton_avec(&code, &[]).await;
            assert!(matches!(refuse.status.as_u16(), 400 | 401), "{fin}: {}", refuse.body);
            maison.identite(&jeton).await.expect(401);
            sql(&t, retour).await;
        }
    }

    async fn a_token_of_one_use_is_of_one_use(t: TestSite) {
        let mut maison = maison_avec(&t, Reglages { one_use: true, ..reglages() }).await;
        let jeton = maison.jeton().await;
        maison.identite(&jeton).await.expect(200);
        maison.identite(&jeton).await.expect(401);
    }

    async fn a_log_out_ends_one_use_and_leaves_the_aidant_signed_in(t: TestSite) {
        let mut maison = maison(&t).await;
        let code = maison.code().await;
        let jetons = maison.jetons(&code).await;
        let (id_token, jeton) = (jetons["id_token"].as_str().unwrap(), jetons["access_token"].as_str().unwrap());
        let autre = maison.jeton().await;
        // Late, as log-outs are: the hint has expired.
        t.site.clock.advance(TimeDelta::seconds(50));
        let fin = [("id_token_hint", id_token), ("post_logout_redirect_uri", SORTIE), ("state", "s")];
        let adresse = format!("/session/end?{}", serde_urlencoded::to_string(fin).unwrap());
        let partie = maison.aidante.get(&adresse).await.expect(303);
        assert_eq!(partie.location(), format!("{SORTIE}?state=s"));
        maison.identite(jeton).await.expect(401);
        maison.identite(&autre).await.expect(200);
        maison.aidante.get("/aidant/utilisations").await.expect(200).says("Terminée");
        assert_eq!(lignes(&t, "usage.terminer").await, 1);
    }

    async fn attack_19_nothing_in_clear_in_the_database(t: TestSite) {
        let mut maison = maison(&t).await;
        let code = maison.code().await;
        let jeton = maison.jetons(&code).await["access_token"].as_str().unwrap().to_owned();
        for clair in [code.as_str(), jeton.as_str(), SECRET] {
            for (table, colonnes) in [
                ("fournisseur_code", "digest || code"),
                ("fournisseur_jeton", "digest || jeton"),
                ("fournisseur_flux", "navigateur || demande"),
                ("fournisseur_client", "reglages || secrets"),
                ("journal", "details"),
            ] {
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE {colonnes} LIKE $1");
                let n = kit::count(t.site.db.read(), &sql, [format!("%{clair}%").into()]).await.unwrap();
                assert_eq!(n, 0, "{table}");
            }
        }
    }

    async fn what_expired_is_forgotten_and_uses_are_not(t: TestSite) {
        let mut maison = maison(&t).await;
        maison.jeton().await;
        assert_eq!(crate::fournisseur::jobs::purger(&maison.m).await.unwrap(), 0);
        t.site.clock.advance(TimeDelta::hours(25));
        assert_eq!(crate::fournisseur::jobs::purger(&maison.m).await.unwrap(), 3);
        assert_eq!(usages_de(&t, &maison).await.len(), 1);
    }
}

async fn usages_de(t: &TestSite, maison: &Maison) -> Vec<super::super::usages::Usage> {
    super::super::usages::de_la_personne(t.site.db.read(), maison.usager.id, (0, 10)).await.unwrap()
}
