//! Reading the configuration, and one sentence for each thing that is wrong in it.

use std::ffi::OsString;
use std::path::Path;

use toml::{Table, Value};

use super::Config;
use super::sections::AUTHENTIFICATIONS;

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
    load_from(&text, environment(std::env::vars_os())?)
}

/// Our variables; those of others may hold anything.
fn environment(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, ConfigError> {
    all.into_iter()
        .filter_map(|(name, value)| {
            Some((name.to_str().filter(|n| n.starts_with("MAILLAGE_"))?.to_owned(), value))
        })
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError(format!(
                "La variable {name} contient des octets qui ne sont pas de l’UTF-8."
            ))),
        })
        .collect()
}

/// The same from a text and pairs of environment, for tests.
///
/// # Errors
/// One sentence that names the key.
pub fn load_from(text: &str, env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut table: Table = text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().and_then(|s| text.get(..s.start)).map(|before| before.matches('\n').count() + 1);
        let place = line.map_or_else(String::new, |n| format!(", ligne {n}"));
        ConfigError(format!(
            "Le fichier de configuration n’est pas du TOML correct{place} : {}.",
            syntax(e.message())
        ))
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
    if ["config", "shared_data", "bin", "test_postgres", "postgres_requis"].contains(&rest.as_str()) {
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
    table.try_into().map_err(|e| ConfigError(explain("configuration", e.message())))
}

/// What is wrong with a line, without what it holds: it may be a secret.
fn syntax(message: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if says(&["duplicate"]) {
        "une clé ou une section y est donnée deux fois"
    } else if says(&["string", "quote"]) {
        "un texte n’y est pas fermé par un guillemet, ou contient un signe interdit"
    } else if says(&["table", "`]`"]) {
        "une section s’écrit [nom], une liste entre crochets"
    } else {
        "écrivez « clé = valeur », les textes entre guillemets, les sections [nom]"
    }
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
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
        return format!("La valeur de « {key} » ne convient pas. Valeurs possibles : {}.", known.join(", "));
    }
    let expected = message.rsplit("expected ").next().unwrap_or_default();
    let expected = match expected.split_whitespace().next().unwrap_or_default() {
        "u16" => "un nombre entier de 0 à 65535",
        "u8" | "u32" | "u64" | "usize" => "un nombre entier, sans guillemets",
        "i8" | "i16" | "i32" | "i64" => "un nombre entier, sans guillemets",
        _ if expected == "a boolean" => "true ou false, sans guillemets",
        _ if expected.contains("string") => "un texte entre guillemets",
        _ if expected.starts_with("struct") => "une section",
        _ => "une valeur d’un autre genre",
    };
    format!("La valeur de « {key} » ne convient pas : il faut {expected}.")
}

fn is_key(c: char) -> bool {
    c.is_ascii_lowercase() || c == '_'
}

fn is_web(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|u| ["http", "https"].contains(&u.scheme()) && u.has_host())
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
    if !(1..=60).contains(&config.sessions.silence_minutes) {
        return refuse("« sessions.silence_minutes » attend un nombre de minutes, de 1 à 60.");
    }
    let p = &config.proconnect;
    let preuve = (p.authentification.as_deref(), &p.client_secret, &p.cle_privee);
    check_client("proconnect", p.emetteur.is_some(), &p.client_id, preuve)?;
    if p.algorithme.as_deref().is_some_and(|a| !["RS256", "ES256"].contains(&a)) {
        return refuse("« proconnect.algorithme » vaut RS256 ou ES256.");
    }
    check_franceconnect(config)?;
    check_sms(config)?;
    let addresses = [
        ("franceconnect.emetteur", &config.franceconnect.emetteur),
        ("sms.url", &config.sms.url),
        ("carte.style", &config.carte.style),
        ("sirene.url", &config.sirene.url),
        ("pix.adresse", &config.pix.adresse),
        ("proconnect.emetteur", &p.emetteur),
    ];
    for (key, address) in addresses {
        if address.as_deref().is_some_and(|a| !is_web(a)) {
            return refuse(&format!("« {key} » attend une adresse complète, qui commence par https://."));
        }
    }
    if tracing_subscriber::EnvFilter::try_new(&config.traces.niveau).is_err() {
        return refuse("« traces.niveau » vaut error, warn, info, debug, ou un filtre comme info,sqlx=warn.");
    }
    if !["json", "texte"].contains(&config.traces.format.as_str()) {
        return refuse("« traces.format » vaut json ou texte.");
    }
    Ok(())
}

/// What a client of that provider needs to prove who it is.
fn check_client(
    section: &str,
    configured: bool,
    client_id: &Option<String>,
    (method, secret, key): (Option<&str>, &Option<String>, &Option<String>),
) -> Result<(), ConfigError> {
    let refuse = |m: String| Err(ConfigError(m));
    if method.is_some_and(|m| !AUTHENTIFICATIONS.contains(&m)) {
        return refuse(format!("« {section}.authentification » vaut {}.", AUTHENTIFICATIONS.join(", ")));
    }
    if key.as_deref().is_some_and(|k| !k.trim_start().starts_with("-----BEGIN PRIVATE KEY-----")) {
        return refuse(format!(
            "« {section}.cle_privee » attend une clé privée PKCS#8 au format PEM, qui commence par « -----BEGIN PRIVATE \
             KEY----- », comme l’écrit « openssl genpkey »."
        ));
    }
    if !configured {
        return Ok(());
    }
    match method {
        Some("private_key_jwt") if client_id.is_none() || key.is_none() => refuse(format!(
            "« {section}.client_id » et « {section}.cle_privee » vont avec « {section}.authentification » à \
             private_key_jwt."
        )),
        Some("private_key_jwt") => Ok(()),
        _ if client_id.is_none() || secret.is_none() => refuse(format!(
            "« {section}.client_id » et « {section}.client_secret » vont avec « {section}.emetteur »."
        )),
        _ => Ok(()),
    }
}

fn check_franceconnect(config: &Config) -> Result<(), ConfigError> {
    let refuse = |m: &str| Err(ConfigError(m.to_owned()));
    let f = &config.franceconnect;
    for (key, alg) in [("algorithme", &f.algorithme), ("algorithme_identite", &f.algorithme_identite)] {
        if !["ES256", "RS256"].contains(&alg.as_str()) {
            return refuse(&format!("« franceconnect.{key} » vaut ES256 ou RS256."));
        }
    }
    if f.niveau.trim().is_empty() {
        return refuse("« franceconnect.niveau » attend un niveau, comme eidas1.");
    }
    if !(1..=60).contains(&f.duree_minutes) {
        return refuse("« franceconnect.duree_minutes » va de 1 à 60.");
    }
    let preuve = (f.authentification.as_deref(), &f.client_secret, &f.cle_privee);
    check_client("franceconnect", f.emetteur.is_some(), &f.client_id, preuve)?;
    if f.emetteur.is_none() {
        return Ok(());
    }
    if config.cles.secret.is_none() {
        return refuse(
            "« franceconnect.emetteur » demande « cles.secret » : les identités reçues ne sont gardées que scellées.",
        );
    }
    Ok(())
}

fn check_sms(config: &Config) -> Result<(), ConfigError> {
    let refuse = |m: &str| Err(ConfigError(m.to_owned()));
    let s = &config.sms;
    let number = (5..=15).contains(&s.expediteur.len()) && s.expediteur.bytes().all(|b| b.is_ascii_digit());
    let name =
        (3..=11).contains(&s.expediteur.len()) && s.expediteur.bytes().all(|b| b.is_ascii_alphanumeric());
    if !number && !name {
        return refuse("« sms.expediteur » attend un numéro, ou un nom de 3 à 11 lettres et chiffres.");
    }
    if s.transport == super::TransportSms::Passerelle
        && (s.url.is_none() || s.jeton.is_none() || s.secret_rappels.is_none())
    {
        return refuse(
            "« sms.url », « sms.jeton » et « sms.secret_rappels » vont avec « sms.transport = \"passerelle\" ».",
        );
    }
    if s.secret_rappels.as_ref().is_some_and(|k| k.len() < 32) {
        return refuse("« sms.secret_rappels » attend au moins 32 caractères tirés au hasard.");
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
            ("[marque]\nnom = \"x\"\nnom = \"y\"", vec![], "ligne 3 : une clé"),
            ("[marque]\nnom = \"x", vec![], "ligne 2 : un texte"),
            ("[marque]\nétat vrai", vec![], "ligne 2 : "),
            ("[marque]\netat = \"oui\"", vec![], "il faut true ou false"),
            ("[courriel]\nport = 70000", vec![], "de 0 à 65535"),
            ("[courriel]\ntransport = \"pigeon\"", vec![], "Valeurs possibles : dossier, smtp."),
            ("[carte]\nstyle = \"tuiles\"", vec![], "carte.style"),
            ("[sirene]\nurl = \"ftp://x\"", vec![], "sirene.url"),
            ("[pix]\nadresse = \"javascript:alert(1)\"", vec![], "pix.adresse"),
            (
                "[proconnect]\nemetteur = \"agent\"\nclient_id = \"a\"\nclient_secret = \"b\"",
                vec![],
                "proconnect.emetteur",
            ),
            ("[traces]\nniveau = \"info,=[\"", vec![], "traces.niveau"),
            ("", vec![("MAILLAGE_SERVEUR_ORIGINE", "localhost")], "serveur.origine"),
            ("", vec![("MAILLAGE_SERVEUR_COULEUR", "bleu")], "serveur.couleur"),
            ("", vec![("MAILLAGE_BASE_CONNEXIONS", "x")], "MAILLAGE_BASE_CONNEXIONS"),
            ("", vec![("MAILLAGE_CLES_SECRET", "court")], "cles.secret"),
            ("[cles]\nsecret_file = \"/absent\"", vec![], "cles.secret_file"),
            ("[proconnect]\nemetteur = \"https://x\"", vec![], "proconnect.client_id"),
            ("[franceconnect]\nemetteur = \"https://x\"", vec![], "franceconnect.client_id"),
            (
                "[franceconnect]\nemetteur = \"https://x\"\nclient_id = \"a\"\nclient_secret = \"b\"",
                vec![],
                "cles.secret",
            ),
            (
                "[franceconnect]\nemetteur = \"https://x\"\nclient_id = \"a\"\nauthentification = \"private_key_jwt\"",
                vec![],
                "franceconnect.cle_privee",
            ),
            (
                "[proconnect]\nemetteur = \"https://x\"\nclient_id = \"a\"\nauthentification = \"private_key_jwt\"\nclient_secret = \"b\"",
                vec![],
                "proconnect.cle_privee",
            ),
            ("[proconnect]\nauthentification = \"none\"", vec![], "proconnect.authentification"),
            ("[franceconnect]\ncle_privee = \"abc\"", vec![], "franceconnect.cle_privee"),
            ("[franceconnect]\nalgorithme = \"none\"", vec![], "franceconnect.algorithme"),
            ("[franceconnect]\npkse = true", vec![], "franceconnect.pkse"),
            ("[franceconnect]\nduree_minutes = 600", vec![], "franceconnect.duree_minutes"),
            ("[sms]\ntransport = \"passerelle\"", vec![], "sms.url"),
            ("[sms]\nexpediteur = \"Aidants Connect\"", vec![], "sms.expediteur"),
            ("[sms]\nsecret_rappels = \"court\"", vec![], "sms.secret_rappels"),
        ] {
            let error = load_from(text, env(&pairs)).expect_err(text).0;
            assert!(error.contains(named), "{text} → {error}");
            let english = ["expected", "invalid", "unknown", "found", "missing"];
            assert!(english.iter().all(|w| !error.contains(w)), "{text} → {error}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused_only_where_it_is_ours() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = || OsString::from_vec(vec![b'x', 0xff]);
        let all = vec![(OsString::from("AUTRE"), bytes()), (bytes(), OsString::from("x"))];
        assert_eq!(environment(all).unwrap(), []);
        let error = environment([(OsString::from("MAILLAGE_MARQUE_NOM"), bytes())]).unwrap_err().0;
        assert!(error.contains("MAILLAGE_MARQUE_NOM"), "{error}");
    }
}
