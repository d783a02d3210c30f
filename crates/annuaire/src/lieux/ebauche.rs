//! The draft of a mapping, guessed from the names and the values of the columns of a file: a start to
//! correct, never a result. What was not guessed is written as comments, with examples.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use kernel::text::fold;

use super::horaires::verifie_osm;
use super::lecture::{self, Consignes, Evenement};
use super::standard::{Champ, valeurs};

/// Records that are looked at.
const ECHANTILLON: usize = 2_000;
/// Most columns of a draft.
const COLONNES_MAX: usize = 400;
/// Most distinct values of a column that are kept.
const DISTINCTES_MAX: usize = 40;

/// A column, and what it holds.
#[derive(Default)]
struct Colonne {
    nom: String,
    remplies: u64,
    distinctes: BTreeMap<String, u64>,
    trop: bool,
}

/// Folded words of names of columns, by field, the surest first. A name is compared whole, then by
/// its words.
const MOTS: [(Champ, &[&str]); 22] = [
    (
        Champ::Id,
        &["id", "identifiant", "uid", "uuid", "gid", "ref", "reference", "code lieu", "fid", "objectid"],
    ),
    (Champ::Pivot, &["pivot", "siret", "n siret", "numero siret", "rna"]),
    (
        Champ::Nom,
        &[
            "nom",
            "nom du lieu",
            "lib",
            "libelle",
            "lieu",
            "structure",
            "raison sociale",
            "denomination",
            "name",
            "title",
            "titre",
            "etablissement",
            "enseigne",
        ],
    ),
    (
        Champ::CodeInsee,
        &["code insee", "insee", "insee com", "code commune", "citycode", "depcom", "com insee"],
    ),
    (Champ::CodePostal, &["code postal", "cp", "codepostal", "postcode", "postal code", "zip", "zipcode"]),
    (Champ::Commune, &["commune", "ville", "localite", "city", "lib com", "nom commune", "municipality"]),
    (Champ::ComplementAdresse, &["complement adresse", "complement d adresse", "complement", "batiment"]),
    (
        Champ::Adresse,
        &[
            "adresse",
            "adresse postale",
            "voie",
            "rue",
            "address",
            "street",
            "adr",
            "adress",
            "numero et voie",
        ],
    ),
    (Champ::Latitude, &["latitude", "lat", "coord y", "y"]),
    (Champ::Longitude, &["longitude", "lon", "lng", "long", "coord x", "x"]),
    (
        Champ::Telephone,
        &["telephone", "tel", "phone", "n de telephone", "numero de telephone", "tel fixe", "mobile"],
    ),
    (
        Champ::Courriels,
        &[
            "courriels",
            "courriel",
            "mail",
            "email",
            "e mail",
            "adresse mail",
            "adresse electronique",
            "contact mail",
        ],
    ),
    (Champ::SiteWeb, &["site web", "site", "site internet", "url", "web", "website", "lien", "page web"]),
    (
        Champ::Horaires,
        &[
            "horaires",
            "horaire",
            "heures d ouverture",
            "horaires d ouverture",
            "ouverture",
            "opening hours",
            "horaire ouverture",
        ],
    ),
    (
        Champ::PresentationDetail,
        &[
            "presentation",
            "description",
            "presentation detail",
            "descriptif",
            "commentaire",
            "remarques",
            "infos",
        ],
    ),
    (
        Champ::DateMaj,
        &[
            "date maj",
            "date de mise a jour",
            "maj",
            "derniere maj",
            "updated at",
            "mise a jour",
            "date modification",
            "last update",
            "datemaj",
        ],
    ),
    (
        Champ::StructureParente,
        &["structure parente", "porteur", "organisme", "gestionnaire", "employeur", "groupe"],
    ),
    (Champ::PriseRdv, &["prise rdv", "rdv", "lien rdv", "rendez vous en ligne", "prise de rendez vous"]),
    (Champ::FicheAccesLibre, &["fiche acces libre", "acces libre", "acceslibre"]),
    (
        Champ::Typologie,
        &["typologie", "type", "type de structure", "type structure", "categorie", "type de lieu"],
    ),
    (Champ::Services, &["services", "service", "offre", "activites", "accompagnements", "thematiques"]),
    (Champ::PublicsSpecifiquementAdresses, &["publics", "public", "public cible", "publics accueillis"]),
];

const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// Drafts a mapping for a file, whose name gives that of the source.
///
/// # Errors
/// A French sentence, when the file cannot be read.
pub fn ebauche<R: Read + Seek>(mut source: R, nom: &str) -> Result<String, String> {
    let consignes = Consignes { entete: ligne_de_l_entete(&mut source)?, ..Consignes::default() };
    let mut colonnes: Vec<Colonne> = Vec::new();
    let mut rangs: HashMap<String, usize> = HashMap::new();
    let mut lus = 0;
    lecture::lire(&mut source, &consignes, &mut |evenement| {
        let entete = match &evenement {
            Evenement::Entete(entete) => entete,
            Evenement::Enregistrement(e) => &e.entete,
            Evenement::Anomalie { .. } => return ControlFlow::Continue(()),
        };
        for nom in entete.noms().iter().filter(|n| !n.is_empty()) {
            let general = sans_rangs(nom);
            if colonnes.len() < COLONNES_MAX && !rangs.contains_key(&general) {
                rangs.insert(general.clone(), colonnes.len());
                colonnes.push(Colonne { nom: general, ..Colonne::default() });
            }
        }
        if let Evenement::Enregistrement(e) = &evenement {
            lus += 1;
            for (rang, nom) in e.entete.noms().iter().enumerate() {
                let valeur = e.au_rang(rang).trim();
                if let Some(c) = rangs.get(&sans_rangs(nom)).and_then(|r| colonnes.get_mut(*r))
                    && !valeur.is_empty()
                {
                    c.ajoute(valeur);
                }
            }
        }
        if lus >= ECHANTILLON { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(|e| e.to_string())?;
    if colonnes.is_empty() {
        return Err("Ce fichier n’a pas de colonnes.".to_owned());
    }
    Ok(Brouillon::new(&colonnes).ecrit(nom, consignes.entete))
}

/// Lines where a header may stand, under a title and remarks.
const ENTETE_MAX: u64 = 10;

/// The line of the names of the columns, when it is not the first: the first that has at least twice
/// as many columns.
fn ligne_de_l_entete<R: Read + Seek>(source: &mut R) -> Result<Option<u64>, String> {
    let mut nombres: Vec<usize> = Vec::new();
    for ligne in 1..=ENTETE_MAX {
        let consignes = Consignes { entete: Some(ligne), ..Consignes::default() };
        let mut nombre = None;
        let lu = lecture::lire(&mut *source, &consignes, &mut |e| {
            if let Evenement::Entete(entete) = &e {
                nombre = Some(entete.noms().iter().filter(|n| !n.is_empty()).count());
            }
            ControlFlow::Break(())
        });
        source.rewind().map_err(|e| e.to_string())?;
        // A JSON file has no header; a file may be shorter than that.
        let (Ok(_), Some(nombre)) = (lu, nombre) else { break };
        nombres.push(nombre);
    }
    let premier = nombres.first().copied().unwrap_or(0);
    let max = nombres.iter().copied().max().unwrap_or(0);
    let ou = nombres.iter().position(|n| *n == max).unwrap_or(0);
    Ok((ou > 0 && max >= premier * 2 && max > 2).then_some(ou as u64 + 1))
}

/// `contacts.0.mail` is one of `contacts.*.mail`.
fn sans_rangs(nom: &str) -> String {
    if !nom.contains('.') {
        return nom.to_owned();
    }
    let segments: Vec<&str> = nom
        .split('.')
        .map(|s| if !s.is_empty() && s.bytes().all(|c| c.is_ascii_digit()) { "*" } else { s })
        .collect();
    segments.join(".")
}

impl Colonne {
    fn ajoute(&mut self, valeur: &str) {
        self.remplies += 1;
        let court: String = valeur.chars().take(80).collect();
        if let Some(n) = self.distinctes.get_mut(&court) {
            *n += 1;
        } else if self.distinctes.len() < DISTINCTES_MAX {
            self.distinctes.insert(court, 1);
        } else {
            self.trop = true;
        }
    }

    /// How many of the values seen pass the test, out of a hundred.
    fn part(&self, test: impl Fn(&str) -> bool) -> usize {
        let vues = self.distinctes.len();
        if vues == 0 {
            return 0;
        }
        self.distinctes.keys().filter(|v| test(v)).count() * 100 / vues
    }

    /// Values, the most frequent first.
    fn exemples(&self, combien: usize) -> Vec<&str> {
        let mut valeurs: Vec<(&String, &u64)> = self.distinctes.iter().collect();
        valeurs.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        valeurs.into_iter().take(combien).map(|(v, _)| v.as_str()).collect()
    }
}

struct Brouillon<'c> {
    colonnes: &'c [Colonne],
    champs: BTreeMap<Champ, &'c Colonne>,
    jours: Vec<(usize, Vec<&'c Colonne>)>,
    couple: Option<(&'c Colonne, bool)>,
}

impl<'c> Brouillon<'c> {
    fn new(colonnes: &'c [Colonne]) -> Self {
        let mut b = Self { colonnes, champs: BTreeMap::new(), jours: Vec::new(), couple: None };
        b.jours = (0..7)
            .filter_map(|rang| {
                let jour = JOURS[rang];
                let du_jour: Vec<&Colonne> = colonnes
                    .iter()
                    .filter(|c| {
                        fold(&c.nom).split(' ').any(|m| m == jour || (m.len() == 3 && jour.starts_with(m)))
                    })
                    .collect();
                (!du_jour.is_empty()).then_some((rang, du_jour))
            })
            .collect();
        // Less than three days is a coincidence of names.
        if b.jours.len() < 3 {
            b.jours.clear();
        }
        for exact in [true, false] {
            for (champ, mots) in MOTS {
                if b.champs.contains_key(&champ) {
                    continue;
                }
                let trouvee = mots.iter().find_map(|mot| {
                    colonnes.iter().find(|c| !b.prise(c) && nomme(&c.nom, mot, exact) && plausible(champ, c))
                });
                if let Some(c) = trouvee {
                    b.champs.insert(champ, c);
                }
            }
        }
        b.par_valeurs();
        b
    }

    fn prise(&self, colonne: &Colonne) -> bool {
        let est = |c: &&Colonne| std::ptr::eq(*c, colonne);
        self.champs.values().any(&est)
            || self.jours.iter().any(|(_, du_jour)| du_jour.iter().any(&est))
            || self.couple.is_some_and(|(c, _)| std::ptr::eq(c, colonne))
    }

    /// Fields that the values tell, where the names did not.
    fn par_valeurs(&mut self) {
        type Test = fn(&str) -> bool;
        let tests: [(Champ, Test); 5] = [
            (Champ::Courriels, |v| v.contains('@') && v.contains('.')),
            (Champ::SiteWeb, |v| v.starts_with("http") || v.starts_with("www.")),
            (Champ::Telephone, |v| {
                let chiffres = v.bytes().filter(u8::is_ascii_digit).count();
                (9..=12).contains(&chiffres) && (v.starts_with('0') || v.starts_with('+'))
            }),
            (Champ::Pivot, |v| {
                v.len() == 14 && v.bytes().all(|c| c.is_ascii_digit()) && kernel::Pivot::parse(v).is_ok()
            }),
            (Champ::Horaires, |v| v.contains(':') && verifie_osm(v).is_ok()),
        ];
        for (champ, test) in tests {
            if !self.champs.contains_key(&champ)
                && let Some(c) = self.colonnes.iter().find(|c| !self.prise(c) && c.part(test) >= 70)
            {
                self.champs.insert(champ, c);
            }
        }
        if !self.champs.contains_key(&Champ::Latitude) || !self.champs.contains_key(&Champ::Longitude) {
            self.champs.remove(&Champ::Latitude);
            self.champs.remove(&Champ::Longitude);
            let nombres = |v: &str| -> Option<(f64, f64)> {
                let net = v
                    .trim_matches(|c: char| "()[]{} ".contains(c))
                    .trim_start_matches("POINT")
                    .trim_matches(|c: char| "( )".contains(c));
                let (a, b) = net
                    .split_once(['|', ';'])
                    .or_else(|| net.split_once(','))
                    .or_else(|| net.split_once(' '))?;
                Some((a.trim().replace(',', ".").parse().ok()?, b.trim().replace(',', ".").parse().ok()?))
            };
            let couple =
                self.colonnes.iter().find(|c| !self.prise(c) && c.part(|v| nombres(v).is_some()) >= 80);
            if let Some(c) = couple {
                // GeoJSON begins with the longitude; in mainland France the latitude is the larger.
                let envers =
                    c.nom.ends_with("coordinates") || c.part(|v| nombres(v).is_some_and(|(a, b)| a < b)) > 50;
                self.couple = Some((c, envers));
            }
        }
    }

    fn ecrit(&self, nom: &str, entete: Option<u64>) -> String {
        let mut t = String::new();
        // Writing to a String does not fail.
        let _ = self.ecrit_dans(&mut t, nom, entete);
        t
    }

    fn ecrit_dans(&self, t: &mut String, nom: &str, entete: Option<u64>) -> std::fmt::Result {
        writeln!(t, "# Ébauche d’après les noms et les valeurs des colonnes : relisez chaque ligne, puis voyez l’effet avec")
            .and_then(|()| writeln!(t, "#   maillage lieux mapping preview cette-correspondance.toml le-fichier\n"))?;
        let source = if fold(nom).is_empty() { "Nom de la source" } else { nom };
        writeln!(t, "source = {}", guillemets(source))?;
        let cle = fold(source).replace(' ', "-");
        writeln!(t, "prefixe_id = {}\n", guillemets(&format!("{cle}-")))?;
        if let Some(ligne) = entete {
            writeln!(t, "[fichier]\nentete = {ligne}\n")?;
        }
        writeln!(t, "[champs]")?;
        let identifiants = |c: Champ| self.champs.get(&c).map(|c| guillemets(&c.nom));
        match identifiants(Champ::Id) {
            Some(id) => writeln!(t, "id = {id}")?,
            None => {
                let de: Vec<String> = [Champ::Nom, Champ::Adresse, Champ::Commune]
                    .into_iter()
                    .filter_map(identifiants)
                    .collect();
                writeln!(
                    t,
                    "# Pas de colonne d’identifiant : un nom court et stable est tiré de ces colonnes."
                )?;
                writeln!(t, "id = {{ empreinte = [{}] }}", de.join(", "))?;
            }
        }
        if identifiants(Champ::Nom).is_none() {
            writeln!(t, "nom = \"À COMPLÉTER\"")?;
        }
        for (champ, colonne) in &self.champs {
            match champ {
                Champ::Id | Champ::Latitude | Champ::Longitude | Champ::Horaires => {}
                c if !valeurs(*c).is_empty() => {}
                c => {
                    let exemple = colonne.exemples(1).first().map_or("", |v| *v).replace(['\n', '\r'], " ");
                    writeln!(t, "{} = {}  # {exemple}", c.nom(), guillemets(&colonne.nom))?;
                }
            }
        }
        if !self.champs.contains_key(&Champ::DateMaj) {
            writeln!(
                t,
                "# Le jour où la source a été mise à jour :\n# date_maj = {{ constante = \"2024-01-01\" }}"
            )?;
        }
        self.listes(t)?;
        if let (Some(lat), Some(lon)) = (identifiants(Champ::Latitude), identifiants(Champ::Longitude)) {
            writeln!(t, "\n[position]\nlatitude = {lat}\nlongitude = {lon}")?;
        } else if let Some((colonne, envers)) = self.couple {
            writeln!(t, "\n[position]\ncolonne = {}", guillemets(&colonne.nom))?;
            writeln!(t, "ordre = \"{}\"", if envers { "lon,lat" } else { "lat,lon" })?;
        }
        if !self.jours.is_empty() {
            writeln!(t, "\n[horaires.jours]")?;
            for (rang, colonnes) in &self.jours {
                let noms: Vec<String> = colonnes.iter().map(|c| guillemets(&c.nom)).collect();
                match &noms[..] {
                    [une] => writeln!(t, "{} = {une}", JOURS[*rang])?,
                    noms => writeln!(t, "{} = [{}]", JOURS[*rang], noms.join(", "))?,
                }
            }
        } else if let Some(c) = self.champs.get(&Champ::Horaires) {
            let forme = if c.part(|v| verifie_osm(v).is_ok()) >= 50 { "osm" } else { "semaine" };
            writeln!(t, "\n[horaires]\n{forme} = {}", guillemets(&c.nom))?;
        }
        let autres: Vec<&Colonne> = self.colonnes.iter().filter(|c| !self.prise(c)).collect();
        if !autres.is_empty() {
            writeln!(
                t,
                "\n# Colonnes qui ne sont pas lues. Employez-les, ou citez-les en haut du fichier dans"
            )?;
            writeln!(t, "# colonnes_ignorees = [\"…\"] pour dire que c’est voulu :")?;
            for c in autres {
                let exemples: Vec<String> = c
                    .exemples(4)
                    .iter()
                    .map(|v| v.replace(['\n', '\r'], " ").chars().take(40).collect())
                    .collect();
                writeln!(t, "#   {} : {}", guillemets(&c.nom), exemples.join(" · "))?;
            }
        }
        Ok(())
    }

    /// Fields of closed lists: a table of every value seen, to be filled.
    fn listes(&self, t: &mut String) -> std::fmt::Result {
        for (champ, colonne) in self.champs.iter().filter(|(c, _)| !valeurs(**c).is_empty()) {
            let permises = valeurs(*champ);
            let separateur =
                [" / ", "|", ";", ","].into_iter().find(|s| colonne.part(|v| v.contains(s)) > 20);
            let mut mots: BTreeMap<String, u64> = BTreeMap::new();
            for (valeur, n) in &colonne.distinctes {
                let bouts: Vec<&str> = match separateur {
                    Some(s) => valeur.split(s).collect(),
                    None => vec![valeur],
                };
                for b in bouts.into_iter().map(str::trim).filter(|b| !b.is_empty()) {
                    *mots.entry(b.to_owned()).or_default() += n;
                }
            }
            let separer = separateur.map_or(String::new(), |s| format!(", separer = {}", guillemets(s)));
            writeln!(
                t,
                "\n# Écrivez en face de chaque mot la valeur du standard ; \"\" pour dire qu’il n’en a pas."
            )?;
            if permises.len() <= 15 {
                writeln!(t, "# Valeurs de {} : {}.", champ.nom(), permises.join(", "))?;
            }
            writeln!(t, "[champs.{}]", champ.nom())?;
            writeln!(t, "colonne = {}", guillemets(&colonne.nom))?;
            if !separer.is_empty() {
                writeln!(t, "{}", separer.trim_start_matches(", "))?;
            }
            writeln!(t, "[champs.{}.traduction]", champ.nom())?;
            let mut tries: Vec<(&String, &u64)> = mots.iter().collect();
            tries.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let mut plies = std::collections::HashSet::new();
            for (mot, n) in tries.into_iter().take(DISTINCTES_MAX) {
                let plie = fold(mot);
                if !plies.insert(plie.clone()) {
                    continue;
                }
                let proposee = permises.iter().find(|p| fold(p) == plie).map_or("", String::as_str);
                writeln!(t, "{} = {}  # {n} fois", guillemets(mot), guillemets(proposee))?;
            }
        }
        Ok(())
    }
}

/// Whether the name of a column is that word, or holds it.
fn nomme(nom: &str, mot: &str, exact: bool) -> bool {
    let dernier = nom.rsplit('.').next().unwrap_or(nom);
    let plie = fold(dernier);
    if exact {
        return plie == mot || fold(nom) == mot;
    }
    // Short words are too common inside others.
    mot.len() > 2 && format!(" {plie} ").contains(&format!(" {mot} "))
}

/// Whether the values do not belie the name.
fn plausible(champ: Champ, c: &Colonne) -> bool {
    let nombre = |v: &str| v.replace(',', ".").parse::<f64>().is_ok();
    match champ {
        _ if c.remplies == 0 => false,
        // A column of one value tells no kind.
        _ if !valeurs(champ).is_empty() => c.distinctes.len() > 1,
        Champ::Id => c.trop || c.distinctes.values().all(|n| *n == 1),
        Champ::Latitude | Champ::Longitude => c.part(nombre) >= 80,
        Champ::CodePostal | Champ::CodeInsee => c.part(|v| (4..=5).contains(&v.len())) >= 80,
        Champ::Courriels => c.part(|v| v.contains('@')) >= 50,
        Champ::SiteWeb | Champ::PriseRdv | Champ::FicheAccesLibre => {
            c.part(|v| v.contains('.') && !v.contains('@')) >= 50
        }
        Champ::Telephone => c.part(|v| v.bytes().filter(u8::is_ascii_digit).count() >= 4) >= 50,
        Champ::Nom | Champ::Commune => c.part(nombre) < 50,
        Champ::Adresse => c.part(|v| v.contains('@')) < 50,
        _ => true,
    }
}

/// A TOML text between quotes.
fn guillemets(texte: &str) -> String {
    let net: String = texte
        .chars()
        .flat_map(|c| match c {
            '\\' => vec!['\\', '\\'],
            '"' => vec!['\\', '"'],
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect();
    format!("\"{net}\"")
}

#[cfg(test)]
mod tests {
    use super::super::correspondance::Correspondance;
    use super::*;

    #[test]
    fn a_draft_can_be_read_and_names_what_it_guessed() {
        let csv = "Réf;Libellé;Type;Ville;CP;Voie;Tel.;E-mail;Lat;Lng;Horaire lundi;Horaire mardi;Horaire mercredi;Wifi \"libre\"\n\
            A1;Médiathèque;Bibliothèque;Reims;51100;1 rue X;01 23 45 67 89;a@b.fr;49,25;4,03;9h-12h;;;oui\n\
            A2;Mairie;Mairie;Reims;51100;2 rue X;0123456780;c@d.fr;49,26;4,04;9h-12h;;14h-17h;non\n";
        let t = ebauche(std::io::Cursor::new(csv.as_bytes()), "Ville de Reims").unwrap();
        let lue = Correspondance::lit(&t).unwrap_or_else(|e| panic!("{e}\n{t}"));
        assert_eq!(lue.source, "Ville de Reims");
        for ligne in [
            "id = \"Réf\"",
            "nom = \"Libellé\"",
            "commune = \"Ville\"",
            "code_postal = \"CP\"",
            "adresse = \"Voie\"",
            "telephone = \"Tel.\"",
            "courriels = \"E-mail\"",
            "latitude = \"Lat\"",
            "lundi = \"Horaire lundi\"",
            "\"Bibliothèque\" = \"\"",
            "#   \"Wifi \\\"libre\\\"\" : non · oui",
        ] {
            assert!(t.contains(ligne), "{ligne}\n{t}");
        }
        assert!(ebauche(std::io::Cursor::new(b""), "x").is_err());
        let titre = "Recensement\n\nN°;Nom;Ville\n1;A;Reims\n2;B;Reims\n";
        let t = ebauche(std::io::Cursor::new(titre.as_bytes()), "x").unwrap();
        assert!(t.contains("entete = 2") && t.contains("commune = \"Ville\""), "{t}");
        let geojson = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[55.4,-20.8]},"properties":{"ID":1,"NOM":"A"}}]}"#;
        let t = ebauche(std::io::Cursor::new(geojson.as_bytes()), "x").unwrap();
        assert!(t.contains("ordre = \"lon,lat\"") && t.contains("nom = \"properties.NOM\""), "{t}");
    }

    proptest::proptest! {
        #[test]
        fn every_draft_is_a_mapping_that_can_be_read(
            noms in proptest::collection::vec("\\PC{1,12}", 1..6),
            valeurs in proptest::collection::vec("\\PC{0,12}|[0-9]{5}|a@b\\.fr", 6),
        ) {
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(&noms).unwrap();
            csv.write_record(&valeurs[..noms.len()]).unwrap();
            let octets = csv.into_inner().unwrap();
            if let Ok(t) = ebauche(std::io::Cursor::new(octets), "S") {
                // The name may be missing: a person completes it. All else can be read.
                if let Err(e) = Correspondance::lit(&t) {
                    proptest::prop_assert!(!e.contains("TOML"), "{}\n{}", e, t);
                }
            }
        }
    }
}
