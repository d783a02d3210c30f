//! One structure: its sheet, its history, closing and reopening.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use identity::Gestionnaire;
use kernel::ids::{CompteId, LieuId};
use kernel::{Role, Verb};
use platform::web::{PageResult, Pagination, Requete, Shell, page, see_other_saying};

use super::{BASE, Ids, adresse, peut_modifier};
use crate::Annuaire;
use crate::structures::FusionRow;
use crate::structures::actions::{self, Voisine};
use crate::structures::lecture::{self, Trouvee};
use crate::structures::model::{Attribut, Changement, Etat, Structure, StructureId};

/// Lines of history on one page.
const PAR_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "structures/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    s: Structure,
    departement: String,
    voisines: Vec<Voisine>,
    fusions: Vec<FusionRow>,
    derniers: Vec<Changement>,
    /// Who looks after it, by name.
    gestionnaires: Vec<Gestionnaire>,
    /// Its lieux: name, commune, whether it is closed.
    lieux: Vec<(LieuId, String, String, bool)>,
    peut_modifier: bool,
    peut_fusionner: bool,
}

impl PageFiche {
    /// Attributes worth showing: those that have a value.
    fn attributs(&self) -> Vec<(&'static str, String)> {
        [Attribut::Genre, Attribut::Pivot, Attribut::Categorie, Attribut::Reseau]
            .into_iter()
            .map(|a| (a.libelle(), self.s.fiche.lisible(a)))
            .filter(|(_, v)| !v.is_empty())
            .collect()
    }

    fn fermee_le(&self) -> Option<String> {
        match self.s.etat {
            Etat::Fermee { le } => Some(kernel::calendrier::en_lettres(&le)),
            Etat::Active | Etat::Fusionnee { .. } => None,
        }
    }
}

pub(super) async fn fiche(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let site = &annuaire.site;
    let actor = shell.actor()?;
    let s = match lecture::ouvrir(site, actor, Verb::VoirStructures, StructureId(id)).await? {
        Trouvee::Ici(s) => *s,
        Trouvee::Ailleurs(kept) => return Ok(Redirect::to(&adresse(kept)).into_response()),
    };
    let peut_fusionner = shell.may(Verb::FusionnerStructures);
    let (voisines, fusions) = if peut_fusionner {
        (lecture::voisines(site, actor, &s).await?, lecture::fusions(site, s.id).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    let identites: Vec<StructureId> = std::iter::once(s.id).chain(s.alias.iter().copied()).collect();
    let now = site.clock.now();
    page(&PageFiche {
        lieux: crate::lieux::gestion::de_structures(site.db.read(), &identites).await?,
        gestionnaires: identity::comptes_de_structures(site.db.read(), &identites, now).await?,
        departement: annuaire
            .territoires()
            .departement(&s.fiche.commune.departement)
            .map(|d| format!("{} ({})", d.nom, d.code))
            .unwrap_or_default(),
        derniers: lecture::historique(site, s.id, 0, 5).await?,
        peut_modifier: peut_modifier(&shell),
        peut_fusionner,
        voisines,
        fusions,
        shell,
        s,
    })
}

#[derive(Template)]
#[template(path = "structures/pages/historique.html")]
struct PageHistorique {
    shell: Shell,
    id: StructureId,
    nom: String,
    changements: Vec<Changement>,
    noms: BTreeMap<CompteId, String>,
    pagination: Pagination,
}

impl PageHistorique {
    /// Who did it, and in which role.
    fn qui(&self, changement: &Changement) -> String {
        let role = role(changement);
        match changement.par {
            None => role.to_owned(),
            Some(compte) => match self.noms.get(&compte) {
                Some(nom) => format!("{nom} ({role})"),
                None => format!("Compte supprimé ({role})"),
            },
        }
    }
}

pub(super) async fn historique(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let id = StructureId(id);
    let s = match lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::VoirStructures, id).await? {
        Trouvee::Ici(s) => s,
        Trouvee::Ailleurs(kept) => {
            return Ok(Redirect::to(&format!("{}/historique", adresse(kept))).into_response());
        }
    };
    let total = lecture::longueur_historique(&annuaire.site, id).await?;
    let asked = query.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(total, PAR_PAGE, asked, &format!("{}/historique", adresse(id)), query.values());
    let changements = lecture::historique(&annuaire.site, id, pagination.offset(PAR_PAGE), PAR_PAGE).await?;
    let comptes: BTreeSet<CompteId> = changements.iter().filter_map(|c| c.par).collect();
    let comptes: Vec<CompteId> = comptes.into_iter().collect();
    let noms = identity::noms(annuaire.site.db.read(), &comptes).await?;
    page(&PageHistorique { shell, id, nom: s.fiche.nom, changements, noms, pagination })
}

#[derive(Template)]
#[template(path = "structures/pages/fermer.html")]
struct PageFermer {
    shell: Shell,
    id: StructureId,
    nom: String,
    /// Lieux that stay open without it.
    lieux: usize,
}

/// What closing does, before it is done.
pub(super) async fn fermeture(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let site = &annuaire.site;
    let ouverte = lecture::ouvrir(site, shell.actor()?, Verb::ModifierStructures, StructureId(id)).await?;
    let Trouvee::Ici(s) = ouverte else {
        return Ok(Redirect::to(&adresse(StructureId(id))).into_response());
    };
    let identites: Vec<StructureId> = std::iter::once(s.id).chain(s.alias.iter().copied()).collect();
    let lies = crate::lieux::gestion::de_structures(site.db.read(), &identites).await?;
    let lieux = lies.iter().filter(|(.., ferme)| !ferme).count();
    page(&PageFermer { id: s.id, nom: s.fiche.nom, lieux, shell })
}

pub(super) async fn fermer(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::fermer(&annuaire.site, shell.actor()?, StructureId(id)).await?;
    Ok(see_other_saying(
        &adresse(StructureId(id)),
        "La structure est fermée. Vous pouvez la rouvrir à tout moment.",
    ))
}

pub(super) async fn rouvrir(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::rouvrir(&annuaire.site, shell.actor()?, StructureId(id)).await?;
    Ok(see_other_saying(&adresse(StructureId(id)), "La structure est de nouveau active."))
}

/// The role in which a change was made, in words.
fn role(changement: &Changement) -> &'static str {
    changement.role.as_deref().and_then(Role::from_key).map_or("Traitement automatique", |r| r.ligne().nom)
}
