//! What happens to a professional, in the caller's transaction: each act has its line of history and its line of journal.
//! `par` is who acts; none is the programme itself (a job, another room).

use chrono::{Days, NaiveDate};
use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, Email, Perimetre, Refusal, Role, Telephone, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{Aidant, Appartenance, EtatAidant, Fonction};
use super::regles::{self, Parcours, Qui, Voie};
use super::{mails, registre, store};
use crate::ids::{AidantId, AppartenanceId, EquipeId};
use crate::organisations;
use crate::{Failure, Mandats};

/// Why an account fell asleep by itself: its owner wakes it alone, with a strong proof.
pub const INACTIVITE: &str = "Plus de visite depuis des mois";

const ROLES: [Role; 3] = [Role::Aidant, Role::Referent, Role::AidantReferent];

/// Who is to become an aidant, or a référent.
#[derive(Clone, Debug)]
pub struct Personne {
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// Professional address, theirs alone.
    pub courriel: Email,
    /// Professional telephone.
    pub telephone: Option<Telephone>,
    /// What they do.
    pub profession: String,
    /// Whether they are a conseiller numérique.
    pub conseiller_numerique: bool,
    /// What they will do in the organisation.
    pub fonction: Fonction,
    /// How they will learn.
    pub voie: Voie,
    /// Who teaches them, on the way by a colleague.
    pub formateur: Option<Email>,
}

impl Personne {
    /// Somebody who is known already, to do that.
    pub(crate) fn de(a: &Aidant, fonction: Fonction) -> Self {
        Self {
            prenom: a.prenom.clone(),
            nom: a.nom.clone(),
            courriel: a.courriel.clone(),
            telephone: a.telephone.clone(),
            profession: a.profession.clone(),
            conseiller_numerique: a.conseiller_numerique,
            fonction,
            voie: Voie::Classique,
            formateur: None,
        }
    }
}

fn qui(par: Option<&Actor>) -> Qui {
    match par {
        None => Qui::Programme,
        Some(a) if a.role.has(Verb::InstruireHabilitations) => Qui::Equipe,
        Some(_) => Qui::Referent,
    }
}

fn ligne(par: Option<&Actor>, action: &'static str, id: AidantId) -> Entry {
    match par {
        Some(a) => Entry::by(a, action, "aidant", id),
        None => Entry::system(action, "aidant", id),
    }
}

fn hier(m: &Mandats) -> NaiveDate {
    let jour = m.jour();
    jour.checked_sub_days(Days::new(1)).unwrap_or(jour)
}

fn dans(structure: StructureId) -> Perimetre {
    Perimetre::Structures(vec![structure])
}

/// That professional, held until the end of the transaction.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn tenir(tx: &Tx, id: AidantId) -> Result<Aidant, Failure> {
    Ok(registre::tenir(tx, id).await?.ok_or(Refusal::NotFound)?)
}

/// Inscribes somebody for an organisation, at `etat` (`Demande` or `Eligible`). One record for an address: who is known gets
/// a membership more, and keeps what they have become.
///
/// # Errors
/// A refusal when they already belong to that organisation.
pub async fn inscrire(
    m: &Mandats,
    tx: &Tx,
    p: &Personne,
    structure: StructureId,
    etat: EtatAidant,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    let now = m.site.clock.now();
    organisations::store::tenir(tx, structure).await?.ok_or(Refusal::NotFound)?;
    if let Some(connu) = store::du_courriel(tx, &p.courriel).await? {
        let connu = tenir(tx, connu.id).await?;
        if store::appartenance(tx, connu.id, structure).await?.is_some() {
            return Err(
                Refusal::field("courriel", "Cette personne fait déjà partie de l’organisation.").into()
            );
        }
        // Who had left without ever learning to make mandats has it to learn first.
        if connu.etat == EtatAidant::Parti
            && p.fonction.fait_mandats()
            && !registre::parcours(tx, connu.id).await?.complet()
        {
            passer(m, tx, connu.clone(), EtatAidant::Eligible, "Nouvelle demande", None, Some(par)).await?;
        }
        rattacher(m, tx, connu.id, structure, p.fonction, None, par).await?;
        let connu = tenir(tx, connu.id).await?;
        return match connu.etat {
            EtatAidant::Refuse => {
                let vers = if etat == EtatAidant::Eligible { etat } else { EtatAidant::Demande };
                passer(m, tx, connu, vers, "Nouvelle demande", None, Some(par)).await
            }
            EtatAidant::Demande if etat == EtatAidant::Eligible => {
                passer(m, tx, connu, etat, "Nommée dans une demande acceptée", None, Some(par)).await
            }
            _ => Ok(connu),
        };
    }
    let a = Aidant {
        id: AidantId::new(&m.site.clock, &m.site.chance),
        compte: None,
        prenom: p.prenom.clone(),
        nom: p.nom.clone(),
        courriel: p.courriel.clone(),
        telephone: p.telephone.clone(),
        profession: p.profession.clone(),
        conseiller_numerique: p.conseiller_numerique,
        etat,
        etat_le: now,
        conditions_version: None,
        cree_le: now,
        version: 0,
    };
    store::enregistrer(tx, &a).await?;
    let parcours = Parcours { voie: p.voie, formateur: p.formateur.clone(), ..Parcours::default() };
    registre::ecrire_parcours(tx, a.id, &parcours).await?;
    registre::noter(&m.site, tx, &a, None, "Inscription", par).await?;
    journal::write(&m.site, tx, ligne(par, "aidant.inscrire", a.id).with(json!({ "etat": etat.cle() })))
        .await?;
    ouvrir(m, tx, a.id, structure, p.fonction, None, par).await?;
    tenir(tx, a.id).await
}

async fn ouvrir(
    m: &Mandats,
    tx: &Tx,
    aidant: AidantId,
    structure: StructureId,
    fonction: Fonction,
    equipe: Option<EquipeId>,
    par: Option<&Actor>,
) -> Result<(), Failure> {
    let appartenance = Appartenance {
        id: AppartenanceId::new(&m.site.clock, &m.site.chance),
        aidant,
        structure,
        equipe,
        fonction,
        debut: m.jour(),
        fin: None,
    };
    store::ouvrir_appartenance(tx, &appartenance).await?;
    let facts =
        json!({ "organisation": structure, "fonction": fonction.role().ligne().key, "equipe": equipe });
    Ok(journal::write(&m.site, tx, ligne(par, "aidant.rattacher", aidant).with(facts)).await?)
}

/// Takes somebody who is held to another state; `force` says who does, when it is not the one who is written down.
async fn passer(
    m: &Mandats,
    tx: &Tx,
    a: Aidant,
    vers: EtatAidant,
    motif: &str,
    par: Option<&Actor>,
    force: Option<Option<&Actor>>,
) -> Result<Aidant, Failure> {
    regles::passage(a.etat, vers, qui(par))?;
    let par = force.unwrap_or(par);
    let de = a.etat;
    let a = Aidant { etat: vers, etat_le: m.site.clock.now(), ..a };
    store::enregistrer(tx, &a).await?;
    registre::noter(&m.site, tx, &a, Some(de), motif, par).await?;
    let facts = json!({ "de": de.cle(), "vers": vers.cle() });
    journal::write(&m.site, tx, ligne(par, "aidant.etat", a.id).with(facts)).await?;
    tenir(tx, a.id).await
}

/// Takes somebody to another state, as the table of [`regles::passage`] allows. Who becomes eligible goes on by themselves
/// when they are trained already; a référent who makes no mandat needs no training.
///
/// # Errors
/// The refusals of the table; those of [`activer`].
pub async fn changer(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    vers: EtatAidant,
    motif: &str,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    if vers == EtatAidant::Actif {
        return activer(m, tx, id, par).await;
    }
    let a = tenir(tx, id).await?;
    let a = passer(m, tx, a, vers, motif, par, None).await?;
    match vers {
        EtatAidant::Eligible => {
            mails::eligible(m, tx, &a, &registre::parcours(tx, id).await?).await?;
            avancer(m, tx, id, par).await
        }
        EtatAidant::Refuse => {
            crate::formations::renoncer_a_tout(m, tx, id).await?;
            for o in registre::ouvertes(tx, id).await? {
                store::fermer_appartenance(tx, o.id, hier(m)).await?;
                mails::aux_referents(m, tx, o.structure, mails::Nouvelle::Refusee, &a).await?;
            }
            Ok(a)
        }
        EtatAidant::Dormant => {
            mails::endormi(m, tx, &a, motif).await?;
            Ok(a)
        }
        _ => Ok(a),
    }
}

/// Takes somebody as far as what they learnt leads: trained, certified, active. Called after each training and each test.
///
/// # Errors
/// Those of [`activer`].
pub async fn avancer(m: &Mandats, tx: &Tx, id: AidantId, par: Option<&Actor>) -> Result<Aidant, Failure> {
    let mut a = tenir(tx, id).await?;
    let ouvertes = registre::ouvertes(tx, id).await?;
    let sans_formation = !ouvertes.is_empty() && !ouvertes.iter().any(|o| regles::a_former(o.fonction));
    let vers = match a.etat {
        EtatAidant::Eligible if sans_formation => EtatAidant::Certifie,
        etat => registre::parcours(tx, id).await?.mene(etat),
    };
    if vers != a.etat {
        let motif = if sans_formation { "Référent : pas de formation" } else { "Formation et test" };
        a = passer(m, tx, a, vers, motif, None, Some(par)).await?;
    }
    if a.etat == EtatAidant::Certifie && !ouvertes.is_empty() {
        a = activer(m, tx, id, None).await?;
    }
    // A référent who acts already and learns to make mandats now has the roles that waited for it.
    if let (EtatAidant::Actif, Some(compte), true) =
        (vers, a.compte, registre::parcours(tx, id).await?.complet())
    {
        donner_les_roles(m, tx, compte, &ouvertes).await?;
    }
    Ok(a)
}

/// Gives the role of each of these memberships, within its organisation.
async fn donner_les_roles(
    m: &Mandats,
    tx: &Tx,
    compte: CompteId,
    ouvertes: &[Appartenance],
) -> Result<(), Failure> {
    for o in ouvertes {
        identity::give_by_programme(&m.site, tx, compte, o.fonction.role(), &dans(o.structure)).await?;
    }
    Ok(())
}

/// Takes back what a training said, when it was said by mistake: they are to be trained again.
///
/// # Errors
/// A refusal when they went further since.
pub(crate) async fn defaire_formation(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    par: Option<&Actor>,
) -> Result<(), Failure> {
    let a = tenir(tx, id).await?;
    let p = registre::parcours(tx, id).await?;
    match a.etat {
        EtatAidant::Eligible => {}
        EtatAidant::Forme => {
            passer(m, tx, a, EtatAidant::Eligible, "Présence annulée", None, Some(par)).await?;
        }
        _ => {
            let non = "Cette personne a avancé depuis : sa présence ne s’annule plus ici. Écrivez à l’équipe des habilitations.";
            return Err(Refusal::conflict(non).into());
        }
    }
    Ok(registre::ecrire_parcours(tx, id, &Parcours { forme_le: None, ..p }).await?)
}

/// Makes somebody active: their account is opened, with the role of each of their functions within its organisation; they
/// are invited, and their référents told. Somebody who slept, or had left, finds their account again.
///
/// # Errors
/// A refusal when the table does not allow it, or when they belong to no organisation.
pub async fn activer(m: &Mandats, tx: &Tx, id: AidantId, par: Option<&Actor>) -> Result<Aidant, Failure> {
    let a = tenir(tx, id).await?;
    regles::passage(a.etat, EtatAidant::Actif, qui(par))?;
    let ouvertes = registre::ouvertes(tx, id).await?;
    let Some(premiere) = ouvertes.first() else {
        let pourquoi =
            "Cette personne ne fait partie d’aucune organisation : rattachez-la d’abord à l’une d’elles.";
        return Err(Refusal::conflict(pourquoi).into());
    };
    let (site, de) = (&m.site, a.etat);
    let compte = match (a.compte, de) {
        // The account never closed: it only stopped acting.
        (Some(c), EtatAidant::Dormant) => c,
        _ => {
            let invitation = identity::Invitation {
                courriel: a.courriel.clone(),
                nom: a.nom_complet(),
                role: premiere.fonction.role(),
                perimetre: dans(premiere.structure),
                fin: None,
            };
            identity::invite_by_programme(site, tx, &invitation).await?.compte
        }
    };
    // Who slept kept their roles: waking gives none that they did not have.
    if de != EtatAidant::Dormant {
        donner_les_roles(m, tx, compte, &ouvertes).await?;
    }
    let a = Aidant { compte: Some(compte), ..a };
    let motif = if de == EtatAidant::Dormant { "Compte réactivé" } else { "Compte ouvert" };
    let a = passer(m, tx, a, EtatAidant::Actif, motif, par, None).await?;
    let parcours = registre::parcours(tx, id).await?;
    if parcours.averti_le.is_some() {
        registre::ecrire_parcours(tx, id, &Parcours { averti_le: None, ..parcours }).await?;
    }
    if de != EtatAidant::Dormant {
        for o in &ouvertes {
            mails::aux_referents(m, tx, o.structure, mails::Nouvelle::Active, &a).await?;
        }
    }
    Ok(a)
}

/// Lets a référent act at once in that organisation, and there alone, whatever they still have to learn for another one.
///
/// # Errors
/// The refusals of the table; those of the account.
pub(crate) async fn activer_referent(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    structure: StructureId,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    let mut a = tenir(tx, id).await?;
    if a.etat != EtatAidant::Certifie {
        a = passer(m, tx, a, EtatAidant::Certifie, "Référent : pas de formation", None, Some(par)).await?;
    }
    let invitation = identity::Invitation {
        courriel: a.courriel.clone(),
        nom: a.nom_complet(),
        role: Role::Referent,
        perimetre: dans(structure),
        fin: None,
    };
    let compte = identity::invite_by_programme(&m.site, tx, &invitation).await?.compte;
    let a = Aidant { compte: Some(compte), ..a };
    passer(m, tx, a, EtatAidant::Actif, "Compte ouvert", None, Some(par)).await
}

/// Ties somebody to an organisation, or changes what they do there: the membership of before ends, another begins. Who is
/// active gets the role; who had left is active again.
///
/// # Errors
/// A refusal when the organisation is not habilitée, when the team is another organisation's, or when the change would
/// leave the organisation without a référent.
pub async fn rattacher(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    structure: StructureId,
    fonction: Fonction,
    equipe: Option<EquipeId>,
    par: Option<&Actor>,
) -> Result<(), Failure> {
    let organisation = organisations::store::tenir(tx, structure).await?.ok_or(Refusal::NotFound)?;
    if !organisation.active(m.jour()) {
        return Err(Refusal::conflict("Cette organisation n’est plus habilitée.").into());
    }
    if let Some(e) = equipe
        && !super::equipes::de(tx, structure).await?.iter().any(|x| x.id == e)
    {
        return Err(Refusal::NotFound.into());
    }
    let a = tenir(tx, id).await?;
    let avant = store::appartenance(tx, id, structure).await?;
    if let Some(avant) = &avant {
        if (avant.fonction, avant.equipe) == (fonction, equipe) {
            return Ok(());
        }
        if avant.fonction.referent() && !fonction.referent() {
            garde_un_referent(tx, structure, id, par).await?;
        }
        store::fermer_appartenance(tx, avant.id, hier(m)).await?;
    }
    ouvrir(m, tx, id, structure, fonction, equipe, par).await?;
    let change = avant.as_ref().is_none_or(|x| x.fonction != fonction);
    if let (Some(compte), true) = (a.compte, change) {
        identity::take_by_programme_on(&m.site, tx, compte, &ROLES, &dans(structure)).await?;
        if matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant) {
            identity::give_by_programme(&m.site, tx, compte, fonction.role(), &dans(structure)).await?;
            mails::appartenances(m, tx, &a, structure, Some(fonction)).await?;
        }
    }
    if a.etat == EtatAidant::Parti {
        activer(m, tx, id, None).await?;
    }
    Ok(())
}

/// Ends a membership; with the last one ends the life of the professional as an aidant.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none; a refusal when the organisation would lose its last référent.
pub async fn quitter(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    structure: StructureId,
    motif: &str,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    organisations::store::tenir(tx, structure).await?;
    let a = tenir(tx, id).await?;
    let sienne = store::appartenance(tx, id, structure).await?.ok_or(Refusal::NotFound)?;
    if sienne.fonction.referent() {
        garde_un_referent(tx, structure, id, par).await?;
    }
    store::fermer_appartenance(tx, sienne.id, hier(m)).await?;
    let facts = json!({ "organisation": structure });
    journal::write(&m.site, tx, ligne(par, "aidant.quitter", id).with(facts)).await?;
    if let Some(compte) = a.compte {
        identity::take_by_programme_on(&m.site, tx, compte, &ROLES, &dans(structure)).await?;
    }
    if !registre::ouvertes(tx, id).await?.is_empty() {
        mails::appartenances(m, tx, &a, structure, None).await?;
        return Ok(a);
    }
    crate::formations::renoncer_a_tout(m, tx, id).await?;
    match a.etat {
        EtatAidant::Actif | EtatAidant::Dormant => {
            mails::appartenances(m, tx, &a, structure, None).await?;
            passer(m, tx, a, EtatAidant::Parti, motif, par, None).await
        }
        EtatAidant::Parti | EtatAidant::Refuse => Ok(a),
        _ => passer(m, tx, a, EtatAidant::Refuse, motif, par, None).await,
    }
}

/// An organisation keeps one active référent at least; the team of the habilitations alone may leave it without.
async fn garde_un_referent(
    tx: &Tx,
    structure: StructureId,
    sauf: AidantId,
    par: Option<&Actor>,
) -> Result<(), Failure> {
    let autres = registre::referents(tx, structure).await?.iter().any(|a| a.id != sauf);
    if autres || qui(par) != Qui::Referent {
        return Ok(());
    }
    let pourquoi = "Cette personne est le seul référent de l’organisation. Nommez d’abord un autre référent, puis recommencez.";
    Err(Refusal::conflict(pourquoi).into())
}

/// Stops somebody from acting in an organisation. Where it is their only one their account sleeps, and they may be woken;
/// otherwise they leave this one and keep the others.
///
/// # Errors
/// Those of [`quitter`]; [`Refusal::NotFound`] when they are not of that organisation.
pub async fn desactiver(
    m: &Mandats,
    tx: &Tx,
    id: AidantId,
    structure: StructureId,
    motif: &str,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    let sienne = store::appartenance(tx, id, structure).await?.ok_or(Refusal::NotFound)?;
    if registre::ouvertes(tx, id).await?.len() > 1 {
        return quitter(m, tx, id, structure, motif, par).await;
    }
    if sienne.fonction.referent() {
        organisations::store::tenir(tx, structure).await?;
        garde_un_referent(tx, structure, id, par).await?;
    }
    changer(m, tx, id, EtatAidant::Dormant, motif, par).await
}
