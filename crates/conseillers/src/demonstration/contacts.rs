//! Contacts of the demonstration's structure: one in each state, and one that waits for the answer of its candidate.

use annuaire::structures::StructureVue;
use chrono::{Days, TimeDelta};
use platform::Tx;
use sea_orm::DbErr;

use crate::Conseillers;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{CandidatId, RelationId};
use crate::matching::relations::model::{Entretien, Resultat};
use crate::matching::relations::{Etat, Origine, Relation, store};
use crate::postes;

/// How many people it takes.
pub(super) const COMBIEN: usize = 8;

/// Writes the contacts.
///
/// # Errors
/// The database.
pub(super) async fn semer(
    c: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    (candidate, voisins): (Option<CandidatId>, Vec<CandidatId>),
) -> Result<(), DbErr> {
    let (now, jour) = (c.site.clock.now(), c.jour());
    let avant = |jours: i64| now - TimeDelta::days(jours);
    // Ten o'clock of the days around this one, as far as a round hour goes.
    let heure = |jours: i64| {
        let le = now + TimeDelta::days(jours);
        le - TimeDelta::seconds(le.timestamp().rem_euclid(3_600))
    };
    let neuve = |candidat: CandidatId, etat: Etat, depuis: i64| Relation {
        id: RelationId::new(&c.site.clock, &c.site.chance),
        candidat,
        structure: s.id,
        origine: Origine::Liste,
        etat,
        avant: None,
        motif: None,
        note: String::new(),
        entretien: Entretien::default(),
        resultat: None,
        proposee_le: avant(depuis),
        repondre_avant: jour.checked_add_days(Days::new(5)).unwrap_or(jour),
        repondue_le: (etat != Etat::Proposee && etat != Etat::SansReponse).then(|| avant(depuis - 1)),
        version: 0,
    };
    let mut contacts: Vec<Relation> =
        candidate.map(|qui| neuve(qui, Etat::Proposee, 2)).into_iter().collect();
    let mut voisins = voisins.into_iter();
    let mut ajoute = |etat: Etat, depuis: i64, change: &dyn Fn(&mut Relation)| {
        if let Some(qui) = voisins.next() {
            let mut r = neuve(qui, etat, depuis);
            change(&mut r);
            contacts.push(r);
        }
    };
    ajoute(Etat::Proposee, 1, &|_| {});
    ajoute(Etat::Acceptee, 4, &|r| {
        r.entretien.creneaux = vec![heure(3), heure(4)];
    });
    ajoute(Etat::Acceptee, 9, &|r| {
        r.entretien = Entretien { creneaux: vec![heure(-2)], choisi: Some(heure(-2)) };
        r.resultat = Some(Resultat::Favorable);
        "Très à l’aise avec le public (exemple fictif).".clone_into(&mut r.note);
    });
    ajoute(Etat::Declinee, 12, &|r| r.motif = Some("Trop loin de chez moi (exemple fictif).".to_owned()));
    ajoute(Etat::SansReponse, 20, &|r| {
        r.repondre_avant = jour.checked_sub_days(Days::new(13)).unwrap_or(jour)
    });
    ajoute(Etat::Ecartee, 25, &|r| r.avant = Some(Etat::Acceptee));
    ajoute(Etat::Close, 40, &|r| r.motif = Some("La personne a pris un poste ailleurs.".to_owned()));
    // Who holds its post today was met before.
    for poste in postes::store::de_structure(tx, &s.identites, jour).await? {
        if let postes::Etat::Occupe { candidat, .. } = postes::rules::etat(&poste, jour) {
            contacts.push(neuve(candidat, Etat::Recrutee, 200));
        }
    }
    for r in &contacts {
        store::ecrire(tx, r).await?;
        let ecrit = Ecrit::nouveau("État", r.etat.nom());
        historique::noter(&c.site, tx, (Sujet::Relation, r.id.0), None, "Démonstration", &[ecrit]).await?;
    }
    Ok(())
}
