//! Sessions of the committee: the list, its freezing, the end. Enveloppes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use kernel::calendrier::jour;
use kernel::{Actor, CodeDepartement, CodeRegion, Perimetre, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx, jobs};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::jobs::{Notifier, NotifierPrefecture};
use super::model::{Copie, Decision, EtatSeance, Inscrite, Niveau, Seance, Verdict, territoires};
use super::{mouvements, store};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions::{self, passer};
use crate::demandes::model::{Demande, Etat, Genre};
use crate::demandes::store as demandes;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{Compteur, DemandeId, SeanceId};

/// First day of the programme (domain, 0.2): no session before it.
const OUVERTURE: NaiveDate = crate::postes::rules::jour(2020, 11, 17);

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
    let aujourdhui = jour(&site.clock.now());
    let plus_tard = aujourdhui.checked_add_months(Months::new(24)).unwrap_or(aujourdhui);
    if !(OUVERTURE..=plus_tard).contains(&le) {
        return Err(Refusal::field(
            "jour",
            format!(
                "Choisissez un jour du {} au {}.",
                OUVERTURE.format("%d/%m/%Y"),
                plus_tard.format("%d/%m/%Y")
            ),
        )
        .into());
    }
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

/// What the committee reads of a demande, as it is now.
///
/// # Errors
/// The database.
pub(super) async fn copie(conn: &impl ConnectionTrait, d: &Demande) -> Result<Copie, Failure> {
    let avis = demandes::avis_de(conn, d.id).await?.into_iter().next();
    Ok(Copie {
        reference: d.reference(),
        structure: d.nom.clone(),
        commune: d.commune.1.clone(),
        departement: d.departement.to_string(),
        genre: d.objet.genre().nom().to_owned(),
        postes: d.objet.postes(),
        motivation: d.objet.motivation().to_owned(),
        precisions: d.precisions.clone(),
        zonages: d.zonages.clone(),
        avis: avis.as_ref().map(|a| a.sens.nom().to_owned()).unwrap_or_default(),
        avis_postes: avis.as_ref().map_or(0, |a| a.postes),
        avis_commentaire: avis.as_ref().map(|a| a.commentaire.clone()).unwrap_or_default(),
        accord_principe: avis.as_ref().is_some_and(|a| a.accord_principe),
        deposee_le: d.deposee_le,
    })
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
                let copie = copie(tx, &d).await?;
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
        .write_again(|| {
            async |tx: &Tx| {
                let mut seance = tenir(tx, actor, id, true).await?;
                ouverte(&seance)?;
                let EtatSeance::Ouverte { gelee_le, empreinte } = seance.etat.clone() else {
                    return Err(Refusal::NotFound.into());
                };
                let le = jour(&site.clock.now());
                if le < seance.jour {
                    return Err(Refusal::conflict(format!(
                        "Cette séance se tient le {} : closez-la ce jour-là ou après.",
                        seance.jour.format("%d/%m/%Y")
                    ))
                    .into());
                }
                let lignes = tenir_la_liste(tx, id).await?;
                let mut departements: BTreeSet<(CodeDepartement, CodeRegion)> = BTreeSet::new();
                let (mut decidees, mut reportees) = (0, 0);
                let mut accordes = Vec::new();
                for (d, decision) in lignes {
                    let Some(decision) = decision else {
                        let quoi = (Some(actor), "demande.reporter", "Report à une autre séance");
                        passer(site, tx, &d, Etat::Deposee, quoi).await?;
                        reportees += 1;
                        continue;
                    };
                    let quoi = (Some(actor), "demande.clore", "Décision");
                    passer(site, tx, &d, decision.verdict.etat(le), quoi).await?;
                    jobs::enqueue(site, tx, &Notifier { decision: decision.id }).await?;
                    departements.insert((d.departement.clone(), d.region.clone()));
                    decidees += 1;
                    match decision.verdict {
                        Verdict::Accord { postes } if d.objet.genre().cree_des_postes() => {
                            accordes.push((d, postes));
                        }
                        Verdict::Accord { postes } => {
                            mouvements::deplacer(site, tx, &d, (postes, le)).await?
                        }
                        _ => {}
                    }
                }
                for (d, postes) in &accordes {
                    mouvements::creer(site, tx, d, (*postes, le)).await?;
                }
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
            }
        })
        .await
}

/// The demandes of a session with what was decided of them, in the order of the list. They are held, then the enveloppes
/// that will have posts back.
async fn tenir_la_liste(tx: &Tx, id: SeanceId) -> Result<Vec<(Demande, Option<Decision>)>, Failure> {
    let lignes = store::inscrites(tx, id).await?;
    let tenues = demandes::tenir_toutes(tx, lignes.iter().map(|i| i.demande)).await?;
    let mut tenues: BTreeMap<DemandeId, Demande> = tenues.into_iter().map(|d| (d.id, d)).collect();
    let rendent = tenues.values().filter(|d| d.objet.genre() == Genre::Retrait);
    let ou: BTreeSet<_> = rendent.flat_map(|d| territoires(&d.region, &d.departement)).collect();
    store::tenir_tout(tx, &ou).await?;
    Ok(lignes.into_iter().filter_map(|i| Some((tenues.remove(&i.demande)?, i.decision))).collect())
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
            store::tenir_la_table(tx).await?;
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
