//! A user's preferences: JSON in the database, typed on the wire.

use std::collections::BTreeSet;

use serde_json::Value;
use tyrian_api_types::auth::{Preferences, PreferencesPatch, Theme};
use tyrian_domain::notification::NotificationKind;

use crate::library;
use crate::notifications::MUTED;

/// What is stored, as far as this version knows its words: another version's must not lock a user out.
pub fn read(stored: &Value) -> Preferences {
    let word = |key: &str| stored.get(key).and_then(Value::as_str);
    let muted = stored.get(MUTED).and_then(Value::as_array).into_iter().flatten();
    Preferences {
        locale: word("locale").map(str::to_owned),
        theme: word("theme").and_then(Theme::parse),
        muted_kinds: muted.filter_map(|kind| NotificationKind::parse(kind.as_str()?)).collect(),
    }
}

/// The preferences after a patch: what it leaves out stays.
pub fn changed(now: Preferences, patch: PreferencesPatch) -> Preferences {
    let muted: BTreeSet<NotificationKind> = library::replaced(patch.muted_kinds, now.muted_kinds).into_iter().collect();
    Preferences { locale: patch.locale.apply(now.locale), theme: patch.theme.apply(now.theme), muted_kinds: muted.into_iter().collect() }
}
