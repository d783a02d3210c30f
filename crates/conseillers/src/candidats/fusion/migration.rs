//! Tables of files that were made one, of pairs that are two people, and what likely duplicates are told by.

use platform::db::kit::{self, id, instant, name, text, uuid_opt};
use sea_orm::FromQueryResult;
use sea_orm_migration::prelude::*;
use uuid::Uuid;

use super::super::doublons;

/// `conseillers_0062_fusions`
#[derive(Debug)]
pub(crate) struct Fusions0062;

impl MigrationName for Fusions0062 {
    fn name(&self) -> &'static str {
        "conseillers_0062_fusions"
    }
}

fn vers_candidat(table: &str, colonne: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name(colonne))
        .to(name("candidat"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[derive(FromQueryResult)]
struct Ligne {
    id: Uuid,
    prenom: String,
    nom: String,
    courriel_cle: String,
    code_postal: String,
}

#[async_trait::async_trait]
impl MigrationTrait for Fusions0062 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("candidat_reunion"))
                .col(id(name("absorbee_id")).primary_key())
                .col(id(name("gardee_id")))
                .col(instant(name("le")))
                // What moved, by identifier: JSON, never filtered on.
                .col(text(name("pieces")))
                .foreign_key(&mut vers_candidat("candidat_reunion", "absorbee_id"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("candidat_distincts"))
                // The older file first: a pair has one row.
                .col(id(name("un_id")))
                .col(id(name("autre_id")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                .primary_key(Index::create().col(name("un_id")).col(name("autre_id")))
                .foreign_key(&mut vers_candidat("candidat_distincts", "un_id"))
                .foreign_key(&mut vers_candidat("candidat_distincts", "autre_id"))
                .to_owned(),
        )
        .await?;
        let conn = m.get_connection();
        for sql in [
            "ALTER TABLE candidat ADD COLUMN boite text NOT NULL DEFAULT ''",
            "ALTER TABLE candidat ADD COLUMN identite text NOT NULL DEFAULT ''",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        let lues: Vec<Ligne> =
            kit::query_as(conn, "SELECT id, prenom, nom, courriel_cle, code_postal FROM candidat", [])
                .await?;
        for l in lues {
            let boite = doublons::boite(&l.courriel_cle);
            let identite = doublons::identite(&l.prenom, &l.nom, &l.code_postal);
            let sql = "UPDATE candidat SET boite = $2, identite = $3 WHERE id = $1";
            kit::execute(conn, sql, [l.id.into(), boite.into(), identite.into()]).await?;
        }
        for sql in [
            // What likely duplicates are grouped by: read whole, without the rows.
            "CREATE INDEX candidat_boite ON candidat (boite, numero, id) WHERE etat = 'active'",
            "CREATE INDEX candidat_identite ON candidat (identite, numero, id) WHERE etat = 'active'",
            "CREATE INDEX candidat_telephone ON candidat (telephone, numero, id) WHERE etat = 'active' AND telephone IS NOT NULL",
            "CREATE INDEX candidat_distincts_autre ON candidat_distincts (autre_id)",
            // An account whose file was absorbed leads to the kept one.
            "CREATE INDEX candidat_compte_fusionne ON candidat (compte_id) WHERE etat = 'fusionnee'",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
