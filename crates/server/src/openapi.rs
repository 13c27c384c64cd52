//! The OpenAPI document: made from the handlers, so that a route that is not in it does not exist.

use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tyrian",
        description = "Plan, run and judge purple-team exercises. Errors are RFC 9457 problem+json with a stable `code`; lists are pages by cursor; edits need `If-Match`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "set-up", description = "The first admin"),
        (name = "auth", description = "Sign-in, sessions, one's own profile"),
        (name = "users", description = "Users and the roster"),
        (name = "groups", description = "Groups and permissions"),
        (name = "invitations", description = "Invite people"),
        (name = "catalogue", description = "MITRE ATT&CK: tactics, techniques, the matrix, the sync"),
        (name = "test templates", description = "The library of tests"),
        (name = "scenario templates", description = "Tests in an order"),
        (name = "missions", description = "Frozen copies of scenarios that red and blue run together"),
        (name = "jobs", description = "Work that runs longer than a request"),
        (name = "detection levels", description = "How good a detection was"),
        (name = "diag", description = "Is the instance well?"),
    ),
)]
struct Head;

/// What the document says before any route is in it.
pub fn head() -> utoipa::openapi::OpenApi {
    let mut document = Head::openapi();
    crate::VERSION.clone_into(&mut document.info.version);
    let components = document.components.get_or_insert_with(Default::default);
    components.security_schemes.insert(
        "bearer".into(),
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()).into(),
    );
    document
}

/// Operations that need nobody to be signed in.
const OPEN: &[&str] = &[
    "setup_status",
    "set_up",
    "login",
    "refresh",
    "logout",
    "health",
    "ready",
    "openapi_document",
    "get_invitation_by_token",
    "accept_invitation",
];

/// The finished document: every operation but the open ones says that it needs the bearer token.
pub fn finish(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    use utoipa::openapi::security::SecurityRequirement;
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten() {
            let open = operation.operation_id.as_deref().is_some_and(|id| OPEN.contains(&id));
            operation.security = Some(if open { vec![] } else { vec![SecurityRequirement::new("bearer", Vec::<String>::new())] });
        }
    }
    document
}

/// The document as it is committed: `tyrian openapi` prints it.
pub fn document() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt as _;
    let (_, document) = actix_web::App::new().into_utoipa_app().openapi(head()).configure(crate::app::routes).split_for_parts();
    finish(document)
}
