//! The home of an aidant: what waits, and where everything is.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use platform::web::{PageResult, Shell, page};

use super::{BROUILLONS, NOUVEAU, PERSONNES, agissant, nom_de};
use crate::aidants::propositions;
use crate::consentements::{self, Attendu};
use crate::ids::UsagerId;
use crate::mandats::brouillon::{self, Brouillon};
use crate::mandats::store;
use crate::mandats::{Personne, Recherche, Regard};
use crate::notifications::model::Notification;
use crate::{Mandats, usagers};

/// People shown under « bientôt fini ».
const BIENTOT: usize = 10;

#[derive(Template)]
#[template(path = "mandats/pages/accueil.html")]
struct Page {
    shell: Shell,
    organisation: String,
    numero: i64,
    actives: usize,
    bientot: Vec<Personne>,
    /// Each with where its person's agreement is awaited, if it is.
    brouillons: Vec<(Brouillon, Option<Attendu>)>,
    noms: HashMap<UsagerId, String>,
    notifications: Vec<Notification>,
    /// Organisations that propose to act for them too.
    proposees: usize,
    now: chrono::DateTime<chrono::Utc>,
}

impl Page {
    fn reste(&self, p: &Personne) -> i64 {
        p.autorisations.iter().map(|a| a.jours_restants(self.now)).min().unwrap_or_default()
    }

    fn qui(&self, b: &Brouillon) -> Option<&String> {
        b.usager.and_then(|u| self.noms.get(&u))
    }

    fn le(&self, b: &Brouillon) -> String {
        kernel::calendrier::en_lettres_avec_heure(&b.modifie_le)
    }
}

pub(super) async fn accueil(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let (conn, now, structure) = (m.site.db.read(), m.site.clock.now(), a.organisation.structure);
    let regard = Regard::de(conn, &a).await?;
    let compte = shell.actor()?.compte;
    let (mut brouillons, mut noms) = (Vec::new(), HashMap::new());
    for b in brouillon::en_attente(conn, compte, structure).await? {
        let mut attendu = None;
        if let Some(usager) = b.usager {
            attendu = consentements::attendu(&m.site, conn, b.id).await?;
            if let Some(u) = usagers::store::lire(conn, usager).await? {
                noms.insert(usager, u.identite.nom_complet());
            }
        }
        brouillons.push((b, attendu));
    }
    let [actives, ..] = store::compter(conn, &regard, &Recherche::default(), now).await?;
    page(&Page {
        organisation: nom_de(&m, &a).await?,
        numero: a.organisation.numero,
        actives,
        bientot: store::bientot_finis(conn, &regard, now, BIENTOT).await?,
        brouillons,
        noms,
        notifications: crate::notifications::a_lire(&m, compte).await?,
        proposees: propositions::attendent(conn, compte).await?,
        now,
        shell,
    })
}
