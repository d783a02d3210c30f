//! Times and stretches of time.

use super::super::clauses::Plage;
use super::super::lexique::{Demi, Sens};
use super::{Dernier, Lecteur};

impl Lecteur<'_> {
    fn heure(&self, i: usize) -> Option<u16> {
        match self.sens(i)? {
            Sens::Heure(m) => Some(*m),
            Sens::Nombre(h) if *h <= 24 && self.lit_periode(i).is_none() => Some(h * 60),
            _ => None,
        }
    }

    /// Times one after the other, paired in order: nobody writes « 9h 12h 14h 17h » for anything else.
    pub(super) fn prend_plages(&mut self) {
        let debut = self.i;
        if matches!(self.sens(self.i), Some(Sens::Horloge)) {
            self.i += 1;
            self.commence_plages(debut);
            self.ajoute(0, 1_440);
            self.lu(Dernier::Plage);
            return;
        }
        let mut temps: Vec<(u16, usize)> = Vec::new();
        let mut demis: Vec<Demi> = Vec::new();
        let mut i = self.i;
        while let Some(heure) = self.heure(i) {
            temps.push((heure, i));
            let mut k = i + 1;
            let mut dits = Vec::new();
            while let Some(sens) = self.sens(k) {
                match sens {
                    // « de 9h à 18h et jusqu’à 17h le vendredi »
                    Sens::Jusque if temps.len().is_multiple_of(2) => break,
                    Sens::Tiret
                    | Sens::A
                    | Sens::Barre
                    | Sens::Virgule
                    | Sens::Et
                    | Sens::Bruit
                    | Sens::DeuxPoints
                    | Sens::Des
                    | Sens::Les
                    | Sens::Jusque
                    | Sens::Fin => {}
                    Sens::Demi(d) => dits.push(*d),
                    _ => break,
                }
                k += 1;
            }
            if self.heure(k).is_none() {
                break;
            }
            demis.extend(dits);
            i = k;
        }
        let fin = temps.last().map_or(self.i + 1, |(_, k)| k + 1);
        // « bus 6, 11 »: bare numbers are hours only when a dash or the like joins them.
        let nus = temps.iter().all(|(_, k)| matches!(self.sens(*k), Some(Sens::Nombre(_))));
        let joint = |k: usize| matches!(self.sens(k + 1), Some(Sens::Tiret | Sens::A | Sens::Barre));
        let suivi = matches!(self.sens(fin), Some(Sens::Mot)) || temps.iter().any(|(h, _)| *h < 360);
        if nus && temps.len() > 1 && (suivi || !temps.iter().step_by(2).all(|(_, k)| joint(*k))) {
            self.perd(debut, fin);
            self.c.inconnu = true;
            self.i = fin;
            return;
        }
        match temps.as_slice() {
            [] => {
                self.inconnu();
                return;
            }
            [(heure, _)] => {
                let (heure, nue) = (*heure, matches!(self.sens(debut), Some(Sens::Nombre(_))));
                self.i = fin;
                self.heure_seule(debut, heure, nue);
                return;
            }
            _ => {}
        }
        // « 00:00 - 00:00 »: what forms write of a day without hours.
        let minuit = |p: &[(u16, usize)]| p.iter().all(|(heure, _)| *heure == 0);
        if temps.len().is_multiple_of(2) && temps.chunks_exact(2).any(minuit) {
            temps = temps.chunks_exact(2).filter(|p| !minuit(p)).flatten().copied().collect();
        }
        if temps.is_empty() {
            self.c.ferme = true;
            self.i = fin;
            self.lu(Dernier::Plage);
            return;
        }
        if std::mem::take(&mut self.coupure) {
            self.i = fin;
            self.coupe_plages(debut, fin, &temps);
            return;
        }
        self.ouvre_l_autre_moitie(&temps);
        self.commence_plages(debut);
        self.i = fin;
        let lues =
            temps.len().is_multiple_of(2) && temps.chunks_exact(2).all(|p| plage(p[0].0, p[1].0).is_some());
        // « 09:00-13:00-/3:00-16:00 »: a stretch that reaches back over the one before hides a mistake.
        let recule = temps
            .chunks_exact(2)
            .zip(temps.chunks_exact(2).skip(1))
            .any(|(p, q)| q[0].0 < p[0].0 && q[1].0 > p[0].0);
        let lues = lues && !recule;
        let chevauche = |p: &Plage| temps.chunks_exact(2).any(|t| p.de < t[1].0 && t[0].0 < p.fin());
        if lues && self.c.inconnu && self.c.plages.iter().any(chevauche) {
            // Other hours, of something that is not known: « atelier : 9h-12h ».
            self.perd(debut, fin);
        } else if lues {
            for (de, a) in temps.chunks_exact(2).filter_map(|p| plage(p[0].0, p[1].0)) {
                self.ajoute(de, a);
            }
        } else {
            self.perd(debut, fin);
            self.c.illisible = true;
        }
        self.lu(Dernier::Plage);
    }

    /// « fermé de 12h à 14h »: taken out of the hours that were given.
    fn coupe_plages(&mut self, debut: usize, fin: usize, temps: &[(u16, usize)]) {
        let [(de, _), (a, _)] = *temps else {
            self.perd(debut, fin);
            self.c.illisible |= !self.c.plages.is_empty();
            return;
        };
        let dehors = self.c.plages.iter().all(|p| p.fin() <= de || a <= p.de);
        let dedans = self.c.plages.iter().position(|p| p.de < de && a < p.fin() && p.a.is_some());
        match dedans {
            _ if self.c.plages.is_empty() || de >= a => self.perd(debut, fin),
            Some(k) => {
                let apres = Plage { de: a, ..self.c.plages[k].clone() };
                self.c.plages[k].a = Some(de);
                self.c.plages.insert(k + 1, apres);
            }
            None if dehors => {}
            None => {
                self.perd(debut, fin);
                self.c.illisible = true;
            }
        }
        self.lu(Dernier::Plage);
    }

    /// « sauf jeudi matin et samedi 17h »: the morning is closed, the hour is that of the other day.
    fn part_des_demis(&mut self, debut: usize) {
        let entiers = self.c.jours.iter().any(|j| j.demi.is_none());
        if self.c.sauf && self.c.plages.is_empty() && entiers && self.c.jours.iter().any(|j| j.demi.is_some())
        {
            let (entiers, demis) =
                std::mem::take(&mut self.c.jours).into_iter().partition(|j| j.demi.is_none());
            self.c.jours = demis;
            self.ferme_clause_a(debut);
            self.c.sauf = true;
            self.c.jours = entiers;
        }
    }

    /// « lundi matin fermé, après-midi 14h-18h »: hours of the half that was not closed.
    fn ouvre_l_autre_moitie(&mut self, temps: &[(u16, usize)]) {
        let Some(demi) = self.c.jours.first().and_then(|j| j.demi) else { return };
        let ailleurs = temps.chunks_exact(2).all(|t| {
            Plage { de: t[0].0, a: Some(t[1].0), note: None, paires: None }.dans(demi) == Some(false)
        });
        if self.c.ferme && !self.c.sauf && ailleurs && self.c.jours.iter().all(|j| j.demi == Some(demi)) {
            self.c.ferme = false;
            self.c.demis_fermes.push(demi);
            for jour in &mut self.c.jours {
                jour.demi = None;
            }
        }
    }

    /// In a sentence that puts hours before days, hours after days begin a clause.
    fn commence_plages(&mut self, debut: usize) {
        self.part_des_demis(debut);
        if self.heures_avant && !self.c.jours.is_empty() && self.impose.is_none() && self.c.pleine() {
            self.ferme_clause_a(debut);
        }
        if self.c.periode != self.entete && !self.c.plages.is_empty() {
            // « mercredi 14h-17h en période scolaire et 10h-12h pendant les vacances »
            let jours = self.c.jours.clone();
            self.ferme_clause_a(debut);
            self.c.jours = jours;
        }
        if self.c.ferme && (!self.c.jours.is_empty() || self.c.sauf) {
            // Closed, and open: both cannot be.
            self.c.illisible = true;
        }
    }

    fn ajoute(&mut self, de: u16, a: u16) {
        if de == a {
            self.lu.remarques.push(format!("la plage {} est vide", texte(de, a)));
            return;
        }
        let (note, paires) = (self.c.note.clone(), self.c.paires);
        if let Some(autre) = self
            .c
            .plages
            .iter_mut()
            .find(|p| p.paires.is_none() && p.de < a && de < p.fin() && paires.is_none())
        {
            let quoi = if (autre.de, autre.fin()) == (de, a) {
                "est donnée deux fois"
            } else {
                "chevauche une autre"
            };
            self.lu.remarques.push(format!("la plage {} {quoi}", texte(de, a)));
            autre.a = Some(autre.fin().max(a));
            autre.de = autre.de.min(de);
            return;
        }
        self.c.plages.push(Plage { de, a: Some(a), note, paires });
    }

    /// A time alone: the end of the day of an exception, or something that is missing its end.
    fn heure_seule(&mut self, debut: usize, heure: u16, nue: bool) {
        let suite = self.sens(self.saute(self.i, false));
        let exception_apres = self.profondeur > 0
            && matches!(
                suite,
                Some(
                    Sens::Jour(_)
                        | Sens::Jours(_)
                        | Sens::Vacances
                        | Sens::PeriodeScolaire
                        | Sens::Saison
                        | Sens::Mois(_)
                )
            );
        if nue && !exception_apres {
            self.i = debut;
            self.inconnu();
            return;
        }
        self.part_des_demis(debut);
        if exception_apres {
            self.ferme_clause_a(debut);
            self.c.jusque = Some(heure);
        } else if !self.c.jours.is_empty()
            && self.c.plages.is_empty()
            && (self.c.sauf || self.profondeur > 0)
            && self.impose.is_none()
        {
            self.c.jusque = Some(heure);
            self.c.ferme = false;
        } else if self.ouverte() {
            // « 14h+ »
            self.i += 1;
            self.c.plages.push(Plage {
                de: heure,
                a: None,
                note: self.c.note.clone(),
                paires: self.c.paires,
            });
        } else {
            self.perd(debut, self.i);
            self.c.illisible = true;
        }
        self.lu(Dernier::Plage);
    }

    /// The plus sign of « 14h+ » stands against the time.
    fn ouverte(&self) -> bool {
        self.jetons.get(self.i).is_some_and(|j| self.source.get(j.de..j.a) == Some("+"))
    }

    /// « jusqu’à 18h », « à partir de 14h ».
    pub(super) fn prend_borne(&mut self, fin: bool) {
        let debut = self.i;
        let k = self.saute(self.i + 1, false);
        let k = if matches!(self.sens(k), Some(Sens::A)) { k + 1 } else { k };
        let Some(heure) = self.heure(k) else {
            // « depuis le 13 septembre »: a date that has only one end.
            let date = self.lit_periode(k).map_or(self.i + 1, |(_, fin)| fin);
            self.perd(self.i, date);
            self.c.inconnu = true;
            self.i = date;
            return;
        };
        // « à partir de 9h jusqu’à 12h » is a stretch like any other.
        let signe = self.saute(k + 1, false);
        let signe = match self.sens(signe) {
            // « ouverture à 9h, fermeture à 12h »
            Some(Sens::Virgule | Sens::Et) if !fin && self.sens(signe + 1) == Some(&Sens::Jusque) => {
                signe + 1
            }
            _ => signe,
        };
        if !fin
            && matches!(self.sens(signe), Some(Sens::A | Sens::Tiret | Sens::Jusque))
            && self.heure(self.saute(signe + 1, false)).is_some()
        {
            self.i = k;
            self.prend_plages();
            return;
        }
        let apres = self.sens(self.saute(k + 1, false));
        if self.c.pleine() && matches!(apres, Some(Sens::Jour(_) | Sens::Jours(_) | Sens::Vacances)) {
            self.ferme_clause_a(debut);
        }
        self.i = k + 1;
        if fin {
            self.c.jusque = Some(heure);
            // « Nocturne le jeudi jusqu’à 20h », in a sentence of its own, does not say when Thursday begins.
            self.c.reprend = self.jetons[..debut]
                .iter()
                .rev()
                .find_map(|j| match j.sens {
                    Sens::Heure(_) => Some(true),
                    Sens::Fin | Sens::Demi(_) => Some(false),
                    _ => None,
                })
                .unwrap_or(false);
        } else {
            self.c.depuis = Some(heure);
        }
        self.lu(Dernier::Autre);
    }
}

/// Minutes of a stretch, when they can be one: a lieu that closes after midnight opens in the evening.
fn plage(de: u16, a: u16) -> Option<(u16, u16)> {
    match (de, a) {
        (de, 0) if de > 0 => Some((de, 1_440)),
        (de, a) if de <= a => Some((de, a)),
        (de, a) if de >= 1_020 && a <= 360 => Some((de, a + 1_440)),
        _ => None,
    }
}

fn texte(de: u16, a: u16) -> String {
    let heure = super::super::super::osm::ecrit_heure;
    format!("{}-{}", heure(de), heure(a))
}
