//! What is done with reports: one function a verb.

use chrono::TimeDelta;
use kernel::{Actor, Refusal, Verb};
use platform::jobs::Job;
use platform::journal::{self, Entry};
use platform::mail::{self, Genre, Message, Portee};
use platform::web::PageError;
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::json;

use super::formulaire::pour_la_fiche;
use super::model::{Etat, Signalement, SignalementId};
use super::store;
use crate::Annuaire;
use crate::lieux::Lieu;
use crate::lieux::standard::Champ;

/// Reports of one lieu in a day, beyond which it is surely a robot or a quarrel.
const PAR_LIEU: i64 = 10;

/// Reports of the whole instance in an hour.
const PAR_HEURE: i64 = 300;

/// Days after which the address of somebody who was never answered is erased.
const ADRESSE_JOURS: i64 = 365;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Echec {
    #[error(transparent)]
    Refus(#[from] Refusal),
    /// The lieu that is proposed looks like these; a person must say whether it is another.
    #[error("Un lieu ressemblant est déjà dans l’annuaire.")]
    Ressemblants(Vec<Lieu>),
    #[error(transparent)]
    Base(#[from] DbErr),
}

/// How a report is accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Maniere {
    /// What it says is written.
    Appliquer,
    /// The same, for a lieu that looks like others and is none of them.
    AutreLieu,
    /// The sheet says it already.
    DejaFait,
}

impl From<Echec> for PageError {
    fn from(echec: Echec) -> Self {
        match echec {
            Echec::Refus(r) => r.into(),
            dit @ Echec::Ressemblants(_) => Refusal::conflict(dit.to_string()).into(),
            Echec::Base(e) => e.into(),
        }
    }
}

/// Takes a report.
///
/// # Errors
/// A conflict, with a sentence, when too many came.
pub(super) async fn deposer(site: &Site, s: Signalement) -> Result<(), Echec> {
    site.db
        .write(async |tx| {
            let trop = |phrase: &str| Err(Echec::Refus(Refusal::conflict(phrase)));
            let hier = s.recu_le - TimeDelta::days(1);
            if s.lieu.is_some() && store::depuis(tx, s.lieu, hier).await? >= PAR_LIEU {
                return trop(
                    "Ce lieu a reçu beaucoup de signalements aujourd’hui. Revenez demain, ou écrivez au lieu lui-même.",
                );
            }
            if store::depuis(tx, None, s.recu_le - TimeDelta::hours(1)).await? >= PAR_HEURE {
                return trop("Nous recevons trop de signalements en ce moment. Revenez dans une heure.");
            }
            store::inscrit(tx, &s).await?;
            let champs: Vec<&str> = s.champs.iter().map(|c| c.champ.as_str()).collect();
            let lieu = s.lieu.map(|l| l.to_string());
            let ligne = Entry::system("signalement.deposer", "signalement", s.id)
                .with(json!({ "lieu": lieu, "champs": champs }));
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}

/// The reports in that state within the scope of the actor.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn file(site: &Site, acteur: &Actor, etat: Etat) -> Result<Vec<Signalement>, DbErr> {
    let tous = store::liste(site.db.read(), etat, 5_000).await?;
    Ok(tous.into_iter().filter(|s| acteur.may_on(Verb::VoirLieux, &s.cible()).is_ok()).collect())
}

/// One report, if it lies within the scope of the actor.
///
/// # Errors
/// Not found otherwise.
pub(super) async fn ouvrir(
    site: &Site,
    acteur: &Actor,
    verbe: Verb,
    id: SignalementId,
) -> Result<Signalement, Echec> {
    let s = store::un(site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    acteur.may_on(verbe, &s.cible())?;
    Ok(s)
}

/// Decides: the state, the words of the answer, the mail if an address was left, which is then erased.
///
/// # Errors
/// A conflict when somebody else decided meanwhile.
pub(super) async fn decider(
    site: &Site,
    acteur: &Actor,
    s: &Signalement,
    etat: Etat,
    reponse: &str,
) -> Result<(), Echec> {
    acteur.may_on(Verb::ModifierLieux, &s.cible())?;
    site.db
        .write(async |tx| {
            if !store::traite(tx, s, etat, reponse, acteur.compte.0, site.clock.now()).await? {
                return Err(Echec::Refus(Refusal::conflict(
                    "Une autre personne vient de traiter ce signalement. Rechargez la page.",
                )));
            }
            repondre(site, tx, s, etat, reponse).await?;
            let action = if etat == Etat::Accepte { "signalement.accepter" } else { "signalement.refuser" };
            journal::write(site, tx, Entry::by(acteur, action, "signalement", s.id)).await?;
            Ok(())
        })
        .await
}

/// What a person must do by hand before the report can be applied; none when it applies as it is.
pub(super) fn obstacle(s: &Signalement) -> Option<String> {
    let restes: Vec<String> = s
        .champs
        .iter()
        .filter_map(|c| {
            let champ = Champ::de_nom(&c.champ)?;
            let reste = pour_la_fiche(champ, &c.apres).err()?;
            Some(format!("« {} » ({reste})", c.apres))
        })
        .collect();
    (!restes.is_empty()).then(|| {
        format!(
            "Ces horaires ne sont pas compris en entier : {}. Saisissez-les sur la fiche, puis cochez « La fiche est déjà corrigée ».",
            restes.join(", ")
        )
    })
}

/// Accepts a report, and applies it unless the sheet says it already.
///
/// # Errors
/// A conflict with a sentence when it cannot be applied as it is; refusals of the scope.
pub(super) async fn accepter(
    annuaire: &Annuaire,
    acteur: &Actor,
    s: &Signalement,
    maniere: Maniere,
    reponse: &str,
) -> Result<(), Echec> {
    acteur.may_on(Verb::ModifierLieux, &s.cible())?;
    if s.etat != Etat::Recu {
        return Err(Refusal::conflict("Ce signalement est déjà traité.").into());
    }
    if maniere != Maniere::DejaFait {
        super::application::appliquer(annuaire, acteur, s, maniere == Maniere::AutreLieu).await?;
    }
    decider(&annuaire.site, acteur, s, Etat::Accepte, reponse).await
}

async fn repondre(site: &Site, tx: &Tx, s: &Signalement, etat: Etat, reponse: &str) -> Result<(), DbErr> {
    let Some(to) = s.courriel.as_deref().and_then(|c| kernel::Email::parse(c).ok()) else { return Ok(()) };
    mail::enqueue(site, tx, &message(site, to, s, etat, reponse)).await
}

/// The answer to who wrote about a lieu.
pub(crate) static REPONSE: Genre = Genre {
    cle: "signalement.reponse",
    nom: "Réponse à un signalement",
    occasion: "Un signalement est accepté ou refusé",
    lecteur: "La personne qui l’a écrit, si elle a laissé une adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let s = Signalement {
            id: SignalementId(uuid::Uuid::nil()),
            lieu: Some(kernel::ids::LieuId(uuid::Uuid::nil())),
            structure: None,
            nom: "Médiathèque".to_owned(),
            commune: "Guéret".to_owned(),
            region: None,
            departement: None,
            champs: Vec::new(),
            mot: String::new(),
            courriel: Some(a.to_string()),
            etat: Etat::Accepte,
            reponse: String::new(),
            recu_le: site.clock.now(),
            traite_le: None,
        };
        Some(message(site, a, &s, Etat::Accepte, "Les horaires d’été sont aussi sur la fiche."))
    },
};

fn message(site: &Site, to: kernel::Email, s: &Signalement, etat: Etat, reponse: &str) -> Message {
    let quoi = match s.lieu {
        Some(_) => format!("Vous nous avez signalé quelque chose sur le lieu « {} », {}.", s.nom, s.commune),
        None => format!("Vous nous avez proposé d’ajouter le lieu « {} », {}.", s.nom, s.commune),
    };
    let suite = match etat {
        Etat::Accepte => "Merci : c’est fait, la fiche tient compte de votre message.",
        _ => "Merci. Après vérification, la fiche n’a pas été changée.",
    };
    let mut text = format!("Bonjour,\n\n{quoi}\n\n{suite}");
    if !reponse.is_empty() {
        text.push_str("\n\n");
        text.push_str(reponse);
    }
    if let Some(lieu) = s.lieu {
        text.push_str(&format!("\n\n{}", site.url(&format!("/lieux/{lieu}"))));
    }
    text.push_str(
        "\n\nVotre adresse électronique ne servait qu’à cette réponse : elle vient d’être effacée.",
    );
    let subject = format!("Votre message sur « {} »", s.nom.replace(['\r', '\n'], " "));
    Message { genre: &REPONSE, to, subject, text }
}

/// Erases addresses that waited a year.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct OublierAdresses;

impl Job for OublierAdresses {
    const KIND: &'static str = "annuaire.oublier_adresses_signalements";
    fn dedup_key(&self) -> Option<String> {
        Some("tous".to_owned())
    }
}

pub(super) async fn oublier(site: &Site, _: OublierAdresses) -> Result<(), DbErr> {
    let avant = site.clock.now() - TimeDelta::days(ADRESSE_JOURS);
    site.db
        .write(async |tx| {
            let n = store::oublie(tx, avant).await?;
            if n > 0 {
                let ligne =
                    Entry::system("signalement.oublier", "signalement", "").with(json!({ "adresses": n }));
                journal::write(site, tx, ligne).await?;
            }
            Ok(())
        })
        .await
}
