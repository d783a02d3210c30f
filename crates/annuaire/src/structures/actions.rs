//! What can be done to structures: one function a verb. Each authorises, loads, decides by the rules, saves, writes
//! the history and the journal, in one transaction.

mod completer;
mod doublons;

use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::web::PageError;
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::json;

use super::model::{Attribut, Contact, ContactId, Ecart, Etat, Fiche, FicheContact, Structure, StructureId};
use super::{doublons as score, rules, store};

pub use completer::{Complement, completer};
pub use doublons::{Versions, defusionner, distinguer, fusionner};

/// Why an action did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Somebody else changed the structure meanwhile: here is what it is now.
    #[error("la fiche a changé entre-temps")]
    Stale(Box<Structure>),
    /// Structures that look like the one to be created; a person must say whether it is another.
    #[error("{} structure(s) ressemblante(s)", .0.len())]
    Duplicates(Vec<Voisine>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refusal(refusal) => refusal.into(),
            Failure::Stale(_) => Refusal::conflict(
                "Cette fiche a changé pendant que vous la lisiez. Rechargez la page, puis recommencez.",
            )
            .into(),
            Failure::Duplicates(_) => {
                Refusal::conflict("Une structure ressemblante est déjà dans l’annuaire.").into()
            }
            Failure::Db(error) => error.into(),
        }
    }
}

/// A structure that looks like another.
#[derive(Clone, Debug)]
pub struct Voisine {
    /// The structure.
    pub structure: Structure,
    /// Why it looks alike.
    pub comparaison: score::Comparaison,
    /// Whether the actor may see its sheet; if not, only that it exists may be said.
    pub visible: bool,
}

/// What is asked for a new structure.
#[derive(Clone, Debug)]
pub struct Nouvelle {
    /// Its sheet.
    pub fiche: Fiche,
    /// Its first contact, when there is one.
    pub contact: Option<FicheContact>,
    /// The person saw the structures that look alike, and says that this is another.
    pub autre: bool,
}

/// Enters a structure in the directory.
///
/// # Errors
/// [`Failure::Duplicates`] when others look alike and nobody said that this is another; refusals of
/// [`rules::may_creer`].
pub async fn creer(site: &Site, actor: &Actor, nouvelle: Nouvelle) -> Result<StructureId, Failure> {
    rules::may_creer(actor, &nouvelle.fiche)?;
    if let Some(contact) = &nouvelle.contact {
        rules::joignable(contact)?;
    }
    let structure = neuve(site, nouvelle.fiche, nouvelle.contact);
    site.db
        .write(async |tx| {
            if !nouvelle.autre {
                let voisines = ressemblantes(tx, actor, &structure).await?;
                if !voisines.is_empty() {
                    return Err(Failure::Duplicates(voisines));
                }
            }
            ecrire(site, tx, &structure, Some(actor)).await?;
            Ok(structure.id)
        })
        .await
}

/// Enters a structure that another context deals with, in its transaction: one that asked for posts and proved its
/// address. Nobody in particular entered it: the programme did. The caller looked for it first ([`super::de_pivot`]).
///
/// # Errors
/// The database.
pub async fn inscrire(
    site: &Site,
    tx: &Tx,
    fiche: Fiche,
    premier: Option<FicheContact>,
) -> Result<Structure, DbErr> {
    let structure = neuve(site, fiche, premier);
    ecrire(site, tx, &structure, None).await?;
    Ok(structure)
}

/// What a sheet from elsewhere is, against the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Semblable {
    /// It is there: what differs, by label.
    Inscrite {
        /// Empty when nothing does.
        differences: Vec<&'static str>,
    },
    /// It is not; these look like it, with why.
    Nouvelle {
        /// Name, commune and reasons.
        ressemble: Vec<String>,
    },
}

/// Looks for the structure of that number, else for the same name in the same commune, else for those that look alike: for
/// whoever may see all of them.
///
/// # Errors
/// The database.
pub async fn semblable(
    site: &Site,
    fiche: &Fiche,
    contact: Option<&FicheContact>,
) -> Result<Semblable, DbErr> {
    let conn = site.db.read();
    let neuve = neuve(site, fiche.clone(), contact.cloned());
    let voisines = store::voisines(conn, &neuve).await?;
    let meme = |s: &&Structure| match (&fiche.pivot, &s.fiche.pivot) {
        (Some(a), Some(b)) => a == b,
        _ => {
            kernel::text::fold(&s.fiche.nom) == kernel::text::fold(&fiche.nom)
                && s.fiche.commune.code == fiche.commune.code
        }
    };
    if let Some(inscrite) = voisines.iter().find(meme) {
        let differences = inscrite.fiche.ecarts(fiche).into_iter().map(|e| e.attribut.libelle()).collect();
        return Ok(Semblable::Inscrite { differences });
    }
    let ressemble = voisines.iter().filter(|s| score::comparer(&neuve, s).a_voir()).take(3);
    let ressemble = ressemble.map(|s| format!("{} ({})", s.fiche.nom, s.fiche.commune.nom)).collect();
    Ok(Semblable::Nouvelle { ressemble })
}

/// Enters structures that a file brings, in its transaction, each with its history; gives them with their contact. The
/// caller looked for them first ([`semblable`]) and writes the journal line of the file.
///
/// # Errors
/// The database.
pub async fn inscrire_toutes(
    site: &Site,
    tx: &Tx,
    actor: Option<&Actor>,
    fiches: Vec<(Fiche, Option<FicheContact>)>,
) -> Result<Vec<(StructureId, Option<FicheContact>)>, DbErr> {
    let mut nouvelles = Vec::with_capacity(fiches.len());
    let mut out = Vec::with_capacity(fiches.len());
    for (fiche, contact) in fiches {
        let structure = neuve(site, fiche, contact.clone());
        out.push((structure.id, contact));
        nouvelles.push(structure);
    }
    store::insert_many(tx, &nouvelles).await?;
    for structure in &nouvelles {
        lier_les_lieux(tx, structure).await?;
        let nom = (Attribut::Nom.libelle().to_owned(), String::new(), structure.fiche.nom.clone());
        store::noter(site, tx, structure.id, actor, "Reprise d’un fichier", &[nom]).await?;
    }
    Ok(out)
}

/// A structure as it enters the directory.
fn neuve(site: &Site, fiche: Fiche, premier: Option<FicheContact>) -> Structure {
    let now = site.clock.now();
    Structure {
        id: StructureId::new(&site.clock, &site.chance),
        fiche,
        contacts: rules::ordonner(premier.into_iter().map(|c| contact(site, c)).collect(), None),
        etat: Etat::Active,
        alias: Vec::new(),
        version: 1,
        creee_le: now,
        modifiee_le: now,
    }
}

/// Writes a new structure with its lieux, its history and its journal line.
async fn ecrire(site: &Site, tx: &Tx, structure: &Structure, actor: Option<&Actor>) -> Result<(), DbErr> {
    store::insert(tx, structure).await?;
    lier_les_lieux(tx, structure).await?;
    let ecrits = Attribut::TOUS
        .into_iter()
        .map(|a| (a.libelle().to_owned(), String::new(), structure.fiche.lisible(a)))
        .filter(|(_, _, apres)| !apres.is_empty())
        .chain(structure.contacts.iter().map(|c| ("Contact".to_owned(), String::new(), c.fiche.lisible())))
        .collect::<Vec<_>>();
    store::noter(site, tx, structure.id, actor, "Inscription", &ecrits).await?;
    let details =
        json!({ "genre": structure.fiche.genre.cle(), "departement": structure.fiche.commune.departement });
    let line = match actor {
        Some(actor) => Entry::by(actor, "structure.creer", "structure", structure.id),
        None => Entry::system("structure.creer", "structure", structure.id),
    };
    journal::write(site, tx, line.with(details)).await.map(|_| ())
}

/// Structures that look like this one, most alike first.
pub(super) async fn ressemblantes(
    conn: &impl sea_orm::ConnectionTrait,
    actor: &Actor,
    structure: &Structure,
) -> Result<Vec<Voisine>, DbErr> {
    let mut voisines: Vec<Voisine> = store::voisines(conn, structure)
        .await?
        .into_iter()
        .map(|autre| Voisine {
            comparaison: score::comparer(structure, &autre),
            visible: rules::may(actor, Verb::VoirStructures, &autre).is_ok(),
            structure: autre,
        })
        .filter(|v| v.comparaison.a_voir())
        .collect();
    voisines.sort_by_key(|v| std::cmp::Reverse(v.comparaison.score()));
    Ok(voisines)
}

/// Changes the sheet, if it is still the one that the person read (`version`).
///
/// # Errors
/// [`Failure::Stale`] with the present sheet when it changed since; refusals of [`rules::may_modifier`].
pub async fn modifier(
    site: &Site,
    actor: &Actor,
    id: StructureId,
    version: i64,
    fiche: Fiche,
) -> Result<Vec<Ecart>, Failure> {
    site.db
        .write(async |tx| {
            let mut structure = tenir(tx, id).await?;
            rules::may_modifier(actor, &structure, &fiche)?;
            if structure.version != version {
                return Err(Failure::Stale(Box::new(structure)));
            }
            let ecarts = structure.fiche.ecarts(&fiche);
            if ecarts.is_empty() {
                return Ok(ecarts);
            }
            structure.fiche = fiche;
            let enregistree = structure.clone();
            enregistrer(site, tx, structure).await?;
            lier_les_lieux(tx, &enregistree).await?;
            store::noter(site, tx, id, Some(actor), "Modification", &ecrits(&ecarts)).await?;
            let champs: Vec<&str> = ecarts.iter().map(|e| e.attribut.cle()).collect();
            let line =
                Entry::by(actor, "structure.modifier", "structure", id).with(json!({ "champs": champs }));
            journal::write(site, tx, line).await?;
            Ok(ecarts)
        })
        .await
}

/// Says that the structure does not work any more.
///
/// # Errors
/// Refusals of [`rules::may_fermer`].
pub async fn fermer(site: &Site, actor: &Actor, id: StructureId) -> Result<(), Failure> {
    let le = site.clock.now();
    changer_etat(site, actor, id, Etat::Fermee { le }, "structure.fermer", rules::may_fermer).await
}

/// Says that the structure works again.
///
/// # Errors
/// Refusals of [`rules::may_rouvrir`].
pub async fn rouvrir(site: &Site, actor: &Actor, id: StructureId) -> Result<(), Failure> {
    changer_etat(site, actor, id, Etat::Active, "structure.rouvrir", rules::may_rouvrir).await
}

async fn changer_etat(
    site: &Site,
    actor: &Actor,
    id: StructureId,
    etat: Etat,
    verbe: &'static str,
    may: fn(&Actor, &Structure) -> Result<(), Refusal>,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let mut structure = tenir(tx, id).await?;
            may(actor, &structure)?;
            let ecrit = ("État".to_owned(), structure.etat.libelle().to_owned(), etat.libelle().to_owned());
            structure.etat = etat;
            enregistrer(site, tx, structure).await?;
            let action = if etat == Etat::Active { "Réouverture" } else { "Fermeture" };
            store::noter(site, tx, id, Some(actor), action, &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, verbe, "structure", id)).await?;
            Ok(())
        })
        .await
}

/// Adds a contact; with `principal`, it becomes the one to ask first.
///
/// # Errors
/// Refusals of [`rules::may_ajouter_contact`].
pub async fn ajouter_contact(
    site: &Site,
    actor: &Actor,
    id: StructureId,
    fiche: FicheContact,
    principal: bool,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let mut structure = tenir(tx, id).await?;
            rules::may_ajouter_contact(actor, &structure, &fiche)?;
            let avant = structure.contacts.clone();
            let ecrit = ("Contact".to_owned(), String::new(), fiche.lisible());
            let nouveau = Contact { principal, ..contact(site, fiche) };
            let dernier = principal.then_some(nouveau.id);
            structure.contacts.push(nouveau);
            structure.contacts = rules::ordonner(structure.contacts, dernier);
            store::save_contacts(tx, &structure, &avant).await?;
            store::noter(site, tx, id, Some(actor), "Ajout d’un contact", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "structure.ajouter_contact", "structure", id)).await?;
            Ok(())
        })
        .await
}

/// Changes a contact, if it is still what the person read (`lu`, from [`FicheContact::empreinte`]); with `principal`, it
/// becomes the one to ask first.
///
/// # Errors
/// [`Failure::Stale`] when it changed since; [`Refusal::NotFound`] when it is not, or no longer, a contact of this
/// structure; fields when nobody could reach it; refusals of [`rules::may`].
pub async fn modifier_contact(
    site: &Site,
    actor: &Actor,
    (id, contact): (StructureId, ContactId),
    lu: &str,
    (fiche, principal): (FicheContact, bool),
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let mut structure = tenir(tx, id).await?;
            rules::may(actor, Verb::ModifierStructures, &structure)?;
            rules::joignable(&fiche)?;
            let avant = structure.contacts.clone();
            let present = structure.contacts.iter_mut().find(|c| c.id == contact).ok_or(Refusal::NotFound)?;
            if present.fiche.empreinte() != lu {
                return Err(Failure::Stale(Box::new(structure)));
            }
            if present.fiche == fiche && (present.principal || !principal) {
                return Ok(());
            }
            let ecrit = ("Contact".to_owned(), present.fiche.lisible(), fiche.lisible());
            present.fiche = fiche;
            present.principal |= principal;
            structure.contacts = rules::ordonner(structure.contacts, principal.then_some(contact));
            store::save_contacts(tx, &structure, &avant).await?;
            store::noter(site, tx, id, Some(actor), "Modification d’un contact", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "structure.modifier_contact", "structure", id)).await?;
            Ok(())
        })
        .await
}

/// Takes a contact off the list.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not, or no longer, a contact of this structure; refusals of [`rules::may`].
pub async fn retirer_contact(
    site: &Site,
    actor: &Actor,
    id: StructureId,
    contact: ContactId,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let mut structure = tenir(tx, id).await?;
            rules::may(actor, Verb::ModifierStructures, &structure)?;
            let avant = structure.contacts.clone();
            let parti = avant.iter().find(|c| c.id == contact).ok_or(Refusal::NotFound)?;
            structure.contacts.retain(|c| c.id != contact);
            structure.contacts = rules::ordonner(structure.contacts, None);
            store::save_contacts(tx, &structure, &avant).await?;
            let ecrit = ("Contact".to_owned(), parti.fiche.lisible(), String::new());
            store::noter(site, tx, id, Some(actor), "Retrait d’un contact", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "structure.retirer_contact", "structure", id)).await?;
            Ok(())
        })
        .await
}

/// Lieux that bear the number of the structure become its own, unless somebody decided otherwise.
async fn lier_les_lieux(tx: &Tx, s: &Structure) -> Result<(), DbErr> {
    match (&s.fiche.pivot, s.etat) {
        (Some(pivot), Etat::Active) => crate::lieux::gestion::rattache_par_numero(tx, pivot.as_str()).await,
        _ => Ok(()),
    }
}

/// The structure, held until the end of the transaction.
async fn tenir(tx: &Tx, id: StructureId) -> Result<Structure, Failure> {
    Ok(store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?)
}

/// Saves the sheet and the state, dated of now.
async fn enregistrer(site: &Site, tx: &Tx, mut structure: Structure) -> Result<(), Failure> {
    structure.modifiee_le = site.clock.now();
    // Held by `tenir`: nobody can have changed it. The version is checked all the same.
    if store::update(tx, &structure).await? { Ok(()) } else { Err(Failure::Stale(Box::new(structure))) }
}

fn contact(site: &Site, fiche: FicheContact) -> Contact {
    Contact { id: ContactId::new(&site.clock, &site.chance), fiche, principal: false }
}

fn ecrits(ecarts: &[Ecart]) -> Vec<store::Ecrit> {
    ecarts.iter().map(|e| (e.attribut.libelle().to_owned(), e.avant.clone(), e.apres.clone())).collect()
}
