//! What can be read of structures, within the scope of who reads.

use kernel::actor::Cible;
use kernel::{Actor, Pivot, Refusal, Verb};
use platform::Site;
use sea_orm::{ConnectionTrait, DbErr};

use super::actions::{Failure, Voisine, ressemblantes};
use super::doublons::{Comparaison, comparer};
use super::model::{Changement, Etat, FicheContact, Structure, StructureId};
use super::rules;
use super::store::{self, Filtre, FusionRow, Ligne};

/// What an address leads to.
#[derive(Debug)]
pub enum Trouvee {
    /// The structure of that address.
    Ici(Box<Structure>),
    /// That one was merged: this is the one that was kept.
    Ailleurs(StructureId),
}

/// The structure of an address, if the actor may do that to it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn ouvrir(site: &Site, actor: &Actor, verb: Verb, id: StructureId) -> Result<Trouvee, Failure> {
    let conn = site.db.read();
    let structure = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    if !matches!(structure.etat, Etat::Fusionnee { .. }) {
        rules::may(actor, verb, &structure)?;
        return Ok(Trouvee::Ici(Box::new(structure)));
    }
    let kept = store::canonique(conn, id).await?.ok_or(Refusal::NotFound)?;
    let kept = store::get(conn, kept).await?.ok_or(Refusal::NotFound)?;
    rules::may(actor, verb, &kept)?;
    Ok(Trouvee::Ailleurs(kept.id))
}

/// A page of the list, and how long the list is.
///
/// # Errors
/// Without the verb; the database.
pub async fn lister(
    site: &Site,
    actor: &Actor,
    filtre: &Filtre,
    offset: usize,
    limit: usize,
) -> Result<Vec<Ligne>, Failure> {
    actor.may(Verb::VoirStructures)?;
    Ok(store::lister(site.db.read(), &actor.perimetre, filtre, offset, limit).await?)
}

/// How many structures the list has.
///
/// # Errors
/// Without the verb; the database.
pub async fn compter(site: &Site, actor: &Actor, filtre: &Filtre) -> Result<usize, Failure> {
    actor.may(Verb::VoirStructures)?;
    Ok(store::compter(site.db.read(), &actor.perimetre, filtre).await?)
}

/// A page of the history.
///
/// # Errors
/// The database.
pub async fn historique(
    site: &Site,
    id: StructureId,
    offset: usize,
    limit: usize,
) -> Result<Vec<Changement>, DbErr> {
    store::historique(site.db.read(), id, offset, limit).await
}

/// Merges into that structure that can be undone.
///
/// # Errors
/// The database.
pub async fn fusions(site: &Site, id: StructureId) -> Result<Vec<FusionRow>, DbErr> {
    store::fusions_de(site.db.read(), id).await
}

/// Structures that look like that one and that the actor may see.
///
/// # Errors
/// The database.
pub async fn voisines(site: &Site, actor: &Actor, s: &Structure) -> Result<Vec<Voisine>, DbErr> {
    let all = ressemblantes(site.db.read(), actor, s).await?;
    Ok(all.into_iter().filter(|v| v.visible).collect())
}

/// Two structures that look alike.
#[derive(Clone, Debug)]
pub struct Paire {
    /// One.
    pub premiere: Structure,
    /// The other.
    pub seconde: Structure,
    /// Why.
    pub comparaison: Comparaison,
}

/// A page of the likely duplicates within the actor's scope, most alike first; and how many there are.
///
/// # Errors
/// Without the verb; the database.
pub async fn doublons(
    site: &Site,
    actor: &Actor,
    page: (usize, usize),
) -> Result<(Vec<Paire>, usize), Failure> {
    actor.may(Verb::FusionnerStructures)?;
    let conn = site.db.read();
    let (ids, total) = store::paires(conn, &actor.perimetre, page).await?;
    let mut needed: Vec<uuid::Uuid> = ids.iter().flat_map(|(a, b)| [*a, *b]).collect();
    needed.sort_unstable();
    needed.dedup();
    let structures: std::collections::HashMap<uuid::Uuid, Structure> =
        store::charger(conn, &needed).await?.into_iter().map(|s| (s.id.0, s)).collect();
    let paires = ids
        .iter()
        .filter_map(|(a, b)| {
            let (premiere, seconde) = (structures.get(a)?.clone(), structures.get(b)?.clone());
            Some(Paire { comparaison: comparer(&premiere, &seconde), premiere, seconde })
        })
        .collect();
    Ok((paires, total))
}

/// What other rooms may know of a structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StructureVue {
    /// Its identifier: that of the structure that was kept, when the one asked for was merged.
    pub id: StructureId,
    /// Its number.
    pub pivot: Option<Pivot>,
    /// Its name.
    pub nom: String,
    /// Its kind.
    pub genre: super::model::Genre,
    /// Its legal category, when known.
    pub categorie: Option<super::model::CategorieJuridique>,
    /// Street, code postal and commune on one line.
    pub adresse: String,
    /// Number and street.
    pub voie: Option<String>,
    /// Code postal.
    pub code_postal: Option<String>,
    /// Where it stands.
    pub commune: super::model::CommuneChoisie,
    /// The grand réseau that it belongs to.
    pub reseau: Option<kernel::Reseau>,
    /// Whether it works.
    pub active: bool,
    /// When its sheet, or its state, last changed.
    pub modifiee_le: chrono::DateTime<chrono::Utc>,
    /// Itself and every structure that was merged into it: what belongs to any of them belongs to it.
    pub identites: Vec<StructureId>,
}

impl StructureVue {
    /// Whether the actor may do that here: the verb, then the scope. Whoever looked after a structure that was merged into
    /// this one keeps what they could do.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] without the verb; [`Refusal::NotFound`] out of scope, as if it did not exist.
    pub fn may(&self, actor: &Actor, verb: Verb) -> Result<(), Refusal> {
        actor.may(verb)?;
        let cible = |id| Cible {
            region: Some(self.commune.region.clone()),
            departement: Some(self.commune.departement.clone()),
            commune: Some(self.commune.code.clone()),
            reseau: self.reseau,
            structure: Some(id),
            ..Cible::default()
        };
        if self.identites.iter().any(|id| actor.couvre(&cible(*id))) {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }
}

impl From<Structure> for StructureVue {
    fn from(s: Structure) -> Self {
        Self {
            id: s.id,
            adresse: s.fiche.adresse(),
            modifiee_le: s.modifiee_le,
            active: s.etat == Etat::Active,
            identites: std::iter::once(s.id).chain(s.alias).collect(),
            pivot: s.fiche.pivot,
            nom: s.fiche.nom,
            voie: s.fiche.voie,
            code_postal: s.fiche.code_postal.map(|c| c.to_string()),
            genre: s.fiche.genre,
            categorie: s.fiche.categorie,
            commune: s.fiche.commune,
            reseau: s.fiche.reseau,
        }
    }
}

/// The structure that stands for this identifier today, for other rooms: the caller checks the scope.
///
/// # Errors
/// The database.
pub async fn find(conn: &impl ConnectionTrait, id: StructureId) -> Result<Option<StructureVue>, DbErr> {
    let Some(id) = store::canonique(conn, id).await? else { return Ok(None) };
    Ok(store::get(conn, id).await?.map(StructureVue::from))
}

/// Name and commune of each of these structures, merged or not; those that do not exist are left out.
///
/// # Errors
/// The database.
pub async fn situees(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
) -> Result<std::collections::HashMap<StructureId, (String, kernel::CodeCommune)>, DbErr> {
    store::situees(conn, ids).await
}

/// The structures that stand for these identifiers today, each under every identifier that was asked for: for lists of
/// other rooms, which check the scope.
///
/// # Errors
/// The database.
pub async fn trouver(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<std::collections::HashMap<StructureId, StructureVue>, DbErr> {
    let uniques: std::collections::BTreeSet<uuid::Uuid> = ids.into_iter().map(|id| id.0).collect();
    let ids: Vec<uuid::Uuid> = uniques.into_iter().collect();
    let mut out = std::collections::HashMap::with_capacity(ids.len());
    for s in store::charger(conn, &ids).await? {
        let (id, fusionnee) = (s.id, matches!(s.etat, Etat::Fusionnee { .. }));
        let vue = if fusionnee { find(conn, id).await? } else { Some(s.into()) };
        out.extend(vue.map(|v| (id, v)));
    }
    Ok(out)
}

/// The active structure that bears this number; the oldest, when several do.
///
/// # Errors
/// The database.
pub async fn de_pivot(conn: &impl ConnectionTrait, pivot: &Pivot) -> Result<Option<StructureVue>, DbErr> {
    let Some(id) = store::de_pivot(conn, pivot).await? else { return Ok(None) };
    find(conn, id).await
}

/// Active structures within the actor's scope whose name, commune or number holds all these words; at most `limit`,
/// by name. For boxes that choose a structure.
///
/// # Errors
/// The database.
pub async fn search(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    mots: &str,
    limit: usize,
) -> Result<Vec<StructureVue>, DbErr> {
    let filtre = Filtre { mots: mots.to_owned(), ..Filtre::default() };
    let lignes = store::lister(conn, &actor.perimetre, &filtre, 0, limit.min(100)).await?;
    let ids: Vec<uuid::Uuid> = lignes.iter().map(|l| l.id.0).collect();
    Ok(store::charger(conn, &ids).await?.into_iter().map(StructureVue::from).collect())
}

/// A page of the structures of a scope, by name, each with its main contact, and how many there are: for other rooms that
/// choose among many. The caller gives the scope, and checks that it is the actor's.
///
/// # Errors
/// The database.
pub async fn du_territoire(
    conn: &impl ConnectionTrait,
    perimetre: &kernel::Perimetre,
    filtre: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<(Vec<Ligne>, usize), DbErr> {
    let total = store::compter(conn, perimetre, filtre).await?;
    Ok((store::lister(conn, perimetre, filtre, offset, limit).await?, total))
}

/// A batch of the list after a mark, within the actor's scope, for exports of any length: the route holds the verb.
///
/// # Errors
/// The database.
pub async fn lot(
    site: &Site,
    actor: &Actor,
    filtre: &Filtre,
    marque: Option<(&str, uuid::Uuid)>,
    limit: usize,
) -> Result<Vec<Ligne>, DbErr> {
    store::apres(site.db.read(), &actor.perimetre, filtre, marque, limit).await
}

/// How many lines the history of that structure has.
///
/// # Errors
/// The database.
pub async fn longueur_historique(site: &Site, id: StructureId) -> Result<usize, DbErr> {
    store::longueur_historique(site.db.read(), id).await
}

/// Whom the directory knows in that structure, the one to ask first at the head.
///
/// # Errors
/// The database.
pub async fn contacts(conn: &impl ConnectionTrait, id: StructureId) -> Result<Vec<FicheContact>, DbErr> {
    let mut contacts: Vec<super::model::Contact> =
        store::charger(conn, &[id.0]).await?.into_iter().flat_map(|s| s.contacts).collect();
    contacts.sort_by_key(|c| !c.principal);
    Ok(contacts.into_iter().map(|c| c.fiche).collect())
}

/// The address of the main contact of each of these structures, for those that have one.
///
/// # Errors
/// The database.
pub async fn courriels_principaux(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
) -> Result<std::collections::HashMap<StructureId, kernel::Email>, DbErr> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let adresse = |s: Structure| {
        let courriel = s.contacts.iter().find_map(|c| c.fiche.courriel.clone());
        courriel.map(|c| (s.id, c))
    };
    Ok(store::charger(conn, &ids).await?.into_iter().filter_map(adresse).collect())
}
