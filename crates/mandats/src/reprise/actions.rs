//! A whole take-over: the file walked once, then each table in the order of what refers to what, a batch a transaction.

use std::path::Path;

use platform::Tx;
use sea_orm::DbErr;

use super::attestation::{Cles, ancien_sub};
use super::dump::{Dump, Illisible, Ligne};
use super::rapport::{Rapport, Table};
use super::{aidants, journal, mandats, organisations, store, usagers};
use crate::{Failure, Mandats, usagers as personnes};

/// Rows of a transaction.
const LOT: usize = 500;

/// How a take-over is done.
#[derive(Clone, Debug, Default)]
pub struct Parametres {
    /// Nothing is kept.
    pub essai: bool,
    /// What hashes are computed again with.
    pub cles: Cles,
    /// The salt under which people were known there.
    pub sel_usagers: Option<String>,
}

/// Why a take-over stopped. What batches wrote before stays.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// The file.
    #[error(transparent)]
    Fichier(#[from] Illisible),
    /// The database, or no key to seal with.
    #[error(transparent)]
    Ici(#[from] Failure),
}

impl From<DbErr> for Echec {
    fn from(e: DbErr) -> Self {
        Self::Ici(e.into())
    }
}

/// The tables that are taken, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Etape {
    Organisations,
    Aidants,
    Referents,
    Appartenances,
    Usagers,
    Mandats,
    Autorisations,
    Journal,
}

impl Etape {
    pub(super) const TOUTES: [Self; 8] = [
        Self::Organisations,
        Self::Aidants,
        Self::Referents,
        Self::Appartenances,
        Self::Usagers,
        Self::Mandats,
        Self::Autorisations,
        Self::Journal,
    ];

    /// In the report.
    pub(super) fn nom(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Aidants => "aidants",
            Self::Referents => "référents",
            Self::Appartenances => "appartenances",
            Self::Usagers => "usagers",
            Self::Mandats => "mandats",
            Self::Autorisations => "autorisations",
            Self::Journal => "journal",
        }
    }

    /// The table, without the name of its application; also what `reprise_ligne` calls it.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Organisations => "organisation",
            Self::Aidants => "aidant",
            Self::Referents => "aidant_responsable_de",
            Self::Appartenances => "aidant_organisations",
            Self::Usagers => "usager",
            Self::Mandats => "mandat",
            Self::Autorisations => "autorisation",
            Self::Journal => "journal",
        }
    }

    /// Columns without which no row of it can be taken.
    fn requises(self) -> &'static [&'static str] {
        match self {
            Self::Organisations => &["id", "name"],
            Self::Aidants => &["id", "email"],
            Self::Referents | Self::Appartenances => &["id", "aidant_id", "organisation_id"],
            Self::Usagers => &["id", "sub", "given_name", "family_name", "birthdate"],
            Self::Mandats => &["id", "organisation_id", "usager_id", "creation_date", "expiration_date"],
            Self::Autorisations => &["id", "mandat_id", "demarche"],
            Self::Journal => &["id", "action", "creation_date"],
        }
    }

    /// Columns that are read too.
    fn utiles(self) -> &'static [&'static str] {
        match self {
            Self::Organisations => &[
                "data_pass_id",
                "siret",
                "type_id",
                "address",
                "zipcode",
                "city",
                "city_insee_code",
                "france_services_label",
                "allowed_demarches",
                "is_active",
                "created_at",
                "updated_at",
            ],
            Self::Aidants => &[
                "first_name",
                "last_name",
                "username",
                "profession",
                "phone",
                "is_active",
                "can_create_mandats",
                "conseiller_numerique",
                "organisation_id",
                "created_at",
            ],
            Self::Referents | Self::Appartenances => &[],
            Self::Usagers => &[
                "preferred_username",
                "gender",
                "birthplace",
                "birthcountry",
                "email",
                "phone",
                "creation_date",
            ],
            Self::Mandats => &["duree_keyword", "is_remote", "template_path"],
            Self::Autorisations => &["revocation_date"],
            Self::Journal => &[
                "aidant_id",
                "organisation_id",
                "usager_id",
                "mandat_id",
                "demarche",
                "duree",
                "autorisation",
                "attestation_hash",
                "additional_information",
            ],
        }
    }
}

/// What a batch is given.
pub(super) struct Lot<'a> {
    pub(super) m: &'a Mandats,
    pub(super) tx: &'a Tx,
    pub(super) p: &'a Parametres,
    /// Rows that read, with their identifier there, not taken before.
    pub(super) lignes: Vec<(i64, &'a Ligne)>,
    pub(super) table: &'a mut Table,
}

impl Lot<'_> {
    /// What the rows of another table became, that those rows refer to by that column.
    pub(super) async fn vers(
        &self,
        etape: Etape,
        colonne: &str,
    ) -> Result<std::collections::HashMap<i64, store::Reprise>, DbErr> {
        let ids = self.lignes.iter().filter_map(|(_, l)| l.entier(colonne));
        store::deja(self.tx, etape.table(), ids).await
    }
}

/// Takes a dump over. `dit` hears where it is, now and then.
///
/// # Errors
/// A file of another format, or cut: nothing was done. The database: what was taken stays, and a next run goes on.
pub async fn reprendre(
    m: &Mandats,
    chemin: &Path,
    p: &Parametres,
    mut dit: impl FnMut(&str),
) -> Result<Rapport, Echec> {
    dit("Lecture du fichier…");
    let dump = Dump::ouvrir(chemin)?;
    // Nothing of people is written without a key to seal with: said before the first row.
    m.site.secrets.seal(&m.site.chance, "reprise", b"").map_err(Failure::from)?;
    let mut rapport = Rapport { essai: p.essai, laissees: laissees(&dump), ..Rapport::default() };
    if p.sel_usagers.is_none() && store::sel(m.site.db.read()).await?.is_none() {
        rapport.avertissements.push(SANS_SEL);
    }
    rapport.avertissements.push(LAISSES);
    if !p.essai {
        ecrire_tout(m, &dump, p, None, &mut rapport, &mut dit).await?;
        return Ok(rapport);
    }
    let fini = m
        .site
        .db
        .write(async |tx| {
            ecrire_tout(m, &dump, p, Some(tx), &mut rapport, &mut dit).await?;
            Err::<(), _>(Essai::Fini)
        })
        .await;
    match fini {
        Err(Essai::Echec(echec)) => Err(echec),
        Ok(()) | Err(Essai::Fini) => Ok(rapport),
    }
}

const SANS_SEL: &str = "Le sel des usagers n’a pas été donné (--sel-usagers) : une personne qui revient par FranceConnect ne sera pas \
                        reconnue, et sera inscrite une seconde fois.";
const LAISSES: &str = "Les moyens de connexion (applications, cartes, codes) ne sont pas repris : leurs secrets sont en clair dans ce \
                       fichier. Chacun recevra une invitation quand son compte sera ouvert. Gardez ce fichier sous clé, puis effacez-le.";

/// How a rehearsal ends: always by giving its transaction up.
enum Essai {
    Fini,
    Echec(Echec),
}

impl<E: Into<Echec>> From<E> for Essai {
    fn from(e: E) -> Self {
        Self::Echec(e.into())
    }
}

/// Tables that are not taken, and their rows; empty ones are not told.
fn laissees(dump: &Dump) -> Vec<(String, u64)> {
    let prises: Vec<&str> =
        Etape::TOUTES.iter().filter_map(|e| dump.bloc(e.table())).map(|b| b.table.as_str()).collect();
    let autres = dump.blocs.iter().filter(|b| b.lignes > 0 && !prises.contains(&b.table.as_str()));
    autres.map(|b| (b.table.clone(), b.lignes)).collect()
}

async fn ecrire_tout(
    m: &Mandats,
    dump: &Dump,
    p: &Parametres,
    essai: Option<&Tx>,
    rapport: &mut Rapport,
    dit: &mut impl FnMut(&str),
) -> Result<(), Echec> {
    for etape in Etape::TOUTES {
        let mut table = Table { nom: etape.nom(), ..Table::default() };
        if let Some(bloc) = dump.bloc(etape.table()) {
            table.table = Some(bloc.table.clone());
            if let Some(manque) = etape.requises().iter().find(|c| !bloc.a(c)) {
                return Err(Illisible::Refuse(format!(
                    "la table « {} » n’a pas de colonne « {manque} » : ce n’est pas une base d’Aidants Connect, ou pas une version \
                     connue.",
                    bloc.table
                ))
                .into());
            }
            table.absentes = etape.utiles().iter().copied().filter(|c| !bloc.a(c)).collect();
            let mut lecture = dump.lire(bloc)?;
            loop {
                let lignes = lecture.lot(LOT)?;
                if lignes.is_empty() {
                    break;
                }
                let fait = match essai {
                    Some(tx) => lot(m, tx, p, etape, &lignes).await?,
                    None => m.site.db.write(async |tx| lot(m, tx, p, etape, &lignes).await).await?,
                };
                table.ajoute(fait);
                if table.lues.is_multiple_of(10_000) || table.lues == bloc.lignes {
                    let n = |n: u64| kernel::text::nombre(n.cast_signed());
                    dit(&format!("{} : {} sur {}", etape.nom(), n(table.lues), n(bloc.lignes)));
                }
            }
        }
        rapport.tables.push(table);
    }
    match essai {
        Some(tx) => rapport.verdicts = store::verdicts(tx).await?,
        None => {
            let bilan = rapport.tables.iter().map(|t| (t.nom.to_owned(), t.prises.into())).collect();
            m.site.db.write(async |tx| finir(m, tx, p, bilan).await).await?;
            rapport.verdicts = store::verdicts(m.site.db.read()).await?;
        }
    }
    Ok(())
}

/// Forgets what only the tables between needed, keeps the salt, and tells the journal what the run took.
async fn finir(
    m: &Mandats,
    tx: &Tx,
    p: &Parametres,
    bilan: serde_json::Map<String, serde_json::Value>,
) -> Result<(), Failure> {
    store::oublier_notes(tx, Etape::Usagers.table()).await?;
    if let Some(sel) = &p.sel_usagers {
        let scelle = m.site.secrets.seal(&m.site.chance, SEL, sel.as_bytes())?;
        store::garder_sel(tx, &scelle).await?;
    }
    if bilan.values().any(|n| n != &serde_json::json!(0)) {
        let ligne = platform::journal::Entry::system("reprise.finir", "reprise", "").with(bilan.into());
        platform::journal::write(&m.site, tx, ligne).await?;
    }
    Ok(())
}

/// Where the salt is sealed for.
const SEL: &str = "reprise_sel/usagers";

/// The keyed hash of who FranceConnect just named: that under which the old service knew them, when it alone is here.
///
/// # Errors
/// The database.
pub async fn sub(m: &Mandats, sujet: &str) -> Result<String, Failure> {
    let (site, conn) = (&m.site, m.site.db.read());
    let ici = personnes::empreinte(site, sujet);
    let Some(scelle) = store::sel(conn).await? else { return Ok(ici) };
    if personnes::store::du_sub(conn, &ici).await?.is_some() {
        return Ok(ici);
    }
    let sel = site.secrets.open(SEL, &scelle)?;
    let la_bas = personnes::empreinte(site, &ancien_sub(sujet, &String::from_utf8_lossy(&sel)));
    Ok(if personnes::store::du_sub(conn, &la_bas).await?.is_some() { la_bas } else { ici })
}

/// A batch of a table: what does not read and what is there already is counted here, the rest is for the table's own room.
async fn lot(m: &Mandats, tx: &Tx, p: &Parametres, etape: Etape, lignes: &[Ligne]) -> Result<Table, Failure> {
    let mut table = Table { nom: etape.nom(), ..Table::default() };
    table.lues = lignes.len() as u64;
    let connues = store::deja(tx, etape.table(), lignes.iter().filter_map(|l| l.entier("id"))).await?;
    let (mut neuves, mut anciennes, mut vues) = (Vec::new(), Vec::new(), std::collections::HashSet::new());
    for l in lignes {
        match (l.illisible(), l.entier("id")) {
            (Some(pourquoi), _) => table.refuse(pourquoi, format!("ligne {}", l.numero)),
            (None, None) => table.refuse("identifiant absent", format!("ligne {}", l.numero)),
            (None, Some(id)) if connues.contains_key(&id) => {
                table.deja += 1;
                anciennes.push((id, l));
            }
            (None, Some(id)) if !vues.insert(id) => table.refuse("identifiant en double", id),
            (None, Some(id)) => neuves.push((id, l)),
        }
    }
    match etape {
        Etape::Usagers => usagers::revoir(m, tx, &anciennes).await?,
        Etape::Journal => journal::revoir(m, tx, p, &anciennes).await?,
        _ => {}
    }
    if neuves.is_empty() {
        return Ok(table);
    }
    let lot = Lot { m, tx, p, lignes: neuves, table: &mut table };
    match etape {
        Etape::Organisations => organisations::prendre(lot).await?,
        Etape::Aidants => aidants::prendre(lot).await?,
        Etape::Referents | Etape::Appartenances => aidants::rattacher(lot, etape).await?,
        Etape::Usagers => usagers::prendre(lot).await?,
        Etape::Mandats => mandats::prendre(lot).await?,
        Etape::Autorisations => mandats::autoriser(lot).await?,
        Etape::Journal => journal::prendre(lot).await?,
    }
    Ok(table)
}
