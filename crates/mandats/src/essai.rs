//! What tests of several rooms need: an organisation of the directory that is habilitée, people who act in its name.

use annuaire::Annuaire;
use annuaire::structures::model::{CommuneChoisie, Fiche, Genre};
use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, CodeCommune, CodeDepartement, CodeRegion, Email, Perimetre, Pivot, Role};
use platform::web::Viewer;
use testkit::TestSite;

use crate::aidants::{self, Aidant, Appartenance, EtatAidant, Fonction};
use crate::ids::{AidantId, AppartenanceId, EquipeId};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Mandats, legal};

/// A site with the directory loaded, on 1 December 2026 or later: the first texts are in force.
pub(crate) async fn mandats(t: &TestSite) -> Mandats {
    let premier = "2026-12-01T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    t.site.clock.advance((premier - t.site.clock.now()).max(chrono::TimeDelta::zero()));
    Mandats::new(&Annuaire::load(&t.site).await.unwrap())
}

/// A structure of the directory in Guéret, habilitée for every démarche.
pub(crate) async fn organisation(t: &TestSite, nom: &str, numero: i64) -> Organisation {
    let code = CodeCommune::parse("23096").unwrap();
    let fiche = Fiche {
        pivot: Some(Pivot::parse(&format!("W{numero:09}")).unwrap()),
        nom: nom.to_owned(),
        genre: Genre::Association,
        categorie: None,
        voie: Some("3 rue des Essais".to_owned()),
        code_postal: None,
        commune: CommuneChoisie {
            departement: code.departement(),
            code,
            nom: "Guéret".to_owned(),
            region: CodeRegion::parse("75").unwrap(),
        },
        site_web: None,
        reseau: None,
    };
    let jour = kernel::calendrier::jour(&t.site.clock.now());
    let texte = legal::en_vigueur(legal::Genre::Demarches, jour).unwrap();
    t.site
        .db
        .write(async |tx| {
            let structure = annuaire::structures::inscrire(&t.site, tx, fiche.clone(), None).await?;
            let o = Organisation {
                structure: structure.id,
                numero,
                departement: CodeDepartement::parse("23").unwrap(),
                region: CodeRegion::parse("75").unwrap(),
                demarches: Demarches::parmi(texte, legal::catalogue(texte).iter().map(|d| &d.cle)),
                france_services: false,
                habilitee_le: jour,
                desactivee_le: None,
                version: 0,
            };
            organisations::store::enregistrer(tx, &o).await?;
            Ok::<_, sea_orm::DbErr>(o)
        })
        .await
        .unwrap()
}

/// A professional of that organisation, active, and the actor that they are. `n` tells people apart.
pub(crate) async fn aidant(
    t: &TestSite,
    structure: StructureId,
    fonction: Fonction,
    n: u128,
) -> (Aidant, Actor) {
    let now = t.site.clock.now();
    let compte = CompteId(uuid::Uuid::from_u128(0xA1DA_0000 + n));
    let a = Aidant {
        id: AidantId::new(&t.site.clock, &t.site.chance),
        compte: Some(compte),
        prenom: "Dominique".to_owned(),
        nom: format!("Essai-{n}"),
        courriel: Email::parse(&format!("aidant{n}@essai.example")).unwrap(),
        telephone: None,
        profession: "Médiatrice numérique".to_owned(),
        conseiller_numerique: false,
        etat: EtatAidant::Actif,
        etat_le: now,
        conditions_version: aidants::conditions::version_du_jour(kernel::calendrier::jour(&now)),
        cree_le: now,
        version: 0,
    };
    let appartenance = Appartenance {
        id: AppartenanceId::new(&t.site.clock, &t.site.chance),
        aidant: a.id,
        structure,
        equipe: None,
        fonction,
        debut: kernel::calendrier::jour(&now),
        fin: None,
    };
    t.site
        .db
        .write(async |tx| {
            aidants::store::enregistrer(tx, &a).await?;
            aidants::store::ouvrir_appartenance(tx, &appartenance).await
        })
        .await
        .unwrap();
    let perimetre = Perimetre::Structures(vec![structure]);
    (a, Actor { compte, role: fonction.role(), perimetre, vu_par: None, prete: false })
}

/// A team of that organisation.
pub(crate) async fn equipe(t: &TestSite, structure: StructureId, nom: &str) -> EquipeId {
    let id = EquipeId::new(&t.site.clock, &t.site.chance);
    let sql = "INSERT INTO equipe_aidants (id, structure_id, nom) VALUES ($1, $2, $3)";
    let values = [id.0.into(), structure.0.into(), nom.into()];
    t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, values).await).await.unwrap();
    id
}

/// Puts a professional in a team: their membership ends, and another begins.
pub(crate) async fn en_equipe(t: &TestSite, a: &Aidant, structure: StructureId, equipe: EquipeId) {
    let jour = kernel::calendrier::jour(&t.site.clock.now());
    t.site
        .db
        .write(async |tx| {
            let avant = aidants::store::appartenance(tx, a.id, structure).await?.unwrap();
            aidants::store::fermer_appartenance(tx, avant.id, jour).await?;
            let id = AppartenanceId::new(&t.site.clock, &t.site.chance);
            let nouvelle = Appartenance { id, equipe: Some(equipe), debut: jour, ..avant };
            aidants::store::ouvrir_appartenance(tx, &nouvelle).await
        })
        .await
        .unwrap();
}

/// That actor, as pages see it: `browser.signed_in(essai::viewer(&actor))`.
pub(crate) fn viewer(actor: &Actor) -> Viewer {
    Viewer { actor: actor.clone(), ..testkit::viewer(actor.role, actor.perimetre.clone()) }
}

/// A person who is helped, known by FranceConnect. `n` tells people apart.
pub(crate) async fn usager(t: &TestSite, n: u128) -> crate::usagers::Usager {
    let identite = identite(n);
    let sub = crate::usagers::empreinte(&t.site, &format!("sub-{n}"));
    t.site
        .db
        .write(async |tx| crate::usagers::store::retrouver_ou_inscrire(&t.site, tx, &sub, &identite).await)
        .await
        .unwrap()
}

/// Who that person is, by the civil status.
pub(crate) fn identite(n: u128) -> crate::usagers::Identite {
    crate::usagers::Identite {
        prenoms: "Camille".to_owned(),
        nom: format!("USAGER-{n}"),
        nom_usage: None,
        genre: crate::usagers::Genre::Feminin,
        naissance: crate::document::Naissance::lire("1962-05-17", "1962-05-17").unwrap(),
        commune: Some("23096".to_owned()),
        pays: "99100".to_owned(),
        courriel: None,
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn one_acts_in_the_name_of_an_active_organisation_that_one_belongs_to(t: TestSite) {
        use kernel::Verb;
        let m = mandats(&t).await;
        let (ici, ailleurs) = (organisation(&t, "Ici", 1).await, organisation(&t, "Ailleurs", 2).await);
        let (aidant_ici, actor) = aidant(&t, ici.structure, Fonction::Aidant, 1).await;
        let (_, referent) = aidant(&t, ici.structure, Fonction::Referent, 2).await;
        let conn = t.site.db.read();
        let a = aidants::agissant(&m, conn, &actor, Verb::TenirMandats).await.unwrap();
        assert_eq!((a.aidant.id, a.organisation.structure), (aidant_ici.id, ici.structure));
        assert!(aidants::agissant(&m, conn, &referent, Verb::GererAidants).await.is_ok());
        // A role alone is not enough: the record must say the same.
        let usurpe = Actor { role: Role::Aidant, ..referent };
        let chez_les_autres = Actor { perimetre: Perimetre::Structures(vec![ailleurs.structure]), ..actor.clone() };
        let partout = Actor { perimetre: Perimetre::Structures(vec![ici.structure, ailleurs.structure]), ..actor.clone() };
        for refuse in [&usurpe, &chez_les_autres, &partout] {
            assert!(aidants::agissant(&m, conn, refuse, Verb::TenirMandats).await.is_err(), "{refuse:?}");
        }
        let jour = m.jour();
        t.site.db.write(async |tx| {
            let o = organisations::store::tenir(tx, ici.structure).await?.unwrap();
            organisations::store::enregistrer(tx, &Organisation { desactivee_le: Some(jour), ..o }).await
        }).await.unwrap();
        assert!(aidants::agissant(&m, t.site.db.read(), &actor, Verb::TenirMandats).await.is_err());
    }
}
