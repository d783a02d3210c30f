//! Registration of routes: a path cannot be added without its access.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, on};

use super::access::{Access, RouteInfo, guard};
use super::error::PageError;
use crate::tableur::Format;

/// Routes of a context, with the list of who may come where.
#[derive(Debug)]
pub struct Routes<S = ()> {
    router: Router<S>,
    list: Vec<RouteInfo>,
    files: Vec<String>,
    foreign_forms: Vec<String>,
    own_limits: Vec<String>,
    personnes: Vec<&'static str>,
    otherwise: fn() -> PageError,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            list: Vec::new(),
            files: Vec::new(),
            foreign_forms: Vec::new(),
            own_limits: Vec::new(),
            personnes: Vec::new(),
            otherwise: PageError::not_found,
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No route yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page to read.
    #[must_use]
    pub fn get<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on(Method::GET, path, access, handler)
    }

    /// A form to take.
    #[must_use]
    pub fn post<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on(Method::POST, path, access, handler)
    }

    /// A thing of the API to replace.
    #[must_use]
    pub fn put<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on(Method::PUT, path, access, handler)
    }

    /// A thing of the API to change in part.
    #[must_use]
    pub fn patch<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on(Method::PATCH, path, access, handler)
    }

    /// A thing of the API to take away.
    #[must_use]
    pub fn delete<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on(Method::DELETE, path, access, handler)
    }

    /// A list to take away, in each format: `/postes/export.csv`, `.xlsx`, `.ods`.
    #[must_use]
    pub fn export<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        Format::TOUS.into_iter().fold(self, |routes, f| {
            routes.get(&format!("{path}/export.{}", f.extension()), access, handler.clone())
        })
    }

    fn on<H, T>(mut self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        use axum::routing::MethodFilter;
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::PUT => MethodFilter::PUT,
            Method::PATCH => MethodFilter::PATCH,
            Method::DELETE => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let route: MethodRouter<S> =
            on(filter, handler).layer(from_fn(move |request, next| guard(access, request, next)));
        self.list.push(RouteInfo { method, path: path.to_owned(), access });
        self.router = self.router.route(path, route);
        self
    }

    /// A form that takes a file of `max_bytes` at most: lifts the ceiling of 2 MiB on its body, and lets it come slowly. A
    /// larger file is read to its end, up to a few times that, so that the handler can say what is wrong with it.
    #[must_use]
    pub fn post_file<H, T>(mut self, path: &str, access: Access, max_bytes: usize, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let route: MethodRouter<S> = on(axum::routing::MethodFilter::POST, handler)
            .layer(axum::extract::DefaultBodyLimit::max(max_bytes * 2 + (32 << 20)))
            .layer(from_fn(move |request, next| guard(access, request, next)));
        self.list.push(RouteInfo { method: Method::POST, path: path.to_owned(), access });
        self.files.push(path.to_owned());
        self.router = self.router.route(path, route);
        self
    }

    /// Pages of other sites may send forms to that path (without parameters), as a protocol asks. Its handler believes
    /// nothing of who is signed in, and changes nothing that a link could not.
    #[must_use]
    pub fn takes_foreign_forms(mut self, path: &str) -> Self {
        self.foreign_forms.push(path.to_owned());
        self
    }

    /// That path (without parameters) is asked for by servers, few and busy: the count of an address does not hold them.
    /// Its handler knows who asks, and holds floods itself.
    #[must_use]
    pub fn holds_its_floods(mut self, path: &str) -> Self {
        self.own_limits.push(path.to_owned());
        self
    }

    /// Pages under that path are about people: whoever comes back to them after a long silence proves first who they are.
    #[must_use]
    pub fn sur_des_personnes(mut self, racine: &'static str) -> Self {
        self.personnes.push(racine);
        self
    }

    /// Gives the handlers their state.
    pub fn with_state<S2: Clone + Send + Sync + 'static>(self, state: S) -> Routes<S2> {
        let Self { router, list, files, foreign_forms, own_limits, personnes, otherwise } = self;
        let router = router.with_state(state);
        Routes { router, list, files, foreign_forms, own_limits, personnes, otherwise }
    }

    /// These routes and those.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self.files.extend(other.files);
        self.foreign_forms.extend(other.foreign_forms);
        self.own_limits.extend(other.own_limits);
        self.personnes.extend(other.personnes);
        self
    }

    /// The list of who may come where.
    pub fn list(&self) -> &[RouteInfo] {
        &self.list
    }

    /// Paths of the forms that take a file.
    pub(super) fn files(&self) -> &[String] {
        &self.files
    }

    /// Paths that take forms of other sites.
    pub(super) fn foreign_forms(&self) -> &[String] {
        &self.foreign_forms
    }

    /// Paths that hold their floods.
    pub(super) fn own_limits(&self) -> &[String] {
        &self.own_limits
    }

    /// No route, and 503 for every address: while the database is away.
    pub fn unavailable() -> Self {
        Self { otherwise: || PageError::Unavailable, ..Self::default() }
    }

    /// Paths above the pages about people.
    pub(super) fn personnes(&self) -> &[&'static str] {
        &self.personnes
    }

    pub(super) fn into_router(self) -> Router<S> {
        let otherwise = self.otherwise;
        self.router.fallback(move || async move { otherwise() })
    }
}
