//! Rules and actions on a directory of a few lieux, on both engines.

mod actions;
mod pages;
mod regles;

use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use kernel::ids::LieuId;
use kernel::{Actor, CodeDepartement, Perimetre, Role};
use testkit::TestSite;

use crate::Annuaire;
use crate::lieux::import::{Compte, Demande, importe};
use crate::lieux::lieu_de_identifiant;

pub(in crate::lieux) const ENTETE: &str = "id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,courriels,horaires,date_maj,services,source\n";
/// A lieu of Reims, and one of Laon.
pub(in crate::lieux) const REIMS: &str = "reims-1,43493312300029,Médiathèque Croix-Rouge,Reims,51100,51454,19 rue Jean-Louis Debar,49.2307,4.0059,+33326356700,media@example.org,Mo-Fr 09:00-12:00,2024-04-02,Loisirs et créations numériques,Essai\n";
pub(in crate::lieux) const LAON: &str = "laon-1,00000000000000,Espace public numérique,Laon,02000,02408,1 place du Général Leclerc,,,,,,2026-03-01,,Essai\n";

pub(in crate::lieux) fn migrations() -> platform::db::Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(crate::migrations());
    all
}

pub(in crate::lieux) async fn livre(annuaire: &Annuaire, lignes: &str) -> Compte {
    let mut fichier = tempfile::tempfile().unwrap();
    fichier.write_all(format!("{ENTETE}{lignes}").as_bytes()).unwrap();
    fichier.seek(SeekFrom::Start(0)).unwrap();
    let demande = Demande::du_standard("essai.csv", fichier, &annuaire.site);
    importe(&annuaire.site, annuaire.territoires(), demande, Arc::new(|_| {})).await.unwrap()
}

/// A directory of two lieux.
pub(in crate::lieux) async fn annuaire(t: &TestSite) -> (Annuaire, LieuId, LieuId) {
    let annuaire = Annuaire::load(&t.site).await.unwrap();
    livre(&annuaire, &format!("{REIMS}{LAON}")).await;
    let reims = lieu_de_identifiant(t.site.db.read(), "reims-1").await.unwrap().unwrap();
    let laon = lieu_de_identifiant(t.site.db.read(), "laon-1").await.unwrap().unwrap();
    (annuaire, reims, laon)
}

pub(in crate::lieux) fn national() -> Actor {
    testkit::actor(Role::AdministrateurNational, Perimetre::National)
}

pub(in crate::lieux) fn departements(codes: &[&str]) -> Perimetre {
    Perimetre::Departements(codes.iter().filter_map(|c| CodeDepartement::parse(c)).collect())
}

pub(in crate::lieux) fn prefecture(code: &str) -> Actor {
    testkit::actor(Role::Prefecture, departements(&[code]))
}
