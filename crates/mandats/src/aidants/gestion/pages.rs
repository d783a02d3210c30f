//! The team's pages: who is known, what waits, lists of addresses.

use std::collections::BTreeMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::CompteId;
use kernel::{Email, Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Pagination, Requete, Routes, Shell, page,
    page_with, see_other_saying, see_other_warning,
};

use super::{part, voit};
use crate::aidants::demandes::{self, Demande};
use crate::aidants::model::{Aidant, Appartenance, EtatAidant};
use crate::aidants::registre::{self, Evenement, Filtre};
use crate::aidants::regles::Parcours;
use crate::aidants::secours::{self as rescousse, Secours};
use crate::aidants::{mails, store, vie};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);
/// Where the team's pages are.
pub(crate) const BASE: &str = "/gestion/aidants";
const PAR_PAGE: usize = 50;
/// Most addresses of one list.
const ADRESSES_MAX: usize = 500;

pub(crate) fn routes(m: Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, EQUIPE, liste)
        .get(&at("/en-masse"), EQUIPE, page_masse)
        .post(&at("/en-masse"), EQUIPE, masse)
        .get(&at("/demandes"), EQUIPE, page_demandes)
        .post(&at("/demandes/{demande}"), EQUIPE, decider)
        .get(&at("/{aidant}"), EQUIPE, fiche)
        .post(&at("/{aidant}/etat"), EQUIPE, etat)
        .post(&at("/{aidant}/secours"), EQUIPE, secours)
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

async fn liste(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    let conn = m.site.db.read();
    let departement = form.get("departement").trim().to_uppercase();
    let filtre = Filtre {
        mots: form.get("q").to_owned(),
        etat: EtatAidant::from_cle(form.get("etat")),
        departement: (!departement.is_empty()).then_some(departement),
        perimetre: part(shell.actor()?),
    };
    let total = registre::compter(conn, &filtre).await?;
    let demandee = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, demandee, BASE, form.values());
    let aidants = registre::lister(conn, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let attente = super::demandes_en_attente(&m, shell.actor()?).await?;
    page(&Liste { shell, form, aidants, pagination, attente })
}

#[derive(Template)]
#[template(path = "aidants/gestion/fiche.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    a: Aidant,
    parcours: Parcours,
    organisations: Vec<(String, Appartenance)>,
    histoire: Vec<Evenement>,
    noms: BTreeMap<CompteId, String>,
    diagnostic: Vec<String>,
    secours: Option<Secours>,
    demandeur: bool,
}

impl Fiche {
    fn par(&self, e: &Evenement) -> &str {
        e.par.and_then(|p| self.noms.get(&CompteId(p))).map_or("le programme", String::as_str)
    }
}

async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, actor, id) = (m.site.db.read(), shell.actor()?.clone(), AidantId(id));
    let a = store::lire(conn, id).await?.ok_or_else(PageError::not_found)?;
    if !voit(conn, &actor, id).await? {
        return Err(PageError::not_found());
    }
    let mut organisations = Vec::new();
    for o in store::appartenances(conn, id).await? {
        organisations.push((mails::nom_de(&m, o.structure).await?, o));
    }
    let histoire = registre::histoire(conn, id).await?;
    let comptes: Vec<CompteId> = histoire.iter().filter_map(|e| e.par.map(CompteId)).collect();
    let secours = rescousse::de(conn, id, m.site.clock.now()).await?;
    page(&Fiche {
        form: FormState::default(),
        parcours: registre::parcours(conn, id).await?,
        organisations,
        noms: identity::noms(conn, &comptes).await?,
        histoire,
        diagnostic: diagnostic(&m, &a).await?,
        demandeur: secours.as_ref().is_some_and(|s| s.demande_par == actor.compte.0),
        secours,
        a,
        shell,
    })
}

/// What to answer to « I cannot sign in »: a line for each thing that is so.
async fn diagnostic(m: &Mandats, a: &Aidant) -> Result<Vec<String>, PageError> {
    use kernel::calendrier::{en_lettres, en_lettres_avec_heure};
    let Some(compte) = a.compte else {
        let phrase = match a.etat {
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

/// What came of one address of a list.
struct Ligne {
    adresse: String,
    fait: bool,
    phrase: String,
}

#[derive(Template)]
#[template(path = "aidants/gestion/masse.html")]
struct Masse {
    shell: Shell,
    form: FormState,
    rapport: Vec<Ligne>,
}

impl Masse {
    fn gestes(&self) -> [(&'static str, &'static str); 3] {
        [
            ("actif", "Activer les comptes"),
            ("eligible", "Déclarer ces personnes à former"),
            ("dormant", "Mettre les comptes en sommeil"),
        ]
    }
}

async fn page_masse(shell: Shell) -> PageResult {
    page(&Masse { shell, form: FormState::filled([("geste", "actif")]), rapport: Vec::new() })
}

async fn masse(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let vers = EtatAidant::from_cle(form.get("geste"))
        .filter(|e| matches!(e, EtatAidant::Actif | EtatAidant::Eligible | EtatAidant::Dormant));
    let Some(vers) = vers else {
        form.refuse("geste", "Choisissez ce qu’il faut faire.");
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Masse { shell, form, rapport: Vec::new() });
    };
    let texte = form.get("adresses").to_owned();
    let mut adresses: Vec<&str> =
        texte.split([',', ';', '\n', '\r', ' ', '\t']).filter(|a| !a.is_empty()).collect();
    adresses.dedup();
    if adresses.is_empty() || adresses.len() > ADRESSES_MAX {
        form.refuse("adresses", format!("Collez entre une et {ADRESSES_MAX} adresses, une par ligne."));
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Masse { shell, form, rapport: Vec::new() });
    }
    let mut rapport = Vec::with_capacity(adresses.len());
    for adresse in adresses {
        let (fait, phrase) = match une(&m, &shell, adresse, vers).await {
            Ok(()) => (true, vers.nom().to_owned()),
            Err(Failure::Refusal(Refusal::NotFound)) => {
                (false, "Aucune personne de cette adresse dans votre territoire.".to_owned())
            }
            Err(Failure::Refusal(r)) => (false, r.to_string()),
            Err(Failure::Compte(identity::Error::Refused(r))) => (false, r.to_string()),
            Err(e) => return Err(e.into()),
        };
        rapport.push(Ligne { adresse: adresse.chars().take(120).collect(), fait, phrase });
    }
    page(&Masse { shell, form, rapport })
}

/// One address of the list, each in its own transaction: what is wrong with one stops no other.
async fn une(m: &Mandats, shell: &Shell, adresse: &str, vers: EtatAidant) -> Result<(), Failure> {
    let courriel = Email::parse(adresse).map_err(|s| Refusal::field("adresses", s))?;
    let a = store::du_courriel(m.site.db.read(), &courriel).await?.ok_or(Refusal::NotFound)?;
    passer(m, shell, a.id, vers, "Liste d’adresses").await
}
