//! The hours that nearly all lieux have, read and evaluated without the grammar of the crate `opening-hours`: forty times
//! faster, which is what lets an index of twenty thousand lieux stand up in a blink. Whatever is not written in the
//! plainest manner is left to the crate; what is taken here gives the same minutes, held by properties.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::{MINUTES_JOUR, Vacances};

mod lecture;

/// Rules in their order: the last one that holds wins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Simples {
    regles: Vec<Regle>,
    /// Whether some rule holds for days of the week within the school holidays: `SH Mo-Fr`.
    conjointes: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Regle {
    /// The rule begins with `SH` and goes on with days of the week.
    conjointe: bool,
    dates: Vec<Dates>,
    /// First week, last week, step.
    semaines: Vec<(u8, u8, u8)>,
    jours: Vec<JoursDeSemaine>,
    feries: bool,
    vacances: bool,
    /// Minutes from midnight, in order, apart; what goes beyond 1 440 belongs to the next day.
    heures: Vec<(u16, u16)>,
    genre: Genre,
    commentaire: Arc<str>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Dates {
    /// Every year, both ends included, as month × 32 + day; the end may come before the beginning.
    ChaqueAnnee(u16, u16),
    /// Once, both days included.
    Une(NaiveDate, NaiveDate),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct JoursDeSemaine {
    /// Bit 0 for Monday.
    jours: u8,
    /// Ranks in the month, bit 0 for the first; counted from the end in `de_la_fin`.
    du_debut: u8,
    de_la_fin: u8,
}

/// What a rule says of its hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Genre {
    Ouvert,
    Ferme,
    Inconnu,
}

/// A day, as rules look at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Jour {
    date: NaiveDate,
    quantieme: u16,
    rang: u8,
    du_debut: u8,
    de_la_fin: u8,
    semaine: u8,
    pub(super) ferie: bool,
    pub(super) vacances: Vacances,
}

impl Jour {
    /// A day that is no holiday.
    pub(super) fn ordinaire(date: NaiveDate) -> Self {
        let petit = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
        let longueur = u32::from(date.num_days_in_month());
        Self {
            date,
            quantieme: quantieme(date.month(), date.day()),
            rang: petit(date.weekday().num_days_from_monday()),
            du_debut: petit((date.day() - 1) / 7),
            de_la_fin: petit((longueur - date.day()) / 7),
            semaine: petit(date.iso_week().week()),
            ferie: false,
            vacances: Vacances::Non,
        }
    }

    /// The same day, outside every holiday.
    pub(super) fn hors_fetes(self) -> Self {
        Self { ferie: false, vacances: Vacances::Non, ..self }
    }
}

/// Which rules are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lecture {
    /// All of them, holidays as they are known.
    Telle,
    /// Those that hold outside the school holidays.
    Hors,
    /// Those that hold within them.
    Pendant,
}

/// A stretch of one day: minutes, what it is, and whose comment it bears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tranche<'r> {
    pub(super) debut: u16,
    pub(super) fin: u16,
    pub(super) genre: Genre,
    pub(super) commentaire: &'r Arc<str>,
}

impl Tranche<'_> {
    fn pareille(&self, autre: &Self) -> bool {
        self.genre == autre.genre && self.commentaire == autre.commentaire
    }
}

fn quantieme(mois: u32, jour: u32) -> u16 {
    u16::try_from(mois * 32 + jour).unwrap_or(u16::MAX)
}

impl Dates {
    fn contient(&self, jour: &Jour) -> bool {
        match self {
            Self::ChaqueAnnee(de, a) if de <= a => (*de..=*a).contains(&jour.quantieme),
            Self::ChaqueAnnee(de, a) => jour.quantieme >= *de || jour.quantieme <= *a,
            Self::Une(de, a) => (*de..=*a).contains(&jour.date),
        }
    }
}

impl JoursDeSemaine {
    fn contient(self, jour: &Jour) -> bool {
        self.jours >> jour.rang & 1 == 1
            && (self.du_debut >> jour.du_debut & 1 == 1 || self.de_la_fin >> jour.de_la_fin & 1 == 1)
    }
}

impl Regle {
    fn tient(&self, jour: &Jour, lecture: Lecture) -> bool {
        let dates = self.dates.is_empty() || self.dates.iter().any(|d| d.contient(jour));
        let semaines = self.semaines.is_empty()
            || self.semaines.iter().any(|(de, a, pas)| {
                (*de..=*a).contains(&jour.semaine) && (jour.semaine - de).is_multiple_of(*pas)
            });
        if !dates || !semaines {
            return false;
        }
        let vacances = match lecture {
            Lecture::Telle => jour.vacances != Vacances::Non,
            Lecture::Hors => false,
            Lecture::Pendant => true,
        };
        if self.jours.is_empty() && !self.feries && !self.vacances {
            return true;
        }
        self.feries && jour.ferie || self.vacances && vacances || self.jours.iter().any(|j| j.contient(jour))
    }

    /// What it says on a day when it holds: perhaps, when it depends on holidays that are not known.
    fn genre(&self, jour: &Jour, lecture: Lecture) -> Genre {
        let douteux = self.vacances && lecture == Lecture::Telle && jour.vacances == Vacances::Inconnu;
        if douteux { Genre::Inconnu } else { self.genre }
    }
}

impl Simples {
    /// Whether no rule depends on a date, nor on holidays.
    pub(super) fn chaque_semaine(&self) -> bool {
        self.regles.iter().all(|r| {
            !r.conjointe
                && !r.feries
                && !r.vacances
                && r.dates.is_empty()
                && r.semaines.is_empty()
                && r.jours.iter().all(|j| j.du_debut & j.de_la_fin & 0b1_1111 == 0b1_1111)
        })
    }

    /// The stretches of a day that are not closed, in order; `veille` is the day before it.
    pub(super) fn tranches<'r>(&'r self, veille: &Jour, jour: &Jour, tranches: &mut Vec<Tranche<'r>>) {
        if !self.conjointes {
            return self.selon(Lecture::Telle, veille, jour, tranches);
        }
        match jour.vacances {
            Vacances::Non => self.selon(Lecture::Hors, veille, jour, tranches),
            Vacances::Oui => self.selon(Lecture::Pendant, veille, jour, tranches),
            Vacances::Inconnu => {
                self.selon(Lecture::Hors, veille, jour, tranches);
                let mut pendant = Vec::new();
                self.selon(Lecture::Pendant, veille, jour, &mut pendant);
                if *tranches != pendant {
                    for t in tranches.iter_mut().filter(|t| t.genre == Genre::Ouvert) {
                        let sure =
                            pendant.iter().any(|p| p.certaine() && p.debut <= t.debut && t.fin <= p.fin);
                        if !sure {
                            t.genre = Genre::Inconnu;
                        }
                    }
                }
            }
        }
    }

    /// The stretches of an ordinary day, outside every holiday.
    pub(super) fn tranches_ordinaires<'r>(
        &'r self,
        veille: &Jour,
        jour: &Jour,
        tranches: &mut Vec<Tranche<'r>>,
    ) {
        let lecture = if self.conjointes { Lecture::Hors } else { Lecture::Telle };
        self.selon(lecture, &veille.hors_fetes(), &jour.hors_fetes(), tranches);
    }

    fn selon<'r>(&'r self, lecture: Lecture, veille: &Jour, jour: &Jour, tranches: &mut Vec<Tranche<'r>>) {
        tranches.clear();
        for regle in &self.regles {
            if regle.conjointe && lecture == Lecture::Hors {
                continue;
            }
            let (hier, ce_jour) = (regle.tient(veille, lecture), regle.tient(jour, lecture));
            // What a rule says wins over the rules before it, all day long; what it says of the night after another
            // day, or of a closing, only replaces the same minutes.
            let remplace = ce_jour && regle.genre != Genre::Ferme;
            let ajoute = regle.genre == Genre::Ferme;
            if !(remplace || ajoute || tranches.is_empty()) {
                continue;
            }
            if remplace {
                tranches.clear();
            }
            if ce_jour {
                let genre = regle.genre(jour, lecture);
                for (debut, fin) in regle.heures.iter().rev().filter(|(debut, _)| *debut < MINUTES_JOUR) {
                    pose(
                        tranches,
                        Tranche {
                            debut: *debut,
                            fin: (*fin).min(MINUTES_JOUR),
                            genre,
                            commentaire: &regle.commentaire,
                        },
                    );
                }
            }
            if hier {
                let genre = regle.genre(veille, lecture);
                for (debut, fin) in regle.heures.iter().rev().filter(|(_, fin)| *fin > MINUTES_JOUR) {
                    let debut = (*debut).max(MINUTES_JOUR) - MINUTES_JOUR;
                    pose(
                        tranches,
                        Tranche { debut, fin: fin - MINUTES_JOUR, genre, commentaire: &regle.commentaire },
                    );
                }
            }
        }
    }
}

impl Tranche<'_> {
    /// Whether the lieu is surely open.
    pub(super) fn certaine(&self) -> bool {
        self.genre == Genre::Ouvert && !super::sans_heures(self.debut, self.fin, self.commentaire)
    }
}

/// Lays a stretch over the others, and joins it to its neighbours when they say the same.
fn pose<'r>(tranches: &mut Vec<Tranche<'r>>, mut nouvelle: Tranche<'r>) {
    let avant = tranches.partition_point(|t| t.fin < nouvelle.debut);
    let apres = tranches.partition_point(|t| t.debut <= nouvelle.fin);
    let mut morceaux: [Option<Tranche<'r>>; 3] = [None; 3];
    if avant < apres {
        let (premier, dernier) = (tranches[avant], tranches[apres - 1]);
        if premier.debut < nouvelle.debut {
            morceaux[0] = Some(Tranche { fin: nouvelle.debut, ..premier });
        }
        if dernier.fin > nouvelle.fin {
            morceaux[2] = Some(Tranche { debut: nouvelle.fin, ..dernier });
        }
    }
    if nouvelle.genre != Genre::Ferme {
        if let Some(m) = morceaux[0].filter(|m| m.pareille(&nouvelle)) {
            nouvelle.debut = m.debut;
            morceaux[0] = None;
        }
        if let Some(m) = morceaux[2].filter(|m| m.pareille(&nouvelle)) {
            nouvelle.fin = m.fin;
            morceaux[2] = None;
        }
        morceaux[1] = Some(nouvelle);
    }
    tranches.splice(avant..apres, morceaux.into_iter().flatten());
}

#[cfg(test)]
mod tests;
