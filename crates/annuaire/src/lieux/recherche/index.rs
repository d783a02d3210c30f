//! The index: one immutable value, built from all published lieux.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use kernel::ids::LieuId;
use kernel::{CodeDepartement, Position};

use super::agendas::Agendas;
use super::bits::Bits;
use super::mots::{IndexMots, Poids, Recolte};
use super::{Facette, Quand, nom_typologie};
use crate::lieux::Fiche;
use crate::lieux::ouverture::{Agenda, Etat, Scolaire};
use crate::lieux::standard::{Acces, Dispositif, Frais, Liste, Public, Service, TYPOLOGIES, Valeur};
use crate::territoires::{Commune, Territoires};

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
    agenda: Option<u32>,
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

/// All published lieux, ready to be searched.
#[derive(Debug)]
pub struct IndexLieux {
    pub(super) lignes: Vec<Ligne>,
    pub(super) unites: Vec<[f64; 3]>,
    pub(super) valeurs: Vec<Vec<Bits>>,
    pub(super) mots: IndexMots,
    textes: String,
    par_id: Vec<(LieuId, u32)>,
    agendas: Arc<Agendas>,
    sources: HashMap<Box<str>, u16>,
    scolaire: Scolaire,
    /// The day that it was built on, in UTC.
    jour: NaiveDate,
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
    jour: NaiveDate,
    scolaire: Scolaire,
    anciens: Option<Arc<Agendas>>,
    entrees: Vec<(Box<str>, LieuId, Box<Fiche>)>,
}

fn places<'t>(codes: impl Iterator<Item = &'t str>) -> HashMap<&'t str, u16> {
    codes.zip(0_u16..).collect()
}

impl<'t> Constructeur<'t> {
    /// Nothing gathered yet. Openings are reckoned from the day before `maintenant`; hours that the index before it
    /// knows are taken from there.
    pub fn new(territoires: &'t Territoires, maintenant: DateTime<Utc>, avant: Option<&IndexLieux>) -> Self {
        Self {
            departements: places(territoires.departements().iter().map(|d| d.code.as_str())),
            regions: places(territoires.regions().iter().map(|r| r.code.as_str())),
            epci: places(territoires.epci().iter().map(|e| e.code.as_str())),
            territoires,
            jour: maintenant.date_naive(),
            scolaire: Scolaire::default(),
            anciens: avant.map(|i| i.agendas.clone()),
            entrees: Vec::new(),
        }
    }

    /// With the school calendars that are loaded.
    pub fn avec_scolaire(self, scolaire: Scolaire) -> Self {
        Self { scolaire, ..self }
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
            agendas: Arc::new(Agendas::new(self.jour, Scolaire::default(), None)),
            sources: HashMap::new(),
            scolaire: self.scolaire.clone(),
            jour: self.jour,
            version,
            ouverts: Mutex::new(None),
        };
        let mut recolte = Recolte::default();
        let entrees = std::mem::take(&mut self.entrees);
        let departements: Vec<Option<CodeDepartement>> = entrees
            .iter()
            .map(|(_, _, fiche)| departement(fiche, self.commune(fiche).map(|(_, c)| &c.departement)))
            .collect();
        let mut agendas = Agendas::new(self.jour, self.scolaire.clone(), self.anciens.take());
        agendas.prepare(
            entrees.iter().zip(&departements).map(|((_, _, f), d)| (f.horaires.as_ref(), d.as_ref())),
        );
        for (i, ((_, id, fiche), departement)) in entrees.into_iter().zip(departements).enumerate() {
            let place = u32::try_from(i).unwrap_or(u32::MAX);
            let agenda = agendas.place(&fiche.horaires, departement.as_ref());
            if let Some(agenda) = agenda.and_then(|a| agendas.agenda(a)) {
                habitudes(&mut index.valeurs, i, agenda);
            }
            self.indexe(&mut index, &mut recolte, (place, agenda), id, &fiche);
        }
        index.mots = recolte.finit();
        index.par_id.sort_unstable();
        index.textes.shrink_to_fit();
        index.agendas = Arc::new(agendas.finit());
        index
    }

    /// The commune of today of a lieu, with its place in the territory.
    fn commune(&self, fiche: &Fiche) -> Option<(usize, &'t Commune)> {
        let rang = self.territoires.rang_actuel(fiche.code_insee.as_ref()?)?;
        Some((rang, &self.territoires.communes()[rang]))
    }

    fn indexe(
        &self,
        index: &mut IndexLieux,
        recolte: &mut Recolte,
        (place, agenda): (u32, Option<u32>),
        id: LieuId,
        fiche: &Fiche,
    ) {
        let t = self.territoires;
        let commune = self.commune(fiche);
        let rang = |table: &HashMap<&str, u16>, code: &str| table.get(code).copied().unwrap_or(u16::MAX);
        let territoire = Territoire {
            commune: commune.and_then(|(r, _)| u32::try_from(r).ok()).unwrap_or(u32::MAX),
            epci: commune.and_then(|(_, c)| t.epci_de(c)).map_or(u16::MAX, |e| rang(&self.epci, &e.code)),
            departement: commune.map_or(u16::MAX, |(_, c)| rang(&self.departements, c.departement.as_str())),
            region: commune.map_or(u16::MAX, |(_, c)| rang(&self.regions, c.region.as_str())),
        };
        let nom_commune = commune.map_or(fiche.commune.as_ref(), |(_, c)| c.nom.as_str());
        let position_estimee = fiche.position.is_none();
        let position = fiche.position.or_else(|| commune.and_then(|(_, c)| c.position).map(|p| p.position));
        mots(recolte, place, fiche, nom_commune);
        valeurs(&mut index.valeurs, place as usize, fiche, self.jour);
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
            agenda,
            territoire,
            source,
        });
        index.unites.push(position.map_or([f64::NAN; 3], Position::unit));
        index.par_id.push((id, place));
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

/// The days and the moments of an ordinary week.
fn habitudes(table: &mut [Vec<Bits>], place: usize, agenda: &Agenda) {
    let h = agenda.habitudes();
    let mut met = |f: Facette, v: usize| table[f.rang()][v].ajoute(place);
    (0..7).filter(|j| h.jours >> j & 1 == 1).for_each(|j| met(Facette::Jours, j));
    let moments = [h.midi, h.soir, h.jours >> 5 != 0];
    moments.iter().enumerate().filter(|(_, oui)| **oui).for_each(|(v, _)| met(Facette::Moments, v));
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

fn valeurs(table: &mut [Vec<Bits>], place: usize, fiche: &Fiche, jour: NaiveDate) {
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
    met(fiche.date_maj.is_some_and(|d| (jour - d).num_days() <= FRAIS_JOURS), Facette::Fiche, 1);
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

    /// The school calendars that it was built with.
    pub fn scolaire(&self) -> &Scolaire {
        &self.scolaire
    }

    /// Whether it was built on that day: what has dates is reckoned again every day.
    pub fn a_jour(&self, maintenant: DateTime<Utc>) -> bool {
        maintenant.date_naive() == self.jour
    }

    /// Whether its openings are still known at that instant, though it is not of that day.
    pub fn tient(&self, maintenant: DateTime<Utc>) -> bool {
        let age = (maintenant.date_naive() - self.jour).num_days();
        (0..i64::from(Agenda::HORIZON_JOURS) - 3).contains(&age)
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

    #[cfg(test)]
    pub(super) fn agendas(&self) -> &[Arc<Agenda>] {
        self.agendas.tous()
    }

    fn agenda(&self, l: &Ligne) -> Option<&Agenda> {
        l.agenda.and_then(|a| self.agendas.agenda(a)).map(Arc::as_ref)
    }

    fn etat(&self, l: &Ligne, maintenant: DateTime<Utc>) -> (Etat, NaiveDateTime) {
        let Some(agenda) = self.agenda(l) else { return (Etat::Inconnu, maintenant.naive_utc()) };
        let local = agenda.heure_locale(maintenant);
        (agenda.etat_local(local), local)
    }

    /// The place of a source among those that deliver lieux.
    pub(super) fn source(&self, nom: &str) -> Option<u16> {
        self.sources.get(nom).copied()
    }

    /// The lieux that are surely open then, each in its own time.
    pub(super) fn ouverts_le(&self, quand: Quand) -> Bits {
        self.dont(|agenda| agenda.ouvre(quand.jour, quand.heure))
    }

    /// The lieux whose hours say so; each hours are asked once.
    fn dont(&self, oui: impl Fn(&Agenda) -> bool) -> Bits {
        let oui: Vec<bool> = self.agendas.tous().iter().map(|a| oui(a)).collect();
        let mut bits = Bits::vide(self.len());
        for (i, l) in self.lignes.iter().enumerate() {
            if l.agenda.and_then(|a| oui.get(a as usize)).copied().unwrap_or(false) {
                bits.ajoute(i);
            }
        }
        bits
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
        let bits = self.dont(|agenda| {
            let local = agenda.heure_locale(maintenant);
            agenda.ouvre(local.date(), Some(local.time()))
        });
        let bits = Arc::new(bits);
        *self.ouverts.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some((minute, bits.clone()));
        bits
    }
}
