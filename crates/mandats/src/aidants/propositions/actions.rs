//! Inscribing somebody, or asking them first; their answer; taking a proposition back.

use kernel::ids::{CompteId, StructureId, uuid_v7};
use kernel::{Actor, Email, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::DbErr;
use serde_json::json;
use uuid::Uuid;

use super::{EtatProposition, Proposition, store};
use crate::aidants::agissant::agissant;
use crate::aidants::model::{Aidant, EtatAidant};
use crate::aidants::vie::{self, Personne};
use crate::aidants::{mails, registre, store as aidants};
use crate::habilitations::model::PersonneId;
use crate::{Failure, Mandats, organisations};

/// What an organisation wants of somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offre<'a> {
    /// Who, to do what.
    pub(crate) personne: &'a Personne,
    /// Which organisation.
    pub(crate) structure: StructureId,
    /// Where their life begins when nobody knows them yet: `Demande` or `Eligible`.
    pub(crate) vers: EtatAidant,
    /// Whether they leave their other organisations.
    pub(crate) quitte: bool,
    /// The address that their account takes.
    pub(crate) nouveau: Option<&'a Email>,
    /// The person of the request of habilitation that names them.
    pub(crate) nommee: Option<PersonneId>,
}

impl<'a> Offre<'a> {
    /// To belong to one organisation more, and nothing else.
    pub(crate) fn de(personne: &'a Personne, structure: StructureId, vers: EtatAidant) -> Self {
        Self { personne, structure, vers, quitte: false, nouveau: None, nommee: None }
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Suite {
    /// They belong to the organisation.
    Inscrite(Box<Aidant>),
    /// They are asked, and have no role there until they agree.
    Proposee,
}

/// Who has to be asked before they belong to one organisation more: whose account is in use, or was opened for another one.
/// Who has no account yet agrees by accepting its invitation.
async fn a_demander(tx: &Tx, connu: Option<&Aidant>, courriel: &Email) -> Result<Option<CompteId>, DbErr> {
    if let Some(compte) = connu.and_then(|a| a.compte) {
        let ouvert = connu.is_some_and(|a| matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant));
        let en_usage = identity::facteurs(tx, compte).await?.is_some_and(|f| f.active);
        if ouvert || en_usage {
            return Ok(Some(compte));
        }
    }
    identity::en_usage(tx, courriel).await
}

/// Inscribes somebody for an organisation, or proposes it to them when they have to agree first.
///
/// # Errors
/// Refusals of the field `courriel`: already of the organisation, already asked, said no lately.
pub(crate) async fn inscrire(
    m: &Mandats,
    tx: &Tx,
    o: &Offre<'_>,
    par: Option<&Actor>,
) -> Result<Suite, Failure> {
    let non = |phrase: &str| Failure::from(Refusal::field("courriel", phrase));
    organisations::store::tenir(tx, o.structure).await?.ok_or(Refusal::NotFound)?;
    let connu = aidants::du_courriel(tx, &o.personne.courriel).await?;
    if let Some(a) = &connu
        && aidants::appartenance(tx, a.id, o.structure).await?.is_some()
    {
        return Err(non("Cette personne fait déjà partie de l’organisation."));
    }
    let compte = a_demander(tx, connu.as_ref(), &o.personne.courriel).await?;
    // Who asks for themselves agrees.
    let soi = compte.is_some() && compte == par.map(|p| p.compte);
    let Some(compte) = compte.filter(|_| !soi) else {
        return Ok(Suite::Inscrite(Box::new(executer(m, tx, o, par).await?)));
    };
    let site = &m.site;
    let p = Proposition {
        id: uuid_v7(&site.clock, &site.chance),
        structure: o.structure,
        compte: Some(compte),
        aidant: connu.map(|a| a.id),
        personne: o.personne.clone(),
        vers: o.vers,
        quitte: o.quitte,
        nouveau: o.nouveau.cloned(),
        nommee: o.nommee,
        etat: EtatProposition::Proposee,
        par: par.map(|p| p.compte),
        cree_le: site.clock.now(),
        fini_le: None,
    };
    if store::declinee_depuis_peu(tx, &p).await? {
        return Err(non(
            "Cette personne a décliné cette proposition il y a moins de 30 jours. Parlez-lui-en avant de la refaire.",
        ));
    }
    if !store::inserer(tx, &p).await? {
        return Err(non("Cette personne a déjà reçu cette proposition : elle n’a pas encore répondu."));
    }
    mails::proposition(m, tx, &p).await?;
    let line = match par {
        Some(a) => Entry::by(a, "aidant.proposition.creer", "proposition", p.id),
        None => Entry::system("aidant.proposition.creer", "proposition", p.id),
    };
    let facts = json!({ "organisation": p.structure, "fonction": p.personne.fonction.role().ligne().key, "aidant": p.aidant });
    journal::write(site, tx, line.with(facts)).await?;
    Ok(Suite::Proposee)
}

/// Makes somebody who agrees belong to the organisation: membership, other organisations left, address.
///
/// # Errors
/// Those of [`vie::inscrire`]; a conflict for who would make mandats untrained, or whose new address is taken.
pub(crate) async fn executer(
    m: &Mandats,
    tx: &Tx,
    o: &Offre<'_>,
    par: Option<&Actor>,
) -> Result<Aidant, Failure> {
    let connu = aidants::du_courriel(tx, &o.personne.courriel).await?;
    let avant = match &connu {
        Some(a) => registre::ouvertes(tx, a.id).await?,
        None => Vec::new(),
    };
    // Organisations before people, in one order.
    let mut tenues: Vec<StructureId> = vec![o.structure];
    tenues.extend(avant.iter().filter(|_| o.quitte).map(|a| a.structure));
    tenues.sort_by_key(|s| s.0);
    tenues.dedup();
    for s in tenues {
        organisations::store::tenir(tx, s).await?;
    }
    let fonction = o.personne.fonction;
    if let Some(a) = &connu
        && matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant)
        && fonction.fait_mandats()
        && !avant.iter().any(|x| x.fonction.fait_mandats())
        && !registre::parcours(tx, a.id).await?.complet()
    {
        return Err(Refusal::conflict(
            "Pour faire des mandats, il faut d’abord être formé. Demandez une formation au référent de l’organisation, puis \
             recommencez.",
        )
        .into());
    }
    let mut a = vie::inscrire(m, tx, o.personne, o.structure, o.vers, par).await?;
    if a.etat == EtatAidant::Eligible {
        a = vie::avancer(m, tx, a.id, par).await?;
    }
    if !fonction.fait_mandats() && a.etat < EtatAidant::Actif && a.etat != EtatAidant::Demande {
        a = vie::activer_referent(m, tx, a.id, o.structure, par).await?;
    }
    for x in avant.iter().filter(|x| o.quitte && x.structure != o.structure) {
        vie::quitter(m, tx, a.id, x.structure, "Changement d’organisation", par).await?;
    }
    match o.nouveau {
        Some(nouveau) => changer_d_adresse(m, tx, &a, nouveau).await,
        None => vie::tenir(tx, a.id).await,
    }
}

async fn changer_d_adresse(m: &Mandats, tx: &Tx, a: &Aidant, nouveau: &Email) -> Result<Aidant, Failure> {
    let mut a = vie::tenir(tx, a.id).await?;
    if let Some(autre) = aidants::du_courriel(tx, nouveau).await?
        && autre.id != a.id
    {
        let non = "Une autre personne a déjà cette adresse : écrivez à l’équipe des habilitations.";
        return Err(Refusal::conflict(non).into());
    }
    if let Some(compte) = a.compte {
        identity::change_courriel_by_programme(&m.site, tx, compte, nouveau).await?;
    }
    a.courriel = nouveau.clone();
    aidants::enregistrer(tx, &a).await?;
    vie::tenir(tx, a.id).await
}

/// Answers a proposition: the account to which it was made, and nobody else.
///
/// # Errors
/// [`Refusal::NotFound`] for another account's; a conflict when it is over; those of [`executer`].
pub(super) async fn repondre(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    accepte: bool,
) -> Result<Proposition, Failure> {
    m.site
        .db
        .write(async |tx| {
            let p = store::a_lui(tx, id, actor.compte).await?.ok_or(Refusal::NotFound)?;
            organisations::store::tenir(tx, p.structure).await?;
            let etat = if accepte { EtatProposition::Acceptee } else { EtatProposition::Declinee };
            clore(m, tx, actor, &p, etat, "aidant.proposition.repondre").await?;
            if accepte {
                let aidant = rejoindre(m, tx, actor, &p).await?;
                if let Some(nommee) = p.nommee {
                    crate::habilitations::lier_personne(tx, nommee, aidant.id).await?;
                }
            }
            mails::reponse(m, tx, &p, accepte).await?;
            Ok(p)
        })
        .await
}

async fn rejoindre(m: &Mandats, tx: &Tx, actor: &Actor, p: &Proposition) -> Result<Aidant, Failure> {
    let connu = aidants::du_compte(tx, actor.compte).await?;
    if let Some(a) = &connu
        && aidants::appartenance(tx, a.id, p.structure).await?.is_some()
    {
        return Ok(a.clone());
    }
    // Their own address, whatever it has become since.
    let courriel = match connu {
        Some(a) => a.courriel,
        None => identity::courriel(tx, actor.compte).await?.ok_or(Refusal::NotFound)?,
    };
    let personne = Personne { courriel, ..p.personne.clone() };
    let offre =
        Offre { quitte: p.quitte, nouveau: p.nouveau.as_ref(), ..Offre::de(&personne, p.structure, p.vers) };
    executer(m, tx, &offre, Some(actor)).await
}

async fn clore(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    p: &Proposition,
    etat: EtatProposition,
    acte: &'static str,
) -> Result<(), Failure> {
    if !store::clore(tx, p.id, etat, m.site.clock.now()).await? {
        let sentence =
            format!("Cette proposition n’attend plus de réponse : {}.", p.ou_en_est().to_lowercase());
        return Err(Refusal::conflict(sentence).into());
    }
    let facts = json!({ "organisation": p.structure, "etat": etat.cle() });
    Ok(journal::write(&m.site, tx, Entry::by(actor, acte, "proposition", p.id).with(facts)).await?)
}

/// Takes back a proposition of the organisation in whose name the référent acts.
///
/// # Errors
/// [`Refusal::NotFound`] for another organisation's; a conflict when it is over.
pub(crate) async fn retirer(m: &Mandats, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let ici = agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
            let p = store::une(tx, id, ici).await?.ok_or(Refusal::NotFound)?;
            clore(m, tx, actor, &p, EtatProposition::Retiree, "aidant.proposition.retirer").await
        })
        .await
}

/// Lets propositions fall that nobody answered in time, and forgets those that are over for a year.
///
/// # Errors
/// The database.
pub(crate) async fn echoir(m: &Mandats) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let (echues, oubliees) = store::echoir(tx, site.clock.now()).await?;
            if echues + oubliees > 0 {
                let facts = json!({ "echues": echues, "oubliees": oubliees });
                let line = Entry::system("aidant.proposition.echoir", "proposition", "").with(facts);
                journal::write(site, tx, line).await?;
            }
            Ok(())
        })
        .await
}
