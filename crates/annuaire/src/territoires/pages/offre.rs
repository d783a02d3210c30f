//! What the lieux of a territory offer, and the territories around it: the part of its page that comes from the search.

use kernel::Position;

use super::{Lien, lien_departement};
use crate::Annuaire;
use crate::lieux::pages::cartes::CarteLieu;
use crate::lieux::recherche::{Demande, Facette, IndexLieux, Zone as ZoneLieux};
use crate::maillage::Zone;
use crate::territoires::{Commune, Territoires};

/// Territories around that a page leads to.
const PROCHES: usize = 6;

/// Lieux that the page of a commune shows.
const LIEUX: usize = 5;

/// A line of the table of what is offered.
pub(super) struct Service {
    pub(super) nom: String,
    pub(super) lieux: String,
    /// Search of these lieux; none when there is none.
    pub(super) href: Option<String>,
}

/// What the lieux of a territory offer.
pub(super) struct Offre {
    /// Query that finds them: `departement=23`.
    pub(super) requete: String,
    pub(super) services: Vec<Service>,
    /// « 12 gratuits », « 3 ouverts le samedi ».
    pub(super) resume: Vec<String>,
    pub(super) lieux: Vec<CarteLieu>,
    pub(super) proches: Vec<Lien>,
}

impl Offre {
    /// Of a région, a département or an EPCI.
    pub(super) async fn de_zone(
        annuaire: &Annuaire,
        t: &Territoires,
        zone: Zone<'_>,
    ) -> Result<Self, sea_orm::DbErr> {
        let index = annuaire.index().await?;
        let (niveau, code) = zone.niveau_code();
        let rang = |i: Option<usize>| i.and_then(|i| u16::try_from(i).ok());
        let cherchee = match zone {
            Zone::Pays => None,
            Zone::Region(r) => rang(t.regions().iter().position(|x| x.code == r.code)).map(ZoneLieux::Region),
            Zone::Departement(d) => {
                rang(t.departements().iter().position(|x| x.code == d.code)).map(ZoneLieux::Departement)
            }
            Zone::Epci(e) => rang(t.epci().iter().position(|x| x.code == e.code)).map(ZoneLieux::Epci),
        };
        let demande = Demande { zone: cherchee, ..Demande::default() };
        let requete = format!("{niveau}={code}");
        let (services, resume) = offert(annuaire, &index, &demande, &requete);
        Ok(Self { requete, services, resume, lieux: Vec::new(), proches: autour(t, zone) })
    }

    /// Of a commune: its own lieux, and the nearest ones.
    pub(super) async fn de_commune(
        annuaire: &Annuaire,
        t: &Territoires,
        rang: usize,
    ) -> Result<Self, sea_orm::DbErr> {
        let index = annuaire.index().await?;
        let commune = &t.communes()[rang];
        let maintenant = annuaire.site.clock.now();
        let demande =
            Demande { zone: u32::try_from(rang).ok().map(ZoneLieux::Commune), ..Demande::default() };
        let requete = format!("commune={}", commune.code);
        let (services, resume) = offert(annuaire, &index, &demande, &requete);
        let position = commune.position.map(|p| p.position);
        let proches =
            Demande { origine: position, rayon_m: position.map(|_| 50_000.0), ..Demande::default() };
        let lieux = match position {
            Some(_) => index.chercher(&proches, maintenant, 0, LIEUX).trouves,
            None => Vec::new(),
        };
        Ok(Self {
            requete,
            services,
            resume,
            lieux: lieux.into_iter().filter_map(|l| CarteLieu::de(&index, l, maintenant)).collect(),
            proches: communes_autour(t, commune),
        })
    }

    /// Whether no lieu stands in the territory.
    pub(super) fn vide(&self) -> bool {
        self.services.iter().all(|s| s.href.is_none())
    }
}

fn offert(
    annuaire: &Annuaire,
    index: &IndexLieux,
    demande: &Demande,
    requete: &str,
) -> (Vec<Service>, Vec<String>) {
    let resultat = index.chercher(demande, annuaire.site.clock.now(), 0, 0);
    let services = Facette::Services
        .valeurs()
        .iter()
        .zip(&resultat.comptes[Facette::Services.rang()])
        .map(|(v, n)| Service {
            nom: v.clair.to_string(),
            lieux: kernel::text::nombre(i64::from(*n)),
            href: (*n > 0).then(|| format!("/lieux?{requete}&services={}", v.cle)),
        })
        .collect();
    let n = |f: Facette, cle: &str| f.valeur(cle).map_or(0, |v| resultat.comptes[f.rang()][v]);
    let resume = [
        (n(Facette::Frais, "gratuit"), "gratuit", "gratuits"),
        (n(Facette::Jours, "samedi"), "ouvert le samedi", "ouverts le samedi"),
        (n(Facette::Moments, "soir"), "ouvert après 18\u{a0}h", "ouverts après 18\u{a0}h"),
        (n(Facette::Itinerance, "itinerant"), "itinérant", "itinérants"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, un, plusieurs)| {
        format!("{} {}", kernel::text::nombre(i64::from(n)), if n > 1 { plusieurs } else { un })
    })
    .collect();
    (services, resume)
}

/// The middle of some communes, as the mean of their directions from the centre of the Earth.
fn milieu(t: &Territoires, rangs: impl IntoIterator<Item = usize>) -> Option<[f64; 3]> {
    let mut somme = [0.0; 3];
    let mut n = 0_u32;
    for p in rangs.into_iter().filter_map(|r| t.communes()[r].position) {
        let u = p.position.unit();
        somme.iter_mut().zip(u).for_each(|(s, x)| *s += x);
        n += 1;
    }
    (n > 0).then(|| somme.map(|s| s / f64::from(n)))
}

fn ecart(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}

/// The territories of the same level whose middles are nearest.
fn autour(t: &Territoires, zone: Zone<'_>) -> Vec<Lien> {
    let Some(ici) = milieu(t, zone.rangs(t)) else { return Vec::new() };
    let mut voisins: Vec<(f64, Lien)> = match zone {
        Zone::Pays | Zone::Region(_) => Vec::new(),
        Zone::Departement(d) => t
            .departements()
            .iter()
            .filter(|x| x.code != d.code)
            .filter_map(|x| {
                Some((ecart(milieu(t, t.rangs_du_departement(&x.code))?, ici), lien_departement(x)))
            })
            .collect(),
        Zone::Epci(e) => t
            .epci()
            .iter()
            .filter(|x| x.code != e.code)
            .filter_map(|x| {
                let lien = Lien {
                    href: format!("/territoires/epci/{}", x.code),
                    nom: x.nom.clone(),
                    detail: String::new(),
                };
                Some((ecart(milieu(t, x.membres.iter().map(|m| *m as usize))?, ici), lien))
            })
            .collect(),
    };
    voisins.sort_by(|a, b| a.0.total_cmp(&b.0));
    voisins.into_iter().take(PROCHES).map(|(_, l)| l).collect()
}

/// The communes whose centres are nearest, with their distance.
fn communes_autour(t: &Territoires, commune: &Commune) -> Vec<Lien> {
    let Some(ici) = commune.position.map(|p| p.position) else { return Vec::new() };
    let ailleurs = |c: &Commune| -> Option<(f64, Position)> {
        let p = c.position?.position;
        Some((ecart(p.unit(), ici.unit()), p))
    };
    let mut voisines: Vec<(f64, Position, &Commune)> = t
        .communes()
        .iter()
        .filter(|c| c.code != commune.code)
        .filter_map(|c| ailleurs(c).map(|(e, p)| (e, p, c)))
        .collect();
    if voisines.len() > PROCHES {
        voisines.select_nth_unstable_by(PROCHES, |a, b| a.0.total_cmp(&b.0));
        voisines.truncate(PROCHES);
    }
    voisines.sort_by(|a, b| a.0.total_cmp(&b.0));
    voisines
        .into_iter()
        .map(|(_, p, c)| Lien {
            href: format!("/territoires/commune/{}", c.code),
            nom: c.nom.clone(),
            detail: crate::lieux::pages::distance(ici.distance_m(p)),
        })
        .collect()
}
