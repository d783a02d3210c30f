//! From a row to a candidat, and back.

use annuaire::structures::model::CommuneChoisie;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::CompteId;
use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Email, Position};
use sea_orm::{DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::super::doublons;
use super::super::model::{Candidat, Etat, Fiche, Lieu, Numero, Pix, Rayon, Situations};
use crate::ids::CandidatId;

/// A row of `candidat`.
#[derive(Clone, Debug, FromQueryResult)]
pub(in crate::candidats) struct Row {
    id: Uuid,
    numero: i64,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    code_commune: String,
    commune: String,
    departement: String,
    region: String,
    code_postal: String,
    latitude: f64,
    longitude: f64,
    rayon_km: Option<i64>,
    disponible_le: NaiveDate,
    demandeur_emploi: bool,
    en_emploi: bool,
    en_formation: bool,
    diplome: Option<String>,
    experience: bool,
    motivation: String,
    etat: String,
    confirmee_le: Option<DateTime<Utc>>,
    fusionnee_dans: Option<Uuid>,
    disponible: bool,
    pix_palier: Option<i64>,
    pix_themes: Option<String>,
    pix_le: Option<NaiveDate>,
    compte_id: Option<Uuid>,
    version: i64,
    depose_le: DateTime<Utc>,
    vu_le: DateTime<Utc>,
    relances: i64,
    relance_le: Option<DateTime<Utc>>,
}

/// Every column that a candidat is read from, in the order of [`values`]; `courriel_cle` follows from them.
pub(in crate::candidats) const COLUMNS: &str = "id, numero, prenom, nom, courriel, courriel_cle, telephone, \
    code_commune, commune, departement, region, code_postal, latitude, longitude, rayon_km, disponible_le, \
    demandeur_emploi, en_emploi, en_formation, diplome, experience, motivation, etat, confirmee_le, fusionnee_dans, \
    disponible, pix_palier, pix_themes, pix_le, compte_id, version, depose_le, vu_le, relances, relance_le";

/// Columns that follow from the others: what is searched, what duplicates are told by.
pub(super) const DEDUITES: [&str; 3] = ["recherche", "boite", "identite"];

/// The values of a candidat, in the order of [`COLUMNS`], then of [`DEDUITES`].
pub(super) fn values(c: &Candidat) -> Vec<Value> {
    let f = &c.fiche;
    let (confirmee_le, fusionnee_dans) = match c.etat {
        Etat::AConfirmer => (None, None),
        Etat::Active { confirmee_le } => (Some(confirmee_le), None),
        Etat::Fusionnee { dans } => (None, Some(dans.0)),
    };
    let themes = |p: &Pix| p.themes.map(|t| if t { '1' } else { '0' }).iter().collect::<String>();
    vec![
        c.id.0.into(),
        c.numero.into(),
        f.prenom.clone().into(),
        f.nom.clone().into(),
        f.courriel.as_str().into(),
        f.courriel.key().into(),
        f.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        f.lieu.commune.code.to_string().into(),
        f.lieu.commune.nom.clone().into(),
        f.lieu.commune.departement.to_string().into(),
        f.lieu.commune.region.to_string().into(),
        f.lieu.code_postal.to_string().into(),
        f.lieu.position.latitude.into(),
        f.lieu.position.longitude.into(),
        f.rayon.km().map(i64::from).into(),
        f.disponible_le.into(),
        f.situations.demandeur_emploi.into(),
        f.situations.en_emploi.into(),
        f.situations.en_formation.into(),
        f.situations.diplome.clone().into(),
        f.situations.experience.into(),
        f.motivation.clone().into(),
        c.etat.cle().into(),
        confirmee_le.into(),
        fusionnee_dans.into(),
        c.disponible.into(),
        c.pix.map(|p| i64::from(p.palier)).into(),
        c.pix.as_ref().map(themes).into(),
        c.pix.map(|p| p.le).into(),
        c.compte.map(|id| id.0).into(),
        c.version.into(),
        c.depose_le.into(),
        c.vu_le.into(),
        c.relances.into(),
        c.relance_le.into(),
        f.recherche(c.numero).into(),
        doublons::boite(&f.courriel.key()).into(),
        doublons::identite(&f.prenom, &f.nom, f.lieu.code_postal.as_str()).into(),
    ]
}

/// A row that the rules would never have written.
fn abime(id: Uuid, colonne: &'static str) -> DbErr {
    DbErr::Type(format!("candidat {id}: column {colonne} does not hold what it should"))
}

impl Row {
    pub(in crate::candidats) fn candidat(self) -> Result<Candidat, DbErr> {
        let id = self.id;
        let bad = |colonne| move || abime(id, colonne);
        let etat = match (self.etat.as_str(), self.confirmee_le, self.fusionnee_dans) {
            ("a_confirmer", None, None) => Etat::AConfirmer,
            ("active", Some(confirmee_le), None) => Etat::Active { confirmee_le },
            ("fusionnee", None, Some(dans)) => Etat::Fusionnee { dans: CandidatId(dans) },
            _ => return Err(abime(id, "etat")),
        };
        let pix = match (self.pix_palier, self.pix_le) {
            (Some(palier), Some(le)) => {
                let mut acquis = self.pix_themes.iter().flat_map(|t| t.chars().map(|c| c == '1'));
                Some(Pix {
                    palier: u8::try_from(palier).map_err(|_| abime(id, "pix_palier"))?,
                    themes: std::array::from_fn(|_| acquis.next().unwrap_or(false)),
                    le,
                })
            }
            _ => None,
        };
        let rayon = match self.rayon_km {
            None => Rayon::France,
            Some(km) => u16::try_from(km).map(Rayon::Km).map_err(|_| abime(id, "rayon_km"))?,
        };
        Ok(Candidat {
            id: CandidatId(id),
            numero: self.numero,
            fiche: Fiche {
                prenom: self.prenom,
                nom: self.nom,
                courriel: Email::parse(&self.courriel).map_err(|_| abime(id, "courriel"))?,
                telephone: self
                    .telephone
                    .as_deref()
                    .map(Numero::parse)
                    .transpose()
                    .map_err(|_| abime(id, "telephone"))?,
                lieu: Lieu {
                    commune: CommuneChoisie {
                        code: CodeCommune::parse(&self.code_commune).ok_or_else(bad("code_commune"))?,
                        nom: self.commune,
                        departement: CodeDepartement::parse(&self.departement)
                            .ok_or_else(bad("departement"))?,
                        region: CodeRegion::parse(&self.region).ok_or_else(bad("region"))?,
                    },
                    code_postal: CodePostal::parse(&self.code_postal).ok_or_else(bad("code_postal"))?,
                    position: Position::new(self.latitude, self.longitude).ok_or_else(bad("latitude"))?,
                },
                rayon,
                disponible_le: self.disponible_le,
                situations: Situations {
                    demandeur_emploi: self.demandeur_emploi,
                    en_emploi: self.en_emploi,
                    en_formation: self.en_formation,
                    diplome: self.diplome,
                    experience: self.experience,
                },
                motivation: self.motivation,
            },
            etat,
            disponible: self.disponible,
            pix,
            compte: self.compte_id.map(CompteId),
            version: self.version,
            depose_le: self.depose_le,
            vu_le: self.vu_le,
            relances: self.relances,
            relance_le: self.relance_le,
        })
    }
}
