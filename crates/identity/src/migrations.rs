//! The tables of accounts. Names begin with `compte` so that no other context takes them.

use platform::db::kit::{
    day, day_opt, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

/// The migrations of this context, in order.
pub fn migrations() -> platform::db::Migrations {
    vec![
        Box::new(Comptes),
        Box::new(Facteurs),
        Box::new(Sessions),
        Box::new(Roles),
        Box::new(Jetons),
        Box::new(Cartes),
        Box::new(Saisies),
        Box::new(Silences),
        Box::new(Preuves),
    ]
}

fn table(of: &str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut t = Table::create();
    t.table(name(of));
    for mut c in columns {
        t.col(&mut c);
    }
    t
}

fn keyed(of: &str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut t = table(of, columns);
    t.primary_key(Index::create().col(name("id")));
    t
}

fn owned(t: &mut TableCreateStatement, from: &str, to: &str) {
    let target = t.get_table_name().cloned();
    let mut fk = ForeignKey::create();
    if let Some(source) = target {
        fk.from_tbl(source);
    }
    fk.from_col(name(from)).to(name(to), name("id"));
    t.foreign_key(&mut fk);
}

async fn index(m: &SchemaManager<'_>, of: &str, columns: &[&str], unique: bool) -> Result<(), DbErr> {
    let mut i = Index::create();
    i.name(format!("ix_{of}_{}", columns.join("_"))).table(name(of));
    for c in columns {
        i.col(name(c));
    }
    if unique {
        i.unique();
    }
    m.create_index(i).await
}

/// Accounts, roles, delegations, "see as".
struct Comptes;

impl MigrationName for Comptes {
    fn name(&self) -> &str {
        "identity_0001_comptes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Comptes {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte",
            vec![
                id(name("id")),
                text(name("courriel")),
                text(name("courriel_cle")),
                text(name("nom")),
                text(name("nom_search")),
                state("etat", &["invite", "actif", "desactive"]),
                instant(name("cree_le")),
                instant_opt(name("vu_le")),
            ],
        );
        m.create_table(t.take()).await?;
        index(m, "compte", &["courriel_cle"], true).await?;

        // The roles of that day: later ones came with `identity_0004_roles`.
        let roles = [
            "administrateur_national",
            "prefecture",
            "gestionnaire_structure",
            "gestionnaire_lieux",
            "hub",
            "grand_reseau",
            "lecteur",
        ];
        let mut t = keyed(
            "compte_attribution",
            vec![
                id(name("id")),
                id(name("compte_id")),
                state("role", &roles),
                state("perimetre", &["national", "regions", "departements", "structures", "lieux"]),
                day(name("debut")),
                day_opt(name("fin")),
                uuid_opt(name("donnee_par")),
                uuid_opt(name("delegue_de")),
                instant(name("cree_le")),
                instant_opt(name("retiree_le")),
                uuid_opt(name("retiree_par")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        owned(&mut t, "donnee_par", "compte");
        owned(&mut t, "delegue_de", "compte_attribution");
        m.create_table(t).await?;
        index(m, "compte_attribution", &["compte_id"], false).await?;
        index(m, "compte_attribution", &["delegue_de"], false).await?;

        let mut t = table("compte_attribution_code", vec![id(name("attribution_id")), text(name("code"))]);
        t.primary_key(Index::create().col(name("attribution_id")).col(name("code")));
        owned(&mut t, "attribution_id", "compte_attribution");
        m.create_table(t).await?;

        let mut t = keyed(
            "compte_vue",
            vec![
                id(name("id")),
                id(name("vu_id")),
                id(name("par_id")),
                text(name("motif")),
                instant(name("debut")),
                instant_opt(name("fin")),
            ],
        );
        owned(&mut t, "vu_id", "compte");
        owned(&mut t, "par_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_vue", &["vu_id"], false).await
    }
}

/// What proves an identity.
struct Facteurs;

impl MigrationName for Facteurs {
    fn name(&self) -> &str {
        "identity_0002_facteurs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Facteurs {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte_lien",
            vec![
                id(name("id")),
                id(name("compte_id")),
                state("genre", &["invitation", "mot_de_passe"]),
                text(name("empreinte")),
                instant(name("cree_le")),
                instant(name("expire_le")),
                instant_opt(name("utilise_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_lien", &["empreinte"], true).await?;
        index(m, "compte_lien", &["compte_id"], false).await?;

        let mut t = table(
            "compte_mot_de_passe",
            vec![id(name("compte_id")), text(name("empreinte")), instant(name("change_le"))],
        );
        t.primary_key(Index::create().col(name("compte_id")));
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;

        let mut t = table(
            "compte_totp",
            vec![
                id(name("compte_id")),
                text(name("graine")),
                integer_opt(name("dernier_pas")),
                instant(name("cree_le")),
            ],
        );
        t.primary_key(Index::create().col(name("compte_id")));
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;

        let mut t = keyed(
            "compte_code_secours",
            vec![
                id(name("id")),
                id(name("compte_id")),
                text(name("empreinte")),
                instant_opt(name("utilise_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_code_secours", &["compte_id", "empreinte"], true).await?;

        let mut t = keyed(
            "compte_cle",
            vec![
                id(name("id")),
                id(name("compte_id")),
                text(name("identifiant")),
                text(name("cle")),
                text(name("nom")),
                instant(name("cree_le")),
                instant_opt(name("utilisee_le")),
                integer(name("version")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_cle", &["identifiant"], true).await?;
        index(m, "compte_cle", &["compte_id"], false).await?;

        let mut t = table(
            "compte_essai",
            vec![text(name("cle")), integer(name("echecs")), instant(name("dernier_le"))],
        );
        t.primary_key(Index::create().col(name("cle")));
        m.create_table(t).await?;

        // A sign-in under way: password accepted, or challenge of a passkey sent.
        let mut t = keyed(
            "compte_etape",
            vec![
                id(name("id")),
                text(name("empreinte")),
                uuid_opt(name("compte_id")),
                state("genre", &["second_facteur", "cle_entree", "cle_ajout"]),
                text(name("suite")),
                text_opt(name("defi")),
                instant(name("expire_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_etape", &["empreinte"], true).await?;

        let mut t = keyed(
            "compte_identite",
            vec![
                id(name("id")),
                id(name("compte_id")),
                text(name("emetteur")),
                text(name("sujet")),
                text_opt(name("siret")),
                instant(name("lie_le")),
                instant_opt(name("vu_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_identite", &["emetteur", "sujet"], true).await?;
        index(m, "compte_identite", &["compte_id", "emetteur"], true).await?;

        let t = keyed(
            "compte_proconnect",
            vec![
                id(name("id")),
                text(name("etat_empreinte")),
                text(name("navigateur_empreinte")),
                text(name("nonce")),
                text(name("verifieur")),
                text(name("suite")),
                uuid_opt(name("lien_id")),
                instant(name("expire_le")),
                instant_opt(name("utilise_le")),
            ],
        );
        m.create_table(t).await?;
        index(m, "compte_proconnect", &["etat_empreinte"], true).await
    }
}

/// Who is signed in, from which device.
struct Sessions;

impl MigrationName for Sessions {
    fn name(&self) -> &str {
        "identity_0003_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sessions {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte_appareil",
            vec![
                id(name("id")),
                id(name("compte_id")),
                text(name("empreinte")),
                text(name("nom")),
                instant(name("cree_le")),
                instant(name("vu_le")),
                instant_opt(name("retire_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_appareil", &["empreinte"], true).await?;
        index(m, "compte_appareil", &["compte_id"], false).await?;

        sessions(m, "compte_attribution").await
    }
}

/// The table of sessions, under the roles of that table.
async fn sessions(m: &SchemaManager<'_>, roles: &str) -> Result<(), DbErr> {
    let mut t = keyed(
        "compte_session",
        vec![
            id(name("id")),
            id(name("compte_id")),
            text(name("empreinte")),
            state("methode", crate::sessions::model::METHODES),
            text(name("appareil")),
            uuid_opt(name("appareil_id")),
            uuid_opt(name("attribution_id")),
            uuid_opt(name("vue_id")),
            instant(name("cree_le")),
            instant(name("vu_le")),
            instant(name("expire_le")),
            instant(name("confirme_le")),
            instant_opt(name("fermee_le")),
            text_opt(name("jeton")),
        ],
    );
    owned(&mut t, "compte_id", "compte");
    owned(&mut t, "appareil_id", "compte_appareil");
    owned(&mut t, "attribution_id", roles);
    owned(&mut t, "vue_id", "compte_vue");
    m.create_table(t).await?;
    index(m, "compte_session", &["empreinte"], true).await?;
    index(m, "compte_session", &["compte_id"], false).await
}

/// Roles move to tables that name no role: the list of roles is the program's, and no engine lets a released CHECK be
/// changed in place on both sides. Sessions bear a role: everybody signs in again.
struct Roles;

impl MigrationName for Roles {
    fn name(&self) -> &str {
        "identity_0004_roles"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Roles {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte_role",
            vec![
                id(name("id")),
                id(name("compte_id")),
                text(name("role")),
                text(name("perimetre")),
                day(name("debut")),
                day_opt(name("fin")),
                uuid_opt(name("donnee_par")),
                uuid_opt(name("delegue_de")),
                instant(name("cree_le")),
                instant_opt(name("retiree_le")),
                uuid_opt(name("retiree_par")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        owned(&mut t, "donnee_par", "compte");
        owned(&mut t, "delegue_de", "compte_role");
        m.create_table(t).await?;
        index(m, "compte_role", &["compte_id"], false).await?;
        index(m, "compte_role", &["delegue_de"], false).await?;
        let mut t = table("compte_role_code", vec![id(name("attribution_id")), text(name("code"))]);
        t.primary_key(Index::create().col(name("attribution_id")).col(name("code")));
        owned(&mut t, "attribution_id", "compte_role");
        m.create_table(t).await?;

        let all = "id, compte_id, role, perimetre, debut, fin, donnee_par, delegue_de, cree_le, retiree_le, retiree_par";
        let conn = m.get_connection();
        for sql in [
            format!("INSERT INTO compte_role ({all}) SELECT {all} FROM compte_attribution"),
            "INSERT INTO compte_role_code (attribution_id, code) SELECT attribution_id, code FROM compte_attribution_code"
                .to_owned(),
            "DROP TABLE compte_session".to_owned(),
            "DROP TABLE compte_attribution_code".to_owned(),
            "DROP TABLE compte_attribution".to_owned(),
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        sessions(m, "compte_role").await
    }
}

/// What programs show.
struct Jetons;

impl MigrationName for Jetons {
    fn name(&self) -> &str {
        "identity_0005_jetons"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Jetons {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte_jeton",
            vec![
                id(name("id")),
                id(name("compte_id")),
                id(name("attribution_id")),
                text(name("nom")),
                text(name("portees")),
                text(name("empreinte")),
                instant(name("cree_le")),
                instant(name("expire_le")),
                instant_opt(name("vu_le")),
                instant_opt(name("retire_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        owned(&mut t, "attribution_id", "compte_role");
        m.create_table(t).await?;
        index(m, "compte_jeton", &["empreinte"], true).await?;
        index(m, "compte_jeton", &["compte_id"], false).await
    }
}

/// Cards that show codes.
struct Cartes;

impl MigrationName for Cartes {
    fn name(&self) -> &str {
        "identity_0006_cartes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Cartes {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        use crate::connexion::cartes::EtatCarte;
        let mut t = keyed(
            "compte_carte",
            vec![
                id(name("id")),
                // What is printed on it.
                text(name("numero")),
                // Sealed.
                text(name("graine")),
                // Seconds of a step: 30 or 60.
                integer(name("periode")),
                state("etat", &EtatCarte::TOUS.map(EtatCarte::cle)),
                uuid_opt(name("compte_id")),
                // How far the card's clock is from ours, in steps; the last step used, by its clock.
                integer(name("derive")),
                integer_opt(name("dernier_pas")),
                // Codes refused since the last one taken.
                integer(name("refus")),
                instant_opt(name("utilisee_le")),
                instant(name("etat_le")),
                instant(name("cree_le")),
            ],
        );
        t.check(Expr::cust("(etat = 'associee') = (compte_id IS NOT NULL)"));
        t.check(Expr::cust("periode IN (30, 60)"));
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_carte", &["numero"], true).await?;
        // One card an account; NULL is not compared.
        index(m, "compte_carte", &["compte_id"], true).await?;
        index(m, "compte_carte", &["etat", "numero"], false).await
    }
}

/// What was typed while a session ended.
struct Saisies;

impl MigrationName for Saisies {
    fn name(&self) -> &str {
        "identity_0007_saisies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Saisies {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = keyed(
            "compte_saisie",
            vec![
                id(name("id")),
                id(name("compte_id")),
                // Of the reference that the browser holds.
                text(name("empreinte")),
                // The role acted in.
                uuid_opt(name("attribution_id")),
                // Where it was sent and what was typed, sealed.
                text(name("contenu")),
                instant(name("cree_le")),
                instant(name("expire_le")),
            ],
        );
        owned(&mut t, "compte_id", "compte");
        m.create_table(t).await?;
        index(m, "compte_saisie", &["compte_id", "empreinte"], false).await?;
        index(m, "compte_saisie", &["expire_le"], false).await
    }
}

/// Sessions taken up again after a silence.
struct Silences;

impl MigrationName for Silences {
    fn name(&self) -> &str {
        "identity_0008_silences"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Silences {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut reprise = instant_opt(name("reprise_le"));
        m.alter_table(Table::alter().table(name("compte_session")).add_column(&mut reprise).to_owned()).await
    }
}

/// Fresh proofs by ProConnect.
struct Preuves;

impl MigrationName for Preuves {
    fn name(&self) -> &str {
        "identity_0009_preuves_proconnect"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Preuves {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut session = uuid_opt(name("session_id"));
        m.alter_table(Table::alter().table(name("compte_proconnect")).add_column(&mut session).to_owned())
            .await
    }
}

#[cfg(test)]
mod tests {
    use testkit::TestSite;

    use super::*;

    fn before() -> platform::db::Migrations {
        let mut all = platform::migrations();
        all.extend(migrations().into_iter().take(3));
        all
    }

    testkit::on_both_engines! {
        migrations: before();

        async fn roles_and_what_they_cover_survive_the_move(t: TestSite) {
            let conn = t.site.db.read();
            for sql in [
                "INSERT INTO compte (id, courriel, courriel_cle, nom, nom_search, etat, cree_le) VALUES \
                 ('01900000-0000-7000-8000-000000000001', 'a@exemple.fr', 'a@exemple.fr', 'A', 'a', 'actif', '2026-01-01T00:00:00+00:00')",
                "INSERT INTO compte_attribution (id, compte_id, role, perimetre, debut, cree_le) VALUES \
                 ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001', 'prefecture', 'departements', \
                 '2026-01-01', '2026-01-01T00:00:00+00:00')",
                "INSERT INTO compte_attribution (id, compte_id, role, perimetre, debut, cree_le, donnee_par, delegue_de) VALUES \
                 ('01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000001', 'prefecture', 'departements', \
                 '2026-01-01', '2026-01-01T00:00:00+00:00', '01900000-0000-7000-8000-000000000001', \
                 '01900000-0000-7000-8000-000000000002')",
                "INSERT INTO compte_attribution_code (attribution_id, code) VALUES ('01900000-0000-7000-8000-000000000002', '23')",
            ] {
                t.site.db.write(async |tx| tx.execute_unprepared(sql).await).await.unwrap();
            }
            let mut all = platform::migrations();
            all.extend(migrations());
            platform::db::migrate(&t.site.db, all, t.site.clock.now()).await.unwrap();
            let moved = "SELECT r.id FROM compte_role r JOIN compte_role_code k ON k.attribution_id = r.id WHERE k.code = '23'";
            assert_eq!(platform::db::kit::query(conn, moved, []).await.unwrap().len(), 1);
            assert_eq!(platform::db::kit::query(conn, "SELECT id FROM compte_role", []).await.unwrap().len(), 2);
        }
    }
}
