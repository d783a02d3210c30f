//! Cards: paired, used, drifting, brought back, put away.

use chrono::TimeDelta;
use kernel::ids::CompteId;
use kernel::{Actor, Refusal};
use testkit::TestSite;
use uuid::Uuid;

use super::*;
use crate::connexion::essais::{self, Compteur};
use crate::error::{Error, Result};
use crate::secrets::totp::Graine;

async fn compte(t: &TestSite, n: u128) -> CompteId {
    let id = Uuid::from_u128(0xCA27E + n);
    let courriel = format!("carte{n}@essai.example");
    let invitation = crate::Invitation {
        courriel: kernel::Email::parse(&courriel).unwrap(),
        nom: format!("Essai {id}"),
        role: kernel::Role::AdministrateurNational,
        perimetre: kernel::Perimetre::National,
        fin: None,
    };
    let invite = t.site.db.write(async |tx| crate::invite_by_programme(&t.site, tx, &invitation).await);
    invite.await.unwrap().compte
}

fn acteur(compte: CompteId) -> Actor {
    Actor {
        compte,
        role: kernel::Role::AdministrateurNational,
        perimetre: kernel::Perimetre::National,
        vu_par: None,
        prete: false,
    }
}

fn graine() -> Graine {
    Graine::from_bytes(b"12345678901234567890").unwrap()
}

/// What a card whose clock is so many seconds away shows now.
fn montre(t: &TestSite, ecart: i64) -> String {
    graine().code_of_step((t.site.clock.now().timestamp() + ecart).div_euclid(60))
}

async fn paire(t: &TestSite, a: &Actor, c: CompteId, quoi: (&str, &str)) -> Result<()> {
    let essai = essayer(&t.site, c).await?;
    t.site.db.write(async |tx| associer(&t.site, tx, a, c, quoi, &essai).await).await
}

async fn ramene(t: &TestSite, a: &Actor, c: CompteId, quoi: (&str, &str)) -> Result<()> {
    let essai = essayer(&t.site, c).await?;
    t.site.db.write(async |tx| resynchroniser(&t.site, tx, a, c, quoi, &essai).await).await
}

async fn prend(t: &TestSite, c: CompteId, code: &str) -> bool {
    t.site.db.write(async |tx| super::prend(&t.site, tx, c, code).await).await.unwrap()
}

testkit::on_both_engines! {
    migrations: {
        let mut all = platform::migrations();
        all.extend(crate::migrations());
        all
    };

    async fn a_card_follows_its_clock_and_serves_a_code_once(t: TestSite) {
        let site = &t.site;
        let (moi, autre) = (compte(&t, 1).await, compte(&t, 2).await);
        let actor = acteur(moi);
        let nouvelle = Nouvelle { numero: "GADT1".to_owned(), graine: graine(), periode: 60 };
        assert_eq!(importer(site, &actor, std::slice::from_ref(&nouvelle)).await.unwrap(), 1);
        assert_eq!(importer(site, &actor, &[nouvelle]).await.unwrap(), 0, "known by its number");
        // Paired while it is twelve minutes late: the drift is learnt.
        assert!(paire(&t, &actor, moi, ("gadt-2", &montre(&t, 0))).await.is_err());
        assert!(paire(&t, &actor, moi, ("gadt 1", "000000")).await.is_err());
        paire(&t, &actor, moi, ("gadt 1", &montre(&t, -720))).await.unwrap();
        let carte = du_compte(site.db.read(), moi).await.unwrap().unwrap();
        assert_eq!((carte.derive, carte.ecart(), carte.etat), (-12, -720, EtatCarte::Associee));
        assert!(paire(&t, &actor, autre, ("GADT1", &montre(&t, -660))).await.is_err(), "taken");
        assert!(!prend(&t, moi, &montre(&t, -720)).await, "replayed");
        assert!(!prend(&t, autre, &montre(&t, -660)).await);
        t.site.clock.advance(TimeDelta::minutes(5));
        assert!(!prend(&t, moi, &montre(&t, 0)).await, "its clock is known: ours is not its");
        assert!(prend(&t, moi, &montre(&t, -660)).await, "one step of play");
        assert_eq!(du_compte(site.db.read(), moi).await.unwrap().unwrap().derive, -11);
        // A year in a drawer: nine minutes more; two successive codes bring it back.
        t.site.clock.advance(TimeDelta::days(365));
        assert!(!prend(&t, moi, &montre(&t, -1_200)).await);
        let (un, deux) = (montre(&t, -1_200), montre(&t, -1_140));
        assert!(ramene(&t, &actor, moi, (&deux, &un)).await.is_err(), "in the other order");
        ramene(&t, &actor, moi, (&un, &deux)).await.unwrap();
        assert!(ramene(&t, &actor, moi, (&un, &deux)).await.is_err(), "replayed");
        t.site.clock.advance(TimeDelta::minutes(2));
        assert!(prend(&t, moi, &montre(&t, -1_140)).await);
        // Further than the bound: nothing brings it back.
        t.site.clock.advance(TimeDelta::minutes(2));
        let loin = (montre(&t, -3_600), montre(&t, -3_540));
        assert!(ramene(&t, &actor, moi, (&loin.0, &loin.1)).await.is_err());
        // The account has no other second proof: its owner keeps it, somebody else takes it back.
        assert!(site.db.write(async |tx| dissocier(site, tx, &actor, moi, Motif::Perte).await).await.is_err());
        site.db.write(async |tx| dissocier(site, tx, &acteur(autre), moi, Motif::Perte).await).await.unwrap();
        assert!(du_compte(site.db.read(), moi).await.unwrap().is_none());
        assert!(paire(&t, &actor, moi, ("GADT1", &montre(&t, 0))).await.is_err(), "lost");
        assert_eq!(ranger(site, &actor, &["GADT1".to_owned()], EtatCarte::EnStock).await.unwrap(), 1);
        assert_eq!(compter(site.db.read(), Some(EtatCarte::EnStock), "GA").await.unwrap(), 1);
    }

    async fn a_list_gives_a_card_whose_clock_its_first_code_tells(t: TestSite) {
        let site = &t.site;
        let (equipe, elle, lui) = (acteur(compte(&t, 1).await), compte(&t, 2).await, compte(&t, 3).await);
        for numero in ["A1", "A2"] {
            importer(site, &equipe, &[Nouvelle { numero: numero.to_owned(), graine: graine(), periode: 60 }]).await.unwrap();
        }
        let donne = async |compte, numero: &'static str| {
            site.db.write(async |tx| attribuer(site, tx, &equipe, compte, numero).await).await
        };
        assert!(donne(elle, "a 1").await.unwrap());
        assert!(!donne(elle, "A1").await.unwrap(), "done already");
        assert!(donne(elle, "A2").await.is_err(), "one card an account");
        assert!(donne(lui, "A1").await.is_err(), "taken");
        assert!(donne(lui, "A9").await.is_err(), "unknown");
        assert!(!prend(&t, elle, &montre(&t, -3_600)).await, "beyond the bound");
        assert!(prend(&t, elle, &montre(&t, -900)).await, "fifteen minutes late");
        let carte = du_compte(site.db.read(), elle).await.unwrap().unwrap();
        assert_eq!((carte.derive, carte.etat), (-15, EtatCarte::Associee));
        t.site.clock.advance(TimeDelta::minutes(2));
        assert!(!prend(&t, elle, &montre(&t, 0)).await, "its clock is known now");
        assert!(prend(&t, elle, &montre(&t, -900)).await);
    }

    async fn tries_are_counted_with_those_of_the_application(t: TestSite) {
        let site = &t.site;
        let moi = compte(&t, 1).await;
        let actor = acteur(moi);
        importer(site, &actor, &[Nouvelle { numero: "A1".to_owned(), graine: graine(), periode: 60 }]).await.unwrap();
        let mut attente = None;
        for _ in 0..8 {
            if let Err(Error::Refused(Refusal::Conflict(phrase))) = paire(&t, &actor, moi, ("A1", "000000")).await {
                attente = Some(phrase);
            }
        }
        assert!(attente.unwrap().starts_with("Trop d’essais"));
        let juste = montre(&t, 0);
        assert!(paire(&t, &actor, moi, ("A1", &juste)).await.is_err(), "even the right one waits");
        assert!(essais::reserver(site, &[Compteur::Code(moi)]).await.is_err(), "and so does sign-in");
    }
}
