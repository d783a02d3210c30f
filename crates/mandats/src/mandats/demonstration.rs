//! Mandats of the demonstration: two invented people of the fictitious FranceConnect have signed one.

use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, Perimetre, Refusal, Role};

use super::brouillon::Choix;
use super::{actions, distance, store};
use crate::franceconnect::faux;
use crate::{Failure, Mandats, usagers};

/// Who, for what, for how many days.
const FAITS: [(&str, &[&str], u16); 4] = [
    ("angele", &["papiers", "argent"], 365),
    ("marcel", &["social", "logement", "transports"], 182),
    ("moussa", &["etranger"], 31),
    ("rosa", &["famille"], 1),
];

/// Makes them in the name of that aidant, once; by the very actions of the pages.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats, structure: StructureId, compte: CompteId) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les mandats fictifs n’existent que dans la démonstration.").into());
    }
    let perimetre = Perimetre::Structures(vec![structure]);
    let actor = Actor { compte, role: Role::Aidant, perimetre, vu_par: None, prete: false };
    for (cle, demarches, jours) in FAITS {
        let Some(personne) = faux::identifie(&m.site, cle) else { continue };
        let conn = m.site.db.read();
        if let Some(connue) = usagers::store::du_sub(conn, &personne.sub).await?
            && !store::mandats_de(conn, connue.id).await?.is_empty()
        {
            continue;
        }
        let choix = Choix {
            demarches: demarches.iter().map(|d| (*d).to_owned()).collect(),
            duree: Some(jours),
            ..Choix::default()
        };
        let id = actions::commencer(m, &actor, choix, None).await?;
        let qui = (personne.sub.as_str(), &personne.identite, personne.quand);
        m.site.db.write(async |tx| actions::identifier(m, tx, &actor, id, qui).await).await?;
        let b = actions::garder(m, &actor, id, |b| b.choix.atteste = true).await?;
        actions::signer(m, &actor, id, &distance::vue(&b, None)).await?;
    }
    Ok(())
}
