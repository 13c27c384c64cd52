//! The scale on which blue judges how good a detection was.

use tyrian_domain::counters::UNASSESSED;
use tyrian_domain::text;
use uuid::Uuid;

use crate::{Faults, Patch, Validate};

/// The highest rank.
pub const MAX_RANK: i32 = 1000;

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
        /// Is it the one that is proposed first? At most one is.
        pub is_default: bool,
        /// No longer offered, still shown where it was used.
        pub is_retired: bool,
    }

    /// A new level.
    #[serde(deny_unknown_fields)]
    pub struct DetectionLevelCreate {
        /// Its code, `technique`: lower-case letters, digits and `_`. It stays for good, since counts go by it.
        pub code: String,
        /// Its name.
        pub name: String,
        /// What it means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// Its colour, `#rrggbb`.
        pub color: String,
        /// Higher is better for the defenders, 0 to 1000.
        pub rank: i32,
        /// Propose it first? The one up to now no longer is.
        #[serde(default)]
        pub is_default: bool,
    }
}

crate::patch_wire! {
    /// Changes a level.
    pub struct DetectionLevelPatch {
        /// Its name.
        name: String,
        /// What it means.
        description: String,
        /// Its colour, `#rrggbb`.
        color: String,
        /// Higher is better for the defenders, 0 to 1000.
        rank: i32,
        /// Propose it first? The one up to now no longer is.
        is_default: bool,
        /// No longer offer it?
        is_retired: bool,
    }
}

fn check_rank(f: &mut Faults, rank: i32) {
    if !(0..=MAX_RANK).contains(&rank) {
        f.add("/rank", "out_of_range", format!("From 0 to {MAX_RANK}."));
    }
}

impl Validate for DetectionLevelCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/code", &self.code, text::LABEL);
        if !self.code.is_empty() && !self.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            f.add("/code", "invalid", "Lower-case letters, digits and _ only.");
        }
        if self.code == UNASSESSED {
            f.add("/code", "reserved", "Tests without a level are counted under this word. Choose another one.");
        }
        f.line("/name", &self.name, text::NAME);
        f.text("/description", self.description.as_deref());
        f.color("/color", Some(&self.color));
        check_rank(f, self.rank);
    }
}

impl Validate for DetectionLevelPatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.text("/description", self.description.value().map(String::as_str));
        f.needed("/color", &self.color);
        f.color("/color", self.color.value().map(String::as_str));
        f.needed("/rank", &self.rank);
        if let Some(rank) = self.rank.value() {
            check_rank(f, *rank);
        }
        f.needed("/is_default", &self.is_default);
        f.needed("/is_retired", &self.is_retired);
    }
}
