//! Reading the configuration, and one sentence for each thing that is wrong in it.

use std::path::Path;

use toml::{Table, Value};

use super::Config;

/// What is wrong, in one sentence that names the key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Reads the file, if any, then the environment over it, and checks the whole.
///
/// # Errors
/// One sentence that names the key.
pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|e| {
            ConfigError(format!("Le fichier de configuration {} ne peut être lu : {e}.", path.display()))
        })?,
        None => String::new(),
    };
    load_from(&text, std::env::vars().filter(|(k, _)| k.starts_with("MAILLAGE_")))
}

/// The same from a text and pairs of environment, for tests.
///
/// # Errors
/// One sentence that names the key.
pub fn load_from(text: &str, env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut table: Table = text.parse().map_err(|e: toml::de::Error| {
        ConfigError(format!("Le fichier de configuration n’est pas du TOML correct : {}.", e.message()))
    })?;
    let defaults = Table::try_from(Config::default())
        .map_err(|e| ConfigError(format!("Les valeurs par défaut ne peuvent être lues : {e}.")))?;
    for (name, value) in env {
        overlay(&mut table, &defaults, &name, &value)?;
    }
    read_secret_files(&mut table)?;
    let config: Config = deserialize(table)?;
    check(&config)?;
    Ok(config)
}

fn overlay(table: &mut Table, defaults: &Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let rest = name.trim_start_matches("MAILLAGE_").to_lowercase();
    // Not part of the file: where the file is, and where the tests find their data.
    if ["config", "shared_data", "bin", "test_postgres"].contains(&rest.as_str()) {
        return Ok(());
    }
    let (section, key) = match rest.as_str() {
        "database_url" => ("base", "url"),
        "database_url_file" => ("base", "url_file"),
        other => other
            .split_once('_')
            .ok_or_else(|| ConfigError(format!("La variable d’environnement {name} ne nomme aucune clé.")))?,
    };
    let default = defaults.get(section).and_then(|s| s.get(key));
    let typed = match default {
        Some(Value::Integer(_)) => value
            .parse()
            .map(Value::Integer)
            .map_err(|_| ConfigError(format!("La variable {name} attend un nombre entier.")))?,
        Some(Value::Boolean(_)) => value
            .parse()
            .map(Value::Boolean)
            .map_err(|_| ConfigError(format!("La variable {name} attend « true » ou « false ».")))?,
        _ => Value::String(value.to_owned()),
    };
    match table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
        Value::Table(section) => {
            section.insert(key.to_owned(), typed);
            Ok(())
        }
        _ => Err(ConfigError(format!("« {section} » doit être une section : [{section}]."))),
    }
}

fn read_secret_files(table: &mut Table) -> Result<(), ConfigError> {
    for (section, content) in table.iter_mut() {
        let Value::Table(content) = content else { continue };
        let files: Vec<(String, String)> = content
            .iter()
            .filter_map(|(k, v)| Some((k.strip_suffix("_file")?.to_owned(), v.as_str()?.to_owned())))
            .collect();
        for (key, path) in files {
            if content.contains_key(&key) {
                return Err(ConfigError(format!(
                    "La clé « {section}.{key} » est donnée deux fois : par elle-même et par « {key}_file »."
                )));
            }
            let secret = std::fs::read_to_string(&path).map_err(|e| {
                ConfigError(format!("Le fichier de la clé « {section}.{key}_file » ne peut être lu : {e}."))
            })?;
            content.remove(&format!("{key}_file"));
            content.insert(key, Value::String(secret.trim().to_owned()));
        }
    }
    Ok(())
}

/// Section by section, so that a refusal names the section and the key.
fn deserialize(table: Table) -> Result<Config, ConfigError> {
    for (section, value) in &table {
        let entries = match value {
            Value::Table(content) => content.iter().map(|(k, v)| (Some(k), v)).collect(),
            other => vec![(None, other)],
        };
        for (key, value) in entries {
            let one = match key {
                Some(key) => Value::Table(Table::from_iter([(key.clone(), value.clone())])),
                None => value.clone(),
            };
            let path = key.map_or_else(|| section.clone(), |k| format!("{section}.{k}"));
            if let Err(e) = Table::from_iter([(section.clone(), one)]).try_into::<Config>() {
                return Err(ConfigError(explain(&path, e.message())));
            }
        }
    }
    table.try_into().map_err(|e| ConfigError(format!("La configuration est refusée : {}.", e.message())))
}

fn explain(key: &str, message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let unknown = rest.split('`').next().unwrap_or_default();
        let known: Vec<&str> =
            rest.split('`').skip(1).filter(|s| !s.is_empty() && s.chars().all(is_key)).collect();
        let section = key.split('.').next().unwrap_or_default();
        let path = if section == unknown { section } else { key };
        return format!("La clé « {path} » n’existe pas. Clés possibles : {}.", known.join(", "));
    }
    format!("La valeur de « {key} » ne convient pas ({message}).")
}

fn is_key(c: char) -> bool {
    c.is_ascii_lowercase() || c == '_'
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let refuse = |m: &str| Err(ConfigError(m.to_owned()));
    let s = &config.serveur;
    for (key, address) in [("adresse", &s.adresse), ("adresse_privee", &s.adresse_privee)] {
        if address.parse::<std::net::SocketAddr>().is_err() {
            return refuse(&format!("« serveur.{key} » attend une adresse et un port, comme 0.0.0.0:8080."));
        }
    }
    match url::Url::parse(&s.origine) {
        Ok(u)
            if ["http", "https"].contains(&u.scheme())
                && u.path() == "/"
                && u.query().is_none()
                && u.has_host() => {}
        _ => {
            return refuse(
                "« serveur.origine » attend l’adresse publique du site, comme https://maillage.exemple.fr.",
            );
        }
    }
    if !config.base.url.starts_with("sqlite:") && !config.base.url.starts_with("postgres") {
        return refuse("« base.url » attend une adresse qui commence par sqlite: ou postgres:.");
    }
    if config.base.connexions == 0 {
        return refuse("« base.connexions » attend au moins 1.");
    }
    if config.courriel.expediteur.parse::<lettre::message::Mailbox>().is_err() {
        return refuse(
            "« courriel.expediteur » attend un nom et une adresse, comme Maillage <contact@exemple.fr>.",
        );
    }
    if !["tls", "starttls", "aucun"].contains(&config.courriel.chiffrement.as_str()) {
        return refuse("« courriel.chiffrement » vaut tls, starttls ou aucun.");
    }
    if config.cles.secret.as_ref().is_some_and(|k| k.len() < 32) {
        return refuse("« cles.secret » attend au moins 32 caractères tirés au hasard.");
    }
    let p = &config.proconnect;
    if p.emetteur.is_some() && (p.client_id.is_none() || p.client_secret.is_none()) {
        return refuse(
            "« proconnect.client_id » et « proconnect.client_secret » vont avec « proconnect.emetteur ».",
        );
    }
    if p.algorithme.as_deref().is_some_and(|a| !["RS256", "ES256"].contains(&a)) {
        return refuse("« proconnect.algorithme » vaut RS256 ou ES256.");
    }
    if !["json", "texte"].contains(&config.traces.format.as_str()) {
        return refuse("« traces.format » vaut json ou texte.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn starts_with_nothing_and_takes_the_environment() {
        assert!(load_from("", []).is_ok());
        let config = load_from(
            "[serveur]\nadresse = \"0.0.0.0:80\"",
            env(&[
                ("MAILLAGE_DATABASE_URL", "postgres://x/y"),
                ("MAILLAGE_SERVEUR_ADRESSE", "0.0.0.0:81"),
                ("MAILLAGE_BASE_CONNEXIONS", "12"),
                ("MAILLAGE_MARQUE_ETAT", "true"),
            ]),
        )
        .unwrap();
        assert_eq!(config.base.url, "postgres://x/y");
        assert_eq!(
            (config.serveur.adresse.as_str(), config.base.connexions, config.marque.etat),
            ("0.0.0.0:81", 12, true)
        );
    }

    #[test]
    fn names_the_key_that_is_wrong() {
        for (text, pairs, named) in [
            ("[serveur]\nadrese = \"x\"", vec![], "serveur.adrese"),
            ("[servuer]\nadresse = \"x\"", vec![], "servuer"),
            ("[base]\nconnexions = \"beaucoup\"", vec![], "base.connexions"),
            ("serveur = 3", vec![], "serveur"),
            ("[serveur", vec![], "TOML"),
            ("", vec![("MAILLAGE_SERVEUR_ORIGINE", "localhost")], "serveur.origine"),
            ("", vec![("MAILLAGE_SERVEUR_COULEUR", "bleu")], "serveur.couleur"),
            ("", vec![("MAILLAGE_BASE_CONNEXIONS", "x")], "MAILLAGE_BASE_CONNEXIONS"),
            ("", vec![("MAILLAGE_CLES_SECRET", "court")], "cles.secret"),
            ("[cles]\nsecret_file = \"/absent\"", vec![], "cles.secret_file"),
            ("[proconnect]\nemetteur = \"https://x\"", vec![], "proconnect.client_id"),
        ] {
            let error = load_from(text, env(&pairs)).expect_err(text).0;
            assert!(error.contains(named), "{text} → {error}");
        }
    }
}
