//! What the page of coverage shows of a zone, computed before any HTML.

use kernel::text::{compte, nombre};

use super::bilan::{Bilan, ZoneBlanche};
use super::choix::{Choix, Indicateur, habitants, km, pour_cent};
use super::dessin::{self, Forme, Point};
use super::equite::Equite;
use super::model::Seuil;
use super::zone::Zone;
use crate::atlas::Mesure;
use crate::territoires::Territoires;

/// Blank zones that a page lists; the file has them all.
const BLANCHES_MAX: usize = 50;

/// A line of a table of zones.
pub(crate) struct Ligne {
    pub(crate) nom: String,
    pub(crate) code: String,
    pub(crate) href: String,
    /// Class of the map, for the swatch.
    pub(crate) classe: String,
    pub(crate) valeur: String,
    pub(crate) population: String,
    pub(crate) parts: [String; 3],
    pub(crate) distance: String,
    pub(crate) lieux: String,
    pub(crate) pour_10000: String,
    pub(crate) heures: String,
}

/// A table of zones.
pub(crate) struct Tableau {
    pub(crate) id: &'static str,
    pub(crate) titre: String,
    pub(crate) entete: &'static str,
    pub(crate) lignes: Vec<Ligne>,
    pub(crate) csv: Option<String>,
}

/// A line of the table of communes.
pub(crate) struct LigneCommune {
    pub(crate) nom: String,
    pub(crate) code: String,
    pub(crate) classe: String,
    pub(crate) population: String,
    pub(crate) distance: String,
    pub(crate) lieux: String,
    pub(crate) estimee: bool,
}

/// A commune beyond the threshold.
pub(crate) struct LigneBlanche {
    pub(crate) nom: String,
    pub(crate) code: String,
    pub(crate) ou: String,
    pub(crate) population: String,
    pub(crate) distance: String,
    pub(crate) estimee: bool,
}

/// The blank zones.
pub(crate) struct Blanches {
    pub(crate) communes: String,
    pub(crate) population: String,
    pub(crate) part: String,
    pub(crate) lignes: Vec<LigneBlanche>,
    pub(crate) coupe: bool,
    pub(crate) csv: String,
}

/// The comparison of the départements.
pub(crate) struct EquiteVue {
    pub(crate) moins: String,
    pub(crate) mieux: String,
    pub(crate) gini: String,
    pub(crate) rapport: String,
}

/// A picture with its legend.
pub(crate) struct Image {
    pub(crate) svg: String,
    pub(crate) titre: String,
    /// (class, words).
    pub(crate) legende: Vec<(String, String)>,
    /// Where the same values stand as a table.
    pub(crate) tableau: &'static str,
}

/// Everything of the page but the frame.
pub(crate) struct Vue {
    pub(crate) de_zone: String,
    pub(crate) fil: Vec<(String, String)>,
    pub(crate) chiffres: Vec<(String, String)>,
    pub(crate) image: Option<Image>,
    pub(crate) tableaux: Vec<Tableau>,
    pub(crate) communes: Vec<LigneCommune>,
    pub(crate) communes_csv: String,
    pub(crate) blanches: Blanches,
    pub(crate) equite: Option<EquiteVue>,
    pub(crate) part_estimee: String,
    pub(crate) carte: String,
}

fn classe(classe: Option<usize>) -> String {
    classe.map_or("m-c-vide".to_owned(), |c| format!("m-c{c}"))
}

struct Contexte<'a> {
    t: &'a Territoires,
    mesure: &'a Mesure,
    choix: Choix,
}

impl Vue {
    /// Computes the page of a zone.
    pub(crate) fn new(mesure: &Mesure, zone: Zone<'_>, choix: Choix) -> Self {
        let c = Contexte { t: &mesure.territoires, mesure, choix };
        let bilan = zone.bilan(c.t, &mesure.couverture, choix.critere);
        let tableaux = c.tableaux(zone);
        let communes = c.communes(zone);
        let image = c.image(zone);
        let with_query = |href: String| format!("{href}{}", choix.requete());
        let equite = matches!(zone, Zone::Pays)
            .then(|| c.equite(&mesure.couverture.equite(c.t, choix.critere, choix.seuil)))
            .flatten();
        let chemin = zone.chemin();
        Self {
            de_zone: zone.de_nom(),
            fil: zone.parents(c.t).iter().map(|z| (with_query(z.href()), z.nom().to_owned())).collect(),
            chiffres: chiffres(&bilan, choix),
            image,
            tableaux,
            communes,
            communes_csv: format!("/couverture/communes.csv?zone={chemin}"),
            blanches: c.blanches(zone, &bilan),
            equite,
            part_estimee: pour_cent(bilan.part_estimee()),
            carte: format!("/couverture/carte?critere={}&zone={chemin}", choix.critere.cle()),
        }
    }
}

fn chiffres(bilan: &Bilan, choix: Choix) -> Vec<(String, String)> {
    let mut chiffres: Vec<(String, String)> = Seuil::TOUS
        .into_iter()
        .map(|s| {
            let people = habitants(bilan.dans[s.rang()]);
            (pour_cent(bilan.part(s)), format!("des habitants à moins de {} km ({people})", s.km()))
        })
        .collect();
    chiffres.push((
        Indicateur::Distance.texte(Indicateur::Distance.valeur(bilan, choix.seuil)),
        "en moyenne jusqu’au lieu le plus proche".to_owned(),
    ));
    chiffres.push((
        Indicateur::Lieux.texte(bilan.lieux_pour_10000()),
        format!("lieux pour 10 000 habitants ({} lieux)", habitants(bilan.lieux)),
    ));
    chiffres.push((
        Indicateur::Heures.texte(bilan.heures_pour_10000()),
        "d’ouverture par semaine pour 10 000 habitants, tous lieux aux horaires connus".to_owned(),
    ));
    chiffres
}

impl<'a> Contexte<'a> {
    fn tableaux(&self, zone: Zone<'a>) -> Vec<Tableau> {
        let critere = self.choix.critere.cle();
        let csv = |niveau: &str| Some(format!("/couverture/zones.csv?niveau={niveau}&critere={critere}"));
        match zone {
            Zone::Pays if self.choix.par_region => {
                let regions = self.t.regions().iter().map(Zone::Region);
                vec![self.tableau("regions", "Par région".to_owned(), "Région", regions, csv("regions"))]
            }
            Zone::Pays => {
                let departements = self.t.departements().iter().map(Zone::Departement);
                let titre = "Par département".to_owned();
                vec![self.tableau("departements", titre, "Département", departements, csv("departements"))]
            }
            Zone::Region(r) => {
                let departements =
                    self.t.departements().iter().filter(|d| d.region == r.code).map(Zone::Departement);
                let titre = "Par département".to_owned();
                vec![self.tableau("departements", titre, "Département", departements, None)]
            }
            Zone::Departement(d) => {
                let epci = Zone::epci_du_departement(self.t, &d.code);
                if epci.is_empty() {
                    return vec![];
                }
                let titre = "Par intercommunalité (en entier, même au-delà du département)".to_owned();
                vec![self.tableau(
                    "epci",
                    titre,
                    "Intercommunalité",
                    epci.into_iter().map(Zone::Epci),
                    csv("epci"),
                )]
            }
            Zone::Epci(_) => vec![],
        }
    }

    fn tableau(
        &self,
        id: &'static str,
        titre: String,
        entete: &'static str,
        zones: impl Iterator<Item = Zone<'a>>,
        csv: Option<String>,
    ) -> Tableau {
        let mut lignes: Vec<(Option<f64>, Ligne)> = zones
            .map(|z| {
                let bilan = z.bilan(self.t, &self.mesure.couverture, self.choix.critere);
                (self.choix.indicateur.valeur(&bilan, self.choix.seuil), self.ligne(z, &bilan))
            })
            .collect();
        if self.choix.par_nom {
            lignes.sort_by_cached_key(|(_, l)| kernel::text::fold(&l.nom));
        } else {
            // From the least served. What is unknown comes last.
            let least_first = self.choix.du_plus_petit();
            lignes.sort_by(|(a, la), (b, lb)| {
                let order = match (a, b) {
                    (Some(a), Some(b)) if least_first => a.total_cmp(b),
                    (Some(a), Some(b)) => b.total_cmp(a),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                };
                order.then_with(|| la.code.cmp(&lb.code))
            });
        }
        Tableau { id, titre, entete, lignes: lignes.into_iter().map(|(_, l)| l).collect(), csv }
    }

    fn ligne(&self, zone: Zone<'_>, bilan: &Bilan) -> Ligne {
        let Choix { indicateur, seuil, .. } = self.choix;
        let valeur = indicateur.valeur(bilan, seuil);
        Ligne {
            nom: zone.nom().to_owned(),
            code: zone.niveau_code().1.to_owned(),
            href: format!("{}{}", zone.href(), self.choix.requete()),
            classe: classe(indicateur.classe(valeur)),
            valeur: indicateur.texte(valeur),
            population: habitants(bilan.population),
            parts: Seuil::TOUS.map(|s| pour_cent(bilan.part(s))),
            distance: Indicateur::Distance.texte(Indicateur::Distance.valeur(bilan, seuil)),
            lieux: habitants(bilan.lieux),
            pour_10000: Indicateur::Lieux.texte(bilan.lieux_pour_10000()),
            heures: Indicateur::Heures.texte(bilan.heures_pour_10000()),
        }
    }

    /// The communes of a département or of an EPCI, the farthest first.
    fn communes(&self, zone: Zone<'_>) -> Vec<LigneCommune> {
        if matches!(zone, Zone::Pays | Zone::Region(_)) {
            return vec![];
        }
        let (couverture, critere) = (&self.mesure.couverture, self.choix.critere);
        let mut rangs: Vec<(usize, Option<f64>)> =
            zone.rangs(self.t).into_iter().map(|r| (r, couverture.distance_m(r, critere))).collect();
        if self.choix.par_nom {
            rangs.sort_by_cached_key(|(r, _)| kernel::text::fold(&self.t.communes()[*r].nom));
        } else {
            rangs.sort_by(|a, b| {
                b.1.unwrap_or(-1.0).total_cmp(&a.1.unwrap_or(-1.0)).then_with(|| a.0.cmp(&b.0))
            });
        }
        rangs
            .into_iter()
            .map(|(rang, metres)| {
                let commune = &self.t.communes()[rang];
                let distance = metres.map(|m| m / 1000.0);
                LigneCommune {
                    nom: commune.nom.clone(),
                    code: commune.code.to_string(),
                    classe: classe(Indicateur::Distance.classe(distance)),
                    population: commune.population.map_or("–".to_owned(), |p| nombre(i64::from(p))),
                    distance: Indicateur::Distance.texte(distance),
                    lieux: couverture.offre(rang).lieux[critere.rang()].to_string(),
                    estimee: couverture.estimee(rang),
                }
            })
            .collect()
    }

    fn image(&self, zone: Zone<'a>) -> Option<Image> {
        let legende = |i: Indicateur| -> Vec<(String, String)> {
            let mut lignes: Vec<(String, String)> =
                (0..6).map(|classe| (format!("m-c{classe}"), i.nom_classe(classe))).collect();
            lignes.push(("m-c-vide".to_owned(), "pas de valeur".to_owned()));
            lignes
        };
        if let Zone::Pays = zone {
            let indicateur = self.choix.indicateur;
            let titre = format!(
                "{} : carte par {}",
                indicateur.libelle(),
                if self.choix.par_region { "région" } else { "département" }
            );
            let svg = dessin::departements(&titre, |code, region| self.forme(code, region));
            let tableau = if self.choix.par_region { "regions" } else { "departements" };
            return (!svg.is_empty()).then(|| Image { svg, titre, legende: legende(indicateur), tableau });
        }
        let rangs = zone.rangs(self.t);
        let points: Vec<Point> = rangs
            .iter()
            .filter_map(|rang| {
                let commune = &self.t.communes()[*rang];
                let position = commune.position?.position;
                let distance =
                    self.mesure.couverture.distance_m(*rang, self.choix.critere).map(|m| m / 1000.0);
                Some(Point {
                    position,
                    classe: Indicateur::Distance.classe(distance),
                    population: commune.habitants(),
                    texte: format!("{} : {}", commune.nom, Indicateur::Distance.texte(distance)),
                })
            })
            .collect();
        let mut departements: Vec<&str> =
            rangs.iter().map(|r| self.t.communes()[*r].departement.as_str()).collect();
        departements.sort_unstable();
        departements.dedup();
        let titre = format!("Distance au lieu le plus proche, commune par commune : carte {}", zone.de_nom());
        let svg = dessin::points(&titre, &departements, &points)?;
        let tableau = if matches!(zone, Zone::Region(_)) { "departements" } else { "communes" };
        Some(Image { svg, titre, legende: legende(Indicateur::Distance), tableau })
    }

    fn forme(&self, code: &str, region: &str) -> Option<Forme> {
        let zone = if self.choix.par_region {
            Zone::de(self.t, "region", region)?
        } else {
            Zone::de(self.t, "departement", code)?
        };
        let bilan = zone.bilan(self.t, &self.mesure.couverture, self.choix.critere);
        let valeur = self.choix.indicateur.valeur(&bilan, self.choix.seuil);
        Some(Forme {
            classe: self.choix.indicateur.classe(valeur),
            texte: format!("{} : {}", zone.nom(), self.choix.indicateur.texte(valeur)),
            href: format!("{}{}", zone.href(), self.choix.requete()),
        })
    }

    fn blanches(&self, zone: Zone<'_>, bilan: &Bilan) -> Blanches {
        let Choix { critere, seuil, .. } = self.choix;
        let zones = self.mesure.couverture.zones_blanches(zone.rangs(self.t), critere, seuil);
        let beyond: u64 = zones.iter().map(|z| z.population).sum();
        let (cle, chemin) = (critere.cle(), zone.chemin());
        Blanches {
            communes: compte(zones.len() as u64, "commune compte", "communes comptent"),
            population: habitants(beyond),
            part: pour_cent(bilan.part(seuil).map(|p| 1.0 - p)),
            coupe: zones.len() > BLANCHES_MAX,
            lignes: zones.iter().take(BLANCHES_MAX).map(|z| self.blanche(z)).collect(),
            csv: format!("/couverture/zones-blanches.csv?critere={cle}&seuil={}&zone={chemin}", seuil.km()),
        }
    }

    fn blanche(&self, zone: &ZoneBlanche) -> LigneBlanche {
        let commune = &self.t.communes()[zone.rang];
        let departement = self.t.departement(&commune.departement);
        LigneBlanche {
            nom: commune.nom.clone(),
            code: commune.code.to_string(),
            ou: departement.map_or(String::new(), |d| format!("{} ({})", d.nom, d.code)),
            population: habitants(zone.population),
            distance: zone.metres.map_or("–".to_owned(), |m| km(m / 1000.0)),
            estimee: zone.estimee,
        }
    }

    fn equite(&self, equite: &Equite) -> Option<EquiteVue> {
        let nom = |code| self.t.departement(code).map_or(String::new(), |d| d.nom.clone());
        let (least, best) = (equite.moins_servi()?, equite.mieux_servi()?);
        Some(EquiteVue {
            moins: format!("{} ({})", nom(&least.code), pour_cent(Some(least.part))),
            mieux: format!("{} ({})", nom(&best.code), pour_cent(Some(best.part))),
            gini: equite.gini.map_or("–".to_owned(), |g| kernel::text::nombre_decimal(g, 3)),
            rapport: equite.rapport.map_or("sans objet : la plus petite part est nulle".to_owned(), |r| {
                kernel::text::nombre_decimal(r, 1)
            }),
        })
    }
}
