//! Reading a mapping: every mistake is told in French and names its key.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

use super::super::horaires::JOURS_OSM;
use super::super::standard::{Champ, verdict};
use super::modele::{Correspondance, RegleChamp, RegleEcrite, UneOuPlusieurs};

/// Days, as the keys of `[horaires.jours]`.
pub(super) const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// Largest mapping, in bytes.
const TAILLE_MAX: usize = 256 * 1024;

impl Correspondance {
    /// Reads a mapping.
    ///
    /// # Errors
    /// A French sentence that names the line or the key.
    pub fn lit(texte: &str) -> Result<Self, String> {
        if texte.len() > TAILLE_MAX {
            return Err("Cette correspondance dépasse 256 Kio.".to_owned());
        }
        let lue: Self = toml::from_str(texte).map_err(|e| {
            let ligne = e.span().map(|s| texte[..s.start.min(texte.len())].matches('\n').count() + 1);
            let ou = ligne.map_or(String::new(), |l| format!(", ligne {l}"));
            format!("Correspondance{ou} : {}.", en_francais(e.message()))
        })?;
        lue.controle().map_err(|e| format!("Correspondance : {e}"))?;
        Ok(lue)
    }

    fn controle(&self) -> Result<(), String> {
        if kernel::text::fold(&self.source).is_empty() {
            return Err("« source » est vide.".to_owned());
        }
        for (nom, regle) in &self.champs {
            champ("champs", nom)?;
            self.controle_regle(&format!("champs.{nom}"), &regle.0, 0)?;
        }
        for (nom, choix) in &self.choix {
            let champ = champ("choix", nom)?;
            for (i, c) in choix.iter().enumerate() {
                let cle = format!("choix.{nom}, règle {}", i + 1);
                if let Some(cible) = &c.cible
                    && let Some(_) = verdict(champ, cible)
                {
                    return Err(format!(
                        "{cle} : « cible » vaut « {cible} », que le standard n’accepte pas ici."
                    ));
                }
                if c.separateur.as_deref() == Some("") {
                    return Err(format!("{cle} : « separateur » est vide."));
                }
                if c.colonnes.is_empty() && !c.termes.is_empty() {
                    return Err(format!("{cle} : « termes » est donné sans « colonnes »."));
                }
            }
        }
        for (nom, valeur) in &self.defauts {
            let champ = champ("defauts", nom)?;
            if verdict(champ, valeur).is_some() {
                return Err(format!("defauts.{nom} vaut « {valeur} », que le standard n’accepte pas ici."));
            }
        }
        if let Some(h) = &self.horaires {
            if let Some(jour) = h.jours.keys().find(|j| !JOURS.contains(&j.as_str())) {
                return Err(format!(
                    "horaires.jours : « {jour} » n’est pas un jour ; les jours sont {}.",
                    JOURS.join(", ")
                ));
            }
            let donnes = [!h.jours.is_empty(), h.semaine.is_some(), h.osm.is_some()];
            if donnes.iter().filter(|d| **d).count() != 1 {
                return Err(
                    "horaires : donnez « jours », « semaine » ou « osm », un seul des trois.".to_owned()
                );
            }
        }
        if let Some(p) = &self.position {
            let deux = p.latitude.is_some() && p.longitude.is_some() && p.colonne.is_none();
            let une = p.latitude.is_none() && p.longitude.is_none() && p.colonne.is_some();
            if !deux && !une {
                return Err(
                    "position : donnez « latitude » et « longitude », ou « colonne » seule.".to_owned()
                );
            }
        }
        for (nom, table) in &self.traductions {
            if table.is_empty() {
                return Err(format!("traductions.{nom} est vide."));
            }
        }
        for requis in [Champ::Id, Champ::Nom] {
            if !self.champs.contains_key(requis.nom()) {
                return Err(format!(
                    "champs.{} manque : chaque lieu doit avoir un {}.",
                    requis.nom(),
                    requis.titre()
                ));
            }
        }
        debug_assert_eq!(JOURS.len(), JOURS_OSM.len());
        Ok(())
    }

    fn controle_regle(&self, cle: &str, regle: &RegleEcrite, profondeur: u8) -> Result<(), String> {
        let donnes = [
            regle.colonne.is_some(),
            regle.joindre.is_some(),
            regle.dissocier.is_some(),
            regle.constante.is_some(),
        ];
        if donnes.iter().filter(|d| **d).count() != 1 {
            return Err(format!(
                "{cle} : donnez « colonne », « joindre », « dissocier » ou « constante », un seul des quatre."
            ));
        }
        if regle.dissocier.as_ref().is_some_and(|d| d.separateur.is_empty() || d.partie == 0) {
            return Err(format!("{cle}.dissocier : « separateur » est vide ou « partie » vaut 0."));
        }
        if let Some(t) = regle.traduction.as_ref().filter(|t| !self.traductions.contains_key(*t)) {
            return Err(format!("{cle} : la table « traductions.{t} » n’existe pas."));
        }
        match &regle.ou {
            Some(_) if profondeur > 8 => Err(format!("{cle} : trop de « ou » l’un dans l’autre.")),
            Some(ou) => self.controle_regle(&format!("{cle}.ou"), &ou.0, profondeur + 1),
            None => Ok(()),
        }
    }
}

fn champ(table: &str, nom: &str) -> Result<Champ, String> {
    Champ::de_nom(nom).ok_or_else(|| {
        let proche = Champ::TOUS
            .iter()
            .map(|c| (strsim::normalized_damerau_levenshtein(nom, c.nom()), c.nom()))
            .filter(|(score, _)| *score > 0.5)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(String::new(), |(_, proche)| format!(" Le plus proche est « {proche} »."));
        format!("{table}.{nom} : « {nom} » n’est pas un champ du standard.{proche}")
    })
}

/// The messages of the TOML reader, in French.
fn en_francais(message: &str) -> String {
    let message = message.lines().next().unwrap_or("").trim();
    let entre = |texte: &str| texte.split('`').nth(1).unwrap_or("").to_owned();
    if message.starts_with("unknown field") {
        let possibles: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let suite = if possibles.is_empty() {
            String::new()
        } else {
            format!(" ; clés possibles : {}", possibles.join(", "))
        };
        return format!("la clé « {} » n’existe pas{suite}", entre(message));
    }
    if message.starts_with("missing field") {
        return format!("la clé « {} » manque", entre(message));
    }
    if message.starts_with("duplicate key") {
        return "une clé est donnée deux fois".to_owned();
    }
    if let Some(suite) = message.strip_prefix("unknown variant") {
        let possibles: Vec<&str> = suite.split('`').skip(3).step_by(2).collect();
        return format!(
            "« {} » n’est pas permis ici ; valeurs possibles : {}",
            entre(suite),
            possibles.join(" ou ")
        );
    }
    if message.starts_with("invalid type") || message.starts_with("invalid value") {
        let attendu = message.rsplit("expected ").next().unwrap_or("");
        let attendu = match attendu {
            "a string" => "un texte entre guillemets",
            "a sequence" => "une liste entre crochets",
            "a map" => "une table",
            a if a.starts_with("i32") => "un nombre entier",
            a if a.starts_with("struct") => "une table",
            a => a,
        };
        return format!("la valeur n’est pas du bon genre, il faut {attendu}");
    }
    format!("le fichier n’est pas un TOML bien formé ({message})")
}

impl<'de> Deserialize<'de> for RegleChamp {
    fn deserialize<D: Deserializer<'de>>(lecteur: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = RegleChamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("le nom d’une colonne ou une table")
            }
            fn visit_str<E>(self, colonne: &str) -> Result<RegleChamp, E> {
                Ok(RegleChamp(RegleEcrite { colonne: Some(colonne.to_owned()), ..RegleEcrite::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RegleChamp, A::Error> {
                RegleEcrite::deserialize(MapAccessDeserializer::new(table)).map(RegleChamp)
            }
        }
        lecteur.deserialize_any(V)
    }
}

impl<'de> Deserialize<'de> for UneOuPlusieurs {
    fn deserialize<D: Deserializer<'de>>(lecteur: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = UneOuPlusieurs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("le nom d’une colonne ou une liste de noms")
            }
            fn visit_str<E>(self, colonne: &str) -> Result<UneOuPlusieurs, E> {
                Ok(UneOuPlusieurs(vec![colonne.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut suite: A) -> Result<UneOuPlusieurs, A::Error> {
                let mut noms = Vec::new();
                while let Some(nom) = suite.next_element()? {
                    noms.push(nom);
                }
                Ok(UneOuPlusieurs(noms))
            }
        }
        lecteur.deserialize_any(V)
    }
}
