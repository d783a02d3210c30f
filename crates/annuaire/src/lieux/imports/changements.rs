//! What a delivery did to the lieux: added, changed field by field, closed, open again.

use std::fs::File;
use std::io::Write;

use askama::Template;
use axum::extract::{Path, State};
use flate2::Compression;
use flate2::write::GzEncoder;
use platform::tableur::Tableur;
use platform::web::{FormState, PageError, PageResult, Pagination, Requete, Shell, page};

use super::super::model::{Genre, Livraison};
use super::super::rapport::cellule;
use super::super::standard::Champ;
use super::super::store::{self, Effet};
use super::BASE;
use super::pages::{ecrit, telecharge, trouve};
use crate::Annuaire;

const PAR_PAGE: usize = 50;
/// Lieux read at once for the file.
const LOT: usize = 2_000;

/// The kinds of effect, with their keys.
const GENRES: [(&str, &str); 4] =
    [("ajout", "Ajoutés"), ("changement", "Changés"), ("fermeture", "Fermés"), ("reouverture", "Rouverts")];

#[derive(Template)]
#[template(path = "lieux/imports/changements.html")]
struct Page {
    shell: Shell,
    form: FormState,
    livraison: Livraison,
    nombres: Vec<(String, u64)>,
    effets: Vec<Effet>,
    pagination: Pagination,
}

impl Page {
    fn genres(&self) -> Vec<(String, String)> {
        let mut choix = vec![(String::new(), "Tous".to_owned())];
        choix.extend(GENRES.iter().map(|(cle, nom)| {
            let n = self.nombres.iter().find(|(c, _)| c == cle).map_or(0, |(_, n)| *n);
            ((*cle).to_owned(), format!("{nom} ({})", ecrit(n)))
        }));
        choix
    }

    fn total(&self) -> String {
        ecrit(self.pagination.total as u64)
    }

    fn genre(&self, effet: &Effet) -> &'static str {
        match effet.genre {
            None => "Ajouté",
            Some(Genre::Changement) => "Changé",
            Some(Genre::Fermeture) => "Fermé",
            Some(Genre::Reouverture) => "Rouvert",
        }
    }

    fn titre(&self, champ: &str) -> String {
        Champ::de_nom(champ).map_or_else(|| champ.to_owned(), |c| kernel::text::majuscule(c.titre()))
    }
}

/// The kind that is asked for, when it is one.
fn voulu(form: &FormState) -> &'static str {
    GENRES.iter().find(|(cle, _)| *cle == form.get("genre")).map_or("", |(cle, _)| *cle)
}

/// The lieux that a delivery changed, a page at a time.
pub(super) async fn changements(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    Requete(form): Requete,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let conn = annuaire.site.db.read();
    let nombres = store::effets_par_genre(conn, livraison.id).await?;
    let genre = voulu(&form);
    let total: u64 = nombres.iter().filter(|(c, _)| genre.is_empty() || c == genre).map(|(_, n)| n).sum();
    let demande = form.get("page").parse::<usize>().unwrap_or(1).max(1);
    let adresse = format!("{BASE}/{}/lieux", livraison.id);
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let pagination = Pagination::new(total, PAR_PAGE, demande, &adresse, form.values());
    let debut = pagination.offset(PAR_PAGE);
    let effets = store::effets(conn, livraison.id, genre, (debut, PAR_PAGE)).await?;
    page(&Page { shell, form, livraison, nombres, effets, pagination })
}

/// The same, as a file: one line a field that changed, one a lieu added, closed or open again.
pub(super) async fn fichier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    Requete(form): Requete,
) -> PageResult {
    let livraison = trouve(&annuaire, &shell, &id).await?;
    let comprime = tempfile::tempfile().map_err(PageError::internal)?;
    let mut csv = Tableur::new(GzEncoder::new(comprime, Compression::fast()));
    let entete = ["effet", "identifiant", "nom", "commune", "champ", "avant", "apres"];
    csv.ligne(entete).map_err(PageError::internal)?;
    for lot in 0.. {
        let effets =
            store::effets(annuaire.site.db.read(), livraison.id, voulu(&form), (lot * LOT, LOT)).await?;
        for effet in &effets {
            lignes(&mut csv, effet).map_err(PageError::internal)?;
        }
        if effets.len() < LOT {
            break;
        }
    }
    let gz = csv.termine().map_err(PageError::internal)?;
    let fichier: File = gz.finish().map_err(PageError::internal)?;
    telecharge(fichier, &format!("lieux-de-la-livraison-{}.csv", livraison.id))
}

fn lignes<W: Write>(csv: &mut Tableur<W>, effet: &Effet) -> std::io::Result<()> {
    let genre = effet.genre.map_or("ajout", Genre::cle);
    let lieu = [genre.to_owned(), cellule(&effet.identifiant), cellule(&effet.nom), cellule(&effet.commune)];
    if effet.champs.is_empty() {
        return csv.ligne(lieu.iter().map(String::as_str).chain(["", "", ""]));
    }
    for champ in &effet.champs {
        let (avant, apres) = (cellule(&champ.avant), cellule(&champ.apres));
        let suite = [champ.champ.as_str(), avant.as_str(), apres.as_str()];
        csv.ligne(lieu.iter().map(String::as_str).chain(suite))?;
    }
    Ok(())
}
