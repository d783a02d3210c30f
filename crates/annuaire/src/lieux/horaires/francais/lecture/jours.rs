//! Days, lists and ranges of days, days of the month.

use super::super::clauses::Choix;
use super::super::lexique::{Demi, Sens};
use super::{Dernier, Lecteur};

impl Lecteur<'_> {
    /// Days: they begin a clause when the one before says something already.
    pub(super) fn prend_jours(&mut self) {
        if self.impose.is_some() {
            self.inconnu();
            return;
        }
        let debut = self.i;
        self.coupure = false;
        // « Saint-Denis-sur-Mer »: a short name after a word that nobody knows is part of it.
        let court =
            self.jetons.get(self.i).is_some_and(|j| j.a - j.de <= 4 && matches!(j.sens, Sens::Jour(_)));
        let colle = self.jetons[..self.i].iter().rposition(|j| !matches!(j.sens, Sens::Bruit | Sens::Tiret));
        if court
            && colle.is_some_and(|k| self.lu.perdus[k])
            && self.separe < 2
            && !self.suivi_d_heures(self.i)
        {
            self.inconnu();
            return;
        }
        let (mut choix, mut fin) = self.lit_jours(self.i);
        let heures_apres = matches!(self.sens(self.saute(fin, true)), Some(Sens::Heure(_) | Sens::Nombre(_)));
        if self.c.ferme && self.c.jours.is_empty() && heures_apres {
            // « fermé le lundi, mardi au samedi 10h-18h »: what is open begins after the first days.
            if let Some(Sens::Jour(de)) = self.sens(self.i) {
                let (jours, bout) = self.lit_suite(self.i, *de);
                choix = jours.into_iter().map(Choix::chaque).collect();
                fin = bout;
            }
        }
        if self.profondeur > 0 && self.c.jours.is_empty() && !self.c.plages.is_empty() && !heures_apres {
            // « 9h-12h (lundi au jeudi) 9h-11h (vendredi) »
            self.heures_avant = true;
        }
        let alternances: Vec<usize> = (debut..fin).filter(|k| self.est_un_sur_deux(*k)).collect();
        for k in alternances {
            self.perd(k, k + 1);
        }
        if let [Choix { jour, alterne: true, .. }] = choix[..]
            && !heures_apres
            && !self.c.plages.is_empty()
            && let Some(dit) = self.c.jours.iter_mut().find(|d| d.jour == jour)
        {
            // « samedi 9h-12h, un samedi sur deux »
            dit.alterne = true;
            self.i = fin;
            self.lu(Dernier::Autre);
            return;
        }
        let suite = self.dernier == Dernier::Jours && self.heures_avant;
        if self.c.pleine()
            && !(self.heures_avant && (self.c.jours.is_empty() || suite))
            && !self.qualifie(&choix)
        {
            self.i = debut;
            self.ferme_clause();
        }
        self.i = fin;
        self.c.choisit(choix);
        if self.c.note.is_none() && self.c.plages.is_empty() && !self.c.ferme && !self.c.sauf {
            self.c.note.clone_from(&self.note_prefixe);
        }
        self.lu(Dernier::Jours);
    }

    /// « sur deux », which speaks of one day; « une semaine sur deux » speaks of all those before it.
    fn est_un_sur_deux(&self, i: usize) -> bool {
        self.jetons.get(i).is_some_and(|j| {
            matches!(j.sens, Sens::Alternance(_))
                && self.source.get(j.de..j.a).is_some_and(|mots| mots.to_lowercase().starts_with("sur"))
        })
    }

    pub(super) fn des_jours_sont_dits(&self) -> bool {
        self.lu.clauses.iter().chain([&self.c]).any(|c| !c.jours.is_empty())
    }

    fn suivi_d_heures(&self, i: usize) -> bool {
        matches!(self.sens(self.saute(i + 1, true)), Some(Sens::Heure(_) | Sens::Nombre(_)))
    }

    /// « dimanche (2e dimanche du mois) 14h »: the ranks of a day that was named.
    fn qualifie(&self, choix: &[Choix]) -> bool {
        self.profondeur > 0
            && matches!(choix, [un] if !un.rangs.is_empty() && self.c.jours.iter().any(|d| d.jour == un.jour))
    }

    /// The days from `i` on, and where they end.
    pub(super) fn lit_jours(&self, i: usize) -> (Vec<Choix>, usize) {
        let (mut choix, fin) = self.lit_liste(i);
        for c in choix.iter_mut().filter(|c| c.demi == Some(Demi::Journee)) {
            c.demi = None;
        }
        (choix, fin)
    }

    fn lit_liste(&self, mut i: usize) -> (Vec<Choix>, usize) {
        let mut choix: Vec<Choix> = Vec::new();
        let mut chaine = false;
        loop {
            let (rangs, jour) = self.lit_rangs(i);
            match self.sens(jour) {
                Some(Sens::Jour(de)) => {
                    // « tous les jours, du lundi au vendredi »
                    if choix.len() == 7 && choix.iter().all(|c| c.rangs.is_empty() && c.demi.is_none()) {
                        choix.clear();
                    }
                    let (jours, fin) = if chaine { (vec![*de], jour + 1) } else { self.lit_suite(jour, *de) };
                    let alternance = self.saute(fin, false);
                    let alterne = self.est_un_sur_deux(alternance);
                    choix.extend(jours.into_iter().map(|jour| Choix {
                        rangs: rangs.clone(),
                        alterne,
                        ..Choix::chaque(jour)
                    }));
                    i = if alterne { alternance + 1 } else { fin };
                }
                Some(Sens::Jours(bits)) if rangs.is_empty() => {
                    let jours = (0..7).filter(|j| bits & (1 << j) != 0);
                    choix.extend(jours.map(Choix::chaque));
                    i = jour + 1;
                }
                Some(Sens::AutresJours) if rangs.is_empty() && self.des_jours_sont_dits() => {
                    let dits: Vec<u8> = self
                        .lu
                        .clauses
                        .iter()
                        .chain([&self.c])
                        .flat_map(|c| &c.jours)
                        .map(|c| c.jour)
                        .collect();
                    // « Les autres jours » of a week that has no Sunday are those of work.
                    let borne = if dits.iter().any(|j| *j > 4) { 7 } else { 5 };
                    let autres = (0..borne).filter(|j| !dits.contains(j));
                    choix.extend(autres.map(Choix::chaque));
                    i = jour + 1;
                }
                _ => return (choix, i),
            }
            let k = self.saute(i, false);
            if let Some(Sens::Demi(demi)) = self.sens(k)
                && !matches!(demi, Demi::Midi)
            {
                // « lundi et jeudi matin »: both mornings. « mardi matin et après-midi »: the whole day.
                let autre = self.saute(k + 1, true);
                let plusieurs = matches!(self.sens(autre), Some(Sens::Demi(_)));
                for c in choix.iter_mut().filter(|c| c.demi.is_none()) {
                    c.demi = Some(if plusieurs { Demi::Journee } else { *demi });
                }
                i = if plusieurs { autre + 1 } else { k + 1 };
            }
            let suivant = self.saute(i, true);
            let (_, jour) = self.lit_rangs(suivant);
            let colle = self.jetons[i..suivant].iter().any(|j| matches!(j.sens, Sens::DeuxPoints));
            if colle || !matches!(self.sens(jour), Some(Sens::Jour(_) | Sens::Jours(_))) {
                return (choix, i);
            }
            // « lundi - mardi - jeudi »: once a dash has joined days of a list, it joins the others.
            chaine = matches!(self.sens(self.saute(i, false)), Some(Sens::Tiret));
            i = suivant;
        }
    }

    /// Ranks before a day: « 1er et 3e », and where the day stands.
    fn lit_rangs(&self, debut: usize) -> (Vec<i8>, usize) {
        let mut rangs = Vec::new();
        let mut i = debut;
        while let Some(Sens::Rang(rang)) = self.sens(i) {
            rangs.push(*rang);
            i = self.saute(i + 1, true);
        }
        if rangs.is_empty() || !matches!(self.sens(i), Some(Sens::Jour(_))) {
            return (Vec::new(), debut);
        }
        rangs.sort_unstable_by_key(|r| if *r < 0 { 9 } else { *r });
        rangs.dedup();
        (rangs, i)
    }

    /// `lundi au vendredi`, `lundi-mardi-jeudi` or one day.
    fn lit_suite(&self, i: usize, de: u8) -> (Vec<u8>, usize) {
        let signe = self.saute(i + 1, false);
        let apres = self.saute(signe + 1, false);
        let tiret = matches!(self.sens(signe), Some(Sens::Tiret));
        let Some(Sens::Jour(a)) = self.sens(apres) else { return (vec![de], i + 1) };
        if !tiret && !matches!(self.sens(signe), Some(Sens::A | Sens::Jusque)) {
            return (vec![de], i + 1);
        }
        // « mardi-mercredi-jeudi » is a list.
        let encore = self.saute(apres + 1, false);
        let chaine = tiret
            && matches!(self.sens(encore), Some(Sens::Tiret))
            && matches!(self.sens(self.saute(encore + 1, false)), Some(Sens::Jour(_)));
        if chaine || (tiret && *a <= de) {
            return (vec![de], i + 1);
        }
        let duree = (a + 7 - de) % 7;
        ((0..=duree).map(|k| (de + k) % 7).collect(), apres + 1)
    }

    /// A rank: of a day, of a date, or of the days of the clause: « samedi 10h-12h (2e et 4e du mois) ».
    pub(super) fn prend_rang(&mut self) {
        let (rangs, _) = self.lit_rangs(self.i);
        if !rangs.is_empty() {
            self.prend_jours();
            return;
        }
        if let Some((periode, fin)) = self.lit_periode(self.i) {
            self.prend_periode(periode, fin);
            return;
        }
        let mut rangs = Vec::new();
        let mut i = self.i;
        while let Some(Sens::Rang(rang)) = self.sens(i) {
            rangs.push(*rang);
            i = self.saute(i + 1, true);
        }
        let un_jour = matches!(self.c.jours.as_slice(), [_]) || self.profondeur > 0;
        if un_jour && !self.c.jours.is_empty() && self.impose.is_none() && !rangs.is_empty() {
            for jour in &mut self.c.jours {
                jour.rangs.clone_from(&rangs);
            }
            self.i = i.min(self.jetons.len());
            // The signs skipped after the last rank end nothing.
            self.lu(Dernier::Autre);
        } else {
            self.inconnu();
        }
    }
}
