//! What a list may be narrowed by, as the address says it.

use std::collections::HashSet;

use chrono::NaiveDate;
use kernel::text::fold;
use platform::web::FormState;
use sea_orm::{ConnectionTrait, DbErr};

use crate::candidats::CandidatVue;
use crate::formation::{self, model::Titre};
use crate::ids::CandidatId;
use crate::matching::relations::marques::Marque;
use crate::postes;

/// Words that are looked at.
const MOTS_MAX: usize = 8;

/// What the filters keep.
#[derive(Debug, Default)]
pub(super) struct Filtres {
    libre_le: Option<NaiveDate>,
    km: Option<f64>,
    pix: u8,
    diplome: bool,
    experience: bool,
    cv: bool,
    mots: Vec<String>,
    etiquette: String,
    /// Those that the structure set aside, instead of the others.
    pub(super) ecartees: bool,
    /// Also those who are free after the mission begins.
    plus_tard: bool,
    /// People who have the first certificate, when it is asked for.
    ccp1: Option<HashSet<CandidatId>>,
    /// People who held a post, when it is asked for.
    deja: Option<HashSet<CandidatId>>,
}

impl Filtres {
    /// Reads the address; what is wrong is said beside its field, and narrows nothing.
    pub(super) async fn lire(form: &mut FormState, conn: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let jour = |v: &str| v.parse().map_err(|_| "Écrivez une date, comme 31/12/2026.");
        let km = |v: &str| {
            let lu: Option<f64> = v.replace(',', ".").parse().ok();
            lu.filter(|km| km.is_finite() && *km >= 0.0).ok_or("Écrivez un nombre de kilomètres, comme 30.")
        };
        let pix = |v: &str| {
            v.parse().ok().filter(|p| (1..=3).contains(p)).ok_or("Choisissez un palier de la liste.")
        };
        let mots: String = form.get("mots").chars().take(200).collect();
        let mots: Vec<String> = fold(&mots).split_whitespace().take(MOTS_MAX).map(str::to_owned).collect();
        if mots.is_empty() && !form.get("mots").trim().is_empty() {
            form.refuse("mots", "Écrivez un numéro, une commune ou un diplôme.");
        }
        let coche = |form: &FormState, nom: &str| form.get(nom) == "oui";
        let (ccp1, deja) = (coche(form, "ccp1"), coche(form, "deja"));
        Ok(Self {
            libre_le: form.parse_opt("libre_le", jour).flatten(),
            km: form.parse_opt("km", km).flatten(),
            pix: form.parse_opt("pix", pix).flatten().unwrap_or(0),
            diplome: coche(form, "diplome"),
            experience: coche(form, "experience"),
            cv: coche(form, "cv"),
            mots,
            etiquette: fold(&form.get("etiquette").chars().take(80).collect::<String>()),
            ecartees: coche(form, "ecartees"),
            plus_tard: coche(form, "plus_tard"),
            ccp1: if ccp1 { Some(formation::ayant(conn, Titre::Ccp1).await?) } else { None },
            deja: if deja { Some(postes::store::ont_tenu(conn).await?) } else { None },
        })
    }

    /// Whether that person stays in the list. `mission`: the first day of the post, when it is known; somebody who is free
    /// later is left out unless the reader asks (domain, 3.4, rule 6).
    pub(super) fn garde(
        &self,
        (c, km): (&CandidatVue, f64),
        marque: Option<&Marque>,
        mission: Option<NaiveDate>,
    ) -> bool {
        let a_temps = self.plus_tard || mission.is_none_or(|le| c.disponible_le <= le);
        marque.is_some_and(|m| m.ecartee_le.is_some()) == self.ecartees
            && a_temps
            && (!self.diplome || c.situations.diplome.is_some())
            && (!self.experience || c.situations.experience)
            && (!self.cv || c.cv)
            && self.libre_le.is_none_or(|le| c.disponible_le <= le)
            && (self.pix == 0 || c.pix.as_ref().is_some_and(|p| p.palier >= self.pix))
            && self.km.is_none_or(|max| km <= max)
            && self.ccp1.as_ref().is_none_or(|ont| ont.contains(&c.id))
            && self.deja.as_ref().is_none_or(|ont| ont.contains(&c.id))
            && (self.etiquette.is_empty()
                || marque.is_some_and(|m| fold(&m.etiquette).contains(&self.etiquette)))
            && self.dit(c, marque)
    }

    /// Whether every word is in the number, the commune, the diploma, or what the structure wrote.
    fn dit(&self, c: &CandidatVue, marque: Option<&Marque>) -> bool {
        if self.mots.is_empty() {
            return true;
        }
        let diplome = c.situations.diplome.as_deref().unwrap_or_default();
        let note = marque.map_or("", |m| m.note.as_str());
        let texte = fold(&format!(
            "{} {} {} {} {diplome} {note}",
            c.numero,
            c.reference(),
            c.commune.nom,
            c.commune.departement
        ));
        let dans = |mot: &String| {
            if mot.bytes().all(|b| b.is_ascii_digit()) {
                texte.split(' ').any(|t| t == mot)
            } else {
                texte.contains(mot.as_str())
            }
        };
        self.mots.iter().all(dans)
    }
}
