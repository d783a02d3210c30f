//! What the command line offers: the first invitation, before anybody can send one from a page.

use kernel::droits::GenrePerimetre;
use kernel::{
    CodeCommune, CodeDepartement, CodeRegion, Email, NumeroPersonne, Perimetre, Refusal, Reseau, Role,
};
use platform::Site;

use crate::comptes::actions::{Invitation, invite_from_install};
use crate::comptes::repertoire::{self, Repertoire};
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
    repertoire: Option<&dyn Repertoire>,
) -> Result<Option<String>> {
    let courriel: Email = courriel.parse()?;
    let role = Role::from_key(role).ok_or_else(|| {
        let known: Vec<&str> = kernel::droits::TABLE.iter().map(|l| l.key).collect();
        Refusal::field("role", format!("Le rôle « {role} » n’existe pas. Rôles : {}.", known.join(", ")))
    })?;
    let perimetre = scope(role, codes)?;
    repertoire::existe(repertoire, &perimetre).await?;
    let nom = match nom {
        Some(n) => nom_admis(n).map_err(|s| Refusal::field("nom", s))?,
        // Until the person writes their own on the page of the invitation.
        None => courriel.as_str().split('@').next().unwrap_or_default().to_owned(),
    };
    let done = invite_from_install(site, &Invitation { courriel, nom, role, perimetre, fin: None }).await?;
    Ok(done.lien.map(|l| site.url(&format!("/invitation/{}", l.expose()))))
}

/// The scope that the codes write: the nation without any, else codes of one kind. The kind may be
/// said before the code (`region:84`, `departement:84`); it must be where two kinds are possible, for
/// 84 is both a région and a département, and the wrong one would open the data of other people.
fn scope(role: Role, codes: &[String]) -> Result<Perimetre> {
    let refused = |sentence: String| crate::Error::from(Refusal::field("perimetre", sentence));
    if codes.is_empty() {
        if role.ligne().perimetres.contains(&GenrePerimetre::National) {
            return Ok(Perimetre::National);
        }
        return Err(refused(format!(
            "Le rôle « {} » ne se donne pas pour tout le pays : ajoutez --perimetre. {HOW}",
            role.ligne().nom
        )));
    }
    let (mut said, mut bare) = (None, Vec::new());
    for code in codes {
        let (kind, code) = match code.split_once(':') {
            None => (None, code.as_str()),
            Some((kind, code)) => {
                let genre = KINDS.iter().find(|(k, _)| *k == kind).map(|(_, g)| *g);
                (Some(genre.ok_or_else(|| refused(format!("« {kind}: » est inconnu. {HOW}")))?), code)
            }
        };
        if !bare.is_empty() && kind != said {
            return Err(refused(format!("Écrivez tous les codes de --perimetre de la même façon. {HOW}")));
        }
        said = kind;
        bare.push(code.trim());
    }
    let admitted = role.ligne().perimetres;
    let mut possible: Vec<(&str, Perimetre)> = KINDS
        .iter()
        .filter(|(_, genre)| said.map_or(admitted.contains(genre), |s| s == *genre))
        .filter_map(|(kind, genre)| Some((*kind, all_of(*genre, &bare)?)))
        .filter(|(kind, _)| said.is_some() || *kind != "region" || bare.iter().all(|c| REGIONS.contains(c)))
        .collect();
    match (possible.pop(), possible.is_empty()) {
        (Some((_, one)), true) => Ok(one),
        (Some((last, _)), false) => {
            let first: Vec<String> = possible.iter().map(|(kind, _)| format!("{kind}:{}", bare[0])).collect();
            Err(refused(format!(
                "« {0} » peut se comprendre de plusieurs façons : écrivez {1} ou {last}:{0} après --perimetre.",
                bare[0],
                first.join(", ")
            )))
        }
        (None, _) => Err(refused(format!("Ces codes ne conviennent pas à ce rôle. {HOW}"))),
    }
}

const HOW: &str = "Après --perimetre, écrivez des départements (departement:01, 2A), des régions (region:84), des \
                   communes (commune:23096), des réseaux (reseau:la_poste), des conseillers (personne:CA-12) ou des identifiants \
                   de structures ou de lieux.";

/// The régions of the code officiel géographique (INSEE): a bare code of another number is no région.
const REGIONS: [&str; 18] = [
    "01", "02", "03", "04", "06", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93",
    "94",
];

/// What may be written before a code.
const KINDS: [(&str, GenrePerimetre); 7] = [
    ("departement", GenrePerimetre::Departements),
    ("region", GenrePerimetre::Regions),
    ("commune", GenrePerimetre::Communes),
    ("reseau", GenrePerimetre::Reseaux),
    ("personne", GenrePerimetre::Personnes),
    ("structure", GenrePerimetre::Structures),
    ("lieu", GenrePerimetre::Lieux),
];

/// The codes as a scope of that kind, when every one of them is of that kind.
fn all_of(genre: GenrePerimetre, codes: &[&str]) -> Option<Perimetre> {
    fn each<T>(codes: &[&str], one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        codes.iter().map(|c| one(c)).collect()
    }
    match genre {
        GenrePerimetre::National | GenrePerimetre::Soi => None,
        GenrePerimetre::Departements => each(codes, CodeDepartement::parse).map(Perimetre::Departements),
        GenrePerimetre::Regions => each(codes, CodeRegion::parse).map(Perimetre::Regions),
        GenrePerimetre::Communes => each(codes, CodeCommune::parse).map(Perimetre::Communes),
        GenrePerimetre::Reseaux => each(codes, Reseau::parse).map(Perimetre::Reseaux),
        GenrePerimetre::Personnes => each(codes, NumeroPersonne::parse).map(Perimetre::Personnes),
        GenrePerimetre::Structures => each(codes, |c| c.parse().ok()).map(Perimetre::Structures),
        GenrePerimetre::Lieux => each(codes, |c| c.parse().ok()).map(Perimetre::Lieux),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_may_be_two_things_is_asked_again() {
        let dep = |c: &str| Perimetre::Departements(CodeDepartement::parse(c).into_iter().collect());
        let reg = |c: &str| Perimetre::Regions(CodeRegion::parse(c).into_iter().collect());
        let read =
            |role, codes: &[&str]| scope(role, &codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        for (codes, expected) in [
            (&["region:84"][..], reg("84")),
            (&["departement:84"], dep("84")),
            (&["2A"], dep("2A")),
            (&["38"], dep("38")),
        ] {
            assert_eq!(read(Role::Prefecture, codes).unwrap(), expected, "{codes:?}");
        }
        assert_eq!(read(Role::Lecteur, &[]).unwrap(), Perimetre::National);
        for (codes, named) in [
            (&["84"][..], "departement:84 ou region:84"),
            (&["01"], "departement:01 ou region:01"),
            (&["84", "93"], "departement:84"),
            (&["region:84", "38"], "de la même façon"),
            (&["pays:84"], "« pays: » est inconnu"),
            (&["region:2A"], "ne conviennent pas"),
            (&["x"], "ne conviennent pas"),
            (&[], "ajoutez --perimetre"),
        ] {
            let error = read(Role::Prefecture, codes).expect_err(&codes.join(",")).to_string();
            assert!(error.contains(named), "{codes:?} → {error}");
        }
        // An identifier may be that of a structure or of a lieu, for a role that takes both.
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert!(read(Role::GestionnaireLieux, &[id]).expect_err("both").to_string().contains("structure:"));
        let lieu = read(Role::GestionnaireLieux, &[&format!("lieu:{id}")]).unwrap();
        assert_eq!(lieu, Perimetre::Lieux(id.parse().into_iter().collect()));
        assert!(matches!(read(Role::GrandReseau, &[id]).unwrap(), Perimetre::Structures(_)));
    }
}
