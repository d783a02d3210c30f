//! Passwords: the rule for choosing one, and argon2id to keep it.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Chance;
use tokio::sync::Semaphore;

/// Fewest characters of a password. With a second factor always asked, length is the only rule
/// (CNIL recommendation of 2022, case "password with additional measure", and ANSSI guide R24).
pub const MIN_CHARS: usize = 12;
/// Most characters: beyond, hashing would cost us for nothing.
pub const MAX_CHARS: usize = 200;

/// How long a request may wait for its turn to hash before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(8);

/// Beginnings that everybody tries first. Compared after folding, so `Motdepasse2024!` is caught.
const COMMON: &[&str] = &[
    "motdepasse",
    "mot de passe",
    "password",
    "azerty",
    "qwerty",
    "bonjour",
    "123456",
    "000000",
    "111111",
    "abcdef",
    "administrateur",
    "admin",
    "maillage",
    "conseiller",
    "numerique",
    "soleil",
    "doudou",
    "loulou",
    "iloveyou",
    "jetaime",
    "marseille",
    "welcome",
    "bienvenue",
];

/// Whether the password may be chosen by the person of that address and name.
///
/// # Errors
/// One sentence that says what to change.
pub fn check_choice(password: &str, courriel: &str, nom: &str) -> Result<(), String> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(format!(
            "Choisissez au moins {MIN_CHARS} caractères. Une phrase de quatre mots convient bien."
        ));
    }
    if chars > MAX_CHARS {
        return Err(format!("Choisissez au plus {MAX_CHARS} caractères."));
    }
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 5 {
        return Err("Ce mot de passe répète trop les mêmes caractères. Variez-les.".to_owned());
    }
    let folded = kernel::text::fold(password);
    let joined: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
    // What is left once the well-known part is taken away must still be a secret by itself.
    for common in COMMON {
        let common: String = common.chars().filter(|c| !c.is_whitespace()).collect();
        if joined.contains(&common) && joined.replacen(&common, "", 1).chars().count() < 8 {
            return Err(
                "Ce mot de passe est trop facile à deviner. Choisissez des mots sans lien entre eux."
                    .to_owned(),
            );
        }
    }
    let local = courriel.split('@').next().unwrap_or_default();
    let own = local.split(['.', '-', '_', '+']).chain(nom.split_whitespace()).map(kernel::text::fold);
    let mut rest = joined.clone();
    for word in own.filter(|w| w.chars().count() >= 4) {
        rest = rest.replacen(&word, "", 1);
    }
    if rest.chars().count() < 8 {
        return Err("Ce mot de passe contient votre nom ou votre adresse. Choisissez autre chose.".to_owned());
    }
    Ok(())
}

/// The machine has no room to hash one more password now.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords to hash at once")]
pub struct Busy;

/// Hashes and compares passwords, a bounded number at a time (each takes 19 MiB).
#[derive(Clone)]
pub struct Hasher {
    params: Params,
    turns: Arc<Semaphore>,
    /// Compared against when there is no account, so that the answer takes the same time.
    decoy: Arc<str>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Hasher {
    /// The cost of OWASP's sheet for argon2id: 19 MiB, two passes, one lane.
    pub fn new(chance: &Chance) -> Self {
        Self::with(Params::DEFAULT, chance)
    }

    /// The cheapest cost, for tests and the demonstration's fictitious people only.
    pub fn cheap(chance: &Chance) -> Self {
        Self::with(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or(Params::DEFAULT), chance)
    }

    fn with(params: Params, chance: &Chance) -> Self {
        let decoy = hash_now(&params, &chance.secret(), chance.bytes()).unwrap_or_default();
        Self { params, turns: Arc::new(Semaphore::new(4)), decoy: decoy.into() }
    }

    /// Hashes a password for storage (PHC string).
    ///
    /// # Errors
    /// [`Busy`] when the queue is too long.
    pub async fn hash(&self, password: String, chance: &Chance) -> Result<String, Busy> {
        let salt = chance.bytes();
        let params = self.params.clone();
        self.in_turn(move || hash_now(&params, &password, salt)).await?.ok_or(Busy)
    }

    /// Whether the password is the one behind `stored`. Without a stored hash the answer is no,
    /// after as long a time.
    ///
    /// # Errors
    /// [`Busy`] when the queue is too long.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Busy> {
        let known = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.decoy.to_string());
        let right = self
            .in_turn(move || {
                PasswordHash::new(&hash)
                    .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
            })
            .await?;
        Ok(known && right)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|_| Busy)
    }
}

fn hash_now(params: &Params, password: &str, salt: [u8; 16]) -> Option<String> {
    let salt = SaltString::encode_b64(&salt).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon.hash_password(password.as_bytes(), &salt).ok().map(|h| h.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choice() {
        let cases = [
            ("correct cheval agrafe pile", true),
            ("Zèbre-vert-lampe-42", true),
            ("court", false),
            ("aaaaaaaaaaaaaaa", false),
            ("motdepasse2024", false),
            ("Azerty123456!", false),
            ("jeanne.martin1", false),
            ("jeanne.martin et trois lampes", true),
            (&"é".repeat(MAX_CHARS + 1), false),
        ];
        for (password, fine) in cases {
            let got = check_choice(password, "jeanne.martin@exemple.fr", "Jeanne Martin");
            assert_eq!(got.is_ok(), fine, "{password}: {got:?}");
        }
    }

    #[tokio::test]
    async fn keeps_and_compares() {
        let chance = Chance::seeded(1);
        let hasher = Hasher::cheap(&chance);
        let stored = hasher.hash("correct cheval agrafe pile".into(), &chance).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$"));
        assert!(!stored.contains("cheval"));
        assert_eq!(hasher.verify("correct cheval agrafe pile".into(), Some(stored.clone())).await, Ok(true));
        assert_eq!(hasher.verify("correct cheval agrafe pilé".into(), Some(stored.clone())).await, Ok(false));
        assert_eq!(hasher.verify("correct cheval agrafe pile".into(), None).await, Ok(false));
        assert_eq!(hasher.verify("x".into(), Some("garbage".into())).await, Ok(false));
        let again = hasher.hash("correct cheval agrafe pile".into(), &chance).await.unwrap();
        assert_ne!(stored, again, "each hash has its own salt");
    }
}
