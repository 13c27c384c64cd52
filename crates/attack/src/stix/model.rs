//! What a bundle comes to: the values that a catalogue is made of.

use std::fmt;

/// One of ATT&CK's three domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// Enterprise.
    Enterprise,
    /// Mobile.
    Mobile,
    /// Industrial control systems.
    Ics,
}

impl Domain {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Enterprise, Self::Mobile, Self::Ics];

    /// The name in our tables: `enterprise`, `mobile`, `ics`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Mobile => "mobile",
            Self::Ics => "ics",
        }
    }

    /// The name in bundles and Navigator layers: `enterprise-attack` and so on.
    pub const fn attack_name(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise-attack",
            Self::Mobile => "mobile-attack",
            Self::Ics => "ics-attack",
        }
    }

    /// The kill chain whose phases are this domain's tactics.
    pub const fn kill_chain(self) -> &'static str {
        match self {
            Self::Enterprise => "mitre-attack",
            Self::Mobile => "mitre-mobile-attack",
            Self::Ics => "mitre-ics-attack",
        }
    }

    /// From either name, `enterprise` or `enterprise-attack`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.as_str() == name || domain.attack_name() == name)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A bundle's tactics, techniques and subtechniques, linked and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// From the live matrix.
    pub domain: Domain,
    /// The release, `18.1`. STIX 2.0 bundles do not say.
    pub version: Option<String>,
    /// The collection's name, or the matrix's where there is no collection.
    pub name: String,
    /// In the order of the matrix; those that stand in no live matrix come after, by external id.
    pub tactics: Vec<Tactic>,
    /// In the order of the bundle, the revoked and deprecated ones too.
    pub techniques: Vec<Technique>,
    /// In the order of the bundle, the revoked and deprecated ones too.
    pub subtechniques: Vec<Subtechnique>,
    /// What is odd in the bundle but does not make it unusable, a sentence each.
    pub warnings: Vec<String>,
}

/// A column of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tactic {
    /// The key that stays when ATT&CK renames it.
    pub stix_id: String,
    /// `TA0002`.
    pub external_id: String,
    /// `execution`: what techniques name it by.
    pub short_name: String,
    /// `Execution`.
    pub name: String,
    /// Markdown with `(Citation: …)`; empty where the bundle has none.
    pub description: String,
    /// Its page, always http or https.
    pub url: String,
    /// Its place in the matrix, from 0; a tactic in no live matrix has a place after all that are.
    pub position: usize,
    /// Stands in a live matrix.
    pub in_matrix: bool,
    /// Marked as deprecated.
    pub is_deprecated: bool,
    /// Marked as revoked.
    pub is_revoked: bool,
}

/// A technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    /// The key that stays when ATT&CK renames it.
    pub stix_id: String,
    /// `T1059`.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Markdown with `(Citation: …)`; empty where the bundle has none.
    pub description: String,
    /// Its page, always http or https.
    pub url: String,
    /// As the bundle spells and orders them.
    pub platforms: Vec<String>,
    /// Marked as deprecated.
    pub is_deprecated: bool,
    /// Marked as revoked.
    pub is_revoked: bool,
    /// Of a revoked one: the id at the end of the chain of revocations, where it is known.
    pub revoked_by_external_id: Option<String>,
    /// Short names of its tactics, in their order; only tactics of the bundle.
    pub tactics: Vec<String>,
}

/// A subtechnique: a technique with a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtechnique {
    /// The key that stays when ATT&CK renames it.
    pub stix_id: String,
    /// `T1059.001`.
    pub external_id: String,
    /// Its name, without the parent's.
    pub name: String,
    /// Markdown with `(Citation: …)`; empty where the bundle has none.
    pub description: String,
    /// Its page, always http or https.
    pub url: String,
    /// As the bundle spells and orders them.
    pub platforms: Vec<String>,
    /// Marked as deprecated.
    pub is_deprecated: bool,
    /// Marked as revoked.
    pub is_revoked: bool,
    /// Of a revoked one: the id at the end of the chain of revocations, where it is known.
    pub revoked_by_external_id: Option<String>,
    /// Short names of its tactics, in their order; only tactics of the bundle.
    pub tactics: Vec<String>,
    /// The technique it belongs to. `None` (with a warning) where the bundle neither says nor lets it be told by the id.
    pub parent_stix_id: Option<String>,
}

impl Technique {
    /// Neither revoked nor deprecated.
    pub const fn is_live(&self) -> bool {
        !self.is_revoked && !self.is_deprecated
    }
}

impl Subtechnique {
    /// Neither revoked nor deprecated.
    pub const fn is_live(&self) -> bool {
        !self.is_revoked && !self.is_deprecated
    }
}
