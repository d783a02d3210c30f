//! Every demande of the scope as a file, with its last opinion and what the committee told. A structure reads its own, without
//! what préfectures and the committee keep to themselves.

use std::collections::HashMap;

use annuaire::structures::StructureVue;
use axum::extract::State;
use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{LOT, Liste, Lot, PageResult, Requete, Shell};
use sea_orm::DbErr;

use super::file::filtre;
use crate::Conseillers;
use crate::demandes::Demande;
use crate::demandes::store::{self, Avis};
use crate::ids::DemandeId;
use crate::selection::model::{Decision, Verdict};
use crate::selection::store as selection;

const LISTE: Liste = Liste {
    nom: "demandes",
    titres: &[
        "numero",
        "deposee_le",
        "origine",
        "structure",
        "siret_rna_ridet",
        "commune",
        "code_commune",
        "departement",
        "region",
        "zonages",
        "objet",
        "postes_demandes",
        "debut_souhaite",
        "etat",
        "decision",
        "postes_accordes",
        "decidee_le",
        "contact_prenom",
        "contact_nom",
        "contact_fonction",
        "contact_courriel",
        "contact_telephone",
        "avis",
        "avis_postes",
        "avis_accord_de_principe",
        "avis_commentaire",
        "prioritaire",
        "observations_du_referent",
    ],
};

/// What a line is written from, beside the demandes.
struct Autour {
    structures: HashMap<StructureId, StructureVue>,
    avis: HashMap<DemandeId, Avis>,
    decisions: HashMap<DemandeId, Decision>,
    /// Whether opinions, priorities and observations are for who reads.
    interne: bool,
}

impl Autour {
    async fn de(c: &Conseillers, actor: &Actor, demandes: &[Demande]) -> Result<Self, DbErr> {
        let conn = c.site.db.read();
        let ids: Vec<DemandeId> = demandes.iter().map(|d| d.id).collect();
        let interne = !matches!(actor.perimetre, Perimetre::Structures(_));
        // What an open session decided is for those who decide.
        let secretes = actor.role.has(Verb::DeciderDemandes);
        Ok(Self {
            structures: annuaire::structures::trouver(conn, demandes.iter().map(|d| d.structure)).await?,
            avis: if interne { store::derniers_avis(conn, &ids).await? } else { HashMap::new() },
            decisions: selection::dernieres(conn, &ids, secretes).await?,
            interne,
        })
    }
}

pub(super) async fn exporter(
    State(c): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site, perimetre) = (filtre(&form), c.site.clone(), actor.perimetre.clone());
    LISTE
        .envoyer(&site, &actor.clone(), (format, form.values()), move |apres| {
            let (c, actor, perimetre, filtre) = (c.clone(), actor.clone(), perimetre.clone(), filtre.clone());
            async move {
                let apres = apres.unwrap_or_default();
                let demandes = store::apres(c.site.db.read(), &perimetre, &filtre, apres, LOT).await?;
                let autour = Autour::de(&c, &actor, &demandes).await?;
                Ok(Lot::de(&demandes, LOT, |d| ligne(d, &autour), |d| d.numero))
            }
        })
        .await
}

fn ligne(d: &Demande, autour: &Autour) -> Vec<Cellule> {
    let structure = autour.structures.get(&d.structure);
    let avis = autour.avis.get(&d.id);
    let decision = autour.decisions.get(&d.id);
    let accordes = decision.and_then(|x| match x.verdict {
        Verdict::Accord { postes } => Some(i64::from(postes)),
        _ => None,
    });
    let interne = decision.filter(|_| autour.interne);
    vec![
        d.reference().into(),
        kernel::calendrier::jour(&d.deposee_le).into(),
        d.origine.nom().into(),
        d.nom.as_str().into(),
        structure.and_then(|s| s.pivot.as_ref()).map(ToString::to_string).into(),
        d.commune.1.as_str().into(),
        d.commune.0.as_str().into(),
        d.departement.as_str().into(),
        d.region.as_str().into(),
        d.zonages.join(" ; ").into(),
        d.objet.genre().nom().into(),
        i64::from(d.objet.postes()).into(),
        d.objet.debut().into(),
        d.etat.nom().into(),
        decision.map(|x| x.verdict.dit()).into(),
        accordes.into(),
        decision.map(|x| kernel::calendrier::jour(&x.le)).into(),
        d.contact.prenom.as_str().into(),
        d.contact.nom.as_str().into(),
        d.contact.fonction.as_str().into(),
        d.contact.courriel.as_str().into(),
        d.contact.telephone.lisible().into(),
        avis.map(|a| a.sens.nom()).into(),
        avis.map(|a| i64::from(a.postes)).into(),
        avis.map(|a| a.accord_principe).into(),
        avis.map(|a| a.commentaire.clone()).into(),
        interne.map(|x| x.notes.prioritaire).into(),
        interne.map(|x| x.notes.observations.clone()).into(),
    ]
}
