//! The hash that Aidants Connect wrote when a mandat was made: computed again, or why it cannot be. It covers identifiers, two
//! days, démarches, the text's file and the old `sub`; neither names, nor what was printed, nor a signature.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

/// What is known of the hash of a mandat that was taken over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Computed again, equal.
    Verifie,
    /// Nobody can say.
    Inverifiable(Raison),
    /// All that it covers is known, and gives another one.
    Different,
}

/// Why nobody can say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Raison {
    /// No line of the journal tells that it was made.
    SansJournal,
    /// The line has no hash.
    SansEmpreinte,
    /// The salt was not given.
    SelAbsent,
    /// The file of its text was not given.
    ModeleAbsent,
    /// The mandat does not say which text, and no file that was given fits.
    ModeleInconnu,
    /// The line lacks a field that the hash covers.
    ChampAbsent,
    /// The mandat no longer says what the line says, and neither gives the hash.
    ChampsChanges,
}

impl Raison {
    /// Every one.
    pub const TOUTES: [Self; 7] = [
        Self::SansJournal,
        Self::SansEmpreinte,
        Self::SelAbsent,
        Self::ModeleAbsent,
        Self::ModeleInconnu,
        Self::ChampAbsent,
        Self::ChampsChanges,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::SansJournal => "sans_journal",
            Self::SansEmpreinte => "sans_empreinte",
            Self::SelAbsent => "sel_absent",
            Self::ModeleAbsent => "modele_absent",
            Self::ModeleInconnu => "modele_inconnu",
            Self::ChampAbsent => "champ_absent",
            Self::ChampsChanges => "champs_changes",
        }
    }

    /// In words, after « invérifiable : ».
    pub fn phrase(self) -> &'static str {
        match self {
            Self::SansJournal => "aucune ligne du journal ne dit comment il a été fait",
            Self::SansEmpreinte => "aucune empreinte n’a été écrite quand il a été fait",
            Self::SelAbsent => "le sel de l’ancien service n’a pas été donné",
            Self::ModeleAbsent => "le fichier de son texte n’a pas été donné",
            Self::ModeleInconnu => "rien ne dit quel texte a été imprimé",
            Self::ChampAbsent => "il manque une donnée dont l’empreinte dépend",
            Self::ChampsChanges => {
                "le mandat ne dit plus la même chose que le journal du jour où il a été fait"
            }
        }
    }
}

impl Verdict {
    /// Keys in the database.
    pub const CLES: [&'static str; 3] = ["verifie", "inverifiable", "different"];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Verifie => Self::CLES[0],
            Self::Inverifiable(_) => Self::CLES[1],
            Self::Different => Self::CLES[2],
        }
    }

    /// The reason's key.
    pub fn raison(self) -> Option<&'static str> {
        match self {
            Self::Inverifiable(raison) => Some(raison.cle()),
            Self::Verifie | Self::Different => None,
        }
    }

    /// From what the database has.
    pub fn lire(cle: &str, raison: Option<&str>) -> Option<Self> {
        match (cle, raison) {
            ("verifie", None) => Some(Self::Verifie),
            ("different", None) => Some(Self::Different),
            ("inverifiable", Some(cle)) => {
                Raison::TOUTES.into_iter().find(|r| r.cle() == cle).map(Self::Inverifiable)
            }
            _ => None,
        }
    }

    /// In one sentence, for who reads the mandat.
    pub fn phrase(self) -> String {
        match self {
            Self::Verifie => "Son ancienne empreinte a été recalculée et elle est juste : organisation, aidant, démarches et \
                              dates n’ont pas changé depuis. Elle ne couvre ni les noms ni la signature."
                .to_owned(),
            Self::Inverifiable(r) => format!("Son ancienne empreinte ne peut pas être vérifiée : {}.", r.phrase()),
            Self::Different => "Son ancienne empreinte n’est pas celle que donnent ses données : l’une ou les autres ont changé \
                                depuis."
                .to_owned(),
        }
    }
}

/// What the operator gives.
#[derive(Clone, Debug, Default)]
pub struct Cles {
    /// The salt of hashes.
    pub sel: Option<String>,
    /// SHA-256 of each file of text, by its name, in lower-case hexadecimal.
    pub modeles: BTreeMap<String, String>,
}

/// What the hash covers.
#[derive(Clone, Debug)]
pub(super) struct Faits<'a> {
    /// Identifier of the aidant, then.
    pub(super) aidant: Option<i64>,
    /// Of the organisation, then.
    pub(super) organisation: Option<i64>,
    /// Keys of démarches, in the line of the journal.
    pub(super) demarches: Vec<&'a str>,
    /// When the line was written.
    pub(super) cree: DateTime<Utc>,
    /// When the mandat ends.
    pub(super) expire: DateTime<Utc>,
    /// The old `sub`.
    pub(super) sub: Option<&'a str>,
    /// Path of the text, when the mandat says so.
    pub(super) modele: Option<&'a str>,
    /// Whether the mandat still says what the line says.
    pub(super) inchange: bool,
}

fn sha256(octets: impl AsRef<[u8]>) -> String {
    kernel::text::hex(&Sha256::digest(octets))
}

/// The SHA-256 of a file of text, as the hash holds it.
pub fn empreinte_modele(octets: &[u8]) -> String {
    sha256(octets)
}

/// What a `sub` of FranceConnect was called there.
pub(super) fn ancien_sub(sub: &str, sel: &str) -> String {
    sha256(format!("{sub}{sel}"))
}

/// The day, in Paris and in UTC: servers were set to one, then to the other.
fn jours(le: DateTime<Utc>) -> [NaiveDate; 2] {
    [kernel::calendrier::jour(&le), le.date_naive()]
}

/// Computes the hash again.
pub(super) fn juger(empreinte: Option<&str>, f: &Faits<'_>, cles: &Cles) -> Verdict {
    let Some(attendue) = empreinte.map(str::trim).filter(|e| !e.is_empty()) else {
        return Verdict::Inverifiable(Raison::SansEmpreinte);
    };
    let Some(sel) = &cles.sel else { return Verdict::Inverifiable(Raison::SelAbsent) };
    let (Some(aidant), Some(organisation), Some(sub)) = (f.aidant, f.organisation, f.sub) else {
        return Verdict::Inverifiable(Raison::ChampAbsent);
    };
    let fichier = |chemin: &str| chemin.rsplit(['/', '\\']).next().unwrap_or(chemin).to_owned();
    let modeles: Vec<&String> = match f.modele {
        Some(chemin) => match cles.modeles.get(&fichier(chemin)) {
            Some(modele) => vec![modele],
            None => return Verdict::Inverifiable(Raison::ModeleAbsent),
        },
        None => cles.modeles.values().collect(),
    };
    let mut demarches = f.demarches.clone();
    demarches.sort_unstable();
    let demarches = demarches.join(",");
    for modele in modeles {
        for cree in jours(f.cree) {
            for expire in jours(f.expire) {
                let texte = format!("{aidant};{cree};{demarches};{expire};{organisation};{modele};{sub}");
                // The salt follows at once; a later writing puts the separator before it.
                for sale in [format!("{texte}{sel}"), format!("{texte};{sel}")] {
                    if sha256(sale).eq_ignore_ascii_case(attendue) {
                        return Verdict::Verifie;
                    }
                }
            }
        }
    }
    match f.modele {
        None => Verdict::Inverifiable(Raison::ModeleInconnu),
        Some(_) if !f.inchange => Verdict::Inverifiable(Raison::ChampsChanges),
        Some(_) => Verdict::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faits() -> Faits<'static> {
        Faits {
            aidant: Some(7),
            organisation: Some(3),
            demarches: vec!["social", "argent"],
            // 1 March in UTC, 2 March in Paris.
            cree: "2024-03-01T23:30:00Z".parse().unwrap(),
            expire: "2025-03-01T23:30:00Z".parse().unwrap(),
            sub: Some("abc"),
            modele: Some("aidants_connect_web/mandats/20200511_mandat.html"),
            inchange: true,
        }
    }

    #[test]
    fn verdicts() {
        let modele = sha256("texte");
        let cles = Cles {
            sel: Some("sel".to_owned()),
            modeles: [("20200511_mandat.html".to_owned(), modele.clone())].into(),
        };
        for jours in
            [("2024-03-02", "2025-03-01"), ("2024-03-01", "2025-03-01"), ("2024-03-02", "2025-03-02")]
        {
            let juste = sha256(format!("7;{};argent,social;{};3;{modele};abcsel", jours.0, jours.1));
            assert_eq!(juger(Some(&juste), &faits(), &cles), Verdict::Verifie, "{jours:?}");
        }
        let juste = sha256(format!("7;2024-03-02;argent,social;2025-03-01;3;{modele};abcsel"));
        let non = |r| Verdict::Inverifiable(r);
        for (empreinte, faits, cles, attendu) in [
            (None, faits(), cles.clone(), non(Raison::SansEmpreinte)),
            (Some("autre"), faits(), cles.clone(), Verdict::Different),
            (Some("autre"), Faits { inchange: false, ..faits() }, cles.clone(), non(Raison::ChampsChanges)),
            (Some(juste.as_str()), faits(), Cles::default(), non(Raison::SelAbsent)),
            (
                Some(juste.as_str()),
                faits(),
                Cles { modeles: BTreeMap::new(), ..cles.clone() },
                non(Raison::ModeleAbsent),
            ),
            (Some(juste.as_str()), Faits { modele: None, ..faits() }, cles.clone(), Verdict::Verifie),
            (Some("autre"), Faits { modele: None, ..faits() }, cles.clone(), non(Raison::ModeleInconnu)),
            (Some(juste.as_str()), Faits { aidant: None, ..faits() }, cles.clone(), non(Raison::ChampAbsent)),
            (Some(juste.as_str()), Faits { demarches: vec!["social"], ..faits() }, cles, Verdict::Different),
        ] {
            assert_eq!(juger(empreinte, &faits, &cles), attendu);
        }
        for v in [Verdict::Verifie, Verdict::Different]
            .into_iter()
            .chain(Raison::TOUTES.map(Verdict::Inverifiable))
        {
            assert_eq!(Verdict::lire(v.cle(), v.raison()), Some(v));
            assert!(!v.phrase().is_empty());
        }
    }
}
