//! The way out to the services of others: five seconds, 256 KiB, no redirection to where nobody
//! configured to go.

use std::time::Duration;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Why nothing usable came back. Never holds the address: it may say what somebody looked for.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The service does not answer, or not in time.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is too long.
    #[error("an answer of more than 256 KiB")]
    TooLong,
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::NoAnswer(error.without_url().to_string())
    }
}

/// A client to be completed and built, once for each service.
pub fn client() -> reqwest::ClientBuilder {
    // Whoever comes first installs it; all use the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("maillage/", env!("CARGO_PKG_VERSION")))
}

/// The whole answer.
///
/// # Errors
/// When it stops half-way, or is too long.
pub async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(Trouble::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_long_is_not_read_to_its_end() {
        for (bytes, fine) in [(0, true), (MAX_BYTES, true), (MAX_BYTES + 1, false)] {
            let router = axum::Router::new().fallback(move || async move { vec![b'x'; bytes] });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move { axum::serve(listener, router).await });
            let client = client().no_proxy().build().unwrap();
            let answer = client.get(format!("http://{address}/")).send().await.unwrap();
            assert_eq!(body(answer).await.is_ok(), fine, "{bytes}");
            server.abort();
        }
    }
}
