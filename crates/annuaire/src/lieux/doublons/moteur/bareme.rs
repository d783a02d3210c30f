//! The points of a pair. Every rule stands here, with its weight.

use super::adresse::Voies;
use super::nom::{genre, ressemblance};
use super::traits::{Frequences, Traits};

/// From here on a pair is merged without asking.
pub const AUTOMATIQUE: i32 = 67;
/// From here on a pair is shown to a person; below, never.
pub const POSSIBLE: i32 = 52;

/// What was compared, and what came of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Critere {
    /// The same name, but for accents, empty words and the commune.
    NomIdentique,
    /// Nearly the same name.
    NomProche,
    /// One name holds the other.
    NomInclus,
    /// Some words in common.
    NomPartage,
    /// Nothing in common.
    NomDifferent,
    /// Words of their own, and none in common.
    NomsPropresOpposes,
    /// A town hall and a library.
    GenresOpposes,
    /// A house of the State's services, and one for young people or for work under the same roof.
    AutreService,
    /// Two France services at one address.
    DeuxFranceServices,
    /// A France services, and the house that holds it.
    LabelEtHote,
    /// One moves, the other does not.
    MobileOuFixe,
    /// Less than 60 m.
    TresProches,
    /// Less than 250 m.
    Proches,
    /// More than 500 m.
    Eloignes,
    /// More than 2 km.
    TresEloignes,
    /// The same street and number.
    MemeAdresse,
    /// The same street, a number is missing or next door.
    MemeVoie,
    /// The same street, other numbers.
    AutreNumero,
    /// Other streets.
    AutreVoie,
    /// Other communes.
    AutreCommune,
    /// A telephone of theirs alone.
    MemeTelephone,
    /// A telephone that other lieux have too.
    TelephonePartage,
    /// Two telephones.
    AutreTelephone,
    /// An e-mail address of theirs alone.
    MemeCourriel,
    /// An e-mail address that other lieux have too.
    CourrielPartage,
    /// A site of theirs alone.
    MemeSite,
    /// The same SIRET, RNA or RIDET, close by.
    MemePivot,
    /// Two records of one source, which tells them apart.
    MemeSource,
}

impl Critere {
    /// The field that it looks at, in the words of the standard.
    pub fn champ(self) -> &'static str {
        use Critere as C;
        match self {
            C::NomIdentique
            | C::NomProche
            | C::NomInclus
            | C::NomPartage
            | C::NomDifferent
            | C::NomsPropresOpposes => "nom",
            C::GenresOpposes | C::AutreService | C::DeuxFranceServices | C::LabelEtHote => "typologie",
            C::MobileOuFixe => "itinerance",
            C::TresProches | C::Proches | C::Eloignes | C::TresEloignes => "position",
            C::MemeAdresse | C::MemeVoie | C::AutreNumero | C::AutreVoie => "adresse",
            C::AutreCommune => "commune",
            C::MemeTelephone | C::TelephonePartage | C::AutreTelephone => "telephone",
            C::MemeCourriel | C::CourrielPartage => "courriels",
            C::MemeSite => "site_web",
            C::MemePivot => "pivot",
            C::MemeSource => "source",
        }
    }
}

/// A line of the score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// What was seen.
    pub critere: Critere,
    /// Its points, below zero when it speaks against.
    pub points: i32,
}

/// The score of a pair, explained.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparaison {
    /// What speaks for and against.
    pub lignes: Vec<Ligne>,
    /// Metres between them, when both positions are known.
    pub distance_m: Option<u32>,
}

impl Comparaison {
    /// The sum of the points.
    pub fn score(&self) -> i32 {
        self.lignes.iter().map(|l| l.points).sum()
    }

    fn ajoute(&mut self, critere: Critere, points: i32) {
        if points != 0 {
            self.lignes.push(Ligne { critere, points });
        }
    }
}

/// Places that a telephone or an address may stand in and still speak for one lieu.
const PARTAGE: usize = 2;
/// Metres within which a number of organisation speaks of one lieu: beyond, it has several.
const PORTEE_PIVOT_M: f64 = 300.0;

/// Compares two records.
pub fn comparer(a: &Traits, b: &Traits, frequences: &Frequences<'_>) -> Comparaison {
    let mut c = Comparaison::default();
    let distance = a.position.zip(b.position).map(|(p, q)| p.distance_m(q));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "metres on the Earth")]
    let metres = distance.map(|d| d.round() as u32);
    c.distance_m = metres;
    let meme_commune = a.commune == b.commune;
    let voies = a.adresse.compare(&b.adresse);

    let contact = contact_commun(a, b, frequences);
    // The same number in the street and the same contact: one house, whatever it is called.
    let une_porte = voies == Voies::MemeNumero && contact && meme_commune;
    let heberge = voies == Voies::MemeNumero && meme_commune && label_et_hote(a.nom.genres, b.nom.genres);
    let identiques = noms(&mut c, a, b, une_porte || heberge);
    lieu(&mut c, voies, distance, meme_commune);
    contacts(&mut c, a, b, frequences);
    let pres = distance.is_none_or(|d| d <= PORTEE_PIVOT_M) && meme_commune;
    if !a.pivot.is_empty() && a.pivot == b.pivot && (pres || voies == Voies::MemeNumero) {
        c.ajoute(Critere::MemePivot, if voies == Voies::AutreVoie { 5 } else { 20 });
    }
    if a.nom.mobile != b.nom.mobile {
        c.ajoute(Critere::MobileOuFixe, -85);
    } else if a.itinerant.zip(b.itinerant).is_some_and(|(x, y)| x != y) {
        c.ajoute(Critere::MobileOuFixe, -35);
    } else {
        genres(&mut c, a.nom.genres, b.nom.genres, voies);
    }
    if !a.source.is_empty() && a.source == b.source && !identiques {
        c.ajoute(Critere::MemeSource, -10);
    }
    c
}

/// Kinds of houses that hold other services without being them.
const SOUS_LE_MEME_TOIT: u32 = genre::JEUNESSE
    | genre::EMPLOI
    | genre::MISSION_LOCALE
    | genre::SECURITE_SOCIALE
    | genre::COWORKING
    | genre::ECOLE;

/// Kinds of lieux: some exclude each other, a label goes with most.
fn genres(c: &mut Comparaison, a: u32, b: u32, voies: Voies) {
    let (sa, sb) = (a & !genre::LABELS, b & !genre::LABELS);
    if a & b & genre::FRANCE_SERVICES != 0 {
        match voies {
            Voies::MemeNumero => c.ajoute(Critere::DeuxFranceServices, 22),
            Voies::MemeVoie | Voies::Voisines => c.ajoute(Critere::DeuxFranceServices, 10),
            _ => {}
        }
    } else if sa & sb == 0 && sa != 0 && sb != 0 {
        c.ajoute(Critere::GenresOpposes, -35);
    } else if (a ^ b) & genre::FRANCE_SERVICES != 0 && (sa | sb) & SOUS_LE_MEME_TOIT != 0 {
        c.ajoute(Critere::AutreService, -20);
    } else if label_et_hote(a, b) && voies == Voies::MemeNumero {
        c.ajoute(Critere::LabelEtHote, 12);
    }
}

/// One bears the label, the other is a house that may hold it.
fn label_et_hote(a: u32, b: u32) -> bool {
    let hote = |g: u32| g & genre::FRANCE_SERVICES == 0 && g & !genre::LABELS & !SOUS_LE_MEME_TOIT != 0;
    (a & genre::FRANCE_SERVICES != 0 && hote(b)) || (b & genre::FRANCE_SERVICES != 0 && hote(a))
}

/// Names; whether they are the same.
fn noms(c: &mut Comparaison, a: &Traits, b: &Traits, une_porte: bool) -> bool {
    let r = ressemblance(&a.nom, &b.nom);
    let identiques = r.mots > 0.95;
    if identiques {
        c.ajoute(Critere::NomIdentique, 40);
    } else if r.mots >= 0.7 && !r.propres_opposes {
        c.ajoute(Critere::NomProche, 36);
    } else if r.inclusion >= 0.74 && !r.propres_opposes {
        c.ajoute(Critere::NomInclus, 32);
    } else if r.propres_communs > 0 || r.mots >= 0.35 {
        c.ajoute(Critere::NomPartage, 15);
    } else if r.mots < 0.15 && !une_porte {
        c.ajoute(Critere::NomDifferent, -10);
    }
    if r.propres_opposes && !identiques && !une_porte {
        c.ajoute(Critere::NomsPropresOpposes, -8);
    }
    identiques
}

fn lieu(c: &mut Comparaison, voies: Voies, distance: Option<f64>, meme_commune: bool) {
    match voies {
        Voies::MemeNumero => c.ajoute(Critere::MemeAdresse, 33),
        Voies::MemeVoie => c.ajoute(Critere::MemeVoie, 20),
        Voies::Voisines => c.ajoute(Critere::MemeVoie, 20),
        Voies::AutreNumero => c.ajoute(Critere::AutreNumero, -10),
        Voies::AutreVoie => c.ajoute(Critere::AutreVoie, -15),
        Voies::Inconnue => {}
    }
    // A position is often that of the commune: the street, when both give it, says more.
    let meme_porte = matches!(voies, Voies::MemeNumero) && meme_commune;
    match distance {
        Some(d) if d <= 60.0 => c.ajoute(Critere::TresProches, 20),
        Some(d) if d <= 250.0 => c.ajoute(Critere::Proches, 14),
        Some(d) if d > 2_000.0 => c.ajoute(Critere::TresEloignes, if meme_porte { -5 } else { -40 }),
        Some(d) if d > 500.0 => c.ajoute(Critere::Eloignes, if meme_porte { 0 } else { -12 }),
        _ => {}
    }
    if !meme_commune {
        let pres = distance.is_some_and(|d| d <= 250.0);
        let prouve = matches!(voies, Voies::MemeNumero | Voies::MemeVoie);
        c.ajoute(Critere::AutreCommune, if pres && prouve { -5 } else { -50 });
    }
}

/// Whether a telephone or an address of theirs alone is the same.
fn contact_commun(a: &Traits, b: &Traits, frequences: &Frequences<'_>) -> bool {
    let seul = |cle: &str| frequences.de(cle) <= PARTAGE;
    (!a.telephone.is_empty() && a.telephone == b.telephone && seul(&a.telephone))
        || a.courriels.iter().any(|m| b.courriels.contains(m) && seul(m))
}

/// Telephone, addresses, sites.
fn contacts(c: &mut Comparaison, a: &Traits, b: &Traits, frequences: &Frequences<'_>) {
    let mut meme = false;
    if !a.telephone.is_empty() && !b.telephone.is_empty() {
        if a.telephone != b.telephone {
            c.ajoute(Critere::AutreTelephone, -4);
        } else if frequences.de(&a.telephone) <= PARTAGE {
            c.ajoute(Critere::MemeTelephone, 28);
            meme = true;
        } else {
            c.ajoute(Critere::TelephonePartage, 6);
        }
    }
    if let Some(courriel) = a.courriels.iter().find(|m| b.courriels.contains(m)) {
        if frequences.de(courriel) <= PARTAGE {
            c.ajoute(Critere::MemeCourriel, if meme { 14 } else { 24 });
            meme = true;
        } else {
            c.ajoute(Critere::CourrielPartage, 4);
        }
    }
    if a.sites.iter().any(|s| b.sites.contains(s) && frequences.de(s) <= PARTAGE) {
        c.ajoute(Critere::MemeSite, if meme { 6 } else { 12 });
    }
}
