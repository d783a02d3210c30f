//! Meetings for whoever holds them: list, form, sheet, invitations.

use std::collections::HashSet;

use annuaire::structures::Ids;
use annuaire::structures::model::Genre;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Refusal};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Exports, FormState, Formulaire, Liste, Lot, PageError, PageResult, Pagination, Requete, Shell, page,
    page_with, see_other_saying,
};

use super::{BASE, PUBLIC, saisie};
use crate::habilitations::departements;
use crate::reunions::actions::{self, Candidate, Choix};
use crate::reunions::model::{Bilan, Invite, Reponse, Reunion, ReunionId, Suite};
use crate::reunions::regles;
use crate::reunions::store::{self, Filtre};
use crate::{Failure, Mandats};

const QUANDS: [(&str, &str); 3] = [("", "Toutes"), ("a-venir", "À venir"), ("passees", "Passées")];
const PAR_PAGE: usize = 30;
/// Structures of a page of the choice.
const CHOIX: usize = 50;

#[derive(Template)]
#[template(path = "reunions/pages/liste.html")]
struct PageListe {
    shell: Shell,
    form: FormState,
    departements: Vec<(String, String)>,
    lignes: Vec<Reunion>,
    pagination: Pagination,
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let f = Filtre {
        departement: CodeDepartement::parse(form.get("departement")),
        a_venir: match form.get("quand") {
            "a-venir" => Some((true, m.jour())),
            "passees" => Some((false, m.jour())),
            _ => None,
        },
    };
    let conn = m.site.db.read();
    let total = store::compter(conn, &perimetre, &f).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let lignes = store::lister(conn, &perimetre, &f, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    page(&PageListe { departements: departements(&m, &perimetre), shell, form, lignes, pagination })
}

#[derive(Template)]
#[template(path = "reunions/pages/formulaire.html")]
struct Saisie {
    shell: Shell,
    form: FormState,
    reunion: Option<ReunionId>,
    departements: Vec<(String, String)>,
}

impl Saisie {
    fn action(&self) -> String {
        self.reunion.map_or_else(|| format!("{BASE}/nouvelle"), |id| format!("{BASE}/{id}/modifier"))
    }
}

fn montrer(
    m: &Mandats,
    shell: Shell,
    code: StatusCode,
    form: FormState,
    reunion: Option<ReunionId>,
) -> PageResult {
    let mut departements = departements(m, &shell.actor()?.perimetre);
    if let Some(tous) = departements.first_mut() {
        "Choisissez".clone_into(&mut tous.1);
    }
    page_with(code, &Saisie { shell, form, reunion, departements })
}

pub(super) async fn nouvelle(State(m): State<Mandats>, shell: Shell) -> PageResult {
    montrer(&m, shell, StatusCode::OK, FormState::default(), None)
}

pub(super) async fn ouvrir(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    if let Some(fiche) = saisie::fiche(&mut form) {
        match actions::ouvrir(&m, shell.actor()?, fiche).await {
            Ok(id) => {
                let suite = "La réunion est enregistrée. Invitez maintenant des structures.";
                return Ok(see_other_saying(&format!("{BASE}/{id}"), suite));
            }
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, form, None)
}

pub(super) async fn modification(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let r = actions::la_sienne(m.site.db.read(), shell.actor()?, ReunionId(id)).await?;
    montrer(&m, shell, StatusCode::OK, saisie::form(&r.fiche, r.version), Some(r.id))
}

pub(super) async fn modifier(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = ReunionId(id);
    actions::la_sienne(m.site.db.read(), shell.actor()?, id).await?;
    if let Some(fiche) = saisie::fiche(&mut form) {
        let version = form.get("version").parse().unwrap_or(-1);
        match actions::modifier(&m, shell.actor()?, id, (version, fiche)).await {
            Ok(()) => return Ok(see_other_saying(&format!("{BASE}/{id}"), "La réunion est modifiée.")),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("jour", phrase),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, StatusCode::UNPROCESSABLE_ENTITY, form, Some(id))
}

/// A meeting, who is on its list, what came of each.
struct Suivie {
    reunion: Reunion,
    invites: Vec<(Invite, Suite)>,
}

async fn suivie(m: &Mandats, shell: &Shell, id: uuid::Uuid) -> Result<Suivie, PageError> {
    let conn = m.site.db.read();
    let reunion = actions::la_sienne(conn, shell.actor()?, ReunionId(id)).await?;
    let invites = store::invites(conn, reunion.id).await?;
    let suites = store::suites(conn, &invites, m.jour()).await?;
    Ok(Suivie { reunion, invites: invites.into_iter().zip(suites).collect() })
}

/// Organisations are told apart by their number, or by their name without one.
fn cle(i: &Invite) -> String {
    i.pivot.as_ref().map_or_else(|| kernel::text::fold(&i.organisme), |p| p.as_str().to_owned())
}

fn bilan(s: &Suivie) -> Bilan {
    let jour = s.reunion.fiche.jour;
    let compte = |garde: &dyn Fn(&(Invite, Suite)) -> bool| {
        s.invites.iter().filter(|x| garde(x)).map(|(i, _)| cle(i)).collect::<HashSet<_>>().len()
    };
    let venu = |i: &Invite| i.present == Some(true);
    Bilan {
        organismes: compte(&|_| true),
        viennent: s.invites.iter().filter(|(i, _)| i.reponse == Reponse::Vient).count(),
        venus: compte(&|(i, _)| venu(i)),
        demandes: compte(&|(i, x)| venu(i) && regles::depuis(x, jour).0),
        habilitees: compte(&|(i, x)| venu(i) && regles::depuis(x, jour).1),
    }
}

#[derive(Template)]
#[template(path = "reunions/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    r: Reunion,
    invites: Vec<(Invite, Suite)>,
    bilan: Bilan,
    inscription: String,
    ouverte: bool,
    commencee: bool,
    exports: Exports,
}

async fn montrer_fiche(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    id: uuid::Uuid,
) -> PageResult {
    let s = suivie(m, &shell, id).await?;
    let p = PageFiche {
        bilan: bilan(&s),
        inscription: m.site.url(&format!("{PUBLIC}/inscription/{}", s.reunion.code)),
        ouverte: regles::ouverte(&s.reunion, m.site.clock.now()).is_ok(),
        commencee: regles::presence(&s.reunion, m.site.clock.now()).is_ok(),
        exports: Exports::new(&format!("{BASE}/{}", s.reunion.id), &[]),
        shell,
        form,
        r: s.reunion,
        invites: s.invites,
    };
    page_with(code, &p)
}

pub(super) async fn fiche(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer_fiche(&m, shell, (StatusCode::OK, FormState::default()), id).await
}

pub(super) async fn annuler(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let Some(motif) = form.text("motif", regles::TEXTE_MAX) else {
        return montrer_fiche(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), id).await;
    };
    actions::annuler(&m, shell.actor()?, ReunionId(id), &motif).await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "La réunion est annulée ; les personnes invitées sont prévenues.",
    ))
}

const LISTE: Liste = Liste {
    nom: "reunion",
    titres: &[
        "organisme",
        "siret",
        "prenom",
        "nom",
        "courriel",
        "origine",
        "reponse",
        "presence",
        "demande_deposee_le",
        "habilitee_le",
    ],
};

pub(super) async fn exporter(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
    Ids([id]): Ids<1>,
) -> PageResult {
    let s = suivie(&m, &shell, id).await?;
    let actor = shell.actor()?.clone();
    let lignes: Vec<Vec<Cellule>> = s
        .invites
        .into_iter()
        .map(|(i, suite)| {
            let presence = i.presence();
            vec![
                i.organisme.into(),
                i.pivot.map(|p| p.to_string()).into(),
                i.prenom.into(),
                i.nom.into(),
                i.courriel.map(|c| c.to_string()).into(),
                i.origine.nom().into(),
                i.reponse.nom().into(),
                presence.into(),
                suite.demande_le.into(),
                suite.habilitee_le.into(),
            ]
        })
        .collect();
    LISTE
        .envoyer(&m.site, &actor, (format, &[]), move |_: Option<()>| {
            let lignes = lignes.clone();
            async move { Ok(Lot { lignes, apres: None }) }
        })
        .await
}

#[derive(Template)]
#[template(path = "reunions/pages/inviter.html")]
struct PageChoix {
    shell: Shell,
    form: FormState,
    r: Reunion,
    genres: Vec<(String, String)>,
    candidates: Vec<Candidate>,
    pagination: Pagination,
}

impl PageChoix {
    fn total(&self) -> String {
        crate::habilitations::compte(self.pagination.total, "structure", "structures")
    }

    fn possibles(&self) -> bool {
        self.candidates.iter().any(|c| c.obstacle.is_none())
    }

    /// Those that may be invited: identifier, name and place.
    fn choix(&self) -> Vec<(String, String)> {
        let libres = self.candidates.iter().filter(|c| c.obstacle.is_none()).map(|c| &c.ligne);
        libres
            .map(|l| {
                let genre = l.fiche.genre.libelle();
                (l.id.to_string(), format!("{}, {} ({genre})", l.fiche.nom, l.fiche.commune.nom))
            })
            .collect()
    }
}

fn lire_choix(form: &FormState) -> Choix {
    Choix {
        mots: form.get("q").to_owned(),
        genre: Genre::TOUS.into_iter().find(|g| g.cle() == form.get("genre")),
        aussi_habilitees: form.get("habilitees") == "oui",
    }
}

async fn montrer_choix(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    id: uuid::Uuid,
) -> PageResult {
    let conn = m.site.db.read();
    let r = actions::la_sienne(conn, shell.actor()?, ReunionId(id)).await?;
    regles::ouverte(&r, m.site.clock.now())?;
    let choix = lire_choix(&form);
    let page_lue = form.get("page").parse().unwrap_or(1_usize).clamp(1, 10_000);
    let place = ((page_lue - 1) * CHOIX, CHOIX);
    let (candidates, total) = actions::candidates(m, conn, (&r, &choix), place).await?;
    let genres = std::iter::once((String::new(), "Tous".to_owned()))
        .chain(Genre::TOUS.into_iter().map(|g| (g.cle().to_owned(), g.libelle().to_owned())))
        .collect();
    let base = format!("{BASE}/{id}/inviter");
    let filtres: Vec<(String, String)> = form
        .values()
        .iter()
        .filter(|(k, _)| ["q", "genre", "habilitees"].contains(&k.as_str()))
        .cloned()
        .collect();
    let pagination = Pagination::new(total, CHOIX, page_lue, &base, &filtres);
    page_with(code, &PageChoix { shell, form, r, genres, candidates, pagination })
}

pub(super) async fn choix(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    montrer_choix(&m, shell, (StatusCode::OK, form), id).await
}

pub(super) async fn inviter(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let choisies: HashSet<StructureId> =
        form.all("structure").take(CHOIX).filter_map(|s| s.parse().ok()).collect();
    let toutes = form.get("action") == "toutes";
    if !toutes && choisies.is_empty() {
        form.refuse("structure", "Cochez au moins une structure, ou invitez toutes celles de la recherche.");
        return montrer_choix(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), id).await;
    }
    let parmi = Some(&choisies).filter(|_| !toutes);
    let n = actions::inviter(&m, shell.actor()?, ReunionId(id), (&lire_choix(&form), parmi)).await?;
    let dit = match n {
        0 => "Aucune structure de plus n’est invitée : elles l’étaient déjà, ou n’ont pas d’adresse."
            .to_owned(),
        n => format!("{}.", crate::habilitations::compte(n, "structure invitée", "structures invitées")),
    };
    Ok(see_other_saying(&format!("{BASE}/{id}"), &dit))
}
