//! What a workbook would change, and the change once somebody confirmed: opinions of the queue, the list of a département.

use std::collections::{BTreeSet, HashMap};

use annuaire::structures;
use annuaire::structures::model::{Fiche, FicheContact, Genre as GenreStructure, texte_propre};
use annuaire::territoires::Recherche;
use kernel::calendrier::jour;
use kernel::ids::StructureId;
use kernel::{Actor, Email, Perimetre, Pivot, Refusal, Telephone, Verb};
use platform::{Site, Tx};
use sea_orm::ConnectionTrait;

use super::avis::{Saisi, noter};
use super::classeur::{Remarque, Tableau};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions::{self, Depot, deposer};
use crate::demandes::model::{Demande, Genre, Interlocuteur, Objet, Origine, Sens};
use crate::demandes::reference::{Eligibilite, MISSIONS, POSTES, eligibilite};
use crate::demandes::rules;
use crate::demandes::store;
use crate::ids::DemandeId;

/// What a workbook of opinions would write, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Avis {
    /// Opinions ready to be given: (demande, its number and name, opinion).
    pub prets: Vec<(DemandeId, String, Saisi)>,
    /// Lines without an opinion, or whose opinion is already the last one.
    pub inchanges: usize,
    /// What is wrong.
    pub remarques: Vec<Remarque>,
}

fn sens(texte: &str) -> Option<Sens> {
    let mot = kernel::text::fold(texte);
    Sens::TOUS.into_iter().find(|s| kernel::text::fold(s.nom()) == mot || s.cle() == mot)
}

/// The number of a demande, as « DE-12 », « de 12 » or « 12 ».
fn numero_de(texte: &str) -> Option<i64> {
    let texte = texte.to_uppercase();
    texte.strip_prefix("DE").unwrap_or(&texte).trim_start_matches(['-', ' ']).trim().parse().ok()
}

/// Reads the opinions of a workbook against the demandes that the actor may give one on. Writes nothing.
///
/// # Errors
/// The field of the file, when it lacks a column; the database.
pub async fn lire_avis(conn: &impl ConnectionTrait, actor: &Actor, t: &Tableau) -> Result<Avis, Failure> {
    actor.may(Verb::DonnerAvis)?;
    for titre in ["numero", "avis", "commentaire"] {
        if !t.titres.iter().any(|x| x == titre) {
            return Err(Refusal::field(
                "fichier",
                "Ce fichier n’a pas les colonnes « Numéro », « Avis » et « Commentaire ». Partez du classeur téléchargé ici.",
            )
            .into());
        }
    }
    let numeros: Vec<i64> = t.lignes.iter().filter_map(|(_, c)| numero_de(t.cellule(c, "numero"))).collect();
    let demandes = store::de_numeros(conn, &actor.perimetre, &numeros).await?;
    let ids: Vec<DemandeId> = demandes.iter().map(|d| d.id).collect();
    let demandes: HashMap<i64, Demande> = demandes.into_iter().map(|d| (d.numero, d)).collect();
    let derniers = store::derniers_avis(conn, &ids).await?;
    let mut out = Avis::default();
    let mut vues = std::collections::HashSet::new();
    for (ligne, cellules) in &t.lignes {
        let cellule = |titre: &str| t.cellule(cellules, titre);
        let mut remarque = |colonne: &str, valeur: &str, phrase: String| {
            out.remarques.push(Remarque {
                ligne: *ligne,
                colonne: colonne.to_owned(),
                valeur: valeur.chars().take(80).collect(),
                phrase,
            });
        };
        if cellule("avis").is_empty() {
            out.inchanges += 1;
            continue;
        }
        let Some(n) = numero_de(cellule("numero")) else {
            remarque(
                "Numéro",
                cellule("numero"),
                "Ce n’est pas un numéro de demande, comme DE-12.".to_owned(),
            );
            continue;
        };
        let Some(d) = demandes.get(&n) else {
            remarque(
                "Numéro",
                cellule("numero"),
                "Aucune demande de votre territoire n’a ce numéro.".to_owned(),
            );
            continue;
        };
        let Some(sens) = sens(cellule("avis")) else {
            remarque(
                "Avis",
                cellule("avis"),
                "Écrivez Favorable, Défavorable ou Examen complémentaire.".to_owned(),
            );
            continue;
        };
        let proposes = cellule("postes proposes");
        let postes = match (proposes, sens) {
            (_, Sens::Defavorable | Sens::Complementaire) | ("", _) => None,
            (texte, Sens::Favorable) => match texte.parse::<u32>() {
                Ok(n) => Some(n),
                Err(_) => {
                    remarque("Postes proposés", texte, "Écrivez un nombre entier.".to_owned());
                    continue;
                }
            },
        };
        let accord_principe =
            matches!(kernel::text::fold(cellule("accord de principe")).as_str(), "oui" | "x" | "1");
        let saisi = Saisi {
            sens,
            postes,
            commentaire: cellule("commentaire").to_owned(),
            accord_principe,
            vers: None,
        };
        let pareil = derniers.get(&d.id).is_some_and(|a| {
            a.sens == sens
                && a.commentaire == saisi.commentaire.trim()
                && a.accord_principe == accord_principe
                && (sens != Sens::Favorable || a.postes == postes.unwrap_or(d.objet.postes()))
        });
        if pareil {
            out.inchanges += 1;
            continue;
        }
        if !vues.insert(d.id) {
            remarque(
                "Numéro",
                cellule("numero"),
                "Cette demande est déjà plus haut dans le fichier.".to_owned(),
            );
            continue;
        }
        let proposes = postes.unwrap_or(d.objet.postes());
        let juge =
            rules::avis_attendu(d).and_then(|()| rules::avis_valable(d, sens, proposes, &saisi.commentaire));
        match juge {
            Ok(()) if accord_principe && sens != Sens::Favorable => remarque(
                "Accord de principe",
                cellule("accord de principe"),
                "Un accord de principe va avec un avis favorable.".to_owned(),
            ),
            Ok(()) => out.prets.push((d.id, format!("{} : {}", d.reference(), d.nom), saisi)),
            Err(Refusal::Fields(champs)) => {
                for (champ, phrase) in champs {
                    let (colonne, titre) = match champ.as_str() {
                        "postes" => ("Postes proposés", "postes proposes"),
                        _ => ("Commentaire", "commentaire"),
                    };
                    remarque(colonne, cellule(titre), phrase);
                }
            }
            Err(autre) => remarque("Numéro", cellule("numero"), autre.to_string()),
        }
    }
    Ok(out)
}

/// Gives the opinions of a workbook that somebody confirmed: all of them, or none.
///
/// # Errors
/// As for one opinion.
pub async fn donner_les_avis(site: &Site, actor: &Actor, t: &Tableau) -> Result<usize, Failure> {
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                let lus = lire_avis(tx, actor, t).await?.prets;
                store::tenir_toutes(tx, lus.iter().map(|(id, _, _)| *id)).await?;
                for (id, _, saisi) in &lus {
                    noter(site, tx, actor, *id, saisi).await?;
                }
                Ok(lus.len())
            }
        })
        .await
}

/// A line of the list of a département that can be entered.
#[derive(Clone, Debug)]
pub struct Proposee {
    /// What will be shown: name, commune, posts.
    pub dite: String,
    /// Its number, by which the directory knows it.
    pivot: Pivot,
    fiche: Fiche,
    depot: Depot,
}

/// What the list of a département would write, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Liste {
    /// Lines ready to be entered.
    pub prets: Vec<Proposee>,
    /// What is wrong.
    pub remarques: Vec<Remarque>,
}

/// Titles of the list of a département, as they are folded, and whether they must be there.
pub const COLONNES: [(&str, &str); 10] = [
    ("siret", "SIRET"),
    ("nom", "Nom"),
    ("commune", "Commune"),
    ("code postal", "Code postal"),
    ("postes", "Postes"),
    ("prenom du contact", "Prénom du contact"),
    ("nom du contact", "Nom du contact"),
    ("fonction du contact", "Fonction du contact"),
    ("courriel du contact", "Courriel du contact"),
    ("telephone du contact", "Téléphone du contact"),
];

/// Reads the list of a département (annex 2 of the circular) against the directory and what was asked already. Writes
/// nothing.
///
/// # Errors
/// The field of the file, when it lacks a column; the database.
pub async fn lire_liste(
    c: &Conseillers,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    t: &Tableau,
) -> Result<Liste, Failure> {
    actor.may(Verb::DonnerAvis)?;
    if let Some((_, nom)) = COLONNES.iter().find(|(cle, _)| !t.titres.iter().any(|x| x == cle)) {
        return Err(Refusal::field("fichier", format!("Il manque la colonne « {nom} ».")).into());
    }
    let territoires = c.annuaire.territoires();
    let mut out = Liste::default();
    let mut vus = std::collections::HashSet::new();
    for (ligne, cellules) in &t.lignes {
        let cellule = |titre: &str| t.cellule(cellules, titre);
        let mut faux: Vec<(&str, String)> = Vec::new();
        let pivot = Pivot::parse(cellule("siret")).map_err(|e| faux.push(("siret", e))).ok();
        let mut mot = |titre: &'static str, max: usize| match texte_propre(cellule(titre), max) {
            Ok(texte) if texte.is_empty() => {
                faux.push((titre, "Remplissez cette case.".to_owned()));
                None
            }
            Ok(texte) => Some(texte),
            Err(phrase) => {
                faux.push((titre, phrase));
                None
            }
        };
        let nom = mot("nom", 200);
        let (prenom, nom_contact, fonction) =
            (mot("prenom du contact", 100), mot("nom du contact", 100), mot("fonction du contact", 100));
        let courriel = Email::parse(cellule("courriel du contact"))
            .map_err(|e| faux.push(("courriel du contact", e)))
            .ok();
        let telephone = Telephone::parse(cellule("telephone du contact"));
        if telephone.is_none() {
            faux.push(("telephone du contact", "Écrivez un numéro français complet.".to_owned()));
        }
        let postes = cellule("postes").parse::<u32>().ok().filter(|n| POSTES.contains(n));
        if postes.is_none() {
            faux.push(("postes", format!("Écrivez un nombre de {} à {}.", POSTES.start(), POSTES.end())));
        }
        let recherche =
            Recherche { nom: cellule("commune"), code_postal: cellule("code postal"), code_insee: "" };
        let trouvee = territoires.trouver(&recherche);
        let commune = trouvee.certaine().map(|x| structures::model::CommuneChoisie::from(x.commune));
        match &commune {
            None => {
                faux.push(("commune", "Cette commune est inconnue, ou plusieurs portent ce nom.".to_owned()))
            }
            Some(commune) => {
                let cible = kernel::actor::Cible {
                    region: Some(commune.region.clone()),
                    departement: Some(commune.departement.clone()),
                    ..Default::default()
                };
                if matches!(actor.perimetre, Perimetre::Structures(_)) || !actor.perimetre.couvre(&cible) {
                    faux.push(("commune", "Cette commune est hors de votre territoire.".to_owned()));
                }
            }
        }
        for (titre, phrase) in &faux {
            let colonne = COLONNES.iter().find(|(cle, _)| cle == titre).map_or(*titre, |(_, nom)| nom);
            out.remarques.push(Remarque {
                ligne: *ligne,
                colonne: colonne.to_owned(),
                valeur: cellule(titre).chars().take(80).collect(),
                phrase: phrase.clone(),
            });
        }
        let complete = || {
            let (commune, nom, postes) = (commune?, nom?, postes?);
            Some(Proposee {
                dite: format!(
                    "{nom}, {} ({}) : {}",
                    commune.nom,
                    commune.departement,
                    kernel::text::compte(u64::from(postes), "poste", "postes")
                ),
                pivot: pivot.clone()?,
                fiche: Fiche {
                    pivot,
                    nom,
                    genre: GenreStructure::Autre,
                    categorie: None,
                    voie: None,
                    code_postal: kernel::CodePostal::parse(cellule("code postal")),
                    commune,
                    site_web: None,
                    reseau: None,
                },
                depot: Depot {
                    contact: Interlocuteur {
                        prenom: prenom?,
                        nom: nom_contact?,
                        fonction: fonction?,
                        courriel: courriel?,
                        telephone: telephone?,
                    },
                    objet: Objet::PremiersPostes {
                        postes,
                        debut: jour(&c.site.clock.now()),
                        candidat_connu: false,
                        motivation: "Structure de la liste du département (annexe 2 de la circulaire)."
                            .to_owned(),
                        missions: MISSIONS.iter().map(|(cle, _)| (*cle).to_owned()).collect(),
                    },
                    origine: Origine::Liste,
                },
            })
        };
        if faux.is_empty()
            && let Some(mut proposee) = complete()
        {
            let connu = match vus.insert(proposee.pivot.to_string()) {
                true => deja_connu(c, conn, actor, &proposee.pivot).await?,
                false => Connu::Ecartee("Cette structure est déjà plus haut dans le fichier.".to_owned()),
            };
            match connu {
                Connu::Ecartee(phrase) => out.remarques.push(Remarque {
                    ligne: *ligne,
                    colonne: "SIRET".to_owned(),
                    valeur: cellule("siret").chars().take(80).collect(),
                    phrase,
                }),
                Connu::Prete(note) => {
                    proposee.dite.push_str(&note);
                    out.prets.push(proposee);
                }
            }
        }
    }
    Ok(out)
}

/// What the directory and the demandes say of a line.
enum Connu {
    /// It can be entered, with that remark.
    Prete(String),
    /// It cannot, and why.
    Ecartee(String),
}

async fn deja_connu(
    c: &Conseillers,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    pivot: &Pivot,
) -> Result<Connu, Failure> {
    let Some(s) = structures::de_pivot(conn, pivot).await? else {
        return Ok(Connu::Prete(" (nouvelle dans l’annuaire)".to_owned()));
    };
    if !dans_le_territoire(actor, &s) {
        return Ok(Connu::Ecartee(
            "L’annuaire place cette structure hors de votre territoire. Faites corriger sa fiche, ou retirez la ligne."
                .to_owned(),
        ));
    }
    if let Eligibilite::Non(pourquoi) = eligibilite(s.categorie.as_ref(), s.genre).1 {
        return Ok(Connu::Ecartee(pourquoi.to_owned()));
    }
    let (postes, _) = actions::postes_de(conn, &s, c.jour()).await?;
    if !postes.is_empty() {
        let n = kernel::text::compte(postes.len() as u64, "poste", "postes");
        return Ok(Connu::Ecartee(format!(
            "Cette structure a déjà {n} : elle demande des postes en plus depuis son espace."
        )));
    }
    let deja = store::de_structures(conn, &s.identites).await?;
    let meme = deja.iter().find(|d| d.etat.en_cours() && d.objet.genre() == Genre::PremiersPostes);
    Ok(Connu::Prete(meme.map_or_else(String::new, |d| {
        format!(" (doublon de {}, déjà en cours : la ligne sera gardée à côté)", d.reference())
    })))
}

fn dans_le_territoire(actor: &Actor, s: &structures::StructureVue) -> bool {
    let cible = kernel::actor::Cible {
        region: Some(s.commune.region.clone()),
        departement: Some(s.commune.departement.clone()),
        ..Default::default()
    };
    actor.perimetre.couvre(&cible)
}

/// Enters the lines of a list that somebody confirmed: each becomes a demande that the préfecture has to confirm. All of
/// those that were shown as ready are, or none; gives how many.
///
/// # Errors
/// A conflict that names the structure which changed meanwhile; the database.
pub async fn entrer_la_liste(c: &Conseillers, actor: &Actor, t: &Tableau) -> Result<usize, Failure> {
    c.site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let prets = lire_liste(c, tx, actor, t).await?.prets;
                let mut entrees = Vec::with_capacity(prets.len());
                for p in prets {
                    entrees.push((trouver_ou_inscrire(c, tx, &p).await?, p.depot));
                }
                // All are held before the first demande takes its number.
                let ids: BTreeSet<StructureId> = entrees.iter().map(|(s, _)| s.id).collect();
                for id in ids {
                    structures::tenir(tx, id).await?;
                }
                let n = entrees.len();
                for (s, depot) in entrees {
                    if !dans_le_territoire(actor, &s) {
                        return Err(Refusal::NotFound.into());
                    }
                    deposer(c, tx, &s, depot, Some(actor)).await.map_err(|e| match e {
                        Failure::Refusal(Refusal::Conflict(phrase)) => {
                            Refusal::conflict(format!("{} : {phrase} Rien n’a été enregistré.", s.nom)).into()
                        }
                        autre => autre,
                    })?;
                }
                Ok(n)
            }
        })
        .await
}

async fn trouver_ou_inscrire(
    c: &Conseillers,
    tx: &Tx,
    p: &Proposee,
) -> Result<structures::StructureVue, Failure> {
    if let Some(s) = structures::de_pivot(tx, &p.pivot).await? {
        return Ok(s);
    }
    let i = &p.depot.contact;
    let contact = FicheContact {
        nom: format!("{} {}", i.prenom, i.nom),
        fonction: Some(i.fonction.clone()),
        courriel: Some(i.courriel.clone()),
        telephone: Some(i.telephone.clone()),
    };
    Ok(structures::inscrire(&c.site, tx, p.fiche.clone(), Some(contact)).await?.into())
}
