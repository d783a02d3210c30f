//! A mandat on paper: the document drawn as it was signed, two frames for signatures, a QR code for whoever must believe
//! it, and a page that is easy to read. Nothing here knows more than the signed bytes and the dated texts.

use chrono::{DateTime, Utc};
use platform::Site;
use platform::documents::{Acte, Bloc, Document, Emetteur};

use super::model::{Autorisation, Fin, Mandat};
use crate::Mandats;
use crate::document::{self, Consentement, Contenu, Refus, Signe};
use crate::usagers::Usager;

/// How it is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Presentation {
    /// For most people.
    Courante,
    /// In large print.
    Grande,
}

impl Presentation {
    /// The one of that key; the usual one otherwise.
    pub(crate) fn from_cle(cle: &str) -> Self {
        if cle == "grand" { Self::Grande } else { Self::Courante }
    }
}

/// The print of a mandat.
///
/// # Errors
/// A text that was never published.
pub(crate) fn mandat(site: &Site, signe: &Signe, presentation: Presentation) -> Result<Document, Refus> {
    let contenu = signe.contenu();
    let dessin = contenu.dessine()?;
    let mut corps = Vec::new();
    for partie in &dessin.parties {
        corps.push(Bloc::titre(&partie.titre));
        let mut points = Vec::new();
        for bloc in &partie.blocs {
            match bloc {
                document::Bloc::Point(p) => points.push(p.clone()),
                document::Bloc::Alinea(a) => {
                    if !points.is_empty() {
                        corps.push(Bloc::Liste { points: std::mem::take(&mut points) });
                    }
                    corps.push(Bloc::texte(a));
                }
            }
        }
        if !points.is_empty() {
            corps.push(Bloc::Liste { points });
        }
    }
    let aidant = format!("{} {}", contenu.aidant.prenom, contenu.aidant.nom);
    let personne = format!("{} {}", contenu.usager.prenoms, contenu.usager.nom);
    let (accord, atteste) = dates(contenu);
    corps.push(Bloc::Cadres {
        cadres: vec![
            ("La personne aidée".to_owned(), vec![personne, accord]),
            ("Pour l’organisation, l’aidant".to_owned(), vec![aidant, atteste]),
        ],
    });
    let adresse = document::adresse(&site.config.serveur.origine, signe);
    corps.push(Bloc::titre("Vérifier ce mandat"));
    corps.push(Bloc::texte(
        "Cette page dit s’il est authentique et s’il est en cours. Elle ne dit rien de la personne.",
    ));
    if let Some(svg) = platform::web::qr::svg(&adresse) {
        corps.push(Bloc::Image { svg, description: format!("QR code de l’adresse {adresse}"), cote: 34 });
    }
    corps.push(Bloc::Faits {
        faits: vec![
            ("Adresse".to_owned(), adresse.split('?').next().unwrap_or_default().to_owned()),
            ("Empreinte".to_owned(), signe.empreinte().court()),
        ],
    });
    corps.push(Bloc::Page);
    corps.extend(facile(signe));
    let acte = Acte {
        emetteur: Emetteur::new(site, &contenu.organisation.nom),
        titre: dessin.titre,
        sous_titre: String::new(),
        reference: format!("Mandat n° {}", contenu.numero),
        paysage: false,
        corps,
        signature: Vec::new(),
    };
    Ok(match presentation {
        Presentation::Courante => Document::Acte(acte),
        Presentation::Grande => Document::Grand(acte),
    })
}

/// What stands in the two frames under the names: a line to be dated by hand, or when each agreed from afar.
fn dates(contenu: &Contenu) -> (String, String) {
    match &contenu.consentement {
        Consentement::Distance { canal, reponse, atteste, .. } if !contenu.sur_papier() => (
            format!("Accord donné par {}, le {}", canal.en_mots(), reponse.en_lettres()),
            format!("Attesté le {}", atteste.en_lettres()),
        ),
        _ => ("Lu et approuvé, le :".to_owned(), "Le :".to_owned()),
    }
}

/// The page that is easy to read: short sentences, one idea each. It explains the mandat, and does not replace it.
fn facile(signe: &Signe) -> Vec<Bloc> {
    let c = signe.contenu();
    let points = c.demarches.iter().map(|d| d.titre.clone()).collect();
    vec![
        Bloc::titre("Votre mandat, facile à lire"),
        Bloc::fort("Cette page explique le mandat. Le mandat lui-même est sur les pages d’avant."),
        Bloc::titre("Ce que vous permettez"),
        Bloc::texte(format!("Vous permettez à {} de faire des démarches pour vous.", c.organisation.nom)),
        Bloc::texte("Voici ces démarches :"),
        Bloc::Liste { points },
        Bloc::texte("L’organisation ne fait rien d’autre."),
        Bloc::titre("Jusqu’à quand"),
        Bloc::texte(format!("Le mandat finit tout seul le {}.", c.jusqu_au.jour())),
        Bloc::titre("Vous pouvez changer d’avis"),
        Bloc::Liste {
            points: vec![
                "Vous pouvez arrêter le mandat quand vous voulez.".to_owned(),
                "Vous le dites à l’aidant. Vous n’avez pas à dire pourquoi.".to_owned(),
                "C’est gratuit.".to_owned(),
            ],
        },
        Bloc::titre("Vos secrets"),
        Bloc::Liste {
            points: vec![
                "Ne donnez jamais vos mots de passe.".to_owned(),
                "L’aidant doit garder le secret.".to_owned(),
                "Chaque démarche est notée. Vous pouvez demander la liste.".to_owned(),
            ],
        },
    ]
}

/// The certificate of what was revoked of a mandat, dated of the last revocation; none when nothing was.
pub(super) fn attestation(
    m: &Mandats,
    (mandat, autorisations): (&Mandat, &[Autorisation]),
    usager: &Usager,
    organisation: &str,
) -> Option<(Document, DateTime<Utc>)> {
    let jour = m.jour();
    let mut points = Vec::new();
    let mut dernier: Option<DateTime<Utc>> = None;
    for a in autorisations {
        if let Some(Fin::Revoquee { le, .. }) = &a.fin {
            let titre = super::actions::titres([a.demarche.as_str()], jour).join("");
            points.push(format!("{titre} : {}", kernel::calendrier::en_lettres_avec_heure(le)));
            dernier = dernier.max(Some(*le));
        }
    }
    let le = dernier?;
    let reste = autorisations.iter().filter(|a| a.fin.is_none()).count();
    let suite = if reste == 0 {
        "Il ne reste rien de ce mandat : l’organisation ne peut plus agir au nom de la personne avec lui."
    } else {
        "Les autres démarches de ce mandat ne sont pas révoquées."
    };
    let i = &usager.identite;
    let acte = Acte {
        emetteur: Emetteur::new(&m.site, organisation),
        titre: "Attestation de révocation".to_owned(),
        sous_titre: format!("Mandat n° {}", mandat.numero),
        reference: format!("Mandat n° {}", mandat.numero),
        paysage: false,
        corps: vec![
            Bloc::texte(format!(
                "{}, {}, avait donné ce mandat à {organisation} le {}.",
                i.nom_complet(),
                i.nee(),
                kernel::calendrier::en_lettres(&mandat.cree_le)
            )),
            Bloc::texte("Ces démarches sont révoquées, depuis :"),
            Bloc::Liste { points },
            Bloc::texte(suite),
            Bloc::texte("Ce qui a été fait avant reste valable."),
            Bloc::Cadres {
                cadres: vec![
                    ("La personne".to_owned(), vec![i.nom_complet(), "Le :".to_owned()]),
                    ("Pour l’organisation".to_owned(), vec![organisation.to_owned(), "Le :".to_owned()]),
                ],
            },
        ],
        signature: Vec::new(),
    };
    Some((Document::Acte(acte), le))
}
