//! People who may be trained and are inscribed nowhere: their référents are reminded, and reminders stop by themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Email;
use kernel::ids::StructureId;
use platform::db::kit;
use platform::jobs::{Job, Registry};
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use sea_orm_migration::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{par_demandeur, regles, store};
use crate::aidants::{mails, registre};
use crate::{Failure, Mandats};

/// Time before the first reminder, and between two.
const ENTRE: TimeDelta = TimeDelta::days(14);
/// Most reminders to an organisation, as long as somebody waits there.
const PLUS: i64 = 4;
/// People looked at in one turn.
const PAR_TOUR: i64 = 20_000;
/// People named in one message.
const NOMMES: usize = 10;

/// `mandats_0102_formations_rappels`
#[derive(Debug)]
pub(crate) struct Mandats0102;

impl MigrationName for Mandats0102 {
    fn name(&self) -> &'static str {
        "mandats_0102_formations_rappels"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0102 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(kit::name("formations_rappel"))
                .col(kit::id(kit::name("structure_id")).primary_key())
                .col(kit::integer(kit::name("nombre")))
                .col(kit::instant(kit::name("dernier_le")))
                .to_owned(),
        )
        .await
    }
}

/// Reminds référents of people who are inscribed nowhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rappeler {}

impl Job for Rappeler {
    const KIND: &'static str = "mandats.formations.rappeler";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, _: Rappeler| {
        let m = m.clone();
        async move { rappeler(&m).await.map(drop) }
    });
    registry.every(Rappeler::KIND, TimeDelta::days(1), Rappeler {});
}

#[derive(FromQueryResult)]
struct Attend {
    structure_id: Uuid,
    prenom: String,
    nom: String,
}

/// Who waits for a training since that instant at least, in which organisation.
const ATTENDENT: &str = "FROM aidant a JOIN aidant_appartenance p ON p.aidant_id = a.id AND p.fin IS NULL AND p.fait_mandats \
     JOIN organisation_habilitee o ON o.structure_id = p.structure_id AND o.desactivee_le IS NULL \
     LEFT JOIN aidant_parcours q ON q.aidant_id = a.id \
     WHERE a.etat = 'eligible' AND a.etat_le <= $1 AND (q.voie IS NULL OR q.voie = 'classique') \
     AND NOT EXISTS (SELECT 1 FROM formations_inscription i WHERE i.aidant_id = a.id AND i.etat IN ('en_attente', 'inscrite'))";

async fn attendent(
    conn: &impl ConnectionTrait,
    depuis: DateTime<Utc>,
) -> Result<BTreeMap<Uuid, Vec<String>>, DbErr> {
    let sql = format!(
        "SELECT p.structure_id, a.prenom, a.nom {ATTENDENT} ORDER BY p.structure_id, a.nom, a.prenom, a.id LIMIT $2"
    );
    let rows: Vec<Attend> = kit::query_as(conn, &sql, [depuis.into(), PAR_TOUR.into()]).await?;
    let mut par: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for r in rows {
        par.entry(r.structure_id).or_default().push(format!("{} {}", r.prenom, r.nom));
    }
    Ok(par)
}

#[derive(FromQueryResult)]
struct Rappel {
    nombre: i64,
    dernier_le: DateTime<Utc>,
}

/// One round; gives how many messages leave. Nobody is reminded of what cannot be done: some session must take people.
///
/// # Errors
/// The database.
pub(super) async fn rappeler(m: &Mandats) -> Result<usize, Failure> {
    let (conn, now, jour) = (m.site.db.read(), m.site.clock.now(), m.jour());
    let par = attendent(conn, now - ENTRE).await?;
    oublier(m, now).await?;
    let ouvertes = store::a_venir(conn, jour).await?.into_iter().filter(|s| regles::ouverte(s, jour).is_ok());
    if ouvertes.count() == 0 {
        return Ok(0);
    }
    let mut envoyes = 0;
    for (structure, noms) in par {
        envoyes += m.site.db.write(async |tx| une(m, tx, (StructureId(structure), &noms), now).await).await?;
    }
    Ok(envoyes)
}

async fn une(
    m: &Mandats,
    tx: &Tx,
    (structure, noms): (StructureId, &[String]),
    now: DateTime<Utc>,
) -> Result<usize, Failure> {
    let sql = "SELECT nombre, dernier_le FROM formations_rappel WHERE structure_id = $1";
    let dit: Option<Rappel> = kit::query_one_as(tx, sql, [structure.0.into()]).await?;
    let nombre = dit.as_ref().map_or(0, |d| d.nombre);
    if nombre >= PLUS || dit.is_some_and(|d| now - d.dernier_le < ENTRE) {
        return Ok(0);
    }
    let venu = par_demandeur::referent_venu(tx, structure).await?;
    let nom = mails::nom_de(m, structure).await?;
    let referents = registre::referents(tx, structure).await?;
    for r in &referents {
        mail::enqueue(&m.site, tx, &a_inscrire(&m.site, r.courriel.clone(), &nom, noms, venu)).await?;
    }
    let values: [Value; 3] = [structure.0.into(), (nombre + 1).into(), now.into()];
    let sql = "INSERT INTO formations_rappel (structure_id, nombre, dernier_le) VALUES ($1, $2, $3) \
               ON CONFLICT (structure_id) DO UPDATE SET nombre = excluded.nombre, dernier_le = excluded.dernier_le";
    kit::execute(tx, sql, values).await?;
    Ok(referents.len())
}

/// Where nobody waits any more, the count begins again with the next person.
async fn oublier(m: &Mandats, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM formations_rappel WHERE structure_id NOT IN (SELECT p.structure_id {ATTENDENT})"
    );
    m.site.db.write(async |tx| kit::execute(tx, &sql, [now.into()]).await.map(drop)).await
}

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&INSCRIRE];

static INSCRIRE: Genre = Genre {
    cle: "formation.a_inscrire",
    nom: "Des personnes à inscrire à une formation",
    occasion: "Tous les quatorze jours, quand une session est ouverte et que des personnes à former n’y sont pas inscrites",
    lecteur: "Les référents de leur organisation",
    portee: Portee::Informe,
    arret: Some("Après quatre rappels, ou dès que personne n’attend"),
    apercu: |site, a| {
        let noms = ["Noé Essai".to_owned(), "Ophélie Essai".to_owned()];
        Some(a_inscrire(site, a, "Maison d’essai", &noms, true))
    },
};

fn a_inscrire(site: &Site, to: Email, organisation: &str, noms: &[String], venu: bool) -> Message {
    let qui = crate::habilitations::compte(noms.len(), "personne à former", "personnes à former");
    let ont = if noms.len() < 2 { "n’a" } else { "n’ont" };
    let mut liste: Vec<String> = noms.iter().take(NOMMES).map(|n| format!("- {n}")).collect();
    if noms.len() > NOMMES {
        liste.push("- et d’autres".to_owned());
    }
    let suite = if venu {
        "Des sessions sont ouvertes. Inscrivez-les :"
    } else {
        "Vous ne vous êtes pas encore connecté à votre espace de référent. Ouvrez l’invitation que vous avez reçue, puis \
         inscrivez-les à une session :"
    };
    let text = [
        "Bonjour,".to_owned(),
        format!("Dans l’organisation {organisation}, {qui} {ont} pas de session de formation :"),
        liste.join("\n"),
        suite.to_owned(),
        site.url("/referent/sessions"),
    ];
    let subject = format!("{} : {qui}", site.config.marque.nom);
    Message { genre: &INSCRIRE, to, subject, text: text.join("\n\n") }
}
