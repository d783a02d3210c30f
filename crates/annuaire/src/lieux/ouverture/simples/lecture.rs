//! Reads the plainest way of writing hours; anything else is none of its business.

use std::sync::Arc;

use chrono::NaiveDate;

use super::super::MINUTES_JOUR;
use super::{Dates, Genre, JoursDeSemaine, Regle, Simples, quantieme};

const JOURS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MOIS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Days that every year has.
const LONGUEURS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Every rank in the month.
const TOUS: u8 = 0b1_1111;

struct Curseur<'t>(&'t str);

impl Simples {
    /// The rules of an expression, when they are all written plainly.
    pub(in super::super) fn lit(texte: &str) -> Option<Self> {
        let mut curseur = Curseur(texte);
        let mut regles = Vec::with_capacity(4);
        loop {
            regles.push(curseur.regle()?);
            if curseur.0.is_empty() {
                break;
            }
            curseur.blanc();
            curseur.prend(";").then_some(())?;
            curseur.blanc();
        }
        let conjointes = regles.iter().any(|r| r.conjointe);
        Some(Self { regles, conjointes })
    }
}

impl<'t> Curseur<'t> {
    fn prend(&mut self, texte: &str) -> bool {
        self.0.strip_prefix(texte).is_some_and(|reste| {
            self.0 = reste;
            true
        })
    }

    fn blanc(&mut self) -> bool {
        self.prend(" ")
    }

    fn suit_chiffre(&self) -> bool {
        self.0.as_bytes().first().is_some_and(u8::is_ascii_digit)
    }

    /// A number of exactly so many digits.
    fn nombre(&mut self, chiffres: usize) -> Option<u32> {
        let (debut, reste) = self.0.split_at_checked(chiffres)?;
        let suite = reste.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if suite || !debut.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        self.0 = reste;
        debut.parse().ok()
    }

    fn parmi(&mut self, noms: &[&str]) -> Option<u8> {
        let rang = noms.iter().position(|n| self.0.starts_with(n))?;
        self.prend(noms[rang]);
        u8::try_from(rang).ok()
    }

    fn regle(&mut self) -> Option<Regle> {
        let conjointe = self.0.strip_prefix("SH ").is_some_and(|s| JOURS.iter().any(|j| s.starts_with(j)));
        if conjointe {
            self.prend("SH ");
        }
        let mut regle = Regle {
            conjointe,
            dates: Vec::new(),
            semaines: Vec::new(),
            jours: Vec::new(),
            feries: false,
            vacances: false,
            heures: Vec::new(),
            genre: Genre::Ouvert,
            commentaire: Arc::default(),
        };
        if self.prend("24/7") {
            regle.heures.push((0, MINUTES_JOUR));
            self.fin_de_regle(&mut regle, true)?;
            return Some(regle);
        }
        let mut quelque_chose = conjointe;
        if self.prend("week ") {
            regle.semaines = self.semaines()?;
            quelque_chose = true;
            if !self.finie() {
                self.blanc().then_some(())?;
            }
        } else {
            regle.dates = self.dates()?;
            if !regle.dates.is_empty() {
                quelque_chose = true;
                if !self.finie() {
                    self.blanc().then_some(())?;
                }
            }
        }
        if self.jours(&mut regle)? {
            quelque_chose = true;
            if !self.finie() {
                self.blanc().then_some(())?;
            }
        }
        if self.suit_chiffre() {
            quelque_chose = true;
            regle.heures = self.heures()?;
            self.fin_de_regle(&mut regle, true)?;
        } else {
            regle.heures.push((0, MINUTES_JOUR));
            self.fin_de_regle(&mut regle, false)?;
        }
        // « off » alone, a comment alone: the crate knows what to think of them.
        quelque_chose.then_some(regle)
    }

    fn finie(&self) -> bool {
        self.0.is_empty() || self.0.starts_with(';')
    }

    /// « off », « unknown "sur rendez-vous" », or nothing, until the end of the rule.
    fn fin_de_regle(&mut self, regle: &mut Regle, apres_des_heures: bool) -> Option<()> {
        if self.finie() || self.0.starts_with(" ;") {
            return Some(());
        }
        if apres_des_heures {
            self.blanc().then_some(())?;
        }
        let dit = [
            ("off", Genre::Ferme),
            ("closed", Genre::Ferme),
            ("open", Genre::Ouvert),
            ("unknown", Genre::Inconnu),
        ];
        let mot = dit.iter().find(|(mot, _)| self.prend(mot));
        if let Some((_, genre)) = mot {
            regle.genre = *genre;
        }
        let colle = mot.is_none();
        if (colle || self.0.starts_with(" \"") && self.blanc()) && self.prend("\"") {
            let (commentaire, reste) = self.0.split_once('"')?;
            if commentaire.is_empty() {
                return None;
            }
            regle.commentaire = commentaire.into();
            self.0 = reste;
        } else if colle {
            return None;
        }
        // A closing that bears a comment is shown by the crate as such.
        if regle.genre == Genre::Ferme && !regle.commentaire.is_empty() {
            return None;
        }
        (self.finie() || self.0.starts_with(" ;")).then_some(())
    }

    fn semaines(&mut self) -> Option<Vec<(u8, u8, u8)>> {
        let mut semaines = Vec::new();
        loop {
            let de = self.semaine()?;
            let a = if self.prend("-") { self.semaine()? } else { de };
            let mut pas = 1;
            if a != de && self.prend("/") {
                pas = u8::try_from(self.nombre(1)?).ok().filter(|p| *p > 0)?;
            }
            if a < de {
                return None;
            }
            if a - de < pas {
                pas = 1;
            }
            semaines.push((de, a, pas));
            if !self.prend(",") {
                return Some(semaines);
            }
        }
    }

    fn semaine(&mut self) -> Option<u8> {
        u8::try_from(self.nombre(2)?).ok().filter(|s| (1..=53).contains(s))
    }

    /// The dates that a rule begins with, if any.
    fn dates(&mut self) -> Option<Vec<Dates>> {
        let mut dates = Vec::new();
        if !self.suit_date() {
            return Some(dates);
        }
        loop {
            dates.push(self.date()?);
            if !self.prend(",") {
                return Some(dates);
            }
            self.suit_date().then_some(())?;
        }
    }

    fn suit_date(&self) -> bool {
        let annee = self.0.len() > 5
            && self.0.bytes().take(4).all(|c| c.is_ascii_digit())
            && self.0.as_bytes()[4] == b' ';
        annee || MOIS.iter().any(|m| self.0.starts_with(m))
    }

    fn annee(&mut self) -> Option<Option<i32>> {
        if !self.suit_chiffre() {
            return Some(None);
        }
        let annee = i32::try_from(self.nombre(4)?).ok().filter(|a| (2000..=9998).contains(a))?;
        self.blanc().then_some(Some(annee))
    }

    /// « Aug », « Jul-Aug », « Dec 24-Jan 02 », « 2026 Aug 03-21 ».
    fn date(&mut self) -> Option<Dates> {
        let annee = self.annee()?;
        let mois = u32::from(self.parmi(&MOIS)?);
        let Some(jour) = self.jour_du_mois(mois)? else {
            let dernier = if self.prend("-") { u32::from(self.parmi(&MOIS)?) } else { mois };
            if annee.is_some() || self.0.starts_with(" -") || self.0.starts_with('-') {
                return None;
            }
            // Not a day of the last month: « Jul-Aug 15 » is something else.
            if self.0.as_bytes().first() == Some(&b' ')
                && self.0.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
                && self.0.as_bytes().get(3) != Some(&b':')
            {
                return None;
            }
            return Some(Dates::ChaqueAnnee(quantieme(mois + 1, 0), quantieme(dernier + 1, 31)));
        };
        let (fin_annee, fin_mois, fin_jour) = if self.prend("-") {
            if self.suit_date() {
                let annee = self.annee()?;
                let mois = u32::from(self.parmi(&MOIS)?);
                (annee, mois, self.jour_du_mois(mois)??)
            } else {
                let fin = self.nombre(2).filter(|j| (jour..=LONGUEURS[mois as usize]).contains(j))?;
                (annee, mois, fin)
            }
        } else {
            (annee, mois, jour)
        };
        // An hour, or something that is not a date.
        if self.0.starts_with(':')
            || self.0.starts_with('-')
            || self.0.starts_with(" -")
            || self.0.starts_with('+')
        {
            return None;
        }
        let le = |annee: i32, mois: u32, jour: u32| NaiveDate::from_ymd_opt(annee, mois + 1, jour);
        match (annee, fin_annee) {
            (None, None) => {
                Some(Dates::ChaqueAnnee(quantieme(mois + 1, jour), quantieme(fin_mois + 1, fin_jour)))
            }
            (None, Some(_)) => None,
            (Some(de), Some(a)) => Some(Dates::Une(le(de, mois, jour)?, le(a, fin_mois, fin_jour)?))
                .filter(|d| matches!(d, Dates::Une(de, a) if de <= a)),
            (Some(annee), None) => {
                let debut = le(annee, mois, jour)?;
                let fin = le(annee, fin_mois, fin_jour)
                    .filter(|f| *f >= debut)
                    .or_else(|| le(annee + 1, fin_mois, fin_jour))?;
                Some(Dates::Une(debut, fin))
            }
        }
    }

    /// « 03 » after a month; none when the month stands alone. Days that some years do not have are left to the crate.
    fn jour_du_mois(&mut self, mois: u32) -> Option<Option<u32>> {
        let suite = self.0.as_bytes();
        let chiffre = |i: usize| suite.get(i).is_some_and(u8::is_ascii_digit);
        if suite.first() != Some(&b' ') || !chiffre(1) || suite.get(3) == Some(&b':') {
            return Some(None);
        }
        self.blanc();
        let jour = self.nombre(2)?;
        (1..=*LONGUEURS.get(mois as usize)?).contains(&jour).then_some(Some(jour))
    }

    /// « Mo-Fr », « We,Sa », « Sa[1,3] », « PH », « Mo-Fr,PH »; whether there are some.
    fn jours(&mut self, regle: &mut Regle) -> Option<bool> {
        let mut changements = 0;
        let mut fetes = None;
        loop {
            let fete = if self.prend("PH") {
                regle.feries = true;
                true
            } else if self.prend("SH") {
                regle.vacances = true;
                true
            } else if let Some(de) = self.parmi(&JOURS) {
                let jours = self.jours_de_semaine(de)?;
                regle.jours.push(jours);
                false
            } else if fetes.is_none() {
                return Some(false);
            } else {
                return None;
            };
            // Holidays stand together, before or after the days of the week.
            changements += u8::from(fetes.is_some_and(|f| f != fete));
            fetes = Some(fete);
            if changements > 1 {
                return None;
            }
            if !self.prend(",") {
                return Some(true);
            }
        }
    }

    fn jours_de_semaine(&mut self, de: u8) -> Option<JoursDeSemaine> {
        if self.prend("-") {
            let a = self.parmi(&JOURS)?;
            let jours = (0..7).filter(|j| if de <= a { (de..=a).contains(j) } else { *j >= de || *j <= a });
            return Some(JoursDeSemaine {
                jours: jours.fold(0, |m, j| m | 1 << j),
                du_debut: TOUS,
                de_la_fin: TOUS,
            });
        }
        if !self.prend("[") {
            return Some(JoursDeSemaine { jours: 1 << de, du_debut: TOUS, de_la_fin: TOUS });
        }
        let (mut du_debut, mut de_la_fin) = (0, 0);
        loop {
            let fin = self.prend("-");
            let rang = self.nombre(1).filter(|r| (1..=5).contains(r))?;
            *(if fin { &mut de_la_fin } else { &mut du_debut }) |= 1 << (rang - 1);
            if !self.prend(",") {
                break;
            }
        }
        self.prend("]").then_some(JoursDeSemaine { jours: 1 << de, du_debut, de_la_fin })
    }

    fn heures(&mut self) -> Option<Vec<(u16, u16)>> {
        let mut heures: Vec<(u16, u16)> = Vec::with_capacity(2);
        loop {
            let debut = self.heure(23)?;
            self.prend("-").then_some(())?;
            let fin = self.heure(48)?;
            let fin = if debut < fin { fin } else { fin.checked_add(MINUTES_JOUR)? };
            heures.push((debut, fin));
            if !self.prend(",") {
                break;
            }
        }
        // Two days at most: beyond, the crate decides.
        if heures.iter().any(|(_, fin)| *fin > 2 * MINUTES_JOUR) {
            return None;
        }
        heures.sort_unstable();
        heures.dedup_by(|b, a| {
            let touche = b.0 <= a.1;
            if touche {
                a.1 = a.1.max(b.1);
            }
            touche
        });
        Some(heures)
    }

    fn heure(&mut self, max: u32) -> Option<u16> {
        let heures = self.nombre(2)?;
        self.prend(":").then_some(())?;
        let minutes = self.nombre(2)?;
        if heures > max || minutes > 59 || heures == 48 && minutes > 0 {
            return None;
        }
        u16::try_from(heures * 60 + minutes).ok()
    }
}
