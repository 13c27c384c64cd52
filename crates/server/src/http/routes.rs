//! Routes and what the OpenAPI document says of them, in one list: a feature names each of its handlers once. The server takes
//! the handlers, the document their descriptions; so no thread of the server builds a document that nobody reads.

use actix_web::dev::HttpServiceFactory;
use actix_web::web::ServiceConfig;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// What features add their handlers to.
pub struct Routes<'a>(To<'a>);

enum To<'a> {
    Server(&'a mut ServiceConfig),
    Document(&'a mut OpenApi),
}

impl<'a> Routes<'a> {
    /// For a server.
    pub fn server(config: &'a mut ServiceConfig) -> Self {
        Self(To::Server(config))
    }

    /// For the document.
    pub fn document(document: &'a mut OpenApi) -> Self {
        Self(To::Document(document))
    }

    /// Adds those that are asked for most, and the rest: a server goes through its routes one by one, so it takes them in this
    /// order, while the document begins with the rest, as a reader does.
    pub fn most_asked_first(&mut self, most_asked: impl FnOnce(&mut Self), rest: impl FnOnce(&mut Self)) {
        if matches!(self.0, To::Server(_)) {
            most_asked(self);
            rest(self);
        } else {
            rest(self);
            most_asked(self);
        }
    }

    /// Adds a handler.
    pub fn service(&mut self, handler: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        match &mut self.0 {
            To::Server(config) => drop(config.service(handler)),
            To::Document(document) => describe(document, &handler),
        }
        self
    }

    /// Adds a handler that the document does not name: the other way to ask for what it names.
    pub fn undocumented(&mut self, handler: impl HttpServiceFactory + 'static) -> &mut Self {
        if let To::Server(config) = &mut self.0 {
            config.service(handler);
        }
        self
    }

    /// Adds those of a feature.
    pub fn configure(&mut self, feature: impl FnOnce(&mut Self)) -> &mut Self {
        feature(self);
        self
    }
}

/// Where all of them are.
pub const PREFIX: &str = "/api/v1";

fn describe(document: &mut OpenApi, handler: &impl OpenApiFactory) {
    let mut paths = Paths::new();
    paths.paths.extend(handler.paths().paths.into_iter().map(|(path, item)| (format!("{PREFIX}{path}"), item)));
    document.paths.merge(paths);
    let mut schemas = Vec::new();
    handler.schemas(&mut schemas);
    document.components.get_or_insert_with(Components::new).schemas.extend(schemas);
}
