//! The history of a professional, as it is read: changes of situation that were written, and what memberships, training and
//! test say by their dates. Nothing is written twice: what a date tells is told from it.

use chrono::NaiveDate;
use kernel::calendrier;
use kernel::ids::StructureId;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::model::{Aidant, Appartenance};
use super::regles::Parcours;
use super::{equipes, mails, registre, store};
use crate::Mandats;
use crate::ids::EquipeId;

/// Something that happened to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fait {
    /// On which day.
    jour: NaiveDate,
    /// Among what happened on that day.
    rang: usize,
    /// What, in words.
    pub(crate) phrase: String,
    /// Account of who did it, when it was written.
    pub(crate) par: Option<Uuid>,
}

impl Fait {
    /// The day, in letters.
    pub(crate) fn le(&self) -> String {
        calendrier::jour_en_lettres(self.jour)
    }
}

/// The rank, on one day, of an arrival, of a membership, of what was learnt; changes of situation come after.
const ARRIVEE: usize = 0;
const APPARTENANCE: usize = 1;
const APPRIS: usize = 2;
const SITUATION: usize = 3;

/// That history, latest first. `chez`: as the référents of that organisation read it, who know nothing of the others.
///
/// # Errors
/// The database.
pub(crate) async fn de(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    a: &Aidant,
    chez: Option<StructureId>,
) -> Result<Vec<Fait>, DbErr> {
    let vie = registre::histoire(conn, a.id).await?;
    let mut out: Vec<Fait> = Vec::new();
    let note = |jour, rang, phrase: String| Fait { jour, rang, phrase, par: None };
    let total = vie.len();
    for (n, e) in vie.iter().enumerate() {
        let etat = e.etat().map_or("", |x| x.nom());
        let phrase = if e.motif.is_empty() { etat.to_owned() } else { format!("{etat} ({})", e.motif) };
        let rang = if e.de.is_none() { ARRIVEE } else { SITUATION + total - n };
        out.push(Fait { par: e.par, ..note(calendrier::jour(&e.le), rang, phrase) });
    }
    if vie.iter().all(|e| e.de.is_some()) {
        out.push(note(calendrier::jour(&a.cree_le), ARRIVEE, "Connue du service".to_owned()));
    }
    if vie.is_empty() {
        out.push(note(calendrier::jour(&a.etat_le), SITUATION, a.etat.nom().to_owned()));
    }
    out.extend(appris(&registre::parcours(conn, a.id).await?));
    let toutes = store::appartenances(conn, a.id).await?;
    let mut lieux: Vec<StructureId> = toutes.iter().map(|x| x.structure).collect();
    lieux.sort_by_key(|s| s.0);
    lieux.dedup();
    for lieu in lieux.into_iter().filter(|l| chez.is_none_or(|c| c == *l)) {
        let ou = match chez {
            Some(_) => "l’organisation".to_owned(),
            None => mails::nom_de(m, lieu).await?,
        };
        let noms = equipes::de(conn, lieu).await?;
        let nom = |e: Option<EquipeId>| match e {
            None => "aucune".to_owned(),
            Some(e) => {
                noms.iter().find(|x| x.id == e).map_or("supprimée depuis".to_owned(), |x| x.nom.clone())
            }
        };
        let siennes: Vec<&Appartenance> = toutes.iter().filter(|x| x.structure == lieu).collect();
        out.extend(appartenances(&siennes, &ou, nom));
    }
    out.sort_by_key(|x| std::cmp::Reverse((x.jour, x.rang)));
    Ok(out)
}

fn appris(p: &Parcours) -> Vec<Fait> {
    let note = |jour, phrase: &str| Fait { jour, rang: APPRIS, phrase: phrase.to_owned(), par: None };
    let forme = p.forme_le.map(|le| note(le, "Formation suivie"));
    forme.into_iter().chain(p.pix.map(|(le, _)| note(le, "Test Pix réussi"))).collect()
}

/// What the memberships of one organisation tell, oldest first: arrival, changes of function and of team, departure.
fn appartenances(
    siennes: &[&Appartenance],
    ou: &str,
    equipe: impl Fn(Option<EquipeId>) -> String,
) -> Vec<Fait> {
    let mut out = Vec::new();
    let mut note = |jour, phrase| out.push(Fait { jour, rang: APPARTENANCE, phrase, par: None });
    for (n, x) in siennes.iter().enumerate() {
        // One that ended to let this one begin: the day before, or the same day.
        let avant = n.checked_sub(1).and_then(|n| siennes.get(n)).filter(|v| suit(v, x));
        match avant {
            None => {
                note(x.debut, format!("Rattachement à {ou} : {}", x.fonction.nom()));
                if x.equipe.is_some() {
                    note(x.debut, format!("Équipe à {ou} : {}", equipe(x.equipe)));
                }
            }
            Some(v) => {
                if v.fonction != x.fonction {
                    let phrase =
                        format!("Fonction à {ou} : {} (avant : {})", x.fonction.nom(), v.fonction.nom());
                    note(x.debut, phrase);
                }
                if v.equipe != x.equipe {
                    note(x.debut, format!("Équipe à {ou} : {}", equipe(x.equipe)));
                }
            }
        }
        if let Some(fin) = x.fin
            && !siennes.get(n + 1).is_some_and(|w| suit(x, w))
        {
            note(fin, format!("Fin du rattachement à {ou}"));
        }
    }
    out
}

fn suit(avant: &Appartenance, apres: &Appartenance) -> bool {
    avant.fin.is_some_and(|fin| fin == apres.debut || fin.succ_opt() == Some(apres.debut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aidants::Fonction;
    use crate::ids::{AidantId, AppartenanceId};

    #[test]
    fn memberships_tell_arrival_function_team_and_departure() {
        let jour = |j: u32| NaiveDate::from_ymd_opt(2026, 3, j).unwrap();
        let equipe = EquipeId(Uuid::from_u128(7));
        let x = |debut, fin: Option<u32>, fonction, equipe| Appartenance {
            id: AppartenanceId(Uuid::nil()),
            aidant: AidantId(Uuid::nil()),
            structure: StructureId(Uuid::nil()),
            equipe,
            fonction,
            debut: jour(debut),
            fin: fin.map(jour),
        };
        let siennes = [
            x(1, Some(4), Fonction::Aidant, None),
            x(5, Some(5), Fonction::AidantReferent, None),
            x(5, Some(9), Fonction::AidantReferent, Some(equipe)),
            x(20, None, Fonction::Referent, None),
        ];
        let lues: Vec<&Appartenance> = siennes.iter().collect();
        let nom = |e: Option<EquipeId>| e.map_or("aucune", |_| "Nord").to_owned();
        let faits = appartenances(&lues, "Ici", nom);
        let dits: Vec<(u32, &str)> =
            faits.iter().map(|f| (chrono::Datelike::day(&f.jour), f.phrase.as_str())).collect();
        assert_eq!(
            dits,
            [
                (1, "Rattachement à Ici : Aidant"),
                (5, "Fonction à Ici : Aidant et référent (avant : Aidant)"),
                (5, "Équipe à Ici : Nord"),
                (9, "Fin du rattachement à Ici"),
                (20, "Rattachement à Ici : Référent, sans mandat"),
            ]
        );
    }
}
