//! The ATT&CK catalogue: tactics, techniques, the matrix, and the sync.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tyrian_domain::template::TagKind;
use uuid::Uuid;

use crate::test_templates::MitreTag;
use crate::{Faults, Validate};

crate::wire! {
    /// A tactic: a column of the matrix.
    pub struct Tactic {
        /// Our id, stable over syncs.
        pub id: Uuid,
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// `TA0002`.
        pub external_id: String,
        /// `execution`.
        pub short_name: String,
        /// `Execution`.
        pub name: String,
        /// What it means, Markdown.
        pub description: String,
        /// Its page at MITRE.
        pub url: Option<String>,
        /// Its place in the matrix, from 0.
        pub position: i32,
    }

    /// A technique or a subtechnique.
    pub struct Technique {
        /// Our id, stable over syncs.
        pub id: Uuid,
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// `T1059`, `T1059.001`.
        pub external_id: String,
        /// Its name.
        pub name: String,
        /// What it means, Markdown.
        pub description: String,
        /// Its page at MITRE.
        pub url: Option<String>,
        /// Where it works: Windows, Linux, …
        pub platforms: Vec<String>,
        /// The external ids of its tactics (a subtechnique has its parent's).
        pub tactics: Vec<String>,
        /// The technique it belongs to; subtechniques only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub technique: Option<String>,
        /// MITRE no longer maintains it.
        pub is_deprecated: bool,
        /// MITRE replaced it.
        pub is_revoked: bool,
        /// What replaced it, at the end of the chain.
        pub revoked_by: Option<String>,
    }

    /// The matrix in one answer.
    pub struct Matrix {
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// The catalogue's version, where known.
        pub version: Option<String>,
        /// The columns in MITRE's order.
        pub tactics: Vec<MatrixTactic>,
    }

    /// A column of the matrix.
    pub struct MatrixTactic {
        /// `TA0002`.
        pub external_id: String,
        /// `execution`.
        pub short_name: String,
        /// `Execution`.
        pub name: String,
        /// Its live techniques, by name.
        pub techniques: Vec<MatrixTechnique>,
    }

    /// A cell of the matrix.
    pub struct MatrixTechnique {
        /// `T1059`.
        pub external_id: String,
        /// Its name.
        pub name: String,
        /// Its live subtechniques, by id.
        pub subtechniques: Vec<MatrixSubtechnique>,
    }

    /// A cell below a cell.
    pub struct MatrixSubtechnique {
        /// `T1059.001`.
        pub external_id: String,
        /// Its name.
        pub name: String,
    }

    /// How many live objects the catalogue holds.
    pub struct CatalogueCounts {
        /// Columns.
        pub tactics: u64,
        /// Live techniques.
        pub techniques: u64,
        /// Live subtechniques.
        pub subtechniques: u64,
    }

    /// The catalogue at a glance.
    pub struct CatalogueStatus {
        /// When it was last synced.
        pub last_sync: Option<DateTime<Utc>>,
        /// The version that it holds.
        pub version: Option<String>,
        /// SHA-256 of the bundle that it came from.
        pub sha256: Option<String>,
        /// Was that hash given or known, and did it agree?
        pub verified: bool,
        /// Where it came from: an address, or `upload`.
        pub source_url: Option<String>,
        /// The pin: the address used when a sync names none.
        pub default_url: String,
        /// The pin's version.
        pub default_version: String,
        /// The pin's SHA-256.
        pub default_sha256: String,
        /// Live objects.
        pub counts: CatalogueCounts,
    }

    /// A release of ATT&CK whose hash this server knows.
    pub struct Release {
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// `18.1`.
        pub version: String,
        /// SHA-256 of the published file.
        pub sha256: String,
        /// Where it is published.
        pub url: String,
        /// Is it the pin?
        pub is_default: bool,
    }

    /// Replaces the catalogue. All left out: the pin.
    #[derive(Default)]
    #[serde(deny_unknown_fields, default)]
    pub struct SyncRequest {
        /// A release that the server knows, `18.1`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub version: Option<String>,
        /// Of which domain the release is: `enterprise` if left out; without `version`, the newest one. With a source or
        /// a file, the bundle must be of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub domain: Option<String>,
        /// An https address of a bundle.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub source: Option<String>,
        /// SHA-256 that the bundle must have, 64 hex digits.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub expected_sha256: Option<String>,
        /// Take a bundle whose hash is neither given nor known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub allow_unverified: Option<bool>,
    }

    /// The same as a multipart form, with the bundle itself: for networks without a way out.
    pub struct SyncUpload {
        /// The bundle, unpacked JSON, at most 128 MiB.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Binary))]
        pub file: Vec<u8>,
        /// The release that the file is, `18.1`: it must have that release's hash.
        pub version: Option<String>,
        /// The domain that the bundle must be of.
        pub domain: Option<String>,
        /// SHA-256 that the bundle must have, 64 hex digits.
        pub expected_sha256: Option<String>,
        /// `true`: take a bundle whose hash is neither given nor known.
        pub allow_unverified: Option<bool>,
    }

    /// What a sync did.
    pub struct SyncAnswer {
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// The version that the bundle names.
        pub version: Option<String>,
        /// The bundle's SHA-256.
        pub sha256: String,
        /// Was the hash given or known?
        pub verified: bool,
        /// Live objects now.
        pub counts: CatalogueCounts,
        /// Objects that are new.
        pub created: u64,
        /// Objects that changed.
        pub updated: u64,
        /// Objects that are gone, revoked or deprecated since.
        pub retired: u64,
        /// Objects that stayed as they were.
        pub unchanged: u64,
        /// How long it took, in milliseconds.
        pub duration_ms: u64,
        /// Oddities of the bundle that did no harm.
        pub warnings: Vec<String>,
    }

    /// What a sync would do; nothing is written.
    pub struct SyncPreview {
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
        /// The version that the bundle names.
        pub version: Option<String>,
        /// The bundle's SHA-256, to be confirmed.
        pub sha256: String,
        /// Is it the hash of a published release, or the one that was expected?
        pub verified: bool,
        /// Live objects in the bundle.
        pub counts: CatalogueCounts,
        /// What would be new.
        pub created: Vec<CatalogueChange>,
        /// What would have another name, or move to other tactics.
        pub changed: Vec<CatalogueChange>,
        /// What would be revoked, deprecated or gone.
        pub retired: Vec<CatalogueChange>,
        /// How many objects would only have another text.
        pub updated: u64,
        /// How many objects would stay.
        pub unchanged: u64,
        /// Test templates tagged with what would be retired.
        pub affected_templates: Vec<AffectedTemplate>,
        /// Oddities of the bundle that do no harm, and lists that are cut short.
        pub warnings: Vec<String>,
    }

    /// One object that a sync would change.
    pub struct CatalogueChange {
        /// `tactic`, `technique` or `subtechnique`.
        pub kind: String,
        /// Its ATT&CK id.
        pub external_id: String,
        /// Its name in the bundle.
        pub name: String,
        /// What changes, in words.
        pub detail: String,
        /// Is it in force in the bundle: neither revoked nor deprecated, nor gone?
        #[serde(default)]
        pub in_force: bool,
        /// What replaces it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub revoked_by: Option<String>,
    }

    /// A template tagged with what would be retired.
    pub struct AffectedTemplate {
        /// Template id.
        pub id: Uuid,
        /// Its name.
        pub name: String,
        /// The ATT&CK ids in question.
        pub external_ids: Vec<String>,
    }

    /// A test template with tags on what is revoked or deprecated.
    pub struct TemplateRemap {
        /// Template id.
        pub id: Uuid,
        /// Its name.
        pub name: String,
        /// For If-Match; after a remap the new one.
        pub version: i64,
        /// Those tags, in the template's order.
        pub tags: Vec<RetiredTag>,
    }

    /// A tag on what is revoked or deprecated.
    pub struct RetiredTag {
        /// Tactic, technique or subtechnique.
        pub kind: TagKind,
        /// Its ATT&CK id.
        pub external_id: String,
        /// Its name.
        pub name: String,
        /// Revoked? Else it is deprecated.
        pub is_revoked: bool,
        /// What took its place, at the end of the chain; null where there is nothing live: choose another tag by hand.
        pub successor: Option<MitreTag>,
    }

    /// Moves tags of templates to their successors.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct RemapRequest {
        /// Only these templates; all that have such tags if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub template_ids: Option<Vec<Uuid>>,
        /// True: write nothing, tell what would be.
        #[serde(default)]
        pub dry_run: bool,
    }

    /// What a remap did, or would do.
    pub struct RemapAnswer {
        /// Was nothing written?
        pub dry_run: bool,
        /// Templates whose tags moved; a tag without a successor stayed.
        pub remapped: Vec<TemplateRemap>,
        /// Templates none of whose tags has a successor.
        pub left: Vec<TemplateRemap>,
        /// Templates that were named and have no such tag, or do not exist any more.
        pub unaffected: Vec<Uuid>,
    }

    /// Templates that use a technique: counts by ATT&CK id.
    pub struct TechniqueUse {
        /// Test templates tagged with it, by ATT&CK id; a technique counts those of its subtechniques too.
        pub test_templates: BTreeMap<String, u64>,
    }
}

impl Validate for SyncRequest {
    fn validate(&self, f: &mut Faults) {
        if self.version.is_some() && self.source.is_some() {
            f.add("/version", "conflict", "Give a version or a source, not both.");
        }
        if let Some(hash) = &self.expected_sha256
            && (hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            f.add("/expected_sha256", "invalid_hash", "64 hexadecimal digits.");
        }
        f.optional_line("/source", self.source.as_deref(), 2000);
        f.optional_line("/version", self.version.as_deref(), 20);
        if let Some(domain) = &self.domain
            && !["enterprise", "mobile", "ics"].contains(&domain.as_str())
        {
            f.add("/domain", "unknown", "enterprise, mobile or ics.");
        }
    }
}

impl Validate for RemapRequest {
    fn validate(&self, f: &mut Faults) {
        if self.template_ids.as_ref().is_some_and(|ids| ids.len() > REMAP_TEMPLATES) {
            f.add("/template_ids", "too_many", format!("At most {REMAP_TEMPLATES} at once; leave it out for all."));
        }
    }
}

/// How many templates a remap takes by name.
pub const REMAP_TEMPLATES: usize = 5000;
