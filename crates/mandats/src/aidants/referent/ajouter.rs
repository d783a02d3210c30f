//! Adding people: already trained, by their address; to be trained, several at once; a référent who makes no mandats.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Email, Refusal, Telephone, Verb};
use platform::web::{FormState, Formulaire, PageResult, Shell, page_with, see_other_saying};

use super::{BASE, ici};
use crate::aidants::agissant::agissant;
use crate::aidants::demandes::{self, Ajout};
use crate::aidants::model::{EtatAidant, Fonction};
use crate::aidants::propositions::{self, Offre, Suite};
use crate::aidants::regles::Voie;
use crate::aidants::vie::Personne;
use crate::{Failure, Mandats};

/// Longest name, profession.
const TEXTE_MAX: usize = 100;
/// People of one form.
const LIGNES: usize = 5;

#[derive(Template)]
#[template(path = "aidants/referent/ajouter.html")]
struct Ajouter {
    shell: Shell,
    form: FormState,
}

#[derive(Template)]
#[template(path = "aidants/referent/former.html")]
struct Former {
    shell: Shell,
    form: FormState,
}

/// Names of the fields of one person of the form.
struct Champs {
    n: usize,
    prenom: String,
    nom: String,
    courriel: String,
    profession: String,
    conum: String,
}

impl Champs {
    fn de(n: usize) -> Self {
        Self {
            n,
            prenom: format!("prenom{n}"),
            nom: format!("nom{n}"),
            courriel: format!("courriel{n}"),
            profession: format!("profession{n}"),
            conum: format!("conum{n}"),
        }
    }
}

impl Champs {
    /// Whether nothing was typed on that line.
    fn vide(&self, form: &FormState) -> bool {
        [&self.prenom, &self.nom, &self.courriel, &self.profession].iter().all(|k| form.get(k).is_empty())
    }
}

impl Former {
    fn lignes(&self) -> Vec<Champs> {
        (1..=LIGNES).map(Champs::de).collect()
    }

    fn voies(&self) -> Vec<(&'static str, &'static str)> {
        Voie::TOUTES.map(|v| (v.cle(), v.nom())).to_vec()
    }
}

#[derive(Template)]
#[template(path = "aidants/referent/nouveau_referent.html")]
struct Coreferent {
    shell: Shell,
    form: FormState,
}

pub(super) async fn page_ajouter(State(m): State<Mandats>, shell: Shell) -> PageResult {
    ici(&m, m.site.db.read(), &shell).await?;
    page_with(StatusCode::OK, &Ajouter { shell, form: FormState::default() })
}

pub(super) async fn ajouter(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let courriel = form.parse("courriel", Email::parse);
    let nouveau = form.parse_opt("nouveau", Email::parse);
    if let (Some(courriel), Some(nouveau)) = (courriel, nouveau) {
        match demandes::ajouter_forme(&m, shell.actor()?, &courriel, nouveau.as_ref()).await {
            Ok(fait) => {
                let phrase = match fait {
                    Ajout::Fait => "Cette personne fait maintenant partie de votre organisation.",
                    Ajout::Propose => {
                        "La proposition lui est envoyée : elle fera partie de votre organisation quand elle aura accepté."
                    }
                    Ajout::Demande => {
                        "Votre demande est envoyée : l’équipe des habilitations y répondra par courriel."
                    }
                };
                return Ok(see_other_saying(&format!("{BASE}/personnes"), phrase));
            }
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Ajouter { shell, form })
}

pub(super) async fn page_former(State(m): State<Mandats>, shell: Shell) -> PageResult {
    ici(&m, m.site.db.read(), &shell).await?;
    let form = FormState::filled([("voie", Voie::Classique.cle())]);
    page_with(StatusCode::OK, &Former { shell, form })
}

/// The people of the form: lines that are empty are left out, the others are whole.
fn lire(form: &mut FormState) -> Option<Vec<Personne>> {
    const VOIE: &str = "Choisissez comment ces personnes seront formées.";
    if form.get("voie").is_empty() {
        form.refuse("voie", VOIE);
    }
    let choisie = form.parse("voie", |v| Voie::from_cle(v).ok_or(VOIE));
    let voie = choisie.unwrap_or(Voie::Classique);
    let formateur = form.parse_opt("formateur", Email::parse).flatten();
    if voie == Voie::Pair && formateur.is_none() {
        form.refuse("formateur", "Écrivez l’adresse du collègue déjà aidant qui les formera.");
    }
    let mut out: Vec<Personne> = Vec::new();
    for c in (1..=LIGNES).map(Champs::de) {
        if c.vide(form) {
            continue;
        }
        let (prenom, nom) = (form.text(&c.prenom, TEXTE_MAX), form.text(&c.nom, TEXTE_MAX));
        let (courriel, profession) =
            (form.parse(&c.courriel, Email::parse), form.text(&c.profession, TEXTE_MAX));
        let conseiller_numerique = form.get(&c.conum) == "oui";
        let (Some(prenom), Some(nom), Some(courriel), Some(profession)) = (prenom, nom, courriel, profession)
        else {
            continue;
        };
        if out.iter().any(|p| p.courriel.key() == courriel.key()) {
            form.refuse(&c.courriel, "Cette adresse est déjà plus haut. Chaque personne a la sienne.");
            continue;
        }
        out.push(Personne {
            prenom,
            nom,
            courriel,
            telephone: None,
            profession,
            conseiller_numerique,
            fonction: Fonction::Aidant,
            voie,
            formateur: formateur.clone().filter(|_| voie == Voie::Pair),
        });
    }
    let rien = (1..=LIGNES).map(Champs::de).all(|c| c.vide(form));
    if rien {
        form.refuse("prenom1", "Écrivez au moins une personne à former.");
    }
    let mut page = vec!["voie".to_owned(), "formateur".to_owned()];
    page.extend((1..=LIGNES).map(Champs::de).flat_map(|c| [c.prenom, c.nom, c.courriel, c.profession]));
    form.in_page_order(&page.iter().map(String::as_str).collect::<Vec<_>>());
    form.is_valid().then_some(out)
}

/// What was sent: to the team, to people who decide themselves.
fn envoyees((demandees, proposees): (usize, usize)) -> String {
    let dire = |n: usize, une: &str, plusieurs: &str| kernel::text::compte(n as u64, une, plusieurs);
    let mut phrases = Vec::new();
    if demandees > 0 {
        let n = dire(demandees, "demande envoyée", "demandes envoyées");
        phrases.push(format!("{n}. L’équipe des habilitations vous dira par courriel qui peut être formé."));
    }
    if proposees > 0 {
        let n = dire(proposees, "personne a déjà un compte", "personnes ont déjà un compte");
        let qui = if proposees == 1 { "elle décide elle-même" } else { "elles décident elles-mêmes" };
        phrases
            .push(format!("{n} : {qui} d’agir aussi pour votre organisation, et la réponse vous sera dite."));
    }
    phrases.join(" ")
}

pub(super) async fn former(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    if let Some(personnes) = lire(&mut form) {
        let mut rang = 0;
        let fait: Result<(usize, usize), Failure> = m
            .site
            .db
            .write(async |tx| {
                let structure = agissant(&m, tx, actor, Verb::GererAidants).await?.organisation.structure;
                if let Some(f) = personnes.first().and_then(|p| p.formateur.as_ref()) {
                    let connu = crate::aidants::store::du_courriel(tx, f).await?;
                    if connu.is_none_or(|a| a.etat != EtatAidant::Actif) {
                        let non = "Aucun aidant actif n’a cette adresse. Vérifiez-la avec votre collègue.";
                        return Err(Refusal::field("formateur", non).into());
                    }
                }
                let (mut demandees, mut proposees) = (0, 0);
                for (n, p) in personnes.iter().enumerate() {
                    rang = n;
                    if demandes::deja_forme(tx, &p.courriel).await? {
                        let non = "Cette personne est déjà formée : demandez-la avec « Ajouter une personne déjà formée ».";
                        return Err(Refusal::field("courriel", non).into());
                    }
                    let offre = Offre::de(p, structure, EtatAidant::Demande);
                    match propositions::inscrire(&m, tx, &offre, Some(actor)).await? {
                        Suite::Inscrite(_) => demandees += 1,
                        Suite::Proposee => proposees += 1,
                    }
                }
                Ok((demandees, proposees))
            })
            .await;
        match fait {
            Ok(faites) => return Ok(see_other_saying(&format!("{BASE}/personnes"), &envoyees(faites))),
            Err(Failure::Refusal(Refusal::Fields(fields))) => {
                // Under the line of the person that it speaks of.
                let cle = personnes.get(rang).map(|p| p.courriel.as_str().to_owned()).unwrap_or_default();
                let ligne =
                    (1..=LIGNES).find(|n| form.get(&format!("courriel{n}")).eq_ignore_ascii_case(&cle));
                for (champ, phrase) in fields {
                    let champ = match (champ.as_str(), ligne) {
                        ("courriel", Some(n)) => format!("courriel{n}"),
                        _ => champ,
                    };
                    form.refuse(&champ, phrase);
                }
            }
            Err(e) => return Err(e.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Former { shell, form })
}

pub(super) async fn page_referent(State(m): State<Mandats>, shell: Shell) -> PageResult {
    ici(&m, m.site.db.read(), &shell).await?;
    page_with(StatusCode::OK, &Coreferent { shell, form: FormState::default() })
}

pub(super) async fn referent(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (prenom, nom) = (form.text("prenom", TEXTE_MAX), form.text("nom", TEXTE_MAX));
    let courriel = form.parse("courriel", Email::parse);
    let telephone = form.parse("telephone", |t| {
        Telephone::parse(t).ok_or("Écrivez un numéro de téléphone, comme 06 12 34 56 78.")
    });
    if let (Some(prenom), Some(nom), Some(courriel), Some(telephone)) = (prenom, nom, courriel, telephone) {
        match demandes::demander_coreferent(&m, shell.actor()?, (&prenom, &nom), &courriel, &telephone).await
        {
            Ok(()) => {
                return Ok(see_other_saying(
                    &format!("{BASE}/personnes"),
                    "Votre demande est envoyée : l’équipe des habilitations y répondra par courriel.",
                ));
            }
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Coreferent { shell, form })
}
