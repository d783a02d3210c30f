//! From a projection to degrees (WGS 84, which RGF93 and the systems of overseas equal to the metre).
//!
//! Formulas: J. P. Snyder, « Map Projections, a Working Manual », USGS 1395. Parameters: EPSG, IGN.

use kernel::Position;

/// An ellipsoid: half axis in metres, square of the eccentricity.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ellipsoide {
    a: f64,
    e2: f64,
}

const GRS80: Ellipsoide = Ellipsoide { a: 6_378_137.0, e2: 0.006_694_380_022_900_787 };
const CLARKE_1880: Ellipsoide = Ellipsoide { a: 6_378_249.2, e2: 0.006_803_487_646_299_7 };

/// A projection that French files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// Degrees already.
    Degres,
    /// Lambert-93 (EPSG:2154), mainland.
    Lambert93,
    /// Conic of nine zones, CC42 to CC50 (EPSG:3942 to 3950), mainland.
    Cc(u8),
    /// Lambert II étendu (EPSG:27572), mainland, files before 2006.
    Lambert2Etendu,
    /// UTM, by zone; `true` north of the equator. Overseas: 20 N, 21 N, 22 N, 38 S, 40 S, 58 S…
    Utm(u8, bool),
    /// Lambert of Nouvelle-Calédonie (EPSG:3163).
    LambertNc,
    /// The one of maps on the web (EPSG:3857).
    WebMercator,
}

/// Names that a mapping may write, the first ones shown in messages.
const NOMS: [(&str, Projection); 14] = [
    ("degres", Projection::Degres),
    ("lambert93", Projection::Lambert93),
    ("lambert2e", Projection::Lambert2Etendu),
    ("web-mercator", Projection::WebMercator),
    ("guadeloupe", Projection::Utm(20, true)),
    ("martinique", Projection::Utm(20, true)),
    ("guyane", Projection::Utm(22, true)),
    ("reunion", Projection::Utm(40, false)),
    ("mayotte", Projection::Utm(38, false)),
    ("saint-pierre-et-miquelon", Projection::Utm(21, true)),
    ("nouvelle-caledonie", Projection::LambertNc),
    ("wallis-et-futuna", Projection::Utm(1, false)),
    ("utm20n", Projection::Utm(20, true)),
    ("cc48", Projection::Cc(48)),
];

impl Projection {
    /// The projection of that name: `lambert93`, `cc48`, `utm20n`, a territory, or `EPSG:2154`.
    pub fn de_nom(nom: &str) -> Option<Self> {
        let plie = kernel::text::fold(nom).replace(' ', "-");
        if let Some((_, p)) = NOMS.iter().find(|(n, _)| *n == plie) {
            return Some(*p);
        }
        let compact = plie.replace('-', "");
        if let Some(code) = compact.strip_prefix("epsg") {
            return match code.parse::<u32>().ok()? {
                4326 | 4171 => Some(Self::Degres),
                2154 => Some(Self::Lambert93),
                27572 => Some(Self::Lambert2Etendu),
                3857 => Some(Self::WebMercator),
                3163 => Some(Self::LambertNc),
                5490 | 4559 => Some(Self::Utm(20, true)),
                2972 => Some(Self::Utm(22, true)),
                2975 => Some(Self::Utm(40, false)),
                4471 => Some(Self::Utm(38, false)),
                4467 => Some(Self::Utm(21, true)),
                cc @ 3942..=3950 => u8::try_from(cc - 3900).ok().map(Self::Cc),
                nord @ 32601..=32660 => u8::try_from(nord - 32600).ok().map(|z| Self::Utm(z, true)),
                sud @ 32701..=32760 => u8::try_from(sud - 32700).ok().map(|z| Self::Utm(z, false)),
                _ => None,
            };
        }
        if let Some(zone) = compact.strip_prefix("cc").and_then(|z| z.parse::<u8>().ok()) {
            return (42..=50).contains(&zone).then_some(Self::Cc(zone));
        }
        match compact.as_str() {
            "wgs84" | "gps" => return Some(Self::Degres),
            "rgf93" | "rgf93lambert93" | "l93" => return Some(Self::Lambert93),
            "lambertiietendu" | "lambert2etendu" => return Some(Self::Lambert2Etendu),
            "rgncnc" | "rgnc91" | "rgnc" => return Some(Self::LambertNc),
            _ => {}
        }
        let utm = compact.strip_prefix("utm")?;
        let (zone, nord) = match (utm.strip_suffix('n'), utm.strip_suffix('s')) {
            (Some(z), _) => (z, true),
            (_, Some(z)) => (z, false),
            _ => return None,
        };
        let zone = zone.parse::<u8>().ok().filter(|z| (1..=60).contains(z))?;
        Some(Self::Utm(zone, nord))
    }

    /// Names, for messages.
    pub fn noms() -> impl Iterator<Item = &'static str> {
        NOMS.iter().map(|(nom, _)| *nom)
    }

    /// The point of these coordinates: x (or longitude) then y (or latitude).
    pub fn point(self, x: f64, y: f64) -> Option<Position> {
        if !x.is_finite() || !y.is_finite() || x.abs() > 1e9 || y.abs() > 1e9 {
            return None;
        }
        let (latitude, longitude) = match self {
            Self::Degres => return Position::new(y, x),
            Self::Lambert93 => conique(GRS80, (44.0, 49.0), (46.5, 3.0), (700_000.0, 6_600_000.0), x, y),
            Self::Cc(zone) => {
                let centre = f64::from(zone);
                let origine = (1_700_000.0, (centre - 41.0) * 1e6 + 200_000.0);
                conique(GRS80, (centre - 0.75, centre + 0.75), (centre, 3.0), origine, x, y)
            }
            Self::LambertNc => {
                let paralleles = (-20.0 - 40.0 / 60.0, -22.0 - 20.0 / 60.0);
                conique(GRS80, paralleles, (-21.5, 166.0), (400_000.0, 300_000.0), x, y)
            }
            Self::Lambert2Etendu => lambert2(x, y),
            Self::Utm(zone, nord) => utm(f64::from(zone), nord, x, y),
            Self::WebMercator => {
                let r = GRS80.a;
                (
                    (2.0 * (y / r).exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees(),
                    (x / r).to_degrees(),
                )
            }
        };
        // Seven decimals: a centimetre.
        let net = |v: f64| (v * 1e7).round() / 1e7;
        Position::new(net(latitude), net(longitude))
    }

    /// The projection that numbers of this size are in, where there is no doubt.
    pub fn devinee(x: f64, y: f64) -> Option<Self> {
        let dans = |v: f64, de: f64, a: f64| (de..a).contains(&v);
        if dans(x, 50_000.0, 1_300_000.0) && dans(y, 6_000_000.0, 7_200_000.0) {
            return Some(Self::Lambert93);
        }
        // The false northing of each zone of the conics begins with its number less 41.
        if dans(x, 1_300_000.0, 2_300_000.0) && dans(y, 1_000_000.0, 9_500_000.0) {
            let zone = 41.0 + ((y - 200_000.0) / 1e6).round();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 42 and 50"
            )]
            return dans(zone, 42.0, 50.5).then_some(Self::Cc(zone as u8));
        }
        for (zone, nord, est, nordant) in [
            (20, true, (450_000.0, 760_000.0), (1_580_000.0, 2_020_000.0)),
            (22, true, (80_000.0, 480_000.0), (220_000.0, 660_000.0)),
            (40, false, (300_000.0, 390_000.0), (7_620_000.0, 7_700_000.0)),
            (38, false, (490_000.0, 550_000.0), (8_540_000.0, 8_630_000.0)),
        ] {
            if dans(x, est.0, est.1) && dans(y, nordant.0, nordant.1) {
                return Some(Self::Utm(zone, nord));
            }
        }
        None
    }
}

/// `m` and `t` of Snyder (14-15, 15-9).
fn m_t(e: Ellipsoide, latitude: f64) -> (f64, f64) {
    let (s, k) = (latitude.sin(), e.e2.sqrt());
    let m = latitude.cos() / (1.0 - e.e2 * s * s).sqrt();
    let t =
        (std::f64::consts::FRAC_PI_4 - latitude / 2.0).tan() / ((1.0 - k * s) / (1.0 + k * s)).powf(k / 2.0);
    (m, t)
}

/// Latitude of that `t`, by iteration (7-9).
fn latitude_de(e: Ellipsoide, t: f64) -> f64 {
    let k = e.e2.sqrt();
    let mut latitude = std::f64::consts::FRAC_PI_2 - 2.0 * t.atan();
    for _ in 0..10 {
        let s = latitude.sin();
        latitude =
            std::f64::consts::FRAC_PI_2 - 2.0 * (t * ((1.0 - k * s) / (1.0 + k * s)).powf(k / 2.0)).atan();
    }
    latitude
}

/// Inverse of a conic of two parallels.
fn conique(
    e: Ellipsoide,
    paralleles: (f64, f64),
    centre: (f64, f64),
    origine: (f64, f64),
    x: f64,
    y: f64,
) -> (f64, f64) {
    let (m1, t1) = m_t(e, paralleles.0.to_radians());
    let (m2, t2) = m_t(e, paralleles.1.to_radians());
    let n = (m1.ln() - m2.ln()) / (t1.ln() - t2.ln());
    let f = m1 / (n * t1.powf(n));
    inverse_conique(e, n, f, centre, origine, x, y)
}

fn inverse_conique(
    e: Ellipsoide,
    n: f64,
    f: f64,
    centre: (f64, f64),
    origine: (f64, f64),
    x: f64,
    y: f64,
) -> (f64, f64) {
    let (_, t0) = m_t(e, centre.0.to_radians());
    let rho0 = e.a * f * t0.powf(n);
    let (dx, dy) = (x - origine.0, rho0 - (y - origine.1));
    let rho = n.signum() * dx.hypot(dy);
    let theta = (n.signum() * dx).atan2(n.signum() * dy);
    let t = (rho / (e.a * f)).powf(1.0 / n);
    (latitude_de(e, t).to_degrees(), (theta / n).to_degrees() + centre.1)
}

/// Lambert II étendu: a conic of one parallel on another ellipsoid, then the shift of IGN's
/// note to WGS 84 (a few metres).
fn lambert2(x: f64, y: f64) -> (f64, f64) {
    let centre = (46.8_f64, 2.337_229_17_f64);
    let n = centre.0.to_radians().sin();
    let (m0, t0) = m_t(CLARKE_1880, centre.0.to_radians());
    let f = 0.999_877_42 * m0 / (n * t0.powf(n));
    let (lat, lon) = inverse_conique(CLARKE_1880, n, f, centre, (600_000.0, 2_200_000.0), x, y);
    let (lat, lon) = (lat.to_radians(), lon.to_radians());
    let normale = CLARKE_1880.a / (1.0 - CLARKE_1880.e2 * lat.sin() * lat.sin()).sqrt();
    let cx = normale * lat.cos() * lon.cos() - 168.0;
    let cy = normale * lat.cos() * lon.sin() - 60.0;
    let cz = normale * (1.0 - CLARKE_1880.e2) * lat.sin() + 320.0;
    let p = cx.hypot(cy);
    let mut latitude = (cz / (p * (1.0 - GRS80.e2))).atan();
    for _ in 0..6 {
        let normale = GRS80.a / (1.0 - GRS80.e2 * latitude.sin() * latitude.sin()).sqrt();
        latitude = ((cz + GRS80.e2 * normale * latitude.sin()) / p).atan();
    }
    (latitude.to_degrees(), cy.atan2(cx).to_degrees())
}

/// Inverse of the transverse Mercator of a UTM zone (Snyder, 8-17 and following).
fn utm(zone: f64, nord: bool, x: f64, y: f64) -> (f64, f64) {
    let (a, e2) = (GRS80.a, GRS80.e2);
    let y = if nord { y } else { y - 10_000_000.0 };
    let e1 = (1.0 - (1.0 - e2).sqrt()) / (1.0 + (1.0 - e2).sqrt());
    let mu = y / 0.9996 / (a * (1.0 - e2 / 4.0 - 3.0 * e2 * e2 / 64.0 - 5.0 * e2.powi(3) / 256.0));
    let phi = mu
        + (3.0 * e1 / 2.0 - 27.0 * e1.powi(3) / 32.0) * (2.0 * mu).sin()
        + (21.0 * e1 * e1 / 16.0 - 55.0 * e1.powi(4) / 32.0) * (4.0 * mu).sin()
        + 151.0 * e1.powi(3) / 96.0 * (6.0 * mu).sin()
        + 1097.0 * e1.powi(4) / 512.0 * (8.0 * mu).sin();
    let ep2 = e2 / (1.0 - e2);
    let c = ep2 * phi.cos().powi(2);
    let t = phi.tan().powi(2);
    let s = 1.0 - e2 * phi.sin().powi(2);
    let (n, r) = (a / s.sqrt(), a * (1.0 - e2) / s.powf(1.5));
    let d = (x - 500_000.0) / (n * 0.9996);
    let latitude = phi
        - n * phi.tan() / r
            * (d * d / 2.0 - (5.0 + 3.0 * t + 10.0 * c - 4.0 * c * c - 9.0 * ep2) * d.powi(4) / 24.0
                + (61.0 + 90.0 * t + 298.0 * c + 45.0 * t * t - 252.0 * ep2 - 3.0 * c * c) * d.powi(6)
                    / 720.0);
    let longitude = (d - (1.0 + 2.0 * t + c) * d.powi(3) / 6.0
        + (5.0 - 2.0 * c + 28.0 * t - 3.0 * c * c + 8.0 * ep2 + 24.0 * t * t) * d.powi(5) / 120.0)
        / phi.cos();
    (latitude.to_degrees(), longitude.to_degrees() + zone * 6.0 - 183.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points computed by PROJ.
    #[test]
    fn points_of_each_projection() {
        for (nom, x, y, latitude, longitude) in [
            ("lambert93", 652_469.023, 6_862_035.259, 48.8566, 2.3522),
            ("cc49", 1_774_981.015, 8_228_309.419, 49.25, 4.03),
            ("cc43", 1_574_051.925, 2_267_824.091, 43.6, 1.44),
            ("lambert2e", 601_152.299, 2_428_695.897, 48.8566, 2.3522),
            ("guadeloupe", 657_102.342, 1_796_157.487, 16.241, -61.53),
            ("martinique", 707_895.245, 1_616_074.441, 14.61, -61.07),
            ("guyane", 354_750.771, 543_963.658, 4.92, -52.31),
            ("reunion", 338_568.315, 7_690_475.437, -20.8789, 55.4481),
            ("mayotte", 524_963.361, 8_587_181.961, -12.78, 45.23),
            ("epsg:3163", 445_348.077, 214_681.472, -22.27, 166.44),
            ("web-mercator", 261_845.706, 6_250_564.350, 48.8566, 2.3522),
            ("utm58s", 648_366.216, 7_536_580.668, -22.27, 166.44),
        ] {
            let projection = Projection::de_nom(nom).unwrap_or_else(|| panic!("{nom}"));
            let p = projection.point(x, y).unwrap();
            let metres = p.distance_m(Position::new(latitude, longitude).unwrap());
            // The shift of the old system is good to a few metres only.
            assert!(metres < if nom == "lambert2e" { 5.0 } else { 0.5 }, "{nom}: {metres} m");
            if !["lambert2e", "web-mercator", "epsg:3163", "utm58s"].contains(&nom) {
                assert_eq!(Projection::devinee(x, y), Some(projection), "{nom}");
            }
        }
        for faux in ["", "lambert", "cc51", "utm61n", "utm20", "epsg:1", "epsg:x"] {
            assert_eq!(Projection::de_nom(faux), None, "{faux}");
        }
        assert_eq!(Projection::devinee(2.35, 48.85), None);
        assert_eq!(Projection::Lambert93.point(f64::NAN, 1.0), None);
    }
}
