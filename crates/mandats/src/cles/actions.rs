//! Making keys, opening them, publishing them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use oidc::jose::{Alg, KeyDate, KeyRing, KeySet, SigningKey, Stage};
use platform::journal::{self, Entry};
use platform::secrets::SealError;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use super::garde::Ouvertes;
use super::model::{Cle, Usage};
use super::store;
use crate::{Failure, Mandats};

/// The key that signs now for that usage (ES256). Made at first use when there is none.
///
/// # Errors
/// No key in the configuration (`cles.secret`) to open or seal it with; the database.
pub async fn signataire(m: &Mandats, usage: Usage) -> Result<Arc<SigningKey>, Failure> {
    let ouvertes = ouvrir(m).await?;
    Ok(match usage {
        Usage::Mandat => ouvertes.mandat,
        Usage::Jeton => ouvertes.jeton,
    })
}

/// The keys of tokens: those that sign, those that verify what comes back.
///
/// # Errors
/// No key in the configuration (`cles.secret`) to open or seal them with; the database.
pub async fn anneau(m: &Mandats) -> Result<Arc<KeyRing>, Failure> {
    Ok(ouvrir(m).await?.anneau)
}

async fn ouvrir(m: &Mandats) -> Result<Ouvertes, Failure> {
    let maintenant = m.site.clock.now();
    if let Some(ouvertes) = m.cles.prend(maintenant) {
        return Ok(ouvertes);
    }
    let mut toutes = store::toutes(m.site.db.read()).await?;
    let signe = |toutes: &[Cle], usage: Usage| {
        usage.algorithmes().iter().all(|alg| courante(toutes, usage, *alg, maintenant).is_some())
    };
    if !Usage::TOUS.iter().all(|u| signe(&toutes, *u)) {
        preparer(m).await?;
        toutes = store::toutes(m.site.db.read()).await?;
    }
    let une = |usage| {
        let cle = courante(&toutes, usage, Alg::Es256, maintenant);
        ouvre(m, cle.ok_or_else(|| DbErr::RecordNotFound("cle_signature".to_owned()))?)
    };
    let jetons: Result<Vec<_>, Failure> = toutes
        .iter()
        .filter(|c| c.usage == Usage::Jeton && c.etape(&toutes, maintenant) != Stage::Gone)
        .map(|c| Ok((c.depuis, ouvre(m, c)?)))
        .collect();
    let ouvertes = Ouvertes {
        lues: maintenant,
        mandat: Arc::new(une(Usage::Mandat)?),
        jeton: Arc::new(une(Usage::Jeton)?),
        anneau: Arc::new(KeyRing::at(maintenant, &Usage::Jeton.rotation(), jetons?)),
    };
    m.cles.pose(ouvertes.clone());
    Ok(ouvertes)
}

fn courante(toutes: &[Cle], usage: Usage, alg: Alg, maintenant: DateTime<Utc>) -> Option<&Cle> {
    toutes.iter().find(|c| c.usage == usage && c.alg == alg && c.etape(toutes, maintenant) == Stage::Current)
}

fn ouvre(m: &Mandats, cle: &Cle) -> Result<SigningKey, Failure> {
    let octets = m.site.secrets.open(&Cle::place(&cle.kid), &cle.scellee)?;
    Ok(SigningKey::from_pkcs8(cle.alg, &octets).map_err(|_| SealError)?)
}

/// Every key, with what it is for now.
///
/// # Errors
/// The database.
pub async fn liste(m: &Mandats) -> Result<Vec<(Cle, Stage)>, Failure> {
    let (toutes, maintenant) = (store::toutes(m.site.db.read()).await?, m.site.clock.now());
    Ok(toutes.iter().map(|c| (c.clone(), c.etape(&toutes, maintenant))).collect())
}

/// What verifies mandats and their transfers (RFC 7517 5): public halves of every key that ever signed one, and of those to
/// come. It grows for ever: [`oidc::jose::KeySet::parse_archive`] reads it.
///
/// # Errors
/// The database.
pub async fn jeu(m: &Mandats, conn: &impl ConnectionTrait) -> Result<Value, Failure> {
    publie(m, conn, Usage::Mandat).await
}

/// What verifies tokens: the keys to come, present and just past. Peers read it at each exchange, and some of them read
/// small sets only.
///
/// # Errors
/// The database.
pub async fn jeu_des_jetons(m: &Mandats, conn: &impl ConnectionTrait) -> Result<Value, Failure> {
    publie(m, conn, Usage::Jeton).await
}

async fn publie(m: &Mandats, conn: &impl ConnectionTrait, usage: Usage) -> Result<Value, Failure> {
    let (toutes, maintenant) = (store::toutes(conn).await?, m.site.clock.now());
    let publiees = toutes.iter().filter(|c| c.usage == usage && c.etape(&toutes, maintenant) != Stage::Gone);
    Ok(json!({ "keys": publiees.map(|c| c.publique.clone()).collect::<Vec<_>>() }))
}

/// The keys of mandats that are published, to verify with: a signature costs some 100 µs, reading these one request.
///
/// # Errors
/// The database.
pub async fn publiees(m: &Mandats, conn: &impl ConnectionTrait) -> Result<KeySet, Failure> {
    let (toutes, maintenant) = (store::toutes(conn).await?, m.site.clock.now());
    let mandats = toutes.iter().filter(|c| c.usage == Usage::Mandat);
    let publiees = mandats.filter(|c| c.etape(&toutes, maintenant) != Stage::Gone);
    let jeu = json!({ "keys": publiees.map(|c| c.publique.clone()).collect::<Vec<_>>() });
    let illisible = |_| sea_orm::DbErr::Type("the published keys".to_owned());
    Ok(KeySet::parse_archive(jeu.to_string().as_bytes()).map_err(illisible)?)
}

/// Makes the keys that are due, and takes away those of tokens that are published no more. Run every day, and at first use.
///
/// # Errors
/// No key in the configuration to seal them with; the database.
pub async fn preparer(m: &Mandats) -> Result<(), Failure> {
    let maintenant = m.site.clock.now();
    let toutes = store::toutes(m.site.db.read()).await?;
    for usage in Usage::TOUS {
        for alg in usage.algorithmes() {
            let dates: Vec<KeyDate> = toutes.iter().filter(|c| c.usage == usage).map(Cle::date).collect();
            if let Some(depuis) = usage.rotation().due(*alg, &dates, maintenant) {
                fabriquer(m, usage, *alg, &toutes, depuis).await?;
            }
        }
    }
    let parties: Vec<&Cle> = toutes
        .iter()
        .filter(|c| c.usage == Usage::Jeton && c.etape(&toutes, maintenant) == Stage::Gone)
        .collect();
    for cle in parties {
        let site = &m.site;
        site.db
            .write(async |tx| {
                store::oter(tx, &cle.kid).await?;
                journal::write(site, tx, Entry::system("cle.oter", "cle_signature", &cle.kid)).await
            })
            .await?;
    }
    Ok(())
}

/// Makes the next keys of that usage before their time: after an alarm, or to try a rotation. They begin to sign once peers
/// have had the time to read them. One that is waiting already is enough.
///
/// # Errors
/// No key in the configuration to seal them with; the database.
pub async fn avancer(m: &Mandats, usage: Usage) -> Result<Vec<String>, Failure> {
    let maintenant = m.site.clock.now();
    let toutes = store::toutes(m.site.db.read()).await?;
    let mut faites = Vec::new();
    for alg in usage.algorithmes() {
        let mut siennes = toutes.iter().filter(|c| c.usage == usage && c.alg == *alg).peekable();
        let depuis = if siennes.peek().is_none() { maintenant } else { maintenant + usage.rotation().lead };
        if siennes.all(|c| c.depuis <= maintenant) {
            faites.extend(fabriquer(m, usage, *alg, &toutes, depuis).await?);
        }
    }
    Ok(faites)
}

/// Makes one key, unless another instance makes the same one at this very moment; gives its name.
async fn fabriquer(
    m: &Mandats,
    usage: Usage,
    alg: Alg,
    toutes: &[Cle],
    depuis: DateTime<Utc>,
) -> Result<Option<String>, Failure> {
    let site = &m.site;
    let dernier = toutes.iter().filter(|c| c.usage == usage && c.alg == alg).map(|c| c.rang).max();
    // The first one signs at once, for whoever's clock is late too.
    let depuis = if dernier.is_none() { depuis - TimeDelta::days(1) } else { depuis };
    // Before the transaction: an RSA key takes a while.
    let (neuve, octets) = SigningKey::generate(alg).map_err(|_| SealError)?;
    let (Some(kid), Some(publique)) = (neuve.kid(), neuve.jwk()) else { return Err(SealError.into()) };
    let cle = Cle {
        kid: kid.to_owned(),
        usage,
        alg,
        rang: dernier.unwrap_or(0) + 1,
        depuis,
        publique,
        scellee: site.secrets.seal(&site.chance, &Cle::place(kid), octets.expose())?,
    };
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let faite = site
        .db
        .write(async |tx| {
            let faite = store::ajouter(tx, id, &cle).await?;
            if faite {
                let details =
                    json!({ "usage": usage.cle(), "alg": alg.name(), "depuis": depuis.to_rfc3339() });
                let ligne = Entry::system("cle.fabriquer", "cle_signature", &cle.kid).with(details);
                journal::write(site, tx, ligne).await?;
            }
            Ok::<_, DbErr>(faite)
        })
        .await?;
    m.cles.oublie();
    Ok(faite.then_some(cle.kid))
}
