//! Where a person is written to, as they change it themselves: a new address counts once a code sent there was typed here,
//! and the old one is told, for whoever would do it in their place.

use kernel::Refusal;
use kernel::ids::uuid_v7;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use serde_json::json;
use uuid::Uuid;

use super::codes::Adresse;
use super::courriels;
use super::model::{CODE, Changement, ESSAIS, PAR_HEURE, PAR_JOUR, Session};
use super::store::{self, Colonne};
use crate::usagers::{self, Contact, Usager};
use crate::{Failure, Mandats};

impl Colonne {
    /// Its key in forms and in the journal, which is also that of its field.
    pub(super) const fn cle(self) -> &'static str {
        match self {
            Self::Courriel => "courriel",
            Self::Telephone => "telephone",
        }
    }

    /// The one of that key.
    pub(super) fn from_cle(cle: &str) -> Option<Self> {
        [Self::Courriel, Self::Telephone].into_iter().find(|c| c.cle() == cle)
    }
}

/// What somebody has of that kind.
pub(super) fn actuelle(contact: &Contact, colonne: Colonne) -> Option<Adresse> {
    match colonne {
        Colonne::Courriel => contact.courriel.clone().map(Adresse::Courriel),
        Colonne::Telephone => contact.telephone.clone().map(Adresse::Telephone),
    }
}

/// Whether it is proved to be theirs.
pub(super) fn prouvee(contact: &Contact, colonne: Colonne) -> bool {
    match colonne {
        Colonne::Courriel => contact.courriel_prouve,
        Colonne::Telephone => contact.telephone_prouve,
    }
}

/// Tells an address that is proved that an aidant typed another: it stays, and the person alone changes it. `quoi` is the
/// key of which of the two.
///
/// # Errors
/// The database.
pub async fn prevenir_prouvee(site: &Site, tx: &Tx, contact: &Contact, quoi: &str) -> Result<(), Failure> {
    let Some(colonne) = Colonne::from_cle(quoi) else { return Ok(()) };
    let Some(a) = actuelle(contact, colonne) else { return Ok(()) };
    let phrase = match colonne {
        Colonne::Courriel => {
            "Un aidant a écrit une autre adresse électronique que la vôtre. Nous gardons la vôtre. Pour la changer, entrez \
             dans « Mes mandats »"
        }
        Colonne::Telephone => {
            "Un aidant a écrit un autre numéro que le vôtre. Nous gardons le vôtre. Pour le changer, entrez dans « Mes \
             mandats »"
        }
    };
    envoyer_phrase(site, tx, &a, phrase).await
}

fn empreinte(site: &Site, id: Uuid, code: &str) -> String {
    site.secrets.fingerprint("espace.changement", &format!("{id}\u{0}{code}"))
}

/// Sends a code to a new address; nothing changes before it comes back. Whether somebody else has that address makes no
/// difference, here or later.
///
/// # Errors
/// It is theirs already; too many codes in a day.
pub(super) async fn demander(m: &Mandats, usager: &Usager, adresse: &Adresse) -> Result<(), Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let (colonne, texte) = adresse.cle();
    let adressee = site.secrets.fingerprint("espace.adresse", &texte.to_lowercase());
    let code = format!("{:06}", site.chance.below(1_000_000));
    let id = uuid_v7(&site.clock, &site.chance);
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, usager.id).await?.ok_or(Refusal::NotFound)?;
            // What an aidant typed is not theirs yet: a code makes it so.
            let deja = actuelle(&usager.contact, colonne).filter(|_| prouvee(&usager.contact, colonne));
            if deja.is_some_and(|d| d.cle().1.eq_ignore_ascii_case(texte)) {
                let phrase = match colonne {
                    Colonne::Courriel => "C’est déjà votre adresse.",
                    Colonne::Telephone => "C’est déjà votre numéro.",
                };
                return Err(Refusal::field(colonne.cle(), phrase).into());
            }
            if store::changements_du_jour(tx, usager.id, now).await? >= PAR_JOUR {
                let phrase = "Vous avez demandé beaucoup de codes aujourd’hui. Recommencez demain.";
                return Err(Refusal::field(colonne.cle(), phrase).into());
            }
            store::tenir_adresse(tx, &adressee, now).await?;
            let (heure, jour) = store::demandes(tx, &adressee, now).await?;
            let changement = Changement {
                id,
                usager: usager.id,
                adresse: adresse.clone(),
                code: empreinte(site, id, &code),
                essais: 0,
                expire_le: now + CODE,
            };
            store::changer(tx, &changement, &adressee, now).await?;
            let qui = usagers::pseudonyme(site, &usager)?;
            let ligne = Entry::system("espace.coordonnees.code", "usager", qui);
            journal::write(site, tx, ligne.with(json!({ "quoi": colonne.cle() }))).await?;
            // Nobody is flooded with codes that others ask for.
            if heure < PAR_HEURE && jour < PAR_JOUR {
                envoyer(site, tx, adresse, &code).await
            } else {
                Ok(())
            }
        })
        .await
}

async fn envoyer(site: &Site, tx: &Tx, adresse: &Adresse, code: &str) -> Result<(), Failure> {
    let text = format!(
        "{code} est le code qui confirme votre numéro pour {}. Il sert 15 minutes. Ne le donnez à personne.",
        site.config.marque.nom
    );
    let until = site.clock.now() + CODE;
    adresse.ecrire(site, tx, |a| courriels::nouvelle_adresse(site, a, code), (text, until)).await
}

/// What a try of a code gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Essai {
    /// That address is theirs now.
    Change(Colonne),
    /// Not that code; how many tries are left.
    Faux(i64),
    /// No code is awaited any more.
    Fini,
}

/// Tries a code. The try is counted in a transaction of its own, before anything is compared.
pub(super) async fn essayer(
    m: &Mandats,
    (usager, session): (&Usager, &Session),
    tape: &str,
) -> Result<Essai, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let Some(c) = store::changement(site.db.read(), usager.id, now).await? else { return Ok(Essai::Fini) };
    if !site.db.write(async |tx| store::essayer_changement(tx, c.id, ESSAIS).await).await? {
        return Ok(Essai::Fini);
    }
    let chiffres: String = tape.chars().filter(char::is_ascii_digit).take(12).collect();
    if !oidc::same(&empreinte(site, c.id, &chiffres), &c.code) {
        return Ok(match ESSAIS - c.essais - 1 {
            reste if reste > 0 => Essai::Faux(reste),
            _ => Essai::Fini,
        });
    }
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, c.usager).await?.ok_or(Refusal::NotFound)?;
            if !store::finir_changement(tx, c.id).await? {
                return Ok(Essai::Fini);
            }
            let mut contact = usager.contact.clone();
            match &c.adresse {
                Adresse::Courriel(a) => (contact.courriel, contact.courriel_prouve) = (Some(a.clone()), true),
                Adresse::Telephone(t) => {
                    (contact.telephone, contact.telephone_prouve) = (Some(t.clone()), true)
                }
            }
            let colonne = c.adresse.cle().0;
            enregistrer(site, tx, (usager, session), (colonne, contact)).await?;
            Ok(Essai::Change(colonne))
        })
        .await
}

/// Forgets an address: nothing is sent there any more, and no code opens the space from there.
///
/// # Errors
/// It is the last way in.
pub(super) async fn retirer(
    m: &Mandats,
    (usager, session): (&Usager, &Session),
    colonne: Colonne,
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, usager.id).await?.ok_or(Refusal::NotFound)?;
            let mut contact = usager.contact.clone();
            match colonne {
                Colonne::Courriel => (contact.courriel, contact.courriel_prouve) = (None, false),
                Colonne::Telephone => (contact.telephone, contact.telephone_prouve) = (None, false),
            }
            if contact == usager.contact {
                return Ok(());
            }
            if !contact.ouvre() && m.franceconnect.is_none() {
                return Err(Refusal::conflict(
                    "C’est le seul moyen d’entrer dans votre espace : donnez d’abord une autre adresse ou un numéro.",
                )
                .into());
            }
            store::oublier_voie(tx, usager.id, colonne).await?;
            enregistrer(site, tx, (usager, session), (colonne, contact)).await
        })
        .await
}

/// Writes it, closes what the old address may have opened elsewhere, notes it and tells.
async fn enregistrer(
    site: &Site,
    tx: &Tx,
    (usager, session): (Usager, &Session),
    (colonne, contact): (Colonne, Contact),
) -> Result<(), Failure> {
    let avant = usager.contact.clone();
    let mut apres = Usager { contact, ..usager };
    apres.identite.courriel = apres.contact.courriel.clone();
    usagers::store::enregistrer(tx, &apres).await?;
    store::fermer_les_autres(tx, apres.id, session.id).await?;
    let qui = usagers::pseudonyme(site, &apres)?;
    let ligne = Entry::system("espace.coordonnees", "usager", qui);
    journal::write(site, tx, ligne.with(json!({ "quoi": colonne.cle() }))).await?;
    prevenir_anciennes(site, tx, &avant, &apres.contact).await?;
    // Where there was none, the other address is told.
    if actuelle(&avant, colonne).is_none() {
        let ailleurs = match colonne {
            Colonne::Courriel => actuelle(&avant, Colonne::Telephone),
            Colonne::Telephone => actuelle(&avant, Colonne::Courriel),
        };
        if let Some(a) = ailleurs {
            dire(site, tx, &a, colonne, "ajouté").await?;
        }
    }
    Ok(())
}

/// Tells an address that it is no longer the one of its person: to whoever did not ask for it, that says what to do.
///
/// # Errors
/// The database.
pub async fn prevenir_anciennes(
    site: &Site,
    tx: &Tx,
    avant: &Contact,
    apres: &Contact,
) -> Result<(), Failure> {
    for colonne in [Colonne::Courriel, Colonne::Telephone] {
        let (ancienne, nouvelle) = (actuelle(avant, colonne), actuelle(apres, colonne));
        let Some(a) = ancienne else { continue };
        let pareille = nouvelle.as_ref().is_some_and(|n| n.cle().1.eq_ignore_ascii_case(a.cle().1));
        if !pareille {
            let verbe = if nouvelle.is_some() { "changé" } else { "retiré" };
            dire(site, tx, &a, colonne, verbe).await?;
        }
    }
    Ok(())
}

/// Tells the person, at the addresses that they proved, that another account of FranceConnect leads to their space.
///
/// # Errors
/// The database.
pub async fn prevenir_du_compte(site: &Site, tx: &Tx, contact: &Contact) -> Result<(), Failure> {
    let phrase =
        "Un nouveau compte FranceConnect, à votre identité, ouvre désormais votre espace « Mes mandats »";
    if let (Some(a), true) = (&contact.courriel, contact.courriel_prouve) {
        let lignes = [
            format!("{phrase}."),
            "Si c’est bien vous, vous n’avez rien à faire.".to_owned(),
            "Sinon, dites-le à votre aidant : personne d’autre ne doit agir en votre nom.".to_owned(),
        ];
        platform::mail::enqueue(
            site,
            tx,
            &courriels::nouvelle(site, a, "Un nouveau compte FranceConnect", &lignes),
        )
        .await?;
    }
    if let (Some(t), true) = (&contact.telephone, contact.telephone_prouve) {
        envoyer_phrase(site, tx, &Adresse::Telephone(t.clone()), phrase).await?;
    }
    Ok(())
}

/// One sentence, without the name of the person.
async fn dire(site: &Site, tx: &Tx, a: &Adresse, colonne: Colonne, verbe: &str) -> Result<(), Failure> {
    let quoi = match colonne {
        Colonne::Courriel => {
            format!("L’adresse électronique de votre espace « Mes mandats » vient d’être {verbe}e")
        }
        Colonne::Telephone => {
            format!("Le numéro de téléphone de votre espace « Mes mandats » vient d’être {verbe}")
        }
    };
    envoyer_phrase(site, tx, a, &quoi).await
}

async fn envoyer_phrase(site: &Site, tx: &Tx, a: &Adresse, quoi: &str) -> Result<(), Failure> {
    let text = format!(
        "{quoi}. Si ce n’est pas vous, dites-le à votre aidant, ou entrez avec FranceConnect : {}",
        site.url("/mes-mandats")
    );
    let until = site.clock.now() + chrono::TimeDelta::days(2);
    a.ecrire(site, tx, |a| courriels::adresse_changee(site, a, quoi), (text, until)).await
}
