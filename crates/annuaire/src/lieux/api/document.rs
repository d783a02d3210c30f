//! The OpenAPI document of lieux, written from the same tables as the search: it cannot promise a filter that does not
//! exist, nor forget one.

mod ecriture;

use serde_json::json;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, RefOr, Required, ResponseBuilder,
};

use super::{TAILLE, TAILLE_MAX};
use crate::lieux::recherche::Facette;
use crate::lieux::standard::{Champ, Genre};

/// The paths and schemas of lieux.
pub(crate) fn openapi() -> OpenApi {
    let liste = OperationBuilder::new()
        .tag("lieux")
        .operation_id(Some("chercher_lieux"))
        .summary(Some("Chercher des lieux"))
        .description(Some(
            "Les valeurs d’un même paramètre s’ajoutent (l’une ou l’autre), les paramètres se combinent (celui-ci et \
             celui-là). Avec un point de départ, du plus proche au plus lointain ; sinon, avec des mots, du plus \
             pertinent au moins pertinent ; sinon par nom.",
        ))
        .parameters(Some(parametres()))
        .response("200", contenus("Les lieux trouvés.", "Lieux", "LieuxGeojson"))
        .response("304", vide("Rien n’a changé depuis l’ETag donné."))
        .response("400", erreur("Un paramètre ne peut être lu : la phrase dit lequel et ce qui est attendu."));
    let un = OperationBuilder::new()
        .tag("lieux")
        .operation_id(Some("lire_lieu"))
        .summary(Some("Lire un lieu"))
        .parameter(
            ParameterBuilder::new()
                .name("id")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some("« uid » du lieu, ou son identifiant de producteur (« id » du standard)."))
                .schema(Some(texte())),
        )
        .parameter(format())
        .response("200", contenus("Le lieu.", "Lieu", "LieuGeojson"))
        .response("304", vide("Rien n’a changé depuis l’ETag donné."))
        .response("404", erreur("Aucun lieu de cet identifiant."));
    let mut document = OpenApiBuilder::new()
        .info(InfoBuilder::new().title("Lieux").version("1").build())
        .tags(Some([TagBuilder::new()
            .name("lieux")
            .description(Some("Lieux de médiation numérique, au format du standard national 1.0"))
            .build()]))
        .paths(
            PathsBuilder::new()
                .path("/api/v1/lieux", PathItem::new(HttpMethod::Get, liste.build()))
                .path("/api/v1/lieux/{id}", PathItem::new(HttpMethod::Get, un.build()))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .schema("Lieu", lieu())
                .schema("Lieux", lieux())
                .schema("LieuGeojson", point())
                .schema("LieuxGeojson", points())
                .schema("Erreur", schema_erreur())
                .build(),
        ))
        .build();
    let mut composants = document.components.take().unwrap_or_default();
    ecriture::ajoute(&mut document.paths, &mut composants);
    document.components = Some(composants);
    document
}

fn texte() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).build().into()
}

fn nombre() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .build()
        .into()
}

fn entier() -> Schema {
    ObjectBuilder::new().schema_type(Type::Integer).build().into()
}

fn parametre(nom: &str, schema: Schema, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(nom)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn format() -> Parameter {
    let valeurs =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["json", "geojson"])).build();
    parametre("format", valeurs.into(), "json (par défaut) ou geojson ; l’en-tête Accept le dit aussi.")
}

fn parametres() -> Vec<Parameter> {
    let mut tous = vec![
        parametre(
            "q",
            texte(),
            "Mots : un nom, un besoin (« impôts »), une commune. Les fautes de frappe sont pardonnées.",
        ),
        parametre(
            "ou",
            texte(),
            "Commune, code postal, département ou région : point de départ ou territoire.",
        ),
        parametre("lat", nombre(), "Latitude du point de départ, degrés décimaux WGS84."),
        parametre("lon", nombre(), "Longitude du point de départ."),
        parametre("rayon", nombre(), "Kilomètres autour du point de départ, à vol d’oiseau."),
        parametre("bbox", texte(), "ouest,sud,est,nord en degrés."),
        parametre("jour", texte(), "Ouvert ce jour-là (AAAA-MM-JJ), dans les cinq semaines qui viennent."),
        parametre(
            "heure",
            texte(),
            "Ouvert à cette heure (HH:MM), à l’heure du lieu ; aujourd’hui sans « jour ».",
        ),
        parametre("source", texte(), "Nom de la source qui livre le lieu."),
        parametre("departement", texte(), "Code du département ou de la collectivité : 23, 2A, 974."),
        parametre("region", texte(), "Code INSEE de la région."),
        parametre("epci", texte(), "SIREN de l’intercommunalité."),
        parametre("commune", texte(), "Code INSEE de la commune, actuel ou ancien."),
    ];
    for f in Facette::TOUTES {
        let cles: Vec<&str> = f.valeurs().iter().map(|v| v.cle.as_ref()).collect();
        let valeur = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(cles)).build();
        let libelles: Vec<String> =
            f.valeurs().iter().take(12).map(|v| format!("{} : {}", v.cle, v.libelle)).collect();
        let description = format!(
            "{}. Plusieurs valeurs possibles ; les mots du standard sont acceptés aussi. {}.",
            f.titre(),
            libelles.join(" ; ")
        );
        tous.push(parametre(f.parametre(), ArrayBuilder::new().items(valeur).build().into(), &description));
    }
    tous.push(parametre("page", entier(), "Page, à partir de 1."));
    tous.push(parametre(
        "taille",
        entier(),
        &format!("Lieux par page, {TAILLE} par défaut, {TAILLE_MAX} au plus."),
    ));
    tous.push(format());
    tous
}

fn lieu() -> Schema {
    let mut objet = ObjectBuilder::new()
        .description(Some("Les champs du standard qui ont une valeur, et les nôtres."))
        .property(
            "uid",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                .description(Some("Identifiant stable : il ne change ni ne sert deux fois.")),
        )
        .required("uid")
        .property("url", ObjectBuilder::new().schema_type(Type::String).description(Some("Page du lieu.")))
        .required("url")
        .property(
            "modifie_le",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                .description(Some("Dernier changement vu par l’annuaire.")),
        )
        .required("modifie_le")
        .property(
            "ferme_le",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                .description(Some("Le producteur ne transmet plus ce lieu depuis cette date.")),
        )
        .property(
            "version",
            ObjectBuilder::new().schema_type(Type::Integer).description(Some(
                "Grandit à chaque écriture ; donnée avec un lieu seul, à rendre dans If-Match.",
            )),
        )
        .property(
            "sources",
            ArrayBuilder::new()
                .items(
                    ObjectBuilder::new()
                        .property("source", texte())
                        .property("id", texte())
                        .property("recu_le", texte()),
                )
                .description(Some(
                    "Les sources qui décrivent ce lieu, leur identifiant et leur dernière livraison ; donné avec un lieu seul.",
                )),
        )
        .property(
            "distance_m",
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .description(Some("Mètres depuis le point de départ, à vol d’oiseau.")),
        );
    for champ in Champ::TOUS {
        let genre = match champ.genre() {
            Genre::Nombre => ObjectBuilder::new().schema_type(Type::Number),
            Genre::Texte => ObjectBuilder::new().schema_type(Type::String),
            Genre::Date => ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))),
        };
        objet = objet.property(champ.nom(), genre.description(Some(champ.titre())));
    }
    objet.build().into()
}

fn lieux() -> Schema {
    ObjectBuilder::new()
        .property("total", entier())
        .required("total")
        .property("page", entier())
        .required("page")
        .property("pages", entier())
        .required("pages")
        .property("taille", entier())
        .required("taille")
        .property("lieux", ArrayBuilder::new().items(Ref::from_schema_name("Lieu")))
        .required("lieux")
        .build()
        .into()
}

fn point() -> Schema {
    ObjectBuilder::new()
        .description(Some(
            "Un objet Feature (RFC 7946) ; la géométrie est nulle quand la position n’est pas connue.",
        ))
        .property("type", texte())
        .property("id", texte())
        .property("geometry", ObjectBuilder::new())
        .property("properties", Ref::from_schema_name("Lieu"))
        .build()
        .into()
}

fn points() -> Schema {
    ObjectBuilder::new()
        .property("type", texte())
        .property("total", entier())
        .property("features", ArrayBuilder::new().items(Ref::from_schema_name("LieuGeojson")))
        .build()
        .into()
}

fn schema_erreur() -> Schema {
    ObjectBuilder::new()
        .description(Some("Un problème (RFC 9457), avec les champs en cause quand il y en a."))
        .property("type", texte())
        .property("title", texte())
        .property("status", entier())
        .property("detail", texte())
        .property(
            "champs",
            ArrayBuilder::new()
                .items(ObjectBuilder::new().property("champ", texte()).property("detail", texte())),
        )
        .examples([json!({
            "type": "about:blank", "title": "Demande refusée", "status": 422, "detail": "…",
            "champs": [{ "champ": "code_postal", "detail": "…" }],
        })])
        .build()
        .into()
}

fn contenus(description: &str, json: &str, geojson: &str) -> RefOr<utoipa::openapi::Response> {
    let schema = |nom: &str| ContentBuilder::new().schema(Some(Ref::from_schema_name(nom))).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/json", schema(json))
        .content("application/geo+json", schema(geojson))
        .build()
        .into()
}

fn vide(description: &str) -> RefOr<utoipa::openapi::Response> {
    ResponseBuilder::new().description(description).build().into()
}

fn erreur(description: &str) -> RefOr<utoipa::openapi::Response> {
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Erreur"))).build(),
        )
        .build()
        .into()
}
