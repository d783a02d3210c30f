//! How long mandats and people are kept, as data: the job, the page of the staff and the guide read it here. Each erasure
//! leaves a line of the journal that proves it, and names nobody.

use chrono::{DateTime, Months, TimeDelta, Utc};
use kernel::ids::StructureId;
use platform::Tx;
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

/// Uses of mandats.
pub const USAGE: Regle = Regle {
    quoi: "Démarches faites au nom d’une personne",
    depuis: "la démarche",
    mois: 72,
    source: "comme le mandat qui la permettait : six ans, le délai de prescription des délits",
};

/// Every rule, for the screen. Drafts go after a day.
pub const REGLES: [Regle; 3] = [MANDAT, USAGER, USAGE];

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

/// Uses since before `$1`.
const UTILISES: &str = "FROM mandat_usage g WHERE g.cree_le < $1";

/// What each rule would erase now, and within thirty days: the dry run.
///
/// # Errors
/// The database.
pub async fn a_effacer(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(Regle, i64, i64)>, DbErr> {
    let mut dues = Vec::new();
    for (regle, quoi) in [(MANDAT, FINIS), (USAGER, PARTIS), (USAGE, UTILISES)] {
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

/// Erases all that is past its time, turn after turn until nothing is left; gives how many mandats, people and uses went.
///
/// # Errors
/// The database: what was erased stays so.
pub async fn tout_effacer(m: &Mandats) -> Result<(u64, u64, u64), Failure> {
    let (mut mandats, mut personnes, mut usages) = (0, 0, 0);
    loop {
        let (m1, p1) = effacer_echus(m).await?;
        let u1 = effacer_usages(m).await?;
        if m1 + p1 + u1 == 0 {
            return Ok((mandats, personnes, usages));
        }
        (mandats, personnes, usages) = (mandats + m1, personnes + p1, usages + u1);
    }
}

/// One turn of uses, with one line that proves it.
async fn effacer_usages(m: &Mandats) -> Result<u64, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            let sql = "DELETE FROM mandat_usage WHERE id IN \
                       (SELECT id FROM mandat_usage WHERE cree_le < $1 ORDER BY cree_le LIMIT $2)";
            let values = [USAGE.limite(now).into(), PAR_TOUR.into()];
            let n = kit::execute(tx, sql, values).await?.rows_affected();
            if n > 0 {
                let faits = json!({ "nombre": n, "mois": USAGE.mois });
                let jour = kernel::calendrier::jour(&now);
                journal::write(site, tx, Entry::system("usage.effacer", "usage", jour).with(faits)).await?;
            }
            Ok(n)
        })
        .await
}

/// One turn: erases mandats and people past their time; gives how many of each went.
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
        mandats += site
            .db
            .write(async |tx| {
                let usager = usagers::store::tenir(tx, UsagerId(f.usager_id)).await?;
                // Looked at again, held: somebody may have made something of it since it was listed.
                if !toujours(tx, FINIS, ("m.id", f.id), MANDAT.limite(now)).await? {
                    return Ok(0);
                }
                for sql in [
                    "DELETE FROM consentement WHERE mandat_id = $1",
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
                journal::write(site, tx, ligne).await?;
                Ok::<_, Failure>(1)
            })
            .await?;
    }
    let sql = format!("SELECT u.id {PARTIS} ORDER BY u.vu_le LIMIT $2");
    let rows = kit::query(site.db.read(), &sql, [USAGER.limite(now).into(), PAR_TOUR.into()]).await?;
    let mut personnes = 0;
    for row in rows {
        let id = UsagerId(row.try_get_by_index(0)?);
        personnes += u64::from(effacer_usager(m, id, now).await?);
    }
    Ok((mandats, personnes))
}

/// Whether that row is still one of what the rule erases.
async fn toujours(
    tx: &Tx,
    quoi: &str,
    (colonne, id): (&str, Uuid),
    limite: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = format!("SELECT COUNT(*) {quoi} AND {colonne} = $2");
    Ok(kit::count(tx, &sql, [limite.into(), id.into()]).await? == 1)
}

/// Erases a person who still has no mandat once they are held: with the row goes the key of what the journal calls them.
/// Says whether they went.
pub(super) async fn effacer_usager(m: &Mandats, id: UsagerId, now: DateTime<Utc>) -> Result<bool, Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let Some(usager) = usagers::store::tenir(tx, id).await? else { return Ok(false) };
            if !toujours(tx, PARTIS, ("u.id", id.0), USAGER.limite(now)).await? {
                return Ok(false);
            }
            let qui = usagers::pseudonyme(site, &usager)?;
            usagers::store::effacer(tx, id).await?;
            let ligne = Entry::system("usager.effacer", "usager", qui).with(json!({ "mois": USAGER.mois }));
            journal::write(site, tx, ligne).await?;
            Ok(true)
        })
        .await
}
