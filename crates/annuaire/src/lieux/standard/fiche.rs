//! One record of the standard, typed.

use std::borrow::Cow;

use chrono::NaiveDate;
use kernel::{CodeCommune, CodePostal, Pivot, Position, Telephone};

use super::{
    Acces, Accompagnement, Champ, Dispositif, FormationLabel, Frais, Itinerance, Liste, PriseEnCharge,
    Public, Service, verdict,
};

/// What the standard writes when the SIRET, RNA or RIDET is unknown: fourteen zeros.
pub const PIVOT_INCONNU: &str = "00000000000000";

/// A lieu as the standard describes it. Free texts are empty when unknown; lists of free values
/// (`typologie`, `courriels`, `site_web`, `autres_formations_labels`) stay joined by `|`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fiche {
    /// Identifier that the producer gave.
    pub id: Box<str>,
    /// SIRET, RNA or RIDET; `None` is written as fourteen zeros.
    pub pivot: Option<Pivot>,
    /// Public name.
    pub nom: Box<str>,
    /// Name of the commune, as delivered.
    pub commune: Box<str>,
    /// Postal code; `None` is a defect that the report names.
    pub code_postal: Option<CodePostal>,
    /// INSEE code, delivered or found from the name and the postal code.
    pub code_insee: Option<CodeCommune>,
    /// Number and street; empty is a defect that the report names.
    pub adresse: Box<str>,
    /// Building, floor, hamlet.
    pub complement_adresse: Box<str>,
    /// WGS84.
    pub position: Option<Position>,
    /// Codes of [`super::TYPOLOGIES`], joined by `|`.
    pub typologie: Box<str>,
    /// One number.
    pub telephone: Option<Telephone>,
    /// Addresses joined by `|`.
    pub courriels: Box<str>,
    /// URLs joined by `|`.
    pub site_web: Box<str>,
    /// OSM `opening_hours`.
    pub horaires: Box<str>,
    /// At most 280 characters.
    pub presentation_resume: Box<str>,
    /// Free text.
    pub presentation_detail: Box<str>,
    /// Who collected the record.
    pub source: Box<str>,
    /// Whether the lieu moves.
    pub itinerance: Liste<Itinerance>,
    /// Network or organisation above it.
    pub structure_parente: Box<str>,
    /// Last update by the producer; `None` when the file gives no readable day.
    pub date_maj: Option<NaiveDate>,
    /// What is offered.
    pub services: Liste<Service>,
    /// Audiences; none means everybody.
    pub publics: Liste<Public>,
    /// Specific needs supported.
    pub prises_en_charge: Liste<PriseEnCharge>,
    /// Cost.
    pub frais: Liste<Frais>,
    /// National programmes.
    pub dispositifs: Liste<Dispositif>,
    /// Trainings and labels.
    pub formations_labels: Liste<FormationLabel>,
    /// Other labels, joined by `|`.
    pub autres_formations_labels: Box<str>,
    /// How to get in.
    pub modalites_acces: Liste<Acces>,
    /// How people are helped.
    pub modalites_accompagnement: Liste<Accompagnement>,
    /// URL of the accessibility sheet.
    pub fiche_acces_libre: Box<str>,
    /// URL of the booking page.
    pub prise_rdv: Box<str>,
}

impl Fiche {
    /// The value of a field as documented by the standard; empty when unknown.
    pub fn valeur(&self, champ: Champ) -> Cow<'_, str> {
        fn texte(t: &str) -> Cow<'_, str> {
            Cow::Borrowed(t)
        }
        match champ {
            Champ::Id => texte(&self.id),
            Champ::Pivot => texte(self.pivot.as_ref().map_or(PIVOT_INCONNU, Pivot::as_str)),
            Champ::Nom => texte(&self.nom),
            Champ::Commune => texte(&self.commune),
            Champ::CodePostal => texte(self.code_postal.as_ref().map_or("", CodePostal::as_str)),
            Champ::CodeInsee => texte(self.code_insee.as_ref().map_or("", CodeCommune::as_str)),
            Champ::Adresse => texte(&self.adresse),
            Champ::ComplementAdresse => texte(&self.complement_adresse),
            Champ::Latitude => self.position.map_or(texte(""), |p| Cow::Owned(p.latitude.to_string())),
            Champ::Longitude => self.position.map_or(texte(""), |p| Cow::Owned(p.longitude.to_string())),
            Champ::Typologie => texte(&self.typologie),
            Champ::Telephone => texte(self.telephone.as_ref().map_or("", Telephone::as_str)),
            Champ::Courriels => texte(&self.courriels),
            Champ::SiteWeb => texte(&self.site_web),
            Champ::Horaires => texte(&self.horaires),
            Champ::PresentationResume => texte(&self.presentation_resume),
            Champ::PresentationDetail => texte(&self.presentation_detail),
            Champ::Source => texte(&self.source),
            Champ::Itinerance => Cow::Owned(self.itinerance.to_string()),
            Champ::StructureParente => texte(&self.structure_parente),
            Champ::DateMaj => self.date_maj.map_or(texte(""), |d| Cow::Owned(d.to_string())),
            Champ::Services => Cow::Owned(self.services.to_string()),
            Champ::PublicsSpecifiquementAdresses => Cow::Owned(self.publics.to_string()),
            Champ::PriseEnChargeSpecifique => Cow::Owned(self.prises_en_charge.to_string()),
            Champ::FraisACharge => Cow::Owned(self.frais.to_string()),
            Champ::DispositifProgrammesNationaux => Cow::Owned(self.dispositifs.to_string()),
            Champ::FormationsLabels => Cow::Owned(self.formations_labels.to_string()),
            Champ::AutresFormationsLabels => texte(&self.autres_formations_labels),
            Champ::ModalitesAcces => Cow::Owned(self.modalites_acces.to_string()),
            Champ::ModalitesAccompagnement => Cow::Owned(self.modalites_accompagnement.to_string()),
            Champ::FicheAccesLibre => texte(&self.fiche_acces_libre),
            Champ::PriseRdv => texte(&self.prise_rdv),
        }
    }

    /// The value that the schema accepts: the pattern's own words where they differ from the
    /// documented ones.
    pub fn valeur_stricte(&self, champ: Champ) -> Cow<'_, str> {
        match champ {
            Champ::FormationsLabels => Cow::Owned(self.formations_labels.motif()),
            autre => self.valeur(autre),
        }
    }

    /// A record from values already in the shape of the standard: those that this program stored.
    /// A value that is not in shape is left out, never a panic.
    pub fn depuis_valeurs<'a>(lire: impl Fn(Champ) -> &'a str) -> Self {
        let texte = |c: Champ| -> Box<str> { lire(c).into() };
        let nombre = |c: Champ| lire(c).parse::<f64>().ok();
        Self {
            id: texte(Champ::Id),
            pivot: Pivot::parse(lire(Champ::Pivot)).ok(),
            nom: texte(Champ::Nom),
            commune: texte(Champ::Commune),
            code_postal: CodePostal::parse(lire(Champ::CodePostal)),
            code_insee: CodeCommune::parse(lire(Champ::CodeInsee)),
            adresse: texte(Champ::Adresse),
            complement_adresse: texte(Champ::ComplementAdresse),
            position: nombre(Champ::Latitude)
                .zip(nombre(Champ::Longitude))
                .and_then(|(lat, lon)| Position::new(lat, lon)),
            typologie: texte(Champ::Typologie),
            telephone: Telephone::parse(lire(Champ::Telephone)),
            courriels: texte(Champ::Courriels),
            site_web: texte(Champ::SiteWeb),
            horaires: texte(Champ::Horaires),
            presentation_resume: texte(Champ::PresentationResume),
            presentation_detail: texte(Champ::PresentationDetail),
            source: texte(Champ::Source),
            itinerance: Liste::exacte(lire(Champ::Itinerance)).unwrap_or_default(),
            structure_parente: texte(Champ::StructureParente),
            date_maj: verdict::jour(lire(Champ::DateMaj)),
            services: Liste::exacte(lire(Champ::Services)).unwrap_or_default(),
            publics: Liste::exacte(lire(Champ::PublicsSpecifiquementAdresses)).unwrap_or_default(),
            prises_en_charge: Liste::exacte(lire(Champ::PriseEnChargeSpecifique)).unwrap_or_default(),
            frais: Liste::exacte(lire(Champ::FraisACharge)).unwrap_or_default(),
            dispositifs: Liste::exacte(lire(Champ::DispositifProgrammesNationaux)).unwrap_or_default(),
            formations_labels: Liste::exacte(lire(Champ::FormationsLabels)).unwrap_or_default(),
            autres_formations_labels: texte(Champ::AutresFormationsLabels),
            modalites_acces: Liste::exacte(lire(Champ::ModalitesAcces)).unwrap_or_default(),
            modalites_accompagnement: Liste::exacte(lire(Champ::ModalitesAccompagnement)).unwrap_or_default(),
            fiche_acces_libre: texte(Champ::FicheAccesLibre),
            prise_rdv: texte(Champ::PriseRdv),
        }
    }

    /// The fields that keep this record out of a strictly conforming file, empty when it conforms.
    pub fn defauts(&self) -> Vec<Champ> {
        Champ::TOUS.into_iter().filter(|c| verdict(*c, &self.valeur_stricte(*c)).is_some()).collect()
    }

    /// Fingerprint of the content, every field but `id`: the same content gives the same 32
    /// hexadecimal characters, in this version and the next.
    pub fn empreinte(&self) -> String {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        for champ in Champ::TOUS.into_iter().skip(1) {
            let valeur = self.valeur(champ);
            hash.update(u64::try_from(valeur.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(valeur.as_bytes());
        }
        kernel::text::hex(&hash.finalize()[..16])
    }

    /// The values of a field whose free values are joined by `|`.
    pub fn libres(cellule: &str) -> impl Iterator<Item = &str> {
        cellule.split('|').filter(|v| !v.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lieux::standard::Valeur;

    fn exemple() -> Fiche {
        Fiche {
            id: "structure-1".into(),
            pivot: Pivot::parse("43493312300029").ok(),
            nom: "Anonymal".into(),
            commune: "Reims".into(),
            code_postal: CodePostal::parse("51100"),
            adresse: "12 bis rue de Leclercq".into(),
            position: Position::new(43.52609, 5.41423),
            date_maj: NaiveDate::from_ymd_opt(2024, 4, 2),
            formations_labels: FormationLabel::TOUTES.iter().copied().collect(),
            services: Service::TOUTES.iter().rev().copied().collect(),
            ..Fiche::default()
        }
    }

    #[test]
    fn comes_back_from_its_values() {
        let fiche = exemple();
        let valeurs: Vec<String> = Champ::TOUS.iter().map(|c| fiche.valeur(*c).into_owned()).collect();
        let relue = Fiche::depuis_valeurs(|c| valeurs[c.rang()].as_str());
        assert_eq!(relue, fiche);
        assert_eq!(relue.empreinte(), fiche.empreinte());
        assert_eq!(fiche.empreinte().len(), 32);
        assert_ne!(Fiche { nom: "Autre".into(), ..fiche.clone() }.empreinte(), fiche.empreinte());
    }

    #[test]
    fn names_what_keeps_it_out_of_a_strict_file() {
        assert_eq!(exemple().defauts(), []);
        let incomplete = Fiche { adresse: "".into(), date_maj: None, pivot: None, ..exemple() };
        assert_eq!(incomplete.defauts(), [Champ::Adresse, Champ::DateMaj]);
    }

    #[test]
    fn stays_small() {
        assert!(std::mem::size_of::<Fiche>() <= 640, "{}", std::mem::size_of::<Fiche>());
    }
}
