//! Sending the link, taking the identity that comes back, giving up.

use identity::secrets::link::Secret;
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::sms::{self, Sms};
use platform::{Site, Tx, mail};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::model::{BROUILLONS, DUREE, ENTRE_DEUX, ENVOIS, Etat, Identification, IdentificationId};
use super::{courriels, store};
use crate::consentements::{self, Adresse};
use crate::franceconnect::{self, But, Navigateur};
use crate::mandats::actions;
use crate::mandats::brouillon::{self, Brouillon};
use crate::{Failure, Mandats, usagers};

/// What an aidant does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::mandats) enum Geste {
    /// Sends the link, for the first time or to another address.
    Envoyer(Adresse),
    /// Sends another link to the same address.
    Renvoyer,
    /// Waits no more.
    Arreter,
    /// Who identified themselves is not who they speak with.
    Ecarter,
}

/// What a draft asked for.
///
/// # Errors
/// The database.
pub(in crate::mandats) async fn du_brouillon(
    conn: &impl ConnectionTrait,
    brouillon: Uuid,
) -> Result<Option<Identification>, DbErr> {
    store::du_brouillon(conn, brouillon).await
}

/// Does it, for the aidant whose draft it is; `organisation` is what the message calls theirs.
///
/// # Errors
/// A refusal that says what to do; the database.
pub(in crate::mandats) async fn agir(
    m: &Mandats,
    actor: &Actor,
    brouillon: Uuid,
    (geste, organisation): (&Geste, &str),
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = actions::tenir_agissant(m, tx, actor).await?;
            let b = actions::ouvrir(tx, &a, actor, brouillon).await?;
            if b.mandat.is_some() {
                return Err(Refusal::conflict("Ce mandat est déjà fait.").into());
            }
            let avant = store::du_brouillon(tx, b.id).await?;
            match geste {
                Geste::Envoyer(adresse) => envoyer(m, tx, actor, (b, avant, organisation), adresse).await,
                Geste::Renvoyer => {
                    let avant = avant.ok_or(Refusal::NotFound)?;
                    let adresse = avant.adresse.clone();
                    envoyer(m, tx, actor, (b, Some(avant), organisation), &adresse).await
                }
                Geste::Arreter => {
                    let avant = avant.ok_or(Refusal::NotFound)?;
                    if store::finir(tx, avant.id, (Etat::Envoyee, Etat::Arretee)).await? {
                        noter(&m.site, tx, Some(actor), "identification.arreter", &avant).await?;
                    }
                    Ok(())
                }
                Geste::Ecarter => {
                    let avant = avant.ok_or(Refusal::NotFound)?;
                    ecarter(m, tx, actor, b, &avant).await
                }
            }
        })
        .await
}

async fn envoyer(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    (b, avant, organisation): (Brouillon, Option<Identification>, &str),
    adresse: &Adresse,
) -> Result<(), Failure> {
    let site = &m.site;
    let now = site.clock.now();
    if b.identifie_le.is_some() {
        return Err(Refusal::conflict("Cette personne est déjà identifiée.").into());
    }
    consentements::permet(site, tx, adresse).await?;
    let envois = avant.as_ref().map_or(0, |i| i.envois);
    if avant.as_ref().is_some_and(|i| envois >= ENVOIS || i.envoyee_le > now - ENTRE_DEUX) {
        return Err(Refusal::conflict(
            "Le message n’est pas reparti : attendez une minute entre deux envois, et cinq envois suffisent.",
        )
        .into());
    }
    let empreinte = site.secrets.fingerprint("mandat.identification", &adresse.texte().to_lowercase());
    if store::vers(tx, (&empreinte, b.id), now - DUREE).await? >= BROUILLONS {
        return Err(Refusal::conflict(
            "Plusieurs messages sont déjà partis aujourd’hui vers cette adresse ou ce numéro. Vérifiez-le avec la personne, ou \
             réessayez demain.",
        )
        .into());
    }
    let lien = Secret::new(&site.chance);
    let i = Identification {
        id: avant.map_or_else(|| IdentificationId::new(&site.clock, &site.chance), |i| i.id),
        brouillon: b.id,
        adresse: adresse.clone(),
        etat: Etat::Envoyee,
        navigateur: None,
        envois: envois + 1,
        envoyee_le: now,
        expire_le: now + DUREE,
    };
    store::ecrire(tx, &i, (&empreinte, &lien.hash())).await?;
    match adresse {
        Adresse::Courriel(a) => {
            mail::enqueue(site, tx, &courriels::message(site, a, organisation, &lien)).await?
        }
        Adresse::Sms(t) | Adresse::Appel(t, _) => {
            let text = courriels::sms(site, organisation, &lien);
            sms::enqueue(site, tx, &Sms { to: t.clone(), text, until: i.expire_le }).await?;
        }
    }
    // The draft lives as long as its link.
    actions::toucher(m, tx, b).await?;
    noter(site, tx, Some(actor), "identification.envoyer", &i).await
}

/// Forgets who identified themselves: nothing was offered to them yet, or all of it is to be begun again.
async fn ecarter(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    mut b: Brouillon,
    i: &Identification,
) -> Result<(), Failure> {
    let site = &m.site;
    if consentements::demande(tx, b.id).await? {
        return Err(Refusal::conflict(
            "Un accord a déjà été demandé à cette personne. Abandonnez ce mandat, et faites-en un nouveau.",
        )
        .into());
    }
    if !store::finir(tx, i.id, (Etat::Faite, Etat::Arretee)).await? {
        return Err(Refusal::conflict("Personne ne s’est identifié par ce lien.").into());
    }
    let usager = match b.usager {
        Some(usager) => usagers::store::lire(tx, usager).await?,
        None => None,
    };
    b.identifie_le = None;
    // Who renews a mandat knows for whom.
    if b.renouvelle.is_none() {
        b.usager = None;
    }
    b.choix.atteste = false;
    let structure = b.structure;
    actions::toucher(m, tx, b).await?;
    if let Some(usager) = usager {
        let qui = usagers::pseudonyme(site, &usager)?;
        let ligne = Entry::by(actor, "identification.ecarter", "usager", qui);
        journal::write(site, tx, ligne.with(json!({ "structure": structure }))).await?;
    }
    Ok(())
}

async fn noter(
    site: &Site,
    tx: &Tx,
    actor: Option<&Actor>,
    action: &'static str,
    i: &Identification,
) -> Result<(), Failure> {
    let ligne = match actor {
        Some(actor) => Entry::by(actor, action, "brouillon", i.brouillon),
        None => Entry::system(action, "brouillon", i.brouillon),
    };
    journal::write(site, tx, ligne.with(json!({ "canal": i.adresse.canal().cle() }))).await?;
    Ok(())
}

/// The identification of a link, while it serves.
pub(super) async fn du_lien(m: &Mandats, lien: &Secret) -> Result<Option<Identification>, Failure> {
    let i = store::du_lien(m.site.db.read(), &lien.hash()).await?;
    Ok(i.filter(|i| i.etat(m.site.clock.now()) == Etat::Envoyee))
}

/// Ties the link to the browser that leaves for FranceConnect. Who opens it on another device goes on there: the first one's
/// return is awaited no more.
pub(super) async fn ouvrir(m: &Mandats, lien: &Secret, nav: &Navigateur) -> Result<bool, Failure> {
    let Some(navigateur) = nav.empreinte() else { return Ok(false) };
    let now = m.site.clock.now();
    let tenu =
        m.site.db.write(async |tx| store::tenir_navigateur(tx, &lien.hash(), &navigateur, now).await).await?;
    Ok(tenu)
}

/// Whoever got the link asked for nothing; with `stop`, they want no more messages at that address.
pub(super) async fn refuser(m: &Mandats, lien: &Secret, stop: bool) -> Result<bool, Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let i = store::du_lien(tx, &lien.hash()).await?;
            let Some(i) = i.filter(|i| i.etat(site.clock.now()) == Etat::Envoyee) else { return Ok(false) };
            if !store::finir(tx, i.id, (Etat::Envoyee, Etat::Refusee)).await? {
                return Ok(false);
            }
            noter(site, tx, None, "identification.refuser", &i).await?;
            if stop {
                consentements::arreter_ici(m, tx, &i.adresse).await?;
            }
            Ok(true)
        })
        .await
}

/// The identification that this browser opened.
pub(super) async fn du_navigateur(
    conn: &impl ConnectionTrait,
    id: IdentificationId,
    nav: &Navigateur,
) -> Result<Option<Identification>, DbErr> {
    let i = store::lire(conn, id).await?;
    Ok(i.filter(|i| i.navigateur.is_some() && i.navigateur == nav.empreinte()))
}

/// The draft that waits for that person.
pub(super) async fn projet(m: &Mandats, i: &Identification) -> Result<Option<Brouillon>, Failure> {
    Ok(brouillon::attendu(m.site.db.read(), i.brouillon).await?)
}

/// Takes the identity that this browser brings back, once, and gives it to the draft. False when none waits.
pub(super) async fn identifier(
    m: &Mandats,
    nav: &Navigateur,
    id: IdentificationId,
    identification: &str,
) -> Result<bool, Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let i = du_navigateur(tx, id, nav).await?.filter(|i| i.etat(now) == Etat::Envoyee);
            let Some(i) = i else { return Ok(false) };
            let Some(qui) = franceconnect::prendre(m, tx, But::Consentement, identification, nav).await?
            else {
                return Ok(false);
            };
            actions::identifier_de_loin(m, tx, i.brouillon, (&qui.sub, &qui.identite, qui.quand)).await?;
            if !store::finir(tx, i.id, (Etat::Envoyee, Etat::Faite)).await? {
                // The aidant gave up at this instant.
                return Err(Refusal::conflict("Votre aidant a arrêté cette demande.").into());
            }
            Ok(true)
        })
        .await
}
