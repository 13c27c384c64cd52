//! What travels in JSON between the server, the app and scripts.
//!
//! Here: requests, answers, pages, patches, problems, validation of fields. Not here: rules of who may do what
//! (see `tyrian-domain`), HTTP, SQL. Compiles to WASM; the OpenAPI schemas hang on the feature `openapi`.

pub mod auth;
pub mod catalogue;
pub mod detection_levels;
pub mod diag;
pub mod groups;
pub mod invitations;
pub mod jobs;
pub mod missions;
pub mod page;
pub mod patch;
pub mod problem;
pub mod scenario_templates;
pub mod synthesis;
pub mod test_templates;
pub mod users;
pub mod validation;

pub use page::{Items, Page};
pub use patch::Patch;
pub use problem::{ErrorCode, FieldError, Problem};
pub use validation::{Faults, Validate};

/// A wire type: debug, clone, serde, and a schema where the server asks for it.
#[macro_export]
macro_rules! wire {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident { $($body:tt)* })+) => { $(
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $(#[$meta])* $vis struct $name { $($body)* }
    )+ };
}
