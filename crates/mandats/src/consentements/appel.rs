//! Agreement by a call, with read-back. What the mandat would allow is read to the person, then whether they agree is asked,
//! on another page. That they were on the line is proved by a code that they got on that telephone and say, or by a colleague
//! of the aidant who listened and confirms it in a session of their own. The number is one that was known before the call.

use kernel::{Actor, Refusal, Verb};
use platform::journal::{self, Query};
use platform::sms::{self, Sms};
use platform::{Site, Tx};
use sea_orm::ConnectionTrait;

use super::actions::{self, chez, noter};
use super::arret;
use super::model::{
    Adresse, CODE, CONNU, Consentement, ConsentementId, ESSAIS, Etat, Preuve, TEMOIN, recoit_sms,
};
use super::store;
use crate::mandats::Regard;
use crate::usagers::{self, Usager};
use crate::{Failure, Mandats, aidants};

/// Refuses a call to a number that was not known before, or a code where no text message goes.
pub(super) async fn permet(m: &Mandats, tx: &Tx, usager: &Usager, adresse: &Adresse) -> Result<(), Failure> {
    let Adresse::Appel(numero, preuve) = adresse else { return Ok(()) };
    let site = &m.site;
    if usager.contact.telephone.as_ref() != Some(numero) {
        return Err(
            Refusal::conflict("Appelez un numéro que nous connaissons déjà pour cette personne.").into()
        );
    }
    if !usager.contact.telephone_prouve {
        let query = Query {
            subject: Some("usager".to_owned()),
            subject_id: Some(usagers::pseudonyme(site, usager)?),
            detail: Some(("quoi".to_owned(), "telephone".to_owned())),
            from: Some(site.clock.now() - CONNU),
            limit: 1,
            ..Query::default()
        };
        if !journal::page(tx, &query).await?.is_empty() {
            return Err(Refusal::conflict(
                "Ce numéro vient d’être écrit : un accord au téléphone demande un numéro connu depuis un jour au moins, ou confirmé par la personne.",
            )
            .into());
        }
    }
    match preuve {
        Preuve::Temoin => Ok(()),
        Preuve::Code if recoit_sms(numero) => arret::permet(site, tx, adresse).await,
        Preuve::Code => Err(Refusal::conflict(
            "Ce numéro ne reçoit pas de SMS : demandez à un collègue d’écouter l’appel.",
        )
        .into()),
    }
}

fn empreinte(site: &Site, id: ConsentementId, code: &str) -> String {
    site.secrets.fingerprint("consentement.code", &format!("{id}\u{0}{code}"))
}

/// Sends a new code to the telephone that is called: the one before serves no more.
pub(super) async fn envoyer_code(
    site: &Site,
    tx: &Tx,
    c: &Consentement,
    numero: &kernel::Telephone,
) -> Result<(), Failure> {
    let code = format!("{:06}", site.chance.below(1_000_000));
    store::appel::coder(tx, c.id, &empreinte(site, c.id, &code)).await?;
    let text = format!(
        "{code} est votre code d’accord pour le mandat Aidants Connect qui vient de vous être lu au téléphone. Si vous acceptez, dites-le à votre aidant. Sinon, ne le dites à personne. Il sert 15 minutes."
    );
    let until = site.clock.now() + CODE;
    sms::enqueue(site, tx, &Sms { to: numero.clone(), text, until }).await?;
    Ok(())
}

/// What an aidant notes during a call, or the colleague who listened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Parole {
    /// The person says this code.
    Code(String),
    /// The person says yes, and somebody listens.
    Oui,
    /// The person refuses.
    Non,
    /// Whoever listened heard them agree.
    Entendu,
    /// Whoever listened did not.
    PasEntendu,
}

/// What it changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effet {
    /// It is noted.
    Note,
    /// It is not that code; how many tries are left.
    CodeFaux(i64),
    /// No code may be said: another one must be sent.
    SansCode,
}

/// Notes what was said: the maker what the person says, a colleague what they heard.
pub(super) async fn noter_parole(
    m: &Mandats,
    actor: &Actor,
    id: ConsentementId,
    parole: &Parole,
) -> Result<Effet, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let (c, sien) = chez(m, tx, actor, id).await?;
            let preuve = c.adresse.preuve().ok_or(Refusal::NotFound)?;
            if matches!(parole, Parole::Entendu | Parole::PasEntendu) == sien {
                return Err(Refusal::forbidden(
                    "Qui appelle note ce que dit la personne ; un autre aidant, qui a écouté, confirme ce qu’il a entendu.",
                )
                .into());
            }
            let usager = usagers::store::tenir(tx, c.usager).await?.ok_or(Refusal::NotFound)?;
            let ici = (&c, &usager);
            let fait = match (parole, preuve) {
                (Parole::Code(tape), Preuve::Code) => return dire_code(m, tx, actor, ici, tape).await,
                (Parole::Oui, Preuve::Temoin) => {
                    let fait = store::appel::entendre(tx, id, (now, now + TEMOIN)).await?;
                    if fait {
                        noter(site, tx, "consentement.entendre", Some(actor), &c, &usager).await?;
                    }
                    fait
                }
                (Parole::Non, _) if c.etat(now).ouvert() => {
                    let vers = (c.etat, Etat::Refusee);
                    actions::conclure(m, tx, Some(actor), ici, vers, "Non, dit au téléphone").await?
                }
                (Parole::Entendu, Preuve::Temoin) => {
                    let temoin = aidants::agissant(m, tx, actor, Verb::TenirMandats).await?.aidant;
                    let texte = format!(
                        "Oui, dit au téléphone ; entendu par {}, {}",
                        temoin.nom_complet(),
                        temoin.profession
                    );
                    let vers = (Etat::AttenteTemoin, Etat::Acceptee);
                    actions::conclure(m, tx, Some(actor), ici, vers, &texte).await?
                }
                (Parole::PasEntendu, Preuve::Temoin) if c.etat(now) == Etat::AttenteTemoin => {
                    let fait = store::finir(tx, id, Etat::Arretee).await?;
                    if fait {
                        noter(site, tx, "consentement.demettre", Some(actor), &c, &usager).await?;
                    }
                    fait
                }
                _ => false,
            };
            if fait {
                return Ok(Effet::Note);
            }
            Err(Refusal::conflict("Rien n’est noté : ce n’est pas, ou plus, le moment de cette réponse.").into())
        })
        .await
}

/// Tries a code, counted before it is compared.
async fn dire_code(
    m: &Mandats,
    tx: &Tx,
    actor: &Actor,
    (c, usager): (&Consentement, &Usager),
    tape: &str,
) -> Result<Effet, Failure> {
    let site = &m.site;
    let now = site.clock.now();
    let Some((code, reste)) = store::appel::essayer(tx, c.id, ESSAIS, (now - CODE, now)).await? else {
        return Ok(Effet::SansCode);
    };
    let chiffres: String = tape.chars().filter(char::is_ascii_digit).take(12).collect();
    if !oidc::same(&empreinte(site, c.id, &chiffres), &code) {
        noter(site, tx, "consentement.code_faux", Some(actor), c, usager).await?;
        return Ok(if reste > 0 { Effet::CodeFaux(reste) } else { Effet::SansCode });
    }
    let vers = (Etat::AcceptationDemandee, Etat::Acceptee);
    let texte = "Oui, dit au téléphone, avec le code reçu par SMS";
    let fait = actions::conclure(m, tx, Some(actor), (c, usager), vers, texte).await?;
    Ok(if fait { Effet::Note } else { Effet::SansCode })
}

/// Agreements by a call that await whoever listened, among those that they see and did not ask for.
///
/// # Errors
/// The database; who does not act in the name of an organisation sees none.
pub async fn a_confirmer(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Vec<ConsentementId>, Failure> {
    let a = aidants::agissant(m, conn, actor, Verb::TenirMandats).await?;
    let regard = Regard::de(conn, &a).await?;
    let miennes = aidants::store::appartenances(conn, a.aidant.id).await?;
    let mut ids = Vec::new();
    for c in store::appel::sans_temoin(conn, a.organisation.structure, m.site.clock.now()).await? {
        let Some(appartenance) = c.appartenance else { continue };
        if !miennes.iter().any(|x| x.id == appartenance) && regard.voit(conn, appartenance).await? {
            ids.push(c.id);
        }
    }
    Ok(ids)
}
