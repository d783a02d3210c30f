//! Actions on both engines: writing, conflicts, scopes, and what the next delivery does to them.

use kernel::ids::StructureId;
use kernel::{Perimetre, Refusal, Role, Verb};
use testkit::TestSite;

use super::{ENTETE, LAON, REIMS, annuaire, livre, migrations, national, prefecture};
use crate::lieux::gestion::actions::{
    Failure, Nouveau, confirmer, creer, fermer, modifier, rattacher, reprendre_la_source, rouvrir,
};
use crate::lieux::gestion::fraicheur::Fraicheur;
use crate::lieux::gestion::lecture::{self, Filtre, ouvrir};
use crate::lieux::gestion::{Motif, Valeurs, completude};
use crate::lieux::standard::Champ;
use crate::lieux::{Etat, version};
use crate::structures;

fn valeurs(typed: &[(Champ, &str)]) -> Valeurs {
    typed.iter().map(|(c, v)| (*c, (*v).to_owned())).collect()
}

const NEUF: &[(Champ, &str)] = &[
    (Champ::Nom, "Maison du numérique"),
    (Champ::Commune, "Reims"),
    (Champ::CodePostal, "51100"),
    (Champ::Adresse, "3 rue Neuve"),
];

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_manual_value_wins_over_the_next_delivery(t: TestSite) {
        let (a, reims, _) = annuaire(&t).await;
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        let avant = version(t.site.db.read()).await.unwrap();
        let typed = valeurs(&[(Champ::Telephone, "03 26 00 00 01"), (Champ::Nom, "Médiathèque Croix-Rouge")]);
        let ecarts = modifier(&a, &national(), reims, g.version, typed, "Modification").await.unwrap();
        let champs: Vec<&str> = ecarts.iter().map(|e| e.champ.as_str()).collect();
        assert_eq!(champs, ["telephone", "date_maj"]);
        assert!(version(t.site.db.read()).await.unwrap() > avant, "instances read again");
        // The source delivers another telephone and another name: the typed one stays, the name follows.
        let autre = REIMS.replace("+33326356700", "+33326999999").replace("Croix-Rouge", "du Sud");
        livre(&a, &format!("{autre}{LAON}")).await;
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        assert_eq!(g.lieu.fiche.valeur(Champ::Telephone), "+33326000001");
        assert_eq!(&*g.lieu.fiche.nom, "Médiathèque du Sud");
        assert_eq!(g.lieu.fiche.valeur(Champ::DateMaj), "2026-03-18");
        let saisies = lecture::saisies(&a, reims).await.unwrap();
        let tel = saisies.iter().find(|s| s.champ == Champ::Telephone).unwrap();
        assert_eq!((tel.valeur.as_str(), tel.source.as_str()), ("+33326000001", "+33326999999"));
        // Giving the field back takes what was last delivered.
        reprendre_la_source(&a, &national(), reims, Champ::Telephone).await.unwrap();
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        assert_eq!(g.lieu.fiche.valeur(Champ::Telephone), "+33326999999");
        let histoire = lecture::historique(&a, reims, (0, 10)).await.unwrap();
        let actes: Vec<&str> = histoire.iter().map(|h| h.action()).collect();
        assert!(actes.contains(&"Retour à la valeur de la source") && actes.contains(&"Modification"), "{actes:?}");
        assert!(actes.contains(&"Modification par la source"), "{actes:?}");
    }

    async fn two_editors_never_overwrite_each_other(t: TestSite) {
        let (a, reims, _) = annuaire(&t).await;
        let lu = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap().version;
        modifier(&a, &national(), reims, lu, valeurs(&[(Champ::Nom, "Un")]), "Modification").await.unwrap();
        let deux = modifier(&a, &national(), reims, lu, valeurs(&[(Champ::Nom, "Deux")]), "Modification").await;
        let Err(Failure::Stale(present)) = deux else { panic!("{deux:?}") };
        assert_eq!(&*present.lieu.fiche.nom, "Un");
        // A delivery counts as another editor.
        livre(&a, &format!("{}{LAON}", REIMS.replace("19 rue", "21 rue"))).await;
        let trois = modifier(&a, &national(), reims, present.version, valeurs(&[(Champ::Nom, "Trois")]), "Modification").await;
        assert!(matches!(trois, Err(Failure::Stale(_))), "{trois:?}");
    }

    async fn what_a_person_closed_stays_closed(t: TestSite) {
        let (a, reims, _) = annuaire(&t).await;
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        let demain = "2026-03-20".parse().unwrap();
        let refus = fermer(&a, &national(), reims, g.version, (Motif::Definitif, demain)).await;
        assert!(matches!(refus, Err(Failure::Refusal(Refusal::Fields(_)))), "{refus:?}");
        fermer(&a, &national(), reims, g.version, (Motif::Definitif, "2026-03-01".parse().unwrap())).await.unwrap();
        livre(&a, &format!("{}{LAON}", REIMS.replace("19 rue", "21 rue"))).await;
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        assert!(matches!(g.lieu.etat, Etat::Ferme { .. }) && g.motif == Some(Motif::Definitif));
        assert!(matches!(confirmer(&a, &national(), reims).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
        rouvrir(&a, &national(), reims).await.unwrap();
        assert!(matches!(rouvrir(&a, &national(), reims).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
        confirmer(&a, &national(), reims).await.unwrap();
        let g = ouvrir(&a, &national(), Verb::ModifierLieux, reims).await.unwrap();
        assert_eq!((g.lieu.etat, g.motif), (Etat::Ouvert, None));
        assert_eq!(g.lieu.fiche.valeur(Champ::DateMaj), "2026-03-18");
        assert!(g.confirme_le.is_some());
    }

    async fn scopes_hold(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let marne = prefecture("51");
        assert!(ouvrir(&a, &marne, Verb::ModifierLieux, reims).await.is_ok());
        let refus = ouvrir(&a, &marne, Verb::ModifierLieux, laon).await;
        assert!(matches!(refus, Err(Failure::Refusal(Refusal::NotFound))));
        let lecteur = testkit::actor(Role::Lecteur, Perimetre::National);
        let refus = modifier(&a, &lecteur, reims, 1, valeurs(&[(Champ::Nom, "X")]), "Modification").await;
        assert!(matches!(refus, Err(Failure::Refusal(Refusal::Forbidden(_)))));
        // A lieu does not leave the territory of who moves it.
        let v = ouvrir(&a, &marne, Verb::ModifierLieux, reims).await.unwrap().version;
        let part = valeurs(&[(Champ::Commune, "Laon"), (Champ::CodePostal, "02000"), (Champ::Latitude, ""), (Champ::Longitude, "")]);
        let refus = modifier(&a, &marne, reims, v, part, "Modification").await;
        assert!(matches!(&refus, Err(Failure::Refusal(Refusal::Fields(f))) if f[0].0 == "commune"), "{refus:?}");
        let seul = testkit::actor(Role::GestionnaireLieux, Perimetre::Lieux(vec![laon]));
        assert!(ouvrir(&a, &seul, Verb::ModifierLieux, laon).await.is_ok());
        assert!(ouvrir(&a, &seul, Verb::ModifierLieux, reims).await.is_err());
        assert!(matches!(creer(&a, &seul, Nouveau::default()).await, Err(Failure::Refusal(Refusal::Forbidden(_)))));
        assert!(matches!(rattacher(&a, &seul, laon, None).await, Err(Failure::Refusal(Refusal::Forbidden(_)))));
        for (actor, combien) in [(national(), 2), (marne, 1), (prefecture("01"), 0), (seul, 1)] {
            assert_eq!(lecture::compter(&a, &actor, &Filtre::default()).await.unwrap(), combien, "{actor:?}");
        }
    }

    async fn a_lieu_is_entered_once(t: TestSite) {
        let (a, _, _) = annuaire(&t).await;
        let marne = prefecture("51");
        let vide = creer(&a, &marne, Nouveau::default()).await;
        assert!(matches!(&vide, Err(Failure::Refusal(Refusal::Fields(f))) if f.len() == 3), "{vide:?}");
        let nouveau = |autre| Nouveau { valeurs: valeurs(NEUF), structure: None, autre, cle: None };
        let id = creer(&a, &marne, nouveau(false)).await.unwrap();
        let g = ouvrir(&a, &marne, Verb::ModifierLieux, id).await.unwrap();
        assert_eq!((g.lieu.fiche.valeur(Champ::CodeInsee).as_ref(), g.lieu.source.as_str()), ("51454", "Saisie en ligne"));
        let encore = creer(&a, &marne, nouveau(false)).await;
        assert!(matches!(&encore, Err(Failure::Ressemblants(l)) if l[0].id == id), "{encore:?}");
        creer(&a, &marne, nouveau(true)).await.unwrap();
        let ailleurs = creer(&a, &prefecture("02"), nouveau(true)).await;
        assert!(matches!(&ailleurs, Err(Failure::Refusal(Refusal::Fields(f))) if f[0].0 == "commune"), "{ailleurs:?}");
        // No file may be delivered under the name of that source: it would close them all.
        let demande = crate::lieux::import::Demande {
            source: Some("Saisie en ligne".to_owned()),
            ..crate::lieux::import::Demande::du_standard("x.csv", {
                use std::io::{Seek, Write};
                let mut f = tempfile::tempfile().unwrap();
                f.write_all(format!("{}{REIMS}", ENTETE).as_bytes()).unwrap();
                f.rewind().unwrap();
                f
            }, &t.site)
        };
        let refus = crate::lieux::import::importe(&t.site, a.territoires(), demande, std::sync::Arc::new(|_| {})).await;
        assert!(refus.is_err());
    }

    async fn lieux_follow_their_structure(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let site = &t.site;
        let cree = async |nom: &str, pivot: &str| -> StructureId {
            let commune = a.territoires().commune(&kernel::CodeCommune::parse("51454").unwrap()).unwrap().into();
            let fiche = structures::model::Fiche {
                pivot: kernel::Pivot::parse(pivot).ok(), nom: nom.to_owned(), genre: structures::model::Genre::Association,
                categorie: None, voie: None, code_postal: None, commune, site_web: None, reseau: None,
            };
            structures::actions::creer(site, &national(), structures::actions::Nouvelle { fiche, contact: None, autre: true }).await.unwrap()
        };
        // By its number, as soon as the structure is entered.
        let par_numero = cree("Ville", "43493312300029").await;
        let lie = async |id| ouvrir(&a, &national(), Verb::VoirLieux, id).await.unwrap().structure;
        assert_eq!((lie(reims).await, lie(laon).await), (Some(par_numero), None));
        let gestion = |s| testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![s]));
        assert!(ouvrir(&a, &gestion(par_numero), Verb::ModifierLieux, reims).await.is_ok());
        assert!(ouvrir(&a, &gestion(par_numero), Verb::ModifierLieux, laon).await.is_err());
        // By hand; the match on numbers then leaves it alone.
        let autre = cree("Autre", "").await;
        rattacher(&a, &national(), laon, Some(autre)).await.unwrap();
        rattacher(&a, &national(), reims, Some(autre)).await.unwrap();
        livre(&a, &format!("{}{LAON}", REIMS.replace("19 rue", "21 rue"))).await;
        assert_eq!((lie(reims).await, lie(laon).await), (Some(autre), Some(autre)));
        // A merge moves them, undoing gives them back, and the accounts of both keep what they could do.
        let fusion = structures::actions::fusionner(site, &national(), par_numero, autre, structures::actions::Versions { gardee: 1, absorbee: 1 }, &[]).await.unwrap();
        assert_eq!((lie(reims).await, lie(laon).await), (Some(par_numero), Some(par_numero)));
        assert!(ouvrir(&a, &gestion(autre), Verb::ModifierLieux, laon).await.is_ok());
        assert_eq!(lecture::compter(&a, &gestion(autre), &Filtre::default()).await.unwrap(), 2);
        structures::actions::defusionner(site, &national(), fusion).await.unwrap();
        assert_eq!((lie(reims).await, lie(laon).await), (Some(autre), Some(autre)));
        assert_eq!(lecture::compter(&a, &gestion(par_numero), &Filtre::default()).await.unwrap(), 0);
        // Who keeps a structure does not give its lieux away.
        let refus = rattacher(&a, &gestion(autre), laon, None).await;
        assert!(matches!(&refus, Err(Failure::Refusal(Refusal::Fields(f))) if f[0].0 == "structure"), "{refus:?}");
        let refus = rattacher(&a, &gestion(autre), laon, Some(par_numero)).await;
        assert!(matches!(refus, Err(Failure::Refusal(Refusal::Fields(_)))));
    }

    async fn the_list_counts_as_the_rules_do(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let ids = async |f: Filtre| -> Vec<kernel::ids::LieuId> {
            let lignes = lecture::lister(&a, &national(), &f, (0, 50)).await.unwrap();
            assert_eq!(lecture::compter(&a, &national(), &f).await.unwrap(), lignes.len());
            lignes.iter().map(|l| l.id).collect()
        };
        for l in lecture::lister(&a, &national(), &Filtre::default(), (0, 50)).await.unwrap() {
            let g = ouvrir(&a, &national(), Verb::VoirLieux, l.id).await.unwrap();
            assert_eq!(l.points, completude::points(&g.lieu.fiche), "{}", l.nom);
        }
        assert_eq!(ids(Filtre { mots: "mediatheque reims".to_owned(), ..Filtre::default() }).await, [reims]);
        assert_eq!(ids(Filtre { fraicheur: Some(Fraicheur::Fraiche), ..Filtre::default() }).await, [laon]);
        assert_eq!(ids(Filtre { fraicheur: Some(Fraicheur::Perimee), ..Filtre::default() }).await, [reims]);
        assert_eq!(ids(Filtre { fraicheur: Some(Fraicheur::AConfirmer), ..Filtre::default() }).await, []);
        assert_eq!(ids(Filtre { departement: kernel::CodeDepartement::parse("02"), ..Filtre::default() }).await, [laon]);
        assert_eq!(ids(Filtre { completude: Some((0, 30)), ..Filtre::default() }).await, [laon]);
        assert_eq!(ids(Filtre { tri: lecture::Tri::Anciens, ..Filtre::default() }).await, [reims, laon]);
        assert_eq!(ids(Filtre { tri: lecture::Tri::Incomplets, ..Filtre::default() }).await, [laon, reims]);
        assert_eq!(ids(Filtre { fermes: true, ..Filtre::default() }).await, []);
        let sources = lecture::par_source(&a, &national(), &Filtre::default()).await.unwrap();
        assert_eq!((sources[0].0.as_str(), sources[0].1, sources[0].3, sources[0].4), ("Essai", 2, 1, 1));
    }
}
