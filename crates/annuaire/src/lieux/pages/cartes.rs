//! A lieu as a card of a list.

use chrono::{DateTime, Utc};

use crate::lieux::recherche::{IndexLieux, Trouve, Vue};
use crate::lieux::standard::Valeur;

/// What a card shows.
#[derive(Clone, Debug)]
pub(crate) struct CarteLieu {
    pub(crate) id: String,
    pub(crate) nom: String,
    pub(crate) adresse: String,
    pub(crate) distance: Option<String>,
    pub(crate) lon: Option<String>,
    pub(crate) lat: Option<String>,
    pub(crate) ouvert: bool,
    pub(crate) etat: Option<String>,
    pub(crate) badges: Vec<(&'static str, &'static str)>,
    pub(crate) services: String,
    pub(crate) telephone: Option<(String, String)>,
}

impl CarteLieu {
    /// The card of a lieu that was found.
    pub(crate) fn de(index: &IndexLieux, trouve: Trouve, maintenant: DateTime<Utc>) -> Option<Self> {
        let vue = index.vue(trouve.place, maintenant)?;
        let environ = if vue.position_estimee { "environ " } else { "" };
        let precise = vue.position.filter(|_| !vue.position_estimee);
        let commune = format!("{} {}", vue.code_postal, vue.commune);
        let adresse: Vec<&str> =
            [vue.adresse.trim(), commune.trim()].into_iter().filter(|p| !p.is_empty()).collect();
        Some(Self {
            id: vue.id.to_string(),
            nom: vue.nom.to_owned(),
            adresse: adresse.join(", "),
            distance: trouve.distance_m.map(|m| format!("{environ}{}", super::distance(m))),
            lon: precise.map(|p| format!("{:.5}", p.longitude)),
            lat: precise.map(|p| format!("{:.5}", p.latitude)),
            ouvert: vue.etat.ouvert(),
            etat: vue.etat.phrase(vue.maintenant),
            badges: badges(&vue),
            services: vue.services.iter().map(Valeur::libelle).collect::<Vec<_>>().join(" · "),
            telephone: kernel::Telephone::parse(vue.telephone).map(|t| (t.as_str().to_owned(), t.lisible())),
        })
    }
}

/// What is said in two words: text, class of the badge.
pub(crate) fn badges(vue: &Vue<'_>) -> Vec<(&'static str, &'static str)> {
    [
        (vue.gratuit, "Gratuit", "fr-badge--success fr-badge--no-icon"),
        (vue.sur_rendez_vous, "Sur rendez-vous", "fr-badge--info fr-badge--no-icon"),
        (vue.conseiller_numerique, "Conseiller numérique", ""),
        (vue.france_services, "France services", ""),
        (vue.itinerant, "Itinérant", ""),
        (vue.sans_public, "N’accueille pas de public", "fr-badge--warning fr-badge--no-icon"),
    ]
    .into_iter()
    .filter(|(oui, ..)| *oui)
    .map(|(_, texte, classe)| (texte, classe))
    .collect()
}
