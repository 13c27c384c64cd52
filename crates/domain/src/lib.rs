//! What the words of a purple-team exercise mean and what is allowed.
//!
//! Here: permission codes, roles, the mission's and the test's state machines, visibility, counters, limits.
//! Not here: I/O, async, JSON of requests (see `tyrian-api-types`), SQL. The server refuses with these rules
//! and the app disables with the same ones, so everything compiles to WASM.

/// Implements the string side of an enum whose words live in one place: `as_str`, `parse`, `ALL`, `Display`.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for this value in JSON, in the database and in URLs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value that `word` stands for, if any.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

pub mod analytics;
pub mod command;
pub mod comment;
pub mod compare;
pub mod counters;
pub mod event;
pub mod execution;
pub mod mission;
pub mod notification;
pub mod permission;
pub mod synthesis;
pub mod template;
pub mod test;
pub mod text;
pub mod visibility;
