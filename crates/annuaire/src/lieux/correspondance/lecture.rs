//! Reading a mapping. Every mistake is told at once, in French, with its line, its column, its key and,
//! for a word that does not exist, the nearest one that does.

use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::lecture::{Consignes, Encodage};
use super::super::reparations::Projection;
use super::super::standard::{Champ, TYPOLOGIES, verdict};
use super::modele::{
    Bout, Casse, Choix, Condition, Correspondance, Filtre, Horaires, ListeHoraires, Origine, Plage, Position,
    Regle, Retouche, Sinon, Table,
};

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

const CLES_REGLE: &[&str] = &[
    "colonne",
    "joindre",
    "separateur",
    "modele",
    "dissocier",
    "empreinte",
    "constante",
    "sans_html",
    "extraire",
    "effacer",
    "remplacer",
    "vides",
    "separer",
    "traduction",
    "sinon",
    "casse",
    "date",
    "prefixe",
    "suffixe",
    "si",
    "ou",
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

    // Values.

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

    // Tables.

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

    fn fichier(&mut self, vue: &Vue<'_, 't>) -> Consignes {
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
            match *self.lignes_d_entete(&vue.cle("entete"), valeur) {
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

    fn lignes_d_entete(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Vec<u64> {
        match valeur.get_ref() {
            DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).into_iter().collect(),
            DeValue::Array(suite) => suite
                .iter()
                .flat_map(|v| match v.get_ref() {
                    DeValue::Array(_) => Vec::new(),
                    _ => self.lignes_d_entete(cle, v),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn traduction(&mut self, vue: &Vue<'_, 't>) -> Table {
        let mut table = Table::default();
        for (mot, valeur) in vue.table.iter() {
            let cle = vue.cle(mot.get_ref());
            let valeurs = self.lit_textes(&cle, valeur);
            let valeurs: Vec<String> = valeurs.into_iter().filter(|v| !v.is_empty()).collect();
            table.mots.insert(kernel::text::fold(mot.get_ref()), valeurs);
        }
        if table.mots.is_empty() {
            self.faute(vue.debut, &vue.cle, "cette table est vide.");
        }
        table
    }

    fn regle(
        &mut self,
        cle: &str,
        valeur: Valeur<'_, 't>,
        champ: Option<Champ>,
        profondeur: u8,
    ) -> Option<Regle> {
        if profondeur > PROFONDEUR_MAX {
            self.faute(valeur.span().start, cle, "trop de « ou » l’un dans l’autre.");
            return None;
        }
        match valeur.get_ref() {
            DeValue::String(nom) => return Some(Regle::colonne(nom)),
            DeValue::Array(_) => {
                let noms = self.lit_textes(cle, valeur);
                return Some(Regle { origine: Origine::Colonnes(noms), ..Regle::colonne("") });
            }
            DeValue::Table(_) => {}
            _ => {
                self.genre(cle, valeur, "le nom d’une colonne entre guillemets, ou une table : { … }");
                return None;
            }
        }
        let vue = self.vue(cle.to_owned(), valeur)?;
        self.cles(&vue, CLES_REGLE);
        let origine = self.origine(&vue)?;
        if let (Origine::Constante(c), Some(champ)) = (&origine, champ)
            && !vue
                .table
                .iter()
                .any(|(k, _)| ["prefixe", "suffixe", "traduction"].contains(&k.get_ref().as_ref()))
        {
            self.permise(champ, &vue.cle("constante"), c, valeur.span().start);
        }
        let retouches = self.retouches(&vue, champ);
        let si = self.conditions(&vue, "si");
        let ou = match vue.get("ou") {
            Some(ou) => self.regle(&vue.cle("ou"), ou, champ, profondeur + 1).map(Box::new),
            None => None,
        };
        Some(Regle { origine, retouches, si, ou })
    }

    fn origine(&mut self, vue: &Vue<'_, 't>) -> Option<Origine> {
        const ORIGINES: [&str; 6] = ["colonne", "joindre", "modele", "dissocier", "empreinte", "constante"];
        let donnees: Vec<&str> = ORIGINES.into_iter().filter(|n| vue.get(n).is_some()).collect();
        let [origine] = donnees[..] else {
            self.faute(
                vue.debut,
                &vue.cle,
                format!("donnez une origine et une seule parmi : {}.", ORIGINES.join(", ")),
            );
            return None;
        };
        if vue.get("separateur").is_some() && origine != "joindre" {
            self.faute(
                vue.debut,
                &vue.cle("separateur"),
                "« separateur » va avec « joindre » ; pour couper une valeur en liste, écrivez « separer ».",
            );
        }
        Some(match origine {
            "colonne" => Origine::Colonnes(self.textes(vue, "colonne")),
            "joindre" => {
                let separateur = self.texte(vue, "separateur").unwrap_or_else(|| " ".to_owned());
                Origine::Joindre(self.textes(vue, "joindre"), separateur)
            }
            "modele" => {
                let texte = self.texte(vue, "modele")?;
                match bouts(&texte) {
                    Some(bouts) => Origine::Modele(bouts),
                    None => {
                        self.faute(
                            vue.debut,
                            &vue.cle("modele"),
                            "chaque colonne s’écrit entre accolades : \"{voie}, {ville}\".",
                        );
                        return None;
                    }
                }
            }
            "dissocier" => {
                let v = vue.get("dissocier").and_then(|v| self.vue(vue.cle("dissocier"), v))?;
                self.cles(&v, &["colonne", "separateur", "partie"]);
                let colonne = self.texte(&v, "colonne");
                let separateur = self.texte(&v, "separateur");
                let partie = self.entier(&v, "partie");
                match (colonne, separateur, partie) {
                    (Some(colonne), Some(separateur), Some(partie))
                        if !separateur.is_empty() && partie != 0 =>
                    {
                        Origine::Dissocier { colonne, separateur, partie }
                    }
                    _ => {
                        self.faute(
                            v.debut,
                            &v.cle,
                            "donnez « colonne », « separateur » et « partie » (1 pour la première, -1 pour la dernière).",
                        );
                        return None;
                    }
                }
            }
            "empreinte" => Origine::Empreinte(self.textes(vue, "empreinte")),
            _ => Origine::Constante(self.texte(vue, "constante")?),
        })
    }

    fn retouches(&mut self, vue: &Vue<'_, 't>, champ: Option<Champ>) -> Vec<Retouche> {
        let mut suite = Vec::new();
        if self.booleen(vue, "sans_html") == Some(true) {
            suite.push(Retouche::SansHtml);
        }
        if let Some(m) = vue.get("extraire").and_then(|v| self.motif(&vue.cle("extraire"), v)) {
            suite.push(Retouche::Extraire(m));
        }
        if let Some(m) = vue.get("effacer").and_then(|v| self.motif(&vue.cle("effacer"), v)) {
            suite.push(Retouche::Effacer(m));
        }
        if let Some(v) = vue.get("remplacer").and_then(|v| self.vue(vue.cle("remplacer"), v)) {
            let mut paires = Vec::new();
            for (avant, apres) in v.table.iter() {
                let cle = v.cle(avant.get_ref());
                if let Some(apres) = self.lit_texte(&cle, apres) {
                    paires.push((avant.get_ref().to_string(), apres));
                }
            }
            suite.push(Retouche::Remplacer(paires));
        }
        let vides: Vec<String> = self.textes(vue, "vides").iter().map(|m| kernel::text::fold(m)).collect();
        if !vides.is_empty() {
            suite.push(Retouche::Vides(vides));
        }
        let separer = self.separateurs(vue);
        if !separer.is_empty() {
            suite.push(Retouche::Separer(separer));
        }
        if let Some(table) = self.table(vue, champ) {
            suite.push(Retouche::Traduire(table));
        }
        if let Some(c) = self.texte(vue, "casse") {
            match c.as_str() {
                "titre" => suite.push(Retouche::Casse(Casse::Titre)),
                "phrase" => suite.push(Retouche::Casse(Casse::Phrase)),
                "majuscules" => suite.push(Retouche::Casse(Casse::Majuscules)),
                "minuscules" => suite.push(Retouche::Casse(Casse::Minuscules)),
                _ => self.faute(
                    vue.get("casse").map_or(vue.debut, |v| v.span().start),
                    &vue.cle("casse"),
                    "la casse est « titre », « phrase », « majuscules » ou « minuscules ».",
                ),
            }
        }
        let dates = self.textes(vue, "date");
        if !dates.is_empty() {
            let formes: Vec<String> = dates.iter().filter_map(|d| forme_de_date(d)).collect();
            if formes.len() != dates.len() {
                self.faute(
                    vue.get("date").map_or(vue.debut, |v| v.span().start),
                    &vue.cle("date"),
                    "une forme de date s’écrit avec JJ, MM et AAAA (ou AA) : « JJ/MM/AAAA ».",
                );
            }
            suite.push(Retouche::Date(formes));
        }
        if let Some(t) = self.texte(vue, "prefixe") {
            suite.push(Retouche::Prefixe(t));
        }
        if let Some(t) = self.texte(vue, "suffixe") {
            suite.push(Retouche::Suffixe(t));
        }
        suite
    }

    fn separateurs(&mut self, vue: &Vue<'_, 't>) -> Vec<String> {
        let separer = self.textes(vue, "separer");
        if separer.iter().any(String::is_empty) {
            self.faute(vue.debut, &vue.cle("separer"), "un séparateur est vide.");
        }
        separer
    }

    /// The table of a rule: written there, or named; with what becomes of the other words.
    fn table(&mut self, vue: &Vue<'_, 't>, champ: Option<Champ>) -> Option<Table> {
        let sinon = self.texte(vue, "sinon");
        let Some(valeur) = vue.get("traduction") else {
            if sinon.is_some() {
                self.faute(vue.debut, &vue.cle("sinon"), "« sinon » va avec « traduction ».");
            }
            return None;
        };
        let mut table = match valeur.get_ref() {
            DeValue::String(nom) => match self.traductions.iter().find(|(n, _)| n == nom) {
                Some((_, table)) => table.clone(),
                None => {
                    let noms: Vec<&str> = self.traductions.iter().map(|(n, _)| n.as_str()).collect();
                    let suite = proche(nom, &noms)
                        .map_or(String::new(), |p| format!(" Vouliez-vous écrire « {p} » ?"));
                    let phrase = format!("la table [traductions.{nom}] n’existe pas.{suite}");
                    self.faute(valeur.span().start, &vue.cle("traduction"), phrase);
                    return None;
                }
            },
            DeValue::Table(_) => {
                let vue = self.vue(vue.cle("traduction"), valeur)?;
                self.traduction(&vue)
            }
            _ => {
                self.genre(
                    &vue.cle("traduction"),
                    valeur,
                    "le nom d’une table [traductions.…], ou une table : { \"mot\" = \"valeur\" }",
                );
                return None;
            }
        };
        if let Some(champ) = champ {
            let cle = vue.cle("traduction");
            let valeurs: Vec<String> = table.mots.values().flatten().cloned().collect();
            for v in valeurs.iter().chain(sinon.iter().filter(|s| !s.is_empty() && *s != "garder")) {
                self.permise(champ, &cle, v, valeur.span().start);
            }
        }
        table.sinon = match sinon.as_deref() {
            None => Sinon::Signaler,
            Some("garder") => Sinon::Garder,
            Some(v) => Sinon::Valeur(v.to_owned()),
        };
        Some(table)
    }

    fn conditions(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Vec<Condition> {
        match vue.get(nom) {
            Some(valeur) => self.suite_de_conditions(&vue.cle(nom), valeur, 0),
            None => Vec::new(),
        }
    }

    fn suite_de_conditions(&mut self, cle: &str, valeur: Valeur<'_, 't>, profondeur: u8) -> Vec<Condition> {
        match valeur.get_ref() {
            DeValue::Array(suite) => {
                suite.iter().filter_map(|v| self.condition(cle, v, profondeur)).collect()
            }
            _ => self.condition(cle, valeur, profondeur).into_iter().collect(),
        }
    }

    fn condition(&mut self, cle: &str, valeur: Valeur<'_, 't>, profondeur: u8) -> Option<Condition> {
        if profondeur > PROFONDEUR_MAX {
            self.faute(valeur.span().start, cle, "trop de conditions l’une dans l’autre.");
            return None;
        }
        let vue = self.vue(cle.to_owned(), valeur)?;
        self.cles(&vue, &["colonne", "vaut", "contient", "motif", "rempli", "une", "aucune"]);
        for nom in ["une", "aucune"] {
            if let Some(v) = vue.get(nom) {
                let suite = self.suite_de_conditions(&vue.cle(nom), v, profondeur + 1);
                return Some(if nom == "une" { Condition::Une(suite) } else { Condition::Aucune(suite) });
            }
        }
        let colonne = self.texte(&vue, "colonne");
        let plie = |mots: Vec<String>| mots.iter().map(|m| kernel::text::fold(m)).collect::<Vec<_>>();
        let vaut = plie(self.textes(&vue, "vaut"));
        let contient = plie(self.textes(&vue, "contient"));
        let motif = vue.get("motif").and_then(|v| self.motif(&vue.cle("motif"), v));
        let rempli = self.booleen(&vue, "rempli");
        let donnes = [vue.get("vaut"), vue.get("contient"), vue.get("motif"), vue.get("rempli")];
        let (Some(colonne), 1) = (colonne, donnes.iter().flatten().count()) else {
            self.faute(
                vue.debut,
                cle,
                "une condition a une « colonne » et l’un de « vaut », « contient », « motif » ou « rempli » \
                 (ou bien « une » ou « aucune », suivi de conditions).",
            );
            return None;
        };
        if let Some(motif) = motif {
            return Some(Condition::Motif(colonne, motif));
        }
        if let Some(rempli) = rempli {
            return Some(Condition::Rempli(colonne, rempli));
        }
        Some(if contient.is_empty() {
            Condition::Vaut(colonne, vaut)
        } else {
            Condition::Contient(colonne, contient)
        })
    }

    fn choix(&mut self, cle: &str, valeur: Valeur<'_, 't>, champ: Option<Champ>) -> Option<Choix> {
        let vue = self.vue(cle.to_owned(), valeur)?;
        self.cles(&vue, &["colonnes", "termes", "sauf", "cible", "separer", "si"]);
        let plie = |mots: Vec<String>| mots.iter().map(|m| kernel::text::fold(m)).collect::<Vec<_>>();
        let choix = Choix {
            colonnes: self.textes(&vue, "colonnes"),
            termes: plie(self.textes(&vue, "termes")),
            sauf: plie(self.textes(&vue, "sauf")),
            cible: self.textes(&vue, "cible"),
            separer: self.separateurs(&vue),
            si: self.conditions(&vue, "si"),
        };
        if let Some(champ) = champ {
            for cible in &choix.cible {
                self.permise(
                    champ,
                    &vue.cle("cible"),
                    cible,
                    vue.get("cible").map_or(vue.debut, |v| v.span().start),
                );
            }
        }
        if choix.colonnes.is_empty() && (!choix.termes.is_empty() || !choix.sauf.is_empty()) {
            self.faute(
                vue.debut,
                cle,
                "« termes » et « sauf » cherchent dans des « colonnes » : donnez-les.",
            );
        }
        Some(choix)
    }

    fn filtre(&mut self, valeur: Valeur<'_, 't>) -> Option<Filtre> {
        let vue = self.vue("filtres".to_owned(), valeur)?;
        self.cles(&vue, &["exclure_si", "garder_si", "raison"]);
        let filtre = Filtre {
            exclure_si: self.conditions(&vue, "exclure_si"),
            garder_si: self.conditions(&vue, "garder_si"),
            raison: self.texte(&vue, "raison").unwrap_or_default(),
        };
        if vue.get("exclure_si").is_none() == vue.get("garder_si").is_none() {
            self.faute(vue.debut, "filtres", "donnez « exclure_si » ou « garder_si », l’un des deux.");
        }
        Some(filtre)
    }

    fn horaires(&mut self, vue: &Vue<'_, 't>) -> Option<Horaires> {
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

    fn plages(&mut self, cle: &str, valeur: Valeur<'_, 't>) -> Vec<Plage> {
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

    fn position(&mut self, vue: &Vue<'_, 't>) -> Option<Position> {
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

/// Cuts `{voie}, {ville}`; `None` when an accolade is alone.
fn bouts(texte: &str) -> Option<Vec<Bout>> {
    let mut bouts = Vec::new();
    let mut reste = texte;
    while let Some(i) = reste.find(['{', '}']) {
        let (avant, suite) = reste.split_at(i);
        if !avant.is_empty() {
            bouts.push(Bout::Texte(avant.to_owned()));
        }
        let (nom, apres) = suite.strip_prefix('{')?.split_once('}')?;
        bouts.push(Bout::Colonne(nom.trim().to_owned()));
        reste = apres;
    }
    if !reste.is_empty() {
        bouts.push(Bout::Texte(reste.to_owned()));
    }
    bouts.iter().any(|b| matches!(b, Bout::Colonne(_))).then_some(bouts)
}

/// « JJ/MM/AAAA » as `chrono` writes it.
fn forme_de_date(forme: &str) -> Option<String> {
    let ecrite = forme
        .replace('%', "%%")
        .replace("AAAA", "%Y")
        .replace("AA", "%y")
        .replace("JJ", "%d")
        .replace("MM", "%m")
        .replace("hh", "%H")
        .replace("mm", "%M")
        .replace("ss", "%S");
    let entiere =
        ["%d", "%m"].iter().all(|p| ecrite.contains(p)) && (ecrite.contains("%Y") || ecrite.contains("%y"));
    entiere.then_some(ecrite)
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
