//! Pages on both engines: forms, refusals, conflicts, and the link of a reminder.

use kernel::{Perimetre, Role};
use platform::db::kit;
use testkit::{Browser, TestSite};

use super::{annuaire, departements, migrations};
use crate::lieux::gestion::{rappels, routes};

const B: &str = "/gestion/lieux";

fn admin(b: &Browser) -> Browser {
    b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National))
}

/// The links of messages that wait, newest last.
async fn liens(t: &TestSite) -> Vec<String> {
    let rows =
        kit::query(t.site.db.read(), "SELECT texte FROM courriel ORDER BY ecrit_le, id", []).await.unwrap();
    rows.iter()
        .map(|r| {
            let texte: String = r.try_get_by_index(0).unwrap();
            let adresse = texte.lines().find(|l| l.contains("/lieux/confirmer/")).unwrap().to_owned();
            adresse[adresse.find("/lieux/confirmer/").unwrap()..].to_owned()
        })
        .collect()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_lieu_is_listed_read_and_changed(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let mut b = admin(&t.browser(routes(a.clone())));
        b.get(B).await.expect(200).says("2 lieux").says("Médiathèque Croix-Rouge").says("Périmée").says("Complétude moyenne");
        let page = b.get(&format!("{B}?q=laon&fraicheur=fraiche&completude=faible&departement=02&tri=anciens")).await.expect(200).says("1 lieu");
        assert!(!page.body.contains("Croix-Rouge"));
        b.get(&format!("{B}?departement=zz&source=x&completude=x&page=999999999999999999999")).await.expect(200).says("2 lieux");
        let fiche = format!("{B}/{reims}");
        b.get(&fiche).await.expect(200).says("Complétude").says("Fraîcheur : périmée").says("Demander au lieu de confirmer");
        let page = b.get(&format!("{fiche}/modifier")).await.expect(200).says("03 26 35 67 00").says("value=\"51454\"");
        assert!(page.body.contains("value=\"Loisirs et créations numériques\" checked"), "{}", page.body);
        // What is typed wrong stays, beside its sentence.
        let mut form = vec![
            ("version", "1"), ("nom", "<b>Neuf</b>"), ("commune", "Reims"), ("code_postal", "51100"), ("code_insee", "51454"),
            ("adresse", "19 rue Jean-Louis Debar"), ("latitude", "49.2307"), ("longitude", "4.0059"), ("telephone", "12"),
            ("courriels", "media@example.org\nautre@example.org"), ("services", "Loisirs et créations numériques"),
            ("source", "Essai"), ("pivot", "43493312300029"), ("date_maj", "2026-03-18"),
        ];
        let page = b.post(&format!("{fiche}/modifier"), &form).await.expect(422);
        assert!(page.body.contains("href=\"#telephone\"") && page.body.contains("&#60;b&#62;Neuf"), "{}", page.body);
        form[8].1 = "03 26 35 67 01";
        let fait = b.post(&format!("{fiche}/modifier"), &form).await.expect(303);
        assert_eq!(fait.location(), fiche);
        b.get(&fiche).await.expect(200).says("La fiche est modifiée").says("Champs tenus à la main").says("+33326356701");
        b.get(&format!("{fiche}/historique")).await.expect(200).says("Modification").says("Administration nationale").says("autre@example.org");
        // Somebody else saved meanwhile: what was typed is kept, both are shown, saving again is a choice.
        form[1].1 = "Autre nom";
        let page = b.post(&format!("{fiche}/modifier"), &form).await.expect(409).says("Autre nom").says("Enregistré entre-temps");
        assert!(page.body.contains("name=\"version\" value=\"2\""), "{}", page.body);
        form[0].1 = "2";
        b.post(&format!("{fiche}/modifier"), &form).await.expect(303);
        b.post(&format!("{fiche}/reprendre"), &[("champ", "telephone")]).await.expect(303);
        b.post(&format!("{fiche}/reprendre"), &[("champ", "telephone")]).await.expect(404);
        b.post(&format!("{fiche}/reprendre"), &[("champ", "<x>")]).await.expect(404);
        // Closing asks why; a name that several communes bear is chosen.
        b.post(&format!("{fiche}/fermer"), &[("version", "4"), ("le", "x")]).await.expect(422).says("Choisissez pourquoi");
        b.post(&format!("{fiche}/fermer"), &[("version", "4"), ("le", "2026-03-02"), ("motif", "definitif")]).await.expect(303);
        b.get(&fiche).await.expect(200).says("Lieu fermé depuis le 2 mars 2026").says("fermé définitivement");
        b.get(&format!("{B}?etat=fermes")).await.expect(200).says("1 lieu");
        b.post(&format!("{fiche}/rouvrir"), &[]).await.expect(303);
        let page = b.post(&format!("{B}/nouveau"), &[("nom", "Essai"), ("adresse", "1 rue X"), ("commune", "Saint-Denis")]).await.expect(422);
        assert!(page.body.contains("value=\"97411\"") && page.body.contains("value=\"93066\""), "{}", page.body);
        let neuf = [("nom", "Essai"), ("adresse", "1 rue X"), ("commune", "Laon"), ("code_postal", "02000"), ("horaires", "le lundi de 9h à 12h")];
        let fait = b.post(&format!("{B}/nouveau"), &neuf).await.expect(303);
        b.get(fait.location()).await.expect(200).says("Le lieu est inscrit").says("Saisie en ligne");
        b.post(&format!("{B}/nouveau"), &neuf).await.expect(422).says("Est-ce l’un de ces lieux");
        // Out of scope is as if it did not exist.
        let mut marne = b.signed_in(testkit::viewer(Role::Prefecture, departements(&["51"])));
        for rest in ["", "/modifier", "/fermer", "/historique", "/structure"] {
            marne.get(&format!("{B}/{laon}{rest}")).await.expect(404);
        }
        for rest in ["/confirmer", "/rappel", "/rouvrir", "/reprendre", "/structure", "/fermer", "/modifier"] {
            marne.post(&format!("{B}/{laon}{rest}"), &[("champ", "nom")]).await.expect(404);
        }
    }

    async fn a_lieu_confirms_by_the_link_of_a_message(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let mut b = admin(&t.browser(routes(a.clone())));
        // Laon has no address at all.
        b.post(&format!("{B}/{laon}/rappel"), &[]).await.expect(409);
        b.post(&format!("{B}/{reims}/rappel"), &[]).await.expect(303);
        b.post(&format!("{B}/{reims}/rappel"), &[]).await.expect(409);
        let lien = liens(&t).await.pop().unwrap();
        assert!(!lien.contains('@'), "{lien}");
        // Nobody is signed in here; reading changes nothing, however often.
        let mut lieu = t.browser(routes(a.clone()));
        for _ in 0..3 {
            lieu.get(&lien).await.expect(200).says("Tout est juste").says("/signaler").says("03 26 35 67 00");
        }
        b.get(&format!("{B}/{reims}")).await.expect(200).says("Périmée".to_lowercase().as_str());
        let answer = lieu.get(&lien).await;
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        lieu.post(&lien, &[("lieu", &laon.to_string())]).await.expect(404);
        lieu.post(&lien, &[("lieu", "x")]).await.expect(404);
        lieu.post(&lien, &[("lieu", &reims.to_string())]).await.expect(303);
        lieu.post(&lien, &[("lieu", &reims.to_string())]).await.expect(303);
        lieu.get(&lien).await.expect(200).says("Vous avez confirmé cette fiche le 18 mars 2026");
        b.get(&format!("{B}/{reims}")).await.expect(200).says("à jour").says("Confirmée le 18 mars 2026");
        b.get(&format!("{B}/{reims}/historique")).await.expect(200).says("Confirmation par le lieu").says("Lien reçu par courriel");
        // Other links open nothing.
        for faux in ["x", &"a".repeat(64), "%00", "..%2f"] {
            lieu.get(&format!("/lieux/confirmer/{faux}")).await.expect(404);
        }
        lieu.get(&format!("{lien}/arreter")).await.expect(200).says("Ne plus rien recevoir");
        lieu.post(&format!("{lien}/arreter"), &[]).await.expect(303);
        t.site.clock.advance(chrono::TimeDelta::days(31));
        lieu.get(&lien).await.expect(409);
        b.post(&format!("{B}/{reims}/rappel"), &[]).await.expect(409);
    }

    async fn hours_are_edited_row_by_row_and_shown_before_they_are_saved(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let mut b = admin(&t.browser(routes(a.clone())));
        let page = format!("{B}/{reims}/horaires");
        let vue = b.get(&page).await.expect(200).says("Semaine de toute l’année");
        assert!(vue.body.contains("name=\"p0_j0_0_de\" value=\"09:00\""), "{}", vue.body);
        // A row more, then a copy on another day; nothing is saved.
        let mut form = vec![("version", "1"), ("p0_quand", "toujours"), ("p0_j0_0_de", "09:00"), ("p0_j0_0_a", "12:00"), ("faire", "plus:0:0")];
        b.post(&page, &form).await.expect(200).says("p0_j0_1_de");
        form.pop();
        form.extend([("p0_j0_1_de", "14h"), ("p0_j0_1_a", "17h30"), ("p0_copie_de", "0"), ("p0_copie_vers", "2"), ("faire", "copier:0")]);
        let copie = b.post(&page, &form).await.expect(200);
        assert!(copie.body.contains("name=\"p0_j2_1_a\" value=\"17h30\""), "{}", copie.body);
        form.pop();
        // A mistake stays beside its field.
        form.extend([("e0_du", "noël"), ("faire", "apercu")]);
        let faux = b.post(&page, &form).await.expect(422);
        assert!(faux.body.contains("href=\"#e0_du\"") && faux.body.contains("value=\"noël\""), "{}", faux.body);
        form.truncate(form.len() - 2);
        form.extend([("e0_du", "24/12"), ("feries", "oui"), ("faire", "enregistrer")]);
        // Saving before having seen the result shows it first.
        let vu = b.post(&page, &form).await.expect(200).says("Ce que les gens liront").says("Vérifiez le résultat");
        let osm = vu.body.split("name=\"vu\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(osm, "Mo 09:00-12:00,14:00-17:30; PH off; Dec 24 off");
        form.push(("vu", &osm));
        b.post(&page, &form).await.expect(303);
        b.get(&format!("{B}/{reims}")).await.expect(200).says("Les horaires sont enregistrés").says("PH off");
        // Somebody else saved meanwhile.
        b.post(&page, &form).await.expect(409).says("Les vôtres sont gardés");
        // Hours that the form cannot show are kept, and edited as a text that is checked.
        let riche = "Mo-Fr sunrise-sunset";
        let texte = format!("{B}/{laon}/horaires");
        let lit = |t: &'static str, faire: &'static str| [("version", "1"), ("texte", t), ("faire", faire), ("vu", t)];
        b.post(&texte, &lit(riche, "enregistrer")).await.expect(303);
        b.get(&texte).await.expect(200).says("name=\"texte\"").says("sunrise");
        b.post(&texte, &lit("blabla incompris", "apercu")).await.expect(422).says("Nous ne comprenons pas");
        let francais = [("version", "2"), ("texte", "du lundi au vendredi de 9h à 12h"), ("faire", "apercu")];
        b.post(&texte, &francais).await.expect(200).says("Mo-Fr 09:00-12:00").says("9\u{a0}h – 12\u{a0}h");
        b.post(&texte, &[("version", "2"), ("texte", riche), ("faire", "formulaire")]).await.expect(200).says("p0_j0_0_de");
        b.post(&texte, &[("version", "2"), ("p0_quand", "toujours"), ("faire", "apercu")]).await.expect(200).says("Aucun horaire");
        b.post(&texte, &[]).await.expect(200);
    }

    async fn the_daily_round_is_bounded_and_stops_by_itself(t: TestSite) {
        let (a, _, _) = annuaire(&t).await;
        let jours = |n| t.site.clock.advance(chrono::TimeDelta::days(n));
        let mut envoyes = Vec::new();
        for _ in 0..8 {
            envoyes.push(rappels::tour(&a).await.unwrap());
            envoyes.push(rappels::tour(&a).await.unwrap());
            jours(15);
        }
        // Reims, three times, a month apart; Laon, without an address, never.
        assert_eq!(envoyes, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        let noms = kit::query(t.site.db.read(), "SELECT destinataire, texte FROM courriel", []).await.unwrap();
        assert_eq!(noms.len(), 3);
        let traces = kit::query(t.site.db.read(), "SELECT destinataire, jeton FROM lieu_rappel", []).await.unwrap();
        for trace in traces {
            let (qui, jeton): (String, String) = (trace.try_get_by_index(0).unwrap(), trace.try_get_by_index(1).unwrap());
            assert!(!qui.contains('@') && qui.len() == 64 && jeton.len() == 64, "{qui}");
        }
        // More than a year later, what was sent is forgotten, and the lieu may be asked again.
        jours(420);
        assert_eq!(rappels::tour(&a).await.unwrap(), 1);
        // Who says no is left alone.
        let dernier = liens(&t).await.pop().unwrap();
        rappels::arreter(&a, dernier.rsplit('/').next().unwrap()).await.unwrap();
        jours(40);
        assert_eq!(rappels::tour(&a).await.unwrap(), 0);
    }
}
