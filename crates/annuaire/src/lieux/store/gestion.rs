//! Rows of the management of lieux: what is known beyond the sheet, values typed over the source, history, lists.

mod liste;
mod rappels;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Actor;
use kernel::actor::Cible;
use kernel::ids::{CompteId, LieuId, StructureId};
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::{colonnes, lit};
use crate::lieux::gestion::model::{Gere, Motif, Trace, ValeurSaisie};
use crate::lieux::model::{ChampChange, Genre};
use crate::lieux::standard::{Champ, Fiche, Genre as GenreChamp};

pub(in crate::lieux) use liste::{Filtre, Ligne, Tri, compter, departements, lister, par_source, sources};
pub(in crate::lieux) use rappels::{
    Rappel, candidats, confirme_rappel, dernier_pour, envois_depuis, note_rappel, note_refus, oublie, rappel,
    refuse,
};

/// The text that the list searches.
pub(in crate::lieux) fn recherche(fiche: &Fiche) -> String {
    let champs = [Champ::Nom, Champ::Commune, Champ::CodePostal, Champ::CodeInsee, Champ::Adresse, Champ::Id];
    kernel::text::fold(&champs.map(|c| fiche.valeur(c).into_owned()).join(" "))
}

const EN_PLUS: &str = "l.version, l.structure_id, l.structure_choisie, l.motif_fermeture, l.confirme_le";

fn gere(row: &QueryResult) -> Result<Gere, DbErr> {
    let lieu = lit(row)?;
    let motif: Option<String> = row.try_get("", "motif_fermeture")?;
    let structure = row.try_get::<Option<Uuid>>("", "structure_id")?.map(StructureId);
    Ok(Gere {
        version: row.try_get("", "version")?,
        motif: motif.as_deref().and_then(Motif::de_cle),
        confirme_le: row.try_get("", "confirme_le")?,
        structure_choisie: row.try_get("", "structure_choisie")?,
        cible: Cible { structure, lieu: Some(lieu.id), ..Cible::default() },
        alias: Vec::new(),
        structure,
        lieu,
    })
}

/// These lieux as those who keep them see them; the territory of the target and the aliases are left to the caller.
pub(in crate::lieux) async fn geres(conn: &impl ConnectionTrait, ids: &[LieuId]) -> Result<Vec<Gere>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(500) {
        let places: Vec<String> = (1..=lot.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {}, {EN_PLUS} FROM lieu l JOIN lieu_source s ON s.id = l.source_id WHERE l.id IN ({}) ORDER BY l.id",
            colonnes(),
            places.join(",")
        );
        for row in kit::query(conn, &sql, lot.iter().map(|id| id.0.into())).await? {
            out.push(gere(&row)?);
        }
    }
    Ok(out)
}

/// Open lieux of a commune: those that a new one is compared with.
pub(in crate::lieux) async fn ouverts_de_commune(
    conn: &impl ConnectionTrait,
    code_insee: &str,
) -> Result<Vec<Gere>, DbErr> {
    let sql = format!(
        "SELECT {}, {EN_PLUS} FROM lieu l JOIN lieu_source s ON s.id = l.source_id \
         WHERE l.code_insee = $1 AND l.ferme_le IS NULL ORDER BY l.id LIMIT 2000",
        colonnes()
    );
    kit::query(conn, &sql, [code_insee.into()]).await?.iter().map(gere).collect()
}

fn valeur(fiche: &Fiche, champ: Champ) -> Value {
    match (champ, champ.genre()) {
        (Champ::Latitude, _) => fiche.position.map(|p| p.latitude).into(),
        (Champ::Longitude, _) => fiche.position.map(|p| p.longitude).into(),
        (_, GenreChamp::Date) => fiche.date_maj.into(),
        _ => fiche.valeur(champ).into_owned().into(),
    }
}

/// Writes the sheet, the state and the links over those of `g.version`, and counts the version up; false when somebody
/// else changed the lieu since.
pub(in crate::lieux) async fn update(tx: &Tx, g: &Gere, maintenant: DateTime<Utc>) -> Result<bool, DbErr> {
    let ferme = match g.lieu.etat {
        crate::lieux::Etat::Ouvert => None,
        crate::lieux::Etat::Ferme { depuis } => Some(depuis),
        crate::lieux::Etat::Fusionne { .. } => Some(maintenant),
    };
    let mut valeurs: Vec<Value> = vec![
        g.lieu.id.0.into(),
        g.version.into(),
        maintenant.into(),
        recherche(&g.lieu.fiche).into(),
        ferme.into(),
        g.motif.map(Motif::cle).into(),
        g.confirme_le.into(),
        g.structure.map(|s| s.0).into(),
        g.structure_choisie.into(),
    ];
    let mut sets = Vec::with_capacity(Champ::TOUS.len());
    for champ in Champ::TOUS.into_iter().skip(1) {
        valeurs.push(valeur(&g.lieu.fiche, champ));
        sets.push(format!("{} = ${}", champ.nom(), valeurs.len()));
    }
    let sql = format!(
        "UPDATE lieu SET version = version + 1, modifie_le = $3, recherche = $4, ferme_le = $5, motif_fermeture = $6, \
         confirme_le = $7, structure_id = $8, structure_choisie = $9, {} WHERE id = $1 AND version = $2",
        sets.join(", ")
    );
    Ok(kit::execute(tx, &sql, valeurs).await?.rows_affected() == 1)
}

/// Who writes, and what they do, in words: what the history keeps.
#[derive(Clone, Copy, Debug)]
pub(in crate::lieux) struct Acte<'a> {
    /// None for a link in a message.
    pub(in crate::lieux) par: Option<&'a Actor>,
    /// « Correction », « Confirmation par le lieu »…
    pub(in crate::lieux) quoi: &'a str,
    pub(in crate::lieux) genre: Genre,
}

/// Writes a line of history.
pub(in crate::lieux) async fn noter(
    site: &Site,
    tx: &Tx,
    lieu: LieuId,
    acte: Acte<'_>,
    champs: &[ChampChange],
) -> Result<(), DbErr> {
    let json = serde_json::to_string(champs).map_err(|e| DbErr::Custom(e.to_string()))?;
    kit::execute(
        tx,
        "INSERT INTO lieu_changement (id, lieu_id, livraison_id, par, le, genre, champs, acte, role) \
         VALUES ($1, $2, NULL, $3, $4, $5, $6, $7, $8)",
        [
            kernel::ids::uuid_v7(&site.clock, &site.chance).into(),
            lieu.0.into(),
            acte.par.map(|a| a.compte.0).into(),
            site.clock.now().into(),
            acte.genre.cle().into(),
            json.into(),
            acte.quoi.into(),
            acte.par.map(|a| a.role.ligne().key).into(),
        ],
    )
    .await
    .map(|_| ())
}

/// A page of the history, newest first.
pub(in crate::lieux) async fn historique(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
    offset: usize,
    limit: usize,
) -> Result<Vec<Trace>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT le, par, role, acte, genre, champs, livraison_id FROM lieu_changement WHERE lieu_id = $1 \
         ORDER BY le DESC, id DESC LIMIT $2 OFFSET $3",
        [
            lieu.0.into(),
            i64::try_from(limit).unwrap_or(100).into(),
            i64::try_from(offset).unwrap_or(i64::MAX).into(),
        ],
    )
    .await?;
    rows.iter()
        .map(|row| {
            let (genre, champs): (String, String) = (row.try_get("", "genre")?, row.try_get("", "champs")?);
            Ok(Trace {
                le: row.try_get("", "le")?,
                par: row.try_get::<Option<Uuid>>("", "par")?.map(CompteId),
                role: row.try_get("", "role")?,
                acte: row.try_get("", "acte")?,
                genre: Genre::de_cle(&genre).unwrap_or(Genre::Changement),
                champs: serde_json::from_str(&champs).unwrap_or_default(),
                livraison: row.try_get::<Option<Uuid>>("", "livraison_id")?.is_some(),
            })
        })
        .collect()
}

/// How many lines the history has.
pub(in crate::lieux) async fn longueur_historique(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<usize, DbErr> {
    let n =
        kit::count(conn, "SELECT COUNT(*) FROM lieu_changement WHERE lieu_id = $1", [lieu.0.into()]).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// Values that people typed over those of the source, by lieu.
pub(in crate::lieux) async fn saisies(
    conn: &impl ConnectionTrait,
    lieux: &[LieuId],
) -> Result<BTreeMap<LieuId, Vec<ValeurSaisie>>, DbErr> {
    let mut out: BTreeMap<LieuId, Vec<ValeurSaisie>> = BTreeMap::new();
    for lot in lieux.chunks(500) {
        let places: Vec<String> = (1..=lot.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT lieu_id, champ, valeur, source_valeur, le FROM lieu_saisie WHERE lieu_id IN ({}) ORDER BY lieu_id, champ",
            places.join(",")
        );
        for row in kit::query(conn, &sql, lot.iter().map(|l| l.0.into())).await? {
            let champ: String = row.try_get("", "champ")?;
            // A field of another version of the standard says nothing to this one.
            let Some(champ) = Champ::de_nom(&champ) else { continue };
            out.entry(LieuId(row.try_get("", "lieu_id")?)).or_default().push(ValeurSaisie {
                champ,
                valeur: row.try_get("", "valeur")?,
                source: row.try_get("", "source_valeur")?,
                le: row.try_get("", "le")?,
            });
        }
    }
    Ok(out)
}

/// Remembers a typed value; what the source says stays what it was when the field is typed again.
pub(in crate::lieux) async fn saisir(
    site: &Site,
    tx: &Tx,
    lieu: LieuId,
    par: Option<CompteId>,
    change: (Champ, &str, &str),
) -> Result<(), DbErr> {
    let (champ, avant, apres) = change;
    kit::execute(
        tx,
        "INSERT INTO lieu_saisie (lieu_id, champ, valeur, source_valeur, par, le) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (lieu_id, champ) DO UPDATE SET valeur = excluded.valeur, par = excluded.par, le = excluded.le",
        [
            lieu.0.into(),
            champ.nom().into(),
            apres.into(),
            avant.into(),
            par.map(|c| c.0).into(),
            site.clock.now().into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Remembers what the source says now of a field that a person typed.
pub(in crate::lieux) async fn source_dit(
    tx: &Tx,
    lieu: LieuId,
    champ: Champ,
    valeur: &str,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE lieu_saisie SET source_valeur = $3 WHERE lieu_id = $1 AND champ = $2",
        [lieu.0.into(), champ.nom().into(), valeur.into()],
    )
    .await
    .map(|_| ())
}

/// Forgets a typed value: the source decides again.
pub(in crate::lieux) async fn oublie_saisie(tx: &Tx, lieu: LieuId, champ: Champ) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "DELETE FROM lieu_saisie WHERE lieu_id = $1 AND champ = $2",
        [lieu.0.into(), champ.nom().into()],
    )
    .await
    .map(|_| ())
}

/// The source of that key, made when it is not there yet.
pub(in crate::lieux) async fn assure_source(
    site: &Site,
    tx: &Tx,
    cle: &str,
    nom: &str,
) -> Result<Uuid, DbErr> {
    let neuf = kernel::ids::uuid_v7(&site.clock, &site.chance);
    kit::execute(
        tx,
        "INSERT INTO lieu_source (id, cle, nom, livraisons, creee_le) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING",
        [neuf.into(), cle.into(), nom.into(), site.clock.now().into()],
    )
    .await?;
    let rows = kit::query(tx, "SELECT id FROM lieu_source WHERE cle = $1", [cle.into()]).await?;
    rows.first().map_or(Ok(neuf), |r| r.try_get("", "id"))
}

/// Links lieux to the structure that bears their number, when there is exactly one and nobody decided otherwise.
/// `pivot`: only those of that number.
pub(in crate::lieux) async fn rattache_par_numero(tx: &Tx, pivot: Option<&str>) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE lieu SET structure_id = s.id FROM structure s \
         WHERE s.pivot = lieu.pivot AND s.etat = 'active' AND lieu.structure_id IS NULL AND NOT lieu.structure_choisie \
         AND NOT EXISTS (SELECT 1 FROM structure t WHERE t.pivot = s.pivot AND t.etat = 'active' AND t.id <> s.id){}",
        if pivot.is_some() { " AND s.pivot = $1" } else { "" }
    );
    kit::execute(tx, &sql, pivot.map(Value::from)).await.map(|_| ())
}

/// Moves the lieux of one structure to another, and gives those that moved.
pub(crate) async fn deplace(tx: &Tx, de: StructureId, vers: StructureId) -> Result<Vec<LieuId>, DbErr> {
    let rows =
        kit::query(tx, "SELECT id FROM lieu WHERE structure_id = $1 ORDER BY id", [de.0.into()]).await?;
    let ids: Vec<LieuId> = rows.iter().map(|r| r.try_get("", "id").map(LieuId)).collect::<Result<_, _>>()?;
    rend(tx, &ids, de, vers).await?;
    Ok(ids)
}

/// Moves those of these lieux that still belong to `de`.
pub(crate) async fn rend(tx: &Tx, ids: &[LieuId], de: StructureId, vers: StructureId) -> Result<(), DbErr> {
    for lot in ids.chunks(500) {
        let places: Vec<String> = (3..lot.len() + 3).map(|n| format!("${n}")).collect();
        let sql = format!(
            "UPDATE lieu SET structure_id = $1, version = version + 1 WHERE structure_id = $2 AND id IN ({})",
            places.join(",")
        );
        let valeurs = [vers.0.into(), de.0.into()].into_iter().chain(lot.iter().map(|l| l.0.into()));
        kit::execute(tx, &sql, valeurs.collect::<Vec<Value>>()).await?;
    }
    Ok(())
}

/// Lieux of these structures: identifier, name, commune, whether it is closed.
///
/// # Errors
/// The database.
pub async fn de_structures(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
) -> Result<Vec<(LieuId, String, String, bool)>, DbErr> {
    let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, nom, commune, ferme_le FROM lieu WHERE structure_id IN ({}) AND fusionne_dans IS NULL ORDER BY recherche, id LIMIT 500",
        places.join(",")
    );
    let rows = kit::query(conn, &sql, ids.iter().map(|s| s.0.into())).await?;
    rows.iter()
        .map(|r| {
            let ferme: Option<DateTime<Utc>> = r.try_get("", "ferme_le")?;
            Ok((
                LieuId(r.try_get("", "id")?),
                r.try_get("", "nom")?,
                r.try_get("", "commune")?,
                ferme.is_some(),
            ))
        })
        .collect()
}

/// The day as the database holds it.
pub(super) fn jour(row: &QueryResult, colonne: &str) -> Result<Option<NaiveDate>, DbErr> {
    row.try_get("", colonne)
}
