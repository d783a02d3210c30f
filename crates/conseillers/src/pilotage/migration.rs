//! Tables of the dashboard.

use platform::db::kit::{day, id, instant, integer, integer_opt, name, text, uuid_opt};
use sea_orm_migration::prelude::*;

/// `conseillers_0050_pilotage`
#[derive(Debug)]
pub(crate) struct Pilotage0050;

impl MigrationName for Pilotage0050 {
    fn name(&self) -> &'static str {
        "conseillers_0050_pilotage"
    }
}

/// What was announced on 17 November 2020: a thousand people by spring 2021, four thousand by spring 2022.
const ANNONCES: [(&str, &str, &str, i64); 2] = [
    ("printemps_2021", "1 000 conseillers en poste au printemps 2021", "2021-06-20", 1_000),
    ("printemps_2022", "4 000 conseillers en poste au printemps 2022", "2022-06-20", 4_000),
];

#[async_trait::async_trait]
impl MigrationTrait for Pilotage0050 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("jalon"))
                .col(text(name("cle")).primary_key())
                .col(text(name("nom")))
                .col(day(name("echeance")))
                .col(integer(name("cible")))
                .col(integer_opt(name("prevision")))
                .to_owned(),
        )
        .await?;
        for (cle, nom, echeance, cible) in ANNONCES {
            let sql = format!(
                "INSERT INTO jalon (cle, nom, echeance, cible) VALUES ('{cle}', '{nom}', '{echeance}', {cible})"
            );
            m.get_connection().execute_unprepared(&sql).await?;
        }
        m.create_table(
            Table::create()
                .table(name("etat_avancement"))
                .col(id(name("id")).primary_key())
                .col(day(name("le")))
                .col(instant(name("fige_le")))
                .col(uuid_opt(name("par")))
                .col(text(name("contenu")))
                .col(text(name("empreinte")))
                .to_owned(),
        )
        .await
    }
}
