//! The commune of a form: certain, to be chosen among several, or unknown.

use super::{Candidat, Recherche, Territoires};

/// Most communes that a form offers.
const OFFERTES: usize = 20;

/// What a form says of a commune.
#[derive(Clone, Debug)]
pub enum Choix<'a> {
    /// This one.
    Une(Candidat<'a>),
    /// One of these, (INSEE code, label), most probable first: the person must choose.
    Plusieurs(Vec<(String, String)>),
    /// None of that name.
    Aucune,
}

impl Territoires {
    /// The commune that was typed, by name, code postal or INSEE code. When several may be meant, the code `choisi` decides
    /// if it is among them.
    pub fn choisir(&self, nom: &str, code_postal: &str, choisi: &str) -> Choix<'_> {
        let nom: String = nom.chars().take(200).collect();
        let mut found = self.trouver(&Recherche { nom: &nom, code_postal, code_insee: "" });
        if found.candidats().is_empty() {
            found = self.resoudre(&nom);
        }
        let retenu = |c: &&Candidat<'_>| c.commune.code.as_str() == choisi;
        if let Some(c) = found.certaine().or_else(|| found.candidats().iter().find(retenu)) {
            return Choix::Une(*c);
        }
        let option = |c: &Candidat<'_>| {
            let departement = self.departement(&c.commune.departement).map_or("", |d| d.nom.as_str());
            let detail = c.precision().map(|p| format!(", {p}")).unwrap_or_default();
            let libelle = format!("{}, {departement} ({}){detail}", c.nom(), c.commune.departement);
            (c.commune.code.to_string(), libelle)
        };
        let mut options: Vec<(String, String)> =
            found.candidats().iter().take(OFFERTES).map(option).collect();
        options.dedup_by(|a, b| a.0 == b.0);
        if options.is_empty() { Choix::Aucune } else { Choix::Plusieurs(options) }
    }
}
