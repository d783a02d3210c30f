use kernel::{Perimetre, Role};
use platform::jobs::{Registry, Worker};
use testkit::{Browser, TestSite};

use super::model::{Parametres, Repartition};
use crate::Conseillers;
use crate::calculs::model::CalculId;
use crate::calculs::store;
use crate::demandes::tests::*;
use crate::ids::SeanceId;
use crate::selection::model::Niveau;
use crate::selection::seances;

const B: &str = super::BASE;

fn comite(b: &Browser) -> Browser {
    b.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National))
}

/// The form as it is shown, with other values for some fields.
fn champs(nom: &str, autres: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let usuels = [
        ("avis", "tous"),
        ("postes", "3"),
        ("maximum", "2"),
        ("minimum", "0"),
        ("equite", ""),
        ("enveloppes", "oui"),
        ("rayon_km", "20"),
        ("capacite", "2 000"),
        ("taux", "15,4"),
        ("indice", "oui"),
        ("poids_qpv", "0"),
        ("poids_rural", "0"),
        ("poids_eloigne", "50"),
        ("deduire", "oui"),
    ];
    let autre = |cle: &str| autres.iter().find(|(c, _)| *c == cle).map(|(_, v)| *v);
    let mut out: Vec<(&'static str, String)> =
        usuels.iter().map(|(cle, v)| (*cle, autre(cle).unwrap_or(v).to_owned())).collect();
    out.extend(
        autres
            .iter()
            .filter(|(c, _)| !usuels.iter().any(|(u, _)| u == c))
            .map(|(c, v)| (*c, (*v).to_owned())),
    );
    out.push(("nom", nom.to_owned()));
    out
}

async fn envoyer(b: &mut Browser, champs: &[(&'static str, String)]) -> testkit::Answer {
    let champs: Vec<(&str, &str)> = champs.iter().map(|(c, v)| (*c, v.as_str())).collect();
    b.post(B, &champs).await
}

async fn travaille(c: &Conseillers) {
    let mut registry = Registry::default();
    crate::register(c, &mut registry);
    Worker::new(c.site.clone(), registry).drain().await.unwrap();
}

fn id(at: &str) -> CalculId {
    at.rsplit('/').next().unwrap().parse().unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_scenario_is_solved_explained_kept_and_taken_up_by_the_committee(t: TestSite) {
        let (c, s) = maison(&t).await;
        let un = deposee(&c, s[0], premiers(2)).await;
        let deux = deposee(&c, s[2], premiers(2)).await;
        let trois = deposee(&c, s[3], premiers(2)).await;
        let b = browser(&t, &c);
        let mut comite = comite(&b);
        comite.get(B).await.expect(200).says("Aucun scénario").says("15,4");
        // What is wrong is said beside its field, and what was typed stays.
        let faux = envoyer(&mut comite, &champs("", &[("postes", "beaucoup"), ("taux", "300")])).await.expect(422);
        faux.says("Écrivez un nombre entier de 0 à 20").says("Écrivez une part de 0,1 à 100").says("beaucoup");
        let at = envoyer(&mut comite, &champs("Trois postes", &[])).await.expect(303).location().to_owned();
        comite.get(&at).await.expect(200).says("Calcul en cours");
        travaille(&c).await;
        travaille(&c).await;
        let page = comite.get(&at).await.expect(200).says("Trois postes").says("C’est prouvé").says("Sert ").says(&un.reference());
        assert!(page.body.contains("m-dessin"));
        let lignes = store::lignes::<Repartition>(t.site.db.read(), id(&at)).await.unwrap();
        let bilan = store::get::<Repartition>(t.site.db.read(), id(&at)).await.unwrap().unwrap().bilan().unwrap().clone();
        assert_eq!((lignes.len(), bilan.postes), (3, lignes.iter().map(|l| l.postes).sum()));
        assert!(bilan.postes > 0 && bilan.postes <= 3 && bilan.servi <= bilan.borne && bilan.ecart() < 0.01, "{bilan:?}");
        assert!(bilan.servi <= bilan.besoin && lignes.iter().all(|l| l.postes <= 2), "{bilan:?}");
        let servis: f64 = lignes.iter().map(|l| l.servi).sum();
        assert!((servis - bilan.servi).abs() < 1.0 && bilan.departements.iter().any(|d| d.servi > 0.0));
        // Filters, the map of a département, the file.
        comite.get(&format!("{at}?departement=23&choix=oui&q=zzz")).await.expect(200).says("Aucune demande ne correspond").says("Rond plein");
        let csv = comite.get(&format!("{at}/export.csv")).await.expect(200).body;
        assert_eq!(csv.lines().count(), 4, "{csv}");
        // A trial writes nothing.
        let demande = lignes.iter().find(|l| l.postes < 2).map_or(lignes[0].regardee.demande, |l| l.regardee.demande);
        comite.get(&format!("{at}/essai?demande={demande}")).await.expect(200).says("les autres restant en place");
        comite.get(&format!("{at}/essai?demande=rien")).await.expect(404);
        // A variant, side by side.
        comite.get(&format!("{B}?depuis={}", id(&at))).await.expect(200).says("Trois postes (variante)");
        let autre = envoyer(&mut comite, &champs("Un poste", &[("postes", "1")])).await.expect(303).location().to_owned();
        travaille(&c).await;
        let deux_a_deux = format!("a={}&b={}", id(&at), id(&autre));
        comite.get(&format!("{B}/comparer?{deux_a_deux}")).await.expect(200).says("Postes à accorder").says("Pareilles dans les deux");
        let differences = comite.get(&format!("{B}/comparer/export.csv?{deux_a_deux}")).await.expect(200).body;
        assert!(differences.lines().count() > 1, "{differences}");
        comite.get(&format!("{B}/comparer?a=1&b=2")).await.expect(404);
        // Taken up: lines are ticked, nothing is decided before the committee confirms.
        let a = testkit::actor(Role::ComiteSelection, Perimetre::National);
        seances::fixer_enveloppe(&c, &a, (Niveau::Pays, "FR"), 10).await.unwrap();
        let seance: SeanceId = seances::creer(&t.site, &a, ("2026-04-01".parse().unwrap(), None), "Examen").await.unwrap();
        seances::inscrire(&t.site, &a, seance, &[un.id, deux.id, trois.id]).await.unwrap();
        seances::figer(&t.site, &a, seance).await.unwrap();
        let reprise = format!("/conseillers/seances/{seance}");
        let page = comite.get(&format!("{reprise}?scenario={}", id(&at))).await.expect(200).says("Rien n’est enregistré");
        let proposees: Vec<_> = lignes.iter().filter(|l| l.postes > 0).collect();
        assert_eq!(page.body.matches(" checked").count(), proposees.len() + 1, "{}", page.body);
        let (scenario, demande) = (id(&at).to_string(), proposees[0].regardee.demande);
        let ids = demande.to_string();
        let mut form = vec![("scenario", scenario.as_str()), ("verdict", "accord"), ("combien", "proposition"), ("demandes", ids.as_str())];
        comite.post(&format!("{reprise}/decisions"), &form).await.expect(303);
        let posts = seances::liste(&t.site, &a, seance).await.unwrap().1;
        let dit = posts.iter().find(|i| i.demande == demande).unwrap().decision.as_ref().unwrap().verdict.dit();
        assert!(dit.contains(&proposees[0].postes.to_string()), "{dit}");
        form.remove(0);
        comite.post(&format!("{reprise}/decisions"), &form).await.expect(422);
        // The list of a session alone; what is decided is not looked at any more.
        let seule = seance.to_string();
        let mut de_la_seance = champs("La séance", &[]);
        de_la_seance.push(("seance", seule));
        let at = envoyer(&mut comite, &de_la_seance).await.expect(303).location().to_owned();
        travaille(&c).await;
        assert_eq!(store::lignes::<Repartition>(t.site.db.read(), id(&at)).await.unwrap().len(), 2);
        comite.post(&format!("{at}/effacer"), &[]).await.expect(303);
        comite.get(&at).await.expect(404);
    }

    async fn enveloppes_bound_a_scenario_and_rules_that_contradict_are_told(t: TestSite) {
        let (c, s) = maison(&t).await;
        for structure in [s[0], s[2], s[3]] {
            deposee(&c, structure, premiers(2)).await;
        }
        let a = testkit::actor(Role::ComiteSelection, Perimetre::National);
        seances::fixer_enveloppe(&c, &a, (Niveau::Departement, "23"), 1).await.unwrap();
        let b = browser(&t, &c);
        let mut comite = comite(&b);
        let at = envoyer(&mut comite, &champs("Bornée", &[("postes", "6")])).await.expect(303).location().to_owned();
        let impossible = champs("Impossible", &[("postes", "1"), ("minimum", "2"), ("enveloppes", "")]);
        let refuse = envoyer(&mut comite, &impossible).await.expect(303).location().to_owned();
        travaille(&c).await;
        comite.get(&at).await.expect(200).says("Creuse : au plus 1");
        let lignes = store::lignes::<Repartition>(t.site.db.read(), id(&at)).await.unwrap();
        let creuse: u32 = lignes.iter().filter(|l| l.regardee.departement.as_str() == "23").map(|l| l.postes).sum();
        assert!(creuse <= 1, "{lignes:?}");
        comite.get(&refuse).await.expect(200).says("ne peuvent pas être tenues");
        comite.get(&format!("{refuse}/essai?demande={}", lignes[0].regardee.demande)).await.expect(409);
        // Others read nothing of it.
        let regional = Perimetre::Regions(vec![kernel::CodeRegion::parse("75").unwrap()]);
        let mut region = b.signed_in(testkit::viewer(Role::ComiteSelection, regional));
        region.get(&at).await.expect(404);
        region.get(&format!("{at}/export.csv")).await.expect(404);
        region.post(&format!("{at}/effacer"), &[]).await.expect(404);
        prefecture(&b, "23").get(B).await.expect(403);
        assert_eq!(store::lister::<Repartition>(t.site.db.read(), &Perimetre::National).await.unwrap().len(), 2);
    }
}

#[test]
fn rules_are_told_in_words() {
    let dits = Parametres { equite: Some(150), poids_qpv: 50, ..Parametres::default() }.dits();
    for attendu in ["1,50 fois sa part du besoin", "+\u{202f}50\u{202f}%", "15,4\u{202f}%"] {
        assert!(dits.iter().any(|(_, v)| v.contains(attendu)), "{attendu} {dits:?}");
    }
}
