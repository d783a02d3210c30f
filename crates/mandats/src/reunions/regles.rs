//! What a meeting may be, who may come to it. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Actor, CodeDepartement, Refusal, Verb};

use super::model::{Fiche, Invite, Reponse, Reunion, Suite};

/// Most people of one meeting.
pub const PLACES_MAX: u32 = 2_000;
/// Longest text of a field, in characters.
pub const TEXTE_MAX: usize = 200;
/// Longest text of what else people should know.
pub const PRECISIONS_MAX: usize = 2_000;
/// Least time between two messages to one address that a public page asks for.
pub const ENTRE_ENVOIS: TimeDelta = TimeDelta::minutes(10);
/// Days before the meeting at which who comes is reminded of it.
pub const RAPPEL: TimeDelta = TimeDelta::days(2);

/// Whether the actor may hold that meeting.
///
/// # Errors
/// [`Refusal::NotFound`] out of scope; [`Refusal::Forbidden`] without the verb.
pub fn tient(actor: &Actor, r: &Reunion) -> Result<(), Refusal> {
    actor.may_on(Verb::AnimerHabilitations, &r.cible())
}

/// Whether a meeting may be as typed; `viennent` people said that they come.
///
/// # Errors
/// The fields that are wrong.
pub fn fiche_juste(f: &Fiche, viennent: u32, jour: NaiveDate) -> Result<(), Refusal> {
    let mut fautes = Vec::new();
    let mut refuse = |champ: &str, phrase: &str| fautes.push((champ.to_owned(), phrase.to_owned()));
    if f.jour < jour {
        refuse("jour", "Choisissez un jour à venir.");
    } else if f.jour - jour > TimeDelta::days(730) {
        refuse("jour", "Cette date est dans plus de deux ans. Vérifiez-la.");
    }
    if f.fin <= f.debut {
        refuse("fin", "L’heure de fin est avant l’heure de début.");
    }
    if f.lieu.is_none() && f.lien.is_none() {
        refuse("lieu", "Indiquez un lieu, ou l’adresse de la réunion en ligne.");
    }
    if f.places == 0 || f.places > PLACES_MAX {
        refuse("places", "Indiquez entre 1 et 2 000 places.");
    } else if f.places < viennent {
        refuse("places", "Plus de personnes ont déjà répondu qu’elles viennent.");
    }
    if fautes.is_empty() { Ok(()) } else { Err(Refusal::Fields(fautes)) }
}

/// The day it is where the meeting is held: at noon in Paris, the next day has come in Nouméa.
pub fn jour_la_bas(departement: &CodeDepartement, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&crate::mandats::fuseau(departement)).date_naive()
}

/// Whether people may still be invited, answer and register.
///
/// # Errors
/// A sentence that says why not.
pub fn ouverte(r: &Reunion, now: DateTime<Utc>) -> Result<(), Refusal> {
    if r.annulee.is_some() {
        return Err(Refusal::conflict("Cette réunion est annulée."));
    }
    if r.fiche.jour < jour_la_bas(&r.fiche.departement, now) {
        return Err(Refusal::conflict("Cette réunion a déjà eu lieu."));
    }
    Ok(())
}

/// Whether one more person may say that they come, when `viennent` others do.
///
/// # Errors
/// A sentence that says what to do.
pub fn place_libre(r: &Reunion, viennent: u32) -> Result<(), Refusal> {
    if viennent < r.fiche.places {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "Toutes les places de cette réunion sont prises. Si vous êtes sur la liste, votre lien est dans votre courriel ; sinon, écrivez à qui l’organise : {}.",
        r.fiche.organisateur
    )))
}

/// Whether it may be said now who was there.
///
/// # Errors
/// A sentence that says why not.
pub fn presence(r: &Reunion, now: DateTime<Utc>) -> Result<(), Refusal> {
    if r.annulee.is_some() {
        return Err(Refusal::conflict("Cette réunion est annulée : personne n’y était."));
    }
    if jour_la_bas(&r.fiche.departement, now) < r.fiche.jour {
        return Err(Refusal::conflict(
            "La réunion n’a pas eu lieu : la présence se dit à partir de son jour.",
        ));
    }
    Ok(())
}

/// Whether one more message may leave to an address that a public page names.
pub fn envoi_permis(i: &Invite, now: DateTime<Utc>) -> bool {
    i.ecrit_le.is_none_or(|le| now - le >= ENTRE_ENVOIS)
}

/// Whether the attendance sheet names them: whoever said that they come, whoever was there.
pub fn attendu(i: &Invite) -> bool {
    i.reponse == Reponse::Vient || i.present == Some(true)
}

/// Whether a request was filed, and a habilitation given, since the day of the meeting.
pub fn depuis(s: &Suite, jour: NaiveDate) -> (bool, bool) {
    (s.demande_le.is_some_and(|le| le >= jour), s.habilitee_le.is_some_and(|le| le >= jour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reunions::model::ReunionId;
    use chrono::NaiveTime;
    use kernel::{CodeDepartement, CodeRegion};

    fn reunion(jour: &str) -> Reunion {
        let heure = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        Reunion {
            id: ReunionId(uuid::Uuid::from_u128(1)),
            fiche: Fiche {
                jour: jour.parse().unwrap(),
                debut: heure(9),
                fin: heure(11),
                lieu: Some("Préfecture".to_owned()),
                lien: None,
                departement: CodeDepartement::parse("23").unwrap(),
                places: 2,
                organisateur: "Préfecture".to_owned(),
                precisions: None,
            },
            region: CodeRegion::parse("75").unwrap(),
            code: String::new(),
            annulee: None,
            version: 1,
        }
    }

    #[test]
    fn a_sheet_says_everything_that_is_wrong() {
        let jour = "2027-01-10".parse().unwrap();
        let bonne = reunion("2027-02-01").fiche;
        assert!(fiche_juste(&bonne, 2, jour).is_ok());
        let fausse = Fiche {
            jour: "2027-01-09".parse().unwrap(),
            fin: bonne.debut,
            lieu: None,
            places: 0,
            ..bonne.clone()
        };
        let Err(Refusal::Fields(f)) = fiche_juste(&fausse, 0, jour) else { panic!() };
        assert_eq!(f.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>(), ["jour", "fin", "lieu", "places"]);
        assert!(fiche_juste(&bonne, 3, jour).is_err(), "seats that are promised stay");
        let loin = Fiche { jour: "2029-06-01".parse().unwrap(), ..bonne };
        assert!(fiche_juste(&loin, 0, jour).is_err());
    }

    #[test]
    fn people_come_until_the_day_and_as_long_as_there_are_seats() {
        let r = reunion("2027-02-01");
        // The day is that of the clock of the place.
        for (code, now, ouvre, presence_dite) in [
            ("23", "2027-01-31T22:59:00Z", true, false),
            ("23", "2027-01-31T23:00:00Z", true, true),
            ("23", "2027-02-01T22:59:00Z", true, true),
            ("23", "2027-02-01T23:00:00Z", false, true),
            ("988", "2027-01-31T12:59:00Z", true, false),
            ("988", "2027-01-31T13:00:00Z", true, true),
            ("988", "2027-02-01T13:00:00Z", false, true),
            ("987", "2027-02-02T09:59:00Z", true, true),
            ("987", "2027-02-02T10:00:00Z", false, true),
            ("972", "2027-02-01T23:30:00Z", true, true),
            ("972", "2027-02-02T04:00:00Z", false, true),
        ] {
            let mut r = r.clone();
            r.fiche.departement = CodeDepartement::parse(code).unwrap();
            let le = now.parse().unwrap();
            let dit = (ouverte(&r, le).is_ok(), presence(&r, le).is_ok());
            assert_eq!(dit, (ouvre, presence_dite), "{code} {now}");
        }
        assert!(place_libre(&r, 1).is_ok() && place_libre(&r, 2).is_err());
        let annulee = Reunion { annulee: Some("Neige".to_owned()), ..r };
        let jour = "2027-02-01T12:00:00Z".parse().unwrap();
        assert!(ouverte(&annulee, jour).is_err() && presence(&annulee, jour).is_err());
    }

    #[test]
    fn what_was_done_before_the_meeting_did_not_come_of_it() {
        let jour = "2027-02-01".parse().unwrap();
        let le = |j: &str| Some(j.parse().unwrap());
        for (demande, habilitee, attendu) in [
            (None, None, (false, false)),
            (le("2027-01-31"), None, (false, false)),
            (le("2027-02-01"), None, (true, false)),
            (le("2027-01-31"), le("2027-02-15"), (false, true)),
        ] {
            assert_eq!(depuis(&Suite { demande_le: demande, habilitee_le: habilitee }, jour), attendu);
        }
    }
}
