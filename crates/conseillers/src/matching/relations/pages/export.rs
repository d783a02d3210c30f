//! What a structure takes away: whom it can meet, without a name, and its contacts, by name once they agreed.

use annuaire::structures::StructureVue;
use axum::extract::State;
use kernel::Refusal;
use kernel::ids::StructureId;
use platform::tableur::{Cellule, Format};
use platform::web::{Liste, Lot, PageError, PageResult, Requete, Shell};

use super::contacts;
use super::filtres::Filtres;
use super::liste::poids;
use crate::Conseillers;
use crate::candidats;
use crate::contrats::lecture::employeurs;
use crate::matching::relations::ordre::{Quand, classer};
use crate::matching::relations::{Relation, actions, marques, store};

const A_RENCONTRER: Liste = Liste {
    nom: "candidats-a-rencontrer",
    titres: &[
        "reference",
        "commune",
        "departement",
        "distance_km",
        "mobilite",
        "disponible_le",
        "situation",
        "pix",
        "cv",
        "depose_le",
        "dernier_signe",
        "points",
    ],
};

/// The structure of the address, among those of the actor; the first of them without one.
fn choisie(structures: Vec<StructureVue>, voulue: &str) -> Result<StructureVue, Refusal> {
    let id: Option<StructureId> = voulue.parse().ok();
    structures.into_iter().find(|s| id.is_none_or(|id| s.identites.contains(&id))).ok_or(Refusal::NotFound)
}

/// The list comes from memory, as the page does: one batch, of lines without a name.
pub(super) async fn candidats(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(mut form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    let s = choisie(employeurs(&cx, actor).await?, form.get("structure"))?;
    let conn = cx.site.db.read();
    let mut lignes = Vec::new();
    let filtres = Filtres::lire(&mut form, conn).await?;
    let postes = actions::a_pourvoir(&cx, conn, &s).await?;
    let mission = actions::mission(&cx, conn, &postes).await?;
    if let Some(ici) = actions::position(&cx, &s).filter(|_| !postes.is_empty()) {
        let index = cx.candidats.index(&cx.site).await?;
        let marques = marques::de_structure(conn, &s.identites).await?;
        let relations = store::de_structure(conn, &s.identites).await?;
        let deja: std::collections::HashSet<_> =
            relations.into_iter().filter(Relation::hors_de_la_liste).map(|r| r.candidat).collect();
        let quand = Quand { debut: mission.unwrap_or(cx.jour()), now: cx.site.clock.now() };
        let gardes = index.rencontrables(ici, &s.commune.departement).filter(|r| {
            let id = &r.candidat.id;
            !deja.contains(id) && filtres.garde((r.candidat, r.km), marques.get(id), mission)
        });
        for l in classer(gardes, poids(&form), &quand) {
            let c = l.rencontre.candidat;
            lignes.push(vec![
                c.reference().into(),
                c.commune.nom.clone().into(),
                c.commune.departement.to_string().into(),
                Cellule::Nombre(l.rencontre.km.round() as i64),
                c.rayon.libelle().to_string().into(),
                c.disponible_le.into(),
                c.situations.lisible().into(),
                c.pix.as_ref().map(|p| p.lisible()).into(),
                c.cv.into(),
                kernel::calendrier::jour(&c.depose_le).into(),
                kernel::calendrier::jour(&c.vu_le).into(),
                // Tenths of points, as the page counts them.
                Cellule::Centimes(i64::from(l.points.iter().sum::<u32>()) * 10),
            ]);
        }
    }
    une_fois(A_RENCONTRER, &cx, &shell, (format, form.values()), lignes).await
}

const MES_CONTACTS: Liste = Liste {
    nom: "contacts",
    titres: &[
        "personne",
        "courriel",
        "telephone",
        "structure",
        "etat",
        "propose_le",
        "reponse_avant",
        "resultat_d_entretien",
    ],
};

pub(super) async fn contacts(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let (conn, actor) = (cx.site.db.read(), shell.actor()?);
    let mut lignes = Vec::new();
    for s in employeurs(&cx, actor).await? {
        let relations = store::de_structure(conn, &s.identites).await?;
        let noms = contacts::nommer(&cx, actor, &relations).await?;
        let devoiles: Vec<_> = relations.iter().filter(|r| r.devoilee()).map(|r| r.candidat).collect();
        let connus = candidats::lire_coordonnees(&cx.site, actor, &devoiles).await?;
        for r in relations {
            let qui = connus.get(&r.candidat).filter(|_| r.devoilee());
            lignes.push(vec![
                noms.get(&r.candidat).cloned().into(),
                qui.as_ref().map(|q| q.courriel.to_string()).into(),
                qui.as_ref().and_then(|q| q.telephone.as_ref()).map(|t| t.lisible().to_string()).into(),
                s.nom.clone().into(),
                r.etat.nom().into(),
                kernel::calendrier::jour(&r.proposee_le).into(),
                r.repondre_avant.into(),
                r.resultat.map(|res| res.nom()).into(),
            ]);
        }
    }
    une_fois(MES_CONTACTS, &cx, &shell, (format, form.values()), lignes).await
}

/// A list that is bounded, and in memory already.
async fn une_fois(
    liste: Liste,
    cx: &Conseillers,
    shell: &Shell,
    quoi: (Format, &[(String, String)]),
    lignes: Vec<Vec<Cellule>>,
) -> Result<axum::response::Response, PageError> {
    let lot = move |_: Option<()>| {
        let lignes = lignes.clone();
        async move { Ok(Lot { lignes, apres: None }) }
    };
    liste.envoyer(&cx.site, shell.actor()?, quoi, lot).await
}
