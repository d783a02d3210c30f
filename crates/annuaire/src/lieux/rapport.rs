//! The report of an import: every cell that was repaired, left out, kept in doubt or refused, and
//! the counts. Memory is bounded: cells go to a sink as they come; only counts per rule stay.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use platform::tableur::Tableur;

/// How grave a remark is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Niveau {
    /// The record cannot be taken.
    Refus,
    /// The value could not be used: it is left out, the record is taken.
    Ecarte,
    /// The value was put in shape; the report gives both.
    Repare,
    /// The cell was empty: other cells of the record give the value.
    Complete,
    /// The value is kept as it was, and somebody should look at it.
    Garde,
    /// A filter of the mapping leaves the record aside, on purpose.
    Filtre,
}

impl Niveau {
    /// Every level, the gravest first.
    pub const TOUS: [Self; 6] =
        [Self::Refus, Self::Ecarte, Self::Repare, Self::Complete, Self::Garde, Self::Filtre];

    /// Its key in files.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Refus => "refus",
            Self::Ecarte => "ecarte",
            Self::Repare => "repare",
            Self::Complete => "complete",
            Self::Garde => "garde",
            Self::Filtre => "filtre",
        }
    }

    /// Its name on the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Refus => "Enregistrement refusé",
            Self::Ecarte => "Valeur écartée",
            Self::Repare => "Valeur réparée",
            Self::Complete => "Valeur complétée",
            Self::Garde => "Valeur gardée, à vérifier",
            Self::Filtre => "Enregistrement laissé de côté par la correspondance",
        }
    }
}

/// A rule of the import: what it is called in reports, and what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Regle {
    /// Stable identifier, for those who count.
    pub id: &'static str,
    /// What happens to the value.
    pub niveau: Niveau,
    /// A French sentence.
    pub message: &'static str,
}

impl Regle {
    /// A rule that refuses the record.
    pub const fn refus(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Refus, message }
    }
    /// A rule that leaves the value out.
    pub const fn ecarte(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Ecarte, message }
    }
    /// A rule that puts the value in shape.
    pub const fn repare(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Repare, message }
    }
    /// A rule that fills an empty cell from the others.
    pub const fn complete(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Complete, message }
    }
    /// A rule that leaves a record aside because the mapping asks for it.
    pub const fn filtre(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Filtre, message }
    }
    /// A rule that keeps the value and points at it.
    pub const fn garde(id: &'static str, message: &'static str) -> Self {
        Self { id, niveau: Niveau::Garde, message }
    }
}

/// A remark about one cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Constat<'a> {
    /// Line of the file where the record begins (rank of the record in a JSON file); 0 for the file.
    pub ligne: u64,
    /// Field of the standard, or column of the file.
    pub champ: &'a str,
    /// The value as delivered.
    pub valeur: &'a str,
    /// The rule.
    pub regle: Regle,
    /// The value taken, when the rule changed it.
    pub apres: Option<&'a str>,
    /// A precision after the sentence of the rule: nearest value, distance, reason.
    pub precision: Option<&'a str>,
}

impl Constat<'_> {
    /// The whole sentence.
    pub fn message(&self) -> String {
        match self.precision {
            Some(p) if !p.is_empty() => format!("{} {p}", self.regle.message),
            _ => self.regle.message.to_owned(),
        }
    }
}

/// Where remarks go, one at a time.
pub trait Puits {
    /// Takes a remark.
    ///
    /// # Errors
    /// When it cannot be written (disk full).
    fn recoit(&mut self, constat: &Constat<'_>) -> io::Result<()>;
}

/// Takes remarks and forgets them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SansTrace;

impl Puits for SansTrace {
    fn recoit(&mut self, _: &Constat<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// Longest value written in a report, in characters: a cell of one megabyte helps nobody.
const VALEUR_MAX: usize = 500;

/// Writes remarks as CSV: UTF-8, comma, one header line.
#[derive(Debug)]
pub struct PuitsCsv<W: Write> {
    csv: Tableur<W>,
    lignes: u64,
}

/// Most lines of a report: beyond, the counts say enough.
const LIGNES_MAX: u64 = 1_000_000;

impl<W: Write> PuitsCsv<W> {
    /// The columns of the file.
    pub const COLONNES: [&'static str; 7] =
        ["ligne", "champ", "niveau", "regle", "valeur", "valeur_apres", "message"];

    /// Writes the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(sortie: W) -> io::Result<Self> {
        let mut csv = Tableur::new(sortie);
        csv.ligne(Self::COLONNES)?;
        Ok(Self { csv, lignes: 0 })
    }

    /// Writes out what is still in memory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn termine(mut self) -> io::Result<()> {
        if self.lignes > LIGNES_MAX {
            let suite = format!("{} remarques de plus ne sont pas écrites.", self.lignes - LIGNES_MAX);
            self.csv.ligne(["0", "", Niveau::Garde.cle(), "rapport-coupe", "", "", &suite])?;
        }
        self.csv.termine()?.flush()
    }
}

impl<W: Write> Puits for PuitsCsv<W> {
    fn recoit(&mut self, c: &Constat<'_>) -> io::Result<()> {
        self.lignes += 1;
        if self.lignes > LIGNES_MAX {
            return Ok(());
        }
        let ligne = c.ligne.to_string();
        let valeur = cellule(c.valeur);
        let apres = cellule(c.apres.unwrap_or(""));
        self.csv.ligne([
            ligne.as_str(),
            &cellule(c.champ),
            c.regle.niveau.cle(),
            c.regle.id,
            &valeur,
            &apres,
            &c.message(),
        ])?;
        Ok(())
    }
}

/// A value fit for a report: cut when very long.
pub(crate) fn cellule(valeur: &str) -> String {
    match valeur.char_indices().nth(VALEUR_MAX) {
        Some((fin, _)) => format!("{}…", &valeur[..fin]),
        None => valeur.to_owned(),
    }
}

/// What an import did, in records. `maillage lieux import --json` prints it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Bilan {
    /// Records read from the file.
    pub read: u64,
    /// Records that this source had never delivered.
    pub added: u64,
    /// Records whose content changed since the last delivery.
    pub changed: u64,
    /// Records equal to those of the last delivery.
    pub unchanged: u64,
    /// Records that this source delivered before and does not deliver any more.
    pub closed: u64,
    /// Records that could not be taken.
    pub refused: u64,
    /// Records taken with at least one repaired cell.
    pub repaired: u64,
    /// Records that the filters of the mapping leave aside.
    #[serde(default)]
    pub filtered: u64,
}

/// How often a rule spoke.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct CompteRegle {
    /// Field or column.
    pub champ: String,
    /// Rule.
    pub regle: String,
    /// Key of its level.
    pub niveau: String,
    /// Sentence of the rule.
    pub message: String,
    /// How many cells.
    pub nombre: u64,
    /// Line of the first one.
    pub ligne: u64,
    /// Value of the first one.
    pub exemple: String,
}

/// A word of the file that no rule of the mapping knows.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct TermeInconnu {
    /// Column of the file.
    pub colonne: String,
    /// Field that it should have fed.
    pub champ: String,
    /// The words.
    pub terme: String,
    /// How many cells.
    pub nombre: u64,
}

/// Most distinct unknown terms, and most (field, rule) pairs, that are counted one by one.
const DISTINCTS_MAX: usize = 5_000;

/// Collects the remarks of an import.
pub struct Rapport<'p> {
    puits: &'p mut dyn Puits,
    comptes: BTreeMap<(String, &'static str), CompteRegle>,
    termes: HashMap<(String, String, String), u64>,
    termes_autres: u64,
    erreur: Option<io::Error>,
    repare: bool,
    refuse: bool,
}

impl<'p> Rapport<'p> {
    /// A report whose remarks go to that sink.
    pub fn new(puits: &'p mut dyn Puits) -> Self {
        Self {
            puits,
            comptes: BTreeMap::new(),
            termes: HashMap::new(),
            termes_autres: 0,
            erreur: None,
            repare: false,
            refuse: false,
        }
    }

    /// Takes a remark: counts it and hands it to the sink.
    pub fn note(&mut self, constat: &Constat<'_>) {
        match constat.regle.niveau {
            Niveau::Repare => self.repare = true,
            Niveau::Refus => self.refuse = true,
            Niveau::Ecarte | Niveau::Complete | Niveau::Garde | Niveau::Filtre => {}
        }
        let cle = (constat.champ.to_owned(), constat.regle.id);
        if let Some(compte) = self.comptes.get_mut(&cle) {
            compte.nombre += 1;
        } else if self.comptes.len() < DISTINCTS_MAX {
            self.comptes.insert(
                cle,
                CompteRegle {
                    champ: constat.champ.to_owned(),
                    regle: constat.regle.id.to_owned(),
                    niveau: constat.regle.niveau.cle().to_owned(),
                    message: constat.regle.message.to_owned(),
                    nombre: 1,
                    ligne: constat.ligne,
                    exemple: cellule(constat.valeur),
                },
            );
        }
        if self.erreur.is_none()
            && let Err(e) = self.puits.recoit(constat)
        {
            self.erreur = Some(e);
        }
    }

    /// Counts a word that the mapping does not know.
    pub fn terme_inconnu(&mut self, colonne: &str, champ: &str, terme: &str) {
        let cle = (colonne.to_owned(), champ.to_owned(), cellule(terme));
        if let Some(n) = self.termes.get_mut(&cle) {
            *n += 1;
        } else if self.termes.len() < DISTINCTS_MAX {
            self.termes.insert(cle, 1);
        } else {
            self.termes_autres += 1;
        }
    }

    /// Whether the record just handled was repaired, and whether it was refused; forgets both, for
    /// the next record.
    pub fn fin_enregistrement(&mut self) -> (bool, bool) {
        (std::mem::take(&mut self.repare), std::mem::take(&mut self.refuse))
    }

    /// The counts per field and rule, the gravest and most frequent first; the unknown terms, the
    /// most frequent first; and how many unknown terms were too varied to be listed.
    ///
    /// # Errors
    /// When the sink could not write a remark.
    pub fn comptes(&mut self) -> io::Result<Comptes> {
        if let Some(e) = self.erreur.take() {
            return Err(e);
        }
        let ordre = |c: &CompteRegle| Niveau::TOUS.iter().position(|n| n.cle() == c.niveau);
        let mut regles: Vec<CompteRegle> = self.comptes.values().cloned().collect();
        regles.sort_by(|a, b| ordre(a).cmp(&ordre(b)).then(b.nombre.cmp(&a.nombre)));
        let mut termes: Vec<TermeInconnu> = self
            .termes
            .iter()
            .map(|((colonne, champ, terme), nombre)| TermeInconnu {
                colonne: colonne.clone(),
                champ: champ.clone(),
                terme: terme.clone(),
                nombre: *nombre,
            })
            .collect();
        termes.sort_by(|a, b| {
            b.nombre.cmp(&a.nombre).then_with(|| (&a.colonne, &a.terme).cmp(&(&b.colonne, &b.terme)))
        });
        Ok(Comptes { regles, termes, termes_autres: self.termes_autres })
    }
}

/// What a report keeps once the cells have gone to the sink.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Comptes {
    /// Counts per field and rule.
    pub regles: Vec<CompteRegle>,
    /// Words that the mapping does not know.
    pub termes: Vec<TermeInconnu>,
    /// Cells with an unknown word, beyond those listed.
    pub termes_autres: u64,
}

impl Comptes {
    /// How many cells have that level.
    pub fn cellules(&self, niveau: Niveau) -> u64 {
        self.regles.iter().filter(|c| c.niveau == niveau.cle()).map(|c| c.nombre).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGLE: Regle = Regle::repare("essai", "Phrase de la règle.");

    fn constat(ligne: u64, valeur: &str) -> Constat<'_> {
        Constat {
            ligne,
            champ: "telephone",
            valeur,
            regle: REGLE,
            apres: Some("+33180059880"),
            precision: None,
        }
    }

    #[test]
    fn writes_csv_and_counts() {
        let mut sortie = Vec::new();
        {
            let mut puits = PuitsCsv::new(&mut sortie).unwrap();
            let mut rapport = Rapport::new(&mut puits);
            rapport.note(&constat(2, "01 80"));
            assert_eq!(rapport.fin_enregistrement(), (true, false));
            assert_eq!(rapport.fin_enregistrement(), (false, false));
            rapport.note(&constat(3, "=cmd()"));
            rapport.terme_inconnu("type", "typologie", "Truc");
            rapport.terme_inconnu("type", "typologie", "Truc");
            let comptes = rapport.comptes().unwrap();
            assert_eq!(comptes.cellules(Niveau::Repare), 2);
            assert_eq!((comptes.termes[0].terme.as_str(), comptes.termes[0].nombre), ("Truc", 2));
            puits.termine().unwrap();
        }
        assert_eq!(
            String::from_utf8(sortie).unwrap(),
            "ligne,champ,niveau,regle,valeur,valeur_apres,message\n\
             2,telephone,repare,essai,01 80,+33180059880,Phrase de la règle.\n\
             3,telephone,repare,essai,'=cmd(),+33180059880,Phrase de la règle.\n"
        );
    }

    #[test]
    fn memory_does_not_grow_with_the_file() {
        let mut puits = SansTrace;
        let mut rapport = Rapport::new(&mut puits);
        for i in 0..20_000 {
            rapport.terme_inconnu("c", "services", &i.to_string());
        }
        let comptes = rapport.comptes().unwrap();
        assert_eq!(comptes.termes.len(), DISTINCTS_MAX);
        assert_eq!(comptes.termes_autres, 15_000);
        assert!(cellule(&"x".repeat(10_000)).chars().count() <= VALEUR_MAX + 1);
    }
}
