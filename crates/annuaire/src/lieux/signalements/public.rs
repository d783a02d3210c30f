//! The forms of visitors.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use kernel::ids::LieuId;
use platform::web::freins::{self, ParHeure};
use platform::web::observe::Source;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other_saying};

use super::actions;
use super::formulaire::{Lu, lit, rempli};
use super::model::{Etat, Signalement, SignalementId};
use crate::Annuaire;
use crate::lieux::recherche::departement;
use crate::lieux::standard::{Frais, Service, Valeur};
use crate::lieux::{Fiche, Lieu, lieu};

/// Reports that one address may send in an hour.
const PAR_ADRESSE: u32 = 20;
static COMPTES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);

const MERCI: &str = "Merci. Votre message est transmis aux personnes qui tiennent ces fiches.";

#[derive(Template)]
#[template(path = "lieux/signalements/signaler.html")]
struct Page {
    shell: Shell,
    form: FormState,
    /// Address and name of the lieu; none for a new one.
    lieu: Option<(LieuId, String)>,
    horaires: String,
}

impl Page {
    fn services(&self) -> Vec<(&'static str, String)> {
        options::<Service>()
    }

    fn frais(&self) -> Vec<(&'static str, String)> {
        options::<Frais>()
    }

    fn action(&self) -> String {
        match &self.lieu {
            Some((id, _)) => format!("/lieux/{id}/signaler"),
            None => "/lieux/proposer".to_owned(),
        }
    }
}

fn options<T: Valeur>() -> Vec<(&'static str, String)> {
    T::TOUTES.iter().map(|v| (v.libelle(), v.libelle().replace('\'', "’"))).collect()
}

async fn trouve(annuaire: &Annuaire, id: &str) -> Result<Lieu, PageError> {
    let id: LieuId = id.parse().map_err(|_| PageError::not_found())?;
    lieu(annuaire.site.db.read(), id).await?.ok_or_else(PageError::not_found)
}

fn montre(status: StatusCode, shell: Shell, form: FormState, lieu: Option<&Lieu>) -> PageResult {
    page_with(
        status,
        &Page {
            shell,
            form,
            lieu: lieu.map(|l| (l.id, l.fiche.nom.to_string())),
            horaires: lieu.map(|l| l.fiche.horaires.to_string()).unwrap_or_default(),
        },
    )
}

pub(super) async fn signaler(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
) -> PageResult {
    let lieu = trouve(&annuaire, &id).await?;
    let form = rempli(&lieu.fiche, annuaire.site.clock.now().timestamp());
    montre(StatusCode::OK, shell, form, Some(&lieu))
}

pub(super) async fn proposer(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    let form = rempli(&Fiche::default(), annuaire.site.clock.now().timestamp());
    montre(StatusCode::OK, shell, form, None)
}

pub(super) async fn envoyer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    source: Option<Extension<Source>>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let lieu = trouve(&annuaire, &id).await?;
    prend(&annuaire, shell, form, Some(&lieu), source.map(|s| s.0)).await
}

pub(super) async fn envoyer_proposition(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(form): Formulaire,
) -> PageResult {
    prend(&annuaire, shell, form, None, source.map(|s| s.0)).await
}

async fn prend(
    annuaire: &Annuaire,
    shell: Shell,
    mut form: FormState,
    lieu: Option<&Lieu>,
    source: Option<Source>,
) -> PageResult {
    let retour = lieu.map_or_else(|| "/lieux".to_owned(), |l| format!("/lieux/{}", l.id));
    if freins::est_un_robot(&form) {
        // A robot that believes it succeeded does not try again.
        return Ok(see_other_saying(&retour, MERCI));
    }
    let maintenant = annuaire.site.clock.now();
    freins::le_temps(&mut form, "mot", maintenant);
    let vide = Fiche::default();
    let fiche = lieu.map_or(&vide, |l| &l.fiche);
    if lieu.is_none() {
        for (champ, phrase) in [
            ("nom", "Donnez le nom du lieu."),
            ("adresse", "Donnez l’adresse du lieu."),
            ("commune", "Donnez la commune du lieu."),
        ] {
            if form.get(champ).is_empty() {
                form.refuse(champ, phrase);
            }
        }
    }
    let lu = lit(&mut form, fiche);
    let Some(lu) = lu.filter(|_| form.is_valid()) else {
        return montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, lieu);
    };
    if !source.is_none_or(|s| COMPTES.admis(s.0, PAR_ADRESSE, maintenant)) {
        return Err(PageError::TooMany);
    }
    let signalement = compose(annuaire, &form, lieu, lu);
    match actions::deposer(&annuaire.site, signalement).await {
        Ok(()) => Ok(see_other_saying(&retour, MERCI)),
        Err(actions::Echec::Refus(refus)) => {
            form.refuse("mot", refus.to_string());
            montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, lieu)
        }
        Err(autre) => Err(autre.into()),
    }
}

fn compose(annuaire: &Annuaire, form: &FormState, lieu: Option<&Lieu>, lu: Lu) -> Signalement {
    let t = annuaire.territoires();
    let propose = Fiche {
        nom: form.get("nom").into(),
        commune: form.get("commune").into(),
        code_postal: kernel::CodePostal::parse(form.get("code_postal")),
        ..Fiche::default()
    };
    let fiche = lieu.map_or(&propose, |l| &l.fiche);
    let commune = match &fiche.code_insee {
        Some(code) => t.rang_actuel(code).map(|r| &t.communes()[r]),
        None => {
            let postal = fiche.code_postal.as_ref().map_or("", |c| c.as_str());
            let texte = format!("{postal} {}", fiche.commune);
            t.resoudre(texte.trim()).certaine().map(|c| c.commune)
        }
    };
    let departement = departement(fiche, commune.map(|c| &c.departement));
    let region = commune
        .map(|c| c.region.clone())
        .or_else(|| departement.as_ref().and_then(|d| t.departement(d)).map(|d| d.region.clone()));
    Signalement {
        id: SignalementId::new(&annuaire.site.clock, &annuaire.site.chance),
        lieu: lieu.map(|l| l.id),
        structure: None,
        nom: fiche.nom.to_string(),
        commune: fiche.commune.to_string(),
        region,
        departement,
        champs: lu.champs,
        mot: lu.mot,
        courriel: lu.courriel,
        etat: Etat::Recu,
        reponse: String::new(),
        recu_le: annuaire.site.clock.now(),
        traite_le: None,
    }
}
