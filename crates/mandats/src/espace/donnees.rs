//! What a person takes away, as text that anybody reads.

use kernel::Telephone;
use kernel::calendrier::{en_lettres, en_lettres_avec_heure};

use super::actions::Donnees;

/// As people write numbers.
fn lisible(numero: &str) -> String {
    Telephone::parse(numero).map_or_else(|| numero.to_owned(), |t| t.lisible())
}

/// The same as the JSON, but for the signed files, which the JSON holds.
pub(super) fn texte(d: &Donnees) -> String {
    let i = &d.identite;
    let mut t = format!(
        "MES DONNÉES\nEmportées le {}\n\nQUI JE SUIS\n{}, {}\nConnu du service depuis le {}\nCourriel : {}\nTéléphone : {}\n",
        en_lettres_avec_heure(&d.emporte_le),
        i.nom_complet(),
        i.nee(),
        en_lettres(&d.connu_depuis),
        d.courriel.as_deref().unwrap_or("aucun"),
        d.telephone.as_deref().map_or_else(|| "aucun".to_owned(), lisible),
    );
    t.push_str("\nMES MANDATS\n");
    if d.mandats.is_empty() {
        t.push_str("Aucun.\n");
    }
    for m in &d.mandats {
        let comment = if m.a_distance { "à distance" } else { "en présence" };
        t.push_str(&format!(
            "\nMandat {}\nDonné à {}, {comment}, le {}, jusqu’au {}\n",
            m.numero,
            m.organisation,
            en_lettres(&m.cree_le),
            en_lettres(&m.expire_le)
        ));
        for a in &m.autorisations {
            t.push_str(&format!(
                "- {} : {}, jusqu’au {}\n",
                a.demarche,
                a.etat.to_lowercase(),
                en_lettres(&a.finit_le)
            ));
        }
    }
    t.push_str("\nCE QUI A ÉTÉ FAIT EN MON NOM\n");
    if d.utilisations.is_empty() {
        t.push_str("Rien.\n");
    }
    for u in &d.utilisations {
        let quand = en_lettres_avec_heure(&u.quand);
        t.push_str(&format!("- {quand} : {}, par {}, pour {}\n", u.demarche, u.organisation, u.service));
    }
    t.push_str("\nQUI A FAIT QUOI\n");
    for trace in &d.journal {
        let mandat =
            if trace.mandat.is_empty() { String::new() } else { format!(" (mandat {})", trace.mandat) };
        t.push_str(&format!(
            "- {} : {}{mandat}, par {}\n",
            en_lettres_avec_heure(&trace.le),
            trace.quoi,
            trace.qui
        ));
    }
    t
}
