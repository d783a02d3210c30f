//! Messages to the two sides of a post, in the transaction of what they tell: short, plain, a link to what can be done. And the
//! list of every kind of message of this context.

use annuaire::structures::StructureVue;
use kernel::Email;
use platform::mail::{self, Genre, Message};
use platform::{Site, Tx};
use sea_orm::DbErr;

use crate::ids::CandidatId;
use crate::{candidats, contrats, demandes, formation, matching, postes, selection};

/// The kinds of message of this context.
pub fn courriels() -> Vec<&'static Genre> {
    [
        candidats::COURRIELS,
        demandes::COURRIELS,
        selection::COURRIELS,
        matching::relations::COURRIELS,
        contrats::courriels::COURRIELS,
        postes::COURRIELS,
        formation::COURRIELS,
    ]
    .concat()
}

/// What a message says, whoever reads it.
#[derive(Clone, Debug)]
pub(crate) struct Texte {
    genre: &'static Genre,
    sujet: String,
    paragraphes: Vec<String>,
}

impl Texte {
    /// A text of these paragraphs.
    pub(crate) fn new<const N: usize>(
        genre: &'static Genre,
        sujet: impl Into<String>,
        paragraphes: [String; N],
    ) -> Self {
        Self { genre, sujet: sujet.into(), paragraphes: paragraphes.to_vec() }
    }

    /// The message, after that greeting.
    fn message(self, site: &Site, to: Email, bonjour: String) -> Message {
        let mut text = vec![bonjour];
        text.extend(self.paragraphes);
        let subject = format!("{} : {}", site.config.marque.nom, self.sujet);
        Message { genre: self.genre, to, subject, text: text.join("\n\n") }
    }

    /// The message, to an organisation.
    pub(crate) fn a_tous(self, site: &Site, to: Email) -> Message {
        self.message(site, to, "Bonjour,".to_owned())
    }

    /// The message, to a person.
    pub(crate) fn a_une_personne(self, site: &Site, to: Email, prenom: &str) -> Message {
        self.message(site, to, format!("Bonjour {prenom},"))
    }
}

/// Writes to the main contact of a structure; nothing when it has no address. No name of a candidat goes in it.
///
/// # Errors
/// The database.
pub(crate) async fn a_la_structure(
    site: &Site,
    tx: &Tx,
    structure: &StructureVue,
    texte: Texte,
) -> Result<(), DbErr> {
    let adresses = annuaire::structures::courriels_principaux(tx, &[structure.id]).await?;
    let Some(to) = adresses.get(&structure.id) else { return Ok(()) };
    mail::enqueue(site, tx, &texte.a_tous(site, to.clone())).await
}

/// Writes to a candidat; nothing when their file is erased.
///
/// # Errors
/// The database.
pub(crate) async fn a_la_personne(site: &Site, tx: &Tx, id: CandidatId, texte: Texte) -> Result<(), DbErr> {
    let Some(c) = candidats::coordonnees(tx, id).await? else { return Ok(()) };
    mail::enqueue(site, tx, &texte.a_une_personne(site, c.courriel, &c.prenom)).await
}
