//! What can be done in trainings: one function a verb, each in one transaction with its line of journal. Professionals are
//! held before sessions.

use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::model::{EtatInscription, Fiche, Inscription, InscriptionId, Session};
use super::{regles, store};
use crate::aidants::regles::Parcours;
use crate::aidants::{self, Aidant, EtatAidant, mails, registre, vie};
use crate::ids::{AidantId, SessionFormationId};
use crate::{Failure, Mandats};

/// Whether the actor looks after the sessions of that body: its own people, or the team for the whole country.
fn tient(actor: &Actor, organisme: StructureId) -> bool {
    match &actor.perimetre {
        Perimetre::Structures(ids) => ids.contains(&organisme),
        _ => actor.couvre(&Cible { structure: Some(organisme), ..Cible::default() }),
    }
}

/// Bodies whose sessions the actor sees; none: all of them.
pub(super) fn organismes(actor: &Actor) -> Option<Vec<StructureId>> {
    match &actor.perimetre {
        Perimetre::Structures(ids) => Some(ids.clone()),
        Perimetre::National => None,
        _ => Some(Vec::new()),
    }
}

/// That session, if the actor looks after it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn la_sienne(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: SessionFormationId,
) -> Result<Session, Failure> {
    actor.may(Verb::FormerAidants)?;
    let s = store::session(conn, id).await?.filter(|s| tient(actor, s.organisme));
    Ok(s.ok_or(Refusal::NotFound)?)
}

async fn tenue(tx: &Tx, actor: &Actor, id: SessionFormationId) -> Result<Session, Failure> {
    let s = store::tenir(tx, id).await?.filter(|s| tient(actor, s.organisme));
    Ok(s.ok_or(Refusal::NotFound)?)
}

/// Opens a session of that body.
///
/// # Errors
/// Refusals of [`regles::fiche_juste`]; a body that is not the actor's.
pub async fn ouvrir(
    m: &Mandats,
    actor: &Actor,
    organisme: StructureId,
    fiche: Fiche,
) -> Result<SessionFormationId, Failure> {
    actor.may(Verb::FormerAidants)?;
    regles::fiche_juste(&fiche, 0)?;
    if !tient(actor, organisme) {
        return Err(Refusal::field("organisme", "Choisissez un organisme de la liste.").into());
    }
    let site = &m.site;
    let id = SessionFormationId::new(&site.clock, &site.chance);
    let s = Session { id, organisme, fiche, prises: 0, annulee: None, version: 0 };
    site.db
        .write(async |tx| {
            if annuaire::structures::find(tx, organisme).await?.is_none_or(|v| !v.active) {
                return Err(Refusal::field("organisme", "Choisissez un organisme de l’annuaire.").into());
            }
            store::enregistrer(tx, &s).await?;
            journal::write(site, tx, Entry::by(actor, "formation_aidants.ouvrir", "session", id)).await?;
            Ok(id)
        })
        .await
}

/// Changes a session; more seats go to whoever waits.
///
/// # Errors
/// Refusals of [`regles::fiche_juste`]; a session that changed meanwhile, began or was cancelled.
pub async fn modifier(
    m: &Mandats,
    actor: &Actor,
    id: SessionFormationId,
    version: i64,
    fiche: Fiche,
) -> Result<(), Failure> {
    actor.may(Verb::FormerAidants)?;
    m.site
        .db
        .write(async |tx| {
            let s = tenue(tx, actor, id).await?;
            if s.version != version {
                let non = "Quelqu’un a modifié cette session pendant que vous la lisiez. Rechargez la page, puis recommencez.";
                return Err(Refusal::conflict(non).into());
            }
            if s.annulee.is_some() || s.fiche.debut <= m.jour() {
                return Err(Refusal::conflict("Une session annulée ou commencée ne change plus.").into());
            }
            regles::fiche_juste(&fiche, s.prises)?;
            let s = Session { fiche, ..s };
            store::enregistrer(tx, &s).await?;
            servir_la_file(m, tx, id).await?;
            Ok(journal::write(&m.site, tx, Entry::by(actor, "formation_aidants.modifier", "session", id)).await?)
        })
        .await
}

/// Cancels a session that has not begun: whoever was in it is told by their référents.
///
/// # Errors
/// When it began, or was cancelled already.
pub async fn annuler_session(
    m: &Mandats,
    actor: &Actor,
    id: SessionFormationId,
    motif: &str,
) -> Result<(), Failure> {
    actor.may(Verb::FormerAidants)?;
    m.site
        .db
        .write(async |tx| {
            let s = tenue(tx, actor, id).await?;
            if s.annulee.is_some() || s.fiche.debut <= m.jour() {
                return Err(Refusal::conflict("Cette session a commencé, ou est déjà annulée.").into());
            }
            let phrase = format!("La session est annulée : {motif}. Choisissez-en une autre.");
            for i in store::de_session(tx, id).await? {
                if matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite) {
                    store::inscrire(tx, &Inscription { etat: EtatInscription::Annulee, ..i.clone() }).await?;
                    dire(m, tx, i.aidant, &s, "une session est annulée", &phrase).await?;
                }
            }
            store::enregistrer(tx, &Session { annulee: Some(motif.to_owned()), prises: 0, ..s }).await?;
            let line = Entry::by(actor, "formation_aidants.annuler", "session", id);
            Ok(journal::write(&m.site, tx, line).await?)
        })
        .await
}

/// Tells the référents of somebody what happens to their inscription.
async fn dire(
    m: &Mandats,
    tx: &Tx,
    aidant: AidantId,
    s: &Session,
    objet: &str,
    phrase: &str,
) -> Result<(), Failure> {
    let Some(a) = aidants::store::lire(tx, aidant).await? else { return Ok(()) };
    let quand = format!(
        "{}, du {} au {}, {}.",
        s.fiche.intitule,
        kernel::calendrier::jour_en_lettres(s.fiche.debut),
        kernel::calendrier::jour_en_lettres(s.fiche.fin),
        s.lieu()
    );
    let corps =
        [format!("Pour {}.", a.nom_complet()), phrase.to_owned(), quand, m.site.url("/referent/sessions")];
    for o in registre::ouvertes(tx, aidant).await? {
        for r in registre::referents(tx, o.structure).await? {
            mails::ecrire(m, tx, &r.courriel, objet, &corps).await?;
        }
    }
    Ok(())
}

/// Gives the seats that are free to who waits, in the order of the requests. The caller holds the session.
async fn servir_la_file(m: &Mandats, tx: &Tx, id: SessionFormationId) -> Result<(), Failure> {
    let Some(mut s) = store::session(tx, id).await? else { return Ok(()) };
    for i in store::de_session(tx, id).await? {
        if i.etat != EtatInscription::EnAttente || s.libres() == 0 {
            continue;
        }
        s.prises += 1;
        store::enregistrer(tx, &s).await?;
        s.version += 1;
        store::inscrire(tx, &Inscription { etat: EtatInscription::Inscrite, ..i.clone() }).await?;
        dire(
            m,
            tx,
            i.aidant,
            &s,
            "une place s’est libérée",
            "La personne était sur liste d’attente : la place est à elle.",
        )
        .await?;
    }
    Ok(())
}

/// Inscribes somebody, in the caller's transaction that holds them: a seat when one is free, else a place in the line. Without
/// an actor, whoever asked for the habilitation does it, by the link of their space.
pub(super) async fn asseoir(
    m: &Mandats,
    tx: &Tx,
    actor: Option<&Actor>,
    a: &Aidant,
    mut s: Session,
) -> Result<EtatInscription, Failure> {
    let deja = store::de_aidant(tx, a.id).await?;
    if deja.iter().any(|i| matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite)) {
        let non = "Cette personne est déjà inscrite à une session, ou en attente d’une place. Annulez d’abord cette inscription.";
        return Err(Refusal::conflict(non).into());
    }
    let etat = if s.libres() > 0 { EtatInscription::Inscrite } else { EtatInscription::EnAttente };
    if etat.prend_une_place() {
        s.prises += 1;
        store::enregistrer(tx, &s).await?;
    }
    let i = Inscription {
        id: InscriptionId::new(&m.site.clock, &m.site.chance),
        session: s.id,
        aidant: a.id,
        etat,
        finance_cn: a.conseiller_numerique,
        demandee_le: m.site.clock.now(),
    };
    store::inscrire(tx, &i).await?;
    let phrase = match etat {
        EtatInscription::Inscrite if i.finance_cn => {
            "L’inscription est confirmée. Le programme des conseillers numériques paie la formation."
        }
        EtatInscription::Inscrite => "L’inscription est confirmée.",
        _ => "La session est complète : la personne est sur liste d’attente.",
    };
    dire(m, tx, a.id, &s, "inscription à une formation", phrase).await?;
    let line = match actor {
        Some(actor) => Entry::by(actor, "formation_aidants.inscrire", "inscription", i.id),
        None => Entry::system("formation_aidants.inscrire", "inscription", i.id),
    };
    let facts = json!({ "session": s.id, "etat": etat.cle() });
    journal::write(&m.site, tx, line.with(facts)).await?;
    Ok(etat)
}

/// Inscribes somebody of the organisation in whose name the référent acts.
///
/// # Errors
/// Refusals of [`regles::ouverte`] and [`regles::peut_suivre`]; [`Refusal::NotFound`] for somebody of elsewhere.
pub async fn inscrire(
    m: &Mandats,
    actor: &Actor,
    session: SessionFormationId,
    aidant: AidantId,
) -> Result<EtatInscription, Failure> {
    m.site
        .db
        .write(async |tx| {
            let ici = aidants::agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
            if aidants::store::appartenance(tx, aidant, ici).await?.is_none() {
                return Err(Refusal::NotFound.into());
            }
            let a = vie::tenir(tx, aidant).await?;
            let s = store::tenir(tx, session).await?.ok_or(Refusal::NotFound)?;
            regles::ouverte(&s, m.jour())?;
            regles::peut_suivre(&a, registre::parcours(tx, aidant).await?.voie, &s)?;
            asseoir(m, tx, Some(actor), &a, s).await
        })
        .await
}

/// Inscribes somebody in a session of one's own, for the body: the way into one that is for one organisation alone.
///
/// # Errors
/// Refusals of [`regles::peut_suivre`]; a session that is full, over or cancelled.
pub async fn inscrire_intra(
    m: &Mandats,
    actor: &Actor,
    session: SessionFormationId,
    courriel: &kernel::Email,
) -> Result<EtatInscription, Failure> {
    actor.may(Verb::FormerAidants)?;
    m.site
        .db
        .write(async |tx| {
            let non = "Aucune personne à former n’a cette adresse.";
            let a =
                aidants::store::du_courriel(tx, courriel).await?.filter(|a| a.etat == EtatAidant::Eligible);
            let a = vie::tenir(tx, a.ok_or_else(|| Refusal::field("courriel", non))?.id).await?;
            let s = tenue(tx, actor, session).await?;
            if s.annulee.is_some() || s.fiche.fin < m.jour() {
                return Err(Refusal::conflict("Cette session est annulée ou terminée.").into());
            }
            regles::peut_suivre(&a, registre::parcours(tx, a.id).await?.voie, &s)?;
            asseoir(m, tx, Some(actor), &a, s).await
        })
        .await
}

/// Gives up an inscription that is held by nobody yet: the session is held, the first in line has the seat.
pub(super) async fn liberer(m: &Mandats, tx: &Tx, i: &Inscription) -> Result<(), Failure> {
    let mut s = store::tenir(tx, i.session).await?.ok_or(Refusal::NotFound)?;
    // Read again under the session: somebody may have given the seat up meanwhile.
    let i = store::inscription(tx, i.id).await?.ok_or(Refusal::NotFound)?;
    if !matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite) {
        return Err(Refusal::conflict("Cette inscription n’est plus en cours.").into());
    }
    store::inscrire(tx, &Inscription { etat: EtatInscription::Annulee, ..i.clone() }).await?;
    if i.etat == EtatInscription::Inscrite {
        s.prises = s.prises.saturating_sub(1);
        store::enregistrer(tx, &s).await?;
        if s.fiche.debut > m.jour() {
            servir_la_file(m, tx, s.id).await?;
        }
    }
    Ok(())
}

/// Gives up the inscription of somebody of one's organisation, before the session begins.
///
/// # Errors
/// [`Refusal::NotFound`] for somebody of elsewhere; a refusal when the session began.
pub async fn renoncer(m: &Mandats, actor: &Actor, id: InscriptionId) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let ici = aidants::agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
            let i = store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?;
            if aidants::store::appartenance(tx, i.aidant, ici).await?.is_none() {
                return Err(Refusal::NotFound.into());
            }
            let s = store::session(tx, i.session).await?.ok_or(Refusal::NotFound)?;
            if s.fiche.debut <= m.jour() {
                let non = "La session a commencé : dites à l’organisme que la personne ne viendra pas.";
                return Err(Refusal::conflict(non).into());
            }
            liberer(m, tx, &i).await?;
            Ok(journal::write(&m.site, tx, Entry::by(actor, "formation_aidants.renoncer", "inscription", id))
                .await?)
        })
        .await
}

/// Gives up every inscription of somebody who will not be trained: refused, gone. The caller holds them.
pub(crate) async fn renoncer_a_tout(m: &Mandats, tx: &Tx, aidant: AidantId) -> Result<(), Failure> {
    for i in store::de_aidant(tx, aidant).await? {
        if matches!(i.etat, EtatInscription::EnAttente | EtatInscription::Inscrite) {
            liberer(m, tx, &i).await?;
            let line = Entry::system("formation_aidants.renoncer", "inscription", i.id);
            journal::write(&m.site, tx, line).await?;
        }
    }
    Ok(())
}

/// What the body does of an inscription in a session of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Geste {
    /// They were there.
    Presente,
    /// They were not.
    Absente,
    /// Neither: said by mistake.
    Defaire,
    /// They will not come.
    Annuler,
    /// They come to that other session of the same body.
    Deplacer(SessionFormationId),
}

/// Does it. Who was there is trained, from the last day of the session on, and goes on by themselves when they passed the
/// test.
///
/// # Errors
/// [`Refusal::NotFound`] for another body's; refusals of [`regles::presence`]; what cannot be undone any more.
pub async fn suivre(m: &Mandats, actor: &Actor, id: InscriptionId, geste: Geste) -> Result<(), Failure> {
    actor.may(Verb::FormerAidants)?;
    m.site
        .db
        .write(async |tx| {
            let i = store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?;
            la_sienne(tx, actor, i.session).await?;
            let a = vie::tenir(tx, i.aidant).await?;
            match geste {
                Geste::Annuler => liberer(m, tx, &i).await?,
                Geste::Deplacer(vers) => deplacer(m, tx, actor, &a, &i, vers).await?,
                _ => presence(m, tx, actor, &a, id, geste).await?,
            }
            let line = Entry::by(actor, "formation_aidants.suivre", "inscription", id);
            let facts = json!({ "geste": format!("{geste:?}").split('(').next() });
            Ok(journal::write(&m.site, tx, line.with(facts)).await?)
        })
        .await
}

async fn presence(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    a: &Aidant,
    id: InscriptionId,
    geste: Geste,
) -> Result<(), Failure> {
    let i = store::inscription(tx, id).await?.ok_or(Refusal::NotFound)?;
    let s = tenue(tx, actor, i.session).await?;
    let i = store::inscription(tx, i.id).await?.ok_or(Refusal::NotFound)?;
    regles::presence(&s, i.etat, m.jour())?;
    let vers = match geste {
        Geste::Presente => EtatInscription::Presente,
        Geste::Absente => EtatInscription::Absente,
        _ => EtatInscription::Inscrite,
    };
    if i.etat == EtatInscription::Presente && vers != EtatInscription::Presente {
        vie::defaire_formation(m, tx, a.id, Some(actor)).await?;
    }
    store::inscrire(tx, &Inscription { etat: vers, ..i }).await?;
    if vers == EtatInscription::Presente {
        let p = registre::parcours(tx, a.id).await?;
        let a_dire = p.forme_le.is_none() && p.pix.is_none();
        registre::ecrire_parcours(tx, a.id, &Parcours { forme_le: Some(s.fiche.fin), ..p }).await?;
        if a_dire {
            mails::formation_suivie(m, tx, a).await?;
        }
        vie::avancer(m, tx, a.id, Some(actor)).await?;
    }
    Ok(())
}

async fn deplacer(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    a: &Aidant,
    i: &Inscription,
    vers: SessionFormationId,
) -> Result<(), Failure> {
    let autre = la_sienne(tx, actor, vers).await?;
    if vers == i.session || autre.annulee.is_some() || autre.fiche.fin < m.jour() {
        return Err(Refusal::conflict("Choisissez une autre session, ni annulée ni terminée.").into());
    }
    // Both sessions held, in one order, before either changes.
    let mut deux = [i.session, vers];
    deux.sort_by_key(|s| s.0);
    for s in deux {
        store::tenir(tx, s).await?;
    }
    liberer(m, tx, i).await?;
    let autre = store::session(tx, vers).await?.ok_or(Refusal::NotFound)?;
    asseoir(m, tx, Some(actor), a, autre).await.map(drop)
}

/// Notes the test Pix of somebody: passed that day with that score. They go on by themselves when they are trained.
///
/// # Errors
/// [`Refusal::NotFound`]; those of the activation.
pub(crate) async fn pix(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    aidant: AidantId,
    le: chrono::NaiveDate,
    score: u8,
) -> Result<Aidant, Failure> {
    let a = vie::tenir(tx, aidant).await?;
    let p = registre::parcours(tx, aidant).await?;
    registre::ecrire_parcours(tx, aidant, &Parcours { pix: Some((le, score)), ..p }).await?;
    let line = Entry::by(actor, "aidant.pix", "aidant", a.id);
    journal::write(&m.site, tx, line).await?;
    vie::avancer(m, tx, aidant, Some(actor)).await
}
