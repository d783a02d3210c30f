//! What may be done with accounts and roles. Pure.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Perimetre, Refusal, Role, Verb};

use super::model::{Attribution, Compte, Etat, Origine, jour};

/// Longest delegation, in days: six months, after which the need is no longer a replacement.
pub const DELEGATION_MAX_JOURS: u64 = 183;
/// Most codes in one scope.
pub const CODES_MAX: usize = 300;
/// Shortest reason for looking at the site as somebody, in characters.
pub const MOTIF_MIN: usize = 10;

/// Whether the role counts on that instant: begun, not over, not taken back; and, when it was
/// lent, whether the role it was lent from still counts (`origine` is that role).
pub fn en_vigueur(a: &Attribution, origine: Option<&Attribution>, now: DateTime<Utc>) -> bool {
    let own = |a: &Attribution| a.retiree_le.is_none() && a.periode.contient(jour(now));
    match a.origine {
        Origine::Deleguee { de, par } => {
            own(a) && origine.is_some_and(|o| o.id == de && o.compte == par && own(o) && !est_delegation(o))
        }
        Origine::Installation | Origine::Donnee(_) => own(a),
    }
}

/// Whether the role was lent.
pub fn est_delegation(a: &Attribution) -> bool {
    matches!(a.origine, Origine::Deleguee { .. })
}

/// Whether the role may be given with that scope: the kinds of scope of the table, and at least
/// one code where codes are named.
///
/// # Errors
/// [`Refusal::Fields`] on `perimetre`.
pub fn perimetre_admis(role: Role, perimetre: &Perimetre) -> Result<(), Refusal> {
    let ligne = role.ligne();
    if !ligne.perimetres.contains(&perimetre.genre()) {
        return Err(Refusal::field(
            "perimetre",
            format!("Le rôle « {} » ne se donne pas sur ce périmètre. Choisissez-en un autre.", ligne.nom),
        ));
    }
    match nombre_de_codes(perimetre) {
        Some(0) => Err(Refusal::field(
            "codes",
            "Indiquez au moins un territoire, un réseau, une structure, un lieu ou une personne.",
        )),
        Some(n) if n > CODES_MAX => {
            Err(Refusal::field("codes", format!("Indiquez au plus {CODES_MAX} éléments pour un rôle.")))
        }
        _ => Ok(()),
    }
}

fn nombre_de_codes(perimetre: &Perimetre) -> Option<usize> {
    match perimetre {
        Perimetre::National | Perimetre::Soi => None,
        Perimetre::Regions(c) => Some(c.len()),
        Perimetre::Departements(c) => Some(c.len()),
        Perimetre::Communes(c) => Some(c.len()),
        Perimetre::Reseaux(c) => Some(c.len()),
        Perimetre::Personnes(c) => Some(c.len()),
        Perimetre::Structures(c) => Some(c.len()),
        Perimetre::Lieux(c) => Some(c.len()),
    }
}

/// Whether the actor may write anything at all: somebody who looks at the site as another person
/// reads, and writes nothing.
///
/// # Errors
/// [`Refusal::Forbidden`] during a "see as".
pub fn peut_ecrire(actor: &Actor) -> Result<(), Refusal> {
    if actor.vu_par.is_some() {
        return Err(Refusal::forbidden(
            "Vous voyez le site comme une autre personne : vous pouvez tout lire, mais rien modifier. \
             Quittez cette vue pour agir en votre nom.",
        ));
    }
    Ok(())
}

/// Whether the actor may manage accounts: invite, give and take roles, close. A lent role may not:
/// whoever is lent the administration for a week could give it to themselves for good.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub fn peut_gerer(actor: &Actor) -> Result<(), Refusal> {
    peut_ecrire(actor)?;
    actor.may(Verb::GererComptes)?;
    if actor.prete {
        return Err(Refusal::forbidden(
            "Ce rôle vous est prêté : il permet de consulter les comptes, mais pas d’en inviter, d’en désactiver, ni \
             de donner ou de retirer des rôles. Demandez à la personne qui vous l’a prêté.",
        ));
    }
    Ok(())
}

/// Whether the actor may invite colleagues into their own role and scope. A lent role may not: it would outlive the loan.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub fn peut_inviter(actor: &Actor) -> Result<(), Refusal> {
    peut_ecrire(actor)?;
    actor.may(Verb::InviterCollegues)?;
    if actor.prete {
        return Err(Refusal::forbidden(
            "Ce rôle vous est prêté : demandez à la personne qui vous l’a prêté d’inviter votre collègue.",
        ));
    }
    Ok(())
}

/// Whether the account may be closed by the actor. `administrateurs` are the accounts that hold the
/// national administration now.
///
/// # Errors
/// One's own account, or the last administrator's, is never closed.
pub fn peut_desactiver(actor: &Actor, cible: &Compte, administrateurs: &[CompteId]) -> Result<(), Refusal> {
    peut_gerer(actor)?;
    if cible.id == actor.compte {
        return Err(Refusal::conflict(
            "Vous ne pouvez pas désactiver votre propre compte : demandez à un collègue.",
        ));
    }
    reste_un_administrateur(cible.id, administrateurs)
}

/// Whether the role may be taken back by the actor: by an administrator, or by the person who lent
/// it, or given up by the person who was lent it.
///
/// # Errors
/// [`Refusal::Forbidden`] for others; [`Refusal::Conflict`] when nobody would administer any more.
pub fn peut_retirer(actor: &Actor, a: &Attribution, administrateurs: &[CompteId]) -> Result<(), Refusal> {
    peut_ecrire(actor)?;
    match a.origine {
        Origine::Deleguee { par, .. } if par == actor.compte || a.compte == actor.compte => return Ok(()),
        _ => {}
    }
    // Whose account it is stays hidden from those who manage no accounts.
    actor.may(Verb::GererComptes).map_err(|_| Refusal::NotFound)?;
    peut_gerer(actor)?;
    if a.role == Role::AdministrateurNational && !est_delegation(a) {
        reste_un_administrateur(a.compte, administrateurs)?;
    }
    Ok(())
}

fn reste_un_administrateur(sans: CompteId, administrateurs: &[CompteId]) -> Result<(), Refusal> {
    if administrateurs.contains(&sans) && administrateurs.iter().all(|a| *a == sans) {
        return Err(Refusal::conflict(
            "C’est la dernière personne à administrer le site. Donnez d’abord ce rôle à quelqu’un d’autre.",
        ));
    }
    Ok(())
}

/// Whether the actor may lend this role of theirs until the end of `fin`.
///
/// # Errors
/// What to change, on the field `fin`; or a refusal when the role cannot be lent.
pub fn peut_deleguer(
    actor: &Actor,
    a: &Attribution,
    fin: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    peut_ecrire(actor)?;
    if a.compte != actor.compte {
        return Err(Refusal::NotFound);
    }
    if est_delegation(a) {
        return Err(Refusal::conflict("Ce rôle vous est prêté : vous ne pouvez pas le prêter à votre tour."));
    }
    if !a.role.has(Verb::Deleguer) || !en_vigueur(a, None, now) {
        return Err(Refusal::forbidden("Ce rôle ne peut pas être délégué."));
    }
    let today = jour(now);
    if fin < today {
        return Err(Refusal::field("fin", "La date de fin est déjà passée. Choisissez une date à venir."));
    }
    let latest = today.checked_add_days(Days::new(DELEGATION_MAX_JOURS)).unwrap_or(today);
    if fin > latest {
        return Err(Refusal::field(
            "fin",
            format!(
                "Une délégation dure au plus six mois : choisissez une date jusqu’au {}.",
                kernel::calendrier::jour_en_lettres(latest)
            ),
        ));
    }
    if a.periode.fin.is_some_and(|own| fin > own) {
        return Err(Refusal::field(
            "fin",
            "Votre propre rôle s’arrête avant cette date. Choisissez une date plus proche.",
        ));
    }
    Ok(())
}

/// Whether the actor may look at the site as that person.
///
/// # Errors
/// What prevents it, or the reason that is missing (field `motif`).
pub fn peut_voir_comme(
    actor: &Actor,
    cible: &Compte,
    roles: &[Attribution],
    motif: &str,
) -> Result<(), Refusal> {
    peut_ecrire(actor)?;
    actor.may(Verb::VoirComme)?;
    if cible.id == actor.compte {
        return Err(Refusal::conflict("C’est votre propre compte."));
    }
    if cible.etat != Etat::Actif {
        return Err(Refusal::conflict("Ce compte n’est pas actif : il n’y a rien à voir en son nom."));
    }
    if roles.is_empty() {
        return Err(Refusal::conflict("Cette personne n’a aucun rôle en ce moment."));
    }
    if roles.iter().any(|r| r.role.has(Verb::VoirComme)) {
        return Err(Refusal::forbidden(
            "On ne peut pas voir le site comme une personne qui administre le site.",
        ));
    }
    if motif.trim().chars().count() < MOTIF_MIN {
        return Err(Refusal::field(
            "motif",
            "Dites en une phrase pourquoi : cette personne et le journal verront votre raison.",
        ));
    }
    Ok(())
}

/// A person's name as typed.
///
/// # Errors
/// A sentence for the field.
pub fn nom_admis(typed: &str) -> Result<String, String> {
    let nom = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = nom.chars().count();
    if chars < 2 || !nom.chars().any(char::is_alphabetic) {
        return Err("Écrivez le prénom et le nom.".to_owned());
    }
    if chars > 120 || nom.chars().any(char::is_control) {
        return Err(
            "Ce nom est trop long ou contient des signes inattendus. Écrivez au plus 120 caractères."
                .to_owned(),
        );
    }
    Ok(nom)
}

#[cfg(test)]
mod tests;
