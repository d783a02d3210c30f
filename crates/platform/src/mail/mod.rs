//! Outgoing mail: a message is a row written in the transaction of its cause, then sent by a job,
//! tried again until it leaves. The demonstration writes to a folder and shows a page.

mod genre;
mod migration;
mod rythme;
mod send;
mod store;

use askama::Template;

pub use genre::{Compte, Genre, Portee, comptes};
pub use migration::{Mail0001, Mail0002, Mail0003, Mail0004};
pub use rythme::{
    Grouper, PAGE, Rythme, choisir, enqueue, enqueue_avec_arret, grouper, oublier, rythme, texte,
};
pub use send::{SendMail, handler};
pub use store::{MailRow, clean_up, find, list, search};

/// A message: plain text always, HTML made from the same text.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its kind.
    pub genre: &'static Genre,
    /// Address it goes to.
    pub to: kernel::Email,
    /// Subject, one line.
    pub subject: String,
    /// Body: paragraphs apart by an empty line; a paragraph that is only an address becomes a link.
    pub text: String,
}

/// The kinds of message of this crate.
pub fn courriels() -> Vec<&'static Genre> {
    vec![&rythme::REUNIS]
}

/// The HTML twin of a message.
#[derive(Template)]
#[template(path = "mail/layout.html")]
struct Html<'a> {
    subject: &'a str,
    nom: &'a str,
    exploitant: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
}

enum Paragraph<'a> {
    Text(&'a str),
    Link(&'a str),
}

/// The HTML twin of a message, as it leaves.
///
/// # Errors
/// When the template cannot be rendered.
pub fn html(subject: &str, text: &str, marque: &crate::config::Marque) -> Result<String, askama::Error> {
    let paragraphs = text
        .split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(|p| {
            let link =
                (p.starts_with("https://") || p.starts_with("http://")) && !p.contains(char::is_whitespace);
            if link { Paragraph::Link(p) } else { Paragraph::Text(p) }
        })
        .collect();
    Html { subject, nom: &marque.nom, exploitant: &marque.exploitant, paragraphs }.render()
}

#[cfg(test)]
mod tests {
    #[test]
    fn html_escapes_and_links() {
        let html =
            super::html("Sujet", "Bonjour <b>\n\nhttps://exemple.fr/a?b=c\n\nFin", &Default::default())
                .unwrap();
        assert!(html.contains("Bonjour &#60;b&#62;"), "{html}");
        assert!(html.contains("<a href=\"https://exemple.fr/a?b=c\""), "{html}");
    }
}
