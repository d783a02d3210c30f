//! Forms: what was typed, what was wrong, and the components that show both.
//!
//! A handler takes [`Formulaire`], parses each field into a newtype with [`FormState::parse`],
//! and on any error shows the same page again with status 422 and everything that was typed.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use kernel::Refusal;

use super::error::PageError;

/// What was typed in a form and what is wrong with it, in the order of the fields.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
}

impl FormState {
    /// A form filled with these values.
    pub fn filled<K: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { values: values.into_iter().map(|(k, v)| (k.into(), v.into())).collect(), errors: Vec::new() }
    }

    /// The first value of a field, trimmed; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.trim())
    }

    /// The first value exactly as typed: passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    /// All values of a field: check boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(k, _)| k == name).map(|(_, v)| v.trim())
    }

    /// Whether that value of a field was chosen.
    pub fn coche(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// All pairs, in order.
    pub fn values(&self) -> &[(String, String)] {
        &self.values
    }

    /// Changes or adds a value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.retain(|(k, _)| k != name);
        self.values.push((name.to_owned(), value.into()));
    }

    /// Forgets a value that must not be shown again: passwords, codes.
    pub fn forget(&mut self, name: &str) {
        self.values.retain(|(k, _)| k != name);
    }

    /// Notes what is wrong with a field; the first sentence stays.
    pub fn refuse(&mut self, name: &str, sentence: impl Into<String>) {
        if self.error(name).is_none() {
            self.errors.push((name.to_owned(), sentence.into()));
        }
    }

    /// Takes over the fields of a refusal; any other refusal is given back.
    ///
    /// # Errors
    /// The refusal, when it is not about fields.
    pub fn take(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        match refusal {
            Refusal::Fields(fields) => {
                for (name, sentence) in fields {
                    self.refuse(&name, sentence);
                }
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Puts what is wrong in the order of the fields of the page; what is of no field of the list comes last.
    pub fn in_page_order(&mut self, fields: &[&str]) {
        let place = |name: &str| fields.iter().position(|f| *f == name).unwrap_or(fields.len());
        self.errors.sort_by_key(|(name, _)| place(name));
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|(k, _)| k == name).map(|(_, m)| m.as_str())
    }

    /// Everything that is wrong.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }

    /// Whether nothing is wrong so far.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Parses a field that must be there; notes the sentence when it is absent or wrong.
    pub fn parse<T, E: ToString>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.get(name).to_owned();
        if value.is_empty() {
            self.refuse(name, "Remplissez ce champ.");
            return None;
        }
        match parse(&value) {
            Ok(v) => Some(v),
            Err(e) => {
                self.refuse(name, e.to_string());
                None
            }
        }
    }

    /// Parses a field that may be empty: `None` inside when it is.
    pub fn parse_opt<T, E: ToString>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if self.get(name).is_empty() { Some(None) } else { self.parse(name, parse).map(Some) }
    }

    /// A text of at least one and at most `max` characters.
    pub fn text(&mut self, name: &str, max: usize) -> Option<String> {
        self.parse(name, |v| bounded(v, max))
    }

    /// A text of at most `max` characters, or nothing.
    pub fn text_opt(&mut self, name: &str, max: usize) -> Option<Option<String>> {
        self.parse_opt(name, |v| bounded(v, max))
    }

    // Components, for templates: `{{ form.champ("nom", "Nom").requis() }}`.

    /// A field of one line.
    pub fn champ<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("text"))
    }

    /// A field of one line for an address: keyboard and autofill of phones follow.
    pub fn courriel<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("email")).auto("email")
    }

    /// A password.
    pub fn mot_de_passe<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("password")).auto("current-password")
    }

    /// A telephone number.
    pub fn telephone<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("tel"))
    }

    /// A day.
    pub fn date<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("date"))
    }

    /// A time of day.
    pub fn heure<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Input("time"))
    }

    /// A field of several lines.
    pub fn texte_long<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Area)
    }

    /// A file.
    pub fn fichier<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::File)
    }

    /// A list to choose from: (value, label).
    pub fn liste<'a, O: IntoOptions<'a>>(&'a self, name: &'a str, label: &'a str, options: O) -> Champ<'a> {
        let mut c = Champ::new(self, name, label, Kind::Select);
        c.options = options.into_options();
        c
    }

    /// Radio buttons: (value, label).
    pub fn radios<'a, O: IntoOptions<'a>>(&'a self, name: &'a str, label: &'a str, options: O) -> Champ<'a> {
        let mut c = Champ::new(self, name, label, Kind::Radios);
        c.options = options.into_options();
        c
    }

    /// Check boxes under one name: (value, label).
    pub fn cases<'a, O: IntoOptions<'a>>(&'a self, name: &'a str, label: &'a str, options: O) -> Champ<'a> {
        let mut c = Champ::new(self, name, label, Kind::Boxes);
        c.options = options.into_options();
        c
    }

    /// One check box, whose value is `oui`.
    pub fn case<'a>(&'a self, name: &'a str, label: &'a str) -> Champ<'a> {
        Champ::new(self, name, label, Kind::Box)
    }

    /// One check box of a group that the page lays out itself, among what is to be chosen.
    pub fn choix<'a>(&'a self, name: &'a str, value: impl ToString, label: &'a str) -> Champ<'a> {
        let mut c = Champ::new(self, name, label, Kind::Choice);
        c.options = vec![(value.to_string(), label.to_owned())];
        c
    }

    /// The summary of errors, at the top of the form; nothing when all is well.
    pub fn sommaire(&self) -> Sommaire<'_> {
        Sommaire { form: self }
    }
}

fn bounded(value: &str, max: usize) -> Result<String, String> {
    let n = value.chars().count();
    if n > max {
        Err(format!("Ce texte a {n} caractères ; {max} sont permis."))
    } else if value.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        Err("Ce texte contient un caractère qui ne s’affiche pas. Retapez-le.".to_owned())
    } else {
        Ok(value.replace("\r\n", "\n"))
    }
}

/// What a list component accepts as options.
pub trait IntoOptions<'a> {
    /// (value, label), in order.
    fn into_options(self) -> Vec<(String, String)>;
}

impl<'a, I, A, B> IntoOptions<'a> for I
where
    I: IntoIterator<Item = (A, B)>,
    A: ToString,
    B: ToString,
{
    fn into_options(self) -> Vec<(String, String)> {
        self.into_iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Input(&'static str),
    Area,
    File,
    Select,
    Radios,
    Boxes,
    Box,
    Choice,
}

/// A field with its label, its hint and its error, drawn by `form/champ.html`.
#[derive(Template)]
#[template(path = "form/champ.html")]
pub struct Champ<'a> {
    form: &'a FormState,
    name: &'a str,
    label: &'a str,
    kind: Kind,
    hint: Option<String>,
    required: bool,
    free: bool,
    short: Option<&'a str>,
    autocomplete: Option<&'a str>,
    inputmode: Option<&'a str>,
    suggestions: Option<&'a str>,
    accept: Option<&'a str>,
    options: Vec<(String, String)>,
    inline: bool,
}

// The component escapes its own values: its HTML goes into the page as it is.
impl askama::filters::HtmlSafe for Champ<'_> {}

impl<'a> Champ<'a> {
    fn new(form: &'a FormState, name: &'a str, label: &'a str, kind: Kind) -> Self {
        Self {
            form,
            name,
            label,
            kind,
            hint: None,
            required: false,
            free: false,
            short: None,
            autocomplete: None,
            inputmode: None,
            suggestions: None,
            accept: None,
            options: Vec::new(),
            inline: false,
        }
    }

    /// A sentence under the label: what is expected, with an example.
    #[must_use]
    pub fn indice(mut self, text: impl ToString) -> Self {
        self.hint = Some(text.to_string());
        self
    }

    /// The field must be filled. Others are marked « facultatif ».
    #[must_use]
    pub fn requis(mut self) -> Self {
        self.required = true;
        self
    }

    /// What the summary of errors calls the field, when its label is a whole sentence.
    #[must_use]
    pub fn appele(mut self, name: &'a str) -> Self {
        self.short = Some(name);
        self
    }

    /// Nothing is asked for here, as in a search: the field is not marked « facultatif ».
    #[must_use]
    pub fn libre(mut self) -> Self {
        self.free = true;
        self
    }

    /// What browsers may fill in by themselves (HTML autofill tokens).
    #[must_use]
    pub fn auto(mut self, token: &'a str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// The keyboard that phones show: `numeric`, `decimal`.
    #[must_use]
    pub fn clavier(mut self, mode: &'a str) -> Self {
        self.inputmode = Some(mode);
        self
    }

    /// Address that gives suggestions while typing.
    #[must_use]
    pub fn suggestions(mut self, url: &'a str) -> Self {
        self.suggestions = Some(url);
        self
    }

    /// Kinds of file to offer: `.csv,.json`.
    #[must_use]
    pub fn accepte(mut self, list: &'a str) -> Self {
        self.accept = Some(list);
        self
    }

    /// Choices side by side.
    #[must_use]
    pub fn en_ligne(mut self) -> Self {
        self.inline = true;
        self
    }

    fn error(&self) -> Option<&str> {
        self.form.error(self.name)
    }

    fn value(&self) -> &str {
        if self.kind == Kind::Input("password") { "" } else { self.form.get(self.name) }
    }

    fn has(&self, option: &str) -> bool {
        self.form.all(self.name).any(|v| v == option)
    }

    /// Identifiers of the hint and the error, for `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let ids: Vec<String> = [
            self.hint.as_ref().map(|_| format!("{}-indice", self.name)),
            self.error().map(|_| format!("{}-erreur", self.name)),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn grouped(&self) -> bool {
        matches!(self.kind, Kind::Radios | Kind::Boxes)
    }
}

/// The summary of errors, drawn by `form/sommaire.html`.
#[derive(Template)]
#[template(path = "form/sommaire.html")]
pub struct Sommaire<'a> {
    form: &'a FormState,
}

impl askama::filters::HtmlSafe for Sommaire<'_> {}

/// Before a sentence of the summary, which is drawn before the fields: whose it is, known once the page is whole.
const MARK: &str = "<!--champ:";

/// Puts the label of its field before each sentence of the summary of errors: « Téléphone : ce numéro… ». What is
/// not found, a group that a page lays out itself, leaves the sentence alone.
pub(super) fn names_fields(html: String) -> String {
    if !html.contains(MARK) {
        return html;
    }
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html.as_str();
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        let Some((name, after)) = rest.split_once("-->") else { break };
        if let Some(label) = label_of(&html, name) {
            out.push_str("<strong>");
            out.push_str(label);
            out.push_str("\u{a0}:</strong> ");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text of a `label` for that field, of the `legend` of that group: HTML already.
fn label_of<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let after = html
        .split_once(&format!("<label class=\"fr-label\" for=\"{name}\" data-court=\""))
        .and_then(|(avant, court)| Some((avant, court.split_once('"')?.0)))
        .or_else(|| html.split_once(&format!("<label class=\"fr-label\" for=\"{name}\">")))
        .or_else(|| {
            html.split_once(&format!("id=\"{name}\"")).and_then(|(_, group)| {
                let (before, legend) = group.split_once("<legend")?;
                // The legend of this group, not of the next.
                (!before.contains("</fieldset>") && !before.contains("<input")).then_some(())?;
                legend.split_once('>')
            })
        })?
        .1;
    let label = after.split('<').next()?.trim().trim_end_matches(['?', ':', '\u{a0}']).trim_end();
    (!label.is_empty()).then_some(label)
}

/// The body of a form, at most 2 MiB.
#[derive(Debug)]
pub struct Formulaire(pub FormState);

impl<S: Send + Sync> FromRequest<S> for Formulaire {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejet| {
            if rejet.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return super::fichier::trop_gros();
            }
            PageError::BadRequest("Le formulaire n’a pas pu être lu en entier. Recommencez.".to_owned())
        })?;
        Ok(Self(FormState { values: champs(&bytes).collect(), errors: Vec::new() }))
    }
}

/// The fields of the body of a form, as pairs.
pub(super) fn champs(corps: &[u8]) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(corps).take(2000).map(|(k, v)| (k.into_owned(), v.replace('\0', "")))
}

/// The query of a page, as pairs: repeated names are kept, nothing is refused.
#[derive(Clone, Debug)]
pub struct Requete(pub FormState);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Requete {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let values = url::form_urlencoded::parse(query.as_bytes())
            .take(500)
            .map(|(k, v)| (k.into_owned(), v.replace('\0', "")))
            .collect();
        Ok(Self(FormState { values, errors: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_typed_and_ties_the_error() {
        let mut form = FormState::filled([("nom", "<b>"), ("courriel", "x")]);
        assert_eq!(form.text("nom", 2), None);
        form.parse("courriel", kernel::Email::parse);
        assert_eq!(form.text_opt("absent", 5), Some(None));
        let html = form.champ("nom", "Nom").requis().indice("Court").render().unwrap();
        assert!(
            html.contains("value=\"&#60;b&#62;\"")
                && html.contains("aria-describedby=\"nom-indice nom-erreur\""),
            "{html}"
        );
        let summary = form.sommaire().render().unwrap();
        assert!(summary.contains("href=\"#nom\"") && summary.contains("href=\"#courriel\""), "{summary}");
    }

    #[test]
    fn the_summary_says_whose_the_error_is() {
        let mut form = FormState::filled([("libre", "<!--champ:nom-->")]);
        for name in ["nom", "role", "libre", "ailleurs"] {
            form.refuse(name, "Non.");
        }
        let page = [
            form.sommaire().render().unwrap(),
            form.champ("nom", "Nom & prénom").requis().render().unwrap(),
            form.radios("role", "Quel rôle ?", [("a", "A")]).requis().render().unwrap(),
            form.champ("libre", "Libre").render().unwrap(),
        ];
        let html = names_fields(page.concat());
        let said: Vec<&str> = html.split("<li>").skip(1).filter_map(|l| l.split("</li>").next()).collect();
        let strong = |label: &str| format!("<strong>{label}\u{a0}:</strong> Non.</a>");
        assert!(said[0].ends_with(&strong("Nom &#38; prénom")), "{}", said[0]);
        assert!(said[1].ends_with(&strong("Quel rôle")), "{}", said[1]);
        assert!(said[2].ends_with(&strong("Libre")), "{}", said[2]);
        assert!(said[3].ends_with("\">Non.</a>"), "a field that is not drawn: {}", said[3]);
        assert_eq!(names_fields("<p>".to_owned()), "<p>");
        // A sentence to be ticked has a short name there, and is whole on the page.
        let mut form = FormState::default();
        form.refuse("atteste", "Cochez.");
        let case = form.case("atteste", "J’ai lu tout cela à la personne.").appele("Attestation").requis();
        let html = names_fields([form.sommaire().render().unwrap(), case.render().unwrap()].concat());
        assert!(html.contains("<strong>Attestation\u{a0}:</strong> Cochez.</a>"), "{html}");
        assert!(
            html.contains("data-court=\"Attestation\">J’ai lu tout cela à la personne.</label>"),
            "{html}"
        );
    }

    #[test]
    fn what_must_be_filled_says_so_to_all() {
        let form = FormState::default();
        let both = |champ: &dyn Fn(bool) -> String| (champ(true), champ(false));
        let must = |c: Champ<'_>, yes: bool| if yes { c.requis() } else { c }.render().unwrap();
        let fields = [
            both(&|yes| must(form.champ("a", "A"), yes)),
            both(&|yes| must(form.fichier("a", "A"), yes)),
            both(&|yes| must(form.radios("a", "A", [("x", "X")]), yes)),
            both(&|yes| must(form.case("a", "A"), yes)),
        ];
        for (required, other) in fields {
            assert!(
                required.contains("aria-required=\"true\"") && !other.contains("aria-required"),
                "{required}"
            );
        }
        // No role takes it for a group of boxes: words do.
        let (required, other) = both(&|yes| must(form.cases("a", "A", [("x", "X")]), yes));
        assert!(required.contains("obligatoire") && other.contains("facultatif"), "{required} {other}");
    }

    #[test]
    fn passwords_are_not_shown_again() {
        let form = FormState::filled([("mdp", "secret")]);
        assert!(!form.mot_de_passe("mdp", "Mot de passe").render().unwrap().contains("secret"));
    }

    #[test]
    fn boxes_and_lists_show_the_choice() {
        let form = FormState::filled([("s", "b"), ("s", "c")]);
        let html = form.cases("s", "Services", [("a", "A"), ("b", "B"), ("c", "C")]).render().unwrap();
        assert_eq!(html.matches(" checked").count(), 2, "{html}");
        let html = form.liste("s", "Un", [("a", "A"), ("b", "B")]).render().unwrap();
        assert_eq!(html.matches(" selected").count(), 1, "{html}");
    }
}
