use super::*;
use crate::comptes::model::AttributionId;
use kernel::{Chance, Clock, CodeDepartement, Email, Periode};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

struct Someone {
    clock: Clock,
    chance: Chance,
}

impl Someone {
    fn new() -> Self {
        Self { clock: Clock::fixed(at("2026-11-22T10:00:00Z")), chance: Chance::seeded(1) }
    }

    fn compte(&self, etat: Etat) -> Compte {
        Compte {
            id: CompteId::new(&self.clock, &self.chance),
            courriel: Email::parse("a@exemple.fr").unwrap(),
            nom: "Personne Fictive".into(),
            etat,
            cree_le: self.clock.now(),
            vu_le: None,
        }
    }

    fn role(&self, compte: CompteId, role: Role, fin: Option<&str>) -> Attribution {
        Attribution {
            id: AttributionId::new(&self.clock, &self.chance),
            compte,
            role,
            perimetre: Perimetre::National,
            periode: Periode { debut: day("2026-01-01"), fin: fin.map(day) },
            origine: Origine::Installation,
            retiree_le: None,
        }
    }
}

fn actor(compte: CompteId, role: Role) -> Actor {
    Actor { compte, role, perimetre: Perimetre::National, vu_par: None, prete: false }
}

#[test]
fn a_role_counts_between_its_days_by_the_calendar_of_paris() {
    let s = Someone::new();
    let a = s.role(s.compte(Etat::Actif).id, Role::Lecteur, Some("2026-06-30"));
    for (now, live) in [
        ("2025-12-31T22:59:59Z", false),
        ("2025-12-31T23:00:00Z", true), // midnight in Paris, winter
        ("2026-06-30T21:59:59Z", true),
        ("2026-06-30T22:00:00Z", false), // midnight in Paris, summer
    ] {
        assert_eq!(en_vigueur(&a, None, at(now)), live, "{now}");
    }
    let taken = Attribution { retiree_le: Some(at("2026-02-01T00:00:00Z")), ..a };
    assert!(!en_vigueur(&taken, None, at("2026-03-01T00:00:00Z")));
}

#[test]
fn a_lent_role_lives_no_longer_than_its_source() {
    let s = Someone::new();
    let now = s.clock.now();
    let (lender, other) = (s.compte(Etat::Actif), s.compte(Etat::Actif));
    let source = s.role(lender.id, Role::Prefecture, None);
    let lent = Attribution {
        origine: Origine::Deleguee { par: lender.id, de: source.id },
        ..s.role(other.id, Role::Prefecture, Some("2026-12-31"))
    };
    assert!(en_vigueur(&lent, Some(&source), now));
    assert!(!en_vigueur(&lent, None, now), "the source is gone");
    let taken = Attribution { retiree_le: Some(now), ..source.clone() };
    assert!(!en_vigueur(&lent, Some(&taken), now));
    let ended = Attribution {
        periode: Periode { debut: day("2026-01-01"), fin: Some(day("2026-11-21")) },
        ..source.clone()
    };
    assert!(!en_vigueur(&lent, Some(&ended), now));
    let elsewhere = s.role(other.id, Role::Prefecture, None);
    assert!(!en_vigueur(&lent, Some(&elsewhere), now), "another role is no source");
    let relent = Attribution { origine: lent.origine, ..source };
    assert!(!en_vigueur(&lent, Some(&relent), now), "a loan of a loan");
}

#[test]
fn scopes_follow_the_table() {
    let ain: Vec<CodeDepartement> = CodeDepartement::parse("01").into_iter().collect();
    for (role, p, fine) in [
        (Role::AdministrateurNational, Perimetre::National, true),
        (Role::AdministrateurNational, Perimetre::Departements(ain.clone()), false),
        (Role::Prefecture, Perimetre::Departements(ain.clone()), true),
        (Role::Prefecture, Perimetre::Departements(vec![]), false),
        (Role::Prefecture, Perimetre::National, false),
        (Role::GestionnaireStructure, Perimetre::Structures(vec![]), false),
        (Role::Hub, Perimetre::Departements(vec![ain[0].clone(); 301]), false),
        (Role::Lecteur, Perimetre::National, true),
    ] {
        assert_eq!(perimetre_admis(role, &p).is_ok(), fine, "{role:?} {:?}", p.genre());
    }
}

#[test]
fn lending() {
    let s = Someone::new();
    let now = s.clock.now();
    let me = s.compte(Etat::Actif);
    let other = s.compte(Etat::Actif);
    let mine = s.role(me.id, Role::Prefecture, Some("2027-03-01"));
    let prefecture = actor(me.id, Role::Prefecture);
    let ok = |a: &Actor, r: &Attribution, fin: &str| peut_deleguer(a, r, day(fin), now).is_ok();
    assert!(ok(&prefecture, &mine, "2026-11-22"));
    assert!(ok(&prefecture, &mine, "2027-03-01"));
    assert!(!ok(&prefecture, &mine, "2026-11-21"), "past");
    assert!(!ok(&prefecture, &mine, "2027-03-02"), "after my own role");
    assert!(!ok(&prefecture, &s.role(me.id, Role::Prefecture, None), "2027-05-25"), "more than six months");
    assert!(!ok(&actor(other.id, Role::Prefecture), &mine, "2026-12-01"), "not mine");
    assert!(
        !ok(&actor(me.id, Role::Lecteur), &s.role(me.id, Role::Lecteur, None), "2026-12-01"),
        "a reader lends nothing"
    );
    let lent = Attribution { origine: Origine::Deleguee { par: other.id, de: mine.id }, ..mine.clone() };
    assert!(!ok(&prefecture, &lent, "2026-12-01"), "lent to me");
    assert!(!ok(&Actor { vu_par: Some(other.id), ..prefecture }, &mine, "2026-12-01"), "seen as");
}

#[test]
fn the_last_administrator_stays() {
    let s = Someone::new();
    let (me, other) = (s.compte(Etat::Actif), s.compte(Etat::Actif));
    let admin = actor(me.id, Role::AdministrateurNational);
    assert!(peut_desactiver(&admin, &other, &[me.id, other.id]).is_ok());
    assert!(peut_desactiver(&admin, &me, &[me.id, other.id]).is_err(), "oneself");
    assert!(peut_desactiver(&admin, &other, &[other.id]).is_err(), "the last one");
    assert!(peut_desactiver(&actor(me.id, Role::Prefecture), &other, &[me.id]).is_err());
    let role = s.role(other.id, Role::AdministrateurNational, None);
    assert!(peut_retirer(&admin, &role, &[me.id, other.id]).is_ok());
    assert!(peut_retirer(&admin, &role, &[other.id]).is_err());
    assert_eq!(peut_retirer(&actor(me.id, Role::Hub), &role, &[me.id]), Err(Refusal::NotFound));
    let lent = Attribution { origine: Origine::Deleguee { par: me.id, de: role.id }, ..role };
    assert!(peut_retirer(&actor(me.id, Role::Hub), &lent, &[]).is_ok(), "who lent it takes it back");
    assert!(peut_retirer(&actor(other.id, Role::Hub), &lent, &[]).is_ok(), "who was lent it gives it up");
}

#[test]
fn seeing_as_somebody() {
    let s = Someone::new();
    let (me, other) = (s.compte(Etat::Actif), s.compte(Etat::Actif));
    let admin = actor(me.id, Role::AdministrateurNational);
    let roles = [s.role(other.id, Role::Prefecture, None)];
    let motif = "Appel au support : page blanche";
    assert!(peut_voir_comme(&admin, &other, &roles, motif).is_ok());
    assert!(peut_voir_comme(&admin, &other, &roles, "  court  ").is_err());
    assert!(peut_voir_comme(&admin, &me, &roles, motif).is_err());
    assert!(peut_voir_comme(&admin, &other, &[], motif).is_err());
    assert!(peut_voir_comme(&admin, &s.compte(Etat::Desactive), &roles, motif).is_err());
    let boss = [s.role(other.id, Role::AdministrateurNational, None)];
    assert!(peut_voir_comme(&admin, &other, &boss, motif).is_err(), "no other administrator's eyes");
    for role in [
        Role::Prefecture,
        Role::Hub,
        Role::GrandReseau,
        Role::Lecteur,
        Role::GestionnaireStructure,
        Role::GestionnaireLieux,
    ] {
        assert!(peut_voir_comme(&actor(me.id, role), &other, &roles, motif).is_err(), "{role:?}");
    }
    assert!(peut_voir_comme(&Actor { vu_par: Some(other.id), ..admin }, &other, &roles, motif).is_err());
}

#[test]
fn names() {
    assert_eq!(nom_admis("  Léa   Fictive "), Ok("Léa Fictive".to_owned()));
    for bad in ["", " ", "1", "12", "\u{0}ab", &"x".repeat(121)] {
        assert!(nom_admis(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_lent_administration_changes_no_account() {
    let s = Someone::new();
    let (lender, borrower, other) = (s.compte(Etat::Actif), s.compte(Etat::Actif), s.compte(Etat::Actif));
    let own = actor(lender.id, Role::AdministrateurNational);
    let lent = Actor { compte: borrower.id, prete: true, ..own.clone() };
    let theirs = s.role(other.id, Role::Lecteur, None);
    let admins = [lender.id, other.id];
    for (actor, fine) in [(&own, true), (&lent, false)] {
        assert_eq!(peut_gerer(actor).is_ok(), fine);
        assert_eq!(peut_desactiver(actor, &other, &admins).is_ok(), fine);
        assert_eq!(peut_retirer(actor, &theirs, &admins).is_ok(), fine);
    }
    // It can still be given up by who was lent it.
    let source = s.role(lender.id, Role::AdministrateurNational, None);
    let loan = Attribution {
        origine: Origine::Deleguee { par: lender.id, de: source.id },
        ..s.role(borrower.id, Role::AdministrateurNational, None)
    };
    assert!(peut_retirer(&lent, &loan, &admins).is_ok());
}
