//! Days of training and results of the test Pix of a file, by the address of the person. What is noted already stays.

use kernel::Actor;
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;

use super::cellules::{Jugee, Lecture};
use super::model::formation as col;
use super::model::{Genre, Ligne, Sort};
use crate::aidants::regles::Parcours;
use crate::aidants::{self, EtatAidant, registre, vie};
use crate::formations::{actions, pix};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

/// What is to be written of a line.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    qui: AidantId,
    forme_le: Option<chrono::NaiveDate>,
    pix: Option<(chrono::NaiveDate, u8)>,
}

/// What a line would do.
pub(super) async fn juger(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    ligne: &Ligne,
) -> Result<Jugee<Plan>, Failure> {
    let mut l = Lecture::de(Genre::Formations, ligne);
    let courriel = l.courriel(col::ADRESSE);
    let (forme_le, pix_le) = (l.jour(col::FORMEE, m.jour()), l.jour(col::PIX, m.jour()));
    let score = match l.get(col::SCORE) {
        "" => None,
        tape => {
            let lu = pix::score(tape);
            if lu.is_none() {
                l.refuse(col::SCORE, "Écrivez un nombre entre 0 et 100.");
            }
            lu
        }
    };
    match (pix_le, score) {
        (Some(_), None) if !l.refusee() => l.refuse(col::SCORE, "Donnez le score avec la date du test."),
        (None, Some(_)) if !l.refusee() => l.refuse(col::PIX, "Donnez la date du test avec le score."),
        (None, None) if forme_le.is_none() && !l.refusee() => {
            l.refuse(col::FORMEE, "Donnez la date de la formation, ou celle du test et son score.");
        }
        _ => {}
    }
    let Some(courriel) = courriel.filter(|_| !l.refusee()) else { return Ok(l.sans_suite()) };
    let connue = match aidants::store::du_courriel(conn, &courriel).await? {
        Some(a) if aidants::equipe_voit(conn, actor, a.id).await? => Some(a),
        _ => None,
    };
    let Some(a) = connue else {
        l.refuse(col::ADRESSE, "Aucune personne de votre territoire n’a cette adresse.");
        return Ok(l.sans_suite());
    };
    if matches!(a.etat, EtatAidant::Parti | EtatAidant::Refuse) {
        l.refuse(col::ADRESSE, format!("Rien à noter : {}.", a.etat.nom().to_lowercase()));
        return Ok(l.sans_suite());
    }
    let p = registre::parcours(conn, a.id).await?;
    let en_lettres = kernel::calendrier::jour_en_lettres;
    let nouvelle_formation = match (forme_le, p.forme_le) {
        (Some(le), None) => {
            l.note(col::FORMEE, "Sera noté.");
            Some(le)
        }
        (Some(le), Some(la)) if le != la => {
            l.refuse(col::FORMEE, format!("Un autre jour est déjà noté : le {}. Il reste.", en_lettres(la)));
            None
        }
        _ => None,
    };
    let nouveau_pix = match (pix_le.zip(score), p.pix) {
        (Some(pix), None) => {
            l.note(col::PIX, "Sera noté.");
            Some(pix)
        }
        (Some(pix), Some(la)) if pix != la => {
            l.refuse(col::PIX, format!("Un autre résultat est déjà noté : {}. Il reste.", p.pix_dit()));
            None
        }
        _ => None,
    };
    if nouvelle_formation.is_none() && nouveau_pix.is_none() {
        return Ok(l.sans_suite());
    }
    let apres = Parcours { forme_le: nouvelle_formation.or(p.forme_le), pix: nouveau_pix.or(p.pix), ..p };
    let vers = apres.mene(a.etat);
    if vers == EtatAidant::Certifie && a.etat != EtatAidant::Certifie {
        l.note(col::ADRESSE, "Formation et test réussis : un compte sera ouvert, et une invitation envoyée.");
    } else if vers != a.etat {
        l.note(col::ADRESSE, format!("Situation après : {}.", vers.nom().to_lowercase()));
    }
    Ok(l.suite(Sort::Change, Plan { qui: a.id, forme_le: nouvelle_formation, pix: nouveau_pix }))
}

/// Writes it.
pub(super) async fn ecrire(m: &Mandats, tx: &Tx, actor: &Actor, plan: Plan) -> Result<(), Failure> {
    vie::tenir(tx, plan.qui).await?;
    if let Some(le) = plan.forme_le {
        let p = registre::parcours(tx, plan.qui).await?;
        registre::ecrire_parcours(tx, plan.qui, &Parcours { forme_le: Some(le), ..p }).await?;
        journal::write(&m.site, tx, Entry::by(actor, "aidant.formation", "aidant", plan.qui)).await?;
    }
    match plan.pix {
        Some((le, score)) => actions::pix(m, tx, actor, plan.qui, le, score).await?,
        None => vie::avancer(m, tx, plan.qui, Some(actor)).await?,
    };
    Ok(())
}
