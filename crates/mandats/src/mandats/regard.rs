//! Whose mandats one looks at in an organisation: all of them, or what teams leave to see.

use kernel::ids::StructureId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use crate::aidants::{self, Agissant};
use crate::ids::{AppartenanceId, EquipeId};

/// What of the mandats of an organisation is looked at.
///
/// A mandat is of the team of the membership under which it was made. One that was made outside any team of the
/// organisation (before there were teams, in one that was removed, by the organisation that held it before, in another
/// system) is hidden from nobody: else nobody might be left to see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regard {
    structure: StructureId,
    equipes: Option<Vec<EquipeId>>,
}

impl Regard {
    /// Everything that the organisation holds.
    pub fn entier(structure: StructureId) -> Self {
        Self { structure, equipes: None }
    }

    /// What they see who act in the name of an organisation.
    ///
    /// # Errors
    /// The database.
    pub async fn de(conn: &impl ConnectionTrait, a: &Agissant) -> Result<Self, DbErr> {
        let equipes = aidants::equipes_visibles(conn, a).await?;
        Ok(Self { structure: a.organisation.structure, equipes })
    }

    /// The organisation.
    pub fn structure(&self) -> StructureId {
        self.structure
    }

    /// Whether what was done under that membership is looked at, as a mandat made under it would be.
    ///
    /// # Errors
    /// The database.
    pub async fn voit(
        &self,
        conn: &impl ConnectionTrait,
        appartenance: AppartenanceId,
    ) -> Result<bool, DbErr> {
        let Some(miennes) = &self.equipes else { return Ok(true) };
        let sql = "SELECT re.id FROM aidant_appartenance ra JOIN equipe_aidants re ON re.id = ra.equipe_id \
                   WHERE ra.id = $1 AND re.structure_id = $2 AND re.supprimee_le IS NULL";
        let rows = kit::query(conn, sql, [appartenance.0.into(), self.structure.0.into()]).await?;
        let equipe = rows.first().map(|r| r.try_get_by_index::<Uuid>(0)).transpose()?;
        Ok(equipe.is_none_or(|e| miennes.contains(&EquipeId(e))))
    }

    /// Teams, when they narrow it.
    pub(super) fn equipes(&self) -> Option<impl Iterator<Item = Uuid>> {
        self.equipes.as_ref().map(|e| e.iter().map(|id| id.0))
    }

    /// A condition that leaves out the mandats of other teams, to follow others: empty when nothing is hidden.
    /// `mandat` names the column of their identifier; `place` gives the place of a value.
    pub(super) fn et(&self, mandat: &str, mut place: impl FnMut(Value) -> String) -> String {
        let Some(equipes) = self.equipes() else { return String::new() };
        let places: Vec<String> = equipes.map(|e| place(e.into())).collect();
        let autres = if places.is_empty() {
            String::new()
        } else {
            format!(" AND re.id NOT IN ({})", places.join(", "))
        };
        format!(
            " AND NOT EXISTS (SELECT 1 FROM mandat rm JOIN aidant_appartenance ra ON ra.id = rm.appartenance_id \
             JOIN equipe_aidants re ON re.id = ra.equipe_id WHERE rm.id = {mandat} \
             AND re.structure_id = rm.structure_id AND re.supprimee_le IS NULL{autres})"
        )
    }
}
