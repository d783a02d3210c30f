//! Outgoing mail: a message is a row written in the transaction of its cause, then sent by a job,
//! tried again until it leaves. The demonstration writes to a folder and shows a page.

mod migration;
mod rythme;
mod send;
mod store;

use askama::Template;

pub use migration::{Mail0001, Mail0002};
pub use rythme::{Grouper, PAGE, Rythme, choisir, grouper, informer, oublier, rythme};
pub use send::{SendMail, handler};
pub use store::{MailRow, clean_up, enqueue, find, list, search};

/// A message: plain text always, HTML made from the same text.
#[derive(Clone, Debug)]
pub struct Message {
    /// Address it goes to.
    pub to: kernel::Email,
    /// Subject, one line.
    pub subject: String,
    /// Body: paragraphs apart by an empty line; a paragraph that is only an address becomes a link.
    pub text: String,
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

fn html(subject: &str, text: &str, marque: &crate::config::Marque) -> Result<String, askama::Error> {
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
