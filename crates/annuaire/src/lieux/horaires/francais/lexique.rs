//! The words of opening hours.

mod jours;
mod liens;
mod periodes;
mod qualites;

/// A half of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Demi {
    Matin,
    Midi,
    Aprem,
    Soir,
    Journee,
}

/// What a piece of the text means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sens {
    /// A time, in minutes since midnight.
    Heure(u16),
    /// A number alone, which may be an hour or a day of the month.
    Nombre(u16),
    /// A year.
    Annee(u16),
    /// A whole date: year if given, month, day.
    Date(Option<u16>, u8, u8),
    /// « 1er », « troisième », « dernier » (-1).
    Rang(i8),
    /// A day, 0 for Monday.
    Jour(u8),
    /// Days of the week as bits, Monday first: « tous les jours », « le week-end ».
    Jours(u8),
    /// « les autres jours ».
    AutresJours,
    /// Around the clock.
    Horloge,
    /// 1 to 12.
    Mois(u8),
    Demi(Demi),
    Feries,
    Vacances,
    PeriodeScolaire,
    /// A season whose dates nobody says: « horaires d’été ».
    Saison,
    /// « le reste de l’année »: outside the periods that were said.
    ResteDeLAnnee,
    /// Hours of the telephone.
    Telephone,
    /// « semaines paires » (true) or « impaires ».
    Semaines(bool),
    /// « idem »: the hours of the day before.
    Idem,
    /// « une semaine sur deux », « une fois par mois »: which ones is not said. What a comment says of it.
    Alternance(&'static str),
    /// « par mois »: after the rank of a day, nothing more; else not every week.
    ParMois,
    Sauf,
    /// « y compris ».
    Compris,
    Ferme,
    /// Something to tell, in OSM a comment.
    Note(&'static str),
    Jusque,
    /// « à partir de ».
    Depuis,
    Tiret,
    /// « à », « au ».
    A,
    /// « des », « dès » before a time.
    Des,
    /// « les »: what follows is plural.
    Les,
    DeuxPoints,
    Virgule,
    Barre,
    /// `;`, end of sentence, end of line.
    Fin,
    Et,
    Ouvrante,
    Fermante,
    /// A word that carries nothing by itself.
    Bruit,
    /// A telephone number, a mail address, a site.
    Contact,
    /// What we do not know.
    Mot,
}

/// What a comment says of hours whose weeks nobody names.
pub(super) const UNE_SUR_DEUX: &str = "une semaine sur deux";
pub(super) const PARFOIS: &str = "pas toutes les semaines";

/// Words and phrases; a blank stands for any blanks, hyphens, dots and apostrophes, a final « s » may be added. The
/// longest phrase wins.
pub(super) fn mots() -> impl Iterator<Item = &'static (&'static str, Sens)> {
    [jours::MOTS, periodes::MOTS, qualites::MOTS, liens::MOTS].into_iter().flatten()
}

/// Long words in which one wrong letter is forgiven: days and months.
pub(super) fn ressemble(mot: &str) -> Option<Sens> {
    if mot.len() < 5 {
        return None;
    }
    mots()
        .filter(|(nom, sens)| nom.len() >= 5 && matches!(sens, Sens::Jour(_) | Sens::Mois(_)))
        .find(|(nom, _)| {
            let singulier = mot.strip_suffix('s').unwrap_or(mot);
            strsim::osa_distance(nom, mot).min(strsim::osa_distance(nom, singulier)) <= 1
        })
        .map(|(_, sens)| sens.clone())
}
