//! What travels in JSON between the server, the app and scripts.
//!
//! Here: requests, answers, pages, patches, problems, validation of fields. Not here: rules of who may do what
//! (see `tyrian-domain`), HTTP, SQL. Compiles to WASM; the OpenAPI schemas hang on the feature `openapi`.

pub mod analytics;
pub mod api_tokens;
pub mod audit;
pub mod auth;
pub mod catalogue;
pub mod categories;
pub mod comments;
pub mod defence_tools;
pub mod detection_levels;
pub mod detections;
pub mod diag;
pub mod events;
pub mod evidence;
pub mod execution;
pub mod exports;
pub mod findings;
pub mod groups;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod missions;
pub mod notifications;
pub mod page;
pub mod patch;
pub mod problem;
pub mod purge;
pub mod retests;
pub mod scenario_templates;
pub mod search;
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

/// A wire type whose every field is a [`Patch`]: left out, cleared or set. Unknown fields are refused.
/// `fields()` names what it sets or clears.
#[macro_export]
macro_rules! patch_wire {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty,)* }) => {
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields, default)]
        $(#[$meta])* $vis struct $name {
            $(
                $(#[$fmeta])*
                #[serde(skip_serializing_if = "Patch::is_keep")]
                #[cfg_attr(feature = "openapi", schema(value_type = Option<$type>))]
                pub $field: $crate::Patch<$type>,
            )*
        }

        impl $name {
            /// The fields that it sets or clears, in the order of their declaration.
            pub fn fields(&self) -> Vec<&'static str> {
                let mut fields = Vec::new();
                $(if !self.$field.is_keep() { fields.push(stringify!($field)); })*
                fields
            }
        }
    };
}
