//! Wanting no more messages: STOP by text message, or the button of a link that each message by e-mail bears. One rule for
//! both: nothing that the person did not ask for goes to that address any more, but by e-mail what is owed to them
//! ([`Besoin::Du`]); what waits there for an answer ends; they alone undo it, in their space, from an address proved theirs.

use identity::secrets::link::Secret;
use kernel::{Email, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::actions::{self, Effet};
use super::model::{Adresse, Canal, Etat};
use super::store;
use crate::ids::UsagerId;
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats};

/// Why something is sent to a person who did not ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Besoin {
    /// They may do without it.
    Informe,
    /// It is owed to them: a mandat ends before its date, somebody else holds it.
    Du,
}

/// The print of an address, keyed: what is kept of who wants no more messages.
pub fn empreinte(site: &Site, adresse: &Adresse) -> String {
    site.secrets.fingerprint("consentement.arret", &adresse.texte().to_lowercase())
}

/// Whether whoever has that number or address wants no more messages.
///
/// # Errors
/// The database.
pub async fn arrete(site: &Site, conn: &impl ConnectionTrait, adresse: &Adresse) -> Result<bool, DbErr> {
    store::arret::arrete(conn, &empreinte(site, adresse)).await
}

/// Whether what is sent for that reason goes to that address. To a telephone that said STOP, nothing goes: operators hold it
/// back.
///
/// # Errors
/// The database.
pub async fn part(
    site: &Site,
    conn: &impl ConnectionTrait,
    adresse: &Adresse,
    besoin: Besoin,
) -> Result<bool, DbErr> {
    if besoin == Besoin::Du && adresse.canal() == Canal::Courriel {
        return Ok(true);
    }
    Ok(!arrete(site, conn, adresse).await?)
}

/// Holds that address until the end of the transaction, and refuses when no message may go there.
///
/// # Errors
/// Whoever has it wants no more messages; the database.
pub async fn permet(site: &Site, tx: &Tx, adresse: &Adresse) -> Result<(), Failure> {
    let ici = empreinte(site, adresse);
    store::arret::tenir_adresse(tx, &ici, site.clock.now()).await?;
    if !store::arret::arrete(tx, &ici).await? {
        return Ok(());
    }
    Err(Refusal::conflict(match adresse.canal() {
        Canal::Courriel => {
            "Cette personne ne veut plus recevoir de messages à cette adresse. Faites le mandat en sa présence."
        }
        _ => "Cette personne a répondu STOP : plus aucun message ne lui est envoyé. Faites le mandat en sa présence.",
    })
    .into())
}

/// Who wants no more messages, and how they said it.
pub(super) struct Stop<'a> {
    /// Print of the address.
    pub(super) ici: &'a str,
    /// The address, when what said it shows it.
    pub(super) adresse: Option<&'a str>,
    /// By what it was said.
    pub(super) canal: &'a str,
    /// Who was written to there, when the link tells.
    pub(super) usager: Option<UsagerId>,
}

/// Ends the messages to an address, whatever is under way, and even when nothing is. An offer that leaves at this instant
/// waits for this, or this for it, and then ends it; the person is only read: who offers holds them first, then the address.
pub(super) async fn arreter(m: &Mandats, tx: &Tx, stop: &Stop<'_>) -> Result<Effet, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    store::arret::tenir_adresse(tx, stop.ici, now).await?;
    let nouveau = store::arret::arreter(tx, stop.ici, now).await?;
    crate::mandats::arreter_liens(tx, stop.ici).await?;
    let mut effet = Effet::Aucun;
    for c in store::arret::ouverts(tx, stop.ici, stop.adresse).await? {
        let Some(usager) = usagers::store::lire(tx, c.usager).await? else { continue };
        if store::finir(tx, c.id, Etat::Arretee).await? {
            actions::noter(site, tx, "consentement.arreter", None, &c, &usager).await?;
            effet = Effet::Pris(Etat::Arretee);
        }
    }
    if nouveau && effet == Effet::Aucun {
        let qui = match stop.usager {
            Some(id) => usagers::store::lire(tx, id).await?,
            None => None,
        };
        let ligne = match &qui {
            Some(usager) => {
                Entry::system("consentement.arreter", "usager", usagers::pseudonyme(site, usager)?)
            }
            // A number says nothing of who has it; its print tells two of them apart.
            None => Entry::system("consentement.arreter", "arret", stop.ici.get(..16).unwrap_or_default()),
        };
        journal::write(site, tx, ligne.with(json!({ "canal": stop.canal }))).await?;
    }
    Ok(effet)
}

/// Ends the messages to an address, said on a page of ours by whoever read one of them there.
///
/// # Errors
/// The database.
pub async fn arreter_ici(m: &Mandats, tx: &Tx, adresse: &Adresse) -> Result<(), Failure> {
    let ici = empreinte(&m.site, adresse);
    let stop = Stop { ici: &ici, adresse: Some(adresse.texte()), canal: adresse.canal().cle(), usager: None };
    arreter(m, tx, &stop).await.map(drop)
}

/// The address of the page where that person ends the messages to that e-mail address: theirs alone, for one message.
///
/// # Errors
/// The database.
pub async fn lien(site: &Site, tx: &Tx, usager: UsagerId, a: &Email) -> Result<String, DbErr> {
    let secret = Secret::new(&site.chance);
    let adresse = empreinte(site, &Adresse::Courriel(a.clone()));
    store::arret::ecrire_lien(tx, &reference(site, &secret), (&adresse, usager), site.clock.now()).await?;
    Ok(site.url(&chemin(&secret)))
}

/// The path of the page of a link.
pub(super) fn chemin(secret: &Secret) -> String {
    format!("/ne-plus-recevoir/{}", secret.expose())
}

fn reference(site: &Site, secret: &Secret) -> String {
    site.secrets.fingerprint("consentement.arret.lien", secret.expose())
}

/// Where a link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lien {
    /// No link of ours, one that served, or one that is too old.
    Mort,
    /// Its button may be pressed.
    Ouvert,
    /// No message goes to its address any more.
    Fait,
}

/// Where that link is. Reading changes nothing: programs that scan messages follow links.
pub(super) async fn du_lien(m: &Mandats, secret: &Secret) -> Result<Lien, Failure> {
    let (site, conn) = (&m.site, m.site.db.read());
    let Some(lien) = store::arret::lien(conn, &reference(site, secret), site.clock.now()).await? else {
        return Ok(Lien::Mort);
    };
    Ok(match (store::arret::arrete(conn, &lien.adresse).await?, lien.servi) {
        (true, _) => Lien::Fait,
        (false, false) => Lien::Ouvert,
        // They undid it since: one link, once.
        (false, true) => Lien::Mort,
    })
}

/// Presses the button of a link, once.
pub(super) async fn par_lien(m: &Mandats, secret: &Secret) -> Result<Lien, Failure> {
    let site = &m.site;
    let reference = reference(site, secret);
    site.db
        .write(async |tx| {
            let now = site.clock.now();
            let Some(lien) = store::arret::lien(tx, &reference, now).await? else { return Ok(()) };
            if store::arret::servir(tx, &reference, now).await? {
                let canal = Canal::Courriel.cle();
                let stop = Stop { ici: &lien.adresse, adresse: None, canal, usager: Some(lien.usager) };
                arreter(m, tx, &stop).await?;
            }
            Ok::<(), Failure>(())
        })
        .await?;
    du_lien(m, secret).await
}

/// Undoes it, for the person in their own space: at an address proved theirs only.
///
/// # Errors
/// The address is not proved theirs; the database.
pub async fn reprendre(m: &Mandats, usager: UsagerId, canal: Canal) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
            let adresse = prouvees(&usager).into_iter().find(|a| a.canal() == canal);
            let adresse = adresse.ok_or_else(|| {
                Refusal::conflict("Confirmez d’abord par un code que cette adresse ou ce numéro est à vous.")
            })?;
            let ici = empreinte(site, &adresse);
            store::arret::tenir_adresse(tx, &ici, site.clock.now()).await?;
            if store::arret::reprendre(tx, &ici).await? {
                let qui = usagers::pseudonyme(site, &usager)?;
                let ligne = Entry::system("consentement.reprendre", "usager", qui);
                journal::write(site, tx, ligne.with(json!({ "canal": canal.cle() }))).await?;
            }
            Ok(())
        })
        .await
}

/// What was proved theirs.
fn prouvees(usager: &Usager) -> Vec<Adresse> {
    let c = &usager.contact;
    let courriel = c.courriel.clone().filter(|_| c.courriel_prouve).map(Adresse::Courriel);
    let telephone = c.telephone.clone().filter(|_| c.telephone_prouve).map(Adresse::Sms);
    courriel.into_iter().chain(telephone).collect()
}

/// Where a person wants no more messages, among what they have; and whether it is proved theirs.
///
/// # Errors
/// The database.
pub async fn arretees(
    site: &Site,
    conn: &impl ConnectionTrait,
    usager: &Usager,
) -> Result<Vec<(Adresse, bool)>, DbErr> {
    let c = &usager.contact;
    let toutes = c.courriel.clone().map(Adresse::Courriel).into_iter();
    let mut arretees = Vec::new();
    for adresse in toutes.chain(c.telephone.clone().map(Adresse::Sms)) {
        if arrete(site, conn, &adresse).await? {
            let prouvee = prouvees(usager).contains(&adresse);
            arretees.push((adresse, prouvee));
        }
    }
    Ok(arretees)
}
