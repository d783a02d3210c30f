//! One mandat: what was signed, as it was signed; its file, its print, its end.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Refusal;
use platform::documents;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other_saying,
    see_other_warning,
};

use super::{ACCUEIL, MANDATS, PERSONNES, adresse, agissant, statut};
use crate::document::{Dessin, Signe};
use crate::ids::{AutorisationId, MandatId};
use crate::mandats::impression::{self, Presentation};
use crate::mandats::{Autorisation, Fin, Mandat, Raison, actions, rules, store, traces};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats, transferts};

/// What a page of a mandat reads: nothing of another organisation.
struct Ouvert {
    mandat: Mandat,
    autorisations: Vec<Autorisation>,
    usager: Usager,
}

async fn ouvrir(m: &Mandats, shell: &Shell, id: uuid::Uuid) -> Result<Ouvert, PageError> {
    let a = agissant(m, shell).await?;
    let conn = m.site.db.read();
    let (mandat, autorisations) = actions::mandat_de(conn, &a, MandatId(id)).await?;
    let usager = usagers::store::lire(conn, mandat.usager).await?.ok_or(Refusal::NotFound)?;
    Ok(Ouvert { mandat, autorisations, usager })
}

/// What was signed, to be printed or taken away.
async fn signe(m: &Mandats, mandat: &Mandat) -> Result<Signe, PageError> {
    let signe = actions::relire(m, m.site.db.read(), mandat).await?;
    let phrase = "Ce mandat est repris d’Aidants Connect, non signé ici : seul le papier signé fait foi.";
    Ok(signe.ok_or_else(|| Refusal::conflict(phrase))?)
}

#[derive(Template)]
#[template(path = "mandats/pages/mandat.html")]
struct Page {
    shell: Shell,
    o: Ouvert,
    dessin: Option<Dessin>,
    adresse: Option<String>,
    qr: Option<String>,
    /// The acts by which it passed from one organisation to another, in a sentence each.
    transferts: Vec<String>,
    renouvelable: bool,
    repris: Option<crate::reprise::Repris>,
    now: DateTime<Utc>,
    jour: NaiveDate,
}

impl Page {
    fn actif(&self) -> bool {
        self.o.autorisations.iter().any(|a| a.active(self.now))
    }

    fn revoque(&self) -> bool {
        self.o.autorisations.iter().any(|a| matches!(a.fin, Some(Fin::Revoquee { .. })))
    }

    fn titre(&self, a: &Autorisation) -> String {
        super::titre(&a.demarche, self.jour)
    }

    fn fin(&self, a: &Autorisation) -> String {
        kernel::calendrier::en_lettres_avec_heure(&a.finit_le())
    }
}

pub(super) async fn montrer(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let o = ouvrir(&m, &shell, id).await?;
    let now = m.site.clock.now();
    let signe = actions::relire(&m, m.site.db.read(), &o.mandat).await?;
    let dessin = signe.as_ref().map(|s| s.contenu().dessine()).transpose().map_err(PageError::internal)?;
    let adresse = signe.as_ref().map(|s| crate::document::adresse(&m.site.config.serveur.origine, s));
    let repris = crate::reprise::repris(m.site.db.read(), [o.mandat.id]).await?.remove(&o.mandat.id);
    let toutes = store::de_la_personne(m.site.db.read(), o.usager.id).await?;
    let actes = transferts::actes(&m, m.site.db.read(), o.mandat.id).await?;
    page(&Page {
        transferts: actes.iter().map(|(acte, _)| acte.phrase()).collect(),
        repris,
        qr: adresse.as_deref().and_then(platform::web::qr::svg),
        renouvelable: !rules::renouvelables(&o.mandat, &toutes, now).is_empty(),
        jour: m.jour(),
        adresse,
        dessin,
        now,
        o,
        shell,
    })
}

/// The signed file, letter for letter: `maillage mandat verify` reads it.
pub(super) async fn fichier(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let o = ouvrir(&m, &shell, id).await?;
    let signature = o.mandat.signature.ok_or(Refusal::NotFound)?;
    traces::noter_fichier(&m, shell.actor()?, o.mandat.id).await?;
    let nom = format!("attachment; filename=\"mandat-{}.json\"", o.mandat.numero);
    let entetes = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, nom)];
    Ok((entetes, signature.document).into_response())
}

/// The signed act of a transfer, the first being 1: `maillage mandat verify --transfert` reads it beside the mandat.
pub(super) async fn transfert(
    State(m): State<Mandats>,
    shell: Shell,
    Path((id, rang)): Path<(String, String)>,
) -> PageResult {
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let o = ouvrir(&m, &shell, id).await?;
    let acte = transferts::fichier(&m, m.site.db.read(), o.mandat.id, &rang).await?;
    let nom = format!("attachment; filename=\"mandat-{}-transfert-{rang}.json\"", o.mandat.numero);
    let entetes = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, nom)];
    Ok((entetes, acte).into_response())
}

pub(super) async fn imprimer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let o = ouvrir(&m, &shell, id).await?;
    let signe = signe(&m, &o.mandat).await?;
    let presentation = Presentation::from_cle(query.get("presentation"));
    let document = impression::mandat(&m.site, &signe, presentation).map_err(PageError::internal)?;
    let le = signe.contenu().cree.date_time().to_utc();
    let octets = documents::pdf(document, le).await?;
    Ok(documents::reponse(&format!("mandat-{}", o.mandat.numero), octets))
}

#[derive(Template)]
#[template(path = "mandats/pages/revoquer.html")]
struct Revoquer {
    shell: Shell,
    form: FormState,
    o: Ouvert,
    une: Option<AutorisationId>,
    now: DateTime<Utc>,
    jour: NaiveDate,
}

impl Revoquer {
    fn raisons(&self) -> Vec<(&'static str, &'static str)> {
        Raison::TOUTES.map(|r| (r.cle(), r.libelle())).to_vec()
    }

    fn visees(&self) -> Vec<String> {
        let active = |a: &&Autorisation| a.active(self.now) && self.une.is_none_or(|une| une == a.id);
        self.o.autorisations.iter().filter(active).map(|a| super::titre(&a.demarche, self.jour)).collect()
    }
}

async fn montrer_revocation(m: &Mandats, shell: Shell, id: uuid::Uuid, form: FormState) -> PageResult {
    let o = ouvrir(m, &shell, id).await?;
    let une =
        form.get("autorisation").parse().ok().filter(|une| o.autorisations.iter().any(|a| a.id == *une));
    let page = Revoquer { shell, o, une, now: m.site.clock.now(), jour: m.jour(), form };
    if page.visees().is_empty() {
        let phrase = "Il n’y a plus rien à révoquer ici : c’est déjà fini.";
        return Ok(see_other_warning(&adresse(MandatId(id)), phrase));
    }
    page_with(statut(&page.form), &page)
}

pub(super) async fn revocation(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    montrer_revocation(&m, shell, id, query).await
}

pub(super) async fn revoquer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let mut une = None;
    if !form.get("autorisation").is_empty() {
        une = Some(form.get("autorisation").parse().map_err(|_| PageError::not_found())?);
    }
    let raison = match rules::raison(form.get("raison"), form.get("precision")) {
        Ok(raison) => raison,
        Err(refus) => {
            form.take(refus)?;
            return montrer_revocation(&m, shell, id, form).await;
        }
    };
    let phrase = if raison.0 == Raison::Deces {
        "C’est révoqué. Aucun message ne part à l’adresse de la personne. L’attestation est là pour ses proches, s’ils la demandent."
    } else {
        "C’est révoqué. Imprimez l’attestation et remettez-la à la personne."
    };
    match actions::revoquer_chez(&m, shell.actor()?, (MandatId(id), une), raison).await {
        Ok(_) => Ok(see_other_saying(&adresse(MandatId(id)), phrase)),
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => {
            Ok(see_other_warning(&adresse(MandatId(id)), &phrase))
        }
        Err(autre) => Err(autre.into()),
    }
}

/// The certificate of what was revoked of a mandat.
pub(super) async fn attestation(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let o = ouvrir(&m, &shell, id).await?;
    let a = agissant(&m, &shell).await?;
    let nom = super::nom_de(&m, &a).await?;
    let Some((document, le)) = impression::attestation(&m, (&o.mandat, &o.autorisations), &o.usager, &nom)
    else {
        return Err(Refusal::NotFound.into());
    };
    let octets = documents::pdf(document, le).await?;
    Ok(documents::reponse(&format!("attestation-{}", o.mandat.numero), octets))
}
