//! Organisations of a file: created when they are missing, filled in where they lack something. Found by their number of
//! habilitation, else by their SIRET.

use annuaire::structures::model::{CommuneChoisie, Fiche, Genre as GenreStructure};
use annuaire::structures::{self, Complement, StructureVue};
use annuaire::territoires::Recherche;
use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::text::fold;
use kernel::{Actor, CodeCommune, CodePostal, Pivot};
use platform::Tx;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::cellules::{Jugee, Lecture};
use super::model::organisation as col;
use super::model::{Genre, Ligne, Sort};
use crate::habilitations::{self, reference};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Failure, Mandats, legal};

/// What is to be written of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Plan {
    /// An organisation more, on a structure that the directory has or not.
    Creer { structure: Option<StructureId>, fiche: Box<Fiche>, numero: Option<i64>, france_services: bool },
    /// What one lacks.
    Completer { structure: StructureId, complement: Complement, france_services: bool },
}

const HORS: &str = "Cette organisation est hors de votre territoire.";

/// What the cells say, before anything is looked up.
struct Dite {
    numero: Option<i64>,
    pivot: Option<Pivot>,
    voie: Option<String>,
    code_postal: Option<CodePostal>,
    france_services: Option<bool>,
}

fn lire(l: &mut Lecture<'_>) -> Dite {
    let numeros = l.numeros(col::NUMERO);
    if numeros.len() > 1 {
        l.refuse(col::NUMERO, "Un seul numéro par ligne.");
    }
    let pivot = match l.get(col::SIRET) {
        "" => None,
        tape => match Pivot::parse(tape) {
            Ok(pivot) => Some(pivot),
            Err(phrase) => {
                l.refuse(col::SIRET, phrase);
                None
            }
        },
    };
    if numeros.is_empty() && pivot.is_none() && !l.refusee() {
        l.refuse(col::SIRET, "Donnez le SIRET ou le numéro d’habilitation : sans eux, rien ne dit de quelle organisation il s’agit.");
    }
    let code_postal = CodePostal::parse(l.get(col::CODE_POSTAL));
    if code_postal.is_none() && !l.get(col::CODE_POSTAL).is_empty() {
        l.refuse(col::CODE_POSTAL, "Un code postal a cinq chiffres.");
    }
    Dite {
        numero: numeros.first().copied(),
        pivot,
        voie: l.texte(col::ADRESSE),
        code_postal,
        france_services: l.oui(col::FRANCE_SERVICES),
    }
}

/// What a line would do.
pub(super) async fn juger(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    ligne: &Ligne,
) -> Result<Jugee<Plan>, Failure> {
    let mut l = Lecture::de(Genre::Organisations, ligne);
    let dite = lire(&mut l);
    if l.refusee() {
        return Ok(l.sans_suite());
    }
    if let Some(numero) = dite.numero {
        if let Some(o) = organisations::store::du_numero(conn, numero).await? {
            let Some(vue) = structures::find(conn, o.structure).await? else {
                l.refuse(col::NUMERO, "La structure de cette organisation n’est plus dans l’annuaire.");
                return Ok(l.sans_suite());
            };
            return Ok(completer(l, actor, &o, &vue, dite));
        }
        if let Some(etat) = habilitations::etat_du_numero(conn, numero).await? {
            let phrase = format!(
                "Une demande d’habilitation porte ce numéro ({}). Traitez-la dans « Demandes d’habilitation ».",
                etat.nom().to_lowercase()
            );
            l.refuse(col::NUMERO, phrase);
            return Ok(l.sans_suite());
        }
    }
    let connue = match &dite.pivot {
        Some(pivot) => structures::de_pivot(conn, pivot).await?,
        None => None,
    };
    let Some(vue) = connue else { return Ok(creer(m, l, actor, None, dite)) };
    match organisations::store::lire(conn, vue.id).await? {
        None => Ok(creer(m, l, actor, Some(vue), dite)),
        Some(o) if dite.numero.is_none() => Ok(completer(l, actor, &o, &vue, dite)),
        Some(o) => {
            // The same number of company at another address is another place where people are received.
            let autre = commune(m, &l).is_some_and(|c| c.code != vue.commune.code)
                || dite
                    .voie
                    .as_deref()
                    .is_some_and(|v| vue.voie.as_deref().is_some_and(|w| fold(v) != fold(w)));
            if autre {
                l.note(
                    col::SIRET,
                    format!(
                        "Ce SIRET est déjà celui de l’organisation n° {} : un second lieu est créé.",
                        o.numero
                    ),
                );
                return Ok(creer(m, l, actor, None, dite));
            }
            let phrase = format!(
                "Une organisation de ce SIRET est déjà habilitée à cette adresse, sous le n° {}. Un numéro ne change pas.",
                o.numero
            );
            l.refuse(col::NUMERO, phrase);
            Ok(l.sans_suite())
        }
    }
}

/// An organisation that is here: only what it lacks is filled in.
fn completer(
    mut l: Lecture<'_>,
    actor: &Actor,
    o: &Organisation,
    vue: &StructureVue,
    dite: Dite,
) -> Jugee<Plan> {
    if !actor.couvre(&o.cible()) {
        l.refuse(col::NUMERO, HORS);
        return l.sans_suite();
    }
    if let (Some(dit), Some(la)) = (&dite.pivot, &vue.pivot)
        && dit != la
    {
        l.refuse(col::SIRET, format!("L’organisation n° {} a un autre SIRET.", o.numero));
        return l.sans_suite();
    }
    let mut complement = Complement::default();
    if let (Some(p), None) = (dite.pivot, &vue.pivot) {
        l.change(col::SIRET, "", p.as_str());
        complement.pivot = Some(p);
    }
    match (dite.voie, &vue.voie) {
        (Some(v), None) => {
            l.change(col::ADRESSE, "", &v);
            complement.voie = Some(v);
        }
        (Some(v), Some(la)) if fold(&v) != fold(la) => {
            l.note(col::ADRESSE, format!("Gardée comme ici : « {la} »."));
        }
        _ => {}
    }
    match (dite.code_postal, &vue.code_postal) {
        (Some(c), None) => {
            l.change(col::CODE_POSTAL, "", &c.to_string());
            complement.code_postal = Some(c);
        }
        (Some(c), Some(la)) if c.to_string() != *la => {
            l.note(col::CODE_POSTAL, format!("Gardé comme ici : « {la} »."));
        }
        _ => {}
    }
    let france_services = dite.france_services == Some(true) && !o.france_services;
    if france_services {
        l.change(col::FRANCE_SERVICES, "non", "oui");
    }
    if complement == Complement::default() && !france_services {
        return l.sans_suite();
    }
    l.suite(Sort::Change, Plan::Completer { structure: o.structure, complement, france_services })
}

/// An organisation that is missing.
fn creer(
    m: &Mandats,
    mut l: Lecture<'_>,
    actor: &Actor,
    connue: Option<StructureVue>,
    dite: Dite,
) -> Jugee<Plan> {
    let commune = match &connue {
        Some(vue) => Some(vue.commune.clone()),
        None => commune(m, &l),
    };
    let nom = match &connue {
        Some(vue) => Some(vue.nom.clone()),
        None => l.exige(col::NOM),
    };
    let genre = genre(&mut l);
    let Some(commune) = commune else {
        l.refuse(
            col::COMMUNE,
            "Cette commune est inconnue, ou plusieurs portent ce nom : donnez aussi le code postal, ou le code INSEE.",
        );
        return l.sans_suite();
    };
    let cible = Cible {
        region: Some(commune.region.clone()),
        departement: Some(commune.departement.clone()),
        ..Cible::default()
    };
    if !actor.couvre(&cible) {
        l.refuse(col::COMMUNE, HORS);
    }
    let Some(nom) = nom else { return l.sans_suite() };
    let structure = connue.as_ref().map(|vue| vue.id);
    if let Some(vue) = &connue {
        l.note(col::SIRET, format!("Déjà dans l’annuaire : {}. Elle devient habilitée.", vue.nom));
    }
    if dite.numero.is_none() {
        l.note(col::NUMERO, "Un numéro d’habilitation sera donné.");
    }
    let fiche = Fiche {
        pivot: dite.pivot,
        nom,
        genre,
        categorie: None,
        voie: dite.voie,
        code_postal: dite.code_postal,
        commune,
        site_web: None,
        reseau: None,
    };
    let plan = Plan::Creer {
        structure,
        fiche: Box::new(fiche),
        numero: dite.numero,
        france_services: dite.france_services == Some(true),
    };
    l.suite(Sort::Cree, plan)
}

/// The kind: by its key, its name, or the number of the service that stands.
fn genre(l: &mut Lecture<'_>) -> GenreStructure {
    let tape = l.get(col::TYPE);
    if tape.is_empty() {
        return GenreStructure::Autre;
    }
    let mot = fold(tape);
    let connu = reference::TYPES.iter().find(|t| {
        fold(t.1) == mot
            || fold(t.2) == mot
            || tape.parse() == Ok(t.0)
            || fold(t.2).starts_with(&format!("{mot} "))
    });
    if connu.is_none() {
        l.note(
            col::TYPE,
            "Ce type n’est pas connu : « Autre » est noté, à préciser sur la fiche de la structure.",
        );
    }
    connu.map_or(GenreStructure::Autre, |t| t.3)
}

fn commune(m: &Mandats, l: &Lecture<'_>) -> Option<CommuneChoisie> {
    let t = m.annuaire.territoires();
    if let Some(rang) = CodeCommune::parse(l.get(col::CODE_INSEE)).and_then(|c| t.rang_actuel(&c)) {
        return t.communes().get(rang).map(CommuneChoisie::from);
    }
    let (nom, code_postal) = (l.get(col::COMMUNE), l.get(col::CODE_POSTAL));
    if nom.is_empty() || nom.len() > 200 {
        return None;
    }
    let trouvee = t.trouver(&Recherche { nom, code_postal, code_insee: "" });
    trouvee.certaine().map(|c| c.commune.into())
}

/// Writes it.
pub(super) async fn ecrire(m: &Mandats, tx: &Tx, actor: &Actor, plan: Plan) -> Result<(), Failure> {
    match plan {
        Plan::Completer { structure, complement, france_services } => {
            structures::completer(&m.site, tx, actor, structure, &complement).await?;
            if france_services
                && let Some(o) = organisations::store::tenir(tx, structure).await?
                && !o.france_services
            {
                organisations::store::enregistrer(tx, &Organisation { france_services, ..o }).await?;
                let line = Entry::by(actor, "organisation.france_services", "structure", structure);
                journal::write(&m.site, tx, line).await?;
            }
            Ok(())
        }
        Plan::Creer { structure, fiche, numero, france_services } => {
            let (jour, commune) = (m.jour(), fiche.commune.clone());
            let code_postal = fiche.code_postal.as_ref().map(ToString::to_string).unwrap_or_default();
            let structure = match structure {
                Some(id) => {
                    let c = Complement {
                        pivot: None,
                        voie: fiche.voie.clone(),
                        code_postal: fiche.code_postal.clone(),
                    };
                    structures::completer(&m.site, tx, actor, id, &c).await?;
                    id
                }
                None => structures::inscrire(&m.site, tx, *fiche, None).await?.id,
            };
            let numero = match numero {
                Some(n) => {
                    depasser(tx, n).await?;
                    n
                }
                None => habilitations::allouer(tx, &code_postal).await?,
            };
            let texte = legal::en_vigueur(legal::Genre::Demarches, jour);
            let o = Organisation {
                structure,
                numero,
                departement: commune.departement,
                region: commune.region,
                demarches: texte
                    .map(|t| Demarches::parmi(t, legal::catalogue(t).iter().map(|d| &d.cle)))
                    .unwrap_or_default(),
                france_services,
                habilitee_le: jour,
                desactivee_le: None,
                version: 0,
            };
            organisations::store::enregistrer(tx, &o).await?;
            let line = Entry::by(actor, "organisation.importer", "structure", structure);
            journal::write(&m.site, tx, line.with(json!({ "numero": numero }))).await?;
            Ok(())
        }
    }
}

/// Numbers that are given later go on after those that a file brought: a number is three digits of a postal code, then that
/// of a sequence.
async fn depasser(tx: &Tx, numero: i64) -> Result<(), Failure> {
    let texte = numero.to_string();
    let suite = texte.get(3..).and_then(|s| s.parse::<i64>().ok()).filter(|n| *n < 1_000_000_000);
    if let Some(suite) = suite {
        let sql = "UPDATE habilitation_compteur SET valeur = $1 WHERE cle = 'numero' AND valeur < $1";
        kit::execute(tx, sql, [(suite + 1).into()]).await?;
    }
    Ok(())
}
