//! Coming in by a code: the same answer for everybody, few tries, few codes.

use chrono::{DateTime, Utc};
use identity::secrets::link::Secret;
use kernel::ids::uuid_v7;
use kernel::{Email, Telephone};
use platform::journal::{self, Entry};
use platform::mail::Message;
use platform::sms::{self, Sms};
use platform::{Site, Tx};
use serde_json::json;

use super::courriels;
use super::model::{CODE, Demande, ESSAIS, Moyen, PAR_HEURE, PAR_JOUR, Session};
use super::store::{self, Colonne};
use crate::ids::UsagerId;
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats};

/// Where a code goes.
#[derive(Clone, Debug)]
pub(super) enum Adresse {
    Courriel(Email),
    Telephone(Telephone),
}

impl Adresse {
    /// What people type in one field: an address or a number.
    pub(super) fn lire(tape: &str) -> Result<Self, &'static str> {
        if tape.contains('@') {
            return Email::parse(tape)
                .map(Self::Courriel)
                .map_err(|_| "Écrivez une adresse électronique entière, comme prenom.nom@exemple.fr.");
        }
        Telephone::parse(tape)
            .map(Self::Telephone)
            .ok_or("Écrivez une adresse électronique, ou un numéro de téléphone à dix chiffres.")
    }

    /// Which column holds it, and its text.
    pub(super) fn cle(&self) -> (Colonne, &str) {
        match self {
            Self::Courriel(c) => (Colonne::Courriel, c.as_str()),
            Self::Telephone(t) => (Colonne::Telephone, t.as_str()),
        }
    }

    /// Sends there the e-mail, or the text message that is worth something until that instant.
    pub(super) async fn ecrire(
        &self,
        site: &Site,
        tx: &Tx,
        courriel: impl FnOnce(&Email) -> Message,
        (text, until): (String, DateTime<Utc>),
    ) -> Result<(), Failure> {
        match self {
            Self::Courriel(a) => platform::mail::enqueue(site, tx, &courriel(a)).await.map(drop)?,
            Self::Telephone(t) => {
                sms::enqueue(site, tx, &Sms { to: t.clone(), text, until }).await.map(drop)?
            }
        }
        Ok(())
    }
}

/// Asks for a code: gives the secret of the browser, whoever asks.
pub(super) async fn demander(
    m: &Mandats,
    adresse: &Adresse,
    naissance: chrono::NaiveDate,
) -> Result<Secret, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let secret = Secret::new(&site.chance);
    let (colonne, texte) = adresse.cle();
    let adressee = site.secrets.fingerprint("espace.adresse", &texte.to_lowercase());
    let code = format!("{:06}", site.chance.below(1_000_000));
    let id = uuid_v7(&site.clock, &site.chance);
    site.db
        .write(async |tx| {
            // On PostgreSQL two hundred would otherwise all count none.
            store::tenir_adresse(tx, &adressee, now).await?;
            let (heure, jour) = store::demandes(tx, &adressee, now).await?;
            let trop = heure >= PAR_HEURE || jour >= PAR_JOUR;
            let qui = store::personnes(tx, colonne, texte, naissance).await?;
            // Two people of one address and one birth are nobody here: FranceConnect tells them apart.
            let usager = match qui[..] {
                [seul] if !trop => Some(seul),
                _ => None,
            };
            let demande =
                Demande { id, usager, code: empreinte(m, id, &code), essais: 0, expire_le: now + CODE };
            // Counted until the day is over, then not even written: somebody who asks without end fills nothing.
            if jour < 4 * PAR_JOUR {
                store::demander(tx, &demande, (&secret.hash(), &adressee), now).await?;
            }
            let Some(usager) = usager else { return Ok(()) };
            envoyer(m, tx, adresse, usager, &code).await
        })
        .await?;
    Ok(secret)
}

fn empreinte(m: &Mandats, id: uuid::Uuid, code: &str) -> String {
    m.site.secrets.fingerprint("espace.code", &format!("{id}\u{0}{code}"))
}

async fn envoyer(
    m: &Mandats,
    tx: &Tx,
    adresse: &Adresse,
    usager: UsagerId,
    code: &str,
) -> Result<(), Failure> {
    let site = &m.site;
    let Some(usager) = usagers::store::lire(tx, usager).await? else { return Ok(()) };
    let text = format!(
        "{code} est votre code pour {}. Il sert 15 minutes. Ne le donnez à personne.",
        site.config.marque.nom
    );
    let until = site.clock.now() + CODE;
    adresse.ecrire(site, tx, |a| courriels::code(site, a, code), (text, until)).await?;
    let qui = usagers::pseudonyme(site, &usager)?;
    journal::write(site, tx, Entry::system("espace.code", "usager", qui)).await?;
    Ok(())
}

/// What a try of a code gave.
#[derive(Debug)]
pub(super) enum Essai {
    /// A session, in the place of the code.
    Ouvert(Secret),
    /// Not that code; how many tries are left.
    Faux(i64),
    /// No code may be tried any more in this browser.
    Fini,
}

/// Tries a code. The try is counted in a transaction of its own, before anything is compared.
pub(super) async fn essayer(m: &Mandats, navigateur: &Secret, tape: &str) -> Result<Essai, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let Some(demande) = store::demande(site.db.read(), &navigateur.hash(), now).await? else {
        return Ok(Essai::Fini);
    };
    if !site.db.write(async |tx| store::essayer(tx, demande.id, ESSAIS).await).await? {
        return Ok(Essai::Fini);
    }
    let chiffres: String = tape.chars().filter(char::is_ascii_digit).take(12).collect();
    let juste = oidc::same(&empreinte(m, demande.id, &chiffres), &demande.code);
    let Some(usager) = demande.usager.filter(|_| juste) else {
        return Ok(match ESSAIS - demande.essais - 1 {
            reste if reste > 0 => Essai::Faux(reste),
            _ => Essai::Fini,
        });
    };
    let ouvert = site
        .db
        .write(async |tx| {
            if !store::finir(tx, demande.id).await? {
                return Ok(None);
            }
            let Some(usager) = usagers::store::tenir(tx, usager).await? else { return Ok(None) };
            ouvrir(m, tx, &usager, Moyen::Code).await.map(Some)
        })
        .await?;
    Ok(ouvert.map_or(Essai::Fini, Essai::Ouvert))
}

/// Opens the space of that person: the secret of the cookie.
pub(super) async fn ouvrir(m: &Mandats, tx: &Tx, usager: &Usager, moyen: Moyen) -> Result<Secret, Failure> {
    let site = &m.site;
    let secret = Secret::new(&site.chance);
    let session = Session { id: uuid_v7(&site.clock, &site.chance), usager: usager.id, moyen };
    store::ouvrir(tx, &session, &secret.hash(), site.clock.now()).await?;
    let qui = usagers::pseudonyme(site, usager)?;
    let ligne = Entry::system("espace.ouvrir", "usager", qui).with(json!({ "moyen": moyen.cle() }));
    journal::write(site, tx, ligne).await?;
    Ok(secret)
}
