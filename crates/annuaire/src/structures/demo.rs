//! Fictitious structures on real communes, for the demonstration: their names say that they are fictitious, their
//! telephones are numbers that ARCEP keeps for fiction, their addresses end in `example.org`, their SIREN begin with
//! three zeros, which INSEE never gives.

use kernel::{CodeCommune, CodePostal, Email, Pivot, Reseau, Telephone};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;
use uuid::Uuid;

use super::model::{
    Attribut, CategorieJuridique, Contact, ContactId, Etat, Fiche, FicheContact, Genre, Structure,
    StructureId,
};
use super::store;
use crate::territoires::Territoires;

/// Name, kind, legal category, number, street, code postal, INSEE code, contact, its telephone, its address.
type Ligne = (
    &'static str,
    Genre,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const LIGNES: &[Ligne] = &[
    ("Association fictive Numérique en Creuse", Genre::Association, "9220", "W000000001", "12 rue de l’Exemple", "23000", "23096", "Accueil", "05 36 49 00 01", "accueil@numerique-creuse.example.org"),
    // The same, entered twice: the likely duplicate that the demonstration shows.
    ("Asso. fictive « Numérique en Creuse »", Genre::Association, "9220", "", "", "23000", "23096", "Secrétariat", "05 36 49 00 01", "secretariat@numerique-creuse.example.org"),
    ("Communauté de communes fictive des Trois-Vallons", Genre::Epci, "7346", "00000001000009", "1 place de l’Exemple", "23200", "23008", "Service numérique", "05 36 49 00 02", "numerique@trois-vallons.example.org"),
    ("Mairie fictive de La Souterraine", Genre::Commune, "7210", "00000002000008", "2 place de l’Exemple", "23300", "23176", "Accueil", "05 36 49 00 03", "accueil@mairie-souterraine.example.org"),
    ("Centre social fictif du Revermont", Genre::Association, "9220", "W000000002", "3 rue de l’Exemple", "01000", "01053", "Direction", "04 65 71 00 01", "direction@revermont.example.org"),
    ("CCAS fictif de Laon", Genre::ActionSociale, "7361", "00000003000007", "4 rue de l’Exemple", "02000", "02408", "Accueil", "03 53 01 00 01", "accueil@ccas-laon.example.org"),
    ("Coopérative fictive Clic et Liens", Genre::Ess, "5458", "00000004000006", "5 rue de l’Exemple", "59000", "59350", "Coordination", "03 53 01 00 02", "coordination@clic-liens.example.org"),
    ("Médiathèque fictive d’Ajaccio", Genre::Commune, "7210", "", "6 cours de l’Exemple", "20000", "2A004", "Accueil", "04 65 71 00 02", "accueil@mediatheque-ajaccio.example.org"),
    ("Espace numérique fictif de Pointe-à-Pitre", Genre::Association, "9220", "W000000003", "7 rue de l’Exemple", "97110", "97120", "Accueil", "06 39 98 00 01", "accueil@numerique-guadeloupe.example.org"),
    ("Point numérique fictif du Fleuve", Genre::Association, "9220", "W000000004", "8 rue de l’Exemple", "97300", "97302", "Accueil", "06 39 98 00 02", "accueil@fleuve.example.org"),
    ("Maison fictive du numérique de Saint-Denis", Genre::Gip, "7410", "00000005000005", "9 rue de l’Exemple", "97400", "97411", "Accueil", "06 39 98 00 03", "accueil@numerique-reunion.example.org"),
    ("Association fictive Mahoraise du clic", Genre::Association, "9220", "W000000005", "10 rue de l’Exemple", "97600", "97611", "Accueil", "06 39 98 00 04", "accueil@clic-mayotte.example.org"),
    ("Espace public fictif de Nouméa", Genre::Collectivite, "7225", "0000001", "11 rue de l’Exemple", "98800", "98818", "Accueil", "+687 00 00 01", "accueil@noumea.example.org"),
];

/// First identifier of the demonstration; the next ones follow.
const PREMIER: u128 = 0x019d_0000_0000_7000_8000_0000_0000_0100;

/// Writes the fictitious structures that are not there yet; gives the identifiers of all, in the same order each time.
/// The first four are in Creuse.
///
/// # Errors
/// The database.
pub async fn demo(site: &Site, tx: &Tx, territoires: &Territoires) -> Result<Vec<StructureId>, DbErr> {
    let mut ids = Vec::with_capacity(LIGNES.len());
    for (n, ligne) in (0_u128..).zip(LIGNES) {
        let uuid = Uuid::from_u128(PREMIER + n);
        let Some(structure) = structure(site, uuid, ligne, territoires) else { continue };
        ids.push(structure.id);
        if store::get(tx, structure.id).await?.is_some() {
            continue;
        }
        store::insert(tx, &structure).await?;
        let nom = (Attribut::Nom.libelle().to_owned(), String::new(), structure.fiche.nom.clone());
        store::noter(site, tx, structure.id, None, "Inscription", &[nom]).await?;
        journal::write(site, tx, Entry::system("structure.demonstration", "structure", structure.id)).await?;
    }
    Ok(ids)
}

/// First identifier of the structures of the national demonstration; the next ones follow.
const PREMIER_NATIONAL: u128 = 0x019d_0000_0000_7000_8000_0000_0001_0000;

/// Writes so many fictitious structures, one or several a commune from the largest down, that are not there yet: town halls,
/// every fourth commune its CCAS, every fifth an association. Gives those that were written.
///
/// # Errors
/// The database.
pub async fn demo_nationale(
    site: &Site,
    tx: &Tx,
    territoires: &Territoires,
    combien: usize,
) -> Result<Vec<super::StructureVue>, DbErr> {
    let mut communes: Vec<&crate::territoires::Commune> = territoires
        .communes()
        .iter()
        .filter(|c| c.position.is_some() && !c.codes_postaux.is_empty())
        .collect();
    communes.sort_by_key(|c| std::cmp::Reverse(c.habitants()));
    let une = |rang: usize, c: &crate::territoires::Commune| {
        let de = crate::territoires::de_nom(&c.nom);
        let mut ici = vec![(format!("Mairie fictive {de}"), Genre::Commune, "7210", "mairie")];
        if rang.is_multiple_of(4) {
            ici.push((format!("CCAS fictif {de}"), Genre::ActionSociale, "7361", "ccas"));
        }
        if rang.is_multiple_of(5) {
            ici.push((format!("Association fictive Clic {de}"), Genre::Association, "9220", "association"));
        }
        ici
    };
    let toutes =
        communes.iter().enumerate().flat_map(|(rang, c)| une(rang, c).into_iter().map(move |s| (*c, s)));
    let deja = store::entre(tx, Uuid::from_u128(PREMIER_NATIONAL), combien).await?;
    let mut nouvelles = Vec::with_capacity(combien);
    for (n, (commune, (nom, genre, categorie, boite))) in (0_u32..).zip(toutes.take(combien)) {
        let uuid = Uuid::from_u128(PREMIER_NATIONAL + u128::from(n));
        if deja.contains(&uuid) {
            continue;
        }
        let now = site.clock.now();
        let contact = FicheContact {
            nom: "Accueil".to_owned(),
            fonction: None,
            // A domain of its own: one that all share would make each a likely duplicate of the others.
            courriel: Email::parse(&format!("accueil@{boite}-{n}.demonstration.example.org")).ok(),
            telephone: Telephone::parse(&format!("0{}{:04}", ARCEP[n as usize % 5], n % 10_000)),
        };
        let structure = Structure {
            id: StructureId(uuid),
            fiche: Fiche {
                pivot: siret(n),
                nom,
                genre,
                categorie: CategorieJuridique::parse(categorie).ok(),
                voie: Some(format!("{} rue de l’Exemple", n % 90 + 1)),
                code_postal: commune.codes_postaux.first().cloned(),
                commune: commune.into(),
                site_web: None,
                reseau: (genre == Genre::Association).then(|| reseau(n)).flatten(),
            },
            contacts: vec![Contact { id: ContactId(uuid), fiche: contact, principal: true }],
            etat: Etat::Active,
            alias: Vec::new(),
            version: 1,
            creee_le: now,
            modifiee_le: now,
        };
        nouvelles.push(structure);
    }
    store::insert_many(tx, &nouvelles).await?;
    let ecrites: Vec<super::StructureVue> = nouvelles.into_iter().map(Into::into).collect();
    let facts = serde_json::json!({ "combien": ecrites.len() });
    journal::write(site, tx, Entry::system("structure.demonstration", "structure", "").with(facts)).await?;
    Ok(ecrites)
}

/// Identifiers of the first structures of the national demonstration, whether they are written or not.
pub fn ids_nationaux(combien: usize) -> Vec<StructureId> {
    (0..combien as u128).map(|n| StructureId(Uuid::from_u128(PREMIER_NATIONAL + n))).collect()
}

/// Key of the network that the demonstration's person leads.
pub const RESEAU_DE_DEMONSTRATION: &str = "ligue_de_l_enseignement";

/// A network for the association of that rank: one out of three belongs to that of the demonstration's person.
fn reseau(rang: u32) -> Option<Reseau> {
    if rang.is_multiple_of(3) {
        return Reseau::parse(RESEAU_DE_DEMONSTRATION);
    }
    Reseau::tous().nth(rang as usize % 14)
}

/// Numbers that ARCEP keeps for fiction, without their first zero and their last four digits.
const ARCEP: [&str; 5] = ["19900", "26191", "35301", "46571", "53649"];

/// A SIRET that INSEE never gives: its SIREN begins with two zeros; its key holds.
fn siret(n: u32) -> Option<Pivot> {
    let sans_cle = format!("00{:07}0001", 1_000_000 + n);
    let somme: u32 = sans_cle
        .bytes()
        .rev()
        .enumerate()
        .map(|(rang, c)| {
            let chiffre = u32::from(c - b'0');
            let double = if rang % 2 == 0 { chiffre * 2 } else { chiffre };
            if double > 9 { double - 9 } else { double }
        })
        .sum();
    Pivot::parse(&format!("{sans_cle}{}", (10 - somme % 10) % 10)).ok()
}

fn structure(site: &Site, uuid: Uuid, ligne: &Ligne, territoires: &Territoires) -> Option<Structure> {
    let (nom, genre, categorie, pivot, voie, code_postal, commune, contact, telephone, courriel) = *ligne;
    let commune = territoires.commune(&CodeCommune::parse(commune)?)?;
    let now = site.clock.now();
    Some(Structure {
        id: StructureId(uuid),
        fiche: Fiche {
            pivot: Pivot::parse(pivot).ok(),
            nom: nom.to_owned(),
            genre,
            categorie: CategorieJuridique::parse(categorie).ok(),
            voie: Some(voie.to_owned()).filter(|v| !v.is_empty()),
            code_postal: CodePostal::parse(code_postal),
            commune: commune.into(),
            site_web: None,
            reseau: (genre == Genre::Association).then(|| reseau(0)).flatten(),
        },
        contacts: vec![Contact {
            id: ContactId(uuid),
            fiche: FicheContact {
                nom: contact.to_owned(),
                fonction: None,
                courriel: Email::parse(courriel).ok(),
                telephone: Telephone::parse(telephone),
            },
            principal: true,
        }],
        etat: Etat::Active,
        alias: Vec::new(),
        version: 1,
        creee_le: now,
        modifiee_le: now,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::structures::doublons::comparer;

    #[tokio::test]
    async fn what_is_shown_is_right_and_written_once() {
        let mut migrations = platform::migrations();
        migrations.extend(crate::migrations());
        let t = testkit::TestSite::sqlite(migrations).await;
        let territoires = Territoires::new(&HashMap::new()).unwrap();
        let first = t.site.db.write(async |tx| demo(&t.site, tx, &territoires).await).await.unwrap();
        assert_eq!(first.len(), LIGNES.len(), "every commune exists");
        assert_eq!(t.site.db.write(async |tx| demo(&t.site, tx, &territoires).await).await.unwrap(), first);
        let all =
            store::charger(t.site.db.read(), &first.iter().map(|i| i.0).collect::<Vec<_>>()).await.unwrap();
        for (s, ligne) in all.iter().zip(LIGNES) {
            assert_eq!(s.fiche.pivot.is_some(), !ligne.3.is_empty(), "{}", ligne.3);
            assert!(
                s.contacts[0].fiche.telephone.is_some() && s.contacts[0].fiche.courriel.is_some(),
                "{}",
                ligne.0
            );
            assert!(s.fiche.nom.contains("ficti"), "{}", s.fiche.nom);
            let commune = territoires.commune(&s.fiche.commune.code).unwrap();
            assert!(commune.codes_postaux.contains(s.fiche.code_postal.as_ref().unwrap()), "{}", ligne.0);
        }
        assert!(comparer(&all[0], &all[1]).a_voir());
        let pairs = store::paires(t.site.db.read(), &kernel::Perimetre::National, (0, 20)).await.unwrap().0;
        let likely = pairs
            .iter()
            .filter(|(a, b)| {
                let of = |id: &Uuid| all.iter().find(|s| s.id.0 == *id).unwrap();
                comparer(of(a), of(b)).a_voir()
            })
            .count();
        assert_eq!(likely, 1);
    }

    #[tokio::test]
    async fn the_national_ones_have_numbers_whose_key_holds_and_are_written_once() {
        let mut migrations = platform::migrations();
        migrations.extend(crate::migrations());
        let t = testkit::TestSite::sqlite(migrations).await;
        let territoires = Territoires::new(&HashMap::new()).unwrap();
        let semer = async || {
            t.site.db.write(async |tx| demo_nationale(&t.site, tx, &territoires, 50).await).await.unwrap()
        };
        let ecrites = semer().await;
        assert_eq!(ecrites.len(), 50);
        assert!(
            ecrites.iter().all(|s| s.pivot.is_some() && s.nom.contains("fictif") | s.nom.contains("fictive"))
        );
        assert!(semer().await.is_empty());
    }
}
