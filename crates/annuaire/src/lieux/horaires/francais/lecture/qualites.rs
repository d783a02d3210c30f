//! Closings, exceptions, public holidays, appointments.

use super::super::clauses::Periode;
use super::super::lexique::{Demi, Sens};
use super::{Dernier, Lecteur};

impl Lecteur<'_> {
    fn parle_de_jours(&self, i: usize) -> bool {
        match self.sens(i) {
            Some(Sens::Jour(_) | Sens::Jours(_) | Sens::AutresJours) => true,
            Some(Sens::Rang(_)) => !self.lit_jours(i).0.is_empty(),
            _ => false,
        }
    }

    fn parle_de_dates(&self, i: usize) -> bool {
        matches!(self.sens(i), Some(Sens::Vacances | Sens::PeriodeScolaire | Sens::Saison))
            || self.lit_periode(i).is_some()
    }

    /// « fermé »: after the days, before them, or of a half of the day.
    pub(super) fn prend_ferme(&mut self) {
        let debut = self.i;
        let sans_signe = self.saute(self.i + 1, false);
        let suite = self.saute(self.i + 1, true);
        let colle = self.dernier == Dernier::Jours && !self.c.dit() && !self.c.jours.is_empty();
        if let Some(demi) = self.moitie_fermee().or_else(|| self.moitie_nommee()) {
            self.c.demis_fermes.push(demi);
            self.c.demi = None;
            self.i += 1;
            self.lu(Dernier::Autre);
            return;
        }
        if let Some(Sens::Demi(demi)) = self.sens(sans_signe).cloned()
            && !self.c.jours.is_empty()
            && !self.c.ferme
            && (self.impose.is_some() || self.c.exclus.is_empty())
            && !self.c.sauf
        {
            // « mardi : fermé le matin / 14h-17h », « lundi 9h-12h, fermé l’après-midi »
            if demi == Demi::Journee {
                self.c.ferme = true;
            } else {
                self.c.demis_fermes.push(demi);
            }
            self.i = sans_signe + 1;
        } else if self.c.sauf && !self.c.jours.is_empty() && self.c.plages.is_empty() {
            self.c.ferme = true;
            self.i += 1;
        } else if colle || self.impose.is_some() {
            if self.impose.is_some() && !self.c.plages.is_empty() {
                self.perd(debut, debut + 1);
                self.c.illisible = true;
            }
            self.c.ferme = true;
            self.i += 1;
        } else if self.parle_de_jours(suite)
            || self.parle_de_dates(suite)
            || matches!(self.sens(suite), Some(Sens::Feries | Sens::Demi(_)))
        {
            if !self.c.vide() {
                self.ferme_clause();
            } else {
                self.neuve();
            }
            self.c.jetons.0 = debut;
            self.c.ferme = true;
            self.i += 1;
        } else {
            // « fermé de 12h à 14h », « fermeture quotidienne de 12h à 14h »
            self.coupure = true;
            let heures = matches!(self.sens(sans_signe), Some(Sens::Heure(_) | Sens::Nombre(_)));
            if heures && !self.c.plages.is_empty() {
                self.i += 1;
            } else {
                self.inconnu();
            }
            return;
        }
        self.lu(Dernier::Autre);
    }

    /// « lundi : matin 9h-12h, après-midi fermé »
    fn moitie_nommee(&self) -> Option<Demi> {
        let label =
            self.jetons[..self.i].iter().rposition(|j| !matches!(j.sens, Sens::Bruit | Sens::DeuxPoints))?;
        let nommee = matches!(self.sens(label), Some(Sens::Demi(d)) if self.c.demi == Some(*d));
        (nommee && !self.c.jours.is_empty() && !self.c.ferme && !self.c.sauf).then_some(self.c.demi)?
    }

    /// « fermé / 14h-17h », « 9h-12h / fermé »: one column for the morning, one for the afternoon.
    fn moitie_fermee(&self) -> Option<Demi> {
        let barre = |k: usize| {
            matches!(self.sens(k), Some(Sens::Barre))
                || self.impose.is_some()
                    && matches!(self.sens(k), Some(Sens::Virgule | Sens::Tiret | Sens::Et))
        };
        if self.c.jours.is_empty() || self.c.ferme || self.c.sauf {
            return None;
        }
        let apres = self.sens(self.saute(self.i + 2, false));
        if !self.c.dit() && barre(self.i + 1) {
            return matches!(apres, Some(Sens::Heure(h)) if *h >= 720).then_some(Demi::Matin);
        }
        // What follows is another cell, another day, or nothing: « 9h-12h / fermé le lundi » is another sentence.
        let avant = self.i.checked_sub(1).is_some_and(barre);
        let seul = match self.sens(self.i + 1) {
            None | Some(Sens::Fin | Sens::Barre | Sens::Virgule | Sens::Fermante) => true,
            Some(Sens::Jour(_)) => {
                let (_, fin) = self.lit_jours(self.i + 1);
                matches!(self.sens(self.saute(fin, true)), Some(Sens::Heure(_) | Sens::Ferme))
            }
            _ => false,
        };
        let matin = !self.c.plages.is_empty() && self.c.plages.iter().all(|p| p.fin() <= 840);
        (avant && seul && matin).then_some(Demi::Aprem)
    }

    /// « sauf »: days that are left out, with their own hours if some follow.
    pub(super) fn prend_sauf(&mut self) {
        let debut = self.i;
        let suite = self.saute(self.i + 1, true);
        // « samedi 9h-12h (sauf juillet-août) », after other days: said of these days only.
        let de_ces_jours =
            self.profondeur > 0 && !self.lu.clauses.is_empty() && self.c.pleine() && self.impose.is_none();
        let periode = match self.sens(suite) {
            Some(Sens::Vacances) => Some((Periode::Vacances, suite + 1)),
            _ => self.lit_periode(suite),
        };
        if let Some((periode, fin)) = periode.filter(|_| de_ces_jours) {
            let jours = self.c.jours.clone();
            self.ferme_clause_a(debut);
            self.c.jours = jours;
            self.c.ferme = true;
            self.c.periode = Some(periode);
            self.i = fin;
            self.lu(Dernier::Autre);
            return;
        }
        match self.sens(suite) {
            Some(Sens::Feries) => {
                self.lu.feries_fermes = true;
                self.i = suite + 1;
            }
            Some(Sens::Vacances) => {
                self.lu.vacances_fermees = true;
                self.i = suite + 1;
            }
            Some(Sens::PeriodeScolaire) => self.prend_periode(Periode::Vacances, suite + 1),
            _ if self.parle_de_jours(suite) && self.impose.is_none() => {
                let (choix, fin) = self.lit_jours(suite);
                let debut_de_tout = self.lu.clauses.is_empty() && self.c.jours.is_empty();
                let attend_des_heures = (!self.c.jours.is_empty() || debut_de_tout) && !self.c.dit();
                if attend_des_heures {
                    self.c.exclus.extend(choix);
                    self.i = fin;
                    self.lu(Dernier::Jours);
                    return;
                }
                self.ferme_clause();
                self.c.jetons.0 = debut;
                self.c.sauf = true;
                self.c.choisit(choix);
                self.i = fin;
                self.lu(Dernier::Jours);
                return;
            }
            _ if self.parle_de_dates(suite) => {
                self.ferme_clause();
                self.c.jetons.0 = debut;
                self.c.sauf = true;
                self.i = suite;
            }
            _ => self.inconnu(),
        }
        self.lu(Dernier::Autre);
    }

    /// Public holidays: closed when a word before or after says so.
    pub(super) fn prend_feries(&mut self) {
        let suite = self.saute(self.i + 1, true);
        if self.c.ferme || self.c.sauf {
            self.lu.feries_fermes = true;
            self.c.feries = true;
            self.i += 1;
        } else if self.dernier == Dernier::Jours && !self.c.exclus.is_empty() && !self.c.dit() {
            // « du lundi au samedi, sauf le mercredi et les jours fériés »
            self.lu.feries_fermes = true;
            self.i += 1;
        } else if matches!(self.sens(suite), Some(Sens::Ferme)) {
            self.lu.feries_fermes = true;
            if self.dernier == Dernier::Jours && !self.c.dit() {
                // « dimanche et jours fériés : fermé »
                self.c.ferme = true;
            }
            self.i = suite + 1;
        } else if self.des_heures_suivent(suite) {
            // « dimanche et jours fériés : 9h-12h », « jours fériés : 9h-12h »
            if self.dernier != Dernier::Jours || self.c.dit() {
                if !self.c.vide() {
                    self.ferme_clause();
                }
                self.c.jetons.0 = self.i;
            }
            self.c.avec_feries = true;
            self.i += 1;
            self.lu(Dernier::Jours);
            return;
        } else {
            self.inconnu();
        }
        self.lu(Dernier::Autre);
    }

    /// Whether hours follow, perhaps after other days.
    fn des_heures_suivent(&self, i: usize) -> bool {
        let i = if self.parle_de_jours(i) { self.saute(self.lit_jours(i).1, true) } else { i };
        self.impose.is_none() && matches!(self.sens(i), Some(Sens::Heure(_) | Sens::Nombre(_)))
    }

    /// « y compris les jours fériés »
    pub(super) fn prend_compris(&mut self) {
        let suite = self.saute(self.i + 1, true);
        if matches!(self.sens(suite), Some(Sens::Feries)) {
            self.lu.feries_compris = true;
            self.i = suite + 1;
        } else if self.parle_de_jours(suite) && self.c.dit() && !self.des_heures_suivent(suite) {
            // « 8h-20h y compris le dimanche »
            let (choix, fin) = self.lit_jours(suite);
            self.c.choisit(choix);
            self.i = fin;
            self.lu(Dernier::Autre);
        } else if self.parle_de_jours(suite) {
            self.i += 1;
        } else {
            self.inconnu();
        }
    }

    /// « sur rendez-vous » and the like: of the hours before, of the days, of what follows, or of everything.
    pub(super) fn prend_note(&mut self, note: &str) {
        let mut note = note.to_owned();
        let debut = self.i;
        self.i += 1;
        let k = self.saute(self.i, true);
        let k = if matches!(self.sens(k), Some(Sens::A)) { self.saute(k + 1, true) } else { k };
        if let Some(Sens::Contact) = self.sens(k)
            && let Some(contact) = self.jetons.get(k).and_then(|j| self.source.get(j.de..j.a))
        {
            note = format!("{note} : {}", contact.trim().replace('"', ""));
            self.i = k + 1;
        } else if self.sens(self.i) == Some(&Sens::Telephone) {
            note.push_str(" par téléphone");
            self.i += 1;
        }
        let suite = self.saute(self.i, false);
        let demi = match self.sens(suite).cloned() {
            Some(Sens::Demi(d)) if d != Demi::Journee => {
                self.i = suite + 1;
                Some(d)
            }
            _ => self.c.demi.filter(|_| self.dernier != Dernier::Plage),
        };
        let bout = self.au_bout(self.i);
        let phrase =
            self.separe == 2 && self.impose.is_none() && self.parle_de_jours(self.saute(self.i, true));
        if phrase || self.annonce_des_jours_seuls() {
            if !self.c.vide() {
                self.ferme_clause_a(debut);
            }
            self.c.jetons.0 = debut;
            self.note_prefixe = Some(note.clone());
            self.c.note = Some(note);
            self.c.demi = demi;
            self.lu(Dernier::Autre);
            return;
        }
        if self.c.inconnu && self.c.pleine() && self.separe > 0 {
            // Said of something that is not known.
            self.perd(debut, self.i);
            return;
        }
        if let Some(demi) = demi.filter(|_| !self.c.plages.is_empty()) {
            self.note_demi(demi, note);
        } else if self.dernier == Dernier::Plage
            && self.separe < 2
            && !(bout && self.separe == 1 && !self.lu.clauses.is_empty())
        {
            let mut dites = false;
            for plage in self.c.plages.iter_mut().rev().take_while(|p| p.note.is_none()) {
                plage.note = Some(note.clone());
                dites = true;
            }
            if !dites {
                self.perd(debut, debut + 1);
            }
        } else if self.c.plages.is_empty() && !self.c.jours.is_empty() && !self.c.ferme {
            self.c.note = Some(note);
        } else if bout {
            self.lu.note = Some(note);
        } else {
            if !self.c.vide() {
                self.ferme_clause_a(debut);
            }
            self.c.jetons.0 = debut;
            self.note_prefixe = Some(note.clone());
            self.c.note = Some(note);
            self.c.demi = demi;
        }
        self.lu(Dernier::Autre);
    }

    /// « (sur rendez-vous les mercredis) »: days follow, without hours of their own.
    fn annonce_des_jours_seuls(&self) -> bool {
        let suite = self.saute(self.i, true);
        if self.impose.is_some() || !self.parle_de_jours(suite) {
            return false;
        }
        let (_, fin) = self.lit_jours(suite);
        let apres = self.saute(fin, true);
        !matches!(
            self.sens(apres),
            Some(
                Sens::Heure(_)
                    | Sens::Nombre(_)
                    | Sens::Horloge
                    | Sens::Note(_)
                    | Sens::Ferme
                    | Sens::Ouvrante
                    | Sens::Jusque
                    | Sens::Depuis
            )
        )
    }

    /// « l’après-midi sur rendez-vous »: of these hours, or of a half of the day that has none.
    fn note_demi(&mut self, demi: Demi, note: String) {
        let mut dites = false;
        for plage in self.c.plages.iter_mut().filter(|p| p.dans(demi) == Some(true)) {
            plage.note = Some(note.clone());
            dites = true;
        }
        if !dites {
            let quand = match demi {
                Demi::Matin => "le matin",
                Demi::Midi => "le midi",
                Demi::Aprem => "l’après-midi",
                Demi::Soir => "le soir",
                Demi::Journee => "la journée",
            };
            let libres = self.c.plages.iter().any(|p| p.note.is_none());
            for plage in self.c.plages.iter_mut().filter(|p| p.note.is_none() || !libres) {
                plage.note = Some(match plage.note.take() {
                    Some(autre) => format!("{autre}, {quand} {note}"),
                    None => format!("{quand} {note}"),
                });
            }
        }
        self.c.demi = None;
    }
}
