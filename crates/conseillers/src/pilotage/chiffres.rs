//! The counts of the programme as it is now, within the scope of who reads: each is what a list of the site would count.

use kernel::{Actor, Verb};
use sea_orm::DbErr;

use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::contrats::store::liste as contrats;
use crate::demandes::{self, Etat};
use crate::formation;
use crate::matching::relations;
use crate::postes;

/// Counts of one thing, by state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rubrique {
    /// What is counted.
    pub(super) nom: &'static str,
    /// How it is counted.
    pub(super) definition: &'static str,
    /// Where the list is, and who may read it.
    pub(super) liste: Option<(&'static str, Verb)>,
    /// State, how many, and how many posts they are about when it makes sense.
    pub(super) lignes: Vec<(String, i64, Option<i64>)>,
}

impl Rubrique {
    /// Whether its lines are about posts.
    pub(super) fn postes(&self) -> bool {
        self.lignes.iter().any(|(_, _, postes)| postes.is_some())
    }
}

/// Every count, in the order of the life of a post.
///
/// # Errors
/// Without the verb; the database.
pub(super) async fn chiffres(c: &Conseillers, actor: &Actor) -> Result<Vec<Rubrique>, Failure> {
    actor.may(Verb::VoirPilotage)?;
    Ok(vec![
        demandes_par_etat(c, actor).await?,
        contacts_par_etat(c, actor).await?,
        contrats_par_situation(c, actor).await?,
        formes(c, actor).await?,
        comptes(c, actor).await?,
    ])
}

async fn demandes_par_etat(c: &Conseillers, actor: &Actor) -> Result<Rubrique, DbErr> {
    let lus = demandes::store::par_etat(c.site.db.read(), &actor.perimetre).await?;
    let ligne = |cle: &str| {
        let (n, postes) =
            lus.iter().find(|(e, _, _)| e == cle).map_or((0, 0), |(_, n, postes)| (*n, *postes));
        (Etat::nom_de(cle).to_owned(), n, Some(postes))
    };
    Ok(Rubrique {
        nom: "Demandes de postes",
        definition: "Toutes les demandes reçues, par état ; et les postes qu’elles demandent.",
        liste: Some(("/conseillers/demandes", Verb::VoirDemandes)),
        lignes: Etat::CLES.map(ligne).to_vec(),
    })
}

async fn contacts_par_etat(c: &Conseillers, actor: &Actor) -> Result<Rubrique, DbErr> {
    let lus = relations::store::par_etat(c.site.db.read(), &actor.perimetre).await?;
    let ligne = |e: relations::Etat| {
        let n = lus.iter().find(|(cle, _)| cle == e.cle()).map_or(0, |(_, n)| *n);
        (e.nom().to_owned(), n, None)
    };
    Ok(Rubrique {
        nom: "Contacts entre structures et candidats",
        definition: "Chaque structure et chaque personne qu’elle a contactée comptent pour un, dans leur dernier état.",
        liste: None,
        lignes: relations::Etat::TOUS.map(ligne).to_vec(),
    })
}

async fn contrats_par_situation(c: &Conseillers, actor: &Actor) -> Result<Rubrique, DbErr> {
    let lus = contrats::par_situation(c.site.db.read(), &actor.perimetre, c.jour()).await?;
    Ok(Rubrique {
        nom: "Contrats",
        definition: "Tous les contrats saisis, par situation aujourd’hui. Un renouvellement est un autre contrat.",
        liste: Some(("/conseillers/contrats/tous", Verb::VoirPostes)),
        lignes: lus.into_iter().map(|(s, n)| (s.nom().to_owned(), n, None)).collect(),
    })
}

async fn formes(c: &Conseillers, actor: &Actor) -> Result<Rubrique, DbErr> {
    let (suivies, titres) = formation::formes(c.site.db.read(), &actor.perimetre).await?;
    let mut lignes = vec![("Personnes qui ont suivi une formation jusqu’au bout".to_owned(), suivies, None)];
    lignes.extend(titres.into_iter().map(|(t, n)| (format!("Ont obtenu : {}", t.nom()), n, None)));
    Ok(Rubrique {
        nom: "Formation",
        definition: "Personnes qui occupent ou ont occupé un poste ; chacune compte une fois par ligne.",
        liste: None,
        lignes,
    })
}

async fn comptes(c: &Conseillers, actor: &Actor) -> Result<Rubrique, DbErr> {
    let (conn, jour) = (c.site.db.read(), c.jour());
    let tous = candidats::comptes_en_poste(conn, &actor.perimetre, jour).await?;
    let en_poste = i64::try_from(tous.len()).unwrap_or(i64::MAX);
    let invites: Vec<_> = tous.into_iter().flatten().collect();
    let ouverts = identity::ouverts(conn, &invites).await?;
    let postes = postes::store::bilan(conn, &actor.perimetre, jour).await?.ouverts;
    let mut lignes = vec![
        ("Personnes en poste".to_owned(), en_poste, None),
        ("Ont un compte".to_owned(), i64::try_from(invites.len()).unwrap_or(i64::MAX), None),
        ("L’ont ouvert au moins une fois".to_owned(), ouverts, None),
    ];
    if postes > 0 {
        let taux = ouverts * 100 / postes;
        lignes.push(("Taux d’activation, en %".to_owned(), taux, None));
    }
    Ok(Rubrique {
        nom: "Comptes et activation",
        definition: "Taux d’activation : personnes en poste qui ont ouvert leur compte, rapportées aux postes accordés et non \
                     rendus.",
        liste: None,
        lignes,
    })
}
