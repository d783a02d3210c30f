//! The sheet of a request, for the staff; accept, refuse, ask for changes, put back: with what is written, seen before it
//! leaves.

use std::collections::BTreeMap;

use annuaire::structures::{self, StructureVue};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Email;
use kernel::ids::{CompteId, StructureId};
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other_saying};

use super::BASE;
use super::etapes::Lecture;
use crate::aidants::propositions::{self, Proposition};
use crate::aidants::{self, Aidant, EtatAidant};
use crate::habilitations::actions::{self, Accueil, Lettre};
use crate::habilitations::model::{Demande, Demandeur, Echange, Etat};
use crate::habilitations::reference::Verdict;
use crate::habilitations::rules::{self, Acte};
use crate::habilitations::{courriels, saisie, store};
use crate::ids::HabilitationId;
use crate::{Failure, Mandats, organisations};

/// A structure that may be the one that asks.
pub(super) struct Proche {
    s: StructureVue,
    habilitee: bool,
}

/// Somebody of a request whose address is known.
pub(super) struct Connue {
    nomme: String,
    aidant: Aidant,
    organisations: Vec<String>,
}

impl Connue {
    /// Whether the request names somebody else under this address.
    fn autre_nom(&self) -> bool {
        kernel::text::fold(&self.nomme) != kernel::text::fold(&self.aidant.nom_complet())
    }

    /// What acceptance does to them.
    fn effet(&self) -> &'static str {
        match self.aidant.etat {
            EtatAidant::Actif | EtatAidant::Dormant => {
                "Si vous acceptez la demande, une proposition lui est envoyée : elle n’agit pour cette organisation que si elle l’accepte aussi"
            }
            _ => {
                "Si vous acceptez la demande, cette organisation s’ajoute aux siennes, dans la situation où elle est"
            }
        }
    }
}

/// Who of the request is a professional of ours already: acceptance attaches them, whatever the name written.
async fn connues(m: &Mandats, d: &Demande) -> Result<Vec<Connue>, PageError> {
    let conn = m.site.db.read();
    let f = |nom: &str| d.champs.get(nom).to_owned();
    let referent = (
        format!("{} {}", f("referent_prenom"), f("referent_nom")),
        Email::parse(&f("referent_courriel")).ok(),
    );
    let mut nommes = vec![referent];
    nommes
        .extend(store::personnes(conn, d.id).await?.into_iter().map(|p| (p.nom_complet(), Some(p.courriel))));
    let mut out = Vec::new();
    for (nomme, courriel) in nommes {
        let Some(courriel) = courriel else { continue };
        let Some(aidant) = aidants::store::du_courriel(conn, &courriel).await? else { continue };
        let mut organisations = Vec::new();
        for a in aidants::registre::ouvertes(conn, aidant.id).await? {
            organisations.push(aidants::mails::nom_de(m, a.structure).await?);
        }
        out.push(Connue { nomme, aidant, organisations });
    }
    Ok(out)
}

#[derive(Template)]
#[template(path = "habilitations/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    d: Demande,
    demandeur: Demandeur,
    lecture: Lecture,
    proches: Vec<Proche>,
    /// People of the request whose address is a professional's already: who the request names, what is known.
    connues: Vec<Connue>,
    /// What was proposed to people who decide themselves.
    propositions: Vec<Proposition>,
    /// Other requests of the same number.
    autres: Vec<Demande>,
    echanges: Vec<Echange>,
    noms: BTreeMap<CompteId, String>,
    actes: Vec<(Acte, &'static str)>,
    a_moi: bool,
}

impl PageFiche {
    /// Whether somebody still has to decide.
    fn a_l_etude(&self) -> bool {
        matches!(self.d.etat, Etat::EnInstruction | Etat::ModificationsDemandees)
    }

    fn auteur(&self, e: &Echange) -> String {
        if !e.equipe {
            return format!("{} {}", self.demandeur.prenom, self.demandeur.nom);
        }
        e.compte.and_then(|c| self.noms.get(&c)).cloned().unwrap_or_else(|| "L’équipe".to_owned())
    }

    fn agent(&self) -> Option<&String> {
        self.d.agent.and_then(|a| self.noms.get(&a))
    }
}

fn bouton(acte: Acte) -> &'static str {
    match acte {
        Acte::Accepter => "Accepter",
        Acte::Refuser => "Refuser",
        Acte::Modifications => "Demander des modifications",
        Acte::Remettre => "Remettre à l’étude",
    }
}

async fn ouvrir(m: &Mandats, shell: &Shell, id: &str) -> Result<Demande, PageError> {
    let id: HabilitationId = id.parse().map_err(|_| PageError::not_found())?;
    let d = store::lire(m.site.db.read(), id).await?.ok_or_else(PageError::not_found)?;
    rules::visible(shell.actor()?, &d)?;
    Ok(d)
}

/// Structures of the directory with this number, in this place first.
async fn proches(m: &Mandats, d: &Demande) -> Result<Vec<Proche>, PageError> {
    let (conn, jour) = (m.site.db.read(), m.jour());
    let mut out = Vec::new();
    for id in store::structures_du_pivot(conn, d.pivot.as_deref().unwrap_or_default()).await? {
        if let Some(s) = structures::find(conn, id).await?.filter(|s| s.active) {
            let habilitee = organisations::store::lire(conn, s.id).await?.is_some_and(|o| o.active(jour));
            out.push(Proche { s, habilitee });
        }
    }
    out.sort_by_key(|p| (Some(&p.s.commune.nom) != d.commune.as_ref(), p.habilitee));
    Ok(out)
}

async fn montrer(m: &Mandats, shell: Shell, d: Demande, form: FormState, status: StatusCode) -> PageResult {
    let conn = m.site.db.read();
    let demandeur = store::demandeur(conn, d.demandeur).await?.ok_or_else(PageError::not_found)?;
    let echanges = store::echanges(conn, d.id).await?;
    let mut comptes: Vec<CompteId> = echanges.iter().filter_map(|e| e.compte).chain(d.agent).collect();
    comptes.sort_unstable();
    comptes.dedup();
    let mut autres = store::du_pivot(conn, d.pivot.as_deref().unwrap_or_default()).await?;
    // What lies outside the scope of the reader is not said.
    let actor = shell.actor()?.clone();
    autres.retain(|x| x.id != d.id && rules::visible(&actor, x).is_ok());
    let p = PageFiche {
        lecture: Lecture::de(m, &d).await?,
        proches: proches(m, &d).await?,
        propositions: match d.structure {
            Some(s) => propositions::de(conn, s).await?,
            None => Vec::new(),
        },
        connues: if d.etat == Etat::EnInstruction { connues(m, &d).await? } else { Vec::new() },
        noms: identity::noms(conn, &comptes).await?,
        actes: Acte::TOUS
            .into_iter()
            .filter(|a| a.depuis().contains(&d.etat))
            .map(|a| (a, bouton(a)))
            .collect(),
        a_moi: d.agent == Some(actor.compte),
        shell,
        form,
        demandeur,
        autres,
        echanges,
        d,
    };
    page_with(status, &p)
}

pub(super) async fn fiche(State(m): State<Mandats>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let d = ouvrir(&m, &shell, &id).await?;
    montrer(&m, shell, d, FormState::default(), StatusCode::OK).await
}

pub(super) async fn message(
    State(m): State<Mandats>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let d = ouvrir(&m, &shell, &id).await?;
    let Some(texte) = form.text("texte", 5_000) else {
        return montrer(&m, shell, d, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    actions::message_de_l_equipe(&m, shell.actor()?, d.id, &texte).await?;
    Ok(see_other_saying(&format!("{BASE}/{}", d.id), "Votre message est envoyé."))
}

pub(super) async fn attribuer(
    State(m): State<Mandats>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let d = ouvrir(&m, &shell, &id).await?;
    let prise = form.get("prise") != "non";
    actions::attribuer(&m, shell.actor()?, d.id, prise).await?;
    let sentence =
        if prise { "Vous étudiez cette demande." } else { "Personne n’étudie plus cette demande." };
    Ok(see_other_saying(&format!("{BASE}/{}", d.id), sentence))
}

#[derive(Template)]
#[template(path = "habilitations/pages/acte.html")]
struct PageActe {
    shell: Shell,
    form: FormState,
    d: Demande,
    acte: Acte,
    proches: Vec<Proche>,
    /// The message as it will leave, when asked for.
    apercu: Option<Lettre>,
    verdict: (Verdict, &'static str),
    personnes: usize,
    /// Who of them decides themselves, for an acceptance.
    connues: Vec<Connue>,
}

impl PageActe {
    fn titre(&self) -> &'static str {
        bouton(self.acte)
    }

    fn choix(&self) -> Vec<(String, String)> {
        let connues =
            self.proches.iter().filter(|p| !p.habilitee).map(|p| {
                (p.s.id.to_string(), format!("{}, {} (déjà dans l’annuaire)", p.s.nom, p.s.adresse))
            });
        connues.chain([("nouvelle".to_owned(), "Une nouvelle structure de l’annuaire".to_owned())]).collect()
    }
}

async fn page_acte(
    m: &Mandats,
    shell: Shell,
    (d, acte): (Demande, Acte),
    (form, apercu): (FormState, Option<Lettre>),
    status: StatusCode,
) -> PageResult {
    let lecture = Lecture::de(m, &d).await?;
    let p = PageActe {
        proches: if acte == Acte::Accepter { proches(m, &d).await? } else { Vec::new() },
        connues: if acte == Acte::Accepter { connues(m, &d).await? } else { Vec::new() },
        personnes: lecture.personnes.len(),
        verdict: lecture.verdict,
        shell,
        form,
        d,
        acte,
        apercu,
    };
    page_with(status, &p)
}

pub(super) async fn acte(
    State(m): State<Mandats>,
    shell: Shell,
    Path((id, acte)): Path<(String, String)>,
) -> PageResult {
    let acte = Acte::from_cle(&acte).ok_or_else(PageError::not_found)?;
    let d = ouvrir(&m, &shell, &id).await?;
    rules::peut(shell.actor()?, &d, acte)?;
    let (sujet, texte) = courriels::propose(acte, &d);
    let mut form = FormState::filled([("sujet", sujet), ("texte", texte)]);
    if acte == Acte::Accepter {
        let premier = proches(&m, &d)
            .await?
            .into_iter()
            .find(|p| !p.habilitee && Some(&p.s.commune.nom) == d.commune.as_ref());
        form.set("structure", premier.map_or_else(|| "nouvelle".to_owned(), |p| p.s.id.to_string()));
    }
    page_acte(&m, shell, (d, acte), (form, None), StatusCode::OK).await
}

fn accueil(form: &mut FormState) -> Option<Accueil> {
    form.parse("structure", |v| match v {
        "nouvelle" => Ok(Accueil::Nouvelle),
        id => id.parse::<StructureId>().map(Accueil::Connue).map_err(|_| "Choisissez dans la liste."),
    })
}

pub(super) async fn decider(
    State(m): State<Mandats>,
    shell: Shell,
    Path((id, acte)): Path<(String, String)>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    const REFUSE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let acte = Acte::from_cle(&acte).ok_or_else(PageError::not_found)?;
    let d = ouvrir(&m, &shell, &id).await?;
    rules::peut(shell.actor()?, &d, acte)?;
    let sujet = form.text("sujet", 200).filter(|s| !s.contains('\n'));
    let texte = form.text("texte", 8_000);
    if texte.as_ref().is_some_and(|t| t.contains("[Écrivez ici")) {
        form.refuse("texte", "Remplacez la phrase entre crochets par votre texte.");
    }
    let mut ou = Accueil::Nouvelle;
    if acte == Acte::Accepter {
        let choisi = accueil(&mut form);
        let connues = proches(&m, &d).await?;
        match choisi {
            Some(Accueil::Connue(id)) if !connues.iter().any(|p| p.s.id == id) => {
                form.refuse("structure", "Choisissez dans la liste.");
            }
            Some(choisi) => ou = choisi,
            None => {}
        }
    }
    let (Some(sujet), Some(texte), true) = (sujet, texte, form.is_valid()) else {
        return page_acte(&m, shell, (d, acte), (form, None), REFUSE).await;
    };
    let lettre = Lettre { sujet, texte };
    if form.get("action") == "apercu" {
        return page_acte(&m, shell, (d, acte), (form, Some(lettre)), StatusCode::OK).await;
    }
    let territoires = m.annuaire.territoires();
    let lu = |champs: &FormState| saisie::dossier(&mut champs.clone(), &territoires);
    match actions::decider(&m, shell.actor()?, d.id, (acte, &lettre), lu, ou).await {
        Ok(()) => Ok(see_other_saying(&format!("{BASE}/{}", d.id), "C’est fait, et le message est parti.")),
        Err(Failure::Refusal(kernel::Refusal::Conflict(sentence))) => {
            let ici = ouvrir(&m, &shell, &id).await?;
            form.refuse("texte", sentence);
            let status = StatusCode::CONFLICT;
            page_acte(&m, shell, (ici, acte), (form, None), status).await
        }
        Err(Failure::Refusal(refusal)) => {
            form.take(refusal)?;
            page_acte(&m, shell, (d, acte), (form, None), REFUSE).await
        }
        Err(other) => Err(other.into()),
    }
}
