//! The people of the organisation: active, expired, revoked.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use platform::web::{FormState, PageResult, Pagination, Requete, Shell, page};

use super::{ACCUEIL, NOUVEAU, PERSONNES, agissant, nom_de};
use crate::Mandats;
use crate::mandats::model::BIENTOT;
use crate::mandats::store::{self, Onglet};
use crate::mandats::{Personne, Recherche, Regard};

const PAR_PAGE: usize = 25;

#[derive(Template)]
#[template(path = "mandats/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    organisation: String,
    onglet: Onglet,
    comptes: Vec<(Onglet, usize, String)>,
    personnes: Vec<Personne>,
    pagination: Pagination,
    now: DateTime<Utc>,
    jour: chrono::NaiveDate,
}

impl Page {
    fn reste(&self, p: &Personne) -> Option<i64> {
        p.autorisations.iter().map(|a| a.jours_restants(self.now)).min().filter(|j| *j <= BIENTOT)
    }

    fn demarches(&self, p: &Personne) -> String {
        let court = |cle: &str| {
            let connue = super::catalogue(self.jour).iter().find(|d| d.cle == cle);
            connue.map_or_else(|| cle.to_owned(), |d| d.court.clone())
        };
        p.autorisations.iter().map(|a| court(&a.demarche)).collect::<Vec<_>>().join(", ")
    }

    fn fin(&self, p: &Personne) -> String {
        let fin = p.autorisations.iter().map(|a| a.expire_le).max();
        fin.map(|le| kernel::calendrier::en_lettres(&le)).unwrap_or_default()
    }
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let (conn, now) = (m.site.db.read(), m.site.clock.now());
    let regard = Regard::de(conn, &a).await?;
    let onglet = Onglet::from_cle(form.get("onglet")).unwrap_or_default();
    let q = Recherche::lire(form.get("q"));
    let mut comptes = Vec::new();
    for (o, n) in Onglet::TOUS.into_iter().zip(store::compter(conn, &regard, &q, now).await?) {
        let query = [("onglet", o.cle()), ("q", q.tape.as_str())];
        let adresse = serde_urlencoded::to_string(query).unwrap_or_default();
        comptes.push((o, n, format!("{PERSONNES}?{adresse}")));
    }
    let total = comptes.iter().find(|(o, ..)| *o == onglet).map_or(0, |(_, n, _)| *n);
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, PERSONNES, form.values()).anchored("#resultats");
    let place = (pagination.offset(PAR_PAGE), PAR_PAGE);
    page(&Page {
        personnes: store::personnes(conn, &regard, (onglet, &q), now, place).await?,
        organisation: nom_de(&m, &a).await?,
        jour: m.jour(),
        comptes,
        onglet,
        pagination,
        now,
        form,
        shell,
    })
}
