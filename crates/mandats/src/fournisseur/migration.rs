//! Tables of the provider.

use platform::db::kit::{flag, id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

/// `mandats_0031_fournisseur`
#[derive(Debug)]
pub(crate) struct Mandats0031;

impl MigrationName for Mandats0031 {
    fn name(&self) -> &'static str {
        "mandats_0031_fournisseur"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0031 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("fournisseur_client"))
                .col(id(name("id")).primary_key())
                .col(text(name("client_id")).unique_key())
                .col(text(name("nom")))
                .col(flag(name("actif")))
                // Addresses, algorithms, scopes…, as JSON; secrets apart, sealed.
                .col(text(name("reglages")))
                .col(text_opt(name("secrets")))
                .col(instant(name("cree_le")))
                .col(integer(name("version")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("fournisseur_flux"))
                .col(id(name("id")).primary_key())
                .col(text(name("client_id")))
                // Keyed hash of the cookie of the browser that brought the request.
                .col(text(name("navigateur")))
                .col(text(name("demande")))
                .col(state("etat", &["ouvert", "repondu", "refuse"]))
                // The person chosen, and in the name of which organisation.
                .col(uuid_opt(name("usager_id")))
                .col(uuid_opt(name("structure_id")))
                .col(instant(name("recu_le")))
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        usages(m).await?;
        m.create_table(
            Table::create()
                .table(name("fournisseur_code"))
                .col(text(name("digest")).primary_key())
                // What tokens call the use (`sid`).
                .col(text(name("sid")).unique_key())
                .col(text(name("client_id")))
                .col(text(name("code")))
                .col(state("etat", &["fresh", "spent", "revoked"]))
                .col(id(name("usage_id")))
                .col(id(name("compte_id")))
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("fournisseur_jeton"))
                .col(text(name("digest")).primary_key())
                .col(text(name("code_digest")))
                .col(text(name("client_id")))
                .col(text(name("jeton")))
                .col(state("etat", &["live", "spent", "revoked"]))
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("fournisseur_assertion"))
                // Keyed hash of the client's name and of the `jti`.
                .col(text(name("empreinte")).primary_key())
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX fournisseur_flux_expire ON fournisseur_flux (expire_le)",
            "CREATE INDEX fournisseur_code_expire ON fournisseur_code (expire_le)",
            "CREATE INDEX fournisseur_jeton_expire ON fournisseur_jeton (expire_le)",
            "CREATE INDEX fournisseur_jeton_code ON fournisseur_jeton (code_digest)",
            "CREATE INDEX fournisseur_assertion_expire ON fournisseur_assertion (expire_le)",
            "CREATE INDEX mandat_usage_usager ON mandat_usage (usager_id, cree_le)",
            "CREATE INDEX mandat_usage_aidant ON mandat_usage (aidant_id, structure_id, cree_le)",
            "CREATE INDEX mandat_usage_structure ON mandat_usage (structure_id, cree_le)",
            "CREATE INDEX mandat_usage_autorisation ON mandat_usage (autorisation_id)",
            "CREATE INDEX mandat_usage_jour ON mandat_usage (cree_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// No foreign key: a use outlives what it speaks of, until its own rule of retention.
async fn usages(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table(name("mandat_usage"))
            .col(id(name("id")).primary_key())
            .col(id(name("autorisation_id")))
            .col(id(name("mandat_id")))
            .col(id(name("structure_id")))
            .col(id(name("usager_id")))
            .col(id(name("aidant_id")))
            .col(id(name("appartenance_id")))
            .col(text(name("demarche")))
            .col(text(name("client_id")))
            // Its name as of that day.
            .col(text(name("client_nom")))
            // When the aidant chose.
            .col(instant(name("cree_le")))
            // When the identity left.
            .col(instant_opt(name("lu_le")))
            // When it was ended: a log-out, a revocation, a second use of its code.
            .col(instant_opt(name("fini_le")))
            .to_owned(),
    )
    .await
}
