//! Cards that show codes (RFC 6238): their stock, whose they are, their clock. A card lives for years and its clock drifts:
//! each code that is taken tells by how much, and the next one is looked for around that (section 6). Two successive codes bring
//! back a card that drifted further, within a bound.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, uuid_v7};
use kernel::{Actor, Refusal};
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use super::essais::{self, Compteur};
use super::store;
use crate::error::{Error, Result};
use crate::secrets::totp::Graine;

/// Steps that a clock may have moved since the last code: one, and one a month without one (a quartz loses or gains a minute
/// in a month or more), up to five.
fn fenetre(carte: &Carte, now: DateTime<Utc>) -> i64 {
    1 + carte.utilisee_le.map_or(0, |le| (now - le).num_days() / 30).clamp(0, 4)
}

/// Steps that it may be away by, in all.
const DERIVE_MAX: i64 = 30;
/// Longest number printed on a card.
pub const NUMERO_MAX: usize = 40;

/// Where a card is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatCarte {
    /// Nobody has it yet.
    EnStock,
    /// It was sent to an organisation.
    Envoyee,
    /// It opens an account.
    Associee,
    /// Nobody knows where it is.
    Perdue,
    /// It does not work any more.
    HorsService,
}

impl EtatCarte {
    /// Every one.
    pub const TOUS: [Self; 5] =
        [Self::EnStock, Self::Envoyee, Self::Associee, Self::Perdue, Self::HorsService];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::EnStock => "en_stock",
            Self::Envoyee => "envoyee",
            Self::Associee => "associee",
            Self::Perdue => "perdue",
            Self::HorsService => "hors_service",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::EnStock => "En stock",
            Self::Envoyee => "Envoyée",
            Self::Associee => "Associée",
            Self::Perdue => "Perdue",
            Self::HorsService => "Hors service",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// Why a card is taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motif {
    /// Nobody finds it.
    Perte,
    /// It shows nothing, or wrong codes.
    Panne,
    /// Its holder leaves.
    Depart,
    /// It was paired with the wrong person.
    Erreur,
    /// Another proof takes its place.
    Autre,
}

impl Motif {
    /// Every one, in the order of the form.
    pub const TOUS: [Self; 5] = [Self::Perte, Self::Panne, Self::Depart, Self::Erreur, Self::Autre];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Perte => "perte",
            Self::Panne => "panne",
            Self::Depart => "depart",
            Self::Erreur => "erreur",
            Self::Autre => "autre",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Perte => "La carte est perdue ou volée",
            Self::Panne => "La carte ne fonctionne plus",
            Self::Depart => "La personne part",
            Self::Erreur => "La carte a été associée par erreur",
            Self::Autre => "Autre raison",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }

    /// Where the card goes.
    fn vers(self) -> EtatCarte {
        match self {
            Self::Perte => EtatCarte::Perdue,
            Self::Panne => EtatCarte::HorsService,
            Self::Depart | Self::Erreur | Self::Autre => EtatCarte::EnStock,
        }
    }
}

/// A card; its seed stays in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Carte {
    /// Its identifier.
    pub id: Uuid,
    /// What is printed on it.
    pub numero: String,
    /// Where it is.
    pub etat: EtatCarte,
    /// Whose account it opens.
    pub compte: Option<CompteId>,
    /// Seconds of a step.
    pub periode: i64,
    /// How far its clock is from ours, in steps; late when negative.
    pub derive: i64,
    /// Codes refused since the last one that was taken.
    pub refus: i64,
    /// When a code was last taken.
    pub utilisee_le: Option<DateTime<Utc>>,
    /// Since when it is where it is.
    pub etat_le: DateTime<Utc>,
    graine: String,
    dernier_pas: Option<i64>,
}

impl Carte {
    /// How far its clock is from ours, in seconds.
    pub fn ecart(&self) -> i64 {
        self.derive * self.periode
    }

    fn graine(&self, site: &Site) -> Result<Graine> {
        let claire = site.secrets.open(&place(self.id), &self.graine)?;
        Graine::from_bytes(&claire).ok_or_else(|| DbErr::Type(format!("compte_carte {}", self.id)).into())
    }

    fn pas(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp().div_euclid(self.periode)
    }
}

/// Where a seed is sealed for.
fn place(id: Uuid) -> String {
    format!("compte_carte/graine/{id}")
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    numero: String,
    graine: String,
    periode: i64,
    etat: String,
    compte_id: Option<Uuid>,
    derive: i64,
    dernier_pas: Option<i64>,
    refus: i64,
    utilisee_le: Option<DateTime<Utc>>,
    etat_le: DateTime<Utc>,
}

const COLONNES: &str =
    "id, numero, graine, periode, etat, compte_id, derive, dernier_pas, refus, utilisee_le, etat_le";

impl Row {
    fn carte(self) -> std::result::Result<Carte, DbErr> {
        let etat = EtatCarte::from_cle(&self.etat);
        Ok(Carte {
            etat: etat.ok_or_else(|| DbErr::Type(format!("compte_carte {}", self.id)))?,
            id: self.id,
            numero: self.numero,
            compte: self.compte_id.map(CompteId),
            periode: self.periode,
            derive: self.derive,
            refus: self.refus,
            utilisee_le: self.utilisee_le,
            etat_le: self.etat_le,
            graine: self.graine,
            dernier_pas: self.dernier_pas,
        })
    }
}

async fn lues(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: impl IntoIterator<Item = Value>,
) -> std::result::Result<Vec<Carte>, DbErr> {
    let rows: Vec<Row> =
        kit::query_as(conn, &format!("SELECT {COLONNES} FROM compte_carte {suite}"), values).await?;
    rows.into_iter().map(Row::carte).collect()
}

/// The card of an account.
///
/// # Errors
/// The database.
pub async fn du_compte(
    conn: &impl ConnectionTrait,
    compte: CompteId,
) -> std::result::Result<Option<Carte>, DbErr> {
    Ok(lues(conn, "WHERE compte_id = $1", [compte.0.into()]).await?.pop())
}

/// The same, held until the end of the transaction.
async fn tenue(tx: &Tx, compte: CompteId) -> std::result::Result<Option<Carte>, DbErr> {
    kit::execute(tx, "UPDATE compte_carte SET refus = refus WHERE compte_id = $1", [compte.0.into()]).await?;
    du_compte(tx, compte).await
}

/// A number as people type it: blanks and dashes do not count, nor does the case.
pub fn numero(tape: &str) -> Option<String> {
    let net: String =
        tape.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    (!net.is_empty() && net.len() <= NUMERO_MAX && net.bytes().all(|b| b.is_ascii_alphanumeric()))
        .then_some(net)
}

/// Cards of the stock: of that state, whose number begins so, by number.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    etat: Option<EtatCarte>,
    debut: &str,
    (offset, limit): (usize, usize),
) -> std::result::Result<Vec<Carte>, DbErr> {
    let values: [Value; 4] = [
        etat.map(EtatCarte::cle).unwrap_or_default().into(),
        format!("{debut}%").into(),
        i64::try_from(limit).unwrap_or(100).into(),
        i64::try_from(offset).unwrap_or(i64::MAX).into(),
    ];
    lues(conn, "WHERE ($1 = '' OR etat = $1) AND numero LIKE $2 ORDER BY numero LIMIT $3 OFFSET $4", values)
        .await
}

/// How many the list has.
///
/// # Errors
/// The database.
pub async fn compter(
    conn: &impl ConnectionTrait,
    etat: Option<EtatCarte>,
    debut: &str,
) -> std::result::Result<usize, DbErr> {
    let sql = "SELECT COUNT(*) FROM compte_carte WHERE ($1 = '' OR etat = $1) AND numero LIKE $2";
    let values: [Value; 2] =
        [etat.map(EtatCarte::cle).unwrap_or_default().into(), format!("{debut}%").into()];
    Ok(usize::try_from(kit::count(conn, sql, values).await?).unwrap_or(0))
}

/// A card of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nouvelle {
    /// What is printed on it ([`numero`]).
    pub numero: String,
    /// Its seed.
    pub graine: Graine,
    /// Seconds of a step: 30 or 60.
    pub periode: i64,
}

/// Which of these numbers are in the stock already.
///
/// # Errors
/// The database.
pub async fn connus(
    conn: &impl ConnectionTrait,
    numeros: &[String],
) -> std::result::Result<std::collections::HashSet<String>, DbErr> {
    let mut out = std::collections::HashSet::new();
    for lot in numeros.chunks(1_000) {
        let sql = format!("WHERE numero IN ({})", kit::places(1, lot.len()));
        let cartes = lues(conn, &sql, lot.iter().map(|n| n.clone().into())).await?;
        out.extend(cartes.into_iter().map(|c| c.numero));
    }
    Ok(out)
}

/// Puts cards in stock; those of a known number stay as they are. Says how many are new; the line of the journal counts
/// them and names none.
///
/// # Errors
/// The database; no key to seal with.
pub async fn importer(site: &Site, actor: &Actor, cartes: &[Nouvelle]) -> Result<u64> {
    let now = site.clock.now();
    let mut rows = Vec::with_capacity(cartes.len());
    for c in cartes {
        let id = uuid_v7(&site.clock, &site.chance);
        let graine = site.secrets.seal(&site.chance, &place(id), c.graine.as_bytes())?;
        rows.push(vec![
            id.into(),
            c.numero.clone().into(),
            graine.into(),
            c.periode.into(),
            EtatCarte::EnStock.cle().into(),
            Value::Uuid(None),
            0_i64.into(),
            Value::BigInt(None),
            0_i64.into(),
            Value::ChronoDateTimeUtc(None),
            now.into(),
            now.into(),
        ]);
    }
    site.db
        .write(async |tx| {
            let into = format!("compte_carte ({COLONNES}, cree_le)");
            let n = kit::insert_many(tx, &into, rows, "ON CONFLICT (numero) DO NOTHING").await?;
            let line = Entry::by(actor, "carte.importer", "carte", "");
            let facts = json!({ "lignes": cartes.len(), "nouvelles": n });
            journal::write(site, tx, line.with(facts)).await?;
            Ok(n)
        })
        .await
}

/// Notes where cards that nobody holds are: sent, found again, lost, broken. Says how many moved.
///
/// # Errors
/// A refusal for « associated », which pairing alone makes; the database.
pub async fn ranger(site: &Site, actor: &Actor, numeros: &[String], vers: EtatCarte) -> Result<u64> {
    if vers == EtatCarte::Associee {
        return Err(Refusal::conflict("Une carte s’associe avec son numéro et un code.").into());
    }
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let mut n = 0;
            for lot in numeros.chunks(500) {
                let sql = format!(
                    "UPDATE compte_carte SET etat = $1, etat_le = $2 WHERE compte_id IS NULL AND etat <> $1 AND numero IN ({})",
                    kit::places(3, lot.len())
                );
                let values = [Value::from(vers.cle()), now.into()];
                let values = values.into_iter().chain(lot.iter().map(|x| x.clone().into()));
                n += kit::execute(tx, &sql, values).await?.rows_affected();
            }
            let line = Entry::by(actor, "carte.ranger", "carte", "");
            journal::write(site, tx, line.with(json!({ "vers": vers.cle(), "cartes": n }))).await?;
            Ok(n)
        })
        .await
}

/// Looks for a code within those bounds.
fn cherche(carte: &Carte, graine: &Graine, code: &str, fenetre: i64, now: DateTime<Utc>) -> Option<i64> {
    let present = carte.pas(now);
    let pas = graine.check_card(code, present, carte.derive, fenetre, carte.dernier_pas)?;
    ((pas - present).abs() <= DERIVE_MAX).then_some(pas)
}

/// Notes a step as used, and the drift that it tells; false when it, or a later one, was used meanwhile.
async fn use_pas(tx: &Tx, carte: &Carte, pas: i64, now: DateTime<Utc>) -> std::result::Result<bool, DbErr> {
    let sql = "UPDATE compte_carte SET dernier_pas = $1, derive = $2, refus = 0, utilisee_le = $3 \
               WHERE id = $4 AND (dernier_pas IS NULL OR dernier_pas < $1)";
    let values: [Value; 4] = [pas.into(), (pas - carte.pas(now)).into(), now.into(), carte.id.into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Whether the card of that account shows this code; a code that is taken serves no more. Tries are counted by the caller,
/// with those of the application.
pub(crate) async fn prend(site: &Site, tx: &Tx, compte: CompteId, code: &str) -> Result<bool> {
    let Some(carte) = tenue(tx, compte).await? else { return Ok(false) };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    match cherche(&carte, &graine, code, fenetre(&carte, now), now) {
        Some(pas) => Ok(use_pas(tx, &carte, pas, now).await?),
        None => Ok(false),
    }
}

/// Counts a code that the card did not show, for who looks into it: in its own transaction, since the refusal gives up the other.
pub(crate) async fn refusee(site: &Site, compte: CompteId) -> Result<()> {
    let sql = "UPDATE compte_carte SET refus = refus + 1 WHERE compte_id = $1";
    site.db.write(async |tx| kit::execute(tx, sql, [compte.0.into()]).await.map(drop)).await?;
    Ok(())
}

/// One try of codes of an account, which sign-in counts too.
#[derive(Debug)]
pub struct Essai([Compteur; 1]);

/// Takes one try: given back by what succeeds.
///
/// # Errors
/// The time to wait after too many.
pub async fn essayer(site: &Site, compte: CompteId) -> Result<Essai> {
    let compteurs = [Compteur::Code(compte)];
    essais::reserver(site, &compteurs).await?;
    Ok(Essai(compteurs))
}

/// Whoever pairs, takes back or brings back a card of an account, in the transaction of the act: the caller checked it.
fn ligne(actor: &Actor, action: &'static str, compte: CompteId, facts: serde_json::Value) -> Entry {
    Entry::by(actor, action, "compte", compte).with(facts)
}

/// Pairs a card with an account, in the transaction where the caller checked who may: its number and the code that it shows. Its
/// clock may be anywhere within the bound: this is when we learn where.
///
/// # Errors
/// Refusals of the fields `numero` and `code`.
pub async fn associer(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    compte: CompteId,
    (tape, code): (&str, &str),
    essai: &Essai,
) -> Result<()> {
    let inconnue = || {
        Error::field(
            "numero",
            "Aucune carte libre ne porte ce numéro. Relisez-le au dos de la carte ; si elle a déjà servi, demandez à l’équipe des habilitations.",
        )
    };
    let numero = numero(tape).ok_or_else(inconnue)?;
    if crate::comptes::store::hold(tx, compte).await?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if du_compte(tx, compte).await?.is_some() {
        let deja = "Cette personne a déjà une carte. Retirez-la d’abord, en disant pourquoi.";
        return Err(Refusal::conflict(deja).into());
    }
    let sql = "UPDATE compte_carte SET refus = refus WHERE numero = $1";
    kit::execute(tx, sql, [numero.clone().into()]).await?;
    let carte = lues(tx, "WHERE numero = $1", [numero.into()]).await?.pop();
    let libre = |c: &Carte| matches!(c.etat, EtatCarte::EnStock | EtatCarte::Envoyee);
    let carte = Carte { derive: 0, ..carte.filter(libre).ok_or_else(inconnue)? };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    let faux = || {
        Error::field(
            "code",
            "Ce n’est pas le code de cette carte. Attendez le suivant, puis recopiez les six chiffres.",
        )
    };
    let pas = cherche(&carte, &graine, code, DERIVE_MAX, now).ok_or_else(faux)?;
    if !use_pas(tx, &carte, pas, now).await? {
        return Err(faux());
    }
    let sql = "UPDATE compte_carte SET etat = 'associee', compte_id = $1, etat_le = $2 WHERE id = $3";
    kit::execute(tx, sql, [compte.0.into(), now.into(), carte.id.into()]).await?;
    essais::rendre(tx, &essai.0).await?;
    journal::write(site, tx, ligne(actor, "carte.associer", compte, json!({ "carte": carte.id }))).await?;
    prevenir(site, tx, compte, "Une carte à codes a été associée à votre compte").await
}

/// Takes the card of an account back, in the transaction where the caller checked who may. Nobody takes their own only second
/// proof away.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none; a conflict when it is one's own only second proof.
pub async fn dissocier(site: &Site, tx: &Tx, actor: &Actor, compte: CompteId, motif: Motif) -> Result<()> {
    crate::comptes::store::hold(tx, compte).await?;
    let carte = tenue(tx, compte).await?.ok_or(Refusal::NotFound)?;
    if actor.compte == compte
        && store::totp(tx, compte).await?.is_none()
        && store::cles(tx, compte).await?.is_empty()
    {
        let seule = "C’est votre seul moyen de prouver qui vous êtes. Ajoutez d’abord une clé d’accès ou une application de codes.";
        return Err(Refusal::conflict(seule).into());
    }
    retirer(tx, carte.id, motif.vers(), site.clock.now()).await?;
    let facts = json!({ "carte": carte.id, "motif": motif.cle() });
    journal::write(site, tx, ligne(actor, "carte.dissocier", compte, facts)).await?;
    prevenir(site, tx, compte, "La carte à codes de votre compte a été retirée").await
}

/// Nobody's any more. The next holder's clock and tries begin anew; the last step stays: no code ever serves twice.
async fn retirer(tx: &Tx, id: Uuid, vers: EtatCarte, now: DateTime<Utc>) -> std::result::Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = NULL, etat = $1, etat_le = $2, refus = 0 WHERE id = $3";
    kit::execute(tx, sql, [vers.cle().into(), now.into(), id.into()]).await.map(drop)
}

/// The card of an account that begins from nothing: it waits in stock.
pub(crate) async fn liberer(conn: &impl ConnectionTrait, compte: CompteId) -> std::result::Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = NULL, etat = 'en_stock', refus = 0 WHERE compte_id = $1";
    kit::execute(conn, sql, [compte.0.into()]).await.map(drop)
}

/// Brings a card back that drifted, in the transaction where the caller checked who may: two codes, one after the other, from
/// anywhere within the bound.
///
/// # Errors
/// A refusal of the field `suivant`; [`Refusal::NotFound`].
pub async fn resynchroniser(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    compte: CompteId,
    (code, suivant): (&str, &str),
    essai: &Essai,
) -> Result<()> {
    let carte = Carte { derive: 0, ..tenue(tx, compte).await?.ok_or(Refusal::NotFound)? };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    let faux = || {
        Error::field(
            "suivant",
            "Ces deux codes ne se suivent pas sur cette carte. Recopiez un code, attendez le suivant, et recopiez-le aussi.",
        )
    };
    // One code of sixty may be another's by chance; the next one with it is one chance in a thousand million.
    let present = carte.pas(now);
    let est = |code: &str, pas: i64| graine.check_card(code, pas, 0, 0, carte.dernier_pas).is_some();
    let pas = (-DERIVE_MAX..DERIVE_MAX).map(|d| present + d).find(|p| est(code, *p) && est(suivant, *p + 1));
    let pas = pas.ok_or_else(faux)? + 1;
    if !use_pas(tx, &carte, pas, now).await? {
        return Err(faux());
    }
    essais::rendre(tx, &essai.0).await?;
    let facts = json!({ "carte": carte.id, "derive": pas - present });
    Ok(journal::write(site, tx, ligne(actor, "carte.resynchroniser", compte, facts)).await?)
}

/// The card of that account that shows this code, which then serves no more: for who accepts an invitation with it.
pub(crate) async fn montre(site: &Site, compte: CompteId, code: &str) -> Result<Option<Uuid>> {
    site.db
        .write(async |tx| {
            let vraie = prend(site, tx, compte, code).await?;
            Ok(du_compte(tx, compte).await?.filter(|_| vraie).map(|c| c.id))
        })
        .await
}

/// Gives a card back to the account that an invitation began anew, whose owner just showed its code.
pub(crate) async fn garder(tx: &Tx, carte: Uuid, compte: CompteId) -> std::result::Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = $1, etat = 'associee' WHERE id = $2 AND compte_id IS NULL";
    kit::execute(tx, sql, [compte.0.into(), carte.into()]).await.map(drop)
}

/// Tells the owner that a proof of theirs changed.
async fn prevenir(site: &Site, tx: &Tx, compte: CompteId, quoi: &str) -> Result<()> {
    if let Some(c) = crate::comptes::store::find(tx, compte).await? {
        platform::mail::enqueue(site, tx, &crate::mails::preuve_changee(site, &c, quoi)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use testkit::TestSite;

    use super::*;

    async fn compte(t: &TestSite, n: u128) -> CompteId {
        let id = Uuid::from_u128(0xCA27E + n);
        let courriel = format!("carte{n}@essai.example");
        let invitation = crate::Invitation {
            courriel: kernel::Email::parse(&courriel).unwrap(),
            nom: format!("Essai {id}"),
            role: kernel::Role::AdministrateurNational,
            perimetre: kernel::Perimetre::National,
            fin: None,
        };
        let invite = t.site.db.write(async |tx| crate::invite_by_programme(&t.site, tx, &invitation).await);
        invite.await.unwrap().compte
    }

    fn acteur(compte: CompteId) -> Actor {
        Actor {
            compte,
            role: kernel::Role::AdministrateurNational,
            perimetre: kernel::Perimetre::National,
            vu_par: None,
            prete: false,
        }
    }

    fn graine() -> Graine {
        Graine::from_bytes(b"12345678901234567890").unwrap()
    }

    /// What a card whose clock is so many seconds away shows now.
    fn montre(t: &TestSite, ecart: i64) -> String {
        graine().code_of_step((t.site.clock.now().timestamp() + ecart).div_euclid(60))
    }

    async fn paire(t: &TestSite, a: &Actor, c: CompteId, quoi: (&str, &str)) -> Result<()> {
        let essai = essayer(&t.site, c).await?;
        t.site.db.write(async |tx| associer(&t.site, tx, a, c, quoi, &essai).await).await
    }

    async fn ramene(t: &TestSite, a: &Actor, c: CompteId, quoi: (&str, &str)) -> Result<()> {
        let essai = essayer(&t.site, c).await?;
        t.site.db.write(async |tx| resynchroniser(&t.site, tx, a, c, quoi, &essai).await).await
    }

    async fn prend(t: &TestSite, c: CompteId, code: &str) -> bool {
        t.site.db.write(async |tx| super::prend(&t.site, tx, c, code).await).await.unwrap()
    }

    testkit::on_both_engines! {
        migrations: {
            let mut all = platform::migrations();
            all.extend(crate::migrations());
            all
        };

        async fn a_card_follows_its_clock_and_serves_a_code_once(t: TestSite) {
            let site = &t.site;
            let (moi, autre) = (compte(&t, 1).await, compte(&t, 2).await);
            let actor = acteur(moi);
            let nouvelle = Nouvelle { numero: "GADT1".to_owned(), graine: graine(), periode: 60 };
            assert_eq!(importer(site, &actor, std::slice::from_ref(&nouvelle)).await.unwrap(), 1);
            assert_eq!(importer(site, &actor, &[nouvelle]).await.unwrap(), 0, "known by its number");
            // Paired while it is twelve minutes late: the drift is learnt.
            assert!(paire(&t, &actor, moi, ("gadt-2", &montre(&t, 0))).await.is_err());
            assert!(paire(&t, &actor, moi, ("gadt 1", "000000")).await.is_err());
            paire(&t, &actor, moi, ("gadt 1", &montre(&t, -720))).await.unwrap();
            let carte = du_compte(site.db.read(), moi).await.unwrap().unwrap();
            assert_eq!((carte.derive, carte.ecart(), carte.etat), (-12, -720, EtatCarte::Associee));
            assert!(paire(&t, &actor, autre, ("GADT1", &montre(&t, -660))).await.is_err(), "taken");
            assert!(!prend(&t, moi, &montre(&t, -720)).await, "replayed");
            assert!(!prend(&t, autre, &montre(&t, -660)).await);
            t.site.clock.advance(TimeDelta::minutes(5));
            assert!(!prend(&t, moi, &montre(&t, 0)).await, "its clock is known: ours is not its");
            assert!(prend(&t, moi, &montre(&t, -660)).await, "one step of play");
            assert_eq!(du_compte(site.db.read(), moi).await.unwrap().unwrap().derive, -11);
            // A year in a drawer: nine minutes more; two successive codes bring it back.
            t.site.clock.advance(TimeDelta::days(365));
            assert!(!prend(&t, moi, &montre(&t, -1_200)).await);
            let (un, deux) = (montre(&t, -1_200), montre(&t, -1_140));
            assert!(ramene(&t, &actor, moi, (&deux, &un)).await.is_err(), "in the other order");
            ramene(&t, &actor, moi, (&un, &deux)).await.unwrap();
            assert!(ramene(&t, &actor, moi, (&un, &deux)).await.is_err(), "replayed");
            t.site.clock.advance(TimeDelta::minutes(2));
            assert!(prend(&t, moi, &montre(&t, -1_140)).await);
            // Further than the bound: nothing brings it back.
            t.site.clock.advance(TimeDelta::minutes(2));
            let loin = (montre(&t, -3_600), montre(&t, -3_540));
            assert!(ramene(&t, &actor, moi, (&loin.0, &loin.1)).await.is_err());
            // The account has no other second proof: its owner keeps it, somebody else takes it back.
            assert!(site.db.write(async |tx| dissocier(site, tx, &actor, moi, Motif::Perte).await).await.is_err());
            site.db.write(async |tx| dissocier(site, tx, &acteur(autre), moi, Motif::Perte).await).await.unwrap();
            assert!(du_compte(site.db.read(), moi).await.unwrap().is_none());
            assert!(paire(&t, &actor, moi, ("GADT1", &montre(&t, 0))).await.is_err(), "lost");
            assert_eq!(ranger(site, &actor, &["GADT1".to_owned()], EtatCarte::EnStock).await.unwrap(), 1);
            assert_eq!(compter(site.db.read(), Some(EtatCarte::EnStock), "GA").await.unwrap(), 1);
        }

        async fn tries_are_counted_with_those_of_the_application(t: TestSite) {
            let site = &t.site;
            let moi = compte(&t, 1).await;
            let actor = acteur(moi);
            importer(site, &actor, &[Nouvelle { numero: "A1".to_owned(), graine: graine(), periode: 60 }]).await.unwrap();
            let mut attente = None;
            for _ in 0..8 {
                if let Err(Error::Refused(Refusal::Conflict(phrase))) = paire(&t, &actor, moi, ("A1", "000000")).await {
                    attente = Some(phrase);
                }
            }
            assert!(attente.unwrap().starts_with("Trop d’essais"));
            let juste = montre(&t, 0);
            assert!(paire(&t, &actor, moi, ("A1", &juste)).await.is_err(), "even the right one waits");
            assert!(essais::reserver(site, &[Compteur::Code(moi)]).await.is_err(), "and so does sign-in");
        }
    }
}
