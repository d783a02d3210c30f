//! What a person reads of theirs, and ends.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::Refusal;
use kernel::ids::StructureId;
use platform::journal::{self, Line, Query};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::document::Numero;
use crate::ids::AutorisationId;
use crate::mandats::{self, Auteur, Autorisation, EtatAutorisation, Mandat, Raison};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats, aidants, consentements, fournisseur, legal};

/// One démarche of a mandat, as its person reads it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AutorisationVue {
    #[serde(skip)]
    pub(super) id: AutorisationId,
    pub(super) demarche: String,
    pub(super) etat: &'static str,
    pub(super) active: bool,
    pub(super) finit_le: DateTime<Utc>,
}

/// A mandat, as its person reads it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct MandatVu {
    pub(super) numero: String,
    pub(super) organisation: String,
    pub(super) cree_le: DateTime<Utc>,
    pub(super) expire_le: DateTime<Utc>,
    pub(super) a_distance: bool,
    pub(super) autorisations: Vec<AutorisationVue>,
    /// The signed file; none when it was taken over from another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<String>,
    /// The messages by which they agreed from afar, letter for letter: their SHA-256 is in the signed file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) echange: Option<String>,
}

impl MandatVu {
    /// Whether something of it may still be used.
    pub(super) fn actif(&self) -> bool {
        self.autorisations.iter().any(|a| a.active)
    }
}

/// Titles of démarches, in today's words.
pub(super) fn titre(m: &Mandats, cle: &str) -> String {
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let liste = texte.map_or(&[][..], legal::catalogue);
    liste.iter().find(|d| d.cle == cle).map_or_else(|| cle.to_owned(), |d| d.titre.clone())
}

async fn nom(conn: &impl ConnectionTrait, id: StructureId) -> Result<String, DbErr> {
    let vue = annuaire::structures::find(conn, id).await?;
    Ok(vue.map_or_else(|| "Organisation qui n’est plus connue".to_owned(), |s| s.nom))
}

/// Every mandat of a person, the last first.
pub(super) async fn lister(m: &Mandats, usager: &Usager) -> Result<Vec<MandatVu>, DbErr> {
    let (conn, now) = (m.site.db.read(), m.site.clock.now());
    let mut par_mandat: BTreeMap<_, Vec<Autorisation>> = BTreeMap::new();
    for a in mandats::store::de_la_personne(conn, usager.id).await? {
        par_mandat.entry(a.mandat.0).or_default().push(a);
    }
    let (mut vus, mut noms) = (Vec::new(), BTreeMap::new());
    for mandat in mandats::store::mandats_de(conn, usager.id).await? {
        let organisation = match noms.get(&mandat.structure.0) {
            Some(nom) => String::clone(nom),
            None => {
                let nom = nom(conn, mandat.structure).await?;
                noms.insert(mandat.structure.0, nom.clone());
                nom
            }
        };
        let autorisations = par_mandat.remove(&mandat.id.0).unwrap_or_default();
        let mut vu = voir(m, &mandat, organisation, &autorisations, now);
        if mandat.a_distance {
            vu.echange = crate::consentements::echange(conn, mandat.id).await?;
        }
        vus.push(vu);
    }
    Ok(vus)
}

fn voir(
    m: &Mandats,
    mandat: &Mandat,
    organisation: String,
    autorisations: &[Autorisation],
    now: DateTime<Utc>,
) -> MandatVu {
    let vue = |a: &Autorisation| {
        let etat = a.etat(now);
        AutorisationVue {
            id: a.id,
            demarche: titre(m, &a.demarche),
            etat: etat.libelle(),
            active: etat == EtatAutorisation::Active,
            finit_le: a.finit_le(),
        }
    };
    MandatVu {
        numero: mandat.numero.as_str().to_owned(),
        organisation,
        cree_le: mandat.cree_le,
        expire_le: mandat.expire_le,
        a_distance: mandat.a_distance,
        autorisations: autorisations.iter().map(vue).collect(),
        document: mandat.signature.as_ref().map(|s| s.document.clone()),
        echange: None,
    }
}

/// A use of a mandat, as its person reads it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UsageVu {
    pub(super) quand: DateTime<Utc>,
    pub(super) demarche: String,
    pub(super) organisation: String,
    /// The service at whose request the identity was given.
    pub(super) service: String,
    #[serde(skip)]
    pub(super) mandat: crate::ids::MandatId,
}

/// Uses that are read: nobody has more.
const USAGES: usize = 2_000;

/// What was done in the name of a person, the last first.
pub(super) async fn usages(m: &Mandats, usager: &Usager) -> Result<Vec<UsageVu>, DbErr> {
    let conn = m.site.db.read();
    let (mut vus, mut noms) = (Vec::new(), BTreeMap::new());
    for u in fournisseur::usages_de(conn, usager.id, USAGES).await? {
        if let Entry::Vacant(place) = noms.entry(u.structure.0) {
            place.insert(nom(conn, u.structure).await?);
        }
        vus.push(UsageVu {
            quand: u.quand,
            demarche: titre(m, &u.demarche),
            organisation: noms.get(&u.structure.0).cloned().unwrap_or_default(),
            service: u.service,
            mandat: u.mandat,
        });
    }
    Ok(vus)
}

/// The mandat of that number, if it is this person's: what is of another answers as if it did not exist.
pub(super) async fn lire(m: &Mandats, usager: &Usager, numero: &str) -> Result<(Mandat, MandatVu), Failure> {
    let conn = m.site.db.read();
    let numero = Numero::lire(numero).ok_or(Refusal::NotFound)?;
    let mandat = mandats::store::du_numero(conn, &numero).await?.filter(|x| x.usager == usager.id);
    let mandat = mandat.ok_or(Refusal::NotFound)?;
    let autorisations = mandats::store::du_mandat(conn, mandat.id).await?;
    let mut vu = voir(m, &mandat, nom(conn, mandat.structure).await?, &autorisations, m.site.clock.now());
    if mandat.a_distance {
        vu.echange = crate::consentements::echange(conn, mandat.id).await?;
    }
    Ok((mandat, vu))
}

/// What a person ends.
#[derive(Clone, Debug)]
pub(super) enum Cible {
    /// These démarches of that mandat.
    Demarches(String, Vec<AutorisationId>),
    /// Everything, everywhere.
    Tout,
}

/// Ends what was chosen, and gives how many démarches ended.
pub(super) async fn revoquer(m: &Mandats, usager: &Usager, cible: &Cible) -> Result<usize, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, usager.id).await?.ok_or(Refusal::NotFound)?;
            let toutes = mandats::store::de_la_personne(tx, usager.id).await?;
            let choisies: Vec<&Autorisation> = match cible {
                Cible::Tout => toutes.iter().filter(|a| a.active(now)).collect(),
                Cible::Demarches(numero, ids) => {
                    let numero = Numero::lire(numero).ok_or(Refusal::NotFound)?;
                    let mandat = mandats::store::du_numero(tx, &numero).await?;
                    let mandat = mandat.filter(|x| x.usager == usager.id).ok_or(Refusal::NotFound)?;
                    // An identifier that is not of this mandat was not on the page.
                    if !ids.iter().all(|id| toutes.iter().any(|a| a.id == *id && a.mandat == mandat.id)) {
                        return Err(Refusal::NotFound.into());
                    }
                    toutes.iter().filter(|a| ids.contains(&a.id) && a.active(now)).collect()
                }
            };
            let ids: Vec<AutorisationId> = choisies.iter().map(|a| a.id).collect();
            mandats::revoquer(m, tx, (usager.id, &ids), (Auteur::Personne, None), (Raison::Demande, None))
                .await
        })
        .await
}

/// A line of the journal that is about a person.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Trace {
    pub(super) le: DateTime<Utc>,
    pub(super) quoi: String,
    pub(super) qui: String,
    pub(super) mandat: String,
}

/// Mandats whose lines are read: nobody has more.
const MANDATS: usize = 200;
/// Lines of one thing that are read.
const LIGNES: u64 = 500;

/// Who did what with the data of a person, the last first: the lines that bear their pseudonym, those of their mandats and
/// of what they were asked from afar, and the uses.
pub(super) async fn traces(m: &Mandats, usager: &Usager) -> Result<Vec<Trace>, Failure> {
    let conn = m.site.db.read();
    let qui = usagers::pseudonyme(&m.site, usager)?;
    let mut choses = vec![("usager", qui, String::new())];
    let mut numeros = BTreeMap::new();
    for mandat in mandats::store::mandats_de(conn, usager.id).await?.into_iter().take(MANDATS) {
        choses.push(("mandat", mandat.id.to_string(), mandat.numero.as_str().to_owned()));
        numeros.insert(mandat.id.0, mandat.numero.as_str().to_owned());
    }
    for id in consentements::de_la_personne(conn, usager.id, MANDATS).await? {
        choses.push(("consentement", id.to_string(), String::new()));
    }
    let (mut traces, mut noms, mut organisations) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (sujet, id, numero) in choses {
        let query = Query {
            subject: Some(sujet.to_owned()),
            subject_id: Some(id),
            limit: LIGNES,
            ..Query::default()
        };
        for ligne in journal::page(conn, &query).await? {
            let qui = auteur(m, &ligne, &mut noms).await?;
            // What was done before the take-over is told at its own date.
            traces.push(match crate::reprise::ligne_reprise(&ligne.action, &ligne.details) {
                Some((quoi, le)) => Trace {
                    le,
                    quoi: quoi.to_owned(),
                    qui: "Aidants Connect, avant la reprise".to_owned(),
                    mandat: numero.clone(),
                },
                None => {
                    let ou = ou(conn, &ligne, &mut organisations).await?;
                    Trace { le: ligne.at, quoi: mots(&ligne.action) + &ou, qui, mandat: numero.clone() }
                }
            });
        }
    }
    // What was done with the mandats: those lines are of each use, and say no more than the use itself.
    // One that was taken over is told by its own line too.
    let deja: BTreeSet<DateTime<Utc>> =
        traces.iter().filter(|t| t.quoi.starts_with("Démarche faite")).map(|t| t.le).collect();
    for u in usages(m, usager).await?.into_iter().filter(|u| !deja.contains(&u.quand)) {
        traces.push(Trace {
            le: u.quand,
            quoi: format!("Démarche faite en votre nom : {}, pour {}", u.demarche, u.service),
            qui: u.organisation,
            mandat: numeros.get(&u.mandat.0).cloned().unwrap_or_default(),
        });
    }
    traces.sort_by_key(|t| std::cmp::Reverse(t.le));
    Ok(traces)
}

/// Where it was done, for acts that no mandat tells the organisation of.
async fn ou(
    conn: &impl ConnectionTrait,
    ligne: &Line,
    noms: &mut BTreeMap<uuid::Uuid, String>,
) -> Result<String, DbErr> {
    #[derive(Deserialize)]
    struct Faits {
        structure: uuid::Uuid,
    }
    if !["usager.lire", "mandat.abandonner"].contains(&ligne.action.as_str()) {
        return Ok(String::new());
    }
    let Ok(Faits { structure }) = serde_json::from_str(&ligne.details) else { return Ok(String::new()) };
    if let Entry::Vacant(place) = noms.entry(structure) {
        place.insert(nom(conn, StructureId(structure)).await?);
    }
    Ok(noms.get(&structure).map_or_else(String::new, |nom| format!(", chez {nom}")))
}

async fn auteur(m: &Mandats, ligne: &Line, noms: &mut BTreeMap<uuid::Uuid, String>) -> Result<String, DbErr> {
    let Some(compte) = ligne.by else {
        let repond = [
            "consentement.accepter",
            "consentement.arreter",
            "consentement.refuser",
            "consentement.reprendre",
        ];
        let vous = ligne.action.starts_with("espace.")
            || repond.contains(&ligne.action.as_str())
            || ligne.details.contains("\"par\":\"personne\"");
        return Ok(if vous { "Vous" } else { "Le service, de lui-même" }.to_owned());
    };
    if let Some(nom) = noms.get(&compte) {
        return Ok(nom.clone());
    }
    let aidant = aidants::store::du_compte(m.site.db.read(), kernel::ids::CompteId(compte)).await?;
    let nom = aidant.map_or_else(
        || "L’équipe du service".to_owned(),
        |a| format!("{}, {}", a.nom_complet(), a.profession),
    );
    noms.insert(compte, nom.clone());
    Ok(nom)
}

/// What a line of the journal says, in words. An act that is not here is one of the service on itself.
fn mots(action: &str) -> String {
    ACTES.iter().find(|(cle, _)| *cle == action).map_or("Acte du service", |(_, mots)| mots).to_owned()
}

/// Whether that act has words for the person.
#[cfg(test)]
pub(crate) fn connait(action: &str) -> bool {
    ACTES.iter().any(|(cle, _)| *cle == action)
}

/// The acts that the journal notes of a mandat or of a person, and their words.
const ACTES: &[(&str, &str)] = &[
    ("consentement.abandonner", "Demande d’accord arrêtée"),
    ("consentement.accepter", "Accord à distance donné"),
    ("consentement.arreter", "STOP reçu : plus aucun message"),
    ("consentement.code_faux", "Accord au téléphone : code faux"),
    ("consentement.demander", "Accord à distance demandé"),
    ("consentement.demettre", "Accord au téléphone qu’un témoin n’a pas entendu"),
    ("consentement.entendre", "Accord dit au téléphone, en attente du témoin"),
    ("consentement.proposer", "Mandat proposé à distance"),
    ("consentement.refuser", "Accord à distance refusé"),
    ("consentement.renvoyer", "Message renvoyé"),
    ("consentement.reprendre", "Messages de nouveau voulus"),
    ("espace.code", "Code d’entrée envoyé"),
    ("espace.coordonnees", "Adresse ou numéro changé"),
    ("espace.coordonnees.code", "Code envoyé à une nouvelle adresse"),
    ("espace.emporter", "Données emportées"),
    ("espace.ouvrir", "Entrée dans votre espace"),
    ("espace.preferences", "Choix des messages"),
    ("identification.ecarter", "Identité écartée d’un mandat préparé à distance"),
    ("mandat.abandonner", "Mandat préparé, puis abandonné"),
    ("mandat.creer", "Mandat créé"),
    ("mandat.effacer", "Mandat effacé, à la fin de sa conservation"),
    ("mandat.emporter", "Fichier du mandat emporté par un aidant"),
    ("mandat.remplacer", "Démarche reprise par un mandat plus récent"),
    ("mandat.renouveler", "Mandat renouvelé"),
    ("mandat.revoquer", "Fin d’un mandat, en tout ou partie"),
    ("mandat.transferer", "Mandat confié à une autre organisation"),
    ("usager.coordonnees", "Adresse ou numéro écrit par un aidant, ou donné par FranceConnect"),
    ("usager.doublon", "Fiche semblable à une autre, signalée à l’équipe"),
    ("usager.effacer", "Données effacées"),
    ("usager.identifier", "Identité vérifiée par FranceConnect"),
    ("usager.lire", "Votre fiche lue"),
    ("usager.rapprocher", "Nouveau compte FranceConnect reconnu comme le vôtre"),
];

/// Everything of a person, to take away.
#[derive(Serialize)]
pub(super) struct Donnees {
    pub(super) emporte_le: DateTime<Utc>,
    pub(super) identite: usagers::Identite,
    pub(super) courriel: Option<String>,
    pub(super) telephone: Option<String>,
    pub(super) connu_depuis: DateTime<Utc>,
    pub(super) mandats: Vec<MandatVu>,
    pub(super) utilisations: Vec<UsageVu>,
    pub(super) journal: Vec<Trace>,
    pub(super) preferences: BTreeMap<String, &'static str>,
}

/// Gathers everything, and notes that it was taken away.
pub(super) async fn emporter(m: &Mandats, usager: &Usager) -> Result<Donnees, Failure> {
    let site = &m.site;
    let donnees = Donnees {
        emporte_le: site.clock.now(),
        identite: usager.identite.clone(),
        courriel: usager.contact.courriel.as_ref().map(|c| c.as_str().to_owned()),
        telephone: usager.contact.telephone.as_ref().map(|t| t.as_str().to_owned()),
        connu_depuis: usager.cree_le,
        mandats: lister(m, usager).await?,
        utilisations: usages(m, usager).await?,
        journal: traces(m, usager).await?,
        preferences: super::store::preferences(site.db.read(), usager.id)
            .await?
            .into_iter()
            .map(|(genre, voie)| (genre, voie.libelle()))
            .collect(),
    };
    let qui = usagers::pseudonyme(site, usager)?;
    let ligne = journal::Entry::system("espace.emporter", "usager", qui);
    site.db.write(async |tx| journal::write(site, tx, ligne.clone()).await).await?;
    Ok(donnees)
}

/// Notes how a person wants to be told.
pub(super) async fn preferer(
    m: &Mandats,
    usager: &Usager,
    choix: &[(&str, super::Voie)],
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let usager = usagers::store::tenir(tx, usager.id).await?.ok_or(Refusal::NotFound)?;
            for (genre, voie) in choix {
                super::store::preferer(tx, usager.id, genre, *voie).await?;
            }
            let qui = usagers::pseudonyme(site, &usager)?;
            journal::write(site, tx, journal::Entry::system("espace.preferences", "usager", qui)).await?;
            Ok(())
        })
        .await
}
