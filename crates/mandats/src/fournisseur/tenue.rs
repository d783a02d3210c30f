//! Whether what a code stands for still holds: read in the row of the code itself, each time.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::CompteId;
use oidc::provider::Standing;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use crate::ids::UsagerId;

/// Columns to read, of the joins of [`JOINTURES`].
pub(super) const COLONNES: &str = "k.usage_id, k.compte_id, g.usager_id, a.structure_id AS chez, a.expire_le AS fin_prevue, \
     a.fin_le, o.desactivee_le, d.etat AS aidant_etat, d.compte_id AS aidant_compte, p.structure_id AS membre_de, \
     p.fin AS appartenance_fin, p.fait_mandats";

/// From a code `k` to all that it stands for.
pub(super) const JOINTURES: &str = "LEFT JOIN mandat_usage g ON g.id = k.usage_id \
     LEFT JOIN mandat_autorisation a ON a.id = g.autorisation_id \
     LEFT JOIN organisation_habilitee o ON o.structure_id = a.structure_id \
     LEFT JOIN aidant d ON d.id = g.aidant_id \
     LEFT JOIN aidant_appartenance p ON p.id = g.appartenance_id";

/// What a code stands for, as it is now. What was erased is none.
pub(super) struct Tenue {
    pub(super) usage: Uuid,
    pub(super) usager: Option<UsagerId>,
    compte: CompteId,
    fin_prevue: Option<DateTime<Utc>>,
    fin_le: Option<DateTime<Utc>>,
    desactivee_le: Option<NaiveDate>,
    chez: Option<Uuid>,
    membre_de: Option<Uuid>,
    aidant_etat: Option<String>,
    aidant_compte: Option<Uuid>,
    appartenance_fin: Option<NaiveDate>,
    fait_mandats: Option<bool>,
}

impl Tenue {
    pub(super) fn lire(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            usage: row.try_get("", "usage_id")?,
            usager: row.try_get::<Option<Uuid>>("", "usager_id")?.map(UsagerId),
            compte: CompteId(row.try_get("", "compte_id")?),
            fin_prevue: row.try_get("", "fin_prevue")?,
            fin_le: row.try_get("", "fin_le")?,
            desactivee_le: row.try_get("", "desactivee_le")?,
            chez: row.try_get("", "chez")?,
            membre_de: row.try_get("", "membre_de")?,
            aidant_etat: row.try_get("", "aidant_etat")?,
            aidant_compte: row.try_get("", "aidant_compte")?,
            appartenance_fin: row.try_get("", "appartenance_fin")?,
            fait_mandats: row.try_get("", "fait_mandats")?,
        })
    }

    /// Whether it holds: the autorisation, the organisation, the professional, the membership that made it, in the
    /// organisation that holds the mandat today.
    fn des_mandats(&self, now: DateTime<Utc>) -> bool {
        let jour = kernel::calendrier::jour(&now);
        self.fin_le.is_none()
            && self.fin_prevue.is_some_and(|fin| now < fin)
            && self.desactivee_le.is_none_or(|fin| jour < fin)
            && self.chez.is_some()
            && self.chez == self.membre_de
            && self.aidant_etat.as_deref() == Some(crate::aidants::EtatAidant::Actif.cle())
            && self.aidant_compte == Some(self.compte.0)
            && self.appartenance_fin.is_none()
            && self.fait_mandats == Some(true)
    }

    /// The same, and the account is not closed.
    pub(super) async fn standing(
        &self,
        conn: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> Result<Standing, DbErr> {
        let tient =
            self.des_mandats(now) && identity::actifs(conn, &[self.compte]).await?.contains(&self.compte);
        Ok(if tient { Standing::Holds } else { Standing::Ended })
    }
}
