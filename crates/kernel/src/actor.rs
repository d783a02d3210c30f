//! Who acts, in which role, within which scope.

use crate::droits::{GenrePerimetre, Role, Verb};
use crate::ids::{CompteId, LieuId, StructureId};
use crate::{CodeCommune, CodeDepartement, CodeRegion, NumeroPersonne, Refusal, Reseau};

/// The scope of a role: which part of the programme it reaches.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub enum Perimetre {
    /// The whole country.
    National,
    /// These régions.
    Regions(Vec<CodeRegion>),
    /// These départements.
    Departements(Vec<CodeDepartement>),
    /// What stands in these communes.
    Communes(Vec<CodeCommune>),
    /// The structures of these networks and their lieux, wherever they are.
    Reseaux(Vec<Reseau>),
    /// These structures and their lieux.
    Structures(Vec<StructureId>),
    /// These lieux.
    Lieux(Vec<LieuId>),
    /// These conseillers, one by one.
    Personnes(Vec<NumeroPersonne>),
    /// What belongs to the acting account itself: one's own file.
    Soi,
}

/// Where a thing stands, to be compared with a scope. What is unknown is `None`, and unknown is
/// never within a scope narrower than the nation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cible {
    /// Its région.
    pub region: Option<CodeRegion>,
    /// Its département.
    pub departement: Option<CodeDepartement>,
    /// Its commune.
    pub commune: Option<CodeCommune>,
    /// The network of its structure.
    pub reseau: Option<Reseau>,
    /// The structure that it is, or that it belongs to.
    pub structure: Option<StructureId>,
    /// The lieu that it is.
    pub lieu: Option<LieuId>,
    /// The conseiller whom it is about.
    pub personne: Option<NumeroPersonne>,
    /// The account of the person whom it is about.
    pub compte: Option<CompteId>,
}

impl Perimetre {
    /// Whether the thing lies within the scope. One's own file is another question: [`Actor::couvre`] knows whose it is.
    pub fn couvre(&self, cible: &Cible) -> bool {
        match self {
            Self::National => true,
            Self::Regions(codes) => cible.region.as_ref().is_some_and(|c| codes.contains(c)),
            Self::Departements(codes) => cible.departement.as_ref().is_some_and(|c| codes.contains(c)),
            Self::Communes(codes) => cible.commune.as_ref().is_some_and(|c| codes.contains(c)),
            Self::Reseaux(reseaux) => cible.reseau.is_some_and(|r| reseaux.contains(&r)),
            Self::Structures(ids) => cible.structure.is_some_and(|id| ids.contains(&id)),
            Self::Lieux(ids) => cible.lieu.is_some_and(|id| ids.contains(&id)),
            Self::Personnes(numeros) => cible.personne.is_some_and(|n| numeros.contains(&n)),
            Self::Soi => false,
        }
    }

    /// Its kind, to be compared with what the role allows.
    pub fn genre(&self) -> GenrePerimetre {
        match self {
            Self::National => GenrePerimetre::National,
            Self::Regions(_) => GenrePerimetre::Regions,
            Self::Departements(_) => GenrePerimetre::Departements,
            Self::Communes(_) => GenrePerimetre::Communes,
            Self::Reseaux(_) => GenrePerimetre::Reseaux,
            Self::Structures(_) => GenrePerimetre::Structures,
            Self::Lieux(_) => GenrePerimetre::Lieux,
            Self::Personnes(_) => GenrePerimetre::Personnes,
            Self::Soi => GenrePerimetre::Soi,
        }
    }
}

/// A person acting in one of their roles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The account.
    pub compte: CompteId,
    /// The acting role.
    pub role: Role,
    /// Its scope.
    pub perimetre: Perimetre,
    /// The real person behind a "see as": they read, and write nothing.
    pub vu_par: Option<CompteId>,
    /// Whether the role is lent by somebody: it then manages no accounts, or it could give itself for
    /// good what was lent for a while.
    pub prete: bool,
}

impl Actor {
    /// Whether the role has the verb somewhere, and may write if the verb writes.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] with a sentence.
    pub fn may(&self, verb: Verb) -> Result<(), Refusal> {
        if self.role.has(verb) {
            Ok(())
        } else {
            Err(Refusal::forbidden(format!(
                "Votre rôle actuel, « {} », ne permet pas cette action. Si vous avez un autre rôle, changez-en en haut de la page.",
                self.role.ligne().nom
            )))
        }
    }

    /// Whether the actor may do this to that: the verb, then the scope. What lies outside the
    /// scope is answered as if it did not exist.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] without the verb, [`Refusal::NotFound`] out of scope.
    pub fn may_on(&self, verb: Verb, cible: &Cible) -> Result<(), Refusal> {
        self.may(verb)?;
        if self.couvre(cible) { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Whether the thing lies within the scope of the actor: of their role, or their own file.
    pub fn couvre(&self, cible: &Cible) -> bool {
        match self.perimetre {
            Perimetre::Soi => cible.compte == Some(self.compte),
            _ => self.perimetre.couvre(cible),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, Clock};

    #[test]
    fn scope_decides_and_unknown_is_outside() {
        let (clock, chance) = (Clock::fixed(chrono::DateTime::UNIX_EPOCH), Chance::seeded(1));
        let mine = StructureId::new(&clock, &chance);
        let other = StructureId::new(&clock, &chance);
        let ain = CodeDepartement::parse("01");
        let reseau = Reseau::parse("pimms");
        let cible = Cible {
            departement: ain.clone(),
            commune: CodeCommune::parse("01053"),
            reseau,
            structure: Some(mine),
            personne: Some(NumeroPersonne(12)),
            ..Cible::default()
        };
        let cases = [
            (Perimetre::National, true),
            (Perimetre::Departements(ain.clone().into_iter().collect()), true),
            (Perimetre::Departements(CodeDepartement::parse("02").into_iter().collect()), false),
            (Perimetre::Regions(CodeRegion::parse("01").into_iter().collect()), false),
            (Perimetre::Structures(vec![mine]), true),
            (Perimetre::Structures(vec![other]), false),
            (Perimetre::Lieux(vec![]), false),
            (Perimetre::Communes(CodeCommune::parse("01053").into_iter().collect()), true),
            (Perimetre::Communes(CodeCommune::parse("01004").into_iter().collect()), false),
            (Perimetre::Reseaux(reseau.into_iter().collect()), true),
            (Perimetre::Reseaux(Reseau::parse("face").into_iter().collect()), false),
            (Perimetre::Personnes(vec![NumeroPersonne(3), NumeroPersonne(12)]), true),
            (Perimetre::Personnes(vec![NumeroPersonne(1)]), false),
        ];
        for (perimetre, within) in cases {
            assert_eq!(perimetre.couvre(&cible), within, "{perimetre:?}");
        }
        for p in [
            Perimetre::Structures(vec![mine]),
            Perimetre::Communes(CodeCommune::parse("01053").into_iter().collect()),
            Perimetre::Reseaux(reseau.into_iter().collect()),
            Perimetre::Personnes(vec![NumeroPersonne(12)]),
        ] {
            assert!(!p.couvre(&Cible::default()), "unknown is outside: {p:?}");
        }
        let lecteur = Actor {
            compte: CompteId::new(&clock, &chance),
            role: Role::Lecteur,
            perimetre: Perimetre::National,
            vu_par: None,
            prete: false,
        };
        assert!(lecteur.may_on(Verb::VoirStructures, &cible).is_ok());
        assert!(matches!(lecteur.may_on(Verb::ModifierStructures, &cible), Err(Refusal::Forbidden(_))));
        let prefecture = Actor {
            role: Role::Prefecture,
            perimetre: Perimetre::Departements(CodeDepartement::parse("02").into_iter().collect()),
            ..lecteur
        };
        assert_eq!(prefecture.may_on(Verb::ModifierStructures, &cible), Err(Refusal::NotFound));
        let candidat = Actor { role: Role::Candidat, perimetre: Perimetre::Soi, ..prefecture };
        let (own, of_other) = (candidat.compte, CompteId::new(&clock, &chance));
        let file = |compte| Cible { compte, ..cible.clone() };
        assert!(candidat.may_on(Verb::TenirCandidature, &file(Some(own))).is_ok());
        for other in [file(Some(of_other)), file(None)] {
            assert_eq!(candidat.may_on(Verb::TenirCandidature, &other), Err(Refusal::NotFound));
        }
    }
}
