//! French hours to OSM. What is not understood is named and never guessed: hours that lie send
//! people to a closed door.

use super::jetons::{Jeton, decoupe, simplifie};

/// Days of OSM, Monday first.
pub const JOURS_OSM: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Most characters of a text of hours.
const LONGUEUR_MAX: usize = 1_000;

/// The reading of a French text of hours.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversion {
    /// The OSM expression, when something was understood.
    pub osm: Option<String>,
    /// What was not understood, as quotations and short sentences; empty when all was.
    pub restes: Vec<String>,
    /// What was understood but looks wrong in the source: doubles, overlaps.
    pub remarques: Vec<String>,
}

/// Hours of one day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Jour {
    plages: Vec<(u16, u16)>,
    rendez_vous: bool,
    /// Words of the source shown as they are, for a day that was not understood.
    cite: Option<String>,
}

impl Jour {
    fn vide(&self) -> bool {
        self.plages.is_empty() && !self.rendez_vous && self.cite.is_none()
    }
}

/// Reads hours given by day: (rank of the day from 0 for Monday, text). A day that is not understood
/// is quoted as a comment of OSM, so that nobody takes it for closed.
pub fn jours<'a>(textes: impl IntoIterator<Item = (usize, &'a str)>) -> Conversion {
    let mut semaine: [Jour; 7] = Default::default();
    let mut conversion = Conversion::default();
    for (rang, texte) in textes {
        let Some(jour) = semaine.get_mut(rang) else { continue };
        match un_jour(texte, &mut conversion.remarques) {
            Ok(lu) => ajoute(jour, lu),
            Err(reste) => {
                jour.cite =
                    Some(texte.trim().chars().filter(|c| *c != '"' && !c.is_control()).take(120).collect());
                conversion.restes.push(reste);
            }
        }
    }
    conversion.osm = ecrit(&semaine, false);
    conversion
}

/// Reads one text for the whole week: "du lundi au vendredi 9h-12h et 14h-17h, samedi 9h-12h", or
/// six or seven texts separated by semicolons, Monday first.
pub fn semaine(texte: &str) -> Conversion {
    if texte.len() > LONGUEUR_MAX {
        return non_compris("un texte de plus de mille caractères".to_owned());
    }
    let plat = simplifie(texte.trim());
    let jetons = decoupe(&plat);
    if jetons.is_empty() {
        return Conversion::default();
    }
    let nomme_un_jour = jetons.iter().any(|j| matches!(j, Jeton::Jour(_) | Jeton::TousLesJours));
    if !nomme_un_jour && (5..=7).contains(&texte.matches(';').count()) {
        return jours(texte.split(';').take(7).enumerate());
    }
    lit_semaine(&jetons)
}

fn non_compris(reste: String) -> Conversion {
    Conversion { osm: None, restes: vec![reste], remarques: Vec::new() }
}

fn un_jour(texte: &str, remarques: &mut Vec<String>) -> Result<Jour, String> {
    if texte.len() > LONGUEUR_MAX {
        return Err("un texte de plus de mille caractères".to_owned());
    }
    let jetons = decoupe(&simplifie(texte.trim()));
    let mut lecteur = Lecteur { jetons: &jetons, i: 0, remarques };
    let mut jour = Jour::default();
    let mut ferme = false;
    while let Some(jeton) = lecteur.regarde() {
        match jeton {
            Jeton::Separateur | Jeton::Et | Jeton::DeuxPoints | Jeton::Tiret | Jeton::A => lecteur.avance(),
            Jeton::Ferme => {
                ferme = true;
                lecteur.avance();
            }
            Jeton::RendezVous => {
                jour.rendez_vous = true;
                lecteur.avance();
            }
            Jeton::Heure(_) | Jeton::Nombre(_) => {
                let fini_en_l_air = lecteur.plages(&mut jour.plages)?;
                if fini_en_l_air {
                    return Err(format!("« {} »", texte.trim()));
                }
            }
            _ => return Err(format!("« {} »", texte.trim())),
        }
    }
    if ferme && !jour.vide() {
        return Err(format!("« {} » dit à la fois ouvert et fermé", texte.trim()));
    }
    Ok(jour)
}

struct Lecteur<'j, 'r> {
    jetons: &'j [Jeton],
    i: usize,
    remarques: &'r mut Vec<String>,
}

impl Lecteur<'_, '_> {
    fn regarde(&self) -> Option<&Jeton> {
        self.jetons.get(self.i)
    }

    fn avance(&mut self) {
        self.i += 1;
    }

    fn heure(&self, i: usize) -> Option<u16> {
        match self.jetons.get(i)? {
            Jeton::Heure(m) => Some(*m),
            Jeton::Nombre(h) => Some(h * 60),
            _ => None,
        }
    }

    /// Reads ranges one after the other, in the order of the day. True when a dash is left in the
    /// air after them: something is missing.
    fn plages(&mut self, plages: &mut Vec<(u16, u16)>) -> Result<bool, String> {
        let premiere = plages.len();
        loop {
            let (Some(de), true, Some(a)) = (
                self.heure(self.i),
                matches!(self.jetons.get(self.i + 1), Some(Jeton::Tiret | Jeton::A | Jeton::DeuxPoints)),
                self.heure(self.i + 2),
            ) else {
                return Err(format!("{} sans heure de fin", ecrit_heure(self.heure(self.i).unwrap_or(0))));
            };
            self.i += 3;
            self.ajoute_plage(plages, premiere, de, a)?;
            // What may stand between two ranges.
            let mut k = self.i;
            let mut tirets = 0;
            while let Some(j) = self.jetons.get(k) {
                match j {
                    Jeton::Separateur | Jeton::Et => {}
                    Jeton::Tiret => tirets += 1,
                    // "de 9h à 12h et de 14h": "à" belongs to ranges only.
                    _ => break,
                }
                k += 1;
            }
            let separe = k - self.i;
            if self.heure(k).is_some() {
                if tirets > 0 && separe > tirets {
                    // "09:00-13:00-/3:00": a dash and another sign is a time that fell out.
                    return Ok(true);
                }
                self.i = k;
                continue;
            }
            if tirets > 0 {
                return Ok(true);
            }
            return Ok(false);
        }
    }

    fn ajoute_plage(
        &mut self,
        plages: &mut Vec<(u16, u16)>,
        premiere: usize,
        de: u16,
        a: u16,
    ) -> Result<(), String> {
        let a = if a == 0 && de > 0 { 24 * 60 } else { a };
        let texte = format!("{}-{}", ecrit_heure(de), ecrit_heure(a));
        if de == a {
            self.remarques.push(format!("la plage {texte} est vide"));
            return Ok(());
        }
        if de > a {
            return Err(format!("la plage {texte} finit avant de commencer"));
        }
        if plages.contains(&(de, a)) {
            self.remarques.push(format!("la plage {texte} est donnée deux fois"));
            return Ok(());
        }
        match plages[premiere..].last().copied() {
            Some((avant, _)) if de < avant => {
                Err(format!("la plage {texte} n’est pas dans l’ordre de la journée"))
            }
            Some((_, fin)) if de < fin => {
                self.remarques.push(format!("la plage {texte} chevauche la précédente"));
                if let Some(derniere) = plages.last_mut() {
                    derniere.1 = fin.max(a);
                }
                Ok(())
            }
            _ => {
                plages.push((de, a));
                Ok(())
            }
        }
    }
}

/// A part of the sentence: days, or what happens on them.
#[derive(Debug, Default, Clone)]
struct Proposition {
    jours: Vec<u8>,
    jour: Jour,
    ferme: bool,
}

fn lit_semaine(jetons: &[Jeton]) -> Conversion {
    let mut conversion = Conversion::default();
    let feries = jetons.contains(&Jeton::Feries);
    let mut lecteur = Lecteur { jetons, i: 0, remarques: &mut conversion.remarques };
    // Hours may stand before the days: "9h-12h du lundi au vendredi".
    let premier = jetons.iter().find(|j| {
        matches!(
            j,
            Jeton::Jour(_)
                | Jeton::TousLesJours
                | Jeton::Heure(_)
                | Jeton::Nombre(_)
                | Jeton::Ferme
                | Jeton::RendezVous
        )
    });
    let heures_avant = matches!(premier, Some(Jeton::Heure(_) | Jeton::Nombre(_)));
    let mut propositions: Vec<Proposition> = Vec::new();
    let mut courante = Proposition::default();
    while let Some(jeton) = lecteur.regarde().cloned() {
        match jeton {
            Jeton::Jour(_) | Jeton::TousLesJours => {
                let pleine = !courante.jour.vide() || courante.ferme;
                if (!heures_avant && pleine)
                    || (heures_avant && !courante.jours.is_empty() && !suit_un_jour(jetons, lecteur.i))
                {
                    propositions.push(std::mem::take(&mut courante));
                }
                match lit_jours(&mut lecteur) {
                    Ok(jours) => courante.jours.extend(jours),
                    Err(reste) => return non_compris(reste),
                }
            }
            Jeton::Heure(_) | Jeton::Nombre(_) => {
                if heures_avant && !courante.jours.is_empty() {
                    propositions.push(std::mem::take(&mut courante));
                }
                match lecteur.plages(&mut courante.jour.plages) {
                    Ok(false) => {}
                    Ok(true) => return non_compris("un tiret sans heure après lui".to_owned()),
                    Err(reste) => return non_compris(reste),
                }
            }
            Jeton::RendezVous => {
                courante.jour.rendez_vous = true;
                lecteur.avance();
            }
            Jeton::Ferme => {
                courante.ferme = true;
                lecteur.avance();
            }
            Jeton::Separateur | Jeton::Et | Jeton::DeuxPoints | Jeton::A | Jeton::Tiret | Jeton::Feries => {
                lecteur.avance()
            }
            Jeton::Mot(mot) => return non_compris(format!("« {mot} »")),
        }
    }
    propositions.push(courante);
    assemble(propositions, feries, conversion)
}

fn assemble(propositions: Vec<Proposition>, feries: bool, mut conversion: Conversion) -> Conversion {
    let mut semaine: [Jour; 7] = Default::default();
    let mut fermes = [false; 7];
    let mut seul_rendez_vous = false;
    for p in propositions {
        if p.jours.is_empty() {
            match (&p.jour, p.ferme) {
                (j, false) if j.vide() => {}
                // "Sur rendez-vous", alone or at the end.
                (j, false) if j.plages.is_empty() => seul_rendez_vous = true,
                _ => return non_compris("des heures sans jour".to_owned()),
            }
            continue;
        }
        if p.jour.vide() && !p.ferme {
            return non_compris("un jour sans heures".to_owned());
        }
        if p.ferme && !p.jour.vide() {
            return non_compris("un jour à la fois ouvert et fermé".to_owned());
        }
        for j in p.jours {
            let rang = usize::from(j);
            fermes[rang] |= p.ferme;
            ajoute(&mut semaine[rang], p.jour.clone());
        }
    }
    if semaine.iter().zip(fermes).any(|(j, ferme)| ferme && !j.vide()) {
        return non_compris("un jour à la fois ouvert et fermé".to_owned());
    }
    if seul_rendez_vous {
        if semaine.iter().all(Jour::vide) {
            conversion.osm = Some("\"sur rendez-vous\"".to_owned());
            return conversion;
        }
        for jour in semaine.iter_mut().filter(|j| !j.vide()) {
            jour.rendez_vous = true;
        }
    }
    if let Some((a, b)) = semaine.iter().flat_map(|j| j.plages.windows(2)).find_map(|p| {
        let [(_, fin), (debut, _)] = p else { return None };
        (debut < fin).then_some((*fin, *debut))
    }) {
        return non_compris(format!(
            "deux plages qui se chevauchent ({} et {})",
            ecrit_heure(b),
            ecrit_heure(a)
        ));
    }
    conversion.osm = ecrit(&semaine, feries);
    conversion
}

/// Whether the day at `i` goes on with the list of days before it.
fn suit_un_jour(jetons: &[Jeton], i: usize) -> bool {
    jetons[..i]
        .iter()
        .rev()
        .find(|j| !matches!(j, Jeton::Separateur | Jeton::Et | Jeton::Tiret | Jeton::A))
        .is_some_and(|j| matches!(j, Jeton::Jour(_)))
}

/// A list of days and of ranges of days, from the first.
fn lit_jours(lecteur: &mut Lecteur<'_, '_>) -> Result<Vec<u8>, String> {
    let mut jours = Vec::new();
    loop {
        match lecteur.regarde() {
            Some(Jeton::TousLesJours) => {
                lecteur.avance();
                jours.extend(0..7);
            }
            Some(Jeton::Jour(de)) => {
                let de = *de;
                lecteur.avance();
                if let (Some(Jeton::Tiret | Jeton::A), Some(Jeton::Jour(a))) =
                    (lecteur.regarde(), lecteur.jetons.get(lecteur.i + 1))
                {
                    let a = *a;
                    if a <= de {
                        return Err("une suite de jours à l’envers".to_owned());
                    }
                    lecteur.i += 2;
                    jours.extend(de..=a);
                } else {
                    jours.push(de);
                }
            }
            _ => return Ok(jours),
        }
        // The list goes on after a comma, "et" or "/", when a day follows.
        let suite = (lecteur.i..lecteur.jetons.len())
            .find(|k| !matches!(lecteur.jetons[*k], Jeton::Separateur | Jeton::Et))
            .filter(|k| matches!(lecteur.jetons[*k], Jeton::Jour(_)));
        match suite {
            Some(k) => lecteur.i = k,
            None => return Ok(jours),
        }
    }
}

fn ajoute(jour: &mut Jour, lu: Jour) {
    for plage in lu.plages {
        if !jour.plages.contains(&plage) {
            jour.plages.push(plage);
        }
    }
    jour.plages.sort_unstable();
    jour.rendez_vous |= lu.rendez_vous;
    jour.cite = lu.cite.or(jour.cite.take());
}

/// The OSM expression of a week; days of equal hours together, in the order of their first day.
fn ecrit(semaine: &[Jour; 7], feries: bool) -> Option<String> {
    let mut groupes: Vec<(Vec<usize>, &Jour)> = Vec::new();
    for (rang, jour) in semaine.iter().enumerate().filter(|(_, j)| !j.vide()) {
        match groupes.iter_mut().find(|(_, j)| *j == jour) {
            Some((rangs, _)) => rangs.push(rang),
            None => groupes.push((vec![rang], jour)),
        }
    }
    if groupes.is_empty() {
        return None;
    }
    let mut regles: Vec<String> = groupes.iter().map(|(rangs, jour)| regle(rangs, jour)).collect();
    if feries {
        regles.push("PH off".to_owned());
    }
    Some(regles.join("; "))
}

fn regle(rangs: &[usize], jour: &Jour) -> String {
    let mut texte = suite_de_jours(rangs);
    if let Some(cite) = &jour.cite {
        return format!("{texte} \"{cite}\"");
    }
    if !jour.plages.is_empty() {
        let plages: Vec<String> =
            jour.plages.iter().map(|(de, a)| format!("{}-{}", ecrit_heure(*de), ecrit_heure(*a))).collect();
        texte = format!("{texte} {}", plages.join(","));
    }
    if jour.rendez_vous {
        texte.push_str(" \"sur rendez-vous\"");
    }
    texte
}

/// `Mo-Fr`, `Mo,We-Fr`: three days in a row or more make a range.
fn suite_de_jours(rangs: &[usize]) -> String {
    let mut morceaux: Vec<String> = Vec::new();
    let mut i = 0;
    while i < rangs.len() {
        let mut fin = i;
        while fin + 1 < rangs.len() && rangs[fin + 1] == rangs[fin] + 1 {
            fin += 1;
        }
        let nom = |k: usize| JOURS_OSM[rangs[k]];
        if fin > i + 1 {
            morceaux.push(format!("{}-{}", nom(i), nom(fin)));
        } else {
            morceaux.extend((i..=fin).map(|k| nom(k).to_owned()));
        }
        i = fin + 1;
    }
    morceaux.join(",")
}

fn ecrit_heure(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests;
