//! The part of the document about writing, and subscriptions.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, HttpMethod, PathItem, Paths, Ref, RefOr, Required, Response, ResponseBuilder,
};

use super::{erreur, texte, vide};
use crate::lieux::abonnements::Evenement;
use crate::lieux::gestion::Motif;

const JETON: &str = "jeton";

/// Adds the writing of lieux and the subscriptions to the paths.
pub(super) fn ajoute(chemins: &mut Paths, composants: &mut Components) {
    let schema = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "Jeton personnel, créé dans son compte : il agit dans le rôle et le périmètre de la personne, avec les portées \
         qu’elle a choisies.",
    ));
    composants.add_security_scheme(JETON, SecurityScheme::Http(schema.build()));
    let mut met = |chemin: &str, methode: HttpMethod, operation: OperationBuilder| {
        let nouveau = PathItem::new(methode, operation.build());
        match chemins.paths.get_mut(chemin) {
            Some(present) => present.merge_operations(nouveau),
            None => drop(chemins.paths.insert(chemin.to_owned(), nouveau)),
        }
    };
    met("/api/v1/lieux", HttpMethod::Post, creer());
    met(
        "/api/v1/lieux/{id}",
        HttpMethod::Put,
        changer(
            "remplacer_lieu",
            "Remplacer un lieu",
            "Les champs absents sont vidés, sauf « id », « source », « date_maj » et « code_insee ».",
        ),
    );
    met(
        "/api/v1/lieux/{id}",
        HttpMethod::Patch,
        changer(
            "modifier_lieu",
            "Modifier un lieu",
            "Les champs absents restent ; null en vide un. Une valeur écrite ici l’emporte sur les livraisons suivantes.",
        ),
    );
    met(
        "/api/v1/lieux/{id}/confirmation",
        HttpMethod::Post,
        etat("confirmer_lieu", "Dire que tout est juste aujourd’hui", "lieux:ecrire"),
    );
    met("/api/v1/lieux/{id}/fermeture", HttpMethod::Post, fermer());
    met(
        "/api/v1/lieux/{id}/reouverture",
        HttpMethod::Post,
        etat("rouvrir_lieu", "Rouvrir un lieu fermé", "lieux:fermer"),
    );
    met(
        "/api/v1/webhooks",
        HttpMethod::Get,
        operation("lister_webhooks", "Ses abonnements", "webhooks")
            .response("200", vide("La liste, sans les secrets.")),
    );
    met("/api/v1/webhooks", HttpMethod::Post, abonner());
    met(
        "/api/v1/webhooks/{id}",
        HttpMethod::Delete,
        operation("retirer_webhook", "Retirer un abonnement", "webhooks")
            .parameter(chemin_id())
            .response("204", vide("L’abonnement est retiré."))
            .response("404", erreur("Aucun abonnement de cet identifiant.")),
    );
}

fn operation(id: &str, resume: &str, portee: &str) -> OperationBuilder {
    OperationBuilder::from(Operation::new())
        .tag(if portee == "webhooks" { "webhooks" } else { "lieux" })
        .operation_id(Some(id))
        .summary(Some(resume))
        .security(SecurityRequirement::new(JETON, [portee]))
        .response("401", erreur("Sans jeton valable."))
        .response("403", erreur("Le jeton n’a pas la portée, ou le rôle ne permet pas l’action."))
        .response("429", erreur("Trop de demandes avec ce jeton : attendez ce que dit Retry-After."))
}

fn creer() -> OperationBuilder {
    operation("creer_lieu", "Inscrire un lieu", "lieux:ecrire")
        .description(Some(
            "« nom », « adresse » et « commune » sont demandés. « structure » est l’identifiant de la structure qui ouvre le \
             lieu. Les listes s’écrivent en listes de textes, ou jointes par « | ».",
        ))
        .parameter(entete("Idempotency-Key", Required::False, "Un texte de votre choix, de 100 caractères au plus : la même demande envoyée deux fois avec la même clé n’inscrit qu’un lieu (sept jours)."))
        .parameter(
            ParameterBuilder::new().name("autre").parameter_in(ParameterIn::Query).required(Required::False)
                .description(Some("« oui » : c’est un autre lieu que ceux qui lui ressemblent.")).schema(Some(texte())),
        )
        .request_body(Some(corps(Ref::from_schema_name("Lieu").into())))
        .response("201", lieu("Le lieu inscrit, son adresse dans Location et sa version dans ETag."))
        .response("409", erreur("Un lieu ressemblant est déjà dans l’annuaire, ou la clé a servi pour une autre demande."))
        .response("422", erreur("Un champ ne convient pas : « champs » dit lesquels."))
}

fn changer(id: &str, resume: &str, description: &str) -> OperationBuilder {
    versionnee(operation(id, resume, "lieux:ecrire"))
        .description(Some(description))
        .request_body(Some(corps(Ref::from_schema_name("Lieu").into())))
        .response("422", erreur("Un champ ne convient pas : « champs » dit lesquels."))
}

fn fermer() -> OperationBuilder {
    let motifs =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Motif::TOUS.map(Motif::cle)));
    let objet =
        ObjectBuilder::new().property("motif", motifs).required("motif").property("le", texte()).build();
    versionnee(operation("fermer_lieu", "Fermer un lieu", "lieux:fermer"))
        .request_body(Some(corps(RefOr::T(objet.into()))))
        .response("422", erreur("La raison ou la date ne convient pas."))
}

fn etat(id: &str, resume: &str, portee: &str) -> OperationBuilder {
    operation(id, resume, portee)
        .parameter(chemin_id())
        .response("200", lieu("Le lieu, comme il est maintenant."))
        .response("404", erreur("Aucun lieu de cet identifiant dans votre périmètre."))
        .response("409", erreur("L’état du lieu ne le permet pas."))
}

fn versionnee(operation: OperationBuilder) -> OperationBuilder {
    operation
        .parameter(chemin_id())
        .parameter(entete(
            "If-Match",
            Required::True,
            "La version lue : l’ETag du lieu, ou son champ « version » entre guillemets.",
        ))
        .response("200", lieu("Le lieu, comme il est maintenant."))
        .response("404", erreur("Aucun lieu de cet identifiant dans votre périmètre."))
        .response("412", erreur("Le lieu a changé depuis votre lecture."))
        .response("428", erreur("L’en-tête If-Match manque."))
}

fn abonner() -> OperationBuilder {
    let evenement =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Evenement::TOUS.map(Evenement::cle)));
    let objet = ObjectBuilder::new()
        .property("url", texte())
        .required("url")
        .property("evenements", ArrayBuilder::new().items(evenement))
        .required("evenements")
        .build();
    operation("creer_webhook", "S’abonner aux changements", "webhooks")
        .request_body(Some(corps(RefOr::T(objet.into()))))
        .response("201", vide("L’identifiant et le secret, qui n’est donné qu’une fois."))
        .response("422", erreur("L’adresse ou un événement ne convient pas."))
}

fn chemin_id() -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(texte()))
        .build()
}

fn entete(nom: &str, requis: Required, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(nom)
        .parameter_in(ParameterIn::Header)
        .required(requis)
        .description(Some(description))
        .schema(Some(texte()))
        .build()
}

fn corps(schema: RefOr<Schema>) -> RequestBody {
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/json", ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

fn lieu(description: &str) -> RefOr<Response> {
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Lieu"))).build(),
        )
        .build()
        .into()
}
