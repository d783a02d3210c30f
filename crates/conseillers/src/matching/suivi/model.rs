//! What is counted. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::CodeDepartement;

use crate::candidats::{CandidatVue, Rayon};
use crate::ids::CandidatId;

/// One contact: whom, when asked, when answered.
pub(super) type Fait = (CandidatId, DateTime<Utc>, Option<DateTime<Utc>>);

/// How many of a group were ever contacted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Part {
    pub(super) candidats: u32,
    pub(super) jamais: u32,
}

impl Part {
    fn compte(&mut self, contacte: bool) {
        self.candidats += 1;
        self.jamais += u32::from(!contacte);
    }

    /// Share never contacted, 0 to 1; none without anybody.
    pub(super) fn part(self) -> Option<f64> {
        (self.candidats > 0).then(|| f64::from(self.jamais) / f64::from(self.candidats))
    }
}

/// How fast contacts are answered.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Delais {
    /// Contacts asked for.
    pub(super) contacts: u32,
    /// Answered, and by how many whole days, shortest first.
    jours: Vec<i64>,
    /// Not answered, and their time is over.
    pub(super) sans_reponse: u32,
}

/// Days of each class of the chart; the last has no end.
pub(super) const CLASSES: [(&str, i64); 5] = [
    ("Le jour même", 0),
    ("Le lendemain", 1),
    ("En 2 ou 3 jours", 3),
    ("En 4 à 7 jours", 7),
    ("En plus de 7 jours", i64::MAX),
];

impl Delais {
    pub(super) fn repondus(&self) -> usize {
        self.jours.len()
    }

    /// The middle time to answer, in days.
    pub(super) fn mediane(&self) -> Option<f64> {
        let n = self.jours.len();
        let au = |rang: usize| {
            self.jours.get(rang).map_or(0.0, |j| f64::from(i32::try_from(*j).unwrap_or(i32::MAX)))
        };
        (n > 0).then(|| f64::midpoint(au((n - 1) / 2), au(n / 2)))
    }

    /// How many answers in each of [`CLASSES`].
    pub(super) fn classes(&self) -> [u32; 5] {
        let mut out = [0; 5];
        for jours in &self.jours {
            let classe = CLASSES.iter().position(|(_, fin)| jours <= fin).unwrap_or(4);
            out[classe] += 1;
        }
        out
    }
}

/// How old an application is: name, days at most.
pub(super) const ANCIENNETES: [(&str, i64); 4] =
    [("Moins d’un mois", 30), ("De 1 à 3 mois", 91), ("De 3 à 6 mois", 182), ("Plus de 6 mois", i64::MAX)];

/// Everything the page shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Suivi {
    pub(super) tous: Part,
    pub(super) par_departement: BTreeMap<CodeDepartement, (Part, Delais)>,
    pub(super) par_rayon: Vec<(String, Part)>,
    pub(super) par_anciennete: Vec<(&'static str, Part)>,
    pub(super) delais: Delais,
}

/// Counts everybody who looks for a post now. Times to answer count every contact, of whoever left since too.
pub(super) fn suivre<'a>(
    candidats: impl Iterator<Item = &'a CandidatVue>,
    faits: &[Fait],
    (now, jours): (DateTime<Utc>, u32),
) -> Suivi {
    let mut par_candidat: HashMap<CandidatId, Vec<&Fait>> = HashMap::new();
    for fait in faits {
        par_candidat.entry(fait.0).or_default().push(fait);
    }
    let mut suivi = Suivi {
        par_rayon: Rayon::tous().map(|r| (r.libelle(), Part::default())).collect(),
        par_anciennete: ANCIENNETES.map(|(nom, _)| (nom, Part::default())).to_vec(),
        ..Suivi::default()
    };
    let rayons: Vec<Rayon> = Rayon::tous().collect();
    for c in candidats {
        let contacts = par_candidat.get(&c.id).map_or(&[] as &[_], Vec::as_slice);
        let contacte = !contacts.is_empty();
        suivi.tous.compte(contacte);
        let (part, delais) = suivi.par_departement.entry(c.commune.departement.clone()).or_default();
        part.compte(contacte);
        contacts.iter().for_each(|fait| note(delais, fait, (now, jours)));
        if let Some((_, part)) =
            rayons.iter().position(|r| *r == c.rayon).and_then(|rang| suivi.par_rayon.get_mut(rang))
        {
            part.compte(contacte);
        }
        let age = (now - c.depose_le).num_days();
        let classe = ANCIENNETES.iter().position(|(_, fin)| age < *fin).unwrap_or(ANCIENNETES.len() - 1);
        suivi.par_anciennete[classe].1.compte(contacte);
    }
    faits.iter().for_each(|fait| note(&mut suivi.delais, fait, (now, jours)));
    suivi.delais.jours.sort_unstable();
    suivi.par_departement.values_mut().for_each(|(_, delais)| delais.jours.sort_unstable());
    suivi
}

fn note(delais: &mut Delais, (_, propose, repondu): &Fait, (now, jours): (DateTime<Utc>, u32)) {
    delais.contacts += 1;
    match repondu {
        Some(repondu) => delais.jours.push((*repondu - *propose).num_days().max(0)),
        None if now - *propose > TimeDelta::days(i64::from(jours) + 1) => delais.sans_reponse += 1,
        None => {}
    }
}
