//! The transitions of the field (docs/conseillers/modele.md), each tried from each state through its page: those that are
//! allowed lead where they should, all others are refused and change nothing.

use super::*;
use crate::matching::relations::marques;

const ETATS: [(&str, &[&str]); 11] = [
    ("-/-", &[]),
    ("marque/-", &["liste/ecarter"]),
    ("proposee/-", &["proposer"]),
    ("acceptee/-", &["proposer", "accepter"]),
    ("ecartee/-", &["proposer", "accepter", "ecarter"]),
    ("acceptee/saisi", &["proposer", "accepter", "saisir"]),
    ("recrutee/valide", &["proposer", "accepter", "saisir", "valider"]),
    ("recrutee/rupture_notifiee", &["proposer", "accepter", "saisir", "valider", "rompre"]),
    ("recrutee/rupture_notifiee!", &["proposer", "accepter", "saisir", "valider", "rompre", "incomplet"]),
    ("close/rompu", &["proposer", "accepter", "saisir", "valider", "rompre", "valider la rupture"]),
    ("recrutee/valide+saisi", &["proposer", "accepter", "saisir", "valider", "renouveler"]),
];

const GESTES: [&str; 19] = [
    "liste/ecarter",
    "liste/remettre",
    "proposer",
    "ecarter",
    "reprendre",
    "accepter",
    "decliner",
    "retirer l’accord",
    "saisir",
    "retirer",
    "valider",
    "refuser",
    "renouveler",
    "prolonger",
    "rompre",
    "annuler la rupture",
    "incomplet",
    "complet",
    "valider la rupture",
];

/// From, gesture, to. What is not here is refused. « Indisponible » is tried apart: the person may always say it.
const PERMIS: [(&str, &str, &str); 35] = [
    // nouvelle → nonInteressee and back; interessee.
    ("-/-", "liste/ecarter", "marque/-"),
    ("-/-", "liste/remettre", "-/-"),
    ("-/-", "proposer", "proposee/-"),
    ("marque/-", "liste/ecarter", "marque/-"),
    ("marque/-", "liste/remettre", "-/-"),
    ("marque/-", "proposer", "proposee/-"),
    // The answer; interessee → nonInteressee and back.
    ("proposee/-", "accepter", "acceptee/-"),
    ("proposee/-", "decliner", "declinee/-"),
    ("proposee/-", "ecarter", "ecartee/-"),
    ("acceptee/-", "ecarter", "ecartee/-"),
    ("acceptee/-", "retirer l’accord", "declinee/-"),
    ("ecartee/-", "reprendre", "acceptee/-"),
    // interessee → recrutee, and back.
    ("acceptee/-", "saisir", "acceptee/saisi"),
    ("acceptee/saisi", "retirer", "acceptee/retire"),
    ("acceptee/saisi", "refuser", "acceptee/refuse"),
    ("acceptee/saisi", "retirer l’accord", "declinee/saisi"),
    // recrutee → finalisee.
    ("acceptee/saisi", "valider", "recrutee/valide"),
    // finalisee → nouvelle_rupture, and back; incomplete and complete.
    ("recrutee/valide", "rompre", "recrutee/rupture_notifiee"),
    ("recrutee/rupture_notifiee", "annuler la rupture", "recrutee/valide"),
    ("recrutee/rupture_notifiee", "incomplet", "recrutee/rupture_notifiee!"),
    ("recrutee/rupture_notifiee", "complet", "recrutee/rupture_notifiee"),
    ("recrutee/rupture_notifiee!", "incomplet", "recrutee/rupture_notifiee!"),
    ("recrutee/rupture_notifiee!", "complet", "recrutee/rupture_notifiee"),
    ("recrutee/rupture_notifiee!", "annuler la rupture", "recrutee/valide"),
    // nouvelle_rupture → finalisee_rupture; the person may be met again.
    ("recrutee/rupture_notifiee", "valider la rupture", "close/rompu"),
    ("close/rompu", "proposer", "proposee/rompu"),
    ("close/rompu", "liste/ecarter", "marque close/rompu"),
    ("close/rompu", "liste/remettre", "close/rompu"),
    // finalisee → renouvellement_initiee → finalisee.
    ("recrutee/valide", "renouveler", "recrutee/valide+saisi"),
    ("recrutee/valide+saisi", "valider", "recrutee/valide+valide"),
    ("recrutee/valide+saisi", "refuser", "recrutee/valide+refuse"),
    ("recrutee/valide+saisi", "retirer", "recrutee/valide+retire"),
    ("recrutee/valide+saisi", "rompre", "recrutee/rupture_notifiee+saisi"),
    // What is answered already is answered once more only where it says the same.
    ("recrutee/rupture_notifiee!", "rien", "recrutee/rupture_notifiee!"),
    ("-/-", "rien", "-/-"),
];

/// A person and the structure, with the browsers of those who act.
struct Paire<'a> {
    m: &'a Monde,
    chez: Browser,
    admin: Browser,
    elle: Browser,
    c: Candidat,
    poste: usize,
}

impl Paire<'_> {
    async fn contact(&self) -> String {
        let r = store::de_candidat(self.m.cx.site.db.read(), self.c.id).await.unwrap();
        r.first().map_or_else(|| uuid::Uuid::from_u128(7).to_string(), |r| r.id.to_string())
    }

    async fn contrats(&self) -> Vec<contrats::Contrat> {
        let mut lus = contrats::store::de_candidat(self.m.cx.site.db.read(), self.c.id).await.unwrap();
        lus.sort_by_key(|c| c.termes.debut);
        lus
    }

    /// Relation and contracts, in one word.
    async fn etat(&self) -> String {
        let conn = self.m.cx.site.db.read();
        let marque = marques::de_candidat(conn, self.c.id).await.unwrap();
        let marque = if marque.iter().any(|(_, m)| m.ecartee_le.is_some()) { "marque" } else { "" };
        let relation = store::de_candidat(conn, self.c.id).await.unwrap();
        let relation = relation.first().map_or("", |r| r.etat.cle());
        let gauche = match (marque, relation) {
            ("", "") => "-".to_owned(),
            ("", r) => r.to_owned(),
            (m, "") => m.to_owned(),
            (m, r) => format!("{m} {r}"),
        };
        let dit = |c: &contrats::Contrat| {
            let incomplet = c.etat.rupture().is_some_and(|r| r.dossier_incomplet);
            format!("{}{}", c.etat.cle(), if incomplet { "!" } else { "" })
        };
        let contrats: Vec<String> = self.contrats().await.iter().map(dit).collect();
        format!("{gauche}/{}", if contrats.is_empty() { "-".to_owned() } else { contrats.join("+") })
    }

    async fn faire(&mut self, geste: &str) -> u16 {
        let liste = format!("/conseillers/candidats-a-rencontrer/{}/{}", self.m.s.id, self.c.id);
        let contact = self.contact().await;
        let ids: Vec<String> = self.contrats().await.iter().map(|c| c.id.to_string()).collect();
        let rien = uuid::Uuid::from_u128(7).to_string();
        let (premier, dernier) = (ids.first().unwrap_or(&rien), ids.last().unwrap_or(&rien));
        let au = |id: &str, rest: &str| format!("/conseillers/contrats/{id}/{rest}");
        let (poste, qui) = (self.m.postes[self.poste].id.to_string(), self.c.id.to_string());
        let termes = |debut: &'static str, fin: &'static str| {
            vec![
                ("type", "cdd"),
                ("debut", debut),
                ("fin", fin),
                ("salaire", "1 900,00"),
                ("phase", "2"),
                ("temps_plein", "oui"),
            ]
        };
        let answer = match geste {
            "liste/ecarter" => self.chez.post(&format!("{liste}/marquer"), &[("geste", "ecarter")]).await,
            "liste/remettre" => self.chez.post(&format!("{liste}/marquer"), &[("geste", "remettre")]).await,
            "proposer" => self.chez.post(&format!("{liste}/proposer"), &[]).await,
            "ecarter" | "reprendre" => {
                self.chez.post(&format!("/conseillers/contacts/{contact}/{geste}"), &[]).await
            }
            "accepter" | "decliner" => {
                self.elle.post(&format!("/mon-espace/contacts/{contact}/{geste}"), &[]).await
            }
            "retirer l’accord" => {
                self.elle.post(&format!("/mon-espace/contacts/{contact}/retirer"), &[]).await
            }
            "indisponible" => self.elle.post("/mon-espace/disponibilite", &[("disponible", "non")]).await,
            "saisir" => {
                let mut form = termes("2026-03-01", "2027-02-28");
                form.extend([("poste", poste.as_str()), ("candidat", qui.as_str())]);
                self.chez.post("/conseillers/contrats/nouveau", &form).await
            }
            "retirer" => self.chez.post(&au(dernier, "retirer"), &[]).await,
            "valider" => self.admin.post(&au(dernier, "valider"), &[]).await,
            "refuser" => self.admin.post(&au(dernier, "refuser"), &[("motif", "Il manque une pièce.")]).await,
            "renouveler" => {
                self.chez.post(&au(premier, "renouveler"), &termes("2027-03-01", "2028-02-28")).await
            }
            "prolonger" => {
                self.chez.post(&au(premier, "prolonger"), &[("fin", "2027-06-30"), ("salaire", "1900")]).await
            }
            "rompre" => {
                self.chez.post(&au(premier, "rupture"), &[("le", "2026-03-18"), ("motif", "demission")]).await
            }
            "annuler la rupture" => self.chez.post(&au(premier, "rupture/annuler"), &[]).await,
            "incomplet" => self.admin.post(&au(premier, "rupture/dossier"), &[("incomplet", "oui")]).await,
            "complet" => self.admin.post(&au(premier, "rupture/dossier"), &[("incomplet", "non")]).await,
            "valider la rupture" => self.admin.post(&au(premier, "rupture/valider"), &[]).await,
            _ => self.elle.get("/mon-espace").await,
        };
        answer.status.as_u16()
    }
}

async fn paire<'a>(t: &TestSite, m: &'a Monde, b: &Browser, n: usize, gestes: &[&str]) -> Paire<'a> {
    let (c, actor) = avec_compte(t, &format!("p{n}@x.example.org"), 0x1_0000 + n as u128).await;
    let mut elle = testkit::viewer(Role::Candidat, Perimetre::Soi);
    elle.actor.compte = actor.compte;
    let mut p = Paire {
        chez: b.signed_in(testkit::viewer(Role::GestionnaireStructure, m.employeur.perimetre.clone())),
        admin: b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National)),
        elle: b.signed_in(elle),
        poste: n,
        m,
        c,
    };
    for geste in gestes {
        assert_eq!(p.faire(geste).await, 303, "{geste}");
    }
    p
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn the_transitions_in_and_out_of_order(t: TestSite) {
        let m = monde(&t, 70).await;
        let b = t.browser(
            crate::matching::relations::routes(m.cx.clone())
                .merge(contrats::routes(m.cx.clone()))
                .merge(crate::candidats::routes(&m.cx)),
        );
        let mut n = 0;
        for (etat, gestes) in ETATS {
            let mut p = paire(&t, &m, &b, n, gestes).await;
            n += 1;
            assert_eq!(p.etat().await, etat);
            let permis = |g: &str| PERMIS.iter().find(|(de, geste, _)| *de == etat && *geste == g);
            for geste in GESTES.into_iter().filter(|g| permis(g).is_none()) {
                let statut = p.faire(geste).await;
                assert!((400..500).contains(&statut), "{etat}, {geste}: {statut}");
                assert_eq!(p.etat().await, etat, "{geste} changed something");
            }
            for (_, geste, vers) in PERMIS.iter().filter(|(de, g, _)| *de == etat && *g != "rien") {
                let mut p = paire(&t, &m, &b, n, gestes).await;
                n += 1;
                assert_eq!(p.faire(geste).await, 303, "{etat}, {geste}");
                assert_eq!(p.etat().await, *vers, "{etat}, {geste}");
            }
            // Any open → deleted, when the person is not available any more; what a contract holds stays.
            let mut p = paire(&t, &m, &b, n, gestes).await;
            n += 1;
            assert_eq!(p.faire("indisponible").await, 303);
            let vers = match etat {
                "marque/-" => "-/-",
                "proposee/-" | "acceptee/-" | "ecartee/-" => "close/-",
                autre => autre,
            };
            assert_eq!(p.etat().await, vers, "{etat}, indisponible");
        }
    }

    async fn a_contact_ends_with_what_it_rested_on_and_both_sides_are_told(t: TestSite) {
        let m = monde(&t, 3).await;
        let b = t.browser(crate::matching::relations::routes(m.cx.clone()).merge(contrats::routes(m.cx.clone())).merge(crate::candidats::routes(&m.cx)));
        let sujets = async |mot: &str| {
            let lus = platform::mail::list(t.site.db.read(), 200).await.unwrap();
            lus.iter().filter(|c| c.sujet.contains(mot)).count()
        };
        // A person who moves away: out of reach, the contact closes; a wider circle keeps it.
        let mut p = paire(&t, &m, &b, 0, &["proposer", "accepter"]).await;
        let mut fiche = p.c.fiche.clone();
        let mut actor = testkit::actor(Role::Candidat, Perimetre::Soi);
        actor.compte = p.c.compte.unwrap();
        fiche.rayon = Rayon::Km(40);
        let version = async |id| crate::candidats::tests::fixtures::version(&t, id).await;
        crate::candidats::tests::fixtures::modifier(&m.cx, &actor, version(p.c.id).await, fiche.clone()).await;
        assert_eq!(p.etat().await, "acceptee/-");
        fiche.lieu = lieu("23096", "Guéret", "75", (46.17, 1.87));
        crate::candidats::tests::fixtures::modifier(&m.cx, &actor, version(p.c.id).await, fiche).await;
        assert_eq!((p.etat().await.as_str(), sujets("un contact se ferme").await), ("close/-", 1));
        assert!((400..500).contains(&p.faire("saisir").await), "no agreement any more");
        // Somebody who was set aside and paused cannot be had back.
        let mut p = paire(&t, &m, &b, 1, &["proposer", "accepter", "ecarter", "indisponible"]).await;
        assert_eq!((p.faire("reprendre").await, p.etat().await.as_str()), (409, "close/-"));
        assert_eq!(sujets("un contact se ferme").await, 1, "the structure was not waiting");
        // Hired by another: told, closed, the name is read no more; the person reads their post.
        let mut p = paire(&t, &m, &b, 2, &["proposer", "accepter", "saisir", "valider"]).await;
        assert_eq!(sujets("votre contrat est validé").await, 1);
        p.elle.get("/mon-espace").await.expect(200).says("Mon poste, mes contrats").says("Vous êtes en poste").says("CN-3");
        p.elle.post("/mon-espace/disponibilite", &[("disponible", "oui")]).await.expect(409);
        // The end by itself closes what it rested on, once; the person is told, and is found again.
        t.site.clock.advance(TimeDelta::days(320));
        contrats::alertes::tour(&m.cx).await.unwrap();
        assert_eq!(sujets("votre contrat finit bientôt").await, 1);
        t.site.clock.advance(TimeDelta::days(30));
        contrats::alertes::tour(&m.cx).await.unwrap();
        contrats::alertes::tour(&m.cx).await.unwrap();
        assert_eq!((p.etat().await.as_str(), sujets("votre contrat a pris fin").await), ("close/valide", 1));
        let at = format!("/conseillers/contacts/{}", p.contact().await);
        assert!(!p.chez.get(&at).await.expect(200).body.contains("Martin"), "the name is read no more");
    }

    async fn nobody_is_proposed_or_filled_twice_at_once(t: TestSite) {
        let m = monde(&t, 1).await;
        let autre = Conseillers { site: t.other_instance().await, ..m.cx.clone() };
        // The last post is filled while the structure asks somebody else: no open contact is left without a post.
        let (elue, actor) = avec_compte(&t, "elue@x.example.org", 0xC1).await;
        let (voisine, _) = avec_compte(&t, "voisine@x.example.org", 0xC2).await;
        let r = m.propose(&elue).await.unwrap();
        actions::repondre(&m.cx, &actor, r, true, None).await.unwrap();
        let contrat = contrats::actions::saisir(&m.cx, &m.employeur, (m.postes[0].id, elue.id), termes()).await.unwrap();
        let (a, b) = tokio::join!(
            contrats::actions::valider(&m.cx, &m.admin, contrat),
            actions::proposer(&autre, &m.employeur, m.s.id, Qui::Liste(voisine.id))
        );
        a.unwrap();
        let reste = store::de_candidat(t.site.db.read(), voisine.id).await.unwrap();
        assert!(b.is_err() || reste[0].etat == Etat::Close, "{b:?} {reste:?}");
        // A person who pauses while a structure asks: refused, or closed.
        let m = monde(&t, 1).await;
        let autre = Conseillers { site: t.other_instance().await, ..m.cx.clone() };
        for n in 0..6 {
            let (c, actor) = avec_compte(&t, &format!("pause{n}@x.example.org"), 0xD0 + n).await;
            let (a, b) = tokio::join!(
                crate::candidats::tests::fixtures::pause(&m.cx, &actor),
                actions::proposer(&autre, &m.employeur, m.s.id, Qui::Liste(c.id))
            );
            a.unwrap();
            let reste = store::de_candidat(t.site.db.read(), c.id).await.unwrap();
            assert!(reste.iter().all(|r| !r.etat.ouverte()), "{b:?} {reste:?}");
        }
    }
}
