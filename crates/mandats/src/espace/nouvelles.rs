//! Telling the person what is done with their mandats, as they chose.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::calendrier::{en_lettres, en_lettres_avec_heure};
use platform::sms::{self, Sms};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::courriels;
use super::model::{Voie, par_defaut};
use super::store;
use crate::consentements::{self, Adresse, Besoin};
use crate::usagers::Usager;

/// What happened.
#[derive(Clone, Debug)]
pub enum Nouvelle {
    /// A mandat was made.
    Creation {
        /// What people call it by.
        numero: String,
        /// Name of the organisation.
        organisation: String,
        /// Titles of the démarches.
        demarches: Vec<String>,
        /// When it ends by itself.
        jusqu_au: DateTime<Utc>,
    },
    /// A mandat was renewed.
    Renouvellement {
        /// What people call the new one by.
        numero: String,
        /// Name of the organisation.
        organisation: String,
        /// Titles of the démarches.
        demarches: Vec<String>,
        /// When it ends by itself.
        jusqu_au: DateTime<Utc>,
    },
    /// An aidant acted.
    Usage {
        /// Name of the organisation.
        organisation: String,
        /// Title of the démarche.
        demarche: String,
        /// When.
        quand: DateTime<Utc>,
    },
    /// Something was ended before its date.
    Revocation {
        /// What people call the mandat by.
        numero: String,
        /// Name of the organisation.
        organisation: String,
        /// Titles of the démarches that ended.
        demarches: Vec<String>,
        /// Whether the person did it: they are told as a receipt.
        par_la_personne: bool,
    },
    /// Another organisation holds a mandat from now on.
    Transfert {
        /// What people call it by.
        numero: String,
        /// Name of the organisation that held it.
        de: String,
        /// Name of the one that holds it.
        vers: String,
        /// Titles of the démarches that it still allows.
        demarches: Vec<String>,
    },
}

impl Nouvelle {
    /// The kind that people choose for.
    fn genre(&self) -> &'static str {
        match self {
            Self::Creation { .. } => "creation",
            Self::Renouvellement { .. } => "renouvellement",
            Self::Usage { .. } => "usage",
            Self::Revocation { .. } => "revocation",
            Self::Transfert { .. } => "transfert",
        }
    }

    /// Why the person is told: that somebody else acts in their name, or does not any more, is owed to them.
    fn besoin(&self) -> Besoin {
        match self {
            Self::Creation { .. } | Self::Renouvellement { .. } | Self::Usage { .. } => Besoin::Informe,
            Self::Revocation { .. } | Self::Transfert { .. } => Besoin::Du,
        }
    }

    fn sujet(&self) -> &'static str {
        match self {
            Self::Creation { .. } => "Un mandat est créé",
            Self::Renouvellement { .. } => "Un mandat est renouvelé",
            Self::Usage { .. } => "Un aidant a agi en votre nom",
            Self::Revocation { .. } => "Fin d’un mandat",
            Self::Transfert { .. } => "Une autre organisation vous accompagne",
        }
    }

    /// One sentence, without the name of the person: a telephone lies on tables.
    fn phrase(&self) -> String {
        match self {
            Self::Creation { numero, organisation, jusqu_au, .. } => format!(
                "Vous avez donné le mandat {numero} à {organisation}, jusqu’au {}.",
                en_lettres(jusqu_au)
            ),
            Self::Renouvellement { numero, organisation, jusqu_au, .. } => format!(
                "Votre mandat chez {organisation} est renouvelé sous le numéro {numero}, jusqu’au {}.",
                en_lettres(jusqu_au)
            ),
            Self::Usage { organisation, demarche, quand } => {
                format!(
                    "{organisation} a fait une démarche « {demarche} » en votre nom, le {}.",
                    en_lettres_avec_heure(quand)
                )
            }
            Self::Revocation { numero, organisation, par_la_personne, .. } => {
                let qui = if *par_la_personne { "À votre demande, le" } else { "Le" };
                format!("{qui} mandat {numero} donné à {organisation} prend fin, en tout ou partie.")
            }
            Self::Transfert { numero, de, vers, .. } => format!(
                "Votre mandat {numero} n’est plus tenu par {de} : c’est désormais {vers} qui peut agir en votre nom. Ce que vous avez signé ne change pas, et vous pouvez y mettre fin."
            ),
        }
    }

    fn demarches(&self) -> Option<String> {
        let (debut, liste) = match self {
            Self::Creation { demarches, .. }
            | Self::Renouvellement { demarches, .. }
            | Self::Transfert { demarches, .. } => ("Il permet", demarches),
            Self::Revocation { demarches, .. } => ("Ce qui prend fin", demarches),
            Self::Usage { .. } => return None,
        };
        (!liste.is_empty()).then(|| format!("{debut} : {}.", liste.join(" ; ")))
    }
}

/// A text message says nothing after that.
const SMS_UTILE: TimeDelta = TimeDelta::days(2);

/// Tells the person, in the transaction of what happened, the way they chose for this kind of news; nothing leaves for who
/// has no address.
///
/// # Errors
/// The database.
pub async fn prevenir(site: &Site, tx: &Tx, usager: &Usager, nouvelle: &Nouvelle) -> Result<(), DbErr> {
    let genre = nouvelle.genre();
    let choisies = store::preferences(tx, usager.id).await?;
    let choisie = choisies.into_iter().find(|(g, _)| g == genre).map(|(_, voie)| voie);
    let voie = choisie.unwrap_or_else(|| par_defaut(genre, &usager.contact));
    let contact = &usager.contact;
    let part = async |adresse: Option<Adresse>| match adresse {
        Some(adresse) => consentements::part(site, tx, &adresse, nouvelle.besoin()).await,
        None => Ok(false),
    };
    let par_courriel = part(contact.courriel.clone().map(Adresse::Courriel)).await?;
    let par_sms = part(contact.telephone.clone().map(Adresse::Sms)).await?;
    match (apres_stop(voie, nouvelle.besoin(), par_sms), &contact.courriel, &contact.telephone) {
        (Voie::Courriel, Some(a), _) if par_courriel => {
            let mut lignes = vec![nouvelle.phrase()];
            lignes.extend(nouvelle.demarches());
            let message = courriels::nouvelle(site, a, nouvelle.sujet(), &lignes);
            let arret = consentements::lien(site, tx, usager.id, a).await?;
            platform::mail::enqueue_avec_arret(site, tx, &message, &arret).await
        }
        (Voie::Sms, _, Some(t)) if par_sms => {
            let text = format!(
                "{} Pour tout lire ou y mettre fin : {}",
                nouvelle.phrase(),
                site.url("/mes-mandats")
            );
            let until = site.clock.now() + SMS_UTILE;
            sms::enqueue(site, tx, &Sms { to: t.clone(), text, until }).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// The way of what was to go by text message to a number that said STOP: what is owed goes by e-mail.
fn apres_stop(voie: Voie, besoin: Besoin, par_sms: bool) -> Voie {
    if voie == Voie::Sms && besoin == Besoin::Du && !par_sms { Voie::Courriel } else { voie }
}
