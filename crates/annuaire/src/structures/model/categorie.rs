//! Legal categories of INSEE (catégories juridiques, level III), and the kind that each suggests.

use super::Genre;

/// A legal category: four digits. The usual ones have a label; any other is kept as its code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategorieJuridique(String);

/// The categories met in the programme: code, label, kind of structure it suggests.
/// Source: INSEE, nomenclature des catégories juridiques, level III.
pub const CATEGORIES: &[(&str, &str, Genre)] = &[
    ("1000", "Entrepreneur individuel", Genre::Entreprise),
    ("4110", "Établissement public national industriel ou commercial, avec comptable public", Genre::Etat),
    ("4120", "Établissement public national industriel ou commercial, sans comptable public", Genre::Etat),
    ("4140", "Établissement public local industriel ou commercial", Genre::EtablissementPublic),
    ("4150", "Régie d’une collectivité locale, industrielle ou commerciale", Genre::EtablissementPublic),
    ("5458", "SARL coopérative ouvrière de production (SCOP)", Genre::Ess),
    ("5499", "Société à responsabilité limitée (SARL)", Genre::Entreprise),
    ("5558", "SA coopérative ouvrière de production (SCOP)", Genre::Ess),
    ("5599", "SA à conseil d’administration", Genre::Entreprise),
    ("5710", "Société par actions simplifiée (SAS)", Genre::Entreprise),
    ("7113", "Ministère", Genre::Etat),
    ("7120", "Service central d’un ministère", Genre::Etat),
    ("7160", "Service déconcentré à compétence nationale d’un ministère", Genre::Etat),
    ("7171", "Service déconcentré de l’État, régional ou interrégional", Genre::Etat),
    ("7172", "Service déconcentré de l’État, départemental ou interdépartemental", Genre::Etat),
    ("7210", "Commune et commune nouvelle", Genre::Commune),
    ("7220", "Département", Genre::Departement),
    ("7225", "Collectivité et territoire d’outre-mer", Genre::Collectivite),
    ("7229", "Autre collectivité territoriale", Genre::Collectivite),
    ("7230", "Région", Genre::Region),
    ("7312", "Commune associée et commune déléguée", Genre::Commune),
    ("7331", "Établissement public local d’enseignement", Genre::EtablissementPublic),
    ("7340", "Pôle métropolitain", Genre::Epci),
    ("7343", "Communauté urbaine", Genre::Epci),
    ("7344", "Métropole", Genre::Epci),
    ("7345", "Syndicat intercommunal à vocation multiple (SIVOM)", Genre::Epci),
    ("7346", "Communauté de communes", Genre::Epci),
    ("7348", "Communauté d’agglomération", Genre::Epci),
    ("7353", "Syndicat intercommunal à vocation unique (SIVU)", Genre::Epci),
    ("7354", "Syndicat mixte fermé", Genre::Epci),
    ("7355", "Syndicat mixte ouvert", Genre::Epci),
    ("7361", "Centre communal d’action sociale (CCAS)", Genre::ActionSociale),
    ("7366", "Établissement public local social et médico-social", Genre::EtablissementPublic),
    ("7367", "Centre intercommunal d’action sociale (CIAS)", Genre::ActionSociale),
    ("7371", "Office public d’habitation à loyer modéré", Genre::EtablissementPublic),
    ("7373", "Établissement public local culturel", Genre::EtablissementPublic),
    ("7378", "Régie d’une collectivité locale, administrative", Genre::EtablissementPublic),
    ("7379", "Autre établissement public administratif local", Genre::EtablissementPublic),
    ("7381", "Organisme consulaire", Genre::EtablissementPublic),
    ("7383", "Établissement public national scientifique, culturel et professionnel", Genre::Etat),
    ("7389", "Établissement public national administratif", Genre::Etat),
    ("7410", "Groupement d’intérêt public (GIP)", Genre::Gip),
    ("8110", "Régime général de la sécurité sociale", Genre::Etat),
    ("8210", "Mutuelle", Genre::Ess),
    ("9210", "Association non déclarée", Genre::Association),
    ("9220", "Association déclarée", Genre::Association),
    ("9221", "Association déclarée d’insertion par l’économique", Genre::Association),
    ("9222", "Association intermédiaire", Genre::Association),
    ("9223", "Groupement d’employeurs", Genre::Association),
    ("9230", "Association déclarée, reconnue d’utilité publique", Genre::Association),
    ("9260", "Association de droit local (Bas-Rhin, Haut-Rhin et Moselle)", Genre::Association),
    ("9300", "Fondation", Genre::Association),
];

impl CategorieJuridique {
    /// Parses a code: four digits.
    ///
    /// # Errors
    /// A sentence for the field.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if code.len() == 4 && code.bytes().all(|c| c.is_ascii_digit()) {
            Ok(Self(code))
        } else {
            Err("Écrivez le code INSEE de la catégorie juridique : quatre chiffres, comme 7210.".to_owned())
        }
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0
    }

    fn ligne(&self) -> Option<&'static (&'static str, &'static str, Genre)> {
        CATEGORIES.iter().find(|(code, _, _)| *code == self.0)
    }

    /// Its label, when it is one of the usual ones.
    pub fn libelle(&self) -> Option<&'static str> {
        self.ligne().map(|l| l.1)
    }

    /// The kind that it suggests, when it is one of the usual ones.
    pub fn genre(&self) -> Option<Genre> {
        self.ligne().map(|l| l.2)
    }

    /// Code and label.
    pub fn lisible(&self) -> String {
        match self.libelle() {
            Some(libelle) => format!("{} : {libelle}", self.0),
            None => self.0.clone(),
        }
    }
}
