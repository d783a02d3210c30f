//! The fictitious programme of the demonstration, at national size: candidats, demandes of structures on real communes, posts,
//! contracts under way, to be validated and broken, trainings. Everything says that it is fictitious.

mod contacts;

use std::collections::{BTreeMap, HashSet};

use annuaire::structures::StructureVue;
use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, Chance, CodeDepartement, CodeRegion, Email, Perimetre, Periode, Telephone};
use platform::Tx;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::DbErr;

use crate::Conseillers;
use crate::candidats;
use crate::contrats::model::{Contrat, Etat as EtatContrat, Genre, MotifRupture, Phase, Rupture, Termes};
use crate::contrats::{self, smic, store};
use crate::demandes::model::{Demande, Etat, Interlocuteur, Objet, Origine, Sens};
use crate::demandes::reference::{Critere, Jour};
use crate::demandes::store::{self as demandes, Avis};
use crate::formation;
use crate::ids::{CandidatId, Compteur, ContratId, DemandeId, SeanceId};
use crate::postes::{self, Place, Poste, Typologie};
use crate::selection::decisions::{self, Choix, Combien};
use crate::selection::model::{Niveau, Verdict};
use crate::selection::seances;

/// How large the programme is.
#[derive(Clone, Copy, Debug)]
pub struct Taille {
    /// Candidats.
    pub candidats: usize,
    /// Structures that ask for posts.
    pub structures: usize,
}

/// The size of 2021: 14 000 candidats, 4 000 demandes.
pub const NATIONALE: Taille = Taille { candidats: 14_000, structures: 4_000 };

/// Seed of the draw: the same programme each time.
const GRAINE: u64 = 2_021;

/// Posts that the country may still be granted.
const ENVELOPPE: i64 = 500;
/// Demandes on the list of the open session, and most of those of the one that was held.
const A_LA_SEANCE: usize = 40;
const TENUES: usize = 12;
/// Days that préfectures have left to give their opinion.
const DELAI_D_AVIS: u64 = 21;

/// Who the demonstration's people are.
#[derive(Clone, Debug, Default)]
pub struct Personnes {
    /// Structures of the demonstration's people: theirs are granted, with a vacant post each.
    pub structures: Vec<StructureId>,
    /// The account that keeps an application.
    pub candidat: Option<CompteId>,
    /// The account of somebody in a post.
    pub conseiller: Option<CompteId>,
    /// The account that holds the session.
    pub nationale: Option<CompteId>,
    /// The account that gives the opinions.
    pub prefecture: Option<CompteId>,
}

/// Writes the programme in an empty database; one that has candidats already stays as it is.
///
/// # Errors
/// The database; a rule that the drawn programme would break.
pub async fn semer(c: &Conseillers, taille: Taille, personnes: &Personnes) -> Result<(), DbErr> {
    let deja = "SELECT dernier FROM conseillers_compteur WHERE nom = 'candidat'";
    if kit::count(c.site.db.read(), deja, []).await? > 0 {
        return Ok(());
    }
    let chance = Chance::seeded(GRAINE);
    let territoires = c.annuaire.territoires();
    c.site
        .db
        .write(async |tx| {
            let semes =
                candidats::demonstration::semer(&c.site, tx, &territoires, (taille.candidats, &chance))
                    .await?;
            if let (Some(compte), Some((premier, ..))) = (personnes.candidat, semes.first()) {
                let nom = ("Inès", "Fictive-Candidature");
                candidats::demonstration::confier(tx, (*premier, nom), compte, &territoires).await?;
            }
            let mut structures = Vec::new();
            for id in &personnes.structures {
                structures.extend(annuaire::structures::find(tx, *id).await?);
            }
            structures.extend(
                annuaire::structures::demo_nationale(&c.site, tx, &territoires, taille.structures).await?,
            );
            demandes::fixer(tx, Jour::Avis, apres(c.jour(), DELAI_D_AVIS)).await?;
            let postes = les_demandes(c, tx, &structures, (&chance, personnes)).await?;
            let siens = 2 * i64::try_from(personnes.structures.len()).unwrap_or(0);
            let candidate = semes.first().map(|(id, ..)| *id).filter(|_| personnes.candidat.is_some());
            let prives =
                structures.iter().filter(|s| !contrats::rules::est_public(s)).map(|s| s.id).collect();
            let (recrutes, mut libres) =
                les_contrats(c, tx, postes, (semes.into_iter().skip(1).collect(), &chance, siens, prives))
                    .await?;
            if let Some(s) = structures.first().filter(|_| !personnes.structures.is_empty()) {
                let mut voisins = libres.remove(&s.commune.departement).unwrap_or_default();
                voisins.extend(libres.into_values().flatten().take(contacts::COMBIEN));
                contacts::semer(c, tx, s, (candidate, voisins)).await?;
            }
            // Somebody in a post of the demonstration's structures, else anybody in a post.
            let filtre = postes::en_poste::Filtre::tous(c.jour());
            let en_poste = postes::en_poste::lister(tx, &Perimetre::National, &filtre, None, (0, 1)).await?;
            if let (Some(compte), Some(g)) = (personnes.conseiller, en_poste.first()) {
                let nom = ("Karim", "Fictif-Conseiller");
                candidats::demonstration::confier(tx, (g.candidat, nom), compte, &territoires).await?;
            }
            let organismes: Vec<StructureId> = if personnes.structures.is_empty() {
                structures.iter().take(3).map(|s| s.id).collect()
            } else {
                personnes.structures.clone()
            };
            formation::demonstration::semer(&c.site, tx, (&organismes, &chance), &recrutes).await?;
            let facts = serde_json::json!({ "candidats": taille.candidats, "structures": taille.structures });
            let line = Entry::system("demonstration.semer", "programme", "").with(facts);
            journal::write(&c.site, tx, line).await
        })
        .await?;
    match personnes.nationale {
        Some(compte) => les_seances(c, compte).await.map_err(|refus| DbErr::Custom(refus.to_string())),
        None => Ok(()),
    }
}

/// An enveloppe for the country; a session that was held, with its minutes and letters; another whose list is frozen, where
/// the committee has begun to decide.
async fn les_seances(c: &Conseillers, compte: CompteId) -> Result<(), crate::Failure> {
    let actor = Actor {
        compte,
        role: kernel::Role::AdministrateurNational,
        perimetre: Perimetre::National,
        vu_par: None,
        prete: false,
    };
    seances::fixer_enveloppe(c, &actor, (Niveau::Pays, "FR"), ENVELOPPE).await?;
    let filtre =
        demandes::Filtre { etat: Some("deposee"), sans_avis: Some(false), ..demandes::Filtre::default() };
    let attendent =
        demandes::lister(c.site.db.read(), &Perimetre::National, &filtre, (0, TENUES + A_LA_SEANCE)).await?;
    let ids: Vec<DemandeId> = attendent.into_iter().map(|d| d.id).collect();
    let (tenues, a_venir) = ids.split_at((ids.len() / 4).min(TENUES));
    if let Some(id) = ouvrir(c, &actor, tenues, "Séance fictive de la démonstration, déjà tenue.").await?
    {
        decider(c, &actor, id, tenues).await?;
        seances::clore(c, &actor, id).await?;
    }
    let ordre = "Séance fictive de la démonstration : demandes reçues avec un avis favorable.";
    if let Some(id) = ouvrir(c, &actor, a_venir, ordre).await? {
        decider(c, &actor, id, &a_venir[..a_venir.len() / 8]).await?;
    }
    Ok(())
}

/// A session whose list is frozen; none without a demande.
async fn ouvrir(
    c: &Conseillers,
    actor: &Actor,
    ids: &[DemandeId],
    ordre: &str,
) -> Result<Option<SeanceId>, crate::Failure> {
    if ids.is_empty() {
        return Ok(None);
    }
    let id = seances::creer(&c.site, actor, (c.jour(), None), ordre).await?;
    seances::inscrire(&c.site, actor, id, ids).await?;
    seances::figer(&c.site, actor, id).await?;
    Ok(Some(id))
}

/// Two demandes in three granted, the next refused, and so on.
async fn decider(
    c: &Conseillers,
    actor: &Actor,
    seance: SeanceId,
    ids: &[DemandeId],
) -> Result<(), crate::Failure> {
    let refus = Verdict::Refus { criteres: Critere::TOUS.into_iter().take(1).collect() };
    let (accord, refus) = (Choix::Accord(Combien::Avis), Choix::Autre(refus));
    for (n, id) in ids.iter().enumerate() {
        let choix = if n % 3 == 2 { &refus } else { &accord };
        decisions::decider(&c.site, actor, seance, &[*id], (choix, "Décision fictive de la démonstration."))
            .await?;
    }
    Ok(())
}

fn avant(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_sub_days(Days::new(jours)).unwrap_or(jour)
}

fn apres(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_add_days(Days::new(jours)).unwrap_or(jour)
}

/// One demande a structure, the first ones granted; the posts of those that are, not yet written.
async fn les_demandes(
    c: &Conseillers,
    tx: &Tx,
    structures: &[StructureVue],
    (chance, personnes): (&Chance, &Personnes),
) -> Result<Vec<Poste>, DbErr> {
    let now = c.site.clock.now();
    let jour = c.jour();
    let prefecture = personnes.prefecture.unwrap_or(CompteId(uuid::Uuid::nil()));
    let (mut toutes, mut avis_rendus, mut attribues) = (Vec::new(), Vec::new(), Vec::new());
    let numero = Compteur::Demande.prend(tx, i64::try_from(structures.len()).unwrap_or(i64::MAX)).await?;
    for ((n, s), numero) in structures.iter().enumerate().zip(numero..) {
        let tirage = if n < personnes.structures.len() { 0 } else { chance.below(100) };
        // Decided ones are old, the others of the last six weeks.
        let age = if tirage < 73 { 120 + chance.below(480) } else { chance.below(45) };
        let decidee = avant(jour, age.saturating_sub(60));
        let siens = n < personnes.structures.len();
        let accordes = if siens { 2 } else { u32::try_from(1 + chance.below(2)).unwrap_or(1) };
        let etat = match tirage {
            0..62 => Etat::Accordee { postes: accordes, le: decidee },
            62..70 => Etat::Refusee { criteres: Critere::TOUS.into_iter().take(1).collect(), le: decidee },
            70..72 => Etat::ExamenComplementaire {
                le: decidee,
                attendu: "Préciser où le conseiller recevra le public.".to_owned(),
            },
            72 => {
                Etat::Annulee { le: decidee, motif: "La structure a renoncé (exemple fictif).".to_owned() }
            }
            _ => Etat::Deposee,
        };
        let avis = match etat {
            Etat::Accordee { .. } => Some(Sens::Favorable),
            Etat::Refusee { .. } => Some(Sens::Defavorable),
            Etat::Deposee if chance.below(2) == 0 => Some(Sens::Favorable),
            _ => None,
        };
        let Some(demande) = demande(
            c,
            s,
            (numero, accordes),
            (now - chrono::TimeDelta::days(i64::try_from(age).unwrap_or(0)), jour),
        ) else {
            continue;
        };
        let demande = Demande { etat, avis, ..demande };
        if let Some(sens) = avis {
            let avis = Avis {
                sens,
                postes: accordes,
                commentaire: "Avis fictif de la démonstration : le besoin du territoire a été examiné."
                    .to_owned(),
                accord_principe: false,
                vers: None,
                par: prefecture,
                role: kernel::Role::Prefecture.ligne().key.to_owned(),
                le: demande.deposee_le,
            };
            avis_rendus.push((demande.id, avis));
        }
        if let Etat::Accordee { postes, le } = demande.etat {
            let place = Place {
                structure: s.id,
                departement: demande.departement.clone(),
                region: demande.region.clone(),
            };
            attribues.extend((0..postes).map(|_| (demande.id, place.clone(), le)));
        }
        toutes.push(demande);
    }
    demandes::insert_many(tx, &toutes).await?;
    demandes::premiers_avis(tx, &avis_rendus).await?;
    let premier = Compteur::Poste.prend(tx, i64::try_from(attribues.len()).unwrap_or(i64::MAX)).await?;
    let nouveau = |(numero, (demande, place, le)): (i64, (DemandeId, Place, NaiveDate))| {
        postes::store::nouveau(&c.site, numero, Typologie::Conseiller, (Some(demande), &place, le))
    };
    Ok((premier..).zip(attribues).map(nouveau).collect())
}

fn demande(
    c: &Conseillers,
    s: &StructureVue,
    (numero, postes): (i64, u32),
    (deposee_le, jour): (DateTime<Utc>, NaiveDate),
) -> Option<Demande> {
    Some(Demande {
        id: DemandeId::new(&c.site.clock, &c.site.chance),
        numero,
        structure: s.id,
        nom: s.nom.clone(),
        commune: (s.commune.code.clone(), s.commune.nom.clone()),
        departement: s.commune.departement.clone(),
        region: s.commune.region.clone(),
        contact: Interlocuteur {
            prenom: "Dominique".to_owned(),
            nom: "Fictif-Accueil".to_owned(),
            fonction: "Direction".to_owned(),
            courriel: Email::parse(&format!("demande-{numero}@demonstration.example.org")).ok()?,
            telephone: Telephone::parse(&format!("063998{:04}", numero % 10_000))?,
        },
        objet: Objet::PremiersPostes {
            postes,
            debut: apres(jour, 60),
            candidat_connu: false,
            motivation: "Demande fictive de la démonstration : les habitants ont besoin d’aide pour leurs démarches en \
                         ligne, et personne ne peut les recevoir aujourd’hui."
                .to_owned(),
            missions: vec!["demarches".to_owned(), "usages".to_owned()],
        },
        precisions: String::new(),
        zonages: crate::demandes::actions::zonages(c, &s.commune.code),
        origine: Origine::Formulaire,
        etat: Etat::Deposee,
        avis: None,
        deposee_le,
        version: 1,
    })
}

/// Those in post, by région.
type ParRegion = Vec<(CodeRegion, Vec<CandidatId>)>;

/// Writes the posts, with contracts on five out of six, each with somebody of the département; gives those in post, by
/// région, and those who look for a post, by département.
async fn les_contrats(
    c: &Conseillers,
    tx: &Tx,
    postes: Vec<Poste>,
    (semes, chance, siens, prives): (Vec<candidats::demonstration::Seme>, &Chance, i64, HashSet<StructureId>),
) -> Result<(ParRegion, BTreeMap<CodeDepartement, Vec<CandidatId>>), DbErr> {
    let mut libres: BTreeMap<CodeDepartement, Vec<CandidatId>> = BTreeMap::new();
    for (id, lieu, _) in semes {
        libres.entry(lieu.commune.departement).or_default().push(id);
    }
    let mut en_poste: BTreeMap<CodeRegion, Vec<CandidatId>> = BTreeMap::new();
    let jour = c.jour();
    let (mut tous, mut contrats, mut places) = (Vec::with_capacity(postes.len()), Vec::new(), Vec::new());
    for poste in postes {
        let (poste, contrat) = un_contrat(c, poste, &mut libres, (chance, siens))?;
        if let Some(mut contrat) = contrat {
            if prives.contains(&contrat.place.structure) && contrat.termes.genre == Genre::ProjetPublic {
                contrat.termes.genre = Genre::Cdd;
            }
            let fin = contrat.periode().fin;
            if contrat.engage() && fin.is_none_or(|fin| jour <= fin) {
                places.push(contrat.candidat);
                en_poste.entry(contrat.place.region.clone()).or_default().push(contrat.candidat);
            }
            contrats.push(contrat);
        }
        tous.push(poste);
    }
    postes::store::inserer(tx, &tous).await?;
    store::inserer_tous(tx, &contrats).await?;
    candidats::demonstration::placer(tx, &places).await?;
    Ok((en_poste.into_iter().collect(), libres))
}

/// A post with its contract, if somebody was found for it.
fn un_contrat(
    c: &Conseillers,
    poste: Poste,
    libres: &mut BTreeMap<CodeDepartement, Vec<CandidatId>>,
    (chance, siens): (&Chance, i64),
) -> Result<(Poste, Option<Contrat>), DbErr> {
    let jour = c.jour();
    let Some(place) = postes::rules::place(&poste, jour).cloned() else { return Ok((poste, None)) };
    let attente = 30 + chance.below(90);
    let debut = apres(poste.attribue_le, attente);
    // The demonstration's own structures keep their second post vacant.
    let vacant = if poste.numero <= siens { poste.numero % 2 == 0 } else { chance.below(6) == 0 };
    if vacant || debut >= jour {
        return Ok((poste, None));
    }
    let Some(candidat) = libres.get_mut(&place.departement).and_then(Vec::pop) else {
        return Ok((poste, None));
    };
    let fin = [12, 18, 24].get(usize::try_from(chance.below(3)).unwrap_or(0)).copied().unwrap_or(24);
    let cdi = chance.below(8) == 0;
    let fin = (!cdi).then(|| apres(debut, fin * 365 / 12));
    let minimum =
        smic::minimum(&place.departement, debut).unwrap_or(crate::contrats::model::Montant(182_303));
    let mut contrat = Contrat {
        id: ContratId::new(&c.site.clock, &c.site.chance),
        candidat,
        poste: poste.id,
        place: place.clone(),
        termes: Termes {
            genre: if cdi { Genre::Cdi } else { Genre::ProjetPublic },
            debut,
            fin,
            salaire: crate::contrats::model::Montant(
                minimum.0 + i64::try_from(chance.below(30)).unwrap_or(0) * 1_000,
            ),
            phase: Phase::Deux,
        },
        suite_de: None,
        etat: EtatContrat::Saisi,
        prolongation: None,
        saisi_le: c.site.clock.now(),
        etat_le: c.site.clock.now(),
        version: 0,
    };
    let vers_la_fin = avant(jour, chance.below(60));
    let rupture = Rupture { le: vers_la_fin, motif: MotifRupture::Demission, dossier_incomplet: false };
    let vivant = fin.is_none_or(|fin| jour < fin) && debut < vers_la_fin;
    contrat.etat = match chance.below(100) {
        0..3 if debut > avant(jour, 60) => EtatContrat::Saisi,
        3..6 if vivant => EtatContrat::RuptureNotifiee(rupture),
        6..10 if vivant => EtatContrat::Rompu(rupture),
        _ => EtatContrat::Valide,
    };
    if !contrat.engage() {
        return Ok((poste, Some(contrat)));
    }
    let Periode { debut, fin } = contrat.periode();
    let poste = postes::rules::affecter(
        poste,
        kernel::ids::uuid_v7(&c.site.clock, &c.site.chance),
        (candidat, contrat.id),
        Periode { debut, fin },
    )
    .map_err(|refus| DbErr::Custom(refus.to_string()))?;
    Ok((poste, Some(contrat)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use annuaire::Annuaire;

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn the_programme_is_coherent_and_written_once(t: testkit::TestSite) {
            let c = Conseillers::new(&Annuaire::load(&t.site).await.expect("loads"));
            let taille = Taille { candidats: 800, structures: 120 };
            let territoires = c.annuaire.territoires();
            let siennes = t.site.db.write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await);
            let personnes = Personnes {
                nationale: Some(CompteId(uuid::Uuid::from_u128(1))),
                candidat: Some(CompteId(uuid::Uuid::from_u128(2))),
                structures: siennes.await.expect("are written").into_iter().take(3).collect(),
                ..Personnes::default()
            };
            semer(&c, taille, &personnes).await.expect("is written");
            let conn = t.site.db.read();
            let seances = "SELECT COUNT(*) FROM seance WHERE gelee_le IS NOT NULL";
            assert_eq!(kit::count(conn, seances, []).await.expect("counts"), 2);
            let closes = "SELECT COUNT(*) FROM seance WHERE close_le IS NOT NULL";
            assert_eq!(kit::count(conn, closes, []).await.expect("counts"), 1);
            let etats = "SELECT COUNT(DISTINCT etat) FROM relation";
            // In a programme this small, nobody of the département may hold its post.
            assert!(kit::count(conn, etats, []).await.expect("counts") >= 6, "a contact in each state");
            let attend = "SELECT COUNT(*) FROM relation r JOIN candidat c ON c.id = r.candidat_id \
                          WHERE c.compte_id IS NOT NULL AND r.etat = 'proposee'";
            assert_eq!(kit::count(conn, attend, []).await.expect("counts"), 1, "one waits for the answer of Inès");
            let bilan = postes::store::bilan(conn, &Perimetre::National, c.jour()).await.expect("counts");
            assert!(bilan.ouverts > 60 && bilan.occupes > 20 && bilan.vacants() > 5, "{bilan:?}");
            let index = c.candidats.index(&t.site).await.expect("reads");
            assert!(index.len() < 800 && index.len() > 600, "{}", index.len());
            semer(&c, taille, &Personnes::default()).await.expect("is left alone");
            assert_eq!(postes::store::bilan(conn, &Perimetre::National, c.jour()).await.expect("counts"), bilan);
        }
    }
}
