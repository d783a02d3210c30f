//! Whether an answer is what the document of the API says: the part of JSON Schema 2020-12 that our documents use. What is not
//! said is not served: a field that no schema names is a fault.

use serde_json::Value;

/// The faults of a value against a schema of `components`.
pub(crate) fn fautes(document: &str, schema: &str, value: &Value) -> Vec<String> {
    let document: Value = serde_json::from_str(document).unwrap();
    let mut out = Vec::new();
    verifie(
        &document,
        &serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") }),
        value,
        "",
        &mut out,
    );
    out
}

fn est(genre: &str, v: &Value) -> bool {
    match genre {
        "object" => v.is_object(),
        "array" => v.is_array(),
        "string" => v.is_string(),
        "integer" => v.is_i64() || v.is_u64(),
        "number" => v.is_number(),
        "boolean" => v.is_boolean(),
        "null" => v.is_null(),
        _ => false,
    }
}

fn forme(format: &str, texte: &str) -> bool {
    match format {
        "date" => texte.parse::<chrono::NaiveDate>().is_ok(),
        "date-time" => chrono::DateTime::parse_from_rfc3339(texte).is_ok(),
        "uuid" => texte.parse::<uuid::Uuid>().is_ok(),
        "uri" => url::Url::parse(texte).is_ok(),
        "email" => texte.contains('@'),
        _ => false,
    }
}

fn verifie(document: &Value, schema: &Value, v: &Value, ou: &str, out: &mut Vec<String>) {
    const CONNUS: [&str; 13] = [
        "$ref",
        "type",
        "properties",
        "required",
        "items",
        "additionalProperties",
        "format",
        "enum",
        "description",
        "minimum",
        "maximum",
        "default",
        "example",
    ];
    let Some(dit) = schema.as_object() else { return };
    for mot in dit.keys().filter(|k| !CONNUS.contains(&k.as_str())) {
        out.push(format!("{ou}: this test does not know « {mot} »"));
    }
    if let Some(vers) = dit.get("$ref").and_then(Value::as_str) {
        match document.pointer(vers.trim_start_matches('#')) {
            Some(schema) => verifie(document, schema, v, ou, out),
            None => out.push(format!("{ou}: {vers} is nowhere")),
        }
    }
    let genres: Vec<&str> = match dit.get("type") {
        Some(Value::String(un)) => vec![un],
        Some(Value::Array(tous)) => tous.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !genres.is_empty() && !genres.iter().any(|g| est(g, v)) {
        out.push(format!("{ou}: {v} is no {genres:?}"));
    }
    if let Some(choix) = dit.get("enum").and_then(Value::as_array)
        && !choix.contains(v)
    {
        out.push(format!("{ou}: {v} is none of {choix:?}"));
    }
    if let (Some(format), Some(texte)) = (dit.get("format").and_then(Value::as_str), v.as_str())
        && !forme(format, texte)
    {
        out.push(format!("{ou}: « {texte} » is no {format}"));
    }
    for (borne, juste) in [("minimum", 1.0), ("maximum", -1.0)] {
        if let (Some(b), Some(n)) = (dit.get(borne).and_then(Value::as_f64), v.as_f64())
            && (n - b) * juste < 0.0
        {
            out.push(format!("{ou}: {n} beyond {b}"));
        }
    }
    if let (Some(items), Some(tous)) = (dit.get("items"), v.as_array()) {
        for (rang, un) in tous.iter().enumerate() {
            verifie(document, items, un, &format!("{ou}[{rang}]"), out);
        }
    }
    let Some(champs) = v.as_object() else { return };
    for nom in dit.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !champs.contains_key(nom) {
            out.push(format!("{ou}: « {nom} » is missing"));
        }
    }
    let properties = dit.get("properties").and_then(Value::as_object);
    for (nom, valeur) in champs {
        let place = format!("{ou}.{nom}");
        match (properties.and_then(|p| p.get(nom)), dit.get("additionalProperties")) {
            (Some(schema), _) | (None, Some(schema)) => verifie(document, schema, valeur, &place, out),
            (None, None) if properties.is_some() => out.push(format!("{place} is in no schema")),
            _ => {}
        }
    }
}

/// Every address of our documents is a route, every route under `/api/v1` is in one, every reference leads somewhere, and the
/// one document of the API has all of it.
#[tokio::test]
async fn the_one_document_tells_every_address_of_ours() {
    let t = testkit::TestSite::sqlite(crate::tests_migrations()).await;
    let m = crate::essai::mandats(&t).await;
    let routes: std::collections::BTreeSet<String> = crate::routes(&m)
        .list()
        .iter()
        .map(|r| r.path.clone())
        .filter(|p| p.starts_with("/api/v1/") && !p.ends_with("/openapi.json"))
        .collect();
    let documents = crate::openapi();
    let mut dites = std::collections::BTreeSet::new();
    for (_, texte) in documents {
        let d: Value = serde_json::from_str(texte).unwrap();
        dites.extend(d["paths"].as_object().unwrap().keys().cloned());
    }
    assert_eq!(dites, routes);
    let mut b = t.browser(annuaire::routes_joining(&m.annuaire, &documents));
    let whole = b.get("/api/v1/openapi.json").await.expect(200).json();
    for chemin in &dites {
        assert!(whole["paths"][chemin]["get"]["responses"].is_object(), "{chemin}");
    }
    let texte = whole.to_string();
    let vers: Vec<&str> = texte.split("\"#/").skip(1).filter_map(|r| r.split('"').next()).collect();
    assert!(vers.len() > 20);
    for v in vers {
        assert!(whole.pointer(&format!("/{v}")).is_some(), "{v} leads nowhere");
    }
    // Two rooms that name a schema alike keep both, and each operation has its own name.
    for nom in ["MandatsOrganisation", "AidantsConnectOrganisation"] {
        assert!(whole["components"]["schemas"][nom].is_object(), "{nom}");
    }
    let mut noms: Vec<&str> =
        texte.split("\"operationId\":\"").skip(1).filter_map(|r| r.split('"').next()).collect();
    let combien = noms.len();
    noms.sort_unstable();
    noms.dedup();
    assert_eq!(noms.len(), combien, "an operation is named twice");
}

#[test]
fn faults_are_found() {
    let d = r##"{"components":{"schemas":{"A":{"type":"object","required":["n"],"properties":{"n":{"type":"integer","minimum":1},
        "j":{"type":["string","null"],"format":"date"},"b":{"type":"array","items":{"$ref":"#/components/schemas/A"}}}}}}}"##;
    let faux = |texte: &str| fautes(d, "A", &serde_json::from_str(texte).unwrap()).len();
    for (texte, combien) in [
        (r#"{"n":1,"j":"2026-12-31","b":[{"n":2,"j":null}]}"#, 0),
        (r#"{"j":"hier"}"#, 2),
        (r#"{"n":0,"x":1}"#, 2),
        (r#"{"n":"1","b":[3]}"#, 2),
        ("[]", 1),
    ] {
        assert_eq!(faux(texte), combien, "{texte}");
    }
    assert_eq!(fautes(d, "B", &Value::Null).len(), 1);
}
