//! Every message that the program can send, each shown before anybody receives it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use kernel::{Email, Refusal, Verb};
use platform::Site;
use platform::mail::{self, Compte, Genre, Message, Portee};
use platform::web::{Access, PageResult, Routes, Shell, page};

use crate::wiring::courriels;

const BASE: &str = "/gestion/courriels";
/// Where previews are written to; `.example` is nobody's (RFC 2606).
const EXEMPLE: &str = "camille@structure.example";

pub(super) fn routes(site: &Site) -> Routes<()> {
    let voir = Access::May(Verb::GererTaches);
    Routes::new()
        .get(BASE, voir, liste)
        .get("/gestion/courriels/{cle}", voir, apercu)
        .with_state(site.clone())
}

#[derive(Template)]
#[template(path = "pages/courriels_envoyes.html")]
struct Liste {
    shell: Shell,
    groupes: Vec<(&'static str, Vec<&'static Genre>)>,
    comptes: HashMap<String, Compte>,
}

impl Liste {
    fn compte(&self, g: &Genre) -> Option<&Compte> {
        self.comptes.get(g.cle)
    }

    fn rythme(g: &Genre) -> &'static str {
        match g.portee {
            Portee::Necessaire => "toujours aussitôt",
            Portee::Informe => "au choix de son lecteur",
        }
    }
}

async fn liste(State(site): State<Site>, shell: Shell) -> PageResult {
    let comptes = mail::comptes(site.db.read()).await?.into_iter().map(|c| (c.genre.clone(), c)).collect();
    page(&Liste { shell, groupes: courriels(), comptes })
}

#[derive(Template)]
#[template(path = "pages/courriel_exemple.html")]
struct Apercu {
    shell: Shell,
    g: &'static Genre,
    message: Message,
    texte: String,
}

/// A message of that kind with fictitious data, written by the function that writes the true ones.
pub(crate) fn exemple(site: &Site, g: &Genre) -> Option<Message> {
    (g.apercu)(site, Email::parse(EXEMPLE).ok()?)
}

async fn apercu(State(site): State<Site>, shell: Shell, Path(cle): Path<String>) -> PageResult {
    let g = courriels().into_iter().flat_map(|(_, g)| g).find(|g| g.cle == cle).ok_or(Refusal::NotFound)?;
    let message = exemple(&site, g).ok_or(Refusal::NotFound)?;
    page(&Apercu { shell, g, texte: mail::texte(&site, &message), message })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use kernel::{Perimetre, Role};
    use testkit::TestSite;

    use super::*;

    /// Keys of the kinds that the sources declare: a message bears one of them, there is no other way to write one.
    fn declares(dossier: &Path, cles: &mut BTreeSet<String>) {
        for entree in std::fs::read_dir(dossier).unwrap() {
            let chemin = entree.unwrap().path();
            if chemin.is_dir() {
                declares(&chemin, cles);
            } else if chemin.extension().is_some_and(|e| e == "rs") {
                let source = std::fs::read_to_string(&chemin).unwrap();
                let genre = concat!(": Genre", " = Genre {");
                for bloc in source.split(genre).skip(1) {
                    let cle = bloc.split("cle: \"").nth(1).and_then(|c| c.split('"').next());
                    cles.insert(cle.unwrap().to_owned());
                }
            }
        }
    }

    #[tokio::test]
    async fn every_message_is_in_the_list_and_can_be_read_before_it_is_sent() {
        let t = TestSite::sqlite(platform::migrations()).await;
        let tous: Vec<_> = courriels().into_iter().flat_map(|(_, g)| g).collect();
        let connus: BTreeSet<String> = tous.iter().map(|g| g.cle.to_owned()).collect();
        assert_eq!(connus.len(), tous.len(), "two kinds share a key");
        let mut cles = BTreeSet::new();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for un in std::fs::read_dir(crates).unwrap() {
            let source = un.unwrap().path().join("src");
            if source.is_dir() {
                declares(&source, &mut cles);
            }
        }
        assert_eq!(cles, connus, "kinds that sources declare, and kinds that `courriels()` lists");
        let b = t.browser(routes(&t.site));
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        let page = admin.get(BASE).await.expect(200);
        for g in &tous {
            let m = exemple(&t.site, g).unwrap_or_else(|| panic!("{} has no preview", g.cle));
            assert_eq!(m.genre.cle, g.cle, "the preview is of another kind");
            assert!(
                !m.subject.is_empty() && !m.subject.contains('\n') && m.text.starts_with("Bonjour"),
                "{}",
                g.cle
            );
            assert!(!m.text.contains("{}") && m.text.split("\n\n").count() > 1, "{}: {}", g.cle, m.text);
            for mots in [g.nom, g.occasion, g.lecteur] {
                assert!(!mots.is_empty() && !mots.contains('\'') && !mots.ends_with('.'), "{mots}");
            }
            assert!(page.body.contains(&format!("{BASE}/{}", g.cle)));
            admin.get(&format!("{BASE}/{}", g.cle)).await.expect(200).says(EXEMPLE);
        }
        admin.get(&format!("{BASE}/rien")).await.expect(404);
        let prefecture = testkit::viewer(Role::Prefecture, Perimetre::National);
        b.signed_in(prefecture).get(BASE).await.expect(403);
        // Rates: what informs says where its rhythm is chosen, what is needed does not.
        for g in tous {
            let texte = mail::texte(&t.site, &exemple(&t.site, g).unwrap());
            assert_eq!(
                texte.contains(mail::PAGE),
                g.portee == Portee::Informe || g.cle == "nouvelles.reunies",
                "{}",
                g.cle
            );
        }
    }
}
