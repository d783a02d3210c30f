//! Opening, changing and closing sessions.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};

use super::cookies::Navigateur;
use super::model::{Appareil, AppareilId, Methode, Present, Regard, Session, SessionId};
use super::rules::{self, DUREE, PRECISION, VUE_DUREE};
use super::store;
use crate::comptes::model::{Attribution, AttributionId, Compte, Etat, Vue};
use crate::comptes::{rules as droits, store as comptes};
use crate::error::Result;
use crate::secrets::link::Secret;

/// What goes into cookies after a sign-in.
#[derive(Debug)]
pub(crate) struct Ouverture {
    /// Secret of the session.
    pub(crate) session: Secret,
    /// Secret of the device, when it is a new one.
    pub(crate) appareil: Option<Secret>,
}

/// How long a page waits to note that the session was used.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

/// Where the token of ProConnect is sealed for.
pub(crate) fn place_jeton(id: SessionId) -> String {
    format!("compte_session/jeton/{id}")
}

/// Opens a session for the account, in the transaction of the proof just given. A session that the
/// browser already had is closed: its secret never lives on through a sign-in (session fixation).
pub(crate) async fn open(
    site: &Site,
    tx: &Tx,
    compte: &Compte,
    methode: Methode,
    nav: &Navigateur,
    jeton: Option<&str>,
) -> Result<Ouverture> {
    let now = site.clock.now();
    if let Some(before) = &nav.session
        && let Some(s) = store::by_empreinte(tx, &before.hash()).await?
    {
        store::close(tx, s.compte, s.id, now).await?;
    }
    let (appareil_id, appareil) = device(site, tx, compte, nav).await?;
    let id = SessionId::new(&site.clock, &site.chance);
    let jeton = jeton.map(|j| site.secrets.seal(&site.chance, &place_jeton(id), j.as_bytes())).transpose()?;
    let session = Session {
        id,
        compte: compte.id,
        methode,
        appareil: nav.nom.clone(),
        appareil_id: Some(appareil_id),
        attribution: store::dernier_role(tx, compte.id).await?,
        vue: None,
        cree_le: now,
        vu_le: now,
        expire_le: now + DUREE,
        confirme_le: now,
        reprise_le: None,
        fermee_le: None,
        jeton,
    };
    let secret = Secret::new(&site.chance);
    store::insert(tx, &session, &secret.hash()).await?;
    comptes::set_vu(tx, compte.id, now).await?;
    journal::write(
        site,
        tx,
        Entry {
            by: Some(compte.id.0),
            ..Entry::system("compte.connexion", "compte", compte.id)
                .with(serde_json::json!({ "methode": methode.key() }))
        },
    )
    .await?;
    Ok(Ouverture { session: secret, appareil })
}

/// The device of the browser, made known if it is not; a device that is new beside others is told
/// to the person by mail.
async fn device(
    site: &Site,
    tx: &Tx,
    compte: &Compte,
    nav: &Navigateur,
) -> Result<(AppareilId, Option<Secret>)> {
    let now = site.clock.now();
    if let Some(secret) = &nav.appareil
        && let Some(known) = store::appareil_connu(tx, &secret.hash(), now).await?
        && known.compte == compte.id
    {
        store::touch_appareil(tx, known.id, now).await?;
        return Ok((known.id, None));
    }
    let others = !store::appareils(tx, compte.id, now).await?.is_empty();
    let appareil = Appareil {
        id: AppareilId::new(&site.clock, &site.chance),
        compte: compte.id,
        nom: nav.nom.clone(),
        cree_le: now,
        vu_le: now,
    };
    let secret = Secret::new(&site.chance);
    store::insert_appareil(tx, &appareil, &secret.hash()).await?;
    if others {
        platform::mail::enqueue(site, tx, &crate::mails::nouvel_appareil(site, compte, &nav.nom)).await?;
    }
    Ok((appareil.id, Some(secret)))
}

/// Who is behind the cookie, if the session lives. Notes the time of the request.
pub(crate) async fn present(site: &Site, secret: &Secret) -> Result<Option<Present>> {
    let now = site.clock.now();
    let conn = site.db.read();
    let Some(mut session) = store::by_empreinte(conn, &secret.hash()).await? else { return Ok(None) };
    if !rules::vivante(&session, now) {
        return Ok(None);
    }
    let Some(compte) = comptes::find(conn, session.compte).await? else { return Ok(None) };
    if compte.etat != Etat::Actif {
        return Ok(None);
    }
    let silence = now - TimeDelta::minutes(i64::from(site.config.sessions.silence_minutes));
    let reprise = session.vu_le <= silence;
    if reprise {
        session.reprise_le = Some(now);
    }
    if now - session.vu_le >= PRECISION {
        // On SQLite an import may hold the only writer for long: the page does not wait for it,
        // the next request notes the time.
        let id = session.id;
        let note = site.db.write(async |tx| {
            if reprise {
                store::reprendre(tx, id, now, silence).await
            } else {
                store::touch(tx, id, now).await
            }
        });
        if let Ok(noted) = tokio::time::timeout(PATIENCE, note).await {
            noted?;
        }
    }
    let roles = comptes::en_vigueur(conn, compte.id, now).await?;
    let vue = regard(site, &session, &compte, &roles).await?;
    let (actor, attribution) = match &vue {
        Some(r) => (
            r.roles.first().map(|role| Actor {
                compte: r.vu.id,
                role: role.role,
                perimetre: role.perimetre.clone(),
                vu_par: Some(compte.id),
                prete: droits::est_delegation(role),
            }),
            r.roles.first().map(|a| a.id),
        ),
        None => {
            let role = rules::role_agissant(session.attribution, &roles);
            (
                role.map(|a| Actor {
                    compte: compte.id,
                    role: a.role,
                    perimetre: a.perimetre.clone(),
                    vu_par: None,
                    prete: droits::est_delegation(a),
                }),
                role.map(|a| a.id),
            )
        }
    };
    Ok(Some(Present { session, compte, roles, vue, actor, attribution }))
}

/// The session of the cookie that only time has ended, of an account that is still open: nobody closed it, and nobody was
/// looking through it as somebody else. With the role acted in.
pub(crate) async fn eteinte(
    site: &Site,
    secret: &Secret,
) -> Result<Option<(CompteId, Option<AttributionId>)>> {
    let (conn, now) = (site.db.read(), site.clock.now());
    let Some(s) = store::by_empreinte(conn, &secret.hash()).await? else { return Ok(None) };
    if s.fermee_le.is_some() || s.vue.is_some() || rules::vivante(&s, now) {
        return Ok(None);
    }
    let compte = comptes::find(conn, s.compte).await?.filter(|c| c.etat == Etat::Actif);
    let Some(compte) = compte else { return Ok(None) };
    let roles = comptes::en_vigueur(conn, compte.id, now).await?;
    Ok(Some((compte.id, rules::role_agissant(s.attribution, &roles).map(|r| r.id))))
}

/// The look under way, if it still may go on: not over, not too long, and both people still who
/// they were (a support agent who lost the right, a person whose account was closed).
async fn regard(
    site: &Site,
    session: &Session,
    compte: &Compte,
    own: &[Attribution],
) -> Result<Option<Regard>> {
    let now = site.clock.now();
    let Some(id) = session.vue else { return Ok(None) };
    let conn = site.db.read();
    let Some(vue) = comptes::find_vue(conn, id).await? else { return Ok(None) };
    let allowed = own.iter().any(|a| a.role.has(kernel::Verb::VoirComme));
    if vue.fin.is_some() || vue.par != compte.id || !allowed {
        return Ok(None);
    }
    if now >= vue.debut + VUE_DUREE {
        site.db.write(async |tx| end_look(site, tx, &vue).await).await?;
        return Ok(None);
    }
    let Some(vu) = comptes::find(conn, vue.vu).await? else { return Ok(None) };
    let roles = comptes::en_vigueur(conn, vu.id, now).await?;
    if vu.etat != Etat::Actif || roles.is_empty() || roles.iter().any(|r| r.role.has(kernel::Verb::VoirComme))
    {
        return Ok(None);
    }
    Ok(Some(Regard { vue, vu, roles }))
}

/// Ends a look, now or when its half hour was over, and writes it in the journal; nothing when it was
/// over already.
async fn end_look(site: &Site, tx: &Tx, vue: &Vue) -> std::result::Result<(), sea_orm::DbErr> {
    let fin = site.clock.now().min(vue.debut + VUE_DUREE);
    if comptes::end_vue(tx, vue.id, fin).await? {
        let line = Entry { by: Some(vue.par.0), ..Entry::system("compte.voir_comme.fin", "compte", vue.vu) };
        journal::write(site, tx, line).await?;
    }
    Ok(())
}

/// Ends the looks whose half hour is over: a browser that was closed never says so.
pub(crate) async fn end_old_looks(site: &Site, tx: &Tx) -> std::result::Result<(), sea_orm::DbErr> {
    for vue in comptes::vues_ouvertes(tx, site.clock.now() - VUE_DUREE).await? {
        end_look(site, tx, &vue).await?;
    }
    Ok(())
}

/// Acts in another role of one's own, and says so in the journal: from then on one acts for another organisation. The
/// session gets a new secret.
pub(crate) async fn choose_role(site: &Site, present: &Present, role: AttributionId) -> Result<Secret> {
    if present.vue.is_some() {
        return Err(Refusal::forbidden("Quittez d’abord la vue d’une autre personne.").into());
    }
    let pris = present.roles.iter().find(|r| r.id == role).ok_or(Refusal::NotFound)?;
    let quitte = present.roles.iter().find(|r| Some(r.id) == present.attribution);
    let (secret, s, compte) = (Secret::new(&site.chance), &present.session, present.compte.id);
    let nom =
        |r: &Attribution| serde_json::json!({ "role": r.role.ligne().key, "attribution": r.id.to_string() });
    site.db
        .write(async |tx| {
            if !store::rotate(tx, s.id, &secret.hash(), s.confirme_le, Some(role), None).await? {
                return Err(session_over());
            }
            // Choosing the role that one has changes nothing.
            if quitte.is_some_and(|r| r.id == role) {
                return Ok(());
            }
            let faits = serde_json::json!({ "avant": quitte.map(nom), "apres": nom(pris) });
            let line = Entry { by: Some(compte.0), ..Entry::system("compte.role.choisi", "compte", compte) }
                .with(faits);
            Ok(journal::write(site, tx, line).await?)
        })
        .await?;
    Ok(secret)
}

/// Notes that the person proved again who they are, in the transaction of the proof. The session gets a new secret: one
/// that was stolen before does not profit from it.
pub(crate) async fn prouvee(site: &Site, tx: &Tx, present: &Present) -> Result<Secret> {
    eveillee(site, tx, present, site.clock.now()).await
}

/// Notes that the person is still there, by a proof that is not a strong one: the last of those keeps its age.
pub(crate) async fn presente(site: &Site, tx: &Tx, present: &Present) -> Result<Secret> {
    eveillee(site, tx, present, present.session.confirme_le).await
}

async fn eveillee(site: &Site, tx: &Tx, present: &Present, confirme_le: DateTime<Utc>) -> Result<Secret> {
    let (secret, s) = (Secret::new(&site.chance), &present.session);
    let done = store::rotate(tx, s.id, &secret.hash(), confirme_le, s.attribution, s.vue).await?;
    store::eveiller(tx, s.id).await?;
    if done { Ok(secret) } else { Err(session_over()) }
}

async fn renew(
    site: &Site,
    present: &Present,
    confirme_le: DateTime<Utc>,
    attribution: Option<AttributionId>,
    vue: Option<crate::comptes::model::VueId>,
) -> Result<Secret> {
    let secret = Secret::new(&site.chance);
    let done = site
        .db
        .write(async |tx| {
            store::rotate(tx, present.session.id, &secret.hash(), confirme_le, attribution, vue).await
        })
        .await?;
    if done { Ok(secret) } else { Err(session_over()) }
}

fn session_over() -> crate::Error {
    Refusal::conflict("Votre session est terminée. Reconnectez-vous.").into()
}

/// Closes the session of the cookie; returns it as it was.
pub(crate) async fn leave(site: &Site, secret: &Secret) -> Result<Option<Session>> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let Some(session) = store::by_empreinte(tx, &secret.hash()).await? else { return Ok(None) };
            if store::close(tx, session.compte, session.id, now).await? {
                if let Some(id) = session.vue
                    && let Some(vue) = comptes::find_vue(tx, id).await?
                {
                    end_look(site, tx, &vue).await?;
                }
                let line = Entry {
                    by: Some(session.compte.0),
                    ..Entry::system("compte.deconnexion", "compte", session.compte)
                };
                journal::write(site, tx, line).await?;
            }
            Ok(Some(session))
        })
        .await
}

/// Closes one of one's sessions.
pub(crate) async fn close(site: &Site, compte: CompteId, id: SessionId) -> Result<()> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            if !store::close(tx, compte, id, now).await? {
                return Err(Refusal::NotFound.into());
            }
            let line =
                Entry { by: Some(compte.0), ..Entry::system("compte.session.fermee", "compte", compte) };
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

/// Closes all of one's sessions but this one; returns how many.
pub(crate) async fn close_others(site: &Site, present: &Present) -> Result<u64> {
    let now = site.clock.now();
    let compte = present.compte.id;
    site.db
        .write(async |tx| {
            let closed = store::close_all(tx, compte, Some(present.session.id), now).await?;
            let line =
                Entry { by: Some(compte.0), ..Entry::system("compte.session.fermee", "compte", compte) }
                    .with(serde_json::json!({ "sessions": closed }));
            journal::write(site, tx, line).await?;
            Ok(closed)
        })
        .await
}

/// Forgets one of one's devices and closes its sessions.
pub(crate) async fn forget_device(site: &Site, compte: CompteId, id: AppareilId) -> Result<()> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            if !store::retire_appareil(tx, compte, id, now).await? {
                return Err(Refusal::NotFound.into());
            }
            let line =
                Entry { by: Some(compte.0), ..Entry::system("compte.appareil.oublie", "compte", compte) };
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

/// Begins to look at the site as that person: journalled, told to them, read only, half an hour.
pub(crate) async fn see_as(site: &Site, present: &Present, cible: CompteId, motif: &str) -> Result<Secret> {
    let actor = present.actor.clone().ok_or(Refusal::NotFound)?;
    let now = site.clock.now();
    let motif = motif.split_whitespace().collect::<Vec<_>>().join(" ");
    let motif: String = motif.chars().take(500).collect();
    let secret = Secret::new(&site.chance);
    site.db
        .write(async |tx| {
            let compte = comptes::find(tx, cible).await?.ok_or(Refusal::NotFound)?;
            let roles = comptes::en_vigueur(tx, cible, now).await?;
            droits::peut_voir_comme(&actor, &compte, &roles, &motif)?;
            let vue = Vue {
                id: crate::comptes::model::VueId::new(&site.clock, &site.chance),
                vu: cible,
                par: present.compte.id,
                par_nom: present.compte.nom.clone(),
                motif: motif.clone(),
                debut: now,
                fin: None,
            };
            comptes::insert_vue(tx, &vue).await?;
            let open = store::rotate(
                tx,
                present.session.id,
                &secret.hash(),
                present.session.confirme_le,
                present.session.attribution,
                Some(vue.id),
            )
            .await?;
            // Closed meanwhile: nobody looks, and nobody is told that somebody does.
            if !open {
                return Err(session_over());
            }
            // The reason is a text that a person wrote: it stands in the table, not in the journal.
            journal::write(site, tx, Entry::by(&actor, "compte.voir_comme", "compte", cible)).await?;
            platform::mail::enqueue(
                site,
                tx,
                &crate::mails::vu_comme(site, &compte, &present.compte, &motif),
            )
            .await?;
            Ok::<_, crate::Error>(())
        })
        .await?;
    Ok(secret)
}

/// Ends the look; the session gets a new secret.
pub(crate) async fn stop_seeing_as(site: &Site, present: &Present) -> Result<Secret> {
    let Some(regard) = &present.vue else { return Err(Refusal::NotFound.into()) };
    site.db.write(async |tx| end_look(site, tx, &regard.vue).await).await?;
    renew(site, present, present.session.confirme_le, present.session.attribution, None).await
}
