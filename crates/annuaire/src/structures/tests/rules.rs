use kernel::{Perimetre, Refusal, Role};
use proptest::prelude::*;
use uuid::Uuid;

use super::fixtures::{bourg, contact, departements, fiche, laon, national, pleine, prefecture};
use crate::structures::model::{
    Attribut, CATEGORIES, CategorieJuridique, Contact, ContactId, Etat, Genre, SiteWeb, Structure,
    StructureId, texte_propre,
};
use crate::structures::rules;

fn structure(n: u128, etat: Etat) -> Structure {
    Structure {
        id: StructureId(Uuid::from_u128(n)),
        fiche: fiche("Une", bourg()),
        contacts: Vec::new(),
        etat,
        alias: Vec::new(),
        version: 1,
        creee_le: chrono::DateTime::UNIX_EPOCH,
        modifiee_le: chrono::DateTime::UNIX_EPOCH,
    }
}

fn kind(r: &Result<(), Refusal>) -> &'static str {
    match r {
        Ok(()) => "ok",
        Err(Refusal::Forbidden(_)) => "403",
        Err(Refusal::NotFound) => "404",
        Err(Refusal::Fields(_)) => "422",
        Err(Refusal::Conflict(_)) => "409",
    }
}

#[test]
fn who_may_create_change_and_merge() {
    let s = structure(1, Etat::Active);
    let other = structure(2, Etat::Active);
    let mine = Perimetre::Structures(vec![s.id]);
    // role, scope → create in Bourg, change, move to Laon, merge
    let cases = [
        (national(), ["ok", "ok", "ok", "ok"]),
        (prefecture(&["01"]), ["ok", "ok", "422", "ok"]),
        (prefecture(&["02"]), ["422", "404", "404", "404"]),
        (prefecture(&["01", "02"]), ["ok", "ok", "ok", "ok"]),
        (testkit::actor(Role::GestionnaireStructure, mine.clone()), ["403", "ok", "ok", "403"]),
        (
            testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![])),
            ["403", "404", "404", "403"],
        ),
        (testkit::actor(Role::Hub, departements(&["01"])), ["403", "403", "403", "403"]),
        (testkit::actor(Role::GrandReseau, mine), ["403", "403", "403", "403"]),
        (testkit::actor(Role::Lecteur, Perimetre::National), ["403", "403", "403", "403"]),
    ];
    for (actor, expected) in cases {
        let got = [
            rules::may_creer(&actor, &s.fiche),
            rules::may_modifier(&actor, &s, &s.fiche),
            rules::may_modifier(&actor, &s, &fiche("Une", laon())),
            rules::may_fusionner(&actor, &s, &other),
        ];
        assert_eq!(got.each_ref().map(kind), expected, "{actor:?}");
    }
}

#[test]
fn states_allow_what_they_should() {
    let le = chrono::DateTime::UNIX_EPOCH;
    let dans = StructureId(Uuid::from_u128(9));
    // state → close, reopen, change, merge
    for (etat, expected) in [
        (Etat::Active, ["ok", "409", "ok", "ok"]),
        (Etat::Fermee { le }, ["409", "ok", "ok", "ok"]),
        (Etat::Fusionnee { dans }, ["409", "409", "409", "409"]),
    ] {
        let (s, other, a) = (structure(1, etat), structure(2, Etat::Active), national());
        let got = [
            rules::may_fermer(&a, &s),
            rules::may_rouvrir(&a, &s),
            rules::may_modifier(&a, &s, &s.fiche),
            rules::may_fusionner(&a, &other, &s),
        ];
        assert_eq!(got.each_ref().map(kind), expected, "{etat:?}");
    }
    let s = structure(1, Etat::Active);
    assert_eq!(kind(&rules::may_fusionner(&national(), &s, &s)), "409");
}

#[test]
fn accounts_of_a_merged_structure_reach_the_kept_one() {
    let mut s = structure(1, Etat::Active);
    let old = StructureId(Uuid::from_u128(7));
    let actor = testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![old]));
    assert_eq!(kind(&rules::may_modifier(&actor, &s, &s.fiche.clone())), "404");
    s.alias.push(old);
    assert_eq!(kind(&rules::may_modifier(&actor, &s, &s.fiche.clone())), "ok");
}

#[test]
fn a_contact_can_be_reached_and_one_is_the_main_one() {
    assert_eq!(kind(&rules::joignable(&contact("A", "", ""))), "422");
    assert_eq!(kind(&rules::joignable(&contact("A", "a@b.fr", ""))), "ok");
    assert_eq!(kind(&rules::joignable(&contact("A", "", "0180059880"))), "ok");
    let c = |n: u128, principal| Contact {
        id: ContactId(Uuid::from_u128(n)),
        fiche: contact("A", "a@b.fr", ""),
        principal,
    };
    let order = |cs: Vec<Contact>, last: Option<u128>| -> Vec<(u128, bool)> {
        rules::ordonner(cs, last.map(|n| ContactId(Uuid::from_u128(n))))
            .iter()
            .map(|c| (c.id.0.as_u128(), c.principal))
            .collect()
    };
    assert_eq!(order(vec![], None), []);
    assert_eq!(order(vec![c(2, false), c(1, false)], None), [(1, true), (2, false)]);
    assert_eq!(order(vec![c(1, true), c(2, true)], Some(2)), [(2, true), (1, false)]);
    assert_eq!(order(vec![c(1, false), c(2, true)], None), [(2, true), (1, false)]);
}

#[test]
fn a_full_address_book_takes_no_more() {
    let mut s = structure(1, Etat::Active);
    let one = contact("A", "a@b.fr", "");
    s.contacts.push(Contact { id: ContactId(Uuid::nil()), fiche: one.clone(), principal: true });
    assert_eq!(kind(&rules::may_ajouter_contact(&national(), &s, &one)), "422");
    for n in 1..50 {
        s.contacts.push(Contact {
            id: ContactId(Uuid::from_u128(n)),
            fiche: contact(&format!("{n}"), "a@b.fr", ""),
            principal: false,
        });
    }
    assert_eq!(kind(&rules::may_ajouter_contact(&national(), &s, &contact("B", "b@b.fr", ""))), "409");
}

#[test]
fn undoing_keeps_what_was_changed_since() {
    let (garde, absorbe) = (fiche("Gardée", bourg()), pleine("Absorbée"));
    let fusionnee = rules::fiche_fusionnee(&garde, &absorbe, &[Attribut::Nom, Attribut::Pivot]);
    assert_eq!((fusionnee.nom.as_str(), fusionnee.voie.as_ref()), ("Absorbée", None));
    assert_eq!(rules::fiche_defusionnee(&garde, &fusionnee, &fusionnee), garde);
    let mut since = fusionnee.clone();
    since.nom = "Corrigée".to_owned();
    let back = rules::fiche_defusionnee(&garde, &fusionnee, &since);
    assert_eq!((back.nom.as_str(), back.pivot), ("Corrigée", None));
}

#[test]
fn tables_have_no_double() {
    for g in Genre::TOUS {
        assert_eq!(Genre::from_cle(g.cle()), Some(g));
        assert_eq!(
            Genre::TOUS.iter().filter(|o| o.cle() == g.cle() || o.libelle() == g.libelle()).count(),
            1
        );
    }
    for (code, libelle, genre) in CATEGORIES {
        let c = CategorieJuridique::parse(code).unwrap();
        assert_eq!((c.libelle(), c.genre()), (Some(*libelle), Some(*genre)));
        assert_eq!(CATEGORIES.iter().filter(|o| o.0 == *code).count(), 1, "{code}");
    }
    assert_eq!(CategorieJuridique::parse("1234").unwrap().lisible(), "1234");
    for bad in ["", "72", "72100", "abcd", "７２１０"] {
        assert!(CategorieJuridique::parse(bad).is_err(), "{bad}");
    }
    for a in Attribut::TOUS {
        assert_eq!(Attribut::from_cle(a.cle()), Some(a));
    }
}

#[test]
fn sites_are_sites() {
    for (typed, kept) in [
        ("www.exemple.fr", "https://www.exemple.fr/"),
        ("http://exemple.fr/a b", "http://exemple.fr/a%20b"),
        ("https://mairie.exemple.fr/x?y=1#z", "https://mairie.exemple.fr/x?y=1#z"),
    ] {
        assert_eq!(SiteWeb::parse(typed).as_ref().map(SiteWeb::as_str), Ok(kept), "{typed}");
    }
    for bad in [
        "",
        "javascript:alert(1)",
        "javascript://exemple.fr/%0aalert(1)",
        "ftp://exemple.fr",
        "https://",
        "https://localhost",
        "https://moi:secret@exemple.fr",
        "data://exemple.fr",
        "https://127.0.0.1/",
        "un deux",
    ] {
        assert!(SiteWeb::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn texts_show_what_they_hold() {
    assert_eq!(texte_propre("  Maison\tdu \n peuple ", 50).as_deref(), Ok("Maison du peuple"));
    for bad in ["a\0b", "a\u{202e}b", "a\u{200b}b", "\u{feff}a", "a\u{2066}b"] {
        assert!(texte_propre(bad, 50).is_err(), "{bad:?}");
    }
    assert!(texte_propre("abc", 2).is_err());
    assert!(texte_propre("'; DROP TABLE structure; --", 50).is_ok());
}

fn une_fiche() -> impl Strategy<Value = crate::structures::model::Fiche> {
    (any::<[bool; 7]>(), "[A-Z][a-z]{1,8}").prop_map(|(parts, nom)| {
        let full = pleine("x");
        let mut f = fiche(&nom, if parts[0] { bourg() } else { laon() });
        let optional = [
            Attribut::Pivot,
            Attribut::Genre,
            Attribut::Categorie,
            Attribut::Voie,
            Attribut::CodePostal,
            Attribut::SiteWeb,
        ];
        for (attribut, taken) in optional.into_iter().zip(&parts[1..]) {
            if *taken {
                f.prendre(attribut, &full);
            }
        }
        f
    })
}

proptest! {
    #[test]
    fn a_merge_that_nobody_touched_is_undone_exactly(
        garde in une_fiche(), absorbe in une_fiche(), chosen in any::<[bool; 8]>(),
    ) {
        let choix: Vec<Attribut> =
            Attribut::TOUS.into_iter().zip(chosen).filter(|(_, c)| *c).map(|(a, _)| a).collect();
        let fusionnee = rules::fiche_fusionnee(&garde, &absorbe, &choix);
        for a in Attribut::TOUS {
            let from = if choix.contains(&a) { &absorbe } else { &garde };
            prop_assert!(fusionnee.pareil(from, a));
        }
        prop_assert_eq!(rules::fiche_defusionnee(&garde, &fusionnee, &fusionnee), garde);
    }

    #[test]
    fn any_text_is_kept_whole_or_refused(typed in "\\PC{0,80}|.{0,80}") {
        if let Ok(kept) = texte_propre(&typed, 100) {
            let once = texte_propre(&kept, 100);
            prop_assert_eq!(once.as_ref(), Ok(&kept));
            let (letters, k): (String, String) = (typed.split_whitespace().collect(), kept.split_whitespace().collect());
            prop_assert_eq!(letters, k);
        }
        let _ = SiteWeb::parse(&typed);
        let _ = CategorieJuridique::parse(&typed);
    }
}
