//! What tests need: both engines, a site whose clock and chance they hold, a browser without a
//! network, people in each role. Development only.

#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "tests only: it speaks to whoever runs them")]

mod browser;
mod database;
mod people;
mod site;

pub use browser::{Answer, Browser};
pub use database::{Database, without_postgres};
pub use people::{actor, viewer};
pub use site::TestSite;

/// Writes each test twice, once an engine: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// testkit::on_both_engines! {
///     migrations: crate::migrations();
///     async fn keeps_a_structure(t: testkit::TestSite) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both_engines {
    (migrations: $migrations:expr; $(async fn $name:ident($t:ident: $ty:ty) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every test needs its parent's names")]
            use super::*;

            async fn body($t: $ty) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::TestSite::sqlite($migrations).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(t) = $crate::TestSite::postgres($migrations).await {
                    body(t).await;
                }
            }
        }
    )+};
}
