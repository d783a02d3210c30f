//! The sheet of a demande: what is asked, what it stands against, what was said and decided.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Perimetre, Verb};
use platform::web::{FormState, PageResult, Shell, page_with};

use crate::Conseillers;
use crate::demandes::model::{Demande, Etat, Etendue, Genre, Objet, Quotite, Sens};
use crate::demandes::reference::MISSIONS;
use crate::demandes::store::{self, Avis, Piece};
use crate::demandes::{BASE, actions, attendu, rules};
use crate::historique::{self, Groupe, Sujet};
use crate::ids::DemandeId;
use crate::selection::avis::transfert_possible;
use crate::selection::besoins::{Besoins, besoins};

#[derive(Template)]
#[template(path = "selection/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    d: Demande,
    attendu: String,
    /// What is kept from the structure: opinions, files, figures.
    interne: Option<Interne>,
    changements: Vec<Groupe>,
    peut_aviser: bool,
    peut_annuler: bool,
    /// Whether the committee waits for an answer.
    repond: bool,
    /// Whether a decision was told, and has its letter.
    lettre: bool,
}

struct Interne {
    /// Whether the directory does not know who filed.
    contact_inconnu: bool,
    avis: Vec<Avis>,
    pieces: Vec<Piece>,
    besoins: Besoins,
}

impl PageFiche {
    /// What is asked, as lines of a list.
    fn lignes(&self) -> Vec<(&'static str, String)> {
        let jour = |d: &chrono::NaiveDate| d.format("%d/%m/%Y").to_string();
        let oui = |b: bool| if b { "Oui" } else { "Non" }.to_owned();
        let mut out = vec![("Demande", self.d.objet.genre().nom().to_owned())];
        out.push(("Postes", self.d.objet.postes().to_string()));
        if matches!(self.d.objet.genre(), Genre::Retrait | Genre::Transfert) {
            out.push(("Type de postes", self.d.objet.typologie().nom().to_owned()));
        }
        match &self.d.objet {
            Objet::PremiersPostes { debut, candidat_connu, missions, .. } => {
                out.push(("Début souhaité", jour(debut)));
                out.push(("Personne déjà en vue", oui(*candidat_connu)));
                let dites = MISSIONS.iter().filter(|(cle, _)| missions.iter().any(|m| m == cle));
                out.push(("Missions", dites.map(|(_, m)| *m).collect::<Vec<_>>().join(" ; ")));
            }
            Objet::Coordinateur { quotite, etendue, debut, candidat_connu, .. } => {
                let q = usize::from(*quotite == Quotite::Partiel);
                out.push(("Temps", Quotite::OPTIONS[q].1.to_owned()));
                let e = match etendue {
                    Etendue::BassinDeVie => 0,
                    Etendue::Departement => 1,
                    Etendue::Region => 2,
                };
                out.push(("Périmètre", Etendue::OPTIONS[e].1.to_owned()));
                out.push(("Début souhaité", jour(debut)));
                out.push(("Personne déjà en vue", oui(*candidat_connu)));
            }
            Objet::Retrait { motif, .. } => out.push(("Raison", motif.nom().to_owned())),
            Objet::Transfert { vers_nom, .. } => out.push(("Vers", vers_nom.clone())),
            Objet::Ajout { .. } => {}
        }
        if !self.d.zonages.is_empty() {
            out.push(("Zonages de la commune", self.d.zonages.join(" ; ")));
        }
        out.push(("Déposée le", kernel::calendrier::en_lettres(&self.d.deposee_le)));
        out.push(("Origine", self.d.origine.nom().to_owned()));
        out
    }

    fn decision(&self) -> Option<String> {
        match &self.d.etat {
            Etat::Refusee { criteres, .. } if !criteres.is_empty() => {
                Some(criteres.iter().map(|c| c.nom()).collect::<Vec<_>>().join(" ; "))
            }
            Etat::Annulee { motif, .. } => Some(motif.clone()),
            _ => None,
        }
    }

    fn transfert_possible(&self) -> bool {
        transfert_possible(&self.d)
    }
}

/// How many lines of the history are shown.
const CHANGEMENTS: usize = 100;

pub(crate) async fn montrer(
    c: &Conseillers,
    shell: Shell,
    id: DemandeId,
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let actor = shell.actor()?;
    let conn = c.site.db.read();
    let d = actions::ouvrir(conn, actor, Verb::VoirDemandes, id).await?;
    let de_structure = matches!(actor.perimetre, Perimetre::Structures(_));
    let interne = if de_structure {
        None
    } else {
        Some(Interne {
            contact_inconnu: actions::connu_de_l_annuaire(conn, &d).await?.is_some(),
            avis: store::avis_de(conn, id).await?,
            pieces: store::pieces(conn, id).await?,
            besoins: besoins(c, &d).await?,
        })
    };
    let mut changements = historique::lire(conn, (Sujet::Demande, id.0), 0, CHANGEMENTS).await?;
    if de_structure {
        changements.retain(|c| c.action != "Avis" && c.action != "Fichier joint");
    }
    let changements = historique::grouper(changements);
    let peut_aviser = actor.may(Verb::DonnerAvis).is_ok() && rules::avis_attendu(&d).is_ok();
    let peut_annuler = rules::annulable(&d).is_ok();
    let repond = matches!(d.etat, Etat::ExamenComplementaire { .. });
    let attendu = attendu(&d);
    let lettre = crate::selection::store::derniere(conn, id).await?.is_some();
    page_with(
        status,
        &PageFiche {
            shell,
            form,
            attendu,
            interne,
            changements,
            peut_aviser,
            peut_annuler,
            repond,
            lettre,
            d,
        },
    )
}

pub(super) async fn fiche(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&c, shell, DemandeId(id), FormState::default(), StatusCode::OK).await
}
