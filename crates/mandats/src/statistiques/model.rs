//! What is counted, and what of it is published.

use std::collections::BTreeMap;

use annuaire::territoires::Territoires;
use chrono::{DateTime, Utc};
use kernel::{CodeDepartement, CodeRegion};
use serde::{Deserialize, Serialize};

use super::masque::{self, Somme};

/// Of which territory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Portee {
    /// The country.
    Pays,
    /// A région.
    Region(CodeRegion),
    /// A département.
    Departement(CodeDepartement),
}

impl Portee {
    /// Its key.
    pub fn cle(&self) -> String {
        match self {
            Self::Pays => "pays".to_owned(),
            Self::Region(code) => format!("region:{code}"),
            Self::Departement(code) => format!("departement:{code}"),
        }
    }

    /// The one of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        match cle.split_once(':') {
            None => (cle == "pays").then_some(Self::Pays),
            Some(("region", code)) => CodeRegion::parse(code).map(Self::Region),
            Some(("departement", code)) => CodeDepartement::parse(code).map(Self::Departement),
            Some(_) => None,
        }
    }
}

/// Figures of a territory. An organisation counts where it stands; a person or an aidant once, wherever they went there.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Chiffres {
    /// Organisations habilitées today.
    pub organisations: i64,
    /// Those that bear the label France services.
    pub france_services: i64,
    /// Those that helped somebody once at least.
    pub organisations_actives: i64,
    /// Aidants who may make mandats today.
    pub aidants: i64,
    /// Those who made one once at least.
    pub aidants_mandants: i64,
    /// Référents of today.
    pub referents: i64,
    /// People named by an organisation, not active yet.
    pub en_parcours: i64,
    /// Aidants who sleep: they did not come for months.
    pub dormants: i64,
    /// Mandats made, taken over ones included.
    pub mandats: i64,
    /// Mandats with something that may be done today.
    pub mandats_actifs: i64,
    /// Mandats of which somebody put an end to something.
    pub mandats_revoques: i64,
    /// People who gave a mandat.
    pub personnes: i64,
    /// Démarches done: an identity left for a service.
    pub demarches: i64,
    /// People for whom one was done.
    pub personnes_aidees: i64,
    /// Démarches done by category; of the country only.
    pub par_demarche: BTreeMap<String, i64>,
}

/// A figure that is published; none when it is hidden.
pub type Publiee = Option<i64>;

/// What is published of a territory: organisations and aidants are public, people are not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ligne {
    /// INSEE code; none of the country.
    pub code: Option<String>,
    /// Name.
    pub nom: String,
    /// Région of a département.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Organisations habilitées today.
    pub organisations: i64,
    /// Those that helped somebody once at least.
    pub organisations_actives: i64,
    /// Aidants who may make mandats today.
    pub aidants: i64,
    /// People named by an organisation, not active yet.
    pub aidants_en_parcours: i64,
    /// Mandats made.
    pub mandats: Publiee,
    /// Mandats under way.
    pub mandats_actifs: Publiee,
    /// People who gave a mandat.
    pub personnes: Publiee,
    /// Démarches done.
    pub demarches: Publiee,
    /// People for whom one was done.
    pub personnes_aidees: Publiee,
}

/// What is published, ready to be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publies {
    /// When it was counted.
    pub le: DateTime<Utc>,
    /// The country.
    pub pays: Ligne,
    /// Démarches by category, by key.
    pub par_demarche: BTreeMap<String, Publiee>,
    /// Régions, by name; those where nothing is are there too.
    pub regions: Vec<Ligne>,
    /// Départements, by code.
    pub departements: Vec<Ligne>,
}

/// What speaks of people, in the order of [`Ligne::cachees`].
const CACHEES: [fn(&Chiffres) -> i64; 5] =
    [|c| c.mandats, |c| c.mandats_actifs, |c| c.personnes, |c| c.demarches, |c| c.personnes_aidees];

impl Ligne {
    fn nouvelle(code: Option<String>, nom: String, region: Option<String>, c: &Chiffres) -> Self {
        Self {
            code,
            nom,
            region,
            organisations: c.organisations,
            organisations_actives: c.organisations_actives,
            aidants: c.aidants,
            aidants_en_parcours: c.en_parcours,
            mandats: None,
            mandats_actifs: None,
            personnes: None,
            demarches: None,
            personnes_aidees: None,
        }
    }

    fn cachees(&mut self) -> [&mut Publiee; 5] {
        [
            &mut self.mandats,
            &mut self.mandats_actifs,
            &mut self.personnes,
            &mut self.demarches,
            &mut self.personnes_aidees,
        ]
    }
}

impl Publies {
    /// Hides what would let somebody be recognised, each figure on its own.
    pub(super) fn nouveaux(
        le: DateTime<Utc>,
        chiffres: &BTreeMap<String, Chiffres>,
        territoires: &Territoires,
    ) -> Self {
        let rien = Chiffres::default();
        let de = |p: &Portee| chiffres.get(&p.cle()).unwrap_or(&rien);
        // The country, then régions, then départements: one place each.
        let mut tous = vec![de(&Portee::Pays)];
        let mut lignes = vec![Ligne::nouvelle(None, "France".to_owned(), None, tous[0])];
        let mut regions: Vec<_> = territoires.regions().iter().collect();
        regions.sort_by_key(|r| kernel::text::fold(&r.nom));
        for r in &regions {
            let c = de(&Portee::Region(r.code.clone()));
            tous.push(c);
            lignes.push(Ligne::nouvelle(Some(r.code.to_string()), r.nom.clone(), None, c));
        }
        let debut = tous.len();
        for d in territoires.departements() {
            let c = de(&Portee::Departement(d.code.clone()));
            tous.push(c);
            let region = Some(d.region.to_string());
            lignes.push(Ligne::nouvelle(Some(d.code.to_string()), d.nom.clone(), region, c));
        }
        let mut sommes = vec![Somme { total: 0, parts: (1..debut).collect() }];
        for (rang, r) in regions.iter().enumerate() {
            let parts = territoires.departements().iter().enumerate();
            let parts = parts.filter(|(_, d)| d.region == r.code).map(|(i, _)| debut + i).collect();
            sommes.push(Somme { total: 1 + rang, parts });
        }
        for (quoi, lire) in CACHEES.iter().enumerate() {
            let valeurs: Vec<i64> = tous.iter().map(|c| lire(c)).collect();
            let caches = masque::caches(&valeurs, &sommes);
            for (i, ligne) in lignes.iter_mut().enumerate() {
                *ligne.cachees()[quoi] = (!caches[i]).then_some(valeurs[i]);
            }
        }
        let departements = lignes.split_off(debut);
        let regions = lignes.split_off(1);
        Self { le, par_demarche: par_demarche(tous[0]), pays: lignes.remove(0), regions, departements }
    }
}

/// Categories of the country, hidden as territories are: their total is public.
fn par_demarche(pays: &Chiffres) -> BTreeMap<String, Publiee> {
    let mut valeurs = vec![pays.demarches];
    valeurs.extend(pays.par_demarche.values());
    let somme = Somme { total: 0, parts: (1..valeurs.len()).collect() };
    let caches = masque::caches(&valeurs, &[somme]);
    let publiee = |(i, (cle, n)): (usize, (&String, &i64))| (cle.clone(), (!caches[i + 1]).then_some(*n));
    pays.par_demarche.iter().enumerate().map(publiee).collect()
}
