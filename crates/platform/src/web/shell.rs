//! What surrounds every page: brand, navigation, who is signed in and in which role, the sentence
//! said once after a change.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::{Actor, Verb};

use crate::Site;

/// Who looks at the page; put in the request by `identity`, absent for a visitor.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person in the acting role.
    pub actor: Actor,
    /// Name, as the header shows it.
    pub nom: String,
    /// Acting role with its scope: « Préfecture (Ain) ».
    pub role: String,
    /// Other roles of the person: (identifier to choose it, label).
    pub autres_roles: Vec<(String, String)>,
    /// When seeing as another person: the name of that person.
    pub vu_comme: Option<String>,
    /// When the person last gave a strong proof of who they are in this session: at sign-in with a second factor or a
    /// passkey, or since, on the page of proofs. None for a program, and while seeing as somebody.
    pub prouve_le: Option<DateTime<Utc>>,
    /// Whether the session was taken up again after a long silence, and nobody has proved since who is there: pages about
    /// people ask first.
    pub apres_silence: bool,
}

/// One entry of the main navigation.
#[derive(Clone, Debug)]
pub struct NavEntry {
    /// Text.
    pub label: &'static str,
    /// Path.
    pub href: &'static str,
    /// Shown only to those who have one of these verbs; to all when empty.
    pub verbs: &'static [Verb],
    /// Hidden from those who have this verb: another entry serves them better.
    pub sauf: Option<Verb>,
    /// Under which heading it stands when the menu is long; none stands by itself.
    pub groupe: Option<&'static str>,
}

impl NavEntry {
    /// One that everybody sees.
    pub fn public(groupe: Option<&'static str>, label: &'static str, href: &'static str) -> Self {
        Self { label, href, verbs: &[], sauf: None, groupe }
    }

    /// One of a role that has one of these verbs.
    pub fn pour(
        groupe: &'static str,
        label: &'static str,
        href: &'static str,
        verbs: &'static [Verb],
    ) -> Self {
        Self { label, href, verbs, sauf: None, groupe: Some(groupe) }
    }

    /// The same, hidden from those who have that verb.
    #[must_use]
    pub fn sauf(self, verb: Verb) -> Self {
        Self { sauf: Some(verb), ..self }
    }
}

/// Longest menu that stands on one line.
const MENU_COURT: usize = 8;

/// What the menu shows at its first level: a link, or a heading that opens on its links.
#[derive(Clone, Debug)]
pub struct NavItem<'a> {
    /// The heading; none over a single link.
    pub groupe: Option<&'static str>,
    /// Its links, at least one.
    pub liens: Vec<&'a NavEntry>,
}

/// What does not change from one request to the next.
#[derive(Debug)]
pub struct ShellBase {
    /// The instance.
    pub site: Site,
    /// The main navigation.
    pub nav: Vec<NavEntry>,
}

/// What a page needs besides its own content: the field `shell` of every page template.
#[derive(Clone, Debug)]
pub struct Shell {
    base: Arc<ShellBase>,
    /// Who looks.
    pub viewer: Option<Viewer>,
    /// Path of the page, without query.
    pub path: String,
    /// Path and query, to come back to.
    pub here: String,
    /// The sentence said once.
    pub flash: Option<Flash>,
}

impl Shell {
    /// The configuration of the brand.
    pub fn marque(&self) -> &crate::config::Marque {
        &self.base.site.config.marque
    }

    /// Whether this is the demonstration.
    pub fn is_demo(&self) -> bool {
        self.base.site.is_demo()
    }

    /// Address of a style of tiles for the map, when configured.
    pub fn carte_style(&self) -> Option<&str> {
        self.base.site.config.carte.style.as_deref()
    }

    /// The path with the fingerprint of the file, so that browsers keep it for a year.
    pub fn asset(&self, path: &str) -> String {
        super::assets::url(path)
    }

    /// Entries of the navigation that this viewer may see.
    pub fn nav(&self) -> impl Iterator<Item = &NavEntry> {
        let seen = |e: &&NavEntry| e.verbs.is_empty() || e.verbs.iter().any(|v| self.may(*v));
        self.base.nav.iter().filter(seen).filter(|e| !e.sauf.is_some_and(|v| self.may(v)))
    }

    /// The menu: the entries one after another while they are few, under their headings otherwise. A heading of one link is
    /// that link.
    pub fn menu(&self) -> Vec<NavItem<'_>> {
        let entries: Vec<&NavEntry> = self.nav().collect();
        let court = entries.len() <= MENU_COURT;
        let mut menu: Vec<NavItem<'_>> = Vec::new();
        for e in entries {
            let groupe = e.groupe.filter(|_| !court);
            match menu.iter_mut().find(|i| groupe.is_some() && i.groupe == groupe) {
                Some(deja) => deja.liens.push(e),
                None => menu.push(NavItem { groupe, liens: vec![e] }),
            }
        }
        for item in menu.iter_mut().filter(|i| i.liens.len() == 1) {
            item.groupe = None;
        }
        menu
    }

    /// Whether the page stands under one of these entries.
    pub fn holds_current(&self, entries: &[&NavEntry]) -> bool {
        entries.iter().any(|e| self.is_current(e))
    }

    /// The entry of the menu under which a path of this site stands, the one that says most precisely where it is.
    pub fn rubrique(&self, path: &str) -> Option<&'static str> {
        let under = |e: &&NavEntry| {
            e.href != "/"
                && path.strip_prefix(e.href).is_some_and(|r| r.is_empty() || r.starts_with(['/', '?', '#']))
        };
        self.nav().filter(under).max_by_key(|e| e.href.len()).map(|e| e.label)
    }

    /// Whether the page stands under that entry, and under no other that says more precisely where it is.
    pub fn is_current(&self, entry: &NavEntry) -> bool {
        let stands_under = |e: &NavEntry| {
            if e.href == "/" {
                self.path == "/"
            } else {
                self.path == e.href || self.path.starts_with(&format!("{}/", e.href))
            }
        };
        stands_under(entry) && !self.nav().any(|e| e.href.len() > entry.href.len() && stands_under(e))
    }

    /// Whether the acting role has the verb: to show a button, never to protect an action.
    pub fn may(&self, verb: Verb) -> bool {
        self.viewer.as_ref().is_some_and(|v| v.actor.role.has(verb))
    }

    /// The actor, on routes that are not public.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn actor(&self) -> Result<&Actor, super::PageError> {
        self.viewer.as_ref().map(|v| &v.actor).ok_or(super::PageError::SignIn)
    }
}

impl<S: Sync> FromRequestParts<S> for Shell {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Shell {
    /// The shell of a request.
    ///
    /// # Panics
    /// When the stack of `web::finish` is not around the routes, which is a defect of wiring.
    #[expect(clippy::expect_used, reason = "a defect of wiring, seen by the first test")]
    pub(super) fn of(parts: &Parts) -> Self {
        let base = parts.extensions.get::<Arc<ShellBase>>().expect("web::finish sets the shell").clone();
        Self {
            base,
            viewer: parts.extensions.get::<Viewer>().cloned(),
            path: parts.uri.path().to_owned(),
            here: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            flash: cookie(parts, FLASH).and_then(Flash::read),
        }
    }
}

const FLASH: &str = "maillage-dit";

/// A cookie of the request.
pub fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')).find_map(
        |pair| {
            let (k, v) = pair.trim().split_once('=')?;
            (k == name && !v.is_empty()).then_some(v)
        },
    )
}

/// What the page before did, said once: a sentence, and whether it is good news.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flash {
    /// It is done.
    Done(String),
    /// It is not, and nothing is broken: what to do stands in the sentence.
    Warning(String),
}

impl Flash {
    fn read(cookie: &str) -> Option<Self> {
        let text = percent_encoding::percent_decode_str(cookie).decode_utf8().ok()?;
        let short = |s: &str| s.chars().take(300).collect();
        Some(match text.strip_prefix(WARNS) {
            Some(text) => Self::Warning(short(text)),
            None => Self::Done(short(&text)),
        })
    }

    /// The sentence.
    pub fn text(&self) -> &str {
        match self {
            Self::Done(s) | Self::Warning(s) => s,
        }
    }

    /// The variant of the alert of the design system.
    pub fn level(&self) -> &'static str {
        match self {
            Self::Done(_) => "success",
            Self::Warning(_) => "warning",
        }
    }
}

/// Stands before a warning in the cookie; no sentence begins so.
const WARNS: char = '!';

pub(super) fn set_flash(response: &mut Response, flash: &Flash) {
    let sentence = match flash {
        Flash::Done(s) => s.clone(),
        Flash::Warning(s) => format!("{WARNS}{s}"),
    };
    let value = percent_encoding::utf8_percent_encode(&sentence, percent_encoding::NON_ALPHANUMERIC);
    append_cookie(response, &format!("{FLASH}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=30"));
}

pub(super) fn clear_flash(response: &mut Response) {
    append_cookie(response, &format!("{FLASH}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
}

/// Adds a `Set-Cookie` header to a response.
pub fn append_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Whether the request brought a sentence to say.
pub(super) fn has_flash(parts: &Parts) -> bool {
    cookie(parts, FLASH).is_some()
}
