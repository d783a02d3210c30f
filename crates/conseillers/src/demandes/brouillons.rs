//! Drafts of the public form: kept under a link, until the address is proved and a demande comes of them. Nothing of a
//! draft is a demande: nobody but the holder of its link reads it.

use annuaire::structures::model::{Fiche, FicheContact};
use annuaire::structures::{self, StructureVue};
use chrono::{DateTime, TimeDelta, Utc};
use identity::secrets::link::Secret;
use kernel::{Email, Pivot, Refusal};
use platform::db::kit;
use platform::jobs::{Job, Registry};
use platform::web::FormState;
use platform::{Site, Tx, mail};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actions::{self, Depot};
use super::mails;
use super::model::Demande;
use crate::Conseillers;
use crate::Failure;

/// How long a draft is kept after it was last touched.
pub(super) const GARDE: TimeDelta = TimeDelta::days(60);
/// Fewest seconds between two messages of one kind about a draft, and most of them: its own link, or that which files it.
const ENTRE_ENVOIS: TimeDelta = TimeDelta::minutes(1);
const ENVOIS_MAX: i64 = 10;
/// Longest value of a field that is kept, in characters.
const CHAMP_MAX: usize = 5_000;

/// Where a draft stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Avancement {
    /// It is being written.
    Ouvert,
    /// It waits for the click of who filed it.
    AProuver,
    /// The demande of that number came of it.
    Depose(i64),
}

/// A draft.
#[derive(Clone, Debug)]
pub(super) struct Brouillon {
    pub(super) id: Uuid,
    pub(super) avancement: Avancement,
    pub(super) form: FormState,
    envois: Envois,
    preuves: Envois,
}

/// What was sent about a draft, of one kind.
#[derive(Clone, Copy, Debug)]
struct Envois {
    nombre: i64,
    dernier: Option<DateTime<Utc>>,
}

impl Envois {
    fn permis(self, now: DateTime<Utc>) -> bool {
        self.nombre < ENVOIS_MAX && self.dernier.is_none_or(|le| now - le >= ENTRE_ENVOIS)
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    etat: String,
    champs: String,
    envois: i64,
    envoye_le: Option<DateTime<Utc>>,
    preuves: i64,
    preuve_le: Option<DateTime<Utc>>,
    numero: Option<i64>,
}

impl Row {
    fn brouillon(self) -> Result<Brouillon, DbErr> {
        let champs: Vec<(String, String)> =
            serde_json::from_str(&self.champs).map_err(|e| DbErr::Type(e.to_string()))?;
        Ok(Brouillon {
            id: self.id,
            avancement: match (self.etat.as_str(), self.numero) {
                ("depose", Some(n)) => Avancement::Depose(n),
                ("a_prouver", _) => Avancement::AProuver,
                _ => Avancement::Ouvert,
            },
            form: FormState::filled(champs),
            envois: Envois { nombre: self.envois, dernier: self.envoye_le },
            preuves: Envois { nombre: self.preuves, dernier: self.preuve_le },
        })
    }
}

/// The draft of a link, by the column of that link.
async fn trouver(
    conn: &impl ConnectionTrait,
    colonne: &'static str,
    secret: &Secret,
    verrou: &str,
) -> Result<Option<Brouillon>, DbErr> {
    let sql = format!(
        "SELECT id, etat, champs, envois, envoye_le, preuves, preuve_le, numero FROM demande_brouillon WHERE {colonne} = $1{verrou}"
    );
    kit::query_one_as::<Row>(conn, &sql, [secret.hash().into()]).await?.map(Row::brouillon).transpose()
}

/// The draft of that link.
pub(super) async fn lire(conn: &impl ConnectionTrait, jeton: &Secret) -> Result<Option<Brouillon>, DbErr> {
    trouver(conn, "jeton", jeton, "").await
}

/// The draft that this link files.
pub(super) async fn de_lien(conn: &impl ConnectionTrait, lien: &Secret) -> Result<Option<Brouillon>, DbErr> {
    trouver(conn, "lien", lien, "").await
}

fn champs(form: &FormState, connus: &[&str]) -> Result<String, DbErr> {
    let gardes: Vec<(&str, String)> = form
        .values()
        .iter()
        .filter(|(k, v)| connus.contains(&k.as_str()) && !v.is_empty())
        .take(100)
        .map(|(k, v)| (k.as_str(), v.chars().take(CHAMP_MAX).collect()))
        .collect();
    serde_json::to_string(&gardes).map_err(|e| DbErr::Custom(e.to_string()))
}

/// Opens a draft with these fields; gives its link.
pub(super) async fn ouvrir(site: &Site, form: &FormState, connus: &[&str]) -> Result<Secret, DbErr> {
    let secret = Secret::new(&site.chance);
    let champs = champs(form, connus)?;
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let sql = "INSERT INTO demande_brouillon (id, jeton, etat, champs, envois, modifie_le) \
               VALUES ($1, $2, 'ouvert', $3, 0, $4)";
    let values = [id.into(), secret.hash().into(), champs.into(), site.clock.now().into()];
    site.db.write(async |tx| kit::execute(tx, sql, values).await).await?;
    Ok(secret)
}

/// Keeps what was typed; a draft that waited for a click is open again.
pub(super) async fn garder(site: &Site, id: Uuid, form: &FormState, connus: &[&str]) -> Result<(), DbErr> {
    let champs = champs(form, connus)?;
    let sql = "UPDATE demande_brouillon SET champs = $2, modifie_le = $3, etat = 'ouvert', lien = NULL \
               WHERE id = $1 AND etat <> 'depose'";
    let values = [id.into(), champs.into(), site.clock.now().into()];
    site.db.write(async |tx| kit::execute(tx, sql, values).await.map(|_| ())).await
}

/// What a draft sends, and to whom.
pub(super) enum Envoi<'a> {
    /// The link of the draft.
    Brouillon(&'a Secret),
    /// The link that files it, for that structure.
    Preuve(&'a str),
}

/// Sends a message about a draft, not too often.
///
/// # Errors
/// A conflict when one was just sent.
pub(super) async fn envoyer(site: &Site, b: &Brouillon, to: &Email, quoi: Envoi<'_>) -> Result<(), Failure> {
    let now = site.clock.now();
    let permis = match quoi {
        Envoi::Brouillon(_) => b.envois.permis(now),
        Envoi::Preuve(_) => b.preuves.permis(now),
    };
    if !permis {
        return Err(Refusal::conflict(
            "Un message vient de partir. Regardez aussi les courriers indésirables, et attendez une minute avant d’en \
             demander un autre.",
        )
        .into());
    }
    let lien = Secret::new(&site.chance);
    let jours = GARDE.num_days();
    let (message, hash) = match quoi {
        Envoi::Brouillon(jeton) => (mails::brouillon(site, to, jeton.expose(), jours), None),
        Envoi::Preuve(nom) => (mails::prouver(site, to, nom, lien.expose(), jours), Some(lien.hash())),
    };
    site.db
        .write(async |tx| {
            match &hash {
                None => {
                    let sql = "UPDATE demande_brouillon SET envois = envois + 1, envoye_le = $2, modifie_le = $2 \
                               WHERE id = $1 AND etat <> 'depose'";
                    kit::execute(tx, sql, [b.id.into(), now.into()]).await?;
                }
                Some(hash) => {
                    let sql = "UPDATE demande_brouillon SET preuves = preuves + 1, preuve_le = $2, modifie_le = $2, \
                               lien = $3, etat = 'a_prouver' WHERE id = $1 AND etat <> 'depose'";
                    kit::execute(tx, sql, [b.id.into(), now.into(), hash.clone().into()]).await?;
                }
            }
            mail::enqueue(site, tx, &message).await?;
            Ok(())
        })
        .await
}

/// The organisation that a form names.
#[derive(Clone, Debug)]
pub(super) enum Organisme {
    /// One of the directory.
    Connu(Box<StructureVue>),
    /// One to enter.
    Nouveau(Box<Fiche>),
}

impl Organisme {
    pub(super) fn nom(&self) -> &str {
        match self {
            Self::Connu(s) => &s.nom,
            Self::Nouveau(f) => &f.nom,
        }
    }
}

/// The structure of the directory whose number stands in the form.
pub(super) async fn connue(
    conn: &impl ConnectionTrait,
    form: &FormState,
) -> Result<Option<StructureVue>, DbErr> {
    match Pivot::parse(form.get("pivot")) {
        Ok(pivot) => structures::de_pivot(conn, &pivot).await,
        Err(_) => Ok(None),
    }
}

/// Files the draft of that link: its structure is found or entered, and the demande written. Twice gives the same.
///
/// # Errors
/// [`Refusal::NotFound`] when the link is dead; refusals of the rules.
pub(super) async fn prouver(
    c: &Conseillers,
    lien: &Secret,
    lu: impl Fn(&FormState, Option<StructureVue>) -> Option<(Organisme, Depot)>,
) -> Result<Demande, Failure> {
    c.site
        .db
        .write(async |tx| {
            // SQLite has one writer at a time, and this transaction is it.
            let verrou = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
            let b = trouver(tx, "lien", lien, verrou).await?.ok_or(Refusal::NotFound)?;
            if let Avancement::Depose(numero) = b.avancement {
                return deja(tx, numero).await;
            }
            let connue = connue(tx, &b.form).await?;
            let (organisme, depot) = lu(&b.form, connue).ok_or_else(|| {
                Refusal::conflict("Ce brouillon n’est plus complet. Reprenez-le depuis son lien, puis déposez-le.")
            })?;
            let structure = match organisme {
                Organisme::Connu(s) => *s,
                Organisme::Nouveau(fiche) => {
                    let i = &depot.contact;
                    let contact = FicheContact {
                        nom: format!("{} {}", i.prenom, i.nom),
                        fonction: Some(i.fonction.clone()),
                        courriel: Some(i.courriel.clone()),
                        telephone: Some(i.telephone.clone()),
                    };
                    structures::inscrire(&c.site, tx, *fiche, Some(contact)).await?.into()
                }
            };
            actions::peut_deposer(&c.site, tx, structure.categorie.as_ref(), structure.genre).await?;
            let demande = actions::deposer(c, tx, &structure, depot, None).await?;
            let sql = "UPDATE demande_brouillon SET etat = 'depose', champs = '[]', numero = $2, modifie_le = $3 WHERE id = $1";
            kit::execute(tx, sql, [b.id.into(), demande.numero.into(), c.site.clock.now().into()]).await?;
            Ok(demande)
        })
        .await
}

async fn deja(tx: &Tx, numero: i64) -> Result<Demande, Failure> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let row: Option<Id> =
        kit::query_one_as(tx, "SELECT id FROM demande WHERE numero = $1", [numero.into()]).await?;
    let id = row.ok_or(Refusal::NotFound)?.id;
    Ok(super::store::get(tx, crate::ids::DemandeId(id)).await?.ok_or(Refusal::NotFound)?)
}

/// Forgets the drafts that nobody touched for [`GARDE`].
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OublierBrouillons {}

impl Job for OublierBrouillons {
    const KIND: &'static str = "conseillers.oublier_brouillons";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who forgets drafts, and how often.
pub(crate) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: OublierBrouillons| {
        let site = s.clone();
        async move {
            let now = site.clock.now();
            let sql = "DELETE FROM demande_brouillon WHERE modifie_le < $1";
            site.db
                .write(async |tx| {
                    super::suivi::oublier(tx, now).await?;
                    kit::execute(tx, sql, [(now - GARDE).into()]).await.map(|_| ())
                })
                .await
        }
    });
    registry.every("conseillers.oublier_brouillons", TimeDelta::days(1), OublierBrouillons {});
}
