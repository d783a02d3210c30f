//! Tables of demandes.

use platform::db::kit::{
    day, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use super::model::{Etat, Genre, Origine, Sens};
use super::reference::Jour;

/// `conseillers_0020_demandes`
#[derive(Debug)]
pub(crate) struct Demandes0020;

impl MigrationName for Demandes0020 {
    fn name(&self) -> &'static str {
        "conseillers_0020_demandes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Demandes0020 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("demande"))
                .col(id(name("id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(state("genre", &Genre::TOUS.map(Genre::cle)))
                .col(state("etat", &Etat::CLES))
                // What the state bears, JSON.
                .col(text(name("etat_donnees")))
                .col(id(name("structure_id")))
                .col(text(name("nom")))
                .col(text(name("code_commune")))
                .col(text(name("commune")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(text(name("prenom_contact")))
                .col(text(name("nom_contact")))
                .col(text(name("fonction_contact")))
                .col(text(name("courriel_contact")))
                .col(text(name("telephone_contact")))
                // What is asked, JSON.
                .col(text(name("objet")))
                .col(integer(name("postes")))
                // Posts granted, of what the state bears: for sums.
                .col(integer(name("accordes")))
                .col(text(name("zonages")))
                .col(state(
                    "origine",
                    &["formulaire", "espace", "liste"].map(|c| {
                        debug_assert!(Origine::from_cle(c).is_some());
                        c
                    }),
                ))
                .col(
                    text_opt(name("avis")).check(
                        Expr::col(name("avis"))
                            .is_in(Sens::TOUS.map(Sens::cle))
                            .or(Expr::col(name("avis")).is_null()),
                    ),
                )
                .col(uuid_opt(name("seance_id")))
                .col(instant(name("deposee_le")))
                .col(text(name("recherche")))
                .col(integer(name("version")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("demande_avis"))
                .col(id(name("demande_id")))
                .col(integer(name("rang")))
                .col(state("sens", &Sens::TOUS.map(Sens::cle)))
                .col(integer(name("postes")))
                .col(text(name("commentaire")))
                .col(ColumnDef::new(name("accord_principe")).boolean().not_null().to_owned())
                .col(uuid_opt(name("vers_structure")))
                .col(text(name("vers_nom")))
                .col(id(name("par")))
                .col(text(name("role")))
                .col(instant(name("le")))
                .primary_key(Index::create().col(name("demande_id")).col(name("rang")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("demande_piece"))
                .col(id(name("id")).primary_key())
                .col(id(name("demande_id")))
                .col(text(name("nom")))
                .col(integer(name("taille")))
                .col(ColumnDef::new(name("contenu")).blob().not_null().to_owned())
                .col(id(name("par")))
                .col(instant(name("le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("demande_brouillon"))
                .col(id(name("id")).primary_key())
                // Fingerprints of the two links: that of the draft, and that which proves the address.
                .col(text(name("jeton")).unique_key())
                .col(text_opt(name("lien")).unique_key())
                .col(state("etat", &["ouvert", "a_prouver", "depose"]))
                .col(text(name("champs")))
                .col(integer(name("envois")))
                .col(instant_opt(name("envoye_le")))
                .col(integer_opt(name("numero")))
                .col(instant(name("modifie_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("demande_calendrier"))
                .col(text(name("cle")).primary_key())
                .col(day(name("jour")))
                .to_owned(),
        )
        .await?;
        for jour in Jour::TOUS {
            let sql = format!(
                "INSERT INTO demande_calendrier (cle, jour) VALUES ('{}', '{}')",
                jour.cle(),
                jour.premier()
            );
            m.get_connection().execute_unprepared(&sql).await?;
        }
        for sql in [
            // One demande of a kind at a time: the last wall behind the rule. Both engines take the same text.
            "CREATE UNIQUE INDEX demande_en_cours ON demande (structure_id, genre) \
             WHERE etat IN ('a_confirmer', 'deposee', 'en_seance', 'examen_complementaire')",
            "CREATE INDEX demande_structure ON demande (structure_id)",
            "CREATE INDEX demande_departement ON demande (departement, etat)",
            "CREATE INDEX demande_age ON demande (etat, deposee_le)",
            "CREATE INDEX demande_seance ON demande (seance_id)",
            "CREATE INDEX demande_piece_de ON demande_piece (demande_id)",
            "CREATE INDEX demande_brouillon_age ON demande_brouillon (modifie_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `conseillers_0060_suivi_des_demandes`: what is answered to the committee, links for who has no account, proofs of an
/// address counted apart from the links of drafts.
#[derive(Debug)]
pub(crate) struct Demandes0060;

impl MigrationName for Demandes0060 {
    fn name(&self) -> &'static str {
        "conseillers_0060_suivi_des_demandes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Demandes0060 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("demande_suivi"))
                .col(text(name("jeton")).primary_key())
                .col(id(name("demande_id")))
                .col(instant(name("cree_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX demande_suivi_de ON demande_suivi (demande_id)",
            "ALTER TABLE demande ADD COLUMN precisions text NOT NULL DEFAULT ''",
            "ALTER TABLE demande_brouillon ADD COLUMN preuves bigint NOT NULL DEFAULT 0",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        let alter = Table::alter()
            .table(name("demande_brouillon"))
            .add_column(instant_opt(name("preuve_le")))
            .to_owned();
        m.alter_table(alter).await
    }
}
