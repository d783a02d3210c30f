//! What a sentence says, clause by clause, before the week is drawn.

use super::lexique::Demi;

/// A day, perhaps only some of the month, perhaps only half of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Choix {
    pub(super) jour: u8,
    pub(super) rangs: Vec<i8>,
    pub(super) demi: Option<Demi>,
    /// « un samedi sur deux »
    pub(super) alterne: bool,
}

impl Choix {
    /// A day of every week.
    pub(super) fn chaque(jour: u8) -> Self {
        Self { jour, rangs: Vec::new(), demi: None, alterne: false }
    }
}

/// Year if given, month, day.
pub(super) type Quantieme = (Option<u16>, u8, u8);

/// When a clause holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Periode {
    Mois(u8, u8),
    Dates(Quantieme, Quantieme),
    Vacances,
    /// Outside the school holidays.
    Scolaire,
    /// A season without dates: nothing can be said of it.
    Saison,
}

impl Periode {
    /// « le 14 juillet ».
    pub(super) fn est_un_jour(self) -> bool {
        matches!(self, Self::Dates(de, a) if de == a)
    }
}

/// A stretch of a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plage {
    pub(super) de: u16,
    /// Nothing when the end is open.
    pub(super) a: Option<u16>,
    pub(super) note: Option<String>,
    pub(super) paires: Option<bool>,
}

impl Plage {
    pub(super) fn fin(&self) -> u16 {
        self.a.unwrap_or(1_440)
    }

    /// Whether it lies in that half of the day: nothing when it lies in both.
    pub(super) fn dans(&self, demi: Demi) -> Option<bool> {
        let (matin, aprem) = (self.de < 720, self.fin() > 810);
        match demi {
            Demi::Journee => Some(true),
            Demi::Matin | Demi::Aprem if matin && aprem => None,
            Demi::Matin => Some(self.de < 720),
            Demi::Aprem => Some(self.de >= 720),
            Demi::Soir => (self.de >= 960 || self.fin() <= 1_080).then_some(self.de >= 960),
            Demi::Midi => (self.fin() <= 750 || self.de >= 780).then_some(false),
        }
    }
}

/// A piece of the sentence: on which days, when, what.
#[derive(Clone, Debug, Default)]
pub(super) struct Clause {
    pub(super) jours: Vec<Choix>,
    pub(super) exclus: Vec<Choix>,
    pub(super) periode: Option<Periode>,
    pub(super) paires: Option<bool>,
    pub(super) plages: Vec<Plage>,
    pub(super) ferme: bool,
    pub(super) demis_fermes: Vec<Demi>,
    pub(super) note: Option<String>,
    pub(super) jusque: Option<u16>,
    pub(super) depuis: Option<u16>,
    /// « du lundi au jeudi 9h-18h, vendredi jusqu’à 16h »: the other hours are those of the clause before.
    pub(super) reprend: bool,
    /// Not every week, and which ones is not said: what a comment says of it.
    pub(super) alterne: Option<&'static str>,
    pub(super) feries: bool,
    /// Its hours are those of public holidays too.
    pub(super) avec_feries: bool,
    /// Its hours are those of somebody who answers the telephone.
    pub(super) telephone: bool,
    /// After « sauf ».
    pub(super) sauf: bool,
    /// A half of the day that was named apart from the days.
    pub(super) demi: Option<Demi>,
    /// Words in it are not known.
    pub(super) inconnu: bool,
    /// Its hours cannot be read: its days are quoted.
    pub(super) illisible: bool,
    /// Tokens of the source, from the first to the one after the last.
    pub(super) jetons: (usize, usize),
}

impl Clause {
    /// Says something of some days already: the next day begins another clause.
    pub(super) fn pleine(&self) -> bool {
        self.dit() && (!self.jours.is_empty() || !self.plages.is_empty())
    }

    /// Says something.
    pub(super) fn dit(&self) -> bool {
        !self.plages.is_empty()
            || self.ferme
            || !self.demis_fermes.is_empty()
            || self.note.is_some()
            || self.jusque.is_some()
            || self.depuis.is_some()
            || self.illisible
    }

    pub(super) fn vide(&self) -> bool {
        !self.dit() && self.jours.is_empty() && !self.feries && !self.avec_feries && !self.telephone
    }

    /// Adds days; one with its ranks takes the place of the same day without.
    pub(super) fn choisit(&mut self, choix: Vec<Choix>) {
        for c in choix {
            match self.jours.iter_mut().find(|d| d.jour == c.jour && d.rangs.is_empty() && d.demi.is_none()) {
                Some(connu) => *connu = c,
                None => self.jours.push(c),
            }
        }
    }
}
