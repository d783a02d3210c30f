//! The one page that shows who listens to what: migrations, routes, jobs, navigation.

use std::sync::Arc;

use annuaire::Annuaire;
use conseillers::Conseillers;
use identity::Identity;
use kernel::Verb;
use mandats::Mandats;
use platform::Site;
use platform::db::Migrations;
use platform::jobs::Registry;
use platform::mail::{Genre, Grouper, SendMail};
use platform::sms::SendSms;
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
    all.extend(mandats::migrations());
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
    /// Aidants Connect, for commands and the demonstration.
    pub mandats: Mandats,
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
        let mandats = Mandats::new(&annuaire);
        let routes = routes(site, &identity, &annuaire)
            .merge(conseillers::routes(&conseillers))
            .merge(mandats::routes(&mandats))
            .merge(pages::bureau::routes(&annuaire, &conseillers, &mandats));
        let stack = platform::web::finish(site, routes, nav(), identity.layer());
        let registry = registry(site, &conseillers, &mandats);
        Ok(Self { stack, registry, annuaire, conseillers, mandats })
    }
}

impl Instance {
    /// Fills an empty database with the fictitious programme of the demonstration; Aidants Connect is that of the country, or
    /// a small one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seed(&self, petite: bool) -> crate::outcome::Outcome {
        crate::demonstration::seed(&self.conseillers, &self.mandats, petite).await
    }
}

/// Every kind of message that the program can send, by what it is about.
pub fn courriels() -> Vec<(&'static str, Vec<&'static Genre>)> {
    vec![
        ("Comptes et connexion", identity::courriels()),
        ("Lieux", annuaire::courriels()),
        ("Conseillers numériques", conseillers::courriels()),
        ("Aidants Connect", mandats::courriels()),
        ("Tous les publics", platform::mail::courriels()),
    ]
}

fn routes(site: &Site, identity: &Identity, annuaire: &Annuaire) -> Routes<()> {
    Routes::new()
        .merge(pages::routes(site))
        .merge(identity.routes())
        .merge(annuaire::routes_joining(annuaire, &mandats::openapi()))
}

fn nav() -> Vec<NavEntry> {
    let (public, pour) = (NavEntry::public, NavEntry::pour);
    const AIDE: Option<&str> = Some("Trouver de l’aide");
    const TERRITOIRES: Option<&str> = Some("Territoires");
    const ANNUAIRE: &str = "Annuaire";
    const POSTES: &str = "Postes";
    const CONSEILLERS: &str = "Conseillers";
    const AIDANTS: &str = "Aidants Connect";
    const ESPACE: &str = "Mon espace";
    const ADMINISTRATION: &str = "Administration";
    vec![
        public(None, "Accueil", "/"),
        public(AIDE, "Trouver un lieu", "/lieux"),
        public(AIDE, "Orienter quelqu’un", "/orientation"),
        public(AIDE, "Ateliers", "/ateliers"),
        public(TERRITOIRES, "Territoires", "/territoires"),
        public(TERRITOIRES, "Couverture", "/couverture"),
        public(Some(CONSEILLERS), "Devenir conseiller", "/candidature").sauf(Verb::TenirCandidature),
        public(Some(POSTES), "Demander des postes", "/demande-de-postes").sauf(Verb::DeposerDemandes),
        public(Some(AIDANTS), "Mes mandats", "/mes-mandats"),
        public(Some(AIDANTS), "Vérifier un mandat", "/verifier"),
        pour(AIDANTS, "Espace aidant", "/aidant", &[Verb::TenirMandats]),
        pour(
            AIDANTS,
            "Conservation des données",
            "/gestion/mandats/conservation",
            &[Verb::AdministrerMandats],
        ),
        pour(AIDANTS, "Doublons probables", "/gestion/mandats/doublons", &[Verb::AdministrerMandats]),
        pour(AIDANTS, "Personnes accompagnées", "/aidant/personnes", &[Verb::TenirMandats]),
        public(Some(AIDANTS), "En chiffres", "/statistiques-mandats"),
        pour(AIDANTS, "Chiffres de l’organisation", "/referent/statistiques", &[Verb::GererAidants]),
        pour(AIDANTS, "Compteurs et listes", "/gestion/aidants-connect", &[Verb::InstruireHabilitations]),
        pour(
            AIDANTS,
            "Importer des listes",
            "/gestion/aidants-connect/imports",
            &[Verb::InstruireHabilitations],
        ),
        pour(ESPACE, "Mon dossier", "/mon-espace", &[Verb::TenirCandidature]),
        pour(ESPACE, "Mon poste", "/mon-espace/poste", &[Verb::TenirPoste]),
        pour(ESPACE, "Ma formation", "/mon-espace/formation", &[Verb::TenirCandidature]),
        pour(ESPACE, "Qui m’a contacté", "/mon-espace/contacts", &[Verb::TenirCandidature]),
        pour(ANNUAIRE, "Structures", "/gestion/structures", &[Verb::VoirStructures]),
        pour(ANNUAIRE, "Gérer les lieux", "/gestion/lieux", &[Verb::VoirLieux]),
        pour(ANNUAIRE, "Signalements", "/gestion/lieux/signalements", &[Verb::VoirLieux]),
        pour(ANNUAIRE, "Imports", "/gestion/lieux/imports", &[Verb::ImporterLieux]),
        pour(POSTES, "Tableau de bord", "/conseillers/tableau-de-bord", &[Verb::VoirPilotage]),
        pour(POSTES, "Mes postes et contrats", "/conseillers", &[Verb::Recruter]),
        pour(POSTES, "Demandes de postes", "/conseillers/demandes", &[Verb::VoirDemandes]),
        pour(POSTES, "Séances", "/conseillers/seances", &[Verb::DeciderDemandes]),
        pour(POSTES, "Répartition", "/conseillers/repartition", &[Verb::DeciderDemandes]),
        pour(POSTES, "Tous les postes", "/conseillers/postes", &[Verb::VoirPostes]).sauf(Verb::Recruter),
        pour(POSTES, "Contrats à traiter", "/conseillers/contrats", &[Verb::ValiderContrats]),
        pour(POSTES, "Tous les contrats", "/conseillers/contrats/tous", &[Verb::VoirPostes]),
        pour(CONSEILLERS, "Conseillers en poste", "/conseillers/en-poste", &[Verb::VoirConseillers]),
        pour(CONSEILLERS, "Candidats à rencontrer", "/conseillers/candidats-a-rencontrer", &[Verb::Recruter]),
        pour(CONSEILLERS, "Mes contacts", "/conseillers/contacts", &[Verb::Recruter]),
        pour(CONSEILLERS, "Candidats", "/conseillers/candidats", &[Verb::GererCandidats]),
        pour(
            CONSEILLERS,
            "Affectation nationale",
            "/conseillers/affectation-nationale",
            &[Verb::GererCandidats],
        ),
        pour(
            CONSEILLERS,
            "Équité des contacts",
            "/conseillers/equite-des-contacts",
            &[Verb::PiloterProgramme],
        ),
        pour(CONSEILLERS, "Formations", "/conseillers/formations", &[Verb::SuivreFormations]),
        pour(AIDANTS, "Mes utilisations", "/aidant/utilisations", &[Verb::TenirMandats]),
        pour(AIDANTS, "Clients d’identité", "/gestion/fournisseur/clients", &[Verb::AdministrerMandats]),
        public(Some(AIDANTS), "Demander une habilitation", "/habilitation")
            .sauf(Verb::InstruireHabilitations),
        pour(AIDANTS, "Demandes d’habilitation", "/gestion/habilitations", &[Verb::InstruireHabilitations]),
        pour(
            AIDANTS,
            "Organisations habilitées",
            "/gestion/organisations-habilitees",
            &[Verb::InstruireHabilitations],
        ),
        pour(AIDANTS, "Transferts de mandats", "/gestion/transferts", &[Verb::InstruireHabilitations]),
        pour(AIDANTS, "Notifications", "/aidant/notifications", &[Verb::TenirMandats, Verb::GererAidants]),
        pour(AIDANTS, "Écrire aux aidants", "/gestion/notifications", &[Verb::InstruireHabilitations]),
        pour(AIDANTS, "Réunions de présentation", "/gestion/reunions", &[Verb::AnimerHabilitations]),
        pour(AIDANTS, "Objectifs par département", "/gestion/objectifs", &[Verb::AnimerHabilitations]),
        pour(AIDANTS, "Espace référent", "/referent", &[Verb::GererAidants]),
        pour(AIDANTS, "Sessions de formation", "/referent/sessions", &[Verb::GererAidants]),
        pour(AIDANTS, "Former des aidants", "/organisme/sessions", &[Verb::FormerAidants]),
        pour(AIDANTS, "Test Pix", "/gestion/aidants/pix", &[Verb::InstruireHabilitations]),
        pour(AIDANTS, "Ma situation d’aidant", "/aidant/moi", &[Verb::TenirMandats, Verb::GererAidants]),
        pour(AIDANTS, "Aidants et référents", "/gestion/aidants", &[Verb::InstruireHabilitations]),
        pour(AIDANTS, "Cartes à codes", "/gestion/cartes", &[Verb::AdministrerMandats]),
        pour(ADMINISTRATION, "Réglages du programme", "/conseillers/reglages", &[Verb::GererCandidats]),
        pour(ADMINISTRATION, "Reprise de données", "/conseillers/reprise", &[Verb::GererCandidats]),
        pour(ADMINISTRATION, "Comptes", "/gestion/comptes", &[Verb::GererComptes]),
        pour(ADMINISTRATION, "Journal", "/gestion/journal", &[Verb::VoirJournal]),
        pour(ADMINISTRATION, "Courriels", "/gestion/courriels", &[Verb::GererTaches]),
        pour(ADMINISTRATION, "Tâches", "/gestion/taches", &[Verb::GererTaches]),
    ]
}

fn registry(site: &Site, conseillers: &Conseillers, mandats: &Mandats) -> Registry {
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
    registry.on(move |_, job: SendSms| {
        let site = s.clone();
        async move { platform::sms::handler(&site, job).await }
    });
    let s = site.clone();
    registry.on(move |_, job: SendWebhook| {
        let site = s.clone();
        async move { platform::webhooks::handler(&site, job).await }
    });
    identity::register_jobs(site, &mut registry);
    annuaire::register(&conseillers.annuaire, &mut registry);
    conseillers::register(conseillers, &mut registry);
    mandats::register(mandats, &mut registry);
    pages::entretien::register(site, &mut registry);
    registry
}
