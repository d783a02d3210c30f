//! What can be done to contracts, but for their breaks ([`super::ruptures`]): one function a verb, each in one transaction with the post, the history, the journal
//! and the mails.

use annuaire::structures::StructureVue;
use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{Contrat, Etat, Montant, Termes};
use super::{courriels, rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::equipe::compte;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{CandidatId, ContratId, PosteId};
use crate::matching::relations;
use crate::postes;

pub use super::ruptures::{annuler_rupture, notifier_rupture, signaler_dossier, valider_rupture};

/// A contract that is held, and the structure that stands for its employer today.
pub(super) struct Tenu {
    pub(super) contrat: Contrat,
    pub(super) suites: Vec<Contrat>,
    pub(super) structure: StructureVue,
    pub(super) jour: NaiveDate,
}

/// Holds both sides and every contract of the person, in this order for all who decide on them; checks that the actor may do that there.
pub(super) async fn tenir(
    cx: &Conseillers,
    tx: &Tx,
    actor: &Actor,
    verb: Verb,
    id: ContratId,
) -> Result<Tenu, Failure> {
    let lu = store::get(tx, id).await?.ok_or(Refusal::NotFound)?;
    let structure = annuaire::structures::find(tx, lu.place.structure).await?.ok_or(Refusal::NotFound)?;
    structure.may(actor, verb)?;
    relations::store::tenir(tx, structure.id, lu.candidat).await?;
    store::tenir_personne(tx, lu.candidat).await?;
    let contrat = store::get(tx, id).await?.ok_or(Refusal::NotFound)?;
    let suites = store::suites(tx, id).await?;
    Ok(Tenu { contrat, suites, structure, jour: cx.jour() })
}

/// What is told of a change.
pub(super) struct Dit<'a> {
    /// Verb of the journal.
    pub(super) verbe: &'static str,
    /// Line of the history.
    pub(super) action: &'static str,
    pub(super) ecrits: &'a [Ecrit],
}

/// Writes the contract, its history and its journal line.
pub(super) async fn ecrire(
    cx: &Conseillers,
    tx: &Tx,
    actor: &Actor,
    contrat: &mut Contrat,
    dit: Dit<'_>,
) -> Result<(), Failure> {
    contrat.etat_le = cx.site.clock.now();
    if !store::enregistrer(tx, contrat).await? {
        return Err(
            Refusal::conflict("Ce contrat vient de changer. Rechargez la page, puis recommencez.").into()
        );
    }
    raconter(cx, tx, actor, contrat, dit).await
}

async fn raconter(
    cx: &Conseillers,
    tx: &Tx,
    actor: &Actor,
    contrat: &Contrat,
    dit: Dit<'_>,
) -> Result<(), Failure> {
    historique::noter(&cx.site, tx, (Sujet::Contrat, contrat.id.0), Some(actor), dit.action, dit.ecrits)
        .await?;
    let details = json!({ "poste": contrat.poste, "etat": contrat.etat.cle() });
    journal::write(&cx.site, tx, Entry::by(actor, dit.verbe, "contrat", contrat.id).with(details)).await?;
    Ok(())
}

fn termes_lisibles(termes: &Termes) -> Vec<Ecrit> {
    let mut ecrits = vec![
        Ecrit::nouveau("Type de contrat", termes.genre.nom()),
        Ecrit::nouveau("Début", rules::ecrit(termes.debut)),
        Ecrit::nouveau("Salaire brut mensuel", termes.salaire.to_string()),
    ];
    ecrits.extend(termes.fin.map(|fin| Ecrit::nouveau("Fin", rules::ecrit(fin))));
    ecrits
}

/// The structure enters a contract for a person on one of its posts.
///
/// # Errors
/// Fields of [`rules::verifier`]; when the post is not free, or the person holds another on these days.
pub async fn saisir(
    cx: &Conseillers,
    actor: &Actor,
    (poste, candidat): (PosteId, CandidatId),
    termes: Termes,
) -> Result<ContratId, Failure> {
    cx.site
        .db
        .write(async |tx| {
            let jour = cx.jour();
            let vu = postes::store::get(tx, poste).await?.ok_or(Refusal::NotFound)?;
            let place = postes::rules::place(&vu, jour).ok_or(Refusal::NotFound)?.clone();
            let structure =
                annuaire::structures::find(tx, place.structure).await?.ok_or(Refusal::NotFound)?;
            structure.may(actor, Verb::Recruter)?;
            rules::type_permis(termes.genre, &structure)?;
            rules::verifier(&termes, &place.departement, jour)?;
            relations::store::tenir(tx, structure.id, candidat).await?;
            store::tenir_personne(tx, candidat).await?;
            let poste = postes::store::get_locked(tx, poste).await?.ok_or(Refusal::NotFound)?;
            reste_ici(&poste, &structure, jour)?;
            relations::accord(tx, &structure, candidat).await?;
            let contrat = Contrat {
                id: ContratId::new(&cx.site.clock, &cx.site.chance),
                candidat,
                poste: poste.id,
                place,
                termes,
                suite_de: None,
                etat: Etat::Saisi,
                prolongation: None,
                saisi_le: cx.site.clock.now(),
                etat_le: cx.site.clock.now(),
                version: 0,
            };
            let attend = store::de_poste(tx, poste.id)
                .await?
                .iter()
                .any(|c| c.etat == Etat::Saisi && c.suite_de.is_none());
            if attend {
                let phrase = format!(
                    "Un contrat attend déjà sa validation sur le poste {}. Retirez-le d’abord.",
                    poste.reference()
                );
                return Err(Refusal::conflict(phrase).into());
            }
            libres(tx, poste, &contrat).await?;
            store::inserer(tx, &contrat).await?;
            let dit =
                Dit { verbe: "contrat.saisir", action: "Saisie", ecrits: &termes_lisibles(&contrat.termes) };
            raconter(cx, tx, actor, &contrat, dit).await?;
            Ok(contrat.id)
        })
        .await
}

/// Whether the post, which is held now, stands at that structure on that day: it may have been transferred meanwhile.
fn reste_ici(poste: &postes::Poste, s: &StructureVue, le: NaiveDate) -> Result<(), Refusal> {
    let ici = postes::rules::place(poste, le).is_some_and(|place| s.identites.contains(&place.structure));
    if ici && poste.rendu.is_none_or(|r| le < r.le) {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "Le poste {} n’est plus dans cette structure : il a été transféré ou rendu. Ce contrat ne peut pas le prendre.",
        poste.reference()
    )))
}

/// The post as it becomes when the contract is accepted, if both the post and the person are free.
async fn libres(tx: &Tx, poste: postes::Poste, contrat: &Contrat) -> Result<postes::Poste, Failure> {
    let periode = contrat.periode();
    let pris: Vec<kernel::Periode> =
        postes::store::de_candidat(tx, contrat.candidat).await?.into_iter().map(|(_, p)| p).collect();
    rules::sans_recouvrement(periode, &pris, "Cette personne")?;
    Ok(postes::rules::affecter(poste, contrat.id.0, (contrat.candidat, contrat.id), periode)?)
}

/// The structure takes its contract back before an answer.
///
/// # Errors
/// When it was answered already.
pub async fn retirer(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::Recruter, id).await?;
            let mut contrat = rules::retirer(t.contrat, t.jour)?;
            let dit =
                Dit { verbe: "contrat.retirer", action: "Retrait", ecrits: &[etat("À valider", "Retiré")] };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            relations::fins::contrat_fini(&cx.site, tx, &t.structure, contrat.candidat).await
        })
        .await
}

pub(super) fn etat(avant: &str, apres: &str) -> Ecrit {
    Ecrit::change("État", avant, apres)
}

/// The administration refuses the contract.
///
/// # Errors
/// When it was answered already; without a reason.
pub async fn refuser(cx: &Conseillers, actor: &Actor, id: ContratId, motif: &str) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let mut contrat = rules::refuser(t.contrat, t.jour, motif)?;
            let ecrits = [etat("À valider", "Refusé"), Ecrit::nouveau("Motif", motif.trim())];
            ecrire(
                cx,
                tx,
                actor,
                &mut contrat,
                Dit { verbe: "contrat.refuser", action: "Refus", ecrits: &ecrits },
            )
            .await?;
            relations::fins::contrat_fini(&cx.site, tx, &t.structure, contrat.candidat).await?;
            courriels::refuse(cx, tx, &t.structure, &contrat, motif.trim()).await
        })
        .await
}

/// The administration accepts the contract: the person holds the post, from the day that is given back.
///
/// # Errors
/// When it was answered already, when the post is no longer free, when the person holds another post on these days.
pub async fn valider(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<NaiveDate, Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let mut contrat = rules::valider(t.contrat, t.jour)?;
            rules::verifier(&contrat.termes, &contrat.place.departement, t.jour)?;
            let poste = postes::store::get_locked(tx, contrat.poste).await?.ok_or(Refusal::NotFound)?;
            let poste = match contrat.suite_de {
                None => {
                    reste_ici(&poste, &t.structure, contrat.termes.debut.max(t.jour))?;
                    if relations::accord(tx, &t.structure, contrat.candidat).await.is_err() {
                        return Err(Refusal::conflict(
                            "Cette personne n’accepte plus le contact de la structure, ou a pris un poste ailleurs : refusez ce \
                             contrat.",
                        )
                        .into());
                    }
                    libres(tx, poste, &contrat).await?
                }
                Some(ancien) => suivre(tx, poste, ancien, &contrat, t.jour).await?,
            };
            postes::store::enregistrer(tx, &poste).await?;
            candidats::recruter(&cx.site, tx, contrat.candidat).await?;
            compte::ouvrir(cx, tx, contrat.candidat).await?;
            let dit = Dit {
                verbe: "contrat.valider",
                action: "Validation",
                ecrits: &[etat("À valider", "Validé")],
            };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            relations::fins::pourvu(cx, tx, &t.structure, contrat.candidat).await?;
            courriels::valide(cx, tx, &t.structure, &contrat).await?;
            Ok(contrat.termes.debut)
        })
        .await
}

/// The post when a renewal is accepted: its person goes on.
async fn suivre(
    tx: &Tx,
    poste: postes::Poste,
    ancien: ContratId,
    contrat: &Contrat,
    jour: NaiveDate,
) -> Result<postes::Poste, Failure> {
    let ancien = store::get(tx, ancien).await?.ok_or(Refusal::NotFound)?;
    if ancien.etat != Etat::Valide {
        return Err(Refusal::conflict(
            "Le contrat à renouveler n’est plus en cours : refusez ce renouvellement.",
        )
        .into());
    }
    rules::renouveler(&ancien, &[], &contrat.termes, jour)?;
    let autres: Vec<kernel::Periode> = postes::store::de_candidat(tx, contrat.candidat)
        .await?
        .into_iter()
        .filter(|(p, periode)| !(*p == poste.id && periode.contient(ancien.termes.debut)))
        .map(|(_, p)| p)
        .collect();
    rules::sans_recouvrement(contrat.periode(), &autres, "Cette personne")?;
    Ok(postes::rules::prolonger_ou_finir(poste, ancien.id, contrat.termes.fin, Some(contrat.id))?)
}

/// The structure asks to renew a contract by another that follows it on the same post.
///
/// # Errors
/// Fields of [`rules::verifier`] and [`rules::renouveler`].
pub async fn renouveler(
    cx: &Conseillers,
    actor: &Actor,
    id: ContratId,
    termes: Termes,
) -> Result<ContratId, Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::Recruter, id).await?;
            rules::type_permis(termes.genre, &t.structure)?;
            rules::renouveler(&t.contrat, &t.suites, &termes, t.jour)?;
            rules::verifier(&termes, &t.contrat.place.departement, t.jour)?;
            let now = cx.site.clock.now();
            let contrat = Contrat {
                id: ContratId::new(&cx.site.clock, &cx.site.chance),
                termes,
                suite_de: Some(id),
                etat: Etat::Saisi,
                saisi_le: now,
                etat_le: now,
                version: 0,
                ..t.contrat
            };
            store::inserer(tx, &contrat).await?;
            let dit = Dit {
                verbe: "contrat.renouveler",
                action: "Demande de renouvellement",
                ecrits: &termes_lisibles(&contrat.termes),
            };
            raconter(cx, tx, actor, &contrat, dit).await?;
            Ok(contrat.id)
        })
        .await
}

/// The structure asks for a later end.
///
/// # Errors
/// Refusals of [`rules::prolonger`].
pub async fn prolonger(
    cx: &Conseillers,
    actor: &Actor,
    id: ContratId,
    (fin, salaire): (NaiveDate, Montant),
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::Recruter, id).await?;
            let mut contrat = rules::prolonger(t.contrat, &t.suites, (fin, salaire), cx.site.clock.now())?;
            let ecrits = [
                Ecrit::nouveau("Fin demandée", rules::ecrit(fin)),
                Ecrit::nouveau("Salaire demandé", salaire.to_string()),
            ];
            let dit = Dit { verbe: "contrat.prolonger", action: "Demande de prolongation", ecrits: &ecrits };
            ecrire(cx, tx, actor, &mut contrat, dit).await
        })
        .await
}

/// The structure takes its demand of a later end back.
///
/// # Errors
/// When there is none.
pub async fn retirer_prolongation(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::Recruter, id).await?;
            let mut contrat = rules::clore_prolongation(t.contrat, t.jour)?;
            let ecrits = [Ecrit::change("Prolongation", "Demandée", "Retirée")];
            let dit = Dit {
                verbe: "contrat.retirer_prolongation",
                action: "Retrait de la prolongation",
                ecrits: &ecrits,
            };
            ecrire(cx, tx, actor, &mut contrat, dit).await
        })
        .await
}

/// The administration grants the later end, if the post and the person are free until then.
///
/// # Errors
/// When there is none; when the days are taken.
pub async fn accorder_prolongation(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let avant = t.contrat.termes.clone();
            let mut contrat = rules::accorder_prolongation(t.contrat, t.jour)?;
            let poste = postes::store::get_locked(tx, contrat.poste).await?.ok_or(Refusal::NotFound)?;
            let autres: Vec<kernel::Periode> = postes::store::de_candidat(tx, contrat.candidat)
                .await?
                .into_iter()
                .filter(|(p, periode)| !(*p == poste.id && periode.contient(avant.debut)))
                .map(|(_, p)| p)
                .collect();
            rules::sans_recouvrement(contrat.periode(), &autres, "Cette personne")?;
            let poste = postes::rules::prolonger_ou_finir(poste, contrat.id, contrat.termes.fin, None)?;
            postes::store::enregistrer(tx, &poste).await?;
            let jour = |fin: Option<NaiveDate>| fin.map(rules::ecrit).unwrap_or_default();
            let ecrits = [
                Ecrit::change("Fin", jour(avant.fin), jour(contrat.termes.fin)),
                Ecrit::change(
                    "Salaire brut mensuel",
                    avant.salaire.to_string(),
                    contrat.termes.salaire.to_string(),
                ),
            ];
            let dit = Dit {
                verbe: "contrat.accorder_prolongation",
                action: "Prolongation accordée",
                ecrits: &ecrits,
            };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            courriels::prolonge(cx, tx, &t.structure, &contrat).await
        })
        .await
}

/// The administration refuses the later end.
///
/// # Errors
/// When there is none; without a reason.
pub async fn refuser_prolongation(
    cx: &Conseillers,
    actor: &Actor,
    id: ContratId,
    motif: &str,
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let (mut contrat, motif) = rules::refuser_prolongation(t.contrat, t.jour, motif)?;
            let ecrits =
                [Ecrit::change("Prolongation", "Demandée", "Refusée"), Ecrit::nouveau("Motif", &*motif)];
            let dit = Dit {
                verbe: "contrat.refuser_prolongation",
                action: "Prolongation refusée",
                ecrits: &ecrits,
            };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            courriels::refuse(cx, tx, &t.structure, &contrat, &motif).await
        })
        .await
}
