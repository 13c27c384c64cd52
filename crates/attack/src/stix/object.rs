//! One object of a bundle: the fields that matter to a catalogue, in any order, and their checks.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::error::StixError;
use super::field::{Capture, Field, Phase, Reference, Skip, drain_map};
use super::limits;

type Text<'de> = Field<Cow<'de, str>>;

/// An object as read, nothing checked yet.
#[derive(Default)]
pub(super) struct RawObject<'de> {
    pub(super) kind: Text<'de>,
    pub(super) id: Text<'de>,
    pub(super) name: Text<'de>,
    pub(super) description: Text<'de>,
    pub(super) short_name: Text<'de>,
    pub(super) version: Text<'de>,
    pub(super) relationship_type: Text<'de>,
    pub(super) source_ref: Text<'de>,
    pub(super) target_ref: Text<'de>,
    pub(super) revoked: Field<bool>,
    pub(super) deprecated: Field<bool>,
    pub(super) is_subtechnique: Field<bool>,
    pub(super) platforms: Field<Vec<Cow<'de, str>>>,
    pub(super) tactic_refs: Field<Vec<Cow<'de, str>>>,
    pub(super) phases: Field<Vec<Phase<'de>>>,
    pub(super) reference: Field<Option<Reference<'de>>>,
}

impl<'de> Capture<'de> for RawObject<'de> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        let mut raw = Self::default();
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Kind => {
                    raw.kind = map.next_value()?;
                    if raw.is_of_no_use() {
                        return drain_map(map).map(|()| Field::Value(raw));
                    }
                }
                Key::RelationshipType => {
                    raw.relationship_type = map.next_value()?;
                    if raw.is_of_no_use() {
                        return drain_map(map).map(|()| Field::Value(raw));
                    }
                }
                Key::Id => raw.id = map.next_value()?,
                Key::Name => raw.name = map.next_value()?,
                Key::Description => raw.description = map.next_value()?,
                Key::ShortName => raw.short_name = map.next_value()?,
                Key::Version => raw.version = map.next_value()?,
                Key::SourceRef => raw.source_ref = map.next_value()?,
                Key::TargetRef => raw.target_ref = map.next_value()?,
                Key::Revoked => raw.revoked = map.next_value()?,
                Key::Deprecated => raw.deprecated = map.next_value()?,
                Key::IsSubtechnique => raw.is_subtechnique = map.next_value()?,
                Key::Platforms => raw.platforms = map.next_value()?,
                Key::TacticRefs => raw.tactic_refs = map.next_value()?,
                Key::Phases => raw.phases = map.next_value()?,
                Key::References => raw.reference = map.next_value()?,
                Key::Other => map.next_value::<Skip>().map(drop)?,
            }
        }
        Ok(Field::Value(raw))
    }
}

impl RawObject<'_> {
    /// As soon as the type says so, the rest of the object is read over: 24,000 of 24,772 objects end here.
    fn is_of_no_use(&self) -> bool {
        match &self.kind {
            Field::Value(kind) => match kind.as_ref() {
                "attack-pattern" | "x-mitre-tactic" | "x-mitre-matrix" | "x-mitre-collection" => false,
                "relationship" => matches!(&self.relationship_type, Field::Value(relation) if !is_known_relation(relation)),
                _ => true,
            },
            _ => false,
        }
    }
}

pub(super) fn is_known_relation(relation: &str) -> bool {
    matches!(relation, "subtechnique-of" | "revoked-by")
}

enum Key {
    Kind,
    Id,
    Name,
    Description,
    ShortName,
    Version,
    RelationshipType,
    SourceRef,
    TargetRef,
    Revoked,
    Deprecated,
    IsSubtechnique,
    Platforms,
    TacticRefs,
    Phases,
    References,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "type" => Key::Kind,
                    "id" => Key::Id,
                    "name" => Key::Name,
                    "description" => Key::Description,
                    "x_mitre_shortname" => Key::ShortName,
                    "x_mitre_version" => Key::Version,
                    "relationship_type" => Key::RelationshipType,
                    "source_ref" => Key::SourceRef,
                    "target_ref" => Key::TargetRef,
                    "revoked" => Key::Revoked,
                    "x_mitre_deprecated" => Key::Deprecated,
                    "x_mitre_is_subtechnique" => Key::IsSubtechnique,
                    "x_mitre_platforms" => Key::Platforms,
                    "tactic_refs" => Key::TacticRefs,
                    "kill_chain_phases" => Key::Phases,
                    "external_references" => Key::References,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Takes fields of one object, with errors that name it.
pub(super) struct Checker {
    object: String,
}

impl Checker {
    /// Names the object by its STIX id, or by its place where it has none fit to be shown.
    pub(super) fn new(id: &Text<'_>, place: usize) -> Self {
        let object = match id {
            Field::Value(id) if is_id(id) => id.to_string(),
            _ => format!("Object {} of the bundle", place + 1),
        };
        Self { object }
    }

    pub(super) fn wrong(&self, field: &'static str, expected: &'static str, found: &'static str) -> StixError {
        StixError::WrongType { object: self.object.clone(), field, expected, found }
    }

    pub(super) fn missing(&self, field: &'static str) -> StixError {
        StixError::MissingField { object: self.object.clone(), field }
    }

    fn too_long(&self, field: &'static str, limit: usize, unit: &'static str) -> StixError {
        StixError::TooLong { object: self.object.clone(), field, limit, unit }
    }

    fn bad_character(&self, field: &'static str) -> StixError {
        StixError::BadCharacter { object: self.object.clone(), field }
    }

    fn present<T>(
        &self,
        field: &'static str,
        value: Field<T>,
        expected: &'static str,
        limit: usize,
        unit: &'static str,
    ) -> Result<Option<T>, StixError> {
        match value {
            Field::Value(value) => Ok(Some(value)),
            Field::Absent => Ok(None),
            Field::Wrong(found) => Err(self.wrong(field, expected, found)),
            Field::TooLong => Err(self.too_long(field, limit, unit)),
        }
    }

    /// An absent flag is false; a null one is wrong.
    pub(super) fn flag(&self, field: &'static str, value: &Field<bool>) -> Result<bool, StixError> {
        match *value {
            Field::Value(flag) => Ok(flag),
            Field::Wrong(found) => Err(self.wrong(field, "true or false", found)),
            Field::Absent | Field::TooLong => Ok(false),
        }
    }

    /// An id: short, and nothing in it but visible characters.
    pub(super) fn id(&self, field: &'static str, value: Text<'_>) -> Result<String, StixError> {
        let text = self.present(field, value, "a text", limits::ID_BYTES, "bytes")?.ok_or_else(|| self.missing(field))?;
        self.checked_id(field, text)
    }

    /// The same for one that was already taken out of its field.
    pub(super) fn checked_id(&self, field: &'static str, text: Cow<'_, str>) -> Result<String, StixError> {
        if text.is_empty() {
            Err(self.missing(field))
        } else if text.len() > limits::ID_BYTES {
            Err(self.too_long(field, limits::ID_BYTES, "bytes"))
        } else if is_id(&text) {
            Ok(text.into_owned())
        } else {
            Err(self.bad_character(field))
        }
    }

    /// A name: one that is there and can be read.
    pub(super) fn name(&self, value: Text<'_>) -> Result<String, StixError> {
        let (field, limit) = ("name", limits::NAME_CHARS);
        let text = self.present(field, value, "a text", limit, "characters")?.ok_or_else(|| self.missing(field))?;
        if text.trim().is_empty() {
            Err(self.missing(field))
        } else if text.chars().count() > limit {
            Err(self.too_long(field, limit, "characters"))
        } else if text.contains('\0') {
            Err(self.bad_character(field))
        } else {
            Ok(text.trim().to_owned())
        }
    }

    /// A short label that may be absent.
    pub(super) fn label(&self, field: &'static str, value: Text<'_>) -> Result<Option<String>, StixError> {
        let text = self.present(field, value, "a text", limits::ID_BYTES, "bytes")?;
        text.map(|text| self.checked_label(field, text)).transpose()
    }

    fn checked_label(&self, field: &'static str, text: Cow<'_, str>) -> Result<String, StixError> {
        if text.len() > limits::ID_BYTES {
            Err(self.too_long(field, limits::ID_BYTES, "bytes"))
        } else if text.chars().any(char::is_control) {
            Err(self.bad_character(field))
        } else {
            Ok(text.into_owned())
        }
    }

    /// A description; absent is empty (129 patterns of 10.1 have none).
    pub(super) fn description(&self, value: Text<'_>) -> Result<String, StixError> {
        let (field, limit) = ("description", limits::DESCRIPTION_BYTES);
        let text = self.present(field, value, "a text", limit, "bytes")?.unwrap_or_default();
        if text.len() > limit {
            Err(self.too_long(field, limit, "bytes"))
        } else if text.contains('\0') {
            // PostgreSQL cannot hold it, and both engines are to agree.
            Err(self.bad_character(field))
        } else {
            Ok(text.into_owned())
        }
    }

    /// A list; absent is empty.
    pub(super) fn list<T>(&self, field: &'static str, value: Field<Vec<T>>, expected: &'static str) -> Result<Vec<T>, StixError> {
        Ok(self.present(field, value, expected, limits::LIST, "entries")?.unwrap_or_default())
    }

    /// A list of short labels.
    pub(super) fn labels(&self, field: &'static str, value: Field<Vec<Cow<'_, str>>>) -> Result<Vec<String>, StixError> {
        let list = self.list(field, value, "a list of texts")?;
        list.into_iter().map(|text| self.checked_label(field, text)).collect()
    }

    /// ATT&CK's own reference, which holds the ATT&CK id.
    pub(super) fn reference<'de>(&self, value: Field<Option<Reference<'de>>>) -> Result<Reference<'de>, StixError> {
        let field = "external_references";
        let expected = "a list of references with source_name, external_id and url";
        let found = self.present(field, value, expected, limits::LIST, "entries")?;
        found.flatten().ok_or_else(|| self.missing("external_references: external_id of mitre-attack"))
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::ID_BYTES && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}
