//! Meetings, on both engines: invitations, answers by link, seats, attendance, what came of it, what is forgotten.

use chrono::TimeDelta;
use kernel::{CodeDepartement, Perimetre, Role};
use testkit::{Browser, TestSite};

use super::{jobs, store};
use crate::{Mandats, essai};

const BASE: &str = "/gestion/reunions";
const JOUR: &str = "2027-01-15";

fn dans(code: &str) -> Perimetre {
    Perimetre::Departements(CodeDepartement::parse(code).into_iter().collect())
}

const BONNE: [(&str, &str); 8] = [
    ("departement", "01"),
    ("jour", JOUR),
    ("debut", "09:30"),
    ("fin", "11:00"),
    ("lieu", "Salle d’essai"),
    ("lien", ""),
    ("places", "2"),
    ("organisateur", "Préfecture d’essai"),
];

fn sauf<'a>(champ: &str, valeur: &'a str) -> Vec<(&'a str, &'a str)> {
    BONNE.iter().map(|(c, v)| (*c, if *c == champ { valeur } else { *v })).collect()
}

/// A house with the structures of the demonstration, of which some stand in the Ain.
async fn maison(t: &TestSite) -> (Mandats, Browser) {
    let m = essai::mandats(t).await;
    let territoires = m.annuaire.territoires();
    t.site.db.write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await).await.unwrap();
    let b = t.browser(crate::routes(&m));
    (m, b)
}

/// Messages that bear a link that begins so, latest first: address and link.
async fn liens(t: &TestSite, debut: &str) -> Vec<(String, String)> {
    let mails = platform::mail::list(t.site.db.read(), 200).await.unwrap();
    let lien = |m: &platform::mail::MailRow| {
        let at = m.texte.find(debut)?;
        Some((m.destinataire.clone(), m.texte[at..].split_whitespace().next()?.to_owned()))
    };
    mails.iter().filter_map(lien).collect()
}

async fn de(t: &TestSite, courriel: &str) -> String {
    let tous = liens(t, "/reunions/reponse/").await;
    tous.into_iter().find(|(a, _)| a == courriel).unwrap_or_else(|| panic!("nothing for {courriel}")).1
}

async fn ouvrir(b: &mut Browser, form: &[(&str, &str)]) -> String {
    b.post(&format!("{BASE}/nouvelle"), form).await.expect(303).location().to_owned()
}

async fn inscription(t: &TestSite, b: &mut Browser, fiche: &str) -> String {
    let page = b.get(fiche).await.expect(200);
    let at = page.body.find("/reunions/inscription/").unwrap();
    let fin = page.body[at..].find('"').unwrap();
    t.site.clock.advance(TimeDelta::seconds(30));
    page.body[at..at + fin].to_owned()
}

async fn s_inscrire(t: &TestSite, nu: &Browser, page: &str, courriel: &str, pivot: &str) -> testkit::Answer {
    let affiche = (t.site.clock.now().timestamp() - 30).to_string();
    let form = [
        ("affiche", affiche.as_str()),
        ("prenom", "Inès"),
        ("nom", "Essai"),
        ("courriel", courriel),
        ("organisme", "Mairie d’essai"),
        ("pivot", pivot),
    ];
    nu.clone().post(page, &form).await
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_meeting_invites_hears_counts_and_forgets(t: TestSite) {
        let (m, nu) = maison(&t).await;
        let mut p = nu.signed_in(testkit::viewer(Role::Prefecture, dans("01")));
        p.get(BASE).await.expect(200).says("Aucune réunion");
        for (champ, valeur, dit) in [
            ("departement", "23", "votre territoire"),
            ("jour", "2026-11-01", "jour à venir"),
            ("debut", "9h", "href=\"#debut\""),
            ("fin", "09:30", "avant l’heure de début"),
            ("lieu", "", "Indiquez un lieu"),
            ("lien", "javascript:alert(1)", "href=\"#lien\""),
            ("places", "0", "href=\"#places\""),
            ("organisateur", "", "href=\"#organisateur\""),
        ] {
            p.post(&format!("{BASE}/nouvelle"), &sauf(champ, valeur)).await.expect(422).says(dit);
        }
        let fiche = ouvrir(&mut p, &BONNE).await;
        p.get(BASE).await.expect(200).says("Préfecture d’essai").says("15 janvier 2027");
        // Structures of the département, and of no other; each is invited once.
        let choix = format!("{fiche}/inviter");
        let page = p.get(&choix).await.expect(200);
        assert!(page.body.matches("name=\"structure\"").count() > 0, "{}", page.body);
        p.post(&choix, &[]).await.expect(422).says("au moins une structure");
        p.post(&choix, &[("structure", "00000000-0000-0000-0000-000000000001")]).await.expect(303);
        assert!(liens(&t, "/reunions/reponse/").await.is_empty(), "what is not in the list is invited by nobody");
        p.post(&choix, &[("action", "toutes")]).await.expect(303);
        let invitations = liens(&t, "/reunions/reponse/").await;
        let id = super::super::model::ReunionId(fiche.rsplit('/').next().unwrap().parse().unwrap());
        assert!(!invitations.is_empty());
        assert_eq!(store::invites(t.site.db.read(), id).await.unwrap().len(), invitations.len());
        p.post(&choix, &[("action", "toutes")]).await.expect(303);
        assert_eq!(liens(&t, "/reunions/reponse/").await.len(), invitations.len(), "once");
        p.get(&choix).await.expect(200).says("Déjà invitée");
        // Answers: reading does nothing; names are asked of who comes, and forgotten of who does not.
        let (courriel, lien) = invitations[0].clone();
        nu.clone().get(&lien).await.expect(200).says("Pas de réponse");
        nu.clone().post(&lien, &[("choix", "peut-être")]).await.expect(422).says("href=\"#choix\"");
        nu.clone().post(&lien, &[("choix", "oui"), ("prenom", "Zoé")]).await.expect(422).says("href=\"#nom\"").says("value=\"Zoé\"");
        nu.clone().post(&lien, &[("choix", "oui"), ("prenom", "Zoé"), ("nom", "Essai")]).await.expect(303);
        let page = nu.clone().get(&lien).await.expect(200).says("Vient");
        assert_eq!((page.headers["cache-control"].to_str().unwrap(), page.headers["referrer-policy"].to_str().unwrap()), ("no-store", "no-referrer"));
        p.get(&fiche).await.expect(200).says("Zoé Essai").says("1 prises sur 2");
        nu.clone().post(&lien, &[("choix", "non")]).await.expect(303);
        let page = p.get(&fiche).await.expect(200).says("Ne vient pas");
        assert!(!page.body.contains("Zoé"));
        // Somebody else answers by their own link; the first one leads nowhere any more.
        for (vers, code, dit) in [("x", 422, "href=\"#courriel\""), (courriel.as_str(), 422, "déjà invitée")] {
            nu.clone().post(&lien, &[("choix", "autre"), ("courriel", vers)]).await.expect(code).says(dit);
        }
        nu.clone().post(&lien, &[("choix", "autre"), ("courriel", "collegue@essai.example")]).await.expect(303);
        nu.clone().post(&lien, &[("choix", "oui"), ("prenom", "Zoé"), ("nom", "Essai")]).await.expect(422).says("transmis");
        let sien = de(&t, "collegue@essai.example").await;
        nu.clone().post(&sien, &[("choix", "oui"), ("prenom", "Ali"), ("nom", "Collègue")]).await.expect(303);
        // Whoever has the page registers; a seat is given once; the page tells nobody who is on the list.
        let page = inscription(&t, &mut p, &fiche).await;
        nu.clone().get(&page).await.expect(200).says("M’inscrire");
        nu.clone().post(&page, &[("prenom", "Inès")]).await.expect(422).says("trop vite");
        s_inscrire(&t, &nu, &page, "ines@essai.example", "12").await.expect(422).says("href=\"#pivot\"");
        s_inscrire(&t, &nu, &page, "ines@essai.example", crate::habilitations::tests::SIRET).await.expect(200).says("vient de partir");
        // Full: one answer, to who comes and to who does not.
        for qui in ["ines@essai.example", "trop@essai.example"] {
            s_inscrire(&t, &nu, &page, qui, "").await.expect(422).says("places de cette réunion sont prises");
        }
        let ines = de(&t, "ines@essai.example").await;
        assert_eq!(liens(&t, "/reunions/reponse/").await.iter().filter(|(a, _)| a == "ines@essai.example").count(), 1, "not twice within minutes");
        p.post(&format!("{fiche}/modifier"), &[&sauf("places", "1")[..], &[("version", "1")]].concat()).await.expect(422).says("déjà répondu");
        p.post(&format!("{fiche}/modifier"), &[&sauf("places", "3")[..], &[("version", "0")]].concat()).await.expect(422).says("Quelqu’un a modifié");
        p.post(&format!("{fiche}/modifier"), &[&sauf("debut", "09:00")[..], &[("version", "1")]].concat()).await.expect(303);
        assert!(platform::mail::list(t.site.db.read(), 5).await.unwrap().iter().any(|c| c.sujet.contains("changement")));
        // Reminded once, two days before.
        assert_eq!(jobs::rappeler(&m).await.unwrap(), 0);
        let debut = kernel::calendrier::minuit("2027-01-14".parse().unwrap());
        t.site.clock.advance(debut - t.site.clock.now() + TimeDelta::hours(3));
        assert_eq!((jobs::rappeler(&m).await.unwrap(), jobs::rappeler(&m).await.unwrap()), (2, 0));
        // Who was there is said from the day on.
        p.get(&format!("{fiche}/presences")).await.expect(409);
        t.site.clock.advance(TimeDelta::days(1));
        let page = p.get(&format!("{fiche}/presences")).await.expect(200).says("Ali Collègue");
        let (_, reste) = page.body.split_once("name=\"present\"").unwrap();
        assert!(reste.contains("Inès"));
        let inscrits = store::invites(t.site.db.read(), id).await.unwrap();
        let ines_id = inscrits.iter().find(|i| i.prenom.as_deref() == Some("Inès")).unwrap().id.to_string();
        p.post(&format!("{fiche}/presences"), &[("present", &ines_id), ("present", "x")]).await.expect(303);
        p.post(&format!("{fiche}/ajouter"), &[("prenom", "Omar"), ("nom", ""), ("organisme", "CCAS"), ("pivot", "")]).await.expect(422).says("value=\"Omar\"");
        p.post(&format!("{fiche}/ajouter"), &[("prenom", "Omar"), ("nom", "Essai"), ("organisme", "CCAS"), ("pivot", "")]).await.expect(303);
        let page = p.get(&fiche).await.expect(200).says("Absente").says("Présente").says("Sur place");
        assert!(page.body.contains("Pas de demande"));
        let pdf = p.get(&format!("{fiche}/feuille.pdf")).await.expect(200);
        assert_eq!(pdf.headers["content-type"], "application/pdf");
        for f in ["csv", "xlsx", "ods"] {
            p.get(&format!("{fiche}/export.{f}")).await.expect(200);
        }
        // A request of that number, filed by the public form, is what came of it.
        let mut ext = nu.clone();
        let e = crate::habilitations::tests::espace(&t, &mut ext, "ines@essai.example").await;
        crate::habilitations::tests::deposee(&mut ext, &e, (crate::habilitations::tests::SIRET, "1 rue", &["a@essai.example"])).await;
        p.get(&fiche).await.expect(200).says("Demande déposée le 15 janvier 2027");
        // After its day nobody answers any more; half a year later nobody is named.
        t.site.clock.advance(TimeDelta::days(1));
        nu.clone().get(&ines).await.expect(200).says("déjà eu lieu");
        nu.clone().post(&ines, &[("choix", "non")]).await.expect(422);
        assert_eq!(jobs::oublier(&m).await.unwrap(), 0);
        t.site.clock.advance(TimeDelta::days(181));
        assert!(jobs::oublier(&m).await.unwrap() > 0);
        assert_eq!(jobs::oublier(&m).await.unwrap(), 0);
        nu.clone().get(&ines).await.expect(404);
        let page = p.get(&fiche).await.expect(200).says("Mairie d’essai").says("Demande déposée");
        assert!(!page.body.contains("ines@essai.example") && !page.body.contains("Inès"));
    }

    async fn a_meeting_belongs_to_its_territory(t: TestSite) {
        let (_, nu) = maison(&t).await;
        let mut p = nu.signed_in(testkit::viewer(Role::Prefecture, dans("01")));
        let fiche = ouvrir(&mut p, &BONNE).await;
        let modifie = [&BONNE[..], &[("version", "1")]].concat();
        for (role, perimetre, code) in [
            (Role::Prefecture, dans("23"), 404),
            (Role::EquipeHabilitation, dans("23"), 404),
            (Role::Referent, Perimetre::Structures(Vec::new()), 403),
            (Role::Lecteur, Perimetre::National, 403),
        ] {
            let mut autre = nu.signed_in(testkit::viewer(role, perimetre));
            for chemin in ["", "/modifier", "/inviter", "/presences", "/feuille.pdf", "/export.csv"] {
                autre.get(&format!("{fiche}{chemin}")).await.expect(code);
            }
            for chemin in ["/modifier", "/annuler", "/inviter", "/presences", "/ajouter"] {
                let corps = [&modifie[..], &[("motif", "x"), ("action", "toutes"), ("prenom", "A"), ("nom", "B"), ("organisme", "C")]].concat();
                autre.post(&format!("{fiche}{chemin}"), &corps).await.expect(code);
            }
        }
        let mut equipe = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National));
        equipe.get(&fiche).await.expect(200);
        assert!(!nu.signed_in(testkit::viewer(Role::Prefecture, dans("23"))).get(BASE).await.expect(200).body.contains("15 janvier"));
        for faux in ["0", &"0".repeat(64)] {
            nu.clone().get(&format!("/reunions/reponse/{faux}")).await.expect(404);
            nu.clone().post(&format!("/reunions/reponse/{faux}"), &[("choix", "non")]).await.expect(404);
            nu.clone().get(&format!("/reunions/inscription/{faux}")).await.expect(404);
        }
        // Cancelled: told, and nobody comes any more.
        p.post(&format!("{fiche}/inviter"), &[("action", "toutes")]).await.expect(303);
        let (_, lien) = liens(&t, "/reunions/reponse/").await.remove(0);
        let page = inscription(&t, &mut p, &fiche).await;
        p.post(&format!("{fiche}/annuler"), &[("motif", "")]).await.expect(422).says("href=\"#motif\"");
        p.post(&format!("{fiche}/annuler"), &[("motif", "Salle inondée")]).await.expect(303);
        p.post(&format!("{fiche}/annuler"), &[("motif", "Encore")]).await.expect(409);
        assert!(platform::mail::list(t.site.db.read(), 1).await.unwrap()[0].texte.contains("Salle inondée"));
        nu.clone().post(&lien, &[("choix", "oui"), ("prenom", "Zoé"), ("nom", "Essai")]).await.expect(422).says("annulée");
        s_inscrire(&t, &nu, &page, "ines@essai.example", "").await.expect(422).says("annulée");
        p.post(&format!("{fiche}/inviter"), &[("action", "toutes")]).await.expect(409);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_people_never_get_the_last_seat() {
    let Some(t) = TestSite::postgres(crate::tests_migrations()).await else { return };
    let (_, nu) = maison(&t).await;
    let mut p = nu.signed_in(testkit::viewer(Role::Prefecture, dans("01")));
    for tour in 0..5 {
        let fiche = ouvrir(&mut p, &sauf("places", "1")).await;
        let page = inscription(&t, &mut p, &fiche).await;
        let (un, deux) = (format!("un{tour}@essai.example"), format!("deux{tour}@essai.example"));
        let (a, b) = tokio::join!(s_inscrire(&t, &nu, &page, &un, ""), s_inscrire(&t, &nu, &page, &deux, ""));
        let mut codes = [a.status.as_u16(), b.status.as_u16()];
        codes.sort_unstable();
        assert_eq!(codes, [200, 422]);
    }
}
