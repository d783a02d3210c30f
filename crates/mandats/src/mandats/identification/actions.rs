//! Sending the link, taking the identity that comes back, giving up.

use identity::secrets::link::Secret;
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::sms::{self, Sms};
use platform::{Site, Tx, mail};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::model::{DUREE, ENTRE_DEUX, ENVOIS, Etat, Identification, IdentificationId};
use super::{courriels, store};
use crate::aidants::{self, EtatAidant};
use crate::consentements::{self, Adresse};
use crate::franceconnect::{self, But, Navigateur};
use crate::mandats::actions;
use crate::mandats::brouillon::{self, Brouillon};
use crate::mandats::{rules, store as mandats};
use crate::{Failure, Mandats, organisations, usagers};

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
        .write_again(|| {
            async |tx: &Tx| {
                let a = actions::tenir_agissant(m, tx, actor).await?;
                let b = actions::ouvrir(tx, &a, actor, brouillon).await?;
                if b.mandat.is_some() {
                    return Err(Refusal::conflict("Ce mandat est déjà fait.").into());
                }
                let avant = store::du_brouillon(tx, b.id).await?;
                let ici = (b, avant, organisation);
                match (geste, &ici.1) {
                    (Geste::Envoyer(adresse), _) => envoyer(m, tx, actor, ici, adresse).await,
                    (_, None) => Err(Refusal::NotFound.into()),
                    (Geste::Renvoyer, Some(i)) => {
                        let adresse = i.adresse.clone();
                        envoyer(m, tx, actor, ici, &adresse).await
                    }
                    (Geste::Arreter, Some(i)) => {
                        if !store::finir(tx, i.id, Etat::Arretee).await? {
                            return Err(Refusal::conflict(
                                "Le lien ne servait déjà plus. Relisez cette page.",
                            )
                            .into());
                        }
                        noter(&m.site, tx, Some(actor), "identification.arreter", i).await
                    }
                    (Geste::Ecarter, Some(i)) => ecarter(m, tx, actor, ici.0, i).await,
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
    if rules::identifiee(b.identifie_le, now) {
        return Err(Refusal::conflict("Cette personne est déjà identifiée.").into());
    }
    if consentements::demande(tx, b.id).await? {
        return Err(Refusal::conflict(ACCORD_DEMANDE).into());
    }
    // Held until the end: who says STOP at this instant waits for this, or this for them.
    consentements::permet(site, tx, adresse).await?;
    if let Some(i) = &avant {
        if i.etat == Etat::Refusee && i.adresse == *adresse {
            return Err(Refusal::conflict(
                "Qui a reçu le lien à cette adresse ou à ce numéro dit n’avoir rien demandé : nous n’y écrivons plus pour ce mandat.",
            )
            .into());
        }
        if i.envoyee_le > now - ENTRE_DEUX {
            return Err(Refusal::conflict(
                "Le message n’est pas reparti : attendez une minute entre deux envois.",
            )
            .into());
        }
    }
    let empreinte = consentements::empreinte(site, adresse);
    if store::vers(tx, &empreinte, now - DUREE).await? >= ENVOIS {
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
        envoyee_le: now,
        expire_le: now + DUREE,
    };
    store::ecrire(tx, &i, (&empreinte, &lien.hash())).await?;
    store::compter(tx, &empreinte, now).await?;
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

const ACCORD_DEMANDE: &str =
    "Un accord a déjà été demandé à cette personne. Abandonnez ce mandat, et faites-en un nouveau.";

/// Forgets who identified themselves: nothing was offered to them yet, or all of it is to be begun again. Whom nobody knew
/// before is erased.
async fn ecarter(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    mut b: Brouillon,
    i: &Identification,
) -> Result<(), Failure> {
    let site = &m.site;
    let usager = match b.usager {
        // Held: nothing is offered to them meanwhile.
        Some(usager) => usagers::store::tenir(tx, usager).await?,
        None => None,
    };
    if consentements::demande(tx, b.id).await? {
        return Err(Refusal::conflict(ACCORD_DEMANDE).into());
    }
    if !store::ecarter(tx, i.id).await? {
        return Err(Refusal::conflict("Personne ne s’est identifié par ce lien.").into());
    }
    b.identifie_le = None;
    // Who renews a mandat knows for whom.
    let renouvelle = b.renouvelle.is_some();
    if !renouvelle {
        b.usager = None;
    }
    b.choix.atteste = false;
    let structure = b.structure;
    actions::toucher(m, tx, b).await?;
    if let Some(usager) = usager {
        let qui = usagers::pseudonyme(site, &usager)?;
        let ligne = Entry::by(actor, "identification.ecarter", "usager", qui);
        journal::write(site, tx, ligne.with(json!({ "structure": structure }))).await?;
        if !renouvelle && usager.cree_le >= i.envoyee_le && mandats::seul(tx, usager.id).await? {
            usagers::store::effacer(tx, usager.id).await?;
        }
    }
    Ok(())
}

/// Nothing of a draft comes by a link any more. Once its person is there (`aussi_faite`), who came by one does not count.
///
/// # Errors
/// The database.
pub(in crate::mandats) async fn clore(tx: &Tx, brouillon: Uuid, aussi_faite: bool) -> Result<(), DbErr> {
    store::clore(tx, brouillon, aussi_faite).await
}

/// Whoever has the address of that print wants no more messages.
///
/// # Errors
/// The database.
pub(crate) async fn arreter(tx: &Tx, empreinte: &str) -> Result<(), DbErr> {
    store::arreter(tx, empreinte).await
}

/// Forgets how often addresses were written to, a day later.
///
/// # Errors
/// The database.
pub(in crate::mandats) async fn oublier(tx: &Tx, now: chrono::DateTime<chrono::Utc>) -> Result<(), DbErr> {
    store::decompter(tx, now - DUREE).await
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
        .write_again(|| {
            async |tx: &Tx| {
                let i = store::du_lien(tx, &lien.hash()).await?;
                let Some(i) = i.filter(|i| i.etat(site.clock.now()) == Etat::Envoyee) else {
                    return Ok(false);
                };
                // First: it holds the address, as whoever sends a link does.
                if stop {
                    consentements::arreter_ici(m, tx, &i.adresse).await?;
                } else if !store::finir(tx, i.id, Etat::Refusee).await? {
                    return Ok(false);
                }
                noter(site, tx, None, "identification.refuser", &i).await?;
                Ok(true)
            }
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

/// The draft that waits for that person, or the mandat that it became; none when who sent the link may not make mandats for
/// that organisation any more.
pub(super) async fn projet(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    i: &Identification,
) -> Result<Option<Brouillon>, Failure> {
    let Some(b) = brouillon::attendu(conn, i.brouillon).await? else { return Ok(None) };
    let organisation = organisations::store::lire(conn, b.structure).await?;
    let aidant = aidants::store::du_compte(conn, b.compte).await?.filter(|a| a.etat == EtatAidant::Actif);
    let Some(aidant) = aidant.filter(|_| organisation.is_some_and(|o| o.active(m.jour()))) else {
        return Ok(None);
    };
    let membre = aidants::store::appartenance(conn, aidant.id, b.structure).await?.is_some();
    Ok(Some(b).filter(|_| membre))
}

/// What is said when FranceConnect names somebody who may not give this mandat: who is expected is not for whoever reads to
/// know.
const PAS_POUR_ELLE: &str = "Cette identification ne peut pas servir pour ce mandat : il faut être majeur, et être la \
                             personne que l’aidant attend. Voyez-le avec votre aidant.";

/// Takes the identity that this browser brings back, once, and gives it to the draft. False when none waits.
pub(super) async fn identifier(
    m: &Mandats,
    nav: &Navigateur,
    id: IdentificationId,
    (retour, identification): (&str, &str),
) -> Result<bool, Failure> {
    let now = m.site.clock.now();
    let arretee = || {
        Refusal::conflict(
            "Votre aidant a arrêté cette demande, ou le lien a été ouvert sur un autre appareil.",
        )
    };
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let i = du_navigateur(tx, id, nav).await?.filter(|i| i.etat(now) == Etat::Envoyee);
                let Some(i) = i else { return Ok(false) };
                let pour = (But::Consentement, retour);
                let Some(qui) = franceconnect::prendre(m, tx, pour, identification, nav).await? else {
                    return Ok(false);
                };
                // Before the draft, as whoever sends a link does.
                if !store::aboutir(tx, i.id, i.navigateur.as_deref().unwrap_or_default()).await? {
                    return Err(arretee().into());
                }
                let b = projet(m, tx, &i).await?.filter(|b| b.mandat.is_none()).ok_or_else(arretee)?;
                if rules::identifiee(b.identifie_le, now) || consentements::demande(tx, b.id).await? {
                    return Err(Refusal::conflict("Quelqu’un s’est déjà identifié pour ce mandat.").into());
                }
                let fait = actions::identifier_de_loin(m, tx, b, (&qui.sub, &qui.identite, qui.quand)).await;
                fait.map_err(|e| match e {
                    Failure::Refusal(Refusal::Conflict(_)) => Refusal::conflict(PAS_POUR_ELLE).into(),
                    autre => autre,
                })?;
                Ok(true)
            }
        })
        .await
}
