//! Somebody who comes back under another `sub` of FranceConnect (an account that was lost, or made again): the same person when
//! one alone has the same complete identity, and else a new one that the staff is told of.

use chrono::{DateTime, Datelike, Utc};
use kernel::ids::StructureId;
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::identite::FRANCE;
use super::{Genre, Identite, Usager, pseudonyme, store};
use crate::Failure;
use crate::ids::UsagerId;

/// Somebody known who was born that day under that name.
#[derive(Clone, Debug)]
pub(super) struct Connu {
    pub(super) id: UsagerId,
    pub(super) identite: Identite,
    /// Whether somebody ended a mandat because they died.
    pub(super) decede: bool,
}

/// Who an unknown `sub` is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// That person, with another account.
    Meme(UsagerId),
    /// A new one, who looks like these.
    Ressemble(Vec<UsagerId>),
    /// A new one.
    Nouveau,
}

/// Whether an identity says all that tells two people apart. A day or a month that the civil status does not know does not; nor
/// does the first of January, which is how such a date reads when the raw one was not granted.
pub(super) fn complete(i: &Identite) -> bool {
    let jour = i.naissance.completee;
    let date = i.naissance.jour_connu() && (jour.month(), jour.day()) != (1, 1);
    // Born abroad, a person has a country and no commune: that is all there is to say.
    let lieu = if i.pays == FRANCE { i.commune.is_some() } else { !i.pays.is_empty() };
    date && lieu && i.genre != Genre::NonPrecise && !i.nom.is_empty() && !i.prenoms.is_empty()
}

fn pivot(i: &Identite) -> (&str, &str, Genre, &crate::document::Naissance, Option<&str>, &str) {
    (&i.nom, &i.prenoms, i.genre, &i.naissance, i.commune.as_deref(), &i.pays)
}

fn premier_prenom(i: &Identite) -> String {
    kernel::text::fold(i.prenoms.split_whitespace().next().unwrap_or_default())
}

/// Who comes, among those who have their name and their day of birth.
pub(super) fn decider(arrive: &Identite, connus: &[Connu]) -> Verdict {
    let memes: Vec<&Connu> = connus.iter().filter(|c| pivot(&c.identite) == pivot(arrive)).collect();
    if let [seul] = memes.as_slice()
        && complete(arrive)
        && !seul.decede
    {
        return Verdict::Meme(seul.id);
    }
    let prenom = premier_prenom(arrive);
    let proches: Vec<UsagerId> =
        connus.iter().filter(|c| premier_prenom(&c.identite) == prenom).map(|c| c.id).collect();
    if proches.is_empty() { Verdict::Nouveau } else { Verdict::Ressemble(proches) }
}

/// Those who have that name and that day of birth.
async fn connus(tx: &Tx, i: &Identite) -> Result<Vec<Connu>, DbErr> {
    let sql = "SELECT u.id, CASE WHEN EXISTS (SELECT 1 FROM mandat_autorisation a WHERE a.usager_id = u.id \
               AND a.fin_raison = 'deces') THEN 1 ELSE 0 END AS decede FROM usager u \
               WHERE u.naissance = $1 AND u.nom = $2 ORDER BY u.id LIMIT 50";
    let rows = kit::query(tx, sql, [i.naissance.completee.into(), i.nom.clone().into()]).await?;
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let id = UsagerId(row.try_get_by_index(0)?);
        let decede = row.try_get_by_index::<i32>(1)? == 1;
        if let Some(u) = store::lire(tx, id).await? {
            out.push(Connu { id, identite: u.identite, decede });
        }
    }
    Ok(out)
}

/// The person of that keyed hash, of today or of before.
async fn du_sub(tx: &Tx, sub: &str) -> Result<Option<Usager>, DbErr> {
    if let Some(usager) = store::du_sub(tx, sub).await? {
        return Ok(Some(usager));
    }
    let sql = "SELECT usager_id FROM usager_sub_ancien WHERE sub = $1";
    match kit::query(tx, sql, [sub.into()]).await?.first() {
        Some(row) => store::lire(tx, UsagerId(row.try_get_by_index(0)?)).await,
        None => Ok(None),
    }
}

/// Who comes back from FranceConnect under that keyed hash, held; or those whom a new person would look like.
///
/// # Errors
/// The database; a key that no longer opens.
pub(super) async fn reconnaitre_ou(
    site: &Site,
    tx: &Tx,
    sub: &str,
    identite: &Identite,
) -> Result<Result<Usager, Vec<UsagerId>>, Failure> {
    if let Some(usager) = du_sub(tx, sub).await?
        && let Some(usager) = store::tenir(tx, usager.id).await?
    {
        return Ok(Ok(usager));
    }
    let id = match decider(identite, &connus(tx, identite).await?) {
        Verdict::Nouveau => return Ok(Err(Vec::new())),
        Verdict::Ressemble(autres) => return Ok(Err(autres)),
        Verdict::Meme(id) => id,
    };
    let Some(usager) = store::tenir(tx, id).await? else { return Ok(Err(Vec::new())) };
    // Held: the same person may have come in elsewhere meanwhile.
    if usager.sub == sub {
        return Ok(Ok(usager));
    }
    if pivot(&usager.identite) != pivot(identite) {
        return Ok(Err(vec![id]));
    }
    let now = site.clock.now();
    let ancien = "INSERT INTO usager_sub_ancien (sub, usager_id, remplace_le) VALUES ($1, $2, $3) ON CONFLICT (sub) DO NOTHING";
    kit::execute(tx, ancien, [usager.sub.clone().into(), id.0.into(), now.into()]).await?;
    let usager = Usager { sub: sub.to_owned(), ..usager };
    store::enregistrer(tx, &usager).await?;
    let qui = pseudonyme(site, &usager)?;
    journal::write(site, tx, Entry::system("usager.rapprocher", "usager", qui)).await?;
    crate::espace::prevenir_du_compte(site, tx, &usager.contact).await?;
    Ok(Ok(Usager { version: usager.version + 1, ..usager }))
}

/// Who comes back from FranceConnect under that keyed hash, held; none for somebody new, who is not written down.
///
/// # Errors
/// The database; a key that no longer opens.
pub async fn reconnaitre(
    site: &Site,
    tx: &Tx,
    sub: &str,
    identite: &Identite,
) -> Result<Option<Usager>, Failure> {
    Ok(reconnaitre_ou(site, tx, sub, identite).await?.ok())
}

/// Notes, for the staff, that a new person looks like others.
pub(super) async fn noter_doublons(
    site: &Site,
    tx: &Tx,
    nouveau: &Usager,
    autres: &[UsagerId],
) -> Result<(), Failure> {
    if autres.is_empty() {
        return Ok(());
    }
    let now = site.clock.now();
    for autre in autres {
        let sql = "INSERT INTO usager_doublon (usager_id, autre_id, vu_le) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        kit::execute(tx, sql, [nouveau.id.0.into(), autre.0.into(), now.into()]).await?;
    }
    let (qui, faits) = (pseudonyme(site, nouveau)?, json!({ "autres": autres.len() }));
    journal::write(site, tx, Entry::system("usager.doublon", "usager", qui).with(faits)).await?;
    Ok(())
}

/// Two records that may be of one person, for the staff: where each is helped, and nothing of who they are.
#[derive(Clone, Debug)]
pub struct Doublon {
    /// Since when the second record exists.
    pub vu_le: DateTime<Utc>,
    /// Organisations that the first one mandated.
    pub avant: Vec<StructureId>,
    /// Those of the second.
    pub apres: Vec<StructureId>,
}

/// Probable duplicates, the last first, and how many there are.
///
/// # Errors
/// The database.
pub async fn doublons(
    conn: &impl ConnectionTrait,
    (debut, combien): (u64, u64),
) -> Result<(Vec<Doublon>, i64), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        usager_id: Uuid,
        autre_id: Uuid,
        vu_le: DateTime<Utc>,
    }
    let sql = format!(
        "SELECT usager_id, autre_id, vu_le FROM usager_doublon ORDER BY vu_le DESC, usager_id, autre_id \
         LIMIT {combien} OFFSET {debut}"
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, []).await?;
    let ou = async |id: Uuid| -> Result<Vec<StructureId>, DbErr> {
        let sql =
            "SELECT DISTINCT structure_id FROM mandat WHERE usager_id = $1 ORDER BY structure_id LIMIT 20";
        let rows = kit::query(conn, sql, [id.into()]).await?;
        rows.iter().map(|r| r.try_get_by_index(0).map(StructureId)).collect()
    };
    let mut out = Vec::with_capacity(rows.len());
    for r in rows {
        out.push(Doublon { vu_le: r.vu_le, avant: ou(r.autre_id).await?, apres: ou(r.usager_id).await? });
    }
    Ok((out, kit::count(conn, "SELECT COUNT(*) FROM usager_doublon", []).await?))
}
