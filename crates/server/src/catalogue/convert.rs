//! Rows of the catalogue's tables to what travels, and to and from what a sync compares.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Json;
use tyrian_api_types::catalogue::{Tactic, Technique};
use tyrian_domain::text;
use tyrian_entity::{mitre_subtechnique, mitre_tactic, mitre_technique};
use uuid::Uuid;

use super::diff::{Kind, Row};

/// What is searched in, and sorted by where the name is the order: name, then external id, lower-cased.
pub fn search_text(name: &str, external_id: &str) -> String {
    format!("{}\n{}", text::key(name), text::key(external_id))
}

/// A tactic for a client.
pub fn tactic(t: mitre_tactic::Model) -> Tactic {
    Tactic {
        id: t.id,
        domain: t.domain,
        external_id: t.external_id,
        short_name: t.short_name,
        name: t.name,
        description: t.description.unwrap_or_default(),
        url: t.url,
        position: t.position,
    }
}

/// A technique for a client.
pub fn technique(t: mitre_technique::Model, tactics: Vec<String>) -> Technique {
    Technique {
        id: t.id,
        domain: t.domain,
        external_id: t.external_id,
        name: t.name,
        description: t.description.unwrap_or_default(),
        url: t.url,
        platforms: platforms(t.platforms),
        tactics,
        technique: None,
        is_deprecated: t.is_deprecated,
        is_revoked: t.is_revoked,
        revoked_by: t.revoked_by_external_id,
    }
}

/// A subtechnique for a client.
pub fn subtechnique(t: mitre_subtechnique::Model, parent: Option<String>, tactics: Vec<String>) -> Technique {
    Technique {
        id: t.id,
        domain: t.domain,
        external_id: t.external_id,
        name: t.name,
        description: t.description.unwrap_or_default(),
        url: t.url,
        platforms: platforms(t.platforms),
        tactics,
        technique: parent,
        is_deprecated: t.is_deprecated,
        is_revoked: t.is_revoked,
        revoked_by: t.revoked_by_external_id,
    }
}

fn platforms(json: Json) -> Vec<String> {
    serde_json::from_value(json).unwrap_or_default()
}

impl From<mitre_tactic::Model> for Row {
    fn from(t: mitre_tactic::Model) -> Self {
        Self {
            kind: Kind::Tactic,
            id: t.id,
            stix_id: t.stix_id,
            external_id: t.external_id,
            name: t.name,
            description: t.description.unwrap_or_default(),
            url: t.url.unwrap_or_default(),
            short_name: t.short_name,
            position: t.position,
            platforms: Vec::new(),
            is_deprecated: t.is_deprecated,
            is_revoked: t.is_revoked,
            revoked_by: None,
            parent: None,
            tactics: BTreeSet::new(),
        }
    }
}

/// A technique's row with its tactics.
pub fn technique_row(t: mitre_technique::Model, tactics: BTreeSet<Uuid>) -> Row {
    Row {
        kind: Kind::Technique,
        id: t.id,
        stix_id: t.stix_id,
        external_id: t.external_id,
        name: t.name,
        description: t.description.unwrap_or_default(),
        url: t.url.unwrap_or_default(),
        short_name: String::new(),
        position: 0,
        platforms: platforms(t.platforms),
        is_deprecated: t.is_deprecated,
        is_revoked: t.is_revoked,
        revoked_by: t.revoked_by_external_id,
        parent: None,
        tactics,
    }
}

impl From<mitre_subtechnique::Model> for Row {
    fn from(t: mitre_subtechnique::Model) -> Self {
        Self {
            kind: Kind::Subtechnique,
            id: t.id,
            stix_id: t.stix_id,
            external_id: t.external_id,
            name: t.name,
            description: t.description.unwrap_or_default(),
            url: t.url.unwrap_or_default(),
            short_name: String::new(),
            position: 0,
            platforms: platforms(t.platforms),
            is_deprecated: t.is_deprecated,
            is_revoked: t.is_revoked,
            revoked_by: t.revoked_by_external_id,
            parent: Some(t.technique_id),
            tactics: BTreeSet::new(),
        }
    }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}

/// A tactic to be written.
pub fn tactic_model(row: Row, domain: &str) -> mitre_tactic::ActiveModel {
    let now = crate::now();
    mitre_tactic::ActiveModel {
        id: Set(row.id),
        stix_id: Set(row.stix_id),
        domain: Set(domain.to_owned()),
        external_id: Set(row.external_id),
        short_name: Set(row.short_name),
        name: Set(row.name),
        description: Set(filled(row.description)),
        url: Set(filled(row.url)),
        position: Set(row.position),
        is_deprecated: Set(row.is_deprecated),
        is_revoked: Set(row.is_revoked),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// A technique to be written.
pub fn technique_model(row: Row, domain: &str) -> mitre_technique::ActiveModel {
    let now = crate::now();
    mitre_technique::ActiveModel {
        id: Set(row.id),
        search_text: Set(search_text(&row.name, &row.external_id)),
        stix_id: Set(row.stix_id),
        domain: Set(domain.to_owned()),
        external_id: Set(row.external_id),
        name: Set(row.name),
        description: Set(filled(row.description)),
        url: Set(filled(row.url)),
        platforms: Set(row.platforms.into()),
        is_deprecated: Set(row.is_deprecated),
        is_revoked: Set(row.is_revoked),
        revoked_by_external_id: Set(row.revoked_by),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// A subtechnique to be written.
pub fn subtechnique_model(row: Row, domain: &str) -> mitre_subtechnique::ActiveModel {
    let now = crate::now();
    mitre_subtechnique::ActiveModel {
        id: Set(row.id),
        search_text: Set(search_text(&row.name, &row.external_id)),
        stix_id: Set(row.stix_id),
        domain: Set(domain.to_owned()),
        external_id: Set(row.external_id),
        name: Set(row.name),
        description: Set(filled(row.description)),
        url: Set(filled(row.url)),
        platforms: Set(row.platforms.into()),
        is_deprecated: Set(row.is_deprecated),
        is_revoked: Set(row.is_revoked),
        revoked_by_external_id: Set(row.revoked_by),
        created_at: Set(now),
        updated_at: Set(now),
        // a subtechnique's row is never made without it
        technique_id: Set(row.parent.unwrap_or_default()),
    }
}
