//! Who may do what to a request. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Actor, Refusal, Verb};

use super::model::{Demande, Demandeur, Dossier, Etat, Personne};
use super::reference::{self, Verdict};

/// Least time between two links to one address, and most of them before a day passes.
const ENTRE_ENVOIS: TimeDelta = TimeDelta::minutes(1);
const ENVOIS_PAR_JOUR: i64 = 10;

/// What the staff does to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acte {
    /// Accept it.
    Accepter,
    /// Refuse it.
    Refuser,
    /// Ask who filed for changes.
    Modifications,
    /// Put it back among those that are studied.
    Remettre,
}

impl Acte {
    /// Every one.
    pub const TOUS: [Self; 4] = [Self::Accepter, Self::Refuser, Self::Modifications, Self::Remettre];

    /// Its key in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Accepter => "accepter",
            Self::Refuser => "refuser",
            Self::Modifications => "modifications",
            Self::Remettre => "remettre",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|a| a.cle() == cle)
    }

    /// The states from which it may be done.
    pub fn depuis(self) -> &'static [Etat] {
        match self {
            Self::Accepter | Self::Refuser | Self::Modifications => &[Etat::EnInstruction],
            Self::Remettre => &[Etat::ModificationsDemandees, Etat::Refusee, Etat::Annulee],
        }
    }

    /// The state to which it leads.
    pub fn vers(self) -> Etat {
        match self {
            Self::Accepter => Etat::Validee,
            Self::Refuser => Etat::Refusee,
            Self::Modifications => Etat::ModificationsDemandees,
            Self::Remettre => Etat::EnInstruction,
        }
    }
}

/// Whether the staff may see that request: a draft is seen by who writes it only.
///
/// # Errors
/// [`Refusal::NotFound`] for a draft, or out of scope; [`Refusal::Forbidden`] without the verb.
pub fn visible(actor: &Actor, d: &Demande) -> Result<(), Refusal> {
    actor.may(Verb::InstruireHabilitations)?;
    if d.etat == Etat::Brouillon {
        return Err(Refusal::NotFound);
    }
    actor.may_on(Verb::InstruireHabilitations, &d.cible())
}

/// Whether the staff may do that to the request now.
///
/// # Errors
/// As [`visible`]; a conflict from another state.
pub fn peut(actor: &Actor, d: &Demande, acte: Acte) -> Result<(), Refusal> {
    visible(actor, d)?;
    if acte.depuis().contains(&d.etat) {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "Cette demande est dans l’état « {} » : quelqu’un l’a peut-être déjà traitée. Relisez sa fiche.",
        d.etat.nom()
    )))
}

/// Whether who asked may change it.
///
/// # Errors
/// A conflict that says what to do instead.
pub fn modifiable(d: &Demande) -> Result<(), Refusal> {
    if d.etat.modifiable() {
        return Ok(());
    }
    Err(Refusal::conflict(
        "Cette demande est déposée : elle ne se modifie plus. Écrivez un message à l’équipe des habilitations si quelque \
         chose a changé.",
    ))
}

/// Whether who asked may withdraw it.
///
/// # Errors
/// A conflict when it is decided, or never was filed.
pub fn annulable(d: &Demande) -> Result<(), Refusal> {
    if matches!(d.etat, Etat::EnInstruction | Etat::ModificationsDemandees) {
        return Ok(());
    }
    Err(Refusal::conflict("Cette demande ne peut plus être annulée : elle est déjà traitée."))
}

/// Whether a request with these people may be filed.
///
/// # Errors
/// The steps that are missing, tied to their fields.
pub fn deposable(d: &Demande, dossier: &Dossier, personnes: &[Personne]) -> Result<(), Refusal> {
    modifiable(d)?;
    let mut manque = Vec::new();
    if let (Verdict::Non(pourquoi), _) = reference::eligibilite(dossier.fiche.categorie.as_ref()) {
        manque.push(("categorie".to_owned(), pourquoi.to_owned()));
    }
    if personnes.is_empty() && !dossier.referent_aidant {
        manque.push((
            "aidants".to_owned(),
            "Nommez au moins une personne à former, ou dites que le référent sera aussi aidant.".to_owned(),
        ));
    }
    for (champ, _) in reference::DECLARATIONS {
        if d.champs.get(champ) != "oui" {
            manque.push((
                champ.to_owned(),
                "Cochez les cinq engagements : sans eux, la demande ne peut pas être déposée.".to_owned(),
            ));
        }
    }
    if manque.is_empty() { Ok(()) } else { Err(Refusal::Fields(manque)) }
}

/// Whether one more link may be sent to that address.
pub fn envoi_permis(d: &Demandeur, now: DateTime<Utc>) -> bool {
    d.envoye_le.is_none_or(|le| {
        let attente = now - le;
        attente >= TimeDelta::days(1) || (attente >= ENTRE_ENVOIS && d.envois < ENVOIS_PAR_JOUR)
    })
}

/// The key of a place: two requests of one number in one place are the same.
pub fn lieu_cle(dossier: &Dossier) -> String {
    let voie = dossier.fiche.voie.as_deref().unwrap_or_default();
    kernel::text::fold(&format!("{} {voie}", dossier.fiche.commune.code))
}

/// A number of habilitation: the first three digits of the postal code, then that of the sequence.
pub fn numero(code_postal: &str, suite: i64) -> i64 {
    let debut: String = code_postal.chars().filter(char::is_ascii_digit).take(3).collect();
    format!("{debut}{suite}").parse().unwrap_or(suite)
}
