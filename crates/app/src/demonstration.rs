//! The fictitious programme of the demonstration, written once in an empty database through the
//! same doors as a real one.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use annuaire::Annuaire;
use annuaire::demonstration::{colonnes, lieux_fictifs, reprise_fictive};
use annuaire::lieux::import::{Demande, importe};
use annuaire::structures;
use conseillers::Conseillers;
use conseillers::demonstration::Personnes;
use kernel::CodeDepartement;
use kernel::ids::{LieuId, StructureId};
use mandats::Mandats;
use mandats::aidants::Fonction;
use mandats::demonstration::{Personne, nationale};
use platform::Site;
use platform::journal::{self, Entry};
use sea_orm::DbErr;

use crate::outcome::{Failure, Outcome};

/// How many fictitious lieux: one for about 17 000 inhabitants, so that blank zones are seen too.
const LIEUX: usize = 4_000;
/// Seed of the draw: the same lieux each time.
const GRAINE: u64 = 2_020;

/// Ranks of the structures of the demonstration that are habilitées Aidants Connect: some that have a SIRET.
const ORGANISATIONS: [usize; 2] = [2, 3];

/// Verb of the journal line that makes a database one of the demonstration.
const OPENED: &str = "demonstration.ouvrir";

/// Refuses a database that somebody uses for real: its fictitious administrators would be real ones. The
/// first line of the journal of a demonstration says what it is.
async fn ours(site: &Site) -> Outcome {
    let fresh = journal::page(site.db.read(), &journal::Query { limit: 1, ..Default::default() }).await?;
    let opened = journal::Query { subject: Some("demonstration".to_owned()), limit: 1, ..Default::default() };
    if !journal::page(site.db.read(), &opened).await?.is_empty() {
        return Ok(());
    }
    // Those of before this line was written hold nobody but fictitious people.
    if !fresh.is_empty() && !identity::demo::only_fictitious(site.db.read()).await? {
        return Err(Failure::Refused(
            "cette base n’est pas celle d’une démonstration : elle contient déjà des données. Rien n’y a été écrit. \
             Donnez une base neuve, ou lancez « maillage serve »."
                .to_owned(),
        ));
    }
    let line = Entry::system(OPENED, "demonstration", "");
    site.db.write(async |tx| journal::write(site, tx, line).await).await?;
    Ok(())
}

/// Fills the database; what is already there stays.
pub(crate) async fn seed(conseillers: &Conseillers, mandats: &Mandats, petite: bool) -> Outcome {
    let annuaire = &conseillers.annuaire;
    let site = &annuaire.site;
    ours(site).await?;
    if premiers_lieux(site, 1).await?.is_empty() {
        lieux(annuaire).await?;
    }
    let territoires = annuaire.territoires();
    let structures = site.db.write(async |tx| structures::demo(site, tx, &territoires).await).await?;
    let donnees = identity::demo::Donnees {
        structures: structures.iter().copied().take(3).collect(),
        organisations: ORGANISATIONS.iter().filter_map(|rang| structures.get(*rang).copied()).collect(),
        reseau: kernel::Reseau::parse(structures::RESEAU_DE_DEMONSTRATION),
        lieux: premiers_lieux(site, 3).await?,
        departements: CodeDepartement::parse("23").into_iter().collect(),
    };
    let refused = |e: identity::Error| Failure::Refused(e.to_string());
    identity::demo::seed(site, &donnees).await.map_err(refused)?;
    let personnes = Personnes {
        structures: donnees.structures.clone(),
        conseiller: identity::demo::compte(site.db.read(), "conseiller").await.map_err(refused)?,
        candidat: identity::demo::compte(site.db.read(), "candidature").await.map_err(refused)?,
        nationale: identity::demo::compte(site.db.read(), "nationale").await.map_err(refused)?,
        prefecture: identity::demo::compte(site.db.read(), "prefecture").await.map_err(refused)?,
    };
    conseillers::demonstration::semer(conseillers, conseillers::demonstration::NATIONALE, &personnes).await?;
    if let [organisation, seconde] = donnees.organisations[..] {
        aidants_connect(mandats, organisation, seconde).await?;
        // The training body of the demonstration looks after the first structure.
        if let Some(organisme) = donnees.structures.first() {
            mandats::demonstration::formations(mandats, *organisme, organisation)
                .await
                .map_err(|e| Failure::Refused(e.to_string()))?;
        }
    }
    mandats::demonstration::animation(mandats).await.map_err(|e| Failure::Refused(e.to_string()))?;
    mandats::fournisseur::demonstration::semer(mandats).await.map_err(|e| Failure::Refused(e.to_string()))?;
    let taille = if petite { nationale::PETITE } else { nationale::NATIONALE };
    nationale::semer(mandats, taille).await.map_err(|e| Failure::Refused(e.to_string()))?;
    Ok(())
}

/// Who acts in the name of the organisations: key of the account, first name, name, profession, address, function, team.
type Ligne =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Fonction, Option<&'static str>);

#[rustfmt::skip]
const AIDANTS: [Ligne; 3] = [
    ("aidant", "Léa", "Fictive-Aidante", "Médiatrice numérique", "lea@demonstration.example", Fonction::Aidant, None),
    ("itinerante", "Océane", "Fictive-Itinérante", "Conseillère numérique itinérante", "oceane@demonstration.example", Fonction::Aidant, Some("Permanences itinérantes")),
    ("referent", "Mehdi", "Fictif-Référent", "Responsable de la médiation numérique", "mehdi@demonstration.example", Fonction::AidantReferent, None),
];

/// Makes organisations habilitées of those structures; one person goes from the first to the second.
async fn aidants_connect(mandats: &Mandats, premiere: StructureId, seconde: StructureId) -> Outcome {
    let refused = |e: identity::Error| Failure::Refused(e.to_string());
    let refused_here = |e: mandats::Failure| Failure::Refused(e.to_string());
    let mut personnes = Vec::new();
    for (cle, prenom, nom, profession, courriel, fonction, equipe) in AIDANTS {
        let compte = identity::demo::compte(mandats.site.db.read(), cle).await.map_err(refused)?;
        personnes.extend(compte.map(|compte| Personne {
            compte,
            prenom,
            nom,
            profession,
            courriel,
            fonction,
            equipe,
        }));
    }
    mandats::demonstration::organisation(mandats, premiere, 0, &personnes).await.map_err(refused_here)?;
    let itinerantes: Vec<Personne> = personnes
        .into_iter()
        .filter_map(|p| p.equipe.is_some().then_some(Personne { equipe: None, ..p }))
        .collect();
    mandats::demonstration::organisation(mandats, seconde, 1, &itinerantes).await.map_err(refused_here)?;
    if let Some(agent) =
        identity::demo::compte(mandats.site.db.read(), "habilitation").await.map_err(refused)?
    {
        mandats::habilitations::demonstration::semer(mandats, agent).await.map_err(refused_here)?;
    }
    Ok(())
}

/// The first lieux, `n` at most.
async fn premiers_lieux(site: &Site, n: usize) -> Result<Vec<LieuId>, DbErr> {
    enum Arret {
        Assez,
        Base(DbErr),
    }
    impl From<DbErr> for Arret {
        fn from(error: DbErr) -> Self {
            Self::Base(error)
        }
    }
    let mut ids = Vec::new();
    let fini = annuaire::lieux::parcours(site.db.read(), |lieu| {
        ids.push(lieu.id);
        if ids.len() < n { Ok(()) } else { Err(Arret::Assez) }
    })
    .await;
    match fini {
        Ok(()) | Err(Arret::Assez) => Ok(ids),
        Err(Arret::Base(error)) => Err(error),
    }
}

/// Delivers the lieux as two files of the standard, by the ordinary import: the second repeats one lieu in a hundred.
async fn lieux(annuaire: &Annuaire) -> Outcome {
    let territoires = annuaire.territoires();
    let premier = fichier(lieux_fictifs(&territoires, LIEUX, GRAINE))?;
    livre(annuaire, "lieux-fictifs.csv", None, premier).await?;
    let second = fichier(reprise_fictive(&territoires, LIEUX, GRAINE))?;
    livre(annuaire, "reseau-fictif.csv", Some("Réseau fictif".to_owned()), second).await
}

/// A file of the standard, rewound.
fn fichier(mut lignes: impl Iterator<Item = Vec<String>>) -> Result<File, Failure> {
    let mut file = tempfile::tempfile()?;
    let mut csv = csv::Writer::from_writer(&mut file);
    csv.write_record(colonnes())
        .and_then(|()| lignes.try_for_each(|ligne| csv.write_record(&ligne)))
        .map_err(|e| Failure::Refused(e.to_string()))?;
    csv.flush()?;
    drop(csv);
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

async fn livre(annuaire: &Annuaire, nom: &str, source: Option<String>, fichier: File) -> Outcome {
    let site = &annuaire.site;
    let demande = Demande { source, ..Demande::du_standard(nom, fichier, site) };
    importe(site, annuaire.territoires(), demande, Arc::new(|_| ()))
        .await
        .map(|_| ())
        .map_err(|e| Failure::Refused(format!("les lieux fictifs ne peuvent être écrits : {e}")))
}

#[cfg(test)]
mod tests {
    use platform::Mode;
    use testkit::TestSite;

    use super::*;

    testkit::on_both_engines! {
        migrations: crate::wiring::migrations();

        async fn a_base_in_use_is_refused(t: TestSite) {
            identity::inviter(&t.site, "vraie@exemple.fr", None, "lecteur", &[], None).await.unwrap();
            let demo = Site { mode: Mode::Demo, ..t.site.clone() };
            assert!(matches!(ours(&demo).await, Err(Failure::Refused(s)) if s.contains("démonstration")));
            // Seeded by mistake before this was refused: still a base in use.
            identity::demo::seed(&demo, &identity::demo::Donnees::default()).await.unwrap();
            assert!(ours(&demo).await.is_err());
            let subject = Some("demonstration".to_owned());
            let query = journal::Query { subject, limit: 1, ..Default::default() };
            assert!(journal::page(demo.db.read(), &query).await.unwrap().is_empty());
        }

        async fn a_new_base_and_one_of_the_demonstration_are_taken(t: TestSite) {
            let demo = Site { mode: Mode::Demo, ..t.site.clone() };
            assert!(ours(&demo).await.is_ok());
            // Whoever tries the demonstration invites people.
            identity::inviter(&t.site, "vraie@exemple.fr", None, "lecteur", &[], None).await.unwrap();
            assert!(ours(&demo).await.is_ok(), "it was opened as a demonstration");
        }

        async fn a_demonstration_of_before_is_known_by_its_people(t: TestSite) {
            let demo = Site { mode: Mode::Demo, ..t.site.clone() };
            identity::demo::seed(&demo, &identity::demo::Donnees::default()).await.unwrap();
            let line = Entry::system("structure.demonstration", "structure", "");
            demo.db.write(async |tx| journal::write(&demo, tx, line).await).await.unwrap();
            assert!(ours(&demo).await.is_ok());
        }
    }
}
