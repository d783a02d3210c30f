//! Organisations of a dump.

use annuaire::structures;
use annuaire::structures::model::{CommuneChoisie, Fiche, Genre};
use annuaire::territoires::{Recherche, Territoires};
use kernel::ids::StructureId;
use kernel::{CodeCommune, CodePostal, Pivot};
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::DbErr;

use super::actions::{Etape, Lot};
use super::copie;
use super::dump::Ligne;
use super::store;
use crate::habilitations::{self, reference};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Failure, legal};

/// Takes them, one after the other: there are a few thousand of them.
pub(super) async fn prendre(lot: Lot<'_>) -> Result<(), Failure> {
    let Lot { m, tx, table, lignes, .. } = lot;
    let territoires = m.annuaire.territoires();
    let jour = m.jour();
    let toutes = legal::en_vigueur(legal::Genre::Demarches, jour);
    for (id, l) in lignes {
        let numero = l.entier("data_pass_id").filter(|n| *n > 0);
        // The same number is the same habilitation.
        if let Some(n) = numero
            && let Some(o) = du_numero(tx, n).await?
        {
            if deja_reprise(tx, o).await? {
                table.refuse("numéro d’habilitation d’une autre organisation du fichier", id);
                continue;
            }
            table.rattachees += 1;
            table.remarque("reconnue par son numéro d’habilitation", id);
            store::noter(tx, Etape::Organisations.table(), [(id, Some(o.0), None)]).await?;
            continue;
        }
        let pivot = siret(l);
        if pivot.is_none() {
            table.remarque("sans SIRET valide", id);
        }
        let connue = match &pivot {
            Some(pivot) => structures::de_pivot(tx, pivot).await?,
            None => None,
        };
        let mut structure = None;
        if let Some(vue) = connue {
            if organisations::store::lire(tx, vue.id).await?.is_none() {
                structure = Some((vue.id, vue.commune));
            } else if deja_reprise(tx, vue.id).await? {
                table.remarque("même SIRET qu’une autre organisation du fichier : deux lieux d’accueil", id);
            } else {
                table.rattachees += 1;
                table.remarque("reconnue par son SIRET", id);
                store::noter(tx, Etape::Organisations.table(), [(id, Some(vue.id.0), None)]).await?;
                continue;
            }
        }
        let (structure, commune) = match structure {
            Some(structure) => structure,
            None => {
                let fiche = match fiche(l, pivot, &territoires) {
                    Ok(fiche) => fiche,
                    Err(pourquoi) => {
                        table.refuse(pourquoi, id);
                        continue;
                    }
                };
                let commune = fiche.commune.clone();
                (structures::inscrire(&m.site, tx, fiche, None).await?.id, commune)
            }
        };
        let mut demarches = Demarches::default();
        if let Some(texte) = toutes {
            demarches = Demarches::parmi(texte, legal::catalogue(texte).iter().map(|d| &d.cle));
            let siennes = l.texte("allowed_demarches").and_then(copie::liste);
            if let Some(siennes) = siennes {
                let lues = Demarches::parmi(texte, &siennes);
                if siennes.iter().any(|d| !lues.contient(d)) {
                    table.remarque("démarche permise inconnue, laissée de côté", id);
                }
                if !lues.est_vide() {
                    demarches = lues;
                }
            }
        }
        let numero = match numero {
            Some(n) => n,
            None => {
                table.remarque("sans numéro d’habilitation : un numéro lui a été donné", id);
                habilitations::allouer(tx, l.plein("zipcode").unwrap_or_default()).await?
            }
        };
        let habilitee_le = l.jour("created_at").filter(|d| *d <= jour).unwrap_or(jour);
        // A dump that does not say it is one of active organisations.
        let inactive = l.texte("is_active") == Some("f");
        let fin = l.jour("updated_at").filter(|d| *d <= jour).unwrap_or(jour);
        let o = Organisation {
            structure,
            numero,
            departement: commune.departement,
            region: commune.region,
            demarches,
            france_services: l.vrai("france_services_label"),
            habilitee_le,
            desactivee_le: inactive.then(|| fin.max(habilitee_le)),
            version: 0,
        };
        organisations::store::enregistrer(tx, &o).await?;
        store::noter(tx, Etape::Organisations.table(), [(id, Some(structure.0), None)]).await?;
        let faits = serde_json::json!({ "ancien": id, "numero": numero });
        let ligne = Entry::system("organisation.reprendre", "structure", structure).with(faits);
        journal::write(&m.site, tx, ligne).await?;
        table.prises += 1;
    }
    Ok(())
}

/// The organisation of that number.
async fn du_numero(tx: &platform::Tx, numero: i64) -> Result<Option<StructureId>, DbErr> {
    let sql = "SELECT structure_id FROM organisation_habilitee WHERE numero = $1";
    let rows = kit::query(tx, sql, [numero.into()]).await?;
    rows.first().map(|r| r.try_get_by_index(0).map(StructureId)).transpose()
}

/// Whether a row of the dump became that organisation already.
async fn deja_reprise(tx: &platform::Tx, id: StructureId) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM reprise_ligne WHERE origine = $1 AND cible = $2";
    Ok(kit::count(tx, sql, [Etape::Organisations.table().into(), id.0.into()]).await? > 0)
}

/// A SIRET is a number there: its leading zeros are gone, and 1 stands for none.
fn siret(l: &Ligne) -> Option<Pivot> {
    let nombre = l.entier("siret").filter(|n| *n > 1)?;
    Pivot::parse(&format!("{nombre:014}")).ok().filter(|p| p.kind() == "siret")
}

fn fiche(l: &Ligne, pivot: Option<Pivot>, territoires: &Territoires) -> Result<Fiche, &'static str> {
    let ligne =
        |colonne: &str| l.plein(colonne).and_then(|t| crate::document::lisse_ligne(t).ok()).map(|(t, _)| t);
    let nom = ligne("name").ok_or("nom absent")?;
    let genre = l.entier("type_id").and_then(|t| reference::TYPES.iter().find(|r| r.0 == t));
    Ok(Fiche {
        pivot,
        nom,
        genre: genre.map_or(Genre::Autre, |r| r.3),
        categorie: None,
        voie: ligne("address"),
        code_postal: l.plein("zipcode").and_then(CodePostal::parse),
        commune: commune(l, territoires).ok_or("commune introuvable : code INSEE, code postal et nom")?,
        site_web: None,
        reseau: None,
    })
}

fn commune(l: &Ligne, t: &Territoires) -> Option<CommuneChoisie> {
    let code = l.plein("city_insee_code").and_then(CodeCommune::parse);
    if let Some(rang) = code.and_then(|c| t.rang_actuel(&c)) {
        return t.communes().get(rang).map(CommuneChoisie::from);
    }
    let (nom, code_postal) = (l.plein("city").unwrap_or_default(), l.plein("zipcode").unwrap_or_default());
    let mut servies = t.communes_du_code_postal(code_postal);
    if let (Some(seule), None) = (servies.next(), servies.next()) {
        return Some(seule.into());
    }
    if nom.is_empty() || nom.len() > 200 {
        return None;
    }
    let trouvee = t.trouver(&Recherche { nom, code_postal, code_insee: "" });
    trouvee.certaine().map(|c| c.commune.into())
}
