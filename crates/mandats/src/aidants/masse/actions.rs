//! What a list would do, confirming it, dealing with each address.

use std::collections::HashSet;

use kernel::ids::uuid_v7;
use kernel::{Actor, Email, Refusal, Verb};
use platform::Tx;
use platform::jobs;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{ADRESSES_MAX, EtatLigne, GARDE, Ligne, Lot, PAR_TOUR, Traiter, store};
use crate::aidants::gestion::{part, voit};
use crate::aidants::model::{Aidant, EtatAidant};
use crate::aidants::regles::{self, Qui};
use crate::aidants::{registre, store as aidants, vie};
use crate::empreinte::Empreinte;
use crate::{Failure, Mandats};

/// Why it was done, in the history of each person.
const MOTIF: &str = "Liste d’adresses";
const INCONNUE: &str = "Aucune personne de cette adresse dans votre territoire.";

/// The addresses of what was pasted, one by one.
///
/// # Errors
/// A refusal of the field when there are none, or too many.
pub(super) fn adresses(texte: &str) -> Result<Vec<String>, Refusal> {
    let lues: Vec<String> = texte
        .split([',', ';', '\n', '\r', ' ', '\t'])
        .filter(|a| !a.is_empty())
        .take(ADRESSES_MAX + 1)
        .map(|a| a.chars().take(120).collect())
        .collect();
    if lues.is_empty() || lues.len() > ADRESSES_MAX {
        let phrase = format!("Collez entre une et {ADRESSES_MAX} adresses, une par ligne.");
        return Err(Refusal::field("adresses", phrase));
    }
    Ok(lues)
}

/// What would be done to each address now; nothing is changed.
///
/// # Errors
/// The database.
pub(super) async fn apercu(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    vers: EtatAidant,
    adresses: &[String],
) -> Result<Vec<Ligne>, Failure> {
    let mut vues = HashSet::new();
    let mut out = Vec::with_capacity(adresses.len());
    for (rang, adresse) in (0..).zip(adresses) {
        let lu = match Email::parse(adresse) {
            Err(sentence) => Err(sentence.to_string()),
            Ok(courriel) if !vues.insert(courriel.key()) => {
                Err("Cette adresse est déjà plus haut dans la liste.".to_owned())
            }
            Ok(courriel) => vise(conn, actor, vers, &courriel).await?,
        };
        let (aidant, etat, phrase) = match lu {
            Ok((a, phrase)) => (Some(a.id), EtatLigne::Attente, phrase),
            Err(phrase) => (None, EtatLigne::Refuse, phrase),
        };
        out.push(Ligne { rang, adresse: adresse.clone(), aidant, etat, phrase });
    }
    Ok(out)
}

/// Who that address is, with what would happen to them; or why nothing would.
async fn vise(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    vers: EtatAidant,
    courriel: &Email,
) -> Result<Result<(Aidant, String), String>, Failure> {
    let Some(a) = aidants::du_courriel(conn, courriel).await? else { return Ok(Err(INCONNUE.to_owned())) };
    if !voit(conn, actor, a.id).await? {
        return Ok(Err(INCONNUE.to_owned()));
    }
    if let Err(refus) = regles::passage(a.etat, vers, Qui::Equipe) {
        return Ok(Err(refus.to_string()));
    }
    if vers == EtatAidant::Actif {
        if registre::ouvertes(conn, a.id).await?.is_empty() {
            return Ok(Err("Cette personne ne fait partie d’aucune organisation.".to_owned()));
        }
        let ferme = match a.compte {
            Some(compte) => identity::facteurs(conn, compte).await?.is_some_and(|f| f.ferme),
            None => false,
        };
        if ferme {
            return Ok(Err(
                "Son compte est fermé par l’administration : elle seule peut le rouvrir.".to_owned()
            ));
        }
    }
    let phrase = format!("{} : {} → {}", a.nom_complet(), a.etat.nom(), vers.nom());
    Ok(Ok((a, phrase)))
}

/// A print of what was shown: what is confirmed is what was read.
pub(super) fn empreinte(vers: EtatAidant, lignes: &[Ligne]) -> String {
    let mut tout = vers.cle().to_owned();
    for l in lignes {
        tout.push_str(&format!("\n{}|{}|{}", l.adresse, l.etat.cle(), l.phrase));
    }
    Empreinte::de(tout.as_bytes()).court()
}

/// Confirms a list that was shown: what it says now must be what was shown. A job then deals with it.
///
/// # Errors
/// A conflict when something changed since it was shown; a refusal when nothing would be done.
pub(super) async fn lancer(
    m: &Mandats,
    actor: &Actor,
    vers: EtatAidant,
    (adresses, vu): (&[String], &str),
) -> Result<Uuid, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let site = &m.site;
    site.db
        .write(async |tx| {
            let lignes = apercu(tx, actor, vers, adresses).await?;
            if empreinte(vers, &lignes) != vu {
                return Err(Refusal::conflict(
                    "La situation de quelqu’un de la liste a changé depuis l’aperçu. Relisez-le, puis confirmez.",
                )
                .into());
            }
            let a_faire = lignes.iter().filter(|l| l.etat == EtatLigne::Attente).count();
            if a_faire == 0 {
                let phrase = "Rien n’est à faire pour ces adresses : l’aperçu dit pourquoi.";
                return Err(Refusal::field("adresses", phrase).into());
            }
            let lot = Lot {
                id: uuid_v7(&site.clock, &site.chance),
                vers,
                par: actor.compte,
                perimetre: part(actor),
                cree_le: site.clock.now(),
                fini_le: None,
            };
            store::inserer(tx, &lot, &lignes).await?;
            jobs::enqueue(site, tx, &Traiter { lot: lot.id }).await?;
            let facts = json!({ "vers": vers.cle(), "adresses": lignes.len(), "a_faire": a_faire });
            journal::write(site, tx, Entry::by(actor, "aidant.masse.lancer", "masse", lot.id).with(facts)).await?;
            Ok(lot.id)
        })
        .await
}

/// One turn. Killed in the middle, it is done again: what was done is not done twice.
///
/// # Errors
/// The database.
pub(crate) async fn tour(m: &Mandats, lot: Uuid) -> Result<(), Failure> {
    let Some(lot) = store::lot(m.site.db.read(), lot).await? else { return Ok(()) };
    for ligne in store::lignes(m.site.db.read(), lot.id, true, PAR_TOUR).await? {
        une(m, &lot, &ligne).await?;
    }
    let site = &m.site;
    site.db
        .write(async |tx| {
            if store::lignes(tx, lot.id, true, 1).await?.is_empty() {
                store::clore(tx, lot.id, site.clock.now()).await?;
            } else {
                jobs::enqueue(site, tx, &Traiter { lot: lot.id }).await?;
            }
            Ok(())
        })
        .await
}

/// One address: the act and its line in one transaction; what a rule refuses is written instead.
async fn une(m: &Mandats, lot: &Lot, ligne: &Ligne) -> Result<(), Failure> {
    let fait = m.site.db.write(async |tx| agir(m, tx, lot, ligne).await).await;
    let phrase = match fait {
        Ok(()) => return Ok(()),
        Err(Failure::Refusal(Refusal::NotFound)) => INCONNUE.to_owned(),
        Err(Failure::Refusal(r) | Failure::Compte(identity::Error::Refused(r))) => r.to_string(),
        Err(autre) => return Err(autre),
    };
    m.site
        .db
        .write(async |tx| {
            store::dire(tx, lot.id, ligne.rang, EtatLigne::Refuse, &phrase).await?;
            Ok(())
        })
        .await
}

async fn agir(m: &Mandats, tx: &Tx, lot: &Lot, ligne: &Ligne) -> Result<(), Failure> {
    let (actor, id) = (lot.acteur(), ligne.aidant.ok_or(Refusal::NotFound)?);
    if !voit(tx, &actor, id).await? {
        return Err(Refusal::NotFound.into());
    }
    // Marked first: a second turn at the same instant finds it taken, and does nothing.
    if !store::dire(tx, lot.id, ligne.rang, EtatLigne::Fait, "").await? {
        return Ok(());
    }
    let a = vie::changer(m, tx, id, lot.vers, MOTIF, Some(&actor)).await?;
    let phrase = format!("{} : {}", a.nom_complet(), a.etat.nom());
    let sql = "UPDATE aidant_masse_ligne SET phrase = $3 WHERE lot_id = $1 AND rang = $2";
    platform::db::kit::execute(tx, sql, [lot.id.into(), ligne.rang.into(), phrase.into()]).await?;
    Ok(())
}

/// Forgets reports that are a year old.
///
/// # Errors
/// The database.
pub(crate) async fn oublier(m: &Mandats) -> Result<(), Failure> {
    let avant = m.site.clock.now() - GARDE;
    m.site.db.write(async |tx| Ok(store::oublier(tx, avant).await.map(drop)?)).await
}
