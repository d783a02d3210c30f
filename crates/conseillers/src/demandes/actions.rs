//! What can be done to demandes: one function a verb, in one transaction.

use annuaire::structures::{self, StructureVue};
use chrono::NaiveDate;
use identity::courriels_de_prefecture;
use kernel::calendrier::jour;
use kernel::ids::StructureId;
use kernel::{Actor, Email, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx, mail};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::model::{Demande, Etat, Interlocuteur, Objet, Origine};
use super::reference::{Jour, eligibilite};
use super::{mails, rules, store, suivi};
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{Compteur, DemandeId};
use crate::postes::{self, Poste};
use crate::{Conseillers, Failure, contrats};

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct Depot {
    /// Whom to write to.
    pub contact: Interlocuteur,
    /// What is asked.
    pub objet: Objet,
    /// How it comes.
    pub origine: Origine,
}

/// The posts of a structure on a day: all that are attached to it, and those of them that are free: nobody holds them, nobody
/// is about to, and no contract on them waits for its validation (domain, 3.6).
///
/// # Errors
/// The database.
pub async fn postes_de(
    conn: &impl ConnectionTrait,
    structure: &StructureVue,
    le: NaiveDate,
) -> Result<(Vec<Poste>, Vec<Poste>), DbErr> {
    let tous = postes::store::de_structure(conn, &structure.identites, le).await?;
    let attendus = contrats::store::attendus(conn, &structure.identites).await?;
    let libre = |p: &&Poste| postes::rules::a_pourvoir(p, le) && !attendus.contains(&p.id);
    let libres = tous.iter().filter(libre).cloned().collect();
    Ok((tous, libres))
}

/// Writes a demande of that structure, in the transaction of its cause: the rules are checked on the day of the filing.
///
/// # Errors
/// Refusals of [`rules::objet_valable`] and [`rules::possible`].
pub(crate) async fn deposer(
    c: &Conseillers,
    tx: &Tx,
    structure: &StructureVue,
    depot: Depot,
    par: Option<&Actor>,
) -> Result<Demande, Failure> {
    let site = &c.site;
    let le = jour(&site.clock.now());
    // Two people of one house who file at once: the second sees what the first wrote.
    structures::tenir(tx, structure.id).await?;
    let (tous, libres) = postes_de(tx, structure, le).await?;
    let libres = libres.iter().filter(|p| p.typologie == depot.objet.typologie()).count();
    let deja = store::de_structures(tx, &structure.identites).await?;
    let en_cours: Vec<&Demande> = deja.iter().filter(|d| d.etat.en_cours()).collect();
    let mut etat = if depot.origine == Origine::Liste { Etat::AConfirmer } else { Etat::Deposee };
    match en_cours.iter().find(|d| d.objet.genre() == depot.objet.genre()) {
        // Somebody else of the house may have asked already: nothing that was written is lost.
        Some(autre) if depot.origine != Origine::Espace => etat = Etat::Doublon { de: autre.id },
        _ => rules::possible(&depot.objet, libres, tous.len(), &en_cours)?,
    }
    let demande = Demande {
        id: DemandeId::new(&site.clock, &site.chance),
        numero: Compteur::Demande.prend(tx, 1).await?,
        structure: structure.id,
        nom: structure.nom.clone(),
        commune: (structure.commune.code.clone(), structure.commune.nom.clone()),
        departement: structure.commune.departement.clone(),
        region: structure.commune.region.clone(),
        contact: depot.contact,
        precisions: String::new(),
        zonages: zonages(c, &structure.commune.code),
        objet: depot.objet,
        origine: depot.origine,
        etat,
        avis: None,
        deposee_le: site.clock.now(),
        version: 0,
    };
    store::insert(tx, &demande).await?;
    let quoi = [
        Ecrit::nouveau("Demande", demande.objet.genre().nom()),
        Ecrit::nouveau("Postes", demande.objet.postes().to_string()),
        Ecrit::nouveau("État", demande.etat.nom()),
    ];
    historique::noter(site, tx, (Sujet::Demande, demande.id.0), par, "Dépôt", &quoi).await?;
    let details = json!({
        "genre": demande.objet.genre().cle(), "postes": demande.objet.postes(), "departement": demande.departement,
        "origine": demande.origine.cle(),
    });
    journal::write(site, tx, ligne(par, "demande.deposer", demande.id).with(details)).await?;
    if let (Origine::Formulaire, Some(connu)) = (demande.origine, connu_de_l_annuaire(tx, &demande).await?) {
        mail::enqueue(site, tx, &mails::prevenir(site, &connu.1, &demande)).await?;
    }
    if demande.origine != Origine::Liste {
        let lien = suivi::lien(site, tx, &demande).await?;
        mail::enqueue(site, tx, &mails::recue(site, &demande, lien)).await?;
    }
    Ok(demande)
}

/// Whom the directory knows in the structure of a demande, when it does not know who filed it: name and address. None when
/// it does, or knows nobody with an address.
///
/// # Errors
/// The database.
pub(crate) async fn connu_de_l_annuaire(
    conn: &impl ConnectionTrait,
    d: &Demande,
) -> Result<Option<(String, Email)>, DbErr> {
    let cle = d.contact.courriel.key();
    let contacts = structures::contacts(conn, d.structure).await?;
    let joignables: Vec<_> = contacts.into_iter().filter_map(|c| Some((c.nom, c.courriel?))).collect();
    if joignables.iter().any(|(_, courriel)| courriel.key() == cle) {
        return Ok(None);
    }
    Ok(joignables.into_iter().next())
}

/// A journal line about a demande.
pub(crate) fn ligne(par: Option<&Actor>, action: &'static str, id: DemandeId) -> Entry {
    match par {
        Some(actor) => Entry::by(actor, action, Sujet::Demande.cle(), id),
        None => Entry::system(action, Sujet::Demande.cle(), id),
    }
}

/// The zonages in force at a commune today, as « QPV : le Plateau ».
pub fn zonages(c: &Conseillers, commune: &kernel::CodeCommune) -> Vec<String> {
    let zonages = c.annuaire.atlas.zonages();
    let mot = |z: &annuaire::territoires::ZonageCommune| match &z.valeur {
        Some(valeur) => format!("{} : {valeur}", z.genre.cle()),
        None => z.genre.cle().to_owned(),
    };
    zonages.de(commune).iter().map(mot).collect()
}

/// Whether a structure may file today: its legal form, and the calendar.
///
/// # Errors
/// Refusals of [`rules::ouverte`].
pub(crate) async fn peut_deposer(
    site: &Site,
    conn: &impl ConnectionTrait,
    categorie: Option<&structures::model::CategorieJuridique>,
    genre: structures::model::Genre,
) -> Result<(), Failure> {
    let verdict = eligibilite(categorie, genre);
    let ouverture = store::calendrier(conn, verdict.0.ouverture()).await?;
    Ok(rules::ouverte(verdict, ouverture, jour(&site.clock.now()))?)
}

/// Files a demande from the space of a structure.
///
/// # Errors
/// [`Refusal::NotFound`] out of scope; refusals of the rules.
pub async fn demander(
    c: &Conseillers,
    actor: &Actor,
    structure: StructureId,
    depot: Depot,
) -> Result<Demande, Failure> {
    let site = &c.site;
    rules::objet_valable(&depot.objet, jour(&site.clock.now()))?;
    site.db
        .write(async |tx| {
            let s = structure_de(tx, actor, Verb::DeposerDemandes, structure).await?;
            peut_deposer(site, tx, s.categorie.as_ref(), s.genre).await?;
            if let Objet::Transfert { vers, .. } = &depot.objet {
                receveuse(tx, &s, *vers).await?;
            }
            deposer(c, tx, &s, depot, Some(actor)).await
        })
        .await
}

/// The structure that would receive the posts, if it may: another one, active, of the same département (domain, 3.8: a
/// transfer stays inside the département).
///
/// # Errors
/// The field that names it.
pub(crate) async fn receveuse(
    conn: &impl ConnectionTrait,
    de: &StructureVue,
    vers: StructureId,
) -> Result<StructureVue, Failure> {
    let refuse = |sentence: &str| Failure::from(Refusal::field("vers", sentence));
    let Some(vers) = structures::find(conn, vers).await? else {
        return Err(refuse("Cette structure n’est pas dans l’annuaire."));
    };
    if vers.id == de.id {
        return Err(refuse("Choisissez une autre structure que celle qui a les postes."));
    }
    if !vers.active {
        return Err(refuse("Cette structure est fermée."));
    }
    if vers.commune.departement != de.commune.departement {
        return Err(refuse(
            "Un poste reste dans son département : choisissez une structure du même département.",
        ));
    }
    Ok(vers)
}

/// A structure that the actor acts for.
///
/// # Errors
/// [`Refusal::NotFound`] out of scope.
pub async fn structure_de(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    verb: Verb,
    id: StructureId,
) -> Result<StructureVue, Failure> {
    actor.may(verb)?;
    let vue = structures::find(conn, id).await?.ok_or(Refusal::NotFound)?;
    let here = |s: &StructureId| {
        let cible = kernel::actor::Cible {
            region: Some(vue.commune.region.clone()),
            departement: Some(vue.commune.departement.clone()),
            structure: Some(*s),
            ..Default::default()
        };
        actor.perimetre.couvre(&cible)
    };
    if vue.identites.iter().any(here) { Ok(vue) } else { Err(Refusal::NotFound.into()) }
}

/// A demande that the actor may do that to.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn ouvrir(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    verb: Verb,
    id: DemandeId,
) -> Result<Demande, Failure> {
    let demande = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    verifier(conn, actor, verb, &demande).await?;
    Ok(demande)
}

/// The same, held until the end of the transaction.
///
/// # Errors
/// As [`ouvrir`].
pub(crate) async fn tenir(tx: &Tx, actor: &Actor, verb: Verb, id: DemandeId) -> Result<Demande, Failure> {
    let demande = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
    verifier(tx, actor, verb, &demande).await?;
    Ok(demande)
}

async fn verifier(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    verb: Verb,
    demande: &Demande,
) -> Result<(), Failure> {
    let identites = match actor.perimetre {
        kernel::Perimetre::Structures(_) => {
            structures::find(conn, demande.structure).await?.map(|s| s.identites).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Ok(rules::may(actor, verb, demande, &identites)?)
}

/// Gives a demande another state, with its history and its journal line.
///
/// # Errors
/// The database.
pub(crate) async fn passer(
    site: &Site,
    tx: &Tx,
    demande: &Demande,
    etat: Etat,
    (par, verbe, action): (Option<&Actor>, &'static str, &str),
) -> Result<(), DbErr> {
    store::changer_etat(tx, demande, &etat).await?;
    let ecrit = Ecrit::change("État", demande.etat.nom(), etat.nom());
    historique::noter(site, tx, (Sujet::Demande, demande.id.0), par, action, &[ecrit]).await?;
    let details = json!({ "avant": demande.etat.cle(), "apres": etat.cle() });
    journal::write(site, tx, ligne(par, verbe, demande.id).with(details)).await.map(|_| ())
}

/// Takes a demande back: the structure that asked, or the préfecture that sets it aside.
///
/// # Errors
/// Refusals of [`rules::annulable`]; the field of an empty reason.
pub async fn annuler(
    site: &Site,
    actor: &Actor,
    verb: Verb,
    id: DemandeId,
    motif: &str,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let demande = tenir(tx, actor, verb, id).await?;
            if motif.trim().is_empty() {
                return Err(Refusal::field("motif", "Écrivez pourquoi.").into());
            }
            rules::annulable(&demande)?;
            let etat = Etat::Annulee { le: jour(&site.clock.now()), motif: motif.trim().to_owned() };
            passer(site, tx, &demande, etat, (Some(actor), "demande.annuler", "Annulation")).await?;
            Ok(mail::enqueue(site, tx, &mails::annulee(site, &demande)).await.map(|_| ())?)
        })
        .await
}

/// Answers the committee that wants to know more: the demande waits again, its answer goes with it.
///
/// # Errors
/// As [`ouvrir`]; the fields of [`rules::reponse_valable`]; a conflict when no answer is awaited.
pub async fn repondre(site: &Site, actor: &Actor, id: DemandeId, reponse: &Reponse) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let demande = tenir(tx, actor, Verb::DeposerDemandes, id).await?;
            preciser(site, tx, &demande, Some(actor), reponse).await
        })
        .await
}

/// What is answered to the committee.
#[derive(Clone, Debug, Default)]
pub struct Reponse {
    /// The answer.
    pub texte: String,
    /// A PDF that goes with it: its name, its content.
    pub fichier: Option<(String, Vec<u8>)>,
}

/// The same, for a demande that the caller holds and may answer for; nobody is named when the link of a message answers.
pub(super) async fn preciser(
    site: &Site,
    tx: &Tx,
    demande: &Demande,
    par: Option<&Actor>,
    reponse: &Reponse,
) -> Result<(), Failure> {
    rules::reponse_valable(demande, &reponse.texte)?;
    let texte = reponse.texte.trim();
    let le = jour(&site.clock.now()).format("%d/%m/%Y");
    let avant = &demande.precisions;
    let separe = if avant.is_empty() { "" } else { "\n\n" };
    store::preciser(tx, demande.id, &format!("{avant}{separe}Le {le} : {texte}")).await?;
    if let Some((nom, contenu)) = &reponse.fichier {
        let par = par.map_or(kernel::ids::CompteId(uuid::Uuid::nil()), |a| a.compte);
        crate::selection::avis::poser(site, tx, demande.id, (nom, contenu.clone()), par).await?;
    }
    passer(site, tx, demande, Etat::Deposee, (par, "demande.repondre", "Réponse au comité")).await?;
    let now = site.clock.now();
    for to in courriels_de_prefecture(tx, &demande.departement, &demande.region, now).await? {
        mail::enqueue(site, tx, &mails::repondue(site, &to, demande)).await?;
    }
    Ok(())
}

/// Says that a demande is the same as another of its département.
///
/// # Errors
/// A conflict when it is one and the same, or no longer under way; a field when the other is unknown to the actor.
pub async fn marquer_doublon(site: &Site, actor: &Actor, id: DemandeId, numero: i64) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let demande = tenir(tx, actor, Verb::DonnerAvis, id).await?;
            rules::annulable(&demande)?;
            let autre = store::de_numeros(tx, &actor.perimetre, &[numero]).await?;
            let autre = autre.into_iter().find(|d| d.id != id).ok_or_else(|| {
                Refusal::field("doublon_de", "Écrivez le numéro d’une autre demande de votre territoire.")
            })?;
            let etat = Etat::Doublon { de: autre.id };
            Ok(passer(site, tx, &demande, etat, (Some(actor), "demande.doublon", "Doublon")).await?)
        })
        .await
}

/// Says that a demande of a département's list is right: it goes on as any other.
///
/// # Errors
/// A conflict when it was confirmed already.
pub async fn confirmer(site: &Site, actor: &Actor, id: DemandeId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let demande = tenir(tx, actor, Verb::DonnerAvis, id).await?;
            if demande.etat != Etat::AConfirmer {
                return Err(Refusal::conflict("Cette demande n’est plus à confirmer.").into());
            }
            let quoi = (Some(actor), "demande.confirmer", "Confirmation");
            passer(site, tx, &demande, Etat::Deposee, quoi).await?;
            Ok(mail::enqueue(site, tx, &mails::recue(site, &demande, None)).await.map(|_| ())?)
        })
        .await
}

/// Sets a day of the calendar of the programme.
///
/// # Errors
/// Without the verb, or for less than the nation.
pub async fn fixer_jour(site: &Site, actor: &Actor, quoi: Jour, le: NaiveDate) -> Result<(), Failure> {
    actor.may(Verb::DeciderDemandes)?;
    if actor.perimetre != kernel::Perimetre::National {
        return Err(
            Refusal::forbidden("Le calendrier vaut pour tout le pays : l’administration le tient.").into()
        );
    }
    site.db
        .write(async |tx| {
            store::fixer(tx, quoi, le).await?;
            let line = Entry::by(actor, "demande.calendrier", "calendrier", quoi.cle());
            Ok(journal::write(site, tx, line.with(json!({ "jour": le }))).await.map(|_| ())?)
        })
        .await
}
