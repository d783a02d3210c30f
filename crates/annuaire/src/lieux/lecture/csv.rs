//! CSV, read by a small machine of our own: a record that never ends must not fill the memory, and
//! every record knows the line where it begins.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use super::{
    CHAMPS_MAX, COURTE, Consignes, ENORME, ENREGISTREMENT_MAX, Enregistrement, Entete, Evenement, LONGUE,
    RefusFichier, Suite, VIDE, extrait,
};

const SEPARATEURS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Reads a file: gives its separator, and whether its last line looks cut.
pub(super) fn lire(
    texte: impl BufRead,
    consignes: &Consignes,
    suite: Suite<'_>,
) -> Result<(char, bool), RefusFichier> {
    let mut machine = Machine::new(texte);
    if let Some(ligne) = consignes.entete {
        machine.saute_jusqua(ligne)?;
    }
    let separateur = match consignes.separateur {
        Some(donne) => donne,
        None => machine.choisit_separateur()?,
    };
    machine.separateur = separateur;
    let mut premiere = Vec::new();
    if let Some(noms) = &consignes.colonnes {
        premiere.clone_from(noms);
    } else {
        loop {
            match machine.suivant(&mut premiere)? {
                Ligne::Fin => return Err(RefusFichier::Vide),
                Ligne::Enorme => return Err(RefusFichier::TropDeColonnes),
                Ligne::Lue if premiere.iter().all(|c| c.trim().is_empty()) => {}
                // What a spreadsheet writes to tell its separator.
                Ligne::Lue if premiere.len() <= 2 && premiere[0].starts_with("sep=") => {}
                Ligne::Lue => break,
            }
        }
    }
    for _ in 1..consignes.lignes_d_entete {
        let mut suivante = Vec::new();
        match machine.suivant(&mut suivante)? {
            Ligne::Fin => break,
            Ligne::Enorme => return Err(RefusFichier::TropDeColonnes),
            Ligne::Lue => premiere = sous_titres(premiere, &suivante),
        }
    }
    if premiere.len() > CHAMPS_MAX {
        return Err(RefusFichier::TropDeColonnes);
    }
    let premiere = noms_uniques(premiere);
    let colonnes = premiere.len();
    let entete = Arc::new(Entete::new(premiere));
    if suite(Evenement::Entete(entete.clone())).is_break() {
        return Ok((char::from(separateur), false));
    }
    machine.entete = false;
    let mut coupe = false;
    loop {
        let mut valeurs = Vec::with_capacity(colonnes);
        let lu = machine.suivant(&mut valeurs)?;
        let ligne = machine.debut;
        match lu {
            Ligne::Fin => break,
            Ligne::Enorme => {
                if suite(Evenement::Anomalie {
                    ligne,
                    regle: ENORME,
                    valeur: extrait(valeurs.first().map_or("", |v| v)),
                })
                .is_break()
                {
                    break;
                }
                continue;
            }
            Ligne::Lue => {}
        }
        if valeurs.iter().all(|c| c.trim().is_empty()) {
            if suite(Evenement::Anomalie { ligne, regle: VIDE, valeur: String::new() }).is_break() {
                break;
            }
            continue;
        }
        if valeurs.len() < colonnes {
            coupe = machine.sans_fin_de_ligne;
            let valeur = format!("{} cellules sur {colonnes}", valeurs.len());
            if suite(Evenement::Anomalie { ligne, regle: COURTE, valeur }).is_break() {
                break;
            }
            valeurs.resize(colonnes, String::new());
        } else if valeurs.len() > colonnes {
            let trop = valeurs.split_off(colonnes);
            if trop.iter().any(|c| !c.trim().is_empty())
                && suite(Evenement::Anomalie { ligne, regle: LONGUE, valeur: extrait(&trop.join(" ")) })
                    .is_break()
            {
                break;
            }
        }
        if suite(Evenement::Enregistrement(Enregistrement::new(ligne, entete.clone(), valeurs))).is_break() {
            break;
        }
    }
    Ok((char::from(separateur), coupe))
}

/// « Lundi », then nothing, above « matin » and « après-midi »: « Lundi matin », « Lundi après-midi ».
fn sous_titres(titres: Vec<String>, suivants: &[String]) -> Vec<String> {
    let mut courant = String::new();
    let colonnes = titres.len().max(suivants.len());
    (0..colonnes)
        .map(|i| {
            let titre = titres.get(i).map_or("", |t| t.trim());
            let suivant = suivants.get(i).map_or("", |t| t.trim());
            if !titre.is_empty() {
                courant = titre.to_owned();
            }
            match (titre.is_empty(), suivant.is_empty()) {
                (_, false) => format!("{courant} {suivant}").trim().to_owned(),
                (_, true) => titre.to_owned(),
            }
        })
        .collect()
}

/// Names that can be told apart: a column without a name is « colonne 5 », the second « Téléphone »
/// is « Téléphone (2) ». No column is lost.
fn noms_uniques(noms: Vec<String>) -> Vec<String> {
    let mut vus: HashMap<String, u32> = HashMap::with_capacity(noms.len());
    // Separators at the end of every line, as spreadsheets write them, are no columns.
    let derniere = noms.iter().rposition(|n| !n.trim().is_empty());
    noms.iter()
        .enumerate()
        .map(|(i, nom)| {
            let nom = match nom.trim() {
                "" if derniere.is_some_and(|d| i < d) => format!("colonne {}", i + 1),
                nom => nom.to_owned(),
            };
            let fois = vus.entry(nom.clone()).or_default();
            *fois += 1;
            if *fois > 1 && !nom.is_empty() { format!("{nom} ({fois})") } else { nom }
        })
        .collect()
}

enum Ligne {
    Lue,
    Enorme,
    Fin,
}

struct Machine<R> {
    texte: R,
    separateur: u8,
    /// Line being read, from 1.
    ligne: u64,
    /// Line where the last record began.
    debut: u64,
    sans_fin_de_ligne: bool,
    /// Whether the header is being read: one that is too long ends the reading at once.
    entete: bool,
}

impl<R: BufRead> Machine<R> {
    fn new(texte: R) -> Self {
        Self { texte, separateur: b',', ligne: 1, debut: 1, sans_fin_de_ligne: false, entete: true }
    }

    /// Passes over what stands before a line.
    fn saute_jusqua(&mut self, ligne: u64) -> Result<(), RefusFichier> {
        while self.ligne < ligne {
            let tampon = self.texte.fill_buf()?;
            if tampon.is_empty() {
                return Err(RefusFichier::EnteteAbsent(ligne));
            }
            match tampon.iter().position(|o| *o == b'\n') {
                Some(i) => {
                    self.texte.consume(i + 1);
                    self.ligne += 1;
                }
                None => {
                    let n = tampon.len();
                    self.texte.consume(n);
                }
            }
        }
        Ok(())
    }

    /// The separator that the first line uses most, quotes apart; a comma when there is none.
    fn choisit_separateur(&mut self) -> Result<u8, RefusFichier> {
        let tampon = self.texte.fill_buf()?;
        if tampon.iter().all(u8::is_ascii_whitespace) && tampon.len() < 1 << 16 {
            return Err(RefusFichier::Vide);
        }
        let debut = tampon.iter().position(|o| !o.is_ascii_whitespace()).unwrap_or(0);
        let tampon = &tampon[debut..];
        if let Some(reste) = tampon.strip_prefix(b"sep=")
            && let Some(s) = reste.first().filter(|s| SEPARATEURS.contains(s))
        {
            return Ok(*s);
        }
        let mut comptes = [0_usize; 4];
        let mut entre_guillemets = false;
        for octet in tampon {
            match octet {
                b'"' => entre_guillemets = !entre_guillemets,
                b'\n' | b'\r' if !entre_guillemets => break,
                o if !entre_guillemets => {
                    if let Some(i) = SEPARATEURS.iter().position(|s| s == o) {
                        comptes[i] += 1;
                    }
                }
                _ => {}
            }
        }
        let meilleur = (0..4).rev().max_by_key(|i| comptes[*i]).unwrap_or(0);
        Ok(SEPARATEURS[meilleur])
    }

    /// Reads the next record into `champs`.
    fn suivant(&mut self, champs: &mut Vec<String>) -> Result<Ligne, RefusFichier> {
        champs.clear();
        self.debut = self.ligne;
        let mut champ: Vec<u8> = Vec::new();
        let mut taille = 0_usize;
        let mut etat = Etat::Debut;
        let mut vide = true;
        let mut enorme = false;
        loop {
            let tampon = self.texte.fill_buf()?;
            if tampon.is_empty() {
                if matches!(etat, Etat::Guillemets) {
                    return Err(RefusFichier::Coupe(self.debut));
                }
                if vide {
                    return Ok(Ligne::Fin);
                }
                self.sans_fin_de_ligne = true;
                ferme(champs, &mut champ);
                return Ok(if enorme { Ligne::Enorme } else { Ligne::Lue });
            }
            let mut lus = 0;
            let mut fini = false;
            for octet in tampon {
                lus += 1;
                vide = false;
                let octet = *octet;
                if octet == b'\n' {
                    self.ligne += 1;
                }
                match etat {
                    Etat::Guillemets => {
                        if octet == b'"' {
                            etat = Etat::Guillemet;
                        } else {
                            champ.push(octet);
                            taille += 1;
                            if taille > ENREGISTREMENT_MAX {
                                return Err(RefusFichier::Guillemet(self.debut));
                            }
                        }
                        continue;
                    }
                    Etat::Guillemet if octet == b'"' => {
                        champ.push(b'"');
                        taille += 1;
                        etat = Etat::Guillemets;
                        continue;
                    }
                    Etat::Debut if octet == b'"' => {
                        champ.clear();
                        etat = Etat::Guillemets;
                        continue;
                    }
                    _ => {}
                }
                if matches!(etat, Etat::Retour) && octet != b'\n' {
                    // A carriage return alone ended the record: this character begins the next one.
                    lus -= 1;
                    self.ligne += 1;
                    fini = true;
                    break;
                }
                match octet {
                    b'\n' => {
                        fini = true;
                        break;
                    }
                    // The end of a line of Windows; of old Macs, alone.
                    b'\r' => etat = Etat::Retour,
                    o if o == self.separateur => {
                        etat = Etat::Debut;
                        if !enorme {
                            ferme(champs, &mut champ);
                            enorme = champs.len() > CHAMPS_MAX;
                        }
                    }
                    o => {
                        if !enorme {
                            champ.push(o);
                            taille += 1;
                            enorme = taille > ENREGISTREMENT_MAX;
                        }
                        // Blanks before an opening quote are not part of the value.
                        if !(o == b' ' && matches!(etat, Etat::Debut)) {
                            etat = Etat::Nu;
                        }
                    }
                }
            }
            self.texte.consume(lus);
            if enorme && self.entete {
                return Ok(Ligne::Enorme);
            }
            if fini {
                if !enorme {
                    ferme(champs, &mut champ);
                } else if champs.is_empty() {
                    champ.truncate(400);
                    ferme(champs, &mut champ);
                }
                return Ok(if enorme { Ligne::Enorme } else { Ligne::Lue });
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Etat {
    /// At the beginning of a field.
    Debut,
    /// In a field without quotes, or after its closing quote.
    Nu,
    /// Between quotes.
    Guillemets,
    /// After a quote between quotes: closing, or the first of two.
    Guillemet,
    /// After a carriage return.
    Retour,
}

fn ferme(champs: &mut Vec<String>, champ: &mut Vec<u8>) {
    // The decoder gives nothing but UTF-8, and separators are single bytes of it.
    champs.push(String::from_utf8_lossy(champ).into_owned());
    champ.clear();
}
