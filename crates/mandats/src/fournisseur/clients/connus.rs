//! Clients, opened once a version: unsealing secrets and reading keys at each exchange would cost more than the exchange.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use oidc::provider::Client;
use platform::Site;
use sea_orm::ConnectionTrait;

use super::model::Inscrit;
use super::store;
use crate::Failure;

/// A client, ready.
#[derive(Debug)]
pub(in super::super) struct Connu {
    pub(in super::super) inscrit: Inscrit,
    pub(in super::super) client: Client,
}

/// Those of this process; there are as many as rows.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Connus(Arc<Mutex<HashMap<String, Arc<Connu>>>>);

impl Connus {
    /// The client of that name, which the caller has just seen at that version.
    pub(in super::super) async fn de(
        &self,
        site: &Site,
        conn: &impl ConnectionTrait,
        client_id: &str,
        version: i64,
    ) -> Result<Option<Arc<Connu>>, Failure> {
        let garde = {
            let connus = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            connus.get(client_id).filter(|c| c.inscrit.version == version).cloned()
        };
        if let Some(connu) = garde {
            return Ok(Some(connu));
        }
        let Some(inscrit) = store::du_nom(site, conn, client_id).await? else { return Ok(None) };
        let connu = Arc::new(Connu { client: inscrit.client(), inscrit });
        let mut connus = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connus.insert(client_id.to_owned(), connu.clone());
        Ok(Some(connu))
    }
}
