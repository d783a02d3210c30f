//! The space of a structure: what it asked, what is awaited, what it may ask now.

use annuaire::structures::{self, Ids, StructureVue};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::calendrier::jour;
use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Pivot, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other_saying,
};

use super::{BASE, adresse, saisie};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions::{self, Depot};
use crate::demandes::model::{Demande, Etendue, Genre, Origine, Quotite};
use crate::demandes::reference::MISSIONS;
use crate::demandes::store;
use crate::ids::DemandeId;
use crate::postes::{MotifRendu, Typologie};

/// A structure of the viewer, with its posts and what it asked.
struct Espace {
    structure: StructureVue,
    ouverts: usize,
    libres: usize,
    demandes: Vec<Demande>,
}

#[derive(Template)]
#[template(path = "demandes/pages/espace.html")]
struct PageEspace {
    shell: Shell,
    espaces: Vec<Espace>,
}

impl PageEspace {
    fn attendu(&self, d: &Demande) -> String {
        attendu(d)
    }

    fn libres(&self, e: &Espace) -> String {
        kernel::text::compte(u64::try_from(e.libres).unwrap_or(0), "libre", "libres")
    }

    /// What the structure may ask now.
    fn possibles(&self, e: &Espace) -> Vec<Genre> {
        let en_cours = |g: &Genre| e.demandes.iter().any(|d| d.etat.en_cours() && d.objet.genre() == *g);
        let a_un_sens = |g: &Genre| match g {
            Genre::PremiersPostes => e.ouverts == 0,
            Genre::Ajout => e.ouverts > 0,
            Genre::Coordinateur => true,
            Genre::Retrait | Genre::Transfert => e.libres > 0,
        };
        Genre::TOUS.into_iter().filter(|g| a_un_sens(g) && !en_cours(g)).collect()
    }
}

/// What comes next, in words.
pub(crate) fn attendu(d: &Demande) -> String {
    use crate::demandes::Etat as E;
    match &d.etat {
        E::AConfirmer => "La préfecture doit confirmer cette demande.".to_owned(),
        E::Deposee if d.avis.is_none() => "L’avis de la préfecture.".to_owned(),
        E::Deposee => "Le passage devant le comité de sélection.".to_owned(),
        E::EnSeance { .. } => "La décision du comité de sélection.".to_owned(),
        E::ExamenComplementaire { attendu, .. } => format!("Votre réponse : {attendu}"),
        E::Accordee { postes, le } => {
            let n = kernel::text::compte(u64::from(*postes), "poste accordé", "postes accordés");
            format!("Plus rien. {n} le {}.", le.format("%d/%m/%Y"))
        }
        E::Refusee { le, .. } => format!("Plus rien. Refusée le {}.", le.format("%d/%m/%Y")),
        E::Annulee { le, .. } => format!("Plus rien. Annulée le {}.", le.format("%d/%m/%Y")),
        E::Doublon { .. } => "Plus rien. La même demande est déjà suivie sous un autre numéro.".to_owned(),
    }
}

/// Structures of a scope that are shown at once.
const MONTREES: usize = 50;

/// The page of somebody whose scope names structures.
pub(crate) async fn espace(c: &Conseillers, shell: Shell, ids: &[StructureId]) -> PageResult {
    let conn = c.site.db.read();
    let le = jour(&c.site.clock.now());
    let mut espaces: Vec<Espace> = Vec::new();
    for id in ids.iter().take(MONTREES) {
        let Some(structure) = structures::find(conn, *id).await? else { continue };
        if espaces.iter().any(|e| e.structure.id == structure.id) {
            continue;
        }
        let (tous, libres) = actions::postes_de(conn, &structure, le).await?;
        let demandes = store::de_structures(conn, &structure.identites).await?;
        espaces.push(Espace { structure, ouverts: tous.len(), libres: libres.len(), demandes });
    }
    page(&PageEspace { shell, espaces })
}

#[derive(Template)]
#[template(path = "demandes/pages/nouvelle.html")]
struct PageNouvelle {
    shell: Shell,
    form: FormState,
    structure: StructureVue,
    genre: Genre,
    libres: usize,
}

const OUI_NON: [(&str, &str); 2] = [("oui", "Oui"), ("non", "Non, pas encore")];

fn motifs() -> Vec<(&'static str, &'static str)> {
    let dits = MotifRendu::TOUS.into_iter().filter(|m| *m != MotifRendu::VacanceTropLongue);
    std::iter::once(("", "Choisissez")).chain(dits.map(|m| (m.cle(), m.nom()))).collect()
}

/// What the address or the form names: a structure of the actor, a kind of demande.
async fn cadre(c: &Conseillers, actor: &Actor, form: &FormState) -> Result<(StructureVue, Genre), PageError> {
    let id: StructureId = match (form.get("structure").parse(), &actor.perimetre) {
        (Ok(id), _) => id,
        // One's only structure need not be named.
        (Err(_), Perimetre::Structures(ids)) if ids.len() == 1 => ids[0],
        _ => return Err(PageError::not_found()),
    };
    let structure = actions::structure_de(c.site.db.read(), actor, Verb::DeposerDemandes, id).await?;
    Ok((structure, Genre::from_cle(form.get("type")).ok_or_else(PageError::not_found)?))
}

async fn libres(c: &Conseillers, structure: &StructureVue) -> Result<usize, PageError> {
    Ok(actions::postes_de(c.site.db.read(), structure, jour(&c.site.clock.now())).await?.1.len())
}

pub(super) async fn nouvelle(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    let (structure, genre) = cadre(&c, shell.actor()?, &form).await?;
    // The last contact of the structure, to be corrected.
    if let Some(d) = store::de_structures(c.site.db.read(), &structure.identites).await?.first() {
        for (name, value) in [
            ("prenom", d.contact.prenom.clone()),
            ("nom_contact", d.contact.nom.clone()),
            ("fonction", d.contact.fonction.clone()),
            ("courriel", d.contact.courriel.to_string()),
            ("telephone", d.contact.telephone.to_string()),
        ] {
            form.set(name, value);
        }
    }
    let libres = libres(&c, &structure).await?;
    page(&PageNouvelle { shell, form, structure, genre, libres })
}

pub(super) async fn demander(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let (structure, genre) = cadre(&c, actor, &form).await?;
    let contact = saisie::contact(&mut form);
    let mut vers = None;
    if genre == Genre::Transfert {
        match Pivot::parse(form.get("vers")) {
            Ok(pivot) => match structures::de_pivot(c.site.db.read(), &pivot).await? {
                Some(s) => vers = Some(s),
                None => form.refuse(
                    "vers",
                    "Aucune structure de l’annuaire n’a ce numéro. Elle doit d’abord s’y inscrire.",
                ),
            },
            Err(sentence) => form.refuse("vers", sentence),
        }
    }
    let objet = saisie::objet(&mut form, genre, vers.as_ref(), jour(&c.site.clock.now()));
    if let (Some(contact), Some(objet), true) = (contact, objet, form.is_valid()) {
        let depot = Depot { contact, objet, origine: Origine::Espace };
        match actions::demander(&c, actor, structure.id, depot).await {
            Ok(d) => {
                return Ok(see_other_saying(
                    &adresse(d.id),
                    "La demande est déposée. La préfecture va donner son avis.",
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    let libres = libres(&c, &structure).await?;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &PageNouvelle { shell, form, structure, genre, libres })
}

pub(super) async fn annuler(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let id = DemandeId(id);
    actions::annuler(&c.site, shell.actor()?, Verb::DeposerDemandes, id, form.get("motif")).await?;
    Ok(see_other_saying(&adresse(id), "La demande est annulée."))
}
