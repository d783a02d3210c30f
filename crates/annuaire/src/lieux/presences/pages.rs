//! Who is named on the sheet of a lieu: for those who keep it, and for the person.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::{CompteId, LieuId};
use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::web::{FormState, Formulaire, PageResult, Shell, page_with, see_other_saying};

use super::store::{self, Presence};
use crate::Annuaire;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::gestion::lecture;
use crate::structures::Ids;

/// People named on one sheet at most.
const PAR_LIEU: usize = 30;

#[derive(Template)]
#[template(path = "lieux/presences/lieu.html")]
struct PageLieu {
    shell: Shell,
    form: FormState,
    lieu: LieuId,
    nom: String,
    presences: Vec<Presence>,
    moi: CompteId,
}

impl PageLieu {
    fn deja(&self) -> bool {
        self.presences.iter().any(|p| p.compte == self.moi)
    }
}

async fn montre(annuaire: &Annuaire, shell: Shell, lieu: LieuId, form: FormState) -> PageResult {
    let actor = shell.actor()?;
    let moi = actor.compte;
    let g = lecture::ouvrir(annuaire, actor, Verb::ModifierLieux, lieu).await?;
    let presences = store::montrees(annuaire.site.db.read(), g.id()).await?;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &PageLieu { lieu: g.id(), nom: g.lieu.fiche.nom.to_string(), presences, moi, form, shell },
    )
}

pub(super) async fn du_lieu(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
) -> PageResult {
    let nom = shell.viewer.as_ref().map(|v| v.nom.clone()).unwrap_or_default();
    montre(&annuaire, shell, LieuId(lieu), FormState::filled([("nom", nom)])).await
}

/// Names oneself, and nobody else: the account is that of who asks.
pub(super) async fn paraitre(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let lieu = LieuId(lieu);
    let (nom, fonction) = (form.text("nom", 80), form.text("fonction", 80));
    if form.get("accord") != "oui" {
        form.refuse("accord", "Cochez cette case pour que votre nom soit montré.");
    }
    let (Some(nom), Some(fonction)) = (nom.filter(|_| form.is_valid()), fonction) else {
        return montre(&annuaire, shell, lieu, form).await;
    };
    let actor = shell.actor()?.clone();
    let site = &annuaire.site;
    let p = Presence { lieu, compte: actor.compte, nom, fonction, consenti_le: site.clock.now() };
    site.db
        .write(async |tx| {
            lecture::ouvert_a(&annuaire, tx, &actor, lieu).await?;
            if store::du_lieu(tx, lieu).await?.len() >= PAR_LIEU {
                return Err(Failure::from(Refusal::conflict(
                    "Trop de personnes sont déjà nommées sur cette fiche.",
                )));
            }
            store::inscrit(tx, &p).await?;
            journal::write(site, tx, Entry::by(&actor, "presence.consentir", "lieu", lieu)).await?;
            Ok(())
        })
        .await?;
    let dit =
        "Votre nom est sur la fiche. Vous pouvez l’en retirer à tout moment, ici ou depuis votre compte.";
    Ok(see_other_saying(&format!("/gestion/lieux/{lieu}/presences"), dit))
}

/// Takes a person away from a sheet.
async fn retire(annuaire: &Annuaire, actor: &Actor, lieu: LieuId, compte: CompteId) -> Result<(), Failure> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            if !store::efface(tx, lieu, compte).await? {
                return Err(Failure::from(Refusal::NotFound));
            }
            journal::write(site, tx, Entry::by(actor, "presence.retirer", "lieu", lieu)).await?;
            Ok(())
        })
        .await
}

/// Those who keep a lieu take somebody away; they cannot put them there.
pub(super) async fn retirer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, compte]): Ids<2>,
) -> PageResult {
    let actor = shell.actor()?;
    lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(lieu)).await?;
    retire(&annuaire, actor, LieuId(lieu), CompteId(compte)).await?;
    Ok(see_other_saying(&format!("/gestion/lieux/{lieu}/presences"), "Ce nom n’est plus sur la fiche."))
}

#[derive(Template)]
#[template(path = "lieux/presences/compte.html")]
struct PageCompte {
    shell: Shell,
    /// Each with the name of its lieu.
    presences: Vec<(Presence, String)>,
}

/// The sheets that name who looks.
pub(super) async fn les_miennes(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    let conn = annuaire.site.db.read();
    let mut presences = Vec::new();
    for p in store::de(conn, shell.actor()?.compte).await? {
        let nom =
            crate::lieux::lieu(conn, p.lieu).await?.map(|l| l.fiche.nom.to_string()).unwrap_or_default();
        presences.push((p, nom));
    }
    page_with(StatusCode::OK, &PageCompte { shell, presences })
}

/// Withdraws, whatever one may still do to the lieu.
pub(super) async fn me_retirer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
) -> PageResult {
    let actor = shell.actor()?;
    retire(&annuaire, actor, LieuId(lieu), actor.compte).await?;
    Ok(see_other_saying("/compte/presences", "Votre nom n’est plus sur cette fiche."))
}
