//! A scenario: its rules, what it looked at, what came of it.

use kernel::text::{nombre, nombre_decimal};
use kernel::{CodeCommune, CodeDepartement, Position};
use serde::{Deserialize, Serialize};

use crate::calculs::model::{Calcul, Genre};
use crate::demandes::model::Sens;
use crate::dire::Mesure;
use crate::ids::DemandeId;

/// The kind of computation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repartition;

impl Genre for Repartition {
    const CLE: &'static str = "repartition";
    type Parametres = Parametres;
    type Bilan = Bilan;
    type Ligne = Ligne;
}

/// A scenario: the région of its committee, the session whose list it looks at (none: every demande that waits).
pub type Scenario = Calcul<Repartition>;

/// Which demandes are looked at, by the last opinion of the préfecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AvisRetenus {
    /// All of them.
    Tous,
    /// All but those whose opinion is against.
    SaufDefavorables,
    /// Only those whose opinion is for.
    Favorables,
}

impl AvisRetenus {
    /// Every choice: key, name.
    pub const OPTIONS: [(&'static str, &'static str); 3] = [
        ("sauf_defavorables", "Toutes, sauf celles qui ont un avis défavorable"),
        ("favorables", "Seulement celles qui ont un avis favorable"),
        ("tous", "Toutes, quel que soit l’avis"),
    ];

    /// The choice of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "tous" => Some(Self::Tous),
            "sauf_defavorables" => Some(Self::SaufDefavorables),
            "favorables" => Some(Self::Favorables),
            _ => None,
        }
    }

    /// Its name.
    pub fn nom(self) -> &'static str {
        match self {
            Self::SaufDefavorables => Self::OPTIONS[0].1,
            Self::Favorables => Self::OPTIONS[1].1,
            Self::Tous => Self::OPTIONS[2].1,
        }
    }

    /// Whether a demande with that opinion is looked at.
    pub fn garde(self, avis: Option<Sens>) -> bool {
        match self {
            Self::Tous => true,
            Self::SaufDefavorables => avis != Some(Sens::Defavorable),
            Self::Favorables => avis == Some(Sens::Favorable),
        }
    }
}

/// The rules of a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parametres {
    /// Posts to grant.
    pub postes: u32,
    /// How far a post serves, kilometres.
    pub rayon_km: u32,
    /// People in need one post serves at most.
    pub capacite: u32,
    /// Posts each département with demandes receives at least.
    pub minimum_par_departement: u32,
    /// Posts one demande receives at most.
    pub maximum_par_demande: Option<u32>,
    /// Most posts of a département, in percent of its share of the need; none without that rule.
    pub equite: Option<u32>,
    /// Whether what is left in the enveloppes of régions and départements bounds them.
    pub enveloppes: bool,
    /// Which demandes are looked at.
    pub avis: AvisRetenus,
    /// Share of the inhabitants in need where no index is known, in thousandths.
    pub taux_pour_mille: u32,
    /// Whether the index of fragility, when its list is loaded, replaces that share.
    pub indice: bool,
    /// What the need of a commune with a quartier prioritaire counts more, in percent.
    pub poids_qpv: u32,
    /// The same for a commune of a rural zone (FRR, ZRR before it).
    pub poids_rural: u32,
    /// The same for a commune farther than ten kilometres from the nearest lieu.
    pub poids_eloigne: u32,
    /// Whether the need that posts granted before already serve is left out.
    pub deduire: bool,
}

/// Share of the inhabitants of fifteen and more that cannot use the Internet: 15.4 % in 2021 (INSEE Première 1953).
pub const TAUX_ILLECTRONISME: u32 = 154;

impl Default for Parametres {
    fn default() -> Self {
        Self {
            postes: 100,
            rayon_km: 15,
            capacite: 2_500,
            minimum_par_departement: 0,
            maximum_par_demande: Some(3),
            equite: None,
            enveloppes: true,
            avis: AvisRetenus::SaufDefavorables,
            taux_pour_mille: TAUX_ILLECTRONISME,
            indice: true,
            poids_qpv: 0,
            poids_rural: 0,
            poids_eloigne: 0,
            deduire: true,
        }
    }
}

impl Parametres {
    /// What a reader must know of the rules: name, value.
    pub fn dits(&self) -> Vec<(&'static str, String)> {
        let plus = |p: u32| if p == 0 { "non".to_owned() } else { format!("+\u{202f}{p}\u{202f}%") };
        let oui = |b: bool| (if b { "oui" } else { "non" }).to_owned();
        vec![
            ("Postes à accorder", nombre(i64::from(self.postes))),
            ("Rayon d’un poste", format!("{} km", self.rayon_km)),
            ("Personnes servies par un poste, au plus", nombre(i64::from(self.capacite))),
            ("Minimum par département", self.minimum_par_departement.to_string()),
            ("Maximum par demande", self.maximum_par_demande.map_or("aucun".to_owned(), |n| n.to_string())),
            (
                "Équité : au plus, pour un département",
                self.equite.map_or("aucune règle".to_owned(), |p| {
                    format!("{} fois sa part du besoin", nombre_decimal(f64::from(p) / 100.0, 2))
                }),
            ),
            ("Enveloppes des régions et départements respectées", oui(self.enveloppes)),
            ("Demandes regardées", self.avis.nom().to_owned()),
            (
                "Part des habitants à aider, sans indice",
                format!("{}\u{202f}%", nombre_decimal(f64::from(self.taux_pour_mille) / 10.0, 1)),
            ),
            ("Indice de fragilité, s’il est chargé", oui(self.indice)),
            ("Poids en plus : quartier prioritaire", plus(self.poids_qpv)),
            ("Poids en plus : zone rurale (FRR ou ZRR)", plus(self.poids_rural)),
            ("Poids en plus : à plus de 10 km d’un lieu", plus(self.poids_eloigne)),
            ("Besoin déjà servi par les postes ouverts, retiré", oui(self.deduire)),
        ]
    }
}

/// A demande as the scenario looked at it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Regardee {
    /// Which.
    pub demande: DemandeId,
    /// Its number, as people read it.
    pub reference: String,
    /// Who asks.
    pub structure: String,
    /// Where: code and name.
    pub commune: (CodeCommune, String),
    /// Its département.
    pub departement: CodeDepartement,
    /// Where the posts would be.
    pub position: Position,
    /// Posts asked for.
    pub postes: u32,
    /// The last opinion, in words; empty without one.
    pub avis: String,
}

/// What is proposed for a demande, and why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ligne {
    /// The demande.
    pub regardee: Regardee,
    /// Posts proposed.
    pub postes: u32,
    /// People that its posts would serve.
    pub servi: f64,
    /// Of these, whom no other proposed post reaches.
    pub seul: f64,
    /// Who would not be served any more without its last post.
    pub perte: f64,
    /// Who would be served by one post more.
    pub gain: f64,
    /// Whether the minimum of its département holds its last post.
    pub minimum: bool,
    /// Whether it has all that it may have.
    pub plein: bool,
}

impl Ligne {
    /// Why, in words.
    pub fn explication(&self) -> String {
        if self.postes == 0 {
            return if self.gain < 0.5 {
                "Tout ce qu’un poste atteindrait ici est déjà servi.".to_owned()
            } else {
                format!(
                    "Un poste servirait ici {} de plus : moins que les postes proposés, sauf si une enveloppe ou un plafond l’empêche.",
                    self.gain.personnes()
                )
            };
        }
        let mut out = format!("Sert {}", self.servi.personnes());
        if self.seul >= 0.5 {
            out.push_str(&format!(", dont {} qu’aucun autre poste proposé n’atteint", self.seul.personnes()));
        }
        out.push_str(&match (self.postes, self.perte < 0.5) {
            (1, true) => ". Sans ce poste, les autres serviraient tout le monde.".to_owned(),
            (_, true) => ". Sans le dernier poste, les autres serviraient tout le monde.".to_owned(),
            (1, false) => format!(". Sans ce poste, {} ne le seraient plus.", self.perte.personnes()),
            (_, false) => format!(". Sans le dernier poste, {} ne le seraient plus.", self.perte.personnes()),
        });
        if self.minimum {
            out.push_str(" Le minimum du département tient ce poste.");
        }
        if self.plein && self.postes < self.regardee.postes {
            out.push_str(" La limite par demande est atteinte, ou un poste de plus ne servirait personne.");
        }
        out
    }
}

/// What the proposal does for a département.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Departement {
    /// Its code.
    pub code: CodeDepartement,
    /// Its name.
    pub nom: String,
    /// People in need there, weighted, whom no post serves yet.
    pub besoin: f64,
    /// Of these, whom the proposal would serve, from anywhere.
    pub servi: f64,
    /// Demandes that were looked at.
    pub demandes: u32,
    /// Posts they ask for.
    pub demandes_postes: u32,
    /// Posts proposed.
    pub postes: u32,
}

impl Departement {
    /// Share of the need that would be served, 0 to 1; none without need.
    pub fn part(&self) -> Option<f64> {
        (self.besoin > 0.0).then(|| (self.servi / self.besoin).min(1.0))
    }
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bilan {
    /// Need of the territory, weighted, whom no post serves yet.
    pub besoin: f64,
    /// Need that posts granted before serve, left out.
    pub deduit: f64,
    /// What the proposal serves.
    pub servi: f64,
    /// No other proposal serves more.
    pub borne: f64,
    /// Posts proposed.
    pub postes: u32,
    /// Demandes granted, and looked at.
    pub demandes: (u32, u32),
    /// Where the need comes from, in words.
    pub source: String,
    /// SHA-256 of the need of every commune: what the figures stand on.
    pub empreinte: String,
    /// Ceilings that were held: territory, posts.
    pub plafonds: Vec<(String, u64)>,
    /// Départements that could not have the minimum.
    pub minimum_reduit: Vec<String>,
    /// Demandes left out because their commune has no known place.
    pub sans_place: Vec<String>,
    /// By département, in the order of the codes.
    pub departements: Vec<Departement>,
}

impl Bilan {
    /// How far from the best it may be, 0 to 1.
    pub fn ecart(&self) -> f64 {
        if self.borne > 0.0 { ((self.borne - self.servi) / self.borne).max(0.0) } else { 0.0 }
    }

    /// The certificate, in plain words.
    pub fn certificat(&self) -> String {
        if self.ecart() <= 0.0 {
            return "C’est prouvé : aucune autre répartition, sous ces règles, ne servirait plus de personnes.".to_owned();
        }
        let part = (self.ecart() * 100.0).max(0.001);
        let decimales = if part < 0.1 { 3 } else { 2 };
        format!(
            "C’est prouvé : aucune autre répartition, sous ces règles, ne servirait plus de {}. Celle-ci est donc à moins de {}\u{202f}% du mieux possible.",
            self.borne.ceil().personnes(),
            nombre_decimal(part, decimales)
        )
    }
}
