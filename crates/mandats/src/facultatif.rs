//! No page says « facultatif » of a field that it then refuses empty: each form of each page, as each role, is sent empty.

use std::collections::{BTreeMap, BTreeSet};

use kernel::droits::{GenrePerimetre, TABLE};
use kernel::{Actor, Perimetre};
use platform::web::Access;
use testkit::TestSite;

use crate::essai;
use crate::habilitations::tests as habilitations;
use crate::isolement::{NOMS, pleine, remplir, un};

/// Where the forms of a page go.
fn formulaires(page: &str, ici: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for bout in page.split("<form ").skip(1) {
        let balise = bout.split('>').next().unwrap_or_default();
        if balise.contains("method=\"post\"") {
            let ou = balise.split("action=\"").nth(1).and_then(|a| a.split('"').next()).unwrap_or(ici);
            out.insert(ou.replace("&amp;", "&"));
        }
    }
    out
}

/// Fields of a page that are said optional and refused: their component runs from its label to its error.
fn menteurs(page: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in page.match_indices("-erreur\">") {
        let avant = &page[..at];
        let Some((_, nom)) = avant.rsplit_once("id=\"") else { continue };
        let debut = avant.rfind(&format!("for=\"{nom}\"")).or_else(|| avant.rfind(&format!("id=\"{nom}\"")));
        if debut.is_some_and(|d| avant[d..].contains("(facultatif)")) {
            out.push(nom.to_owned());
        }
    }
    out
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn what_is_said_optional_is_never_refused_empty(t: TestSite) {
        let m = essai::mandats(&t).await;
        let territoires = m.annuaire.territoires();
        t.site.db.write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await).await.unwrap();
        let (aidant, referent) = pleine(&t, &m).await;
        let ici = un(&t, "SELECT structure_id FROM organisation_habilitee WHERE numero = 1").await.unwrap();
        let ici = kernel::ids::StructureId(ici.parse().unwrap());
        let routes = crate::routes(&m);
        let liste = routes.list().to_vec();
        let browser = t.browser(routes);
        // The steps of a request have their own links.
        let mut anne = browser.clone();
        let espace = habilitations::espace(&t, &mut anne, "anne@essai.example").await;
        let ou = anne.post(&format!("{espace}/siret"), &[("siret", habilitations::SIRET), ("continuer", "oui")]).await.expect(303);
        let demande = ou.location().trim_end_matches("/organisation").to_owned();
        let mut noms: BTreeMap<&str, String> = BTreeMap::new();
        for (nom, sql) in NOMS {
            noms.insert(nom, un(&t, sql).await.unwrap());
        }
        let mut pages: Vec<String> = ["organisation", "referent", "aidants", "engagements", "recapitulatif"].iter().map(|e| format!("{demande}/{e}")).collect();
        pages.extend([format!("{espace}/profil"), format!("{espace}/siret")]);
        for r in liste.iter().filter(|r| r.method == axum::http::Method::GET && !matches!(r.access, Access::Jeton(..))) {
            pages.extend(remplir(&r.path, &noms, "1234-5678-9ABC"));
        }
        let mut qui: Vec<Option<Actor>> = vec![None, Some(aidant), Some(referent)];
        for l in TABLE {
            if l.perimetres.contains(&GenrePerimetre::National) {
                qui.push(Some(testkit::actor(l.role, Perimetre::National)));
            } else if l.perimetres.contains(&GenrePerimetre::Structures) {
                qui.push(Some(testkit::actor(l.role, Perimetre::Structures(vec![ici]))));
            }
        }
        let (mut tort, mut refuses) = (BTreeSet::new(), BTreeSet::new());
        for actor in &qui {
            let mut vus = BTreeSet::new();
            for page in &pages {
                let mut b = match actor {
                    Some(a) => browser.signed_in(essai::viewer(a)),
                    None => browser.clone(),
                };
                let lue = b.get(page).await;
                if lue.status.as_u16() != 200 {
                    continue;
                }
                for ou in formulaires(&lue.body, page) {
                    if !vus.insert(ou.clone()) {
                        continue;
                    }
                    let r = b.post(&ou, &[]).await;
                    assert!(!r.status.is_server_error(), "{ou} → {}", r.status);
                    if r.status.as_u16() == 422 {
                        refuses.insert(ou.clone());
                        tort.extend(menteurs(&r.body).into_iter().map(|champ| format!("{ou}: {champ}")));
                    }
                }
            }
        }
        assert!(tort.is_empty(), "{tort:#?}");
        assert!(refuses.len() > 15, "{refuses:#?}");
    }
}
