//! What the import needs to know of communes; the room of territories answers.

use kernel::{CodeCommune, CodePostal, Position};

use super::reparations::distance_plausible_m;
use super::standard::Fiche;
use crate::territoires::{GenreInterieur, PositionCommune, Recherche, Resolution, Territoires};

/// What a check of a lieu needs to know of a commune.
#[derive(Clone, PartialEq, Debug)]
pub struct CommuneVue {
    /// INSEE code.
    pub code: CodeCommune,
    /// Official name.
    pub nom: String,
    /// Its centre, when known.
    pub position: Option<Position>,
    /// Its postal codes, the main one first.
    pub codes_postaux: Vec<CodePostal>,
}

/// The table of communes, seen from the import. Where there is no table, the import gets none and
/// then resolves nothing and cross-checks nothing.
pub trait Communes: Send + Sync {
    /// The commune of that present INSEE code.
    fn par_code(&self, code: &CodeCommune) -> Option<CommuneVue>;

    /// The present commune that took in the commune of that former code.
    fn actuelle(&self, ancien: &CodeCommune) -> Option<CodeCommune>;

    /// Whether some commune has that postal code; a CEDEX is that of no commune.
    fn code_postal_connu(&self, _: &CodePostal) -> bool {
        true
    }

    /// Whether the name is one that the commune of that code bears, or bore.
    fn porte(&self, code: &CodeCommune, nom: &str) -> bool {
        let entiere = self.actuelle(code);
        self.par_code(code).is_some_and(|c| kernel::text::fold(&c.nom) == kernel::text::fold(nom))
            || self.resoudre(nom, None).iter().any(|c| c == code || Some(c) == entiere.as_ref())
    }

    /// The communes that this name and postal code may mean, the likeliest first; none when nothing
    /// matches, several when the answer is not certain.
    fn resoudre(&self, nom: &str, code_postal: Option<&CodePostal>) -> Vec<CodeCommune>;
}

impl CommuneVue {
    /// Metres from the centre to a point that cannot be there: the commune or the point is wrong.
    pub fn trop_loin(&self, point: Position) -> Option<f64> {
        let metres = point.distance_m(self.position?);
        (metres > distance_plausible_m(&self.code)).then_some(metres)
    }
}

/// « 222 km de Guéret », when the point of a sheet cannot be in its commune.
pub(super) fn ecart(fiche: &Fiche, communes: &dyn Communes) -> Option<String> {
    let vue = communes.par_code(fiche.code_insee.as_ref()?)?;
    let metres = vue.trop_loin(fiche.position?)?;
    Some(format!("{}\u{a0}km de {}", kernel::text::nombre_decimal(metres / 1_000.0, 0), vue.nom))
}

/// The centre, unless it is an estimate: those may be forty kilometres off.
fn centre(position: Option<PositionCommune>) -> Option<Position> {
    position.filter(|p| !p.estimee()).map(|p| p.position)
}

impl Communes for Territoires {
    fn par_code(&self, code: &CodeCommune) -> Option<CommuneVue> {
        if let Some(c) = self.commune(code) {
            return Some(CommuneVue {
                code: c.code.clone(),
                nom: c.nom.clone(),
                position: centre(c.position),
                codes_postaux: c.codes_postaux.clone(),
            });
        }
        // The arrondissements of Paris, Lyon and Marseille have codes of their own, in use.
        let i = self.interieure(code).filter(|i| i.genre == GenreInterieur::Arrondissement)?;
        Some(CommuneVue {
            code: i.code.clone(),
            nom: i.nom.clone(),
            position: centre(i.position),
            codes_postaux: i.codes_postaux.clone(),
        })
    }

    fn actuelle(&self, ancien: &CodeCommune) -> Option<CodeCommune> {
        self.rang_actuel(ancien).map(|rang| self.communes()[rang].code.clone())
    }

    fn code_postal_connu(&self, code_postal: &CodePostal) -> bool {
        self.communes_du_code_postal(code_postal.as_str()).next().is_some()
    }

    fn porte(&self, code: &CodeCommune, nom: &str) -> bool {
        self.porte_le_nom(code, nom)
    }

    fn resoudre(&self, nom: &str, code_postal: Option<&CodePostal>) -> Vec<CodeCommune> {
        let code_postal = code_postal.map_or("", |c| c.as_str());
        let trouve = self.trouver(&Recherche { nom, code_postal, code_insee: "" });
        match &trouve {
            // A single candidate that is not certain must not pass for an answer.
            Resolution::Plusieurs(candidats) if candidats.len() == 1 => Vec::new(),
            _ => trouve.candidats().iter().map(|c| c.commune.code.clone()).collect(),
        }
    }
}
