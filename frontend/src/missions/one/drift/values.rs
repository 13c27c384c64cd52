//! A field of a template as a text that can be compared by eye, and the part of two texts that differs.

use serde_json::Value;

use crate::missions::one::conflict::parts;
use crate::ui::words;

/// Characters of what two texts have in common that are shown beside what differs.
const BESIDE: usize = 120;

/// What a field is called in the template's editor.
pub fn label(field: &str) -> String {
    match field {
        "cleanup" => t!("Clean-up").to_owned(),
        "elevation_required" => t!("Elevation").to_owned(),
        "mitre_tags" => "ATT&CK".to_owned(),
        "opsec_level" => t!("OPSEC risk").to_owned(),
        other => words(other),
    }
}

/// Is it set in the mono face?
pub fn is_code(field: &str) -> bool {
    matches!(field, "command" | "arguments" | "detection_rules")
}

/// A value as a text; empty where there is none.
pub fn text_of(field: &str, value: &Value) -> String {
    match (field, value) {
        ("opsec_level" | "executor", Value::String(code)) => words(code),
        ("mitre_tags", Value::Array(tags)) => tags.iter().filter_map(|tag| tag.get("external_id")?.as_str()).collect::<Vec<_>>().join("\n"),
        _ => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { t!("Yes") } else { t!("No") }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(n) => n.to_string(),
        Value::Array(list) => {
            let apart = if list.iter().any(Value::is_object) { "\n\n" } else { "\n" };
            list.iter().map(plain).collect::<Vec<_>>().join(apart)
        }
        Value::Object(map) => {
            let said = map.iter().map(|(name, value)| (name, plain(value))).filter(|(_, text)| !text.is_empty());
            said.map(|(name, text)| if text.contains('\n') { format!("{name}:\n{text}") } else { format!("{name}: {text}") })
                .collect::<Vec<_>>()
                .join("\n")
        }
    }
}

/// Two texts cut at what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// What both begin with.
    pub head: String,
    /// In the mission only.
    pub gone: String,
    /// In the template only.
    pub new: String,
    /// What both end with.
    pub tail: String,
}

impl Cut {
    /// Of two texts.
    pub fn of(mission: &str, template: &str) -> Self {
        let (head, gone, new, tail) = parts(mission, template);
        Self { head: head.to_owned(), gone: gone.to_owned(), new: new.to_owned(), tail: tail.to_owned() }
    }

    /// With only a little of what is the same on both sides; none where nothing would be left out.
    pub fn folded(&self) -> Option<Self> {
        let (head, tail) = (last(&self.head), first(&self.tail));
        (head != self.head || tail != self.tail).then(|| Self { head, tail, ..self.clone() })
    }
}

/// The end of a text from a word on, with an ellipsis for the rest.
fn last(text: &str) -> String {
    let Some((from, _)) = text.char_indices().rev().nth(BESIDE) else { return text.to_owned() };
    let end = &text[from..];
    let word = end.find(char::is_whitespace).map_or(end, |at| end[at..].trim_start());
    format!("… {word}")
}

/// The beginning of a text up to a word, with an ellipsis for the rest.
fn first(text: &str) -> String {
    let Some((to, _)) = text.char_indices().nth(BESIDE) else { return text.to_owned() };
    let start = &text[..to];
    let word = start.rfind(char::is_whitespace).map_or(start, |at| start[..at].trim_end());
    format!("{word} …")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_is_a_text() {
        assert_eq!(text_of("objective", &Value::Null), "");
        assert_eq!(text_of("elevation_required", &json!(true)), "Yes");
        assert_eq!(text_of("opsec_level", &json!("high")), "High");
        assert_eq!(text_of("platforms", &json!(["linux", "windows"])), "linux\nwindows");
        assert_eq!(text_of("mitre_tags", &json!([{"kind": "technique", "external_id": "T1059"}])), "T1059");
        assert_eq!(text_of("arguments", &json!({"host": {"default": "dc1", "description": null}})), "host: default: dc1");
        let rules = json!([{"body": "a: 1\nb: 2", "format": "sigma", "title": "A"}, {"title": "B"}]);
        assert_eq!(text_of("detection_rules", &rules), "body:\na: 1\nb: 2\nformat: sigma\ntitle: A\n\ntitle: B");
    }

    #[test]
    fn what_is_the_same_is_folded_away_and_what_differs_is_not() {
        let same = "word ".repeat(100);
        let cut = Cut::of(&format!("{same}old {same}"), &format!("{same}new {same}"));
        let folded = cut.folded().unwrap();
        assert_eq!((folded.gone.trim(), folded.new.trim()), ("old", "new"));
        assert!(folded.head.starts_with("… word") && folded.head.chars().count() < 130, "{}", folded.head);
        assert!(folded.tail.ends_with("word …") && folded.tail.chars().count() < 130, "{}", folded.tail);
        assert_eq!(Cut::of("a b c", "a x c").folded(), None);
        assert_eq!(
            Cut::of("", "all new"),
            Cut { head: String::new(), gone: String::new(), new: "all new".to_owned(), tail: String::new() }
        );
    }
}
