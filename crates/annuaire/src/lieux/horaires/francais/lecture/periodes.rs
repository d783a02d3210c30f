//! Months, dates, holidays, weeks of one parity: headers of what follows, or qualities of what came before.

use super::super::clauses::{Periode, Quantieme};
use super::super::lexique::Sens;
use super::{Dernier, Lecteur};

impl Lecteur<'_> {
    /// Months or dates from `i` on, and where they end.
    pub(super) fn lit_periode(&self, i: usize) -> Option<(Periode, usize)> {
        if let Some(Sens::Mois(de)) = self.sens(i) {
            return Some(self.lit_mois(i, *de));
        }
        if let Some((debut, fin)) = self.lit_date(i) {
            let signe = self.saute(fin, false);
            if matches!(self.sens(signe), Some(Sens::A | Sens::Tiret | Sens::Jusque))
                && let Some((dernier, fin)) = self.lit_date(self.saute(signe + 1, false))
            {
                // « du 24 décembre au 2 janvier 2026 » began the year before.
                let annee =
                    debut.0.or(dernier.0.map(|a| a - u16::from((debut.1, debut.2) > (dernier.1, dernier.2))));
                let dernier = (dernier.0.or(annee), dernier.1, dernier.2);
                return Some((Periode::Dates((annee, debut.1, debut.2), dernier), fin));
            }
            return Some((Periode::Dates(debut, debut), fin));
        }
        // « du 1er au 15 août »
        let jour = self.lit_quantieme(i)?;
        let signe = self.saute(i + 1, false);
        matches!(self.sens(signe), Some(Sens::A | Sens::Tiret)).then_some(())?;
        let (dernier, fin) = self.lit_date(self.saute(signe + 1, false))?;
        (jour < dernier.2).then_some((Periode::Dates((dernier.0, dernier.1, jour), dernier), fin))
    }

    fn lit_mois(&self, i: usize, de: u8) -> (Periode, usize) {
        let signe = self.saute(i + 1, false);
        let apres = self.saute(signe + 1, false);
        let suite = match (self.sens(signe), self.sens(apres)) {
            (Some(Sens::A | Sens::Tiret | Sens::Jusque), Some(Sens::Mois(a))) => Some(*a),
            (Some(Sens::Et | Sens::Barre | Sens::Virgule), Some(Sens::Mois(a))) if *a == de % 12 + 1 => {
                Some(*a)
            }
            _ => None,
        };
        let (a, fin) = suite.map_or((de, i + 1), |a| (a, apres + 1));
        match self.sens(fin) {
            Some(Sens::Annee(annee)) => {
                let premier = annee - u16::from(a < de);
                let dernier = dernier_jour(*annee, a);
                (Periode::Dates((Some(premier), de, 1), (Some(*annee), a, dernier)), fin + 1)
            }
            _ => (Periode::Mois(de, a), fin),
        }
    }

    fn lit_quantieme(&self, i: usize) -> Option<u8> {
        match self.sens(i)? {
            Sens::Nombre(n) if (1..=31).contains(n) => u8::try_from(*n).ok(),
            Sens::Rang(1) => Some(1),
            _ => None,
        }
    }

    fn lit_date(&self, i: usize) -> Option<(Quantieme, usize)> {
        if let Some(Sens::Date(annee, mois, jour)) = self.sens(i) {
            return Some(((*annee, *mois, *jour), i + 1));
        }
        let jour = self.lit_quantieme(i)?;
        let Some(Sens::Mois(mois)) = self.sens(i + 1) else { return None };
        match self.sens(i + 2) {
            Some(Sens::Annee(annee)) => Some(((Some(*annee), *mois, jour), i + 3)),
            _ => Some(((None, *mois, jour), i + 2)),
        }
    }

    /// A period: of the closing that was announced, of the clause before, or of what follows.
    pub(super) fn prend_periode(&mut self, periode: Periode, fin: usize) {
        let suite = self.saute(fin, false);
        let annonce = matches!(self.sens(suite), Some(Sens::DeuxPoints))
            || matches!(
                self.sens(self.saute(fin, true)),
                Some(Sens::Jour(_) | Sens::Jours(_) | Sens::Rang(_))
            )
            || (matches!(self.sens(self.saute(fin, true)), Some(Sens::Ferme)) && self.separe > 0);
        let debut = self.i;
        if std::mem::take(&mut self.coupure) {
            // Of a closing that was not understood: nothing is open because of it.
            self.perd(debut, fin);
            self.i = fin;
            return;
        }
        let avant = self.jetons[..debut].iter().rfind(|j| !matches!(j.sens, Sens::Bruit | Sens::Les));
        if periode == Periode::Vacances
            && self.dernier == Dernier::Jours
            && !self.c.dit()
            && avant.is_some_and(|j| j.sens == Sens::Et)
        {
            // « mercredi et vacances scolaires 14h-18h »: which days of the holidays is not said.
            self.perd(debut, fin);
            self.i = fin;
            return;
        }
        let colle = (0..debut).rev().find(|k| match self.jetons[*k].sens {
            Sens::Bruit | Sens::Les => false,
            // « Saint-Mars »
            Sens::Tiret => self.jetons[*k].a < self.jetons[*k + 1].de,
            _ => true,
        });
        let adresse = colle.is_some_and(|k| self.lu.perdus[k] && matches!(self.sens(k), Some(Sens::Mot)));
        if adresse && !matches!(periode, Periode::Vacances | Periode::Scolaire | Periode::Saison) {
            // « rue du 8 mai 1945 »
            self.perd(debut, fin);
            self.i = fin;
            return;
        }
        // « horaires d’été 8h-14h »: hours of the season, not of the rest.
        let de_saison = periode == Periode::Saison && matches!(self.sens(suite), Some(Sens::Heure(_)));
        let titre = de_saison || matches!(self.sens(suite), Some(Sens::DeuxPoints));
        let annonce = annonce || de_saison;
        let c = &mut self.c;
        if (c.sauf || c.ferme) && c.jours.is_empty() && c.plages.is_empty() && c.periode == self.entete {
            if c.inconnu {
                // « les trois premières semaines d’août »: only the month would be read.
                self.perd(debut, fin);
                self.i = fin;
                return;
            }
            c.periode = Some(periode);
            if c.sauf {
                c.ferme = true;
            }
            self.i = fin;
            self.ferme_clause();
            self.lu(Dernier::Autre);
            return;
        }
        let libre = c.vide() && c.jusque.is_none();
        let deja = c.dit() && c.periode != self.entete;
        let entete = (annonce
            && (self.separe > 0 || libre || titre || self.dernier == Dernier::Rien)
            && self.profondeur == 0)
            || deja;
        if entete && !(self.dernier == Dernier::Jours && !c.dit() && self.impose.is_none()) {
            if !libre {
                self.ferme_clause_a(debut);
            }
            self.annonce(Some(debut));
            self.entete = Some(periode);
            self.c.periode = Some(periode);
            self.c.jetons.0 = debut;
        } else {
            self.c.periode = Some(periode);
        }
        self.i = fin;
        self.lu(Dernier::Autre);
    }

    /// « le reste de l’année »: what follows holds when no other period does.
    pub(super) fn prend_reste_de_l_annee(&mut self) {
        if !self.c.vide() {
            self.ferme_clause();
        }
        self.annonce(None);
        self.entete = None;
        self.c.periode = None;
        self.i += 1;
        self.lu(Dernier::Autre);
    }

    /// « semaines paires »: of the hours before, of the days of the clause, or of what follows.
    pub(super) fn prend_semaines(&mut self, paires: bool) {
        let apres_heures = !self.c.plages.is_empty() && self.separe < 2 && self.impose.is_none()
            || self.impose.is_some() && !self.c.plages.is_empty();
        let annonce =
            matches!(self.sens(self.saute(self.i + 1, false)), Some(Sens::DeuxPoints)) && self.separe > 0;
        if apres_heures && !(annonce && self.profondeur == 0) {
            let mut libres: Vec<_> =
                self.c.plages.iter_mut().rev().take_while(|p| p.paires.is_none()).collect();
            // « 10h-12h ; 14h-16h (semaine paire) ou 16h-18h (semaine impaire) »: in brackets, of the last one only.
            if self.profondeur > 0 && libres.len() > 1 {
                libres.truncate(1);
            }
            for plage in libres {
                plage.paires = Some(paires);
            }
        } else if self.c.vide() || (self.c.jours.is_empty() && self.c.plages.is_empty()) {
            self.annonce(Some(self.i));
            self.entete_paires = Some(paires);
            self.c.paires = Some(paires);
        } else if self.c.plages.is_empty() {
            self.c.paires = Some(paires);
        } else {
            self.ferme_clause();
            self.annonce(Some(self.i));
            self.entete_paires = Some(paires);
            self.c.paires = Some(paires);
        }
        self.i += 1;
        self.lu(Dernier::Autre);
    }
}

pub(super) fn dernier_jour(annee: u16, mois: u8) -> u8 {
    (28..=31)
        .rev()
        .find(|j| chrono::NaiveDate::from_ymd_opt(annee.into(), mois.into(), u32::from(*j)).is_some())
        .unwrap_or(28)
}
