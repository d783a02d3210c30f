//! The house holds: who may import whom, one place that opens databases, one place that writes
//! form fields, pages that the content policy lets work.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who may import whom. `testkit` comes besides, for tests only. A crate of the workspace that is
/// not in this table has no room in the house.
const HOUSE: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("platform", &["kernel"]),
    ("identity", &["kernel", "platform", "oidc"]),
    ("annuaire", &["kernel", "platform", "identity"]),
    ("conseillers", &["kernel", "platform", "identity", "annuaire"]),
    ("mandats", &["kernel", "platform", "identity", "annuaire", "oidc"]),
    ("oidc", &["kernel"]),
    ("app", &["kernel", "platform", "identity", "annuaire", "conseillers", "mandats", "oidc"]),
    ("testkit", &["kernel", "platform"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

#[test]
fn crates_import_in_the_allowed_directions_only() {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let known: BTreeSet<&str> = HOUSE.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, known, "the table of this test and the workspace differ");
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let allowed = HOUSE.iter().find(|(n, _)| *n == name).unwrap().1;
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            let in_tests = dependency["kind"] == "dev" && other == "testkit";
            if ours.contains(other) && !allowed.contains(&other) && !in_tests {
                wrong.push(format!("{name} → {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden imports: {wrong:?}");
}

/// Files of that extension in the sources and templates of every crate.
fn files(extension: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    for (name, _) in HOUSE {
        for part in ["src", "templates"] {
            let folder = root.join("crates").join(name).join(part);
            if folder.exists() {
                walk(&folder, extension, &mut found);
            }
        }
    }
    assert!(!found.is_empty(), "no .{extension} file was found");
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Lines of these files that break a rule, as `file:line text`.
fn lines_that(files: &[(String, String)], wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in files {
        for (index, line) in text.lines().enumerate() {
            if wrong(name, line) {
                found.push(format!("{name}:{} {}", index + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn one_room_opens_databases_and_one_registers_routes() {
    let found = lines_that(&files("rs"), |file, line| {
        let code = line.split("//").next().unwrap_or_default();
        let opens = ["Database::connect", "SqlitePool", "PgPool"].iter().any(|w| code.contains(w));
        // A route added to a bare router would have no declared access. `starting.rs` has none: it
        // hands every request to the composed site.
        let routes = code.contains("axum::routing") || code.contains("OpenApiRouter");
        let home = file.starts_with("crates/platform/") || file.starts_with("crates/testkit/");
        // Tests play the outside services.
        let test = file.contains("/tests/") || file.contains("tests.rs");
        !home && !test && (opens || routes)
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_hand_writes_csv_and_no_cell_is_a_formula() {
    // The demonstration writes the file that it imports, never shown to a person.
    const NOT_SHOWN: &[&str] = &["crates/app/src/demonstration.rs"];
    let mut found = Vec::new();
    for (file, text) in files("rs") {
        if file.ends_with("platform/src/tableur.rs")
            || file.contains("tests")
            || NOT_SHOWN.contains(&file.as_str())
        {
            continue;
        }
        // Tests stand at the end of a file.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let writes = ["csv::Writer", "WriterBuilder"].iter().any(|w| code.contains(w));
        // A list of CSV that is made by hand.
        let by_hand =
            code.contains("text/csv") && !code.contains("tableur::") && code.contains("push_str(\";\")");
        if writes || by_hand {
            found.push(file);
        }
    }
    assert!(found.is_empty(), "use platform::tableur: {found:#?}");
}

/// Each tag of that name in the line, from `<` to `>`.
fn tags<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices('<').filter_map(move |(at, _)| {
        let rest = &line[at + 1..];
        let after = rest.strip_prefix(name)?;
        after.starts_with([' ', '>', '\n']).then(|| after.split('>').next().unwrap_or_default())
    })
}

#[test]
fn form_fields_come_from_the_components() {
    // Hidden fields have no label, no error and nothing to type: they may stand in a page.
    let found = lines_that(&files("html"), |file, line| {
        !file.starts_with("crates/platform/templates/form/")
            && (tags(line, "input").any(|t| !t.contains("type=\"hidden\""))
                || tags(line, "select").next().is_some()
                || tags(line, "textarea").next().is_some())
    });
    assert!(found.is_empty(), "write these with FormState::champ and its kin: {found:#?}");
}

#[test]
fn pages_hold_nothing_that_the_content_policy_refuses() {
    let found = lines_that(&files("html"), |file, line| {
        // Mail readers know no style sheet.
        let mail = file.starts_with("crates/platform/templates/mail/");
        // Data for a module is not run: the policy lets it stand.
        let script = tags(line, "script").any(|t| !t.contains("src=") && !t.contains("json\""));
        let handler = [" onclick=", " onload=", " onsubmit=", " onchange=", " oninput=", "javascript:"]
            .iter()
            .any(|w| line.contains(w));
        let elsewhere = ["src=\"http", "src=\"//", "url(http"].iter().any(|w| line.contains(w));
        !mail
            && (script
                || handler
                || elsewhere
                || line.contains(" style=")
                || tags(line, "style").next().is_some())
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_manual_names_every_key_of_the_configuration() {
    let manual = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let sections = std::fs::read_to_string(root().join("crates/platform/src/config/sections.rs")).unwrap();
    // Fields of each section, in the order of the source: `/// `[serveur]`` opens one.
    let mut section = String::new();
    let mut keys = Vec::new();
    for line in sections.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("/// `[").and_then(|l| l.split(']').next()) {
            section = name.to_owned();
        } else if !section.is_empty()
            && let Some((name, _)) = line
                .strip_prefix("pub ")
                .filter(|f| !f.contains('(') && !f.starts_with("const "))
                .and_then(|f| f.split_once(": "))
        {
            keys.push(format!("{section}.{name}"));
        }
    }
    assert!(keys.len() > 25, "the sections of the configuration are written otherwise: {keys:?}");
    for key in &keys {
        assert!(manual.contains(&format!("| `{key}` |")), "{key} is not in docs/operations.md");
    }
    for line in manual.lines().filter_map(|l| l.strip_prefix("| `")) {
        let named = line.split('`').next().unwrap_or_default();
        assert!(keys.iter().any(|k| k == named), "{named} is no key of the configuration");
    }
}

#[test]
fn a_newcomer_finds_what_is_promised() {
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "LICENSE",
        "docs/architecture.md",
        "docs/glossary.md",
        "docs/operations.md",
        "docs/decisions/README.md",
    ] {
        assert!(root().join(file).exists(), "{file} is missing");
    }
}
