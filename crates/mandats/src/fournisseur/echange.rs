//! A code becomes a token, a token an identity, a log-out an end: each in one transaction.

use std::sync::Arc;

use oidc::provider::{
    Authenticated, BearerRefusal, Code, Denied, Effect, Issued, Jeton, Logout, Standing, TokenError,
    TokenRequest, UserinfoAnswer, by_scope, userinfo,
};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::clients::Connu;
use super::store::{self, CodeTrouve, Rang};
use super::{Fournisseur, usages};
use crate::{Failure, cles, usagers};

/// Why the userinfo is refused.
#[derive(Debug)]
pub(super) enum Refus {
    Jeton(BearerRefusal),
    Signature(TokenError),
}

/// Too many exchanges of one client in one second.
const TROP: TokenError = TokenError {
    status: 429,
    error: "temporarily_unavailable",
    reason: "too many requests: try again in a second",
    challenge: None,
};

/// No name of a client holds what PostgreSQL does not store.
fn ecrivable(texte: &str) -> bool {
    texte.len() <= 255 && !texte.contains('\0')
}

impl Fournisseur {
    /// The client that a request names, as its row is now, and how it proves to be that client.
    async fn prouver(
        &self,
        conn: &impl ConnectionTrait,
        rang: Option<Rang>,
        demande: &TokenRequest,
    ) -> Result<Result<(Arc<Connu>, Authenticated), TokenError>, Failure> {
        let (site, id) = (&self.m.site, demande.credentials.client_id());
        let connu = match rang.filter(|r| r.actif) {
            Some(rang) => self.clients.de(site, conn, id, rang.version).await?,
            None => None,
        };
        let client = connu.as_ref().map(|c| &c.client);
        let prouve = demande.credentials.authenticate(&self.provider, client, site.clock.now());
        Ok(match (prouve, connu) {
            (Ok(prouve), Some(connu)) => Ok((connu, prouve)),
            (Ok(_), None) => Err(TokenError::invalid_client()),
            (Err(error), _) => Err(error),
        })
    }

    /// The token endpoint. Who asks proves it before anything is written: a stranger keeps no writer waiting.
    ///
    /// # Errors
    /// The database, or no key to sign with; what the client is told is inside.
    pub(super) async fn echanger(
        &self,
        demande: &TokenRequest,
    ) -> Result<Result<Issued, TokenError>, Failure> {
        let (site, id) = (&self.m.site, demande.credentials.client_id());
        let conn = site.db.read();
        let rang = if ecrivable(id) { store::rang(conn, id).await? } else { None };
        let (connu, prouve) = match self.prouver(conn, rang, demande).await? {
            Ok(connu) => connu,
            Err(error) => return Ok(Err(error)),
        };
        let anneau = cles::anneau(&self.m).await?;
        let digest = Code::digest(&self.pepper, demande.code.expose());
        site.db
            .write(async |tx| {
                let now = site.clock.now();
                let (rang, trouve) = store::code(tx, id, &digest).await?;
                // Changed or closed since: who asks must prove it to the row of now.
                let (connu, prouve) = match rang {
                    Some(r) if r.actif && r.version == connu.inscrit.version => {
                        (connu.clone(), prouve.clone())
                    }
                    rang => match self.prouver(tx, rang, demande).await? {
                        Ok(connu) => connu,
                        Err(error) => return Ok(Err(error)),
                    },
                };
                if let Some(assertion) = &prouve.assertion {
                    let empreinte =
                        site.secrets.fingerprint("fournisseur.jti", &format!("{id}\n{}", assertion.jti));
                    if !store::retenir(tx, &empreinte, assertion.expires_at).await? {
                        return Ok(Err(TokenError::invalid_client()));
                    }
                }
                if !self.freins.debit(id, connu.inscrit.reglages.par_seconde, now) {
                    return Ok(Err(TROP));
                }
                let Some(CodeTrouve { code, tenue }) = trouve else {
                    return Ok(Err(TokenError::invalid_grant()));
                };
                let standing = tenue.standing(tx, now).await?;
                let verifier = demande.verifier.as_ref().map(oidc::Secret::expose);
                let redeemed = code.redeem(&connu.client, &demande.redirect_uri, verifier, standing, now);
                // Somebody else may have spent it since it was read: it is then a second use.
                let redeemed = match redeemed {
                    Ok(()) if !store::depenser(tx, &digest).await? => Err(Denied::Replayed),
                    autre => autre,
                };
                if let Err(refus) = redeemed {
                    refuser(site, tx, &digest, tenue.usage, refus).await?;
                    return Ok(Err(refus.into()));
                }
                let chance = (&site.chance, &self.pepper);
                let issued = match self.provider.issue(&connu.client, &code, &anneau, chance, now) {
                    Ok(issued) => issued,
                    Err(error) => return Ok(Err(error)),
                };
                store::emettre(tx, &issued.jeton).await?;
                Ok(Ok(issued))
            })
            .await
    }

    /// The userinfo endpoint: the identity leaves once the transaction is written.
    ///
    /// # Errors
    /// The database, or no key to sign with; what the client is told is inside.
    pub(super) async fn identite(&self, clair: &str) -> Result<Result<UserinfoAnswer, Refus>, Failure> {
        let site = &self.m.site;
        let digest = Jeton::digest(&self.pepper, clair);
        const NON: Result<UserinfoAnswer, Refus> = Err(Refus::Jeton(BearerRefusal::Invalid));
        // Whoever tries tokens keeps no writer waiting.
        if !store::jeton_connu(site.db.read(), &digest).await? {
            return Ok(NON);
        }
        let anneau = cles::anneau(&self.m).await?;
        site.db
            .write(async |tx| {
                let now = site.clock.now();
                let Some(trouve) = store::jeton(tx, &digest).await? else { return Ok(NON) };
                let (jeton, tenue) = (&trouve.jeton, &trouve.tenue);
                let connu = match trouve.rang.actif {
                    true => self.clients.de(site, tx, &jeton.client_id, trouve.rang.version).await?,
                    false => None,
                };
                let Some(connu) = connu else { return Ok(NON) };
                let standing = tenue.standing(tx, now).await?;
                if jeton.present(standing, now).is_err() {
                    if standing == Standing::Ended {
                        refuser(site, tx, &jeton.code, tenue.usage, Denied::Ended).await?;
                    }
                    return Ok(NON);
                }
                let personne = match tenue.usager {
                    Some(usager) => usagers::store::lire(tx, usager).await?,
                    None => None,
                };
                let Some(personne) = personne else { return Ok(NON) };
                let tout = personne.identite.claims(&jeton.subject);
                let claims = by_scope(&tout, &jeton.scopes, oidc::franceconnect::SCOPES);
                let avec = (anneau.as_ref(), None);
                let answer = match userinfo(&self.provider, &connu.client, (jeton, &claims), avec, now) {
                    Ok(answer) => answer,
                    Err(error) => return Ok(Err(Refus::Signature(error))),
                };
                if connu.client.one_use && !store::presenter(tx, &digest).await? {
                    return Ok(NON);
                }
                usages::lu(tx, tenue.usage, now).await?;
                Ok(Ok(answer))
            })
            .await
    }

    /// The end of a use: its code and its tokens stop working. The aidant stays signed in.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn terminer(&self, fin: &Logout) -> Result<(), Failure> {
        let Some(sid) = fin.flow.as_deref().filter(|sid| ecrivable(sid)) else { return Ok(()) };
        let site = &self.m.site;
        site.db
            .write(async |tx| {
                let Some((digest, usage)) = store::du_sid(tx, &fin.client_id, sid).await? else {
                    return Ok(());
                };
                if store::revoquer(tx, &digest, site.clock.now()).await? {
                    let ligne = Entry::system("usage.terminer", "usage", usage);
                    journal::write(site, tx, ligne).await?;
                }
                Ok(())
            })
            .await
    }
}

/// Does what a refusal asks for, and tells the journal once.
async fn refuser(
    site: &Site,
    tx: &Tx,
    digest: &str,
    usage: uuid::Uuid,
    refus: Denied,
) -> Result<(), sea_orm::DbErr> {
    let change = match refus.effect() {
        Effect::Nothing => true,
        Effect::Spend => store::depenser(tx, digest).await?,
        Effect::Revoke => store::revoquer(tx, digest, site.clock.now()).await?,
    };
    if !change {
        return Ok(());
    }
    let details = json!({ "pourquoi": refus.to_string() });
    journal::write(site, tx, Entry::system("usage.refuser", "usage", usage).with(details)).await
}
