//! Signing in with a password, then a code; choosing and changing proofs.

use chrono::TimeDelta;
use kernel::ids::{CompteId, uuid_v7};
use kernel::{Email, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};

use super::essais::{self, Compteur};
use super::store::{self, Attente, Etape};
use crate::Identity;
use crate::comptes::model::{Compte, Etat};
use crate::comptes::store as comptes;
use crate::error::{Error, Result};
use crate::secrets::link::Secret;
use crate::secrets::totp::Graine;
use crate::secrets::{password, recovery};
use crate::sessions::actions::{Ouverture, open};
use crate::sessions::cookies::Navigateur;
use crate::sessions::model::Methode;
use crate::sessions::store as sessions;

/// How long the code may be awaited after the password.
const ETAPE: TimeDelta = TimeDelta::minutes(10);

/// The one sentence for a wrong password, an unknown address, a closed account.
const REFUS: &str = "L’adresse ou le mot de passe ne convient pas. Vérifiez les deux, puis recommencez.";

/// Looks at an address and a password. The answer, and its time, are the same whether the address
/// is known or not.
///
/// # Errors
/// A refusal of the field `mot_de_passe`, or the time to wait.
pub(crate) async fn password(
    id: &Identity,
    courriel: &str,
    typed: &str,
    suite: &str,
    nav: &Navigateur,
) -> Result<Secret> {
    let site = &id.site;
    let email = Email::parse(courriel).ok();
    let compte = match &email {
        Some(e) => comptes::find_by_courriel(site.db.read(), e).await?,
        None => None,
    }
    .filter(|c| c.etat == Etat::Actif);
    let compteurs = compteurs(site, nav, compte.as_ref(), essais::adresse(site, courriel)).await?;
    essais::reserver(site, &compteurs).await?;
    // Asked for nobody too, so that an unknown address costs as much as a known one.
    let whose = compte.as_ref().map_or(CompteId(uuid::Uuid::nil()), |c| c.id);
    let stored = store::mot_de_passe(site.db.read(), whose).await?;
    let typed: String = typed.chars().take(password::MAX_CHARS + 1).collect();
    let right = id.hasher.verify(typed, stored).await?;
    let Some(compte) = compte.filter(|_| right) else {
        return Err(Error::field("mot_de_passe", REFUS));
    };
    let secret = Secret::new(&site.chance);
    site.db
        .write(async |tx| {
            // The count of the person stays until the code is right too; the source has its try back.
            let source: Vec<Compteur> =
                compteurs.into_iter().filter(|c| matches!(c, Compteur::Source(_))).collect();
            essais::rendre(tx, &source).await?;
            let etape = Etape {
                id: uuid_v7(&site.clock, &site.chance),
                compte_id: Some(compte.id.0),
                suite: suite.to_owned(),
                defi: None,
                expire_le: site.clock.now() + ETAPE,
            };
            store::insert_etape(tx, &etape, Attente::SecondFacteur, &secret.hash()).await
        })
        .await?;
    Ok(secret)
}

/// What counts a try: the known device of the account, or else what was typed; and the source.
pub(super) async fn compteurs(
    site: &Site,
    nav: &Navigateur,
    compte: Option<&Compte>,
    otherwise: Compteur,
) -> Result<Vec<Compteur>> {
    let device = match (&nav.appareil, compte) {
        (Some(secret), Some(c)) => sessions::appareil_connu(site.db.read(), &secret.hash(), site.clock.now())
            .await?
            .filter(|a| a.compte == c.id),
        _ => None,
    };
    let personal = device.map_or(otherwise, |a| Compteur::Appareil(a.id));
    Ok(vec![personal, essais::source(site, nav.source)])
}

/// The account whose second proof is awaited, from the cookie of the step.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such step: it ended, or it is another browser's.
pub(crate) async fn pending(id: &Identity, nav: &Navigateur) -> Result<(Etape, Compte)> {
    let site = &id.site;
    let secret = nav.etape.as_ref().ok_or(Refusal::NotFound)?;
    let now = site.clock.now();
    let etape = store::etape(site.db.read(), &secret.hash(), Attente::SecondFacteur, now)
        .await?
        .ok_or(Refusal::NotFound)?;
    let compte = match etape.compte_id {
        Some(c) => comptes::find(site.db.read(), CompteId(c)).await?,
        None => None,
    };
    let compte = compte.filter(|c| c.etat == Etat::Actif).ok_or(Refusal::NotFound)?;
    Ok((etape, compte))
}

/// The second proof as typed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Second<'a> {
    /// Six digits of the application.
    Code(&'a str),
    /// A recovery code.
    Secours(&'a str),
}

/// Looks at the second proof and opens the session. Returns where to go on.
///
/// # Errors
/// A refusal of the field `code`, or the time to wait.
pub(crate) async fn second(
    id: &Identity,
    proof: Second<'_>,
    nav: &Navigateur,
) -> Result<(Ouverture, String)> {
    let site = &id.site;
    let (etape, compte) = pending(id, nav).await?;
    let compteurs = compteurs(site, nav, Some(&compte), Compteur::Code(compte.id)).await?;
    essais::reserver(site, &compteurs).await?;
    let adresse = essais::adresse(site, compte.courriel.as_str());
    let fait = site
        .db
        .write(async |tx| {
            let methode = accept_second(site, tx, compte.id, proof).await?;
            if !store::end_etape(tx, etape.id).await? {
                return Err(Refusal::NotFound.into());
            }
            essais::rendre(tx, &compteurs).await?;
            essais::rendre(tx, &[adresse]).await?;
            let ouverture = open(site, tx, &compte, methode, nav, None).await?;
            Ok((ouverture, etape.suite.clone()))
        })
        .await;
    if let (Err(Error::Refused(Refusal::Fields(_))), Second::Code(_)) = (&fait, proof) {
        super::cartes::refusee(site, compte.id).await?;
    }
    fait
}

/// Takes the second proof, which then serves no more.
pub(super) async fn accept_second(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    proof: Second<'_>,
) -> Result<Methode> {
    match proof {
        Second::Code(typed) => {
            let refused = || {
                Error::field(
                    "code",
                    "Ce code ne convient pas. Attendez le suivant dans votre application ou sur votre carte, puis recopiez-le.",
                )
            };
            if super::cartes::prend(site, tx, compte, typed).await? {
                return Ok(Methode::MotDePasse);
            }
            let stored = store::totp(tx, compte).await?.ok_or_else(refused)?;
            let graine = site.secrets.open(&place_totp(compte), &stored.graine)?;
            let graine = Graine::from_bytes(&graine).ok_or_else(refused)?;
            let pas =
                graine.check(typed, site.clock.now().timestamp(), stored.dernier_pas).ok_or_else(refused)?;
            // Two browsers with one code at once: the database lets one through.
            if store::use_pas(tx, compte, pas).await? { Ok(Methode::MotDePasse) } else { Err(refused()) }
        }
        Second::Secours(typed) => {
            let refused = || {
                Error::field(
                    "code",
                    "Ce code de secours ne convient pas, ou il a déjà servi. Essayez le suivant de votre liste.",
                )
            };
            let code = recovery::canonical(typed).ok_or_else(refused)?;
            let hash = recovery::hash(&code, compte);
            if !store::use_secours(tx, compte, &hash, site.clock.now()).await? {
                return Err(refused());
            }
            let line =
                Entry { by: Some(compte.0), ..Entry::system("compte.secours.utilise", "compte", compte) };
            journal::write(site, tx, line).await?;
            Ok(Methode::Secours)
        }
    }
}

/// Where a seed is sealed for: moved to another account's row, it no longer opens.
pub(crate) fn place_totp(compte: CompteId) -> String {
    format!("compte_totp/graine/{compte}")
}

/// Where a seed that is only proposed is sealed for.
fn place_proposee(compte: CompteId) -> String {
    format!("compte_totp/proposee/{compte}")
}

/// A seed proposed to the person, and its sealed form for the hidden field of the form: nothing is
/// stored before the person shows that their application has it.
pub(crate) fn propose_seed(site: &Site, compte: CompteId) -> Result<(Graine, String)> {
    let graine = Graine::new(&site.chance);
    let sealed = site.secrets.seal(&site.chance, &place_proposee(compte), graine.as_bytes())?;
    Ok((graine, sealed))
}

/// The seed of the hidden field; a new one when the field does not hold one of ours.
pub(crate) fn reopen_seed(site: &Site, compte: CompteId, sealed: &str) -> Result<(Graine, String)> {
    let opened = site.secrets.open(&place_proposee(compte), sealed).ok();
    match opened.as_deref().and_then(Graine::from_bytes) {
        Some(graine) => Ok((graine, sealed.to_owned())),
        None => propose_seed(site, compte),
    }
}

/// A password and the code of an application, as chosen on a page.
#[derive(Debug)]
pub(crate) struct Choix {
    /// The password, checked by [`password::check_choice`].
    pub(crate) mot_de_passe: String,
    /// The seed shown on that page.
    pub(crate) graine: Graine,
    /// The code that proves that the application has it.
    pub(crate) code: String,
}

/// What showed the code beside a password that was chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Montre {
    /// The application that was just set up, at that step.
    Application(i64),
    /// That card of the account.
    Carte(uuid::Uuid),
}

/// Checks what was chosen; returns the hash to store and what showed the code.
///
/// # Errors
/// Refusals of the fields `mot_de_passe` and `code`, both at once.
pub(crate) async fn check_choice(
    id: &Identity,
    choix: &Choix,
    compte: &Compte,
    nom: &str,
) -> Result<(String, Montre)> {
    let mut fields = Vec::new();
    if let Err(sentence) = password::check_choice(&choix.mot_de_passe, compte.courriel.as_str(), nom) {
        fields.push(("mot_de_passe".to_owned(), sentence));
    }
    let pas = choix.graine.check(&choix.code, id.site.clock.now().timestamp(), None);
    let mut montre = pas.map(Montre::Application);
    // Who was handed a card needs no application. A code is not used up beside a password that is refused.
    if montre.is_none() && fields.is_empty() {
        montre = super::cartes::montre(&id.site, compte.id, &choix.code).await?.map(Montre::Carte);
    }
    if montre.is_none() {
        fields.push((
            "code".to_owned(),
            "Ce code ne convient pas. Ajoutez d’abord le compte à votre application, puis recopiez les six chiffres qu’elle montre."
                .to_owned(),
        ));
    }
    match montre {
        Some(montre) if fields.is_empty() => {
            let hash = id.hasher.hash(choix.mot_de_passe.clone(), &id.site.chance).await?;
            Ok((hash, montre))
        }
        _ => Err(Refusal::Fields(fields).into()),
    }
}

/// Stores a password, and the seed of the application, or the card that stands for it.
pub(crate) async fn store_choice(
    site: &Site,
    tx: &Tx,
    compte: CompteId,
    hash: &str,
    graine: &Graine,
    montre: Montre,
) -> Result<()> {
    let now = site.clock.now();
    store::set_mot_de_passe(tx, compte, hash, now).await?;
    match montre {
        Montre::Application(pas) => {
            let sealed = site.secrets.seal(&site.chance, &place_totp(compte), graine.as_bytes())?;
            store::set_totp(tx, compte, &sealed, pas, now).await?;
        }
        Montre::Carte(carte) => super::cartes::garder(tx, carte, compte).await?,
    }
    Ok(())
}

/// Makes a new set of recovery codes; they are returned to be shown once.
pub(crate) async fn new_recovery_codes(site: &Site, tx: &Tx, compte: CompteId) -> Result<Vec<String>> {
    let codes = recovery::new_set(&site.chance);
    let rows: Vec<(uuid::Uuid, String)> = codes
        .iter()
        .filter_map(|c| recovery::canonical(c))
        .map(|c| (uuid_v7(&site.clock, &site.chance), recovery::hash(&c, compte)))
        .collect();
    store::set_secours(tx, compte, &rows).await?;
    Ok(codes)
}

/// Replaces one's recovery codes.
pub(crate) async fn replace_recovery_codes(site: &Site, compte: &Compte) -> Result<Vec<String>> {
    site.db
        .write(async |tx| {
            let codes = new_recovery_codes(site, tx, compte.id).await?;
            changed(
                site,
                tx,
                compte,
                "compte.secours.nouveaux",
                "De nouveaux codes de secours ont été créés",
            )
            .await?;
            Ok(codes)
        })
        .await
}

/// Chooses another password and another application, in a session. Other sessions end.
pub(crate) async fn replace_choice(
    id: &Identity,
    compte: &Compte,
    choix: &Choix,
    garder: crate::sessions::model::SessionId,
) -> Result<()> {
    let site = &id.site;
    let (hash, montre) = check_choice(id, choix, compte, &compte.nom).await?;
    site.db
        .write(async |tx| {
            store_choice(site, tx, compte.id, &hash, &choix.graine, montre).await?;
            sessions::close_all(tx, compte.id, Some(garder), site.clock.now()).await?;
            changed(
                site,
                tx,
                compte,
                "compte.mot_de_passe.change",
                "Le mot de passe et l’application de codes ont été changés",
            )
            .await
        })
        .await
}

/// A line of the journal and a message to the person: a proof changed.
pub(crate) async fn changed(
    site: &Site,
    tx: &Tx,
    compte: &Compte,
    action: &'static str,
    quoi: &str,
) -> Result<()> {
    journal::write(site, tx, Entry { by: Some(compte.id.0), ..Entry::system(action, "compte", compte.id) })
        .await?;
    platform::mail::enqueue(site, tx, &crate::mails::preuve_changee(site, compte, quoi)).await?;
    Ok(())
}
