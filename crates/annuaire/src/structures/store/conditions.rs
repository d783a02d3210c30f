//! The `WHERE` of a query, its values beside it: nothing that a person typed is ever part of the text.

use kernel::Perimetre;
use sea_orm::Value;

/// Conditions joined by `AND`, with their values.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Notes a value and gives its place: `$3`.
    pub fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Notes several values and gives their places: `$3, $4`. No value gives `NULL`, which nothing equals.
    pub fn liste(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> String {
        let places: Vec<String> = values.into_iter().map(|v| self.place(v)).collect();
        if places.is_empty() { "NULL".to_owned() } else { places.join(", ") }
    }

    /// Adds a condition.
    pub fn et(&mut self, sql: impl Into<String>) {
        self.sql.push(sql.into());
    }

    /// Only the structures within a scope; `s` is the name of the table in the query.
    pub(crate) fn perimetre(&mut self, perimetre: &Perimetre, s: &str) {
        self.dans(perimetre, s, "id");
    }

    /// Only what lies within a scope: rows of `t`, which has columns `region` and `departement`, and names its structure
    /// in the column `structure`.
    pub fn dans(&mut self, perimetre: &Perimetre, t: &str, structure: &str) {
        let sql = match perimetre {
            Perimetre::National => return,
            Perimetre::Regions(codes) => {
                format!("{t}.region IN ({})", self.liste(codes.iter().map(ToString::to_string)))
            }
            Perimetre::Departements(codes) => {
                format!("{t}.departement IN ({})", self.liste(codes.iter().map(ToString::to_string)))
            }
            Perimetre::Structures(ids) => self.structures(ids, &format!("{t}.{structure}")),
            Perimetre::Communes(codes) => {
                let codes = self.liste(codes.iter().map(ToString::to_string));
                de(&format!("{t}.{structure}"), &format!("code_commune IN ({codes})"))
            }
            Perimetre::Reseaux(reseaux) => self.reseaux(reseaux, &format!("{t}.{structure}")),
            Perimetre::Lieux(_) | Perimetre::Personnes(_) | Perimetre::Soi => "1 = 0".to_owned(),
        };
        self.et(sql);
    }

    /// Only what lies within a scope, for rows that know their structure and nothing of its place: `colonne` names it.
    pub fn par_structure(&mut self, perimetre: &Perimetre, colonne: &str) {
        let sql = match perimetre {
            Perimetre::National => return,
            Perimetre::Regions(codes) => {
                de(colonne, &format!("region IN ({})", self.liste(codes.iter().map(ToString::to_string))))
            }
            Perimetre::Departements(codes) => de(
                colonne,
                &format!("departement IN ({})", self.liste(codes.iter().map(ToString::to_string))),
            ),
            Perimetre::Structures(ids) => self.structures(ids, colonne),
            Perimetre::Communes(codes) => de(
                colonne,
                &format!("code_commune IN ({})", self.liste(codes.iter().map(ToString::to_string))),
            ),
            Perimetre::Reseaux(reseaux) => self.reseaux(reseaux, colonne),
            Perimetre::Lieux(_) | Perimetre::Personnes(_) | Perimetre::Soi => "1 = 0".to_owned(),
        };
        self.et(sql);
    }

    /// The condition that a column names one of these structures, or one that they were merged into.
    pub fn structures(&mut self, ids: &[kernel::ids::StructureId], colonne: &str) -> String {
        format!(
            "{colonne} IN (WITH RECURSIVE c(id, dans) AS (\
               SELECT id, fusionnee_dans FROM structure WHERE id IN ({}) \
               UNION SELECT x.id, x.fusionnee_dans FROM structure x JOIN c ON x.id = c.dans\
             ) SELECT id FROM c)",
            self.liste(ids.iter().map(|id| id.0))
        )
    }

    /// The condition that a column names a structure of one of these networks.
    pub fn reseaux(&mut self, reseaux: &[kernel::Reseau], colonne: &str) -> String {
        de(colonne, &format!("reseau IN ({})", self.liste(reseaux.iter().map(|r| r.cle()))))
    }

    /// The clause, `WHERE` included; empty without conditions.
    pub fn clause(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!(" WHERE {}", self.sql.join(" AND ")) }
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// That a column names a structure of that kind, or one that was merged into it.
fn de(colonne: &str, condition: &str) -> String {
    format!(
        "{colonne} IN (WITH RECURSIVE c(id) AS (\
           SELECT id FROM structure WHERE {condition} AND fusionnee_dans IS NULL \
           UNION SELECT x.id FROM structure x JOIN c ON x.fusionnee_dans = c.id\
         ) SELECT id FROM c)"
    )
}
