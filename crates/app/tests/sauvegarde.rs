//! Backups, as the operator makes them: with the program, from one engine to the other and back.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use app::wiring::migrations;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use platform::db::kit;
use platform::journal::{self, Entry, Verdict};
use testkit::TestSite;

fn maillage(arguments: &[&str], url: &str) -> Output {
    maillage_with_key(None, arguments, url)
}

fn maillage_with_key(key: Option<&str>, arguments: &[&str], url: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_maillage"))
        .args(arguments)
        .args(["--database", url])
        .env_remove("MAILLAGE_CONFIG")
        .envs(key.map(|key| ("MAILLAGE_CLES_SECRET", key)))
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}

#[track_caller]
fn refused(output: &Output, sentence: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains(sentence), "« {sentence} » is not in: {err}");
}

fn unpack(file: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn pack(file: &Path, text: &str) {
    let mut out = GzEncoder::new(std::fs::File::create(file).unwrap(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap();
}

/// Rows of each table, in an order that does not depend on the engine.
fn content(file: &Path) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in unpack(file).lines().skip(1) {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(table) = json["table"].as_str() {
            current = table.to_owned();
            tables.insert(current.clone(), Vec::new());
        } else if json.is_array() {
            tables.get_mut(&current).unwrap().push(line.to_owned());
        }
    }
    tables.values_mut().for_each(|rows| rows.sort());
    tables
}

/// A site with something of every kind of cell: identifiers, instants, texts, days, positions.
async fn lived_in(t: &TestSite) {
    let site = &t.site;
    site.db
        .write(async |tx| {
            for n in 0..30 {
                let entry = Entry::system("essai.écrire", "essai", n)
                    .with(serde_json::json!({ "texte": "l’été, \"cité\" \u{1F5FA}\n", "nombre": n }));
                journal::write(site, tx, entry).await?;
            }
            Ok::<_, sea_orm::DbErr>(())
        })
        .await
        .unwrap();
    let job = platform::mail::SendMail { id: kernel::ids::uuid_v7(&site.clock, &site.chance) };
    site.db.write(async |tx| platform::jobs::enqueue(site, tx, &job).await).await.unwrap();
}

fn file_in(t: &TestSite, name: &str) -> PathBuf {
    t.folder.path().join(name)
}

async fn goes_and_comes_back(from: &TestSite, to: &TestSite) {
    lived_in(from).await;
    let (first, second) = (file_in(from, "un.gz"), file_in(from, "deux.gz"));
    let said = done(&maillage(&["backup", first.to_str().unwrap()], &from.url));
    assert!(said.contains("Sauvegarde écrite"), "{said}");
    assert_eq!(first.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let said = done(&maillage(&["restore", first.to_str().unwrap()], &to.url));
    assert!(said.contains("Base restaurée") && said.contains("Le journal est intact"), "{said}");
    assert!(matches!(journal::verify(to.site.db.read()).await.unwrap(), Verdict::Whole { .. }));

    done(&maillage(&["backup", second.to_str().unwrap()], &to.url));
    let (mut before, mut after) = (content(&first), content(&second));
    assert!(before["journal"].len() > 30 && before["job"].len() == 1, "nothing was saved");
    // Only what the restore and the second backup themselves wrote differs: two lines of journal.
    let (old, new) = (before.remove("journal").unwrap(), after.remove("journal").unwrap());
    assert_eq!(new.len(), old.len() + 2);
    assert!(old.iter().all(|line| new.contains(line)));
    before.remove("journal_head");
    after.remove("journal_head");
    assert_eq!(before, after);

    let again = maillage(&["restore", first.to_str().unwrap()], &to.url);
    refused(&again, "la base n’est pas vide");
    let left: Vec<_> = std::fs::read_dir(from.folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".partiel"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn from_sqlite_to_sqlite() {
    goes_and_comes_back(&TestSite::sqlite(migrations()).await, &TestSite::sqlite(migrations()).await).await;
}

#[tokio::test]
async fn from_sqlite_to_postgres_and_back() {
    let Some(postgres) = TestSite::postgres(migrations()).await else { return };
    goes_and_comes_back(&TestSite::sqlite(migrations()).await, &postgres).await;
    // References are checked at once again, as the migrations made them.
    let sql = "SELECT COUNT(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable";
    assert_eq!(kit::count(postgres.site.db.read(), sql, []).await.unwrap(), 0);
}

#[tokio::test]
async fn from_postgres_to_sqlite_and_back() {
    let Some(postgres) = TestSite::postgres(migrations()).await else { return };
    goes_and_comes_back(&postgres, &TestSite::sqlite(migrations()).await).await;
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_nothing_is_written() {
    let from = TestSite::sqlite(migrations()).await;
    lived_in(&from).await;
    let whole = file_in(&from, "entier.gz");
    done(&maillage(&["backup", whole.to_str().unwrap()], &from.url));
    let bytes = std::fs::read(&whole).unwrap();
    let text = unpack(&whole);
    let lines: Vec<&str> = text.lines().collect();
    let bad = file_in(&from, "abime.gz");
    let mut cases: Vec<(&str, &str)> = Vec::new();
    let target = TestSite::sqlite(migrations()).await;
    let mut check = |name: &'static str, sentence: &'static str| {
        refused(&maillage(&["restore", bad.to_str().unwrap()], &target.url), sentence);
        cases.push((name, sentence));
    };
    std::fs::write(&bad, b"").unwrap();
    check("empty", "n’est pas une sauvegarde");
    std::fs::write(&bad, [0_u8, 159, 146, 150].repeat(1000)).unwrap();
    check("binary", "n’est pas une sauvegarde");
    pack(&bad, "{\"autre\": 1}\n");
    check("other JSON", "n’est pas une sauvegarde");
    pack(&bad, "{\"maillage_backup\": 99}\n");
    check("a later format", "format plus récent");
    for cut in [bytes.len() / 3, bytes.len() - 40, bytes.len() - 1] {
        std::fs::write(&bad, &bytes[..cut]).unwrap();
        // Cut within its first line, it is not even known as a backup.
        check("truncated", "abîmé");
    }
    let mut changed = bytes.clone();
    let middle = bytes.len() * 3 / 4;
    changed[middle] ^= 0x55;
    std::fs::write(&bad, &changed).unwrap();
    // Where the first line ends in the compressed bytes is a matter of chance.
    check("a changed byte", "abîmé");
    pack(&bad, &text.replacen("essai.écrire", "essai.effacer", 1));
    check("a changed row", "incomplète ou abîmée");
    pack(&bad, &format!("{}\n", lines[..lines.len() - 1].join("\n")));
    check("without its last line", "incomplète ou abîmée");
    pack(&bad, &format!("{text}[]\n"));
    check("with something after the end", "incomplète ou abîmée");
    let header = lines[0].replace("platform_0001_journal", "platform_0001_autre");
    pack(&bad, &format!("{header}\n{}\n", lines[1..].join("\n")));
    check("of other migrations", "plus récente");
    let header = lines[0].replacen("\"platform_0001_journal\",", "", 1);
    pack(&bad, &format!("{header}\n{}\n", lines[1..].join("\n")));
    check("of fewer migrations", "plus ancienne");
    assert_eq!(cases.len(), 13);
    let seq = kit::count(target.site.db.read(), "SELECT COUNT(*) FROM journal", []).await.unwrap();
    assert_eq!(seq, 0, "something was written");
    // After all this the same database takes the whole file.
    done(&maillage(&["restore", whole.to_str().unwrap()], &target.url));
}

/// Attack 82 of the threat model: a backup that leaks says nothing without the key.
#[tokio::test]
async fn attack_82_a_sealed_backup_opens_only_with_the_key_of_its_site() {
    const KEY: &str = "une clé de quarante caractères, ou un peu plus";
    const OTHER: &str = "une autre clé de quarante caractères, ou plus";
    let (from, to) = (TestSite::sqlite(migrations()).await, TestSite::sqlite(migrations()).await);
    lived_in(&from).await;
    let (sealed, clear) = (file_in(&from, "scellee"), file_in(&from, "en-clair.gz"));
    let (sealed, clear) = (sealed.to_str().unwrap(), clear.to_str().unwrap());
    let said = done(&maillage_with_key(Some(KEY), &["backup", sealed], &from.url));
    assert!(said.contains("Elle est scellée"), "{said}");
    // Nothing that could be unpacked: neither the header of gzip, nor a word.
    let bytes = std::fs::read(sealed).unwrap();
    assert!(bytes.len() > 1000 && !bytes.windows(2).take(200).any(|w| w == [0x1f, 0x8b]));
    for (key, sentence) in [(Some(OTHER), "scellée par une autre clé"), (None, "scellée par une autre clé")]
    {
        refused(&maillage_with_key(key, &["restore", sealed], &to.url), sentence);
    }
    let damaged = file_in(&from, "abimee");
    for at in [60, bytes.len() / 2, bytes.len() - 1] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&damaged, bytes).unwrap();
        refused(&maillage_with_key(Some(KEY), &["restore", damaged.to_str().unwrap()], &to.url), "abîmé");
    }
    done(&maillage_with_key(Some(KEY), &["restore", sealed], &to.url));

    // With common tools, when it is asked for.
    let said = done(&maillage_with_key(Some(KEY), &["backup", "--en-clair", clear], &to.url));
    assert!(said.contains("Elle est en clair"), "{said}");
    assert!(content(Path::new(clear))["journal"].iter().any(|l| l.contains("essai.écrire")));
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_said() {
    let from = TestSite::sqlite(migrations()).await;
    refused(&maillage(&["backup", "/absent/fichier.gz"], &from.url), "ne peut être écrit");
    refused(&maillage(&["restore", "/absent/fichier.gz"], &from.url), "ne peut être lu");
    let folder = maillage(&["backup", from.folder.path().to_str().unwrap()], &from.url);
    assert_eq!(folder.status.code(), Some(2));
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let Some(postgres) = TestSite::postgres(migrations()).await else { return };
    let sqlite = TestSite::sqlite(migrations()).await;
    let mut headers = Vec::new();
    for t in [&sqlite, &postgres] {
        let file = file_in(t, "tables.gz");
        done(&maillage(&["backup", file.to_str().unwrap()], &t.url));
        let first: serde_json::Value = serde_json::from_str(unpack(&file).lines().next().unwrap()).unwrap();
        headers.push(first["tables"].clone());
    }
    assert_eq!(headers[0], headers[1]);
}
