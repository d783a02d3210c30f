use annuaire::structures::model::CategorieJuridique;

use crate::habilitations::model::Etat;
use crate::habilitations::reference::{DECLARATIONS, TYPES, Verdict, eligibilite, type_de, types};
use crate::habilitations::rules::{Acte, numero};

#[test]
fn each_act_leads_from_the_states_where_it_makes_sense_and_none_is_dead() {
    use Etat::*;
    let permis =
        |acte: Acte| Etat::TOUS.into_iter().filter(|e| acte.depuis().contains(e)).collect::<Vec<_>>();
    assert_eq!(permis(Acte::Accepter), [EnInstruction]);
    assert_eq!(permis(Acte::Refuser), [EnInstruction]);
    assert_eq!(permis(Acte::Modifications), [EnInstruction]);
    assert_eq!(permis(Acte::Remettre), [ModificationsDemandees, Refusee, Annulee]);
    for etat in Etat::TOUS {
        assert_eq!(Etat::from_cle(etat.cle()), Some(etat));
        // What is accepted is an organisation, with a life of its own; from all else there is a way on.
        let suite = etat.modifiable() || Acte::TOUS.iter().any(|a| a.depuis().contains(&etat));
        assert!(suite || etat == Validee, "{etat:?}");
    }
    for acte in Acte::TOUS {
        assert_eq!(Acte::from_cle(acte.cle()), Some(acte));
        assert!(!acte.depuis().contains(&acte.vers()));
    }
}

#[test]
fn legal_forms() {
    let dit = |code: &str| eligibilite(CategorieJuridique::parse(code).ok().as_ref()).0;
    for code in ["7210", "7220", "7346", "7361", "7410", "7172", "4110", "8110"] {
        assert_eq!(dit(code), Verdict::Oui, "{code}");
    }
    for code in ["9220", "9300", "8210", "5499", "6540"] {
        assert!(matches!(dit(code), Verdict::SiCondition(_)), "{code}");
    }
    for code in ["1000", "9210"] {
        assert!(matches!(dit(code), Verdict::Non(_)), "{code}");
    }
    assert_eq!(dit("3110"), Verdict::AVerifier);
    assert_eq!(eligibilite(None).0, Verdict::AVerifier);
}

#[test]
fn twenty_nine_kinds_told_apart_and_five_declarations() {
    assert_eq!(TYPES.len(), 29);
    for (id, cle, ..) in TYPES {
        assert_eq!(TYPES.iter().filter(|t| t.0 == *id || t.1 == *cle).count(), 1, "{cle}");
        assert!(type_de(cle).is_some());
    }
    let choix = types();
    assert_eq!((choix.len(), choix[0].0, choix[29].0), (30, "", "autre"));
    assert_eq!(DECLARATIONS.len(), 5);
}

#[test]
fn numbers_bear_the_first_three_digits_of_the_postal_code() {
    assert_eq!(numero("23000", 10_000), 23_010_000);
    assert_eq!(numero("97110", 10_001), 97_110_001);
    assert_eq!(numero("01000", 10_000), 1_010_000);
    assert_eq!(numero("", 10_000), 10_000);
}
