//! `cles`: the keys that sign mandats and tokens.

use annuaire::Annuaire;
use mandats::Mandats;
use mandats::cles::{self, Usage};
use oidc::jose::Stage;

use super::{open_existing, say};
use crate::cli::{Cles, Cli};
use crate::outcome::{Failure, Outcome};

pub(super) async fn run(cli: &Cli, command: &Cles) -> Outcome {
    let site = open_existing(cli).await?;
    let m = Mandats::new(&Annuaire::load(&site).await?);
    let refused = |e: mandats::Failure| Failure::Refused(e.to_string());
    match command {
        Cles::List => {
            for (cle, etape) in cles::liste(&m).await.map_err(refused)? {
                let etat = match etape {
                    Stage::Next => "signera",
                    Stage::Current => "signe",
                    Stage::Past => "ne signe plus, publiée",
                    Stage::Gone => "retirée",
                };
                let jour = cle.depuis.format("%Y-%m-%d %H:%M");
                say(format_args!("{:6}  {}  {jour}  {etat:24}{}", cle.usage.cle(), cle.alg.name(), cle.kid));
            }
        }
        Cles::Rotate { usage } => {
            let usage = Usage::from_cle(usage)
                .ok_or_else(|| Failure::WrongUse("L’usage est « jeton » ou « mandat ».".to_owned()))?;
            let faites = cles::avancer(&m, usage).await.map_err(refused)?;
            if faites.is_empty() {
                say("Une clé attend déjà son tour : rien n’est changé.");
            }
            for kid in faites {
                say(format_args!("Clé {kid} : publiée dès maintenant."));
            }
        }
    }
    Ok(())
}
