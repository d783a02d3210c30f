//! The verdict of the schema on one cell, equal to that of a frictionless validator.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Acces, Accompagnement, Champ, Dispositif, FormationLabel, Frais, Genre, Itinerance, PriseEnCharge,
    Public, RESUME_MAX, Service, Valeur,
};

/// Why the schema refuses a cell. The names are those of the frictionless constraints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defaut {
    /// `required`: no value.
    Requis,
    /// `type`: not a number, not a day.
    Type,
    /// `pattern`: not of the shape, or not in the closed list.
    Motif,
    /// `maxLength`: too long.
    Longueur,
}

impl Defaut {
    /// Its name in frictionless.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Requis => "required",
            Self::Type => "type",
            Self::Motif => "pattern",
            Self::Longueur => "maxLength",
        }
    }

    /// What it means, in French.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Requis => "Le standard demande une valeur.",
            Self::Type => "Le standard attend un nombre (latitude, longitude) ou une date AAAA-MM-JJ.",
            Self::Motif => "Cette valeur n’a pas la forme que demande le standard.",
            Self::Longueur => "Cette valeur est plus longue que ne le permet le standard.",
        }
    }
}

/// Patterns are anchored as frictionless does it with Python: `$` lets one final line feed pass.
fn motif(corps: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "five constant patterns, each exercised by a test")]
    Regex::new(&format!(r"\A(?:{corps})\n?\z")).expect("a constant pattern")
}

static PIVOT: LazyLock<Regex> = LazyLock::new(|| motif("[a-zA-Z0-9]{9,14}"));
static CODE_POSTAL: LazyLock<Regex> = LazyLock::new(|| motif(r"\d{5}"));
static CODE_INSEE: LazyLock<Regex> = LazyLock::new(|| motif(r"(?:[013-9]\d|2[AB1-9])\d{3}"));
static TELEPHONE: LazyLock<Regex> =
    LazyLock::new(|| motif(r"\+(?:33|590|594|262|596|269|687|689|508|681)\d{6,9}"));
/// `Decimal()` of Python, underscores taken away.
static NOMBRE: LazyLock<Regex> =
    LazyLock::new(|| motif(r"(?i)[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)"));
/// `strptime("%Y-%m-%d")` of Python: one digit is enough for the month and the day.
static JOUR: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant pattern, exercised by a test")]
    Regex::new(r"\A([0-9]{4})-(1[0-2]|0[1-9]|[1-9])-(3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])\z")
        .expect("a constant pattern")
});

/// What the schema says of the cell: `None` when it accepts it. Uniqueness of `id` is not a matter
/// of one cell; the import checks it.
pub fn verdict(champ: Champ, cellule: &str) -> Option<Defaut> {
    if cellule.is_empty() {
        return champ.requis().then_some(Defaut::Requis);
    }
    match champ.genre() {
        Genre::Nombre => {
            let compact = cellule.trim().replace('_', "");
            return (!NOMBRE.is_match(&compact) || compact.ends_with('\n')).then_some(Defaut::Type);
        }
        Genre::Date => return jour(cellule).is_none().then_some(Defaut::Type),
        Genre::Texte => {}
    }
    let accepte = match champ {
        Champ::Pivot => PIVOT.is_match(cellule),
        Champ::CodePostal => CODE_POSTAL.is_match(cellule),
        Champ::CodeInsee => CODE_INSEE.is_match(cellule),
        Champ::Telephone => TELEPHONE.is_match(cellule),
        Champ::Itinerance => liste::<Itinerance>(cellule),
        Champ::Services => liste::<Service>(cellule),
        Champ::PublicsSpecifiquementAdresses => liste::<Public>(cellule),
        Champ::PriseEnChargeSpecifique => liste::<PriseEnCharge>(cellule),
        Champ::FraisACharge => liste::<Frais>(cellule),
        Champ::DispositifProgrammesNationaux => liste::<Dispositif>(cellule),
        Champ::FormationsLabels => liste::<FormationLabel>(cellule),
        Champ::ModalitesAcces => liste::<Acces>(cellule),
        Champ::ModalitesAccompagnement => liste::<Accompagnement>(cellule),
        Champ::PresentationResume => {
            return (cellule.chars().count() > RESUME_MAX).then_some(Defaut::Longueur);
        }
        _ => true,
    };
    (!accepte).then_some(Defaut::Motif)
}

/// The day of a cell that the schema accepts.
pub(crate) fn jour(cellule: &str) -> Option<chrono::NaiveDate> {
    let parts = JOUR.captures(cellule)?;
    let nombre = |i: usize| parts.get(i).and_then(|m| m.as_str().trim().parse::<u32>().ok());
    let annee = i32::try_from(nombre(1)?).ok().filter(|a| *a > 0)?;
    chrono::NaiveDate::from_ymd_opt(annee, nombre(2)?, nombre(3)?)
}

/// The patterns of lists: `(?:(?:^|\|)(A|B))+$`. A leading `|` passes, a double value passes, and the
/// dot of « ORDI 3.0 » stands for any character.
fn liste<T: Valeur>(cellule: &str) -> bool {
    let cellule = cellule.strip_suffix('\n').unwrap_or(cellule);
    cellule.strip_prefix('|').unwrap_or(cellule).split('|').all(|mots| {
        T::TOUTES.iter().any(|v| v.motif() == mots) || (T::CHAMP == Champ::FormationsLabels && ordi(mots))
    })
}

fn ordi(mots: &str) -> bool {
    mots.strip_prefix("ORDI 3").and_then(|r| r.strip_suffix('0')).is_some_and(|joker| {
        let mut lettres = joker.chars();
        matches!((lettres.next(), lettres.next()), (Some(c), None) if c != '\n')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells and what frictionless 5 says of them, taken from a run of it.
    #[test]
    fn agrees_with_frictionless() {
        use Defaut::{Longueur, Motif, Requis, Type};
        for (champ, cellule, attendu) in [
            (Champ::Id, "", Some(Requis)),
            (Champ::Nom, " ", None),
            (Champ::Pivot, "43493312300029", None),
            (Champ::Pivot, "W12345678", None),
            (Champ::Pivot, "12345678", Some(Motif)),
            (Champ::Pivot, "434 933 123", Some(Motif)),
            (Champ::CodePostal, "75001", None),
            (Champ::CodePostal, "75001\n", None),
            (Champ::CodePostal, "٧٥٠٠١", None),
            (Champ::CodePostal, "7500", Some(Motif)),
            (Champ::CodeInsee, "", None),
            (Champ::CodeInsee, "2A004", None),
            (Champ::CodeInsee, "97411", None),
            (Champ::CodeInsee, "20004", Some(Motif)),
            (Champ::CodeInsee, "2a004", Some(Motif)),
            (Champ::Telephone, "+33180059880", None),
            (Champ::Telephone, "+687123456", None),
            (Champ::Telephone, "0180059880", Some(Motif)),
            (Champ::Telephone, "+33 180059880", Some(Motif)),
            (Champ::Telephone, "3949", Some(Motif)),
            (Champ::Latitude, " 4.5 ", None),
            (Champ::Latitude, "1_0.5", None),
            (Champ::Latitude, "NaN", None),
            (Champ::Latitude, "1e5", None),
            (Champ::Latitude, "43,5", Some(Type)),
            (Champ::Latitude, ".", Some(Type)),
            (Champ::DateMaj, "2024-04-02", None),
            (Champ::DateMaj, "2024-4-2", None),
            (Champ::DateMaj, "20240402", Some(Type)),
            (Champ::DateMaj, "2024-02-30", Some(Type)),
            (Champ::DateMaj, "2024-04-02 ", Some(Type)),
            (Champ::DateMaj, "02/04/2024", Some(Type)),
            (Champ::FraisACharge, "|Gratuit", None),
            (Champ::FraisACharge, "Gratuit|Gratuit", None),
            (Champ::FraisACharge, "Gratuit\n", None),
            (Champ::FraisACharge, "Gratuit|", Some(Motif)),
            (Champ::FraisACharge, "Gratuit;Payant", Some(Motif)),
            (Champ::FraisACharge, "gratuit", Some(Motif)),
            (Champ::FormationsLabels, "Étapes numériques (La Poste)", Some(Motif)),
            (Champ::FormationsLabels, "Étapes numériques(La Poste)", None),
            (Champ::FormationsLabels, "ORDI 3x0|ORDI 3.0", None),
            (Champ::Services, "Comprehension du monde numérique", Some(Motif)),
            (Champ::Typologie, "N’importe quoi", None),
            (Champ::SiteWeb, "pas une URL", None),
        ] {
            assert_eq!(verdict(champ, cellule), attendu, "{} {cellule:?}", champ.nom());
        }
        assert_eq!(verdict(Champ::PresentationResume, &"é".repeat(280)), None);
        assert_eq!(verdict(Champ::PresentationResume, &"é".repeat(281)), Some(Longueur));
    }
}
