//! The list as a file.

use std::sync::LazyLock;

use axum::extract::State;
use platform::tableur::{Cellule, Format};
use platform::web::{LOT, Liste, Lot, PageResult, Requete, Shell};

use super::super::model::{Attribut, Candidat};
use super::super::store;
use super::pages;
use crate::Conseillers;

static TITRES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    ["reference", "etat", "disponible"]
        .into_iter()
        .chain(Attribut::TOUS.into_iter().map(Attribut::cle))
        .chain(["departement", "pix", "depose_le", "dernier_signe"])
        .collect()
});

pub(super) async fn exporter(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let (filtre, site) = (pages::filtre(&form), cx.site.clone());
    Liste { nom: "candidats", titres: &TITRES }
        .envoyer(&site, shell.actor()?, (format, form.values()), move |avant| {
            let (cx, filtre) = (cx.clone(), filtre.clone());
            async move {
                let lot = store::lister(cx.site.db.read(), &filtre, avant, (0, LOT)).await?;
                Ok(Lot::de(&lot, LOT, ligne, |c| c.numero))
            }
        })
        .await
}

fn ligne(c: &Candidat) -> Vec<Cellule> {
    let mut out = vec![c.reference().into(), c.etat.libelle().into(), c.disponible.into()];
    out.extend(Attribut::TOUS.into_iter().map(|a| c.fiche.lisible(a).into()));
    out.extend([
        c.fiche.lieu.commune.departement.to_string().into(),
        c.pix.as_ref().map(|p| p.lisible()).into(),
        kernel::calendrier::jour(&c.depose_le).into(),
        kernel::calendrier::jour(&c.vu_le).into(),
    ]);
    out
}
