//! The form of a client.

use oidc::jose::{Alg, KeySet};
use oidc::provider::AuthMethod;
use platform::web::FormState;
use serde_json::Value;

use super::model::{Inscrit, Reglages};

/// Longest list of addresses.
const ADRESSES: usize = 20;

pub(super) const METHODES: [(AuthMethod, &str); 3] = [
    (AuthMethod::ClientSecretPost, "Secret dans le corps de la requête (client_secret_post)"),
    (AuthMethod::ClientSecretBasic, "Secret dans l’en-tête (client_secret_basic)"),
    (AuthMethod::PrivateKeyJwt, "Jeton signé par ses clés (private_key_jwt)"),
];

pub(super) const ALGORITHMES: [(&str, &str); 3] =
    [("ES256", "ES256 (conseillé)"), ("RS256", "RS256"), ("HS256", "HS256, avec le secret")];

/// The form of a client that is not registered yet: what FranceConnect needs today.
pub(super) fn vierge() -> FormState {
    let mut form = FormState::filled([
        ("auth", "client_secret_post"),
        ("id_token_alg", "ES256"),
        ("userinfo_alg", "ES256"),
        ("cles_alg", "ES256"),
        ("nonce", "oui"),
        ("acr", "eidas1"),
        ("acr_obligatoire", "oui"),
        ("rep_scope", "oui"),
        ("presence", "10"),
        ("une_fois", "oui"),
        ("par_seconde", "1000"),
        ("actif", "oui"),
    ]);
    let scopes = ["profile", "birth", "email"];
    let mut values: Vec<(String, String)> = form.values().to_vec();
    values.extend(scopes.map(|s| ("scopes".to_owned(), s.to_owned())));
    form = FormState::filled(values);
    form
}

/// The form of a client as it is.
pub(super) fn rempli(c: &Inscrit) -> FormState {
    let r = &c.reglages;
    let mut v: Vec<(&str, String)> = vec![
        ("nom", c.nom.clone()),
        ("client_id", c.client_id.clone()),
        ("version", c.version.to_string()),
        ("retour", r.redirect_uris.join("\n")),
        ("sortie", r.post_logout_redirect_uris.join("\n")),
        ("id_token_alg", r.id_token_alg.name().to_owned()),
        ("userinfo_alg", r.userinfo_alg.map(|a| a.name().to_owned()).unwrap_or_default()),
        ("acr", r.acr.join(" ")),
        ("presence", (r.presence_s / 60).to_string()),
        ("par_seconde", r.par_seconde.to_string()),
        ("adresse_fin", r.adresse_fin.clone().unwrap_or_default()),
    ];
    if let Some((alg, jeu)) = &r.cles {
        v.push(("cles_alg", alg.name().to_owned()));
        v.push(("cles", serde_json::to_string_pretty(jeu).unwrap_or_default()));
    }
    v.extend(r.auth.iter().map(|a| ("auth", a.name().to_owned())));
    v.extend(r.scopes.iter().map(|s| ("scopes", s.clone())));
    for (nom, vrai) in [
        ("pkce", r.pkce_required),
        ("nonce", r.nonce_required),
        ("acr_obligatoire", r.acr_binding),
        ("rep_scope", r.rep_scope),
        ("act", r.act),
        ("une_fois", r.one_use),
        ("actif", c.actif),
    ] {
        if vrai {
            v.push((nom, "oui".to_owned()));
        }
    }
    FormState::filled(v)
}

fn adresses(form: &mut FormState, champ: &str) -> Vec<String> {
    let lues: Vec<String> =
        form.raw(champ).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    if lues.len() > ADRESSES || lues.iter().any(|l| l.len() > 2000) {
        form.refuse(champ, format!("{ADRESSES} adresses au plus, de 2 000 caractères au plus."));
    }
    lues
}

/// What was typed, over `avant` or as a new client; none when a field is wrong.
pub(super) fn lire(form: &mut FormState, avant: Inscrit) -> Option<Inscrit> {
    let nom = form.text("nom", 80);
    let redirect_uris = adresses(form, "retour");
    let post_logout_redirect_uris = adresses(form, "sortie");
    let auth: Vec<AuthMethod> =
        METHODES.iter().map(|(a, _)| *a).filter(|a| form.coche("auth", a.name())).collect();
    let cles = cles(form);
    let alg = |nom: &str| Alg::parse(nom).ok_or("Choisissez un algorithme de la liste.");
    let id_token_alg = form.parse("id_token_alg", alg);
    let userinfo_alg = form.parse_opt("userinfo_alg", alg);
    let nombre = |max: i64| {
        move |v: &str| match v.parse::<i64>() {
            Ok(n) if (0..=max).contains(&n) => Ok(n),
            _ => Err(format!("Un nombre entier, de 0 à {max}.")),
        }
    };
    let presence = form.parse("presence", nombre(720));
    let par_seconde = form.parse("par_seconde", nombre(100_000));
    let adresse_fin = form.parse_opt("adresse_fin", |v| {
        let bonne = v.len() <= 2000 && url::Url::parse(v).is_ok_and(|u| u.scheme() == "https");
        if bonne { Ok(v.to_owned()) } else { Err("Une adresse qui commence par https://.") }
    });
    let scopes = oidc::franceconnect::SCOPES
        .iter()
        .map(|(s, _)| (*s).to_owned())
        .filter(|s| form.coche("scopes", s))
        .collect();
    let client_id =
        if avant.version == 0 { form.text("client_id", 255) } else { Some(avant.client_id.clone()) };
    let coche = |nom: &str| form.coche(nom, "oui");
    let reglages = Reglages {
        redirect_uris,
        post_logout_redirect_uris,
        auth,
        cles,
        id_token_alg: id_token_alg.unwrap_or(Alg::Es256),
        userinfo_alg: userinfo_alg.flatten(),
        pkce_required: coche("pkce"),
        nonce_required: coche("nonce"),
        scopes,
        acr: form.get("acr").split_whitespace().map(str::to_owned).collect(),
        acr_binding: coche("acr_obligatoire"),
        rep_scope: coche("rep_scope"),
        act: coche("act"),
        presence_s: presence.unwrap_or_default() * 60,
        one_use: coche("une_fois"),
        par_seconde: u32::try_from(par_seconde.unwrap_or_default()).unwrap_or_default(),
        adresse_fin: adresse_fin.flatten(),
    };
    let actif = coche("actif");
    let (nom, client_id) = nom.zip(client_id).filter(|_| form.is_valid())?;
    Some(Inscrit { nom, client_id, actif, reglages, ..avant })
}

fn cles(form: &mut FormState) -> Option<(Alg, Value)> {
    let texte = form.get("cles").to_owned();
    if texte.is_empty() {
        return None;
    }
    let alg = Alg::parse(form.get("cles_alg")).filter(|a| !a.is_symmetric()).unwrap_or(Alg::Es256);
    let lues = KeySet::parse(texte.as_bytes()).ok().filter(|lues| !lues.is_empty());
    match (lues, serde_json::from_str::<Value>(&texte)) {
        (Some(_), Ok(jeu)) => Some((alg, jeu)),
        _ => {
            let phrase = "Collez un jeu de clés publiques (JWKS), ES256 ou RS256, sans aucune clé privée.";
            form.refuse("cles", phrase);
            None
        }
    }
}
