//! The life of a professional: what may follow what, and when. Pure.

use chrono::{DateTime, Months, NaiveDate, Utc};
use kernel::{Email, Refusal};

use super::model::{EtatAidant, Fonction};

/// How somebody learns what an aidant must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voie {
    /// A session of a training body, then the test.
    Classique,
    /// A colleague who is habilité teaches them; the test shows that they learnt: it counts as the training too.
    Pair,
}

impl Voie {
    /// Every one.
    pub const TOUTES: [Self; 2] = [Self::Classique, Self::Pair];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Classique => "classique",
            Self::Pair => "pair",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|v| v.cle() == cle)
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Classique => "Session avec un organisme de formation",
            Self::Pair => "Formation par un collègue déjà aidant",
        }
    }
}

/// What somebody did to become an aidant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parcours {
    /// How they learn.
    pub voie: Voie,
    /// Who teaches them, on the way by a colleague.
    pub formateur: Option<Email>,
    /// Day on which the training was over.
    pub forme_le: Option<NaiveDate>,
    /// Day on which the test Pix was passed, and its score out of 100.
    pub pix: Option<(NaiveDate, u8)>,
    /// When they were told that their account would sleep.
    pub averti_le: Option<DateTime<Utc>>,
}

impl Default for Parcours {
    fn default() -> Self {
        Self { voie: Voie::Classique, formateur: None, forme_le: None, pix: None, averti_le: None }
    }
}

impl Parcours {
    /// Whether what must be learnt was: on the way by a colleague, passing the test says so too.
    pub fn forme(&self) -> bool {
        self.forme_le.is_some() || (self.voie == Voie::Pair && self.pix.is_some())
    }

    /// Whether nothing is missing to act.
    pub fn complet(&self) -> bool {
        self.forme() && self.pix.is_some()
    }

    /// The last day of the training, in letters.
    pub fn forme_dit(&self) -> Option<String> {
        self.forme_le.map(kernel::calendrier::jour_en_lettres)
    }

    /// The test, in words.
    pub fn pix_dit(&self) -> String {
        self.pix.map_or_else(
            || "pas encore réussi".to_owned(),
            |(le, score)| format!("réussi le {} ({score} sur 100)", kernel::calendrier::jour_en_lettres(le)),
        )
    }

    /// Where this leads somebody who is at `etat`: only from eligible on, and never back.
    pub fn mene(&self, etat: EtatAidant) -> EtatAidant {
        use EtatAidant::{Certifie, Eligible, Forme};
        match etat {
            Eligible | Forme if self.complet() => Certifie,
            Eligible if self.forme() => Forme,
            autre => autre,
        }
    }
}

/// Who asks for a change: the programme's own rules and the staff may more than others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qui {
    /// The rules: trained and tested, a sleeping account, the last organisation left.
    Programme,
    /// The team of the habilitations.
    Equipe,
    /// A référent, for their own people.
    Referent,
}

/// Whether somebody at `de` may go to `vers`.
///
/// # Errors
/// A sentence that says why not.
pub fn passage(de: EtatAidant, vers: EtatAidant, qui: Qui) -> Result<(), Refusal> {
    use EtatAidant::{Actif, Certifie, Demande, Dormant, Eligible, Forme, Parti, Refuse};
    let permis = match (de, vers) {
        (Demande | Eligible | Forme | Certifie, Refuse) | (Actif, Dormant) | (Dormant, Actif) => true,
        (Demande, Eligible) => qui != Qui::Referent,
        (Eligible, Forme) | (Forme, Eligible) | (Eligible | Forme, Certifie) | (Certifie, Actif) => {
            qui == Qui::Programme || qui == Qui::Equipe
        }
        // One by one, or by a list of addresses: the team answers for them (domain, 2.9).
        (Demande | Eligible | Forme | Refuse, Actif) => qui == Qui::Equipe,
        (Actif | Dormant, Parti) => true,
        (Parti, Actif | Eligible) | (Refuse, Demande | Eligible) => qui != Qui::Referent,
        _ => false,
    };
    if permis {
        return Ok(());
    }
    Err(Refusal::conflict(match (de, vers) {
        (a, b) if a == b => "C’est déjà fait : rechargez la page.".to_owned(),
        (Demande, Eligible) => "Seule l’équipe des habilitations décide qui peut être formé.".to_owned(),
        (_, Actif) => format!(
            "Cette personne est « {} » : elle devient active quand sa formation et le test Pix sont réussis.",
            de.nom()
        ),
        _ => format!("Une personne « {} » ne peut pas devenir « {} ».", de.nom(), vers.nom()),
    }))
}

/// Whether that function needs a training: a référent who makes no mandat does not.
pub fn a_former(fonction: Fonction) -> bool {
    fonction.fait_mandats()
}

/// When an account that nobody opens falls asleep: rules as data, each from a day on.
#[derive(Clone, Copy, Debug)]
pub struct Dormance {
    /// First day on which this holds (ISO 8601).
    pub depuis: &'static str,
    /// Months without a visit before the person is told.
    pub avertir: u32,
    /// Months after that before the account sleeps.
    pub endormir: u32,
}

/// Every rule there was, oldest first (domain, 3.10: five months, then one; there for cards alone, here for everybody).
pub const DORMANCES: [Dormance; 1] = [Dormance { depuis: "2026-01-01", avertir: 5, endormir: 1 }];

/// The rule of that day.
pub fn dormance(jour: NaiveDate) -> Option<&'static Dormance> {
    let jour = jour.to_string();
    DORMANCES.iter().rev().find(|d| d.depuis <= jour.as_str())
}

/// What an account that is not visited needs on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sommeil {
    /// Nothing.
    Rien,
    /// To be told that it will sleep.
    Avertir,
    /// To sleep.
    Endormir,
    /// It was told, and came back: nothing hangs over it any more.
    Oublier,
}

/// What to do of an active account last visited then (or active since then, when it never was), told then or not.
pub fn sommeil(
    vu: DateTime<Utc>,
    averti: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    regle: &Dormance,
) -> Sommeil {
    let apres = |le: DateTime<Utc>, mois: u32| le.checked_add_months(Months::new(mois)).unwrap_or(le);
    match averti {
        Some(le) if vu > le => Sommeil::Oublier,
        Some(le) if apres(le, regle.endormir) <= now => Sommeil::Endormir,
        Some(_) => Sommeil::Rien,
        None if apres(vu, regle.avertir) <= now => Sommeil::Avertir,
        None => Sommeil::Rien,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EtatAidant::{Actif, Certifie, Demande, Dormant, Eligible, Forme, Parti, Refuse};

    #[test]
    fn the_whole_table_of_passages() {
        use Qui::{Equipe, Programme, Referent};
        let permis: &[(EtatAidant, EtatAidant, &[Qui])] = &[
            (Demande, Eligible, &[Programme, Equipe]),
            (Demande, Actif, &[Equipe]),
            (Demande, Refuse, &[Programme, Equipe, Referent]),
            (Eligible, Forme, &[Programme, Equipe]),
            (Eligible, Certifie, &[Programme, Equipe]),
            (Eligible, Actif, &[Equipe]),
            (Eligible, Refuse, &[Programme, Equipe, Referent]),
            // Said present by mistake.
            (Forme, Eligible, &[Programme, Equipe]),
            (Forme, Certifie, &[Programme, Equipe]),
            (Forme, Actif, &[Equipe]),
            (Forme, Refuse, &[Programme, Equipe, Referent]),
            (Certifie, Actif, &[Programme, Equipe]),
            (Certifie, Refuse, &[Programme, Equipe, Referent]),
            (Actif, Dormant, &[Programme, Equipe, Referent]),
            (Actif, Parti, &[Programme, Equipe, Referent]),
            (Dormant, Actif, &[Programme, Equipe, Referent]),
            (Dormant, Parti, &[Programme, Equipe, Referent]),
            (Parti, Actif, &[Programme, Equipe]),
            (Parti, Eligible, &[Programme, Equipe]),
            (Refuse, Demande, &[Programme, Equipe]),
            (Refuse, Eligible, &[Programme, Equipe]),
            (Refuse, Actif, &[Equipe]),
        ];
        for de in EtatAidant::TOUS {
            for vers in EtatAidant::TOUS {
                for qui in [Programme, Equipe, Referent] {
                    let attendu = permis.iter().any(|(a, b, q)| (*a, *b) == (de, vers) && q.contains(&qui));
                    assert_eq!(passage(de, vers, qui).is_ok(), attendu, "{de:?} → {vers:?} par {qui:?}");
                }
            }
        }
    }

    #[test]
    fn training_and_test_lead_on_and_never_back() {
        let jour = NaiveDate::from_ymd_opt(2026, 12, 1);
        let p = |voie, forme: bool, pix: bool| Parcours {
            voie,
            forme_le: jour.filter(|_| forme),
            pix: jour.filter(|_| pix).map(|j| (j, 80)),
            ..Parcours::default()
        };
        for (voie, forme, pix, attendu) in [
            (Voie::Classique, false, false, Eligible),
            (Voie::Classique, true, false, Forme),
            (Voie::Classique, false, true, Eligible),
            (Voie::Classique, true, true, Certifie),
            (Voie::Pair, false, false, Eligible),
            (Voie::Pair, false, true, Certifie),
            (Voie::Pair, true, false, Forme),
        ] {
            assert_eq!(p(voie, forme, pix).mene(Eligible), attendu, "{voie:?} {forme} {pix}");
        }
        for etat in [Demande, Actif, Dormant, Parti, Refuse, Certifie] {
            assert_eq!(p(Voie::Pair, true, true).mene(etat), etat);
        }
    }

    #[test]
    fn an_account_sleeps_after_a_warning_and_time() {
        let at = |s: &str| format!("{s}T10:00:00Z").parse::<DateTime<Utc>>().unwrap();
        let regle = dormance(NaiveDate::from_ymd_opt(2026, 12, 1).unwrap()).unwrap();
        for (vu, averti, now, attendu) in [
            ("2026-01-15", None, "2026-06-14", Sommeil::Rien),
            ("2026-01-15", None, "2026-06-15", Sommeil::Avertir),
            ("2026-01-15", Some("2026-06-15"), "2026-07-14", Sommeil::Rien),
            ("2026-01-15", Some("2026-06-15"), "2026-07-15", Sommeil::Endormir),
            ("2026-06-20", Some("2026-06-15"), "2026-07-20", Sommeil::Oublier),
            // The last day of a short month.
            ("2026-09-30", None, "2027-02-28", Sommeil::Avertir),
        ] {
            assert_eq!(sommeil(at(vu), averti.map(at), at(now), regle), attendu, "{vu} {averti:?} {now}");
        }
        assert!(dormance(NaiveDate::from_ymd_opt(2025, 12, 31).unwrap()).is_none());
    }
}
