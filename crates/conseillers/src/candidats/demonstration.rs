//! Fictitious candidats on real communes, for the demonstration and the benches: their names say that they are fictitious,
//! their telephones are numbers that ARCEP keeps for fiction, their addresses end in `example.org`.

use annuaire::demonstration::tirage;
use annuaire::territoires::Territoires;
use chrono::{Days, TimeDelta};
use kernel::{Chance, Email};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::model::{Candidat, Etat, Fiche, Lieu, Numero, Pix, Rayon, Situations};
use super::store;
use crate::ids::{CandidatId, Compteur};

const PRENOMS: [&str; 24] = [
    "Camille",
    "Dominique",
    "Alix",
    "Claude",
    "Sacha",
    "Maxime",
    "Louison",
    "Noa",
    "Eden",
    "Charlie",
    "Ariel",
    "Céleste",
    "Gwenaël",
    "Maé",
    "Yaël",
    "Andrea",
    "Morgan",
    "Swann",
    "Lou",
    "Jocelyn",
    "Sam",
    "Anaël",
    "Loïs",
    "Maël",
];
const NOMS: [&str; 20] = [
    "Arbrissel",
    "Bellefeuille",
    "Clairval",
    "Dormeuil",
    "Estuaire",
    "Fontbrune",
    "Grandpré",
    "Hautmont",
    "Islette",
    "Jonquier",
    "Lavandier",
    "Montclair",
    "Noisetier",
    "Ormeau",
    "Prévallon",
    "Querlin",
    "Rivebelle",
    "Sapinois",
    "Tilleul",
    "Valdoré",
];

/// A candidat of the demonstration and where they live.
pub(crate) type Seme = (CandidatId, Lieu, Rayon);

/// Writes so many fictitious candidats, drawn as people live; nobody among them has an account.
///
/// # Errors
/// The database.
pub(crate) async fn semer(
    site: &Site,
    tx: &Tx,
    territoires: &Territoires,
    (combien, chance): (usize, &Chance),
) -> Result<Vec<Seme>, DbErr> {
    let now = site.clock.now();
    let jour = kernel::calendrier::jour(&now);
    let tire = tirage(territoires, 0.9);
    let premier = Compteur::Candidat.prend(tx, i64::try_from(combien).unwrap_or(i64::MAX)).await?;
    let mut semes = Vec::with_capacity(combien);
    let mut candidats = Vec::with_capacity(combien);
    for numero in (premier..).take(combien) {
        let Some(commune) = tire(chance) else { continue };
        let (Some(code_postal), Some(position)) = (commune.codes_postaux.first(), &commune.position) else {
            continue;
        };
        let age = chance.below(75);
        let depose_le = now.checked_sub_signed(TimeDelta::hours(i64::try_from(age * 24 + 1).unwrap_or(1)));
        let depose_le = depose_le.unwrap_or(now);
        let parmi = |mots: &[&str]| {
            mots.get(usize::try_from(chance.below(mots.len() as u64)).unwrap_or(0))
                .copied()
                .unwrap_or("")
                .to_owned()
        };
        let rayon = match chance.below(100) {
            0..15 => Rayon::Km(5),
            15..40 => Rayon::Km(10),
            40..55 => Rayon::Km(15),
            55..80 => Rayon::Km(20),
            80..92 => Rayon::Km(40),
            92..98 => Rayon::Km(100),
            _ => Rayon::France,
        };
        let diplome = (chance.below(10) == 0).then(|| "Titre de médiateur numérique".to_owned());
        let experience = chance.below(3) == 0;
        let demandeur_emploi = chance.below(10) < 6;
        let Ok(courriel) = Email::parse(&format!("candidat-{numero}@demonstration.example.org")) else {
            continue;
        };
        let candidat = Candidat {
            id: CandidatId::new(&site.clock, &site.chance),
            numero,
            fiche: Fiche {
                prenom: parmi(&PRENOMS),
                nom: format!("Fictif-{}", parmi(&NOMS)),
                courriel,
                telephone: Numero::parse(&telephone(numero)).ok(),
                lieu: Lieu {
                    commune: commune.into(),
                    code_postal: code_postal.clone(),
                    position: position.position,
                },
                rayon,
                disponible_le: jour.checked_add_days(Days::new(chance.below(120))).unwrap_or(jour),
                situations: Situations {
                    demandeur_emploi,
                    en_emploi: !demandeur_emploi,
                    en_formation: false,
                    diplome,
                    experience,
                },
                motivation: "Personne fictive de la démonstration : j’aime expliquer, et je voudrais aider les habitants de \
                             mon territoire à se servir d’Internet sans crainte."
                    .to_owned(),
            },
            etat: Etat::Active { confirmee_le: depose_le },
            disponible: true,
            pix: (chance.below(3) == 0).then(|| Pix {
                palier: u8::try_from(1 + chance.below(3)).unwrap_or(1),
                themes: [true, chance.below(2) == 0, chance.below(2) == 0],
                le: jour,
            }),
            compte: None,
            version: 1,
            depose_le,
            vu_le: depose_le,
            relances: 0,
            relance_le: None,
        };
        semes.push((candidat.id, candidat.fiche.lieu.clone(), rayon));
        candidats.push(candidat);
    }
    store::insert_many(tx, &candidats).await?;
    Ok(semes)
}

/// Takes candidats who were just written off the list that structures read: each was given a post.
///
/// # Errors
/// The database.
pub(crate) async fn placer(tx: &Tx, ids: &[CandidatId]) -> Result<(), DbErr> {
    store::indisponibles(tx, ids).await
}

/// A number that ARCEP keeps for fiction; the first sixty thousand differ.
fn telephone(numero: i64) -> String {
    const ARCEP: [&str; 6] = ["063998", "019900", "026191", "035301", "046571", "053649"];
    let rang = usize::try_from(numero / 10_000).unwrap_or(0) % ARCEP.len();
    format!("{}{:04}", ARCEP.get(rang).copied().unwrap_or("063998"), numero % 10_000)
}

/// Gives the file of a candidat to an account of the demonstration, under its name.
///
/// # Errors
/// The database.
pub(crate) async fn confier(
    tx: &Tx,
    (id, (prenom, nom)): (CandidatId, (&str, &str)),
    compte: kernel::ids::CompteId,
    territoires: &Territoires,
) -> Result<(), DbErr> {
    let Some(mut candidat) = store::get_locked(tx, id).await? else { return Ok(()) };
    candidat.compte = Some(compte);
    candidat.fiche.rayon = Rayon::Km(40);
    // Guéret: where the demonstration's structures are.
    let gueret = kernel::CodeCommune::parse("23096").and_then(|code| territoires.commune(&code));
    if let Some(commune) = gueret
        && let (Some(code_postal), Some(position)) = (commune.codes_postaux.first(), &commune.position)
    {
        candidat.fiche.lieu =
            Lieu { commune: commune.into(), code_postal: code_postal.clone(), position: position.position };
    }
    candidat.fiche.prenom = prenom.to_owned();
    candidat.fiche.nom = nom.to_owned();
    store::update(tx, &candidat).await.map(|_| ())
}
