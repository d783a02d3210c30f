//! A mandat whose person is not there: what is proposed to them by messages, and what their agreement proves. The
//! exchange is of `consentements`; here it is tied to the draft.

use chrono::NaiveDate;
use kernel::{Actor, Email, Refusal, Telephone};
use platform::Tx;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::brouillon::Brouillon;
use super::{actions, identification, rules};
use crate::aidants::Agissant;
use crate::consentements::{self, Accord, Adresse, ConsentementId, Preuve, Proposition};
use crate::document::{Consentement, Duree, Identite, Instant};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats};

/// How the person may be asked: the address that they proved theirs, or the one that was typed, or the one they had.
pub(super) fn voies(b: &Brouillon, usager: &Usager) -> Vec<Adresse> {
    let telephone = b.choix.telephone.as_deref().and_then(Telephone::parse);
    let courriel = b.choix.courriel.as_deref().and_then(|c| Email::parse(c).ok());
    let c = &usager.contact;
    let telephone = telephone.filter(|_| !c.telephone_prouve).or_else(|| c.telephone.clone());
    let courriel = courriel.filter(|_| !c.courriel_prouve).or_else(|| c.courriel.clone());
    let (sms, mail) = (telephone.map(Adresse::Sms), courriel.map(Adresse::Courriel));
    // Only a number that was known before is called.
    let connu = usager.contact.telephone.as_ref();
    let code =
        connu.filter(|t| consentements::recoit_sms(t)).cloned().map(|t| Adresse::Appel(t, Preuve::Code));
    let temoin = connu.cloned().map(|t| Adresse::Appel(t, Preuve::Temoin));
    sms.into_iter().chain(mail).chain(code).chain(temoin).collect()
}

fn duree(duree: Duree) -> String {
    match duree.jours() {
        1 => "1 jour".to_owned(),
        jours => format!("{jours} jours"),
    }
}

/// What is proposed: it follows from the draft alone, so that what was agreed to can be compared with what is signed.
fn proposition(
    (b, usager): (&Brouillon, &Usager),
    a: &Agissant,
    organisation: String,
    jour: NaiveDate,
) -> Result<Proposition, Refusal> {
    let (demarches, jours) = rules::choisi(&b.choix, &a.organisation)?;
    let adresse = voies(b, usager).into_iter().find(|v| b.choix.voie.as_deref() == Some(v.cle()));
    let adresse = adresse
        .ok_or_else(|| Refusal::field("voie", "Choisissez comment demander son accord à la personne."))?;
    Ok(Proposition {
        brouillon: b.id,
        structure: b.structure,
        usager: usager.id,
        adresse,
        organisation,
        demarches: actions::titres(demarches.iter().map(String::as_str), jour),
        duree: duree(jours),
        retour: format!("/aidant/mandats/brouillons/{}", b.id),
    })
}

/// Sends the offer; gives the exchange to wait for.
///
/// # Errors
/// What is missing in the draft; the person wants no messages; another exchange is under way.
pub(super) async fn proposer(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    organisation: &str,
) -> Result<ConsentementId, Failure> {
    m.site
        .db
        .write(async |tx: &Tx| {
            let a = actions::tenir_agissant(m, tx, actor).await?;
            let b = actions::ouvrir(tx, &a, actor, id).await?;
            let usager =
                b.usager.ok_or_else(|| Refusal::conflict("La personne doit d’abord s’identifier."))?;
            let usager = usagers::store::tenir(tx, usager).await?.ok_or(Refusal::NotFound)?;
            // Read again once the person is held: it was perhaps signed meanwhile.
            let b = actions::ouvrir(tx, &a, actor, b.id).await?;
            if b.mandat.is_some() {
                return Err(Refusal::conflict("Ce mandat est déjà fait.").into());
            }
            let loin = identification::du_brouillon(tx, b.id).await?;
            let b = identification::tenue(b, loin.as_ref());
            let p = proposition((&b, &usager), &a, organisation.to_owned(), m.jour())?;
            consentements::proposer(m, tx, actor, &p).await
        })
        .await
}

/// The agreement that came for this draft, of this person, to this organisation.
pub(super) async fn accord(
    conn: &impl ConnectionTrait,
    b: &Brouillon,
) -> Result<Option<Accord>, sea_orm::DbErr> {
    let accord = consentements::accepte(conn, b.id).await?;
    Ok(accord.filter(|x| Some(x.usager) == b.usager && x.structure == b.structure))
}

/// What the recapitulation of a draft is called when it is shown: another version, or an agreement that came meanwhile,
/// is another thing to attest.
pub(super) fn vue(b: &Brouillon, accord: Option<&Accord>) -> String {
    match accord {
        None => b.version.to_string(),
        Some(accord) => format!("{}-{}", b.version, accord.reference),
    }
}

/// What a document says of that agreement.
///
/// # Errors
/// The draft has changed since: what would be signed is not what was agreed to.
pub(super) fn consentement(
    accord: Accord,
    (b, usager): (&Brouillon, &Usager),
    (a, organisation, jour): (&Agissant, &str, NaiveDate),
    (identite, atteste, local): (Identite, Instant, impl Fn(chrono::DateTime<chrono::Utc>) -> Instant),
) -> Result<Consentement, Refusal> {
    let p = proposition((b, usager), a, organisation.to_owned(), jour);
    // What was asked by e-mail before 23 November 2026 was kept with words that only a text message says.
    let dite = accord.texte.replace(" Répondez STOP pour ne plus rien recevoir.", "");
    if p.is_ok_and(|p| p.offre() == accord.texte || p.offre() == dite) {
        return Ok(Consentement::Distance {
            identite,
            canal: accord.canal,
            reference: accord.reference,
            offre: local(accord.offre),
            reponse: local(accord.reponse),
            echange: accord.echange,
            atteste,
        });
    }
    Err(Refusal::conflict(
        "Ce brouillon n’est plus celui que la personne a accepté. Abandonnez-le, et demandez-lui de nouveau son accord.",
    ))
}
