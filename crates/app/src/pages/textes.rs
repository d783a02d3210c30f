//! Pages of text: help, legal notices. Written in `docs`, embedded, made HTML once at the start.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{SecondsFormat, TimeDelta};
use platform::Site;
use platform::web::{Access, PageError, PageResult, Routes, Shell, page};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// The guide, a chapter a page: (address, Markdown). Files are numbered in this order.
const GUIDE: &[(&str, &str)] = &[
    ("trouver-un-lieu", include_str!("../../../../docs/guide/01-trouver-un-lieu.md")),
    ("lire-la-couverture", include_str!("../../../../docs/guide/02-lire-la-couverture.md")),
    ("donnees-ouvertes", include_str!("../../../../docs/guide/03-donnees-ouvertes.md")),
    ("se-connecter", include_str!("../../../../docs/guide/04-se-connecter.md")),
    ("roles-et-droits", include_str!("../../../../docs/guide/05-roles-et-droits.md")),
    ("gerer-une-structure", include_str!("../../../../docs/guide/06-gerer-une-structure.md")),
    ("importer-des-lieux", include_str!("../../../../docs/guide/07-importer-des-lieux.md")),
    ("administrer-les-comptes", include_str!("../../../../docs/guide/08-administrer-les-comptes.md")),
    ("gerer-ses-lieux", include_str!("../../../../docs/guide/09-gerer-ses-lieux.md")),
    ("ecrire-une-correspondance", include_str!("../../../../docs/guide/10-ecrire-une-correspondance.md")),
    ("ecrire-des-horaires", include_str!("../../../../docs/guide/11-ecrire-des-horaires.md")),
    ("doublons-de-lieux", include_str!("../../../../docs/guide/12-doublons-de-lieux.md")),
    ("repartir-et-rapprocher", include_str!("../../../../docs/guide/13-repartir-et-rapprocher.md")),
    ("api-en-ecriture", include_str!("../../../../docs/guide/14-api-en-ecriture.md")),
    ("ateliers-et-tournees", include_str!("../../../../docs/guide/15-ateliers-et-tournees.md")),
    ("demander-des-postes", include_str!("../../../../docs/guide/16-demander-des-postes.md")),
    ("deposer-une-candidature", include_str!("../../../../docs/guide/17-deposer-une-candidature.md")),
    ("recruter-un-conseiller", include_str!("../../../../docs/guide/18-recruter-un-conseiller.md")),
    ("suivre-la-formation", include_str!("../../../../docs/guide/19-suivre-la-formation.md")),
    ("lire-le-tableau-de-bord", include_str!("../../../../docs/guide/20-lire-le-tableau-de-bord.md")),
    ("reprendre-des-donnees", include_str!("../../../../docs/guide/21-reprendre-des-donnees.md")),
    ("suivre-les-conseillers", include_str!("../../../../docs/guide/22-suivre-les-conseillers.md")),
    ("verifier-un-mandat", include_str!("../../../../docs/guide/23-verifier-un-mandat.md")),
    ("demander-une-habilitation", include_str!("../../../../docs/guide/24-demander-une-habilitation.md")),
    ("faire-un-mandat", include_str!("../../../../docs/guide/25-faire-un-mandat.md")),
    ("agir-avec-franceconnect", include_str!("../../../../docs/guide/26-agir-avec-franceconnect.md")),
    ("espace-referent", include_str!("../../../../docs/guide/27-espace-referent.md")),
    ("lire-ses-mandats", include_str!("../../../../docs/guide/28-lire-ses-mandats.md")),
    ("aidants-connect-en-chiffres", include_str!("../../../../docs/guide/29-aidants-connect-en-chiffres.md")),
    ("transferer-des-mandats", include_str!("../../../../docs/guide/30-transferer-des-mandats.md")),
    ("presenter-aidants-connect", include_str!("../../../../docs/guide/31-presenter-aidants-connect.md")),
    ("reprendre-aidants-connect", include_str!("../../../../docs/guide/32-reprendre-aidants-connect.md")),
    ("importer-des-listes", include_str!("../../../../docs/guide/33-importer-des-listes.md")),
];

/// Who reads which chapters, in the order of the page of help. Each chapter stands once.
const LECTEURS: &[(&str, &[&str])] = &[
    (
        "Pour tout le monde",
        &[
            "trouver-un-lieu",
            "lire-la-couverture",
            "verifier-un-mandat",
            "aidants-connect-en-chiffres",
            "donnees-ouvertes",
        ],
    ),
    ("Vous êtes aidé par un aidant", &["lire-ses-mandats"]),
    ("Vous êtes aidant", &["faire-un-mandat", "agir-avec-franceconnect"]),
    (
        "Vous êtes référent, ou votre organisation veut le devenir",
        &["demander-une-habilitation", "espace-referent"],
    ),
    (
        "Vous tenez une structure ou des lieux",
        &["gerer-une-structure", "gerer-ses-lieux", "ecrire-des-horaires", "ateliers-et-tournees"],
    ),
    ("Vous recrutez un conseiller", &["demander-des-postes", "recruter-un-conseiller"]),
    ("Vous voulez devenir conseiller", &["deposer-une-candidature"]),
    ("Votre compte", &["se-connecter", "roles-et-droits"]),
    (
        "Vous animez ou suivez le programme",
        &[
            "lire-le-tableau-de-bord",
            "repartir-et-rapprocher",
            "suivre-les-conseillers",
            "suivre-la-formation",
            "presenter-aidants-connect",
            "transferer-des-mandats",
        ],
    ),
    (
        "Vous administrez le service",
        &[
            "administrer-les-comptes",
            "importer-des-lieux",
            "ecrire-une-correspondance",
            "doublons-de-lieux",
            "reprendre-des-donnees",
            "reprendre-aidants-connect",
            "importer-des-listes",
        ],
    ),
    ("Vous écrivez un logiciel", &["api-en-ecriture"]),
];

/// What the law asks a public service to say.
const LEGAL: &[(&str, &str)] = &[
    ("accessibilite", include_str!("../../../../docs/accessibilite.md")),
    ("mentions-legales", include_str!("../../../../docs/mentions-legales.md")),
    ("donnees-personnelles", include_str!("../../../../docs/donnees-personnelles.md")),
];

/// A text, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Texte {
    href: String,
    titre: String,
    html: String,
}

/// Every text of the instance, by group.
#[derive(Debug)]
struct Textes {
    guide: Vec<Texte>,
    legal: Vec<Texte>,
}

#[derive(Clone)]
struct Library {
    site: Site,
    textes: Arc<Textes>,
}

pub(super) fn routes(site: &Site) -> Routes<()> {
    let words = Words::of(site);
    let read = |texts: &[(&str, &str)], folder: &str| {
        texts.iter().map(|(name, md)| texte(&format!("{folder}/{name}"), md, &words)).collect()
    };
    let textes = Textes { guide: read(GUIDE, "/aide"), legal: read(LEGAL, "") };
    let mut routes = Routes::new()
        .get("/aide", Access::Public, sommaire)
        .get("/aide/{chapitre}", Access::Public, chapitre)
        .get("/robots.txt", Access::Public, robots)
        .get("/.well-known/security.txt", Access::Public, security);
    for (name, _) in LEGAL {
        routes = routes.get(&format!("/{name}"), Access::Public, legal);
    }
    routes.with_state(Library { site: site.clone(), textes: Arc::new(textes) })
}

#[derive(Template)]
#[template(path = "pages/texte.html")]
struct TextePage<'a> {
    shell: Shell,
    texte: &'a Texte,
    groupe: &'static str,
    voisins: Vec<&'a Texte>,
    /// Whether there are other texts than those, on the page of help.
    aide: bool,
    suivant: Option<&'a Texte>,
}

#[derive(Template)]
#[template(path = "pages/aide.html")]
struct Aide<'a> {
    shell: Shell,
    /// Who reads, and what.
    groupes: Vec<(&'static str, Vec<&'a Texte>)>,
}

async fn sommaire(State(library): State<Library>, shell: Shell) -> PageResult {
    let chapitres = &library.textes.guide;
    let de = |nom: &&str| chapitres.iter().find(|c| c.href.strip_prefix("/aide/") == Some(*nom));
    let groupes = LECTEURS.iter().map(|(qui, noms)| (*qui, noms.iter().filter_map(de).collect())).collect();
    page(&Aide { shell, groupes })
}

async fn chapitre(State(library): State<Library>, shell: Shell, Path(name): Path<String>) -> PageResult {
    let de = |nom: &str| library.textes.guide.iter().find(|c| c.href.strip_prefix("/aide/") == Some(nom));
    let texte = de(&name).ok_or_else(PageError::not_found)?;
    let groupe = LECTEURS.iter().find(|(_, noms)| noms.contains(&name.as_str()));
    let (groupe, noms) = groupe.copied().unwrap_or(("Aide", &[]));
    // What the same reader reads next to it, and after it.
    let voisins: Vec<&Texte> = noms.iter().filter_map(|nom| de(nom)).collect();
    let suivant = voisins.iter().skip_while(|v| v.href != texte.href).nth(1).copied();
    page(&TextePage { shell, texte, groupe, voisins, aide: true, suivant })
}

async fn legal(State(library): State<Library>, shell: Shell) -> PageResult {
    let voisins: Vec<&Texte> = library.textes.legal.iter().collect();
    let texte = voisins.iter().find(|t| t.href == shell.path).copied().ok_or_else(PageError::not_found)?;
    page(&TextePage { shell, texte, groupe: "À propos du service", voisins, aide: false, suivant: None })
}

fn plain(text: String) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "public, max-age=86400")];
    (headers, text).into_response()
}

/// Search engines are welcome on public pages; what asks for an account is of no use to them.
async fn robots() -> Response {
    let closed = ["/compte", "/connexion", "/demo", "/gestion", "/invitation", "/mot-de-passe"];
    let mut text = "User-agent: *\n".to_owned();
    for path in closed {
        let _ = writeln!(text, "Disallow: {path}");
    }
    plain(text)
}

/// Where to tell of a weakness (RFC 9116); absent until the configuration names a contact.
async fn security(State(library): State<Library>) -> PageResult {
    let site = &library.site;
    let contact = site.config.marque.contact.as_deref().ok_or_else(PageError::not_found)?;
    let scheme = if contact.starts_with("https://") { "" } else { "mailto:" };
    // Every answer is good for half a year; a monitor reads it again long before.
    let expires = (site.clock.now() + TimeDelta::days(180)).to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(plain(format!(
        "Contact: {scheme}{contact}\nExpires: {expires}\nPreferred-Languages: fr, en\nCanonical: {}\n",
        site.url("/.well-known/security.txt")
    )))
}

/// What the configuration puts in the texts.
struct Words(BTreeMap<&'static str, String>);

impl Words {
    fn of(site: &Site) -> Self {
        let brand = &site.config.marque;
        let contact = brand.contact.clone().unwrap_or_else(|| {
            "l’exploitant (adresse de contact à indiquer dans la configuration)".to_owned()
        });
        Self(BTreeMap::from([
            ("{{nom}}", brand.nom.clone()),
            ("{{exploitant}}", brand.exploitant.clone()),
            ("{{contact}}", contact),
        ]))
    }

    fn put(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// Makes a page of a Markdown text. HTML in the text is shown, not obeyed; words of the
/// configuration are put after parsing, so that they are text whatever they hold.
fn texte(href: &str, markdown: &str, words: &Words) -> Texte {
    let (mut titre, mut in_title, mut in_code, mut tables) = (String::new(), false, false, 0);
    let markdown = markdown.replace("[[table-des-roles]]", &table_of_roles());
    let mut events = Vec::new();
    for event in merged(Parser::new_ext(&markdown, Options::ENABLE_TABLES)) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            Event::Text(text) if in_title => titre.push_str(&words.put(&text)),
            _ if in_title => {}
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                events.push(event);
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                events.push(event);
            }
            Event::Text(text) if in_code => events.push(Event::Text(text)),
            Event::Text(text) => events.push(Event::Text(unbroken(&words.put(&text)).into())),
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            Event::Start(Tag::Table(_)) => {
                tables += 1;
                let open = format!(
                    "<div class=\"fr-table fr-table--bordered m-defile\" tabindex=\"0\" role=\"region\" aria-label=\"Tableau {tables}\">"
                );
                events.push(Event::Html(open.into()));
                events.push(event);
            }
            Event::End(TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>".into()));
            }
            other => events.push(other),
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    // A long line of command scrolls in its own frame, which the keyboard reaches.
    let out = out.replace("<pre>", "<pre class=\"m-defile\" tabindex=\"0\">");
    Texte { href: href.to_owned(), titre, html: out }
}

/// The parser cuts a text at every bracket: pieces are joined, so that `{{nom}}` stays whole.
fn merged<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut all: Vec<Event<'a>> = Vec::new();
    for event in events {
        match (all.last_mut(), event) {
            (Some(Event::Text(before)), Event::Text(text)) => {
                *before = CowStr::from(format!("{before}{text}"));
            }
            (_, event) => all.push(event),
        }
    }
    all
}

/// French signs that go with a word stay on its line.
fn unbroken(text: &str) -> String {
    let mut text = text.replace("« ", "«\u{a0}");
    for sign in [" »", " :", " ?", " !", " ;"] {
        text = text.replace(sign, &sign.replace(' ', "\u{a0}"));
    }
    text
}

/// Roles, from the table that decides: the guide cannot differ from the program.
fn table_of_roles() -> String {
    let mut text = "| Rôle | À quoi il sert | Périmètre |\n| --- | --- | --- |\n".to_owned();
    for ligne in kernel::droits::TABLE {
        use kernel::droits::GenrePerimetre as P;
        let scopes: Vec<&str> = ligne
            .perimetres
            .iter()
            .map(|p| match p {
                P::National => "tout le pays",
                P::Regions => "régions",
                P::Departements => "départements",
                P::Communes => "communes",
                P::Reseaux => "grands réseaux",
                P::Personnes => "conseillers nommés",
                P::Structures => "structures nommées",
                P::Lieux => "lieux nommés",
                P::Soi => "son propre dossier",
            })
            .collect();
        let _ = writeln!(text, "| {} | {} | {} |", ligne.nom, ligne.description, scopes.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words(BTreeMap::from([
            ("{{nom}}", "<b>N</b>".to_owned()),
            ("{{exploitant}}", "La [Ville](javascript:x)".to_owned()),
            ("{{contact}}", "a@exemple.fr".to_owned()),
        ]))
    }

    #[test]
    fn every_text_has_a_title_and_no_word_left_to_put() {
        for (name, md) in GUIDE.iter().chain(LEGAL) {
            let t = texte(name, md, &words());
            assert!(!t.titre.is_empty(), "{name} has no title");
            assert!(!t.html.contains("<h1") && !t.html.contains("{{"), "{name}");
        }
    }

    #[test]
    fn what_the_configuration_and_raw_html_hold_is_only_text() {
        let t = texte("x", "# T\n\n{{nom}} de {{exploitant}} <script>x</script>\n\n<img src=x>\n", &words());
        for bad in ["<b>", "<script", "<img", "href"] {
            assert!(!t.html.contains(bad), "{bad} in {}", t.html);
        }
        assert!(t.html.contains("&lt;b&gt;N"), "{}", t.html);
    }

    #[test]
    fn each_chapter_has_one_reader() {
        let mut lus: Vec<&str> = LECTEURS.iter().flat_map(|(_, noms)| noms.iter().copied()).collect();
        let mut tous: Vec<&str> = GUIDE.iter().map(|(nom, _)| *nom).collect();
        lus.sort_unstable();
        tous.sort_unstable();
        assert_eq!(lus, tous);
    }

    #[test]
    fn the_guide_links_to_chapters_that_exist() {
        for (name, md) in GUIDE.iter().chain(LEGAL) {
            for link in md.split("](/aide/").skip(1) {
                let target = link.split(')').next().unwrap_or_default();
                assert!(GUIDE.iter().any(|(n, _)| *n == target), "{name} → {target}");
            }
        }
    }
}
