//! What is done to mandats, each in one transaction: authorised, decided, saved, written in the journal, told to the
//! person.

use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::brouillon::{self, Brouillon, Choix};
use super::model::{Autorisation, Mandat};
use super::{Regard, distance, identification, rules, store};
use crate::aidants::{self, Agissant};
use crate::ids::{MandatId, UsagerId};
use crate::usagers::{self, Saisie};
use crate::{Failure, Mandats};

mod revocation;
mod signature;

pub use revocation::revoquer;
pub(super) use revocation::{revoquer_chez, titres};
pub(crate) use signature::relire;
pub(super) use signature::signer;

/// Who acts, in the name of whom: checked in the caller's transaction, and held against whoever would end it meanwhile.
pub(super) async fn tenir_agissant(m: &Mandats, tx: &Tx, actor: &Actor) -> Result<Agissant, Failure> {
    let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        // Shared: aidants of one organisation do not wait for each other, and who closes it waits for all.
        for (sql, id) in [
            (
                "SELECT 1 FROM organisation_habilitee WHERE structure_id = $1 FOR SHARE",
                a.organisation.structure.0,
            ),
            ("SELECT 1 FROM aidant_appartenance WHERE id = $1 FOR SHARE", a.appartenance.id.0),
        ] {
            platform::db::kit::query(tx, sql, [id.into()]).await?;
        }
        return aidants::agissant(m, tx, actor, Verb::TenirMandats).await;
    }
    Ok(a)
}

/// Begins a draft; gives its identifier.
///
/// # Errors
/// Whoever may not make mandats.
pub(super) async fn commencer(
    m: &Mandats,
    actor: &Actor,
    choix: Choix,
    renouvelle: Option<MandatId>,
) -> Result<Uuid, Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let avant = match renouvelle {
                Some(id) => Some(renouvelable(tx, &a, id, now).await?.0),
                None => None,
            };
            let b = Brouillon {
                id: kernel::ids::uuid_v7(&m.site.clock, &m.site.chance),
                compte: actor.compte,
                structure: a.organisation.structure,
                usager: avant.as_ref().map(|m| m.usager),
                identifie_le: None,
                renouvelle,
                mandat: None,
                modifie_le: now,
                version: 0,
                choix: choix.clone(),
            };
            brouillon::enregistrer(tx, &b).await?;
            Ok(b.id)
        })
        .await
}

/// A mandat that the acting organisation holds, and that who acts sees there, with what it allows: otherwise it is as if
/// it did not exist.
pub(super) async fn mandat_de(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    id: MandatId,
) -> Result<(Mandat, Vec<Autorisation>), Failure> {
    let mandat = store::mandat(conn, id).await?.filter(|m| m.structure == a.organisation.structure);
    let mandat = mandat.ok_or(Refusal::NotFound)?;
    if !store::visible(conn, &Regard::de(conn, a).await?, id).await? {
        return Err(Refusal::NotFound.into());
    }
    let autorisations = store::du_mandat(conn, id).await?;
    Ok((mandat, autorisations))
}

/// Said wherever a mandat is asked to be renewed that cannot be; which of the reasons is for nobody else to know.
pub(super) const NE_SE_RENOUVELLE_PLUS: &str = "Ce mandat ne se renouvelle plus : ce qu’il permettait est révoqué, ou fini \
                                                depuis plus d’un an. Faites un nouveau mandat avec la personne.";

/// A mandat to be renewed, and the démarches that need no FranceConnect.
async fn renouvelable(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    id: MandatId,
    now: DateTime<Utc>,
) -> Result<(Mandat, Vec<String>), Failure> {
    let (mandat, _) = mandat_de(conn, a, id).await?;
    let toutes = store::de_la_personne(conn, mandat.usager).await?;
    let reste = rules::renouvelables(&mandat, &toutes, now);
    if reste.is_empty() {
        return Err(Refusal::conflict(NE_SE_RENOUVELLE_PLUS).into());
    }
    Ok((mandat, reste))
}

/// What a draft keeps: read, changed and written while nobody else of the same aidant does.
pub(super) async fn garder(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    change: impl Fn(&mut Brouillon) + Send + Sync,
) -> Result<Brouillon, Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let mut b = ouvrir(tx, &a, actor, id).await?;
            if b.mandat.is_none() {
                change(&mut b);
                b.modifie_le = m.site.clock.now();
                brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)?;
                b.version += 1;
            }
            Ok(b)
        })
        .await
}

fn autre_onglet(e: DbErr) -> Failure {
    match e {
        DbErr::RecordNotUpdated => {
            Refusal::conflict("Ce brouillon vient d’être changé dans un autre onglet. Rechargez la page.")
                .into()
        }
        autre => autre.into(),
    }
}

pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    a: &Agissant,
    actor: &Actor,
    id: Uuid,
) -> Result<Brouillon, Failure> {
    let qui = (actor.compte, a.organisation.structure);
    Ok(brouillon::lire(conn, id, qui).await?.ok_or(Refusal::NotFound)?)
}

/// Notes who FranceConnect said that the person is.
///
/// # Errors
/// Another person than the one whose mandat is renewed; a minor.
pub(super) async fn identifier(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    id: Uuid,
    (sub, identite, quand): (&str, &usagers::Identite, DateTime<Utc>),
) -> Result<(), Failure> {
    let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
    let b = ouvrir(tx, &a, actor, id).await?;
    if b.mandat.is_some() {
        return Ok(());
    }
    identification::clore(tx, b.id, true).await?;
    reconnaitre(m, tx, b, (sub, identite, quand), |qui| Entry::by(actor, "usager.identifier", "usager", qui))
        .await
}

/// The same, said by a person who is not there: their browser was led to FranceConnect by the link that the draft sent.
///
/// # Errors
/// Another person than the one whose mandat is renewed; a minor.
pub(super) async fn identifier_de_loin(
    m: &Mandats,
    tx: &Tx,
    b: Brouillon,
    qui: (&str, &usagers::Identite, DateTime<Utc>),
) -> Result<(), Failure> {
    reconnaitre(m, tx, b, qui, |qui| Entry::system("usager.identifier", "usager", qui)).await
}

async fn reconnaitre(
    m: &Mandats,
    tx: &Tx,
    mut b: Brouillon,
    (sub, identite, quand): (&str, &usagers::Identite, DateTime<Utc>),
    ligne: impl Fn(String) -> Entry,
) -> Result<(), Failure> {
    let usager = usagers::store::retrouver_ou_inscrire(&m.site, tx, sub, identite).await?;
    if b.renouvelle.is_some() && b.usager != Some(usager.id) {
        return Err(Refusal::conflict(
            "La personne qui vient de s’identifier n’est pas celle dont vous renouvelez le mandat. Faites un nouveau mandat.",
        )
        .into());
    }
    rules::majeur(&usager, m.jour())?;
    b.usager = Some(usager.id);
    b.identifie_le = Some(quand);
    b.choix.atteste = false;
    let (qui, faits) = (usagers::pseudonyme(&m.site, &usager)?, json!({ "structure": b.structure }));
    toucher(m, tx, b).await?;
    journal::write(&m.site, tx, ligne(qui).with(faits)).await?;
    Ok(())
}

/// Writes a draft as it is now.
pub(super) async fn toucher(m: &Mandats, tx: &Tx, mut b: Brouillon) -> Result<(), Failure> {
    b.modifie_le = m.site.clock.now();
    brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)
}

/// What keeping the tick of a recapitulation gave.
#[derive(Debug)]
pub(super) enum Attestation {
    /// Kept; what is shown is now called so.
    Gardee(Brouillon, String),
    /// What was shown is not what the draft says any more: nothing was kept.
    Changee(Brouillon),
}

/// Keeps whether the aidant ticked the recapitulation that they were shown (`vue`, of [`distance::vue`]).
pub(super) async fn attester(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    (vue, atteste): (&str, bool),
) -> Result<Attestation, Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
            let mut b = ouvrir(tx, &a, actor, id).await?;
            if b.mandat.is_some() {
                return Ok(Attestation::Gardee(b, String::new()));
            }
            let accord = distance::accord(tx, &b).await?;
            if distance::vue(&b, accord.as_ref()) != vue {
                return Ok(Attestation::Changee(b));
            }
            b.choix.atteste = atteste;
            b.modifie_le = m.site.clock.now();
            brouillon::enregistrer(tx, &b).await.map_err(autre_onglet)?;
            b.version += 1;
            let vue = distance::vue(&b, accord.as_ref());
            Ok(Attestation::Gardee(b, vue))
        })
        .await
}

/// Writes down how a person that the organisation helps is told; says whether it is written to from now on: what the
/// person proved stays.
///
/// # Errors
/// [`Refusal::NotFound`] for whom the acting organisation, or this team of it, does not see.
pub(super) async fn coordonnees(
    m: &Mandats,
    actor: &Actor,
    usager: UsagerId,
    saisie: &Saisie,
) -> Result<bool, Failure> {
    m.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let a = tenir_agissant(m, tx, actor).await?;
                let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
                let now = m.site.clock.now();
                let ici = store::chez(tx, &Regard::de(tx, &a).await?, usager.id).await?;
                if !ici.iter().any(|x| x.montree(now)) {
                    return Err(Refusal::NotFound.into());
                }
                Ok(usagers::saisir(&m.site, tx, actor, &usager, saisie).await?.1)
            }
        })
        .await
}
