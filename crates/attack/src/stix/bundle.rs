//! The bundle itself: its frame, and what is kept of its objects while the rest of the file streams past.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::StixError;
use super::field::{Field, Reference, Skip};
use super::limits;
use super::object::{Checker, RawObject, is_known_relation};

/// What is kept of a bundle, not linked yet.
#[derive(Default)]
pub(super) struct Collector {
    pub(super) collection: Option<Collection>,
    pub(super) matrices: Vec<Matrix>,
    pub(super) tactics: Vec<TacticObject>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) relations: Vec<Relation>,
    /// Why reading stopped, where it was we who stopped it.
    pub(super) refusal: Option<StixError>,
    ids: HashSet<String>,
}

/// The release.
pub(super) struct Collection {
    pub(super) version: Option<String>,
    pub(super) name: Option<String>,
}

/// A matrix that is neither revoked nor deprecated.
pub(super) struct Matrix {
    pub(super) stix_id: String,
    pub(super) external_id: String,
    pub(super) name: String,
    pub(super) tactic_refs: Vec<String>,
}

/// What tactics and patterns have in common.
pub(super) struct Common {
    pub(super) stix_id: String,
    pub(super) external_id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) url: Option<String>,
    pub(super) is_revoked: bool,
    pub(super) is_deprecated: bool,
}

/// A tactic.
pub(super) struct TacticObject {
    pub(super) common: Common,
    pub(super) short_name: String,
}

/// A technique or subtechnique.
pub(super) struct Pattern {
    pub(super) common: Common,
    pub(super) is_subtechnique: bool,
    pub(super) platforms: Vec<String>,
    /// Kill chain and phase.
    pub(super) phases: Vec<(String, String)>,
}

/// A relationship between two attack patterns that holds.
pub(super) struct Relation {
    pub(super) is_revocation: bool,
    pub(super) source: String,
    pub(super) target: String,
}

impl Collector {
    /// Keeps what is needed of one object.
    fn take(&mut self, object: Field<RawObject<'_>>, place: usize) -> Result<(), StixError> {
        if place >= limits::OBJECTS {
            return Err(StixError::TooManyObjects { limit: limits::OBJECTS });
        }
        let raw = match object {
            Field::Value(raw) => raw,
            Field::Wrong(found) => return Err(Checker::new(&Field::Absent, place).wrong("objects", "a list of objects", found)),
            Field::Absent | Field::TooLong => {
                return Err(Checker::new(&Field::Absent, place).wrong("objects", "a list of objects", "a text"));
            }
        };
        let check = Checker::new(&raw.id, place);
        let kind = match &raw.kind {
            Field::Value(kind) => kind.as_ref(),
            Field::Absent => return Err(check.missing("type")),
            Field::Wrong(found) => return Err(check.wrong("type", "a text", found)),
            Field::TooLong => return Ok(()),
        };
        match kind {
            "attack-pattern" => self.take_pattern(raw, &check),
            "x-mitre-tactic" => self.take_tactic(raw, &check),
            "x-mitre-matrix" => self.take_matrix(raw, &check),
            "relationship" => self.take_relation(raw, &check),
            "x-mitre-collection" => {
                let kept = Collection { version: check.label("x_mitre_version", raw.version)?, name: check.label("name", raw.name)? };
                self.collection.get_or_insert(kept);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take_pattern(&mut self, raw: RawObject<'_>, check: &Checker) -> Result<(), StixError> {
        let mut phases = Vec::new();
        for phase in check.list("kill_chain_phases", raw.phases, "a list of objects with kill_chain_name and phase_name")? {
            let chain = check.checked_id("kill_chain_name", phase.chain)?;
            phases.push((chain, check.checked_id("phase_name", phase.name)?));
        }
        let pattern = Pattern {
            is_subtechnique: check.flag("x_mitre_is_subtechnique", &raw.is_subtechnique)?,
            platforms: check.labels("x_mitre_platforms", raw.platforms)?,
            phases,
            common: Common {
                stix_id: check.id("id", raw.id)?,
                name: check.name(raw.name)?,
                description: check.description(raw.description)?,
                is_revoked: check.flag("revoked", &raw.revoked)?,
                is_deprecated: check.flag("x_mitre_deprecated", &raw.deprecated)?,
                ..Common::of(raw.reference, check)?
            },
        };
        self.remember(&pattern.common.stix_id)?;
        self.patterns.push(pattern);
        Ok(())
    }

    fn take_tactic(&mut self, raw: RawObject<'_>, check: &Checker) -> Result<(), StixError> {
        let tactic = TacticObject {
            short_name: check.id("x_mitre_shortname", raw.short_name)?,
            common: Common {
                stix_id: check.id("id", raw.id)?,
                name: check.name(raw.name)?,
                description: check.description(raw.description)?,
                is_revoked: check.flag("revoked", &raw.revoked)?,
                is_deprecated: check.flag("x_mitre_deprecated", &raw.deprecated)?,
                ..Common::of(raw.reference, check)?
            },
        };
        self.remember(&tactic.common.stix_id)?;
        self.tactics.push(tactic);
        Ok(())
    }

    fn take_matrix(&mut self, raw: RawObject<'_>, check: &Checker) -> Result<(), StixError> {
        let stix_id = check.id("id", raw.id)?;
        self.remember(&stix_id)?;
        let retired = check.flag("revoked", &raw.revoked)? | check.flag("x_mitre_deprecated", &raw.deprecated)?;
        if retired {
            return Ok(());
        }
        let external_id = check.checked_id("external_id", check.reference(raw.reference)?.external_id)?;
        let name = check.name(raw.name)?;
        let tactic_refs = check.labels("tactic_refs", raw.tactic_refs)?;
        self.matrices.push(Matrix { stix_id, external_id, name, tactic_refs });
        Ok(())
    }

    fn take_relation(&mut self, raw: RawObject<'_>, check: &Checker) -> Result<(), StixError> {
        let is_revocation = match &raw.relationship_type {
            Field::Value(relation) if is_known_relation(relation) => relation == "revoked-by",
            Field::Value(_) | Field::TooLong => return Ok(()),
            Field::Absent => return Err(check.missing("relationship_type")),
            Field::Wrong(found) => return Err(check.wrong("relationship_type", "a text", found)),
        };
        let source = check.id("source_ref", raw.source_ref)?;
        let target = check.id("target_ref", raw.target_ref)?;
        let retired = check.flag("revoked", &raw.revoked)? | check.flag("x_mitre_deprecated", &raw.deprecated)?;
        // Groups and software are revoked by each other too.
        let between_patterns = source.starts_with("attack-pattern--") && target.starts_with("attack-pattern--");
        if between_patterns && !retired {
            self.remember(&check.id("id", raw.id)?)?;
            self.relations.push(Relation { is_revocation, source, target });
        }
        Ok(())
    }

    fn remember(&mut self, stix_id: &str) -> Result<(), StixError> {
        if self.ids.insert(stix_id.to_owned()) { Ok(()) } else { Err(StixError::DuplicateId { object: stix_id.to_owned() }) }
    }
}

impl Common {
    /// The part that comes out of the references; the rest is filled in by the caller.
    fn of(reference: Field<Option<Reference<'_>>>, check: &Checker) -> Result<Self, StixError> {
        let reference = check.reference(reference)?;
        Ok(Self {
            external_id: check.checked_id("external_id", reference.external_id)?,
            url: reference.url.filter(|url| is_web_address(url)).map(Cow::into_owned),
            stix_id: String::new(),
            name: String::new(),
            description: String::new(),
            is_revoked: false,
            is_deprecated: false,
        })
    }
}

/// A link that may be shown: anything else (`javascript:` above all) is not taken from a file.
fn is_web_address(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= limits::URL_BYTES && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Reads a whole bundle into the collector.
pub(super) struct BundleSeed<'a>(pub(super) &'a mut Collector);

impl<'de> DeserializeSeed<'de> for BundleSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BundleSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a STIX bundle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut kind: Field<Cow<'de, str>> = Field::Absent;
        let mut has_objects = false;
        while let Some(key) = map.next_key::<Field<Cow<'de, str>>>()? {
            match key.value().as_deref() {
                Some("type") => kind = map.next_value()?,
                Some("objects") if !has_objects => {
                    map.next_value_seed(ObjectsSeed(self.0))?;
                    has_objects = true;
                }
                Some("objects") => return Err(A::Error::custom("objects twice")),
                _ => map.next_value::<Skip>().map(drop)?,
            }
        }
        let is_bundle = matches!(kind, Field::Value(kind) if kind == "bundle");
        if is_bundle && has_objects { Ok(()) } else { Err(A::Error::custom("not a bundle")) }
    }
}

struct ObjectsSeed<'a>(&'a mut Collector);

impl<'de> DeserializeSeed<'de> for ObjectsSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ObjectsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of STIX objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(object) = list.next_element::<Field<RawObject<'de>>>()? {
            if let Err(refusal) = self.0.take(object, place) {
                self.0.refusal = Some(refusal);
                return Err(A::Error::custom("refused"));
            }
            place += 1;
        }
        Ok(())
    }
}
