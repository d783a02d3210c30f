//! What was done of each row. Reasons are fixed sentences and rows are named by their identifier there: nothing personal.

use std::collections::BTreeMap;

use platform::tableur;
use serde_json::{Value, json};

/// Rows named under a reason; all of them are counted.
const NOMMEES: usize = 100;

/// Rows for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Motif {
    /// How many.
    pub nombre: u64,
    /// The first of them.
    pub lignes: Vec<String>,
}

/// What was done of a table: `lues = prises + deja + rattachees + refusees`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// What it holds.
    pub nom: &'static str,
    /// Its name in the file; none when it is not there.
    pub table: Option<String>,
    /// Columns that are missing: their values are blank.
    pub absentes: Vec<&'static str>,
    /// Rows read.
    pub lues: u64,
    /// Written here.
    pub prises: u64,
    /// Taken by a run before.
    pub deja: u64,
    /// The same as something that is here.
    pub rattachees: u64,
    /// Refused.
    pub refusees: u64,
    /// Why, of those refused.
    pub refus: BTreeMap<&'static str, Motif>,
    /// What is said of rows that were taken or attached.
    pub remarques: BTreeMap<&'static str, Motif>,
}

fn compte(motifs: &mut BTreeMap<&'static str, Motif>, pourquoi: &'static str, ligne: String) {
    let motif = motifs.entry(pourquoi).or_default();
    motif.nombre += 1;
    if motif.lignes.len() < NOMMEES {
        motif.lignes.push(ligne);
    }
}

impl Table {
    pub(super) fn refuse(&mut self, pourquoi: &'static str, ligne: impl ToString) {
        self.refusees += 1;
        compte(&mut self.refus, pourquoi, ligne.to_string());
    }

    pub(super) fn remarque(&mut self, quoi: &'static str, ligne: impl ToString) {
        compte(&mut self.remarques, quoi, ligne.to_string());
    }

    /// Whether every row that was read is somewhere.
    pub fn juste(&self) -> bool {
        self.lues == self.prises + self.deja + self.rattachees + self.refusees
            && self.refusees == self.refus.values().map(|m| m.nombre).sum::<u64>()
    }

    /// Adds what a batch did.
    pub(super) fn ajoute(&mut self, lot: Self) {
        self.lues += lot.lues;
        self.prises += lot.prises;
        self.deja += lot.deja;
        self.rattachees += lot.rattachees;
        self.refusees += lot.refusees;
        for (ici, siens) in [(&mut self.refus, lot.refus), (&mut self.remarques, lot.remarques)] {
            for (pourquoi, motif) in siens {
                let garde = ici.entry(pourquoi).or_default();
                garde.nombre += motif.nombre;
                let place = NOMMEES.saturating_sub(garde.lignes.len());
                garde.lignes.extend(motif.lignes.into_iter().take(place));
            }
        }
    }
}

/// The report of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rapport {
    /// Whether nothing was kept.
    pub essai: bool,
    /// Each table, in the order in which they were read.
    pub tables: Vec<Table>,
    /// Tables that are not taken, and their rows.
    pub laissees: Vec<(String, u64)>,
    /// Mandats taken over, by verdict of their hash.
    pub verdicts: Vec<(String, i64)>,
    /// What the operator should know of the whole.
    pub avertissements: Vec<&'static str>,
}

impl Rapport {
    /// For programs.
    pub fn json(&self) -> Value {
        let motifs = |m: &BTreeMap<&'static str, Motif>| -> Value {
            m.iter().map(|(p, m)| json!({ "motif": p, "nombre": m.nombre, "lignes": m.lignes })).collect()
        };
        json!({
            "essai": self.essai,
            "tables": self.tables.iter().map(|t| json!({
                "nom": t.nom, "table": t.table, "colonnes_absentes": t.absentes, "lues": t.lues, "prises": t.prises,
                "deja_la": t.deja, "rattachees": t.rattachees, "refusees": t.refusees, "juste": t.juste(),
                "refus": motifs(&t.refus), "remarques": motifs(&t.remarques),
            })).collect::<Vec<_>>(),
            "tables_laissees": self.laissees.iter().map(|(t, n)| json!({ "table": t, "lignes": n })).collect::<Vec<_>>(),
            "empreintes": self.verdicts.iter().map(|(v, n)| json!({ "verdict": v, "nombre": n })).collect::<Vec<_>>(),
            "avertissements": self.avertissements,
        })
    }

    /// For a spreadsheet: one line a count, a reason or a remark.
    ///
    /// # Errors
    /// Never in memory.
    pub fn csv(&self) -> std::io::Result<Vec<u8>> {
        let mut t = tableur::Tableur::bureautique(Vec::new());
        t.ligne(["table", "genre", "quoi", "nombre", "lignes"])?;
        for table in &self.tables {
            for (quoi, nombre) in [
                ("lues", table.lues),
                ("prises", table.prises),
                ("déjà là", table.deja),
                ("rattachées", table.rattachees),
                ("refusées", table.refusees),
            ] {
                t.ligne([table.nom, "total", quoi, &nombre.to_string(), ""])?;
            }
            for (genre, motifs) in [("refus", &table.refus), ("remarque", &table.remarques)] {
                for (quoi, m) in motifs {
                    t.ligne([table.nom, genre, quoi, &m.nombre.to_string(), &m.lignes.join(" ")])?;
                }
            }
            for colonne in &table.absentes {
                t.ligne([table.nom, "colonne absente", colonne, "", ""])?;
            }
        }
        for (verdict, n) in &self.verdicts {
            t.ligne(["mandats", "empreinte", verdict, &n.to_string(), ""])?;
        }
        for (table, n) in &self.laissees {
            t.ligne([table.as_str(), "laissée", "table non reprise", &n.to_string(), ""])?;
        }
        for a in &self.avertissements {
            t.ligne(["", "avertissement", a, "", ""])?;
        }
        t.termine()
    }

    /// For people.
    pub fn texte(&self) -> String {
        let n = |n: u64| kernel::text::nombre(n.cast_signed());
        let mut out = String::new();
        if self.essai {
            out.push_str("Essai : rien n’a été gardé.\n");
        }
        for t in &self.tables {
            let Some(table) = &t.table else {
                out.push_str(&format!("\n{} : table absente du fichier\n", t.nom));
                continue;
            };
            out.push_str(&format!(
                "\n{} ({table}) : {} lues = {} prises + {} déjà là + {} rattachées + {} refusées\n",
                t.nom,
                n(t.lues),
                n(t.prises),
                n(t.deja),
                n(t.rattachees),
                n(t.refusees)
            ));
            for (quoi, motifs) in [("refusées", &t.refus), ("à savoir", &t.remarques)] {
                for (pourquoi, m) in motifs {
                    let suite = if m.nombre > 10 { "…" } else { "" };
                    let premieres = m.lignes.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
                    out.push_str(&format!("  {quoi} : {pourquoi} ({} : {premieres}{suite})\n", n(m.nombre)));
                }
            }
            if !t.absentes.is_empty() {
                out.push_str(&format!("  colonnes absentes : {}\n", t.absentes.join(", ")));
            }
        }
        if !self.verdicts.is_empty() {
            out.push_str("\nEmpreintes des mandats repris\n");
            for (verdict, nombre) in &self.verdicts {
                out.push_str(&format!("  {verdict} : {}\n", kernel::text::nombre(*nombre)));
            }
        }
        if !self.laissees.is_empty() {
            out.push_str("\nTables non reprises\n");
            for (table, nombre) in &self.laissees {
                out.push_str(&format!("  {table} : {} lignes\n", n(*nombre)));
            }
        }
        for a in &self.avertissements {
            out.push_str(&format!("\n{a}\n"));
        }
        out
    }
}
