//! The list, its filters in the address.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use kernel::{CodeDepartement, Perimetre};
use platform::web::{FormState, PageResult, Pagination, Requete, Shell, page};

use super::BASE;
use crate::Annuaire;
use crate::lieux::gestion::completude::{COMPLET, INSUFFISANT};
use crate::lieux::gestion::fraicheur::Fraicheur;
use crate::lieux::gestion::lecture::{self, Filtre, Ligne, Tri};
use crate::lieux::gestion::rules;
use crate::lieux::store::gestion as store;

/// Lines of a page.
const PAR_PAGE: usize = 30;

#[derive(Template)]
#[template(path = "lieux/gestion/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    sources: Vec<(String, String)>,
    lignes: Vec<Ligne>,
    par_source: Vec<(String, i64, i64, i64, i64)>,
    pagination: Pagination,
    aujourdhui: NaiveDate,
    peut_creer: bool,
    peut_importer: bool,
    filtres_ouverts: bool,
}

impl Page {
    fn total(&self) -> String {
        kernel::text::nombre(i64::try_from(self.pagination.total).unwrap_or(i64::MAX))
    }

    fn fraicheurs(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Toutes")).chain(Fraicheur::TOUTES.map(|f| (f.cle(), f.libelle()))).collect()
    }

    fn completudes(&self) -> [(&'static str, String); 4] {
        [
            ("", "Toutes".to_owned()),
            ("complete", format!("Complètes ({COMPLET} % et plus)")),
            ("moyenne", format!("À compléter ({INSUFFISANT} à {} %)", COMPLET - 1)),
            ("faible", format!("Très incomplètes (moins de {INSUFFISANT} %)")),
        ]
    }

    fn etats(&self) -> [(&'static str, &'static str); 2] {
        [("", "Ouverts"), ("fermes", "Fermés")]
    }

    fn tris(&self) -> [(&'static str, &'static str); 3] {
        [
            ("", "Par nom"),
            ("anciens", "Les plus anciens d’abord"),
            ("incomplets", "Les moins complets d’abord"),
        ]
    }

    fn fraicheur(&self, l: &Ligne) -> Fraicheur {
        Fraicheur::de(l.date_maj, self.aujourdhui)
    }

    fn maj(&self, l: &Ligne) -> String {
        l.date_maj.map_or("date inconnue".to_owned(), kernel::calendrier::jour_en_lettres)
    }
}

/// What the address asks for; what makes no sense is as if it were absent.
fn filtre(form: &FormState) -> Filtre {
    Filtre {
        mots: form.get("q").to_owned(),
        departement: CodeDepartement::parse(form.get("departement")),
        source: form.get("source").parse().ok(),
        fraicheur: Fraicheur::de_cle(form.get("fraicheur")),
        completude: match form.get("completude") {
            "complete" => Some((COMPLET, 100)),
            "moyenne" => Some((INSUFFISANT, COMPLET - 1)),
            "faible" => Some((0, INSUFFISANT - 1)),
            _ => None,
        },
        fermes: form.get("etat") == "fermes",
        tri: match form.get("tri") {
            "anciens" => Tri::Anciens,
            "incomplets" => Tri::Incomplets,
            _ => Tri::Nom,
        },
    }
}

pub(super) async fn liste(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    let filtre = filtre(&form);
    let total = lecture::compter(&annuaire, actor, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values()).anchored("#resultats");
    let lignes = lecture::lister(&annuaire, actor, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let par_source = lecture::par_source(&annuaire, actor, &filtre).await?;
    let toutes = std::iter::once((String::new(), "Toutes".to_owned()));
    let sources = store::sources(annuaire.site.db.read()).await?;
    let filtres_ouverts = ["departement", "source", "fraicheur", "completude", "etat", "tri"]
        .iter()
        .any(|c| !form.get(c).is_empty());
    page(&Page {
        departements: departements(&annuaire, &actor.perimetre),
        sources: toutes.chain(sources.into_iter().map(|(id, nom)| (id.to_string(), nom))).collect(),
        peut_creer: rules::may_creer(actor).is_ok(),
        peut_importer: shell.may(kernel::Verb::ImporterLieux),
        aujourdhui: kernel::calendrier::jour(&annuaire.site.clock.now()),
        filtres_ouverts,
        shell,
        form,
        lignes,
        par_source,
        pagination,
    })
}

/// The départements that the scope can hold, to choose from.
fn departements(annuaire: &Annuaire, perimetre: &Perimetre) -> Vec<(String, String)> {
    let t = annuaire.territoires();
    let tenus = store::departements(perimetre, &t);
    let tous = std::iter::once((String::new(), "Tous".to_owned()));
    let choix =
        t.departements().iter().filter(|d| tenus.as_ref().is_none_or(|codes| codes.contains(&d.code)));
    tous.chain(choix.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom)))).collect()
}
