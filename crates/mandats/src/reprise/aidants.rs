//! Professionals of a dump and where they belong.

use std::collections::HashMap;

use kernel::ids::StructureId;
use kernel::{Email, Telephone};
use platform::journal::{self, Entry};
use serde_json::json;

use super::actions::{Etape, Lot};
use super::store;
use crate::aidants::{self, Aidant, Appartenance, EtatAidant, Fonction, registre, vie};
use crate::ids::{AidantId, AppartenanceId};
use crate::{Failure, organisations};

/// What the notes of a row say: whether they make mandats.
const FAIT: &str = "mandats";
const NE_FAIT_PAS: &str = "sans mandat";

/// Takes professionals: one record an address.
pub(super) async fn prendre(lot: Lot<'_>) -> Result<(), Failure> {
    let Lot { m, tx, table, lignes, .. } = lot;
    let (site, now) = (&m.site, m.site.clock.now());
    for (id, l) in lignes {
        let adresse = l.plein("email").or_else(|| l.plein("username")).map(Email::parse);
        let Some(Ok(courriel)) = adresse else {
            table.refuse("adresse électronique absente ou fausse", id);
            continue;
        };
        let fait = l.texte("can_create_mandats") != Some("f");
        let note = Some(if fait { FAIT } else { NE_FAIT_PAS }.to_owned());
        if let Some(connu) = aidants::store::du_courriel(tx, &courriel).await? {
            table.rattachees += 1;
            table.remarque("adresse déjà connue : une fiche par personne", id);
            store::noter(tx, Etape::Aidants.table(), [(id, Some(connu.id.0), note)]).await?;
            continue;
        }
        // Who belongs nowhere looks after the service, or trains: their account is opened by hand.
        if l.entier("organisation_id").is_none() {
            table.refuse("compte sans organisation (équipe, organisme de formation) : à inviter", id);
            continue;
        }
        let nom = |colonne: &str| {
            l.plein(colonne).and_then(|t| crate::document::lisse_ligne(t).ok()).map(|(t, _)| t)
        };
        let (prenom, nom, profession) = (nom("first_name"), nom("last_name"), nom("profession"));
        let Some(nom) = nom.or_else(|| prenom.clone()) else {
            table.refuse("nom absent", id);
            continue;
        };
        let telephone = l.plein("phone").and_then(Telephone::parse);
        if telephone.is_none() && l.plein("phone").is_some() {
            table.remarque("téléphone illisible, laissé de côté", id);
        }
        let etat = match l.texte("is_active") {
            Some("f") => EtatAidant::Dormant,
            _ => EtatAidant::Certifie,
        };
        let a = Aidant {
            id: AidantId::new(&site.clock, &site.chance),
            compte: None,
            prenom: prenom.unwrap_or_default(),
            nom,
            courriel,
            telephone,
            profession: profession.unwrap_or_else(|| "Aidant".to_owned()),
            conseiller_numerique: l.vrai("conseiller_numerique"),
            etat,
            etat_le: now,
            conditions_version: None,
            cree_le: l.instant("created_at").filter(|le| *le <= now).unwrap_or(now),
            version: 0,
        };
        aidants::store::enregistrer(tx, &a).await?;
        registre::noter(site, tx, &a, None, "Repris d’Aidants Connect", None).await?;
        let ligne = Entry::system("aidant.reprendre", "aidant", a.id);
        journal::write(site, tx, ligne.with(json!({ "ancien": id, "etat": etat.cle() }))).await?;
        store::noter(tx, Etape::Aidants.table(), [(id, Some(a.id.0), note)]).await?;
        table.prises += 1;
    }
    Ok(())
}

/// Opens memberships: those of référents first, for a person has one function at a time in an organisation.
pub(super) async fn rattacher(lot: Lot<'_>, etape: Etape) -> Result<(), Failure> {
    let gens = lot.vers(Etape::Aidants, "aidant_id").await?;
    let organisations = lot.vers(Etape::Organisations, "organisation_id").await?;
    let Lot { m, tx, table, lignes, .. } = lot;
    let mut connues: HashMap<StructureId, bool> = HashMap::new();
    for (id, l) in lignes {
        let qui = l.entier("aidant_id").and_then(|a| gens.get(&a));
        let Some(aidant) = qui.and_then(|r| r.cible).map(AidantId) else {
            table.refuse("aidant absent ou refusé", id);
            continue;
        };
        let ou = l.entier("organisation_id").and_then(|o| organisations.get(&o)).and_then(|r| r.cible);
        let Some(structure) = ou.map(StructureId) else {
            table.refuse("organisation absente ou refusée", id);
            continue;
        };
        let fait = qui.is_some_and(|r| r.note.as_deref() == Some(FAIT));
        let Some(fonction) = Fonction::de(fait, etape == Etape::Referents) else {
            // A référent who makes no mandat: the table of référents told it.
            if aidants::store::appartenance(tx, aidant, structure).await?.is_some() {
                table.rattachees += 1;
                store::noter(tx, etape.table(), [(id, None, None)]).await?;
            } else {
                table.refuse("ni aidant ni référent de cette organisation", id);
            }
            continue;
        };
        if aidants::store::appartenance(tx, aidant, structure).await?.is_some() {
            table.rattachees += 1;
            store::noter(tx, etape.table(), [(id, None, None)]).await?;
            continue;
        }
        let active = match connues.get(&structure) {
            Some(active) => *active,
            None => {
                let o = organisations::store::lire(tx, structure).await?;
                let active = o.is_some_and(|o| o.active(m.jour()));
                connues.insert(structure, active);
                active
            }
        };
        let Some(a) = aidants::store::lire(tx, aidant).await? else {
            table.refuse("aidant absent ou refusé", id);
            continue;
        };
        if a.compte.is_some() && active {
            // Somebody who acts here already: their account gets the role, and they are told.
            vie::rattacher(m, tx, aidant, structure, fonction, None, None).await?;
        } else {
            let debut = kernel::calendrier::jour(&a.cree_le);
            let appartenance = Appartenance {
                id: AppartenanceId::new(&m.site.clock, &m.site.chance),
                aidant,
                structure,
                equipe: None,
                fonction,
                debut,
                fin: (!active).then(|| m.jour().max(debut)),
            };
            aidants::store::ouvrir_appartenance(tx, &appartenance).await?;
            let faits = json!({ "organisation": structure, "fonction": fonction.role().ligne().key });
            let ligne = Entry::system("aidant.rattacher", "aidant", aidant).with(faits);
            journal::write(&m.site, tx, ligne).await?;
        }
        if !active {
            table.remarque("organisation désactivée : appartenance close", id);
        }
        store::noter(tx, etape.table(), [(id, None, None)]).await?;
        table.prises += 1;
    }
    Ok(())
}
