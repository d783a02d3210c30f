//! The demonstration: fictitious people, one for each role, and the page that enters as each. The
//! routes exist only while the instance runs as a demonstration; so does the method of sign-in.

use askama::Template;
use axum::extract::State;
use kernel::ids::{CompteId, LieuId, StructureId};
use kernel::{CodeDepartement, Email, Perimetre, Refusal, Role};
use platform::Site;
use platform::web::{Access, Formulaire, PageResult, Requete, Routes, Shell, page, see_other};

use sea_orm::{ConnectionTrait, DbErr};

use crate::comptes::actions::give;
use crate::comptes::model::{Compte, Etat, Origine};
use crate::comptes::store as comptes;
use crate::connexion::pages::signed_in;
use crate::error::{Error, Result};
use crate::sessions::actions::open;
use crate::sessions::cookies::Navigateur;
use crate::sessions::model::Methode;
use crate::sessions::rules::suite_locale;
use crate::{Identity, labels};

/// Whom the demonstration knows: key of the form, name, address, role. Nobody of these names exists,
/// and `.example` addresses reach nobody (RFC 2606).
const PERSONNES: &[(&str, &str, &str, Role)] = &[
    ("nationale", "Alix Fictive-Nationale", "alix@demonstration.example", Role::AdministrateurNational),
    ("prefecture", "Bérénice Fictive-Préfecture", "berenice@demonstration.example", Role::Prefecture),
    ("structure", "Camille Fictive-Structure", "camille@demonstration.example", Role::GestionnaireStructure),
    ("lieux", "Dominique Fictif-Lieux", "dominique@demonstration.example", Role::GestionnaireLieux),
    ("hub", "Élodie Fictive-Hub", "elodie@demonstration.example", Role::Hub),
    ("reseau", "Farid Fictif-Réseau", "farid@demonstration.example", Role::GrandReseau),
    ("comite", "Hélène Fictive-Comité", "helene@demonstration.example", Role::ComiteSelection),
    ("formation", "Ibrahim Fictif-Formation", "ibrahim@demonstration.example", Role::OrganismeFormation),
    ("coordination", "Jeanne Fictive-Coordination", "jeanne@demonstration.example", Role::Coordinateur),
    ("conseiller", "Karim Fictif-Conseiller", "karim@demonstration.example", Role::Conseiller),
    ("candidature", "Inès Fictive-Candidature", "ines@demonstration.example", Role::Candidat),
    ("aidant", "Léa Fictive-Aidante", "lea@demonstration.example", Role::Aidant),
    ("itinerante", "Océane Fictive-Itinérante", "oceane@demonstration.example", Role::Aidant),
    ("referent", "Mehdi Fictif-Référent", "mehdi@demonstration.example", Role::AidantReferent),
    ("habilitation", "Nadège Fictive-Habilitation", "nadege@demonstration.example", Role::EquipeHabilitation),
    ("lecture", "Gwenaël Fictif-Lecture", "gwenael@demonstration.example", Role::Lecteur),
];

/// What the demonstration's people look after, as the demonstration's data have it.
#[derive(Clone, Debug, Default)]
pub struct Donnees {
    /// Structures of the structure's people.
    pub structures: Vec<StructureId>,
    /// Organisations Aidants Connect: the first is that of the aidant and of the référent, and who goes from one to the
    /// other acts in all.
    pub organisations: Vec<StructureId>,
    /// Network of the network's person.
    pub reseau: Option<kernel::Reseau>,
    /// Lieux of the person who keeps lieux.
    pub lieux: Vec<LieuId>,
    /// Département of the préfecture and of the coordinatrice; the hub has it too, with its neighbours.
    pub departements: Vec<CodeDepartement>,
}

/// Writes the fictitious people; what is already there stays. Roles whose scope would be empty
/// (no structure yet) are not given.
///
/// # Errors
/// When this is no demonstration, or the database does not answer.
pub async fn seed(site: &Site, donnees: &Donnees) -> Result<()> {
    if !site.is_demo() {
        return Err(Refusal::forbidden("Les personnes fictives n’existent que dans la démonstration.").into());
    }
    site.db
        .write(async |tx| {
            for (cle, nom, courriel, role) in PERSONNES {
                let courriel = Email::parse(courriel).map_err(|s| Error::field("courriel", s))?;
                let compte = match comptes::find_by_courriel(tx, &courriel).await? {
                    Some(c) => c,
                    None => {
                        let c = Compte {
                            id: CompteId::new(&site.clock, &site.chance),
                            courriel,
                            nom: (*nom).to_owned(),
                            etat: Etat::Actif,
                            cree_le: site.clock.now(),
                            vu_le: None,
                        };
                        comptes::insert(tx, &c).await?;
                        c
                    }
                };
                for perimetre in scopes(cle, *role, donnees) {
                    give(site, tx, compte.id, *role, &perimetre, None, Origine::Installation).await?;
                }
            }
            Ok(())
        })
        .await
}

/// The account of the demonstration's person of that key, as `prefecture`.
///
/// # Errors
/// When the database does not answer.
pub async fn compte(conn: &impl ConnectionTrait, cle: &str) -> Result<Option<CompteId>> {
    let Some((_, _, courriel, _)) = PERSONNES.iter().find(|(k, ..)| *k == cle) else { return Ok(None) };
    let courriel = Email::parse(courriel).map_err(|s| Error::field("courriel", s))?;
    Ok(comptes::find_by_courriel(conn, &courriel).await?.map(|c| c.id))
}

/// Whether the database holds the demonstration's people and nobody else.
///
/// # Errors
/// When the database does not answer.
pub async fn only_fictitious(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let (mut seen, mut page) = (0, 0);
    loop {
        let (some, total) = comptes::list(conn, "", page, 100).await?;
        if some.iter().any(|c| !PERSONNES.iter().any(|(_, _, known, _)| c.courriel.as_str() == *known)) {
            return Ok(false);
        }
        seen += u64::try_from(some.len()).unwrap_or(0);
        if some.is_empty() || seen >= total {
            return Ok(seen > 0);
        }
        page += 1;
    }
}

/// What that person looks after: each scope is a role of its own.
fn scopes(cle: &str, role: Role, d: &Donnees) -> Vec<Perimetre> {
    match cle {
        "itinerante" => d.organisations.iter().map(|o| Perimetre::Structures(vec![*o])).collect(),
        _ => scope(role, d).into_iter().collect(),
    }
}

fn scope(role: Role, d: &Donnees) -> Option<Perimetre> {
    let some = |p: Perimetre, empty: bool| (!empty).then_some(p);
    match role {
        Role::AdministrateurNational | Role::ComiteSelection | Role::EquipeHabilitation | Role::Lecteur => {
            Some(Perimetre::National)
        }
        Role::Aidant | Role::Referent | Role::AidantReferent => {
            Some(Perimetre::Structures(vec![*d.organisations.first()?]))
        }
        Role::Candidat | Role::Conseiller => Some(Perimetre::Soi),
        Role::Prefecture | Role::Coordinateur => {
            let one: Vec<_> = d.departements.iter().take(1).cloned().collect();
            some(Perimetre::Departements(one.clone()), one.is_empty())
        }
        Role::Hub => some(Perimetre::Departements(d.departements.clone()), d.departements.is_empty()),
        Role::GestionnaireStructure | Role::OrganismeFormation => {
            let one: Vec<_> = d.structures.iter().take(1).copied().collect();
            some(Perimetre::Structures(one.clone()), one.is_empty())
        }
        Role::GrandReseau => Some(Perimetre::Reseaux(vec![d.reseau?])),
        Role::GestionnaireLieux => some(Perimetre::Lieux(d.lieux.clone()), d.lieux.is_empty()),
    }
}

pub(crate) fn routes() -> Routes<Identity> {
    Routes::new().get("/demo/entrer", Access::Public, liste).post("/demo/entrer", Access::Public, entrer)
}

struct Personne {
    cle: &'static str,
    nom: &'static str,
    role: &'static str,
    description: &'static str,
    perimetre: String,
}

#[derive(Template)]
#[template(path = "demo/liste.html")]
struct Liste {
    shell: Shell,
    personnes: Vec<Personne>,
    /// Where to go on afterwards.
    retour: String,
}

async fn liste(State(id): State<Identity>, shell: Shell, Requete(query): Requete) -> PageResult {
    let (conn, now) = (id.site.db.read(), id.site.clock.now());
    let mut personnes = Vec::new();
    for (cle, nom, courriel, role) in PERSONNES {
        let Ok(courriel) = Email::parse(courriel) else { continue };
        let Some(compte) = comptes::find_by_courriel(conn, &courriel).await.map_err(Error::from)? else {
            continue;
        };
        let roles = comptes::en_vigueur(conn, compte.id, now).await.map_err(Error::from)?;
        let Some(held) = roles.iter().find(|r| r.role == *role) else { continue };
        let ligne = role.ligne();
        personnes.push(Personne {
            cle,
            nom,
            role: ligne.nom,
            description: ligne.description,
            perimetre: labels::perimetre(&held.perimetre),
        });
    }
    page(&Liste { shell, personnes, retour: suite_locale(Some(query.get("retour"))) })
}

async fn entrer(State(id): State<Identity>, nav: Navigateur, Formulaire(form): Formulaire) -> PageResult {
    let key = form.get("personne");
    let (_, _, courriel, _) = PERSONNES.iter().find(|(k, ..)| *k == key).ok_or(Refusal::NotFound)?;
    let courriel = Email::parse(courriel).map_err(|s| Error::field("personne", s))?;
    let site = &id.site;
    let ouverture = site
        .db
        .write(async |tx| {
            let compte = comptes::find_by_courriel(tx, &courriel).await?.ok_or(Refusal::NotFound)?;
            if compte.etat != Etat::Actif {
                return Err(Error::from(Refusal::NotFound));
            }
            open(site, tx, &compte, Methode::Demonstration, &nav, None).await
        })
        .await?;
    Ok(signed_in(&id, see_other(&suite_locale(Some(form.get("retour")))), &ouverture))
}
