//! A field of a PATCH: left out, cleared or set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field left out stays, `null` clears it, anything else sets it.
/// Use with `#[serde(default, skip_serializing_if = "Patch::is_keep")]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field was left out.
    #[default]
    Keep,
    /// The field was `null`.
    Clear,
    /// The field has a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Was the field left out?
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value to set, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            _ => None,
        }
    }

    /// What a nullable field becomes, given what it is.
    pub fn apply(self, now: Option<T>) -> Option<T> {
        match self {
            Self::Keep => now,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Left out where nothing changed, else set or cleared: how a form builds its patch.
    pub fn diff(old: &Option<T>, new: Option<T>) -> Self
    where
        T: PartialEq,
    {
        if *old == new { Self::Keep } else { new.map_or(Self::Clear, Self::Set) }
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Form {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        text: Patch<String>,
    }

    #[test]
    fn the_three_states_survive_the_wire() {
        for (json, value) in [("{}", Patch::Keep), (r#"{"text":null}"#, Patch::Clear), (r#"{"text":"x"}"#, Patch::Set("x".to_owned()))] {
            let form: Form = serde_json::from_str(json).unwrap();
            assert_eq!(form.text, value);
            assert_eq!(serde_json::to_string(&form).unwrap(), json);
        }
    }
}
