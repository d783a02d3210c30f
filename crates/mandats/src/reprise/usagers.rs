//! People of a dump. Their `sub` is hashed again under our key; the old one is kept sealed until hashes are computed.

use kernel::{Email, Telephone};
use platform::{Site, Tx};

use super::actions::{Etape, Lot};
use super::dump::Ligne;
use super::store;
use crate::document::{Naissance, lisse_ligne};
use crate::ids::UsagerId;
use crate::usagers::{self, Contact, Genre, Identite, Usager};
use crate::{Failure, Mandats};

fn place(ancien: i64) -> String {
    format!("reprise_ligne/usager/{ancien}")
}

fn sceller(site: &Site, ancien: i64, sub: &str) -> Result<String, Failure> {
    Ok(site.secrets.seal(&site.chance, &place(ancien), sub.as_bytes())?)
}

/// The old `sub` of that row, while it is kept.
pub(super) fn ancien_sub(site: &Site, r: &store::Reprise) -> Option<String> {
    let clair = site.secrets.open(&place(r.ancien), r.note.as_deref()?).ok()?;
    String::from_utf8(clair).ok()
}

/// Keeps the old `sub` of people who were taken by a run before: hashes may be computed again.
pub(super) async fn revoir(m: &Mandats, tx: &Tx, anciennes: &[(i64, &Ligne)]) -> Result<(), Failure> {
    for (id, l) in anciennes {
        if let Some(sub) = l.plein("sub") {
            let note = sceller(&m.site, *id, sub)?;
            store::annoter(tx, Etape::Usagers.table(), *id, &note).await?;
        }
    }
    Ok(())
}

/// Takes people.
pub(super) async fn prendre(lot: Lot<'_>) -> Result<(), Failure> {
    let Lot { m, tx, table, lignes, .. } = lot;
    let (site, now) = (&m.site, m.site.clock.now());
    let (mut nouveaux, mut notes): (Vec<Usager>, _) = (Vec::new(), Vec::new());
    for (id, l) in lignes {
        let Some(ancien) = l.plein("sub") else {
            table.refuse("identifiant de FranceConnect absent", id);
            continue;
        };
        let identite = match identite(l) {
            Ok(identite) => identite,
            Err(pourquoi) => {
                table.refuse(pourquoi, id);
                continue;
            }
        };
        let sub = usagers::empreinte(site, ancien);
        let note = Some(sceller(site, id, ancien)?);
        let meme = nouveaux.iter().find(|u| u.sub == sub).map(|u| u.id);
        let connu = match meme {
            Some(id) => Some(id),
            None => usagers::store::du_sub(tx, &sub).await?.map(|u| u.id),
        };
        if let Some(connu) = connu {
            table.rattachees += 1;
            table.remarque("personne déjà connue", id);
            notes.push((id, Some(connu.0), note));
            continue;
        }
        if Identite::lire(&identite.claims("repris")).is_err() {
            table.remarque(
                "identité que FranceConnect refuserait aujourd’hui : à mettre à jour quand la personne reviendra",
                id,
            );
        }
        if identite.naissance.etat_civil.ends_with("-01-01") && identite.pays != "99100" {
            table.remarque("née un 1er janvier à l’étranger : date peut-être présumée", id);
        }
        let telephone = l.plein("phone").and_then(Telephone::parse);
        let cree_le = l.instant("creation_date").filter(|le| *le <= now).unwrap_or(now);
        let nouveau = UsagerId::new(&site.clock, &site.chance);
        nouveaux.push(Usager {
            id: nouveau,
            sub,
            // Nobody knows who typed it there.
            contact: Contact { courriel: identite.courriel.clone(), telephone, ..Contact::default() },
            identite,
            cle_journal: usagers::sceller_cle_journal(site, nouveau)?,
            cree_le,
            vu_le: cree_le,
            version: 1,
        });
        notes.push((id, Some(nouveau.0), note));
        table.prises += 1;
    }
    usagers::store::semer(tx, &nouveaux).await?;
    Ok(store::noter(tx, Etape::Usagers.table(), notes).await?)
}

/// The identity, as it was kept there. What a mandat cannot be shown without is required; the rest comes right when
/// FranceConnect gives it again.
fn identite(l: &Ligne) -> Result<Identite, &'static str> {
    let ligne = |colonne: &str| l.plein(colonne).and_then(|t| lisse_ligne(t).ok()).map(|(t, _)| t);
    let prenoms = ligne("given_name").ok_or("prénoms absents")?;
    let nom = ligne("family_name").ok_or("nom absent")?;
    let date = l.plein("birthdate").and_then(|d| d.get(..10)).unwrap_or_default();
    let naissance =
        Naissance::lire(date, &date.replace("-00", "-01")).ok_or("date de naissance absente ou fausse")?;
    let code = |colonne: &str| {
        l.plein(colonne).filter(|c| c.len() == 5 && c.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let pays = code("birthcountry").unwrap_or("99100").to_owned();
    // Default addresses of the service: nobody reads them.
    let personne = |e: &Email| {
        let e = e.as_str().to_ascii_lowercase();
        !["noemail", "no-email", "no.email", "noreply", "no-reply"].iter().any(|d| e.starts_with(d))
    };
    Ok(Identite {
        nom_usage: ligne("preferred_username").filter(|n| *n != nom),
        prenoms,
        nom,
        genre: l.plein("gender").and_then(Genre::from_cle).unwrap_or(Genre::NonPrecise),
        naissance,
        commune: code("birthplace").filter(|_| pays == "99100").map(str::to_owned),
        pays,
        courriel: l.plein("email").and_then(|e| Email::parse(e).ok()).filter(personne),
    })
}
