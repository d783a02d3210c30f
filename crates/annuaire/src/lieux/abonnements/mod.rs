//! Telling the programs of others what happens to lieux: every writing notes its events in its own transaction, a job
//! turns them into the deliveries of those who subscribed, each within the scope of the role that it subscribed in.

pub(crate) mod api;
mod diffusion;
mod pages;
mod store;
mod tables;
#[cfg(test)]
mod tests;

use kernel::ids::LieuId;
use platform::{Site, Tx};
use sea_orm::DbErr;

pub(crate) use diffusion::register;
pub(crate) use pages::routes;
pub(in crate::lieux) use store::{Cle, Prise, prend_cle};
pub(super) use tables::Abonnements0042;

/// What happened to a lieu.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evenement {
    /// It was entered in the directory.
    Cree,
    /// Its sheet changed.
    Modifie,
    /// It was closed, its source does not deliver it any more, or it was merged into another.
    Ferme,
    /// It is open again.
    Rouvert,
}

impl Evenement {
    /// Every one, in the order of the form.
    pub const TOUS: [Self; 4] = [Self::Cree, Self::Modifie, Self::Ferme, Self::Rouvert];

    /// Its key in the database and in deliveries.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Cree => "lieu.cree",
            Self::Modifie => "lieu.modifie",
            Self::Ferme => "lieu.ferme",
            Self::Rouvert => "lieu.rouvert",
        }
    }

    /// The one of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Cree => "Un lieu est inscrit",
            Self::Modifie => "Une fiche change",
            Self::Ferme => "Un lieu est fermé, ou fusionné avec un autre",
            Self::Rouvert => "Un lieu est rouvert",
        }
    }
}

/// Notes what happened, in the transaction where it does, if anybody listens.
pub(crate) async fn noter(site: &Site, tx: &Tx, evenements: &[(LieuId, Evenement)]) -> Result<(), DbErr> {
    if evenements.is_empty() || platform::webhooks::actifs(tx).await?.is_empty() {
        return Ok(());
    }
    store::note(site, tx, evenements).await?;
    platform::jobs::enqueue(site, tx, &diffusion::Diffuser {}).await.map(|_| ())
}
