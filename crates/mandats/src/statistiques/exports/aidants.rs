//! Every professional of the programme, one line a membership: who they are, where, how they got there, what they do.

use annuaire::structures::{Conditions, StructureVue};
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use identity::Moyens;
use kernel::ids::{CompteId, StructureId};
use kernel::{CodeDepartement, CodeRegion};
use platform::db::kit;
use platform::tableur::{Cellule, Format};
use platform::web::{LOT, Liste, Lot, PageError, Shell};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::vues;
use crate::Mandats;
use crate::aidants::{EtatAidant, Fonction};

const LISTE_AIDANTS: Liste = Liste {
    nom: "aidants",
    titres: &[
        "identifiant",
        "prenom",
        "nom",
        "courriel",
        "telephone",
        "profession",
        "conseiller_numerique",
        "etat",
        "etat_depuis",
        "connu_depuis",
        "a_un_compte",
        "organisation_numero",
        "organisation",
        "organisation_pivot",
        "commune",
        "departement",
        "region",
        "france_services",
        "fonction",
        "du",
        "au",
        "mandats_faits",
        "dernier_mandat",
        "demarches_faites",
        "derniere_demarche",
        "personnes_aidees",
        "voie_de_formation",
        "forme_le",
        "pix_reussi_le",
        "pix_score",
        "conditions_acceptees",
        "organisation_genre",
        "adresse",
        "code_postal",
        "code_insee",
        "organisation_habilitee_le",
        "organisation_desactivee_le",
        "equipe",
        "departement_nom",
        "region_nom",
        "mandats_30_jours",
        "mandats_6_mois",
        "demarches_30_jours",
        "demarches_6_mois",
        "demande_le",
        "eligible_le",
        "actif_le",
        "formation_financee_conseiller_numerique",
        "derniere_connexion",
        "application_de_codes",
        "cles_d_acces",
        "proconnect",
        "carte_numero",
    ],
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    profession: String,
    conseiller_numerique: bool,
    etat: String,
    etat_le: DateTime<Utc>,
    cree_le: DateTime<Utc>,
    compte_id: Option<Uuid>,
    appartenance: Option<Uuid>,
    fait_mandats: Option<bool>,
    referent: Option<bool>,
    debut: Option<NaiveDate>,
    fin: Option<NaiveDate>,
    structure_id: Option<Uuid>,
    numero: Option<i64>,
    departement: Option<String>,
    region: Option<String>,
    france_services: Option<bool>,
    mandats: i64,
    dernier_mandat: Option<DateTime<Utc>>,
    demarches: i64,
    derniere_demarche: Option<DateTime<Utc>>,
    personnes: i64,
    voie: Option<String>,
    forme_le: Option<NaiveDate>,
    pix_le: Option<NaiveDate>,
    pix_score: Option<i64>,
    conditions_version: Option<i64>,
    habilitee_le: Option<NaiveDate>,
    desactivee_le: Option<NaiveDate>,
    equipe: Option<String>,
    mandats_mois: i64,
    mandats_semestre: i64,
    demarches_mois: i64,
    demarches_semestre: i64,
    demande_le: Option<DateTime<Utc>>,
    eligible_le: Option<DateTime<Utc>>,
    actif_le: Option<DateTime<Utc>>,
    financements: i64,
}

/// One line a membership, past ones too; who belongs nowhere has one line, that only the whole country shows.
const SQL_AIDANTS: &str = "SELECT a.id, a.prenom, a.nom, a.courriel, a.telephone, a.profession, a.conseiller_numerique, a.etat, \
    a.etat_le, a.cree_le, a.compte_id, p.id AS appartenance, p.fait_mandats, p.referent, p.debut, p.fin, o.structure_id, \
    o.numero, o.departement, o.region, o.france_services, \
    (SELECT COUNT(*) FROM mandat m WHERE m.appartenance_id = p.id) AS mandats, \
    (SELECT MAX(m.cree_le) FROM mandat m WHERE m.appartenance_id = p.id) AS dernier_mandat, \
    (SELECT COUNT(*) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS demarches, \
    (SELECT MAX(u.cree_le) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS derniere_demarche, \
    (SELECT COUNT(DISTINCT u.usager_id) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS personnes, \
    f.voie, f.forme_le, f.pix_le, f.pix_score, a.conditions_version, o.habilitee_le, o.desactivee_le, \
    (SELECT e.nom FROM equipe_aidants e WHERE e.id = p.equipe_id AND e.supprimee_le IS NULL) AS equipe, \
    (SELECT COUNT(*) FROM mandat m WHERE m.appartenance_id = p.id AND m.cree_le >= {mois}) AS mandats_mois, \
    (SELECT COUNT(*) FROM mandat m WHERE m.appartenance_id = p.id AND m.cree_le >= {semestre}) AS mandats_semestre, \
    (SELECT COUNT(*) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL AND u.cree_le >= {mois}) AS demarches_mois, \
    (SELECT COUNT(*) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL AND u.cree_le >= {semestre}) AS demarches_semestre, \
    (SELECT MIN(v.le) FROM aidant_vie v WHERE v.aidant_id = a.id AND v.vers = 'demande') AS demande_le, \
    (SELECT MIN(v.le) FROM aidant_vie v WHERE v.aidant_id = a.id AND v.vers = 'eligible') AS eligible_le, \
    (SELECT MIN(v.le) FROM aidant_vie v WHERE v.aidant_id = a.id AND v.vers = 'actif') AS actif_le, \
    (SELECT COUNT(*) FROM formations_inscription i WHERE i.aidant_id = a.id AND i.finance_cn AND i.etat <> 'annulee') AS financements \
    FROM aidant a LEFT JOIN aidant_appartenance p ON p.aidant_id = a.id \
    LEFT JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
    LEFT JOIN aidant_parcours f ON f.aidant_id = a.id";

pub(super) async fn aidants(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
) -> Result<Response, PageError> {
    let (site, actor) = (m.site.clone(), shell.actor()?.clone());
    let perimetre = actor.perimetre.clone();
    LISTE_AIDANTS
        .envoyer(&site, &actor, (format, &[]), move |apres: Option<(Uuid, Uuid)>| {
            let (m, perimetre) = (m.clone(), perimetre.clone());
            async move {
                let (a, p) = apres.unwrap_or_default();
                let mut c = Conditions::default();
                let (a, p) = (c.place(a), c.place(p));
                c.et(format!("a.id >= {a} AND (a.id > {a} OR p.id > {p})"));
                c.dans(&perimetre, "o", "structure_id");
                let limite = c.place(i64::try_from(LOT).unwrap_or(500));
                let now = m.site.clock.now();
                let semestre = now.checked_sub_months(Months::new(6)).unwrap_or(now);
                let (mois, semestre) = (c.place(now - TimeDelta::days(30)), c.place(semestre));
                let debut = SQL_AIDANTS.replace("{mois}", &mois).replace("{semestre}", &semestre);
                let sql = format!("{debut}{} ORDER BY a.id, p.id LIMIT {limite}", c.clause());
                let rows: Vec<Row> = kit::query_as(m.site.db.read(), &sql, c.values().to_vec()).await?;
                let vues = vues(&m, rows.iter().filter_map(|r| r.structure_id)).await?;
                let vue = |r: &Row| r.structure_id.and_then(|id| vues.get(&StructureId(id)));
                let comptes: Vec<CompteId> = rows.iter().filter_map(|r| r.compte_id.map(CompteId)).collect();
                let moyens = identity::moyens(m.site.db.read(), &comptes).await?;
                let de = |r: &Row| r.compte_id.and_then(|c| moyens.get(&CompteId(c)));
                let entiere = |r: &Row| {
                    let mut cellules = ligne(r, vue(r));
                    cellules.extend(suite(&m, r, de(r)));
                    cellules
                };
                Ok(Lot::de(&rows, LOT, entiere, |r| (r.id, r.appartenance.unwrap_or_default())))
            }
        })
        .await
}

fn ligne(r: &Row, vue: Option<&StructureVue>) -> Vec<Cellule> {
    let jour = |le: &DateTime<Utc>| Cellule::Jour(kernel::calendrier::jour(le));
    let fonction = r.fait_mandats.zip(r.referent).and_then(|(m, r)| Fonction::de(m, r));
    vec![
        r.id.to_string().into(),
        r.prenom.clone().into(),
        r.nom.clone().into(),
        r.courriel.clone().into(),
        r.telephone.clone().into(),
        r.profession.clone().into(),
        r.conseiller_numerique.into(),
        EtatAidant::from_cle(&r.etat).map_or("", EtatAidant::cle).into(),
        jour(&r.etat_le),
        jour(&r.cree_le),
        r.compte_id.is_some().into(),
        r.numero.into(),
        vue.map(|v| v.nom.clone()).into(),
        vue.and_then(|v| v.pivot.as_ref().map(ToString::to_string)).into(),
        vue.map(|v| v.commune.nom.clone()).into(),
        r.departement.clone().into(),
        r.region.clone().into(),
        r.france_services.into(),
        fonction
            .map(|f| match f {
                Fonction::Aidant => "aidant",
                Fonction::Referent => "référent",
                Fonction::AidantReferent => "aidant et référent",
            })
            .into(),
        r.debut.into(),
        r.fin.into(),
        r.mandats.into(),
        r.dernier_mandat.as_ref().map(jour).into(),
        r.demarches.into(),
        r.derniere_demarche.as_ref().map(jour).into(),
        r.personnes.into(),
        r.voie.clone().into(),
        r.forme_le.into(),
        r.pix_le.into(),
        r.pix_score.into(),
        r.conditions_version.into(),
        vue.map(|v| v.genre.cle()).into(),
        vue.map(|v| v.adresse.clone()).into(),
        vue.and_then(|v| v.code_postal.as_ref().map(ToString::to_string)).into(),
        vue.map(|v| v.commune.code.to_string()).into(),
        r.habilitee_le.into(),
        r.desactivee_le.into(),
        r.equipe.clone().into(),
    ]
}

/// What the team asks of who is active: where by name, what was done lately, how they got there, how they sign in.
fn suite(m: &Mandats, r: &Row, moyens: Option<&Moyens>) -> Vec<Cellule> {
    let jour = |le: &DateTime<Utc>| Cellule::Jour(kernel::calendrier::jour(le));
    let territoires = m.annuaire.territoires();
    let departement = r.departement.as_deref().and_then(CodeDepartement::parse);
    let region = r.region.as_deref().and_then(CodeRegion::parse);
    vec![
        departement.and_then(|d| territoires.departement(&d).map(|d| d.nom.clone())).into(),
        region.and_then(|r| territoires.region(&r).map(|r| r.nom.clone())).into(),
        r.mandats_mois.into(),
        r.mandats_semestre.into(),
        r.demarches_mois.into(),
        r.demarches_semestre.into(),
        r.demande_le.as_ref().map(jour).into(),
        r.eligible_le.as_ref().map(jour).into(),
        r.actif_le.as_ref().map(jour).into(),
        (r.financements > 0).into(),
        moyens.and_then(|x| x.vu_le.as_ref()).map(jour).into(),
        moyens.map(|x| x.application).into(),
        moyens.map(|x| x.cles).into(),
        moyens.map(|x| x.proconnect).into(),
        moyens.and_then(|x| x.carte.clone()).into(),
    ]
}
