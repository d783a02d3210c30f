use kernel::{Perimetre, Role};
use testkit::TestSite;

use super::actions::{Echec, reprendre};
use super::model::{Bilan, Parametres, Quoi};
use crate::Conseillers;
use crate::candidats::tests::fixtures::{fiche, inscrit};
use crate::demandes::tests::{browser, maison};

const CANDIDATS: &str = "\u{feff}Prénom;nom;email;tel;codePostal;nomCommune;distanceMax;dateDisponibilite;situations;motivation;couleur\r\n\
    Anne;Essai;anne@exemple.fr;06 12 34 56 78;01000;Bourg-en-Bresse;20;01/03/2021;demandeur_emploi;J’aime expliquer.;bleu\r\n\
    Bruno;Essai;bruno@exemple.fr;12;01000;Bourg-en-Bresse;50;2099-01-01;en_emploi|experience;J’aime aider.;\r\n\
    Carla;Essai;ANNE@exemple.fr;;01000;Bourg-en-Bresse;2000;;en_formation;Encore moi.;\r\n\
    David;Essai;pas une adresse;;01000;Bourg-en-Bresse;20;;en_emploi;J’aime aider.;\r\n\
    Eva;Essai;eva@exemple.fr;;99999;Nulle-Part;20;;en_emploi;J’aime aider.;\r\n\
    Camille;Martin;camille@exemple.fr;;01000;Bourg-en-Bresse;France entière;;en_emploi;J’aime aider.;\r\n";

fn essai(quoi: Quoi, a_blanc: bool) -> Parametres {
    Parametres { quoi, inviter: false, a_blanc }
}

async fn prend(c: &Conseillers, texte: &str, p: &Parametres) -> (Bilan, Vec<(u64, String)>) {
    let r = reprendre(c, None, texte.as_bytes().to_vec(), p).await.expect("is read");
    (r.bilan, r.remarques.into_iter().map(|r| (r.ligne, r.regle)).collect())
}

fn dit(remarques: &[(u64, String)], ligne: u64, regle: &str) -> bool {
    remarques.iter().any(|(l, r)| *l == ligne && r == regle)
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn every_line_is_taken_known_or_refused_and_twice_changes_nothing(t: TestSite) {
        let (c, _) = maison(&t).await;
        inscrit(&t, fiche("connue@exemple.fr")).await;
        let p = essai(Quoi::Candidats, true);
        let (bilan, _) = prend(&c, CANDIDATS, &p).await;
        assert_eq!((bilan.read, c.candidats.index(&t.site).await.unwrap().len()), (6, 1), "a trial writes nothing");
        let (bilan, dits) = prend(&c, CANDIDATS, &essai(Quoi::Candidats, false)).await;
        assert_eq!(bilan.added + bilan.unchanged + bilan.different + bilan.refused, bilan.read, "{bilan:?} {dits:?}");
        // Bruno is free beyond what is allowed; Carla has the address of Anne; David and Eva cannot be read.
        assert_eq!((bilan.added, bilan.refused, bilan.invited), (2, 4, 0), "{dits:?}");
        for (ligne, regle) in [
            (0, "colonne-inconnue"),
            (2, "disponible-depuis"),
            (3, "telephone-illisible"),
            (3, "distance-rapprochee"),
            (3, "valeur-refusee"),
            (4, "adresse-en-double"),
            (5, "valeur-refusee"),
            (6, "valeur-refusee"),
            // Same name and postal code as somebody who was here.
            (7, "ressemble"),
        ] {
            assert!(dit(&dits, ligne, regle), "{ligne} {regle} {dits:?}");
        }
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 3, "found at once");
        let (bilan, _) = prend(&c, CANDIDATS, &essai(Quoi::Candidats, false)).await;
        assert_eq!((bilan.added, bilan.unchanged), (0, 2), "{bilan:?}");
        let change = CANDIDATS.replace("J’aime expliquer.", "J’aime beaucoup expliquer.");
        let (bilan, dits) = prend(&c, &change, &essai(Quoi::Candidats, false)).await;
        assert_eq!((bilan.added, bilan.different), (0, 1), "{bilan:?}");
        assert!(dit(&dits, 2, "deja-inscrit-autrement"));
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 3);
    }

    async fn accounts_are_invited_only_when_asked_for(t: TestSite) {
        let (c, _) = maison(&t).await;
        let p = Parametres { inviter: true, ..essai(Quoi::Candidats, false) };
        let (bilan, _) = prend(&c, CANDIDATS, &p).await;
        assert_eq!(bilan.invited, 2);
        let mails = platform::mail::list(t.site.db.read(), 10).await.unwrap();
        assert_eq!(mails.len(), 2, "{mails:?}");
    }

    async fn structures_are_taken_with_their_contact(t: TestSite) {
        let (c, _) = maison(&t).await;
        let texte = "nom,siret,type,code_postal,commune,courriel,contact\n\
            Mairie d’Essai,21010053600017,COMMUNE,01000,Bourg-en-Bresse,mairie@exemple.fr,Accueil\n\
            Sans numéro,,PRIVATE,01000,Bourg-en-Bresse,,\n\
            Sans numéro,,PRIVATE,01000,Bourg-en-Bresse,,\n\
            Faux numéro,123,COMMUNE,01000,Bourg-en-Bresse,,\n\
            ,,,,,,\n";
        let p = Parametres { inviter: true, ..essai(Quoi::Structures, false) };
        let (bilan, dits) = prend(&c, texte, &p).await;
        assert!(bilan.added >= 1 && bilan.added + bilan.unchanged + bilan.different + bilan.refused == bilan.read, "{bilan:?} {dits:?}");
        assert!(dit(&dits, 4, "numero-en-double") && dit(&dits, 5, "valeur-refusee"), "{dits:?}");
        let (encore, _) = prend(&c, texte, &p).await;
        assert_eq!((encore.added, encore.unchanged), (0, bilan.added), "{encore:?}");
    }

    async fn the_page_checks_takes_and_refuses_hostile_files(t: TestSite) {
        let (c, _) = maison(&t).await;
        let b = browser(&t, &c);
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get("/conseillers/reprise").await.expect(200).says("Aucun fichier pour l’instant");
        let octets = CANDIDATS.as_bytes();
        let verifier = [("quoi", "candidats"), ("action", "verifier")];
        let at = admin.post_file("/conseillers/reprise", &verifier, ("fichier", "gens.csv", octets)).await.expect(303).location().to_owned();
        admin.get(&at).await.expect(200).says("rien n’est enregistré").says("Cette adresse est déjà plus haut");
        assert!(c.candidats.index(&t.site).await.unwrap().is_empty());
        let prendre = [("quoi", "candidats"), ("action", "reprendre")];
        let at = admin.post_file("/conseillers/reprise", &prendre, ("fichier", "gens.csv", octets)).await.expect(303).location().to_owned();
        admin.get(&format!("{at}?niveau=refus")).await.expect(200).says("Fichier repris");
        let rapport = admin.get(&format!("{at}/rapport.csv")).await.expect(200).body;
        assert!(rapport.starts_with("ligne,champ,niveau,regle") && rapport.lines().count() > 8, "{rapport}");
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 2);
        admin.post_file("/conseillers/reprise", &prendre, ("fichier", "gens.zip", b"PK\x03\x04truc")).await.expect(422).says("n’est pas un texte");
        admin.post_file("/conseillers/reprise", &[("quoi", "autre")], ("fichier", "gens.csv", octets)).await.expect(422);
        for hostile in [&b"PK\x03\x04truc"[..], b"", b"\x00\x01\x02\x03", b"a;b\n1;2\n", b"%PDF-1.4", b"nom\n"] {
            match reprendre(&c, None, hostile.to_vec(), &essai(Quoi::Candidats, false)).await {
                Err(Echec::Fichier(phrase)) => assert!(phrase.ends_with('.'), "{phrase}"),
                autre => panic!("{autre:?}"),
            }
        }
        // A report speaks of people: it goes by itself, whether or not another file comes.
        let menage = async || crate::calculs::effacer(&c, &[crate::reprise::GARDE]).await.unwrap();
        menage().await;
        admin.get(&at).await.expect(200);
        t.site.clock.advance(chrono::TimeDelta::days(31));
        menage().await;
        admin.get(&at).await.expect(404);
        let mut comite = b.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National));
        comite.get("/conseillers/reprise").await.expect(403);
    }
}
