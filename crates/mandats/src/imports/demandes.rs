//! People who were asked for elsewhere, by address and organisation: they enter where their request was, without an account
//! and without a message.

use chrono::NaiveDate;
use kernel::Actor;
use kernel::ids::StructureId;
use kernel::text::fold;
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::aidants::{demandee, organisations, personne};
use super::cellules::{Jugee, Lecture};
use super::model::{Genre, Ligne, Sort};
use super::model::{aidant as qui, demande as col};
use crate::aidants::propositions::{self, Offre};
use crate::aidants::regles::{Parcours, Voie};
use crate::aidants::vie::{self, Personne};
use crate::aidants::{self, Aidant, Appartenance, EtatAidant, Fonction, registre};
use crate::ids::{AidantId, AppartenanceId};
use crate::organisations as habilitees;
use crate::{Failure, Mandats};

/// What is to be written of a line.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// Somebody more.
    Inscrire { personne: Box<Personne>, structure: StructureId, etat: EtatAidant, depuis: NaiveDate },
    /// Somebody known, for one organisation more.
    Rattacher { qui: AidantId, structure: StructureId },
    /// Somebody whose request was not decided here.
    Decider { qui: AidantId, vers: EtatAidant },
}

/// The state of a request, in the words of people or of the service that stands, and how one learns.
fn etat(l: &mut Lecture<'_>) -> Option<(EtatAidant, Voie)> {
    match fold(l.get(col::ETAT)).as_str() {
        "" | "en attente" | "demande en attente" | "attente" | "nouvelle" | "new" | "waitling list"
        | "waiting list" | "liste d attente" | "demande" => Some((EtatAidant::Demande, Voie::Classique)),
        "a former" | "eligible" | "eligibilite validee" | "processing" | "en cours" => {
            Some((EtatAidant::Eligible, Voie::Classique))
        }
        "processing p2p" | "a former par un collegue" => Some((EtatAidant::Eligible, Voie::Pair)),
        "refusee"
        | "refuse"
        | "refused"
        | "annulee"
        | "annule"
        | "cancelled"
        | "cancelled by responsable"
        | "status cancelled by responsable" => Some((EtatAidant::Refuse, Voie::Classique)),
        "validee" | "valide" | "validated" => {
            l.refuse(
                col::ETAT,
                "Une demande acceptée est un compte : mettez cette personne dans le fichier des aidants.",
            );
            None
        }
        _ => {
            l.refuse(col::ETAT, "Écrivez « en attente », « à former », « refusée » ou « annulée ».");
            None
        }
    }
}

/// What a line would do.
pub(super) async fn juger(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    ligne: &Ligne,
) -> Result<Jugee<Plan>, Failure> {
    let mut l = Lecture::de(Genre::Demandes, ligne);
    let courriel = l.courriel(qui::ADRESSE);
    let siennes = organisations(m, conn, actor, &mut l, col::ORGANISATION).await?;
    let (voulu, depuis) = (etat(&mut l), l.jour(col::DATE, m.jour()));
    if siennes.len() != 1 && !l.refusee() {
        l.refuse(col::ORGANISATION, "Donnez le numéro d’une organisation, une seule par ligne.");
    }
    let (Some(courriel), Some((voulu, voie)), Some(o)) = (courriel, voulu, siennes.first()) else {
        return Ok(l.sans_suite());
    };
    let depuis = depuis.unwrap_or_else(|| m.jour());
    let Some(a) = aidants::store::du_courriel(conn, &courriel).await? else {
        let personne = personne(&mut l, &courriel, Fonction::Aidant, voie);
        let Some(personne) = personne else { return Ok(l.sans_suite()) };
        l.note(col::ETAT, format!("Sera inscrite : {}.", voulu.nom().to_lowercase()));
        let (personne, structure) = (Box::new(personne), o.structure);
        return Ok(l.suite(Sort::Cree, Plan::Inscrire { personne, structure, etat: voulu, depuis }));
    };
    if aidants::store::appartenance(conn, a.id, o.structure).await?.is_none() {
        if voulu == EtatAidant::Refuse {
            l.note(qui::ADRESSE, "Cette personne est déjà connue : sa situation reste comme elle est.");
            return Ok(l.sans_suite());
        }
        // Who was refused, or has left, comes back by a decision of today and never by an old list.
        if matches!(a.etat, EtatAidant::Refuse | EtatAidant::Parti) {
            l.refuse(
                qui::ADRESSE,
                format!(
                    "Situation d’aujourd’hui : {}. Une ancienne demande ne la change pas.",
                    a.etat.nom().to_lowercase()
                ),
            );
            return Ok(l.sans_suite());
        }
        if propositions::attend(conn, &a.courriel, o.structure).await? {
            l.note(col::ORGANISATION, "L’organisation le lui a déjà proposé : elle n’a pas encore répondu.");
            return Ok(l.sans_suite());
        }
        l.note(
            col::ORGANISATION,
            match demandee(&a) {
                true => "Recevra une proposition de cette organisation : elle en fera partie quand elle aura accepté.",
                false => "Sera rattachée à cette organisation.",
            },
        );
        return Ok(l.suite(Sort::Change, Plan::Rattacher { qui: a.id, structure: o.structure }));
    }
    match (a.etat, voulu) {
        (la, voulu) if la == voulu => Ok(l.sans_suite()),
        (EtatAidant::Demande, vers @ (EtatAidant::Eligible | EtatAidant::Refuse)) => {
            l.change(col::ETAT, a.etat.nom(), vers.nom());
            Ok(l.suite(Sort::Change, Plan::Decider { qui: a.id, vers }))
        }
        (la, _) => {
            l.note(col::ETAT, format!("Gardé comme ici : {}.", la.nom().to_lowercase()));
            Ok(l.sans_suite())
        }
    }
}

/// Writes it.
pub(super) async fn ecrire(m: &Mandats, tx: &Tx, actor: &Actor, plan: Plan) -> Result<(), Failure> {
    match plan {
        Plan::Inscrire { personne, structure, etat, depuis } => {
            inscrire(m, tx, actor, &personne, structure, etat, depuis).await
        }
        Plan::Rattacher { qui, structure } => {
            // Whose account is in use is asked before they belong to one organisation more, as everywhere.
            let personne = Personne::de(&vie::tenir(tx, qui).await?, Fonction::Aidant);
            let offre = Offre::de(&personne, structure, EtatAidant::Eligible);
            propositions::inscrire(m, tx, &offre, Some(actor)).await.map(drop)
        }
        Plan::Decider { qui, vers } => {
            vie::changer(m, tx, qui, vers, "Ancienne demande", Some(actor)).await.map(drop)
        }
    }
}

/// As [`vie::inscrire`], at the day of the request; who was refused belongs to the organisation no more.
async fn inscrire(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    p: &Personne,
    structure: StructureId,
    etat: EtatAidant,
    depuis: NaiveDate,
) -> Result<(), Failure> {
    let site = &m.site;
    habilitees::store::tenir(tx, structure).await?.ok_or(kernel::Refusal::NotFound)?;
    let a = Aidant {
        id: AidantId::new(&site.clock, &site.chance),
        compte: None,
        prenom: p.prenom.clone(),
        nom: p.nom.clone(),
        courriel: p.courriel.clone(),
        telephone: p.telephone.clone(),
        profession: p.profession.clone(),
        conseiller_numerique: p.conseiller_numerique,
        etat,
        etat_le: site.clock.now(),
        conditions_version: None,
        cree_le: kernel::calendrier::minuit(depuis),
        version: 0,
    };
    aidants::store::enregistrer(tx, &a).await?;
    registre::ecrire_parcours(tx, a.id, &Parcours { voie: p.voie, ..Parcours::default() }).await?;
    registre::noter(site, tx, &a, None, "Ancienne demande", Some(actor)).await?;
    let line = Entry::by(actor, "aidant.inscrire", "aidant", a.id);
    journal::write(site, tx, line.with(json!({ "etat": etat.cle(), "ancienne": true }))).await?;
    let appartenance = Appartenance {
        id: AppartenanceId::new(&site.clock, &site.chance),
        aidant: a.id,
        structure,
        equipe: None,
        fonction: p.fonction,
        debut: depuis,
        fin: (etat == EtatAidant::Refuse).then_some(depuis),
    };
    aidants::store::ouvrir_appartenance(tx, &appartenance).await?;
    let line = Entry::by(actor, "aidant.rattacher", "aidant", a.id);
    Ok(journal::write(site, tx, line.with(json!({ "organisation": structure }))).await?)
}
