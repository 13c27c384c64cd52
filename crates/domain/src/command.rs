//! A command with its arguments: `#{name}` in it, each with a value of this run or its default.

use std::collections::BTreeMap;

use serde_json::Value;

/// A piece of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// `#{name}`.
    Argument(&'a str),
}

/// Takes a command apart. What looks like no argument stays text.
pub fn pieces(command: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = command;
    while let Some((before, name, after)) = next_argument(rest) {
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        found.push(Piece::Argument(name));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn next_argument(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find("#{")?;
        let inside = text.get(start + 2..)?;
        let end = inside.find('}')?;
        let name = inside.get(..end)?;
        if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ')) {
            return Some((text.get(..start)?, name, inside.get(end + 1..)?));
        }
        from = start + 2;
    }
}

/// A value as it stands in a command.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What each argument stands for: this run's value, else the default; one with neither is left out. A value of an argument that
/// nobody declared fills its place all the same. Empty texts are no values.
pub fn values<'a>(
    defaults: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>,
    own: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> BTreeMap<String, String> {
    let defaults = defaults.into_iter().filter_map(|(name, default)| Some((name, default?)));
    defaults.chain(own).map(|(name, value)| (name.clone(), plain(value))).filter(|(_, text)| !text.is_empty()).collect()
}

/// The command with the values filled in; an argument without a value stays as `#{name}`, so that its lack is seen.
pub fn fill(command: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(command.len());
    for piece in pieces(command) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Argument(name) => {
                if let Some(value) = values.get(name) {
                    filled.push_str(value);
                } else {
                    filled.push_str("#{");
                    filled.push_str(name);
                    filled.push('}');
                }
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_filled_in_and_what_lacks_one_stays() {
        let values = BTreeMap::from([("who".to_owned(), "ada".to_owned()), ("out file".to_owned(), "#{who}".to_owned())]);
        assert_eq!(fill("net user #{who} #{pass} > #{out file}", &values), "net user ada #{pass} > #{who}");
        assert_eq!(fill("echo #{} #{ #{who}", &values), "echo #{} #{ ada");
    }

    #[test]
    fn this_runs_value_goes_before_the_default() {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let [a, b, c, d] = &names;
        let [one, two, three, four, empty] = [json!("1"), json!(2), json!("3"), json!(4), json!("")];
        let found = values([(a, Some(&one)), (b, Some(&two)), (c, Some(&empty)), (d, None)], [(b, &three), (a, &empty), (d, &four)]);
        assert_eq!(found, BTreeMap::from([("a", "1"), ("b", "3"), ("d", "4")].map(|(name, text)| (name.to_owned(), text.to_owned()))));
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_without_values(command in ".*") {
            proptest::prop_assert_eq!(fill(&command, &BTreeMap::new()), command);
        }
    }
}
