//! Going to FranceConnect, coming back, taking what was brought.

use chrono::TimeDelta;
use identity::secrets::link::Secret;
use kernel::Refusal;
use kernel::ids::uuid_v7;
use kernel::text::sha256_hex;
use oidc::client::{Callback, Flow, Refused, Said};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::client::{Client, Preuve};
use super::model::{But, Depart, Identifie};
use super::navigateur::Navigateur;
use super::store::{self, Flux};
use crate::usagers::Identite;
use crate::{Failure, Mandats};

/// For how long an identity waits to be taken by the page that asked for it.
const ATTENTE: TimeDelta = TimeDelta::minutes(30);

/// What is kept, sealed, of a departure.
#[derive(Serialize, Deserialize)]
struct Parti {
    flow: Flow,
    adresse: oidc::Secret,
}

/// Where the seal of a flow holds, and that of an identity.
fn place(id: Uuid, quoi: &str) -> String {
    format!("franceconnect_flux/{quoi}/{id}")
}

/// Why nobody left, or nobody is identified.
#[derive(Debug, thiserror::Error)]
pub(super) enum Echec {
    /// FranceConnect, or its answer.
    #[error(transparent)]
    Refuse(#[from] Refused),
    /// A failure of ours.
    #[error(transparent)]
    Nous(#[from] Failure),
}

impl From<DbErr> for Echec {
    fn from(e: DbErr) -> Self {
        Self::Nous(e.into())
    }
}

impl From<platform::secrets::SealError> for Echec {
    fn from(e: platform::secrets::SealError) -> Self {
        Self::Nous(e.into())
    }
}

/// The key of a refusal in an address, and what it stands for: the page that shows it has no more to know.
const REFUS: [(&str, Refused); 10] = [
    ("retour", Refused::Return("")),
    ("abandon", Refused::Said { said: Said::AccessDenied, reference: None }),
    ("connexion", Refused::Said { said: Said::LoginRequired, reference: None }),
    ("niveau", Refused::Level),
    ("tard", Refused::Said { said: Said::InvalidGrant, reference: None }),
    ("demande", Refused::Said { said: Said::OurFault, reference: None }),
    ("indisponible", Refused::Away("")),
    ("reponse", Refused::Answer("")),
    ("reglages", Refused::Settings("")),
    ("certificat", Refused::Certificate("")),
];

/// The key of a refusal.
pub(super) fn cle(refused: &Refused) -> &'static str {
    match refused {
        Refused::Return(_) => "retour",
        Refused::Level => "niveau",
        Refused::Answer(_) | Refused::UnknownKey => "reponse",
        Refused::Away(_) => "indisponible",
        Refused::Settings(_) => "reglages",
        Refused::Certificate(_) => "certificat",
        Refused::Said { said, .. } => match said {
            Said::AccessDenied => "abandon",
            Said::LoginRequired => "connexion",
            Said::Level => "niveau",
            Said::Unavailable | Said::ServerError => "indisponible",
            Said::InvalidGrant => "tard",
            Said::OurFault | Said::InvalidClient | Said::Other => "demande",
        },
    }
}

/// What the person at the screen can do, from the `refus` of an address; none for a word that is not ours.
pub fn conseil(refus: &str) -> Option<String> {
    REFUS.iter().find(|(cle, _)| *cle == refus).map(|(_, refused)| refused.conseil("FranceConnect"))
}

/// A path of ours with one more parameter. What is no path of ours leads home.
pub(super) fn avec(retour: &str, nom: &str, valeur: &str) -> String {
    let propre = retour.starts_with('/')
        && !retour.starts_with("//")
        && !retour.contains(['\\', '#'])
        && retour.len() <= 512
        && retour.bytes().all(|b| b.is_ascii_graphic());
    let retour = if propre { retour } else { "/" };
    let lien = if retour.contains('?') { '&' } else { '?' };
    format!("{retour}{lien}{nom}={valeur}")
}

/// Begins: the row to go by, and the secret of this browser, the same for every tab.
pub(super) async fn partir(m: &Mandats, nav: &Navigateur, depart: &Depart) -> Result<(Uuid, Secret), Echec> {
    let site = &m.site;
    let client = client(m)?;
    let connu = client.connu().await?;
    let now = site.clock.now();
    let mut debut = Flow::begin(client.reglages(), &connu.metadata, &site.chance, now);
    // Two people may be identified in two tabs of one browser: it has one secret, each way has its state.
    let secret = nav.secret().cloned();
    let secret =
        secret.or_else(|| Secret::parse(debut.browser.expose())).unwrap_or_else(|| Secret::new(&site.chance));
    debut.flow.browser = secret.hash();
    let id = uuid_v7(&site.clock, &site.chance);
    let etat = sha256_hex(debut.flow.state.expose());
    let clair = serde_json::to_vec(&Parti { flow: debut.flow, adresse: debut.location })
        .map_err(|_| Refused::Answer("a flow that is not written"))?;
    let flux = Flux {
        id,
        navigateur_empreinte: secret.hash(),
        but: depart.but.cle().to_owned(),
        retour: depart.retour.clone(),
        etape: "parti".to_owned(),
        scelle: site.secrets.seal(&site.chance, &place(id, "depart"), &clair)?,
        expire_le: now + client.reglages().life,
    };
    site.db.write(async |tx| store::inscrire(tx, &flux, &etat).await).await?;
    Ok((id, secret))
}

fn client(m: &Mandats) -> Result<&Client, Echec> {
    m.franceconnect.as_deref().ok_or(Echec::Refuse(Refused::Away("not configured")))
}

fn ouvre(site: &Site, flux: &Flux) -> Result<Parti, Echec> {
    let clair = site.secrets.open(&place(flux.id, "depart"), &flux.scelle)?;
    Ok(serde_json::from_slice(&clair).map_err(|_| Refused::Return("a flow that is not read"))?)
}

/// Where the browser is to go, for who has not left yet; none for another browser, or too late.
pub(super) async fn adresse(
    m: &Mandats,
    nav: &Navigateur,
    id: Uuid,
) -> Result<Option<(oidc::Secret, String)>, Echec> {
    let site = &m.site;
    let flux = store::lire(site.db.read(), id).await?;
    let a_lui = |f: &Flux| nav.empreinte().is_some_and(|e| e == f.navigateur_empreinte);
    let Some(flux) = flux.filter(|f| a_lui(f) && f.etape == "parti" && site.clock.now() < f.expire_le) else {
        return Ok(None);
    };
    Ok(Some((ouvre(site, &flux)?.adresse, flux.retour)))
}

/// Where the browser goes after a return.
pub(super) struct Suite {
    pub(super) adresse: String,
}

/// Ends a way: whatever the browser brings, the way serves no more. The error of a return that belongs to no way of this
/// browser has no page to go back to.
pub(super) async fn revenir(m: &Mandats, nav: &Navigateur, query: &str) -> Result<Suite, Echec> {
    let site = &m.site;
    let client = client(m)?;
    let callback = Callback::read(query)?;
    let inconnu = || Refused::Return("no such way in this browser");
    let etat = sha256_hex(callback.state().ok_or_else(inconnu)?);
    let flux = store::de_l_etat(site.db.read(), &etat).await?.ok_or_else(inconnu)?;
    // Another browser with the right address (log-in CSRF) uses nothing up.
    let navigateur = nav.secret().filter(|s| s.hash() == flux.navigateur_empreinte).ok_or_else(inconnu)?;
    let but = But::from_cle(&flux.but).ok_or_else(inconnu)?;
    if !site.db.write(async |tx| store::avancer(tx, flux.id, "parti", "revenu").await).await? {
        return Err(Refused::Return("a way used already").into());
    }
    let lu = async {
        let parti = ouvre(site, &flux)?;
        let connu = client.connu().await?;
        let with = (client.reglages(), &connu.metadata);
        let code = parti.flow.receive(&callback, with, Some(navigateur.expose()), site.clock.now())?;
        let preuve = client.preuve(&parti.flow, &code).await?;
        let identite = Identite::lire(&preuve.claims).map_err(|refuses| {
            // Names of claims, and nothing of what they hold.
            tracing::warn!(claims = refuses.join(" "), "an identity that would not be taken back");
            Refused::Answer("an identity that lacks something")
        })?;
        Ok::<_, Echec>((preuve, identite))
    };
    match lu.await {
        Ok((preuve, identite)) => garder(m, client, &flux, but, preuve, identite).await,
        Err(Echec::Refuse(refused)) => {
            tracing::warn!(reason = %refused, "a stay at FranceConnect ended without an identity");
            Ok(Suite { adresse: avec(&flux.retour, "refus", cle(&refused)) })
        }
        Err(nous) => Err(nous),
    }
}

async fn garder(
    m: &Mandats,
    client: &Client,
    flux: &Flux,
    but: But,
    preuve: Preuve,
    identite: Identite,
) -> Result<Suite, Echec> {
    let site = &m.site;
    let now = site.clock.now();
    let identifie = Identifie {
        but,
        identite,
        sub: crate::reprise::sub(m, &preuve.qui.subject).await?,
        acr: preuve.qui.acr.clone().unwrap_or_default(),
        quand: now,
    };
    let clair =
        serde_json::to_vec(&identifie).map_err(|_| Refused::Answer("an identity that is not written"))?;
    let scelle = site.secrets.seal(&site.chance, &place(flux.id, "identite"), &clair)?;
    let sortie = client.deconnexion(&preuve.id_token).await;
    let etat = sortie.as_ref().map(|s| sha256_hex(s.state.expose()));
    let ligne = Entry::system("franceconnect.identifier", "franceconnect", flux.id)
        .with(serde_json::json!({ "but": but.cle(), "niveau": identifie.acr }));
    let garde = site
        .db
        .write(async |tx| {
            journal::write(site, tx, ligne.clone()).await?;
            store::identifier(tx, flux.id, &scelle, etat.as_deref(), now + ATTENTE).await
        })
        .await?;
    if !garde {
        return Err(Refused::Return("a way used already").into());
    }
    let ici = || avec(&flux.retour, "identification", &flux.id.to_string());
    Ok(Suite { adresse: sortie.map_or_else(ici, |s| s.location.expose().to_owned()) })
}

/// Where the browser goes once it is signed out there; none for a log-out that is not of this browser.
pub(super) async fn sortir(m: &Mandats, nav: &Navigateur, etat: &str) -> Result<Option<String>, Echec> {
    let site = &m.site;
    let flux = store::de_la_deconnexion(site.db.read(), &sha256_hex(etat)).await?;
    let a_lui = |f: &Flux| nav.empreinte().is_some_and(|e| e == f.navigateur_empreinte);
    let Some(flux) = flux.filter(a_lui) else { return Ok(None) };
    site.db.write(async |tx| store::deconnecte(tx, flux.id).await).await?;
    Ok(Some(avec(&flux.retour, "identification", &flux.id.to_string())))
}

/// The identity of that `identification`, once: got for this purpose and this page, by this browser, half an hour ago at
/// most. In the caller's transaction: when it fails, the identity is still there.
///
/// # Errors
/// The database; a seal that no longer opens.
pub async fn prendre(
    m: &Mandats,
    tx: &Tx,
    (but, retour): (But, &str),
    identification: &str,
    nav: &Navigateur,
) -> Result<Option<Identifie>, Failure> {
    let site = &m.site;
    let Ok(id) = Uuid::parse_str(identification) else { return Ok(None) };
    let flux = store::lire(tx, id).await?;
    let a_lui = |f: &Flux| nav.empreinte().is_some_and(|e| e == f.navigateur_empreinte);
    let voulu = |f: &Flux| f.but == but.cle() && f.retour == retour;
    let bon = |f: &Flux| f.etape == "identifie" && voulu(f) && site.clock.now() < f.expire_le;
    let Some(flux) = flux.filter(|f| a_lui(f) && bon(f)) else { return Ok(None) };
    if !store::prendre(tx, flux.id).await? {
        return Ok(None);
    }
    let clair = site.secrets.open(&place(flux.id, "identite"), &flux.scelle)?;
    let identifie = serde_json::from_slice(&clair)
        .map_err(|_| Refusal::conflict("Cette identification ne peut plus être lue. Recommencez-la."))?;
    Ok(Some(identifie))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_sentence() {
        for (clef, refused) in REFUS {
            assert_eq!(cle(&refused), clef);
            assert!(conseil(clef).unwrap().contains("FranceConnect"), "{clef}");
        }
        for autre in [Said::ServerError, Said::Unavailable, Said::Level, Said::InvalidClient, Said::Other] {
            assert!(conseil(cle(&Refused::Said { said: autre, reference: None })).is_some());
        }
        assert_eq!(cle(&Refused::UnknownKey), "reponse");
        assert!(conseil("<script>").is_none() && conseil("").is_none());
    }

    #[test]
    fn attack_7_only_paths_of_ours() {
        for (retour, attendu) in [
            ("/mandats/nouveau", "/mandats/nouveau?x=1"),
            ("/mandats?a=b", "/mandats?a=b&x=1"),
            ("//evil.example", "/?x=1"),
            ("/\\evil", "/?x=1"),
            ("https:evil", "/?x=1"),
            ("/a\r\nSet-Cookie:x", "/?x=1"),
            ("", "/?x=1"),
            ("/a#b", "/?x=1"),
        ] {
            assert_eq!(avec(retour, "x", "1"), attendu, "{retour:?}");
        }
    }
}
