use kernel::{Perimetre, Role};
use platform::Config;
use testkit::{Browser, TestSite};

use super::fixtures::{bourg, contact, departements, fiche, inscrire, laon, lue, migrations, pleine};
use crate::Annuaire;
use crate::structures::model::StructureId;

async fn browser(t: &TestSite) -> Browser {
    t.browser(crate::structures::routes(Annuaire::load(&t.site).await.unwrap()))
}

fn as_prefecture(b: &Browser, codes: &[&str]) -> Browser {
    b.signed_in(testkit::viewer(Role::Prefecture, departements(codes)))
}

fn as_admin(b: &Browser) -> Browser {
    b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National))
}

const B: &str = "/gestion/structures";

fn id_of(location: &str) -> StructureId {
    location.rsplit('/').next().unwrap().parse().unwrap()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_structure_is_entered_changed_and_closed(t: TestSite) {
        let mut b = as_prefecture(&browser(&t).await, &["01"]);
        b.get(&format!("{B}/nouvelle")).await.expect(200).says("Inscrire une structure");
        // Everything wrong: each error beside its field, what was typed kept.
        let bad = [
            ("nom", "<b>x</b>"), ("pivot", "43493312300028"), ("genre", "x"), ("categorie", "72"), ("code_postal", "1"),
            ("commune", "Zzzzzz"), ("site_web", "javascript:alert(1)"), ("contact_nom", "Seul"),
        ];
        let page = b.post(&format!("{B}/nouvelle"), &bad).await.expect(422);
        for field in ["pivot", "genre", "categorie", "code_postal", "commune", "site_web", "contact_courriel"] {
            assert!(page.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", page.body);
        }
        let page = page.says("value=\"&#60;b&#62;x&#60;/b&#62;\"");
        assert!(!page.body.contains("<b>x</b>"));
        // A name that several communes bear: the choice is offered, then taken.
        let mut form = vec![("nom", "Mairie de Bourg"), ("pivot", "434 933 123 00029"), ("genre", "commune"), ("commune", "Saint-Denis")];
        let page = b.post(&format!("{B}/nouvelle"), &form).await.expect(422).says("Quelle commune");
        assert!(page.body.contains("value=\"97411\"") && page.body.contains("value=\"93066\""), "{}", page.body);
        // One that is out of the territory is refused beside the field.
        form.push(("code_commune", "97411"));
        b.post(&format!("{B}/nouvelle"), &form).await.expect(422).says("hors de votre territoire");
        form.retain(|(k, _)| !k.contains("commune"));
        form.extend([
            ("commune", "bourg en bresse"), ("code_postal", "01000"), ("contact_nom", "Accueil"), ("contact_telephone", "01 80 05 98 80"),
        ]);
        let done = b.post(&format!("{B}/nouvelle"), &form).await.expect(303);
        let at = done.location().to_owned();
        let id = id_of(&at);
        let page = b.get(&at).await.expect(200).says("La structure est inscrite").says("01 80 05 98 80").says("Bourg-en-Bresse");
        assert!(page.body.contains("43493312300029"));
        b.get(&format!("{at}/historique")).await.expect(200).says("Inscription").says("Préfecture").says("18 mars 2026");
        // The same again is a likely duplicate; a person may insist.
        let page = b.post(&format!("{B}/nouvelle"), &form).await.expect(422);
        let page = page.says("Est-ce l’une de ces structures");
        assert!(page.body.contains("id=\"autre\"") && page.body.contains(&at));
        // Change.
        let page = b.get(&format!("{at}/modifier")).await.expect(200).says("value=\"Mairie de Bourg\"");
        assert!(page.body.contains("name=\"version\" value=\"1\"") && page.body.contains("name=\"code_commune\" value=\"01053\""));
        let change = [("version", "1"), ("nom", "Ville de Bourg"), ("genre", "commune"), ("commune", "Bourg-en-Bresse")];
        b.post(&format!("{at}/modifier"), &change).await.expect(303);
        assert_eq!(lue(&t, id).await.fiche.nom, "Ville de Bourg");
        // Somebody else had the old form open: nothing they typed is lost.
        let late = [("version", "1"), ("nom", "Bourg, services"), ("genre", "epci"), ("commune", "Bourg-en-Bresse")];
        let page = b.post(&format!("{at}/modifier"), &late).await.expect(409);
        let page = page.says("Quelqu’un a modifié cette fiche").says("Ville de Bourg").says("value=\"Bourg, services\"");
        assert!(page.body.contains("name=\"version\" value=\"2\""));
        let late = [("version", "2"), ("nom", "Bourg, services"), ("genre", "epci"), ("commune", "Bourg-en-Bresse")];
        b.post(&format!("{at}/modifier"), &late).await.expect(303);
        assert_eq!(lue(&t, id).await.version, 3);
        // Contacts.
        b.post(&format!("{at}/contacts/nouveau"), &[("nom", "Seul")]).await.expect(422).says("href=\"#courriel\"");
        b.post(&format!("{at}/contacts/nouveau"), &[("nom", "A"), ("courriel", "a@x.example.org"), ("principal", "oui")]).await.expect(303);
        let contact = lue(&t, id).await.contacts[0].id;
        // A contact changes in place; what somebody else saved meanwhile is shown.
        let edit = format!("{at}/contacts/{contact}/modifier");
        let page = b.get(&edit).await.expect(200).says("Modifier un contact").says("a@x.example.org");
        let lu = page.body.split("name=\"lu\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        b.post(&edit, &[("lu", &lu), ("nom", "Accueil B")]).await.expect(422).says("href=\"#courriel\"");
        let typed = [("lu", lu.as_str()), ("nom", "Accueil B"), ("courriel", "b@x.example.org")];
        b.post(&edit, &typed).await.expect(303);
        b.get(&at).await.expect(200).says("Accueil B").says("Modification d’un contact");
        b.post(&edit, &typed).await.expect(409).says("Il est maintenant : Accueil B, b@x.example.org");
        b.post(&format!("{at}/contacts/{contact}/retirer"), &[]).await.expect(303);
        b.get(&edit).await.expect(404);
        b.post(&format!("{at}/contacts/{contact}/retirer"), &[]).await.expect(404);
        // Closing.
        b.post(&format!("{at}/fermer"), &[]).await.expect(303);
        b.post(&format!("{at}/fermer"), &[]).await.expect(409).says("déjà fermée");
        b.get(&at).await.expect(200).says("Fermée").says("Rouvrir");
        b.post(&format!("{at}/rouvrir"), &[]).await.expect(303);
    }

    async fn each_comes_where_they_may(t: TestSite) {
        let b = browser(&t).await;
        let id = inscrire(&t, pleine("Mairie de Bourg"), Some(contact("Accueil", "a@x.example.org", ""))).await;
        let at = format!("{B}/{id}");
        // Anonymous.
        assert!(b.clone().get(&at).await.expect(303).location().starts_with("/connexion"));
        b.clone().post(&format!("{at}/fermer"), &[]).await.expect(401);
        // Another département: as if it did not exist, and not in the list.
        let mut aisne = as_prefecture(&b, &["02"]);
        for path in ["", "/historique", "/modifier", "/contacts/nouveau"] {
            aisne.get(&format!("{at}{path}")).await.expect(404);
        }
        for path in ["/modifier", "/fermer", "/rouvrir", "/contacts/nouveau"] {
            aisne.post(&format!("{at}{path}"), &[("version", "1")]).await.expect(404);
        }
        assert!(!aisne.get(B).await.expect(200).body.contains("Mairie de Bourg"));
        assert!(!aisne.get(&format!("{B}/export.csv")).await.expect(200).body.contains("Mairie"));
        // Reading only.
        let mut lecteur = b.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National));
        let page = lecteur.get(&at).await.expect(200);
        assert!(!page.body.contains("Modifier</a>") && !page.body.contains("Fermer la structure"));
        for path in ["/modifier", "/contacts/nouveau"] {
            lecteur.get(&format!("{at}{path}")).await.expect(403);
        }
        for path in ["/modifier", "/fermer", "/contacts/nouveau"] {
            lecteur.post(&format!("{at}{path}"), &[]).await.expect(403);
        }
        lecteur.get(&format!("{B}/doublons")).await.expect(403);
        // One's own structure, and no new one.
        let mut mine = b.signed_in(testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(vec![id])));
        mine.get(&format!("{at}/modifier")).await.expect(200);
        mine.get(&format!("{B}/nouvelle")).await.expect(403).says("préfecture");
        mine.post(&format!("{B}/nouvelle"), &[]).await.expect(403);
        // Nothing of that name.
        let mut admin = as_admin(&b);
        for path in ["x", "00000000-0000-0000-0000-000000000000", "%00", "..%2f", "nouvelle/x"] {
            admin.get(&format!("{B}/{path}")).await.expect(404);
        }
        admin.get(&format!("{B}/doublons/{id}/{id}")).await.expect(404);
        admin.get(&format!("{B}/doublons/{id}/x")).await.expect(404);
        admin.post(&format!("{B}/fusions/{id}/annuler"), &[]).await.expect(404);
    }

    async fn the_list_holds_any_query_and_exports(t: TestSite) {
        let b = browser(&t).await;
        let mut admin = as_admin(&b);
        admin.get(B).await.expect(200).says("Aucune structure ne correspond");
        for n in 0..35 {
            inscrire(&t, fiche(&format!("Structure {n:02}"), bourg()), None).await;
        }
        inscrire(&t, fiche("=HYPERLINK(\"http://x\")", laon()), Some(contact("+cmd", "", "+687123456"))).await;
        admin.get(&format!("{B}?q=structure&genre=association&departement=01")).await.expect(200).says("35 structures").says("page=2");
        let page = admin.get(&format!("{B}?q=structure&page=2")).await.expect(200);
        assert!(page.body.contains("Structure 34") && !page.body.contains("Structure 00"));
        let long = "a".repeat(5000);
        for query in ["page=-1", "page=99999999999999999999", "q=%00%ff", "departement=ZZ&genre=x&etat=y", "q=%27%3B+DROP", "q=%E2%80%AE", &format!("q={long}")] {
            admin.get(&format!("{B}?{query}")).await.expect(200);
        }
        let file = admin.get(&format!("{B}/export.csv?etat=toutes")).await.expect(200);
        assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
        assert!(file.body.starts_with("\u{feff}identifiant;nom;"));
        assert_eq!(file.body.lines().count(), 37);
        assert!(file.body.contains(";\"'=HYPERLINK(\"\"http://x\"\")\";"), "{}", file.body);
        assert!(file.body.contains(";'+cmd;") && file.body.contains(";+687 12 34 56"), "{}", file.body);
    }

    async fn hostile_forms_are_answered(t: TestSite) {
        let b = browser(&t).await;
        let mut admin = as_admin(&b);
        let long = "é".repeat(10_000);
        for value in [long.as_str(), "\0", "\u{202e}mairie", "'; DROP TABLE structure; --", "{{ 7 * 7 }}", "<script>alert(1)</script>", "\u{1F4A9}", "💥\r\n\r\n"] {
            let form: Vec<(&str, &str)> =
                ["nom", "pivot", "genre", "categorie", "voie", "code_postal", "commune", "code_commune", "site_web", "contact_nom", "contact_courriel", "contact_telephone", "autre"]
                    .iter().map(|k| (*k, value)).collect();
            let page = admin.post(&format!("{B}/nouvelle"), &form).await.expect(422);
            assert!(!page.body.contains("<script>alert"));
        }
        let form = [("nom", "'; DROP TABLE structure; --"), ("genre", "association"), ("commune", "Laon"), ("code_postal", "02000")];
        let at = admin.post(&format!("{B}/nouvelle"), &form).await.expect(303).location().to_owned();
        admin.get(&at).await.expect(200).says("DROP TABLE");
        let form = [("version", "99999999999999999999"), ("nom", "X"), ("genre", "association"), ("commune", "Laon")];
        admin.post(&format!("{at}/modifier"), &form).await.expect(409);
    }

    async fn the_api_gives_open_fields_only(t: TestSite) {
        let id = inscrire(&t, pleine("Mairie de Bourg"), Some(contact("Anne Secret", "secret@x.example.org", "0180059880"))).await;
        let a = Annuaire::load(&t.site).await.unwrap();
        let mut b = t.browser(crate::structures::api::routes(a));
        let tout = b.get("/api/v1/structures?departement=01&q=mairie").await.expect(200);
        assert!(!tout.body.contains("ecret") && !tout.body.contains("98 80"), "{}", tout.body);
        let lues = tout.json();
        assert_eq!((lues["total"].as_u64(), lues["structures"][0]["code_insee"].as_str()), (Some(1), Some("01053")));
        let une = b.get(&format!("/api/v1/structures/{id}")).await.expect(200);
        assert_eq!(une.headers["access-control-allow-origin"], "*");
        assert_eq!(une.json()["pivot"], "43493312300029");
        assert!(!une.body.contains("ecret"));
        for faux in ["?q=x&zut=1", "?page=0", "?taille=501", "?departement=zz", "?genre=x", "?etat=fusionnee"] {
            b.get(&format!("/api/v1/structures{faux}")).await.expect(400);
        }
        for absent in ["x", "0198a000-0000-7000-8000-00000000dead"] {
            b.get(&format!("/api/v1/structures/{absent}")).await.expect(404);
        }
    }

    async fn duplicates_are_compared_merged_and_undone(t: TestSite) {
        let b = browser(&t).await;
        let mut admin = as_admin(&b);
        let tel = || Some(contact("Accueil", "", "0180059880"));
        let a = inscrire(&t, fiche("Mairie de Bourg", bourg()), tel()).await;
        let o = inscrire(&t, pleine("Commune de Bourg"), tel()).await;
        admin.get(&format!("{B}/doublons")).await.expect(200).says("1 paire").says("Même téléphone");
        admin.get(&format!("{B}/{a}")).await.expect(200).says("lui ressemble");
        let at = format!("{B}/doublons/{a}/{o}");
        admin.get(&at).await.expect(200).says("Structure gardée").says("name=\"pivot\" value=\"absorbee\" checked");
        // Every difference must be decided.
        admin.post(&at, &[("version_gardee", "1"), ("version_absorbee", "1")]).await.expect(422).says("href=\"#nom\"");
        let choice = |v: &'static str| {
            [("version_gardee", v), ("version_absorbee", "1"), ("nom", "gardee"), ("pivot", "absorbee"), ("genre", "absorbee"),
             ("categorie", "absorbee"), ("voie", "absorbee"), ("code_postal", "absorbee"), ("site_web", "absorbee")]
        };
        admin.post(&at, &choice("7")).await.expect(409).says("vient de changer");
        let kept = admin.post(&at, &choice("1")).await.expect(303).location().to_owned();
        assert_eq!(kept, format!("{B}/{a}"));
        assert_eq!(admin.get(&format!("{B}/{o}")).await.expect(303).location(), kept);
        assert_eq!(admin.get(&format!("{B}/{o}/modifier")).await.expect(303).location(), format!("{kept}/modifier"));
        admin.post(&format!("{B}/{o}/modifier"), &[("version", "1"), ("nom", "X")]).await.expect(409);
        admin.get(&at).await.expect(303);
        let page = admin.get(&kept).await.expect(200).says("Annuler cette fusion");
        let from = page.body.find("/fusions/").unwrap() + "/fusions/".len();
        let fusion = page.body[from..from + 36].to_owned();
        admin.post(&format!("{B}/fusions/{fusion}/annuler"), &[]).await.expect(303);
        admin.get(&format!("{B}/{o}")).await.expect(200).says("Commune de Bourg");
        admin.post(&format!("{at}/distinctes"), &[]).await.expect(303);
        admin.get(&format!("{B}/doublons")).await.expect(200).says("Aucun doublon probable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_is_filled_from_sirene_or_by_hand() {
    let t = TestSite::sqlite(migrations()).await;
    let with = |url: Option<String>| {
        let mut config: Config = (*t.site.config).clone();
        config.sirene.url = url;
        let mut site = t.site.clone();
        site.config = std::sync::Arc::new(config);
        site
    };
    let body = super::sirene::REPONSE;
    let fake = super::sirene::fake(200, "", body.as_bytes().to_vec()).await;
    let annuaire = Annuaire::load(&with(Some(fake))).await.unwrap();
    let mut b = as_admin(&t.browser(crate::structures::routes(annuaire)));
    b.get(&format!("{B}/nouvelle?q=ab")).await.expect(200).says("au moins trois lettres");
    b.get(&format!("{B}/nouvelle?q=mairie")).await.expect(200).says("nouvelle?siret=43493312300029");
    let page = b.get(&format!("{B}/nouvelle?siret=43493312300029")).await.expect(200);
    let page = page.says("value=\"VILLE D&#39;ESSAI\"").says("value=\"01000\"").says("value=\"7210\"");
    assert!(page.body.contains("<option value=\"commune\" selected>"), "{}", page.body);
    b.get(&format!("{B}/nouvelle?siret=35600000000048")).await.expect(200).says("ne connaît pas ce SIRET");

    let down = Annuaire::load(&with(Some("http://127.0.0.1:9".to_owned()))).await.unwrap();
    let mut b = as_admin(&t.browser(crate::structures::routes(down)));
    b.get(&format!("{B}/nouvelle?q=mairie"))
        .await
        .expect(200)
        .says("ne répond pas")
        .says("Inscrire la structure");
    b.get(&format!("{B}/nouvelle?siret=43493312300029")).await.expect(200).says("value=\"43493312300029\"");

    let without = Annuaire::load(&t.site).await.unwrap();
    let mut b = as_admin(&t.browser(crate::structures::routes(without)));
    assert!(!b.get(&format!("{B}/nouvelle?q=mairie")).await.expect(200).body.contains("Sirene"));
}
