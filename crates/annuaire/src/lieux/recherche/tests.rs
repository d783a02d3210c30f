//! The index against a search that reads every record again, one after the other.

use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};
use kernel::ids::LieuId;
use kernel::{CodeCommune, CodePostal, Position};
use proptest::prelude::*;

use super::*;
use crate::lieux::Fiche;
use crate::lieux::ouverture::{Habitudes, Horaires, Semaine};
use crate::lieux::standard::{Champ, Liste, TYPOLOGIES, Valeur};
use crate::territoires::Territoires;

pub(crate) static TERRITOIRES: LazyLock<Territoires> =
    LazyLock::new(|| Territoires::new(&std::collections::HashMap::new()).unwrap());

fn maintenant() -> DateTime<Utc> {
    // A Wednesday, 10:30 in Paris.
    Utc.with_ymd_and_hms(2026, 3, 18, 9, 30, 0).unwrap()
}

fn id(n: usize) -> LieuId {
    LieuId(uuid::Uuid::from_u128(n as u128))
}

fn fiche(nom: &str, code_insee: &str, services: &str) -> Fiche {
    let code = CodeCommune::parse(code_insee);
    let commune = code.as_ref().and_then(|c| TERRITOIRES.commune(c));
    Fiche {
        nom: nom.into(),
        commune: commune.map_or("", |c| c.nom.as_str()).into(),
        code_postal: commune.and_then(|c| c.codes_postaux.first().cloned()),
        position: commune.and_then(|c| c.position).map(|p| p.position),
        code_insee: code,
        services: Liste::exacte(services).unwrap(),
        ..Fiche::default()
    }
}

fn index(fiches: &[Fiche]) -> IndexLieux {
    let mut c = Constructeur::new(&TERRITOIRES, maintenant(), None);
    fiches.iter().enumerate().for_each(|(i, f)| c.ajoute(id(i), f.clone()));
    c.finit(1)
}

fn noms(index: &IndexLieux, demande: &Demande) -> Vec<String> {
    let r = index.chercher(demande, maintenant(), 0, 100);
    r.trouves.iter().map(|t| index.vue(t.place, maintenant()).unwrap().nom.to_owned()).collect()
}

fn exemples() -> IndexLieux {
    index(&[
        fiche("Médiathèque Éluard", "23096", "Accès internet et matériel informatique"),
        fiche("France services de Guéret", "23096", "Aide aux démarches administratives"),
        fiche("Mairie d’Aubusson", "23008", "Aide aux démarches administratives"),
        fiche("Tiers-lieu La Quincaillerie", "23096", "Maîtrise des outils numériques du quotidien"),
        fiche("Médiathèque du Tampon", "97422", "Accès internet et matériel informatique"),
    ])
}

#[test]
fn understands_what_people_type() {
    let index = exemples();
    for (mots, attendus) in [
        ("mediatheque", vec!["Médiathèque du Tampon", "Médiathèque Éluard"]),
        ("MÉDIATHÈQUES", vec!["Médiathèque du Tampon", "Médiathèque Éluard"]),
        ("mediateque gueret", vec!["Médiathèque Éluard"]),
        ("media", vec!["Médiathèque du Tampon", "Médiathèque Éluard"]),
        ("impôts", vec!["France services de Guéret", "Mairie d’Aubusson"]),
        ("aide pour mes impôts à Aubusson", vec!["Mairie d’Aubusson"]),
        ("wifi", vec!["Médiathèque du Tampon", "Médiathèque Éluard"]),
        ("smartphone", vec!["Tiers-lieu La Quincaillerie"]),
        ("23000 tiers lieu", vec!["Tiers-lieu La Quincaillerie"]),
        ("zzzzzz", vec![]),
    ] {
        assert_eq!(noms(&index, &Demande { mots: mots.into(), ..Demande::default() }), attendus, "{mots}");
    }
    let r = index.chercher(&Demande { mots: "mediateque".into(), ..Demande::default() }, maintenant(), 0, 9);
    assert_eq!(r.corrections, [("mediateque".to_owned(), "mediatheque".to_owned())]);
}

#[test]
fn the_name_answers_better_than_the_rest() {
    let mut autre = fiche("Association Alpha", "23096", "Aide aux démarches administratives");
    autre.presentation_resume = "Près de la mairie.".into();
    let index = index(&[autre, fiche("Mairie de Guéret", "23096", "Aide aux démarches administratives")]);
    let mots = |m: &str| noms(&index, &Demande { mots: m.into(), ..Demande::default() });
    assert_eq!(mots("mairie"), ["Mairie de Guéret", "Association Alpha"]);
    assert_eq!(mots(""), ["Association Alpha", "Mairie de Guéret"]);
}

#[test]
fn finds_the_nearest_when_there_is_none_within_the_radius() {
    let index = exemples();
    let aubusson = TERRITOIRES.commune(&CodeCommune::parse("23008").unwrap()).unwrap();
    let demande = Demande {
        mots: "mediatheque".into(),
        origine: aubusson.position.map(|p| p.position),
        rayon_m: Some(5_000.0),
        ..Demande::default()
    };
    assert_eq!(index.chercher(&demande, maintenant(), 0, 9).total, 0);
    let proche = index.plus_proche(&demande, maintenant()).unwrap();
    assert_eq!(index.vue(proche.place, maintenant()).unwrap().nom, "Médiathèque Éluard");
    assert!((25_000.0..45_000.0).contains(&proche.distance_m.unwrap()), "{proche:?}");
}

#[test]
fn a_lieu_without_position_stands_in_its_commune() {
    let mut f = fiche("Sans position", "23096", "");
    f.position = None;
    let index = index(&[f, Fiche { nom: "Nulle part".into(), ..Fiche::default() }]);
    let vue = index.vue(index.place(id(0)).unwrap(), maintenant()).unwrap();
    assert!(vue.position_estimee && vue.position.is_some());
    let creuse = TERRITOIRES.departements().iter().position(|d| d.code.as_str() == "23").unwrap();
    let zone = Some(Zone::Departement(u16::try_from(creuse).unwrap()));
    assert_eq!(noms(&index, &Demande { zone, ..Demande::default() }), ["Sans position"]);
    let origine = Position::new(48.85, 2.35);
    assert_eq!(noms(&index, &Demande { origine, ..Demande::default() }), ["Sans position", "Nulle part"]);
}

#[test]
fn opens_in_the_time_of_the_lieu() {
    let mut paris = fiche("Paris", "75056", "");
    paris.horaires = "Mo-Fr 09:00-12:00".into();
    let mut tampon = fiche("Le Tampon", "97422", "");
    tampon.horaires = "Mo-Fr 09:00-12:00".into();
    let index = index(&[paris, tampon]);
    let mut filtres = Filtres::default();
    filtres.ajoute(Facette::Ouvert, 0);
    // 10:30 in Paris, 13:30 in La Réunion.
    assert_eq!(noms(&index, &Demande { filtres, ..Demande::default() }), ["Paris"]);
    assert!(index.a_jour(maintenant()) && !index.a_jour(maintenant() + chrono::TimeDelta::days(1)));
}

#[test]
fn opens_on_a_day_and_at_an_hour_of_the_lieu() {
    let lieu = |nom: &str, horaires: &str| {
        let mut f = fiche(nom, "23096", "");
        f.horaires = horaires.into();
        f
    };
    let index = index(&[lieu("A", "Mo-Fr 09:00-12:00"), lieu("B", "Sa 09:00-18:00"), lieu("C", "")]);
    let jour = |j: u32| chrono::NaiveDate::from_ymd_opt(2026, 3, j).unwrap();
    for (j, heure, attendus) in [
        (19, None, vec!["A"]),
        (21, None, vec!["B"]),
        (21, chrono::NaiveTime::from_hms_opt(17, 59, 0), vec!["B"]),
        (21, chrono::NaiveTime::from_hms_opt(18, 0, 0), vec![]),
        (19, chrono::NaiveTime::from_hms_opt(8, 59, 0), vec![]),
        (22, None, vec![]),
    ] {
        let quand = Some(Quand { jour: jour(j), heure });
        assert_eq!(noms(&index, &Demande { quand, ..Demande::default() }), attendus, "{j} {heure:?}");
    }
}

#[test]
fn what_has_dates_is_reckoned_again_and_the_rest_is_kept() {
    let lieu = |n: usize, horaires: &str, commune: &str| {
        let mut f = fiche(&format!("Lieu {n}"), commune, "");
        f.horaires = horaires.into();
        f
    };
    let lieux = [
        lieu(0, "Mo-Fr 09:00-12:00", "23096"),
        lieu(1, "Mo-Fr 09:00-12:00", "75056"),
        lieu(2, "Mo-Fr 09:00-12:00; PH off", "23096"),
        lieu(3, "Mo-Fr 09:00-12:00; PH off", "67482"),
        lieu(4, "n’importe quoi", "23096"),
    ];
    let bati = |quand: DateTime<Utc>, avant: Option<&IndexLieux>| {
        let mut c = Constructeur::new(&TERRITOIRES, quand, avant);
        lieux.iter().enumerate().for_each(|(i, f)| c.ajoute(id(i), f.clone()));
        c.finit(1)
    };
    let premier = bati(maintenant(), None);
    // Paris and Guéret share their hours; Strasbourg keeps two holidays more.
    assert_eq!(premier.agendas().len(), 3);
    let memes = |a: &IndexLieux, b: &IndexLieux| {
        a.agendas().iter().filter(|x| b.agendas().iter().any(|y| std::sync::Arc::ptr_eq(x, y))).count()
    };
    assert_eq!(memes(&bati(maintenant(), Some(&premier)), &premier), 3);
    let demain = maintenant() + chrono::TimeDelta::days(1);
    assert!(premier.tient(demain) && !premier.a_jour(demain));
    assert_eq!(memes(&bati(demain, Some(&premier)), &premier), 1, "one hour of every week");
    assert!(!premier.tient(maintenant() + chrono::TimeDelta::days(40)));
    assert!(!premier.tient(maintenant() - chrono::TimeDelta::days(2)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn open_at_an_instant_is_what_the_expressions_say(graine in any::<u64>(), minutes in prop::collection::vec(0_i64..38 * 1_440, 6)) {
        let lieux: Vec<Fiche> = crate::demonstration::lieux_fictifs(&TERRITOIRES, 60, graine)
            .map(|ligne| {
                let mut f = fiche(&ligne[Champ::Nom.rang()], &ligne[Champ::CodeInsee.rang()], "");
                f.horaires = ligne[Champ::Horaires.rang()].as_str().into();
                f
            })
            .collect();
        let index = index(&lieux);
        let mut filtres = Filtres::default();
        filtres.ajoute(Facette::Ouvert, 0);
        for instant in minutes.into_iter().map(|m| maintenant() + chrono::TimeDelta::minutes(m)) {
            let lus: Vec<Option<Horaires>> = lieux
                .iter()
                .map(|f| Horaires::lit(&f.horaires, f.code_insee.as_ref().map(|c| c.departement()).as_ref()))
                .collect();
            let r = index.chercher(&Demande { filtres, ..Demande::default() }, instant, 0, 100);
            for (i, h) in lus.iter().enumerate() {
                let place = index.place(id(i)).unwrap();
                let exact = h.as_ref().is_some_and(|h| h.ouvert_a(instant));
                prop_assert_eq!(r.trouves.iter().any(|t| t.place == place), exact, "{} {}", lieux[i].horaires, instant);
                let vue = index.vue(place, instant).unwrap();
                prop_assert_eq!(vue.etat.ouvert(), exact, "{} {}", lieux[i].horaires, instant);
                prop_assert_eq!(vue.etat == crate::lieux::ouverture::Etat::Inconnu, h.is_none());
                // « That day at that hour » is the same question in the time of the lieu.
                let quand = Quand { jour: vue.maintenant.date(), heure: Some(vue.maintenant.time()) };
                let ce_jour = index.chercher(&Demande { quand: Some(quand), ..Demande::default() }, instant, 0, 100);
                prop_assert_eq!(ce_jour.trouves.iter().any(|t| t.place == place), exact);
            }
        }
    }
}

// The same search, without an index.

struct Naif {
    fiche: Fiche,
    id: LieuId,
    horaires: Option<(Habitudes, bool)>,
}

impl Naif {
    fn a(&self, f: Facette, v: usize) -> bool {
        let contient =
            |champ: Champ| self.fiche.valeur(champ).split('|').any(|x| x == f.valeurs()[v].libelle.as_ref());
        let h = self.horaires;
        match f {
            Facette::Services => contient(Champ::Services),
            Facette::Frais => contient(Champ::FraisACharge),
            Facette::Publics if v == 5 => self.fiche.publics.est_vide(),
            Facette::Publics => contient(Champ::PublicsSpecifiquementAdresses),
            Facette::PrisesEnCharge => contient(Champ::PriseEnChargeSpecifique),
            Facette::Accompagnement => contient(Champ::ModalitesAccompagnement),
            Facette::Acces => contient(Champ::ModalitesAcces),
            Facette::Dispositifs => contient(Champ::DispositifProgrammesNationaux),
            Facette::Labels => contient(Champ::FormationsLabels),
            Facette::Itinerance => contient(Champ::Itinerance),
            Facette::Typologie => contient(Champ::Typologie),
            Facette::Rdv => !self.fiche.prise_rdv.is_empty(),
            Facette::Jours => h.is_some_and(|(h, _)| h.jours >> v & 1 == 1),
            Facette::Moments => h.is_some_and(|(h, _)| [h.midi, h.soir, h.jours >> 5 != 0][v]),
            Facette::Fiche if v == 0 => !self.fiche.fiche_acces_libre.is_empty(),
            Facette::Fiche => {
                let base = maintenant().date_naive().pred_opt().unwrap();
                self.fiche.date_maj.is_some_and(|d| (base - d).num_days() < 365)
            }
            Facette::Ouvert => h.is_some_and(|(_, ouvert)| ouvert),
        }
    }

    fn garde(&self, d: &Demande, sauf: Option<Facette>) -> bool {
        let filtres = Facette::TOUTES
            .into_iter()
            .filter(|f| Some(*f) != sauf && d.filtres.filtre(*f))
            .all(|f| (0..f.valeurs().len()).any(|v| d.filtres.contient(f, v) && self.a(f, v)));
        let pres = match (d.origine, d.rayon_m) {
            (Some(o), Some(r)) => self.fiche.position.is_some_and(|p| p.distance_m(o) <= r),
            _ => true,
        };
        let dedans = d.cadre.is_none_or(|[o, s, e, n]| {
            self.fiche.position.is_some_and(|p| {
                (s..=n).contains(&p.latitude)
                    && if o <= e {
                        (o..=e).contains(&p.longitude)
                    } else {
                        p.longitude >= o || p.longitude <= e
                    }
            })
        });
        filtres && pres && dedans
    }
}

fn naifs(n: usize, graine: u64) -> Vec<Naif> {
    // A small generator of numbers is enough to spread values.
    let mut etat = graine | 1;
    let mut tire = move |n: usize| {
        etat = etat.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(etat >> 33).unwrap() % n
    };
    fn liste<T: Valeur>(tire: &mut impl FnMut(usize) -> usize) -> Liste<T> {
        (0..tire(4)).map(|_| T::TOUTES[tire(T::TOUTES.len())]).collect()
    }
    let communes = ["23096", "75056", "97422", "98818", "67482", "2A004"];
    let horaires = [
        "",
        "Mo-Fr 09:00-12:00,14:00-17:30",
        "Sa 10:00-20:00",
        "n’importe quoi",
        "24/7",
        "Mo-Fr 09:00-17:00; PH off",
        "We \"sur rendez-vous\"",
        "Tu,Th 17:00-19:30",
    ];
    (0..n)
        .map(|i| {
            let mut f = fiche(&format!("Lieu {}", tire(50)), communes[tire(communes.len())], "");
            f.position = f.position.and_then(|p| {
                let decale = |d: usize| d as f64 / 500.0 - 0.5;
                Position::new(p.latitude + decale(tire(500)), p.longitude + decale(tire(500)))
            });
            f.horaires = horaires[tire(horaires.len())].into();
            f.services = liste(&mut tire);
            f.publics = liste(&mut tire);
            f.prises_en_charge = liste(&mut tire);
            f.frais = liste(&mut tire);
            f.dispositifs = liste(&mut tire);
            f.formations_labels = liste(&mut tire);
            f.modalites_acces = liste(&mut tire);
            f.modalites_accompagnement = liste(&mut tire);
            f.itinerance = liste(&mut tire);
            f.typologie = TYPOLOGIES[tire(TYPOLOGIES.len())].into();
            f.prise_rdv = if tire(2) == 0 { "" } else { "https://rdv.exemple" }.into();
            f.code_postal = CodePostal::parse("23000");
            let departement = f.code_insee.as_ref().map(|c| c.departement());
            let base = maintenant().date_naive().pred_opt().unwrap();
            let horaires = Horaires::lit(&f.horaires, departement.as_ref())
                .map(|h| (h.habitudes(base), Semaine::de(&h, maintenant()).etat.ouvert()));
            Naif { fiche: f, id: id(i), horaires }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_a_full_reading_finds(
        graine in any::<u64>(),
        choix in prop::collection::vec((0_usize..Facette::NOMBRE, 0_usize..92), 0..4),
        origine in prop::option::of((40.0_f64..50.0, -2.0_f64..9.0)),
        rayon in prop::option::of(1_000.0_f64..600_000.0),
        cadre in prop::option::of((-180.0_f64..180.0, -180.0_f64..180.0)),
        debut in 0_usize..40,
    ) {
        let naifs = naifs(80, graine);
        let mut c = Constructeur::new(&TERRITOIRES, maintenant(), None);
        naifs.iter().for_each(|n| c.ajoute(n.id, n.fiche.clone()));
        let index = c.finit(1);
        let mut filtres = Filtres::default();
        choix.iter().for_each(|(f, v)| filtres.ajoute(Facette::TOUTES[*f], v % Facette::TOUTES[*f].valeurs().len()));
        let origine = origine.and_then(|(lat, lon)| Position::new(lat, lon));
        let cadre = cadre.map(|(o, e)| [o, -30.0, e, 60.0]);
        let demande = Demande { origine, rayon_m: rayon, cadre, filtres, ..Demande::default() };

        let mut attendus: Vec<&Naif> = naifs.iter().filter(|n| n.garde(&demande, None)).collect();
        let nom = |n: &Naif| (kernel::text::fold(&n.fiche.nom), n.id);
        attendus.sort_by(|a, b| {
            let loin = |n: &Naif| origine.map_or(0.0, |o| n.fiche.position.unwrap().distance_m(o));
            loin(a).total_cmp(&loin(b)).then_with(|| nom(a).cmp(&nom(b)))
        });
        let r = index.chercher(&demande, maintenant(), debut, 20);
        prop_assert_eq!(r.total, attendus.len());
        let page: Vec<LieuId> = r.trouves.iter().map(|t| index.vue(t.place, maintenant()).unwrap().id).collect();
        let attendue: Vec<LieuId> = attendus.iter().skip(debut).take(20).map(|n| n.id).collect();
        prop_assert_eq!(page, attendue);
        for f in Facette::TOUTES {
            for v in 0..f.valeurs().len() {
                let n = naifs.iter().filter(|n| n.garde(&demande, Some(f)) && n.a(f, v)).count();
                prop_assert_eq!(r.comptes[f.rang()][v] as usize, n, "{:?} {}", f, v);
            }
        }
        for t in &r.trouves {
            let n = naifs.iter().find(|n| Some(n.id) == index.vue(t.place, maintenant()).map(|v| v.id)).unwrap();
            match (t.distance_m, origine) {
                (Some(d), Some(o)) => prop_assert!((d - n.fiche.position.unwrap().distance_m(o)).abs() < 1.0),
                (d, o) => prop_assert!(d.is_none() && o.is_none()),
            }
        }
    }

    #[test]
    fn any_words_give_an_answer(mots in ".{0,80}", debut in any::<usize>(), nombre in any::<usize>()) {
        let demande = Demande { mots, ..Demande::default() };
        exemples().chercher(&demande, maintenant(), debut, nombre);
    }
}
