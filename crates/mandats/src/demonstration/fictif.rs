//! Fictitious people, their mandats and what was done with them: pure but for the key that signs and the seal of the journal.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use kernel::Chance;
use oidc::jose::SigningKey;
use platform::Site;
use platform::journal::Entry;
use sea_orm::{DbErr, Value};
use serde_json::json;

use super::nationale::{Aidant, Lieu};
use crate::document::{
    Aidant as AidantEcrit, Commune, Consentement, Contenu, Duree, Identite as Identifie, Instant, Naissance,
    Organisation, Pays, Projet, Signe, Usager as UsagerEcrit,
};
use crate::ids::{AutorisationId, MandatId, UsageId, UsagerId};
use crate::mandats::{Auteur, Autorisation, Fin, Mandat, Raison, Signature};
use crate::usagers::{self, Contact, Genre, Identite, Usager};
use crate::{Failure, legal};

const PRENOMS: [(&str, Genre); 24] = [
    ("Aline", Genre::Feminin),
    ("Bachir", Genre::Masculin),
    ("Célestine", Genre::Feminin),
    ("Désiré", Genre::Masculin),
    ("Edmée", Genre::Feminin),
    ("Fodé", Genre::Masculin),
    ("Ginette", Genre::Feminin),
    ("Hakim", Genre::Masculin),
    ("Irénée", Genre::NonPrecise),
    ("Joséphine", Genre::Feminin),
    ("Kévin", Genre::Masculin),
    ("Lucienne", Genre::Feminin),
    ("Mamadou", Genre::Masculin),
    ("Noémie", Genre::Feminin),
    ("Octave", Genre::Masculin),
    ("Paulette", Genre::Feminin),
    ("Quentin", Genre::Masculin),
    ("Rokia", Genre::Feminin),
    ("Sylvestre", Genre::Masculin),
    ("Thérèse", Genre::Feminin),
    ("Ulysse", Genre::Masculin),
    ("Violette", Genre::Feminin),
    ("Yann", Genre::Masculin),
    ("Zoé", Genre::Feminin),
];
const NOMS: [&str; 30] = [
    "Abricot",
    "Bourrasque",
    "Cerisier",
    "Dentelle",
    "Écureuil",
    "Fontaine",
    "Grenadine",
    "Hirondelle",
    "Iris",
    "Jonquille",
    "Kiosque",
    "Lavande",
    "Muguet",
    "Noisetier",
    "Ombrelle",
    "Pivoine",
    "Quenouille",
    "Ricochet",
    "Sarment",
    "Tilleul",
    "Univers",
    "Verveine",
    "Wagonnet",
    "Xylophone",
    "Yourte",
    "Zéphyr",
    "Brindille",
    "Cascade",
    "Girouette",
    "Marguerite",
];
const PROFESSIONS: [&str; 4] =
    ["Responsable de l’accueil", "Travailleuse sociale", "Médiateur numérique", "Secrétaire de mairie"];

/// First name, name and profession of the professional of that rank.
pub(super) fn professionnel(rang: usize) -> (&'static str, String, &'static str) {
    let nom = format!("{}-Aidant-Fictif", NOMS[rang / 24 % NOMS.len()]);
    (PRENOMS[rang % PRENOMS.len()].0, nom, PROFESSIONS[rang % PROFESSIONS.len()])
}

/// What keeps a mandat of the demonstration from being written twice.
pub(super) fn cle_unicite(rang: usize) -> String {
    format!("demonstration:{rang}")
}

/// Between when and when, for how many mandats.
pub(super) struct Temps {
    pub(super) debut: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    pub(super) total: usize,
    pub(super) decalage: FixedOffset,
}

impl Temps {
    /// When the mandat of that rank was made: in order, during office hours, an hour ago at the latest.
    fn cree(&self, rang: usize, chance: &Chance) -> DateTime<Utc> {
        let hier = (self.now - TimeDelta::hours(1)).max(self.debut + TimeDelta::hours(1));
        let duree = u128::try_from((hier - self.debut).num_seconds()).unwrap_or(0);
        let part = duree * rang as u128 / self.total.max(1) as u128;
        let brut = self.debut + TimeDelta::seconds(i64::try_from(part).unwrap_or(0));
        let minuit = kernel::calendrier::minuit(kernel::calendrier::jour(&brut));
        let ouvre = minuit + TimeDelta::hours(9);
        let le = ouvre + TimeDelta::seconds(i64::try_from(chance.below(8 * 3600)).unwrap_or(0));
        le.min(hier).max(self.debut).with_nanosecond(0).unwrap_or(brut)
    }
}

/// What is written at once.
#[derive(Default)]
pub(super) struct Lot {
    pub(super) usagers: Vec<Usager>,
    pub(super) mandats: Vec<(Mandat, Vec<Autorisation>)>,
    pub(super) usages: Vec<Vec<Value>>,
    pub(super) lignes: Vec<(DateTime<Utc>, Entry)>,
}

impl Lot {
    /// These and those.
    pub(super) fn ajoute(&mut self, autre: Self) {
        self.usagers.extend(autre.usagers);
        self.mandats.extend(autre.mandats);
        self.usages.extend(autre.usages);
        self.lignes.extend(autre.lignes);
    }
}

/// The people of these ranks, each with two mandats held by one organisation.
pub(super) fn lot(
    site: &Site,
    cle: &SigningKey,
    personnes: &[(usize, Lieu)],
    temps: &Temps,
) -> Result<Lot, Failure> {
    let mut lot = Lot::default();
    for (rang, lieu) in personnes {
        let chance = Chance::seeded(0x000F_1C71 + *rang as u64);
        let usager = usager(site, *rang, lieu, &chance, temps)?;
        let pseudonyme = usagers::pseudonyme(site, &usager)?;
        for n in 0..2 {
            if !lieu.aidants.is_empty() {
                let quoi = (rang * 2 + n, n, pseudonyme.as_str());
                un_mandat((site, cle), &mut lot, &usager, lieu, quoi, (&chance, temps))?;
            }
        }
        lot.usagers.push(usager);
    }
    Ok(lot)
}

fn tire<'a, T>(chance: &Chance, parmi: &'a [T]) -> &'a T {
    &parmi[usize::try_from(chance.below(parmi.len() as u64)).unwrap_or(0)]
}

fn usager(site: &Site, rang: usize, lieu: &Lieu, chance: &Chance, temps: &Temps) -> Result<Usager, Failure> {
    let (prenom, genre) = PRENOMS[rang % PRENOMS.len()];
    let nom = format!("{}-{}-Fictif", NOMS[rang / 24 % NOMS.len()], NOMS[rang / 720 % NOMS.len()]);
    let annee = 1930 + i32::try_from(chance.below(75)).unwrap_or(0);
    let (mois, jour) = (1 + chance.below(12), 1 + chance.below(28));
    let mois = u32::try_from(mois).unwrap_or(1);
    let naissance =
        NaiveDate::from_ymd_opt(annee, mois, u32::try_from(jour).unwrap_or(1)).unwrap_or_default();
    let id = UsagerId::new(&site.clock, &site.chance);
    let le = temps.cree(rang * 2, chance);
    Ok(Usager {
        id,
        sub: usagers::empreinte(site, &format!("demonstration-nationale-{rang}")),
        identite: Identite {
            prenoms: prenom.to_owned(),
            nom,
            nom_usage: None,
            genre,
            naissance: Naissance { etat_civil: naissance.to_string(), completee: naissance },
            commune: Some(lieu.vue.commune.code.to_string()),
            pays: "99100".to_owned(),
            courriel: None,
        },
        contact: Contact::default(),
        cle_journal: usagers::sceller_cle_journal(site, id)?,
        cree_le: le,
        vu_le: le,
        version: 1,
    })
}

fn un_mandat(
    (site, cle): (&Site, &SigningKey),
    lot: &mut Lot,
    usager: &Usager,
    lieu: &Lieu,
    (rang, n, pseudonyme): (usize, usize, &str),
    (chance, temps): (&Chance, &Temps),
) -> Result<(), Failure> {
    let aidant = tire(chance, &lieu.aidants);
    let cree_le = temps.cree(rang, chance);
    let local = cree_le.with_timezone(&temps.decalage);
    let duree = match chance.below(100) {
        0..10 => Duree::Jour,
        10..35 => Duree::Mois,
        35..55 => Duree::Semestre,
        _ => Duree::An,
    };
    let jour = local.date_naive();
    let Some(texte) = legal::en_vigueur(legal::Genre::Demarches, jour) else { return Ok(()) };
    let catalogue = legal::catalogue(texte);
    // Two mandats of one person never cover the same démarche: three of ten each, at most.
    let premiere = rang / 2 * 3 + n * 5;
    let combien = 1 + usize::try_from(chance.below(3)).unwrap_or(0);
    let demarches: Vec<String> =
        (0..combien).map(|i| catalogue[(premiere + i) % catalogue.len()].cle.clone()).collect();
    let contenu = contenu(usager, lieu, aidant, (&demarches, duree), &local, site)?;
    let defaut = |_| DbErr::Custom("a fictitious mandat that is none".to_owned());
    let signe = Signe::nouveau(contenu, cle).map_err(defaut)?;
    let mandat = Mandat {
        id: MandatId::new(&site.clock, &site.chance),
        numero: signe.contenu().numero.clone(),
        signature: Some(Signature::de(&signe).map_err(defaut)?),
        structure: lieu.vue.id,
        usager: usager.id,
        appartenance: Some(crate::ids::AppartenanceId(aidant.id)),
        cree_le,
        expire_le: cree_le + TimeDelta::days(duree.jours().into()),
        duree: duree.jours(),
        a_distance: false,
        renouvelle: None,
        cle_unicite: cle_unicite(rang),
        repris_le: None,
    };
    let revoque = (chance.below(25) == 0).then(|| cree_le + TimeDelta::hours(3)).filter(|le| *le < temps.now);
    let autorisations: Vec<Autorisation> = demarches
        .iter()
        .map(|demarche| Autorisation {
            id: AutorisationId::new(&site.clock, &site.chance),
            mandat: mandat.id,
            structure: mandat.structure,
            usager: usager.id,
            demarche: demarche.clone(),
            cree_le,
            expire_le: mandat.expire_le,
            fin: revoque.map(|le| Fin::Revoquee {
                le,
                par: Auteur::Personne,
                raison: Raison::Demande,
                precision: None,
            }),
        })
        .collect();
    raconter(lot, &mandat, &autorisations, aidant, (pseudonyme, revoque));
    usages(site, lot, (&mandat, &autorisations), aidant, (pseudonyme, revoque), (chance, temps));
    lot.mandats.push((mandat, autorisations));
    Ok(())
}

fn contenu(
    usager: &Usager,
    lieu: &Lieu,
    aidant: &Aidant,
    (demarches, duree): (&[String], Duree),
    local: &DateTime<FixedOffset>,
    site: &Site,
) -> Result<Contenu, Failure> {
    let defaut = |quoi: &str| DbErr::Custom(format!("a fictitious mandat without {quoi}"));
    let pivot = lieu.vue.pivot.as_ref().ok_or_else(|| defaut("a number"))?;
    let i = &usager.identite;
    let avant = |minutes| Instant::de(&(*local - TimeDelta::minutes(minutes)));
    let projet = Projet {
        organisation: Organisation::nouvelle(lieu.vue.nom.clone(), pivot, lieu.vue.adresse.clone()),
        usager: UsagerEcrit {
            prenoms: i.prenoms.clone(),
            nom: i.nom.clone(),
            nom_usage: None,
            naissance: i.naissance.clone(),
            commune: Some(Commune {
                code: lieu.vue.commune.code.to_string(),
                nom: lieu.vue.commune.nom.clone(),
            }),
            pays: Pays { code: i.pays.clone(), nom: "France".to_owned() },
        },
        aidant: AidantEcrit {
            prenom: aidant.prenom.clone(),
            nom: aidant.nom.clone(),
            fonction: aidant.profession.clone(),
        },
        demarches: demarches.to_vec(),
        duree,
        consentement: Consentement::Presence {
            identite: Identifie::Franceconnect { le: avant(6) },
            atteste: avant(1),
        },
        renouvelle: None,
    };
    Ok(Contenu::nouveau(projet, local, &site.chance).map_err(|e| defaut(&e.to_string()))?)
}

/// Lines of the journal about the mandat itself.
fn raconter(
    lot: &mut Lot,
    mandat: &Mandat,
    autorisations: &[Autorisation],
    aidant: &Aidant,
    (pseudonyme, revoque): (&str, Option<DateTime<Utc>>),
) {
    let cles: Vec<&str> = autorisations.iter().map(|a| a.demarche.as_str()).collect();
    let identifie = json!({ "usager": pseudonyme, "aidant": aidant.aidant_id });
    let ligne = Entry::system("usager.identifier", "mandat", mandat.id).with(identifie);
    lot.lignes.push((mandat.cree_le - TimeDelta::minutes(6), ligne));
    let cree = json!({
        "usager": pseudonyme, "aidant": aidant.aidant_id, "organisation": mandat.structure.to_string(),
        "demarches": cles, "duree": mandat.duree,
        "empreinte": mandat.signature.as_ref().map(|s| s.empreinte.to_string()),
    });
    lot.lignes.push((mandat.cree_le, Entry::system("mandat.creer", "mandat", mandat.id).with(cree)));
    if let Some(le) = revoque {
        let faits =
            json!({ "usager": pseudonyme, "demarches": cles, "par": "personne", "raison": "demande" });
        lot.lignes.push((le, Entry::system("mandat.revoquer", "mandat", mandat.id).with(faits)));
    }
}

/// Uses: four for three mandats.
fn usages(
    site: &Site,
    lot: &mut Lot,
    (mandat, autorisations): (&Mandat, &[Autorisation]),
    aidant: &Aidant,
    (pseudonyme, revoque): (&str, Option<DateTime<Utc>>),
    (chance, temps): (&Chance, &Temps),
) {
    let fin = revoque.unwrap_or(mandat.expire_le).min(temps.now);
    let mut le = mandat.cree_le + TimeDelta::minutes(5);
    for _ in 0..*tire(chance, &[0, 1, 1, 2, 2, 2]) {
        le += TimeDelta::minutes(i64::try_from(chance.below(50)).unwrap_or(0));
        if le + TimeDelta::minutes(1) >= fin {
            return;
        }
        let a = tire(chance, autorisations);
        let id = UsageId::new(&site.clock, &site.chance);
        let client = "franceconnect-fictif";
        lot.usages.push(vec![
            id.0.into(),
            a.id.0.into(),
            mandat.id.0.into(),
            mandat.structure.0.into(),
            mandat.usager.0.into(),
            aidant.aidant_id.into(),
            aidant.id.into(),
            a.demarche.clone().into(),
            client.into(),
            "FranceConnect (démonstration)".into(),
            le.into(),
            (le + TimeDelta::seconds(20)).into(),
            Value::ChronoDateTimeUtc(None),
        ]);
        let faits = json!({
            "usager": pseudonyme, "aidant": aidant.aidant_id, "organisation": mandat.structure.to_string(),
            "mandat": mandat.id.to_string(), "demarche": a.demarche, "client": client,
        });
        lot.lignes.push((le, Entry::system("usage.commencer", "usage", id).with(faits)));
    }
}
