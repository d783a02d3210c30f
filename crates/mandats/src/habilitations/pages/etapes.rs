//! The steps of a request: each keeps what it holds, right or wrong, and says what is wrong.

use annuaire::structures::model::{CATEGORIES, CategorieJuridique};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other, see_other_saying,
};

use super::PUBLIC;
use super::espace::{ouvrir, secrete};
use crate::habilitations::model::{Demande, Demandeur, Personne, PersonneId};
use crate::habilitations::reference::{self, DECLARATIONS, Verdict};
use crate::habilitations::{actions, rules, saisie, store};
use crate::{Failure, Mandats};

/// Steps, in order: key, title.
pub(super) const ETAPES: [(&str, &str); 5] = [
    ("organisation", "L’organisation"),
    ("referent", "La personne référente"),
    ("aidants", "Les personnes à former"),
    ("engagements", "Les cinq engagements"),
    ("recapitulatif", "Relire et déposer"),
];

pub(super) const OUI_NON: [(&str, &str); 2] = [("oui", "Oui"), ("non", "Non")];

/// Where a page stands among the steps.
pub(super) struct Pas {
    pub(super) rang: usize,
    /// Address of the request.
    pub(super) ici: String,
    /// Address of the space.
    pub(super) espace: String,
    pub(super) nom: String,
}

impl Pas {
    fn new(cle: &str, jeton: &str, demande: &Demande) -> Self {
        let espace = format!("{PUBLIC}/espace/{jeton}");
        let nom = if demande.nom.is_empty() { "votre organisation".to_owned() } else { demande.nom.clone() };
        Self {
            rang: ETAPES.iter().position(|(c, _)| *c == cle).unwrap_or(0) + 1,
            ici: format!("{espace}/{}", demande.id),
            espace,
            nom,
        }
    }

    pub(super) fn titre(&self) -> &'static str {
        ETAPES.get(self.rang - 1).map_or("", |e| e.1)
    }

    pub(super) fn suivant(&self) -> Option<&'static str> {
        ETAPES.get(self.rang).map(|e| e.1)
    }

    fn apres(&self) -> String {
        let cle = ETAPES.get(self.rang).map_or("recapitulatif", |e| e.0);
        format!("{}/{cle}", self.ici)
    }
}

/// A request, as it is read: by who asks before filing, by the staff.
pub(crate) struct Lecture {
    /// Lines of the organisation: label, value.
    pub(crate) organisation: Vec<(&'static str, String)>,
    /// Lines of the référent.
    pub(crate) referent: Vec<(&'static str, String)>,
    /// People to be trained.
    pub(crate) personnes: Vec<Personne>,
    /// Declarations, and whether each was made.
    pub(crate) engagements: Vec<(&'static str, bool)>,
    /// What is wrong: step, sentence.
    pub(crate) manque: Vec<(&'static str, String)>,
    pub(crate) verdict: (Verdict, &'static str),
}

fn oui(valeur: &str) -> String {
    match valeur {
        "oui" => "Oui",
        "non" => "Non",
        _ => "",
    }
    .to_owned()
}

impl Lecture {
    pub(crate) async fn de(m: &Mandats, demande: &Demande) -> Result<Self, PageError> {
        let personnes = store::personnes(m.site.db.read(), demande.id).await?;
        let mut form = demande.champs.clone();
        let dossier = saisie::dossier(&mut form, &m.annuaire.territoires());
        let mut manque: Vec<(&'static str, String)> =
            form.errors().iter().map(|(champ, s)| (saisie::etape_de(champ), s.clone())).collect();
        if let Some(d) = &dossier
            && demande.etat.modifiable()
            && let Err(kernel::Refusal::Fields(fields)) = rules::deposable(demande, d, &personnes)
        {
            manque.extend(fields.into_iter().map(|(champ, s)| (saisie::etape_de(&champ), s)));
        }
        manque.dedup();
        let f = |nom: &str| demande.champs.get(nom).to_owned();
        let type_nom = reference::type_de(&f("type")).map_or(String::new(), |t| t.1.to_owned());
        let categorie = CategorieJuridique::parse(&f("categorie")).ok();
        let commune = format!("{} {}", f("code_postal"), f("commune"));
        let lignes = vec![
            ("Nom", f("nom")),
            ("SIRET ou RIDET", f("pivot")),
            (
                "Type",
                if f("type_autre").is_empty() {
                    type_nom
                } else {
                    format!("{type_nom} : {}", f("type_autre"))
                },
            ),
            ("Catégorie juridique", categorie.as_ref().map(CategorieJuridique::lisible).unwrap_or_default()),
            ("Adresse", format!("{}, {}", f("voie"), commune.trim())),
            ("Site internet", f("site_web")),
            ("Organisation privée", oui(&f("privee"))),
            ("Administration partenaire", f("partenaire")),
            ("France services", oui(&f("france_services"))),
            ("Immatriculation France services", f("france_services_numero")),
            ("Mission", f("mission")),
            ("Démarches par semaine", f("demarches")),
        ];
        let referent = vec![
            ("Nom", format!("{} {}", f("referent_prenom"), f("referent_nom"))),
            ("Profession", f("referent_profession")),
            ("Adresse électronique", f("referent_courriel")),
            ("Téléphone", f("referent_telephone")),
            ("Fera aussi des mandats", oui(&f("referent_aidant"))),
            ("Conseillère ou conseiller numérique", oui(&f("referent_conseiller"))),
        ];
        let remplies = |lignes: Vec<(&'static str, String)>| {
            lignes.into_iter().filter(|(_, v)| v.chars().any(char::is_alphanumeric)).collect()
        };
        Ok(Self {
            organisation: remplies(lignes),
            referent: remplies(referent),
            personnes,
            engagements: DECLARATIONS.map(|(c, s)| (s, demande.champs.get(c) == "oui")).to_vec(),
            manque,
            verdict: reference::eligibilite(categorie.as_ref()),
        })
    }
}

#[derive(Template)]
#[template(path = "habilitations/pages/organisation.html")]
struct PageOrganisation {
    shell: Shell,
    form: FormState,
    pas: Pas,
    communes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "habilitations/pages/referent.html")]
struct PageReferent {
    shell: Shell,
    form: FormState,
    pas: Pas,
}

#[derive(Template)]
#[template(path = "habilitations/pages/aidants.html")]
struct PageAidants {
    shell: Shell,
    form: FormState,
    pas: Pas,
    personnes: Vec<Personne>,
    /// The person who is changed; none for a new one.
    qui: Option<PersonneId>,
    referent_aidant: bool,
}

#[derive(Template)]
#[template(path = "habilitations/pages/engagements.html")]
struct PageEngagements {
    shell: Shell,
    form: FormState,
    pas: Pas,
}

#[derive(Template)]
#[template(path = "habilitations/pages/recapitulatif.html")]
struct PageRecapitulatif {
    shell: Shell,
    form: FormState,
    pas: Pas,
    demande: Demande,
    lecture: Lecture,
}

type Chemin = Path<(String, String)>;

/// The request of a step, which may still be changed.
async fn etape(
    m: &Mandats,
    (jeton, id): &(String, String),
    cle: &str,
) -> Result<(Demandeur, Demande, Pas), PageError> {
    let (d, demande) = ouvrir(m, jeton, id).await?;
    rules::modifiable(&demande)?;
    let pas = Pas::new(cle, jeton, &demande);
    Ok((d, demande, pas))
}

const REFUSE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Where a step leads: back to the space for a draft, on otherwise.
fn suite(form: &FormState, pas: &Pas) -> PageResult {
    if form.get("action") == "brouillon" {
        return Ok(see_other_saying(&pas.espace, "Le brouillon est enregistré."));
    }
    Ok(see_other(&pas.apres()))
}

pub(super) async fn organisation(State(m): State<Mandats>, shell: Shell, Path(p): Chemin) -> PageResult {
    let (_, demande, pas) = etape(&m, &p, "organisation").await?;
    let form = demande.champs;
    page_with(StatusCode::OK, &PageOrganisation { shell, form, pas, communes: Vec::new() }).map(secrete)
}

pub(super) async fn garder_organisation(
    State(m): State<Mandats>,
    shell: Shell,
    Path(p): Chemin,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande, pas) = etape(&m, &p, "organisation").await?;
    let lue = saisie::organisation(&mut form, &m.annuaire.territoires());
    actions::garder(&m, &d, demande.id, (saisie::ORGANISATION, &form)).await?;
    if lue.lue.is_some() || form.get("action") == "brouillon" {
        return suite(&form, &pas);
    }
    page_with(REFUSE, &PageOrganisation { shell, form, pas, communes: lue.communes }).map(secrete)
}

pub(super) async fn referent(State(m): State<Mandats>, shell: Shell, Path(p): Chemin) -> PageResult {
    let (_, demande, pas) = etape(&m, &p, "referent").await?;
    page_with(StatusCode::OK, &PageReferent { shell, form: demande.champs, pas }).map(secrete)
}

pub(super) async fn garder_referent(
    State(m): State<Mandats>,
    shell: Shell,
    Path(p): Chemin,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande, pas) = etape(&m, &p, "referent").await?;
    let lu = saisie::referent(&mut form).is_some();
    actions::garder(&m, &d, demande.id, (saisie::REFERENT, &form)).await?;
    if lu || form.get("action") == "brouillon" {
        return suite(&form, &pas);
    }
    page_with(REFUSE, &PageReferent { shell, form, pas }).map(secrete)
}

async fn page_aidants(
    m: &Mandats,
    shell: Shell,
    (demande, pas): (Demande, Pas),
    (form, qui): (FormState, Option<PersonneId>),
    status: StatusCode,
) -> PageResult {
    let personnes = store::personnes(m.site.db.read(), demande.id).await?;
    let referent_aidant = demande.champs.get("referent_aidant") == "oui";
    page_with(status, &PageAidants { shell, form, pas, personnes, qui, referent_aidant }).map(secrete)
}

pub(super) async fn aidants(State(m): State<Mandats>, shell: Shell, Path(p): Chemin) -> PageResult {
    let (_, demande, pas) = etape(&m, &p, "aidants").await?;
    page_aidants(&m, shell, (demande, pas), (FormState::default(), None), StatusCode::OK).await
}

/// Writes a person; what was typed comes back with what is wrong.
async fn ecrire(
    m: &Mandats,
    shell: Shell,
    (d, demande, pas): (Demandeur, Demande, Pas),
    mut form: FormState,
    qui: Option<PersonneId>,
) -> PageResult {
    let id = qui.unwrap_or_else(|| PersonneId::new(&m.site.clock, &m.site.chance));
    let lue = saisie::personne(&mut form, "", id).filter(|_| form.is_valid());
    if let Some(personne) = lue {
        let nom = personne.nom_complet();
        match actions::personne(m, &d, demande.id, personne).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &format!("{}/aidants", pas.ici),
                    &format!("{nom} : c’est enregistré."),
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    page_aidants(m, shell, (demande, pas), (form, qui), REFUSE).await
}

pub(super) async fn ajouter(
    State(m): State<Mandats>,
    shell: Shell,
    Path(p): Chemin,
    Formulaire(form): Formulaire,
) -> PageResult {
    let tout = etape(&m, &p, "aidants").await?;
    ecrire(&m, shell, tout, form, None).await
}

async fn une(m: &Mandats, demande: &Demande, id: &str) -> Result<Personne, PageError> {
    let id: PersonneId = id.parse().map_err(|_| PageError::not_found())?;
    let la = store::personnes(m.site.db.read(), demande.id).await?;
    la.into_iter().find(|p| p.id == id).ok_or_else(PageError::not_found)
}

pub(super) async fn aidant(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id, qui)): Path<(String, String, String)>,
) -> PageResult {
    let (_, demande, pas) = etape(&m, &(jeton, id), "aidants").await?;
    let p = une(&m, &demande, &qui).await?;
    let form = FormState::filled([
        ("prenom", p.prenom.clone()),
        ("nom", p.nom.clone()),
        ("courriel", p.courriel.to_string()),
        ("telephone", p.telephone.as_ref().map(kernel::Telephone::lisible).unwrap_or_default()),
        ("profession", p.profession.clone()),
        ("conseiller", if p.conseiller_numerique { "oui" } else { "non" }.to_owned()),
    ]);
    page_aidants(&m, shell, (demande, pas), (form, Some(p.id)), StatusCode::OK).await
}

pub(super) async fn changer(
    State(m): State<Mandats>,
    shell: Shell,
    Path((jeton, id, qui)): Path<(String, String, String)>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let tout = etape(&m, &(jeton, id), "aidants").await?;
    let p = une(&m, &tout.1, &qui).await?;
    ecrire(&m, shell, tout, form, Some(p.id)).await
}

pub(super) async fn retirer(
    State(m): State<Mandats>,
    Path((jeton, id, qui)): Path<(String, String, String)>,
) -> PageResult {
    let (d, demande, pas) = etape(&m, &(jeton, id), "aidants").await?;
    let p = une(&m, &demande, &qui).await?;
    actions::retirer(&m, &d, demande.id, Some(p.id)).await?;
    Ok(see_other_saying(&format!("{}/aidants", pas.ici), &format!("{} : c’est retiré.", p.nom_complet())))
}

pub(super) async fn engagements(State(m): State<Mandats>, shell: Shell, Path(p): Chemin) -> PageResult {
    let (_, demande, pas) = etape(&m, &p, "engagements").await?;
    page_with(StatusCode::OK, &PageEngagements { shell, form: demande.champs, pas }).map(secrete)
}

pub(super) async fn garder_engagements(
    State(m): State<Mandats>,
    shell: Shell,
    Path(p): Chemin,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande, pas) = etape(&m, &p, "engagements").await?;
    actions::garder(&m, &d, demande.id, (saisie::ENGAGEMENTS, &form)).await?;
    if form.get("action") != "brouillon" {
        for (champ, _) in DECLARATIONS {
            if form.get(champ) != "oui" {
                form.refuse(
                    champ,
                    "Cochez cette case : sans cet engagement, la demande ne peut pas être déposée.",
                );
            }
        }
        if !form.is_valid() {
            return page_with(REFUSE, &PageEngagements { shell, form, pas }).map(secrete);
        }
    }
    suite(&form, &pas)
}

async fn page_recapitulatif(
    m: &Mandats,
    shell: Shell,
    (demande, pas): (Demande, Pas),
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let lecture = Lecture::de(m, &demande).await?;
    page_with(status, &PageRecapitulatif { shell, form, pas, demande, lecture }).map(secrete)
}

pub(super) async fn recapitulatif(State(m): State<Mandats>, shell: Shell, Path(p): Chemin) -> PageResult {
    let (_, demande, pas) = etape(&m, &p, "recapitulatif").await?;
    page_recapitulatif(&m, shell, (demande, pas), FormState::default(), StatusCode::OK).await
}

pub(super) async fn deposer(
    State(m): State<Mandats>,
    shell: Shell,
    Path(p): Chemin,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (d, demande) = ouvrir(&m, &p.0, &p.1).await?;
    let ici = format!("{PUBLIC}/espace/{}/{}", p.0, demande.id);
    if !demande.etat.modifiable() {
        // Sent twice: it is filed already.
        return Ok(see_other(&ici));
    }
    let territoires = m.annuaire.territoires();
    let lu = |champs: &FormState| saisie::dossier(&mut champs.clone(), &territoires);
    match actions::deposer(&m, &d, demande.id, lu).await {
        Ok(fait) => {
            let sentence =
                format!("Votre demande est déposée. Son numéro : {}.", fait.numero.unwrap_or_default());
            return Ok(see_other_saying(&ici, &sentence));
        }
        Err(Failure::Refusal(refusal)) => form.refuse("depot", refusal.to_string()),
        Err(other) => return Err(other.into()),
    }
    let pas = Pas::new("recapitulatif", &p.0, &demande);
    page_recapitulatif(&m, shell, (demande, pas), form, REFUSE).await
}
