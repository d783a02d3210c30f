//! Upkeep: configuration, migrations, first account.

use kernel::text::compte;
use platform::Mode;
use platform::config::Transport;
use platform::db::pending;

use super::{configuration, open, say, site};
use crate::cli::{Cli, Comptes};
use crate::outcome::{Failure, Outcome};

pub(super) async fn migrate(cli: &Cli) -> Outcome {
    let site = site(configuration(cli)?, Mode::Serve).await?;
    let done = platform::db::migrate(&site.db, crate::wiring::migrations(), site.clock.now()).await?;
    for name in &done {
        say(format_args!("appliquée : {name}"));
    }
    say(format_args!(
        "La base est à jour ({}).",
        compte(done.len() as u64, "migration appliquée", "migrations appliquées")
    ));
    Ok(())
}

/// Checks the configuration, then that the database answers, and warns of what works but should
/// not stay so.
pub(super) async fn check_config(cli: &Cli) -> Outcome {
    let config = configuration(cli)?;
    let https = config.serveur.origine.starts_with("https:");
    let mut warnings = Vec::new();
    if !https {
        warnings
            .push("« serveur.origine » n’est pas en https : les passkeys ne marcheront que sur localhost.");
    }
    if config.cles.secret.is_none() {
        warnings.push("« cles.secret » manque : personne ne pourra enregistrer de second facteur.");
    }
    if config.courriel.transport == Transport::Dossier {
        warnings.push(
            "« courriel.transport » vaut « dossier » : aucun courriel ne part, ni invitation, ni lien de connexion. \
             Mettez « smtp ».",
        );
    }
    if config.serveur.mandataire {
        warnings.push("Le mandataire doit transmettre les en-têtes Host et Origin sans les changer.");
    }
    let site = site(config, Mode::Serve).await?;
    site.db.ping().await?;
    let waiting = pending(&site.db, &crate::wiring::migrations()).await?;
    if !waiting.is_empty() {
        warnings
            .push("La base n’est pas à jour : « maillage migrate » ou le prochain démarrage y pourvoira.");
    }
    for warning in warnings {
        say(format_args!("attention : {warning}"));
    }
    say("La configuration est correcte et la base répond.");
    Ok(())
}

pub(super) async fn comptes(cli: &Cli, command: &Comptes) -> Outcome {
    let site = open(cli).await?;
    match command {
        Comptes::Inviter { courriel, nom, role, perimetre } => {
            let repertoire = crate::repertoire::Nommes(annuaire::Annuaire::load(&site).await?);
            let lien = identity::inviter(&site, courriel, nom.as_deref(), role, perimetre, Some(&repertoire))
                .await
                .map_err(|e| Failure::Refused(e.to_string()))?;
            match lien {
                Some(lien) => say(format_args!("Lien d’invitation, à usage unique : {lien}")),
                None => say("Cette personne a déjà un compte : elle a reçu le rôle."),
            }
            Ok(())
        }
    }
}
