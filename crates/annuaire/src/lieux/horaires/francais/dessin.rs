//! From clauses to weeks.

use super::clauses::{Choix, Clause, Periode, Plage};
use super::lecture::Lu;
use super::lexique::{Demi, UNE_SUR_DEUX};

/// A day of a week.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Jour {
    pub(super) plages: Vec<Plage>,
    /// What is said of a day without hours: « sur rendez-vous ».
    pub(super) note: Option<String>,
    /// Words of the source, shown as they are: nobody then takes the day for closed.
    pub(super) cite: Option<String>,
}

impl Jour {
    pub(super) fn vide(&self) -> bool {
        self.plages.is_empty() && self.note.is_none() && self.cite.is_none()
    }
}

/// A day of the month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct JourDuMois {
    pub(super) jour: u8,
    pub(super) rangs: Vec<i8>,
    pub(super) contenu: Jour,
}

/// A week, and when it holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Bloc {
    pub(super) periode: Option<Periode>,
    pub(super) semaine: [Jour; 7],
    pub(super) rangs: Vec<JourDuMois>,
    /// How many days the clause named that set each day.
    portee: [usize; 7],
}

/// What was understood of the sentence.
#[derive(Debug, Default)]
pub(super) struct Dessin {
    /// The first one holds all year long.
    pub(super) blocs: Vec<Bloc>,
    /// Days that are closed in a period; none for all of them.
    pub(super) fermetures: Vec<(Periode, Vec<usize>)>,
    pub(super) feries_fermes: bool,
    pub(super) feries_compris: bool,
    /// The hours of public holidays.
    pub(super) feries: Vec<Plage>,
    pub(super) vacances_fermees: bool,
    /// The hours that no day goes with: their tokens.
    pub(super) sans_jours: Option<(usize, usize)>,
    /// Clauses of which something is missing: their tokens, and what is missing.
    pub(super) manques: Vec<((usize, usize), &'static str)>,
    pub(super) note: Option<String>,
    pub(super) remarques: Vec<String>,
    /// The hours of the last clause that gave some.
    pub(super) dernieres: Vec<Plage>,
}

const SANS_HEURES: &str = "les heures ne sont pas dites";
const CONTRAIRE: &str = "dit autre chose que le reste";
const SAISON: &str = "les dates de la saison ne sont pas dites";
const TELEPHONE: &str = "ce sont les heures du téléphone";
const COUPE: &str = "une partie de la journée, dont l’heure n’est pas dite";

/// Draws the weeks. `cite` gives the words of a clause.
pub(super) fn dessine(lu: &Lu, cite: impl Fn((usize, usize)) -> String) -> Dessin {
    let mut d = Dessin {
        blocs: vec![Bloc::default()],
        feries_fermes: lu.feries_fermes,
        feries_compris: lu.feries_compris,
        vacances_fermees: lu.vacances_fermees,
        note: lu.note.clone(),
        remarques: lu.remarques.clone(),
        ..Dessin::default()
    };
    let nomme_des_jours = lu
        .clauses
        .iter()
        .any(|c| !c.jours.is_empty() && !c.sauf && !c.ferme && c.jusque.is_none() && !c.plages.is_empty());
    let des_heures_sans_jours = lu.clauses.iter().any(|c| c.jours.is_empty() && !c.plages.is_empty());
    for c in dans_l_ordre(&lu.clauses) {
        if nomme_des_jours && des_heures_sans_jours && c.inconnu && !c.jours.is_empty() {
            // « 9h-12h. Ouvert 7j/7 pour les adhérents »: hours for whom we do not know.
            d.manques.push((c.jetons, CONTRAIRE));
            continue;
        }
        d.ajoute(c, nomme_des_jours, &cite);
        if !c.plages.is_empty() {
            d.dernieres = plages(c, false);
        }
    }
    if let Some(note) = &d.note {
        for bloc in &mut d.blocs {
            let jours = bloc.semaine.iter_mut().chain(bloc.rangs.iter_mut().map(|r| &mut r.contenu));
            for plage in jours.flat_map(|j| &mut j.plages).filter(|p| p.note.is_none()) {
                plage.note = Some(note.clone());
            }
        }
    }
    d
}

/// The clauses as they are drawn: « fermé le mercredi matin. Du lundi au vendredi 9h-17h » closes what comes after it.
fn dans_l_ordre(clauses: &[Clause]) -> Vec<&Clause> {
    let precede = |rang: usize, c: &Clause| {
        c.ferme
            && c.plages.is_empty()
            && !c.jours.is_empty()
            && clauses[rang + 1..].iter().any(|suite| {
                !suite.plages.is_empty()
                    && suite.periode == c.periode
                    && suite.jours.len() > c.jours.len()
                    && suite.jours.iter().any(|j| c.jours.iter().any(|ferme| ferme.jour == j.jour))
            })
    };
    let (apres, avant): (Vec<_>, Vec<_>) =
        clauses.iter().enumerate().partition(|(rang, c)| precede(*rang, c));
    avant.into_iter().chain(apres).map(|(_, c)| c).collect()
}

impl Dessin {
    fn bloc(&mut self, periode: Option<Periode>) -> usize {
        let periode = match periode {
            Some(Periode::Scolaire) => {
                self.vacances_fermees = true;
                None
            }
            autre => autre,
        };
        self.blocs.iter().position(|b| b.periode == periode).unwrap_or_else(|| {
            self.blocs.push(Bloc { periode, ..Bloc::default() });
            self.blocs.len() - 1
        })
    }

    fn ajoute(&mut self, c: &Clause, nomme_des_jours: bool, cite: &impl Fn((usize, usize)) -> String) {
        if c.periode == Some(Periode::Saison) {
            self.manques.push((c.jetons, SAISON));
            return;
        }
        if c.telephone && !c.plages.is_empty() {
            self.manques.push((c.jetons, TELEPHONE));
            return;
        }
        if c.avec_feries {
            self.feries = plages(c, false);
            if c.jours.is_empty() {
                return;
            }
        }
        if c.jours.is_empty() {
            self.ajoute_sans_jours(c, nomme_des_jours);
            return;
        }
        if let Some(periode) = c.periode.filter(|p| c.ferme && *p != Periode::Scolaire)
            && c.plages.is_empty()
            && c.jours.iter().all(|j| j.rangs.is_empty() && j.demi.is_none())
        {
            let mut jours: Vec<usize> = c.jours.iter().map(|j| usize::from(j.jour)).collect();
            jours.sort_unstable();
            jours.dedup();
            self.fermetures.push((periode, jours));
            return;
        }
        // The end of the day changes in a period: the week of all the year, cut.
        let neuf = !self.blocs.iter().any(|b| b.periode == c.periode) && c.periode.is_some();
        let place = self.bloc(c.periode);
        if neuf && place > 0 && (c.jusque.is_some() || c.depuis.is_some()) {
            self.blocs[place].semaine = self.blocs[0].semaine.clone();
        }
        let portee = c.jours.len();
        for choix in &c.jours {
            if c.exclus.iter().any(|e| e.jour == choix.jour && e.demi.is_none() && e.rangs.is_empty()) {
                continue;
            }
            self.ajoute_jour(c, choix, place, portee, cite);
        }
        for exclu in c.exclus.iter().filter(|e| e.demi.is_none() && !e.rangs.is_empty()) {
            let rangs = exclu.rangs.clone();
            self.blocs[place].rangs.push(JourDuMois { jour: exclu.jour, rangs, contenu: Jour::default() });
        }
        if c.illisible && c.plages.is_empty() {
            return;
        }
        let dit = c.dit() || c.feries || c.sauf;
        if !dit && !self.restreint(c, place) {
            self.manques.push((c.jetons, SANS_HEURES));
            for choix in &c.jours {
                let jour = &mut self.blocs[place].semaine[usize::from(choix.jour)];
                if jour.vide() && choix.rangs.is_empty() {
                    jour.cite = Some(cite(c.jetons));
                }
            }
        }
    }

    /// « mercredi uniquement le matin », once the hours of the week are known.
    fn restreint(&mut self, c: &Clause, place: usize) -> bool {
        let base = &mut self.blocs[place].semaine;
        let fait = |choix: &Choix, base: &[Jour; 7]| {
            let demi = choix.demi.or(c.demi)?;
            let plages = &base[usize::from(choix.jour)].plages;
            let dans: Option<Vec<bool>> = plages.iter().map(|p| p.dans(demi)).collect();
            let dans = dans.filter(|d| d.contains(&true))?;
            Some(plages.iter().zip(dans).filter(|(_, oui)| *oui).map(|(p, _)| p.clone()).collect::<Vec<_>>())
        };
        let restes: Option<Vec<Vec<Plage>>> = c.jours.iter().map(|choix| fait(choix, base)).collect();
        let Some(restes) = restes else { return false };
        for (choix, plages) in c.jours.iter().zip(restes) {
            base[usize::from(choix.jour)].plages = plages;
        }
        true
    }

    fn ajoute_sans_jours(&mut self, c: &Clause, nomme_des_jours: bool) {
        match c.periode {
            Some(periode) if c.ferme && c.plages.is_empty() => {
                match periode {
                    Periode::Vacances => self.vacances_fermees = true,
                    _ => self.fermetures.push((periode, Vec::new())),
                }
                return;
            }
            _ => {}
        }
        if !c.plages.is_empty() {
            if nomme_des_jours || self.sans_jours.is_some() || c.ferme {
                self.manques.push((c.jetons, "les jours ne sont pas dits"));
                return;
            }
            let place = self.bloc(c.periode);
            // Around the clock is every day, and a date is a day.
            let dits = c.periode.is_some_and(Periode::est_un_jour);
            if !dits && c.plages.iter().any(|p| (p.de, p.a) != (0, Some(1_440))) {
                self.sans_jours = Some(c.jetons);
            }
            for (rang, jour) in self.blocs[place].semaine.iter_mut().enumerate() {
                if !c.exclus.iter().any(|e| usize::from(e.jour) == rang && e.demi.is_none()) {
                    jour.plages = plages(c, false);
                }
            }
        } else if c.jusque.is_some() || c.depuis.is_some() {
            let base = self.blocs[0].semaine.clone();
            let place = self.bloc(c.periode);
            if place == 0 || base.iter().all(Jour::vide) || !self.blocs[place].semaine.iter().all(Jour::vide)
            {
                self.manques.push((c.jetons, SANS_HEURES));
                return;
            }
            let cible = &mut self.blocs[place].semaine;
            *cible = base;
            if !cible.iter_mut().filter(|j| !j.plages.is_empty()).all(|j| coupe(&mut j.plages, c)) {
                self.manques.push((c.jetons, CONTRAIRE));
            }
        } else if c.ferme {
            // « fermé l’après-midi »
            let Some(demi) = c.demi.filter(|_| !c.feries) else {
                if !c.feries {
                    self.manques.push((c.jetons, "ce qui est fermé n’est pas dit"));
                }
                return;
            };
            if !self.blocs[0].semaine.iter_mut().all(|j| ote(&mut j.plages, demi)) {
                self.manques.push((c.jetons, COUPE));
            }
        } else if let Some(note) = &c.note {
            let Some(demi) = c.demi else {
                self.note = self.note.take().or_else(|| Some(note.clone()));
                return;
            };
            let toutes = self.blocs[0].semaine.iter_mut().flat_map(|j| &mut j.plages);
            let mut dites = false;
            for plage in toutes.filter(|p| p.dans(demi) == Some(true)) {
                plage.note = Some(note.clone());
                dites = true;
            }
            if !dites {
                self.manques.push((c.jetons, SANS_HEURES));
            }
        } else if c.sauf || c.demi.is_some() || c.illisible {
            let quoi = if c.illisible { return } else { SANS_HEURES };
            let toutes: Vec<_> = self.blocs[0].semaine.iter().flat_map(|j| &j.plages).collect();
            // « uniquement le matin », after hours of the morning: nothing new.
            let confirme =
                c.demi.is_some_and(|d| !toutes.is_empty() && toutes.iter().all(|p| p.dans(d) == Some(true)));
            if !confirme {
                self.manques.push((c.jetons, quoi));
            }
        }
    }

    fn ajoute_jour(
        &mut self,
        c: &Clause,
        choix: &Choix,
        place: usize,
        portee: usize,
        cite: &impl Fn((usize, usize)) -> String,
    ) {
        let base = self.blocs[0].semaine[usize::from(choix.jour)].clone();
        let bloc = &mut self.blocs[place];
        if !choix.rangs.is_empty() {
            let mut contenu = Jour {
                plages: plages(c, choix.alterne),
                note: c.note.clone().filter(|_| c.plages.is_empty()),
                cite: None,
            };
            if c.ferme {
                contenu.plages = choix.demi.or(c.demi).map_or_else(Vec::new, |_| base.plages);
                if let Some(demi) = choix.demi.or(c.demi)
                    && !ote(&mut contenu.plages, demi)
                {
                    contenu = Jour { cite: Some(cite(c.jetons)), ..Jour::default() };
                    self.manques.push((c.jetons, COUPE));
                }
            } else if c.illisible {
                contenu = Jour { cite: Some(cite(c.jetons)), ..Jour::default() };
            } else if c.sauf && contenu.plages.is_empty() && choix.demi.is_none() {
                // « mardi 9h-12h (sauf le 1er mardi du mois) »
                contenu = Jour::default();
            } else if contenu.plages.is_empty() && !base.plages.is_empty() {
                contenu.plages = base.plages;
            } else if contenu.vide() {
                contenu.cite = Some(cite(c.jetons));
            }
            bloc.rangs.push(JourDuMois { jour: choix.jour, rangs: choix.rangs.clone(), contenu });
            return;
        }
        let jour = &mut bloc.semaine[usize::from(choix.jour)];
        let mut coupee = true;
        if c.illisible {
            *jour = Jour { cite: Some(cite(c.jetons)), ..Jour::default() };
            let manque = (c.jetons, "ouvert et fermé à la fois");
            if c.ferme && !self.manques.contains(&manque) {
                self.manques.push(manque);
            }
            return;
        }
        if c.ferme {
            match choix.demi.or(c.demi) {
                None => *jour = Jour::default(),
                Some(demi) => coupee = ote(&mut jour.plages, demi),
            }
        } else if c.jusque.is_some() || c.depuis.is_some() {
            coupee = if jour.plages.is_empty()
                && c.plages.is_empty()
                && c.depuis.is_some()
                && c.jusque.is_none()
            {
                jour.plages.push(Plage {
                    de: c.depuis.unwrap_or(0),
                    a: None,
                    note: c.note.clone(),
                    paires: None,
                });
                true
            } else {
                if jour.plages.is_empty() && c.reprend {
                    jour.plages.clone_from(&self.dernieres);
                }
                !jour.plages.is_empty() && coupe(&mut jour.plages, c)
            };
        } else if !c.plages.is_empty() {
            let neuves = plages(c, choix.alterne);
            let chevauche = jour.plages.iter().any(|p| {
                neuves.iter().any(|q| {
                    p.de < q.fin()
                        && q.de < p.fin()
                        && (p.paires == q.paires || p.paires.is_none() || q.paires.is_none())
                })
            });
            if c.sauf || jour.plages.is_empty() {
                jour.plages = neuves;
                jour.note = None;
            } else if jour.plages == neuves {
                let quoi = "des heures sont données deux fois".to_owned();
                if !self.remarques.contains(&quoi) {
                    self.remarques.push(quoi);
                }
            } else if !chevauche {
                jour.plages.extend(neuves);
                jour.plages.sort_by_key(|p| p.de);
            } else if portee < bloc.portee[usize::from(choix.jour)] && !c.inconnu {
                // « du lundi au vendredi 9h-17h, le vendredi 9h-16h »: the particular wins.
                jour.plages = neuves;
            } else {
                if !self.manques.iter().any(|(j, _)| *j == c.jetons) {
                    self.manques.push((c.jetons, CONTRAIRE));
                }
                if !c.inconnu {
                    *jour = Jour { cite: Some(cite(c.jetons)), ..Jour::default() };
                }
                return;
            }
            bloc.portee[usize::from(choix.jour)] = portee;
        } else if let Some(note) = &c.note {
            let demi = choix.demi.or(c.demi);
            let visees = jour.plages.iter_mut().filter(|p| demi.is_none_or(|d| p.dans(d) == Some(true)));
            let mut dites = false;
            for plage in visees {
                plage.note = Some(note.clone());
                dites = true;
            }
            if !dites {
                jour.note = Some(match demi {
                    Some(Demi::Matin) => format!("le matin {note}"),
                    Some(Demi::Aprem) => format!("l’après-midi {note}"),
                    _ => note.clone(),
                });
            }
        } else if c.sauf {
            match choix.demi.or(c.demi) {
                None => *jour = Jour::default(),
                Some(demi) => coupee = ote(&mut jour.plages, demi),
            }
        }
        for demi in &c.demis_fermes {
            coupee &= jour.plages.iter().all(|p| p.dans(*demi) == Some(false));
        }
        for exclu in c.exclus.iter().filter(|e| e.jour == choix.jour) {
            if let Some(demi) = exclu.demi {
                coupee &= ote(&mut jour.plages, demi);
            }
        }
        if !coupee {
            *jour = Jour { cite: Some(cite(c.jetons)), ..Jour::default() };
            if !self.manques.iter().any(|(j, _)| *j == c.jetons) {
                self.manques.push((c.jetons, COUPE));
            }
        }
    }
}

/// The stretches of a clause; those of an alternance say so.
fn plages(c: &Clause, alterne: bool) -> Vec<Plage> {
    let mut plages = c.plages.clone();
    plages.sort_by_key(|p| p.de);
    for plage in &mut plages {
        if let Some(quand) = c.alterne.or(alterne.then_some(UNE_SUR_DEUX)) {
            plage.note =
                Some(plage.note.take().map_or_else(|| quand.to_owned(), |n| format!("{quand}, {n}")));
        }
        if plage.paires.is_none() {
            plage.paires = c.paires;
        }
    }
    plages
}

/// Takes a half of the day out; false when a stretch lies in both halves.
fn ote(plages: &mut Vec<Plage>, demi: Demi) -> bool {
    if plages.iter().any(|p| p.dans(demi).is_none()) {
        return false;
    }
    plages.retain(|p| p.dans(demi) != Some(true));
    true
}

/// Ends the day at another time, or begins it later; false when that is not a cut of one of its ends.
fn coupe(plages: &mut Vec<Plage>, c: &Clause) -> bool {
    if let Some(fin) = c.jusque {
        let Some(derniere) = plages.last_mut() else { return false };
        if fin <= derniere.de {
            plages.retain(|p| p.de < fin);
        }
        let Some(derniere) = plages.last_mut() else { return false };
        derniere.a = Some(fin);
        if let Some(note) = &c.note {
            derniere.note = Some(note.clone());
        }
    }
    if let Some(debut) = c.depuis {
        plages.retain(|p| p.fin() > debut);
        let Some(premiere) = plages.first_mut() else { return false };
        premiere.de = debut;
    }
    true
}
