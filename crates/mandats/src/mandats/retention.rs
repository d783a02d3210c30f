//! How long mandats and people are kept, as data: the job, the page of the staff and the guide read it here. Each erasure
//! leaves a line of the journal that proves it, and names nobody.

use chrono::{DateTime, Months, TimeDelta, Utc};
use kernel::ids::StructureId;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::ids::{MandatId, UsagerId};
use crate::{Failure, Mandats, usagers};

/// One rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Regle {
    /// What it is about, on the screen.
    pub quoi: &'static str,
    /// From when the time runs, on the screen.
    pub depuis: &'static str,
    /// For how many months.
    pub mois: u32,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// Mandats.
pub const MANDAT: Regle = Regle {
    quoi: "Mandats, avec leur document signé",
    depuis: "la fin de la dernière démarche permise",
    mois: 72,
    source: "conditions générales d’Aidants Connect : six ans, le délai de prescription des délits",
};
/// People without a mandat.
pub const USAGER: Regle = Regle {
    quoi: "Personnes accompagnées qui n’ont plus de mandat",
    depuis: "leur dernière identification, ou leur dernier mandat",
    mois: 72,
    source: "politique de confidentialité d’Aidants Connect : trois ans, puis trois ans que personne ne lit",
};

/// Every rule, for the screen. Drafts go after a day.
pub const REGLES: [Regle; 2] = [MANDAT, USAGER];

/// What one turn erases of each kind: the next turn goes on.
const PAR_TOUR: i64 = 500;

impl Regle {
    /// The instant before which a thing is past its time.
    pub fn limite(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let avant = now.checked_sub_months(Months::new(self.mois));
        avant.unwrap_or(now - TimeDelta::days(31 * i64::from(self.mois)))
    }
}

/// Mandats of which nothing was in force since `$1`.
const FINIS: &str = "FROM mandat m WHERE m.cree_le < $1 AND NOT EXISTS (SELECT 1 FROM mandat_autorisation a \
                     WHERE a.mandat_id = m.id AND (CASE WHEN a.fin_le < a.expire_le THEN a.fin_le ELSE a.expire_le END) >= $1)";
/// People without a mandat, not seen since `$1`.
const PARTIS: &str =
    "FROM usager u WHERE u.vu_le < $1 AND NOT EXISTS (SELECT 1 FROM mandat m WHERE m.usager_id = u.id)";

/// What each rule would erase now, and within thirty days: the dry run.
///
/// # Errors
/// The database.
pub async fn a_effacer(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(Regle, i64, i64)>, DbErr> {
    let mut dues = Vec::new();
    for (regle, quoi) in [(MANDAT, FINIS), (USAGER, PARTIS)] {
        let sql = format!("SELECT COUNT(*) {quoi}");
        let maintenant = kit::count(conn, &sql, [regle.limite(now).into()]).await?;
        let bientot = kit::count(conn, &sql, [regle.limite(now + TimeDelta::days(30)).into()]).await?;
        dues.push((regle, maintenant, bientot - maintenant));
    }
    Ok(dues)
}

#[derive(FromQueryResult)]
struct Fini {
    id: Uuid,
    empreinte: Option<String>,
    structure_id: Uuid,
    usager_id: Uuid,
}

/// Erases what is past its time; gives how many mandats and people went.
///
/// # Errors
/// The database: what was erased stays so.
pub async fn effacer_echus(m: &Mandats) -> Result<(u64, u64), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let sql =
        format!("SELECT m.id, m.empreinte, m.structure_id, m.usager_id {FINIS} ORDER BY m.cree_le LIMIT $2");
    let finis: Vec<Fini> =
        kit::query_as(site.db.read(), &sql, [MANDAT.limite(now).into(), PAR_TOUR.into()]).await?;
    let mut mandats = 0;
    for f in finis {
        site.db
            .write(async |tx| {
                let usager = usagers::store::tenir(tx, UsagerId(f.usager_id)).await?;
                for sql in [
                    "DELETE FROM mandat_transfert WHERE mandat_id = $1",
                    "DELETE FROM mandat_transfert_ligne WHERE mandat_id = $1",
                    "DELETE FROM mandat_autorisation WHERE mandat_id = $1",
                    "DELETE FROM mandat WHERE id = $1",
                ] {
                    kit::execute(tx, sql, [f.id.into()]).await?;
                }
                if let Some(usager) = usager {
                    store::rafraichir(tx, StructureId(f.structure_id), &usager).await?;
                }
                let faits = json!({ "empreinte": f.empreinte, "mois": MANDAT.mois });
                let ligne = Entry::system("mandat.effacer", "mandat", MandatId(f.id)).with(faits);
                journal::write(site, tx, ligne).await
            })
            .await?;
        mandats += 1;
    }
    let sql = format!("SELECT u.id {PARTIS} ORDER BY u.vu_le LIMIT $2");
    let rows = kit::query(site.db.read(), &sql, [USAGER.limite(now).into(), PAR_TOUR.into()]).await?;
    let mut personnes = 0;
    for row in rows {
        let id = UsagerId(row.try_get_by_index(0)?);
        effacer_usager(m, id).await?;
        personnes += 1;
    }
    Ok((mandats, personnes))
}

/// Erases a person who has no mandat: with the row goes the key of what the journal calls them.
async fn effacer_usager(m: &Mandats, id: UsagerId) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let Some(usager) = usagers::store::tenir(tx, id).await? else { return Ok(()) };
            let qui = usagers::pseudonyme(site, &usager)?;
            for sql in
                ["DELETE FROM mandat_personne WHERE usager_id = $1", "DELETE FROM usager WHERE id = $1"]
            {
                kit::execute(tx, sql, [id.0.into()]).await?;
            }
            let ligne = Entry::system("usager.effacer", "usager", qui).with(json!({ "mois": USAGER.mois }));
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}
