//! `mandat verify`: a file and public keys in, a verdict out; no database, no network. `mandat retention`: what is past its
//! time.

use std::path::Path;

use annuaire::Annuaire;
use kernel::Clock;
use mandats::Mandats;
use mandats::conservation;
use mandats::document::{self, Acte, Contenu, Signe};
use oidc::jose::{KeySet, SetError};

use super::say;
use crate::cli::Cli;
use crate::outcome::{Failure, Outcome};

/// No set of keys is longer (`KeySet::parse_archive`).
const CLES: u64 = 4 * 1024 * 1024;

pub(super) fn verify(file: &Path, cles: Option<&Path>, transferts: &[std::path::PathBuf]) -> Outcome {
    let fichier = super::read(file, document::TAILLE as u64)?;
    let refused = |refus: document::Refus| Failure::Refused(refus.to_string());
    let Some(chemin) = cles else {
        let siennes = document::cle_du_fichier(&fichier).map_err(refused)?;
        document::verifie(&fichier, &siennes).map_err(refused)?;
        return Err(Failure::Refused(
            "Ce fichier est entier, mais rien ne dit qui l’a signé : n’importe qui a pu faire la clé qu’il contient. \
             Donnez les clés publiques du site qui a fait le mandat, avec --cles."
                .to_owned(),
        ));
    };
    let connues = read_keys(chemin)?;
    let signe = document::verifie(&fichier, &connues).map_err(refused)?;
    let mut suite: Vec<Acte> = Vec::new();
    for chemin in transferts {
        let lu = super::read(chemin, document::TAILLE as u64)?;
        let refused = |pourquoi: String| Failure::Refused(format!("« {} » : {pourquoi}", chemin.display()));
        let acte = document::verifie_transfert(&lu, &connues).map_err(|r| {
            refused(match r {
                document::Refus::Nature => "Ce fichier n’est pas un acte de transfert.".to_owned(),
                autre => autre.to_string(),
            })
        })?;
        if !acte.suit(&signe, suite.last()) {
            let pourquoi = "cet acte est authentique, mais d’un autre mandat, ou il en manque un avant lui.";
            return Err(refused(pourquoi.to_owned()));
        }
        suite.push(acte);
    }
    say(verdict(&signe, &suite).map_err(refused)?.trim_end());
    Ok(())
}

fn read_keys(path: &Path) -> Result<KeySet, Failure> {
    let refused = |pourquoi: &str| Failure::Refused(format!("« {} » {pourquoi}", path.display()));
    let cles = KeySet::parse_archive(&super::read(path, CLES)?).map_err(|e| match e {
        SetError::Malformed => refused("n’est pas un jeu de clés publiques (JWKS, RFC 7517)."),
        SetError::Private => refused(
            "contient une clé privée, que personne ne doit publier : ne vous y fiez pas, prévenez le site.",
        ),
    })?;
    if cles.is_empty() {
        return Err(refused("ne contient aucune clé qui puisse vérifier un mandat (ES256)."));
    }
    Ok(cles)
}

/// What is known of an authentic mandat, then the mandat itself.
fn verdict(signe: &Signe, suite: &[Acte]) -> Result<String, document::Refus> {
    let transferts = if suite.is_empty() {
        "S’il a été confié depuis à une autre organisation, un acte signé, à part, le dit : donnez-le avec --transfert.".to_owned()
    } else {
        suite.iter().map(Acte::phrase).collect::<Vec<_>>().join("\n")
    };
    Ok(format!(
        "Authentique : ce mandat a été signé par une des clés données, et rien n’y a été changé depuis.\n\
         Empreinte : {}\n\
         Clé : {}\n\
         {}\n\
         Si la personne y a mis fin avant, ce fichier ne le dit pas : demandez-le au site qui a fait le mandat.\n\
         {transferts}\n\n{}",
        signe.empreinte(),
        signe.kid(),
        terme(signe.contenu()),
        signe.contenu().dessine()?.texte()
    ))
}

fn terme(contenu: &Contenu) -> String {
    let maintenant = Clock::System.now();
    if maintenant < contenu.cree.date_time() {
        format!("D’après l’horloge de cet ordinateur, il ne commence que le {}.", contenu.cree.en_lettres())
    } else if maintenant < contenu.jusqu_au.date_time() {
        format!("D’après ses dates, il vaut jusqu’au {}.", contenu.jusqu_au.en_lettres())
    } else {
        format!("Il a pris fin le {}.", contenu.jusqu_au.en_lettres())
    }
}

/// What the rules of retention erase: said, or done.
pub(super) async fn retention(cli: &Cli, essai: bool) -> Outcome {
    let site = super::open_existing(cli).await?;
    let m = Mandats::new(&Annuaire::load(&site).await?);
    let refused = |e: &dyn std::fmt::Display| Failure::Refused(e.to_string());
    if essai {
        let dues =
            conservation::a_effacer(site.db.read(), site.clock.now()).await.map_err(|e| refused(&e))?;
        for (regle, maintenant, bientot) in dues {
            say(format_args!("{} : {maintenant} à effacer, {bientot} de plus dans les 30 jours", regle.quoi));
            say(format_args!("  {} mois après {} ({})", regle.mois, regle.depuis, regle.source));
        }
        say("Rien n’est effacé : c’est un essai.");
        return Ok(());
    }
    for (regle, effaces) in conservation::tout_effacer(&m).await.map_err(|e| refused(&e))? {
        say(format_args!("{} : {effaces} effacés", regle.quoi));
    }
    Ok(())
}
