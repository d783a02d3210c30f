//! What is said before an end: contracts that end, posts that stay vacant. Each alert is sent once, and stops by itself when
//! its cause does.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use kernel::{CodeDepartement, Perimetre};
use platform::jobs::{Job, Registry};
use platform::mail;

use super::model::Contrat;
use super::rules::ecrit;
use super::{courriels, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::courriels::a_la_structure;
use crate::matching::relations;
use crate::postes::{self, Poste};

/// Days before the end of a contract.
pub const FIN_JOURS: [u64; 3] = [30, 60, 90];
/// Days before a vacant post may be taken back; 0: that day.
pub const VACANCE_JOURS: [u64; 4] = [0, 7, 30, 60];

/// Looks for what ends, once a day.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Alerter {}

impl Job for Alerter {
    const KIND: &'static str = "conseillers.alerter";
    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the job, and when.
pub(crate) fn register(cx: &Conseillers, registry: &mut Registry) {
    let c = cx.clone();
    registry.on(move |_, Alerter {}| {
        let cx = c.clone();
        async move { tour(&cx).await.map(|_| ()) }
    });
    registry.every("conseillers.alerter", TimeDelta::days(1), Alerter {});
}

/// The nearest threshold that is reached: a job that missed a day sends one alert, not several.
fn seuil(seuils: &[u64], jour: NaiveDate, echeance: NaiveDate) -> Option<u64> {
    let reste = u64::try_from((echeance - jour).num_days()).unwrap_or(0);
    seuils.iter().copied().find(|s| reste <= *s)
}

/// One round; how many alerts it sent.
///
/// # Errors
/// The database.
pub async fn tour(cx: &Conseillers) -> Result<usize, Failure> {
    let jour = cx.jour();
    let (mut envoyees, mut annonces) = (0, Annonces::new());
    let loin = jour.checked_add_days(Days::new(90)).unwrap_or(jour);
    for contrat in store::finissent(cx.site.db.read(), (jour, loin)).await? {
        let Some((seuil, fin)) =
            contrat.termes.fin.and_then(|fin| Some((seuil(&FIN_JOURS, jour, fin)?, fin)))
        else {
            continue;
        };
        let dite = cx
            .site
            .db
            .write(async |tx| {
                if !store::noter_alerte(&cx.site, tx, contrat.id.0, &format!("fin_{seuil}"), fin).await? {
                    return Ok(false);
                }
                let Some(s) = annuaire::structures::find(tx, contrat.place.structure).await? else {
                    return Ok(false);
                };
                courriels::finira(cx, tx, &s, &contrat, seuil).await?;
                Ok::<_, Failure>(true)
            })
            .await?;
        if dite {
            annonces.entry(contrat.place.departement.clone()).or_default().push(contrat.clone());
        }
        envoyees += usize::from(dite);
    }
    let finis = termes(cx, jour, &mut annonces).await?;
    aux_prefectures(cx, annonces).await?;
    Ok(envoyees + finis + vacances(cx, jour).await?)
}

/// Contracts to tell a préfecture of, by département.
type Annonces = BTreeMap<CodeDepartement, Vec<Contrat>>;

/// One message a round to each préfecture: contracts of its département that end soon, or ended.
async fn aux_prefectures(cx: &Conseillers, annonces: Annonces) -> Result<(), Failure> {
    let site = &cx.site;
    for (departement, contrats) in annonces {
        let Some(region) = contrats.first().map(|c| c.place.region.clone()) else { continue };
        site.db
            .write(async |tx| {
                let a =
                    identity::courriels_de_prefecture(tx, &departement, &region, site.clock.now()).await?;
                if a.is_empty() {
                    return Ok(());
                }
                let mut lignes = Vec::new();
                for c in &contrats {
                    let nom = annuaire::structures::find(tx, c.place.structure).await?.map(|s| s.nom);
                    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
                    lignes.push(format!("- {} : {fin}", nom.unwrap_or_default()));
                }
                for to in a {
                    let texte = courriels::fins(site, &departement, &lignes);
                    mail::enqueue(site, tx, &texte.a_tous(site, to)).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
    }
    Ok(())
}

/// Contracts that ended by themselves these last weeks, and that nothing follows: the structure is told, the person may be
/// found again. A job that slept for a month tells the rest; a renewal that is refused late does too.
async fn termes(cx: &Conseillers, jour: NaiveDate, annonces: &mut Annonces) -> Result<usize, Failure> {
    let (depuis, hier) = (cx.site.clock.now() - TimeDelta::days(60), jour.pred_opt().unwrap_or(jour));
    let mut dits = 0;
    for contrat in store::finis(cx.site.db.read(), depuis, hier).await? {
        let Some(fin) = contrat.termes.fin else { continue };
        let dit = cx
            .site
            .db
            .write(async |tx| {
                let s = annuaire::structures::find(tx, contrat.place.structure).await?;
                if let Some(s) = &s {
                    relations::store::tenir(tx, s.id, contrat.candidat).await?;
                }
                store::tenir_personne(tx, contrat.candidat).await?;
                if !store::noter_alerte(&cx.site, tx, contrat.id.0, "terme", fin).await? {
                    return Ok(false);
                }
                let tenus = postes::store::de_candidat(tx, contrat.candidat).await?;
                if tenus.iter().all(|(_, periode)| periode.fin.is_some_and(|fin| fin < jour)) {
                    candidats::liberer(&cx.site, tx, contrat.candidat).await?;
                }
                crate::equipe::compte::fermer(cx, tx, contrat.candidat, fin).await?;
                let Some(s) = s else { return Ok(true) };
                relations::fins::contrat_fini(&cx.site, tx, &s, contrat.candidat).await?;
                courriels::fini(cx, tx, &s, &contrat).await?;
                Ok::<_, Failure>(true)
            })
            .await?;
        dits += usize::from(dit);
        if dit {
            annonces.entry(contrat.place.departement.clone()).or_default().push(contrat.clone());
        }
    }
    Ok(dits)
}

async fn vacances(cx: &Conseillers, jour: NaiveDate) -> Result<usize, Failure> {
    let mut envoyees = 0;
    let vacants = postes::lecture::vacants(cx.site.db.read(), &Perimetre::National, jour).await?;
    for poste in vacants.into_iter().filter(|p| postes::rules::a_pourvoir(p, jour)) {
        let Some((seuil, echeance)) =
            postes::rules::echeance(&poste, jour).and_then(|e| Some((seuil(&VACANCE_JOURS, jour, e)?, e)))
        else {
            continue;
        };
        envoyees += usize::from(alerter_vacance(cx, &poste, seuil, echeance, jour).await?);
    }
    Ok(envoyees)
}

async fn alerter_vacance(
    cx: &Conseillers,
    poste: &Poste,
    seuil: u64,
    echeance: NaiveDate,
    jour: NaiveDate,
) -> Result<bool, Failure> {
    let Some(place) = postes::rules::place(poste, jour) else { return Ok(false) };
    cx.site
        .db
        .write(async |tx| {
            if !store::noter_alerte(&cx.site, tx, poste.id.0, &format!("vacance_{seuil}"), echeance).await? {
                return Ok(false);
            }
            let Some(s) = annuaire::structures::find(tx, place.structure).await? else { return Ok(false) };
            let texte = courriels::vacant(&cx.site, &s, &poste.reference(), &ecrit(echeance));
            a_la_structure(&cx.site, tx, &s, texte).await?;
            Ok(true)
        })
        .await
}
