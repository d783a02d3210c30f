//! Structures and people of the tests.

use kernel::{
    Actor, CodeCommune, CodeDepartement, CodePostal, CodeRegion, Email, Perimetre, Pivot, Role, Telephone,
};
use platform::db::Migrations;

use crate::structures::model::{
    CategorieJuridique, CommuneChoisie, Fiche, FicheContact, Genre, SiteWeb, Structure, StructureId,
};
use crate::structures::{actions, store};

pub(super) fn migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(crate::migrations());
    all
}

pub(super) fn commune(code: &str, nom: &str, region: &str) -> CommuneChoisie {
    let code = CodeCommune::parse(code).unwrap();
    CommuneChoisie {
        departement: code.departement(),
        code,
        nom: nom.to_owned(),
        region: CodeRegion::parse(region).unwrap(),
    }
}

pub(super) fn bourg() -> CommuneChoisie {
    commune("01053", "Bourg-en-Bresse", "84")
}

pub(super) fn laon() -> CommuneChoisie {
    commune("02408", "Laon", "32")
}

pub(super) fn fiche(nom: &str, commune: CommuneChoisie) -> Fiche {
    Fiche {
        pivot: None,
        nom: nom.to_owned(),
        genre: Genre::Association,
        categorie: None,
        voie: None,
        code_postal: None,
        commune,
        site_web: None,
        reseau: None,
    }
}

/// A sheet with every attribute.
pub(super) fn pleine(nom: &str) -> Fiche {
    Fiche {
        pivot: Some(Pivot::parse("43493312300029").unwrap()),
        genre: Genre::Commune,
        categorie: Some(CategorieJuridique::parse("7210").unwrap()),
        voie: Some("1 place de l’Hôtel de Ville".to_owned()),
        code_postal: CodePostal::parse("01000"),
        site_web: Some(SiteWeb::parse("https://bourg.example.org/").unwrap()),
        reseau: None,
        ..fiche(nom, bourg())
    }
}

pub(super) fn contact(nom: &str, courriel: &str, telephone: &str) -> FicheContact {
    FicheContact {
        nom: nom.to_owned(),
        fonction: None,
        courriel: Email::parse(courriel).ok(),
        telephone: Telephone::parse(telephone),
    }
}

pub(super) fn national() -> Actor {
    testkit::actor(Role::AdministrateurNational, Perimetre::National)
}

pub(super) fn departements(codes: &[&str]) -> Perimetre {
    Perimetre::Departements(codes.iter().filter_map(|c| CodeDepartement::parse(c)).collect())
}

pub(super) fn prefecture(codes: &[&str]) -> Actor {
    testkit::actor(Role::Prefecture, departements(codes))
}

/// Enters a structure without looking for duplicates.
pub(super) async fn inscrire(
    t: &testkit::TestSite,
    fiche: Fiche,
    contact: Option<FicheContact>,
) -> StructureId {
    let nouvelle = actions::Nouvelle { fiche, contact, autre: true };
    actions::creer(&t.site, &national(), nouvelle).await.unwrap()
}

pub(super) async fn lue(t: &testkit::TestSite, id: StructureId) -> Structure {
    store::get(t.site.db.read(), id).await.unwrap().unwrap()
}
