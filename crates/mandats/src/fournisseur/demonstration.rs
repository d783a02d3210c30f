//! Clients of the demonstration: the new FranceConnect and the old one, as fictitious as the rest. Their secrets are known to
//! all, and exist in a demonstration only.

use kernel::Refusal;
use oidc::Secret;
use oidc::jose::Alg;
use oidc::provider::AuthMethod;
use platform::journal::{self, Entry};

use super::clients::{Inscrit, Reglages, store};
use crate::{Failure, Mandats};

/// Name and secret of each, as the protocol has them.
pub const NOUVEAU: (&str, &str) =
    ("franceconnect-fictif", "secret de demonstration du nouveau FranceConnect");
/// The one of before: HS256, as it was declared for years.
pub const ANCIEN: (&str, &str) =
    ("franceconnect-fictif-ancien", "secret de demonstration de l'ancien FranceConnect");
/// Where a service on this machine awaits the answer: a small relying party of the journeys listens there.
pub const RETOUR: &str = "http://localhost:4180/retour";
/// Where it awaits the end.
pub const SORTIE: &str = "http://localhost:4180/sortie";

/// Registers them; what is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats) -> Result<(), Failure> {
    let site = &m.site;
    if !site.is_demo() {
        return Err(Refusal::forbidden("Ces clients n’existent que dans la démonstration.").into());
    }
    let clients = [
        (NOUVEAU, "FranceConnect (démonstration)", Alg::Es256, 1),
        (ANCIEN, "FranceConnect, ancienne version (démonstration)", Alg::Hs256, 2),
    ];
    for ((client_id, secret), nom, alg, rang) in clients {
        let inscrit = Inscrit {
            id: uuid::Uuid::from_u128(0xC11E_0000 + rang),
            client_id: client_id.to_owned(),
            nom: nom.to_owned(),
            actif: true,
            reglages: reglages(&site.config.serveur.origine, alg),
            secrets: vec![Secret::new(secret)],
            cree_le: site.clock.now(),
            version: 0,
        };
        site.db
            .write(async |tx| {
                if store::du_nom(site, tx, client_id).await?.is_none() {
                    store::enregistrer(site, tx, &inscrit).await?;
                    let ligne =
                        Entry::system("fournisseur.client.inscrire", "fournisseur_client", inscrit.id);
                    journal::write(site, tx, ligne).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
    }
    Ok(())
}

fn reglages(origine: &str, alg: Alg) -> Reglages {
    Reglages {
        redirect_uris: vec![RETOUR.to_owned(), format!("{origine}{}", super::service::RETOUR)],
        post_logout_redirect_uris: vec![SORTIE.to_owned()],
        auth: vec![AuthMethod::ClientSecretPost],
        cles: None,
        id_token_alg: alg,
        userinfo_alg: Some(alg),
        pkce_required: false,
        nonce_required: true,
        scopes: ["profile", "birth", "email"].map(str::to_owned).to_vec(),
        acr: vec!["eidas1".to_owned()],
        acr_binding: true,
        rep_scope: true,
        act: false,
        presence_s: 12 * 3600,
        one_use: true,
        par_seconde: 0,
        adresse_fin: None,
    }
}
