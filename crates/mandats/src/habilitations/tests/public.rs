use testkit::TestSite;

use super::*;
use crate::habilitations::model::Etat;
use crate::habilitations::store;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn an_organisation_asks_step_by_step_files_once_and_follows(t: TestSite) {
        let (_, mut b) = maison(&t).await;
        b.get(PUBLIC).await.expect(200).says("Une association non déclarée").says("cinq engagements");
        b.post(&format!("{PUBLIC}/demandeur"), &[("courriel", "x")]).await.expect(422).says("href=\"#prenom\"").says("href=\"#courriel\"");
        let e = espace(&t, &mut b, "anne@essai.example").await;
        b.get(&e).await.expect(200).says("Aucune demande").says("Anne Essai");
        // The proof served: it opens nothing twice, and links of nobody lead nowhere.
        let preuve = lien(&t, "/habilitation/confirmer/").await;
        b.post(&preuve, &[]).await.expect(409).says("ne sert plus");
        b.get(&preuve).await.expect(410).says("Recevoir un lien");
        b.get(&format!("{PUBLIC}/espace/{}", "0".repeat(64))).await.expect(404);
        b.get(&format!("{PUBLIC}/espace/x")).await.expect(404);
        // A known address gets a reminder and no new profile.
        t.site.clock.advance(chrono::TimeDelta::minutes(2));
        b.post(&format!("{PUBLIC}/demandeur"), &[("prenom", "Autre"), ("nom", "Nom"), ("profession", "x"), ("courriel", "Anne@essai.example")]).await.expect(303);
        let rappel = lien(&t, "/habilitation/espace/").await;
        b.get(&rappel).await.expect(200).says("Anne Essai");
        // The number: wrong, of an association without a SIRET, right.
        for (siret, dit) in [("12", "14 chiffres"), ("W000000001", "RNA"), ("43493312300020", "valide")] {
            b.post(&format!("{e}/siret"), &[("siret", siret)]).await.expect(422).says(dit);
        }
        let ou = b.post(&format!("{e}/siret"), &[("siret", SIRET)]).await.expect(303).location().to_owned();
        let ici = ou.trim_end_matches("/organisation").to_owned();
        // A step that is wrong says everything at once, and is kept all the same.
        let faux = avec(&ORGANISATION, &[("pivot", SIRET), ("privee", "oui"), ("france_services", "oui"), ("type", "autre"), ("mission", ""), ("demarches", "beaucoup")]);
        let page = b.post(&ou, &faux).await.expect(422);
        for champ in ["partenaire", "france_services_numero", "type_autre", "mission", "demarches"] {
            assert!(page.body.contains(&format!("href=\"#{champ}\"")), "{champ}: {}", page.body);
        }
        b.get(&ou).await.expect(200).says("beaucoup");
        // Nothing at all: every sentence is of a field of the page, in its order.
        let vide = b.post(&ou, &[("action", "continuer")]).await.expect(422).says("Écrivez le nom de l’organisation.").says("Écrivez le nom de la commune.");
        let (sommaire, _) = vide.body.split_once("</ul>").unwrap();
        let places: Vec<_> = ["nom", "pivot", "type", "voie", "code_postal", "commune", "privee", "france_services", "mission", "demarches"].iter().map(|c| vide.body.find(&format!("href=\"#{c}\"")).unwrap_or_else(|| panic!("{c}: {}", vide.body))).collect();
        assert!(places.is_sorted() && !sommaire.contains("genre"), "{places:?} {sommaire}");
        // An association is a private organisation.
        let association = avec(&ORGANISATION, &[("pivot", SIRET), ("type", "association"), ("categorie", "9220")]);
        b.post(&ou, &association).await.expect(422).says("href=\"#privee\"").says("Une association est une organisation privée : répondez oui");
        b.get(&format!("{ici}/recapitulatif")).await.expect(200).says("Avant de déposer");
        b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(422).says("complète");
        b.post(&ou, &avec(&ORGANISATION, &[("pivot", SIRET)])).await.expect(303);
        // A shared address is refused; a draft may stop anywhere.
        b.post(&format!("{ici}/referent"), &avec(&REFERENT, &[("referent_courriel", "x@conseiller-numerique.fr")])).await.expect(422).says("ne fonctionnent plus");
        b.post(&format!("{ici}/referent"), &[("referent_prenom", "Mona"), ("action", "brouillon")]).await.expect(303);
        b.get(&format!("{ici}/referent")).await.expect(200).says("value=\"Mona\"");
        b.post(&format!("{ici}/referent"), &REFERENT).await.expect(303);
        // People, one form each, one address each.
        b.post(&format!("{ici}/aidants"), &aidant("Ali", "ali@essai.example")).await.expect(303);
        b.post(&format!("{ici}/aidants"), &aidant("Alia", "ALI@essai.example")).await.expect(422).says("déjà celle");
        b.post(&format!("{ici}/aidants"), &aidant("Mona", "mona@essai.example")).await.expect(303);
        b.post(&format!("{ici}/aidants"), &aidant("Zoé", "zoe@essai.example")).await.expect(303);
        let id: HabilitationId = ici.rsplit('/').next().unwrap().parse().unwrap();
        let la = store::personnes(t.site.db.read(), id).await.unwrap();
        let zoe = la.iter().find(|p| p.prenom == "Zoé").unwrap();
        b.get(&format!("{ici}/aidants/{}", zoe.id)).await.expect(200).says("value=\"Zoé\"");
        b.post(&format!("{ici}/aidants/{}", zoe.id), &aidant("Zoë", "zoe@essai.example")).await.expect(303);
        b.post(&format!("{ici}/aidants/{}/retirer", zoe.id), &[]).await.expect(303);
        b.post(&format!("{ici}/aidants/{}/retirer", zoe.id), &[]).await.expect(404);
        // Each of the five declarations counts.
        b.post(&format!("{ici}/engagements"), &OUI[..4]).await.expect(422).says("href=\"#sans_elus\"");
        b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(422);
        b.post(&format!("{ici}/engagements"), &OUI).await.expect(303);
        b.get(&format!("{ici}/recapitulatif")).await.expect(200).says("Déposer la demande").says("Mairie fictive de l’essai");
        // Filed: the person who is the référent too was merged into them; sent twice, it is filed once.
        b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(303);
        b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(303);
        let d = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        assert_eq!((d.etat, d.numero, d.champs.get("referent_aidant")), (Etat::EnInstruction, Some(1_010_000), "oui"));
        assert_eq!(store::personnes(t.site.db.read(), id).await.unwrap().len(), 1);
        b.get(&ici).await.expect(200).says("1010000").says("étudie la demande");
        // It is not changed any more; messages go both ways; somebody else's link sees nothing.
        b.get(&format!("{ici}/organisation")).await.expect(409);
        b.post(&format!("{ici}/aidants"), &aidant("Eve", "eve@essai.example")).await.expect(409);
        b.post(&format!("{ici}/message"), &[("texte", "")]).await.expect(422);
        b.post(&format!("{ici}/message"), &[("texte", "Une précision.")]).await.expect(303);
        b.get(&ici).await.expect(200).says("Une précision.");
        let autre = espace(&t, &mut b, "bob@essai.example").await;
        for (methode, reste) in [("get", ""), ("get", "/organisation"), ("get", "/recapitulatif"), ("post", "/annuler"), ("post", "/message"), ("post", "/recommencer"), ("post", "/effacer"), ("post", "/recapitulatif"), ("post", "/referent")] {
            let chez = format!("{autre}/{id}{reste}");
            if methode == "get" { b.get(&chez).await.expect(404) } else { b.post(&chez, &[("texte", "x")]).await.expect(404) };
        }
        // The same number and place is told of, then refused as long as the first is studied.
        b.post(&format!("{autre}/siret"), &[("siret", SIRET)]).await.expect(200).says("déjà à l’étude");
        let ou = b.post(&format!("{autre}/siret"), &[("siret", SIRET), ("continuer", "oui")]).await.expect(303).location().to_owned();
        let double = ou.trim_end_matches("/organisation").to_owned();
        b.post(&ou, &avec(&ORGANISATION, &[("pivot", SIRET)])).await.expect(303);
        b.post(&format!("{double}/referent"), &avec(&REFERENT, &[("referent_aidant", "oui")])).await.expect(303);
        b.post(&format!("{double}/engagements"), &OUI).await.expect(303);
        b.post(&format!("{double}/recapitulatif"), &[]).await.expect(422).says("déjà en cours");
        b.post(&ou, &avec(&ORGANISATION, &[("pivot", SIRET), ("voie", "99 avenue d’ailleurs")])).await.expect(303);
        b.post(&format!("{double}/recapitulatif"), &[]).await.expect(303);
        // Withdrawn, then begun again from what was typed.
        b.post(&format!("{ici}/annuler"), &[]).await.expect(303);
        b.post(&format!("{ici}/annuler"), &[]).await.expect(409);
        let copie = b.post(&format!("{ici}/recommencer"), &[]).await.expect(303).location().to_owned();
        b.get(&copie).await.expect(200).says("Mairie fictive de l’essai");
        let brouillon = copie.trim_end_matches("/organisation");
        b.get(&format!("{brouillon}/recapitulatif")).await.expect(200).says("cinq engagements");
        b.post(&format!("{brouillon}/effacer"), &[]).await.expect(303);
        b.get(&copie).await.expect(404);
    }

    async fn two_presses_at_once_enter_one_person(t: TestSite) {
        let (_, b) = maison(&t).await;
        let corps = [("prenom", "Anne"), ("nom", "Essai"), ("profession", "Agente"), ("courriel", "anne@essai.example")];
        let adresse = format!("{PUBLIC}/demandeur");
        let (mut un, mut deux) = (b.clone(), b.clone());
        let (x, y) = tokio::join!(un.post(&adresse, &corps), deux.post(&adresse, &corps));
        x.expect(303);
        y.expect(303);
        let sql = "SELECT COUNT(*) FROM habilitation_demandeur";
        assert_eq!(platform::db::kit::count(t.site.db.read(), sql, []).await.unwrap(), 1);
    }

    async fn what_may_not_ask_is_told_before_and_drafts_are_forgotten(t: TestSite) {
        let (m, mut b) = maison(&t).await;
        let e = espace(&t, &mut b, "anne@essai.example").await;
        let ou = b.post(&format!("{e}/siret"), &[("siret", SIRET)]).await.expect(303).location().to_owned();
        let ici = ou.trim_end_matches("/organisation").to_owned();
        b.post(&ou, &avec(&ORGANISATION, &[("pivot", SIRET), ("categorie", "1000"), ("type", "municipalite")])).await.expect(303);
        b.post(&format!("{ici}/referent"), &avec(&REFERENT, &[("referent_aidant", "oui")])).await.expect(303);
        b.post(&format!("{ici}/engagements"), &OUI).await.expect(303);
        b.get(&format!("{ici}/recapitulatif")).await.expect(200).says("entrepreneur individuel");
        b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(422).says("entrepreneur individuel");
        // Somebody who never proved their address is forgotten with their link.
        b.post(&format!("{PUBLIC}/demandeur"), &[("prenom", "Eve"), ("nom", "Essai"), ("profession", "x"), ("courriel", "eve@essai.example")]).await.expect(303);
        t.site.clock.advance(chrono::TimeDelta::days(4));
        crate::habilitations::jobs::oublier(&m).await.unwrap();
        b.get(&ou).await.expect(200);
        t.site.clock.advance(chrono::TimeDelta::days(400));
        crate::habilitations::jobs::oublier(&m).await.unwrap();
        crate::conservation::tout_effacer(&m).await.unwrap();
        b.get(&ou).await.expect(404);
        for table in ["habilitation_demande", "habilitation_personne", "habilitation_lien"] {
            let n = platform::db::kit::count(t.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap();
            assert_eq!(n, 0, "{table}");
        }
    }
}
