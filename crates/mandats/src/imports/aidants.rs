//! Aidants and référents of a file, by their address: a new one gets an account and an invitation, a known one is brought up
//! to date and attached to organisations.

use identity::cartes;
use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::text::fold;
use kernel::{Actor, Refusal, Telephone};
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::cellules::{Jugee, Lecture};
use super::model::aidant as col;
use super::model::{Genre, Ligne, Sort};
use crate::aidants::propositions::{self, Offre, Suite};
use crate::aidants::regles::Voie;
use crate::aidants::vie::{self, Personne};
use crate::aidants::{self, Aidant, EtatAidant, Fonction};
use crate::ids::{AidantId, EquipeId};
use crate::organisations::{self, Organisation};
use crate::{Failure, Mandats};

/// What is to be written of a line.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    qui: Qui,
    /// Organisations to belong to, with the function there and the team that is kept.
    rattacher: Vec<(StructureId, Fonction, Option<EquipeId>)>,
    activer: bool,
    carte: Option<String>,
}

#[derive(Clone, Debug)]
enum Qui {
    Nouveau(Box<Personne>),
    Connu(AidantId, Corrections),
}

/// What changes on the record of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Corrections {
    prenom: Option<String>,
    nom: Option<String>,
    profession: Option<String>,
    telephone: Option<Telephone>,
    conseiller_numerique: Option<bool>,
}

/// The organisations of these numbers, within the scope; a number that is none of them refuses the line.
pub(super) async fn organisations(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    l: &mut Lecture<'_>,
    colonne: usize,
) -> Result<Vec<Organisation>, Failure> {
    let mut out = Vec::new();
    for numero in l.numeros(colonne) {
        match organisations::store::du_numero(conn, numero).await?.filter(|o| actor.couvre(&o.cible())) {
            None => {
                let phrase =
                    format!("Aucune organisation habilitée que vous suivez ne porte le numéro {numero}.");
                l.refuse(colonne, phrase);
            }
            Some(o) if !o.active(m.jour()) => {
                l.refuse(colonne, format!("L’organisation n° {numero} n’est plus habilitée."));
            }
            Some(o) => out.push(o),
        }
    }
    Ok(out)
}

/// What is said of a person, for one who is not known yet; a cell that must be filled and is not refuses the line.
pub(super) fn personne(
    l: &mut Lecture<'_>,
    courriel: &kernel::Email,
    fonction: Fonction,
    voie: Voie,
) -> Option<Personne> {
    let (prenom, nom, profession) = (l.exige(col::PRENOM), l.exige(col::NOM), l.exige(col::PROFESSION));
    let (telephone, conseiller) = (l.telephone(col::TELEPHONE), l.oui(col::CONSEILLER));
    Some(Personne {
        prenom: prenom?,
        nom: nom?,
        courriel: courriel.clone(),
        telephone,
        profession: profession?,
        conseiller_numerique: conseiller == Some(true),
        fonction,
        voie,
        formateur: None,
    })
}

/// What the file says otherwise of somebody who is known.
fn corrections(l: &mut Lecture<'_>, a: &Aidant) -> Corrections {
    let mut c = Corrections::default();
    let autre = |l: &mut Lecture<'_>, colonne: usize, avant: &str| {
        let apres = l.texte(colonne).filter(|t| t != avant)?;
        l.change(colonne, avant, &apres);
        Some(apres)
    };
    c.prenom = autre(l, col::PRENOM, &a.prenom);
    c.nom = autre(l, col::NOM, &a.nom);
    c.profession = autre(l, col::PROFESSION, &a.profession);
    if let Some(t) = l.telephone(col::TELEPHONE).filter(|t| Some(t) != a.telephone.as_ref()) {
        l.change(
            col::TELEPHONE,
            &a.telephone.as_ref().map(Telephone::lisible).unwrap_or_default(),
            &t.lisible(),
        );
        c.telephone = Some(t);
    }
    if let Some(oui) = l.oui(col::CONSEILLER).filter(|oui| *oui != a.conseiller_numerique) {
        let mot = |oui| if oui { "oui" } else { "non" };
        l.change(col::CONSEILLER, mot(!oui), mot(oui));
        c.conseiller_numerique = Some(oui);
    }
    c
}

fn fonction(l: &mut Lecture<'_>) -> Option<Fonction> {
    match fold(l.get(col::FONCTION)).as_str() {
        "" => None,
        "aidant" | "aidante" => Some(Fonction::Aidant),
        "referent" | "referente" | "responsable" | "referent sans mandat" => Some(Fonction::Referent),
        "aidant et referent" | "aidante et referente" | "referent aidant" | "referent et aidant" => {
            Some(Fonction::AidantReferent)
        }
        _ => {
            l.refuse(col::FONCTION, "Écrivez « aidant », « référent », ou « aidant et référent ».");
            None
        }
    }
}

/// The card of a line, when it is to be given.
async fn carte(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    l: &mut Lecture<'_>,
    compte: Option<kernel::ids::CompteId>,
) -> Result<Option<String>, Failure> {
    let tape = l.get(col::CARTE);
    if tape.is_empty() {
        return Ok(None);
    }
    // The stock is the country's.
    if !actor.couvre(&Cible::default()) {
        l.refuse(col::CARTE, "Le stock de cartes est tenu par l’équipe nationale : laissez cette case vide.");
        return Ok(None);
    }
    match cartes::attribuable(conn, compte, tape).await {
        Ok(Some(c)) => {
            l.note(col::CARTE, "La carte sera associée à son compte.");
            Ok(Some(c.numero))
        }
        Ok(None) => Ok(None),
        Err(identity::Error::Refused(r)) => {
            l.refuse(col::CARTE, phrase(&r));
            Ok(None)
        }
        Err(e) => Err(e.into()),
    }
}

/// What a refusal says, without the name of its field.
pub(super) fn phrase(r: &Refusal) -> String {
    match r {
        Refusal::Fields(champs) => champs.iter().map(|(_, p)| p.as_str()).collect::<Vec<_>>().join(" "),
        autre => autre.to_string(),
    }
}

/// What a line would do.
pub(super) async fn juger(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    ligne: &Ligne,
) -> Result<Jugee<Plan>, Failure> {
    let mut l = Lecture::de(Genre::Aidants, ligne);
    let courriel = l.courriel(col::ADRESSE);
    let siennes = organisations(m, conn, actor, &mut l, col::ORGANISATIONS).await?;
    let voulue = fonction(&mut l);
    if !l.get(col::CODE).is_empty() {
        l.note(col::CODE, "Ce code n’est pas repris : la personne reçoit une invitation, et choisit comment prouver qui elle est.");
    }
    let Some(courriel) = courriel else { return Ok(l.sans_suite()) };
    let Some(a) = aidants::store::du_courriel(conn, &courriel).await? else {
        if siennes.is_empty() && !l.refusee() {
            l.refuse(col::ORGANISATIONS, "Donnez le numéro d’au moins une organisation.");
        }
        let fonction = voulue.unwrap_or(Fonction::Aidant);
        let personne = personne(&mut l, &courriel, fonction, Voie::Classique);
        let carte = carte(conn, actor, &mut l, None).await?;
        let Some(personne) = personne else { return Ok(l.sans_suite()) };
        l.note(col::ADRESSE, "Un compte sera ouvert, et une invitation envoyée.");
        let rattacher = siennes.iter().map(|o| (o.structure, fonction, None)).collect();
        let plan = Plan { qui: Qui::Nouveau(Box::new(personne)), rattacher, activer: true, carte };
        return Ok(l.suite(Sort::Cree, plan));
    };
    let visible = aidants::equipe_voit(conn, actor, a.id).await?;
    let mut c = Corrections::default();
    if visible {
        c = corrections(&mut l, &a);
    } else if siennes.is_empty() {
        // Of elsewhere, and to stay there: as if nobody had that address.
        l.refuse(col::ORGANISATIONS, "Donnez le numéro d’au moins une organisation.");
    } else {
        l.note(col::ADRESSE, "Cette personne est connue ailleurs : sa fiche reste comme elle est.");
    }
    let mut rattacher = Vec::new();
    for o in &siennes {
        let la = aidants::store::appartenance(conn, a.id, o.structure).await?;
        let fonction = voulue.or(la.as_ref().map(|x| x.fonction)).unwrap_or(Fonction::Aidant);
        if la.is_none() && propositions::attend(conn, &a.courriel, o.structure).await? {
            l.note(
                col::ORGANISATIONS,
                format!(
                    "L’organisation n° {} le lui a déjà proposé : elle n’a pas encore répondu.",
                    o.numero
                ),
            );
            continue;
        }
        match &la {
            Some(x) if x.fonction == fonction => continue,
            Some(x) => l.change(col::FONCTION, x.fonction.nom(), fonction.nom()),
            None if demandee(&a) => l.note(
                col::ORGANISATIONS,
                format!("Recevra une proposition de l’organisation n° {} : elle en fera partie quand elle aura accepté.", o.numero),
            ),
            None => {
                let phrase = format!(
                    "Sera rattachée à l’organisation n° {} ({}).",
                    o.numero,
                    fonction.nom().to_lowercase()
                );
                l.note(col::ORGANISATIONS, phrase);
            }
        }
        rattacher.push((o.structure, fonction, la.and_then(|x| x.equipe)));
    }
    let activer = activation(conn, &mut l, &a, !rattacher.is_empty()).await?;
    let carte = carte(conn, actor, &mut l, a.compte).await?;
    if c == Corrections::default() && rattacher.is_empty() && !activer && carte.is_none() {
        return Ok(l.sans_suite());
    }
    Ok(l.suite(Sort::Change, Plan { qui: Qui::Connu(a.id, c), rattacher, activer, carte }))
}

/// Whether somebody is asked before they belong to one organisation more: their account is theirs to use.
pub(super) fn demandee(a: &Aidant) -> bool {
    a.compte.is_some() && matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant)
}

/// Whether a known person is to be made active, and what is said of it.
async fn activation(
    conn: &impl ConnectionTrait,
    l: &mut Lecture<'_>,
    a: &Aidant,
    rattachee: bool,
) -> Result<bool, Failure> {
    let invitation = "Un compte sera ouvert, et une invitation envoyée.";
    match a.etat {
        EtatAidant::Actif => Ok(false),
        EtatAidant::Dormant => {
            l.note(col::ADRESSE, "Son compte est en sommeil : il le reste.");
            Ok(false)
        }
        EtatAidant::Parti => {
            l.note(
                col::ADRESSE,
                if rattachee {
                    invitation
                } else {
                    "Cette personne a quitté ses organisations : rien ne change."
                },
            );
            Ok(false)
        }
        _ => {
            let quelque_part = rattachee || !aidants::registre::ouvertes(conn, a.id).await?.is_empty();
            if quelque_part {
                l.note(col::ADRESSE, format!("Situation d’aujourd’hui : {}. {invitation}", a.etat.nom()));
            } else {
                l.refuse(
                    col::ORGANISATIONS,
                    "Cette personne ne fait partie d’aucune organisation : donnez le numéro de la sienne.",
                );
            }
            Ok(quelque_part)
        }
    }
}

/// Writes it.
pub(super) async fn ecrire(m: &Mandats, tx: &Tx, actor: &Actor, plan: Plan) -> Result<(), Failure> {
    let Plan { qui, mut rattacher, activer, carte } = plan;
    // Organisations are held before people, in one order.
    rattacher.sort_by_key(|(structure, ..)| structure.0);
    for (structure, ..) in &rattacher {
        organisations::store::tenir(tx, *structure).await?;
    }
    let id = match qui {
        Qui::Nouveau(p) => {
            let (premiere, ..) = rattacher.first().ok_or(Refusal::NotFound)?;
            let offre = Offre::de(&p, *premiere, EtatAidant::Eligible);
            let suite = propositions::inscrire(m, tx, &offre, Some(actor)).await?;
            rattacher.remove(0);
            // An account of that address is in use for something else: its owner answers.
            let Suite::Inscrite(a) = suite else { return Ok(()) };
            a.id
        }
        Qui::Connu(id, c) => {
            corriger(m, tx, actor, id, c).await?;
            id
        }
    };
    for (structure, fonction, equipe) in rattacher {
        // Whose account is in use is asked before they belong to one organisation more, as everywhere.
        if aidants::store::appartenance(tx, id, structure).await?.is_none() {
            let personne = Personne::de(&vie::tenir(tx, id).await?, fonction);
            let offre = Offre::de(&personne, structure, EtatAidant::Eligible);
            propositions::inscrire(m, tx, &offre, Some(actor)).await?;
        } else {
            vie::rattacher(m, tx, id, structure, fonction, equipe, Some(actor)).await?;
        }
    }
    let mut a = vie::tenir(tx, id).await?;
    if activer && !matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant) {
        a = vie::activer(m, tx, id, Some(actor)).await?;
    }
    if let (Some(carte), Some(compte)) = (carte, a.compte) {
        cartes::attribuer(&m.site, tx, actor, compte, &carte).await?;
    }
    Ok(())
}

async fn corriger(m: &Mandats, tx: &Tx, actor: &Actor, id: AidantId, c: Corrections) -> Result<(), Failure> {
    if c == Corrections::default() {
        return Ok(());
    }
    let a = vie::tenir(tx, id).await?;
    let dits = [
        ("prenom", c.prenom.is_some()),
        ("nom", c.nom.is_some()),
        ("profession", c.profession.is_some()),
        ("telephone", c.telephone.is_some()),
        ("conseiller_numerique", c.conseiller_numerique.is_some()),
    ];
    let champs: Vec<&str> = dits.into_iter().filter(|(_, dit)| *dit).map(|(nom, _)| nom).collect();
    let a = Aidant {
        prenom: c.prenom.unwrap_or(a.prenom),
        nom: c.nom.unwrap_or(a.nom),
        profession: c.profession.unwrap_or(a.profession),
        telephone: c.telephone.or(a.telephone),
        conseiller_numerique: c.conseiller_numerique.unwrap_or(a.conseiller_numerique),
        ..a
    };
    aidants::store::enregistrer(tx, &a).await?;
    let line = Entry::by(actor, "aidant.modifier", "aidant", id).with(json!({ "champs": champs }));
    journal::write(&m.site, tx, line).await?;
    Ok(())
}
