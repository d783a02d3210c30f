//! The journal of a dump: each row is a line of ours, and some say more: who made a mandat and under which hash, who ended
//! what, which mandat renews which, what was done with them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::StructureId;
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{DbErr, Value};
use serde_json::json;

use super::actions::{Etape, Lot, Parametres};
use super::attestation::{Faits, Verdict, juger};
use super::dump::Ligne;
use super::mandats::AILLEURS;
use super::store::{self, Reprise};
use super::usagers as gens;
use crate::aidants::{self, Appartenance, Fonction};
use crate::ids::{AidantId, AppartenanceId, AutorisationId, MandatId, UsageId, UsagerId};
use crate::mandats::store as ici;
use crate::mandats::{Autorisation, Mandat};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats, legal};

/// What a row tells there, what its line is called here, and its words for the person whom it is about.
const ACTIONS: [(&str, &str, &str); 21] = [
    ("connect_aidant", "reprise.aidant.connexion", "Connexion d’un aidant"),
    ("activity_check_aidant", "reprise.aidant.preuve", "Preuve d’un aidant"),
    ("card_association", "reprise.carte.associer", "Carte associée"),
    ("card_validation", "reprise.carte.valider", "Carte validée"),
    ("card_dissociation", "reprise.carte.dissocier", "Carte dissociée"),
    ("franceconnect_usager", "reprise.usager.identifier", "Identification par FranceConnect"),
    ("update_email_usager", "reprise.usager.courriel", "Adresse électronique mise à jour"),
    ("update_phone_usager", "reprise.usager.telephone", "Téléphone mis à jour"),
    ("create_attestation", CREER, "Mandat créé"),
    ("create_autorisation", "reprise.mandat.autoriser", "Démarche permise"),
    ("use_autorisation", UTILISER, "Démarche faite en votre nom"),
    ("cancel_autorisation", REVOQUER, "Fin d’une démarche permise"),
    ("cancel_mandat", "reprise.mandat.revoquer", "Fin d’un mandat"),
    ("import_totp_cards", "reprise.cartes.importer", "Cartes importées"),
    ("init_renew_mandat", RENOUVELER, "Renouvellement demandé"),
    ("transfer_mandat", "reprise.mandat.transferer", "Mandat confié à une autre organisation"),
    ("switch_organisation", "reprise.aidant.organisation", "Changement d’organisation"),
    ("remote_sms_consent_received", "reprise.consentement.accepter", "Accord à distance donné"),
    ("remote_sms_denial_received", "reprise.consentement.refuser", "Accord à distance refusé"),
    ("remote_sms_consent_sent", "reprise.consentement.demander", "Accord à distance demandé"),
    ("remote_sms_recap_sent", "reprise.consentement.recapituler", "Récapitulatif envoyé"),
];
const CREER: &str = "reprise.mandat.creer";
const UTILISER: &str = "reprise.mandat.utiliser";
const REVOQUER: &str = "reprise.autorisation.revoquer";
const RENOUVELER: &str = "reprise.mandat.renouveler";

/// The words of a line that tells of the old service.
pub fn acte_repris(action: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|a| a.1 == action).map(|a| a.2)
}

/// What a line that tells of the old service says, in words, and when it happened there.
pub fn ligne_reprise(action: &str, details: &str) -> Option<(&'static str, DateTime<Utc>)> {
    let mots = ACTIONS.iter().find(|a| a.1 == action)?.2;
    let faits: serde_json::Value = serde_json::from_str(details).ok()?;
    Some((mots, faits.get("le")?.as_str()?.parse().ok()?))
}

/// What the rows of a batch refer to.
struct Renvois {
    aidants: HashMap<i64, Reprise>,
    organisations: HashMap<i64, Reprise>,
    usagers: HashMap<i64, Reprise>,
    mandats: HashMap<i64, Reprise>,
    autorisations: HashMap<i64, Reprise>,
    leurs: HashMap<AutorisationId, Autorisation>,
    personnes: HashMap<UsagerId, Usager>,
}

fn cible(de: &HashMap<i64, Reprise>, l: &Ligne, colonne: &str) -> Option<uuid::Uuid> {
    l.entier(colonne).and_then(|a| de.get(&a)).and_then(|r| r.cible)
}

impl Renvois {
    async fn lire(lot: &Lot<'_>) -> Result<Self, DbErr> {
        let autorisations = lot.vers(Etape::Autorisations, "autorisation").await?;
        let ids = autorisations.values().filter_map(|r| r.cible).map(AutorisationId);
        let leurs = ici::lots::autorisations_parmi(lot.tx, ids).await?;
        let usagers = lot.vers(Etape::Usagers, "usager_id").await?;
        let gens = usagers.values().filter_map(|r| r.cible).map(UsagerId);
        let gens = gens.chain(leurs.iter().map(|a| a.usager));
        Ok(Self {
            aidants: lot.vers(Etape::Aidants, "aidant_id").await?,
            organisations: lot.vers(Etape::Organisations, "organisation_id").await?,
            mandats: lot.vers(Etape::Mandats, "mandat_id").await?,
            personnes: usagers::store::plusieurs(lot.tx, gens).await?,
            leurs: leurs.into_iter().map(|a| (a.id, a)).collect(),
            usagers,
            autorisations,
        })
    }

    fn autorisation(&self, l: &Ligne) -> Option<&Autorisation> {
        self.leurs.get(&AutorisationId(cible(&self.autorisations, l, "autorisation")?))
    }

    fn mandat(&self, l: &Ligne) -> Option<MandatId> {
        let dit = cible(&self.mandats, l, "mandat_id").map(MandatId);
        dit.or_else(|| self.autorisation(l).map(|a| a.mandat))
    }

    fn usager(&self, l: &Ligne) -> Option<&Usager> {
        let dit = cible(&self.usagers, l, "usager_id").map(UsagerId);
        self.personnes.get(&dit.or_else(|| self.autorisation(l).map(|a| a.usager))?)
    }

    fn aidant(&self, l: &Ligne) -> Option<AidantId> {
        cible(&self.aidants, l, "aidant_id").map(AidantId)
    }

    fn structure(&self, l: &Ligne) -> Option<StructureId> {
        let dit = cible(&self.organisations, l, "organisation_id").map(StructureId);
        dit.or_else(|| self.autorisation(l).map(|a| a.structure))
    }
}

/// Takes rows of the journal.
pub(super) async fn prendre(mut lot: Lot<'_>) -> Result<(), Failure> {
    let r = Renvois::lire(&lot).await?;
    let (m, tx, p) = (lot.m, lot.tx, lot.p);
    let (mut notes, mut usages, mut creees) = (Vec::new(), Vec::new(), Vec::new());
    let mut sous: HashMap<(AidantId, StructureId), Appartenance> = HashMap::new();
    for (id, l) in std::mem::take(&mut lot.lignes) {
        let table = &mut *lot.table;
        let Some((_, action, _)) = ACTIONS.iter().find(|a| Some(a.0) == l.plein("action")) else {
            table.refuse("action inconnue", id);
            continue;
        };
        let Some(le) = l.instant("creation_date") else {
            table.refuse("date absente ou fausse", id);
            continue;
        };
        if ["aidant_id", "organisation_id", "usager_id", "mandat_id"]
            .into_iter()
            .zip([&r.aidants, &r.organisations, &r.usagers, &r.mandats])
            .any(|(colonne, de)| l.plein(colonne).is_some() && cible(de, l, colonne).is_none())
        {
            table.remarque("parle d’une ligne qui n’a pas été reprise : la ligne reste, sans elle", id);
        }
        if l.plein("additional_information").is_some() && *action != CREER {
            table.remarque("texte libre laissé de côté : il peut nommer des personnes", id);
        }
        // A rehearsal is given up: its lines would only fill the memory.
        if !p.essai {
            journal::write(&m.site, tx, ligne(&m.site, &r, action, (id, le), l)?).await?;
        }
        match *action {
            CREER => creees.push((id, l)),
            UTILISER => match (r.autorisation(l), r.aidant(l)) {
                (Some(a), Some(aidant)) => {
                    let structure = r.structure(l).unwrap_or(a.structure);
                    let sous = sous_quoi(m, tx, &mut sous, (aidant, structure), le).await?;
                    usages.push(usage(&m.site, a, (aidant, structure, sous.id), le));
                }
                _ => table.remarque(
                    "utilisation dont le mandat ou l’aidant n’est pas repris : au journal seulement",
                    id,
                ),
            },
            REVOQUER => {
                if let (Some(a), Some(aidant)) = (r.autorisation(l), r.aidant(l)) {
                    let sql = "UPDATE mandat_autorisation SET fin_auteur = 'aidant', fin_auteur_id = $2 \
                               WHERE id = $1 AND fin_auteur = 'site' AND fin_precision = $3";
                    kit::execute(tx, sql, [a.id.0.into(), aidant.0.into(), AILLEURS.into()]).await?;
                }
            }
            RENOUVELER => {
                if let (Some(structure), Some(usager)) = (r.structure(l), r.usager(l)) {
                    renouveler(tx, structure, usager.id, le).await?;
                }
            }
            _ => {}
        }
        notes.push((id, None, None));
        table.prises += 1;
    }
    let into = "mandat_usage (id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, demarche, \
                client_id, client_nom, cree_le, lu_le, fini_le)";
    kit::insert_many(tx, into, usages, "").await?;
    store::noter(tx, Etape::Journal.table(), notes).await?;
    for (_, l) in &creees {
        if let (Some(mandat), Some(aidant), Some(structure), Some(le)) =
            (r.mandat(l), r.aidant(l), r.structure(l), l.instant("creation_date"))
        {
            let sous = sous_quoi(m, tx, &mut sous, (aidant, structure), le).await?;
            if sous.fonction.fait_mandats() {
                let sql = "UPDATE mandat SET appartenance_id = $2 WHERE id = $1 AND repris_le IS NOT NULL";
                kit::execute(tx, sql, [mandat.0.into(), sous.id.0.into()]).await?;
            }
        }
    }
    juger_tous(m, tx, p, &creees).await
}

/// The line of ours that tells a row.
fn ligne(
    site: &Site,
    r: &Renvois,
    action: &'static str,
    (id, le): (i64, DateTime<Utc>),
    l: &Ligne,
) -> Result<Entry, Failure> {
    let pseudonyme = r.usager(l).map(|u| usagers::pseudonyme(site, u)).transpose()?;
    let (mandat, aidant, structure) = (r.mandat(l), r.aidant(l), r.structure(l));
    let (sujet, qui) = match (mandat, &pseudonyme, aidant, structure) {
        (Some(mandat), ..) => ("mandat", mandat.to_string()),
        (_, Some(qui), ..) => ("usager", qui.clone()),
        (.., Some(aidant), _) => ("aidant", aidant.to_string()),
        (.., Some(structure)) => ("structure", structure.to_string()),
        _ => ("reprise", id.to_string()),
    };
    let demarches: Vec<&str> = demarches(l);
    let faits = json!({
        "le": le, "ancien": id, "demarches": demarches, "duree": l.entier("duree"), "organisation": structure,
        "aidant": aidant, "usager": pseudonyme,
    });
    Ok(Entry::system(action, sujet, qui).with(faits))
}

/// The keys of démarches of a row: nothing else of what stands there.
fn demarches<'a>(l: &'a Ligne) -> Vec<&'a str> {
    let connue = |d: &&'a str| legal::PUBLIES.iter().any(|t| legal::catalogue(t).iter().any(|c| c.cle == *d));
    l.plein("demarche").unwrap_or_default().split(',').map(str::trim).filter(connue).collect()
}

/// The membership under which somebody did that. Who had left the organisation gets one of that day, closed.
async fn sous_quoi(
    m: &Mandats,
    tx: &Tx,
    connues: &mut HashMap<(AidantId, StructureId), Appartenance>,
    (aidant, structure): (AidantId, StructureId),
    le: DateTime<Utc>,
) -> Result<Appartenance, DbErr> {
    if let Some(a) = connues.get(&(aidant, structure)) {
        return Ok(a.clone());
    }
    let toutes = aidants::store::appartenances(tx, aidant).await?;
    let mut siennes: Vec<Appartenance> = toutes.into_iter().filter(|a| a.structure == structure).collect();
    siennes.sort_by_key(|a| (!a.fonction.fait_mandats(), a.fin.is_some()));
    let a = match siennes.into_iter().next() {
        Some(a) => a,
        None => {
            let jour = kernel::calendrier::jour(&le);
            let a = Appartenance {
                id: AppartenanceId::new(&m.site.clock, &m.site.chance),
                aidant,
                structure,
                equipe: None,
                fonction: Fonction::Aidant,
                debut: jour,
                fin: Some(jour),
            };
            aidants::store::ouvrir_appartenance(tx, &a).await?;
            a
        }
    };
    connues.insert((aidant, structure), a.clone());
    Ok(a)
}

/// A use, at its date.
fn usage(
    site: &Site,
    a: &Autorisation,
    (aidant, structure, sous): (AidantId, StructureId, AppartenanceId),
    le: DateTime<Utc>,
) -> Vec<Value> {
    vec![
        UsageId::new(&site.clock, &site.chance).0.into(),
        a.id.0.into(),
        a.mandat.0.into(),
        structure.0.into(),
        a.usager.0.into(),
        aidant.0.into(),
        sous.0.into(),
        a.demarche.clone().into(),
        "reprise".into(),
        "FranceConnect, par Aidants Connect avant la reprise".into(),
        le.into(),
        le.into(),
        le.into(),
    ]
}

/// The first mandat within a day of the request renews the last one before it.
async fn renouveler(
    tx: &Tx,
    structure: StructureId,
    usager: UsagerId,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "UPDATE mandat SET renouvelle_id = (SELECT id FROM mandat WHERE structure_id = $1 AND usager_id = $2 \
               AND cree_le < $3 ORDER BY cree_le DESC, id DESC LIMIT 1) \
               WHERE id = (SELECT id FROM mandat WHERE structure_id = $1 AND usager_id = $2 AND repris_le IS NOT NULL \
               AND cree_le >= $3 AND cree_le <= $4 ORDER BY cree_le, id LIMIT 1) AND renouvelle_id IS NULL";
    let values: [Value; 4] =
        [structure.0.into(), usager.0.into(), le.into(), (le + TimeDelta::days(1)).into()];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Rows of a run before: their hashes are computed again, for the salt or texts may have been found since.
pub(super) async fn revoir(
    m: &Mandats,
    tx: &Tx,
    p: &Parametres,
    anciennes: &[(i64, &Ligne)],
) -> Result<(), Failure> {
    let creees: Vec<(i64, &Ligne)> =
        anciennes.iter().filter(|(_, l)| l.plein("action") == Some("create_attestation")).copied().collect();
    juger_tous(m, tx, p, &creees).await
}

/// Where the words of the journal about a mandat are sealed for.
fn place(mandat: MandatId) -> String {
    format!("mandat_repris/texte/{mandat}")
}

/// Computes the hashes of the mandats that these rows made.
async fn juger_tous(m: &Mandats, tx: &Tx, p: &Parametres, creees: &[(i64, &Ligne)]) -> Result<(), Failure> {
    if creees.is_empty() {
        return Ok(());
    }
    let ids = |colonne: &'static str| creees.iter().filter_map(move |(_, l)| l.entier(colonne));
    let mandats = store::deja(tx, Etape::Mandats.table(), ids("mandat_id")).await?;
    let personnes = store::deja(tx, Etape::Usagers.table(), ids("usager_id")).await?;
    let organisations = store::deja(tx, Etape::Organisations.table(), ids("organisation_id")).await?;
    let cibles: Vec<MandatId> = mandats.values().filter_map(|r| r.cible).map(MandatId).collect();
    let mut repris = store::repris(tx, cibles.iter().copied()).await?;
    let lus: HashMap<MandatId, Mandat> =
        ici::lots::plusieurs(tx, cibles.iter().copied()).await?.into_iter().map(|x| (x.id, x)).collect();
    let mut permises: HashMap<MandatId, Vec<String>> = HashMap::new();
    for a in ici::lots::de_mandats(tx, cibles.iter().copied()).await? {
        permises.entry(a.mandat).or_default().push(a.demarche);
    }
    for (_, l) in creees {
        let Some(id) = cible(&mandats, l, "mandat_id").map(MandatId) else { continue };
        let (Some(mandat), Some(avant), Some(cree)) =
            (lus.get(&id), repris.get(&id), l.instant("creation_date"))
        else {
            continue;
        };
        if avant.verdict == Verdict::Verifie {
            continue;
        }
        let mut siennes = permises.get(&id).cloned().unwrap_or_default();
        siennes.sort_unstable();
        // Letter for letter, unlike the line of ours: what was hashed may be a démarche of another time.
        let dites = l.plein("demarche").unwrap_or_default().split(',').map(str::trim);
        let mut dites: Vec<&str> = dites.filter(|d| !d.is_empty()).collect();
        dites.sort_unstable();
        let usager = l.entier("usager_id").and_then(|u| personnes.get(&u));
        let sub = usager.and_then(|r| gens::ancien_sub(&m.site, r));
        let inchange = dites == siennes
            && cible(&organisations, l, "organisation_id") == Some(mandat.structure.0)
            && usager.and_then(|r| r.cible) == Some(mandat.usager.0);
        let faits = Faits {
            aidant: l.entier("aidant_id"),
            organisation: l.entier("organisation_id"),
            demarches: if dites.is_empty() { siennes.iter().map(String::as_str).collect() } else { dites },
            cree,
            expire: mandat.expire_le,
            sub: sub.as_deref(),
            modele: avant.modele.as_deref(),
            inchange,
        };
        let empreinte = l.plein("attestation_hash").map(str::to_owned);
        let verdict = juger(empreinte.as_deref(), &faits, &p.cles);
        if (verdict, &empreinte) == (avant.verdict, &avant.empreinte) {
            continue;
        }
        let texte = match (&avant.texte, l.plein("additional_information")) {
            (None, Some(t)) => Some(m.site.secrets.seal(&m.site.chance, &place(id), t.as_bytes())?),
            (deja, _) => deja.clone(),
        };
        let apres = store::Repris { empreinte, verdict, texte, ..avant.clone() };
        store::ecrire(tx, &apres).await?;
        repris.insert(id, apres);
    }
    Ok(())
}
