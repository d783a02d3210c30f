//! The messages about contracts, to the main contact of the structure: identifiers and days, no name of person.

use annuaire::structures::StructureVue;
use platform::Tx;
use platform::mail::{self, Message};

use super::model::Contrat;
use super::rules::ecrit;
use crate::Conseillers;
use crate::Failure;

/// Writes to the main contact of a structure; nothing when it has no address.
pub(crate) async fn a_la_structure(
    cx: &Conseillers,
    tx: &Tx,
    structure: &StructureVue,
    sujet: &str,
    paragraphes: &[String],
) -> Result<(), Failure> {
    let adresses = annuaire::structures::courriels_principaux(tx, &[structure.id]).await?;
    let Some(to) = adresses.get(&structure.id) else { return Ok(()) };
    let mut texte = vec!["Bonjour,".to_owned()];
    texte.extend(paragraphes.iter().cloned());
    let subject = format!("{} : {sujet}", cx.site.config.marque.nom);
    mail::enqueue(&cx.site, tx, &Message { to: to.clone(), subject, text: texte.join("\n\n") }).await?;
    Ok(())
}

fn lien(cx: &Conseillers, contrat: &Contrat) -> String {
    cx.site.url(&format!("/conseillers/contrats/{}", contrat.id))
}

pub(super) async fn valide(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    let p = [
        format!(
            "L’administration nationale a validé le contrat qui commence le {} ({}).",
            ecrit(c.termes.debut),
            s.nom
        ),
        lien(cx, c),
    ];
    a_la_structure(cx, tx, s, "un contrat est validé", &p).await
}

pub(super) async fn refuse(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
    motif: &str,
) -> Result<(), Failure> {
    let p = [
        format!(
            "L’administration nationale a refusé votre demande sur un contrat ({}), pour cette raison :",
            s.nom
        ),
        format!("« {motif} »"),
        "Vous pouvez la corriger et la refaire depuis la page du contrat :".to_owned(),
        lien(cx, c),
    ];
    a_la_structure(cx, tx, s, "une demande est refusée", &p).await
}

pub(super) async fn prolonge(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
) -> Result<(), Failure> {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("La prolongation est accordée : le contrat finit maintenant le {fin} ({}).", s.nom),
        lien(cx, c),
    ];
    a_la_structure(cx, tx, s, "une prolongation est accordée", &p).await
}

pub(super) async fn dossier_incomplet(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
) -> Result<(), Failure> {
    let p = [
        format!(
            "Il manque une pièce au dossier de rupture d’un contrat ({}). La rupture attend ce document.",
            s.nom
        ),
        lien(cx, c),
    ];
    a_la_structure(cx, tx, s, "un dossier de rupture est incomplet", &p).await
}

pub(super) async fn rompu(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    let le = c.periode().fin.map(ecrit).unwrap_or_default();
    let p = [
        format!(
            "La rupture du contrat est enregistrée, au {le} ({}). Le poste est de nouveau vacant.",
            s.nom
        ),
        lien(cx, c),
    ];
    a_la_structure(cx, tx, s, "une rupture est enregistrée", &p).await
}
