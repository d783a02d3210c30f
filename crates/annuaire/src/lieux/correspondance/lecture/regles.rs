//! Rules of fields: where a value comes from, what is done to it, tables of translation.

use toml::de::DeValue;

use super::super::super::standard::Champ;
use super::super::modele::{Bout, Casse, Origine, Regle, Retouche, Sinon, Table};
use super::{Lecteur, PROFONDEUR_MAX, Valeur, Vue, proche};

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

impl<'t> Lecteur<'t> {
    pub(super) fn traduction(&mut self, vue: &Vue<'_, 't>) -> Table {
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

    pub(super) fn regle(
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

    pub(super) fn origine(&mut self, vue: &Vue<'_, 't>) -> Option<Origine> {
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

    pub(super) fn retouches(&mut self, vue: &Vue<'_, 't>, champ: Option<Champ>) -> Vec<Retouche> {
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

    pub(super) fn separateurs(&mut self, vue: &Vue<'_, 't>) -> Vec<String> {
        let separer = self.textes(vue, "separer");
        if separer.iter().any(String::is_empty) {
            self.faute(vue.debut, &vue.cle("separer"), "un séparateur est vide.");
        }
        separer
    }

    /// The table of a rule: written there, or named; with what becomes of the other words.
    pub(super) fn table(&mut self, vue: &Vue<'_, 't>, champ: Option<Champ>) -> Option<Table> {
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
