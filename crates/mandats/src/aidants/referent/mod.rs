//! The space of référents: their organisation, its people, its teams. Every page acts in the name of the organisation of the
//! acting role; what is of another one does not exist.

mod ajouter;
mod organisation;
mod personnes;

use kernel::Verb;
use kernel::ids::StructureId;
use platform::web::{Access, PageError, Routes, Shell};
use sea_orm::ConnectionTrait;

use super::agissant::{Agissant, agissant};
use super::model::{Aidant, Appartenance};
use super::store;
use crate::ids::AidantId;
use crate::{Failure, Mandats};

const GERER: Access = Access::May(Verb::GererAidants);
/// Where the space is.
pub(super) const BASE: &str = "/referent";

/// Every page of the space, with its access.
pub(super) fn routes(m: Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, GERER, organisation::accueil)
        .get(&at("/organisation"), GERER, organisation::fiche)
        .post(&at("/organisation"), GERER, organisation::perimetre)
        .get(&at("/equipes"), GERER, organisation::equipes)
        .post(&at("/equipes"), GERER, organisation::creer_equipe)
        .post(&at("/equipes/{equipe}/supprimer"), GERER, organisation::supprimer_equipe)
        .get(&at("/personnes"), GERER, personnes::liste)
        .get(&at("/personnes/ajouter"), GERER, ajouter::page_ajouter)
        .post(&at("/personnes/ajouter"), GERER, ajouter::ajouter)
        .get(&at("/personnes/former"), GERER, ajouter::page_former)
        .post(&at("/personnes/former"), GERER, ajouter::former)
        .get(&at("/personnes/referent"), GERER, ajouter::page_referent)
        .post(&at("/personnes/referent"), GERER, ajouter::referent)
        .get(&at("/personnes/{aidant}"), GERER, personnes::fiche)
        .post(&at("/personnes/{aidant}/fonction"), GERER, personnes::fonction)
        .post(&at("/personnes/{aidant}/desactiver"), GERER, personnes::desactiver)
        .post(&at("/personnes/{aidant}/reactiver"), GERER, personnes::reactiver)
        .post(&at("/personnes/{aidant}/retirer"), GERER, personnes::retirer)
        .post(&at("/personnes/{aidant}/rattacher"), GERER, personnes::rattacher)
        .post(&at("/personnes/{aidant}/secours"), GERER, personnes::secours)
        .post(&at("/demandes/{demande}/annuler"), GERER, personnes::annuler_demande)
        .post(&at("/propositions/{proposition}/retirer"), GERER, personnes::retirer_proposition)
        .with_state(m)
}

/// Who looks, and in the name of which organisation.
pub(crate) async fn ici(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    shell: &Shell,
) -> Result<Agissant, PageError> {
    Ok(agissant(m, conn, shell.actor()?, Verb::GererAidants).await?)
}

/// That person, if they belong to the organisation in whose name the référent acts.
async fn sienne(
    m: &Mandats,
    shell: &Shell,
    id: AidantId,
) -> Result<(Agissant, Aidant, Appartenance), PageError> {
    let conn = m.site.db.read();
    let ici = ici(m, conn, shell).await?;
    let absent = PageError::not_found;
    let appartenance = store::appartenance(conn, id, ici.organisation.structure).await?.ok_or_else(absent)?;
    let aidant = store::lire(conn, id).await?.ok_or_else(absent)?;
    Ok((ici, aidant, appartenance))
}

/// The name of an organisation and where it stands.
pub(crate) async fn nommee(m: &Mandats, structure: StructureId) -> Result<(String, String), Failure> {
    let vue = annuaire::structures::find(m.site.db.read(), structure).await?;
    Ok(vue.map_or_else(
        || ("Organisation retirée de l’annuaire".to_owned(), String::new()),
        |v| (v.nom, v.adresse),
    ))
}
