//! Tables of habilitations: who asks, what they ask, whom they name, what is said on both sides; meetings and targets.

use platform::db::kit::{
    id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use super::model::Etat;

/// `mandats_0050_habilitations`
#[derive(Debug)]
pub(crate) struct Habilitations0050;

impl MigrationName for Habilitations0050 {
    fn name(&self) -> &'static str {
        "mandats_0050_habilitations"
    }
}

/// Yes, no, or not said yet.
fn flag_opt(n: &str) -> ColumnDef {
    let mut c = ColumnDef::new(name(n));
    c.boolean().null();
    c
}

#[async_trait::async_trait]
impl MigrationTrait for Habilitations0050 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("habilitation_demandeur"))
                .col(id(name("id")).primary_key())
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("profession")))
                .col(text_opt(name("telephone")))
                .col(text(name("courriel")))
                .col(text(name("courriel_cle")).unique_key())
                // When the address was proved; nothing is written for this person before.
                .col(instant_opt(name("verifie_le")))
                .col(integer(name("envois")))
                .col(instant_opt(name("envoye_le")))
                .col(instant(name("cree_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("habilitation_lien"))
                // Hash of the secret of the link: a copy of the database opens nothing.
                .col(text(name("jeton")).primary_key())
                .col(id(name("demandeur_id")))
                .col(state("genre", &["preuve", "espace"]))
                .col(instant(name("expire_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("habilitation_lien"), name("demandeur_id"))
                        .to(name("habilitation_demandeur"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        self.demandes(m).await?;
        m.create_table(
            Table::create()
                .table(name("habilitation_message"))
                .col(id(name("id")).primary_key())
                .col(id(name("demande_id")))
                .col(state("auteur", &["equipe", "demandeur"]))
                .col(uuid_opt(name("compte_id")))
                .col(text(name("texte")))
                .col(instant(name("ecrit_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("habilitation_message"), name("demande_id"))
                        .to(name("habilitation_demande"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("habilitation_compteur"))
                .col(text(name("cle")).primary_key())
                .col(integer(name("valeur")))
                .to_owned(),
        )
        .await?;
        for sql in [
            // Numbers of habilitation go on from 10000, as those of the service that stands.
            "INSERT INTO habilitation_compteur (cle, valeur) VALUES ('numero', 10000)",
            // One request under way for a number and a place: the last wall behind the rule.
            "CREATE UNIQUE INDEX habilitation_en_cours ON habilitation_demande (pivot, lieu_cle) \
             WHERE etat IN ('en_instruction', 'modifications_demandees')",
            "CREATE INDEX habilitation_demande_age ON habilitation_demande (etat, deposee_le)",
            "CREATE INDEX habilitation_demande_de ON habilitation_demande (demandeur_id)",
            "CREATE INDEX habilitation_demande_pivot ON habilitation_demande (pivot)",
            "CREATE INDEX habilitation_demande_departement ON habilitation_demande (departement, etat)",
            "CREATE UNIQUE INDEX habilitation_personne_une ON habilitation_personne (demande_id, courriel_cle)",
            "CREATE INDEX habilitation_personne_aidant ON habilitation_personne (aidant_id)",
            "CREATE INDEX habilitation_message_de ON habilitation_message (demande_id, ecrit_le)",
            "CREATE INDEX habilitation_lien_de ON habilitation_lien (demandeur_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

impl Habilitations0050 {
    async fn demandes(&self, m: &SchemaManager<'_>) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("habilitation_demande"))
                .col(id(name("id")).primary_key())
                .col(id(name("demandeur_id")))
                .col(state("etat", &Etat::TOUS.map(Etat::cle)))
                // What was typed, in pairs; the columns below are what was filed last.
                .col(text(name("champs")))
                .col(text(name("nom")))
                .col(text_opt(name("pivot")))
                .col(integer_opt(name("numero")).unique_key())
                .col(text_opt(name("type_cle")))
                .col(text_opt(name("type_autre")))
                .col(text_opt(name("commune")))
                .col(text_opt(name("departement")))
                .col(text_opt(name("region")))
                .col(text_opt(name("lieu_cle")))
                .col(flag_opt("privee"))
                .col(text_opt(name("partenaire")))
                .col(flag_opt("france_services"))
                .col(text_opt(name("france_services_numero")))
                .col(text_opt(name("referent_courriel")))
                .col(flag_opt("cgu"))
                .col(flag_opt("gratuite"))
                .col(flag_opt("dpo"))
                .col(flag_opt("professionnels"))
                .col(flag_opt("sans_elus"))
                .col(text(name("recherche")))
                .col(uuid_opt(name("agent_id")))
                .col(uuid_opt(name("structure_id")))
                .col(instant(name("cree_le")))
                .col(instant(name("modifie_le")))
                .col(instant_opt(name("deposee_le")))
                .col(instant_opt(name("decidee_le")))
                .col(integer(name("version")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("habilitation_demande"), name("demandeur_id"))
                        .to(name("habilitation_demandeur"), name("id")),
                )
                .check(Expr::cust("type_cle IS NULL OR (type_cle = 'autre') = (type_autre IS NOT NULL)"))
                .check(Expr::cust("privee IS NULL OR privee = (partenaire IS NOT NULL)"))
                .check(Expr::cust(
                    "france_services IS NULL OR france_services = (france_services_numero IS NOT NULL)",
                ))
                .check(Expr::cust(
                    "etat = 'brouillon' OR (numero IS NOT NULL AND pivot IS NOT NULL AND lieu_cle IS NOT NULL \
                     AND type_cle IS NOT NULL AND privee IS NOT NULL AND france_services IS NOT NULL \
                     AND referent_courriel IS NOT NULL AND deposee_le IS NOT NULL AND departement IS NOT NULL \
                     AND region IS NOT NULL)",
                ))
                .check(Expr::cust(
                    "etat = 'brouillon' OR (cgu AND gratuite AND dpo AND professionnels AND sans_elus)",
                ))
                .check(Expr::cust("(etat = 'validee') = (structure_id IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("habilitation_personne"))
                .col(id(name("id")).primary_key())
                .col(id(name("demande_id")))
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("courriel")))
                .col(text(name("courriel_cle")))
                .col(text_opt(name("telephone")))
                .col(text(name("profession")))
                .col(platform::db::kit::flag(name("conseiller_numerique")))
                // The professional that came of it, once accepted.
                .col(uuid_opt(name("aidant_id")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("habilitation_personne"), name("demande_id"))
                        .to(name("habilitation_demande"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("habilitation_personne"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .to_owned(),
        )
        .await
    }
}
