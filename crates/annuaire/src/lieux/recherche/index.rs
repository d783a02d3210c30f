//! The index: one immutable value, built from all published lieux.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Timelike, Utc};
use kernel::ids::LieuId;
use kernel::{CodeDepartement, Position};

use super::bits::Bits;
use super::mots::{IndexMots, Poids, Recolte};
use super::{Facette, Quand, nom_typologie};
use crate::lieux::Fiche;
use crate::lieux::ouverture::{Etat, Habitudes, Horaires, MINUTES_JOUR, etat, fuseau};
use crate::lieux::standard::{Acces, Dispositif, Frais, Liste, Public, Service, TYPOLOGIES, Valeur};
use crate::territoires::Territoires;

/// Days of opening that the index knows, from the day before it was built on.
pub const HORIZON_JOURS: u16 = 16;

/// A text of the lieu within the common store of texts.
#[derive(Clone, Copy, Debug, Default)]
struct Morceau {
    debut: u32,
    longueur: u16,
}

/// What lists show of a lieu.
#[derive(Clone, Debug)]
pub(super) struct Ligne {
    id: LieuId,
    nom: Morceau,
    adresse: Morceau,
    code_postal: Morceau,
    commune: Morceau,
    telephone: Morceau,
    pub(super) position: Option<Position>,
    position_estimee: bool,
    services: Liste<Service>,
    sur_rendez_vous: bool,
    calendrier: Option<u32>,
    pub(super) territoire: Territoire,
    pub(super) source: u16,
}

/// Places of its territories in the lists of `territoires`; `MAX` when unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Territoire {
    pub(super) commune: u32,
    pub(super) epci: u16,
    pub(super) departement: u16,
    pub(super) region: u16,
}

/// Openings of all lieux that share an expression and a clock.
#[derive(Clone, Debug)]
struct Calendrier {
    debut: u32,
    nombre: u16,
    fuseau: u8,
    habitudes: Habitudes,
}

/// All published lieux, ready to be searched.
#[derive(Debug)]
pub struct IndexLieux {
    pub(super) lignes: Vec<Ligne>,
    pub(super) unites: Vec<[f64; 3]>,
    pub(super) valeurs: Vec<Vec<Bits>>,
    pub(super) mots: IndexMots,
    textes: String,
    par_id: Vec<(LieuId, u32)>,
    calendriers: Vec<Calendrier>,
    intervalles: Vec<(u16, u16)>,
    fuseaux: Vec<chrono_tz::Tz>,
    sources: HashMap<Box<str>, u16>,
    base: NaiveDate,
    version: i64,
    ouverts: Mutex<Option<(i64, Arc<Bits>)>>,
}

/// A lieu as lists show it.
#[derive(Clone, Debug)]
pub struct Vue<'a> {
    /// Identifier.
    pub id: LieuId,
    /// Public name.
    pub nom: &'a str,
    /// Number and street.
    pub adresse: &'a str,
    /// Postal code.
    pub code_postal: &'a str,
    /// Name of its commune of today.
    pub commune: &'a str,
    /// Number, in the form of the standard.
    pub telephone: &'a str,
    /// Where it stands.
    pub position: Option<Position>,
    /// Whether the position is that of its commune, for want of its own.
    pub position_estimee: bool,
    /// What it offers.
    pub services: Liste<Service>,
    /// Whether it is free for all.
    pub gratuit: bool,
    /// Whether people must make an appointment: it never says that they may just come.
    pub sur_rendez_vous: bool,
    /// Whether conseillers numériques work there.
    pub conseiller_numerique: bool,
    /// Whether it is a France services house.
    pub france_services: bool,
    /// Whether it moves.
    pub itinerant: bool,
    /// Whether nobody may come: it helps from afar.
    pub sans_public: bool,
    /// Whether it is open now.
    pub etat: Etat,
    /// Now, where it stands.
    pub maintenant: NaiveDateTime,
}

/// Gathers the lieux, then sorts them into an index.
#[derive(Debug)]
pub struct Constructeur<'t> {
    territoires: &'t Territoires,
    departements: HashMap<&'t str, u16>,
    regions: HashMap<&'t str, u16>,
    epci: HashMap<&'t str, u16>,
    base: NaiveDate,
    entrees: Vec<(Box<str>, LieuId, Box<Fiche>)>,
}

fn places<'t>(codes: impl Iterator<Item = &'t str>) -> HashMap<&'t str, u16> {
    codes.zip(0_u16..).collect()
}

impl<'t> Constructeur<'t> {
    /// Nothing gathered yet. Openings are reckoned from the day before `maintenant`.
    pub fn new(territoires: &'t Territoires, maintenant: DateTime<Utc>) -> Self {
        let jour = maintenant.date_naive();
        Self {
            departements: places(territoires.departements().iter().map(|d| d.code.as_str())),
            regions: places(territoires.regions().iter().map(|r| r.code.as_str())),
            epci: places(territoires.epci().iter().map(|e| e.code.as_str())),
            territoires,
            base: jour.checked_sub_days(Days::new(1)).unwrap_or(jour),
            entrees: Vec::new(),
        }
    }

    /// Adds a lieu that is published.
    pub fn ajoute(&mut self, id: LieuId, fiche: Fiche) {
        self.entrees.push((kernel::text::fold(&fiche.nom).into(), id, Box::new(fiche)));
    }

    /// Sorts by name, then identifier, and builds. `version` tells this state of the directory from the next.
    pub fn finit(mut self, version: i64) -> IndexLieux {
        self.entrees.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let n = self.entrees.len();
        let mut index = IndexLieux {
            lignes: Vec::with_capacity(n),
            unites: Vec::with_capacity(n),
            valeurs: Facette::TOUTES.iter().map(|f| vec![Bits::vide(n); f.valeurs().len()]).collect(),
            mots: IndexMots::default(),
            textes: String::new(),
            par_id: Vec::with_capacity(n),
            calendriers: Vec::new(),
            intervalles: Vec::new(),
            fuseaux: Vec::new(),
            sources: HashMap::new(),
            base: self.base,
            version,
            ouverts: Mutex::new(None),
        };
        let mut recolte = Recolte::default();
        let mut calendriers: HashMap<(Box<str>, Option<CodeDepartement>), Option<u32>> = HashMap::new();
        for (i, (_, id, fiche)) in std::mem::take(&mut self.entrees).into_iter().enumerate() {
            let place = u32::try_from(i).unwrap_or(u32::MAX);
            self.indexe(&mut index, &mut recolte, &mut calendriers, place, id, &fiche);
        }
        index.mots = recolte.finit();
        index.par_id.sort_unstable();
        index.textes.shrink_to_fit();
        index.intervalles.shrink_to_fit();
        index
    }

    fn indexe(
        &self,
        index: &mut IndexLieux,
        recolte: &mut Recolte,
        calendriers: &mut HashMap<(Box<str>, Option<CodeDepartement>), Option<u32>>,
        place: u32,
        id: LieuId,
        fiche: &Fiche,
    ) {
        let t = self.territoires;
        let commune = fiche.code_insee.as_ref().and_then(|c| t.rang_actuel(c)).map(|r| (r, &t.communes()[r]));
        let rang = |table: &HashMap<&str, u16>, code: &str| table.get(code).copied().unwrap_or(u16::MAX);
        let territoire = Territoire {
            commune: commune.and_then(|(r, _)| u32::try_from(r).ok()).unwrap_or(u32::MAX),
            epci: commune.and_then(|(_, c)| t.epci_de(c)).map_or(u16::MAX, |e| rang(&self.epci, &e.code)),
            departement: commune.map_or(u16::MAX, |(_, c)| rang(&self.departements, c.departement.as_str())),
            region: commune.map_or(u16::MAX, |(_, c)| rang(&self.regions, c.region.as_str())),
        };
        let departement = departement(fiche, commune.map(|(_, c)| &c.departement));
        let nom_commune = commune.map_or(fiche.commune.as_ref(), |(_, c)| c.nom.as_str());
        let position_estimee = fiche.position.is_none();
        let position = fiche.position.or_else(|| commune.and_then(|(_, c)| c.position).map(|p| p.position));
        let calendrier = self.calendrier(index, calendriers, fiche, departement);
        mots(recolte, place, fiche, nom_commune);
        valeurs(&mut index.valeurs, place as usize, fiche, self.base);
        if let Some(c) = calendrier {
            let h = index.calendriers[c as usize].habitudes;
            let mut met = |f: Facette, v: usize| index.valeurs[f.rang()][v].ajoute(place as usize);
            (0..7).filter(|j| h.jours >> j & 1 == 1).for_each(|j| met(Facette::Jours, j));
            [h.midi, h.soir, h.jours >> 5 != 0]
                .iter()
                .enumerate()
                .filter(|(_, oui)| **oui)
                .for_each(|(v, _)| met(Facette::Moments, v));
        }
        let suivante = u16::try_from(index.sources.len()).unwrap_or(u16::MAX);
        let source = *index.sources.entry(fiche.source.clone()).or_insert(suivante);
        let mut texte = |t: &str| {
            let coupe = t.char_indices().nth(400).map_or(t, |(i, _)| &t[..i]);
            let debut = u32::try_from(index.textes.len()).unwrap_or(u32::MAX);
            index.textes.push_str(coupe);
            Morceau { debut, longueur: u16::try_from(coupe.len()).unwrap_or(0) }
        };
        let acces = |a: Acces| fiche.modalites_acces.contient(a);
        index.lignes.push(Ligne {
            id,
            nom: texte(&fiche.nom),
            adresse: texte(&fiche.adresse),
            code_postal: texte(fiche.code_postal.as_ref().map_or("", |c| c.as_str())),
            commune: texte(nom_commune),
            telephone: texte(fiche.telephone.as_ref().map_or("", |t| t.as_str())),
            position,
            position_estimee,
            services: fiche.services,
            sur_rendez_vous: acces(Acces::RendezVousEnLigne) && !acces(Acces::SePresenter),
            calendrier,
            territoire,
            source,
        });
        index.unites.push(position.map_or([f64::NAN; 3], Position::unit));
        index.par_id.push((id, place));
    }

    fn calendrier(
        &self,
        index: &mut IndexLieux,
        connus: &mut HashMap<(Box<str>, Option<CodeDepartement>), Option<u32>>,
        fiche: &Fiche,
        departement: Option<CodeDepartement>,
    ) -> Option<u32> {
        if fiche.horaires.trim().is_empty() {
            return None;
        }
        // Without public holidays, all départements of one clock share an expression.
        let cle = if fiche.horaires.contains("PH") {
            departement.clone()
        } else {
            departement.clone().filter(|d| fuseau(d.as_str()) != chrono_tz::Tz::Europe__Paris)
        };
        *connus.entry((fiche.horaires.clone(), cle)).or_insert_with(|| {
            let horaires = Horaires::lit(&fiche.horaires, departement.as_ref())?;
            let intervalles = horaires.intervalles(self.base, HORIZON_JOURS);
            let fuseau = index.fuseaux.iter().position(|f| *f == horaires.fuseau()).unwrap_or_else(|| {
                index.fuseaux.push(horaires.fuseau());
                index.fuseaux.len() - 1
            });
            let calendrier = Calendrier {
                debut: u32::try_from(index.intervalles.len()).ok()?,
                nombre: u16::try_from(intervalles.len()).ok()?,
                fuseau: u8::try_from(fuseau).ok()?,
                habitudes: horaires.habitudes(self.base),
            };
            index.intervalles.extend(intervalles);
            index.calendriers.push(calendrier);
            u32::try_from(index.calendriers.len() - 1).ok()
        })
    }
}

/// The département of a lieu, from its commune, its INSEE code or its postal code: what its clock depends on.
pub(crate) fn departement(fiche: &Fiche, connu: Option<&CodeDepartement>) -> Option<CodeDepartement> {
    connu.cloned().or_else(|| fiche.code_insee.as_ref().map(|c| c.departement())).or_else(|| {
        let postal = fiche.code_postal.as_ref()?.as_str();
        let n = if postal.starts_with("97") || postal.starts_with("98") { 3 } else { 2 };
        let code = if postal.starts_with("20") { "2A" } else { postal.get(..n)? };
        CodeDepartement::parse(code)
    })
}

fn mots(recolte: &mut Recolte, place: u32, fiche: &Fiche, commune: &str) {
    recolte.ajoute(place, &fiche.nom, Poids::Nom);
    recolte.ajoute(place, commune, Poids::Lieu);
    recolte.ajoute(place, &fiche.commune, Poids::Lieu);
    recolte.ajoute(place, fiche.code_postal.as_ref().map_or("", |c| c.as_str()), Poids::Lieu);
    for texte in [
        &fiche.adresse,
        &fiche.complement_adresse,
        &fiche.structure_parente,
        &fiche.presentation_resume,
        &fiche.autres_formations_labels,
    ] {
        recolte.ajoute(place, texte, Poids::Texte);
    }
    for code in Fiche::libres(&fiche.typologie) {
        recolte.ajoute(place, nom_typologie(code), Poids::Texte);
        recolte.ajoute(place, code, Poids::Texte);
    }
    fiche.services.iter().for_each(|v| recolte.ajoute_libelle(place, v.libelle(), Poids::Texte));
    fiche.dispositifs.iter().for_each(|v| recolte.ajoute_libelle(place, v.libelle(), Poids::Texte));
    fiche.formations_labels.iter().for_each(|v| recolte.ajoute_libelle(place, v.libelle(), Poids::Texte));
    fiche.publics.iter().for_each(|v| recolte.ajoute_libelle(place, v.libelle(), Poids::Texte));
}

/// Days after which a sheet is not fresh any more.
const FRAIS_JOURS: i64 = 365;

fn valeurs(table: &mut [Vec<Bits>], place: usize, fiche: &Fiche, base: NaiveDate) {
    fn liste<T: Valeur>(table: &mut [Vec<Bits>], place: usize, f: Facette, liste: &Liste<T>) {
        liste.iter().for_each(|v| table[f.rang()][usize::from(v.rang())].ajoute(place));
    }
    liste(table, place, Facette::Services, &fiche.services);
    liste(table, place, Facette::Frais, &fiche.frais);
    liste(table, place, Facette::Publics, &fiche.publics);
    liste(table, place, Facette::PrisesEnCharge, &fiche.prises_en_charge);
    liste(table, place, Facette::Accompagnement, &fiche.modalites_accompagnement);
    liste(table, place, Facette::Acces, &fiche.modalites_acces);
    liste(table, place, Facette::Dispositifs, &fiche.dispositifs);
    liste(table, place, Facette::Labels, &fiche.formations_labels);
    liste(table, place, Facette::Itinerance, &fiche.itinerance);
    let mut met = |oui: bool, f: Facette, v: usize| {
        if oui {
            table[f.rang()][v].ajoute(place);
        }
    };
    met(!fiche.prise_rdv.is_empty(), Facette::Rdv, 0);
    // A lieu that names no audience is for everyone: the value after those of the standard.
    met(fiche.publics.est_vide(), Facette::Publics, Public::TOUTES.len());
    met(!fiche.fiche_acces_libre.is_empty(), Facette::Fiche, 0);
    met(fiche.date_maj.is_some_and(|d| (base - d).num_days() < FRAIS_JOURS), Facette::Fiche, 1);
    for code in Fiche::libres(&fiche.typologie) {
        if let Some(v) = TYPOLOGIES.iter().position(|t| *t == code) {
            table[Facette::Typologie.rang()][v].ajoute(place);
        }
    }
}

impl IndexLieux {
    /// How many lieux there are.
    pub fn len(&self) -> usize {
        self.lignes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lignes.is_empty()
    }

    /// The state of the directory that it was built from.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Whether its openings still hold at that instant: they are reckoned for a fortnight, and rebuilt each day.
    pub fn a_jour(&self, maintenant: DateTime<Utc>) -> bool {
        (maintenant.date_naive() - self.base).num_days() <= 1
    }

    /// Place of a lieu.
    pub fn place(&self, id: LieuId) -> Option<usize> {
        self.par_id.binary_search_by_key(&id, |(i, _)| *i).ok().map(|i| self.par_id[i].1 as usize)
    }

    fn texte(&self, m: Morceau) -> &str {
        let debut = m.debut as usize;
        self.textes.get(debut..debut + usize::from(m.longueur)).unwrap_or("")
    }

    /// A lieu as lists show it, at that instant.
    pub fn vue(&self, place: usize, maintenant: DateTime<Utc>) -> Option<Vue<'_>> {
        let l = self.lignes.get(place)?;
        let (etat, local) = self.etat(l, maintenant);
        let a = |f: Facette, v: u8| self.valeurs[f.rang()][usize::from(v)].contient(place);
        Some(Vue {
            id: l.id,
            nom: self.texte(l.nom),
            adresse: self.texte(l.adresse),
            code_postal: self.texte(l.code_postal),
            commune: self.texte(l.commune),
            telephone: self.texte(l.telephone),
            position: l.position,
            position_estimee: l.position_estimee,
            services: l.services,
            gratuit: a(Facette::Frais, Frais::Gratuit.rang()),
            sur_rendez_vous: l.sur_rendez_vous,
            conseiller_numerique: a(Facette::Dispositifs, Dispositif::ConseillersNumeriques.rang()),
            france_services: a(Facette::Dispositifs, Dispositif::FranceServices.rang()),
            sans_public: a(Facette::Acces, Acces::PasDePublic.rang()),
            itinerant: a(Facette::Itinerance, crate::lieux::standard::Itinerance::Itinerant.rang()),
            etat,
            maintenant: local,
        })
    }

    fn etat(&self, l: &Ligne, maintenant: DateTime<Utc>) -> (Etat, NaiveDateTime) {
        let Some(c) = l.calendrier.and_then(|c| self.calendriers.get(c as usize)) else {
            return (Etat::Inconnu, maintenant.naive_utc());
        };
        let local = self.locale(c, maintenant);
        (etat(self.intervalles_de(c), self.base, HORIZON_JOURS, local), local)
    }

    fn locale(&self, c: &Calendrier, maintenant: DateTime<Utc>) -> NaiveDateTime {
        let fuseau = self.fuseaux.get(usize::from(c.fuseau)).copied().unwrap_or(chrono_tz::Tz::Europe__Paris);
        maintenant.with_timezone(&fuseau).naive_local()
    }

    fn intervalles_de(&self, c: &Calendrier) -> &[(u16, u16)] {
        let debut = c.debut as usize;
        self.intervalles.get(debut..debut + usize::from(c.nombre)).unwrap_or(&[])
    }

    /// The days whose openings are known, from the day before the index was built on.
    pub fn jours_connus(&self) -> std::ops::RangeInclusive<NaiveDate> {
        let dernier = self.base.checked_add_days(Days::new(u64::from(HORIZON_JOURS) - 1));
        self.base..=dernier.unwrap_or(self.base)
    }

    /// The place of a source among those that deliver lieux.
    pub(super) fn source(&self, nom: &str) -> Option<u16> {
        self.sources.get(nom).copied()
    }

    /// The lieux that are surely open then, each in its own time.
    pub(super) fn ouverts_le(&self, quand: Quand) -> Bits {
        let mut bits = Bits::vide(self.len());
        if !self.jours_connus().contains(&quand.jour) {
            return bits;
        }
        let minuit = self.base.and_time(chrono::NaiveTime::MIN);
        let debut = quand.jour.and_time(quand.heure.unwrap_or(chrono::NaiveTime::MIN));
        let debut = u16::try_from((debut - minuit).num_minutes()).unwrap_or(u16::MAX);
        let fin = debut.saturating_add(if quand.heure.is_some() { 1 } else { MINUTES_JOUR });
        let ouverts: Vec<bool> = self
            .calendriers
            .iter()
            .map(|c| {
                let intervalles = self.intervalles_de(c);
                let suivant = intervalles.partition_point(|(_, f)| *f <= debut);
                intervalles.get(suivant).is_some_and(|(d, _)| *d < fin)
            })
            .collect();
        self.met_les_ouverts(&mut bits, &ouverts);
        bits
    }

    fn met_les_ouverts(&self, bits: &mut Bits, ouverts: &[bool]) {
        for (i, l) in self.lignes.iter().enumerate() {
            if l.calendrier.and_then(|c| ouverts.get(c as usize)).copied().unwrap_or(false) {
                bits.ajoute(i);
            }
        }
    }

    /// The lieux that are open at that minute; reckoned once a minute.
    pub(super) fn ouverts(&self, maintenant: DateTime<Utc>) -> Arc<Bits> {
        let minute = maintenant.timestamp().div_euclid(60);
        let garde = self.ouverts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some((m, bits)) = garde
            && m == minute
        {
            return bits;
        }
        let maintenant = maintenant.with_second(0).unwrap_or(maintenant);
        let ouverts: Vec<bool> = self
            .calendriers
            .iter()
            .map(|c| {
                etat(self.intervalles_de(c), self.base, HORIZON_JOURS, self.locale(c, maintenant)).ouvert()
            })
            .collect();
        let mut bits = Bits::vide(self.len());
        self.met_les_ouverts(&mut bits, &ouverts);
        let bits = Arc::new(bits);
        *self.ouverts.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some((minute, bits.clone()));
        bits
    }
}
