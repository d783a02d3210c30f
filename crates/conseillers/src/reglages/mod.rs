//! What the administration of the programme may set without a new version: how many contacts are open at once, how long an
//! answer may take.

mod pages;
mod store;

use platform::db::kit::{instant, integer, name, text, uuid_opt};
use platform::web::Routes;
use sea_orm_migration::prelude::*;

use crate::Conseillers;

pub(crate) use store::lire;

/// One setting: what it is, what it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reglage {
    /// Its key, in the database and in the form.
    pub(crate) cle: &'static str,
    /// On the screen.
    pub(crate) nom: &'static str,
    /// What follows from it, on the screen.
    pub(crate) indice: &'static str,
    /// Until somebody sets it.
    pub(crate) defaut: u32,
    /// Least and most.
    pub(crate) bornes: (u32, u32),
}

/// Open contacts of a candidat. Source of the first value: the bound of the first service (domain, 3.3).
pub(crate) const CONTACTS_CANDIDAT: Reglage = Reglage {
    cle: "contacts_candidat",
    nom: "Contacts ouverts en même temps, pour un candidat",
    indice: "Au-delà, aucune structure ne peut lui proposer un contact de plus.",
    defaut: 3,
    bornes: (1, 20),
};
/// Open contacts of a structure, for each free post.
pub(crate) const CONTACTS_PAR_POSTE: Reglage = Reglage {
    cle: "contacts_par_poste",
    nom: "Contacts ouverts en même temps, par poste libre d’une structure",
    indice: "Au-delà, la structure écarte d’abord un contact.",
    defaut: 5,
    bornes: (1, 50),
};
/// Days to answer.
pub(crate) const REPONSE_JOURS: Reglage = Reglage {
    cle: "reponse_jours",
    nom: "Jours pour répondre à une proposition de contact",
    indice: "Vaut pour les propositions à venir. Sans réponse, le contact se ferme.",
    defaut: 7,
    bornes: (2, 60),
};

/// Every setting, in the order of the page.
pub(crate) const TOUS: [Reglage; 3] = [CONTACTS_CANDIDAT, CONTACTS_PAR_POSTE, REPONSE_JOURS];

/// The bounds of contacts, as they are set now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reglages {
    /// Open contacts of a candidat.
    pub contacts_candidat: u32,
    /// Open contacts of a structure, for each free post.
    pub contacts_par_poste: u32,
    /// Days to answer.
    pub reponse_jours: u32,
}

impl Default for Reglages {
    fn default() -> Self {
        Self {
            contacts_candidat: CONTACTS_CANDIDAT.defaut,
            contacts_par_poste: CONTACTS_PAR_POSTE.defaut,
            reponse_jours: REPONSE_JOURS.defaut,
        }
    }
}

impl Reglages {
    /// The value of a setting.
    pub(crate) fn de(&self, cle: &str) -> u32 {
        match cle {
            "contacts_candidat" => self.contacts_candidat,
            "contacts_par_poste" => self.contacts_par_poste,
            _ => self.reponse_jours,
        }
    }
}

/// `conseillers_0063_reglages`
#[derive(Debug)]
pub(crate) struct Reglages0063;

impl MigrationName for Reglages0063 {
    fn name(&self) -> &'static str {
        "conseillers_0063_reglages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reglages0063 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("conseillers_reglage"))
                .col(text(name("cle")).primary_key())
                .col(integer(name("valeur")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("conseillers_conservation"))
                // A rule of retention, and what it erased so far.
                .col(text(name("regle")).primary_key())
                .col(integer(name("effaces")))
                .col(instant(name("dernier_le")))
                .to_owned(),
        )
        .await
    }
}

/// Pages of the room.
pub(crate) fn routes(conseillers: Conseillers) -> Routes<()> {
    pages::routes(conseillers)
}

#[cfg(test)]
mod tests {
    use kernel::{Perimetre, Role};

    use super::*;

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn settings_are_read_bounded_and_journalled(t: testkit::TestSite) {
            let c = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.expect("loads"));
            let b = t.browser(crate::routes(&c));
            assert_eq!(lire(t.site.db.read()).await.expect("reads"), Reglages::default());
            let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
            let page = "/conseillers/reglages";
            admin.get(page).await.expect(200).says("value=\"7\"");
            let dits = |jours: &'static str| [("contacts_candidat", "4"), ("contacts_par_poste", "6"), ("reponse_jours", jours)];
            for faux in ["", "1", "61", "sept", "-7"] {
                admin.post(page, &dits(faux)).await.expect(422).says("href=\"#reponse_jours\"");
            }
            admin.post(page, &dits("10")).await.expect(303);
            let lus = lire(t.site.db.read()).await.expect("reads");
            assert_eq!(lus, Reglages { contacts_candidat: 4, contacts_par_poste: 6, reponse_jours: 10 });
            let sql = "SELECT COUNT(*) FROM journal WHERE action = 'reglages.modifier'";
            assert_eq!(platform::db::kit::count(t.site.db.read(), sql, []).await.expect("counts"), 1);
            for qui in [
                testkit::viewer(Role::Candidat, Perimetre::Soi),
                testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(Vec::new())),
                testkit::viewer(Role::Prefecture, Perimetre::Departements(Vec::new())),
            ] {
                let mut b = b.signed_in(qui);
                b.get(page).await.expect(403);
                b.post(page, &dits("9")).await.expect(403);
            }
        }
    }
}
