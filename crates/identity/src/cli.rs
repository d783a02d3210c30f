//! What the command line offers: the first invitation, before anybody can send one from a page.

use kernel::{CodeDepartement, CodeRegion, Email, Perimetre, Refusal, Role};
use platform::Site;

use crate::comptes::actions::{Invitation, invite_from_install};
use crate::comptes::rules::nom_admis;
use crate::error::Result;

/// `maillage comptes inviter COURRIEL --role ROLE [--perimetre CODES] [--nom NOM]`: writes the
/// invitation, its message in the outbox, and returns the link for the terminal (none when the
/// person already has an account in use: they only got the role).
///
/// # Errors
/// A refusal that names the argument.
pub async fn inviter(
    site: &Site,
    courriel: &str,
    nom: Option<&str>,
    role: &str,
    codes: &[String],
) -> Result<Option<String>> {
    let courriel: Email = courriel.parse()?;
    let role = Role::from_key(role).ok_or_else(|| {
        let known: Vec<&str> = kernel::droits::TABLE.iter().map(|l| l.key).collect();
        Refusal::field("role", format!("Le rôle « {role} » n’existe pas. Rôles : {}.", known.join(", ")))
    })?;
    let perimetre = scope(role, codes)?;
    let nom = match nom {
        Some(n) => nom_admis(n).map_err(|s| Refusal::field("nom", s))?,
        // Until the person writes their own on the page of the invitation.
        None => courriel.as_str().split('@').next().unwrap_or_default().to_owned(),
    };
    let done = invite_from_install(site, &Invitation { courriel, nom, role, perimetre, fin: None }).await?;
    Ok(done.lien.map(|l| site.url(&format!("/invitation/{}", l.expose()))))
}

/// The scope of the codes: départements, else régions, else structures; the nation without any.
fn scope(role: Role, codes: &[String]) -> Result<Perimetre> {
    if codes.is_empty() {
        return Ok(Perimetre::National);
    }
    let all = |ok: &dyn Fn(&String) -> bool| codes.iter().all(ok);
    use kernel::droits::GenrePerimetre as G;
    let may = |g: G| role.ligne().perimetres.contains(&g);
    if may(G::Departements) && all(&|c| CodeDepartement::parse(c).is_some()) {
        return Ok(Perimetre::Departements(codes.iter().filter_map(|c| CodeDepartement::parse(c)).collect()));
    }
    if may(G::Regions) && all(&|c| CodeRegion::parse(c).is_some()) {
        return Ok(Perimetre::Regions(codes.iter().filter_map(|c| CodeRegion::parse(c)).collect()));
    }
    if may(G::Structures) && all(&|c| c.parse::<kernel::ids::StructureId>().is_ok()) {
        return Ok(Perimetre::Structures(codes.iter().filter_map(|c| c.parse().ok()).collect()));
    }
    if may(G::Lieux) && all(&|c| c.parse::<kernel::ids::LieuId>().is_ok()) {
        return Ok(Perimetre::Lieux(codes.iter().filter_map(|c| c.parse().ok()).collect()));
    }
    Err(Refusal::field(
        "perimetre",
        "Ces codes ne conviennent pas à ce rôle : départements (01, 2A), régions (84) ou identifiants.",
    )
    .into())
}
