//! What is done by who asks: no account, an address that was proved.

use chrono::TimeDelta;
use identity::secrets::link::Secret;
use kernel::{Email, Refusal};
use platform::journal::{self, Entry};
use platform::web::FormState;
use platform::{Site, Tx, mail};
use sea_orm::DbErr;
use serde_json::json;

use crate::formations::model::EtatInscription;
use crate::formations::par_demandeur::{self, Pour};
use crate::habilitations::model::{
    Demande, Demandeur, DemandeurId, Dossier, Echange, Etat, Personne, PersonneId,
};
use crate::habilitations::reference::{BROUILLONS_MAX, PERSONNES_MAX};
use crate::habilitations::store::{self, Genre};
use crate::habilitations::{ESPACE_VIE, courriels, rules, saisie};
use crate::ids::{AidantId, HabilitationId, SessionFormationId};
use crate::{Failure, Mandats};

/// How long the link that proves an address serves.
const PREUVE_VIE: TimeDelta = TimeDelta::days(3);

/// A link to the space of somebody, for a message.
pub(super) async fn lien_d_espace(site: &Site, tx: &Tx, demandeur: DemandeurId) -> Result<Secret, DbErr> {
    let secret = Secret::new(&site.chance);
    store::lier(tx, &secret, demandeur, Genre::Espace, site.clock.now() + ESPACE_VIE).await?;
    Ok(secret)
}

/// Enters whoever asks, or reminds who is known already; the same answer in both cases. A message goes to the address.
///
/// # Errors
/// The database.
pub(in crate::habilitations) async fn inscrire(m: &Mandats, nouveau: Demandeur) -> Result<(), Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write_again(|| {
            let nouveau = nouveau.clone();
            async move |tx: &Tx| {
                let connu = store::entrer_demandeur(tx, &nouveau).await?;
                // Nobody proved it: the last who typed it may have mended a name.
                let mut d = if connu.verifie_le.is_none() {
                    Demandeur {
                        id: connu.id,
                        envois: connu.envois,
                        envoye_le: connu.envoye_le,
                        cree_le: connu.cree_le,
                        ..nouveau
                    }
                } else {
                    connu
                };
                if !rules::envoi_permis(&d, now) {
                    return Ok(());
                }
                compter_envoi(&mut d, now);
                store::enregistrer_demandeur(tx, &d).await?;
                let message = if d.verifie_le.is_some() {
                    let secret = lien_d_espace(site, tx, d.id).await?;
                    courriels::espace(site, &d.courriel, secret.expose(), ESPACE_VIE.num_days())
                } else {
                    let secret = Secret::new(&site.chance);
                    store::lier(tx, &secret, d.id, Genre::Preuve, now + PREUVE_VIE).await?;
                    courriels::prouver(site, &d.courriel, secret.expose())
                };
                mail::enqueue(site, tx, &message).await?;
                Ok::<_, Failure>(())
            }
        })
        .await
}

fn compter_envoi(d: &mut Demandeur, now: chrono::DateTime<chrono::Utc>) {
    let recent = d.envoye_le.is_some_and(|le| now - le < TimeDelta::days(1));
    d.envois = if recent { d.envois + 1 } else { 1 };
    d.envoye_le = Some(now);
}

/// Sends the link of their space to that address, or says there that it is not known.
///
/// # Errors
/// The database.
pub(in crate::habilitations) async fn suivre(m: &Mandats, courriel: &Email) -> Result<(), Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let connu = store::tenir_demandeur(tx, courriel).await?;
            let message = match connu {
                Some(mut d) => {
                    if !rules::envoi_permis(&d, now) {
                        return Ok(());
                    }
                    compter_envoi(&mut d, now);
                    store::enregistrer_demandeur(tx, &d).await?;
                    if d.verifie_le.is_some() {
                        let secret = lien_d_espace(site, tx, d.id).await?;
                        courriels::espace(site, courriel, secret.expose(), ESPACE_VIE.num_days())
                    } else {
                        let secret = Secret::new(&site.chance);
                        store::lier(tx, &secret, d.id, Genre::Preuve, now + PREUVE_VIE).await?;
                        courriels::prouver(site, courriel, secret.expose())
                    }
                }
                None => courriels::inconnu(site, courriel),
            };
            mail::enqueue(site, tx, &message).await?;
            Ok(())
        })
        .await
}

/// Whether a link that proves an address still serves. Nothing is used.
///
/// # Errors
/// The database.
pub(in crate::habilitations) async fn sert(m: &Mandats, lien: &Secret) -> Result<bool, Failure> {
    let tenu = store::lien(m.site.db.read(), lien, Genre::Preuve, m.site.clock.now()).await?;
    Ok(tenu.is_some())
}

/// Proves an address by its link, once; gives the link of the space.
///
/// # Errors
/// A conflict when the link is over.
pub(in crate::habilitations) async fn confirmer(m: &Mandats, lien: &Secret) -> Result<Secret, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let mut d = store::user_lien(tx, lien, now).await?.ok_or_else(|| {
                Refusal::conflict(
                    "Ce lien ne sert plus : il a déjà servi, ou il a plus de 3 jours. Demandez-en un autre avec « Suivre ma demande ».",
                )
            })?;
            let premiere = d.verifie_le.is_none();
            d.verifie_le = d.verifie_le.or(Some(now));
            store::enregistrer_demandeur(tx, &d).await?;
            if premiere {
                let line = Entry::system("habilitation.demandeur.confirmer", "habilitation_demandeur", d.id);
                journal::write(site, tx, line).await?;
            }
            Ok(lien_d_espace(site, tx, d.id).await?)
        })
        .await
}

/// Changes who asks: everything but the address, which was proved.
///
/// # Errors
/// The database.
pub(in crate::habilitations) async fn modifier_profil(
    m: &Mandats,
    d: &Demandeur,
    saisi: Demandeur,
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let connu = store::tenir_demandeur(tx, &d.courriel).await?.ok_or(Refusal::NotFound)?;
            let nouveau = Demandeur {
                prenom: saisi.prenom.clone(),
                nom: saisi.nom.clone(),
                profession: saisi.profession.clone(),
                telephone: saisi.telephone.clone(),
                ..connu
            };
            store::enregistrer_demandeur(tx, &nouveau).await?;
            let line = Entry::system("habilitation.demandeur.modifier", "habilitation_demandeur", d.id);
            journal::write(site, tx, line).await?;
            Ok(())
        })
        .await
}

/// How a request begins.
pub(in crate::habilitations) struct Ouverture {
    /// What is known already of the organisation.
    pub(in crate::habilitations) champs: FormState,
    /// Its name so far.
    pub(in crate::habilitations) nom: String,
}

/// Opens a draft; its link goes to who asks.
///
/// # Errors
/// A conflict when there are too many drafts already.
pub(in crate::habilitations) async fn commencer(
    m: &Mandats,
    d: &Demandeur,
    ouverture: Ouverture,
) -> Result<HabilitationId, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let id = HabilitationId::new(&site.clock, &site.chance);
    site.db
        .write(async |tx| {
            store::tenir_demandeur(tx, &d.courriel).await?;
            let siennes = store::du_demandeur(tx, d.id).await?;
            if siennes.iter().filter(|x| x.etat == Etat::Brouillon).count() >= BROUILLONS_MAX {
                return Err(Refusal::conflict(
                    "Vous avez déjà vingt brouillons. Terminez-en un, ou effacez-en un.",
                )
                .into());
            }
            let demande = neuve(id, d.id, &ouverture, now);
            store::enregistrer(tx, &demande).await?;
            let secret = lien_d_espace(site, tx, d.id).await?;
            let nom = if demande.nom.is_empty() { "votre organisation" } else { &demande.nom };
            mail::enqueue(site, tx, &courriels::brouillon(site, d, secret.expose(), nom)).await?;
            journal::write(site, tx, Entry::system("habilitation.commencer", "habilitation", id)).await?;
            Ok(id)
        })
        .await
}

pub(in crate::habilitations) fn neuve(
    id: HabilitationId,
    demandeur: DemandeurId,
    ouverture: &Ouverture,
    now: chrono::DateTime<chrono::Utc>,
) -> Demande {
    Demande {
        id,
        demandeur,
        etat: Etat::Brouillon,
        champs: ouverture.champs.clone(),
        nom: ouverture.nom.chars().take(200).collect(),
        numero: None,
        type_cle: None,
        pivot: None,
        lieu_cle: None,
        commune: None,
        departement: None,
        region: None,
        agent: None,
        structure: None,
        cree_le: now,
        modifie_le: now,
        deposee_le: None,
        decidee_le: None,
        version: 0,
    }
}

/// The request of who asks, held, if it may still be changed.
async fn tenir_modifiable(tx: &Tx, d: &Demandeur, id: HabilitationId) -> Result<Demande, Failure> {
    let demande = tenir_sienne(tx, d, id).await?;
    rules::modifiable(&demande)?;
    Ok(demande)
}

async fn tenir_sienne(tx: &Tx, d: &Demandeur, id: HabilitationId) -> Result<Demande, Failure> {
    let demande = store::tenir(tx, id).await?.filter(|x| x.demandeur == d.id);
    Ok(demande.ok_or(Refusal::NotFound)?)
}

/// Keeps the fields of a step, whatever they hold: a draft may be wrong.
///
/// # Errors
/// A conflict when the request may not be changed any more.
pub(in crate::habilitations) async fn garder(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
    (champs, form): (&[&str], &FormState),
) -> Result<(), Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let mut demande = tenir_modifiable(tx, d, id).await?;
            for champ in champs {
                demande.champs.set(champ, form.get(champ));
            }
            if champs.contains(&"nom") {
                demande.nom = form.get("nom").chars().take(200).collect();
            }
            demande.modifie_le = now;
            Ok(store::enregistrer(tx, &demande).await?)
        })
        .await
}

/// Writes a person of a request: a new one, or one of its own.
///
/// # Errors
/// A field when the address is there already; a conflict when there are too many.
pub(in crate::habilitations) async fn personne(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
    p: Personne,
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let mut demande = tenir_modifiable(tx, d, id).await?;
            let la = store::personnes(tx, id).await?;
            let connue = la.iter().any(|x| x.id == p.id);
            if !connue && la.len() >= PERSONNES_MAX {
                return Err(Refusal::field("courriel", "Une demande nomme 60 personnes au plus.").into());
            }
            if la.iter().any(|x| x.id != p.id && x.courriel.key() == p.courriel.key()) {
                let sentence =
                    "Cette adresse est déjà celle d’une autre personne de la demande : chacune a la sienne.";
                return Err(Refusal::field("courriel", sentence).into());
            }
            store::enregistrer_personne(tx, id, &p).await?;
            demande.modifie_le = m.site.clock.now();
            Ok(store::enregistrer(tx, &demande).await?)
        })
        .await
}

/// Takes a person out, or the whole draft with everybody.
///
/// # Errors
/// Not found; a conflict when the request may not be changed any more.
pub(in crate::habilitations) async fn retirer(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
    qui: Option<PersonneId>,
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let demande = tenir_modifiable(tx, d, id).await?;
            match qui {
                Some(p) => match store::retirer_personne(tx, id, p).await? {
                    0 => Err(Refusal::NotFound.into()),
                    _ => Ok(()),
                },
                None if demande.etat == Etat::Brouillon => {
                    store::effacer(tx, id).await?;
                    journal::write(&m.site, tx, Entry::system("habilitation.effacer", "habilitation", id))
                        .await?;
                    Ok(())
                }
                None => Err(Refusal::conflict("Une demande déposée s’annule : elle ne s’efface pas.").into()),
            }
        })
        .await
}

/// Files a request that is complete: it gets its number the first time.
///
/// # Errors
/// What is missing, tied to its field; a conflict when another of this number and place is under way.
pub(in crate::habilitations) async fn deposer(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
    lu: impl Fn(&FormState) -> Option<Dossier>,
) -> Result<Demande, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let fait = site
        .db
        .write(async |tx| {
            let mut demande = tenir_modifiable(tx, d, id).await?;
            let nouvelle = demande.numero.is_none();
            let avant = store::personnes(tx, id).await?;
            let sceau = demande.champs.get(saisie::SCEAU).to_owned();
            let inchangee = !sceau.is_empty() && sceau == saisie::sceau(&demande.champs, &avant);
            let demandee = demande.decidee_le;
            let echanges = store::echanges(tx, id).await?;
            let repondu = echanges.iter().any(|e| !e.equipe && demandee.is_some_and(|le| e.le > le));
            if inchangee && !repondu {
                return Err(Refusal::conflict(
                    "L’équipe des habilitations a demandé des modifications, et rien n’a changé. Modifiez la demande, ou répondez \
                     au message de l’équipe, puis déposez-la de nouveau.",
                )
                .into());
            }
            demande.champs.forget(saisie::SCEAU);
            let mut dossier = lu(&demande.champs).ok_or_else(|| {
                Refusal::conflict(
                    "Cette demande n’est pas complète. Reprenez les étapes qui portent une erreur.",
                )
            })?;
            let mut personnes = store::personnes(tx, id).await?;
            // Who is named twice is one person: the référent, who will make mandats too.
            if let Some(double) =
                personnes.iter().position(|p| p.courriel.key() == dossier.referent.courriel.key())
            {
                let p = personnes.remove(double);
                store::retirer_personne(tx, id, p.id).await?;
                dossier.referent_aidant = true;
                demande.champs.set("referent_aidant", "oui");
            }
            rules::deposable(&demande, &dossier, &personnes)?;
            if demande.numero.is_none() {
                let code = dossier.fiche.code_postal.as_ref().map(ToString::to_string).unwrap_or_default();
                demande.numero = Some(store::allouer(tx, &code).await?);
            }
            store::deposer(tx, &demande, &dossier, now).await?;
            let demande = store::lire(tx, id).await?.ok_or(Refusal::NotFound)?;
            let secret = lien_d_espace(site, tx, d.id).await?;
            mail::enqueue(site, tx, &courriels::deposee(site, d, &demande, secret.expose(), nouvelle))
                .await?;
            if !nouvelle {
                let quoi = if inchangee {
                    "la demande est déposée de nouveau sans changement, avec une réponse à votre message"
                } else {
                    "la demande a été modifiée"
                };
                super::instruction::prevenir_l_agent(site, tx, &demande, quoi).await?;
            }
            let facts = json!({ "numero": demande.numero, "personnes": personnes.len() });
            let line = Entry::system("habilitation.deposer", "habilitation", id).with(facts);
            journal::write(site, tx, line).await?;
            Ok(demande)
        })
        .await;
    match fait {
        Err(Failure::Db(e)) if platform::db::is_unique_violation(&e) => Err(Refusal::conflict(
            "Une demande est déjà en cours d’étude pour ce SIRET à cette adresse. Écrivez à l’équipe des habilitations si la \
             vôtre concerne un autre lieu.",
        )
        .into()),
        other => other,
    }
}

/// Keeps what who asked writes to the staff.
///
/// # Errors
/// A conflict for a draft.
pub(in crate::habilitations) async fn message_du_demandeur(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
    texte: &str,
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let demande = tenir_sienne(tx, d, id).await?;
            if demande.etat == Etat::Brouillon {
                return Err(Refusal::conflict(
                    "Déposez d’abord la demande : l’équipe des habilitations ne lit pas les brouillons.",
                )
                .into());
            }
            if store::echanges(tx, id).await?.iter().rev().take_while(|e| !e.equipe).count() >= 10 {
                return Err(Refusal::conflict(
                    "L’équipe a dix messages de vous à lire. Attendez sa réponse.",
                )
                .into());
            }
            let echange =
                Echange { equipe: false, compte: None, texte: texte.to_owned(), le: site.clock.now() };
            store::noter(tx, kernel::ids::uuid_v7(&site.clock, &site.chance), id, &echange).await?;
            super::instruction::prevenir_l_agent(site, tx, &demande, "un message attend votre réponse")
                .await?;
            journal::write(site, tx, Entry::system("habilitation.message", "habilitation", id)).await?;
            Ok(())
        })
        .await
}

/// Withdraws a request.
///
/// # Errors
/// A conflict when it is decided already.
pub(in crate::habilitations) async fn annuler(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let mut demande = tenir_sienne(tx, d, id).await?;
            rules::annulable(&demande)?;
            demande.etat = Etat::Annulee;
            demande.modifie_le = site.clock.now();
            demande.decidee_le = Some(site.clock.now());
            store::enregistrer(tx, &demande).await?;
            journal::write(site, tx, Entry::system("habilitation.annuler", "habilitation", id)).await?;
            Ok(())
        })
        .await
}

/// Begins again from what a refused or withdrawn request said.
///
/// # Errors
/// A conflict when it is neither.
pub(in crate::habilitations) async fn copier(
    m: &Mandats,
    d: &Demandeur,
    id: HabilitationId,
) -> Result<HabilitationId, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let nouvelle = HabilitationId::new(&site.clock, &site.chance);
    site.db
        .write(async |tx| {
            let demande = tenir_sienne(tx, d, id).await?;
            if !matches!(demande.etat, Etat::Refusee | Etat::Annulee) {
                return Err(
                    Refusal::conflict("Seule une demande refusée ou annulée peut être recommencée.").into()
                );
            }
            let siennes = store::du_demandeur(tx, d.id).await?;
            if siennes.iter().filter(|x| x.etat == Etat::Brouillon).count() >= BROUILLONS_MAX {
                return Err(Refusal::conflict(
                    "Vous avez déjà vingt brouillons. Terminez-en un, ou effacez-en un.",
                )
                .into());
            }
            let mut champs = demande.champs.clone();
            for (champ, _) in crate::habilitations::reference::DECLARATIONS {
                champs.forget(champ);
            }
            champs.forget(saisie::SCEAU);
            let copie = neuve(nouvelle, d.id, &Ouverture { champs, nom: demande.nom }, now);
            store::enregistrer(tx, &copie).await?;
            for p in store::personnes(tx, id).await? {
                let p = Personne { id: PersonneId::new(&site.clock, &site.chance), aidant: None, ..p };
                store::enregistrer_personne(tx, nouvelle, &p).await?;
            }
            let facts = json!({ "de": id });
            journal::write(
                site,
                tx,
                Entry::system("habilitation.recommencer", "habilitation", nouvelle).with(facts),
            )
            .await?;
            Ok(nouvelle)
        })
        .await
}

/// Inscribes somebody of an accepted request in a session of training; who asked has a message, with the référents.
///
/// # Errors
/// As [`crate::formations::par_demandeur::inscrire`].
pub(in crate::habilitations) async fn inscrire_a_une_session(
    m: &Mandats,
    d: &Demandeur,
    demande: &Demande,
    (pour, session): (&Pour, SessionFormationId),
    aidant: AidantId,
) -> Result<EtatInscription, Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let (etat, s) = par_demandeur::inscrire(m, tx, (pour, session), aidant).await?;
            let secret = lien_d_espace(site, tx, d.id).await?;
            mail::enqueue(site, tx, &courriels::formation(site, d, demande, secret.expose(), (etat, &s)))
                .await?;
            Ok(etat)
        })
        .await
}
