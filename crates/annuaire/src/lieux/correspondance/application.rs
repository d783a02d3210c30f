//! A mapping at work on the records of a file.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kernel::text::fold;

use super::super::horaires;
use super::super::lecture::{Enregistrement, Entete};
use super::super::normalisation::{Brut, Traducteur};
use super::super::rapport::{Constat, Rapport, Regle};
use super::super::standard::{Champ, PIVOT_INCONNU};
use super::lecture::JOURS;
use super::modele::{Choix, Correspondance, OrdrePosition, RegleChamp};

const HORAIRES_RESTE: Regle = Regle::garde(
    "horaires-jours-non-compris",
    "Les heures de certains jours ne sont pas comprises : elles sont montrées telles quelles.",
);
const HORAIRES_DOUTE: Regle = Regle::garde(
    "horaires-jours-douteux",
    "Les heures de certains jours sont lues, mais sans doute mal saisies.",
);
const COLONNE_NON_LUE: Regle =
    Regle::ecarte("colonne-non-lue", "La correspondance ne dit rien de cette colonne : elle n’est pas lue.");

/// A rule of choice, its words folded once.
struct ChoixPret {
    choix: Choix,
    termes: Vec<String>,
    sauf: Vec<String>,
}

/// A mapping, ready to translate.
pub struct Application {
    correspondance: Arc<Correspondance>,
    champs: Vec<(Champ, RegleChamp)>,
    choix: Vec<(Champ, Vec<ChoixPret>)>,
    defauts: Vec<(Champ, String)>,
    traductions: HashMap<String, HashMap<String, String>>,
    signalees: HashSet<String>,
    dernier: Option<Arc<Entete>>,
}

/// Most unread columns that are told one by one.
const COLONNES_SIGNALEES: usize = 500;

impl Application {
    /// Makes a mapping ready.
    pub fn new(correspondance: Arc<Correspondance>) -> Self {
        let c = &correspondance;
        let champs =
            c.champs.iter().filter_map(|(n, r)| Champ::de_nom(n).map(|champ| (champ, r.clone()))).collect();
        let prepare = |choix: &Choix| ChoixPret {
            choix: choix.clone(),
            termes: choix.termes.iter().map(|t| fold(t)).collect(),
            sauf: choix.sauf.iter().map(|t| fold(t)).collect(),
        };
        let choix = c
            .choix
            .iter()
            .filter_map(|(n, r)| Champ::de_nom(n).map(|champ| (champ, r.iter().map(prepare).collect())))
            .collect();
        let defauts =
            c.defauts.iter().filter_map(|(n, v)| Champ::de_nom(n).map(|champ| (champ, v.clone()))).collect();
        let plie =
            |table: &BTreeMap<String, String>| table.iter().map(|(k, v)| (fold(k), v.clone())).collect();
        let traductions = c.traductions.iter().map(|(n, t)| (n.clone(), plie(t))).collect();
        Self { champs, choix, defauts, traductions, signalees: HashSet::new(), dernier: None, correspondance }
    }

    /// Every column that the mapping names, with the key that names it first.
    fn colonnes(&self) -> BTreeMap<&str, String> {
        let mut toutes: BTreeMap<&str, String> = BTreeMap::new();
        let mut note = |colonne, cle: String| {
            toutes.entry(colonne).or_insert(cle);
        };
        for (nom, regle) in &self.correspondance.champs {
            let mut regle = Some(regle);
            while let Some(RegleChamp(r)) = regle {
                let simples = r.colonne.iter().chain(r.joindre.iter().flatten());
                for colonne in simples.chain(r.dissocier.iter().map(|d| &d.colonne)) {
                    note(colonne, format!("champs.{nom}"));
                }
                regle = r.ou.as_deref();
            }
        }
        for (nom, choix) in &self.correspondance.choix {
            for colonne in choix.iter().flat_map(|c| &c.colonnes) {
                note(colonne, format!("choix.{nom}"));
            }
        }
        if let Some(h) = &self.correspondance.horaires {
            let jours = h.jours.values().flat_map(|c| &c.0);
            for colonne in jours.chain(&h.semaine).chain(&h.osm) {
                note(colonne, "horaires".to_owned());
            }
        }
        if let Some(p) = &self.correspondance.position {
            for colonne in p.latitude.iter().chain(&p.longitude).chain(&p.colonne) {
                note(colonne, "position".to_owned());
            }
        }
        for filtre in &self.correspondance.filtres {
            note(&filtre.colonne, "filtres".to_owned());
        }
        toutes
    }

    fn signale_les_non_lues(&mut self, entete: &Entete, ligne: u64, rapport: &mut Rapport<'_>) {
        let lues: BTreeSet<String> = self.colonnes().into_keys().map(str::to_owned).collect();
        for nom in entete.noms() {
            let connue =
                nom.is_empty() || lues.contains(nom) || self.correspondance.colonnes_ignorees.contains(nom);
            if !connue && self.signalees.len() < COLONNES_SIGNALEES && self.signalees.insert(nom.clone()) {
                rapport.note(&Constat {
                    ligne,
                    champ: nom,
                    valeur: "",
                    regle: COLONNE_NON_LUE,
                    apres: None,
                    precision: None,
                });
            }
        }
    }

    fn garde(&self, enregistrement: &Enregistrement) -> bool {
        self.correspondance.filtres.iter().all(|f| {
            let valeur = fold(enregistrement.texte(&f.colonne));
            let est = |v: &String| fold(v) == valeur;
            (f.garder.is_empty() || f.garder.iter().any(est)) && !f.exclure.iter().any(est)
        })
    }

    fn regle(
        &self,
        champ: Champ,
        RegleChamp(r): &RegleChamp,
        e: &Enregistrement,
        rapport: &mut Rapport<'_>,
    ) -> String {
        let (colonne, valeur) = if let Some(colonne) = &r.colonne {
            (colonne.as_str(), e.texte(colonne).to_owned())
        } else if let Some(colonnes) = &r.joindre {
            let valeurs = colonnes.iter().map(|c| e.texte(c).trim()).filter(|v| !v.is_empty());
            let separateur = r.separateur.as_deref().unwrap_or(" ");
            ("", valeurs.collect::<Vec<_>>().join(separateur))
        } else if let Some(d) = &r.dissocier {
            let parties: Vec<&str> = e.texte(&d.colonne).split(d.separateur.as_str()).collect();
            let n = parties.len();
            let rang = if d.partie > 0 {
                usize::try_from(d.partie - 1).ok()
            } else {
                usize::try_from(d.partie.unsigned_abs()).ok().and_then(|p| n.checked_sub(p))
            };
            (d.colonne.as_str(), rang.and_then(|i| parties.get(i)).map_or("", |p| p.trim()).to_owned())
        } else {
            ("", r.constante.clone().unwrap_or_default())
        };
        let valeur = match r.traduction.as_ref().and_then(|t| self.traductions.get(t)) {
            Some(table) if !valeur.trim().is_empty() => {
                traduit(champ, colonne, &valeur, r.separateur.as_deref(), table, rapport)
            }
            _ => valeur,
        };
        match &r.ou {
            Some(ou) if valeur.trim().is_empty() => self.regle(champ, ou, e, rapport),
            _ => valeur,
        }
    }

    fn choisit(
        &self,
        champ: Champ,
        choix: &[ChoixPret],
        e: &Enregistrement,
        rapport: &mut Rapport<'_>,
    ) -> String {
        let mut cibles: Vec<&str> = Vec::new();
        let mut prend = |cible: &'_ Option<String>| {
            if let Some(cible) = cible.as_deref()
                && !cibles.contains(&cible)
            {
                // The rules outlive the record.
                cibles.push(
                    choix.iter().filter_map(|c| c.choix.cible.as_deref()).find(|c| *c == cible).unwrap_or(""),
                );
            }
        };
        for c in choix.iter().filter(|c| c.choix.colonnes.is_empty()) {
            prend(&c.choix.cible);
        }
        let colonnes: BTreeSet<&str> =
            choix.iter().flat_map(|c| &c.choix.colonnes).map(String::as_str).collect();
        for colonne in colonnes {
            let regles: Vec<&ChoixPret> =
                choix.iter().filter(|c| c.choix.colonnes.iter().any(|n| n == colonne)).collect();
            let separateur = regles.iter().find_map(|c| c.choix.separateur.as_deref());
            let valeur = e.texte(colonne);
            let morceaux: Vec<&str> = match separateur {
                Some(s) => valeur.split(s).collect(),
                None => vec![valeur],
            };
            for morceau in morceaux.into_iter().map(str::trim).filter(|m| !m.is_empty()) {
                let plie = format!(" {} ", fold(morceau));
                let contient = |mots: &Vec<String>| mots.iter().any(|m| plie.contains(&format!(" {m} ")));
                let mut connu = false;
                for regle in &regles {
                    if (regle.termes.is_empty() || contient(&regle.termes)) && !contient(&regle.sauf) {
                        connu = true;
                        prend(&regle.choix.cible);
                    }
                }
                if !connu {
                    rapport.terme_inconnu(colonne, champ.nom(), morceau);
                }
            }
        }
        cibles.join("|")
    }

    fn horaires(&self, brut: &mut Brut, e: &Enregistrement, rapport: &mut Rapport<'_>) {
        let Some(h) = &self.correspondance.horaires else { return };
        if let Some(colonne) = h.osm.as_ref().or(h.semaine.as_ref()) {
            // Both are read by the repair of the field: OSM passes, French is translated.
            brut.set(Champ::Horaires, e.texte(colonne));
            return;
        }
        let textes: Vec<(usize, String)> = JOURS
            .iter()
            .enumerate()
            .filter_map(|(rang, jour)| {
                let colonnes = h.jours.get(*jour)?;
                let valeurs = colonnes.0.iter().map(|c| e.texte(c).trim()).filter(|v| !v.is_empty());
                Some((rang, valeurs.collect::<Vec<_>>().join(" / ")))
            })
            .collect();
        let conversion = horaires::jours(textes.iter().map(|(r, t)| (*r, t.as_str())));
        let osm = conversion.osm.unwrap_or_default();
        for (regle, quoi) in [(HORAIRES_RESTE, &conversion.restes), (HORAIRES_DOUTE, &conversion.remarques)] {
            if !quoi.is_empty() {
                let valeur: Vec<&str> = textes.iter().map(|(_, t)| t.as_str()).collect();
                let precision = format!("{}.", quoi.join(", "));
                rapport.note(&Constat {
                    ligne: e.ligne,
                    champ: Champ::Horaires.nom(),
                    valeur: &valeur.join("; "),
                    regle,
                    apres: Some(&osm),
                    precision: Some(&precision),
                });
            }
        }
        brut.set(Champ::Horaires, osm);
    }

    fn position(&self, brut: &mut Brut, e: &Enregistrement) {
        let Some(p) = &self.correspondance.position else { return };
        let (latitude, longitude) = match (&p.latitude, &p.longitude, &p.colonne) {
            (Some(lat), Some(lon), _) => (e.texte(lat), e.texte(lon)),
            (_, _, Some(colonne)) => {
                let valeur = e.texte(colonne);
                // The reader joins the list of two numbers of a GeoJSON point with a bar.
                let separateur =
                    p.separateur.as_deref().unwrap_or(if valeur.contains('|') { "|" } else { "," });
                let (a, b) = valeur.split_once(separateur).unwrap_or((valeur, ""));
                if p.ordre == OrdrePosition::LonLat { (b, a) } else { (a, b) }
            }
            _ => return,
        };
        brut.set(Champ::Latitude, latitude);
        brut.set(Champ::Longitude, longitude);
    }
}

/// Translates a value, or each of its parts; words that the table lacks are counted and left out.
fn traduit(
    champ: Champ,
    colonne: &str,
    valeur: &str,
    separateur: Option<&str>,
    table: &HashMap<String, String>,
    rapport: &mut Rapport<'_>,
) -> String {
    let morceaux: Vec<&str> = match separateur {
        Some(s) if !s.is_empty() => valeur.split(s).collect(),
        _ => vec![valeur],
    };
    let mut sortie: Vec<&str> = Vec::new();
    for morceau in morceaux.into_iter().map(str::trim).filter(|m| !m.is_empty()) {
        match table.get(&fold(morceau)) {
            Some(traduction) if !traduction.is_empty() && !sortie.contains(&traduction.as_str()) => {
                sortie.push(traduction);
            }
            Some(_) => {}
            None => rapport.terme_inconnu(colonne, champ.nom(), morceau),
        }
    }
    sortie.join("|")
}

impl Traducteur for Application {
    fn entete(&mut self, entete: &Entete, rapport: &mut Rapport<'_>) -> Result<(), String> {
        if let Some((colonne, cle)) = self.colonnes().into_iter().find(|(c, _)| !entete.contient(c)) {
            let noms: Vec<String> =
                entete.noms().iter().take(40).map(|n| n.chars().take(40).collect()).collect();
            return Err(format!(
                "La colonne « {colonne} », que nomme {cle} dans la correspondance, n’est pas dans ce fichier. Ses colonnes \
                 sont : {}.",
                noms.join(", ")
            ));
        }
        self.signale_les_non_lues(entete, 1, rapport);
        Ok(())
    }

    fn traduit(&mut self, e: &Enregistrement, rapport: &mut Rapport<'_>) -> Option<Brut> {
        if self.dernier.as_ref().is_none_or(|d| !Arc::ptr_eq(d, &e.entete)) {
            self.signale_les_non_lues(&e.entete, e.ligne, rapport);
            self.dernier = Some(e.entete.clone());
        }
        if !self.garde(e) {
            return None;
        }
        let mut brut = Brut::new(e.ligne);
        if !self.correspondance.champs.contains_key(Champ::Pivot.nom()) {
            brut.set(Champ::Pivot, PIVOT_INCONNU);
        }
        for (champ, regle) in &self.champs {
            brut.set(*champ, self.regle(*champ, regle, e, rapport));
        }
        for (champ, choix) in &self.choix {
            let choisi = self.choisit(*champ, choix, e, rapport);
            let deja = brut.get(*champ);
            let ensemble = if deja.is_empty() || choisi.is_empty() {
                format!("{deja}{choisi}")
            } else {
                format!("{deja}|{choisi}")
            };
            brut.set(*champ, ensemble);
        }
        self.horaires(&mut brut, e, rapport);
        self.position(&mut brut, e);
        for (champ, valeur) in &self.defauts {
            if brut.get(*champ).trim().is_empty() {
                brut.set(*champ, valeur.as_str());
            }
        }
        let id = brut.get(Champ::Id).trim().to_owned();
        if !id.is_empty() {
            brut.set(Champ::Id, format!("{}{id}", self.correspondance.prefixe_id));
        }
        if brut.get(Champ::Source).is_empty() {
            brut.set(Champ::Source, self.correspondance.source.as_str());
        }
        Some(brut)
    }
}
