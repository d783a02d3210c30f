//! What an aidant types of how a person is told: kept where nothing is proved, never in the place of what is
//! (`docs/mandats/espace.md`).

use kernel::{Actor, Email, Telephone};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use serde_json::json;

use super::{Contact, Usager, pseudonyme, store};
use crate::{Failure, espace};

/// What was typed; nothing typed changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Saisie {
    /// E-mail.
    pub courriel: Option<Email>,
    /// Telephone.
    pub telephone: Option<Telephone>,
}

/// What became of one of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Effet {
    /// « courriel » or « telephone ».
    quoi: &'static str,
    /// Whether it is written to from now on; otherwise the proved one stays.
    garde: bool,
}

impl Saisie {
    /// What is known afterwards, and what happened to each that differs.
    fn appliquer(&self, avant: &Contact) -> (Contact, Vec<Effet>) {
        let (mut apres, mut effets) = (avant.clone(), Vec::new());
        if let Some(a) = &self.courriel {
            let pareil = avant.courriel.as_ref().is_some_and(|x| x.as_str().eq_ignore_ascii_case(a.as_str()));
            let garde = !(avant.courriel.is_some() && avant.courriel_prouve);
            if !pareil && garde {
                (apres.courriel, apres.courriel_prouve) = (Some(a.clone()), false);
            }
            if !pareil {
                effets.push(Effet { quoi: "courriel", garde });
            }
        }
        if let Some(t) = &self.telephone {
            let pareil = avant.telephone.as_ref().is_some_and(|x| x.as_str() == t.as_str());
            let garde = !(avant.telephone.is_some() && avant.telephone_prouve);
            if !pareil && garde {
                (apres.telephone, apres.telephone_prouve) = (Some(t.clone()), false);
            }
            if !pareil {
                effets.push(Effet { quoi: "telephone", garde });
            }
        }
        (apres, effets)
    }
}

/// Keeps what an aidant typed for a person that the caller holds and may see, as not proved; what the person proved stays.
/// The address that was known is told either way, and the journal notes which of the two, never its text. Gives the person
/// as they are now, and whether all that was typed is written to from now on.
///
/// # Errors
/// The database; [`sea_orm::DbErr::RecordNotUpdated`] when somebody changed the person meanwhile.
pub async fn saisir(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    usager: &Usager,
    saisie: &Saisie,
) -> Result<(Usager, bool), Failure> {
    let (contact, effets) = saisie.appliquer(&usager.contact);
    let mut apres = Usager { contact, ..usager.clone() };
    apres.identite.courriel = apres.contact.courriel.clone();
    store::enregistrer(tx, &apres).await?;
    apres.version += 1;
    let qui = pseudonyme(site, &apres)?;
    for e in &effets {
        let faits = json!({ "quoi": e.quoi, "garde": e.garde });
        journal::write(site, tx, Entry::by(actor, "usager.coordonnees", "usager", &qui).with(faits)).await?;
        if !e.garde {
            espace::prevenir_prouvee(site, tx, &apres.contact, e.quoi).await?;
        }
    }
    espace::prevenir_anciennes(site, tx, &usager.contact, &apres.contact).await?;
    Ok((apres, effets.iter().all(|e| e.garde)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_never_takes_the_place_of_what_is_proved() {
        let courriel = |t: &str| Email::parse(t).ok();
        let un = |garde| vec![Effet { quoi: "courriel", garde }];
        for (connu, prouve, tape, reste, encore, effets) in [
            (None, false, "a@exemple.fr", "a@exemple.fr", false, un(true)),
            (Some("b@exemple.fr"), false, "a@exemple.fr", "a@exemple.fr", false, un(true)),
            (Some("b@exemple.fr"), true, "a@exemple.fr", "b@exemple.fr", true, un(false)),
            (Some("a@exemple.fr"), true, "A@exemple.fr", "a@exemple.fr", true, vec![]),
            // Typed again, it is no more proved than before.
            (Some("a@exemple.fr"), false, "a@exemple.fr", "a@exemple.fr", false, vec![]),
        ] {
            let avant =
                Contact { courriel: connu.and_then(courriel), courriel_prouve: prouve, ..Contact::default() };
            let saisie = Saisie { courriel: courriel(tape), telephone: None };
            let (apres, dits) = saisie.appliquer(&avant);
            assert_eq!(
                (apres.courriel, apres.courriel_prouve),
                (courriel(reste), encore),
                "{connu:?} {tape}"
            );
            assert_eq!(dits, effets, "{connu:?} {tape}");
        }
        let numero = Telephone::parse("0601020304");
        let avant = Contact { telephone: numero.clone(), telephone_prouve: true, ..Contact::default() };
        let saisie = Saisie { courriel: None, telephone: Telephone::parse("0602030405") };
        let (apres, dits) = saisie.appliquer(&avant);
        assert_eq!(apres, avant);
        assert_eq!(dits, [Effet { quoi: "telephone", garde: false }]);
        assert!(apres.ouvre() && !Contact { telephone_prouve: false, ..apres }.ouvre());
    }
}
