//! Which commune people mean.
//!
//! What is certain is answered alone; what could be several is answered as several, most probable first; nothing is
//! guessed in silence.

mod suggestions;

use std::cmp::Reverse;

use kernel::{CodeCommune, CodeDepartement};

use super::ensemble::{Cible, CibleLarge, Territoires};
use super::model::{Commune, GenreInterieur, Interieure, Localite, PositionCommune, Qualite};
use super::saisie::{Saisie, emboites, litterale, sans_article};

pub use suggestions::{Suggestion, TerritoireTrouve};

/// What a file or a form says of a commune; an empty text says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recherche<'a> {
    /// Name, as people write it: `ST DENIS CEDEX`, `Paris 11e`, `Rochelle (La)`.
    pub nom: &'a str,
    /// Code postal.
    pub code_postal: &'a str,
    /// INSEE code, perhaps of a former commune.
    pub code_insee: &'a str,
}

/// Why a commune was found.
#[derive(Clone, Copy, Debug)]
pub enum Voie<'a> {
    /// By its INSEE code.
    CodeInsee,
    /// By the INSEE code of a commune that it took in.
    AncienCode,
    /// By its code postal.
    CodePostal,
    /// By its name.
    Nom,
    /// By the name, or the code, of a former commune that lies in it.
    Ancienne(&'a Interieure),
    /// By a municipal arrondissement.
    Arrondissement(&'a Interieure),
    /// By a village or a quarter that lies in it.
    Localite(&'a Localite),
    /// By a name that differs by a letter or two.
    Approche,
}

/// A commune that may be meant.
#[derive(Clone, Copy, Debug)]
pub struct Candidat<'a> {
    /// The commune of today.
    pub commune: &'a Commune,
    /// Why.
    pub par: Voie<'a>,
}

impl<'a> Candidat<'a> {
    /// The point that was meant: the arrondissement, the former commune or the village when one was named.
    pub fn position(&self) -> Option<PositionCommune> {
        match self.par {
            Voie::Ancienne(i) | Voie::Arrondissement(i) => i.position.or(self.commune.position),
            Voie::Localite(l) => Some(PositionCommune { position: l.position, qualite: Qualite::Geonames }),
            _ => self.commune.position,
        }
    }

    /// The name that was meant.
    pub fn nom(&self) -> &'a str {
        match self.par {
            Voie::Ancienne(i) | Voie::Arrondissement(i) => &i.nom,
            Voie::Localite(l) => &l.nom,
            _ => &self.commune.nom,
        }
    }

    /// What is to be said when the commune is not the one that was named: « commune déléguée de Valserhône ».
    pub fn precision(&self) -> Option<String> {
        let de = |quoi: &str| Some(format!("{quoi} {}", de_nom(&self.commune.nom)));
        match self.par {
            Voie::Ancienne(i) if i.nom == self.commune.nom => None,
            Voie::Ancienne(i) if i.genre == GenreInterieur::Associee => de("commune associée"),
            Voie::Ancienne(_) => de("commune déléguée"),
            Voie::AncienCode => de("ancien code d’une commune"),
            Voie::Localite(_) => de("lieu-dit ou ancienne commune"),
            _ => None,
        }
    }
}

/// « de Lyon », « d’Arles », « du Mans », « des Ulis », « de L’Haÿ-les-Roses ».
pub(crate) fn de_nom(nom: &str) -> String {
    if let Some(reste) = nom.strip_prefix("Le ") {
        return format!("du {reste}");
    }
    if let Some(reste) = nom.strip_prefix("Les ") {
        return format!("des {reste}");
    }
    if let Some(reste) = nom.strip_prefix("La ") {
        return format!("de la {reste}");
    }
    match kernel::text::fold(nom).chars().next() {
        Some('a' | 'e' | 'i' | 'o' | 'u' | 'y') => format!("d’{nom}"),
        _ => format!("de {nom}"),
    }
}

/// The answer of the resolver.
#[derive(Clone, Debug)]
pub enum Resolution<'a> {
    /// One commune, without doubt.
    Certaine(Candidat<'a>),
    /// Someone must choose; most probable first; never empty.
    Plusieurs(Vec<Candidat<'a>>),
    /// Nothing alike.
    Aucune,
}

impl<'a> Resolution<'a> {
    /// The commune, when it is certain.
    pub fn certaine(&self) -> Option<&Candidat<'a>> {
        match self {
            Self::Certaine(candidat) => Some(candidat),
            Self::Plusieurs(_) | Self::Aucune => None,
        }
    }

    /// All candidates.
    pub fn candidats(&self) -> &[Candidat<'a>] {
        match self {
            Self::Certaine(candidat) => std::slice::from_ref(candidat),
            Self::Plusieurs(candidats) => candidats,
            Self::Aucune => &[],
        }
    }

    fn of(mut candidats: Vec<Candidat<'a>>) -> Self {
        match candidats.len() {
            0 => Self::Aucune,
            1 => candidats.pop().map_or(Self::Aucune, Self::Certaine),
            _ => Self::Plusieurs(candidats),
        }
    }

    fn doubtful(candidats: Vec<Candidat<'a>>) -> Self {
        if candidats.is_empty() { Self::Aucune } else { Self::Plusieurs(candidats) }
    }
}

/// Most communes that an answer lists.
const CHOIX_MAX: usize = 50;

impl Territoires {
    /// What was typed in a box, in whole: a name, a code postal, an INSEE code, or several of them.
    pub fn resoudre(&self, texte: &str) -> Resolution<'_> {
        let saisie = Saisie::lit(texte);
        let Some(code) = &saisie.code else {
            return self.par_nom_seul(&saisie);
        };
        let insee = self.par_code_insee(code);
        let postal = self.rangs_du_code_postal(code).next().is_some();
        match (insee, postal) {
            // Five digits that are no code postal: a CEDEX when the name is another, else an INSEE code.
            (Some(insee), false) if saisie.nom.is_empty() || self.nom_concorde(insee.commune, &saisie) => {
                Resolution::Certaine(insee)
            }
            (Some(insee), false) => match self.par_nom_et_code_postal(&saisie, code) {
                Resolution::Aucune => Resolution::Plusieurs(vec![insee]),
                found => found,
            },
            (Some(insee), true) if saisie.nom.is_empty() => {
                let mut candidats = self.par_code_postal(code);
                if !candidats.iter().any(|c| c.commune.code == insee.commune.code) {
                    candidats.push(insee);
                }
                Resolution::of(candidats)
            }
            (Some(insee), true) => {
                let postal = self.par_nom_et_code_postal(&saisie, code);
                let same = self.nom_concorde(insee.commune, &saisie);
                match postal.certaine() {
                    Some(c) if same && c.commune.code != insee.commune.code => {
                        Resolution::Plusieurs(vec![*c, insee])
                    }
                    Some(_) => postal,
                    None if same => Resolution::Certaine(insee),
                    None => postal,
                }
            }
            (None, _) => self.par_nom_et_code_postal(&saisie, code),
        }
    }

    /// The commune of a record: its INSEE code if the rest does not contradict it, else its name within its code postal.
    pub fn trouver(&self, recherche: &Recherche<'_>) -> Resolution<'_> {
        let saisie = Saisie::lit(recherche.nom);
        let mut code_postal = recherche.code_postal.trim();
        if code_postal.is_empty()
            && let Some(code) = &saisie.code
        {
            code_postal = code;
        }
        let code_postal = (!code_postal.is_empty()).then_some(code_postal);
        match self.par_code_insee(recherche.code_insee.trim()) {
            Some(insee) => self.confronte(insee, &saisie, code_postal),
            None => match code_postal {
                Some(code) => self.par_nom_et_code_postal(&saisie, code),
                None => self.par_nom_seul(&saisie),
            },
        }
    }

    /// A commune by the code of itself, of what lies in it, or of what it took in.
    fn par_code_insee(&self, code: &str) -> Option<Candidat<'_>> {
        let code = CodeCommune::parse(code)?;
        let commune = &self.communes[self.rang_actuel(&code)?];
        let par = if commune.code == code {
            Voie::CodeInsee
        } else {
            match self.interieure(&code) {
                Some(i) if i.genre == GenreInterieur::Arrondissement => Voie::Arrondissement(i),
                Some(i) => Voie::Ancienne(i),
                None => Voie::AncienCode,
            }
        };
        Some(Candidat { commune, par })
    }

    /// Sets the commune of an INSEE code against the name and the code postal: one of them at least must agree.
    fn confronte<'a>(
        &'a self,
        insee: Candidat<'a>,
        saisie: &Saisie,
        code_postal: Option<&str>,
    ) -> Resolution<'a> {
        let nom = (!saisie.nom.is_empty()).then(|| self.nom_concorde(insee.commune, saisie));
        let postal = code_postal.map(|code| self.code_postal_concorde(insee.commune, code));
        match (nom, postal) {
            (None, None) | (Some(true), _) | (_, Some(true)) => Resolution::Certaine(insee),
            _ => {
                let autre = match code_postal {
                    Some(code) => self.par_nom_et_code_postal(saisie, code),
                    None => self.par_nom_seul(saisie),
                };
                let mut candidats = vec![insee];
                let others = autre.candidats().iter().filter(|c| c.commune.code != insee.commune.code);
                candidats.extend(others.take(CHOIX_MAX - 1));
                Resolution::doubtful(candidats)
            }
        }
    }

    /// Whether the commune of a code, or what lies in it, bears or bore that name, small typing errors forgiven; or one name
    /// is the other with more words, as « Château-Chinon » and « Château-Chinon (Ville) ».
    pub fn porte_le_nom(&self, code: &CodeCommune, nom: &str) -> bool {
        self.rang_actuel(code).is_some_and(|rang| {
            let commune = &self.communes[rang];
            self.nom_concorde(commune, &Saisie::lit(nom)) || emboites(&commune.nom, nom)
        })
    }

    /// Whether the name is one that the commune, or what lies in it, may bear.
    fn nom_concorde(&self, commune: &Commune, saisie: &Saisie) -> bool {
        let filtre = |c: &Commune| c.code == commune.code;
        !self.exacts(&saisie.nom, &filtre).is_empty() || !self.approches(&saisie.nom, &filtre).is_empty()
    }

    /// Whether the code postal serves the commune, or is a CEDEX of its département.
    fn code_postal_concorde(&self, commune: &Commune, code: &str) -> bool {
        let mut rangs = self.rangs_du_code_postal(code).peekable();
        if rangs.peek().is_none() {
            return departements_du_code_postal(code).contains(&commune.departement);
        }
        rangs.any(|i| self.communes[i as usize].code == commune.code)
    }

    /// The communes of a code postal, or the arrondissement that it serves, the most populous first.
    fn par_code_postal<'a>(&'a self, code: &str) -> Vec<Candidat<'a>> {
        let mut candidats: Vec<Candidat<'a>> = self
            .rangs_du_code_postal(code)
            .map(|rang| {
                let arrondissement = self.interieures.iter().find(|i| {
                    i.commune == rang
                        && i.genre == GenreInterieur::Arrondissement
                        && i.codes_postaux.iter().any(|c| c.as_str() == code)
                });
                Candidat {
                    commune: &self.communes[rang as usize],
                    par: arrondissement.map_or(Voie::CodePostal, Voie::Arrondissement),
                }
            })
            .collect();
        candidats.sort_by_key(|c| Reverse(c.commune.population));
        candidats
    }

    fn par_nom_et_code_postal<'a>(&'a self, saisie: &Saisie, code: &str) -> Resolution<'a> {
        let postal = self.par_code_postal(code);
        if saisie.nom.is_empty() {
            return Resolution::of(postal);
        }
        if !postal.is_empty() {
            let filtre = |c: &Commune| postal.iter().any(|p| p.commune.code == c.code);
            let mut found = self.exacts(&saisie.nom, &filtre);
            if found.is_empty() {
                found = self.approches(&saisie.nom, &filtre);
            }
            if !found.is_empty() {
                return Resolution::of(found.into_iter().map(|c| self.precise(c, saisie, &postal)).collect());
            }
        }
        // A CEDEX is in no table: the name decides within its département. So it does for a code postal that serves
        // other communes, but then someone has to choose.
        let departements = departements_du_code_postal(code);
        let found = self.exacts(&saisie.nom, &|c: &Commune| departements.contains(&c.departement));
        if postal.is_empty() {
            if !found.is_empty() {
                return Resolution::of(found.into_iter().map(|c| self.precise(c, saisie, &[])).collect());
            }
            let near = self.approches(&saisie.nom, &|c: &Commune| departements.contains(&c.departement));
            if !near.is_empty() {
                return Resolution::doubtful(near);
            }
        }
        let mut candidats =
            if found.is_empty() { self.exacts(&saisie.nom, &|_: &Commune| true) } else { found };
        candidats.extend(postal);
        candidats.truncate(CHOIX_MAX);
        Resolution::doubtful(candidats)
    }

    /// Puts the arrondissement that was named, or that the code postal serves, in place of the whole town.
    fn precise<'a>(
        &'a self,
        candidat: Candidat<'a>,
        saisie: &Saisie,
        postal: &[Candidat<'a>],
    ) -> Candidat<'a> {
        if let Some(numero) = saisie.arrondissement
            && let Some(i) = self.arrondissement_municipal(candidat.commune, numero)
        {
            return Candidat { commune: candidat.commune, par: Voie::Arrondissement(i) };
        }
        let served = postal.iter().find(|p| p.commune.code == candidat.commune.code);
        match served.map(|p| p.par) {
            Some(par @ Voie::Arrondissement(_)) => Candidat { commune: candidat.commune, par },
            _ => candidat,
        }
    }

    fn arrondissement_municipal(&self, commune: &Commune, numero: u8) -> Option<&Interieure> {
        self.interieures_de(commune).find(|i| i.numero() == Some(numero))
    }

    fn par_nom_seul(&self, saisie: &Saisie) -> Resolution<'_> {
        if saisie.nom.is_empty() {
            return Resolution::Aucune;
        }
        let filtre = |c: &Commune| saisie.departement.as_ref().is_none_or(|d| *d == c.departement);
        let exacts = self.exacts(&saisie.nom, &filtre);
        if !exacts.is_empty() {
            return Resolution::of(exacts.into_iter().map(|c| self.precise(c, saisie, &[])).collect());
        }
        if let Some((nom, departement)) = self.nom_et_departement(&saisie.nom) {
            let found = self.exacts(nom, &|c: &Commune| c.departement == *departement);
            if !found.is_empty() {
                return Resolution::of(found);
            }
        }
        Resolution::doubtful(self.approches(&saisie.nom, &filtre))
    }

    /// « saint denis reunion »: a name followed by that of its département or région of a single one.
    fn nom_et_departement<'a, 'b>(&'a self, nom: &'b str) -> Option<(&'b str, &'a CodeDepartement)> {
        nom.match_indices(' ').find_map(|(i, _)| {
            let (debut, fin) = (&nom[..i], sans_article(&nom[i + 1..]));
            self.noms_larges.exacts(fin).find_map(|n| match self.cibles_larges[n as usize] {
                CibleLarge::Departement(d) => Some((debut, &self.departements[d as usize].code)),
                CibleLarge::Region(_) | CibleLarge::Epci(_) => None,
            })
        })
    }

    /// The communes of that very name: by the name with its article if some bear it, else without; with the former
    /// communes of that name that lie elsewhere; villages only when nothing else bears the name.
    fn exacts<'a>(&'a self, nom: &str, filtre: &dyn Fn(&Commune) -> bool) -> Vec<Candidat<'a>> {
        let mut tous: Vec<(u8, Candidat<'a>)> = Vec::new();
        for n in self.noms.exacts(sans_article(nom)) {
            let cible = self.cibles[n as usize];
            let candidat = self.de_cible(cible);
            if !filtre(candidat.commune) {
                continue;
            }
            let classe = match (cible, litterale(candidat.nom()) == nom) {
                (Cible::Commune(_) | Cible::Interieure(_), true) => 0,
                (Cible::Commune(_) | Cible::Interieure(_), false) => 1,
                (Cible::Localite(_), true) => 2,
                (Cible::Localite(_), false) => 3,
            };
            tous.push((classe, candidat));
        }
        let best = tous.iter().map(|(classe, _)| *classe).min();
        tous.retain(|(classe, _)| Some(*classe) == best);
        tries(tous.into_iter().map(|(_, c)| c).collect())
    }

    /// The communes whose name differs by a letter or two, the nearest only.
    fn approches<'a>(&'a self, nom: &str, filtre: &dyn Fn(&Commune) -> bool) -> Vec<Candidat<'a>> {
        let proches: Vec<(Candidat<'a>, usize)> = self
            .noms
            .proches(sans_article(nom))
            .into_iter()
            .map(|(n, erreurs)| (self.de_cible(self.cibles[n as usize]), erreurs))
            .filter(|(c, _)| filtre(c.commune))
            .collect();
        let best = proches.iter().map(|(_, erreurs)| *erreurs).min();
        let nearest = proches.into_iter().filter(|(_, erreurs)| Some(*erreurs) == best).map(|(c, _)| {
            let par = if matches!(c.par, Voie::Nom) { Voie::Approche } else { c.par };
            Candidat { commune: c.commune, par }
        });
        tries(nearest.collect())
    }

    fn de_cible(&self, cible: Cible) -> Candidat<'_> {
        match cible {
            Cible::Commune(i) => Candidat { commune: &self.communes[i as usize], par: Voie::Nom },
            Cible::Interieure(i) => {
                let interieure = &self.interieures[i as usize];
                let par = if interieure.genre == GenreInterieur::Arrondissement {
                    Voie::Arrondissement(interieure)
                } else {
                    Voie::Ancienne(interieure)
                };
                Candidat { commune: &self.communes[interieure.commune as usize], par }
            }
            Cible::Localite(i) => {
                let localite = &self.localites[i as usize];
                Candidat { commune: &self.communes[localite.commune as usize], par: Voie::Localite(localite) }
            }
        }
    }
}

/// One candidate a commune, its own name first; the most populous first.
fn tries(mut candidats: Vec<Candidat<'_>>) -> Vec<Candidat<'_>> {
    candidats.sort_by_key(|c| {
        (Reverse(c.commune.population), c.commune.code.clone(), !matches!(c.par, Voie::Nom))
    });
    candidats.dedup_by(|b, a| a.commune.code == b.commune.code);
    candidats.truncate(CHOIX_MAX);
    candidats
}

/// The départements that a code postal may lie in: two digits, three overseas; Corsica has both of hers.
fn departements_du_code_postal(code: &str) -> Vec<CodeDepartement> {
    let debuts: Vec<&str> = match code.get(..2) {
        Some("20") => vec!["2A", "2B"],
        // Saint-Barthélemy and Saint-Martin keep codes of Guadeloupe.
        Some("97" | "98") if code.starts_with("971") => vec!["971", "977", "978"],
        Some("97" | "98") => code.get(..3).into_iter().collect(),
        Some(debut) => vec![debut],
        None => vec![],
    };
    debuts.into_iter().filter_map(CodeDepartement::parse).collect()
}
