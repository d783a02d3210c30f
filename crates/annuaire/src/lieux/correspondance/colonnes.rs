//! Names of columns: exact ones, paths with a star, an object chosen in a list by one of its keys.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::super::lecture::{Enregistrement, Entete};

/// Where a name leads in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Acces {
    /// Places, whose filled values are joined.
    Rangs(Vec<usize>),
    /// Pairs: where the key stands, where the value stands; the key must have this folded value.
    Choisis(Vec<(usize, usize)>, String),
}

/// Before the names that GeoJSON and usual interfaces give: a mapping may leave them out.
const PREFIXES: [&str; 4] = ["properties.", "fields.", "record.fields.", "attributes."];

/// Where each name leads in the last header.
#[derive(Debug, Default)]
pub(super) struct Colonnes {
    acces: HashMap<String, Acces>,
    entete: Option<Arc<Entete>>,
}

impl Colonnes {
    /// Looks at a header; false when it is the last one again.
    pub(super) fn suit<'n>(&mut self, entete: &Arc<Entete>, noms: impl Iterator<Item = &'n str>) -> bool {
        if self.entete.as_ref().is_some_and(|e| Arc::ptr_eq(e, entete)) {
            return false;
        }
        self.acces = noms.filter_map(|n| acces(n, entete).map(|a| (n.to_owned(), a))).collect();
        self.entete = Some(entete.clone());
        true
    }

    /// Whether the name leads somewhere.
    pub(super) fn connait(&self, nom: &str) -> bool {
        self.acces.contains_key(nom)
    }

    /// Whether some name reads that place.
    pub(super) fn lue(&self, rang: usize) -> bool {
        self.acces.values().any(|a| match a {
            Acces::Rangs(rangs) => rangs.contains(&rang),
            Acces::Choisis(paires, _) => paires.iter().any(|(c, v)| *c == rang || *v == rang),
        })
    }

    /// The value under a name; several are joined by `|`.
    pub(super) fn texte<'e>(&self, e: &'e Enregistrement, nom: &str) -> Cow<'e, str> {
        let rangs: Vec<usize> = match self.acces.get(nom) {
            None => return Cow::Borrowed(""),
            Some(Acces::Rangs(rangs)) => match rangs[..] {
                [rang] => return Cow::Borrowed(e.au_rang(rang)),
                _ => rangs.clone(),
            },
            Some(Acces::Choisis(paires, voulue)) => paires
                .iter()
                .filter(|(cle, _)| kernel::text::fold(e.au_rang(*cle)) == *voulue)
                .map(|(_, valeur)| *valeur)
                .collect(),
        };
        let valeurs: Vec<&str> =
            rangs.into_iter().map(|r| e.au_rang(r).trim()).filter(|v| !v.is_empty()).collect();
        Cow::Owned(valeurs.join("|"))
    }
}

/// Whether a name is a pattern, which may well find nothing in a record.
pub(super) fn motif(nom: &str) -> bool {
    nom.split('.').any(|s| s == "*") || nom.contains('[')
}

fn acces(nom: &str, entete: &Entete) -> Option<Acces> {
    let exact = |n: &str| entete.rang(n).map(|r| Acces::Rangs(vec![r]));
    if let Some(a) = exact(nom) {
        return Some(a);
    }
    if let Some(a) = PREFIXES.iter().find_map(|p| exact(&format!("{p}{nom}"))) {
        return Some(a);
    }
    if !motif(nom) {
        return None;
    }
    let segments: Vec<Segment<'_>> = nom.split('.').map(Segment::lit).collect();
    let mut rangs = Vec::new();
    let mut paires = Vec::new();
    let mut voulue = None;
    for (rang, autre) in entete.noms().iter().enumerate() {
        let Some(cle) = correspond(&segments, autre) else { continue };
        match cle {
            Cle::Aucune => rangs.push(rang),
            Cle::Sous(prefixe, cle, valeur) => {
                if let Some(ou) = entete.rang(&format!("{prefixe}.{cle}")) {
                    paires.push((ou, rang));
                    voulue = Some(kernel::text::fold(valeur));
                }
            }
        }
    }
    if let Some(voulue) = voulue {
        return Some(Acces::Choisis(paires, voulue));
    }
    if rangs.is_empty() {
        // A list of words stands under its own name.
        return nom.strip_suffix(".*").and_then(exact);
    }
    Some(Acces::Rangs(rangs))
}

/// A piece of a path.
enum Segment<'n> {
    Nom(&'n str),
    Etoile,
    /// `contacts[type=mail]`
    Choisi(&'n str, &'n str, &'n str),
}

impl<'n> Segment<'n> {
    fn lit(texte: &'n str) -> Self {
        if texte == "*" {
            return Self::Etoile;
        }
        match texte
            .strip_suffix(']')
            .and_then(|t| t.split_once('['))
            .and_then(|(n, c)| Some((n, c.split_once('=')?)))
        {
            Some((nom, (cle, valeur))) => Self::Choisi(nom, cle.trim(), valeur.trim()),
            None => Self::Nom(texte),
        }
    }
}

enum Cle<'n> {
    Aucune,
    Sous(String, &'n str, &'n str),
}

/// Whether a name of the header is on that path, and the key to look at.
fn correspond<'n>(segments: &[Segment<'n>], nom: &str) -> Option<Cle<'n>> {
    let mut reste = nom.split('.');
    let mut parcouru: Vec<&str> = Vec::new();
    let mut trouve = Cle::Aucune;
    for segment in segments {
        let ici = reste.next()?;
        parcouru.push(ici);
        match segment {
            Segment::Nom(n) if *n == ici => {}
            Segment::Nom(_) => return None,
            Segment::Etoile => {}
            Segment::Choisi(n, cle, valeur) => {
                if *n != ici {
                    return None;
                }
                let rang = reste.next()?;
                rang.parse::<u32>().ok()?;
                parcouru.push(rang);
                trouve = Cle::Sous(parcouru.join("."), cle, valeur);
            }
        }
    }
    reste.next().is_none().then_some(trouve)
}

#[cfg(test)]
mod tests {
    use super::super::super::lecture::{Consignes, Evenement, lire};
    use super::*;

    #[test]
    fn paths_into_nested_values() {
        let json = r#"[{"nom":"A","adresse":{"rue":"1 rue X"},"tags":["a","b"],
            "contacts":[{"type":"mail","valeur":"a@b.fr"},{"type":"Tél","valeur":"01"},{"type":"mail","valeur":"c@d.fr"}],
            "properties":{"libelle":"B"}}]"#;
        let noms = [
            "nom",
            "adresse.rue",
            "contacts[type=mail].valeur",
            "contacts[type=tel].valeur",
            "contacts.*.valeur",
            "tags",
            "tags.*",
            "libelle",
            "absent",
            "absents.*",
            "contacts[type=fax].valeur",
        ];
        let mut lus = Vec::new();
        lire(std::io::Cursor::new(json.as_bytes()), &Consignes::default(), &mut |e| {
            if let Evenement::Enregistrement(r) = e {
                let mut colonnes = Colonnes::default();
                colonnes.suit(&r.entete, noms.into_iter());
                lus = noms.iter().map(|n| colonnes.texte(&r, n).into_owned()).collect();
                assert!(colonnes.connait("nom") && !colonnes.connait("absent"));
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(
            lus,
            ["A", "1 rue X", "a@b.fr|c@d.fr", "01", "a@b.fr|01|c@d.fr", "a|b", "a|b", "B", "", "", ""]
        );
    }
}
