//! One person, as the organisation that they mandate knows them.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Refusal;
use platform::web::{PageResult, Shell, page};

use super::{ACCUEIL, MANDATS, NOUVEAU, PERSONNES, agissant};
use crate::Mandats;
use crate::ids::UsagerId;
use crate::mandats::{Autorisation, EtatAutorisation, Mandat, Regard, rules, store};
use crate::usagers::{self, Usager};

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
    let a = agissant(&m, &shell).await?;
    let (conn, now, usager) = (m.site.db.read(), m.site.clock.now(), UsagerId(id));
    let structure = a.organisation.structure;
    let toutes = store::chez(conn, &Regard::de(conn, &a).await?, usager).await?;
    // Who mandates another organisation, or another team, only is nobody here, and so is who has not for a year.
    if !toutes.iter().any(|x| x.montree(now)) {
        return Err(Refusal::NotFound.into());
    }
    let usager = usagers::store::lire(conn, usager).await?.ok_or(Refusal::NotFound)?;
    let (mut actifs, mut expires, mut revoques) = (Vec::new(), Vec::new(), Vec::new());
    for mandat in store::mandats_chez(conn, structure, usager.id).await? {
        let autorisations: Vec<Autorisation> =
            toutes.iter().filter(|x| x.mandat == mandat.id).cloned().collect();
        if !autorisations.iter().any(|x| x.montree(now)) {
            continue;
        }
        let a_un = |etat| autorisations.iter().any(|x| x.etat(now) == etat);
        let (active, expiree) = (a_un(EtatAutorisation::Active), a_un(EtatAutorisation::Expiree));
        let renouvelable = !rules::renouvelables(&mandat, &autorisations, now).is_empty();
        let un = Un { mandat, autorisations, renouvelable };
        match (active, expiree) {
            (true, _) => actifs.push(un),
            (false, true) => expires.push(un),
            (false, false) => revoques.push(un),
        }
    }
    page(&Page { shell, usager, actifs, expires, revoques, now, jour: m.jour() })
}
