//! The figures as files: CSV for spreadsheets, GeoJSON for the live map.

use std::fmt::Write;

use platform::tableur::Tableur;

use super::bilan::Bilan;
use super::calcul::Couverture;
use super::model::{Critere, Seuil};
use super::schema::Fichier;
use super::zone::Zone;
use crate::territoires::Territoires;

fn decimal(v: Option<f64>, decimals: usize) -> String {
    v.map_or(String::new(), |v| format!("{v:.decimals$}"))
}

fn csv(fichier: Fichier, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = Tableur::new(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.ligne(fichier.colonnes().iter().map(|c| c.nom.as_str()));
    for row in rows {
        let _ = writer.ligne(row);
    }
    writer.termine().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn cellules(bilan: &Bilan) -> Vec<String> {
    vec![
        bilan.population.to_string(),
        decimal(bilan.part(Seuil::Cinq), 4),
        decimal(bilan.part(Seuil::Dix), 4),
        decimal(bilan.part(Seuil::Vingt), 4),
        decimal(bilan.distance_moyenne_m().map(|m| m / 1000.0), 2),
        bilan.lieux.to_string(),
        decimal(bilan.lieux_pour_10000(), 3),
        decimal(bilan.heures_pour_10000(), 1),
        decimal(bilan.part_estimee(), 4),
    ]
}

/// One line a zone.
pub(crate) fn zones<'a>(
    t: &'a Territoires,
    couverture: &Couverture,
    critere: Critere,
    zones: impl Iterator<Item = Zone<'a>>,
) -> String {
    csv(
        Fichier::Zones,
        zones.map(|zone| {
            let (niveau, code) = zone.niveau_code();
            let mut row =
                vec![niveau.to_owned(), code.to_owned(), zone.nom().to_owned(), critere.cle().to_owned()];
            row.extend(cellules(&zone.bilan(t, couverture, critere)));
            row
        }),
    )
}

/// One line a commune of the zone, with its distance for every criterion.
pub(crate) fn communes(t: &Territoires, couverture: &Couverture, zone: Zone<'_>) -> String {
    csv(
        Fichier::Communes,
        zone.rangs(t).into_iter().map(|rang| {
            let commune = &t.communes()[rang];
            let bilan = couverture.bilan([rang], Critere::Tous);
            let mut row = vec![
                commune.code.to_string(),
                commune.nom.clone(),
                commune.departement.to_string(),
                commune.region.to_string(),
                t.epci_de(commune).map_or(String::new(), |e| e.code.clone()),
                commune.population.map_or(String::new(), |p| p.to_string()),
                bilan.lieux.to_string(),
                decimal(bilan.lieux_pour_10000(), 3),
                decimal(bilan.heures_pour_10000(), 1),
                if couverture.estimee(rang) { "oui" } else { "non" }.to_owned(),
            ];
            row.extend(
                Critere::tous().map(|c| decimal(couverture.distance_m(rang, c).map(|m| m / 1000.0), 2)),
            );
            row
        }),
    )
}

/// The blank zones of the zone, the most populous first.
pub(crate) fn zones_blanches(
    t: &Territoires,
    couverture: &Couverture,
    critere: Critere,
    seuil: Seuil,
    zone: Zone<'_>,
) -> String {
    csv(
        Fichier::ZonesBlanches,
        couverture.zones_blanches(zone.rangs(t), critere, seuil).into_iter().map(|z| {
            let commune = &t.communes()[z.rang];
            vec![
                commune.code.to_string(),
                commune.nom.clone(),
                commune.departement.to_string(),
                commune.region.to_string(),
                z.population.to_string(),
                decimal(z.metres.map(|m| m / 1000.0), 2),
                if z.estimee { "oui" } else { "non" }.to_owned(),
                critere.cle().to_owned(),
                seuil.km().to_string(),
            ]
        }),
    )
}

/// The communes of the zone as points, with their distance in kilometres: what the live map draws.
pub(crate) fn geojson(t: &Territoires, couverture: &Couverture, critere: Critere, zone: Zone<'_>) -> String {
    let mut out = String::with_capacity(4 << 20);
    out.push_str("{\"type\":\"FeatureCollection\",\"features\":[");
    let mut first = true;
    for rang in zone.rangs(t) {
        let commune = &t.communes()[rang];
        let Some(position) = commune.position.filter(|_| commune.population.is_some()) else { continue };
        if !first {
            out.push(',');
        }
        first = false;
        let nom = serde_json::Value::from(commune.nom.as_str());
        let valeur = match couverture.distance_m(rang, critere) {
            Some(m) => format!("{:.1}", m / 1000.0),
            None => "null".to_owned(),
        };
        let p = position.position;
        let _ = write!(
            out,
            "{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{:.4},{:.4}]}},\
             \"properties\":{{\"code\":\"{}\",\"nom\":{nom},\"valeur\":{valeur},\"population\":{}}}}}",
            p.longitude,
            p.latitude,
            commune.code,
            commune.habitants()
        );
    }
    out.push_str("]}");
    out
}
