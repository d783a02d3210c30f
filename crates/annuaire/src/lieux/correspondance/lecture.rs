//! Reading a mapping. Every mistake is told at once, in French, with its line, its column, its key and,
//! for a word that does not exist, the nearest one that does.

mod conditions;
mod fichier;
mod regles;

use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::standard::{Champ, TYPOLOGIES, verdict};
use super::modele::{Choix, Correspondance, Table};

/// Days, as the keys of `[horaires.jours]`.
pub(super) const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// Largest mapping, in bytes.
const TAILLE_MAX: usize = 256 * 1024;
/// Most mistakes told at once.
const FAUTES_MAX: usize = 20;
/// Deepest `ou` in `ou`, condition in condition.
const PROFONDEUR_MAX: u8 = 8;
/// Largest compiled pattern, in bytes.
const MOTIF_MAX: usize = 1 << 19;

const CLES: &[&str] = &[
    "source",
    "description",
    "prefixe_id",
    "fichier",
    "champs",
    "choix",
    "traductions",
    "horaires",
    "position",
    "filtres",
    "defauts",
    "colonnes_ignorees",
    "colonnes_facultatives",
];

type Valeur<'a, 't> = &'a Spanned<DeValue<'t>>;

impl Correspondance {
    /// Reads a mapping.
    ///
    /// # Errors
    /// One French sentence a mistake, one a line, with the line and the column.
    pub fn lit(texte: &str) -> Result<Self, String> {
        if texte.len() > TAILLE_MAX {
            return Err("Cette correspondance dépasse 256 Kio.".to_owned());
        }
        let mut lecteur = Lecteur { texte, fautes: Vec::new(), traductions: Vec::new() };
        let lue = match DeTable::parse(texte) {
            Ok(table) => lecteur.correspondance(table.get_ref()),
            Err(e) => {
                let phrase = en_francais(e.message());
                lecteur.faute(e.span().map_or(0, |s| s.start), "", phrase);
                Self::default()
            }
        };
        lecteur.conclut(lue)
    }
}

struct Lecteur<'t> {
    texte: &'t str,
    /// Byte, key, sentence.
    fautes: Vec<(usize, String, String)>,
    traductions: Vec<(String, Table)>,
}

/// A table under a key.
struct Vue<'a, 't> {
    cle: String,
    debut: usize,
    table: &'a DeTable<'t>,
}

impl<'a, 't> Vue<'a, 't> {
    fn get(&self, nom: &str) -> Option<Valeur<'a, 't>> {
        self.table.iter().find(|(k, _)| k.get_ref() == nom).map(|(_, v)| v)
    }

    fn cle(&self, nom: &str) -> String {
        sous(&self.cle, nom)
    }
}

fn sous(cle: &str, nom: &str) -> String {
    if cle.is_empty() { nom.to_owned() } else { format!("{cle}.{nom}") }
}

impl<'t> Lecteur<'t> {
    fn faute(&mut self, ou: usize, cle: &str, phrase: impl Into<String>) {
        self.fautes.push((ou, cle.to_owned(), phrase.into()));
    }

    fn conclut(mut self, lue: Correspondance) -> Result<Correspondance, String> {
        if self.fautes.is_empty() {
            return Ok(lue);
        }
        self.fautes.sort_by_key(|f| f.0);
        let total = self.fautes.len();
        let mut phrases: Vec<String> = Vec::new();
        for (ou, cle, phrase) in self.fautes.iter().take(FAUTES_MAX) {
            let mut ou = (*ou).min(self.texte.len());
            while !self.texte.is_char_boundary(ou) {
                ou -= 1;
            }
            let avant = &self.texte[..ou];
            let ligne = avant.matches('\n').count() + 1;
            let colonne = avant[avant.rfind('\n').map_or(0, |i| i + 1)..].chars().count() + 1;
            let cle = if cle.is_empty() { String::new() } else { format!(", {cle}") };
            phrases.push(format!("Correspondance, ligne {ligne}, colonne {colonne}{cle} : {phrase}"));
        }
        if total > FAUTES_MAX {
            phrases.push(format!("… et {} autres fautes.", total - FAUTES_MAX));
        }
        Err(phrases.join("\n"))
    }

    fn vue<'a>(&mut self, cle: String, valeur: Valeur<'a, 't>) -> Option<Vue<'a, 't>> {
        match valeur.get_ref() {
            DeValue::Table(table) => Some(Vue { cle, debut: valeur.span().start, table }),
            _ => {
                self.genre(&cle, valeur, "une table : { … }");
                None
            }
        }
    }

    fn genre(&mut self, cle: &str, valeur: Valeur<'_, 't>, attendu: &str) {
        self.faute(valeur.span().start, cle, format!("il faut ici {attendu}."));
    }

    /// Tells every key that does not exist.
    fn cles(&mut self, vue: &Vue<'_, 't>, possibles: &[&str]) {
        for (cle, _) in vue.table.iter() {
            let nom: &str = cle.get_ref();
            if !possibles.contains(&nom) {
                let suite = match proche(nom, possibles) {
                    Some(p) => format!(" Vouliez-vous écrire « {p} » ?"),
                    None => format!(" Clés possibles : {}.", possibles.join(", ")),
                };
                self.faute(
                    cle.span().start,
                    &vue.cle,
                    format!("la clé « {} » n’existe pas.{suite}", court(nom)),
                );
            }
        }
    }

    fn lit_texte(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Option<String> {
        match valeur.get_ref() {
            DeValue::String(t) => Some(t.to_string()),
            _ => {
                self.genre(cle, valeur, "un texte entre guillemets");
                None
            }
        }
    }

    fn texte(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Option<String> {
        let valeur = vue.get(nom)?;
        self.lit_texte(&vue.cle(nom), valeur)
    }

    /// A text, or a list of texts.
    fn lit_textes(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Vec<String> {
        match valeur.get_ref() {
            DeValue::String(t) => vec![t.to_string()],
            DeValue::Array(suite) => suite.iter().filter_map(|v| self.lit_texte(cle, v)).collect(),
            _ => {
                self.genre(cle, valeur, "un texte entre guillemets, ou une liste de textes entre crochets");
                Vec::new()
            }
        }
    }

    fn textes(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Vec<String> {
        match vue.get(nom) {
            Some(valeur) => {
                let lus = self.lit_textes(&vue.cle(nom), valeur);
                if lus.is_empty() && matches!(valeur.get_ref(), DeValue::Array(a) if a.is_empty()) {
                    self.faute(valeur.span().start, &vue.cle(nom), "cette liste est vide.");
                }
                lus
            }
            None => Vec::new(),
        }
    }

    fn entier(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Option<i64> {
        let valeur = vue.get(nom)?;
        let lu = match valeur.get_ref() {
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok(),
            _ => None,
        };
        if lu.is_none() {
            self.genre(&vue.cle(nom), valeur, "un nombre entier");
        }
        lu
    }

    fn booleen(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Option<bool> {
        let valeur = vue.get(nom)?;
        match valeur.get_ref() {
            DeValue::Boolean(b) => Some(*b),
            _ => {
                self.genre(&vue.cle(nom), valeur, "true ou false, sans guillemets");
                None
            }
        }
    }

    fn motif(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Option<Regex> {
        let texte = self.lit_texte(cle, valeur)?;
        match RegexBuilder::new(&texte).size_limit(MOTIF_MAX).build() {
            Ok(motif) => Some(motif),
            Err(e) => {
                let pourquoi = e.to_string();
                let pourquoi = pourquoi.lines().last().unwrap_or("").trim().trim_start_matches("error: ");
                self.faute(
                    valeur.span().start,
                    cle,
                    format!(
                        "« {} » n’est pas une expression régulière ({pourquoi}). Écrivez-la entre apostrophes droites \
                         pour ne pas doubler les barres obliques inversées.",
                        court(&texte)
                    ),
                );
                None
            }
        }
    }

    fn champ(&mut self, table: &str, nom: &str, ou: usize) -> Option<Champ> {
        let champ = Champ::de_nom(nom);
        if champ.is_none() {
            let noms: Vec<&str> = Champ::TOUS.iter().map(|c| c.nom()).collect();
            let suite = proche(nom, &noms).map_or(String::new(), |p| format!(" Le plus proche est « {p} »."));
            self.faute(
                ou,
                &sous(table, nom),
                format!("« {} » n’est pas un champ du standard.{suite}", court(nom)),
            );
        }
        champ
    }

    /// Tells a value that the standard refuses in that field.
    fn permise(&mut self, champ: Champ, cle: &str, texte: &str, ou: usize) {
        let typologie = champ == Champ::Typologie && !texte.split('|').all(|t| TYPOLOGIES.contains(&t));
        if typologie || verdict(champ, texte).is_some() {
            let possibles: Vec<String> = super::super::standard::valeurs(champ);
            let refs: Vec<&str> = possibles.iter().map(String::as_str).collect();
            let suite = match proche(texte, &refs) {
                Some(p) => format!(" Vouliez-vous écrire « {p} » ?"),
                None if refs.is_empty() || refs.len() > 15 => String::new(),
                None => format!(" Valeurs possibles : {}.", refs.join(", ")),
            };
            self.faute(
                ou,
                cle,
                format!("le standard n’accepte pas « {} » dans {}.{suite}", court(texte), champ.nom()),
            );
        }
    }

    fn correspondance(&mut self, table: &DeTable<'t>) -> Correspondance {
        let vue = Vue { cle: String::new(), debut: 0, table };
        self.cles(&vue, CLES);
        let mut c = Correspondance {
            source: self.texte(&vue, "source").unwrap_or_default(),
            description: self.texte(&vue, "description").unwrap_or_default(),
            prefixe_id: self.texte(&vue, "prefixe_id").unwrap_or_default(),
            colonnes_ignorees: self.textes(&vue, "colonnes_ignorees"),
            colonnes_facultatives: self.textes(&vue, "colonnes_facultatives"),
            ..Correspondance::default()
        };
        match vue.get("source") {
            None => self.faute(0, "", "la clé « source » manque : donnez le nom de la source."),
            Some(v) if matches!(v.get_ref(), DeValue::String(s) if kernel::text::fold(s).is_empty()) => {
                self.faute(v.span().start, "source", "le nom de la source est vide.");
            }
            Some(_) => {}
        }
        if let Some(v) = vue.get("fichier").and_then(|v| self.vue("fichier".to_owned(), v)) {
            c.fichier = self.fichier(&v);
        }
        if let Some(v) = vue.get("traductions").and_then(|v| self.vue("traductions".to_owned(), v)) {
            for (nom, table) in v.table.iter() {
                let cle = v.cle(nom.get_ref());
                if let Some(t) = self.vue(cle, table) {
                    let table = self.traduction(&t);
                    self.traductions.push((nom.get_ref().to_string(), table));
                }
            }
        }
        if let Some(v) = vue.get("champs").and_then(|v| self.vue("champs".to_owned(), v)) {
            for (nom, regle) in v.table.iter() {
                let champ = self.champ("champs", nom.get_ref(), nom.span().start);
                let lue = self.regle(&v.cle(nom.get_ref()), regle, champ, 0);
                if let (Some(champ), Some(lue)) = (champ, lue) {
                    c.champs.push((champ, lue));
                }
            }
        }
        if let Some(v) = vue.get("choix").and_then(|v| self.vue("choix".to_owned(), v)) {
            for (nom, suite) in v.table.iter() {
                let champ = self.champ("choix", nom.get_ref(), nom.span().start);
                let cle = v.cle(nom.get_ref());
                let DeValue::Array(regles) = suite.get_ref() else {
                    self.genre(&cle, suite, "une suite de tables : [[choix.…]]");
                    continue;
                };
                let lus: Vec<Choix> = regles.iter().filter_map(|r| self.choix(&cle, r, champ)).collect();
                if let Some(champ) = champ {
                    c.choix.push((champ, lus));
                }
            }
        }
        if let Some(v) = vue.get("horaires").and_then(|v| self.vue("horaires".to_owned(), v)) {
            c.horaires = self.horaires(&v);
        }
        if let Some(v) = vue.get("position").and_then(|v| self.vue("position".to_owned(), v)) {
            c.position = self.position(&v);
        }
        if let Some(v) = vue.get("filtres") {
            match v.get_ref() {
                DeValue::Array(suite) => c.filtres = suite.iter().filter_map(|f| self.filtre(f)).collect(),
                _ => self.genre("filtres", v, "une suite de tables : [[filtres]]"),
            }
        }
        if let Some(v) = vue.get("defauts").and_then(|v| self.vue("defauts".to_owned(), v)) {
            for (nom, valeur) in v.table.iter() {
                let cle = v.cle(nom.get_ref());
                let champ = self.champ("defauts", nom.get_ref(), nom.span().start);
                if let (Some(champ), Some(texte)) = (champ, self.lit_texte(&cle, valeur)) {
                    self.permise(champ, &cle, &texte, valeur.span().start);
                    c.defauts.push((champ, texte));
                }
            }
        }
        for requis in [Champ::Id, Champ::Nom] {
            if table.iter().all(|(k, _)| k.get_ref() != "champs")
                || !vue.get("champs").is_some_and(
                    |v| matches!(v.get_ref(), DeValue::Table(t) if t.iter().any(|(k, _)| k.get_ref() == requis.nom())),
                )
            {
                let phrase = match requis {
                    Champ::Id => {
                        "cette clé manque : chaque lieu doit avoir un identifiant, le même d’une livraison à l’autre \
                         (sans colonne d’identifiant, écrivez id = { empreinte = [\"nom\", \"adresse\"] })."
                    }
                    _ => "cette clé manque : chaque lieu doit avoir un nom.",
                };
                self.faute(
                    vue.get("champs").map_or(self.texte.len(), |v| v.span().start),
                    &format!("champs.{}", requis.nom()),
                    phrase,
                );
            }
        }
        c
    }
}

/// The word of the list that looks most like this one.
pub(super) fn proche<'m>(mot: &str, mots: &[&'m str]) -> Option<&'m str> {
    if mot.chars().count() > 200 {
        return None;
    }
    let plie = kernel::text::fold(mot);
    mots.iter()
        .map(|m| {
            let autre = kernel::text::fold(m);
            let contenu =
                plie.len() > 3 && autre.len() > 3 && (autre.contains(&plie) || plie.contains(&autre));
            let score = strsim::normalized_damerau_levenshtein(&plie, &autre);
            (if contenu { score.max(0.7) } else { score }, *m)
        })
        .filter(|(score, _)| *score > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, m)| m)
}

fn court(texte: &str) -> String {
    texte.chars().take(80).collect()
}

/// The messages of the TOML reader, in French.
fn en_francais(message: &str) -> String {
    let message = message.lines().next().unwrap_or("").trim();
    let quoi = if message.starts_with("duplicate key") {
        "cette clé, ou cette table, est donnée deux fois"
    } else if message.contains("string") {
        "un texte n’est pas bien écrit : vérifiez ses guillemets"
    } else if message.contains("key with no value") || message.contains("expected `=`") {
        "il manque le signe = entre une clé et sa valeur"
    } else if message.contains("array") {
        "une liste n’est pas bien écrite : vérifiez ses crochets et ses virgules"
    } else if message.contains("inline table") {
        "une table n’est pas bien écrite : vérifiez ses accolades et ses virgules"
    } else if message.contains("unquoted") || message.contains("bare key") {
        "un nom qui a des accents ou des blancs s’écrit entre guillemets"
    } else {
        "ce n’est pas du TOML bien formé : vérifiez guillemets, crochets et signes = de cette ligne"
    };
    format!("{quoi} ({}).", court(message))
}
