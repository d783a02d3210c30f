//! Positions on the Earth and distances between them.

/// Mean radius of the Earth, in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point, in WGS84 decimal degrees.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// North is positive, −90 to 90.
    pub latitude: f64,
    /// East is positive, −180 to 180.
    pub longitude: f64,
}

impl Position {
    /// A position, if both numbers are finite and within bounds, and not the 0/0 of empty files.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let inside = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        let somewhere = latitude != 0.0 || longitude != 0.0;
        (inside && somewhere).then_some(Self { latitude, longitude })
    }

    /// Great-circle distance in metres (haversine: right to 0.5 %, enough for "a few kilometres").
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let dlat = lat2 - lat1;
        let dlon = (other.longitude - self.longitude).to_radians();
        let h = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// The unit vector of the point: straight-line distance in these three numbers orders points
    /// exactly as the great-circle distance does, everywhere, date line and poles included.
    pub fn unit(self) -> [f64; 3] {
        let (lat, lon) = (self.latitude.to_radians(), self.longitude.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    }
}

/// Great-circle metres from the squared chord between two [`Position::unit`] vectors.
pub fn chord2_to_m(chord2: f64) -> f64 {
    2.0 * EARTH_RADIUS_M * (chord2.max(0.0).sqrt() / 2.0).min(1.0).asin()
}

/// Squared chord between two [`Position::unit`] vectors at that many metres: for radius searches.
pub fn m_to_chord2(metres: f64) -> f64 {
    (2.0 * (metres / (2.0 * EARTH_RADIUS_M)).min(std::f64::consts::FRAC_PI_2).sin()).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).unwrap_or_else(|| panic!("{lat} {lon}"))
    }

    #[test]
    fn paris_to_lyon_is_392_km() {
        let d = at(48.8566, 2.3522).distance_m(at(45.7640, 4.8357));
        assert!((391_000.0..393_000.0).contains(&d), "{d}");
    }

    #[test]
    fn crosses_the_date_line() {
        let d = at(-14.3, 179.9).distance_m(at(-14.3, -179.9));
        assert!(d < 25_000.0, "{d}");
    }

    #[test]
    fn chord_and_haversine_agree() {
        let (a, b) = (at(-20.9, 55.5), at(48.8, 2.3));
        let chord2: f64 = a.unit().iter().zip(b.unit()).map(|(x, y)| (x - y).powi(2)).sum();
        assert!((chord2_to_m(chord2) - a.distance_m(b)).abs() < 1.0);
        assert!((m_to_chord2(a.distance_m(b)) - chord2).abs() < 1e-9);
    }

    #[test]
    fn refuses_what_is_no_position() {
        for (lat, lon) in [(0.0, 0.0), (91.0, 0.0), (0.0, 181.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
            assert_eq!(Position::new(lat, lon), None);
        }
    }
}
