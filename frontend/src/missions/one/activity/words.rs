//! What happened, in words: the one catalogue from an event to a sentence. Who did it stands before, to which test behind.

use serde_json::Value;
use tyrian_api_types::events::MissionEvent;
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::{Side, TestState};

/// What an event is about, for the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// the mission itself and its members
    Mission,
    /// a test's fields and where it stands
    Tests,
    /// rows of tools
    Detections,
    /// files
    Evidence,
    /// what people say
    Comments,
    /// headings of the report
    Categories,
}

impl Topic {
    /// All of them, in the order of the filter.
    pub const ALL: [Self; 6] = [Self::Tests, Self::Detections, Self::Evidence, Self::Comments, Self::Categories, Self::Mission];

    /// As it stands in the URL.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mission => "mission",
            Self::Tests => "tests",
            Self::Detections => "detections",
            Self::Evidence => "evidence",
            Self::Comments => "comments",
            Self::Categories => "categories",
        }
    }

    /// The topic of this word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }

    /// What this kind is about.
    pub fn of(kind: EventKind) -> Self {
        use EventKind as K;
        match kind {
            K::MissionCreated
            | K::MissionUpdated
            | K::MissionStatusChanged
            | K::MissionMembersChanged
            | K::MissionScenariosAdded
            | K::MissionDeleted => Self::Mission,
            K::MissionTestsChanged
            | K::TestAdded
            | K::TestUpdated
            | K::TestStateChanged
            | K::TestDisclosed
            | K::TestHidden
            | K::TestsReordered => Self::Tests,
            K::DetectionAdded | K::DetectionUpdated | K::DetectionDeleted => Self::Detections,
            K::EvidenceAdded | K::EvidenceDeleted => Self::Evidence,
            K::CommentAdded | K::CommentUpdated | K::CommentDeleted => Self::Comments,
            K::CategoryAdded | K::CategoryUpdated | K::CategoryDeleted => Self::Categories,
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Mission => "target",
            Self::Tests => "flask-conical",
            Self::Detections => "radar",
            Self::Evidence => "image",
            Self::Comments => "message-square",
            Self::Categories => "tag",
        }
    }
}

fn text<'a>(payload: &'a Value, key: &str) -> &'a str {
    payload.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list(payload: &Value, key: &str) -> Vec<String> {
    payload.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `a`, `a and b`, `a, b and c`; more than four are counted.
fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if parts.len() <= 4 => t!("{} and {}", first.join(", "), last),
        [a, b, c, rest @ ..] => t!("{}, {}, {} and {} more", a, b, c, rest.len()),
        // two and three are told above
        [..] => parts.join(", "),
    }
}

/// A field as people call it.
pub fn field(code: &str) -> String {
    match code {
        "started_at" => "start".to_owned(),
        "ended_at" => "end".to_owned(),
        "detected_at" => t!("time of detection").to_owned(),
        "alerted_at" => t!("time of the alert").to_owned(),
        "responded_at" => t!("time of the response").to_owned(),
        "is_delayed" => t!("late detection").to_owned(),
        "needed_config_change" => t!("change of the tools").to_owned(),
        "command_run" => t!("command that was run").to_owned(),
        "mitre_tags" => t!("ATT&CK tags").to_owned(),
        "opsec_level" => t!("OPSEC level").to_owned(),
        "red_notes" => t!("red’s notes").to_owned(),
        "blue_notes" => t!("blue’s notes").to_owned(),
        other => other.trim_end_matches("_id").replace('_', " "),
    }
}

fn the_fields(payload: &Value) -> String {
    // a finding is one thing, however many of its fields changed
    let name = |code: &String| if code.starts_with("finding_") { t!("the finding").to_owned() } else { field(code) };
    let mut fields: Vec<String> = list(payload, "fields").iter().map(name).collect();
    fields.dedup();
    if fields.is_empty() { "details".to_owned() } else { joined(&fields) }
}

fn status(word: &str) -> &'static str {
    match MissionStatus::parse(word) {
        Some(MissionStatus::Draft) => t!("put the mission back to draft"),
        Some(MissionStatus::InProgress) => t!("started the mission"),
        Some(MissionStatus::Completed) => t!("completed the mission"),
        Some(MissionStatus::Archived) => t!("archived the mission"),
        None => t!("changed the mission’s status"),
    }
}

fn moved(payload: &Value) -> &'static str {
    use TestState as S;
    match (TestState::parse(text(payload, "from")), TestState::parse(text(payload, "to"))) {
        (Some(S::Executed), Some(S::Running)) => t!("took up again"),
        (Some(S::Assessed), Some(S::Executed)) => t!("took back the assessment of"),
        (Some(S::Skipped), Some(S::Planned)) => t!("planned again"),
        (_, Some(S::Running)) => "started",
        (_, Some(S::Executed)) => "ended",
        (_, Some(S::Assessed)) => t!("marked as assessed"),
        (_, Some(S::Skipped)) => "skipped",
        (_, Some(S::Planned)) => t!("put back to planned"),
        (_, None) => "moved",
    }
}

fn side(payload: &Value) -> &'static str {
    match Side::parse(text(payload, "side")) {
        Some(Side::Red) => "red’s ",
        Some(Side::Blue) => "blue’s ",
        None => "",
    }
}

fn detection(payload: &Value) -> String {
    let tool = text(payload, "tool");
    let kind = text(payload, "kind");
    let what = match (text(payload, "result"), kind) {
        ("no", "logged") => t!("did not log it"),
        ("no", "alerted") => t!("did not alert"),
        ("no", "prevented") => t!("did not prevent it"),
        ("partial", "logged") => t!("partially logged it"),
        ("partial", "alerted") => t!("partially alerted"),
        ("partial", "prevented") => t!("partially prevented it"),
        ("not_applicable", _) => t!("does not apply"),
        (_, "logged") => t!("logged it"),
        (_, "alerted") => "alerted",
        (_, "prevented") => t!("prevented it"),
        _ => "",
    };
    format!("{} {what}", if tool.is_empty() { t!("a tool") } else { tool }).trim_end().to_owned()
}

/// What was done, from the verb on, without the test's name: `started`, `changed operator and start of`. The name of the
/// test, where there is one, is to follow.
pub fn act(event: &MissionEvent) -> String {
    use EventKind as K;
    let payload = &event.payload;
    let quoted = |key: &str| match text(payload, key) {
        "" => String::new(),
        name => format!(" “{name}”"),
    };
    match event.kind {
        K::MissionCreated => t!("made the mission").to_owned(),
        K::MissionUpdated => t!("changed {} of the mission", the_fields(payload)),
        K::MissionStatusChanged => status(text(payload, "to")).to_owned(),
        K::MissionMembersChanged => t!("changed the members").to_owned(),
        K::MissionScenariosAdded => match list(payload, "scenarios").as_slice() {
            [] => t!("added scenarios").to_owned(),
            [one] => t!("added the scenario “{one}”"; one),
            names => t!("added the scenarios {}", joined(&names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>())),
        },
        K::MissionDeleted => t!("deleted the mission").to_owned(),
        K::MissionTestsChanged => t!("changed which tests can be seen").to_owned(),
        K::TestAdded => t!("added the test").to_owned(),
        K::TestUpdated => t!("changed {} of", the_fields(payload)),
        K::TestStateChanged => moved(payload).to_owned(),
        K::TestDisclosed => t!("showed blue").to_owned(),
        K::TestHidden => t!("hid from blue").to_owned(),
        K::TestsReordered => t!(
            "put the tests of{} in another order",
            if text(payload, "scenario").is_empty() { t!(" a scenario").to_owned() } else { quoted("scenario") }
        ),
        K::DetectionAdded => t!("noted that {} in", detection(payload)),
        K::DetectionUpdated => t!("corrected that {} in", detection(payload)),
        K::DetectionDeleted => t!(
            "took out what {} did in",
            match text(payload, "tool") {
                "" => t!("a tool"),
                tool => tool,
            }
        ),
        K::EvidenceAdded => t!("added {}file{} to", side(payload), quoted("file_name")),
        K::EvidenceDeleted => t!("deleted {}file{} of", side(payload), quoted("file_name")),
        K::CommentAdded => t!("commented on").to_owned(),
        K::CommentUpdated => t!("edited a comment on").to_owned(),
        K::CommentDeleted => t!("deleted a comment on").to_owned(),
        K::CategoryAdded => t!("added the category{}", quoted("name")),
        K::CategoryUpdated => t!("changed the category{}", quoted("name")),
        K::CategoryDeleted => t!("deleted the category{}", quoted("name")),
    }
}

/// What the act was done to, where it needs a word behind it and there is no test.
pub fn object(event: &MissionEvent) -> Option<String> {
    match (&event.test_name, event.mission_test_id) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(_)) => Some(t!("a test").to_owned()),
        (None, None) if Topic::of(event.kind) == Topic::Comments => Some(t!("the mission").to_owned()),
        (None, None) => None,
    }
}

/// All of it as one sentence.
pub fn sentence(event: &MissionEvent) -> String {
    let who = event.actor.as_ref().map_or(t!("Somebody"), |actor| actor.display_name.as_str());
    let object = object(event).map(|object| format!(" {object}")).unwrap_or_default();
    format!("{who} {}{object}", act(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tyrian_api_types::users::Author;
    use uuid::Uuid;

    fn event(kind: EventKind, test: Option<&str>, payload: Value) -> MissionEvent {
        MissionEvent {
            sequence: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            actor: Some(Author { id: Uuid::nil(), display_name: "Aiko".to_owned() }),
            kind,
            mission_id: Uuid::nil(),
            mission_test_id: test.map(|_| Uuid::nil()),
            test_name: test.map(str::to_owned),
            payload,
        }
    }

    #[test]
    fn events_are_sentences() {
        use EventKind as K;
        for (kind, test, payload, expected) in [
            (K::TestStateChanged, Some("Dump LSASS"), json!({ "from": "planned", "to": "running" }), "Aiko started Dump LSASS"),
            (
                K::TestStateChanged,
                Some("Dump LSASS"),
                json!({ "from": "assessed", "to": "executed" }),
                "Aiko took back the assessment of Dump LSASS",
            ),
            (
                K::TestUpdated,
                Some("Dump LSASS"),
                json!({ "fields": ["operator_id", "started_at"] }),
                "Aiko changed operator and start of Dump LSASS",
            ),
            (
                K::TestUpdated,
                Some("Run key"),
                json!({ "fields": ["finding_status", "finding_due"] }),
                "Aiko changed the finding of Run key",
            ),
            (
                K::DetectionAdded,
                Some("Run key"),
                json!({ "tool": "Sentry EDR", "kind": "alerted", "result": "yes" }),
                "Aiko noted that Sentry EDR alerted in Run key",
            ),
            (
                K::DetectionUpdated,
                Some("Run key"),
                json!({ "tool": "Loghaus", "kind": "logged", "result": "no" }),
                "Aiko corrected that Loghaus did not log it in Run key",
            ),
            (K::EvidenceAdded, Some("Run key"), json!({ "file_name": "a.png", "side": "red" }), "Aiko added red’s file “a.png” to Run key"),
            (K::CommentAdded, None, json!({}), "Aiko commented on the mission"),
            (K::CommentAdded, Some("Run key"), json!({}), "Aiko commented on Run key"),
            (K::MissionStatusChanged, None, json!({ "from": "draft", "to": "in_progress" }), "Aiko started the mission"),
            (K::MissionScenariosAdded, None, json!({ "scenarios": ["A", "B"] }), "Aiko added the scenarios “A” and “B”"),
            (K::CategoryDeleted, None, json!({ "name": "Email" }), "Aiko deleted the category “Email”"),
            (K::TestsReordered, None, json!({ "scenario": "Foothold" }), "Aiko put the tests of “Foothold” in another order"),
        ] {
            assert_eq!(sentence(&event(kind, test, payload)), expected);
        }
    }

    #[test]
    fn every_kind_is_a_sentence_even_without_a_payload() {
        for kind in EventKind::ALL {
            let said = act(&event(*kind, Some("T"), json!({})));
            assert!(!said.is_empty() && !said.contains("  ") && !said.contains('_'), "{kind}: {said}");
            assert!(Topic::parse(Topic::of(*kind).code()).is_some());
        }
    }

    #[test]
    fn many_fields_are_counted() {
        let parts: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(joined(&parts), "a, b, c and 2 more");
        assert_eq!(joined(&parts[..4]), "a, b, c and d");
        assert_eq!(joined(&parts[..2]), "a and b");
    }
}
