//! What may be done to a structure, by whom, and what becomes of it: pure, no database, no clock.

use kernel::{Actor, Perimetre, Refusal, Verb};

use super::model::{Attribut, Contact, Etat, Fiche, FicheContact, Structure};

/// Most contacts of one structure: an address book is not a directory of persons.
pub const MAX_CONTACTS: usize = 50;

/// Whether the actor may do that to this structure: the verb, then the scope. The accounts of a structure that was
/// merged into this one keep what they could do.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb; [`Refusal::NotFound`] out of scope, as if it did not exist.
pub fn may(actor: &Actor, verb: Verb, structure: &Structure) -> Result<(), Refusal> {
    actor.may(verb)?;
    let couverte = actor.perimetre.couvre(&structure.cible())
        || structure.alias.iter().any(|id| actor.perimetre.couvre(&structure.fiche.cible(Some(*id))));
    if couverte { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Whether the actor may create this structure. Who keeps named structures creates none: the new one would be out of
/// their own sight.
///
/// # Errors
/// [`Refusal::Forbidden`], or the field of the commune when it lies outside the scope.
pub fn may_creer(actor: &Actor, fiche: &Fiche) -> Result<(), Refusal> {
    may_creer_quelque_part(actor)?;
    commune_couverte(actor, fiche)
}

/// Whether the actor may create structures at all: the page of the form asks before anything is typed.
///
/// # Errors
/// [`Refusal::Forbidden`] with a sentence that says whom to ask.
pub fn may_creer_quelque_part(actor: &Actor) -> Result<(), Refusal> {
    actor.may(Verb::ModifierStructures)?;
    match actor.perimetre {
        Perimetre::National | Perimetre::Regions(_) | Perimetre::Departements(_) => Ok(()),
        _ => Err(Refusal::forbidden(
            "Vous tenez à jour des structures déjà inscrites. Pour en inscrire une autre, écrivez à la préfecture de son \
             département.",
        )),
    }
}

/// Whether the actor may change this sheet into that one: the structure must not leave their sight.
///
/// # Errors
/// As [`may`]; the field of the commune when it lies outside the scope; a conflict when the structure was merged.
pub fn may_modifier(actor: &Actor, structure: &Structure, apres: &Fiche) -> Result<(), Refusal> {
    may(actor, Verb::ModifierStructures, structure)?;
    en_place(structure)?;
    match actor.perimetre {
        Perimetre::Structures(_) => Ok(()),
        _ => commune_couverte(actor, apres),
    }
}

fn commune_couverte(actor: &Actor, fiche: &Fiche) -> Result<(), Refusal> {
    if actor.perimetre.couvre(&fiche.cible(None)) {
        Ok(())
    } else {
        Err(Refusal::field(
            Attribut::Commune.cle(),
            format!(
                "{} est hors de votre territoire. Choisissez une commune de votre territoire, ou écrivez à la préfecture \
                 concernée.",
                fiche.commune.nom
            ),
        ))
    }
}

fn en_place(structure: &Structure) -> Result<(), Refusal> {
    match structure.etat {
        Etat::Fusionnee { .. } => Err(Refusal::conflict(
            "Cette structure a été fusionnée avec une autre : c’est l’autre fiche qui se modifie.",
        )),
        Etat::Active | Etat::Fermee { .. } => Ok(()),
    }
}

/// Whether the actor may close the structure.
///
/// # Errors
/// As [`may`]; a conflict when it does not work any more already.
pub fn may_fermer(actor: &Actor, structure: &Structure) -> Result<(), Refusal> {
    may(actor, Verb::ModifierStructures, structure)?;
    match structure.etat {
        Etat::Active => Ok(()),
        Etat::Fermee { .. } => Err(Refusal::conflict("Cette structure est déjà fermée.")),
        Etat::Fusionnee { .. } => en_place(structure),
    }
}

/// Whether the actor may reopen the structure.
///
/// # Errors
/// As [`may`]; a conflict when it is not closed.
pub fn may_rouvrir(actor: &Actor, structure: &Structure) -> Result<(), Refusal> {
    may(actor, Verb::ModifierStructures, structure)?;
    match structure.etat {
        Etat::Fermee { .. } => Ok(()),
        Etat::Active => Err(Refusal::conflict("Cette structure n’est pas fermée.")),
        Etat::Fusionnee { .. } => en_place(structure),
    }
}

/// Whether the actor may add this contact.
///
/// # Errors
/// As [`may`]; fields when the contact says no way to reach it, or is there already; a conflict beyond
/// [`MAX_CONTACTS`].
pub fn may_ajouter_contact(
    actor: &Actor,
    structure: &Structure,
    contact: &FicheContact,
) -> Result<(), Refusal> {
    may(actor, Verb::ModifierStructures, structure)?;
    en_place(structure)?;
    if structure.contacts.len() >= MAX_CONTACTS {
        return Err(Refusal::conflict(format!(
            "Une structure a au plus {MAX_CONTACTS} contacts. Retirez-en un qui ne sert plus."
        )));
    }
    joignable(contact)?;
    if structure.contacts.iter().any(|c| c.fiche == *contact) {
        return Err(Refusal::field("nom", "Ce contact est déjà dans la liste."));
    }
    Ok(())
}

/// A contact that nobody can reach is none.
///
/// # Errors
/// The field of the e-mail address.
pub fn joignable(contact: &FicheContact) -> Result<(), Refusal> {
    if contact.courriel.is_none() && contact.telephone.is_none() {
        return Err(Refusal::field("courriel", "Donnez une adresse électronique ou un numéro de téléphone."));
    }
    Ok(())
}

/// The contacts, in order, with exactly one main one when there are any: the one that is marked, else the oldest. Of
/// several that are marked, the newest mark wins, as a form that says « contact principal » means now.
pub fn ordonner(mut contacts: Vec<Contact>, dernier: Option<super::model::ContactId>) -> Vec<Contact> {
    contacts.sort_by_key(|c| c.id);
    let principal = dernier
        .filter(|id| contacts.iter().any(|c| c.id == *id && c.principal))
        .or_else(|| contacts.iter().find(|c| c.principal).map(|c| c.id))
        .or_else(|| contacts.first().map(|c| c.id));
    for contact in &mut contacts {
        contact.principal = Some(contact.id) == principal;
    }
    contacts.sort_by_key(|c| (!c.principal, c.id));
    contacts
}

/// Whether the actor may merge one into the other: both within the scope, both in place, not one and the same.
///
/// # Errors
/// As [`may`] for either; a conflict when one was merged already.
pub fn may_fusionner(actor: &Actor, gardee: &Structure, absorbee: &Structure) -> Result<(), Refusal> {
    may(actor, Verb::FusionnerStructures, gardee)?;
    may(actor, Verb::FusionnerStructures, absorbee)?;
    if gardee.id == absorbee.id {
        return Err(Refusal::conflict("Une structure ne se fusionne pas avec elle-même."));
    }
    en_place(gardee)?;
    en_place(absorbee)
}

/// The sheet that a merge gives: that of the kept one, but for the attributes chosen from the other.
pub fn fiche_fusionnee(gardee: &Fiche, absorbee: &Fiche, de_l_autre: &[Attribut]) -> Fiche {
    let mut fiche = gardee.clone();
    for attribut in de_l_autre {
        fiche.prendre(*attribut, absorbee);
    }
    fiche
}

/// The sheet that undoing a merge gives back to the kept one. An attribute that nobody touched since the merge takes
/// its former value; one that somebody changed since keeps that change: undoing loses nobody's work.
pub fn fiche_defusionnee(avant: &Fiche, fusionnee: &Fiche, actuelle: &Fiche) -> Fiche {
    let mut fiche = actuelle.clone();
    for attribut in Attribut::TOUS {
        if actuelle.pareil(fusionnee, attribut) {
            fiche.prendre(attribut, avant);
        }
    }
    fiche
}
