//! Why a mandat is not made, or not believed: one plain sentence each.

use super::ligne::LigneRefusee;

/// Why a mandat is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refus {
    /// Over 64 KiB.
    #[error("Ce fichier est trop long pour un mandat (plus de 64 Kio).")]
    TropLong,
    /// Not JSON, or a member given twice.
    #[error("Ce fichier n’est pas un mandat : il n’est pas du JSON, ou un champ y est écrit deux fois.")]
    Illisible,
    /// Other JSON.
    #[error("Ce fichier n’est pas un mandat.")]
    Nature,
    /// The same meaning, perhaps, but other bytes.
    #[error(
        "Ce fichier a été réécrit depuis qu’il a été signé, par un logiciel ou par une personne : demandez le fichier d’origine."
    )]
    Reecrit,
    /// The key that the file carries is not the one that it names.
    #[error("La clé écrite dans ce fichier n’est pas celle qu’il nomme : il a été changé.")]
    Cle,
    /// None of the keys given has that name.
    #[error(
        "Aucune des clés données n’est celle de ce mandat ({0}). Vérifiez que ce sont celles du site qui l’a fait, prises à son adresse /jwks/mandats."
    )]
    CleInconnue(String),
    /// The signature is of other bytes, or of another key.
    #[error(
        "La signature ne correspond pas : le mandat a été changé après sa signature, ou n’a pas été signé par cette clé."
    )]
    Signature,
    /// A format of tomorrow.
    #[error(
        "Ce mandat est écrit dans la version {0} du format, que ce programme ne connaît pas : mettez-le à jour."
    )]
    Version(u64),
    /// Signed, and yet no mandat.
    #[error("Ce fichier est signé, mais ce qu’il contient n’est pas un mandat.")]
    Structure,
    /// A line that a document may not hold.
    #[error("{champ} {pourquoi}.")]
    Ligne {
        /// The field, as the subject of the sentence.
        champ: &'static str,
        /// What is wrong.
        pourquoi: LigneRefusee,
    },
    /// A code or a number that has not the shape of its register.
    #[error("Le numéro de l’organisation, le pays ou la commune de naissance n’ont pas la forme attendue.")]
    Numeros,
    /// The two forms of the date of birth disagree, or it is no date.
    #[error("La date de naissance n’est pas une date, ou ses deux écritures ne disent pas la même chose.")]
    Naissance,
    /// None, twice the same, in disorder, or not of the catalogue.
    #[error("Les démarches ne sont pas celles que prévoit la liste de ce jour-là, ou il n’y en a aucune.")]
    Demarches,
    /// A text that we did not publish.
    #[error("Ce mandat renvoie à un texte que ce programme ne connaît pas : mettez-le à jour.")]
    Texte,
    /// Before the first text.
    #[error("Aucun texte de mandat n’est en vigueur ce jour-là.")]
    SansTexte,
    /// Dates that do not follow one another.
    #[error("Les dates de ce mandat ne se suivent pas, ou sa durée ne correspond pas à sa fin.")]
    Dates,
    /// An identity taken from no mandat, or a mandat that renews itself.
    #[error("Ce mandat ne dit pas bien quel mandat il renouvelle.")]
    Renouvelle,
    /// The key of the instance does not sign.
    #[error("La clé du site ne peut pas signer ce mandat : il faut une clé ES256.")]
    Signer,
}
