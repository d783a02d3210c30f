mod desk;
mod public;
mod rules;
mod sessions;

use annuaire::Annuaire;
use kernel::{CodeDepartement, Perimetre, Role};
use testkit::{Browser, TestSite};

use super::pages::{BASE, PUBLIC};
use crate::Mandats;
use crate::ids::HabilitationId;

/// A number that no structure of the demonstration has, and those of two that do.
pub(crate) const SIRET: &str = "43493312300029";
pub(super) const CONNU: &str = "00000001000009";

pub(super) async fn maison(t: &TestSite) -> (Mandats, Browser) {
    let m = crate::essai::mandats(t).await;
    let territoires = m.annuaire.territoires();
    t.site.db.write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await).await.unwrap();
    let b = t.browser(crate::routes(&m));
    (m, b)
}

/// The same house, seen by another instance of the program.
pub(super) async fn autre(t: &TestSite) -> Mandats {
    Mandats::new(&Annuaire::load(&t.other_instance().await).await.unwrap())
}

pub(super) fn departement(code: &str) -> Perimetre {
    Perimetre::Departements(CodeDepartement::parse(code).into_iter().collect())
}

pub(super) fn equipe(b: &Browser, perimetre: Perimetre) -> Browser {
    b.signed_in(testkit::viewer(Role::EquipeHabilitation, perimetre))
}

/// The link of the latest message that bears one that begins so.
pub(super) async fn lien(t: &TestSite, debut: &str) -> String {
    let mails = platform::mail::list(t.site.db.read(), 20).await.unwrap();
    let lien = |texte: &str| {
        let at = texte.find(debut)?;
        texte[at..].split_whitespace().next().map(str::to_owned)
    };
    mails.iter().find_map(|m| lien(&m.texte)).unwrap_or_else(|| panic!("{mails:?}"))
}

/// Somebody proves their address; gives the address of their space.
pub(crate) async fn espace(t: &TestSite, b: &mut Browser, courriel: &str) -> String {
    let qui = [("prenom", "Anne"), ("nom", "Essai"), ("profession", "Directrice"), ("courriel", courriel)];
    b.post(&format!("{PUBLIC}/demandeur"), &qui).await.expect(303);
    let preuve = lien(t, "/habilitation/confirmer/").await;
    b.post(&preuve, &[]).await.expect(303).location().to_owned()
}

pub(super) const ORGANISATION: [(&str, &str); 12] = [
    ("nom", "Mairie fictive de l’essai"),
    ("type", "municipalite"),
    ("categorie", "7210"),
    ("voie", "1 rue des Essais"),
    ("code_postal", "01000"),
    ("commune", "Bourg-en-Bresse"),
    ("privee", "non"),
    ("france_services", "non"),
    ("mission", "Accueillir les habitants."),
    ("demarches", "30"),
    ("action", "continuer"),
    ("site_web", ""),
];
pub(super) const REFERENT: [(&str, &str); 7] = [
    ("referent_prenom", "Mona"),
    ("referent_nom", "Essai-Référente"),
    ("referent_courriel", "mona@essai.example"),
    ("referent_telephone", "06 39 98 00 01"),
    ("referent_profession", "Responsable"),
    ("referent_aidant", "non"),
    ("referent_conseiller", "non"),
];
pub(super) const OUI: [(&str, &str); 5] =
    [("cgu", "oui"), ("gratuite", "oui"), ("dpo", "oui"), ("professionnels", "oui"), ("sans_elus", "oui")];

pub(super) fn avec<'a>(base: &[(&'a str, &'a str)], plus: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<_> = base.iter().filter(|(k, _)| !plus.iter().any(|(p, _)| p == k)).copied().collect();
    out.extend_from_slice(plus);
    out
}

pub(super) fn aidant<'a>(prenom: &'a str, courriel: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("prenom", prenom),
        ("nom", "Essai"),
        ("courriel", courriel),
        ("profession", "Médiatrice"),
        ("conseiller", "non"),
    ]
}

/// A request as the public form files it; gives its identifier and its address.
pub(crate) async fn deposee(
    b: &mut Browser,
    espace: &str,
    (siret, voie, aidants): (&str, &str, &[&str]),
) -> (HabilitationId, String) {
    let ou = b.post(&format!("{espace}/siret"), &[("siret", siret), ("continuer", "oui")]).await.expect(303);
    let ici = ou.location().trim_end_matches("/organisation").to_owned();
    let organisation = avec(&ORGANISATION, &[("pivot", siret), ("voie", voie)]);
    b.post(&format!("{ici}/organisation"), &organisation).await.expect(303);
    b.post(&format!("{ici}/referent"), &REFERENT).await.expect(303);
    for courriel in aidants {
        b.post(&format!("{ici}/aidants"), &aidant("Ali", courriel)).await.expect(303);
    }
    b.post(&format!("{ici}/engagements"), &OUI).await.expect(303);
    b.post(&format!("{ici}/recapitulatif"), &[]).await.expect(303);
    let id = ici.rsplit('/').next().unwrap().parse().unwrap();
    (id, ici)
}

pub(super) fn bureau(id: HabilitationId, reste: &str) -> String {
    format!("{BASE}/{id}{reste}")
}
