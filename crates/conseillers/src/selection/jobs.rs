//! What leaves after a session, and the reminders of préfectures.

use chrono::{Datelike, NaiveDate, TimeDelta};
use identity::{Invitation, courriels_de_prefecture, invite_by_programme};
use kernel::calendrier::jour;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Email, Perimetre, Role};
use platform::jobs::{Job, Registry};
use platform::journal::{self, Entry};
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lettres::{self, PreparerLettres};
use super::model::{Decision, Verdict};
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::contrats::store::noter_alerte;
use crate::demandes::actions::{connu_de_l_annuaire, ligne};
use crate::demandes::mails::{laquelle, message, recoit, suivre};
use crate::demandes::model::{Demande, Objet};
use crate::demandes::reference::{Critere, Jour};
use crate::demandes::store::{self as demandes, Filtre};
use crate::demandes::suivi;
use crate::exemples;
use crate::ids::SeanceId;

/// Tells who asked what the committee decided, and opens their account when posts were made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Notifier {
    /// The decision.
    pub(super) decision: Uuid,
}

impl Job for Notifier {
    const KIND: &'static str = "conseillers.notifier_decision";
}

/// Tells a préfecture what a session decided of its demandes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct NotifierPrefecture {
    /// The session.
    pub(super) seance: SeanceId,
    /// The département.
    pub(super) departement: String,
    /// Its région.
    pub(super) region: String,
}

impl Job for NotifierPrefecture {
    const KIND: &'static str = "conseillers.notifier_prefecture";
}

/// Reminds préfectures of the demandes that wait for their opinion.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct RappelerAvis {}

impl Job for RappelerAvis {
    const KIND: &'static str = "conseillers.rappeler_avis";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does these jobs.
pub(crate) fn register(c: &Conseillers, registry: &mut Registry) {
    let s = c.site.clone();
    registry.on(move |_, job: Notifier| {
        let site = s.clone();
        async move { site.db.write(async |tx| notifier(&site, tx, job.decision).await).await }
    });
    let s = c.site.clone();
    registry.on(move |_, job: NotifierPrefecture| {
        let site = s.clone();
        async move { site.db.write(async |tx| prefecture(&site, tx, &job).await).await }
    });
    let lettres = c.clone();
    registry.on(move |tache, job: PreparerLettres| {
        let c = lettres.clone();
        async move { lettres::fait(&c, tache, job).await }
    });
    let c = c.clone();
    registry.on(move |_, _: RappelerAvis| {
        let c = c.clone();
        async move { rappeler(&c).await }
    });
    registry.every(RappelerAvis::KIND, TimeDelta::days(1), RappelerAvis {});
}

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&REFUS, &ACCORD, &COMPLEMENT, &DECISIONS, &RAPPEL];

const DEMANDEUR: &str = "La personne à joindre de la demande";

static REFUS: Genre = Genre {
    cle: "demande.refus",
    nom: "Le comité n’accorde pas la demande",
    occasion: "La séance du comité est close",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, Verdict::Refus { criteres: vec![Critere::Repartition] }),
};

static ACCORD: Genre = Genre {
    cle: "demande.accord",
    nom: "Le comité accorde des postes",
    occasion: "La séance du comité est close",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, Verdict::Accord { postes: 2 }),
};

static COMPLEMENT: Genre = Genre {
    cle: "demande.complement",
    nom: "Le comité demande des précisions",
    occasion: "La séance du comité est close",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let attendu = "Quels lieux seront ouverts au public, et quels jours ?".to_owned();
        exemple(site, a, Verdict::Complement { attendu })
    },
};

static DECISIONS: Genre = Genre {
    cle: "prefecture.decisions",
    nom: "Ce que le comité a décidé pour un département",
    occasion: "La séance du comité est close",
    lecteur: "La préfecture du département",
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| {
        let lignes = [format!("- DE-87, {} : {}", exemples::NOM, Verdict::Accord { postes: 2 }.dit())];
        Some(decisions(site, &a, &exemples::departement()?, 12, &lignes))
    },
};

static RAPPEL: Genre = Genre {
    cle: "prefecture.avis",
    nom: "Des demandes attendent un avis",
    occasion: "Chaque matin où une demande est arrivée la veille, et à l’approche du dernier jour des avis",
    lecteur: "La préfecture du département",
    portee: Portee::Informe,
    arret: Some(
        "14, 7, 3 et 1 jours avant le dernier jour, ce jour-là, puis quatre semaines ; plus rien dès que toutes les demandes \
         ont un avis.",
    ),
    apercu: |site, a| {
        let rappel = Some((7, exemples::jour(7)?));
        Some(rappel_texte(site, &a, &File { departement: "Creuse", nouvelles: 2, attendent: 9, rappel }))
    },
};

/// The news of a decision, to somebody who does not exist.
fn exemple(site: &Site, a: Email, verdict: Verdict) -> Option<Message> {
    let d = exemples::demande(site, a)?;
    let decision = exemples::decision(site, verdict);
    let lien = site.url("/demande-de-postes/suivi/0f1e2d3c4b5a");
    Some(annonce(site, &d, &decision, (false, Some(lien))))
}

async fn notifier(site: &Site, tx: &Tx, decision: Uuid) -> Result<(), Failure> {
    let Some(decision) = store::une(tx, decision).await? else { return Ok(()) };
    // Done already, by a run that was cut short after it.
    if !store::notifiee(tx, decision.id, site.clock.now()).await? {
        return Ok(());
    }
    let Some(d) = demandes::get(tx, decision.demande).await? else { return Ok(()) };
    let mut compte = false;
    if let Verdict::Accord { postes } = decision.verdict {
        if d.objet.genre().cree_des_postes() {
            // Somebody the directory does not know may have filed: the space opens to whom it knows.
            let (nom, courriel) = connu_de_l_annuaire(tx, &d).await?.unwrap_or_else(|| {
                (format!("{} {}", d.contact.prenom, d.contact.nom), d.contact.courriel.clone())
            });
            compte = ouvrir_un_compte(site, tx, &d, (d.structure, nom, courriel.clone())).await?
                && courriel.key() == d.contact.courriel.key();
        }
        if let Objet::Transfert { vers, .. } = &d.objet {
            let contact = annuaire::structures::contacts(tx, *vers).await?;
            if let Some((nom, to)) = contact.into_iter().find_map(|c| Some((c.nom, c.courriel?))) {
                ouvrir_un_compte(site, tx, &d, (*vers, nom, to.clone())).await?;
                mail::enqueue(site, tx, &recoit(site, &to, &d, postes)).await?;
            }
        }
    }
    let lien = if compte { None } else { suivi::lien(site, tx, &d).await? };
    mail::enqueue(site, tx, &annonce(site, &d, &decision, (compte, lien))).await?;
    Ok(())
}

/// Opens the space of a structure to somebody; `false` when their account was closed: it stays so, the decision is told all
/// the same, and somebody looks into it.
async fn ouvrir_un_compte(
    site: &Site,
    tx: &Tx,
    d: &Demande,
    (structure, nom, courriel): (StructureId, String, Email),
) -> Result<bool, Failure> {
    let invitation = Invitation {
        courriel,
        nom,
        role: Role::GestionnaireStructure,
        perimetre: Perimetre::Structures(vec![structure]),
        fin: None,
    };
    let Err(error) = invite_by_programme(site, tx, &invitation).await else { return Ok(true) };
    match error.refusal() {
        Ok(_) => {
            journal::write(site, tx, ligne(None, "demande.compte_refuse", d.id)).await?;
            Ok(false)
        }
        Err(other) => Err(other.into()),
    }
}

fn annonce(site: &Site, d: &Demande, decision: &Decision, (compte, lien): (bool, Option<String>)) -> Message {
    let mut p = vec!["Bonjour,".to_owned(), format!("Le comité de sélection a examiné {}.", laquelle(d))];
    let (genre, sujet) = match &decision.verdict {
        Verdict::Accord { postes } => {
            let n = kernel::text::compte(u64::from(*postes), "poste", "postes");
            p.push(match d.objet.genre() {
                crate::demandes::Genre::Retrait => format!("Il accepte que vous rendiez {n}."),
                crate::demandes::Genre::Transfert => format!("Il accepte le transfert de {n}."),
                _ => format!("Il vous accorde {n}."),
            });
            if compte {
                p.push(
                    "Un autre message vous dit comment vous connecter à l’espace de votre structure : vous y choisirez vos \
                     candidats."
                        .to_owned(),
                );
            }
            (&ACCORD, "accordée")
        }
        Verdict::Refus { criteres } => {
            p.push("Il ne peut pas l’accorder, pour cette raison :".to_owned());
            p.push(criteres.iter().map(|c| c.nom()).collect::<Vec<_>>().join(" ; "));
            (&REFUS, "refusée")
        }
        Verdict::Complement { attendu } => {
            p.push("Il a besoin de précisions avant de décider :".to_owned());
            p.push(attendu.clone());
            (&COMPLEMENT, "précisions demandées")
        }
    };
    if !decision.notes.commentaire.is_empty() && !matches!(decision.verdict, Verdict::Complement { .. }) {
        p.push(decision.notes.commentaire.clone());
    }
    p.push(suivre(site, d, lien));
    message(genre, &d.contact.courriel, format!("Demande {} : {sujet}", d.reference()), &p)
}

async fn prefecture(site: &Site, tx: &Tx, job: &NotifierPrefecture) -> Result<(), Failure> {
    let (Some(departement), Some(region)) =
        (CodeDepartement::parse(&job.departement), CodeRegion::parse(&job.region))
    else {
        return Ok(());
    };
    let Some(seance) = store::seance(tx, job.seance).await? else { return Ok(()) };
    let mut lignes = Vec::new();
    let prises = store::decisions_de(tx, job.seance).await?;
    let lues = demandes::charger(tx, prises.iter().map(|x| x.demande)).await?;
    for decision in prises {
        let Some(d) = lues.get(&decision.demande) else { continue };
        if d.departement == departement {
            lignes.push((d.numero, format!("- {}, {} : {}", d.reference(), d.nom, decision.verdict.dit())));
        }
    }
    lignes.sort();
    let lignes: Vec<String> = lignes.into_iter().map(|(_, ligne)| ligne).collect();
    for to in courriels_de_prefecture(tx, &departement, &region, site.clock.now()).await? {
        mail::enqueue(site, tx, &decisions(site, &to, &departement, seance.numero, &lignes)).await?;
    }
    Ok(())
}

/// What a session decided for a département.
fn decisions(
    site: &Site,
    to: &Email,
    departement: &CodeDepartement,
    seance: i64,
    lignes: &[String],
) -> Message {
    let p = [
        "Bonjour,".to_owned(),
        format!(
            "Voici ce que le comité de sélection a décidé pour le département {departement} (séance {seance}) :"
        ),
        lignes.join("\n"),
        "Les demandes :".to_owned(),
        site.url(crate::demandes::BASE),
    ];
    let sujet = format!("Décisions de la séance {seance} pour le département {departement}");
    message(&DECISIONS, to, sujet, &p)
}

/// How many days before the deadline a reminder leaves; then every week, four times, and no more.
const AVANT: [i64; 4] = [14, 7, 3, 1];

/// The reminders, by the days that are left (below zero once the deadline has passed), the first one first.
fn rappels() -> impl Iterator<Item = i64> {
    AVANT.into_iter().chain((0..=4).map(|semaine| -7 * semaine))
}

/// The last reminder whose day has come, with so many days left: it leaves once, even when the instance was stopped on that
/// day. None before the first, nor when the last is a week old.
pub(super) fn rappel(reste: i64) -> Option<i64> {
    rappels().filter(|seuil| reste <= *seuil).last().filter(|_| reste > -35)
}

/// What waits for the opinion of a préfecture.
struct File<'a> {
    departement: &'a str,
    /// Of these, since the day before.
    nouvelles: usize,
    attendent: usize,
    /// Days left, and the last day, when a reminder of it is due.
    rappel: Option<(i64, NaiveDate)>,
}

fn rappel_texte(site: &Site, to: &Email, f: &File<'_>) -> Message {
    let n = |n: usize| kernel::text::compte(u64::try_from(n).unwrap_or(0), "demande", "demandes");
    let mut dit = vec!["Bonjour,".to_owned()];
    if f.nouvelles > 0 {
        dit.push(format!("Depuis hier, votre département a reçu {}.", n(f.nouvelles)));
    }
    dit.push(format!("Votre avis est attendu pour {}.", n(f.attendent)));
    if let Some((reste, echeance)) = f.rappel {
        let le = echeance.format("%d/%m/%Y");
        dit.push(match reste {
            0 => "C’est le dernier jour.".to_owned(),
            r if r < 0 => {
                format!("Le délai a pris fin le {le}. Ces demandes passeront sans votre avis si une séance s’ouvre.")
            }
            _ => format!("Dernier jour : le {le}."),
        });
    }
    dit.push(site.url(&format!("{}?avis=attendu", crate::demandes::BASE)));
    message(&RAPPEL, to, format!("{} : {} sans avis", f.departement, n(f.attendent)), &dit)
}

async fn rappeler(c: &Conseillers) -> Result<(), Failure> {
    let site = &c.site;
    let conn = site.db.read();
    let now = site.clock.now();
    let echeance = demandes::calendrier(conn, Jour::Avis).await?;
    let reste = (echeance - jour(&now)).num_days();
    let territoires = c.annuaire.territoires();
    for departement in territoires.departements() {
        let p = Perimetre::Departements(vec![departement.code.clone()]);
        let sans_avis = Filtre { sans_avis: Some(true), ..Filtre::default() };
        let attendent = demandes::compter(conn, &p, &sans_avis).await?;
        if attendent == 0 {
            continue;
        }
        let nouvelles = demandes::lister(conn, &p, &sans_avis, (0, attendent)).await?;
        let nouvelles = nouvelles.iter().filter(|d| now - d.deposee_le < TimeDelta::days(1)).count();
        let rappel = rappel(reste);
        if nouvelles == 0 && rappel.is_none() {
            continue;
        }
        site.db
            .write(async |tx| {
                let du = match rappel {
                    // Kept as sent, for this deadline: a département hears each reminder once.
                    Some(seuil) => {
                        let alerte = format!("avis_{}_{seuil}", departement.code);
                        noter_alerte(site, tx, Uuid::nil(), &alerte, echeance).await?
                    }
                    None => false,
                };
                if nouvelles == 0 && !du {
                    return Ok(());
                }
                let file = File {
                    departement: &departement.nom,
                    nouvelles,
                    attendent,
                    rappel: du.then_some((reste, echeance)),
                };
                for to in courriels_de_prefecture(tx, &departement.code, &departement.region, now).await? {
                    mail::enqueue(site, tx, &rappel_texte(site, &to, &file)).await?;
                }
                let line = Entry::system("demande.rappel", "departement", departement.code.clone());
                let details = serde_json::json!({ "attendent": attendent, "jour": jour(&now).ordinal() });
                journal::write(site, tx, line.with(details)).await
            })
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    /// Day after day, each reminder is due once; a day that was missed is made up for on the next.
    #[test]
    fn reminders_come_closer_then_stop() {
        let mut dits = Vec::new();
        for reste in (-60..=20).rev() {
            dits.extend(super::rappel(reste).filter(|seuil| dits.last() != Some(seuil)));
        }
        assert_eq!(dits, [14, 7, 3, 1, 0, -7, -14, -21, -28]);
        assert_eq!((super::rappel(6), super::rappel(15), super::rappel(-35)), (Some(7), None, None));
    }
}
