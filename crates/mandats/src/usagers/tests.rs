use oidc::Claims;
use serde_json::json;
use testkit::TestSite;

use super::rapprochement::{Connu, Verdict, complete, decider};
use super::*;
use crate::ids::UsagerId;

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

/// Born on 17 May 1962 in Guéret.
fn entiere() -> Identite {
    let mut claims = claims();
    for (nom, valeur) in [
        ("birthdate", "1962-05-17"),
        ("idp_birthdate", "1962-05-17"),
        ("birthplace", "23096"),
        ("birthcountry", "99100"),
    ] {
        claims.insert(nom.to_owned(), json!(valeur));
    }
    Identite::lire(&claims).unwrap()
}

/// What FranceConnect says again of somebody, one thing apart.
fn autrement(nom: &str, valeur: &str) -> Identite {
    let mut claims = entiere().claims("x");
    claims.insert(nom.to_owned(), json!(valeur));
    if nom == "birthcountry" {
        claims.insert("birthplace".to_owned(), json!(""));
    }
    Identite::lire(&claims).unwrap()
}

fn presumee(brute: &str, completee: &str) -> Identite {
    Identite { naissance: crate::document::Naissance::lire(brute, completee).unwrap(), ..entiere() }
}

#[test]
fn only_one_living_person_of_the_same_whole_identity_is_the_same() {
    let id = |n: u128| UsagerId(uuid::Uuid::from_u128(n));
    let connu = |n, identite: &Identite, decede| Connu { id: id(n), identite: identite.clone(), decede };
    let moi = entiere();
    let etranger = Identite { commune: None, pays: "99341".to_owned(), ..moi.clone() };
    let (un, deux) = (connu(1, &moi, false), connu(2, &moi, false));
    let (meme, ressemble) = (Verdict::Meme(id(1)), Verdict::Ressemble(vec![id(1)]));
    let annee = presumee("1962-00-00", "1962-01-01");
    let mois = presumee("1962-05-00", "1962-05-01");
    let janvier = presumee("1962-01-01", "1962-01-01");
    let sans_genre = Identite { genre: Genre::NonPrecise, ..moi.clone() };
    for (quoi, arrive, connus, attendu) in [
        ("nobody known", moi.clone(), vec![], Verdict::Nouveau),
        ("the same", moi.clone(), vec![un.clone()], meme.clone()),
        (
            "another name in use and address",
            Identite { nom_usage: None, courriel: None, ..moi.clone() },
            vec![un.clone()],
            meme.clone(),
        ),
        ("born abroad", etranger.clone(), vec![connu(1, &etranger, false)], meme.clone()),
        (
            "beside somebody of another commune",
            moi.clone(),
            vec![un.clone(), connu(2, &autrement("birthplace", "23001"), false)],
            meme,
        ),
        ("two of them", moi.clone(), vec![un.clone(), deux], Verdict::Ressemble(vec![id(1), id(2)])),
        ("who died", moi.clone(), vec![connu(1, &moi, true)], ressemble.clone()),
        ("another gender", autrement("gender", "male"), vec![un.clone()], ressemble.clone()),
        ("another commune", autrement("birthplace", "23001"), vec![un.clone()], ressemble.clone()),
        ("another country", autrement("birthcountry", "99341"), vec![un.clone()], ressemble.clone()),
        (
            "one given name more",
            autrement("given_name", "Aïssatou Marie Fatou"),
            vec![un.clone()],
            ressemble.clone(),
        ),
        ("accents lost", autrement("given_name", "AISSATOU MARIE"), vec![un.clone()], ressemble.clone()),
        ("another given name: a twin", autrement("given_name", "Fatou"), vec![un], Verdict::Nouveau),
        ("only the year", annee.clone(), vec![connu(1, &annee, false)], ressemble.clone()),
        ("no day", mois.clone(), vec![connu(1, &mois, false)], ressemble.clone()),
        (
            "completed to the first of January",
            janvier.clone(),
            vec![connu(1, &janvier, false)],
            ressemble.clone(),
        ),
        ("no gender", sans_genre.clone(), vec![connu(1, &sans_genre, false)], ressemble),
    ] {
        assert_eq!(decider(&arrive, &connus), attendu, "{quoi}");
    }
    assert!(complete(&moi) && complete(&etranger));
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

    async fn who_lost_their_account_is_the_same_person_and_is_told(t: TestSite) {
        let site = &t.site;
        let (ancien, nouveau) = (empreinte(site, "ancien"), empreinte(site, "nouveau"));
        let venir = async |sub: &str, identite: &Identite| {
            site.db.write(async |tx| store::retrouver_ou_inscrire(site, tx, sub, identite).await).await.unwrap()
        };
        let combien = async |sql: &str| platform::db::kit::count(site.db.read(), sql, []).await.unwrap();
        let avant = venir(&ancien, &entiere()).await;
        let apres = venir(&nouveau, &entiere()).await;
        assert_eq!((apres.id, apres.sub.as_str()), (avant.id, nouveau.as_str()));
        assert_eq!(pseudonyme(site, &apres).unwrap(), pseudonyme(site, &avant).unwrap());
        // The account of before leads to them still.
        assert_eq!(venir(&ancien, &entiere()).await.id, avant.id);
        assert_eq!(combien("SELECT COUNT(*) FROM usager").await, 1);
        assert_eq!(combien("SELECT COUNT(*) FROM usager_sub_ancien").await, 1);
        assert_eq!(combien("SELECT COUNT(*) FROM journal WHERE action = 'usager.rapprocher'").await, 1);
        let mails = platform::mail::list(site.db.read(), 10).await.unwrap();
        let dits: Vec<_> = mails.iter().filter(|m| m.sujet.contains("nouveau compte FranceConnect")).collect();
        assert_eq!(dits.len(), 1, "{mails:?}");
        assert!(!dits[0].texte.contains("DIALLO"));
        // Less than the whole identity: a new person, and the staff is told.
        let autre = venir(&empreinte(site, "troisieme"), &autrement("gender", "male")).await;
        assert_ne!(autre.id, avant.id);
        assert_eq!(combien("SELECT COUNT(*) FROM journal WHERE action = 'usager.doublon'").await, 1);
        let (doublons, total) = doublons(site.db.read(), (0, 10)).await.unwrap();
        assert_eq!((doublons.len(), total), (1, 1));
        // Erased, they leave nothing of it.
        site.db.write(async |tx| store::effacer(tx, avant.id).await).await.unwrap();
        assert_eq!(combien("SELECT COUNT(*) FROM usager_sub_ancien").await + combien("SELECT COUNT(*) FROM usager_doublon").await, 0);
    }

    async fn a_lost_account_recovered_twice_at_once_is_one_person(t: TestSite) {
        let (site, autre) = (&t.site, t.other_instance().await);
        let inscrire = async |site: &platform::Site, sub: &str| {
            let sub = empreinte(site, sub);
            site.db.write(async |tx| store::retrouver_ou_inscrire(site, tx, &sub, &entiere()).await).await.unwrap()
        };
        let avant = inscrire(site, "ancien").await;
        let (x, y) = tokio::join!(inscrire(site, "nouveau"), inscrire(&autre, "nouveau"));
        assert_eq!((x.id, y.id), (avant.id, avant.id));
        let lignes = "SELECT COUNT(*) FROM journal WHERE action = 'usager.rapprocher'";
        assert_eq!(platform::db::kit::count(site.db.read(), lignes, []).await.unwrap(), 1);
    }
}
