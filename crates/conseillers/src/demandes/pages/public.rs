//! The public form: who may ask, the draft, the address to prove.

use annuaire::structures::StructureVue;
use annuaire::structures::model::{CATEGORIES, CategorieJuridique, Genre as GenreStructure};
use annuaire::structures::saisie::{reprendre, reseaux};
use annuaire::structures::sirene::{Etablissement, Sirene};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use identity::secrets::link::Secret;
use kernel::calendrier::jour;
use kernel::{Email, Pivot, Refusal};
use platform::web::freins;
use platform::web::observe::Source;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other,
    see_other_saying,
};

use super::PUBLIC;
use super::saisie::{self, CHAMPS};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::admis;
use crate::demandes::actions;
use crate::demandes::brouillons::{self, Avancement, Brouillon, Envoi};
use crate::demandes::model::{Etendue, Quotite};
use crate::demandes::reference::{self, ENGAGEMENTS, Eligibilite, Famille, Jour, MISSIONS};
use crate::demandes::store;

/// What the rules say of a structure, for a page.
struct Verdict {
    famille: Famille,
    eligibilite: Eligibilite,
    ouverture: NaiveDate,
    ouverte: bool,
}

impl Verdict {
    async fn new(
        c: &Conseillers,
        categorie: Option<&CategorieJuridique>,
        genre: GenreStructure,
    ) -> Result<Self, PageError> {
        let (famille, eligibilite) = reference::eligibilite(categorie, genre);
        let ouverture = store::calendrier(c.site.db.read(), famille.ouverture()).await?;
        let ouverte = ouverture <= jour(&c.site.clock.now());
        Ok(Self { famille, eligibilite, ouverture, ouverte })
    }

    fn le(&self) -> String {
        self.ouverture.format("%d/%m/%Y").to_string()
    }
}

#[derive(Template)]
#[template(path = "demandes/pages/accueil.html")]
struct Accueil {
    shell: Shell,
    form: FormState,
    sirene: bool,
    resultats: Option<Vec<Etablissement>>,
    panne: Option<String>,
    /// The structure that was found: its name, what the rules say, its fields for the draft.
    trouvee: Option<(String, Verdict, FormState)>,
    ouvertures: Vec<(&'static str, String)>,
}

impl Accueil {
    /// What the rules say of a category of the table.
    fn regle(&self, code: &str, genre: &GenreStructure) -> Eligibilite {
        reference::eligibilite(CategorieJuridique::parse(code).ok().as_ref(), *genre).1
    }
}

async fn ouvertures(c: &Conseillers) -> Result<Vec<(&'static str, String)>, PageError> {
    let mut out = Vec::new();
    for j in [Jour::OuverturePublique, Jour::OuverturePrivee] {
        out.push((j.nom(), store::calendrier(c.site.db.read(), j).await?.format("%d/%m/%Y").to_string()));
    }
    Ok(out)
}

/// The structure of that number: in the directory, else in Sirene.
async fn chercher(c: &Conseillers, a: &mut Accueil, pivot: &Pivot) -> Result<(), PageError> {
    if let Some(s) = annuaire::structures::de_pivot(c.site.db.read(), pivot).await? {
        let verdict = Verdict::new(c, s.categorie.as_ref(), s.genre).await?;
        a.trouvee = Some((s.nom, verdict, FormState::filled([("pivot", pivot.to_string())])));
        return Ok(());
    }
    let Some(sirene) = Sirene::new(&c.site.config.sirene) else { return Ok(()) };
    match sirene.etablissement(pivot).await {
        Ok(Some(e)) => {
            let verdict =
                Verdict::new(c, e.categorie.as_ref(), e.genre.unwrap_or(GenreStructure::Autre)).await?;
            a.trouvee = Some((e.nom.clone(), verdict, reprendre(&e)));
        }
        Ok(None) => {
            a.panne = Some("Sirene ne connaît pas ce numéro. Remplissez la fiche vous-même.".to_owned());
        }
        Err(panne) => a.panne = Some(panne.to_string()),
    }
    Ok(())
}

pub(super) async fn accueil(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> PageResult {
    let sirene = Sirene::new(&c.site.config.sirene);
    let mut a = Accueil {
        shell,
        form,
        sirene: sirene.is_some(),
        resultats: None,
        panne: None,
        trouvee: None,
        ouvertures: ouvertures(&c).await?,
    };
    let typed = a.form.get("numero").to_owned();
    match Pivot::parse(&typed) {
        _ if typed.is_empty() => {}
        Ok(pivot) => chercher(&c, &mut a, &pivot).await?,
        Err(sentence) if typed.chars().all(|ch| !ch.is_alphabetic()) => a.form.refuse("numero", sentence),
        Err(_) => match sirene {
            Some(_) if typed.chars().count() < 3 => {
                a.form.refuse("numero", "Écrivez au moins trois lettres.")
            }
            Some(sirene) => match sirene.chercher(&typed).await {
                Ok(found) => a.resultats = Some(found),
                Err(panne) => a.panne = Some(panne.to_string()),
            },
            None => a.form.refuse("numero", "Écrivez un SIRET (14 chiffres) ou un RIDET."),
        },
    }
    page(&a)
}

/// Opens a draft with what is known of the structure.
pub(super) async fn commencer(
    State(c): State<Conseillers>,
    source: Option<Extension<Source>>,
    Formulaire(form): Formulaire,
) -> PageResult {
    admis(&c, source)?;
    let jeton = brouillons::ouvrir(&c.site, &form, CHAMPS).await?;
    Ok(see_other(&format!("{PUBLIC}/{}", jeton.expose())))
}

#[derive(Template)]
#[template(path = "demandes/pages/formulaire.html")]
struct PageFormulaire {
    shell: Shell,
    form: FormState,
    jeton: String,
    communes: Vec<(String, String)>,
    connue: Option<StructureVue>,
    verdict: Option<Verdict>,
}

fn genres() -> Vec<(&'static str, &'static str)> {
    std::iter::once(("", "Choisissez")).chain(GenreStructure::options()).collect()
}

const DEMANDES: [(&str, &str); 2] = [
    ("premiers_postes", "Des postes de conseiller numérique (premiers postes de la structure)"),
    ("coordinateur", "Un poste de coordinateur de conseillers numériques"),
];
const OUI_NON: [(&str, &str); 2] = [("oui", "Oui"), ("non", "Non, pas encore")];

#[derive(Template)]
#[template(path = "demandes/pages/attente.html")]
struct Attente {
    shell: Shell,
    jeton: String,
    courriel: String,
}

#[derive(Template)]
#[template(path = "demandes/pages/deposee.html")]
struct Deposee {
    shell: Shell,
    reference: String,
    doublon: bool,
}

async fn ouvrir(c: &Conseillers, jeton: &str) -> Result<(Secret, Brouillon), PageError> {
    let secret = Secret::parse(jeton).ok_or_else(PageError::not_found)?;
    let b = brouillons::lire(c.site.db.read(), &secret).await?.ok_or_else(PageError::not_found)?;
    Ok((secret, b))
}

async fn verdict(
    c: &Conseillers,
    form: &FormState,
    connue: Option<&StructureVue>,
) -> Result<Option<Verdict>, PageError> {
    if let Some(s) = connue {
        return Verdict::new(c, s.categorie.as_ref(), s.genre).await.map(Some);
    }
    let categorie = CategorieJuridique::parse(form.get("categorie")).ok();
    match GenreStructure::from_cle(form.get("genre")) {
        Some(genre) => Verdict::new(c, categorie.as_ref(), genre).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn formulaire(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(jeton): Path<String>,
    Requete(query): Requete,
) -> PageResult {
    let (_, b) = ouvrir(&c, &jeton).await?;
    match b.avancement {
        Avancement::Depose(n) => {
            return page(&Deposee { shell, reference: format!("DE-{n}"), doublon: false });
        }
        Avancement::AProuver if query.get("corriger").is_empty() => {
            return page(&Attente { shell, jeton, courriel: b.form.get("courriel").to_owned() });
        }
        Avancement::AProuver | Avancement::Ouvert => {}
    }
    let connue = brouillons::connue(c.site.db.read(), &b.form).await?;
    let verdict = verdict(&c, &b.form, connue.as_ref()).await?;
    page(&PageFormulaire { shell, form: b.form, jeton, communes: Vec::new(), connue, verdict })
}

/// Keeps the draft; files it when asked.
pub(super) async fn enregistrer(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(jeton): Path<String>,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (secret, b) = ouvrir(&c, &jeton).await?;
    let here = format!("{PUBLIC}/{}", secret.expose());
    if freins::est_un_robot(&form) {
        // A robot that believes it succeeded does not try again.
        return Ok(see_other(&here));
    }
    admis(&c, source)?;
    if matches!(b.avancement, Avancement::Depose(_)) {
        return Ok(see_other(&here));
    }
    let site = &c.site;
    brouillons::garder(site, b.id, &form, CHAMPS).await?;
    let connue = brouillons::connue(site.db.read(), &form).await?;
    let verdict = verdict(&c, &form, connue.as_ref()).await?;
    let mut communes = Vec::new();
    if form.get("action") == "brouillon" {
        // The draft is kept whatever it holds; only an address to send the link to must be one.
        match Email::parse(form.get("courriel")) {
            Ok(to) => match brouillons::envoyer(site, &b, &to, Envoi::Brouillon(&secret)).await {
                Ok(()) => {
                    return Ok(see_other_saying(
                        &here,
                        "Brouillon enregistré. Son lien vient de vous être envoyé.",
                    ));
                }
                Err(Failure::Refusal(Refusal::Conflict(_))) => {
                    return Ok(see_other_saying(&here, "Brouillon enregistré."));
                }
                Err(other) => return Err(other.into()),
            },
            Err(_) if form.get("courriel").is_empty() => {
                return Ok(see_other_saying(
                    &here,
                    "Brouillon enregistré. Gardez l’adresse de cette page pour y revenir.",
                ));
            }
            Err(sentence) => form.refuse("courriel", sentence),
        }
    } else {
        let le = jour(&site.clock.now());
        let (lu, choix) = saisie::depot(&mut form, connue.clone(), &c.annuaire.territoires(), le);
        communes = choix;
        if let Some((organisme, depot)) = lu {
            let (categorie, genre) = match &organisme {
                brouillons::Organisme::Connu(s) => (s.categorie.clone(), s.genre),
                brouillons::Organisme::Nouveau(f) => (f.categorie.clone(), f.genre),
            };
            match actions::peut_deposer(site, site.db.read(), categorie.as_ref(), genre).await {
                Ok(()) => {
                    let to = &depot.contact.courriel;
                    match brouillons::envoyer(site, &b, to, Envoi::Preuve(organisme.nom())).await {
                        Ok(()) => return Ok(see_other(&here)),
                        Err(Failure::Refusal(refusal)) => form.refuse("courriel", refusal.to_string()),
                        Err(other) => return Err(other.into()),
                    }
                }
                Err(Failure::Refusal(refusal)) => form.refuse("demande", refusal.to_string()),
                Err(other) => return Err(other.into()),
            }
        }
    }
    let p = PageFormulaire { shell, form, jeton, communes, connue, verdict };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &p)
}

/// Sends the link that files the draft once more.
pub(super) async fn renvoyer(State(c): State<Conseillers>, Path(jeton): Path<String>) -> PageResult {
    let (secret, b) = ouvrir(&c, &jeton).await?;
    let here = format!("{PUBLIC}/{}", secret.expose());
    if b.avancement != Avancement::AProuver {
        return Ok(see_other(&here));
    }
    let to = Email::parse(b.form.get("courriel")).map_err(|_| PageError::not_found())?;
    let nom = match brouillons::connue(c.site.db.read(), &b.form).await? {
        Some(s) => s.nom,
        None => b.form.get("nom").to_owned(),
    };
    match brouillons::envoyer(&c.site, &b, &to, Envoi::Preuve(&nom)).await {
        Ok(()) => Ok(see_other_saying(&here, "Le message est reparti. L’ancien lien ne sert plus.")),
        Err(Failure::Refusal(refusal)) => Ok(see_other_saying(&here, &refusal.to_string())),
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "demandes/pages/confirmer.html")]
struct Confirmer {
    shell: Shell,
    structure: String,
}

fn lien_mort() -> PageError {
    Refusal::conflict(
        "Ce lien ne sert plus : il a été remplacé par un plus récent, ou le brouillon a été modifié depuis. Ouvrez le \
         dernier message reçu, ou déposez de nouveau le brouillon.",
    )
    .into()
}

/// A page with a button: programs that follow the links of mails file nothing.
pub(super) async fn confirmation(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(lien): Path<String>,
) -> PageResult {
    let secret = Secret::parse(&lien).ok_or_else(PageError::not_found)?;
    let Some(b) = brouillons::de_lien(c.site.db.read(), &secret).await? else { return Err(lien_mort()) };
    if let Avancement::Depose(n) = b.avancement {
        return page(&Deposee { shell, reference: format!("DE-{n}"), doublon: false });
    }
    let connue = brouillons::connue(c.site.db.read(), &b.form).await?;
    let structure = connue.map_or_else(|| b.form.get("nom").to_owned(), |s| s.nom);
    page(&Confirmer { shell, structure })
}

pub(super) async fn confirmer(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(lien): Path<String>,
) -> PageResult {
    let secret = Secret::parse(&lien).ok_or_else(PageError::not_found)?;
    if brouillons::de_lien(c.site.db.read(), &secret).await?.is_none() {
        return Err(lien_mort());
    }
    let (territoires, le) = (c.annuaire.territoires(), jour(&c.site.clock.now()));
    let lu = |form: &FormState, connue| saisie::depot(&mut form.clone(), connue, &territoires, le).0;
    let demande = brouillons::prouver(&c, &secret, lu).await?;
    let doublon = demande.etat.cle() == "doublon";
    page(&Deposee { shell, reference: demande.reference(), doublon })
}
