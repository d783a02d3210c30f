//! Messages to people whom the service waits for: aidants who helped nobody for long, référents who never came, training
//! bodies whose sessions fill. Each stops by itself.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::StructureId;
use kernel::{Email, Perimetre, Role};
use platform::db::kit;
use platform::jobs::{Job, Registry};
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use sea_orm_migration::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Failure, Mandats};

/// Days without a mandat nor a use after which an aidant is told of it, once.
const SANS_ACTIVITE: TimeDelta = TimeDelta::days(90);
/// Time before the first reminder to a référent who never came, and between two; most of them.
const ENTRE: TimeDelta = TimeDelta::days(14);
const PLUS: i64 = 6;
/// People looked at in one go.
const LOT: i64 = 500;

/// `mandats_0104_relances`
#[derive(Debug)]
pub(crate) struct Mandats0104;

impl MigrationName for Mandats0104 {
    fn name(&self) -> &'static str {
        "mandats_0104_relances"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0104 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(kit::name("aidant_relance"))
                .col(kit::id(kit::name("aidant_id")))
                .col(kit::state("genre", &["activite", "connexion"]))
                .col(kit::integer(kit::name("nombre")))
                .col(kit::instant(kit::name("dernier_le")))
                .primary_key(Index::create().col(kit::name("aidant_id")).col(kit::name("genre")))
                .foreign_key(
                    ForeignKey::create()
                        .from(kit::name("aidant_relance"), kit::name("aidant_id"))
                        .to(kit::name("aidant"), kit::name("id")),
                )
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(kit::name("formations_recapitulatif"))
                .col(kit::id(kit::name("organisme_id")).primary_key())
                // Inscriptions asked for until then were told.
                .col(kit::instant(kit::name("jusque")))
                .to_owned(),
        )
        .await
    }
}

/// Looks at all of them, once a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Relancer {}

impl Job for Relancer {
    const KIND: &'static str = "mandats.relancer";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, _: Relancer| {
        let m = m.clone();
        async move {
            sans_activite(&m).await?;
            jamais_venus(&m).await?;
            super::moyens::sans_moyen(&m).await?;
            aux_organismes(&m).await.map(drop)
        }
    });
    registry.every(Relancer::KIND, TimeDelta::days(1), Relancer {});
}

#[derive(FromQueryResult)]
struct Qui {
    id: Uuid,
    compte_id: Option<Uuid>,
    courriel: String,
    nombre: Option<i64>,
    dernier_le: Option<DateTime<Utc>>,
}

async fn noter(tx: &Tx, q: &Qui, genre: &str, nombre: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let values: [Value; 4] = [q.id.into(), genre.into(), nombre.into(), now.into()];
    let sql = "INSERT INTO aidant_relance (aidant_id, genre, nombre, dernier_le) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (aidant_id, genre) DO UPDATE SET nombre = excluded.nombre, dernier_le = excluded.dernier_le";
    kit::execute(tx, sql, values).await.map(drop)
}

/// Tells aidants who did nothing for [`SANS_ACTIVITE`], once until they do something again. Whoever only looks after others
/// is not told. Gives how many messages leave.
pub(super) async fn sans_activite(m: &Mandats) -> Result<usize, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let depuis = now - SANS_ACTIVITE;
    // Told since that instant, nobody did anything after it, or they would not be here.
    let sql = "SELECT a.id, a.compte_id, a.courriel, r.nombre, r.dernier_le FROM aidant a \
               LEFT JOIN aidant_relance r ON r.aidant_id = a.id AND r.genre = 'activite' \
               WHERE a.etat = 'actif' AND a.compte_id IS NOT NULL AND a.etat_le <= $1 AND a.id > $2 \
               AND EXISTS (SELECT 1 FROM aidant_appartenance p WHERE p.aidant_id = a.id AND p.fin IS NULL AND p.fait_mandats) \
               AND NOT EXISTS (SELECT 1 FROM mandat x JOIN aidant_appartenance p ON p.id = x.appartenance_id \
               WHERE p.aidant_id = a.id AND x.cree_le > $1) \
               AND NOT EXISTS (SELECT 1 FROM mandat_usage u WHERE u.aidant_id = a.id AND u.cree_le > $1) \
               AND (r.dernier_le IS NULL OR r.dernier_le < a.etat_le OR EXISTS (SELECT 1 FROM mandat x \
               JOIN aidant_appartenance p ON p.id = x.appartenance_id WHERE p.aidant_id = a.id AND x.cree_le > r.dernier_le) \
               OR EXISTS (SELECT 1 FROM mandat_usage u WHERE u.aidant_id = a.id AND u.cree_le > r.dernier_le)) \
               ORDER BY a.id LIMIT $3";
    let (mut apres, mut envoyes) = (Uuid::nil(), 0);
    loop {
        let lot: Vec<Qui> =
            kit::query_as(site.db.read(), sql, [depuis.into(), apres.into(), LOT.into()]).await?;
        let Some(dernier) = lot.last() else { return Ok(envoyes) };
        apres = dernier.id;
        envoyes += site
            .db
            .write(async |tx| {
                let mut n = 0;
                for q in &lot {
                    let Ok(to) = Email::parse(&q.courriel) else { continue };
                    mail::enqueue(site, tx, &activite(site, to)).await?;
                    noter(tx, q, "activite", q.nombre.unwrap_or(0) + 1, now).await?;
                    n += 1;
                }
                Ok::<_, Failure>(n)
            })
            .await?;
    }
}

/// Reminds référents who never signed in, every [`ENTRE`], [`PLUS`] times at most. Gives how many messages leave.
pub(super) async fn jamais_venus(m: &Mandats) -> Result<usize, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let sql = "SELECT a.id, a.compte_id, a.courriel, r.nombre, r.dernier_le FROM aidant a \
               LEFT JOIN aidant_relance r ON r.aidant_id = a.id AND r.genre = 'connexion' \
               WHERE a.etat = 'actif' AND a.compte_id IS NOT NULL AND a.etat_le <= $1 AND a.id > $2 \
               AND EXISTS (SELECT 1 FROM aidant_appartenance p WHERE p.aidant_id = a.id AND p.fin IS NULL AND p.referent) \
               ORDER BY a.id LIMIT $3";
    let (mut apres, mut envoyes) = (Uuid::nil(), 0);
    loop {
        let lot: Vec<Qui> =
            kit::query_as(site.db.read(), sql, [(now - ENTRE).into(), apres.into(), LOT.into()]).await?;
        let Some(dernier) = lot.last() else { return Ok(envoyes) };
        apres = dernier.id;
        let comptes: Vec<_> = lot.iter().filter_map(|q| q.compte_id.map(kernel::ids::CompteId)).collect();
        let vus = identity::vus(site.db.read(), &comptes).await?;
        let du = |q: &&Qui| {
            q.compte_id.is_some_and(|c| !vus.contains_key(&kernel::ids::CompteId(c)))
                && q.nombre.unwrap_or(0) < PLUS
                && q.dernier_le.is_none_or(|le| now - le >= ENTRE)
        };
        let dus: Vec<&Qui> = lot.iter().filter(du).collect();
        envoyes += site
            .db
            .write(async |tx| {
                let mut n = 0;
                for q in &dus {
                    let Ok(to) = Email::parse(&q.courriel) else { continue };
                    mail::enqueue(site, tx, &connexion(site, to)).await?;
                    noter(tx, q, "connexion", q.nombre.unwrap_or(0) + 1, now).await?;
                    n += 1;
                }
                Ok::<_, Failure>(n)
            })
            .await?;
    }
}

#[derive(FromQueryResult)]
struct Nouvelle {
    organisme_id: Uuid,
    session_id: Uuid,
    intitule: String,
    debut: chrono::NaiveDate,
    n: i64,
}

/// Inscriptions that bodies were not told of, by session.
async fn nouvelles(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Nouvelle>, DbErr> {
    let sql = "SELECT s.organisme_id, s.id AS session_id, s.intitule, s.debut, COUNT(*) AS n FROM formations_inscription i \
               JOIN formations_session s ON s.id = i.session_id \
               LEFT JOIN formations_recapitulatif r ON r.organisme_id = s.organisme_id \
               WHERE i.etat IN ('en_attente', 'inscrite') AND i.demandee_le <= $1 \
               AND (r.jusque IS NULL OR i.demandee_le > r.jusque) \
               GROUP BY s.organisme_id, s.id, s.intitule, s.debut ORDER BY s.organisme_id, s.debut, s.id LIMIT 5000";
    kit::query_as(conn, sql, [now.into()]).await
}

/// Tells training bodies of the inscriptions of the day, one message for a person who looks after their sessions. Gives how
/// many leave.
pub(super) async fn aux_organismes(m: &Mandats) -> Result<usize, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    let mut par: BTreeMap<Uuid, Vec<Nouvelle>> = BTreeMap::new();
    for n in nouvelles(site.db.read(), now).await? {
        par.entry(n.organisme_id).or_default().push(n);
    }
    if par.is_empty() {
        return Ok(0);
    }
    let mut qui: HashMap<StructureId, Vec<Email>> = HashMap::new();
    let roles = identity::courriels_de_role(site.db.read(), Role::OrganismeFormation, now).await?;
    for (courriel, perimetres) in roles {
        for p in perimetres {
            let Perimetre::Structures(ids) = p else { continue };
            for id in ids {
                qui.entry(id).or_default().push(courriel.clone());
            }
        }
    }
    let mut envoyes = 0;
    for (organisme, nouvelles) in par {
        let a = qui.get(&StructureId(organisme)).cloned().unwrap_or_default();
        envoyes += site
            .db
            .write(async |tx| {
                for to in &a {
                    mail::enqueue(site, tx, &inscriptions(site, to.clone(), &lignes(site, &nouvelles)))
                        .await?;
                }
                let sql = "INSERT INTO formations_recapitulatif (organisme_id, jusque) VALUES ($1, $2) \
                           ON CONFLICT (organisme_id) DO UPDATE SET jusque = excluded.jusque";
                kit::execute(tx, sql, [organisme.into(), now.into()]).await?;
                Ok::<_, Failure>(a.len())
            })
            .await?;
    }
    Ok(envoyes)
}

fn lignes(site: &Site, nouvelles: &[Nouvelle]) -> Vec<String> {
    let ligne = |n: &Nouvelle| {
        let gens = kernel::text::compte(n.n.unsigned_abs(), "nouvelle inscription", "nouvelles inscriptions");
        let jour = kernel::calendrier::jour_en_lettres(n.debut);
        let page = site.url(&format!("/organisme/sessions/{}", n.session_id));
        [format!("{}, le {jour} : {gens}.", n.intitule), page]
    };
    nouvelles.iter().take(50).flat_map(ligne).collect()
}

/// Kinds of message of this part.
pub(crate) const COURRIELS: &[&Genre] = &[&ACTIVITE, &CONNEXION, &INSCRIPTIONS, &super::moyens::MOYENS];

static ACTIVITE: Genre = Genre {
    cle: "aidant.sans_activite",
    nom: "Vous n’avez aidé personne depuis trois mois",
    occasion: "Quatre-vingt-dix jours sans mandat ni utilisation",
    lecteur: "L’aidant",
    portee: Portee::Informe,
    arret: Some("Une seule fois, jusqu’à la prochaine activité"),
    apercu: |site, a| Some(activite(site, a)),
};

static CONNEXION: Genre = Genre {
    cle: "aidant.premiere_connexion",
    nom: "Votre espace de référent vous attend",
    occasion: "Tous les quatorze jours, tant que le référent ne s’est jamais connecté",
    lecteur: "Le référent",
    portee: Portee::Informe,
    arret: Some("À la première connexion, ou après six rappels"),
    apercu: |site, a| Some(connexion(site, a)),
};

static INSCRIPTIONS: Genre = Genre {
    cle: "formation.nouvelles_inscriptions",
    nom: "Nouvelles inscriptions à vos sessions",
    occasion: "Chaque jour où des personnes sont inscrites",
    lecteur: "Qui s’occupe des sessions de l’organisme de formation",
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| {
        let lignes = [
            "Devenir aidant, le 3 février 2027 : 2 nouvelles inscriptions.".to_owned(),
            site.url("/organisme/sessions"),
        ];
        Some(inscriptions(site, a, &lignes))
    },
};

fn message(genre: &'static Genre, site: &Site, to: Email, objet: &str, corps: &[String]) -> Message {
    let mut text = vec!["Bonjour,".to_owned()];
    text.extend(corps.iter().cloned());
    Message { genre, to, subject: format!("{} : {objet}", site.config.marque.nom), text: text.join("\n\n") }
}

fn activite(site: &Site, to: Email) -> Message {
    let corps = [
        "Vous n’avez fait ni utilisé aucun mandat depuis trois mois. Votre compte reste ouvert : vous n’avez rien à faire."
            .to_owned(),
        "Si quelque chose vous gêne, le guide explique chaque étape :".to_owned(),
        site.url("/aide/faire-un-mandat"),
        "Si vous n’aidez plus personne, dites-le à votre référent.".to_owned(),
    ];
    message(&ACTIVITE, site, to, "aucun mandat depuis trois mois", &corps)
}

fn connexion(site: &Site, to: Email) -> Message {
    let corps = [
        "Votre organisation est habilitée, et vous en êtes référent. Vous ne vous êtes pas encore connecté.".to_owned(),
        "Ouvrez le lien de l’invitation que vous avez reçue pour choisir vos moyens de connexion. S’il ne sert plus, écrivez à \
         l’équipe des habilitations : elle vous en fera envoyer un autre."
            .to_owned(),
        "Vous pourrez alors inscrire vos collègues à une formation :".to_owned(),
        site.url("/referent/sessions"),
    ];
    message(&CONNEXION, site, to, "votre espace de référent vous attend", &corps)
}

fn inscriptions(site: &Site, to: Email, lignes: &[String]) -> Message {
    let mut corps = vec!["Des personnes viennent d’être inscrites à vos sessions.".to_owned()];
    corps.extend(lignes.iter().cloned());
    message(&INSCRIPTIONS, site, to, "nouvelles inscriptions à vos sessions", &corps)
}
