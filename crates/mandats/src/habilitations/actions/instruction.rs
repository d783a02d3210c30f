//! What the staff does: accept in one transaction, refuse, ask for changes, put back, write, share the work.

use std::collections::BTreeSet;

use annuaire::structures;
use annuaire::structures::model::FicheContact;
use identity::secrets::link::Secret;
use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, Email, Perimetre, Refusal, Role};
use platform::journal::{self, Entry};
use platform::web::FormState;
use platform::{Site, Tx, mail};
use serde_json::json;

use super::depot::lien_d_espace;
use crate::aidants::{self, Aidant, Appartenance, EtatAidant, Fonction};
use crate::habilitations::model::{Demande, Dossier, Echange, Etat, Personne, PersonneId};
use crate::habilitations::rules::{self, Acte};
use crate::habilitations::{courriels, store};
use crate::ids::{AidantId, AppartenanceId, HabilitationId};
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
                    demande.structure = Some(accepter(m, tx, &demande, &dossier, &personnes, accueil).await?);
                    a_qui.insert(dossier.referent.courriel.as_str().to_owned());
                }
                if acte == Acte::Refuser {
                    a_qui.extend(personnes.iter().map(|p| p.courriel.as_str().to_owned()));
                    a_qui.insert(demande.champs.get("referent_courriel").to_owned());
                }
                let now = site.clock.now();
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

/// What an accepted request makes. The account first, then structure, organisation, people: the order of locks.
async fn accepter(
    m: &Mandats,
    tx: &Tx,
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
    let compte = inviter(site, tx, structure.id, &dossier.referent).await?;
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
    referent(m, tx, demande.id, (structure.id, compte), dossier).await?;
    for p in personnes {
        let aidant = inscrire(m, tx, structure.id, p, Fonction::Aidant).await?;
        store::enregistrer_personne(tx, demande.id, &Personne { aidant: Some(aidant), ..p.clone() }).await?;
    }
    Ok(structure.id)
}

/// The account of the référent, with the role on this organisation alone.
async fn inviter(site: &Site, tx: &Tx, structure: StructureId, p: &Personne) -> Result<CompteId, Failure> {
    let invitation = identity::Invitation {
        courriel: p.courriel.clone(),
        nom: p.nom_complet(),
        role: Role::Referent,
        perimetre: Perimetre::Structures(vec![structure]),
        fin: None,
    };
    match identity::invite_by_programme(site, tx, &invitation).await {
        Ok(invite) => Ok(invite.compte),
        Err(e) => Err(match e.refusal() {
            Ok(_) => Refusal::conflict(
                "Le compte de la personne référente a été désactivé : réactivez-le depuis la page des comptes, ou demandez une \
                 autre personne.",
            )
            .into(),
            Err(e) => e.into(),
        }),
    }
}

/// The référent: a record that is active at once. Who will make mandats too is named among the people to be trained.
async fn referent(
    m: &Mandats,
    tx: &Tx,
    demande: HabilitationId,
    (structure, compte): (StructureId, CompteId),
    dossier: &Dossier,
) -> Result<(), Failure> {
    let (site, p) = (&m.site, &dossier.referent);
    let id = inscrire(m, tx, structure, p, Fonction::Referent).await?;
    let a = aidants::store::lire(tx, id).await?.ok_or(Refusal::NotFound)?;
    if a.compte.is_some_and(|c| c != compte) {
        return Err(Refusal::conflict(
            "Cette personne est déjà connue sous un autre compte. Écrivez à l’assistance.",
        )
        .into());
    }
    let etat_le = if a.etat == EtatAidant::Actif { a.etat_le } else { site.clock.now() };
    let actif = Aidant { compte: Some(compte), etat: EtatAidant::Actif, etat_le, ..a };
    aidants::store::enregistrer(tx, &actif).await?;
    if dossier.referent_aidant {
        let p = Personne { id: PersonneId::new(&site.clock, &site.chance), aidant: Some(id), ..p.clone() };
        store::enregistrer_personne(tx, demande, &p).await?;
    }
    Ok(())
}

/// One record a person, whatever requests name them; one open membership in the organisation.
async fn inscrire(
    m: &Mandats,
    tx: &Tx,
    structure: StructureId,
    p: &Personne,
    fonction: Fonction,
) -> Result<AidantId, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let aidant = match aidants::store::du_courriel(tx, &p.courriel).await? {
        // Refused, or gone: their life begins again.
        Some(a) if matches!(a.etat, EtatAidant::Demande | EtatAidant::Refuse | EtatAidant::Parti) => {
            Aidant { etat: EtatAidant::Eligible, etat_le: now, ..a }
        }
        Some(a) => a,
        None => Aidant {
            id: AidantId::new(&site.clock, &site.chance),
            compte: None,
            prenom: p.prenom.clone(),
            nom: p.nom.clone(),
            courriel: p.courriel.clone(),
            telephone: p.telephone.clone(),
            profession: p.profession.clone(),
            conseiller_numerique: p.conseiller_numerique,
            etat: EtatAidant::Eligible,
            etat_le: now,
            conditions_version: None,
            cree_le: now,
            version: 0,
        },
    };
    aidants::store::enregistrer(tx, &aidant).await?;
    if aidants::store::appartenance(tx, aidant.id, structure).await?.is_none() {
        let appartenance = Appartenance {
            id: AppartenanceId::new(&site.clock, &site.chance),
            aidant: aidant.id,
            structure,
            equipe: None,
            fonction,
            debut: m.jour(),
            fin: None,
        };
        aidants::store::ouvrir_appartenance(tx, &appartenance).await?;
        // Who is an aidant elsewhere already acts here at once.
        if aidant.etat == EtatAidant::Actif && aidant.compte.is_some() && fonction == Fonction::Aidant {
            donner_le_role(site, tx, &aidant, structure).await?;
        }
    }
    let facts = json!({ "structure": structure, "etat": aidant.etat.cle() });
    journal::write(site, tx, Entry::system("aidant.inscrire", "aidant", aidant.id).with(facts)).await?;
    Ok(aidant.id)
}

async fn donner_le_role(site: &Site, tx: &Tx, a: &Aidant, structure: StructureId) -> Result<(), Failure> {
    let invitation = identity::Invitation {
        courriel: a.courriel.clone(),
        nom: a.nom_complet(),
        role: Role::Aidant,
        perimetre: Perimetre::Structures(vec![structure]),
        fin: None,
    };
    identity::invite_by_programme(site, tx, &invitation).await?;
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
