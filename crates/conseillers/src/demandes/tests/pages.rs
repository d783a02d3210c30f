use kernel::{Perimetre, Role};
use testkit::TestSite;

use super::*;
use crate::demandes::store;
use crate::postes::{Place, Typologie};

const P: &str = "/demande-de-postes";
const B: &str = "/conseillers/demandes";

/// The link of the latest message that bears one.
async fn dernier_lien(t: &TestSite) -> String {
    let mails = platform::mail::list(t.site.db.read(), 3).await.unwrap();
    let lien = |texte: &str| {
        let at = texte.find(&format!("{P}/"))?;
        texte[at..].split_whitespace().next().map(str::to_owned)
    };
    mails.iter().find_map(|m| lien(&m.texte)).unwrap_or_else(|| panic!("{mails:?}"))
}

fn demande<'a>(pivot: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("pivot", pivot),
        ("prenom", "Anne"),
        ("nom_contact", "Essai"),
        ("fonction", "Maire"),
        ("courriel", "anne@exemple.fr"),
        ("telephone", "01 80 05 98 80"),
        ("demande", "premiers_postes"),
        ("postes", "2"),
        ("debut", "2026-09-01"),
        ("candidat", "non"),
        ("motivation", "Beaucoup de demandes."),
        ("missions", "usages"),
        ("missions", "demarches"),
        ("engagement", "oui"),
        ("action", "deposer"),
    ];
    form.retain(|(k, _)| !more.iter().any(|(m, _)| m == k));
    form.extend(more.iter().filter(|(_, v)| !v.is_empty()));
    form
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_structure_asks_proves_its_address_and_is_entered_once(t: TestSite) {
        let (c, _) = maison(&t).await;
        let mut b = browser(&t, &c);
        b.get(P).await.expect(200).says("Une association doit être déclarée").says("17/11/2020");
        b.get(&format!("{P}?numero=123")).await.expect(200).says("Un SIRET a 14 chiffres");
        let draft = b.post(P, &[("pivot", "43493312300029"), ("nom", "Mairie de Bourg"), ("genre", "commune"), ("commune", "Bourg-en-Bresse")]).await.expect(303);
        let draft = draft.location().to_owned();
        b.get(&draft).await.expect(200).says("value=\"Mairie de Bourg\"").says("peut demander des postes");
        let fiche = [("nom", "Mairie de Bourg"), ("genre", "commune"), ("commune", "Bourg-en-Bresse"), ("code_postal", "01000")];
        // Everything wrong is said at once, and kept.
        let bad = [("postes", "31"), ("debut", "2026-03-17"), ("missions", ""), ("engagement", ""), ("telephone", "12"), ("courriel", "x")];
        let page = b.post(&draft, &demande("43493312300029", &[&fiche[..], &bad].concat())).await.expect(422);
        for field in ["engagement", "telephone", "courriel", "missions", "postes", "debut"] {
            assert!(page.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", page.body);
        }
        let places = ["courriel", "telephone", "debut", "postes", "missions", "engagement"];
        let places = places.map(|f| page.body.find(&format!("href=\"#{f}\"")).unwrap());
        assert!(places.is_sorted(), "the summary follows the page: {places:?}");
        // A draft keeps whatever it holds, and its link is sent.
        b.post(&draft, &demande("43493312300029", &[&fiche[..], &[("motivation", "Demain."), ("action", "brouillon")]].concat())).await.expect(303);
        assert_eq!(dernier_lien(&t).await, draft);
        b.get(&draft).await.expect(200).says("Demain.");
        // Filing at once after passes: its message is counted apart. Twice at once does not, and the form stays.
        let form = demande("43493312300029", &fiche);
        b.post(&draft, &form).await.expect(303);
        b.post(&draft, &form).await.expect(422).says("Un message vient de partir").says("value=\"Mairie de Bourg\"");
        b.post(&format!("{draft}/renvoyer"), &[]).await.expect(303);
        t.site.clock.advance(chrono::TimeDelta::minutes(2));
        b.post(&draft, &form).await.expect(303);
        b.get(&draft).await.expect(200).says("anne@exemple.fr").says("Renvoyer");
        t.site.clock.advance(chrono::TimeDelta::minutes(2));
        let ancien = dernier_lien(&t).await;
        b.post(&format!("{draft}/renvoyer"), &[]).await.expect(303);
        let lien = dernier_lien(&t).await;
        b.get(&ancien).await.expect(409).says("ne sert plus");
        // Reading the link files nothing; the button does, once.
        b.get(&lien).await.expect(200).says("Mairie de Bourg");
        assert_eq!(store::compter(t.site.db.read(), &Perimetre::National, &Default::default()).await.unwrap(), 0);
        b.post(&lien, &[]).await.expect(200).says("DE-1");
        b.post(&lien, &[]).await.expect(200).says("DE-1");
        b.get(&draft).await.expect(200).says("DE-1");
        let all = store::lister(t.site.db.read(), &Perimetre::National, &Default::default(), (0, 10)).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].nom.as_str(), all[0].departement.as_str(), all[0].objet.postes()), ("Mairie de Bourg", "01", 2));
        // The same number again: the structure is known, its second demande is set beside the first.
        t.site.clock.advance(chrono::TimeDelta::minutes(2));
        let draft = b.post(P, &[("pivot", "43493312300029")]).await.expect(303).location().to_owned();
        b.get(&draft).await.expect(200).says("déjà dans l’annuaire");
        b.post(&draft, &demande("43493312300029", &[])).await.expect(303);
        let lien = dernier_lien(&t).await;
        b.post(&lien, &[]).await.expect(200).says("déjà une demande de ce type en cours");
        let all = store::lister(t.site.db.read(), &Perimetre::National, &Default::default(), (0, 10)).await.unwrap();
        assert_eq!((all[1].structure, all[1].etat.cle()), (all[0].structure, "doublon"));
        // Links of another shape, or of nobody, lead nowhere.
        for path in ["x", &"0".repeat(64)] {
            b.get(&format!("{P}/{path}")).await.expect(404);
        }
    }

    async fn a_service_of_the_state_is_refused_before_it_files(t: TestSite) {
        let (c, _) = maison(&t).await;
        let mut b = browser(&t, &c);
        let draft = b.post(P, &[("pivot", "43493312300029")]).await.expect(303).location().to_owned();
        let fiche = [("nom", "Préfecture d’essai"), ("genre", "etat"), ("categorie", "7172"), ("commune", "Bourg-en-Bresse"), ("code_postal", "01000")];
        b.post(&draft, &demande("43493312300029", &fiche)).await.expect(422).says("services de l’État");
    }

    async fn a_structure_follows_asks_gives_back_and_transfers(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (moi, voisine, ailleurs) = (s[2], s[3], s[4]);
        let vue = annuaire::structures::find(t.site.db.read(), moi).await.unwrap().unwrap();
        let place = Place { structure: moi, departement: vue.commune.departement.clone(), region: vue.commune.region.clone() };
        t.site.db.write(async |tx| {
            crate::postes::store::attribuer(&t.site, tx, 2, Typologie::Conseiller, (None, &place, "2025-01-01".parse().unwrap())).await
        }).await.unwrap();
        let nue = browser(&t, &c);
        let mut b = gestion(&nue, moi);
        b.get(B).await.expect(200).says("2, dont 2 libres").says("Postes rendus");
        let contact = [("prenom", "Anne"), ("nom_contact", "Essai"), ("fonction", "Maire"), ("courriel", "anne@exemple.fr"), ("telephone", "01 80 05 98 80")];
        let form = |more: &[(&'static str, &'static str)]| [&contact[..], more].concat();
        b.get(&format!("{B}/nouvelle?type=retrait")).await.expect(200).says("Postes libres aujourd’hui : 2");
        b.post(&format!("{B}/nouvelle"), &form(&[("type", "retrait"), ("postes", "3"), ("motif", "autre"), ("motivation", "x")])).await.expect(422).says("2 postes seulement");
        b.post(&format!("{B}/nouvelle"), &form(&[("type", "retrait"), ("postes", "1"), ("motif", "")])).await.expect(422).says("Choisissez la raison");
        let at = b.post(&format!("{B}/nouvelle"), &form(&[("type", "retrait"), ("postes", "1"), ("motif", "difficultes_de_recrutement")])).await.expect(303).location().to_owned();
        b.get(&at).await.expect(200).says("Difficultés de recrutement").says("L’avis de la préfecture");
        // One at a time of a kind; another kind is free.
        b.post(&format!("{B}/nouvelle"), &form(&[("type", "retrait"), ("postes", "1"), ("motif", "manque_de_visibilite")])).await.expect(409);
        b.post(&format!("{B}/nouvelle"), &form(&[("type", "ajout"), ("postes", "1"), ("motivation", "Plus.")])).await.expect(303);
        b.post(&format!("{B}/nouvelle"), &form(&[("type", "premiers_postes"), ("postes", "1"), ("debut", "2026-05-01"), ("candidat", "oui"), ("missions", "usages"), ("motivation", "x")])).await.expect(409);
        // A transfer stays in the département, and goes to somebody else.
        let pivot = |id| { let site = &t.site; async move { annuaire::structures::find(site.db.read(), id).await.unwrap().unwrap().pivot.unwrap().to_string() } };
        for (vers, said) in [(pivot(moi).await, "une autre structure"), (pivot(ailleurs).await, "même département"), ("99999999999999".to_owned(), "SIRET")] {
            let mut f = form(&[("type", "transfert"), ("postes", "1"), ("motivation", "x")]);
            f.push(("vers", &vers));
            b.post(&format!("{B}/nouvelle"), &f).await.expect(422).says(said);
        }
        let vers = pivot(voisine).await;
        let mut f = form(&[("type", "transfert"), ("postes", "1"), ("motivation", "x")]);
        f.push(("vers", &vers));
        b.post(&format!("{B}/nouvelle"), &f).await.expect(303);
        // Taken back, with a reason.
        b.post(&format!("{at}/annuler"), &[]).await.expect(422);
        b.post(&format!("{at}/annuler"), &[("motif", "Quelqu’un est venu.")]).await.expect(303);
        b.post(&format!("{at}/annuler"), &[("motif", "Encore.")]).await.expect(409);
        b.get(&at).await.expect(200).says("Quelqu’un est venu.");
        // Nobody else comes in.
        let mut autre = gestion(&nue, ailleurs);
        autre.get(&at).await.expect(404);
        autre.post(&format!("{at}/annuler"), &[("motif", "x")]).await.expect(404);
        autre.get(&format!("{B}/nouvelle?type=ajout&structure={moi}")).await.expect(404);
        nue.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National)).get(&at).await.expect(403);
        // The préfecture reads it without being able to take it back as the structure would.
        prefecture(&nue, "23").get(&at).await.expect(200);
        prefecture(&nue, "01").get(&at).await.expect(404);
        prefecture(&nue, "23").post(&format!("{at}/annuler"), &[("motif", "x")]).await.expect(403);
    }

    async fn a_stranger_who_files_is_told_to_whom_the_directory_knows(t: TestSite) {
        let (c, s) = maison(&t).await;
        let mut connues = Vec::new();
        for id in &s {
            connues.extend(annuaire::structures::contacts(t.site.db.read(), *id).await.unwrap().into_iter().find_map(|f| f.courriel).map(|e| (*id, e)));
        }
        let (structure, connu) = connues.first().cloned().expect("the directory knows somebody");
        let d = deposee(&c, structure, premiers(1)).await;
        let mails = platform::mail::list(t.site.db.read(), 5).await.unwrap();
        assert_eq!(mails.iter().filter(|m| m.sujet.starts_with("Une demande a été déposée pour") && m.texte.contains("DE-1")).count(), 1, "{mails:?}");
        let nue = browser(&t, &c);
        let admin = testkit::viewer(Role::AdministrateurNational, Perimetre::National);
        nue.signed_in(admin.clone()).get(&format!("{B}/{}", d.id)).await.expect(200).says("Contact inconnu de l’annuaire");
        assert_eq!(crate::demandes::actions::connu_de_l_annuaire(t.site.db.read(), &d).await.unwrap().unwrap().1, connu);
        // Somebody it knows files: nobody else is told.
        let mut sien = d.clone();
        sien.contact.courriel = connu;
        assert!(crate::demandes::actions::connu_de_l_annuaire(t.site.db.read(), &sien).await.unwrap().is_none());
    }

    async fn who_has_no_account_answers_and_takes_back_by_the_link_of_a_message(t: TestSite) {
        let (c, s) = maison(&t).await;
        let d = deposee(&c, s[2], premiers(2)).await;
        let lien = dernier_lien(&t).await;
        assert!(lien.contains("/suivi/"), "{lien}");
        let nue = browser(&t, &c);
        let mut b = nue.clone();
        b.get(&lien).await.expect(200).says("DE-1").says("L’avis de la préfecture").says("Annuler la demande");
        // Nothing is awaited yet; a dead link opens nothing.
        b.post_file(&format!("{lien}/reponse"), &[("reponse", "Voici.")], ("fichier", "", b"")).await.expect(409);
        b.get(&format!("{P}/suivi/{}", "0".repeat(64))).await.expect(404);
        let attendu = crate::demandes::Etat::ExamenComplementaire { le: c.jour(), attendu: "Où le public sera-t-il reçu ?".to_owned() };
        let poser = async |d: &crate::demandes::Demande| {
            t.site.db.write(async |tx| store::changer_etat(tx, d, &attendu).await).await.unwrap();
        };
        poser(&d).await;
        b.get(&lien).await.expect(200).says("Où le public").says("Votre réponse au comité");
        b.post_file(&format!("{lien}/reponse"), &[("reponse", " ")], ("fichier", "", b"")).await.expect(422).says("href=\"#reponse\"");
        b.post_file(&format!("{lien}/reponse"), &[("reponse", "À la mairie.")], ("fichier", "x.pdf", b"PK")).await.expect(422).says("fichier PDF").says("À la mairie.");
        b.post_file(&format!("{lien}/reponse"), &[("reponse", "À la mairie.")], ("fichier", "plan.pdf", b"%PDF-1.7 x")).await.expect(303);
        let lue = store::get(t.site.db.read(), d.id).await.unwrap().unwrap();
        assert_eq!((lue.etat.cle(), lue.precisions.as_str()), ("deposee", "Le 18/03/2026 : À la mairie."));
        assert_eq!(store::pieces(t.site.db.read(), d.id).await.unwrap().len(), 1);
        // The space of the structure answers too, and nobody else's.
        poser(&lue).await;
        let at = format!("{B}/{}/reponse", d.id);
        gestion(&nue, s[4]).post_file(&at, &[("reponse", "x")], ("fichier", "", b"")).await.expect(404);
        prefecture(&nue, "23").post_file(&at, &[("reponse", "x")], ("fichier", "", b"")).await.expect(403);
        gestion(&nue, s[2]).get(&format!("{B}/{}", d.id)).await.expect(200).says("Répondre au comité");
        gestion(&nue, s[2]).post_file(&at, &[("reponse", "Et à la médiathèque.")], ("fichier", "", b"")).await.expect(303);
        prefecture(&nue, "23").get(&format!("{B}/{}", d.id)).await.expect(200).says("Et à la médiathèque.");
        // Taken back, with a reason.
        b.post(&format!("{lien}/annuler"), &[("motif", "")]).await.expect(422);
        b.post(&format!("{lien}/annuler"), &[("motif", "Plus de local.")]).await.expect(303);
        b.get(&lien).await.expect(200).says("Plus de local.");
        b.post(&format!("{lien}/annuler"), &[("motif", "Encore.")]).await.expect(409);
        t.site.clock.advance(chrono::TimeDelta::days(120));
        b.get(&lien).await.expect(404);
    }
}
