//! What accounts ask of the directory: the structures and the lieux that a scope names.

use annuaire::Annuaire;
use annuaire::lieux::recherche::Demande;
use annuaire::{lieux, structures};
use identity::{Noms, Repertoire, Reponse};
use kernel::{Actor, Perimetre};

/// Things that one search shows.
const TROUVES: usize = 12;

/// The directory, seen from accounts.
#[derive(Clone, Debug)]
pub(crate) struct Nommes(pub(crate) Annuaire);

impl Repertoire for Nommes {
    fn connus<'a>(&'a self, perimetre: &'a Perimetre) -> Reponse<'a> {
        Box::pin(async move {
            let conn = self.0.site.db.read();
            let mut noms = Noms::new();
            match perimetre {
                Perimetre::Structures(ids) => {
                    for id in ids {
                        // One that was merged leads to the one that was kept: it exists.
                        if let Some(s) = structures::find(conn, *id).await? {
                            noms.push((id.0, format!("{}, {}", s.nom, s.adresse)));
                        }
                    }
                }
                Perimetre::Lieux(ids) => {
                    for id in ids {
                        if let Some(l) = lieux::lieu(conn, *id).await? {
                            noms.push((id.0, format!("{}, {}", l.fiche.nom, l.fiche.commune)));
                        }
                    }
                }
                _ => {}
            }
            Ok(noms)
        })
    }

    fn abrege<'a>(&'a self, perimetre: &'a Perimetre) -> Reponse<'a> {
        Box::pin(async move {
            let Perimetre::Structures(ids) = perimetre else { return Ok(Noms::new()) };
            let situees = structures::situees(self.0.site.db.read(), ids).await?;
            let territoires = self.0.territoires();
            let nomme = |(nom, code): &(String, kernel::CodeCommune)| {
                let commune = territoires.commune(code).map_or_else(|| code.to_string(), |c| c.nom.clone());
                format!("{nom}, {commune}")
            };
            Ok(ids.iter().filter_map(|id| situees.get(id).map(|s| (id.0, nomme(s)))).collect())
        })
    }

    fn cherche<'a>(&'a self, actor: &'a Actor, lieux: bool, mots: &'a str) -> Reponse<'a> {
        Box::pin(async move {
            if !lieux {
                let trouvees = structures::search(self.0.site.db.read(), actor, mots, TROUVES).await?;
                return Ok(trouvees
                    .into_iter()
                    .map(|s| (s.id.0, format!("{}, {}", s.nom, s.adresse)))
                    .collect());
            }
            let index = self.0.index().await?;
            let maintenant = self.0.site.clock.now();
            let demande = Demande { mots: mots.to_owned(), ..Demande::default() };
            let trouves = index.chercher(&demande, maintenant, 0, TROUVES).trouves;
            Ok(trouves
                .into_iter()
                .filter_map(|t| index.vue(t.place, maintenant))
                .map(|v| (v.id.0, format!("{}, {} {}", v.nom, v.code_postal, v.commune)))
                .collect())
        })
    }
}
