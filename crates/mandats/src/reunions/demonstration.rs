//! Meetings of the demonstration: one that took place and one to come, with structures of the directory that are fictitious.

use annuaire::structures::{self, Filtre};
use chrono::{NaiveTime, TimeDelta};
use kernel::{CodeDepartement, CodeRegion, Perimetre, Refusal};
use platform::Tx;
use platform::journal::{self, Entry};

use super::model::{Fiche, Invite, InviteId, Origine, Reponse, Reunion, ReunionId};
use super::store;
use crate::{Failure, Mandats};

/// Structures invited to each.
const INVITEES: usize = 12;

/// Two meetings of the Creuse; what is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les réunions fictives n’existent que dans la démonstration.").into());
    }
    let (Some(departement), Some(region)) = (CodeDepartement::parse("23"), CodeRegion::parse("75")) else {
        return Ok(());
    };
    m.site
        .db
        .write(async |tx| {
            let ici = Perimetre::Departements(vec![departement.clone()]);
            if store::compter(tx, &ici, &store::Filtre::default()).await? > 0 {
                return Ok(());
            }
            for dans in [-40, 25] {
                let heure = |h, min| NaiveTime::from_hms_opt(h, min, 0).unwrap_or_default();
                let r = Reunion {
                    id: ReunionId::new(&m.site.clock, &m.site.chance),
                    fiche: Fiche {
                        jour: m.jour() + TimeDelta::days(dans),
                        debut: heure(9, 30),
                        fin: heure(11, 0),
                        lieu: Some("Salle des fêtes fictive, Guéret".to_owned()),
                        lien: None,
                        departement: departement.clone(),
                        places: 40,
                        organisateur: "Préfecture fictive de la Creuse".to_owned(),
                        precisions: Some(
                            "Café d’accueil à 9 h. La salle est accessible en fauteuil.".to_owned(),
                        ),
                    },
                    region: region.clone(),
                    code: kernel::text::hex(&m.site.chance.bytes::<12>()),
                    annulee: None,
                    version: 0,
                };
                store::enregistrer(tx, &r).await?;
                inviter(m, tx, &r, &ici).await?;
                journal::write(&m.site, tx, Entry::system("reunion.demonstration", "reunion", r.id)).await?;
            }
            Ok::<_, Failure>(())
        })
        .await
}

/// No message leaves: the addresses of the demonstration reach nobody.
async fn inviter(m: &Mandats, tx: &Tx, r: &Reunion, ici: &Perimetre) -> Result<(), Failure> {
    let (lignes, _) = structures::du_territoire(tx, ici, &Filtre::default(), (0, INVITEES)).await?;
    let (now, passee) = (m.site.clock.now(), r.fiche.jour < m.jour());
    for (n, l) in lignes.into_iter().enumerate() {
        let contact = l.contact;
        let courriel = contact.as_ref().and_then(|c| c.courriel.clone());
        // One person may be the contact of several.
        if let Some(c) = &courriel
            && store::du_courriel(tx, r.id, c).await?.is_some()
        {
            continue;
        }
        let reponse = match n % 4 {
            0 | 1 => Reponse::Vient,
            2 => Reponse::NeVientPas,
            _ => Reponse::Attendue,
        };
        let vient = reponse == Reponse::Vient;
        let i = Invite {
            id: InviteId::new(&m.site.clock, &m.site.chance),
            reunion: r.id,
            structure: Some(l.id),
            pivot: l.fiche.pivot,
            organisme: l.fiche.nom,
            prenom: vient.then(|| "Personne".to_owned()),
            nom: contact.filter(|_| vient).map(|c| c.nom),
            courriel,
            reponse,
            present: (passee && vient).then_some(n % 8 != 1),
            origine: Origine::Invitation,
            cree_le: now,
            repondu_le: (reponse != Reponse::Attendue).then_some(now),
            ecrit_le: Some(now),
        };
        store::inviter(tx, &i).await?;
    }
    Ok(())
}
