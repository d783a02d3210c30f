//! A mapping at work on the records of a file.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use kernel::text::fold;

use super::super::lecture::{Consignes, Enregistrement, Entete};
use super::super::normalisation::{Brut, Traducteur};
use super::super::rapport::{Constat, Rapport, Regle as RegleRapport};
use super::super::standard::{Champ, PIVOT_INCONNU};
use super::colonnes::{Colonnes, motif};
use super::heures;
use super::lecture::proche;
use super::modele::{Bout, Choix, Condition, Correspondance, Horaires, Origine, Position, Regle};
use super::retouches::{Pour, applique, separe};

const COLONNE_NON_LUE: RegleRapport = RegleRapport::ecarte(
    "colonne-non-lue",
    "La correspondance ne dit rien de cette colonne : elle n’est pas lue.",
);
const COLONNE_JAMAIS_VUE: RegleRapport = RegleRapport::garde(
    "colonne-jamais-vue",
    "La correspondance nomme cette colonne, et aucun enregistrement ne l’a.",
);
const FILTRE: RegleRapport =
    RegleRapport::filtre("filtre", "Un filtre de la correspondance laisse cet enregistrement de côté.");

/// Most unread columns that are told one by one.
const COLONNES_SIGNALEES: usize = 500;
/// Most columns of a message.
const COLONNES_MONTREES: usize = 40;

/// Folded words that say no in a box to tick.
const NON: [&str; 10] = ["non", "no", "n", "faux", "false", "0", "aucun", "aucune", "neant", "nul"];

/// A mapping, ready to translate.
pub struct Application {
    correspondance: Arc<Correspondance>,
    noms: Vec<String>,
    colonnes: Colonnes,
    signalees: HashSet<String>,
    vues: HashSet<String>,
}

impl Application {
    /// Makes a mapping ready.
    pub fn new(correspondance: Arc<Correspondance>) -> Self {
        let noms = correspondance.colonnes().into_keys().map(str::to_owned).collect();
        Self {
            correspondance,
            noms,
            colonnes: Colonnes::default(),
            signalees: HashSet::new(),
            vues: HashSet::new(),
        }
    }

    /// The columns that feed a field, with their values in a record: what a preview shows before.
    pub(in crate::lieux) fn avant(&mut self, champ: Champ, e: &Enregistrement) -> Vec<(String, String)> {
        self.colonnes.suit(&e.entete, self.noms.iter().map(String::as_str));
        let c = &self.correspondance;
        let mut noms: Vec<&str> = Vec::new();
        let mut note = |nom| {
            if !noms.contains(&nom) {
                noms.push(nom);
            }
        };
        c.champs.iter().filter(|(f, _)| *f == champ).for_each(|(_, r)| r.colonnes(&mut note));
        for choix in c.choix.iter().filter(|(f, _)| *f == champ).flat_map(|(_, choix)| choix) {
            choix.colonnes.iter().for_each(|n| note(n));
        }
        match (champ, &c.position, &c.horaires) {
            (Champ::Latitude, Some(p), _) => p.latitude.iter().chain(&p.colonne).for_each(|n| note(n)),
            (Champ::Longitude, Some(p), _) => p.longitude.iter().chain(&p.colonne).for_each(|n| note(n)),
            (Champ::Horaires, _, Some(h)) => heures::colonnes(h).into_iter().for_each(&mut note),
            _ => {}
        }
        noms.into_iter().map(|n| (n.to_owned(), self.colonnes.texte(e, n).trim().to_owned())).collect()
    }

    /// Looks at a header that is new: what is read, what is not.
    fn suit(&mut self, entete: &Arc<Entete>, ligne: u64, rapport: &mut Rapport<'_>) {
        if !self.colonnes.suit(entete, self.noms.iter().map(String::as_str)) {
            return;
        }
        for nom in &self.noms {
            if self.colonnes.connait(nom) && !self.vues.contains(nom) {
                self.vues.insert(nom.clone());
            }
        }
        for (rang, nom) in entete.noms().iter().enumerate() {
            let connue = nom.is_empty() || self.colonnes.lue(rang) || self.ignoree(nom);
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

    /// Whether the mapping says not to read that column; `c_b_*` names all those that begin so.
    fn ignoree(&self, nom: &str) -> bool {
        let liste = heures::chemin(&self.correspondance);
        liste.is_some_and(|l| nom.strip_prefix(l).is_some_and(|s| s.starts_with('.')))
            || self.correspondance.colonnes_ignorees.iter().any(|i| match i.strip_suffix('*') {
                Some(debut) => nom.starts_with(debut),
                None => i == nom || nom.strip_prefix(i.as_str()).is_some_and(|s| s.starts_with('.')),
            })
    }

    fn vraies(&self, conditions: &[Condition], e: &Enregistrement) -> bool {
        conditions.iter().all(|c| self.vraie(c, e))
    }

    fn vraie(&self, condition: &Condition, e: &Enregistrement) -> bool {
        match condition {
            Condition::Vaut(colonne, valeurs) => {
                let valeur = self.colonnes.texte(e, colonne);
                valeurs.contains(&fold(&valeur)) || valeur.split('|').any(|v| valeurs.contains(&fold(v)))
            }
            Condition::Contient(colonne, mots) => contient(&entoure(&self.colonnes.texte(e, colonne)), mots),
            Condition::Motif(colonne, motif) => motif.is_match(&self.colonnes.texte(e, colonne)),
            Condition::Rempli(colonne, rempli) => {
                self.colonnes.texte(e, colonne).trim().is_empty() != *rempli
            }
            Condition::Une(suite) => suite.iter().any(|c| self.vraie(c, e)),
            Condition::Aucune(suite) => !suite.iter().any(|c| self.vraie(c, e)),
        }
    }

    /// Why the record is left aside, if it is.
    fn ecarte(&self, e: &Enregistrement) -> Option<&str> {
        self.correspondance
            .filtres
            .iter()
            .find(|f| {
                (!f.exclure_si.is_empty() && self.vraies(&f.exclure_si, e))
                    || (!f.garder_si.is_empty() && !self.vraies(&f.garder_si, e))
            })
            .map(|f| f.raison.as_str())
    }

    fn regle(&self, champ: Champ, regle: &Regle, e: &Enregistrement, rapport: &mut Rapport<'_>) -> String {
        let valeur = if self.vraies(&regle.si, e) {
            let (colonne, valeur) = self.origine(&regle.origine, e);
            applique(valeur, &regle.retouches, &Pour { champ, colonne }, rapport)
        } else {
            String::new()
        };
        match &regle.ou {
            Some(ou) if valeur.trim().is_empty() => self.regle(champ, ou, e, rapport),
            _ => valeur,
        }
    }

    /// The value, and the column that it comes from when it is one.
    fn origine<'r>(&self, origine: &'r Origine, e: &Enregistrement) -> (&'r str, String) {
        let texte = |nom: &str| self.colonnes.texte(e, nom).trim().to_owned();
        match origine {
            Origine::Colonnes(noms) => {
                let premiere = noms.iter().map(|n| (n.as_str(), self.colonnes.texte(e, n)));
                let remplie = premiere.into_iter().find(|(_, v)| !v.trim().is_empty());
                remplie.map_or(("", String::new()), |(n, v)| (n, v.into_owned()))
            }
            Origine::Joindre(noms, separateur) => {
                let valeurs: Vec<String> = noms.iter().map(|n| texte(n)).filter(|v| !v.is_empty()).collect();
                ("", valeurs.join(separateur))
            }
            Origine::Modele(bouts) => ("", self.modele(bouts, e)),
            Origine::Dissocier { colonne, separateur, partie } => {
                let valeur = self.colonnes.texte(e, colonne);
                let parties: Vec<&str> = valeur.split(separateur.as_str()).collect();
                let rang = if *partie > 0 {
                    usize::try_from(partie - 1).ok()
                } else {
                    usize::try_from(partie.unsigned_abs()).ok().and_then(|p| parties.len().checked_sub(p))
                };
                let valeur = rang.and_then(|r| parties.get(r)).map_or("", |p| p.trim()).to_owned();
                (colonne, valeur)
            }
            Origine::Empreinte(noms) => {
                let valeurs: Vec<String> = noms.iter().map(|n| fold(&texte(n))).collect();
                if valeurs.iter().all(String::is_empty) {
                    return ("", String::new());
                }
                let empreinte = kernel::text::sha256_hex(&valeurs.join("\u{1f}"));
                ("", empreinte[..16].to_owned())
            }
            Origine::Constante(valeur) => ("", valeur.clone()),
        }
    }

    /// Columns in a text. Where some are empty, the commas and dashes that they leave at the ends go.
    fn modele(&self, bouts: &[Bout], e: &Enregistrement) -> String {
        let (mut sortie, mut pleines, mut vides) = (String::new(), 0, 0);
        for bout in bouts {
            match bout {
                Bout::Texte(texte) => sortie.push_str(texte),
                Bout::Colonne(nom) => {
                    let valeur = self.colonnes.texte(e, nom);
                    let valeur = valeur.trim();
                    if valeur.is_empty() {
                        vides += 1;
                    } else {
                        pleines += 1;
                    }
                    sortie.push_str(valeur);
                }
            }
        }
        if pleines == 0 {
            return String::new();
        }
        if vides > 0 {
            let mots: Vec<&str> = sortie.split(' ').filter(|m| !m.is_empty()).collect();
            sortie = mots.join(" ").replace(" ,", ",").replace(",,", ",");
            sortie = sortie.trim_matches([' ', ',', ';', '-', '–', '/']).to_owned();
        }
        sortie
    }

    fn choisit(
        &self,
        champ: Champ,
        choix: &[Choix],
        e: &Enregistrement,
        rapport: &mut Rapport<'_>,
    ) -> String {
        let mut prises: Vec<&str> = Vec::new();
        let regles: Vec<&Choix> = choix.iter().filter(|c| self.vraies(&c.si, e)).collect();
        for c in regles.iter().filter(|c| c.colonnes.is_empty()) {
            prend(&mut prises, c);
        }
        let colonnes: BTreeSet<&str> = regles.iter().flat_map(|c| &c.colonnes).map(String::as_str).collect();
        for colonne in colonnes {
            let regles: Vec<&Choix> =
                regles.iter().copied().filter(|c| c.colonnes.iter().any(|n| n == colonne)).collect();
            let separateurs: &[String] =
                regles.iter().find(|c| !c.separer.is_empty()).map_or(&[], |c| c.separer.as_slice());
            let valeur = self.colonnes.texte(e, colonne);
            let valeur = separe(&valeur, separateurs);
            for morceau in valeur.split('|').map(str::trim).filter(|m| !m.is_empty()) {
                let plie = entoure(morceau);
                let non = plie.trim().is_empty() || NON.contains(&plie.trim());
                let mut connu = non;
                for c in &regles {
                    let dit = if c.termes.is_empty() { !non } else { contient(&plie, &c.termes) };
                    if dit && !contient(&plie, &c.sauf) {
                        connu = true;
                        prend(&mut prises, c);
                    }
                }
                if !connu {
                    rapport.terme_inconnu(colonne, champ.nom(), morceau);
                }
            }
        }
        prises.join("|")
    }

    fn position(&self, brut: &mut Brut, p: &Position, e: &Enregistrement) {
        let (latitude, longitude) = match (&p.latitude, &p.longitude, &p.colonne) {
            (Some(lat), Some(lon), _) => {
                (self.colonnes.texte(e, lat).into_owned(), self.colonnes.texte(e, lon).into_owned())
            }
            (_, _, Some(colonne)) => {
                let valeur = self.colonnes.texte(e, colonne);
                let (a, b, wkt) = couple(&valeur, p.separateur.as_deref());
                if p.longitude_dabord || wkt { (b, a) } else { (a, b) }
            }
            _ => return,
        };
        if let Some(projection) = p.projection {
            let nombre = |t: &str| {
                t.trim().replace(['\u{a0}', '\u{202f}', ' '], "").replace(',', ".").parse::<f64>().ok()
            };
            // 0, 0 is no point, whatever the projection: said as such further on.
            if let (Some(y), Some(x)) = (nombre(&latitude), nombre(&longitude))
                && (x, y) != (0.0, 0.0)
                && let Some(point) = projection.point(x, y)
            {
                brut.set(Champ::Latitude, point.latitude.to_string());
                brut.set(Champ::Longitude, point.longitude.to_string());
                return;
            }
        }
        brut.set(Champ::Latitude, latitude.trim());
        brut.set(Champ::Longitude, longitude.trim());
    }
}

fn prend<'c>(prises: &mut Vec<&'c str>, choix: &'c Choix) {
    for cible in &choix.cible {
        if !prises.contains(&cible.as_str()) {
            prises.push(cible);
        }
    }
}

/// A folded text between blanks: words are then looked for whole.
fn entoure(texte: &str) -> String {
    format!(" {} ", fold(texte))
}

fn contient(entoure: &str, mots: &[String]) -> bool {
    mots.iter().any(|m| entoure.contains(&format!(" {m} ")))
}

/// Two numbers of a cell, in their order; true when the cell is a WKT point, whose first number is
/// the longitude.
fn couple(valeur: &str, separateur: Option<&str>) -> (String, String, bool) {
    let net = valeur.trim();
    let wkt = net.get(..5).is_some_and(|d| d.eq_ignore_ascii_case("point"));
    let net = if wkt { &net[5..] } else { net };
    let net = net.trim_matches(|c: char| c.is_whitespace() || "()[]{}".contains(c));
    let separateur = match separateur {
        Some(s) => s,
        None => ["|", ";", "/", ", ", ",", " "]
            .into_iter()
            .find(|s| net.contains(s) && (*s != "," || net.matches(',').count() == 1))
            .unwrap_or(" "),
    };
    let (a, b) = net.split_once(separateur).unwrap_or((net, ""));
    // A third number is an altitude.
    let b = b.trim().split([' ', '|', ';']).next().unwrap_or("");
    (a.trim().to_owned(), b.to_owned(), wkt)
}

impl Traducteur for Application {
    fn entete(&mut self, entete: &Entete, _: &mut Rapport<'_>) -> Result<(), String> {
        // The same header comes again, shared, with the first record.
        let mut colonnes = Colonnes::default();
        let partage = Arc::new(Entete::new(entete.noms().to_vec()));
        colonnes.suit(&partage, self.noms.iter().map(String::as_str));
        let facultatives = &self.correspondance.colonnes_facultatives;
        let cles: BTreeMap<&str, String> = self.correspondance.colonnes();
        let noms: Vec<&str> = entete.noms().iter().map(String::as_str).collect();
        let absentes: Vec<String> = cles
            .iter()
            .filter(|(c, _)| !colonnes.connait(c) && !motif(c) && !facultatives.iter().any(|f| f == *c))
            .map(|(colonne, cle)| {
                let suite = proche(colonne, &noms)
                    .map_or(String::new(), |p| format!(" (la plus proche est « {p} »)"));
                format!("« {colonne} », que nomme {cle}{suite}")
            })
            .collect();
        if absentes.is_empty() {
            return Ok(());
        }
        let quoi = if absentes.len() == 1 { "Cette colonne n’est pas" } else { "Ces colonnes ne sont pas" };
        let montrees: Vec<String> =
            noms.iter().take(COLONNES_MONTREES).map(|n| n.chars().take(40).collect()).collect();
        // Not one name is there: what was read as the names is probably a title, or a first lieu.
        let ailleurs = if absentes.len() == cles.len() {
            " Si les noms des colonnes sont sur une autre ligne, donnez son numéro : [fichier] puis entete = 2."
        } else {
            ""
        };
        Err(format!(
            "{quoi} dans ce fichier : {}. Ses colonnes sont : {}. Corrigez le nom, ou citez la colonne dans \
             « colonnes_facultatives ».{ailleurs}",
            absentes.iter().take(COLONNES_MONTREES).cloned().collect::<Vec<_>>().join(" ; "),
            montrees.join(", ")
        ))
    }

    fn traduit(&mut self, e: &Enregistrement, rapport: &mut Rapport<'_>) -> Option<Brut> {
        self.suit(&e.entete, e.ligne, rapport);
        if let Some(raison) = self.ecarte(e) {
            let nom = self.correspondance.champs.iter().find(|(c, _)| *c == Champ::Nom);
            let nom = nom
                .map(|(c, r)| self.regle(*c, r, e, &mut Rapport::new(&mut super::super::rapport::SansTrace)));
            let precision = (!raison.is_empty()).then(|| format!("Raison : {raison}."));
            rapport.note(&Constat {
                ligne: e.ligne,
                champ: "",
                valeur: nom.as_deref().unwrap_or_default(),
                regle: FILTRE,
                apres: None,
                precision: precision.as_deref(),
            });
            return None;
        }
        let c = self.correspondance.clone();
        let mut brut = Brut::new(e.ligne);
        for (champ, regle) in &c.champs {
            brut.set(*champ, self.regle(*champ, regle, e, rapport));
        }
        // A source that has no SIRET is not asked for one.
        if brut.get(Champ::Pivot).trim().is_empty() {
            brut.set(Champ::Pivot, PIVOT_INCONNU);
        }
        for (champ, choix) in &c.choix {
            let choisi = self.choisit(*champ, choix, e, rapport);
            let deja = brut.get(*champ);
            let ensemble = if deja.is_empty() || choisi.is_empty() {
                format!("{deja}{choisi}")
            } else {
                let nouveaux: Vec<&str> =
                    choisi.split('|').filter(|v| !deja.split('|').any(|d| d == *v)).collect();
                std::iter::once(deja).chain(nouveaux).collect::<Vec<_>>().join("|")
            };
            brut.set(*champ, ensemble);
        }
        if let Some(Horaires::Semaine(regle)) = &c.horaires {
            brut.set(Champ::Horaires, self.regle(Champ::Horaires, regle, e, rapport).trim());
        } else if let Some(h) = &c.horaires {
            heures::applique(h, &self.colonnes, &mut brut, e, rapport);
        }
        if let Some(p) = &c.position {
            self.position(&mut brut, p, e);
        }
        for (champ, valeur) in &c.defauts {
            if brut.get(*champ).trim().is_empty() {
                brut.set(*champ, valeur.as_str());
            }
        }
        let id = brut.get(Champ::Id).trim().to_owned();
        if !id.is_empty() {
            brut.set(Champ::Id, format!("{}{id}", c.prefixe_id));
        }
        if brut.get(Champ::Source).is_empty() {
            brut.set(Champ::Source, c.source.as_str());
        }
        Some(brut)
    }

    fn consignes(&self) -> Consignes {
        self.correspondance.fichier.clone()
    }

    fn fin(&mut self, rapport: &mut Rapport<'_>) {
        let facultatives = &self.correspondance.colonnes_facultatives;
        for (nom, cle) in self.correspondance.colonnes() {
            if self.vues.contains(nom) || facultatives.iter().any(|f| f == nom) {
                continue;
            }
            let precision = format!("Elle est nommée par {cle}.");
            rapport.note(&Constat {
                ligne: 0,
                champ: nom,
                valeur: "",
                regle: COLONNE_JAMAIS_VUE,
                apres: None,
                precision: Some(&precision),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_of_a_cell() {
        for (valeur, separateur, a, b, wkt) in [
            ("48.85, 2.35", None, "48.85", "2.35", false),
            ("48.85,2.35", None, "48.85", "2.35", false),
            ("48,85;2,35", None, "48,85", "2,35", false),
            ("48,85 2,35", None, "48,85", "2,35", false),
            ("[2.35, 48.85]", None, "2.35", "48.85", false),
            ("2.35|48.85|120", None, "2.35", "48.85", false),
            ("POINT(2.35 48.85)", None, "2.35", "48.85", true),
            ("48.85_2.35", Some("_"), "48.85", "2.35", false),
            ("", None, "", "", false),
            ("é", None, "é", "", false),
        ] {
            assert_eq!(couple(valeur, separateur), (a.to_owned(), b.to_owned(), wkt), "{valeur}");
        }
    }
}
