//! The scale on which blue judges how good a detection was.

use uuid::Uuid;

crate::wire! {
    /// One level.
    pub struct DetectionLevel {
        /// Level id.
        pub id: Uuid,
        /// Its stable code, `technique`.
        pub code: String,
        /// Its name.
        pub name: String,
        /// What it means.
        pub description: Option<String>,
        /// Its colour, `#rrggbb`.
        pub color: String,
        /// Higher is better for the defenders.
        pub rank: i32,
        /// Is it among the seeded ones?
        pub is_default: bool,
        /// No longer offered, still shown where it was used.
        pub is_retired: bool,
    }
}
