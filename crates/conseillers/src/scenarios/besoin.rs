//! How many people of each commune need help, weighted: what the posts are to serve.

use annuaire::maillage::{Couverture, Critere};
use annuaire::territoires::{GenreZonage, Territoires, Zonages};
use kernel::text::nombre_decimal;

use super::model::Parametres;

/// The need of each commune of today, by rank, in whole people; and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Besoins {
    pub(super) par_rang: Vec<f64>,
    pub(super) source: String,
}

/// The index of a list: 0 to 10.
fn indice(valeur: &str) -> Option<f64> {
    valeur.trim().replace(',', ".").parse::<f64>().ok().filter(|v| (0.0..=10.0).contains(v))
}

/// Inhabitants × index of fragility (as a share: 10 is everybody) where a list gives one, × the stated rate elsewhere;
/// each weight adds its percents.
pub(super) fn besoins(t: &Territoires, z: &Zonages, couverture: &Couverture, p: &Parametres) -> Besoins {
    const LOIN_M: f64 = 10_000.0;
    let taux = f64::from(p.taux_pour_mille) / 1_000.0;
    let mut connus = 0_usize;
    let par_rang = t
        .communes()
        .iter()
        .enumerate()
        .map(|(rang, commune)| {
            let zonages = z.de(&commune.code);
            let dedans = |genre: GenreZonage| zonages.iter().any(|z| z.genre == genre);
            let lu = zonages.iter().find(|z| z.genre == GenreZonage::Ifn).filter(|_| p.indice);
            let part = match lu.and_then(|z| z.valeur.as_deref()).and_then(indice) {
                Some(indice) => {
                    connus += 1;
                    indice / 10.0
                }
                None => taux,
            };
            let mut poids = 100.0;
            if dedans(GenreZonage::Qpv) {
                poids += f64::from(p.poids_qpv);
            }
            if dedans(GenreZonage::Frr) || dedans(GenreZonage::Zrr) {
                poids += f64::from(p.poids_rural);
            }
            if p.poids_eloigne > 0 && couverture.distance_m(rang, Critere::Tous).is_some_and(|m| m > LOIN_M) {
                poids += f64::from(p.poids_eloigne);
            }
            (f64::from(commune.habitants()) * part * poids / 100.0).round()
        })
        .collect();
    let rate = format!("{}\u{202f}% des habitants", nombre_decimal(taux * 100.0, 1));
    let source = match z.listes.iter().find(|l| l.genre == GenreZonage::Ifn).filter(|_| connus > 0) {
        Some(liste) => format!(
            "habitants × indice de fragilité numérique (liste du {}, {connus} communes) ; ailleurs, {rate}",
            kernel::calendrier::jour_en_lettres(liste.date)
        ),
        None => format!("{rate}, faute d’indice de fragilité chargé ou demandé"),
    };
    Besoins { par_rang, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_between_0_and_10() {
        for (valeur, lu) in
            [("4,2", Some(4.2)), (" 10 ", Some(10.0)), ("11", None), ("-1", None), ("élevé", None)]
        {
            assert_eq!(indice(valeur), lu, "{valeur}");
        }
    }
}
