//! Great-circle distances on the sphere both engines are defined on.

use kernel::Position;

/// Radius of that sphere, in kilometres: the round figure that the formats of the engines fix, so
/// that anyone finds the same distances.
pub const RAYON_KM: f64 = 6_371.0;

/// What is added to a straight-line distance between unit vectors (6 µm on the ground) before
/// it may exclude anything: far more than the rounding of its computation.
const MARGIN: f64 = 1e-12;

/// A point of the sphere, with what its distances need worked out once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    lat: f64,
    lon: f64,
    cos_lat: f64,
    unit: [f64; 3],
}

impl Point {
    /// The point at that position.
    pub fn new(position: Position) -> Self {
        let lat = position.latitude.to_radians();
        let lon = position.longitude.to_radians();
        Self { lat, lon, cos_lat: lat.cos(), unit: position.unit() }
    }

    /// Kilometres to another point (haversine); the same number both ways.
    pub fn km(&self, other: &Self) -> f64 {
        let dlat = ((other.lat - self.lat) / 2.0).sin();
        let dlon = ((other.lon - self.lon) / 2.0).sin();
        let h = dlat * dlat + self.cos_lat * other.cos_lat * dlon * dlon;
        2.0 * RAYON_KM * h.sqrt().min(1.0).asin()
    }

    /// Latitude and longitude in radians: what tells whether two points are the same.
    pub fn radians(&self) -> [f64; 2] {
        // Zero is written with one sign.
        [self.lat + 0.0, self.lon + 0.0]
    }

    /// Unit vector: straight lines between unit vectors order points as great circles do.
    pub fn unit(&self) -> &[f64; 3] {
        &self.unit
    }

    /// Squared straight-line distance between the unit vectors.
    pub fn chord2(&self, other: &Self) -> f64 {
        self.unit.iter().zip(&other.unit).map(|(a, b)| (a - b) * (a - b)).sum()
    }
}

/// Squared straight-line distance that nothing within `km` exceeds: a cheap first sieve.
pub fn chord2_within(km: f64) -> f64 {
    let half = (km / (2.0 * RAYON_KM)).min(std::f64::consts::FRAC_PI_2);
    (2.0 * half.sin() + MARGIN).powi(2)
}

/// Kilometres through the ground at that squared straight-line distance: nothing is nearer.
pub fn km_through(chord2: f64) -> f64 {
    RAYON_KM * (chord2.max(0.0).sqrt() - MARGIN).max(0.0)
}

/// Points sorted from south to north, so that a search looks at one band of latitude only.
#[derive(Debug)]
pub struct Bande<'a> {
    points: &'a [Point],
    order: Vec<u32>,
}

impl<'a> Bande<'a> {
    /// Sorts the points.
    pub fn new(points: &'a [Point]) -> Self {
        let mut order: Vec<u32> = (0..points.len() as u32).collect();
        order.sort_by(|a, b| {
            points[*a as usize].unit[2].total_cmp(&points[*b as usize].unit[2]).then(a.cmp(b))
        });
        Self { points, order }
    }

    /// Ranks of all points within `km` of one, and perhaps a few that are barely farther.
    pub fn around(&self, point: &Point, km: f64) -> impl Iterator<Item = usize> {
        let reach2 = chord2_within(km);
        let reach = reach2.sqrt();
        let (here, point) = (point.unit[2], *point);
        let start = self.order.partition_point(|&i| self.points[i as usize].unit[2] < here - reach);
        self.order[start..]
            .iter()
            .map(|&i| i as usize)
            .take_while(move |&i| self.points[i].unit[2] <= here + reach)
            .filter(move |&i| self.points[i].chord2(&point) <= reach2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Point {
        Point::new(Position { latitude, longitude })
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        let quarter = RAYON_KM * std::f64::consts::FRAC_PI_2;
        assert!((at(0.0, 0.0).km(&at(0.0, 90.0)) - quarter).abs() < 1e-9);
        assert!((at(90.0, 12.0).km(&at(0.0, -7.0)) - quarter).abs() < 1e-9);
        assert!((at(0.0, 0.0).km(&at(0.0, 180.0)) - 2.0 * quarter).abs() < 1e-3);
        assert_eq!(at(48.0, 2.0).km(&at(48.0, 2.0)), 0.0);
        // Across the date line.
        assert!(at(-14.3, 179.9).km(&at(-14.3, -179.9)) < 25.0);
    }

    #[test]
    fn the_sieve_never_excludes_what_is_near() {
        for (a, b) in [
            (at(48.8566, 2.3522), at(48.8567, 2.3523)),
            (at(48.8566, 2.3522), at(45.764, 4.8357)),
            (at(-20.9, 55.5), at(48.8, 2.3)),
            (at(10.0, 10.0), at(-10.0, -170.0)),
        ] {
            let (km, chord2) = (a.km(&b), a.chord2(&b));
            assert!(chord2 <= chord2_within(km), "{km}");
            assert!(km_through(chord2) <= km, "{km}");
            assert!(km_through(chord2) > km * 0.6, "{km}");
        }
    }
}
