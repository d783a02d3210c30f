//! The team's pages: who is known, what waits, lists of addresses.

use std::collections::BTreeMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::CompteId;
use kernel::{Actor, Email, Refusal, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Access, Exports, FormState, Formulaire, LOT, Lot, PageError, PageResult, Pagination, Requete, Routes,
    Shell, page, page_with, see_other_saying, see_other_warning,
};

use super::{part, voit};
use crate::aidants::demandes::{self, Demande};
use crate::aidants::histoire::{self, Fait};
use crate::aidants::model::{Aidant, Appartenance, EtatAidant};
use crate::aidants::registre::{self, Filtre};
use crate::aidants::regles::{Parcours, Voie};
use crate::aidants::secours::{self as rescousse, Secours};
use crate::aidants::{mails, store, vie};
use crate::habilitations::{choisi, departements};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);
/// Where the team's pages are.
pub(crate) const BASE: &str = "/gestion/aidants";
const PAR_PAGE: usize = 50;

pub(crate) fn routes(m: Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, EQUIPE, liste)
        .export(BASE, EQUIPE, exporter)
        .get(&at("/demandes"), EQUIPE, page_demandes)
        .post(&at("/demandes/{demande}"), EQUIPE, decider)
        .get(&at("/{aidant}"), EQUIPE, fiche)
        .post(&at("/{aidant}/etat"), EQUIPE, etat)
        .post(&at("/{aidant}/secours"), EQUIPE, secours)
        .post(&at("/{aidant}/voie"), EQUIPE, super::voie::voie)
        .with_state(m)
}

#[derive(Template)]
#[template(path = "aidants/gestion/liste.html")]
struct Liste {
    shell: Shell,
    form: FormState,
    aidants: Vec<Aidant>,
    pagination: Pagination,
    attente: usize,
    departements: Vec<(String, String)>,
    exports: Exports,
}

impl Liste {
    fn total(&self) -> String {
        kernel::text::compte(self.pagination.total as u64, "personne", "personnes")
    }

    fn etats(&self) -> Vec<(&'static str, &'static str)> {
        let mut out = vec![("", "Toutes les situations")];
        out.extend(EtatAidant::TOUS.map(|e| (e.cle(), e.nom())));
        out
    }
}

async fn liste(State(m): State<Mandats>, shell: Shell, Requete(mut form): Requete) -> PageResult {
    let conn = m.site.db.read();
    let (filtre, departements) = filtre(&m, shell.actor()?, &mut form);
    let total = registre::compter(conn, &filtre).await?;
    let demandee = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, demandee, BASE, form.values());
    let aidants = registre::lister(conn, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let attente = super::demandes_en_attente(&m, shell.actor()?).await?;
    let exports = Exports::new(BASE, form.values());
    page(&Liste { shell, form, aidants, pagination, attente, departements, exports })
}

/// What of the list is asked for, within the scope of who asks, and the départements that they may choose.
fn filtre(m: &Mandats, actor: &Actor, form: &mut FormState) -> (Filtre, Vec<(String, String)>) {
    let departements = departements(m, &actor.perimetre);
    let departement = choisi(form, &departements);
    let filtre = Filtre {
        mots: form.get("q").to_owned(),
        etat: EtatAidant::from_cle(form.get("etat")),
        departement,
        perimetre: part(actor),
    };
    (filtre, departements)
}

const LISTE: platform::web::Liste = platform::web::Liste {
    nom: "aidants-et-referents",
    titres: &[
        "identifiant",
        "prenom",
        "nom",
        "courriel",
        "telephone",
        "profession",
        "conseiller_numerique",
        "etat",
        "etat_depuis",
        "connu_depuis",
        "a_un_compte",
    ],
};

/// The list as a file, with its filters.
async fn exporter(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Requete(mut form): Requete,
) -> Result<Response, PageError> {
    let (site, actor) = (m.site.clone(), shell.actor()?.clone());
    let filtre = filtre(&m, &actor, &mut form).0;
    LISTE
        .envoyer(&site, &actor, (format, form.values()), move |apres: Option<usize>| {
            let (m, filtre) = (m.clone(), filtre.clone());
            async move {
                let debut = apres.unwrap_or_default();
                let aidants = registre::lister(m.site.db.read(), &filtre, (debut, LOT)).await?;
                Ok(Lot::de(&aidants, LOT, ligne, |_| debut + LOT))
            }
        })
        .await
}

fn ligne(a: &Aidant) -> Vec<Cellule> {
    let jour = |le| Cellule::Jour(kernel::calendrier::jour(le));
    vec![
        a.id.to_string().into(),
        a.prenom.clone().into(),
        a.nom.clone().into(),
        a.courriel.as_str().into(),
        a.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        a.profession.clone().into(),
        a.conseiller_numerique.into(),
        a.etat.cle().into(),
        jour(&a.etat_le),
        jour(&a.cree_le),
        a.compte.is_some().into(),
    ]
}

#[derive(Template)]
#[template(path = "aidants/gestion/fiche.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    a: Aidant,
    parcours: Parcours,
    organisations: Vec<(String, Appartenance)>,
    histoire: Vec<Fait>,
    noms: BTreeMap<CompteId, String>,
    diagnostic: Vec<String>,
    secours: Option<Secours>,
    demandeur: bool,
}

impl Fiche {
    fn voies(&self) -> Vec<(&'static str, &'static str)> {
        Voie::TOUTES.map(|v| (v.cle(), v.nom())).to_vec()
    }

    /// « , par Dominique Essai », when somebody is known to have done it.
    fn par(&self, e: &Fait) -> String {
        e.par.and_then(|p| self.noms.get(&CompteId(p))).map_or_else(String::new, |nom| format!(", par {nom}"))
    }
}

async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, shell, AidantId(id), FormState::default()).await
}

/// The sheet, with what was typed in one of its forms.
pub(super) async fn montrer(m: &Mandats, shell: Shell, id: AidantId, mut form: FormState) -> PageResult {
    let (conn, actor) = (m.site.db.read(), shell.actor()?.clone());
    let a = store::lire(conn, id).await?.ok_or_else(PageError::not_found)?;
    if !voit(conn, &actor, id).await? {
        return Err(PageError::not_found());
    }
    let mut organisations = Vec::new();
    for o in store::appartenances(conn, id).await? {
        organisations.push((mails::nom_de(m, o.structure).await?, o));
    }
    let histoire = histoire::de(m, conn, &a, None).await?;
    let comptes: Vec<CompteId> = histoire.iter().filter_map(|e| e.par.map(CompteId)).collect();
    let secours = rescousse::de(conn, id, m.site.clock.now()).await?;
    let parcours = registre::parcours(conn, id).await?;
    if form.is_valid() {
        form.set("voie", parcours.voie.cle());
        form.set("formateur", parcours.formateur.as_ref().map_or("", Email::as_str));
    }
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = Fiche {
        form,
        parcours,
        organisations,
        noms: identity::noms(conn, &comptes).await?,
        histoire,
        diagnostic: diagnostic(m, &a).await?,
        demandeur: secours.as_ref().is_some_and(|s| s.demande_par == actor.compte.0),
        secours,
        a,
        shell,
    };
    page_with(status, &template)
}

/// What to answer to « I cannot sign in »: a line for each thing that is so.
async fn diagnostic(m: &Mandats, a: &Aidant) -> Result<Vec<String>, PageError> {
    use kernel::calendrier::{en_lettres, en_lettres_avec_heure};
    let Some(compte) = a.compte else {
        let phrase = match a.etat {
            EtatAidant::Actif | EtatAidant::Dormant if m.site.is_demo() => {
                "Personne fictive de la démonstration : personne ne se connecte avec son compte."
            }
            EtatAidant::Actif | EtatAidant::Dormant => {
                "Cette personne n’a pas de compte ici : elle ne peut pas se connecter."
            }
            EtatAidant::Parti | EtatAidant::Refuse => "Pas de compte.",
            _ => "Pas encore de compte : il s’ouvre quand la personne devient active.",
        };
        return Ok(vec![phrase.to_owned()]);
    };
    let Some(f) = identity::facteurs(m.site.db.read(), compte).await? else {
        return Ok(vec!["Le compte n’existe plus.".to_owned()]);
    };
    let mut out = Vec::new();
    if f.ferme {
        out.push("Compte fermé par l’administration : elle seule peut le rouvrir.".to_owned());
    } else if !f.active {
        out.push(match f.invitation {
            Some((le, fin)) if fin > m.site.clock.now() => format!(
                "Invitation envoyée le {}, pas encore acceptée ; le lien sert jusqu’au {}.",
                en_lettres(&le),
                en_lettres(&fin)
            ),
            Some((le, fin)) => format!(
                "Invitation envoyée le {}, jamais acceptée ; le lien ne sert plus depuis le {}. Rétablissez l’accès pour en envoyer une autre.",
                en_lettres(&le),
                en_lettres(&fin)
            ),
            None => "Aucune invitation en cours.".to_owned(),
        });
    }
    out.push(format!(
        "Mot de passe et codes (application ou carte) : {}.",
        if f.mot_de_passe { "oui" } else { "non" }
    ));
    if let Some(carte) = identity::cartes::du_compte(m.site.db.read(), compte).await? {
        out.push(crate::cartes::diagnostic(&carte));
    }
    out.push(format!("Clés d’accès : {}. Codes de secours restants : {}.", f.cles, f.secours));
    if f.proconnect {
        out.push("Relié à ProConnect.".to_owned());
    }
    if f.active && !f.mot_de_passe && f.cles == 0 && !f.proconnect {
        out.push(
            "Plus aucun moyen de connexion : rétablissez l’accès, avec une deuxième personne.".to_owned(),
        );
    }
    out.push(f.vu_le.map_or_else(
        || "Jamais venu.".to_owned(),
        |le| format!("Dernière visite : {}.", en_lettres_avec_heure(&le)),
    ));
    Ok(out)
}

fn dit(id: AidantId, fait: Result<(), Failure>, phrase: &str) -> PageResult {
    let fiche = format!("{BASE}/{id}");
    match fait {
        Ok(()) => Ok(see_other_saying(&fiche, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(&fiche, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}

/// Changes the state of one person, within the scope.
async fn passer(
    m: &Mandats,
    shell: &Shell,
    id: AidantId,
    vers: EtatAidant,
    motif: &str,
) -> Result<(), Failure> {
    let actor = shell.actor().map_err(|_| Refusal::NotFound)?;
    m.site
        .db
        .write(async |tx| {
            if !voit(tx, actor, id).await? {
                return Err(Refusal::NotFound.into());
            }
            vie::changer(m, tx, id, vers, motif, Some(actor)).await.map(drop)
        })
        .await
}

async fn etat(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let vers = EtatAidant::from_cle(form.get("vers")).ok_or_else(PageError::not_found)?;
    if !matches!(
        vers,
        EtatAidant::Eligible
            | EtatAidant::Actif
            | EtatAidant::Dormant
            | EtatAidant::Refuse
            | EtatAidant::Demande
    ) {
        return Err(PageError::not_found());
    }
    let motif: String = form.get("motif").chars().filter(|c| !c.is_control()).take(200).collect();
    let id = AidantId(id);
    dit(id, passer(&m, &shell, id, vers, &motif).await, "La situation est enregistrée.")
}

async fn secours(
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

#[derive(Template)]
#[template(path = "aidants/gestion/demandes.html")]
struct Demandes {
    shell: Shell,
    /// Each request has its own fields: their names end with its identifier.
    form: FormState,
    demandes: Vec<(Demande, String)>,
    secours: Vec<(Secours, String)>,
    /// How many people wait to know whether they may be trained.
    a_former: usize,
}

async fn page_demandes(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let mut demandes = Vec::new();
    for d in super::demandes_visibles(&m, shell.actor()?).await? {
        let nom = mails::nom_de(&m, d.structure()).await?;
        demandes.push((d, nom));
    }
    let mut secours = Vec::new();
    for s in super::secours_visibles(&m, shell.actor()?).await? {
        if let Some(a) = store::lire(conn, AidantId(s.aidant_id)).await? {
            secours.push((s, a.nom_complet()));
        }
    }
    let filtre =
        Filtre { etat: Some(EtatAidant::Demande), perimetre: part(shell.actor()?), ..Filtre::default() };
    let a_former = registre::compter(conn, &filtre).await?;
    page(&Demandes { shell, form: FormState::default(), demandes, secours, a_former })
}

async fn decider(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let accepte = match form.get("decision") {
        "accepter" => true,
        "refuser" => false,
        _ => return Err(PageError::not_found()),
    };
    let champ = |nom: &str| form.get(&format!("{nom}-{id}"));
    let motif: String = champ("motif").chars().filter(|c| !c.is_control()).take(300).collect();
    let page = format!("{BASE}/demandes");
    if !accepte && motif.is_empty() {
        return Ok(see_other_warning(&page, "Pour refuser, écrivez le motif : le référent le lira."));
    }
    match demandes::decider(&m, shell.actor()?, id, accepte, champ("quitte") == "oui", &motif).await {
        Ok(()) => Ok(see_other_saying(&page, "La réponse est envoyée au référent.")),
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(&page, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}
