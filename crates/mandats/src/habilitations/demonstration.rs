//! Fictitious requests of habilitation, in each state, through the same doors as real ones.

use kernel::ids::CompteId;
use kernel::{Actor, Email, Perimetre, Refusal, Role};
use platform::db::kit;
use platform::web::FormState;

use super::actions::{self, Accueil, Lettre, Ouverture};
use super::model::{Demandeur, DemandeurId, Personne, PersonneId};
use super::reference::DECLARATIONS;
use super::rules::Acte;
use super::{saisie, store};
use crate::ids::HabilitationId;
use crate::{Failure, Mandats};

/// Name, key of the kind, legal category, postal code, commune, what becomes of it: filed, then these acts.
type Fictive =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<&'static [Acte]>);

#[rustfmt::skip]
const DEMANDES: &[Fictive] = &[
    ("Mairie fictive de Guéret", "municipalite", "7210", "23000", "Guéret", Some(&[])),
    ("CCAS fictif de Bourg-en-Bresse", "ccas", "7361", "01000", "Bourg-en-Bresse", Some(&[])),
    ("Médiathèque fictive de Laon", "mediatheque", "7210", "02000", "Laon", Some(&[])),
    ("Centre social fictif de Lille", "centre_social", "9220", "59000", "Lille", Some(&[])),
    ("Association fictive Clic d’Ajaccio", "association", "9220", "20000", "Ajaccio", Some(&[Acte::Modifications])),
    ("Mission locale fictive de Nantes", "mission_locale", "9220", "44000", "Nantes", Some(&[Acte::Modifications])),
    ("CIAS fictif de Pau", "cias", "7367", "64000", "Pau", Some(&[Acte::Accepter])),
    ("Conseil départemental fictif de Mende", "conseil_departemental", "7220", "48000", "Mende", Some(&[Acte::Accepter])),
    ("Coopérative fictive de Brest", "tiers_lieu", "5458", "29200", "Brest", Some(&[Acte::Refuser])),
    ("Régie de quartier fictive de Dijon", "regie_quartier", "9220", "21000", "Dijon", Some(&[Acte::Refuser, Acte::Remettre])),
    ("Mairie fictive d’Arras", "municipalite", "7210", "62000", "Arras", None),
    ("Maison de quartier fictive de Niort", "maison_quartier", "9220", "79000", "Niort", None),
];

/// A SIRET that INSEE never gives: its SIREN begins with two zeros; its key holds.
fn siret(n: usize) -> String {
    let sans_cle = format!("00{:07}0001", 2_000_000 + n);
    let somme: u32 = sans_cle
        .bytes()
        .rev()
        .enumerate()
        .map(|(rang, c)| {
            let double = u32::from(c - b'0') * if rang % 2 == 0 { 2 } else { 1 };
            if double > 9 { double - 9 } else { double }
        })
        .sum();
    format!("{sans_cle}{}", (10 - somme % 10) % 10)
}

fn adresse(nom: &str, n: usize) -> Result<Email, Failure> {
    let courriel = Email::parse(&format!("{nom}@habilitation-{n}.demonstration.example"));
    Ok(courriel.map_err(|s| Refusal::field("courriel", s))?)
}

/// Writes fictitious requests, when there is none yet: studied by that account.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats, agent: CompteId) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les demandes fictives n’existent que dans la démonstration.").into());
    }
    if kit::count(m.site.db.read(), "SELECT COUNT(*) FROM habilitation_demande", []).await? > 0 {
        return Ok(());
    }
    let agent = Actor {
        compte: agent,
        role: Role::EquipeHabilitation,
        perimetre: Perimetre::National,
        vu_par: None,
        prete: false,
    };
    for (n, (nom, type_cle, categorie, code, commune, suite)) in DEMANDES.iter().enumerate() {
        let d = demandeur(m, n).await?;
        let champs = champs(n, (nom, type_cle, categorie), (code, commune));
        let id = actions::commencer(m, &d, Ouverture { champs, nom: (*nom).to_owned() }).await?;
        for (rang, prenom) in ["Sacha", "Camille"].into_iter().enumerate() {
            actions::personne(m, &d, id, personne(m, prenom, n * 2 + rang)?).await?;
        }
        let Some(actes) = suite else { continue };
        let territoires = m.annuaire.territoires();
        let lu = |champs: &FormState| saisie::dossier(&mut champs.clone(), &territoires);
        actions::deposer(m, &d, id, lu).await?;
        for acte in *actes {
            decider(m, &agent, id, *acte).await?;
        }
    }
    Ok(())
}

async fn decider(m: &Mandats, agent: &Actor, id: HabilitationId, acte: Acte) -> Result<(), Failure> {
    let demande = store::lire(m.site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    let (sujet, texte) = super::courriels::propose(acte, &demande);
    let texte =
        texte.replace("[Écrivez ici la raison.]", "L’aide n’est pas gratuite (raison fictive).").replace(
            "[Écrivez ici ce qui est à changer.]",
            "Précisez l’administration partenaire (demande fictive).",
        );
    let territoires = m.annuaire.territoires();
    let lu = |champs: &FormState| saisie::dossier(&mut champs.clone(), &territoires);
    actions::decider(m, agent, id, (acte, &Lettre { sujet, texte }), lu, Accueil::Nouvelle).await
}

async fn demandeur(m: &Mandats, n: usize) -> Result<Demandeur, Failure> {
    let now = m.site.clock.now();
    let d = Demandeur {
        id: DemandeurId::new(&m.site.clock, &m.site.chance),
        prenom: "Andréa".to_owned(),
        nom: format!("Fictive-Demande-{}", n + 1),
        profession: "Directrice".to_owned(),
        telephone: None,
        courriel: adresse("direction", n)?,
        verifie_le: Some(now),
        envois: 0,
        envoye_le: None,
        cree_le: now,
    };
    m.site.db.write(async |tx| store::enregistrer_demandeur(tx, &d).await).await?;
    Ok(d)
}

fn personne(m: &Mandats, prenom: &str, n: usize) -> Result<Personne, Failure> {
    Ok(Personne {
        id: PersonneId::new(&m.site.clock, &m.site.chance),
        prenom: prenom.to_owned(),
        nom: format!("Fictive-Aidante-{}", n + 1),
        courriel: adresse("accueil", n)?,
        telephone: None,
        profession: "Médiatrice numérique".to_owned(),
        conseiller_numerique: n.is_multiple_of(3),
        aidant: None,
    })
}

fn champs(
    n: usize,
    (nom, type_cle, categorie): (&str, &str, &str),
    (code, commune): (&str, &str),
) -> FormState {
    let privee = categorie.starts_with('9') || categorie.starts_with('5');
    let referent = format!("referente@habilitation-{n}.demonstration.example");
    let (siret, nom_referent) = (siret(n), format!("Fictive-Référente-{}", n + 1));
    let mut out = vec![
        ("pivot", siret.as_str()),
        ("nom", nom),
        ("type", type_cle),
        ("categorie", categorie),
        ("voie", "1 rue de l’Exemple"),
        ("code_postal", code),
        ("commune", commune),
        ("privee", if privee { "oui" } else { "non" }),
        ("france_services", "non"),
        ("mission", "Accueillir et accompagner le public, gratuitement."),
        ("demarches", "30"),
        ("referent_prenom", "Dominique"),
        ("referent_nom", &nom_referent),
        ("referent_courriel", &referent),
        ("referent_telephone", "06 39 98 00 01"),
        ("referent_profession", "Responsable de l’accueil"),
        ("referent_aidant", if n.is_multiple_of(2) { "oui" } else { "non" }),
        ("referent_conseiller", "non"),
    ];
    if privee {
        out.push(("partenaire", "Une administration fictive"));
    }
    out.extend(DECLARATIONS.map(|(champ, _)| (champ, "oui")));
    FormState::filled(out)
}

#[cfg(test)]
mod tests {
    use platform::{Mode, Site};
    use testkit::TestSite;

    use super::super::tests::maison;
    use super::*;

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn each_state_is_there_once_written(t: TestSite) {
            let (m, _) = maison(&t).await;
            let agent = CompteId(uuid::Uuid::from_u128(7));
            assert!(semer(&m, agent).await.is_err());
            let demo = Mandats { site: Site { mode: Mode::Demo, ..t.site.clone() }, ..m };
            for _ in 0..2 {
                semer(&demo, agent).await.unwrap();
            }
            let n = kit::count(t.site.db.read(), "SELECT COUNT(*) FROM habilitation_demande", []).await.unwrap();
            assert_eq!(n, i64::try_from(DEMANDES.len()).unwrap());
            let par_etat = store::par_etat(t.site.db.read(), &Perimetre::National).await.unwrap();
            assert_eq!(par_etat.iter().map(|(_, n)| n).sum::<i64>(), 10);
            assert_eq!(par_etat.len(), 4, "{par_etat:?}");
        }
    }
}
