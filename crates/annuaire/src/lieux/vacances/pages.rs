//! The page of school calendars: what is loaded, and the form that loads more.

use std::io::{Cursor, Read};

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use flate2::read::GzDecoder;
use kernel::Perimetre;
use kernel::text::compte;
use platform::web::{FormState, PageError, PageResult, Shell, page_with};

use super::{BASE, EchecVacances, FICHIER_MAX, importe, store};
use crate::Annuaire;
use crate::lieux::imports::envoi;
use crate::lieux::ouverture::{Annee, Scolaire, Zone};
use crate::territoires::BilanImport;
use crate::territoires::actions::Livraison;

/// Remarks shown; the command line writes all of them.
const REMARQUES: usize = 200;

#[derive(Template)]
#[template(path = "lieux/vacances/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    charges: Scolaire,
    bilan: Option<BilanImport>,
    phrase: String,
    peut_charger: bool,
}

impl Page {
    fn jour(&self, jour: &chrono::NaiveDate) -> String {
        kernel::calendrier::jour_en_lettres(*jour)
    }

    fn conges(&self, annee: &Annee) -> Vec<(String, String)> {
        let ecrit = |c: &crate::lieux::ouverture::Conge| {
            (c.nom.clone(), format!("du {} au {}", self.jour(&c.du), self.jour(&c.au)))
        };
        annee.vacances.iter().map(ecrit).collect()
    }

    /// Zones of which nothing is loaded.
    fn absentes(&self) -> String {
        let charge = |z: &Zone| self.charges.annees().iter().any(|a| a.zone == *z);
        let absentes: Vec<&str> = Zone::toutes().filter(|z| !charge(z)).map(Zone::nom).collect();
        absentes.join(", ")
    }
}

async fn montre(
    annuaire: &Annuaire,
    shell: Shell,
    form: FormState,
    bilan: Option<BilanImport>,
    phrase: String,
) -> PageResult {
    let charges = store::charges(annuaire.site.db.read()).await?;
    let peut_charger = shell.actor()?.perimetre == Perimetre::National;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &Page { shell, form, charges, bilan, phrase, peut_charger })
}

/// What is loaded, and the form.
pub(super) async fn liste(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    montre(&annuaire, shell, FormState::default(), None, String::new()).await
}

/// Takes a file, and says line by line what it could not take.
pub(super) async fn envoyer(State(annuaire): State<Annuaire>, shell: Shell, corps: Multipart) -> PageResult {
    let acteur = shell.actor()?.clone();
    let mut envoi = envoi::lit(corps, FICHIER_MAX).await?;
    let Some(contenu) = envoi.contenu.take().filter(|_| envoi.form.is_valid()) else {
        return montre(&annuaire, shell, envoi.form, None, String::new()).await;
    };
    let mut octets = Vec::new();
    GzDecoder::new(contenu).read_to_end(&mut octets).map_err(PageError::internal)?;
    let a_blanc = envoi.form.get("essai") == "oui";
    let livraison = Livraison { nom: &envoi.nom, a_blanc };
    match importe(&annuaire.site, Some(&acteur), Cursor::new(octets), livraison).await {
        Ok(bilan) => {
            if !a_blanc {
                annuaire.relit_les_lieux().await?;
            }
            let prises = compte(bilan.retenues, "période prise", "périodes prises");
            let refusees = compte(bilan.refusees, "remarque", "remarques");
            let suite = if a_blanc { " C’était un essai : rien n’est enregistré." } else { "" };
            montre(
                &annuaire,
                shell,
                FormState::default(),
                Some(bilan),
                format!("{prises}, {refusees}.{suite}"),
            )
            .await
        }
        Err(EchecVacances::Refus(refus)) => {
            envoi.form.refuse("fichier", refus.to_string());
            montre(&annuaire, shell, envoi.form, None, String::new()).await
        }
        Err(EchecVacances::Interdit(refus)) => Err(refus.into()),
        Err(EchecVacances::Base(erreur)) => Err(erreur.into()),
    }
}
