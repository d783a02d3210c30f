//! What can be read of trainings, within the scope of who reads.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::actor::Cible;
use kernel::{Actor, CodeRegion, Periode, Refusal, Verb};
use platform::Site;
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{EtatInscription, Inscription, InscriptionId, Parcours, Session, SessionId};
use super::store;
pub use super::store::{Filtre, Ligne};
use crate::Failure;
use crate::candidats::{self, Coordonnees};
use crate::ids::CandidatId;
use crate::postes;

/// Whether the actor may do that to this session: the administration to all, a training body to its own.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb; [`Refusal::NotFound`] out of scope.
pub async fn may(conn: &impl ConnectionTrait, actor: &Actor, verb: Verb, s: &Session) -> Result<(), Failure> {
    actor.may(verb)?;
    let vue = annuaire::structures::find(conn, s.fiche.organisme).await?;
    let identites = vue.map_or_else(|| vec![s.fiche.organisme], |v| v.identites);
    let couverte =
        identites.into_iter().any(|id| actor.couvre(&Cible { structure: Some(id), ..Cible::default() }));
    if couverte { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// A page of the sessions of the actor's scope, and how many there are.
///
/// # Errors
/// Without the verb; the database.
pub async fn sessions(
    site: &Site,
    actor: &Actor,
    filtre: &Filtre,
    page: (usize, usize),
) -> Result<(Vec<Ligne>, usize), Failure> {
    actor.may(Verb::SuivreFormations)?;
    let conn = site.db.read();
    let total = store::compter(conn, &actor.perimetre, filtre).await?;
    Ok((store::lister(conn, &actor.perimetre, filtre, page).await?, total))
}

/// A page of the same, for a file: the right was looked at before its first line.
///
/// # Errors
/// The database.
pub(super) async fn page(site: &Site, actor: &Actor, page: (usize, usize)) -> Result<Vec<Ligne>, DbErr> {
    store::lister(site.db.read(), &actor.perimetre, &Filtre::default(), page).await
}

/// A session and everybody who asked for it, with their coordinates: the training body calls them.
#[derive(Debug)]
pub struct Suivie {
    /// The session.
    pub session: Session,
    /// Who asked, by the order of the requests.
    pub inscriptions: Vec<Inscription>,
    /// How each is reached; those who were erased have none.
    pub coordonnees: HashMap<CandidatId, Coordonnees>,
}

/// That session, if the actor may see it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn session(site: &Site, actor: &Actor, id: SessionId) -> Result<Suivie, Failure> {
    let conn = site.db.read();
    let session = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    may(conn, actor, Verb::SuivreFormations, &session).await?;
    let inscriptions = store::de_session(conn, id).await?;
    let ids: Vec<CandidatId> = inscriptions.iter().map(|i| i.candidat).collect();
    let coordonnees = candidats::lire_coordonnees(site, actor, &ids).await?;
    Ok(Suivie { session, inscriptions, coordonnees })
}

/// A registration and its session, if the actor may see it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn inscription(
    site: &Site,
    actor: &Actor,
    id: InscriptionId,
) -> Result<(Inscription, Suivie), Failure> {
    let i = store::inscription(site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    let suivie = session(site, actor, i.session).await?;
    Ok((i, suivie))
}

/// What a person sees of their own training.
#[derive(Debug)]
pub struct Mienne {
    /// The person.
    pub candidat: CandidatId,
    /// Région and days of the post that they hold, or else of the next.
    pub poste: Option<(CodeRegion, Periode)>,
    /// What they asked for, oldest first.
    pub inscriptions: Vec<(Inscription, Session)>,
    /// Titles, test, recognition.
    pub parcours: Parcours,
}

impl Mienne {
    /// What a registration depends on.
    pub fn personne(&self) -> super::rules::Personne<'_> {
        super::rules::Personne {
            poste: self.poste.as_ref().map(|(region, periode)| (region, *periode)),
            inscriptions: &self.inscriptions,
            parcours: &self.parcours,
        }
    }
}

/// The training of that person on that day.
///
/// # Errors
/// The database.
pub async fn de_candidat(
    conn: &impl ConnectionTrait,
    candidat: CandidatId,
    le: NaiveDate,
) -> Result<Mienne, DbErr> {
    let tenus = postes::store::de_candidat(conn, candidat).await?;
    // Oldest first: the one of today comes before the next.
    let tenu = tenus.into_iter().find(|(_, periode)| periode.fin.is_none_or(|fin| fin >= le));
    let mut poste = None;
    if let Some((id, periode)) = tenu {
        let place = postes::store::get(conn, id)
            .await?
            .and_then(|p| postes::rules::place(&p, periode.debut.max(le)).map(|place| place.region.clone()));
        poste = place.map(|region| (region, periode));
    }
    Ok(Mienne {
        candidat,
        poste,
        inscriptions: store::de_candidat(conn, candidat).await?,
        parcours: store::parcours(conn, candidat).await?,
    })
}

/// The training of the person whose account acts.
///
/// # Errors
/// [`Refusal::NotFound`] when the account is nobody's file.
pub async fn la_mienne(site: &Site, actor: &Actor) -> Result<Mienne, Failure> {
    actor.may(Verb::TenirCandidature)?;
    let conn = site.db.read();
    let candidat = candidats::de_compte(conn, actor.compte).await?.ok_or(Refusal::NotFound)?;
    Ok(de_candidat(conn, candidat, kernel::calendrier::jour(&site.clock.now())).await?)
}

/// Sessions to come that are for that région, soonest first; at most a hundred.
///
/// # Errors
/// The database.
pub async fn a_venir(
    conn: &impl ConnectionTrait,
    region: &CodeRegion,
    le: NaiveDate,
) -> Result<Vec<Ligne>, DbErr> {
    let filtre = Filtre { apres: Some(le), region: Some(region.clone()), sans_annulees: true };
    let mut lignes = store::lister(conn, &kernel::Perimetre::National, &filtre, (0, 100)).await?;
    lignes.sort_by_key(|l| (l.session.fiche.debut, l.session.id));
    Ok(lignes)
}

/// Sheet of a person for whoever trains them: the actor must follow a session that the person is or was in, or the nation.
///
/// # Errors
/// [`Refusal::NotFound`] otherwise.
pub async fn personne(
    site: &Site,
    actor: &Actor,
    candidat: CandidatId,
) -> Result<(Mienne, Coordonnees), Failure> {
    actor.may(Verb::SuivreFormations)?;
    let conn = site.db.read();
    let mienne = de_candidat(conn, candidat, kernel::calendrier::jour(&site.clock.now())).await?;
    may_sur(conn, actor, &mienne.inscriptions, true).await?;
    let coordonnees = candidats::lire_coordonnees(site, actor, &[candidat]).await?.remove(&candidat);
    Ok((mienne, coordonnees.ok_or(Refusal::NotFound)?))
}

/// Whether the actor trains, or trained, the person of these registrations; with `attente`, also whoever asked for a seat:
/// the body passes the test with them before they have one.
///
/// # Errors
/// [`Refusal::NotFound`] when not.
pub(super) async fn may_sur(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    inscriptions: &[(Inscription, Session)],
    attente: bool,
) -> Result<(), Failure> {
    if actor.perimetre == kernel::Perimetre::National {
        return Ok(());
    }
    for (i, s) in inscriptions {
        let suivie = i.etat.prend_une_place() || (attente && i.etat == EtatInscription::EnAttente);
        if suivie && may(conn, actor, Verb::SuivreFormations, s).await.is_ok() {
            return Ok(());
        }
    }
    Err(Refusal::NotFound.into())
}
