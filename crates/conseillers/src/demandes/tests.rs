mod pages;
mod rules;

use annuaire::Annuaire;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Email, Perimetre, Role, Telephone};
use platform::web::Routes;
use testkit::{Browser, TestSite};

use super::actions::{Depot, deposer};
use super::model::{Demande, Interlocuteur, Objet, Origine};
use crate::Conseillers;

pub(crate) async fn maison(t: &TestSite) -> (Conseillers, Vec<StructureId>) {
    let c = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
    let territoires = c.annuaire.territoires();
    let structures = t
        .site
        .db
        .write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await)
        .await
        .unwrap();
    (c, structures)
}

pub(crate) fn browser(t: &TestSite, c: &Conseillers) -> Browser {
    let routes: Routes<()> = crate::routes(c);
    t.browser(routes)
}

pub(crate) fn departement(code: &str) -> Perimetre {
    Perimetre::Departements(CodeDepartement::parse(code).into_iter().collect())
}

pub(crate) fn prefecture(b: &Browser, code: &str) -> Browser {
    b.signed_in(testkit::viewer(Role::Prefecture, departement(code)))
}

pub(crate) fn gestion(b: &Browser, id: StructureId) -> Browser {
    b.signed_in(testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(vec![id])))
}

pub(crate) fn interlocuteur() -> Interlocuteur {
    Interlocuteur {
        prenom: "Anne".to_owned(),
        nom: "Essai".to_owned(),
        fonction: "Directrice".to_owned(),
        courriel: Email::parse("anne@exemple.fr").unwrap(),
        telephone: Telephone::parse("01 80 05 98 80").unwrap(),
    }
}

pub(crate) fn premiers(postes: u32) -> Objet {
    Objet::PremiersPostes {
        postes,
        debut: "2026-09-01".parse().unwrap(),
        candidat_connu: false,
        motivation: "Beaucoup de demandes.".to_owned(),
        missions: vec!["usages".to_owned()],
    }
}

/// A demande as the public form would write it.
pub(crate) async fn deposee(c: &Conseillers, structure: StructureId, objet: Objet) -> Demande {
    let depot = Depot { contact: interlocuteur(), objet, origine: Origine::Formulaire };
    c.site
        .db
        .write(async |tx| {
            let s = annuaire::structures::find(tx, structure).await?.unwrap();
            deposer(c, tx, &s, depot, None).await
        })
        .await
        .unwrap()
}
