//! What likely duplicates are told by: a person decides, and may go back.

use kernel::text::fold;

/// The mailbox behind an address: what follows `+` and the dots of the first part are ignored by most services.
pub(super) fn boite(cle: &str) -> String {
    let Some((avant, domaine)) = cle.rsplit_once('@') else { return cle.to_owned() };
    let nom = avant.split('+').next().unwrap_or(avant);
    format!("{}@{domaine}", nom.replace('.', ""))
}

/// Words of a name in any order, since first and last names are often exchanged, and the postal code.
pub(super) fn identite(prenom: &str, nom: &str, code_postal: &str) -> String {
    let entier = fold(&format!("{prenom} {nom}"));
    let mut mots: Vec<&str> = entier.split_whitespace().collect();
    mots.sort_unstable();
    format!("{} {code_postal}", mots.join(" "))
}
