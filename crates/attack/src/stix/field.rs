//! A JSON value taken as it comes.
//!
//! The keys of an object stand in any order (STIX 2.0 files sort them, so `type` is the last). Whether a wrong type
//! matters is known only at the object's end, when its type and id are: until then it is noted, not refused.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::limits;

/// What stands in the place of a field.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// A value of the right type.
    Value(T),
    /// A value of another type, which is named.
    Wrong(&'static str),
    /// A value beyond its limit.
    TooLong,
}

impl<T> Field<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    fn recast<U>(self) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Value(_) | Self::Wrong(_) => Field::Wrong("a list with something else in it"),
            Self::TooLong => Field::TooLong,
        }
    }
}

/// A type that can be taken from JSON; each method is a kind of JSON value and refuses it unless overridden.
pub(super) trait Capture<'de>: Sized {
    fn from_text(_text: Cow<'de, str>) -> Field<Self> {
        Field::Wrong("a text")
    }
    fn from_bool(_flag: bool) -> Field<Self> {
        Field::Wrong("true or false")
    }
    fn from_list<A: SeqAccess<'de>>(list: A) -> Result<Field<Self>, A::Error> {
        drain_list(list)?;
        Ok(Field::Wrong("a list"))
    }
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        drain_map(map)?;
        Ok(Field::Wrong("an object"))
    }
}

impl<'de, T: Capture<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Capture<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        // No text is kept beyond this, so none is copied.
        if text.len() > limits::DESCRIPTION_BYTES {
            return Ok(Field::TooLong);
        }
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(flag))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Wrong("null"))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Field::Wrong("a number"))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Field::Wrong("a number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Field::Wrong("a number"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::from_list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::from_map(map)
    }
}

impl<'de> Capture<'de> for Cow<'de, str> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Value(text)
    }
}

impl Capture<'_> for bool {
    fn from_bool(flag: bool) -> Field<Self> {
        Field::Value(flag)
    }
}

impl<'de> Capture<'de> for Vec<Cow<'de, str>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut kept = Vec::new();
        while let Some(entry) = list.next_element::<Field<Cow<'de, str>>>()? {
            match entry {
                Field::Value(text) if kept.len() < limits::LIST => kept.push(text),
                Field::Value(_) => return drain_list(list).map(|()| Field::TooLong),
                other => return drain_list(list).map(|()| other.recast()),
            }
        }
        Ok(Field::Value(kept))
    }
}

/// `external_references`: only the one that is ATT&CK's own is kept, the dozens of citations are not.
#[derive(Debug)]
pub(super) struct Reference<'de> {
    pub(super) external_id: Cow<'de, str>,
    pub(super) url: Option<Cow<'de, str>>,
}

impl<'de> Capture<'de> for Option<Reference<'de>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut kept = None;
        while let Some(entry) = list.next_element::<Field<ReferenceEntry<'de>>>()? {
            let entry = match entry {
                Field::Value(entry) => entry,
                other => return drain_list(list).map(|()| other.recast()),
            };
            match entry.source_name {
                Field::Value(source) if is_attack_source(&source) && kept.is_none() => {}
                Field::Value(_) | Field::Absent | Field::TooLong => continue,
                wrong @ Field::Wrong(_) => return drain_list(list).map(|()| wrong.recast()),
            }
            let url = match entry.url {
                Field::Value(url) => Some(url),
                Field::Absent | Field::TooLong => None,
                wrong @ Field::Wrong(_) => return drain_list(list).map(|()| wrong.recast()),
            };
            match entry.external_id {
                Field::Value(external_id) => kept = Some(Reference { external_id, url }),
                Field::Absent => {}
                other => return drain_list(list).map(|()| other.recast()),
            }
        }
        Ok(Field::Value(kept))
    }
}

/// Objects of old mobile and ICS releases carry their own domain's name.
fn is_attack_source(source: &str) -> bool {
    matches!(source, "mitre-attack" | "mitre-mobile-attack" | "mitre-ics-attack")
}

#[derive(Default)]
struct ReferenceEntry<'de> {
    source_name: Field<Cow<'de, str>>,
    external_id: Field<Cow<'de, str>>,
    url: Field<Cow<'de, str>>,
}

impl<'de> Capture<'de> for ReferenceEntry<'de> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        let mut entry = Self::default();
        while let Some(key) = map.next_key::<Field<Cow<'de, str>>>()? {
            match key.value().as_deref() {
                Some("source_name") => entry.source_name = map.next_value()?,
                Some("external_id") => entry.external_id = map.next_value()?,
                Some("url") => entry.url = map.next_value()?,
                _ => map.next_value::<Skip>().map(drop)?,
            }
        }
        Ok(Field::Value(entry))
    }
}

/// A phase of a kill chain, which is how a technique names its tactics.
#[derive(Debug)]
pub(super) struct Phase<'de> {
    pub(super) chain: Cow<'de, str>,
    pub(super) name: Cow<'de, str>,
}

impl<'de> Capture<'de> for Phase<'de> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        let (mut chain, mut name) = (Field::Absent, Field::Absent);
        while let Some(key) = map.next_key::<Field<Cow<'de, str>>>()? {
            match key.value().as_deref() {
                Some("kill_chain_name") => chain = map.next_value()?,
                Some("phase_name") => name = map.next_value()?,
                _ => map.next_value::<Skip>().map(drop)?,
            }
        }
        Ok(match (chain.value(), name.value()) {
            (Some(chain), Some(name)) => Field::Value(Self { chain, name }),
            _ => Field::Wrong("an object"),
        })
    }
}

impl<'de> Capture<'de> for Vec<Phase<'de>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut kept = Vec::new();
        while let Some(entry) = list.next_element::<Field<Phase<'de>>>()? {
            match entry {
                Field::Value(phase) if kept.len() < limits::LIST => kept.push(phase),
                Field::Value(_) => return drain_list(list).map(|()| Field::TooLong),
                other => return drain_list(list).map(|()| other.recast()),
            }
        }
        Ok(Field::Value(kept))
    }
}

/// A value that is read over, whatever it is.
///
/// Not `IgnoredAny`: serde_json reads over that without counting how deep it goes, while every level here counts
/// against its limit of 128, so that a bundle made of brackets is an error wherever the brackets stand.
pub(super) struct Skip;

impl<'de> Deserialize<'de> for Skip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self, A::Error> {
        drain_list(list).map(|()| self)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self, A::Error> {
        drain_map(map).map(|()| self)
    }
}

pub(super) fn drain_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<Skip>()?.is_some() {}
    Ok(())
}

pub(super) fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    // A key is always a text, so it cannot be deep.
    while map.next_key::<IgnoredAny>()?.is_some() {
        map.next_value::<Skip>()?;
    }
    Ok(())
}
