//! What a delivery changes: compared, record by record, with the last one of its source.

use std::collections::{HashMap, HashSet};

use kernel::{Actor, Perimetre, Refusal};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::super::model::SourceId;
use super::super::store::{self, SourceConnue};
use super::Echec;
use super::preparation::{Preparee, cible, empreinte_nom};
use crate::territoires::Territoires;
use kernel::ids::LieuId;

/// What is to be written. Numbers are places in the entries of the delivery.
#[derive(Debug, Default)]
pub(super) struct Triee {
    /// Never seen.
    pub(super) nouveaux: Vec<u32>,
    /// Content changed, or closed and delivered again.
    pub(super) changes: Vec<(u32, LieuId, bool)>,
    /// As before.
    pub(super) inchanges: u64,
    /// Delivered before, not any more.
    pub(super) absents: Vec<(String, LieuId)>,
    /// Open lieux of the source before this delivery.
    pub(super) presents: u64,
}

impl Triee {
    /// Added, changed, unchanged.
    pub(super) fn nombres(&self) -> (u64, u64, u64) {
        (self.nouveaux.len() as u64, self.changes.len() as u64, self.inchanges)
    }
}

/// Compares a delivery with what its source delivered before.
pub(super) async fn trie(
    conn: &impl ConnectionTrait,
    source: Option<&SourceConnue>,
    preparee: &Preparee,
) -> Result<Triee, DbErr> {
    let connus = match source {
        Some(s) => store::aliases(conn, s.id).await?,
        None => HashMap::new(),
    };
    let mut triee = Triee::default();
    let mut vus: HashSet<&str> = HashSet::with_capacity(preparee.entrees.len());
    for (rang, entree) in (0_u32..).zip(&preparee.entrees) {
        vus.insert(&entree.id_local);
        match connus.get(entree.id_local.as_ref()) {
            None => triee.nouveaux.push(rang),
            Some(c) if !c.absent && c.empreinte == format!("{:032x}", entree.empreinte) => {
                triee.inchanges += 1
            }
            Some(c) => triee.changes.push((rang, c.lieu, c.absent)),
        }
    }
    for (id, connu) in connus {
        if connu.absent {
            continue;
        }
        triee.presents += 1;
        if !vus.contains(id.as_str()) && !preparee.refuses.contains(&id) {
            triee.absents.push((id, connu.lieu));
        }
    }
    triee.absents.sort_unstable();
    Ok(triee)
}

/// Keeps a delivery within the scope of the role, for the lieux that it finds in place too: one that stands elsewhere is
/// not closed for want of being delivered, and is not taken by an identifier.
pub(super) async fn borne(
    conn: &impl ConnectionTrait,
    triee: &mut Triee,
    territoires: &Territoires,
    perimetre: &Perimetre,
) -> Result<(), Echec> {
    let touches =
        triee.changes.iter().map(|c| c.1).chain(triee.absents.iter().map(|a| a.1)).collect::<Vec<_>>();
    let communes = store::communes_de(conn, &touches).await?;
    let ailleurs =
        |id: &LieuId| communes.get(id).is_some_and(|c| !perimetre.couvre(&cible(territoires, c.as_ref())));
    triee.absents.retain(|(_, id)| !ailleurs(id));
    if let Some(n) = Some(triee.changes.iter().filter(|c| ailleurs(&c.1)).count()).filter(|n| *n > 0) {
        let phrase = format!(
            "Cette livraison déplacerait des lieux qui sont hors du périmètre de votre rôle ({n}) : rien n’est enregistré. \
             Donnez-leur d’autres identifiants, ou demandez à qui suit leur territoire.",
        );
        return Err(Echec::refus(Refusal::forbidden(phrase).to_string()));
    }
    Ok(())
}

/// Fewest closings that need a confirmation: below, people see for themselves.
const FERMETURES_SANS_QUESTION: u64 = 10;

/// Refuses a delivery that would close more than half of what the source delivers: it is often a
/// part of the file, or the file of somebody else.
pub(super) fn fermeture_permise(triee: &Triee, force: bool, source: &str) -> Result<(), String> {
    let fermes = triee.absents.len() as u64;
    if force || fermes <= FERMETURES_SANS_QUESTION || fermes * 2 <= triee.presents {
        return Ok(());
    }
    let n = |x: u64| kernel::text::nombre(i64::try_from(x).unwrap_or(i64::MAX));
    Err(format!(
        "Cette livraison fermerait {} des {} lieux de la source « {source} » : rien n’est enregistré. Si le fichier vient \
         d’une autre source, nommez-la (--source) ; si la source a vraiment fermé ces lieux, confirmez (--force).",
        n(fermes),
        n(triee.presents)
    ))
}

/// Entries that are compared to recognise a source.
const ECHANTILLON: usize = 500;

/// The source of a file that does not come with its name: the one that delivered the same lieux
/// before; else the one that every record names; else the name of the file.
pub(super) async fn devine_source(
    conn: &impl ConnectionTrait,
    preparee: &Preparee,
    fichier: &str,
) -> Result<String, DbErr> {
    let pas = preparee.entrees.len().div_ceil(ECHANTILLON).max(1);
    let echantillon: HashMap<&str, u64> =
        preparee.entrees.iter().step_by(pas).map(|e| (e.id_local.as_ref(), e.nom)).collect();
    let places: Vec<String> = (1..=echantillon.len()).map(|i| format!("${i}")).collect();
    let sql = format!(
        "SELECT s.nom AS source, a.id_local, l.nom FROM lieu_alias a JOIN lieu l ON l.id = a.lieu_id \
         JOIN lieu_source s ON s.id = a.source_id WHERE a.id_local IN ({})",
        places.join(",")
    );
    let mut voix: HashMap<String, usize> = HashMap::new();
    for row in kit::query(conn, &sql, echantillon.keys().map(|id| Value::from(*id))).await? {
        let (source, id, nom): (String, String, String) =
            (row.try_get("", "source")?, row.try_get("", "id_local")?, row.try_get("", "nom")?);
        if echantillon.get(id.as_str()) == Some(&empreinte_nom(&nom)) {
            *voix.entry(source).or_default() += 1;
        }
    }
    let reconnue = voix.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    if let Some((source, n)) = reconnue
        && n * 2 >= echantillon.len()
    {
        return Ok(source);
    }
    Ok(preparee.source.clone().unwrap_or_else(|| nom_du_fichier(fichier)))
}

/// A name out of the name of a file: « 2026-11-22_hub-du-sud_lieux.v1.json » gives « hub-du-sud_lieux ».
fn nom_du_fichier(fichier: &str) -> String {
    let base = fichier.rsplit(['/', '\\']).next().unwrap_or(fichier);
    let racine = base.split('.').next().unwrap_or(base);
    let nom = racine.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | ' '));
    if kernel::text::fold(nom).is_empty() { "fichier".to_owned() } else { nom.to_owned() }
}

/// Whether the person may deliver for a source that exists: the nation may; others, if they did
/// before.
pub(super) async fn source_ouverte(
    conn: &impl ConnectionTrait,
    source: SourceId,
    acteur: &Actor,
) -> Result<(), Echec> {
    if acteur.perimetre == Perimetre::National {
        return Ok(());
    }
    let par: Option<Uuid> = Some(acteur.compte.0);
    let n = kit::count(
        conn,
        "SELECT COUNT(*) FROM lieu_livraison WHERE source_id = $1 AND par = $2 AND issue = 'enregistree'",
        [source.0.into(), par.into()],
    )
    .await?;
    if n > 0 {
        return Ok(());
    }
    let phrase = "Cette source est livrée par quelqu’un d’autre : donnez un autre nom à la vôtre.";
    Err(Echec::refus(Refusal::forbidden(phrase).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (fichier, nom) in [
            ("2026-11-22_hub-du-sud_lieux.v1.json", "hub-du-sud_lieux"),
            ("/tmp/hub-du-sud.v0.json", "hub-du-sud"),
            ("C:\\livraisons\\angers.csv", "angers"),
            ("2026.csv", "fichier"),
            ("", "fichier"),
        ] {
            assert_eq!(nom_du_fichier(fichier), nom, "{fichier}");
        }
    }

    #[test]
    fn most_lieux_are_not_closed_without_a_word() {
        let triee = |absents: usize, presents| Triee {
            absents: (0..absents).map(|i| (i.to_string(), LieuId(Uuid::nil()))).collect(),
            presents,
            ..Triee::default()
        };
        assert!(fermeture_permise(&triee(50, 100), false, "S").is_ok());
        assert!(fermeture_permise(&triee(51, 100), false, "S").unwrap_err().contains("51 des 100"));
        assert!(fermeture_permise(&triee(51, 100), true, "S").is_ok());
        assert!(fermeture_permise(&triee(10, 10), false, "S").is_ok());
    }
}
