mod arrets;
mod courses;
mod equipes;
mod faire;
mod pages;
mod retention;
mod rules;
mod store;

use chrono::{DateTime, Utc};
use kernel::Actor;
use testkit::TestSite;
use uuid::Uuid;

use crate::consentements::Adresse;
use crate::ids::MandatId;
use crate::mandats::actions;
use crate::mandats::identification::{self, Geste};
use crate::mandats::{Choix, distance};
use crate::{Failure, Mandats, essai, usagers};

/// What an aidant chose, and ticked.
pub(crate) fn choix(demarches: &[&str], jours: u16) -> Choix {
    Choix {
        demarches: demarches.iter().map(|d| (*d).to_owned()).collect(),
        duree: Some(jours),
        atteste: true,
        ..Choix::default()
    }
}

/// A draft whose person, the `n`th, has just come back from FranceConnect.
pub(crate) async fn brouillon(m: &Mandats, actor: &Actor, n: u128, c: &Choix) -> Uuid {
    let id = actions::commencer(m, actor, c.clone(), None).await.unwrap();
    identifier(m, actor, id, n, m.site.clock.now()).await.unwrap();
    let atteste = c.atteste;
    actions::garder(m, actor, id, |b| b.choix.atteste = atteste).await.unwrap();
    id
}

/// The `n`th person proves who they are, for that draft.
pub(super) async fn identifier(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    n: u128,
    quand: DateTime<Utc>,
) -> Result<(), Failure> {
    let sub = usagers::empreinte(&m.site, &format!("sub-{n}"));
    let identite = essai::identite(n);
    m.site.db.write(async |tx| actions::identifier(m, tx, actor, id, (&sub, &identite, quand)).await).await
}

/// Signs a draft as it is now.
pub(crate) async fn signer(m: &Mandats, actor: &Actor, id: Uuid) -> Result<MandatId, Failure> {
    let conn = m.site.db.read();
    let a = crate::aidants::agissant(m, conn, actor, kernel::Verb::TenirMandats).await?;
    let b = actions::ouvrir(conn, &a, actor, id).await?;
    let vue = distance::vue(&b, distance::accord(conn, &b).await?.as_ref());
    Ok(actions::signer(m, actor, id, &vue).await?.ok_or_else(|| kernel::Refusal::conflict("changé"))?)
}

/// What a page of recapitulation is called, read in the page.
pub(super) fn vue(page: &str) -> String {
    let apres = page.split("name=\"vue\" value=\"").nth(1).unwrap();
    apres.split('"').next().unwrap().to_owned()
}

/// A mandat of the `n`th person, signed.
pub(crate) async fn fait(m: &Mandats, actor: &Actor, n: u128, demarches: &[&str], jours: u16) -> MandatId {
    let id = brouillon(m, actor, n, &choix(demarches, jours)).await;
    signer(m, actor, id).await.unwrap()
}

/// Asks the person of a draft for their agreement.
pub(crate) async fn proposer(m: &Mandats, actor: &Actor, id: Uuid) {
    crate::mandats::distance::proposer(m, actor, id, "Ici").await.unwrap();
}

/// A draft whose person is asked to say who they are, from afar.
pub(crate) async fn inviter(m: &Mandats, actor: &Actor) -> Uuid {
    let adresse = Adresse::Courriel(kernel::Email::parse("loin@essai.example").unwrap());
    let id = actions::commencer(m, actor, choix(&["papiers"], 31), None).await.unwrap();
    identification::agir(m, actor, id, (&Geste::Envoyer(adresse), "Ici")).await.unwrap();
    id
}

/// Its end, by who holds it.
pub(crate) async fn revoquer(
    m: &Mandats,
    actor: &Actor,
    id: MandatId,
    raison: crate::mandats::Raison,
) -> Result<usize, Failure> {
    actions::revoquer_chez(m, actor, (id, None), (raison, None)).await
}

/// A second instance on the same database.
pub(crate) async fn autre(t: &TestSite, m: &Mandats) -> Mandats {
    let site = t.other_instance().await;
    Mandats { annuaire: annuaire::Annuaire { site: site.clone(), ..m.annuaire.clone() }, site, ..m.clone() }
}

/// What the database has of autorisations that are not ended.
pub(crate) async fn ouvertes(m: &Mandats) -> i64 {
    let sql = "SELECT COUNT(*) FROM mandat_autorisation WHERE fin_le IS NULL";
    platform::db::kit::count(m.site.db.read(), sql, []).await.unwrap()
}

/// How many mandats there are.
pub(super) async fn combien(m: &Mandats) -> i64 {
    platform::db::kit::count(m.site.db.read(), "SELECT COUNT(*) FROM mandat", []).await.unwrap()
}
