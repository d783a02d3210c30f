//! What the staff does: accept in one transaction, refuse, ask for changes, put back, write, share the work.

use std::collections::BTreeSet;

use annuaire::structures;
use annuaire::structures::model::FicheContact;
use identity::secrets::link::Secret;
use kernel::ids::StructureId;
use kernel::{Actor, Email, Refusal};
use platform::journal::{self, Entry};
use platform::web::FormState;
use platform::{Site, Tx, mail};
use serde_json::json;

use super::depot::lien_d_espace;
use crate::aidants::propositions::{self, Offre, Suite};
use crate::aidants::{self, EtatAidant, Fonction};
use crate::habilitations::model::{Demande, Dossier, Echange, Etat, Personne, PersonneId};
use crate::habilitations::rules::{self, Acte};
use crate::habilitations::{courriels, saisie, store};
use crate::ids::{AidantId, HabilitationId};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Failure, Mandats, legal};

/// What is written to who asked.
#[derive(Clone, Debug)]
pub(in crate::habilitations) struct Lettre {
    /// Its subject, one line.
    pub(in crate::habilitations) sujet: String,
    /// Its text.
    pub(in crate::habilitations) texte: String,
}

/// Where an accepted organisation goes in the directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::habilitations) enum Accueil {
    /// It is a structure that the directory has.
    Connue(StructureId),
    /// It is entered.
    Nouvelle,
}

async fn tenir(tx: &Tx, actor: &Actor, id: HabilitationId, acte: Acte) -> Result<Demande, Failure> {
    let demande = store::tenir(tx, id).await?.ok_or(Refusal::NotFound)?;
    rules::peut(actor, &demande, acte)?;
    Ok(demande)
}

/// Does that to a request, and writes it to those whom it concerns. Accepting makes, in the same transaction: the structure
/// in the directory if it is new, the organisation habilitée, the référent with their account, one record of each person.
///
/// # Errors
/// Refusals of the rules; a conflict when somebody else did it first.
pub(in crate::habilitations) async fn decider(
    m: &Mandats,
    actor: &Actor,
    id: HabilitationId,
    (acte, lettre): (Acte, &Lettre),
    lu: impl Fn(&FormState) -> Option<Dossier>,
    accueil: Accueil,
) -> Result<(), Failure> {
    let site = &m.site;
    let lu = &lu;
    let fait = site
        .db
        .write_again(|| {
            async move |tx: &Tx| {
                let mut demande = tenir(tx, actor, id, acte).await?;
                let demandeur = store::demandeur(tx, demande.demandeur).await?.ok_or(Refusal::NotFound)?;
                let personnes = store::personnes(tx, id).await?;
                let mut a_qui: BTreeSet<String> = BTreeSet::new();
                if acte == Acte::Accepter {
                    let dossier = lu(&demande.champs).ok_or_else(|| {
                        Refusal::conflict(
                            "Ce que dit la demande n’est plus complet. Demandez des modifications.",
                        )
                    })?;
                    demande.structure = Some({
                        let qui = (actor, &demandeur.courriel);
                        accepter(m, tx, qui, &demande, &dossier, &personnes, accueil).await?
                    });
                    a_qui.insert(dossier.referent.courriel.as_str().to_owned());
                }
                if acte == Acte::Refuser {
                    a_qui.extend(personnes.iter().map(|p| p.courriel.as_str().to_owned()));
                    a_qui.insert(demande.champs.get("referent_courriel").to_owned());
                }
                let now = site.clock.now();
                if acte == Acte::Modifications {
                    demande.champs.set(saisie::SCEAU, saisie::sceau(&demande.champs, &personnes));
                }
                demande.etat = acte.vers();
                demande.modifie_le = now;
                demande.decidee_le = (acte != Acte::Remettre).then_some(now);
                if demande.agent.is_none() {
                    demande.agent = Some(actor.compte);
                }
                store::enregistrer(tx, &demande).await?;
                let echange = Echange {
                    equipe: true,
                    compte: Some(actor.compte),
                    texte: lettre.texte.clone(),
                    le: now,
                };
                store::noter(tx, kernel::ids::uuid_v7(&site.clock, &site.chance), id, &echange).await?;
                let secret = lien_d_espace(site, tx, demandeur.id).await?;
                let suivi = Some((secret.expose(), &demande));
                let message =
                    courriels::decision(site, &demandeur.courriel, &lettre.sujet, &lettre.texte, suivi);
                mail::enqueue(site, tx, &message).await?;
                a_qui.remove(demandeur.courriel.as_str());
                for to in a_qui.iter().filter_map(|a| Email::parse(a).ok()) {
                    mail::enqueue(
                        site,
                        tx,
                        &courriels::decision(site, &to, &lettre.sujet, &lettre.texte, None),
                    )
                    .await?;
                }
                let facts = json!({ "acte": acte.cle(), "structure": demande.structure });
                journal::write(
                    site,
                    tx,
                    Entry::by(actor, "habilitation.decider", "habilitation", id).with(facts),
                )
                .await?;
                Ok::<_, Failure>(())
            }
        })
        .await;
    match fait {
        Err(Failure::Db(e)) if platform::db::is_unique_violation(&e) => Err(Refusal::conflict(
            "Une autre demande du même SIRET à la même adresse est en cours, ou une personne vient d’être inscrite ailleurs. \
             Rechargez la fiche, puis recommencez.",
        )
        .into()),
        other => other,
    }
}

/// What an accepted request makes: structure, organisation, people, accounts, in the order of locks. `qui` are who accepts,
/// and the address of who asked.
async fn accepter(
    m: &Mandats,
    tx: &Tx,
    qui: (&Actor, &Email),
    demande: &Demande,
    dossier: &Dossier,
    personnes: &[Personne],
    accueil: Accueil,
) -> Result<StructureId, Failure> {
    let (site, jour) = (&m.site, m.jour());
    let structure = match accueil {
        Accueil::Connue(id) => {
            let vue = structures::find(tx, id).await?.filter(|s| s.active);
            vue.ok_or_else(|| {
                Refusal::field("structure", "Cette structure n’existe plus. Choisissez-en une autre.")
            })?
        }
        Accueil::Nouvelle => {
            let contact = FicheContact {
                nom: dossier.referent.nom_complet(),
                fonction: Some(dossier.referent.profession.clone()),
                courriel: Some(dossier.referent.courriel.clone()),
                telephone: dossier.referent.telephone.clone(),
            };
            structures::inscrire(site, tx, dossier.fiche.clone(), Some(contact)).await?.into()
        }
    };
    let cles = legal::en_vigueur(legal::Genre::Demarches, jour)
        .map(|texte| Demarches::parmi(texte, legal::catalogue(texte).iter().map(|d| &d.cle)));
    let organisation = match organisations::store::tenir(tx, structure.id).await? {
        Some(o) if o.active(jour) => {
            let sentence = "Cette structure est déjà habilitée. Choisissez-en une autre, ou demandez à l’organisation d’ajouter \
                            ses aidants depuis l’espace de son référent.";
            return Err(Refusal::field("structure", sentence).into());
        }
        // It was: it begins again under its number.
        Some(o) => {
            Organisation { desactivee_le: None, france_services: dossier.france_services.is_some(), ..o }
        }
        None => Organisation {
            structure: structure.id,
            numero: demande.numero.unwrap_or_default(),
            departement: structure.commune.departement.clone(),
            region: structure.commune.region.clone(),
            demarches: cles.unwrap_or_default(),
            france_services: dossier.france_services.is_some(),
            habilitee_le: jour,
            desactivee_le: None,
            version: 0,
        },
    };
    organisations::store::enregistrer(tx, &organisation).await?;
    referent(m, tx, qui, demande.id, structure.id, dossier).await?;
    for p in personnes {
        let aidant = nommer(m, tx, qui, structure.id, (p, Fonction::Aidant, Some(p.id))).await?;
        store::enregistrer_personne(tx, demande.id, &Personne { aidant, ..p.clone() }).await?;
    }
    Ok(structure.id)
}

/// A person of a request: who has no account yet is inscribed, who has one is asked first. Whoever asks in their own name
/// agreed when they filed the request from their own mailbox. None: they did not answer yet.
async fn nommer(
    m: &Mandats,
    tx: &Tx,
    (actor, demandeur): (&Actor, &Email),
    structure: StructureId,
    (p, fonction, nommee): (&Personne, Fonction, Option<PersonneId>),
) -> Result<Option<AidantId>, Failure> {
    if let Some(a) = aidants::store::du_courriel(tx, &p.courriel).await?
        && aidants::store::appartenance(tx, a.id, structure).await?.is_some()
    {
        return Ok(Some(a.id));
    }
    let personne = aidants::vie::Personne {
        prenom: p.prenom.clone(),
        nom: p.nom.clone(),
        courriel: p.courriel.clone(),
        telephone: p.telephone.clone(),
        profession: p.profession.clone(),
        conseiller_numerique: p.conseiller_numerique,
        fonction,
        voie: aidants::regles::Voie::Classique,
        formateur: None,
    };
    let offre = Offre { nommee, ..Offre::de(&personne, structure, EtatAidant::Eligible) };
    if p.courriel.key() == demandeur.key() {
        return Ok(Some(propositions::executer(m, tx, &offre, Some(actor)).await?.id));
    }
    Ok(match propositions::inscrire(m, tx, &offre, Some(actor)).await? {
        Suite::Inscrite(a) => Some(a.id),
        Suite::Proposee => None,
    })
}

/// The référent: active at once when they open their account, or when they agree. Who will make mandats too is named among
/// the people to be trained.
async fn referent(
    m: &Mandats,
    tx: &Tx,
    qui: (&Actor, &Email),
    demande: HabilitationId,
    structure: StructureId,
    dossier: &Dossier,
) -> Result<(), Failure> {
    let id = PersonneId::new(&m.site.clock, &m.site.chance);
    let nommee = dossier.referent_aidant.then_some(id);
    let p = (&dossier.referent, Fonction::Referent, nommee);
    let aidant = match nommer(m, tx, qui, structure, p).await {
        // The address of an account that was closed.
        Err(Failure::Compte(identity::Error::Refused(_))) => {
            return Err(Refusal::conflict(
                "Le compte de la personne référente a été désactivé : réactivez-le depuis la page des comptes, ou demandez une \
                 autre personne.",
            )
            .into());
        }
        autre => autre?,
    };
    if dossier.referent_aidant {
        store::enregistrer_personne(tx, demande, &Personne { id, aidant, ..dossier.referent.clone() })
            .await?;
    }
    Ok(())
}

/// Writes to who asked.
///
/// # Errors
/// Out of scope; the database.
pub(in crate::habilitations) async fn message_de_l_equipe(
    m: &Mandats,
    actor: &Actor,
    id: HabilitationId,
    texte: &str,
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let demande = store::tenir(tx, id).await?.ok_or(Refusal::NotFound)?;
            rules::visible(actor, &demande)?;
            let demandeur = store::demandeur(tx, demande.demandeur).await?.ok_or(Refusal::NotFound)?;
            let echange = Echange {
                equipe: true,
                compte: Some(actor.compte),
                texte: texte.to_owned(),
                le: site.clock.now(),
            };
            store::noter(tx, kernel::ids::uuid_v7(&site.clock, &site.chance), id, &echange).await?;
            let secret: Secret = lien_d_espace(site, tx, demandeur.id).await?;
            mail::enqueue(site, tx, &courriels::ecrit(site, &demandeur, &demande, secret.expose(), texte))
                .await?;
            journal::write(site, tx, Entry::by(actor, "habilitation.message", "habilitation", id)).await?;
            Ok(())
        })
        .await
}

/// Takes a request to study it, or gives it back.
///
/// # Errors
/// Out of scope; the database.
pub(in crate::habilitations) async fn attribuer(
    m: &Mandats,
    actor: &Actor,
    id: HabilitationId,
    prise: bool,
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let demande = store::tenir(tx, id).await?.ok_or(Refusal::NotFound)?;
            rules::visible(actor, &demande)?;
            prendre(m, tx, actor, demande, prise).await
        })
        .await
}

async fn prendre(m: &Mandats, tx: &Tx, actor: &Actor, demande: Demande, prise: bool) -> Result<(), Failure> {
    let id = demande.id;
    let agent = prise.then_some(actor.compte);
    store::enregistrer(tx, &Demande { agent, ..demande }).await?;
    let facts = json!({ "prise": prise });
    journal::write(&m.site, tx, Entry::by(actor, "habilitation.attribuer", "habilitation", id).with(facts))
        .await?;
    Ok(())
}

/// Takes several requests at once, those that are studied and that nobody took; says how many.
///
/// # Errors
/// Out of scope; the database.
pub(in crate::habilitations) async fn prendre_plusieurs(
    m: &Mandats,
    actor: &Actor,
    ids: BTreeSet<HabilitationId>,
) -> Result<usize, Failure> {
    m.site
        .db
        .write(async |tx| {
            let mut tenues = Vec::new();
            for id in ids.iter().take(100) {
                let demande = store::tenir(tx, *id).await?.ok_or(Refusal::NotFound)?;
                rules::visible(actor, &demande)?;
                tenues.push(demande);
            }
            let mut prises = 0;
            for demande in tenues.into_iter().filter(|d| d.etat == Etat::EnInstruction && d.agent.is_none()) {
                prendre(m, tx, actor, demande, true).await?;
                prises += 1;
            }
            Ok(prises)
        })
        .await
}

/// Tells the agent who studies a request, if somebody does.
pub(super) async fn prevenir_l_agent(
    site: &Site,
    tx: &Tx,
    demande: &Demande,
    quoi: &str,
) -> Result<(), Failure> {
    let Some(agent) = demande.agent else { return Ok(()) };
    if let Some(courriel) = identity::courriel(tx, agent).await? {
        mail::enqueue(site, tx, &courriels::a_l_agent(site, &courriel, demande, quoi)).await?;
    }
    Ok(())
}
