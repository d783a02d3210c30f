//! Sessions of the committee: the list, its freezing, the end. Enveloppes.

use chrono::NaiveDate;
use kernel::calendrier::jour;
use kernel::{Actor, CodeDepartement, CodeRegion, Perimetre, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx, jobs};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::jobs::{Notifier, NotifierPrefecture};
use super::model::{Copie, EtatSeance, Inscrite, Niveau, Seance, Verdict};
use super::store;
use crate::Conseillers;
use crate::demandes::actions::{self, Failure, passer};
use crate::demandes::model::{Demande, Etat, Objet};
use crate::demandes::store as demandes;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{Compteur, DemandeId, SeanceId};
use crate::postes::{self, Place};

/// Most demandes that are put on a list at once.
pub const AJOUT_MAX: usize = 1_000;

/// A session that the actor may hold.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn ouvrir(conn: &impl ConnectionTrait, actor: &Actor, id: SeanceId) -> Result<Seance, Failure> {
    let seance = store::seance(conn, id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::DeciderDemandes, &seance.cible())?;
    Ok(seance)
}

/// The same, held: alone, or with others who decide in it.
pub(super) async fn tenir(tx: &Tx, actor: &Actor, id: SeanceId, seul: bool) -> Result<Seance, Failure> {
    let seance = store::tenir(tx, id, seul).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::DeciderDemandes, &seance.cible())?;
    Ok(seance)
}

fn en_preparation(s: &Seance) -> Result<(), Refusal> {
    match s.etat {
        EtatSeance::Preparation => Ok(()),
        _ => Err(Refusal::conflict("La liste de cette séance est figée : elle ne change plus.")),
    }
}

pub(super) fn ouverte(s: &Seance) -> Result<(), Refusal> {
    match s.etat {
        EtatSeance::Ouverte { .. } => Ok(()),
        EtatSeance::Preparation => {
            Err(Refusal::conflict("Figez d’abord la liste de cette séance : les décisions viennent ensuite."))
        }
        EtatSeance::Close { .. } => {
            Err(Refusal::conflict("Cette séance est close : ses décisions ne changent plus."))
        }
    }
}

async fn noter(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    s: &Seance,
    (verbe, action, quoi): (&'static str, &str, &[Ecrit]),
) -> Result<(), Failure> {
    historique::noter(site, tx, (Sujet::Seance, s.id.0), Some(actor), action, quoi).await?;
    Ok(journal::write(site, tx, Entry::by(actor, verbe, Sujet::Seance.cle(), s.id)).await.map(|_| ())?)
}

/// Opens a numbered session, its list empty.
///
/// # Errors
/// Without the verb; a field when the région is not the actor's.
pub async fn creer(
    site: &Site,
    actor: &Actor,
    (le, region): (NaiveDate, Option<CodeRegion>),
    ordre_du_jour: &str,
) -> Result<SeanceId, Failure> {
    site.db
        .write(async |tx| {
            let seance = Seance {
                id: SeanceId::new(&site.clock, &site.chance),
                numero: Compteur::Seance.prend(tx, 1).await?,
                jour: le,
                region,
                ordre_du_jour: ordre_du_jour.to_owned(),
                etat: EtatSeance::Preparation,
            };
            actor.may(Verb::DeciderDemandes)?;
            if !actor.perimetre.couvre(&seance.cible()) {
                return Err(Refusal::field("region", "Choisissez la région de votre comité.").into());
            }
            store::ecrire_seance(tx, &seance).await?;
            let quoi = [Ecrit::nouveau("Jour", le.format("%d/%m/%Y").to_string())];
            noter(site, tx, actor, &seance, ("seance.creer", "Création", &quoi)).await?;
            Ok(seance.id)
        })
        .await
}

/// Puts demandes on the list: those that wait, of the territory of the session.
///
/// # Errors
/// A conflict that names the demande that cannot be put on it: then none is.
pub async fn inscrire(site: &Site, actor: &Actor, id: SeanceId, ids: &[DemandeId]) -> Result<usize, Failure> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > AJOUT_MAX {
        return Err(Refusal::conflict(format!("Cochez de 1 à {AJOUT_MAX} demandes.")).into());
    }
    site.db
        .write(async |tx| {
            let seance = tenir(tx, actor, id, true).await?;
            en_preparation(&seance)?;
            let mut mises: Vec<Demande> = Vec::new();
            for d in &ids {
                let d = actions::tenir(tx, actor, Verb::DeciderDemandes, *d).await?;
                if !matches!(d.etat, Etat::Deposee | Etat::ExamenComplementaire { .. }) {
                    return Err(Refusal::conflict(format!(
                        "La demande {} n’attend pas de séance. Rien n’a été ajouté.",
                        d.reference()
                    ))
                    .into());
                }
                if seance.region.as_ref().is_some_and(|r| *r != d.region) {
                    return Err(Refusal::conflict(format!(
                        "La demande {} est d’une autre région.",
                        d.reference()
                    ))
                    .into());
                }
                mises.push(d);
            }
            // The oldest come first.
            mises.sort_by_key(|d| (d.deposee_le, d.numero));
            for d in &mises {
                store::inscrire(tx, id, d.id).await?;
                let quoi = (Some(actor), "demande.inscrire", "Inscription à une séance");
                passer(site, tx, d, Etat::EnSeance { seance: id }, quoi).await?;
            }
            let quoi = [Ecrit::nouveau("Demandes ajoutées", mises.len().to_string())];
            noter(site, tx, actor, &seance, ("seance.inscrire", "Ordre du jour", &quoi)).await?;
            Ok(mises.len())
        })
        .await
}

/// Takes a demande off the list: it waits again.
///
/// # Errors
/// A conflict when the list is frozen; [`Refusal::NotFound`] when it is not on it.
pub async fn retirer(site: &Site, actor: &Actor, id: SeanceId, demande: DemandeId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let seance = tenir(tx, actor, id, true).await?;
            en_preparation(&seance)?;
            let d = actions::tenir(tx, actor, Verb::DeciderDemandes, demande).await?;
            if d.etat != (Etat::EnSeance { seance: id }) {
                return Err(Refusal::NotFound.into());
            }
            store::retirer(tx, id, demande).await?;
            let quoi = (Some(actor), "demande.desinscrire", "Retrait d’une séance");
            passer(site, tx, &d, Etat::Deposee, quoi).await?;
            let quoi = [Ecrit::change("Demande", d.reference(), "")];
            noter(site, tx, actor, &seance, ("seance.desinscrire", "Ordre du jour", &quoi)).await
        })
        .await
}

/// Freezes the list: what the committee reads is copied and sealed by its SHA-256; decisions may begin.
///
/// # Errors
/// A conflict when it is frozen already, or empty.
pub async fn figer(site: &Site, actor: &Actor, id: SeanceId) -> Result<String, Failure> {
    site.db
        .write(async |tx| {
            let mut seance = tenir(tx, actor, id, true).await?;
            en_preparation(&seance)?;
            let mut texte = String::new();
            for i in store::inscrites(tx, id).await? {
                let d = demandes::get(tx, i.demande).await?.ok_or(Refusal::NotFound)?;
                let avis = demandes::avis_de(tx, i.demande).await?.into_iter().next();
                let copie = Copie {
                    reference: d.reference(),
                    structure: d.nom.clone(),
                    commune: d.commune.1.clone(),
                    departement: d.departement.to_string(),
                    genre: d.objet.genre().nom().to_owned(),
                    postes: d.objet.postes(),
                    motivation: d.objet.motivation().to_owned(),
                    zonages: d.zonages.clone(),
                    avis: avis.as_ref().map(|a| a.sens.nom().to_owned()).unwrap_or_default(),
                    avis_postes: avis.as_ref().map_or(0, |a| a.postes),
                    avis_commentaire: avis.as_ref().map(|a| a.commentaire.clone()).unwrap_or_default(),
                    accord_principe: avis.as_ref().is_some_and(|a| a.accord_principe),
                    deposee_le: d.deposee_le,
                };
                texte.push_str(&store::copier(tx, id, i.demande, &copie).await?);
                texte.push('\n');
            }
            if texte.is_empty() {
                return Err(
                    Refusal::conflict("La liste est vide : ajoutez des demandes avant de la figer.").into()
                );
            }
            let empreinte = kernel::text::sha256_hex(&texte);
            seance.etat = EtatSeance::Ouverte { gelee_le: site.clock.now(), empreinte: empreinte.clone() };
            store::ecrire_seance(tx, &seance).await?;
            let quoi = [Ecrit::nouveau("Empreinte de la liste", empreinte.clone())];
            noter(site, tx, actor, &seance, ("seance.figer", "Liste figée", &quoi)).await?;
            Ok(empreinte)
        })
        .await
}

/// The list of a session that the actor may hold.
///
/// # Errors
/// As [`ouvrir`].
pub async fn liste(site: &Site, actor: &Actor, id: SeanceId) -> Result<(Seance, Vec<Inscrite>), Failure> {
    let conn = site.db.read();
    let seance = ouvrir(conn, actor, id).await?;
    Ok((seance, store::inscrites(conn, id).await?))
}

/// Ends the session: posts given back and transferred move, demandes without a decision wait again, and everybody is told
/// by jobs of this transaction.
///
/// # Errors
/// A conflict that names the demande whose posts are no longer free.
pub async fn clore(c: &Conseillers, actor: &Actor, id: SeanceId) -> Result<(), Failure> {
    let site = &c.site;
    site.db
        .write(async |tx| {
            let mut seance = tenir(tx, actor, id, true).await?;
            ouverte(&seance)?;
            let EtatSeance::Ouverte { gelee_le, empreinte } = seance.etat.clone() else {
                return Err(Refusal::NotFound.into());
            };
            let mut departements: Vec<(CodeDepartement, CodeRegion)> = Vec::new();
            let (mut decidees, mut reportees) = (0, 0);
            for i in store::inscrites(tx, id).await? {
                let d = demandes::get_locked(tx, i.demande).await?.ok_or(Refusal::NotFound)?;
                let Some(decision) = i.decision else {
                    let quoi = (Some(actor), "demande.reporter", "Report à une autre séance");
                    passer(site, tx, &d, Etat::Deposee, quoi).await?;
                    reportees += 1;
                    continue;
                };
                if let Verdict::Accord { postes } = decision.verdict {
                    deplacer(site, tx, &d, postes).await?;
                }
                jobs::enqueue(site, tx, &Notifier { decision: decision.id }).await?;
                departements.push((d.departement, d.region));
                decidees += 1;
            }
            departements.sort();
            departements.dedup();
            for (departement, region) in departements {
                let job = NotifierPrefecture {
                    seance: id,
                    departement: departement.to_string(),
                    region: region.to_string(),
                };
                jobs::enqueue(site, tx, &job).await?;
            }
            seance.etat = EtatSeance::Close { gelee_le, empreinte, le: site.clock.now() };
            store::ecrire_seance(tx, &seance).await?;
            let quoi = [
                Ecrit::nouveau("Décisions", decidees.to_string()),
                Ecrit::nouveau("Demandes reportées", reportees.to_string()),
            ];
            noter(site, tx, actor, &seance, ("seance.clore", "Clôture", &quoi)).await
        })
        .await
}

/// Moves the posts of a demande that gives back or transfers; nothing for one that made posts.
async fn deplacer(site: &Site, tx: &Tx, d: &Demande, n: u32) -> Result<(), Failure> {
    let le = jour(&site.clock.now());
    let (Objet::Retrait { .. } | Objet::Transfert { .. }) = &d.objet else { return Ok(()) };
    let s = annuaire::structures::find(tx, d.structure).await?.ok_or(Refusal::NotFound)?;
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let (_, libres) = actions::postes_de(tx, &s, le).await?;
    if libres.len() < n {
        return Err(Refusal::conflict(format!(
            "{} : la structure n’a plus que {} postes libres. Annulez cette décision, puis closez la séance.",
            d.reference(),
            libres.len()
        ))
        .into());
    }
    for libre in libres.into_iter().take(n) {
        let poste = postes::store::get_locked(tx, libre.id).await?.ok_or(Refusal::NotFound)?;
        let change = match &d.objet {
            Objet::Retrait { motif, .. } => postes::rules::rendre(poste, le, *motif),
            Objet::Transfert { vers, .. } => {
                let vers = annuaire::structures::find(tx, *vers).await?.ok_or(Refusal::NotFound)?;
                let place = Place {
                    structure: vers.id,
                    departement: vers.commune.departement.clone(),
                    region: vers.commune.region.clone(),
                };
                let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
                postes::rules::transferer(poste, id, place, le)
            }
            _ => return Ok(()),
        }?;
        postes::store::enregistrer(tx, &change).await?;
        let action = if change.rendu.is_some() { "Rendu" } else { "Transfert" };
        let quoi = [Ecrit::nouveau("Demande", d.reference())];
        historique::noter(site, tx, (Sujet::Poste, change.id.0), None, action, &quoi).await?;
    }
    Ok(())
}

/// Sets how many posts a territory may be granted. What is under it never exceeds it: the sum of the départements stays
/// within their région, that of the régions within the nation.
///
/// # Errors
/// The field, when it would; [`Refusal::NotFound`] out of scope.
pub async fn fixer_enveloppe(
    c: &Conseillers,
    actor: &Actor,
    (niveau, code): (Niveau, &str),
    postes: i64,
) -> Result<(), Failure> {
    actor.may(Verb::DeciderDemandes)?;
    let site = &c.site;
    let t = c.annuaire.territoires();
    let inconnu = || Failure::from(Refusal::field("code", "Choisissez un territoire de votre comité."));
    let region_de =
        |d: &str| CodeDepartement::parse(d).and_then(|d| t.departement(&d).map(|d| d.region.to_string()));
    let region = match niveau {
        Niveau::Pays if code == "FR" => None,
        Niveau::Region => {
            Some(CodeRegion::parse(code).filter(|r| t.region(r).is_some()).ok_or_else(inconnu)?.to_string())
        }
        Niveau::Departement => Some(region_de(code).ok_or_else(inconnu)?),
        Niveau::Pays => return Err(inconnu()),
    };
    let permis = match (&actor.perimetre, &region) {
        (Perimetre::National, _) => true,
        (Perimetre::Regions(codes), Some(r)) => {
            niveau == Niveau::Departement && codes.iter().any(|c| c.as_str() == r)
        }
        _ => false,
    };
    if !permis {
        return Err(inconnu());
    }
    if !(0..=100_000).contains(&postes) {
        return Err(Refusal::field("postes", "Écrivez un nombre de 0 à 100 000.").into());
    }
    site.db
        .write(async |tx| {
            let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
            let avant = store::ecrire(tx, id, (niveau, code), postes).await?;
            let toutes = store::enveloppes(tx).await?;
            let somme = |n: Niveau, dans: &dyn Fn(&str) -> bool| -> i64 {
                toutes.iter().filter(|e| e.niveau == n && dans(&e.code)).map(|e| e.postes).sum()
            };
            for parent in toutes.iter().filter(|e| e.niveau != Niveau::Departement) {
                let dessous = match parent.niveau {
                    Niveau::Pays => somme(Niveau::Region, &|_| true),
                    _ => somme(Niveau::Departement, &|d| region_de(d).as_deref() == Some(parent.code.as_str())),
                };
                if dessous > parent.postes {
                    return Err(Refusal::field(
                        "postes",
                        format!(
                            "Les enveloppes du dessous feraient {dessous} postes, pour {} dans celle du dessus ({}).",
                            parent.postes,
                            if parent.niveau == Niveau::Pays { "nationale" } else { "régionale" }
                        ),
                    )
                    .into());
                }
            }
            let details = json!({ "niveau": niveau.cle(), "code": code, "avant": avant, "apres": postes });
            let line = Entry::by(actor, "enveloppe.fixer", "enveloppe", format!("{}/{code}", niveau.cle()));
            Ok(journal::write(site, tx, line.with(details)).await.map(|_| ())?)
        })
        .await
}
