//! What a mandat may not say, whoever signed it. These rules are of version 1: they call none that may change.

use chrono::Datelike;

use super::super::{Instant, Refus, ligne};
use super::{Consentement, Contenu, Genre, Identite, Naissance, Reference};
use crate::legal;

impl Contenu {
    /// Whether it is a mandat.
    ///
    /// # Errors
    /// What is wrong in it.
    pub(crate) fn controle(&self) -> Result<(), Refus> {
        if self.format != 1 {
            return Err(Refus::Version(self.format.into()));
        }
        if self.sel.len() != 32 || !self.sel.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Refus::Structure);
        }
        self.lignes()?;
        self.numeros()?;
        self.naissance()?;
        self.textes_et_demarches()?;
        self.dates()
    }

    fn lignes(&self) -> Result<(), Refus> {
        let usager = &self.usager;
        let mut lignes = vec![
            ("Le nom de l’organisation", &self.organisation.nom),
            ("L’adresse de l’organisation", &self.organisation.adresse),
            ("Les prénoms de la personne", &usager.prenoms),
            ("Le nom de la personne", &usager.nom),
            ("Le pays de naissance", &usager.pays.nom),
            ("Le prénom de l’aidant", &self.aidant.prenom),
            ("Le nom de l’aidant", &self.aidant.nom),
            ("La fonction de l’aidant", &self.aidant.fonction),
        ];
        lignes.extend(usager.nom_usage.as_ref().map(|nom| ("Le nom d’usage", nom)));
        lignes.extend(usager.commune.as_ref().map(|commune| ("La commune de naissance", &commune.nom)));
        if let Consentement::Distance { reference, .. } = &self.consentement {
            lignes.push(("La référence de l’accord à distance", reference));
        }
        for (champ, texte) in lignes {
            ligne::exacte(texte).map_err(|pourquoi| Refus::Ligne { champ, pourquoi })?;
        }
        Ok(())
    }

    /// Shapes only: registers change their rules, and a document of that day stays what it was.
    fn numeros(&self) -> Result<(), Refus> {
        let chiffres = |texte: &str| texte.bytes().all(|c| c.is_ascii_digit());
        let numero = self.organisation.numero.as_str();
        let juste = match self.organisation.genre {
            Genre::Siret => numero.len() == 14 && chiffres(numero),
            Genre::Rna => numero.len() == 10 && numero.strip_prefix('W').is_some_and(chiffres),
            Genre::Ridet => (7..=10).contains(&numero.len()) && chiffres(numero),
        };
        // FranceConnect: five signs, Corsica as 2A and 2B; France is 99100, and only there is a commune told.
        let code = |texte: &str| {
            let reste = texte.strip_prefix("2A").or_else(|| texte.strip_prefix("2B"));
            reste.map_or(texte.len() == 5 && chiffres(texte), |r| r.len() == 3 && chiffres(r))
        };
        let pays = self.usager.pays.code.as_str();
        let lieu = match &self.usager.commune {
            Some(commune) => pays == "99100" && code(&commune.code),
            None => pays != "99100",
        };
        if juste && lieu && pays.starts_with("99") && code(pays) { Ok(()) } else { Err(Refus::Numeros) }
    }

    fn naissance(&self) -> Result<(), Refus> {
        let naissance = &self.usager.naissance;
        let nee = naissance.completee <= self.cree.date_time().date_naive();
        if naissance.coherente() && nee { Ok(()) } else { Err(Refus::Naissance) }
    }

    fn textes_et_demarches(&self) -> Result<(), Refus> {
        let publie = |genre, r: &Reference| legal::publie(genre, &r.id, r.sha256).ok_or(Refus::Texte);
        self.texte()?;
        publie(legal::Genre::Notices, &self.textes.notices)?;
        let connues = legal::catalogue(publie(legal::Genre::Demarches, &self.textes.demarches)?);
        let mut reste = connues.iter();
        // Each is found after the one before: in order, and never twice.
        let toutes = self.demarches.iter().all(|d| reste.any(|c| c.cle == d.cle && c.titre == d.titre));
        if toutes && !self.demarches.is_empty() { Ok(()) } else { Err(Refus::Demarches) }
    }

    fn dates(&self) -> Result<(), Refus> {
        let avant = |a: &Instant, b: &Instant| a.date_time() <= b.date_time();
        let (identite, suite) = match &self.consentement {
            Consentement::Presence { identite, atteste } => (identite, vec![atteste]),
            Consentement::Distance { identite, offre, reponse, atteste, .. } => {
                (identite, vec![offre, reponse, atteste])
            }
        };
        let mut ordre = suite;
        match identite {
            // Before or after the messages, but not after the mandat.
            Identite::Franceconnect { le } if !avant(le, &self.cree) => return Err(Refus::Dates),
            Identite::Franceconnect { .. } => {}
            Identite::MandatPrecedent if self.renouvelle.is_none() => return Err(Refus::Renouvelle),
            Identite::MandatPrecedent => {}
        }
        ordre.push(&self.cree);
        let suivent = ordre.windows(2).all(|paire| avant(paire[0], paire[1]));
        if !suivent || !self.cree.precede_de(self.duree.jours(), &self.jusqu_au) {
            return Err(Refus::Dates);
        }
        match &self.renouvelle {
            Some(ancien) if ancien.numero == self.numero => Err(Refus::Renouvelle),
            _ => Ok(()),
        }
    }
}

impl Naissance {
    /// Both forms, when each is a date and they do not contradict one another; `completee` is `1962-01-01`.
    pub fn lire(etat_civil: &str, completee: &str) -> Option<Self> {
        let naissance = Self { etat_civil: etat_civil.to_owned(), completee: completee.parse().ok()? };
        naissance.coherente().then_some(naissance)
    }

    /// Whether both forms are dates that agree.
    fn coherente(&self) -> bool {
        let Some((annee, mois, jour)) = self.parties() else { return false };
        self.completee.year() == annee
            && mois.is_none_or(|m| m == self.completee.month())
            && jour.is_none_or(|j| j == self.completee.day())
    }

    /// Year, month and day; what the civil status does not know is `None`. A day without a month is refused, as
    /// FranceConnect does.
    pub(super) fn parties(&self) -> Option<(i32, Option<u32>, Option<u32>)> {
        let texte = self.etat_civil.as_str();
        let morceaux: Vec<&str> = texte.split('-').collect();
        let [annee, mois, jour] = morceaux.as_slice() else { return None };
        let nombre = |m: &str, taille| {
            (m.len() == taille && m.bytes().all(|c| c.is_ascii_digit()))
                .then(|| m.parse::<u32>().ok())
                .flatten()
        };
        let (annee, mois, jour) = (nombre(annee, 4)?, nombre(mois, 2)?, nombre(jour, 2)?);
        let su = |n: u32| (n != 0).then_some(n);
        if mois > 12 || jour > 31 || (mois == 0 && jour != 0) {
            return None;
        }
        Some((i32::try_from(annee).ok()?, su(mois), su(jour)))
    }
}
