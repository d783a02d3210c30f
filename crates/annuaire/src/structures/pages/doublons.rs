//! Likely duplicates: the list, the comparison, the merge and its undoing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use kernel::{Refusal, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Pagination, Requete, Shell, page, page_with,
    see_other_saying,
};

use super::{BASE, Ids, adresse};
use crate::Annuaire;
use crate::structures::actions::{self, Failure, Versions};
use crate::structures::doublons::{Comparaison, comparer as comparaison};
use crate::structures::lecture::{self, Paire, Trouvee};
use crate::structures::model::{Attribut, FusionId, Structure, StructureId};

/// Pairs on one page.
const PAR_PAGE: usize = 20;

/// An attribute that differs: its key, its title, and the values with whose they are.
type Choix = (&'static str, &'static str, Vec<(&'static str, String)>);

#[derive(Template)]
#[template(path = "structures/pages/doublons.html")]
struct PageListe {
    shell: Shell,
    paires: Vec<Paire>,
    pagination: Pagination,
}

pub(super) async fn liste(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(query): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    let asked: usize = query.get("page").parse().unwrap_or(1);
    let de = |page: usize| (page.max(1).saturating_sub(1).saturating_mul(PAR_PAGE), PAR_PAGE);
    let (mut paires, total) = lecture::doublons(&annuaire.site, actor, de(asked)).await?;
    let pagination = Pagination::new(total, PAR_PAGE, asked, &format!("{BASE}/doublons"), query.values());
    // A page beyond the last one is the last one.
    if paires.is_empty() && total > 0 {
        paires = lecture::doublons(&annuaire.site, actor, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?.0;
    }
    page(&PageListe { shell, paires, pagination })
}

#[derive(Template)]
#[template(path = "structures/pages/comparer.html")]
struct PageComparer {
    shell: Shell,
    gardee: Structure,
    absorbee: Structure,
    comparaison: Comparaison,
    form: FormState,
    /// One of the two changed while they were compared.
    perimee: bool,
}

impl PageComparer {
    fn cotes(&self) -> [(&'static str, &Structure); 2] {
        [("Structure gardée", &self.gardee), ("Structure absorbée", &self.absorbee)]
    }

    /// Attributes that differ, with both values: to choose from.
    fn choix(&self) -> Vec<Choix> {
        let ou_rien = |v: String| if v.is_empty() { "(rien)".to_owned() } else { v };
        self.gardee
            .fiche
            .ecarts(&self.absorbee.fiche)
            .into_iter()
            .map(|e| {
                let valeurs = vec![("gardee", ou_rien(e.avant)), ("absorbee", ou_rien(e.apres))];
                (e.attribut.cle(), e.attribut.libelle(), valeurs)
            })
            .collect()
    }

    /// Attributes that both share.
    fn communs(&self) -> Vec<(&'static str, String)> {
        Attribut::TOUS
            .into_iter()
            .filter(|a| self.gardee.fiche.pareil(&self.absorbee.fiche, *a))
            .map(|a| (a.libelle(), self.gardee.fiche.lisible(a)))
            .filter(|(_, v)| !v.is_empty())
            .collect()
    }
}

/// Both structures, in place; one that was merged meanwhile leads to the list.
async fn ouvrir(annuaire: &Annuaire, shell: &Shell, id: uuid::Uuid) -> Result<Option<Structure>, PageError> {
    let found =
        lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::FusionnerStructures, StructureId(id)).await?;
    Ok(match found {
        Trouvee::Ici(s) => Some(*s),
        Trouvee::Ailleurs(_) => None,
    })
}

/// A form that proposes: the value of the kept one, or the other's when the kept one has none.
fn proposer(gardee: &Structure, absorbee: &Structure) -> FormState {
    let mut form = FormState::filled([
        ("version_gardee", gardee.version.to_string()),
        ("version_absorbee", absorbee.version.to_string()),
    ]);
    for ecart in gardee.fiche.ecarts(&absorbee.fiche) {
        form.set(ecart.attribut.cle(), if ecart.avant.is_empty() { "absorbee" } else { "gardee" });
    }
    form
}

pub(super) async fn comparer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([gardee, absorbee]): Ids<2>,
) -> PageResult {
    let (Some(gardee), Some(absorbee)) =
        (ouvrir(&annuaire, &shell, gardee).await?, ouvrir(&annuaire, &shell, absorbee).await?)
    else {
        return Ok(Redirect::to(&format!("{BASE}/doublons")).into_response());
    };
    if gardee.id == absorbee.id {
        return Err(PageError::not_found());
    }
    page(&PageComparer {
        comparaison: comparaison(&gardee, &absorbee),
        form: proposer(&gardee, &absorbee),
        perimee: false,
        shell,
        gardee,
        absorbee,
    })
}

pub(super) async fn fusionner(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([gardee, absorbee]): Ids<2>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let (Some(garde), Some(absorbe)) =
        (ouvrir(&annuaire, &shell, gardee).await?, ouvrir(&annuaire, &shell, absorbee).await?)
    else {
        return Err(Refusal::conflict("L’une de ces structures vient d’être fusionnée.").into());
    };
    // Every difference must have been decided; a form that says nothing of one decides nothing.
    let mut de_l_autre = Vec::new();
    for ecart in garde.fiche.ecarts(&absorbe.fiche) {
        match form.get(ecart.attribut.cle()) {
            "gardee" => {}
            "absorbee" => de_l_autre.push(ecart.attribut),
            _ => form.refuse(
                ecart.attribut.cle(),
                format!("{} : choisissez la valeur à garder.", ecart.attribut.libelle()),
            ),
        }
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut perimee = false;
    if form.is_valid() {
        let version = |name: &str| form.get(name).parse().unwrap_or(0);
        let versions = Versions { gardee: version("version_gardee"), absorbee: version("version_absorbee") };
        let done =
            actions::fusionner(&annuaire.site, actor, garde.id, absorbe.id, versions, &de_l_autre).await;
        match done {
            Ok(_) => {
                let said = "Les deux structures n’en font plus qu’une. Vous pouvez annuler la fusion depuis cette fiche.";
                return Ok(see_other_saying(&adresse(garde.id), said));
            }
            Err(Failure::Stale(_)) => {
                status = StatusCode::CONFLICT;
                perimee = true;
                form.set("version_gardee", garde.version.to_string());
                form.set("version_absorbee", absorbe.version.to_string());
            }
            Err(other) => return Err(other.into()),
        }
    }
    let page = PageComparer {
        comparaison: comparaison(&garde, &absorbe),
        shell,
        gardee: garde,
        absorbee: absorbe,
        form,
        perimee,
    };
    page_with(status, &page)
}

pub(super) async fn distinguer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([a, b]): Ids<2>,
) -> PageResult {
    actions::distinguer(&annuaire.site, shell.actor()?, StructureId(a), StructureId(b)).await?;
    Ok(see_other_saying(
        &format!("{BASE}/doublons"),
        "C’est noté : ces deux structures ne seront plus proposées.",
    ))
}

pub(super) async fn defusionner(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([fusion]): Ids<1>,
) -> PageResult {
    let (gardee, _) = actions::defusionner(&annuaire.site, shell.actor()?, FusionId(fusion)).await?;
    Ok(see_other_saying(
        &adresse(gardee),
        "La fusion est annulée : les deux structures ont repris leur fiche.",
    ))
}
