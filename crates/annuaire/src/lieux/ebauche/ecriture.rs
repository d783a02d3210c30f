//! The draft as a text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kernel::text::fold;

use super::super::horaires::verifie_osm;
use super::super::lecture::Consignes;
use super::super::standard::{Champ, valeurs};
use super::brouillon::{Brouillon, JOURS};
use super::colonnes::{Colonne, DISTINCTES_MAX};

impl Brouillon<'_> {
    pub(super) fn ecrit(&self, nom: &str, consignes: &Consignes) -> String {
        let mut t = String::new();
        // Writing to a String does not fail.
        let _ = self.ecrit_dans(&mut t, nom, consignes);
        t
    }

    fn ecrit_dans(&self, t: &mut String, nom: &str, consignes: &Consignes) -> std::fmt::Result {
        writeln!(t, "# Ébauche d’après les noms et les valeurs des colonnes : relisez chaque ligne, puis voyez l’effet avec")
            .and_then(|()| writeln!(t, "#   maillage lieux mapping preview cette-correspondance.toml le-fichier\n"))?;
        let source = if fold(nom).is_empty() { "Nom de la source" } else { nom };
        writeln!(t, "source = {}", guillemets(source))?;
        let cle = fold(source).replace(' ', "-");
        writeln!(t, "prefixe_id = {}\n", guillemets(&format!("{cle}-")))?;
        match (consignes.entete, &consignes.colonnes) {
            (Some(ligne), _) if consignes.lignes_d_entete == 2 => {
                writeln!(t, "# Les noms des colonnes tiennent sur deux lignes.")?;
                writeln!(t, "[fichier]\nentete = [{ligne}, {}]\n", ligne + 1)?;
            }
            (Some(ligne), _) => writeln!(t, "[fichier]\nentete = {ligne}\n")?,
            (None, Some(noms)) => {
                let noms: Vec<String> = noms.iter().map(|n| guillemets(n)).collect();
                writeln!(
                    t,
                    "# La première ligne est déjà un lieu : donnez ici un nom à chaque colonne, et reprenez-le plus bas."
                )?;
                writeln!(t, "[fichier]\ncolonnes = [{}]\n", noms.join(", "))?;
            }
            _ => {}
        }
        if let Some(liste) = self.liste_interieure() {
            writeln!(
                t,
                "# Les lieux semblent être dans la liste « {liste} » de chaque élément : écrivez [fichier], puis"
            )?;
            writeln!(
                t,
                "# liste = \"chemin.de.la.premiere.liste.*.{liste}\", et ôtez « {liste}.*. » plus bas.\n"
            )?;
        }
        writeln!(t, "[champs]")?;
        let identifiants = |c: Champ| self.champs.get(&c).map(|c| guillemets(&c.nom));
        match identifiants(Champ::Id) {
            Some(id) => writeln!(t, "id = {id}")?,
            None => {
                let de: Vec<String> = [Champ::Nom, Champ::Adresse, Champ::Commune]
                    .into_iter()
                    .filter_map(identifiants)
                    .collect();
                writeln!(
                    t,
                    "# Pas de colonne d’identifiant : un nom court et stable est tiré de ces colonnes."
                )?;
                writeln!(t, "id = {{ empreinte = [{}] }}", de.join(", "))?;
            }
        }
        if identifiants(Champ::Nom).is_none() {
            writeln!(t, "nom = \"À COMPLÉTER\"")?;
        }
        for (champ, colonne) in &self.champs {
            match champ {
                Champ::Id | Champ::Latitude | Champ::Longitude | Champ::Horaires => {}
                c if !valeurs(*c).is_empty() => {}
                Champ::Adresse | Champ::Commune
                    if self.adresse_entiere().is_some_and(|c| std::ptr::eq(c, *colonne)) => {}
                c => {
                    let exemple = colonne.exemples(1).first().map_or("", |v| *v).replace(['\n', '\r'], " ");
                    writeln!(t, "{} = {}  # {exemple}", c.nom(), guillemets(&colonne.nom))?;
                }
            }
        }
        if let Some(colonne) = self.adresse_entiere() {
            let nom = guillemets(&colonne.nom);
            writeln!(
                t,
                "# Plusieurs champs dans une cellule : {}",
                colonne.exemples(1).first().map_or("", |v| *v).replace(['\n', '\r'], " ")
            )?;
            if self.champs.get(&Champ::Commune).is_none_or(|c| std::ptr::eq(*c, colonne)) {
                writeln!(t, "commune = {{ colonne = {nom}, extraire = '\\d{{5}}[ ,-]+(.*)$' }}")?;
            }
            writeln!(t, "code_postal = {{ colonne = {nom}, extraire = '\\d{{5}}' }}")?;
            if self.champs.get(&Champ::Adresse).is_none_or(|c| std::ptr::eq(*c, colonne)) {
                writeln!(t, "adresse = {{ colonne = {nom}, extraire = '^(.*?)[ ,-]*\\d{{5}}' }}")?;
            }
        }
        if !self.champs.contains_key(&Champ::DateMaj) {
            writeln!(
                t,
                "# Le jour où la source a été mise à jour :\n# date_maj = {{ constante = \"2024-01-01\" }}"
            )?;
        }
        self.listes(t)?;
        if let (Some(lat), Some(lon)) = (identifiants(Champ::Latitude), identifiants(Champ::Longitude)) {
            writeln!(t, "\n[position]\nlatitude = {lat}\nlongitude = {lon}")?;
        } else if let Some((colonne, envers)) = self.couple {
            writeln!(t, "\n[position]\ncolonne = {}", guillemets(&colonne.nom))?;
            writeln!(t, "ordre = \"{}\"", if envers { "lon,lat" } else { "lat,lon" })?;
        }
        if !self.jours.is_empty() {
            writeln!(t, "\n[horaires.jours]")?;
            for (rang, colonnes) in &self.jours {
                let noms: Vec<String> = colonnes.iter().map(|c| guillemets(&c.nom)).collect();
                match &noms[..] {
                    [une] => writeln!(t, "{} = {une}", JOURS[*rang])?,
                    noms => writeln!(t, "{} = [{}]", JOURS[*rang], noms.join(", "))?,
                }
            }
        } else if let Some(c) = self.champs.get(&Champ::Horaires) {
            let forme = if c.part(|v| verifie_osm(v).is_ok()) >= 50 { "osm" } else { "semaine" };
            writeln!(t, "\n[horaires]\n{forme} = {}", guillemets(&c.nom))?;
        }
        let autres: Vec<&Colonne> = self
            .colonnes
            .iter()
            .filter(|c| !self.prise(c) && !self.adresse_entiere().is_some_and(|a| std::ptr::eq(a, *c)))
            .collect();
        if !autres.is_empty() {
            writeln!(
                t,
                "\n# Colonnes qui ne sont pas lues. Employez-les, ou citez-les en haut du fichier dans"
            )?;
            writeln!(t, "# colonnes_ignorees = [\"…\"] pour dire que c’est voulu :")?;
            for c in autres {
                let exemples: Vec<String> = c
                    .exemples(4)
                    .iter()
                    .map(|v| v.replace(['\n', '\r'], " ").chars().take(40).collect())
                    .collect();
                writeln!(t, "#   {} : {}", guillemets(&c.nom), exemples.join(" · "))?;
            }
        }
        Ok(())
    }

    /// Fields of closed lists: a table of every value seen, to be filled.
    fn listes(&self, t: &mut String) -> std::fmt::Result {
        for (champ, colonne) in self.champs.iter().filter(|(c, _)| !valeurs(**c).is_empty()) {
            let permises = valeurs(*champ);
            let separateur =
                [" / ", "|", ";", ","].into_iter().find(|s| colonne.part(|v| v.contains(s)) > 20);
            let mut mots: BTreeMap<String, u64> = BTreeMap::new();
            for (valeur, n) in &colonne.distinctes {
                let bouts: Vec<&str> = match separateur {
                    Some(s) => valeur.split(s).collect(),
                    None => vec![valeur],
                };
                for b in bouts.into_iter().map(str::trim).filter(|b| !b.is_empty()) {
                    *mots.entry(b.to_owned()).or_default() += n;
                }
            }
            let separer = separateur.map_or(String::new(), |s| format!(", separer = {}", guillemets(s)));
            writeln!(
                t,
                "\n# Écrivez en face de chaque mot la valeur du standard ; \"\" pour dire qu’il n’en a pas."
            )?;
            if permises.len() <= 15 {
                writeln!(t, "# Valeurs de {} : {}.", champ.nom(), permises.join(", "))?;
            }
            writeln!(t, "[champs.{}]", champ.nom())?;
            writeln!(t, "colonne = {}", guillemets(&colonne.nom))?;
            if !separer.is_empty() {
                writeln!(t, "{}", separer.trim_start_matches(", "))?;
            }
            writeln!(t, "[champs.{}.traduction]", champ.nom())?;
            let mut tries: Vec<(&String, &u64)> = mots.iter().collect();
            tries.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let mut plies = std::collections::HashSet::new();
            for (mot, n) in tries.into_iter().take(DISTINCTES_MAX) {
                let plie = fold(mot);
                if !plies.insert(plie.clone()) {
                    continue;
                }
                let proposee = permises.iter().find(|p| fold(p) == plie).map_or("", String::as_str);
                writeln!(t, "{} = {}  # {n} fois", guillemets(mot), guillemets(proposee))?;
            }
        }
        Ok(())
    }
}

/// A TOML text between quotes.
fn guillemets(texte: &str) -> String {
    let net: String = texte
        .chars()
        .flat_map(|c| match c {
            '\\' => vec!['\\', '\\'],
            '"' => vec!['\\', '"'],
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect();
    format!("\"{net}\"")
}
