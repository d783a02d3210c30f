//! Tables of candidats.

use platform::db::kit::{
    day, day_opt, flag, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use super::model::{Etat, Motif};

/// `conseillers_0010_candidats`
#[derive(Debug)]
pub(crate) struct Candidats0010;

impl MigrationName for Candidats0010 {
    fn name(&self) -> &'static str {
        "conseillers_0010_candidats"
    }
}

fn double(n: &str) -> ColumnDef {
    let mut c = ColumnDef::new(name(n));
    c.double().not_null();
    c
}

fn vers_candidat(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name("candidat_id"))
        .to(name("candidat"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Candidats0010 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("candidat"))
                .col(id(name("id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("courriel")))
                .col(text(name("courriel_cle")))
                .col(text_opt(name("telephone")))
                .col(text(name("code_commune")))
                .col(text(name("commune")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(text(name("code_postal")))
                .col(double("latitude"))
                .col(double("longitude"))
                // Kilometres; absent for the whole country.
                .col(integer_opt(name("rayon_km")))
                .col(day(name("disponible_le")))
                .col(flag(name("demandeur_emploi")))
                .col(flag(name("en_emploi")))
                .col(flag(name("en_formation")))
                .col(text_opt(name("diplome")))
                .col(flag(name("experience")))
                .col(text(name("motivation")))
                .col(state("etat", &Etat::CLES))
                .col(instant_opt(name("confirmee_le")))
                .col(uuid_opt(name("fusionnee_dans")))
                .col(flag(name("disponible")))
                .col(integer_opt(name("pix_palier")))
                .col(text_opt(name("pix_themes")))
                .col(day_opt(name("pix_le")))
                .col(uuid_opt(name("compte_id")))
                // The secret of the draft that it was filed from: filed twice, it is one application.
                .col(text_opt(name("depot")).unique_key())
                .col(integer(name("version")))
                .col(instant(name("depose_le")))
                .col(instant(name("vu_le")))
                .col(integer(name("relances")))
                .col(instant_opt(name("relance_le")))
                // Which change of the list of candidats it last took part in.
                .col(integer(name("revision")))
                .col(text(name("recherche")))
                .check(Expr::cust("(etat = 'active') = (confirmee_le IS NOT NULL)"))
                .check(Expr::cust("(etat = 'fusionnee') = (fusionnee_dans IS NOT NULL)"))
                .check(Expr::cust("(pix_palier IS NULL) = (pix_le IS NULL)"))
                .check(Expr::cust("rayon_km IS NULL OR rayon_km IN (5, 10, 15, 20, 40, 100)"))
                .check(Expr::cust(
                    "demandeur_emploi OR en_emploi OR en_formation OR diplome IS NOT NULL OR experience",
                ))
                .to_owned(),
        )
        .await?;
        // One row: the number of the last change of what structures may find.
        m.create_table(
            Table::create()
                .table(name("candidat_revision"))
                .col(integer(name("derniere")).primary_key())
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("candidat_efface"))
                .col(id(name("id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(instant(name("le")))
                .col(state("motif", &Motif::TOUS.map(Motif::cle)))
                .col(day(name("depose")))
                .col(integer(name("revision")))
                .to_owned(),
        )
        .await?;
        // Links sent by mail: the table keeps the SHA-256 of the secret.
        m.create_table(
            Table::create()
                .table(name("candidat_lien"))
                .col(text(name("empreinte")).primary_key())
                .col(id(name("candidat_id")))
                .col(state("usage", &["confirmer", "toujours"]))
                .col(instant(name("expire_le")))
                .foreign_key(&mut vers_candidat("candidat_lien"))
                .to_owned(),
        )
        .await?;
        // What somebody began to type, without account: found again by the secret of their cookie or of their link.
        m.create_table(
            Table::create()
                .table(name("candidat_brouillon"))
                .col(text(name("empreinte")).primary_key())
                .col(text(name("contenu")))
                .col(instant(name("modifie_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("candidat_cv"))
                .col(id(name("candidat_id")).primary_key())
                .col(text(name("scelle")))
                .col(integer(name("octets")))
                .col(integer(name("pages")))
                .col(instant(name("depose_le")))
                .col(instant(name("expire_le")))
                .foreign_key(&mut vers_candidat("candidat_cv"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "INSERT INTO candidat_revision (derniere) VALUES (0)",
            // One confirmed application an address. Both engines take the same text.
            "CREATE UNIQUE INDEX candidat_courriel_actif ON candidat (courriel_cle) WHERE etat = 'active'",
            "CREATE UNIQUE INDEX candidat_compte ON candidat (compte_id) WHERE compte_id IS NOT NULL AND etat = 'active'",
            "CREATE INDEX candidat_courriel ON candidat (courriel_cle)",
            "CREATE INDEX candidat_revisions ON candidat (revision)",
            "CREATE INDEX candidat_efface_revisions ON candidat_efface (revision)",
            "CREATE INDEX candidat_etat ON candidat (etat, vu_le)",
            "CREATE INDEX candidat_departement ON candidat (departement, etat)",
            "CREATE INDEX candidat_fusion ON candidat (fusionnee_dans)",
            "CREATE INDEX candidat_lien_candidat ON candidat_lien (candidat_id)",
            "CREATE INDEX candidat_brouillon_age ON candidat_brouillon (modifie_le)",
            "CREATE INDEX candidat_cv_expire ON candidat_cv (expire_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
