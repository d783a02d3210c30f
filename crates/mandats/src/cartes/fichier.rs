//! A file of cards: number and seed, a line each; what is wrong with a line stops no other.

use std::collections::HashSet;

use identity::cartes::{self, Nouvelle};
use identity::secrets::totp::Graine;
use kernel::actor::Cible;
use kernel::{Actor, Refusal, Verb};
use platform::tableur::lecture::{self, Limites};

use crate::{Failure, Mandats};

/// What became of a line. A seed is never repeated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ligne {
    /// Its number in the file.
    pub(super) numero: usize,
    /// The card, as written there.
    pub(super) carte: String,
    /// Whether it enters the stock.
    pub(super) prise: bool,
    /// In a sentence.
    pub(super) phrase: &'static str,
}

/// Most that is read of a file.
pub(super) const LIMITES: Limites = Limites::COURANTES;

/// Makers' cards of sixty seconds are the rule in this programme.
const PERIODE: i64 = 60;

/// The stock is the country's.
pub(super) fn national(actor: &Actor) -> Result<(), Refusal> {
    actor.may_on(Verb::InstruireHabilitations, &Cible::default())
}

fn une(carte: &str, graine: &str, periode: &str) -> Result<Nouvelle, &'static str> {
    let numero = cartes::numero(carte)
        .ok_or("Le numéro de la carte manque, ou contient autre chose que des lettres et des chiffres.")?;
    let graine = Graine::from_hex(graine).ok_or("La graine n’a pas 40 chiffres hexadécimaux.")?;
    let periode = match periode {
        "" => PERIODE,
        "30" => 30,
        "60" => 60,
        _ => return Err("La période est de 30 ou de 60 secondes."),
    };
    Ok(Nouvelle { numero, graine, periode })
}

/// Reads a file and puts its cards in stock; with `essai`, only says what it would do.
///
/// # Errors
/// Out of scope; a refusal of the field `fichier`.
pub(super) async fn importer(
    m: &Mandats,
    actor: &Actor,
    octets: &[u8],
    essai: bool,
) -> Result<Vec<Ligne>, Failure> {
    national(actor)?;
    let t = lecture::lire(octets, &LIMITES).map_err(|s| Refusal::field("fichier", s))?;
    let absente = |quoi: &str| {
        Refusal::field("fichier", format!("La première ligne ne nomme pas la colonne « {quoi} »."))
    };
    let numero = t.colonne(&["numero", "numero de serie", "serial number", "serial"]);
    let numero = numero.ok_or_else(|| absente("numéro"))?;
    let graine = t.colonne(&["graine", "seed", "secret", "key"]).ok_or_else(|| absente("graine"))?;
    let periode = t.colonne(&["periode", "period", "step"]);
    let (mut lignes, mut neuves, mut vues) = (Vec::new(), Vec::new(), HashSet::new());
    for (n, cellules) in &t.lignes {
        let cellule = |c: usize| cellules.get(c).map(String::as_str).unwrap_or_default();
        let carte = cellule(numero);
        let (prise, phrase) = match une(carte, cellule(graine), periode.map(cellule).unwrap_or_default()) {
            Err(phrase) => (false, phrase),
            Ok(c) if !vues.insert(c.numero.clone()) => {
                (false, "Cette carte est déjà plus haut dans le fichier.")
            }
            Ok(c) => {
                neuves.push(c);
                (true, "En stock")
            }
        };
        lignes.push(Ligne { numero: *n, carte: carte.chars().take(60).collect(), prise, phrase });
    }
    let numeros: Vec<String> = neuves.iter().map(|c| c.numero.clone()).collect();
    let connus = cartes::connus(m.site.db.read(), &numeros).await?;
    for ligne in lignes.iter_mut().filter(|l| l.prise) {
        if cartes::numero(&ligne.carte).is_some_and(|c| connus.contains(&c)) {
            (ligne.prise, ligne.phrase) = (false, "Cette carte est déjà connue : elle reste comme elle est.");
        }
    }
    neuves.retain(|c| !connus.contains(&c.numero));
    if !essai && !neuves.is_empty() {
        cartes::importer(&m.site, actor, &neuves).await?;
    }
    Ok(lignes)
}
