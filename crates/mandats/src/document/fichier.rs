//! The signed mandat as a file: `cle`, `contenu`, `kid`, `nature`, `signature`, in canonical JSON, so that one mandat is
//! one file and any changed byte is seen.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use oidc::jose::{Alg, JwsError, KeySet, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Contenu, Refus, canonique};
use crate::Empreinte;

/// No mandat is longer, in bytes.
pub const TAILLE: usize = 64 * 1024;
/// What tells this JSON from another.
const NATURE: &str = "maillage.mandat";

/// A mandat whose signature was made here, or has been verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signe {
    contenu: Contenu,
    octets: String,
    kid: String,
    cle: Value,
    signature: String,
}

/// What a verification says: the mandat, or why not.
pub type Verdict = Result<Signe, Refus>;

impl Signe {
    /// Signs what a mandat says.
    ///
    /// The key is the instance's, ES256. It signs the canonical bytes themselves; they begin with a brace, so that they
    /// are never the text of a token that the same key could have signed.
    ///
    /// # Errors
    /// The content is no mandat, or the key is none that signs one.
    pub fn nouveau(contenu: Contenu, cle: &SigningKey) -> Result<Self, Refus> {
        contenu.controle()?;
        let octets = octets(&contenu)?;
        let (Alg::Es256, Some(kid), Some(jwk)) = (cle.alg(), cle.kid(), cle.jwk()) else {
            return Err(Refus::Signer);
        };
        let signature = cle.sign(octets.as_bytes()).map_err(|_| Refus::Signer)?;
        Ok(Self {
            contenu,
            octets,
            kid: kid.to_owned(),
            cle: json!({ "crv": jwk["crv"], "kty": jwk["kty"], "x": jwk["x"], "y": jwk["y"] }),
            signature: URL_SAFE_NO_PAD.encode(signature),
        })
    }

    /// What it says.
    pub fn contenu(&self) -> &Contenu {
        &self.contenu
    }

    /// The bytes that are signed.
    pub fn octets(&self) -> &[u8] {
        self.octets.as_bytes()
    }

    /// SHA-256 of the bytes that are signed: it names this mandat, whatever its signature.
    pub fn empreinte(&self) -> Empreinte {
        Empreinte::de(self.octets())
    }

    /// The name of the key that signed.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The file: it verifies byte for byte, and no otherwise.
    ///
    /// # Errors
    /// Never of a mandat that was signed or verified.
    pub fn fichier(&self) -> Result<String, Refus> {
        let contenu: Value = serde_json::from_str(&self.octets).map_err(|_| Refus::Structure)?;
        let enveloppe = json!({
            "cle": self.cle, "contenu": contenu, "kid": self.kid, "nature": NATURE, "signature": self.signature
        });
        canonique::ecrit(&enveloppe).map_err(|_| Refus::Structure)
    }
}

/// The canonical bytes of what a mandat says.
fn octets(contenu: &Contenu) -> Result<String, Refus> {
    let valeur = serde_json::to_value(contenu).map_err(|_| Refus::Structure)?;
    canonique::ecrit(&valeur).map_err(|_| Refus::Structure)
}

/// Verifies a file against public keys. Nothing in it is believed before its signature: not the key that it carries,
/// not what it says. It tells that the mandat is authentic, of that day; not that it was not revoked since.
///
/// # Errors
/// Why it is not believed.
pub fn verifie(fichier: &[u8], cles: &KeySet) -> Verdict {
    let lu = Lu::lire(fichier, NATURE)?;
    authentique(cles, (&lu.kid, &lu.signature), &lu.octets)?;
    let contenu = lit_contenu(lu.contenu)?;
    // What this version does not know would be dropped by its types, and shown to nobody.
    if octets(&contenu)? != lu.octets {
        return Err(Refus::Structure);
    }
    Ok(Signe { contenu, octets: lu.octets, kid: lu.kid, cle: lu.cle, signature: lu.signature })
}

/// Whether that key, of that set, signed those bytes.
pub(super) fn authentique(cles: &KeySet, (kid, signature): (&str, &str), octets: &str) -> Result<(), Refus> {
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refus::Signature)?;
    cles.verify(Alg::Es256, Some(kid), octets.as_bytes(), &signature).map(drop).map_err(|e| match e {
        JwsError::UnknownKey => Refus::CleInconnue(kid.to_owned()),
        _ => Refus::Signature,
    })
}

/// The key that the file carries, which anybody may have made: with it, [`verifie`] tells that the file is whole, not
/// who signed it.
///
/// # Errors
/// The file is not that of a mandat.
pub fn cle_du_fichier(fichier: &[u8]) -> Result<KeySet, Refus> {
    let lu = Lu::lire(fichier, NATURE)?;
    let mut cle = lu.cle;
    cle["kid"] = Value::String(lu.kid);
    KeySet::parse(json!({ "keys": [cle] }).to_string().as_bytes()).map_err(|_| Refus::Cle)
}

/// What a content says, by the version that it tells: each stays readable for ever.
fn lit_contenu(contenu: Value) -> Result<Contenu, Refus> {
    match contenu.get("format").and_then(Value::as_u64) {
        Some(1) => {
            let contenu: Contenu = serde_json::from_value(contenu).map_err(|_| Refus::Structure)?;
            contenu.controle()?;
            Ok(contenu)
        }
        Some(autre) => Err(Refus::Version(autre)),
        None => Err(Refus::Structure),
    }
}

/// A file in canonical form, whose signature is not verified yet.
pub(super) struct Lu {
    cle: Value,
    pub(super) contenu: Value,
    pub(super) octets: String,
    pub(super) kid: String,
    pub(super) signature: String,
}

impl Lu {
    pub(super) fn lire(fichier: &[u8], nature: &str) -> Result<Self, Refus> {
        if fichier.len() > TAILLE {
            return Err(Refus::TropLong);
        }
        let Ok(valeur) = oidc::parse_json(fichier, TAILLE) else { return Err(Refus::Illisible) };
        if valeur.get("nature").and_then(Value::as_str) != Some(nature) {
            return Err(Refus::Nature);
        }
        let canonique = canonique::ecrit(&valeur);
        if canonique.as_ref().map(String::as_bytes) != Ok(fichier) {
            return Err(Refus::Reecrit);
        }
        let Value::Object(mut membres) = valeur else { return Err(Refus::Nature) };
        let cle = membres.remove("cle").ok_or(Refus::Nature)?;
        let contenu = membres.remove("contenu").filter(Value::is_object).ok_or(Refus::Nature)?;
        let kid = texte(&mut membres, "kid")?;
        let signature = texte(&mut membres, "signature")?;
        membres.remove("nature");
        if !membres.is_empty() {
            return Err(Refus::Nature);
        }
        if empreinte_de_cle(&cle).as_deref() != Some(&kid) {
            return Err(Refus::Cle);
        }
        let octets = canonique::ecrit(&contenu).map_err(|_| Refus::Reecrit)?;
        Ok(Self { cle, contenu, octets, kid, signature })
    }
}

fn texte(membres: &mut Map<String, Value>, nom: &str) -> Result<String, Refus> {
    match membres.remove(nom) {
        Some(Value::String(texte)) => Ok(texte),
        _ => Err(Refus::Nature),
    }
}

/// The name of a public key: its thumbprint (RFC 7638), which is SHA-256 of its canonical form when it has the four
/// members of an ES256 key and no other.
fn empreinte_de_cle(cle: &Value) -> Option<String> {
    let membres = cle.as_object()?;
    let quatre = ["crv", "kty", "x", "y"].iter().all(|nom| membres.get(*nom).is_some_and(Value::is_string));
    if !quatre || membres.len() != 4 {
        return None;
    }
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(canonique::ecrit(cle).ok()?)))
}
