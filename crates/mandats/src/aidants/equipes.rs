//! Teams inside an organisation: whose mandats one sees in a large structure.

use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::agissant::{Agissant, agissant};
use crate::ids::EquipeId;
use crate::{Failure, Mandats, organisations};

/// Longest name of a team, in characters.
pub const NOM_MAX: usize = 60;
/// Most teams of one organisation.
pub const MAX: usize = 50;

/// A team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Equipe {
    /// Its identifier.
    pub id: EquipeId,
    /// Its name.
    pub nom: String,
}

/// The teams of an organisation, by name.
///
/// # Errors
/// The database.
pub async fn de(conn: &impl ConnectionTrait, structure: StructureId) -> Result<Vec<Equipe>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        nom: String,
    }
    let sql = "SELECT id, nom FROM equipe_aidants WHERE structure_id = $1 AND supprimee_le IS NULL ORDER BY nom, id";
    let rows: Vec<Row> = kit::query_as(conn, sql, [structure.0.into()]).await?;
    Ok(rows.into_iter().map(|r| Equipe { id: EquipeId(r.id), nom: r.nom }).collect())
}

/// Whose mandats somebody sees in the organisation in whose name they act. None: all of them (they are référent, or in no
/// team). Some: those made within these teams.
///
/// # Errors
/// The database.
pub async fn equipes_visibles(
    conn: &impl ConnectionTrait,
    a: &Agissant,
) -> Result<Option<Vec<EquipeId>>, DbErr> {
    let Some(equipe) = a.appartenance.equipe.filter(|_| !a.appartenance.fonction.referent()) else {
        return Ok(None);
    };
    // A team that was removed hides nothing from those who were in it.
    let existe = de(conn, a.organisation.structure).await?.iter().any(|e| e.id == equipe);
    Ok(existe.then(|| vec![equipe]))
}

/// Makes a team in the organisation in whose name the référent acts.
///
/// # Errors
/// A name that is taken or too long; too many teams.
pub async fn creer(m: &Mandats, actor: &Actor, nom: &str) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let ici = tenue(m, tx, actor).await?;
            let siennes = de(tx, ici).await?;
            let pareil = |e: &Equipe| kernel::text::fold(&e.nom) == kernel::text::fold(nom);
            if siennes.iter().any(pareil) {
                return Err(
                    Refusal::field("nom", "Une équipe porte déjà ce nom. Choisissez-en un autre.").into()
                );
            }
            if siennes.len() >= MAX {
                return Err(Refusal::field("nom", "Une organisation a au plus cinquante équipes.").into());
            }
            let id = ouvrir(site, tx, ici, nom).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "equipe.creer", "equipe", id)).await?)
        })
        .await
}

/// Writes a team, whose name nobody bears yet.
pub(crate) async fn ouvrir(
    site: &Site,
    tx: &Tx,
    structure: StructureId,
    nom: &str,
) -> Result<EquipeId, DbErr> {
    let id = EquipeId::new(&site.clock, &site.chance);
    let sql = "INSERT INTO equipe_aidants (id, structure_id, nom) VALUES ($1, $2, $3)";
    kit::execute(tx, sql, [id.0.into(), structure.0.into(), nom.into()]).await?;
    Ok(id)
}

/// Removes a team: its people see every mandat of the organisation again, and may be put in another.
///
/// # Errors
/// [`Refusal::NotFound`] for a team of another organisation.
pub async fn supprimer(m: &Mandats, actor: &Actor, id: EquipeId) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let ici = tenue(m, tx, actor).await?;
            if !de(tx, ici).await?.iter().any(|e| e.id == id) {
                return Err(Refusal::NotFound.into());
            }
            let sql = "UPDATE equipe_aidants SET supprimee_le = $2 WHERE id = $1";
            kit::execute(tx, sql, [id.0.into(), m.jour().into()]).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "equipe.supprimer", "equipe", id)).await?)
        })
        .await
}

async fn tenue(m: &Mandats, tx: &Tx, actor: &Actor) -> Result<StructureId, Failure> {
    let ici = agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
    organisations::store::tenir(tx, ici).await?;
    Ok(ici)
}
