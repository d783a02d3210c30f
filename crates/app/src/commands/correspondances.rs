//! Files of lieux without any database: the check of a file, and mappings tried, drafted, shown.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use annuaire::lieux::apercu::{self, Apercu, LieuVu};
use annuaire::lieux::correspondance::{self, Application};
use annuaire::lieux::ebauche;
use annuaire::lieux::export::Corrige;
use annuaire::lieux::normalisation::{LecteurStandard, Traducteur};
use annuaire::lieux::verification::{self, Faute, Gravite, Trouve, Verdict};
use annuaire::territoires::Territoires;
use kernel::Clock;
use kernel::text::{compte, nombre};

use super::lieux::{mapping, ouvre};
use super::say;
use crate::cli::{CheckLieux, Mapping};
use crate::outcome::{Failure, Outcome};

/// Pieces of advice that the JSON lists; the verdict counts them all.
const CONSEILS_MAX: usize = 1_000;
/// Faults that the text lists; the counts by rule say the rest.
const FAUTES_MONTREES: u64 = 200;

fn territoires() -> Result<Territoires, Failure> {
    Territoires::new(&std::collections::HashMap::new()).map_err(|e| Failure::Refused(e.to_string()))
}

fn n(x: u64) -> String {
    nombre(i64::try_from(x).unwrap_or(i64::MAX))
}

/// Checks a file: status 0 when no cell is at fault, 1 when one is or when the file is refused.
pub(super) fn check(args: &CheckLieux) -> Outcome {
    let contenu = ouvre(&args.file)?;
    let mut traducteur: Box<dyn Traducteur> = match args.mapping.as_deref() {
        Some(nom) => Box::new(Application::new(mapping(nom)?)),
        None => Box::new(LecteurStandard::default()),
    };
    let mut corrige = match &args.corrected {
        Some(chemin) => Some(Corrige::new(BufWriter::new(nouveau(chemin, &args.file)?))?),
        None => None,
    };
    let territoires = territoires()?;
    let mut sortie = BufWriter::new(io::stdout());
    let mut conseils: Vec<Faute> = Vec::new();
    let mut ecrites: u64 = 0;
    if args.json {
        sortie.write_all(b"{\"faults\":[")?;
    }
    let fait = verification::verifie(
        contenu,
        traducteur.as_mut(),
        Some(&territoires),
        Clock::System.now().date_naive(),
        &mut |trouve| {
            match trouve {
                Trouve::Faute(faute) => {
                    ecrites += 1;
                    if args.json {
                        sortie.write_all(if ecrites > 1 { b",\n" } else { b"\n" })?;
                        serde_json::to_writer(&mut sortie, &faute)?;
                    } else if ecrites <= FAUTES_MONTREES {
                        raconte(&mut sortie, &faute)?;
                    }
                }
                Trouve::Conseil(conseil) if conseils.len() < CONSEILS_MAX => conseils.push(conseil),
                Trouve::Conseil(_) => {}
                Trouve::Fiche(fiche) => {
                    if let Some(corrige) = &mut corrige {
                        corrige.ecrit(fiche)?;
                    }
                }
            }
            Ok(())
        },
    );
    let fait = match fait {
        Ok(fait) => fait,
        Err(phrase) => {
            if args.json {
                let erreur = serde_json::to_string(&phrase).unwrap_or_default();
                writeln!(sortie, "],\"error\":{erreur}}}")?;
                sortie.flush()?;
            }
            return Err(Failure::Refused(phrase));
        }
    };
    if let Some(corrige) = corrige {
        corrige.termine()?.flush()?;
    }
    let (verdict, forme) = fait;
    if args.json {
        let valeur = serde_json::json!({
            "summary": verdict,
            "format": forme.format,
            "encoding": forme.encodage.nom(),
            "separator": forme.separateur,
        });
        let suite = valeur.to_string();
        write!(sortie, "],\n\"advice\":{},\n", serde_json::to_string(&conseils).unwrap_or_default())?;
        writeln!(sortie, "{}", suite.trim_start_matches('{'))?;
    } else {
        conclut(&mut sortie, &verdict, ecrites, args.corrected.as_deref())?;
    }
    match sortie.flush() {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
        fin => fin?,
    }
    if verdict.faults > 0 {
        return Err(Failure::Refused(format!(
            "{}.",
            compte(verdict.faults, "cellule fautive", "cellules fautives")
        )));
    }
    Ok(())
}

/// A file to write, which is not the one that is read.
fn nouveau(chemin: &Path, lu: &Path) -> Result<File, Failure> {
    if chemin.canonicalize().is_ok_and(|c| lu.canonicalize().is_ok_and(|l| l == c)) {
        return Err(Failure::WrongUse(
            "le fichier à écrire est celui qui est lu : donnez-lui un autre nom.".to_owned(),
        ));
    }
    File::create(chemin)
        .map_err(|e| Failure::Refused(format!("« {} » ne peut être écrit : {e}", chemin.display())))
}

fn court(texte: &str) -> String {
    let net: String = texte.chars().map(|c| if c.is_control() { ' ' } else { c }).take(70).collect();
    if texte.chars().count() > 70 { format!("{net}…") } else { net }
}

fn raconte(sortie: &mut impl Write, f: &Faute) -> io::Result<()> {
    let niveau = match f.level {
        Gravite::Fatal => "fatale",
        Gravite::Repaired => "réparée",
        Gravite::Ignored => "laissée",
    };
    let suite = match &f.after {
        Some(apres) if f.level == Gravite::Repaired => format!(" → « {} »", court(apres)),
        _ => String::new(),
    };
    writeln!(sortie, "ligne {:>5}  {niveau:<8} {} : « {} »{suite}", f.line, f.field, court(&f.value))?;
    writeln!(sortie, "             {} [{}]", f.message, f.rule)
}

fn conclut(sortie: &mut impl Write, v: &Verdict, ecrites: u64, corrige: Option<&Path>) -> io::Result<()> {
    if ecrites > FAUTES_MONTREES {
        writeln!(sortie, "… et {} autres ; --json les donne toutes.", n(ecrites - FAUTES_MONTREES))?;
    }
    writeln!(
        sortie,
        "\n{}, {} : {} fatales, {} réparées, {} laissées.",
        compte(v.records, "lieu lu", "lieux lus"),
        compte(v.faults, "cellule fautive", "cellules fautives"),
        n(v.fatal),
        n(v.repaired),
        n(v.ignored)
    )?;
    let mut regles: Vec<(&String, &u64)> = v.rules.iter().collect();
    regles.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (regle, combien) in regles {
        writeln!(sortie, "{:>9} {regle}", n(*combien))?;
    }
    if v.refused > 0 {
        writeln!(sortie, "{} lieux seraient refusés par un import.", n(v.refused))?;
    }
    if v.filtered > 0 {
        writeln!(sortie, "{} lieux sont laissés de côté par un filtre de la correspondance.", n(v.filtered))?;
    }
    if v.standard_valid {
        writeln!(sortie, "Le schéma du standard accepte ce fichier.")?;
    } else {
        writeln!(
            sortie,
            "Le schéma du standard refuse ce fichier : {}.",
            compte(v.standard_errors, "cellule", "cellules")
        )?;
    }
    if v.advice > 0 {
        writeln!(
            sortie,
            "Et {} ; --json le dit.",
            compte(v.advice, "conseil, qui n’est pas une faute", "conseils, qui ne sont pas des fautes")
        )?;
    }
    if let Some(chemin) = corrige {
        writeln!(sortie, "Lieux corrigés : {}", chemin.display())?;
    }
    Ok(())
}

/// Mappings: tried, drafted, listed, shown.
pub(super) fn mappings(command: &Mapping) -> Outcome {
    match command {
        Mapping::Preview { mapping: nom, file, rows, json } => {
            let lue = mapping(nom)?;
            let contenu = ouvre(file)?;
            let aujourdhui = Clock::System.now().date_naive();
            let vu = apercu::apercu(contenu, &lue, Some(&territoires()?), aujourdhui, (*rows).min(1_000))
                .map_err(Failure::Refused)?;
            if *json {
                say(serde_json::to_string_pretty(&vu).unwrap_or_default());
            } else {
                montre(&vu);
            }
            Ok(())
        }
        Mapping::Init { file, output } => {
            let nom = file.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let texte = ebauche::ebauche(ouvre(file)?, &nom).map_err(Failure::Refused)?;
            match output {
                None => say(texte.trim_end()),
                Some(chemin) => {
                    // Never over a mapping that somebody wrote.
                    let mut fichier = File::create_new(chemin).map_err(|e| {
                        Failure::Refused(format!("« {} » ne peut être écrit : {e}", chemin.display()))
                    })?;
                    fichier.write_all(texte.as_bytes())?;
                    say(format_args!("Ébauche écrite : {}", chemin.display()));
                }
            }
            Ok(())
        }
        Mapping::List => {
            for nom in correspondance::fournies() {
                let description = correspondance::fournie(nom).map_or_else(|e| e, |c| c.description.clone());
                say(format_args!("{nom:<24} {description}"));
            }
            Ok(())
        }
        Mapping::Show { name } => match correspondance::texte_fourni(name) {
            Some(texte) => {
                say(texte.trim_end());
                Ok(())
            }
            None => Err(Failure::Refused(format!(
                "il n’y a pas de correspondance fournie du nom de « {name} ». Les noms sont : {}.",
                correspondance::fournies().collect::<Vec<_>>().join(", ")
            ))),
        },
    }
}

fn montre(vu: &Apercu) {
    for lieu in &vu.records {
        montre_le_lieu(lieu);
    }
    say(format_args!(
        "{} enregistrements lus : {} pris, {} refusés, {} laissés de côté par un filtre.",
        n(vu.read),
        n(vu.taken),
        n(vu.refused),
        n(vu.filtered)
    ));
    if !vu.unknown_terms.is_empty() {
        say("\nMots que la correspondance ne connaît pas :");
        for t in vu.unknown_terms.iter().take(40) {
            say(format_args!("{:>9} {} → {} : « {} »", n(t.nombre), t.colonne, t.champ, court(&t.terme)));
        }
        if vu.unknown_terms.len() > 40 {
            say(format_args!("          … et {} autres (--json les donne)", vu.unknown_terms.len() - 40));
        }
    }
    for (titre, colonnes) in [
        ("Colonnes qui ne sont pas lues", &vu.unmapped_columns),
        ("Colonnes nommées par la correspondance, et absentes du fichier", &vu.missing_columns),
    ] {
        if !colonnes.is_empty() {
            say(format_args!("\n{titre} : {}.", colonnes.join(", ")));
        }
    }
    if !vu.remarks.is_empty() {
        say("\nRemarques :");
        for r in vu.remarks.iter().take(40) {
            say(format_args!(
                "{:>9} {} – {} (ligne {} : « {} »)",
                n(r.nombre),
                r.champ,
                r.message,
                r.ligne,
                court(&r.exemple)
            ));
        }
    }
}

fn montre_le_lieu(lieu: &LieuVu) {
    let issue = match lieu.outcome {
        "taken" => "pris".to_owned(),
        "filtered" => format!("laissé de côté. {}", lieu.reasons.join(" ")),
        _ => format!("refusé. {}", lieu.reasons.join(" ")),
    };
    say(format_args!("── Ligne {} : {issue}", lieu.line));
    for champ in &lieu.fields {
        let avant: Vec<String> =
            champ.before.iter().map(|(c, v)| format!("{c} = « {} »", court(v))).collect();
        let avant = if avant.is_empty() { "(constante ou défaut)".to_owned() } else { avant.join(" ; ") };
        say(format_args!("   {:<32} {avant}", champ.field));
        let apres = champ.after.as_deref().unwrap_or(&champ.mapped);
        say(format_args!("   {:<32} → « {} »", "", court(apres)));
        for remarque in &champ.remarks {
            say(format_args!("   {:<32}   {remarque}", ""));
        }
    }
    say("");
}
