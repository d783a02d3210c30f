//! The check of a file: every faulty cell, once. A fault is what the schema of the standard refuses, or
//! what the cells prove wrong between them; advice is the rest.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::communes::Communes;
use super::lecture::Forme;
use super::normalisation::{Colonne, Traducteur};
use super::passage::{Remarque, Vu, parcourt};
use super::rapport::Niveau;
use super::standard::{Champ, Defaut, Fiche, verdict};

/// What becomes of a faulty cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravite {
    /// An import refuses the whole record.
    Fatal,
    /// An import puts the value right, or finds it in the other cells.
    Repaired,
    /// An import does not put it right: it leaves the value out (`after` is empty), or keeps it as it is.
    Ignored,
}

/// A faulty cell.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Faute {
    /// Line of the file where the record begins (1 for the header); rank of the record in a JSON list.
    pub line: u64,
    /// Rank of the record, from 1; 0 for the header.
    pub record: u64,
    /// Field of the standard, or column.
    pub field: String,
    /// The cell, as delivered.
    pub value: String,
    /// Rule that it breaks, the gravest when it breaks several.
    pub rule: String,
    /// What becomes of it.
    pub level: Gravite,
    /// The value that an import takes; none when the record is refused.
    pub after: Option<String>,
    /// Every rule that the cell breaks, in French.
    pub message: String,
    /// Constraint of the schema that refuses the cell, as frictionless names it; none when the schema
    /// accepts it.
    pub standard: Option<&'static str>,
}

/// What a check found, in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// Records read.
    pub records: u64,
    /// Records that an import would refuse.
    pub refused: u64,
    /// Records that a filter of the mapping leaves aside.
    pub filtered: u64,
    /// Faulty cells.
    pub faults: u64,
    /// Faulty cells by level: fatal, repaired, ignored.
    pub fatal: u64,
    /// See `fatal`.
    pub repaired: u64,
    /// See `fatal`.
    pub ignored: u64,
    /// Pieces of advice.
    pub advice: u64,
    /// Whether the schema of the standard accepts the file.
    pub standard_valid: bool,
    /// Cells that the schema refuses.
    pub standard_errors: u64,
    /// Faults by rule.
    pub rules: BTreeMap<String, u64>,
}

/// What the check meets.
#[derive(Debug)]
pub enum Trouve<'a> {
    /// A faulty cell.
    Faute(Faute),
    /// A cell that is right and could be better.
    Conseil(Faute),
    /// A record as an import would take it, for the corrected file.
    Fiche(&'a Fiche),
}

/// Rules about cells that break no rule of the standard and are not proved wrong.
const CONSEILS: [&str; 8] = [
    "services-absents",
    "telephone-autre-region",
    "code-postal-cedex",
    "commune-ambigue",
    "colonne-jamais-vue",
    "filtre",
    // A column of the standard 0.1 is told once, at the header.
    "migration-0.1",
    "migration-sans-suite",
];

/// Checks a file.
///
/// # Errors
/// A French sentence, when the file as a whole is refused.
pub fn verifie<R: Read + Seek>(
    source: R,
    traducteur: &mut dyn Traducteur,
    communes: Option<&dyn Communes>,
    aujourdhui: NaiveDate,
    suite: &mut dyn FnMut(Trouve<'_>) -> std::io::Result<()>,
) -> Result<(Verdict, Forme), String> {
    let mut controle = Controle { verdict: Verdict::default(), absents: None, suite, erreur: None };
    let fin = parcourt(source, traducteur, communes, aujourdhui, &mut |vu, _| controle.prend(vu))?;
    for remarque in fin.remarques {
        controle.seule(0, remarque);
    }
    if let Some(e) = controle.erreur {
        return Err(format!("Le résultat ne peut être écrit : {e}"));
    }
    let mut verdict = controle.verdict;
    verdict.standard_valid = verdict.standard_errors == 0;
    Ok((verdict, fin.forme))
}

struct Controle<'s> {
    verdict: Verdict,
    /// Fields whose column the file lacks: told once.
    absents: Option<Vec<Champ>>,
    suite: &'s mut dyn FnMut(Trouve<'_>) -> std::io::Result<()>,
    erreur: Option<std::io::Error>,
}

impl Controle<'_> {
    fn prend(&mut self, vu: Vu<'_>) -> ControlFlow<()> {
        self.verdict.records += 1;
        self.entete(&vu);
        let (du_lieu, autres): (Vec<Remarque>, Vec<Remarque>) =
            vu.remarques.into_iter().partition(|r| Champ::de_nom(&r.champ).is_some());
        for remarque in autres {
            self.seule(vu.rang, remarque);
        }
        if let Some(brut) = vu.brut {
            let ligne = brut.ligne;
            let mut par_champ: BTreeMap<Champ, Vec<Remarque>> = BTreeMap::new();
            for remarque in du_lieu {
                if let Some(champ) = Champ::de_nom(&remarque.champ) {
                    par_champ.entry(champ).or_default().push(remarque);
                }
            }
            let absents = self.absents.clone().unwrap_or_default();
            let refuse = |c: Champ| if absents.contains(&c) { None } else { verdict(c, brut.get(c)) };
            deplace_la_position(&mut par_champ, refuse(Champ::Latitude), refuse(Champ::Longitude), |c| {
                brut.get(c).trim().is_empty()
            });
            for champ in Champ::TOUS {
                let remarques = par_champ.remove(&champ).unwrap_or_default();
                let valeur = brut.get(champ);
                let apres = vu.fiche.map(|f| f.valeur(champ).into_owned());
                if absents.contains(&champ) && remarques.iter().all(|r| r.regle.niveau != Niveau::Refus) {
                    continue;
                }
                self.cellule((ligne, vu.rang), champ, valeur, refuse(champ), remarques, apres);
            }
        }
        match (vu.brut.or(None), vu.fiche, vu.enregistrement) {
            (_, Some(fiche), _) => self.rend(Trouve::Fiche(fiche)),
            (None, None, Some(_)) => self.verdict.filtered += 1,
            _ => self.verdict.refused += 1,
        }
        if self.erreur.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The header of a file of the standard, once: columns that it lacks, that are misspelt or out of place.
    fn entete(&mut self, vu: &Vu<'_>) {
        let (None, Some(e)) = (&self.absents, vu.enregistrement) else { return };
        let lus: Vec<(usize, &str, Colonne)> = e
            .entete
            .noms()
            .iter()
            .enumerate()
            .filter(|(_, n)| !n.is_empty())
            .map(|(i, n)| (i, n.as_str(), Colonne::de_nom(n)))
            .collect();
        let est = |c: Champ| lus.iter().any(|(_, _, l)| *l == Colonne::Champ(c));
        // A mapped file has other columns, a JSON record leaves empty fields out.
        if !est(Champ::Id) || !est(Champ::Nom) || e.ligne == 1 {
            self.absents = Some(Vec::new());
            return;
        }
        let absents: Vec<Champ> = Champ::TOUS.into_iter().filter(|c| !est(*c)).collect();
        let faute = |field: &str, rule: &str, level, after: &str, message: String, standard| Faute {
            line: 1,
            record: 0,
            field: field.to_owned(),
            value: String::new(),
            rule: rule.to_owned(),
            level,
            after: Some(after.to_owned()),
            message,
            standard: Some(standard),
        };
        for champ in &absents {
            let message = format!("La colonne « {} » du standard manque.", champ.nom());
            self.faute(faute(champ.nom(), "colonne-absente", Gravite::Ignored, "", message, "missing-label"));
        }
        for (_, nom, colonne) in &lus {
            if let Colonne::Champ(c) = colonne
                && c.nom() != *nom
            {
                let message = format!("Cette colonne s’écrit « {} ».", c.nom());
                self.faute(faute(nom, "colonne-nom", Gravite::Repaired, c.nom(), message, "incorrect-label"));
            }
        }
        for (_, nom, _) in lus.iter().filter(|(_, _, c)| matches!(c, Colonne::Ancien(_))) {
            let message =
                "Cette colonne est du standard 0.1 : ses valeurs sont traduites dans celles du 1.0."
                    .to_owned();
            self.faute(faute(nom, "colonne-0.1", Gravite::Repaired, "", message, "extra-label"));
        }
        let rangs: Vec<(&str, usize)> = lus
            .iter()
            .filter_map(|(_, n, c)| if let Colonne::Champ(c) = c { Some((*n, c.rang())) } else { None })
            .collect();
        if let Some(paire) = rangs.windows(2).find(|p| p[0].1 > p[1].1) {
            let message =
                "Les colonnes ne sont pas dans l’ordre du standard : celle-ci devrait venir plus haut."
                    .to_owned();
            self.faute(faute(
                paire[1].0,
                "colonne-ordre",
                Gravite::Repaired,
                paire[1].0,
                message,
                "incorrect-label",
            ));
        }
        self.absents = Some(absents);
    }

    /// A remark about a column, a record as a whole, or the file.
    fn seule(&mut self, rang: u64, r: Remarque) {
        let conseil = CONSEILS.contains(&r.regle.id);
        let standard = match r.regle.id {
            "colonne-inconnue" => Some("extra-label"),
            "ligne-courte" => Some("missing-cell"),
            "ligne-longue" => Some("extra-cell"),
            "ligne-vide" => Some("blank-row"),
            _ => None,
        };
        let entete = standard == Some("extra-label") || r.regle.id == "colonne-non-lue";
        let faute = Faute {
            line: r.ligne,
            record: if entete { 0 } else { rang },
            field: r.champ,
            value: r.valeur,
            rule: r.regle.id.to_owned(),
            level: gravite(r.regle.niveau),
            after: r.apres,
            message: r.message,
            standard,
        };
        if conseil || r.regle.id == "colonne-non-lue" {
            self.verdict.advice += 1;
            self.rend(Trouve::Conseil(faute));
        } else {
            self.faute(faute);
        }
    }

    fn cellule(
        &mut self,
        (ligne, rang): (u64, u64),
        champ: Champ,
        valeur: &str,
        defaut: Option<Defaut>,
        mut remarques: Vec<Remarque>,
        apres: Option<String>,
    ) {
        let standard = if remarques.iter().any(|r| r.regle.id == "id-double") {
            Some("primary-key")
        } else {
            defaut.map(Defaut::nom)
        };
        // A cell that the standard lets empty is not at fault for being empty.
        let prouvee = |r: &Remarque| {
            !CONSEILS.contains(&r.regle.id)
                && (r.regle.niveau != Niveau::Complete || champ.requis() || !valeur.trim().is_empty())
        };
        if standard.is_none() && !remarques.iter().any(prouvee) {
            for r in remarques.into_iter().filter(|r| CONSEILS.contains(&r.regle.id)) {
                self.verdict.advice += 1;
                let conseil = Faute {
                    line: ligne,
                    record: rang,
                    field: champ.nom().to_owned(),
                    value: valeur.to_owned(),
                    rule: r.regle.id.to_owned(),
                    level: Gravite::Ignored,
                    after: Some(valeur.to_owned()),
                    message: r.message,
                    standard: None,
                };
                self.rend(Trouve::Conseil(conseil));
            }
            return;
        }
        remarques.retain(prouvee);
        remarques.sort_by_key(|r| r.regle.niveau);
        let (rule, level) = match remarques.first() {
            Some(r) => (r.regle.id.to_owned(), gravite(r.regle.niveau)),
            None => {
                let repare = apres.as_deref().is_some_and(|a| !a.is_empty() && verdict(champ, a).is_none());
                let level = if repare { Gravite::Repaired } else { Gravite::Ignored };
                (format!("standard-{}", standard.unwrap_or_default().to_ascii_lowercase()), level)
            }
        };
        let mut phrases: Vec<String> = Vec::new();
        for r in &remarques {
            // In a cell of several values, the one that the rule is about.
            let quoi = if !r.valeur.is_empty() && r.valeur != valeur && valeur.contains(&r.valeur) {
                format!("« {} » : {}", r.valeur.chars().take(80).collect::<String>(), r.message)
            } else {
                r.message.clone()
            };
            if !phrases.contains(&quoi) {
                phrases.push(quoi);
            }
        }
        if phrases.is_empty() {
            phrases.push(defaut.map_or("", Defaut::phrase).to_owned());
        }
        self.faute(Faute {
            line: ligne,
            record: rang,
            field: champ.nom().to_owned(),
            value: valeur.to_owned(),
            rule,
            level,
            after: if level == Gravite::Fatal { None } else { apres },
            message: phrases.join(" "),
            standard,
        });
    }

    fn faute(&mut self, faute: Faute) {
        self.verdict.faults += 1;
        match faute.level {
            Gravite::Fatal => self.verdict.fatal += 1,
            Gravite::Repaired => self.verdict.repaired += 1,
            Gravite::Ignored => self.verdict.ignored += 1,
        }
        self.verdict.standard_errors += u64::from(faute.standard.is_some());
        *self.verdict.rules.entry(faute.rule.clone()).or_default() += 1;
        self.rend(Trouve::Faute(faute));
    }

    fn rend(&mut self, trouve: Trouve<'_>) {
        if self.erreur.is_none()
            && let Err(e) = (self.suite)(trouve)
        {
            self.erreur = Some(e);
        }
    }
}

fn gravite(niveau: Niveau) -> Gravite {
    match niveau {
        Niveau::Refus => Gravite::Fatal,
        Niveau::Repare | Niveau::Complete => Gravite::Repaired,
        Niveau::Ecarte | Niveau::Garde | Niveau::Filtre => Gravite::Ignored,
    }
}

/// Remarks about a point stand under `latitude`: they go where the faulty cell is.
fn deplace_la_position(
    par_champ: &mut BTreeMap<Champ, Vec<Remarque>>,
    latitude: Option<Defaut>,
    longitude: Option<Defaut>,
    vide: impl Fn(Champ) -> bool,
) {
    let Some(remarques) = par_champ.get(&Champ::Latitude).cloned() else { return };
    let incomplete = remarques.iter().any(|r| r.regle.id == "position-incomplete");
    let ailleurs =
        if incomplete { vide(Champ::Longitude) } else { longitude.is_some() && latitude.is_none() };
    if ailleurs {
        par_champ.remove(&Champ::Latitude);
    }
    if ailleurs || longitude.is_some() {
        par_champ.insert(Champ::Longitude, remarques);
    }
}

#[cfg(test)]
mod tests;
