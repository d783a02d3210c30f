//! The one page that shows who listens to what: migrations, routes, jobs, navigation.

use std::sync::Arc;

use annuaire::Annuaire;
use conseillers::Conseillers;
use identity::Identity;
use kernel::Verb;
use platform::Site;
use platform::db::Migrations;
use platform::jobs::Registry;
use platform::mail::{Grouper, SendMail};
use platform::web::{NavEntry, Routes, Stack};
use platform::webhooks::SendWebhook;
use sea_orm::DbErr;

use crate::pages;

/// Everything that the database must have had, in order.
pub fn migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(annuaire::migrations());
    all.extend(conseillers::migrations());
    all
}

/// The instance, loaded from its database.
#[derive(Debug)]
pub struct Instance {
    /// The pages, layers included, and the list of who may come where.
    pub stack: Stack,
    /// Who does which job.
    pub registry: Registry,
    /// The directory, for commands.
    pub annuaire: Annuaire,
    /// The conseillers, for the demonstration.
    pub conseillers: Conseillers,
}

impl Instance {
    /// Migrates the database and loads what pages keep in memory.
    ///
    /// # Errors
    /// When the database is away, or a migration fails.
    pub async fn load(site: &Site) -> Result<Self, DbErr> {
        platform::db::migrate(&site.db, migrations(), site.clock.now()).await?;
        let annuaire = Annuaire::load_with_lieux(site).await?;
        let identity = Identity::new(site).knowing(Arc::new(crate::repertoire::Nommes(annuaire.clone())));
        let conseillers = Conseillers::new(&annuaire);
        let routes = routes(site, &identity, &annuaire)
            .merge(conseillers::routes(&conseillers))
            .merge(pages::bureau::routes(&annuaire, &conseillers));
        let stack = platform::web::finish(site, routes, nav(), identity.layer());
        Ok(Self { stack, registry: registry(site, &conseillers), annuaire, conseillers })
    }
}

impl Instance {
    /// Fills an empty database with the fictitious programme of the demonstration.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seed(&self) -> crate::outcome::Outcome {
        crate::demonstration::seed(&self.conseillers).await
    }
}

fn routes(site: &Site, identity: &Identity, annuaire: &Annuaire) -> Routes<()> {
    Routes::new().merge(pages::routes(site)).merge(identity.routes()).merge(annuaire::routes(annuaire))
}

fn nav() -> Vec<NavEntry> {
    vec![
        NavEntry { label: "Accueil", href: "/", verbs: &[] },
        NavEntry { label: "Trouver un lieu", href: "/lieux", verbs: &[] },
        NavEntry { label: "Orienter quelqu’un", href: "/orientation", verbs: &[] },
        NavEntry { label: "Devenir conseiller", href: "/candidature", verbs: &[] },
        NavEntry { label: "Mon espace", href: "/mon-espace", verbs: &[Verb::TenirCandidature] },
        NavEntry { label: "Ateliers", href: "/ateliers", verbs: &[] },
        NavEntry { label: "Territoires", href: "/territoires", verbs: &[] },
        NavEntry { label: "Couverture", href: "/couverture", verbs: &[] },
        NavEntry { label: "Structures", href: "/gestion/structures", verbs: &[Verb::VoirStructures] },
        NavEntry { label: "Gérer les lieux", href: "/gestion/lieux", verbs: &[Verb::VoirLieux] },
        NavEntry { label: "Signalements", href: "/gestion/lieux/signalements", verbs: &[Verb::VoirLieux] },
        NavEntry { label: "Imports", href: "/gestion/lieux/imports", verbs: &[Verb::ImporterLieux] },
        NavEntry {
            label: "Tableau de bord",
            href: "/conseillers/tableau-de-bord",
            verbs: &[Verb::VoirPilotage],
        },
        NavEntry { label: "Formations", href: "/conseillers/formations", verbs: &[Verb::SuivreFormations] },
        NavEntry { label: "Ma formation", href: "/mon-espace/formation", verbs: &[Verb::TenirCandidature] },
        NavEntry { label: "Demandes de postes", href: "/conseillers/demandes", verbs: &[Verb::VoirDemandes] },
        NavEntry { label: "Séances", href: "/conseillers/seances", verbs: &[Verb::DeciderDemandes] },
        NavEntry { label: "Répartition", href: "/conseillers/repartition", verbs: &[Verb::DeciderDemandes] },
        NavEntry { label: "Mes postes", href: "/conseillers", verbs: &[Verb::Recruter] },
        NavEntry {
            label: "Candidats à rencontrer",
            href: "/conseillers/candidats-a-rencontrer",
            verbs: &[Verb::Recruter],
        },
        NavEntry { label: "Postes", href: "/conseillers/postes", verbs: &[Verb::VoirPostes] },
        NavEntry { label: "Contrats", href: "/conseillers/contrats", verbs: &[Verb::ValiderContrats] },
        NavEntry {
            label: "Qui m’a contacté",
            href: "/mon-espace/contacts",
            verbs: &[Verb::TenirCandidature],
        },
        NavEntry { label: "Candidats", href: "/conseillers/candidats", verbs: &[Verb::GererCandidats] },
        NavEntry {
            label: "Reprise de données",
            href: "/conseillers/reprise",
            verbs: &[Verb::GererCandidats],
        },
        NavEntry {
            label: "Affectation nationale",
            href: "/conseillers/affectation-nationale",
            verbs: &[Verb::GererCandidats],
        },
        NavEntry {
            label: "Équité des contacts",
            href: "/conseillers/equite-des-contacts",
            verbs: &[Verb::PiloterProgramme],
        },
        NavEntry { label: "Comptes", href: "/gestion/comptes", verbs: &[Verb::GererComptes] },
        NavEntry { label: "Journal", href: "/gestion/journal", verbs: &[Verb::VoirJournal] },
        NavEntry { label: "Tâches", href: "/gestion/taches", verbs: &[Verb::GererTaches] },
    ]
}

fn registry(site: &Site, conseillers: &Conseillers) -> Registry {
    let mut registry = Registry::default();
    let s = site.clone();
    registry.on(move |_, job: SendMail| {
        let site = s.clone();
        async move { platform::mail::handler(&site, job).await }
    });
    let s = site.clone();
    registry.on(move |_, _: Grouper| {
        let site = s.clone();
        async move { platform::mail::grouper(&site).await }
    });
    registry.every("mail.grouper", chrono::TimeDelta::days(1), Grouper {});
    let s = site.clone();
    registry.on(move |_, job: SendWebhook| {
        let site = s.clone();
        async move { platform::webhooks::handler(&site, job).await }
    });
    identity::register_jobs(site, &mut registry);
    annuaire::register(&conseillers.annuaire, &mut registry);
    conseillers::register(conseillers, &mut registry);
    pages::entretien::register(site, &mut registry);
    registry
}
