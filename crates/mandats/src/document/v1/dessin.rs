//! How a mandat of version 1 is drawn: its content poured into its dated text. The page, the print and the command
//! dress the same parts; the words and their order are these, for ever.

use super::super::Refus;
use super::super::instant::{jour, mois};
use super::{Canal, Consentement, Contenu, Duree, Genre, Identite, Naissance};
use crate::legal;

/// A mandat, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dessin {
    /// Title.
    pub titre: String,
    /// Parts, in order.
    pub parties: Vec<Partie>,
}

/// A titled part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partie {
    /// Title.
    pub titre: String,
    /// What it says.
    pub blocs: Vec<Bloc>,
}

impl Partie {
    /// Its paragraphs, each with the points that follow it.
    pub fn suites(&self) -> Vec<(Option<&str>, Vec<&str>)> {
        let mut suites: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
        for bloc in &self.blocs {
            match (bloc, suites.last_mut()) {
                (Bloc::Alinea(t), _) => suites.push((Some(t), Vec::new())),
                (Bloc::Point(t), Some((_, points))) => points.push(t),
                (Bloc::Point(t), None) => suites.push((None, vec![t.as_str()])),
            }
        }
        suites
    }
}

/// A paragraph, or a point of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bloc {
    /// A paragraph.
    Alinea(String),
    /// A point of a list.
    Point(String),
}

impl Dessin {
    /// As plain text, one block a line.
    pub fn texte(&self) -> String {
        let mut texte = format!("{}\n", self.titre);
        for partie in &self.parties {
            texte.push_str(&format!("\n{}\n", partie.titre));
            for bloc in &partie.blocs {
                match bloc {
                    Bloc::Alinea(a) => texte.push_str(&format!("  {a}\n")),
                    Bloc::Point(p) => texte.push_str(&format!("  - {p}\n")),
                }
            }
        }
        texte
    }
}

impl Naissance {
    /// Whether the civil status knows the day, and not the month or the year alone.
    pub fn jour_connu(&self) -> bool {
        matches!(self.parties(), Some((_, Some(_), Some(_))))
    }

    /// « 1er mars 1962 », or what the civil status knows of it.
    pub fn en_lettres(&self) -> String {
        match self.parties() {
            Some((a, Some(m), Some(j))) => jour(a, m - 1, j),
            Some((a, Some(m), None)) => {
                format!("{} {a} (l’état civil ne connaît pas le jour)", mois(m - 1))
            }
            Some((a, _, _)) => format!("{a} (l’état civil ne connaît ni le jour ni le mois)"),
            None => String::new(),
        }
    }
}

impl Canal {
    /// Its key, as the document writes it.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Courriel => "courriel",
            Self::Telephone => "telephone",
        }
    }

    /// « SMS », « courriel »: what follows « par ».
    pub const fn en_mots(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Courriel => "courriel",
            Self::Telephone => "téléphone",
        }
    }
}

impl Contenu {
    /// The mandat as it is shown.
    ///
    /// # Errors
    /// A text that we never published.
    pub fn dessine(&self) -> Result<Dessin, Refus> {
        let texte = self.texte()?;
        let mut dessin = Dessin { titre: String::new(), parties: Vec::new() };
        for ligne in texte.corps.lines().filter(|l| !l.is_empty()) {
            if let Some(titre) = ligne.strip_prefix("# ") {
                dessin.titre = format!("{titre} n° {}", self.numero);
            } else if let Some(titre) = ligne.strip_prefix("## ") {
                dessin.parties.push(Partie { titre: titre.to_owned(), blocs: Vec::new() });
            } else if let Some(partie) = dessin.parties.last_mut() {
                match ligne {
                    "{demarches}" => {
                        partie.blocs.extend(self.demarches.iter().map(|d| Bloc::Point(d.titre.clone())));
                    }
                    "{avertissements}" => partie.blocs.extend(self.avertissements().map(Bloc::Alinea)),
                    "{renouvelle}" => partie.blocs.extend(self.suite().map(Bloc::Alinea)),
                    "{consentement}" => partie.blocs.extend(self.accord().into_iter().map(Bloc::Alinea)),
                    _ => partie.blocs.push(match ligne.strip_prefix("- ") {
                        Some(point) => Bloc::Point(self.remplit(point)),
                        None => Bloc::Alinea(self.remplit(ligne)),
                    }),
                }
            }
        }
        Ok(dessin)
    }

    /// The published text that it is drawn with.
    ///
    /// # Errors
    /// A text that we never published, or one for who agrees from afar on a mandat of who was there.
    pub(super) fn texte(&self) -> Result<&'static legal::Texte, Refus> {
        let reference = &self.textes.mandat;
        let publie = |genre| legal::publie(genre, &reference.id, reference.sha256);
        // The other way is allowed: there was one text for both, once.
        let distance = matches!(self.consentement, Consentement::Distance { .. });
        let texte = publie(legal::Genre::Mandat)
            .or_else(|| distance.then(|| publie(legal::Genre::MandatDistance)).flatten());
        texte.ok_or(Refus::Texte)
    }

    /// Whether its text asks both to sign it on paper.
    pub fn sur_papier(&self) -> bool {
        self.texte().is_ok_and(|t| t.genre == legal::Genre::Mandat)
    }

    /// Fills the blanks of a line, once: braces in what fills them are left as they are.
    fn remplit(&self, ligne: &str) -> String {
        let mut sortie = String::new();
        let mut reste = ligne;
        while let Some((avant, apres)) = reste.split_once('{') {
            sortie.push_str(avant);
            let Some((nom, suite)) = apres.split_once('}') else {
                reste = apres;
                continue;
            };
            sortie.push_str(&self.valeur(nom));
            reste = suite;
        }
        sortie + reste
    }

    fn valeur(&self, nom: &str) -> String {
        match nom {
            "usager" => self.nom_complet(),
            "naissance" => self.nee(),
            "organisation" => self.organisation.nom.clone(),
            "immatriculation" => self.immatriculation(),
            "adresse" => self.organisation.adresse.clone(),
            "aidant" => format!("{} {}", self.aidant.prenom, self.aidant.nom),
            "fonction" => self.aidant.fonction.clone(),
            "cree" => self.cree.en_lettres(),
            "duree" => match self.duree {
                Duree::Jour => "un jour (24 heures)".to_owned(),
                Duree::Mois => "31 jours".to_owned(),
                Duree::Semestre => "182 jours (environ six mois)".to_owned(),
                Duree::An => "365 jours (un an)".to_owned(),
            },
            "jusqu_au" => self.jusqu_au.en_lettres(),
            // No published text has another blank: a test fills each.
            _ => String::new(),
        }
    }

    fn nom_complet(&self) -> String {
        let usager = &self.usager;
        let usage = usager.nom_usage.as_ref().map(|n| format!(", nom d’usage {n}")).unwrap_or_default();
        format!("{} {}{usage}", usager.prenoms, usager.nom)
    }

    fn nee(&self) -> String {
        let quand = self.usager.naissance.en_lettres();
        let lieu = match &self.usager.commune {
            Some(commune) => format!("{} ({})", commune.nom, commune.code),
            None => format!("{} ({})", self.usager.pays.nom, self.usager.pays.code),
        };
        format!("{quand} ; lieu de naissance : {lieu}")
    }

    fn immatriculation(&self) -> String {
        let genre = match self.organisation.genre {
            Genre::Siret => "SIRET",
            Genre::Rna => "RNA",
            Genre::Ridet => "RIDET",
        };
        format!("{genre} {}", self.organisation.numero)
    }

    /// What the law asks to say of the démarches chosen, as the catalogue of that day had it.
    pub fn avertissements(&self) -> impl Iterator<Item = String> {
        let reference = &self.textes.demarches;
        let connues = legal::publie(legal::Genre::Demarches, &reference.id, reference.sha256)
            .map_or(&[][..], legal::catalogue);
        connues
            .iter()
            .filter(|c| self.demarches.iter().any(|d| d.cle == c.cle))
            .flat_map(|c| c.avertissements.iter().map(|a| format!("{}. {}", c.titre, a.phrase())))
    }

    fn suite(&self) -> Option<String> {
        self.renouvelle.as_ref().map(|ancien| format!("Il renouvelle le mandat n° {}.", ancien.numero))
    }

    fn accord(&self) -> Vec<String> {
        let (identite, comment, atteste) = match &self.consentement {
            Consentement::Presence { identite, atteste } => (
                identite,
                "Elle était présente. Ce mandat est signé sur papier par elle et par l’aidant.".to_owned(),
                atteste,
            ),
            Consentement::Distance { identite, canal, reference, offre, reponse, atteste, .. } => {
                let par = canal.en_mots();
                let phrase = format!(
                    "Elle était à distance. Le mandat lui a été proposé par {par} le {} ; elle a donné son accord le {} (échange n° {reference}).",
                    offre.en_lettres(),
                    reponse.en_lettres()
                );
                (identite, phrase, atteste)
            }
        };
        let connue = match identite {
            Identite::Franceconnect { le } => {
                format!("FranceConnect a vérifié son identité le {}.", le.en_lettres())
            }
            Identite::MandatPrecedent => {
                "Son identité est celle du mandat renouvelé, que FranceConnect avait vérifiée.".to_owned()
            }
        };
        let notices = &self.textes.notices.id;
        vec![
            connue,
            comment,
            format!(
                "Les explications (texte {notices}) lui ont été lues. L’aidant l’a attesté le {}.",
                atteste.en_lettres()
            ),
        ]
    }
}
