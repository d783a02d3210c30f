//! The stock, for the national team; the card of one person, for themselves, their référent, the team.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use chrono::TimeDelta;
use identity::cartes::{self, Carte, EtatCarte, Motif};
use kernel::calendrier::{en_lettres, en_lettres_avec_heure};
use kernel::ids::CompteId;
use kernel::{Refusal, Verb};
use platform::web::fichier::{Recu, coupe, recevoir};
use platform::web::{
    Access, FormState, Formulaire, PageResult, Pagination, Requete, Routes, Shell, exige_preuve, page,
    page_with, see_other_saying,
};
use sea_orm::ConnectionTrait;

use super::fichier::{self, LIMITES, Ligne, national};
use crate::aidants::{self, Aidant, agissant};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

const STOCK: &str = "/gestion/cartes";
const IMPORTER: &str = "/gestion/cartes/importer";
const RANGER: &str = "/gestion/cartes/ranger";
const PAR_PAGE: usize = 100;
/// How fresh the proof must be to change what proves an identity.
const PREUVE: TimeDelta = TimeDelta::minutes(15);

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);
    const REFERENT: Access = Access::May(Verb::GererAidants);
    Routes::new()
        .get(STOCK, EQUIPE, stock)
        .get(IMPORTER, EQUIPE, page_importer)
        .post(IMPORTER, EQUIPE, importer)
        .get(RANGER, EQUIPE, page_ranger)
        .post(RANGER, EQUIPE, ranger)
        .get("/aidant/moi/carte", Access::SignedIn, la_mienne)
        .post("/aidant/moi/carte", Access::SignedIn, gerer_la_mienne)
        .get("/referent/personnes/{aidant}/carte", REFERENT, d_un_autre)
        .post("/referent/personnes/{aidant}/carte", REFERENT, gerer_celle_d_un_autre)
        .get("/gestion/aidants/{aidant}/carte", EQUIPE, d_un_autre)
        .post("/gestion/aidants/{aidant}/carte", EQUIPE, gerer_celle_d_un_autre)
        .with_state(m.clone())
}

#[derive(Template)]
#[template(path = "cartes/stock.html")]
struct Stock {
    shell: Shell,
    form: FormState,
    cartes: Vec<Carte>,
    pagination: Pagination,
    comptes: Vec<(&'static str, usize)>,
}

impl Stock {
    fn etats(&self) -> Vec<(&'static str, &'static str)> {
        let mut out = vec![("", "Tous les états")];
        out.extend(EtatCarte::TOUS.map(|e| (e.cle(), e.nom())));
        out
    }
}

async fn stock(State(m): State<Mandats>, shell: Shell, Requete(form): Requete) -> PageResult {
    national(shell.actor()?)?;
    let conn = m.site.db.read();
    let etat = EtatCarte::from_cle(form.get("etat"));
    let debut = cartes::numero(form.get("numero")).unwrap_or_default();
    let total = cartes::compter(conn, etat, &debut).await?;
    let pagination =
        Pagination::new(total, PAR_PAGE, form.get("page").parse().unwrap_or(1), STOCK, form.values());
    let cartes = cartes::lister(conn, etat, &debut, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let mut comptes = Vec::new();
    for e in EtatCarte::TOUS {
        comptes.push((e.nom(), cartes::compter(conn, Some(e), "").await?));
    }
    page(&Stock { shell, form, cartes, pagination, comptes })
}

#[derive(Template)]
#[template(path = "cartes/importer.html")]
struct Importer {
    shell: Shell,
    form: FormState,
    rapport: Vec<Ligne>,
    essai: bool,
}

impl Importer {
    fn prises(&self) -> usize {
        self.rapport.iter().filter(|l| l.prise).count()
    }
}

async fn page_importer(shell: Shell) -> PageResult {
    national(shell.actor()?)?;
    let form = FormState::filled([("essai", "oui")]);
    page(&Importer { shell, form, rapport: Vec::new(), essai: true })
}

async fn importer(State(m): State<Mandats>, shell: Shell, mut envoi: Multipart) -> PageResult {
    let (mut octets, mut essai) = (Vec::new(), false);
    while let Some(mut champ) = envoi.next_field().await.map_err(coupe)? {
        match champ.name().unwrap_or_default() {
            "fichier" => match recevoir(&mut champ, LIMITES.octets()).await? {
                Recu::Entier(lus) => octets = lus,
                Recu::TropGros => octets = vec![b' '; LIMITES.octets() + 1],
            },
            "essai" => essai = matches!(recevoir(&mut champ, 16).await?, Recu::Entier(v) if v == b"oui"),
            _ => {}
        }
    }
    let mut form = FormState::default();
    if essai {
        form.set("essai", "oui");
    }
    if octets.is_empty() {
        form.refuse("fichier", "Choisissez un fichier CSV ou XLSX.");
    } else {
        match fichier::importer(&m, shell.actor()?, &octets, essai).await {
            Ok(rapport) => return page(&Importer { shell, form, rapport, essai }),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Importer { shell, form, rapport: Vec::new(), essai })
}

#[derive(Template)]
#[template(path = "cartes/ranger.html")]
struct Ranger {
    shell: Shell,
    form: FormState,
}

impl Ranger {
    fn etats(&self) -> Vec<(&'static str, &'static str)> {
        EtatCarte::TOUS
            .into_iter()
            .filter(|e| *e != EtatCarte::Associee)
            .map(|e| (e.cle(), e.nom()))
            .collect()
    }
}

async fn page_ranger(shell: Shell) -> PageResult {
    national(shell.actor()?)?;
    page(&Ranger { shell, form: FormState::filled([("etat", EtatCarte::Envoyee.cle())]) })
}

async fn ranger(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let actor = shell.actor()?;
    national(actor)?;
    let etat = form.parse("etat", |e| {
        EtatCarte::from_cle(e).filter(|e| *e != EtatCarte::Associee).ok_or("Choisissez où sont ces cartes.")
    });
    let texte = form.get("numeros").to_owned();
    let tapes: Vec<&str> =
        texte.split([',', ';', '\n', '\r', '\t']).map(str::trim).filter(|n| !n.is_empty()).collect();
    let numeros: Vec<String> = tapes.iter().filter_map(|n| cartes::numero(n)).collect();
    if numeros.is_empty() || numeros.len() != tapes.len() || numeros.len() > LIMITES.lignes {
        form.refuse("numeros", "Collez des numéros de cartes, un par ligne : des lettres et des chiffres.");
    }
    match etat {
        Some(etat) if form.is_valid() => {
            let n = cartes::ranger(&m.site, actor, &numeros, etat).await.map_err(Failure::from)?;
            let faites = kernel::text::compte(n, "carte changée", "cartes changées");
            let phrase = format!(
                "{faites} sur {}. Une carte associée, inconnue ou déjà dans cet état reste comme elle est.",
                numeros.len()
            );
            Ok(see_other_saying(STOCK, &phrase))
        }
        _ => page_with(StatusCode::UNPROCESSABLE_ENTITY, &Ranger { shell, form }),
    }
}

/// What to answer about the card of an account, a line.
pub(crate) fn diagnostic(carte: &Carte) -> String {
    let usage = carte.utilisee_le.map_or_else(
        || "aucun code pris".to_owned(),
        |le| format!("dernier code pris le {}", en_lettres_avec_heure(&le)),
    );
    let refus = kernel::text::compte(
        u64::try_from(carte.refus).unwrap_or(0),
        "code refusé depuis",
        "codes refusés depuis",
    );
    format!(
        "Carte {}, associée le {} ; {usage} ; {} ; {refus}.",
        carte.numero,
        en_lettres(&carte.etat_le),
        horloge(carte)
    )
}

fn horloge(carte: &Carte) -> String {
    match carte.ecart() {
        0 => "horloge à l’heure".to_owned(),
        n if n < 0 => format!("horloge en retard de {} secondes", -n),
        n => format!("horloge en avance de {n} secondes"),
    }
}

/// Whose card, by whom.
struct Qui {
    aidant: Aidant,
    compte: CompteId,
    moi: bool,
}

/// Who may look after the card of whom: oneself, a référent of one of their organisations, the team within its scope. Out of
/// scope, nobody exists.
async fn qui(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    shell: &Shell,
    id: Option<AidantId>,
) -> Result<Qui, Failure> {
    let actor = shell.actor().map_err(|_| Refusal::NotFound)?;
    let aidant = match id {
        None => aidants::store::du_compte(conn, actor.compte).await?.ok_or(Refusal::NotFound)?,
        Some(id) => {
            let visible = if actor.role.has(Verb::InstruireHabilitations) {
                aidants::equipe_voit(conn, actor, id).await?
            } else {
                let ici = agissant(m, conn, actor, Verb::GererAidants).await?;
                aidants::store::appartenance(conn, id, ici.organisation.structure).await?.is_some()
            };
            let aidant = aidants::store::lire(conn, id).await?.filter(|_| visible);
            aidant.ok_or(Refusal::NotFound)?
        }
    };
    let sans = || {
        Refusal::conflict(
            "Cette personne n’a pas encore de compte : sa carte s’associera quand il sera ouvert.",
        )
    };
    let compte = aidant.compte.ok_or_else(sans)?;
    Ok(Qui { moi: compte == actor.compte, aidant, compte })
}

#[derive(Template)]
#[template(path = "cartes/carte.html")]
struct LaCarte {
    shell: Shell,
    form: FormState,
    nom: String,
    moi: bool,
    ici: String,
    retour: String,
    carte: Option<(Carte, String)>,
}

impl LaCarte {
    fn motifs(&self) -> Vec<(&'static str, &'static str)> {
        Motif::TOUS.map(|m| (m.cle(), m.nom())).to_vec()
    }
}

/// Address of the page, and of the one before it.
fn adresses(shell: &Shell, id: Option<AidantId>) -> (String, String) {
    let equipe = shell.actor().is_ok_and(|a| a.role.has(Verb::InstruireHabilitations));
    let retour = match (id, equipe) {
        (None, _) => "/aidant/moi".to_owned(),
        (Some(id), true) => format!("/gestion/aidants/{id}"),
        (Some(id), false) => format!("/referent/personnes/{id}"),
    };
    (format!("{retour}/carte"), retour)
}

async fn montrer(
    m: &Mandats,
    status: StatusCode,
    shell: Shell,
    id: Option<AidantId>,
    form: FormState,
) -> PageResult {
    let conn = m.site.db.read();
    let q = qui(m, conn, &shell, id).await?;
    let carte = cartes::du_compte(conn, q.compte).await?.map(|c| {
        let phrase = diagnostic(&c);
        (c, phrase)
    });
    let (ici, retour) = adresses(&shell, id);
    page_with(status, &LaCarte { shell, form, nom: q.aidant.nom_complet(), moi: q.moi, ici, retour, carte })
}

async fn la_mienne(State(m): State<Mandats>, shell: Shell) -> PageResult {
    montrer(&m, StatusCode::OK, shell, None, FormState::default()).await
}

async fn d_un_autre(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, StatusCode::OK, shell, Some(AidantId(id)), FormState::default()).await
}

async fn gerer_la_mienne(State(m): State<Mandats>, shell: Shell, Formulaire(form): Formulaire) -> PageResult {
    gerer(&m, shell, None, form).await
}

async fn gerer_celle_d_un_autre(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    gerer(&m, shell, Some(AidantId(id)), form).await
}

/// Pairs, brings back, takes back.
async fn gerer(m: &Mandats, shell: Shell, id: Option<AidantId>, mut form: FormState) -> PageResult {
    let (ici, _) = adresses(&shell, id);
    let actor = shell.actor()?.clone();
    let compte = qui(m, m.site.db.read(), &shell, id).await?.compte;
    let (numero, code, suivant) =
        (form.get("numero").to_owned(), form.get("code").to_owned(), form.get("suivant").to_owned());
    form.forget("code");
    form.forget("suivant");
    let geste = form.get("geste").to_owned();
    // Two codes that follow each other are a proof: whoever brings a card back may have no other.
    if geste != "resynchroniser" {
        let viewer = shell.viewer.as_ref().ok_or(platform::web::PageError::SignIn)?;
        exige_preuve(viewer, m.site.clock.now(), PREUVE, &ici)?;
    }
    let motif = Motif::from_cle(form.get("motif"));
    let fait: Result<&str, Failure> = async {
        let (site, shell) = (&m.site, &shell);
        match (geste.as_str(), motif) {
            ("associer", _) => {
                let essai = cartes::essayer(site, compte).await?;
                let quoi = (numero.as_str(), code.as_str());
                site.db
                    .write(async |tx| {
                        let compte = qui(m, tx, shell, id).await?.compte;
                        Ok::<_, Failure>(cartes::associer(site, tx, &actor, compte, quoi, &essai).await?)
                    })
                    .await?;
                Ok("La carte est associée. Ses codes servent dès maintenant.")
            }
            ("resynchroniser", _) => {
                let essai = cartes::essayer(site, compte).await?;
                let quoi = (code.as_str(), suivant.as_str());
                site.db
                    .write(async |tx| {
                        let compte = qui(m, tx, shell, id).await?.compte;
                        Ok::<_, Failure>(
                            cartes::resynchroniser(site, tx, &actor, compte, quoi, &essai).await?,
                        )
                    })
                    .await?;
                Ok("La carte est remise à l’heure.")
            }
            ("retirer", Some(motif)) => {
                site.db
                    .write(async |tx| {
                        let compte = qui(m, tx, shell, id).await?.compte;
                        Ok::<_, Failure>(cartes::dissocier(site, tx, &actor, compte, motif).await?)
                    })
                    .await?;
                Ok("La carte est retirée : ses codes ne servent plus.")
            }
            ("retirer", None) => {
                Err(Refusal::field("motif", "Choisissez pourquoi la carte est retirée.").into())
            }
            _ => Err(Refusal::NotFound.into()),
        }
    }
    .await;
    match fait {
        Ok(phrase) => Ok(see_other_saying(&ici, phrase)),
        Err(Failure::Refusal(r @ (Refusal::Fields(_) | Refusal::Conflict(_)))) => {
            refuse(m, shell, id, form, r).await
        }
        Err(Failure::Compte(e)) => refuse(m, shell, id, form, e.refusal().map_err(Failure::from)?).await,
        Err(e) => Err(e.into()),
    }
}

async fn refuse(
    m: &Mandats,
    shell: Shell,
    id: Option<AidantId>,
    mut form: FormState,
    r: Refusal,
) -> PageResult {
    match r {
        Refusal::Conflict(phrase) => {
            let champ = if form.get("geste") == "retirer" { "motif" } else { "code" };
            form.refuse(champ, phrase);
        }
        r => form.take(r)?,
    }
    montrer(m, StatusCode::UNPROCESSABLE_ENTITY, shell, id, form).await
}
