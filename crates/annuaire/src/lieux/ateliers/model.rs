//! A workshop, and its sessions.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::ids::LieuId;
use kernel::typed_id;

use crate::lieux::rythme::{Rythme, plage};

typed_id!(AtelierId, "a workshop of a lieu");

/// For whom it is meant, by what they can do already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Niveau {
    /// Anybody.
    Tous,
    /// Who begins.
    Debutant,
    /// Who knows the basics.
    Intermediaire,
    /// Who is at ease.
    Avance,
}

impl Niveau {
    /// Every level.
    pub(crate) const TOUS: [Self; 4] = [Self::Tous, Self::Debutant, Self::Intermediaire, Self::Avance];

    /// Its key in the database and in forms.
    pub(crate) fn cle(self) -> &'static str {
        match self {
            Self::Tous => "tous",
            Self::Debutant => "debutant",
            Self::Intermediaire => "intermediaire",
            Self::Avance => "avance",
        }
    }

    /// Its words.
    pub(crate) fn libelle(self) -> &'static str {
        match self {
            Self::Tous => "Tous niveaux",
            Self::Debutant => "Débutants",
            Self::Intermediaire => "Qui connaissent les bases",
            Self::Avance => "À l’aise",
        }
    }

    /// The level of that key.
    pub(crate) fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|n| n.cle() == cle)
    }
}

/// What people write of a workshop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contenu {
    /// What it is about.
    pub(crate) titre: String,
    /// More about it; may be empty.
    pub(crate) presentation: String,
    /// For whom.
    pub(crate) niveau: Niveau,
    /// Who else it is for, in words; may be empty.
    pub(crate) public: String,
    /// Seats, when they are counted.
    pub(crate) places: Option<u16>,
    /// How people register, in words.
    pub(crate) inscription: String,
    /// Where they do it online.
    pub(crate) lien: Option<String>,
    /// From when, by the clock of the lieu.
    pub(crate) debut: NaiveTime,
    /// Until when, the same day.
    pub(crate) fin: NaiveTime,
    /// On which days.
    pub(crate) rythme: Rythme,
}

/// A workshop of a lieu.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Atelier {
    /// Its identifier.
    pub(crate) id: AtelierId,
    /// Where it is held: the lieu that was kept, when lieux were merged.
    pub(crate) lieu: LieuId,
    /// What people wrote.
    pub(crate) contenu: Contenu,
    /// Sessions that are called off.
    pub(crate) annulees: Vec<NaiveDate>,
    /// Raised by each change.
    pub(crate) version: i64,
    /// When it last changed.
    pub(crate) modifie_le: DateTime<Utc>,
    /// When it was taken away for good.
    pub(crate) arrete_le: Option<DateTime<Utc>>,
}

/// A session: a workshop, on a day.
#[derive(Clone, Debug)]
pub(crate) struct Seance<'a> {
    /// The workshop.
    pub(crate) atelier: &'a Atelier,
    /// The day.
    pub(crate) jour: NaiveDate,
    /// Whether it is called off.
    pub(crate) annulee: bool,
}

impl Seance<'_> {
    /// « mardi 24 novembre 2026, de 14 h à 16 h ».
    pub(crate) fn quand(&self) -> String {
        let c = &self.atelier.contenu;
        format!("{}, {}", crate::lieux::ouverture::jour_long(self.jour), plage(self.jour, c.debut, c.fin))
    }
}

/// The sessions of these workshops from a day to another, the first first.
pub(crate) fn seances(ateliers: &[Atelier], du: NaiveDate, au: NaiveDate) -> Vec<Seance<'_>> {
    let mut toutes: Vec<Seance<'_>> = ateliers
        .iter()
        .filter(|a| a.arrete_le.is_none())
        .flat_map(|atelier| {
            let jours = atelier.contenu.rythme.jours(du, au);
            jours.into_iter().map(move |jour| Seance {
                atelier,
                jour,
                annulee: atelier.annulees.contains(&jour),
            })
        })
        .collect();
    toutes.sort_by(|a, b| {
        let cle = |s: &Seance<'_>| (s.jour, s.atelier.contenu.debut, s.atelier.id);
        cle(a).cmp(&cle(b))
    });
    toutes
}
