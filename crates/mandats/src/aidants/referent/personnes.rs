//! People of an organisation: list, sheet, what a référent does for them.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page, see_other_saying, see_other_warning,
};

use super::{BASE, ici, nommee, sienne};
use crate::aidants::agissant::agissant;
use crate::aidants::demandes::{self, Demande};
use crate::aidants::equipes::{self, Equipe};
use crate::aidants::histoire::{self, Fait};
use crate::aidants::model::{Aidant, Appartenance, EtatAidant, Fonction};
use crate::aidants::propositions::{self, Offre, Proposition, Suite};
use crate::aidants::registre;
use crate::aidants::regles::Parcours;
use crate::aidants::secours::{self as rescousse, Secours};
use crate::aidants::store;
use crate::aidants::vie::{self, Personne};
use crate::ids::{AidantId, EquipeId};
use crate::{Failure, Mandats};

#[derive(Template)]
#[template(path = "aidants/referent/personnes.html")]
struct Liste {
    shell: Shell,
    nom: String,
    actives: Vec<(Aidant, Appartenance)>,
    en_cours: Vec<(Aidant, Appartenance)>,
    arretees: Vec<(Aidant, Appartenance)>,
    demandes: Vec<Demande>,
    propositions: Vec<Proposition>,
    equipes: Vec<Equipe>,
}

impl Liste {
    fn equipe(&self, p: &Appartenance) -> &str {
        self.equipes.iter().find(|e| Some(e.id) == p.equipe).map_or("", |e| e.nom.as_str())
    }
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let structure = ici(&m, conn, &shell).await?.organisation.structure;
    let toutes = registre::personnes(conn, structure).await?;
    let de = |f: &dyn Fn(EtatAidant) -> bool| toutes.iter().filter(|(a, _)| f(a.etat)).cloned().collect();
    let (nom, _) = nommee(&m, structure).await?;
    page(&Liste {
        nom,
        actives: de(&|e| e == EtatAidant::Actif),
        en_cours: de(&|e| e < EtatAidant::Actif),
        arretees: de(&|e| e == EtatAidant::Dormant),
        demandes: demandes::de(conn, structure).await?,
        propositions: propositions::de(conn, structure).await?,
        equipes: equipes::de(conn, structure).await?,
        shell,
    })
}

#[derive(Template)]
#[template(path = "aidants/referent/personne.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    a: Aidant,
    ici: Appartenance,
    moi: bool,
    /// Where I am référent too, and where they are not yet.
    ailleurs: Vec<(String, String)>,
    parcours: Parcours,
    /// Where the test Pix is passed.
    pix: Option<String>,
    histoire: Vec<Fait>,
    equipes: Vec<Equipe>,
    secours: Option<Secours>,
    /// I asked for the recovery: another person must agree.
    demandeur: bool,
}

impl Fiche {
    fn fonctions(&self) -> Vec<(&'static str, &'static str)> {
        [Fonction::Aidant, Fonction::AidantReferent, Fonction::Referent]
            .map(|f| (f.role().ligne().key, f.nom()))
            .to_vec()
    }

    fn choix_equipes(&self) -> Vec<(String, String)> {
        let mut out = vec![(String::new(), "Aucune : voit tous les mandats".to_owned())];
        out.extend(self.equipes.iter().map(|e| (e.id.to_string(), e.nom.clone())));
        out
    }
}

pub(super) async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (moi, a, appartenance) = sienne(&m, &shell, AidantId(id)).await?;
    let conn = m.site.db.read();
    let compte = shell.actor()?.compte;
    let siennes = registre::ouvertes(conn, a.id).await?;
    let mut ailleurs = Vec::new();
    for o in registre::ouvertes(conn, moi.aidant.id).await? {
        if o.fonction.referent() && !siennes.iter().any(|s| s.structure == o.structure) {
            ailleurs.push((o.structure.to_string(), nommee(&m, o.structure).await?.0));
        }
    }
    let secours = rescousse::de(conn, a.id, m.site.clock.now()).await?;
    let form = FormState::filled([
        ("fonction", appartenance.fonction.role().ligne().key.to_owned()),
        ("equipe", appartenance.equipe.map(|e| e.to_string()).unwrap_or_default()),
    ]);
    page(&Fiche {
        form,
        moi: a.id == moi.aidant.id,
        ailleurs,
        parcours: registre::parcours(conn, a.id).await?,
        pix: m.site.config.pix.adresse.clone(),
        histoire: histoire::de(&m, conn, &a, Some(appartenance.structure)).await?,
        equipes: equipes::de(conn, appartenance.structure).await?,
        demandeur: secours.as_ref().is_some_and(|s| s.demande_par == compte.0),
        secours,
        ici: appartenance,
        a,
        shell,
    })
}

/// Back to the sheet with a sentence; a rule that said no is said there too, what does not exist is not.
fn dit(id: AidantId, fait: Result<(), Failure>, phrase: &str) -> PageResult {
    let fiche = format!("{BASE}/personnes/{id}");
    match fait {
        Ok(()) => Ok(see_other_saying(&fiche, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(&fiche, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}

/// What a référent does to somebody of their organisation.
enum Geste {
    Fonction(Option<Fonction>, Option<EquipeId>),
    Desactiver(String),
    Reactiver,
    Retirer(String),
}

/// Does it, in one transaction that checks who acts.
async fn agir(m: &Mandats, actor: &Actor, id: AidantId, geste: &Geste) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let moi = agissant(m, tx, actor, Verb::GererAidants).await?;
            let sienne = store::appartenance(tx, id, moi.organisation.structure).await?.ok_or(Refusal::NotFound)?;
            let (ici, par) = (sienne.structure, Some(actor));
            match geste {
                Geste::Fonction(choisie, equipe) => {
                    let fonction = choisie.unwrap_or(sienne.fonction);
                    // Making mandats is learnt: a référent who never was trained asks for a training first.
                    let appris = registre::parcours(tx, id).await?.complet();
                    if fonction.fait_mandats() && !sienne.fonction.fait_mandats() && !appris {
                        let non = "Pour faire des mandats, cette personne doit d’abord être formée. Demandez-le à l’équipe des habilitations.";
                        return Err(Refusal::conflict(non).into());
                    }
                    vie::rattacher(m, tx, id, ici, fonction, *equipe, par).await
                }
                Geste::Desactiver(motif) => vie::desactiver(m, tx, id, ici, motif, par).await.map(drop),
                Geste::Reactiver => vie::changer(m, tx, id, EtatAidant::Actif, "", par).await.map(drop),
                Geste::Retirer(motif) => vie::quitter(m, tx, id, ici, motif, par).await.map(drop),
            }
        })
        .await
}

pub(super) async fn fonction(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let fonctions = [Fonction::Aidant, Fonction::AidantReferent, Fonction::Referent];
    let choisie = fonctions.into_iter().find(|f| f.role().ligne().key == form.get("fonction"));
    let equipe = match form.get("equipe") {
        "" => None,
        cle => Some(EquipeId(cle.parse().map_err(|_| PageError::not_found())?)),
    };
    let fait = agir(&m, shell.actor()?, AidantId(id), &Geste::Fonction(choisie, equipe)).await;
    dit(AidantId(id), fait, "La fonction est enregistrée.")
}

fn motif(form: &FormState) -> String {
    let dit: String = form.get("motif").chars().filter(|c| !c.is_control()).take(200).collect();
    if dit.is_empty() { "Sans motif".to_owned() } else { dit }
}

pub(super) async fn desactiver(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let fait = agir(&m, shell.actor()?, AidantId(id), &Geste::Desactiver(motif(&form))).await;
    apres_retrait(AidantId(id), fait, "Cette personne ne peut plus agir au nom de votre organisation.")
}

pub(super) async fn reactiver(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let fait = agir(&m, shell.actor()?, AidantId(id), &Geste::Reactiver).await;
    dit(AidantId(id), fait, "Cette personne peut de nouveau agir.")
}

pub(super) async fn retirer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let fait = agir(&m, shell.actor()?, AidantId(id), &Geste::Retirer(motif(&form))).await;
    apres_retrait(AidantId(id), fait, "Cette personne ne fait plus partie de votre organisation.")
}

/// To the list: the sheet may be no more.
fn apres_retrait(id: AidantId, fait: Result<(), Failure>, phrase: &str) -> PageResult {
    match fait {
        Ok(()) => Ok(see_other_saying(&format!("{BASE}/personnes"), phrase)),
        autre => dit(id, autre, phrase),
    }
}

/// Proposes to somebody of this organisation to belong to another one of the same référent too.
async fn proposer(m: &Mandats, actor: &Actor, id: AidantId, vers: StructureId) -> Result<Suite, Failure> {
    m.site
        .db
        .write(async |tx| {
            let moi = agissant(m, tx, actor, Verb::GererAidants).await?;
            store::appartenance(tx, id, moi.organisation.structure).await?.ok_or(Refusal::NotFound)?;
            let miennes = registre::ouvertes(tx, moi.aidant.id).await?;
            if !miennes.iter().any(|o| o.structure == vers && o.fonction.referent()) {
                return Err(Refusal::NotFound.into());
            }
            let a = store::lire(tx, id).await?.ok_or(Refusal::NotFound)?;
            let personne = Personne::de(&a, Fonction::Aidant);
            let offre = Offre::de(&personne, vers, EtatAidant::Eligible);
            propositions::inscrire(m, tx, &offre, Some(actor)).await
        })
        .await
}

pub(super) async fn rattacher(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let vers = form.get("organisation").parse().map_err(|_| PageError::not_found())?;
    let (fait, phrase) = match proposer(&m, shell.actor()?, AidantId(id), vers).await {
        Ok(Suite::Inscrite(_)) => (Ok(()), "Cette personne fait aussi partie de l’autre organisation."),
        Ok(Suite::Proposee) => (
            Ok(()),
            "La proposition lui est envoyée : elle fera partie de l’autre organisation quand elle aura accepté.",
        ),
        Err(e) => (Err(e), ""),
    };
    dit(AidantId(id), fait, phrase)
}

/// Recovery of somebody who is locked out: asks, agrees or gives up.
pub(super) async fn secours(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let (id, actor) = (AidantId(id), shell.actor()?);
    let (fait, phrase) = match form.get("geste") {
        "demander" => (
            rescousse::demander(&m, actor, id).await,
            "Une deuxième personne doit maintenant donner son accord.",
        ),
        "approuver" => {
            (rescousse::approuver(&m, actor, id).await, "Une invitation est envoyée à cette personne.")
        }
        "renoncer" => (rescousse::renoncer(&m, actor, id).await, "La demande est retirée."),
        _ => return Err(PageError::not_found()),
    };
    dit(id, fait, phrase)
}

/// Takes back a proposition that waits.
pub(super) async fn retirer_proposition(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let page = format!("{BASE}/personnes");
    match propositions::retirer(&m, shell.actor()?, id).await {
        Ok(()) => Ok(see_other_saying(&page, "La proposition est retirée.")),
        Err(Failure::Refusal(r @ Refusal::Conflict(_))) => Ok(see_other_warning(&page, &r.to_string())),
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn annuler_demande(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> Result<Response, PageError> {
    demandes::annuler(&m, shell.actor()?, id).await?;
    Ok(see_other_saying(&format!("{BASE}/personnes"), "La demande est annulée."))
}
