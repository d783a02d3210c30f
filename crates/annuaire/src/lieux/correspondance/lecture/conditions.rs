//! Conditions, rules of choice and filters.

use toml::de::DeValue;

use super::super::super::standard::Champ;
use super::super::modele::{Choix, Condition, Filtre};
use super::{Lecteur, PROFONDEUR_MAX, Valeur, Vue};

impl<'t> Lecteur<'t> {
    pub(super) fn conditions(&mut self, vue: &Vue<'_, 't>, nom: &str) -> Vec<Condition> {
        match vue.get(nom) {
            Some(valeur) => self.suite_de_conditions(&vue.cle(nom), valeur, 0),
            None => Vec::new(),
        }
    }

    pub(super) fn suite_de_conditions(
        &mut self,
        cle: &str,
        valeur: Valeur<'_, 't>,
        profondeur: u8,
    ) -> Vec<Condition> {
        match valeur.get_ref() {
            DeValue::Array(suite) => {
                suite.iter().filter_map(|v| self.condition(cle, v, profondeur)).collect()
            }
            _ => self.condition(cle, valeur, profondeur).into_iter().collect(),
        }
    }

    pub(super) fn condition(
        &mut self,
        cle: &str,
        valeur: Valeur<'_, 't>,
        profondeur: u8,
    ) -> Option<Condition> {
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

    pub(super) fn choix(&mut self, cle: &str, valeur: Valeur<'_, 't>, champ: Option<Champ>) -> Option<Choix> {
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

    pub(super) fn filtre(&mut self, valeur: Valeur<'_, 't>) -> Option<Filtre> {
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
}
