//! The files of the coverage: their names, their columns.

use serde_json::Value;

use super::model::Critere;
use crate::colonnes::{self, Colonne, Genre, colonne, requise};

/// A file of the coverage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fichier {
    /// One line a zone.
    Zones,
    /// One line a commune.
    Communes,
    /// One line a commune that is far from every lieu.
    ZonesBlanches,
}

impl Fichier {
    /// All of them.
    pub(crate) const TOUS: [Self; 3] = [Self::Zones, Self::Communes, Self::ZonesBlanches];

    /// Its name in addresses: `/couverture/zones.csv`, `/couverture/zones.schema.json`.
    pub(crate) fn nom(self) -> &'static str {
        match self {
            Self::Zones => "zones",
            Self::Communes => "communes",
            Self::ZonesBlanches => "zones-blanches",
        }
    }

    fn titre(self) -> &'static str {
        match self {
            Self::Zones => "Couverture par territoire",
            Self::Communes => "Distance de chaque commune au lieu le plus proche",
            Self::ZonesBlanches => "Communes loin de tout lieu",
        }
    }

    /// Its columns, in order.
    pub(crate) fn colonnes(self) -> Vec<Colonne> {
        use Genre::{Entier, Nombre, OuiNon, Texte};
        let critere = || requise("critere", Texte, "Lieux pris en compte : tous, ou ceux d’un critère");
        let estimee = || requise("position_estimee", OuiNon, "La position de la commune est estimée");
        let commune = || {
            vec![
                requise("code_insee", Texte, "Code INSEE de la commune"),
                requise("nom", Texte, "Nom de la commune"),
                requise("departement", Texte, "Code du département"),
                requise("region", Texte, "Code de la région"),
            ]
        };
        let densites = || {
            vec![
                requise("lieux", Entier, "Lieux ouverts"),
                colonne("lieux_pour_10000_habitants", Nombre, "Lieux pour 10 000 habitants"),
                colonne(
                    "heures_semaine_pour_10000_habitants",
                    Nombre,
                    "Heures d’ouverture par semaine pour 10 000 habitants",
                ),
            ]
        };
        match self {
            Self::Zones => {
                let mut colonnes = vec![
                    requise("niveau", Texte, "Niveau du territoire"),
                    requise("code", Texte, "Code du territoire"),
                    requise("nom", Texte, "Nom du territoire"),
                    critere(),
                    requise("population", Entier, "Habitants"),
                    colonne("part_5_km", Nombre, "Part des habitants à 5 km au plus d’un lieu, de 0 à 1"),
                    colonne("part_10_km", Nombre, "Part des habitants à 10 km au plus d’un lieu, de 0 à 1"),
                    colonne("part_20_km", Nombre, "Part des habitants à 20 km au plus d’un lieu, de 0 à 1"),
                    colonne(
                        "distance_moyenne_km",
                        Nombre,
                        "Distance moyenne des habitants au lieu le plus proche",
                    ),
                ];
                colonnes.extend(densites());
                colonnes.push(colonne(
                    "part_population_position_estimee",
                    Nombre,
                    "Part des habitants dont la commune a une position estimée, de 0 à 1",
                ));
                colonnes
            }
            Self::Communes => {
                let mut colonnes = commune();
                colonnes.push(colonne("epci", Texte, "SIREN de l’intercommunalité"));
                colonnes.push(colonne("population", Entier, "Habitants"));
                colonnes.extend(densites());
                colonnes.push(estimee());
                colonnes.extend(Critere::tous().map(|c| {
                    let nom = format!("distance_km_{}", c.cle().replace('-', "_"));
                    colonne(
                        &nom,
                        Nombre,
                        "Distance à vol d’oiseau au lieu le plus proche qui répond au critère",
                    )
                }));
                colonnes
            }
            Self::ZonesBlanches => {
                let mut colonnes = commune();
                colonnes.push(requise("habitants_au_dela", Entier, "Habitants au-delà de la distance"));
                colonnes.push(colonne(
                    "distance_km",
                    Nombre,
                    "Distance au lieu le plus proche ; vide s’il n’y en a pas",
                ));
                colonnes.extend([
                    estimee(),
                    critere(),
                    requise("seuil_km", Entier, "Distance au-delà de laquelle une zone est blanche"),
                ]);
                colonnes
            }
        }
    }

    /// The file as a Table Schema.
    pub(crate) fn schema(self) -> Value {
        let cle: &[&str] = match self {
            Self::Zones => &["niveau", "code"],
            Self::Communes | Self::ZonesBlanches => &["code_insee"],
        };
        colonnes::schema(self.titre(), cle, &self.colonnes())
    }
}
