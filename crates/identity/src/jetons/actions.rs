//! Making a token, taking it back, and finding who is behind one.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Portee, Refusal};
use platform::Site;
use platform::journal::{self, Entry};
use platform::web::{ParJeton, Viewer};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Jeton, JetonId, PREFIXE, store};
use crate::comptes::model::{AttributionId, Etat, jour};
use crate::comptes::{rules as droits, store as comptes};
use crate::secrets::link::Secret;
use crate::sessions::model::Present;
use crate::{Error, Result, labels};

/// Most tokens of an account that live at once.
const PAR_COMPTE: usize = 20;
/// Longest life of a token, in days.
pub(crate) const DUREE_MAX: u64 = 366;
/// How exact the last use is.
const PRECISION: TimeDelta = TimeDelta::minutes(1);
/// How long a request waits to note it: on SQLite an import may hold the only writer.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);

/// What is asked for a token.
#[derive(Clone, Debug)]
pub(crate) struct Demande {
    pub(crate) nom: String,
    pub(crate) portees: Vec<Portee>,
    /// Its last day, by the calendar of Paris.
    pub(crate) fin: NaiveDate,
}

/// Makes a token that acts in the role of the session; gives it whole, to be shown once.
///
/// # Errors
/// The fields that do not hold what they should; too many tokens.
pub(crate) async fn creer(site: &Site, present: &Present, demande: Demande) -> Result<String> {
    let (Some(actor), Some(attribution)) = (present.actor.clone(), present.attribution) else {
        return Err(Refusal::forbidden("Sans rôle, un jeton n’ouvrirait rien.").into());
    };
    let now = site.clock.now();
    if demande.portees.is_empty() {
        return Err(Error::field("portees", "Choisissez au moins une chose que ce jeton permet."));
    }
    if demande.portees.iter().any(|p| !actor.role.has(p.verbe())) {
        return Err(Error::field(
            "portees",
            "Votre rôle du moment ne permet pas tout cela. Choisissez parmi la liste.",
        ));
    }
    let (aujourdhui, dernier) = (jour(now), jour(now).checked_add_days(Days::new(DUREE_MAX)));
    if demande.fin < aujourdhui || dernier.is_some_and(|d| demande.fin > d) {
        return Err(Error::field("fin", "Choisissez un jour à venir, dans un an au plus."));
    }
    let secret = Secret::new(&site.chance);
    let jeton = Jeton {
        id: JetonId::new(&site.clock, &site.chance),
        compte: present.compte.id,
        attribution,
        nom: demande.nom,
        portees: demande.portees,
        cree_le: now,
        expire_le: kernel::calendrier::minuit(demande.fin + Days::new(1)),
        vu_le: None,
        retire_le: None,
    };
    site.db
        .write(async |tx| {
            let vivants = store::du_compte(tx, jeton.compte).await?.iter().filter(|j| j.vivant(now)).count();
            if vivants >= PAR_COMPTE {
                return Err(Refusal::conflict(format!(
                    "Vous avez déjà {PAR_COMPTE} jetons : retirez-en un avant d’en créer un autre."
                ))
                .into());
            }
            store::insert(tx, &jeton, &secret.hash()).await?;
            let portees: Vec<&str> = jeton.portees.iter().map(|p| p.key()).collect();
            let details = serde_json::json!({ "portees": portees, "fin": demande.fin });
            journal::write(site, tx, Entry::by(&actor, "jeton.creer", "jeton", jeton.id).with(details))
                .await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(format!("{PREFIXE}{}", secret.expose()))
}

/// Takes a token of the account back.
///
/// # Errors
/// Not found when it is somebody else's, or was taken back already.
pub(crate) async fn retirer(site: &Site, compte: CompteId, id: JetonId) -> Result<()> {
    site.db
        .write(async |tx| {
            if !store::retire(tx, compte, id, site.clock.now()).await? {
                return Err(Refusal::NotFound.into());
            }
            let ligne = Entry { by: Some(compte.0), ..Entry::system("jeton.retirer", "jeton", id) };
            journal::write(site, tx, ligne).await?;
            Ok::<_, Error>(())
        })
        .await
}

/// Who is behind what a program shows, if it still opens something. Notes the time of the request.
pub(crate) async fn porteur(site: &Site, montre: &str) -> Result<Option<(Viewer, ParJeton)>> {
    let Some(secret) = montre.strip_prefix(PREFIXE).and_then(Secret::parse) else { return Ok(None) };
    let (conn, now) = (site.db.read(), site.clock.now());
    let Some(jeton) = store::by_empreinte(conn, &secret.hash()).await?.filter(|j| j.vivant(now)) else {
        return Ok(None);
    };
    let Some((nom, actor)) = personne(conn, jeton.compte, jeton.attribution, now).await? else {
        return Ok(None);
    };
    if jeton.vu_le.is_none_or(|vu| now - vu >= PRECISION) {
        let note = site.db.write(async |tx| store::touch(tx, jeton.id, now).await);
        if let Ok(noted) = tokio::time::timeout(PATIENCE, note).await {
            noted?;
        }
    }
    let viewer = Viewer {
        nom,
        role: labels::role(actor.role, &actor.perimetre),
        autres_roles: Vec::new(),
        vu_comme: None,
        prouve_le: None,
        apres_silence: false,
        actor,
    };
    Ok(Some((viewer, ParJeton { id: jeton.id.0, attribution: jeton.attribution.0, portees: jeton.portees })))
}

async fn personne(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    attribution: AttributionId,
    now: DateTime<Utc>,
) -> Result<Option<(String, Actor)>> {
    let Some(c) = comptes::find(conn, compte).await?.filter(|c| c.etat == Etat::Actif) else {
        return Ok(None);
    };
    let roles = comptes::en_vigueur(conn, compte, now).await?;
    Ok(roles.into_iter().find(|a| a.id == attribution).map(|a| {
        let prete = droits::est_delegation(&a);
        (c.nom, Actor { compte, role: a.role, perimetre: a.perimetre, vu_par: None, prete })
    }))
}

/// The person acting in that role, if the account is in use and still holds it: what other contexts keep of a person who
/// asked for something to be done later.
///
/// # Errors
/// When the database does not answer.
pub async fn acteur(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    attribution: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Actor>> {
    Ok(personne(conn, compte, AttributionId(attribution), now).await?.map(|(_, actor)| actor))
}
