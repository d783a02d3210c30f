//! Mandats of a dump, and what they allow.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use kernel::ids::StructureId;

use super::actions::{Etape, Lot};
use super::attestation::{Raison as Pourquoi, Verdict};
use super::dump::Ligne;
use super::store::{self, Repris};
use crate::document::Numero;
use crate::ids::{AutorisationId, MandatId, UsagerId};
use crate::mandats::store as ici;
use crate::mandats::{Auteur, Autorisation, Fin, Mandat, Raison};
use crate::{Failure, legal, usagers};

/// What stands for the words of a revocation that was made there.
pub(super) const AILLEURS: &str = "Révoquée dans Aidants Connect, avant la reprise";

/// The old service ends what a new mandat covers in the same request.
const MEME_ACTE: TimeDelta = TimeDelta::seconds(15);

/// Days of 24 hours of each word of duration; the oldest has none of its own.
fn duree(l: &Ligne, jours: i64) -> u16 {
    match l.plein("duree_keyword") {
        Some("SHORT") => 1,
        Some("MONTH") => 31,
        Some("SEMESTER") => 182,
        Some("LONG") => 365,
        _ => u16::try_from(jours.max(1)).unwrap_or(u16::MAX),
    }
}

/// Takes mandats; what they allow comes with its own table.
pub(super) async fn prendre(lot: Lot<'_>) -> Result<(), Failure> {
    let organisations = lot.vers(Etape::Organisations, "organisation_id").await?;
    let personnes = lot.vers(Etape::Usagers, "usager_id").await?;
    let Lot { m, tx, table, lignes, .. } = lot;
    let now = m.site.clock.now();
    let (mut mandats, mut repris, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (id, l) in lignes {
        let cible = |de: &HashMap<i64, store::Reprise>, colonne: &str| {
            l.entier(colonne).and_then(|a| de.get(&a)).and_then(|r| r.cible)
        };
        let Some(structure) = cible(&organisations, "organisation_id").map(StructureId) else {
            table.refuse("organisation absente ou refusée", id);
            continue;
        };
        let Some(usager) = cible(&personnes, "usager_id").map(UsagerId) else {
            table.refuse("usager absent ou refusé", id);
            continue;
        };
        let (Some(cree_le), Some(expire_le)) = (l.instant("creation_date"), l.instant("expiration_date"))
        else {
            table.refuse("date de début ou de fin absente ou fausse", id);
            continue;
        };
        if expire_le <= cree_le {
            table.refuse("fin avant le début", id);
            continue;
        }
        if cree_le > now {
            table.refuse("commence dans le futur", id);
            continue;
        }
        let mandat = MandatId::new(&m.site.clock, &m.site.chance);
        mandats.push((
            Mandat {
                id: mandat,
                numero: Numero::tire(&m.site.chance),
                signature: None,
                structure,
                usager,
                appartenance: None,
                cree_le,
                expire_le,
                duree: duree(l, (expire_le - cree_le).num_days()),
                a_distance: l.vrai("is_remote"),
                renouvelle: None,
                cle_unicite: format!("repris-{id}"),
                repris_le: Some(now),
            },
            Vec::new(),
        ));
        repris.push(Repris {
            mandat,
            ancien: id,
            empreinte: None,
            modele: l.plein("template_path").map(str::to_owned),
            texte: None,
            verdict: Verdict::Inverifiable(Pourquoi::SansJournal),
        });
        notes.push((id, Some(mandat.0), None));
        table.prises += 1;
    }
    ici::semer(tx, &[], &mandats).await?;
    store::inserer(tx, &repris).await?;
    Ok(store::noter(tx, Etape::Mandats.table(), notes).await?)
}

/// An autorisation in hand.
struct Tenue {
    a: Autorisation,
    neuve: bool,
    changee: bool,
}

impl Tenue {
    /// Whether it was ended there, by nobody known yet.
    fn ailleurs(&self) -> bool {
        matches!(&self.a.fin, Some(Fin::Revoquee { precision: Some(p), .. }) if p == AILLEURS)
    }
}

/// Takes what mandats allow. Of one organisation, person and démarche, one at most stays open.
pub(super) async fn autoriser(lot: Lot<'_>) -> Result<(), Failure> {
    let mandats = lot.vers(Etape::Mandats, "mandat_id").await?;
    let Lot { m, tx, table, lignes, .. } = lot;
    let texte = legal::en_vigueur(legal::Genre::Demarches, m.jour());
    let connues = texte.map(legal::catalogue).unwrap_or_default();
    let ids = mandats.values().filter_map(|r| r.cible).map(MandatId);
    let leurs: HashMap<MandatId, Mandat> =
        ici::lots::plusieurs(tx, ids).await?.into_iter().map(|x| (x.id, x)).collect();
    let gens: BTreeSet<UsagerId> = leurs.values().map(|x| x.usager).collect();
    let mut par: HashMap<(StructureId, UsagerId, String), Vec<Tenue>> = HashMap::new();
    for a in ici::lots::de_personnes(tx, gens.iter().copied()).await? {
        let cle = (a.structure, a.usager, a.demarche.clone());
        par.entry(cle).or_default().push(Tenue { a, neuve: false, changee: false });
    }
    let mut notes = Vec::new();
    for (id, l) in lignes {
        let mandat = l.entier("mandat_id").and_then(|a| mandats.get(&a)).and_then(|r| r.cible);
        let Some(mandat) = mandat.and_then(|x| leurs.get(&MandatId(x))) else {
            table.refuse("mandat absent ou refusé", id);
            continue;
        };
        let demarche = l.plein("demarche").unwrap_or_default();
        if !connues.iter().any(|d| d.cle == demarche) {
            table.refuse("démarche inconnue", id);
            continue;
        }
        let memes = par.entry((mandat.structure, mandat.usager, demarche.to_owned())).or_default();
        if memes.iter().any(|t| t.a.mandat == mandat.id) {
            table.refuse("même démarche deux fois dans le mandat", id);
            continue;
        }
        let mut a = Autorisation {
            id: AutorisationId::new(&m.site.clock, &m.site.chance),
            mandat: mandat.id,
            structure: mandat.structure,
            usager: mandat.usager,
            demarche: demarche.to_owned(),
            cree_le: mandat.cree_le,
            expire_le: mandat.expire_le,
            fin: None,
        };
        match l.instant("revocation_date") {
            Some(le) => {
                let proche = |t: &&Tenue| t.a.cree_le > a.cree_le && (t.a.cree_le - le).abs() <= MEME_ACTE;
                let suivante = memes.iter().find(proche).map(|t| t.a.mandat);
                a.fin = Some(match suivante {
                    Some(par) => Fin::Remplacee { le, par },
                    None => Fin::Revoquee {
                        le,
                        par: Auteur::Site,
                        raison: Raison::Autre,
                        precision: Some(AILLEURS.to_owned()),
                    },
                });
            }
            None => {
                if l.plein("revocation_date").is_some() {
                    table.refuse("date de révocation fausse", id);
                    continue;
                }
                if let Some(ouverte) = memes.iter_mut().find(|t| t.a.fin.is_none()) {
                    if ouverte.a.expire_le > a.cree_le && a.expire_le > ouverte.a.cree_le {
                        table.remarque(
                            "deux autorisations pour la même démarche : la plus ancienne est remplacée",
                            id,
                        );
                    }
                    if ouverte.a.cree_le <= a.cree_le {
                        ouverte.a.fin = Some(Fin::Remplacee { le: a.cree_le, par: a.mandat });
                        ouverte.changee = true;
                    } else {
                        a.fin = Some(Fin::Remplacee { le: ouverte.a.cree_le, par: ouverte.a.mandat });
                    }
                }
            }
        }
        // What was ended in the same act was replaced by it.
        for t in memes.iter_mut().filter(|t| t.ailleurs() && t.a.cree_le < a.cree_le) {
            let Some(le) = t.a.fin.as_ref().map(Fin::le) else { continue };
            if (le - a.cree_le).abs() <= MEME_ACTE {
                t.a.fin = Some(Fin::Remplacee { le, par: a.mandat });
                t.changee = true;
            }
        }
        notes.push((id, Some(a.id.0), None));
        memes.push(Tenue { a, neuve: true, changee: false });
        table.prises += 1;
    }
    // Ends before beginnings: one open autorisation at most, by constraint.
    let toutes: Vec<Tenue> = par.into_values().flatten().collect();
    for t in toutes.iter().filter(|t| t.changee && !t.neuve) {
        ici::lots::reprendre_fin(tx, &t.a).await?;
    }
    let neuves: Vec<Autorisation> = toutes.into_iter().filter(|t| t.neuve).map(|t| t.a).collect();
    ici::lots::inserer_autorisations(tx, &neuves).await?;
    store::noter(tx, Etape::Autorisations.table(), notes).await?;
    let gens = usagers::store::plusieurs(tx, gens).await?;
    let touchees: BTreeSet<(StructureId, UsagerId)> =
        neuves.iter().map(|a| (a.structure, a.usager)).collect();
    for (structure, usager) in touchees {
        if let Some(usager) = gens.get(&usager) {
            ici::rafraichir(tx, structure, usager).await?;
        }
    }
    Ok(())
}
