//! From rows to mandats and autorisations, and back.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use sea_orm::{DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::super::model::{Auteur, Autorisation, Fin, Mandat, Raison, Signature};
use crate::Empreinte;
use crate::document::Numero;
use crate::ids::{AidantId, AppartenanceId, AutorisationId, MandatId, UsagerId};

#[derive(FromQueryResult)]
pub(super) struct MandatRow {
    id: Uuid,
    numero: String,
    empreinte: Option<String>,
    kid: Option<String>,
    document: Option<String>,
    structure_id: Uuid,
    usager_id: Uuid,
    appartenance_id: Option<Uuid>,
    cree_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
    duree: i64,
    consentement: String,
    renouvelle_id: Option<Uuid>,
    cle_unicite: String,
    repris_le: Option<DateTime<Utc>>,
}

/// Columns of a mandat, in the order of [`mandat_values`].
pub(super) const MANDAT: &str = "id, numero, empreinte, kid, document, structure_id, usager_id, appartenance_id, cree_le, \
                                 expire_le, duree, consentement, renouvelle_id, cle_unicite, repris_le";

pub(super) fn mandat_values(m: &Mandat) -> Vec<Value> {
    let s = m.signature.as_ref();
    vec![
        m.id.0.into(),
        m.numero.as_str().into(),
        s.map(|s| s.empreinte.to_string()).into(),
        s.map(|s| s.kid.clone()).into(),
        s.map(|s| s.document.clone()).into(),
        m.structure.0.into(),
        m.usager.0.into(),
        m.appartenance.map(|a| a.0).into(),
        m.cree_le.into(),
        m.expire_le.into(),
        i64::from(m.duree).into(),
        if m.a_distance { "distance" } else { "presence" }.into(),
        m.renouvelle.map(|r| r.0).into(),
        m.cle_unicite.clone().into(),
        m.repris_le.into(),
    ]
}

impl MandatRow {
    pub(super) fn mandat(self) -> Result<Mandat, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("mandat {}: {colonne}", self.id));
        let signature = match (self.empreinte, self.kid, self.document) {
            (Some(empreinte), Some(kid), Some(document)) => Some(Signature {
                empreinte: Empreinte::lire(&empreinte).ok_or_else(|| abime("empreinte"))?,
                kid,
                document,
            }),
            _ => None,
        };
        Ok(Mandat {
            id: MandatId(self.id),
            numero: Numero::lire(&self.numero).ok_or_else(|| abime("numero"))?,
            signature,
            structure: StructureId(self.structure_id),
            usager: UsagerId(self.usager_id),
            appartenance: self.appartenance_id.map(AppartenanceId),
            cree_le: self.cree_le,
            expire_le: self.expire_le,
            duree: u16::try_from(self.duree).map_err(|_| abime("duree"))?,
            a_distance: self.consentement == "distance",
            renouvelle: self.renouvelle_id.map(MandatId),
            cle_unicite: self.cle_unicite,
            repris_le: self.repris_le,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct AutorisationRow {
    id: Uuid,
    mandat_id: Uuid,
    structure_id: Uuid,
    usager_id: Uuid,
    demarche: String,
    cree_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
    fin_le: Option<DateTime<Utc>>,
    fin_mandat_id: Option<Uuid>,
    fin_auteur: Option<String>,
    fin_auteur_id: Option<Uuid>,
    fin_raison: Option<String>,
    fin_precision: Option<String>,
}

/// Columns of an autorisation, in the order of [`autorisation_values`].
pub(super) const AUTORISATION: &str = "id, mandat_id, structure_id, usager_id, demarche, cree_le, expire_le, fin_le, \
                                       fin_mandat_id, fin_auteur, fin_auteur_id, fin_raison, fin_precision";

pub(super) fn autorisation_values(a: &Autorisation) -> Vec<Value> {
    let mut values: Vec<Value> = vec![
        a.id.0.into(),
        a.mandat.0.into(),
        a.structure.0.into(),
        a.usager.0.into(),
        a.demarche.clone().into(),
        a.cree_le.into(),
        a.expire_le.into(),
    ];
    values.extend(fin_values(a.fin.as_ref()));
    values
}

/// The six columns of an end.
pub(super) fn fin_values(fin: Option<&Fin>) -> [Value; 6] {
    let le = fin.map(Fin::le);
    let (mandat, auteur, raison, precision) = match fin {
        Some(Fin::Remplacee { par, .. }) => (Some(par.0), None, None, None),
        Some(Fin::Revoquee { par, raison, precision, .. }) => {
            (None, Some(*par), Some(raison.cle()), precision.clone())
        }
        None => (None, None, None, None),
    };
    let qui = auteur.and_then(|a| match a {
        Auteur::Aidant(id) => Some(id.0),
        Auteur::Gestion(id) => Some(id.0),
        Auteur::Personne | Auteur::Site => None,
    });
    [le.into(), mandat.into(), auteur.map(Auteur::cle).into(), qui.into(), raison.into(), precision.into()]
}

impl AutorisationRow {
    pub(super) fn autorisation(self) -> Result<Autorisation, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("mandat_autorisation {}: {colonne}", self.id));
        let fin = match (self.fin_le, self.fin_mandat_id, self.fin_auteur.as_deref()) {
            (None, ..) => None,
            (Some(le), Some(par), None) => Some(Fin::Remplacee { le, par: MandatId(par) }),
            (Some(le), None, Some(auteur)) => {
                let par = match (auteur, self.fin_auteur_id) {
                    ("aidant", Some(id)) => Auteur::Aidant(AidantId(id)),
                    ("gestion", Some(id)) => Auteur::Gestion(CompteId(id)),
                    ("personne", _) => Auteur::Personne,
                    ("site", _) => Auteur::Site,
                    _ => return Err(abime("fin_auteur")),
                };
                let raison = self.fin_raison.as_deref().and_then(Raison::from_cle);
                let raison = raison.ok_or_else(|| abime("fin_raison"))?;
                Some(Fin::Revoquee { le, par, raison, precision: self.fin_precision.clone() })
            }
            _ => return Err(abime("fin_le")),
        };
        Ok(Autorisation {
            id: AutorisationId(self.id),
            mandat: MandatId(self.mandat_id),
            structure: StructureId(self.structure_id),
            usager: UsagerId(self.usager_id),
            demarche: self.demarche,
            cree_le: self.cree_le,
            expire_le: self.expire_le,
            fin,
        })
    }
}
