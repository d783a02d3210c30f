//! The list, its filters in the address.

use askama::Template;
use axum::extract::State;
use kernel::{CodeDepartement, Perimetre};
use platform::web::{Exports, FormState, PageResult, Pagination, Requete, Shell, page};

use super::BASE;
use crate::Annuaire;
use crate::structures::model::Genre;
use crate::structures::{Filtre, FiltreEtat, Ligne, lecture, rules};

/// Lines of a page.
const PAR_PAGE: usize = 30;

#[derive(Template)]
#[template(path = "structures/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    lignes: Vec<Ligne>,
    pagination: Pagination,
    exports: Exports,
    peut_creer: bool,
    peut_fusionner: bool,
}

impl Page {
    fn genres(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Genre::options()).collect()
    }

    fn total(&self) -> String {
        kernel::text::nombre(i64::try_from(self.pagination.total).unwrap_or(i64::MAX))
    }

    fn etats(&self) -> [(&'static str, &'static str); 3] {
        FiltreEtat::OPTIONS
    }
}

/// What the address asks for; what makes no sense is as if it were absent.
pub(super) fn filtre(form: &FormState) -> Filtre {
    Filtre {
        mots: form.get("q").to_owned(),
        genre: Genre::from_cle(form.get("genre")),
        departement: CodeDepartement::parse(form.get("departement")),
        etat: FiltreEtat::from_cle(form.get("etat")),
    }
}

pub(super) async fn liste(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    let filtre = filtre(&form);
    let total = lecture::compter(&annuaire.site, actor, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let lignes =
        lecture::lister(&annuaire.site, actor, &filtre, pagination.offset(PAR_PAGE), PAR_PAGE).await?;
    page(&Page {
        departements: departements(&annuaire, &actor.perimetre),
        peut_creer: rules::may_creer_quelque_part(actor).is_ok(),
        peut_fusionner: shell.may(kernel::Verb::FusionnerStructures),
        exports: Exports::new(BASE, form.values()),
        shell,
        form,
        lignes,
        pagination,
    })
}

/// The départements that the scope can hold, to choose from.
fn departements(annuaire: &Annuaire, perimetre: &Perimetre) -> Vec<(String, String)> {
    let all = std::iter::once((String::new(), "Tous".to_owned()));
    let territoires = annuaire.territoires();
    let held = territoires.departements().iter().filter(|d| match perimetre {
        Perimetre::Regions(codes) => codes.contains(&d.region),
        Perimetre::Departements(codes) => codes.contains(&d.code),
        _ => true,
    });
    all.chain(held.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom)))).collect()
}
