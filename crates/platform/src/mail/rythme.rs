//! How often somebody wants the messages that are not needed to act: at once, once a day in one message, or never. The choice
//! goes with the address: what writes a message knows an address, and no account.

use kernel::Email;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::insert;
use super::{Genre, Message, Portee};
use crate::db::kit;
use crate::jobs::Job;
use crate::{Site, Tx};

/// Where the choice is made.
pub const PAGE: &str = "/compte/courriels";

/// How often.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rythme {
    /// As it happens.
    #[default]
    Aussitot,
    /// Together, once a day.
    Quotidien,
    /// Never.
    Jamais,
}

impl Rythme {
    /// All.
    pub const TOUS: [Self; 3] = [Self::Aussitot, Self::Quotidien, Self::Jamais];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Aussitot => "aussitot",
            Self::Quotidien => "quotidien",
            Self::Jamais => "jamais",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Aussitot => "Aussitôt, un courriel par nouvelle",
            Self::Quotidien => "Une fois par jour, en un seul courriel",
            Self::Jamais => "Jamais",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|r| r.cle() == cle)
    }
}

fn adresse(email: &Email) -> String {
    email.as_str().to_lowercase()
}

/// What was chosen for an address.
///
/// # Errors
/// When the database does not answer.
pub async fn rythme(conn: &impl ConnectionTrait, a: &Email) -> Result<Rythme, DbErr> {
    let rows = kit::query(conn, "SELECT rythme FROM courriel_rythme WHERE adresse = $1", [adresse(a).into()])
        .await?;
    let cle: Option<String> = rows.first().map(|r| r.try_get_by_index(0)).transpose()?;
    Ok(cle.and_then(|c| Rythme::from_cle(&c)).unwrap_or_default())
}

/// Chooses for an address. What waited for the daily message leaves with the next one, unless nothing is wanted any more.
///
/// # Errors
/// When the database refuses.
pub async fn choisir(site: &Site, tx: &Tx, a: &Email, rythme: Rythme) -> Result<(), DbErr> {
    let sql = "INSERT INTO courriel_rythme (adresse, rythme, choisi_le) VALUES ($1, $2, $3) \
               ON CONFLICT (adresse) DO UPDATE SET rythme = excluded.rythme, choisi_le = excluded.choisi_le";
    kit::execute(tx, sql, [adresse(a).into(), rythme.cle().into(), site.clock.now().into()]).await?;
    if rythme == Rythme::Jamais {
        kit::execute(tx, "DELETE FROM courriel_a_grouper WHERE adresse = $1", [adresse(a).into()]).await?;
    }
    Ok(())
}

/// Forgets the choice of an address, and what waited for it.
///
/// # Errors
/// When the database refuses.
pub async fn oublier(tx: &Tx, a: &Email) -> Result<(), DbErr> {
    for table in ["courriel_rythme", "courriel_a_grouper"] {
        kit::execute(tx, &format!("DELETE FROM {table} WHERE adresse = $1"), [adresse(a).into()]).await?;
    }
    Ok(())
}

/// The line that ends a message that informs.
fn choix(site: &Site) -> String {
    format!("Choisir le rythme de ces courriels :\n\n{}", site.url(PAGE))
}

/// The text of a message as it leaves: one that informs says where its rhythm is chosen.
pub fn texte(site: &Site, message: &Message) -> String {
    match message.genre.portee {
        Portee::Informe => format!("{}\n\n{}", message.text, choix(site)),
        Portee::Necessaire => message.text.clone(),
    }
}

/// Writes a message in the transaction of its cause. What its reader needs leaves at once; what informs leaves as they chose.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(site: &Site, tx: &Tx, message: &Message) -> Result<(), DbErr> {
    let rythme = match message.genre.portee {
        Portee::Necessaire => Rythme::Aussitot,
        Portee::Informe => rythme(tx, &message.to).await?,
    };
    match rythme {
        Rythme::Jamais => Ok(()),
        Rythme::Aussitot => {
            insert(site, tx, &Message { text: texte(site, message), ..message.clone() }, None).await
        }
        Rythme::Quotidien => {
            let sql = "INSERT INTO courriel_a_grouper (id, adresse, sujet, texte, ecrit_le) VALUES ($1, $2, $3, $4, $5)";
            let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
            let values = [
                id.into(),
                adresse(&message.to).into(),
                message.subject.clone().into(),
                message.text.clone().into(),
                site.clock.now().into(),
            ];
            kit::execute(tx, sql, values).await.map(|_| ())
        }
    }
}

/// Writes a message that leaves at once, to somebody without an account: `arret` is an address of ours, theirs alone, where
/// they say that they want no more. It ends the text, and stands in the headers that mail programs make a button of
/// (RFC 8058): a form sent there must be enough.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_avec_arret(site: &Site, tx: &Tx, message: &Message, arret: &str) -> Result<(), DbErr> {
    let text = format!("{}\n\nNe plus recevoir de messages :\n\n{arret}", message.text);
    insert(site, tx, &Message { text, ..message.clone() }, Some(arret)).await
}

/// Sends to each who chose so what waited for the daily message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grouper {}

impl Job for Grouper {
    const KIND: &'static str = "mail.grouper";
    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// News of one daily message; the rest comes in the next.
const NOUVELLES_MAX: i64 = 50;

#[derive(FromQueryResult)]
struct Nouvelle {
    id: Uuid,
    sujet: String,
    texte: String,
}

/// Runs the job: one transaction an address, so that a run cut short repeats nothing.
///
/// # Errors
/// When the database refuses.
pub async fn grouper(site: &Site) -> Result<(), DbErr> {
    let sql = "SELECT DISTINCT adresse FROM courriel_a_grouper ORDER BY adresse";
    for row in kit::query(site.db.read(), sql, []).await? {
        let a: String = row.try_get_by_index(0)?;
        let Ok(to) = Email::parse(&a) else { continue };
        site.db
            .write(async |tx| {
                let sql = "SELECT id, sujet, texte FROM courriel_a_grouper WHERE adresse = $1 ORDER BY ecrit_le, id LIMIT $2";
                let nouvelles =
                    kit::query_as::<Nouvelle>(tx, sql, [a.clone().into(), NOUVELLES_MAX.into()]).await?;
                if nouvelles.is_empty() {
                    return Ok(());
                }
                insert(site, tx, &ensemble(site, &to, &nouvelles), None).await?;
                let ids = nouvelles.iter().map(|n| sea_orm::Value::from(n.id));
                let sql =
                    format!("DELETE FROM courriel_a_grouper WHERE id IN ({})", kit::places(1, nouvelles.len()));
                kit::execute(tx, &sql, ids).await.map(|_| ())
            })
            .await?;
    }
    Ok(())
}

/// The news of a day, together.
pub(super) static REUNIS: Genre = Genre {
    cle: "nouvelles.reunies",
    nom: "Les nouvelles du jour, en un seul courriel",
    occasion: "Une fois par jour, s’il y a une nouvelle",
    lecteur: "Qui a choisi de recevoir une fois par jour ce qui l’informe",
    // It is itself the rhythm that was chosen.
    portee: Portee::Necessaire,
    arret: Some(
        "Rien ne part un jour sans nouvelle. Cinquante nouvelles au plus, le reste part le lendemain.",
    ),
    apercu: |site, a| {
        let nouvelle = |sujet: &str, texte: &str| Nouvelle {
            id: Uuid::nil(),
            sujet: sujet.to_owned(),
            texte: texte.to_owned(),
        };
        Some(ensemble(
            site,
            &a,
            &[
                nouvelle(
                    "un contrat finit bientôt",
                    "Bonjour,\n\nUn contrat de votre structure finit le 28 février.",
                ),
                nouvelle("un contact se ferme", "Bonjour,\n\nLa personne CA-1042 a pris un poste ailleurs."),
            ],
        ))
    },
};

fn ensemble(site: &Site, to: &Email, nouvelles: &[Nouvelle]) -> Message {
    let n = kernel::text::compte(u64::try_from(nouvelles.len()).unwrap_or(0), "nouvelle", "nouvelles");
    let mut p = vec!["Bonjour,".to_owned(), format!("Depuis hier : {n}.")];
    for nouvelle in nouvelles {
        p.push(format!("— {} —", nouvelle.sujet));
        p.push(nouvelle.texte.trim_start_matches("Bonjour,").trim().to_owned());
    }
    p.push(choix(site));
    let subject = format!("{} : {n}", site.config.marque.nom);
    Message { genre: &REUNIS, to: to.clone(), subject, text: p.join("\n\n") }
}
