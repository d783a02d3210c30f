//! Who may be inscribed in what, and until when. Pure.

use chrono::{NaiveDate, TimeDelta};
use kernel::Refusal;

use super::model::{EtatInscription, Fiche, Session};
use crate::aidants::regles::Voie;
use crate::aidants::{Aidant, EtatAidant};

/// Most seats of a session.
pub const PLACES_MAX: u32 = 200;
/// Lengths of a training, in hours.
pub const HEURES: [u16; 2] = [7, 14];
/// Longest text of a field, in characters.
pub const TEXTE_MAX: usize = 120;

/// Until when one may be inscribed: a session that few asked for closes early, so that it may still be cancelled.
#[derive(Clone, Copy, Debug)]
pub struct Delais {
    /// First day on which this holds (ISO 8601).
    pub depuis: &'static str,
    /// Up to so many people, it is a small one.
    pub peu: u32,
    /// Days before the first one, for a small one.
    pub jours_peu: i64,
    /// Days before the first one, otherwise.
    pub jours: i64,
}

/// Every rule there was, oldest first (Aidants Connect, registration to sessions: domain, 3.14).
pub const DELAIS: [Delais; 1] = [Delais { depuis: "2024-01-01", peu: 4, jours_peu: 28, jours: 14 }];

/// The rule of that day.
pub fn delais(jour: NaiveDate) -> Option<&'static Delais> {
    let jour = jour.to_string();
    DELAIS.iter().rev().find(|d| d.depuis <= jour.as_str())
}

/// The last day on which one may be inscribed in that session, by the rule of `jour`.
pub fn jusqu_au(s: &Session, jour: NaiveDate) -> Option<NaiveDate> {
    let d = delais(jour)?;
    let avant = if s.prises <= d.peu { d.jours_peu } else { d.jours };
    s.fiche.debut.checked_sub_signed(TimeDelta::days(avant))
}

/// Whether référents may inscribe people in that session on that day.
///
/// # Errors
/// A sentence that says why not.
pub fn ouverte(s: &Session, jour: NaiveDate) -> Result<(), Refusal> {
    let non = |phrase: &str| Err(Refusal::conflict(phrase));
    if s.annulee.is_some() {
        return non("Cette session est annulée. Choisissez-en une autre.");
    }
    if !s.fiche.publiee || s.fiche.intra {
        return Err(Refusal::NotFound);
    }
    if jusqu_au(s, jour).is_none_or(|fin| jour > fin) {
        return non(
            "Les inscriptions à cette session sont closes. Choisissez-en une qui commence plus tard.",
        );
    }
    Ok(())
}

/// Whether that person may be inscribed in that session.
///
/// # Errors
/// A sentence that says why not.
pub fn peut_suivre(a: &Aidant, voie: Voie, s: &Session) -> Result<(), Refusal> {
    let non = |phrase: &str| Err(Refusal::conflict(phrase));
    match a.etat {
        EtatAidant::Eligible => {}
        EtatAidant::Demande => {
            return non("L’équipe des habilitations n’a pas encore dit si cette personne peut être formée.");
        }
        _ => return non("Cette personne n’a pas besoin de cette formation."),
    }
    if voie == Voie::Pair {
        return non("Cette personne est formée par un collègue : elle passe directement le test Pix.");
    }
    if a.conseiller_numerique != s.fiche.conseillers_numeriques {
        return non(if a.conseiller_numerique {
            "Les conseillers numériques suivent les sessions qui leur sont réservées."
        } else {
            "Cette session est réservée aux conseillers numériques."
        });
    }
    Ok(())
}

/// Whether the session may be as typed; `prises` seats are taken already.
///
/// # Errors
/// The fields that are wrong.
pub fn fiche_juste(f: &Fiche, prises: u32) -> Result<(), Refusal> {
    let mut fautes = Vec::new();
    let mut refuse = |champ: &str, phrase: &str| fautes.push((champ.to_owned(), phrase.to_owned()));
    if f.fin < f.debut {
        refuse("fin", "La date de fin est avant la date de début.");
    } else if f.fin - f.debut > TimeDelta::days(120) {
        refuse("fin", "Une session dure au plus quatre mois. Vérifiez les dates.");
    }
    if !HEURES.contains(&f.heures) {
        refuse("heures", "Choisissez 7 ou 14 heures.");
    }
    if f.places == 0 || f.places > PLACES_MAX {
        refuse("places", "Indiquez entre 1 et 200 places.");
    } else if f.places < prises {
        refuse("places", "Plus de personnes sont déjà inscrites. Annulez d’abord des inscriptions.");
    }
    if fautes.is_empty() { Ok(()) } else { Err(Refusal::Fields(fautes)) }
}

/// Whether the body may say now that somebody was there, or was not.
///
/// # Errors
/// A sentence that says why not.
pub fn presence(s: &Session, etat: EtatInscription, jour: NaiveDate) -> Result<(), Refusal> {
    if jour < s.fiche.debut {
        return Err(Refusal::conflict(
            "La session n’a pas commencé : la présence se dit à partir du premier jour.",
        ));
    }
    if !etat.prend_une_place() {
        return Err(Refusal::conflict("Cette personne n’a pas de place dans la session."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::StructureId;
    use uuid::Uuid;

    fn session(debut: &str, prises: u32) -> Session {
        let debut: NaiveDate = debut.parse().unwrap();
        Session {
            id: crate::ids::SessionFormationId(Uuid::from_u128(1)),
            organisme: StructureId(Uuid::from_u128(2)),
            fiche: Fiche {
                intitule: "Devenir aidant".to_owned(),
                debut,
                fin: debut,
                heures: 7,
                demi_journees: String::new(),
                lieu: None,
                departement: None,
                places: 12,
                publiee: true,
                intra: false,
                conseillers_numeriques: false,
            },
            prises,
            annulee: None,
            version: 0,
        }
    }

    #[test]
    fn small_sessions_close_28_days_before_and_others_14() {
        for (prises, jour, ouvre) in [
            (0, "2026-12-04", true),
            (4, "2026-12-04", true),
            (4, "2026-12-05", false),
            (5, "2026-12-05", true),
            (5, "2026-12-18", true),
            (5, "2026-12-19", false),
            (12, "2026-12-18", true),
        ] {
            let s = session("2027-01-01", prises);
            assert_eq!(ouverte(&s, jour.parse().unwrap()).is_ok(), ouvre, "{prises} {jour}");
        }
        let jour = "2026-11-01".parse().unwrap();
        let mut s = session("2027-01-01", 0);
        s.fiche.intra = true;
        assert_eq!(ouverte(&s, jour), Err(Refusal::NotFound));
        s.fiche.intra = false;
        s.fiche.publiee = false;
        assert_eq!(ouverte(&s, jour), Err(Refusal::NotFound));
        s.fiche.publiee = true;
        s.annulee = Some("Salle inondée".to_owned());
        assert!(ouverte(&s, jour).is_err());
    }

    #[test]
    fn a_sheet_is_checked_whole() {
        let f = Fiche {
            heures: 8,
            places: 0,
            fin: "2026-12-31".parse().unwrap(),
            ..session("2027-01-01", 0).fiche
        };
        let Err(Refusal::Fields(fautes)) = fiche_juste(&f, 0) else { panic!() };
        assert_eq!(fautes.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>(), ["fin", "heures", "places"]);
        let ok = session("2027-01-01", 0).fiche;
        assert!(fiche_juste(&ok, 12).is_ok());
        assert!(fiche_juste(&ok, 13).is_err());
    }
}
