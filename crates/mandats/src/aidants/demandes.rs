//! What a référent asks of the team: somebody of elsewhere in their organisation, a référent who makes no mandats.

use chrono::{DateTime, Utc};
use kernel::ids::{StructureId, uuid_v7};
use kernel::{Actor, Email, Refusal, Telephone, Verb};
use platform::Tx;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::agissant::agissant;
use super::model::{EtatAidant, Fonction};
use super::propositions::{self, Offre, Suite};
use super::regles::Voie;
use super::vie::Personne;
use super::{mails, registre, store};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// Somebody who is an aidant in other organisations joins this one.
    Changement,
    /// A second référent, who makes no mandats.
    Coreferent,
}

impl Genre {
    /// Every one.
    pub const TOUS: [Self; 2] = [Self::Changement, Self::Coreferent];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Changement => "changement",
            Self::Coreferent => "coreferent",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Changement => "Rattachement d’une personne déjà formée",
            Self::Coreferent => "Nouveau référent sans mandat",
        }
    }
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatDemande {
    /// Nobody decided.
    Nouvelle,
    /// Done.
    Acceptee,
    /// Not done.
    Refusee,
    /// Taken back by the référent.
    Annulee,
}

impl EtatDemande {
    /// Every one.
    pub const TOUS: [Self; 4] = [Self::Nouvelle, Self::Acceptee, Self::Refusee, Self::Annulee];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Nouvelle => "nouvelle",
            Self::Acceptee => "acceptee",
            Self::Refusee => "refusee",
            Self::Annulee => "annulee",
        }
    }
}

/// A request that waits.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Demande {
    /// Its identifier.
    pub id: Uuid,
    /// Key of what is asked.
    pub genre: String,
    /// For which organisation.
    pub structure_id: Uuid,
    /// The professional, when they are known.
    pub aidant_id: Option<Uuid>,
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// Address.
    pub courriel: String,
    /// Telephone.
    pub telephone: Option<String>,
    /// Address that the account will have, when it changes too.
    pub nouveau_courriel: Option<String>,
    /// When.
    pub cree_le: DateTime<Utc>,
}

impl Demande {
    /// What is asked, on the screen.
    pub fn genre_nom(&self) -> &'static str {
        self.genre().nom()
    }

    fn genre(&self) -> Genre {
        if self.genre == Genre::Coreferent.cle() { Genre::Coreferent } else { Genre::Changement }
    }

    /// For which organisation.
    pub fn structure(&self) -> StructureId {
        StructureId(self.structure_id)
    }
}

const DEMANDE: &str = "SELECT id, genre, structure_id, aidant_id, prenom, nom, courriel, telephone, nouveau_courriel, cree_le \
                       FROM aidant_demande WHERE etat = 'nouvelle'";

/// Requests of an organisation that wait.
///
/// # Errors
/// The database.
pub async fn de(conn: &impl ConnectionTrait, structure: StructureId) -> Result<Vec<Demande>, DbErr> {
    kit::query_as(
        conn,
        &format!("{DEMANDE} AND structure_id = $1 ORDER BY cree_le, id"),
        [structure.0.into()],
    )
    .await
}

/// Every request that waits, oldest first.
///
/// # Errors
/// The database.
pub async fn en_attente(conn: &impl ConnectionTrait) -> Result<Vec<Demande>, DbErr> {
    kit::query_as(conn, &format!("{DEMANDE} ORDER BY cree_le, id LIMIT 500"), []).await
}

async fn une(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Demande>, DbErr> {
    kit::query_one_as(conn, &format!("{DEMANDE} AND id = $1"), [id.into()]).await
}

/// What came of adding a trained professional.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ajout {
    /// Done at once: nobody is to be asked, they come back without an account.
    Fait,
    /// They are of another organisation of the same référent: they decide themselves.
    Propose,
    /// The team decides.
    Demande,
}

/// Whether that address is of somebody who makes mandats, or made some, or learnt to: they are not to be trained.
///
/// # Errors
/// The database.
pub(super) async fn deja_forme(tx: &Tx, courriel: &Email) -> Result<bool, DbErr> {
    let Some(a) = store::du_courriel(tx, courriel).await? else { return Ok(false) };
    if !matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant | EtatAidant::Parti) {
        return Ok(false);
    }
    Ok(registre::parcours(tx, a.id).await?.complet()
        || store::appartenances(tx, a.id).await?.iter().any(|o| o.fonction.fait_mandats()))
}

/// Adds somebody who is already an aidant, by their address; with another address when theirs changes.
///
/// # Errors
/// Refusals of the field `courriel`: nobody of that address, already here, makes no mandats, not an aidant yet.
pub async fn ajouter_forme(
    m: &Mandats,
    actor: &Actor,
    courriel: &Email,
    nouveau: Option<&Email>,
) -> Result<Ajout, Failure> {
    m.site
        .db
        .write(async |tx| {
            let ici = agissant(m, tx, actor, Verb::GererAidants).await?;
            let structure = ici.organisation.structure;
            let non = |phrase: &str| Failure::from(Refusal::field("courriel", phrase));
            let a = store::du_courriel(tx, courriel).await?.ok_or_else(|| {
                non("Aucun aidant formé n’a cette adresse. Vérifiez-la, ou demandez une formation pour cette personne.")
            })?;
            if !matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant | EtatAidant::Parti) {
                return Err(non("Aucun aidant formé n’a cette adresse. Vérifiez-la, ou demandez une formation pour cette personne."));
            }
            if store::appartenance(tx, a.id, structure).await?.is_some() {
                return Err(non("Cette personne fait déjà partie de votre organisation."));
            }
            let ouvertes = registre::ouvertes(tx, a.id).await?;
            if !ouvertes.is_empty() && !ouvertes.iter().any(|o| o.fonction.fait_mandats()) {
                return Err(non("Cette personne est référente sans mandat : demandez d’abord une formation pour elle."));
            }
            let miennes = registre::ouvertes(tx, ici.aidant.id).await?;
            let a_moi = ouvertes.iter().any(|o| miennes.iter().any(|x| x.structure == o.structure && x.fonction.referent()));
            if a_moi && nouveau.is_none() {
                let personne = Personne::de(&a, Fonction::Aidant);
                let offre = Offre::de(&personne, structure, EtatAidant::Eligible);
                return Ok(match propositions::inscrire(m, tx, &offre, Some(actor)).await? {
                    Suite::Inscrite(_) => Ajout::Fait,
                    Suite::Proposee => Ajout::Propose,
                });
            }
            let p = Ecrite {
                genre: Genre::Changement,
                structure,
                aidant: Some(a.id),
                prenom: &a.prenom,
                nom: &a.nom,
                courriel,
                telephone: None,
                nouveau,
            };
            inserer(m, tx, actor, &p).await?;
            Ok(Ajout::Demande)
        })
        .await
}

/// Asks for a référent who makes no mandats.
///
/// # Errors
/// A refusal when they are of the organisation already, or when it was asked already.
pub async fn demander_coreferent(
    m: &Mandats,
    actor: &Actor,
    (prenom, nom): (&str, &str),
    courriel: &Email,
    telephone: &Telephone,
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let structure = agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
            if let Some(a) = store::du_courriel(tx, courriel).await?
                && store::appartenance(tx, a.id, structure).await?.is_some()
            {
                let non = "Cette personne fait déjà partie de votre organisation : nommez-la référente sur sa fiche.";
                return Err(Refusal::field("courriel", non).into());
            }
            let p = Ecrite {
                genre: Genre::Coreferent,
                structure,
                aidant: None,
                prenom,
                nom,
                courriel,
                telephone: Some(telephone),
                nouveau: None,
            };
            inserer(m, tx, actor, &p).await
        })
        .await
}

struct Ecrite<'a> {
    genre: Genre,
    structure: StructureId,
    aidant: Option<AidantId>,
    prenom: &'a str,
    nom: &'a str,
    courriel: &'a Email,
    telephone: Option<&'a Telephone>,
    nouveau: Option<&'a Email>,
}

async fn inserer(m: &Mandats, tx: &Tx, actor: &Actor, p: &Ecrite<'_>) -> Result<(), Failure> {
    let site = &m.site;
    let id = uuid_v7(&site.clock, &site.chance);
    let values: Vec<Value> = vec![
        id.into(),
        p.genre.cle().into(),
        p.structure.0.into(),
        p.aidant.map(|a| a.0).into(),
        p.prenom.into(),
        p.nom.into(),
        p.courriel.as_str().into(),
        p.courriel.key().into(),
        p.telephone.map(|t| t.as_str().to_owned()).into(),
        p.nouveau.map(|e| e.as_str().to_owned()).into(),
        actor.compte.0.into(),
        site.clock.now().into(),
    ];
    let sql = "INSERT INTO aidant_demande (id, genre, structure_id, aidant_id, prenom, nom, courriel, courriel_cle, telephone, \
               nouveau_courriel, etat, par, cree_le) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'nouvelle', $11, $12) \
               ON CONFLICT DO NOTHING";
    if kit::execute(tx, sql, values).await?.rows_affected() == 0 {
        let non = "Cette demande est déjà faite : l’équipe des habilitations y répondra.";
        return Err(Refusal::field("courriel", non).into());
    }
    let line = Entry::by(actor, "aidant.demande.deposer", "demande", id)
        .with(serde_json::json!({ "genre": p.genre.cle(), "organisation": p.structure }));
    Ok(journal::write(site, tx, line).await?)
}

async fn clore(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    id: Uuid,
    etat: EtatDemande,
    motif: Option<&str>,
) -> Result<(), Failure> {
    let sql = "UPDATE aidant_demande SET etat = $2, decidee_par = $3, decidee_le = $4, motif = $5 WHERE id = $1 AND etat = 'nouvelle'";
    let values: Vec<Value> = vec![
        id.into(),
        etat.cle().into(),
        actor.compte.0.into(),
        m.site.clock.now().into(),
        motif.map(str::to_owned).into(),
    ];
    if kit::execute(tx, sql, values).await?.rows_affected() == 0 {
        return Err(
            Refusal::conflict("Quelqu’un a répondu à cette demande entre-temps. Rechargez la page.").into()
        );
    }
    let line = Entry::by(actor, "aidant.demande.clore", "demande", id)
        .with(serde_json::json!({ "etat": etat.cle() }));
    Ok(journal::write(&m.site, tx, line).await?)
}

/// Takes back a request of one's organisation.
///
/// # Errors
/// [`Refusal::NotFound`] for another organisation's.
pub async fn annuler(m: &Mandats, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let ici = agissant(m, tx, actor, Verb::GererAidants).await?.organisation.structure;
            une(tx, id).await?.filter(|d| d.structure() == ici).ok_or(Refusal::NotFound)?;
            clore(m, tx, actor, id, EtatDemande::Annulee, None).await
        })
        .await
}

/// Decides, for the team. Accepting ties the professional to the organisation, and changes their address when it was asked;
/// `quitte` ends the memberships that they had. Whose account is in use is asked first, and all of it waits for their answer.
///
/// # Errors
/// [`Refusal::NotFound`] outside the scope; those of the acts that follow.
pub async fn decider(
    m: &Mandats,
    actor: &Actor,
    id: Uuid,
    accepte: bool,
    quitte: bool,
    motif: &str,
) -> Result<(), Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    m.site
        .db
        .write(async |tx| {
            let d = une(tx, id).await?.ok_or(Refusal::NotFound)?;
            super::gestion::organisation_visible(tx, actor, d.structure()).await?;
            if !accepte {
                clore(m, tx, actor, id, EtatDemande::Refusee, Some(motif)).await?;
                return Ok(mails::demande_refusee(m, tx, &d, motif).await?);
            }
            let (personne, nouveau) = voulue(tx, &d).await?;
            let offre = Offre {
                quitte: quitte && d.aidant_id.is_some(),
                nouveau: nouveau.as_ref(),
                ..Offre::de(&personne, d.structure(), EtatAidant::Eligible)
            };
            let suite = propositions::inscrire(m, tx, &offre, Some(actor)).await?;
            clore(m, tx, actor, id, EtatDemande::Acceptee, None).await?;
            Ok(mails::demande_acceptee(m, tx, &d, matches!(suite, Suite::Inscrite(_))).await?)
        })
        .await
}

/// Who is asked for, to do what; the address that they take.
async fn voulue(tx: &Tx, d: &Demande) -> Result<(Personne, Option<Email>), Failure> {
    if let (Genre::Changement, Some(aidant)) = (d.genre(), d.aidant_id) {
        let a = store::lire(tx, AidantId(aidant)).await?.ok_or(Refusal::NotFound)?;
        let nouveau = d.nouveau_courriel.as_deref().and_then(|c| Email::parse(c).ok());
        if let Some(nouveau) = &nouveau
            && store::du_courriel(tx, nouveau).await?.is_some_and(|autre| autre.id != a.id)
        {
            let non =
                "Une autre personne a déjà cette adresse : refusez la demande, ou réglez d’abord le doublon.";
            return Err(Refusal::conflict(non).into());
        }
        return Ok((Personne::de(&a, Fonction::Aidant), nouveau));
    }
    let courriel = Email::parse(&d.courriel).map_err(|s| Refusal::field("courriel", s))?;
    let personne = Personne {
        prenom: d.prenom.clone(),
        nom: d.nom.clone(),
        courriel,
        telephone: d.telephone.as_deref().and_then(Telephone::parse),
        profession: "Référent".to_owned(),
        conseiller_numerique: false,
        fonction: Fonction::Referent,
        voie: Voie::Classique,
        formateur: None,
    };
    Ok((personne, None))
}
