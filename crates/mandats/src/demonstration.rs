//! Aidants Connect in the demonstration: one organisation habilitée, with the fictitious people who act in its name.

mod fictif;
pub mod nationale;

use chrono::{Days, NaiveDate, TimeDelta};
use kernel::calendrier::jour;
use kernel::ids::{CompteId, StructureId};
use kernel::{Email, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};

use crate::aidants::regles::Parcours;
use crate::aidants::{self, Aidant, Appartenance, EtatAidant, Fonction, equipes};
use crate::ids::{AidantId, AppartenanceId};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Failure, Mandats, legal};

/// Number of the first organisation of the demonstration's people.
const NUMERO: i64 = 2_310_000;

/// Who acts in the name of the organisation of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Personne {
    /// Their account.
    pub compte: CompteId,
    /// First name.
    pub prenom: &'static str,
    /// Name, which says that nobody bears it.
    pub nom: &'static str,
    /// What they do for a living, as printed on a mandat.
    pub profession: &'static str,
    /// Their address, of a domain that reaches nobody.
    pub courriel: &'static str,
    /// What they do in the organisation.
    pub fonction: Fonction,
    /// Their team, in a large one.
    pub equipe: Option<&'static str>,
}

/// Makes that structure an organisation habilitée for every démarche, of that rank among those of the demonstration, and
/// those people its professionals; what is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn organisation(
    m: &Mandats,
    structure: StructureId,
    rang: u8,
    personnes: &[Personne],
) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les personnes fictives n’existent que dans la démonstration.").into());
    }
    m.site
        .db
        .write(async |tx| {
            habiliter(m, tx, structure, rang).await?;
            for p in personnes {
                inscrire(&m.site, tx, structure, p).await?;
            }
            Ok::<_, Failure>(())
        })
        .await?;
    match personnes.iter().find(|p| p.fonction == Fonction::Aidant) {
        Some(p) => crate::mandats::semer(m, structure, p.compte).await,
        None => Ok(()),
    }
}

async fn habiliter(m: &Mandats, tx: &Tx, structure: StructureId, rang: u8) -> Result<(), Failure> {
    if organisations::store::tenir(tx, structure).await?.is_some() {
        return Ok(());
    }
    let vue = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
    let jour = m.jour();
    let cles = legal::en_vigueur(legal::Genre::Demarches, jour)
        .map(|texte| Demarches::parmi(texte, legal::catalogue(texte).iter().map(|d| &d.cle)));
    let organisation = Organisation {
        structure,
        numero: NUMERO + i64::from(rang),
        departement: vue.commune.departement,
        region: vue.commune.region,
        demarches: cles.unwrap_or_default(),
        france_services: false,
        habilitee_le: avant(jour, 115),
        desactivee_le: None,
        version: 0,
    };
    organisations::store::enregistrer(tx, &organisation).await?;
    let line = Entry::system("organisation.demonstration", "structure", structure);
    journal::write(&m.site, tx, line).await?;
    Ok(())
}

async fn inscrire(site: &Site, tx: &Tx, structure: StructureId, p: &Personne) -> Result<(), Failure> {
    let now = site.clock.now();
    let id = match aidants::store::du_compte(tx, p.compte).await? {
        Some(a) => a.id,
        None => ecrire(site, tx, p).await?,
    };
    if aidants::store::appartenances(tx, id).await?.iter().any(|a| a.structure == structure) {
        return Ok(());
    }
    let equipe = match p.equipe {
        Some(nom) => Some(equipes::ouvrir(site, tx, structure, nom).await?),
        None => None,
    };
    let appartenance = Appartenance {
        id: AppartenanceId::new(&site.clock, &site.chance),
        aidant: id,
        structure,
        equipe,
        fonction: p.fonction,
        debut: avant(jour(&now), 110),
        fin: None,
    };
    aidants::store::ouvrir_appartenance(tx, &appartenance).await?;
    let line = Entry::system("aidant.demonstration", "aidant", id);
    journal::write(site, tx, line).await?;
    Ok(())
}

/// Trained, tested, then active, in that order: less than three months ago, so that no reminder is due.
async fn ecrire(site: &Site, tx: &Tx, p: &Personne) -> Result<AidantId, Failure> {
    let now = site.clock.now();
    let courriel = Email::parse(p.courriel).map_err(|s| Refusal::field("courriel", s))?;
    let aidant = Aidant {
        id: AidantId::new(&site.clock, &site.chance),
        compte: Some(p.compte),
        prenom: p.prenom.to_owned(),
        nom: p.nom.to_owned(),
        courriel,
        telephone: None,
        profession: p.profession.to_owned(),
        conseiller_numerique: false,
        etat: EtatAidant::Actif,
        etat_le: now - TimeDelta::days(60),
        // They read them before the doors opened.
        conditions_version: aidants::conditions::version_du_jour(jour(&now)),
        cree_le: now - TimeDelta::days(120),
        version: 0,
    };
    aidants::store::enregistrer(tx, &aidant).await?;
    let parcours = Parcours {
        forme_le: Some(avant(jour(&now), 80)).filter(|_| p.fonction.fait_mandats()),
        pix: Some((avant(jour(&now), 65), 87)).filter(|_| p.fonction.fait_mandats()),
        ..Parcours::default()
    };
    aidants::registre::ecrire_parcours(tx, aidant.id, &parcours).await?;
    Ok(aidant.id)
}

/// That many days before.
fn avant(jour: NaiveDate, jours: u64) -> NaiveDate {
    jour.checked_sub_days(Days::new(jours)).unwrap_or(jour)
}

/// People of that organisation who are on their way, and sessions of that training body to come; what is already there stays.
/// Nobody of them has an account.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn formations(
    m: &Mandats,
    organisme: StructureId,
    organisation: StructureId,
) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les personnes fictives n’existent que dans la démonstration.").into());
    }
    m.site
        .db
        .write(async |tx| {
            for (prenom, nom, courriel, etat) in [
                ("Maëlle", "Fictive-Demande", "maelle@demonstration.example", EtatAidant::Demande),
                ("Noé", "Fictif-À-Former", "noe@demonstration.example", EtatAidant::Eligible),
                ("Ophélie", "Fictive-À-Former", "ophelie@demonstration.example", EtatAidant::Eligible),
            ] {
                let courriel = Email::parse(courriel).map_err(|s| Refusal::field("courriel", s))?;
                if aidants::store::du_courriel(tx, &courriel).await?.is_some() {
                    return Ok(());
                }
                let p = aidants::vie::Personne {
                    prenom: prenom.to_owned(),
                    nom: nom.to_owned(),
                    courriel,
                    telephone: None,
                    profession: "Agente d’accueil".to_owned(),
                    conseiller_numerique: false,
                    fonction: Fonction::Aidant,
                    voie: aidants::regles::Voie::Classique,
                    formateur: None,
                };
                aidants::vie::inscrire(m, tx, &p, organisation, etat, None).await?;
            }
            crate::formations::semer(m, tx, organisme).await
        })
        .await
}

/// Meetings and targets of départements; what is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn animation(m: &Mandats) -> Result<(), Failure> {
    crate::reunions::demonstration::semer(m).await?;
    crate::objectifs::demonstration::semer(m).await
}

#[cfg(test)]
mod tests {
    use kernel::{Actor, Perimetre, Role, Verb};
    use platform::Mode;
    use testkit::TestSite;

    use super::*;

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn the_fictitious_people_act_in_the_name_of_their_organisation_and_are_written_once(t: TestSite) {
            let m = crate::essai::mandats(&t).await;
            let compte = CompteId(uuid::Uuid::from_u128(0xDE50));
            let lea = Personne {
                compte, prenom: "Léa", nom: "Fictive-Aidante", profession: "Médiatrice numérique",
                courriel: "lea@demonstration.example", fonction: Fonction::Aidant, equipe: None,
            };
            let structure = crate::essai::organisation(&t, "Autre", 77).await.structure;
            assert!(organisation(&m, structure, 0, &[lea]).await.is_err(), "this is no demonstration");
            let demo = Mandats { site: Site { mode: Mode::Demo, ..t.site.clone() }, ..m.clone() };
            for _ in 0..2 {
                organisation(&demo, structure, 0, &[lea]).await.unwrap();
            }
            let perimetre = Perimetre::Structures(vec![structure]);
            let actor = Actor { compte, role: Role::Aidant, perimetre, vu_par: None, prete: false };
            let a = aidants::agissant(&demo, t.site.db.read(), &actor, Verb::TenirMandats).await.unwrap();
            assert_eq!(a.aidant.nom_complet(), "Léa Fictive-Aidante");
            let n = platform::db::kit::count(t.site.db.read(), "SELECT COUNT(*) FROM mandat", []).await.unwrap();
            assert_eq!(n, 4, "made once");
        }
    }
}
