//! The preview of a mapping: what the first records become, field by field, and what the mapping does
//! not know in the whole file.

use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::NaiveDate;

use super::communes::Communes;
use super::correspondance::{Application, Correspondance};
use super::passage::parcourt;
use super::rapport::{CompteRegle, TermeInconnu};
use super::standard::Champ;

/// A field of a record, before and after.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ChampVu {
    /// Field of the standard.
    pub field: String,
    /// Columns that feed it, with their values.
    pub before: Vec<(String, String)>,
    /// What the mapping gives.
    pub mapped: String,
    /// What an import would keep, after the repairs; nothing when the record is refused.
    pub after: Option<String>,
    /// What was said of it.
    pub remarks: Vec<String>,
}

/// A record, before and after.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LieuVu {
    /// Line of the file, rank in a JSON list.
    pub line: u64,
    /// `taken`, `refused` or `filtered`.
    pub outcome: &'static str,
    /// Why it is refused or left aside.
    pub reasons: Vec<String>,
    /// Its fields that have something before or after.
    pub fields: Vec<ChampVu>,
}

/// A preview.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Apercu {
    /// Name of the source.
    pub source: String,
    /// The first records.
    pub records: Vec<LieuVu>,
    /// Records read in the whole file.
    pub read: u64,
    /// Of which an import would take this many.
    pub taken: u64,
    /// And refuse this many.
    pub refused: u64,
    /// And leave aside, by a filter, this many.
    pub filtered: u64,
    /// Words that no table and no choice knows, the most frequent first.
    pub unknown_terms: Vec<TermeInconnu>,
    /// Columns that the mapping does not read, and does not say not to read.
    pub unmapped_columns: Vec<String>,
    /// Columns that it names and no record has.
    pub missing_columns: Vec<String>,
    /// Remarks on the whole file, by field and rule.
    pub remarks: Vec<CompteRegle>,
}

/// Shows what a mapping makes of a file.
///
/// # Errors
/// A French sentence, when the file as a whole is refused.
pub fn apercu<R: Read + Seek>(
    source: R,
    correspondance: &Arc<Correspondance>,
    communes: Option<&dyn Communes>,
    aujourdhui: NaiveDate,
    combien: usize,
) -> Result<Apercu, String> {
    let mut application = Application::new(correspondance.clone());
    // A second one, for the values before: the first is at work.
    let mut regard = Application::new(correspondance.clone());
    let mut vu_en_tout = Apercu { source: correspondance.source.clone(), ..Apercu::default() };
    let fin = parcourt(source, &mut application, communes, aujourdhui, &mut |vu, _| {
        vu_en_tout.read += 1;
        let outcome = match (vu.brut, vu.fiche, vu.enregistrement) {
            (_, Some(_), _) => "taken",
            (None, None, Some(_)) => "filtered",
            _ => "refused",
        };
        match outcome {
            "taken" => vu_en_tout.taken += 1,
            "filtered" => vu_en_tout.filtered += 1,
            _ => vu_en_tout.refused += 1,
        }
        if vu_en_tout.records.len() < combien
            && let Some(e) = vu.enregistrement
        {
            let mut fields = Vec::new();
            for champ in Champ::TOUS {
                let before = regard.avant(champ, e);
                let mapped = vu.brut.map_or(String::new(), |b| b.get(champ).to_owned());
                let after = vu.fiche.map(|f| f.valeur(champ).into_owned());
                if before.iter().all(|(_, v)| v.is_empty())
                    && mapped.is_empty()
                    && after.as_deref().unwrap_or_default().is_empty()
                {
                    continue;
                }
                let remarks = vu
                    .remarques
                    .iter()
                    // A column may bear the name of a field.
                    .filter(|r| r.champ == champ.nom() && r.regle.id != "colonne-non-lue")
                    .map(|r| r.message.clone())
                    .collect();
                fields.push(ChampVu { field: champ.nom().to_owned(), before, mapped, after, remarks });
            }
            let reasons = vu
                .remarques
                .iter()
                .filter(|r| {
                    matches!(r.regle.niveau, super::rapport::Niveau::Refus | super::rapport::Niveau::Filtre)
                })
                .map(|r| r.message.clone())
                .collect();
            vu_en_tout.records.push(LieuVu { line: e.ligne, outcome, reasons, fields });
        }
        ControlFlow::Continue(())
    })?;
    vu_en_tout.unknown_terms = fin.comptes.termes;
    for regle in fin.comptes.regles {
        match regle.regle.as_str() {
            "colonne-non-lue" => vu_en_tout.unmapped_columns.push(regle.champ),
            "colonne-jamais-vue" => vu_en_tout.missing_columns.push(regle.champ),
            _ => vu_en_tout.remarks.push(regle),
        }
    }
    Ok(vu_en_tout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_before_and_after() {
        let toml = "source = \"S\"\n[champs]\nid = \"ref\"\nnom = \"lieu\"\ncommune = \"ville\"\ntelephone = \"tel\"\n\
            typologie = { colonne = \"genre\", traduction = { \"Mairie\" = \"MUNI\" } }\n\
            [[filtres]]\nexclure_si = { colonne = \"lieu\", vaut = \"Test\" }\nraison = \"essai de saisie\"\n";
        let c = Arc::new(Correspondance::lit(toml).unwrap());
        let csv = "ref;lieu;ville;tel;genre;autre\n1;Mairie;Reims;01 23 45 67 89;Mairie;x\n2;;Reims;;Piscine;\n3;Test;Reims;;;\n";
        let jour = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let a = apercu(std::io::Cursor::new(csv.as_bytes()), &c, None, jour, 2).unwrap();
        assert_eq!((a.read, a.taken, a.refused, a.filtered), (3, 1, 1, 1));
        assert_eq!(a.records.len(), 2);
        let tel = a.records[0].fields.iter().find(|f| f.field == "telephone").unwrap();
        assert_eq!(tel.before, [("tel".to_owned(), "01 23 45 67 89".to_owned())]);
        assert_eq!((tel.mapped.as_str(), tel.after.as_deref()), ("01 23 45 67 89", Some("+33123456789")));
        assert_eq!(a.records[1].outcome, "refused");
        assert!(a.records[1].reasons[0].contains("pas de nom"));
        assert_eq!(a.unknown_terms[0].terme, "Piscine");
        assert_eq!(a.unmapped_columns, ["autre"]);
    }
}
