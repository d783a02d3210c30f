//! Roles and scopes as people read them.

use kernel::{Perimetre, Role};

/// `Préfecture (départements 01, 38)`.
pub(crate) fn role(role: Role, p: &Perimetre) -> String {
    format!("{} ({})", role.ligne().nom, perimetre(p))
}

/// `Aidant (Maison de services, Guéret)`: the organisation in whose name one acts, by its name.
pub(crate) fn role_nomme(role: Role, organisation: &str) -> String {
    format!("{} ({organisation})", role.ligne().nom)
}

/// `départements 01, 38`, `3 structures`, `tout le pays`.
pub(crate) fn perimetre(p: &Perimetre) -> String {
    fn named<T: ToString>(one: &str, many: &str, codes: &[T]) -> String {
        let shown: Vec<String> = codes.iter().take(6).map(ToString::to_string).collect();
        let more = if codes.len() > 6 { "…" } else { "" };
        let word = if codes.len() > 1 { many } else { one };
        format!("{word} {}{more}", shown.join(", "))
    }
    fn counted(one: &str, many: &str, n: usize) -> String {
        format!("{n} {}", if n > 1 { many } else { one })
    }
    match p {
        Perimetre::National => "tout le pays".to_owned(),
        Perimetre::Regions(c) => named("région", "régions", c),
        Perimetre::Departements(c) => named("département", "départements", c),
        Perimetre::Communes(c) => named("commune", "communes", c),
        Perimetre::Reseaux(c) => c.iter().map(|r| r.nom()).collect::<Vec<_>>().join(", "),
        Perimetre::Personnes(c) => named("conseiller", "conseillers", c),
        Perimetre::Structures(c) => counted("structure", "structures", c.len()),
        Perimetre::Lieux(c) => counted("lieu", "lieux", c.len()),
        Perimetre::Soi => "son propre dossier".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::CodeDepartement;

    #[test]
    fn reads_as_people_do() {
        let codes = ["01", "2A"].iter().filter_map(|c| CodeDepartement::parse(c)).collect();
        assert_eq!(
            role(Role::Prefecture, &Perimetre::Departements(codes)),
            "Préfecture (départements 01, 2A)"
        );
        assert_eq!(perimetre(&Perimetre::Structures(vec![])), "0 structure");
        assert_eq!(perimetre(&Perimetre::National), "tout le pays");
    }
}
