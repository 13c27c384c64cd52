//! The OpenAPI document: made from the handlers, so that a route that is not in it does not exist.

use utoipa::OpenApi;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

use crate::http::Routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tyrian",
        description = "Plan, run and assess purple-team exercises. Errors are RFC 9457 problem+json with a stable `code`; lists are pages by cursor; edits need `If-Match`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "set-up", description = "The first admin"),
        (name = "auth", description = "Sign-in, sessions, one's own profile"),
        (name = "tokens", description = "API tokens of scripts"),
        (name = "users", description = "Users and the roster"),
        (name = "groups", description = "Groups and permissions"),
        (name = "invitations", description = "Invite people"),
        (name = "catalogue", description = "MITRE ATT&CK: tactics, techniques, the matrix, the sync"),
        (name = "test templates", description = "The library of tests"),
        (name = "scenario templates", description = "Tests in an order"),
        (name = "imports", description = "Files of other tools, into the library, as missions or onto a mission's tests"),
        (name = "missions", description = "Frozen copies of scenarios that red and blue run together"),
        (name = "execution", description = "Running a mission test by test: what red did and what blue saw"),
        (name = "evidence", description = "Files that red and blue add to a test"),
        (name = "comments", description = "What people say about a mission and its tests"),
        (name = "categories", description = "The headings under which a mission's tests are grouped"),
        (name = "findings", description = "The gaps that somebody works on, over all missions"),
        (name = "synthesis", description = "What missions tell: counts, coverage, times, gaps"),
        (name = "analytics", description = "What missions tell together"),
        (name = "activity", description = "What happened in a mission, as a log and as a live stream, and who is there"),
        (name = "notifications", description = "What concerns the caller"),
        (name = "search", description = "Everything by its words"),
        (name = "defence tools", description = "The products that detections name"),
        (name = "exports", description = "Reports and exchange formats of a mission, its lossless JSON in and out, and tickets for downloads"),
        (name = "jobs", description = "Work that runs longer than a request"),
        (name = "detection levels", description = "How good a detection was"),
        (name = "audit", description = "Who did what, and is the log whole?"),
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
    "request_password_reset",
    "reset_password",
    "oidc_login",
    "oidc_callback",
    "health",
    "ready",
    "openapi_document",
    "get_invitation_by_token",
    "accept_invitation",
    "download",
];

/// The finished document: what is true of every operation is said here once, not at each handler.
///
/// Every operation but the open ones needs the bearer token; refusals that the layers around all handlers give are listed;
/// every refusal is problem+json.
pub fn finish(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten() {
            let open = operation.operation_id.as_deref().is_some_and(|id| OPEN.contains(&id));
            operation.security = Some(if open { vec![] } else { vec![SecurityRequirement::new("bearer", Vec::<String>::new())] });
            let everywhere: &[&str] = if open { &["429", "503"] } else { &["401", "429", "503"] };
            // a query can hold what no text may
            let query = operation
                .parameters
                .as_ref()
                .is_some_and(|all| all.iter().any(|one| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query)));
            let with_query: &[&str] = if query { &["400", "422"] } else { &[] };
            let with_body: &[&str] = if operation.request_body.is_some() { &["400", "413", "415"] } else { &[] };
            for status in everywhere.iter().chain(with_query).chain(with_body) {
                operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| problem().into());
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    describe(status, response);
                }
            }
        }
    }
    document
}

/// A refusal.
fn problem() -> Response {
    ResponseBuilder::new().content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem")))).build()
}

/// The status's own words where the handler has none, and the media type that refusals really have.
fn describe(status: &str, response: &mut Response) {
    let code = status.parse::<u16>().ok().and_then(|code| actix_web::http::StatusCode::from_u16(code).ok());
    if response.description.is_empty() {
        code.and_then(|code| code.canonical_reason()).unwrap_or("Answer").clone_into(&mut response.description);
    }
    if code.is_some_and(|code| code.is_client_error() || code.is_server_error())
        && !response.content.contains_key("application/problem+json")
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".into(), content);
    }
}

/// The document as it is committed: `tyrian openapi` prints it.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = head();
    crate::app::routes(&mut Routes::document(&mut document));
    finish(document)
}
