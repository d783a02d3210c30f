//! Offering, asking, waiting, taking an answer.

use identity::secrets::link::Secret;
use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::mail::Message;
use platform::sms::{self, Sms};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::appel;
use super::arret::{self, Stop};
use super::courriels;
use super::model::{
    AIDES, Accord, Adresse, Canal, Consentement, ConsentementId, DUREE, ENTRE_DEUX, ENVOIS, Etat, Preuve,
};
use super::rules::{self, Mot};
use super::store;
use crate::ids::{MandatId, UsagerId};
use crate::mandats::Regard;
use crate::usagers;
use crate::{Failure, Mandats, aidants};

/// A mandat to be agreed to.
#[derive(Clone, Debug)]
pub struct Proposition {
    /// The draft that waits.
    pub brouillon: Uuid,
    /// In whose name: the acting organisation.
    pub structure: StructureId,
    /// Who is asked; identified before.
    pub usager: UsagerId,
    /// Where.
    pub adresse: Adresse,
    /// Name of the organisation.
    pub organisation: String,
    /// Titles of the démarches.
    pub demarches: Vec<String>,
    /// « 1 mois », « jusqu’au … ».
    pub duree: String,
    /// Where the aidant goes on: the page of the draft, a path of ours.
    pub retour: String,
}

/// No honest text message is longer: the démarches beyond are counted.
const OFFRE: usize = 600;

impl Proposition {
    pub(crate) fn offre(&self) -> String {
        let fin = match self.adresse.preuve() {
            Some(_) => {
                "Vous êtes libre de refuser, et vous pourrez y mettre fin à tout moment. Je vous demanderai ensuite votre accord."
            }
            None if self.adresse.canal() == Canal::Sms => {
                "Un autre message vous demandera votre accord. Répondez STOP pour ne plus rien recevoir."
            }
            None => "Un autre message vous demandera votre accord.",
        };
        let debut = format!(
            "{} (Aidants Connect) vous propose un mandat de {} pour :",
            self.organisation, self.duree
        );
        let mut liste = String::new();
        for (i, d) in self.demarches.iter().enumerate() {
            if debut.len() + liste.len() + d.len() + fin.len() > OFFRE {
                liste.push_str(&format!(" ; et {} autres", self.demarches.len() - i));
                break;
            }
            liste.push_str(if i == 0 { " " } else { " ; " });
            liste.push_str(d);
        }
        format!("{debut}{liste}. {fin}")
    }

    fn question(&self) -> String {
        let question = format!(
            "Acceptez-vous que {} fasse ces démarches en votre nom, pour {} ?",
            self.organisation, self.duree
        );
        let comment = match self.adresse.preuve() {
            None if self.adresse.canal() == Canal::Sms => "Répondez OUI ou NON.",
            // The page of the link has two buttons.
            None => return question,
            Some(Preuve::Code) => {
                "Si vous acceptez, dites-moi le code que vous venez de recevoir par SMS. Sinon, dites non."
            }
            Some(Preuve::Temoin) => {
                "Répondez oui ou non : mon collègue vous écoute et confirmera votre réponse."
            }
        };
        format!("{question} {comment}")
    }
}

/// Sends what the mandat would allow. In the caller's transaction, that of the draft.
///
/// # Errors
/// A refusal that says what to do: the person wants no more messages, another agreement is awaited at this address; the
/// database.
pub async fn proposer(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    p: &Proposition,
) -> Result<ConsentementId, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let a = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?;
    if a.organisation.structure != p.structure {
        return Err(Refusal::NotFound.into());
    }
    let usager = usagers::store::tenir(tx, p.usager).await?.ok_or(Refusal::NotFound)?;
    match p.adresse.preuve() {
        Some(_) => appel::permet(m, tx, &usager, &p.adresse).await?,
        None => arret::permet(site, tx, &p.adresse).await?,
    }
    store::expirer_ici(tx, (p.adresse.texte(), p.brouillon), now).await?;
    if store::ouvert(tx, p.adresse.texte()).await?.is_some() {
        return Err(Refusal::conflict(
            "Un autre accord est déjà attendu à cette adresse ou à ce numéro. Attendez sa réponse, ou la fin de son délai.",
        )
        .into());
    }
    let c = Consentement {
        id: ConsentementId::new(&site.clock, &site.chance),
        brouillon: p.brouillon,
        structure: p.structure,
        appartenance: Some(a.appartenance.id),
        usager: p.usager,
        adresse: p.adresse.clone(),
        offre: p.offre(),
        question: p.question(),
        etat: Etat::OffreEnvoyee,
        retour: p.retour.clone(),
        offre_le: now,
        demande_le: None,
        reponse_le: None,
        reponse: None,
        dernier_le: now,
        envois: 1,
        aides: 0,
        expire_le: now + DUREE,
        sel: kernel::text::hex(&site.chance.bytes::<16>()),
        garde: None,
    };
    store::inserer(tx, &c, &arret::empreinte(site, &c.adresse)).await.map_err(deja_demande)?;
    envoyer_offre(site, tx, &c).await?;
    noter(site, tx, "consentement.proposer", Some(actor), &c, &usager).await?;
    Ok(c.id)
}

/// The walls of the database: one question at a time for a draft, and for an address, whoever asks at the same moment.
fn deja_demande(e: DbErr) -> Failure {
    match e.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Refusal::conflict(
            "Un accord est déjà demandé pour ce mandat, ou à cette adresse. Attendez sa réponse, ou arrêtez cette demande.",
        )
        .into(),
        _ => e.into(),
    }
}

async fn envoyer_offre(site: &Site, tx: &Tx, c: &Consentement) -> Result<(), Failure> {
    match &c.adresse {
        Adresse::Sms(t) => {
            let sms = Sms { to: t.clone(), text: c.offre.clone(), until: c.expire_le };
            sms::enqueue(site, tx, &sms).await?;
        }
        Adresse::Courriel(a) => {
            envoyer_courriel(site, tx, c, &courriels::offre(site, a, &c.offre)).await?;
        }
        // The aidant reads it.
        Adresse::Appel(..) => {}
    }
    Ok(())
}

/// Each message by e-mail bears what STOP is by text message.
async fn envoyer_courriel(site: &Site, tx: &Tx, c: &Consentement, message: &Message) -> Result<(), Failure> {
    let lien = arret::lien(site, tx, c.usager, &message.to).await?;
    platform::mail::enqueue_avec_arret(site, tx, message, &lien).await?;
    Ok(())
}

async fn envoyer_question(
    site: &Site,
    tx: &Tx,
    c: &Consentement,
    lien: Option<&Secret>,
) -> Result<(), Failure> {
    match (&c.adresse, lien) {
        (Adresse::Courriel(a), Some(lien)) => {
            envoyer_courriel(site, tx, c, &courriels::question(site, a, &c.question, lien)).await?;
        }
        (Adresse::Sms(t), _) => {
            let sms = Sms { to: t.clone(), text: c.question.clone(), until: c.expire_le };
            sms::enqueue(site, tx, &sms).await?;
        }
        (Adresse::Appel(t, Preuve::Code), _) => appel::envoyer_code(site, tx, c, t).await?,
        (Adresse::Courriel(_), None) | (Adresse::Appel(_, Preuve::Temoin), _) => {}
    }
    Ok(())
}

pub(super) async fn noter(
    site: &Site,
    tx: &Tx,
    action: &'static str,
    actor: Option<&Actor>,
    c: &Consentement,
    usager: &usagers::Usager,
) -> Result<(), Failure> {
    let entry = match actor {
        Some(actor) => Entry::by(actor, action, "consentement", c.id),
        None => Entry::system(action, "consentement", c.id),
    };
    let (_, echange) = c.echange();
    let details = json!({
        "usager": usagers::pseudonyme(site, usager)?,
        "structure": c.structure,
        "canal": c.adresse.canal().cle(),
        "voie": c.adresse.cle(),
        "echange": echange.to_string(),
    });
    journal::write(site, tx, entry.with(details)).await?;
    Ok(())
}

/// The consent of that identifier, for who acts in the name of its organisation and sees there what its team does, as for
/// mandats; one's own, whatever team one is in now. Any other does not exist. Also says whether it is one's own.
pub(super) async fn chez(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: ConsentementId,
) -> Result<(Consentement, bool), Failure> {
    let a = aidants::agissant(m, conn, actor, Verb::TenirMandats).await?;
    let c = store::lire(conn, id).await?.filter(|c| c.structure == a.organisation.structure);
    let c = c.ok_or(Refusal::NotFound)?;
    let Some(appartenance) = c.appartenance else { return Ok((c, true)) };
    let sien = aidants::store::appartenances(conn, a.aidant.id).await?.iter().any(|x| x.id == appartenance);
    if sien || Regard::de(conn, &a).await?.voit(conn, appartenance).await? {
        return Ok((c, sien));
    }
    Err(Refusal::NotFound.into())
}

/// What an aidant does while they wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Geste {
    /// Asks whether the person agrees: they had the time to read.
    Demander,
    /// Sends the last message again.
    Renvoyer,
    /// Gives up.
    Abandonner,
}

pub(super) async fn agir(
    m: &Mandats,
    actor: &Actor,
    id: ConsentementId,
    geste: Geste,
) -> Result<(), Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let (c, sien) = chez(m, tx, actor, id).await?;
            if c.adresse.preuve().is_some() {
                appel_permet(&c, sien, geste)?;
            }
            let usager = usagers::store::tenir(tx, c.usager).await?.ok_or(Refusal::NotFound)?;
            if !c.etat(now).ouvert() {
                return Err(Refusal::conflict("Cette demande d’accord est terminée : rien n’a été envoyé.").into());
            }
            let par_courriel = matches!(c.adresse, Adresse::Courriel(_));
            let lien = par_courriel.then(|| Secret::new(&site.chance));
            let empreinte = lien.as_ref().map(Secret::hash);
            let action = match geste {
                Geste::Demander => {
                    if !store::demander(tx, id, empreinte.as_deref(), now).await? {
                        return Err(Refusal::conflict("L’accord a déjà été demandé. Attendez la réponse, ou renvoyez le message.").into());
                    }
                    envoyer_question(site, tx, &c, lien.as_ref()).await?;
                    "consentement.demander"
                }
                Geste::Renvoyer => {
                    let demande = c.etat == Etat::AcceptationDemandee;
                    let lien = lien.filter(|_| demande);
                    let empreinte = lien.as_ref().map(Secret::hash);
                    if !store::renvoyer(tx, id, empreinte.as_deref(), (ENVOIS, ENTRE_DEUX), now).await? {
                        return Err(Refusal::conflict(
                            "Le message n’est pas reparti : attendez une minute entre deux envois, et trois envois suffisent.",
                        )
                        .into());
                    }
                    if demande {
                        envoyer_question(site, tx, &c, lien.as_ref()).await?;
                    } else {
                        envoyer_offre(site, tx, &c).await?;
                    }
                    "consentement.renvoyer"
                }
                Geste::Abandonner => {
                    store::finir(tx, id, Etat::Arretee).await?;
                    "consentement.abandonner"
                }
            };
            let c = store::lire(tx, id).await?.ok_or(Refusal::NotFound)?;
            noter(site, tx, action, Some(actor), &c, &usager).await
        })
        .await
}

/// Of an agreement by a call, whoever calls goes on; only a code is sent again.
fn appel_permet(c: &Consentement, sien: bool, geste: Geste) -> Result<(), Failure> {
    if !sien {
        return Err(
            Refusal::forbidden("Seule la personne qui appelle continue cet accord au téléphone.").into()
        );
    }
    let code = c.adresse.preuve() == Some(Preuve::Code) && c.etat == Etat::AcceptationDemandee;
    if geste == Geste::Renvoyer && !code {
        return Err(
            Refusal::conflict("Il n’y a pas de message à renvoyer pour cet accord au téléphone.").into()
        );
    }
    Ok(())
}

/// What an answer changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effet {
    /// It was the answer.
    Pris(Etat),
    /// It was not understood; the words were explained, or enough already.
    Incompris,
    /// Nothing awaits it: too early, too late, a second time.
    Aucun,
}

/// Takes an answer that came by text message, at the instant that its operator tells.
pub(crate) async fn repondre_par_sms(
    m: &Mandats,
    tx: &Tx,
    de: &kernel::Telephone,
    texte: &str,
    le: chrono::DateTime<chrono::Utc>,
) -> Result<Effet, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let mot = rules::lire(texte);
    if mot == Mot::Stop {
        let adresse = Adresse::Sms(de.clone());
        let ici = arret::empreinte(site, &adresse);
        let canal = adresse.canal().cle();
        return arret::arreter(m, tx, &Stop { ici: &ici, adresse: Some(de.as_str()), canal, usager: None })
            .await;
    }
    // A call that is under way with that number is not answered by text message.
    let c = store::ouvert(tx, de.as_str()).await?.filter(|c| c.adresse.canal() == Canal::Sms);
    let Some(c) = c else { return Ok(Effet::Aucun) };
    let Some(usager) = usagers::store::tenir(tx, c.usager).await? else { return Ok(Effet::Aucun) };
    // An answer that left before the question answers something else.
    if c.demande_le.is_none_or(|demande| le < demande) {
        return Ok(Effet::Aucun);
    }
    let etat = match mot {
        Mot::Oui => Etat::Acceptee,
        Mot::Non => Etat::Refusee,
        _ => {
            if store::aider(tx, c.id, AIDES).await? {
                let text =
                    "Nous n’avons pas compris votre réponse. Répondez OUI pour accepter, NON pour refuser."
                        .to_owned();
                sms::enqueue(site, tx, &Sms { to: de.clone(), text, until: c.expire_le }).await?;
            }
            return Ok(Effet::Incompris);
        }
    };
    if !conclure(m, tx, None, (&c, &usager), (Etat::AcceptationDemandee, etat), texte).await? {
        return Ok(Effet::Aucun);
    }
    let text = match etat {
        Etat::Acceptee => {
            "C’est noté : vous acceptez. Vous pouvez y mettre fin à tout moment auprès de votre aidant."
        }
        _ => "C’est noté : vous refusez. Rien ne sera fait en votre nom.",
    };
    sms::enqueue(site, tx, &Sms { to: de.clone(), text: text.to_owned(), until: now + DUREE }).await?;
    Ok(Effet::Pris(etat))
}

/// Takes an answer, from the state where it was awaited; `actor` is who noted it, none when the person wrote it themselves.
pub(super) async fn conclure(
    m: &Mandats,
    tx: &Tx,
    actor: Option<&Actor>,
    (c, usager): (&Consentement, &usagers::Usager),
    (de, vers): (Etat, Etat),
    texte: &str,
) -> Result<bool, Failure> {
    let site = &m.site;
    let texte: String = texte.trim().chars().take(200).collect();
    if !store::repondre(tx, c.id, (de, vers), &texte, site.clock.now()).await? {
        return Ok(false);
    }
    let fini = store::lire(tx, c.id).await?.ok_or(Refusal::NotFound)?;
    store::garder(tx, c.id, &fini.echange().0).await?;
    let action = if vers == Etat::Acceptee { "consentement.accepter" } else { "consentement.refuser" };
    noter(site, tx, action, actor, &fini, usager).await?;
    Ok(true)
}

/// The consent of a link, while it may be answered.
pub(super) async fn du_lien(m: &Mandats, secret: &Secret) -> Result<Option<Consentement>, Failure> {
    let c = store::du_lien(m.site.db.read(), &secret.hash()).await?;
    Ok(c.filter(|c| c.etat(m.site.clock.now()) == Etat::AcceptationDemandee))
}

/// Takes the answer that a person gave on the page of their link: a button that they pressed, never the mere reading.
pub(super) async fn repondre_par_lien(m: &Mandats, secret: &Secret, oui: bool) -> Result<Effet, Failure> {
    m.site
        .db
        .write(async |tx| {
            let c = store::du_lien(tx, &secret.hash()).await?;
            let Some(c) = c else { return Ok(Effet::Aucun) };
            let Some(usager) = usagers::store::tenir(tx, c.usager).await? else { return Ok(Effet::Aucun) };
            let (etat, mot) =
                if oui { (Etat::Acceptee, "J’accepte") } else { (Etat::Refusee, "Je refuse") };
            let pris = conclure(m, tx, None, (&c, &usager), (Etat::AcceptationDemandee, etat), mot).await?;
            Ok(if pris { Effet::Pris(etat) } else { Effet::Aucun })
        })
        .await
}

/// What was asked of that person from afar, the last first.
///
/// # Errors
/// The database.
pub async fn de_la_personne(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    limite: usize,
) -> Result<Vec<ConsentementId>, DbErr> {
    store::de_la_personne(conn, usager, limite).await
}

/// What is awaited from the person of a draft.
#[derive(Clone, Debug)]
pub struct Attendu {
    /// Where the aidant waits for it.
    pub page: String,
    /// Where they were asked.
    pub adresse: Adresse,
    /// Since when.
    pub depuis: chrono::DateTime<chrono::Utc>,
}

/// What is awaited from the person of a draft, if anything is.
///
/// # Errors
/// The database.
pub async fn attendu(
    site: &Site,
    conn: &impl ConnectionTrait,
    brouillon: Uuid,
) -> Result<Option<Attendu>, DbErr> {
    let c = store::du_brouillon(conn, brouillon).await?.filter(|c| c.etat(site.clock.now()).ouvert());
    Ok(c.map(|c| Attendu { page: super::page(c.id), adresse: c.adresse, depuis: c.offre_le }))
}

/// Whether the person of a draft was asked, and may still answer, or agreed.
///
/// # Errors
/// The database.
pub async fn demande(conn: &impl ConnectionTrait, brouillon: Uuid) -> Result<bool, DbErr> {
    Ok(store::du_brouillon(conn, brouillon).await?.is_some())
}

/// What a draft's person agreed to at a distance, if they did.
///
/// # Errors
/// The database.
pub async fn accepte(conn: &impl ConnectionTrait, brouillon: Uuid) -> Result<Option<Accord>, DbErr> {
    let c = store::accepte(conn, brouillon).await?;
    Ok(c.and_then(|c| {
        let (_, echange) = c.echange();
        Some(Accord {
            canal: c.adresse.canal(),
            reference: c.id.to_string(),
            usager: c.usager,
            structure: c.structure,
            offre: c.offre_le,
            reponse: c.reponse_le?,
            echange,
            texte: c.offre,
        })
    }))
}

/// Ties what a draft's person agreed to at a distance to the mandat that was signed: they are erased together.
///
/// # Errors
/// The database.
pub async fn lier(tx: &Tx, brouillon: Uuid, mandat: MandatId) -> Result<(), DbErr> {
    store::lier(tx, brouillon, mandat).await
}

/// The exchange behind a mandat made at a distance, letter for letter: its SHA-256 is in the document. None when the mandat
/// was made before exchanges were kept.
///
/// # Errors
/// The database.
pub async fn echange(conn: &impl ConnectionTrait, mandat: MandatId) -> Result<Option<String>, DbErr> {
    store::echange(conn, mandat).await
}
