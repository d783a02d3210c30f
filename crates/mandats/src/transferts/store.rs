//! Rows of transfers: what was asked, what became of each mandat, the signed acts.

use annuaire::structures::Conditions;
use chrono::{DateTime, Utc};
use kernel::Perimetre;
use kernel::ids::{CompteId, StructureId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Comptes, EtatLigne, Filtre, Lot};
use crate::document::ActeSigne;
use crate::ids::{AidantId, MandatId};
use crate::organisations::Organisation;

#[derive(FromQueryResult)]
struct LotRow {
    id: Uuid,
    de_structure_id: Uuid,
    vers_structure_id: Uuid,
    motif: String,
    par_compte_id: Uuid,
    cree_le: DateTime<Utc>,
    fini_le: Option<DateTime<Utc>>,
}

impl From<LotRow> for Lot {
    fn from(r: LotRow) -> Self {
        Self {
            id: r.id,
            de: StructureId(r.de_structure_id),
            vers: StructureId(r.vers_structure_id),
            motif: r.motif,
            par: CompteId(r.par_compte_id),
            cree_le: r.cree_le,
            fini_le: r.fini_le,
        }
    }
}

const LOT: &str = "id, de_structure_id, vers_structure_id, motif, par_compte_id, cree_le, fini_le";

/// That transfer.
pub(super) async fn lot(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Lot>, DbErr> {
    let sql = format!("SELECT {LOT} FROM mandat_transfert_lot WHERE id = $1");
    Ok(kit::query_one_as::<LotRow>(conn, &sql, [id.into()]).await?.map(Lot::from))
}

/// The last transfers between organisations of a scope.
pub(super) async fn lots(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    limite: i64,
) -> Result<Vec<Lot>, DbErr> {
    let mut c = Conditions::default();
    c.dans(perimetre, "de", "structure_id");
    c.dans(perimetre, "vers", "structure_id");
    let limite = c.place(limite);
    let sql = format!(
        "SELECT {} FROM mandat_transfert_lot l JOIN organisation_habilitee de ON de.structure_id = l.de_structure_id \
         JOIN organisation_habilitee vers ON vers.structure_id = l.vers_structure_id{} \
         ORDER BY l.cree_le DESC, l.id DESC LIMIT {limite}",
        LOT.split(", ").map(|colonne| format!("l.{colonne}")).collect::<Vec<_>>().join(", "),
        c.clause()
    );
    let rows: Vec<LotRow> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(rows.into_iter().map(Lot::from).collect())
}

/// Writes what was asked, each mandat to be moved.
pub(crate) async fn demander(tx: &Tx, lot: &Lot, mandats: &[MandatId]) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO mandat_transfert_lot ({LOT}) VALUES ({})", kit::places(1, 7));
    let values: [Value; 7] = [
        lot.id.into(),
        lot.de.0.into(),
        lot.vers.0.into(),
        lot.motif.clone().into(),
        lot.par.0.into(),
        lot.cree_le.into(),
        lot.fini_le.into(),
    ];
    kit::execute(tx, &sql, values).await?;
    let ligne = |m: &MandatId| vec![lot.id.into(), m.0.into(), EtatLigne::Attente.cle().into()];
    let rows = mandats.iter().map(ligne).collect();
    kit::insert_many(tx, "mandat_transfert_ligne (lot_id, mandat_id, etat)", rows, "").await.map(drop)
}

/// Takes a line that waits, until the end of the transaction; says whether it did.
pub(super) async fn prendre(tx: &Tx, lot: Uuid, mandat: MandatId) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_transfert_ligne SET etat = etat WHERE lot_id = $1 AND mandat_id = $2 AND etat = 'attente'";
    Ok(kit::execute(tx, sql, [lot.into(), mandat.0.into()]).await?.rows_affected() == 1)
}

/// Writes what became of a line.
pub(super) async fn noter(
    tx: &Tx,
    (lot, mandat): (Uuid, MandatId),
    etat: EtatLigne,
    pourquoi: Option<String>,
) -> Result<(), DbErr> {
    let sql =
        "UPDATE mandat_transfert_ligne SET etat = $3, pourquoi = $4 WHERE lot_id = $1 AND mandat_id = $2";
    let values: [Value; 4] = [lot.into(), mandat.0.into(), etat.cle().into(), pourquoi.into()];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Mandats of a transfer in that state, by identifier.
pub(super) async fn lignes(
    conn: &impl ConnectionTrait,
    lot: Uuid,
    etat: EtatLigne,
    limite: i64,
) -> Result<Vec<MandatId>, DbErr> {
    let sql = "SELECT mandat_id FROM mandat_transfert_ligne WHERE lot_id = $1 AND etat = $2 ORDER BY mandat_id LIMIT $3";
    let rows = kit::query(conn, sql, [lot.into(), etat.cle().into(), limite.into()]).await?;
    rows.iter().map(|r| r.try_get_by_index(0).map(MandatId)).collect()
}

/// How far a transfer is.
pub(super) async fn comptes(conn: &impl ConnectionTrait, lot: Uuid) -> Result<Comptes, DbErr> {
    let sql = "SELECT etat, COUNT(*) AS n FROM mandat_transfert_ligne WHERE lot_id = $1 GROUP BY etat";
    let mut comptes = Comptes::default();
    for row in kit::query(conn, sql, [lot.into()]).await? {
        let n = u64::try_from(row.try_get::<i64>("", "n")?).unwrap_or(0);
        match row.try_get::<String>("", "etat")?.as_str() {
            "attente" => comptes.attente = n,
            "fait" => comptes.faits = n,
            _ => comptes.refuses = n,
        }
    }
    Ok(comptes)
}

/// A mandat that was not moved, and why.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Refusee {
    pub(super) numero: String,
    pub(super) pourquoi: Option<String>,
}

/// The mandats that were not moved, by number.
pub(super) async fn refusees(
    conn: &impl ConnectionTrait,
    lot: Uuid,
    limite: i64,
) -> Result<Vec<Refusee>, DbErr> {
    let sql = "SELECT m.numero, l.pourquoi FROM mandat_transfert_ligne l JOIN mandat m ON m.id = l.mandat_id \
               WHERE l.lot_id = $1 AND l.etat = 'refuse' ORDER BY m.numero LIMIT $2";
    kit::query_as(conn, sql, [lot.into(), limite.into()]).await
}

/// Ends a transfer of which nothing waits any more; says whether it did.
pub(super) async fn clore(tx: &Tx, lot: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_transfert_lot SET fini_le = $2 WHERE id = $1 AND fini_le IS NULL \
               AND NOT EXISTS (SELECT 1 FROM mandat_transfert_ligne WHERE lot_id = $1 AND etat = 'attente')";
    Ok(kit::execute(tx, sql, [lot.into(), now.into()]).await?.rows_affected() == 1)
}

/// Which mandats are meant, as `m`; and what would hold one back, to be added.
fn choisis(de: StructureId, f: &Filtre, now: DateTime<Utc>) -> Conditions {
    let mut c = Conditions::default();
    let ici = c.place(de.0);
    c.et(format!("m.structure_id = {ici}"));
    if f.en_cours {
        let now = c.place(now);
        c.et(format!(
            "EXISTS (SELECT 1 FROM mandat_autorisation a WHERE a.mandat_id = m.id AND a.fin_le IS NULL AND a.expire_le > {now})"
        ));
    }
    if let Some(d) = &f.demarche {
        let d = c.place(d.clone());
        c.et(format!(
            "EXISTS (SELECT 1 FROM mandat_autorisation a WHERE a.mandat_id = m.id AND a.demarche = {d})"
        ));
    }
    if let Some(aidant) = f.aidant {
        let aidant = c.place(aidant.0);
        c.et(format!(
            "EXISTS (SELECT 1 FROM aidant_appartenance p WHERE p.id = m.appartenance_id AND p.aidant_id = {aidant})"
        ));
    }
    if !f.numeros.is_empty() {
        let numeros = c.liste(f.numeros.iter().map(|n| n.as_str().to_owned()));
        c.et(format!("m.numero IN ({numeros})"));
    }
    c
}

async fn compter(conn: &impl ConnectionTrait, c: &Conditions) -> Result<u64, DbErr> {
    let sql = format!("SELECT COUNT(*) FROM mandat m{}", c.clause());
    Ok(u64::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or(0))
}

/// What a transfer would do now: how many mandats are meant; of which some démarche is not permitted there; of which the
/// person has another one there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Apercu {
    pub(super) vises: u64,
    pub(super) hors_demarches: u64,
    pub(super) deja_la_bas: u64,
}

/// Works it out.
pub(super) async fn apercu(
    conn: &impl ConnectionTrait,
    (de, vers): (StructureId, &Organisation),
    f: &Filtre,
    now: DateTime<Utc>,
) -> Result<Apercu, DbErr> {
    let base = choisis(de, f, now);
    let mut hors = base.clone();
    let (maintenant, permises) = (hors.place(now), hors.liste(vers.demarches.cles().iter().cloned()));
    hors.et(format!(
        "EXISTS (SELECT 1 FROM mandat_autorisation x WHERE x.mandat_id = m.id AND x.fin_le IS NULL \
         AND x.expire_le > {maintenant} AND x.demarche NOT IN ({permises}))"
    ));
    let mut deja = base.clone();
    let (maintenant, la_bas) = (deja.place(now), deja.place(vers.structure.0));
    deja.et(format!(
        "EXISTS (SELECT 1 FROM mandat_autorisation x JOIN mandat_autorisation y ON y.usager_id = x.usager_id \
         AND y.demarche = x.demarche WHERE x.mandat_id = m.id AND x.fin_le IS NULL AND x.expire_le > {maintenant} \
         AND y.structure_id = {la_bas} AND y.fin_le IS NULL AND y.expire_le > {maintenant})"
    ));
    Ok(Apercu {
        vises: compter(conn, &base).await?,
        hors_demarches: compter(conn, &hors).await?,
        deja_la_bas: compter(conn, &deja).await?,
    })
}

/// The mandats that are meant, by identifier.
pub(super) async fn vises(
    conn: &impl ConnectionTrait,
    de: StructureId,
    f: &Filtre,
    now: DateTime<Utc>,
    limite: usize,
) -> Result<Vec<MandatId>, DbErr> {
    let mut c = choisis(de, f, now);
    let limite = c.place(i64::try_from(limite).unwrap_or(i64::MAX));
    let sql = format!("SELECT m.id FROM mandat m{} ORDER BY m.id LIMIT {limite}", c.clause());
    let rows = kit::query(conn, &sql, c.values().to_vec()).await?;
    rows.iter().map(|r| r.try_get_by_index(0).map(MandatId)).collect()
}

/// The aidants who made mandats that an organisation holds, by name.
pub(super) async fn aidants(
    conn: &impl ConnectionTrait,
    de: StructureId,
) -> Result<Vec<(AidantId, String)>, DbErr> {
    let sql = "SELECT DISTINCT a.nom, a.prenom, a.id FROM mandat m JOIN aidant_appartenance p ON p.id = m.appartenance_id \
               JOIN aidant a ON a.id = p.aidant_id WHERE m.structure_id = $1 ORDER BY a.nom, a.prenom, a.id LIMIT 500";
    let rows = kit::query(conn, sql, [de.0.into()]).await?;
    rows.iter()
        .map(|r| {
            let nom: String = r.try_get("", "nom")?;
            let prenom: String = r.try_get("", "prenom")?;
            Ok((AidantId(r.try_get("", "id")?), format!("{prenom} {nom}")))
        })
        .collect()
}

/// Moves the row of a mandat and of what it allows, if it is still there; says whether it was.
pub(super) async fn deplacer(
    tx: &Tx,
    mandat: MandatId,
    (de, vers): (StructureId, StructureId),
) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat SET structure_id = $3 WHERE id = $1 AND structure_id = $2";
    let values: [Value; 3] = [mandat.0.into(), de.0.into(), vers.0.into()];
    if kit::execute(tx, sql, values).await?.rows_affected() != 1 {
        return Ok(false);
    }
    let sql = "UPDATE mandat_autorisation SET structure_id = $2 WHERE mandat_id = $1";
    kit::execute(tx, sql, [mandat.0.into(), vers.0.into()]).await?;
    Ok(true)
}

/// Keeps a signed act.
pub(super) async fn garder(
    tx: &Tx,
    (id, mandat, lot): (Uuid, MandatId, &Lot),
    le: DateTime<Utc>,
    acte: &ActeSigne,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO mandat_transfert (id, mandat_id, de_structure_id, vers_structure_id, le, par_compte_id, motif, acte, \
               kid, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values: [Value; 10] = [
        id.into(),
        mandat.0.into(),
        lot.de.0.into(),
        lot.vers.0.into(),
        le.into(),
        lot.par.0.into(),
        lot.motif.clone().into(),
        acte.octets.clone().into(),
        acte.kid.clone().into(),
        acte.signature.clone().into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// The signed acts of a mandat, the first first.
pub(crate) async fn actes(
    conn: &impl ConnectionTrait,
    mandat: MandatId,
) -> Result<Vec<(DateTime<Utc>, ActeSigne)>, DbErr> {
    let sql = "SELECT le, acte, kid, signature FROM mandat_transfert WHERE mandat_id = $1 ORDER BY le, id";
    let rows = kit::query(conn, sql, [mandat.0.into()]).await?;
    rows.iter()
        .map(|r| {
            let acte = ActeSigne {
                octets: r.try_get("", "acte")?,
                kid: r.try_get("", "kid")?,
                signature: r.try_get("", "signature")?,
            };
            Ok((r.try_get("", "le")?, acte))
        })
        .collect()
}
