//! People, structures and files that do not exist, for the previews of messages (`/gestion/courriels`). They are made here and
//! nowhere else; nothing of them is ever written.

use annuaire::structures::StructureVue;
use annuaire::structures::model::CommuneChoisie;
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Email, Position, Telephone};
use platform::Site;
use uuid::Uuid;

use crate::candidats::{self, Candidat, Lieu, Rayon, Situations};
use crate::contrats::{self, Contrat, Montant, Phase, Termes};
use crate::demandes::model::{Interlocuteur, Origine};
use crate::demandes::{self, Demande, Objet};
use crate::formation::model::{
    Endroit, EtatInscription, FicheSession, Inscription, InscriptionId, Nature, Session, SessionId,
};
use crate::ids::{CandidatId, ContratId, DemandeId, PosteId, RelationId, SeanceId};
use crate::postes::Place;
use crate::selection::model::{Decision, Notes, Verdict};

/// First name of the person.
pub(crate) const PRENOM: &str = "Camille";
/// Name of the structure.
pub(crate) const NOM: &str = "Mairie d’Exemple";
/// A contact.
pub(crate) const RELATION: RelationId = RelationId(Uuid::nil());

/// A day that all previews share, and so many days after it.
pub(crate) fn jour(jours: u64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2027, 3, 1)?.checked_add_days(Days::new(jours))
}

/// Its département.
pub(crate) fn departement() -> Option<CodeDepartement> {
    CodeDepartement::parse("23")
}

fn commune() -> Option<CommuneChoisie> {
    Some(CommuneChoisie {
        code: CodeCommune::parse("23096")?,
        nom: "Guéret".to_owned(),
        departement: departement()?,
        region: CodeRegion::parse("75")?,
    })
}

/// The structure.
pub(crate) fn structure() -> Option<StructureVue> {
    let id = StructureId(Uuid::nil());
    Some(StructureVue {
        id,
        pivot: None,
        nom: NOM.to_owned(),
        genre: annuaire::structures::model::Genre::Commune,
        categorie: None,
        adresse: "1 place de la Mairie, 23000 Guéret".to_owned(),
        voie: Some("1 place de la Mairie".to_owned()),
        code_postal: Some("23000".to_owned()),
        commune: commune()?,
        reseau: None,
        active: true,
        modifiee_le: chrono::DateTime::UNIX_EPOCH,
        identites: vec![id],
    })
}

/// A contract of two years.
pub(crate) fn contrat() -> Option<Contrat> {
    let debut = jour(0)?;
    let instant = instant(debut)?;
    Some(Contrat {
        id: ContratId(Uuid::nil()),
        candidat: CandidatId(Uuid::nil()),
        poste: PosteId(Uuid::nil()),
        place: Place {
            structure: StructureId(Uuid::nil()),
            departement: departement()?,
            region: CodeRegion::parse("75")?,
        },
        termes: Termes {
            genre: contrats::Genre::Cdd,
            debut,
            fin: debut.checked_add_months(Months::new(24))?.pred_opt(),
            salaire: Montant(200_000),
            phase: Phase::Une,
        },
        suite_de: None,
        etat: contrats::Etat::Valide,
        prolongation: None,
        saisi_le: instant,
        etat_le: instant,
        version: 0,
    })
}

fn instant(jour: NaiveDate) -> Option<DateTime<Utc>> {
    Some(jour.and_hms_opt(9, 0, 0)?.and_utc())
}

/// A person who applied.
pub(crate) fn candidat(site: &Site, courriel: Email) -> Option<Candidat> {
    let now = site.clock.now();
    Some(Candidat {
        id: CandidatId(Uuid::nil()),
        numero: 1042,
        fiche: candidats::Fiche {
            prenom: PRENOM.to_owned(),
            nom: "Exemple".to_owned(),
            courriel,
            telephone: None,
            lieu: Lieu {
                commune: commune()?,
                code_postal: CodePostal::parse("23000")?,
                position: Position::new(46.17, 1.87)?,
            },
            rayon: Rayon::Km(40),
            disponible_le: jour(0)?,
            situations: Situations { demandeur_emploi: true, ..Situations::default() },
            motivation: "Aider les habitants à faire leurs démarches.".to_owned(),
        },
        etat: candidats::Etat::Active { confirmee_le: now },
        disponible: true,
        pix: None,
        compte: None,
        version: 0,
        depose_le: now,
        vu_le: now,
        relances: 1,
        relance_le: Some(now),
    })
}

/// A demande of two posts.
pub(crate) fn demande(site: &Site, courriel: Email) -> Option<Demande> {
    let lieu = commune()?;
    Some(Demande {
        id: DemandeId(Uuid::nil()),
        numero: 87,
        structure: StructureId(Uuid::nil()),
        nom: NOM.to_owned(),
        commune: (lieu.code, lieu.nom),
        departement: lieu.departement,
        region: lieu.region,
        contact: Interlocuteur {
            prenom: PRENOM.to_owned(),
            nom: "Exemple".to_owned(),
            fonction: "Direction".to_owned(),
            courriel,
            telephone: Telephone::parse("01 99 00 00 00")?,
        },
        objet: Objet::PremiersPostes {
            postes: 2,
            debut: jour(0)?,
            candidat_connu: false,
            motivation: "Deux lieux d’accueil.".to_owned(),
            missions: Vec::new(),
        },
        precisions: String::new(),
        zonages: Vec::new(),
        origine: Origine::Formulaire,
        etat: demandes::Etat::Deposee,
        avis: None,
        deposee_le: site.clock.now(),
        version: 0,
    })
}

/// A decision of the committee.
pub(crate) fn decision(site: &Site, verdict: Verdict) -> Decision {
    Decision {
        id: Uuid::nil(),
        seance: SeanceId(Uuid::nil()),
        demande: DemandeId(Uuid::nil()),
        verdict,
        notes: Notes::default(),
        enveloppes: Vec::new(),
        par: CompteId(Uuid::nil()),
        le: site.clock.now(),
        notifiee: false,
    }
}

/// A session of training.
pub(crate) fn session() -> Option<Session> {
    Some(Session {
        id: SessionId(Uuid::nil()),
        fiche: FicheSession {
            nature: Nature::Initiale,
            organisme: StructureId(Uuid::nil()),
            lot: "Lot 4".to_owned(),
            regions: Vec::new(),
            heures: 105,
            modules: Vec::new(),
            endroit: Endroit::Commune { code: CodeCommune::parse("23096")?, nom: "Guéret".to_owned() },
            debut: jour(14)?,
            fin: jour(42)?,
            places: 15,
        },
        annulee: None,
        version: 0,
    })
}

/// Somebody in that session.
pub(crate) fn inscription(site: &Site, etat: EtatInscription) -> Inscription {
    Inscription {
        id: InscriptionId(Uuid::nil()),
        session: SessionId(Uuid::nil()),
        candidat: CandidatId(Uuid::nil()),
        demandee_le: site.clock.now(),
        modules: Vec::new(),
        heures: 0,
        etat,
    }
}
