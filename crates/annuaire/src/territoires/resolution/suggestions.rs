//! While people type: lines for the search box, and territories of every level for the page that searches them.

use std::cmp::Reverse;

use super::{CHOIX_MAX, Candidat, Voie};
use crate::territoires::ensemble::{Cible, CibleLarge, Territoires};
use crate::territoires::index::Debut;
use crate::territoires::model::{Commune, Departement, Epci, Region};
use crate::territoires::saisie::{Saisie, litterale, sans_article};

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

impl Territoires {
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
    pub(in crate::territoires) fn suggestion(&self, candidat: &Candidat<'_>) -> Suggestion {
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
