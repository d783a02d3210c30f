//! Rows of lieux, and nothing but rows: entities and SQL stay here.

mod ecriture;
mod effets;
pub(super) mod gestion;
mod livraisons;
mod qualite;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::LieuId;
use kernel::{CodeCommune, CodePostal, Pivot, Position, Telephone};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::model::{Changement, Etat, Genre, Lieu};
use super::standard::{Champ, Fiche, Liste};

pub(super) use ecriture::{Ecriture, Ligne, SourceConnue, aliases, communes_de, fiches_de, libres, source};
pub(super) use effets::{Effet, effets, effets_par_genre};
pub(super) use livraisons::{
    corrige, depose, depot, efface_depot, enregistre_corrige, enregistre_livraison, enregistre_rapport,
    livraison, livraisons, rapport,
};
pub(super) use qualite::{QualiteSource, livraisons_de, qualite};

/// Lieux read at once.
const PAGE: i64 = 2_000;

/// Columns of ours before those of the standard.
const PREMIER_CHAMP: usize = 7;

/// The columns of a row, in the order that [`lit`] reads them.
fn colonnes() -> String {
    let champs: Vec<String> = Champ::TOUS.iter().skip(1).map(|c| format!("l.{}", c.nom())).collect();
    format!(
        "l.id, l.identifiant, s.nom AS nom_source, l.ferme_le, l.cree_le, l.modifie_le, l.fusionne_dans, {}",
        champs.join(", ")
    )
}

/// Place of a field among [`colonnes`]; the identifier of the producer, first of the standard, is not kept here.
fn place(champ: Champ) -> usize {
    PREMIER_CHAMP + champ.rang() - 1
}

fn lit(row: &QueryResult) -> Result<Lieu, DbErr> {
    // By place, not by name: a nation is read at every start.
    let texte = |c: Champ| row.try_get_by_index::<String>(place(c));
    let boite = |c: Champ| texte(c).map(String::into_boxed_str);
    let latitude = row.try_get_by_index::<Option<f64>>(place(Champ::Latitude))?;
    let longitude = row.try_get_by_index::<Option<f64>>(place(Champ::Longitude))?;
    let fiche = Fiche {
        id: row.try_get_by_index::<String>(1)?.into(),
        pivot: Pivot::parse(&texte(Champ::Pivot)?).ok(),
        nom: boite(Champ::Nom)?,
        commune: boite(Champ::Commune)?,
        code_postal: CodePostal::parse(&texte(Champ::CodePostal)?),
        code_insee: CodeCommune::parse(&texte(Champ::CodeInsee)?),
        adresse: boite(Champ::Adresse)?,
        complement_adresse: boite(Champ::ComplementAdresse)?,
        position: latitude.zip(longitude).and_then(|(lat, lon)| Position::new(lat, lon)),
        typologie: boite(Champ::Typologie)?,
        telephone: Telephone::parse(&texte(Champ::Telephone)?),
        courriels: boite(Champ::Courriels)?,
        site_web: boite(Champ::SiteWeb)?,
        horaires: boite(Champ::Horaires)?,
        presentation_resume: boite(Champ::PresentationResume)?,
        presentation_detail: boite(Champ::PresentationDetail)?,
        source: boite(Champ::Source)?,
        itinerance: Liste::exacte(&texte(Champ::Itinerance)?).unwrap_or_default(),
        structure_parente: boite(Champ::StructureParente)?,
        date_maj: row.try_get_by_index::<Option<NaiveDate>>(place(Champ::DateMaj))?,
        services: Liste::exacte(&texte(Champ::Services)?).unwrap_or_default(),
        publics: Liste::exacte(&texte(Champ::PublicsSpecifiquementAdresses)?).unwrap_or_default(),
        prises_en_charge: Liste::exacte(&texte(Champ::PriseEnChargeSpecifique)?).unwrap_or_default(),
        frais: Liste::exacte(&texte(Champ::FraisACharge)?).unwrap_or_default(),
        dispositifs: Liste::exacte(&texte(Champ::DispositifProgrammesNationaux)?).unwrap_or_default(),
        formations_labels: Liste::exacte(&texte(Champ::FormationsLabels)?).unwrap_or_default(),
        autres_formations_labels: boite(Champ::AutresFormationsLabels)?,
        modalites_acces: Liste::exacte(&texte(Champ::ModalitesAcces)?).unwrap_or_default(),
        modalites_accompagnement: Liste::exacte(&texte(Champ::ModalitesAccompagnement)?).unwrap_or_default(),
        fiche_acces_libre: boite(Champ::FicheAccesLibre)?,
        prise_rdv: boite(Champ::PriseRdv)?,
    };
    let ferme_le: Option<DateTime<Utc>> = row.try_get_by_index(3)?;
    let fusionne_dans: Option<Uuid> = row.try_get_by_index(PREMIER_CHAMP - 1)?;
    Ok(Lieu {
        id: LieuId(row.try_get_by_index(0)?),
        fiche,
        etat: match (fusionne_dans, ferme_le) {
            (Some(dans), _) => Etat::Fusionne { dans: LieuId(dans) },
            (None, Some(depuis)) => Etat::Ferme { depuis },
            (None, None) => Etat::Ouvert,
        },
        source: row.try_get_by_index(2)?,
        cree_le: row.try_get_by_index(4)?,
        modifie_le: row.try_get_by_index(5)?,
    })
}

/// How often lieux were written: whoever keeps them in memory reloads when it moves.
///
/// # Errors
/// When the database does not answer.
pub async fn version(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    // Both numbers only grow: their sum is new whenever one of them is.
    let sql = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM territoire_version WHERE sujet IN ('lieux', 'vacances')";
    kit::count(conn, sql, []).await
}

/// Hands every lieu to `prend`, closed ones included, in the order of their identifiers, some
/// thousands in memory at a time.
///
/// # Errors
/// When the database does not answer, or what `prend` returns.
pub async fn parcours<E: From<DbErr>>(
    conn: &impl ConnectionTrait,
    mut prend: impl FnMut(Lieu) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT {} FROM lieu l JOIN lieu_source s ON s.id = l.source_id WHERE l.id > $1 ORDER BY l.id LIMIT $2",
        colonnes()
    );
    let mut dernier = Uuid::nil();
    loop {
        let rows = kit::query(conn, &sql, [dernier.into(), PAGE.into()]).await?;
        let fini = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in &rows {
            let lieu = lit(row)?;
            dernier = lieu.id.0;
            prend(lieu)?;
        }
        if fini {
            return Ok(());
        }
    }
}

/// A lieu, open or closed.
///
/// # Errors
/// When the database does not answer.
pub async fn lieu(conn: &impl ConnectionTrait, id: LieuId) -> Result<Option<Lieu>, DbErr> {
    let sql =
        format!("SELECT {} FROM lieu l JOIN lieu_source s ON s.id = l.source_id WHERE l.id = $1", colonnes());
    kit::query(conn, &sql, [id.0.into()]).await?.first().map(lit).transpose()
}

/// These lieux, open or closed, in no particular order; those that do not exist are left out. At most some hundreds:
/// each is a parameter of the query.
///
/// # Errors
/// When the database does not answer.
pub(in crate::lieux) async fn plusieurs(
    conn: &impl ConnectionTrait,
    ids: &[LieuId],
) -> Result<Vec<Lieu>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT {} FROM lieu l JOIN lieu_source s ON s.id = l.source_id WHERE l.id IN ({})",
        colonnes(),
        places.join(", ")
    );
    let rows = kit::query(conn, &sql, ids.iter().map(|id| id.0.into())).await?;
    rows.iter().map(lit).collect()
}

/// The lieu of an exported identifier, or of the identifier that a source gives it: old addresses
/// keep working.
///
/// # Errors
/// When the database does not answer.
pub async fn lieu_de_identifiant(
    conn: &impl ConnectionTrait,
    identifiant: &str,
) -> Result<Option<LieuId>, DbErr> {
    for sql in [
        "SELECT COALESCE(fusionne_dans, id) FROM lieu WHERE identifiant = $1",
        "SELECT lieu_id FROM lieu_alias WHERE id_local = $1 ORDER BY lieu_id LIMIT 1",
    ] {
        if let Some(row) = kit::query(conn, sql, [identifiant.into()]).await?.first() {
            return Ok(Some(LieuId(row.try_get_by_index(0)?)));
        }
    }
    Ok(None)
}

/// What happened to a lieu, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn historique(
    conn: &impl ConnectionTrait,
    id: LieuId,
    limite: i64,
) -> Result<Vec<Changement>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT le, genre, champs FROM lieu_changement WHERE lieu_id = $1 ORDER BY le DESC, id DESC LIMIT $2",
        [id.0.into(), limite.into()],
    )
    .await?;
    rows.iter()
        .map(|row| {
            let genre: String = row.try_get("", "genre")?;
            let champs: String = row.try_get("", "champs")?;
            Ok(Changement {
                le: row.try_get("", "le")?,
                genre: Genre::de_cle(&genre).unwrap_or(Genre::Changement),
                champs: serde_json::from_str(&champs).unwrap_or_default(),
            })
        })
        .collect()
}
