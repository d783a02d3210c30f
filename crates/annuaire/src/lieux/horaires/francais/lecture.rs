//! Reads the tokens of a sentence into clauses. A token is read by a rule that gives it a meaning, or it is told.

mod jours;
mod periodes;
mod plages;
mod qualites;

use super::clauses::{Clause, Periode};
use super::jetons::Jeton;
use super::lexique::{Demi, Sens};

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Lu {
    pub(super) clauses: Vec<Clause>,
    /// Tokens that were not understood.
    pub(super) perdus: Vec<bool>,
    pub(super) feries_fermes: bool,
    pub(super) feries_compris: bool,
    pub(super) vacances_fermees: bool,
    /// Said of everything.
    pub(super) note: Option<String>,
    pub(super) remarques: Vec<String>,
}

/// The last thing that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dernier {
    Rien,
    Jours,
    Plage,
    Autre,
}

pub(super) struct Lecteur<'j> {
    source: &'j str,
    jetons: &'j [Jeton],
    i: usize,
    lu: Lu,
    c: Clause,
    entete: Option<Periode>,
    entete_paires: Option<bool>,
    entete_alterne: Option<&'static str>,
    dernier: Dernier,
    /// Signs since then: 0 none, 1 a comma or the like, 2 the end of a sentence or of a line.
    separe: u8,
    profondeur: u8,
    heures_avant: bool,
    /// The same, of the whole text.
    ordre: bool,
    /// What was said before the days, up to the end of the sentence.
    note_prefixe: Option<String>,
    /// A header that nothing has followed yet: its token.
    annonce: Option<usize>,
    /// « fermé » was read, and the hours to come are those of the closing.
    coupure: bool,
    /// The day that the text is about, when it is known from elsewhere.
    impose: Option<u8>,
}

/// Reads a sentence; `impose` is the day it speaks of, when that is known from elsewhere.
pub(super) fn lit(source: &str, jetons: &[Jeton], impose: Option<u8>) -> Lu {
    let mut lecteur = Lecteur {
        source,
        jetons,
        i: 0,
        lu: Lu { perdus: vec![false; jetons.len()], ..Lu::default() },
        c: Clause::default(),
        entete: None,
        entete_paires: None,
        entete_alterne: None,
        dernier: Dernier::Rien,
        separe: 0,
        profondeur: 0,
        heures_avant: ordre_de_la_phrase(jetons, 0).unwrap_or_else(|| heures_avant(jetons)),
        ordre: heures_avant(jetons),
        note_prefixe: None,
        annonce: None,
        coupure: false,
        impose,
    };
    lecteur.neuve();
    while lecteur.i < jetons.len() {
        let avant = lecteur.i;
        lecteur.pas();
        // Whatever happens, reading goes on.
        if lecteur.i <= avant {
            lecteur.i = avant + 1;
        }
    }
    lecteur.ferme_clause();
    lecteur.annonce(None);
    lecteur.lu
}

/// [`heures_avant`] of the sentence that starts at `i`, when it has both hours and days.
fn ordre_de_la_phrase(jetons: &[Jeton], i: usize) -> Option<bool> {
    let suite = jetons.get(i..).unwrap_or_default();
    let fin = suite.iter().position(|j| j.sens == Sens::Fin).unwrap_or(suite.len());
    let phrase = &suite[..fin];
    let heures = phrase.iter().any(|j| matches!(j.sens, Sens::Heure(_) | Sens::Horloge));
    let jours = phrase.iter().any(|j| matches!(j.sens, Sens::Jour(_) | Sens::Jours(_)));
    (heures && jours).then(|| heures_avant(phrase))
}

/// Whether hours stand before the days they belong to: « 9h-12h le lundi, 14h-17h le mardi ».
fn heures_avant(jetons: &[Jeton]) -> bool {
    let mut profondeur = 0_u8;
    let (mut premier, mut dernier, mut exclu) = (None, None, false);
    for j in jetons {
        match j.sens {
            Sens::Ouvrante => profondeur = profondeur.saturating_add(1),
            Sens::Fermante => profondeur = profondeur.saturating_sub(1),
            _ if profondeur > 0 => {}
            Sens::Sauf | Sens::Ferme => exclu = true,
            Sens::Fin => exclu = false,
            Sens::Heure(_) | Sens::Horloge => {
                exclu = false;
                premier = premier.or(Some(true));
                dernier = Some(true);
            }
            Sens::Jour(_) | Sens::Jours(_) if !exclu => {
                premier = premier.or(Some(false));
                dernier = Some(false);
            }
            _ => {}
        }
    }
    premier == Some(true) && dernier == Some(false)
}

impl Lecteur<'_> {
    fn sens(&self, i: usize) -> Option<&Sens> {
        self.jetons.get(i).map(|j| &j.sens)
    }

    fn neuve(&mut self) {
        self.c = Clause {
            periode: self.entete,
            paires: self.entete_paires,
            alterne: self.entete_alterne,
            jetons: (self.i, self.i),
            ..Clause::default()
        };
        if let Some(jour) = self.impose {
            self.c.jours.push(super::clauses::Choix::chaque(jour));
        }
    }

    fn ferme_clause(&mut self) {
        let mut c = std::mem::take(&mut self.c);
        c.jetons.1 = self.i;
        if c.dit() {
            self.annonce = None;
        }
        if !c.vide() || c.demi.is_some() || c.sauf {
            self.lu.clauses.push(c);
        }
        self.neuve();
    }

    /// Another header: the one before is told when nothing followed it.
    fn annonce(&mut self, jeton: Option<usize>) {
        if let Some(k) = std::mem::replace(&mut self.annonce, jeton) {
            self.perd(k, k + 1);
        }
    }

    /// Ends the clause at an earlier token, where the next one begins.
    fn ferme_clause_a(&mut self, debut: usize) {
        let i = std::mem::replace(&mut self.i, debut);
        self.ferme_clause();
        self.i = i;
    }

    fn lu(&mut self, dernier: Dernier) {
        self.dernier = dernier;
        self.separe = 0;
    }

    fn perd(&mut self, de: usize, a: usize) {
        for perdu in self.lu.perdus.iter_mut().take(a).skip(de) {
            *perdu = true;
        }
    }

    /// The first token from `i` on that is neither noise nor, unless `fin`, a sign.
    fn saute(&self, mut i: usize, signes: bool) -> usize {
        while let Some(sens) = self.sens(i) {
            match sens {
                Sens::Bruit | Sens::Les | Sens::Des => {}
                Sens::Virgule | Sens::Et | Sens::Barre | Sens::Tiret | Sens::DeuxPoints if signes => {}
                _ => break,
            }
            i += 1;
        }
        i
    }

    /// Whether nothing that matters follows.
    fn au_bout(&self, i: usize) -> bool {
        self.jetons[i.min(self.jetons.len())..].iter().all(|j| {
            matches!(
                j.sens,
                Sens::Bruit
                    | Sens::Les
                    | Sens::Fin
                    | Sens::Virgule
                    | Sens::Fermante
                    | Sens::Tiret
                    | Sens::Contact
                    | Sens::Mot
                    | Sens::A
                    | Sens::DeuxPoints
                    | Sens::Et
            )
        })
    }

    fn pas(&mut self) {
        let Some(sens) = self.sens(self.i).cloned() else { return };
        match sens {
            Sens::Bruit | Sens::Les | Sens::A | Sens::Des => self.i += 1,
            Sens::Tiret if self.est_un_jour_vide() => {
                self.c.ferme = true;
                self.i += 1;
                self.lu(Dernier::Autre);
            }
            Sens::Virgule | Sens::Et | Sens::Barre | Sens::Tiret | Sens::DeuxPoints => {
                self.separe = self.separe.max(1);
                self.i += 1;
            }
            Sens::Fin => {
                self.separe = 2;
                self.note_prefixe = None;
                self.coupure = false;
                self.i += 1;
                self.heures_avant = ordre_de_la_phrase(self.jetons, self.i).unwrap_or(self.ordre);
            }
            Sens::Ouvrante => {
                self.profondeur = self.profondeur.saturating_add(1);
                self.i += 1;
            }
            Sens::Fermante => {
                self.profondeur = self.profondeur.saturating_sub(1);
                self.i += 1;
            }
            Sens::AutresJours if !self.des_jours_sont_dits() => self.inconnu(),
            Sens::Jour(_) | Sens::Jours(_) | Sens::AutresJours => self.prend_jours(),
            Sens::Rang(_) => self.prend_rang(),
            Sens::Heure(_) | Sens::Horloge => self.prend_plages(),
            Sens::Nombre(_) | Sens::Date(..) | Sens::Mois(_) => match self.lit_periode(self.i) {
                Some((periode, fin)) => self.prend_periode(periode, fin),
                None if matches!(sens, Sens::Nombre(_)) => self.prend_plages(),
                None => self.inconnu(),
            },
            Sens::Vacances => self.prend_periode(Periode::Vacances, self.i + 1),
            Sens::PeriodeScolaire => self.prend_periode(Periode::Scolaire, self.i + 1),
            Sens::Saison => self.prend_periode(Periode::Saison, self.i + 1),
            Sens::Semaines(paires) => self.prend_semaines(paires),
            Sens::ParMois if self.c.jours.iter().any(|j| !j.rangs.is_empty()) => self.i += 1,
            Sens::ParMois => self.prend_alternance(super::lexique::PARFOIS),
            Sens::Alternance(quand) => self.prend_alternance(quand),
            Sens::Idem => self.prend_idem(),
            Sens::ResteDeLAnnee => self.prend_reste_de_l_annee(),
            Sens::Telephone => self.prend_telephone(),
            Sens::Feries => self.prend_feries(),
            Sens::Compris => self.prend_compris(),
            Sens::Sauf => self.prend_sauf(),
            Sens::Ferme => self.prend_ferme(),
            Sens::Note(note) => self.prend_note(note),
            Sens::Demi(demi) => self.prend_demi(demi),
            Sens::Jusque => self.prend_borne(true),
            Sens::Depuis => self.prend_borne(false),
            Sens::Contact | Sens::Annee(_) | Sens::Mot => self.inconnu(),
        }
    }

    /// « une semaine sur deux »: of this clause, or of what follows a title.
    fn prend_alternance(&mut self, quand: &'static str) {
        let titre = self.sens(self.i + 1) == Some(&Sens::DeuxPoints);
        if titre && self.c.dit() && self.separe > 0 {
            self.ferme_clause();
        }
        if titre && self.c.vide() {
            self.entete_alterne = Some(quand);
        }
        self.perd(self.i, self.i + 1);
        self.c.alterne = Some(quand);
        self.i += 1;
    }

    /// « mercredi : - »
    fn est_un_jour_vide(&self) -> bool {
        let avant = self.i.checked_sub(1).and_then(|k| self.sens(k));
        self.dernier == Dernier::Jours
            && !self.c.dit()
            && matches!(avant, Some(Sens::DeuxPoints | Sens::Barre))
            && matches!(
                self.sens(self.i + 1),
                None | Some(Sens::Fin | Sens::Virgule | Sens::Barre | Sens::Jour(_) | Sens::Jours(_))
            )
    }

    /// « accueil téléphonique »: the hours to come are not those of a door, unless it is « physique et téléphonique ».
    fn prend_telephone(&mut self) {
        let avant = self.i.checked_sub(1).and_then(|k| self.sens(k));
        // « sur rendez-vous par téléphone » says how to come.
        let avec = matches!(avant, Some(Sens::Et | Sens::Note(_)))
            || matches!(self.sens(self.i + 1), Some(Sens::Et | Sens::Contact));
        if !avec {
            if self.c.dit() && self.separe > 0 {
                self.ferme_clause();
            }
            self.c.telephone = true;
        }
        self.i += 1;
    }

    /// « mardi idem »
    fn prend_idem(&mut self) {
        let plages = self.lu.clauses.last().map(|c| c.plages.clone()).unwrap_or_default();
        if plages.is_empty() || self.c.jours.is_empty() || self.c.dit() {
            self.inconnu();
            return;
        }
        self.c.plages = plages;
        self.i += 1;
        self.lu(Dernier::Plage);
    }

    fn inconnu(&mut self) {
        self.perd(self.i, self.i + 1);
        if let Some(j) = self.jetons.get(self.i).filter(|j| j.sens != Sens::Contact) {
            self.c.inconnu = true;
            // « 132h15 »: an hour of this clause that cannot be read.
            let mot = self.source.get(j.de..j.a).unwrap_or_default();
            let heure = mot.starts_with(|c: char| c.is_ascii_digit())
                && mot.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['h', 'H', ':']);
            self.c.illisible |= heure && !self.c.jours.is_empty();
        }
        self.i += 1;
    }

    /// A half of the day apart from the days: a label of hours, or what hours are kept.
    fn prend_demi(&mut self, demi: Demi) {
        if self.dernier != Dernier::Plage || self.separe > 0 {
            self.c.demi = (demi != Demi::Journee).then_some(demi);
            self.dernier = Dernier::Autre;
        }
        self.i += 1;
    }
}
