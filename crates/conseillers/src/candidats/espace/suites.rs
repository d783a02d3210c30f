//! What came of an application, for the person: who contacted them, what they signed, what they learnt.

use std::collections::BTreeMap;

use annuaire::structures;
use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use platform::Site;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::super::model::Candidat;
use super::super::store;
use crate::contrats;
use crate::dire::EnLettres;
use crate::formation::lecture as formation;
use crate::formation::model::SOCLE;
use crate::matching::relations::{self, marques};
use crate::postes;

/// Things of one kind, each as names and values that people read.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub(super) titre: &'static str,
    pub(super) lignes: Vec<BTreeMap<&'static str, String>>,
}

fn ligne<const N: usize>(paires: [(&'static str, String); N]) -> BTreeMap<&'static str, String> {
    paires.into_iter().filter(|(_, valeur)| !valeur.is_empty()).collect()
}

async fn nom(conn: &impl ConnectionTrait, id: StructureId) -> Result<String, DbErr> {
    Ok(structures::find(conn, id).await?.map(|s| format!("{}, {}", s.nom, s.commune.nom)).unwrap_or_default())
}

fn instant(le: &DateTime<Utc>) -> String {
    kernel::calendrier::en_lettres_avec_heure(le)
}

/// Everything that followed the application of that person, by kind.
pub(super) async fn toutes(site: &Site, c: &Candidat) -> Result<Vec<Section>, DbErr> {
    let conn = site.db.read();
    Ok(vec![
        Section { titre: "Contacts avec des structures", lignes: contacts(conn, c).await? },
        Section {
            titre: "Ce que des structures ont noté de moi dans leur liste",
            lignes: notes(conn, c).await?,
        },
        Section { titre: "Contrats", lignes: signes(conn, c).await? },
        Section { titre: "Postes occupés", lignes: tenus(conn, c).await? },
        Section { titre: "Formations demandées", lignes: inscriptions(conn, c).await? },
        Section { titre: "Parcours de formation", lignes: parcours(conn, c).await? },
        Section {
            titre: "Liens envoyés par courriel, encore valables", lignes: liens(site, conn, c).await?
        },
    ])
}

type Lignes = Result<Vec<BTreeMap<&'static str, String>>, DbErr>;

async fn contacts(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let mut out = Vec::new();
    for r in relations::de_candidat(conn, c.id).await? {
        out.push(ligne([
            ("structure", nom(conn, r.structure).await?),
            ("état", r.etat.nom().to_owned()),
            ("proposé le", instant(&r.proposee_le)),
            ("réponse le", r.repondue_le.map(|le| instant(&le)).unwrap_or_default()),
            ("raison", r.motif.unwrap_or_default()),
            ("créneaux proposés", r.entretien.creneaux.iter().map(instant).collect::<Vec<_>>().join(" ; ")),
            ("créneau choisi", r.entretien.choisi.map(|le| instant(&le)).unwrap_or_default()),
            ("résultat de l’entretien", r.resultat.map(|x| x.nom().to_owned()).unwrap_or_default()),
            ("note de la structure", r.note),
        ]));
    }
    Ok(out)
}

async fn notes(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let mut out = Vec::new();
    for (structure, m) in marques::de_candidat(conn, c.id).await? {
        out.push(ligne([
            ("structure", nom(conn, structure).await?),
            ("écarté de la liste le", m.ecartee_le.map(|le| instant(&le)).unwrap_or_default()),
            ("étiquette", m.etiquette),
            ("note", m.note),
        ]));
    }
    Ok(out)
}

async fn signes(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let mut out = Vec::new();
    for k in contrats::store::de_candidat(conn, c.id).await? {
        let fin = k.termes.fin.map_or("sans date de fin".to_owned(), |fin| fin.en_lettres());
        let rupture = k.etat.rupture().map(|r| format!("{}, {}", r.le.en_lettres(), r.motif.nom()));
        let refus = match &k.etat {
            contrats::Etat::Refuse { motif } => motif.clone(),
            _ => String::new(),
        };
        out.push(ligne([
            ("structure", nom(conn, k.place.structure).await?),
            ("type", k.termes.genre.nom().to_owned()),
            ("début", k.termes.debut.en_lettres()),
            ("fin", fin),
            ("salaire brut mensuel", k.termes.salaire.to_string()),
            ("phase", k.termes.phase.numero().to_string()),
            ("état", k.etat.cle().replace('_', " ")),
            ("raison du refus", refus),
            ("rupture", rupture.unwrap_or_default()),
            ("saisi le", instant(&k.saisi_le)),
        ]));
    }
    Ok(out)
}

async fn tenus(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let mut out = Vec::new();
    for (id, periode) in postes::store::de_candidat(conn, c.id).await? {
        let poste = postes::store::get(conn, id).await?;
        out.push(ligne([
            ("poste", poste.map(|p| p.reference()).unwrap_or_default()),
            ("du", periode.debut.en_lettres()),
            ("au", periode.fin.map(|fin| fin.en_lettres()).unwrap_or_default()),
        ]));
    }
    Ok(out)
}

async fn inscriptions(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let mienne = formation::de_candidat(conn, c.id, chrono::NaiveDate::MIN).await?;
    let mut out = Vec::new();
    for (i, s) in mienne.inscriptions {
        out.push(ligne([
            ("formation", s.fiche.nature.nom().to_owned()),
            ("organisme", nom(conn, s.fiche.organisme).await?),
            ("du", s.fiche.debut.en_lettres()),
            ("au", s.fiche.fin.en_lettres()),
            ("état", i.etat.nom().to_owned()),
            ("modules", i.modules.join(", ")),
            ("heures suivies", i.heures.to_string()),
            ("demandée le", instant(&i.demandee_le)),
        ]));
    }
    Ok(out)
}

async fn parcours(conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let p = formation::de_candidat(conn, c.id, chrono::NaiveDate::MIN).await?.parcours;
    let mut out = Vec::new();
    if let Some((score, le)) = p.positionnement {
        out.push(ligne([("test de positionnement", format!("{score} sur 100, le {}", le.en_lettres()))]));
    }
    for t in p.certifications {
        out.push(ligne([("titre", format!("{}, le {}", t.titre.nom(), t.le.en_lettres()))]));
    }
    for (etape, le) in p.vae {
        out.push(ligne([(
            "reconnaissance de l’expérience (VAE)",
            format!("{}, le {}", etape.nom(), le.en_lettres()),
        )]));
    }
    if p.socle.iter().any(|n| *n > 0) {
        for ((_, competence), niveau) in SOCLE.iter().zip(p.socle) {
            out.push(ligne([("compétence", (*competence).to_owned()), ("niveau", niveau.to_string())]));
        }
    }
    Ok(out)
}

async fn liens(site: &Site, conn: &impl ConnectionTrait, c: &Candidat) -> Lignes {
    let lus = store::liens_de(conn, c.id, site.clock.now()).await?;
    let adresse = super::super::adresse::en_attente(conn, c.id, site.clock.now()).await?;
    let adresse = adresse
        .map(|(a, fin)| ligne([("pour", format!("changer d’adresse : {a}")), ("jusqu’au", instant(&fin))]));
    Ok(lus
        .into_iter()
        .map(|(usage, fin)| ligne([("pour", usage.to_owned()), ("jusqu’au", instant(&fin))]))
        .chain(adresse)
        .collect())
}
