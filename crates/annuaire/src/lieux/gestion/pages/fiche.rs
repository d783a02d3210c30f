//! One lieu as those who keep it see it: what is missing, how fresh it is, who holds what; and its history.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use kernel::{Role, Verb};
use platform::web::{PageResult, Pagination, Requete, Shell, page};

use super::{BASE, adresse, lisible, titre};
use crate::Annuaire;
use crate::lieux::Etat;
use crate::lieux::gestion::completude::{self, Critere};
use crate::lieux::gestion::fraicheur::Fraicheur;
use crate::lieux::gestion::model::{Gere, Trace, ValeurSaisie};
use crate::lieux::gestion::{lecture, rappels, rules};
use crate::lieux::standard::Champ;
use crate::structures::{Ids, StructureVue};
use kernel::calendrier::en_lettres;

/// Lines of history on one page.
const PAR_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "lieux/gestion/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    g: Gere,
    points: i64,
    manques: Vec<&'static Critere>,
    fraicheur: Fraicheur,
    maj: String,
    structure: Option<StructureVue>,
    saisies: Vec<ValeurSaisie>,
    derniers: Vec<Trace>,
    rappels: Vec<DateTime<Utc>>,
    /// How far the point is from the commune, when it cannot be right.
    ecart: Option<String>,
    peut_modifier: bool,
    peut_rattacher: bool,
    /// Why no message can be sent; nothing when one can.
    sans_rappel: Option<String>,
}

impl PageFiche {
    fn ferme(&self) -> Option<(String, String)> {
        match (self.g.lieu.etat, self.g.motif) {
            (Etat::Ferme { depuis }, Some(motif)) => {
                Some((en_lettres(&depuis), format!("{}.", motif.libelle())))
            }
            (Etat::Ferme { depuis }, None) => {
                Some((en_lettres(&depuis), "Sa source ne le livre plus.".to_owned()))
            }
            _ => None,
        }
    }

    fn ou(&self) -> String {
        let f = &self.g.lieu.fiche;
        let ville = format!("{} {}", f.code_postal.as_ref().map_or("", |c| c.as_str()), f.commune);
        [&*f.adresse, ville.trim()].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

pub(super) async fn fiche(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::VoirLieux, LieuId(id)).await?;
    if let Etat::Fusionne { dans } = g.lieu.etat {
        return Ok(platform::web::see_other(&adresse(dans)));
    }
    let conn = annuaire.site.db.read();
    let maintenant = annuaire.site.clock.now();
    let structure = match g.structure {
        Some(s) => crate::structures::find(conn, s).await?,
        None => None,
    };
    let peut_modifier = rules::may(actor, Verb::ModifierLieux, &g).is_ok();
    page(&PageFiche {
        ecart: crate::lieux::communes::ecart(&g.lieu.fiche, &*annuaire.territoires()),
        points: completude::points(&g.lieu.fiche),
        manques: completude::manques(&g.lieu.fiche),
        fraicheur: Fraicheur::de(g.lieu.fiche.date_maj, kernel::calendrier::jour(&maintenant)),
        maj: g.lieu.fiche.date_maj.map_or("inconnue".to_owned(), kernel::calendrier::jour_en_lettres),
        saisies: lecture::saisies(&annuaire, g.id()).await?,
        derniers: lecture::historique(&annuaire, g.id(), (0, 5)).await?,
        rappels: rappels::envoyes(&annuaire, g.id()).await?,
        sans_rappel: rappels::peut_demander(&annuaire, &g).await?.err().map(|r| r.to_string()),
        peut_rattacher: rules::may_rattacher(actor, &g).is_ok(),
        peut_modifier,
        structure,
        shell,
        g,
    })
}

/// Page and field where what is missing can be added.
fn ou_completer(critere: &Critere) -> String {
    match critere.champs.first() {
        Some(Champ::Horaires) => "horaires".to_owned(),
        Some(champ) => format!("modifier#{}", champ.nom()),
        None => "modifier".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "lieux/gestion/pages/historique.html")]
struct PageHistorique {
    shell: Shell,
    id: LieuId,
    nom: String,
    traces: Vec<Trace>,
    noms: BTreeMap<CompteId, String>,
    pagination: Pagination,
}

impl PageHistorique {
    /// Who did it, and in which role.
    fn qui(&self, t: &Trace) -> String {
        let role = t.role.as_deref().and_then(Role::from_key).map(|r| r.ligne().nom);
        let nom = t.par.map(|c| self.noms.get(&c).map_or("Compte supprimé", String::as_str));
        match (nom, role) {
            (Some(nom), Some(role)) => format!("{nom} ({role})"),
            (Some(nom), None) if t.livraison => format!("{nom} (livraison de fichier)"),
            (Some(nom), None) => nom.to_owned(),
            (None, _) if t.livraison => "Livraison de fichier".to_owned(),
            (None, _) => "Lien reçu par courriel".to_owned(),
        }
    }
}

pub(super) async fn historique(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let g = lecture::ouvrir(&annuaire, shell.actor()?, Verb::VoirLieux, LieuId(id)).await?;
    let id = g.id();
    let total = lecture::longueur_historique(&annuaire, id).await?;
    let asked = query.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(total, PAR_PAGE, asked, &format!("{}/historique", adresse(id)), query.values());
    let traces = lecture::historique(&annuaire, id, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let comptes: BTreeSet<CompteId> = traces.iter().filter_map(|t| t.par).collect();
    let comptes: Vec<CompteId> = comptes.into_iter().collect();
    let noms = identity::noms(annuaire.site.db.read(), &comptes).await?;
    page(&PageHistorique { shell, id, nom: g.lieu.fiche.nom.to_string(), traces, noms, pagination })
}
