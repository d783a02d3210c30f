//! Which commune people mean.
//!
//! What is certain is answered alone; what could be several is answered as several, most probable first; nothing is
//! guessed in silence.

use std::cmp::Reverse;

use kernel::{CodeCommune, CodeDepartement};

use super::ensemble::{Cible, CibleLarge, Territoires};
use super::index::Debut;
use super::model::{
    Commune, Departement, Epci, GenreInterieur, Interieure, Localite, PositionCommune, Qualite, Region,
};
use super::saisie::{Saisie, litterale, sans_article};

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

/// A line of the search box.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// What to show: `Saint-Denis`.
    pub libelle: String,
    /// What tells it from its homonyms: `Seine-Saint-Denis (93), 149 077 habitants`.
    pub detail: String,
    /// INSEE code of the commune of today.
    pub code_commune: String,
    /// What to put in the box: a text that resolves to this commune alone.
    pub valeur: String,
    /// Latitude of the point meant, when known.
    pub latitude: Option<f64>,
    /// Longitude of the point meant, when known.
    pub longitude: Option<f64>,
    /// Whether the position is an estimate.
    pub estimee: bool,
}

/// A territory found by its name or code.
#[derive(Clone, Copy, Debug)]
pub enum TerritoireTrouve<'a> {
    /// A région.
    Region(&'a Region),
    /// A département.
    Departement(&'a Departement),
    /// An EPCI.
    Epci(&'a Epci),
    /// A commune.
    Commune(Candidat<'a>),
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

    /// Lines for the search box, from the first letter on: beginnings of names first, then of words, then small typing
    /// errors; the most populous first. At most `limite` lines.
    pub fn suggestions(&self, texte: &str, limite: usize) -> Vec<Suggestion> {
        self.candidats_suggeres(texte, limite.min(CHOIX_MAX)).iter().map(|c| self.suggestion(c)).collect()
    }

    fn candidats_suggeres<'a>(&'a self, texte: &str, limite: usize) -> Vec<Candidat<'a>> {
        let saisie = Saisie::lit(texte);
        if let Some(code) =
            saisie.debut_code.as_deref().or(saisie.code.as_deref().filter(|_| saisie.nom.is_empty()))
        {
            return self.suggestions_par_code(code, limite);
        }
        if saisie.code.is_some() || saisie.arrondissement.is_some() {
            let mut certain = self.resoudre(texte).candidats().to_vec();
            certain.truncate(limite);
            return certain;
        }
        let filtre = |c: &Commune| saisie.departement.as_ref().is_none_or(|d| *d == c.departement);
        let mut notes: Vec<(Reverse<u64>, Cible)> = Vec::new();
        let mut memes: Vec<(Reverse<u64>, Cible)> = Vec::new();
        let written = sans_article(&saisie.nom_partiel);
        let opened = sans_article(&saisie.nom);
        let keys: &[&str] = if written == opened { &[written] } else { &[written, opened] };
        for key in keys.iter().filter(|k| !k.is_empty()) {
            let admitted = |cible: &Cible| filtre(self.de_cible(*cible).commune);
            let begun = self.noms.debuts(key).map(|(n, debut)| (self.cibles[n as usize], debut));
            notes.extend(begun.filter(|(cible, _)| admitted(cible)).map(|(cible, debut)| {
                let poids = self.poids(cible) * if debut == Debut::Nom { 5 } else { 1 };
                (Reverse(poids), cible)
            }));
            let same = self.noms.exacts(key).map(|n| self.cibles[n as usize]);
            memes.extend(same.filter(admitted).map(|cible| (Reverse(self.poids(cible) * 100), cible)));
        }
        notes.extend(&memes);
        // Only the head is sorted: the first letters of a name reach thousands.
        let head = limite * 6;
        if notes.len() > head {
            notes.select_nth_unstable_by_key(head, |n| n.0);
            notes.truncate(head);
        }
        notes.sort_by_key(|n| n.0);
        memes.sort_by_key(|n| n.0);
        let mut found: Vec<Candidat<'a>> = Vec::with_capacity(limite);
        // A small commune whose whole name was typed always has its line: `Y` beside Yerres.
        let reserve = memes.len().min(limite / 3);
        for (_, cible) in notes {
            push_new(&mut found, self.de_cible(cible), limite - reserve);
        }
        for (_, cible) in memes.into_iter().take(reserve) {
            push_new(&mut found, self.de_cible(cible), limite);
        }
        if found.len() < limite && found.len() < 3 {
            for candidat in self.approches(&saisie.nom, &filtre) {
                push_new(&mut found, candidat, limite);
            }
        }
        found
    }

    fn suggestions_par_code<'a>(&'a self, code: &str, limite: usize) -> Vec<Candidat<'a>> {
        let mut found: Vec<Candidat<'a>> = Vec::new();
        if code.len() == 5 {
            found = self.par_code_postal(code);
            if let Some(insee) = self.par_code_insee(code)
                && !found.iter().any(|c| c.commune.code == insee.commune.code)
            {
                found.push(insee);
            }
        } else {
            let debut = self.postal.partition_point(|(p, _)| p.as_str() < code);
            let mut rangs: Vec<u32> = self.postal[debut..]
                .iter()
                .take_while(|(p, _)| p.as_str().starts_with(code))
                .map(|(_, i)| *i)
                .collect();
            if rangs.is_empty() {
                // Corsica: INSEE codes begin with 2A and 2B, codes postaux with 20.
                let debut = self.communes.partition_point(|c| c.code.as_str() < code);
                let corses = self.communes[debut..].iter().take_while(|c| c.code.as_str().starts_with(code));
                rangs = (debut..debut + corses.count()).filter_map(|i| u32::try_from(i).ok()).collect();
            }
            rangs.sort_unstable();
            rangs.dedup();
            rangs.sort_by_key(|i| Reverse(self.communes[*i as usize].population));
            found.extend(
                rangs
                    .into_iter()
                    .take(limite)
                    .map(|i| Candidat { commune: &self.communes[i as usize], par: Voie::CodePostal }),
            );
        }
        found.truncate(limite);
        found
    }

    /// What ranks a name among its equals: the inhabitants of a commune, and a little for what lies in one, so that the
    /// arrondissements of Marseille do not hide Martigues.
    fn poids(&self, cible: Cible) -> u64 {
        match cible {
            Cible::Commune(i) => u64::from(self.communes[i as usize].habitants()) + 1,
            Cible::Interieure(i) => u64::from(self.interieures[i as usize].population.unwrap_or(3_000) / 20),
            Cible::Localite(_) => 100,
        }
    }

    /// A candidate as a line of the search box.
    pub(super) fn suggestion(&self, candidat: &Candidat<'_>) -> Suggestion {
        let commune = candidat.commune;
        let departement = self
            .departement(&commune.departement)
            .map_or_else(|| commune.departement.to_string(), |d| format!("{} ({})", d.nom, d.code));
        let detail = match (candidat.precision(), candidat.par) {
            (Some(precision), _) => format!("{precision}, {departement}"),
            (None, Voie::Arrondissement(i)) => match i.population {
                Some(n) => format!("{departement}, {} habitants", kernel::text::nombre(i64::from(n))),
                None => departement,
            },
            (None, _) => match commune.population {
                Some(n) if n > 1 => {
                    format!("{departement}, {} habitants", kernel::text::nombre(i64::from(n)))
                }
                Some(1) => format!("{departement}, 1 habitant"),
                _ => departement,
            },
        };
        let position = candidat.position();
        let postal = match candidat.par {
            Voie::Arrondissement(i) => i.codes_postaux.first(),
            _ => commune.codes_postaux.first(),
        };
        let saisie = postal
            .map(|p| format!("{p} {}", commune.nom))
            .filter(|s| self.resoudre(s).certaine().is_some_and(|c| c.commune.code == commune.code));
        Suggestion {
            libelle: candidat.nom().to_owned(),
            detail,
            code_commune: commune.code.to_string(),
            valeur: saisie.unwrap_or_else(|| format!("{} ({})", commune.nom, commune.code)),
            latitude: position.map(|p| p.position.latitude),
            longitude: position.map(|p| p.position.longitude),
            estimee: position.is_some_and(|p| p.estimee()),
        }
    }

    /// Territories of every level, by name or by code, for the page that searches them.
    pub fn chercher_territoires<'a>(&'a self, texte: &str, limite: usize) -> Vec<TerritoireTrouve<'a>> {
        let limite = limite.min(CHOIX_MAX);
        let nom = litterale(texte);
        let cle = sans_article(&nom);
        let mut found: Vec<TerritoireTrouve<'a>> = Vec::new();
        let code = texte.trim().to_uppercase();
        found.extend(
            self.departements.iter().filter(|d| d.code.as_str() == code).map(TerritoireTrouve::Departement),
        );
        found.extend(self.regions.iter().filter(|r| r.code.as_str() == code).map(TerritoireTrouve::Region));
        found.extend(self.epci.iter().filter(|e| e.code == code).map(TerritoireTrouve::Epci));
        if !cle.is_empty() && found.is_empty() {
            let mut larges: Vec<(u8, CibleLarge)> = self
                .noms_larges
                .debuts(cle)
                .map(|(n, debut)| (u8::from(debut == Debut::Mot), self.cibles_larges[n as usize]))
                .collect();
            if larges.is_empty() {
                let near = self.noms_larges.proches(cle).into_iter();
                larges.extend(near.map(|(n, _)| (2, self.cibles_larges[n as usize])));
            }
            larges.sort_by_key(|(classe, cible)| (matches!(cible, CibleLarge::Epci(_)), *classe));
            found.extend(larges.into_iter().take(limite / 2).map(|(_, cible)| match cible {
                CibleLarge::Region(i) => TerritoireTrouve::Region(&self.regions[i as usize]),
                CibleLarge::Departement(i) => TerritoireTrouve::Departement(&self.departements[i as usize]),
                CibleLarge::Epci(i) => TerritoireTrouve::Epci(&self.epci[i as usize]),
            }));
        }
        let room = limite.saturating_sub(found.len());
        found.extend(self.candidats_suggeres(texte, room).into_iter().map(TerritoireTrouve::Commune));
        found
    }
}

/// Adds a candidate unless its commune is there already; an arrondissement is another thing than its town.
fn push_new<'a>(found: &mut Vec<Candidat<'a>>, candidat: Candidat<'a>, limite: usize) {
    let same = |c: &Candidat<'a>| {
        c.commune.code == candidat.commune.code
            && (c.nom() == candidat.nom() || c.nom() == c.commune.nom)
            && !matches!(candidat.par, Voie::Arrondissement(_))
    };
    if found.len() < limite && !found.iter().any(same) {
        found.push(candidat);
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
