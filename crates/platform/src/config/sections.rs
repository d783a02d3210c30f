//! The sections of the configuration, each with its defaults: the instance starts with none.

use serde::{Deserialize, Serialize};

/// The whole configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the instance listens.
    pub serveur: Serveur,
    /// The database.
    pub base: Base,
    /// How the instance presents itself.
    pub marque: Marque,
    /// Outgoing mail.
    pub courriel: Courriel,
    /// Keys that never enter the database.
    pub cles: Cles,
    /// Who is signed in, and for how long.
    pub sessions: Sessions,
    /// Sign-in of public agents.
    pub proconnect: ProConnect,
    /// Identity of the people who are helped.
    pub franceconnect: FranceConnect,
    /// Text messages.
    pub sms: Sms,
    /// Look-up of organisations.
    pub sirene: Sirene,
    /// Test that ends the training of aidants.
    pub pix: Pix,
    /// The public map.
    pub carte: Carte,
    /// The directory of lieux.
    pub lieux: Lieux,
    /// The conseillers numériques.
    pub conseillers: Conseillers,
    /// What is told to the operator.
    pub traces: Traces,
    /// Floods.
    pub limites: Limites,
}

/// `[serveur]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serveur {
    /// Address and port of the public site.
    pub adresse: String,
    /// Address and port of health checks and metrics: never to be exposed.
    pub adresse_privee: String,
    /// The public origin, as a browser sees it: `https://maillage.exemple.fr`.
    pub origine: String,
    /// Whether a reverse proxy stands in front and sets `X-Forwarded-For`.
    pub mandataire: bool,
    /// Largest file that the site accepts, in mebibytes.
    pub fichier_max_mio: u64,
}

impl Default for Serveur {
    fn default() -> Self {
        Self {
            adresse: "127.0.0.1:8080".to_owned(),
            adresse_privee: "127.0.0.1:9080".to_owned(),
            origine: "http://localhost:8080".to_owned(),
            mandataire: false,
            fichier_max_mio: 64,
        }
    }
}

impl Serveur {
    /// Largest file that the site accepts, in bytes.
    pub fn fichier_max(&self) -> usize {
        usize::try_from(self.fichier_max_mio.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
    }
}

/// `[base]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Base {
    /// `sqlite:chemin` or `postgres://…`.
    pub url: String,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub connexions: u32,
}

impl Default for Base {
    fn default() -> Self {
        Self { url: "sqlite:maillage.sqlite".to_owned(), connexions: 8 }
    }
}

/// `[marque]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marque {
    /// Name of the service, at the top of every page.
    pub nom: String,
    /// One line under the name.
    pub accroche: String,
    /// Who runs the instance: shown at the foot of pages and in legal notices.
    pub exploitant: String,
    /// Where people write for help.
    pub contact: Option<String>,
    /// Whether the State runs the instance: only then the logo of the Republic and the Marianne
    /// typeface are shown, as the terms of the Système de Design de l'État ask.
    pub etat: bool,
}

impl Default for Marque {
    fn default() -> Self {
        Self {
            nom: "Maillage".to_owned(),
            accroche: "L’inclusion numérique, partout et pour tous".to_owned(),
            exploitant: "Exploitant à nommer dans la configuration".to_owned(),
            contact: None,
            etat: false,
        }
    }
}

/// How mail leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Written to a folder, one file a message: demonstration and tests.
    #[default]
    Dossier,
    /// Sent by SMTP.
    Smtp,
}

/// `[courriel]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Courriel {
    /// `smtp` or `dossier`.
    pub transport: Transport,
    /// Folder of the transport `dossier`.
    pub dossier: String,
    /// Sender of every message.
    pub expediteur: String,
    /// SMTP server.
    pub hote: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte (`tls`), after STARTTLS (`starttls`), or none (`aucun`, for a relay
    /// on this machine only).
    pub chiffrement: String,
    /// Account on the SMTP server.
    pub identifiant: Option<String>,
    /// Its password.
    pub mot_de_passe: Option<String>,
}

impl Default for Courriel {
    fn default() -> Self {
        Self {
            transport: Transport::Dossier,
            dossier: "courriels".to_owned(),
            expediteur: "Maillage <ne-pas-repondre@localhost.localdomain>".to_owned(),
            hote: "127.0.0.1".to_owned(),
            port: 25,
            chiffrement: "starttls".to_owned(),
            identifiant: None,
            mot_de_passe: None,
        }
    }
}

/// `[cles]`
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cles {
    /// At least 32 characters of chance: seals the second factors in the database.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Cles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cles(…)")
    }
}

/// How a client proves to a provider who it is (OpenID Connect Core 9).
pub const AUTHENTIFICATIONS: [&str; 3] = ["client_secret_post", "client_secret_basic", "private_key_jwt"];

/// `[proconnect]`: absent while `emetteur` is.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProConnect {
    /// Issuer, whose discovery document is read: `https://auth.agentconnect.gouv.fr/api/v2`.
    pub emetteur: Option<String>,
    /// Client identifier.
    pub client_id: Option<String>,
    /// Client secret.
    pub client_secret: Option<String>,
    /// How we prove who we are: [`AUTHENTIFICATIONS`]; the first of them when nothing is said.
    pub authentification: Option<String>,
    /// Our private key, PKCS#8 as PEM, with `private_key_jwt`.
    pub cle_privee: Option<String>,
    /// Signature of the tokens, pinned: `RS256` or `ES256`.
    pub algorithme: Option<String>,
    /// Whether a strong authentication is asked for, and checked.
    pub mfa: bool,
}

impl std::fmt::Debug for ProConnect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProConnect").field("emetteur", &self.emetteur).finish_non_exhaustive()
    }
}

/// `[franceconnect]`: absent while `emetteur` is. The demonstration has one of its own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FranceConnect {
    /// Issuer, whose discovery document is read: `https://oidc.franceconnect.gouv.fr/api/v2`.
    pub emetteur: Option<String>,
    /// Client identifier.
    pub client_id: Option<String>,
    /// Client secret.
    pub client_secret: Option<String>,
    /// How we prove who we are: [`AUTHENTIFICATIONS`]; FranceConnect v2 documents the first of them.
    pub authentification: Option<String>,
    /// Our private key, PKCS#8 as PEM, with `private_key_jwt`.
    pub cle_privee: Option<String>,
    /// Signature of the tokens, pinned: `ES256` or `RS256`.
    pub algorithme: String,
    /// Signature of the identity, pinned: `ES256` or `RS256`.
    pub algorithme_identite: String,
    /// Whether PKCE is sent: FranceConnect v2 refuses the whole request when it is.
    pub pkce: bool,
    /// The level that is asked for, and checked.
    pub niveau: String,
    /// The scopes, separated by spaces; `openid` is always asked for.
    pub scopes: String,
    /// Minutes that a person may spend there.
    pub duree_minutes: u32,
}

impl Default for FranceConnect {
    fn default() -> Self {
        Self {
            emetteur: None,
            client_id: None,
            client_secret: None,
            authentification: None,
            cle_privee: None,
            algorithme: "ES256".to_owned(),
            algorithme_identite: "ES256".to_owned(),
            pkce: false,
            niveau: "eidas1".to_owned(),
            scopes: "openid identite_pivot email preferred_username idp_birthdate".to_owned(),
            duree_minutes: 10,
        }
    }
}

impl std::fmt::Debug for FranceConnect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FranceConnect").field("emetteur", &self.emetteur).finish_non_exhaustive()
    }
}

/// How text messages leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportSms {
    /// Written to a folder, one file a message: demonstration and tests.
    #[default]
    Dossier,
    /// Given to the HTTP gateway of an operator.
    Passerelle,
}

/// `[sms]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// `passerelle` or `dossier`.
    pub transport: TransportSms,
    /// Folder of the transport `dossier`.
    pub dossier: String,
    /// Address of the gateway, to which each message is posted as JSON.
    pub url: Option<String>,
    /// Token that proves to the gateway who we are.
    pub jeton: Option<String>,
    /// What the gateway signs its calls with (answers of people, reports); 32 characters or more.
    pub secret_rappels: Option<String>,
    /// Who messages come from: a number, or a name of 3 to 11 letters and digits. People can answer a number only.
    pub expediteur: String,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            transport: TransportSms::Dossier,
            dossier: "sms".to_owned(),
            url: None,
            jeton: None,
            secret_rappels: None,
            expediteur: "38123".to_owned(),
        }
    }
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// `[sirene]`: look-up through the public "recherche d'entreprises" API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sirene {
    /// Base address of the API; without it, structures are entered by hand.
    pub url: Option<String>,
}

/// `[pix]`: the test that ends the training of aidants.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pix {
    /// Address of the campaign, given to who followed the training; without it, training bodies give it.
    pub adresse: Option<String>,
}

/// `[carte]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Carte {
    /// Address of a MapLibre style, on a host that the content policy will then admit.
    pub style: Option<String>,
}

/// `[lieux]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lieux {
    /// Whether lieux whose sheets are old are asked by mail, every day, to confirm them. Off at first: whoever runs the
    /// instance decides to write to thousands of addresses.
    pub rappels: bool,
}

/// `[conseillers]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conseillers {
    /// Applications and demandes of structures, their drafts and the messages about them, that one address may ask for in an
    /// hour. 0: no limit.
    pub candidatures_par_heure: u32,
    /// Largest CV, in mebibytes.
    pub cv_max_mio: u64,
    /// Most pages of a CV.
    pub cv_max_pages: u64,
    /// Whether candidats are asked by mail, every three months, whether they still look for a post. Off at first: whoever
    /// runs the instance decides to write to thousands of people.
    pub relances: bool,
}

impl Default for Conseillers {
    fn default() -> Self {
        Self { candidatures_par_heure: 30, cv_max_mio: 5, cv_max_pages: 10, relances: false }
    }
}

impl Conseillers {
    /// Largest CV, in bytes.
    pub fn cv_max(&self) -> usize {
        usize::try_from(self.cv_max_mio.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
    }
}

/// `[sessions]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// After how many minutes without a page a person proves again who they are before pages about people.
    pub silence_minutes: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { silence_minutes: 15 }
    }
}

/// `[traces]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// `json` or `texte`.
    pub format: String,
    /// `error`, `warn`, `info`, `debug`, or a filter by target.
    pub niveau: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self { format: "json".to_owned(), niveau: "info".to_owned() }
    }
}

/// `[limites]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limites {
    /// Requests a second that one address may make, over time. 0: no limit.
    pub requetes_par_seconde: u32,
    /// Requests that it may make at once before that.
    pub rafale: u32,
}

impl Default for Limites {
    fn default() -> Self {
        Self { requetes_par_seconde: 50, rafale: 300 }
    }
}
