//! The messages about contracts, to both sides: to the main contact of the structure, days and no name of person; to the
//! person, what happens to their own post.

use annuaire::structures::StructureVue;
use kernel::CodeDepartement;
use platform::mail::{Genre, Portee};
use platform::{Site, Tx};

use super::model::Contrat;
use super::rules::ecrit;
use crate::Conseillers;
use crate::Failure;
use crate::courriels::{Texte, a_la_personne, a_la_structure};
use crate::exemples;

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[
    &VALIDE,
    &VALIDE_PERSONNE,
    &REFUSE,
    &PROLONGE,
    &PROLONGE_PERSONNE,
    &DOSSIER_INCOMPLET,
    &ROMPU,
    &ROMPU_PERSONNE,
    &FINIRA,
    &FINIRA_PERSONNE,
    &FINI,
    &FINI_PERSONNE,
    &FINS,
    &VACANT,
];

const STRUCTURE: &str = "Le premier contact de la structure";
const PERSONNE: &str = "La personne du contrat";

/// What ends the reminders of an end.
const FIN_ARRET: &str = "Un message à 90, 60 et 30 jours, une seule fois chacun ; plus aucun dès que le contrat est renouvelé, prolongé ou \
                         rompu.";

fn lien(site: &Site, contrat: &Contrat) -> String {
    site.url(&format!("/conseillers/contrats/{}", contrat.id))
}

fn mon_espace(site: &Site) -> String {
    site.url("/mon-espace")
}

/// What changes for a person whose contract is over.
const FIN: &str = "Les structures peuvent de nouveau vous trouver. Si vous ne cherchez pas de poste, mettez votre candidature en \
                   pause dans votre espace :";

pub(super) async fn valide(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    a_la_structure(&cx.site, tx, s, valide_texte(&cx.site, s, c)).await?;
    Ok(a_la_personne(&cx.site, tx, c.candidat, valide_personne(&cx.site, s, c)).await?)
}

static VALIDE: Genre = Genre {
    cle: "contrat.valide",
    nom: "Un contrat est validé",
    occasion: "L’administration valide un contrat",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(valide_texte(site, &exemples::structure()?, &exemples::contrat()?).a_tous(site, a))
    },
};

fn valide_texte(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let debut = ecrit(c.termes.debut);
    let dit = format!("L’administration nationale a validé le contrat qui commence le {debut} ({}).", s.nom);
    Texte::new(&VALIDE, "un contrat est validé", [dit, lien(site, c)])
}

static VALIDE_PERSONNE: Genre = Genre {
    cle: "contrat.valide_personne",
    nom: "Votre contrat est validé",
    occasion: "L’administration valide un contrat, ou son renouvellement",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(valide_personne(site, &exemples::structure()?, &exemples::contrat()?).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

fn valide_personne(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let duree = c.termes.fin.map_or("sans date de fin".to_owned(), |fin| format!("jusqu’au {}", ecrit(fin)));
    let (sujet, quoi) = match c.suite_de {
        None => ("votre contrat est validé", "Votre contrat de conseiller numérique est validé"),
        Some(_) => ("votre contrat est renouvelé", "Le renouvellement de votre contrat est validé"),
    };
    let p = [
        format!("{quoi} : {} ({}), à partir du {}, {duree}.", s.nom, s.commune.nom, ecrit(c.termes.debut)),
        "Votre poste et vos contrats se lisent dans votre espace. Vous pouvez y demander une place en formation :".to_owned(),
        mon_espace(site),
    ];
    Texte::new(&VALIDE_PERSONNE, sujet, p)
}

pub(super) async fn refuse(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
    motif: &str,
) -> Result<(), Failure> {
    Ok(a_la_structure(&cx.site, tx, s, refuse_texte(&cx.site, s, c, motif)).await?)
}

static REFUSE: Genre = Genre {
    cle: "contrat.refuse",
    nom: "Une demande sur un contrat est refusée",
    occasion: "L’administration refuse un contrat, une prolongation ou un renouvellement",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(
            refuse_texte(
                site,
                &exemples::structure()?,
                &exemples::contrat()?,
                "La date de fin manque sur le contrat signé.",
            )
            .a_tous(site, a),
        )
    },
};

fn refuse_texte(site: &Site, s: &StructureVue, c: &Contrat, motif: &str) -> Texte {
    let p = [
        format!(
            "L’administration nationale a refusé votre demande sur un contrat ({}), pour cette raison :",
            s.nom
        ),
        format!("« {motif} »"),
        "Vous pouvez la corriger et la refaire depuis la page du contrat :".to_owned(),
        lien(site, c),
    ];
    Texte::new(&REFUSE, "une demande est refusée", p)
}

pub(super) async fn prolonge(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
) -> Result<(), Failure> {
    a_la_structure(&cx.site, tx, s, prolonge_texte(&cx.site, s, c)).await?;
    Ok(a_la_personne(&cx.site, tx, c.candidat, prolonge_personne(&cx.site, s, c)).await?)
}

static PROLONGE: Genre = Genre {
    cle: "contrat.prolonge",
    nom: "Une prolongation est accordée",
    occasion: "L’administration accorde une prolongation",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(prolonge_texte(site, &exemples::structure()?, &exemples::contrat()?).a_tous(site, a))
    },
};

fn prolonge_texte(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let dit = format!("La prolongation est accordée : le contrat finit maintenant le {fin} ({}).", s.nom);
    Texte::new(&PROLONGE, "une prolongation est accordée", [dit, lien(site, c)])
}

static PROLONGE_PERSONNE: Genre = Genre {
    cle: "contrat.prolonge_personne",
    nom: "Votre contrat est prolongé",
    occasion: "L’administration accorde une prolongation",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(prolonge_personne(site, &exemples::structure()?, &exemples::contrat()?).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

fn prolonge_personne(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let dit = format!(
        "Votre contrat avec {} ({}) est prolongé : il finit maintenant le {fin}.",
        s.nom, s.commune.nom
    );
    Texte::new(&PROLONGE_PERSONNE, "votre contrat est prolongé", [dit, mon_espace(site)])
}

pub(super) async fn dossier_incomplet(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
) -> Result<(), Failure> {
    Ok(a_la_structure(&cx.site, tx, s, dossier_incomplet_texte(&cx.site, s, c)).await?)
}

static DOSSIER_INCOMPLET: Genre = Genre {
    cle: "contrat.dossier_incomplet",
    nom: "Il manque une pièce au dossier de rupture",
    occasion: "L’administration dit qu’un dossier de rupture est incomplet",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(dossier_incomplet_texte(site, &exemples::structure()?, &exemples::contrat()?).a_tous(site, a))
    },
};

fn dossier_incomplet_texte(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let dit = format!(
        "Il manque une pièce au dossier de rupture d’un contrat ({}). La rupture attend ce document.",
        s.nom
    );
    Texte::new(&DOSSIER_INCOMPLET, "un dossier de rupture est incomplet", [dit, lien(site, c)])
}

pub(super) async fn rompu(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    a_la_structure(&cx.site, tx, s, rompu_texte(&cx.site, s, c)).await?;
    Ok(a_la_personne(&cx.site, tx, c.candidat, rompu_personne(&cx.site, s, c)).await?)
}

static ROMPU: Genre = Genre {
    cle: "contrat.rompu",
    nom: "Une rupture est enregistrée",
    occasion: "L’administration enregistre une rupture",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(rompu_texte(site, &exemples::structure()?, &exemples::contrat()?).a_tous(site, a)),
};

fn rompu_texte(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let le = c.periode().fin.map(ecrit).unwrap_or_default();
    let dit = format!(
        "La rupture du contrat est enregistrée, au {le} ({}). Le poste est de nouveau vacant.",
        s.nom
    );
    Texte::new(&ROMPU, "une rupture est enregistrée", [dit, lien(site, c)])
}

static ROMPU_PERSONNE: Genre = Genre {
    cle: "contrat.rompu_personne",
    nom: "La rupture de votre contrat est enregistrée",
    occasion: "L’administration enregistre une rupture",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(rompu_personne(site, &exemples::structure()?, &exemples::contrat()?).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

fn rompu_personne(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let le = c.periode().fin.map(ecrit).unwrap_or_default();
    let dit = format!(
        "La rupture de votre contrat avec {} ({}) est enregistrée. Votre dernier jour est le {le}.",
        s.nom, s.commune.nom
    );
    Texte::new(
        &ROMPU_PERSONNE,
        "la rupture de votre contrat est enregistrée",
        [dit, FIN.to_owned(), mon_espace(site)],
    )
}

/// A contract ended by itself.
pub(super) async fn fini(cx: &Conseillers, tx: &Tx, s: &StructureVue, c: &Contrat) -> Result<(), Failure> {
    a_la_structure(&cx.site, tx, s, fini_texte(&cx.site, s, c)).await?;
    Ok(a_la_personne(&cx.site, tx, c.candidat, fini_personne(&cx.site, s, c)).await?)
}

static FINI: Genre = Genre {
    cle: "contrat.fini",
    nom: "Un contrat a pris fin",
    occasion: "Le lendemain du dernier jour d’un contrat que rien ne suit",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(fini_texte(site, &exemples::structure()?, &exemples::contrat()?).a_tous(site, a)),
};

fn fini_texte(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("Un contrat de votre structure ({}) a pris fin le {fin}.", s.nom),
        "Vous pouvez encore le renouveler pendant un mois, ou chercher une autre personne :".to_owned(),
        lien(site, c),
    ];
    Texte::new(&FINI, "un contrat a pris fin", p)
}

static FINI_PERSONNE: Genre = Genre {
    cle: "contrat.fini_personne",
    nom: "Votre contrat a pris fin",
    occasion: "Le lendemain du dernier jour d’un contrat que rien ne suit",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(fini_personne(site, &exemples::structure()?, &exemples::contrat()?).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

fn fini_personne(site: &Site, s: &StructureVue, c: &Contrat) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let dit = format!("Votre contrat avec {} ({}) a pris fin le {fin}.", s.nom, s.commune.nom);
    Texte::new(&FINI_PERSONNE, "votre contrat a pris fin", [dit, FIN.to_owned(), mon_espace(site)])
}

/// A contract ends soon.
pub(super) async fn finira(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    c: &Contrat,
    jours: u64,
) -> Result<(), Failure> {
    a_la_structure(&cx.site, tx, s, finira_texte(&cx.site, s, c, jours)).await?;
    Ok(a_la_personne(&cx.site, tx, c.candidat, finira_personne(&cx.site, s, c, jours)).await?)
}

static FINIRA: Genre = Genre {
    cle: "contrat.finira",
    nom: "Un contrat finit bientôt",
    occasion: "90, 60 et 30 jours avant la fin d’un contrat",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: Some(FIN_ARRET),
    apercu: |site, a| {
        Some(finira_texte(site, &exemples::structure()?, &exemples::contrat()?, 90).a_tous(site, a))
    },
};

fn finira_texte(site: &Site, s: &StructureVue, c: &Contrat, jours: u64) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("Un contrat de votre structure ({}) finit le {fin}, dans moins de {jours} jours.", s.nom),
        "Vous pouvez demander son renouvellement dès maintenant, ou une prolongation dans les 30 derniers jours :"
            .to_owned(),
        lien(site, c),
    ];
    Texte::new(&FINIRA, "un contrat finit bientôt", p)
}

static FINIRA_PERSONNE: Genre = Genre {
    cle: "contrat.finira_personne",
    nom: "Votre contrat finit bientôt",
    occasion: "90, 60 et 30 jours avant la fin d’un contrat",
    lecteur: PERSONNE,
    portee: Portee::Informe,
    arret: Some(FIN_ARRET),
    apercu: |site, a| {
        Some(finira_personne(site, &exemples::structure()?, &exemples::contrat()?, 90).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

fn finira_personne(site: &Site, s: &StructureVue, c: &Contrat, jours: u64) -> Texte {
    let fin = c.termes.fin.map(ecrit).unwrap_or_default();
    let p = [
        format!("Votre contrat avec {} ({}) finit le {fin}, dans moins de {jours} jours.", s.nom, s.commune.nom),
        "Votre employeur peut demander son renouvellement ou sa prolongation. Parlez-en avec lui dès maintenant.".to_owned(),
        mon_espace(site),
    ];
    Texte::new(&FINIRA_PERSONNE, "votre contrat finit bientôt", p)
}

static FINS: Genre = Genre {
    cle: "contrat.fins_du_departement",
    nom: "Des contrats finissent dans le département",
    occasion: "Un contrat du département finit dans 90, 60 ou 30 jours, ou a pris fin ; un message par jour au plus",
    lecteur: "La préfecture du département",
    portee: Portee::Informe,
    arret: Some(FIN_ARRET),
    apercu: |site, a| {
        let lignes = ["- Mairie de Guéret : 28 février 2027".to_owned()];
        Some(fins(site, &exemples::departement()?, &lignes).a_tous(site, a))
    },
};

/// Contracts of a département that end soon, or ended: one line each.
pub(super) fn fins(site: &Site, departement: &CodeDepartement, lignes: &[String]) -> Texte {
    let p = [
        format!(
            "Contrats de conseillers numériques du département {departement} qui finissent dans les 90 jours, ou ont pris fin :"
        ),
        lignes.join("\n"),
        site.url("/conseillers/postes"),
    ];
    Texte::new(&FINS, "des contrats finissent", p)
}

static VACANT: Genre = Genre {
    cle: "poste.vacant",
    nom: "Un poste reste vacant",
    occasion: "60, 30 et 7 jours avant le jour où l’administration peut reprendre un poste vacant, et ce jour-là",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: Some(
        "Chaque message part une seule fois ; plus aucun dès qu’un contrat est validé ou que le poste est rendu.",
    ),
    apercu: |site, a| {
        Some(vacant(site, &exemples::structure()?, "CN-31", &ecrit(exemples::jour(90)?)).a_tous(site, a))
    },
};

/// A post stays vacant, and may be taken back from that day.
pub(super) fn vacant(site: &Site, s: &StructureVue, reference: &str, echeance: &str) -> Texte {
    let p = [
        format!("Le poste {reference} de votre structure ({}) est vacant.", s.nom),
        format!("Sans contrat validé, l’administration peut le reprendre à partir du {echeance}."),
        site.url("/conseillers"),
    ];
    Texte::new(&VACANT, "un poste reste vacant", p)
}
