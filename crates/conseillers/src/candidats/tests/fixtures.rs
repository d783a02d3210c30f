//! Candidats of the tests.

use annuaire::structures::model::CommuneChoisie;
use chrono::NaiveDate;
use kernel::{CodeCommune, CodePostal, CodeRegion, Email, Position};
use testkit::TestSite;

use crate::candidats::model::{Candidat, Etat, Fiche, Lieu, Numero, Rayon, Situations};
use crate::ids::{CandidatId, Compteur};

pub(crate) fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

pub(crate) fn lieu(code: &str, nom: &str, region: &str, (latitude, longitude): (f64, f64)) -> Lieu {
    let code = CodeCommune::parse(code).unwrap();
    Lieu {
        code_postal: CodePostal::parse("01000").unwrap(),
        position: Position { latitude, longitude },
        commune: CommuneChoisie {
            departement: code.departement(),
            code,
            nom: nom.to_owned(),
            region: CodeRegion::parse(region).unwrap(),
        },
    }
}

pub(crate) fn bourg() -> Lieu {
    lieu("01053", "Bourg-en-Bresse", "84", (46.2052, 5.2460))
}

pub(crate) fn fiche(courriel: &str) -> Fiche {
    Fiche {
        prenom: "Camille".to_owned(),
        nom: "Martin".to_owned(),
        courriel: Email::parse(courriel).unwrap(),
        telephone: Numero::parse("06 12 34 56 78").ok(),
        lieu: bourg(),
        rayon: Rayon::Km(20),
        disponible_le: jour("2026-04-01"),
        situations: Situations { demandeur_emploi: true, ..Situations::default() },
        motivation: "Aider les habitants de ma commune.".to_owned(),
    }
}

/// A candidat who confirmed their address, not yet written.
pub(crate) fn candidat(t: &TestSite, fiche: Fiche) -> Candidat {
    let le = t.site.clock.now();
    Candidat {
        id: CandidatId::new(&t.site.clock, &t.site.chance),
        numero: 0,
        fiche,
        etat: Etat::Active { confirmee_le: le },
        disponible: true,
        pix: None,
        compte: None,
        version: 1,
        depose_le: le,
        vu_le: le,
        relances: 0,
        relance_le: None,
    }
}

/// The same, written.
pub(crate) async fn inscrit(t: &TestSite, fiche: Fiche) -> Candidat {
    let c = candidat(t, fiche);
    ecrire(t, c).await
}

/// Writes a candidat, and gives them their number.
pub(crate) async fn ecrire(t: &TestSite, mut c: Candidat) -> Candidat {
    t.site
        .db
        .write(async |tx| {
            c.numero = Compteur::Candidat.prend(tx, 1).await?;
            assert!(crate::candidats::store::insert(tx, &c, None).await?);
            Ok::<_, sea_orm::DbErr>(())
        })
        .await
        .unwrap();
    c
}

/// The version of the file of that candidat.
pub(crate) async fn version(t: &TestSite, id: CandidatId) -> i64 {
    crate::candidats::store::get(t.site.db.read(), id).await.unwrap().unwrap().version
}

/// The person changes their file.
pub(crate) async fn modifier(cx: &crate::Conseillers, actor: &kernel::Actor, version: i64, fiche: Fiche) {
    crate::candidats::espace::actions::modifier(cx, actor, version, fiche).await.unwrap();
}

/// The person is not available any more.
pub(crate) async fn pause(cx: &crate::Conseillers, actor: &kernel::Actor) -> Result<(), crate::Failure> {
    crate::candidats::espace::actions::disponible(cx, actor, false).await
}
