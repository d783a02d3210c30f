//! Asking lieux whether their sheets are right: one message to one address, about its lieux, with a link that confirms.
//!
//! Messages are few: none within a month to one address, three without an answer, none to who said no. The link is a
//! secret of 256 bits of which the database keeps a hash; it opens a page, and only its button confirms: programs that
//! read mail open links, and must not answer for a lieu.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use identity::secrets::link::Secret;
use kernel::ids::LieuId;
use kernel::{Actor, Email, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};
use platform::mail::{self, Genre, Message, Portee};
use serde_json::json;

use super::actions::Failure;
use super::fraicheur::{self, ENTRE_RAPPELS_JOURS, Fraicheur, LIEN_JOURS, RAPPELS_MAX};
use super::model::Gere;
use super::{lecture, rules};
use crate::Annuaire;
use crate::lieux::Etat;
use crate::lieux::standard::Fiche;
use crate::lieux::store::gestion::{self as store, Rappel};

/// Messages that one turn of the job writes: a mail server is not flooded, and the oldest sheets come first.
const PAR_TOUR: usize = 200;
/// Lieux that one turn looks at.
const REGARDES: i64 = 20_000;
/// Lieux of one message: the others wait for the next.
const PAR_COURRIEL: usize = 20;
/// Days between two messages that people ask for by hand, about one lieu.
const ENTRE_DEMANDES_JOURS: i64 = 7;
/// Days after which messages are forgotten: a lieu that never answered may then be asked again.
const MEMOIRE_JOURS: i64 = 400;

/// What tables keep of an address.
fn empreinte(adresse: &Email) -> String {
    kernel::text::sha256_hex(&adresse.as_str().to_lowercase())
}

/// The first address of a sheet.
fn premiere(courriels: &str) -> Option<Email> {
    Fiche::libres(courriels).find_map(|c| Email::parse(c).ok())
}

/// Who is asked about a lieu: the lieu itself, else the main contact of its structure.
async fn destinataire(annuaire: &Annuaire, g: &Gere) -> Result<Option<Email>, Failure> {
    if let Some(adresse) = premiere(&g.lieu.fiche.courriels) {
        return Ok(Some(adresse));
    }
    let Some(structure) = g.structure else { return Ok(None) };
    Ok(crate::structures::courriels_principaux(annuaire.site.db.read(), &[structure])
        .await?
        .remove(&structure))
}

/// When messages about that lieu left since it last changed, newest first.
pub(super) async fn envoyes(annuaire: &Annuaire, id: LieuId) -> Result<Vec<DateTime<Utc>>, Failure> {
    let conn = annuaire.site.db.read();
    let Some(g) = store::geres(conn, &[id]).await?.pop() else { return Ok(Vec::new()) };
    Ok(store::envois_depuis(conn, id, g.lieu.modifie_le).await?)
}

/// The address that may be asked about that lieu now; else why nobody is.
pub(super) async fn peut_demander(annuaire: &Annuaire, g: &Gere) -> Result<Result<Email, Refusal>, Failure> {
    let site = &annuaire.site;
    let conn = site.db.read();
    let non = |phrase: &str| Ok(Err(Refusal::conflict(phrase)));
    if g.lieu.etat != Etat::Ouvert {
        return non("Ce lieu est fermé : rien ne lui est demandé.");
    }
    let Some(adresse) = destinataire(annuaire, g).await? else {
        return non(
            "Ni le lieu ni sa structure n’ont d’adresse électronique : ajoutez-en une pour pouvoir leur demander de \
             confirmer.",
        );
    };
    if store::refuse(conn, &empreinte(&adresse)).await? {
        return non("Ce lieu ne veut plus recevoir ces courriels. Appelez-le pour confirmer sa fiche.");
    }
    let recent = site.clock.now() - TimeDelta::days(ENTRE_DEMANDES_JOURS);
    if !store::envois_depuis(conn, g.id(), recent).await?.is_empty() {
        return non(
            "Un courriel est déjà parti il y a moins de sept jours. Laissez au lieu le temps de répondre.",
        );
    }
    Ok(Ok(adresse))
}

/// Asks one lieu, because a person wants to.
///
/// # Errors
/// A conflict when it cannot, or should not, be asked; refusals of [`rules::may`].
pub(super) async fn demander(annuaire: &Annuaire, actor: &Actor, id: LieuId) -> Result<(), Failure> {
    let g = lecture::ouvrir(annuaire, actor, Verb::ModifierLieux, id).await?;
    rules::may(actor, Verb::ModifierLieux, &g)?;
    let adresse = peut_demander(annuaire, &g).await??;
    let site = &annuaire.site;
    ecrire(site, &adresse, &[(id, g.lieu.fiche.nom.to_string())], Some(actor)).await
}

/// Writes the messages whose time has come, the oldest sheets first; gives how many. Run once a day.
///
/// # Errors
/// The database: what was written stays.
pub(super) async fn tour(annuaire: &Annuaire) -> Result<usize, Failure> {
    let site = &annuaire.site;
    let maintenant = site.clock.now();
    site.db.write(async |tx| store::oublie(tx, maintenant - TimeDelta::days(MEMOIRE_JOURS)).await).await?;
    let conn = site.db.read();
    let (avant, _) = Fraicheur::bornes(kernel::calendrier::jour(&maintenant));
    let recent = maintenant - TimeDelta::days(ENTRE_RAPPELS_JOURS);
    let maximum = i64::try_from(RAPPELS_MAX).unwrap_or(1);
    let candidats = store::candidats(conn, (avant, recent), (maximum, REGARDES)).await?;
    let sans_adresse: Vec<_> =
        candidats.iter().filter(|c| premiere(&c.courriels).is_none()).filter_map(|c| c.structure).collect();
    let contacts = crate::structures::courriels_principaux(conn, &sans_adresse).await?;
    // In the order of the first lieu of each address.
    let mut adresses: Vec<(Email, Vec<LieuId>)> = Vec::new();
    let mut rangs: BTreeMap<String, usize> = BTreeMap::new();
    for c in candidats {
        let Some(adresse) =
            premiere(&c.courriels).or_else(|| c.structure.and_then(|s| contacts.get(&s).cloned()))
        else {
            continue;
        };
        let rang = *rangs.entry(empreinte(&adresse)).or_insert_with(|| {
            adresses.push((adresse, Vec::new()));
            adresses.len() - 1
        });
        if let Some((_, lieux)) = adresses.get_mut(rang)
            && lieux.len() < PAR_COURRIEL
        {
            lieux.push(c.id);
        }
    }
    let mut ecrits = 0;
    for (adresse, lieux) in adresses {
        if ecrits >= PAR_TOUR {
            break;
        }
        let trace = empreinte(&adresse);
        let repos = store::dernier_pour(conn, &trace).await?.is_none_or(|d| d <= recent);
        if !repos || store::refuse(conn, &trace).await? {
            continue;
        }
        let mut noms = Vec::with_capacity(lieux.len());
        for g in store::geres(conn, &lieux).await? {
            let envoyes = store::envois_depuis(conn, g.id(), g.lieu.modifie_le).await?;
            if fraicheur::a_rappeler(g.lieu.fiche.date_maj, &envoyes, maintenant) {
                noms.push((g.id(), format!("{}, {}", g.lieu.fiche.nom, g.lieu.fiche.commune)));
            }
        }
        if !noms.is_empty() {
            ecrire(site, &adresse, &noms, None).await?;
            ecrits += 1;
        }
    }
    Ok(ecrits)
}

/// Writes one message and what its link opens, in one transaction.
async fn ecrire(
    site: &Site,
    adresse: &Email,
    lieux: &[(LieuId, String)],
    par: Option<&Actor>,
) -> Result<(), Failure> {
    let secret = Secret::new(&site.chance);
    let maintenant = site.clock.now();
    let rappel = Rappel {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        jeton: secret.hash(),
        destinataire: empreinte(adresse),
        envoye_le: maintenant,
        expire_le: maintenant + TimeDelta::days(LIEN_JOURS),
        lieux: lieux.iter().map(|(id, _)| (*id, None)).collect(),
    };
    let message = message(site, adresse, lieux, &secret);
    site.db
        .write(async |tx| {
            store::note_rappel(tx, &rappel).await?;
            mail::enqueue(site, tx, &message).await?;
            let ids: Vec<LieuId> = rappel.lieux.iter().map(|(id, _)| *id).collect();
            let entree = match par {
                Some(actor) => Entry::by(actor, "lieu.rappeler", "rappel", rappel.id),
                None => Entry::system("lieu.rappeler", "rappel", rappel.id),
            };
            journal::write(site, tx, entree.with(json!({ "lieux": ids }))).await?;
            Ok::<_, Failure>(())
        })
        .await
}

/// Asks whether sheets are right. It has its own way to be refused: its reader may have no account.
pub(crate) static FRAICHEUR: Genre = Genre {
    cle: "lieu.fraicheur",
    nom: "Cette fiche est-elle toujours juste ?",
    occasion: "Une fiche n’est plus à jour ; ou une personne qui la gère le demande",
    lecteur: "Le lieu, ou le premier contact de sa structure",
    portee: Portee::Necessaire,
    arret: Some(
        "Un message par mois au plus à une adresse, trois sans réponse, aucun à qui a suivi le lien « ne plus recevoir ».",
    ),
    apercu: |site, a| {
        let lieux =
            ["Médiathèque, Guéret", "Mairie, Bonnat"].map(|n| (LieuId(uuid::Uuid::nil()), n.to_owned()));
        Some(message(site, &a, &lieux, &Secret::new(&site.chance)))
    },
};

fn message(site: &Site, adresse: &Email, lieux: &[(LieuId, String)], secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    let lien = format!("/lieux/confirmer/{}", secret.expose());
    let (objet, quoi) = match lieux {
        [(_, un)] => (
            format!("{nom} : cette fiche est-elle toujours juste ?"),
            format!(
                "Des personnes trouvent « {un} » dans l’annuaire des lieux d’aide au numérique. Ses horaires et ses services sont-ils toujours justes ?"
            ),
        ),
        plusieurs => (
            format!("{nom} : ces fiches sont-elles toujours justes ?"),
            format!(
                "Des personnes trouvent ces {} lieux dans l’annuaire des lieux d’aide au numérique. Leurs horaires et leurs services sont-ils toujours justes ?\n\n{}",
                plusieurs.len(),
                plusieurs.iter().map(|(_, n)| format!("- {n}")).collect::<Vec<_>>().join("\n")
            ),
        ),
    };
    let paragraphes = [
        "Bonjour,".to_owned(),
        quoi,
        "Ouvrez cette page : un bouton suffit pour le confirmer, un autre pour dire ce qui a changé. Il n’y a pas de compte à créer.".to_owned(),
        site.url(&lien),
        format!("Ce lien sert pendant {LIEN_JOURS} jours."),
        "Pour ne plus recevoir ces courriels à cette adresse :".to_owned(),
        site.url(&format!("{lien}/arreter")),
    ];
    Message { genre: &FRAICHEUR, to: adresse.clone(), subject: objet, text: paragraphes.join("\n\n") }
}

/// What a link opens, while it works.
///
/// # Errors
/// [`Refusal::NotFound`] when it is none of ours; a conflict when it is over.
pub(super) async fn ouvrir(annuaire: &Annuaire, jeton: &str) -> Result<Rappel, Failure> {
    let secret = Secret::parse(jeton).ok_or(Refusal::NotFound)?;
    let rappel = store::rappel(annuaire.site.db.read(), &secret.hash()).await?.ok_or(Refusal::NotFound)?;
    if rappel.expire_le <= annuaire.site.clock.now() {
        return Err(Refusal::conflict(
            "Ce lien ne sert plus : il a plus d’un mois. Vous recevrez un autre courriel si la fiche doit encore être \
             confirmée.",
        )
        .into());
    }
    Ok(rappel)
}

/// The address of that link wants no more messages. A second time changes nothing.
///
/// # Errors
/// As [`ouvrir`].
pub(super) async fn arreter(annuaire: &Annuaire, jeton: &str) -> Result<(), Failure> {
    let rappel = ouvrir(annuaire, jeton).await?;
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            store::note_refus(tx, &rappel.destinataire, site.clock.now()).await?;
            journal::write(site, tx, Entry::system("lieu.arreter_rappels", "rappel", rappel.id)).await?;
            Ok(())
        })
        .await
}

/// The lieux that a link speaks of, as they are now, and when each was confirmed by it.
pub(super) async fn lieux(
    annuaire: &Annuaire,
    rappel: &Rappel,
) -> Result<Vec<(Arc<Gere>, Option<DateTime<Utc>>)>, Failure> {
    let ids: Vec<LieuId> = rappel.lieux.iter().map(|(id, _)| *id).collect();
    let geres = store::geres(annuaire.site.db.read(), &ids).await?;
    let quand = |id| rappel.lieux.iter().find(|(l, _)| *l == id).and_then(|(_, q)| *q);
    Ok(geres.into_iter().map(|g| (quand(g.id()), Arc::new(g))).map(|(q, g)| (g, q)).collect())
}
