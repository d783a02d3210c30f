use oidc::Claims;
use serde_json::json;
use testkit::TestSite;

use super::*;

fn claims() -> Claims {
    json!({
        "sub": "a1b2", "given_name": "Aïssatou Marie", "family_name": "DIALLO", "birthdate": "1962-01-01",
        "idp_birthdate": "1962-00-00", "gender": "female", "birthplace": "", "birthcountry": "99341",
        "email": "aissatou@exemple.fr", "preferred_username": "MARTIN",
    })
    .as_object()
    .cloned()
    .unwrap()
}

#[test]
fn both_forms_of_a_presumed_birth_are_kept_and_the_raw_one_is_given_back() {
    let lue = Identite::lire(&claims()).unwrap();
    assert_eq!(lue.naissance.etat_civil, "1962-00-00");
    assert_eq!(lue.naissance.completee.to_string(), "1962-01-01");
    assert_eq!((lue.commune.as_deref(), lue.nom_usage.as_deref()), (None, Some("MARTIN")));
    let rendue = lue.claims("sub-a-nous");
    assert_eq!(rendue["birthdate"], "1962-00-00");
    assert!(!rendue.contains_key("birthplace"));
    assert!(oidc::franceconnect::refused_claims(&rendue).is_empty());
}

#[test]
fn what_no_mandat_could_be_used_with_is_refused_claim_by_claim() {
    for (nom, valeur, refuse) in [
        ("family_name", json!(""), Some("family_name")),
        ("family_name", json!("DIALLO\u{202e}"), None),
        ("family_name", json!("😀"), Some("family_name")),
        ("given_name", json!(null), Some("given_name")),
        ("birthdate", json!("1962-02-30"), Some("birthdate")),
        ("idp_birthdate", json!("1963-00-00"), Some("birthdate")),
        ("idp_birthdate", json!("1962-00-04"), Some("birthdate")),
        ("idp_birthdate", json!(12), None),
        ("gender", json!("F"), Some("gender")),
        ("birthcountry", json!("99100"), Some("birthplace")),
        ("birthcountry", json!(""), Some("birthcountry")),
        ("email", json!("pas une adresse"), None),
        ("preferred_username", json!(""), None),
        ("preferred_username", json!(["x"]), None),
    ] {
        let mut claims = claims();
        claims.insert(nom.to_owned(), valeur.clone());
        let lue = Identite::lire(&claims);
        assert_eq!(lue.err(), refuse.map(|r| vec![r]), "{nom} {valeur}");
    }
    assert!(Identite::lire(&Claims::new()).unwrap_err().contains(&"birthdate"));
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_person_is_found_again_and_brought_up_to_date(t: TestSite) {
        let site = &t.site;
        let identite = Identite::lire(&claims()).unwrap();
        let sub = empreinte(site, "sub-de-franceconnect");
        assert_ne!(sub, empreinte(site, "autre"));
        let un = site.db.write(async |tx| store::retrouver_ou_inscrire(site, tx, &sub, &identite).await).await.unwrap();
        let lu = store::lire(site.db.read(), un.id).await.unwrap().unwrap();
        assert_eq!(lu, un);
        // A year later the person took another name, and gives no address.
        let plus_tard = Identite { nom_usage: None, courriel: None, nom: "DIALLO-NDIAYE".to_owned(), ..identite };
        let deux = site.db.write(async |tx| store::retrouver_ou_inscrire(site, tx, &sub, &plus_tard).await).await.unwrap();
        assert_eq!((deux.id, deux.identite.nom.as_str()), (un.id, "DIALLO-NDIAYE"));
        assert_eq!(deux.identite.nom_usage.as_deref(), Some("MARTIN"));
        assert!(deux.contact.courriel.is_some());
        assert_eq!(store::du_sub(site.db.read(), &sub).await.unwrap(), Some(deux.clone()));
        // The journal's name of them is theirs, and lasts as long as their row.
        let nom = pseudonyme(site, &deux).unwrap();
        assert_eq!(nom, pseudonyme(site, &un).unwrap());
        assert_eq!(nom.len(), 32);
        assert!(!nom.contains("diallo"));
    }

    async fn two_aidants_receive_the_same_unknown_person_at_once(t: TestSite) {
        let site = &t.site;
        let autre = t.other_instance().await;
        let identite = Identite::lire(&claims()).unwrap();
        let sub = empreinte(site, "la-meme");
        let inscrire = async |site: &platform::Site| {
            site.db.write(async |tx| store::retrouver_ou_inscrire(site, tx, &sub, &identite).await).await.unwrap()
        };
        let (x, y) = tokio::join!(inscrire(site), inscrire(&autre));
        assert_eq!(x.id, y.id);
        let n = platform::db::kit::count(site.db.read(), "SELECT COUNT(*) FROM usager", []).await.unwrap();
        assert_eq!(n, 1);
    }
}
