//! « Où ? »: what people type there, and what it means.

use kernel::text::fold;
use kernel::{CodeCommune, CodePostal, Position};

use crate::lieux::recherche::Zone;
use crate::territoires::{Candidat, Commune, Departement, Region, Resolution, Territoires, de_nom};

/// What the place of a search is.
#[derive(Clone, Debug)]
pub(crate) enum Ou {
    /// None was given.
    Partout,
    /// Where the visitor stands.
    Ici(Position),
    /// A commune, or a part of one.
    Commune {
        /// As it is named: « Guéret », « Lyon 3e Arrondissement ».
        nom: String,
        /// « commune déléguée de Valserhône ».
        precision: Option<String>,
        /// Its point, when known.
        position: Option<Position>,
        /// Whether the point is an estimate.
        estimee: bool,
        /// Place of the commune in the list.
        rang: u32,
        /// Its INSEE code.
        code: kernel::CodeCommune,
        /// Another territory of that name: (text, parameter, code).
        aussi: Option<(String, &'static str, String)>,
    },
    /// A département, a région or an EPCI.
    Territoire {
        /// « dans le département de la Creuse (23) ».
        dans: String,
        /// What bounds the search.
        zone: Zone,
        /// Address of its page.
        page: String,
        /// A commune of that name, as a text that resolves to it.
        aussi: Option<String>,
    },
    /// Several communes: the page asks which. (label, detail, text to search).
    Choix(Vec<(String, String, String)>),
    /// Nothing of that name.
    Inconnu(String),
}

/// Most choices that are shown.
const CHOIX_MAX: usize = 12;

/// A commune of that size is not hidden by the département that bears its name.
const GRANDE: u32 = 10_000;

fn zone(i: usize, de: fn(u16) -> Zone) -> Option<Zone> {
    u16::try_from(i).ok().map(de)
}

impl Ou {
    /// Reads what was typed.
    pub(crate) fn lit(t: &Territoires, texte: &str) -> Self {
        let texte: String = texte.chars().take(100).collect();
        if fold(&texte).is_empty() {
            return if texte.trim().is_empty() { Self::Partout } else { Self::Inconnu(texte) };
        }
        let resolution = t.resoudre(&texte);
        let large = Self::large(t, &texte);
        match (large, resolution) {
            (Some((dans, zone, parametre, code)), r) => {
                let plie = fold(&texte);
                let commune = r.candidats().iter().find(|c| fold(&c.commune.nom) == plie);
                match commune {
                    Some(c) if c.commune.habitants() >= GRANDE => {
                        Self::commune(t, c, Some((dans, parametre, code)))
                    }
                    autre => Self::Territoire {
                        dans,
                        zone,
                        page: format!("/territoires/{parametre}/{code}"),
                        aussi: autre.map(|c| valeur(t, c.commune)),
                    },
                }
            }
            (None, Resolution::Certaine(c)) => Self::commune(t, &c, None),
            (None, Resolution::Plusieurs(candidats)) => match code_postal(&texte, &candidats) {
                Some(principale) => {
                    let mut ou = Self::commune(t, principale, None);
                    if let Self::Commune { precision, .. } = &mut ou {
                        let n = candidats.len();
                        *precision =
                            Some(format!("commune principale des {n} du code postal {}", texte.trim()));
                    }
                    ou
                }
                // « 8 avenue Fayolle, 23000 Guéret »: the street hides the name beside the code.
                None => match adresse(t, &texte).filter(|reste| t.resoudre(reste).certaine().is_some()) {
                    Some(reste) => Self::a_l_adresse(t, &texte, reste),
                    None => Self::choix(t, &candidats),
                },
            },
            (None, Resolution::Aucune) => match adresse(t, &texte) {
                Some(reste) => Self::a_l_adresse(t, &texte, reste),
                None => Self::Inconnu(texte),
            },
        }
    }

    /// The commune at the end of an address; the street itself is not known.
    fn a_l_adresse(t: &Territoires, texte: &str, reste: &str) -> Self {
        match Self::lit(t, reste) {
            Self::Commune { nom, position, estimee, rang, code, aussi, .. } => {
                let precision =
                    Some(format!("commune de l’adresse « {texte} », les distances partent de son centre"));
                Self::Commune { nom, precision, position, estimee, rang, code, aussi }
            }
            autre => autre,
        }
    }

    /// A département or a région by its name, its number, or « département de … ».
    fn large(t: &Territoires, texte: &str) -> Option<(String, Zone, &'static str, String)> {
        let plie = fold(texte);
        let nu = plie.strip_prefix("departement ").or_else(|| plie.strip_prefix("region ")).map_or(
            plie.as_str(),
            |r| {
                ["de la ", "des ", "du ", "de l ", "de ", "d ", "la ", "les ", "le ", "l "]
                    .iter()
                    .find_map(|a| r.strip_prefix(a))
                    .unwrap_or(r)
            },
        );
        let force_region = plie.starts_with("region ");
        let code = texte.trim().to_uppercase();
        let departement = t
            .departements()
            .iter()
            .position(|d| !force_region && (fold(&d.nom) == nu || d.code.as_str() == code))
            .filter(|_| code.len() <= 3 || !code.bytes().all(|b| b.is_ascii_digit()));
        if let Some(i) = departement {
            let d = &t.departements()[i];
            let dans = dans_departement(d);
            return Some((dans, zone(i, Zone::Departement)?, "departement", d.code.to_string()));
        }
        let i = t.regions().iter().position(|r| fold(&r.nom) == nu)?;
        let r = &t.regions()[i];
        let dans = dans_region(r);
        Some((dans, zone(i, Zone::Region)?, "region", r.code.to_string()))
    }

    fn commune(t: &Territoires, c: &Candidat<'_>, aussi: Option<(String, &'static str, String)>) -> Self {
        let position = c.position();
        Self::Commune {
            nom: c.nom().to_owned(),
            precision: c.precision(),
            position: position.map(|p| p.position),
            estimee: position.is_some_and(|p| p.estimee()),
            rang: t.rang(&c.commune.code).and_then(|r| u32::try_from(r).ok()).unwrap_or(u32::MAX),
            code: c.commune.code.clone(),
            aussi,
        }
    }

    fn choix(t: &Territoires, candidats: &[Candidat<'_>]) -> Self {
        let choix = candidats.iter().take(CHOIX_MAX).map(|c| {
            let departement = t
                .departement(&c.commune.departement)
                .map_or_else(|| c.commune.departement.to_string(), |d| format!("{} ({})", d.nom, d.code));
            let detail = match c.precision() {
                Some(p) => format!("{p}, {departement}"),
                None => match c.commune.population {
                    Some(n) => {
                        format!("{departement}, {} habitants", kernel::text::nombre(i64::from(n)))
                    }
                    None => departement,
                },
            };
            (c.nom().to_owned(), detail, valeur(t, c.commune))
        });
        Self::Choix(choix.collect())
    }

    /// A territory given by its code: `departement=23`, `region=75`, `epci=200067189`, `commune=23096`.
    pub(crate) fn de_code(t: &Territoires, parametre: &str, code: &str) -> Option<Self> {
        let territoire = |dans: String, zone| {
            let page = format!("/territoires/{parametre}/{}", code.to_uppercase());
            Some(Self::Territoire { dans, zone, page, aussi: None })
        };
        match parametre {
            "departement" => {
                let code = code.to_uppercase();
                let i = t.departements().iter().position(|d| d.code.as_str() == code)?;
                let d = &t.departements()[i];
                territoire(dans_departement(d), zone(i, Zone::Departement)?)
            }
            "region" => {
                let i = t.regions().iter().position(|r| r.code.as_str() == code)?;
                let r = &t.regions()[i];
                territoire(dans_region(r), zone(i, Zone::Region)?)
            }
            "epci" => {
                let i = t.epci().iter().position(|e| e.code == code)?;
                territoire(format!("dans le territoire « {} »", t.epci()[i].nom), zone(i, Zone::Epci)?)
            }
            _ => {
                let rang = t.rang_actuel(&CodeCommune::parse(code)?)?;
                let zone = Zone::Commune(u32::try_from(rang).ok()?);
                territoire(format!("dans la commune {}", de_nom(&t.communes()[rang].nom)), zone)
            }
        }
    }
}

/// The end of an address that names a commune: « 8 avenue Fayolle, 23000 Guéret » gives « 23000 Guéret ». Without a code
/// postal or a comma, the last words must name one, and not belong to the street: « rue de Paris » is not in Paris.
fn adresse<'a>(t: &Territoires, texte: &'a str) -> Option<&'a str> {
    const LIENS: [&str; 12] = ["de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "saint"];
    let connue = |reste: &str| !matches!(t.resoudre(reste), Resolution::Aucune);
    let mut mots: Vec<(usize, &str)> = Vec::new();
    let mut debut = None;
    for (i, c) in texte.char_indices().chain([(texte.len(), ' ')]) {
        match (c.is_alphanumeric(), debut) {
            (true, None) => debut = Some(i),
            (false, Some(d)) => {
                mots.push((d, &texte[d..i]));
                debut = None;
            }
            _ => {}
        }
    }
    let postal = mots.iter().skip(1).rev().find(|(_, m)| CodePostal::parse(m).is_some());
    if let Some((debut, _)) = postal
        && connue(&texte[*debut..])
    {
        return Some(&texte[*debut..]);
    }
    if let Some((_, reste)) = texte.rsplit_once(',')
        && connue(reste)
    {
        return Some(reste.trim());
    }
    let fins = (1..mots.len()).filter(|i| mots.len() - i <= 6);
    fins.filter(|i| !LIENS.contains(&fold(mots[i - 1].1).as_str()))
        .map(|i| &texte[mots[i].0..])
        .find(|fin| t.resoudre(fin).candidats().iter().any(|c| fold(c.nom()) == fold(fin)))
}

/// The communes of one code postal are neighbours: a search by distance starts from the largest rather than ask.
fn code_postal<'a, 'c>(texte: &str, candidats: &'c [Candidat<'a>]) -> Option<&'c Candidat<'a>> {
    let code = CodePostal::parse(texte)?;
    let principale = candidats.first()?;
    let position = principale.position()?.position;
    let voisines = candidats.iter().all(|c| {
        c.commune.codes_postaux.contains(&code)
            && c.position().is_some_and(|p| p.position.distance_m(position) < 40_000.0)
    });
    voisines.then_some(principale)
}

fn dans_departement(d: &Departement) -> String {
    format!("dans le département {} ({})", d.liaison.de(&d.nom), d.code)
}

fn dans_region(r: &Region) -> String {
    format!("dans la région {}", r.nom)
}

/// A text that resolves to this commune alone.
fn valeur(t: &Territoires, commune: &Commune) -> String {
    commune
        .codes_postaux
        .first()
        .map(|p| format!("{p} {}", commune.nom))
        .filter(|s| t.resoudre(s).certaine().is_some_and(|c| c.commune.code == commune.code))
        .unwrap_or_else(|| format!("{} ({})", commune.nom, commune.code))
}
