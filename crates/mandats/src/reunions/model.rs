//! What a meeting is, and who is invited to it.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Email, Pivot, typed_id};

typed_id!(ReunionId, "a meeting that presents Aidants Connect");
typed_id!(InviteId, "somebody who is invited to a meeting, or registered for it");

/// What whoever holds a meeting types.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fiche {
    /// Day.
    pub jour: NaiveDate,
    /// Hour at which it begins, by the clock of the place.
    pub debut: NaiveTime,
    /// Hour at which it ends.
    pub fin: NaiveTime,
    /// Where, when people come to a place.
    pub lieu: Option<String>,
    /// Address of the meeting on line.
    pub lien: Option<String>,
    /// Département whose structures it is for.
    pub departement: CodeDepartement,
    /// Most people who may come.
    pub places: u32,
    /// Who holds it, as those who are invited read it.
    pub organisateur: String,
    /// What else they should know.
    pub precisions: Option<String>,
}

impl Fiche {
    /// « 3 février 2027, de 9 h 30 à 11 h 00 ».
    pub fn quand(&self) -> String {
        format!(
            "{}, de {} à {}",
            kernel::calendrier::jour_en_lettres(self.jour),
            self.debut.format("%-H\u{a0}h\u{a0}%M"),
            self.fin.format("%-H\u{a0}h\u{a0}%M")
        )
    }

    /// Where, in words; the address on line is given to who comes.
    pub fn ou(&self) -> &str {
        self.lieu.as_deref().unwrap_or("En ligne")
    }
}

/// A meeting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reunion {
    /// Its identifier.
    pub id: ReunionId,
    /// What it is.
    pub fiche: Fiche,
    /// Région of its département.
    pub region: CodeRegion,
    /// End of the address of its public page: whoever has it may register.
    pub code: String,
    /// Why it was cancelled, when it was.
    pub annulee: Option<String>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Reunion {
    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        Cible {
            region: Some(self.region.clone()),
            departement: Some(self.fiche.departement.clone()),
            ..Cible::default()
        }
    }
}

/// What somebody answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reponse {
    /// Nothing yet.
    Attendue,
    /// Comes.
    Vient,
    /// Does not.
    NeVientPas,
    /// Gave the invitation to somebody else.
    Transmise,
}

impl Reponse {
    /// Every one.
    pub const TOUTES: [Self; 4] = [Self::Attendue, Self::Vient, Self::NeVientPas, Self::Transmise];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Attendue => "attendue",
            Self::Vient => "vient",
            Self::NeVientPas => "ne_vient_pas",
            Self::Transmise => "transmise",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Attendue => "Pas de réponse",
            Self::Vient => "Vient",
            Self::NeVientPas => "Ne vient pas",
            Self::Transmise => "A transmis l’invitation",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|r| r.cle() == cle)
    }
}

/// How somebody came on the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origine {
    /// Their structure was invited.
    Invitation,
    /// By the public page.
    Inscription,
    /// They came unannounced.
    SurPlace,
}

impl Origine {
    /// Every one.
    pub const TOUTES: [Self; 3] = [Self::Invitation, Self::Inscription, Self::SurPlace];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Inscription => "inscription",
            Self::SurPlace => "sur_place",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Invitation => "Invitation",
            Self::Inscription => "Page d’inscription",
            Self::SurPlace => "Sur place",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|o| o.cle() == cle)
    }
}

/// Somebody who is invited, or registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invite {
    /// Its identifier.
    pub id: InviteId,
    /// The meeting.
    pub reunion: ReunionId,
    /// The structure of the directory that was invited.
    pub structure: Option<StructureId>,
    /// Number of their organisation: the follow-up goes by it.
    pub pivot: Option<Pivot>,
    /// Name of their organisation.
    pub organisme: String,
    /// First name, once they said they come; none once it is forgotten.
    pub prenom: Option<String>,
    /// Name, the same.
    pub nom: Option<String>,
    /// Where to write; none once it is forgotten, or for who came unannounced.
    pub courriel: Option<Email>,
    /// What they answered.
    pub reponse: Reponse,
    /// Whether they were there; none as long as nobody said.
    pub present: Option<bool>,
    /// How they came on the list.
    pub origine: Origine,
    /// Since when.
    pub cree_le: DateTime<Utc>,
    /// When they answered.
    pub repondu_le: Option<DateTime<Utc>>,
    /// When a message last left to them.
    pub ecrit_le: Option<DateTime<Utc>>,
}

impl Invite {
    /// First name and name; the organisation when none is known.
    pub fn qui(&self) -> String {
        match (&self.prenom, &self.nom) {
            (Some(p), Some(n)) => format!("{p} {n}"),
            (None, Some(n)) => n.clone(),
            _ => self.organisme.clone(),
        }
    }

    /// Whether they were there, in words.
    pub fn presence(&self) -> &'static str {
        match self.present {
            Some(true) => "Présente",
            Some(false) => "Absente",
            None => "",
        }
    }
}

/// What came of an organisation that was at a meeting, read from the requests of habilitation and never typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Suite {
    /// Day of its last request that was filed and not withdrawn.
    pub demande_le: Option<NaiveDate>,
    /// Day of its habilitation, while it is active.
    pub habilitee_le: Option<NaiveDate>,
}

impl Suite {
    /// In words.
    pub fn nom(&self) -> String {
        use kernel::calendrier::jour_en_lettres;
        match (self.habilitee_le, self.demande_le) {
            (Some(le), _) => format!("Habilitée le {}", jour_en_lettres(le)),
            (None, Some(le)) => format!("Demande déposée le {}", jour_en_lettres(le)),
            (None, None) => "Pas de demande".to_owned(),
        }
    }
}

/// The steps, counted by organisation but for the seats, which are people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bilan {
    /// Organisations on the list.
    pub organismes: usize,
    /// People who said that they come.
    pub viennent: usize,
    /// Organisations of which somebody came.
    pub venus: usize,
    /// Of those that came, those that filed a request since the day of the meeting.
    pub demandes: usize,
    /// Of those that came, those habilitées since.
    pub habilitees: usize,
}
