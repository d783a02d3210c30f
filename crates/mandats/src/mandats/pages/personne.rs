//! One person, as the organisation that they mandate knows them.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Email, Refusal, Telephone};
use platform::web::{
    FormState, Formulaire, PageResult, Shell, exige_preuve, page_with, see_other_saying, see_other_warning,
};

use super::{ACCUEIL, MANDATS, NOUVEAU, PERSONNES, adresse_de, agissant, statut};
use crate::Mandats;
use crate::ids::UsagerId;
use crate::mandats::{Autorisation, EtatAutorisation, Mandat, Regard, actions, rules, store, traces};
use crate::usagers::{self, Saisie, Usager};

/// A mandat with what is left of it.
struct Un {
    mandat: Mandat,
    autorisations: Vec<Autorisation>,
    renouvelable: bool,
}

#[derive(Template)]
#[template(path = "mandats/pages/personne.html")]
struct Page {
    shell: Shell,
    form: FormState,
    usager: Usager,
    actifs: Vec<Un>,
    expires: Vec<Un>,
    revoques: Vec<Un>,
    now: DateTime<Utc>,
    jour: NaiveDate,
}

impl Page {
    fn groupes(&self) -> [(&'static str, &'static str, &Vec<Un>); 3] {
        [
            ("Mandats actifs", "Aucun mandat actif.", &self.actifs),
            ("Mandats expirés", "Aucun mandat expiré depuis moins d’un an.", &self.expires),
            ("Mandats révoqués", "Aucun mandat révoqué depuis moins d’un an.", &self.revoques),
        ]
    }

    fn titre(&self, a: &Autorisation) -> String {
        super::titre(&a.demarche, self.jour)
    }

    fn fin(&self, a: &Autorisation) -> String {
        kernel::calendrier::en_lettres(&a.finit_le())
    }

    fn le(&self, m: &Mandat) -> String {
        kernel::calendrier::en_lettres(&m.cree_le)
    }
}

pub(super) async fn personne(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, shell, UsagerId(id), FormState::default()).await
}

/// How old the proof of the aidant may be when they change where somebody is written to.
const PREUVE: TimeDelta = TimeDelta::minutes(15);

/// Writes down where the person is written to: FranceConnect refuses who has no address.
pub(super) async fn coordonnees(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (id, actor) = (UsagerId(id), shell.actor()?.clone());
    let courriel = form.parse_opt("courriel", Email::parse).flatten();
    let telephone = form
        .parse_opt("telephone", |t| {
            Telephone::parse(t).ok_or("Écrivez un numéro de téléphone, comme 06 12 34 56 78.")
        })
        .flatten();
    let saisie = Saisie { courriel, telephone };
    if form.is_valid() && saisie == Saisie::default() {
        form.refuse("courriel", "Écrivez une adresse électronique, ou un numéro de téléphone.");
    }
    if !form.is_valid() {
        return montrer(&m, shell, id, form).await;
    }
    if let Some(viewer) = &shell.viewer {
        exige_preuve(viewer, m.site.clock.now(), PREUVE, &adresse_de(id))?;
    }
    if actions::coordonnees(&m, &actor, id, &saisie).await? {
        let phrase = "C’est noté. La personne n’entre dans « Mes mandats » avec un code qu’après l’avoir confirmé elle-même.";
        return Ok(see_other_saying(&adresse_de(id), phrase));
    }
    let phrase = "Cette personne a confirmé d’autres coordonnées : elles restent, et elle vient d’en être prévenue. Elle les \
                  change elle-même dans « Mes mandats ».";
    Ok(see_other_warning(&adresse_de(id), phrase))
}

async fn montrer(m: &Mandats, shell: Shell, usager: UsagerId, form: FormState) -> PageResult {
    let a = agissant(m, &shell).await?;
    let (conn, now) = (m.site.db.read(), m.site.clock.now());
    let structure = a.organisation.structure;
    let toutes = store::chez(conn, &Regard::de(conn, &a).await?, usager).await?;
    // Who mandates another organisation, or another team, only is nobody here, and so is who has not for a year.
    if !toutes.iter().any(|x| x.montree(now)) {
        return Err(Refusal::NotFound.into());
    }
    let usager = usagers::store::lire(conn, usager).await?.ok_or(Refusal::NotFound)?;
    traces::noter_lecture(m, &a, shell.actor()?, &usager).await?;
    // What is renewed follows from what other teams and organisations know too: nothing of that is shown.
    let partout = store::de_la_personne(conn, usager.id).await?;
    let (mut actifs, mut expires, mut revoques) = (Vec::new(), Vec::new(), Vec::new());
    for mandat in store::mandats_chez(conn, structure, usager.id).await? {
        let autorisations: Vec<Autorisation> =
            toutes.iter().filter(|x| x.mandat == mandat.id).cloned().collect();
        if !autorisations.iter().any(|x| x.montree(now)) {
            continue;
        }
        let a_un = |etat| autorisations.iter().any(|x| x.etat(now) == etat);
        let (active, expiree) = (a_un(EtatAutorisation::Active), a_un(EtatAutorisation::Expiree));
        let renouvelable = !rules::renouvelables(&mandat, &partout, now).is_empty();
        let un = Un { mandat, autorisations, renouvelable };
        match (active, expiree) {
            (true, _) => actifs.push(un),
            (false, true) => expires.push(un),
            (false, false) => revoques.push(un),
        }
    }
    page_with(statut(&form), &Page { shell, form, usager, actifs, expires, revoques, now, jour: m.jour() })
}
