//! How the file is read, its hours and its point.

use toml::de::DeValue;

use super::super::super::lecture::{Consignes, Encodage};
use super::super::super::reparations::Projection;
use super::super::super::standard::Champ;
use super::super::modele::{Horaires, ListeHoraires, Plage, Position};
use super::{JOURS, Lecteur, Valeur, Vue, court};

impl<'t> Lecteur<'t> {
    pub(super) fn fichier(&mut self, vue: &Vue<'_, 't>) -> Consignes {
        self.cles(vue, &["separateur", "encodage", "entete", "colonnes", "liste"]);
        let mut c = Consignes { liste: self.texte(vue, "liste"), ..Consignes::default() };
        if let Some(s) = self.texte(vue, "separateur") {
            match s.as_str() {
                "," | ";" | "|" | "\t" => c.separateur = s.bytes().next(),
                "tabulation" => c.separateur = Some(b'\t'),
                _ => self.faute(
                    vue.get("separateur").map_or(vue.debut, |v| v.span().start),
                    &vue.cle("separateur"),
                    "le séparateur est « , », « ; », « | » ou « tabulation ».",
                ),
            }
        }
        if let Some(e) = self.texte(vue, "encodage") {
            c.encodage = Encodage::de_nom(&e);
            if c.encodage.is_none() {
                self.faute(
                    vue.get("encodage").map_or(vue.debut, |v| v.span().start),
                    &vue.cle("encodage"),
                    "l’encodage est « utf-8 », « windows-1252 » (ou « latin-1 »), « utf-16le » ou « utf-16be ».",
                );
            }
        }
        if let Some(valeur) = vue.get("entete") {
            match *lignes_d_entete(valeur) {
                [n] if (1..=1_000).contains(&n) => c.entete = Some(n),
                // Two lines that follow each other.
                [n, suite] if (1..=1_000).contains(&n) && suite == n + 1 => {
                    c.entete = Some(n);
                    c.lignes_d_entete = 2;
                }
                _ => self.faute(
                    valeur.span().start,
                    &vue.cle("entete"),
                    "c’est le numéro de la ligne qui porte les noms des colonnes, de 1 à 1000, ou deux lignes qui se \
                     suivent : [4, 5].",
                ),
            }
        }
        let colonnes = self.textes(vue, "colonnes");
        c.colonnes = (!colonnes.is_empty()).then_some(colonnes);
        if c.colonnes.is_some() && c.entete.is_some() {
            self.faute(
                vue.debut,
                &vue.cle,
                "« colonnes » est pour un fichier sans en-tête : ôtez « entete ».",
            );
        }
        c
    }

    pub(super) fn horaires(&mut self, vue: &Vue<'_, 't>) -> Option<Horaires> {
        const FORMES: [&str; 4] = ["jours", "semaine", "osm", "liste"];
        self.cles(vue, &FORMES);
        let donnees: Vec<&str> = FORMES.into_iter().filter(|n| vue.get(n).is_some()).collect();
        let [forme] = donnees[..] else {
            self.faute(
                vue.debut,
                &vue.cle,
                "donnez « jours », « semaine », « osm » ou « liste », un seul des quatre.",
            );
            return None;
        };
        Some(match forme {
            "jours" => {
                let v = vue.get("jours").and_then(|v| self.vue(vue.cle("jours"), v))?;
                self.cles(&v, &JOURS);
                let mut jours = Vec::new();
                for (rang, jour) in JOURS.iter().enumerate() {
                    if let Some(valeur) = v.get(jour) {
                        jours.push((rang, self.plages(&v.cle(jour), valeur)));
                    }
                }
                Horaires::Jours(jours)
            }
            "semaine" => {
                let valeur = vue.get("semaine")?;
                Horaires::Semaine(self.regle(&vue.cle("semaine"), valeur, Some(Champ::Horaires), 0)?)
            }
            "osm" => Horaires::Osm(self.texte(vue, "osm")?),
            _ => {
                let v = vue.get("liste").and_then(|v| self.vue(vue.cle("liste"), v))?;
                self.cles(&v, &["chemin", "jour", "debut", "fin", "texte", "lundi"]);
                let liste = ListeHoraires {
                    chemin: self.texte(&v, "chemin").unwrap_or_default(),
                    jour: self.texte(&v, "jour").unwrap_or_default(),
                    debut: self.texte(&v, "debut").unwrap_or_default(),
                    fin: self.texte(&v, "fin").unwrap_or_default(),
                    texte: self.texte(&v, "texte").unwrap_or_default(),
                    lundi: self.entier(&v, "lundi").unwrap_or(1),
                };
                let bornes = !liste.debut.is_empty() && !liste.fin.is_empty();
                if liste.chemin.is_empty() || liste.jour.is_empty() || bornes != liste.texte.is_empty() {
                    self.faute(
                        v.debut,
                        &v.cle,
                        "donnez « chemin », « jour », et « debut » avec « fin » (ou « texte » seul).",
                    );
                }
                Horaires::Liste(liste)
            }
        })
    }

    pub(super) fn plages(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Vec<Plage> {
        let DeValue::Array(suite) = valeur.get_ref() else {
            return self.lit_texte(cle, valeur).into_iter().map(Plage::Texte).collect();
        };
        let mut plages = Vec::new();
        for v in suite.iter() {
            match v.get_ref() {
                DeValue::Array(_) => match self.lit_textes(cle, v).as_slice() {
                    [debut, fin] => plages.push(Plage::Bornes(debut.clone(), fin.clone())),
                    _ => self.genre(cle, v, "deux colonnes : [\"ouverture\", \"fermeture\"]"),
                },
                _ => plages.extend(self.lit_texte(cle, v).map(Plage::Texte)),
            }
        }
        plages
    }

    pub(super) fn position(&mut self, vue: &Vue<'_, 't>) -> Option<Position> {
        self.cles(vue, &["latitude", "longitude", "colonne", "separateur", "ordre", "projection"]);
        let mut p = Position {
            latitude: self.texte(vue, "latitude"),
            longitude: self.texte(vue, "longitude"),
            colonne: self.texte(vue, "colonne"),
            separateur: self.texte(vue, "separateur").filter(|s| !s.is_empty()),
            ..Position::default()
        };
        let deux = p.latitude.is_some() && p.longitude.is_some() && p.colonne.is_none();
        let une = p.latitude.is_none() && p.longitude.is_none() && p.colonne.is_some();
        if !deux && !une {
            self.faute(
                vue.debut,
                &vue.cle,
                "donnez « latitude » et « longitude » (y et x pour une projection), ou « colonne » seule.",
            );
        }
        if let Some(ordre) = self.texte(vue, "ordre") {
            let debut = vue.get("ordre").map_or(vue.debut, |v| v.span().start);
            match ordre.replace([' ', ';', '/'], "").replace("lat,lon", "latlon").as_str() {
                "latlon" | "y,x" | "yx" => {}
                "lon,lat" | "lonlat" | "x,y" | "xy" => p.longitude_dabord = true,
                _ => self.faute(
                    debut,
                    &vue.cle("ordre"),
                    format!("« {} » n’est pas un ordre : écrivez « lat,lon » ou « lon,lat ».", court(&ordre)),
                ),
            }
        }
        if let Some(nom) = self.texte(vue, "projection") {
            p.projection = Projection::de_nom(&nom);
            if p.projection.is_none() {
                let noms: Vec<&str> = Projection::noms().collect();
                self.faute(
                    vue.get("projection").map_or(vue.debut, |v| v.span().start),
                    &vue.cle("projection"),
                    format!(
                        "« {} » n’est pas une projection connue. Les projections sont : {}.",
                        court(&nom),
                        noms.join(", ")
                    ),
                );
            }
        }
        Some(p)
    }
}

/// The lines of the header: a number, or a list of them.
fn lignes_d_entete(valeur: Valeur<'_, '_>) -> Vec<u64> {
    match valeur.get_ref() {
        DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).into_iter().collect(),
        DeValue::Array(suite) => suite
            .iter()
            .filter_map(|v| match v.get_ref() {
                DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).ok(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
