//! Tables of cases.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Refusal;
use kernel::ids::StructureId;

use crate::document::Numero;
use crate::ids::{AidantId, AutorisationId, MandatId, UsagerId};
use crate::mandats::rules::*;
use crate::mandats::{Auteur, Autorisation, EtatAutorisation, Fin, Mandat, Raison};

fn le(jour: i64) -> DateTime<Utc> {
    "2026-12-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(jour)
}

fn autorisation(fin: Option<Fin>) -> Autorisation {
    Autorisation {
        id: AutorisationId(uuid::Uuid::from_u128(1)),
        mandat: MandatId(uuid::Uuid::from_u128(2)),
        structure: StructureId(uuid::Uuid::from_u128(3)),
        usager: UsagerId(uuid::Uuid::from_u128(4)),
        demarche: "papiers".to_owned(),
        cree_le: le(0),
        expire_le: le(31),
        fin,
    }
}

fn revoquee(jour: i64) -> Option<Fin> {
    let par = Auteur::Aidant(AidantId(uuid::Uuid::from_u128(5)));
    Some(Fin::Revoquee { le: le(jour), par, raison: Raison::Demande, precision: None })
}

#[test]
fn what_came_first_is_what_it_is() {
    use EtatAutorisation::{Active, Expiree, Remplacee, Revoquee};
    let remplacee = |jour| Some(Fin::Remplacee { le: le(jour), par: MandatId(uuid::Uuid::from_u128(9)) });
    for (fin, maintenant, etat, montree) in [
        (None, 0, Active, true),
        (None, 30, Active, true),
        (None, 31, Expiree, true),
        (None, 31 + 365, Expiree, true),
        (None, 31 + 366, Expiree, false),
        (revoquee(3), 4, Revoquee, true),
        (revoquee(3), 3 + 366, Revoquee, false),
        (remplacee(3), 4, Remplacee, true),
        // Ended by the one that took its place, long after its own end.
        (remplacee(60), 61, Expiree, true),
    ] {
        let a = autorisation(fin.clone());
        assert_eq!(
            (a.etat(le(maintenant)), a.montree(le(maintenant))),
            (etat, montree),
            "{fin:?} {maintenant}"
        );
    }
    assert_eq!(autorisation(None).jours_restants(le(0)), 31);
    assert_eq!(autorisation(None).jours_restants(le(30) + TimeDelta::hours(23)), 1);
    assert_eq!(autorisation(None).jours_restants(le(31)), 0);
}

#[test]
fn franceconnect_is_asked_for_when_it_must_be() {
    let cles = |l: &[&str]| l.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
    let (un, deux) = (cles(&["papiers"]), cles(&["papiers", "argent"]));
    let now = le(0);
    let frais = Some(now - TimeDelta::hours(3));
    let vieux = Some(now - TimeDelta::hours(5));
    for (identifie, avant, demarches, voulu) in [
        (frais, None, &deux, Ok(frais)),
        (vieux, None, &deux, Err(())),
        (None, None, &un, Err(())),
        (None, Some(&deux), &un, Ok(None)),
        (None, Some(&deux), &deux, Ok(None)),
        (None, Some(&un), &deux, Err(())),
        (frais, Some(&un), &deux, Ok(frais)),
        (vieux, Some(&un), &un, Ok(None)),
    ] {
        let dit = identite(identifie, avant.map(Vec::as_slice), demarches, now).map_err(drop);
        assert_eq!(dit, voulu, "{identifie:?} {avant:?} {demarches:?}");
    }
}

#[test]
fn what_was_revoked_is_not_renewed() {
    let mandat = |signature| Mandat {
        id: MandatId(uuid::Uuid::from_u128(2)),
        numero: Numero::lire("OOOO-0000-0000").unwrap(),
        signature,
        structure: StructureId(uuid::Uuid::from_u128(3)),
        usager: UsagerId(uuid::Uuid::from_u128(4)),
        appartenance: None,
        cree_le: le(0),
        expire_le: le(31),
        duree: 31,
        a_distance: false,
        renouvelle: None,
        cle_unicite: "x".to_owned(),
        repris_le: None,
    };
    let signature = crate::mandats::Signature {
        empreinte: crate::Empreinte::de(b"x"),
        kid: "k".to_owned(),
        document: "{}".to_owned(),
    };
    let signe = mandat(Some(signature));
    assert_eq!(renouvelables(&signe, &[autorisation(None)], le(3)), ["papiers"]);
    assert_eq!(renouvelables(&signe, &[autorisation(None)], le(300)), ["papiers"]);
    assert!(renouvelables(&signe, &[autorisation(None)], le(31 + 366)).is_empty());
    assert!(renouvelables(&signe, &[autorisation(revoquee(1))], le(3)).is_empty());
    // A later mandat has the last word; what it left alone stays. Elsewhere it says nothing, unless the person died.
    let remplacee = autorisation(Some(Fin::Remplacee { le: le(2), par: MandatId(uuid::Uuid::from_u128(9)) }));
    let suivante = |structure: u128, raison| Autorisation {
        mandat: MandatId(uuid::Uuid::from_u128(9)),
        structure: StructureId(uuid::Uuid::from_u128(structure)),
        cree_le: le(2),
        ..autorisation(Some(Fin::Revoquee { le: le(3), par: Auteur::Personne, raison, precision: None }))
    };
    for (lignes, voulu) in [
        (vec![remplacee.clone(), suivante(3, Raison::Demande)], false),
        // The one that took its place passed to another organisation.
        (vec![remplacee.clone(), suivante(8, Raison::Demande)], false),
        (vec![remplacee.clone()], false),
        (vec![remplacee.clone(), Autorisation { fin: None, ..suivante(3, Raison::Demande) }], true),
        (vec![autorisation(None), suivante(8, Raison::Demande)], true),
        (vec![autorisation(None), suivante(8, Raison::Deces)], false),
        (vec![autorisation(None), suivante(8, Raison::Protection)], false),
        (
            vec![
                autorisation(None),
                Autorisation { demarche: "argent".to_owned(), ..suivante(3, Raison::Demande) },
            ],
            true,
        ),
    ] {
        assert_eq!(!renouvelables(&signe, &lignes, le(4)).is_empty(), voulu, "{lignes:?}");
    }
    // A mandat of another system has no document to be named in the next.
    assert!(renouvelables(&mandat(None), &[autorisation(None)], le(3)).is_empty());
}

#[test]
fn reasons() {
    assert_eq!(raison("demande", " ").unwrap(), (Raison::Demande, None));
    assert_eq!(raison("autre", " Deux fois. ").unwrap(), (Raison::Autre, Some("Deux fois.".to_owned())));
    let long = "x".repeat(301);
    for (cle, precision) in [("", ""), ("inventee", "x"), ("autre", " "), ("demande", &long)] {
        assert!(matches!(raison(cle, precision), Err(Refusal::Fields(_))), "{cle} {precision}");
    }
}
