//! Tables of people who are helped, of mandats and of what they allow.

use platform::db::kit::{
    day, flag, id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt,
};
use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(crate) use super::identification::migration::Mandats0180;
use super::model::{Auteur, Raison};
use crate::usagers::Genre;

/// `mandats_0020_mandats`
#[derive(Debug)]
pub(crate) struct Mandats0020;

impl MigrationName for Mandats0020 {
    fn name(&self) -> &'static str {
        "mandats_0020_mandats"
    }
}

fn vers(table: &str, colonne: &str, autre: &str, cle: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name(table), name(colonne)).to(name(autre), name(cle)).to_owned()
}

/// What was signed is never written again; it goes only when the mandat is erased.
const SQLITE: &[&str] = &[
    "CREATE TRIGGER mandat_signe BEFORE UPDATE OF numero, empreinte, kid, document, cree_le, expire_le, duree, cle_unicite \
     ON mandat BEGIN SELECT RAISE(ABORT, 'a signed mandat does not change'); END",
    "CREATE TRIGGER mandat_transfert_fige BEFORE UPDATE ON mandat_transfert \
     BEGIN SELECT RAISE(ABORT, 'a transfer does not change'); END",
];
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION mandat_refuse() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'a signed mandat does not change'; END $$",
    "CREATE TRIGGER mandat_signe BEFORE UPDATE OF numero, empreinte, kid, document, cree_le, expire_le, duree, cle_unicite \
     ON mandat FOR EACH ROW EXECUTE FUNCTION mandat_refuse()",
    "CREATE TRIGGER mandat_transfert_fige BEFORE UPDATE ON mandat_transfert \
     FOR EACH ROW EXECUTE FUNCTION mandat_refuse()",
];

#[async_trait::async_trait]
impl MigrationTrait for Mandats0020 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        usager(m).await?;
        mandat(m).await?;
        autorisation(m).await?;
        autour(m).await?;
        let conn = m.get_connection();
        for sql in [
            // At most one that is not ended; what has expired is ended by whoever makes the next one.
            "CREATE UNIQUE INDEX mandat_autorisation_active ON mandat_autorisation (structure_id, usager_id, demarche) \
             WHERE fin_le IS NULL",
            "CREATE INDEX mandat_autorisation_personne ON mandat_autorisation (structure_id, usager_id)",
            "CREATE INDEX mandat_autorisation_usager ON mandat_autorisation (usager_id)",
            "CREATE UNIQUE INDEX mandat_autorisation_une ON mandat_autorisation (mandat_id, demarche)",
            "CREATE INDEX mandat_structure_usager ON mandat (structure_id, usager_id)",
            "CREATE INDEX mandat_usager ON mandat (usager_id, cree_le)",
            "CREATE INDEX mandat_expire ON mandat (expire_le)",
            "CREATE INDEX mandat_appartenance ON mandat (appartenance_id)",
            "CREATE INDEX mandat_transfert_mandat ON mandat_transfert (mandat_id)",
            "CREATE INDEX mandat_brouillon_perime ON mandat_brouillon (modifie_le)",
            "CREATE INDEX mandat_brouillon_compte ON mandat_brouillon (compte_id, structure_id)",
            // The list of an organisation, in the order of the alphabet.
            "CREATE INDEX mandat_personne_tri ON mandat_personne (structure_id, tri, usager_id)",
            "CREATE INDEX mandat_personne_usager ON mandat_personne (usager_id)",
            "CREATE INDEX usager_vu ON usager (vu_le)",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        let murs = if conn.get_database_backend() == DbBackend::Postgres { POSTGRES } else { SQLITE };
        for sql in murs {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

async fn usager(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table(name("usager"))
            .col(id(name("id")).primary_key())
            // Keyed hash of what FranceConnect calls them.
            .col(text(name("sub")).unique_key())
            .col(text(name("prenoms")))
            .col(text(name("nom")))
            .col(text_opt(name("nom_usage")))
            .col(state("genre", &Genre::TOUS.map(Genre::cle)))
            // As the civil status has it: 1962-00-00 when only the year is known.
            .col(text(name("naissance_etat_civil")))
            // The same, completed.
            .col(day(name("naissance")))
            .col(text_opt(name("commune")))
            .col(text(name("pays")))
            .col(text_opt(name("courriel")))
            .col(text_opt(name("telephone")))
            // Sealed: under it the journal names them. Erased with them.
            .col(text(name("cle_journal")))
            .col(instant(name("cree_le")))
            .col(instant(name("vu_le")))
            .col(integer(name("version")))
            .check(Expr::cust("commune IS NULL OR pays = '99100'"))
            .to_owned(),
    )
    .await
}

async fn mandat(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table(name("mandat"))
            .col(id(name("id")).primary_key())
            .col(text(name("numero")).unique_key())
            // SHA-256 of the signed bytes, in hexadecimal.
            .col(text_opt(name("empreinte")).unique_key())
            .col(text_opt(name("kid")))
            // The signed file, letter for letter.
            .col(text_opt(name("document")))
            // Who holds it today: the document says who did when it was signed.
            .col(id(name("structure_id")))
            .col(id(name("usager_id")))
            .col(uuid_opt(name("appartenance_id")))
            .col(flag(name("fait_mandats")))
            .col(instant(name("cree_le")))
            .col(instant(name("expire_le")))
            // Days of 24 hours.
            .col(integer(name("duree")))
            .col(state("consentement", &["presence", "distance"]))
            .col(uuid_opt(name("renouvelle_id")))
            // What making it twice has in common.
            .col(text(name("cle_unicite")).unique_key())
            // Taken over from another system: it was signed there, if it was.
            .col(instant_opt(name("repris_le")))
            // When the aidant was told that it is about to end.
            .col(instant_opt(name("rappele_le")))
            .foreign_key(&mut vers("mandat", "structure_id", "organisation_habilitee", "structure_id"))
            .foreign_key(&mut vers("mandat", "usager_id", "usager", "id"))
            // A référent non-aidant never makes a mandat: no such row to refer to.
            .foreign_key(
                ForeignKey::create()
                    .from_tbl(name("mandat"))
                    .from_col(name("appartenance_id"))
                    .from_col(name("fait_mandats"))
                    .to_tbl(name("aidant_appartenance"))
                    .to_col(name("id"))
                    .to_col(name("fait_mandats")),
            )
            .check(Expr::cust("fait_mandats"))
            .check(Expr::cust("cree_le < expire_le"))
            .check(Expr::cust("(document IS NULL) = (empreinte IS NULL)"))
            .check(Expr::cust("(document IS NULL) = (kid IS NULL)"))
            .check(Expr::cust("(document IS NULL) = (repris_le IS NOT NULL)"))
            .check(Expr::cust("appartenance_id IS NOT NULL OR repris_le IS NOT NULL"))
            .to_owned(),
    )
    .await
}

async fn autorisation(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut auteur = state("fin_auteur", &Auteur::CLES);
    let mut raison = state("fin_raison", &Raison::TOUTES.map(Raison::cle));
    m.create_table(
        Table::create()
            .table(name("mandat_autorisation"))
            .col(id(name("id")).primary_key())
            .col(id(name("mandat_id")))
            .col(id(name("structure_id")))
            .col(id(name("usager_id")))
            .col(text(name("demarche")))
            .col(instant(name("cree_le")))
            .col(instant(name("expire_le")))
            // How it ended, when it was ended: that it expired is read from its date.
            .col(instant_opt(name("fin_le")))
            .col(uuid_opt(name("fin_mandat_id")))
            .col(auteur.null())
            .col(uuid_opt(name("fin_auteur_id")))
            .col(raison.null())
            .col(text_opt(name("fin_precision")))
            .foreign_key(&mut vers("mandat_autorisation", "mandat_id", "mandat", "id"))
            .foreign_key(&mut vers(
                "mandat_autorisation",
                "structure_id",
                "organisation_habilitee",
                "structure_id",
            ))
            .foreign_key(&mut vers("mandat_autorisation", "usager_id", "usager", "id"))
            // Ended: replaced by a mandat, or revoked by somebody for a reason.
            .check(Expr::cust("(fin_le IS NOT NULL) = (fin_mandat_id IS NOT NULL OR fin_auteur IS NOT NULL)"))
            .check(Expr::cust("fin_mandat_id IS NULL OR fin_auteur IS NULL"))
            .check(Expr::cust("(fin_auteur IS NULL) = (fin_raison IS NULL)"))
            .to_owned(),
    )
    .await
}

async fn autour(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // What the list of an organisation shows of a person: follows from the rows above, in the same transactions.
    m.create_table(
        Table::create()
            .table(name("mandat_personne"))
            .col(id(name("structure_id")))
            .col(id(name("usager_id")))
            .col(text(name("tri")))
            .col(text(name("recherche")))
            .col(text(name("naissance")))
            // Last end of what was not ended.
            .col(instant_opt(name("expire_le")))
            // Last time that something was revoked before its end.
            .col(instant_opt(name("revoque_le")))
            .primary_key(Index::create().col(name("structure_id")).col(name("usager_id")))
            .foreign_key(&mut vers(
                "mandat_personne",
                "structure_id",
                "organisation_habilitee",
                "structure_id",
            ))
            .foreign_key(&mut vers("mandat_personne", "usager_id", "usager", "id"))
            .to_owned(),
    )
    .await?;
    m.create_table(
        Table::create()
            .table(name("mandat_brouillon"))
            .col(id(name("id")).primary_key())
            .col(id(name("compte_id")))
            .col(id(name("structure_id")))
            .col(text(name("contenu")))
            .col(uuid_opt(name("usager_id")))
            .col(instant_opt(name("identifie_le")))
            .col(uuid_opt(name("renouvelle_id")))
            // What it became: it is kept a day, so that a second press of the button leads to the same mandat.
            .col(uuid_opt(name("mandat_id")))
            .col(instant(name("cree_le")))
            .col(instant(name("modifie_le")))
            .col(integer(name("version")))
            .foreign_key(&mut vers(
                "mandat_brouillon",
                "structure_id",
                "organisation_habilitee",
                "structure_id",
            ))
            .to_owned(),
    )
    .await?;
    m.create_table(
        Table::create()
            .table(name("mandat_transfert"))
            .col(id(name("id")).primary_key())
            .col(id(name("mandat_id")))
            .col(id(name("de_structure_id")))
            .col(id(name("vers_structure_id")))
            .col(instant(name("le")))
            .col(id(name("par_compte_id")))
            .col(text(name("motif")))
            // The act, in canonical JSON, and its signature by the key `kid`.
            .col(text(name("acte")))
            .col(text(name("kid")))
            .col(text(name("signature")))
            .foreign_key(&mut vers("mandat_transfert", "mandat_id", "mandat", "id"))
            .to_owned(),
    )
    .await
}
