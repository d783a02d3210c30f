//! The desk of imports: what may be brought, a file with what it would do, how far one is, its report.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use kernel::text::compte;
use kernel::{Perimetre, Verb};
use platform::tableur::lecture::{self, Tableau};
use platform::tableur::{Cellule, Classeur, Format};
use platform::web::fichier::{Recu, coupe, recevoir};
use platform::web::{
    Access, Exports, FormState, LOT, Liste, Lot, PageError, PageResult, Pagination, Requete, Routes, Shell,
    page, page_with, see_other, see_other_saying,
};
use uuid::Uuid;

use super::model::{Comptes, Etat, Genre, Import, Ligne, Sort};
use super::{LIMITES, actions, store};
use crate::{Failure, Mandats};

/// Where the desk is.
const BASE: &str = "/gestion/aidants-connect/imports";
const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);
/// Imports on the list.
const MONTRES: i64 = 100;
const PAR_PAGE: usize = 50;

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    let mut routes = Routes::new().get(BASE, EQUIPE, liste);
    for genre in Genre::TOUS {
        let ici = format!("{BASE}/{}", genre.cle());
        routes = routes
            .get(&ici, EQUIPE, async move |shell: Shell| nouveau(shell, genre).await)
            .post_file(
                &ici,
                EQUIPE,
                LIMITES.octets() + 65_536,
                async move |State(m): State<Mandats>, shell: Shell, corps: Multipart| {
                    envoyer(m, shell, genre, corps).await
                },
            )
            .get(&format!("{ici}/modele.csv"), EQUIPE, async move || modele(genre, Format::Csv))
            .get(&format!("{ici}/modele.xlsx"), EQUIPE, async move || modele(genre, Format::Xlsx));
    }
    routes
        .get(&at("/{import}"), EQUIPE, montrer)
        .export(&at("/{import}"), EQUIPE, rapport)
        .post(&at("/{import}/confirmer"), EQUIPE, confirmer)
        .post(&at("/{import}/abandonner"), EQUIPE, abandonner)
        .with_state(m.clone())
}

/// An import on the list.
struct Vu {
    import: Import,
    comptes: Comptes,
}

impl Vu {
    fn le(&self) -> String {
        kernel::calendrier::en_lettres_avec_heure(&self.import.cree_le)
    }

    fn lignes(&self) -> String {
        compte(self.comptes.total(), "ligne", "lignes")
    }

    /// Whether its lines are still compared or written.
    fn avance(&self) -> bool {
        matches!(self.import.etat, Etat::Examen | Etat::EnCours)
    }

    /// Where it is, in a sentence.
    fn phrase(&self) -> String {
        let c = &self.comptes;
        let lignes = |n| compte(n, "ligne", "lignes");
        match self.import.etat {
            Etat::Examen => {
                format!(
                    "Vérification : {} sur {}. Rien n’est enregistré.",
                    lignes(c.total() - c.attente),
                    c.total()
                )
            }
            Etat::AConfirmer => format!(
                "Vérifié. {}, {}, {} sans changement, {}. Rien n’est encore enregistré.",
                compte(c.crees, "création", "créations"),
                compte(c.changes, "changement", "changements"),
                lignes(c.inchanges),
                compte(c.refuses, "ligne refusée", "lignes refusées")
            ),
            Etat::EnCours => format!("Enregistrement : {} sur {}.", lignes(c.faits), c.a_ecrire()),
            Etat::Fini => format!(
                "Terminé. {}, {}, {} sans changement, {}.",
                compte(c.crees, "création", "créations"),
                compte(c.changes, "changement", "changements"),
                lignes(c.inchanges),
                compte(c.refuses, "ligne refusée", "lignes refusées")
            ),
            Etat::Abandonne => {
                "Abandonné : rien n’a été enregistré, et le contenu du fichier est effacé.".to_owned()
            }
            Etat::Arrete => format!(
                "Arrêté après {} : le rôle de la personne qui l’a confirmé a pris fin. Renvoyez le fichier : ce qui est fait ne se refait pas.",
                lignes(c.faits)
            ),
        }
    }

    fn alerte(&self) -> &'static str {
        match self.import.etat {
            Etat::Fini if self.comptes.refuses == 0 => "fr-alert--success",
            Etat::Fini | Etat::Arrete => "fr-alert--warning",
            _ => "fr-alert--info",
        }
    }
}

#[derive(Template)]
#[template(path = "imports/liste.html")]
struct PageListe {
    shell: Shell,
    imports: Vec<Vu>,
}

async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let (actor, conn) = (shell.actor()?, m.site.db.read());
    // The national team sees those of everybody, others their own.
    let de = (actor.perimetre != Perimetre::National).then_some(actor.compte);
    let mut imports = Vec::new();
    for import in store::lister(conn, de, MONTRES).await? {
        let comptes = store::comptes(conn, import.id).await?;
        imports.push(Vu { import, comptes });
    }
    page(&PageListe { shell, imports })
}

#[derive(Template)]
#[template(path = "imports/nouveau.html")]
struct PageNouveau {
    shell: Shell,
    form: FormState,
    genre: Genre,
}

impl PageNouveau {
    fn ici(&self) -> String {
        format!("{BASE}/{}", self.genre.cle())
    }

    fn indice(&self) -> String {
        format!(
            "XLSX ou CSV, {} Mio et {} lignes au plus. Rien n’est enregistré avant que vous ayez vu ce que le fichier change.",
            LIMITES.mio,
            kernel::text::nombre(i64::try_from(LIMITES.lignes).unwrap_or(0))
        )
    }
}

async fn nouveau(shell: Shell, genre: Genre) -> PageResult {
    page(&PageNouveau { shell, form: FormState::default(), genre })
}

/// The file of titles, with one line of example to be replaced.
fn modele(genre: Genre, format: Format) -> PageResult {
    let titres: Vec<&str> = genre.colonnes().iter().map(|c| c.titre).collect();
    let mut classeur = Classeur::new(format, genre.cle(), &titres).map_err(PageError::internal)?;
    let exemple = genre.colonnes().iter().map(|c| Cellule::from(c.exemple)).collect();
    classeur.ligne(exemple).map_err(PageError::internal)?;
    let octets = classeur.termine().map_err(PageError::internal)?;
    let nom = format!("attachment; filename=\"modele-{}.{}\"", genre.cle(), format.extension());
    Ok(([(CONTENT_TYPE, format.mime().to_owned()), (CONTENT_DISPOSITION, nom)], octets).into_response())
}

async fn lire(recu: Recu) -> Result<Result<Tableau, String>, PageError> {
    let Recu::Entier(octets) = recu else { return Ok(Err(LIMITES.trop_gros())) };
    if octets.is_empty() {
        return Ok(Err("Choisissez un fichier CSV ou XLSX.".to_owned()));
    }
    tokio::task::spawn_blocking(move || lecture::lire(&octets, &LIMITES)).await.map_err(PageError::internal)
}

async fn envoyer(m: Mandats, shell: Shell, genre: Genre, mut corps: Multipart) -> PageResult {
    let (mut recu, mut nom) = (Recu::Entier(Vec::new()), String::new());
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        if champ.name() == Some("fichier") {
            nom = champ.file_name().unwrap_or_default().chars().take(120).collect();
            recu = recevoir(&mut champ, LIMITES.octets()).await?;
        }
    }
    let mut form = FormState::default();
    match lire(recu).await? {
        Err(phrase) => form.refuse("fichier", phrase),
        Ok(t) => match actions::deposer(&m, shell.actor()?, genre, &nom, &t).await {
            Ok(id) => return Ok(see_other(&format!("{BASE}/{id}"))),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        },
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &PageNouveau { shell, form, genre })
}

#[derive(Template)]
#[template(path = "imports/import.html")]
struct PageImport {
    shell: Shell,
    form: FormState,
    v: Vu,
    lignes: Vec<Ligne>,
    pagination: Pagination,
    exports: Exports,
}

impl PageImport {
    fn ici(&self) -> String {
        format!("{BASE}/{}", self.v.import.id)
    }

    fn sorts(&self) -> Vec<(&'static str, String)> {
        let c = &self.v.comptes;
        let nombres = [c.attente, c.crees, c.changes, c.inchanges, c.refuses];
        let mut out = vec![("", format!("Toutes ({})", c.total()))];
        out.extend(Sort::TOUS.into_iter().zip(nombres).map(|(s, n)| (s.cle(), format!("{} ({n})", s.nom()))));
        out
    }

    fn enregistrer(&self) -> String {
        format!("Enregistrer {}", compte(self.v.comptes.a_ecrire(), "ligne", "lignes"))
    }
}

async fn montrer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let conn = m.site.db.read();
    let import = actions::lire(conn, shell.actor()?, id).await?;
    let comptes = store::comptes(conn, id).await?;
    let sort = Sort::from_cle(form.get("resultat"));
    let total = match sort {
        None => comptes.total(),
        Some(Sort::Attente) => comptes.attente,
        Some(Sort::Cree) => comptes.crees,
        Some(Sort::Change) => comptes.changes,
        Some(Sort::Inchange) => comptes.inchanges,
        Some(Sort::Refuse) => comptes.refuses,
    };
    let (ici, asked) = (format!("{BASE}/{id}"), form.get("page").parse().unwrap_or(1));
    let total = usize::try_from(total).unwrap_or(0);
    let pagination = Pagination::new(total, PAR_PAGE, asked, &ici, form.values()).anchored("#resultats");
    let lignes = store::lignes(conn, id, sort, 0, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let exports = Exports::new(&ici, form.values());
    page(&PageImport { shell, form, v: Vu { import, comptes }, lignes, pagination, exports })
}

async fn confirmer(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::confirmer(&m, shell.actor()?, id).await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "L’enregistrement commence : chaque ligne passe à son tour.",
    ))
}

async fn abandonner(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::abandonner(&m, shell.actor()?, id).await?;
    Ok(see_other_saying(BASE, "L’import est abandonné : rien n’a été enregistré."))
}

const RAPPORT: Liste = Liste {
    nom: "import-aidants-connect",
    titres: &["ligne", "sujet", "resultat", "enregistree", "colonne", "valeur", "detail"],
};

async fn rapport(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    actions::lire(m.site.db.read(), &actor, id).await?;
    let (site, sort) = (m.site.clone(), Sort::from_cle(form.get("resultat")));
    RAPPORT
        .envoyer(&site, &actor, (format, form.values()), move |apres: Option<i64>| {
            let m = m.clone();
            async move { lot(&m, id, sort, apres).await }
        })
        .await
}

async fn lot(
    m: &Mandats,
    id: Uuid,
    sort: Option<Sort>,
    apres: Option<i64>,
) -> Result<Lot<i64>, sea_orm::DbErr> {
    let lignes = store::lignes(m.site.db.read(), id, sort, apres.unwrap_or(0), (0, LOT)).await?;
    let apres = if lignes.len() < LOT { None } else { lignes.last().map(|l| l.numero) };
    let lignes = lignes.iter().flat_map(actions::rapport).map(|l| l.map(Cellule::from).to_vec()).collect();
    Ok(Lot { lignes, apres })
}
