//! The clock of each territory.

use chrono_tz::Tz;

/// The time zone of a département or overseas collectivity; that of Paris for the rest, an unknown code included.
///
/// Source: legal time of France (décret n° 2017-292 du 6 mars 2017). Wallis-et-Futuna, New Caledonia and French
/// Polynesia keep no summer time; the Marquises and Gambier islands, half an hour apart, follow Tahiti here.
pub fn fuseau(departement: &str) -> Tz {
    match departement {
        "971" | "977" | "978" => Tz::America__Guadeloupe,
        "972" => Tz::America__Martinique,
        "973" => Tz::America__Cayenne,
        "974" => Tz::Indian__Reunion,
        "975" => Tz::America__Miquelon,
        "976" => Tz::Indian__Mayotte,
        "984" => Tz::Indian__Kerguelen,
        "986" => Tz::Pacific__Wallis,
        "987" => Tz::Pacific__Tahiti,
        "988" => Tz::Pacific__Noumea,
        _ => Tz::Europe__Paris,
    }
}
