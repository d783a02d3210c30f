//! Making a mandat: notices, choices, FranceConnect, recapitulation, proof, signature. Every step is a row of the server:
//! what is closed is found again where it was.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Email, Refusal, Telephone};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, exige_preuve_puis_relire, page_with,
    see_other, see_other_saying, see_other_warning,
};
use uuid::Uuid;

use super::{ACCUEIL, BROUILLONS, NOUVEAU, adresse, adresse_de, agissant, nom_de, parties, statut};
use crate::aidants::{self, Agissant};
use crate::consentements::{self, Adresse, Attendu, Preuve};
use crate::document::{Duree, Partie};
use crate::franceconnect::{self, But, Depart, Navigateur};
use crate::ids::MandatId;
use crate::legal;
use crate::mandats::actions::Attestation;
use crate::mandats::brouillon::{Brouillon, Choix};
use crate::mandats::identification::{self, Etat as EtatIdentification, Identification};
use crate::mandats::{actions, distance as voies, projet, rules, store, traces};
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats};

pub(super) fn chemin(id: Uuid) -> String {
    format!("{BROUILLONS}/{id}")
}

#[derive(Template)]
#[template(path = "mandats/pages/nouveau.html")]
struct Nouveau {
    shell: Shell,
    form: FormState,
    organisation: String,
    action: String,
    /// Key and label of each démarche of the perimeter.
    demarches: Vec<(String, String)>,
    avertissements: Vec<String>,
    notices: Vec<Partie>,
    /// Whose mandat is renewed: their name, and the page to go back to.
    renouvelle: Option<(String, String)>,
    /// Whether the person of the draft that is changed is known already.
    connue: bool,
}

impl Nouveau {
    fn durees(&self) -> Vec<(u16, &'static str)> {
        super::durees()
    }
}

async fn formulaire(
    m: &Mandats,
    shell: Shell,
    form: FormState,
    action: String,
    (renouvelle, connue): (Option<(String, String)>, bool),
) -> PageResult {
    let a = agissant(m, &shell).await?;
    let (organisation, jour) = (nom_de(m, &a).await?, m.jour());
    let permises = a.organisation.demarches.cles();
    let notices = legal::en_vigueur(legal::Genre::Notices, jour);
    let aidant = a.aidant.nom_complet();
    let blancs = [("aidant", aidant.as_str()), ("organisation", organisation.as_str())];
    page_with(
        statut(&form),
        &Nouveau {
            demarches: super::catalogue(jour)
                .iter()
                .filter(|d| permises.contains(&d.cle))
                .map(|d| (d.cle.clone(), format!("{} : {}", d.titre, d.couvre)))
                .collect(),
            avertissements: super::avertissements(permises, jour),
            notices: notices.map(|t| parties(t.corps, &blancs)).unwrap_or_default(),
            shell,
            form,
            organisation,
            action,
            renouvelle,
            connue,
        },
    )
}

/// Making a mandat asks for the conditions of use of the day; whoever reads them comes back here.
pub(super) fn exige_conditions(m: &Mandats, a: &Agissant, retour: &str) -> Result<(), PageError> {
    aidants::exige_conditions(a, m.jour(), retour)
}

/// What was chosen; what is wrong is noted beside its field.
fn lire(form: &mut FormState, a: &Agissant) -> Choix {
    let courriel = form.parse_opt("courriel", Email::parse).flatten();
    let telephone = form
        .parse_opt("telephone", |t| {
            Telephone::parse(t).ok_or("Écrivez un numéro de téléphone, comme 06 12 34 56 78.")
        })
        .flatten();
    let choix = Choix {
        demarches: form.all("demarches").map(str::to_owned).take(50).collect(),
        duree: form.get("duree").parse().ok(),
        courriel: courriel.map(|c| c.as_str().to_owned()),
        telephone: telephone.map(|t| t.as_str().to_owned()),
        voie: None,
        atteste: false,
    };
    if let Err(Refusal::Fields(champs)) = rules::choisi(&choix, &a.organisation) {
        for (champ, phrase) in champs {
            form.refuse(&champ, phrase);
        }
    }
    choix
}

fn rempli(choix: &Choix) -> FormState {
    let mut valeurs: Vec<(&str, String)> = choix.demarches.iter().map(|d| ("demarches", d.clone())).collect();
    valeurs.extend(choix.duree.map(|d| ("duree", d.to_string())));
    valeurs.extend(choix.courriel.iter().map(|c| ("courriel", c.clone())));
    let lisible = |t: &String| Telephone::parse(t).map_or_else(|| t.clone(), |t| t.lisible());
    valeurs.extend(choix.telephone.iter().map(|t| ("telephone", lisible(t))));
    FormState::filled(valeurs)
}

pub(super) async fn nouveau(State(m): State<Mandats>, shell: Shell) -> PageResult {
    exige_conditions(&m, &agissant(&m, &shell).await?, NOUVEAU)?;
    formulaire(&m, shell, FormState::default(), NOUVEAU.to_owned(), (None, false)).await
}

pub(super) async fn commencer(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    exige_conditions(&m, &a, NOUVEAU)?;
    let choix = lire(&mut form, &a);
    if !form.is_valid() {
        return formulaire(&m, shell, form, NOUVEAU.to_owned(), (None, false)).await;
    }
    let id = actions::commencer(&m, shell.actor()?, choix, None).await?;
    if form.get("absente") == "oui" { Ok(see_other(&chemin(id))) } else { partir(&m, &nav, id).await }
}

async fn partir(m: &Mandats, nav: &Navigateur, id: Uuid) -> PageResult {
    franceconnect::partir(m, nav, Depart { but: But::Mandat, retour: chemin(id) }).await
}

/// The mandat that is renewed: its person, and what may be renewed without FranceConnect.
async fn avant(m: &Mandats, shell: &Shell, id: MandatId) -> Result<(Usager, Vec<String>), PageError> {
    let a = agissant(m, shell).await?;
    let conn = m.site.db.read();
    let (mandat, _) = actions::mandat_de(conn, &a, id).await?;
    let usager = usagers::store::lire(conn, mandat.usager).await?.ok_or(Refusal::NotFound)?;
    let toutes = store::de_la_personne(conn, usager.id).await?;
    Ok((usager, rules::renouvelables(&mandat, &toutes, m.site.clock.now())))
}

pub(super) async fn renouvellement(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (usager, reste) = avant(&m, &shell, MandatId(id)).await?;
    if reste.is_empty() {
        return Ok(see_other_warning(&adresse_de(usager.id), actions::NE_SE_RENOUVELLE_PLUS));
    }
    let action = format!("{}/renouveler", adresse(MandatId(id)));
    exige_conditions(&m, &agissant(&m, &shell).await?, &action)?;
    let choix = Choix {
        demarches: reste,
        courriel: usager.contact.courriel.as_ref().map(|c| c.as_str().to_owned()),
        telephone: usager.contact.telephone.as_ref().map(|t| t.lisible()),
        ..Choix::default()
    };
    let qui = Some((usager.identite.nom_complet(), adresse_de(usager.id)));
    formulaire(&m, shell, rempli(&choix), action, (qui, false)).await
}

pub(super) async fn renouveler(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let (usager, reste) = avant(&m, &shell, MandatId(id)).await?;
    let action = format!("{}/renouveler", adresse(MandatId(id)));
    exige_conditions(&m, &a, &action)?;
    let choix = lire(&mut form, &a);
    if !form.is_valid() {
        let qui = Some((usager.identite.nom_complet(), adresse_de(usager.id)));
        return formulaire(&m, shell, form, action, (qui, false)).await;
    }
    let plus = choix.demarches.iter().any(|d| !reste.contains(d));
    let brouillon = actions::commencer(&m, shell.actor()?, choix, Some(MandatId(id))).await?;
    // A wider mandat needs the person again.
    if plus && form.get("absente") != "oui" {
        return partir(&m, &nav, brouillon).await;
    }
    Ok(see_other(&chemin(brouillon)))
}

#[derive(Template)]
#[template(path = "mandats/pages/recapitulatif.html")]
struct Recapitulatif {
    shell: Shell,
    form: FormState,
    b: Brouillon,
    /// What this page is called when it is signed.
    vue: String,
    /// Whether another page was to be signed, that is not up to date any more.
    change: bool,
    organisation: String,
    usager: Option<Usager>,
    demarches: Vec<String>,
    duree: Option<Duree>,
    avertissements: Vec<String>,
    /// Why FranceConnect is needed; none when the mandat may be signed.
    franceconnect: Option<String>,
    /// The identification that was asked for from afar, and where it is.
    identification: Option<(Identification, EtatIdentification)>,
    /// Where the link for it may be sent: key and label.
    liens: Vec<(&'static str, String)>,
    /// How the person may be asked from afar: key and label.
    voies: Vec<(&'static str, String)>,
    /// Where they want no more messages, among these.
    arretees: Vec<String>,
    /// What is awaited from them.
    attendu: Option<Attendu>,
    /// When they agreed from afar.
    accord: Option<String>,
    /// Where the person was born.
    ne_a: String,
    /// Where the person reads their mandats.
    mes_mandats: String,
}

impl Recapitulatif {
    /// Where the person will be told: what was typed, or what they have already.
    fn prevenue(&self) -> Vec<String> {
        let connu = self.usager.as_ref().map(|u| u.contact.clone()).unwrap_or_default();
        // What they proved theirs is not replaced by what is typed.
        let tape = self.b.choix.courriel.clone().filter(|_| !connu.courriel_prouve);
        let courriel = tape.or_else(|| connu.courriel.map(|c| c.as_str().to_owned()));
        let tape = self.b.choix.telephone.as_deref().filter(|_| !connu.telephone_prouve);
        let telephone = tape.and_then(Telephone::parse).or(connu.telephone);
        // A number stands on one line.
        courriel.into_iter().chain(telephone.map(|t| t.lisible().replace(' ', "\u{a0}"))).collect()
    }

    /// Whether the person came by a link, on their own device.
    fn par_lien(&self) -> bool {
        matches!(self.identification, Some((_, EtatIdentification::Faite)))
    }

    /// Whether the person may be asked by a call.
    fn par_appel(&self) -> bool {
        self.voies.iter().any(|(cle, _)| cle.starts_with("telephone"))
    }

    /// Whether somebody is still to identify themselves by a link.
    fn attendue(&self) -> bool {
        matches!(self.identification, Some((_, EtatIdentification::Envoyee)))
    }

    fn en_mots(&self) -> &'static str {
        self.duree.map_or("", super::duree)
    }

    /// Whether nobody knows an address of the person: FranceConnect asks for one when the mandat is used.
    fn sans_courriel(&self) -> bool {
        let connue = |u: &Usager| u.contact.courriel.is_some();
        self.b.choix.courriel.is_none() && self.usager.as_ref().is_some_and(|u| !connue(u))
    }
}

/// The draft changed since the page that was signed was shown: here is what it says now, to be read and ticked again.
async fn relire(m: &Mandats, shell: Shell, b: Brouillon) -> PageResult {
    page_de(m, shell, b, FormState::default(), true).await
}

async fn recapituler(m: &Mandats, shell: Shell, b: Brouillon, form: FormState) -> PageResult {
    page_de(m, shell, b, form, false).await
}

async fn page_de(m: &Mandats, shell: Shell, b: Brouillon, form: FormState, change: bool) -> PageResult {
    let a = agissant(m, &shell).await?;
    let (conn, jour, now) = (m.site.db.read(), m.jour(), m.site.clock.now());
    let loin = identification::du_brouillon(conn, b.id).await?;
    let b = identification::tenue(b, loin.as_ref());
    let usager = match b.usager {
        Some(id) => usagers::store::lire(conn, id).await?,
        None => None,
    };
    let reste = match b.renouvelle {
        Some(id) => Some(avant(m, &shell, id).await?.1),
        None => None,
    };
    let accord = voies::accord(conn, &b).await?;
    let attendu = consentements::attendu(&m.site, conn, b.id).await?;
    let offre = accord.as_ref().map(|a| a.offre).or(attendu.as_ref().map(|a| a.depuis));
    let quand = offre.unwrap_or(now);
    let franceconnect = rules::identite(b.identifie_le, reste.as_deref(), &b.choix.demarches, quand).err();
    let voie = |v: &Adresse| {
        let comment = match v {
            Adresse::Sms(_) => "Par SMS",
            Adresse::Courriel(_) => "Par courriel",
            Adresse::Appel(_, Preuve::Code) => "Par téléphone, elle vous dit un code reçu sur ce portable",
            Adresse::Appel(_, Preuve::Temoin) => "Par téléphone, un de vos collègues écoute et le confirme",
        };
        (v.cle(), format!("{comment} : {}", v.lisible()))
    };
    let toutes = usager.as_ref().map(|u| voies::voies(&b, u)).unwrap_or_default();
    let (mut voies, mut liens, mut arretees) = (Vec::new(), Vec::new(), Vec::<String>::new());
    let adresses = identification::adresses(&b.choix, usager.as_ref());
    for (v, lien) in toutes.iter().map(|v| (v, false)).chain(adresses.iter().map(|v| (v, true))) {
        let stop = consentements::arrete(&m.site, conn, v).await?;
        // A call that a colleague listens to sends nothing.
        if !stop || v.preuve() == Some(Preuve::Temoin) {
            if lien { liens.push(voie(v)) } else { voies.push(voie(v)) }
        } else if !arretees.contains(&v.lisible()) {
            arretees.push(v.lisible());
        }
    }
    let identification = loin.map(|i| {
        let etat = i.etat(now);
        (i, etat)
    });
    let ne_a = usager.as_ref().map(|u| projet::lieu_de_naissance(m, u)).unwrap_or_default();
    let origine = m.site.config.serveur.origine.trim_start_matches("https://").trim_start_matches("http://");
    let mes_mandats = format!("{origine}/mes-mandats");
    page_with(
        if change { StatusCode::CONFLICT } else { statut(&form) },
        &Recapitulatif {
            vue: voies::vue(&b, accord.as_ref()),
            change,
            identification,
            liens,
            voies,
            arretees,
            attendu,
            accord: accord.map(|a| kernel::calendrier::en_lettres_avec_heure(&a.reponse)),
            organisation: nom_de(m, &a).await?,
            usager,
            demarches: b.choix.demarches.iter().map(|d| super::titre(d, jour)).collect(),
            duree: b.choix.duree.and_then(|d| Duree::try_from(d).ok()),
            avertissements: super::avertissements(&b.choix.demarches, jour),
            franceconnect: franceconnect.map(|r| r.to_string()),
            ne_a,
            mes_mandats,
            shell,
            form,
            b,
        },
    )
}

/// The draft, where it is. Back from FranceConnect, the identity is taken here, once.
pub(super) async fn ouvrir(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let b = actions::ouvrir(m.site.db.read(), &a, shell.actor()?, id).await?;
    if let Some(mandat) = b.mandat {
        return Ok(see_other(&adresse(mandat)));
    }
    let (identification, refus) = (query.get("identification"), query.get("refus"));
    if !refus.is_empty() {
        let phrase = franceconnect::conseil(refus).unwrap_or_else(|| {
            "La personne n’a pas été identifiée. Vous pouvez recommencer : rien n’est perdu.".to_owned()
        });
        return Ok(see_other_warning(&chemin(id), &phrase));
    }
    if !identification.is_empty() {
        return match identifier(&m, &shell, &nav, id, identification).await {
            Ok(true) => Ok(see_other(&chemin(id))),
            Ok(false) => {
                let phrase = "Cette identification a déjà servi, ou a trop attendu. La personne peut s’identifier de nouveau.";
                Ok(see_other_warning(&chemin(id), phrase))
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&chemin(id), &phrase)),
            Err(autre) => Err(autre.into()),
        };
    }
    let mut form = FormState::default();
    if b.choix.atteste {
        form.set("atteste", "oui");
    }
    recapituler(&m, shell, b, form).await
}

async fn identifier(
    m: &Mandats,
    shell: &Shell,
    nav: &Navigateur,
    id: Uuid,
    identification: &str,
) -> Result<bool, Failure> {
    let actor = shell.viewer.as_ref().map(|v| &v.actor).ok_or(Refusal::NotFound)?;
    m.site
        .db
        .write(async |tx| {
            let Some(i) =
                franceconnect::prendre(m, tx, (But::Mandat, &chemin(id)), identification, nav).await?
            else {
                return Ok(false);
            };
            actions::identifier(m, tx, actor, id, (&i.sub, &i.identite, i.quand)).await?;
            Ok(true)
        })
        .await
}

/// The choices of a draft, to be changed.
pub(super) async fn choix(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let b = actions::ouvrir(m.site.db.read(), &a, shell.actor()?, id).await?;
    if let Some(mandat) = b.mandat {
        return Ok(see_other(&adresse(mandat)));
    }
    let form = rempli(&b.choix);
    formulaire(&m, shell, form, chemin(id), (None, b.usager.is_some())).await
}

/// New choices: the person who was identified stays so.
pub(super) async fn changer(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let actor = shell.actor()?;
    let b = actions::ouvrir(m.site.db.read(), &a, actor, id).await?;
    if form.get("franceconnect") == "oui" {
        return partir(&m, &nav, b.id).await;
    }
    let choix = lire(&mut form, &a);
    if !form.is_valid() {
        return formulaire(&m, shell, form, chemin(id), (None, b.usager.is_some())).await;
    }
    let b = actions::garder(&m, actor, id, |b| b.choix = choix.clone()).await?;
    if b.usager.is_some() || form.get("absente") == "oui" {
        return Ok(see_other(&chemin(id)));
    }
    partir(&m, &nav, id).await
}

/// Signs: what was ticked is kept first, then the aidant proves who they are, then the mandat is made, once. Only what was
/// on the screen is signed: of a draft that changed in another tab, the page is shown again.
pub(super) async fn signer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let atteste = form.get("atteste") == "oui";
    let actor = shell.actor()?.clone();
    let (b, vue) = match actions::attester(&m, &actor, id, (form.get("vue"), atteste)).await? {
        Attestation::Gardee(b, vue) => (b, vue),
        Attestation::Changee(b) => return relire(&m, shell, b).await,
    };
    if let Some(mandat) = b.mandat {
        return Ok(see_other(&adresse(mandat)));
    }
    exige_conditions(&m, &agissant(&m, &shell).await?, &chemin(id))?;
    if atteste && let Some(viewer) = &shell.viewer {
        exige_preuve_puis_relire(viewer, m.site.clock.now(), rules::PREUVE, &chemin(id))?;
    }
    match actions::signer(&m, &actor, id, &vue).await {
        Ok(None) => {
            let a = agissant(&m, &shell).await?;
            let b = actions::ouvrir(m.site.db.read(), &a, &actor, id).await?;
            relire(&m, shell, b).await
        }
        Ok(Some(mandat)) => {
            let fait = store::mandat(m.site.db.read(), mandat).await?;
            let phrase = if fait.is_some_and(|f| f.a_distance) {
                "Le mandat est fait, avec l’accord à distance de la personne. Imprimez-le pour le lui envoyer."
            } else {
                "Le mandat est fait. Imprimez-le en deux exemplaires : la personne et vous les signez."
            };
            Ok(see_other_saying(&adresse(mandat), phrase))
        }
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            recapituler(&m, shell, b, form).await
        }
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&chemin(id), &phrase)),
        Err(autre) => Err(autre.into()),
    }
}

/// The person is not there: asks for their agreement, and waits for it on the page of the exchange.
pub(super) async fn distance(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let actor = shell.actor()?.clone();
    exige_conditions(&m, &a, &chemin(id))?;
    // Named as the document will name it: what is agreed to is compared with what is signed.
    let organisation = projet::organisation(m.site.db.read(), &a).await?.nom;
    actions::ouvrir(m.site.db.read(), &a, &actor, id).await?;
    // Asked for already, in another tab or an hour ago: there it is, and nothing of the draft changes.
    if let Some(attendu) = consentements::attendu(&m.site, m.site.db.read(), id).await? {
        return Ok(see_other(&attendu.page));
    }
    if consentements::demande(m.site.db.read(), id).await? {
        return Ok(see_other(&chemin(id)));
    }
    let connues = ["sms", "courriel", "telephone_code", "telephone_temoin"];
    let voie = Some(form.get("voie").to_owned()).filter(|v| connues.contains(&v.as_str()));
    let b = actions::garder(&m, &actor, id, |b| b.choix.voie = voie.clone()).await?;
    if let Some(mandat) = b.mandat {
        return Ok(see_other(&adresse(mandat)));
    }
    match voies::proposer(&m, &actor, id, &organisation).await {
        Ok(echange) => Ok(see_other(&crate::consentements::page(echange))),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            recapituler(&m, shell, b, form).await
        }
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&chemin(id), &phrase)),
        Err(autre) => Err(autre.into()),
    }
}

pub(super) async fn abandonner(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    traces::abandonner(&m, shell.actor()?, id).await?;
    Ok(see_other_saying(ACCUEIL, "Le brouillon est effacé."))
}
