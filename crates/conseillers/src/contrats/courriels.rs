//! The messages about contracts, to both sides: to the main contact of the structure, days and no name of person; to the
//! person, what happens to their own post.

use annuaire::structures::StructureVue;
use platform::Tx;

use super::model::Contrat;
use super::rules::ecrit;
use crate::Conseillers;
use crate::Failure;
use crate::courriels::{a_la_personne, a_la_structure};

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
    a_la_structure(&cx.site, tx, s, "un contrat est validé", &p).await?;
    let duree = c.termes.fin.map_or("sans date de fin".to_owned(), |fin| format!("jusqu’au {}", ecrit(fin)));
    let (sujet, quoi) = match c.suite_de {
        None => ("votre contrat est validé", "Votre contrat de conseiller numérique est validé"),
        Some(_) => ("votre contrat est renouvelé", "Le renouvellement de votre contrat est validé"),
    };
    let p = [
        format!("{quoi} : {} ({}), à partir du {}, {duree}.", s.nom, s.commune.nom, ecrit(c.termes.debut)),
        "Votre poste et vos contrats se lisent dans votre espace. Vous pouvez y demander une place en formation :".to_owned(),
        mon_espace(cx),
    ];
    a_la_personne(&cx.site, tx, c.candidat, sujet, &p).await?;
    Ok(())
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
    a_la_structure(&cx.site, tx, s, "une demande est refusée", &p).await?;
    Ok(())
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
    a_la_structure(&cx.site, tx, s, "une prolongation est accordée", &p).await?;
    let p = [
        format!(
            "Votre contrat avec {} ({}) est prolongé : il finit maintenant le {fin}.",
            s.nom, s.commune.nom
        ),
        mon_espace(cx),
    ];
    a_la_personne(&cx.site, tx, c.candidat, "votre contrat est prolongé", &p).await?;
    Ok(())
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
    a_la_structure(&cx.site, tx, s, "un dossier de rupture est incomplet", &p).await?;
    Ok(())
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
    a_la_structure(&cx.site, tx, s, "une rupture est enregistrée", &p).await?;
    let p = [
        format!(
            "La rupture de votre contrat avec {} ({}) est enregistrée. Votre dernier jour est le {le}.",
            s.nom, s.commune.nom
        ),
        FIN.to_owned(),
        mon_espace(cx),
    ];
    a_la_personne(&cx.site, tx, c.candidat, "la rupture de votre contrat est enregistrée", &p).await?;
    Ok(())
}

/// A contract ended by itself.
pub(super) async fn fini(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("Un contrat de votre structure ({}) a pris fin le {fin}.", s.nom),
        "Vous pouvez encore le renouveler pendant un mois, ou chercher une autre personne :".to_owned(),
        lien(cx, c),
    ];
    a_la_structure(&cx.site, tx, s, "un contrat a pris fin", &p).await?;
    let p = [
        format!("Votre contrat avec {} ({}) a pris fin le {fin}.", s.nom, s.commune.nom),
        FIN.to_owned(),
        mon_espace(cx),
    ];
    a_la_personne(&cx.site, tx, c.candidat, "votre contrat a pris fin", &p).await?;
    Ok(())
}

/// A contract ends soon.
pub(super) async fn finira(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
    jours: u64,
) -> Result<(), Failure> {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("Un contrat de votre structure ({}) finit le {fin}, dans moins de {jours} jours.", s.nom),
        "Vous pouvez demander son renouvellement dès maintenant, ou une prolongation dans les 30 derniers jours :"
            .to_owned(),
        lien(cx, c),
    ];
    a_la_structure(&cx.site, tx, s, "un contrat finit bientôt", &p).await?;
    let p = [
        format!("Votre contrat avec {} ({}) finit le {fin}, dans moins de {jours} jours.", s.nom, s.commune.nom),
        "Votre employeur peut demander son renouvellement ou sa prolongation. Parlez-en avec lui dès maintenant.".to_owned(),
        mon_espace(cx),
    ];
    a_la_personne(&cx.site, tx, c.candidat, "votre contrat finit bientôt", &p).await?;
    Ok(())
}

/// What changes for a person whose contract is over.
const FIN: &str = "Les structures peuvent de nouveau vous trouver. Si vous ne cherchez pas de poste, mettez votre candidature en \
                   pause dans votre espace :";

fn mon_espace(cx: &Conseillers) -> String {
    cx.site.url("/mon-espace")
}
