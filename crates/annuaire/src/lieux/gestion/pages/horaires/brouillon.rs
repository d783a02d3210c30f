//! Hours as they are typed: every row as its text, so that what is wrong can be shown again; and the buttons that add,
//! take off and copy rows. Pure.

use std::collections::HashMap;

use platform::web::FormState;

use super::heures::{ecrit_date, ecrit_heures, ecrit_minute, lit_date, lit_heures, lit_minute};
use crate::lieux::horaires::edition::{
    CRENEAUX_MAX, Creneau, EXCEPTIONS_MAX, Edition, Exception, JourDuMois, Ou, PERIODES_MAX, Periode, Quand,
    Quantieme, Semaine,
};

/// Days of the month that a form holds.
const MOIS_MAX: usize = 12;
pub(super) const JOURS: [&str; 7] = ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"];

/// A slot as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ligne {
    pub(super) de: String,
    pub(super) a: String,
    pub(super) mot: String,
}

impl Ligne {
    fn vide(&self) -> bool {
        self.de.is_empty() && self.a.is_empty() && self.mot.is_empty()
    }
}

/// A week as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct PeriodeSaisie {
    pub(super) quand: String,
    pub(super) du: String,
    pub(super) au: String,
    pub(super) jours: [Vec<Ligne>; 7],
}

/// A day of the month as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MoisSaisi {
    pub(super) rangs: Vec<String>,
    pub(super) jour: String,
    pub(super) heures: String,
}

/// A date as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct DateSaisie {
    pub(super) du: String,
    pub(super) au: String,
    pub(super) heures: String,
    pub(super) motif: String,
}

/// Hours as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Brouillon {
    pub(super) periodes: Vec<PeriodeSaisie>,
    pub(super) mois: Vec<MoisSaisi>,
    pub(super) dates: Vec<DateSaisie>,
    pub(super) feries: String,
    pub(super) commentaire: String,
}

impl Brouillon {
    /// What a form shows of hours that are known.
    pub(super) fn de_edition(e: &Edition) -> Self {
        let ligne = |c: &Creneau| Ligne {
            de: ecrit_minute(c.debut),
            a: ecrit_minute(c.fin),
            mot: c.precision.clone(),
        };
        let periode = |p: &Periode| {
            let (quand, du, au) = match p.quand {
                Quand::Toujours => ("toujours", String::new(), String::new()),
                Quand::SemainesPaires(true) => ("paires", String::new(), String::new()),
                Quand::SemainesPaires(false) => ("impaires", String::new(), String::new()),
                Quand::Vacances => ("vacances", String::new(), String::new()),
                Quand::Mois(de, a) => ("dates", mois(de), mois(a)),
                Quand::Dates(de, a) => ("dates", ecrit_date(de), ecrit_date(a)),
            };
            let jours = p.semaine.each_ref().map(|j| j.iter().map(ligne).collect());
            PeriodeSaisie { quand: quand.to_owned(), du, au, jours }
        };
        let mut b = Self {
            periodes: e.periodes.iter().map(periode).collect(),
            mois: e
                .jours_du_mois
                .iter()
                .map(|j| MoisSaisi {
                    rangs: j.rangs.iter().map(ToString::to_string).collect(),
                    jour: j.jour.to_string(),
                    heures: ecrit_heures(&j.creneaux),
                })
                .collect(),
            dates: e
                .exceptions
                .iter()
                .map(|x| DateSaisie {
                    du: ecrit_date(x.debut),
                    au: if x.fin == x.debut { String::new() } else { ecrit_date(x.fin) },
                    heures: ecrit_heures(&x.creneaux),
                    motif: x.motif.clone(),
                })
                .collect(),
            feries: if e.ferme_les_feries { "oui" } else { "" }.to_owned(),
            commentaire: e.commentaire.clone(),
        };
        if b.periodes.is_empty() {
            b.periodes.push(PeriodeSaisie { quand: "toujours".to_owned(), ..PeriodeSaisie::default() });
        }
        b
    }

    /// What was typed.
    pub(super) fn lit(form: &FormState) -> Self {
        let champs: HashMap<&str, &str> = form.values().iter().map(|(k, v)| (k.as_str(), v.trim())).collect();
        let lu = |nom: &str| champs.get(nom).map_or("", |v| *v).chars().take(300).collect::<String>();
        let a = |nom: &str| champs.contains_key(nom);
        let mut b = Self { feries: lu("feries"), commentaire: lu("commentaire"), ..Self::default() };
        for p in (0..PERIODES_MAX).take_while(|p| a(&format!("p{p}_quand"))) {
            let jours = std::array::from_fn(|j| {
                (0..CRENEAUX_MAX)
                    .take_while(|c| a(&format!("p{p}_j{j}_{c}_de")))
                    .map(|c| {
                        let n = format!("p{p}_j{j}_{c}");
                        Ligne {
                            de: lu(&format!("{n}_de")),
                            a: lu(&format!("{n}_a")),
                            mot: lu(&format!("{n}_mot")),
                        }
                    })
                    .collect()
            });
            b.periodes.push(PeriodeSaisie {
                quand: lu(&format!("p{p}_quand")),
                du: lu(&format!("p{p}_du")),
                au: lu(&format!("p{p}_au")),
                jours,
            });
        }
        for m in (0..MOIS_MAX).take_while(|m| a(&format!("m{m}_jour"))) {
            b.mois.push(MoisSaisi {
                rangs: form.all(&format!("m{m}_rangs")).map(str::to_owned).collect(),
                jour: lu(&format!("m{m}_jour")),
                heures: lu(&format!("m{m}_heures")),
            });
        }
        for e in (0..EXCEPTIONS_MAX).take_while(|e| a(&format!("e{e}_du"))) {
            b.dates.push(DateSaisie {
                du: lu(&format!("e{e}_du")),
                au: lu(&format!("e{e}_au")),
                heures: lu(&format!("e{e}_heures")),
                motif: lu(&format!("e{e}_motif")),
            });
        }
        b
    }

    /// The fields that show it, and how many rows each day shows: one at least.
    pub(super) fn champs(&mut self) -> Vec<(String, String)> {
        let mut champs = vec![
            ("feries".to_owned(), self.feries.clone()),
            ("commentaire".to_owned(), self.commentaire.clone()),
        ];
        for (p, periode) in self.periodes.iter_mut().enumerate() {
            champs.push((format!("p{p}_quand"), periode.quand.clone()));
            champs.push((format!("p{p}_du"), periode.du.clone()));
            champs.push((format!("p{p}_au"), periode.au.clone()));
            for (j, jour) in periode.jours.iter_mut().enumerate() {
                if jour.is_empty() {
                    jour.push(Ligne::default());
                }
                for (c, l) in jour.iter().enumerate() {
                    champs.push((format!("p{p}_j{j}_{c}_de"), l.de.clone()));
                    champs.push((format!("p{p}_j{j}_{c}_a"), l.a.clone()));
                    champs.push((format!("p{p}_j{j}_{c}_mot"), l.mot.clone()));
                }
            }
        }
        for (m, mois) in self.mois.iter().enumerate() {
            champs.extend(mois.rangs.iter().map(|r| (format!("m{m}_rangs"), r.clone())));
            champs.push((format!("m{m}_jour"), mois.jour.clone()));
            champs.push((format!("m{m}_heures"), mois.heures.clone()));
        }
        for (e, date) in self.dates.iter().enumerate() {
            for (nom, valeur) in
                [("du", &date.du), ("au", &date.au), ("heures", &date.heures), ("motif", &date.motif)]
            {
                champs.push((format!("e{e}_{nom}"), valeur.clone()));
            }
        }
        champs
    }

    /// Takes off rows where nothing was typed, and puts slots in the order of the day.
    pub(super) fn range(&mut self) {
        for p in &mut self.periodes {
            for j in &mut p.jours {
                j.retain(|l| !l.vide());
                // A time that cannot be read stays where it is, last.
                j.sort_by_key(|l| lit_minute(&l.de).unwrap_or(u16::MAX));
            }
        }
        self.dates.retain(|d| *d != DateSaisie::default());
    }

    /// Does what a button asks: `plus:0:2`, `moins:0:2:1`, `copier:0`, `periode_plus`… What it does not know changes
    /// nothing.
    pub(super) fn applique(&mut self, faire: &str, form: &FormState) {
        let mut mots = faire.split(':');
        let verbe = mots.next().unwrap_or("");
        let n: Vec<usize> = mots.filter_map(|m| m.parse().ok()).collect();
        match (verbe, n.as_slice()) {
            ("plus", [p, j]) => {
                if let Some(jour) = self.periodes.get_mut(*p).and_then(|p| p.jours.get_mut(*j))
                    && jour.len() < CRENEAUX_MAX
                {
                    if jour.is_empty() {
                        jour.push(Ligne::default());
                    }
                    jour.push(Ligne::default());
                }
            }
            ("moins", [p, j, c]) => {
                if let Some(jour) = self.periodes.get_mut(*p).and_then(|p| p.jours.get_mut(*j))
                    && *c < jour.len()
                {
                    jour.remove(*c);
                }
            }
            ("copier", [p]) => {
                let de: Option<usize> = form.get(&format!("p{p}_copie_de")).parse().ok();
                let vers: Vec<usize> =
                    form.all(&format!("p{p}_copie_vers")).filter_map(|v| v.parse().ok()).collect();
                if let (Some(periode), Some(de)) = (self.periodes.get_mut(*p), de) {
                    let modele = periode.jours.get(de).cloned().unwrap_or_default();
                    for jour in vers {
                        if let Some(jour) = periode.jours.get_mut(jour) {
                            jour.clone_from(&modele);
                        }
                    }
                }
            }
            ("periode_plus", []) if self.periodes.len() < PERIODES_MAX => {
                self.periodes.push(PeriodeSaisie { quand: "dates".to_owned(), ..PeriodeSaisie::default() });
            }
            ("periode_moins", [p]) if *p < self.periodes.len() => {
                self.periodes.remove(*p);
            }
            ("mois_plus", []) if self.mois.len() < MOIS_MAX => self.mois.push(MoisSaisi::default()),
            ("mois_moins", [m]) if *m < self.mois.len() => {
                self.mois.remove(*m);
            }
            ("date_plus", []) if self.dates.len() < EXCEPTIONS_MAX => self.dates.push(DateSaisie::default()),
            ("date_moins", [d]) if *d < self.dates.len() => {
                self.dates.remove(*d);
            }
            _ => {}
        }
    }

    /// The hours, if all that was typed can be read; else each field with its sentence.
    pub(super) fn edition(&self) -> Result<Edition, Vec<(String, String)>> {
        let mut refus: Vec<(String, String)> = Vec::new();
        let mut edition = Edition { commentaire: self.commentaire.clone(), ..Edition::default() };
        edition.ferme_les_feries = self.feries == "oui";
        for (p, saisie) in self.periodes.iter().enumerate() {
            let quand = match quand(saisie) {
                Ok(quand) => quand,
                Err(phrase) => {
                    refus.push((format!("p{p}_du"), phrase));
                    continue;
                }
            };
            let mut semaine = Semaine::default();
            for (j, lignes) in saisie.jours.iter().enumerate() {
                for (c, l) in lignes.iter().enumerate().filter(|(_, l)| !l.vide()) {
                    match creneau(l) {
                        Ok(creneau) => semaine[j].push(creneau),
                        Err((champ, phrase)) => {
                            refus.push((format!("p{p}_j{j}_{c}_{champ}"), format!("{} : {phrase}", JOURS[j])))
                        }
                    }
                }
            }
            // The week of the whole year says nothing when it is empty and others speak.
            let muette = quand == Quand::Toujours && semaine.iter().all(Vec::is_empty);
            if !muette || self.periodes.len() == 1 {
                edition.periodes.push(Periode { quand, semaine });
            }
        }
        if edition.periodes.len() == 1
            && edition.periodes.iter().all(|p| p.semaine.iter().all(Vec::is_empty))
            && edition.periodes.iter().all(|p| p.quand == Quand::Toujours)
        {
            edition.periodes.clear();
        }
        for (m, saisi) in self.mois.iter().enumerate() {
            match (saisi.jour.parse::<u8>(), lit_heures(&saisi.heures)) {
                (Ok(jour), Ok(creneaux)) => {
                    let rangs: Vec<i8> = saisi.rangs.iter().filter_map(|r| r.parse().ok()).collect();
                    edition.jours_du_mois.push(JourDuMois { jour, rangs, creneaux });
                }
                (Err(_), _) => {
                    refus.push((format!("m{m}_jour"), "Choisissez un jour de la semaine.".to_owned()))
                }
                (_, Err(phrase)) => refus.push((format!("m{m}_heures"), phrase)),
            }
        }
        for (e, saisie) in self.dates.iter().enumerate() {
            match exception(saisie) {
                Ok(exception) => edition.exceptions.push(exception),
                Err((champ, phrase)) => refus.push((format!("e{e}_{champ}"), phrase)),
            }
        }
        if refus.is_empty() {
            refus.extend(edition.verifie().into_iter().map(|e| (champ(e.ou), e.phrase)));
        }
        if refus.is_empty() { Ok(edition) } else { Err(refus) }
    }
}

/// The field of a mistake.
fn champ(ou: Ou) -> String {
    match ou {
        Ou::Creneau(p, j, c) => format!("p{p}_j{j}_{c}_de"),
        Ou::Periode(p) => format!("p{p}_quand"),
        Ou::JourDuMois(m) => format!("m{m}_heures"),
        Ou::Exception(e) => format!("e{e}_du"),
        Ou::Commentaire => "commentaire".to_owned(),
    }
}

fn mois(n: u8) -> String {
    kernel::text::MOIS.get(usize::from(n).wrapping_sub(1)).map_or_else(String::new, |m| (*m).to_owned())
}

fn numero_du_mois(typed: &str) -> Option<u8> {
    let mot = kernel::text::fold(typed);
    let rang = kernel::text::MOIS.iter().position(|m| kernel::text::fold(m) == mot)?;
    u8::try_from(rang + 1).ok()
}

fn quand(p: &PeriodeSaisie) -> Result<Quand, String> {
    match p.quand.as_str() {
        "paires" => Ok(Quand::SemainesPaires(true)),
        "impaires" => Ok(Quand::SemainesPaires(false)),
        "vacances" => Ok(Quand::Vacances),
        "dates" => {
            if let (Some(de), Some(a)) = (numero_du_mois(&p.du), numero_du_mois(&p.au)) {
                return Ok(Quand::Mois(de, a));
            }
            match (lit_date(&p.du), lit_date(&p.au)) {
                (Some(de), Some(a)) => Ok(Quand::Dates(de, a)),
                _ => Err("Écrivez le début et la fin : deux mois, comme « juillet » et « août », ou deux dates, comme \
                          01/07 et 31/08."
                    .to_owned()),
            }
        }
        _ => Ok(Quand::Toujours),
    }
}

fn creneau(l: &Ligne) -> Result<Creneau, (&'static str, String)> {
    let heure = |champ, v: &str| {
        lit_minute(v).ok_or_else(|| (champ, "Écrivez une heure, comme 9:00 ou 9h30.".to_owned()))
    };
    let (debut, fin) = (heure("de", &l.de)?, heure("a", &l.a)?);
    // « 20:00 à 02:00 » goes on after midnight; « 14:00 à 09:00 » is a mistake.
    let fin = if fin <= debut && fin <= 6 * 60 { fin + 1_440 } else { fin };
    Ok(Creneau { debut, fin, precision: l.mot.clone() })
}

fn exception(d: &DateSaisie) -> Result<Exception, (&'static str, String)> {
    let date = |champ, v: &str| -> Result<Quantieme, (&'static str, String)> {
        lit_date(v).ok_or_else(|| {
            (champ, "Écrivez une date : 24/12 pour tous les ans, 24/12/2026 pour une seule année.".to_owned())
        })
    };
    let debut = date("du", &d.du)?;
    let fin = if d.au.is_empty() { debut } else { date("au", &d.au)? };
    let creneaux = lit_heures(&d.heures).map_err(|phrase| ("heures", phrase))?;
    Ok(Exception { debut, fin, creneaux, motif: d.motif.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tour(osm: &str) -> String {
        let edition = Edition::lit(osm).unwrap_or_else(|e| panic!("{osm}: {e:?}"));
        let mut b = Brouillon::de_edition(&edition);
        let form = FormState::filled(b.champs());
        let mut relu = Brouillon::lit(&form);
        relu.range();
        relu.edition().unwrap().osm()
    }

    #[test]
    fn what_a_form_shows_is_what_it_writes() {
        for osm in [
            "",
            "Mo-Fr 09:00-12:00,14:00-17:00; Sa 09:00-12:00",
            "Mo-Fr 09:00-12:00; PH off",
            "Mo-Fr 09:00-12:00; Jul-Aug Mo-Fr 08:00-12:00",
            "Mo-Fr 09:00-12:00; Dec 24 off",
            "Mo-Fr 09:00-12:00; 2026 Dec 24-2027 Jan 02 off",
            "We[1] 14:00-17:00",
            "Mo 09:00-12:00 \"sur rendez-vous\"",
        ] {
            let Ok(edition) = Edition::lit(osm) else { panic!("{osm}") };
            assert_eq!(tour(osm), edition.osm(), "{osm}");
        }
    }

    #[test]
    fn buttons_add_take_off_and_copy() {
        let mut b = Brouillon::de_edition(&Edition::lit("Mo 09:00-12:00,14:00-17:00").unwrap());
        let form = FormState::filled([("p0_copie_de", "0"), ("p0_copie_vers", "1"), ("p0_copie_vers", "2")]);
        b.applique("copier:0", &form);
        b.applique("moins:0:0:1", &form);
        b.applique("plus:0:4", &form);
        for rien in
            ["", "plus:9:9", "moins:0:0:99", "copier:7", "periode_moins:4", "n’importe:quoi", "plus:x:y"]
        {
            b.applique(rien, &form);
        }
        b.periodes[0].jours[4][0] = Ligne { de: "9h".into(), a: "10h".into(), mot: String::new() };
        b.range();
        assert_eq!(
            b.edition().unwrap().osm(),
            "Mo 09:00-12:00; Tu,We 09:00-12:00,14:00-17:00; Fr 09:00-10:00"
        );
    }

    #[test]
    fn what_is_wrong_is_told_beside_its_field() {
        let mut b = Brouillon::de_edition(&Edition::default());
        b.periodes[0].jours[0].push(Ligne { de: "neuf".into(), a: "12h".into(), mot: String::new() });
        b.periodes[0].jours[1].push(Ligne { de: "14h".into(), a: "9h".into(), mot: String::new() });
        b.periodes.push(PeriodeSaisie { quand: "dates".into(), du: "x".into(), ..PeriodeSaisie::default() });
        b.dates.push(DateSaisie { du: "noël".into(), ..DateSaisie::default() });
        let champs: Vec<String> = b.edition().unwrap_err().into_iter().map(|(c, _)| c).collect();
        assert_eq!(champs, ["p0_j0_0_de", "p1_du", "e0_du"]);
        b.periodes.truncate(1);
        b.periodes[0].jours[0].clear();
        b.dates.clear();
        assert_eq!(b.edition().unwrap_err()[0].0, "p0_j1_0_de");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_or_refused(de in "\\PC{0,12}", a in "\\PC{0,12}", date in "\\PC{0,12}", faire in "[a-z_]{0,12}(:[0-9]{1,3}){0,3}") {
            let mut b = Brouillon::de_edition(&Edition::default());
            b.periodes[0].jours[0].push(Ligne { de, a, mot: String::new() });
            b.dates.push(DateSaisie { du: date, ..DateSaisie::default() });
            b.applique(&faire, &FormState::default());
            b.range();
            let _ = b.edition();
        }
    }
}
