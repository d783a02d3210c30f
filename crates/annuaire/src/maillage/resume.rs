//! The coverage in one page of text, or in JSON for scripts.

use std::fmt::Write;

use super::bilan::Bilan;
use super::choix::{Indicateur, habitants, pour_cent};
use super::model::{Critere, Seuil};
use super::zone::Zone;
use crate::atlas::Mesure;

/// The sums of a zone, shares from 0 to 1.
#[derive(Clone, PartialEq, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Sommes {
    /// `pays`, `region`, `departement` or `epci`.
    pub niveau: &'static str,
    /// Its code.
    pub code: String,
    /// Its name.
    pub nom: String,
    /// Which lieux count.
    pub critere: &'static str,
    /// Inhabitants.
    pub population: u64,
    /// Share of them within 5 km of a lieu.
    pub part_5_km: Option<f64>,
    /// Within 10 km.
    pub part_10_km: Option<f64>,
    /// Within 20 km.
    pub part_20_km: Option<f64>,
    /// Mean distance of an inhabitant, kilometres.
    pub distance_moyenne_km: Option<f64>,
    /// Lieux.
    pub lieux: u64,
    /// Lieux for 10 000 inhabitants.
    pub lieux_pour_10000_habitants: Option<f64>,
    /// Hours of opening a week for 10 000 inhabitants.
    pub heures_semaine_pour_10000_habitants: Option<f64>,
    /// Share of the inhabitants whose commune has an estimated position.
    pub part_population_position_estimee: Option<f64>,
}

fn arrondi(v: Option<f64>, decimals: i32) -> Option<f64> {
    let scale = 10_f64.powi(decimals);
    v.map(|v| (v * scale).round() / scale)
}

impl Sommes {
    /// The sums of a zone for a criterion.
    pub fn new(mesure: &Mesure, zone: Zone<'_>, critere: Critere) -> Self {
        let bilan: Bilan = zone.bilan(&mesure.territoires, &mesure.couverture, critere);
        let (niveau, code) = zone.niveau_code();
        Self {
            niveau,
            code: code.to_owned(),
            nom: zone.nom().to_owned(),
            critere: critere.cle(),
            population: bilan.population,
            part_5_km: arrondi(bilan.part(Seuil::Cinq), 4),
            part_10_km: arrondi(bilan.part(Seuil::Dix), 4),
            part_20_km: arrondi(bilan.part(Seuil::Vingt), 4),
            distance_moyenne_km: arrondi(bilan.distance_moyenne_m().map(|m| m / 1000.0), 2),
            lieux: bilan.lieux,
            lieux_pour_10000_habitants: arrondi(bilan.lieux_pour_10000(), 3),
            heures_semaine_pour_10000_habitants: arrondi(bilan.heures_pour_10000(), 1),
            part_population_position_estimee: arrondi(bilan.part_estimee(), 4),
        }
    }
}

/// Communes beyond a threshold.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Blanches {
    /// Kilometres.
    pub seuil_km: u32,
    /// Communes.
    pub communes: usize,
    /// Their inhabitants.
    pub habitants: u64,
}

/// The coverage of the country.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Resume {
    /// When it was measured, UTC.
    pub mesuree_le: String,
    /// How long the measure took, in milliseconds.
    pub calcul_ms: u128,
    /// Communes measured.
    pub communes: u32,
    /// Lieux measured.
    pub lieux: usize,
    /// Lieux placed in the middle of their commune.
    pub lieux_au_centre: usize,
    /// Lieux left out.
    pub lieux_non_situes: usize,
    /// The country, for each criterion.
    pub pays: Vec<Sommes>,
    /// Blank zones, every lieu counting.
    pub zones_blanches: Vec<Blanches>,
    /// Gini coefficient of the shares within 10 km between départements.
    pub gini_10_km: Option<f64>,
    /// The départements, every lieu counting, by code.
    pub departements: Vec<Sommes>,
}

impl Resume {
    /// Sums up a measure.
    pub fn new(mesure: &Mesure) -> Self {
        let (t, couverture) = (&mesure.territoires, &mesure.couverture);
        let tous = || 0..t.communes().len();
        let blanches = |seuil: Seuil| {
            let zones = couverture.zones_blanches(tous(), Critere::Tous, seuil);
            let habitants = zones.iter().map(|z| z.population).sum();
            Blanches { seuil_km: seuil.km(), communes: zones.len(), habitants }
        };
        let departements = t.departements().iter().map(Zone::Departement);
        Self {
            mesuree_le: mesure.faite_a.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            calcul_ms: mesure.duree.as_millis(),
            communes: couverture.bilan(tous(), Critere::Tous).communes,
            lieux: couverture.lieux,
            lieux_au_centre: couverture.lieux_au_centre,
            lieux_non_situes: couverture.lieux_non_situes,
            pays: Critere::tous().map(|c| Sommes::new(mesure, Zone::Pays, c)).collect(),
            zones_blanches: Seuil::TOUS.map(blanches).to_vec(),
            gini_10_km: arrondi(couverture.equite(t, Critere::Tous, Seuil::Dix).gini, 4),
            departements: departements.map(|z| Sommes::new(mesure, z, Critere::Tous)).collect(),
        }
    }

    /// For a person who reads a terminal.
    pub fn texte(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} lieux et {} communes, mesurés en {} ms ({}).",
            habitants(self.lieux as u64),
            habitants(u64::from(self.communes)),
            self.calcul_ms,
            self.mesuree_le
        );
        if self.lieux_non_situes > 0 {
            let _ = writeln!(
                out,
                "De côté, faute de position et de commune connues : {}.",
                kernel::text::compte(self.lieux_non_situes as u64, "lieu", "lieux")
            );
        }
        let _ = writeln!(out, "\nHabitants à moins de      5 km    10 km    20 km   distance moyenne");
        for s in &self.pays {
            let nom = Critere::de_cle(s.critere).map_or(s.critere, Critere::libelle);
            let _ = writeln!(
                out,
                "  {:>24} {:>8} {:>8} {:>9}   {nom}",
                pour_cent(s.part_5_km),
                pour_cent(s.part_10_km),
                pour_cent(s.part_20_km),
                Indicateur::Distance.texte(s.distance_moyenne_km)
            );
        }
        for b in &self.zones_blanches {
            let _ = writeln!(
                out,
                "Zones blanches à plus de {} km : {} communes, {} habitants.",
                b.seuil_km,
                habitants(b.communes as u64),
                habitants(b.habitants)
            );
        }
        if let Some(gini) = self.gini_10_km {
            let gini = kernel::text::nombre_decimal(gini, 3);
            let _ = writeln!(out, "Inégalité entre départements (Gini, part à moins de 10 km) : {gini}.");
        }
        out
    }
}
