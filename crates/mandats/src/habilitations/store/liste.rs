//! The queue, within a scope.

use annuaire::structures::Conditions;
use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::habilitations::model::Etat;
use crate::ids::HabilitationId;

/// Which requests.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::habilitations) struct Filtre {
    /// Words of the name, of the number, of the SIRET or of the commune; all must be there.
    pub(in crate::habilitations) mots: String,
    /// In that state.
    pub(in crate::habilitations) etat: Option<Etat>,
    /// In that département.
    pub(in crate::habilitations) departement: Option<CodeDepartement>,
    /// Of that kind.
    pub(in crate::habilitations) type_cle: Option<String>,
    /// Studied by that one, or by nobody.
    pub(in crate::habilitations) agent: Option<Option<CompteId>>,
    /// Whose last message is from who asked.
    pub(in crate::habilitations) attend_reponse: bool,
}

/// A request, in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub(in crate::habilitations) struct Ligne {
    id: Uuid,
    pub(in crate::habilitations) numero: Option<i64>,
    pub(in crate::habilitations) nom: String,
    pub(in crate::habilitations) pivot: Option<String>,
    pub(in crate::habilitations) type_cle: Option<String>,
    pub(in crate::habilitations) commune: Option<String>,
    pub(in crate::habilitations) departement: Option<String>,
    pub(in crate::habilitations) region: Option<String>,
    etat: String,
    agent_id: Option<Uuid>,
    pub(in crate::habilitations) deposee_le: Option<DateTime<Utc>>,
    pub(in crate::habilitations) decidee_le: Option<DateTime<Utc>>,
    pub(in crate::habilitations) referent_courriel: Option<String>,
    pub(in crate::habilitations) personnes: i64,
    attend: i64,
}

impl Ligne {
    pub(in crate::habilitations) fn id(&self) -> HabilitationId {
        HabilitationId(self.id)
    }

    pub(in crate::habilitations) fn etat(&self) -> Etat {
        Etat::from_cle(&self.etat).unwrap_or(Etat::EnInstruction)
    }

    pub(in crate::habilitations) fn agent(&self) -> Option<CompteId> {
        self.agent_id.map(CompteId)
    }

    /// Whether the last word is from who asked.
    pub(in crate::habilitations) fn attend_reponse(&self) -> bool {
        self.attend > 0
    }

    pub(in crate::habilitations) fn type_nom(&self) -> &'static str {
        self.type_cle.as_deref().and_then(crate::habilitations::reference::type_de).map_or("", |t| t.1)
    }

    pub(in crate::habilitations) fn age(&self, now: DateTime<Utc>) -> i64 {
        self.deposee_le.map_or(0, |le| (now - le).num_days())
    }
}

/// Whether the last word of a request is from who asked.
const ATTEND: &str = "(SELECT COUNT(*) FROM habilitation_message x WHERE x.demande_id = h.id AND x.auteur = 'demandeur' \
                      AND NOT EXISTS (SELECT 1 FROM habilitation_message y WHERE y.demande_id = h.id AND y.auteur = 'equipe' \
                      AND y.ecrit_le >= x.ecrit_le))";

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    c.dans(perimetre, "h", "structure_id");
    c.et("h.etat <> 'brouillon'");
    for mot in kernel::text::fold(&f.mots).split_whitespace().take(8) {
        let place = c.place(format!("%{}%", mot.replace(['%', '_', '\\'], "")));
        c.et(format!("h.recherche LIKE {place}"));
    }
    if let Some(etat) = f.etat {
        let place = c.place(etat.cle());
        c.et(format!("h.etat = {place}"));
    }
    if let Some(d) = &f.departement {
        let place = c.place(d.to_string());
        c.et(format!("h.departement = {place}"));
    }
    if let Some(t) = &f.type_cle {
        let place = c.place(t.clone());
        c.et(format!("h.type_cle = {place}"));
    }
    match f.agent {
        Some(Some(agent)) => {
            let place = c.place(agent.0);
            c.et(format!("h.agent_id = {place}"));
        }
        Some(None) => c.et("h.agent_id IS NULL"),
        None => {}
    }
    if f.attend_reponse {
        c.et(format!("{ATTEND} > 0"));
    }
    c
}

/// How many the list has.
pub(in crate::habilitations) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f);
    let sql = format!("SELECT COUNT(*) FROM habilitation_demande h{}", c.clause());
    Ok(usize::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or_default())
}

/// Those after that mark (first filed, identifier), oldest first; `offset` of them left out.
pub(in crate::habilitations) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    apres: Option<(DateTime<Utc>, Uuid)>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Ligne>, DbErr> {
    let mut c = conditions(perimetre, f);
    if let Some((le, id)) = apres {
        let (le, id) = (c.place(le), c.place(id));
        c.et(format!("(h.deposee_le > {le} OR (h.deposee_le = {le} AND h.id > {id}))"));
    }
    let limit = c.place(i64::try_from(limit).unwrap_or(i64::MAX));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT h.id, h.numero, h.nom, h.pivot, h.type_cle, h.commune, h.departement, h.region, h.etat, h.agent_id, \
         h.deposee_le, h.decidee_le, h.referent_courriel, \
         (SELECT COUNT(*) FROM habilitation_personne p WHERE p.demande_id = h.id) AS personnes, {ATTEND} AS attend \
         FROM habilitation_demande h{} ORDER BY h.deposee_le, h.id LIMIT {limit} OFFSET {offset}",
        c.clause()
    );
    kit::query_as(conn, &sql, c.values().to_vec()).await
}

/// How many are in each state, within a scope.
pub(in crate::habilitations) async fn par_etat(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<Vec<(Etat, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct R {
        etat: String,
        n: i64,
    }
    let c = conditions(perimetre, &Filtre::default());
    let sql = format!(
        "SELECT h.etat AS etat, COUNT(*) AS n FROM habilitation_demande h{} GROUP BY h.etat",
        c.clause()
    );
    let rows: Vec<R> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(Etat::TOUS
        .into_iter()
        .filter_map(|e| rows.iter().find(|r| r.etat == e.cle()).map(|r| (e, r.n)))
        .collect())
}
