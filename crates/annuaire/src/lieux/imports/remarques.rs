//! The remarks of a delivery, shown with filters: read from its report, a page at a time.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};

use askama::Template;
use axum::extract::{Path, State};
use flate2::read::GzDecoder;
use platform::web::{FormState, PageError, PageResult, Pagination, Requete, Shell, page};

use super::super::model::Livraison;
use super::super::rapport::Niveau;
use super::super::store;
use super::BASE;
use super::pages::{ecrit, trouve};
use crate::Annuaire;

const PAR_PAGE: usize = 50;

/// A line of a report.
#[derive(Debug, serde::Deserialize)]
struct Remarque {
    ligne: u64,
    champ: String,
    niveau: String,
    regle: String,
    valeur: String,
    valeur_apres: String,
    message: String,
}

#[derive(Template)]
#[template(path = "lieux/imports/remarques.html")]
struct Page {
    shell: Shell,
    form: FormState,
    livraison: Livraison,
    lignes: Vec<Remarque>,
    pagination: Pagination,
}

impl Page {
    fn niveaux(&self) -> Vec<(String, String)> {
        let mut choix = vec![(String::new(), "Tous".to_owned())];
        choix.extend(
            Niveau::TOUS
                .into_iter()
                .filter(|n| self.livraison.comptes.cellules(*n) > 0)
                .map(|n| (n.cle().to_owned(), n.libelle().to_owned())),
        );
        choix
    }

    fn niveau(&self, cle: &str) -> String {
        Niveau::TOUS
            .into_iter()
            .find(|n| n.cle() == cle)
            .map_or_else(|| cle.to_owned(), |n| n.libelle().to_owned())
    }

    fn distincts(
        &self,
        de: impl Fn(&super::super::rapport::CompteRegle) -> (String, String),
    ) -> Vec<(String, String)> {
        let mut choix: Vec<(String, String)> = self.livraison.comptes.regles.iter().map(de).collect();
        choix.sort();
        choix.dedup_by(|a, b| a.0 == b.0);
        choix.retain(|(cle, _)| !cle.is_empty());
        choix.insert(0, (String::new(), "Toutes".to_owned()));
        choix
    }

    fn regles(&self) -> Vec<(String, String)> {
        self.distincts(|r| (r.regle.clone(), r.message.chars().take(90).collect()))
    }

    fn champs(&self) -> Vec<(String, String)> {
        let mut champs = self.distincts(|r| (r.champ.clone(), r.champ.clone()));
        champs[0].1 = "Tous".to_owned();
        champs
    }

    fn total(&self) -> String {
        ecrit(self.pagination.total as u64)
    }
}

/// The remarks that the address asks for.
pub(super) async fn remarques(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    Requete(form): Requete,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let mut comprime = tempfile::tempfile().map_err(PageError::internal)?;
    store::rapport(annuaire.site.db.read(), livraison.id, &comprime).await?;
    comprime.seek(SeekFrom::Start(0)).map_err(PageError::internal)?;
    let voulu = ["niveau", "regle", "champ"].map(|n| form.get(n).to_owned());
    let demande = form.get("page").parse::<usize>().unwrap_or(1).max(1);
    let lu = tokio::task::spawn_blocking(move || lit(comprime, &voulu, demande)).await;
    let (total, lignes) = lu.map_err(PageError::internal)?.map_err(PageError::internal)?;
    let adresse = format!("{BASE}/{}/remarques", livraison.id);
    let pagination = Pagination::new(total, PAR_PAGE, demande, &adresse, form.values());
    page(&Page { shell, form, livraison, lignes, pagination })
}

/// How many remarks are asked for, and those of a page; of the last page, beyond it.
fn lit(comprime: File, voulu: &[String; 3], demande: usize) -> io::Result<(usize, Vec<Remarque>)> {
    if comprime.metadata()?.len() == 0 {
        return Ok((0, Vec::new()));
    }
    let mut lecteur = csv::Reader::from_reader(GzDecoder::new(BufReader::new(comprime)));
    let [niveau, regle, champ] = voulu;
    let mut total = 0;
    let mut lignes: Vec<Remarque> = Vec::new();
    for ligne in lecteur.deserialize::<Remarque>() {
        let ligne = ligne.map_err(io::Error::other)?;
        let est = |voulu: &str, valeur: &str| voulu.is_empty() || voulu == valeur;
        if !est(niveau, &ligne.niveau) || !est(regle, &ligne.regle) || !est(champ, &ligne.champ) {
            continue;
        }
        // Where the page asked for is beyond the end, what is kept is the last page.
        if total / PAR_PAGE < demande {
            if lignes.len() == PAR_PAGE {
                lignes.clear();
            }
            lignes.push(ligne);
        }
        total += 1;
    }
    Ok((total, lignes))
}
