//! Writes fictitious instances of national size for the engines, the same for the same seed:
//! `cargo run --example programme_fictif -- matching 30000 4000 1 > national.json`
//! `cargo run --example programme_fictif -- matching 30000 4000 1 300 > trois-cents-points.json`
//! `cargo run --example programme_fictif -- matching 4000 4000 1 34969 pays > communes.json`
//! `cargo run --example programme_fictif -- repartition 34969 5000 4000 1 > national.json`

use std::error::Error;

use serde_json::{Value, json};

/// Chance that anyone can replay (SplitMix64).
struct Hasard(u64);

impl Hasard {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}

struct Commune {
    lat: f64,
    lon: f64,
    habitants: f64,
    departement: usize,
}

/// Communes scattered over mainland France, a few overseas, sizes as uneven as real ones: half
/// have fewer than 450 inhabitants, and they gather around the towns.
fn communes(combien: usize, hasard: &mut Hasard) -> Vec<Commune> {
    let towns: Vec<(f64, f64)> = (0..110).map(|_| mainland(hasard)).collect();
    (0..combien)
        .map(|rank| {
            let (lat, lon) = match hasard.below(100) {
                0 => [(16.2, -61.5), (14.6, -61.0), (4.9, -52.3), (-21.1, 55.5)][hasard.below(4)],
                1..40 => towns[hasard.below(towns.len())],
                _ => mainland(hasard),
            };
            let (lat, lon) = (lat + (hasard.unit() - 0.5) * 0.5, lon + (hasard.unit() - 0.5) * 0.7);
            let habitants =
                (300_000.0 / (1.0 + rank as f64 * 0.03)).max(40.0 + 300.0 * hasard.unit()).round();
            let departement = if lat < 41.0 { 96 + hasard.below(4) } else { departement(lat, lon) };
            Commune { lat, lon, habitants, departement }
        })
        .collect()
}

fn mainland(hasard: &mut Hasard) -> (f64, f64) {
    loop {
        let (lat, lon) = (42.5 + 8.3 * hasard.unit(), -4.5 + 12.5 * hasard.unit());
        let bay = lat < 47.5 && lon < -1.2;
        let corner = lat > 49.0 && lon < -1.0 || lat > 49.3 && lon > 5.0 || lat < 44.0 && lon > 7.2;
        if !bay && !corner {
            return (lat, lon);
        }
    }
}

/// One of ninety-six rectangles.
fn departement(lat: f64, lon: f64) -> usize {
    let row = ((lat - 42.2) / 8.9 * 8.0).clamp(0.0, 7.0) as usize;
    let column = ((lon + 4.9) / 13.3 * 12.0).clamp(0.0, 11.0) as usize;
    row * 12 + column
}

/// A commune, the larger the more often.
fn inhabited<'a>(communes: &'a [Commune], sums: &[f64], hasard: &mut Hasard) -> &'a Commune {
    let at = hasard.unit() * sums.last().copied().unwrap_or(0.0);
    &communes[sums.partition_point(|s| *s < at).min(communes.len() - 1)]
}

fn jour(hasard: &mut Hasard) -> String {
    format!("2021-{:02}-{:02}", 1 + hasard.below(6), 1 + hasard.below(28))
}

/// Where people are and how far they go: around the communes, or, given a number of points, on the
/// centres of as many; a mix of radii, or everyone the whole country.
fn matching(candidats: usize, postes: usize, points: usize, pays: bool, hasard: &mut Hasard) -> Value {
    let communes = communes(if points == 0 { 34_969 } else { points }, hasard);
    let sums = cumulees(&communes);
    let around = if points == 0 { 0.03 } else { 0.0 };
    let lieu = |hasard: &mut Hasard| {
        let c = inhabited(&communes, &sums, hasard);
        (c.lat + (hasard.unit() - 0.5) * around, c.lon + (hasard.unit() - 0.5) * around)
    };
    let mix = [json!(5), json!(10), json!(15), json!(20), json!(40), json!(100), json!(null)];
    let rayons = if pays { &mix[6..] } else { &mix[..] };
    let candidats: Vec<Value> = (0..candidats)
        .map(|i| {
            let (lat, lon) = lieu(hasard);
            let rayon = &rayons[hasard.below(rayons.len())];
            json!({"id": format!("c{i}"), "lat": lat, "lon": lon, "rayon_km": rayon, "disponible_le": jour(hasard)})
        })
        .collect();
    let postes: Vec<Value> = (0..postes)
        .map(|i| {
            let (lat, lon) = lieu(hasard);
            json!({"id": format!("p{i}"), "lat": lat, "lon": lon, "debut_le": jour(hasard)})
        })
        .collect();
    json!({"candidats": candidats, "postes": postes})
}

fn cumulees(communes: &[Commune]) -> Vec<f64> {
    let mut sum = 0.0;
    communes
        .iter()
        .map(|c| {
            sum += c.habitants;
            sum
        })
        .collect()
}

fn repartition(combien: usize, demandes: usize, postes: usize, hasard: &mut Hasard) -> Value {
    let communes = communes(combien, hasard);
    let sums = cumulees(&communes);
    let besoins: Vec<Value> = communes
        .iter()
        .enumerate()
        .map(|(i, c)| {
            let fragilite = 0.12 + 0.16 * hasard.unit();
            json!({"id": format!("{i:05}"), "lat": c.lat, "lon": c.lon, "besoin": (c.habitants * fragilite).round()})
        })
        .collect();
    let demandes: Vec<Value> = (0..demandes)
        .map(|i| {
            // Half where people are, half anywhere: small communes ask too.
            let c = if i % 2 == 0 {
                inhabited(&communes, &sums, hasard)
            } else {
                &communes[hasard.below(communes.len())]
            };
            let voulus = 1 + hasard.below(3);
            json!({"id": format!("d{i}"), "lat": c.lat, "lon": c.lon, "departement": format!("{:02}", c.departement), "postes": voulus})
        })
        .collect();
    json!({
        "communes": besoins, "demandes": demandes, "postes_a_attribuer": postes, "rayon_km": 15,
        "capacite_par_poste": 2500, "maximum_par_demande": 3, "minimum_par_departement": 2,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |rank: usize, default: usize| arguments.get(rank).and_then(|n| n.parse().ok()).unwrap_or(default);
    let instance = match arguments.first().map(String::as_str) {
        Some("matching") => matching(
            number(1, 30_000),
            number(2, 4_000),
            number(4, 0),
            arguments.get(5).is_some_and(|a| a == "pays"),
            &mut Hasard(number(3, 1) as u64),
        ),
        Some("repartition") => repartition(
            number(1, 34_969),
            number(2, 5_000),
            number(3, 4_000),
            &mut Hasard(number(4, 1) as u64),
        ),
        _ => return Err("programme_fictif matching|repartition TAILLES… GRAINE [POINTS [pays]]".into()),
    };
    serde_json::to_writer(std::io::stdout().lock(), &instance)?;
    Ok(())
}
