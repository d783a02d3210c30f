//! What a session leaves in writing: the letter of a decision, the agenda, the minutes. What they say is said once, in
//! pieces that both the page and the PDF show.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::calendrier::{en_lettres, en_lettres_avec_heure, jour_en_lettres};
use platform::Site;
use platform::documents::{Acte, Bloc, Colonne, Document, Emetteur, Lettre, Tableau};

use super::model::{Copie, Decision, Enveloppe, EtatSeance, Niveau, Seance, Verdict};
use crate::demandes::model::{Demande, Genre};
use crate::demandes::reference::Famille;

/// Who decides, as letters and minutes name it.
const COMITE: &str = "Comité de sélection des conseillers numériques";

fn n_postes(n: u32) -> String {
    kernel::text::compte(u64::from(n), "poste", "postes")
}

/// The letter of a decision.
pub(super) fn lettre(site: &Site, d: &Demande, decision: &Decision, dossier: &Dossier) -> Lettre {
    let c = &d.contact;
    let mut destinataire =
        vec![d.nom.clone(), format!("À l’attention de {} {}, {}", c.prenom, c.nom, c.fonction)];
    destinataire.push(if dossier.adresse.is_empty() { d.commune.1.clone() } else { dossier.adresse.clone() });
    Lettre {
        emetteur: Emetteur::new(site, COMITE),
        destinataire,
        date: format!("Le {}", en_lettres(&decision.le)),
        objet: format!("Décision sur votre demande {}", d.reference()),
        reference: d.reference(),
        appel: "Madame, Monsieur,".to_owned(),
        corps: corps(d, decision, dossier),
        signature: vec!["Le comité de sélection".to_owned(), "des conseillers numériques".to_owned()],
    }
}

/// What is known, beside the demande and its decision, of a structure that is written to.
#[derive(Clone, Debug, Default)]
pub(super) struct Dossier {
    /// Street, code postal and commune on one line; empty when it is not known.
    pub(super) adresse: String,
    /// Whether it is public or private, when its legal category tells.
    pub(super) famille: Option<Famille>,
    /// Numbers of the posts that were granted.
    pub(super) postes: Vec<String>,
    /// The day from which these posts may be taken back when nobody holds them.
    pub(super) echeance: Option<NaiveDate>,
}

/// What the letter says, between the greeting and the signature.
pub(super) fn corps(d: &Demande, decision: &Decision, dossier: &Dossier) -> Vec<Bloc> {
    let genre = d.objet.genre();
    let mut blocs = vec![Bloc::texte(format!(
        "Vous avez déposé une demande le {} : {}, {}. Le comité de sélection l’a examinée.",
        en_lettres(&d.deposee_le),
        genre.nom().to_lowercase(),
        n_postes(d.objet.postes())
    ))];
    match &decision.verdict {
        Verdict::Accord { postes } => {
            let n = n_postes(*postes);
            blocs.push(Bloc::fort(match genre {
                Genre::Retrait => format!("Il accepte que vous rendiez {n}."),
                Genre::Transfert => format!("Il accepte le transfert de {n}."),
                _ => format!("Il vous accorde {n}."),
            }));
            commentaire(decision, &mut blocs);
            if genre.cree_des_postes() {
                suites(d, dossier, &mut blocs);
            }
        }
        Verdict::Refus { criteres } => {
            blocs.push(Bloc::fort("Il ne peut pas l’accorder."));
            blocs.push(Bloc::texte("Sa décision se fonde sur :"));
            blocs.push(Bloc::Liste { points: criteres.iter().map(|c| c.nom().to_owned()).collect() });
            commentaire(decision, &mut blocs);
            // Code de justice administrative, R. 421-1 and R. 421-5: without these words, the delay does not run.
            blocs.push(Bloc::texte(
                "Vous pouvez contester cette décision dans les deux mois qui suivent la réception de cette lettre : en \
                 écrivant au comité pour qu’il l’examine de nouveau, ou en saisissant le tribunal administratif, par \
                 courrier ou sur www.telerecours.fr.",
            ));
        }
        Verdict::Complement { attendu } => {
            blocs.push(Bloc::fort("Il a besoin de précisions avant de décider :"));
            blocs.push(Bloc::texte(attendu.clone()));
        }
    }
    blocs.push(Bloc::texte(format!(
        "Pour toute question, écrivez à la préfecture de votre département en rappelant le numéro {}.",
        d.reference()
    )));
    blocs
}

/// The comment of a decision; that of a further look is what is expected, said already.
fn commentaire(decision: &Decision, blocs: &mut Vec<Bloc>) {
    if !decision.notes.commentaire.trim().is_empty() {
        blocs.push(Bloc::texte(decision.notes.commentaire.clone()));
    }
}

/// What a structure that was granted posts has to do. The papers are those of the convention (domain, 3.7).
fn suites(d: &Demande, dossier: &Dossier, blocs: &mut Vec<Bloc>) {
    match dossier.postes.as_slice() {
        [] => {}
        [un] => blocs.push(Bloc::texte(format!("Ce poste porte le numéro {un}."))),
        plusieurs => {
            blocs.push(Bloc::texte(format!("Ces postes portent les numéros {}.", plusieurs.join(", "))));
        }
    }
    blocs.push(Bloc::titre("Ce qu’il vous reste à faire"));
    blocs.push(Bloc::Liste {
        points: vec![
            format!(
                "Ouvrez l’espace de votre structure : l’invitation est envoyée à {}.",
                d.contact.courriel
            ),
            "Rencontrez des candidats, choisissez, puis saisissez le contrat dans cet espace.".to_owned(),
            match dossier.echeance {
                Some(le) => format!(
                    "Recrutez avant le {} : au-delà, un poste vacant peut être repris.",
                    jour_en_lettres(le)
                ),
                None => "Recrutez sans tarder : un poste resté vacant peut être repris.".to_owned(),
            },
            "Préparez les pièces de la convention, ci-dessous.".to_owned(),
        ],
    });
    let publiques = [
        "l’acte qui désigne la personne à la tête de la structure",
        "sa pièce d’identité",
        "un avis de situation Sirene de moins de trois mois",
        "un relevé d’identité bancaire",
    ];
    let privees = [
        "la pièce d’identité de la présidente ou du président",
        "la liste signée des membres du conseil d’administration",
        "les statuts",
        "le procès-verbal de l’assemblée générale",
        "les derniers comptes certifiés",
        "un avis de situation Sirene de moins de trois mois",
        "un relevé d’identité bancaire",
    ];
    let points = |l: &[&str]| Bloc::Liste { points: l.iter().map(|p| (*p).to_owned()).collect() };
    match dossier.famille {
        Some(Famille::Publique) => blocs.extend([Bloc::texte("Pièces à réunir :"), points(&publiques)]),
        Some(Famille::Privee) => blocs.extend([Bloc::texte("Pièces à réunir :"), points(&privees)]),
        None => blocs.extend([
            Bloc::texte("Pièces à réunir par un organisme public :"),
            points(&publiques),
            Bloc::texte("Pièces à réunir par une structure privée :"),
            points(&privees),
        ]),
    }
}

fn avis(c: &Copie) -> String {
    if c.avis.is_empty() {
        return "aucun".to_owned();
    }
    let mut dit = c.avis.clone();
    if c.avis_postes > 0 {
        dit.push_str(&format!(" ({})", c.avis_postes));
    }
    if c.accord_principe {
        dit.push_str(", accord de principe");
    }
    dit
}

fn acte(site: &Site, s: &Seance, (titre, corps): (&str, Vec<Bloc>), signature: Vec<String>) -> Document {
    Document::Acte(Acte {
        emetteur: Emetteur::new(site, COMITE),
        titre: format!("{titre} de la séance {}", s.numero),
        sous_titre: format!("Séance du {}", jour_en_lettres(s.jour)),
        reference: format!("{titre} de la séance {}", s.numero),
        paysage: true,
        corps,
        signature,
    })
}

/// What the committee will look at, or looked at: the list, and what is left in the enveloppes of its territories.
/// `noms` gives the territory of an enveloppe.
pub(super) fn ordre_du_jour(
    site: &Site,
    s: &Seance,
    lignes: &[Copie],
    enveloppes: &[(String, Enveloppe)],
) -> Document {
    let postes: u32 = lignes.iter().map(|c| c.postes).sum();
    let nombre = u64::try_from(lignes.len()).unwrap_or(0);
    let etat = match &s.etat {
        EtatSeance::Preparation => "Liste provisoire : elle peut encore changer.".to_owned(),
        EtatSeance::Ouverte { gelee_le, .. } | EtatSeance::Close { gelee_le, .. } => {
            format!("Liste figée le {}.", en_lettres_avec_heure(gelee_le))
        }
    };
    let mut corps = vec![
        Bloc::texte(s.ordre_du_jour.clone()),
        Bloc::texte(etat),
        Bloc::titre("Demandes à examiner"),
        Bloc::texte(format!(
            "{}, {} en tout.",
            kernel::text::compte(nombre, "demande", "demandes"),
            n_postes(postes)
        )),
    ];
    if !lignes.is_empty() {
        corps.push(Bloc::Tableau(Tableau {
            legende: "Demandes, dans l’ordre de l’examen".to_owned(),
            colonnes: vec![
                Colonne::mots("Demande", 5),
                Colonne::mots("Structure", 13),
                Colonne::mots("Commune", 10),
                Colonne::mots("Objet", 8),
                Colonne::nombres("Postes", 4),
                Colonne::mots("Avis de la préfecture", 10),
                Colonne::mots("Zonages", 9),
            ],
            lignes: lignes
                .iter()
                .map(|c| {
                    vec![
                        c.reference.clone(),
                        c.structure.clone(),
                        format!("{} ({})", c.commune, c.departement),
                        c.genre.clone(),
                        c.postes.to_string(),
                        avis(c),
                        c.zonages.join(", "),
                    ]
                })
                .collect(),
        }));
    }
    if !enveloppes.is_empty() {
        corps.push(Bloc::titre("Enveloppes"));
        corps.push(Bloc::Tableau(Tableau {
            legende: "Enveloppes des territoires de la liste".to_owned(),
            colonnes: vec![
                Colonne::mots("Territoire", 12),
                Colonne::nombres("Postes", 4),
                Colonne::nombres("Accordés", 4),
                Colonne::nombres("Reste", 4),
            ],
            lignes: enveloppes
                .iter()
                .map(|(nom, e)| {
                    vec![nom.clone(), e.postes.to_string(), e.accordes.to_string(), e.reste().to_string()]
                })
                .collect(),
        }));
    }
    acte(site, s, ("Ordre du jour", corps), Vec::new())
}

/// What a closed session decided.
pub(super) fn proces_verbal(
    site: &Site,
    s: &Seance,
    (gelee_le, empreinte, close_le): (&DateTime<Utc>, &str, &DateTime<Utc>),
    lignes: &[(Copie, Option<Decision>)],
) -> Document {
    let compte = |cle: Option<&str>| {
        lignes.iter().filter(|(_, d)| d.as_ref().map(|d| d.verdict.cle()) == cle).count().to_string()
    };
    let faits = [
        ("Liste figée le", en_lettres_avec_heure(gelee_le)),
        ("Empreinte de la liste (SHA-256)", empreinte.to_owned()),
        ("Séance close le", en_lettres_avec_heure(close_le)),
        ("Demandes examinées", lignes.len().to_string()),
        ("Accords", compte(Some("accord"))),
        ("Refus", compte(Some("refus"))),
        ("Examens complémentaires", compte(Some("complement"))),
        ("Demandes reportées à une autre séance", compte(None)),
        ("Postes accordés, rendus ou transférés", accordes(lignes).to_string()),
    ];
    let corps = vec![
        Bloc::titre("Ordre du jour"),
        Bloc::texte(s.ordre_du_jour.clone()),
        Bloc::titre("Liste examinée et résultat"),
        Bloc::Faits { faits: faits.into_iter().map(|(n, v)| (n.to_owned(), v)).collect() },
        Bloc::titre("Décisions"),
        Bloc::Tableau(Tableau {
            legende: "Décisions du comité, dans l’ordre de la liste".to_owned(),
            colonnes: vec![
                Colonne::mots("Demande", 5),
                Colonne::mots("Structure", 12),
                Colonne::mots("Commune", 10),
                Colonne::mots("Objet", 8),
                Colonne::nombres("Postes demandés", 6),
                Colonne::mots("Avis de la préfecture", 9),
                Colonne::mots("Décision", 15),
            ],
            lignes: lignes.iter().map(|(c, d)| ligne(c, d.as_ref())).collect(),
        }),
    ];
    let signature =
        vec!["Pour le comité de sélection,".to_owned(), "la présidente ou le président".to_owned()];
    acte(site, s, ("Procès-verbal", corps), signature)
}

fn ligne(c: &Copie, d: Option<&Decision>) -> Vec<String> {
    let decision = match d {
        None => "Reportée à une autre séance".to_owned(),
        Some(d) => d.au_proces_verbal(),
    };
    vec![
        c.reference.clone(),
        c.structure.clone(),
        format!("{} ({})", c.commune, c.departement),
        c.genre.clone(),
        c.postes.to_string(),
        avis(c),
        decision,
    ]
}

/// Posts that a session granted, took back or moved.
pub(super) fn accordes(lignes: &[(Copie, Option<Decision>)]) -> u32 {
    let postes = |d: &Option<Decision>| match d.as_ref().map(|d| &d.verdict) {
        Some(Verdict::Accord { postes }) => *postes,
        _ => 0,
    };
    lignes.iter().map(|(_, d)| postes(d)).sum()
}

/// The name of the territory of an enveloppe.
pub(super) fn territoire(t: &annuaire::territoires::Territoires, e: &Enveloppe) -> String {
    let nom = match e.niveau {
        Niveau::Pays => Some("France entière".to_owned()),
        Niveau::Region => {
            kernel::CodeRegion::parse(&e.code).and_then(|c| t.region(&c).map(|r| r.nom.clone()))
        }
        Niveau::Departement => kernel::CodeDepartement::parse(&e.code)
            .and_then(|c| t.departement(&c).map(|d| format!("{} ({})", d.nom, d.code))),
    };
    nom.unwrap_or_else(|| e.code.clone())
}
