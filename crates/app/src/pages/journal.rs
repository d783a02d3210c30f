//! The journal, as people read it.

mod verbes;

use std::borrow::Cow;
use std::collections::BTreeMap;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use chrono::{Days, NaiveDate};
use kernel::calendrier;
use kernel::ids::CompteId;
use platform::Site;
use platform::journal::{self, Line};
use platform::tableur::Format;
use platform::web::{Exports, FormState, LOT, Liste, Lot, PageError, PageResult, Requete, Shell, page};
use uuid::Uuid;

use verbes::{SUJETS, VERBES};

/// How many lines a page shows.
const LINES: u64 = 50;

#[derive(Template)]
#[template(path = "pages/journal.html")]
struct JournalPage {
    shell: Shell,
    lines: Vec<Line>,
    noms: BTreeMap<CompteId, String>,
    /// Accounts that have the name that was typed.
    homonymes: Vec<Homonyme>,
    form: FormState,
    exports: Exports,
    sujet: String,
    id: String,
    before: Option<i64>,
}

impl JournalPage {
    /// The name of an account, and where its sheet is.
    fn compte(&self, id: &Uuid) -> Personne {
        let id = CompteId(*id);
        let nom = self.noms.get(&id).cloned().unwrap_or_else(|| "compte supprimé".to_owned());
        Personne { nom, fiche: format!("/gestion/comptes/{id}") }
    }

    /// The thing that the line is about: an account has a name.
    fn nom_du_sujet(&self, line: &Line) -> Option<&str> {
        let id = line.subject_id.parse().ok().filter(|_| line.subject == "compte")?;
        self.noms.get(&CompteId(id)).map(String::as_str)
    }

    /// The address of the extract that can be checked apart: the same filters.
    fn extrait(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.form.values().iter().filter(|(_, v)| !v.is_empty()));
        format!("/gestion/journal/extrait.jsonl?{}", query.finish())
    }

    /// The query of the lines of that account: the other filters stay.
    fn de(&self, compte: &CompteId) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.form.values().iter().filter(|(k, v)| k != "compte" && !v.is_empty()));
        query.append_pair("compte", &compte.to_string()).finish()
    }

    /// The query of the lines before these: the same filters.
    fn plus_anciennes(&self) -> Option<String> {
        let before = self.before?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.form.values().iter().filter(|(_, v)| !v.is_empty()));
        Some(query.append_pair("avant", &before.to_string()).finish())
    }
}

struct Personne {
    nom: String,
    fiche: String,
}

/// How many accounts are offered when several have the name that was typed.
const OFFERTS: u64 = 10;

/// An account whose name or address was typed.
struct Homonyme {
    id: CompteId,
    nom: String,
    courriel: String,
}

/// The account whose lines are asked for: by its identifier, its address or its name. Several that fit are given to be
/// chosen from; none, or too many, is said beside the field.
async fn qui(site: &Site, form: &mut FormState) -> Result<(Option<Uuid>, Vec<Homonyme>), PageError> {
    let texte = form.get("compte").to_owned();
    if texte.is_empty() {
        return Ok((None, Vec::new()));
    }
    if let Ok(id) = texte.parse::<Uuid>() {
        return Ok((Some(id), Vec::new()));
    }
    let trouves = identity::chercher(site.db.read(), &texte, OFFERTS).await?;
    if let [seul] = &trouves[..] {
        return Ok((Some(seul.id.0), Vec::new()));
    }
    let phrase = if trouves.is_empty() {
        "Aucun compte n’a ce nom ni cette adresse. Vérifiez, ou cherchez dans la liste des comptes."
    } else {
        "Plusieurs comptes ont ce nom : choisissez-en un dans la liste."
    };
    form.refuse("compte", phrase);
    let homonyme = |t: identity::Trouve| Homonyme { id: t.id, nom: t.nom, courriel: t.courriel };
    Ok((None, trouves.into_iter().map(homonyme).collect()))
}

/// What the form of the page asks; what cannot be understood is refused beside its field, and left out.
fn query(form: &mut FormState, by: Option<Uuid>) -> journal::Query {
    let jour = |form: &mut FormState, name: &str| -> Option<NaiveDate> {
        form.parse_opt(name, |t| t.parse::<NaiveDate>().map_err(|_| "Écrivez un jour, comme 18/03/2026."))
            .flatten()
    };
    let (du, au) = (jour(form, "du"), jour(form, "au"));
    journal::Query {
        subject: Some(form.get("sujet").to_owned()),
        subject_id: Some(form.get("id").to_owned()),
        by,
        from: du.map(calendrier::minuit),
        until: au.and_then(|d| d.checked_add_days(Days::new(1))).map(calendrier::minuit),
        before: form.get("avant").parse().ok(),
        limit: LINES,
        ..journal::Query::default()
    }
}

/// The same for a file, which shows no field: a filter that is not understood must not give everything away.
async fn comprise(site: &Site, form: &mut FormState) -> Result<journal::Query, PageError> {
    let (by, _) = qui(site, form).await?;
    let query = query(form, by);
    match form.errors().first() {
        None => Ok(query),
        Some((_, sentence)) => Err(PageError::BadRequest(sentence.clone())),
    }
}

pub(super) async fn journal_page(
    State(site): State<Site>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    let (by, homonymes) = qui(&site, &mut form).await?;
    let query = query(&mut form, by);
    // An account that is not understood must not show what everybody did.
    let lines = match form.error("compte") {
        None => journal::page(site.db.read(), &query).await?,
        Some(_) => Vec::new(),
    };
    let full = u64::try_from(lines.len()).unwrap_or(0) == LINES;
    let before = lines.last().filter(|_| full).map(|l| l.seq);
    let mut comptes: Vec<CompteId> = lines
        .iter()
        .flat_map(|l| {
            let about = l.subject_id.parse().ok().filter(|_| l.subject == "compte");
            [l.by, l.seen_by, about]
        })
        .flatten()
        .map(CompteId)
        .collect();
    comptes.sort_unstable();
    comptes.dedup();
    let noms = identity::noms(site.db.read(), &comptes).await?;
    form.forget("avant");
    let exports = Exports::new("/gestion/journal", form.values());
    let (sujet, id) = (form.get("sujet").to_owned(), form.get("id").to_owned());
    page(&JournalPage { shell, form, exports, lines, noms, homonymes, sujet, id, before })
}

/// The lines as a table: for people and their spreadsheets.
pub(super) async fn exporter(
    State(site): State<Site>,
    shell: Shell,
    format: Format,
    Requete(mut form): Requete,
) -> PageResult {
    let query = journal::Query { before: None, limit: LOT as u64, ..comprise(&site, &mut form).await? };
    let lu = site.clone();
    LISTE
        .envoyer(&site, &shell.actor()?.clone(), (format, form.values()), move |after| {
            let (site, query) = (lu.clone(), query.clone());
            async move {
                let lines = journal::following(site.db.read(), &query, after.unwrap_or(0)).await?;
                Ok(Lot::de(&lines, LOT, journal::cells, |l| l.seq))
            }
        })
        .await
}

const LISTE: Liste = Liste { nom: "journal", titres: journal::TITLES };

/// The lines with all that is needed to check them apart: for an investigation. What was asked is journalled first.
pub(super) async fn extraire(
    State(site): State<Site>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    let query = journal::Query { before: None, ..comprise(&site, &mut form).await? };
    let facts = serde_json::to_value(&query).unwrap_or_default();
    let line = journal::Entry::by(shell.actor()?, "journal.extraire", "journal", "").with(facts);
    site.db.write(async |tx| journal::write(&site, tx, line.clone()).await).await?;
    let extract = journal::Extract::open(&site, query).await?;
    let flux = futures::stream::try_unfold((site, extract), |(site, mut extract)| async move {
        let piece = extract.piece(site.db.read()).await.map_err(|e| {
            tracing::error!(error = %e, "an extract stopped in the middle");
            std::io::Error::other("the journal could not be read to its end")
        })?;
        Ok::<_, std::io::Error>(piece.map(|p| (Bytes::from(p), (site, extract))))
    });
    let entetes = [
        (CONTENT_TYPE, "application/x-ndjson; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"journal.jsonl\""),
    ];
    Ok((entetes, Body::from_stream(flux)).into_response())
}

/// A verb as people read it; its key, made readable, for one that no table has.
fn verbe(action: &str) -> Cow<'static, str> {
    if let Some((_, label)) = VERBES.iter().find(|(key, _)| *key == action) {
        return Cow::Borrowed(label);
    }
    Cow::Owned(mandats::acte(action).unwrap_or_else(|| action.replace('.', " : ").replace('_', " ")))
}

/// The kind of thing that a line is about, with its article.
fn sujet(subject: &str) -> &str {
    let ici = SUJETS.iter().find(|(key, _)| *key == subject).map(|(_, words)| *words);
    ici.or_else(|| mandats::chose(subject)).unwrap_or(subject)
}

/// Names of what a line holds besides, in the order of the alphabet.
const NOMS: &[(&str, &str)] = &[
    ("absorbee", "Fiche réunie"),
    ("acte", "À quel titre"),
    ("added", "Ajoutés"),
    ("adresses", "Adresses"),
    ("attribution", "Rôle n°"),
    ("autre", "Autre fiche"),
    ("champ", "Champ"),
    ("champs", "Champs"),
    ("changed", "Changés"),
    ("closed", "Fermés"),
    ("fichier", "Fichier"),
    ("filtered", "Laissés de côté"),
    ("lieu", "Lieu"),
    ("lieux", "Lieux"),
    ("lignes", "Lignes"),
    ("methode", "Moyen de connexion"),
    ("motif", "Raison"),
    ("read", "Lus"),
    ("refused", "Refusés"),
    ("repaired", "Réparés"),
    ("role", "Rôle"),
    ("sessions", "Sessions fermées"),
    ("source", "Source"),
    ("unchanged", "Inchangés"),
];

/// What a line holds besides, as names and values: nested ones are laid flat, nothing is hidden.
fn details(json: &str) -> Vec<(String, String)> {
    fn lay(name: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
        use serde_json::Value as V;
        let text = match value {
            V::Null => return,
            V::Object(map) => return map.iter().for_each(|(k, v)| lay(k, v, out)),
            V::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
            other => plain(other),
        };
        let label = NOMS.iter().find(|(k, _)| *k == name).map_or_else(
            || kernel::text::majuscule(&name.replace('_', " ")),
            |(_, label)| (*label).to_owned(),
        );
        out.push((label, text));
    }
    fn plain(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::String(s) => {
                kernel::Role::from_key(s).map_or_else(|| s.clone(), |r| r.ligne().nom.to_owned())
            }
            serde_json::Value::Bool(true) => "oui".to_owned(),
            serde_json::Value::Bool(false) => "non".to_owned(),
            other => other.to_string(),
        }
    }
    let mut out = Vec::new();
    if let Ok(value) = serde_json::from_str(json) {
        lay("Détail", &value, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use kernel::{Perimetre, Role};
    use platform::journal::Entry;
    use platform::web::{Access, Routes};
    use testkit::TestSite;

    use super::*;

    #[test]
    fn verbs_are_words() {
        assert_eq!(verbe("compte.role.donne"), "Rôle donné");
        assert_eq!(
            (verbe("usage.commencer"), sujet("equipe")),
            ("Démarche commencée au nom d’une personne".into(), "cette équipe")
        );
        assert_eq!(verbe("lieu.tout_neuf"), "lieu : tout neuf");
        assert_eq!(
            details(r#"{"bilan":{"read":91},"role":"prefecture","champs":["nom","horaires"],"vide":null}"#),
            [("Lus", "91"), ("Champs", "nom, horaires"), ("Rôle", "Préfecture")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(details("null").is_empty() && details("{").is_empty());
        assert!(VERBES.windows(2).all(|w| w[0].0 < w[1].0), "in order, once each");
        assert!(SUJETS.windows(2).all(|w| w[0].0 < w[1].0), "in order, once each");
    }

    /// The acts that stand beside an entry of the journal in the sources of the program.
    fn ecrits(dossier: &std::path::Path, out: &mut std::collections::BTreeSet<String>) {
        for entree in std::fs::read_dir(dossier).unwrap() {
            let chemin = entree.unwrap().path();
            let nom = chemin.file_name().unwrap().to_str().unwrap().to_owned();
            if chemin.is_dir() && !nom.starts_with("test") {
                ecrits(&chemin, out);
            } else if nom.ends_with(".rs") && !nom.starts_with("test") && nom != "journal.rs" {
                let texte = std::fs::read_to_string(&chemin).unwrap();
                for reste in texte.split("Entry::by(").skip(1).chain(texte.split("Entry::system(").skip(1)) {
                    let debut = &reste[..reste.floor_char_boundary(80)];
                    let acte = debut.split('"').nth(1).filter(|a| a.contains('.') && !a.contains([' ', '{']));
                    out.extend(acte.map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn every_act_beside_an_entry_has_its_words() {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut actes = std::collections::BTreeSet::new();
        for c in ["platform", "identity", "annuaire", "conseillers", "mandats", "app"] {
            ecrits(&crates.join(c).join("src"), &mut actes);
        }
        assert!(actes.len() > 150, "{}", actes.len());
        let known = |a: &String| VERBES.iter().any(|(k, _)| k == a) || mandats::acte(a).is_some();
        let without: Vec<_> = actes.iter().filter(|a| !known(a)).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    testkit::on_both_engines! {
        migrations: crate::wiring::migrations();

        async fn older_lines_keep_the_filters_and_people_have_names(t: TestSite) {
            identity::inviter(&t.site, "lea@exemple.fr", Some("Léa Inventée"), "lecteur", &[], None).await.unwrap();
            let site = &t.site;
            let query = journal::Query { limit: 1, ..Default::default() };
            let compte = journal::page(site.db.read(), &query).await.unwrap()[0].subject_id.clone();
            site.db
                .write(async |tx| {
                    for _ in 0..120 {
                        let line = Entry { by: compte.parse().ok(), ..Entry::system("compte.connexion", "compte", &compte) };
                        journal::write(site, tx, line).await?;
                        journal::write(site, tx, Entry::system("tache.relancer", "tache", "x&y")).await?;
                    }
                    Ok::<_, sea_orm::DbErr>(())
                })
                .await
                .unwrap();
            let routes = Routes::new()
                .get("/gestion/journal", Access::Public, journal_page)
                .get("/gestion/journal/extrait.jsonl", Access::Public, extraire)
                .export("/gestion/journal", Access::Public, exporter)
                .with_state(site.clone());
            let mut b = t.browser(routes).signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
            let first = b.get("/gestion/journal?sujet=tache&id=x%26y").await.expect(200).says("Tâche relancée");
            let next = first.body.split("href=\"/gestion/journal?").find(|l| l.contains("Lignes plus anciennes")).unwrap();
            let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            assert!(next.contains("sujet=tache") && next.contains("id=x%26y") && next.contains("avant="), "{next}");
            let second = b.get(&format!("/gestion/journal?{next}")).await.expect(200);
            assert!(second.body.contains("Tâche relancée") && !second.body.contains("Connexion :"));
            let all = b.get("/gestion/journal?sujet=compte").await.says("Léa Inventée").says("Connexion");
            assert!(!all.body.contains(&format!("<code>{compte}")), "a name, not a number");
            b.get("/gestion/journal?du=hier&compte=moi&sujet=tache").await.expect(200).says("Écrivez un jour").says("Aucun compte");
            // By name, by address; several of one name are chosen from.
            for texte in ["inventée", "lea@exemple", "LEA@exemple.fr"] {
                let siennes = b.get(&format!("/gestion/journal?compte={texte}")).await.expect(200).says("Connexion");
                assert!(!siennes.body.contains("Tâche relancée"), "{texte}");
            }
            identity::inviter(&t.site, "leo@exemple.fr", Some("Léo Inventé"), "lecteur", &[], None).await.unwrap();
            let deux = b.get("/gestion/journal?compte=invent&sujet=compte").await.expect(200).says("leo@exemple.fr").says("Léa Inventée");
            assert!(deux.body.contains(&format!("sujet=compte&#38;compte={compte}")) && !deux.body.contains("Connexion :"));
            b.get("/gestion/journal?du=2026-03-18&au=2026-03-18").await.expect(200).says("Tâche relancée");
            b.get("/gestion/journal?au=2026-03-17").await.expect(200).says("Aucune ligne");
            let extract = b.get("/gestion/journal/extrait.jsonl?sujet=tache&id=x%26y&du=2026-03-18").await.expect(200);
            let checked = journal::check(extract.body.as_bytes()).unwrap();
            assert_eq!((checked.lines, checked.joined), (120, 0), "every other line");
            b.get("/gestion/journal/extrait.jsonl?du=hier").await.expect(400);
            b.get("/gestion/journal/export.csv?compte=moi").await.expect(400);
            let csv = b.get(&format!("/gestion/journal/export.csv?compte={compte}")).await.expect(200);
            assert_eq!(csv.body.lines().count(), 121, "titles, and what that account did");
            let told = journal::page(site.db.read(), &journal::Query { limit: 2, ..Default::default() }).await.unwrap();
            assert_eq!(told.iter().map(|l| l.action.as_str()).collect::<Vec<_>>(), ["liste.exporter", "journal.extraire"]);
            assert!(told[1].details.contains("x&y"), "what was asked is told: {}", told[1].details);
        }
    }
}
