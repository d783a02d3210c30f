//! People whose account is open and who have nothing to prove who they are with: no passkey, no application, no card. They
//! cannot act; their référents are told, and reminders stop by themselves (domain, 3.20, message 24).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Email;
use kernel::ids::{CompteId, StructureId};
use platform::db::kit;
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::{DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::{mails, registre};
use crate::{Failure, Mandats};

/// Time before the first reminder, and between two; most of them, as long as somebody has nothing.
const ENTRE: TimeDelta = TimeDelta::days(14);
const PLUS: i64 = 4;
/// People looked at in one go.
const LOT: i64 = 500;
/// People named in one message.
const NOMMES: usize = 10;

#[derive(FromQueryResult)]
struct Qui {
    id: Uuid,
    structure_id: Uuid,
    compte_id: Uuid,
    prenom: String,
    nom: String,
}

/// Who has nothing to sign in with, by organisation; who only looks after others has their own message.
async fn sans(m: &Mandats, now: DateTime<Utc>) -> Result<BTreeMap<Uuid, Vec<String>>, Failure> {
    let conn = m.site.db.read();
    let sql = "SELECT a.id, p.structure_id, a.compte_id, a.prenom, a.nom FROM aidant a \
               JOIN aidant_appartenance p ON p.aidant_id = a.id AND p.fin IS NULL AND p.fait_mandats AND NOT p.referent \
               JOIN organisation_habilitee o ON o.structure_id = p.structure_id AND o.desactivee_le IS NULL \
               WHERE a.etat = 'actif' AND a.compte_id IS NOT NULL AND a.etat_le <= $1 \
               AND (a.id > $2 OR (a.id = $2 AND p.structure_id > $3)) ORDER BY a.id, p.structure_id LIMIT $4";
    let (mut apres, mut par) = ((Uuid::nil(), Uuid::nil()), BTreeMap::<Uuid, Vec<String>>::new());
    loop {
        let lot: Vec<Qui> =
            kit::query_as(conn, sql, [(now - ENTRE).into(), apres.0.into(), apres.1.into(), LOT.into()])
                .await?;
        let Some(dernier) = lot.last() else { return Ok(par) };
        apres = (dernier.id, dernier.structure_id);
        let comptes: Vec<CompteId> = lot.iter().map(|q| CompteId(q.compte_id)).collect();
        let vus = identity::vus(conn, &comptes).await?;
        for q in &lot {
            let compte = CompteId(q.compte_id);
            // Whoever came once had something.
            if vus.contains_key(&compte) {
                continue;
            }
            let Some(f) = identity::facteurs(conn, compte).await? else { continue };
            let rien = !f.ferme && !f.mot_de_passe && f.cles == 0 && !f.proconnect;
            if rien && identity::cartes::du_compte(conn, compte).await?.is_none() {
                par.entry(q.structure_id).or_default().push(format!("{} {}", q.prenom, q.nom));
            }
        }
    }
}

#[derive(FromQueryResult)]
struct Rappel {
    structure_id: Uuid,
    nombre: i64,
    dernier_le: DateTime<Utc>,
}

/// Tells référents, every [`ENTRE`], [`PLUS`] times at most; the count begins again once nobody is left. Gives how many
/// messages leave.
///
/// # Errors
/// The database.
pub(super) async fn sans_moyen(m: &Mandats) -> Result<usize, Failure> {
    let now = m.site.clock.now();
    let par = sans(m, now).await?;
    let sql = "SELECT structure_id, nombre, dernier_le FROM aidant_rappel_moyens";
    let dits: Vec<Rappel> = kit::query_as(m.site.db.read(), sql, []).await?;
    let finis: Vec<Uuid> = dits.iter().map(|d| d.structure_id).filter(|s| !par.contains_key(s)).collect();
    if !finis.is_empty() {
        m.site.db.write(async |tx| oublier(tx, &finis).await).await?;
    }
    let mut envoyes = 0;
    for (structure, mut noms) in par {
        let dit = dits.iter().find(|d| d.structure_id == structure);
        let nombre = dit.map_or(0, |d| d.nombre);
        if nombre >= PLUS || dit.is_some_and(|d| now - d.dernier_le < ENTRE) {
            continue;
        }
        noms.sort();
        let ou = StructureId(structure);
        envoyes += m.site.db.write(async |tx| une(m, tx, (ou, &noms), (nombre + 1, now)).await).await?;
    }
    Ok(envoyes)
}

async fn oublier(tx: &Tx, structures: &[Uuid]) -> Result<(), DbErr> {
    for s in structures {
        kit::execute(tx, "DELETE FROM aidant_rappel_moyens WHERE structure_id = $1", [(*s).into()]).await?;
    }
    Ok(())
}

async fn une(
    m: &Mandats,
    tx: &Tx,
    (structure, noms): (StructureId, &[String]),
    (nombre, now): (i64, DateTime<Utc>),
) -> Result<usize, Failure> {
    let nom = mails::nom_de(m, structure).await?;
    let referents = registre::referents(tx, structure).await?;
    for r in &referents {
        mail::enqueue(&m.site, tx, &moyens(&m.site, r.courriel.clone(), &nom, noms)).await?;
    }
    let values: [Value; 3] = [structure.0.into(), nombre.into(), now.into()];
    let sql = "INSERT INTO aidant_rappel_moyens (structure_id, nombre, dernier_le) VALUES ($1, $2, $3) \
               ON CONFLICT (structure_id) DO UPDATE SET nombre = excluded.nombre, dernier_le = excluded.dernier_le";
    kit::execute(tx, sql, values).await?;
    Ok(referents.len())
}

pub(super) static MOYENS: Genre = Genre {
    cle: "aidant.sans_moyen",
    nom: "Des aidants sans carte ni autre moyen de connexion",
    occasion: "Tous les quatorze jours, tant que des aidants au compte ouvert n’ont ni carte à codes, ni application, ni clé d’accès",
    lecteur: "Les référents de leur organisation",
    portee: Portee::Informe,
    arret: Some("Après quatre rappels, ou dès que chacun a un moyen"),
    apercu: |site, a| {
        let noms = ["Noé Essai".to_owned(), "Ophélie Essai".to_owned()];
        Some(moyens(site, a, "Maison d’essai", &noms))
    },
};

fn moyens(site: &Site, to: Email, organisation: &str, noms: &[String]) -> Message {
    let qui = kernel::text::compte(
        noms.len() as u64,
        "aidant ne peut pas se connecter",
        "aidants ne peuvent pas se connecter",
    );
    let mut liste: Vec<String> = noms.iter().take(NOMMES).map(|n| format!("- {n}")).collect();
    if noms.len() > NOMMES {
        liste.push("- et d’autres".to_owned());
    }
    let text = [
        "Bonjour,".to_owned(),
        format!("Dans l’organisation {organisation}, {qui} : ni carte à codes, ni application, ni clé d’accès."),
        liste.join("\n"),
        "Leur invitation les attend dans leur messagerie. Si elle ne sert plus, demandez sur leur fiche de rétablir leur accès. Qui n’a \
         pas de téléphone peut recevoir une carte à codes : associez-la aussi sur sa fiche."
            .to_owned(),
        site.url("/referent/personnes"),
    ];
    let subject = format!("{} : {qui}", site.config.marque.nom);
    Message { genre: &MOYENS, to, subject, text: text.join("\n\n") }
}
