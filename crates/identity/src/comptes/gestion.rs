//! Pages of those who manage accounts.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::droits::{GenrePerimetre, TABLE};
use kernel::ids::{CompteId, LieuId, StructureId};
use kernel::{
    Actor, CodeCommune, CodeDepartement, CodeRegion, Email, NumeroPersonne, Perimetre, Refusal, Reseau, Role,
    Verb,
};
use platform::tableur::Format;
use platform::web::{
    Access, Exports, FormState, Formulaire, LOT, Liste, Lot, PageError, PageResult, Pagination, Requete,
    Routes, Shell,
};
use platform::web::{page_with, see_other_saying};
use sea_orm::DbErr;

use super::actions::{self, Invitation};
use super::delegations::typed_day;
use super::model::{AttributionId, Compte, Origine};
use super::pages::{LigneVue, instant, lignes_vues};
use super::{repertoire, rules, store};
use crate::connexion::pages::beside;
use crate::sessions::actions as sessions;
use crate::sessions::cookies::Biscuit;
use crate::sessions::model::Present;
use crate::{Error, Identity, labels};

const PER_PAGE: usize = 50;

pub(crate) fn routes() -> Routes<Identity> {
    let gerer = Access::May(Verb::GererComptes);
    Routes::new()
        .get("/gestion/comptes", gerer, liste)
        .export("/gestion/comptes", gerer, exporter)
        .get("/gestion/comptes/inviter", gerer, inviter)
        .post("/gestion/comptes/inviter", gerer, inviter_envoye)
        .get("/gestion/comptes/{id}", gerer, fiche)
        .post("/gestion/comptes/{id}/roles", gerer, donner)
        .post("/gestion/roles/{id}/retirer", gerer, retirer)
        .post("/gestion/comptes/{id}/inviter", gerer, reinviter)
        .post("/gestion/comptes/{id}/desactiver", gerer, desactiver)
        .post("/gestion/comptes/{id}/voir-comme", Access::May(Verb::VoirComme), voir_comme)
}

struct Ligne {
    id: CompteId,
    nom: String,
    courriel: String,
    etat: &'static str,
    roles: String,
    vu_le: String,
}

#[derive(Template)]
#[template(path = "comptes/pages/gestion.html")]
struct PageListe {
    shell: Shell,
    form: FormState,
    comptes: Vec<Ligne>,
    pagination: Pagination,
    exports: Exports,
}

async fn liste(State(id): State<Identity>, shell: Shell, Requete(query): Requete) -> PageResult {
    let conn = id.site.db.read();
    let wanted: usize = query.get("page").parse().unwrap_or(1);
    let q: String = query.get("q").chars().take(100).collect();
    let at = |page: usize| u64::try_from(page.saturating_sub(1)).unwrap_or(0);
    let per_page = u64::try_from(PER_PAGE).unwrap_or(50);
    let (_, total) = store::list(conn, &q, 0, 1).await?;
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let pagination = Pagination::new(total, PER_PAGE, wanted, "/gestion/comptes", query.values());
    let (comptes, _) = store::list(conn, &q, at(pagination.page), per_page).await?;
    let mut roles = roles_de(&id, &comptes).await?;
    let lignes = comptes.into_iter().map(|c| Ligne {
        id: c.id,
        courriel: c.courriel.to_string(),
        etat: c.etat.nom(),
        roles: roles.remove(&c.id).unwrap_or_default(),
        vu_le: c.vu_le.map_or_else(|| "jamais".to_owned(), instant),
        nom: c.nom,
    });
    let comptes = lignes.collect();
    let exports = Exports::new("/gestion/comptes", query.values());
    let form = FormState::filled([("q", q)]);
    page_with(StatusCode::OK, &PageListe { shell, form, comptes, pagination, exports })
}

/// The roles of each of these accounts today, in words.
async fn roles_de(id: &Identity, comptes: &[Compte]) -> Result<HashMap<CompteId, String>, DbErr> {
    let ids: Vec<CompteId> = comptes.iter().map(|c| c.id).collect();
    let roles = store::en_vigueur_de(id.site.db.read(), &ids, id.site.clock.now()).await?;
    let mots = |r: &[super::model::Attribution]| {
        r.iter().map(|r| labels::role(r.role, &r.perimetre)).collect::<Vec<_>>().join(" ; ")
    };
    Ok(roles.into_iter().map(|(id, r)| (id, mots(&r))).collect())
}

const FICHIER: Liste =
    Liste { nom: "comptes", titres: &["nom", "courriel", "etat", "roles", "cree_le", "derniere_connexion"] };

/// The accounts as a file; it carries names and addresses: the journal says who took it away.
async fn exporter(
    State(id): State<Identity>,
    shell: Shell,
    format: Format,
    Requete(query): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let q: String = query.get("q").chars().take(100).collect();
    let site = id.site.clone();
    FICHIER
        .envoyer(&site, &actor, (format, query.values()), move |page: Option<u64>| {
            let (id, q, page) = (id.clone(), q.clone(), page.unwrap_or(0));
            async move {
                let lot = u64::try_from(LOT).unwrap_or(500);
                let (comptes, _) = store::list(id.site.db.read(), &q, page, lot).await?;
                let mut roles = roles_de(&id, &comptes).await?;
                let apres = (comptes.len() == LOT).then_some(page + 1);
                let jour = |le: &chrono::DateTime<chrono::Utc>| kernel::calendrier::jour(le);
                let lignes = comptes.iter().map(|c| {
                    vec![
                        c.nom.as_str().into(),
                        c.courriel.as_str().into(),
                        c.etat.nom().into(),
                        roles.remove(&c.id).into(),
                        jour(&c.cree_le).into(),
                        c.vu_le.as_ref().map(jour).into(),
                    ]
                });
                Ok(Lot { lignes: lignes.collect(), apres })
            }
        })
        .await
}

fn roles_options() -> Vec<(String, String)> {
    TABLE.iter().map(|l| (l.key.to_owned(), format!("{} – {}", l.nom, l.description))).collect()
}

fn reseaux() -> Vec<(&'static str, &'static str)> {
    Reseau::tous().map(|r| (r.cle(), r.nom())).collect()
}

fn perimetres_options() -> Vec<(&'static str, &'static str)> {
    vec![
        ("national", "Tout le pays"),
        ("regions", "Des régions"),
        ("departements", "Des départements"),
        ("communes", "Des communes"),
        ("reseaux", "Des grands réseaux"),
        ("structures", "Des structures"),
        ("personnes", "Des conseillers, un par un"),
        ("lieux", "Des lieux"),
    ]
}

/// The role, scope and end of a form. What is wrong stands beside its field.
struct RoleChoisi {
    role: Role,
    perimetre: Perimetre,
    fin: Option<chrono::NaiveDate>,
}

/// What the search of the form found, to be ticked: (identifier, name). Those already ticked stay.
type Trouves = Vec<(String, String)>;

/// The answer to « Chercher »: nothing is sent. `None` when the form was sent for good.
async fn cherche(id: &Identity, actor: &Actor, form: &mut FormState) -> Result<Option<Trouves>, PageError> {
    if form.get("action") != "chercher" {
        return Ok(None);
    }
    let lieux = form.get("perimetre") == "lieux";
    if !lieux {
        form.set("perimetre", "structures");
    }
    let mots: String = form.get("cherche").chars().take(100).collect();
    let Some(repertoire) = id.repertoire.as_deref().filter(|_| !mots.is_empty()) else {
        form.refuse("cherche", "Écrivez un mot du nom ou de la commune.");
        return Ok(Some(Vec::new()));
    };
    let mut trouves = choisis(id, form).await?;
    for (id, nom) in repertoire.cherche(actor, lieux, &mots).await? {
        if !trouves.iter().any(|(k, _)| *k == id.to_string()) {
            trouves.push((id.to_string(), nom));
        }
    }
    if trouves.is_empty() {
        form.refuse("cherche", "Rien ne correspond. Essayez un seul mot du nom, ou la commune.");
    }
    Ok(Some(trouves))
}

/// What is ticked, with the names.
async fn choisis(id: &Identity, form: &FormState) -> Result<Trouves, PageError> {
    let coches: Vec<String> = form.all("choisi").take(rules::CODES_MAX).map(str::to_owned).collect();
    let genre =
        if form.get("perimetre") == "lieux" { GenrePerimetre::Lieux } else { GenrePerimetre::Structures };
    let (Some(repertoire), Ok(perimetre)) = (id.repertoire.as_deref(), read_codes(genre, &coches.join(" ")))
    else {
        return Ok(Vec::new());
    };
    Ok(repertoire.connus(&perimetre).await?.into_iter().map(|(id, nom)| (id.to_string(), nom)).collect())
}

/// The role of a form, whose structures and lieux exist.
async fn read_known_role(id: &Identity, form: &mut FormState) -> Result<Option<RoleChoisi>, PageError> {
    let Some(choisi) = read_role(form) else { return Ok(None) };
    match repertoire::existe(id.repertoire.as_deref(), &choisi.perimetre).await {
        Ok(()) => Ok(Some(choisi)),
        Err(e) => {
            beside(form, "codes", e)?;
            Ok(None)
        }
    }
}

fn read_role(form: &mut FormState) -> Option<RoleChoisi> {
    let role = form.parse("role", |v| Role::from_key(v).ok_or("Choisissez un rôle."));
    let genre = form.parse("perimetre", |v| {
        Ok::<_, &str>(match v {
            "national" => GenrePerimetre::National,
            "regions" => GenrePerimetre::Regions,
            "departements" => GenrePerimetre::Departements,
            "communes" => GenrePerimetre::Communes,
            "reseaux" => GenrePerimetre::Reseaux,
            "structures" => GenrePerimetre::Structures,
            "personnes" => GenrePerimetre::Personnes,
            "lieux" => GenrePerimetre::Lieux,
            _ => return Err("Choisissez un périmètre."),
        })
    });
    let fin = form.parse_opt("fin", typed_day);
    let ticked: Vec<&str> = form.all("choisi").collect();
    let reseaux: Vec<&str> = form.all("reseau").collect();
    let typed = format!("{} {} {}", form.get("codes"), ticked.join(" "), reseaux.join(" "));
    let perimetre = genre.and_then(|g| match read_codes(g, &typed) {
        Ok(p) => Some(p),
        Err(bad) => {
            form.refuse(
                "codes",
                format!(
                    "« {} » n’est pas un code de ce périmètre.",
                    bad.chars().take(60).collect::<String>()
                ),
            );
            None
        }
    });
    let (role, perimetre, fin) = (role?, perimetre?, fin?);
    if let Err(refusal) = rules::perimetre_admis(role, &perimetre) {
        let _ = form.take(refusal);
        return None;
    }
    Some(RoleChoisi { role, perimetre, fin })
}

/// The scope of that kind with the codes typed; the first thing that is no code of it otherwise.
fn read_codes(genre: GenrePerimetre, typed: &str) -> Result<Perimetre, String> {
    fn each<T: PartialEq>(typed: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
        let mut codes = Vec::new();
        let words =
            typed.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|w| !w.is_empty());
        // Bounded: the rule refuses more than that.
        for word in words.take(rules::CODES_MAX + 1) {
            let code = parse(word).ok_or_else(|| word.to_owned())?;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes)
    }
    Ok(match genre {
        GenrePerimetre::National => Perimetre::National,
        GenrePerimetre::Regions => Perimetre::Regions(each(typed, CodeRegion::parse)?),
        GenrePerimetre::Departements => Perimetre::Departements(each(typed, CodeDepartement::parse)?),
        GenrePerimetre::Communes => Perimetre::Communes(each(typed, CodeCommune::parse)?),
        GenrePerimetre::Reseaux => Perimetre::Reseaux(each(typed, Reseau::parse)?),
        GenrePerimetre::Personnes => Perimetre::Personnes(each(typed, NumeroPersonne::parse)?),
        GenrePerimetre::Structures => Perimetre::Structures(each(typed, |w| w.parse::<StructureId>().ok())?),
        GenrePerimetre::Lieux => Perimetre::Lieux(each(typed, |w| w.parse::<LieuId>().ok())?),
        GenrePerimetre::Soi => Perimetre::Soi,
    })
}

#[derive(Template)]
#[template(path = "comptes/pages/inviter.html")]
struct Inviter {
    shell: Shell,
    form: FormState,
    roles: Vec<(String, String)>,
    perimetres: Vec<(&'static str, &'static str)>,
    trouves: Trouves,
}

fn show_invite(status: StatusCode, shell: Shell, form: FormState, trouves: Trouves) -> PageResult {
    let (roles, perimetres) = (roles_options(), perimetres_options());
    page_with(status, &Inviter { shell, form, roles, perimetres, trouves })
}

/// The sheet of a structure or a lieu may lead here with `role`, `perimetre` and `codes` filled in.
async fn inviter(shell: Shell, Requete(query): Requete) -> PageResult {
    let known = ["role", "perimetre", "codes", "nom", "courriel"];
    let form = FormState::filled(query.values().iter().filter(|(k, _)| known.contains(&k.as_str())).cloned());
    show_invite(StatusCode::OK, shell, form, Vec::new())
}

async fn inviter_envoye(
    State(id): State<Identity>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?.clone();
    if let Some(trouves) = cherche(&id, &actor, &mut form).await? {
        return show_invite(StatusCode::OK, shell, form, trouves);
    }
    let trouves = choisis(&id, &form).await?;
    let nom = form.parse("nom", rules::nom_admis);
    let courriel = form.parse("courriel", Email::parse);
    let choisi = read_known_role(&id, &mut form).await?;
    let (Some(nom), Some(courriel), Some(r)) = (nom, courriel, choisi) else {
        return show_invite(StatusCode::UNPROCESSABLE_ENTITY, shell, form, trouves);
    };
    let invitation = Invitation { courriel, nom, role: r.role, perimetre: r.perimetre, fin: r.fin };
    match actions::invite(&id.site, &actor, &invitation).await {
        Ok(done) => {
            let said = match done.lien {
                Some(_) => "L’invitation est partie.",
                None => "Cette personne avait déjà un compte : elle a maintenant ce rôle.",
            };
            Ok(see_other_saying(&format!("/gestion/comptes/{}", done.compte), said))
        }
        Err(e) => {
            let status = beside(&mut form, "courriel", e)?;
            show_invite(status, shell, form, trouves)
        }
    }
}

struct LigneRole {
    id: AttributionId,
    label: String,
    debut: String,
    fin: String,
    par: String,
    actif: bool,
}

#[derive(Template)]
#[template(path = "comptes/pages/fiche.html")]
struct Fiche {
    shell: Shell,
    form: FormState,
    c: Compte,
    moi: bool,
    peut_voir: bool,
    ouvert: bool,
    vu_le: String,
    role_lines: Vec<LigneRole>,
    roles: Vec<(String, String)>,
    perimetres: Vec<(&'static str, &'static str)>,
    trouves: Trouves,
    vues: Vec<LigneVue>,
}

async fn show(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    cible: CompteId,
    (form, trouves): (FormState, Trouves),
) -> PageResult {
    let (conn, now) = (id.site.db.read(), id.site.clock.now());
    let actor = shell.actor()?.clone();
    let c = store::find(conn, cible).await?.ok_or_else(PageError::not_found)?;
    let live = store::en_vigueur(conn, cible, now).await?;
    let all = store::attributions_of(conn, &[cible]).await?;
    let givers: Vec<CompteId> = all.iter().filter_map(|a| giver(a.origine)).collect();
    let names = store::noms(conn, &givers).await?;
    let mut labels = Vec::with_capacity(all.len());
    for a in &all {
        labels.push(crate::sessions::libelle(id, a.role, &a.perimetre).await);
    }
    let role_lines = all
        .iter()
        .zip(labels)
        .map(|(a, label)| LigneRole {
            id: a.id,
            label,
            debut: kernel::calendrier::jour_en_lettres(a.periode.debut),
            fin: a.periode.fin.map_or_else(|| "sans fin".to_owned(), kernel::calendrier::jour_en_lettres),
            par: match giver(a.origine) {
                Some(g) => {
                    let name = names.get(&g).cloned().unwrap_or_default();
                    if rules::est_delegation(a) { format!("{name} (prêt)") } else { name }
                }
                None => "l’installation".to_owned(),
            },
            actif: live.iter().any(|l| l.id == a.id),
        })
        .collect();
    let peut_voir = rules::peut_voir_comme(&actor, &c, &live, "une raison assez longue").is_ok();
    let vues = lignes_vues(store::vues_de(conn, cible).await?, id.site.clock.now());
    page_with(
        status,
        &Fiche {
            moi: c.id == actor.compte,
            peut_voir,
            ouvert: !trouves.is_empty() || (!form.is_valid() && form.error("motif").is_none()),
            vu_le: c.vu_le.map_or_else(|| "jamais".to_owned(), instant),
            role_lines,
            roles: roles_options(),
            perimetres: perimetres_options(),
            trouves,
            vues,
            shell,
            form,
            c,
        },
    )
}

fn giver(o: Origine) -> Option<CompteId> {
    match o {
        Origine::Installation => None,
        Origine::Donnee(par) | Origine::Deleguee { par, .. } => Some(par),
    }
}

async fn fiche(State(id): State<Identity>, shell: Shell, Path(cible): Path<CompteId>) -> PageResult {
    show(&id, StatusCode::OK, shell, cible, Default::default()).await
}

async fn donner(
    State(id): State<Identity>,
    shell: Shell,
    Path(cible): Path<CompteId>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor: Actor = shell.actor()?.clone();
    if let Some(trouves) = cherche(&id, &actor, &mut form).await? {
        return show(&id, StatusCode::OK, shell, cible, (form, trouves)).await;
    }
    let trouves = choisis(&id, &form).await?;
    if let Some(r) = read_known_role(&id, &mut form).await? {
        match actions::give_role(&id.site, &actor, cible, r.role, &r.perimetre, r.fin).await {
            Ok(()) => {
                return Ok(see_other_saying(&format!("/gestion/comptes/{cible}"), "Le rôle est donné."));
            }
            Err(e) => {
                beside(&mut form, "role", e)?;
            }
        }
    }
    show(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, cible, (form, trouves)).await
}

async fn retirer(State(id): State<Identity>, shell: Shell, Path(a): Path<AttributionId>) -> PageResult {
    let cible = actions::take_back(&id.site, shell.actor()?, a).await?;
    Ok(see_other_saying(&format!("/gestion/comptes/{cible}"), "Le rôle est retiré."))
}

async fn reinviter(State(id): State<Identity>, shell: Shell, Path(cible): Path<CompteId>) -> PageResult {
    actions::invite_again(&id.site, shell.actor()?, cible).await?;
    Ok(see_other_saying(&format!("/gestion/comptes/{cible}"), "L’invitation est partie."))
}

async fn desactiver(State(id): State<Identity>, shell: Shell, Path(cible): Path<CompteId>) -> PageResult {
    actions::deactivate(&id.site, shell.actor()?, cible).await?;
    Ok(see_other_saying(&format!("/gestion/comptes/{cible}"), "Le compte est désactivé."))
}

async fn voir_comme(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    Path(cible): Path<CompteId>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    match sessions::see_as(&id.site, &present, cible, form.get("motif")).await {
        Ok(secret) => {
            let mut response = platform::web::see_other("/compte");
            id.biscuits().set(&mut response, Biscuit::Session, &secret);
            Ok(response)
        }
        Err(Error::Refused(Refusal::Fields(fields))) => {
            let _ = form.take(Refusal::Fields(fields));
            show(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, cible, (form, Vec::new())).await
        }
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_separated() {
        let p = read_codes(GenrePerimetre::Departements, " 01, 2a;974  01\n");
        assert_eq!(p.map(|p| labels::perimetre(&p)), Ok("départements 01, 2A, 974".to_owned()));
        assert_eq!(read_codes(GenrePerimetre::Departements, "01, zz"), Err("zz".to_owned()));
        assert_eq!(read_codes(GenrePerimetre::Structures, "123"), Err("123".to_owned()));
        let p = read_codes(GenrePerimetre::Personnes, "CA-12, ca13");
        assert_eq!(p.map(|p| labels::perimetre(&p)), Ok("conseillers CA-12, CA-13".to_owned()));
        let p = read_codes(GenrePerimetre::Reseaux, "la_poste");
        assert_eq!(p.map(|p| labels::perimetre(&p)), Ok("La Poste".to_owned()));
        assert_eq!(read_codes(GenrePerimetre::Communes, "01053 1"), Err("1".to_owned()));
        assert_eq!(read_codes(GenrePerimetre::National, "whatever"), Ok(Perimetre::National));
    }
}
