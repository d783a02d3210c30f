//! What can be done to a lieu by hand: one function a verb. Each loads and locks, asks the rules, saves, writes the
//! history and the journal, in one transaction.

mod etat;
mod liens;

use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use platform::web::PageError;
use sea_orm::DbErr;
use serde_json::json;

use super::model::Gere;
use super::saisie::{self, Valeurs};
use super::{lecture, rules};
use crate::Annuaire;
use crate::lieux::abonnements::{self, Cle, Evenement, Prise};
use crate::lieux::model::{ChampChange, Genre, LivraisonId, SourceId};
use crate::lieux::standard::{Champ, Fiche};
use crate::lieux::store::gestion::{self as store, Acte};
use crate::lieux::store::{self as lignes, Ecriture};
use crate::lieux::{Etat, Lieu, LieuId};
use crate::maillage::jobs::lieux_changes;

pub(super) use etat::confirmer_par_lien;
pub use etat::{confirmer, fermer, rouvrir};
pub use liens::{rattacher, reprendre_la_source};

/// Key of the source of lieux that people enter here: no file may be delivered under it.
pub const SOURCE_SAISIE: &str = "saisie-en-ligne";
const NOM_SOURCE: &str = "Saisie en ligne";

/// Why an action did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Somebody else changed the lieu meanwhile: here is what it is now.
    #[error("la fiche a changé entre-temps")]
    Stale(Box<Gere>),
    /// Open lieux that look like the one to be created; a person must say whether it is another.
    #[error("{} lieu(x) ressemblant(s)", .0.len())]
    Ressemblants(Vec<Lieu>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refusal(refusal) => refusal.into(),
            Failure::Stale(_) => Refusal::conflict(
                "Cette fiche a changé pendant que vous la lisiez. Rechargez la page, puis recommencez.",
            )
            .into(),
            Failure::Ressemblants(_) => {
                Refusal::conflict("Un lieu ressemblant est déjà dans l’annuaire.").into()
            }
            Failure::Db(error) => error.into(),
        }
    }
}

/// What is asked for a new lieu.
#[derive(Clone, Debug, Default)]
pub struct Nouveau {
    /// What was typed.
    pub valeurs: Valeurs,
    /// The structure that it belongs to.
    pub structure: Option<StructureId>,
    /// The person saw the lieux that look alike, and says that this is another.
    pub autre: bool,
    /// The key that a program gave, so that asking twice creates once.
    pub(in crate::lieux) cle: Option<Cle>,
}

/// Enters a lieu in the directory. Its day of update is today, unless another was typed.
///
/// # Errors
/// [`Failure::Ressemblants`] when others look alike and nobody said that this is another; the fields that do not hold
/// what they should; refusals of [`rules`].
pub async fn creer(annuaire: &Annuaire, actor: &Actor, nouveau: Nouveau) -> Result<LieuId, Failure> {
    rules::may_creer(actor)?;
    let (site, t) = (&annuaire.site, annuaire.territoires());
    let maintenant = site.clock.now();
    let id = LieuId::new(&site.clock, &site.chance);
    let mut valeurs = nouveau.valeurs;
    let vide = |v: &Valeurs, c: Champ| v.get(&c).is_none_or(|v| v.trim().is_empty());
    for (champ, defaut) in [
        (Champ::Id, id.to_string()),
        (Champ::DateMaj, kernel::calendrier::jour(&maintenant).to_string()),
        (Champ::Source, NOM_SOURCE.to_owned()),
    ] {
        if vide(&valeurs, champ) {
            valeurs.insert(champ, defaut);
        }
    }
    // What an import only points at is asked of a person: the standard requires it.
    let mut manques = Vec::new();
    for (champ, phrase) in [
        (Champ::Nom, "Écrivez le nom du lieu."),
        (Champ::Adresse, "Écrivez le numéro et la rue."),
        (Champ::Commune, "Écrivez le nom de la commune."),
    ] {
        if vide(&valeurs, champ) {
            manques.push((champ.nom().to_owned(), phrase.to_owned()));
        }
    }
    if !manques.is_empty() {
        return Err(Refusal::Fields(manques).into());
    }
    let fiche =
        saisie::lit(&Fiche::default(), &valeurs, t.as_ref(), kernel::calendrier::jour(&maintenant))?.fiche;
    site.db
        .write(async |tx| {
            if let Some(cle) = &nouveau.cle {
                match abonnements::prend_cle(tx, cle, id, maintenant).await? {
                    Prise::Neuve => {}
                    Prise::Faite(lieu) => return Ok(lieu),
                    Prise::Autre => {
                        return Err(Refusal::conflict(
                            "Cette clé « Idempotency-Key » a déjà servi pour une autre demande. Prenez-en une nouvelle.",
                        )
                        .into());
                    }
                }
            }
            let structure = structure_choisie(tx, actor, nouveau.structure).await?;
            let cible = rules::cible(&t, fiche.code_insee.as_ref(), structure, Some(id));
            rules::reste_couvert(actor, &cible, &fiche)?;
            if !nouveau.autre {
                let proches = ressemblants(tx, &fiche).await?;
                if !proches.is_empty() {
                    return Err(Failure::Ressemblants(proches));
                }
            }
            if !lignes::libres(tx, &[&*fiche.id]).await?.is_empty() {
                return Err(Refusal::field(
                    Champ::Id.nom(),
                    "Un autre lieu porte déjà cet identifiant. Choisissez-en un autre, ou laissez ce champ vide.",
                )
                .into());
            }
            let source = SourceId(store::assure_source(site, tx, SOURCE_SAISIE, NOM_SOURCE).await?);
            let livraison = LivraisonId::new(&site.clock, &site.chance);
            let ecriture = Ecriture { tx, source, livraison, par: Some(actor.compte.0), maintenant };
            let ligne = lignes::Ligne {
                id,
                identifiant: fiche.id.to_string(),
                id_local: id.to_string(),
                empreinte: fiche.empreinte(),
                fiche: fiche.clone(),
                changement: None,
            };
            ecriture.ecrit(&[ligne]).await?;
            let mut g = tenir(annuaire, tx, id).await?;
            if structure.is_some() {
                (g.structure, g.structure_choisie) = (structure, true);
                enregistrer(annuaire, tx, g, Evenement::Cree).await?;
            } else {
                lier_par_numero(tx, &fiche).await?;
                lieux_changes(site, tx, &[(id, Evenement::Cree)]).await?;
            }
            let acte = Acte { par: Some(actor), quoi: "Création", genre: Genre::Changement };
            store::noter(site, tx, id, acte, &saisie::ecarts(&Fiche::default(), &fiche)).await?;
            let details = json!({ "commune": fiche.code_insee, "structure": structure });
            journal::write(site, tx, Entry::by(actor, "lieu.creer", "lieu", id).with(details)).await?;
            Ok(id)
        })
        .await
}

/// Changes these fields, if the lieu is still the one that the person read (`version`). They win over the next
/// deliveries. The day of update becomes today, unless another was typed. `acte` says in the history what was done:
/// « Modification », « Correction proposée par un visiteur »…
///
/// # Errors
/// [`Failure::Stale`] with the present lieu when it changed since; the fields that do not hold what they should;
/// refusals of [`rules`].
pub async fn modifier(
    annuaire: &Annuaire,
    actor: &Actor,
    id: LieuId,
    version: i64,
    valeurs: Valeurs,
    acte: &'static str,
) -> Result<Vec<ChampChange>, Failure> {
    let (site, t) = (&annuaire.site, annuaire.territoires());
    let aujourdhui = kernel::calendrier::jour(&site.clock.now());
    site.db
        .write(async |tx| {
            let g = tenir(annuaire, tx, id).await?;
            rules::may(actor, Verb::ModifierLieux, &g)?;
            if g.version != version {
                return Err(Failure::Stale(Box::new(g)));
            }
            // The identifier is what files and addresses know the lieu by: it never changes.
            let valeurs: Valeurs = valeurs.into_iter().filter(|(c, _)| *c != Champ::Id).collect();
            let mut fiche = saisie::lit(&g.lieu.fiche, &valeurs, t.as_ref(), aujourdhui)?.fiche;
            if fiche == g.lieu.fiche {
                return Ok(Vec::new());
            }
            if fiche.date_maj == g.lieu.fiche.date_maj {
                fiche.date_maj = Some(aujourdhui);
            }
            if fiche.code_insee != g.lieu.fiche.code_insee {
                let cible = rules::cible(&t, fiche.code_insee.as_ref(), g.structure, Some(id));
                rules::reste_couvert(actor, &cible, &fiche)?;
            }
            let ecarts = changer(
                annuaire,
                tx,
                g,
                fiche,
                Acte { par: Some(actor), quoi: acte, genre: Genre::Changement },
            )
            .await?;
            let champs: Vec<&str> = ecarts.iter().map(|e| e.champ.as_str()).collect();
            let ligne =
                Entry::by(actor, "lieu.modifier", "lieu", id).with(json!({ "champs": champs, "acte": acte }));
            journal::write(site, tx, ligne).await?;
            Ok(ecarts)
        })
        .await
}

/// Writes a new sheet over the present one: what changed is held against the next deliveries, and in the history.
async fn changer(
    annuaire: &Annuaire,
    tx: &Tx,
    mut g: Gere,
    fiche: Fiche,
    acte: Acte<'_>,
) -> Result<Vec<ChampChange>, Failure> {
    let (site, id) = (&annuaire.site, g.id());
    let ecarts = saisie::ecarts(&g.lieu.fiche, &fiche);
    for champ in saisie::tenus(&ecarts) {
        let (avant, apres) = (g.lieu.fiche.valeur(champ), fiche.valeur(champ));
        store::saisir(site, tx, id, acte.par.map(|a| a.compte), (champ, &avant, &apres)).await?;
    }
    store::noter(site, tx, id, acte, &ecarts).await?;
    let nouveau_numero = fiche.pivot.is_some() && fiche.pivot != g.lieu.fiche.pivot;
    g.lieu.fiche = fiche.clone();
    enregistrer(annuaire, tx, g, Evenement::Modifie).await?;
    if nouveau_numero {
        lier_par_numero(tx, &fiche).await?;
    }
    Ok(ecarts)
}

async fn lier_par_numero(tx: &Tx, fiche: &Fiche) -> Result<(), DbErr> {
    match &fiche.pivot {
        Some(pivot) => store::rattache_par_numero(tx, Some(pivot.as_str())).await,
        None => Ok(()),
    }
}

/// The lieu, held until the end of the transaction.
async fn tenir(annuaire: &Annuaire, tx: &Tx, id: LieuId) -> Result<Gere, Failure> {
    super::tables::tient(tx, &[id]).await?;
    Ok(lecture::charge(tx, &annuaire.territoires(), id).await?.ok_or(Refusal::NotFound)?)
}

/// Saves, and tells every instance to read the lieux again.
async fn enregistrer(annuaire: &Annuaire, tx: &Tx, g: Gere, quoi: Evenement) -> Result<(), Failure> {
    let (site, id) = (&annuaire.site, g.id());
    // Held by `tenir`: nobody can have changed it. The version is checked all the same.
    if !store::update(tx, &g, site.clock.now()).await? {
        return Err(Failure::Stale(Box::new(g)));
    }
    Ok(lieux_changes(site, tx, &[(id, quoi)]).await?)
}

/// The structure that was chosen, if the actor reaches it; for who keeps exactly one structure, that one.
async fn structure_choisie(
    tx: &Tx,
    actor: &Actor,
    choisie: Option<StructureId>,
) -> Result<Option<StructureId>, Failure> {
    let choisie = match (&actor.perimetre, choisie) {
        (kernel::Perimetre::Structures(ids), None) if ids.len() == 1 => ids.first().copied(),
        (_, autre) => autre,
    };
    let Some(id) = choisie else { return Ok(None) };
    let refus =
        || Refusal::field("structure", "Cette structure n’existe pas, ou n’est pas dans votre territoire.");
    let vue = crate::structures::find(tx, id).await?.ok_or_else(refus)?;
    let couverte = vue.identites.iter().any(|id| {
        actor.perimetre.couvre(&kernel::actor::Cible {
            region: Some(vue.commune.region.clone()),
            departement: Some(vue.commune.departement.clone()),
            structure: Some(*id),
            ..kernel::actor::Cible::default()
        })
    });
    if couverte && vue.active { Ok(Some(vue.id)) } else { Err(refus().into()) }
}

/// Metres under which two lieux of one commune stand at one place.
const MEME_ENDROIT_M: f64 = 40.0;

/// Open lieux of the same commune with the same name, the same telephone, or a name in common at the same place.
async fn ressemblants(tx: &Tx, fiche: &Fiche) -> Result<Vec<Lieu>, DbErr> {
    let Some(commune) = &fiche.code_insee else { return Ok(Vec::new()) };
    let nom = kernel::text::fold(&fiche.nom);
    let mots: Vec<&str> = nom.split(' ').filter(|m| m.len() > 3).collect();
    let proche = |autre: &Fiche| {
        let autre_nom = kernel::text::fold(&autre.nom);
        let meme_endroit = match (fiche.position, autre.position) {
            (Some(a), Some(b)) => a.distance_m(b) < MEME_ENDROIT_M,
            _ => {
                !fiche.adresse.is_empty()
                    && kernel::text::fold(&fiche.adresse) == kernel::text::fold(&autre.adresse)
            }
        };
        autre_nom == nom
            || (fiche.telephone.is_some() && fiche.telephone == autre.telephone)
            || (meme_endroit && autre_nom.split(' ').any(|m| mots.contains(&m)))
    };
    let lieux = store::ouverts_de_commune(tx, commune.as_str()).await?;
    Ok(lieux.into_iter().map(|g| g.lieu).filter(|l| proche(&l.fiche)).take(10).collect())
}

/// Whether a lieu is open.
fn ouvert(g: &Gere) -> bool {
    g.lieu.etat == Etat::Ouvert
}
