//! `mandats importer`: a list of the staff in, with its report.

use annuaire::Annuaire;
use kernel::text::nombre;
use kernel::{Email, Verb};
use mandats::Mandats;
use mandats::imports::model::Genre;
use mandats::imports::{LIMITES, par_commande, rapport, titres_du_rapport};
use platform::tableur::{Tableur, lecture};

use super::{open, say};
use crate::cli::{Cli, ImporterMandats};
use crate::outcome::{Failure, Outcome};

pub(super) async fn run(cli: &Cli, args: &ImporterMandats) -> Outcome {
    let refuse = |phrase: String| Failure::Refused(phrase);
    let genre = Genre::from_cle(&args.genre)
        .ok_or_else(|| Failure::WrongUse("organisations, aidants, demandes ou formations.".to_owned()))?;
    let courriel = Email::parse(&args.compte).map_err(|e| Failure::WrongUse(format!("--compte : {e}")))?;
    let octets = super::read(&args.file, LIMITES.octets() as u64)?;
    let table = lecture::lire(&octets, &LIMITES).map_err(refuse)?;
    let site = open(cli).await?;
    let conn = site.db.read();
    // A person answers for it, within their own territory: nothing is done in nobody's name.
    let compte = identity::en_usage(conn, &courriel).await?.ok_or_else(|| {
        Failure::Refused(
            "aucun compte ouvert n’a cette adresse : donnez celle d’un membre de l’équipe.".to_owned(),
        )
    })?;
    let roles = identity::acteurs(conn, compte, site.clock.now()).await?;
    let actor = roles.into_iter().find(|a| a.may(Verb::InstruireHabilitations).is_ok()).ok_or_else(|| {
        Failure::Refused("ce compte n’a pas de rôle qui instruit les habilitations.".to_owned())
    })?;
    let mandats = Mandats::new(&Annuaire::load(&site).await?);
    let nom = args.file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let fait = par_commande(&mandats, &actor, (genre, nom), &table, !args.options.dry_run).await.map_err(
        |e| match e {
            mandats::Failure::Db(e) => e.into(),
            mandats::Failure::Refusal(kernel::Refusal::Fields(champs)) => {
                Failure::Refused(champs.into_iter().map(|(_, phrase)| phrase).collect::<Vec<_>>().join(" "))
            }
            autre => Failure::Refused(autre.to_string()),
        },
    )?;
    if let Some(chemin) = &args.options.report {
        let mut csv = Tableur::bureautique(std::fs::File::create(chemin)?);
        csv.ligne(titres_du_rapport())?;
        for l in fait.lignes.iter().flat_map(rapport) {
            csv.ligne(l)?;
        }
        csv.termine()?;
    }
    let c = &fait.comptes;
    if args.options.json {
        say(serde_json::json!({
            "read": c.total(), "created": c.crees, "changed": c.changes, "unchanged": c.inchanges,
            "refused": c.refuses, "written": c.faits, "dry_run": args.options.dry_run, "ignored": fait.ignorees,
        }));
        return Ok(());
    }
    let n = |n: u64| nombre(n.cast_signed());
    say(format_args!(
        "{} lignes lues : {} créations, {} changements, {} sans changement, {} refusées. {}",
        n(c.total()),
        n(c.crees),
        n(c.changes),
        n(c.inchanges),
        n(c.refuses),
        if args.options.dry_run {
            "Rien n’a été écrit (--dry-run).".to_owned()
        } else {
            format!("{} enregistrées.", n(c.faits))
        }
    ));
    if !fait.ignorees.is_empty() {
        say(format_args!("Colonnes laissées de côté : {}.", fait.ignorees));
    }
    for r in fait.lignes.iter().filter(|l| !l.fait).flat_map(|l| l.remarques.iter()).take(20) {
        say(format_args!("  ligne {}, {} : {}", r.ligne, r.colonne, r.phrase));
    }
    Ok(())
}
