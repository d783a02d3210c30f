//! The messages of contacts, to both sides. The structure reads a number, and no name, before the person agreed.

use annuaire::structures::StructureVue;
use chrono::{DateTime, NaiveDate, Utc};
use identity::secrets::link::Secret;
use platform::Site;
use platform::mail::{Genre, Portee};

use crate::courriels::Texte;
use crate::exemples;
use crate::ids::RelationId;

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[
    &PROPOSE,
    &REPONDU,
    &RETIRE,
    &FERME,
    &POURVU,
    &SANS_SUITE,
    &CRENEAUX,
    &CRENEAU_CHOISI,
    &SANS_POSTE,
    &RENCONTRE,
    &RENCONTRE_ACCEPTEE,
];

const STRUCTURE: &str = "Le premier contact de la structure";
const PERSONNE: &str = "La personne qui a une candidature";

/// Where the space of a candidat lists who contacted them.
const CONTACTS: &str = "/mon-espace/contacts";

fn contact(site: &Site, id: RelationId) -> String {
    site.url(&format!("/conseillers/contacts/{id}"))
}

static PROPOSE: Genre = Genre {
    cle: "contact.propose",
    nom: "Une structure souhaite vous rencontrer",
    occasion: "Une structure contacte une personne",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(propose(site, &exemples::structure()?, exemples::jour(7)?).a_une_personne(
            site,
            a,
            exemples::PRENOM,
        ))
    },
};

/// A structure asks; the answer is due by that day.
pub(super) fn propose(site: &Site, s: &StructureVue, avant: NaiveDate) -> Texte {
    let p = [
        format!(
            "La structure {} ({}) souhaite vous rencontrer pour un poste de conseiller numérique.",
            s.nom, s.commune.nom
        ),
        format!(
            "Répondez avant le {} au soir. Elle ne voit ni votre nom, ni vos coordonnées, ni votre CV tant que vous n’avez pas accepté.",
            kernel::calendrier::jour_en_lettres(avant)
        ),
        site.url(CONTACTS),
    ];
    Texte::new(&PROPOSE, "une structure souhaite vous rencontrer", p)
}

static REPONDU: Genre = Genre {
    cle: "contact.repondu",
    nom: "Une personne a répondu à votre contact",
    occasion: "La personne contactée accepte ou décline",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(repondu(site, &exemples::structure()?, exemples::RELATION, true).a_tous(site, a)),
};

/// The person answered.
pub(super) fn repondu(site: &Site, s: &StructureVue, id: RelationId, oui: bool) -> Texte {
    let mot = if oui { "a accepté" } else { "a décliné" };
    let dit = format!("Une personne que vous avez contactée {mot} ({}).", s.nom);
    Texte::new(&REPONDU, format!("une personne {mot} votre contact"), [dit, contact(site, id)])
}

static RETIRE: Genre = Genre {
    cle: "contact.accord_retire",
    nom: "Une personne retire son accord",
    occasion: "La personne reprend l’accord qu’elle avait donné",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(retire(site, &exemples::structure()?, exemples::RELATION).a_tous(site, a)),
};

/// The person took their agreement back.
pub(super) fn retire(site: &Site, s: &StructureVue, id: RelationId) -> Texte {
    let dit = format!(
        "Une personne que vous aviez contactée retire son accord ({}). Son nom, ses coordonnées et son CV ne se lisent plus.",
        s.nom
    );
    Texte::new(&RETIRE, "une personne retire son accord", [dit, contact(site, id)])
}

static FERME: Genre = Genre {
    cle: "contact.ferme",
    nom: "Un contact se ferme",
    occasion: "La personne prend un poste ailleurs, se met en pause, change de zone ou retire sa candidature",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| {
        Some(
            ferme(site, &exemples::structure()?, "CA-1042", "La personne a pris un poste ailleurs.")
                .a_tous(site, a),
        )
    },
};

/// A contact ends from the side of the person.
pub(super) fn ferme(site: &Site, s: &StructureVue, qui: &str, motif: &str) -> Texte {
    let p = [
        format!("Votre contact avec la personne {qui} ({}) se ferme. {motif}", s.nom),
        "Vous pouvez en contacter une autre :".to_owned(),
        site.url("/conseillers/candidats-a-rencontrer"),
    ];
    Texte::new(&FERME, "un contact se ferme", p)
}

static POURVU: Genre = Genre {
    cle: "contact.pourvu",
    nom: "Le poste est pourvu",
    occasion: "La structure a recruté une autre personne, et n’a plus de poste libre",
    lecteur: PERSONNE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(pourvu(site, &exemples::structure()?).a_une_personne(site, a, exemples::PRENOM)),
};

/// The structure has no free post left.
pub(super) fn pourvu(site: &Site, s: &StructureVue) -> Texte {
    let dit = format!(
        "Le poste pour lequel la structure {} vous avait contacté est pourvu. Votre candidature reste visible des autres \
         structures.",
        s.nom
    );
    Texte::new(&POURVU, "le poste est pourvu", [dit, site.url(CONTACTS)])
}

static SANS_SUITE: Genre = Genre {
    cle: "contact.sans_suite",
    nom: "Une structure ne donne pas suite",
    occasion: "Une structure écarte une personne qui avait accepté",
    lecteur: PERSONNE,
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| {
        Some(sans_suite(site, &exemples::structure()?).a_une_personne(site, a, exemples::PRENOM))
    },
};

/// The structure puts aside somebody who had agreed.
pub(super) fn sans_suite(site: &Site, s: &StructureVue) -> Texte {
    let dit = format!(
        "La structure {} ne donne pas suite à votre contact. Votre candidature reste visible des autres.",
        s.nom
    );
    Texte::new(&SANS_SUITE, "une structure ne donne pas suite", [dit, site.url(CONTACTS)])
}

static CRENEAUX: Genre = Genre {
    cle: "contact.creneaux",
    nom: "Choisissez un créneau d’entretien",
    occasion: "Une structure propose des créneaux d’entretien",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(creneaux(site, &exemples::structure()?).a_une_personne(site, a, exemples::PRENOM)),
};

/// The structure offers times for an interview.
pub(super) fn creneaux(site: &Site, s: &StructureVue) -> Texte {
    let dit = format!(
        "La structure {} vous propose des créneaux d’entretien. Choisissez celui qui vous convient :",
        s.nom
    );
    Texte::new(&CRENEAUX, "choisissez un créneau d’entretien", [dit, site.url(CONTACTS)])
}

static CRENEAU_CHOISI: Genre = Genre {
    cle: "contact.creneau_choisi",
    nom: "Un créneau d’entretien est choisi",
    occasion: "La personne choisit un créneau",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(
            creneau_choisi(site, &exemples::structure()?, exemples::RELATION, site.clock.now())
                .a_tous(site, a),
        )
    },
};

/// The person chose a time.
pub(super) fn creneau_choisi(site: &Site, s: &StructureVue, id: RelationId, le: DateTime<Utc>) -> Texte {
    let dit =
        format!("L’entretien est fixé au {} ({}).", kernel::calendrier::en_lettres_avec_heure(&le), s.nom);
    Texte::new(&CRENEAU_CHOISI, "un créneau d’entretien est choisi", [dit, contact(site, id)])
}

static SANS_POSTE: Genre = Genre {
    cle: "contact.structure_sans_poste",
    nom: "La structure n’a plus de poste",
    occasion: "Une structure rend son dernier poste : ses contacts ouverts se ferment",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(sans_poste(site, &exemples::structure()?).a_une_personne(site, a, exemples::PRENOM))
    },
};

/// The structure has no post left: an open contact closes.
pub(super) fn sans_poste(site: &Site, s: &StructureVue) -> Texte {
    let p = [
        format!(
            "La structure {} n’a plus de poste de conseiller numérique : votre contact avec elle se ferme, et elle ne voit \
             plus qui vous êtes. Votre candidature reste visible des autres.",
            s.nom
        ),
        site.url(CONTACTS),
    ];
    Texte::new(&SANS_POSTE, "un contact se ferme", p)
}

static RENCONTRE: Genre = Genre {
    cle: "contact.rencontre",
    nom: "Une structure dit vous avoir rencontré",
    occasion: "Une structure invite, par son adresse, une personne rencontrée ailleurs",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let lien = Secret::new(&site.chance);
        Some(rencontre(site, &exemples::structure()?, &lien).a_une_personne(site, a, exemples::PRENOM))
    },
};

/// A structure met the person elsewhere: the link by which they agree.
pub(super) fn rencontre(site: &Site, s: &StructureVue, lien: &Secret) -> Texte {
    let p = [
        format!("La structure {} ({}) dit vous avoir rencontré, et souhaite continuer avec vous.", s.nom, s.commune.nom),
        "Si vous êtes d’accord, ouvrez cette page, connectez-vous et acceptez : elle verra votre nom, vos coordonnées et \
         votre CV. Sinon, ignorez ce message : elle n’apprendra rien, pas même que vous êtes candidat."
            .to_owned(),
        site.url(&format!("/mon-espace/rencontre/{}", lien.expose())),
        "Le lien sert pendant quatorze jours.".to_owned(),
    ];
    Texte::new(&RENCONTRE, "une structure dit vous avoir rencontré", p)
}

static RENCONTRE_ACCEPTEE: Genre = Genre {
    cle: "contact.rencontre_acceptee",
    nom: "Une personne rencontrée ailleurs accepte",
    occasion: "La personne invitée par son adresse a accepté le contact",
    lecteur: STRUCTURE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let id = RelationId::new(&site.clock, &site.chance);
        Some(rencontre_acceptee(site, &exemples::structure()?, id).a_tous(site, a))
    },
};

/// The person met elsewhere agreed.
pub(super) fn rencontre_acceptee(site: &Site, s: &StructureVue, id: RelationId) -> Texte {
    let p = [
        format!("Une personne que vous avez rencontrée a accepté votre contact ({}).", s.nom),
        contact(site, id),
    ];
    Texte::new(&RENCONTRE_ACCEPTEE, "une personne a accepté votre contact", p)
}
