//! Registration by whoever asked for the habilitation, from the page of the request, until the référent of the organisation
//! has signed in once (Aidants Connect, registration to sessions: domain, 3.14).

use kernel::Refusal;
use kernel::ids::StructureId;
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::actions::{asseoir, liberer};
use super::model::{EtatInscription, Inscription, InscriptionId, Session};
use super::{regles, store};
use crate::aidants::regles::Voie;
use crate::aidants::{self, Aidant, EtatAidant, registre, vie};
use crate::ids::{AidantId, HabilitationId, SessionFormationId};
use crate::{Failure, Mandats};

/// For whom somebody registers: the people of an accepted request, in its organisation.
#[derive(Clone, Debug)]
pub(crate) struct Pour {
    /// The request.
    pub(crate) demande: HabilitationId,
    /// What came of it.
    pub(crate) structure: StructureId,
    /// People named in it.
    pub(crate) personnes: Vec<AidantId>,
}

/// Whether a référent of the organisation signed in once: the registrations are then theirs.
///
/// # Errors
/// The database.
pub(crate) async fn referent_venu(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<bool, Failure> {
    let comptes: Vec<_> =
        registre::referents(conn, structure).await?.iter().filter_map(|r| r.compte).collect();
    Ok(!identity::vus(conn, &comptes).await?.is_empty())
}

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vue {
    /// Sessions that take people.
    pub(crate) sessions: Vec<Session>,
    /// Who may be inscribed.
    pub(crate) libres: Vec<Aidant>,
    /// Who is, and where.
    pub(crate) inscrites: Vec<(Aidant, Inscription, Session)>,
}

/// Reads it.
///
/// # Errors
/// The database.
pub(crate) async fn vue(m: &Mandats, pour: &Pour) -> Result<Vue, Failure> {
    let (conn, jour) = (m.site.db.read(), m.jour());
    let mut vue = Vue { sessions: store::a_venir(conn, jour).await?, ..Vue::default() };
    vue.sessions.retain(|s| regles::ouverte(s, jour).is_ok());
    let mut gens = aidants::store::lire_plusieurs(conn, &pour.personnes).await?;
    gens.sort_by_key(|a| (kernel::text::fold(&a.nom), kernel::text::fold(&a.prenom), a.id.0));
    for a in gens {
        if aidants::store::appartenance(conn, a.id, pour.structure).await?.is_none() {
            continue;
        }
        let siennes = store::de_aidant(conn, a.id).await?;
        let vivante = siennes
            .into_iter()
            .find(|i| matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite));
        match vivante {
            Some(i) => {
                if let Some(s) = store::session(conn, i.session).await? {
                    vue.inscrites.push((a, i, s));
                }
            }
            None if a.etat == EtatAidant::Eligible
                && registre::parcours(conn, a.id).await?.voie == Voie::Classique =>
            {
                vue.libres.push(a);
            }
            None => {}
        }
    }
    Ok(vue)
}

const VENU: &str = "La personne référente de l’organisation s’est connectée : c’est elle qui inscrit maintenant aux formations.";

/// Holds somebody of the request; the référent has not come yet.
async fn tenir(tx: &Tx, pour: &Pour, aidant: AidantId) -> Result<Aidant, Failure> {
    if !pour.personnes.contains(&aidant)
        || aidants::store::appartenance(tx, aidant, pour.structure).await?.is_none()
    {
        return Err(Refusal::NotFound.into());
    }
    if referent_venu(tx, pour.structure).await? {
        return Err(Refusal::conflict(VENU).into());
    }
    vie::tenir(tx, aidant).await
}

/// Inscribes somebody in an open session, in the caller's transaction; the same rules as for a référent.
///
/// # Errors
/// [`Refusal::NotFound`] for who is not of the request; refusals of [`regles::ouverte`] and [`regles::peut_suivre`]; once the
/// référent signed in.
pub(crate) async fn inscrire(
    m: &Mandats,
    tx: &Tx,
    (pour, session): (&Pour, SessionFormationId),
    aidant: AidantId,
) -> Result<(EtatInscription, Session), Failure> {
    let a = tenir(tx, pour, aidant).await?;
    let s = store::tenir(tx, session).await?.ok_or(Refusal::NotFound)?;
    regles::ouverte(&s, m.jour())?;
    regles::peut_suivre(&a, registre::parcours(tx, aidant).await?.voie, &s)?;
    let etat = asseoir(m, tx, None, &a, s.clone()).await?;
    let faits = json!({ "demande": pour.demande, "etat": etat.cle() });
    let line = Entry::system("formation_aidants.inscrire_par_demande", "session", session).with(faits);
    journal::write(&m.site, tx, line).await?;
    Ok((etat, s))
}

/// Gives up an inscription of somebody of the request, before the session begins.
///
/// # Errors
/// As [`inscrire`]; when the session began.
pub(crate) async fn renoncer(m: &Mandats, pour: &Pour, id: InscriptionId) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let i = store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?;
            tenir(tx, pour, i.aidant).await?;
            let s = store::session(tx, i.session).await?.ok_or(Refusal::NotFound)?;
            if s.fiche.debut <= m.jour() {
                let non = "La session a commencé : dites à l’organisme que la personne ne viendra pas.";
                return Err(Refusal::conflict(non).into());
            }
            liberer(m, tx, &i).await?;
            let faits = json!({ "demande": pour.demande });
            let line = Entry::system("formation_aidants.renoncer", "inscription", id).with(faits);
            Ok(journal::write(&m.site, tx, line).await?)
        })
        .await
}
