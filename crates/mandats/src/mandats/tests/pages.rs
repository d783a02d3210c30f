//! Pages: what is shown, to whom, and what is refused to others.

use testkit::TestSite;

use super::*;
use crate::aidants::Fonction;
use crate::mandats::store as rows;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    // While an agreement is awaited the draft leads to it, asks for no other, and is not signed as if the person were there.
    async fn an_agreement_that_is_awaited_is_found_again(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Maison d’ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let mut aidant = t.browser(crate::routes(&m)).signed_in(essai::viewer(&actor));
        let c = Choix { courriel: Some("moi@exemple.fr".to_owned()), ..choix(&["papiers"], 31) };
        let id = brouillon(&m, &actor, 1, &c).await;
        let page = format!("/aidant/mandats/brouillons/{id}");
        let demande = format!("{page}/distance");
        let attente = aidant.post(&demande, &[("voie", "courriel")]).await.expect(303).location().to_owned();
        let lu = aidant.get(&page).await.expect(200).says("Son accord est attendu").says(&attente);
        assert!(!lu.body.contains("Faire le mandat") && !lu.body.contains("Demander son accord"));
        aidant.get("/aidant").await.expect(200).says("son accord est attendu").says(&attente);
        assert_eq!(aidant.post(&demande, &[("voie", "courriel")]).await.expect(303).location(), attente);
        actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
        let refus = signer(&m, &actor, id).await.unwrap_err().to_string();
        assert!(refus.contains("L’accord de la personne est attendu"), "{refus}");
        // Given up: the person may sign in presence; once it is made, nothing is asked any more.
        aidant.post(&attente, &[("geste", "abandonner")]).await.expect(303);
        aidant.get(&attente).await.expect(200).says("Cette demande est arrêtée");
        aidant.get(&page).await.expect(200).says("Faire le mandat").says("Demander son accord");
        actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
        signer(&m, &actor, id).await.unwrap();
        let refus = crate::mandats::distance::proposer(&m, &actor, id, "Maison d’ici").await.unwrap_err().to_string();
        assert!(refus.contains("déjà fait"), "{refus}");
    }

    async fn an_aidant_makes_prints_and_ends_a_mandat(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Maison d’ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let mut aidant = t.browser(crate::mandats::routes(&m)).signed_in(essai::viewer(&actor));
        aidant.get("/aidant").await.expect(200).says("Maison d’ici");
        aidant.get("/aidant/mandats/nouveau").await.expect(200).says("R. 721-2").says("Je travaille pour Maison d’ici");
        // Nothing chosen: both are said, what was typed stays.
        let vide = aidant.post("/aidant/mandats/nouveau", &[("courriel", "pas une adresse")]).await.expect(422);
        vide.says("Choisissez au moins une démarche.").says("Choisissez une durée.").says("pas une adresse");
        let id = brouillon(&m, &actor, 1, &Choix { atteste: false, ..choix(&["papiers", "argent"], 31) }).await;
        let page = format!("/aidant/mandats/brouillons/{id}");
        aidant.get(&page).await.expect(200).says("Camille USAGER-1").says("R. 721-2").says("Brouillon");
        // The draft is read before anything is signed, by who makes it alone.
        for suite in ["", "?presentation=grand"] {
            let lu = aidant.get(&format!("{page}/brouillon.pdf{suite}")).await.expect(200);
            assert!(lu.body.starts_with("%PDF") && lu.headers["cache-control"] == "no-store");
        }
        let (_, collegue) = essai::aidant(&t, o.structure, Fonction::Aidant, 9).await;
        let mut collegue = t.browser(crate::mandats::routes(&m)).signed_in(essai::viewer(&collegue));
        collegue.get(&format!("{page}/brouillon.pdf")).await.expect(404);
        let montree = vue(&aidant.get(&page).await.body);
        aidant.post(&format!("{page}/signer"), &[("vue", &montree)]).await.expect(422).says("Cochez cette case");
        // What was shown before is signed no more, nor what was never shown.
        for vieille in [montree.as_str(), "", "x"] {
            let champs = [("vue", vieille), ("atteste", "oui")];
            let relu = aidant.post(&format!("{page}/signer"), &champs).await.expect(409).says("Rien n’est signé");
            assert!(!relu.body.contains("checked"));
        }
        let montree = vue(&aidant.get(&page).await.body);
        // Without a fresh proof: what was ticked waits.
        let sans = platform::web::Viewer { prouve_le: None, ..essai::viewer(&actor) };
        let mut sans = t.browser(crate::mandats::routes(&m)).signed_in(sans);
        let champs = [("vue", montree.as_str()), ("atteste", "oui")];
        let reponse = sans.post(&format!("{page}/signer"), &champs).await.expect(303);
        assert!(reponse.location().starts_with("/compte/preuve"), "{}", reponse.location());
        sans.get(&page).await.expect(200).says("checked");
        let montree = vue(&aidant.get(&page).await.body);
        let champs = [("vue", montree.as_str()), ("atteste", "oui")];
        let fait = aidant.post(&format!("{page}/signer"), &champs).await.expect(303);
        let mandat = fait.location().to_owned();
        assert_eq!(aidant.post(&format!("{page}/signer"), &champs).await.expect(303).location(), mandat);
        aidant.get(&mandat).await.expect(200).says("En cours").says("<svg");
        let lu = aidant.get(&format!("{mandat}/fichier")).await.expect(200);
        assert!(crate::document::cle_du_fichier(lu.body.as_bytes()).is_ok());
        let emportes = "SELECT COUNT(*) FROM journal WHERE action = 'mandat.emporter' AND subject = 'mandat'";
        assert_eq!(platform::db::kit::count(t.site.db.read(), emportes, []).await.unwrap(), 1);
        for suite in ["/imprimer", "/imprimer?presentation=grand"] {
            assert!(aidant.get(&format!("{mandat}{suite}")).await.expect(200).body.starts_with("%PDF"));
        }
        aidant.get("/aidant/personnes?q=usager+mai+1962").await.expect(200).says("USAGER-1").says("Argent, Papiers");
        t.site.clock.advance(chrono::TimeDelta::days(2));
        aidant.get("/aidant/personnes").await.expect(200).says("29 jours");
        aidant.get("/aidant").await.expect(200).says("29 jours");
        // The public page, with the right fingerprint, a wrong one, none.
        let id: MandatId = mandat.rsplit('/').next().unwrap().parse().unwrap();
        let range = rows::mandat(t.site.db.read(), id).await.unwrap().unwrap();
        let empreinte = range.signature.as_ref().unwrap().empreinte;
        let publique = format!("/verifier/{}", range.numero);
        let mut dehors = t.browser(crate::mandats::routes(&m));
        let dit = dehors.get(&format!("{publique}?e={}", empreinte.court())).await.expect(200).says("Il est en cours");
        for tu in ["Camille", "USAGER", "Maison d’ici", "papiers", "Papiers"] {
            assert!(!dit.body.contains(tu), "{tu}");
        }
        let sans = dehors.get(&publique).await.expect(422).says("Recopiez l’empreinte").says(&range.numero.to_string());
        assert!(!sans.body.contains("Il est en cours"), "a number alone proves nothing");
        for faux in [format!("?e={}", crate::Empreinte::de(b"x").court()), "?e=%F0".to_owned()] {
            dehors.get(&format!("{publique}{faux}")).await.expect(404).says("Aucun mandat");
        }
        dehors.get("/mandats/lecture/ar").await.expect(200).says("dir=\"rtl\"").says("sans valeur juridique");
        dehors.get("/mandats/lecture/xx").await.expect(404);
        dehors.get("/verifier/inconnu?e=x").await.expect(404);
        dehors.get("/verifier?numero=x&e=y").await.expect(422);
        // A row that another hand put here, whole and signed by a key of its own: not believed, anywhere.
        let faux = oidc::jose::SigningKey::generate(oidc::jose::Alg::Es256).unwrap().0;
        let contenu = range.signature.as_ref().unwrap().relire(&range.numero, &crate::cles::publiees(&m, t.site.db.read()).await.unwrap()).unwrap().contenu().clone();
        let contenu = crate::document::Contenu { numero: crate::document::Numero::tire(&t.site.chance), ..contenu };
        let signe = crate::document::Signe::nouveau(contenu, &faux).unwrap();
        let intrus = crate::mandats::Mandat {
            id: MandatId::new(&t.site.clock, &t.site.chance),
            numero: signe.contenu().numero.clone(),
            signature: Some(crate::mandats::Signature::de(&signe).unwrap()),
            cle_unicite: "intrus".to_owned(),
            ..range.clone()
        };
        t.site.db.write(async |tx| rows::inserer(tx, &intrus, &[]).await).await.unwrap();
        let publique_intrus = format!("/verifier/{}?e={}", intrus.numero, signe.empreinte().court());
        let dit = dehors.get(&publique_intrus).await.expect(409).says("Signature inconnue");
        assert!(!dit.body.contains("authentique"));
        aidant.get(&format!("/aidant/mandats/{}", intrus.id)).await.expect(409).says("Aucune clé de ce site");
        // Where the person is written to, on their sheet: what FranceConnect gave stays, a number is noted, others find nobody.
        let coordonnees = format!("/aidant/personnes/{}/coordonnees", range.usager);
        aidant.post(&coordonnees, &[]).await.expect(422).says("Écrivez une adresse électronique");
        aidant.post(&coordonnees, &[("courriel", "pas une adresse")]).await.expect(422).says("pas une adresse");
        aidant.post(&coordonnees, &[("telephone", "06 01 02 03 04")]).await.expect(303);
        aidant.get(&format!("/aidant/personnes/{}", range.usager)).await.expect(200).says("06 01 02 03 04").says("pas encore confirmé");
        let p = essai::organisation(&t, "Ailleurs", 7).await;
        let (_, ailleurs) = essai::aidant(&t, p.structure, Fonction::Aidant, 7).await;
        let mut ailleurs = t.browser(crate::mandats::routes(&m)).signed_in(essai::viewer(&ailleurs));
        ailleurs.post(&coordonnees, &[("telephone", "06 01 02 03 05")]).await.expect(404);
        ailleurs.post(&coordonnees, &[]).await.expect(404);
        // Ended, with a reason; the certificate, and the public page again.
        aidant.get(&format!("{mandat}/attestation")).await.expect(404);
        aidant.get(&format!("{mandat}/revoquer")).await.expect(200).says("Papiers");
        aidant.post(&format!("{mandat}/revoquer"), &[]).await.expect(422).says("Choisissez une raison.");
        aidant.post(&format!("{mandat}/revoquer"), &[("raison", "demande")]).await.expect(303);
        assert!(aidant.get(&format!("{mandat}/attestation")).await.expect(200).body.starts_with("%PDF"));
        dehors.get(&format!("{publique}?e={}", empreinte.court())).await.expect(200).says("il est terminé");
        aidant.get(&format!("/aidant/personnes/{}", range.usager)).await.expect(200).says("Révoquée");
    }
}
