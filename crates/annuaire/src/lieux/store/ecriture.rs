//! Writing lieux by the thousand: statements of many rows, under the limits of both engines.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use chrono::{DateTime, Utc};
use kernel::CodeCommune;
use kernel::ids::LieuId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::super::model::{ChampChange, Genre, LivraisonId, SourceId};
use super::super::standard::{Champ, Fiche, Genre as GenreChamp};

/// Most parameters of a statement: SQLite takes 32 766.
const PARAMETRES: usize = 30_000;
/// Most values of an `IN`.
const VALEURS: usize = 500;

/// A source as the import sees it before it writes.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct SourceConnue {
    pub(in crate::lieux) id: SourceId,
    /// Deliveries written so far: the lock of those that come at once.
    pub(in crate::lieux) livraisons: i64,
}

/// What a source delivered before under an identifier of its own.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct Connu {
    pub(in crate::lieux) lieu: LieuId,
    pub(in crate::lieux) empreinte: String,
    pub(in crate::lieux) absent: bool,
}

/// The source of that key.
pub(in crate::lieux) async fn source(
    conn: &impl ConnectionTrait,
    cle: &str,
) -> Result<Option<SourceConnue>, DbErr> {
    let rows =
        kit::query(conn, "SELECT id, livraisons FROM lieu_source WHERE cle = $1", [cle.into()]).await?;
    rows.first()
        .map(|r| {
            Ok(SourceConnue { id: SourceId(r.try_get("", "id")?), livraisons: r.try_get("", "livraisons")? })
        })
        .transpose()
}

/// Everything that a source delivered.
pub(in crate::lieux) async fn aliases(
    conn: &impl ConnectionTrait,
    source: SourceId,
) -> Result<HashMap<String, Connu>, DbErr> {
    let sql = "SELECT id_local, lieu_id, empreinte, absent_depuis FROM lieu_alias WHERE source_id = $1";
    let rows = kit::query(conn, sql, [source.0.into()]).await?;
    rows.iter()
        .map(|r| {
            let absent: Option<DateTime<Utc>> = r.try_get("", "absent_depuis")?;
            let connu = Connu {
                lieu: LieuId(r.try_get("", "lieu_id")?),
                empreinte: r.try_get("", "empreinte")?,
                absent: absent.is_some(),
            };
            Ok((r.try_get("", "id_local")?, connu))
        })
        .collect()
}

/// Which of these exported identifiers are taken.
pub(in crate::lieux) async fn libres(
    conn: &impl ConnectionTrait,
    identifiants: &[&str],
) -> Result<Vec<String>, DbErr> {
    let mut pris = Vec::new();
    for morceau in identifiants.chunks(VALEURS) {
        let sql = format!("SELECT identifiant FROM lieu WHERE identifiant IN ({})", places(morceau.len(), 1));
        for row in kit::query(conn, &sql, morceau.iter().map(|i| Value::from(*i))).await? {
            pris.push(row.try_get_by_index(0)?);
        }
    }
    Ok(pris)
}

/// The communes of these lieux; none when it is not known.
pub(in crate::lieux) async fn communes_de(
    conn: &impl ConnectionTrait,
    ids: &[LieuId],
) -> Result<HashMap<LieuId, Option<CodeCommune>>, DbErr> {
    let mut communes = HashMap::with_capacity(ids.len());
    for morceau in ids.chunks(VALEURS) {
        let sql = format!("SELECT id, code_insee FROM lieu WHERE id IN ({})", places(morceau.len(), 1));
        for row in kit::query(conn, &sql, morceau.iter().map(|i| Value::from(i.0))).await? {
            let code: String = row.try_get_by_index(1)?;
            communes.insert(LieuId(row.try_get_by_index(0)?), CodeCommune::parse(&code));
        }
    }
    Ok(communes)
}

/// The fiches of these lieux, as they are before a change.
pub(in crate::lieux) async fn fiches_de(
    conn: &impl ConnectionTrait,
    ids: &[LieuId],
) -> Result<HashMap<LieuId, Fiche>, DbErr> {
    let mut fiches = HashMap::with_capacity(ids.len());
    for morceau in ids.chunks(VALEURS) {
        let sql = format!(
            "SELECT {} FROM lieu l JOIN lieu_source s ON s.id = l.source_id WHERE l.id IN ({})",
            super::colonnes(),
            places(morceau.len(), 1)
        );
        for row in kit::query(conn, &sql, morceau.iter().map(|i| Value::from(i.0))).await? {
            let lieu = super::lit(&row)?;
            fiches.insert(lieu.id, lieu.fiche);
        }
    }
    Ok(fiches)
}

/// A lieu to write: new, or changed.
#[derive(Debug)]
pub(in crate::lieux) struct Ligne {
    pub(in crate::lieux) id: LieuId,
    /// Exported identifier; ignored for a lieu that exists.
    pub(in crate::lieux) identifiant: String,
    pub(in crate::lieux) id_local: String,
    pub(in crate::lieux) empreinte: String,
    pub(in crate::lieux) fiche: Fiche,
    /// What changed, for a lieu that exists.
    pub(in crate::lieux) changement: Option<(Genre, Vec<ChampChange>)>,
}

/// The writing of one delivery.
#[derive(Debug)]
pub(in crate::lieux) struct Ecriture<'t> {
    pub(in crate::lieux) tx: &'t Tx,
    pub(in crate::lieux) source: SourceId,
    pub(in crate::lieux) livraison: LivraisonId,
    pub(in crate::lieux) par: Option<Uuid>,
    pub(in crate::lieux) maintenant: DateTime<Utc>,
}

impl Ecriture<'_> {
    /// Makes the source, or counts one more delivery of it. False when somebody else delivered for
    /// the same source in the meantime.
    pub(in crate::lieux) async fn prend_la_source(
        &self,
        cle: &str,
        nom: &str,
        vue: Option<i64>,
    ) -> Result<bool, DbErr> {
        let fait =
            match vue {
                None => kit::execute(
                    self.tx,
                    "INSERT INTO lieu_source (id, cle, nom, livraisons, creee_le) VALUES ($1, $2, $3, 1, $4) \
                     ON CONFLICT DO NOTHING",
                    [self.source.0.into(), cle.into(), nom.into(), self.maintenant.into()],
                )
                .await?,
                Some(vues) => kit::execute(
                    self.tx,
                    "UPDATE lieu_source SET livraisons = livraisons + 1 WHERE id = $1 AND livraisons = $2",
                    [self.source.0.into(), vues.into()],
                )
                .await?,
            };
        Ok(fait.rows_affected() == 1)
    }

    /// Writes lieux, new or changed, with their aliases and their history.
    pub(in crate::lieux) async fn ecrit(&self, lignes: &[Ligne]) -> Result<(), DbErr> {
        let colonnes = 7 + Champ::TOUS.len() - 1;
        for morceau in lignes.chunks(PARAMETRES / colonnes) {
            // Two records of one lieu: one row, which either writes.
            let mut vus = HashSet::new();
            let rangees: Vec<&Ligne> = morceau.iter().filter(|l| vus.insert(l.id)).collect();
            self.lieux(&rangees, colonnes).await?;
            self.alias(morceau).await?;
        }
        let changements: Vec<(LieuId, Genre, &[ChampChange])> = lignes
            .iter()
            .filter_map(|l| l.changement.as_ref().map(|(g, c)| (l.id, *g, c.as_slice())))
            .collect();
        self.historique(&changements).await
    }

    async fn lieux(&self, lignes: &[&Ligne], colonnes: usize) -> Result<(), DbErr> {
        let champs: Vec<&str> = Champ::TOUS.iter().skip(1).map(|c| c.nom()).collect();
        let mises_a_jour: Vec<String> = champs.iter().map(|c| format!("{c} = excluded.{c}")).collect();
        let mut sql = format!(
            "INSERT INTO lieu (id, identifiant, source_id, ferme_le, cree_le, modifie_le, recherche, {}) VALUES ",
            champs.join(", ")
        );
        self.rangees(&mut sql, lignes.len(), colonnes);
        let _ = write!(
            sql,
            // What a person closed stays closed.
            " ON CONFLICT (id) DO UPDATE SET ferme_le = CASE WHEN lieu.motif_fermeture IS NULL THEN NULL ELSE lieu.ferme_le END, \
             modifie_le = excluded.modifie_le, recherche = excluded.recherche, version = lieu.version + 1, {}",
            mises_a_jour.join(", ")
        );
        let mut valeurs: Vec<Value> = Vec::with_capacity(lignes.len() * colonnes);
        for ligne in lignes {
            valeurs.extend([
                ligne.id.0.into(),
                ligne.identifiant.as_str().into(),
                self.source.0.into(),
                None::<DateTime<Utc>>.into(),
                self.maintenant.into(),
                self.maintenant.into(),
                super::gestion::recherche(&ligne.fiche).into(),
            ]);
            valeurs.extend(Champ::TOUS.into_iter().skip(1).map(|c| valeur(&ligne.fiche, c)));
        }
        kit::execute(self.tx, &sql, valeurs).await.map(|_| ())
    }

    async fn alias(&self, lignes: &[Ligne]) -> Result<(), DbErr> {
        let mut sql =
            "INSERT INTO lieu_alias (source_id, id_local, lieu_id, empreinte, absent_depuis) VALUES "
                .to_owned();
        self.rangees(&mut sql, lignes.len(), 5);
        sql.push_str(
            " ON CONFLICT (source_id, id_local) DO UPDATE SET empreinte = excluded.empreinte, absent_depuis = NULL",
        );
        let valeurs = lignes.iter().flat_map(|l| {
            [
                self.source.0.into(),
                l.id_local.as_str().into(),
                l.id.0.into(),
                l.empreinte.as_str().into(),
                None::<DateTime<Utc>>.into(),
            ]
        });
        kit::execute(self.tx, &sql, valeurs.collect::<Vec<Value>>()).await.map(|_| ())
    }

    /// Marks as closed the lieux that the source does not deliver any more.
    pub(in crate::lieux) async fn ferme(&self, absents: &[(String, LieuId)]) -> Result<(), DbErr> {
        for morceau in absents.chunks(VALEURS) {
            let sql = format!(
                "UPDATE lieu_alias SET absent_depuis = $1 WHERE source_id = $2 AND id_local IN ({})",
                places(morceau.len(), 3)
            );
            let mut valeurs: Vec<Value> = vec![self.maintenant.into(), self.source.0.into()];
            valeurs.extend(morceau.iter().map(|(id, _)| Value::from(id.as_str())));
            kit::execute(self.tx, &sql, valeurs).await?;
            // A lieu that another source still delivers stays open.
            let sql = format!(
                "UPDATE lieu SET ferme_le = $1, modifie_le = $1, version = version + 1 WHERE ferme_le IS NULL AND id IN ({}) AND NOT EXISTS \
                 (SELECT 1 FROM lieu_alias a WHERE a.lieu_id = lieu.id AND a.absent_depuis IS NULL)",
                places(morceau.len(), 2)
            );
            let mut valeurs: Vec<Value> = vec![self.maintenant.into()];
            valeurs.extend(morceau.iter().map(|(_, id)| Value::from(id.0)));
            kit::execute(self.tx, &sql, valeurs).await?;
        }
        let mut fermes: HashSet<LieuId> = HashSet::new();
        for morceau in absents.chunks(VALEURS) {
            let sql =
                format!("SELECT id FROM lieu WHERE ferme_le = $1 AND id IN ({})", places(morceau.len(), 2));
            let mut valeurs: Vec<Value> = vec![self.maintenant.into()];
            valeurs.extend(morceau.iter().map(|(_, id)| Value::from(id.0)));
            for row in kit::query(self.tx, &sql, valeurs).await? {
                fermes.insert(LieuId(row.try_get_by_index(0)?));
            }
        }
        let changements: Vec<(LieuId, Genre, &[ChampChange])> =
            fermes.into_iter().map(|id| (id, Genre::Fermeture, &[][..])).collect();
        self.historique(&changements).await
    }

    /// `($1,$2),($3,$4),…`; `(?,?),(?,?),…` on SQLite, which takes `$1` for a name and looks for it among
    /// all those before: thirty thousand of them would take seconds.
    fn rangees(&self, sql: &mut String, lignes: usize, colonnes: usize) {
        let sqlite = self.tx.get_database_backend() == sea_orm::DbBackend::Sqlite;
        for i in 0..lignes {
            let places =
                if sqlite { vec!["?"; colonnes].join(",") } else { places(colonnes, i * colonnes + 1) };
            let _ = write!(sql, "{}({places})", if i == 0 { "" } else { "," });
        }
    }

    /// Keeps that the delivery added these lieux.
    pub(in crate::lieux) async fn ajoute(&self, lieux: &[LieuId]) -> Result<(), DbErr> {
        for morceau in lieux.chunks(PARAMETRES / 2) {
            let mut sql = "INSERT INTO lieu_livraison_ajout (livraison_id, lieu_id) VALUES ".to_owned();
            self.rangees(&mut sql, morceau.len(), 2);
            let valeurs = morceau.iter().flat_map(|l| [Value::from(self.livraison.0), Value::from(l.0)]);
            kit::execute(self.tx, &sql, valeurs).await?;
        }
        Ok(())
    }

    async fn historique(&self, changements: &[(LieuId, Genre, &[ChampChange])]) -> Result<(), DbErr> {
        for (lot, morceau) in changements.chunks(PARAMETRES / 7).enumerate() {
            let mut sql =
                "INSERT INTO lieu_changement (id, lieu_id, livraison_id, par, le, genre, champs) VALUES "
                    .to_owned();
            self.rangees(&mut sql, morceau.len(), 7);
            let mut valeurs: Vec<Value> = Vec::with_capacity(morceau.len() * 7);
            for (rang, (lieu, genre, champs)) in morceau.iter().enumerate() {
                let champs = serde_json::to_string(champs).map_err(|e| DbErr::Custom(e.to_string()))?;
                // Derived from the delivery and the lieu: unique, and the same if it is written again.
                let graine = format!("{}{}{}{lot}{rang}", self.livraison, lieu, genre.cle());
                let id = Uuid::from_slice(&sha(&graine)).unwrap_or_default();
                valeurs.extend([
                    id.into(),
                    lieu.0.into(),
                    Some(self.livraison.0).into(),
                    self.par.into(),
                    self.maintenant.into(),
                    genre.cle().into(),
                    champs.into(),
                ]);
            }
            kit::execute(self.tx, &sql, valeurs).await?;
        }
        Ok(())
    }
}

fn sha(texte: &str) -> [u8; 16] {
    use sha2::Digest;
    let mut court = [0; 16];
    court.copy_from_slice(&sha2::Sha256::digest(texte.as_bytes())[..16]);
    court
}

fn valeur(fiche: &Fiche, champ: Champ) -> Value {
    match (champ, champ.genre()) {
        (Champ::Latitude, _) => fiche.position.map(|p| p.latitude).into(),
        (Champ::Longitude, _) => fiche.position.map(|p| p.longitude).into(),
        (_, GenreChamp::Date) => fiche.date_maj.into(),
        // Text without zero characters: PostgreSQL refuses them.
        _ => fiche.valeur(champ).into_owned().into(),
    }
}

/// `$1, $2, …`, from the given number.
fn places(n: usize, de: usize) -> String {
    let mut sql = String::with_capacity(n * 7);
    for i in 0..n {
        let _ = write!(sql, "{}${}", if i == 0 { "" } else { "," }, i + de);
    }
    sql
}
