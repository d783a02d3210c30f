//! The act by which a mandat passes from one organisation to another: a second signed file beside the mandat, which stays
//! what it was. `contenu` names the mandat by its number and its fingerprint.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use oidc::jose::KeySet;
use oidc::jose::{Alg, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fichier::{Lu, authentique};
use super::{Contenu, Instant, Numero, Organisation, Refus, Signe, canonique};
use crate::Empreinte;

/// What tells this JSON from another.
const NATURE: &str = "maillage.transfert";

/// What an act says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acte {
    /// Version of the format: 1.
    pub format: u8,
    /// The mandat.
    pub mandat: Numero,
    /// Its fingerprint; none of one that was taken over from another system without a signature.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub empreinte: Option<Empreinte>,
    /// Who held it until then, as it was that day.
    pub de: Organisation,
    /// Who holds it from then on.
    pub vers: Organisation,
    /// When.
    pub le: Instant,
    /// Why, in a line.
    pub motif: String,
}

impl Acte {
    /// Signs it: its canonical bytes, the name of the key, the signature.
    ///
    /// # Errors
    /// A line that a document may not hold, or a key that signs none.
    pub fn signe(&self, cle: &SigningKey) -> Result<ActeSigne, Refus> {
        self.controle()?;
        let octets = self.octets()?;
        let (Alg::Es256, Some(kid)) = (cle.alg(), cle.kid()) else { return Err(Refus::Signer) };
        let signature = cle.sign(octets.as_bytes()).map_err(|_| Refus::Signer)?;
        Ok(ActeSigne { octets, kid: kid.to_owned(), signature: URL_SAFE_NO_PAD.encode(signature) })
    }

    fn octets(&self) -> Result<String, Refus> {
        let valeur = serde_json::to_value(self).map_err(|_| Refus::Structure)?;
        canonique::ecrit(&valeur).map_err(|_| Refus::Structure)
    }

    fn controle(&self) -> Result<(), Refus> {
        if self.format != 1 {
            return Err(Refus::Version(self.format.into()));
        }
        for (champ, ligne) in [
            ("Le nom de l’organisation de départ", &self.de.nom),
            ("L’adresse de l’organisation de départ", &self.de.adresse),
            ("Le nom de l’organisation d’arrivée", &self.vers.nom),
            ("L’adresse de l’organisation d’arrivée", &self.vers.adresse),
            ("Le motif", &self.motif),
        ] {
            super::ligne_exacte(ligne).map_err(|pourquoi| Refus::Ligne { champ, pourquoi })?;
        }
        Ok(())
    }

    /// Whether this act is of that mandat, and follows the acts `avant` it: each begins with who held the mandat.
    pub fn suit(&self, mandat: &Signe, avant: Option<&Self>) -> bool {
        let contenu: &Contenu = mandat.contenu();
        let tenait = avant.map_or(&contenu.organisation, |a| &a.vers);
        let memes = |a: &Organisation, b: &Organisation| a.genre == b.genre && a.numero == b.numero;
        let le = avant.map_or_else(|| contenu.cree.date_time(), |a| a.le.date_time());
        self.mandat == contenu.numero
            && self.empreinte == Some(mandat.empreinte())
            && memes(&self.de, tenait)
            && le <= self.le.date_time()
    }

    /// In one sentence.
    pub fn phrase(&self) -> String {
        format!(
            "Transféré le {} de {} à {} (motif : {}).",
            self.le.en_lettres(),
            self.de.nom,
            self.vers.nom,
            self.motif
        )
    }
}

/// An act that was signed, as a database keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActeSigne {
    /// Its canonical bytes.
    pub octets: String,
    /// The name of the key.
    pub kid: String,
    /// The signature, in base64url.
    pub signature: String,
}

impl ActeSigne {
    /// The file that anybody verifies with the published keys. `cle` is the public half of the key `kid`.
    ///
    /// # Errors
    /// What is kept is no act.
    pub fn fichier(&self, cle: &Value) -> Result<String, Refus> {
        let contenu: Value = serde_json::from_str(&self.octets).map_err(|_| Refus::Structure)?;
        let cle = json!({ "crv": cle["crv"], "kty": cle["kty"], "x": cle["x"], "y": cle["y"] });
        let enveloppe = json!({
            "cle": cle, "contenu": contenu, "kid": self.kid, "nature": NATURE, "signature": self.signature
        });
        canonique::ecrit(&enveloppe).map_err(|_| Refus::Structure)
    }

    /// What it says, verified again against these keys.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn relire(&self, cles: &KeySet) -> Result<Acte, Refus> {
        authentique(cles, (&self.kid, &self.signature), &self.octets)?;
        let contenu: Value = serde_json::from_str(&self.octets).map_err(|_| Refus::Structure)?;
        lit(contenu, &self.octets)
    }
}

/// Verifies the file of an act against public keys.
///
/// # Errors
/// Why it is not believed.
pub fn verifie_transfert(fichier: &[u8], cles: &KeySet) -> Result<Acte, Refus> {
    let lu = Lu::lire(fichier, NATURE)?;
    authentique(cles, (&lu.kid, &lu.signature), &lu.octets)?;
    lit(lu.contenu, &lu.octets)
}

fn lit(contenu: Value, octets: &str) -> Result<Acte, Refus> {
    let acte: Acte = serde_json::from_value(contenu).map_err(|_| Refus::Structure)?;
    acte.controle()?;
    if acte.octets()? == octets { Ok(acte) } else { Err(Refus::Structure) }
}
