//! What is written and not saved yet, kept on this device a field each: it survives a reload, a lost line and a session that ended.

use tyrian_domain::execution::TestField;
use uuid::Uuid;

use super::values::{Edit, Edits};

/// Where the drafts of one person for one test lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// whose they are
    pub user: Uuid,
    /// the mission
    pub mission: Uuid,
    /// the test
    pub test: Uuid,
}

impl Place {
    fn key(self, field: TestField) -> String {
        format!("tyrian.draft.{}.{}.{}.{field}", self.user, self.mission, self.test)
    }
}

fn read(text: &str) -> Option<Edit> {
    serde_json::from_str(text).ok()
}

/// What was left there.
pub fn load(place: Place) -> Edits {
    let of = |field: &TestField| Some((*field, read(&crate::web::stored(&place.key(*field))?)?));
    Edits(TestField::ALL.iter().filter_map(of).collect())
}

/// Keeps what has changed since `before`, and forgets what is saved.
pub fn keep(place: Place, before: &Edits, now: &Edits) {
    for field in TestField::ALL {
        match (before.0.get(field), now.0.get(field)) {
            (a, b) if a == b => {}
            (_, Some(edit)) => crate::web::store(&place.key(*field), serde_json::to_string(edit).ok().as_deref()),
            (_, None) => crate::web::store(&place.key(*field), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_field_of_each_test_of_each_person_has_its_own_place() {
        let place = |user: u128, test: u128| Place { user: Uuid::from_u128(user), mission: Uuid::nil(), test: Uuid::from_u128(test) };
        let keys = [
            place(1, 1).key(TestField::Output),
            place(1, 1).key(TestField::RedNotes),
            place(1, 2).key(TestField::Output),
            place(2, 1).key(TestField::Output),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn a_draft_comes_back_as_it_was_and_rubbish_is_none() {
        let edit = Edit { base: json!(null), mine: json!("half a sen") };
        assert_eq!(read(&serde_json::to_string(&edit).unwrap()), Some(edit));
        assert_eq!(read("{\"mine\":1}"), None);
    }
}
