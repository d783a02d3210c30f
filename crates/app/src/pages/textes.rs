//! Pages of text: help, legal notices. Written in `docs/guide`, embedded, made HTML when asked.

use platform::web::Routes;

pub(super) fn routes() -> Routes<()> {
    Routes::new()
}
