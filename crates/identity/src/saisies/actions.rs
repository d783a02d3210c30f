//! Keeping a form, finding it again, using it up.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Refusal;
use kernel::ids::{CompteId, uuid_v7};
use platform::Site;
use platform::web::saisie::{Attend, Gardee, Gardien, Saisie};
use platform::web::{see_other, see_other_warning, vers_preuve};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PAGE;
use super::store::{self, Ligne};
use crate::comptes::model::AttributionId;
use crate::error::Result;
use crate::secrets::link::Secret;
use crate::sessions::cookies::{Biscuit, Biscuits};

/// How long a form is kept.
pub(crate) const DUREE: TimeDelta = TimeDelta::hours(1);

const FINIE: &str = "Votre session était finie. Ce que vous avez saisi est gardé une heure : connectez-vous, puis envoyez-le.";

/// What is sealed.
#[derive(Debug, Serialize, Deserialize)]
struct Contenu {
    chemin: String,
    champs: Vec<(String, String)>,
    sans_secret: bool,
}

/// A form as its owner finds it again.
#[derive(Clone, Debug)]
pub(crate) struct Retrouvee {
    pub(crate) id: Uuid,
    /// The role acted in when it was typed.
    pub(crate) attribution: Option<AttributionId>,
    pub(crate) chemin: String,
    pub(crate) champs: Vec<(String, String)>,
    pub(crate) sans_secret: bool,
    pub(crate) cree_le: DateTime<Utc>,
    pub(crate) expire_le: DateTime<Utc>,
}

/// Keeps the forms of one request, for the account that its browser is, or was, signed in with.
pub(crate) struct Garde {
    pub(crate) site: Site,
    pub(crate) compte: CompteId,
    pub(crate) attribution: Option<AttributionId>,
    /// The reference that the browser holds already.
    pub(crate) reference: Option<Secret>,
    /// Whether the session still lives.
    pub(crate) vivante: bool,
}

impl Gardien for Garde {
    fn garder(&self, saisie: Saisie, attend: Attend) -> Gardee<'_> {
        Box::pin(async move {
            // Somebody who is signed in and may not come has nothing to gain by signing in.
            if attend == Attend::Connexion && self.vivante {
                return None;
            }
            let deja = saisie.chemin.strip_prefix(PAGE).is_some_and(|r| r.is_empty() || r.starts_with('/'));
            let reference = if deja { self.reference.clone()? } else { self.mettre(saisie).await? };
            let mut response = match attend {
                Attend::Connexion => {
                    see_other_warning(&format!("/connexion?retour={}", PAGE.replace('/', "%2F")), FINIE)
                }
                Attend::Preuve => see_other(&vers_preuve(PAGE)),
            };
            Biscuits::of(&self.site).set(&mut response, Biscuit::Saisie, &reference);
            Some(response)
        })
    }
}

impl Garde {
    /// Seals and writes; the reference that the browser is to hold. Nothing when nothing was typed, or when it cannot be
    /// kept: the route's own answer then stands.
    async fn mettre(&self, saisie: Saisie) -> Option<Secret> {
        if saisie.champs.is_empty() {
            return None;
        }
        match self.sceller(saisie).await {
            Ok(reference) => Some(reference),
            Err(e) => {
                tracing::warn!(reason = %e, "what was typed could not be kept");
                None
            }
        }
    }

    async fn sceller(&self, saisie: Saisie) -> Result<Secret> {
        let site = &self.site;
        let (id, now) = (uuid_v7(&site.clock, &site.chance), site.clock.now());
        let Saisie { chemin, champs, sans_secret } = saisie;
        let clair = serde_json::to_vec(&Contenu { chemin, champs, sans_secret }).unwrap_or_default();
        let ligne = Ligne {
            id,
            compte_id: self.compte.0,
            attribution_id: self.attribution.map(|a| a.0),
            contenu: site.secrets.seal(&site.chance, &place(self.compte, id), &clair)?,
            cree_le: now,
            expire_le: now + DUREE,
        };
        let reference = self.reference.clone().unwrap_or_else(|| Secret::new(&site.chance));
        site.db.write(async |tx| store::insert(tx, &ligne, &reference.hash()).await).await?;
        Ok(reference)
    }
}

/// Where it is sealed for: moved to another account's row, it no longer opens.
fn place(compte: CompteId, id: Uuid) -> String {
    format!("compte_saisie/contenu/{compte}/{id}")
}

/// What that browser keeps for that account. What does not open any more, since the key changed, is not shown.
pub(crate) async fn gardees(site: &Site, compte: CompteId, reference: &Secret) -> Result<Vec<Retrouvee>> {
    let lignes = store::gardees(site.db.read(), compte, &reference.hash(), site.clock.now()).await?;
    let ouvrir = |l: Ligne| {
        let clair = site.secrets.open(&place(compte, l.id), &l.contenu).ok()?;
        let c: Contenu = serde_json::from_slice(&clair).ok()?;
        Some(Retrouvee {
            id: l.id,
            attribution: l.attribution_id.map(AttributionId),
            chemin: c.chemin,
            champs: c.champs,
            sans_secret: c.sans_secret,
            cree_le: l.cree_le,
            expire_le: l.expire_le,
        })
    };
    Ok(lignes.into_iter().filter_map(ouvrir).collect())
}

/// Erases a form of that browser and that account, when `admise` takes it; returns it as it was.
///
/// # Errors
/// A conflict when it serves no more.
pub(crate) async fn retirer(
    site: &Site,
    compte: CompteId,
    reference: Option<&Secret>,
    id: Uuid,
    admise: impl FnOnce(&Retrouvee) -> std::result::Result<(), Refusal>,
) -> Result<Retrouvee> {
    let servie = || {
        Refusal::conflict(
            "Cette saisie n’est plus gardée : elle a été envoyée, abandonnée, ou son heure est passée.",
        )
    };
    let reference = reference.ok_or_else(servie)?;
    let gardee =
        gardees(site, compte, reference).await?.into_iter().find(|g| g.id == id).ok_or_else(servie)?;
    admise(&gardee)?;
    if !site.db.write(async |tx| store::effacer(tx, id).await).await? {
        return Err(servie().into());
    }
    Ok(gardee)
}
