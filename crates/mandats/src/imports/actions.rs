//! Sending a file, confirming what it would do, giving it up; and the work that goes through its lines.

use std::collections::HashMap;

use chrono::TimeDelta;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::Tx;
use platform::jobs;
use platform::journal::{self, Entry};
use platform::tableur::lecture::{Remarque, Tableau};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::cellules::Jugee;
use super::jobs::Avancer;
use super::model::{Comptes, Etat, Genre, Import, Ligne, Sort};
use super::{aidants, demandes, formations, organisations, store};
use crate::{Failure, Mandats};

/// Lines compared, and lines written, in one turn: then other jobs have theirs.
const EXAMINEES: usize = 500;
const ECRITES: usize = 200;
/// How long a worker leaves a file to who sent it, who compares the first lines at once.
const AVANCE: TimeDelta = TimeDelta::seconds(20);
/// What a secret is kept as.
const SECRET: &str = "•";
/// Longest name of a file, in characters.
const NOM: usize = 120;

/// What is to be written of a line.
enum Plan {
    Organisation(organisations::Plan),
    Aidant(aidants::Plan),
    Formation(formations::Plan),
    Demande(demandes::Plan),
}

fn entier<P>(j: Jugee<P>, plan: impl FnOnce(P) -> Plan) -> Jugee<Plan> {
    Jugee { sort: j.sort, remarques: j.remarques, plan: j.plan.map(plan) }
}

/// What a line would do now, in the name of that actor.
async fn juger(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    genre: Genre,
    l: &Ligne,
) -> Result<Jugee<Plan>, Failure> {
    Ok(match genre {
        Genre::Organisations => entier(organisations::juger(m, conn, actor, l).await?, Plan::Organisation),
        Genre::Aidants => entier(aidants::juger(m, conn, actor, l).await?, Plan::Aidant),
        Genre::Formations => entier(formations::juger(m, conn, actor, l).await?, Plan::Formation),
        Genre::Demandes => entier(demandes::juger(m, conn, actor, l).await?, Plan::Demande),
    })
}

async fn ecrire(m: &Mandats, tx: &Tx, actor: &Actor, plan: Plan) -> Result<(), Failure> {
    match plan {
        Plan::Organisation(p) => organisations::ecrire(m, tx, actor, p).await,
        Plan::Aidant(p) => aidants::ecrire(m, tx, actor, p).await,
        Plan::Formation(p) => formations::ecrire(m, tx, actor, p).await,
        Plan::Demande(p) => demandes::ecrire(m, tx, actor, p).await,
    }
}

/// The role and the scope, as an import keeps them.
fn agissant(actor: &Actor) -> Result<(String, String), Failure> {
    let perimetre = serde_json::to_string(&actor.perimetre).map_err(|e| DbErr::Custom(e.to_string()))?;
    Ok((actor.role.ligne().key.to_owned(), perimetre))
}

/// The actor of an import, while they still hold that role and that scope.
pub(super) async fn acteur(m: &Mandats, i: &Import) -> Result<Option<Actor>, Failure> {
    let roles = identity::acteurs(m.site.db.read(), i.compte, m.site.clock.now()).await?;
    for actor in roles {
        if agissant(&actor)? == (i.role.clone(), i.perimetre.clone())
            && actor.may(Verb::InstruireHabilitations).is_ok()
        {
            return Ok(Some(actor));
        }
    }
    Ok(None)
}

/// What tells a line from the others of its file; none when it has nothing that would.
fn cle(genre: Genre, cellules: &[String]) -> Option<String> {
    let cellule = |c: usize| cellules.get(c).map(|t| t.trim().to_lowercase()).unwrap_or_default();
    let cle = match genre {
        Genre::Organisations if cellule(0).is_empty() => {
            cellule(1).chars().filter(|c| c.is_alphanumeric()).collect()
        }
        Genre::Organisations | Genre::Aidants | Genre::Formations => cellule(0),
        Genre::Demandes => format!("{} {}", cellule(0), cellule(super::model::demande::ORGANISATION)),
    };
    Some(cle).filter(|c| !c.trim().is_empty())
}

/// The lines of a table in our columns, and the titles that nothing here understands.
fn lignes(genre: Genre, t: &Tableau) -> Result<(Vec<Ligne>, String), Refusal> {
    let colonnes = genre.colonnes();
    let mut places = Vec::with_capacity(colonnes.len());
    for c in colonnes {
        let titre = kernel::text::fold(c.titre);
        let mut noms = vec![titre.as_str()];
        noms.extend(c.autres);
        // The title itself first: « Numéro » before what merely means it.
        let place =
            t.colonne(&noms[..1]).or_else(|| t.colonne(&noms)).filter(|p| !places.contains(&Some(*p)));
        if c.requise && place.is_none() {
            let phrase = format!("Il manque la colonne « {} ». Partez du modèle à télécharger.", c.titre);
            return Err(Refusal::field("fichier", phrase));
        }
        places.push(place);
    }
    if genre == Genre::Organisations && places[0].is_none() && places[1].is_none() {
        let phrase =
            "Il manque la colonne « Numéro » ou la colonne « SIRET ». Partez du modèle à télécharger.";
        return Err(Refusal::field("fichier", phrase));
    }
    let ignorees =
        t.titres.iter().enumerate().filter(|(p, titre)| !places.contains(&Some(*p)) && !titre.is_empty());
    let ignorees: String =
        ignorees.map(|(_, titre)| titre.as_str()).collect::<Vec<_>>().join(", ").chars().take(500).collect();
    let mut vues: HashMap<String, usize> = HashMap::new();
    let mut out = Vec::with_capacity(t.lignes.len());
    for (numero, lues) in &t.lignes {
        let cellule = |place: &Option<usize>| place.and_then(|p| lues.get(p)).cloned().unwrap_or_default();
        let cellules: Vec<String> = places
            .iter()
            .zip(colonnes)
            .map(|(place, c)| match cellule(place) {
                secret if c.secrete && !secret.is_empty() => SECRET.to_owned(),
                texte => texte,
            })
            .collect();
        let mut l = Ligne {
            numero: i64::try_from(*numero).unwrap_or(i64::MAX),
            cellules,
            sort: Sort::Attente,
            fait: false,
            remarques: Vec::new(),
        };
        if let Some(premiere) = cle(genre, &l.cellules).and_then(|c| vues.insert(c, *numero)) {
            l.sort = Sort::Refuse;
            l.remarques.push(Remarque {
                ligne: *numero,
                colonne: colonnes[0].titre.to_owned(),
                valeur: l.cellules[0].chars().take(80).collect(),
                phrase: format!(
                    "Déjà plus haut dans le fichier, ligne {premiere} : cette ligne est laissée de côté."
                ),
            });
        }
        out.push(l);
    }
    if out.is_empty() {
        return Err(Refusal::field(
            "fichier",
            "Ce fichier n’a que des titres : il n’a aucune ligne à reprendre.",
        ));
    }
    Ok((out, ignorees))
}

/// Keeps a file that was read, to be compared with what is here; the first lines are compared at once.
///
/// # Errors
/// A refusal of the field `fichier`; the database.
pub(super) async fn deposer(
    m: &Mandats,
    actor: &Actor,
    genre: Genre,
    fichier: &str,
    t: &Tableau,
) -> Result<Uuid, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let (lignes, ignorees) = lignes(genre, t)?;
    let (site, (role, perimetre)) = (&m.site, agissant(actor)?);
    let fichier: String = fichier.chars().filter(|c| !c.is_control()).take(NOM).collect();
    let i = Import {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        genre,
        fichier: if fichier.is_empty() { "Fichier sans nom".to_owned() } else { fichier },
        ignorees,
        etat: Etat::Examen,
        compte: actor.compte,
        role,
        perimetre,
        cree_le: site.clock.now(),
        fini_le: None,
    };
    site.db
        .write(async |tx| {
            store::deposer(tx, &i, &lignes).await?;
            let faits = json!({ "genre": genre.cle(), "lignes": lignes.len() });
            journal::write(site, tx, Entry::by(actor, "import.deposer", "import", i.id).with(faits)).await?;
            jobs::enqueue_at(site, tx, &Avancer { import: i.id }, site.clock.now() + AVANCE).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    examiner(m, actor, &i).await?;
    Ok(i.id)
}

/// Compares a few lines more; says whether some are left.
pub(super) async fn examiner(m: &Mandats, actor: &Actor, i: &Import) -> Result<bool, Failure> {
    let conn = m.site.db.read();
    let lot = store::a_examiner(conn, i.id, i64::try_from(EXAMINEES).unwrap_or(500)).await?;
    let mut jugees = Vec::with_capacity(lot.len());
    for l in &lot {
        let j = juger(m, conn, actor, i.genre, l).await?;
        jugees.push((l.numero, j.sort, j.remarques));
    }
    let reste = lot.len() == EXAMINEES;
    m.site
        .db
        .write(async |tx| {
            if store::tenir(tx, i.id).await?.is_none_or(|i| i.etat != Etat::Examen) {
                return Ok(false);
            }
            for (numero, sort, remarques) in &jugees {
                store::noter(tx, i.id, *numero, (*sort, false), remarques).await?;
            }
            if !reste {
                let rien = store::comptes(tx, i.id).await?.a_ecrire() == 0;
                let etat = if rien { Etat::Fini } else { Etat::AConfirmer };
                let fini_le = rien.then(|| m.site.clock.now());
                store::passer(tx, &Import { etat, fini_le, ..i.clone() }, Etat::Examen).await?;
            }
            Ok(reste)
        })
        .await
}

/// An import, for who sent it and for the national team: to others it does not exist.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn lire(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Import, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let i = store::lire(conn, id).await?.filter(|i| voit(actor, i));
    Ok(i.ok_or(Refusal::NotFound)?)
}

fn voit(actor: &Actor, i: &Import) -> bool {
    i.compte == actor.compte || actor.perimetre == Perimetre::National
}

async fn tenir(tx: &Tx, actor: &Actor, id: Uuid) -> Result<Import, Failure> {
    let i = store::tenir(tx, id).await?.filter(|i| voit(actor, i));
    Ok(i.ok_or(Refusal::NotFound)?)
}

/// Has what an import would do written, in the name of who confirms.
///
/// # Errors
/// [`Refusal::NotFound`] for one of others; a conflict when it does not wait for that.
pub(super) async fn confirmer(m: &Mandats, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let (site, (role, perimetre)) = (&m.site, agissant(actor)?);
    site.db
        .write(async |tx| {
            let i = tenir(tx, actor, id).await?;
            let confirme =
                Import { etat: Etat::EnCours, compte: actor.compte, role: role.clone(), perimetre: perimetre.clone(), ..i };
            if !store::passer(tx, &confirme, Etat::AConfirmer).await? {
                let phrase = "Cet import n’attend pas de confirmation : il est déjà en cours, terminé ou abandonné.";
                return Err(Refusal::conflict(phrase).into());
            }
            let c = store::comptes(tx, id).await?;
            let faits = json!({ "genre": confirme.genre.cle(), "creations": c.crees, "changements": c.changes, "refus": c.refuses });
            journal::write(site, tx, Entry::by(actor, "import.confirmer", "import", id).with(faits)).await?;
            jobs::enqueue(site, tx, &Avancer { import: id }).await?;
            Ok(())
        })
        .await
}

/// Gives an import up before anything was written: what its file said is erased.
///
/// # Errors
/// As [`confirmer`].
pub(super) async fn abandonner(m: &Mandats, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let site = &m.site;
    site.db
        .write(async |tx| {
            let i = tenir(tx, actor, id).await?;
            let de = i.etat;
            if !matches!(de, Etat::Examen | Etat::AConfirmer) {
                let phrase = "Cet import est confirmé : ce qui est enregistré le reste. Corrigez les fiches, ou renvoyez un fichier juste.";
                return Err(Refusal::conflict(phrase).into());
            }
            let i = Import { etat: Etat::Abandonne, fini_le: Some(site.clock.now()), ..i };
            store::passer(tx, &i, de).await?;
            store::vider(tx, id).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "import.abandonner", "import", id)).await?)
        })
        .await
}

/// Writes a few lines more; says whether some are left.
pub(super) async fn avancer(m: &Mandats, actor: &Actor, i: &Import) -> Result<bool, Failure> {
    let lot = store::a_ecrire(m.site.db.read(), i.id, i64::try_from(ECRITES).unwrap_or(200)).await?;
    for l in &lot {
        une(m, actor, i, l.numero).await?;
    }
    if lot.len() == ECRITES {
        return Ok(true);
    }
    let site = &m.site;
    site.db
        .write(async |tx| {
            let fini = Import { etat: Etat::Fini, fini_le: Some(site.clock.now()), ..i.clone() };
            if store::a_ecrire(tx, i.id, 1).await?.is_empty() && store::passer(tx, &fini, Etat::EnCours).await? {
                let c = store::comptes(tx, i.id).await?;
                let faits = json!({ "genre": i.genre.cle(), "creations": c.crees, "changements": c.changes, "refus": c.refuses });
                journal::write(site, tx, Entry::by(actor, "import.finir", "import", i.id).with(faits)).await?;
            }
            Ok(false)
        })
        .await
}

/// Writes one line, judged again as things are now. Killed in the middle, it is done again: what was written and its note are
/// one transaction.
async fn une(m: &Mandats, actor: &Actor, i: &Import, numero: i64) -> Result<(), Failure> {
    let fait = m
        .site
        .db
        .write_again(|| {
            async |tx: &Tx| {
                let Some(l) = store::prendre(tx, i.id, numero).await? else { return Ok(()) };
                let j = juger(m, tx, actor, i.genre, &l).await?;
                if let Some(plan) = j.plan {
                    ecrire(m, tx, actor, plan).await?;
                }
                store::noter(tx, i.id, numero, (j.sort, j.sort.s_ecrit()), &j.remarques).await?;
                Ok(())
            }
        })
        .await;
    let phrase = match fait {
        Err(Failure::Refusal(r) | Failure::Compte(identity::Error::Refused(r))) => aidants::phrase(&r),
        autre => return autre,
    };
    let remarque = Remarque {
        ligne: usize::try_from(numero).unwrap_or(0),
        colonne: i.genre.colonnes()[0].titre.to_owned(),
        valeur: String::new(),
        phrase,
    };
    m.site
        .db
        .write(async |tx| {
            store::noter(tx, i.id, numero, (Sort::Refuse, false), std::slice::from_ref(&remarque)).await
        })
        .await?;
    Ok(())
}

/// Stops an import whose actor does not hold their role any more.
pub(super) async fn arreter(m: &Mandats, i: &Import) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let arrete = Import { etat: Etat::Arrete, fini_le: Some(site.clock.now()), ..i.clone() };
            if store::passer(tx, &arrete, i.etat).await? {
                journal::write(site, tx, Entry::system("import.arreter", "import", i.id)).await?;
            }
            Ok(())
        })
        .await
}

/// What came of a file on the command line.
#[derive(Debug)]
pub struct Fait {
    /// How many lines of each kind.
    pub comptes: Comptes,
    /// Each line.
    pub lignes: Vec<Ligne>,
    /// Titles of columns that nothing here understands.
    pub ignorees: String,
}

/// Does all of it at once, for the command line: compares, then writes when `ecrit`; otherwise leaves nothing behind.
///
/// # Errors
/// A refusal of the field `fichier`; the database.
pub async fn par_commande(
    m: &Mandats,
    actor: &Actor,
    (genre, fichier): (Genre, &str),
    t: &Tableau,
    ecrit: bool,
) -> Result<Fait, Failure> {
    let id = deposer(m, actor, genre, fichier, t).await?;
    let conn = m.site.db.read();
    let i = lire(conn, actor, id).await?;
    while i.etat == Etat::Examen && examiner(m, actor, &i).await? {}
    if ecrit {
        if lire(conn, actor, id).await?.etat == Etat::AConfirmer {
            confirmer(m, actor, id).await?;
        }
        let i = lire(conn, actor, id).await?;
        while i.etat == Etat::EnCours && avancer(m, actor, &i).await? {}
    }
    let fait = Fait {
        comptes: store::comptes(conn, id).await?,
        lignes: store::lignes(conn, id, None, 0, (0, super::LIMITES.lignes)).await?,
        ignorees: i.ignorees,
    };
    if !ecrit && lire(conn, actor, id).await?.etat == Etat::AConfirmer {
        abandonner(m, actor, id).await?;
    }
    Ok(fait)
}

/// Titles of the columns of a report.
pub fn titres_du_rapport() -> &'static [&'static str] {
    &["ligne", "sujet", "resultat", "enregistree", "colonne", "valeur", "detail"]
}

/// The lines of a report: one for each remark, one for a line without any.
pub fn rapport(l: &Ligne) -> Vec<[String; 7]> {
    let oui = if l.fait { "oui" } else { "non" };
    let ligne = |colonne: &str, valeur: &str, detail: &str| {
        let (numero, sujet) = (l.numero.to_string(), l.sujet());
        [&numero, &sujet, l.sort.nom(), oui, colonne, valeur, detail].map(str::to_owned)
    };
    if l.remarques.is_empty() {
        return vec![ligne("", "", "")];
    }
    l.remarques.iter().map(|r| ligne(&r.colonne, &r.valeur, &r.phrase)).collect()
}
