//! The choice of the aidant: a person, a démarche, then a code. The use and its line of journal are written in the
//! transaction of the code, so that no identity leaves without them.

use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal, Verb};
use oidc::Act;
use oidc::provider::{Answer, ErrorCode, Login, Redirect};
use platform::journal::{self, Entry};
use serde_json::json;
use uuid::Uuid;

use super::flux::{self, Etat, Flux};
use super::usages::{self, Usage};
use super::{Fournisseur, store};
use crate::aidants::{self, Agissant};
use crate::espace::{self, Nouvelle};
use crate::ids::{UsageId, UsagerId};
use crate::legal::{self, Demarche, Genre};
use crate::mandats::{Autorisation, Regard};
use crate::{Failure, mandats, usagers};

/// A request under way, and the browser that brought it.
pub(super) type DansLeNavigateur<'a> = (Uuid, &'a str);

/// What an answer leads to.
pub(super) enum Reponse {
    /// To the client, with a code.
    Code(oidc::Secret),
    /// To the client, with an error.
    Erreur(Redirect),
    /// The request does not wait any more.
    DejaFaite,
    /// The page showed somebody else than the person chosen since, in another window: nothing is answered.
    AutrePersonne,
}

/// The catalogue of démarches of that day.
pub(super) fn catalogue(jour: chrono::NaiveDate) -> &'static [Demarche] {
    legal::en_vigueur(Genre::Demarches, jour).map_or(&[], legal::catalogue)
}

/// The title of a démarche, in the last catalogue that has it.
pub(super) fn titre(cle: &str) -> String {
    let textes = legal::PUBLIES.iter().rev().filter(|t| t.genre == Genre::Demarches);
    let connue = textes.flat_map(legal::catalogue).find(|d| d.cle == cle);
    connue.map_or_else(|| cle.to_owned(), |d| d.titre.clone())
}

/// Whether the service that asks accepts that démarche.
pub(super) fn acceptee(flux: &Flux, demarche: &str) -> bool {
    let perimetre: Vec<String> =
        oidc::franceconnect::perimetre(demarche).map(str::to_owned).into_iter().collect();
    flux.demande.accepts(&perimetre)
}

impl Fournisseur {
    /// What the protocol calls that person, for that client and no other.
    fn sujet(&self, client_id: &str, usager: UsagerId) -> String {
        self.m.site.secrets.fingerprint("fournisseur.sub", &format!("{client_id}\n{usager}"))
    }

    /// Keeps the person that was chosen.
    ///
    /// # Errors
    /// A refusal: who acts may not, or the person mandates nobody there; the database.
    pub(super) async fn choisir_personne(
        &self,
        actor: &Actor,
        (id, navigateur): DansLeNavigateur<'_>,
        usager: UsagerId,
    ) -> Result<bool, Failure> {
        let site = &self.m.site;
        site.db
            .write(async |tx| {
                let a = aidants::agissant(&self.m, tx, actor, Verb::TenirMandats).await?;
                let structure = a.organisation.structure;
                let (now, regard) = (site.clock.now(), Regard::de(tx, &a).await?);
                if mandats::store::autorisations_actives(tx, &regard, usager, now).await?.is_empty() {
                    return Err(Refusal::NotFound.into());
                }
                Ok(flux::choisir(tx, (id, navigateur), usager, structure).await?)
            })
            .await
    }

    /// Gives a code for what was chosen, writes the use down, and tells the journal. `montree` is the person whose name
    /// stood on the page: of two windows on one request, each may show another, and only the one that is chosen now is told.
    ///
    /// # Errors
    /// A refusal: who acts may not, the person allows no such thing there; the database.
    pub(super) async fn repondre(
        &self,
        actor: &Actor,
        prouve_le: Option<DateTime<Utc>>,
        (id, navigateur): DansLeNavigateur<'_>,
        (montree, demarche): (Option<UsagerId>, &str),
    ) -> Result<Reponse, Failure> {
        let site = &self.m.site;
        site.db
            .write(async |tx| {
                let now = site.clock.now();
                let a = aidants::agissant(&self.m, tx, actor, Verb::TenirMandats).await?;
                let flux = flux::lire(tx, id, navigateur).await?.ok_or(Refusal::NotFound)?;
                let (usager, structure) = flux.choisi.ok_or(Refusal::NotFound)?;
                if structure != a.organisation.structure {
                    return Err(Refusal::NotFound.into());
                }
                if montree != Some(usager) {
                    return Ok(Reponse::AutrePersonne);
                }
                let permise =
                    |x: &Autorisation| x.demarche == demarche && a.organisation.demarches.contient(demarche);
                let regard = Regard::de(tx, &a).await?;
                let actives = mandats::store::autorisations_actives(tx, &regard, usager, now).await?;
                let autorisation = actives.into_iter().find(permise).ok_or(Refusal::NotFound)?;
                let client = match store::rang(tx, &flux.demande.client_id).await?.filter(|r| r.actif) {
                    Some(r) => self.clients.de(site, tx, &flux.demande.client_id, r.version).await?,
                    None => None,
                };
                let client = client.ok_or(Refusal::NotFound)?;
                let answer = self.answer(&flux, &a, usager, demarche, prouve_le.unwrap_or_default());
                let chance = (&site.chance, &self.pepper);
                let granted = flux.demande.grant(&self.provider, answer, chance, now);
                let fin = if granted.is_ok() { Etat::Repondu } else { Etat::Refuse };
                if !flux::finir(tx, (id, navigateur), fin).await? {
                    return Ok(Reponse::DejaFaite);
                }
                let granted = match granted {
                    Ok(granted) => granted,
                    Err(redirect) => return Ok(Reponse::Erreur(redirect)),
                };
                let personne = usagers::store::lire(tx, usager).await?.ok_or(Refusal::NotFound)?;
                let usage = Usage {
                    id: UsageId::new(&site.clock, &site.chance),
                    autorisation: autorisation.id,
                    mandat: autorisation.mandat,
                    structure,
                    usager,
                    aidant: a.aidant.id,
                    appartenance: a.appartenance.id,
                    demarche: demarche.to_owned(),
                    client_id: client.inscrit.client_id.clone(),
                    client_nom: client.inscrit.nom.clone(),
                    cree_le: now,
                    lu_le: None,
                    fini_le: None,
                };
                usages::commencer(tx, &usage).await?;
                store::deposer(tx, &granted.code, usage.id.0, actor.compte.0).await?;
                let details = json!({
                    "usager": usagers::pseudonyme(site, &personne)?,
                    "mandat": usage.mandat.to_string(),
                    "autorisation": usage.autorisation.to_string(),
                    "demarche": usage.demarche,
                    "organisation": structure.to_string(),
                    "aidant": usage.aidant.to_string(),
                    "client": usage.client_id,
                });
                journal::write(
                    site,
                    tx,
                    Entry::by(actor, "usage.commencer", "usage", usage.id).with(details),
                )
                .await?;
                let organisation = annuaire::structures::find(tx, structure).await?.map(|s| s.nom);
                let nouvelle = Nouvelle::Usage {
                    organisation: organisation.unwrap_or_default(),
                    demarche: titre(demarche),
                    quand: now,
                };
                espace::prevenir(site, tx, &personne, &nouvelle).await?;
                Ok(Reponse::Code(granted.location))
            })
            .await
    }

    fn answer(
        &self,
        flux: &Flux,
        a: &Agissant,
        usager: UsagerId,
        demarche: &str,
        auth_time: DateTime<Utc>,
    ) -> Answer {
        let client_id = &flux.demande.client_id;
        let aidant = format!("{client_id}\n{}", a.aidant.id);
        Answer {
            subject: self.sujet(client_id, usager),
            amr: vec!["mfa".to_owned()],
            auth_time,
            rep_scope: oidc::franceconnect::perimetre(demarche).map(str::to_owned).into_iter().collect(),
            act: Some(Act {
                sub: self.m.site.secrets.fingerprint("fournisseur.act", &aidant),
                organisation: Some(a.organisation.numero.to_string()),
            }),
        }
    }

    /// The aidant gives up: the client is told, and the request is over.
    ///
    /// # Errors
    /// No such request in that browser; the database.
    pub(super) async fn renoncer(&self, (id, navigateur): DansLeNavigateur<'_>) -> Result<Reponse, Failure> {
        self.m
            .site
            .db
            .write(async |tx| {
                let flux = flux::lire(tx, id, navigateur).await?.ok_or(Refusal::NotFound)?;
                if !flux::finir(tx, (id, navigateur), Etat::Refuse).await? {
                    return Ok(Reponse::DejaFaite);
                }
                let raison = "the aidant gave up";
                Ok(Reponse::Erreur(flux.demande.refuse(&self.provider, ErrorCode::AccessDenied, raison)))
            })
            .await
    }
}

/// The proof of presence of who looks, as the protocol takes it.
pub(super) fn login(prouve_le: Option<DateTime<Utc>>) -> Option<Login> {
    prouve_le.map(|auth_time| Login { auth_time })
}
