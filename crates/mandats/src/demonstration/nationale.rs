//! A fictitious Aidants Connect at the size of the country: 5 000 organisations, 20 000 aidants, 300 000 mandats, a million
//! lines of journal. The first mandats are there when the demonstration opens; jobs bring the others, a slice each, so that
//! nobody waits. Every mandat is a real document under the demonstration's key; every name says that nobody bears it.

use std::collections::{BTreeSet, HashMap};

use annuaire::structures::{self, StructureVue};
use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use kernel::ids::StructureId;
use kernel::{Chance, Email, Refusal, calendrier};
use platform::db::kit;
use platform::jobs::{self, Job, Registry};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fictif;
use crate::aidants::EtatAidant;
use crate::aidants::regles::Voie;
use crate::cles::{self, Usage};
use crate::ids::{AidantId, AppartenanceId};
use crate::organisations::Demarches;
use crate::{Failure, Mandats, legal, usagers};

/// How large it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taille {
    /// Organisations habilitées, with four professionals each.
    pub organisations: usize,
    /// Mandats, two a person.
    pub mandats: usize,
}

/// That of the country.
pub const NATIONALE: Taille = Taille { organisations: 5_000, mandats: 300_000 };
/// For journeys and tests.
pub const PETITE: Taille = Taille { organisations: 40, mandats: 200 };

/// Mandats of a slice: a second of work, so that other jobs and whoever writes have their turn.
const TRANCHE: usize = 2_000;
/// Those that are there when the demonstration opens.
const PREMIERE: usize = 200;
/// Professionals of an organisation.
pub(super) const EQUIPE: usize = 4;
/// First number of the fictitious organisations.
const NUMERO: i64 = 9_000_000;
/// Seed of the draw.
const GRAINE: u64 = 0xA1DA;

/// Brings the next slice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Semer {
    depuis: usize,
    taille: Taille,
}

impl Job for Semer {
    const KIND: &'static str = "mandats.demonstration";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

pub(crate) fn register(mandats: &Mandats, registry: &mut Registry) {
    let m = mandats.clone();
    registry.on(move |id, job: Semer| {
        let m = m.clone();
        async move {
            let combien = |n| kernel::text::nombre(i64::try_from(n).unwrap_or(0));
            let texte =
                format!("{} mandats fictifs sur {}", combien(job.depuis), combien(job.taille.mandats));
            jobs::progress(&m.site, id, &texte, TimeDelta::minutes(10)).await?;
            tranche(&m, job.depuis, TRANCHE, job.taille).await
        }
    });
}

/// Writes the organisations, their professionals and the first mandats; jobs bring the rest. What is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats, taille: Taille) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les mandats fictifs n’existent que dans la démonstration.").into());
    }
    let deja = "SELECT COUNT(*) FROM organisation_habilitee WHERE numero = $1";
    if kit::count(m.site.db.read(), deja, [NUMERO.into()]).await? > 0 {
        return Ok(());
    }
    m.site.db.write(async |tx| organisations(m, tx, taille.organisations).await).await?;
    tranche(m, 0, PREMIERE, taille).await?;
    super::super::statistiques::compter(m).await?;
    Ok(())
}

async fn organisations(m: &Mandats, tx: &Tx, combien: usize) -> Result<(), Failure> {
    let territoires = m.annuaire.territoires();
    structures::demo_nationale(&m.site, tx, &territoires, combien).await?;
    let ids = structures::ids_nationaux(combien);
    let vues = structures::trouver(tx, ids.iter().copied()).await?;
    let jour = m.jour();
    let demarches = legal::en_vigueur(legal::Genre::Demarches, jour)
        .map(|texte| Demarches::parmi(texte, legal::catalogue(texte).iter().map(|d| &d.cle)))
        .unwrap_or_default()
        .ecrire();
    let conditions = crate::aidants::conditions::version_du_jour(jour);
    let chance = Chance::seeded(GRAINE);
    let (mut organisations, mut aidants, mut appartenances, mut parcours) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (rang, vue) in (0_usize..).zip(&ids).filter_map(|(rang, id)| Some((rang, vues.get(id)?))) {
        let depuis = jour.checked_sub_days(Days::new(30 + chance.below(900))).unwrap_or(jour);
        organisations.push(vec![
            vue.id.0.into(),
            (NUMERO + i64::try_from(rang).unwrap_or(0)).into(),
            vue.commune.departement.as_str().into(),
            vue.commune.region.as_str().into(),
            demarches.clone().into(),
            (chance.below(3) == 0).into(),
            depuis.into(),
            Value::ChronoDate(None),
            1_i64.into(),
        ]);
        for n in 0..EQUIPE {
            let id = AidantId::new(&m.site.clock, &m.site.chance);
            let (prenom, nom, profession) = fictif::professionnel(rang * EQUIPE + n);
            let courriel = format!("aidant-{}@connect.demonstration.example.org", rang * EQUIPE + n);
            let Ok(courriel) = Email::parse(&courriel) else { continue };
            // One in eight is still on the way.
            let etat = match (n, rang % 4) {
                (3, 0) => EtatAidant::Eligible,
                (3, 1) => EtatAidant::Forme,
                _ => EtatAidant::Actif,
            };
            // Habilitation, training, test, then the account, in that order and a few days apart.
            let (forme, pix, jours) = match etat {
                EtatAidant::Actif => (Some(8), Some(15), 18),
                EtatAidant::Forme => (Some(8), None, 8),
                _ => (None, None, 0),
            };
            parcours.push(vec![
                id.0.into(),
                Voie::Classique.cle().into(),
                Value::String(None),
                forme.map(|n| apres(depuis, n)).into(),
                pix.map(|n| apres(depuis, n)).into(),
                pix.map(|_| 70 + i64::try_from(chance.below(30)).unwrap_or(0)).into(),
                Value::ChronoDateTimeUtc(None),
            ]);
            aidants.push(vec![
                id.0.into(),
                // No account: nobody signs in as one of them.
                Value::Uuid(None),
                prenom.into(),
                nom.into(),
                courriel.as_str().into(),
                Value::String(None),
                profession.into(),
                (chance.below(10) == 0).into(),
                etat.cle().into(),
                calendrier::minuit(apres(depuis, jours)).into(),
                conditions.filter(|_| etat == EtatAidant::Actif).into(),
                calendrier::minuit(depuis).into(),
                1_i64.into(),
                courriel.key().into(),
            ]);
            appartenances.push(vec![
                AppartenanceId::new(&m.site.clock, &m.site.chance).0.into(),
                id.0.into(),
                vue.id.0.into(),
                Value::Uuid(None),
                true.into(),
                (n == 0).into(),
                depuis.into(),
                Value::ChronoDate(None),
            ]);
        }
    }
    let facts = serde_json::json!({ "organisations": organisations.len(), "aidants": aidants.len() });
    let into = "organisation_habilitee (structure_id, numero, departement, region, demarches, france_services, habilitee_le, \
                desactivee_le, version)";
    kit::insert_many(tx, into, organisations, "ON CONFLICT DO NOTHING").await?;
    let into = "aidant (id, compte_id, prenom, nom, courriel, telephone, profession, conseiller_numerique, etat, etat_le, \
                conditions_version, cree_le, version, courriel_cle)";
    kit::insert_many(tx, into, aidants, "").await?;
    let into = "aidant_parcours (aidant_id, voie, formateur, forme_le, pix_le, pix_score, averti_le)";
    kit::insert_many(tx, into, parcours, "").await?;
    let into =
        "aidant_appartenance (id, aidant_id, structure_id, equipe_id, fait_mandats, referent, debut, fin)";
    kit::insert_many(tx, into, appartenances, "").await?;
    journal::write(&m.site, tx, Entry::system("demonstration.semer", "mandats", "").with(facts)).await?;
    Ok(())
}

/// That many days later.
fn apres(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_add_days(Days::new(jours)).unwrap_or(jour)
}

/// A professional who makes mandats.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Aidant {
    pub(super) id: Uuid,
    pub(super) aidant_id: Uuid,
    structure_id: Uuid,
    pub(super) prenom: String,
    pub(super) nom: String,
    pub(super) profession: String,
}

/// What a slice of mandats is made of.
#[derive(Clone)]
pub(super) struct Lieu {
    pub(super) vue: StructureVue,
    pub(super) aidants: Vec<Aidant>,
}

/// Writes a slice and the job of the next one, in one transaction. A slice that is there already is not written twice.
async fn tranche(m: &Mandats, depuis: usize, combien: usize, taille: Taille) -> Result<(), Failure> {
    let fin = depuis.saturating_add(combien).min(taille.mandats);
    let suite = (fin < taille.mandats).then_some(Semer { depuis: fin, taille });
    let deja = "SELECT COUNT(*) FROM mandat WHERE cle_unicite = $1";
    let cle = fictif::cle_unicite(depuis);
    let lot = if depuis < fin && kit::count(m.site.db.read(), deja, [cle.into()]).await? == 0 {
        lot(m, depuis / 2..fin / 2, taille).await?
    } else {
        None
    };
    m.site
        .db
        .write(async |tx| {
            if let Some(lot) = lot {
                ecrire(&m.site, tx, lot).await?;
            }
            match &suite {
                Some(suite) => jobs::enqueue(&m.site, tx, suite).await.map(drop)?,
                None => jobs::enqueue(&m.site, tx, &crate::statistiques::Compter {}).await.map(drop)?,
            }
            Ok::<_, Failure>(())
        })
        .await
}

/// Makes the mandats of these people, on threads of their own; none before the first legal text.
async fn lot(
    m: &Mandats,
    personnes: std::ops::Range<usize>,
    taille: Taille,
) -> Result<Option<fictif::Lot>, Failure> {
    let now = m.site.clock.now();
    let Some(debut) = debut(now) else { return Ok(None) };
    let ids = structures::ids_nationaux(taille.organisations);
    let chez = |p: usize| ids[p.wrapping_mul(7_919) % ids.len()];
    let utiles: BTreeSet<StructureId> = personnes.clone().map(chez).collect();
    let conn = m.site.db.read();
    let mut lieux: HashMap<StructureId, Lieu> = structures::trouver(conn, utiles.iter().copied())
        .await?
        .into_iter()
        .map(|(id, vue)| (id, Lieu { vue, aidants: Vec::new() }))
        .collect();
    let utiles: Vec<StructureId> = utiles.into_iter().collect();
    for part in utiles.chunks(500) {
        for a in professionnels(conn, part).await? {
            if let Some(lieu) = lieux.get_mut(&StructureId(a.structure_id)) {
                lieu.aidants.push(a);
            }
        }
    }
    let cle = cles::signataire(m, Usage::Mandat).await?;
    let milieu = personnes.start + personnes.len() / 2;
    let moitie = |part: std::ops::Range<usize>| {
        let chez: Vec<(usize, Lieu)> = part.filter_map(|p| Some((p, lieux.get(&chez(p))?.clone()))).collect();
        let (site, cle) = (m.site.clone(), std::sync::Arc::clone(&cle));
        let temps = fictif::Temps { debut, now, total: taille.mandats, decalage: decalage(now) };
        tokio::task::spawn_blocking(move || fictif::lot(&site, &cle, &chez, &temps))
    };
    let (un, deux) = (moitie(personnes.start..milieu), moitie(milieu..personnes.end));
    let attendu = |e: tokio::task::JoinError| DbErr::Custom(e.to_string());
    let mut lot = un.await.map_err(attendu)??;
    lot.ajoute(deux.await.map_err(attendu)??);
    Ok(Some(lot))
}

/// When mandats could first be made: the day of the first texts, and not more than a year ago.
fn debut(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let jour = calendrier::jour(&now);
    let possible = |j: &NaiveDate| {
        [legal::Genre::Mandat, legal::Genre::Notices, legal::Genre::Demarches]
            .into_iter()
            .all(|genre| legal::en_vigueur(genre, *j).is_some())
    };
    let jours = (0..365).map_while(|n| jour.checked_sub_days(Days::new(n)));
    let premier = jours.take_while(possible).last()?;
    Some(calendrier::minuit(premier) + TimeDelta::hours(9))
}

/// The offset of Paris on that day.
fn decalage(now: DateTime<Utc>) -> FixedOffset {
    let jour = calendrier::jour(&now);
    let ecart = jour.and_time(chrono::NaiveTime::MIN) - calendrier::minuit(jour).naive_utc();
    let secondes = i32::try_from(ecart.num_seconds()).ok();
    secondes.and_then(FixedOffset::east_opt).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

async fn professionnels(
    conn: &impl ConnectionTrait,
    structures: &[StructureId],
) -> Result<Vec<Aidant>, DbErr> {
    let sql = format!(
        "SELECT p.id, p.aidant_id, p.structure_id, a.prenom, a.nom, a.profession FROM aidant_appartenance p \
         JOIN aidant a ON a.id = p.aidant_id WHERE p.structure_id IN ({}) AND p.fin IS NULL AND p.fait_mandats \
         AND a.etat = 'actif' ORDER BY p.id",
        kit::places(1, structures.len())
    );
    kit::query_as(conn, &sql, structures.iter().map(|s| s.0.into())).await
}

async fn ecrire(site: &Site, tx: &Tx, mut lot: fictif::Lot) -> Result<(), Failure> {
    usagers::store::semer(tx, &lot.usagers).await?;
    crate::mandats::store::semer(tx, &lot.usagers, &lot.mandats).await?;
    let into = "mandat_usage (id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, demarche, \
                client_id, client_nom, cree_le, lu_le, fini_le)";
    kit::insert_many(tx, into, lot.usages, "").await?;
    lot.lignes.sort_by_key(|(le, _)| *le);
    for (le, ligne) in lot.lignes {
        journal::write_past(site, tx, le, ligne).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use platform::Mode;
    use platform::journal::Verdict;
    use testkit::TestSite;

    use super::*;
    use crate::document;
    use crate::{essai, mandats};

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn it_is_real_and_written_once(t: TestSite) {
            let m = essai::mandats(&t).await;
            let taille = Taille { organisations: 6, mandats: 260 };
            assert!(semer(&m, taille).await.is_err(), "this is no demonstration");
            let m = Mandats { site: Site { mode: Mode::Demo, ..t.site.clone() }, ..m };
            semer(&m, taille).await.unwrap();
            semer(&m, taille).await.unwrap();
            let conn = t.site.db.read();
            let compte = async |table: &str| kit::count(conn, &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap();
            assert_eq!(compte("mandat").await, 200, "the first ones");
            // The job of the next slice, run twice as a job may be.
            for _ in 0..2 {
                tranche(&m, 200, TRANCHE, taille).await.unwrap();
            }
            assert_eq!(compte("mandat").await, 260);
            assert_eq!(compte("usager").await, 130);
            assert_eq!(compte("mandat_personne").await, 130);
            assert_eq!(compte("organisation_habilitee").await, 6);
            assert_eq!(compte("aidant").await, 24);
            assert!(compte("mandat_usage").await > 100);
            assert!(compte("journal").await > 700);
            assert!(matches!(journal::verify(conn).await.unwrap(), Verdict::Whole { .. }));
            // Every document verifies under the published keys, and says what the rows say.
            let jeu = serde_json::to_vec(&cles::jeu(&m, conn).await.unwrap()).unwrap();
            let jeu = oidc::jose::KeySet::parse_archive(&jeu).unwrap();
            #[derive(FromQueryResult)]
            struct Id { id: Uuid }
            let ids: Vec<Id> = kit::query_as(conn, "SELECT id FROM mandat", []).await.unwrap();
            for Id { id } in ids {
                let mandat = mandats::store::mandat(conn, crate::ids::MandatId(id)).await.unwrap().unwrap();
                let signe = document::verifie(mandat.signature.unwrap().document.as_bytes(), &jeu).unwrap();
                let contenu = signe.contenu();
                assert_eq!(contenu.numero, mandat.numero);
                assert_eq!(contenu.cree.date_time(), mandat.cree_le);
                assert_eq!(contenu.jusqu_au.date_time(), mandat.expire_le);
                assert!(mandat.cree_le < t.site.clock.now());
                assert!(contenu.usager.nom.contains("Fictif"), "{}", contenu.usager.nom);
            }
            let publies = crate::statistiques::lire(&m).await.unwrap().unwrap();
            assert_eq!(publies.pays.organisations, 6);
        }
    }
}
